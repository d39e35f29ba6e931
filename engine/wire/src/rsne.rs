//! The RSN element (IEEE 802.11-2020 §9.4.2.24) and WPA's vendor-specific element that preceded it.

mod suites;

pub use suites::{AkmSet, CipherSet};

use crate::bytes::Reader;
use crate::elements::{eid, push, vendor};

/// The kind of the element.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Proto {
    /// The vendor-specific element of WPA.
    Wpa,
    /// The RSN element ("WPA2").
    Rsn,
}

/// Bits of RSN Capabilities (IEEE 802.11-2020 Figure 9-269).
pub mod rsn_capability {
    pub const PREAUTH: u16 = 0x0001;
    pub const NO_PAIRWISE: u16 = 0x0002;
    pub const PTKSA_REPLAY_16: u16 = 0x000c;
    pub const MFPR: u16 = 0x0040;
    pub const MFPC: u16 = 0x0080;
    pub const OCVC: u16 = 0x4000;
}

/// The content of either element. Suites nobody here knows are left out of the sets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecurityElement {
    pub proto: Proto,
    /// Exactly one cipher.
    pub group: CipherSet,
    pub pairwise: CipherSet,
    pub akm: AkmSet,
    /// RSN Capabilities; zero if the element ends before them.
    pub capabilities: u16,
    pub pmkids: Vec<[u8; 16]>,
    /// The group management cipher, if the element names one. Without it BIP-CMAC-128 is meant.
    pub group_mgmt: Option<CipherSet>,
}

/// The reason why an element is refused. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecurityElementError {
    #[error("the element is too short")]
    TooShort,
    #[error("the element's length, identifier or version is wrong")]
    MalformedHeader,
    #[error("the group cipher is not one")]
    InvalidGroupCipher,
    #[error("{0} octets are left where a group cipher should be")]
    GroupCipherCut(usize),
    #[error("the pairwise cipher list is empty or longer than the element")]
    PairwiseCount,
    #[error("one octet is left where the pairwise cipher count should be")]
    PairwiseCut,
    #[error("a pairwise cipher is for group management frames only")]
    InvalidPairwiseCipher,
    #[error("the key management list is empty or longer than the element")]
    AkmCount,
    #[error("one octet is left where the key management count should be")]
    AkmCut,
    #[error("there are fewer PMKIDs than the element says")]
    PmkidCount,
    #[error("the group management cipher is not one")]
    InvalidGroupMgmtCipher,
}

const VERSION: u16 = 1;

impl SecurityElement {
    /// One cipher, one key management, no capabilities: what a station sends.
    pub fn new(proto: Proto, group: CipherSet, pairwise: CipherSet, akm: AkmSet) -> Self {
        SecurityElement { proto, group, pairwise, akm, capabilities: 0, pmkids: Vec::new(), group_mgmt: None }
    }

    /// Parses a whole element, identifier and length included, whichever of the two it is.
    pub fn parse(element: &[u8]) -> Result<Self, SecurityElementError> {
        match element.first() {
            Some(&eid::RSN) => Self::parse_rsn(element),
            _ => Self::parse_wpa(element),
        }
    }

    fn parse_rsn(element: &[u8]) -> Result<Self, SecurityElementError> {
        use SecurityElementError as E;
        let mut r = Reader::new(element);
        let [_, len] = r.array().ok_or(E::TooShort)?;
        if r.left() < 2 {
            return Err(E::TooShort);
        }
        if usize::from(len) != r.left() || r.le16() != Some(VERSION) {
            return Err(E::MalformedHeader);
        }
        let mut parsed =
            SecurityElement::new(Proto::Rsn, CipherSet::CCMP, CipherSet::CCMP, AkmSet::IEEE8021X);
        match r.left() {
            0 => {}
            left @ 1..=3 => return Err(E::GroupCipherCut(left)),
            _ => {
                parsed.group = selector(&mut r).map_or(CipherSet::EMPTY, CipherSet::from_rsn_selector);
                if !CipherSet::VALID_GROUP.contains(parsed.group) || parsed.group.is_empty() {
                    return Err(E::InvalidGroupCipher);
                }
            }
        }
        parsed.parse_lists(&mut r)?;
        if parsed.pairwise.contains(CipherSet::BIP_CMAC_128) {
            return Err(E::InvalidPairwiseCipher);
        }
        if let Some(count) = r.le16() {
            if usize::from(count) > r.left() / 16 {
                return Err(E::PmkidCount);
            }
            for _ in 0..count {
                parsed.pmkids.extend(r.array::<16>());
            }
        }
        if let Some(suite) = selector(&mut r) {
            let cipher = CipherSet::from_rsn_selector(suite);
            if !CipherSet::VALID_GROUP_MGMT.contains(cipher) || cipher.is_empty() {
                return Err(E::InvalidGroupMgmtCipher);
            }
            parsed.group_mgmt = Some(cipher);
        }
        Ok(parsed)
    }

