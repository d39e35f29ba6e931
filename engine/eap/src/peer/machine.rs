//! States and transitions of RFC 4137 §4, figure 3, with 2.10's additions.

use super::{CLIENT_TIMEOUT, Decision, MethodReturn, MethodState, Peer, PeerPort, State};
use crate::{MethodContext, method_name, methods};
use wpasim_wire::eap::{EapPacket, EapType, code, message};

/// Requests that one authentication may have.
const MAX_ROUNDS: u32 = 100;
/// Of them, one after the other without anything of length.
const MAX_ROUNDS_SHORT: u32 = 50;
/// Shorter packets carry nothing of length, in octets.
const SHORT: usize = 20;

impl Peer {
    pub(super) fn step_once(&mut self, cx: &mut MethodContext<'_>, port: &mut PeerPort) {
        if port.eap_restart && port.port_enabled {
            self.enter_globally(State::Initialize);
            self.initialize(cx, port);
        } else if !port.port_enabled || self.force_disabled {
            self.enter_globally(State::Disabled);
            self.rounds = 0;
            self.rounds_short = 0;
            port.idle_while = 0;
        } else if self.rounds > MAX_ROUNDS {
            if self.rounds == MAX_ROUNDS + 1 {
                self.rounds += 1;
                self.give_up(port, &format!("EAP: more than {MAX_ROUNDS} authentication rounds - abort"));
            }
        } else if self.rounds_short > MAX_ROUNDS_SHORT {
            if self.rounds_short == MAX_ROUNDS_SHORT + 1 {
                self.rounds_short += 1;
                let line = format!("EAP: more than {MAX_ROUNDS_SHORT} authentication rounds (short) - abort");
                self.give_up(port, &line);
            }
        } else {
            self.step_locally(cx, port);
        }
    }

    fn step_locally(&mut self, cx: &mut MethodContext<'_>, port: &mut PeerPort) {
        match self.state {
            State::Disabled => {
                self.enter(State::Initialize);
                self.initialize(cx, port);
            }
            State::Initialize | State::SendResponse | State::Discard => self.enter(State::Idle),
            State::Idle => self.step_idle(port),
            State::Received => self.step_received(cx, port),
            State::GetMethod if self.selected == self.request.type_octet => self.enter_method(cx, port),
            State::Method if self.ignore => self.enter_discard(port),
            State::Method
                if self.method_state == MethodState::Done
                    && self.decision == Decision::Fail
                    && self.response.is_none() =>
            {
                self.enter(State::Failure);
                self.failure(port);
            }
            State::GetMethod | State::Method | State::Identity | State::Notification | State::Retransmit => {
                self.enter_send_response(port)
            }
            State::Success | State::Failure => {}
        }
    }

    fn step_idle(&mut self, port: &mut PeerPort) {
        let silent = port.idle_while == 0;
        let sure = self.decision == Decision::UncondSucc;
        let failed = self.decision == Decision::Fail;
        if port.eap_req {
            self.enter(State::Received);
            self.parse_request(port);
            self.rounds += 1;
            let short = port.request.as_ref().is_none_or(|r| r.len() < SHORT);
            self.rounds_short = if short { self.rounds_short + 1 } else { 0 };
        } else if (port.alt_accept && !failed) || (silent && sure) {
            self.enter(State::Success);
            self.success(port);
        } else if port.alt_reject
            || (silent && !sure)
            || (port.alt_accept && self.method_state != MethodState::Cont && failed)
        {
            self.enter(State::Failure);
            self.failure(port);
        }
    }

    fn step_received(&mut self, cx: &mut MethodContext<'_>, port: &mut PeerPort) {
        let request = self.request;
        let new = request.is_request && !self.is_duplicate(port);
        let octet = EapType::type_octet;
        if (request.is_success && self.decision != Decision::Fail && self.outcome_fits())
            || self.canned_success()
        {
            self.enter(State::Success);
            self.success(port);
        } else if self.canned_failure() || self.is_failure() {
            self.enter(State::Failure);
            self.failure(port);
        } else if request.is_request && !new {
            self.enter(State::Retransmit);
            self.response = self.last_response.clone();
        } else if new && request.type_octet == octet(EapType::NOTIFICATION) && self.allow_notifications {
            self.enter_notification(port);
        } else if new && self.selected == 0 && request.type_octet == octet(EapType::IDENTITY) {
            self.enter_identity(port);
        } else if new && self.selected == 0 && request.type_octet != octet(EapType::NOTIFICATION) {
            self.enter_get_method(cx);
        } else if new && request.type_octet == self.selected && self.method_state != MethodState::Done {
            self.enter_method(cx, port);
        } else {
            self.enter_discard(port);
        }
    }

    /// A Failure, or a Success that came too early.
    fn is_failure(&self) -> bool {
        let request = self.request;
        self.method_state != MethodState::Cont
            && ((request.is_failure && self.decision != Decision::UncondSucc)
                || (request.is_success && self.decision == Decision::Fail))
            && self.outcome_fits()
    }

    /// A Success without an authentication, which `phase1` may allow.
    fn canned_success(&self) -> bool {
        let early = self.last_id.is_none() || self.method_state != MethodState::Cont;
        self.workaround && self.request.is_success && early && self.allows_canned()
    }

    fn canned_failure(&self) -> bool {
        self.workaround
            && self.last_id.is_none()
            && self.request.is_failure
            && self.method_state != MethodState::Cont
            && self.allows_canned()
    }

