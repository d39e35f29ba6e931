//! AUTH_PAE, BE_AUTH and REAUTH_TIMER: states and transitions.

use super::{
    Action, Authenticator, Backend, Event, MAX_STEPS, Pae, PortControl, REAUTH_MAX, RESUME_DELAY, frame,
};
use crate::MethodContext;
use wpasim_wire::eap::{EapPacket, EapType, outcome};
use wpasim_wire::eapol::packet_type;
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Instant;

impl Authenticator {
    /// Runs the machines until nothing changes.
    //= hostap@2.10 src/eapol_auth/eapol_auth_sm.c#eapol_sm_step_run
    pub(super) fn step(&mut self, cx: &mut MethodContext<'_>) {
        self.count(cx.now);
        for _ in 0..MAX_STEPS {
            let before = (self.pae, self.backend, self.reauth_due);
            self.step_pae();
            self.step_backend();
            self.step_reauth_timer();
            if before != (self.pae, self.backend, self.reauth_due) {
                continue;
            }
            // Without a link yet, the machines are only being set up.
            if self.initialize {
                return;
            }
            let changed = self.server.step(cx, &mut self.port);
            self.drain_server();
            if !changed {
                return;
            }
        }
        self.unfinished = Some(cx.now + RESUME_DELAY);
    }

    /// Takes the seconds that have passed from the timers.
    pub(super) fn count(&mut self, now: Instant) {
        self.ticks.count(
            now,
            &mut [
                &mut self.a_while,
                &mut self.quiet_while,
                &mut self.reauth_when,
                &mut self.port.retrans_while,
            ],
        );
    }

    pub(super) fn drain_server(&mut self) {
        for event in self.server.drain_events() {
            self.actions.push_back(match event {
                Event::Msg(level, line) => Action::Msg(level, line),
                Event::Wps(event) => Action::Wps(event),
            });
        }
    }

    fn step_pae(&mut self) {
        let down = self.initialize || !self.port.port_enabled;
        let other_mode = self.port_mode != self.port_control;
        match self.port_control {
            _ if down => self.enter_initialize(),
            PortControl::Auto if other_mode => self.enter_initialize(),
            PortControl::ForceAuthorized if other_mode => self.enter_forced(true),
            PortControl::ForceUnauthorized if other_mode => self.enter_forced(false),
            _ => self.step_pae_locally(),
        }
    }

    fn step_pae_locally(&mut self) {
        match self.pae {
            Pae::Initialize => self.enter_disconnected(),
            Pae::Disconnected => self.enter_restart(),
            Pae::Restart if !self.port.eap_restart => self.enter_connecting(),
            Pae::Held if self.quiet_while == 0 => self.enter_restart(),
            Pae::Connecting => {
                if self.eapol_logoff || self.reauth_count > REAUTH_MAX {
                    self.enter_disconnected();
                } else if self.port.eap_req || self.port.eap_success || self.port.eap_fail {
                    self.enter_authenticating();
                }
            }
            Pae::Authenticated => {
                if self.eapol_start || self.reauthenticate {
                    self.enter_restart();
                } else if self.eapol_logoff || !self.port_valid {
                    self.enter_disconnected();
                }
            }
            Pae::Authenticating => {
                if self.auth_success && self.port_valid {
                    self.enter_authenticated();
                } else if self.auth_fail {
                    self.enter_held();
                } else if self.eapol_start || self.eapol_logoff || self.auth_timeout {
                    self.enter_aborting();
                }
            }
            Pae::Aborting if self.auth_abort => {}
            Pae::Aborting if self.eapol_logoff => self.enter_disconnected(),
            Pae::Aborting => self.enter_restart(),
            Pae::ForceAuth if self.eapol_start => self.enter_forced(true),
            Pae::ForceUnauth if self.eapol_start => self.enter_forced(false),
            Pae::Restart | Pae::Held | Pae::ForceAuth | Pae::ForceUnauth => {}
        }
    }

    fn enter_initialize(&mut self) {
        self.pae = Pae::Initialize;
        self.port_mode = PortControl::Auto;
        self.key_run = false;
    }

    fn enter_forced(&mut self, authorized: bool) {
        self.pae = if authorized { Pae::ForceAuth } else { Pae::ForceUnauth };
        self.set_authorized(authorized);
        self.port_mode =
            if authorized { PortControl::ForceAuthorized } else { PortControl::ForceUnauthorized };
        self.eapol_start = false;
        self.last_eap_id = self.last_eap_id.wrapping_add(1);
        let packet = outcome(authorized, self.last_eap_id);
        self.send(&packet);
    }

    fn enter_disconnected(&mut self) {
        let from = self.pae;
        if self.eapol_logoff {
            match from {
                Pae::Connecting => self.statistics.logoffs_while_connecting += 1,
                Pae::Authenticated => self.statistics.logoffs_while_authenticated += 1,
                _ => {}
            }
        }
        self.pae = Pae::Disconnected;
        self.set_authorized(false);
        self.reauth_count = 0;
        self.eapol_logoff = false;
        if from != Pae::Initialize {
            self.actions.push_back(Action::Finished { success: false });
        }
    }

    fn enter_restart(&mut self) {
        if self.pae == Pae::Authenticated {
            self.statistics.reauths_while_authenticated += u32::from(self.reauthenticate);
            self.statistics.starts_while_authenticated += u32::from(self.eapol_start);
            self.statistics.logoffs_while_authenticated += u32::from(self.eapol_logoff);
        }
        self.pae = Pae::Restart;
        self.port.eap_restart = true;
    }

