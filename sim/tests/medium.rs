//! The medium's rules, links and places, and what the soft MAC makes of them.

mod support;

use support::*;
use wpasim_sim::{
    Action, FrameKind, FrameMatch, FrameSeen, Link, Mutation, Regulatory, Rule, World, WorldConfig,
};
use wpasim_wire::driver::{
    Beacon, Cipher, DriverEvent, DriverRequest, Errno, IfType, Key, KeyScope, Refused,
};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::{MacAddr, Ssid};

fn data(n: u8) -> DriverRequest {
    DriverRequest::TxData { source: None, dest: addr(1), ethertype: 0x88b5, payload: vec![n; 20] }
}

fn of_kind(world: &World, kind: FrameKind) -> Vec<FrameSeen> {
    world.frames_seen(0).iter().filter(|f| f.kind == kind).cloned().collect()
}

/// First payload octets of what a node received.
fn received(state: &Shared) -> Vec<u8> {
    let state = state.lock().unwrap();
    let payloads = state.events.iter().filter_map(|(_, e)| match e {
        DriverEvent::RxData { payload, .. } => payload.first().copied(),
        _ => None,
    });
    payloads.collect()
}

fn rule(kind: FrameKind, action: Action) -> Rule {
    Rule::new(FrameMatch { kind: Some(kind), ..FrameMatch::default() }, action)
}

#[test]
fn a_dropped_frame_is_lost_with_its_repetitions() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.watch_frames();
    world.medium().add_rule(rule(FrameKind::Data, Action::Drop).times(1));
    ask(&mut world, sta.0, &sta.1, [data(1), data(2)]);
    run_to(&mut world, 400);
    assert_eq!(of_kind(&world, FrameKind::Data).len(), 8 + 1);
    assert_eq!(received(&ap.1), [2]);
}

#[test]
fn a_rule_for_first_transmissions_leaves_repetitions_alone() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    let mut first_only = rule(FrameKind::Data, Action::Drop);
    first_only.matcher.retry = Some(false);
    world.medium().add_rule(first_only);
    ask(&mut world, sta.0, &sta.1, [data(1), data(2)]);
    run_to(&mut world, 400);
    assert_eq!(received(&ap.1), [1, 2]);
}

#[test]
fn lost_acknowledgements_fail_a_frame_that_arrived() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.medium().add_rule(rule(FrameKind::Ack, Action::Drop));
    let eapol =
        DriverRequest::TxEapol { dest: addr(1), frame: vec![1, 1, 0, 0], no_encrypt: true, cookie: 3 };
    ask(&mut world, sta.0, &sta.1, [eapol]);
    run_to(&mut world, 400);
    assert!(
        when(&sta.1, |e| matches!(e, DriverEvent::EapolTxStatus { ack: false, cookie: 3, .. })).is_some()
    );
    let arrived =
        ap.1.lock().unwrap().events.iter().filter(|(_, e)| matches!(e, DriverEvent::RxEapol { .. })).count();
    assert_eq!(arrived, 1, "repetitions are thrown away");
}

/// What comes in fragments is received whole, once, whatever is repeated; the threshold is the radio's, and none is below 256.
#[test]
fn long_frames_leave_in_fragments() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.watch_frames();
    let threshold = |octets| DriverRequest::SetFragmentationThreshold(octets);
    let long =
        |n| DriverRequest::TxData { source: None, dest: addr(1), ethertype: 0x88b5, payload: vec![n; 600] };
    ask(&mut world, sta.0, &sta.1, [threshold(Some(255))]);
    run_to(&mut world, 350);
    let refused = DriverEvent::Refused { request: Refused::Other, errno: Errno::Invalid };
    assert!(when(&sta.1, |e| *e == refused).is_some());
    world.medium().add_rule(rule(FrameKind::Ack, Action::Drop).times(1));
    ask(
        &mut world,
        sta.0,
        &sta.1,
        [long(1), threshold(Some(301)), long(2), data(3), threshold(None), long(4)],
    );
    run_to(&mut world, 500);
    assert_eq!(received(&ap.1), [1, 2, 3, 4]);
    let sent = of_kind(&world, FrameKind::Data);
    let lengths: Vec<_> = sent.iter().map(|f| f.bytes.len()).collect();
    // The first is repeated: its acknowledgement was lost. 300 octets are with FCS.
    assert_eq!(lengths, [632, 632, 296, 296, 88, 52, 632]);
    let more: Vec<_> = sent.iter().map(|f| f.bytes[1] & 0x04 != 0).collect();
    assert_eq!(more, [false, false, true, true, false, false, false]);
    let numbers: Vec<_> = sent[2..5].iter().map(|f| f.bytes[22] & 0x0f).collect();
    assert_eq!(numbers, [0, 1, 2]);
}

