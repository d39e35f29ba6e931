//! WPS as the control interface and the configuration write it.

use super::{Attributes, WpsState, methods};

/// The lines of `BSS` about the attributes of an access point: `wps_state=configured` and so on. The
/// device name is as received, with `_` for control characters. `None` if they cannot be read.
pub fn attributes_text(attributes: &[u8]) -> Option<Vec<u8>> {
    let attributes = Attributes::parse(attributes).ok()?;
    let mut out = Vec::new();
    let mut line = |name: &str, value: &[u8]| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(value);
        out.push(b'\n');
    };
    match attributes.wps_state {
        Some(s) if s == WpsState::NotConfigured as u8 => line("wps_state=", b"unconfigured"),
        Some(s) if s == WpsState::Configured as u8 => line("wps_state=", b"configured"),
        _ => {}
    }
    if attributes.ap_setup_locked.is_some_and(|l| l != 0) {
        line("wps_ap_setup_locked=", b"1");
    }
    if attributes.registrar_selected() {
        line("wps_selected_registrar=", b"1");
    }
    if let Some(id) = attributes.dev_password_id {
        line("wps_device_password_id=", id.to_string().as_bytes());
    }
    if let Some(methods) = attributes.sel_reg_config_methods {
        line("wps_selected_registrar_config_methods=", format!("0x{methods:04x}").as_bytes());
    }
    if let Some(kind) = attributes.primary_dev_type {
        line("wps_primary_device_type=", kind.to_string().as_bytes());
    }
    if let Some(name) = attributes.dev_name {
        let shown: Vec<u8> = name.iter().map(|b| if *b < b' ' { b'_' } else { *b }).collect();
        line("wps_device_name=", &shown);
    }
    if let Some(methods) = attributes.config_methods {
        line("wps_config_methods=", format!("0x{methods:04x}").as_bytes());
    }
    Some(out)
}

/// The words of `config_methods` with the bits that each sets. A word is looked for anywhere in the
/// text, so that `virtual_display` sets the bit of `display` too.
const METHODS: [(&str, u16); 13] = [
    ("ethernet", methods::ETHERNET),
    ("label", methods::LABEL),
    ("display", methods::DISPLAY),
    ("ext_nfc_token", methods::EXT_NFC_TOKEN),
    ("int_nfc_token", methods::INT_NFC_TOKEN),
    ("nfc_interface", methods::NFC_INTERFACE),
    ("push_button", methods::PUSHBUTTON),
    ("keypad", methods::KEYPAD),
    ("virtual_display", methods::VIRT_DISPLAY),
    ("physical_display", methods::PHY_DISPLAY),
    ("virtual_push_button", methods::VIRT_PUSHBUTTON),
    ("physical_push_button", methods::PHY_PUSHBUTTON),
    ("p2ps", methods::P2PS),
];

/// The methods of a device whose configuration names none; `p2p` if it was built with Wi-Fi Direct,
/// as wpa_supplicant is and hostapd is not.
pub fn default_config_methods(p2p: bool) -> u16 {
    let p2ps = if p2p { methods::P2PS } else { 0 };
    methods::DISPLAY | methods::KEYPAD | methods::VIRT_DISPLAY | methods::NFC_INTERFACE | p2ps
}

/// Reads `config_methods`. An empty text names none: see [`default_config_methods`].
pub fn config_methods(text: &str) -> u16 {
    METHODS.iter().filter(|(word, _)| text.contains(word)).fold(0, |bits, (_, bit)| bits | bit)
}
