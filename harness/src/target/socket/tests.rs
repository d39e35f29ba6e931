use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::control::fake::{Answer, Fake, Scratch};
use crate::run::{Ending, Options, Run, run};
use crate::scenario;
use crate::scenario::model::Case;

/// What a supplicant answers, and a list of what it was asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    fn list(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A supplicant with an interface and an address of its own; `own` answers first.
fn supplicant(
    path: &Path,
    ifname: &'static str,
    address: &'static str,
    mut own: impl FnMut(&str) -> Option<Answer> + Send + 'static,
) -> (Fake, Asked) {
    let asked = Asked::default();
    let list = asked.clone();
    let fake = Fake::serve(path, move |command| {
        list.0.lock().unwrap().push(command.to_owned());
        if let Some(answer) = own(command) {
            return answer;
        }
        match command {
            "PING" => Answer::reply("PONG\n"),
            "IFNAME" => Answer::reply(&format!("{ifname}\n")),
            "GET version" => Answer::reply("9.9\n"),
            "GET ap_scan" => Answer::reply("1\n"),
            "ADD_NETWORK" => Answer::reply("0\n"),
            "STATUS" => Answer::reply(&format!("wpa_state=SCANNING\naddress={address}\n")),
            _ if command.starts_with("GET ") => Answer::reply("FAIL\n"),
            _ => Answer::reply("OK\n"),
        }
    });
    (fake, asked)
}

fn run_on(devices: &[(&str, &Path)], source: &str) -> Run {
    let pairs: Vec<(&str, String)> = devices.iter().map(|(n, p)| (*n, p.display().to_string())).collect();
    let kind = SocketKind::new(pairs.iter().map(|(n, p)| (*n, p.as_str()))).unwrap();
    let scenario = scenario::read("x.yaml", source, &Case::new(), &scenario::without_includes)
        .unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(TargetKind::refuses(&kind, &scenario), None);
    run(
        &scenario,
        &kind,
        Options { seed: 1, release: Default::default(), capture: false, live: None, interrupted: &|| false },
    )
}

fn message(run: Run) -> String {
    match run.ending {
        Ending::Failed(failure) => failure.message,
        Ending::Broken(reason) | Ending::Unavailable(reason) => reason,
        other => panic!("{other:?}"),
    }
}

const PLAIN: &str = "devices: {sta: {}}\nsteps:\n";

#[test]
fn a_ladder_runs_in_the_scenarios_own_names() {
    let scratch = Scratch::make();
    let path = scratch.path("wlp3s0");
    let (_fake, asked) = supplicant(&path, "wlp3s0", "aa:bb:cc:00:11:22", |command| {
        (command == "JOIN aa:bb:cc:00:11:22 wlp3s0")
            .then(|| Answer::reply("joined aa:bb:cc:00:11:22\n").event("<3>ON wlp3s0 aa:bb:cc:00:11:22"))
    });
    let source = "devices:
  sta: {ap_scan: 2, networks: [{ssid: '\"x\"', key_mgmt: NONE}]}
steps:
  - {sta: 'JOIN {sta} wlan0', reply: 'joined 02:00:00:00:00:00'}
  - sta sees: ON {sta.ifname} {sta}
  - status of sta: {address: '{sta.addr}'}
";
    let run = run_on(&[("sta", &path)], source);
    assert_eq!(run.ending, Ending::Completed, "{}", run.transcript);
    assert_eq!(run.transcript.header.made_by, "supplicant 9.9");
    assert_eq!(run.states, [("sta".to_owned(), "wlan0: wpa_state=SCANNING".to_owned())]);
    // The event came before the reply, and is so in the transcript.
    let text = run.transcript.to_string();
    assert!(text.find("! <3>ON wlan0") < text.find("< joined"), "{text}");
    let asked = asked.list();
    let place = |command: &str| asked.iter().position(|a| a == command).unwrap_or(usize::MAX);
    for (earlier, later) in [
        ("PING", "FLUSH"),
        ("FLUSH", "SET update_config 0"),
        ("SET update_config 0", "SET ap_scan 2"),
        ("ADD_NETWORK", "SET_NETWORK 0 ssid \"x\""),
        ("SET_NETWORK 0 key_mgmt NONE", "SET_NETWORK 0 disabled 0"),
        ("SET_NETWORK 0 disabled 0", "REASSOCIATE"),
        ("REASSOCIATE", "JOIN aa:bb:cc:00:11:22 wlp3s0"),
        ("JOIN aa:bb:cc:00:11:22 wlp3s0", "SET ap_scan 1"),
    ] {
        assert!(place(earlier) < place(later) && place(later) < asked.len(), "{later}: {asked:#?}");
    }
}

