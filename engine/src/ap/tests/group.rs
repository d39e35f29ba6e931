//! The owner of a P2P group, held against the frames of a recorded group formation.

use super::*;
use crate::p2p::{Group, GroupConfig, GroupIdentity, Persistence, WfdElements};
use crate::wire::p2p::DeviceInfo;
use crate::wire::wsc::DeviceType;

const OWNER: MacAddr = MacAddr([0x42, 0, 0, 0, 0, 0]);
const CLIENT: MacAddr = MacAddr([0x42, 0, 0, 0, 1, 0]);
const CLIENT_DEVICE: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

const HEAD: &str = "\
     80000000ffffffffffff420000000000420000000000000000000000000000006400110400094449524543542d586501\
     088c129824b048606c030101";
const TAIL: &str = "\
     2a010430140100000fac040100000fac040100000fac020c003b0251002d1a7c001bffff000000000000000000000100\
     0000000000000000003d16010000000000000000000000000000000000000000007f080400400000000040dd180050f2\
     020101810003a4000027a4000042435e0062322f00dd490050f204104a00011010440001021041000101101200020004\
     1053000223881049000e00372a0001200106ffffffffffff1011000844657669636520411054000800010050f2040001\
     dd12506f9a090202002549030600020000000000";
const PROBE_REQ: &str = "\
     40000000ffffffffffff420000000100ffffffffffff100000094449524543542d586501080c1218243048606c030101\
     2d1a7e101bffff0000000000000000000001000000000000000000007f0b04004a0201404040000120dd6c0050f20410\
     4a000110103a00010110080002314810470010572cf82fc95756539b16b5cfb298abf110540008000000000000000010\
     3c0001031002000200001009000200001012000200041 0210001201023000120102400012010110001201049000900\
     372a000120030101dd11506f9a09020200250006050058580451017200dd07506f9a16030103";
const PROBE_RESP: &str = "\
     500000004200000001004200000000004200000000000000000000000000000064001104000944495245 43542d586501\
     088c129824b048606c0301012a010430140100000fac040100000fac040100000fac020c003b0251002d1a7c001bffff\
     0000000000000000000001000000000000000000003d16010000000000000000000000000000000000000000007f0804\
     00400000000040dd180050f2020101810003a4000027a4000042435e0062322f00dd7c0050f204104a00011010440001\
     0210410001011012000200041053000223881 03b00010310470010362db47ba53a519188fb5458b986b2e41021000120\
     1023000120102400012010420001201054000800010050f204000110110008446576696365204110080002210810490 0\
     0e00372a0001200106ffffffffffffdd29506f9a0902020025490d1d00020000000000018800010050f2040001001011\
     00084465766963652041";
const AUTH_REQ: &str = "b00040004200000000004200000001004200000000002000000001000000";
const AUTH_RESP: &str = "b00000004200000001004200000000004200000000000000000002000000";
const ASSOC_REQ: &str = "\
     0000400042000000000042000000010042000000000030003104050000094449524543542d586501080c121824304860\
     6c2d1a7e101bffff0000000000000000000001000000000000000000007f0b04004a0201404040000120dd070050f202\
     000100dd180050f204104a000110103a0001011049000600372a000120dd29506f9a0902020027000d1d000200000001\
     00018800010050f2040001001011000844657669636520423b155151525354737475767778797a7b7c7d7e7f808182";
const ASSOC_RESP: &str = "\
     1000000042000000010042000000000042000000000000001104000001c001088c129824b048606c2d1a7c001bffff00\
     00000000000000000001000000000000000000003d16010000000000000000000000000000000000000000007f080400\
     400000000040dd180050f2020101810003a4000027a4000042435e0062322f00dd180050f204104a000110103b000103\
     1049000600372a000120dd04506f9a09";

fn owner_config() -> ApConfig {
    let security = AuthConfig::wpa2_psk(crypto::psk(b"12345678", b"DIRECT-Xe"));
    let device = DeviceData {
        device_name: b"Device A".to_vec(),
        primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
        rf_bands: 1,
        config_methods: 0x2388,
        ..DeviceData::default()
    };
    let wps = WpsConfig::in_supplicant(crypto::uuid_from_mac(MacAddr([2, 0, 0, 0, 0, 0])), device);
    ApConfig::mode2(ssid("DIRECT-Xe"), 2412, Some(security), Some(wps)).for_group()
}

fn group() -> Group {
    let config = GroupConfig {
        interface: OWNER,
        ssid: ssid("DIRECT-Xe"),
        freq: 2412,
        max_clients: 10,
        persistence: Persistence::None,
    };
    let identity = GroupIdentity {
        capability: 0x27,
        intra_bss: true,
        cross_connect: false,
        info: DeviceInfo {
            addr: MacAddr([2, 0, 0, 0, 0, 0]),
            config_methods: 0x0188,
            primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
            secondary_types: Vec::new(),
            name: b"Device A".to_vec(),
        },
        secondary_types: Vec::new(),
        wfd: WfdElements::default(),
        vendor: Default::default(),
    };
    Group::new(config, identity)
}

/// A group that is formed with the client, and what it signals.
struct Formation {
    bench: Bench,
    signals: Vec<GroupSignal>,
}

impl Formation {
    fn new(config: ApConfig, group: Group) -> Self {
        let mut ap = AccessPoint::new(IfId(1), OWNER, config, &Entropy::new(1, "ap"));
        ap.set_group(group);
        let mut bench = Bench::new(ApConfig::open(ssid("x"), 2412));
        bench.requests.clear();
        bench.sent.clear();
        bench.ap = ap;
        let mut new = Formation { bench, signals: vec![] };
        new.with(|ap, cx| assert!(ap.start(cx).is_none()));
        new
    }

