//! The methods of a peer, and what one call of a method changes.

use super::config::PeerConfig;
use super::wsc::WscPeer;
use crate::eap::{Events, MethodCx};
use crate::wire::eap::{EapPacket, EapType};

/// The methods there are, in 2.10's order.
pub(super) const METHODS: &[EapType] = &[EapType::WSC];

/// methodState of RFC 4137 §4.2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum MethodState {
    #[default]
    None,
    Init,
    Cont,
    MayCont,
    Done,
}

impl MethodState {
    pub fn name(self) -> &'static str {
        match self {
            MethodState::None => "NONE",
            MethodState::Init => "INIT",
            MethodState::Cont => "CONT",
            MethodState::MayCont => "MAY_CONT",
            MethodState::Done => "DONE",
        }
    }
}

/// decision of RFC 4137 §4.2: what the end of the link's service would mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Decision {
    #[default]
    Fail,
    CondSucc,
    UncondSucc,
}

impl Decision {
    pub fn name(self) -> &'static str {
        match self {
            Decision::Fail => "FAIL",
            Decision::CondSucc => "COND_SUCC",
            Decision::UncondSucc => "UNCOND_SUCC",
        }
    }
}

/// What a method decides with each request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub ignore: bool,
    pub state: MethodState,
    pub decision: Decision,
    pub allow_notifications: bool,
    /// In seconds.
    pub client_timeout: u32,
}

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
        verdict: &mut Verdict,
        request: &EapPacket<'_>,
        events: &mut Events,
    ) -> Option<Vec<u8>> {
        match self {
            Method::Wsc(wsc) => wsc.process(cx, verdict, request, events),
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
