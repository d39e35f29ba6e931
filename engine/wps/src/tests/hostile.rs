//! Peers that say anything, and an air that changes everything.

use super::handmade::Handmade;
use super::*;
use crate::run::Run;
use crate::{keys::SessionKeys, settings};
use proptest::collection::vec;
use proptest::prelude::*;
use wpasim_wire::wsc::{MessageType, OpCode, Writer, attr};

const PIN: &[u8] = b"12345670";

fn enrollee() -> End {
    let pin = Some(PIN.to_vec());
    End::new(station(), SessionConfig { pin, peer_addr: Some(AP), ..SessionConfig::default() })
}

fn registrar() -> End {
    let mut wps = access_point();
    wps.add_pin(NOW, None, None, PIN, None);
    End::new(wps, SessionConfig { registrar: true, peer_addr: Some(STA), ..SessionConfig::default() })
}

/// The fate of the next message of one end.
#[derive(Clone, Debug)]
enum Fate {
    Delivered,
    Lost,
    /// Delivered now, and again.
    Twice,
    Cut(prop::sample::Index),
    Flipped(prop::sample::Index, u8),
    /// Delivered with another Op-Code.
    As(OpCode),
    /// In its place, an earlier one.
    Earlier(prop::sample::Index),
    /// In its place, something made up.
    MadeUp(OpCode, Vec<u8>),
}

fn op_code() -> impl Strategy<Value = OpCode> {
    use OpCode::*;
    prop::sample::select(vec![Start, Ack, Nack, Msg, Done, FragAck])
}

/// Attributes that a message of either end may have, with values that may be right.
fn made_up() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![0x1001u16..0x1070, any::<u16>()];
    let len = prop::sample::select(vec![0usize, 1, 2, 4, 6, 8, 16, 32, 64, 192]);
    let attribute = (kind, len, any::<u8>());
    (0u8..=16, vec(attribute, 0..24)).prop_map(|(message, attributes)| {
        let mut out = Writer::new();
        out.version().u8(attr::MSG_TYPE, message);
        for (kind, len, fill) in attributes {
            out.attribute(kind, &vec![fill; len]);
        }
        out.into_bytes()
    })
}

fn fate() -> impl Strategy<Value = Fate> {
    let any_octets = vec(any::<u8>(), 0..200);
    prop_oneof![
        8 => Just(Fate::Delivered),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Twice),
        1 => any::<prop::sample::Index>().prop_map(Fate::Cut),
        2 => (any::<prop::sample::Index>(), 1u8..).prop_map(|(at, by)| Fate::Flipped(at, by)),
        1 => op_code().prop_map(Fate::As),
        1 => any::<prop::sample::Index>().prop_map(Fate::Earlier),
        2 => (op_code(), prop_oneof![any_octets, made_up()]).prop_map(|(op, body)| Fate::MadeUp(op, body)),
    ]
}

/// The messages that arrive in place of `message`.
fn arriving(fate: Fate, message: Message, earlier: &[Message]) -> Vec<Message> {
    let Message { op, mut body } = message;
    match fate {
        Fate::Delivered => vec![Message { op, body }],
        Fate::Lost => vec![],
        Fate::Twice => vec![Message { op, body: body.clone() }, Message { op, body }],
        Fate::Cut(at) => {
            body.truncate(at.index(body.len()));
            vec![Message { op, body }]
        }
        Fate::Flipped(at, by) => {
            let at = at.index(body.len());
            body[at] ^= by;
            vec![Message { op, body }]
        }
        Fate::As(op) => vec![Message { op, body }],
        Fate::Earlier(_) if earlier.is_empty() => vec![],
        Fate::Earlier(at) => vec![earlier[at.index(earlier.len())].clone()],
        Fate::MadeUp(op, body) => vec![Message { op, body }],
    }
}

