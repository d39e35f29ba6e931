//! The description that a device gives of itself.

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

/// Reads `1-0050F204-1` as 2.10 does: decimal category, eight hexadecimal digits, decimal subcategory;
/// what follows a number or the digits is skipped up to the next hyphen.
pub fn parse_device_type(text: &str) -> Option<DeviceType> {
    let (category, rest) = text.split_once('-')?;
    let (c0, c1) = (rest.get(..8)?, rest.split_once('-')?);
    let oui = c0.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(c0, 16).ok())??;
    let mut out = [0; 8];
    let parts = [
        &leading_number(category).to_be_bytes()[..],
        &oui.to_be_bytes(),
        &leading_number(c1.1).to_be_bytes(),
    ];
    out.iter_mut().zip(parts.concat()).for_each(|(to, from)| *to = from);
    Some(DeviceType(out))
}

/// The decimal number at the start, modulo 65536; 0 if there is none.
fn leading_number(text: &str) -> u16 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.bytes().take_while(u8::is_ascii_digit);
    let n = digits.fold(0u16, |n, d| n.wrapping_mul(10).wrapping_add(u16::from(d - b'0')));
    if negative { n.wrapping_neg() } else { n }
}
