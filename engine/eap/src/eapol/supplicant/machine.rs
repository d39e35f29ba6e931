//! SUPP_PAE and SUPP_BE: states and transitions.

use super::{
    Action, Backend, EapolResult, Event, MAX_STEPS, Pae, PortControl, RESUME_DELAY, Supplicant, frame,
};
use crate::MethodContext;
use wpasim_runtime::never;
use wpasim_wire::eapol::packet_type;
use wpasim_wire::time::Instant;

impl Supplicant {
    /// Runs the machines until nothing changes.
    //= hostap@2.10 src/eapol_supp/eapol_supp_sm.c#eapol_sm_step
    pub(super) fn step(&mut self, cx: &mut MethodContext<'_>) {
        self.count(cx.now);
        for _ in 0..MAX_STEPS {
            self.changed = false;
            self.step_pae(cx.now);
            self.step_backend(cx.now);
            self.changed |= self.peer.step(cx, &mut self.port);
            if self.port.idle_while > 0 {
                self.ticks.start(cx.now);
            }
            self.drain_peer();
            if !self.changed {
                break;
            }
        }
        if self.changed {
            self.unfinished = Some(cx.now + RESUME_DELAY);
        }
        if let Some(result) = self.result.take() {
            self.actions.push_back(Action::Result(result));
        }
    }

    /// Takes the seconds that have passed from the timers.
    pub(super) fn count(&mut self, now: Instant) {
        self.ticks.count_and_stop(
            now,
            &mut [
                &mut self.auth_while,
                &mut self.held_while,
                &mut self.start_when,
                &mut self.port.idle_while,
            ],
        );
    }

    pub(super) fn drain_peer(&mut self) {
        for event in self.peer.drain_events() {
            self.actions.push_back(match event {
                Event::Msg(level, line) => Action::Msg(level, line),
                Event::Wps(event) => Action::Wps(event),
            });
        }
    }

    fn step_pae(&mut self, now: Instant) {
        let down = self.initialize || !self.port.port_enabled;
        let other_mode = self.port_mode != self.port_control;
        if self.user_logoff && !self.logoff_sent && !down {
            self.enter_pae_globally(Pae::Logoff);
            self.send(packet_type::LOGOFF, &[]);
            self.statistics.logoff_frames_tx += 1;
            self.logoff_sent = true;
            self.set_authorized(false);
        } else if down || (self.port_control == PortControl::Auto && other_mode) {
            self.enter_pae_globally(Pae::Disconnected);
            self.disconnected();
        } else if self.port_control == PortControl::ForceAuthorized && other_mode {
            self.enter_pae_globally(Pae::ForceAuth);
            self.set_authorized(true);
            self.port_mode = PortControl::ForceAuthorized;
        } else if self.port_control == PortControl::ForceUnauthorized && other_mode {
            self.enter_pae_globally(Pae::ForceUnauth);
            self.set_authorized(false);
            self.port_mode = PortControl::ForceUnauthorized;
            self.send(packet_type::LOGOFF, &[]);
            self.statistics.logoff_frames_tx += 1;
        } else {
            self.step_pae_locally(now);
        }
    }

    fn step_pae_locally(&mut self, now: Instant) {
        match self.pae {
            Pae::Unknown | Pae::ForceAuth | Pae::ForceUnauth => {}
            Pae::Logoff => {
                if !self.user_logoff {
                    self.enter_pae(Pae::Disconnected);
                    self.disconnected();
                }
            }
            Pae::Disconnected => self.enter_connecting(now),
            Pae::Connecting => self.step_connecting(now),
            Pae::Authenticating => self.step_authenticating(now),
            Pae::Held => {
                if self.held_while == 0 {
                    self.enter_connecting(now);
                } else if self.eapol_eap {
                    self.enter_restart();
                }
            }
            Pae::Authenticated => {
                if self.eapol_eap && self.port_valid {
                    self.enter_restart();
                } else if !self.port_valid {
                    self.enter_pae(Pae::Disconnected);
                    self.disconnected();
                }
            }
            Pae::Restart => {
                if !self.port.eap_restart {
                    self.enter_authenticating();
                }
            }
        }
    }

    fn step_connecting(&mut self, now: Instant) {
        let waited = self.start_when == 0;
        let asked = self.start_count >= self.periods.max_start;
        if waited && !asked {
            self.enter_connecting(now);
        } else if waited && self.port_valid {
            self.enter_authenticated();
        } else if self.port.eap_success || self.port.eap_fail {
            self.enter_authenticating();
        } else if self.eapol_eap {
            self.enter_restart();
        } else if waited {
            self.enter_held(now);
        }
    }

    fn step_authenticating(&mut self, now: Instant) {
        if self.port.eap_success && !self.port_valid && self.config.plaintext {
            self.port_valid = true;
            self.actions.push_back(Action::Done);
        }
        if self.port.eap_success && self.port_valid {
            self.enter_authenticated();
        } else if self.port.eap_fail {
            self.enter_held(now);
        } else if self.supp_timeout || self.port.trigger_start {
            self.enter_connecting(now);
        }
    }

    fn enter_pae(&mut self, state: Pae) {
        self.changed = true;
        self.pae = state;
    }

    fn enter_pae_globally(&mut self, state: Pae) {
        self.changed |= self.pae != state;
        self.pae = state;
    }

    fn disconnected(&mut self) {
        self.port_mode = PortControl::Auto;
        self.start_count = 0;
        self.port.trigger_start = false;
        self.logoff_sent = false;
        self.set_authorized(false);
        self.supp_abort = true;
        self.held_while = 0;
    }

