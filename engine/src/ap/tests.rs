//! Frames and texts held against debug logs and sessions of hostapd and wpa_supplicant 2.10.

mod group;
mod wps;

use super::*;
use crate::rsn::authenticator::AuthConfig;
use crate::rsn::{AssocParams, RsnAction, Selection, Supplicant};
use crate::wire::Ssid;
use crate::wire::crypto;
use crate::wire::driver::{Beacon, Channel, ScanResult, StationInfo};
use crate::wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};
use crate::wire::wsc::DeviceData;

const OPEN_HEAD: &str = "\
     80000000ffffffffffff020000000100020000000100000000000000000000006400010400096a6b6d20677565737401\
     0882848b960c121824030101";
const OPEN_TAIL: &str = "2a010432043048606c3b0251007f080400400200000040";
const OPEN_PROBE_REQ: &str = "\
     40000000ffffffffffff020000000000ffffffffffff80000000010802040b160c12182432043048606c0301012d1a7e\
     101bffff0000000000000000000001000000000000000000007f0b04004a0201404040000120ff16230178c81a400000\
     bfce0000000000000000fafffaffff126c07007c0000feffff7f0100888888880000dd690050f204104a000110103a00\
     010010080002314810470010362db47ba53a519188fb5458b986b2e4105400080000000000000000103c000103100200\
     02000010090002000010120002000010210001201023000120102400012010110001201049000600372a000120dd1150\
     6f9a09020200250006050058580451067200dd07506f9a16030103";
const OPEN_PROBE_RESP: &str = "\
     50000000020000000000020000000100020000000100000000000000000000006400010400096a6b6d20677565737401\
     0882848b960c1218240301012a010432043048606c3b0251007f080400400200000040";
const OPEN_AUTH_REQ: &str = "b0003a010200000001000200000000000200000001009000000001000000";
const OPEN_AUTH_RESP: &str = "b00000000200000000000200000001000200000001000000000002000000";
const OPEN_ASSOC_REQ: &str = "\
     00003a01020000000100020000000000020000000100a0002104050000096a6b6d206775657374010802040b160c1218\
     2432043048606c7f0b04004a02014040400001203b155151525354737475767778797a7b7c7d7e7f808182";
const OPEN_ASSOC_RESP: &str = "\
     1000000002000000000002000000010002000000010000000104000001c0010882848b960c12182432043048606c7f08\
     04004002000000405a03240100";
const OPEN_FIRST_DEAUTH: &str = "c0000000ffffffffffff02000000010002000000010000000200";
const WPA2_HEAD: &str = "\
     80000000ffffffffffff0200000001000200000001000000000000000000000064001104000b6a6b6d20707269766174\
     65010882848b960c121824030101";
const WPA2_TAIL: &str =
    "2a010432043048606c30140100000fac040100000fac040100000fac0200003b0251007f080400400200000040";
const WPA2_PROBE_REQ: &str = "\
     40000000ffffffffffff020000000000ffffffffffff40020000010802040b160c12182432043048606c0301012d1a7e\
     101bffff0000000000000000000001000000000000000000007f0b04004a0201404040000120ff16230178c81a400000\
     bfce0000000000000000fafffaffff126c07007c0000feffff7f0100888888880000dd690050f204104a000110103a00\
     010010080002314810470010362db47ba53a519188fb5458b986b2e4105400080000000000000000103c000103100200\
     02000010090002000010120002000010210001201023000120102400012010110001201049000600372a000120dd1150\
     6f9a09020200250006050058580451067200dd07506f9a16030103";
const WPA2_PROBE_RESP: &str = "\
     500000000200000000000200000001000200000001000000000000000000000064001104000b6a6b6d20707269766174\
     65010882848b960c1218240301012a010432043048606c30140100000fac040100000fac040100000fac0200003b0251\
     007f080400400200000040";
