//! Stations that come for WPS: each is a scripted association with the real peer's machines behind it.

use super::*;
use crate::eap::peer::PeerConfig;
use crate::eapol::PortControl;
use crate::eapol::supplicant::{Action, PortConfig, Supplicant as Pae};
use crate::wire::eap::{WSC_ENROLLEE, WSC_REGISTRAR};
use crate::wire::wsc::{
    Attributes, DeviceType, RequestType, WpsState, assoc_request, concatenated, probe_request,
};
use crate::wps::WpsEvent;
use proptest::prelude::*;

const UUID_TEXT: &str = "362db47b-a53a-5191-88fb-5458b986b2e4";

/// The access point of the recorded sessions.
fn wps_ap() -> ApConfig {
    let psk = crypto::psk(b"secret passphrase", b"wps-ap");
    let device = DeviceData {
        device_name: b"Very friendly name".to_vec(),
        manufacturer: b"Company".to_vec(),
        model_name: b"WAP".to_vec(),
        model_number: b"123".to_vec(),
        serial_number: b"12345".to_vec(),
        primary_type: DeviceType([0, 6, 0, 0x50, 0xf2, 4, 0, 1]),
        rf_bands: 1,
        config_methods: 0x6788,
        ..DeviceData::default()
    };
    let wps = WpsConfig {
        device,
        ap_pin: Some("12345670".to_owned()),
        network_key: Some(b"secret passphrase".to_vec()),
        psk: Some(psk),
        ..WpsConfig::new(crypto::uuid_from_mac(AP))
    };
    let mut security = AuthConfig::wpa2_psk(psk);
    security.group_rekey = None;
    security.gmk_rekey = None;
    ApConfig { security: Some(security), wps: Some(wps), ..ApConfig::open(ssid("wps-ap"), 2412) }
}

/// A station with the machines of its port, its WPS, and what that told it.
struct Station {
    wps: Wps,
    pae: Pae,
    told: Vec<WpsEvent>,
}

impl Station {
    fn new(identity: &[u8], phase1: &str) -> Station {
        let device = DeviceData {
            mac_addr: STA,
            device_name: b"Wireless Client".to_vec(),
            manufacturer: b"Company".to_vec(),
            model_name: b"cmodel".to_vec(),
            model_number: b"123".to_vec(),
            serial_number: b"12345".to_vec(),
            primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
            rf_bands: 1,
            config_methods: 0x2388,
            ..DeviceData::default()
        };
        let random = Entropy::new(1, "sta").stream("wps");
        let mut wps = Wps::new(false, crypto::uuid_from_mac(STA), device, random);
        wps.state = WpsState::Configured;
        (wps.auth_types, wps.encr_types) = (0x23, 0x0d);
        let mut cx = crate::eap::MethodContext::with_wps(Instant::ZERO, &mut wps);
        let mut pae = Pae::new(&mut cx);
        let eap = PeerConfig {
            identity: Some(identity.to_vec()),
            methods: Some(vec![crate::wire::eap::EapType::WSC]),
            phase1: Some(phase1.as_bytes().to_vec()),
            fragment_size: 1398,
            ..PeerConfig::default()
        };
        let port = PortConfig { workaround: true, wps: true, wps20_ap: true, ..PortConfig::default() };
        pae.notify_port_control(&mut cx, PortControl::Auto);
        pae.notify_config(Some(eap), Some(port));
        Station { wps, pae, told: vec![] }
    }

    fn enrollee(phase1: &str) -> Station {
        Station::new(WSC_ENROLLEE, phase1)
    }

    fn registrar(phase1: &str) -> Station {
        let mut station = Station::new(WSC_REGISTRAR, phase1);
        if let Some((_, pin)) = phase1.split_once("pin=") {
            let pin = pin.split(' ').next().unwrap_or_default();
            station.wps.add_pin(Instant::ZERO, None, None, pin.as_bytes(), None);
            station.wps.events.clear();
        }
        station
    }

