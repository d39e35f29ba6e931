//! What of Wi-Fi Protected Setup shows in a BSS that offers it: its elements, and enrollees that are
//! seen (WSC 2.0.5 §8).

use super::AccessPoint;
use crate::wire::MacAddr;
use crate::wire::elements::{eid, find, find_vendor, push, vendor, well_formed};

/// Attribute types (WSC 2.0.5 §12).
mod attr {
    pub const CONFIG_METHODS: u16 = 0x1008;
    pub const DEV_NAME: u16 = 0x1011;
    pub const DEV_PASSWORD_ID: u16 = 0x1012;
    pub const MANUFACTURER: u16 = 0x1021;
    pub const MODEL_NAME: u16 = 0x1023;
    pub const MODEL_NUMBER: u16 = 0x1024;
    pub const REQUEST_TYPE: u16 = 0x103a;
    pub const RESPONSE_TYPE: u16 = 0x103b;
    pub const SERIAL_NUMBER: u16 = 0x1042;
    pub const STATE: u16 = 0x1044;
    pub const UUID_E: u16 = 0x1047;
    pub const VENDOR_EXTENSION: u16 = 0x1049;
    pub const VERSION: u16 = 0x104a;
    pub const PRIMARY_DEV_TYPE: u16 = 0x1054;
}

/// The Wi-Fi Alliance's vendor extension that says "version 2.0".
const VERSION_2: [u8; 6] = [0x00, 0x37, 0x2a, 0x00, 0x01, 0x20];
/// Response Type: access point.
const RESPONSE_AP: u8 = 3;
/// The SSID of Wi-Fi Direct devices that look for each other.
const P2P_WILDCARD: &[u8] = b"DIRECT-";

/// What an access point says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WpsInfo {
    /// 1 not configured, 2 configured.
    pub state: u8,
    pub uuid: [u8; 16],
    pub device_name: Vec<u8>,
    pub manufacturer: Vec<u8>,
    pub model_name: Vec<u8>,
    pub model_number: Vec<u8>,
    pub serial_number: Vec<u8>,
    pub device_type: [u8; 8],
    pub config_methods: u16,
}

impl WpsInfo {
    /// wpa_supplicant's defaults.
    pub fn new(uuid: [u8; 16]) -> Self {
        WpsInfo {
            state: 2,
            uuid,
            device_name: Vec::new(),
            manufacturer: Vec::new(),
            model_name: Vec::new(),
            model_number: Vec::new(),
            serial_number: Vec::new(),
            device_type: [0; 8],
            config_methods: 0x3148,
        }
    }

    pub(super) fn beacon_element(&self) -> Vec<u8> {
        element(&[
            (attr::VERSION, &[0x10]),
            (attr::STATE, &[self.state]),
            (attr::VENDOR_EXTENSION, &VERSION_2),
            (attr::DEV_NAME, or_space(&self.device_name)),
            (attr::PRIMARY_DEV_TYPE, &self.device_type),
        ])
    }

    pub(super) fn probe_response_element(&self) -> Vec<u8> {
        element(&[
            (attr::VERSION, &[0x10]),
            (attr::STATE, &[self.state]),
            (attr::RESPONSE_TYPE, &[RESPONSE_AP]),
            (attr::UUID_E, &self.uuid),
            (attr::MANUFACTURER, or_space(&self.manufacturer)),
            (attr::MODEL_NAME, or_space(&self.model_name)),
            (attr::MODEL_NUMBER, or_space(&self.model_number)),
            (attr::SERIAL_NUMBER, or_space(&self.serial_number)),
            (attr::PRIMARY_DEV_TYPE, &self.device_type),
            (attr::DEV_NAME, or_space(&self.device_name)),
            (attr::CONFIG_METHODS, &self.config_methods.to_be_bytes()),
            (attr::VENDOR_EXTENSION, &VERSION_2),
        ])
    }
}

