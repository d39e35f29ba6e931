//! The description of the device in WPS that the global variables give, for a station and for an access point of the supplicant.

use crate::config::keys::global;
use wpasim_wire::crypto::uuid_from_mac;
use wpasim_wire::wsc::{DeviceData, DeviceType, methods};
use wpasim_wire::{MacAddr, wsc};

use crate::config::Globals;
use crate::config::global::parse_device_type;

/// Returns the description of the device without what depends on its radio.
pub(crate) fn device_data(globals: &Globals) -> DeviceData {
    let text = |key| globals.text(key).unwrap_or_default().as_bytes().to_vec();
    DeviceData {
        device_name: text(global::DEVICE_NAME),
        manufacturer: text(global::MANUFACTURER),
        model_name: text(global::MODEL_NAME),
        model_number: text(global::MODEL_NUMBER),
        serial_number: text(global::SERIAL_NUMBER),
        primary_type: DeviceType(globals.octets(global::DEVICE_TYPE).try_into().unwrap_or_default()),
        os_version: globals.octets(global::OS_VERSION).try_into().map_or(0, u32::from_be_bytes),
        config_methods: config_methods(globals),
        ..DeviceData::default()
    }
}

/// The UUID of a device: configured, or derived from its address.
pub(crate) fn uuid(globals: &Globals, own: MacAddr) -> wsc::Uuid {
    wsc::Uuid::try_from(globals.octets(global::UUID))
        .ok()
        .filter(|u| *u != [0; 16])
        .unwrap_or_else(|| uuid_from_mac(own))
}

/// Config methods as a bit field: physical or virtual is filled in where neither is said.
pub(crate) fn config_methods(globals: &Globals) -> u16 {
    let Some(words) = globals.text(global::CONFIG_METHODS) else {
        return wsc::text::default_config_methods(true);
    };
    let mut bits = wsc::text::config_methods(words);
    // Only SET can bring both together.
    if bits & (methods::DISPLAY | methods::LABEL) == methods::DISPLAY | methods::LABEL {
        bits &= !methods::LABEL;
    }
    if bits & (methods::VIRT_DISPLAY | methods::PHY_DISPLAY) == methods::DISPLAY {
        bits |= methods::VIRT_DISPLAY;
    }
    if bits & (methods::VIRT_PUSHBUTTON | methods::PHY_PUSHBUTTON) == methods::PUSHBUTTON {
        bits |= methods::VIRT_PUSHBUTTON;
    }
    bits
}

/// The line of 2.10 about a configuration with both.
pub(crate) const LABEL_AND_DISPLAY: &str =
    "WPS: Both Label and Display config methods are not allowed at the same time";

/// Label and Display at once are a configuration that 2.10 does not start with.
pub(crate) fn has_label_and_display(globals: &Globals) -> bool {
    let both = methods::DISPLAY | methods::LABEL;
    wsc::text::config_methods(globals.text(global::CONFIG_METHODS).unwrap_or_default()) & both == both
}

pub(crate) fn secondary_types(globals: &Globals) -> Vec<DeviceType> {
    let texts = globals.list(global::SEC_DEVICE_TYPE).iter();
    texts.filter_map(|text| parse_device_type(text)).map(DeviceType).collect()
}

pub(crate) fn vendor_extensions(globals: &Globals) -> Vec<Vec<u8>> {
    let extension = globals.octets(global::WPS_VENDOR_EXT_M1);
    if extension.is_empty() { Vec::new() } else { vec![extension.to_vec()] }
}
