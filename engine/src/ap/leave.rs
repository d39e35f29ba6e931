//! The ways in which stations leave, are asked to leave, or fall silent.
//= hostap@2.10 src/ap/sta_info.c#ap_handle_timer

use super::station::{Flags, NextStep};
use super::{AccessPoint, ApContext, Timer};
use crate::runtime::never;
use crate::wire::MacAddr;
use crate::wire::driver::DriverRequest;
use crate::wire::ieee80211::reason;
use crate::wire::time::Duration;

/// After a poll.
const DISASSOC_DELAY: Duration = Duration::from_secs(3);
/// Between disassociation and deauthentication.
const DEAUTH_DELAY: Duration = Duration::from_secs(1);
const INACTIVITY_AFTER_DISASSOC: Duration = Duration::from_secs(30);
const INACTIVITY_AFTER_DEAUTH: Duration = Duration::from_secs(5);
/// The time for which the transmit status of a deauthentication is waited for.
const STATUS_WAIT: Duration = Duration::from_secs(2);

impl AccessPoint {
    pub(super) fn deauthenticated_by_station(&mut self, cx: ApContext<'_>, from: MacAddr) {
        if !self.stations.contains_key(&from) {
            return;
        }
        self.set_authorized(cx.now, from, false);
        self.with_auth(cx, |auth, _| auth.deauthenticated(from));
        self.port_is_down(cx, from);
        self.free_station(cx, from);
    }

    pub(super) fn disassociated_by_station(&mut self, cx: ApContext<'_>, from: MacAddr) {
        if !self.stations.contains_key(&from) {
            return;
        }
        self.set_authorized(cx.now, from, false);
        if let Some(station) = self.stations.get_mut(&from) {
            station.last_frame = None;
            station.flags.set(Flags::ASSOC, false);
            station.flags.set(Flags::ASSOC_REQ_OK, false);
        }
        self.with_auth(cx, |auth, _| auth.deauthenticated(from));
        self.port_is_down(cx, from);
        self.close_port(cx, from);
        self.remove_from_driver(from);
        if let Some(station) = self.stations.get_mut(&from)
            && matches!(station.next_step, NextStep::NullFunc | NextStep::Disassoc)
        {
            station.next_step = NextStep::Deauth;
            self.timers.set(Timer::Handle(from), cx.now + DEAUTH_DELAY);
        }
    }

    /// DEAUTHENTICATE of the control interface; `send` is false with `tx=0`. The broadcast address
    /// means everyone.
    pub fn deauthenticate(&mut self, cx: ApContext<'_>, addr: MacAddr, reason: u16, send: bool) {
        if send {
            self.send_deauth(addr, reason);
        } else {
            self.remove_from_driver(addr);
        }
        if self.stations.contains_key(&addr) {
            self.forget_unheard(cx, addr);
        } else if addr.0[0] == 0xff {
            self.free_all_stations(cx);
        }
    }

    /// DISASSOCIATE of the control interface.
    pub fn disassociate(&mut self, cx: ApContext<'_>, addr: MacAddr, reason: u16, send: bool) {
        if send {
            self.send_disassoc(addr, reason);
        } else {
            self.remove_from_driver(addr);
        }
        if self.stations.contains_key(&addr) {
            self.disassociated_by_us(cx, addr);
        } else if addr.0[0] == 0xff {
            self.free_all_stations(cx);
        }
    }

    /// Handles a disassociation of a station whose frame is on its way.
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_disassociate
    fn disassociated_by_us(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        station.last_frame = None;
        station.flags.set(Flags::ASSOC, false);
        station.flags.set(Flags::ASSOC_REQ_OK, false);
        station.flags.set(Flags::PENDING_DISASSOC_CB, true);
        station.next_step = NextStep::Deauth;
        self.set_authorized(cx.now, addr, false);
        self.tell_driver_authorization(addr);
        self.timers.set(Timer::Handle(addr), cx.now + INACTIVITY_AFTER_DISASSOC);
        self.close_port(cx, addr);
        self.with_auth(cx, |auth, moment| auth.removed(moment, addr));
        self.timers.set(Timer::DisassocStatus(addr), cx.now + STATUS_WAIT);
    }

    /// The frame is on its way; the entry stays a while
    /// for its transmit status.
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_deauthenticate
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_disconnect
    fn forget_after(&mut self, cx: ApContext<'_>, addr: MacAddr, lost: &[Flags]) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        station.last_frame = None;
        for flag in lost {
            station.flags.set(*flag, false);
        }
        station.flags.set(Flags::PENDING_DEAUTH_CB, true);
        station.next_step = NextStep::Remove;
        self.set_authorized(cx.now, addr, false);
        self.tell_driver_authorization(addr);
        self.timers.set(Timer::Handle(addr), cx.now + INACTIVITY_AFTER_DEAUTH);
        self.timers.set(Timer::DeauthStatus(addr), cx.now + STATUS_WAIT);
    }

    /// Counts a station as gone without a frame that would tell it. Its handshake goes on until somebody notices.
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_deauthenticate
    pub(super) fn forget_unheard(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        self.forget_after(cx, addr, &[Flags::AUTH, Flags::ASSOC, Flags::ASSOC_REQ_OK]);
        self.close_port(cx, addr);
    }

    /// The authenticator wants a station gone; its machine has gone back to the start already.
    pub(super) fn disconnect(&mut self, cx: ApContext<'_>, addr: MacAddr, reason: u16) {
        self.send_deauth(addr, reason);
        self.forget_after(cx, addr, &[Flags::AUTH, Flags::ASSOC]);
        self.with_auth(cx, |auth, _| auth.deauthenticated(addr));
        self.port_is_down(cx, addr);
    }

