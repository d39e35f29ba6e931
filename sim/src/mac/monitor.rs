//! An associated station's watch over its AP: beacons, and whether anything comes at all.
//!
//! Beacons that reach everyone unchanged are not delivered one by one: the BSS remembers when its
//! last one ended, and a station's timer reads that. The result is that of delivering each.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::DriverEvent;
use wpasim_wire::time::{Duration, Instant};

use super::mlme::CONNECTION_IDLE;
use super::{VifIx, compose};
use crate::air::{Air, MacTimer, OutFrame, Purpose};
use crate::medium::FrameKind;

/// beacon_loss_count of mac80211.
const BEACONS_LOST: i64 = 7;

/// IEEE80211_MAX_NULLFUNC_TRIES.
const PROBES: u8 = 2;

impl Air {
    /// ieee80211_sta_reset_beacon_monitor.
    pub fn reset_beacon_monitor(&mut self, vif: VifIx) {
        let now = self.now;
        let generation = self.next_generation();
        if let Some(a) = &mut self.vif_mut(vif).mlme.associated {
            a.last_beacon = now;
            a.hears_since = a.hears_since.max(now);
            a.monitor_generation = generation;
            let due = self.beacon_deadline(vif, now);
            self.start_timer(due, MacTimer::BeaconMonitor { vif, generation });
        }
    }

    fn beacon_deadline(&self, vif: VifIx, last: Instant) -> Instant {
        let interval = self.vif(vif).mlme.associated.as_ref().map_or(100, |a| a.beacon_interval);
        self.clock.rounded_up(last, Duration::from_tu(i64::from(interval) * BEACONS_LOST))
    }

    /// Returns the time at which the station last heard a beacon of its AP.
    pub fn last_beacon(&self, vif: VifIx) -> Instant {
        let Some(a) = &self.vif(vif).mlme.associated else { return Instant::ZERO };
        match self.medium.last_clean_beacon(a.bssid, a.freq, self.now) {
            Some(clean) if clean >= a.hears_since => clean.max(a.last_beacon),
            _ => a.last_beacon,
        }
    }

    /// The beacon monitor's timer fired.
    pub fn beacon_monitor_timer(&mut self, vif: VifIx, generation: u32) {
        let Some(a) = &self.vif(vif).mlme.associated else { return };
        if a.monitor_generation != generation || a.probes > 0 {
            return;
        }
        let radio = self.radio(self.vif(vif).radio);
        if radio.scan.as_ref().is_some_and(|s| s.away_on.is_some())
            || radio.roc.iter().any(|r| r.is_started())
        {
            // Away: coming back resets the monitor.
            return;
        }
        let due = self.beacon_deadline(vif, self.last_beacon(vif));
        if due > self.now {
            return self.start_timer(due, MacTimer::BeaconMonitor { vif, generation });
        }
        self.notify(vif, DriverEvent::BeaconLoss);
        self.probe_ap(vif);
    }

    /// Starts the connection monitor.
    pub fn start_connection_monitor(&mut self, vif: VifIx) {
        let generation = self.vif(vif).mlme.associated.as_ref().map_or(0, |a| a.session);
        let at = self.clock.rounded_up(self.now, CONNECTION_IDLE);
        self.start_timer(at, MacTimer::ConnectionMonitor { vif, generation });
    }

    /// The connection monitor's timer fired: it follows the last frame that was received or acknowledged.
    pub fn connection_monitor_timer(&mut self, vif: VifIx, generation: u32) {
        let Some(a) = &self.vif(vif).mlme.associated else { return };
        if a.session != generation {
            return;
        }
        let active = a.peer.last_heard.max(a.peer.last_acked);
        let due = self.clock.rounded_up(active, CONNECTION_IDLE);
        if due > self.now || a.probes > 0 {
            let at = due.max(self.clock.rounded_up(self.now, Duration::ZERO));
            return self.start_timer(at, MacTimer::ConnectionMonitor { vif, generation });
        }
        self.probe_ap(vif);
        let at = self.clock.rounded_up(self.now, CONNECTION_IDLE);
        self.start_timer(at, MacTimer::ConnectionMonitor { vif, generation });
    }

    /// Sends a null function frame to see whether the AP acknowledges it.
    fn probe_ap(&mut self, vif: VifIx) {
        let addr = self.vif(vif).addr;
        let Some(a) = &mut self.vif_mut(vif).mlme.associated else { return };
        a.probes += 1;
        let generation = a.monitor_generation;
        let (bssid, freq) = (a.bssid, a.freq);
        let bytes = compose::null_function(addr, bssid, false);
        let purpose = Purpose::Probe { generation };
        let (kind, rate) = (FrameKind::Null, self.vif(vif).lowest_rate(freq));
        self.send_frame(vif, OutFrame { bytes, kind, freq, rate, wants_ack: true, purpose });
    }

    /// Takes note of the fate of a probe.
    pub fn probe_status(&mut self, vif: VifIx, generation: u32, acked: bool) {
        let Some(a) = &mut self.vif_mut(vif).mlme.associated else { return };
        if a.monitor_generation != generation || a.probes == 0 {
            return;
        }
        if acked {
            a.probes = 0;
            self.reset_beacon_monitor(vif);
        } else if a.probes < PROBES {
            self.probe_ap(vif);
        } else {
            self.connection_lost(vif);
        }
    }

    /// A beacon of its own AP was delivered to a station.
    pub fn own_beacon(&mut self, vif: VifIx, bssid: MacAddr) {
        let now = self.now;
        if let Some(a) = &mut self.vif_mut(vif).mlme.associated
            && a.bssid == bssid
        {
            a.last_beacon = a.last_beacon.max(now);
        }
    }

    /// The radio goes off or on again: beacons that everyone else heard do not count meanwhile.
    pub fn freeze_monitor(&mut self, vif: VifIx, on: bool) {
        let (now, last) = (self.now, self.last_beacon(vif));
        if let Some(a) = &mut self.vif_mut(vif).mlme.associated {
            a.last_beacon = last;
            a.hears_since = if on { now } else { Instant::FAR_FUTURE };
        }
    }
}
