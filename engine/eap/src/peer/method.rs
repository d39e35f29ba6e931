//! The methods of a peer, and what one call of a method changes.

use super::config::PeerConfig;
use super::method_return::MethodReturn;
use super::wsc::WscPeer;
use crate::{Events, MethodCx};
use wpasim_wire::eap::{EapPacket, EapType};

/// The methods there are, in 2.10's order.
pub(super) const METHODS: &[EapType] = &[EapType::WSC];

/// A method that runs.
#[derive(Debug)]
pub(super) enum Method {
    Wsc(Box<WscPeer>),
}

impl Method {
    /// Starts a method; `None` if its configuration or its means are missing.
    pub fn new(
        method: EapType,
        config: &PeerConfig,
        cx: &mut MethodCx<'_>,
        events: &mut Events,
    ) -> Option<Method> {
        match method {
            EapType::WSC => WscPeer::new(config, cx, events).map(|m| Method::Wsc(Box::new(m))),
            _ => None,
        }
    }

    pub fn kind(&self) -> EapType {
        match self {
            Method::Wsc(_) => EapType::WSC,
        }
    }

    /// The method's limit of the time that a server may take, in seconds.
    pub fn client_timeout(&self) -> u32 {
        match self {
            Method::Wsc(_) => 30,
        }
    }

    /// Handles a request. The response, if there is one.
    pub fn process(
        &mut self,
        cx: &mut MethodCx<'_>,
        returned: &mut MethodReturn,
        request: &EapPacket<'_>,
        events: &mut Events,
    ) -> Option<Vec<u8>> {
        match self {
            Method::Wsc(wsc) => wsc.process(cx, returned, request, events),
        }
    }

    /// MSK and Session-Id, once the method has them.
    pub fn key(&self) -> Option<SessionKey> {
        match self {
            // WSC provisions; it authenticates nobody.
            Method::Wsc(_) => None,
        }
    }

    pub fn close(self, cx: &mut MethodCx<'_>, events: &mut Events) {
        match self {
            Method::Wsc(wsc) => wsc.close(cx, events),
        }
    }
}

/// What a successful authentication leaves (RFC 5247 §1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    pub msk: Vec<u8>,
    pub session_id: Option<Vec<u8>>,
}

impl core::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SessionKey").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}