    /// A deauthentication or disassociation of ours was sent, acknowledged or not.
    pub(super) fn leave_frame_sent(&mut self, to: MacAddr, pending: Flags) {
        let Some(station) = self.stations.get_mut(&to).filter(|s| s.flags.has(pending)) else { return };
        station.flags.set(pending, false);
        self.timers.cancel(if pending == Flags::PENDING_DEAUTH_CB {
            Timer::DeauthStatus(to)
        } else {
            Timer::DisassocStatus(to)
        });
        self.remove_from_driver(to);
    }

    /// A data frame from a station that is not associated: it is told so.
    pub(super) fn rx_from_unknown(&mut self, from: MacAddr) {
        if from.is_group() || from.is_zero() || from == self.addr {
            return;
        }
        let flags = self.stations.get(&from).map(|s| s.flags).unwrap_or_default();
        if flags.has(Flags::ASSOC) || flags.has(Flags::ASSOC_REQ_OK) {
            return;
        }
        if flags.has(Flags::AUTH) {
            self.send_disassoc(from, reason::CLASS3_FRAME_FROM_NONASSOC_STA);
        } else {
            self.send_deauth(from, reason::CLASS3_FRAME_FROM_NONASSOC_STA);
        }
    }

    /// A station stopped acknowledging.
    pub(super) fn low_ack(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        if self.config.disassoc_low_ack && self.stations.contains_key(&addr) {
            self.send_disassoc(addr, reason::DISASSOC_LOW_ACK);
            self.disassociated_by_us(cx, addr);
        }
    }

    /// Every station goes, the one that came last first.
    pub(super) fn free_all_stations(&mut self, cx: ApContext<'_>) {
        while let Some((_, addr)) = self.order.last_key_value().map(|(k, v)| (*k, *v)) {
            self.free_station(cx, addr);
            self.order.retain(|_, a| *a != addr);
        }
    }

    /// Handles the end of a station's inactivity time, or the next step of its leave.
    //= hostap@2.10 src/ap/sta_info.c#ap_handle_timer
    pub(super) fn handle_timer(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        if station.next_step == NextStep::Remove {
            return self.free_station(cx, addr);
        }
        let limit = i64::from(self.config.max_inactivity);
        let associated = station.flags.has(Flags::ASSOC);
        if associated && matches!(station.next_step, NextStep::NullFunc | NextStep::Disassoc) {
            // So that stations which came together do not go together.
            let fuzz = i64::from(self.random.below(20));
            let info = cx.driver.station(self.iface, addr, cx.now);
            let Some(station) = self.stations.get_mut(&addr) else {
                return never!("the station has an entry");
            };
            match info.map(|i| i.inactive.secs()) {
                None => station.next_step = NextStep::Disassoc,
                Some(inactive) if inactive < limit => {
                    station.next_step = NextStep::NullFunc;
                    station.flags.set(Flags::PENDING_POLL, false);
                    let wait = Duration::from_secs(limit + fuzz - inactive);
                    self.timers.set(Timer::Handle(addr), cx.now + wait);
                    return;
                }
                Some(_) if self.config.skip_inactivity_poll => station.next_step = NextStep::Disassoc,
                Some(_) => {}
            }
        }
        self.take_leave_step(cx, addr, associated);
    }

    fn take_leave_step(&mut self, cx: ApContext<'_>, addr: MacAddr, associated: bool) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        if !associated && matches!(station.next_step, NextStep::NullFunc | NextStep::Disassoc) {
            station.next_step = NextStep::Deauth;
        }
        match station.next_step {
            NextStep::NullFunc => {
                station.flags.set(Flags::PENDING_POLL, true);
                station.next_step = NextStep::Disassoc;
                self.request(DriverRequest::ProbeClient { addr });
                self.timers.set(Timer::Handle(addr), cx.now + DISASSOC_DELAY);
            }
            NextStep::Disassoc => {
                self.send_disassoc(addr, reason::DISASSOC_DUE_TO_INACTIVITY);
                self.set_authorized(cx.now, addr, false);
                if let Some(station) = self.stations.get_mut(&addr) {
                    station.flags.set(Flags::ASSOC, false);
                    station.next_step = NextStep::Deauth;
                }
                self.tell_driver_authorization(addr);
                self.port_is_down(cx, addr);
                self.close_port(cx, addr);
                self.timers.set(Timer::Handle(addr), cx.now + DEAUTH_DELAY);
            }
            NextStep::Deauth => {
                self.send_deauth(addr, reason::PREV_AUTH_NOT_VALID);
                self.free_station(cx, addr);
            }
            NextStep::Remove => self.free_station(cx, addr),
        }
    }
}

impl AccessPoint {
    /// Deauthenticates a station for good.
    pub fn disconnect_station(&mut self, cx: ApContext<'_>, addr: MacAddr, reason: u16) {
        if self.stations.contains_key(&addr) {
            self.disconnect(cx, addr, reason);
        }
    }

    /// A station acknowledged an empty frame.
    pub(super) fn poll_acknowledged(&mut self, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        station.flags.set(Flags::PENDING_POLL, false);
        self.event(format!("AP-STA-POLL-OK {addr}"));
    }

    /// POLL_STA: an empty frame, to see whether the station acknowledges.
    pub fn poll(&mut self, addr: MacAddr) {
        self.request(DriverRequest::ProbeClient { addr });
    }
}
