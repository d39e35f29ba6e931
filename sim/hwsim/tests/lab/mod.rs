//! What needs a kernel with hwsim: the medium at work beside real processes.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod host;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use neli::consts::socket::{Msg, NlFamily};
use neli::socket::NlSocket;
use neli::utils::Groups;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};
use wpasim_engine::entropy::Entropy;
use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::{ConnId, CtrlSocket, InterfaceConfig, Node};
use wpasim_hwsim::codec::{Answer, Command as Hwsim, Header, family, messages};
use wpasim_hwsim::{Bridge, HwsimError, KernelRadio};
use wpasim_sim::{NodeId, NodeSpec, World, WorldConfig};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;
use wpasim_wire::time::{Duration, Instant};

/// The kernel has one medium at a time.
static ONE_MEDIUM: Mutex<()> = Mutex::new(());

/// The right to be the medium, or a loud word about why this test does nothing here.
pub fn kernel() -> Option<MutexGuard<'static, ()>> {
    let guard = ONE_MEDIUM.lock().unwrap_or_else(PoisonError::into_inner);
    match Bridge::open() {
        Ok(_) => Some(guard),
        Err(why) if std::env::var_os("WPASIM_LAB").is_some() => panic!("in the lab, and still: {why}"),
        Err(why) => {
            eprintln!("SKIPPED: {why}");
            None
        }
    }
}

/// The medium, its world and the clock that drives it.
pub struct Air {
    pub bridge: Bridge,
    pub world: World,
    started: i64,
}

fn monotonic_us() -> i64 {
    let t = clock_gettime(ClockId::Monotonic);
    t.tv_sec * 1_000_000 + t.tv_nsec / 1000
}

/// Lets time pass without reading what the kernel says.
pub fn asleep(time: Duration) {
    let timeout = Timespec { tv_sec: time.micros() / 1_000_000, tv_nsec: time.micros() % 1_000_000 * 1000 };
    let _ = poll(&mut [], Some(&timeout));
}

impl Air {
    pub fn new() -> Result<Air, HwsimError> {
        let world = World::new(WorldConfig { hz: 100, ..WorldConfig::default() });
        Ok(Air { bridge: Bridge::open()?, world, started: monotonic_us() })
    }

    /// Joins the first `count` radios of the kernel.
    pub fn attach(&mut self, count: usize) -> Vec<(KernelRadio, NodeId)> {
        let radios = self.bridge.radios().expect("the kernel lists its radios");
        assert!(radios.len() >= count, "hwsim has {} radios where {count} are needed", radios.len());
        let mut attached = Vec::new();
        for radio in radios.into_iter().take(count) {
            let node = self.bridge.attach(&mut self.world, &radio, &radio.phy, None);
            attached.push((radio, node));
        }
        attached
    }

    /// Lets the world and the kernel go on until something holds, for at most so long; whether it does.
    pub fn until(&mut self, limit: Duration, mut holds: impl FnMut(&mut World) -> bool) -> bool {
        let end = Instant::from_micros(monotonic_us() - self.started) + limit;
        loop {
            let now = Instant::from_micros(monotonic_us() - self.started);
            self.bridge.run_until(&mut self.world, now).expect("the medium goes on");
            if holds(&mut self.world) {
                return true;
            }
            if now >= end {
                return false;
            }
            let next = self.world.next_event_time().unwrap_or(end).min(end);
            let wait = (next - now).micros().clamp(1, 100_000);
            let timeout = Timespec { tv_sec: 0, tv_nsec: wait * 1000 };
            let _ = poll(&mut [PollFd::new(&self.bridge, PollFlags::IN)], Some(&timeout));
        }
    }

    /// Adds an engine as one more radio, and starts it.
    pub fn engine(&mut self, name: &str, addr: MacAddr, conf: &str) -> NodeId {
        self.engine_with(name, addr, conf, |engine| engine)
    }

