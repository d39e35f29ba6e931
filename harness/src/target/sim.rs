//! The engine on the simulated air.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use wpasim_engine::entropy::Entropy;
use wpasim_engine::hostapd::Hostapd;
use wpasim_engine::hostapd::process::Process;
use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::{ConnId, CtrlSocket, Files, InterfaceConfig, Node, PskSource, Secret, SocketChange};
use wpasim_sim as sim;
use wpasim_sim::{Budgets, Emission, NodeId, NodeSpec, Regulatory, World, WorldConfig};
use wpasim_wire::driver::IfId;
use wpasim_wire::time::Instant;

use super::air::WorldAir;
use super::chosen::TargetRow;
use super::*;
use crate::scenario::model::Role;
use crate::system;

/// Makes simulated targets. Clones share one memory of derived PSKs.
#[derive(Clone, Default)]
pub struct SimKind {
    psks: Arc<PskMemory>,
}

/// The target on the command line.
pub const ROW: TargetRow = TargetRow {
    name: "sim",
    about: "The engine on the simulated air",
    options: &["seed", "jobs", "baseline", "pcap", "keys", "out"],
    boots_in_lab: false,
    make: |_, _| Ok(Box::new(SimKind::default())),
    unreal: |_| Some("a recording is of wpa_supplicant; `wpasim run --bless` keeps what our engine says"),
};

impl TargetKind for SimKind {
    fn name(&self) -> &'static str {
        ROW.name
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    fn capabilities(&self) -> &'static [&'static str] {
        &[
            "ap",
            "medium",
            "inject",
            "files",
            "process",
            "wps",
            "p2p",
            "regulatory",
            "turns",
            "5ghz",
            "testing",
            "driver",
        ]
    }

    fn has_on_engine(&self, _: &Device) -> bool {
        true
    }

    fn make(&self, setup: &Setup) -> Result<Box<dyn Target>, TargetError> {
        Ok(Box::new(self.world(setup)?))
    }
}

impl SimKind {
    /// A world without devices.
    pub(crate) fn world(&self, setup: &Setup) -> Result<Sim, TargetError> {
        Sim::new(setup, self.psks.clone())
    }
}

/// How many derived PSKs are remembered.
const PSKS: usize = 4096;

/// PSKs by passphrase and SSID: a pure function, remembered because it costs 4096 rounds.
#[derive(Default)]
pub(super) struct PskMemory {
    known: Mutex<KnownPsks>,
}

/// Passphrase and SSID.
type PskInput = (Vec<u8>, Vec<u8>);

#[derive(Default)]
struct KnownPsks {
    by_input: BTreeMap<PskInput, [u8; 32]>,
    /// Oldest first.
    order: VecDeque<PskInput>,
}

impl PskSource for PskMemory {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
        let input = (passphrase.to_vec(), ssid.to_vec());
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(psk) = lock().by_input.get(&input) {
            return *psk;
        }
        let psk = wpasim_wire::crypto::psk(passphrase, ssid);
        let mut known = lock();
        if known.by_input.insert(input.clone(), psk).is_none() {
            known.order.push_back(input);
            if known.order.len() > PSKS
                && let Some(oldest) = known.order.pop_front()
            {
                known.by_input.remove(&oldest);
            }
        }
        psk
    }
}

/// The files of the machine this runs on.
struct Disk;

/// The longest file that is read: configurations are short, and a path can name anything.
const LONGEST_FILE: u64 = 1 << 20;

impl Files for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let file = std::fs::metadata(path).ok().filter(|m| m.is_file() && m.len() <= LONGEST_FILE);
        file.and_then(|_| system::read(path.as_ref()).ok())
    }
}

/// A device that the engine runs, or that only has its place in the world.
struct DeviceSlot {
    device: Device,
    /// How many processes it has had; each has its own random streams.
    processes: u32,
}

/// A world whose devices the engine runs.
pub(crate) struct Sim {
    pub(super) air: WorldAir,
    seats: Vec<DeviceSlot>,
    seed: u64,
    hz: u32,
    heard: Vec<Observed>,
    keys: Vec<MasterKey>,
    /// The interfaces that are there, by name; what Linux calls them is the process's own.
    interfaces: BTreeMap<(DeviceId, String), IfId>,
    /// The device whose process has gone round its loop for the command that comes now.
    turned: Option<DeviceId>,
    /// Whether somebody wants to hear of their sockets.
    tells_sockets: bool,
}

/// So many captured frames are no longer few.
const CAPTURED_MUCH: usize = 4096;