#[test]
fn two_devices_may_have_each_others_names() {
    let scratch = Scratch::make();
    let (a, b) = (scratch.path("a"), scratch.path("b"));
    let found = |command: &str| {
        (command == "P2P_FIND").then(|| Answer::reply("OK\n").event("<3>P2P-DEVICE-FOUND 02:00:00:00:00:00"))
    };
    let (_a, _) = supplicant(&a, "wlan1", "02:00:00:00:01:00", found);
    let (_b, _) = supplicant(&b, "wlan0", "02:00:00:00:00:00", |_| None);
    let run = run_on(
        &[("a", &a), ("b", &b)],
        "devices: {a: {}, b: {}}\nsteps:\n  - a: P2P_FIND\n  - a sees: P2P-DEVICE-FOUND {b}\n",
    );
    assert_eq!(run.ending, Ending::Completed, "{}", run.transcript);
    assert!(run.transcript.to_string().contains("P2P-DEVICE-FOUND 02:00:00:00:01:00"));
}

#[test]
fn group_interfaces_that_appear_are_attached() {
    let scratch = Scratch::make();
    let (main, group) = (scratch.path("wlan3"), scratch.path("p2p-wlan3-0"));
    let (_main, _) = supplicant(&main, "wlan3", "aa:00:00:00:00:03", |command| match command {
        "P2P_GROUP_ADD" => {
            Some(Answer::reply("OK\n").event("<3>P2P-GROUP-STARTED p2p-wlan3-0 GO ssid=\"x\""))
        }
        "GO" => Some(Answer::reply("OK\n").event("<3>P2P-GROUP-REMOVED p2p-wlan3-0 GO")),
        _ => None,
    });
    let (_group, asked) = supplicant(&group, "p2p-wlan3-0", "aa:00:00:00:00:33", |command| {
        (command == "DISCONNECT").then(|| Answer::reply("OK\n").event("<3>GONE aa:00:00:00:00:33"))
    });
    let run = run_on(
        &[("a", &main)],
        "devices: {a: {}}
steps:
  - a: P2P_GROUP_ADD
  - a sees: P2P-GROUP-STARTED p2p-wlan0-0
  - a.p2p-wlan0-0: DISCONNECT
  - a.p2p-wlan0-0 sees: GONE {a.second}
",
    );
    assert_eq!(run.ending, Ending::Completed, "{} {}", run.transcript, asked.list().join(" "));
}

#[test]
fn a_device_that_dies_is_reported_with_its_last_words() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let (_fake, _) = supplicant(&path, "wlan0", "02:00:00:00:00:00", |command| {
        (command == "SCAN").then(|| Answer::reply("OK\n").event("<3>GOING DOWN").death())
    });
    let run =
        run_on(&[("sta", &path)], &format!("{PLAIN}  - sta: SCAN\n  - sta sees: CTRL-EVENT-TERMINATING\n"));
    let (states, said) = (run.states.clone(), message(run));
    assert!(said.starts_with("sta has died: ") && said.ends_with("): OK"), "{said}");
    assert!(states[0].1.starts_with("gone"), "{states:?}");
}

#[test]
fn a_process_that_ends_as_it_said_has_ended() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let (_fake, _) = supplicant(&path, "wlan0", "02:00:00:00:00:00", |command| {
        (command == "BYE").then(|| Answer::reply("OK\n").event("<3>CTRL-EVENT-TERMINATING ").death())
    });
    let run = run_on(
        &[("sta", &path)],
        &format!("{PLAIN}  - sta: BYE\n  - sta sees: CTRL-EVENT-TERMINATING\n  - advance: 600ms\n"),
    );
    assert_eq!(run.ending, Ending::Completed, "{}", run.transcript);
}

