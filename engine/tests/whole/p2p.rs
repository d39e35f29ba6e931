//! Wi-Fi Direct as a client of the control interface sees it, on a driver where nobody answers.

use crate::bench::Bench;
use proptest::prelude::*;
use wpasim_engine::wire::time::Duration;

fn device() -> Bench {
    Bench::new("device_name=Device A\ndevice_type=1-0050F204-1\np2p_no_group_iface=1\nupdate_config=1\n")
}

#[test]
fn arguments_are_refused_as_in_2_10() {
    let mut bench = device();
    let cases = [
        ("P2P_CONNECT 02:00:00:00:01:00 pbc", "FAIL\n"),
        ("P2P_CONNECT x pbc", "FAIL\n"),
        ("P2P_CONNECT 02:00:00:00:01:00 12345", "FAIL-INVALID-PIN\n"),
        ("P2P_PEER FIRST", "FAIL\n"),
        ("P2P_PEER 02:00:00:00:01:00", "FAIL\n"),
        ("P2P_REJECT x", "FAIL\n"),
        ("P2P_CANCEL", "FAIL\n"),
        ("P2P_INVITE persistent=7", "FAIL\n"),
        ("P2P_GROUP_ADD persistent=7", "FAIL\n"),
        ("P2P_GROUP_REMOVE wlan0", "FAIL\n"),
        ("P2P_GET_PASSPHRASE", "FAIL\n"),
        ("P2P_SET nosuch 1", "FAIL\n"),
        ("P2P_SET listen_channel 99", "FAIL\n"),
        ("P2P_SET listen_channel 6", "OK\n"),
        ("P2P_SET ps 1", "OK\n"),
        ("P2P_SET oppps 1", "FAIL\n"),
        ("P2P_SERVICE_DEL bonjour 00", "FAIL\n"),
        ("P2P_NOSUCH", "UNKNOWN COMMAND\n"),
    ];
    for (command, reply) in cases {
        assert_eq!(bench.ask(command), reply, "{command}");
    }
}

#[test]
fn a_switched_off_machine_refuses() {
    let mut bench = device();
    assert_eq!(bench.ask("P2P_SET disabled 1"), "OK\n");
    assert_eq!(bench.ask("P2P_FIND"), "FAIL\n");
    assert_eq!(bench.ask("P2P_SET disabled 0"), "OK\n");
    assert_eq!(bench.ask("P2P_FIND"), "OK\n");
    assert_eq!(bench.ask("P2P_STOP_FIND"), "OK\n");
}

#[test]
fn stored_groups_are_neither_selected_nor_enabled() {
    let group = "network={\n\tssid=\"DIRECT-ab\"\n\tpsk=\"12345678\"\n\tproto=RSN\n\tkey_mgmt=WPA-PSK\n\
                 \tmode=3\n\tdisabled=2\n}\n";
    let mut bench = Bench::new(&format!("update_config=1\n{group}"));
    let line = "0\tDIRECT-ab\tany\t[DISABLED][P2P-PERSISTENT]";
    assert_eq!(bench.ask("LIST_NETWORKS").lines().nth(1), Some(line));
    for command in ["SELECT_NETWORK 0", "ENABLE_NETWORK 0", "DISABLE_NETWORK 0"] {
        assert_eq!(bench.ask(command), "FAIL\n", "{command}");
    }
    assert_eq!(bench.ask("SAVE_CONFIG"), "OK\n");
    assert_eq!(bench.ask("RECONFIGURE"), "OK\n");
    assert_eq!(bench.ask("LIST_NETWORKS").lines().nth(1), Some(line));
}

const STARTS: &[&str] = &[
    "P2P_FIND",
    "P2P_STOP_FIND",
    "P2P_LISTEN",
    "P2P_EXT_LISTEN 10 20",
    "P2P_GROUP_ADD",
    "P2P_GROUP_ADD persistent",
    "P2P_GROUP_ADD persistent=0",
    "P2P_GROUP_REMOVE wlan0",
    "P2P_GROUP_REMOVE *",
    "P2P_CONNECT 02:00:00:00:01:00 pbc join",
    "P2P_CONNECT 02:00:00:00:01:00 pin auto",
    "P2P_PROV_DISC 02:00:00:00:01:00 display",
    "P2P_INVITE persistent=0",
    "P2P_CANCEL",
    "P2P_FLUSH",
    "P2P_SET disabled 1",
    "P2P_SET disabled 0",
    "SET p2p_disabled 1",
    "SET p2p_no_group_iface 0",
    "SET p2p_no_group_iface 1",
    "P2P_SERVICE_FLUSH",
    "SELECT_NETWORK 0",
    "REMOVE_NETWORK all",
    "FLUSH",
    "SCAN",
    "RECONFIGURE",
    "DISCONNECT",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is asked for, in whatever order, it goes on.
    #[test]
    fn any_order_of_commands_is_survived(steps in proptest::collection::vec((0..STARTS.len(), 0..3_000_u64), 0..30)) {
        let mut bench = device();
        for (command, wait) in steps {
            prop_assert!(bench.command(STARTS[command].as_bytes()).is_some());
            bench.pass(Duration::from_millis(wait as i64));
        }
        prop_assert_eq!(bench.ask("PING"), "PONG\n");
    }
}