    /// Signals are noted, everything else goes on as usual.
    fn with(&mut self, run: impl FnOnce(&mut AccessPoint, ApContext<'_>)) {
        let bench = &mut self.bench;
        run(&mut bench.ap, ApContext { now: bench.now, driver: &bench.driver });
        loop {
            let actions = self.bench.ap.take_actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                match action {
                    ApAction::Event(_, text) | ApAction::ProbeRequestEvent(text) => {
                        self.bench.events.push(text)
                    }
                    ApAction::Driver(request) => self.bench.request(request),
                    ApAction::Group(signal) => self.signals.push(signal),
                    _ => {}
                }
            }
        }
    }

    /// Returns the frames that are sent because of a frame.
    fn answer(&mut self, frame: &str) -> Vec<Vec<u8>> {
        self.bench.sent.clear();
        let event = DriverEvent::RxMgmt { frame: octets(frame), freq: 2412, signal_dbm: -30 };
        self.with(|ap, cx| {
            ap.handle(cx, &event);
        });
        core::mem::take(&mut self.bench.sent)
    }
}

#[test]
fn a_group_owner_sends_the_recorded_frames() {
    let mut formation = Formation::new(owner_config(), group());
    assert_eq!(formation.bench.requests[0], DriverRequest::SetIfType(crate::wire::driver::IfType::P2pGo));
    formation.with(|ap, cx| ap.wps_pbc(cx, Some(CLIENT_DEVICE)).unwrap());
    let beacon = formation.bench.beacon.clone().unwrap();
    assert_eq!(beacon.head, octets(HEAD));
    assert_eq!(beacon.tail, octets(TAIL));
    for (request, response) in [(PROBE_REQ, PROBE_RESP), (AUTH_REQ, AUTH_RESP), (ASSOC_REQ, ASSOC_RESP)] {
        assert_eq!(formation.answer(request), [octets(response)]);
    }
    assert!(matches!(
        formation.signals.as_slice(),
        [
            GroupSignal::Idle(true),
            GroupSignal::ClientAssociated { interface: CLIENT, .. },
            GroupSignal::Idle(false)
        ]
    ));
    assert_eq!(formation.bench.ap.station_of_device(CLIENT_DEVICE), Some(CLIENT));
    let text = formation
        .bench
        .ap
        .sta_text(ApContext { now: Instant::ZERO, driver: &formation.bench.driver }, CLIENT);
    let p2p = "p2p_dev_capab=0x27\np2p_group_capab=0x0\np2p_primary_device_type=1-0050F204-1\n\
               p2p_device_name=Device B\np2p_device_addr=02:00:00:00:01:00\np2p_config_methods=0x188\n";
    assert!(text.unwrap().contains(p2p));
}

#[test]
fn events_name_the_device_and_the_group_is_idle_without_clients() {
    let mut config = owner_config();
    config.security = None;
    config.wps = None;
    let mut formation = Formation::new(config, group());
    formation.answer(AUTH_REQ);
    formation.answer(ASSOC_REQ);
    let connected = "AP-STA-CONNECTED 42:00:00:00:01:00 p2p_dev_addr=02:00:00:00:01:00";
    assert_eq!(formation.bench.events.last().unwrap(), connected);
    let authorized =
        GroupSignal::StationAuthorized { interface: CLIENT, authorized: true, device: Some(CLIENT_DEVICE) };
    assert_eq!(formation.signals[3..], [authorized, GroupSignal::DeviceEvent(connected.to_owned())]);
    formation.signals.clear();
    formation.answer("c000000042000000000042000000010042000000000000000300");
    let gone = "AP-STA-DISCONNECTED 42:00:00:00:01:00 p2p_dev_addr=02:00:00:00:01:00";
    assert_eq!(formation.bench.events.last().unwrap(), gone);
    assert_eq!(formation.signals[1..], [GroupSignal::DeviceEvent(gone.to_owned()), GroupSignal::Idle(true)]);
    assert!(formation.bench.ap.group().unwrap().is_empty());
}

#[test]
fn beacons_tell_when_the_formation_is_over() {
    let mut formation = Formation::new(owner_config(), group());
    formation.with(|ap, _| ap.group_formation_done());
    let tail = formation.bench.beacon.clone().unwrap().tail;
    assert!(tail.ends_with(&octets("dd12506f9a090202002509030600020000000000")));
}

#[test]
fn probe_requests_for_others_are_not_answered() {
    let mut formation = Formation::new(owner_config(), group());
    let header = "40000000ffffffffffff420000000100ffffffffffff1000";
    let (any_group, rates) = ("00074449524543542d", "01080c1218243048606c");
    let p2p = |device: &str| format!("dd0d506f9a09030600{device}");
    let mut answers = |ies: &str| formation.answer(&format!("{header}{ies}")).len();
    assert_eq!(answers(&format!("{any_group}{rates}{}", p2p("020000000000"))), 1);
    assert_eq!(answers(&format!("{any_group}{rates}{}", p2p("020000000500"))), 0);
    assert_eq!(answers(&format!("{any_group}010402040b16")), 0);
    assert_eq!(answers(&format!("{any_group}{rates}dd100050f204106a000800030050f2040001")), 0);
    assert_eq!(answers(&format!("{any_group}{rates}dd100050f204106a000800010050f2040001")), 1);
}

#[test]
fn a_refused_client_is_told_so() {
    let mut formation = Formation::new(ApConfig { wps: None, ..owner_config() }, group());
    formation.answer(AUTH_REQ);
    let denied = formation.answer(ASSOC_REQ);
    assert!(denied[0].ends_with(&octets("dd08506f9a0900010004")), "invalid parameters");
    assert_eq!(formation.signals, [GroupSignal::Idle(true)]);
}
