//! The enrollee: a station that wants to join, or an access point that an external registrar
//! configures (WSC 2.0.5 §7.2).

mod receive;
mod send;

use super::message::{Message, Processed};
use super::run::Run;
use super::{Wps, WpsEvent};
use wpasim_wire::MacAddr;
use wpasim_wire::wsc::{Attributes, MessageType, OpCode};

/// The step of an enrollee that comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    SendM1,
    RecvM2,
    SendM3,
    RecvM4,
    SendM5,
    RecvM6,
    SendM7,
    RecvM8,
    ReceivedM2d,
    SendDone,
    RecvAck,
    Finished,
    SendNack,
}

/// The enrollee of one run.
#[derive(Debug)]
pub(super) struct Enrollee {
    state: State,
    pbc_in_m1: bool,
    p2p_dev_addr: Option<MacAddr>,
}

impl Enrollee {
    pub fn new(pbc_in_m1: bool, p2p_dev_addr: Option<MacAddr>) -> Self {
        Enrollee { state: State::SendM1, pbc_in_m1, p2p_dev_addr }
    }

    pub fn process(&mut self, run: &mut Run, wps: &mut Wps, op: OpCode, body: &[u8]) -> Processed {
        match op {
            OpCode::Msg => self.receive(run, wps, body),
            OpCode::Ack => self.acknowledged(run, wps, body),
            OpCode::Nack => self.refused_by_peer(run, wps, body),
            _ => Processed::Failure,
        }
    }

    /// WSC_ACK ends the run of an access point that was configured.
    fn acknowledged(&mut self, run: &Run, wps: &mut Wps, body: &[u8]) -> Processed {
        let Ok(attributes) = Attributes::parse(body) else { return Processed::Failure };
        if attributes.msg_type != Some(MessageType::WscAck as u8)
            || !run.nonces_match(&attributes)
            || self.state != State::RecvAck
        {
            return Processed::Failure;
        }
        wps.events.push_back(WpsEvent::Success { peer: run.peer.mac_addr });
        self.state = State::Finished;
        Processed::Done
    }

    fn refused_by_peer(&mut self, run: &Run, wps: &mut Wps, body: &[u8]) -> Processed {
        let Ok(attributes) = Attributes::parse(body) else { return Processed::Failure };
        let Some(config_error) = attributes.config_error else { return Processed::Failure };
        if attributes.msg_type != Some(MessageType::WscNack as u8) || !run.nonces_match(&attributes) {
            return Processed::Failure;
        }
        let refused = match self.state {
            State::RecvM4 => Some(MessageType::M3),
            State::RecvM6 => Some(MessageType::M5),
            State::RecvM8 => Some(MessageType::M7),
            _ => None,
        };
        if let Some(msg) = refused {
            run.fail_event(wps, msg, config_error, run.peer.mac_addr);
        }
        // A station answers with a NACK of its own; an access point ends with EAP-Failure.
        self.state = State::SendNack;
        Processed::Failure
    }

    pub fn next_message(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Message> {
        let (op, body) = match self.state {
            State::SendM1 => (OpCode::Msg, self.m1(run, wps)),
            State::SendM3 => (OpCode::Msg, self.m3(run, wps)?),
            State::SendM5 => (OpCode::Msg, self.m5(run, wps)?),
            State::SendM7 => (OpCode::Msg, self.m7(run, wps)?),
            State::ReceivedM2d if wps.ap => (OpCode::Nack, run.nack()),
            State::ReceivedM2d => {
                // Another registrar may have a password.
                self.state = State::RecvM2;
                (OpCode::Ack, run.acknowledgement(MessageType::WscAck))
            }
            State::SendNack => (OpCode::Nack, run.nack()),
            State::SendDone => (OpCode::Done, self.done(run, wps)),
            _ => return None,
        };
        Some(Message { op, body })
    }
}
