//! One run of the registration protocol (WSC 2.0.5 §7), as enrollee or as registrar.

use super::Wps;
use super::enrollee::Enrollee;
use super::message::{Message, Processed};
use super::registration::Registration;
use super::run::Run;
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{Attributes, Credential, OpCode, password_id};

/// The purpose of a run.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SessionConfig {
    /// The own role: registrar, or else enrollee.
    pub registrar: bool,
    /// The device password of an enrollee. A registrar asks its bookkeeping.
    pub pin: Option<Vec<u8>>,
    /// The push button was pressed: no other password is needed.
    pub pbc: bool,
    /// The attributes of the peer's (re)association request.
    pub assoc_wps: Option<Vec<u8>>,
    /// The settings that an access point is to get; without them its settings are learned only.
    pub new_ap_settings: Option<Credential>,
    pub peer_addr: Option<MacAddr>,
    /// Credentials carry the PSK and not the passphrase.
    pub use_psk_key: bool,
    /// The kind of password that `pin` is, of `password_id`.
    pub dev_pw_id: u16,
    /// Of a Wi-Fi Direct peer.
    pub p2p_dev_addr: Option<MacAddr>,
    /// An access point claims the push button in its M1, which some external registrars expect.
    pub pbc_in_m1: bool,
}

/// Passwords and keys do not print.
impl core::fmt::Debug for SessionConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let role = if self.registrar { "registrar" } else { "enrollee" };
        let password = if self.pbc { "button" } else { "PIN" };
        write!(f, "SessionConfig({role}, {password}, peer {:?})", self.peer_addr)
    }
}

/// One run. Its events are pushed to [`Wps::events`].
#[derive(Debug)]
pub struct Session {
    run: Run,
    role: Role,
    request_type: Option<u8>,
}

#[derive(Debug)]
enum Role {
    Enrollee(Enrollee),
    Registrar(Box<Registration>),
}

impl Session {
    /// A run that has not begun. The enrollee sends first.
    pub fn new(wps: &Wps, config: SessionConfig) -> Self {
        let mut run = Run::default();
        if config.registrar {
            run.uuid_r = wps.uuid;
        } else {
            run.uuid_e = wps.uuid;
            run.mac_addr_e = wps.device.mac_addr;
        }
        if config.pin.is_some() {
            run.password_id = config.dev_pw_id;
        }
        run.password = config.pin;
        run.pbc = config.pbc;
        if config.pbc {
            run.password_id = password_id::PUSHBUTTON;
            run.password = Some(super::run::PBC_PASSWORD.to_vec());
        }
        run.peer.mac_addr = config.peer_addr.unwrap_or(MacAddr::ZERO);
        let request_type =
            config.assoc_wps.as_deref().and_then(|a| Attributes::parse(a).ok()).and_then(|a| a.request_type);
        let p2p_dev_addr = config.p2p_dev_addr.filter(|addr| !addr.is_zero());
        let role = if config.registrar {
            let registration = Registration::new(config.new_ap_settings, config.use_psk_key, p2p_dev_addr);
            Role::Registrar(Box::new(registration))
        } else {
            Role::Enrollee(Enrollee::new(config.pbc_in_m1, p2p_dev_addr))
        };
        Session { run, role, request_type }
    }

    /// Takes a whole message of the peer. Whatever it is, the run stays in a state in which it can be
    /// asked for an answer or be closed.
    pub fn process(&mut self, wps: &mut Wps, now: Instant, op: OpCode, body: &[u8]) -> Processed {
        match &mut self.role {
            Role::Enrollee(enrollee) => enrollee.process(&mut self.run, wps, op, body),
            Role::Registrar(registrar) => registrar.process(&mut self.run, wps, now, op, body),
        }
    }

    /// The next message for the peer; `None` if none is due or it cannot be made.
    pub fn next_message(&mut self, wps: &mut Wps, now: Instant) -> Option<Message> {
        let message = match &mut self.role {
            Role::Enrollee(enrollee) => enrollee.next_message(&mut self.run, wps),
            Role::Registrar(registrar) => registrar.next_message(&mut self.run, wps, now),
        }?;
        if message.op == OpCode::Msg {
            self.run.last_msg = Some(message.body.clone());
        }
        Some(message)
    }

    /// Ends the run, however far it came: a PIN that it kept others from using is free again, or is not
    /// to be used any more if all of it may have been revealed.
    pub fn close(self, wps: &mut Wps) {
        if let Role::Registrar(registrar) = self.role {
            registrar.close(&self.run, wps);
        }
    }

    /// The Request Type with which the peer associated.
    pub fn request_type(&self) -> Option<u8> {
        self.request_type
    }
}
