//! Clients that mean no good, or are not well: bounded, survived, told once.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::place::{Place, Server};

/// What is told of monitors that are detached.
const DETACHED: &str = "wpasim: a monitor that takes no events is detached (further ones are not told)\n";

fn attach(place: &Place, name: &str) -> UnixDatagram {
    let own = place.path(name);
    let socket = UnixDatagram::bind(own).unwrap();
    socket.connect(place.path("run/wpa_supplicant/wlan0")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send(b"ATTACH").unwrap();
    socket
}

fn reply(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 8192];
    let length = socket.recv(&mut buffer).unwrap();
    String::from_utf8_lossy(&buffer[..length]).into_owned()
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
        let name = format!("c{number}");
        let client = attach(&place, &name);
        assert_eq!(reply(&client), "OK\n");
        drop(client);
        std::fs::remove_file(place.path(&name)).unwrap();
    }
    let control = place.client("control", "wpa_supplicant/wlan0");
    for length in [0, 1, 8192] {
        // Whatever it is, it has an answer.
        control.socket.send(&vec![0xff; length]).unwrap();
        assert_eq!(control.next().unwrap(), "UNKNOWN COMMAND\n");
    }
    // What is too long has none, as by 2.10, and holds nobody up.
    control.socket.send(&vec![b'X'; 8193]).unwrap();
    for _ in 0..20 {
        assert_eq!(control.ask("PING"), "PONG\n");
        control.ask("ADD_NETWORK");
    }
    assert_eq!(
        server.end(),
        format!(
            "wpasim: a client without an address of its own sent a command: it cannot be answered (further ones are \
             not told)\n{DETACHED}"
        )
    );
}

#[test]
fn attachments_are_bounded_and_given_back() {
    let place = Place::new("many");
    let server = Server::start(&place, &[]);
    for number in 0..4096 {
        let name = format!("c{number}");
        assert_eq!(reply(&attach(&place, &name)), "OK\n");
        std::fs::remove_file(place.path(&name)).unwrap();
    }
    assert_eq!(reply(&attach(&place, "more")), "FAIL\n");
    let control = place.client("control", "wpa_supplicant/wlan0");
    assert_eq!(control.ask("PING"), "PONG\n");
    // An event finds them gone.
    assert_eq!(control.ask("ADD_NETWORK"), "0\n");
    std::fs::remove_file(place.path("more")).unwrap();
    assert_eq!(reply(&attach(&place, "more")), "OK\n");
    let said = server.end();
    assert!(said.starts_with("wpasim: too many monitors are attached: a further one is refused"), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn a_monitor_that_does_not_read_is_detached_and_the_others_go_on() {
    let place = Place::new("slow");
    let server = Server::start(&place, &[]);
    // Not connected to the server: then the kernel bounds its queue.
    let slow = UnixDatagram::bind(place.path("slow")).unwrap();
    slow.send_to(b"ATTACH", place.path("run/wpa_supplicant/wlan0")).unwrap();
    assert_eq!(reply(&slow), "OK\n");
    let quick = place.client("quick", "wpa_supplicant/wlan0");
    assert_eq!(quick.ask("ATTACH"), "OK\n");
    let control = place.client("control", "wpa_supplicant/wlan0");
    let queued = std::fs::read_to_string("/proc/sys/net/unix/max_dgram_qlen").unwrap();
    let queued: usize = queued.trim().parse().unwrap();
    for number in 0..queued + 40 {
        assert_eq!(control.ask("ADD_NETWORK"), format!("{number}\n"));
        assert_eq!(quick.next().unwrap(), format!("<3>CTRL-EVENT-NETWORK-ADDED {number}"));
    }
    // It has what its queue held, and nothing of what came later.
    slow.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut buffer = [0; 256];
    let mut held = 0;
    while let Ok(length) = slow.recv(&mut buffer) {
        let event = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert_eq!(event, format!("<3>CTRL-EVENT-NETWORK-ADDED {held}"));
        held += 1;
    }
    assert_eq!(held, queued + 1);
    assert_eq!(control.ask("ADD_NETWORK"), format!("{}\n", queued + 40));
    assert!(slow.recv(&mut buffer).is_err());
    assert_eq!(server.end(), DETACHED);
}

#[test]
fn a_monitor_that_reads_late_has_every_event_and_takes_no_reply_from_others() {
    let place = Place::new("late");
    let server = Server::start(&place, &[]);
    // Connected to the server, its queue is bounded only by the server's own buffer, of which replies need a part.
    let late = attach(&place, "late");
    assert_eq!(reply(&late), "OK\n");
    let control = place.client("control", "wpa_supplicant/wlan0");
    for number in 0..1000 {
        assert_eq!(control.ask("ADD_NETWORK"), format!("{number}\n"));
    }
    for number in 0..1000 {
        assert_eq!(reply(&late), format!("<3>CTRL-EVENT-NETWORK-ADDED {number}"));
    }
    assert_eq!(server.end(), "");
}

#[test]
fn a_monitor_that_never_reads_costs_its_socket_the_oldest_events_only() {
    let place = Place::new("never");
    let server = Server::start(&place, &[]);
    let never = attach(&place, "never");
    assert_eq!(reply(&never), "OK\n");
    let control = place.client("control", "wpa_supplicant/wlan0");
    for number in 0..4000 {
        assert_eq!(control.ask("ADD_NETWORK"), format!("{number}\n"));
    }
    // Once it is gone the others have what is left, the latest 2000.
    let other = place.client("other", "wpa_supplicant/wlan0");
    assert_eq!(other.ask("ATTACH"), "OK\n");
    drop(never);
    std::fs::remove_file(place.path("never")).unwrap();
    assert_eq!(control.ask("ADD_NETWORK"), "4000\n");
    assert_eq!(other.next().unwrap(), "<3>CTRL-EVENT-NETWORK-ADDED 4000");
    assert_eq!(server.end(), DETACHED);
}

#[test]
fn two_hundred_clients_at_once_are_all_answered() {
    let place = Place::new("crowd");
    let server = Server::start(&place, &[]);
    let clients: Vec<_> = (0..200).map(|n| place.client(&format!("c{n}"), "wpa_supplicant/wlan0")).collect();
    std::thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(client.ask("PING"), "PONG\n");
                }
                assert_eq!(client.ask("ATTACH"), "OK\n");
            });
        }
    });
    assert_eq!(place.client("control", "wpa_supplicant/wlan0").ask("ADD_NETWORK"), "0\n");
    for client in &clients {
        assert_eq!(client.next().unwrap(), "<3>CTRL-EVENT-NETWORK-ADDED 0");
    }
    assert_eq!(server.end(), "");
}

