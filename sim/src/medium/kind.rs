//! Names for what a frame is, as rules and expectations use them.

mod eap;
mod p2p;

pub use eap::WscKind;
pub use p2p::{GasKind, P2pKind};

use core::fmt;
use core::str::FromStr;

use wpasim_wire::eapol::{self, EapolError, EapolFrame, EapolKey, KeyInfo, packet_type};
use wpasim_wire::ieee80211::{DataFrame, MgmtSubtype, fc};
use wpasim_wire::ieee80211::{HEADER_LEN, TYPE_CTRL, TYPE_DATA, TYPE_MGMT, frame_type, is_protected};
use wpasim_wire::llc::{ETHERTYPE_EAPOL, llc_decap};
use wpasim_wire::wsc::MessageType;

/// The kind of a frame. Protected frames are classified by what they carry, before protection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FrameKind {
    Beacon,
    ProbeRequest,
    ProbeResponse,
    Authentication,
    AssociationRequest,
    AssociationResponse,
    ReassociationRequest,
    ReassociationResponse,
    Deauthentication,
    Disassociation,
    /// A frame of Wi-Fi Direct.
    P2p(P2pKind),
    /// A frame of the Generic Advertisement Service.
    Gas(GasKind),
    /// Any other action frame.
    Action,
    /// Message 1 to 4 of the 4-way handshake.
    Eapol4Way(u8),
    /// Message 1 or 2 of the group key handshake.
    EapolGroup(u8),
    EapolStart,
    EapIdentityRequest,
    EapIdentityResponse,
    EapSuccess,
    EapFailure,
    /// A packet of Wi-Fi Protected Setup's EAP method.
    Wsc(WscKind),
    /// Any other EAP packet.
    Eap,
    /// Any other EAPOL frame.
    Eapol,
    Data,
    Null,
    Ack,
    /// Anything else.
    Other,
}

/// No frame kind has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no frame kind is called `{0}`")]
pub struct UnknownFrameKind(pub String);

/// A kind by its name.
struct Row {
    name: &'static str,
    kind: FrameKind,
    /// The kind of which it is one.
    within: Option<FrameKind>,
}

const fn row(name: &'static str, kind: FrameKind, within: Option<FrameKind>) -> Row {
    Row { name, kind, within }
}

