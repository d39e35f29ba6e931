//! Interfaces that come and go: those of P2P groups, and those that INTERFACE_ADD makes.

use crate::place::{Place, Server, eventually, tool};

/// Two supplicants, nothing else.
const TWO: &str = "devices:\n  a: {}\n  b: {}\n";

#[test]
fn two_wpa_cli_form_a_group_with_an_interface_each() {
    let Some(wpa_cli) = tool("wpa_cli") else { return };
    let place = Place::with("p2p", TWO);
    let server = Server::start(&place, &["--speed", "20"]);
    let a = |command: &[&str]| place.ask(&wpa_cli, "wpa_supplicant", "wlan0", command);
    let b = |command: &[&str]| place.output(&wpa_cli, &[&["-g", "run/global/wlan1"], command].concat());
    let of_b = place.client("m", "global/wlan1");
    assert_eq!(of_b.ask("ATTACH"), "OK\n");
    assert_eq!(a(&["p2p_find"]), "OK\n");
    assert_eq!(b(&["p2p_find"]), "OK\n");
    assert!(of_b.wait_for("P2P-DEVICE-FOUND").contains("02:00:00:00:00:00"));
    eventually("a finds b", || a(&["p2p_peers", "discovered"]).contains("02:00:00:00:01:00"));
    assert_eq!(a(&["p2p_connect", "02:00:00:00:01:00", "pbc", "go_intent=15"]), "OK\n");
    of_b.wait_for("P2P-GO-NEG-REQUEST 02:00:00:00:00:00 dev_passwd_id=4");
    assert_eq!(b(&["p2p_connect", "02:00:00:00:00:00", "pbc", "go_intent=0"]), "OK\n");
    let completed = of_b.wait_for("CTRL-EVENT-CONNECTED");
    assert!(
        completed.starts_with("IFNAME=p2p-wlan1-0 <3>CTRL-EVENT-CONNECTED - Connection to "),
        "{completed}"
    );
    let started = of_b.wait_for("P2P-GROUP-STARTED p2p-wlan1-0 client ssid=\"DIRECT-");
    assert!(started.starts_with("<3>"), "{started}");
    let expected = ["p2p-wlan0-0", "p2p-wlan1-0", "wlan0", "wlan1"].map(|n| format!("wpa_supplicant/{n}"));
    assert!(expected.iter().all(|s| place.sockets().contains(s)), "{:?}", place.sockets());
    let owner = |command: &[&str]| place.ask(&wpa_cli, "wpa_supplicant", "p2p-wlan0-0", command);
    assert!(owner(&["status"]).contains("mode=P2P GO\n"));
    eventually("the owner has a client", || {
        owner(&["all_sta"]).contains("p2p_device_addr=02:00:00:00:01:00")
    });
    let interfaces = place.output(&wpa_cli, &["-g", "run/global/wlan1", "interface"]);
    assert_eq!(interfaces, "Available interfaces:\np2p-wlan1-0\nwlan1\n");
    assert!(
        place.client("x", "global/wlan1").ask("IFNAME=p2p-wlan1-0 STATUS").contains("wpa_state=COMPLETED")
    );
    assert_eq!(a(&["p2p_group_remove", "p2p-wlan0-0"]), "OK\n");
    of_b.wait_for("P2P-GROUP-REMOVED p2p-wlan1-0 client reason=GO_ENDING_SESSION");
    eventually("the groups' sockets are gone", || {
        place.sockets() == ["global/wlan0", "global/wlan1", "wpa_supplicant/wlan0", "wpa_supplicant/wlan1"]
    });
    assert_eq!(server.end(), "");
}

