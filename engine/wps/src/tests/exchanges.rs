//! A run with every outcome, and what each end tells its owner.

use super::handmade::Handmade;
use super::*;
use wpasim_wire::wsc::{
    Attributes, Credential, MessageType, OpCode, Writer, attr, config_error, password_id,
};

fn pin_of(pin: &[u8]) -> Option<Vec<u8>> {
    Some(pin.to_vec())
}

fn enrolling(pin: Option<&[u8]>) -> End {
    let config = SessionConfig {
        pin: pin.map(<[u8]>::to_vec),
        pbc: pin.is_none(),
        peer_addr: Some(AP),
        ..SessionConfig::default()
    };
    End::new(station(), config)
}

fn admitting(wps: Wps) -> End {
    End::new(wps, SessionConfig { registrar: true, peer_addr: Some(STA), ..SessionConfig::default() })
}

/// An access point that has a PIN for anyone.
fn with_pin(mut wps: Wps, pin: &[u8]) -> End {
    wps.add_pin(NOW, None, None, pin, None);
    admitting(wps)
}

fn kinds(messages: &[Message]) -> Vec<MessageType> {
    let kind = |m: &Message| MessageType::from_octet(Attributes::parse(&m.body).unwrap().msg_type.unwrap());
    messages.iter().map(|m| kind(m).unwrap()).collect()
}

fn fail(msg: MessageType, config_error: u16, peer: MacAddr) -> WpsEvent {
    WpsEvent::Fail { msg, config_error, error_indication: Default::default(), peer }
}

fn credential_of(events: &[WpsEvent]) -> &Credential {
    let mut found = events.iter().filter_map(|e| match e {
        WpsEvent::Credential(credential) => Some(&**credential),
        _ => None,
    });
    found.next().expect("a credential")
}

use MessageType::{M1, M2, M2d, M3, M4, M5, M6, M7, M8, WscAck, WscDone, WscNack};

const WHOLE: [MessageType; 9] = [M1, M2, M3, M4, M5, M6, M7, M8, WscDone];

#[test]
fn pins_of_any_length_enrol() {
    for pin in [&b"1234"[..], b"12345670", b"123", b"1"] {
        let (mut sta, mut ap) = (enrolling(Some(pin)), with_pin(access_point(), pin));
        assert_eq!(kinds(&converse(&mut sta, &mut ap, |_| ())), WHOLE);
        assert_eq!(ap.last, Processed::Done);
        assert_eq!(credential_of(&sta.events()).key, b"secret passphrase");
    }
}

#[test]
fn a_pin_serves_once() {
    let pin = b"12345670";
    let mut ap = with_pin(access_point(), pin);
    converse(&mut enrolling(Some(pin)), &mut ap, |_| ());
    let End { mut wps, session, .. } = ap;
    session.close(&mut wps);
    let sent = converse(&mut enrolling(Some(pin)), &mut admitting(wps), |_| ());
    assert_eq!(kinds(&sent), [M1, M2d, WscAck]);
}

