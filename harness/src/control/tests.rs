use std::os::unix::net::{UnixDatagram, UnixListener};
use std::time::Duration;

use proptest::prelude::*;

use super::fake::{Answer, Fake, Scratch};
use super::*;
use crate::wall::Stopwatch;

const PATIENCE: Duration = Duration::from_secs(5);

fn pong(command: &str) -> Answer {
    Answer::reply(if command == "PING" { "PONG\n" } else { "UNKNOWN COMMAND\n" })
}

fn at(path: &std::path::Path) -> Endpoint {
    Endpoint::Path(path.to_owned())
}

/// The next datagram, waited for.
fn next(link: &Link) -> Vec<u8> {
    let watch = Stopwatch::start();
    while watch.elapsed() < PATIENCE {
        if let Some(data) = link.try_receive().unwrap() {
            return data;
        }
        std::thread::yield_now();
    }
    panic!("nothing came");
}

#[test]
fn every_kind_of_endpoint_reads_back() {
    let udp = |host: &str, port, family| Endpoint::Udp { host: host.to_owned(), port, family };
    for (text, endpoint, shown) in [
        ("/run/x/wlan0", Endpoint::Path("/run/x/wlan0".into()), "/run/x/wlan0"),
        ("@abstract:a", Endpoint::Abstract { name: "a".into(), padded: true }, "@abstract:a"),
        ("@a b", Endpoint::Abstract { name: "a b".into(), padded: false }, "@a b"),
        ("udp:h:12", udp("h", 12, Family::V4), "udp:h:12"),
        ("udp:12", udp("127.0.0.1", 12, Family::V4), "udp:127.0.0.1:12"),
        ("udp:", udp("127.0.0.1", 9877, Family::V4), "udp:127.0.0.1:9877"),
        ("udp6:fe80::1%eth0,12", udp("fe80::1%eth0", 12, Family::V6), "udp6:[fe80::1%eth0]:12"),
        ("udp6:[::1]:12", udp("::1", 12, Family::V6), "udp6:[::1]:12"),
        ("udp6:", udp("::1", 9877, Family::V6), "udp6:[::1]:9877"),
    ] {
        let parsed: Endpoint = text.parse().unwrap();
        assert_eq!((parsed.to_string().as_str(), &parsed), (shown, &endpoint), "{text}");
    }
    let long = format!("@{}", "x".repeat(120));
    for text in ["", "@", "@abstract:", "udp:h:0", "udp:h:x", "udp:::1", "udp6:[::1", "udp6:[::1]x", &long] {
        assert!(text.parse::<Endpoint>().is_err(), "{text}");
    }
}

#[test]
fn names_of_interfaces_stay_in_the_directory() {
    let one = at("/run/wpa_supplicant/wlan0".as_ref());
    assert_eq!(one.beside("p2p-wlan0-0"), Some(at("/run/wpa_supplicant/p2p-wlan0-0".as_ref())));
    for name in ["", ".", "..", "../x", "a/b", "a b", "a\0"] {
        assert_eq!(one.beside(name), None, "{name:?}");
    }
}

#[test]
fn commands_and_events_pass() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let _fake = Fake::serve(&path, |command| pong(command).event("<3>SEEN"));
    let commands = Link::open(&at(&path), PATIENCE).unwrap();
    let monitor = Link::open(&at(&path), PATIENCE).unwrap();
    assert_eq!(commands.try_receive().unwrap(), None);
    monitor.send(b"ATTACH").unwrap();
    assert_eq!(next(&monitor), b"OK\n");
    commands.send(b"PING").unwrap();
    assert_eq!(next(&commands), b"PONG\n");
    assert_eq!(next(&monitor), b"<3>SEEN");
    assert_eq!(commands.try_receive().unwrap(), None);
    commands.check().unwrap();
}

#[test]
fn our_own_end_is_removed() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let server = UnixDatagram::bind(&path).unwrap();
    let link = Link::open(&at(&path), PATIENCE).unwrap();
    link.send(b"PING").unwrap();
    let mut buffer = [0; 16];
    let (_, from) = server.recv_from(&mut buffer).unwrap();
    let own = from.as_pathname().unwrap().to_owned();
    assert!(own.exists());
    drop(link);
    assert!(!own.exists());
}

#[test]
fn udp_wants_its_cookie() {
    let (_fake, port) = Fake::serve_udp(pong);
    let link = Link::open(&format!("udp:{port}").parse().unwrap(), PATIENCE).unwrap();
    link.send(b"PING").unwrap();
    assert_eq!(next(&link), b"PONG\n");
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("udp:{}", silent.local_addr().unwrap().port()).parse().unwrap();
    let error = Link::open(&endpoint, Duration::from_millis(50)).unwrap_err();
    assert!(matches!(error, ControlError::NoCookie { .. }), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn abstract_names_are_found_padded_or_not() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;
    let name = format!("wpasim-test-{}", std::process::id());
    let mut padded = name.as_bytes().to_vec();
    padded.resize(SUN_PATH, 0);
    for (octets, text) in
        [(padded, format!("@abstract:{name}")), (name.as_bytes().to_vec(), format!("@{name}"))]
    {
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(octets).unwrap()).unwrap();
        let _fake = Fake::serve_socket(socket, pong);
        let link = Link::open(&text.parse().unwrap(), PATIENCE).unwrap();
        link.send(b"PING").unwrap();
        assert_eq!(next(&link), b"PONG\n");
        link.check().unwrap();
    }
}

