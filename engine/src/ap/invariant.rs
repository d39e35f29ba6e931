//! An invariant of every input: each deadline serves something that is there.

use super::{AccessPoint, ApState, Timer};

impl AccessPoint {
    /// Returns an error that names a deadline which serves nothing.
    pub fn invariant(&self) -> Result<(), String> {
        if let Some(timer) = self.timers.keys().find(|timer| !self.has_owner(*timer)) {
            return Err(format!("{}: {timer:?} is set, and nothing waits for it", self.addr));
        }
        let Some(auth) = &self.auth else { return Ok(()) };
        auth.invariant()?;
        match auth.stations().find(|addr| !self.stations.contains_key(addr)) {
            Some(addr) => {
                Err(format!("{}: the key machine of {addr} is there without its station", self.addr))
            }
            None => Ok(()),
        }
    }

    fn has_owner(&self, timer: Timer) -> bool {
        let runs = self.state == ApState::Enabled;
        match timer {
            Timer::Handle(addr)
            | Timer::DeauthStatus(addr)
            | Timer::DisassocStatus(addr)
            | Timer::AfterEapFailure(addr) => self.stations.contains_key(&addr),
            Timer::Port(addr) => self.port(addr).is_some_and(|port| port.next_timeout().is_some()),
            Timer::Countermeasures => runs && self.michael.countermeasures,
            Timer::ApPinEnds => self.ap_pin().is_some(),
            Timer::UnlockApSetup | Timer::ReloadSettings => runs && self.wps.is_some(),
        }
    }
}