    /// Returns the frames that are sent after something happened to the access point.
    fn run(
        &mut self,
        now: Instant,
        input: impl FnOnce(&mut Pae, &mut crate::eap::MethodContext<'_>),
    ) -> Vec<Vec<u8>> {
        input(&mut self.pae, &mut crate::eap::MethodContext::with_wps(now, &mut self.wps));
        let mut frames = vec![];
        while let Some(action) = self.pae.take_action() {
            match action {
                Action::Send(frame) => frames.push(frame),
                Action::Wps(event) => self.told.push(event),
                _ => {}
            }
        }
        frames
    }

    fn credential(&self) -> Option<&crate::wire::wsc::Credential> {
        self.told.iter().find_map(|event| match event {
            WpsEvent::Credential(credential) => Some(&**credential),
            _ => None,
        })
    }
}

impl Bench {
    /// Open authentication and an association request with these elements beside SSID and rates.
    fn associate(&mut self, elements: &[u8]) {
        let name = self.ap.config().ssid.clone();
        let auth = MgmtBody::Authentication { algorithm: 0, transaction: 1, status: 0, ies: vec![] };
        let mut ies = vec![0, name.len() as u8];
        ies.extend_from_slice(name.as_bytes());
        ies.extend_from_slice(b"\x01\x08\x02\x04\x0b\x16\x0c\x12\x18\x24\x32\x04\x30\x48\x60\x6c");
        ies.extend_from_slice(elements);
        let assoc = MgmtBody::AssocRequest { capability: 0x411, listen_interval: 5, ies };
        for body in [auth, assoc] {
            self.receive(&MgmtFrame::new(AP, STA, AP, body).emit());
        }
    }

    fn probe(&mut self, password_id: u16, request: RequestType) {
        let station = Station::enrollee("pbc=1");
        let wps = probe_request(password_id, &station.wps.device, &station.wps.uuid, request, &[]);
        let ies = [&b"\x00\x00\x01\x04\x02\x04\x0b\x16"[..], &wps].concat();
        let frame =
            MgmtFrame::new(MacAddr::BROADCAST, STA, MacAddr::BROADCAST, MgmtBody::ProbeRequest { ies });
        self.receive(&frame.emit());
    }

    fn eapol(&mut self, frame: Vec<u8>) {
        let event = DriverEvent::RxEapol { src: STA, frame, encrypted: false };
        self.with(|ap, cx| {
            ap.handle(cx, &event);
        });
    }

    fn eapol_sent(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.requests)
            .into_iter()
            .filter_map(|request| match request {
                DriverRequest::TxEapol { frame, .. } => Some(frame),
                _ => None,
            })
            .collect()
    }

    /// Lets both talk until neither has anything to say.
    fn converse(&mut self, station: &mut Station) {
        let mut from_station = station.run(self.now, |pae, cx| pae.notify_port_enabled(cx, true));
        loop {
            let from_ap = self.eapol_sent();
            if from_ap.is_empty() && from_station.is_empty() {
                return;
            }
            for frame in core::mem::take(&mut from_station) {
                self.eapol(frame);
            }
            for frame in from_ap {
                from_station.extend(station.run(self.now, |pae, cx| {
                    pae.rx(cx, AP, &frame);
                }));
            }
        }
    }

    fn take_events(&mut self) -> Vec<String> {
        core::mem::take(&mut self.events)
    }

    fn advance(&mut self, duration: Duration) {
        self.run_until(self.now + duration);
    }

