//! The access point's side: beacons, the station table, power save.

use std::collections::{BTreeSet, VecDeque};

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{Beacon, Errno, IfType, Refused, StationParams};
use wpasim_wire::elements::{eid, push};
use wpasim_wire::ieee80211::{set_seq, set_timestamp};
use wpasim_wire::time::{Duration, Instant};

use super::VifIx;
use super::peer::Peer;
use super::switch::Announced;
use crate::air::{Air, MacTimer, OutFrame, Purpose};
use crate::medium::FrameKind;
use crate::trace::TraceKind;

/// Writes the time stamp: the TSF when the time stamp's first bit goes out, 24 octets of header
/// later (mac80211_hwsim does the same sum). `rate` in units of 100 kbit/s, the result in microseconds.
pub(crate) fn timestamp_lead(rate: u16) -> u64 {
    24 * 8 * 10 / u64::from(rate.max(1))
}

/// A BSS that an interface runs.
pub(crate) struct AccessPoint {
    pub beacon: Box<Beacon>,
    /// A switch to another channel that is announced.
    pub switch: Option<Box<Announced>>,
    generation: u32,
    /// From when on it keeps the regulatory domain as it is.
    beacons_from: Instant,
    dtim_count: u8,
    /// Members that have to be given the next beacon itself: it is their first, or it changed.
    pub wanted: BTreeSet<VifIx>,
    /// Group frames that wait for the DTIM because a station sleeps.
    group_waiting: VecDeque<OutFrame>,
    dozing: u32,
}

impl AccessPoint {
    /// Whether it beacons already, as far as the regulatory domain is concerned: turning an interface into a group owner's
    /// takes longer than a client needs to leave the group before.
    pub fn is_beaconing(&self, now: Instant) -> bool {
        now >= self.beacons_from
    }

    /// Whether a timer of this generation is this BSS's.
    pub fn is_of(&self, generation: u32) -> bool {
        self.generation == generation
    }
}

/// The time that a kernel takes to turn an interface in use into a group owner's: the first scan of its client, begun when
/// the negotiation ended, is over before the first beacon.
const GO_START: Duration = Duration::from_millis(45);

impl Air {
    /// NL80211_CMD_START_AP.
    pub fn start_ap(&mut self, vif: VifIx, beacon: Box<Beacon>) {
        let v = self.vif(vif);
        let allowed = self.regulatory.channel(beacon.freq).is_some_and(|c| !c.no_ir && !c.radar);
        let refusal = if !v.up {
            Some(Errno::NetDown)
        } else if !v.is_ap() {
            Some(Errno::NotSupported)
        } else if v.ap.is_some() {
            Some(Errno::Already)
        } else if !allowed || beacon.interval == 0 || beacon.dtim_period == 0 || beacon.head.len() < 36 {
            Some(Errno::Invalid)
        } else if self.is_channel_taken(vif, beacon.freq) {
            Some(Errno::Busy)
        } else {
            None
        };
        if let Some(errno) = refusal {
            return self.refuse(vif, Refused::StartAp, errno);
        }
        let (freq, interval) = (beacon.freq, beacon.interval);
        let generation = self.next_generation();
        let is_owner = self.vif(vif).iftype == IfType::P2pGo;
        let ready = if is_owner { self.now + GO_START } else { self.now };
        self.vif_mut(vif).ap = Some(Box::new(AccessPoint {
            beacon,
            switch: None,
            generation,
            beacons_from: ready,
            dtim_count: 0,
            wanted: BTreeSet::new(),
            group_waiting: VecDeque::new(),
            dozing: 0,
        }));
        self.use_channel(vif, freq);
        self.meet_neighbors(vif);
        let at = self.clock.next_tbtt(ready, interval);
        self.start_timer(at, MacTimer::Beacon { vif, generation });
    }

    /// The stations of a BSS and the access points beside it, which take in its beacons.
    pub fn listeners_of_beacons(&self, vif: VifIx) -> BTreeSet<VifIx> {
        let v = self.vif(vif);
        let freq = v.ap.as_ref().map(|ap| ap.beacon.freq);
        // A radio does not hear itself, and it may have thousands of BSSs.
        let channel = freq.and_then(|freq| self.medium.used_channel(freq)).filter(|c| c.is_shared(v.radio));
        let responders = channel.into_iter().flat_map(|channel| channel.responders());
        let is_neighbor = |other: &VifIx| self.vif(*other).ap.is_some() && self.vif(*other).radio != v.radio;
        self.interfaces.members(v.addr).chain(responders.filter(is_neighbor)).collect()
    }

    /// An access point is on a channel: it and those that are there already hear of each other.
    pub fn meet_neighbors(&mut self, vif: VifIx) {
        let all = self.listeners_of_beacons(vif);
        for other in &all {
            if let Some(ap) = &mut self.vif_mut(*other).ap {
                ap.wanted.insert(vif);
            }
        }
        if let Some(ap) = &mut self.vif_mut(vif).ap {
            ap.wanted.extend(all);
        }
    }

