//! Debian's wpa_cli and hostapd_cli, as people use them: once, interactively, with a script for events; and the session
//! that the README shows.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::{Place, Server, eventually, tool};

/// Each command of the control interface's document as wpa_cli takes it, and how the answer begins.
const COMMANDS: &[(&str, &str)] = &[
    ("ping", "PONG"),
    ("mib", "dot11RSNAOptionImplemented=TRUE"),
    ("status", "wpa_state="),
    ("status verbose", "wpa_state="),
    ("pmksa", "Index / AA / PMKID / expiration (in seconds) / opportunistic"),
    ("set EAPOL::heldPeriod 45", "OK"),
    ("set EAPOL::noSuchPeriod 45", "FAIL"),
    ("logon", "OK"),
    ("logoff", "OK"),
    ("reassociate", "OK"),
    ("reconnect", "OK"),
    ("preauth 02:00:00:00:02:00", "OK"),
    ("preauth nobody", "FAIL"),
    ("level 3", "FAIL"),
    ("reconfigure", "OK"),
    ("add_network", "0"),
    ("bssid 0 02:00:00:00:02:00", "OK"),
    ("bssid 1 02:00:00:00:02:00", "FAIL"),
    ("list_networks", "network id / ssid / bssid / flags\n0\t\t02:00:00:00:02:00\t[DISABLED]"),
    ("set_network 0 ssid \"net\"", "OK"),
    ("set_network 0 psk \"12345678\"", "OK"),
    ("set_network 0 nosuch 1", "FAIL"),
    ("get_network 0 ssid", "\"net\""),
    ("disconnect", "OK"),
    ("scan", "OK"),
    ("scan_results", "bssid / frequency / signal level / flags / ssid"),
    ("bss 100", ""),
    ("select_network 0", "OK"),
    ("select_network 7", "FAIL"),
    ("disable_network 0", "OK"),
    ("enable_network 0", "OK"),
    ("remove_network 0", "OK"),
    ("remove_network 0", "FAIL"),
    ("save_config", "OK"),
    ("get_capability eap", "MD5 TLS"),
    ("get_capability pairwise", "CCMP-256 GCMP-256 CCMP GCMP TKIP"),
    ("get_capability pairwise strict", "CCMP-256 GCMP-256 CCMP GCMP TKIP"),
    ("get_capability group", "CCMP-256 GCMP-256 CCMP GCMP TKIP"),
    ("get_capability key_mgmt", "NONE"),
    ("get_capability proto", "RSN WPA"),
    ("get_capability auth_alg", "OPEN SHARED LEAP"),
    ("ap_scan 1", "OK"),
    ("ap_scan 3", "FAIL"),
    ("interface", "Available interfaces:\nwlan0"),
    ("p2p_find", "OK"),
    ("p2p_stop_find", "OK"),
    ("p2p_connect 02:00:00:00:09:00 pbc", "FAIL"),
    ("p2p_listen 1", "OK"),
    ("p2p_group_remove nosuch", "FAIL"),
    ("p2p_prov_disc 02:00:00:00:09:00 pbc", "FAIL"),
    ("p2p_get_passphrase", "FAIL"),
    ("p2p_serv_disc_req 00:00:00:00:00:00 02000001", ""),
    ("p2p_serv_disc_cancel_req 1", "FAIL"),
    ("p2p_serv_disc_resp 2412 02:00:00:00:09:00 1 00", "OK"),
    ("p2p_service_update", "OK"),
    ("p2p_serv_disc_external 0", "OK"),
    ("p2p_reject 02:00:00:00:09:00", "FAIL"),
    ("p2p_invite persistent=5 peer=02:00:00:00:09:00", "FAIL"),
    ("p2p_peer 02:00:00:00:09:00", "FAIL"),
    ("p2p_ext_listen 100 1000", "OK"),
    ("p2p_ext_listen", "OK"),
    ("p2p_group_add", "OK"),
    ("p2p_flush", "OK"),
    ("nosuch", "Unknown command 'nosuch'"),
];

const TOPOLOGY: &str = "devices:
  sta: {update_config: 1}
  other: {}
  ap: {hostapd: {ssid: net, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: 12345678}}
";