/// Steps of the world between two looks at whether the run was interrupted.
const STEPS_AT_A_TIME: u32 = 4096;

impl Sim {
    /// A world without devices.
    pub(super) fn new(setup: &Setup, psks: Arc<PskMemory>) -> Result<Self, TargetError> {
        let regulatory = Regulatory::by_name(&setup.world.regulatory)
            .map_err(|e| TargetError::Unavailable(e.to_string()))?;
        let mut world = World::new(WorldConfig {
            seed: setup.seed,
            hz: setup.world.hz,
            regulatory,
            budgets: Budgets {
                events_at_one_instant: setup.limits.events_at_once,
                virtual_time: setup.limits.virtual_time,
                total_events: setup.limits.events,
                ..Budgets::default()
            },
            ends_runaways: setup.limits.ends_runaways,
            ..WorldConfig::default()
        });
        world.set_psk_source(psks);
        if setup.capture {
            world.enable_capture();
        }
        if setup.watch_frames {
            world.watch_frames();
        }
        let air = WorldAir { world, nodes: Vec::new(), watching: setup.watch_frames };
        Ok(Sim {
            air,
            seats: Vec::new(),
            seed: setup.seed,
            hz: setup.world.hz,
            heard: Vec::new(),
            keys: Vec::new(),
            interfaces: BTreeMap::new(),
            turned: None,
            tells_sockets: false,
        })
    }

    /// Gives a device its place in the world, on node `id`.
    pub fn seat(&mut self, device: &Device, id: NodeId) -> DeviceId {
        self.air.nodes.push(id);
        self.seats.push(DeviceSlot { device: device.clone(), processes: 0 });
        DeviceId(self.air.nodes.len() - 1)
    }

    /// When something happens next, if nobody says anything.
    pub fn next_event(&self) -> Option<Instant> {
        self.air.world.next_event_time()
    }

    /// Says from now on which interfaces' sockets come and go.
    pub fn tell_sockets(&mut self) {
        self.tells_sockets = true;
    }

    /// Begins to keep what is on the air for [`Sim::take_frames`].
    pub fn watch(&mut self) {
        self.air.world.watch_frames();
        self.air.watching = true;
    }

    /// What was on the air since the last call; of whom and to whom, if they are devices.
    pub fn take_frames(&mut self) -> Vec<(sim::FrameSeen, Option<DeviceId>, Option<DeviceId>)> {
        let frames = self.air.world.take_frames_seen();
        let device = |node: NodeId| self.air.nodes.iter().position(|n| *n == node).map(DeviceId);
        let with_devices = frames.into_iter().map(|frame| {
            let from = match frame.from {
                sim::Transmitter::Node(node) => device(node),
                sim::Transmitter::Injected => None,
            };
            let to = frame.to.and_then(device);
            (frame, from, to)
        });
        with_devices.collect()
    }

    /// Whether so much was captured that it should be taken.
    pub fn captured_much(&self) -> bool {
        self.air.world.captured() > CAPTURED_MUCH
    }

    /// What is complete of the capture, since the last call.
    pub fn take_capture(&mut self) -> Vec<u8> {
        self.air.world.take_capture_so_far()
    }

    /// A control connection's client is gone.
    pub fn close(&mut self, device: DeviceId, connection: Connection) {
        self.air.world.close(self.node(device), ConnId(connection.0));
    }

    /// Adds a host of access points that come at run time, with a radio for each of these devices; the first one is what
    /// the host is called.
    pub fn add_ap_host(&mut self, radios: &[Device]) -> Option<DeviceId> {
        let first = radios.first()?;
        let interfaces: Vec<InterfaceConfig> =
            (0..).zip(radios).map(|(n, radio)| InterfaceConfig { id: IfId(n), ..interface(radio) }).collect();
        let entropy = Entropy::new(self.seed, &first.name);
        let id = self.air.world.add_node(NodeSpec {
            name: first.name.clone(),
            node: Box::new(Process::new(interfaces.clone(), entropy)),
            interfaces,
            position_mm: None,
            files: BTreeMap::new(),
        });
        Some(self.seat(first, id))
    }

    /// Whether a device's process runs.
    pub fn is_running(&self, device: DeviceId) -> bool {
        self.air.world.is_running(self.node(device))
    }

    /// Forgets keys that nobody will ask for.
    pub fn forget_secrets(&mut self) {
        self.air.world.take_secrets();
    }

    /// A device reads files from the disk that it has not of its own.
    pub fn read_disk(&mut self, device: DeviceId) {
        let node = self.node(device);
        self.air.world.set_file_source(node, Arc::new(Disk));
    }

