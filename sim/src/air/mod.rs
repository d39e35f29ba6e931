//! Everything below the engines: the queue, the medium, the radios and the interfaces on them.

mod answers;
mod audience;
mod outside;
mod transmit;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wpasim_engine::InterfaceConfig;
use wpasim_engine::entropy::{Entropy, Stream};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, Errno, IfId, Refused};
use wpasim_wire::time::Instant;

pub(crate) use outside::Outsides;
pub use outside::{Delivery, Outside, OutsideFrame, OutsideSpec, TxStatus};
use transmit::Transmission;
pub(crate) use transmit::{Lanes, OutFrame, Purpose, Receiver};

use crate::NodeId;
use crate::clock::Clock;
use crate::mac::{Radio, RadioIx, Regulatory, Vif, VifIx};
use crate::medium::Medium;
use crate::queue::{Priority, Queue};
use crate::trace::{Trace, TraceKind};

/// The number of places of interfaces that are gone which are looked at for a new one; those that went longest ago come first.
const PLACES: usize = 64;

/// How a frame was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reception {
    /// In MHz.
    pub freq: u32,
    /// In units of 100 kbit/s.
    pub rate: u16,
    pub signal_dbm: i32,
}

/// An entry of the queue.
pub(crate) enum Entry {
    /// An engine's timeout may be due.
    NodeTimer { node: NodeId },
    /// A driver event for an engine. Events for a process that has ended are dropped.
    ToNode { node: NodeId, process: u32, iface: IfId, event: Box<DriverEvent> },
    /// A transmission's last octet is out.
    FrameEnd { slot: u32 },
    /// The transmitter learns what became of its frame.
    TxStatus { slot: u32, acked: bool },
    /// Radios outside handed in beacons, and a slot has passed.
    BeaconOrder { freq: u32 },
    /// A frame arrives late, by rule or link.
    LateFrame { to: Receiver, heard: Reception, bytes: Box<[u8]> },
    /// A timer of the soft MAC.
    Mac(MacTimer),
}

/// Timers of the soft MAC. Each carries the generation it was started in; a stale fire is a no-op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MacTimer {
    /// An access point's target beacon transmission time.
    Beacon { vif: VifIx, generation: u32 },
    /// The scan's next state.
    Scan { radio: RadioIx, generation: u32 },
    /// Authentication or association was not answered in time.
    Mlme { vif: VifIx, generation: u32 },
    /// The last beacon before a channel switch is over.
    Switch { vif: VifIx, generation: u32 },
    /// A station follows its AP to another channel.
    FollowSwitch { vif: VifIx, generation: u32 },
    /// The beacon monitor of an associated station.
    BeaconMonitor { vif: VifIx, generation: u32 },
    /// The connection monitor: nothing was heard from the AP for 30 s.
    ConnectionMonitor { vif: VifIx, generation: u32 },
    /// The remain-on-channel under way ends.
    RemainOnChannel { radio: RadioIx, generation: u32 },
    /// The next remain-on-channel has waited long enough behind what held the radio.
    NextStay { radio: RadioIx, generation: u32 },
    /// A scan has waited long enough behind remain-on-channels.
    DeferredScan { radio: RadioIx, generation: u32 },
    /// cfg80211's disconnect work: restore the regulatory domain if all is idle.
    RegulatoryRestore,
}

/// The interfaces of one node.
#[derive(Default)]
pub(crate) struct NodeAir {
    pub vifs: BTreeMap<IfId, VifIx>,
    /// Counts the processes that ran; events of an ended one are dropped.
    pub process: u32,
}