const WPA2_AUTH_REQ: &str = "b0003a010200000001000200000000000200000001005002000001000000";
const WPA2_AUTH_RESP: &str = "b00000000200000000000200000001000200000001000000000002000000";
const WPA2_ASSOC_REQ: &str = "\
     00003a01020000000100020000000000020000000100600231040500000b6a6b6d2070726976617465010802040b160c\
     12182432043048606c30140100000fac040100000fac040100000fac0200007f0b04004a02014040400001203b155151\
     525354737475767778797a7b7c7d7e7f808182";
const WPA2_ASSOC_RESP: &str = "\
     1000000002000000000002000000010002000000010000001104000001c0010882848b960c12182432043048606c7f08\
     04004002000000405a03240100";
const WPA2_FIRST_DEAUTH: &str = "c0000000ffffffffffff02000000010002000000010000000200";
const MODE2_HEAD: &str = "\
     80000000ffffffffffff0200000001000200000001000000000000000000000064001104000777706173206170010882\
     848b960c121824030101";
const MODE2_TAIL: &str = "\
     2a010432043048606c30180100000fac020200000fac04000fac020100000fac020c003b0251002d1a7c001bffff0000\
     000000000000000001000000000000000000003d16010000000000000000000000000000000000000000007f08040040\
     0000000040dd1a0050f20101000050f20202000050f2040050f20201000050f202dd180050f2020101010003a4000027\
     a4000042435e0062322f00dd290050f204104a00011010440001021049000600372a0001201011000120105400080000\
     000000000000";
const MODE2_PROBE_REQ: &str = "\
     40000000ffffffffffff020000000000ffffffffffff200a0000010802040b160c12182432043048606c0301012d1a7e\
     101bffff0000000000000000000001000000000000000000007f0b04004a0201404040000120ff16230178c81a400000\
     bfce0000000000000000fafffaffff126c07007c0000feffff7f0100888888880000dd690050f204104a000110103a00\
     010010080002314810470010362db47ba53a519188fb5458b986b2e4105400080000000000000000103c000103100200\
     02000010090002000010120002000010210001201023000120102400012010110001201049000600372a000120dd1150\
     6f9a090202002500060500585804510b7200dd07506f9a16030103";
const MODE2_PROBE_RESP: &str = "\
     500000000200000000000200000001000200000001000000000000000000000064001104000777706173206170010882\
     848b960c1218240301012a010432043048606c30180100000fac020200000fac04000fac020100000fac020c003b0251\
     002d1a7c001bffff0000000000000000000001000000000000000000003d160100000000000000000000000000000000\
     00000000007f080400400000000040dd1a0050f20101000050f20202000050f2040050f20201000050f202dd180050f2\
     020101010003a4000027a4000042435e0062322f00dd5c0050f204104a0001101044000102103b00010310470010572c\
     f82fc95756539b16b5cfb298abf110210001201023000120102400012010420001201054000800000000000000001011\
     0001201008000231481049000600372a000120";
const MODE2_AUTH_REQ: &str = "b0003a01020000000100020000000000020000000100300a000001000000";
const MODE2_AUTH_RESP: &str = "b00000000200000000000200000001000200000001000000000002000000";
const MODE2_ASSOC_REQ: &str = "\
     00003a01020000000100020000000000020000000100400a31040500000777706173206170010802040b160c12182432\
     043048606c30140100000fac020100000fac040100000fac0200002d1a7e101bffff0000000000000000000001000000\
     000000000000007f0b04004a02014040400001203b155151525354737475767778797a7b7c7d7e7f808182dd070050f2\
     02000100";
const MODE2_ASSOC_RESP: &str = "\
     1000000002000000000002000000010002000000010000001104000001c0010882848b960c12182432043048606c2d1a\
     7c001bffff0000000000000000000001000000000000000000003d160100000000000000000000000000000000000000\
     00007f080400400000000040dd180050f2020101010003a4000027a4000042435e0062322f00";
const MODE2_FIRST_DEAUTH: &str = "c0000000ffffffffffff02000000010002000000010000000200";

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);

fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|d| u8::from_str_radix(&d.iter().collect::<String>(), 16).unwrap()).collect()
}

/// A driver that knows every station, silent for a settable time.
struct FakeDriver {
    inactive: Duration,
}

impl DriverView for FakeDriver {
    fn scan_results(&self, _: IfId, _: Instant) -> Vec<ScanResult> {
        Vec::new()
    }
    fn station(&self, _: IfId, _: MacAddr, _: Instant) -> Option<StationInfo> {
        Some(StationInfo { inactive: self.inactive, signal_dbm: -30, tx_rate: 10, ..StationInfo::default() })
    }
    fn channels(&self, _: IfId) -> Vec<Channel> {
        Vec::new()
    }
    fn key_seq(&self, _: IfId, _: u8) -> [u8; 6] {
        [0; 6]
    }
    fn country(&self) -> [u8; 2] {
        *b"00"
    }
}

struct Bench {
    ap: AccessPoint,
    driver: FakeDriver,
    now: Instant,
    sent: Vec<Vec<u8>>,
    requests: Vec<DriverRequest>,
    events: Vec<String>,
    beacon: Option<Box<Beacon>>,
    acknowledge: bool,
}

impl Bench {
    fn new(config: ApConfig) -> Bench {
        let ap = AccessPoint::new(IfId(0), AP, config, &Entropy::new(1, "ap"));
        let mut bench = Bench {
            ap,
            driver: FakeDriver { inactive: Duration::ZERO },
            now: Instant::ZERO,
            sent: vec![],
            requests: vec![],
            events: vec![],
            beacon: None,
            acknowledge: true,
        };
        bench.with(|ap, cx| assert!(ap.start(cx).is_none()));
        bench
    }

    fn with(&mut self, run: impl FnOnce(&mut AccessPoint, ApContext<'_>)) {
        run(&mut self.ap, ApContext { now: self.now, driver: &self.driver });
        self.drain();
    }

    /// Takes actions out; frames are sent at once and their status comes back.
    fn drain(&mut self) {
        loop {
            let actions = self.ap.take_actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                match action {
                    ApAction::Event(_, text) | ApAction::ProbeRequestEvent(text) => self.events.push(text),
                    ApAction::Driver(request) => self.request(request),
                    _ => {}
                }
            }
        }
    }

    fn request(&mut self, request: DriverRequest) {
        let ack = self.acknowledge;
        match &request {
            DriverRequest::TxMgmt { frame, cookie, no_ack, .. } => {
                self.sent.push(frame.clone());
                if !no_ack {
                    let status = DriverEvent::MgmtTxStatus { cookie: *cookie, frame: frame.clone(), ack };
                    self.ap.handle(ApContext { now: self.now, driver: &self.driver }, &status);
                }
            }
            DriverRequest::TxEapol { dest, frame, cookie, .. } => {
                let (cookie, dest, frame) = (*cookie, *dest, frame.clone());
                let status = DriverEvent::EapolTxStatus { cookie, dest, ack, frame };
                self.ap.handle(ApContext { now: self.now, driver: &self.driver }, &status);
            }
            DriverRequest::StartAp(beacon) | DriverRequest::SetBeacon(beacon) => {
                self.beacon = Some(beacon.clone())
            }
            _ => {}
        }
        self.requests.push(request);
    }

    fn receive(&mut self, frame: &[u8]) {
        let event = DriverEvent::RxMgmt { frame: frame.to_vec(), freq: 2412, signal_dbm: -30 };
        self.with(|ap, cx| {
            ap.handle(cx, &event);
        });
    }

