//! Targets for Wi-Fi Protected Setup: attributes, and both ends of the registration protocol against a
//! peer that has the keys of the run and says whatever the input wants.

use std::collections::VecDeque;

use super::handshakes::Choices;
use wpasim_engine::entropy::Entropy;
use wpasim_engine::wire::time::Instant;
use wpasim_engine::wire::wsc::{
    Attributes, Credential, DeviceData, MessageType, OpCode, Writer, attr, auth_type, concatenated, element,
    encr_type, text,
};
use wpasim_engine::wire::{MacAddr, Ssid};
use wpasim_engine::wps::dh::PrivateKey;
use wpasim_engine::wps::keys::{KeyContext, PublicKeys, SessionKeys};
use wpasim_engine::wps::{Processed, Session, SessionConfig, Wps, WpsEvent, settings};

const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const PIN: &[u8] = b"12345670";
const PEERS_NONCE: [u8; 16] = [0x5e; 16];
const SECRET_NONCES: [[u8; 16]; 2] = [[1; 16], [2; 16]];

/// Enough for every path, and an end to every input.
const STEPS: usize = 60;

/// What is read is written so that it reads back the same, and elements carry it.
pub fn wsc_attributes(data: &[u8]) {
    if !data.is_empty() {
        assert_eq!(concatenated(&element(data)).as_deref(), Some(data));
    }
    let _ = (concatenated(data), text::attributes_text(data));
    if let Ok(credential) = Credential::parse(data) {
        assert_eq!(Credential::parse(&credential.emit()), Ok(Credential { key_idx: 0, ..credential }));
    }
    if let Ok(attributes) = Attributes::parse(data) {
        let _ = (Credential::from_settings(&attributes), attributes.authorized().count());
    }
}

/// A peer with the keys of the run.
struct Forger {
    /// Which end is attacked: the registrar, else the enrollee.
    registrar: bool,
    ap: bool,
    private: PrivateKey,
    /// Of the attacked end.
    nonce: [u8; 16],
    public: Vec<u8>,
    keys: Option<SessionKeys>,
    /// What the next Authenticator signs too.
    last: Vec<u8>,
}

impl Forger {
    fn keyed(&mut self, nonce: &[u8; 16], public: &[u8]) {
        let (enrollee_nonce, registrar_nonce) =
            if self.registrar { (&PEERS_NONCE, nonce) } else { (nonce, &PEERS_NONCE) };
        let enrollee_addr = if self.registrar || !self.ap { STA } else { AP };
        let context = KeyContext { enrollee_nonce, enrollee_addr, registrar_nonce };
        (self.nonce, self.public) = (*nonce, public.to_vec());
        self.keys = self.private.shared(public).map(|secret| SessionKeys::derive(&secret, context));
    }

    /// Listens to a message of the attacked end.
    fn hears(&mut self, op: OpCode, body: &[u8]) {
        let Ok(read) = Attributes::parse(body) else { return };
        let nonce = if self.registrar { read.registrar_nonce } else { read.enrollee_nonce };
        if let (Some(nonce), Some(public)) = (nonce, read.public_key) {
            self.keyed(nonce, public);
        }
        if op == OpCode::Msg {
            self.last = body.to_vec();
        }
    }

    fn nonces(&self, out: &mut Writer) {
        let (e, r) = if self.registrar { (PEERS_NONCE, self.nonce) } else { (self.nonce, PEERS_NONCE) };
        out.attribute(attr::ENROLLEE_NONCE, &e).attribute(attr::REGISTRAR_NONCE, &r);
    }

    fn commitments(&self, out: &mut Writer) {
        let Some(keys) = &self.keys else { return };
        let own = self.private.public();
        let (enrollee, registrar) =
            if self.registrar { (&own[..], &self.public[..]) } else { (&self.public[..], &own[..]) };
        let kinds =
            if self.registrar { [attr::E_HASH1, attr::E_HASH2] } else { [attr::R_HASH1, attr::R_HASH2] };
        let halves = keys.password_keys(PIN);
        for ((kind, nonce), half) in kinds.into_iter().zip(&SECRET_NONCES).zip(&halves) {
            out.attribute(kind, &keys.commitment(nonce, half, PublicKeys { enrollee, registrar }));
        }
    }