    /// As [`Air::engine`], with a host behind its interface.
    pub fn engine_with_host(&mut self, name: &str, addr: MacAddr, conf: &str, ip: [u8; 4]) -> NodeId {
        self.engine_with(name, addr, conf, |engine| Box::new(host::Host::new(engine, addr, ip)))
    }

    fn engine_with(
        &mut self,
        name: &str,
        addr: MacAddr,
        conf: &str,
        dress: impl FnOnce(Box<dyn Node>) -> Box<dyn Node>,
    ) -> NodeId {
        const CONF: &str = "/etc/wpa_supplicant.conf";
        let interface = InterfaceConfig {
            id: IfId(0),
            ifname: "wlan0".to_owned(),
            phy: "phy9".to_owned(),
            addr,
            second_addr: addr,
            ifindex: 2,
            config_path: CONF.to_owned(),
        };
        let node = self.world.add_node(NodeSpec {
            name: name.to_owned(),
            node: dress(Box::new(Supplicant::new(vec![interface.clone()], Entropy::new(1, name)))),
            interfaces: vec![interface],
            position_mm: None,
            files: BTreeMap::from([(CONF.to_owned(), conf.as_bytes().to_vec())]),
        });
        self.world.start(node);
        self.world.command(node, ConnId(1), CtrlSocket::Interface(IfId(0)), b"ATTACH");
        node
    }
}

/// A process on a radio, with its configuration; it ends with this.
pub struct Process {
    child: Child,
    pub log: PathBuf,
    conf: PathBuf,
}

impl Process {
    /// `program` is `hostapd`, or `wpa_supplicant` with its interface.
    pub fn start(program: &str, interface: Option<&str>, conf: &str) -> Process {
        let stem = format!("wpasim-{program}-{}", std::process::id());
        let conf_path = std::env::temp_dir().join(format!("{stem}.conf"));
        let log = std::env::temp_dir().join(format!("{stem}.log"));
        fs::write(&conf_path, conf).expect("the configuration is written");
        let mut command = Command::new(program);
        if let Some(interface) = interface {
            command.args(["-Dnl80211", "-i", interface, "-c"]);
        }
        let said = fs::File::create(&log).expect("the log is made");
        command.arg(&conf_path).stdin(Stdio::null()).stdout(said.try_clone().expect("a file")).stderr(said);
        let child = command.spawn().unwrap_or_else(|e| panic!("{program} does not start: {e}"));
        Process { child, log, conf: conf_path }
    }

    /// Returns its lines so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = (fs::remove_file(&self.log), fs::remove_file(&self.conf));
    }
}

/// A socket of hwsim's that is not the medium: another process.
pub struct Other {
    socket: NlSocket,
    family: u16,
}

impl Other {
    pub fn new() -> Other {
        let socket = NlSocket::connect(NlFamily::Generic, None, Groups::empty()).expect("a socket");
        let mut question = Vec::new();
        let header = Header { flags: 1, sequence: 1, ..Header::default() };
        family::write_question("MAC80211_HWSIM", header, &mut question);
        let answer = exchange(&socket, &question);
        let message = messages(&answer).next().expect("an answer").expect("well formed");
        let family = family::read_description(&message).expect("a family").id;
        Other { socket, family }
    }

    /// Asks for something; the kernel's answer.
    pub fn ask(&self, command: &Hwsim) -> Answer {
        let mut question = Vec::new();
        command.write(Header { kind: self.family, flags: 5, sequence: 2, port: 0 }, &mut question);
        let answer = exchange(&self.socket, &question);
        let message = messages(&answer).next().expect("an answer").expect("well formed");
        message.answer().expect("an answer").expect("well formed")
    }
}

fn exchange(socket: &NlSocket, question: &[u8]) -> Vec<u8> {
    socket.send(question, Msg::empty()).expect("netlink takes it");
    let mut answer = vec![0; 8192];
    let (length, _) = socket.recv(&mut answer, Msg::empty()).expect("netlink answers");
    answer.truncate(length);
    answer
}