    fn run_until(&mut self, end: Instant) {
        while let Some(at) = self.ap.next_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.with(|ap, cx| ap.timeout(cx));
        }
        self.now = end;
    }

    fn sta_text(&self) -> String {
        self.ap.sta_text(ApContext { now: self.now, driver: &self.driver }, STA).unwrap_or_default()
    }

    /// Runs the handshake with a supplicant that has this key.
    fn handshake(&mut self, mut supplicant: Supplicant) {
        loop {
            let mut answered = false;
            for request in core::mem::take(&mut self.requests) {
                if let DriverRequest::TxEapol { frame, .. } = request {
                    let _ = supplicant.rx_eapol(self.now, AP, &frame);
                }
            }
            for action in supplicant.take_actions() {
                if let RsnAction::Send { frame, .. } = action {
                    answered = true;
                    let event = DriverEvent::RxEapol { src: STA, frame, encrypted: false };
                    self.with(|ap, cx| {
                        ap.handle(cx, &event);
                    });
                }
            }
            if !answered {
                return;
            }
        }
    }
}

fn ssid(text: &str) -> Ssid {
    Ssid::new(text).unwrap()
}

fn wpa2() -> ApConfig {
    let mut security = AuthConfig::wpa2_psk(crypto::psk(b"secret passphrase", b"jkm private"));
    security.group_rekey = None;
    ApConfig { security: Some(security), ..ApConfig::open(ssid("jkm private"), 2412) }
}

fn mode2() -> ApConfig {
    let mut security = AuthConfig::wpa2_psk(crypto::psk(b"12345678", b"wpas ap"));
    security.wpa = true;
    security.group = CipherSet::TKIP;
    security.wpa_pairwise = CipherSet::CCMP | CipherSet::TKIP;
    security.rsn_pairwise = CipherSet::CCMP | CipherSet::TKIP;
    let device = DeviceData { config_methods: 0x3148, ..DeviceData::default() };
    let wps = WpsConfig::in_supplicant(crypto::uuid_from_mac(AP), device);
    ApConfig::mode2(ssid("wpas ap"), 2412, Some(security), Some(wps))
}

fn supplicant(config: &ApConfig, pmk: [u8; 32]) -> Supplicant {
    let security = config.security.clone().unwrap();
    let selection = Selection {
        proto: Some(Proto::Rsn),
        pairwise: CipherSet::CCMP,
        group: security.group,
        akm: AkmSet::PSK,
    };
    let own = SecurityElement::new(Proto::Rsn, security.group, CipherSet::CCMP, AkmSet::PSK).emit();
    let mut supplicant = Supplicant::new(STA, Entropy::new(1, "sta").stream("snonce"));
    supplicant.set_pmk(pmk);
    supplicant.associated(AssocParams {
        ap_rsn_element: security.rsn_element(),
        ap_wpa_element: security.wpa_element(),
        ..AssocParams::new(AP, selection, own)
    });
    supplicant
}

fn check_frames(
    config: ApConfig,
    expected: [(&str, &str); 3],
    head: &str,
    tail: &str,
    deauth: &str,
) -> Bench {
    let mut bench = Bench::new(config);
    let beacon = bench.beacon.clone().unwrap();
    assert_eq!(beacon.head, octets(head));
    assert_eq!(beacon.tail, octets(tail));
    assert_eq!(bench.sent, [octets(deauth)]);
    assert_eq!(bench.events, ["AP-ENABLED "]);
    for (request, response) in expected {
        bench.sent.clear();
        bench.receive(&octets(request));
        assert_eq!(bench.sent, [octets(response)]);
    }
    bench
}

