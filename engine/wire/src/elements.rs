//! Information elements (IEEE 802.11-2020 §9.4.2): a list of (id, length, body).

/// Element identifiers (IEEE 802.11-2020 Table 9-92).
pub mod eid {
    pub const SSID: u8 = 0;
    pub const SUPP_RATES: u8 = 1;
    pub const DS_PARAMS: u8 = 3;
    pub const CF_PARAMS: u8 = 4;
    pub const TIM: u8 = 5;
    pub const IBSS_PARAMS: u8 = 6;
    pub const COUNTRY: u8 = 7;
    pub const BSS_LOAD: u8 = 11;
    pub const CHALLENGE: u8 = 16;
    pub const PWR_CONSTRAINT: u8 = 32;
    pub const PWR_CAPABILITY: u8 = 33;
    pub const SUPPORTED_CHANNELS: u8 = 36;
    pub const CHANNEL_SWITCH: u8 = 37;
    pub const ERP_INFO: u8 = 42;
    pub const HT_CAP: u8 = 45;
    pub const QOS: u8 = 46;
    pub const RSN: u8 = 48;
    pub const EXT_SUPP_RATES: u8 = 50;
    pub const MOBILITY_DOMAIN: u8 = 54;
    pub const FAST_BSS_TRANSITION: u8 = 55;
    pub const TIMEOUT_INTERVAL: u8 = 56;
    pub const SUPPORTED_OPERATING_CLASSES: u8 = 59;
    pub const EXT_CHANSWITCH: u8 = 60;
    pub const HT_OPERATION: u8 = 61;
    pub const SECONDARY_CHANNEL_OFFSET: u8 = 62;
    pub const TIME_ADVERTISEMENT: u8 = 69;
    pub const RRM_ENABLED_CAPABILITIES: u8 = 70;
    pub const OVERLAPPING_BSS_SCAN_PARAMS: u8 = 74;
    pub const MMIE: u8 = 76;
    pub const INTERWORKING: u8 = 107;
    pub const ADVERTISEMENT_PROTOCOL: u8 = 108;
    pub const QOS_MAP_SET: u8 = 110;
    pub const ROAMING_CONSORTIUM: u8 = 111;
    pub const BSS_MAX_IDLE_PERIOD: u8 = 90;
    pub const TIME_ZONE: u8 = 98;
    pub const EXT_CAPAB: u8 = 127;
    pub const VHT_CAP: u8 = 191;
    pub const VHT_OPERATION: u8 = 192;
    pub const MESH_ID: u8 = 114;
    pub const VENDOR_SPECIFIC: u8 = 221;
    pub const RSNX: u8 = 244;
    pub const EXTENSION: u8 = 255;
}

/// OUI and type of vendor-specific elements, as `find_vendor` takes them.
pub mod vendor {
    /// WPA(1).
    pub const WPA: u32 = 0x0050_f201;
    /// Wi-Fi Multimedia.
    pub const WMM: u32 = 0x0050_f202;
    /// Wi-Fi Protected Setup.
    pub const WPS: u32 = 0x0050_f204;
    /// Wi-Fi Direct.
    pub const P2P: u32 = 0x506f_9a09;
    /// Wi-Fi Display.
    pub const WFD: u32 = 0x506f_9a0a;
    /// Multiband Operation.
    pub const MBO: u32 = 0x506f_9a16;
}

/// Attributes of the Multiband Operation element.
pub mod mbo {
    /// A rejection for the signal: the missing dB and the time in seconds.
    pub const RSSI_BASED_REJECTION: u8 = 0x66;
}

/// One element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Element<'a> {
    pub id: u8,
    /// Without identifier and length.
    pub body: &'a [u8],
}

/// Iterates over the elements at the start of a byte string; ends at the first that is cut short.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Over `ies`.
    pub fn new(ies: &'a [u8]) -> Self {
        Elements(ies)
    }

    /// Returns the octets that have not been read: none at the end, or the element that is cut short.
    pub fn remainder(&self) -> &'a [u8] {
        self.0
    }

    /// The next element with its two header octets.
    fn next_whole(&mut self) -> Option<(Element<'a>, &'a [u8])> {
        let (&[id, len], _) = self.0.split_first_chunk::<2>()?;
        let (whole, tail) = self.0.split_at_checked(2 + usize::from(len))?;
        self.0 = tail;
        Some((Element { id, body: whole.get(2..)? }, whole))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;
    fn next(&mut self) -> Option<Element<'a>> {
        self.next_whole().map(|(element, _)| element)
    }
}

