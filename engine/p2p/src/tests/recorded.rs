//! Frames of wpa_supplicant 2.10, byte for byte: what one end received goes in, what it sent must come
//! out, and the states in between are those of its debug log.

use super::*;
use wpasim_runtime::entropy::Stream;
use wpasim_runtime::timers::Order;
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::wsc::{RequestType, methods, probe_request};

const FRAMES: &str = include_str!("recorded.txt");
const UUID_A: [u8; 16] =
    [0x36, 0x2d, 0xb4, 0x7b, 0xa5, 0x3a, 0x51, 0x91, 0x88, 0xfb, 0x54, 0x58, 0xb9, 0x86, 0xb2, 0xe4];
const UUID_B: [u8; 16] =
    [0x57, 0x2c, 0xf8, 0x2f, 0xc9, 0x57, 0x56, 0x53, 0x9b, 0x16, 0xb5, 0xcf, 0xb2, 0x98, 0xab, 0xf1];
const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const B: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

fn frame(name: &str) -> Vec<u8> {
    let line = FRAMES.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
    let hex = line.unwrap_or_else(|| panic!("no frame {name}")).as_bytes();
    let digit = |d: &u8| (*d as char).to_digit(16).unwrap() as u8;
    hex.chunks(2).map(|octet| digit(&octet[0]) << 4 | digit(&octet[1])).collect()
}

/// One end of a recorded session.
struct End {
    device: Device,
    desk: Desk,
    peer: MacAddr,
    now: Instant,
    events: Vec<Event>,
}

/// The values that were drawn and configured: listen channel, operating channel, tie breaker, SSID.
struct Drawn {
    listen: u8,
    operating: u8,
    tie_breaker: bool,
    ssid: [u8; 2],
}

impl End {
    fn new(own: MacAddr, drawn: &Drawn) -> Self {
        let (name, uuid, peer) = if own == A { ("Device A", UUID_A, B) } else { ("Device B", UUID_B, A) };
        let mut config = config(own, name, uuid, drawn.listen);
        config.operating.channel = drawn.operating;
        let mut device = Device::new(config, &Entropy::new(1, name), &Order::default());
        device.next_tie_breaker = drawn.tie_breaker;
        let index = |c: u8| match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            _ => c - b'0' + 52,
        };
        device.draws.ssid = Stream::recorded(drawn.ssid.map(index));
        let now = Instant::from_micros(5_000_000);
        End { device, desk: Desk::default(), peer, now, events: Vec::new() }
    }

    fn on<R>(&mut self, call: impl FnOnce(&mut Device, &DeviceContext<'_>) -> R) -> R {
        call(&mut self.device, &DeviceContext { now: self.now, host: &self.desk })
    }

    /// The peer answered a scan.
    fn finds(&mut self, response: &str) {
        let found = MgmtFrame::parse(&frame(response)).unwrap();
        let MgmtBody::ProbeResponse { ies, .. } = found.body else { panic!("not a probe response") };
        let (now, peer) = (self.now, self.peer);
        self.on(|d, cx| d.scan_res_handler(cx, peer, 2412, now, -50, &ies));
        self.drain();
    }

    /// Takes events; the frame that is to be sent, if any.
    fn drain(&mut self) -> Option<Vec<u8>> {
        let mut sent = None;
        for action in taken(&mut self.device) {
            match action {
                Action::Event(event) => self.events.push(event),
                Action::SendAction { body, .. } => {
                    assert_eq!(sent.replace(body), None, "one frame at a time")
                }
                _ => {}
            }
        }
        sent
    }

    /// It sends this frame, and the peer acknowledges it.
    fn sends(&mut self, name: &str) {
        assert_eq!(self.drain(), Some(frame(name)), "{name}");
        let (own, peer) = (self.device.addr(), self.peer);
        self.on(|d, cx| d.send_action_cb(cx, 2437, peer, own, peer, SendResult::Success));
    }

    fn receives(&mut self, name: &str) {
        let (own, peer) = (self.device.addr(), self.peer);
        self.on(|d, cx| d.rx_action(cx, own, peer, own, &frame(name), 2437));
    }

    fn waits(&mut self, ms: i64) {
        self.now += Duration::from_millis(ms);
        while self.on(|d, cx| d.timeout(cx)) {}
    }

    fn state(&self) -> &'static str {
        self.device.state_text()
    }

    fn connects(&mut self, method: WpsMethod, go_intent: u8, persistence: Persistence) {
        let request = connect_request(self.peer, self.device.addr(), go_intent);
        let request = ConnectRequest { wps_method: method, persistence, ..request };
        assert_eq!(self.on(|d, cx| d.connect(cx, request)), Ok(()));
    }

    fn completed(&self) -> GoNegResults {
        let last = self.events.iter().rev().find_map(|e| match e {
            Event::GoNegCompleted(results) => Some((**results).clone()),
            _ => None,
        });
        last.expect("a completed negotiation")
    }
}

