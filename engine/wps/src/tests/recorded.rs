//! Whole runs of wpa_supplicant and hostapd 2.10, from their debug logs: with the randomness that they
//! drew, both ends say every message octet for octet, and derive the same keys.

use super::*;
use crate::keys::{KeyContext, SessionKeys};
use crate::{dh::PrivateKey, settings};
use wpasim_runtime::text::hex;
use wpasim_wire::wsc::{Attributes, Credential, MessageType, OpCode, Uuid};

/// Lines of `end what octets`.
struct Recording(Vec<(&'static str, &'static str, Vec<u8>)>);

fn octets(text: &str) -> Vec<u8> {
    let digit = |c: u8| (c as char).to_digit(16).expect("a hexadecimal digit") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

impl Recording {
    fn read(text: &'static str) -> Self {
        let lines = text.lines().filter(|l| !l.starts_with('#'));
        let fields = lines.map(|l| l.split(' ').collect::<Vec<_>>());
        Recording(fields.map(|f| (f[0], f[1], octets(f[2]))).collect())
    }

    fn of(&self, end: &str, what: &str) -> Vec<u8> {
        self.0.iter().find(|(e, w, _)| *e == end && *w == what).map(|l| l.2.clone()).unwrap_or_default()
    }

    fn messages(&self) -> Vec<(&'static str, Message)> {
        let op = |what: &str| OpCode::from_octet(what.strip_prefix("op")?.parse().ok()?);
        self.0
            .iter()
            .filter_map(|(end, w, b)| Some((*end, Message { op: op(w)?, body: b.clone() })))
            .collect()
    }

    /// Returns the draws of an end: a nonce, a private key, two secret nonces, and the vectors of its settings.
    fn randomness(&self, end: &str, enrollee: bool) -> Stream {
        let messages = self.messages();
        let own: Vec<_> = messages.iter().filter(|(e, _)| *e == end).map(|(_, m)| m).collect();
        let first = Attributes::parse(&own[0].body).unwrap();
        let nonce = if enrollee { first.enrollee_nonce } else { first.registrar_nonce }.unwrap();
        let private = self.of(end, "DHPrivateKey");
        let mut drawn = nonce.to_vec();
        drawn.resize(16 + 32 - private.len(), 0);
        drawn.extend(private);
        for name in if enrollee { ["E-S1", "E-S2"] } else { ["R-S1", "R-S2"] } {
            drawn.extend(self.of(end, name));
        }
        for message in own {
            let attributes = Attributes::parse(&message.body).unwrap();
            drawn.extend(attributes.encr_settings.iter().flat_map(|e| &e[..16]));
        }
        Stream::recorded(drawn)
    }

    /// The device that sent this message.
    fn identity(&self, message: usize) -> (Uuid, DeviceData) {
        let messages = self.messages();
        let a = Attributes::parse(&messages[message].1.body).unwrap();
        let data = DeviceData {
            mac_addr: a.mac_addr.unwrap_or(if messages[message].0 == "sta" { STA } else { AP }),
            device_name: a.dev_name.unwrap().to_vec(),
            manufacturer: a.manufacturer.unwrap().to_vec(),
            model_name: a.model_name.unwrap().to_vec(),
            model_number: a.model_number.unwrap().to_vec(),
            serial_number: a.serial_number.unwrap().to_vec(),
            primary_type: a.primary_dev_type.unwrap(),
            rf_bands: a.rf_bands.unwrap(),
            config_methods: a.config_methods.unwrap(),
            os_version: a.os_version.unwrap() & 0x7fff_ffff,
            ..DeviceData::default()
        };
        (*a.uuid_e.or(a.uuid_r).unwrap(), data)
    }

    fn end(&self, mut wps: Wps, message: usize) -> Wps {
        let name = if wps.ap { "ap" } else { "sta" };
        (wps.uuid, wps.device) = self.identity(message);
        wps.config_methods = wps.device.config_methods;
        wps.random = self.randomness(name, message == 0);
        wps
    }

    /// Runs both ends and holds them to the recording.
    fn replay(&self, enrollee: &mut End, registrar: &mut End) {
        let sent = converse(enrollee, registrar, |_| ());
        let recorded = self.messages();
        for (i, (own, (_, other))) in sent.iter().zip(&recorded).enumerate() {
            assert_eq!(own.op, other.op, "message {i}");
            assert_eq!(hex(&own.body), hex(&other.body), "message {i}");
        }
        assert_eq!(sent.len(), recorded.len());
    }
}

fn credential() -> Credential {
    Credential {
        ssid: Ssid::new(*b"wps-ap").unwrap(),
        auth_type: auth_type::WPA2_PSK,
        encr_type: encr_type::AES,
        key: b"secret passphrase".to_vec(),
        mac_addr: STA,
        ..Credential::default()
    }
}

fn whole(credential: &Credential) -> Vec<u8> {
    let mut out = wpasim_wire::wsc::Writer::new();
    out.attribute(wpasim_wire::wsc::attr::CREDENTIAL, &credential.emit());
    out.into_bytes()
}

fn received(credential: Credential) -> WpsEvent {
    let received = whole(&credential);
    WpsEvent::Credential(Box::new(Credential { received, ..credential }))
}

const PBC: &str = include_str!("recorded/pbc.txt");
const PIN: &str = include_str!("recorded/pin_from_sta.txt");
const WRONG_PIN: &str = include_str!("recorded/wrong_pin.txt");
const NO_PIN: &str = include_str!("recorded/no_pin.txt");
const REG_LEARN: &str = include_str!("recorded/reg_learn.txt");

#[test]
fn the_button() {
    let recording = Recording::read(PBC);
    let sta = recording.end(station(), 0);
    let mut ap = recording.end(access_point(), 1);
    ap.button_pushed(NOW, None).unwrap();
    let config = SessionConfig { pbc: true, peer_addr: Some(AP), ..SessionConfig::default() };
    let mut sta = End::new(sta, config);
    let config = SessionConfig { registrar: true, peer_addr: Some(STA), ..SessionConfig::default() };
    let mut ap = End::new(ap, config);
    recording.replay(&mut sta, &mut ap);
    assert_eq!(ap.last, Processed::Done);
    assert_eq!(sta.events(), [received(credential()), WpsEvent::Success { peer: AP }]);
    let uuid = sta.wps.uuid;
    let dev_password = b"00000000".to_vec();
    assert_eq!(
        ap.events(),
        [WpsEvent::RegSuccess { addr: STA, uuid, dev_password }, WpsEvent::Success { peer: STA }]
    );
}

#[test]
fn a_pin_of_the_station() {
    let recording = Recording::read(PIN);
    let sta = recording.end(station(), 0);
    let mut ap = recording.end(access_point(), 1);
    ap.add_pin(NOW, None, None, b"12345670", None);
    let pin = Some(b"12345670".to_vec());
    let mut sta = End::new(sta, SessionConfig { pin, peer_addr: Some(AP), ..SessionConfig::default() });
    let config = SessionConfig { registrar: true, peer_addr: Some(STA), ..SessionConfig::default() };
    let mut ap = End::new(ap, config);
    recording.replay(&mut sta, &mut ap);
    assert_eq!((sta.last, ap.last), (Processed::Continue, Processed::Done));
    assert_eq!(sta.events(), [received(credential()), WpsEvent::Success { peer: AP }]);
}

#[test]
fn a_pin_whose_halves_differ() {
    let recording = Recording::read(WRONG_PIN);
    let sta = recording.end(station(), 0);
    let mut ap = recording.end(access_point(), 1);
    ap.add_pin(NOW, None, None, b"12345670", None);
    let pin = Some(b"55554444".to_vec());
    let mut sta = End::new(sta, SessionConfig { pin, peer_addr: Some(AP), ..SessionConfig::default() });
    let config = SessionConfig { registrar: true, peer_addr: Some(STA), ..SessionConfig::default() };
    let mut ap = End::new(ap, config);
    recording.replay(&mut sta, &mut ap);
    assert_eq!(ap.last, Processed::Failure);
    let error_indication = Default::default();
    let fail = |msg, peer| WpsEvent::Fail { msg, config_error: 18, error_indication, peer };
    let wrong = WpsEvent::PasswordAuthFail { enrollee: true, part: 1, peer: AP };
    assert_eq!(sta.events(), [wrong, fail(MessageType::M4, AP)]);
    assert_eq!(ap.events(), [fail(MessageType::M4, STA)]);
}

#[test]
fn no_pin_for_an_enrollee() {
    let recording = Recording::read(NO_PIN);
    let (sta, ap) = (recording.end(station(), 0), recording.end(access_point(), 1));
    let pin = Some(b"12345670".to_vec());
    let mut sta = End::new(sta, SessionConfig { pin, peer_addr: Some(AP), ..SessionConfig::default() });
    let mut ap = End::new(ap, SessionConfig { registrar: true, ..SessionConfig::default() });
    recording.replay(&mut sta, &mut ap);
    assert!(matches!(sta.events()[..], [WpsEvent::M2d { config_error: 0, dev_password_id: 0, .. }]));
    assert!(matches!(ap.events()[..], [WpsEvent::PinNeeded { .. }]));
}

#[test]
fn the_settings_of_an_access_point_are_learned() {
    let recording = Recording::read(REG_LEARN);
    let mut ap = recording.end(access_point(), 0);
    // M1 of an access point leaves out the button, which its configuration has.
    ap.config_methods |= 0x0680;
    let mut sta = recording.end(station(), 1);
    let pin = b"12345670";
    sta.add_pin(NOW, None, None, pin, None);
    let config = SessionConfig { pin: Some(pin.to_vec()), peer_addr: Some(STA), ..SessionConfig::default() };
    let mut ap = End::new(ap, config);
    let config = SessionConfig { registrar: true, peer_addr: Some(AP), ..SessionConfig::default() };
    let mut sta = End::new(sta, config);
    recording.replay(&mut ap, &mut sta);
    let learned = received(Credential { mac_addr: AP, ..credential() });
    let error_indication = Default::default();
    let fail = |peer| WpsEvent::Fail { msg: MessageType::M7, config_error: 0, error_indication, peer };
    assert_eq!(sta.events(), [learned, fail(AP)]);
    assert_eq!(ap.events(), [WpsEvent::ApPinSuccess, fail(STA)]);
}

/// AuthKey, KeyWrapKey, EMSK, and the keys of both halves of the password.
#[test]
fn keys_are_derived() {
    for text in [PBC, PIN, WRONG_PIN, REG_LEARN] {
        let recording = Recording::read(text);
        let messages = recording.messages();
        let (m1, m2) = (
            Attributes::parse(&messages[0].1.body).unwrap(),
            Attributes::parse(&messages[1].1.body).unwrap(),
        );
        let mut exponent = [0; 32];
        let private = recording.of("sta", "DHPrivateKey");
        exponent[32 - private.len()..].copy_from_slice(&private);
        let peer = if messages[0].0 == "sta" { m2.public_key } else { m1.public_key };
        let secret = PrivateKey::new(exponent).shared(peer.unwrap()).unwrap();
        let context = KeyContext {
            enrollee_nonce: m1.enrollee_nonce.unwrap(),
            enrollee_addr: m1.mac_addr.unwrap(),
            registrar_nonce: m2.registrar_nonce.unwrap(),
        };
        let keys = SessionKeys::derive(&secret, context);
        assert_eq!(keys.auth_key.to_vec(), recording.of("sta", "AuthKey"));
        assert_eq!(keys.key_wrap_key.to_vec(), recording.of("sta", "KeyWrapKey"));
        assert_eq!(keys.emsk.to_vec(), recording.of("sta", "EMSK"));
        let halves = [recording.of("sta", "PSK1"), recording.of("sta", "PSK2")];
        let pin: &[u8] = match text {
            PBC => b"00000000",
            WRONG_PIN => b"55554444",
            _ => b"12345670",
        };
        assert_eq!(keys.password_keys(pin).map(|k| k.to_vec()), halves);
        for (_, message) in &messages {
            let encrypted = Attributes::parse(&message.body).unwrap().encr_settings;
            if let Some(plain) = encrypted.map(|e| settings::decrypt(&keys, Some(e)).unwrap()) {
                settings::parse(&keys, &plain).unwrap();
            }
        }
    }
}
