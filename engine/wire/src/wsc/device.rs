//! What a device says of itself.

use crate::mac::MacAddr;
use core::fmt;

/// Category, OUI with type, and subcategory of a device (WSC 2.0.5, Primary Device Type). Shown as
/// `1-0050F204-1`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct DeviceType(pub [u8; 8]);

impl fmt::Display for DeviceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [c0, c1, oui @ .., s0, s1] = self.0;
        write!(
            f,
            "{}-{:08X}-{}",
            u16::from_be_bytes([c0, c1]),
            u32::from_be_bytes(oui),
            u16::from_be_bytes([s0, s1])
        )
    }
}

/// The attributes that describe a device (WSC 2.0.5 §12). Texts are UTF-8, without a final zero.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeviceData {
    pub mac_addr: MacAddr,
    pub device_name: Vec<u8>,
    pub manufacturer: Vec<u8>,
    pub model_name: Vec<u8>,
    pub model_number: Vec<u8>,
    pub serial_number: Vec<u8>,
    pub primary_type: DeviceType,
    /// At most five.
    pub secondary_types: Vec<DeviceType>,
    /// The most significant bit is always set on the air.
    pub os_version: u32,
    /// Of `rf_band`.
    pub rf_bands: u8,
    /// Of `methods`.
    pub config_methods: u16,
    /// Values of Vendor Extension attributes (OUI first) to be sent in M1, beacons and so on.
    pub vendor_extensions: Vec<Vec<u8>>,
}
