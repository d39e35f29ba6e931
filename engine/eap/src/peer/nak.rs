//! Responses of the machine itself: Identity, Notification and Nak (RFC 3748 §5).

use super::{Peer, PeerPort};
use wpasim_wire::eap::{EXPANDED, EapPacket, EapType, code, message};

/// Octets of the packet that the lower layer has, for a method that takes only data.
pub(super) fn request_data(port: &PeerPort, method: EapType) -> Option<Vec<u8>> {
    let packet = EapPacket::parse(port.request.as_deref()?).ok()?;
    packet.data_of(method).map(<[u8]>::to_vec)
}

impl Peer {
    /// An identity response; `None` if there is no identity.
    pub(super) fn identity_response(&self) -> Option<Vec<u8>> {
        let config = self.config.as_ref()?;
        let identity = config.anonymous_identity.as_ref().or(config.identity.as_ref())?;
        Some(message(code::RESPONSE, self.request.id, EapType::IDENTITY, identity))
    }

    /// Shows a notification; what can't be printed becomes an underscore.
    pub(super) fn show_notification(&mut self, port: &PeerPort) {
        let Some(data) = request_data(port, EapType::NOTIFICATION) else { return };
        let printable = |b: &u8| if (0x20..0x7f).contains(b) { char::from(*b) } else { '_' };
        let text: String = data.iter().map(printable).collect();
        self.info(&format!("CTRL-EVENT-EAP-NOTIFICATION {text}"));
    }

    /// Names the methods that would be acceptable instead.
    pub(super) fn nak_response(&self) -> Vec<u8> {
        let id = self.request.id;
        let refused = self.requested();
        let others: Vec<EapType> =
            crate::methods::of_peers().filter(|m| *m != refused && self.allows(*m)).collect();
        if self.request.type_octet == EXPANDED {
            let mut data = EapType::NAK.expanded().to_vec();
            let none = [EapType::NONE];
            for method in if others.is_empty() { &none[..] } else { &others } {
                data.extend_from_slice(&method.expanded());
            }
            return EapPacket { code: code::RESPONSE, identifier: id, data: &data }.emit();
        }
        let mut octets: Vec<u8> = Vec::new();
        for octet in others.iter().map(|m| m.type_octet()) {
            // Whichever vendors': one octet says that there are any.
            if octet != EXPANDED || !octets.contains(&EXPANDED) {
                octets.push(octet);
            }
        }
        if octets.is_empty() {
            octets.push(EapType::NONE.type_octet());
        }
        message(code::RESPONSE, id, EapType::NAK, &octets)
    }

    /// Whether the network allows the method.
    pub(super) fn allows(&self, method: EapType) -> bool {
        self.config.as_ref().is_none_or(|c| c.allows(method))
    }
}
