//! The engine on the simulated air.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use wpasim_engine::entropy::Entropy;
use wpasim_engine::hostapd::Hostapd;
use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::{ConnId, CtrlSocket, InterfaceConfig, Node, PskSource, Secret};
use wpasim_sim as sim;
use wpasim_sim::{Budgets, Emission, FrameMatch, NodeId, NodeSpec, Regulatory, World, WorldConfig};
use wpasim_wire::driver::IfId;
use wpasim_wire::time::{Duration, Instant};

use super::*;
use crate::scenario::model::{AirAction, Edit, Role, Station};

/// Makes simulated targets. Clones share one memory of derived PSKs.
#[derive(Clone, Default)]
pub struct SimKind {
    psks: Arc<PskMemory>,
}

impl TargetKind for SimKind {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn capabilities(&self) -> &'static [&'static str] {
        &["ap", "medium", "inject", "files", "5ghz"]
    }

    fn make(&self, setup: &Setup) -> Result<Box<dyn Target>, TargetError> {
        let regulatory = Regulatory::by_name(&setup.world.regulatory)
            .map_err(|e| TargetError::Unavailable(e.to_string()))?;
        let mut world = World::new(WorldConfig {
            seed: setup.seed,
            hz: setup.world.hz,
            regulatory,
            budgets: Budgets {
                events_at_one_instant: setup.limits.events_at_once,
                total_events: setup.limits.events,
                virtual_time: setup.limits.virtual_time,
            },
            ..WorldConfig::default()
        });
        world.set_psk_source(self.psks.clone());
        if setup.capture {
            world.enable_capture();
        }
        if setup.watch_frames {
            world.watch_frames();
        }
        let air = SimAir { world, nodes: Vec::new(), watching: setup.watch_frames };
        Ok(Box::new(Sim { air, seed: setup.seed, hz: setup.world.hz, heard: Vec::new(), keys: Vec::new() }))
    }
}

/// How many derived PSKs are remembered.
const PSKS: usize = 4096;

/// PSKs by passphrase and SSID: a pure function, remembered because it costs 4096 rounds.
#[derive(Default)]
struct PskMemory {
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

/// Whether a frame's octets are meant.
type FrameTest = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;
/// What becomes of a frame's octets.
type FrameChange = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

struct SimAir {
    world: World,
    nodes: Vec<SimNode>,
    watching: bool,
}

struct SimNode {
    id: NodeId,
    device: Device,
    /// How many processes it has had; each has its own random streams.
    processes: u32,
}

struct Sim {
    air: SimAir,
    seed: u64,
    hz: u32,
    heard: Vec<Heard>,
    keys: Vec<MasterKey>,
}

/// Steps of the world between two looks at whether the run was interrupted.
const STEPS_AT_A_TIME: u32 = 4096;

impl Sim {
    fn process(&self, device: &Device, generation: u32) -> Box<dyn Node> {
        let interface = interface(device);
        let stream = match generation {
            0 => device.name.clone(),
            n => format!("{}#{n}", device.name),
        };
        let entropy = Entropy::new(self.seed, &stream);
        match device.role {
            Role::Hostapd(_) => Box::new(Hostapd::new(interface, entropy)),
            _ => Box::new(Supplicant::new(vec![interface], entropy)),
        }
    }

    fn node(&self, device: DeviceId) -> NodeId {
        self.air.nodes.get(device.0).map_or(NodeId(u32::MAX), |n| n.id)
    }

    /// Takes what the world gave out; `true` if there was anything.
    fn collect(&mut self) -> bool {
        let emitted = self.air.world.take_outbox();
        let any = !emitted.is_empty();
        for one in emitted {
            let Some(device) = self.air.nodes.iter().position(|n| n.id == one.node) else { continue };
            let connection = Connection(one.conn.0);
            let what = match one.what {
                Emission::Reply(data) => Said::Reply(connection, data),
                Emission::Event(data) => Said::Event(connection, data),
                Emission::Terminated => Said::Ended,
            };
            self.heard.push(Heard { time: one.time, device: DeviceId(device), what });
        }
        any
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
        "sim"
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
        self.air.nodes.push(SimNode { id, device: device.clone(), processes: 0 });
        Ok(DeviceId(self.air.nodes.len() - 1))
    }

