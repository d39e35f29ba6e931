//! The security of a connection: which proto, ciphers and key management a network and a BSS agree
//! on, and the element that says so to the AP.
//= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_set_suites

use crate::config::keys::network;
use wpasim_wire::elements::eid;
use wpasim_wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};

use crate::bss::{Bss, vendor};
use crate::config::Network;
use crate::config::words::{cipher, key_mgmt, proto};
use crate::rsn::Selection;

/// The suites that were agreed. An open connection has no proto.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suites {
    pub proto: Option<Proto>,
    pub pairwise: CipherSet,
    pub group: CipherSet,
    pub akm: AkmSet,
    /// Our element for the association request and message 2 of the 4-way handshake.
    pub own_element: Vec<u8>,
    /// The AP's elements as beacon or probe response had them, for the check in message 3.
    pub ap_rsn: Vec<u8>,
    pub ap_wpa: Vec<u8>,
}

/// Preference, best first.
const PAIRWISE_ORDER: &[u32] =
    &[cipher::CCMP_256, cipher::GCMP_256, cipher::CCMP, cipher::GCMP, cipher::TKIP, cipher::NONE];
const GROUP_ORDER: &[u32] =
    &[cipher::CCMP_256, cipher::GCMP_256, cipher::CCMP, cipher::GCMP, cipher::TKIP, cipher::GTK_NOT_USED];
/// The key managements that the engine can prove; the rest of 2.10's order comes with its protocols.
const AKM_ORDER: &[u32] = &[key_mgmt::PSK_SHA256, key_mgmt::PSK];

impl Suites {
    /// A connection without protection.
    pub fn open() -> Self {
        Suites {
            proto: None,
            pairwise: CipherSet(cipher::NONE),
            group: CipherSet(cipher::NONE),
            akm: AkmSet(key_mgmt::NONE),
            own_element: Vec::new(),
            ap_rsn: Vec::new(),
            ap_wpa: Vec::new(),
        }
    }

    /// Returns what the handshake has to know of them.
    pub fn selection(&self) -> Selection {
        Selection { proto: self.proto, pairwise: self.pairwise, group: self.group, akm: self.akm }
    }

    /// A connection for an enrolment: EAP without keys.
    pub fn wps() -> Self {
        Suites { akm: AkmSet(key_mgmt::WPS), ..Suites::open() }
    }

    /// Agrees with a protected BSS. `None` if there is nothing in common.
    pub fn agree(network: &Network, bss: &Bss) -> Option<Suites> {
        let protos = network.bits(network::PROTO);
        let rsn = bss.ie(eid::RSN);
        let wpa = bss.vendor_ie(vendor::WPA);
        let candidates = [(proto::RSN, rsn), (proto::WPA, wpa)];
        let (element, parsed) = candidates.into_iter().find_map(|(bit, element)| {
            let element = element.filter(|_| protos & bit != 0)?;
            let parsed = SecurityElement::parse(element).ok()?;
            let usable = parsed.group.0 & network.bits(network::GROUP) != 0
                && parsed.pairwise.0 & network.bits(network::PAIRWISE) != 0
                && parsed.akm.0 & network.bits(network::KEY_MGMT) != 0;
            usable.then_some((element, parsed))
        })?;
        let pick = |order: &[u32], have: u32, want: u32| order.iter().copied().find(|b| have & want & b != 0);
        let group = pick(GROUP_ORDER, parsed.group.0, network.bits(network::GROUP))?;
        let pairwise = pick(PAIRWISE_ORDER, parsed.pairwise.0, network.bits(network::PAIRWISE))?;
        let akm = pick(AKM_ORDER, parsed.akm.0, network.bits(network::KEY_MGMT))?;
        let own = SecurityElement::new(parsed.proto, CipherSet(group), CipherSet(pairwise), AkmSet(akm));
        debug_assert!(!element.is_empty());
        Some(Suites {
            proto: Some(parsed.proto),
            pairwise: CipherSet(pairwise),
            group: CipherSet(group),
            akm: AkmSet(akm),
            own_element: own.emit(),
            ap_rsn: rsn.map(<[u8]>::to_vec).unwrap_or_default(),
            ap_wpa: wpa.map(<[u8]>::to_vec).unwrap_or_default(),
        })
    }

    /// Whether the port waits for EAPOL.
    pub fn uses_eapol(&self) -> bool {
        self.is_protected() || self.akm.0 == key_mgmt::WPS
    }

    /// Whether keys are negotiated.
    pub fn is_protected(&self) -> bool {
        self.proto.is_some()
    }
}
