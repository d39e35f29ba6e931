//! A WPA2 connection, a WPS enrolment and groups of Wi-Fi Direct as scenarios, whole: parsed once, then a fresh world, both ends started,
//! scan, EAP, handshake, transcript. `cargo bench -p wpasim`.

use divan::Bencher;
use divan::counter::ItemsCount;
use wpasim::run::{Ending, Options, Run, run};
use wpasim::scenario::model::Scenario;
use wpasim::target::TargetKind;
use wpasim::target::sim::SimKind;

fn main() {
    divan::main();
}

const CONNECTION: &str = r#"format: 1
about: WPA2-PSK with CCMP, from nothing to connected
why: what the numbers of docs/performance.md are measured with
devices:
  sta: {networks: [{ssid: '"jkm private"', psk: '"secret passphrase"', scan_freq: 2412}]}
  ap:
    hostapd: {ssid: jkm private, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: secret passphrase}
steps:
  - together:
      - sta sees: CTRL-EVENT-CONNECTED - Connection to {ap} completed
      - ap sees: EAPOL-4WAY-HS-COMPLETED {sta}
  - {sta: STATUS, reply: {fields: {wpa_state: COMPLETED, key_mgmt: WPA2-PSK}}}
"#;

const ENROLMENT: &str = r#"format: 1
about: WPS by push button, from nothing to connected
why: what the numbers of docs/performance.md are measured with
requires: [wps]
devices:
  sta: {device_name: station}
  ap:
    hostapd:
      {ssid: wps, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: secret passphrase, eap_server: 1, wps_state: 2}
steps:
  - ap: WPS_PBC
  - sta: WPS_PBC
  - together:
      - sta sees: CTRL-EVENT-CONNECTED - Connection to {ap} completed
      - ap sees: EAPOL-4WAY-HS-COMPLETED {sta}
"#;

const FORMATION: &str = r#"format: 1
about: Two devices find each other, negotiate, and form a group by push button
why: what the numbers of docs/performance.md are measured with
requires: [p2p]
devices:
  a: {device_name: a, p2p_no_group_iface: 1}
  b: {device_name: b, p2p_no_group_iface: 1}
steps:
  - a: P2P_FIND 30 type=social
  - b: P2P_FIND 30 type=social
  - together:
      - a sees: P2P-DEVICE-FOUND {b}
      - b sees: P2P-DEVICE-FOUND {a}
    within: 30s
  - a: P2P_CONNECT {b} pbc go_intent=15
  - b sees: P2P-GO-NEG-REQUEST {a}
    within: 30s
  - b: P2P_CONNECT {a} pbc go_intent=0
  - together:
      - a sees: EAPOL-4WAY-HS-COMPLETED {b}
      - a sees: P2P-GROUP-STARTED {a.ifname} GO
      - b sees: P2P-GROUP-STARTED {b.ifname} client
    within: 30s
"#;

/// Ten devices that discover each other and form five groups.
const TEN_DEVICES: &str = include_str!("../scenarios/p2p/ten_devices.yaml");

fn read(text: &str) -> Scenario {
    let none = wpasim::scenario::without_includes;
    let mut cases = wpasim::scenario::read_all("bench.yaml", text, &none).expect("it is valid");
    cases.remove(0)
}

fn parsed() -> Scenario {
    read(CONNECTION)
}

fn connect(scenario: &Scenario, kind: &dyn TargetKind) -> Run {
    let options =
        Options { seed: 1, release: Default::default(), capture: false, live: None, interrupted: &|| false };
    let run = run(scenario, kind, options);
    assert_eq!(run.ending, Ending::Completed);
    run
}

/// Measures a scenario in processes that have derived nothing before.
fn anew(bencher: Bencher, scenario: &str) {
    let scenario = read(scenario);
    bencher
        .counter(ItemsCount::new(1_u32))
        .with_inputs(SimKind::default)
        .bench_local_values(|kind| connect(&scenario, &kind));
}

/// Scenarios per second (items) where each derives its PSK from the passphrase: PBKDF2, 4096 rounds twice.
#[divan::bench]
fn psk_derived_anew(bencher: Bencher) {
    anew(bencher, CONNECTION);
}

/// Scenarios per second (items) where the process has derived the PSK before.
#[divan::bench]
fn psk_known(bencher: Bencher) {
    let (scenario, kind) = (parsed(), SimKind::default());
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| connect(&scenario, &kind));
}

/// Enrolments per second (items): M1 to M8 with Diffie-Hellman on both sides, then the WPA2 connection; the
/// PSK is derived anew.
#[divan::bench]
fn enrolment(bencher: Bencher) {
    anew(bencher, ENROLMENT);
}

/// Group formations per second (items): search and listen states, GO negotiation, WPS with Diffie-Hellman on both
/// sides, the client's WPA2 connection; nothing is derived before.
#[divan::bench]
fn formation(bencher: Bencher) {
    anew(bencher, FORMATION);
}

/// Ten devices, five groups.
#[divan::bench]
fn ten_devices(bencher: Bencher) {
    anew(bencher, TEN_DEVICES);
}

/// Reading the scenario's YAML.
#[divan::bench]
fn parse(bencher: Bencher) {
    bencher.counter(ItemsCount::new(1_u32)).bench_local(parsed);
}
