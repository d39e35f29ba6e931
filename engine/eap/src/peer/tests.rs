use super::*;
use proptest::prelude::*;
use wpasim_wire::eap::{EapPacket, EapType, code, message, outcome};
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::OpCode;
use wpasim_wps::Wps;
use wpasim_wps::examples::station;

/// A peer, its port, and the device's WPS.
struct Bench {
    wps: Wps,
    port: PeerPort,
    peer: Peer,
}

impl Bench {
    fn new(config: PeerConfig) -> Self {
        let mut peer = Peer { workaround: true, ..Peer::default() };
        peer.set_config(Some(config));
        let mut bench = Bench { wps: station(), port: PeerPort::default(), peer };
        bench.step();
        bench.port.port_enabled = true;
        bench.step();
        bench
    }

    fn push_button() -> Self {
        Bench::new(PeerConfig {
            identity: Some(wpasim_wire::eap::WSC_ENROLLEE.to_vec()),
            methods: Some(vec![EapType::WSC]),
            phase1: Some(b"pbc=1".to_vec()),
            ..PeerConfig::default()
        })
    }

    fn step(&mut self) {
        self.peer.step(&mut MethodContext::with_wps(Instant::ZERO, &mut self.wps), &mut self.port);
    }

    /// The response to a packet.
    fn give(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        self.port.request = Some(packet.to_vec());
        self.port.eap_req = true;
        self.step();
        let answered = core::mem::take(&mut self.port.eap_resp);
        self.port.eap_no_resp = false;
        self.peer.take_response().filter(|_| answered)
    }

    fn lines(&mut self) -> Vec<String> {
        let line = |event| match event {
            Event::Msg(_, line) => line,
            Event::Wps(event) => format!("{event:?}"),
        };
        self.peer.drain_events().map(line).collect()
    }
}

fn request(id: u8, method: EapType, data: &[u8]) -> Vec<u8> {
    message(code::REQUEST, id, method, data)
}

#[test]
fn methods_that_are_not_allowed_are_refused_with_those_that_are() {
    let mut bench = Bench::push_button();
    let nak = bench.give(&request(1, EapType::ietf(4), b"x"));
    assert_eq!(nak, Some(message(code::RESPONSE, 1, EapType::NAK, &[254])));
    assert_eq!(
        bench.lines(),
        [
            "CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=4 -> NAK",
            "CTRL-EVENT-EAP-STATUS status='refuse proposed method' parameter='MD5'",
        ]
    );
    let vendors = EapType { vendor: 9, method: 77 };
    let nak = bench.give(&request(2, vendors, b"x")).unwrap();
    let expected = [EapType::NAK.expanded(), EapType::WSC.expanded()].concat();
    assert_eq!(nak, EapPacket { code: code::RESPONSE, identifier: 2, data: &expected }.emit());
    assert_eq!(
        bench.lines().last().unwrap(),
        "CTRL-EVENT-EAP-STATUS status='refuse proposed method' parameter='unknown'"
    );
    let mut bench = Bench::new(PeerConfig { methods: Some(Vec::new()), ..PeerConfig::default() });
    let nak = bench.give(&request(3, EapType::ietf(4), b"x"));
    assert_eq!(nak, Some(message(code::RESPONSE, 3, EapType::NAK, &[0])));
    let nak = bench.give(&request(4, EapType::WSC, &[1, 0])).unwrap();
    assert!(nak.ends_with(&EapType::NONE.expanded()));
}

#[test]
fn a_method_that_cannot_start_is_refused() {
    let mut bench = Bench::push_button();
    bench.peer.set_config(Some(PeerConfig { methods: Some(vec![EapType::WSC]), ..PeerConfig::default() }));
    let nak = bench.give(&request(1, EapType::WSC, &[OpCode::Start as u8, 0])).unwrap();
    assert!(nak.ends_with(&EapType::NONE.expanded()));
    assert_eq!(
        bench.lines().last().unwrap(),
        "EAP: Failed to initialize EAP method: vendor 14122 method 1 (WSC)"
    );
}