#[test]
fn an_open_network_sends_the_recorded_frames() {
    let config = ApConfig::open(ssid("jkm guest"), 2412);
    let exchange = [
        (OPEN_PROBE_REQ, OPEN_PROBE_RESP),
        (OPEN_AUTH_REQ, OPEN_AUTH_RESP),
        (OPEN_ASSOC_REQ, OPEN_ASSOC_RESP),
    ];
    let bench = check_frames(config, exchange, OPEN_HEAD, OPEN_TAIL, OPEN_FIRST_DEAUTH);
    assert_eq!(
        bench.events[1..],
        ["RX-PROBE-REQUEST sa=02:00:00:00:00:00 signal=-30", "AP-STA-CONNECTED 02:00:00:00:00:00"]
    );
    let text = bench.sta_text();
    let expected = "02:00:00:00:00:00\n\
        flags=[AUTH][ASSOC][AUTHORIZED][SHORT_PREAMBLE]\n\
        aid=1\n\
        capability=0x421\n\
        listen_interval=5\n\
        supported_rates=02 04 0b 16 0c 12 18 24 30 48 60 6c\n\
        timeout_next=NULLFUNC POLL\n\
        rx_packets=0\ntx_packets=0\nrx_bytes=0\ntx_bytes=0\ninactive_msec=0\nsignal=-30\nrx_rate_info=0\n\
        tx_rate_info=10\nconnected_time=0\n\
        supp_op_classes=5151525354737475767778797a7b7c7d7e7f808182\n\
        ext_capab=04004a0201404040000120\n";
    assert_eq!(text, expected);
    assert!(bench.ap.counts_text().contains("num_sta_no_ht=1\n"));
}

#[test]
fn wpa2_sends_the_recorded_frames_and_completes() {
    let exchange = [
        (WPA2_PROBE_REQ, WPA2_PROBE_RESP),
        (WPA2_AUTH_REQ, WPA2_AUTH_RESP),
        (WPA2_ASSOC_REQ, WPA2_ASSOC_RESP),
    ];
    let mut bench = check_frames(wpa2(), exchange, WPA2_HEAD, WPA2_TAIL, WPA2_FIRST_DEAUTH);
    bench.handshake(supplicant(&wpa2(), crypto::psk(b"secret passphrase", b"jkm private")));
    assert_eq!(
        bench.events[2..],
        ["AP-STA-CONNECTED 02:00:00:00:00:00", "EAPOL-4WAY-HS-COMPLETED 02:00:00:00:00:00"]
    );
    let text = bench.sta_text();
    let rsn = "timeout_next=NULLFUNC POLL\n\
        dot11RSNAStatsSTAAddress=02:00:00:00:00:00\n\
        dot11RSNAStatsVersion=1\n\
        dot11RSNAStatsSelectedPairwiseCipher=00-0f-ac-4\n\
        dot11RSNAStatsTKIPLocalMICFailures=0\n\
        dot11RSNAStatsTKIPRemoteMICFailures=0\n\
        wpa=2\n\
        AKMSuiteSelector=00-0f-ac-2\n\
        hostapdWPAPTKState=11\n\
        hostapdWPAPTKGroupState=0\n\
        rx_packets=0\n";
    assert!(text.contains(rsn), "{text}");
    let mib = bench.ap.mib();
    assert!(mib.starts_with("dot11RSNAOptionImplemented=TRUE\n"));
    assert!(mib.ends_with("dot11RSNAConfigNumberOfGTKSAReplayCounters=0\nhostapdWPAGroupState=2\n"));
    assert!(mib.contains("dot11RSNAGroupCipherSelected=00-0f-ac-4\n"));
}

#[test]
fn mode_2_sends_the_recorded_frames() {
    let exchange = [
        (MODE2_PROBE_REQ, MODE2_PROBE_RESP),
        (MODE2_AUTH_REQ, MODE2_AUTH_RESP),
        (MODE2_ASSOC_REQ, MODE2_ASSOC_RESP),
    ];
    let mut bench = check_frames(mode2(), exchange, MODE2_HEAD, MODE2_TAIL, MODE2_FIRST_DEAUTH);
    assert_eq!(
        bench.events[1..],
        [
            "WPS-ENROLLEE-SEEN 02:00:00:00:00:00 362db47b-a53a-5191-88fb-5458b986b2e4 0-00000000-0 0x3148 0 0 [ ]",
            "RX-PROBE-REQUEST sa=02:00:00:00:00:00 signal=-30",
        ]
    );
    bench.handshake(supplicant(&mode2(), crypto::psk(b"12345678", b"wpas ap")));
    let text = bench.sta_text();
    assert!(text.contains("flags=[AUTH][ASSOC][AUTHORIZED][SHORT_PREAMBLE][WMM][HT]\n"), "{text}");
    assert!(text.contains("ht_mcs_bitmask=ffff0000000000000000\nconnected_time=0\n"), "{text}");
    let tail = "supp_op_classes=5151525354737475767778797a7b7c7d7e7f808182\nht_caps_info=0x107e\n\
                ext_capab=04004a0201404040000120\n";
    assert!(text.ends_with(tail), "{text}");
    bench.with(|ap, cx| ap.stop(cx, ShutDown::GiveUp));
    let last: Vec<_> = bench.events.iter().rev().take(2).rev().map(String::as_str).collect();
    assert_eq!(last, ["AP-STA-DISCONNECTED 02:00:00:00:00:00", "AP-DISABLED "]);
}

