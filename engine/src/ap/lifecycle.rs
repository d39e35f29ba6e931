//! Starting and stopping the BSS.

use super::{AccessPoint, ApCx, ApState};
use crate::rsn::authenticator::Authenticator;
use crate::wire::MacAddr;
use crate::wire::driver::{DriverRequest, IfType};
use crate::wire::ieee80211::reason;

/// Two ways to stop; they say the same in another order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShutDown {
    /// DISABLE of the control interface: `AP-DISABLED` comes first.
    Disable,
    /// The interface is given up (TERMINATE, mode=2's DISCONNECT): the stations go first.
    GiveUp,
}

impl AccessPoint {
    /// Beaconing starts. Does nothing if it has.
    pub fn start(&mut self, cx: ApCx<'_>) {
        if self.state == ApState::Enabled {
            return;
        }
        self.request(DriverRequest::SetIfType(IfType::Ap));
        self.request(DriverRequest::FlushStations);
        self.starts += 1;
        let stream = self.entropy.stream(&format!("authenticator {}", self.starts));
        self.auth =
            self.config.security.clone().map(|config| Authenticator::new(self.addr, config, stream, cx.now));
        self.state = ApState::Enabled;
        let beacon = Box::new(self.beacon());
        self.request(DriverRequest::StartAp(beacon));
        if self.config.broadcast_deauth {
            self.send_deauth(MacAddr::BROADCAST, reason::PREV_AUTH_NOT_VALID);
        }
        self.with_auth(cx, |auth, _| auth.init_keys());
        self.event("AP-ENABLED ".to_owned());
    }

    /// Beaconing ends and every station goes.
    pub fn stop(&mut self, cx: ApCx<'_>, how: ShutDown) {
        if self.state != ApState::Enabled {
            return;
        }
        if how == ShutDown::Disable {
            self.event("AP-DISABLED ".to_owned());
        }
        self.state = ApState::Disabled;
        self.free_all_stations(cx);
        self.request(DriverRequest::FlushStations);
        if self.config.broadcast_deauth {
            self.send_deauth(MacAddr::BROADCAST, reason::DEAUTH_LEAVING);
        }
        if how == ShutDown::GiveUp {
            self.event("AP-DISABLED ".to_owned());
        }
        self.request(DriverRequest::StopAp);
        self.auth = None;
        self.timers.clear();
        self.michael = Default::default();
    }

    /// New pre-shared keys and security for a running BSS: everyone is told to come again.
    pub fn reload(&mut self, cx: ApCx<'_>) {
        if self.state != ApState::Enabled {
            return;
        }
        self.request(DriverRequest::FlushStations);
        if self.config.broadcast_deauth {
            self.send_deauth(MacAddr::BROADCAST, reason::PREV_AUTH_NOT_VALID);
        }
        self.free_all_stations(cx);
        self.starts += 1;
        let stream = self.entropy.stream(&format!("authenticator {}", self.starts));
        self.auth =
            self.config.security.clone().map(|config| Authenticator::new(self.addr, config, stream, cx.now));
        self.update_beacon();
        self.with_auth(cx, |auth, _| auth.init_keys());
    }

    pub(super) fn is_beaconing(&self) -> bool {
        self.state == ApState::Enabled
    }

    /// The kernel took the interface down: what it held is gone already.
    pub(super) fn interface_went_down(&mut self, cx: ApCx<'_>) {
        if self.state != ApState::Enabled {
            return;
        }
        self.event("INTERFACE-DISABLED ".to_owned());
        self.state = ApState::Disabled;
        self.free_all_stations(cx);
        self.auth = None;
        self.timers.clear();
    }

    /// REKEY_GTK.
    pub fn rekey_gtk(&mut self, cx: ApCx<'_>) -> bool {
        let known = self.auth.is_some();
        self.with_auth(cx, |auth, moment| auth.rekey_gtk(moment));
        known
    }
}
