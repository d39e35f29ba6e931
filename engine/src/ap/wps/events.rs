//! The events of the registrar and of registrations, in the words of hostapd's control interface.

use super::super::{AccessPoint, ApAction, ApContext, GroupSignal, Timer};
use super::WpsElements;
use crate::config::text::hex;
use crate::psk::Psk;
use crate::wire::MacAddr;
use crate::wire::time::Duration;
use crate::wire::wsc::WpsState;
use crate::wire::wsc::{Credential, DeviceData, Uuid, Writer, attr, auth_type, element};
use crate::wps::registrar::uuid_text;
use crate::wps::{ErrorIndication, WpsEvent};
use core::fmt::Write as _;

/// So that the registration that brought new settings can end before they are taken up.
const RELOAD_DELAY: Duration = Duration::from_millis(100);
/// A key of WPA has at least the length of a passphrase and at most that of a PSK in hexadecimal.
const WPA_KEY_LENGTHS: core::ops::RangeInclusive<usize> = 8..=64;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum PbcStatus {
    #[default]
    Disabled,
    Active,
    TimedOut,
    Overlap,
}

/// The values that WPS_GET_STATUS tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::ap) struct WpsStatistics {
    pbc: PbcStatus,
    /// Of the last registration, and with whom.
    last: Option<(bool, MacAddr)>,
    failure: ErrorIndication,
}

impl WpsStatistics {
    pub fn text(&self) -> String {
        let pbc = match self.pbc {
            PbcStatus::Disabled => "Disabled",
            PbcStatus::Active => "Active",
            PbcStatus::TimedOut => "Timed-out",
            PbcStatus::Overlap => "Overlap",
        };
        let result = match self.last {
            None => "None",
            Some((true, _)) => "Success",
            Some((false, _)) => "Failed",
        };
        let mut out = format!("PBC Status: {pbc}\nLast WPS result: {result}\n");
        if matches!(self.last, Some((false, _))) && self.failure != ErrorIndication::NoError {
            let _ = writeln!(out, "Failure Reason: {}", self.failure.text());
        }
        if let Some((_, peer)) = self.last {
            let _ = writeln!(out, "Peer Address: {peer}");
        }
        out
    }
}

impl AccessPoint {
    pub(in crate::ap) fn wps_event(&mut self, cx: ApContext<'_>, event: WpsEvent) {
        match event {
            WpsEvent::M2d { .. } => self.event("WPS-M2D ".to_owned()),
            WpsEvent::Fail { msg, config_error, error_indication, peer } => {
                self.wps_statistics.last = Some((false, peer));
                self.wps_statistics.failure = error_indication;
                self.event(failure_text(msg as u8, config_error, error_indication));
                let (msg, indication) = (msg as u8, error_indication);
                self.signal(GroupSignal::RegistrationFailed { msg, config_error, indication });
            }
            WpsEvent::Success { peer } => {
                self.wps_statistics.pbc = PbcStatus::Disabled;
                self.wps_statistics.last = Some((true, peer));
                self.event("WPS-SUCCESS ".to_owned());
            }
            WpsEvent::PasswordAuthFail { enrollee, peer, .. } => {
                self.wps_statistics.last = Some((false, peer));
                self.wps_statistics.failure = ErrorIndication::AuthFailure;
                if enrollee {
                    self.ap_pin_guessed_wrong(cx);
                }
            }
            WpsEvent::ApPinSuccess => self.ap_pin_guessed_right(),
            WpsEvent::PbcOverlap => self.pbc_is(PbcStatus::Overlap, "WPS-OVERLAP-DETECTED "),
            WpsEvent::PbcTimeout => self.pbc_is(PbcStatus::TimedOut, "WPS-TIMEOUT "),
            WpsEvent::PbcActive => self.pbc_is(PbcStatus::Active, "WPS-PBC-ACTIVE "),
            WpsEvent::PbcDisable => self.pbc_is(PbcStatus::Disabled, "WPS-PBC-DISABLE "),
            WpsEvent::Credential(settings) => {
                self.new_settings(cx, *settings);
            }
            WpsEvent::NewPsk { addr, psk, .. } => self.new_psk(addr, &psk),
            WpsEvent::PinNeeded { uuid, device } => self.pin_needed(&uuid, &device),
            WpsEvent::RegSuccess { addr, uuid, .. } => {
                self.event(format!("WPS-REG-SUCCESS {addr} {}", uuid_text(&uuid)));
                self.signal(GroupSignal::RegistrationSucceeded { interface: addr });
            }
            WpsEvent::EnrolleeSeen { .. } => self.event(enrollee_text(&event)),
            WpsEvent::ElementsChanged { beacon, probe_response } => {
                self.wps_elements =
                    WpsElements { beacon: element(&beacon), probe_response: element(&probe_response) };
                if self.is_beaconing() {
                    self.update_beacon();
                }
            }
            // For external registrars, which hear of it from beacons.
            WpsEvent::SelectedRegistrar { .. } => {}
        }
    }

