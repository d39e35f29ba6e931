//! The contract between the machines of RFC 4137 and their methods: what a method is asked, what it may read and what it
//! returns. The machines and the methods know this module, and the methods know neither machine.

mod peer_config;
mod returned;
mod server_config;
mod session_key;

pub use peer_config::PeerConfig;
pub(crate) use returned::{Decision, MethodReturn, MethodState};
pub use server_config::{ServerConfig, ServerPeer};
pub use session_key::SessionKey;

use wpasim_wire::eap::EapPacket;

use crate::{Events, MethodContext};

/// A method that a peer runs (RFC 4137 §4.2).
pub(crate) trait PeerMethod: core::fmt::Debug + Send {
    /// Handles a request; the response, if there is one.
    fn process(
        &mut self,
        cx: &mut MethodContext<'_>,
        returned: &mut MethodReturn,
        request: &EapPacket<'_>,
        events: &mut Events,
    ) -> Option<Vec<u8>>;

    /// Returns how long a server may take, in seconds, if the method limits it.
    fn client_timeout(&self) -> Option<u32> {
        None
    }

    /// Returns MSK and Session-Id, once the method has them.
    fn key(&self) -> Option<SessionKey> {
        None
    }

    /// Ends the run, whatever it came to.
    fn close(self: Box<Self>, _cx: &mut MethodContext<'_>, _events: &mut Events) {}
}

/// The state of a conversation in which a server starts a method.
pub(crate) struct Conversation<'a> {
    pub config: &'a ServerConfig,
    pub peer: &'a ServerPeer,
    /// The identity that the peer gave.
    pub identity: Option<&'a [u8]>,
    pub password: Option<&'a [u8]>,
}

/// The time-out and the number of repetitions of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Patience {
    /// In seconds.
    pub timeout: u32,
    pub retransmissions: u32,
}

/// A method that a server runs (RFC 4137 §5.2).
pub(crate) trait ServerMethod: core::fmt::Debug + Send {
    /// Builds the next request; `None` if the method cannot go on.
    fn build_request(&mut self, cx: &mut MethodContext<'_>, id: u8, events: &mut Events) -> Option<Vec<u8>>;

    /// Returns whether a response is to be ignored.
    fn ignores(&self, response: &EapPacket<'_>) -> bool;

    /// Handles a response that is not ignored.
    fn process(&mut self, cx: &mut MethodContext<'_>, response: &EapPacket<'_>, events: &mut Events);

    /// Returns whether the method has nothing more to ask.
    fn is_done(&self) -> bool;

    /// Returns whether it authenticated the peer.
    fn is_success(&self) -> bool;

    /// Returns what the method asks of retransmission instead of the back-off.
    fn patience(&self) -> Option<Patience> {
        None
    }

    /// Returns who the peer says it is, of a method that asks for it.
    fn identity(&self) -> Option<&[u8]> {
        None
    }

    /// Returns the MSK of a method that is done.
    fn key(&self) -> Option<Vec<u8>> {
        None
    }

    /// Ends the run, whatever it came to.
    fn close(self: Box<Self>, _cx: &mut MethodContext<'_>, _events: &mut Events) {}
}