#[test]
fn protected_frames_keep_their_order_under_loss() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    let key = |peer: u32| {
        let scope = KeyScope::Pairwise(addr(peer));
        DriverRequest::NewKey(Key {
            cipher: Cipher::Ccmp,
            scope,
            index: 0,
            key: vec![9; 16],
            rsc: [0; 6],
            tx: true,
        })
    };
    ask(&mut world, ap.0, &ap.1, [key(0)]);
    world.medium().set_link(sta.0, ap.0, Link { loss_ppm: 200_000, ..Link::default() });
    let frames = (0..100).map(data);
    ask(&mut world, sta.0, &sta.1, std::iter::once(key(1)).chain(frames));
    run_to(&mut world, 2000);
    let got = received(&ap.1);
    assert!(got.is_sorted(), "{got:?}");
    assert!(got.len() >= 99, "{}", got.len());
}

#[test]
fn frames_are_delayed_doubled_and_changed() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.medium().add_rule(rule(FrameKind::Data, Action::Delay(Duration::from_millis(50))).times(1));
    let twice = Action::Duplicate { after: Duration::from_millis(5) };
    world.medium().add_rule(rule(FrameKind::Data, twice).times(1));
    let octets = vec![0xff];
    world
        .medium()
        .add_rule(rule(FrameKind::Data, Action::Mutate(vec![Mutation::Xor { offset: 32, octets }])).times(1));
    ask(&mut world, sta.0, &sta.1, [data(1), data(2), data(3), data(4)]);
    run_to(&mut world, 400);
    // The doubled frame at once and again, the delayed one last.
    assert_eq!(received(&ap.1), [2, 3 ^ 0xff, 4, 2, 1]);
}

#[test]
fn a_sleeping_station_gets_its_frames_when_it_is_back() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.watch_frames();
    ask(&mut world, sta.0, &sta.1, [scan(&[2437, 2462])]);
    run_to(&mut world, 310);
    let down = DriverRequest::TxData { source: None, dest: addr(0), ethertype: 0x88b5, payload: vec![5; 20] };
    ask(&mut world, ap.0, &ap.1, [down]);
    run_to(&mut world, 360);
    assert_eq!(received(&sta.1), [] as [u8; 0]);
    let beacon = of_kind(&world, FrameKind::Beacon);
    assert!(beacon.last().is_some_and(|b| b.bytes.windows(2).any(|w| w == [5, 4])));
    run_to(&mut world, 1000);
    assert_eq!(received(&sta.1), [5]);
}

#[test]
fn group_frames_reach_every_member_and_are_relayed() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    let other = add(&mut world, Role::Station);
    ask(&mut world, other.0, &other.1, [scan(&[2412])]);
    run_to(&mut world, 600);
    let down = |n| DriverRequest::TxData {
        source: None,
        dest: MacAddr::BROADCAST,
        ethertype: 0x88b5,
        payload: vec![n; 20],
    };
    ask(&mut world, ap.0, &ap.1, [down(1)]);
    run_to(&mut world, 700);
    assert_eq!((received(&sta.1), received(&other.1)), (vec![1], vec![1]));
    ask(&mut world, sta.0, &sta.1, [down(2)]);
    run_to(&mut world, 800);
    assert_eq!((received(&sta.1), received(&other.1), received(&ap.1)), (vec![1], vec![1, 2], vec![2]));
}

