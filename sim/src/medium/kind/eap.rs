//! Classification of EAP packets (RFC 3748 §4), and of the WSC messages within them (WSC 2.0.5 §7.7).

use wpasim_wire::eap::{EapPacket, EapType, code};
use wpasim_wire::wsc::{MessageType, OpCode, attr};

use super::FrameKind;

/// The packet begins with the octets of the length field.
const LENGTH_FIELD: u8 = 0x02;

/// The kind of a WSC packet, by its Op-Code and the Message Type in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WscKind {
    Start,
    Ack,
    Nack,
    Done,
    FragmentAck,
    /// One of M1 to M8, or M2D. A fragment that is not the first has no type and is `Other`.
    Message(MessageType),
    Other,
}

/// Classifies the body of an EAPOL frame of packet type 0.
pub fn of(packet: &[u8]) -> FrameKind {
    let Ok(packet) = EapPacket::parse(packet) else { return FrameKind::Eap };
    match (packet.code, packet.method()) {
        (code::SUCCESS, _) => FrameKind::EapSuccess,
        (code::FAILURE, _) => FrameKind::EapFailure,
        (code::REQUEST, Ok((EapType::IDENTITY, _))) => FrameKind::EapIdentityRequest,
        (code::RESPONSE, Ok((EapType::IDENTITY, _))) => FrameKind::EapIdentityResponse,
        (_, Ok((EapType::WSC, data))) => FrameKind::Wsc(of_wsc(data)),
        _ => FrameKind::Eap,
    }
}

fn of_wsc(packet: &[u8]) -> WscKind {
    let Some((&[op_code, flags], rest)) = packet.split_first_chunk::<2>() else { return WscKind::Other };
    let attributes = if flags & LENGTH_FIELD != 0 { rest.get(2..).unwrap_or_default() } else { rest };
    match OpCode::from_octet(op_code) {
        Some(OpCode::Start) => WscKind::Start,
        Some(OpCode::Ack) => WscKind::Ack,
        Some(OpCode::Nack) => WscKind::Nack,
        Some(OpCode::Msg) => of_message(attributes),
        Some(OpCode::Done) => WscKind::Done,
        Some(OpCode::FragAck) => WscKind::FragmentAck,
        None => WscKind::Other,
    }
}

/// Every message begins with Version and Message Type. The rest may be in another fragment.
fn of_message(attributes: &[u8]) -> WscKind {
    let (_version, rest) = attributes.split_at_checked(5).unwrap_or_default();
    let Some((&[k0, k1, 0, 1, octet], _)) = rest.split_first_chunk::<5>() else { return WscKind::Other };
    match (u16::from_be_bytes([k0, k1]), MessageType::from_octet(octet)) {
        (attr::MSG_TYPE, Some(message)) if (MessageType::M1..=MessageType::M8).contains(&message) => {
            WscKind::Message(message)
        }
        _ => WscKind::Other,
    }
}