    fn parse_wpa(element: &[u8]) -> Result<Self, SecurityElementError> {
        use SecurityElementError as E;
        let mut r = Reader::new(element);
        let [id, len] = r.array().ok_or(E::TooShort)?;
        if r.left() < 6 {
            return Err(E::TooShort);
        }
        if id != eid::VENDOR_SPECIFIC
            || usize::from(len) != r.left()
            || r.array() != Some(vendor::WPA.to_be_bytes())
            || r.le16() != Some(VERSION)
        {
            return Err(E::MalformedHeader);
        }
        let mut parsed =
            SecurityElement::new(Proto::Wpa, CipherSet::TKIP, CipherSet::TKIP, AkmSet::IEEE8021X);
        match r.left() {
            0 => {}
            left @ 1..=3 => return Err(E::GroupCipherCut(left)),
            _ => parsed.group = selector(&mut r).map_or(CipherSet::EMPTY, CipherSet::from_wpa_selector),
        }
        parsed.parse_lists(&mut r)?;
        Ok(parsed)
    }

    /// The two counted lists and the capabilities, which both elements have.
    fn parse_lists(&mut self, r: &mut Reader<'_>) -> Result<(), SecurityElementError> {
        use SecurityElementError as E;
        if r.left() == 1 {
            return Err(E::PairwiseCut);
        }
        if let Some(count) = r.le16() {
            if count == 0 || usize::from(count) > r.left() / 4 {
                return Err(E::PairwiseCount);
            }
            self.pairwise = CipherSet::EMPTY;
            for _ in 0..count {
                let suite = selector(r).unwrap_or_default();
                self.pairwise |= match self.proto {
                    Proto::Rsn => CipherSet::from_rsn_selector(suite),
                    Proto::Wpa => CipherSet::from_wpa_selector(suite),
                };
            }
        }
        if r.left() == 1 {
            return Err(E::AkmCut);
        }
        if let Some(count) = r.le16() {
            if count == 0 || usize::from(count) > r.left() / 4 {
                return Err(E::AkmCount);
            }
            self.akm = AkmSet::EMPTY;
            for _ in 0..count {
                let suite = selector(r).unwrap_or_default();
                self.akm |= match self.proto {
                    Proto::Rsn => AkmSet::from_rsn_selector(suite),
                    Proto::Wpa => AkmSet::from_wpa_selector(suite),
                };
            }
        }
        if let Some(capabilities) = r.le16() {
            self.capabilities = capabilities;
        }
        Ok(())
    }

    /// The whole element, suites in the order wpa_supplicant and hostapd write them. WPA's element
    /// has no capabilities unless they say something; RSN's always has them, and a PMKID count if
    /// there are PMKIDs or a group management cipher.
    pub fn emit(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(40);
        let selectors = |set: CipherSet| -> Vec<u32> {
            set.iter()
                .filter_map(|c| match self.proto {
                    Proto::Rsn => c.rsn_selector(),
                    Proto::Wpa => c.wpa_selector(),
                })
                .collect()
        };
        if self.proto == Proto::Wpa {
            body.extend_from_slice(&vendor::WPA.to_be_bytes());
        }
        body.extend_from_slice(&VERSION.to_le_bytes());
        for suite in selectors(self.group) {
            body.extend_from_slice(&suite.to_be_bytes());
        }
        push_list(&mut body, &selectors(self.pairwise));
        let akms: Vec<u32> = self
            .akm
            .iter()
            .filter_map(|a| match self.proto {
                Proto::Rsn => a.rsn_selector(),
                Proto::Wpa => a.wpa_selector(),
            })
            .collect();
        push_list(&mut body, &akms);
        if self.proto == Proto::Wpa {
            if self.capabilities != 0 {
                body.extend_from_slice(&self.capabilities.to_le_bytes());
            }
        } else {
            body.extend_from_slice(&self.capabilities.to_le_bytes());
            if !self.pmkids.is_empty() || self.group_mgmt.is_some() {
                body.extend_from_slice(&(self.pmkids.len() as u16).to_le_bytes());
                for pmkid in &self.pmkids {
                    body.extend_from_slice(pmkid);
                }
            }
            for suite in self.group_mgmt.map(selectors).unwrap_or_default() {
                body.extend_from_slice(&suite.to_be_bytes());
            }
        }
        let id = match self.proto {
            Proto::Rsn => eid::RSN,
            Proto::Wpa => eid::VENDOR_SPECIFIC,
        };
        let mut out = Vec::with_capacity(body.len() + 2);
        push(&mut out, id, &body);
        out
    }
}

