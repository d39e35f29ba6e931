//! Frames that nobody should send.

use super::*;
use proptest::prelude::*;
use wpasim_wire::elements::{self, eid};
use wpasim_wire::p2p::{ClientInfo, DeviceInfo, Writer, public_action, public_subtype, status};

fn cx(desk: &Desk, secs: i64) -> DeviceContext<'_> {
    DeviceContext { now: Instant::from_micros(secs * 1_000_000), host: desk }
}

/// Returns the description that every device gives of itself.
fn about(last: u8) -> Writer {
    let info = DeviceInfo {
        addr: addr(last),
        config_methods: 0x188,
        name: format!("Device {last}").into_bytes(),
        ..DeviceInfo::default()
    };
    let mut out = Writer::new();
    out.capability(0x25, 0).device_info(&info);
    out
}

fn seen(device: &mut Device, cx: &DeviceContext<'_>, last: u8, ies: &[u8]) {
    device.scan_res_handler(cx, addr(last), 2412, cx.now, -50, ies);
}

fn events(device: &mut Device) -> Vec<Event> {
    let events = taken(device).into_iter().filter_map(|a| match a {
        Action::Event(event) => Some(event),
        _ => None,
    });
    events.collect()
}

/// CVE-2015-1863: an SSID element longer than any SSID.
#[test]
fn an_overlong_ssid_is_not_taken() {
    let desk = Desk::default();
    let mut device = device(1, 6, 1);
    let ies = |ssid: &[u8]| {
        let mut ies = Vec::new();
        elements::push(&mut ies, eid::SSID, ssid);
        ies.extend(about(2).element());
        ies
    };
    seen(&mut device, &cx(&desk, 5), 2, &ies(&[b'x'; 255]));
    assert_eq!(events(&mut device).len(), 1, "the device itself is no less there");
    assert!(!device.peer_text(Instant::ZERO, addr(2)).unwrap().contains("oper_ssid"));
    seen(&mut device, &cx(&desk, 6), 2, &ies(&[b'x'; 32]));
    assert!(
        device
            .peer_text(Instant::ZERO, addr(2))
            .unwrap()
            .contains(&format!("oper_ssid={}\n", "x".repeat(32)))
    );
}

/// CVE-2021-0326: a client of a group with more secondary device types than there is room for.
#[test]
fn a_group_client_with_too_many_device_types_is_cut() {
    let desk = Desk::default();
    let mut device = device(1, 6, 1);
    let client = ClientInfo {
        device_addr: addr(3),
        interface_addr: addr(4),
        secondary_types: vec![Default::default(); 27],
        ..ClientInfo::default()
    };
    let mut owner = about(2);
    owner.group_info(&[client]);
    seen(&mut device, &cx(&desk, 5), 2, &owner.element());
    assert_eq!(device.peer_info(addr(3)).unwrap().secondary_types.len(), 16);
    assert_eq!(device.interface_addr(addr(3)), Some(addr(4)));
    assert_eq!(events(&mut device).len(), 2);
}

/// CVE-2021-27803: provision discovery that creates entries while others are evicted for them.
#[test]
fn provision_discovery_of_evicted_peers_is_harmless() {
    let desk = Desk::default();
    let mut device = device(1, 6, 1);
    device.config_mut().max_peers = 3;
    for round in 0..30u8 {
        let at = cx(&desk, 5 + i64::from(round));
        let mut body = public_action(public_subtype::PROV_DISC_REQ, 1);
        body.extend(about(10 + round).element());
        body.extend(Device::wps_methods_element(0x0080));
        device.rx_action(&at, addr(1), addr(10 + round), addr(1), &body, 2437);
        seen(&mut device, &at, 10 + round, &about(10 + round).element());
        device.connect(&at, connect_request(addr(10 + round), addr(1), 7)).unwrap();
        let _ = device.prov_disc_req(&at, addr(10 + round), 0x0008, false, None, true);
        assert!(device.peers().len() <= 3);
        taken(&mut device);
    }
    device.expire_peers(&cx(&desk, 500));
    assert_eq!(device.peers().len(), 1, "the one that is negotiated with stays");
    device.flush(&cx(&desk, 501));
    assert_eq!((device.peers().len(), device.state_text()), (0, "IDLE"));
}

#[test]
fn the_oldest_peer_makes_room() {
    let desk = Desk::default();
    let mut device = device(1, 6, 1);
    device.config_mut().max_peers = 2;
    for (secs, last) in [(5, 2), (6, 3), (7, 2), (8, 4)] {
        seen(&mut device, &cx(&desk, secs), last, &about(last).element());
    }
    assert_eq!(device.peers(), [addr(4), addr(2)]);
    assert!(events(&mut device).contains(&Event::DeviceLost(addr(3))));
    assert_eq!((device.next_peer(None), device.next_peer(Some(addr(4)))), (Some(addr(4)), Some(addr(2))));
    assert_eq!(device.next_peer(Some(addr(2))), None);
}

