//! An invariant of every input: each deadline serves something that is there.

use super::{Authenticator, Timer};
use wpasim_wire::MacAddr;

impl Authenticator {
    /// Returns an error that names a deadline which serves nothing.
    pub fn invariant(&self) -> Result<(), String> {
        let without =
            |what: &dyn core::fmt::Debug| format!("{}: {what:?} has nothing that waits for it", self.addr);
        if let Some(timer) = self.timers.keys().find(|timer| !self.has_owner(*timer)) {
            return Err(without(&timer));
        }
        match self.awaiting_psks.iter().find(|a| !self.stations.contains_key(&a.addr)) {
            Some(station) => Err(without(station)),
            None => Ok(()),
        }
    }

    /// The stations that have a machine.
    pub fn stations(&self) -> impl Iterator<Item = MacAddr> {
        self.stations.keys().copied()
    }

    fn has_owner(&self, timer: Timer) -> bool {
        match timer {
            Timer::Eapol(addr) => self.stations.contains_key(&addr),
            Timer::RekeyPtk(addr) => self.stations.get(&addr).is_some_and(|s| s.pairwise_set),
            Timer::RekeyGtk | Timer::RekeyGmk => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticator::AuthConfig;
    use wpasim_runtime::entropy::Entropy;
    use wpasim_wire::time::Instant;

    #[test]
    fn a_deadline_of_a_station_that_is_gone_is_found() {
        let addr = MacAddr([2, 0, 0, 0, 0, 0]);
        for timer in [Timer::Eapol(addr), Timer::RekeyPtk(addr)] {
            let stream = Entropy::new(1, "ap").stream("keys");
            let mut auth = Authenticator::new(addr, AuthConfig::wpa2_psk([1; 32]), stream, Instant::ZERO);
            assert_eq!(auth.invariant(), Ok(()));
            auth.timers.set(timer, Instant::ZERO);
            assert!(auth.invariant().is_err_and(|e| e.contains(&format!("{timer:?}"))));
        }
    }
}
