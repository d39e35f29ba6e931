//! The configuration of a BSS with WPS.

use crate::psk::EnrolleePsks;
use crate::wire::wsc::text::default_config_methods;
use crate::wire::wsc::{DeviceData, Uuid, WpsState};
use crate::wps::registrar::Registrar;

/// The configuration of WPS.
#[derive(Clone, PartialEq, Eq)]
pub struct WpsConfig {
    pub state: WpsState,
    pub uuid: Uuid,
    /// The address is filled in by the access point.
    pub device: DeviceData,
    /// The PIN that external registrars must know.
    pub ap_pin: Option<String>,
    /// 0; 1 shows that external registrars are refused; 2 does not show it.
    pub ap_setup_locked: u8,
    /// A passphrase or 64 hexadecimal digits; none where every station has a key of its own.
    pub network_key: Option<Vec<u8>>,
    pub psk: Option<[u8; 32]>,
    /// Keys that `wpa_psk_file` sets aside for enrollees (`wps=1`); the zero address stands for anyone.
    pub file_psks: EnrolleePsks,
    pub ap_settings: Option<Vec<u8>>,
    pub skip_cred_build: bool,
    pub extra_cred: Option<Vec<u8>>,
    /// 0 the access point takes new settings up, 1 it passes them on, 2 both.
    pub cred_processing: u8,
    pub force_per_enrollee_psk: bool,
    /// Push button mode shows in M1.
    pub pbc_in_m1: bool,
    /// The body of the Application Extension attribute.
    pub application_extension: Option<Vec<u8>>,
    /// The EAP server is part of the access point.
    pub eap_server: bool,
    /// EAP-WSC messages are cut to this many octets; 0 is the method's own limit.
    pub fragment_size: u16,
    /// Of EAPOL frames with EAP.
    pub eapol_version: u8,
    /// The access point is a mode of wpa_supplicant: it knows Wi-Fi Direct, and its PIN is not a
    /// matter for events.
    pub in_supplicant: bool,
    /// `wps_state` became 0 while the access point runs: the registrar stays, but neither elements nor associations
    /// speak of WPS.
    pub off: bool,
}

/// A PIN and keys do not print.
impl core::fmt::Debug for WpsConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WpsConfig")
            .field("state", &self.state)
            .field("uuid", &self.uuid)
            .field("device", &self.device)
            .field("ap_setup_locked", &self.ap_setup_locked)
            .field("in_supplicant", &self.in_supplicant)
            .finish_non_exhaustive()
    }
}

impl WpsConfig {
    /// hostapd's defaults, in a configured network.
    pub fn new(uuid: Uuid) -> Self {
        let config_methods = default_config_methods(false);
        WpsConfig {
            state: WpsState::Configured,
            uuid,
            device: DeviceData { config_methods, rf_bands: 1, ..DeviceData::default() },
            ap_pin: None,
            ap_setup_locked: 0,
            network_key: None,
            psk: None,
            file_psks: EnrolleePsks::default(),
            ap_settings: None,
            skip_cred_build: false,
            extra_cred: None,
            cred_processing: 0,
            force_per_enrollee_psk: false,
            pbc_in_m1: false,
            application_extension: None,
            eap_server: true,
            fragment_size: 0,
            eapol_version: 2,
            in_supplicant: false,
            off: false,
        }
    }

    /// wpa_supplicant's, for mode=2: external registrars are refused.
    pub fn in_supplicant(uuid: Uuid, device: DeviceData) -> Self {
        WpsConfig { device, ap_setup_locked: 2, in_supplicant: true, ..WpsConfig::new(uuid) }
    }

    pub(super) fn set_registrar(&self, registrar: &mut Registrar) {
        use crate::wire::wsc::rf_band;
        let both = rf_band::GHZ_2_4 | rf_band::GHZ_5;
        registrar.skip_cred_build = self.skip_cred_build;
        registrar.extra_cred = self.extra_cred.clone();
        registrar.disable_auto_conf = self.cred_processing == 1 && self.skip_cred_build;
        registrar.dual_band = self.device.rf_bands & both == both;
        registrar.force_per_enrollee_psk = self.force_per_enrollee_psk;
        registrar.names_device_in_beacons = self.in_supplicant;
        registrar.file_psks = self.file_psks.clone();
        registrar.application_extension = self.application_extension.clone();
    }
}
