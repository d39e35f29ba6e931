//! The configuration of the authenticator, and the check of a station's element against it.

use super::mib::Selected;
use super::{Authenticator, Overrides};
use std::collections::BTreeMap;
use wpasim_runtime::PskSource;
use wpasim_runtime::psk::{Psk, PskList};
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::Pmk;
use wpasim_wire::elements::{eid, find_vendor, find_whole, vendor};
use wpasim_wire::ieee80211::status;
use wpasim_wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};
use wpasim_wire::time::Duration;

/// The configuration of a BSS's key handshakes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthConfig {
    /// `wpa=1` or `wpa=3`.
    pub wpa: bool,
    /// `wpa=2` or `wpa=3`.
    pub rsn: bool,
    pub akm: AkmSet,
    pub group: CipherSet,
    pub wpa_pairwise: CipherSet,
    pub rsn_pairwise: CipherSet,
    /// RSN Capabilities to announce.
    pub rsn_capabilities: u16,
    /// The network that passphrases among the keys are of.
    pub ssid: Vec<u8>,
    /// For every station.
    pub psks: PskList,
    /// For one station each, tried before those for everyone.
    pub station_psks: BTreeMap<MacAddr, PskList>,
    /// `wpa_group_rekey`.
    pub group_rekey: Option<Duration>,
    /// `wpa_gmk_rekey`.
    pub gmk_rekey: Option<Duration>,
    /// `wpa_ptk_rekey`.
    pub ptk_rekey: Option<Duration>,
    /// `wpa_strict_rekey`: rekey when a station that has the key leaves.
    pub strict_rekey: bool,
    /// `wpa_group_update_count`.
    pub group_update_count: u32,
    /// `wpa_pairwise_update_count`.
    pub pairwise_update_count: u32,
    /// `wpa_disable_eapol_key_retries`.
    pub disable_retries: bool,
    /// `wpa_deny_ptk0_rekey`.
    pub deny_ptk0_rekey: bool,
    /// `rsn_preauth`.
    pub preauth: bool,
    /// `eapol_version`.
    pub eapol_version: u8,
    /// The frames that a build for tests sends in the place of the right ones.
    pub overrides: Overrides,
}

impl AuthConfig {
    /// hostapd's defaults for one protocol, CCMP and pre-shared keys.
    pub fn wpa2_psk(psk: Pmk) -> Self {
        AuthConfig {
            wpa: false,
            rsn: true,
            akm: AkmSet::PSK,
            group: CipherSet::CCMP,
            wpa_pairwise: CipherSet::EMPTY,
            rsn_pairwise: CipherSet::CCMP,
            rsn_capabilities: 0,
            ssid: Vec::new(),
            psks: vec![Psk::Key(psk)].into(),
            station_psks: BTreeMap::new(),
            group_rekey: Some(Duration::from_secs(86_400)),
            gmk_rekey: Some(Duration::from_secs(86_400)),
            ptk_rekey: None,
            strict_rekey: false,
            group_update_count: 4,
            pairwise_update_count: 4,
            disable_retries: false,
            deny_ptk0_rekey: false,
            preauth: false,
            eapol_version: 2,
            overrides: Overrides::default(),
        }
    }

    /// The pre-shared keys that a station may use, in the order in which they are tried.
    pub fn psks_for(&self, addr: MacAddr) -> impl Iterator<Item = &Pmk> {
        self.psk_lists_for(addr).flat_map(PskList::keys)
    }

    fn psk_lists_for(&self, addr: MacAddr) -> impl Iterator<Item = &PskList> {
        self.station_psks.get(&addr).into_iter().chain([&self.psks]).filter(|list| !list.is_empty())
    }

    /// Returns the identifier that the configuration gives a station's key.
    pub fn key_id(&self, addr: MacAddr, key: &Pmk) -> Option<&str> {
        let found = self.psk_lists_for(addr).find_map(|list| list.id_of(key));
        found.filter(|id| !id.is_empty())
    }

    /// Returns whether a station may use any key, derived or not.
    pub(super) fn has_psk_for(&self, addr: MacAddr) -> bool {
        self.psk_lists_for(addr).next().is_some()
    }

    /// Returns whether every key of a station is derived.
    pub(super) fn has_all_psks_for(&self, addr: MacAddr) -> bool {
        self.psk_lists_for(addr).all(PskList::is_derived)
    }

    /// The key of a station that is tried first, once it is derived.
    pub(super) fn first_psk_for(&self, addr: MacAddr) -> Option<&Pmk> {
        self.psk_lists_for(addr).next()?.first()
    }

