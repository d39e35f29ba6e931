//! A file of very many passphrases: how many are derived at a time, and that a station finds its key all the same.

use super::*;
use crate::rsn::{AssocParams, RsnAction, Selection, Supplicant};
use crate::wire::crypto;
use crate::wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};
use rstest::rstest;
use std::cell::Cell;

const CONF: &str = "interface=wlan1\ndriver=nl80211\nhw_mode=g\nssid=net\nchannel=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\n\
                    rsn_pairwise=CCMP\nwpa_psk_file=psks\n";

/// A derivation that costs nothing, and is counted.
#[derive(Default)]
struct Counted(Cell<usize>);

impl PskSource for Counted {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
        self.0.set(self.0.get() + 1);
        key_of(passphrase, ssid)
    }
}

fn key_of(passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
    crypto::sha256(&[passphrase, b"/", ssid].concat())
}

struct Bench {
    world: World,
    source: Counted,
    hostapd: Hostapd,
    now: Instant,
    next: Option<Instant>,
    /// The most derivations that one input took.
    most: usize,
    events: Vec<String>,
    eapol: Vec<Vec<u8>>,
}

impl Bench {
    fn start(psks: String) -> Bench {
        let files = [("hostapd.conf".to_owned(), CONF.into()), ("psks".to_owned(), psks.into_bytes())];
        let mut bench = Bench {
            world: World { files: files.into() },
            source: Counted::default(),
            hostapd: Hostapd::new(interface(), Entropy::new(1, "ap")),
            now: Instant::ZERO,
            next: None,
            most: 0,
            events: Vec::new(),
            eapol: Vec::new(),
        };
        bench.input(Input::Start);
        bench.command("ATTACH");
        bench
    }

    fn input(&mut self, input: Input) {
        let before = self.source.0.get();
        let env = Env { driver: &self.world, files: &self.world, psk: &self.source };
        self.hostapd.handle(self.now, input, env);
        self.most = self.most.max(self.source.0.get() - before);
        let mut sent = Vec::new();
        loop {
            match self.hostapd.poll_output() {
                Output::Event { data, .. } => self.events.push(String::from_utf8(data).unwrap()),
                Output::Driver { request: DriverRequest::TxMgmt { frame, cookie, .. }, .. } => {
                    sent.push(DriverEvent::MgmtTxStatus { cookie, frame, ack: true });
                }
                Output::Driver { request: DriverRequest::TxEapol { frame, .. }, .. } => {
                    self.eapol.push(frame)
                }
                Output::Idle { next } => {
                    self.next = next;
                    break;
                }
                _ => {}
            }
        }
        for event in sent {
            self.input(Input::Driver { iface: IfId(0), event });
        }
    }

    fn command(&mut self, command: &str) {
        let socket = CtrlSocket::Interface(IfId(0));
        self.input(Input::Command { conn: CONN, socket, data: command.as_bytes().to_vec() });
    }

    fn rsn_element() -> Vec<u8> {
        SecurityElement::new(Proto::Rsn, CipherSet::CCMP, CipherSet::CCMP, AkmSet::PSK).emit()
    }

    fn associate(&mut self) {
        let auth = MgmtBody::Authentication { algorithm: 0, transaction: 1, status: 0, ies: vec![] };
        let ies = [b"\x00\x03net\x01\x04\x02\x04\x0b\x16".to_vec(), Bench::rsn_element()].concat();
        for body in [auth, MgmtBody::AssocRequest { capability: 0x431, listen_interval: 5, ies }] {
            let frame = MgmtFrame::new(AP, STA, AP, body).emit();
            let event = DriverEvent::RxMgmt { frame, freq: 2412, signal_dbm: -30 };
            self.input(Input::Driver { iface: IfId(0), event });
        }
    }

    /// Handles what is due at this instant. Returns the number of inputs that took.
    fn settle(&mut self) -> usize {
        let mut inputs = 0;
        while self.next == Some(self.now) {
            self.input(Input::Timeout);
            inputs += 1;
        }
        inputs
    }

    fn supplicant(passphrase: &str) -> Supplicant {
        let selection = Selection {
            proto: Some(Proto::Rsn),
            pairwise: CipherSet::CCMP,
            group: CipherSet::CCMP,
            akm: AkmSet::PSK,
        };
        let mut supplicant = Supplicant::new(STA, Entropy::new(1, "sta").stream("snonce"));
        supplicant.set_pmk(key_of(passphrase.as_bytes(), b"net"));
        supplicant.associated(AssocParams {
            ap_rsn_element: Some(Bench::rsn_element()),
            ..AssocParams::new(AP, selection, Bench::rsn_element())
        });
        supplicant
    }