    /// NL80211_CMD_SET_BEACON. Members take in the changed beacon.
    pub fn set_beacon(&mut self, vif: VifIx, beacon: Box<Beacon>) {
        let members = self.listeners_of_beacons(vif);
        let Some(ap) = &mut self.vif_mut(vif).ap else {
            return self.refuse(vif, Refused::Other, Errno::NoEntry);
        };
        if beacon.head != ap.beacon.head || beacon.tail != ap.beacon.tail {
            ap.wanted = members;
        }
        let moved = beacon.freq != ap.beacon.freq;
        let freq = beacon.freq;
        ap.beacon = beacon;
        if moved {
            self.use_channel(vif, freq);
        }
    }

    /// NL80211_CMD_STOP_AP: beacons end, the station table is flushed, nobody is told.
    pub fn stop_ap(&mut self, vif: VifIx) {
        if self.vif(vif).ap.is_none() {
            return self.refuse(vif, Refused::Other, Errno::NoEntry);
        }
        self.drop_ap(vif);
    }

    /// Ends the BSS if there is one.
    pub fn drop_ap(&mut self, vif: VifIx) {
        let v = self.vif_mut(vif);
        if v.ap.take().is_none() {
            return;
        }
        v.stations.clear();
        v.group_keys.clear();
        self.retune_for(vif);
        // Announced before anybody can ask for anything else.
        self.schedule_regulatory_restore(Duration::ZERO);
    }

    /// A member has to be given the next beacon.
    pub fn want_beacon(&mut self, bssid: MacAddr, member: VifIx) {
        for vif in self.interfaces.at(bssid).to_vec() {
            if let Some(ap) = &mut self.vif_mut(vif).ap {
                ap.wanted.insert(member);
            }
        }
    }

    /// Takes the members that the next beacon has to be given to.
    pub fn take_wanting(&mut self, vif: VifIx) -> BTreeSet<VifIx> {
        self.vif_mut(vif).ap.as_mut().map(|ap| std::mem::take(&mut ap.wanted)).unwrap_or_default()
    }

    /// A target beacon transmission time.
    pub fn beacon_timer(&mut self, vif: VifIx, generation: u32) {
        let now = self.now;
        let last_here =
            self.vif(vif).ap.as_ref().is_some_and(|ap| ap.is_of(generation)) && self.count_down(vif);
        let v = self.vif_mut(vif);
        let (addr, radio, node) = (v.addr, v.radio, v.node);
        let Some(ap) = v.ap.as_mut().filter(|ap| ap.generation == generation) else { return };
        ap.dtim_count = match ap.dtim_count {
            0 => ap.beacon.dtim_period - 1,
            n => n - 1,
        };
        let (freq, interval) = (ap.beacon.freq, ap.beacon.interval);
        let is_dtim = ap.dtim_count == 0;
        let wanted = !ap.wanted.is_empty();
        let sequence = v.next_sequence();
        self.start_timer(now + Duration::from_tu(i64::from(interval)), MacTimer::Beacon { vif, generation });
        if !self.radio(radio).on || self.radio(radio).tuned != Some(freq) {
            return;
        }
        self.trace.record(now, TraceKind::Beacon, vif.number(), &sequence.to_le_bytes());
        let clean = self.medium.beacons_pass_clean(node);
        let heard = wanted
            || self.outsides.anyone()
            || self.medium.used_channel(freq).is_some_and(|c| c.scanners().next().is_some())
            || (!clean && !self.listeners_of_beacons(vif).is_empty());
        let (start, end) = self.reserve_beacon(vif, freq);
        if clean {
            self.medium.note_clean_beacon(addr, freq, end);
        }
        if heard || self.medium.watch.is_on() {
            let rate = self.vif(vif).lowest_rate(freq);
            let bytes = self.compose_beacon(vif, sequence, self.clock.tsf(start) + timestamp_lead(rate));
            let purpose = Purpose::Plain;
            let frame = OutFrame { bytes, kind: FrameKind::Beacon, freq, rate, wants_ack: false, purpose };
            self.send_beacon(vif, frame, start, end, heard);
        }
        if last_here {
            self.start_timer(end, MacTimer::Switch { vif, generation });
        }
        if is_dtim {
            self.release_group_frames(vif);
        }
    }

    /// Head, TIM and tail, with time stamp and sequence number.
    fn compose_beacon(&self, vif: VifIx, sequence: u16, timestamp: u64) -> Vec<u8> {
        let v = self.vif(vif);
        let Some(ap) = &v.ap else { return Vec::new() };
        let mut out = Vec::with_capacity(ap.beacon.head.len() + ap.beacon.tail.len() + 16);
        out.extend_from_slice(&ap.beacon.head);
        let waiting = v.stations.values().filter(|s| !s.waiting.is_empty()).map(|s| s.aid);
        let tim = tim(ap.dtim_count, ap.beacon.dtim_period, !ap.group_waiting.is_empty(), waiting);
        push(&mut out, eid::TIM, &tim);
        out.extend_from_slice(&ap.beacon.tail);
        set_seq(&mut out, sequence);
        set_timestamp(&mut out, timestamp);
        out
    }

