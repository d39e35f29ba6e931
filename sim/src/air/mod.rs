//! Everything below the engines: the queue, the medium, the radios and the interfaces on them.

mod answers;
mod audience;
mod interfaces;
mod outside;
mod power;
mod radios;
mod refusals;
mod transmissions;
mod transmit;

use std::collections::VecDeque;

use wpasim_engine::InterfaceConfig;
use wpasim_engine::entropy::{Entropy, Stream};
use wpasim_wire::driver::{DriverEvent, Errno, IfId, Refused};
use wpasim_wire::time::Instant;

use interfaces::Interfaces;
pub(crate) use outside::Outsides;
pub use outside::{Delivery, Outside, OutsideFrame, OutsideSpec, TxStatus};
pub(crate) use power::PowerRule;
use radios::Radios;
pub(crate) use refusals::Refusals;
pub use refusals::{RefusalId, RequestKind};
use transmissions::{Slot, Transmissions};
use transmit::Transmission;
pub(crate) use transmit::{Lanes, OutFrame, Purpose, Receiver};

use crate::NodeId;
use crate::clock::Clock;
use crate::mac::{Hints, Radio, RadioIx, Regulatory, Vif, VifIx};
use crate::medium::Medium;
use crate::queue::{Priority, Queue};
use crate::trace::{Trace, TraceKind};

/// The way in which a frame was heard.
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
    FrameEnd { slot: Slot },
    /// The transmitter learns what became of its frame.
    TxStatus { slot: Slot, acked: bool },
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

impl MacTimer {
    /// Returns whether the kernel has a timer of its timer wheel for it, or a delayed work.
    fn ends_on_tick(self) -> bool {
        match self {
            MacTimer::Beacon { .. } | MacTimer::Switch { .. } | MacTimer::RegulatoryRestore => false,
            MacTimer::Scan { .. }
            | MacTimer::Mlme { .. }
            | MacTimer::FollowSwitch { .. }
            | MacTimer::BeaconMonitor { .. }
            | MacTimer::ConnectionMonitor { .. }
            | MacTimer::RemainOnChannel { .. }
            | MacTimer::NextStay { .. }
            | MacTimer::DeferredScan { .. } => true,
        }
    }
}

/// Everything below the engines, in parts that own their tables: the medium, the radios, the interfaces on them, radios
/// outside, and what is on the air. What the soft MAC does with them is in [`crate::mac`].
pub(crate) struct Air {
    pub clock: Clock,
    pub now: Instant,
    pub queue: Queue<Entry>,
    /// Events of drivers that were taken from the queue and are delivered after the timer of a process's turn.
    pub told: VecDeque<Entry>,
    pub medium: Medium,
    pub trace: Trace,
    pub regulatory: Regulatory,
    pub hints: Hints,
    pub radios: Radios,
    pub interfaces: Interfaces,
    pub outsides: Outsides,
    pub refusals: Refusals,
    transmissions: Transmissions,
    /// A regulatory restore is already scheduled.
    pub regulatory_work: bool,
    generation: u32,
    /// A timer that ends on a tick fires.
    ticking: bool,
    /// The addresses of scans that want random ones.
    pub scan_addresses: Stream,
}

impl Air {
    pub fn new(clock: Clock, seed: u64, regulatory: Regulatory) -> Self {
        Air {
            clock,
            now: Instant::ZERO,
            queue: Queue::default(),
            told: VecDeque::new(),
            medium: Medium::new(seed),
            trace: Trace::default(),
            hints: Hints::beginning_in(&regulatory),
            regulatory,
            radios: Radios::default(),
            interfaces: Interfaces::default(),
            outsides: Outsides::default(),
            refusals: Refusals::default(),
            transmissions: Transmissions::default(),
            regulatory_work: false,
            generation: 0,
            ticking: false,
            scan_addresses: Entropy::new(seed, "kernel").stream("scan addresses"),
        }
    }

    /// Adds a node with one radio per `phy` that its interfaces name.
    pub fn add_node(&mut self, node: NodeId, interfaces: &[InterfaceConfig]) {
        self.interfaces.add_node();
        let mut phys: Vec<(&str, RadioIx)> = Vec::new();
        for config in interfaces {
            let known = phys.iter().find(|(phy, _)| *phy == config.phy).map(|(_, radio)| *radio);
            let radio = known.unwrap_or_else(|| {
                let radio = self.radios.add(Radio::new(node, config));
                phys.push((&config.phy, radio));
                radio
            });
            self.add_vif(Vif::new(node, radio, config.id, config.addr));
        }
    }

