//! Classification of action frames: Wi-Fi Direct's (Wi-Fi Direct 1.7 §4.2) and GAS (IEEE 802.11-2020 §9.6.7).

use super::FrameKind;

/// The Wi-Fi Alliance's identifier and the type of P2P.
const P2P: [u8; 4] = [0x50, 0x6f, 0x9a, 0x09];
const PUBLIC: u8 = 4;
const VENDOR: u8 = 127;

/// Which of Wi-Fi Direct's action frames.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum P2pKind {
    GoNegRequest,
    GoNegResponse,
    GoNegConfirmation,
    InvitationRequest,
    InvitationResponse,
    DeviceDiscoverabilityRequest,
    DeviceDiscoverabilityResponse,
    ProvisionDiscoveryRequest,
    ProvisionDiscoveryResponse,
    NoticeOfAbsence,
    PresenceRequest,
    PresenceResponse,
    GoDiscoverabilityRequest,
}

/// Which of GAS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum GasKind {
    InitialRequest,
    InitialResponse,
    ComebackRequest,
    ComebackResponse,
}

/// Classifies an action frame's body, from its category on.
pub fn of(body: &[u8]) -> FrameKind {
    match body {
        [PUBLIC, 9, rest @ ..] => subtype(rest).and_then(public).map_or(FrameKind::Action, FrameKind::P2p),
        [VENDOR, rest @ ..] => subtype(rest).and_then(in_group).map_or(FrameKind::Action, FrameKind::P2p),
        [PUBLIC, 10, ..] => FrameKind::Gas(GasKind::InitialRequest),
        [PUBLIC, 11, ..] => FrameKind::Gas(GasKind::InitialResponse),
        [PUBLIC, 12, ..] => FrameKind::Gas(GasKind::ComebackRequest),
        [PUBLIC, 13, ..] => FrameKind::Gas(GasKind::ComebackResponse),
        _ => FrameKind::Action,
    }
}

fn subtype(vendor: &[u8]) -> Option<u8> {
    vendor.strip_prefix(&P2P)?.first().copied()
}

fn public(subtype: u8) -> Option<P2pKind> {
    Some(match subtype {
        0 => P2pKind::GoNegRequest,
        1 => P2pKind::GoNegResponse,
        2 => P2pKind::GoNegConfirmation,
        3 => P2pKind::InvitationRequest,
        4 => P2pKind::InvitationResponse,
        5 => P2pKind::DeviceDiscoverabilityRequest,
        6 => P2pKind::DeviceDiscoverabilityResponse,
        7 => P2pKind::ProvisionDiscoveryRequest,
        8 => P2pKind::ProvisionDiscoveryResponse,
        _ => return None,
    })
}

fn in_group(subtype: u8) -> Option<P2pKind> {
    Some(match subtype {
        0 => P2pKind::NoticeOfAbsence,
        1 => P2pKind::PresenceRequest,
        2 => P2pKind::PresenceResponse,
        3 => P2pKind::GoDiscoverabilityRequest,
        _ => return None,
    })
}