    fn process(&self, device: &Device, generation: u32) -> Box<dyn Node> {
        let interface = interface(device);
        let stream = match generation {
            0 => device.name.clone(),
            n => format!("{}#{n}", device.name),
        };
        let entropy = Entropy::new(self.seed, &stream);
        match device.role {
            Role::Hostapd(_) => Box::new(Hostapd::new(interface, entropy)),
            _ => {
                let supplicant = Supplicant::new(vec![interface], entropy);
                let testing = device.testing == Some(true);
                Box::new(if testing { supplicant.with_testing() } else { supplicant })
            }
        }
    }

    fn node(&self, device: DeviceId) -> NodeId {
        self.air.nodes.get(device.0).copied().unwrap_or(NodeId(u32::MAX))
    }

    /// Takes what the world gave out; `true` if there was anything.
    fn collect(&mut self) -> bool {
        let emitted = self.air.world.take_outbox();
        let mut any = false;
        for one in emitted {
            let Some(device) = self.air.nodes.iter().position(|n| *n == one.node) else { continue };
            let (connection, device) = (Connection(one.conn.0), DeviceId(device));
            let what = match one.what {
                Emission::Socket(id, change) => match self.socket_changed(device, id, change) {
                    Some(news) if self.tells_sockets => ControlEvent::Socket(news),
                    _ => continue,
                },
                Emission::Reply(data) => ControlEvent::Reply(connection, data),
                Emission::Event(data) => ControlEvent::Event(connection, data),
                Emission::Log(line) => ControlEvent::Log(line),
                Emission::Terminated => ControlEvent::Ended,
            };
            any = true;
            if what == ControlEvent::Ended {
                self.interfaces.retain(|(of, _), id| *of != device || *id == IfId(0));
            }
            self.heard.push(Observed { time: one.time, device, what });
        }
        any
    }

    /// Keeps the names of interfaces.
    fn socket_changed(&mut self, device: DeviceId, id: IfId, change: SocketChange) -> Option<SocketNews> {
        match change {
            SocketChange::Opened { ifname, ctrl_interface } => {
                self.interfaces.insert((device, ifname.clone()), id);
                Some(SocketNews::Opened { ifname, ctrl_interface })
            }
            SocketChange::Closed => {
                let known = self.interfaces.iter().find(|((of, _), known)| *of == device && **known == id);
                let ifname = known.map(|((_, name), _)| name.clone())?;
                self.interfaces.remove(&(device, ifname.clone()));
                Some(SocketNews::Closed { ifname })
            }
        }
    }
}

fn interface(device: &Device) -> InterfaceConfig {
    InterfaceConfig {
        id: IfId(0),
        ifname: device.ifname(),
        phy: format!("phy{}", device.radio),
        addr: device.addr(),
        second_addr: device.second_addr(),
        ifindex: device.radio + 2,
        config_path: device.config_path(),
    }
}