/// Every kind, in the order messages list them.
static TABLE: &[Row] = &[
    row("beacon", FrameKind::Beacon, None),
    row("probe-request", FrameKind::ProbeRequest, None),
    row("probe-response", FrameKind::ProbeResponse, None),
    row("authentication", FrameKind::Authentication, None),
    row("association-request", FrameKind::AssociationRequest, None),
    row("association-response", FrameKind::AssociationResponse, None),
    row("reassociation-request", FrameKind::ReassociationRequest, Some(FrameKind::AssociationRequest)),
    row("reassociation-response", FrameKind::ReassociationResponse, Some(FrameKind::AssociationResponse)),
    row("deauthentication", FrameKind::Deauthentication, None),
    row("disassociation", FrameKind::Disassociation, None),
    row("action", FrameKind::Action, None),
    row("p2p-go-neg-request", FrameKind::P2p(P2pKind::GoNegRequest), Some(FrameKind::Action)),
    row("p2p-go-neg-response", FrameKind::P2p(P2pKind::GoNegResponse), Some(FrameKind::Action)),
    row("p2p-go-neg-confirmation", FrameKind::P2p(P2pKind::GoNegConfirmation), Some(FrameKind::Action)),
    row("p2p-invitation-request", FrameKind::P2p(P2pKind::InvitationRequest), Some(FrameKind::Action)),
    row("p2p-invitation-response", FrameKind::P2p(P2pKind::InvitationResponse), Some(FrameKind::Action)),
    row(
        "p2p-device-discoverability-request",
        FrameKind::P2p(P2pKind::DeviceDiscoverabilityRequest),
        Some(FrameKind::Action),
    ),
    row(
        "p2p-device-discoverability-response",
        FrameKind::P2p(P2pKind::DeviceDiscoverabilityResponse),
        Some(FrameKind::Action),
    ),
    row(
        "p2p-provision-discovery-request",
        FrameKind::P2p(P2pKind::ProvisionDiscoveryRequest),
        Some(FrameKind::Action),
    ),
    row(
        "p2p-provision-discovery-response",
        FrameKind::P2p(P2pKind::ProvisionDiscoveryResponse),
        Some(FrameKind::Action),
    ),
    row("p2p-notice-of-absence", FrameKind::P2p(P2pKind::NoticeOfAbsence), Some(FrameKind::Action)),
    row("p2p-presence-request", FrameKind::P2p(P2pKind::PresenceRequest), Some(FrameKind::Action)),
    row("p2p-presence-response", FrameKind::P2p(P2pKind::PresenceResponse), Some(FrameKind::Action)),
    row(
        "p2p-go-discoverability-request",
        FrameKind::P2p(P2pKind::GoDiscoverabilityRequest),
        Some(FrameKind::Action),
    ),
    row("gas-initial-request", FrameKind::Gas(GasKind::InitialRequest), Some(FrameKind::Action)),
    row("gas-initial-response", FrameKind::Gas(GasKind::InitialResponse), Some(FrameKind::Action)),
    row("gas-comeback-request", FrameKind::Gas(GasKind::ComebackRequest), Some(FrameKind::Action)),
    row("gas-comeback-response", FrameKind::Gas(GasKind::ComebackResponse), Some(FrameKind::Action)),
    row("eapol-1of4", FrameKind::Eapol4Way(1), Some(FrameKind::Eapol)),
    row("eapol-2of4", FrameKind::Eapol4Way(2), Some(FrameKind::Eapol)),
    row("eapol-3of4", FrameKind::Eapol4Way(3), Some(FrameKind::Eapol)),
    row("eapol-4of4", FrameKind::Eapol4Way(4), Some(FrameKind::Eapol)),
    row("eapol-group-1of2", FrameKind::EapolGroup(1), Some(FrameKind::Eapol)),
    row("eapol-group-2of2", FrameKind::EapolGroup(2), Some(FrameKind::Eapol)),
    row("eapol-start", FrameKind::EapolStart, Some(FrameKind::Eapol)),
    row("eap-identity-request", FrameKind::EapIdentityRequest, Some(FrameKind::Eap)),
    row("eap-identity-response", FrameKind::EapIdentityResponse, Some(FrameKind::Eap)),
    row("eap-success", FrameKind::EapSuccess, Some(FrameKind::Eap)),
    row("eap-failure", FrameKind::EapFailure, Some(FrameKind::Eap)),
    row("wsc-start", FrameKind::Wsc(WscKind::Start), Some(FrameKind::Eap)),
    row("wsc-m1", FrameKind::Wsc(WscKind::Message(MessageType::M1)), Some(FrameKind::Eap)),
    row("wsc-m2", FrameKind::Wsc(WscKind::Message(MessageType::M2)), Some(FrameKind::Eap)),
    row("wsc-m2d", FrameKind::Wsc(WscKind::Message(MessageType::M2d)), Some(FrameKind::Eap)),
    row("wsc-m3", FrameKind::Wsc(WscKind::Message(MessageType::M3)), Some(FrameKind::Eap)),
    row("wsc-m4", FrameKind::Wsc(WscKind::Message(MessageType::M4)), Some(FrameKind::Eap)),
    row("wsc-m5", FrameKind::Wsc(WscKind::Message(MessageType::M5)), Some(FrameKind::Eap)),
    row("wsc-m6", FrameKind::Wsc(WscKind::Message(MessageType::M6)), Some(FrameKind::Eap)),
    row("wsc-m7", FrameKind::Wsc(WscKind::Message(MessageType::M7)), Some(FrameKind::Eap)),
    row("wsc-m8", FrameKind::Wsc(WscKind::Message(MessageType::M8)), Some(FrameKind::Eap)),
    row("wsc-ack", FrameKind::Wsc(WscKind::Ack), Some(FrameKind::Eap)),
    row("wsc-nack", FrameKind::Wsc(WscKind::Nack), Some(FrameKind::Eap)),
    row("wsc-done", FrameKind::Wsc(WscKind::Done), Some(FrameKind::Eap)),
    row("wsc-fragment-ack", FrameKind::Wsc(WscKind::FragmentAck), Some(FrameKind::Eap)),
    row("wsc-fragment", FrameKind::Wsc(WscKind::Other), Some(FrameKind::Eap)),
    row("eap", FrameKind::Eap, Some(FrameKind::Eapol)),
    row("eapol", FrameKind::Eapol, None),
    row("data", FrameKind::Data, None),
    row("null", FrameKind::Null, None),
    row("ack", FrameKind::Ack, None),
    row("other", FrameKind::Other, None),
];

/// The subtype of acknowledgements among control frames (IEEE 802.11-2020 Table 9-1).
const ACK: u8 = 13;
/// The bit of a data frame's subtype that says that it carries no data.
const NO_DATA: u8 = 4;

