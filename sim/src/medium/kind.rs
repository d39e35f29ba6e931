//! Names for what a frame is, as rules and expectations use them.

mod eap;
mod p2p;

pub use eap::WscKind;
pub use p2p::{GasKind, P2pKind};

use core::fmt;
use core::str::FromStr;

/// What a frame is. Protected frames are classified by what they carry, before protection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
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

/// Every kind with a name, in the order messages list them.
const NAMES: [(&str, FrameKind); 60] = [
    ("beacon", FrameKind::Beacon),
    ("probe-request", FrameKind::ProbeRequest),
    ("probe-response", FrameKind::ProbeResponse),
    ("authentication", FrameKind::Authentication),
    ("association-request", FrameKind::AssociationRequest),
    ("association-response", FrameKind::AssociationResponse),
    ("reassociation-request", FrameKind::ReassociationRequest),
    ("reassociation-response", FrameKind::ReassociationResponse),
    ("deauthentication", FrameKind::Deauthentication),
    ("disassociation", FrameKind::Disassociation),
    ("action", FrameKind::Action),
    ("p2p-go-neg-request", FrameKind::P2p(P2pKind::GoNegRequest)),
    ("p2p-go-neg-response", FrameKind::P2p(P2pKind::GoNegResponse)),
    ("p2p-go-neg-confirmation", FrameKind::P2p(P2pKind::GoNegConfirmation)),
    ("p2p-invitation-request", FrameKind::P2p(P2pKind::InvitationRequest)),
    ("p2p-invitation-response", FrameKind::P2p(P2pKind::InvitationResponse)),
    ("p2p-device-discoverability-request", FrameKind::P2p(P2pKind::DeviceDiscoverabilityRequest)),
    ("p2p-device-discoverability-response", FrameKind::P2p(P2pKind::DeviceDiscoverabilityResponse)),
    ("p2p-provision-discovery-request", FrameKind::P2p(P2pKind::ProvisionDiscoveryRequest)),
    ("p2p-provision-discovery-response", FrameKind::P2p(P2pKind::ProvisionDiscoveryResponse)),
    ("p2p-notice-of-absence", FrameKind::P2p(P2pKind::NoticeOfAbsence)),
    ("p2p-presence-request", FrameKind::P2p(P2pKind::PresenceRequest)),
    ("p2p-presence-response", FrameKind::P2p(P2pKind::PresenceResponse)),
    ("p2p-go-discoverability-request", FrameKind::P2p(P2pKind::GoDiscoverabilityRequest)),
    ("gas-initial-request", FrameKind::Gas(GasKind::InitialRequest)),
    ("gas-initial-response", FrameKind::Gas(GasKind::InitialResponse)),
    ("gas-comeback-request", FrameKind::Gas(GasKind::ComebackRequest)),
    ("gas-comeback-response", FrameKind::Gas(GasKind::ComebackResponse)),
    ("eapol-1of4", FrameKind::Eapol4Way(1)),
    ("eapol-2of4", FrameKind::Eapol4Way(2)),
    ("eapol-3of4", FrameKind::Eapol4Way(3)),
    ("eapol-4of4", FrameKind::Eapol4Way(4)),
    ("eapol-group-1of2", FrameKind::EapolGroup(1)),
    ("eapol-group-2of2", FrameKind::EapolGroup(2)),
    ("eapol-start", FrameKind::EapolStart),
    ("eap-identity-request", FrameKind::EapIdentityRequest),
    ("eap-identity-response", FrameKind::EapIdentityResponse),
    ("eap-success", FrameKind::EapSuccess),
    ("eap-failure", FrameKind::EapFailure),
    ("wsc-start", FrameKind::Wsc(WscKind::Start)),
    ("wsc-m1", FrameKind::Wsc(WscKind::Message(1))),
    ("wsc-m2", FrameKind::Wsc(WscKind::Message(2))),
    ("wsc-m2d", FrameKind::Wsc(WscKind::Message(eap::M2D))),
    ("wsc-m3", FrameKind::Wsc(WscKind::Message(3))),
    ("wsc-m4", FrameKind::Wsc(WscKind::Message(4))),
    ("wsc-m5", FrameKind::Wsc(WscKind::Message(5))),
    ("wsc-m6", FrameKind::Wsc(WscKind::Message(6))),
    ("wsc-m7", FrameKind::Wsc(WscKind::Message(7))),
    ("wsc-m8", FrameKind::Wsc(WscKind::Message(8))),
    ("wsc-ack", FrameKind::Wsc(WscKind::Ack)),
    ("wsc-nack", FrameKind::Wsc(WscKind::Nack)),
    ("wsc-done", FrameKind::Wsc(WscKind::Done)),
    ("wsc-fragment-ack", FrameKind::Wsc(WscKind::FragmentAck)),
    ("wsc-fragment", FrameKind::Wsc(WscKind::Other)),
    ("eap", FrameKind::Eap),
    ("eapol", FrameKind::Eapol),
    ("data", FrameKind::Data),
    ("null", FrameKind::Null),
    ("ack", FrameKind::Ack),
    ("other", FrameKind::Other),
];

impl FrameKind {
    /// The names that [`FrameKind::from_str`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Whether a rule for `self` covers a frame of kind `frame`: `eapol` covers every EAPOL frame,
    /// `eap` every EAP packet, `action` every action frame, the association kinds cover reassociation, `data` covers data that is
    /// not EAPOL.
    pub fn covers(self, frame: FrameKind) -> bool {
        use FrameKind::*;
        match (self, frame) {
            (Eapol, Eapol4Way(_) | EapolGroup(_) | EapolStart | Eap) => true,
            (Eapol | Eap, EapIdentityRequest | EapIdentityResponse | EapSuccess | EapFailure | Wsc(_)) => {
                true
            }
            (Action, P2p(_) | Gas(_)) => true,
            (AssociationRequest, ReassociationRequest) => true,
            (AssociationResponse, ReassociationResponse) => true,
            (a, b) => a == b,
        }
    }

