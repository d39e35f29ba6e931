//! The parsing of a request.
//= hostap@2.10 src/eap_peer/eap.c#eap_sm_parseEapReq

use super::{Peer, PeerPort};
use wpasim_wire::eap::{self, EXPANDED, EapPacket, EapType, code};

/// The last packet of the server, as far as the machine's transitions ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Request {
    pub is_request: bool,
    pub is_success: bool,
    pub is_failure: bool,
    pub id: u8,
    /// Of a request; 0 for any other packet.
    pub type_octet: u8,
    /// By vendor, of a request.
    pub method: EapType,
}

impl Peer {
    /// Reads the packet that the lower layer has.
    pub(super) fn parse_request(&mut self, port: &mut PeerPort) {
        self.request = Request::default();
        let packet = port.request.take().unwrap_or_default();
        if let Ok(parsed) = EapPacket::parse(&packet) {
            self.request.id = parsed.identifier;
            self.classify(&parsed, port);
        }
        port.request = Some(packet);
    }

    fn classify(&mut self, packet: &EapPacket<'_>, port: &mut PeerPort) {
        match packet.code {
            code::REQUEST => {
                let Some(octet) = packet.type_octet() else { return };
                self.request.is_request = true;
                self.request.type_octet = octet;
                self.request.method = match packet.method() {
                    Ok((method, _)) => method,
                    Err(_) => EapType::NONE,
                };
            }
            code::SUCCESS => {
                self.notify_status("completion", "success");
                self.request.is_success = true;
            }
            code::FAILURE => {
                self.notify_status("completion", "failure");
                self.request.is_failure = true;
            }
            // A Re-auth-Start of at least its type and a reserved octet; without keys of an earlier
            // authentication the conversation begins as usual.
            code::INITIATE if packet.data.len() >= 2 && packet.type_octet() == Some(eap::REAUTH_START) => {
                port.trigger_start = true;
            }
            _ => {}
        }
    }

    /// Whether the request was answered already. Some servers use a number twice: with the
    /// workaround, only a request that is the same in all octets is a repetition.
    pub(super) fn is_duplicate(&self, port: &PeerPort) -> bool {
        self.request.is_request
            && self.last_id == Some(self.request.id)
            && !(self.workaround && port.request.as_deref() != Some(&self.last_request))
    }

    /// Whether Success or Failure has the number of the last request; with the workaround, of one of
    /// the next two.
    pub(super) fn outcome_fits(&self) -> bool {
        let id = self.request.id;
        let next = self.last_id.map_or([0, 1], |last| [last.wrapping_add(1), last.wrapping_add(2)]);
        self.last_id == Some(id) || self.workaround && next.contains(&id)
    }

    /// The method that the request names, as 2.10's events print it.
    pub(super) fn requested(&self) -> EapType {
        if self.request.type_octet == EXPANDED {
            self.request.method
        } else {
            EapType::ietf(self.request.type_octet.into())
        }
    }
}
