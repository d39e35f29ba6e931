//! A session of `serve`: sockets at its start, interfaces that come and go, a capture.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rstest::rstest;

use crate::place::Place;
use crate::sweep::{Ended, Mode, Running, sweep};

const TOPOLOGY: &str = "devices:\n  sta: {}\nap_radios: 1\n";

/// Asks over a socket of the server's; nothing if it is not there, or says nothing.
fn ask(place: &Place, socket: &str, command: &str) -> Option<String> {
    let own = place.path("client");
    let client = UnixDatagram::bind(&own).unwrap();
    let reply = client.connect(place.path("run").join(socket)).ok().map(|()| {
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        client.send(command.as_bytes()).unwrap();
        let mut buffer = [0; 8192];
        let length = client.recv(&mut buffer).unwrap_or_else(|e| panic!("{socket}: {command}: {e}"));
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    });
    std::fs::remove_file(own).unwrap();
    reply
}

/// What clients ask of a server; it says what it did.
fn session(place: &Place) {
    // Sockets that were there at the ready line are served.
    for socket in ["wpa_supplicant/wlan0", "global/wlan0", "hostapd-global"] {
        assert_eq!(ask(place, socket, "PING").as_deref(), Some("PONG\n"), "{socket}");
    }
    let add = "INTERFACE_ADD s0\t\tnl80211\tDIR=/x/wpa_supplicant\t\t\tcreate";
    let made = ask(place, "global/wlan0", add).unwrap();
    let there = ask(place, "global/wlan0", "INTERFACES").unwrap().lines().any(|l| l == "s0");
    assert_eq!(made == "OK\n", there, "{made}");
    assert!(made == "OK\n" || made == "FAIL\n", "{made}");
    assert_eq!(ask(place, "wpa_supplicant/s0", "PING").is_some(), there);
    let conf = place.path("ap.conf");
    let hosts = "hostapd-global";
    let made = ask(place, hosts, &format!("ADD bss_config=phy1:{}", conf.display())).unwrap();
    assert!(made == "OK\n" || made == "FAIL\n", "{made}");
    assert_eq!(ask(place, "hostapd/wlan1", "PING").is_some(), made == "OK\n");
    if made == "OK\n" {
        assert_eq!(ask(place, hosts, "REMOVE wlan1").as_deref(), Some("OK\n"));
    }
    if there {
        assert_eq!(ask(place, "global/wlan0", "INTERFACE_REMOVE s0").as_deref(), Some("OK\n"));
    }
}

#[rstest]
fn a_server(#[values(Mode::Once, Mode::FromThenOn)] mode: Mode, #[values(false, true)] udp: bool) {
    let place = Place::new(&format!("serve{mode:?}{udp}"));
    place.put("t.yaml", TOPOLOGY.as_bytes());
    place.put("ap.conf", b"interface=wlan1\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\n");
    // The file that lists UDP ports has something else's content.
    let old = b"old";
    let make = |plan: &str| -> Ended {
        place.put("run/udp", old);
        place.remove("c.pcapng");
        let mut arguments =
            vec!["serve", "t.yaml", "--run-dir", "run", "--pcap", "c.pcapng", "--speed", "max"];
        if udp {
            arguments.push("--udp");
        }
        let mut server = Running::start(&place, &arguments, &[], plan);
        if server.is_ready("serving") {
            session(&place);
            server.signal("TERM");
        }
        server.end()
    };
    let calls = sweep(mode, make, |fault, ended| {
        assert!(ended.code <= 2 && ended.code >= 0, "{ended:#?}");
        let served = ended.stdout.contains("serving");
        let in_capture = fault.path == "c.pcapng";
        match (served, in_capture) {
            (false, _) => assert_eq!(ended.code, 2, "{ended:#?}"),
            (true, true) => assert_eq!(ended.code, 1, "{ended:#?}"),
            // With all calls after the first one, the capture fails too.
            (true, false) => assert!(ended.code == 0 || mode == Mode::FromThenOn, "{ended:#?}"),
        }
        // A file that cannot be read answers FAIL, as in 2.10; a spare descriptor is for the next fault.
        let is_quiet = fault.path.ends_with("ap.conf") || (served && fault.path == "(unbound)");
        if !is_quiet {
            ended.tells();
        }
        let left: Vec<String> = place
            .files()
            .into_iter()
            .filter(|(name, content)| name.starts_with("run/") && !(name == "run/udp" && content == old))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(left, [""; 0], "left behind: {ended:#?}");
    });
    assert!(calls > 20, "{calls}");
}
