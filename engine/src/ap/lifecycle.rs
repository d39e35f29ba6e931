//! Starting and stopping the BSS.

use super::{AccessPoint, ApContext, ApState};
use crate::rsn::authenticator::Authenticator;
use crate::wire::MacAddr;
use crate::wire::driver::{DriverRequest, IfType, Refused};
use crate::wire::ieee80211::reason;
use chrono::DateTime;
use wpasim_wire::time::EPOCH_SECONDS;

/// Two ways to stop; they say the same in another order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShutDown {
    /// DISABLE of the control interface: `AP-DISABLED` comes first.
    Disable,
    /// The interface is given up (TERMINATE, mode=2's DISCONNECT): the stations go first.
    GiveUp,
}

impl AccessPoint {
    /// Beaconing starts. Does nothing if it has. Returns what the driver refused, if it did.
    pub fn start(&mut self, cx: ApContext<'_>) -> Option<Refused> {
        if self.state == ApState::Enabled {
            return None;
        }
        let iftype = if self.group.is_some() { IfType::P2pGo } else { IfType::Ap };
        self.request(DriverRequest::SetIfType(iftype));
        self.request(DriverRequest::FlushStations);
        self.tells_handshakes = true;
        if self.starts == 0 {
            self.began_at = DateTime::from_timestamp(EPOCH_SECONDS + cx.now.secs(), 0).unwrap_or_default();
        }
        self.starts += 1;
        let stream = self.entropy.stream(&format!("authenticator {}", self.starts));
        self.auth =
            self.config.security.clone().map(|config| Authenticator::new(self.addr, config, stream, cx.now));
        self.start_wps();
        self.state = ApState::Enabled;
        self.stopped = self.config.without_beacons;
        let mut refused = None;
        if !self.stopped {
            let request = DriverRequest::StartAp(Box::new(self.beacon()));
            refused = cx.driver.would_refuse(self.iface, &request);
            self.request(request);
        }
        if let Some((refused, _)) = refused {
            self.state = ApState::Disabled;
            self.auth = None;
            self.stop_wps();
            self.event("AP-DISABLED ".to_owned());
            return Some(refused);
        }
        if self.config.broadcast_deauth {
            self.send_deauth(MacAddr::BROADCAST, reason::PREV_AUTH_NOT_VALID);
        }
        self.with_auth(cx, |auth, _| auth.init_keys());
        self.event("AP-ENABLED ".to_owned());
        self.await_load_update(cx.now);
        None
    }

    /// Beaconing ends and every station goes.
    pub fn stop(&mut self, cx: ApContext<'_>, how: ShutDown) {
        if self.state != ApState::Enabled {
            return;
        }
        if how == ShutDown::Disable {
            self.event("AP-DISABLED ".to_owned());
        }
        self.state = ApState::Disabled;
        // The driver forgets the stations with the BSS. One that sleeps keeps the deauthentication waiting until then.
        self.tearing_down = true;
        self.free_all_stations(cx);
        self.tearing_down = false;
        if self.config.broadcast_deauth {
            self.send_deauth(MacAddr::BROADCAST, reason::DEAUTH_LEAVING);
        }
        if how == ShutDown::GiveUp {
            self.event("AP-DISABLED ".to_owned());
        }
        self.request(DriverRequest::StopAp);
        self.switch = None;
        self.auth = None;
        self.stop_wps();
        self.timers.clear();
        self.overlap.forget_neighbors();
        self.michael = Default::default();
    }

