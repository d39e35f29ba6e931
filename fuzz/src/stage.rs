//! The world in which devices of the engine are driven: two Wi-Fi Direct devices, a station, an access point and a host on
//! which access points can be made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wpasim_engine::entropy::Entropy;
use wpasim_engine::hostapd::Hostapd;
use wpasim_engine::hostapd::process::Process;
use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::driver::IfId;
use wpasim_engine::wire::time::Duration;
use wpasim_engine::{ConnId, CtrlSocket, InterfaceConfig, Node, PskSource, SocketChange};
use wpasim_sim::{Budget, Budgets, Emission, NodeId, NodeSpec, Step, World, WorldConfig};

/// A reply is cut at a buffer's size.
const LONGEST_REPLY: usize = 4096;
/// A longer command is not received as a whole, and has no reply.
const LONGEST_COMMAND: usize = 8192;
/// At one instant no device has more to do; what has is not coming to an end.
const EVENTS_AT_ONCE: u32 = 2000;
/// Radios of the host of access points.
const HOST_RADIOS: u32 = 2;

/// What a device runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Supplicant,
    AccessPoint,
    Host,
}

/// A device and its configuration files.
#[derive(Clone, Copy)]
pub struct Device {
    pub kind: Kind,
    pub name: &'static str,
    pub config: &'static str,
}

/// The devices' addresses are those of devices in scenarios.
pub fn addr(device: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, device, 0])
}

/// A passphrase's key without the 4096 rounds: the same passphrase and SSID have the same.
struct QuickPsk;

impl PskSource for QuickPsk {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
        let mut key = [0x5a_u8; 32];
        for (i, octet) in passphrase.iter().chain(&[0]).chain(ssid).enumerate() {
            let place = &mut key[i % 32];
            *place = place.rotate_left(3) ^ octet.wrapping_mul(i as u8 | 1);
        }
        key
    }
}

/// The devices on one air.
pub struct Stage {
    pub world: World,
    devices: Vec<(Device, NodeId)>,
    /// Interfaces that have a control socket.
    sockets: BTreeSet<(NodeId, IfId)>,
    /// How many processes were started.
    processes: u32,
    /// A device went round at one instant.
    pub runaway: bool,
}

impl Stage {
    /// All devices are there and started.
    pub fn new(devices: &[Device]) -> Stage {
        let budgets = Budgets { node_events_at_one_instant: EVENTS_AT_ONCE, ..Budgets::default() };
        let config = WorldConfig { hz: 100, budgets, ends_runaways: true, ..WorldConfig::default() };
        let mut world = World::new(config);
        world.set_psk_source(Arc::new(QuickPsk));
        let mut stage =
            Stage { world, devices: Vec::new(), sockets: BTreeSet::new(), processes: 0, runaway: false };
        for (number, device) in (0..).zip(devices) {
            let interfaces = interfaces(*device, number);
            let mut files = BTreeMap::from([
                file("more.conf", "interface=wlan9\nssid=more\nhw_mode=g\nchannel=6\nbss=wlan10\nssid=two\n"),
                file(
                    "psks",
                    "02:00:00:00:00:00 secret passphrase\nwps=1 00:00:00:00:00:00 anyone's secret\n",
                ),
                file("list", "02:00:00:00:00:00\n02:00:00:00:01:00 1\n"),
            ]);
            files.extend(interfaces.iter().map(|i| file(&i.config_path, device.config)));
            let node = stage.process(*device, number);
            let id = stage.world.add_node(NodeSpec {
                name: device.name.to_owned(),
                node,
                interfaces,
                position_mm: None,
                files,
            });
            stage.devices.push((*device, id));
        }
        for (_, id) in stage.devices.clone() {
            stage.world.start(id);
        }
        stage
    }

    fn process(&mut self, device: Device, number: u8) -> Box<dyn Node> {
        self.processes += 1;
        let entropy = Entropy::new(1, &format!("{}#{}", device.name, self.processes));
        let mut interfaces = interfaces(device, number);
        match device.kind {
            Kind::Host => Box::new(Process::new(interfaces, entropy)),
            Kind::Supplicant => Box::new(Supplicant::new(interfaces, entropy).with_testing()),
            Kind::AccessPoint => Box::new(Hostapd::new(interfaces.swap_remove(0), entropy)),
        }
    }

    /// The node of a device; numbers beyond the last one begin anew.
    pub fn node(&self, device: u8) -> NodeId {
        self.devices[usize::from(device) % self.devices.len()].1
    }

    /// How many devices there are.
    pub fn count(&self) -> u8 {
        self.devices.len() as u8
    }

