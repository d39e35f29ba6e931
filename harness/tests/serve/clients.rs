//! What clients may do: Debian's tools, a crate of others, and those that mean no good.

use crate::place::{Place, Server, eventually, tool};

#[test]
fn wpa_cli_and_hostapd_cli_enrol_a_station() {
    let (Some(wpa_cli), Some(hostapd_cli)) = (tool("wpa_cli"), tool("hostapd_cli")) else { return };
    let place = Place::new("cli");
    let server = Server::start(&place, &["--speed", "50"]);
    let sta = |command: &[&str]| place.ask(&wpa_cli, "wpa_supplicant", "wlan0", command);
    assert_eq!(sta(&["ping"]), "PONG\n");
    assert_eq!(place.ask(&hostapd_cli, "hostapd", "wlan2", &["wps_pbc"]), "OK\n");
    assert_eq!(sta(&["wps_pbc"]), "OK\n");
    eventually("the station is connected", || sta(&["status"]).contains("wpa_state=COMPLETED"));
    assert!(sta(&["list_networks"]).contains("net\tany\t[CURRENT]"));
    let stations = place.ask(&hostapd_cli, "hostapd", "wlan2", &["all_sta"]);
    assert!(stations.starts_with("02:00:00:00:00:00\n"));
    assert_eq!(
        place.output(&wpa_cli, &["-g", "run/global/wlan1", "interface"]).trim_end(),
        "Available interfaces:\nwlan1"
    );
    assert_eq!(server.end(), "");
}

#[test]
fn a_client_of_others_attaches_and_hears_events() {
    let place = Place::new("crate");
    let server = Server::start(&place, &["--speed", "max"]);
    assert!(server.ready.starts_with("wpasim: serving 2 in global/, 1 in hostapd/, 2 in wpa_supplicant/"));
    let mut control = place.crate_client("control");
    assert_eq!(control.request("PING").unwrap(), "PONG\n");
    let mut monitor = place.crate_client("monitor").attach().unwrap();
    assert_eq!(control.request("ADD_NETWORK").unwrap(), "0\n");
    let mut event = None;
    eventually("an event", || {
        event = monitor.recv().unwrap();
        event.is_some()
    });
    assert_eq!(event.as_deref(), Some("<3>CTRL-EVENT-NETWORK-ADDED 0"));
    assert!(monitor.detach().is_ok());
}

#[test]
fn what_a_client_asks_for_in_vain_is_said_once() {
    let topology =
        "devices:\n  sta: {fast_reauth: 0}\n  ap: {hostapd: {ssid: x, channel: 1, notify_mgmt_frames: 1}}\n";
    let place = Place::with("vain", topology);
    let server = Server::start(&place, &[]);
    let client = place.client("c", "wpa_supplicant/wlan0");
    for _ in 0..2 {
        assert_eq!(client.ask("DPP_LISTEN 2412"), "FAIL\n");
        assert_eq!(client.ask("P2P_SET per_sta_psk 1"), "OK\n");
        assert_eq!(client.ask("SET uapsd disable"), "OK\n");
    }
    let expected = [
        "wpasim: t.yaml:2:9: sta: line 2: fast_reauth=0: it is stored only: used by EAP methods, which `eap` and \
         `key_mgmt` of a network ask for",
        "wpasim: t.yaml:3:39: ap.hostapd: line 7: notify_mgmt_frames=1: reporting management frames (notify_mgmt_frames) \
         is not implemented",
        "wpasim: sta: DPP_LISTEN: DPP is not implemented",
        "wpasim: sta: P2P_SET per_sta_psk: a key for each client of a group (per_sta_psk) is not implemented",
    ];
    assert_eq!(server.end().lines().collect::<Vec<_>>(), expected);
}
