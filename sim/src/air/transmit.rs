//! Transmissions: their turn on the channel, receivers, acknowledgements and repetitions.

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Lane;

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use super::{Air, Entry, Reception};
use crate::NodeId;
use crate::mac::VifIx;
use crate::medium::airtime::{SLOT, ack_airtime, ack_rate, airtime, basic_rate, difs, sifs};
use crate::medium::rules::{FrameFacts, elements_offset};
use crate::medium::{Action, FrameKind, FrameSeen, Injection, Passage, Transmitter};
use crate::queue::Priority;
use crate::trace::TraceKind;

/// Repetitions of a frame that is not acknowledged (dot11ShortRetryLimit as hostapd sets it).
const RETRIES: u8 = 7;

/// Mean back-off before a transmission, in slots: half of the smallest contention window.
const BACKOFF_SLOTS: i64 = 7;

/// The longest that a frame waits for its channel. Like hwsim's, this medium has no collisions: on
/// a channel with more traffic than that, transmissions overlap unharmed, so that hundreds of
/// stations at once slow down but never starve. Frames to one receiver never overtake each other.
const LONGEST_DEFERENCE: Duration = Duration::from_millis(4);

/// Who wants to know what became of a frame.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// Nobody.
    Plain,
    /// The station's own authentication or association request.
    Mlme { generation: u32 },
    /// A null function frame that asks whether the AP is still there.
    Probe { generation: u32 },
    /// NL80211_CMD_FRAME.
    Mgmt { cookie: u64 },
    /// NL80211_CMD_CONTROL_PORT_FRAME.
    Eapol { cookie: u64, dest: MacAddr, frame: Vec<u8> },
}

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
    pub vif: Option<VifIx>,
    pub frame: OutFrame,
    /// Of injected frames.
    signal_dbm: i32,
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
    fn new(vif: Option<VifIx>, frame: OutFrame, start: Instant, silent: bool) -> Self {
        Transmission { vif, frame, signal_dbm: 0, start, retries: 0, process: 0, silent, doomed: false }
    }
}

impl Air {
    /// Hands a frame to the medium.
    pub fn transmit(&mut self, vif: VifIx, frame: OutFrame) {
        let radio = self.vif(vif).radio;
        let silent = !self.radio(radio).on;
        let lane = lane_of(&frame.bytes);
        let start = self.now;
        let process = self.process_of(vif);
        let t = Box::new(Transmission { process, ..Transmission::new(Some(vif), frame, start, silent) });
        match self.radio_mut(radio).lanes.entry(lane) {
            Lane::Occupied(mut waiting) => waiting.get_mut().push_back(t),
            Lane::Vacant(free) => {
                free.insert(VecDeque::new());
                self.take_turn(t, start);
            }
        }
    }

    /// A transmission is over: the next one in its lane has its turn.
    fn next_in_lane(&mut self, vif: VifIx, lane: MacAddr, earliest: Instant) {
        let radio = self.vif(vif).radio;
        let lanes = &mut self.radio_mut(radio).lanes;
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
        let start = self.now;
        let t = Transmission { signal_dbm, ..Transmission::new(None, frame, start, false) };
        self.take_turn(Box::new(t), start);
    }

    /// A beacon's place on its channel: at once if that is free, without back-off. It is the same
    /// whether or not anyone listens.
    pub fn reserve_beacon(&mut self, vif: VifIx, freq: u32) -> (Instant, Instant) {
        let octets =
            self.vif(vif).ap.as_ref().map_or(0, |ap| ap.beacon.head.len() + ap.beacon.tail.len() + 6);
        let latest = self.now + LONGEST_DEFERENCE;
        let busy_until = self.medium.channel(freq).busy_until.min(latest);
        let start = self.now.max(busy_until);
        let end = start + airtime(octets, basic_rate(freq));
        let channel = self.medium.channel(freq);
        channel.busy_until = channel.busy_until.max(end);
        (start, end)
    }

    /// Sends a beacon in its place, or only shows it to a capture if nobody listens.
    pub fn send_beacon(&mut self, vif: VifIx, frame: OutFrame, start: Instant, end: Instant, heard: bool) {
        let process = self.process_of(vif);
        let t = Box::new(Transmission { process, ..Transmission::new(Some(vif), frame, start, false) });
        if heard {
            let slot = self.keep_transmission(t);
            self.queue.push(end, Priority::Air, Entry::FrameEnd { slot });
        } else {
            self.see(&t, MacAddr::BROADCAST, false);
        }
    }