#[test]
fn frames_of_the_past_change_nothing() {
    let desk = Desk::default();
    let mut device = device(1, 6, 1);
    seen(&mut device, &cx(&desk, 9), 2, &about(2).element());
    let mut other = about(2);
    other.device_info(&DeviceInfo { addr: addr(2), name: b"Older".to_vec(), ..DeviceInfo::default() });
    seen(&mut device, &cx(&desk, 7), 2, &other.element());
    assert_eq!(device.peer_info(addr(2)).unwrap().device_name, b"Device 2");
}

#[test]
fn a_request_in_the_name_of_another_is_refused() {
    let desk = Desk::default();
    let mut device = device(1, 6, 1);
    let mut body = public_action(public_subtype::GO_NEG_REQ, 1);
    let country = *b"XX\x04";
    let channel = wpasim_wire::p2p::ChannelAttribute { country, class: 81, channel: 1 };
    let mut out = about(2);
    out.go_intent(7, false).listen_channel(channel).operating_channel(channel).intended_addr(addr(2));
    out.channel_list(country, [(81, &[1u8, 6, 11][..])]);
    body.extend(out.element());
    device.rx_action(&cx(&desk, 5), addr(1), addr(9), addr(1), &body, 2437);
    let Some(Action::SendAction { body, dst, .. }) = device.take_action() else { panic!("no answer") };
    let answer = wpasim_wire::p2p::Message::parse(&body[7..]).unwrap();
    assert_eq!((dst, answer.p2p.status), (addr(9), Some(status::INVALID_PARAMS)));
    assert!(!device.peer_known(addr(9)));
}

#[test]
fn presence_and_discoverability_are_for_members() {
    let desk = Desk::default();
    let group = OwnGroup { interface: addr(1), freq: 2412, clients: vec![addr(3)], ..OwnGroup::default() };
    desk.groups.borrow_mut().push(group);
    *desk.discoverable.borrow_mut() = Some(addr(4));
    let mut device = device(1, 6, 1);
    let mut ask = public_action(public_subtype::DEV_DISC_REQ, 5);
    ask.extend(Writer::new().device_id(addr(3)).element());
    device.rx_action(&cx(&desk, 5), addr(1), addr(2), addr(1), &ask, 2412);
    let Some(Action::SendAction { dst, body, .. }) = device.take_action() else { panic!("nobody is woken") };
    assert_eq!((dst, body), (addr(4), b"\x7f\x50\x6f\x9a\x09\x03\x00".to_vec()));
    device.send_action_cb(&cx(&desk, 5), 2412, addr(4), addr(1), addr(1), SendResult::NoAck);
    let sent = taken(&mut device);
    let Some(Action::SendAction { dst, body, .. }) = sent.last() else { panic!("no answer") };
    let answer = wpasim_wire::p2p::Message::parse(&body[7..]).unwrap();
    assert_eq!((*dst, answer.dialog_token), (addr(2), 5));
    assert_eq!(answer.p2p.status, Some(status::UNABLE_TO_ACCOMMODATE));

    device.presence_req(&cx(&desk, 6), PresenceRequest { first: (1, 2), ..PresenceRequest::default() });
    let Some(Action::SendAction { body, .. }) = device.take_action() else { panic!("no request") };
    device.rx_action(&cx(&desk, 6), addr(9), addr(3), addr(9), &body, 2412);
    assert_eq!(device.take_action(), None, "it is not our group");
    for (noa, status) in [
        (None, status::UNABLE_TO_ACCOMMODATE),
        (Some(Vec::new()), 0),
        (Some(vec![1, 2]), status::UNABLE_TO_ACCOMMODATE),
    ] {
        desk.noa.replace(noa.clone());
        device.rx_action(&cx(&desk, 6), addr(1), addr(3), addr(1), &body, 2412);
        let Some(Action::SendAction { dst, src, body, .. }) = device.take_action() else {
            panic!("no answer")
        };
        assert_eq!((dst, src), (addr(3), addr(1)));
        device.rx_action(&cx(&desk, 7), addr(3), addr(1), addr(1), &body, 2412);
        let noa = noa.filter(|n| !n.is_empty()).unwrap_or(vec![0, 0]);
        assert_eq!(events(&mut device), [Event::PresenceResponse { src: addr(1), status, noa }]);
    }
}

/// A frame of some kind with attributes of any kind and content, or with some that make sense.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    let attribute = (0u8..22, prop::collection::vec(any::<u8>(), 0..24));
    let attributes = prop::collection::vec(attribute, 0..8);
    (0u8..11, 0u8..4, any::<bool>(), 0u8..16, prop::option::of(0u8..13), 0u16..6, attributes).prop_map(
        |(subtype, token, sensible, intent, status, password, attributes)| {
            let mut out = if sensible { about(2) } else { Writer::new() };
            if sensible {
                let country = *b"XX\x04";
                let channel = wpasim_wire::p2p::ChannelAttribute { country, class: 81, channel: 1 };
                out.go_intent(intent, token & 1 == 0).listen_channel(channel).operating_channel(channel);
                out.intended_addr(addr(2)).channel_list(country, [(81, &[1u8, 6, 11][..])]);
                out.group_id(addr(2), &Ssid::new(*b"DIRECT-xy").unwrap()).config_timeout(1, 2);
                status.into_iter().for_each(|s| _ = out.status(s));
            } else {
                attributes.iter().for_each(|(kind, value)| _ = out.attribute(*kind, value));
            }
            let mut wps = wpasim_wire::wsc::Writer::new();
            wps.version().u16(wpasim_wire::wsc::attr::DEV_PASSWORD_ID, password).u16(0x1008, 0x0188);
            let header = public_action(subtype, token);
            [header, out.element(), wpasim_wire::wsc::element(wps.as_bytes())].concat()
        },
    )
}

