//! Wi-Fi Protected Setup of a BSS, as 2.10's wps_hostapd.c runs it: the registrar with its elements,
//! and the access point's own PIN for external registrars.

mod ap_pin;
mod commands;
mod events;

pub(super) use ap_pin::ApPinFailures;
pub use commands::PbcRefusal;
pub(super) use events::WpsStatistics;

use super::config::HwMode;
use super::{AccessPoint, ApAction, ApContext, Timer};
use crate::wire::MacAddr;
use crate::wire::elements::{eid, find, well_formed};
use crate::wire::rsne::{AkmSet, CipherSet};
use crate::wire::wsc::{WpsState, auth_type, concatenated, element, encr_type, rf_band};
use crate::wps::{Wps, WpsEvent};

/// The SSID of Wi-Fi Direct devices that look for each other.
const P2P_WILDCARD: &[u8] = b"DIRECT-";

/// Whole elements, as the registrar last had them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct WpsElements {
    pub beacon: Vec<u8>,
    pub probe_response: Vec<u8>,
}

impl AccessPoint {
    /// Starts a registrar that remembers nothing. Its elements are there before the first beacon.
    //= hostap@2.10 src/ap/wps_hostapd.c#hostapd_init_wps
    pub(super) fn start_wps(&mut self) {
        self.wps_elements = WpsElements::default();
        self.wps = self.config.wps.as_ref().map(|config| {
            let mut device = config.device.clone();
            device.mac_addr = self.addr;
            let stream = self.entropy.stream(&format!("wps {}", self.starts));
            let mut wps = Wps::new(true, config.uuid, device, stream);
            wps.state = config.state;
            wps.ap_setup_locked = config.ap_setup_locked;
            let is_5_ghz = self.config.hw_mode == HwMode::A;
            wps.rf_band = if is_5_ghz { rf_band::GHZ_5 } else { rf_band::GHZ_2_4 };
            config.set_registrar(&mut wps.registrar);
            Box::new(wps)
        });
        self.set_wps_security();
        self.set_wps_network();
        if let Some(wps) = &mut self.wps {
            wps.update_elements();
        }
        self.store_wps_elements();
    }

    /// Ends the registrar with all that it does.
    //= hostap@2.10 src/ap/wps_hostapd.c#hostapd_deinit_wps
    pub(super) fn stop_wps(&mut self) {
        for timer in [Timer::UnlockApSetup, Timer::ApPinEnds, Timer::ReloadSettings] {
            self.timers.cancel(timer);
        }
        self.wps = None;
        self.wps_elements = WpsElements::default();
    }

    /// Gives a changed configuration to a running registrar, which takes up the network and its extensions, but
    /// neither the types of security nor what the device says of itself.
    //= hostap@2.10 src/ap/wps_hostapd.c#hostapd_update_wps
    pub(super) fn update_wps(&mut self, cx: ApContext<'_>) {
        if self.config.wps.is_none() {
            return self.stop_wps();
        }
        self.set_wps_network();
        if let (Some(wps), Some(config)) = (&mut self.wps, &self.config.wps) {
            wps.device.vendor_extensions = config.device.vendor_extensions.clone();
            wps.registrar.application_extension = config.application_extension.clone();
            wps.update_elements();
        }
        self.drain_wps(cx);
    }

    fn set_wps_network(&mut self) {
        let (Some(wps), Some(config)) = (&mut self.wps, &self.config.wps) else {
            return;
        };
        wps.ssid = self.config.ssid.clone();
        wps.network_key = config.network_key.clone();
        wps.psk = config.psk;
    }

