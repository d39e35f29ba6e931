//! `wpasim record --proxy`: a client speaks to served devices through it, and what it writes runs.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "waits for processes, on the wall clock")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wpasim::control::words::is_event;
use wpasim::control::{Endpoint, Link};

const TOPOLOGY: &str = "devices:
  sta: {}
  ap: {hostapd: {ssid: net, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: secret passphrase}}
";
const PATIENCE: Duration = Duration::from_secs(20);

/// A short path of its own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wpasim-proxy-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("t.yaml"), TOPOLOGY).unwrap();
        Place(path)
    }

    fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn wpasim(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wpasim"));
        command.args(arguments).current_dir(&self.0);
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A wpasim that goes on until it is told to end.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// Starts it and waits for a line with `ready`.
    fn start(place: &Place, arguments: &[&str], ready: &str) -> Self {
        let mut child = place.wpasim(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains(ready) {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it ended before it was ready");
        }
        Running { child, stdout }
    }

    fn serve(place: &Place) -> Self {
        Self::start(place, &["serve", "t.yaml", "--run-dir", "run"], "serving")
    }

    fn record(place: &Place, more: &[&str]) -> Self {
        let sta = "sta=run/wpa_supplicant/wlan0";
        let mut arguments = vec!["record", "--proxy", sta, "--out", "bug.yaml"];
        arguments.extend(more);
        Self::start(place, &arguments, "Ctrl-C writes")
    }

    /// Ends it as Ctrl-C does; returns what it said since it was ready.
    fn end(mut self) -> String {
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client as wpa_cli is one.
struct Client(Link);

impl Client {
    fn at(path: &Path) -> Self {
        Client(Link::open(&Endpoint::Path(path.to_owned()), PATIENCE).unwrap())
    }

    /// The next datagram that is an event, or none.
    fn next(&self, event: bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.0.try_receive().unwrap() {
                Some(data) if is_event(&data) == event => return String::from_utf8(data).unwrap(),
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        panic!("nothing comes");
    }

    fn ask(&self, command: &str) -> String {
        self.0.send(command.as_bytes()).unwrap();
        self.next(false)
    }

    fn sees(&self, event: &str) {
        while !self.next(true).contains(event) {}
    }
}

fn connect(client: &Client, monitor: &Client) {
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    assert_eq!(client.ask("PING"), "PONG\n");
    assert_eq!(client.ask("ADD_NETWORK"), "0\n");
    for variable in ["ssid \"net\"", "psk \"secret passphrase\"", "scan_freq 2412"] {
        assert_eq!(client.ask(&format!("SET_NETWORK 0 {variable}")), "OK\n");
    }
    assert_eq!(client.ask("SELECT_NETWORK 0"), "OK\n");
    monitor.sees("CTRL-EVENT-CONNECTED");
    assert!(client.ask("STATUS").contains("wpa_state=COMPLETED"));
    assert_eq!(client.ask("ROAM"), "UNKNOWN COMMAND\n");
    assert_eq!(client.ask("DISCONNECT"), "OK\n");
    monitor.sees("CTRL-EVENT-DISCONNECTED");
}

#[test]
fn what_passed_between_a_client_and_both_ends_runs() {
    let place = Place::new("both");
    let _server = Running::serve(&place);
    let recorder = Running::record(&place, &["--proxy", "ap=run/hostapd/wlan1", "--listen", "L"]);
    let path = place.0.join("L/wlan0");
    let access_point = Client::at(&place.0.join("L/wlan1"));
    let monitor = Client::at(&place.0.join("L/wlan1"));
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    connect(&Client::at(&path), &Client::at(&path));
    monitor.sees("AP-STA-DISCONNECTED");
    assert_eq!(access_point.ask("DEAUTHENTICATE ff:ff:ff:ff:ff:ff"), "OK\n");
    let said = recorder.end();
    assert!(said.contains("run it: wpasim run bug.yaml"), "{said}");
    assert!(!place.has("L/wlan0"));

    let scenario = place.read("bug.yaml");
    for step in [
        "- sta: SELECT_NETWORK 0\n- sta sees: CTRL-EVENT-CONNECTED - Connection to {ap} completed",
        "reply:\n    fields:\n      wpa_state: COMPLETED",
        "wpa_passphrase: secret passphrase",
        "- sta: ROAM\n  reply: UNKNOWN COMMAND",
        "- ap: DEAUTHENTICATE ff:ff:ff:ff:ff:ff",
    ] {
        assert!(scenario.contains(step), "{step}\n{scenario}");
    }
    assert!(!scenario.contains("PING") && !scenario.contains("ATTACH"), "{scenario}");
    let run = place.wpasim(&["run", "bug.yaml"]).output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(
        run.status.success() && said.contains("1 passed, 0 failed") && !said.contains("without"),
        "{said}"
    );
}

#[test]
fn an_access_point_that_is_only_heard_is_there_too() {
    let place = Place::new("heard");
    let _server = Running::serve(&place);
    let recorder = Running::record(&place, &["--listen", "L"]);
    let path = place.0.join("L/wlan0");
    connect(&Client::at(&path), &Client::at(&path));
    recorder.end();
    let scenario = place.read("bug.yaml");
    assert!(scenario.contains("ap1:\n    hostapd: {ssid: net, channel: \"1\""), "{scenario}");
    assert!(scenario.contains("Connection to {ap1} completed"), "{scenario}");
    let run = place.wpasim(&["run", "bug.yaml"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
fn it_takes_the_real_socket_s_place_and_gives_it_back() {
    let place = Place::new("instead");
    let _server = Running::serve(&place);
    let real = place.0.join("run/wpa_supplicant/wlan0");
    let mut killed = Running::record(&place, &[]);
    assert_eq!(Client::at(&real).ask("NOTE killed"), "OK\n");
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();

    let recorder = Running::record(&place, &[]);
    assert!(place.has("run/wpa_supplicant/.wlan0.wpasim"));
    assert_eq!(Client::at(&real).ask("NOTE recorded"), "OK\n");
    recorder.end();
    assert!(!place.has("run/wpa_supplicant/.wlan0.wpasim"));
    assert_eq!(Client::at(&real).ask("PING"), "PONG\n");
    let scenario = place.read("bug.yaml");
    assert!(scenario.contains("sta: NOTE recorded") && !scenario.contains("killed"), "{scenario}");
}

#[test]
fn the_process_wide_socket_is_recorded_with_its_device() {
    let place = Place::new("global");
    let _server = Running::serve(&place);
    let recorder = Running::record(&place, &["--proxy", "sta.global=run/global/wlan0", "--listen", "L"]);
    let global = Client::at(&place.0.join("L/global/wlan0"));
    assert_eq!(global.ask("INTERFACES"), "wlan0\n");
    assert_eq!(global.ask("IFNAME=wlan0 ADD_NETWORK"), "0\n");
    let monitor = Client::at(&place.0.join("L/global/wlan0"));
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    assert_eq!(global.ask("IFNAME=wlan0 REMOVE_NETWORK 0"), "OK\n");
    monitor.sees("IFNAME=wlan0 <3>CTRL-EVENT-NETWORK-REMOVED 0");
    recorder.end();
    let scenario = place.read("bug.yaml");
    assert!(scenario.contains("- sta.global: IFNAME={sta.ifname} ADD_NETWORK\n  reply: \"0\""), "{scenario}");
    let run = place.wpasim(&["run", "bug.yaml"]).output().unwrap();
    assert!(run.status.success(), "{scenario}{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
fn what_cannot_be_recorded_is_said() {
    let place = Place::new("errors");
    let fails = |arguments: &[&str], message: &str| {
        let output = Command::new("timeout")
            .args(["-s", "INT", "20", env!("CARGO_BIN_EXE_wpasim")])
            .args(arguments)
            .current_dir(&place.0)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(message), "{said}");
    };
    fails(&["record", "--proxy", "run/gone", "--out", "b.yaml"], "run/gone does not exist");
    fails(&["record", "--proxy", "run/gone", "--out", "b.txt"], "a scenario's name ends in .yaml");
    fails(&["record", "--proxy", "run/gone"], "--out");
    fails(&["record", "--proxy", "all=run/gone", "--out", "b.yaml"], "no name for a device");
    std::fs::write(place.0.join("b.yaml"), "mine").unwrap();
    fails(&["record", "--proxy", "run/gone", "--out", "b.yaml"], "b.yaml is there already");
    assert_eq!(place.read("b.yaml"), "mine");

    let _server = Running::serve(&place);
    let path = "run/wpa_supplicant/wlan0";
    fails(&["record", "--proxy", path, "--proxy", path, "--out", "c.yaml"], "wlan0 is given twice");
    fails(&["record", "--proxy", "a.global=run/global/wlan0", "--out", "c.yaml"], "but no interface of a");
    let (one, same) = ("a=run/wpa_supplicant/wlan0", "b=run/wpa_supplicant/../wpa_supplicant/wlan0");
    fails(
        &["record", "--proxy", one, "--proxy", same, "--listen", "L", "--out", "c.yaml"],
        "a and b would be one socket",
    );
    assert_eq!(Client::at(&place.0.join(path)).ask("PING"), "PONG\n");
}

#[test]
fn a_supplicant_that_restarted_meanwhile_keeps_its_socket() {
    use std::os::unix::fs::MetadataExt;

    let place = Place::new("restarted");
    let _server = Running::serve(&place);
    let recording = Running::record(&place, &[]);
    let path = place.0.join("run/wpa_supplicant/wlan0");
    assert!(place.has("run/wpa_supplicant/.wlan0.wpasim"));
    assert_eq!(Client::at(&path).ask("SCAN_INTERVAL 7"), "OK\n");
    // As wpa_supplicant does it: away with the old one, whosever it is.
    std::fs::remove_file(&path).unwrap();
    let _restarted = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    let inode = std::fs::metadata(&path).unwrap().ino();
    recording.end();
    assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);
    assert_eq!(std::fs::metadata(place.0.join("bug.yaml")).unwrap().mode() & 0o777, 0o600, "keys are in it");
}