fn station(n: u16) -> MacAddr {
    let [high, low] = n.to_be_bytes();
    MacAddr([2, 0, 0, 1, high, low])
}

fn auth_request(from: MacAddr) -> Vec<u8> {
    let body = MgmtBody::Authentication { algorithm: 0, transaction: 1, status: 0, ies: vec![] };
    MgmtFrame::new(AP, from, AP, body).emit()
}

fn assoc_request(from: MacAddr, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut frame = MgmtFrame::parse(&octets(WPA2_ASSOC_REQ)).unwrap();
    frame.header.sa = from;
    if let MgmtBody::AssocRequest { ies, .. } = &mut frame.body {
        change(ies);
    }
    frame.emit()
}

/// The status of the last association response.
fn last_status(bench: &Bench) -> (u16, u16) {
    match MgmtFrame::parse(bench.sent.last().unwrap()).unwrap().body {
        MgmtBody::AssocResponse { status, aid, .. } => (status, aid),
        other => panic!("{other:?}"),
    }
}

fn last_reason(bench: &Bench) -> (&'static str, u16) {
    match MgmtFrame::parse(bench.sent.last().unwrap()).unwrap().body {
        MgmtBody::Deauthentication { reason, .. } => ("deauth", reason),
        MgmtBody::Disassociation { reason, .. } => ("disassoc", reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn association_requests_are_refused_with_the_right_status() {
    let mut bench = Bench::new(wpa2());
    bench.receive(&assoc_request(STA, |_| {}));
    assert_eq!(last_reason(&bench), ("deauth", 6), "not authenticated");
    bench.receive(&auth_request(STA));
    // SSID 13, rates 10 and 6 octets, then the RSN element of 22.
    let rsn_at = 13 + 10 + 6;
    type Change<'a> = &'a dyn Fn(&mut Vec<u8>);
    let cases: [(u16, Change<'_>); 8] = [
        (1, &|ies| ies[5] ^= 1),
        (1, &|ies| ies[13] = 99),
        (1, &|ies| ies.truncate(40)),
        (40, &|ies| {
            ies.drain(rsn_at..rsn_at + 22);
        }),
        (40, &|ies| ies[rsn_at + 2] = 2),
        (41, &|ies| ies[rsn_at + 7] = 2),
        (42, &|ies| ies[rsn_at + 13] = 2),
        (43, &|ies| ies[rsn_at + 19] = 1),
    ];
    for (status, change) in cases {
        bench.receive(&auth_request(STA));
        bench.receive(&assoc_request(STA, change));
        assert_eq!(last_status(&bench).0, status);
    }
    bench.receive(&auth_request(STA));
    bench.receive(&assoc_request(STA, |_| {}));
    assert_eq!(last_status(&bench), (0, 1));
}

#[test]
fn only_open_system_authentication_succeeds() {
    let mut bench = Bench::new(wpa2());
    for (algorithm, transaction, status) in [(3, 1, 13), (1, 3, 15), (1, 4, 14), (0, 3, 14), (0, 1, 0)] {
        let body = MgmtBody::Authentication { algorithm, transaction, status: 0, ies: vec![] };
        bench.receive(&MgmtFrame::new(AP, STA, AP, body).emit());
        let MgmtBody::Authentication { status: s, transaction: t, .. } =
            MgmtFrame::parse(bench.sent.last().unwrap()).unwrap().body
        else {
            panic!("no authentication frame");
        };
        assert_eq!((s, t), (status, transaction + 1));
    }
}

#[test]
fn a_shared_key_challenge_stays_until_answered() {
    let mut bench = Bench::new(ApConfig::open(ssid("jkm guest"), 2412));
    let body = MgmtBody::Authentication { algorithm: 1, transaction: 1, status: 0, ies: vec![] };
    let request = MgmtFrame::new(AP, STA, AP, body).emit();
    bench.receive(&request);
    bench.receive(&request);
    let [.., first, second] = &bench.sent[..] else { panic!("no answers") };
    assert_eq!(first, second);
    let MgmtBody::Authentication { status: 0, transaction: 2, ies, .. } =
        MgmtFrame::parse(first).unwrap().body
    else {
        panic!("no authentication frame");
    };
    assert_eq!(ies[..2], [16, 128]);
    assert_eq!(ies.len(), 130);
    assert!(!bench.sta_text().contains("[AUTH]"));
}

#[test]
fn a_retransmitted_request_is_answered_once() {
    let mut bench = Bench::new(ApConfig::open(ssid("jkm guest"), 2412));
    let mut request = octets(OPEN_AUTH_REQ);
    bench.receive(&request);
    let sent = bench.sent.len();
    request[1] |= 0x08;
    bench.receive(&request);
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn a_wrong_pre_shared_key_ends_as_recorded() {
    let mut bench = Bench::new(wpa2());
    bench.receive(&auth_request(STA));
    bench.receive(&assoc_request(STA, |_| {}));
    let mut wrong = supplicant(&wpa2(), [9; 32]);
    for second in 0..4 {
        bench.run_until(Instant::ZERO + Duration::from_secs(second));
        for request in core::mem::take(&mut bench.requests) {
            if let DriverRequest::TxEapol { frame, .. } = request {
                let _ = wrong.rx_eapol(bench.now, AP, &frame);
            }
        }
        for action in wrong.take_actions() {
            if let RsnAction::Send { frame, .. } = action {
                let event = DriverEvent::RxEapol { src: STA, frame, encrypted: false };
                bench.with(|ap, cx| {
                    ap.handle(cx, &event);
                });
            }
        }
    }
    bench.run_until(Instant::ZERO + Duration::from_secs(4));
    assert_eq!(last_reason(&bench), ("deauth", 15));
    assert_eq!(bench.events[1..], ["AP-STA-POSSIBLE-PSK-MISMATCH 02:00:00:00:00:00"; 4]);
    assert_eq!(bench.ap.station_count(), 1);
    bench.run_until(Instant::ZERO + Duration::from_secs(9));
    assert_eq!(bench.ap.station_count(), 0, "the entry goes 5 s later");
}

#[test]
fn silent_stations_are_polled_then_disassociated_then_deauthenticated() {
    let mut bench = Bench::new(ApConfig::open(ssid("jkm private"), 2412));
    bench.receive(&auth_request(STA));
    bench.receive(&assoc_request(STA, |_| {}));
    bench.driver.inactive = Duration::from_secs(300);
    bench.run_until(Instant::ZERO + Duration::from_secs(300));
    assert!(bench.sta_text().contains("[PENDING_POLL[SHORT_PREAMBLE]"), "{}", bench.sta_text());
    bench.run_until(Instant::ZERO + Duration::from_secs(303));
    assert_eq!(last_reason(&bench), ("disassoc", 4));
    assert_eq!(bench.events.last().unwrap(), "AP-STA-DISCONNECTED 02:00:00:00:00:00");
    bench.run_until(Instant::ZERO + Duration::from_secs(304));
    assert_eq!(last_reason(&bench), ("deauth", 2));
    assert_eq!(bench.ap.station_count(), 0);
}

#[test]
fn an_active_station_stays() {
    let mut bench = Bench::new(ApConfig::open(ssid("jkm private"), 2412));
    bench.receive(&auth_request(STA));
    bench.receive(&assoc_request(STA, |_| {}));
    bench.run_until(Instant::ZERO + Duration::from_secs(3000));
    assert_eq!(bench.ap.station_count(), 1);
    assert_eq!(bench.events.len(), 2);
}

#[test]
fn data_of_strangers_is_answered_with_reason_7() {
    let mut bench = Bench::new(wpa2());
    let event = DriverEvent::UnexpectedFrame { addr: STA, four_addr: false };
    let tell = |bench: &mut Bench| {
        bench.with(|ap, cx| {
            ap.handle(cx, &event);
        });
    };
    tell(&mut bench);
    assert_eq!(last_reason(&bench), ("deauth", 7));
    bench.receive(&auth_request(STA));
    tell(&mut bench);
    assert_eq!(last_reason(&bench), ("disassoc", 7));
    bench.receive(&assoc_request(STA, |_| {}));
    let sent = bench.sent.len();
    tell(&mut bench);
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn an_unacknowledged_association_response_associates_nobody() {
    let mut bench = Bench::new(ApConfig::open(ssid("jkm private"), 2412));
    bench.receive(&auth_request(STA));
    bench.acknowledge = false;
    bench.receive(&assoc_request(STA, |_| {}));
    assert_eq!(bench.events, ["AP-ENABLED "]);
    assert!(matches!(bench.requests.last(), Some(DriverRequest::DelStation { addr }) if *addr == STA));
}

#[test]
fn a_hidden_network_answers_who_knows_its_name() {
    let mut config = ApConfig::open(ssid("jkm guest"), 2412);
    config.hidden = crate::wire::driver::HiddenSsid::ZeroLength;
    let mut bench = Bench::new(config);
    assert_eq!(bench.beacon.as_ref().unwrap().head[36..38], [0, 0]);
    let sent = bench.sent.len();
    let mut request = MgmtFrame::parse(&octets(OPEN_PROBE_REQ)).unwrap();
    bench.receive(&request.emit());
    assert_eq!(bench.sent.len(), sent, "a wildcard is not answered");
    if let MgmtBody::ProbeRequest { ies } = &mut request.body {
        let mut named = b"\x00\x09jkm guest".to_vec();
        named.extend_from_slice(&ies[2..]);
        *ies = named;
    }
    bench.receive(&request.emit());
    assert_eq!(bench.sent.len(), sent + 1);
}

#[test]
fn a_full_table_refuses_and_identifiers_are_reused() {
    let mut config = ApConfig::open(ssid("jkm private"), 2412);
    config.max_stations = 70;
    let mut bench = Bench::new(config);
    for n in 0..70 {
        bench.receive(&auth_request(station(n)));
        bench.receive(&assoc_request(station(n), |_| {}));
        assert_eq!(last_status(&bench), (0, n + 1));
    }
    bench.receive(&auth_request(station(70)));
    let MgmtBody::Authentication { status, .. } = MgmtFrame::parse(bench.sent.last().unwrap()).unwrap().body
    else {
        panic!("no authentication frame");
    };
    assert_eq!(status, 17);
    let first: Vec<_> = (0..2).map(|n| station(69 - n).to_string()).collect();
    let cx = ApContext { now: bench.now, driver: &bench.driver };
    assert!(bench.ap.sta_first(cx).starts_with(&first[0]));
    assert!(bench.ap.sta_next(cx, station(69)).unwrap().starts_with(&first[1]));
    assert_eq!(bench.ap.sta_next(cx, station(0)).as_deref(), Some(""));
    bench.with(|ap, cx| ap.deauthenticate(cx, station(5), 2, true));
    bench.run_until(Instant::ZERO + Duration::from_secs(5));
    bench.receive(&auth_request(station(70)));
    bench.receive(&assoc_request(station(70), |_| {}));
    assert_eq!(last_status(&bench), (0, 6));
}
