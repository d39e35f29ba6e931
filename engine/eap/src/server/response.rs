//! The parsing of a response.
//= hostap@2.10 src/eap_server/eap_server.c#eap_sm_parseEapResp

use super::{Server, ServerPort};
use wpasim_wire::eap::{EXPANDED, EapPacket, EapType, code};

/// The last packet of the peer, as far as the machine's transitions ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Response {
    pub is_response: bool,
    pub id: Option<u8>,
    /// 0 for none.
    pub type_octet: u8,
    /// By vendor.
    pub method: EapType,
}

impl Response {
    pub fn parse(packet: &[u8]) -> Self {
        let Ok(packet) = EapPacket::parse(packet) else { return Response::default() };
        Response {
            is_response: packet.code == code::RESPONSE,
            id: Some(packet.identifier),
            type_octet: packet.type_octet().unwrap_or(0),
            method: packet.method().map(|(method, _)| method).unwrap_or_default(),
        }
    }

    pub fn is_nak(&self) -> bool {
        self.is_expanded_of_ietf(EapType::NAK.type_octet()) || self.type_octet == EapType::NAK.type_octet()
    }

    /// Whether it answers a method's request, by Type octet.
    pub fn answers(&self, current: u8) -> bool {
        self.type_octet == current || self.is_expanded_of_ietf(current)
    }

    fn is_expanded_of_ietf(&self, octet: u8) -> bool {
        self.type_octet == EXPANDED && self.method == EapType::ietf(octet.into())
    }
}

impl Server {
    /// The legacy Nak's list of methods.
    pub(super) fn nak_list(port: &ServerPort) -> Option<Vec<u8>> {
        let packet = EapPacket::parse(port.response.as_deref()?).ok()?;
        match packet.data.split_first() {
            Some((octet, list)) if *octet == EapType::NAK.type_octet() => Some(list.to_vec()),
            _ => None,
        }
    }
}
