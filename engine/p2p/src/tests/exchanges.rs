//! Exchanges between devices from beginning to end.

use super::air::{Air, Fate};
use super::*;
use proptest::prelude::*;
use wpasim_wire::p2p::{public_subtype, status};

const LONG: Duration = Duration::from_secs(300);

fn find() -> FindRequest {
    FindRequest { kind: FindKind::OnlySocial, ..FindRequest::default() }
}

/// Two devices that know each other and are still searching.
fn acquainted(seed: u64) -> Air {
    let mut air = Air::new([device(1, 6, seed), device(2, 11, seed)]);
    for i in 0..2 {
        assert_eq!(air.on(i, |d, cx| d.find(cx, find())), Ok(()));
    }
    let end = air.now + Duration::from_secs(60);
    assert!(air.run(end, |air| air.found(0, addr(2)) && air.found(1, addr(1))), "they find each other");
    air
}

fn connect(air: &mut Air, i: usize, intent: u8) {
    let (own, peer) = (addr(i as u8 + 1), addr(2 - i as u8));
    assert_eq!(air.on(i, |d, cx| d.connect(cx, connect_request(peer, own, intent))), Ok(()));
}

fn over(air: &Air) -> bool {
    (0..2).all(|i| !air.results(i).is_empty())
}

fn completes(air: &mut Air) {
    let end = air.now + LONG;
    assert!(
        air.run(end, over),
        "negotiation ends: {:?}",
        air.stations.iter().map(|s| &s.states).collect::<Vec<_>>()
    );
}

/// Both ends agree on everything.
fn agreed(air: &Air) -> (GoNegResults, GoNegResults) {
    let (a, b) = (air.results(0).remove(0), air.results(1).remove(0));
    assert_eq!((a.status, b.status), (0, 0));
    assert_ne!(a.role_go, b.role_go);
    assert_eq!((&a.ssid, a.freq), (&b.ssid, b.freq));
    assert_eq!((a.peer_interface, b.peer_interface), (addr(2), addr(1)));
    assert_eq!((a.wps_method, b.wps_method), (WpsMethod::Pbc, WpsMethod::Pbc));
    assert_eq!(a.passphrase.len() + b.passphrase.len(), 8, "only the owner makes a passphrase");
    (a, b)
}

#[test]
fn devices_that_search_find_each_other() {
    let air = acquainted(1);
    let info = air.stations[0].device.peer_info(addr(2)).unwrap();
    assert_eq!((info.device_name.as_slice(), info.config_methods), (&b"Device 2"[..], 0x188));
    let text = air.stations[0].device.peer_text(air.now, addr(2)).unwrap();
    assert!(text.contains("listen_freq=2462\nwps_method=not-ready\n"), "{text}");
}

#[test]
fn ten_devices_find_each_other() {
    let mut air = Air::new((1..=10).map(|i| device(i, [1, 6, 11][usize::from(i) % 3], u64::from(i))));
    (0..10).for_each(|i| assert_eq!(air.on(i, |d, cx| d.find(cx, find())), Ok(())));
    let all = |air: &Air| (0..10).all(|i| air.stations[i].device.peers().len() == 9);
    let end = air.now + Duration::from_secs(60);
    assert!(air.run(end, all));
}

#[test]
fn the_greater_intent_owns_the_group() {
    for (a, b) in [(15, 0), (0, 15), (7, 6), (0, 1)] {
        let mut air = acquainted(2);
        connect(&mut air, 0, a);
        connect(&mut air, 1, b);
        completes(&mut air);
        assert_eq!(agreed(&air).0.role_go, a > b, "{a} against {b}");
    }
}

#[test]
fn the_tie_breaker_decides_between_equal_intents() {
    let mut owners = Vec::new();
    for seed in 0..8 {
        let mut air = acquainted(seed);
        connect(&mut air, 0, 7);
        connect(&mut air, 1, 7);
        completes(&mut air);
        owners.push(agreed(&air).0.role_go);
    }
    assert!(owners.contains(&true) && owners.contains(&false), "{owners:?}");
}

#[test]
fn two_that_insist_fail() {
    let mut air = acquainted(3);
    connect(&mut air, 0, 15);
    connect(&mut air, 1, 15);
    completes(&mut air);
    for i in 0..2 {
        assert_eq!(air.results(i)[0].status, i32::from(status::BOTH_GO_INTENT_15));
    }
}

