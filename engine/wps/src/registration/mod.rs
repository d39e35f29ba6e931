//! The registrar's end of a run: an access point that admits a station, or a station that learns or
//! changes the settings of an access point (WSC 2.0.5 §7.2).

mod credential;
mod receive;
mod send;

use super::Wps;
use super::message::{Message, Processed};
use super::run::Run;
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{Attributes, Credential, MessageType, OpCode};

/// The step of a registrar that comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    RecvM1,
    SendM2,
    SendM2d,
    RecvM2dAck,
    RecvM3,
    SendM4,
    RecvM5,
    SendM6,
    RecvM7,
    SendM8,
    RecvDone,
    SendNack,
}

/// The registrar of one run.
#[derive(Debug)]
pub(super) struct Registration {
    state: State,
    /// The types that both ends support, then those of the credential.
    auth_type: u16,
    encr_type: u16,
    /// Generated for this run: a passphrase for the network, or a PSK for the enrollee.
    new_psk: Option<Vec<u8>>,
    /// The credential that is given away, or the settings of the access point.
    credential: Credential,
    new_ap_settings: Option<Credential>,
    use_psk_key: bool,
    p2p_dev_addr: Option<MacAddr>,
    /// The enrollee may know the whole PIN since M6.
    pin_revealed: bool,
}

impl Registration {
    pub fn new(
        new_ap_settings: Option<Credential>,
        use_psk_key: bool,
        p2p_dev_addr: Option<MacAddr>,
    ) -> Self {
        Registration {
            state: State::RecvM1,
            auth_type: 0,
            encr_type: 0,
            new_psk: None,
            credential: Credential::default(),
            new_ap_settings,
            use_psk_key,
            p2p_dev_addr,
            pin_revealed: false,
        }
    }

    pub fn process(
        &mut self,
        run: &mut Run,
        wps: &mut Wps,
        now: Instant,
        op: OpCode,
        body: &[u8],
    ) -> Processed {
        match op {
            OpCode::Msg => self.receive(run, wps, now, body),
            // The enrollee knows that there is no password for it: with no other registrar, the end.
            OpCode::Ack => Processed::Failure,
            OpCode::Nack => self.refused_by_peer(run, wps, body),
            OpCode::Done => self.done_received(run, wps, now, body),
            _ => Processed::Failure,
        }
    }

    fn refused_by_peer(&mut self, run: &Run, wps: &mut Wps, body: &[u8]) -> Processed {
        let state = std::mem::replace(&mut self.state, State::SendNack);
        let Ok(attributes) = Attributes::parse(body) else { return Processed::Failure };
        let Some(config_error) = attributes.config_error else { return Processed::Failure };
        if attributes.msg_type != Some(MessageType::WscNack as u8) || !run.nonces_match(&attributes) {
            return Processed::Failure;
        }
        let refused = match state {
            State::RecvM3 => Some(MessageType::M2),
            State::RecvM5 => Some(MessageType::M4),
            State::RecvM7 => Some(MessageType::M6),
            State::RecvDone => Some(MessageType::M8),
            _ => None,
        };
        if let Some(msg) = refused {
            run.fail_event(wps, msg, config_error, run.mac_addr_e);
        }
        Processed::Failure
    }

    fn done_received(&mut self, run: &mut Run, wps: &mut Wps, now: Instant, body: &[u8]) -> Processed {
        let is_done = Attributes::parse(body)
            .is_ok_and(|a| a.msg_type == Some(MessageType::WscDone as u8) && run.nonces_match(&a));
        if self.state == State::RecvDone && is_done {
            self.complete(run, wps, now);
            return Processed::Done;
        }
        self.state = State::SendNack;
        run.fail_event(wps, MessageType::WscDone, run.config_error, run.mac_addr_e);
        Processed::Failure
    }

    pub fn next_message(&mut self, run: &mut Run, wps: &mut Wps, now: Instant) -> Option<Message> {
        let (op, body) = match self.state {
            State::SendM2 if self.find_password(run, wps, now) => (OpCode::Msg, self.m2(run, wps)?),
            State::SendM2 | State::SendM2d => (OpCode::Msg, self.m2d(run, wps)),
            State::SendM4 => (OpCode::Msg, self.m4(run, wps)?),
            State::SendM6 => (OpCode::Msg, self.m6(run, wps)?),
            State::SendM8 => (OpCode::Msg, self.m8(run, wps)?),
            State::RecvDone => (OpCode::Ack, run.acknowledgement(MessageType::WscAck)),
            State::SendNack => (OpCode::Nack, run.nack()),
            _ => return None,
        };
        Some(Message { op, body })
    }

    pub fn close(self, run: &Run, wps: &mut Wps) {
        if self.pin_revealed {
            wps.invalidate_pin(&run.uuid_e);
        } else {
            wps.unlock_pin(&run.uuid_e);
        }
    }
}