    /// Sets the security that enrollees are offered; an access point that is not configured offers what it would choose.
    fn set_wps_security(&mut self) {
        let (Some(wps), Some(config)) = (&mut self.wps, &self.config.wps) else {
            return;
        };
        if let Some(security) = &self.config.security {
            if security.rsn {
                wps.auth_types |= auth_types_of(security.akm, auth_type::WPA2_PSK, auth_type::WPA2);
                wps.encr_types_rsn = encr_types_of(security.rsn_pairwise);
            }
            if security.wpa {
                wps.auth_types |= auth_types_of(security.akm, auth_type::WPA_PSK, auth_type::WPA);
                wps.encr_types_wpa = encr_types_of(security.wpa_pairwise);
            }
            wps.encr_types = wps.encr_types_rsn | wps.encr_types_wpa;
        } else {
            wps.encr_types = encr_type::NONE;
            wps.auth_types = auth_type::OPEN;
        }
        wps.ap_auth_type = wps.auth_types;
        wps.ap_encr_type = wps.encr_types;
        wps.ap_settings = config.ap_settings.clone();
        if config.state == WpsState::NotConfigured {
            wps.auth_types = auth_type::WPA2_PSK | auth_type::WPA_PSK;
            let ciphers = encr_type::AES | encr_type::TKIP;
            (wps.encr_types, wps.encr_types_rsn, wps.encr_types_wpa) = (ciphers, ciphers, ciphers);
        }
    }

    /// The elements of the first beacon; there is nobody to be told yet.
    fn store_wps_elements(&mut self) {
        let Some(wps) = &mut self.wps else { return };
        for event in core::mem::take(&mut wps.events) {
            if let WpsEvent::ElementsChanged { beacon, probe_response } = event {
                self.wps_elements =
                    WpsElements { beacon: element(&beacon), probe_response: element(&probe_response) };
            }
        }
    }

    /// Runs something on the registrar and says what came of it. `None` where WPS is off.
    pub(super) fn with_wps<R>(&mut self, cx: ApContext<'_>, run: impl FnOnce(&mut Wps) -> R) -> Option<R> {
        let result = run(self.wps.as_mut()?);
        self.drain_wps(cx);
        Some(result)
    }

    pub(super) fn drain_wps(&mut self, cx: ApContext<'_>) {
        while let Some(event) = self.wps.as_mut().and_then(|wps| wps.events.pop_front()) {
            self.wps_event(cx, event);
        }
    }

    /// Notes an enrollee whose probe request is for this access point or for anyone.
    //= hostap@2.10 src/ap/wps_hostapd.c#hostapd_wps_probe_req_rx
    pub(super) fn note_enrollee(&mut self, cx: ApContext<'_>, from: MacAddr, ies: &[u8]) {
        if self.wps.is_none() || !well_formed(ies) {
            return;
        }
        let ssid = find(ies, eid::SSID).unwrap_or_default();
        if !ssid.is_empty() && ssid != self.config.ssid.as_bytes() {
            return;
        }
        let knows_p2p = self.config.wps.as_ref().is_some_and(|c| c.in_supplicant);
        let p2p_wildcard = knows_p2p && ssid == P2P_WILDCARD;
        if let Some(attributes) = concatenated(ies).filter(|a| !a.is_empty()) {
            self.with_wps(cx, |wps| wps.probe_request_received(cx.now, from, &attributes, p2p_wildcard));
        }
    }

    /// The `wps…=` lines of STA.
    pub(super) fn wps_device_text(&self, addr: MacAddr) -> String {
        self.wps.as_ref().map(|wps| wps.device_info(addr)).unwrap_or_default()
    }

    /// New settings are in the configuration file: it is read again, as soon as nothing is left of the
    /// registration that brought them.
    pub(super) fn reload_settings(&mut self) {
        self.actions.push(ApAction::ReloadSettings);
    }

    /// Ends a registration: a reload that is pending need not wait any longer.
    //= hostap@2.10 src/ap/wps_hostapd.c#hostapd_wps_eap_completed
    pub(super) fn registration_ended(&mut self, cx: ApContext<'_>) {
        if self.timers.get(Timer::ReloadSettings).is_some() {
            self.timers.set(Timer::ReloadSettings, cx.now);
        }
    }
}

fn auth_types_of(suites: AkmSet, psk: u16, enterprise: u16) -> u16 {
    let mut types = 0;
    if suites.contains(AkmSet::PSK) {
        types |= psk;
    }
    if suites.contains(AkmSet::IEEE8021X) {
        types |= enterprise;
    }
    types
}

fn encr_types_of(ciphers: CipherSet) -> u16 {
    let mut types = 0;
    if ciphers.intersects(CipherSet::CCMP | CipherSet::GCMP) {
        types |= encr_type::AES;
    }
    if ciphers.contains(CipherSet::TKIP) {
        types |= encr_type::TKIP;
    }
    types
}