    fn enter_connecting(&mut self) {
        self.statistics.enters_connecting += 1;
        self.pae = Pae::Connecting;
        self.reauthenticate = false;
        self.reauth_count += 1;
    }

    fn enter_held(&mut self) {
        self.statistics.fails_while_authenticating += 1;
        self.pae = Pae::Held;
        self.set_authorized(false);
        self.quiet_while = self.quiet_period;
        self.eapol_logoff = false;
        self.actions.push_back(Action::Finished { success: false });
    }

    fn enter_authenticated(&mut self) {
        self.statistics.successes_while_authenticating += 1;
        self.pae = Pae::Authenticated;
        self.set_authorized(true);
        self.reauth_count = 0;
        self.actions.push_back(Action::Finished { success: true });
    }

    fn enter_authenticating(&mut self) {
        self.pae = Pae::Authenticating;
        self.eapol_start = false;
        self.auth_success = false;
        self.auth_fail = false;
        self.auth_timeout = false;
        self.auth_start = true;
        self.key_run = false;
    }

    fn enter_aborting(&mut self) {
        self.statistics.timeouts_while_authenticating += u32::from(self.auth_timeout);
        self.statistics.starts_while_authenticating += u32::from(self.eapol_start);
        self.statistics.logoffs_while_authenticating += u32::from(self.eapol_logoff);
        self.pae = Pae::Aborting;
        self.auth_abort = true;
        self.key_run = false;
    }

    fn step_backend(&mut self) {
        if self.port_control != PortControl::Auto || self.initialize || self.auth_abort {
            self.backend = Backend::Initialize;
            self.abort();
            self.port.eap_no_req = false;
            self.auth_abort = false;
            return;
        }
        match self.backend {
            Backend::Request | Backend::Ignore => {
                if self.eapol_eap {
                    self.enter_response();
                } else if self.port.eap_req {
                    self.enter_request();
                } else if self.port.eap_timeout {
                    self.enter_timeout();
                }
            }
            Backend::Response => self.step_response(),
            Backend::Initialize | Backend::Success | Backend::Fail | Backend::Timeout => {
                self.backend = Backend::Idle;
                self.auth_start = false;
            }
            Backend::Idle if self.auth_start => {
                if self.port.eap_fail {
                    self.enter_fail();
                } else if self.port.eap_req {
                    self.enter_request();
                } else if self.port.eap_success {
                    self.enter_success();
                }
            }
            Backend::Idle => {}
        }
    }

    fn step_response(&mut self) {
        if self.port.eap_no_req {
            self.backend = Backend::Ignore;
            self.port.eap_no_req = false;
        }
        if self.port.eap_req {
            self.statistics.access_challenges += 1;
            self.enter_request();
        } else if self.a_while == 0 {
            self.enter_timeout();
        } else if self.port.eap_fail {
            self.statistics.auth_fails += 1;
            self.enter_fail();
        } else if self.port.eap_success {
            self.statistics.auth_successes += 1;
            self.enter_success();
        }
    }

    /// abortAuth: a station that did not answer is disconnected, for Failure could only be an answer.
    fn abort(&mut self) {
        if self.port.eap_timeout && self.port.port_enabled {
            self.port.port_enabled = false;
            self.actions.push_back(Action::Disconnect { reason: reason::PREV_AUTH_NOT_VALID });
        }
    }

    fn enter_request(&mut self) {
        self.backend = Backend::Request;
        self.send_request();
        self.port.eap_req = false;
        self.statistics.other_requests += 1;
        // A response to the request before it is not one to this.
        self.eapol_eap = false;
    }

    fn enter_response(&mut self) {
        self.backend = Backend::Response;
        self.auth_timeout = false;
        self.eapol_eap = false;
        self.port.eap_no_req = false;
        self.a_while = self.server_timeout;
        self.port.eap_resp = true;
        self.statistics.responses += 1;
    }

    fn enter_success(&mut self) {
        self.backend = Backend::Success;
        self.send_request();
        self.auth_success = true;
        self.key_run = true;
    }

    fn enter_fail(&mut self) {
        self.backend = Backend::Fail;
        self.send_request();
        self.auth_fail = true;
    }

    fn enter_timeout(&mut self) {
        self.backend = Backend::Timeout;
        self.auth_timeout = true;
    }

    fn step_reauth_timer(&mut self) {
        let off = self.port_control != PortControl::Auto
            || self.initialize
            || !self.authorized
            || self.reauth_period == 0;
        if off || self.reauth_due {
            self.reauth_due = false;
            self.reauth_when = self.reauth_period;
        } else if self.reauth_when == 0 {
            self.reauth_due = true;
            self.reauthenticate = true;
            self.actions.push_back(Action::Reauthenticate);
        }
    }

    fn set_authorized(&mut self, authorized: bool) {
        self.authorized = authorized;
        self.actions.push_back(Action::Authorized(authorized));
    }

    fn send_request(&mut self) {
        let Some(packet) = self.port.request.clone().filter(|_| !self.wait_start) else { return };
        let Ok(parsed) = EapPacket::parse(&packet) else { return };
        self.last_eap_id = parsed.identifier;
        if parsed.type_octet() == Some(EapType::IDENTITY.type_octet()) {
            self.statistics.req_id_frames_tx += 1;
        } else {
            self.statistics.req_frames_tx += 1;
        }
        self.send(&packet);
    }

    fn send(&mut self, packet: &[u8]) {
        self.statistics.frames_tx += 1;
        self.actions.push_back(Action::Send(frame(self.eapol_version, packet_type::EAP_PACKET, packet)));
    }
}