    /// What an honest peer would put into this message.
    fn honest(&self, kind: MessageType) -> (Writer, Option<Writer>) {
        let mut out = Writer::message(kind);
        self.nonces(&mut out);
        let mut plain = Writer::new();
        let proofs = if self.registrar {
            [attr::E_SNONCE1, attr::E_SNONCE2]
        } else {
            [attr::R_SNONCE1, attr::R_SNONCE2]
        };
        match kind {
            MessageType::M1 | MessageType::M2 | MessageType::M2d => {
                self.describe(&mut out);
                return (out, None);
            }
            MessageType::M3 => {
                self.commitments(&mut out);
                return (out, None);
            }
            MessageType::M4 => {
                self.commitments(&mut out);
                plain.attribute(proofs[0], &SECRET_NONCES[0]);
            }
            MessageType::M5 => drop(plain.attribute(proofs[0], &SECRET_NONCES[0])),
            MessageType::M6 => drop(plain.attribute(proofs[1], &SECRET_NONCES[1])),
            MessageType::M7 => {
                plain.attribute(proofs[1], &SECRET_NONCES[1]);
                network().emit_settings(&mut plain);
            }
            MessageType::M8 => {
                plain.attribute(attr::CREDENTIAL, &network().emit());
                network().emit_settings(&mut plain);
            }
            _ => {
                out.u16(attr::CONFIG_ERROR, 0);
                return (out, None);
            }
        }
        (out, Some(plain))
    }

    fn describe(&self, out: &mut Writer) {
        let uuid = if self.registrar { attr::UUID_E } else { attr::UUID_R };
        out.attribute(uuid, &[9; 16]).attribute(attr::MAC_ADDR, &STA.0);
        out.attribute(attr::PUBLIC_KEY, &self.private.public()).u16(attr::AUTH_TYPE_FLAGS, 0x23);
        out.u16(attr::ENCR_TYPE_FLAGS, 0x0d).u8(attr::CONN_TYPE_FLAGS, 1).u16(attr::CONFIG_METHODS, 0x2388);
        out.u8(attr::WPS_STATE, 1).device_attributes(&DeviceData::default()).u8(attr::RF_BANDS, 1);
        out.u16(attr::ASSOC_STATE, 0).u16(attr::CONFIG_ERROR, 0).u16(attr::DEV_PASSWORD_ID, 0);
        out.os_version(&DeviceData::default());
    }

    /// Encrypts and signs, if there are keys.
    fn finish(&mut self, mut out: Writer, plain: Option<Writer>) -> Vec<u8> {
        if let Some(keys) = &self.keys {
            if let Some(plain) = plain {
                let sealed = settings::encrypt(keys, &mut Entropy::new(3, "forger").stream("iv"), plain);
                out.attribute(attr::ENCR_SETTINGS, &sealed);
            }
            let signature = keys.sign(&[&self.last, out.as_bytes()]);
            out.attribute(attr::AUTHENTICATOR, &signature);
        }
        out.into_bytes()
    }
}

fn network() -> Credential {
    Credential {
        ssid: Ssid::new(*b"net").expect("three octets"),
        auth_type: auth_type::WPA2_PSK,
        encr_type: encr_type::AES,
        key: b"passphrase".to_vec(),
        mac_addr: STA,
        ..Credential::default()
    }
}

/// The end that is attacked.
struct Attacked {
    wps: Wps,
    session: Session,
    honest: VecDeque<MessageType>,
    forger: Forger,
}

impl Attacked {
    /// `mode` has bits: an access point, the push button, locked, not configured.
    fn new(registrar: bool, mode: u8) -> Self {
        let ap = mode & 1 != 0;
        let device = DeviceData { mac_addr: if ap { AP } else { STA }, ..DeviceData::default() };
        let mut wps = Wps::new(ap, [7; 16], device, Entropy::new(1, "fuzz").stream("wps"));
        (wps.auth_types, wps.encr_types, wps.encr_types_rsn) = (0x22, 0x0c, 0x0c);
        wps.ap_setup_locked = if mode & 4 != 0 { 2 } else { 0 };
        if mode & 8 == 0 {
            wps.state = wpasim_engine::wire::wsc::WpsState::Configured;
            wps.network_key = Some(b"secret passphrase".to_vec());
        }
        if registrar {
            wps.add_pin(Instant::ZERO, None, None, PIN, None);
            if mode & 2 != 0 {
                let _ = wps.button_pushed(Instant::ZERO, None);
            }
        }
        let config = SessionConfig {
            registrar,
            pin: Some(PIN.to_vec()),
            pbc: !registrar && mode & 2 != 0,
            new_ap_settings: (mode & 8 != 0).then(network),
            ..SessionConfig::default()
        };
        use MessageType::*;
        let honest = if registrar { vec![M1, M3, M5, M7, WscDone] } else { vec![M2, M4, M6, M8, WscAck] };
        Attacked {
            session: Session::new(&wps, config),
            wps,
            honest: honest.into(),
            forger: Forger {
                registrar,
                ap,
                private: PrivateKey::new([0x33; 32]),
                nonce: [0; 16],
                public: Vec::new(),
                keys: None,
                last: Vec::new(),
            },
        }
    }