#[test]
fn a_device_that_hangs_does_not_hang_us() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let (_fake, _) =
        supplicant(&path, "wlan0", "02:00:00:00:00:00", |command| (command == "SCAN").then(Answer::silence));
    let run = run_on(&[("sta", &path)], &format!("{PLAIN}  - {{sta: SCAN, within: 200ms}}\n"));
    assert_eq!(message(run), "sta did not reply within 200 ms");
}

#[test]
fn a_flood_ends_the_run() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let (_fake, _) = supplicant(&path, "wlan0", "02:00:00:00:00:00", |command| {
        (command == "SCAN").then(|| Answer { flood: true, ..Answer::reply("OK\n") })
    });
    let run =
        run_on(&[("sta", &path)], &format!("{PLAIN}  - sta: SCAN\n  - sta sees: CTRL-EVENT-TERMINATING\n"));
    assert!(run.transcript.entries.len() < 20_000);
    let said = message(run);
    assert!(said.starts_with("sta floods: ") && said.ends_with("<3>FLOOD"), "{said}");
}

#[test]
fn garbage_is_shown_and_an_unasked_reply_is_not_lost() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let (_fake, _) = supplicant(&path, "wlan0", "02:00:00:00:00:00", |command| {
        (command == "SCAN").then(|| Answer {
            reply: Some(b"\xff\x00\x1b[".to_vec()),
            events: vec![b"\xfe\xfe".to_vec(), Vec::new()],
            ..Answer::default()
        })
    });
    let run =
        run_on(&[("sta", &path)], &format!("{PLAIN}  - {{sta: SCAN, reply: any}}\n  - advance: 50ms\n"));
    assert_eq!(run.ending, Ending::Completed);
    let text = run.transcript.to_string();
    assert!(text.contains("sta      < \\xff\\x00\\x1b[") && text.contains("sta      ! \\xfe\\xfe"), "{text}");
}

#[test]
fn what_does_not_take_the_configuration_says_which_command() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let (_fake, _) = supplicant(&path, "wlan0", "02:00:00:00:00:00", |command| {
        command.starts_with("SET device_name").then(|| Answer::reply("FAIL\n"))
    });
    let run = run_on(&[("sta", &path)], "devices: {sta: {device_name: X}}\nsteps:\n  - sta: SCAN\n");
    let said = message(run);
    assert!(said.contains("SET device_name X with \"FAIL\""), "{said}");
}

#[test]
fn something_else_behind_the_socket_is_told_apart() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let _fake = Fake::serve(&path, |_| Answer::reply("220 ready\n"));
    let said = message(run_on(&[("sta", &path)], &format!("{PLAIN}  - sta: SCAN\n")));
    assert!(said.contains("is no wpa_supplicant or hostapd"), "{said}");
    let said = message(run_on(&[("sta", &scratch.path("nosuch"))], &format!("{PLAIN}  - sta: SCAN\n")));
    assert!(said.contains("does not exist"), "{said}");
}

#[test]
fn an_access_point_gets_its_configuration_and_comes_up() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan5");
    let asked = Asked::default();
    let list = asked.clone();
    let _fake = Fake::serve(&path, move |command| {
        list.0.lock().unwrap().push(command.to_owned());
        match command {
            "PING" => Answer::reply("PONG\n"),
            "GET version" => Answer::reply("9.9\n"),
            "STATUS" => Answer::reply("state=ENABLED\nbss[0]=wlan5\nbssid[0]=aa:00:00:00:00:05\n"),
            "WHO" => Answer::reply("wlan5 aa:00:00:00:00:05\n"),
            _ => Answer::reply("OK\n"),
        }
    });
    let source =
        "devices: {ap: {hostapd: {ssid: x, channel: 1}}}\nsteps:\n  - {ap: WHO, reply: 'wlan0 {ap}'}\n";
    let run = run_on(&[("ap", &path)], source);
    assert_eq!(run.ending, Ending::Completed, "{}", run.transcript);
    let asked = asked.list();
    let place = |command: &str| asked.iter().position(|a| a == command).unwrap_or(usize::MAX);
    assert!(place("SET wpa 0") < place("SET ssid x") && place("SET ssid x") < place("ENABLE"), "{asked:?}");
    assert!(!asked.iter().any(|a| a.starts_with("SET interface") || a.starts_with("SET ctrl_interface")));
}