    fn allows_canned(&self) -> bool {
        self.config.as_ref().is_some_and(|c| c.mentions("allow_canned_success=1"))
    }

    fn enter(&mut self, state: State) {
        self.changed = true;
        self.state = state;
    }

    fn enter_globally(&mut self, state: State) {
        self.changed |= self.state != state;
        self.state = state;
    }

    fn initialize(&mut self, cx: &mut MethodContext<'_>, port: &mut PeerPort) {
        self.close_method(cx);
        self.selected = 0;
        self.method_state = MethodState::None;
        self.allow_notifications = true;
        self.decision = Decision::Fail;
        self.client_timeout = CLIENT_TIMEOUT;
        port.idle_while = CLIENT_TIMEOUT;
        port.eap_success = false;
        port.eap_fail = false;
        port.eap_restart = false;
        // Left over from an earlier conversation they would be taken for this one's.
        port.eap_resp = false;
        port.eap_no_resp = false;
        self.ignore = false;
        self.key = None;
        self.key_available = false;
        self.last_id = None;
        self.rounds = 0;
        self.rounds_short = 0;
    }

    pub(super) fn close_method(&mut self, cx: &mut MethodContext<'_>) {
        if let Some((_, method)) = self.method.take() {
            method.close(cx, &mut self.events);
        }
    }

    fn enter_identity(&mut self, port: &PeerPort) {
        self.enter(State::Identity);
        if port.request.is_some() {
            self.info("CTRL-EVENT-EAP-STARTED EAP authentication started");
            self.notify_status("started", "");
            self.response = self.identity_response();
        }
    }

    fn enter_notification(&mut self, port: &PeerPort) {
        self.enter(State::Notification);
        self.show_notification(port);
        self.response = Some(message(code::RESPONSE, self.request.id, EapType::NOTIFICATION, &[]));
    }

    fn enter_get_method(&mut self, cx: &mut MethodContext<'_>) {
        self.enter(State::GetMethod);
        let kind = self.requested();
        let EapType { vendor, method } = kind;
        let name = method_name(kind);
        let start = methods::row(kind).and_then(|row| row.peer).filter(|_| self.allows(kind));
        let Some(start) = start else {
            self.info(&format!("CTRL-EVENT-EAP-PROPOSED-METHOD vendor={vendor} method={method} -> NAK"));
            self.notify_status("refuse proposed method", name);
            self.response = Some(self.nak_response());
            return;
        };
        self.info(&format!("CTRL-EVENT-EAP-PROPOSED-METHOD vendor={vendor} method={method}"));
        self.notify_status("accept proposed method", name);
        self.close_method(cx);
        let config = self.config.clone().unwrap_or_default();
        let Some(chosen) = start(&config, cx, &mut self.events) else {
            self.info(&format!(
                "EAP: Failed to initialize EAP method: vendor {vendor} method {method} ({name})"
            ));
            self.method_state = MethodState::None;
            self.selected = 0;
            self.response = Some(self.nak_response());
            return;
        };
        self.client_timeout = chosen.client_timeout().unwrap_or(CLIENT_TIMEOUT);
        self.method = Some((kind, chosen));
        self.selected = self.request.type_octet;
        self.method_state = MethodState::Init;
        self.info(&format!("CTRL-EVENT-EAP-METHOD EAP vendor {vendor} method {method} ({name}) selected"));
    }

    fn enter_method(&mut self, cx: &mut MethodContext<'_>, port: &PeerPort) {
        self.enter(State::Method);
        let (Some((_, method)), Some(packet)) = (&mut self.method, port.request.as_deref()) else { return };
        let Ok(request) = EapPacket::parse(packet) else { return };
        let mut returned = MethodReturn {
            ignore: self.ignore,
            state: self.method_state,
            decision: self.decision,
            allow_notifications: self.allow_notifications,
            client_timeout: self.client_timeout,
        };
        self.response = method.process(cx, &mut returned, &request, &mut self.events);
        self.client_timeout = returned.client_timeout;
        self.ignore = returned.ignore;
        if self.ignore {
            return;
        }
        self.method_state = returned.state;
        self.decision = returned.decision;
        self.allow_notifications = returned.allow_notifications;
        if let Some(key) = method.key() {
            self.key = Some(key);
        }
    }

    fn enter_send_response(&mut self, port: &mut PeerPort) {
        self.enter(State::SendResponse);
        if let Some(response) = &self.response {
            if response.len() >= SHORT {
                self.rounds_short = 0;
            }
            if self.workaround {
                self.last_request = port.request.clone().unwrap_or_default();
            }
            self.last_id = Some(self.request.id);
            port.eap_resp = true;
        }
        self.last_response = self.response.clone();
        port.eap_req = false;
        port.idle_while = self.client_timeout;
    }

    fn enter_discard(&mut self, port: &mut PeerPort) {
        self.enter(State::Discard);
        port.eap_req = false;
        port.eap_no_resp = true;
    }

    fn success(&mut self, port: &mut PeerPort) {
        self.key_available = self.key.is_some();
        port.eap_success = true;
        port.eap_req = false;
        port.eap_no_resp = true;
        self.info("CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully");
    }

    fn failure(&mut self, port: &mut PeerPort) {
        port.eap_fail = true;
        port.eap_req = false;
        port.eap_no_resp = true;
        self.info("CTRL-EVENT-EAP-FAILURE EAP authentication failed");
    }

    fn give_up(&mut self, port: &mut PeerPort, line: &str) {
        self.info(line);
        self.enter_globally(State::Failure);
        self.failure(port);
    }
}