#[test]
fn each_monitor_has_its_own_level() {
    let place = Place::new("level");
    let server = Server::start(&place, &["--speed", "max"]);
    let monitor = |name: &str, level: &str| {
        let client = place.client(name, "wpa_supplicant/wlan0");
        assert_eq!(client.ask("ATTACH"), "OK\n");
        assert_eq!(client.ask(level), "OK\n");
        client
    };
    let (all, usual, errors) = (monitor("a", "LEVEL 0"), monitor("u", "LEVEL 3"), monitor("e", "LEVEL 5"));
    let control = place.client("control", "wpa_supplicant/wlan0");
    assert_eq!(control.ask("LEVEL 2"), "FAIL\n");
    assert_eq!(control.ask("SCAN"), "OK\n");
    assert!(usual.next().unwrap().starts_with("<3>CTRL-EVENT-SCAN-STARTED"));
    all.wait_for("<2>State: ");
    assert_eq!(control.ask("SCAN_INTERVAL -1"), "FAIL\n");
    assert_eq!(errors.next().unwrap(), "<5>Invalid scan interval -1");
    assert_eq!(server.end(), "");
}

#[test]
fn a_flood_leaves_others_their_turn() {
    let place = Place::new("flood");
    let server = Server::start(&place, &[]);
    let control = place.client("control", "wpa_supplicant/wlan1");
    let flood = place.client("flood", "wpa_supplicant/wlan0");
    flood.socket.set_nonblocking(true).unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                // Never read: the replies that nobody takes must not matter.
                let _ = flood.socket.send(b"SCAN_RESULTS");
            }
        });
        for _ in 0..200 {
            assert_eq!(control.ask("PING"), "PONG\n");
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    // How far the flood gets in that time is the machine's affair.
    let told = server.end();
    assert!(
        told.is_empty() || (told.lines().count() == 1 && told.contains("filled a socket's buffer")),
        "{told}"
    );
}

/// Three commands after which a device goes round at one instant, as 2.10 does.
const SPIN: [&str; 3] = [
    "P2P_SET disc_int 0 0 0",
    "P2P_CONNECT 02:00:00:00:01:00 12345670 keypad join",
    "P2P_FIND 3 type=social",
];

#[test]
fn a_device_that_goes_round_at_one_instant_is_ended_and_the_others_go_on() {
    let place = Place::new("spin");
    let server = Server::start(&place, &[]);
    let monitor = place.client("monitor", "wpa_supplicant/wlan0");
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    let bad = place.client("bad", "wpa_supplicant/wlan0");
    for command in SPIN {
        assert_eq!(bad.ask(command), "OK\n");
    }
    monitor.wait_for("CTRL-EVENT-TERMINATING");
    let other = place.client("other-client", "wpa_supplicant/wlan1");
    assert_eq!(other.ask("PING"), "PONG\n");
    assert_eq!(other.ask("SCAN"), "OK\n");
    assert!(!place.path("run/wpa_supplicant/wlan0").exists());
    let said = server.end();
    assert!(
        said.starts_with("wpasim: sta: the budget of one device's events at one instant was exceeded at "),
        "{said}"
    );
    assert!(said.ends_with("; the device is ended\n"), "{said}");
}