    /// New pre-shared keys and security for a running BSS: everyone is told to come again.
    pub fn reload(&mut self, cx: ApContext<'_>) {
        if self.state != ApState::Enabled {
            return;
        }
        self.request(DriverRequest::FlushStations);
        if self.config.broadcast_deauth {
            self.send_deauth(MacAddr::BROADCAST, reason::PREV_AUTH_NOT_VALID);
        }
        self.free_all_stations(cx);
        // An authenticator that is given a new configuration forgets in 2.10 whom to tell of handshakes.
        self.tells_handshakes &= self.auth.is_none();
        self.starts += 1;
        let stream = self.entropy.stream(&format!("authenticator {}", self.starts));
        let before = self.auth.take();
        self.auth =
            self.config.security.clone().map(|config| Authenticator::new(self.addr, config, stream, cx.now));
        if let (Some(auth), Some(before)) = (&mut self.auth, &before) {
            auth.continue_rekeying_of(before);
        }
        self.update_beacon();
        self.with_auth(cx, |auth, _| auth.init_keys());
        self.update_wps(cx);
    }

    pub(super) fn is_beaconing(&self) -> bool {
        self.state == ApState::Enabled
    }

    /// The kernel took the interface down: what it held is gone already.
    pub(super) fn interface_went_down(&mut self, cx: ApContext<'_>) {
        if self.state != ApState::Enabled {
            return;
        }
        self.event("INTERFACE-DISABLED ".to_owned());
        self.state = ApState::Disabled;
        self.free_all_stations(cx);
        self.switch = None;
        self.auth = None;
        self.stop_wps();
        self.timers.clear();
    }

    /// REKEY_GTK.
    pub fn rekey_gtk(&mut self, cx: ApContext<'_>) -> bool {
        let known = self.auth.is_some();
        self.with_auth(cx, |auth, moment| auth.rekey_gtk(moment));
        known
    }
}

/// The verbs that hostapd's control interface has beside DEAUTHENTICATE and DISASSOCIATE.
impl AccessPoint {
    /// Whether there is such a station.
    pub fn knows(&self, addr: MacAddr) -> bool {
        self.stations.contains_key(&addr)
    }

    /// The master key that a station proved, or is offered.
    pub fn pmk(&self, addr: MacAddr) -> Option<[u8; 32]> {
        self.auth.as_ref()?.pmk(addr)
    }

    /// STOP_AP: the driver ends its beacons, and nothing else happens.
    pub fn stop_beaconing(&mut self) {
        self.stopped = true;
        self.request(DriverRequest::StopAp);
    }

    /// Beacons again, with whatever changed.
    pub fn beacon_again(&mut self) {
        if self.is_beaconing() {
            self.update_beacon();
        }
    }

    /// Message 1 again, under another ANonce if asked for (for tests of supplicants).
    pub fn resend_message_1(&mut self, cx: ApContext<'_>, addr: MacAddr, change_anonce: bool) -> bool {
        let known = self.has_handshake(addr);
        self.with_auth(cx, |auth, moment| auth.resend_message_1(moment, addr, change_anonce));
        known
    }

    /// Message 3 again, with packet number zero (for tests of supplicants).
    pub fn resend_message_3(&mut self, cx: ApContext<'_>, addr: MacAddr) -> bool {
        let known = self.has_handshake(addr);
        self.with_auth(cx, |auth, moment| auth.resend_message_3(moment, addr));
        known
    }

    /// The group handshake's message 1 again, with packet number zero (for tests of supplicants).
    pub fn resend_group_message_1(&mut self, cx: ApContext<'_>, addr: MacAddr) -> bool {
        let known = self.has_handshake(addr);
        self.with_auth(cx, |auth, moment| auth.resend_group_message_1(moment, addr));
        known
    }

    /// A new pairwise key.
    pub fn rekey_ptk(&mut self, cx: ApContext<'_>, addr: MacAddr) -> bool {
        let known = self.has_handshake(addr);
        self.with_auth(cx, |auth, moment| auth.rekey_ptk(moment, addr));
        known
    }

    fn has_handshake(&self, addr: MacAddr) -> bool {
        self.auth.as_ref().is_some_and(|a| a.ptk_state(addr).is_some())
    }

    /// The stations, the one that came last first.
    pub fn station_addrs(&self) -> Vec<MacAddr> {
        self.order.values().rev().copied().filter(|a| self.stations.contains_key(a)).collect()
    }
}
