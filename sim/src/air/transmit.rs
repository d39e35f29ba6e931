//! Transmissions: their turn on the channel, receivers, acknowledgements and repetitions.

use std::borrow::Cow;
use std::collections::hash_map::Entry as Lane;
use std::collections::{HashMap, VecDeque};

use wpasim_wire::MacAddr;
use wpasim_wire::ieee80211::addr2;
use wpasim_wire::time::{Duration, Instant};

use super::outside::{OutsideIx, TxStatus};
use super::transmissions::Slot;
use super::{Air, Entry, Reception};
use crate::NodeId;
use crate::mac::VifIx;
use crate::medium::airtime::{SLOT, ack_airtime, ack_rate, airtime, basic_rate, difs, sifs};
use crate::medium::rules::{Fate, FrameFacts};
use crate::medium::{FrameKind, FrameSeen, Injection, Passage, Transmitter};
use crate::queue::Priority;
use crate::trace::TraceKind;

/// Repetitions of a frame that is not acknowledged (dot11ShortRetryLimit as hostapd sets it).
const RETRIES: u8 = 7;

/// Mean back-off before a transmission, in slots: half of the smallest contention window.
const BACKOFF_SLOTS: i64 = 7;

/// The longest that a frame waits for its channel. Like hwsim's, this medium has no collisions: on
/// a channel with more traffic than that, transmissions overlap unharmed, so that hundreds of
/// stations at once slow down but never starve. Frames to one receiver never overtake each other.
pub(super) const LONGEST_DEFERENCE: Duration = Duration::from_millis(4);

/// The number of frames that wait for one receiver; a further one fails at once (the length of Linux's transmit queues).
const LONGEST_LANE: usize = 1000;

/// The one who wants to know the fate of a frame.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// Nobody.
    Plain,
    /// The station's own authentication or association request.
    Mlme { generation: u32 },
    /// A null function frame that asks whether the AP is still there.
    Probe { generation: u32 },
    /// NL80211_CMD_PROBE_CLIENT.
    ClientProbe { addr: MacAddr },
    /// NL80211_CMD_FRAME.
    Mgmt { cookie: u64 },
    /// NL80211_CMD_CONTROL_PORT_FRAME.
    Eapol { cookie: u64, dest: MacAddr, frame: Vec<u8> },
    /// A radio outside.
    Outside { cookie: u64 },
}

/// The transmitter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    Vif(VifIx),
    /// A radio outside, with the transmit power in dBm of the interface behind the frame.
    Outside {
        radio: OutsideIx,
        tx_power: Option<i32>,
    },
    Injected {
        signal_dbm: i32,
    },
}

/// The receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Receiver {
    Vif(VifIx),
    Outside(OutsideIx),
}

/// Set in the trace's numbers of radios outside; interfaces count from zero.
const OUTSIDE: u32 = 1 << 31;

/// Transmissions that wait behind one in flight to the same receiver; groups are one receiver.
/// Looked up, never walked.
pub(crate) type Lanes = HashMap<MacAddr, VecDeque<Box<Transmission>>>;

/// A frame that the soft MAC hands to the medium.
pub(crate) struct OutFrame {
    pub bytes: Vec<u8>,
    pub kind: FrameKind,
    /// In MHz.
    pub freq: u32,
    /// In units of 100 kbit/s.
    pub rate: u16,
    /// Group-addressed frames and probe responses of hostapd ask for none.
    pub wants_ack: bool,
    pub purpose: Purpose,
}

/// A frame on its way.
pub(crate) struct Transmission {
    pub source: Source,
    pub frame: OutFrame,
    start: Instant,
    retries: u8,
    /// Of the node when the frame was made: later processes do not hear of its fate.
    process: u32,
    /// Not on the air at all: the radio is off.
    silent: bool,
    /// A rule took this frame away, its repetitions included.
    doomed: bool,
}

impl Transmission {
    pub fn new(source: Source, frame: OutFrame, start: Instant, silent: bool) -> Self {
        Transmission { source, frame, start, retries: 0, process: 0, silent, doomed: false }
    }

    pub fn vif(&self) -> Option<VifIx> {
        match self.source {
            Source::Vif(vif) => Some(vif),
            Source::Outside { .. } | Source::Injected { .. } => None,
        }
    }
}

