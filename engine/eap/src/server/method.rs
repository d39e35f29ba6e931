//! The methods of a server.

use super::identity::IdentityServer;
use super::wsc::WscServer;
use super::{Server, ServerPort};
use crate::{Events, MethodCx};
use wpasim_wire::eap::{EapPacket, EapType};

/// A method that runs.
#[derive(Debug)]
pub(super) enum Method {
    Identity(IdentityServer),
    Wsc(Box<WscServer>),
}

/// How long and how often a request is repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Patience {
    /// In seconds.
    pub timeout: u32,
    pub retransmissions: u32,
}

impl Method {
    pub fn kind(&self) -> EapType {
        match self {
            Method::Identity(_) => EapType::IDENTITY,
            Method::Wsc(_) => EapType::WSC,
        }
    }

    /// The next request; `None` if the method can't go on.
    pub fn build_request(&mut self, cx: &mut MethodCx<'_>, id: u8, events: &mut Events) -> Option<Vec<u8>> {
        match self {
            Method::Identity(identity) => Some(identity.build_request(id)),
            Method::Wsc(wsc) => wsc.build_request(cx, id, events),
        }
    }

    /// What the method asks of retransmission instead of the back-off.
    pub fn patience(&self) -> Option<Patience> {
        match self {
            Method::Identity(_) => None,
            // Three tries within 15 s (WSC 2.0.5 §7.7.4).
            Method::Wsc(_) => Some(Patience { timeout: 5, retransmissions: 2 }),
        }
    }

    /// Whether a response is to be ignored.
    pub fn ignores(&self, response: &EapPacket<'_>) -> bool {
        match self {
            Method::Identity(_) => response.data_of(EapType::IDENTITY).is_none(),
            Method::Wsc(_) => response.data_of(EapType::WSC).is_none_or(|data| data.len() < 2),
        }
    }

    pub fn is_done(&self) -> bool {
        match self {
            Method::Identity(identity) => identity.is_done(),
            Method::Wsc(wsc) => wsc.is_done(),
        }
    }

    pub fn is_success(&self) -> bool {
        match self {
            Method::Identity(identity) => identity.is_done(),
            // EAP-WSC always ends with a Failure.
            Method::Wsc(_) => false,
        }
    }

    /// The MSK of a method that is done.
    pub fn key(&self) -> Option<Vec<u8>> {
        match self {
            Method::Identity(_) | Method::Wsc(_) => None,
        }
    }

    pub fn close(self, cx: &mut MethodCx<'_>, events: &mut Events) {
        match self {
            Method::Identity(_) => {}
            Method::Wsc(wsc) => wsc.close(cx, events),
        }
    }
}

impl Server {
    /// Starts a method; `None` if there is no such, or its means are missing.
    pub(super) fn start_method(&mut self, kind: EapType, cx: &mut MethodCx<'_>) -> Option<Method> {
        match kind {
            EapType::IDENTITY => {
                Some(Method::Identity(IdentityServer::new(self.config.identity_request.clone())))
            }
            EapType::WSC => self.start_wsc(cx).map(|m| Method::Wsc(Box::new(m))),
            _ => None,
        }
    }

    /// Gives the response to the method.
    pub(super) fn process_response(&mut self, cx: &mut MethodCx<'_>, port: &ServerPort) {
        let Some(Ok(response)) = port.response.as_deref().map(EapPacket::parse) else { return };
        match &mut self.method {
            Some(Method::Identity(method)) => {
                let Some(identity) = response.data_of(EapType::IDENTITY) else { return };
                self.update_user |= self.identity.is_some();
                self.identity = Some(identity.to_vec());
                method.answered();
            }
            Some(Method::Wsc(wsc)) => {
                if let Some(data) = response.data_of(EapType::WSC) {
                    wsc.process(cx, data, &mut self.events);
                }
            }
            None => {}
        }
    }
}