impl FrameKind {
    /// The names that [`FrameKind::from_str`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.name)
    }

    /// Whether a rule for `self` covers a frame of kind `frame`: `eapol` covers every EAPOL frame, `eap` every EAP packet,
    /// `action` every action frame, the association kinds cover reassociation; `data` covers data that is not EAPOL.
    pub fn covers(self, frame: FrameKind) -> bool {
        let mut kind = Some(frame);
        while let Some(one) = kind {
            if one == self {
                return true;
            }
            kind = TABLE.iter().find(|row| row.kind == one).and_then(|row| row.within);
        }
        false
    }

    /// Classifies an MPDU without protection. A first fragment is what its beginning says, further ones are data.
    pub fn of(mpdu: &[u8]) -> FrameKind {
        let Some((frame_type, subtype)) = frame_type(mpdu) else { return FrameKind::Other };
        match frame_type {
            TYPE_MGMT => Self::of_management(MgmtSubtype::from_bits(subtype), mpdu),
            TYPE_CTRL if subtype == ACK => FrameKind::Ack,
            TYPE_DATA => Self::of_data(mpdu, subtype),
            _ => FrameKind::Other,
        }
    }

    fn of_management(subtype: MgmtSubtype, mpdu: &[u8]) -> FrameKind {
        match subtype {
            MgmtSubtype::AssocRequest => FrameKind::AssociationRequest,
            MgmtSubtype::AssocResponse => FrameKind::AssociationResponse,
            MgmtSubtype::ReassocRequest => FrameKind::ReassociationRequest,
            MgmtSubtype::ReassocResponse => FrameKind::ReassociationResponse,
            MgmtSubtype::ProbeRequest => FrameKind::ProbeRequest,
            MgmtSubtype::ProbeResponse => FrameKind::ProbeResponse,
            MgmtSubtype::Beacon => FrameKind::Beacon,
            MgmtSubtype::Disassociation => FrameKind::Disassociation,
            MgmtSubtype::Authentication => FrameKind::Authentication,
            MgmtSubtype::Deauthentication => FrameKind::Deauthentication,
            MgmtSubtype::Action | MgmtSubtype::ActionNoAck => {
                p2p::of(mpdu.get(HEADER_LEN..).unwrap_or_default())
            }
            MgmtSubtype::TimingAdvertisement | MgmtSubtype::Atim | MgmtSubtype::Reserved(_) => {
                FrameKind::Other
            }
        }
    }

    fn of_data(mpdu: &[u8], subtype: u8) -> FrameKind {
        if subtype & NO_DATA != 0 {
            return FrameKind::Null;
        }
        if is_protected(mpdu) {
            return FrameKind::Data;
        }
        let Ok(frame) = DataFrame::parse(mpdu) else { return FrameKind::Data };
        match llc_decap(&frame.body) {
            Some((ETHERTYPE_EAPOL, eapol)) if frame.flags & fc::MORE_FRAGMENTS != 0 => {
                Self::of_eapol(&filled_up(eapol))
            }
            Some((ETHERTYPE_EAPOL, eapol)) => Self::of_eapol(eapol),
            _ => FrameKind::Data,
        }
    }

    /// Classifies an EAPOL frame (IEEE 802.1X-2010 §11.3.2).
    fn of_eapol(octets: &[u8]) -> FrameKind {
        let Ok(frame) = EapolFrame::parse(octets) else { return FrameKind::Eapol };
        match frame.packet_type {
            packet_type::EAP_PACKET => eap::of(frame.body),
            packet_type::START => FrameKind::EapolStart,
            packet_type::KEY => EapolKey::parse(octets).map_or(FrameKind::Eapol, |key| Self::of_key(&key)),
            _ => FrameKind::Eapol,
        }
    }

    /// Classifies an EAPOL-Key frame by its Key Information field (IEEE 802.11-2020 §12.7.2).
    fn of_key(key: &EapolKey) -> FrameKind {
        let has = |flag| key.key_info.has(flag);
        match (has(KeyInfo::PAIRWISE), has(KeyInfo::ACK), has(KeyInfo::MIC)) {
            (true, true, false) => FrameKind::Eapol4Way(1),
            (true, true, true) => FrameKind::Eapol4Way(3),
            (true, false, _) if !key.key_data.is_empty() => FrameKind::Eapol4Way(2),
            (true, false, _) => FrameKind::Eapol4Way(4),
            (false, true, _) => FrameKind::EapolGroup(1),
            (false, false, _) => FrameKind::EapolGroup(2),
        }
    }
}

/// The first fragment of an EAPOL frame with zeros in the place of those that follow, so that its beginning says what it is.
fn filled_up(eapol: &[u8]) -> Vec<u8> {
    let mut out = eapol.to_vec();
    if let Err(EapolError::BodyTruncated { stated, .. }) = EapolFrame::parse(eapol) {
        out.resize(eapol::HEADER_LEN + usize::from(stated), 0);
    }
    out
}

impl FromStr for FrameKind {
    type Err = UnknownFrameKind;
    fn from_str(s: &str) -> Result<Self, UnknownFrameKind> {
        TABLE
            .iter()
            .find(|row| row.name == s)
            .map(|row| row.kind)
            .ok_or_else(|| UnknownFrameKind(s.to_owned()))
    }
}