    /// Classifies an unprotected MPDU.
    pub fn of(mpdu: &[u8]) -> FrameKind {
        let Some(&[control, flags]) = mpdu.first_chunk::<2>() else { return FrameKind::Other };
        match (control >> 2 & 3, control >> 4) {
            (0, 0) => FrameKind::AssociationRequest,
            (0, 1) => FrameKind::AssociationResponse,
            (0, 2) => FrameKind::ReassociationRequest,
            (0, 3) => FrameKind::ReassociationResponse,
            (0, 4) => FrameKind::ProbeRequest,
            (0, 5) => FrameKind::ProbeResponse,
            (0, 8) => FrameKind::Beacon,
            (0, 10) => FrameKind::Disassociation,
            (0, 11) => FrameKind::Authentication,
            (0, 12) => FrameKind::Deauthentication,
            (0, 13 | 14) => p2p::of(mpdu.get(24..).unwrap_or_default()),
            (1, 13) => FrameKind::Ack,
            (2, subtype) if subtype & 4 != 0 => FrameKind::Null,
            (2, _) if flags & 0x40 != 0 => FrameKind::Data,
            (2, subtype) => {
                let four_addresses = flags & 3 == 3;
                let header = 24 + if four_addresses { 6 } else { 0 } + if subtype & 8 != 0 { 2 } else { 0 };
                Self::of_msdu(mpdu.get(header..).unwrap_or_default())
            }
            _ => FrameKind::Other,
        }
    }

    /// Classifies what follows a data frame's header: LLC, SNAP and payload.
    fn of_msdu(body: &[u8]) -> FrameKind {
        match body.strip_prefix(&[0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e]) {
            Some(eapol) => Self::of_eapol(eapol),
            None => FrameKind::Data,
        }
    }

    /// Classifies an EAPOL frame (IEEE 802.1X-2010 §11.3.2).
    fn of_eapol(frame: &[u8]) -> FrameKind {
        match frame.get(1) {
            Some(0) => eap::of(frame.get(4..).unwrap_or_default()),
            Some(1) => FrameKind::EapolStart,
            Some(3) => Self::of_eapol_key(frame),
            _ => FrameKind::Eapol,
        }
    }

    /// Classifies an EAPOL-Key frame by its Key Information field (IEEE 802.11-2020 §12.7.2).
    fn of_eapol_key(frame: &[u8]) -> FrameKind {
        const PAIRWISE: u16 = 1 << 3;
        const ACK: u16 = 1 << 7;
        const MIC: u16 = 1 << 8;
        let Some(info) = frame.get(5..7) else { return FrameKind::Eapol };
        let info = u16::from_be_bytes([info[0], info[1]]);
        let has_key_data = frame.get(97..99).is_some_and(|len| len != [0, 0]);
        match (info & PAIRWISE != 0, info & ACK != 0, info & MIC != 0) {
            (true, true, false) => FrameKind::Eapol4Way(1),
            (true, true, true) => FrameKind::Eapol4Way(3),
            (true, false, _) if has_key_data => FrameKind::Eapol4Way(2),
            (true, false, _) => FrameKind::Eapol4Way(4),
            (false, true, _) => FrameKind::EapolGroup(1),
            (false, false, _) => FrameKind::EapolGroup(2),
        }
    }
}

impl FromStr for FrameKind {
    type Err = UnknownFrameKind;
    fn from_str(s: &str) -> Result<Self, UnknownFrameKind> {
        NAMES
            .iter()
            .find(|(name, _)| *name == s)
            .map(|(_, kind)| *kind)
            .ok_or_else(|| UnknownFrameKind(s.to_owned()))
    }
}

impl fmt::Display for FrameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, kind)| kind == self).map_or("other", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for name in FrameKind::names() {
            assert_eq!(name.parse::<FrameKind>().unwrap().to_string(), name);
        }
        assert!("eapol-5of4".parse::<FrameKind>().is_err());
    }

    #[test]
    fn eapol_frames_are_told_apart() {
        let mut mpdu = vec![0x08, 0x02];
        mpdu.resize(24, 0);
        mpdu.extend_from_slice(&[0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e, 2, 3, 0, 95, 2]);
        let info_at = mpdu.len();
        mpdu.resize(info_at + 94, 0);
        for (info, data_len, kind) in [
            (0x008a_u16, 0_u16, FrameKind::Eapol4Way(1)),
            (0x010a, 22, FrameKind::Eapol4Way(2)),
            (0x13ca, 56, FrameKind::Eapol4Way(3)),
            (0x030a, 0, FrameKind::Eapol4Way(4)),
            (0x1382, 24, FrameKind::EapolGroup(1)),
            (0x0302, 0, FrameKind::EapolGroup(2)),
        ] {
            mpdu[info_at..info_at + 2].copy_from_slice(&info.to_be_bytes());
            mpdu[info_at + 92..info_at + 94].copy_from_slice(&data_len.to_be_bytes());
            assert_eq!(FrameKind::of(&mpdu), kind);
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
        let kind = |code: u8, body: &[u8]| {
            let mut mpdu = vec![0x08, 0x02];
            mpdu.resize(24, 0);
            mpdu.extend_from_slice(&[0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e, 1, 0, 0, 4, code, 1, 0, 4]);
            mpdu.extend_from_slice(body);
            FrameKind::of(&mpdu).to_string()
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