    /// NL80211_CMD_NEW_STATION.
    pub fn new_station(&mut self, vif: VifIx, params: &StationParams) {
        let now = self.now;
        let v = self.vif_mut(vif);
        if v.ap.is_none() || v.stations.contains_key(&params.addr) {
            return self.refuse(vif, Refused::Other, Errno::Already);
        }
        let mut peer = Peer::new(now);
        peer.set(params, now);
        v.stations.insert(params.addr, peer);
    }

    /// NL80211_CMD_SET_STATION.
    pub fn set_station(&mut self, vif: VifIx, params: &StationParams) {
        let now = self.now;
        match self.vif_mut(vif).stations.get_mut(&params.addr) {
            Some(peer) => peer.set(params, now),
            None => self.refuse(vif, Refused::Other, Errno::NoEntry),
        }
    }

    /// NL80211_CMD_DEL_STATION. No frame is sent.
    pub fn delete_station(&mut self, vif: VifIx, addr: MacAddr) {
        let v = self.vif_mut(vif);
        match v.stations.remove(&addr) {
            Some(peer) if peer.dozing => {
                if let Some(ap) = &mut v.ap {
                    ap.dozing = ap.dozing.saturating_sub(1);
                }
            }
            Some(_) => {}
            None => self.refuse(vif, Refused::Other, Errno::NoEntry),
        }
    }

    /// A station's Power Management bit says whether it sleeps; waking releases what waited.
    pub fn note_power_management(&mut self, vif: VifIx, addr: MacAddr, sleeping: bool) {
        let v = self.vif_mut(vif);
        let Some(peer) = v.stations.get_mut(&addr).filter(|p| p.dozing != sleeping) else { return };
        peer.dozing = sleeping;
        let released = if sleeping { VecDeque::new() } else { std::mem::take(&mut peer.waiting) };
        if let Some(ap) = &mut v.ap {
            ap.dozing = if sleeping { ap.dozing + 1 } else { ap.dozing.saturating_sub(1) };
        }
        for frame in released {
            self.transmit(vif, frame);
        }
    }

    /// Keeps a frame for a sleeping receiver; gives it back if it can go now. Group frames wait for
    /// the DTIM as long as any station sleeps.
    pub fn keep_for_sleeper(&mut self, vif: VifIx, to: MacAddr, frame: OutFrame) -> Option<OutFrame> {
        /// mac80211's STA_MAX_TX_BUFFER and AP_MAX_BC_BUFFER.
        const MOST_WAITING: usize = 64;
        let v = self.vif_mut(vif);
        let Some(ap) = &mut v.ap else { return Some(frame) };
        let queue = if to.is_group() {
            if ap.dozing == 0 {
                return Some(frame);
            }
            &mut ap.group_waiting
        } else {
            match v.stations.get_mut(&to) {
                Some(peer) if peer.dozing => &mut peer.waiting,
                _ => return Some(frame),
            }
        };
        if queue.len() >= MOST_WAITING {
            queue.pop_front();
        }
        queue.push_back(frame);
        None
    }

    fn release_group_frames(&mut self, vif: VifIx) {
        let waiting = match &mut self.vif_mut(vif).ap {
            Some(ap) => std::mem::take(&mut ap.group_waiting),
            None => return,
        };
        for frame in waiting {
            self.transmit(vif, frame);
        }
    }
}

/// The TIM element's body (IEEE 802.11-2020 §9.4.2.5): the bitmap's part that has bits set.
fn tim(count: u8, period: u8, group: bool, aids: impl Iterator<Item = u16>) -> Vec<u8> {
    let mut bitmap = Vec::new();
    for aid in aids {
        let octet = usize::from(aid & 0x07ff) / 8;
        if bitmap.len() <= octet {
            bitmap.resize(octet + 1, 0u8);
        }
        if let Some(bits) = bitmap.get_mut(octet) {
            *bits |= 1 << (aid % 8);
        }
    }
    let first = bitmap.iter().position(|b| *b != 0).unwrap_or(0) & !1;
    let part = bitmap.get(first..).filter(|p| !p.is_empty()).unwrap_or(&[0]);
    let mut out = vec![count, period, first as u8 | u8::from(group && count == 0)];
    out.extend_from_slice(part);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tim_holds_the_bits_and_no_more() {
        assert_eq!(tim(0, 2, false, [].into_iter()), [0, 2, 0, 0]);
        assert_eq!(tim(0, 2, true, [1].into_iter()), [0, 2, 1, 2]);
        assert_eq!(tim(1, 2, true, [17, 33].into_iter()), [1, 2, 2, 2, 0, 2]);
    }
}