const PBC_A: Drawn = Drawn { listen: 6, operating: 1, tie_breaker: true, ssid: *b"Of" };
const PBC_B: Drawn = Drawn { listen: 11, operating: 1, tie_breaker: false, ssid: *b"AA" };

#[test]
fn the_owner_of_a_push_button_group() {
    let mut a = End::new(A, &Drawn { ssid: *b"Of", ..PBC_A });
    a.finds("probe-response b");
    a.connects(WpsMethod::Pbc, 15, Persistence::None);
    assert_eq!(a.state(), "CONNECT");
    a.sends("pbc a request");
    a.receives("pbc b not-ready");
    assert_eq!(a.state(), "WAIT_PEER_IDLE");
    a.waits(0);
    assert_eq!(a.state(), "WAIT_PEER_CONNECT");
    a.on(|d, cx| d.listen_cb(cx, 2437, Duration::from_millis(204)));
    a.receives("pbc b request");
    assert_eq!(a.state(), "GO_NEG");
    a.sends("pbc a response");
    assert_eq!(a.state(), "CONNECT");
    a.receives("pbc b confirm");
    assert_eq!((a.state(), a.drain()), ("CONNECT", None));
    // The peer did not hear the acknowledgement, and it scans.
    a.receives("pbc b confirm");
    let mut ies = b"\x00\x07DIRECT-".to_vec();
    ies.extend(a.device.scan_ie(None));
    let probe = ProbeRequest { src: B, dst: None, bssid: None, ies: &ies, freq: 2437 };
    assert_eq!(a.on(|d, cx| d.rx_probe_req(cx, &probe)), ProbeStatus::Processed);
    a.waits(20);
    a.drain();
    assert_eq!(a.state(), "PROVISIONING");
    let results = a.completed();
    assert_eq!((results.role_go, results.freq, results.ssid.as_bytes()), (true, 2412, &b"DIRECT-Of"[..]));
    assert_eq!((results.peer_device, results.peer_interface), (B, B));
    assert_eq!((results.peer_config_timeout, results.freq_list.len()), (20, 11));
    a.on(|d, cx| d.wps_success(cx, B));
    assert_eq!(a.state(), "IDLE");
}

#[test]
fn the_client_of_a_push_button_group() {
    let mut b = End::new(B, &PBC_B);
    b.on(|d, cx| d.find(cx, FindRequest { kind: FindKind::OnlySocial, ..FindRequest::default() })).unwrap();
    b.receives("pbc a request");
    assert_eq!(b.state(), "SEARCH");
    b.sends("pbc b not-ready");
    assert!(b.events.contains(&Event::GoNegRequest { src: A, password_id: 4, go_intent: 15 }));
    b.drain();
    b.connects(WpsMethod::Pbc, 0, Persistence::None);
    b.sends("pbc b request");
    assert_eq!(b.state(), "CONNECT");
    b.receives("pbc a response");
    assert_eq!(b.state(), "GO_NEG");
    b.sends("pbc b confirm");
    b.drain();
    assert_eq!(b.state(), "PROVISIONING");
    let results = b.completed();
    assert_eq!((results.role_go, results.freq, results.ssid.as_bytes()), (false, 2412, &b"DIRECT-Of"[..]));
    assert_eq!((results.passphrase.as_str(), results.peer_config_timeout), ("", 100));
}

#[test]
fn the_client_of_a_pin_group() {
    let mut a = End::new(A, &Drawn { listen: 6, operating: 11, tie_breaker: false, ssid: *b"AA" });
    a.finds("probe-response b");
    a.connects(WpsMethod::PinDisplay, 7, Persistence::None);
    a.sends("pin a request");
    a.receives("pin b not-ready");
    a.waits(0);
    a.receives("pin b request");
    a.sends("pin a response");
    assert_eq!(a.state(), "CONNECT");
}

#[test]
fn the_owner_of_a_pin_group() {
    let mut b = End::new(B, &Drawn { listen: 11, operating: 1, tie_breaker: true, ssid: *b"GD" });
    b.on(|d, cx| d.find(cx, FindRequest { kind: FindKind::OnlySocial, ..FindRequest::default() })).unwrap();
    b.receives("pin a request");
    b.sends("pin b not-ready");
    b.drain();
    b.connects(WpsMethod::PinKeypad, 8, Persistence::None);
    b.sends("pin b request");
    b.receives("pin a response");
    b.sends("pin b confirm");
    b.drain();
    assert!(b.completed().role_go);
}

