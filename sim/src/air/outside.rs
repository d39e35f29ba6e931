//! Radios whose MAC is not ours: a kernel's, joined to the medium through [`Outside`].
//!
//! They are on the air like any other radio: rules, links, airtime, repetitions, captures and taps
//! apply. What differs is who knows on which channel they receive: only their own side does, so every
//! frame that may concern one is offered to it.

use std::collections::{BTreeMap, HashMap};

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use super::power::PowerRule;
use super::transmit::{LONGEST_DEFERENCE, Lanes, OutFrame, Purpose, Source, Transmission, address};
use super::{Air, Entry, Reception};
use crate::NodeId;
use crate::medium::FrameKind;
use crate::medium::airtime::{SLOT, airtime};
use crate::queue::Priority;

pub(crate) use crate::index::OutsideIx;

/// Frames of one outside radio that may wait for their turn; as many as two of hwsim's queues. What
/// comes beyond is not sent, as when a transmit queue is full.
const MOST_WAITING: u32 = 512;

/// A frame that reaches an outside radio, if that receives on its channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivery<'a> {
    /// In MHz.
    pub freq: u32,
    /// In units of 100 kbit/s, one of the legacy rates.
    pub rate: u16,
    /// At the receiver.
    pub signal_dbm: i32,
    /// As on the air, without FCS.
    pub bytes: &'a [u8],
}

/// The fate of a frame that an outside radio transmitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxStatus {
    /// As in [`OutsideFrame::cookie`].
    pub cookie: u64,
    /// An acknowledgement reached the transmitter.
    pub acked: bool,
    /// The number of times that the frame was on the air; 0 if it never was.
    pub attempts: u8,
}

/// The far side of outside radios. A [`crate::World`] calls it while it steps.
pub trait Outside {
    /// Offers a frame to a radio; whether the radio received it (it is up and on that channel).
    fn deliver(&mut self, radio: NodeId, delivery: &Delivery<'_>) -> bool;

    /// Whether a radio receives on a channel (in MHz) now. Asked when a frame will be delivered later
    /// but has to be acknowledged at once.
    fn hears(&mut self, radio: NodeId, freq: u32) -> bool;

    /// Tells a radio what became of one of its frames. Called once for each.
    fn status(&mut self, radio: NodeId, status: TxStatus);
}

/// A frame that an outside radio hands to the medium.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutsideFrame {
    /// As on the air, without FCS.
    pub bytes: Vec<u8>,
    /// In MHz.
    pub freq: u32,
    /// In units of 100 kbit/s.
    pub rate: u16,
    /// `false` for group-addressed frames and where the transmitter asked for none.
    pub wants_ack: bool,
    /// Names the frame in its [`TxStatus`].
    pub cookie: u64,
    /// The kind of the frame, if it is known although protection hides it.
    pub kind: Option<FrameKind>,
}

/// The parameters of an outside radio.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OutsideSpec {
    /// As the scenario calls it.
    pub name: String,
    /// Addresses that it receives for at first; see [`crate::World::add_outside_address`].
    pub addrs: Vec<MacAddr>,
    /// In millimetres; signals between placed nodes follow distance.
    pub position_mm: Option<(i64, i64)>,
}

/// A radio outside.
pub(crate) struct OutsideRadio {
    pub node: NodeId,
    /// Off: deaf and mute, and nothing else notices.
    pub on: bool,
    /// The use of its interfaces that its frames have shown.
    pub power: PowerRule,
    /// The number of times that each address was added.
    addrs: BTreeMap<MacAddr, u32>,
    pub lanes: Lanes,
    waiting: u32,
}

impl OutsideRadio {
    /// A frame of its own is done with.
    pub fn one_less_waits(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }
}

/// A beacon of an outside radio, and the place that was free for it.
struct Beacon {
    radio: OutsideIx,
    start: Instant,
    length: Duration,
    transmission: Box<Transmission>,
}

/// The outside radios and their far side.
#[derive(Default)]
pub(crate) struct Outsides {
    pub radios: Vec<OutsideRadio>,
    by_node: BTreeMap<NodeId, OutsideIx>,
    /// Looked up, never walked.
    by_addr: HashMap<MacAddr, Vec<OutsideIx>>,
    /// Beacons whose order is not settled, by channel in MHz.
    beacons: BTreeMap<u32, Vec<Beacon>>,
    pub side: Option<Box<dyn Outside>>,
}

impl Outsides {
    pub fn is_empty(&self) -> bool {
        self.radios.is_empty()
    }

    /// Whether any radio outside could receive.
    pub fn anyone(&self) -> bool {
        self.radios.iter().any(|r| r.on)
    }

    /// Numbers come from this table itself, so they are in range.
    pub fn radio(&self, ix: OutsideIx) -> &OutsideRadio {
        &self.radios[ix.place()]
    }

    pub fn radio_mut(&mut self, ix: OutsideIx) -> &mut OutsideRadio {
        &mut self.radios[ix.place()]
    }

    pub fn find(&self, node: NodeId) -> Option<OutsideIx> {
        self.by_node.get(&node).copied()
    }

    /// The radios that receive for an address.
    pub fn at(&self, addr: MacAddr) -> &[OutsideIx] {
        self.by_addr.get(&addr).map_or(&[], Vec::as_slice)
    }

    /// The node that receives for an address.
    pub fn node_at(&self, addr: MacAddr) -> Option<NodeId> {
        self.at(addr).first().map(|ix| self.radio(*ix).node)
    }

