//! The question who the peer is (RFC 3748 §5.1).

use wpasim_wire::eap::{EapType, code, message};

#[derive(Debug)]
pub(super) struct IdentityServer {
    text: Vec<u8>,
    answered: bool,
}

impl IdentityServer {
    /// `text` is shown to the peer's user.
    pub fn new(text: Vec<u8>) -> Self {
        IdentityServer { text, answered: false }
    }

    pub fn build_request(&self, id: u8) -> Vec<u8> {
        message(code::REQUEST, id, EapType::IDENTITY, &self.text)
    }

    pub fn answered(&mut self) {
        self.answered = true;
    }

    pub fn is_done(&self) -> bool {
        self.answered
    }
}
