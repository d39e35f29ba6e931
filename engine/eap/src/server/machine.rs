//! States and transitions of RFC 4137 §5, figure 5, with 2.10's additions.

use super::policy::Decision;
use super::response::Response;
use super::{MethodState, Server, ServerPort, State};
use crate::MethodContext;
use crate::method::{Conversation, ServerMethod};
use crate::methods;
use wpasim_runtime::never;
use wpasim_wire::eap::{EapPacket, EapType, outcome};

/// Shorter packets carry nothing of length, in octets.
const SHORT: usize = 20;
/// The back-off of retransmissions begins with this and doubles, in seconds (RFC 3748 §4.3).
const FIRST_TIMEOUT: u32 = 3;
const LONGEST_TIMEOUT: u32 = 20;

impl Server {
    pub(super) fn step_once(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) {
        if port.eap_restart && port.port_enabled {
            self.enter_globally(State::Initialize);
            self.initialize(cx, port);
        } else if !port.port_enabled {
            self.enter_globally(State::Disabled);
            self.rounds = 0;
            self.rounds_short = 0;
        } else if self.rounds > self.config.max_rounds {
            if self.rounds == self.config.max_rounds + 1 {
                self.rounds += 1;
                self.enter_globally(State::Failure);
                self.failure(port);
            }
        } else if self.rounds_short > self.config.max_rounds_short {
            if self.rounds_short == self.config.max_rounds_short + 1 {
                self.rounds_short += 1;
                self.enter_globally(State::Failure);
                self.failure(port);
            }
        } else {
            self.step_locally(cx, port);
        }
    }

    fn step_locally(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) {
        match self.state {
            State::Disabled => {
                self.enter(State::Initialize);
                self.initialize(cx, port);
            }
            State::Initialize | State::Nak => self.enter_select_action(cx),
            State::Idle => self.step_idle(port),
            State::Retransmit if self.retransmissions > self.max_retransmissions => {
                self.enter(State::TimeoutFailure);
                port.eap_timeout = true;
                self.tell("TIMEOUT-FAILURE");
            }
            State::Retransmit | State::Discard | State::SendRequest => self.enter_idle(port),
            State::Received => self.step_received(cx, port),
            State::IntegrityCheck if self.ignore => self.enter_discard(port),
            State::IntegrityCheck => self.enter_method_response(cx, port),
            State::MethodResponse if self.method_state == MethodState::End => self.enter_select_action(cx),
            State::MethodResponse | State::ProposeMethod => self.enter_method_request(cx, port),
            State::MethodRequest => self.step_method_request(port),
            State::SelectAction => match self.decision {
                Decision::Failure => {
                    self.enter(State::Failure);
                    self.failure(port);
                }
                Decision::Success => {
                    self.enter(State::Success);
                    self.success(port);
                }
                Decision::Continue => self.enter_propose_method(cx),
            },
            State::Success | State::Failure | State::TimeoutFailure => {}
        }
    }

    fn step_idle(&mut self, port: &mut ServerPort) {
        if port.retrans_while == 0 {
            self.enter(State::Retransmit);
            self.retransmissions += 1;
            if let Some(last) =
                self.last_request.clone().filter(|_| self.retransmissions <= self.max_retransmissions)
            {
                port.request = Some(last);
                port.eap_req = true;
            }
            self.tell("RETRANSMIT");
        } else if port.eap_resp {
            self.enter(State::Received);
            let packet = port.response.as_deref().unwrap_or_default();
            self.response = Response::parse(packet);
            self.rounds += 1;
            self.rounds_short = if packet.len() < SHORT { self.rounds_short + 1 } else { 0 };
        }
    }

    fn step_received(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) {
        let response = self.response;
        let fits = response.is_response && response.id.is_some() && response.id == self.current_id;
        if fits && response.is_nak() && self.method_state == MethodState::Proposed {
            self.enter(State::Nak);
            self.close(cx);
            if let Some(list) = Server::nak_list(port) {
                self.process_nak(&list);
            }
        } else if fits && response.answers(self.current) {
            self.enter(State::IntegrityCheck);
            let packet = port.response.as_deref().map(EapPacket::parse);
            self.ignore = match (packet, &self.method) {
                (Some(Ok(packet)), Some((_, method))) => method.ignores(&packet),
                _ => true,
            };
        } else {
            self.enter_discard(port);
        }
    }

    fn step_method_request(&mut self, port: &mut ServerPort) {
        if self.method.is_none() {
            self.enter(State::Failure);
            self.failure(port);
            return;
        }
        self.enter(State::SendRequest);
        self.retransmissions = 0;
        port.eap_resp = false;
        port.eap_req = port.request.is_some();
        match &port.request {
            Some(request) => {
                if request.len() >= SHORT {
                    self.rounds_short = 0;
                }
                self.last_request = Some(request.clone());
            }
            None => {
                port.eap_no_req = true;
                self.enter(State::Failure);
                self.failure(port);
            }
        }
    }

