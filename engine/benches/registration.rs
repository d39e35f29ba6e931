//! What Wi-Fi Protected Setup costs: Diffie-Hellman in group 5 with exponents of 256 bits, and a whole
//! run with both its ends, each of which makes a key pair and a secret. `cargo bench -p wpasim-engine`.

use divan::{Bencher, black_box};
use wpasim_engine::entropy::Entropy;
use wpasim_engine::wire::time::Instant;
use wpasim_engine::wire::wsc::{DeviceData, WpsState, auth_type, encr_type};
use wpasim_engine::wps::dh::PrivateKey;
use wpasim_engine::wps::{Processed, Session, SessionConfig, Wps};

fn main() {
    divan::main();
}

#[divan::bench]
fn public_key(bencher: Bencher) {
    let key = PrivateKey::new([0xa5; 32]);
    bencher.bench_local(|| black_box(&key).public());
}

#[divan::bench]
fn shared_secret(bencher: Bencher) {
    let (key, peer) = (PrivateKey::new([0xa5; 32]), PrivateKey::new([0xc3; 32]).public());
    bencher.bench_local(|| black_box(&key).shared(black_box(&peer)));
}

fn ends() -> [Wps; 2] {
    [("sta", false), ("ap", true)].map(|(name, ap)| {
        let random = Entropy::new(1, name).stream("wps");
        let mut wps = Wps::new(ap, [1; 16], DeviceData::default(), random);
        (wps.auth_types, wps.encr_types, wps.encr_types_rsn) =
            (auth_type::WPA2_PSK, encr_type::AES, encr_type::AES);
        wps.state = WpsState::Configured;
        wps.network_key = Some(b"secret passphrase".to_vec());
        wps
    })
}

fn enrol([mut sta, mut ap]: [Wps; 2]) -> Processed {
    let now = Instant::ZERO;
    ap.add_pin(now, None, None, b"12345670", None);
    let pin = Some(b"12345670".to_vec());
    let mut enrollee = Session::new(&sta, SessionConfig { pin, ..SessionConfig::default() });
    let mut registrar = Session::new(&ap, SessionConfig { registrar: true, ..SessionConfig::default() });
    loop {
        let said = enrollee.next_message(&mut sta, now).expect("the enrollee has something to say");
        let result = registrar.process(&mut ap, now, said.op, &said.body);
        if result != Processed::Continue {
            return result;
        }
        let said = registrar.next_message(&mut ap, now).expect("the registrar has an answer");
        enrollee.process(&mut sta, now, said.op, &said.body);
    }
}

#[divan::bench]
fn whole_run(bencher: Bencher) {
    assert_eq!(enrol(ends()), Processed::Done);
    bencher.with_inputs(ends).bench_local_values(enrol);
}
