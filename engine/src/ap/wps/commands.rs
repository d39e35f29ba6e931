//! The verbs that the control interface has for WPS.

use super::super::station::Flags;
use super::super::{AccessPoint, ApContext};
use crate::wire::MacAddr;
use crate::wire::time::Duration;
use crate::wire::wsc::{Credential, Uuid, auth_type, encr_type};

/// The reason why push button mode does not start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PbcRefusal {
    #[error("WPS is off")]
    Off,
    #[error("more than one enrollee is in push button mode")]
    Overlap,
}

impl AccessPoint {
    /// Whether the BSS has WPS running.
    pub fn offers_wps(&self) -> bool {
        self.wps.is_some()
    }

    /// WPS_PBC. With an address, push button mode is for that Wi-Fi Direct device only.
    pub fn wps_pbc(&mut self, cx: ApContext<'_>, p2p_dev_addr: Option<MacAddr>) -> Result<(), PbcRefusal> {
        self.with_wps(cx, |wps| wps.button_pushed(cx.now, p2p_dev_addr))
            .ok_or(PbcRefusal::Off)?
            .map_err(|_| PbcRefusal::Overlap)
    }

    /// WPS_PIN: an enrollee's PIN; without a UUID for the first that comes. Whether WPS is on.
    pub fn wps_pin(
        &mut self,
        cx: ApContext<'_>,
        addr: Option<MacAddr>,
        uuid: Option<&Uuid>,
        pin: &str,
        timeout: Option<Duration>,
    ) -> bool {
        self.with_wps(cx, |wps| wps.add_pin(cx.now, addr, uuid, pin.as_bytes(), timeout)).is_some()
    }

    /// Ends push button mode, or the use of PINs, and forgets the station that came last of those that
    /// are being registered; it is not told. Whether there was anything to end; `None` where WPS is off.
    pub fn end_registration(&mut self, cx: ApContext<'_>) -> Option<bool> {
        let ended = self.with_wps(cx, |wps| wps.wps_cancel())?;
        let enrollee = self
            .order
            .values()
            .rev()
            .find(|addr| self.stations.get(*addr).is_some_and(|station| station.flags.has(Flags::WPS)));
        let enrollee = enrollee.copied();
        if let Some(addr) = enrollee {
            self.forget_unheard(cx, addr);
        }
        Some(ended || enrollee.is_some())
    }

    /// WPS_CANCEL of hostapd. Whether WPS is on.
    pub fn wps_cancel(&mut self, cx: ApContext<'_>) -> bool {
        let is_on = self.end_registration(cx).is_some();
        if is_on {
            self.event("WPS-CANCEL ".to_owned());
        }
        is_on
    }

    /// WPS_CONFIG: new settings, as an external registrar would bring them. Whether they are taken up.
    //= hostap@2.10 src/wps/wps_registrar.c#wps_registrar_config_ap
    pub fn wps_config(&mut self, cx: ApContext<'_>, mut settings: Credential) -> bool {
        const STRONG: u16 = encr_type::TKIP | encr_type::AES;
        if self.wps.is_none() || settings.encr_type & (encr_type::NONE | STRONG) == 0 {
            return false;
        }
        if settings.encr_type & STRONG == encr_type::TKIP {
            settings.encr_type |= encr_type::AES;
        }
        let psk = auth_type::WPA_PSK | auth_type::WPA2_PSK;
        if settings.auth_type & psk == auth_type::WPA_PSK {
            settings.auth_type |= auth_type::WPA2_PSK;
        }
        self.new_settings(cx, settings)
    }

    /// WPS_GET_STATUS.
    pub fn wps_status(&self) -> String {
        self.wps_statistics.text()
    }
}