#[derive(Clone, Debug)]
enum Step {
    Frame(Vec<u8>, u8),
    Sent(u8),
    Wait(u16),
    Scan(Vec<u8>),
    Probe(Vec<u8>),
    Command(u8),
    Listen(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (frame(), 2u8..4).prop_map(|(f, from)| Step::Frame(f, from)),
        1 => (prop::collection::vec(any::<u8>(), 0..80), 2u8..4).prop_map(|(f, from)| Step::Frame(f, from)),
        3 => (0u8..3).prop_map(Step::Sent),
        3 => any::<u16>().prop_map(Step::Wait),
        1 => prop::collection::vec(any::<u8>(), 0..80).prop_map(Step::Scan),
        1 => prop::collection::vec(any::<u8>(), 0..80).prop_map(Step::Probe),
        3 => (0u8..10).prop_map(Step::Command),
        2 => any::<bool>().prop_map(Step::Listen),
    ]
}

fn command(device: &mut Device, cx: &DeviceContext<'_>, which: u8) {
    let request = connect_request(addr(2), addr(1), which);
    let _ = match which {
        0 => device.find(cx, FindRequest { timeout: Some(20), ..FindRequest::default() }),
        1 => device.listen(cx, Duration::from_secs(2)),
        2 => device.connect(cx, request),
        3 => device.authorize(cx, request),
        4 => device.reject(cx, addr(2)),
        5 => device.unauthorize(cx, addr(2)),
        6 => device.prov_disc_req(cx, addr(2), 0x0080, false, None, true),
        7 => device.ext_listen(cx, Duration::from_millis(100), Duration::from_millis(500)),
        8 => device.invite(
            cx,
            InviteRequest {
                peer: addr(2),
                role: InviteRole::Client,
                bssid: None,
                ssid: Ssid::new(*b"DIRECT-xy").unwrap(),
                force_freq: None,
                pref_freq: None,
                go_device: None,
                persistent: true,
                password_id: None,
            },
        ),
        _ => {
            device.stop_find(cx);
            Ok(())
        }
    };
}

fn take_step(device: &mut Device, cx: &DeviceContext<'_>, step: &Step) {
    match step {
        Step::Frame(body, from) => device.rx_action(cx, addr(1), addr(*from), addr(1), body, 2437),
        Step::Sent(how) => {
            let result = [SendResult::Success, SendResult::NoAck, SendResult::Failed][usize::from(*how)];
            device.send_action_cb(cx, 2437, addr(2), addr(1), addr(2), result);
        }
        Step::Wait(_) => {
            for _ in 0..1000 {
                if !device.timeout(cx) {
                    break;
                }
            }
        }
        Step::Scan(ies) => {
            seen(device, cx, 2, &[about(2).element(), ies.clone()].concat());
            device.scan_res_handled(cx, Duration::ZERO);
        }
        Step::Probe(ies) => {
            let request = ProbeRequest { src: addr(2), dst: None, bssid: None, ies, freq: 2437 };
            device.rx_probe_req(cx, &request);
        }
        Step::Command(which) => command(device, cx, *which),
        Step::Listen(true) => device.listen_cb(cx, 2437, Duration::from_millis(100)),
        Step::Listen(false) => _ = device.listen_end(cx, 2437),
    }
}

proptest! {
    #[test]
    fn no_peer_brings_the_machine_down(steps in prop::collection::vec(step(), 0..60), seed: u64) {
        let desk = Desk::default();
        let mut device = device(1, 6, seed);
        let mut now = Instant::from_micros(5_000_000);
        for step in &steps {
            if let Step::Wait(ms) = step {
                now += Duration::from_millis(i64::from(*ms));
            }
            take_step(&mut device, &DeviceContext { now, host: &desk }, step);
            for action in taken(&mut device) {
                let short = matches!(&action, Action::SendAction { body, .. } if body.len() < 7);
                prop_assert!(!short);
            }
            prop_assert!(device.peers().len() <= 100);
            // Whatever is under way has a peer.
            prop_assert!(device.go_neg_peer().is_none_or(|p| device.peer_known(p)));
        }
        let cx = DeviceContext { now, host: &desk };
        device.flush(&cx);
        taken(&mut device);
        prop_assert_eq!((device.state_text(), device.peers().len()), ("IDLE", 0));
    }
}