fn selector(r: &mut Reader<'_>) -> Option<u32> {
    r.array().map(u32::from_be_bytes)
}

fn push_list(body: &mut Vec<u8>, suites: &[u32]) {
    body.extend_from_slice(&(suites.len() as u16).to_le_bytes());
    for suite in suites {
        body.extend_from_slice(&suite.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// From the recorded WPA2 connection.
    const WPA2_CCMP: [u8; 22] =
        [0x30, 0x14, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 2, 0, 0];

    #[test]
    fn the_recorded_element() {
        let rsne = SecurityElement::new(Proto::Rsn, CipherSet::CCMP, CipherSet::CCMP, AkmSet::PSK);
        assert_eq!(SecurityElement::parse(&WPA2_CCMP), Ok(rsne.clone()));
        assert_eq!(rsne.emit(), WPA2_CCMP);
    }

    #[test]
    fn wpa_has_no_capabilities_unless_needed() {
        let ie =
            SecurityElement::new(Proto::Wpa, CipherSet::TKIP, CipherSet::TKIP | CipherSet::CCMP, AkmSet::PSK);
        let bytes = ie.emit();
        assert_eq!(
            bytes,
            b"\xdd\x1a\x00\x50\xf2\x01\x01\x00\x00\x50\xf2\x02\x02\x00\x00\x50\xf2\x04\x00\x50\xf2\x02\
              \x01\x00\x00\x50\xf2\x02"
        );
        assert_eq!(SecurityElement::parse(&bytes), Ok(ie));
    }

    #[test]
    fn cut_elements_are_named() {
        use SecurityElementError as E;
        for (len, error) in [
            (3, E::TooShort),
            (6, E::GroupCipherCut(2)),
            (9, E::PairwiseCut),
            (12, E::PairwiseCount),
            (15, E::AkmCut),
            (17, E::AkmCount),
        ] {
            let mut cut = WPA2_CCMP[..len].to_vec();
            cut[1] = (len - 2) as u8;
            assert_eq!(SecurityElement::parse(&cut), Err(error));
        }
        assert_eq!(SecurityElement::parse(&WPA2_CCMP[..21]), Err(E::MalformedHeader));
    }

    proptest! {
        #[test]
        fn rsn_elements_round_trip(
            group in prop::sample::select(vec![CipherSet::CCMP, CipherSet::TKIP, CipherSet::WEP40,
                CipherSet::GCMP, CipherSet::GTK_NOT_USED]),
            pairwise in 1u32..8, akm in 1u32..4, capabilities: u16,
            pmkids in prop::collection::vec(any::<[u8; 16]>(), 0..4), mgmt: bool,
        ) {
            let mut set = CipherSet::EMPTY;
            for (bit, c) in [CipherSet::CCMP, CipherSet::TKIP, CipherSet::GCMP_256].into_iter().enumerate() {
                if pairwise >> bit & 1 == 1 { set |= c; }
            }
            let mut akms = AkmSet::EMPTY;
            if akm & 1 == 1 { akms |= AkmSet::PSK; }
            if akm & 2 == 2 { akms |= AkmSet::PSK_SHA256; }
            let ie = SecurityElement {
                capabilities, pmkids, group_mgmt: mgmt.then_some(CipherSet::BIP_CMAC_128),
                ..SecurityElement::new(Proto::Rsn, group, set, akms)
            };
            prop_assert_eq!(SecurityElement::parse(&ie.emit()), Ok(ie));
        }

        #[test]
        fn any_octets_parse_or_are_refused(mut ie in prop::collection::vec(any::<u8>(), 0..60), rsn: bool) {
            let len = ie.len();
            if let [id, l, ..] = ie.as_mut_slice() {
                *id = if rsn { eid::RSN } else { eid::VENDOR_SPECIFIC };
                *l = (len - 2) as u8;
            }
            let _ = SecurityElement::parse(&ie);
        }
    }
}
