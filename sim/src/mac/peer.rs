//! A station as mac80211 knows it: keys, counters and states; the AP is one for its station.

use std::collections::VecDeque;

use wpasim_wire::driver::{StationInfo, StationParams};
use wpasim_wire::time::{Duration, Instant};

use super::fragments::Fragments;
use super::keys::KeySlots;
use super::signal::Average;
use crate::air::OutFrame;

/// mac80211's STA_LOST_PKT_THRESHOLD: frames in a row without acknowledgement.
const LOST_FRAMES: u32 = 50;

/// A peer of an interface.
pub(crate) struct Peer {
    pub aid: u16,
    pub capability: u16,
    pub associated: bool,
    pub authorized: bool,
    /// QoS data frames both ways.
    pub wmm: bool,
    pub keys: KeySlots,
    pub fragments: Fragments,
    /// Spatial multiplexing power save, in its dynamic mode.
    pub dynamic_smps: bool,
    /// Sleeps between beacons: its frames wait.
    pub dozing: bool,
    pub waiting: VecDeque<OutFrame>,
    pub last_heard: Instant,
    pub last_acked: Instant,
    signal_dbm: i32,
    average: Average,
    since: Instant,
    rx_packets: u32,
    tx_packets: u32,
    rx_bytes: u64,
    tx_bytes: u64,
    rx_rate: u32,
    tx_rate: u32,
    tx_retries: u32,
    tx_failed: u32,
    lost_in_a_row: u32,
    /// Sequence numbers of QoS data frames, by traffic identifier.
    sequence: [u16; 8],
    /// Sequence control of the last frame received, by traffic identifier; 16 is without.
    last_sequence: [Option<u16>; 17],
}

impl Peer {
    pub fn new(now: Instant) -> Self {
        Peer {
            aid: 0,
            capability: 0,
            associated: false,
            authorized: false,
            wmm: false,
            keys: KeySlots::default(),
            fragments: Fragments::default(),
            dynamic_smps: false,
            dozing: false,
            waiting: VecDeque::new(),
            last_heard: now,
            last_acked: now,
            signal_dbm: 0,
            average: Average::OF_FRAMES,
            since: now,
            rx_packets: 0,
            tx_packets: 0,
            rx_bytes: 0,
            tx_bytes: 0,
            rx_rate: 0,
            tx_rate: 10,
            tx_retries: 0,
            tx_failed: 0,
            lost_in_a_row: 0,
            sequence: [0; 8],
            last_sequence: [None; 17],
        }
    }

    /// Takes over what user space says of a station.
    pub fn set(&mut self, params: &StationParams, now: Instant) {
        if params.associated && !self.associated {
            self.since = now;
        }
        self.aid = params.aid;
        self.capability = params.capability;
        self.associated = params.associated;
        self.authorized = params.authorized;
        self.wmm = params.wmm;
    }

    /// The association begins.
    pub fn associate(&mut self, now: Instant) {
        self.associated = true;
        self.since = now;
    }

    /// Counts a received frame; `data_rate`, of data frames only, in units of 100 kbit/s.
    pub fn count_received(&mut self, now: Instant, frame: &[u8], signal_dbm: i32, data_rate: Option<u16>) {
        let group = frame.get(4).is_some_and(|octet| octet & 1 == 1);
        self.rx_packets = self.rx_packets.wrapping_add(1);
        self.rx_bytes += frame.len() as u64;
        if !group {
            // mac80211 takes only frames to this very receiver as a sign of life.
            self.last_heard = now;
            self.rx_rate = data_rate.map_or(self.rx_rate, u32::from);
        }
        self.average.add(signal_dbm);
        self.signal_dbm = signal_dbm;
    }

    /// Counts a beacon of the own AP.
    pub fn count_beacon(&mut self, signal_dbm: i32) {
        self.rx_packets = self.rx_packets.wrapping_add(1);
        self.average.add(signal_dbm);
        self.signal_dbm = signal_dbm;
    }

    /// Counts a transmitted frame, an MSDU in fragments as one packet (ieee80211_tx_h_stats); whether it is time to report low acknowledgements.
    pub fn count_transmitted(
        &mut self,
        now: Instant,
        frame: &[u8],
        rate: u16,
        acked: bool,
        retries: u8,
    ) -> bool {
        self.tx_retries = self.tx_retries.wrapping_add(u32::from(retries));
        let is_first = frame.get(22).is_none_or(|control| control & 0x0f == 0);
        self.tx_packets = self.tx_packets.wrapping_add(u32::from(is_first));
        self.tx_bytes += frame.len() as u64;
        if acked {
            self.tx_rate = u32::from(rate);
            self.last_acked = now;
            self.lost_in_a_row = 0;
            return false;
        }
        self.tx_failed = self.tx_failed.wrapping_add(1);
        self.lost_in_a_row += 1;
        if self.lost_in_a_row < LOST_FRAMES {
            return false;
        }
        self.lost_in_a_row = 0;
        true
    }

    /// The next sequence number of QoS frames with a traffic identifier.
    pub fn next_sequence(&mut self, tid: u8) -> u16 {
        let counter = &mut self.sequence[usize::from(tid & 7)];
        let sequence = *counter;
        *counter = (*counter + 1) & 0x0fff;
        sequence
    }

    /// Whether a frame is a repetition of the last (IEEE 802.11-2020 §10.3.2.14).
    pub fn is_repetition(&mut self, frame: &[u8]) -> bool {
        let Some(control) = frame.get(22..24).map(|s| u16::from_le_bytes([s[0], s[1]])) else { return false };
        let place = match frame.first() {
            Some(fc) if fc & 0x8c == 0x88 => frame.get(24).map_or(16, |tid| usize::from(tid & 15)),
            _ => 16,
        };
        let Some(last) = self.last_sequence.get_mut(place) else { return false };
        let retry = frame.get(1).is_some_and(|flags| flags & 0x08 != 0);
        let repetition = retry && *last == Some(control);
        *last = Some(control);
        repetition
    }

    /// NL80211_CMD_GET_STATION.
    pub fn info(&self, now: Instant) -> StationInfo {
        StationInfo {
            rx_packets: self.rx_packets,
            tx_packets: self.tx_packets,
            rx_bytes: self.rx_bytes,
            tx_bytes: self.tx_bytes,
            inactive: now.saturating_since(self.last_heard.max(self.last_acked)),
            signal_dbm: self.signal_dbm,
            avg_signal_dbm: self.average.dbm(),
            avg_beacon_signal_dbm: None,
            rx_rate: self.rx_rate,
            tx_rate: self.tx_rate,
            connected: if self.associated { now.saturating_since(self.since) } else { Duration::ZERO },
            tx_retries: self.tx_retries,
            tx_failed: self.tx_failed,
        }
    }
}