#[test]
fn an_authorized_client() {
    let mut b = End::new(B, &Drawn { listen: 1, operating: 1, tie_breaker: false, ssid: *b"AA" });
    b.finds("probe-response a");
    let request = ConnectRequest { wps_method: WpsMethod::PinKeypad, ..connect_request(A, B, 0) };
    b.on(|d, cx| d.authorize(cx, request)).unwrap();
    b.receives("auth a request");
    b.sends("auth b response");
    b.receives("auth a confirm");
    b.waits(20);
    b.drain();
    assert_eq!(b.completed().ssid.as_bytes(), b"DIRECT-9d");

    let mut a = End::new(A, &Drawn { listen: 1, operating: 1, tie_breaker: true, ssid: *b"9d" });
    a.finds("probe-response b");
    a.connects(WpsMethod::PinDisplay, 15, Persistence::None);
    a.sends("auth a request");
    a.receives("auth b response");
    a.sends("auth a confirm");
}

#[test]
fn a_persistent_group_and_invitations_to_it() {
    let mut a = End::new(A, &Drawn { listen: 11, operating: 11, tie_breaker: false, ssid: *b"x6" });
    a.finds("probe-response b");
    a.connects(WpsMethod::PinDisplay, 15, Persistence::Persistent);
    a.sends("persistent a request");
    a.receives("persistent b not-ready");
    a.waits(0);
    a.receives("persistent b request");
    a.sends("persistent a response");
    a.receives("persistent b confirm");
    a.waits(20);
    a.drain();
    assert_eq!(a.completed().persistence, Persistence::Persistent);
    a.on(|d, cx| d.wps_success(cx, B));
    let ssid = a.completed().ssid;
    let invitation = InviteRequest {
        peer: B,
        role: InviteRole::Go,
        bssid: Some(A),
        ssid: ssid.clone(),
        force_freq: None,
        pref_freq: None,
        go_device: None,
        persistent: true,
        password_id: None,
    };
    a.on(|d, cx| d.invite(cx, invitation)).unwrap();
    assert_eq!(a.state(), "INVITE");
    a.sends("persistent a invitation");
    a.receives("persistent b invitation-answer");
    a.drain();
    assert_eq!(a.state(), "IDLE");
    let accepted = |e: &Event| matches!(e, Event::InvitationResult { status: Some(0), freq: Some(2462), .. });
    assert!(a.events.iter().any(accepted));

    let verdict = InvitationVerdict { status: 0, go: true, group_bssid: Some(A), force_freq: None };
    a.desk.verdict.set(verdict);
    a.receives("persistent b second-invitation");
    a.sends("persistent a invitation-answer");
    a.drain();
    let received =
        Event::InvitationReceived { src: B, bssid: None, ssid, go_device: A, status: 0, op_freq: Some(2462) };
    assert_eq!(a.events.last(), Some(&received));
}

#[test]
fn a_client_is_invited_and_invites() {
    let mut b = End::new(B, &Drawn { listen: 1, operating: 11, tie_breaker: true, ssid: *b"AA" });
    b.finds("probe-response a");
    b.connects(WpsMethod::PinKeypad, 0, Persistence::Persistent);
    b.sends("persistent b request");
    b.receives("persistent a response");
    b.sends("persistent b confirm");
    b.drain();
    b.on(|d, cx| d.wps_success(cx, A));
    b.receives("persistent a invitation");
    b.sends("persistent b invitation-answer");
    b.drain();
    let invitation = InviteRequest {
        peer: A,
        role: InviteRole::Client,
        bssid: None,
        ssid: b.completed().ssid,
        force_freq: None,
        pref_freq: None,
        go_device: None,
        persistent: true,
        password_id: None,
    };
    b.on(|d, cx| d.invite(cx, invitation)).unwrap();
    b.sends("persistent b invitation");
    b.waits(500);
    assert_eq!((b.drain(), b.state()), (None, "INVITE_LISTEN"));
    b.on(|d, cx| d.listen_cb(cx, 2412, Duration::from_millis(102)));
    b.waits(400);
    b.sends("persistent b second-invitation");
    b.receives("persistent a invitation-answer");
    b.drain();
    assert_eq!(b.state(), "IDLE");
    let bssid = |e: &Event| matches!(e, Event::InvitationResult { bssid: Some(A), status: Some(0), .. });
    assert!(b.events.iter().any(bssid));
}

