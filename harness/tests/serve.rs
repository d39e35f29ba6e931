//! `wpasim serve` through clients that are not ours: Debian's wpa_cli and hostapd_cli, and the crate wpactrl.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "waits for processes, on the wall clock")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use wpasim::serve::{Frame, Observer, Options, Speaker, Speed, Watched, World};
use wpasim::target::DeviceId;

const TOPOLOGY: &str = "devices:
  sta: {}
  other: {}
  ap:
    hostapd:
      {ssid: net, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: 12345678, eap_server: 1, wps_state: 2}
";

/// A short path of its own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wpasim-serve-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("t.yaml"), TOPOLOGY).unwrap();
        Place(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server that is ready; ended when dropped.
struct Server {
    child: Child,
    ready: String,
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wpasim"))
            .args(["serve", "t.yaml", "--run-dir", "run"])
            .args(arguments)
            .current_dir(&place.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        Server { child, ready, _stdout: stdout }
    }

    fn ask_to_end(&self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sockets(place: &Place) -> Vec<String> {
    let mut all = Vec::new();
    for kind in ["global", "hostapd", "wpa_supplicant"] {
        for entry in std::fs::read_dir(place.path("run").join(kind)).into_iter().flatten() {
            all.push(format!("{kind}/{}", entry.unwrap().file_name().display()));
        }
    }
    all.sort();
    all
}

/// A tool of Debian's; `None`, said aloud, where it is not installed.
fn tool(name: &str) -> Option<PathBuf> {
    let found =
        ["/usr/sbin", "/sbin", "/usr/bin"].iter().map(|d| Path::new(d).join(name)).find(|p| p.exists());
    if found.is_none() {
        eprintln!("{name} is not installed: this part of the test is left out");
    }
    found
}

fn ask(tool: &Path, place: &Place, directory: &str, interface: &str, command: &[&str]) -> String {
    let output = Command::new(tool)
        .args(["-p", place.path("run").join(directory).to_str().unwrap(), "-i", interface])
        .args(command)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn wpa_cli_and_hostapd_cli_enrol_a_station() {
    let (Some(wpa_cli), Some(hostapd_cli)) = (tool("wpa_cli"), tool("hostapd_cli")) else { return };
    let place = Place::new("cli");
    let mut server = Server::start(&place, &["--speed", "50"]);
    let sta = |command: &[&str]| ask(&wpa_cli, &place, "wpa_supplicant", "wlan0", command);
    assert_eq!(sta(&["ping"]), "PONG\n");
    assert_eq!(ask(&hostapd_cli, &place, "hostapd", "wlan2", &["wps_pbc"]), "OK\n");
    assert_eq!(sta(&["wps_pbc"]), "OK\n");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !sta(&["status"]).contains("wpa_state=COMPLETED") {
        assert!(Instant::now() < deadline, "{}", sta(&["status"]));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(sta(&["list_networks"]).contains("net\tany\t[CURRENT]"));
    assert!(ask(&hostapd_cli, &place, "hostapd", "wlan2", &["all_sta"]).starts_with("02:00:00:00:00:00\n"));
    let global = Command::new(&wpa_cli)
        .args(["-g", place.path("run/global/wlan1").to_str().unwrap(), "interface_list"])
        .output()
        .unwrap();
    assert!(String::from_utf8(global.stdout).unwrap().starts_with("wlan1"));
    server.ask_to_end();
    assert!(server.wait().success());
}

#[test]
fn a_client_of_others_attaches_and_hears_events() {
    let place = Place::new("crate");
    let server = Server::start(&place, &["--speed", "max"]);
    assert!(server.ready.starts_with("wpasim: serving 2 in global/, 1 in hostapd/, 2 in wpa_supplicant/"));
    let mut control = client(&place, "control");
    assert_eq!(control.request("PING").unwrap(), "PONG\n");
    let mut monitor = client(&place, "monitor").attach().unwrap();
    assert_eq!(control.request("ADD_NETWORK").unwrap(), "0\n");
    let deadline = Instant::now() + Duration::from_secs(10);
    let event = loop {
        match monitor.recv().unwrap() {
            Some(event) => break event,
            None => assert!(Instant::now() < deadline),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(event, "<3>CTRL-EVENT-NETWORK-ADDED 0");
    assert!(monitor.detach().is_ok());
}

#[test]
fn sockets_come_and_go_with_their_processes() {
    let place = Place::new("files");
    let mut server = Server::start(&place, &[]);
    let all =
        ["global/wlan0", "global/wlan1", "hostapd/wlan2", "wpa_supplicant/wlan0", "wpa_supplicant/wlan1"];
    assert_eq!(sockets(&place), all);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&place.path("run/wpa_supplicant")), 0o770);
    assert_eq!(mode(&place.path("run/wpa_supplicant/wlan0")), 0o770);
    let mut control = client(&place, "control");
    assert_eq!(control.request("TERMINATE").unwrap(), "OK\n");
    let deadline = Instant::now() + Duration::from_secs(5);
    while sockets(&place) != ["global/wlan1", "hostapd/wlan2", "wpa_supplicant/wlan1"] {
        assert!(Instant::now() < deadline, "{:?}", sockets(&place));
        std::thread::sleep(Duration::from_millis(5));
    }
    server.ask_to_end();
    assert!(server.wait().success());
    assert!(sockets(&place).is_empty());
}

/// A client of the crate, with a directory of its own: it takes its files' names for free in any process.
fn client(place: &Place, name: &str) -> wpactrl::Client {
    let own = place.path(name);
    std::fs::create_dir(&own).unwrap();
    let path = place.path("run/wpa_supplicant/wlan0");
    wpactrl::Client::builder().cli_path(own).ctrl_path(path).open().unwrap()
}

fn refused(place: &Place, run_dir: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["serve", "t.yaml", "--run-dir", run_dir])
        .current_dir(&place.0)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_dead_socket_is_replaced_and_a_live_one_is_not() {
    let place = Place::new("stale");
    std::fs::create_dir_all(place.path("run/wpa_supplicant")).unwrap();
    drop(UnixDatagram::bind(place.path("run/wpa_supplicant/wlan0")).unwrap());
    let server = Server::start(&place, &[]);
    assert!(server.ready.contains("serving"));
    assert!(refused(&place, "run").contains("a process serves this socket already"));
    assert_eq!(sockets(&place).len(), 5);
}

#[test]
fn a_run_directory_that_is_too_deep_says_so_before_anything_is_made() {
    let place = Place::new("deep");
    let deep = "d".repeat(110);
    let said = refused(&place, &deep);
    assert!(said.contains("107"), "{said}");
    assert!(!place.path(&deep).exists());
}

#[test]
fn datagrams_of_any_kind_and_clients_that_vanish_do_no_harm() {
    let place = Place::new("harm");
    let _server = Server::start(&place, &["--speed", "max"]);
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
    let mut control = client(&place, "control");
    for _ in 0..20 {
        assert_eq!(control.request("PING").unwrap(), "PONG\n");
        control.request("ADD_NETWORK").unwrap();
    }
}

/// Counts, and ends the server once the station is connected and its command was answered.
#[derive(Default)]
struct Counter {
    seen: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
    asked: Option<(UnixDatagram, PathBuf)>,
}

impl Observer for Counter {
    fn devices(&mut self, devices: &[Watched]) {
        self.seen.borrow_mut().extend(devices.iter().map(|d| format!("device {}", d.device.name)));
    }

    fn command(&mut self, _: wpasim_wire::time::Instant, from: Speaker<'_>, command: &[u8]) {
        self.seen.borrow_mut().push(format!("{} > {}", from.device.0, String::from_utf8_lossy(command)));
    }

    fn reply(&mut self, _: wpasim_wire::time::Instant, to: Speaker<'_>, reply: &[u8]) {
        self.seen.borrow_mut().push(format!("{} < {}", to.device.0, String::from_utf8_lossy(reply).trim()));
    }

    fn event(&mut self, _: wpasim_wire::time::Instant, from: Speaker<'_>, event: &[u8]) {
        self.seen.borrow_mut().push(format!("{} ! {}", from.device.0, String::from_utf8_lossy(event)));
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.seen.borrow_mut().push(format!("{:?} {}", frame.from.map(|d| d.0), frame.kind));
    }

    fn tick(&mut self, world: &mut dyn World) -> bool {
        let state = world.state(DeviceId(0)).unwrap_or_default();
        if state.contains("COMPLETED")
            && let Some((socket, path)) = self.asked.take()
        {
            socket.send_to(b"PING", path).unwrap();
        }
        !self.seen.borrow().iter().any(|line| line == "0 < PONG")
    }
}

#[test]
fn an_observer_sees_commands_events_frames_and_states() {
    let place = Place::new("observer");
    let source = "devices:
  sta: {networks: [{ssid: '\"net\"', key_mgmt: NONE}]}
  ap: {hostapd: {ssid: net, channel: 1}}
";
    let options = Options {
        topology: wpasim::scenario::read_topology("t.yaml", source).unwrap(),
        run_dir: place.path("run"),
        speed: Speed::Max,
        seed: 1,
        capture: false,
    };
    let (_told, end) = UnixDatagram::pair().unwrap();
    let mut server = wpasim::serve::Server::new(&options, end).unwrap();
    let socket = UnixDatagram::bind(place.path("client")).unwrap();
    let counter =
        Counter { asked: Some((socket, place.path("run/wpa_supplicant/wlan0"))), ..Counter::default() };
    let seen = counter.seen.clone();
    server.observe(Box::new(counter));
    server.run().unwrap();
    let seen = seen.borrow();
    let has = |line: &str| assert!(seen.iter().any(|l| l.contains(line)), "{line}: {seen:#?}");
    ["device sta", "device ap", "0 > PING", "0 < PONG"].into_iter().for_each(has);
    [
        "0 ! <3>CTRL-EVENT-CONNECTED - ",
        "1 ! <3>AP-STA-CONNECTED ",
        "Some(0) association-request",
        "Some(1) beacon",
    ]
    .map(has);
}