#[test]
fn what_cannot_be_reached_says_why() {
    let scratch = Scratch::make();
    let error = |path: &std::path::Path| Link::open(&at(path), PATIENCE).unwrap_err();
    let missing = error(&scratch.path("nosuch"));
    assert!(matches!(missing, ControlError::Missing { .. }) && missing.is_death(), "{missing}");
    let left = scratch.path("left");
    drop(UnixDatagram::bind(&left).unwrap());
    assert!(matches!(error(&left), ControlError::Refused { .. }));
    let file = scratch.path("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(error(&file), ControlError::NotASocket { what: "a file", .. }));
    match error(&scratch.path("")) {
        ControlError::NotASocket { what: "a directory", hint, .. } => {
            assert!(hint.contains("left"), "{hint}");
        }
        other => panic!("{other}"),
    }
    let stream = scratch.path("stream");
    let _listener = UnixListener::bind(&stream).unwrap();
    assert!(matches!(error(&stream), ControlError::NotASocket { .. }), "{}", error(&stream));
    let long = scratch.path(&"x".repeat(200));
    assert!(matches!(error(&long), ControlError::PathTooLong { limit: SUN_PATH, .. }));
}

#[test]
fn the_end_of_the_process_is_noticed() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let server = UnixDatagram::bind(&path).unwrap();
    let link = Link::open(&at(&path), PATIENCE).unwrap();
    link.check().unwrap();
    drop(server);
    assert!(link.check().unwrap_err().is_death());
    assert!(link.send(b"PING").unwrap_err().is_death());
    // Another process in its place is another process.
    std::fs::rename(&path, scratch.path("old")).unwrap();
    let _other = UnixDatagram::bind(&path).unwrap();
    assert!(link.check().unwrap_err().is_death());
}

#[test]
fn a_full_queue_does_not_block() {
    let scratch = Scratch::make();
    let path = scratch.path("wlan0");
    let _server = UnixDatagram::bind(&path).unwrap();
    let link = Link::open(&at(&path), PATIENCE).unwrap();
    let error = (0..10_000).find_map(|_| link.send(&[b'x'; 4096]).err()).unwrap();
    assert!(matches!(error, ControlError::Busy { .. }) && !error.is_death(), "{error}");
}

#[test]
fn a_command_counts_only_behind_the_right_cookie() {
    let command = |text: &'static str| words::behind_cookie(text.as_bytes(), "00ff00ff00ff00ff");
    assert_eq!(command("COOKIE=00ff00ff00ff00ff PING"), Some(&b"PING"[..]));
    assert_eq!(command("COOKIE=00FF00ff00ff00ffPING"), Some(&b"PING"[..]));
    assert_eq!(command("COOKIE=00ff00ff00ff00fe PING"), None);
    assert_eq!(command("COOKIE=00ff"), None);
    assert_eq!(command("PING"), None);
}

#[test]
fn what_devices_say_is_read() {
    assert!(words::is_event(b"<3>X") && words::is_event(b"IFNAME=wlan0 <3>X") && !words::is_event(b"OK\n"));
    assert_eq!(words::cookie(b"COOKIE=00ff\n"), Some(&b"COOKIE=00ff"[..]));
    assert_eq!(words::cookie(b"COOKIE="), None);
    assert_eq!(words::cookie(b"UNKNOWN COMMAND\n"), None);
    assert_eq!(words::field("a=1\naddress=02:00\n", "address"), Some("02:00"));
    assert_eq!(words::field("address2=1\n", "address"), None);
    let started = words::group("IFNAME=wlan0 <3>P2P-GROUP-STARTED p2p-wlan0-0 GO ssid=\"x\"");
    assert_eq!(started, Some(words::Group::Started("p2p-wlan0-0")));
    assert_eq!(words::group("<3>P2P-GROUP-REMOVED wlan0 GO"), Some(words::Group::Removed("wlan0")));
    for odd in
        ["<3>P2P-GROUP-STARTED ", "P2P-GROUP-STARTED ../x GO", "P2P-GROUP-STARTED p2p-wlan0-0-and-more GO"]
    {
        assert_eq!(words::group(odd), None, "{odd}");
    }
    assert!(words::says_goodbye("<3>CTRL-EVENT-TERMINATING "));
}

proptest! {
    #[test]
    fn an_endpoint_that_reads_is_written_the_same(text in "(@abstract:|@|udp:|udp6:|/)?[ -~]{0,40}") {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            prop_assert_eq!(endpoint.to_string().parse::<Endpoint>().unwrap(), endpoint);
        }
    }

    #[test]
    fn any_words_are_fine(text in any::<String>(), data in any::<Vec<u8>>()) {
        let _ = (words::is_event(&data), words::cookie(&data));
        let _ = (words::group(&text), words::field(&text, "x"), words::says_goodbye(&text));
    }
}
