//! Passphrases of a file become keys when a station comes that may use them, some at a time: hostapd derives all when
//! it starts, and for every entry that takes about a millisecond.
//!
//! All of a station's keys are there before its answer to message 1 can be: what is left to be derived is due at the
//! instant at which the station associated. Frames that come meanwhile, which only a command can bring, wait.

use super::{AuthAction, Authenticator, Moment};
use wpasim_runtime::{PskSource, Secret};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;

/// Keys that are derived at a time.
pub(crate) const PSKS_AT_A_TIME: usize = 16;

/// As many frames of a station wait for its keys.
const HELD_FRAMES: usize = 4;

/// A station that waits for its keys.
#[derive(Debug)]
pub(super) struct AwaitsPsks {
    pub addr: MacAddr,
    pub since: Instant,
    held: Vec<Vec<u8>>,
}

impl Authenticator {
    /// The station came: what it may use is to be derived.
    pub(super) fn want_psks(&mut self, now: Instant, addr: MacAddr) {
        if !self.config.has_all_psks_for(addr) && !self.awaits_psks(addr) {
            self.awaiting_psks.push(AwaitsPsks { addr, since: now, held: Vec::new() });
        }
    }

    /// Returns whether a station waits for its keys.
    pub fn is_deriving_psks(&self) -> bool {
        !self.awaiting_psks.is_empty()
    }

    fn awaits_psks(&self, addr: MacAddr) -> bool {
        self.awaiting_psks.iter().any(|a| a.addr == addr)
    }

    /// Returns whether the frame waits for the keys of the station that sent it.
    pub(super) fn hold_frame(&mut self, src: MacAddr, frame: &[u8]) -> bool {
        let Some(station) = self.awaiting_psks.iter_mut().find(|a| a.addr == src) else { return false };
        if station.held.len() < HELD_FRAMES {
            station.held.push(frame.to_vec());
        }
        true
    }

    /// The station is gone, or starts anew.
    pub(super) fn forget_wanted_psks(&mut self, addr: MacAddr) {
        self.awaiting_psks.retain(|a| a.addr != addr);
    }

    /// Derives keys that stations wait for, up to a bound. [`Authenticator::next_timeout`] is now while more are left.
    pub fn derive_psks(&mut self, moment: &Moment<'_>, source: &dyn PskSource) {
        let mut left = PSKS_AT_A_TIME;
        while let Some(addr) = self.awaiting_psks.first().map(|a| a.addr) {
            while left > 0
                && let Some((pmk, of_all)) = self.config.derive_psk_for(addr, source)
            {
                left -= 1;
                if of_all {
                    let secret = Secret::Pmk { ssid: self.config.ssid.clone(), pmk: pmk.to_vec() };
                    self.actions.push(AuthAction::Secret(secret));
                }
            }
            let first = self.config.first_psk_for(addr).copied();
            if let Some(station) = self.stations.get_mut(&addr) {
                station.pmk = station.pmk.or(first);
            }
            if !self.config.has_all_psks_for(addr) {
                return;
            }
            let station = self.awaiting_psks.remove(0);
            for frame in station.held {
                // A peer's fault changes nothing here; its frame is dropped.
                let _ = self.rx_eapol(moment, addr, &frame);
            }
        }
    }
}