    /// A radio joins.
    pub fn add(&mut self, node: NodeId, addrs: &[MacAddr]) {
        let ix = OutsideIx::new(self.radios.len());
        self.radios.push(OutsideRadio {
            node,
            on: true,
            power: PowerRule::default(),
            addrs: BTreeMap::new(),
            lanes: Lanes::new(),
            waiting: 0,
        });
        self.by_node.insert(node, ix);
        for addr in addrs {
            self.add_address(ix, *addr);
        }
    }

    /// The radio receives for an address from now on.
    pub fn add_address(&mut self, ix: OutsideIx, addr: MacAddr) {
        let count = self.radio_mut(ix).addrs.entry(addr).or_insert(0);
        *count += 1;
        if *count == 1 {
            self.by_addr.entry(addr).or_default().push(ix);
        }
    }

    /// The radio no longer receives for an address, if that was added only once.
    pub fn remove_address(&mut self, ix: OutsideIx, addr: MacAddr) {
        let addrs = &mut self.radio_mut(ix).addrs;
        match addrs.get_mut(&addr) {
            None => {}
            Some(count) if *count > 1 => *count -= 1,
            Some(_) => {
                addrs.remove(&addr);
                if let Some(list) = self.by_addr.get_mut(&addr) {
                    list.retain(|i| *i != ix);
                }
            }
        }
    }

    /// The radios that a frame is offered to, in the order of addition.
    pub fn audience(&self, addr1: MacAddr, from: Source) -> Vec<OutsideIx> {
        let all: Vec<OutsideIx> = match addr1.is_group() {
            true => (0..self.radios.len()).map(OutsideIx::new).collect(),
            false => self.at(addr1).to_vec(),
        };
        let sender = match from {
            Source::Outside { radio, .. } => Some(radio),
            _ => None,
        };
        all.into_iter().filter(|ix| Some(*ix) != sender && self.radio(*ix).on).collect()
    }

    /// Offers a frame to a radio.
    pub fn deliver(&mut self, ix: OutsideIx, heard: Reception, bytes: &[u8]) -> bool {
        let node = self.radio(ix).node;
        let Reception { freq, rate, signal_dbm } = heard;
        match &mut self.side {
            Some(side) => side.deliver(node, &Delivery { freq, rate, signal_dbm, bytes }),
            None => false,
        }
    }

    /// Whether a radio receives on a channel.
    pub fn hears(&mut self, ix: OutsideIx, freq: u32) -> bool {
        let node = self.radio(ix).node;
        self.radio(ix).on && self.side.as_mut().is_some_and(|side| side.hears(node, freq))
    }

    /// Tells a radio what became of its frame.
    pub fn status(&mut self, ix: OutsideIx, status: TxStatus) {
        let node = self.radio(ix).node;
        if let Some(side) = &mut self.side {
            side.status(node, status);
        }
    }
}

impl Air {
    /// A frame comes from a radio outside.
    pub fn transmit_from(&mut self, radio: OutsideIx, frame: OutsideFrame) {
        let OutsideFrame { bytes, freq, rate, wants_ack, cookie, kind } = frame;
        let kind = kind.unwrap_or_else(|| FrameKind::of(&bytes));
        let from = address(&bytes, 10).unwrap_or(MacAddr::ZERO);
        let outside = self.outsides.radio_mut(radio);
        let tx_power = outside.power.power_for(kind, from, &bytes);
        let full = outside.waiting >= MOST_WAITING;
        let silent = full || !outside.on;
        outside.waiting += u32::from(!full);
        let length = airtime(bytes.len(), rate);
        let out = OutFrame { bytes, kind, freq, rate, wants_ack, purpose: Purpose::Outside { cookie } };
        let source = Source::Outside { radio, tx_power };
        let t = Box::new(Transmission::new(source, out, self.now, silent));
        if full {
            let slot = self.transmissions.keep(t);
            self.queue.push(self.now, Priority::Air, Entry::TxStatus { slot, acked: false });
        } else if kind == FrameKind::Beacon {
            self.line_up_beacon(radio, t, length);
        } else {
            self.enqueue(t);
        }
    }

    /// Beacons of several radios outside come at one instant, in an order that nanoseconds of their clocks decide.
    /// Nothing should hang on those: what comes within a slot goes out in the order of the radios.
    fn line_up_beacon(&mut self, radio: OutsideIx, t: Box<Transmission>, length: Duration) {
        let freq = t.frame.freq;
        let (start, _) = self.reserve_at_once(freq, length);
        let line = self.outsides.beacons.entry(freq).or_default();
        if line.is_empty() {
            self.queue.push(self.now + SLOT, Priority::Air, Entry::BeaconOrder { freq });
        }
        line.push(Beacon { radio, start, length, transmission: t });
    }

    /// A slot has passed since the first of several beacons: each follows the one before it.
    pub fn order_beacons(&mut self, freq: u32) {
        let mut line = self.outsides.beacons.remove(&freq).unwrap_or_default();
        let Some(first) = line.iter().map(|b| b.start).min() else { return };
        let mut free = first;
        line.sort_by_key(|b| b.radio);
        for Beacon { length, transmission, .. } in line {
            let start = free.min(first + LONGEST_DEFERENCE);
            free = start + length;
            self.send_in_place(transmission, start, free);
        }
    }
}