impl fmt::Display for FrameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TABLE.iter().find(|row| row.kind == *self).map_or("other", |row| row.name))
    }
}

#[cfg(test)]
mod tests {
    use wpasim_wire::MacAddr;
    use wpasim_wire::eap::EapPacket;
    use wpasim_wire::eapol::DESCRIPTOR_RSN;
    use wpasim_wire::llc::llc_encap;

    use super::*;

    #[test]
    fn names_go_both_ways() {
        for name in FrameKind::names() {
            assert_eq!(name.parse::<FrameKind>().unwrap().to_string(), name);
        }
        assert!("eapol-5of4".parse::<FrameKind>().is_err());
    }

    /// The kind of an EAPOL frame that an access point sends.
    fn kind_of_eapol(frame: &[u8]) -> FrameKind {
        let addr = MacAddr([2, 0, 0, 0, 0, 0]);
        FrameKind::of(&DataFrame::from_ap(addr, addr, addr, llc_encap(ETHERTYPE_EAPOL, frame)).emit())
    }

    #[test]
    fn eapol_frames_are_told_apart() {
        for (info, data_len, kind) in [
            (0x008a_u16, 0, FrameKind::Eapol4Way(1)),
            (0x010a, 22, FrameKind::Eapol4Way(2)),
            (0x13ca, 56, FrameKind::Eapol4Way(3)),
            (0x030a, 0, FrameKind::Eapol4Way(4)),
            (0x1382, 24, FrameKind::EapolGroup(1)),
            (0x0302, 0, FrameKind::EapolGroup(2)),
        ] {
            let key = EapolKey {
                version: 2,
                descriptor_type: DESCRIPTOR_RSN,
                key_info: KeyInfo(info),
                key_data: vec![0; data_len],
                ..EapolKey::default()
            };
            let whole = key.emit();
            assert_eq!(kind_of_eapol(&whole), kind);
            let beginning = &whole[..whole.len() - 1];
            assert_eq!(kind_of_eapol(beginning), FrameKind::Eapol, "it ends too early");
            let addr = MacAddr([2, 0, 0, 0, 0, 0]);
            let mut fragment = DataFrame::to_ap(addr, addr, addr, llc_encap(ETHERTYPE_EAPOL, beginning));
            fragment.flags = fc::MORE_FRAGMENTS;
            assert_eq!(FrameKind::of(&fragment.emit()), kind, "the rest follows");
        }
        assert_eq!(FrameKind::of(&[0x80]), FrameKind::Other);
    }

    #[test]
    fn action_frames_are_told_apart() {
        let kind = |body: &[u8]| {
            let mut mpdu = vec![0xd0, 0x00];
            mpdu.resize(24, 0);
            mpdu.extend_from_slice(body);
            FrameKind::of(&mpdu).to_string()
        };
        assert_eq!(kind(&[4, 9, 0x50, 0x6f, 0x9a, 9, 1, 7]), "p2p-go-neg-response");
        assert_eq!(kind(&[127, 0x50, 0x6f, 0x9a, 9, 1, 7]), "p2p-presence-request");
        assert_eq!(kind(&[4, 11, 0]), "gas-initial-response");
        assert_eq!(kind(&[4, 9, 0x50, 0x6f, 0x9a, 0x1a, 1]), "action");
        assert!(FrameKind::Action.covers(FrameKind::P2p(P2pKind::GoNegRequest)));
    }

    #[test]
    fn eap_packets_are_told_apart() {
        let kind = |code: u8, data: &[u8]| {
            let packet = EapPacket { code, identifier: 1, data }.emit();
            let frame = EapolFrame { version: 1, packet_type: packet_type::EAP_PACKET, body: &packet };
            kind_of_eapol(&frame.emit()).to_string()
        };
        let wsc = |rest: &[u8]| [&[254, 0, 0x37, 0x2a, 0, 0, 0, 1], rest].concat();
        let message = [0x10, 0x4a, 0, 1, 0x10, 0x10, 0x22, 0, 1];
        assert_eq!(kind(1, &[1]), "eap-identity-request");
        assert_eq!(kind(4, &[]), "eap-failure");
        assert_eq!(kind(2, &wsc(&[[4, 0].as_slice(), &message, &[9]].concat())), "wsc-m5");
        assert_eq!(kind(2, &wsc(&[[4, 3, 1, 0].as_slice(), &message, &[6]].concat())), "wsc-m2d");
        assert_eq!(kind(2, &wsc(&[4, 0, 1, 2, 3])), "wsc-fragment");
        assert_eq!(kind(1, &wsc(&[5, 0])), "wsc-done");
        assert_eq!(kind(1, &[21]), "eap");
        assert!(
            FrameKind::Eap.covers(FrameKind::Wsc(WscKind::Ack))
                && !FrameKind::Eap.covers(FrameKind::EapolStart)
        );
    }
}
