//! The EAP peer (RFC 4137 §4) with 2.10's workarounds.

mod machine;
mod nak;
mod request;

#[cfg(test)]
mod tests;

use super::{Event, Events, Level, MethodContext};
use crate::method::{Decision, MethodReturn, MethodState, PeerMethod};
pub use crate::method::{PeerConfig, SessionKey};
use request::Request;
use wpasim_wire::eap::EapType;

/// EAP states with the names that STATUS prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Initialize,
    Disabled,
    Idle,
    Received,
    GetMethod,
    Method,
    SendResponse,
    Discard,
    Identity,
    Notification,
    Retransmit,
    Success,
    Failure,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Initialize => "INITIALIZE",
            State::Disabled => "DISABLED",
            State::Idle => "IDLE",
            State::Received => "RECEIVED",
            State::GetMethod => "GET_METHOD",
            State::Method => "METHOD",
            State::SendResponse => "SEND_RESPONSE",
            State::Discard => "DISCARD",
            State::Identity => "IDENTITY",
            State::Notification => "NOTIFICATION",
            State::Retransmit => "RETRANSMIT",
            State::Success => "SUCCESS",
            State::Failure => "FAILURE",
        }
    }
}

/// The variables that the peer shares with its lower layer (RFC 4137 §4.1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeerPort {
    pub port_enabled: bool,
    pub eap_restart: bool,
    pub eap_success: bool,
    pub eap_fail: bool,
    /// A request waits in `request`.
    pub eap_req: bool,
    pub eap_resp: bool,
    pub eap_no_resp: bool,
    /// The lower layer knows by itself how it ended.
    pub alt_accept: bool,
    pub alt_reject: bool,
    /// The server asks for EAPOL-Start.
    pub trigger_start: bool,
    /// The time that the server may be silent, in seconds.
    pub idle_while: u32,
    /// The last packet of the server.
    pub request: Option<Vec<u8>>,
}

/// The peer state machine.
#[derive(Debug)]
pub struct Peer {
    state: State,
    changed: bool,
    config: Option<PeerConfig>,
    /// Accepts what servers get wrong (`eap_workaround`).
    pub workaround: bool,
    /// No EAP in this network.
    pub force_disabled: bool,
    /// The Type octet of the method in use; 0 for none.
    selected: u8,
    method: Option<(EapType, Box<dyn PeerMethod>)>,
    method_state: MethodState,
    decision: Decision,
    allow_notifications: bool,
    ignore: bool,
    /// In seconds.
    client_timeout: u32,
    request: Request,
    last_id: Option<u8>,
    /// The request that was answered last, to tell a repetition from another one with its number.
    last_request: Vec<u8>,
    last_response: Option<Vec<u8>>,
    response: Option<Vec<u8>>,
    rounds: u32,
    rounds_short: u32,
    key: Option<SessionKey>,
    key_available: bool,
    events: Events,
}

/// The time that a server may be silent, in seconds.
const CLIENT_TIMEOUT: u32 = 60;

impl Default for Peer {
    fn default() -> Self {
        Peer {
            state: State::Initialize,
            changed: false,
            config: None,
            workaround: false,
            force_disabled: false,
            selected: 0,
            method: None,
            method_state: MethodState::None,
            decision: Decision::Fail,
            allow_notifications: false,
            ignore: false,
            client_timeout: CLIENT_TIMEOUT,
            request: Request::default(),
            last_id: None,
            last_request: Vec::new(),
            last_response: None,
            response: None,
            rounds: 0,
            rounds_short: 0,
            key: None,
            key_available: false,
            events: Events::new(),
        }
    }
}

impl Peer {
    /// The network's configuration, or none.
    pub fn set_config(&mut self, config: Option<PeerConfig>) {
        self.config = config;
    }

    /// Runs until nothing changes. Whether anything did.
    pub fn step(&mut self, cx: &mut MethodContext<'_>, port: &mut PeerPort) -> bool {
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

    /// Forgets what belongs to the conversation.
    //= hostap@2.10 src/eap_peer/eap.c#eap_sm_abort
    pub fn abort(&mut self) {
        self.last_response = None;
        self.response = None;
        self.key = None;
    }

    /// Forgets what a method kept for a faster authentication next time.
    //= hostap@2.10 src/eap_peer/eap.c#eap_invalidate_cached_session
    pub fn invalidate(&mut self, cx: &mut MethodContext<'_>) {
        self.close_method(cx);
    }

    /// The lower layer authenticated without EAP, with a PSK or a cached PMK.
    pub fn notify_success(&mut self) {
        self.decision = Decision::CondSucc;
        self.state = State::Success;
    }

    /// The lower layer saw a success that only EAP can bring: a Success packet was lost.
    pub fn notify_lower_layer_success(&mut self, port: &mut PeerPort) {
        let may_end = matches!(self.method_state, MethodState::MayCont | MethodState::Done);
        if port.eap_success || self.decision == Decision::Fail || !may_end {
            return;
        }
        if self.key.is_some() {
            self.key_available = true;
        }
        port.eap_success = true;
        self.info(
            "CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully (based on lower layer success)",
        );
    }

    /// The response to send; it is handed out once.
    pub fn take_response(&mut self) -> Option<Vec<u8>> {
        self.response.take()
    }

    /// The keys of a successful authentication.
    pub fn key(&self) -> Option<&SessionKey> {
        self.key.as_ref().filter(|_| self.key_available)
    }

    /// The name of the method in use.
    pub fn method_name(&self) -> &'static str {
        self.method.as_ref().map_or("UNKNOWN", |(kind, _)| super::method_name(*kind))
    }

    /// Takes the events since the last call.
    pub fn drain_events(&mut self) -> impl Iterator<Item = Event> + '_ {
        self.events.drain(..)
    }

    /// The EAP lines of STATUS.
    pub fn status(&self, verbose: bool) -> String {
        let mut out = format!("EAP state={}\n", self.state.name());
        if self.selected != 0 {
            let name = self.method.as_ref().map_or("?", |(kind, _)| super::method_name(*kind));
            out.push_str(&format!("selectedMethod={} (EAP-{name})\n", self.selected));
        }
        if verbose {
            out.push_str(&format!(
                "reqMethod={}\nmethodState={}\ndecision={}\nClientTimeout={}\n",
                self.request.type_octet,
                self.method_state.name(),
                self.decision.name(),
                self.client_timeout
            ));
        }
        out
    }

    fn info(&mut self, line: &str) {
        self.events.push_back(Event::Msg(Level::Info, line.to_owned()));
    }

    fn notify_status(&mut self, status: &str, parameter: &str) {
        self.info(&format!("CTRL-EVENT-EAP-STATUS status='{status}' parameter='{parameter}'"));
    }
}