#[test]
fn a_peer_that_is_not_ready_is_waited_for() {
    let mut air = acquainted(4);
    connect(&mut air, 0, 10);
    let asked = |air: &Air| {
        air.stations[1]
            .events
            .iter()
            .any(|e| matches!(e, Event::GoNegRequest { password_id: 4, go_intent: 10, .. }))
    };
    let end = air.now + Duration::from_secs(30);
    assert!(air.run(end, asked));
    air.run_for(Duration::from_secs(3));
    let states = &air.stations[0].states;
    assert!(states.contains(&"WAIT_PEER_IDLE") && states.contains(&"WAIT_PEER_CONNECT"), "{states:?}");
    connect(&mut air, 1, 3);
    completes(&mut air);
    assert!(agreed(&air).0.role_go);
}

#[test]
fn a_peer_that_never_gets_ready_is_given_up_after_two_minutes() {
    let mut air = acquainted(5);
    connect(&mut air, 0, 10);
    let begin = air.now;
    air.run_for(Duration::from_secs(119));
    assert!(air.results(0).is_empty());
    air.run_for(Duration::from_secs(20));
    assert_eq!(air.results(0)[0].status, -1);
    assert!(air.now - begin < Duration::from_secs(140));
}

#[test]
fn an_authorized_peer_is_answered() {
    let mut air = acquainted(6);
    air.on(1, |d, cx| d.stop_find(cx));
    assert_eq!(air.on(1, |d, cx| d.authorize(cx, connect_request(addr(1), addr(2), 0))), Ok(()));
    assert_eq!(air.on(1, |d, cx| d.listen(cx, Duration::from_secs(30))), Ok(()));
    connect(&mut air, 0, 15);
    completes(&mut air);
    assert!(agreed(&air).0.role_go);
    assert_eq!(air.stations[0].states.last(), Some(&"PROVISIONING"));
}

#[test]
fn a_rejected_peer_is_told() {
    let mut air = acquainted(7);
    assert_eq!(air.on(1, |d, cx| d.reject(cx, addr(1))), Ok(()));
    connect(&mut air, 0, 7);
    let end = air.now + LONG;
    assert!(air.run(end, |air| !air.results(0).is_empty()));
    assert_eq!(air.results(0)[0].status, i32::from(status::REJECTED_BY_USER));
}

#[test]
fn incompatible_methods_fail() {
    let mut air = acquainted(8);
    connect(&mut air, 0, 7);
    let request =
        ConnectRequest { wps_method: WpsMethod::PinDisplay, ..connect_request(addr(1), addr(2), 7) };
    assert_eq!(air.on(1, |d, cx| d.connect(cx, request)), Ok(()));
    completes(&mut air);
    for i in 0..2 {
        assert_eq!(air.results(i)[0].status, i32::from(status::INCOMPATIBLE_PROV_METHOD));
    }
}

#[test]
fn channels_that_do_not_go_together_fail() {
    let mut air = acquainted(9);
    for (i, freq) in [(0, 2412), (1, 2462)] {
        let (own, peer) = (addr(i as u8 + 1), addr(2 - i as u8));
        let request = ConnectRequest { force_freq: Some(freq), ..connect_request(peer, own, 7) };
        assert_eq!(air.on(i, |d, cx| d.connect(cx, request)), Ok(()));
    }
    completes(&mut air);
    assert!((0..2).all(|i| air.results(i)[0].status == i32::from(status::NO_COMMON_CHANNELS)));
}

#[test]
fn a_forced_channel_is_used() {
    let mut air = acquainted(10);
    connect(&mut air, 0, 0);
    let request = ConnectRequest { force_freq: Some(2452), ..connect_request(addr(1), addr(2), 15) };
    assert_eq!(air.on(1, |d, cx| d.connect(cx, request)), Ok(()));
    completes(&mut air);
    assert_eq!(agreed(&air).0.freq, 2452);
    assert_eq!(air.results(0)[0].freq_list, [2452]);
}

/// The action frames of one undisturbed negotiation.
fn undisturbed() -> usize {
    let mut air = acquainted(11);
    connect(&mut air, 0, 9);
    connect(&mut air, 1, 3);
    completes(&mut air);
    air.sent
}

