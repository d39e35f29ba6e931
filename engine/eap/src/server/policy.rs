//! Whom the server knows, and what it proposes next.

use super::{MethodContext, Server};
use wpasim_wire::eap::{EapType, WSC_ENROLLEE, WSC_REGISTRAR};

/// A user, and how far the proposals went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct User {
    pub methods: Vec<EapType>,
    pub password: Option<Vec<u8>>,
    /// The method that is proposed next.
    pub next: usize,
}

/// The step that follows the end of a method or a Nak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decision {
    Success,
    Failure,
    Continue,
}

impl Server {
    /// The user of an identity.
    fn look_up(&self, cx: &MethodContext<'_>, identity: &[u8]) -> Option<User> {
        let password = match identity {
            WSC_ENROLLEE if self.config.wps => None,
            WSC_REGISTRAR if self.config.wps => cx.ap_pin.map(<[u8]>::to_vec),
            _ => return None,
        };
        Some(User { methods: vec![EapType::WSC], password, next: 0 })
    }

    /// Decides whether the exchange goes on, succeeds or fails (RFC 4137 §5.4).
    //= hostap@2.10 src/eap_server/eap_server.c#eap_sm_Policy_getDecision
    pub(super) fn decide(&mut self, cx: &MethodContext<'_>) -> Decision {
        if let Some((_, method)) = &self.method {
            if self.current != EapType::IDENTITY.type_octet() && method.is_success() {
                self.update_user = true;
                return Decision::Success;
            }
            if method.is_done() && !method.is_success() {
                self.update_user = true;
                return Decision::Failure;
            }
        }
        if let Some(identity) = self.identity.clone().filter(|_| self.user.is_none() || self.update_user) {
            self.user = self.look_up(cx, &identity);
            if self.user.is_none() {
                return Decision::Failure;
            }
            self.update_user = false;
        }
        if self.user.as_ref().is_some_and(|u| u.next < u.methods.len()) {
            return Decision::Continue;
        }
        if self.identity.is_none() || self.current_id.is_none() {
            Decision::Continue
        } else {
            Decision::Failure
        }
    }

    /// Chooses the next method to propose (RFC 4137 §5.4).
    //= hostap@2.10 src/eap_server/eap_server.c#eap_sm_Policy_getNextMethod
    pub(super) fn next_method(&mut self) -> EapType {
        if self.identity.is_none() || self.current_id.is_none() {
            self.update_user = true;
            return EapType::IDENTITY;
        }
        let Some(user) = &mut self.user else { return EapType::NONE };
        let next = user.methods.get(user.next).copied();
        user.next += usize::from(next.is_some());
        next.unwrap_or(EapType::NONE)
    }

    /// Strikes out the methods that are still to be proposed and that a Nak does not name. Vendors'
    /// methods can't be named.
    pub(super) fn process_nak(&mut self, list: &[u8]) {
        let Some(user) = &mut self.user else { return };
        let tried = user.next.min(user.methods.len());
        let rest = user.methods.split_off(tried);
        let named = |m: &EapType| m.vendor == 0 && list.contains(&m.type_octet());
        user.methods.extend(rest.into_iter().filter(named));
    }
}
