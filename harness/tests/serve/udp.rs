//! The control interface over UDP, with wpa_ctrl's cookie.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::place::{Place, Server, eventually, refused_with};

/// A client as wpa_ctrl's is for CONFIG_CTRL_IFACE_UDP.
struct Client {
    socket: UdpSocket,
    cookie: String,
}

impl Client {
    fn open(addr: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(addr).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut client = Client { socket, cookie: String::new() };
        client.socket.send(b"GET_COOKIE").unwrap();
        client.cookie = client.reply();
        assert!(client.cookie.strip_prefix("COOKIE=").is_some_and(|c| c.len() == 16), "{}", client.cookie);
        client
    }

    fn next(&self) -> Option<String> {
        let mut buffer = [0; 8192];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    fn ask(&self, command: &str) -> String {
        self.socket.send(format!("{} {command}", self.cookie).as_bytes()).unwrap();
        self.reply()
    }

    /// What is no event: those of a monitor that is gone reach whoever has its port now.
    fn reply(&self) -> String {
        std::iter::from_fn(|| self.next()).find(|message| !message.starts_with('<')).unwrap()
    }
}

/// Who is reached through which port.
fn ports(place: &Place) -> Vec<(SocketAddr, String)> {
    let list = std::fs::read_to_string(place.path("run/udp")).unwrap();
    let line = |line: &str| line.split_once(' ').map(|(addr, path)| (addr.parse().unwrap(), path.to_owned()));
    list.lines().filter_map(line).collect()
}

fn port_of(place: &Place, path: &str) -> SocketAddr {
    ports(place).into_iter().find(|(_, p)| p == path).map(|(addr, _)| addr).unwrap()
}

#[test]
fn commands_and_events_pass_with_the_cookie_only() {
    let place = Place::new("udp");
    let server = Server::start(&place, &["--udp"]);
    let all = ports(&place);
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(all.iter().all(|(addr, _)| addr.ip().is_loopback()));
    let (supplicant, ap) = (port_of(&place, "wpa_supplicant/wlan0"), port_of(&place, "hostapd/wlan2"));
    // Down from 9877 and from 8877, as far as other tests and programs left them.
    assert!((9828..=9877).contains(&supplicant.port()) && (8828..=8877).contains(&ap.port()));
    let (client, monitor) = (Client::open(supplicant), Client::open(supplicant));
    assert_eq!(client.ask("PING"), "PONG\n");
    assert_eq!(client.cookie, monitor.cookie);
    for without in ["PING", "COOKIE=0000000000000000 PING", "COOKIE=zz PING", "COOKIE="] {
        client.socket.send(without.as_bytes()).unwrap();
    }
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    assert_eq!(client.ask("ADD_NETWORK"), "0\n");
    assert_eq!(monitor.next().unwrap(), "<3>CTRL-EVENT-NETWORK-ADDED 0");
    assert_eq!(monitor.ask("DETACH"), "OK\n");
    assert!(client.ask("INTERFACES").starts_with("wlan0\n"));
    let global = Client::open(port_of(&place, "global/wlan1"));
    assert!((9878..=9897).contains(&port_of(&place, "global/wlan1").port()));
    assert_eq!(global.ask("IFNAME=wlan1 PING"), "PONG\n");
    assert_eq!(Client::open(ap).ask("PING"), "PONG\n");
    assert_eq!(global.ask("INTERFACE_ADD vif0\t\t\t/run/wpa_supplicant\t\t\tcreate"), "OK\n");
    assert_eq!(Client::open(port_of(&place, "wpa_supplicant/vif0")).ask("PING"), "PONG\n");
    assert_eq!(global.ask("INTERFACE_REMOVE vif0"), "OK\n");
    eventually("its port is closed", || ports(&place).len() == 5);
    assert_eq!(server.end(), "");
    assert!(!place.path("run/udp").exists());
}

#[test]
fn without_being_told_there_is_none_and_an_address_that_is_not_ours_is_refused() {
    let place = Place::new("udp-none");
    let server = Server::start(&place, &[]);
    assert!(!place.path("run/udp").exists());
    assert_eq!(server.end(), "");
    let said = refused_with(&place, &["--run-dir", "run", "--udp=192.0.2.1"]);
    assert!(said.contains("UDP on 192.0.2.1"), "{said}");
    assert!(place.sockets().is_empty());
}

#[test]
fn floods_and_clients_that_are_gone_do_no_harm() {
    let place = Place::new("udp-flood");
    let server = Server::start(&place, &["--udp", "--speed", "max"]);
    let addr = port_of(&place, "wpa_supplicant/wlan0");
    for _ in 0..50 {
        let gone = Client::open(addr);
        assert_eq!(gone.ask("ATTACH"), "OK\n");
        gone.socket.send(format!("{} ADD_NETWORK", gone.cookie).as_bytes()).unwrap();
    }
    let flood = Client::open(addr);
    for length in [0, 1, 8191, 8192, 8193, 20_000, 65_000] {
        let _ = flood.socket.send(&vec![b'C'; length]);
        let _ = flood.socket.send(format!("{} {}", flood.cookie, "X".repeat(length)).as_bytes());
    }
    let client = Client::open(addr);
    assert_eq!(client.ask("PING"), "PONG\n");
    drop(server);
}