    fn give(&mut self, op: OpCode, body: &[u8]) -> Processed {
        let result = self.session.process(&mut self.wps, Instant::ZERO, op, body);
        if op == OpCode::Msg {
            self.forger.last = body.to_vec();
        }
        result
    }

    fn listen(&mut self) {
        if let Some(message) = self.session.next_message(&mut self.wps, Instant::ZERO) {
            assert!(Attributes::parse(&message.body).is_ok(), "what is said can be read");
            self.forger.hears(message.op, &message.body);
        }
    }

    fn step(&mut self, choices: &mut Choices<'_>) -> Option<()> {
        let op = |n: u8| OpCode::from_octet(n % 6 + 1).unwrap_or(OpCode::Msg);
        match choices.octet()? % 6 {
            0 => {
                let kind = self.honest.pop_front()?;
                let (out, plain) = self.forger.honest(kind);
                let body = self.forger.finish(out, plain);
                let op = match kind {
                    MessageType::WscDone => OpCode::Done,
                    MessageType::WscAck => OpCode::Ack,
                    _ => OpCode::Msg,
                };
                self.give(op, &body);
                self.listen();
            }
            1 => self.listen(),
            2 => {
                let (op, body) = (op(choices.octet()?), choices.octets());
                self.give(op, &body);
            }
            // Authentic, with anything beside what belongs there.
            3 => {
                let kind = MessageType::from_octet(choices.octet()? % 15 + 1)?;
                let (mut out, plain) = self.forger.honest(kind);
                out.raw(&choices.octets());
                let body = self.forger.finish(out, plain);
                self.give(op(choices.octet()?), &body);
            }
            // Authentic, with any settings.
            4 => {
                let kind = MessageType::from_octet(choices.octet()? % 15 + 1)?;
                let (out, plain) = self.forger.honest(kind);
                let mut plain = plain.filter(|_| (kind as u8).is_multiple_of(2)).unwrap_or_default();
                plain.raw(&choices.octets());
                let body = self.forger.finish(out, Some(plain));
                self.give(OpCode::Msg, &body);
            }
            // The honest message, one octet changed.
            _ => {
                let kind = *self.honest.front()?;
                let (out, plain) = self.forger.honest(kind);
                let mut body = self.forger.finish(out, plain);
                let (at, flip) = (usize::from(choices.octet()?) * 3, choices.octet()?);
                let len = body.len();
                body[at % len] ^= flip;
                self.give(OpCode::Msg, &body);
            }
        }
        Some(())
    }

    fn run(mut self, choices: &mut Choices<'_>) {
        self.listen();
        for _ in 0..STEPS {
            if self.step(choices).is_none() {
                break;
            }
        }
        assert!(self.wps.events.len() < 40 * STEPS);
        for event in &self.wps.events {
            if let WpsEvent::Credential(credential) = event {
                assert!(credential.key.len() <= 64);
            }
        }
        self.session.close(&mut self.wps);
    }
}

/// A station or an access point that wants settings.
pub fn wps_enrollee(data: &[u8]) {
    let mut choices = Choices(data);
    let mode = choices.octet().unwrap_or_default();
    Attacked::new(false, mode).run(&mut choices);
}

/// An access point that has settings to give, or a station that wants an access point's.
pub fn wps_registrar(data: &[u8]) {
    let mut choices = Choices(data);
    let mode = choices.octet().unwrap_or_default();
    Attacked::new(true, mode).run(&mut choices);
}