    /// Finds the transmission's place on its channel and waits for its end.
    fn take_turn(&mut self, mut t: Box<Transmission>, earliest: Instant) {
        let freq = t.frame.freq;
        let length = airtime(t.frame.bytes.len(), t.frame.rate);
        let busy_until = self.medium.channel(freq).busy_until;
        let free = earliest.max(busy_until.min(self.now + LONGEST_DEFERENCE));
        // The standard's window doubles with each repetition; here it stays, so that a frame that
        // nobody acknowledges fails about as soon as on hwsim, which does not repeat at all.
        let backoff = Duration::from_micros(SLOT.micros() * BACKOFF_SLOTS);
        t.start = if t.vif.is_some() { free + difs(freq) + backoff } else { self.now };
        let end = t.start + length;
        let exchange =
            if t.frame.wants_ack { sifs(freq) + ack_airtime(freq, t.frame.rate) } else { Duration::ZERO };
        if !t.silent {
            let channel = self.medium.channel(freq);
            channel.busy_until = channel.busy_until.max(end + exchange);
        }
        let slot = self.keep_transmission(t);
        self.queue.push(end, Priority::Air, Entry::FrameEnd { slot });
    }

    fn keep_transmission(&mut self, t: Box<Transmission>) -> u32 {
        let slot = self.free_transmissions.pop().unwrap_or_else(|| {
            self.transmissions.push(None);
            (self.transmissions.len() - 1) as u32
        });
        if let Some(place) = self.transmissions.get_mut(slot as usize) {
            *place = Some(t);
        }
        slot
    }

    fn take_transmission(&mut self, slot: u32) -> Option<Box<Transmission>> {
        let t = self.transmissions.get_mut(slot as usize)?.take()?;
        self.free_transmissions.push(slot);
        Some(t)
    }

    /// The last octet of a transmission is out: receivers get it, the acknowledgement follows.
    pub fn frame_ended(&mut self, slot: u32) {
        let Some(mut t) = self.take_transmission(slot) else { return };
        // The radio may have been switched off while the frame waited. An ended process is no reason:
        // what the radio has is sent.
        if let Some(vif) = t.vif {
            t.silent |= !self.radio(self.vif(vif).radio).on;
        }
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
        if let Some(vif) = t.vif {
            self.count_transmission(vif, &t.frame, acked, t.retries);
            if t.frame.kind != FrameKind::Beacon {
                self.next_in_lane(vif, lane_of(&t.frame.bytes), self.now + after);
            }
        }
        if matches!(t.frame.purpose, Purpose::Plain) {
            return;
        }
        let slot = self.keep_transmission(t);
        self.queue.push(self.now + after, Priority::Air, Entry::TxStatus { slot, acked });
    }

    /// The time of the status has come.
    pub fn transmission_done(&mut self, slot: u32, acked: bool) {
        let Some(t) = self.take_transmission(slot) else { return };
        if let Some(vif) = t.vif
            && self.vif(vif).up
            && t.process == self.process_of(vif)
        {
            self.transmission_status(vif, t.frame, acked);
        }
    }

    /// Gives a frame to everyone who hears and wants it; whether it was acknowledged.
    fn deliver(&mut self, t: &mut Transmission) -> bool {
        let mut doomed = t.doomed;
        let bytes: &[u8] = &t.frame.bytes;
        let (freq, kind) = (t.frame.freq, t.frame.kind);
        self.trace.record(t.start, TraceKind::Transmission, t.vif.unwrap_or(u32::MAX), bytes);
        let from = t.vif.map(|v| self.vif(v).node);
        let Some(addr1) = address(bytes, 4) else { return false };
        let group = addr1.is_group();
        self.medium.begin_frame();
        let mut acked = false;
        let many;
        let one;
        let audience: &[VifIx] = if group {
            many = self.group_audience(t.vif, freq, kind, bytes);
            &many
        } else if let &[single] = self.vifs_at(addr1) {
            one = [single];
            &one
        } else {
            many = self.vifs_at(addr1).to_vec();
            &many
        };
        for &to in audience {
            if t.doomed || t.vif == Some(to) || !self.hears(to, freq) {
                continue;
            }
            let node = self.vif(to).node;
            let signal = match t.vif {
                Some(v) => self.medium.signal(self.vif(v).node, node, freq, self.vif(v).tx_power),
                None => t.signal_dbm,
            };
            let facts = FrameFacts { from, kind, freq, bytes };
            let passage = self.medium.passage(facts, node, group, signal);
            doomed |= passage.dooms && !group;
            let heard = Reception { freq, rate: t.frame.rate, signal_dbm: signal };
            acked |= self.pass(to, bytes, heard, passage) && !group && self.ack_passes(from, node, freq);
        }
        self.medium.end_frame();
        self.see(t, addr1, acked);
        t.doomed = doomed;
        acked
    }