pub(super) fn assoc_response_element() -> Vec<u8> {
    element(&[
        (attr::VERSION, &[0x10]),
        (attr::RESPONSE_TYPE, &[RESPONSE_AP]),
        (attr::VENDOR_EXTENSION, &VERSION_2),
    ])
}

/// Some stations cannot read empty attributes: a space stands for nothing.
fn or_space(text: &[u8]) -> &[u8] {
    if text.is_empty() { b" " } else { text }
}

fn element(attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = vendor::WPS.to_be_bytes().to_vec();
    for (kind, value) in attributes {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&(value.len() as u16).to_be_bytes());
        body.extend_from_slice(value);
    }
    let mut out = Vec::with_capacity(body.len() + 2);
    push(&mut out, eid::VENDOR_SPECIFIC, &body);
    out
}

/// The attributes of a whole WPS element, up to the first that is cut short.
fn attributes(element: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = element.get(6..).unwrap_or_default();
    core::iter::from_fn(move || {
        let (header, tail) = rest.split_first_chunk::<4>()?;
        let [k0, k1, l0, l1] = *header;
        let (value, tail) = tail.split_at_checked(u16::from_be_bytes([l0, l1]).into())?;
        rest = tail;
        Some((u16::from_be_bytes([k0, k1]), value))
    })
}

fn attribute(element: &[u8], kind: u16) -> Option<&[u8]> {
    attributes(element).find(|(k, _)| *k == kind).map(|(_, v)| v)
}

/// Whether a whole WPS element says version 2.0.
pub(super) fn is_version_2(element: &[u8]) -> bool {
    attribute(element, attr::VENDOR_EXTENSION).is_some_and(|v| v.starts_with(&VERSION_2[..3]))
}

fn be16(value: &[u8]) -> Option<u16> {
    value.first_chunk().map(|v| u16::from_be_bytes(*v))
}

impl AccessPoint {
    /// Says who looks for a registrar, if that is us.
    pub(super) fn note_enrollee(&mut self, from: MacAddr, ies: &[u8]) {
        if self.config.wps.is_none() || !well_formed(ies) {
            return;
        }
        let ssid = find(ies, eid::SSID).unwrap_or_default();
        if !ssid.is_empty() && ssid != self.config.ssid.as_bytes() {
            return;
        }
        if ssid == P2P_WILDCARD {
            return;
        }
        if let Some(text) = find_vendor(ies, vendor::WPS).and_then(|wps| enrollee_text(from, wps)) {
            self.event(text);
        }
    }
}

fn enrollee_text(from: MacAddr, wps: &[u8]) -> Option<String> {
    attribute(wps, attr::VERSION)?;
    let methods = be16(attribute(wps, attr::CONFIG_METHODS)?)?;
    let password_id = be16(attribute(wps, attr::DEV_PASSWORD_ID)?)?;
    let uuid: &[u8; 16] = attribute(wps, attr::UUID_E)?.try_into().ok()?;
    let device: &[u8; 8] = attribute(wps, attr::PRIMARY_DEV_TYPE)?.try_into().ok()?;
    let request = attribute(wps, attr::REQUEST_TYPE)?.first()?;
    let name = attribute(wps, attr::DEV_NAME).unwrap_or_default();
    let name: Vec<u8> = name.iter().copied().take_while(|b| *b != 0).collect();
    let hex: String = uuid.iter().map(|b| format!("{b:02x}")).collect();
    let uuid = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
        .map(|(a, b)| hex.get(a..b).unwrap_or_default())
        .join("-");
    let [c0, c1, oui @ .., s0, s1] = *device;
    Some(format!(
        "WPS-ENROLLEE-SEEN {from} {uuid} {}-{:08X}-{} 0x{methods:x} {password_id} {request} [{}]",
        u16::from_be_bytes([c0, c1]),
        u32::from_be_bytes(oui),
        u16::from_be_bytes([s0, s1]),
        String::from_utf8_lossy(&name)
    ))
}