    /// Derives a station's next key, if one is left to be derived; whether it is everyone's.
    pub(super) fn derive_psk_for(&mut self, addr: MacAddr, source: &dyn PskSource) -> Option<(Pmk, bool)> {
        let own = self.station_psks.get_mut(&addr).and_then(|list| list.derive_next(&self.ssid, source));
        match own {
            Some(pmk) => Some((pmk, false)),
            None => self.psks.derive_next(&self.ssid, source).map(|pmk| (pmk, true)),
        }
    }

    /// The RSN element to announce, whole.
    pub fn rsn_element(&self) -> Option<Vec<u8>> {
        if let Some(own) = &self.overrides.own_elements {
            return find_whole(own, eid::RSN).map(<[u8]>::to_vec);
        }
        self.rsn.then(|| {
            let mut element = SecurityElement::new(Proto::Rsn, self.group, self.rsn_pairwise, self.akm);
            element.capabilities = self.rsn_capabilities;
            element.emit()
        })
    }

    /// The WPA element to announce, whole.
    pub fn wpa_element(&self) -> Option<Vec<u8>> {
        if let Some(own) = &self.overrides.own_elements {
            return find_vendor(own, vendor::WPA).map(<[u8]>::to_vec);
        }
        self.wpa.then(|| SecurityElement::new(Proto::Wpa, self.group, self.wpa_pairwise, self.akm).emit())
    }
}

/// The security that a station negotiated in its association request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StationSecurity {
    pub proto: Proto,
    pub pairwise: CipherSet,
    pub akm: AkmSet,
    /// The element as the request carried it, whole.
    pub element: Vec<u8>,
    /// The RSN extension element, whole.
    pub rsnx_element: Option<Vec<u8>>,
}

/// The reason why an association request's element is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ElementRefusal {
    #[error("the element is malformed")]
    InvalidElement,
    #[error("the element is for a protocol that is not offered")]
    InvalidProto,
    #[error("the group cipher is not that of the BSS")]
    InvalidGroup,
    #[error("no pairwise cipher in common")]
    InvalidPairwise,
    #[error("no key management suite in common")]
    InvalidAkm,
}

impl ElementRefusal {
    /// The status code for the association response.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidElement | Self::InvalidProto => status::INVALID_IE,
            Self::InvalidGroup => status::GROUP_CIPHER_NOT_VALID,
            Self::InvalidPairwise => status::PAIRWISE_CIPHER_NOT_VALID,
            Self::InvalidAkm => status::AKMP_NOT_VALID,
        }
    }
}

/// Key management suites in the order in which hostapd prefers them.
const AKM_PREFERENCE: [AkmSet; 4] =
    [AkmSet::IEEE8021X_SHA256, AkmSet::PSK_SHA256, AkmSet::IEEE8021X, AkmSet::PSK];

impl Authenticator {
    /// Whether the WPA or RSN element of an association request fits this BSS.
    pub fn check_element(
        &mut self,
        addr: MacAddr,
        element: &[u8],
        rsnx_element: Option<&[u8]>,
    ) -> Result<StationSecurity, ElementRefusal> {
        let proto = if element.first() == Some(&eid::RSN) { Proto::Rsn } else { Proto::Wpa };
        let offered = match proto {
            Proto::Rsn => self.config.rsn,
            Proto::Wpa => self.config.wpa,
        };
        if !offered {
            return Err(ElementRefusal::InvalidProto);
        }
        let parsed = SecurityElement::parse(element).map_err(|_| ElementRefusal::InvalidElement)?;
        self.selected = Selected::by(&parsed);
        if parsed.group != self.config.group {
            return Err(ElementRefusal::InvalidGroup);
        }
        let common = parsed.akm & self.config.akm;
        let akm =
            AKM_PREFERENCE.into_iter().find(|a| common.contains(*a)).ok_or(ElementRefusal::InvalidAkm)?;
        let ours = match proto {
            Proto::Rsn => self.config.rsn_pairwise,
            Proto::Wpa => self.config.wpa_pairwise,
        };
        let pairwise = (parsed.pairwise & ours).pick_pairwise().ok_or(ElementRefusal::InvalidPairwise)?;
        let security = StationSecurity {
            proto,
            pairwise,
            akm,
            element: element.to_vec(),
            rsnx_element: rsnx_element.map(<[u8]>::to_vec),
        };
        if let Some(station) = self.stations.get_mut(&addr) {
            station.security = security.clone();
        }
        Ok(security)
    }
}
