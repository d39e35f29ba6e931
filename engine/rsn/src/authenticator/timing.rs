//! The times at which frames are sent again, as hostapd 2.10 has them.

use super::station::{GroupState, PtkState};
use super::{Authenticator, Moment, Timer};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::eapol::KeyInfo;
use wpasim_wire::time::Duration;

/// The first pairwise frame.
const FIRST: Duration = Duration::from_millis(100);
/// The first group frame.
const FIRST_GROUP: Duration = Duration::from_millis(500);
/// Every other one.
const SUBSEQUENT: Duration = Duration::from_millis(1000);
/// With `wpa_disable_eapol_key_retries`.
const NO_RETRANSMISSION: Duration = Duration::from_millis(4000);

impl Authenticator {
    /// Starts the timer of a frame that was just sent. `attempt` counts from 1.
    pub(super) fn await_answer(&mut self, moment: &Moment<'_>, addr: MacAddr, info: KeyInfo, attempt: u32) {
        let pairwise = info.has(KeyInfo::PAIRWISE);
        let is_message_1 = pairwise && !info.has(KeyInfo::MIC);
        let mut wait = match (attempt, pairwise) {
            (1, true) => FIRST,
            (1, false) => FIRST_GROUP,
            _ => SUBSEQUENT,
        };
        if self.config.disable_retries && !is_message_1 {
            wait = NO_RETRANSMISSION;
        }
        if attempt == 1
            && is_message_1
            && let Some(station) = self.stations.get_mut(&addr)
        {
            station.message_1_pending = true;
        }
        self.timers.set(Timer::Eapol(addr), moment.now + wait);
    }

    pub(super) fn stop_awaiting(&mut self, addr: MacAddr) {
        self.timers.cancel(Timer::Eapol(addr));
        if let Some(station) = self.stations.get_mut(&addr) {
            station.message_1_pending = false;
        }
    }

    /// Whether an EAPOL-Key frame was acknowledged. If the first message 1 was, its answer gets more
    /// time: some stations draw a new nonce for every message 1.
    pub fn eapol_tx_status(&mut self, moment: &Moment<'_>, addr: MacAddr, acknowledged: bool) {
        if acknowledged && self.stations.get(&addr).is_some_and(|s| s.message_1_pending) {
            self.timers.set(Timer::Eapol(addr), moment.now + SUBSEQUENT);
        }
    }

    /// Does whatever is due. Harmless if nothing is.
    pub fn timeout(&mut self, moment: &Moment<'_>) {
        while let Some(timer) = self.timers.take_due(moment.now) {
            match timer {
                Timer::Eapol(addr) => self.answer_is_missing(moment, addr),
                Timer::RekeyPtk(addr) => self.request_new_ptk(moment, addr),
                Timer::RekeyGtk => self.rekey_gtk(moment),
                Timer::RekeyGmk => {
                    self.draw_master_key();
                    if let Some(period) = self.config.gmk_rekey {
                        self.timers.set(Timer::RekeyGmk, moment.now + period);
                    }
                }
            }
        }
    }

    fn answer_is_missing(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        station.message_1_pending = false;
        match station.state {
            PtkState::Start | PtkState::CalcNegotiating => self.send_message_1(moment, addr),
            PtkState::InitNegotiating => self.send_message_3(moment, addr),
            _ => {}
        }
        if self.stations.get(&addr).is_some_and(|s| s.group_state == GroupState::RekeyNegotiating) {
            self.send_group_message_1(moment, addr);
        }
    }
}