    /// Reads the WPS attributes of the beacon.
    fn says<R>(&self, what: impl FnOnce(&Attributes<'_>) -> R) -> R {
        let attributes = concatenated(&self.beacon.as_ref().unwrap().tail).unwrap();
        what(&Attributes::parse(&attributes).unwrap())
    }

    /// Frames of this subtype to the station since the last call: their reason codes.
    fn deauthentications(&mut self) -> Vec<u16> {
        core::mem::take(&mut self.sent)
            .iter()
            .filter_map(|frame| match MgmtFrame::parse(frame).ok()?.body {
                MgmtBody::Deauthentication { reason, .. } => Some(reason),
                _ => None,
            })
            .collect()
    }
}

/// EAP-Started, the request for an identity, and that for WSC.
const BEGINNING: [&str; 3] = [
    "CTRL-EVENT-EAP-STARTED 02:00:00:00:00:00",
    "CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=1",
    "CTRL-EVENT-EAP-PROPOSED-METHOD vendor=14122 method=254",
];
const EAP_FAILURE: &str = "CTRL-EVENT-EAP-FAILURE 02:00:00:00:00:00";

fn expected(ending: &[&str]) -> Vec<String> {
    BEGINNING.iter().chain(ending).map(|line| (*line).to_owned()).collect()
}

fn push_button_pressed() -> Bench {
    let mut bench = Bench::new(wps_ap());
    bench.with(|ap, cx| ap.wps_pbc(cx, None).unwrap());
    bench.take_events();
    bench.associate(&assoc_request(RequestType::Enrollee));
    bench
}

/// The recorded session `wps_pbc`, from the first probe request to the handshake after it.
#[test]
fn push_button() {
    let mut bench = Bench::new(wps_ap());
    bench.with(|ap, cx| ap.wps_pbc(cx, None).unwrap());
    bench.probe(4, RequestType::Enrollee);
    let seen = format!("WPS-ENROLLEE-SEEN {STA} {UUID_TEXT} 1-0050F204-1 0x2388 4 1 [Wireless Client]");
    assert_eq!(bench.take_events()[1..3], ["WPS-PBC-ACTIVE ".to_owned(), seen]);
    assert_eq!(bench.says(|a| (a.selected_registrar, a.dev_password_id)), (Some(1), Some(4)));
    bench.associate(&assoc_request(RequestType::Enrollee));
    assert!(bench.sta_text().contains("flags=[AUTH][ASSOC][WPS][WPS2]\n"));
    let mut station = Station::enrollee("pbc=1");
    bench.converse(&mut station);
    let success = format!("WPS-REG-SUCCESS {STA} {UUID_TEXT}");
    let ending = [&*success, "WPS-PBC-DISABLE ", "WPS-SUCCESS ", EAP_FAILURE];
    assert_eq!(bench.take_events(), expected(&ending));
    let credential = station.credential().unwrap();
    assert_eq!(
        (credential.ssid.as_bytes(), &credential.key[..]),
        (&b"wps-ap"[..], &b"secret passphrase"[..])
    );
    assert_eq!(bench.says(|a| a.selected_registrar), None);
    assert_eq!(
        bench.ap.wps_status(),
        "PBC Status: Disabled\nLast WPS result: Success\nPeer Address: 02:00:00:00:00:00\n"
    );
    assert!(bench.sta_text().contains("wpsDeviceName=Wireless Client\n"));
    bench.deauthentications();
    bench.advance(Duration::from_millis(10));
    assert_eq!(bench.deauthentications(), [23]);
    assert!(bench.ap.wps.as_ref().unwrap().events.is_empty());
}

#[test]
fn pins_right_and_wrong() {
    let mut bench = Bench::new(wps_ap());
    bench.with(|ap, cx| assert!(ap.wps_pin(cx, None, None, "12345670", None)));
    bench.associate(&assoc_request(RequestType::Enrollee));
    bench.take_events();
    // The first half is wrong: the recorded session `wps_wrong_pin`.
    bench.converse(&mut Station::enrollee("pin=55554444"));
    assert!(bench.take_events().contains(&"WPS-FAIL msg=8 config_error=18".to_owned()));
    assert!(bench.ap.wps_status().starts_with("PBC Status: Disabled\nLast WPS result: Failed\n"));
    bench.advance(Duration::from_secs(1));
    bench.associate(&assoc_request(RequestType::Enrollee));
    let mut station = Station::enrollee("pin=12345670");
    bench.converse(&mut station);
    assert!(station.credential().is_some());
    assert!(bench.take_events().contains(&"WPS-SUCCESS ".to_owned()));
}

#[test]
fn a_pin_is_asked_for() {
    let mut bench = Bench::new(wps_ap());
    bench.associate(&assoc_request(RequestType::Enrollee));
    bench.take_events();
    bench.converse(&mut Station::enrollee("pin=12345670"));
    let needed =
        format!("WPS-PIN-NEEDED {UUID_TEXT} {STA} [Wireless Client|Company|cmodel|123|12345|1-0050F204-1]");
    assert!(bench.take_events().contains(&needed));
}

#[test]
fn two_enrollees_at_the_button_are_refused() {
    let mut bench = push_button_pressed();
    let other = probe_request(4, &DeviceData::default(), &[9; 16], RequestType::Enrollee, &[]);
    let ies = [&b"\x00\x00\x01\x04\x02\x04\x0b\x16"[..], &other].concat();
    let body = MgmtBody::ProbeRequest { ies };
    let from = MacAddr([2, 0, 0, 0, 0, 9]);
    bench.receive(&MgmtFrame::new(MacAddr::BROADCAST, from, MacAddr::BROADCAST, body).emit());
    bench.take_events();
    bench.converse(&mut Station::enrollee("pbc=1"));
    let events = bench.take_events();
    assert!(events.contains(&"WPS-OVERLAP-DETECTED ".to_owned()));
    assert!(events.contains(&"WPS-FAIL msg=4 config_error=12".to_owned()), "{events:?}");
    assert!(bench.ap.wps_status().starts_with("PBC Status: Overlap\n"));
}

#[test]
fn an_external_registrar_learns_the_settings() {
    let mut bench = Bench::new(wps_ap());
    bench.take_events();
    bench.associate(&assoc_request(RequestType::Registrar));
    let mut station = Station::registrar("pin=12345670");
    bench.converse(&mut station);
    assert_eq!(bench.take_events(), expected(&["WPS-FAIL msg=11 config_error=0", EAP_FAILURE]));
    assert_eq!(station.credential().unwrap().key, b"secret passphrase");
}

#[test]
fn an_external_registrar_gives_new_settings() {
    let mut config = wps_ap();
    config.wps.as_mut().unwrap().cred_processing = 2;
    let mut bench = Bench::new(config);
    bench.associate(&assoc_request(RequestType::Registrar));
    bench.take_events();
    let phase1 = "pin=12345670 new_ssid=6e6577 new_auth=WPA2PSK new_encr=CCMP new_key=6e65772073656372657421";
    // Not by the bench, which drops what is for files.
    let mut station = Station::registrar(phase1);
    bench.converse(&mut station);
    let events = bench.take_events();
    let settings = events.iter().find_map(|e| e.strip_prefix("WPS-NEW-AP-SETTINGS "));
    assert!(settings.unwrap().contains("104500036e6577"), "{events:?}");
    assert!(events.contains(&"WPS-SUCCESS ".to_owned()));
    assert_eq!(bench.ap.wps.as_ref().unwrap().network_key.as_deref(), Some(&b"new secret!"[..]));
    // Its last frame was acknowledged: nothing is waited for.
    assert_eq!(bench.ap.timers.get(Timer::ReloadSettings), Some(bench.now));
}

/// One wrong guess of the PIN of the access point.
fn guess(bench: &mut Bench) -> Vec<String> {
    bench.associate(&assoc_request(RequestType::Registrar));
    bench.take_events();
    bench.converse(&mut Station::registrar("pin=00000000"));
    let mut events = bench.take_events();
    events.retain(|e| e.starts_with("WPS-AP-SETUP"));
    bench.with(|ap, cx| ap.deauthenticated_by_station(cx, STA));
    events
}

#[test]
fn wrong_guesses_lock_the_setup_for_growing_times() {
    let mut bench = Bench::new(wps_ap());
    assert!(guess(&mut bench).is_empty() && guess(&mut bench).is_empty());
    assert_eq!(guess(&mut bench), ["WPS-AP-SETUP-LOCKED "]);
    assert_eq!(bench.says(|a| a.ap_setup_locked), Some(1));
    assert!(guess(&mut bench).is_empty(), "nothing is found out of a locked one");
    bench.advance(Duration::from_secs(59));
    assert!(bench.take_events().is_empty());
    bench.advance(Duration::from_secs(1));
    assert_eq!(bench.take_events(), ["WPS-AP-SETUP-UNLOCKED "]);
    assert_eq!(bench.says(|a| a.ap_setup_locked), None);
    // From now on every wrong guess locks; the third, sixth and ninth doubles the time.
    for (guess_number, lock) in [(4, 60), (5, 60), (6, 120), (7, 120), (8, 120), (9, 240)] {
        assert_eq!(guess(&mut bench), ["WPS-AP-SETUP-LOCKED "], "{guess_number}");
        bench.advance(Duration::from_secs(lock - 1));
        assert!(bench.take_events().is_empty(), "{guess_number}");
        bench.advance(Duration::from_secs(1));
        assert_eq!(bench.take_events(), ["WPS-AP-SETUP-UNLOCKED "], "{guess_number}");
    }
    assert_eq!(guess(&mut bench), ["WPS-AP-SETUP-LOCKED "]);
    bench.advance(Duration::from_secs(100_000));
    assert!(bench.take_events().is_empty(), "ten in a row lock it for good");
    // Until there is another PIN.
    bench.with(|ap, cx| ap.set_ap_pin(cx, "00000000", Some(Duration::from_secs(10))));
    assert_eq!(bench.take_events(), ["WPS-AP-SETUP-UNLOCKED "]);
    bench.associate(&assoc_request(RequestType::Registrar));
    let mut station = Station::registrar("pin=00000000");
    bench.converse(&mut station);
    assert!(station.credential().is_some());
    bench.take_events();
    bench.advance(Duration::from_secs(10));
    assert_eq!(bench.take_events(), ["WPS-AP-PIN-DISABLED "]);
    assert_eq!(bench.ap.ap_pin(), None);
}

#[test]
fn a_right_guess_ends_the_row() {
    let mut bench = Bench::new(wps_ap());
    guess(&mut bench);
    guess(&mut bench);
    bench.associate(&assoc_request(RequestType::Registrar));
    bench.converse(&mut Station::registrar("pin=12345670"));
    bench.with(|ap, cx| ap.deauthenticated_by_station(cx, STA));
    assert_eq!(guess(&mut bench), ["WPS-AP-SETUP-LOCKED "], "but all are counted");
}

#[test]
fn what_is_no_wps_station_is_left_in_peace_until_it_asks() {
    let mut bench = Bench::new(wps_ap());
    bench.with(|ap, cx| ap.wps_pbc(cx, None).unwrap());
    bench.associate(&[]);
    bench.take_events();
    assert!(bench.sta_text().contains("flags=[AUTH][ASSOC][MAYBE_WPS]\n"));
    assert!(bench.eapol_sent().is_empty());
    bench.advance(Duration::from_secs(3));
    assert!(bench.eapol_sent().is_empty());
    // EAPOL-Start.
    bench.eapol(vec![1, 1, 0, 0]);
    let mut station = Station::enrollee("pbc=1");
    bench.converse(&mut station);
    assert!(bench.sta_text().contains("[WPS][MAYBE_WPS]"), "{}", bench.sta_text());
    assert!(station.credential().is_some());
}

#[test]
fn an_enrollee_of_version_1_begins_itself() {
    let mut bench = Bench::new(wps_ap());
    bench.with(|ap, cx| ap.wps_pbc(cx, None).unwrap());
    bench.associate(&octets("dd0e0050f204 104a000110 103a000101"));
    assert!(bench.sta_text().contains("flags=[AUTH][ASSOC][WPS]\n"));
    assert!(bench.eapol_sent().is_empty());
    bench.eapol(vec![1, 1, 0, 0]);
    let mut station = Station::enrollee("pbc=1");
    bench.converse(&mut station);
    assert!(station.credential().is_some());
}

#[test]
fn a_station_that_goes_by_itself_is_not_sent_away() {
    let mut bench = push_button_pressed();
    bench.converse(&mut Station::enrollee("pbc=1"));
    bench.deauthentications();
    let leave = MgmtBody::Deauthentication { reason: 3, ies: vec![] };
    bench.receive(&MgmtFrame::new(AP, STA, AP, leave).emit());
    bench.advance(Duration::from_secs(1));
    assert!(bench.deauthentications().is_empty());
    assert!(bench.ap.port(STA).is_none() && bench.sta_text().is_empty());
}

#[test]
fn a_station_that_never_answers_is_given_up() {
    let mut bench = push_button_pressed();
    bench.deauthentications();
    bench.advance(Duration::from_secs(120));
    assert_eq!(bench.eapol_sent().len(), 6, "the request for an identity and its repetitions");
    assert_eq!(bench.deauthentications(), [2]);
    let events = bench.take_events();
    assert!(events.contains(&"CTRL-EVENT-EAP-TIMEOUT-FAILURE 02:00:00:00:00:00".to_owned()), "{events:?}");
}

#[test]
fn a_cancelled_registration_is_forgotten_silently() {
    let mut bench = push_button_pressed();
    bench.deauthentications();
    bench.take_events();
    bench.with(|ap, cx| assert!(ap.wps_cancel(cx)));
    assert_eq!(bench.take_events(), ["WPS-TIMEOUT ", "WPS-CANCEL "]);
    assert!(bench.deauthentications().is_empty() && bench.ap.port(STA).is_none());
    bench.advance(Duration::from_secs(10));
    bench.with(|ap, cx| assert_eq!(ap.end_registration(cx), Some(false)));
}

#[test]
fn every_enrollee_has_a_key_of_its_own() {
    let mut config = wps_ap();
    let wps = config.wps.as_mut().unwrap();
    (wps.network_key, wps.psk) = (None, None);
    let mut bench = Bench::new(config);
    bench.with(|ap, cx| assert!(ap.wps_pin(cx, Some(STA), None, "12345670", None)));
    assert_eq!(bench.says(|a| a.authorized().collect::<Vec<_>>()), [STA]);
    bench.associate(&assoc_request(RequestType::Enrollee));
    assert!(bench.sta_text().contains("dot1xPaePortNumber=1\n"));
    let mut station = Station::enrollee("pin=12345670");
    bench.converse(&mut station);
    let key = String::from_utf8(station.credential().unwrap().key.clone()).unwrap();
    let auth = bench.ap.auth.as_ref().unwrap();
    let psks: Vec<_> = auth.config().psks_for(STA).map(|psk| psk.to_vec()).collect();
    assert_eq!((key.len(), &psks[0]), (64, &octets(&key)));
    assert_eq!(bench.ap.config().security.as_ref().unwrap().station_psks.len(), 1, "a reload keeps it");
}

#[test]
fn in_an_open_network_the_port_closes_for_wps() {
    let mut config = wps_ap();
    config.security = None;
    config.wps.as_mut().unwrap().network_key = None;
    let mut bench = Bench::new(config);
    bench.with(|ap, cx| ap.wps_pbc(cx, None).unwrap());
    bench.take_events();
    bench.associate(&assoc_request(RequestType::Enrollee));
    let events = bench.take_events();
    assert_eq!(events[..2], [format!("AP-STA-CONNECTED {STA}"), format!("AP-STA-DISCONNECTED {STA}")]);
    let mut station = Station::enrollee("pbc=1");
    bench.converse(&mut station);
    assert_eq!(station.credential().unwrap().auth_type, 1);
}

#[test]
fn a_disabled_access_point_offers_nothing() {
    let mut bench = push_button_pressed();
    bench.with(|ap, cx| ap.stop(cx, ShutDown::Disable));
    bench.with(|ap, cx| {
        assert_eq!(ap.wps_pbc(cx, None), Err(PbcRefusal::Off));
        assert!(!ap.wps_pin(cx, None, None, "12345670", None) && !ap.wps_cancel(cx));
        assert_eq!(ap.random_ap_pin(cx, None), None);
        assert_eq!(ap.next_timeout(), None);
    });
    bench.with(|ap, cx| assert!(ap.start(cx).is_none()));
    assert_eq!(bench.says(|a| a.selected_registrar), None);
}

#[test]
fn a_pin_for_a_supplicants_own_access_point_goes_unsaid() {
    let mut bench = Bench::new(mode2());
    bench.take_events();
    bench.with(|ap, cx| {
        ap.set_ap_pin(cx, "12345670", Some(Duration::from_secs(5)));
        assert_eq!(ap.ap_pin(), Some("12345670"));
    });
    bench.advance(Duration::from_secs(5));
    assert_eq!(bench.ap.ap_pin(), None);
    assert!(bench.take_events().is_empty());
    let number = bench.ap.random_ap_pin(ApContext { now: bench.now, driver: &bench.driver }, None).unwrap();
    assert!(number.len() == 8 && crate::wps::pin_valid(number.parse().unwrap()));
}

proptest! {
    /// A station that sends anything in any order while it is registered.
    #[test]
    fn any_frames_of_a_station(
        frames in prop::collection::vec((0u8..3, prop::collection::vec(any::<u8>(), 0..60), any::<bool>()), 0..20),
    ) {
        let mut bench = push_button_pressed();
        for (kind, body, echo) in frames {
            let last = bench.eapol_sent().pop();
            // The identifier of what was asked, so that some get through to the method.
            let id = last.filter(|_| echo).and_then(|f| f.get(5).copied()).unwrap_or(7);
            let length = (body.len() as u16 + 4).to_be_bytes();
            let mut eap = vec![2, id, length[0], length[1]];
            eap.extend_from_slice(&body);
            let length = (eap.len() as u16).to_be_bytes();
            let mut frame = vec![1, kind, length[0], length[1]];
            frame.extend_from_slice(&eap);
            bench.eapol(frame);
            bench.advance(Duration::from_millis(100));
        }
        bench.advance(Duration::from_secs(200));
        prop_assert!(!bench.ap.wps.as_ref().unwrap().pbc_active());
    }
}