/// Everything below the engines.
pub(crate) struct Air {
    pub clock: Clock,
    pub now: Instant,
    pub queue: Queue<Entry>,
    pub medium: Medium,
    pub trace: Trace,
    pub regulatory: Regulatory,
    pub radios: Vec<Radio>,
    pub vifs: Vec<Vif>,
    /// Places in it whose interfaces are gone.
    free_vifs: Vec<VifIx>,
    /// Interfaces with a frame on the air or waiting for it, gone ones among them, at this time; unknown since one went.
    transmitting: Option<(Instant, BTreeSet<VifIx>)>,
    pub nodes: Vec<NodeAir>,
    pub outsides: Outsides,
    /// Interfaces by address; looked up, never walked.
    by_addr: HashMap<MacAddr, Vec<VifIx>>,
    /// The stations of each BSS, by BSSID; looked up, never walked.
    members: HashMap<MacAddr, BTreeSet<VifIx>>,
    transmissions: Vec<Option<Box<Transmission>>>,
    free_transmissions: Vec<u32>,
    /// A regulatory restore is already scheduled.
    pub regulatory_work: bool,
    /// When the last two beacons ended that reached every listener unchanged, by BSSID; looked up,
    /// never walked.
    clean_beacons: HashMap<MacAddr, [Instant; 2]>,
    generation: u32,
    /// The addresses of scans that want random ones.
    pub scan_addresses: Stream,
}

impl Air {
    pub fn new(clock: Clock, seed: u64, regulatory: Regulatory) -> Self {
        Air {
            clock,
            now: Instant::ZERO,
            queue: Queue::default(),
            medium: Medium::new(seed),
            trace: Trace::default(),
            regulatory,
            radios: Vec::new(),
            vifs: Vec::new(),
            free_vifs: Vec::new(),
            transmitting: None,
            nodes: Vec::new(),
            outsides: Outsides::default(),
            by_addr: HashMap::new(),
            members: HashMap::new(),
            transmissions: Vec::new(),
            free_transmissions: Vec::new(),
            regulatory_work: false,
            clean_beacons: HashMap::new(),
            generation: 0,
            scan_addresses: Entropy::new(seed, "kernel").stream("scan addresses"),
        }
    }

    /// A node with one radio per `phy` that its interfaces name.
    pub fn add_node(&mut self, node: NodeId, interfaces: &[InterfaceConfig]) {
        self.nodes.push(NodeAir::default());
        let mut phys: Vec<(&str, RadioIx)> = Vec::new();
        for config in interfaces {
            let known = phys.iter().find(|(phy, _)| *phy == config.phy).map(|(_, radio)| *radio);
            let radio = known.unwrap_or_else(|| {
                let radio = self.radios.len() as RadioIx;
                self.radios.push(Radio::new(node, config));
                phys.push((&config.phy, radio));
                radio
            });
            self.add_vif(Vif::new(node, radio, config.id, config.addr));
        }
    }

    /// An interface on a radio; its number.
    pub fn add_vif(&mut self, vif: Vif) -> VifIx {
        let ix = self.free_place().unwrap_or(self.vifs.len() as VifIx);
        self.add_address(vif.addr, ix);
        if let Some(node) = self.nodes.get_mut(vif.node.0 as usize) {
            node.vifs.insert(vif.iface, ix);
        }
        if let Some(radio) = self.radios.get_mut(vif.radio as usize) {
            radio.vifs.push(ix);
        }
        match self.vifs.get_mut(ix as usize) {
            // Timers of the one before find another generation.
            Some(place) => *place = vif.after(place),
            None => self.vifs.push(vif),
        }
        ix
    }

    /// An interface goes away for good.
    pub fn remove_vif(&mut self, ix: VifIx) {
        let (node, iface, radio, addr) = {
            let vif = self.vif(ix);
            (vif.node, vif.iface, vif.radio, vif.addr)
        };
        self.remove_address(addr, ix);
        if let Some(n) = self.nodes.get_mut(node.0 as usize) {
            n.vifs.remove(&iface);
        }
        self.radio_mut(radio).vifs.retain(|v| *v != ix);
        self.free_vifs.push(ix);
        self.transmitting = None;
    }