    /// Hands frames to and fro until nobody says anything.
    fn converse(&mut self, supplicant: &mut Supplicant) {
        while !self.eapol.is_empty() {
            for frame in core::mem::take(&mut self.eapol) {
                let _ = supplicant.rx_eapol(self.now, AP, &frame);
            }
            for action in supplicant.take_actions() {
                if let RsnAction::Send { frame, .. } = action {
                    let event = DriverEvent::RxEapol { src: STA, frame, encrypted: false };
                    self.input(Input::Driver { iface: IfId(0), event });
                }
            }
        }
    }

    fn is_connected(&self) -> bool {
        self.events.iter().any(|e| e == "<3>AP-STA-CONNECTED 02:00:00:00:00:00")
    }
}

fn for_anyone(count: usize) -> String {
    (0..count).map(|n| format!("00:00:00:00:00:00 passphrase{n}\n")).collect()
}

#[test]
fn keys_for_anyone_are_derived_when_a_station_comes_some_at_a_time_at_one_instant() {
    let mut bench = Bench::start(for_anyone(30_000));
    assert_eq!((bench.source.0.get(), bench.settle()), (0, 0), "nobody needs a key");
    bench.associate();
    assert_eq!(bench.eapol.len(), 1, "message 1 does not wait");
    bench.command("PING");
    assert_eq!(bench.source.0.get(), 16);
    let inputs = bench.settle();
    assert_eq!((bench.source.0.get(), inputs, bench.most), (30_000, 30_000_usize.div_ceil(16) - 1, 16));
    bench.converse(&mut Bench::supplicant("passphrase29999"));
    assert!(bench.is_connected(), "{:?}", bench.events);
    let secrets = bench.hostapd.take_secrets();
    assert_eq!(secrets.iter().filter(|s| matches!(s, Secret::Pmk { .. })).count(), 30_000);
    // Whoever comes next finds them derived.
    bench.associate();
    bench.settle();
    assert_eq!(bench.source.0.get(), 30_000);
}

#[rstest]
#[case::its_own("passphrase0", true)]
#[case::of_another("passphrase1", false)]
fn of_keys_for_one_station_only_its_own_are_derived(#[case] passphrase: &str, #[case] connects: bool) {
    let psks = (0..30_000).map(|n| format!("02:00:00:00:{:02x}:{:02x} passphrase{n}\n", n / 256, n % 256));
    let mut bench = Bench::start(psks.collect());
    bench.associate();
    assert_eq!((bench.settle(), bench.source.0.get()), (0, 1));
    bench.converse(&mut Bench::supplicant(passphrase));
    assert_eq!((bench.is_connected(), bench.source.0.get()), (connects, 1));
}

#[test]
fn keys_of_64_digits_need_no_derivation() {
    let digits: String = key_of(b"passphrase9", b"net").iter().map(|b| format!("{b:02x}")).collect();
    let mut bench = Bench::start(format!("00:00:00:00:00:00 {digits}\n"));
    bench.associate();
    bench.converse(&mut Bench::supplicant("passphrase9"));
    assert_eq!((bench.is_connected(), bench.source.0.get()), (true, 0));
}

#[test]
fn an_answer_that_comes_before_the_keys_waits_for_them() {
    let mut bench = Bench::start(for_anyone(100));
    bench.associate();
    bench.converse(&mut Bench::supplicant("passphrase99"));
    assert!(!bench.is_connected() && bench.source.0.get() < 100);
    bench.settle();
    assert_eq!(bench.eapol.len(), 1, "message 3 follows");
    let mismatch = bench.events.iter().find(|e| e.contains("MISMATCH"));
    assert_eq!((mismatch, bench.source.0.get()), (None, 100));
}

#[test]
fn the_keys_of_a_station_that_left_are_not_waited_for() {
    let mut bench = Bench::start(for_anyone(100));
    bench.associate();
    bench.command("DISASSOCIATE 02:00:00:00:00:00");
    bench.settle();
    assert!(bench.source.0.get() < 100, "{}", bench.source.0.get());
    bench.associate();
    bench.settle();
    assert_eq!(bench.source.0.get(), 100);
}
