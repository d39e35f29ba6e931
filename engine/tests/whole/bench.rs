//! A supplicant on a driver that has channels and nothing else, for tests that need no air.

use std::collections::BTreeMap;

use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::driver::{Channel, DriverView, IfId, ScanResult, StationInfo};
use wpasim_engine::wire::time::{Duration, Instant};
use wpasim_engine::{
    ConnId, CtrlSocket, Env, Files, Input, InterfaceConfig, Node, Output, PskSource, entropy::Entropy,
};

pub struct Silence;

impl DriverView for Silence {
    fn scan_results(&self, _: IfId, _: Instant) -> Vec<ScanResult> {
        Vec::new()
    }
    fn station(&self, _: IfId, _: MacAddr, _: Instant) -> Option<StationInfo> {
        None
    }
    fn channels(&self, _: IfId) -> Vec<Channel> {
        (1..=11).map(|n| Channel { freq: 2407 + 5 * u32::from(n), number: n, ..Channel::default() }).collect()
    }
    fn key_seq(&self, _: IfId, _: u8) -> [u8; 6] {
        [0; 6]
    }
    fn country(&self) -> [u8; 2] {
        *b"00"
    }
}

pub struct Disk(pub BTreeMap<String, Vec<u8>>);

impl Files for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

pub struct FixedPsk;

impl PskSource for FixedPsk {
    fn psk(&self, passphrase: &[u8], _: &[u8]) -> [u8; 32] {
        [passphrase.first().copied().unwrap_or(0); 32]
    }
}

/// A started supplicant with its files.
pub struct Bench {
    pub node: Supplicant,
    pub disk: Disk,
    pub now: Instant,
    /// The time at which the node wants to be woken.
    due: Option<Instant>,
}

impl Bench {
    pub fn new(config: &str) -> Self {
        let interface = InterfaceConfig {
            id: IfId(0),
            ifname: "wlan0".into(),
            phy: "phy0".into(),
            addr: MacAddr([2, 0, 0, 0, 0, 0]),
            second_addr: MacAddr([0x42, 0, 0, 0, 0, 0]),
            ifindex: 2,
            config_path: "wlan0.conf".into(),
        };
        let disk = Disk(BTreeMap::from([("wlan0.conf".to_owned(), config.as_bytes().to_vec())]));
        let mut bench = Bench {
            node: Supplicant::new(vec![interface], Entropy::new(1, "sta")),
            disk,
            now: Instant::ZERO,
            due: None,
        };
        bench.give(Input::Start);
        bench
    }

    fn give(&mut self, input: Input) -> Vec<Output> {
        let env = Env { driver: &Silence, files: &self.disk, psk: &FixedPsk };
        self.node.handle(self.now, input, env);
        let mut out = Vec::new();
        loop {
            match self.node.poll_output() {
                Output::Idle { next } => {
                    self.due = next;
                    return out;
                }
                Output::SaveFile { path, content } => {
                    self.disk.0.insert(path, content);
                }
                other => out.push(other),
            }
        }
    }

    /// Time passes.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.due.filter(|t| *t <= end) {
            self.now = due.max(self.now);
            self.give(Input::Timeout);
        }
        self.now = end;
    }

    /// The reply to a command, `None` if there was none.
    pub fn command(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let socket = CtrlSocket::Interface(IfId(0));
        let outputs = self.give(Input::Command { conn: ConnId(1), socket, data: command.to_vec() });
        outputs.into_iter().find_map(|o| match o {
            Output::Reply { data, .. } => Some(data),
            _ => None,
        })
    }

    /// The reply as text.
    pub fn ask(&mut self, command: &str) -> String {
        String::from_utf8_lossy(&self.command(command.as_bytes()).unwrap_or_default()).into_owned()
    }
}