    /// The place of an interface that is gone, and of which no frame is on the air or waits for it. Thousands may be added at
    /// one instant: who transmits is looked up once.
    fn free_place(&mut self) -> Option<VifIx> {
        if self.free_vifs.is_empty() {
            return None;
        }
        let (at, transmitting) =
            self.transmitting.take().filter(|(at, _)| *at == self.now).unwrap_or_else(|| {
                let waiting = self.radios.iter().flat_map(|radio| radio.lanes.values().flatten());
                let all = self.transmissions.iter().flatten().chain(waiting);
                (self.now, all.filter_map(|t| t.vif()).collect())
            });
        let looked_at = self.free_vifs.iter().take(PLACES);
        let free = looked_at.into_iter().position(|ix| !transmitting.contains(ix));
        self.transmitting = Some((at, transmitting));
        free.map(|at| self.free_vifs.remove(at))
    }

    /// Frames to an address reach an interface.
    pub fn add_address(&mut self, addr: MacAddr, vif: VifIx) {
        self.by_addr.entry(addr).or_default().push(vif);
    }

    /// They reach it no more.
    pub fn remove_address(&mut self, addr: MacAddr, vif: VifIx) {
        if let Some(list) = self.by_addr.get_mut(&addr) {
            list.retain(|v| *v != vif);
            if list.is_empty() {
                self.by_addr.remove(&addr);
            }
        }
    }

    /// Interface numbers come from this table itself, so they are in range.
    pub fn vif(&self, ix: VifIx) -> &Vif {
        &self.vifs[ix as usize]
    }

    pub fn vif_mut(&mut self, ix: VifIx) -> &mut Vif {
        &mut self.vifs[ix as usize]
    }

    pub fn radio(&self, ix: RadioIx) -> &Radio {
        &self.radios[ix as usize]
    }

    pub fn radio_mut(&mut self, ix: RadioIx) -> &mut Radio {
        &mut self.radios[ix as usize]
    }

    /// The interface of a node.
    pub fn find_vif(&self, node: NodeId, iface: IfId) -> Option<VifIx> {
        self.nodes.get(node.0 as usize)?.vifs.get(&iface).copied()
    }

    /// The interfaces with an address: one, unless a scenario gave two the same.
    pub fn vifs_at(&self, addr: MacAddr) -> &[VifIx] {
        self.by_addr.get(&addr).map_or(&[], Vec::as_slice)
    }

