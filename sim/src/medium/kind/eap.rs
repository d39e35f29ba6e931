//! Classification of EAP packets (RFC 3748 §4), and of the WSC messages within them (WSC 2.0.5 §7.7).

use super::FrameKind;

/// EAP's expanded type of WSC: type 254, the vendor id of the Wi-Fi Alliance, vendor type 1.
const WSC_TYPE: [u8; 8] = [254, 0x00, 0x37, 0x2a, 0, 0, 0, 1];
/// The packet begins with the octets of the length field.
const LENGTH_FIELD: u8 = 0x02;
/// The attribute Message Type with its length.
const MESSAGE_TYPE: [u8; 4] = [0x10, 0x22, 0, 1];

/// What a WSC packet is, by its Op-Code and the Message Type in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum WscKind {
    Start,
    Ack,
    Nack,
    Done,
    FragmentAck,
    /// M1 to M8; M2D is 9. A fragment that is not the first has no type and is `Other`.
    Message(u8),
    Other,
}

/// M2D among the messages.
pub const M2D: u8 = 9;

/// Classifies the body of an EAPOL frame of packet type 0.
pub fn of(packet: &[u8]) -> FrameKind {
    match (packet.first(), packet.get(4)) {
        (Some(3), _) => FrameKind::EapSuccess,
        (Some(4), _) => FrameKind::EapFailure,
        (Some(1), Some(1)) => FrameKind::EapIdentityRequest,
        (Some(2), Some(1)) => FrameKind::EapIdentityResponse,
        _ => match packet.get(4..).and_then(|body| body.strip_prefix(&WSC_TYPE)) {
            Some(wsc) => FrameKind::Wsc(of_wsc(wsc)),
            None => FrameKind::Eap,
        },
    }
}

fn of_wsc(packet: &[u8]) -> WscKind {
    let Some((&[op_code, flags], rest)) = packet.split_first_chunk::<2>() else { return WscKind::Other };
    let attributes = if flags & LENGTH_FIELD != 0 { rest.get(2..).unwrap_or_default() } else { rest };
    match op_code {
        1 => WscKind::Start,
        2 => WscKind::Ack,
        3 => WscKind::Nack,
        4 => of_message(attributes),
        5 => WscKind::Done,
        6 => WscKind::FragmentAck,
        _ => WscKind::Other,
    }
}

/// Every message begins with Version and Message Type.
fn of_message(attributes: &[u8]) -> WscKind {
    match attributes.get(5..).and_then(|a| a.strip_prefix(&MESSAGE_TYPE)).and_then(|a| a.first()) {
        Some(0x04) => WscKind::Message(1),
        Some(0x05) => WscKind::Message(2),
        Some(0x06) => WscKind::Message(M2D),
        Some(number @ 0x07..=0x0c) => WscKind::Message(number - 4),
        _ => WscKind::Other,
    }
}
