//! The methods of EAP: one file, or one directory, for each with both its sides, and one row in [`METHODS`].

mod identity;
mod wsc;

use wpasim_wire::eap::{EapPacket, EapType};

use crate::peer::{MethodReturn, PeerConfig, SessionKey};
use crate::server::{ServerConfig, ServerPeer};
use crate::{Events, MethodCx};

/// A method, and the sides of it that there are.
pub(crate) struct Row {
    pub kind: EapType,
    pub peer: Option<StartPeer>,
    pub server: Option<StartServer>,
}

/// Starts a method of a peer; `None` if its configuration or its means are missing.
type StartPeer = fn(&PeerConfig, &mut MethodCx<'_>, &mut Events) -> Option<Box<dyn PeerMethod>>;
/// Starts a method of a server; `None` if its means are missing.
type StartServer = fn(&Conversation<'_>, &mut MethodCx<'_>) -> Option<Box<dyn ServerMethod>>;

/// The methods, in the order of 2.10's registration, in which a Nak names them.
pub(crate) const METHODS: &[Row] = &[identity::ROW, wsc::ROW];

/// Returns the row of a method.
pub(crate) fn row(kind: EapType) -> Option<&'static Row> {
    METHODS.iter().find(|row| row.kind == kind)
}

/// Returns the methods that a peer has.
pub(crate) fn of_peers() -> impl Iterator<Item = EapType> {
    METHODS.iter().filter(|row| row.peer.is_some()).map(|row| row.kind)
}

/// A method that a peer runs (RFC 4137 §4.2).
pub(crate) trait PeerMethod: core::fmt::Debug + Send {
    /// Handles a request; the response, if there is one.
    fn process(
        &mut self,
        cx: &mut MethodCx<'_>,
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
    fn close(self: Box<Self>, _cx: &mut MethodCx<'_>, _events: &mut Events) {}
}

/// What a server knows when it starts a method.
pub(crate) struct Conversation<'a> {
    pub config: &'a ServerConfig,
    pub peer: &'a ServerPeer,
    /// Who the peer says it is.
    pub identity: Option<&'a [u8]>,
    pub password: Option<&'a [u8]>,
}

/// How long and how often a request is repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Patience {
    /// In seconds.
    pub timeout: u32,
    pub retransmissions: u32,
}

/// A method that a server runs (RFC 4137 §5.2).
pub(crate) trait ServerMethod: core::fmt::Debug + Send {
    /// Builds the next request; `None` if the method cannot go on.
    fn build_request(&mut self, cx: &mut MethodCx<'_>, id: u8, events: &mut Events) -> Option<Vec<u8>>;

    /// Returns whether a response is to be ignored.
    fn ignores(&self, response: &EapPacket<'_>) -> bool;

    /// Handles a response that is not ignored.
    fn process(&mut self, cx: &mut MethodCx<'_>, response: &EapPacket<'_>, events: &mut Events);

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
    fn close(self: Box<Self>, _cx: &mut MethodCx<'_>, _events: &mut Events) {}
}
