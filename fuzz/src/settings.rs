//! Targets for the two files of WPS attributes: credentials that a registrar adds to its own, and the settings that an
//! access point tells in place of its own.

use wpasim_engine::entropy::Entropy;
use wpasim_engine::wire::time::Instant;
use wpasim_engine::wire::wsc::{Attributes, Credential, DeviceData, OpCode, WpsState, auth_type, encr_type};
use wpasim_engine::wire::{MacAddr, Ssid};
use wpasim_engine::wps::{Processed, Session, SessionConfig, Wps, WpsEvent};

const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const PIN: &[u8] = b"12345670";
/// M1 to M8, and what ends a run.
const MESSAGES: usize = 12;

fn device(is_ap: bool) -> Wps {
    let addr = if is_ap { AP } else { STA };
    let data = DeviceData { mac_addr: addr, ..DeviceData::default() };
    let mut wps = Wps::new(is_ap, [addr.0[4]; 16], data, Entropy::new(1, "fuzz").stream(&addr.to_string()));
    if is_ap {
        wps.state = WpsState::Configured;
        wps.ssid = Ssid::new(*b"own").unwrap_or_default();
        (wps.auth_types, wps.ap_auth_type) = (auth_type::WPA2_PSK, auth_type::WPA2_PSK);
        (wps.encr_types, wps.encr_types_rsn, wps.ap_encr_type) =
            (encr_type::AES, encr_type::AES, encr_type::AES);
        wps.network_key = Some(b"own passphrase".to_vec());
    }
    wps
}

/// A whole run of two ends that mean well; what each of them learned.
fn run(mut enrollee: Wps, mut registrar: Wps) -> [Vec<Credential>; 2] {
    registrar.add_pin(Instant::ZERO, None, None, PIN, None);
    let addrs = (enrollee.device.mac_addr, registrar.device.mac_addr);
    let config = |is_registrar, peer| SessionConfig {
        registrar: is_registrar,
        pin: Some(PIN.to_vec()),
        peer_addr: Some(peer),
        ..SessionConfig::default()
    };
    let mut from = (Session::new(&enrollee, config(false, addrs.1)), &mut enrollee);
    let mut to = (Session::new(&registrar, config(true, addrs.0)), &mut registrar);
    for _ in 0..MESSAGES {
        let Some(message) = from.0.next_message(from.1, Instant::ZERO) else { break };
        assert!(message.op != OpCode::Msg || Attributes::parse(&message.body).is_ok());
        if to.0.process(to.1, Instant::ZERO, message.op, &message.body) == Processed::Failure {
            break;
        }
        (from, to) = (to, from);
    }
    [enrollee, registrar].map(|wps| {
        let learned = wps.events.into_iter().filter_map(|event| match event {
            WpsEvent::Credential(credential) => Some(*credential),
            _ => None,
        });
        learned.collect()
    })
}

/// A station is given these credentials, alone or beside the access point's: what it takes is what the file says.
pub fn extra_cred(data: &[u8]) {
    let Some((alone, extra)) = data.split_first() else { return };
    let mut registrar = device(true);
    registrar.registrar.skip_cred_build = alone & 1 == 1;
    registrar.registrar.extra_cred = Some(extra.to_vec());
    let [learned, _] = run(device(false), registrar);
    let attributes = Attributes::parse(extra);
    let said: Vec<Credential> = attributes
        .iter()
        .flat_map(|attributes| attributes.credentials.clone())
        .filter_map(|value| Credential::parse(value).ok())
        .collect();
    for credential in &learned {
        let same = |one: &Credential| (&one.ssid, &one.key) == (&credential.ssid, &credential.key);
        let is_own = credential.ssid.as_bytes() == b"own" && credential.key == b"own passphrase";
        assert!(is_own && alone & 1 == 0 || said.iter().any(same), "{credential:?} comes from nowhere");
    }
}

/// A registrar learns these settings of an access point: what it learns is what the file says.
pub fn ap_settings(data: &[u8]) {
    let mut enrollee = device(true);
    enrollee.ap_settings = Some(data.to_vec());
    let [_, learned] = run(enrollee, device(false));
    let said = Attributes::parse(data).ok().and_then(|a| Credential::from_settings(&a).ok());
    for credential in learned {
        let said = said.as_ref().expect("what cannot be read is not learned");
        assert_eq!((&said.ssid, &said.key), (&credential.ssid, &credential.key));
    }
}