    /// The stations that are members of a BSS, in ascending order.
    pub fn members(&self, bssid: MacAddr) -> impl Iterator<Item = VifIx> + '_ {
        self.members.get(&bssid).into_iter().flatten().copied()
    }

    /// A station joins or leaves a BSS.
    pub fn set_member(&mut self, bssid: MacAddr, vif: VifIx, member: bool) {
        let set = self.members.entry(bssid).or_default();
        if member {
            set.insert(vif);
        } else {
            set.remove(&vif);
        }
    }

    /// Which of its node's processes an interface has now.
    pub fn process_of(&self, vif: VifIx) -> u32 {
        self.nodes.get(self.vif(vif).node.0 as usize).map_or(0, |n| n.process)
    }

    /// A number that no timer carries yet.
    pub fn next_generation(&mut self) -> u32 {
        self.generation += 1;
        self.generation
    }

    /// When the last beacon of a BSS ended that reached every listener unchanged.
    pub fn last_clean_beacon(&self, bssid: MacAddr) -> Option<Instant> {
        // The very last may still be on the air.
        let [before, last] = *self.clean_beacons.get(&bssid)?;
        Some(if last <= self.now { last } else { before })
    }

    /// A beacon that reaches every listener unchanged ends then.
    pub fn note_clean_beacon(&mut self, bssid: MacAddr, end: Instant) {
        let ends = self.clean_beacons.entry(bssid).or_insert([Instant::ZERO; 2]);
        *ends = [ends[1], end];
    }

    /// Records a driver event in the trace: which one, and of whom.
    pub fn trace_event(&mut self, node: NodeId, iface: IfId, event: &DriverEvent) {
        let kind = event_number(event);
        self.trace.record(self.now, TraceKind::DriverEvent, node.0, &[kind, iface.0 as u8]);
    }

    /// Sends a driver event to an interface's engine, at this instant.
    pub fn notify(&mut self, vif: VifIx, event: DriverEvent) {
        self.notify_at(self.now, Priority::Event, vif, event);
    }

    /// Sends a driver event to an interface's engine, at a later instant.
    pub fn notify_at(&mut self, time: Instant, priority: Priority, vif: VifIx, event: DriverEvent) {
        let (node, iface) = {
            let v = self.vif(vif);
            (v.node, v.iface)
        };
        let process = self.process_of(vif);
        let event = Box::new(event);
        self.queue.push(time, priority, Entry::ToNode { node, process, iface, event });
    }

    /// Refuses a request.
    pub fn refuse(&mut self, vif: VifIx, request: Refused, errno: Errno) {
        self.notify_at(self.now, Priority::Refusal, vif, DriverEvent::Refused { request, errno });
    }

    /// Starts a timer of the soft MAC.
    pub fn start_timer(&mut self, at: Instant, timer: MacTimer) {
        self.queue.push(at, Priority::Mac, Entry::Mac(timer));
    }

    /// Carries out an entry that is not for an engine.
    pub fn handle(&mut self, entry: Entry) {
        match entry {
            Entry::FrameEnd { slot } => self.frame_ended(slot),
            Entry::BeaconOrder { freq } => self.order_beacons(freq),
            Entry::TxStatus { slot, acked } => self.transmission_done(slot, acked),
            Entry::LateFrame { to, heard, bytes } => self.late_frame(to, &bytes, heard),
            Entry::Mac(timer) => self.timer_fired(timer),
            Entry::NodeTimer { .. } | Entry::ToNode { .. } => {}
        }
    }
}

/// A stable number for each kind of driver event. What an event carries is hashed where it arose.
fn event_number(event: &DriverEvent) -> u8 {
    match event {
        DriverEvent::Refused { .. } => 1,
        DriverEvent::ScanStarted => 2,
        DriverEvent::ScanDone { .. } => 3,
        DriverEvent::Authenticated { .. } => 4,
        DriverEvent::AuthTimeout { .. } => 5,
        DriverEvent::Associated { .. } => 6,
        DriverEvent::AssocTimeout { .. } => 7,
        DriverEvent::Deauthenticated { .. } => 8,
        DriverEvent::Disassociated { .. } => 9,
        DriverEvent::UnprotDeauthenticated { .. } => 10,
        DriverEvent::RxEapol { .. } => 11,
        DriverEvent::EapolTxStatus { .. } => 12,
        DriverEvent::RxData { .. } => 13,
        DriverEvent::RxMgmt { .. } => 14,
        DriverEvent::MgmtTxStatus { .. } => 15,
        DriverEvent::MgmtTxWaitExpired { .. } => 16,
        DriverEvent::RemainOnChannel { .. } => 17,
        DriverEvent::RemainOnChannelDone { .. } => 18,
        DriverEvent::BeaconLoss => 19,
        DriverEvent::SignalChange { .. } => 20,
        DriverEvent::ChannelSwitch { .. } => 21,
        DriverEvent::RegulatoryChange { .. } => 22,
        DriverEvent::UnexpectedFrame { .. } => 23,
        DriverEvent::MichaelMicFailure { .. } => 24,
        DriverEvent::StationLowAck { .. } => 25,
        DriverEvent::InterfaceAdded { .. } => 26,
        DriverEvent::ApStopped => 27,
        DriverEvent::ChannelSwitchStarted { .. } => 28,
        DriverEvent::ClientAcknowledged { .. } => 29,
    }
}