    fn enter_connecting(&mut self, now: Instant) {
        let again = matches!(self.pae, Pae::Connecting | Pae::Held);
        let send_start = again || self.port.trigger_start;
        self.enter_pae(Pae::Connecting);
        self.port.trigger_start = false;
        if send_start {
            self.start_when = self.periods.start;
            self.start_count += 1;
        } else {
            // Most authenticators begin by themselves; those of WPS 1.0 wait to be asked.
            self.start_when = if self.config.wps && !self.config.wps20_ap { 1 } else { 2 };
        }
        self.ticks.start(now);
        self.eapol_eap = false;
        if send_start {
            self.send_start();
        }
    }

    fn enter_authenticating(&mut self) {
        self.enter_pae(Pae::Authenticating);
        self.start_count = 0;
        self.supp_timeout = false;
        self.supp_start = true;
    }

    fn enter_held(&mut self, now: Instant) {
        self.enter_pae(Pae::Held);
        self.held_while = self.periods.held;
        self.ticks.start(now);
        self.set_authorized(false);
        self.result = Some(EapolResult::Failure);
    }

    fn enter_authenticated(&mut self) {
        self.enter_pae(Pae::Authenticated);
        self.set_authorized(true);
        self.result = Some(EapolResult::Success);
    }

    fn enter_restart(&mut self) {
        self.enter_pae(Pae::Restart);
        self.port.eap_restart = true;
        if self.port.alt_accept {
            // A success from outside belongs to the authentication before.
            self.port.eap_success = false;
            self.port.alt_accept = false;
        }
    }

    fn step_backend(&mut self, now: Instant) {
        if self.initialize || self.supp_abort {
            self.changed |= self.backend != Backend::Initialize;
            self.backend = Backend::Initialize;
            self.abort();
            self.supp_abort = false;
            self.auth_while = 0;
            return;
        }
        match self.backend {
            Backend::Unknown => {}
            Backend::Request => self.step_request(now),
            Backend::Response => self.enter_receive(now),
            Backend::Success | Backend::Fail | Backend::Timeout | Backend::Initialize => {
                self.enter_backend(Backend::Idle);
                self.supp_start = false;
                self.initial_request = true;
            }
            Backend::Idle if self.supp_start => {
                if self.port.eap_fail {
                    self.enter_backend(Backend::Fail);
                } else if self.eapol_eap {
                    self.enter_request();
                } else if self.port.eap_success {
                    self.enter_backend(Backend::Success);
                }
            }
            Backend::Idle => {}
            Backend::Receive => {
                if self.eapol_eap {
                    self.enter_request();
                } else if self.port.eap_fail {
                    self.enter_backend(Backend::Fail);
                } else if self.auth_while == 0 {
                    self.enter_backend(Backend::Timeout);
                    self.supp_timeout = true;
                } else if self.port.eap_success {
                    self.enter_backend(Backend::Success);
                }
            }
        }
    }

    fn step_request(&mut self, now: Instant) {
        if self.port.eap_resp {
            self.enter_backend(Backend::Response);
            self.send_response();
            self.port.eap_resp = false;
        } else if self.port.eap_no_resp {
            self.enter_receive(now);
        } else if self.port.eap_fail {
            self.enter_backend(Backend::Fail);
        } else if self.port.eap_success {
            self.enter_backend(Backend::Success);
        }
    }

    fn enter_backend(&mut self, state: Backend) {
        self.changed = true;
        self.backend = state;
    }

    fn enter_request(&mut self) {
        self.enter_backend(Backend::Request);
        self.auth_while = 0;
        self.port.eap_req = true;
    }

    fn enter_receive(&mut self, now: Instant) {
        self.enter_backend(Backend::Receive);
        self.auth_while = self.periods.auth;
        self.ticks.start(now);
        self.eapol_eap = false;
        self.port.eap_no_resp = false;
        self.initial_request = false;
    }

    /// Forgets the conversation (abortSupp).
    fn abort(&mut self) {
        self.port.request = None;
        self.peer.abort();
        self.port.eap_success = false;
    }

    /// The authenticator begins EAP although a cached PMK was offered.
    pub(super) fn abort_cached(&mut self, now: Instant) {
        self.cached_pmk = false;
        self.pae = Pae::Connecting;
        self.set_authorized(false);
        // Long enough that EAP's first request comes before EAPOL-Start.
        self.start_when = 3;
        self.ticks.start(now);
        self.actions.push_back(Action::CachedPmkRefused);
    }

    fn set_authorized(&mut self, authorized: bool) {
        if self.authorized != authorized || self.tell_port {
            self.actions.push_back(Action::Authorized(authorized));
        }
        self.tell_port = false;
        self.authorized = authorized;
    }

    pub(super) fn send_start(&mut self) {
        self.send(packet_type::START, &[]);
        self.statistics.start_frames_tx += 1;
    }

    fn send_response(&mut self) {
        let Some(response) = self.peer.take_response() else { return never!("the peer has a response") };
        self.send(packet_type::EAP_PACKET, &response);
        if self.initial_request {
            self.statistics.req_id_frames_rx += 1;
        } else {
            self.statistics.req_frames_rx += 1;
        }
        self.statistics.resp_frames_tx += 1;
    }

    fn send(&mut self, packet_type: u8, body: &[u8]) {
        self.statistics.frames_tx += 1;
        self.actions.push_back(Action::Send(frame(self.eapol_version, packet_type, body)));
    }
}