#[test]
fn notifications_are_shown_and_acknowledged() {
    let mut bench = Bench::push_button();
    let acknowledged = bench.give(&request(5, EapType::NOTIFICATION, b"hi\x07 there"));
    assert_eq!(acknowledged, Some(message(code::RESPONSE, 5, EapType::NOTIFICATION, &[])));
    assert_eq!(bench.lines(), ["CTRL-EVENT-EAP-NOTIFICATION hi_ there"]);
}

#[test]
fn repetitions_get_the_same_response_and_other_requests_of_that_number_their_own() {
    let mut bench = Bench::push_button();
    let identity = bench.give(&request(5, EapType::IDENTITY, b""));
    bench.lines();
    assert_eq!(bench.give(&request(5, EapType::IDENTITY, b"")), identity);
    assert_eq!(bench.lines(), [""; 0]);
    assert_eq!(bench.give(&request(5, EapType::IDENTITY, b"?")), identity);
    assert_eq!(bench.lines().len(), 2);
}

#[test]
fn only_the_workaround_takes_outcomes_with_a_later_number() {
    for (workaround, id, failed) in
        [(false, 5, true), (false, 6, false), (true, 6, true), (true, 7, true), (true, 8, false)]
    {
        let mut bench = Bench::push_button();
        bench.peer.workaround = workaround;
        bench.give(&request(5, EapType::IDENTITY, b""));
        bench.give(&outcome(false, id));
        assert_eq!(bench.port.eap_fail, failed, "{workaround} {id}");
    }
}

#[test]
fn a_success_that_nobody_earned_counts_only_if_phase1_allows_it() {
    for (phase1, success) in [("pbc=1", false), ("pbc=1 allow_canned_success=1", true)] {
        let config = PeerConfig { phase1: Some(phase1.into()), ..PeerConfig::default() };
        let mut bench = Bench::new(config);
        bench.give(&outcome(true, 0));
        assert_eq!((bench.port.eap_success, bench.port.eap_fail), (success, !success));
    }
}

#[test]
fn a_server_that_asks_for_eapol_start_gets_it() {
    let mut bench = Bench::push_button();
    assert_eq!(bench.give(&[code::INITIATE, 1, 0, 6, 1, 0]), None);
    assert!(core::mem::take(&mut bench.port.trigger_start));
    bench.give(&[code::INITIATE, 1, 0, 5, 1]);
    assert!(!bench.port.trigger_start);
}

#[test]
fn status_shows_the_method_in_use() {
    let mut bench = Bench::push_button();
    assert_eq!(bench.peer.status(false), "EAP state=IDLE\n");
    bench.give(&request(5, EapType::IDENTITY, b""));
    bench.give(&request(6, EapType::WSC, &[OpCode::Start as u8, 0]));
    assert_eq!(
        bench.peer.status(true),
        "EAP state=IDLE\nselectedMethod=254 (EAP-WSC)\nreqMethod=254\nmethodState=MAY_CONT\n\
         decision=FAIL\nClientTimeout=30\n"
    );
    assert_eq!(bench.port.idle_while, 30);
}

/// Requests that come near to what a server sends.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let data = || prop::collection::vec(any::<u8>(), 0..40);
    let wsc = (0u8..8, 0u8..4, data()).prop_map(|(op, flags, data)| [vec![op, flags], data].concat());
    prop_oneof![
        (0u8..4, wsc).prop_map(|(id, data)| request(id, EapType::WSC, &data)),
        (0u8..4, 0u32..5, data()).prop_map(|(id, method, data)| request(id, EapType::ietf(method), &data)),
        (any::<bool>(), 0u8..4).prop_map(|(success, id)| outcome(success, id)),
        data(),
    ]
}

proptest! {
    #[test]
    fn no_server_breaks_a_peer(conversation in prop::collection::vec(packets(), 0..60)) {
        let mut bench = Bench::push_button();
        for packet in conversation {
            if let Some(response) = bench.give(&packet) {
                prop_assert_eq!(EapPacket::parse(&response).map(|r| r.code), Ok(code::RESPONSE));
            }
            bench.lines();
        }
        prop_assert!(!bench.port.eap_success);
    }
}
