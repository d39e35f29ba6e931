//! A channel: until when it is busy, and who is tuned to it.

use std::collections::BTreeSet;

use wpasim_wire::time::Instant;

use crate::index::{RadioIx, VifIx};

/// One channel and those tuned to it.
#[derive(Default)]
pub(crate) struct Channel {
    busy_until: Instant,
    /// Radios that receive here and are not idle.
    listeners: BTreeSet<RadioIx>,
    /// Radios that take any beacon: those that scan.
    scanners: BTreeSet<RadioIx>,
    /// Interfaces that want group-addressed requests: access points and listening P2P devices.
    responders: BTreeSet<VifIx>,
    /// Radios that left for a while and whose access points go on to take requests.
    away: BTreeSet<RadioIx>,
}

impl Channel {
    pub fn busy_until(&self) -> Instant {
        self.busy_until
    }

    /// Nothing else begins before `end`.
    pub fn occupy_until(&mut self, end: Instant) {
        self.busy_until = self.busy_until.max(end);
    }

    /// A radio is tuned to the channel, with those of its interfaces that want requests.
    pub fn join(&mut self, radio: RadioIx, hears_all: bool, responders: impl IntoIterator<Item = VifIx>) {
        self.listeners.insert(radio);
        self.away.remove(&radio);
        self.set_scanner(radio, hears_all);
        self.responders.extend(responders);
    }

    /// A radio and its interfaces leave it.
    pub fn leave(&mut self, radio: RadioIx, vifs: &[VifIx]) {
        self.listeners.remove(&radio);
        self.away.remove(&radio);
        self.scanners.remove(&radio);
        self.responders.retain(|vif| !vifs.contains(vif));
    }

    /// A radio leaves it for a while. hwsim delivers what comes on the channel of its access points all the same
    /// (mac80211_hwsim_tx_iter): these go on to take requests.
    pub fn leave_for_a_while(&mut self, radio: RadioIx, vifs: &[VifIx], access_points: &[VifIx]) {
        self.leave(radio, vifs);
        self.responders.extend(access_points);
        self.away.insert(radio);
    }

    /// Whether a radio that is here takes any beacon.
    pub fn set_scanner(&mut self, radio: RadioIx, scans: bool) {
        match scans {
            true => self.scanners.insert(radio),
            false => self.scanners.remove(&radio),
        };
    }

    /// Whether an interface of a radio that is here wants requests.
    pub fn set_responder(&mut self, vif: VifIx, responds: bool) {
        match responds {
            true => self.responders.insert(vif),
            false => self.responders.remove(&vif),
        };
    }

    pub fn listeners(&self) -> impl Iterator<Item = RadioIx> {
        self.listeners.iter().copied()
    }

    pub fn scanners(&self) -> impl Iterator<Item = RadioIx> {
        self.scanners.iter().copied()
    }

    /// Returns whether another radio may have interfaces here that want requests.
    pub fn is_shared(&self, radio: RadioIx) -> bool {
        self.listeners.iter().chain(&self.away).any(|other| *other != radio)
    }

    pub fn responders(&self) -> impl Iterator<Item = VifIx> {
        self.responders.iter().copied()
    }
}
