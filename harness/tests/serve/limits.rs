//! One client asks for much, or descriptors run out: the others are served, and the server can be ended.

use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::{Client, Place, Server, eventually};

#[test]
fn a_list_of_networks_is_cut_where_2_10_cuts_it_and_commands_are_linear() {
    let place = Place::new("networks");
    let server = Server::start(&place, &[]);
    let client = place.client("c", "wpa_supplicant/wlan0");
    while client.ask("ADD_NETWORK") != "19999\n" {}
    let list = client.ask("LIST_NETWORKS");
    // Measured with wpa_supplicant 2.10.
    assert_eq!((list.len(), list.lines().last().unwrap()), (4084, "207\t\tany\t[DISABLED]"));
    let begun = Instant::now();
    for command in ["ENABLE_NETWORK all", "DISABLE_NETWORK all", "FLUSH"] {
        assert_eq!(client.ask(command), "OK\n");
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    server.end();
}

#[test]
fn more_bsss_than_a_radio_has_room_for_are_refused_at_once() {
    let place = Place::new("bsss");
    let server = Server::start_with(&place, &[]);
    let mut file = "interface=wlan3\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\n".to_owned();
    for n in 0..40_000 {
        file.push_str(&format!("bss=b{n}\nssid=s{n}\n"));
    }
    std::fs::write(place.path("many.conf"), file).unwrap();
    let hosts = place.client("h", "hostapd-global");
    let begun = Instant::now();
    assert_eq!(hosts.ask(&format!("ADD bss_config=phy3:{}", place.path("many.conf").display())), "FAIL\n");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(hosts.ask("PING"), "PONG\n");
    server.end();
}

/// How long a radio with so many BSSs takes to come and go.
fn with_bsss(hosts: &Client, place: &Place, count: usize) -> Duration {
    let mut file = "interface=wlan3\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\n".to_owned();
    (1..count).for_each(|n| file.push_str(&format!("bss=b{n}\nssid=s{n}\n")));
    std::fs::write(place.path("many.conf"), file).unwrap();
    let begun = Instant::now();
    let added = hosts.ask(&format!("ADD bss_config=phy3:{}", place.path("many.conf").display()));
    assert_eq!(added, "OK\n");
    assert_eq!(hosts.ask("REMOVE wlan3"), "OK\n");
    begun.elapsed()
}

#[test]
fn bsss_of_a_radio_take_time_in_proportion() {
    let place = Place::new("linear");
    let server = Server::start_with(&place, &[]);
    let hosts = place.client("h", "hostapd-global");
    let few = (0..3).map(|_| with_bsss(&hosts, &place, 225)).min().unwrap();
    let many = with_bsss(&hosts, &place, 1800);
    eprintln!("225 BSSs: {few:?}, 1800: {many:?}");
    // Eight times as many; what is quadratic takes 64 times as long.
    assert!(many < few * 24, "225 BSSs: {few:?}, 1800: {many:?}");
    server.end();
}

/// Adds an access point with so many passphrases for anyone, and has a station connect to it with the last of them.
/// Returns the station's events from the association on: the access point derives the keys when its response was
/// sent, before the station hears of its association.
fn connecting_by_the_last_passphrase(place: &Place, passphrases: usize) -> Client {
    let psks: String = (0..passphrases).map(|n| format!("00:00:00:00:00:00 passphrase{n}\n")).collect();
    std::fs::write(place.path("psks"), psks).unwrap();
    let file = format!(
        "interface=wlan3\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\n\
         rsn_pairwise=CCMP\nwpa_psk_file={}\n",
        place.path("psks").display()
    );
    std::fs::write(place.path("ap.conf"), file).unwrap();
    let hosts = place.client("h", "hostapd-global");
    assert_eq!(hosts.ask(&format!("ADD bss_config=phy3:{}", place.path("ap.conf").display())), "OK\n");
    let station = place.client("s", "wpa_supplicant/wlan0");
    for command in [
        "ADD_NETWORK".to_owned(),
        "SET_NETWORK 0 ssid \"x\"".to_owned(),
        format!("SET_NETWORK 0 psk \"passphrase{}\"", passphrases - 1),
        "SET_NETWORK 0 scan_freq 2412".to_owned(),
    ] {
        assert_ne!(station.ask(&command), "FAIL\n", "{command}");
    }
    let events = place.client("e", "wpa_supplicant/wlan0");
    assert_eq!(events.ask("ATTACH"), "OK\n");
    assert_eq!(station.ask("ENABLE_NETWORK 0"), "OK\n");
    events.wait_for("Trying to associate with");
    events.socket.set_nonblocking(true).unwrap();
    events
}

#[test]
fn a_server_that_is_busy_with_something_long_ends_within_a_second() {
    let place = Place::new("busy");
    let mut server = Server::start_with(&place, &[]);
    let events = connecting_by_the_last_passphrase(&place, 30_000);
    std::thread::sleep(Duration::from_millis(300));
    // The keys are still being derived.
    assert!(!std::iter::from_fn(|| events.next()).any(|e| e.contains("CTRL-EVENT-CONNECTED")));
    let begun = Instant::now();
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    assert!(place.sockets().is_empty());
}

/// A station connects to an access point with very many passphrases, of which its own is the last.
#[test]
fn while_keys_are_derived_for_a_station_the_others_are_answered() {
    const PSKS: usize = 2000;
    let place = Place::new("psks");
    let mut server = Server::start_with(&place, &[]);
    let events = connecting_by_the_last_passphrase(&place, PSKS);
    let (other, mut answered, mut slowest) = (place.client("o", "wpa_supplicant/wlan1"), 0, Duration::ZERO);
    let asking = Instant::now();
    let deadline = asking + Duration::from_secs(60);
    while !events.next().is_some_and(|e| e.contains("CTRL-EVENT-CONNECTED")) {
        let begun = Instant::now();
        assert_eq!(other.ask("PING"), "PONG\n");
        slowest = slowest.max(begun.elapsed());
        answered += 1;
        assert!(begun < deadline, "not connected after {answered} questions");
    }
    eprintln!("{answered} questions were answered, the slowest after {slowest:?}");
    assert!(answered >= PSKS / 16, "{answered} questions were answered while {PSKS} keys were derived");
    // Who has to wait for all of them waits for nearly as long as the connection takes.
    let all = asking.elapsed();
    assert!(slowest * 4 < all, "one answer took {slowest:?} of {all:?}");
    server.signal("TERM");
    assert!(server.wait().success());
}

/// A server that has 64 file descriptors.
fn with_few_descriptors(place: &Place) -> std::process::Child {
    let line = format!("ulimit -n 64; exec {} serve t.yaml --run-dir run", env!("CARGO_BIN_EXE_wpasim"));
    Command::new("sh")
        .args(["-c", &line])
        .current_dir(&place.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}

#[test]
fn without_descriptors_interfaces_are_refused_and_a_jammed_socket_is_opened_anew() {
    let place = Place::new("descriptors");
    let mut child = with_few_descriptors(&place);
    eventually("it serves", || place.path("run/wpa_supplicant/wlan1").exists());
    let global = place.client("g", "global/wlan0");
    let add =
        |n: usize| global.ask(&format!("INTERFACE_ADD s{n}\t\tnl80211\tDIR=/x/wpa_supplicant\t\t\tcreate"));
    let replies: Vec<String> = (0..80).map(add).collect();
    let made = replies.iter().filter(|r| *r == "OK\n").count();
    assert!((10..70).contains(&made), "{made}");
    assert_eq!(replies.iter().filter(|r| *r == "FAIL\n").count(), 80 - made);
    assert_eq!(global.ask("INTERFACES").lines().count(), made + 1, "what was refused is not there");
    // Clients that never read.
    let path = place.path("run/wpa_supplicant/wlan0");
    let clients: Vec<UnixDatagram> = (0..100)
        .map(|n| {
            let client = UnixDatagram::bind(place.path(&format!("j{n}"))).unwrap();
            client.connect(&path).unwrap();
            client.set_nonblocking(true).unwrap();
            client
        })
        .collect();
    for _ in 0..100 {
        for client in &clients {
            let _ = client.send(b"GET_CAPABILITY freq");
        }
    }
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(place.client("late", "wpa_supplicant/wlan0").ask("PING"), "PONG\n");
    drop(global);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn resident_kilobytes(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn what_comes_and_goes_leaves_no_memory_behind() {
    let place = Place::new("memory");
    let server = Server::start_with(&place, &["--speed", "100"]);
    let file = "interface=wlan3\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\n";
    std::fs::write(place.path("ap.conf"), file).unwrap();
    let global = place.client("g", "global/wlan0");
    let hosts = place.client("h", "hostapd-global");
    let device = place.client("d", "wpa_supplicant/wlan1");
    let add = format!("ADD bss_config=phy3:{}", place.path("ap.conf").display());
    let cycle = |n: usize| {
        let name = format!("z{}", n % 50);
        let made = global.ask(&format!("INTERFACE_ADD {name}\t\tnl80211\tDIR=/x/wpa_supplicant\t\t\tcreate"));
        assert_eq!(made, "OK\n");
        assert_eq!(global.ask(&format!("INTERFACE_REMOVE {name}")), "OK\n");
        assert_eq!(hosts.ask(&add), "OK\n");
        assert_eq!(hosts.ask("REMOVE wlan3"), "OK\n");
        assert_eq!(device.ask("P2P_GROUP_ADD freq=2412"), "OK\n");
        assert_eq!(device.ask("P2P_GROUP_REMOVE *"), "OK\n");
    };
    (0..500).for_each(cycle);
    let before = resident_kilobytes(&server);
    (0..3000).for_each(cycle);
    let after = resident_kilobytes(&server);
    // The memory of derived PSKs fills up to its bound.
    assert!(after < before + 1200, "{before} kB before, {after} kB after");
    server.end();
}
