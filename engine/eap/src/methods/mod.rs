//! The methods of EAP: one file, or one directory, for each with both its sides, and one row in [`METHODS`].

mod identity;
mod wsc;

use wpasim_wire::eap::EapType;

use crate::method::{Conversation, PeerConfig, PeerMethod, ServerMethod};
use crate::{Events, MethodContext};

/// A method, and the sides of it that there are.
pub(crate) struct Row {
    pub kind: EapType,
    pub peer: Option<StartPeer>,
    pub server: Option<StartServer>,
}

/// Starts a method of a peer; `None` if its configuration or its means are missing.
type StartPeer = fn(&PeerConfig, &mut MethodContext<'_>, &mut Events) -> Option<Box<dyn PeerMethod>>;
/// Starts a method of a server; `None` if its means are missing.
type StartServer = fn(&Conversation<'_>, &mut MethodContext<'_>) -> Option<Box<dyn ServerMethod>>;

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