impl Source {
    /// The number of a transmitter in the trace.
    fn trace_number(self) -> u32 {
        match self {
            Source::Vif(vif) => vif.number(),
            Source::Outside { radio, .. } => OUTSIDE | radio.number(),
            Source::Injected { .. } => u32::MAX,
        }
    }
}

impl Air {
    /// Hands a frame to the medium.
    pub fn transmit(&mut self, vif: VifIx, frame: OutFrame) {
        let radio = self.vif(vif).radio;
        let silent = !self.radio(radio).on;
        let process = self.process_of(vif);
        if let Some(from) = addr2(&frame.bytes) {
            let power = self.radio_mut(radio).power.power_for(frame.kind, from, &frame.bytes);
            self.vif_mut(vif).tx_power = power;
        }
        let t = Transmission { process, ..Transmission::new(Source::Vif(vif), frame, self.now, silent) };
        self.enqueue(Box::new(t));
    }

    /// A frame waits for those before it in its lane, then for its turn on the channel.
    pub fn enqueue(&mut self, t: Box<Transmission>) {
        let lane = lane_of(&t.frame.bytes);
        let start = t.start;
        if let Some(vif) = t.vif()
            && self.lanes_of(t.source).and_then(|l| l.get(&lane)).is_some_and(|l| l.len() >= LONGEST_LANE)
        {
            return self.transmission_status(vif, t.frame, false);
        }
        match self.lanes_of(t.source).map(|lanes| lanes.entry(lane)) {
            Some(Lane::Occupied(mut waiting)) => waiting.get_mut().push_back(t),
            Some(Lane::Vacant(free)) => {
                free.insert(VecDeque::new());
                self.take_turn(t, start);
            }
            None => self.take_turn(t, start),
        }
    }

    /// Returns the lanes in which a transmitter's frames wait for each other; injected ones never do.
    fn lanes_of(&mut self, source: Source) -> Option<&mut Lanes> {
        match source {
            Source::Vif(vif) => {
                let radio = self.vif(vif).radio;
                Some(&mut self.radio_mut(radio).lanes)
            }
            Source::Outside { radio, .. } => Some(&mut self.outsides.radio_mut(radio).lanes),
            Source::Injected { .. } => None,
        }
    }