/// What an interactive session prints, without the events.
fn session(tool: &Path, place: &Place, arguments: &[&str], lines: &[&str]) -> String {
    let mut child = Command::new(tool)
        .args(arguments)
        .current_dir(&place.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all((lines.join("\n") + "\nquit\n").as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let without_prompts = output.replace("> ", "");
    let is_event = |line: &&str| line.starts_with("<3");
    without_prompts.lines().filter(|line| !is_event(line)).collect::<Vec<_>>().join("\n") + "\n"
}

/// Each of these texts, one after the other.
fn assert_in_order(output: &str, texts: impl Iterator<Item = String>) {
    let mut rest = output;
    for text in texts {
        let Some((_, after)) = rest.split_once(&text) else { panic!("no {text:?} in {rest}") };
        rest = after;
    }
}

#[test]
fn wpa_cli_has_every_command_of_the_document_once() {
    let Some(wpa_cli) = tool("wpa_cli") else { return };
    let place = Place::with("document", TOPOLOGY);
    let server = Server::start(&place, &[]);
    let mut wrong = Vec::new();
    for (line, expected) in COMMANDS {
        let words: Vec<&str> = line.split(' ').collect();
        let answer = place.ask(&wpa_cli, "wpa_supplicant", "wlan0", &words);
        if !answer.starts_with(expected) || answer.contains("UNKNOWN COMMAND") {
            wrong.push((line, answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(place.ask(&wpa_cli, "wpa_supplicant", "wlan0", &["terminate"]), "OK\n");
    eventually("its sockets are gone", || !place.sockets().contains(&"wpa_supplicant/wlan0".to_owned()));
    assert_eq!(server.end(), "");
}

#[test]
fn wpa_cli_has_every_command_of_the_document_interactively() {
    let Some(wpa_cli) = tool("wpa_cli") else { return };
    let place = Place::with("interactive", TOPOLOGY);
    let server = Server::start(&place, &[]);
    let lines: Vec<&str> = COMMANDS.iter().map(|(line, _)| *line).collect();
    let output = session(&wpa_cli, &place, &["-p", "run/wpa_supplicant", "-i", "wlan0"], &lines);
    // Each line comes back in front of its answer.
    assert_in_order(&output, COMMANDS.iter().map(|(line, answer)| format!("{line}\n{answer}")));
    assert_eq!(server.end(), "");
}

#[test]
fn an_action_script_is_told_of_the_connection() {
    let Some(wpa_cli) = tool("wpa_cli") else { return };
    let place = Place::with("action", TOPOLOGY);
    let server = Server::start(&place, &["--speed", "20"]);
    let script = place.path("action.sh");
    std::fs::write(&script, "#!/bin/sh\necho \"$1 $2 $WPA_ID\" >> actions\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut watcher = Command::new(&wpa_cli)
        .args(["-p", "run/wpa_supplicant", "-i", "wlan0", "-a", "./action.sh"])
        .current_dir(&place.0)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let sta =
        |line: &str| place.ask(&wpa_cli, "wpa_supplicant", "wlan0", &line.split(' ').collect::<Vec<_>>());
    // So that it is attached.
    eventually("the script's wpa_cli listens", || {
        let peer = std::fs::read_to_string("/proc/net/unix").unwrap();
        peer.contains(&format!("/wpa_ctrl_{}-", watcher.id()))
    });
    assert_eq!(sta("add_network"), "0\n");
    assert_eq!(sta("set_network 0 ssid \"net\""), "OK\n");
    assert_eq!(sta("set_network 0 psk \"12345678\""), "OK\n");
    let actions = || std::fs::read_to_string(place.path("actions")).unwrap_or_default();
    assert_eq!(sta("enable_network 0"), "OK\n");
    eventually("it is told of the connection", || actions().contains("wlan0 CONNECTED 0\n"));
    assert_eq!(sta("disconnect"), "OK\n");
    eventually("it is told of its end", || actions() == "wlan0 CONNECTED 0\nwlan0 DISCONNECTED 0\n");
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    server.end();
}

#[test]
fn hostapd_cli_speaks_to_an_access_point_interactively() {
    let Some(hostapd_cli) = tool("hostapd_cli") else { return };
    let place = Place::with("hostapd-cli", TOPOLOGY);
    let server = Server::start(&place, &[]);
    let lines = [
        "ping",
        "status",
        "get_config",
        "deauthenticate 02:00:00:00:00:00",
        "disable",
        "enable",
        "set nosuch 1",
    ];
    let output = session(&hostapd_cli, &place, &["-p", "run/hostapd", "-i", "wlan2"], &lines);
    let answers = [
        "PONG\n",
        "state=ENABLED\nphy=phy2\n",
        "bssid=02:00:00:00:02:00\nssid=net\n",
        "OK\n",
        "OK\n",
        "OK\n",
        "FAIL\n",
    ];
    assert_in_order(&output, answers.into_iter().map(str::to_owned));
    assert_eq!(server.end(), "");
}

#[test]
fn the_session_of_the_readme_works_as_pasted() {
    if tool("wpa_cli").is_none() {
        return;
    }
    let readme = include_str!("../../../README.md");
    let (_, after) = readme.split_once("```console\n$ wpasim serve").unwrap();
    let (session, _) = after.split_once("```").unwrap();
    let lines: Vec<&str> = session.lines().map(|line| line.strip_prefix("$ ").unwrap_or(line)).collect();
    let lines: Vec<String> = lines.iter().filter(|l| !l.is_empty()).map(|l| (*l).to_owned()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let place = Place::new("readme");
    let script = format!("wpasim serve{}\n{}\n{}\nkill $!\nwait\n", lines[0], lines[1], lines[2]);
    let bin = Path::new(env!("CARGO_BIN_EXE_wpasim")).parent().unwrap();
    let path = format!("{}:/usr/sbin:/sbin:{}", bin.display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("bash").args(["-c", &script]).env("PATH", path).current_dir(&place.0).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("[P2P]\tDIRECT-"), "{said}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