#[test]
fn listening_and_off_channel_frames() {
    let mut world = World::new(WorldConfig::default());
    let a = add(&mut world, Role::Passive);
    let b = add(&mut world, Role::Passive);
    let listen =
        DriverRequest::RemainOnChannel { freq: 2437, duration: Duration::from_millis(100), cookie: 1 };
    ask(&mut world, b.0, &b.1, [DriverRequest::ReportProbeRequests(true), listen]);
    let body = MgmtBody::Action { category: 4, body: vec![9, 0x50, 0x6f, 0x9a, 9, 0] };
    let frame = MgmtFrame::new(addr(1), addr(0), addr(1), body).emit();
    let tx = |cookie| DriverRequest::TxMgmt {
        frame: frame.clone(),
        freq: 2437,
        wait: Duration::from_millis(40),
        cookie,
        no_ack: false,
        no_cck: true,
    };
    ask(&mut world, a.0, &a.1, [tx(8)]);
    run_to(&mut world, 50);
    assert!(when(&a.1, |e| matches!(e, DriverEvent::MgmtTxStatus { cookie: 8, ack: true, .. })).is_some());
    assert_eq!(when(&a.1, |e| *e == DriverEvent::MgmtTxWaitExpired { cookie: 8 }), Some(at_ms(40)));
    assert!(when(&b.1, |e| matches!(e, DriverEvent::RxMgmt { freq: 2437, .. })).is_some());
    run_to(&mut world, 99);
    let done = |e: &DriverEvent| matches!(e, DriverEvent::RemainOnChannelDone { cookie: 1, freq: 2437 });
    assert_eq!(when(&b.1, done), None);
    run_to(&mut world, 120);
    assert_eq!(when(&b.1, done), Some(at_ms(100)));
    ask(&mut world, a.0, &a.1, [tx(9)]);
    run_to(&mut world, 200);
    assert!(when(&a.1, |e| matches!(e, DriverEvent::MgmtTxStatus { cookie: 9, ack: false, .. })).is_some());
}

fn at_ms(ms: i64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

#[test]
fn five_ghz_needs_a_domain_that_allows_it() {
    let us = Regulatory::of_country(*b"US").unwrap();
    for (regulatory, allowed) in [(Regulatory::world(), false), (Regulatory::custom(), true), (us, true)] {
        let mut world = World::new(WorldConfig { regulatory, ..WorldConfig::default() });
        let ap = add(&mut world, Role::AccessPoint);
        let own = addr(0);
        let body = MgmtBody::Beacon { timestamp: 0, interval: 100, capability: 1, ies: vec![0, 1, b'x'] };
        let beacon = Beacon {
            head: MgmtFrame::new(MacAddr::BROADCAST, own, own, body).emit(),
            interval: 100,
            dtim_period: 2,
            ssid: Ssid::new(*b"x").unwrap(),
            freq: 5180,
            ..Beacon::default()
        };
        let start = [DriverRequest::SetIfType(IfType::Ap), DriverRequest::StartAp(Box::new(beacon))];
        ask(&mut world, ap.0, &ap.1, start);
        let sta = add(&mut world, Role::Passive);
        ask(&mut world, sta.0, &sta.1, [scan(&[5180])]);
        run_to(&mut world, 500);
        let refused = DriverEvent::Refused { request: Refused::StartAp, errno: Errno::Invalid };
        assert_eq!(when(&ap.1, |e| *e == refused).is_none(), allowed);
        assert_eq!(sta.1.lock().unwrap().results.len(), usize::from(allowed));
    }
}

#[test]
fn distance_sets_the_signal_and_the_end_of_reach() {
    let mut world = World::new(WorldConfig::default());
    let sta = add(&mut world, Role::Passive);
    let ap = add(&mut world, Role::AccessPoint);
    world.set_node_position(sta.0, Some((0, 0)));
    world.set_node_position(ap.0, Some((10_000, 0)));
    start_ap(&mut world, ap.0, &ap.1);
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    run_to(&mut world, 100);
    assert_eq!(sta.1.lock().unwrap().results[0].signal_dbm, -50);
    world.set_node_position(sta.0, Some((0, 2_000_000)));
    run_to(&mut world, 40_000);
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    run_to(&mut world, 41_000);
    assert!(sta.1.lock().unwrap().results.is_empty());
}

#[test]
fn a_fixed_signal_holds_per_link() {
    let mut world = World::new(WorldConfig::default());
    let sta = add(&mut world, Role::Passive);
    let ap = add(&mut world, Role::AccessPoint);
    world.medium().set_link_one_way(ap.0, sta.0, Link { signal_dbm: Some(-71), ..Link::default() });
    start_ap(&mut world, ap.0, &ap.1);
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    run_to(&mut world, 100);
    assert_eq!(sta.1.lock().unwrap().results[0].signal_dbm, -71);
}