/// The body of the first element with this identifier.
pub fn find(ies: &[u8], id: u8) -> Option<&[u8]> {
    Elements(ies).find(|e| e.id == id).map(|e| e.body)
}

/// The first element with this identifier, header included.
pub fn find_whole(ies: &[u8], id: u8) -> Option<&[u8]> {
    whole_where(ies, |e| e.id == id)
}

/// The first vendor-specific element with this OUI and type (`0x0050f201` is WPA), header included.
pub fn find_vendor(ies: &[u8], oui_type: u32) -> Option<&[u8]> {
    whole_where(ies, |e| e.id == eid::VENDOR_SPECIFIC && e.body.starts_with(&oui_type.to_be_bytes()))
}

/// The body, after the extended identifier, of the first element with this extended identifier.
pub fn find_ext(ies: &[u8], ext_id: u8) -> Option<&[u8]> {
    Elements(ies).find_map(|e| match e.body.split_first() {
        Some((&x, body)) if e.id == eid::EXTENSION && x == ext_id => Some(body),
        _ => None,
    })
}

fn whole_where(ies: &[u8], wanted: impl Fn(&Element<'_>) -> bool) -> Option<&[u8]> {
    let mut elements = Elements(ies);
    while let Some((element, whole)) = elements.next_whole() {
        if wanted(&element) {
            return Some(whole);
        }
    }
    None
}

/// Appends an element. A body beyond 255 octets is cut there: no element can carry more.
pub fn push(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    let body = body.get(..255).unwrap_or(body);
    out.push(id);
    out.push(body.len() as u8);
    out.extend_from_slice(body);
}

/// The number of octets that one vendor-specific element can carry beside OUI and type.
const VENDOR_FRAGMENT: usize = 251;

/// A content as one or more whole vendor-specific elements: `dd`, length, OUI and type, and at most 251
/// octets each.
pub fn vendor_elements(oui_type: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 12);
    for fragment in content.chunks(VENDOR_FRAGMENT) {
        push(&mut out, eid::VENDOR_SPECIFIC, &[&oui_type.to_be_bytes(), fragment].concat());
    }
    out
}

/// The content of all vendor-specific elements with this OUI and type, concatenated; `None` if there is
/// none.
pub fn vendor_payload(ies: &[u8], oui_type: u32) -> Option<Vec<u8>> {
    let oui_type = oui_type.to_be_bytes();
    let mut out = None;
    for e in Elements::new(ies).filter(|e| e.id == eid::VENDOR_SPECIFIC) {
        if let Some(fragment) = e.body.strip_prefix(&oui_type) {
            out.get_or_insert_with(Vec::new).extend_from_slice(fragment);
        }
    }
    out
}

/// Whether the elements fill the byte string exactly.
pub fn well_formed(ies: &[u8]) -> bool {
    let mut elements = Elements(ies);
    while elements.next().is_some() {}
    elements.remainder().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_elements() {
        let ies = b"\x00\x03abc\xdd\x05\x00\x50\xf2\x04z\xff\x03\x23hi\x01\x09cut";
        assert_eq!(find(ies, eid::SSID), Some(&b"abc"[..]));
        assert_eq!(find_whole(ies, eid::SSID), Some(&b"\x00\x03abc"[..]));
        assert_eq!(find_vendor(ies, vendor::WPS), Some(&b"\xdd\x05\x00\x50\xf2\x04z"[..]));
        assert_eq!(find_vendor(ies, vendor::WPA), None);
        assert_eq!(find_ext(ies, 0x23), Some(&b"hi"[..]));
        assert_eq!(find(ies, eid::SUPP_RATES), None);
        assert!(!well_formed(ies));
        assert!(well_formed(&ies[..17]));
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read(list in prop::collection::vec(
            (any::<u8>(), prop::collection::vec(any::<u8>(), 0..=255)), 0..12)) {
            let mut ies = Vec::new();
            for (id, body) in &list {
                push(&mut ies, *id, body);
            }
            let read: Vec<_> = Elements::new(&ies).map(|e| (e.id, e.body.to_vec())).collect();
            prop_assert_eq!(read, list);
            prop_assert!(well_formed(&ies));
        }

        #[test]
        fn any_octets_are_read(ies in prop::collection::vec(any::<u8>(), 0..600), id: u8) {
            let _ = (find(&ies, id), find_whole(&ies, id), find_ext(&ies, id), well_formed(&ies));
        }
    }
}