    fn start(&mut self, device: DeviceId) -> Result<(), TargetError> {
        let Some(node) = self.air.nodes.get_mut(device.0) else { return Ok(()) };
        let id = node.id;
        if self.air.world.is_running(id) {
            return Err(TargetError::Unsupported(format!("{} is running already", node.device.name)));
        }
        let generation = node.processes;
        node.processes += 1;
        if generation > 0 {
            let device = node.device.clone();
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
        match socket {
            Socket::Main => self.air.world.command(id, conn, CtrlSocket::Interface(IfId(0)), command),
            Socket::Global => self.air.world.command(id, conn, CtrlSocket::Global, command),
            Socket::Interface(name) => {
                let mut through = format!("IFNAME={name} ").into_bytes();
                through.extend_from_slice(command);
                self.air.world.command(id, conn, CtrlSocket::Global, &through);
            }
        }
        self.collect();
        Ok(())
    }

    fn advance(&mut self, limit: Instant) -> Result<Progress, TargetError> {
        let frames = self.air.frame_count();
        for _ in 0..STEPS_AT_A_TIME {
            let step = self.air.world.step_until(limit).map_err(|e| TargetError::Budget(e.to_string()))?;
            let heard = self.collect();
            match step {
                sim::Step::Limit | sim::Step::Empty => return Ok(Progress::Limit),
                sim::Step::Advanced if heard || (self.air.watching && self.air.frame_count() > frames) => {
                    break;
                }
                sim::Step::Advanced => {}
            }
        }
        Ok(Progress::Moved)
    }

    fn heard(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    fn now(&self) -> Instant {
        self.air.world.now()
    }

    fn file(&mut self, device: DeviceId, path: Option<&str>) -> Option<Vec<u8>> {
        let node = self.air.nodes.get(device.0)?;
        let config = node.device.config_path();
        self.air.world.file(node.id, path.unwrap_or(&config)).map(<[u8]>::to_vec)
    }

    fn put_file(&mut self, device: DeviceId, path: Option<&str>, content: Vec<u8>) {
        let Some(node) = self.air.nodes.get(device.0) else { return };
        let config = node.device.config_path();
        self.air.world.put_file(node.id, path.unwrap_or(&config), content);
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

impl SimAir {
    /// The matcher for frames: devices by node, other addresses by what stands in the frame.
    fn matcher(&self, frames: &FramePattern, names: &dyn Resolve) -> Result<FrameMatch, TargetError> {
        let kind = match &frames.kind {
            Some(name) => {
                let kind: Result<sim::FrameKind, _> = name.parse();
                Some(kind.map_err(|e| TargetError::Unsupported(e.to_string()))?)
            }
            None => None,
        };
        let mut matcher = FrameMatch { kind, freq: frames.freq, ..FrameMatch::default() };
        let mut tests: Vec<FrameTest> = Vec::new();
        let mut by_address = |addr: wpasim_wire::MacAddr, offset: usize| {
            tests.push(Box::new(move |frame: &[u8]| frame.get(offset..offset + 6) == Some(&addr.0[..])));
        };
        match &frames.from {
            Some(Station::Device(name)) => match names.device(name) {
                Some(device) => matcher.from = self.nodes.get(device.0).map(|n| n.id),
                None => by_address(names.addr(name), 10),
            },
            Some(Station::Addr(addr)) => by_address(*addr, 10),
            None => {}
        }
        match &frames.to {
            Some(Station::Device(name)) => match names.device(name) {
                Some(device) => matcher.to = self.nodes.get(device.0).map(|n| n.id),
                None => by_address(names.addr(name), 4),
            },
            Some(Station::Addr(addr)) => by_address(*addr, 4),
            None => {}
        }
        if let Some(octets) = frames.contains.clone()
            && !octets.is_empty()
        {
            tests.push(Box::new(move |frame: &[u8]| frame.windows(octets.len()).any(|w| w == octets)));
        }
        if !tests.is_empty() {
            matcher.custom = Some(Arc::new(move |frame: &[u8]| tests.iter().all(|test| test(frame))));
        }
        Ok(matcher)
    }
}

impl Air for SimAir {
    fn add_rule(&mut self, rule: &AirRule, names: &dyn Resolve) -> Result<RuleHandle, TargetError> {
        let action = match &rule.action {
            AirAction::Pass => sim::Action::Pass,
            AirAction::Drop => sim::Action::Drop,
            AirAction::DropAck => sim::Action::DropAck,
            AirAction::Delay(by) => sim::Action::Delay(*by),
            AirAction::Duplicate => sim::Action::Duplicate { after: Duration::from_millis(1) },
            AirAction::Edit(edits) => sim::Action::Mutate(sim::Mutation::Custom(change(edits.clone()))),
        };
        let rule = sim::Rule {
            matcher: self.matcher(&rule.frames, names)?,
            action,
            times: rule.times,
            probability_ppm: rule.probability_ppm,
        };
        Ok(RuleHandle(self.world.medium().add_rule(rule).0))
    }

    fn remove_rule(&mut self, rule: RuleHandle) {
        self.world.medium().remove_rule(sim::RuleId(rule.0));
    }

    fn inject(&mut self, freq: u32, octets: Vec<u8>, signal_dbm: i32) {
        self.world.medium().inject(freq, octets, signal_dbm);
    }

    fn set_radio(&mut self, device: DeviceId, on: bool) {
        if let Some(node) = self.nodes.get(device.0) {
            self.world.set_radio(node.id, on);
        }
    }

    fn set_position(&mut self, device: DeviceId, position_mm: (i64, i64)) {
        if let Some(node) = self.nodes.get(device.0) {
            self.world.set_node_position(node.id, Some(position_mm));
        }
    }

    fn set_link(&mut self, a: DeviceId, b: DeviceId, link: &Link) {
        let (Some(a), Some(b)) = (self.nodes.get(a.0).map(|n| n.id), self.nodes.get(b.0).map(|n| n.id))
        else {
            return;
        };
        let medium = self.world.medium();
        let mut new = medium.link(a, b);
        if link.signal_dbm.is_some() {
            new.signal_dbm = link.signal_dbm;
        }
        new.loss_ppm = link.loss_ppm.unwrap_or(new.loss_ppm);
        new.delay = link.delay.unwrap_or(new.delay);
        medium.set_link(a, b, new);
    }

    fn frame_count(&self) -> usize {
        self.world.frames_seen(0).len()
    }

    fn find_frame(
        &self,
        from: usize,
        frames: &FramePattern,
        names: &dyn Resolve,
    ) -> Result<Option<(usize, OnAir)>, TargetError> {
        let matcher = self.matcher(frames, names)?;
        let found = self.world.frames_seen(from).iter().enumerate().find(|(_, seen)| {
            let transmitter = match seen.from {
                sim::Transmitter::Node(node) => Some(node),
                sim::Transmitter::Injected => None,
            };
            (matcher.from.is_none() || matcher.from == transmitter)
                && (matcher.to.is_none() || matcher.to == seen.to)
                && matcher.kind.is_none_or(|k| k.covers(seen.kind))
                && matcher.freq.is_none_or(|f| f == seen.freq)
                && matcher.custom.as_ref().is_none_or(|test| test(&seen.bytes))
        });
        Ok(found.map(|(i, seen)| {
            let name = |node: NodeId| self.world.name(node).to_owned();
            let transmitter = match seen.from {
                sim::Transmitter::Node(node) => name(node),
                sim::Transmitter::Injected => "injected".to_owned(),
            };
            let receiver = seen.to.map_or("anyone".to_owned(), name);
            let on_air = OnAir {
                time: seen.time,
                freq: seen.freq,
                octets: seen.bytes.to_vec(),
                shown: format!("{transmitter} → {receiver}: {} on {} MHz", seen.kind, seen.freq),
            };
            (from + i + 1, on_air)
        }))
    }
}

fn change(edits: Vec<Edit>) -> FrameChange {
    Arc::new(move |frame: &[u8]| {
        let mut out = frame.to_vec();
        edits.iter().for_each(|edit| edit.apply(&mut out));
        out
    })
}