    /// Whether rules let the acknowledgement of `receiver` through.
    fn ack_passes(&mut self, transmitter: Option<NodeId>, receiver: NodeId, freq: u32) -> bool {
        let Some(to) = transmitter.filter(|_| self.medium.has_rules()) else { return true };
        let facts = FrameFacts { from: Some(receiver), kind: FrameKind::Ack, freq, bytes: &[0xd4, 0] };
        !self.medium.takes_away(facts, to)
    }

    /// Carries a frame to one receiver; whether its acknowledgement reaches the transmitter.
    fn pass(&mut self, to: VifIx, bytes: &[u8], heard: Reception, passage: Passage) -> bool {
        if passage.lost {
            return false;
        }
        let changed;
        let sent = bytes;
        let mut bytes = bytes;
        let mut delay = passage.delay;
        let mut again = None;
        let mut acked = !passage.ack_lost;
        match passage.action {
            Action::Pass => {}
            Action::Drop => return false,
            Action::DropAck => acked = false,
            Action::Delay(by) => delay = delay + by,
            Action::Corrupt { octets, offset } => {
                changed = self.corrupt(bytes, octets, offset);
                bytes = &changed;
            }
            Action::Mutate(mutation) => {
                changed = mutation.apply(bytes);
                bytes = &changed;
            }
            Action::Duplicate { after } => again = Some(after),
        }
        if let Some(after) = again {
            let late = Entry::LateFrame { vif: to, heard, bytes: bytes.into() };
            self.queue.push(self.now + delay + after, Priority::Air, late);
        }
        if delay > Duration::ZERO {
            let late = Entry::LateFrame { vif: to, heard, bytes: bytes.into() };
            self.queue.push(self.now + delay, Priority::Air, late);
        } else {
            // What was sent is in the trace already.
            let news = if std::ptr::eq(sent, bytes) { &[] } else { bytes };
            self.trace.record(self.now, TraceKind::Delivery, to, news);
            self.trace.record(self.now, TraceKind::Signal, to, &heard.signal_dbm.to_le_bytes());
            self.receive(to, bytes, heard);
        }
        acked
    }

    /// Random octets in place of a frame's own, behind its header if the rule names no place.
    fn corrupt(&mut self, bytes: &[u8], octets: u32, offset: Option<usize>) -> Vec<u8> {
        let mut out = bytes.to_vec();
        let start = offset.unwrap_or_else(|| elements_offset(bytes).unwrap_or(32)).min(out.len());
        let span = (out.len() - start) as u32;
        if span == 0 {
            return out;
        }
        for _ in 0..octets {
            let at = start + self.medium.corruption.below(span) as usize;
            // Never the octet that was there: exclusive or with 1 to 255.
            let flip = 1 + self.medium.corruption.below(255) as u8;
            if let Some(octet) = out.get_mut(at) {
                *octet ^= flip;
            }
        }
        out
    }

    /// Shows a transmission to the capture and to those who look for frames.
    fn see(&mut self, t: &Transmission, addr1: MacAddr, acked: bool) {
        let (freq, rate) = (t.frame.freq, t.frame.rate);
        let signal = match t.vif {
            Some(v) => self.vif(v).tx_power.unwrap_or(0) - 50,
            None => t.signal_dbm,
        };
        if let Some(capture) = &mut self.medium.capture {
            capture.push(t.start, freq, rate, signal, &t.frame.bytes);
            if acked && let Some(to) = address(&t.frame.bytes, 10) {
                let mut ack = [0xd4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
                ack[4..].copy_from_slice(&to.0);
                capture.push(self.now + sifs(freq), freq, ack_rate(freq, rate), signal, &ack);
            }
        }
        if self.medium.tap.is_some() {
            let from = match t.vif {
                Some(v) => Transmitter::Node(self.vif(v).node),
                None => Transmitter::Injected,
            };
            let to = self.vifs_at(addr1).first().map(|v| self.vif(*v).node);
            let seen = FrameSeen {
                time: t.start,
                from,
                to,
                freq,
                kind: t.frame.kind,
                bytes: t.frame.bytes.as_slice().into(),
                acked,
            };
            if let Some(tap) = &mut self.medium.tap {
                tap.push(seen);
            }
        }
    }
}

/// Which transmissions wait for each other: those to one receiver, and those to any group.
fn lane_of(bytes: &[u8]) -> MacAddr {
    address(bytes, 4).filter(|a| !a.is_group()).unwrap_or(MacAddr::BROADCAST)
}

/// The address at an offset of a frame's header.
pub(crate) fn address(bytes: &[u8], offset: usize) -> Option<MacAddr> {
    bytes.get(offset..offset + 6)?.first_chunk::<6>().map(|a| MacAddr(*a))
}
