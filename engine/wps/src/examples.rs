//! Two devices for examples and tests: a station and an access point.

use wpasim_runtime::entropy::{Entropy, Stream};
use wpasim_wire::wsc::{DeviceData, DeviceType, WpsState, auth_type, encr_type};
use wpasim_wire::{MacAddr, Ssid};

use super::Wps;

/// The address of the station.
pub const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
/// The address of the access point.
pub const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
fn device(mac_addr: MacAddr, name: &str, methods: u16) -> DeviceData {
    DeviceData {
        mac_addr,
        device_name: name.into(),
        manufacturer: b"Company".to_vec(),
        model_name: b"cmodel".to_vec(),
        model_number: b"123".to_vec(),
        serial_number: b"12345".to_vec(),
        primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
        rf_bands: 3,
        config_methods: methods,
        ..DeviceData::default()
    }
}

/// Returns the random numbers of one of them.
pub fn random(node: &str) -> Stream {
    Entropy::new(1, node).stream("wps")
}

/// Returns an enrollee: a phone without a network.
pub fn station() -> Wps {
    let mut wps = Wps::new(false, [0x36; 16], device(STA, "Wireless Client", 0x2388), random("sta"));
    wps.rf_band = 1;
    wps
}

/// Returns an access point with a WPA2-PSK network `wps-ap`.
pub fn access_point() -> Wps {
    let mut wps = Wps::new(true, [0x57; 16], device(AP, "Very friendly name", 0x6108), random("ap"));
    wps.rf_band = 1;
    wps.state = WpsState::Configured;
    wps.ssid = Ssid::new(*b"wps-ap").unwrap_or_default();
    wps.auth_types = auth_type::WPA2_PSK;
    wps.encr_types = encr_type::AES;
    wps.encr_types_rsn = encr_type::AES;
    wps.ap_auth_type = auth_type::WPA2_PSK;
    wps.ap_encr_type = encr_type::AES;
    wps.network_key = Some(b"secret passphrase".to_vec());
    wps.psk = Some([0x14; 32]);
    wps
}
