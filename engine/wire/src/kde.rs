//! Key data of EAPOL-Key frames: elements and key data encapsulations (IEEE 802.11-2020 §12.7.2).

use crate::elements::{self, Elements, eid, vendor};
use crate::mac::MacAddr;

const OUI: [u8; 3] = [0x00, 0x0f, 0xac];
const TYPE_GTK: u8 = 1;
const TYPE_MAC_ADDR: u8 = 3;
const TYPE_PMKID: u8 = 4;
const TYPE_IGTK: u8 = 9;
const TYPE_KEY_ID: u8 = 10;
const TYPE_OCI: u8 = 13;

/// A group temporal key as a KDE carries it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GtkKde {
    /// 0 to 3.
    pub index: u8,
    /// Whether stations transmit with it.
    pub tx: bool,
    pub key: Vec<u8>,
}

/// An integrity group temporal key as a KDE carries it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IgtkKde {
    /// 4 or 5.
    pub index: u16,
    /// Packet number, least significant octet first.
    pub ipn: [u8; 6],
    pub key: [u8; 16],
}

/// The content of key data. Elements are whole, identifier and length included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyData {
    pub rsn_element: Option<Vec<u8>>,
    pub wpa_element: Option<Vec<u8>>,
    /// RSN extension element.
    pub rsnx_element: Option<Vec<u8>>,
    pub gtk: Option<GtkKde>,
    pub igtk: Option<IgtkKde>,
    pub pmkid: Option<[u8; 16]>,
    pub mac_addr: Option<MacAddr>,
    /// Of the pairwise key, with Extended Key ID.
    pub key_id: Option<u8>,
    pub oci: Option<[u8; 3]>,
}

/// Key data that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyDataError {
    #[error("an element or KDE at octet {0} reaches beyond the key data")]
    Truncated(usize),
    #[error("a GTK KDE of {0} octets")]
    GtkLength(usize),
}

impl KeyData {
    /// Parses key data that is in the clear. Padding (a vendor-specific identifier with length zero,
    /// or a zero octet where an element would start) ends it.
    pub fn parse(data: &[u8]) -> Result<Self, KeyDataError> {
        let mut out = KeyData::default();
        let mut elements = Elements::new(data);
        loop {
            let at = data.len() - elements.remainder().len();
            match elements.remainder() {
                [] | [_] | [eid::VENDOR_SPECIFIC, 0, ..] => return Ok(out),
                _ => {}
            }
            let Some(element) = elements.next() else { return Err(KeyDataError::Truncated(at)) };
            let whole = || data.get(at..at + 2 + element.body.len()).unwrap_or_default().to_vec();
            match element.id {
                eid::RSN => out.rsn_element = Some(whole()),
                eid::RSNX => out.rsnx_element = Some(whole()),
                eid::VENDOR_SPECIFIC => match element.body {
                    body if body.starts_with(&vendor::WPA.to_be_bytes()) => out.wpa_element = Some(whole()),
                    [a, b, c, kind, value @ ..] if [*a, *b, *c] == OUI => out.take_kde(*kind, value)?,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn take_kde(&mut self, kind: u8, value: &[u8]) -> Result<(), KeyDataError> {
        match kind {
            TYPE_GTK => {
                let [flags, _reserved, key @ ..] = value else {
                    return Err(KeyDataError::GtkLength(value.len()));
                };
                if key.is_empty() || key.len() > 32 {
                    return Err(KeyDataError::GtkLength(value.len()));
                }
                self.gtk = Some(GtkKde { index: flags & 3, tx: flags & 4 != 0, key: key.to_vec() });
            }
            TYPE_PMKID => self.pmkid = value.first_chunk().copied(),
            TYPE_MAC_ADDR => self.mac_addr = value.first_chunk().map(|a| MacAddr(*a)),
            TYPE_IGTK => {
                if let Some((&[low, high, ref ipn @ ..], rest)) = value.split_first_chunk::<8>()
                    && let Some(key) = rest.first_chunk::<16>()
                {
                    self.igtk =
                        Some(IgtkKde { index: u16::from_le_bytes([low, high]), ipn: *ipn, key: *key });
                }
            }
            TYPE_KEY_ID => self.key_id = value.first().map(|id| id & 3),
            TYPE_OCI => self.oci = value.first_chunk().copied(),
            _ => {}
        }
        Ok(())
    }
}

fn push_kde(out: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
    let mut body = OUI.to_vec();
    body.push(kind);
    for part in parts {
        body.extend_from_slice(part);
    }
    elements::push(out, eid::VENDOR_SPECIFIC, &body);
}

/// Appends a GTK KDE.
pub fn push_gtk(out: &mut Vec<u8>, gtk: &GtkKde) {
    push_kde(out, TYPE_GTK, &[&[gtk.index & 3 | if gtk.tx { 4 } else { 0 }, 0], &gtk.key]);
}

/// Appends an IGTK KDE.
pub fn push_igtk(out: &mut Vec<u8>, igtk: &IgtkKde) {
    push_kde(out, TYPE_IGTK, &[&igtk.index.to_le_bytes(), &igtk.ipn, &igtk.key]);
}

/// Appends a PMKID KDE.
pub fn push_pmkid(out: &mut Vec<u8>, pmkid: &[u8; 16]) {
    push_kde(out, TYPE_PMKID, &[pmkid]);
}

/// Appends a MAC address KDE.
pub fn push_mac_addr(out: &mut Vec<u8>, addr: MacAddr) {
    push_kde(out, TYPE_MAC_ADDR, &[&addr.0]);
}

/// Pads key data for the AES key wrap (IEEE 802.11-2020 §12.7.2 "Key Data"): to at least 16 octets
/// and a multiple of 8, with 0xdd and zeros.
pub fn pad(data: &mut Vec<u8>) {
    if data.len() >= 16 && data.len().is_multiple_of(8) {
        return;
    }
    data.push(eid::VENDOR_SPECIFIC);
    while data.len() < 16 || !data.len().is_multiple_of(8) {
        data.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn key_data_round_trips(index in 0u8..4, tx: bool, key in prop::collection::vec(any::<u8>(), 16..=32),
                                pmkid: Option<[u8; 16]>, igtk: Option<([u8; 6], [u8; 16])>, mac: Option<[u8; 6]>) {
            let expected = KeyData {
                gtk: Some(GtkKde { index, tx, key }),
                igtk: igtk.map(|(ipn, key)| IgtkKde { index: 4, ipn, key }),
                pmkid,
                mac_addr: mac.map(MacAddr),
                ..KeyData::default()
            };
            let mut data = Vec::new();
            expected.gtk.iter().for_each(|k| push_gtk(&mut data, k));
            expected.igtk.iter().for_each(|k| push_igtk(&mut data, k));
            expected.pmkid.iter().for_each(|k| push_pmkid(&mut data, k));
            expected.mac_addr.iter().for_each(|k| push_mac_addr(&mut data, *k));
            pad(&mut data);
            prop_assert!(data.len() % 8 == 0 && data.len() >= 16);
            prop_assert_eq!(KeyData::parse(&data), Ok(expected));
        }

        #[test]
        fn any_octets_parse_or_are_refused(data in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = KeyData::parse(&data);
        }
    }
}
