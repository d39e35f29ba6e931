//! What clients may do: Debian's tools, a crate of others, and those that mean no good.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

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
fn datagrams_of_any_kind_and_clients_that_vanish_do_no_harm() {
    let place = Place::new("harm");
    let server = Server::start(&place, &["--speed", "max"]);
    let path = place.path("run/wpa_supplicant/wlan0");
    let nameless = UnixDatagram::unbound().unwrap();
    for length in [0, 1, 8192, 8193, 60_000] {
        // One without an address cannot be answered; one that is too long for the socket's buffer is not sent.
        let _ = nameless.send_to(&vec![0xff; length], &path);
    }
    for number in 0..200 {
        let mine = place.path(&format!("c{number}"));
        let client = UnixDatagram::bind(&mine).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        client.send_to(b"ATTACH", &path).unwrap();
        let mut reply = [0; 16];
        let length = client.recv(&mut reply).unwrap();
        assert_eq!(reply.get(..length), Some(&b"OK\n"[..]));
        drop(client);
        std::fs::remove_file(&mine).unwrap();
    }
    let mut control = place.crate_client("control");
    for _ in 0..20 {
        assert_eq!(control.request("PING").unwrap(), "PONG\n");
        control.request("ADD_NETWORK").unwrap();
    }
    assert_eq!(
        server.end(),
        "wpasim: a client without an address of its own sent a command: it cannot be answered (further ones are not told)\n\
         wpasim: a monitor that takes no events is detached (further ones are not told)\n"
    );
}