    /// Gives a command and looks at what comes of it: a process that runs has one reply, if there is such an interface.
    pub fn command(&mut self, device: u8, conn: u32, socket: CtrlSocket, data: &[u8]) -> Option<Vec<u8>> {
        let node = self.node(device);
        self.look();
        let was_there = self.is_there(node, socket);
        self.world.command(node, ConnId(conn), socket, data);
        let mut replies = Vec::new();
        for emitted in self.world.take_outbox() {
            match emitted.what {
                Emission::Reply(reply) if emitted.node == node && emitted.conn == ConnId(conn) => {
                    assert!(reply.len() <= LONGEST_REPLY, "{} octets", reply.len());
                    replies.push(reply);
                }
                Emission::Reply(_) => panic!("a reply to nobody's command"),
                what => self.note(emitted.node, &what),
            }
        }
        // What ends meanwhile may have answered or not; what is too long is not received.
        if was_there && self.is_there(node, socket) && data.len() <= LONGEST_COMMAND {
            assert_eq!(replies.len(), 1, "{}", String::from_utf8_lossy(data));
        }
        assert!(replies.len() <= 1);
        replies.pop()
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: Duration) {
        let until = self.world.now() + time;
        loop {
            match self.world.step_until(until) {
                Ok(Step::Advanced) => {}
                Ok(Step::Limit | Step::Empty) => break,
                // The air's own budget: there is no end to what happens at one instant.
                Err(exceeded) => {
                    assert_eq!(exceeded.budget, Budget::VirtualTime, "{exceeded}");
                    break;
                }
            }
        }
        self.look();
    }

    fn look(&mut self) {
        for emitted in self.world.take_outbox() {
            self.note(emitted.node, &emitted.what);
        }
    }

    /// Returns whether somebody is there who answers.
    fn is_there(&self, node: NodeId, socket: CtrlSocket) -> bool {
        self.world.is_running(node)
            && match socket {
                CtrlSocket::Interface(iface) => self.sockets.contains(&(node, iface)),
                CtrlSocket::Global => {
                    self.devices.iter().any(|(d, n)| *n == node && d.kind != Kind::AccessPoint)
                }
            }
    }

    fn note(&mut self, node: NodeId, what: &Emission) {
        match what {
            Emission::Socket(iface, SocketChange::Opened { .. }) => {
                assert!(self.sockets.insert((node, *iface)), "interface {} is there already", iface.0);
            }
            Emission::Socket(iface, SocketChange::Closed) => {
                assert!(self.sockets.remove(&(node, *iface)), "interface {} was not there", iface.0);
            }
            Emission::Terminated => self.forget_sockets(node),
            Emission::Event(event) => assert!(event.starts_with(b"<") || event.starts_with(b"IFNAME=")),
            Emission::Log(line) if line.ends_with("; the device is ended") => {
                self.runaway = true;
            }
            _ => {}
        }
    }

    /// Ends a device's process without a goodbye.
    pub fn kill(&mut self, device: u8) {
        let node = self.node(device);
        self.look();
        self.world.kill(node);
        self.forget_sockets(node);
    }

    fn forget_sockets(&mut self, node: NodeId) {
        self.sockets.retain(|(of, _)| *of != node);
    }

    /// Starts a device's process anew, if it does not run.
    pub fn start(&mut self, device: u8) {
        let number = device % self.count();
        let (device, node) = self.devices[usize::from(number)];
        if !self.world.is_running(node) {
            let process = self.process(device, number);
            self.world.replace_process(node, process);
            self.world.start(node);
        }
    }

    /// Every process that runs still answers.
    pub fn all_answer(&mut self) {
        for device in 0..self.count() {
            if self.world.is_running(self.node(device)) {
                let socket = match self.devices[usize::from(device)].0.kind {
                    Kind::Host | Kind::Supplicant => CtrlSocket::Global,
                    Kind::AccessPoint => CtrlSocket::Interface(IfId(0)),
                };
                let reply = self.command(device, 99, socket, b"PING");
                assert_eq!(
                    reply.as_deref(),
                    Some(&b"PONG\n"[..]),
                    "{}",
                    self.world.describe(self.node(device))
                );
            }
        }
    }
}

fn file(name: &str, text: &str) -> (String, Vec<u8>) {
    (name.to_owned(), text.as_bytes().to_vec())
}

fn interfaces(device: Device, number: u8) -> Vec<InterfaceConfig> {
    let count = if device.kind == Kind::Host { HOST_RADIOS } else { 1 };
    let radios = (0..count).map(|n| (n, number + n as u8));
    let interface = |(n, radio): (u32, u8)| InterfaceConfig {
        id: IfId(n),
        ifname: format!("wlan{radio}"),
        phy: format!("phy{radio}"),
        addr: addr(radio),
        second_addr: MacAddr([0x42, 0, 0, 0, radio, 0]),
        ifindex: u32::from(radio) + 2,
        config_path: format!("wlan{radio}.conf"),
    };
    radios.map(interface).collect()
}
