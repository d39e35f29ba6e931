//! The question of a server who the peer is (RFC 3748 §5.1). A peer's machine answers it by itself.

use wpasim_wire::eap::{EapPacket, EapType, code, message};

use super::Row;
use crate::method::{Conversation, ServerMethod};
use crate::{Events, MethodContext};

pub(super) const ROW: Row = Row { kind: EapType::IDENTITY, peer: None, server: Some(start) };

#[derive(Debug)]
struct IdentityServer {
    /// Shown to the peer's user (`eap_message`).
    text: Vec<u8>,
    answer: Option<Vec<u8>>,
}

fn start(conversation: &Conversation<'_>, _cx: &mut MethodContext<'_>) -> Option<Box<dyn ServerMethod>> {
    Some(Box::new(IdentityServer { text: conversation.config.identity_request.clone(), answer: None }))
}

impl ServerMethod for IdentityServer {
    fn build_request(
        &mut self,
        _cx: &mut MethodContext<'_>,
        id: u8,
        _events: &mut Events,
    ) -> Option<Vec<u8>> {
        Some(message(code::REQUEST, id, EapType::IDENTITY, &self.text))
    }

    fn ignores(&self, response: &EapPacket<'_>) -> bool {
        response.data_of(EapType::IDENTITY).is_none()
    }

    fn process(&mut self, _cx: &mut MethodContext<'_>, response: &EapPacket<'_>, _events: &mut Events) {
        self.answer = response.data_of(EapType::IDENTITY).map(<[u8]>::to_vec);
    }

    fn is_done(&self) -> bool {
        self.answer.is_some()
    }

    fn is_success(&self) -> bool {
        self.is_done()
    }

    fn identity(&self) -> Option<&[u8]> {
        self.answer.as_deref()
    }
}
