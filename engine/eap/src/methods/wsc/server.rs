//! EAP-WSC of an access point (WSC 2.0.5 §7.7): registrar for enrollees, enrollee for registrars.

use super::{FRAGMENT_SIZE, FragmentFault, Incoming, Outgoing, Packet, bare};
use crate::method::{Conversation, Patience, ServerMethod};
use crate::{Events, MethodContext, drain_wps};
use wpasim_wire::eap::{self, EapPacket, EapType, code};
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::OpCode;
use wpasim_wps::{Processed, Session, SessionConfig, Wps};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Start,
    Mesg,
    FragAck,
    WaitFragAck,
    Fail,
}

/// The method of one run.
#[derive(Debug)]
struct WscServer {
    state: State,
    session: Session,
    incoming: Option<Incoming>,
    outgoing: Option<Outgoing>,
    fragment_size: usize,
}

/// Three tries within 15 s (WSC 2.0.5 §7.7.4).
const PATIENCE: Patience = Patience { timeout: 5, retransmissions: 2 };

/// Starts a run with the role that the peer's identity leaves.
pub(super) fn start(
    conversation: &Conversation<'_>,
    cx: &mut MethodContext<'_>,
) -> Option<Box<dyn ServerMethod>> {
    let wps = cx.wps.as_deref_mut()?;
    let registrar = match conversation.identity? {
        eap::WSC_REGISTRAR => false,
        eap::WSC_ENROLLEE => true,
        _ => return None,
    };
    let peer = conversation.peer;
    let config = SessionConfig {
        registrar,
        // Without one, the AP still says what it is able to, in M1.
        pin: conversation.password.filter(|_| !registrar).map(<[u8]>::to_vec),
        pbc: false,
        assoc_wps: peer.assoc_wps.clone(),
        new_ap_settings: None,
        peer_addr: Some(peer.addr),
        // A Wi-Fi Direct client has no use for the passphrase.
        use_psk_key: peer.assoc_p2p.is_some(),
        dev_pw_id: 0,
        p2p_dev_addr: peer.p2p_device(),
        pbc_in_m1: conversation.config.pbc_in_m1,
    };
    let session = Session::new(wps, config);
    Some(Box::new(WscServer {
        state: if registrar { State::Start } else { State::Mesg },
        session,
        incoming: None,
        outgoing: None,
        fragment_size: Some(conversation.config.fragment_size).filter(|s| *s > 0).unwrap_or(FRAGMENT_SIZE),
    }))
}

impl WscServer {
    fn next_packet(&mut self, now: Instant, wps: &mut Wps) -> Option<Vec<u8>> {
        if self.outgoing.is_none() {
            self.outgoing = Some(Outgoing::new(self.session.next_message(wps, now)?));
        }
        let (data, last) = self.outgoing.as_mut()?.next_packet(self.fragment_size);
        self.state = if last { State::Mesg } else { State::WaitFragAck };
        if last {
            self.outgoing = None;
        }
        Some(data)
    }

    /// Takes a message or a fragment of one.
    fn message(&mut self, now: Instant, wps: &mut Wps, packet: &Packet<'_>) -> Result<State, FragmentFault> {
        let Some(op) = packet.message_op() else { return Ok(State::Fail) };
        if let Some(incoming) = &mut self.incoming {
            incoming.append(packet)?;
        }
        if packet.more {
            if self.incoming.is_none() {
                self.incoming = Some(Incoming::first(packet)?);
            }
            return Ok(State::FragAck);
        }
        let whole = self.incoming.take();
        let body = whole.as_ref().map_or(packet.body, |m| &m.body);
        Ok(match self.session.process(wps, now, op, body) {
            Processed::Continue => State::Mesg,
            Processed::Done | Processed::Failure => State::Fail,
        })
    }
}

impl ServerMethod for WscServer {
    fn build_request(&mut self, cx: &mut MethodContext<'_>, id: u8, events: &mut Events) -> Option<Vec<u8>> {
        let data = match self.state {
            State::Start => bare(OpCode::Start).to_vec(),
            State::FragAck => bare(OpCode::FragAck).to_vec(),
            State::Mesg | State::WaitFragAck => {
                let wps = cx.wps.as_deref_mut()?;
                let data = self.next_packet(cx.now, wps);
                drain_wps(wps, events);
                data?
            }
            State::Fail => return None,
        };
        Some(eap::message(code::REQUEST, id, EapType::WSC, &data))
    }

    fn ignores(&self, response: &EapPacket<'_>) -> bool {
        response.data_of(EapType::WSC).is_none_or(|data| data.len() < 2)
    }

    fn process(&mut self, cx: &mut MethodContext<'_>, response: &EapPacket<'_>, events: &mut Events) {
        let Some(Ok(packet)) = response.data_of(EapType::WSC).map(Packet::parse) else { return };
        let Some(wps) = cx.wps.as_deref_mut() else {
            self.state = State::Fail;
            return;
        };
        self.state = match self.state {
            State::WaitFragAck if packet.op == OpCode::FragAck as u8 => State::Mesg,
            State::WaitFragAck => State::Fail,
            _ => self.message(cx.now, wps, &packet).unwrap_or(State::Fail),
        };
        drain_wps(wps, events);
    }

    fn patience(&self) -> Option<Patience> {
        Some(PATIENCE)
    }

    /// EAP-WSC always ends with a Failure.
    fn is_success(&self) -> bool {
        false
    }

    fn is_done(&self) -> bool {
        self.state == State::Fail
    }

    fn close(self: Box<Self>, cx: &mut MethodContext<'_>, events: &mut Events) {
        if let Some(wps) = cx.wps.as_deref_mut() {
            self.session.close(wps);
            drain_wps(wps, events);
        }
    }
}