    fn pbc_is(&mut self, status: PbcStatus, text: &str) {
        self.wps_statistics.pbc = status;
        self.event(text.to_owned());
    }

    fn pin_needed(&mut self, uuid: &Uuid, device: &DeviceData) {
        let texts = [
            &device.device_name,
            &device.manufacturer,
            &device.model_name,
            &device.model_number,
            &device.serial_number,
        ]
        .map(|text| String::from_utf8_lossy(text).into_owned());
        let uuid = uuid_text(uuid);
        let addr = device.mac_addr;
        let kind = device.primary_type;
        self.event(format!("WPS-PIN-NEEDED {uuid} {addr} [{}|{kind}]", texts.join("|")));
        let line = format!("{uuid}\t{addr}\t{}\t{kind}", texts.join("\t"));
        self.actions.push(ApAction::PinRequest(line));
    }

    /// A station was given a key of its own: it counts from now on.
    fn new_psk(&mut self, addr: MacAddr, psk: &[u8]) {
        let Ok(psk) = <[u8; 32]>::try_from(psk) else { return };
        if let Some(auth) = &mut self.auth {
            auth.add_station_psk(addr, psk);
        }
        if let Some(security) = &mut self.config.security {
            security.station_psks.entry(addr).or_default().insert_first(psk);
        }
        if let Some(wps) = &mut self.wps {
            wps.registrar.file_psks.by_addr.insert(addr, Psk::Key(psk));
        }
        self.actions.push(ApAction::NewPsk { addr, psk });
    }

    /// Takes settings that an external registrar gives. Returns whether they can be used.
    //= hostap@2.10 src/ap/wps_hostapd.c#hapd_wps_cred_cb
    pub(super) fn new_settings(&mut self, cx: ApContext<'_>, settings: Credential) -> bool {
        let processing = self.config.wps.as_ref().map_or(0, |c| c.cred_processing);
        let shown = if matches!(processing, 1 | 2) { hex(&as_received(&settings)) } else { String::new() };
        self.event(format!("WPS-NEW-AP-SETTINGS {shown}"));
        if processing == 1 {
            return true;
        }
        let Some(wps) = &mut self.wps else { return false };
        wps.ssid = settings.ssid.clone();
        wps.encr_types = settings.encr_type;
        wps.encr_types_rsn = settings.encr_type;
        wps.encr_types_wpa = settings.encr_type;
        wps.ap_encr_type = settings.encr_type;
        wps.auth_types = settings.auth_type;
        wps.ap_auth_type = settings.auth_type;
        let of_wpa = settings.auth_type & (auth_type::WPA2_PSK | auth_type::WPA_PSK) != 0;
        if settings.key.is_empty() {
            wps.network_key = None;
        } else if of_wpa && !WPA_KEY_LENGTHS.contains(&settings.key.len()) {
            return false;
        } else {
            wps.network_key = Some(settings.key.clone());
        }
        wps.state = WpsState::Configured;
        self.actions.push(ApAction::NewSettings(Box::new(settings)));
        self.timers.set(Timer::ReloadSettings, cx.now + RELOAD_DELAY);
        true
    }
}

/// The Credential attribute as it came, or one made of the settings.
fn as_received(settings: &Credential) -> Vec<u8> {
    if !settings.received.is_empty() {
        return settings.received.clone();
    }
    let mut out = Writer::new();
    out.attribute(attr::CREDENTIAL, &settings.emit());
    out.into_bytes()
}

fn failure_text(msg: u8, config_error: u16, indication: ErrorIndication) -> String {
    let mut out = format!("WPS-FAIL msg={msg} config_error={config_error}");
    if indication != ErrorIndication::NoError {
        let _ = write!(out, " reason={} ({})", indication as u8, indication.text());
    }
    out
}

fn enrollee_text(event: &WpsEvent) -> String {
    let WpsEvent::EnrolleeSeen {
        addr,
        uuid,
        device_type,
        config_methods,
        dev_password_id,
        request_type,
        device_name,
    } = event
    else {
        return String::new();
    };
    format!(
        "WPS-ENROLLEE-SEEN {addr} {} {device_type} 0x{config_methods:x} {dev_password_id} {request_type} [{}]",
        uuid_text(uuid),
        String::from_utf8_lossy(device_name)
    )
}