    fn enter(&mut self, state: State) {
        self.changed = true;
        self.state = state;
    }

    fn enter_globally(&mut self, state: State) {
        self.changed |= self.state != state;
        self.state = state;
    }

    fn initialize(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) {
        self.current_id = None;
        port.eap_success = false;
        port.eap_fail = false;
        port.eap_timeout = false;
        port.key = None;
        port.key_available = false;
        port.eap_restart = false;
        self.close(cx);
        if let Some(user) = &mut self.user {
            user.next = 0;
        }
        self.rounds = 0;
        self.rounds_short = 0;
        self.tell("STARTED");
    }

    fn enter_idle(&mut self, port: &mut ServerPort) {
        self.enter(State::Idle);
        port.retrans_while = match self.method_timeout {
            0 => (FIRST_TIMEOUT << self.retransmissions.min(3)).min(LONGEST_TIMEOUT),
            seconds => seconds,
        };
    }

    fn enter_discard(&mut self, port: &mut ServerPort) {
        self.enter(State::Discard);
        port.eap_resp = false;
        port.eap_no_req = true;
    }

    fn enter_select_action(&mut self, cx: &mut MethodContext<'_>) {
        self.enter(State::SelectAction);
        self.decision = self.decide(cx);
    }

    fn enter_method_request(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) {
        self.enter(State::MethodRequest);
        let Some((_, method)) = &mut self.method else { return never!("a method runs") };
        let id = match self.current_id {
            Some(id) => id.wrapping_add(1),
            None => {
                let [id] = self.random.bytes();
                if id == self.last_id { id.wrapping_add(1) } else { id }
            }
        };
        self.current_id = Some(id);
        self.last_id = id;
        port.request = method.build_request(cx, id, &mut self.events);
        let patience = method.patience();
        self.method_timeout = patience.map_or(0, |p| p.timeout);
        if let Some(patience) = patience {
            self.max_retransmissions = patience.retransmissions;
        }
    }

    fn enter_method_response(&mut self, cx: &mut MethodContext<'_>, port: &mut ServerPort) {
        self.enter(State::MethodResponse);
        let Some((_, method)) = &mut self.method else { return never!("a method runs") };
        if let Some(Ok(response)) = port.response.as_deref().map(EapPacket::parse) {
            method.process(cx, &response, &mut self.events);
        }
        if let Some(identity) = method.identity() {
            self.update_user |= self.identity.is_some();
            self.identity = Some(identity.to_vec());
        }
        if method.is_done() {
            port.key = method.key();
            self.method_state = MethodState::End;
        } else {
            self.method_state = MethodState::Continue;
        }
    }

    fn enter_propose_method(&mut self, cx: &mut MethodContext<'_>) {
        self.enter(State::ProposeMethod);
        self.close(cx);
        loop {
            let kind = self.next_method();
            self.current = kind.type_octet();
            self.method = self.start_method(kind, cx).map(|method| (kind, method));
            if self.method.is_some() {
                self.method_state = match kind {
                    EapType::IDENTITY => MethodState::Continue,
                    _ => MethodState::Proposed,
                };
                let line = format!("vendor={} method={}", kind.vendor, self.current);
                self.info(format!("CTRL-EVENT-EAP-PROPOSED-METHOD {line}"));
                return;
            }
            if kind == EapType::NONE {
                self.decision = Decision::Failure;
                return;
            }
        }
    }

    /// Starts a method; `None` if there is no such, or its means are missing.
    fn start_method(&self, kind: EapType, cx: &mut MethodContext<'_>) -> Option<Box<dyn ServerMethod>> {
        let start = methods::row(kind)?.server?;
        let conversation = Conversation {
            config: &self.config,
            peer: &self.peer,
            identity: self.identity.as_deref(),
            password: self.user.as_ref().and_then(|user| user.password.as_deref()),
        };
        start(&conversation, cx)
    }

    fn success(&mut self, port: &mut ServerPort) {
        port.request = Some(outcome(true, self.current_id.unwrap_or_default()));
        self.last_request = None;
        port.key_available = port.key.is_some();
        port.eap_success = true;
        self.tell("SUCCESS");
    }

    fn failure(&mut self, port: &mut ServerPort) {
        port.request = Some(outcome(false, self.current_id.unwrap_or_default()));
        self.last_request = None;
        port.eap_fail = true;
        self.tell("FAILURE");
    }

    fn tell(&mut self, what: &str) {
        let addr = self.peer.addr;
        self.info(format!("CTRL-EVENT-EAP-{what} {addr}"));
    }
}