impl Target for Sim {
    fn name(&self) -> &'static str {
        ROW.name
    }

    fn implementation(&self) -> String {
        format!("wpasim-engine {}", env!("CARGO_PKG_VERSION"))
    }

    fn kernel(&self) -> String {
        format!("simulated, HZ={}", self.hz)
    }

    fn add(&mut self, device: &Device) -> Result<DeviceId, TargetError> {
        let conf = match &device.role {
            Role::Supplicant(conf) | Role::Hostapd(conf) => conf.clone(),
            Role::Scripted => return Err(TargetError::Unsupported(format!("{} runs nothing", device.name))),
        };
        let id = self.air.world.add_node(NodeSpec {
            name: device.name.clone(),
            node: self.process(device, 0),
            interfaces: vec![interface(device)],
            position_mm: device.position_mm,
            files: BTreeMap::from([(device.config_path(), conf.into_bytes())]),
        });
        if device.used_before {
            self.air.world.assume_earlier_use(id);
        }
        let id = self.seat(device, id);
        self.interfaces.insert((id, device.ifname()), IfId(0));
        Ok(id)
    }

    fn start(&mut self, device: DeviceId) -> Result<(), TargetError> {
        let id = self.node(device);
        let Some(seat) = self.seats.get_mut(device.0) else { return Ok(()) };
        if self.air.world.is_running(id) {
            return Err(TargetError::Unsupported(format!("{} is running already", seat.device.name)));
        }
        let generation = seat.processes;
        seat.processes += 1;
        if generation > 0 {
            let device = seat.device.clone();
            let process = self.process(&device, generation);
            self.air.world.replace_process(id, process);
        }
        self.air.world.start(id);
        self.collect();
        Ok(())
    }

    fn kill(&mut self, device: DeviceId) {
        let id = self.node(device);
        self.air.world.kill(id);
        self.collect();
    }

    fn command(
        &mut self,
        device: DeviceId,
        connection: Connection,
        socket: &Socket,
        command: &[u8],
    ) -> Result<(), TargetError> {
        let id = self.node(device);
        let conn = ConnId(connection.0);
        let (socket, command) = match socket {
            Socket::Main => (CtrlSocket::Interface(IfId(0)), command.to_vec()),
            Socket::Global => (CtrlSocket::Global, command.to_vec()),
            Socket::Interface(name) => match self.interfaces.get(&(device, name.clone())) {
                Some(iface) => (CtrlSocket::Interface(*iface), command.to_vec()),
                None => (CtrlSocket::Global, [format!("IFNAME={name} ").as_bytes(), command].concat()),
            },
        };
        if self.turned.take_if(|turned| *turned == device).is_some() {
            self.air.world.command_at_once(id, conn, socket, &command);
        } else {
            self.air.world.command(id, conn, socket, &command);
        }
        self.collect();
        Ok(())
    }

    fn turn(&mut self, device: DeviceId) -> Result<(), TargetError> {
        let id = self.node(device);
        self.air.world.turn(id);
        self.collect();
        self.turned = Some(device);
        Ok(())
    }

    fn advance(&mut self, limit: Instant) -> Result<Progress, TargetError> {
        self.turned = None;
        let frames = self.air.frame_count();
        for _ in 0..STEPS_AT_A_TIME {
            let step = self.air.world.step_until(limit).map_err(|e| TargetError::Budget(e.to_string()))?;
            let heard = self.collect();
            match step {
                sim::Step::Limit | sim::Step::Empty => return Ok(Progress::Limit),
                sim::Step::Advanced if heard || (self.air.watching && self.air.frame_count() > frames) => {
                    break;
                }
                sim::Step::Advanced if self.air.world.computes_next() => break,
                sim::Step::Advanced => {}
            }
        }
        Ok(Progress::Moved)
    }

    fn heard(&mut self) -> Vec<Observed> {
        std::mem::take(&mut self.heard)
    }

    fn now(&self) -> Instant {
        self.air.world.now()
    }

    fn file(&mut self, device: DeviceId, path: Option<&str>) -> Option<Vec<u8>> {
        let config = self.seats.get(device.0)?.device.config_path();
        self.air.world.file(self.node(device), path.unwrap_or(&config)).map(<[u8]>::to_vec)
    }

    fn put_file(&mut self, device: DeviceId, path: Option<&str>, content: Vec<u8>) {
        let Some(seat) = self.seats.get(device.0) else { return };
        let (id, config) = (self.node(device), seat.device.config_path());
        self.air.world.put_file(id, path.unwrap_or(&config), content);
    }

    fn refuse(&mut self, device: DeviceId, refusal: &Refusal) -> Result<RefusalHandle, TargetError> {
        let Refusal { kind, errno, times } = *refusal;
        let node = self.node(device);
        Ok(RefusalHandle(self.air.world.refuse(node, kind, errno, times).0))
    }

    fn end_refusal(&mut self, refusal: RefusalHandle) {
        self.air.world.end_refusal(sim::RefusalId(refusal.0));
    }

    fn describe(&mut self, device: DeviceId) -> String {
        let id = self.node(device);
        self.air.world.describe(id).replace('\n', "; ")
    }

    fn air(&mut self) -> Option<&mut dyn Air> {
        Some(&mut self.air)
    }

    fn air_ref(&self) -> Option<&dyn Air> {
        Some(&self.air)
    }

    fn finish(&mut self) -> Remains {
        for (_, secret) in self.air.world.take_secrets() {
            if let Secret::Pmk { pmk, .. } = secret {
                self.keys.push(MasterKey { pmk });
            }
        }
        self.keys.sort();
        self.keys.dedup();
        let trace_hash = self.air.world.trace_hash().iter().map(|b| format!("{b:02x}")).collect();
        let pcapng = Some(self.air.world.take_capture()).filter(|bytes| !bytes.is_empty());
        Remains {
            trace_hash: Some(trace_hash),
            pcapng,
            keys: std::mem::take(&mut self.keys),
            events: self.air.world.events(),
            logs: Vec::new(),
        }
    }
}
