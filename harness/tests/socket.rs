//! `--target socket`, `compare` and `conformance` as a person meets them, against a supplicant in this
//! process.
#![cfg(unix)]

#[path = "../src/control/fake.rs"]
#[allow(dead_code, reason = "shared with the unit tests, which use all of it")]
mod fake;

use std::process::Command;

use fake::{Answer, Fake, Scratch};

const SCENARIO: &str = "about: x
why: y
devices:
  sta: {}
steps:
  - {sta: PING, reply: PONG}
  - {sta: ADD_NETWORK, reply: 0}
  - sta sees: CTRL-EVENT-NETWORK-ADDED 0
";

/// A supplicant that swallows the event for a new network if it is `broken`.
fn supplicant(scratch: &Scratch, name: &str, broken: bool) -> (Fake, String) {
    let path = scratch.path(name);
    let fake = Fake::serve(&path, move |command| match command {
        "PING" => Answer::reply("PONG\n"),
        "IFNAME" => Answer::reply("wlan0\n"),
        "STATUS" => Answer::reply("wpa_state=DISCONNECTED\naddress=02:00:00:00:00:00\n"),
        "GET version" => Answer::reply("2.10\n"),
        "ADD_NETWORK" if broken => Answer::reply("0\n"),
        "ADD_NETWORK" => Answer::reply("0\n").event("<3>CTRL-EVENT-NETWORK-ADDED 0"),
        _ => Answer::reply("OK\n"),
    });
    (fake, format!("sta={}", path.display()))
}

fn wpasim(scratch: &Scratch, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(arguments)
        .current_dir(scratch.path(""))
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|o| String::from_utf8(o).unwrap()).concat();
    (output.status.code().unwrap_or(-1), text)
}

fn suite(steps: &str) -> Scratch {
    let scratch = Scratch::make();
    std::fs::create_dir_all(scratch.path("scenarios/ctrl")).unwrap();
    std::fs::write(scratch.path("scenarios/ctrl/add.yaml"), steps).unwrap();
    scratch
}

#[test]
fn a_supplicant_that_runs_already_is_held_to_the_reference() {
    let scratch = suite(SCENARIO);
    let (code, text) = wpasim(&scratch, &["run", "--bless"]);
    assert_eq!(code, 0, "{text}");
    let (_good, good) = supplicant(&scratch, "good", false);
    let (code, text) = wpasim(&scratch, &["run", "--target", "socket", "--device", &good]);
    assert_eq!(code, 0, "{text}");
    let (_broken, broken) = supplicant(&scratch, "broken", true);
    std::fs::write(scratch.path("devices.yaml"), format!("{}\n", broken.replacen('=', ": ", 1))).unwrap();
    let short = SCENARIO.replace("ADDED 0\n", "ADDED 0\n    within: 100ms\n");
    std::fs::write(scratch.path("scenarios/ctrl/add.yaml"), short).unwrap();
    let (code, text) = wpasim(&scratch, &["run", "--target", "socket", "--devices", "devices.yaml"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("   - sta ! <3>CTRL-EVENT-NETWORK-ADDED 0"), "{text}");
    assert!(text.contains(&format!("--target socket --device {broken} -v")), "{text}");
}

#[test]
fn arguments_that_make_no_target_are_refused() {
    let scratch = suite(SCENARIO);
    for (arguments, wanted) in [
        (&["--target", "socket"][..], "--device sta=/run/wpa_supplicant/wlan0"),
        (&["--target", "socket", "--device", "sta"][..], "NAME=VALUE"),
        (&["--target", "socket", "--device", "sta=udp:x:y"][..], "no control interface"),
        (&["--target", "socket", "--devices", "nosuch.yaml"][..], "nosuch.yaml"),
        (&["--device", "sta=/run/x"][..], "means nothing to --target sim"),
    ] {
        let (code, text) = wpasim(&scratch, &[&["run"], arguments].concat());
        assert!(code == 2 && text.contains(wanted), "{code} {text}");
    }
    let (code, text) = wpasim(&scratch, &["run", "--target", "socket", "--device", "sta=/nosuch/wlan0"]);
    assert!(code == 3 && text.contains("does not exist"), "{code} {text}");
    let (code, text) = wpasim(&scratch, &["run", "--target", "socket", "--device", "other=/nosuch/wlan0"]);
    assert!(code == 3 && text.contains("given no device \"sta\""), "{code} {text}");
}

#[test]
fn two_sides_are_compared() {
    let scratch = suite(SCENARIO);
    let (_good, good) = supplicant(&scratch, "good", false);
    let keep = ["--transcripts", "kept"];
    let (code, text) =
        wpasim(&scratch, &[&["compare", "sim", "socket", "--device", &good][..], &keep].concat());
    assert!(code == 0 && text.contains("1 of 1 scenarios compared, 0 differ"), "{code} {text}");
    let other = scratch.path("kept/b/ctrl.add.1.transcript");
    let said = std::fs::read_to_string(&other).unwrap();
    assert!(said.contains("made by: supplicant 2.10"), "{said}");
    std::fs::write(&other, said.replace("< PONG", "< GNOP")).unwrap();
    let (code, text) = wpasim(&scratch, &["compare", "kept/a", "kept/b"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("recorded  recorded  2 lines differ"), "{text}");
    assert!(text.contains("   - sta < PONG\n   + sta < GNOP\n"), "{text}");
    let (code, text) = wpasim(&scratch, &["compare", "sim", "nosuch"]);
    assert!(code == 2 && text.contains("neither a target"), "{code} {text}");
    std::fs::create_dir(scratch.path("empty")).unwrap();
    let (code, text) = wpasim(&scratch, &["compare", "sim", "empty"]);
    assert!(code == 3 && text.contains("not compared: empty has no transcript"), "{code} {text}");
}

#[test]
fn the_conformance_page_is_made_and_checked() {
    let scratch = suite(SCENARIO);
    let (code, text) = wpasim(&scratch, &["run", "--json", "sim.json"]);
    assert_eq!(code, 0, "{text}");
    let page = ["conformance", "engine=sim.json", "-o", "docs/conformance.md"];
    let checked = [&page[..], &["--check"]].concat();
    assert_eq!(wpasim(&scratch, &checked).0, 1);
    assert_eq!(wpasim(&scratch, &page).0, 0);
    assert_eq!(wpasim(&scratch, &checked).0, 0);
    let made = std::fs::read_to_string(scratch.path("docs/conformance.md")).unwrap();
    assert!(made.contains("| [add](../scenarios/ctrl/add.yaml) | pass |"), "{made}");
    std::fs::write(scratch.path("odd.json"), "{}").unwrap();
    assert_eq!(wpasim(&scratch, &["conformance", "x=odd.json"]).0, 2);
}