#[test]
fn provision_discovery() {
    let drawn = Drawn { listen: 6, operating: 11, tie_breaker: true, ssid: *b"AA" };
    let (mut a, mut b) = (End::new(A, &drawn), End::new(B, &Drawn { listen: 11, ..drawn }));
    a.finds("probe-response b");
    b.finds("probe-response a");
    let ways = [("display", methods::DISPLAY), ("keypad", methods::KEYPAD), ("button", methods::PUSHBUTTON)];
    for (way, config_methods) in ways {
        a.on(|d, cx| d.prov_disc_req(cx, B, config_methods, false, None, true)).unwrap();
        a.sends(&format!("discovery a {way}"));
        b.receives(&format!("discovery a {way}"));
        b.sends(&format!("discovery b {way}"));
        a.receives(&format!("discovery b {way}"));
        assert_eq!(a.drain(), None);
        b.drain();
        assert_eq!(a.events.last(), Some(&Event::ProvDiscResponse { peer: B, config_methods }));
        assert!(
            matches!(b.events.last(), Some(Event::ProvDiscRequest { config_methods: c, .. }) if *c == config_methods)
        );
    }
}

#[test]
fn provision_discovery_before_joining() {
    let drawn = Drawn { listen: 6, operating: 1, tie_breaker: true, ssid: *b"AA" };
    let mut b = End::new(B, &drawn);
    b.finds("probe-response a");
    let ssid = Ssid::new(*b"DIRECT-uz").unwrap();
    b.device.peer_mut(A).unwrap().oper_ssid = ssid.clone();
    b.on(|d, cx| d.prov_disc_req(cx, A, methods::KEYPAD, true, Some(2412), true)).unwrap();
    b.sends("join b display");

    let mut a = End::new(A, &drawn);
    let group = OwnGroup { interface: A, ssid, freq: 2412, ..OwnGroup::default() };
    a.desk.groups.borrow_mut().push(group);
    a.receives("join b display");
    a.sends("join a answer-display");
}

#[test]
fn elements_of_probes() {
    let mut a = End::new(A, &PBC_A);
    let ies = |name: &str| match MgmtFrame::parse(&frame(name)).unwrap().body {
        MgmtBody::ProbeResponse { ies, .. } => ies,
        _ => panic!("not a probe response"),
    };
    let common = 2 + 7 + 2 + 8 + 3;
    assert_eq!(a.device.probe_response_ies(), ies("probe-response a")[common..]);
    a.finds("probe-response b");
    a.connects(WpsMethod::Pbc, 15, Persistence::None);
    assert_eq!(a.device.probe_response_ies(), ies("probe-response a negotiating")[common..]);
    let mut rf = config(A, "Device A", UUID_A, 6).device;
    rf.rf_bands = 3;
    let request = probe_request(0, &rf, &UUID_A, RequestType::Enrollee, &[]);
    assert_eq!([request, a.device.scan_ie(None)].concat(), frame("probe-request a"));
}

#[test]
fn a_probe_request_in_listen_state_is_answered() {
    let mut a = End::new(A, &PBC_A);
    a.on(|d, cx| d.listen(cx, Duration::from_secs(1))).unwrap();
    a.on(|d, cx| d.listen_cb(cx, 2437, Duration::from_secs(1)));
    let mut ies = b"\x00\x07DIRECT-\x01\x03\x0c\x12\x18".to_vec();
    ies.extend(frame("probe-request a"));
    fn request(ies: &[u8]) -> ProbeRequest<'_> {
        ProbeRequest { src: B, dst: Some(MacAddr::BROADCAST), bssid: None, ies, freq: 2437 }
    }
    taken(&mut a.device);
    assert_eq!(a.on(|d, cx| d.rx_probe_req(cx, &request(&ies))), ProbeStatus::Processed);
    let response = Action::SendProbeResponse { frame: frame("probe-response a"), freq: 2437 };
    assert_eq!(taken(&mut a.device), [response]);
    ies[8] = b'_';
    assert_eq!(a.on(|d, cx| d.rx_probe_req(cx, &request(&ies))), ProbeStatus::NotProcessed);
    ies.truncate(14);
    assert_eq!(a.on(|d, cx| d.rx_probe_req(cx, &request(&ies))), ProbeStatus::NotP2p);
    assert_eq!(a.on(|d, cx| d.rx_probe_req(cx, &request(&ies[..12]))), ProbeStatus::Malformed);
}
