//! An enrollee made by hand: it says what a test wants, in the keys of the run.

use super::*;
use crate::dh::PrivateKey;
use crate::keys::{KeyContext, PublicKeys, SessionKeys};
use crate::settings;
use wpasim_wire::wsc::{Attributes, MessageType, OpCode, Writer, attr};

pub const NONCE: [u8; 16] = [0xe1; 16];
const SECRET_NONCES: [[u8; 16]; 2] = [[0xa1; 16], [0xa2; 16]];

/// An enrollee that does not check anything.
pub struct Handmade {
    private: PrivateKey,
    /// Without Version2.
    pub version1: bool,
    /// Ends every message with an attribute that nobody knows.
    pub unknown: bool,
    /// The password of each half as it commits to it.
    pub halves: [&'static [u8]; 2],
    pub keys: Option<SessionKeys>,
    registrar_nonce: [u8; 16],
    registrar_public: Vec<u8>,
    random: Stream,
    pub last: Vec<u8>,
}

impl Handmade {
    pub fn new(first: &'static [u8], second: &'static [u8]) -> Self {
        Handmade {
            private: PrivateKey::new([0x77; 32]),
            version1: false,
            unknown: false,
            halves: [first, second],
            keys: None,
            registrar_nonce: [0; 16],
            registrar_public: Vec::new(),
            random: random("handmade"),
            last: Vec::new(),
        }
    }

    fn finish(&mut self, mut out: Writer) -> Message {
        if !self.version1 {
            out.version2();
        }
        if self.unknown {
            out.attribute(attr::EXTENSIBILITY_TEST, b"what").attribute(0x2001, &[]);
        }
        if let Some(keys) = &self.keys {
            let signature = keys.sign(&[&self.last, out.as_bytes()]);
            out.attribute(attr::AUTHENTICATOR, &signature);
        }
        self.last = out.into_bytes();
        Message { op: OpCode::Msg, body: self.last.clone() }
    }

    /// M1 with any one attribute changed or left out.
    pub fn m1_with(&mut self, change: impl Fn(u16, &[u8]) -> Option<Vec<u8>>) -> Message {
        let mut out = Writer::message(MessageType::M1);
        let public = self.private.public();
        let mut put = |kind: u16, value: &[u8]| {
            if let Some(value) = change(kind, value) {
                out.attribute(kind, &value);
            }
        };
        put(attr::UUID_E, &[0x36; 16]);
        put(attr::MAC_ADDR, &STA.0);
        put(attr::ENROLLEE_NONCE, &NONCE);
        put(attr::PUBLIC_KEY, &public);
        put(attr::AUTH_TYPE_FLAGS, &[0, 0x23]);
        put(attr::ENCR_TYPE_FLAGS, &[0, 0x0d]);
        put(attr::CONN_TYPE_FLAGS, &[1]);
        put(attr::CONFIG_METHODS, &[0x23, 0x88]);
        put(attr::WPS_STATE, &[1]);
        put(attr::MANUFACTURER, b"Company");
        put(attr::MODEL_NAME, b"cmodel");
        put(attr::MODEL_NUMBER, b" ");
        put(attr::SERIAL_NUMBER, b" ");
        put(attr::PRIMARY_DEV_TYPE, &[0, 1, 0, 0x50, 0xf2, 4, 0, 1]);
        put(attr::DEV_NAME, b"handmade");
        put(attr::RF_BANDS, &[1]);
        put(attr::ASSOC_STATE, &[0, 0]);
        put(attr::DEV_PASSWORD_ID, &[0, 0]);
        put(attr::CONFIG_ERROR, &[0, 0]);
        put(attr::OS_VERSION, &[0x80, 0, 0, 0]);
        self.finish(out)
    }

    pub fn m1(&mut self) -> Message {
        self.m1_with(|_, value| Some(value.to_vec()))
    }

    /// Takes M2.
    pub fn keyed(&mut self, m2: &Message) {
        let read = Attributes::parse(&m2.body).unwrap();
        assert_eq!(read.msg_type, Some(MessageType::M2 as u8));
        self.registrar_nonce = *read.registrar_nonce.unwrap();
        self.registrar_public = read.public_key.unwrap().to_vec();
        let secret = self.private.shared(&self.registrar_public).unwrap();
        let context =
            KeyContext { enrollee_nonce: &NONCE, enrollee_addr: STA, registrar_nonce: &self.registrar_nonce };
        self.keys = Some(SessionKeys::derive(&secret, context));
        self.last = m2.body.clone();
    }

    fn begun(&self, kind: MessageType) -> Writer {
        let mut out = Writer::message(kind);
        out.attribute(attr::REGISTRAR_NONCE, &self.registrar_nonce);
        out
    }

    pub fn m3(&mut self) -> Message {
        let keys = self.keys.clone().unwrap();
        let mut out = self.begun(MessageType::M3);
        for (half, kind) in [attr::E_HASH1, attr::E_HASH2].into_iter().enumerate() {
            let password = keys.password_keys(&[self.halves[half], self.halves[half]].concat())[0];
            let public = PublicKeys { enrollee: &self.private.public(), registrar: &self.registrar_public };
            out.attribute(kind, &keys.commitment(&SECRET_NONCES[half], &password, public));
        }
        self.finish(out)
    }

    /// M5 or M7, with these settings.
    pub fn with_settings(&mut self, kind: MessageType, plain: Writer) -> Message {
        let keys = self.keys.clone().unwrap();
        let mut out = self.begun(kind);
        out.attribute(attr::ENCR_SETTINGS, &settings::encrypt(&keys, &mut self.random, plain));
        self.finish(out)
    }

    pub fn m5(&mut self) -> Message {
        let mut plain = Writer::new();
        plain.attribute(attr::E_SNONCE1, &SECRET_NONCES[0]);
        self.with_settings(MessageType::M5, plain)
    }

    pub fn m7(&mut self) -> Message {
        let mut plain = Writer::new();
        plain.attribute(attr::E_SNONCE2, &SECRET_NONCES[1]);
        self.with_settings(MessageType::M7, plain)
    }

    /// Takes M4, M6 or M8.
    pub fn took(&mut self, message: &Message) {
        self.last = message.body.clone();
    }

    /// The settings of a message.
    pub fn open(&self, message: &Message) -> Vec<u8> {
        let read = Attributes::parse(&message.body).unwrap();
        settings::decrypt(self.keys.as_ref().unwrap(), read.encr_settings).unwrap()
    }

    /// A message that ends the run.
    pub fn last_word(&self, op: OpCode, kind: MessageType, config_error: Option<u16>) -> Message {
        let mut out = Writer::message(kind);
        out.attribute(attr::ENROLLEE_NONCE, &NONCE).attribute(attr::REGISTRAR_NONCE, &self.registrar_nonce);
        if let Some(error) = config_error {
            out.u16(attr::CONFIG_ERROR, error);
        }
        Message { op, body: out.into_bytes() }
    }
}
