//! The use that mac80211 makes of signals: averages, and the connection quality monitor.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::DriverEvent;

use super::VifIx;
use crate::air::Air;

/// IEEE80211_SIGNAL_AVE_MIN_COUNT: beacons before their average counts.
const FEWEST_BEACONS: u32 = 4;

/// An exponentially weighted average of signals (linux/average.h), kept as a positive number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Average {
    value: u32,
    precision: u32,
    /// The new value counts one in two to the power of this.
    weight: u32,
}

impl Average {
    /// Of all frames of a station.
    pub const OF_FRAMES: Average = Average { value: 0, precision: 10, weight: 3 };
    /// Of the own AP's beacons.
    pub const OF_BEACONS: Average = Average { value: 0, precision: 4, weight: 2 };

    /// Takes in a signal in dBm.
    pub fn add(&mut self, signal_dbm: i32) {
        let new = signal_dbm.unsigned_abs() << self.precision;
        self.value = match self.value {
            0 => new,
            old => ((old << self.weight) - old + new) >> self.weight,
        };
    }

    /// In dBm; 0 before the first.
    pub fn dbm(self) -> i32 {
        -((self.value >> self.precision) as i32)
    }
}

/// NL80211_CMD_SET_CQM.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Monitor {
    pub threshold_dbm: i32,
    pub hysteresis_db: u32,
    /// The signal of the last event.
    last_event: Option<i32>,
}

/// The beacons of the own AP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beacons {
    average: Average,
    count: u32,
}

impl Default for Beacons {
    fn default() -> Self {
        Beacons { average: Average::OF_BEACONS, count: 0 }
    }
}

impl Air {
    /// NL80211_CMD_SET_CQM; a threshold of 0 ends it.
    pub fn set_signal_monitor(&mut self, vif: VifIx, threshold_dbm: i32, hysteresis_db: u32) {
        let monitor = Monitor { threshold_dbm, hysteresis_db, last_event: None };
        self.vif_mut(vif).signal_monitor = (threshold_dbm != 0).then_some(monitor);
        self.want_next_beacon(vif);
    }

    /// A new association begins: what the monitor told of the one before does not count.
    pub fn restart_signal_monitor(&mut self, vif: VifIx) {
        if let Some(monitor) = &mut self.vif_mut(vif).signal_monitor {
            monitor.last_event = None;
        }
    }

    /// Beacons that reach everyone are given to those who look at each only.
    fn want_next_beacon(&mut self, vif: VifIx) {
        let v = self.vif(vif);
        if let (Some(_), Some((bssid, _))) = (v.signal_monitor, v.associated_bss()) {
            self.want_beacon(bssid, vif);
        }
    }

    /// A beacon of its own AP was delivered to a station (ieee80211_handle_beacon_sig).
    pub fn measure_beacon(&mut self, vif: VifIx, signal_dbm: i32) {
        let now = self.now;
        let v = self.vif_mut(vif);
        let Some(a) = &mut v.mlme.associated else { return };
        a.peer.count_beacon(signal_dbm);
        let interval = i64::from(a.beacon_interval.max(1)) * 1024;
        let passed = now.saturating_since(a.since).micros() / interval;
        a.beacons.average.add(signal_dbm);
        a.beacons.count = (a.beacons.count + 1).max(passed as u32);
        let (signal, enough) = (a.beacons.average.dbm(), a.beacons.count >= FEWEST_BEACONS);
        let Some(monitor) = v.signal_monitor.as_mut().filter(|_| enough) else {
            return self.want_next_beacon(vif);
        };
        let hysteresis = monitor.hysteresis_db as i32;
        let falls = monitor.last_event.is_none_or(|last| signal < last - hysteresis);
        let rises = monitor.last_event.is_none_or(|last| signal > last + hysteresis);
        let above_threshold = signal > monitor.threshold_dbm;
        if (signal < monitor.threshold_dbm && falls) || (above_threshold && rises) {
            monitor.last_event = Some(signal);
            self.notify(vif, DriverEvent::SignalChange { above_threshold, signal_dbm });
        }
        self.want_next_beacon(vif);
    }

    /// The signal of the beacons that a station hears without each being delivered, if they are the last it
    /// heard of its AP, and their average.
    pub fn beacon_signal(&self, vif: VifIx, bssid: MacAddr) -> Option<i32> {
        let v = self.vif(vif);
        let a = v.mlme.associated.as_ref().filter(|a| a.bssid == bssid)?;
        let heard =
            self.medium.last_clean_beacon(bssid, a.freq, self.now).filter(|at| *at >= a.hears_since)?;
        let ap = self.vif(*self.interfaces.at(bssid).first()?);
        (heard > a.peer.last_heard).then(|| self.medium.signal(ap.node, v.node, a.freq, ap.tx_power))
    }

    /// The average of the beacons that were delivered.
    pub fn average_of_beacons(&self, vif: VifIx, bssid: MacAddr) -> Option<i32> {
        let a = self.vif(vif).mlme.associated.as_ref().filter(|a| a.bssid == bssid)?;
        (a.beacons.count > 0).then(|| a.beacons.average.dbm())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_stop_just_short_as_the_kernels_do() {
        let mut average = Average::OF_FRAMES;
        average.add(-41);
        assert_eq!(average.dbm(), -41);
        (0..100).for_each(|_| average.add(-73));
        assert_eq!(average.dbm(), -72);
        (0..100).for_each(|_| average.add(-41));
        assert_eq!(average.dbm(), -41);
    }
}