#[test]
fn scenarios_that_it_cannot_run_are_refused_with_the_reason() {
    let kind = SocketKind::new([("sta", "/run/wpa_supplicant/wlan0")]).unwrap();
    let refused = |source: &str| {
        let scenario = scenario::read("x.yaml", source, &Case::new(), &scenario::without_includes).unwrap();
        let lacking =
            scenario.requires.iter().find(|r| !TargetKind::capabilities(&kind).contains(&r.as_str()));
        lacking.cloned().or(TargetKind::refuses(&kind, &scenario)).unwrap_or_default()
    };
    for (source, reason) in [
        ("devices: {sta: {}}\nsteps:\n  - sta: PING\n", ""),
        ("devices: {sta: {}, b: {}}\nsteps:\n  - sta: PING\n", "--device b=…"),
        ("devices: {sta: {}}\nsteps:\n  - sta.global: PING\n", "--device sta.global=…"),
        ("regulatory: US\ndevices: {sta: {}}\nsteps:\n  - sta: PING\n", "regulatory domain US"),
        ("devices: {sta: {}}\nsteps:\n  - air: {drop: {frame: beacon}}\n", "medium"),
        ("devices: {sta: {}}\nsteps:\n  - kill: sta\n", "process"),
        ("devices: {sta: {}}\nsteps:\n  - sta: TERMINATE\n", "process"),
        ("devices: {sta: {update_config: 1}}\nsteps:\n  - sta: SAVE_CONFIG\n", "files"),
        ("devices: {sta: {at: [0, 0]}}\nsteps:\n  - sta: PING\n", "medium"),
    ] {
        let said = refused(source);
        assert!(said.contains(reason) && said.is_empty() == reason.is_empty(), "{source}: {said}");
    }
}

#[test]
fn mappings_are_read_and_checked() {
    let pairs = [("sta", "/run/a"), ("sta.global", "@abstract:g"), ("ap", "udp:9877")];
    let devices = mapping::mapping(pairs).unwrap();
    assert_eq!(devices.len(), 2);
    assert!(devices[0].global.is_some());
    for (pairs, wrong) in [
        (vec![], "wants to know"),
        (vec![("a", "udp:x:y")], "no control interface"),
        (vec![("a", "/x"), ("a", "/y")], "given twice"),
        (vec![("a", "/x"), ("b", "/x")], "the same"),
        (vec![("a.global", "/x")], "no device"),
    ] {
        let error = mapping::mapping(pairs).unwrap_err().to_string();
        assert!(error.contains(wrong), "{error}");
    }
    let read = mapping::file("d.yaml", "sta: /run/a\nsta.global: '@g'\n").unwrap();
    assert_eq!(read, [("sta".to_owned(), "/run/a".to_owned()), ("sta.global".to_owned(), "@g".to_owned())]);
    for odd in ["", "- x\n", "sta: [x]\n", "sta: /a\nsta: /b\n"] {
        assert!(mapping::file("d.yaml", odd).is_err(), "{odd}");
    }
}

#[test]
fn devices_say_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (path, silent) = (dir.path().join("wlan0"), dir.path().join("wlan1"));
    let (_fake, _) = supplicant(&path, "wlan0", "02:00:00:00:00:00", |_| None);
    let pairs = [("sta", path.display().to_string()), ("ap", silent.display().to_string())];
    let kind = SocketKind::new(pairs.iter().map(|(n, p)| (*n, p.as_str()))).unwrap();
    let versions: Vec<String> = TargetKind::tested(&kind).into_iter().map(|one| one.version).collect();
    assert_eq!(versions, ["sta 9.9", "ap of unknown version"]);
}
