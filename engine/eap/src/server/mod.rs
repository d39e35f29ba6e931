//! The EAP server (RFC 4137 §5) with 2.10's policy.

mod machine;
mod policy;
mod response;

#[cfg(test)]
mod tests;

use super::{Event, Events, Level, MethodContext};
use crate::method::ServerMethod;
pub use crate::method::{ServerConfig, ServerPeer};
use policy::{Decision, User};
use response::Response;
use wpasim_runtime::entropy::Stream;
use wpasim_wire::eap::EapType;

/// The variables that the server shares with its lower layer (RFC 4137 §5.1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerPort {
    pub port_enabled: bool,
    pub eap_restart: bool,
    pub eap_success: bool,
    pub eap_fail: bool,
    pub eap_timeout: bool,
    /// `request` is to be sent.
    pub eap_req: bool,
    pub eap_no_req: bool,
    /// A response waits in `response`.
    pub eap_resp: bool,
    /// The time until the request is repeated, in seconds.
    pub retrans_while: u32,
    pub request: Option<Vec<u8>>,
    pub response: Option<Vec<u8>>,
    pub key: Option<Vec<u8>>,
    pub key_available: bool,
}

/// EAP states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Disabled,
    Initialize,
    Idle,
    Received,
    IntegrityCheck,
    MethodResponse,
    MethodRequest,
    ProposeMethod,
    SelectAction,
    SendRequest,
    Discard,
    Nak,
    Retransmit,
    Success,
    Failure,
    TimeoutFailure,
}

/// methodState of RFC 4137 §5.3.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum MethodState {
    Proposed,
    Continue,
    End,
}

/// The server state machine for one peer.
#[derive(Debug)]
pub struct Server {
    state: State,
    changed: bool,
    config: ServerConfig,
    peer: ServerPeer,
    random: Stream,
    method: Option<(EapType, Box<dyn ServerMethod>)>,
    method_state: MethodState,
    /// The Type octet of the method in use; 0 for none.
    current: u8,
    current_id: Option<u8>,
    last_id: u8,
    last_request: Option<Vec<u8>>,
    decision: Decision,
    ignore: bool,
    response: Response,
    retransmissions: u32,
    max_retransmissions: u32,
    /// In seconds; 0 leaves it to the back-off.
    method_timeout: u32,
    rounds: u32,
    rounds_short: u32,
    identity: Option<Vec<u8>>,
    user: Option<User>,
    update_user: bool,
    events: Events,
}

impl Server {
    /// `random` is what the first number of a conversation is drawn from.
    pub fn new(config: ServerConfig, peer: ServerPeer, random: Stream) -> Self {
        Server {
            state: State::Disabled,
            changed: false,
            config,
            peer,
            random,
            method: None,
            method_state: MethodState::Continue,
            current: 0,
            current_id: None,
            last_id: 0,
            last_request: None,
            decision: Decision::Continue,
            ignore: false,
            response: Response::default(),
            retransmissions: 0,
            max_retransmissions: 5,
            method_timeout: 0,
            rounds: 0,
            rounds_short: 0,
            identity: None,
            user: None,
            update_user: false,
            events: Events::new(),
        }
    }

    /// Runs until nothing changes. Whether anything did.
    pub fn step(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) -> bool {
        let mut any = false;
        loop {
            self.changed = false;
            self.step_once(cx, port);
            if !self.changed {
                return any;
            }
            any = true;
        }
    }

    /// The peer was authenticated without EAP, by a cached PMK.
    pub fn notify_cached(&mut self) {
        self.state = State::Success;
    }

    /// The peer begins anew or leaves.
    pub fn clear_identity(&mut self) {
        self.identity = None;
    }

    /// Returns the identity that the peer gave.
    pub fn identity(&self) -> Option<&[u8]> {
        self.identity.as_deref()
    }

    /// Returns whether the peer is to answer.
    pub fn is_waiting(&self) -> bool {
        self.state == State::Idle
    }

    /// The method in use.
    pub fn method(&self) -> Option<EapType> {
        self.method.as_ref().map(|(kind, _)| *kind)
    }

    /// Ends the conversation, whatever it came to.
    pub fn close(&mut self, cx: &mut MethodContext<'_>) {
        if let Some((_, method)) = self.method.take() {
            method.close(cx, &mut self.events);
        }
    }

    /// Takes the events since the last call.
    pub fn drain_events(&mut self) -> impl Iterator<Item = Event> + '_ {
        self.events.drain(..)
    }

    fn info(&mut self, line: String) {
        self.events.push_back(Event::Msg(Level::Info, line));
    }
}