fn credentials(events: &[WpsEvent]) -> Vec<&[u8]> {
    let mut keys = Vec::new();
    for event in events {
        if let WpsEvent::Credential(credential) = event {
            keys.push(credential.key.as_slice());
        }
    }
    keys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever the air does, an enrollee takes no credential but the registrar's, and the registrar
    /// reports success only to an enrollee that proved the PIN.
    #[test]
    fn an_air_that_changes_everything(fates in vec(fate(), 1..24)) {
        let (mut sta, mut ap) = (enrollee(), registrar());
        let (mut sent, mut from_sta) = (Vec::new(), true);
        for fate in fates {
            let (from, to) = if from_sta { (&mut sta, &mut ap) } else { (&mut ap, &mut sta) };
            let message = from.next().unwrap_or(Message { op: OpCode::Msg, body: vec![0] });
            for arrived in arriving(fate, message.clone(), &sent) {
                to.give(&arrived);
            }
            sent.push(message);
            from_sta = !from_sta;
        }
        let taken = sta.events();
        prop_assert!(credentials(&taken).iter().all(|key| *key == b"secret passphrase"));
        let proved = sent.iter().any(|m| m.body.get(9) == Some(&(MessageType::M7 as u8)));
        let served = ap.events().iter().any(|e| matches!(e, WpsEvent::RegSuccess { .. }));
        prop_assert!(proved || !served);
        ap.session.close(&mut ap.wps);
        sta.session.close(&mut sta.wps);
    }

    /// Every message up to M8 is authenticated: one changed octet, and nobody succeeds.
    #[test]
    fn a_changed_octet_ends_the_run(message in 0usize..8, at: prop::sample::Index, by in 1u8..) {
        let (mut sta, mut ap, mut n) = (enrollee(), registrar(), 0);
        converse(&mut sta, &mut ap, |m| {
            if n == message {
                let at = at.index(m.body.len());
                m.body[at] ^= by;
            }
            n += 1;
        });
        prop_assert!(ap.last != Processed::Done);
        prop_assert!(credentials(&sta.events()).is_empty());
    }

    /// An enrollee with the keys of the run may put anything into its settings.
    #[test]
    fn settings_of_a_hostile_enrollee(plain in prop_oneof![vec(any::<u8>(), 0..100), made_up()], m7: bool) {
        let mut ap = registrar();
        let mut peer = Handmade::new(b"1234", b"5670");
        ap.give(&peer.m1());
        peer.keyed(&ap.next().unwrap());
        ap.give(&peer.m3());
        peer.took(&ap.next().unwrap());
        if m7 {
            ap.give(&peer.m5());
            peer.took(&ap.next().unwrap());
        }
        let mut attributes = Writer::new();
        attributes.raw(&plain);
        let kind = if m7 { MessageType::M7 } else { MessageType::M5 };
        ap.give(&peer.with_settings(kind, attributes));
        prop_assert_eq!(ap.next().map(|m| m.op), Some(OpCode::Nack));
    }

    /// Decryption takes anything, with any padding.
    #[test]
    fn encrypted_settings_are_opened_or_not(octets in vec(any::<u8>(), 0..200), plain in vec(any::<u8>(), 0..80)) {
        let context = crate::keys::KeyContext {
            enrollee_nonce: &[1; 16],
            enrollee_addr: STA,
            registrar_nonce: &[2; 16],
        };
        let keys = SessionKeys::derive(&[3; 192], context);
        if let Ok(plain) = settings::decrypt(&keys, Some(&octets)) {
            let _ = settings::parse(&keys, &plain);
        }
        let mut attributes = Writer::new();
        attributes.attribute(attr::R_SNONCE1, &plain);
        let sealed = settings::encrypt(&keys, &mut random("settings"), attributes);
        let opened = settings::decrypt(&keys, Some(&sealed)).unwrap();
        // The length of the nonce is checked, its place after that.
        prop_assert_eq!(settings::parse(&keys, &opened).is_ok(), plain.len() == 16);
    }

    /// A registrar's messages before there are keys are nothing but refused.
    #[test]
    fn messages_without_keys(body in prop_oneof![vec(any::<u8>(), 0..300), made_up()], op in op_code()) {
        for mut end in [enrollee(), registrar()] {
            let _ = end.next();
            end.give(&Message { op, body: body.clone() });
            let _ = (end.next(), end.next());
            prop_assert!(end.last != Processed::Done);
            prop_assert!(credentials(&end.events()).is_empty());
        }
    }
}

/// Nothing is proved and nothing is signed before there are keys.
#[test]
fn a_run_without_keys() {
    let mut run = Run::default();
    (run.password, run.last_msg) = (Some(PIN.to_vec()), Some(vec![1]));
    assert_eq!(run.authenticated(Writer::new()), None);
    assert_eq!((run.derive_password_keys(), run.commit(&mut random("run"))), (None, None));
    assert!(run.check_proof(1, &[0; 16]).is_err() && run.derive_keys(&[2]).is_err());
}
