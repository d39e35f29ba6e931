//! The control interface as a client sees it: hostile datagrams, and the configuration it edits.

use crate::bench::Bench;
use proptest::prelude::*;

#[test]
fn commands_end_at_a_nul_and_long_ones_get_no_reply() {
    let mut bench = Bench::new("");
    assert_eq!(bench.command(b"PING\0garbage"), Some(b"PONG\n".to_vec()));
    assert_eq!(bench.command(b"\0PING"), Some(b"UNKNOWN COMMAND\n".to_vec()));
    let mut long = b"NOTE ".to_vec();
    long.resize(8192, b'x');
    assert_eq!(bench.command(&long), Some(b"OK\n".to_vec()));
    long.push(b'x');
    assert_eq!(bench.command(&long), None);
}

#[test]
fn octets_that_are_no_text_are_kept() {
    let mut bench = Bench::new("");
    bench.ask("ADD_NETWORK");
    assert_eq!(bench.command(b"SET_NETWORK 0 ssid \"\xff\xfe\""), Some(b"OK\n".to_vec()));
    assert_eq!(bench.ask("GET_NETWORK 0 ssid"), "fffe");
    assert_eq!(bench.ask("LIST_NETWORKS").lines().nth(1), Some("0\t\\xff\\xfe\tany\t[DISABLED]"));
}

#[test]
fn a_saved_configuration_reads_back() {
    let mut bench = Bench::new("ctrl_interface=/run/wpa_supplicant\nupdate_config=1\n");
    for command in [
        "ADD_NETWORK",
        "SET_NETWORK 0 ssid \"a b\"",
        "SET_NETWORK 0 psk \"12345678\"",
        "SET_NETWORK 0 scan_freq 2412 2437",
        "SET device_name My Device",
    ] {
        assert_ne!(bench.ask(command), "FAIL\n", "{command}");
    }
    assert_eq!(bench.ask("SAVE_CONFIG"), "OK\n");
    let saved = bench.disk.0["wlan0.conf"].clone();
    assert_eq!(bench.ask("RECONFIGURE"), "OK\n");
    assert_eq!(bench.ask("SAVE_CONFIG"), "OK\n");
    assert_eq!(bench.disk.0["wlan0.conf"], saved);
    assert_eq!(bench.ask("GET_NETWORK 0 scan_freq"), "2412 2437");
    assert_eq!(bench.ask("GET device_name"), "My Device");
}

#[test]
fn a_broken_configuration_changes_nothing() {
    let mut bench = Bench::new("");
    bench.ask("ADD_NETWORK");
    bench.disk.0.insert("wlan0.conf".into(), b"network={\n".to_vec());
    assert_eq!(bench.ask("RECONFIGURE"), "FAIL\n");
    assert_eq!(bench.ask("LIST_NETWORKS").lines().count(), 2);
}

/// Names that reach deep into the command parser, to be followed by anything.
const STARTS: &[&str] = &[
    "SET_NETWORK 0 ",
    "GET_NETWORK 0 ",
    "DUP_NETWORK 0 ",
    "SET ",
    "GET ",
    "BSS ",
    "SCAN ",
    "BSSID ",
    "CTRL-RSP-",
    "SELECT_NETWORK ",
    "ENABLE_NETWORK ",
    "REMOVE_NETWORK ",
    "SET_CRED 0 ",
    "GET_CAPABILITY ",
    "LIST_NETWORKS ",
    "BSSID_IGNORE",
    "STATUS",
    "LEVEL ",
    "ROAM ",
    "P2P_FIND ",
    "P2P_CONNECT 02:00:00:00:01:00 ",
    "P2P_GROUP_ADD ",
    "P2P_INVITE ",
    "P2P_PROV_DISC 02:00:00:00:01:00 ",
    "P2P_SERVICE_ADD ",
    "P2P_SERV_DISC_REQ 02:00:00:00:01:00 ",
    "P2P_SERV_DISC_RESP ",
    "P2P_SET ",
    "P2P_",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_get_a_reply(start in 0..STARTS.len(), tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut bench = Bench::new("");
        bench.ask("ADD_NETWORK");
        bench.ask("ADD_CRED");
        let mut command = STARTS[start].as_bytes().to_vec();
        command.extend_from_slice(&tail);
        prop_assert!(bench.command(&command).is_some());
        prop_assert_eq!(bench.ask("PING"), "PONG\n");
    }
}
