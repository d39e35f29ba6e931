//! The events of the registration protocol and of EAP at a station, and their consequences.

use crate::config::keys::network;
use wpasim_wire::MacAddr;
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Duration;

use super::offer::Offer;
use super::{Role, role};
use crate::config::words::key_mgmt;
use crate::runtime::Level;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::p2p::Audience;
use crate::wps::{ErrorIndication, WpsEvent};

/// The last messages of a failed exchange have this long to be sent.
const CLEAR_AFTER_FAILURE: Duration = Duration::from_millis(100);
/// The new connection has this long before other networks count again.
const REENABLE: Duration = Duration::from_secs(10);
/// The time that the driver has to tell the end of the enrolment.
const ASSOCIATE_AFTER: Duration = Duration::from_millis(10);
/// After all access points were tried, the round begins anew.
const NEXT_ROUND: Duration = Duration::from_secs(5);

impl Interface {
    /// Everything the registration protocol has to say.
    pub(crate) fn take_wps_events(&mut self, cx: &mut InterfaceContext<'_>) {
        while let Some(event) = self.wps.machine_mut().events.pop_front() {
            self.wps_event(cx, event);
        }
        self.timers.follow(Timer::WpsRegistrar, self.wps.machine().next_timeout());
    }

    /// Handles an event of WPS, a received credential included.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpa_supplicant_wps_event
    pub(crate) fn wps_event(&mut self, cx: &mut InterfaceContext<'_>, event: WpsEvent) {
        match event {
            WpsEvent::M2d { config_error, dev_password_id, .. } => {
                self.wps_msg(&format!(
                    "WPS-M2D dev_password_id={dev_password_id} config_error={config_error}"
                ));
                if config_error == wpasim_wire::wsc::config_error::MULTIPLE_PBC_DETECTED {
                    self.group_overlap(cx);
                }
            }
            WpsEvent::Fail { msg, config_error, error_indication, .. } => {
                let reason = error_text(error_indication);
                self.wps_msg(&format!("WPS-FAIL msg={} config_error={config_error}{reason}", msg as u8));
                self.timers.set(Timer::WpsClear, cx.now + CLEAR_AFTER_FAILURE);
                self.group_wps_failed(cx);
            }
            WpsEvent::Success { .. } => {
                self.info("WPS-SUCCESS ");
                self.enrolling.succeeds();
                if let Some(id) = self.link.network() {
                    self.clear_temp_disabled(id, true);
                }
                self.failures.attempts_count_anew();
                self.timers.set(Timer::WpsReenable, cx.now + REENABLE);
                let peer = self.link.bssid();
                self.group_wps_succeeded(cx, peer);
            }
            WpsEvent::PbcActive => self.info("WPS-PBC-ACTIVE "),
            WpsEvent::PbcDisable => self.info("WPS-PBC-DISABLE "),
            WpsEvent::Credential(credential) => self.wps_credential(cx, &credential),
            // The registrar of a station has no beacons, no PIN prompt, and hears no probe requests.
            WpsEvent::PasswordAuthFail { .. }
            | WpsEvent::PbcOverlap
            | WpsEvent::PbcTimeout
            | WpsEvent::ApPinSuccess
            | WpsEvent::NewPsk { .. }
            | WpsEvent::PinNeeded { .. }
            | WpsEvent::RegSuccess { .. }
            | WpsEvent::EnrolleeSeen { .. }
            | WpsEvent::ElementsChanged { .. }
            | WpsEvent::SelectedRegistrar { .. } => {}
        }
    }

    /// An event of the registration; one of a group interface goes to those who listen to the P2P device
    /// too.
    fn wps_msg(&mut self, text: &str) {
        self.info(text);
        if self.p2p.is_for_group() {
            self.tell_device(Level::Info, text, Audience::Interface);
        }
    }

    /// Handles the end of EAP, well or badly. Returns whether that is all that is to be done.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_eapol_cb
    pub(crate) fn wps_eapol_cb(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        if self.formation_fails_after_eap(cx) {
            return true;
        }
        let enrolling = self.link.suites().is_some_and(|s| s.akm.0 == key_mgmt::WPS);
        let network = self.link.network().and_then(|id| self.config.network(id));
        let pin = network.is_some_and(|n| role(n) == Some(Role::Pin));
        let replaced = network.is_some_and(|n| n.bits(network::KEY_MGMT) & key_mgmt::WPS == 0);
        let disabled = network.is_some_and(|n| n.disabled() != 0);
        if !self.enrolling.has_succeeded() && pin {
            self.try_next_access_point(cx);
            return true;
        }
        self.enrolling.forget_aps();
        self.timers.cancel(Timer::WpsTimeout);
        if !enrolling {
            return false;
        }
        if !self.enrolling.has_succeeded() {
            self.info("WPS-FAIL ");
        }
        if self.link.network().is_none() {
            return false;
        }
        if replaced {
            self.associate_with_credential(cx, disabled);
        } else {
            self.clear_wps(cx);
            self.intent.leave();
            self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        }
        true
    }

    fn try_next_access_point(&mut self, cx: &mut InterfaceContext<'_>) {
        let bssid = self.link.peer();
        self.failures.avoid(cx.now, bssid);
        self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        self.intent.reassociate();
        let all_tried = self.enrolling.take_all_tried();
        self.request_scan(cx.now, if all_tried { NEXT_ROUND } else { Duration::ZERO });
    }

    /// The block holds the network's settings now: leave, and come back with them.
    fn associate_with_credential(&mut self, cx: &mut InterfaceContext<'_>, disabled: bool) {
        let freq = self.link.freq();
        self.intent.leave();
        self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        if disabled {
            return;
        }
        self.enrolling.keep_to_channel(freq);
        self.intent.reassociate();
        let picked = self.pick_network(cx).and_then(|(bss, _)| self.bss.get(bss));
        let configured = picked.and_then(Offer::of).is_some_and(|o| o.is_configured());
        self.timers.cancel(Timer::WpsAssociate { fast: !configured });
        self.timers.set(Timer::WpsAssociate { fast: configured }, cx.now + ASSOCIATE_AFTER);
    }

    /// Associates with the network of the credential that an enrolment gave.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_assoc_with_cred
    pub(crate) fn wps_associate_timer(&mut self, cx: &mut InterfaceContext<'_>, fast: bool) {
        if !fast || !self.fast_associate(cx) {
            self.request_scan(cx.now, Duration::ZERO);
        }
    }

    /// The BSS that is enrolled with, as EAP wants to know it.
    pub(crate) fn wps_peer_is_version_2(&self) -> bool {
        self.link.bss().and_then(|id| self.bss.get(id)).and_then(Offer::of).is_some_and(|o| o.is_version_2())
    }

    /// Whether the AP says that it waits for us; `None` if it offers no WPS.
    pub(crate) fn wps_ap_expects(&self, own: MacAddr) -> Option<bool> {
        let offer = self.link.bss().and_then(|id| self.bss.get(id)).and_then(Offer::of)?;
        Some(offer.authorizes(own, true) != super::offer::Authorized::No)
    }
}

fn error_text(indication: ErrorIndication) -> String {
    let text = match indication {
        ErrorIndication::NoError => return String::new(),
        ErrorIndication::SecurityTkipOnlyProhibited => "TKIP Only Prohibited",
        ErrorIndication::SecurityWepProhibited => "WEP Prohibited",
        ErrorIndication::AuthFailure => "Authentication Failure",
    };
    format!(" reason={} ({text})", indication as u8)
}
