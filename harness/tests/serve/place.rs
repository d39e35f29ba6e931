//! A directory for a test, a server in it, and what speaks to that.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Two supplicants and an access point with WPS.
pub const TOPOLOGY: &str = "devices:
  sta: {}
  other: {}
  ap:
    hostapd:
      {ssid: net, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: 12345678, eap_server: 1, wps_state: 2}
";

/// A short path of its own, removed at the end.
pub struct Place(pub PathBuf);

impl Place {
    /// With [`TOPOLOGY`] as t.yaml.
    pub fn new(name: &str) -> Self {
        Place::with(name, TOPOLOGY)
    }

    pub fn with(name: &str, topology: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wpasim-serve-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("t.yaml"), topology).unwrap();
        Place(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The sockets below the run directory.
    pub fn sockets(&self) -> Vec<String> {
        let mut all = Vec::new();
        for kind in ["global", "hostapd", "wpa_supplicant"] {
            for entry in std::fs::read_dir(self.path("run").join(kind)).into_iter().flatten() {
                all.push(format!("{kind}/{}", entry.unwrap().file_name().display()));
            }
        }
        if self.path("run/hostapd-global").exists() {
            all.push("hostapd-global".to_owned());
        }
        all.sort();
        all
    }

    /// A client's socket.
    pub fn client(&self, name: &str, socket: &str) -> Client {
        let own = self.path(name);
        let _ = std::fs::remove_file(&own);
        let client = UnixDatagram::bind(&own).unwrap();
        client.connect(self.path("run").join(socket)).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Client { socket: client, own }
    }

    /// A client of the crate, with a directory of its own: it takes its files' names for free in any process.
    pub fn crate_client(&self, name: &str) -> wpactrl::Client {
        let own = self.path(name);
        std::fs::create_dir(&own).unwrap();
        let path = self.path("run/wpa_supplicant/wlan0");
        wpactrl::Client::builder().cli_path(own).ctrl_path(path).open().unwrap()
    }

    /// What a command of Debian's says.
    pub fn output(&self, tool: &Path, arguments: &[&str]) -> String {
        let output = Command::new(tool).args(arguments).current_dir(&self.0).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// wpa_cli or hostapd_cli, once.
    pub fn ask(&self, tool: &Path, directory: &str, interface: &str, command: &[&str]) -> String {
        let directory = format!("run/{directory}");
        self.output(tool, &[&["-p", directory.as_str(), "-i", interface], command].concat())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A socket that speaks wpa_ctrl.
pub struct Client {
    pub socket: UnixDatagram,
    own: PathBuf,
}

impl Client {
    pub fn ask(&self, command: &str) -> String {
        self.socket.send(command.as_bytes()).unwrap();
        self.next().unwrap()
    }

    /// The next datagram, if one comes in time.
    pub fn next(&self) -> Option<String> {
        let mut buffer = [0; 8192];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(buffer.get(..length)?).into_owned())
    }

    /// The next event that contains this.
    pub fn wait_for(&self, text: &str) -> String {
        loop {
            let event = self.next().unwrap_or_else(|| panic!("no {text}"));
            if event.contains(text) {
                return event;
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.own);
    }
}

/// A server that is ready; ended when dropped.
pub struct Server {
    pub child: Child,
    pub ready: String,
    _stdout: BufReader<ChildStdout>,
    stderr: Option<ChildStderr>,
}

impl Server {
    /// With the place's t.yaml.
    pub fn start(place: &Place, arguments: &[&str]) -> Self {
        Server::start_with(place, &[&["t.yaml"], arguments].concat())
    }

    pub fn start_with(place: &Place, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wpasim"))
            .args(["serve", "--run-dir", "run"])
            .args(arguments)
            .current_dir(&place.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let stderr = child.stderr.take();
        Server { child, ready, _stdout: stdout, stderr }
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }

    /// Ends it; what it complained about.
    pub fn end(mut self) -> String {
        self.signal("TERM");
        assert!(self.wait().success());
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.stderr.take().unwrap(), &mut said).unwrap();
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a server says that does not begin.
pub fn refused(place: &Place, run_dir: &str) -> String {
    refused_with(place, &["--run-dir", run_dir])
}

/// The same, with other arguments.
pub fn refused_with(place: &Place, arguments: &[&str]) -> String {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["serve", "t.yaml"])
        .args(arguments)
        .current_dir(&place.0)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

/// A tool of Debian's; `None`, said aloud, where it is not installed.
pub fn tool(name: &str) -> Option<PathBuf> {
    let found =
        ["/usr/sbin", "/sbin", "/usr/bin"].iter().map(|d| Path::new(d).join(name)).find(|p| p.exists());
    if found.is_none() {
        eprintln!("{name} is not installed: this part of the test is left out");
    }
    found
}

/// Waits until something holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
