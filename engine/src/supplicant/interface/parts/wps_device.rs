//! The WPS machine of a station, and what the device says of itself.

use crate::config::keys::global;
use wpasim_wire::crypto::uuid_from_mac;
use wpasim_wire::wsc::{DeviceData, auth_type, encr_type, rf_band};
use wpasim_wire::{MacAddr, wsc};

use crate::config::Globals;
use crate::entropy::{Entropy, Stream};
use crate::supplicant::wps_settings;
use crate::wps::{Wps, generate_pin};

/// The machine and its identity.
pub(crate) struct WpsDevice {
    machine: Wps,
    /// The UUID of the process's first interface: without a UUID of their own, later ones have that.
    uuid_of_process: Option<wsc::Uuid>,
    /// The stream of the PINs that commands ask for.
    pins: Stream,
}

impl WpsDevice {
    /// Makes the station's part of WPS. What the configuration says comes with [`WpsDevice::update`].
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_init
    pub(crate) fn new(own: MacAddr, entropy: &Entropy) -> Self {
        let mut machine = Wps::new(false, uuid_from_mac(own), DeviceData::default(), entropy.stream("wps"));
        machine.auth_types = auth_type::WPA2_PSK | auth_type::WPA_PSK;
        machine.encr_types = encr_type::AES | encr_type::TKIP;
        machine.device.mac_addr = own;
        machine.device.rf_bands = rf_band::GHZ_2_4 | rf_band::GHZ_5;
        WpsDevice { machine, uuid_of_process: None, pins: entropy.stream("wps-pin") }
    }

    /// Takes the UUID of the process's first interface.
    pub(crate) fn share_uuid(&mut self, uuid: Option<wsc::Uuid>) {
        self.uuid_of_process = uuid;
    }

    /// Takes up a configuration that was read, or globals that were set.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_update_config
    pub(crate) fn update(&mut self, globals: &Globals, own: MacAddr) {
        let machine = &mut self.machine;
        machine.config_methods = wps_settings::config_methods(globals);
        machine.uuid = match self.uuid_of_process {
            Some(shared) if globals.octets(global::UUID).iter().all(|b| *b == 0) => shared,
            _ => wps_settings::uuid(globals, own),
        };
        machine.device = DeviceData {
            mac_addr: own,
            rf_bands: machine.device.rf_bands,
            secondary_types: wps_settings::secondary_types(globals),
            vendor_extensions: wps_settings::vendor_extensions(globals),
            ..wps_settings::device_data(globals)
        };
    }

    /// Makes a PIN: eight digits with their checksum.
    pub(crate) fn new_pin(&mut self) -> String {
        format!("{:08}", generate_pin(&mut self.pins))
    }

    pub(crate) fn machine(&self) -> &Wps {
        &self.machine
    }

    pub(crate) fn machine_mut(&mut self) -> &mut Wps {
        &mut self.machine
    }
}
