//! Writing attributes (WSC 2.0.5 §12).

use super::{DeviceData, DeviceType, Uuid, VERSION_2_0, WFA_VENDOR_OUI, attr, wfa_ext};
use crate::mac::MacAddr;

/// The content of the Wi-Fi Alliance's vendor extension beside Version2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WfaExtension<'a> {
    pub request_to_enroll: bool,
    /// Left out if there are none.
    pub authorized_macs: &'a [MacAddr],
    /// Left out if zero.
    pub multi_ap: u8,
}

/// Attributes in the order in which they are appended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// No attributes.
    pub fn new() -> Self {
        Writer::default()
    }

    /// A message: Version and Message Type.
    pub fn message(kind: super::MessageType) -> Self {
        let mut out = Writer::new();
        out.version().u8(attr::MSG_TYPE, kind as u8);
        out
    }

    /// Returns the octets that have been appended.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the octets that have been appended.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Appends an attribute. A value beyond 65535 octets is cut there: no attribute can carry more.
    pub fn attribute(&mut self, kind: u16, value: &[u8]) -> &mut Self {
        let value = value.get(..0xffff).unwrap_or(value);
        self.0.extend_from_slice(&kind.to_be_bytes());
        self.0.extend_from_slice(&(value.len() as u16).to_be_bytes());
        self.0.extend_from_slice(value);
        self
    }

    /// Appends attributes that are there already.
    pub fn raw(&mut self, attributes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(attributes);
        self
    }

    /// An attribute of one octet.
    pub fn u8(&mut self, kind: u16, value: u8) -> &mut Self {
        self.attribute(kind, &[value])
    }

    /// An attribute of two octets.
    pub fn u16(&mut self, kind: u16, value: u16) -> &mut Self {
        self.attribute(kind, &value.to_be_bytes())
    }

    /// An attribute of four octets.
    pub fn u32(&mut self, kind: u16, value: u32) -> &mut Self {
        self.attribute(kind, &value.to_be_bytes())
    }

    /// A text. Some deployed devices cannot read an empty attribute: a space stands for no text.
    pub fn text(&mut self, kind: u16, text: &[u8]) -> &mut Self {
        self.attribute(kind, if text.is_empty() { b" " } else { text })
    }

    /// Version, 1.0 for all times; versions are negotiated with Version2.
    pub fn version(&mut self) -> &mut Self {
        self.u8(attr::VERSION, 0x10)
    }

    /// The Wi-Fi Alliance's vendor extension with Version2 (WSC 2.0.5 §12, WFA Vendor Data).
    pub fn wfa_extension(&mut self, extension: WfaExtension<'_>) -> &mut Self {
        let mut value = WFA_VENDOR_OUI.to_vec();
        value.extend_from_slice(&[wfa_ext::VERSION2, 1, VERSION_2_0]);
        if extension.request_to_enroll {
            value.extend_from_slice(&[wfa_ext::REQUEST_TO_ENROLL, 1, 1]);
        }
        // No more addresses than the length octet counts.
        let macs = extension.authorized_macs.get(..42).unwrap_or(extension.authorized_macs);
        if !macs.is_empty() {
            value.extend_from_slice(&[wfa_ext::AUTHORIZED_MACS, (macs.len() * 6) as u8]);
            value.extend(macs.iter().flat_map(|a| a.0));
        }
        if extension.multi_ap != 0 {
            value.extend_from_slice(&[wfa_ext::MULTI_AP, 1, extension.multi_ap]);
        }
        self.attribute(attr::VENDOR_EXTENSION, &value)
    }

    /// That extension with nothing but Version2.
    pub fn version2(&mut self) -> &mut Self {
        self.wfa_extension(WfaExtension::default())
    }

    /// UUID-E.
    pub fn uuid_e(&mut self, uuid: &Uuid) -> &mut Self {
        self.attribute(attr::UUID_E, uuid)
    }

    /// Primary Device Type.
    pub fn primary_type(&mut self, device: &DeviceData) -> &mut Self {
        self.attribute(attr::PRIMARY_DEV_TYPE, &device.primary_type.0)
    }

    /// Secondary Device Type List, if there are any.
    pub fn secondary_types(&mut self, device: &DeviceData) -> &mut Self {
        match device_types(&device.secondary_types) {
            types if types.is_empty() => self,
            types => self.attribute(attr::SECONDARY_DEV_TYPE_LIST, &types),
        }
    }

    /// Manufacturer, Model Name, Model Number, Serial Number, Primary Device Type, Device Name.
    pub fn device_attributes(&mut self, device: &DeviceData) -> &mut Self {
        self.text(attr::MANUFACTURER, &device.manufacturer)
            .text(attr::MODEL_NAME, &device.model_name)
            .text(attr::MODEL_NUMBER, &device.model_number)
            .text(attr::SERIAL_NUMBER, &device.serial_number)
            .primary_type(device)
            .text(attr::DEV_NAME, &device.device_name)
    }

    /// OS Version, whose most significant bit is reserved and set.
    pub fn os_version(&mut self, device: &DeviceData) -> &mut Self {
        self.u32(attr::OS_VERSION, 0x8000_0000 | device.os_version)
    }

    /// The vendor extensions of the device.
    pub fn vendor_extensions(&mut self, device: &DeviceData) -> &mut Self {
        for extension in device.vendor_extensions.iter().take(10) {
            self.attribute(attr::VENDOR_EXTENSION, extension);
        }
        self
    }
}

fn device_types(types: &[DeviceType]) -> Vec<u8> {
    types.iter().take(5).flat_map(|t| t.0).collect()
}