#[test]
fn every_frame_may_be_lost_or_come_twice() {
    for lost in 0..undisturbed() + 2 {
        for fate in [Fate::Lost, Fate::AckLost, Fate::Twice] {
            let mut air = acquainted(11);
            let first = air.sent;
            air.fate = Box::new(move |n| if n == first + lost { fate } else { Fate::Arrives });
            connect(&mut air, 0, 9);
            connect(&mut air, 1, 3);
            completes(&mut air);
            let (a, b) = (air.results(0).remove(0), air.results(1).remove(0));
            if (a.status, b.status) == (0, 0) {
                assert!(agreed(&air).0.role_go);
            } else {
                // Only a confirmation that is lost for good leaves the two of different minds.
                assert!(a.status == -1 || b.status == -1, "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn a_vanished_peer_is_given_up() {
    let mut air = acquainted(12);
    air.fate = Box::new(|_| Fate::Lost);
    connect(&mut air, 0, 9);
    let end = air.now + LONG;
    assert!(air.run(end, |air| !air.results(0).is_empty()));
    assert_eq!(air.results(0)[0].status, -1);
    assert_eq!(air.stations[0].device.state_text(), "IDLE");
}

#[test]
fn provision_discovery_is_answered() {
    let mut air = acquainted(13);
    assert_eq!(air.on(0, |d, cx| d.prov_disc_req(cx, addr(2), 0x0008, false, None, true)), Ok(()));
    let answered = |air: &Air| {
        air.stations[0].events.iter().any(
            |e| matches!(e, Event::ProvDiscResponse { peer, config_methods: 0x0008 } if *peer == addr(2)),
        )
    };
    let end = air.now + Duration::from_secs(60);
    assert!(air.run(end, answered));
    assert!(air.stations[1].events.iter().any(|e| matches!(
        e,
        Event::ProvDiscRequest { config_methods: 0x0008, supported_methods: 0x188, device_name, .. }
            if device_name == b"Device 1"
    )));
    assert_eq!(air.stations[1].device.provisioning_info(addr(1)), 0x0100);
    assert_eq!(air.stations[0].device.provisioning_info(addr(2)), 0x0008);
}

#[test]
fn provision_discovery_of_a_vanished_peer_times_out() {
    let mut air = acquainted(14);
    (0..2).for_each(|i| air.on(i, |d, cx| d.stop_find(cx)));
    assert_eq!(air.on(0, |d, cx| d.prov_disc_req(cx, addr(2), 0x0080, false, None, true)), Ok(()));
    air.run_for(Duration::from_secs(60));
    let failed = Event::ProvDiscFailure { peer: addr(2), status: ProvDiscStatus::Timeout };
    assert_eq!(air.stations[0].events.iter().filter(|e| **e == failed).count(), 1);
    assert_eq!(air.sent, 121);
}

#[test]
fn negotiation_may_follow_provision_discovery() {
    let mut air = acquainted(15);
    let request = ConnectRequest { pd_before_go_neg: true, ..connect_request(addr(2), addr(1), 15) };
    assert_eq!(air.on(1, |d, cx| d.authorize(cx, connect_request(addr(1), addr(2), 0))), Ok(()));
    assert_eq!(air.on(0, |d, cx| d.connect(cx, request)), Ok(()));
    completes(&mut air);
    assert!(agreed(&air).0.role_go);
    let kinds: Vec<u8> = air.log.iter().map(|(_, kind)| *kind).collect();
    let asked = kinds.iter().position(|k| *k == public_subtype::PROV_DISC_RESP);
    assert!(asked < kinds.iter().position(|k| *k == public_subtype::GO_NEG_REQ));
}

fn invite(air: &mut Air, force_freq: Option<u32>) {
    let request = InviteRequest {
        peer: addr(2),
        role: InviteRole::Go,
        bssid: None,
        ssid: Ssid::new(*b"DIRECT-ab").unwrap(),
        force_freq,
        pref_freq: None,
        go_device: None,
        persistent: true,
        password_id: None,
    };
    assert_eq!(air.on(0, |d, cx| d.invite(cx, request)), Ok(()));
}

fn invitation_result(air: &Air) -> Option<(Option<u8>, Option<u32>)> {
    air.stations[0].events.iter().find_map(|e| match e {
        Event::InvitationResult { status, freq, .. } => Some((*status, *freq)),
        _ => None,
    })
}

#[test]
fn an_invitation_is_accepted() {
    let mut air = acquainted(16);
    invite(&mut air, None);
    let end = air.now + LONG;
    assert!(air.run(end, |air| invitation_result(air).is_some()));
    air.run_for(Duration::from_millis(100));
    assert_eq!(invitation_result(&air), Some((Some(0), Some(2412))));
    assert!(air.stations[1].events.iter().any(|e| matches!(
        e,
        Event::InvitationReceived { status: 0, op_freq: Some(2412), ssid, .. } if ssid.as_bytes() == b"DIRECT-ab"
    )));
}

#[rstest::rstest]
#[case::on_a_channel_that_is_supported(2437, 2437)]
#[case::on_a_channel_that_wifi_direct_may_not_use(2484, 2412)]
fn an_invited_device_stays_on_the_channel_in_use(#[case] used: u32, #[case] answered: u32) {
    let mut air = acquainted(20);
    let verdict = InvitationVerdict { force_freq: Some(used), ..InvitationVerdict::default() };
    air.stations[1].desk.verdict.set(verdict);
    invite(&mut air, None);
    let end = air.now + LONG;
    assert!(air.run(end, |air| invitation_result(air).is_some()));
    let received = air.stations[1].events.iter().find_map(|e| match e {
        Event::InvitationReceived { status, op_freq, .. } => Some((*status, *op_freq)),
        _ => None,
    });
    assert_eq!(received, Some((0, Some(answered))));
}

#[test]
fn a_refused_channel_is_replaced_by_a_social_one() {
    let mut air = acquainted(17);
    let refusal = InvitationVerdict { status: status::NO_COMMON_CHANNELS, ..InvitationVerdict::default() };
    air.stations[1].desk.verdict.set(refusal);
    invite(&mut air, None);
    let end = air.now + LONG;
    assert!(air.run(end, |air| invitation_result(air).is_some()));
    let requests = air.log.iter().filter(|(_, kind)| *kind == public_subtype::INVITATION_REQ).count();
    assert!(requests >= 2, "{:?}", air.log);
    assert_eq!(invitation_result(&air).unwrap().0, Some(status::NO_COMMON_CHANNELS));
}

#[test]
fn an_invitation_that_nobody_hears_ends() {
    let mut air = acquainted(18);
    air.fate = Box::new(|_| Fate::Lost);
    invite(&mut air, Some(2437));
    let end = air.now + LONG;
    assert!(air.run(end, |air| invitation_result(air).is_some()));
    assert_eq!(invitation_result(&air), Some((None, None)));
}

#[test]
fn peers_expire_unless_they_are_in_use() {
    let mut air = acquainted(19);
    (0..2).for_each(|i| air.on(i, |d, cx| d.stop_find(cx)));
    air.now += Duration::from_secs(62);
    air.stations[0].desk.connected_to.set(Some(addr(2)));
    air.on(0, |d, cx| d.expire_peers(cx));
    assert!(air.stations[0].device.peer_known(addr(2)));
    air.on(1, |d, cx| d.expire_peers(cx));
    assert!(!air.stations[1].device.peer_known(addr(1)));
    assert_eq!(air.stations[1].events.last(), Some(&Event::DeviceLost(addr(1))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn negotiations_end_on_a_bad_air(seed: u64, percent in 0u32..40, a in 0u8..16, b in 0u8..16) {
        let mut air = acquainted(seed);
        let mut dice = Entropy::new(seed, "air").stream("loss");
        air.fate = Box::new(move |_| match dice.below(100) {
            n if n < percent => Fate::Lost,
            n if n < percent + 5 => Fate::AckLost,
            n if n < percent + 10 => Fate::Twice,
            _ => Fate::Arrives,
        });
        connect(&mut air, 0, a);
        connect(&mut air, 1, b);
        completes(&mut air);
        let both_succeeded = (0..2).all(|i| air.results(i)[0].status == 0);
        prop_assert!(!both_succeeded || a != 15 || b != 15);
        if both_succeeded {
            agreed(&air);
        }
    }
}