#[test]
fn interfaces_are_added_and_removed_as_by_2_10() {
    let place = Place::with("interfaces", TWO);
    let server = Server::start(&place, &[]);
    let global = place.client("g", "global/wlan0");
    let monitor = place.client("m", "global/wlan0");
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    for refused in [
        "INTERFACE_ADD ",
        "INTERFACE_ADD wlan0",
        "INTERFACE_ADD wlan1",
        "INTERFACE_ADD nosuch",
        "INTERFACE_ADD a-name-too-long-x\t\t\t\t\t\tcreate",
        "INTERFACE_ADD vif0\t\tnosuch\t\t\t\tcreate",
        "INTERFACE_ADD vif0\t\t\t\t\t\tmake",
        "INTERFACE_ADD vif0\t\t\t\t\t\tcreate\tmonitor",
        "INTERFACE_ADD vif0\tnosuch.conf\t\t\t\t\tcreate",
        "INTERFACE_REMOVE vif0",
        "DUP_NETWORK wlan0 nosuch 0 0 ssid",
    ] {
        assert_eq!(global.ask(refused), "FAIL\n", "{refused}");
    }
    assert_eq!(
        global.ask("INTERFACE_ADD vif0\t\tnl80211\tDIR=/run/wpa_supplicant GROUP=netdev\t\t\tcreate\tsta"),
        "OK\n"
    );
    assert_eq!(global.ask("INTERFACES"), "vif0\nwlan0\n");
    assert_eq!(
        global.ask("INTERFACES ctrl"),
        "vif0 ctrl_iface=DIR=/run/wpa_supplicant GROUP=netdev\nwlan0 ctrl_iface=run/wpa_supplicant\n"
    );
    assert_eq!(global.ask("INTERFACE_LIST"), "");
    let added = place.client("v", "wpa_supplicant/vif0");
    assert_eq!(added.ask("ADD_NETWORK"), "0\n");
    assert_eq!(monitor.wait_for("NETWORK-ADDED"), "IFNAME=vif0 <3>CTRL-EVENT-NETWORK-ADDED 0");
    assert_eq!(added.ask("SET_NETWORK 0 ssid \"copied\""), "OK\n");
    assert_eq!(global.ask("IFNAME=wlan0 ADD_NETWORK"), "0\n");
    assert_eq!(monitor.wait_for("NETWORK-ADDED"), "IFNAME=wlan0 <3>CTRL-EVENT-NETWORK-ADDED 0");
    assert_eq!(global.ask("DUP_NETWORK vif0 wlan0 0 0 ssid"), "OK\n");
    assert_eq!(global.ask("IFNAME=wlan0 GET_NETWORK 0 ssid"), "\"copied\"");
    assert_eq!(global.ask("INTERFACE_REMOVE vif0"), "OK\n");
    eventually("its socket is gone", || !place.path("run/wpa_supplicant/vif0").exists());
    assert_eq!(
        server.end(),
        "wpasim: a: Failed to open config file 'nosuch.conf', error: No such file or directory\n\
         wpasim: a: Failed to read or parse configuration 'nosuch.conf'.\n"
    );
}

#[test]
fn a_radio_can_be_left_and_taken_again_without_a_socket_of_its_own() {
    let place = Place::with("again", TWO);
    let server = Server::start(&place, &["--speed", "max"]);
    let global = place.client("g", "global/wlan0");
    assert_eq!(global.ask("INTERFACE_REMOVE wlan0"), "OK\n");
    assert_eq!(global.ask("INTERFACES"), "");
    assert_eq!(global.ask("P2P_FIND"), "UNKNOWN COMMAND\n");
    assert_eq!(place.sockets(), ["global/wlan0", "global/wlan1", "wpa_supplicant/wlan1"]);
    assert_eq!(global.ask("INTERFACE_ADD wlan0"), "OK\n");
    assert_eq!(global.ask("IFNAME=wlan0 SCAN"), "OK\n");
    assert_eq!(global.ask("P2P_FIND"), "OK\n");
    assert_eq!(place.sockets(), ["global/wlan0", "global/wlan1", "wpa_supplicant/wlan1"]);
    assert_eq!(server.end(), "");
}
