//! Classification of action frames: Wi-Fi Direct's (Wi-Fi Direct 1.7 §4.2) and GAS (IEEE 802.11-2020 §9.6.7).

use wpasim_wire::gas::action;
use wpasim_wire::p2p::{ActionFrame, ActionKind, action_subtype, public_subtype};

use super::FrameKind;

/// The category of public action frames (IEEE 802.11-2020 Table 9-51).
const PUBLIC: u8 = 4;

/// The kind of an action frame of Wi-Fi Direct.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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

/// The kind of a GAS frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum GasKind {
    InitialRequest,
    InitialResponse,
    ComebackRequest,
    ComebackResponse,
}

/// Classifies an action frame's body, from its category on.
pub fn of(body: &[u8]) -> FrameKind {
    if let Some(frame) = ActionFrame::parse(body) {
        let kind = match frame.kind {
            ActionKind::Public => public(frame.subtype),
            ActionKind::Action => in_group(frame.subtype),
        };
        return kind.map_or(FrameKind::Action, FrameKind::P2p);
    }
    match body {
        [PUBLIC, action::INITIAL_REQUEST, ..] => FrameKind::Gas(GasKind::InitialRequest),
        [PUBLIC, action::INITIAL_RESPONSE, ..] => FrameKind::Gas(GasKind::InitialResponse),
        [PUBLIC, action::COMEBACK_REQUEST, ..] => FrameKind::Gas(GasKind::ComebackRequest),
        [PUBLIC, action::COMEBACK_RESPONSE, ..] => FrameKind::Gas(GasKind::ComebackResponse),
        _ => FrameKind::Action,
    }
}

fn public(subtype: u8) -> Option<P2pKind> {
    Some(match subtype {
        public_subtype::GO_NEG_REQ => P2pKind::GoNegRequest,
        public_subtype::GO_NEG_RESP => P2pKind::GoNegResponse,
        public_subtype::GO_NEG_CONF => P2pKind::GoNegConfirmation,
        public_subtype::INVITATION_REQ => P2pKind::InvitationRequest,
        public_subtype::INVITATION_RESP => P2pKind::InvitationResponse,
        public_subtype::DEV_DISC_REQ => P2pKind::DeviceDiscoverabilityRequest,
        public_subtype::DEV_DISC_RESP => P2pKind::DeviceDiscoverabilityResponse,
        public_subtype::PROV_DISC_REQ => P2pKind::ProvisionDiscoveryRequest,
        public_subtype::PROV_DISC_RESP => P2pKind::ProvisionDiscoveryResponse,
        _ => return None,
    })
}

fn in_group(subtype: u8) -> Option<P2pKind> {
    Some(match subtype {
        action_subtype::NOTICE_OF_ABSENCE => P2pKind::NoticeOfAbsence,
        action_subtype::PRESENCE_REQ => P2pKind::PresenceRequest,
        action_subtype::PRESENCE_RESP => P2pKind::PresenceResponse,
        action_subtype::GO_DISC_REQ => P2pKind::GoDiscoverabilityRequest,
        _ => return None,
    })
}