#[test]
fn without_a_pin_there_is_m2d() {
    let (mut sta, mut ap) = (enrolling(Some(b"12345670")), admitting(access_point()));
    assert_eq!(kinds(&converse(&mut sta, &mut ap, |_| ())), [M1, M2d, WscAck]);
    assert_eq!(ap.last, Processed::Failure);
    let events = ap.events();
    let [WpsEvent::PinNeeded { uuid, device }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((uuid, device.mac_addr, &device.device_name[..]), (&[0x36; 16], STA, &b"Wireless Client"[..]));
    let events = sta.events();
    let [WpsEvent::M2d { device, config_error: 0, dev_password_id: 0 }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((&device.device_name[..], device.config_methods), (&b"Very friendly name"[..], 0x6108));
    // Another registrar has a password: its M2 goes on from M1.
    assert!(sta.next().is_none());
}

#[test]
fn m2_may_follow_m2d() {
    let pin = b"12345670";
    let (mut sta, mut first, mut second) =
        (enrolling(Some(pin)), admitting(access_point()), with_pin(access_point(), pin));
    let m1 = sta.next().unwrap();
    first.give(&m1);
    sta.give(&first.next().unwrap());
    assert_eq!(sta.next().unwrap().op, OpCode::Ack);
    second.give(&m1);
    sta.give(&second.next().unwrap());
    let sent = converse(&mut sta, &mut second, |_| ());
    assert_eq!(kinds(&sent), WHOLE[2..]);
}

#[test]
fn a_locked_access_point_says_so() {
    let mut ap = access_point();
    ap.ap_setup_locked = 1;
    let mut sta = enrolling(Some(b"12345670"));
    converse(&mut sta, &mut admitting(ap), |_| ());
    let events = sta.events();
    assert!(matches!(events[..], [WpsEvent::M2d { config_error: config_error::SETUP_LOCKED, .. }]));
}

#[test]
fn without_the_button_there_is_m2d() {
    let (mut sta, mut ap) = (enrolling(None), admitting(access_point()));
    assert_eq!(kinds(&converse(&mut sta, &mut ap, |_| ())), [M1, M2d, WscAck]);
    assert_eq!(ap.events(), []);
}

/// Two enrollees press their buttons.
#[test]
fn session_overlap() {
    let mut wps = access_point();
    wps.button_pushed(NOW, None).unwrap();
    let (mut one, mut ap) = (enrolling(None), admitting(wps));
    ap.give(&one.next().unwrap());
    one.give(&ap.next().unwrap());

    let mut other = enrolling(None);
    (other.wps.uuid, other.wps.device.mac_addr) = ([0x99; 16], MacAddr([2, 0, 0, 0, 2, 0]));
    other.session = Session::new(&other.wps, SessionConfig { pbc: true, ..SessionConfig::default() });
    let second = Session::new(&ap.wps, SessionConfig { registrar: true, ..SessionConfig::default() });
    let first = std::mem::replace(&mut ap.session, second);
    let sent = converse(&mut other, &mut ap, |_| ());
    assert_eq!(kinds(&sent), [M1, M2d, WscAck]);
    let refused = fail(M1, config_error::MULTIPLE_PBC_DETECTED, other.wps.device.mac_addr);
    assert_eq!(ap.events(), [WpsEvent::PbcOverlap, refused]);
    let events = other.events();
    let [WpsEvent::M2d { config_error: config_error::MULTIPLE_PBC_DETECTED, .. }] = &events[..] else {
        panic!("{events:?}")
    };

    // The one that came first is not served any more either.
    ap.session = first;
    ap.give(&one.next().unwrap());
    assert_eq!(ap.events(), [fail(M3, config_error::MULTIPLE_PBC_DETECTED, STA)]);
    let nack = ap.next().unwrap();
    assert_eq!(nack.op, OpCode::Nack);
    one.give(&nack);
    assert_eq!(one.last, Processed::Failure);
    assert_eq!(one.events(), [fail(M3, config_error::MULTIPLE_PBC_DETECTED, AP)]);
}

#[test]
fn the_registrar_has_another_first_half() {
    let (mut sta, mut ap) = (enrolling(Some(b"12345670")), with_pin(access_point(), b"12355670"));
    assert_eq!(kinds(&converse(&mut sta, &mut ap, |_| ())), [M1, M2, M3, M4, WscNack]);
    let wrong = WpsEvent::PasswordAuthFail { enrollee: true, part: 1, peer: AP };
    assert_eq!(sta.events(), [wrong, fail(M4, 18, AP)]);
    assert_eq!(ap.events(), [fail(M4, 18, STA)]);
}

#[test]
fn the_registrar_has_another_second_half() {
    let (mut sta, mut ap) = (enrolling(Some(b"12345670")), with_pin(access_point(), b"12345671"));
    assert_eq!(kinds(&converse(&mut sta, &mut ap, |_| ())), [M1, M2, M3, M4, M5, M6, WscNack]);
    let wrong = WpsEvent::PasswordAuthFail { enrollee: true, part: 2, peer: AP };
    assert_eq!(sta.events(), [wrong, fail(M6, 18, AP)]);
    assert_eq!(ap.events(), [fail(M6, 18, STA)]);
    // Its PIN is known to the enrollee now and must not serve again.
    let End { mut wps, session, .. } = ap;
    session.close(&mut wps);
    assert_eq!(wps.pin_for(NOW, &[0x36; 16]), None);
}

/// Runs a handmade enrollee up to the registrar's first message that is no M2, M4, M6; that message.
fn enrol(enrollee: &mut Handmade, ap: &mut End) -> Message {
    ap.give(&enrollee.m1());
    enrollee.keyed(&ap.next().unwrap());
    for message in [Handmade::m3, Handmade::m5, Handmade::m7] {
        let message = message(enrollee);
        ap.give(&message);
        let answer = ap.next().unwrap();
        if answer.op != OpCode::Msg {
            return answer;
        }
        enrollee.took(&answer);
    }
    Message { op: OpCode::Msg, body: enrollee.last.clone() }
}

#[test]
fn the_enrollee_has_another_first_half() {
    let mut ap = with_pin(access_point(), b"12345670");
    let answer = enrol(&mut Handmade::new(b"1235", b"5670"), &mut ap);
    assert_eq!(answer.op, OpCode::Nack);
    let wrong = WpsEvent::PasswordAuthFail { enrollee: false, part: 1, peer: STA };
    assert_eq!(ap.events(), [wrong, fail(M5, 18, STA)]);
}

#[test]
fn the_enrollee_has_another_second_half() {
    let mut ap = with_pin(access_point(), b"12345670");
    let answer = enrol(&mut Handmade::new(b"1234", b"5671"), &mut ap);
    assert_eq!(answer.op, OpCode::Nack);
    let wrong = WpsEvent::PasswordAuthFail { enrollee: false, part: 2, peer: STA };
    assert_eq!(ap.events(), [wrong, fail(M7, 18, STA)]);
    let End { mut wps, session, .. } = ap;
    session.close(&mut wps);
    assert_eq!(wps.pin_for(NOW, &[0x36; 16]), None);
}

/// Version 1.0 peers, and attributes of versions to come.
#[test]
fn other_versions_enrol() {
    for (version1, unknown) in [(true, false), (false, true), (true, true)] {
        let mut ap = with_pin(access_point(), b"12345670");
        let mut enrollee = Handmade::new(b"1234", b"5670");
        (enrollee.version1, enrollee.unknown) = (version1, unknown);
        let m8 = enrol(&mut enrollee, &mut ap);
        assert_eq!(kinds(std::slice::from_ref(&m8)), [M8]);
        let plain = enrollee.open(&m8);
        let settings = Attributes::parse(&plain).unwrap();
        let credential = Credential::parse(settings.credentials[0]).unwrap();
        assert_eq!((&credential.key[..], credential.mac_addr), (&b"secret passphrase"[..], STA));
        ap.give(&enrollee.last_word(OpCode::Done, WscDone, None));
        assert_eq!(ap.last, Processed::Done);
    }
}

#[test]
fn m1_needs_all_its_attributes() {
    let mut whole = Handmade::new(b"1234", b"5670");
    let body = whole.m1().body;
    let mut rest = &body[..];
    while let [k0, k1, l0, l1, tail @ ..] = rest {
        let kind = u16::from_be_bytes([*k0, *k1]);
        rest = &tail[usize::from(u16::from_be_bytes([*l0, *l1]))..];
        if [attr::VERSION, attr::MSG_TYPE, attr::VENDOR_EXTENSION].contains(&kind) {
            continue;
        }
        let mut ap = with_pin(access_point(), b"12345670");
        let mut enrollee = Handmade::new(b"1234", b"5670");
        ap.give(&enrollee.m1_with(|k, value| (k != kind).then(|| value.to_vec())));
        assert_eq!(ap.last, Processed::Failure, "without {kind:#06x}");
        assert_eq!((ap.next(), ap.events()), (None, vec![]));
    }
}

#[test]
fn a_public_key_of_no_use_ends_the_run_silently() {
    let mut ap = with_pin(access_point(), b"12345670");
    let one = |kind, value: &[u8]| {
        let mut one = vec![0; 191];
        one.push(1);
        Some(if kind == attr::PUBLIC_KEY { one } else { value.to_vec() })
    };
    ap.give(&Handmade::new(b"1234", b"5670").m1_with(one));
    assert_eq!((ap.last, ap.next()), (Processed::Continue, None));
}

/// Returns the credential that an access point gives to an enrollee whose M1 is changed so.
fn given(wps: Wps, change: impl Fn(u16, &[u8]) -> Option<Vec<u8>>) -> Credential {
    let mut ap = with_pin(wps, b"12345670");
    let mut enrollee = Handmade::new(b"1234", b"5670");
    ap.give(&enrollee.m1_with(change));
    enrollee.keyed(&ap.next().unwrap());
    let mut answer = None;
    for message in [Handmade::m3, Handmade::m5, Handmade::m7] {
        ap.give(&message(&mut enrollee));
        let said = ap.next().unwrap();
        enrollee.took(&said);
        answer = Some(said);
    }
    let plain = enrollee.open(&answer.unwrap());
    let settings = Attributes::parse(&plain).unwrap();
    Credential::parse(settings.credentials[0]).unwrap()
}

/// The description of an enrollee decides in which form it is given the key.
#[test]
fn the_key_is_a_psk_for_those_without_a_display() {
    let psk = wpasim_runtime::text::hex(&[0x14; 32]).into_bytes();
    type Change = fn(u16) -> Option<&'static [u8]>;
    let no_display: Change = |kind| (kind == attr::CONFIG_METHODS).then_some(&[0x02, 0x80]);
    let airport: Change = |kind| match kind {
        attr::MANUFACTURER => Some(b"Apple Inc."),
        attr::MODEL_NAME => Some(b"AirPort"),
        _ => None,
    };
    for (change, expected) in [(no_display, &psk[..]), (airport, &psk), (|_| None, b"secret passphrase")] {
        let change = |kind, value: &[u8]| Some(change(kind).unwrap_or(value).to_vec());
        assert_eq!(given(access_point(), change).key, expected);
    }
}

/// Devices that do not say rightly what they support are given the best there is.
#[test]
fn wrong_claims_of_what_is_supported() {
    // WPA2 and WPA-PSK but not WPA2-PSK; octets swapped; nothing.
    for (auth, encr) in [([0, 0x1b], [0, 0x0d]), ([0x23, 0], [0x0d, 0]), ([0, 0], [0, 0])] {
        let mut wps = access_point();
        (wps.auth_types, wps.encr_types, wps.encr_types_wpa) = (0x22, 0x0c, 0x04);
        wps.encr_types_rsn = encr_type::AES;
        let claim = |kind, value: &[u8]| match kind {
            attr::AUTH_TYPE_FLAGS => Some(auth.to_vec()),
            attr::ENCR_TYPE_FLAGS => Some(encr.to_vec()),
            _ => Some(value.to_vec()),
        };
        let credential = given(wps, claim);
        assert_eq!((credential.auth_type, credential.encr_type), (auth_type::WPA2_PSK, encr_type::AES));
    }
}

#[test]
fn password_ids_that_nobody_knows_get_m2d() {
    for (id, known) in [(3u16, false), (6, false), (9, false), (1, true), (8, true), (0x10, true)] {
        let mut ap = with_pin(access_point(), b"12345670");
        let m1 = Handmade::new(b"1234", b"5670").m1_with(|kind, value| {
            Some(if kind == attr::DEV_PASSWORD_ID { id.to_be_bytes().to_vec() } else { value.to_vec() })
        });
        ap.give(&m1);
        let answer = ap.next().unwrap();
        assert_eq!(kinds(std::slice::from_ref(&answer)), [if known { M2 } else { M2d }], "{id}");
        if id == 0x10 {
            let named = Attributes::parse(&answer.body).unwrap().dev_password_id;
            assert_eq!(named, Some(password_id::DEFAULT));
        }
    }
}

#[test]
fn the_first_enrollee_configures_an_access_point() {
    let mut wps = access_point();
    wps.state = WpsState::NotConfigured;
    let pin = b"12345670";
    let (mut sta, mut ap) = (enrolling(Some(pin)), with_pin(wps, pin));
    converse(&mut sta, &mut ap, |_| ());
    let given = credential_of(&sta.events()).clone();
    assert_eq!((given.key.len(), given.auth_type), (22, auth_type::WPA2_PSK));
    let events = ap.events();
    let own = credential_of(&events);
    assert_eq!((&own.key, &own.ssid), (&given.key, &given.ssid));
    assert_eq!((own.auth_type, own.encr_type), (0x22, 0x0c));
    assert_eq!(ap.wps.state, WpsState::Configured);
    assert!(!events.iter().any(|e| matches!(e, WpsEvent::NewPsk { .. })));
}

#[test]
fn every_enrollee_may_have_a_psk_of_its_own() {
    let mut wps = access_point();
    wps.registrar.force_per_enrollee_psk = true;
    let pin = b"12345670";
    let (mut sta, mut ap) = (enrolling(Some(pin)), with_pin(wps, pin));
    converse(&mut sta, &mut ap, |_| ());
    let key = credential_of(&sta.events()).key.clone();
    let [WpsEvent::NewPsk { addr: STA, p2p_dev_addr: MacAddr::ZERO, psk }, ..] = &ap.events()[..] else {
        panic!("no PSK")
    };
    assert_eq!(wpasim_runtime::text::hex(psk).into_bytes(), key);
}

#[test]
fn credentials_may_be_made_elsewhere() {
    let mut wps = access_point();
    wps.registrar.skip_cred_build = true;
    let credential =
        Credential { ssid: Ssid::new(*b"extra").unwrap(), auth_type: 1, encr_type: 1, ..Default::default() };
    let mut extra = Writer::new();
    extra.attribute(attr::CREDENTIAL, &credential.emit());
    wps.registrar.extra_cred = Some(extra.into_bytes());
    let pin = b"12345670";
    let (mut sta, mut ap) = (enrolling(Some(pin)), with_pin(wps, pin));
    converse(&mut sta, &mut ap, |_| ());
    assert_eq!(credential_of(&sta.events()).ssid.as_bytes(), b"extra");
}

#[test]
fn networks_of_other_security() {
    let types = [(0x01, 0x01, 1, 1), (0x02, 0x04, 2, 4), (0x22, 0x0c, 0x20, 8), (0x03, 0x05, 2, 4)];
    for (auth, encr, given_auth, given_encr) in types {
        let mut wps = access_point();
        (wps.auth_types, wps.encr_types) = (auth, encr);
        (wps.encr_types_rsn, wps.encr_types_wpa) = (encr, encr);
        let pin = b"12345670";
        let (mut sta, mut ap) = (enrolling(Some(pin)), with_pin(wps, pin));
        converse(&mut sta, &mut ap, |_| ());
        let events = sta.events();
        let credential = credential_of(&events);
        assert_eq!((credential.auth_type, credential.encr_type), (given_auth, given_encr));
    }
    // Nothing that WPS could give: M8 is not made.
    let mut wps = access_point();
    (wps.auth_types, wps.encr_types) = (auth_type::WPA2, encr_type::AES);
    let pin = b"12345670";
    let sent = converse(&mut enrolling(Some(pin)), &mut with_pin(wps, pin), |_| ());
    assert_eq!(kinds(&sent), WHOLE[..7]);
}

/// A station as external registrar of an access point.
fn configuring(new_ap_settings: Option<Credential>, pin: &[u8]) -> End {
    let mut wps = station();
    wps.add_pin(NOW, None, None, pin, None);
    let config = SessionConfig {
        registrar: true,
        pin: pin_of(pin),
        new_ap_settings,
        peer_addr: Some(AP),
        ..SessionConfig::default()
    };
    End::new(wps, config)
}

/// An access point with a PIN of its own.
fn configurable(locked: u8) -> End {
    let mut wps = access_point();
    wps.ap_setup_locked = locked;
    let config = SessionConfig { pin: pin_of(b"12345670"), peer_addr: Some(STA), ..SessionConfig::default() };
    End::new(wps, config)
}

fn new_settings() -> Credential {
    Credential {
        ssid: Ssid::new(*b"new").unwrap(),
        auth_type: auth_type::WPA_PSK,
        encr_type: encr_type::TKIP,
        key: b"new passphrase".to_vec(),
        ..Credential::default()
    }
}

#[test]
fn an_access_point_is_configured() {
    let (mut ap, mut sta) = (configurable(0), configuring(Some(new_settings()), b"12345670"));
    let mut sent = converse(&mut ap, &mut sta, |_| ());
    assert_eq!(sta.last, Processed::Done);
    let ack = sta.next().unwrap();
    ap.give(&ack);
    sent.push(ack);
    assert_eq!(ap.last, Processed::Done);
    assert_eq!(kinds(&sent), [M1, M2, M3, M4, M5, M6, M7, M8, WscDone, WscAck]);
    let events = ap.events();
    let [WpsEvent::ApPinSuccess, WpsEvent::Credential(taken), WpsEvent::Success { peer: STA }] = &events[..]
    else {
        panic!("{events:?}")
    };
    // WPA with TKIP alone is not for an access point.
    assert_eq!((taken.auth_type, taken.encr_type, taken.ssid.as_bytes()), (0x22, 0x0c, &b"new"[..]));
    assert!(!taken.received.is_empty());
    let events = sta.events();
    let [WpsEvent::Credential(own), WpsEvent::RegSuccess { addr: AP, .. }, WpsEvent::Success { peer: AP }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((own.auth_type, own.encr_type, &own.key[..]), (2, 4, &b"new passphrase"[..]));
    assert_eq!((own.mac_addr, own.received.len()), (AP, 0));
}

#[test]
fn a_locked_access_point_takes_no_registrar() {
    let (mut ap, mut sta) = (configurable(1), configuring(None, b"12345670"));
    assert_eq!(kinds(&converse(&mut ap, &mut sta, |_| ())), [M1, M2, WscNack]);
    assert_eq!(ap.events(), []);
    assert_eq!(sta.events(), [fail(M2, config_error::SETUP_LOCKED, AP)]);
}

#[test]
fn an_access_point_locked_for_good_tells_but_does_not_take() {
    let (mut ap, mut sta) = (configurable(2), configuring(Some(new_settings()), b"12345670"));
    let sent = converse(&mut ap, &mut sta, |_| ());
    assert_eq!(kinds(&sent), [M1, M2, M3, M4, M5, M6, M7, M8, WscNack]);
    assert_eq!(ap.events(), [WpsEvent::ApPinSuccess, fail(M8, config_error::SETUP_LOCKED, STA)]);
    assert_eq!(sta.events(), [fail(M8, config_error::SETUP_LOCKED, AP)]);
}

#[test]
fn an_access_point_without_a_pin_takes_no_registrar() {
    let mut ap = configurable(0);
    ap.session = Session::new(&ap.wps, SessionConfig::default());
    let sent = converse(&mut ap, &mut configuring(None, b"12345670"), |_| ());
    assert_eq!(kinds(&sent), [M1, M2, WscNack]);
    let nack = Attributes::parse(&sent[2].body).unwrap();
    assert_eq!(nack.config_error, Some(config_error::SETUP_LOCKED));
}

/// The button of an access point is not for registrars, unless it has no PIN or is told otherwise.
#[test]
fn m1_of_an_access_point_claims_the_button_or_not() {
    let claims = |methods: u16, config: SessionConfig| {
        let mut wps = access_point();
        wps.config_methods = methods;
        let m1 = End::new(wps, config).next().unwrap();
        Attributes::parse(&m1.body).unwrap().config_methods.unwrap()
    };
    let with_pin = || SessionConfig { pin: pin_of(b"1"), ..SessionConfig::default() };
    assert_eq!(claims(0x0784, with_pin()), 0x0104);
    assert_eq!(claims(0x0784, SessionConfig { pbc_in_m1: true, ..with_pin() }), 0x0784);
    assert_eq!(claims(0x0784, SessionConfig::default()), 0x0784);
    assert_eq!(claims(0x078c, SessionConfig::default()), 0x010c);
}

/// An access point with several types of security tells the best of each, and settings made elsewhere
/// as they are.
#[test]
fn settings_that_are_learned() {
    let mut ap = configurable(0);
    (ap.wps.ap_auth_type, ap.wps.ap_encr_type) = (0x22, 0x0c);
    let mut sta = configuring(None, b"12345670");
    converse(&mut ap, &mut sta, |_| ());
    let learned = credential_of(&sta.events()).clone();
    assert_eq!((learned.auth_type, learned.encr_type), (auth_type::WPA2_PSK, encr_type::AES));

    let mut elsewhere = Writer::new();
    Credential { mac_addr: AP, ..new_settings() }.emit_settings(&mut elsewhere);
    let mut ap = configurable(0);
    ap.wps.ap_settings = Some(elsewhere.into_bytes());
    let mut sta = configuring(None, b"12345670");
    converse(&mut ap, &mut sta, |_| ());
    assert_eq!(credential_of(&sta.events()).ssid.as_bytes(), b"new");

    let mut ap = configurable(0);
    ap.wps.network_key = None;
    let mut sta = configuring(None, b"12345670");
    converse(&mut ap, &mut sta, |_| ());
    let key = credential_of(&sta.events()).key.clone();
    let psk = ap.events().into_iter().find_map(|e| match e {
        WpsEvent::NewPsk { psk, .. } => Some(psk),
        _ => None,
    });
    assert_eq!(wpasim_runtime::text::hex(&psk.unwrap()).into_bytes(), key);
}

/// Each message of the enrollee comes twice, the second time after its answer.
#[test]
fn a_message_out_of_turn_is_refused() {
    for (before, repeated) in [(1, M3), (2, M5), (3, M7)] {
        let (mut sta, mut ap) = (enrolling(Some(b"12345670")), with_pin(access_point(), b"12345670"));
        for _ in 0..before {
            ap.give(&sta.next().unwrap());
            sta.give(&ap.next().unwrap());
        }
        let message = sta.next().unwrap();
        ap.give(&message);
        assert_eq!(ap.next().unwrap().op, OpCode::Msg);
        ap.give(&message);
        assert_eq!(ap.next().unwrap().op, OpCode::Nack);
        assert_eq!(ap.events(), [fail(repeated, 0, STA)]);
    }
}

/// Each message of the registrar comes twice.
#[test]
fn a_message_to_the_enrollee_out_of_turn_is_refused() {
    for (before, repeated) in [(0, None), (1, Some(M4)), (2, Some(M6)), (3, Some(M8))] {
        let (mut sta, mut ap) = (enrolling(Some(b"12345670")), with_pin(access_point(), b"12345670"));
        for _ in 0..before {
            ap.give(&sta.next().unwrap());
            sta.give(&ap.next().unwrap());
        }
        ap.give(&sta.next().unwrap());
        let message = ap.next().unwrap();
        sta.give(&message);
        sta.events();
        sta.give(&message);
        assert_eq!(sta.next().unwrap().op, OpCode::Nack);
        assert_eq!(sta.events(), repeated.map(|m| fail(m, 0, AP)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_nack_of_the_enrollee_is_reported_with_the_message_it_refuses() {
    for (messages, refused) in [(1, M2), (2, M4), (3, M6), (4, M8)] {
        let mut ap = with_pin(access_point(), b"12345670");
        let mut enrollee = Handmade::new(b"1234", b"5670");
        ap.give(&enrollee.m1());
        enrollee.keyed(&ap.next().unwrap());
        for message in [Handmade::m3, Handmade::m5, Handmade::m7].into_iter().take(messages - 1) {
            let message = message(&mut enrollee);
            ap.give(&message);
            let answer = ap.next().unwrap();
            enrollee.took(&answer);
        }
        ap.give(&enrollee.last_word(OpCode::Nack, WscNack, Some(12)));
        assert_eq!((ap.last, ap.events()), (Processed::Failure, vec![fail(refused, 12, STA)]));
    }
}

#[test]
fn done_before_m8_is_a_failure() {
    let mut ap = with_pin(access_point(), b"12345670");
    let mut enrollee = Handmade::new(b"1234", b"5670");
    ap.give(&enrollee.m1());
    enrollee.keyed(&ap.next().unwrap());
    ap.give(&enrollee.last_word(OpCode::Done, WscDone, None));
    assert_eq!((ap.last, ap.events()), (Processed::Failure, vec![fail(WscDone, 0, STA)]));
    assert_eq!(ap.next().unwrap().op, OpCode::Nack);
}

/// Only credentials that can be used are taken: WEP is skipped, and reported if it was all there is.
#[test]
fn wep_is_not_taken() {
    let wep = Credential { encr_type: encr_type::WEP, auth_type: 1, ..new_settings() };
    for with_another in [false, true] {
        let mut wps = access_point();
        wps.registrar.skip_cred_build = !with_another;
        let mut extra = Writer::new();
        extra.attribute(attr::CREDENTIAL, &wep.emit());
        wps.registrar.extra_cred = Some(extra.into_bytes());
        let pin = b"12345670";
        let (mut sta, mut ap) = (enrolling(Some(pin)), with_pin(wps, pin));
        converse(&mut sta, &mut ap, |_| ());
        let events = sta.events();
        if with_another {
            assert!(matches!(events[..], [WpsEvent::Credential(_), WpsEvent::Success { .. }]));
        } else {
            let error_indication = crate::ErrorIndication::SecurityWepProhibited;
            let refused = WpsEvent::Fail { msg: M8, config_error: 0, error_indication, peer: AP };
            assert_eq!(events, [refused]);
        }
    }
}
