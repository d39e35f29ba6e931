use super::*;
use proptest::prelude::*;
use wpasim_runtime::entropy::Entropy;
use wpasim_wire::eap::{EapPacket, WSC_ENROLLEE, WSC_REGISTRAR, code, message};
use wpasim_wire::time::Instant;
use wpasim_wps::Wps;
use wpasim_wps::examples::{STA, access_point};

/// A server, its port, and the access point's WPS.
struct Bench {
    wps: Wps,
    port: ServerPort,
    server: Server,
}

impl Bench {
    fn new() -> Self {
        let config = ServerConfig { wps: true, ..ServerConfig::default() };
        let peer = ServerPeer { addr: STA, assoc_wps: None, assoc_p2p: None };
        let server = Server::new(config, peer, Entropy::new(1, "ap").stream("eap"));
        let port = ServerPort { port_enabled: true, ..ServerPort::default() };
        let mut bench = Bench { wps: access_point(), port, server };
        bench.wps.button_pushed(Instant::ZERO, None).unwrap();
        bench.step();
        bench
    }

    fn step(&mut self) {
        let mut cx =
            MethodContext { now: Instant::ZERO, wps: Some(&mut self.wps), ap_pin: Some(b"12345670") };
        self.server.step(&mut cx, &mut self.port);
        self.server.drain_events().for_each(drop);
    }

    /// Code, number and type of the request that is to be sent.
    fn request(&self) -> (u8, u8, Option<u8>) {
        let packet = EapPacket::parse(self.port.request.as_deref().unwrap()).unwrap();
        (packet.code, packet.identifier, packet.type_octet())
    }

    fn give(&mut self, packet: &[u8]) {
        self.port.eap_req = false;
        self.port.response = Some(packet.to_vec());
        self.port.eap_resp = true;
        self.step();
    }

    /// Answers the request that is to be sent.
    fn answer(&mut self, method: EapType, data: &[u8]) {
        let (_, id, _) = self.request();
        self.give(&message(code::RESPONSE, id, method, data));
    }
}

#[test]
fn numbers_go_up_with_each_request() {
    let mut bench = Bench::new();
    let (_, first, _) = bench.request();
    assert_eq!(bench.request(), (code::REQUEST, first, Some(1)));
    bench.answer(EapType::IDENTITY, WSC_ENROLLEE);
    assert_eq!(bench.request(), (code::REQUEST, first.wrapping_add(1), Some(254)));
    assert_eq!(bench.server.method(), Some(EapType::WSC));
    // Start has nothing but its Op-Code.
    assert!(bench.port.request.as_deref().unwrap().ends_with(&[1, 0]));
}

#[test]
fn a_registrar_hears_m1_at_once() {
    let mut bench = Bench::new();
    bench.answer(EapType::IDENTITY, WSC_REGISTRAR);
    let (_, _, octet) = bench.request();
    assert_eq!(octet, Some(254));
    assert!(bench.port.request.as_deref().unwrap().len() > 300);
}

#[test]
fn a_peer_that_refuses_the_only_method_fails() {
    let mut bench = Bench::new();
    bench.answer(EapType::IDENTITY, WSC_ENROLLEE);
    let (_, id, _) = bench.request();
    bench.answer(EapType::NAK, &[4, 13]);
    assert!(bench.port.eap_fail);
    assert_eq!(bench.request(), (code::FAILURE, id, None));
    // An expanded Nak is one too.
    let mut bench = Bench::new();
    bench.answer(EapType::IDENTITY, WSC_ENROLLEE);
    let (_, id, _) = bench.request();
    let data = [EapType::NAK.expanded(), EapType::NONE.expanded()].concat();
    bench.give(&EapPacket { code: code::RESPONSE, identifier: id, data: &data }.emit());
    assert!(bench.port.eap_fail);
}

#[test]
fn wsc_is_repeated_every_five_seconds() {
    let mut bench = Bench::new();
    assert_eq!(bench.port.retrans_while, 3);
    bench.answer(EapType::IDENTITY, WSC_ENROLLEE);
    assert_eq!(bench.port.retrans_while, 5);
    let request = bench.port.request.clone();
    for repeated in [true, true, false] {
        bench.port.eap_req = false;
        bench.port.retrans_while = 0;
        bench.step();
        assert_eq!((bench.port.eap_req, bench.port.eap_timeout), (repeated, !repeated));
        assert_eq!(bench.port.request, request);
    }
}

#[test]
fn an_authentication_without_end_is_ended() {
    let mut bench = Bench::new();
    for rounds in 0..200 {
        if bench.port.eap_fail {
            assert_eq!(rounds, 51);
            return;
        }
        bench.give(&[code::RESPONSE, 0, 0, 4]);
    }
    panic!("it goes on");
}

/// Responses that come near to what a peer sends.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let data = || prop::collection::vec(any::<u8>(), 0..40);
    let wsc = (0u8..8, 0u8..4, data()).prop_map(|(op, flags, data)| [vec![op, flags], data].concat());
    prop_oneof![
        wsc.prop_map(|data| message(0, 0, EapType::WSC, &data)),
        prop_oneof![Just(WSC_ENROLLEE.to_vec()), Just(WSC_REGISTRAR.to_vec()), data()]
            .prop_map(|data| message(0, 0, EapType::IDENTITY, &data)),
        (0u32..5, data()).prop_map(|(method, data)| message(0, 0, EapType::ietf(method), &data)),
        data(),
    ]
}

proptest! {
    #[test]
    fn no_peer_breaks_a_server(conversation in prop::collection::vec((packets(), any::<bool>()), 0..60)) {
        let mut bench = Bench::new();
        for (mut packet, fits) in conversation {
            // Code 0 and number 0 stand for those of a response to the last request.
            let (_, id, _) = bench.request();
            if let (true, Some(head)) = (fits, packet.first_chunk_mut::<2>()) {
                *head = [code::RESPONSE, id];
            }
            bench.give(&packet);
        }
        prop_assert!(!bench.port.eap_success && bench.port.key.is_none());
    }
}