    /// Adds an interface on a radio; its number.
    pub fn add_vif(&mut self, vif: Vif) -> VifIx {
        let radio = vif.radio;
        let (radios, transmissions) = (&self.radios, &self.transmissions);
        let transmitting = || {
            let waiting = radios.iter().flat_map(|radio| radio.lanes.values().flatten().map(Box::as_ref));
            transmissions.iter().chain(waiting).filter_map(Transmission::vif).collect()
        };
        let ix = self.interfaces.add(vif, self.now, transmitting);
        self.radio_mut(radio).vifs.push(ix);
        ix
    }

    /// An interface goes away for good.
    pub fn remove_vif(&mut self, ix: VifIx) {
        let radio = self.vif(ix).radio;
        self.radio_mut(radio).vifs.retain(|v| *v != ix);
        self.interfaces.remove(ix);
    }

    pub fn vif(&self, ix: VifIx) -> &Vif {
        self.interfaces.get(ix)
    }

    pub fn vif_mut(&mut self, ix: VifIx) -> &mut Vif {
        self.interfaces.get_mut(ix)
    }

    pub fn radio(&self, ix: RadioIx) -> &Radio {
        self.radios.get(ix)
    }

    pub fn radio_mut(&mut self, ix: RadioIx) -> &mut Radio {
        self.radios.get_mut(ix)
    }

    /// Returns the number of the process of its node that an interface has now.
    pub fn process_of(&self, vif: VifIx) -> u32 {
        self.interfaces.process(self.vif(vif).node).unwrap_or(0)
    }

    /// A number that no timer carries yet.
    pub fn next_generation(&mut self) -> u32 {
        self.generation += 1;
        self.generation
    }

    /// Records a driver event in the trace: which one, and of whom.
    pub fn trace_event(&mut self, node: NodeId, iface: IfId, event: &DriverEvent) {
        let kind = event_number(event);
        self.trace.record(self.now, TraceKind::DriverEvent, node.0, &[kind, iface.0 as u8]);
    }

    /// Sends a driver event to an interface's engine, at this instant.
    pub fn notify(&mut self, vif: VifIx, event: DriverEvent) {
        let priority = if self.ticking { Priority::Woken } else { Priority::Event };
        self.notify_at(self.now, priority, vif, event);
    }

    /// Sends a driver event to an interface's engine, at a later instant.
    pub fn notify_at(&mut self, time: Instant, priority: Priority, vif: VifIx, event: DriverEvent) {
        let (node, iface) = {
            let v = self.vif(vif);
            (v.node, v.iface)
        };
        let process = self.process_of(vif);
        let event = Box::new(event);
        let entry = Entry::ToNode { node, process, iface, event };
        match priority {
            Priority::Woken => self.queue.push_woken(time, node.0, entry),
            _ => self.queue.push(time, priority, entry),
        }
    }

    /// Refuses a request.
    pub fn refuse(&mut self, vif: VifIx, request: Refused, errno: Errno) {
        self.notify_at(self.now, Priority::Refusal, vif, DriverEvent::Refused { request, errno });
    }

    /// Starts a timer of the soft MAC. The kernel keeps timers that end on the same tick in a list, to whose head it adds
    /// (enqueue_timer).
    pub fn start_timer(&mut self, at: Instant, timer: MacTimer) {
        let ends_on_tick = at > self.now && timer.ends_on_tick();
        self.queue.push(at, if ends_on_tick { Priority::Tick } else { Priority::Mac }, Entry::Mac(timer));
    }

    fn fire(&mut self, timer: MacTimer) {
        self.ticking = timer.ends_on_tick();
        self.timer_fired(timer);
        self.ticking = false;
    }

    /// Carries out an entry that is not for an engine.
    pub fn handle(&mut self, entry: Entry) {
        match entry {
            Entry::FrameEnd { slot } => self.frame_ended(slot),
            Entry::BeaconOrder { freq } => self.order_beacons(freq),
            Entry::TxStatus { slot, acked } => self.transmission_done(slot, acked),
            Entry::LateFrame { to, heard, bytes } => self.late_frame(to, &bytes, heard),
            Entry::Mac(timer) => self.fire(timer),
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
        DriverEvent::StationSmps { .. } => 30,
        DriverEvent::ApUnavailable => 31,
    }
}
