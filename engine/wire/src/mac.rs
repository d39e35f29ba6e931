//! MAC addresses and SSIDs, and how hostap prints them.

use core::fmt;
use core::str::FromStr;

/// A 48-bit IEEE MAC address; prints as `02:00:00:00:01:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddr(pub [u8; 6]);

/// The text is not six hexadecimal octets separated by colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a MAC address (six hexadecimal octets separated by colons)")]
pub struct InvalidMacAddr;

impl MacAddr {
    /// 00:00:00:00:00:00, "no address" in nl80211 and the control interface.
    pub const ZERO: MacAddr = MacAddr([0; 6]);
    /// ff:ff:ff:ff:ff:ff.
    pub const BROADCAST: MacAddr = MacAddr([0xff; 6]);

    /// Whether every octet is zero.
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// Whether the group bit is set (IEEE 802 §8.2.2), broadcast included.
    pub fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Whether this is the broadcast address.
    pub fn is_broadcast(self) -> bool {
        self == Self::BROADCAST
    }

    /// Parses an address: six two-digit octets with `:` between them, at the
    /// start of `text`; whatever follows is returned beside the address.
    //= hostap@2.10 src/utils/common.c#hwaddr_aton
    pub fn parse_prefix(text: &str) -> Option<(MacAddr, &str)> {
        let bytes = text.as_bytes();
        let mut addr = [0u8; 6];
        for (i, octet) in addr.iter_mut().enumerate() {
            let at = i * 3;
            let high = (*bytes.get(at)? as char).to_digit(16)?;
            let low = (*bytes.get(at + 1)? as char).to_digit(16)?;
            if i < 5 && bytes.get(at + 2) != Some(&b':') {
                return None;
            }
            *octet = (high * 16 + low) as u8;
        }
        Some((MacAddr(addr), text.get(17..)?))
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for MacAddr {
    type Err = InvalidMacAddr;
    fn from_str(s: &str) -> Result<Self, InvalidMacAddr> {
        match MacAddr::parse_prefix(s) {
            Some((addr, "")) => Ok(addr),
            _ => Err(InvalidMacAddr),
        }
    }
}

/// A service set identifier: 0 to 32 arbitrary octets (IEEE 802.11-2020 §9.4.2.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ssid(Vec<u8>);

/// More than 32 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an SSID has at most 32 octets, this one has {0}")]
pub struct SsidTooLong(pub usize);

impl Ssid {
    /// The wildcard SSID of probe requests, also a hidden network's SSID in beacons.
    pub fn wildcard() -> Self {
        Ssid(Vec::new())
    }

    /// Checks the length.
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, SsidTooLong> {
        let octets = octets.into();
        if octets.len() > 32 {
            return Err(SsidTooLong(octets.len()));
        }
        Ok(Ssid(octets))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// No octets.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of octets.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Encodes octets as text: printable ASCII as it is, `\"`, `\\`, `\e`, `\n`, `\r`,
/// `\t`, and `\xHH` for the rest.
//= hostap@2.10 src/utils/common.c#printf_encode
impl fmt::Display for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printf_encode(&self.0))
    }
}

impl fmt::Debug for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Encodes octets as text.
//= hostap@2.10 src/utils/common.c#printf_encode
pub fn printf_encode(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len());
    for &b in data {
        match b {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x1b => out.push_str("\\e"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e => out.push(b as char),
            _ => {
                use core::fmt::Write as _;
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_and_parse() {
        let a: MacAddr = "02:00:00:00:01:0a".parse().unwrap();
        assert_eq!(a.to_string(), "02:00:00:00:01:0a");
        assert!("02:00:00:00:01".parse::<MacAddr>().is_err());
        assert!("02:00:00:00:01:0a ".parse::<MacAddr>().is_err());
        assert!("02-00-00-00-01-0a".parse::<MacAddr>().is_err());
    }

    #[test]
    fn ssids_print_as_hostap_prints_them() {
        let s = Ssid::new(*b"tab\tquote\"x\x00").unwrap();
        assert_eq!(s.to_string(), "tab\\tquote\\\"x\\x00");
        assert!(Ssid::new(vec![0; 33]).is_err());
    }
}