    /// A transmission is over: the next one in its lane has its turn.
    fn next_in_lane(&mut self, source: Source, lane: MacAddr, earliest: Instant) {
        let Some(lanes) = self.lanes_of(source) else { return };
        match lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
            Some(next) => self.take_turn(next, earliest),
            None => {
                lanes.remove(&lane);
            }
        }
    }

    /// Puts an injected frame on the air.
    pub fn inject(&mut self, injection: Injection) {
        let Injection { freq, bytes, signal_dbm } = injection;
        self.trace.record(self.now, TraceKind::Injection, freq, &bytes);
        let kind = FrameKind::of(&bytes);
        let rate = basic_rate(freq);
        let frame = OutFrame { bytes, kind, freq, rate, wants_ack: false, purpose: Purpose::Plain };
        let t = Transmission::new(Source::Injected { signal_dbm }, frame, self.now, false);
        self.enqueue(Box::new(t));
    }

    /// A beacon's place on its channel: at once if that is free, without back-off. It is the same
    /// whether or not anyone listens.
    pub fn reserve_beacon(&mut self, vif: VifIx, freq: u32) -> (Instant, Instant) {
        let v = self.vif(vif);
        let octets = v.ap.as_ref().map_or(0, |ap| ap.beacon.head.len() + ap.beacon.tail.len() + 6);
        self.reserve_at_once(freq, airtime(octets, v.lowest_rate(freq)))
    }

    /// A place on a channel as soon as that is free, without back-off: when it begins and ends.
    pub fn reserve_at_once(&mut self, freq: u32, length: Duration) -> (Instant, Instant) {
        let latest = self.now + LONGEST_DEFERENCE;
        let busy_until = self.medium.channel(freq).busy_until().min(latest);
        let start = self.now.max(busy_until);
        let end = start + length;
        self.medium.channel(freq).occupy_until(end);
        (start, end)
    }

    /// Sends a beacon in its place, or only shows it to a capture if nobody listens.
    pub fn send_beacon(&mut self, vif: VifIx, frame: OutFrame, start: Instant, end: Instant, heard: bool) {
        let process = self.process_of(vif);
        let source = Source::Vif(vif);
        let t = Box::new(Transmission { process, ..Transmission::new(source, frame, start, false) });
        if heard {
            self.send_in_place(t, start, end);
        } else {
            self.see(&t, MacAddr::BROADCAST, false);
        }
    }

    /// Sends a frame in the place that was reserved for it.
    pub fn send_in_place(&mut self, mut t: Box<Transmission>, start: Instant, end: Instant) {
        t.start = start;
        self.send_until(t, end);
    }

    /// Finds the transmission's place on its channel and waits for its end.
    fn take_turn(&mut self, mut t: Box<Transmission>, earliest: Instant) {
        let freq = t.frame.freq;
        let length = airtime(t.frame.bytes.len(), t.frame.rate);
        let busy_until = self.medium.channel(freq).busy_until();
        let free = earliest.max(busy_until.min(self.now + LONGEST_DEFERENCE));
        // The standard's window doubles with each repetition; here it stays, so that a frame that
        // nobody acknowledges fails about as soon as on hwsim, which does not repeat at all.
        let backoff = Duration::from_micros(SLOT.micros() * BACKOFF_SLOTS);
        t.start = match t.source {
            Source::Injected { .. } => self.now,
            _ => free + difs(freq) + backoff,
        };
        let end = t.start + length;
        let exchange =
            if t.frame.wants_ack { sifs(freq) + ack_airtime(freq, t.frame.rate) } else { Duration::ZERO };
        if !t.silent {
            self.medium.channel(freq).occupy_until(end + exchange);
        }
        self.send_until(t, end);
    }

    /// Waits for the end of a transmission whose place is settled.
    fn send_until(&mut self, t: Box<Transmission>, end: Instant) {
        let slot = self.transmissions.keep(t);
        self.queue.push(end, Priority::Air, Entry::FrameEnd { slot });
    }

    /// The last octet of a transmission is out: receivers get it, the acknowledgement follows.
    pub fn frame_ended(&mut self, slot: Slot) {
        let Some(mut t) = self.transmissions.take(slot) else { return };
        // The radio may have been switched off while the frame waited. An ended process is no reason:
        // what the radio has is sent.
        t.silent |= match t.source {
            Source::Vif(vif) => !self.radio(self.vif(vif).radio).on,
            Source::Outside { radio, .. } => !self.outsides.radio(radio).on,
            Source::Injected { .. } => false,
        };
        let acked = if t.silent { false } else { self.deliver(&mut t) };
        if !t.frame.wants_ack {
            self.finish(t, false, Duration::ZERO);
            return;
        }
        let freq = t.frame.freq;
        let ack_time = sifs(freq) + ack_airtime(freq, t.frame.rate);
        if acked {
            self.finish(t, true, ack_time);
        } else if t.retries < RETRIES && !t.silent {
            t.retries += 1;
            if let Some(flags) = t.frame.bytes.get_mut(1) {
                *flags |= 0x08;
            }
            let earliest = self.now + ack_time;
            self.take_turn(t, earliest);
        } else {
            self.finish(t, false, ack_time);
        }
    }

    /// Counts the transmission and tells whoever waits for its status.
    fn finish(&mut self, t: Box<Transmission>, acked: bool, after: Duration) {
        match t.source {
            Source::Vif(vif) => self.count_transmission(vif, &t.frame, acked, t.retries),
            Source::Outside { radio, .. } => self.outsides.radio_mut(radio).one_less_waits(),
            Source::Injected { .. } => {}
        }
        if t.frame.kind != FrameKind::Beacon {
            self.next_in_lane(t.source, lane_of(&t.frame.bytes), self.now + after);
        }
        if matches!(t.frame.purpose, Purpose::Plain) {
            return;
        }
        let slot = self.transmissions.keep(t);
        self.queue.push(self.now + after, Priority::Air, Entry::TxStatus { slot, acked });
    }

    /// The time of the status has come.
    pub fn transmission_done(&mut self, slot: Slot, acked: bool) {
        let Some(t) = self.transmissions.take(slot) else { return };
        match (t.source, &t.frame.purpose) {
            (Source::Vif(vif), _) if self.vif(vif).up && t.process == self.process_of(vif) => {
                self.transmission_status(vif, t.frame, acked);
            }
            (Source::Outside { radio, .. }, Purpose::Outside { cookie }) => {
                let attempts = if t.silent { 0 } else { t.retries + 1 };
                self.outsides.status(radio, TxStatus { cookie: *cookie, acked, attempts });
            }
            _ => {}
        }
    }

    /// Gives a frame to everyone who hears and wants it; whether it was acknowledged.
    fn deliver(&mut self, t: &mut Transmission) -> bool {
        let bytes: &[u8] = &t.frame.bytes;
        let (freq, kind) = (t.frame.freq, t.frame.kind);
        self.trace.record(t.start, TraceKind::Transmission, t.source.trace_number(), bytes);
        let Some(addr1) = address(bytes, 4) else { return false };
        self.medium.begin_frame();
        let mut doomed = t.doomed;
        let mut acked = false;
        let many;
        let one;
        let audience: &[VifIx] = if addr1.is_group() {
            many = self.group_audience(t.vif(), freq, kind, bytes);
            &many
        } else if let &[single] = self.interfaces.at(addr1) {
            one = [single];
            &one
        } else {
            many = self.interfaces.at(addr1).to_vec();
            &many
        };
        // A radio does not hear itself, whichever of its interfaces sends.
        let own_radio = t.vif().map(|vif| self.vif(vif).radio);
        for &to in audience {
            if !t.doomed && own_radio != Some(self.vif(to).radio) && self.hears(to, freq) {
                acked |= self.offer(t, Receiver::Vif(to), addr1, &mut doomed);
            }
        }
        if !t.doomed && !self.outsides.is_empty() {
            for to in self.outsides.audience(addr1, t.source) {
                acked |= self.offer(t, Receiver::Outside(to), addr1, &mut doomed);
            }
        }
        self.medium.end_frame();
        self.see(t, addr1, acked);
        t.doomed = doomed;
        acked
    }

    /// Carries a frame over the medium to one receiver; whether its acknowledgement came back.
    /// `doomed` becomes true if a rule takes away the frame's repetitions as well.
    fn offer(&mut self, t: &Transmission, to: Receiver, addr1: MacAddr, doomed: &mut bool) -> bool {
        let group = addr1.is_group();
        let (freq, kind, bytes) = (t.frame.freq, t.frame.kind, t.frame.bytes.as_slice());
        let (from, node) = (self.node_of(t.source), self.receiving_node(to));
        let signal_dbm = match (from, t.source) {
            (_, Source::Injected { signal_dbm }) => signal_dbm,
            (Some(from), source) => self.medium.signal(from, node, freq, self.tx_power(source)),
            (None, _) => return false,
        };
        let passage = self.medium.passage(FrameFacts { from, kind, freq, bytes }, node, group, signal_dbm);
        *doomed |= passage.dooms && !group;
        let heard = Reception { freq, rate: t.frame.rate, signal_dbm };
        self.pass(to, bytes, heard, passage) && !group && self.ack_passes(from, node, freq)
    }

    fn node_of(&self, source: Source) -> Option<NodeId> {
        match source {
            Source::Vif(vif) => Some(self.vif(vif).node),
            Source::Outside { radio, .. } => Some(self.outsides.radio(radio).node),
            Source::Injected { .. } => None,
        }
    }

    fn receiving_node(&self, receiver: Receiver) -> NodeId {
        match receiver {
            Receiver::Vif(vif) => self.vif(vif).node,
            Receiver::Outside(radio) => self.outsides.radio(radio).node,
        }
    }

    fn tx_power(&self, source: Source) -> Option<i32> {
        match source {
            Source::Vif(vif) => self.vif(vif).tx_power,
            Source::Outside { tx_power, .. } => tx_power,
            Source::Injected { .. } => None,
        }
    }

    /// Whether rules let the acknowledgement of `receiver` through.
    fn ack_passes(&mut self, transmitter: Option<NodeId>, receiver: NodeId, freq: u32) -> bool {
        let Some(to) = transmitter.filter(|_| self.medium.has_rules()) else { return true };
        let facts = FrameFacts { from: Some(receiver), kind: FrameKind::Ack, freq, bytes: &[0xd4, 0] };
        !self.medium.takes_away(facts, to)
    }

    /// Carries a frame to one receiver; whether its acknowledgement reaches the transmitter.
    fn pass(&mut self, to: Receiver, bytes: &[u8], heard: Reception, passage: Passage) -> bool {
        if passage.lost {
            return false;
        }
        let Fate { lost, ack_lost, delay, again, octets } = self.medium.fate(&passage.action, bytes);
        if lost {
            return false;
        }
        let delay = passage.delay + delay;
        let acked = !passage.ack_lost && !ack_lost;
        // The octets that were sent are in the trace already.
        let news: &[u8] = if matches!(octets, Cow::Borrowed(_)) { &[] } else { &octets };
        let bytes: &[u8] = &octets;
        if let Some(after) = again {
            let late = Entry::LateFrame { to, heard, bytes: bytes.into() };
            self.queue.push(self.now + delay + after, Priority::Air, late);
        }
        if delay > Duration::ZERO {
            let late = Entry::LateFrame { to, heard, bytes: bytes.into() };
            self.queue.push(self.now + delay, Priority::Air, late);
            // The acknowledgement does not wait: it depends on who listens now.
            match to {
                Receiver::Vif(_) => acked,
                Receiver::Outside(radio) => acked && self.outsides.hears(radio, heard.freq),
            }
        } else {
            self.hand_over(to, bytes, news, heard) && acked
        }
    }

    /// A frame is at its receiver; whether that took it. `news` is what goes into the trace.
    fn hand_over(&mut self, to: Receiver, bytes: &[u8], news: &[u8], heard: Reception) -> bool {
        let signal = heard.signal_dbm.to_le_bytes();
        match to {
            Receiver::Vif(vif) => {
                self.trace.record(self.now, TraceKind::Delivery, vif.number(), news);
                self.trace.record(self.now, TraceKind::Signal, vif.number(), &signal);
                self.receive(vif, bytes, heard);
                true
            }
            Receiver::Outside(radio) => {
                let received = self.outsides.deliver(radio, heard, bytes);
                if received {
                    self.trace.record(self.now, TraceKind::Delivery, OUTSIDE | radio.number(), news);
                    self.trace.record(self.now, TraceKind::Signal, OUTSIDE | radio.number(), &signal);
                }
                received
            }
        }
    }

    /// A frame that a rule or a link delayed arrives.
    pub fn late_frame(&mut self, to: Receiver, bytes: &[u8], heard: Reception) {
        match to {
            Receiver::Vif(vif) if self.hears(vif, heard.freq) => {
                self.trace.record(self.now, TraceKind::Delivery, vif.number(), bytes);
                self.receive(vif, bytes, heard);
            }
            Receiver::Outside(radio) if self.outsides.radio(radio).on => {
                self.hand_over(to, bytes, bytes, heard);
            }
            Receiver::Vif(_) | Receiver::Outside(_) => {}
        }
    }

    /// Shows a transmission to the capture and to those who look for frames.
    fn see(&mut self, t: &Transmission, addr1: MacAddr, acked: bool) {
        let (freq, rate) = (t.frame.freq, t.frame.rate);
        let signal = match t.source {
            Source::Injected { signal_dbm } => signal_dbm,
            source => self.tx_power(source).unwrap_or(0) - 50,
        };
        if let Some(capture) = self.medium.watch.capture_mut() {
            capture.push(t.start, freq, rate, signal, &t.frame.bytes);
            if acked && let Some(to) = address(&t.frame.bytes, 10) {
                let mut ack = [0xd4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
                ack[4..].copy_from_slice(&to.0);
                capture.push(self.now + sifs(freq), freq, ack_rate(freq, rate), signal, &ack);
            }
        }
        if self.medium.watch.has_tap() {
            let from = self.node_of(t.source).map_or(Transmitter::Injected, Transmitter::Node);
            let inside = self.interfaces.at(addr1).first().map(|v| self.vif(*v).node);
            let to = inside.or_else(|| self.outsides.node_at(addr1));
            let seen = FrameSeen {
                time: t.start,
                from,
                to,
                freq,
                kind: t.frame.kind,
                bytes: t.frame.bytes.as_slice().into(),
                acked,
            };
            self.medium.watch.keep(seen);
        }
    }
}

/// Returns the lane of a transmission; those in one lane wait for each other: those to one receiver, and those to any group.
fn lane_of(bytes: &[u8]) -> MacAddr {
    address(bytes, 4).filter(|a| !a.is_group()).unwrap_or(MacAddr::BROADCAST)
}

/// The address at an offset of a frame's header.
pub(crate) fn address(bytes: &[u8], offset: usize) -> Option<MacAddr> {
    bytes.get(offset..offset + 6)?.first_chunk::<6>().map(|a| MacAddr(*a))
}
