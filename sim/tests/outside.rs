//! Radios whose MAC is elsewhere: what the medium offers them, and what it makes of their frames.

mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use support::*;
use wpasim_sim::{
    Action, Delivery, FrameKind, FrameMatch, Link, NodeId, Outside, OutsideFrame, OutsideSpec, Rule,
    Transmitter, TxStatus, World, WorldConfig,
};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::Duration;

/// What a receiver was given.
#[derive(Clone, PartialEq, Debug)]
struct Got {
    radio: NodeId,
    freq: u32,
    signal_dbm: i32,
    bytes: Vec<u8>,
}

/// A kernel of a few lines: it knows where its radios are tuned, and keeps what it is told.
#[derive(Default)]
struct Kernel {
    tuned: BTreeMap<NodeId, u32>,
    got: Vec<Got>,
    statuses: Vec<(NodeId, TxStatus)>,
}

#[derive(Clone, Default)]
struct Side(Rc<RefCell<Kernel>>);

impl Outside for Side {
    fn deliver(&mut self, radio: NodeId, delivery: &Delivery<'_>) -> bool {
        let received = self.hears(radio, delivery.freq);
        if received {
            self.0.borrow_mut().got.push(Got {
                radio,
                freq: delivery.freq,
                signal_dbm: delivery.signal_dbm,
                bytes: delivery.bytes.to_vec(),
            });
        }
        received
    }

    fn hears(&mut self, radio: NodeId, freq: u32) -> bool {
        self.0.borrow().tuned.get(&radio) == Some(&freq)
    }

    fn status(&mut self, radio: NodeId, status: TxStatus) {
        self.0.borrow_mut().statuses.push((radio, status));
    }
}

impl Side {
    fn tune(&self, radio: NodeId, freq: u32) {
        self.0.borrow_mut().tuned.insert(radio, freq);
    }

    fn got(&self, radio: NodeId) -> Vec<Got> {
        self.0.borrow().got.iter().filter(|g| g.radio == radio).cloned().collect()
    }

    fn take_statuses(&self) -> Vec<TxStatus> {
        std::mem::take(&mut self.0.borrow_mut().statuses).into_iter().map(|(_, s)| s).collect()
    }
}

/// Adds an outside radio with the address of its number, tuned to channel 1.
fn add_outside(world: &mut World, side: &Side) -> NodeId {
    let n = world.nodes() as u32;
    let spec = OutsideSpec { name: format!("outside{n}"), addrs: vec![addr(n)], position_mm: None };
    let id = world.add_outside(spec);
    side.tune(id, 2412);
    id
}

/// A world with two outside radios.
fn pair() -> (World, Side, NodeId, NodeId) {
    let mut world = World::new(WorldConfig::default());
    let side = Side::default();
    world.set_outside(Box::new(side.clone()));
    let (a, b) = (add_outside(&mut world, &side), add_outside(&mut world, &side));
    (world, side, a, b)
}

fn mgmt(to: MacAddr, from: MacAddr, body: MgmtBody) -> Vec<u8> {
    MgmtFrame::new(to, from, to, body).emit()
}

fn authentication(to: MacAddr, from: MacAddr) -> Vec<u8> {
    mgmt(to, from, MgmtBody::Authentication { algorithm: 0, transaction: 1, status: 0, ies: vec![] })
}

fn probe_request(from: MacAddr) -> Vec<u8> {
    let ies = vec![0, 0, 1, 2, 0x82, 0x84];
    mgmt(MacAddr::BROADCAST, from, MgmtBody::ProbeRequest { ies })
}

fn beacon(from: MacAddr) -> Vec<u8> {
    let body = MgmtBody::Beacon { timestamp: 7, interval: 100, capability: 1, ies: bss_elements(SSID) };
    MgmtFrame::new(MacAddr::BROADCAST, from, from, body).emit()
}

fn send(world: &mut World, from: NodeId, bytes: Vec<u8>, cookie: u64) {
    let wants_ack = bytes[4] & 1 == 0;
    assert!(
        world
            .transmit_from(from, OutsideFrame { bytes, freq: 2412, rate: 10, wants_ack, cookie, kind: None })
    );
}

fn send_authentication(world: &mut World, from: NodeId, to: NodeId, cookie: u64) {
    send(world, from, authentication(addr(to.0), addr(from.0)), cookie);
}

#[test]
fn a_frame_is_acknowledged_by_whom_it_is_for_if_that_received_it() {
    let (mut world, side, a, b) = pair();
    let bystander = add_outside(&mut world, &side);
    send_authentication(&mut world, a, b, 1);
    run_to(&mut world, 20);
    assert_eq!(side.take_statuses(), [TxStatus { cookie: 1, acked: true, attempts: 1 }]);
    assert_eq!(side.got(b).len(), 1);
    assert_eq!(side.got(b)[0].bytes, authentication(addr(1), addr(0)));
    assert_eq!(side.got(bystander), []);

    side.tune(b, 2437);
    send_authentication(&mut world, a, b, 2);
    run_to(&mut world, 100);
    assert_eq!(side.take_statuses(), [TxStatus { cookie: 2, acked: false, attempts: 8 }]);
    assert_eq!(side.got(b).len(), 1);
}

#[test]
fn group_frames_go_to_everyone_and_ask_for_no_acknowledgement() {
    let (mut world, side, a, b) = pair();
    let c = add_outside(&mut world, &side);
    side.tune(c, 2437);
    send(&mut world, a, probe_request(addr(0)), 5);
    run_to(&mut world, 20);
    assert_eq!((side.got(a).len(), side.got(b).len(), side.got(c).len()), (0, 1, 0));
    assert_eq!(side.take_statuses(), [TxStatus { cookie: 5, acked: false, attempts: 1 }]);
}

/// Clocks of several radios strike at once: which nanosecond was first decides nothing.
#[test]
fn beacons_of_one_instant_go_out_in_the_order_of_the_radios() {
    let (mut world, side, a, b) = pair();
    let listener = add_outside(&mut world, &side);
    let senders = |side: &Side| -> Vec<u8> { side.got(listener).iter().map(|g| g.bytes[15]).collect() };
    send(&mut world, b, beacon(addr(1)), 1);
    send(&mut world, a, beacon(addr(0)), 2);
    run_to(&mut world, 10);
    assert_eq!(senders(&side), [0, 1].map(|n| addr(n).0[5]));
    // One that comes more than a slot later is later.
    send(&mut world, b, beacon(addr(1)), 3);
    run_to(&mut world, 11);
    send(&mut world, a, beacon(addr(0)), 4);
    run_to(&mut world, 20);
    assert_eq!(senders(&side), [0, 1, 1, 0].map(|n| addr(n).0[5]));
    assert_eq!(side.take_statuses().len(), 4);
}

#[test]
fn addresses_come_and_go() {
    let (mut world, side, a, b) = pair();
    let virtual_one = MacAddr([0x42, 0, 0, 0, 1, 0]);
    world.add_outside_address(b, virtual_one);
    // A scan adds the address once more for as long as it lasts.
    world.add_outside_address(b, virtual_one);
    world.remove_outside_address(b, virtual_one);
    send(&mut world, a, authentication(virtual_one, addr(0)), 1);
    run_to(&mut world, 20);
    world.remove_outside_address(b, virtual_one);
    send(&mut world, a, authentication(virtual_one, addr(0)), 2);
    run_to(&mut world, 40);
    assert_eq!(side.got(b).len(), 1);
    let acked: Vec<bool> = side.take_statuses().iter().map(|s| s.acked).collect();
    assert_eq!(acked, [true, false]);
}

#[test]
fn rules_apply_to_outside_frames_and_their_repetitions() {
    let (mut world, side, a, b) = pair();
    let from_a = |action| {
        let matcher = FrameMatch { from: Some(a.into()), to: Some(b.into()), ..FrameMatch::default() };
        Rule::new(matcher, action).times(1)
    };
    for action in [
        Action::Drop,
        Action::Duplicate { after: Duration::from_millis(3) },
        Action::Corrupt { octets: 1, offset: Some(24) },
    ] {
        world.medium().add_rule(from_a(action));
    }
    for cookie in 0..4 {
        send_authentication(&mut world, a, b, cookie);
    }
    run_to(&mut world, 200);
    let plain = authentication(addr(1), addr(0));
    let intact: Vec<bool> = side.got(b).iter().map(|g| g.bytes == plain).collect();
    assert_eq!(intact, [true, false, true, true], "dropped; doubled; corrupted; intact; the double");
    let told: Vec<(bool, u8)> = side.take_statuses().iter().map(|s| (s.acked, s.attempts)).collect();
    assert_eq!(told, [(false, 8), (true, 1), (true, 1), (true, 1)]);
}

#[test]
fn a_lost_acknowledgement_repeats_a_frame_that_arrived() {
    let (mut world, side, a, b) = pair();
    let any = FrameMatch { from: Some(a.into()), ..FrameMatch::default() };
    world.medium().add_rule(Rule::new(any, Action::DropAck).times(1));
    send_authentication(&mut world, a, b, 1);
    run_to(&mut world, 50);
    let retry: Vec<bool> = side.got(b).iter().map(|g| g.bytes[1] & 0x08 != 0).collect();
    assert_eq!(retry, [false, true]);
    assert_eq!(side.take_statuses(), [TxStatus { cookie: 1, acked: true, attempts: 2 }]);
}

#[test]
fn loss_is_drawn_both_ways() {
    let (mut world, side, a, b) = pair();
    world.medium().set_link(a, b, Link { loss_ppm: 300_000, ..Link::default() });
    for cookie in 0..200 {
        send_authentication(&mut world, a, b, cookie);
    }
    run_to(&mut world, 5000);
    let statuses = side.take_statuses();
    let attempts: usize = statuses.iter().map(|s| usize::from(s.attempts)).sum();
    assert_eq!(statuses.len(), 200);
    // Half of the exchanges succeed: 0.7 × 0.7.
    assert!((350..480).contains(&attempts), "{attempts}");
    assert!(side.got(b).len() > 220, "some of which only the acknowledgement was lost come twice");
}

#[test]
fn a_delayed_frame_is_acknowledged_by_who_listens_now() {
    let (mut world, side, a, b) = pair();
    world.medium().set_link(a, b, Link { delay: Duration::from_millis(30), ..Link::default() });
    send_authentication(&mut world, a, b, 1);
    run_to(&mut world, 20);
    assert_eq!(side.got(b), []);
    assert_eq!(side.take_statuses(), [TxStatus { cookie: 1, acked: true, attempts: 1 }]);
    run_to(&mut world, 60);
    assert_eq!(side.got(b).len(), 1);
    side.tune(b, 2462);
    send_authentication(&mut world, a, b, 2);
    run_to(&mut world, 200);
    assert_eq!(side.take_statuses(), [TxStatus { cookie: 2, acked: false, attempts: 8 }]);
    assert_eq!(side.got(b).len(), 1);
}

#[test]
fn a_radio_that_is_off_is_deaf_and_mute() {
    let (mut world, side, a, b) = pair();
    world.set_radio(b, false);
    send_authentication(&mut world, a, b, 1);
    send_authentication(&mut world, b, a, 2);
    run_to(&mut world, 100);
    assert_eq!((side.got(a).len(), side.got(b).len()), (0, 0));
    let mut statuses = side.take_statuses();
    statuses.sort_by_key(|s| s.cookie);
    let expected = [(1, false, 8), (2, false, 0)];
    assert_eq!(statuses.iter().map(|s| (s.cookie, s.acked, s.attempts)).collect::<Vec<_>>(), expected);
    world.set_radio(b, true);
    send_authentication(&mut world, b, a, 3);
    run_to(&mut world, 150);
    assert_eq!(side.got(a).len(), 1);
}

#[test]
fn power_is_unset_until_a_frame_shows_a_channel_context() {
    let (mut world, side, a, b) = pair();
    let signals = |side: &Side| side.got(b).iter().map(|g| g.signal_dbm).collect::<Vec<_>>();
    send(&mut world, a, probe_request(addr(0)), 1);
    run_to(&mut world, 20);
    send_authentication(&mut world, a, b, 2);
    run_to(&mut world, 40);
    send(&mut world, a, probe_request(addr(0)), 3);
    run_to(&mut world, 60);
    send(&mut world, a, beacon(addr(0)), 4);
    run_to(&mut world, 80);
    // The type has changed back from access point.
    send(&mut world, a, probe_request(addr(0)), 5);
    run_to(&mut world, 100);
    world.assume_earlier_use(a);
    send(&mut world, a, probe_request(addr(0)), 6);
    run_to(&mut world, 120);
    assert_eq!(signals(&side), [-50, -30, -30, -30, -50, -30]);
    world.medium().set_link(a, b, Link { signal_dbm: Some(-77), ..Link::default() });
    send(&mut world, a, probe_request(addr(0)), 7);
    run_to(&mut world, 140);
    assert_eq!(signals(&side).last(), Some(&-77));
}

#[test]
fn the_tap_and_the_capture_see_outside_frames() {
    let (mut world, side, a, b) = pair();
    world.watch_frames();
    world.enable_capture();
    send_authentication(&mut world, a, b, 1);
    run_to(&mut world, 20);
    let seen = &world.frames_seen(0)[0];
    assert_eq!((seen.from, seen.to, seen.kind), (Transmitter::Node(a), Some(b), FrameKind::Authentication));
    assert!(seen.acked);
    let plain = authentication(addr(1), addr(0));
    let capture = world.take_capture();
    assert!(capture.windows(plain.len()).any(|w| w == plain));
    assert_eq!(side.got(b).len(), 1);
}

#[test]
fn a_flood_is_bounded_and_every_frame_has_its_status() {
    let (mut world, side, a, b) = pair();
    for cookie in 0..2000 {
        send_authentication(&mut world, a, b, cookie);
    }
    run_to(&mut world, 10_000);
    let mut statuses = side.take_statuses();
    assert_eq!(side.got(b).len(), 512);
    assert_eq!(statuses.iter().filter(|s| s.attempts == 0 && !s.acked).count(), 2000 - 512);
    statuses.sort_by_key(|s| s.cookie);
    assert!(statuses.iter().map(|s| s.cookie).eq(0..2000));
}

#[test]
fn an_outside_station_and_an_engine_access_point_hear_each_other() {
    let mut world = World::new(WorldConfig::default());
    let side = Side::default();
    world.set_outside(Box::new(side.clone()));
    let ap = add(&mut world, Role::AccessPoint);
    let sta = add_outside(&mut world, &side);
    start_ap(&mut world, ap.0, &ap.1);
    run_to(&mut world, 1050);
    let beacons = side.got(sta).len();
    assert!((9..=11).contains(&beacons), "{beacons} beacons although nobody of ours scans");
    assert!(side.got(sta).iter().all(|g| g.signal_dbm == -30 && g.freq == 2412));
    send(&mut world, sta, authentication(addr(0), addr(1)), 9);
    run_to(&mut world, 1080);
    let kinds: Vec<FrameKind> = side.got(sta).iter().map(|g| FrameKind::of(&g.bytes)).collect();
    assert!(kinds.contains(&FrameKind::Authentication), "{kinds:?}");
    assert!(side.take_statuses()[0].acked);
}

#[test]
fn an_engine_station_associates_with_an_outside_access_point() {
    let mut world = World::new(WorldConfig::default());
    let side = Side::default();
    world.set_outside(Box::new(side.clone()));
    let sta = add(&mut world, Role::Station);
    let ap = add_outside(&mut world, &side);
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    let mut answered = 0;
    for ms in 1..400 {
        if ms % 20 == 0 {
            send(&mut world, ap, beacon(addr(1)), 1000 + ms as u64);
        }
        run_to(&mut world, ms);
        let got = side.got(ap);
        for g in &got[answered..] {
            let body = match MgmtFrame::parse(&g.bytes).map(|m| m.body) {
                Ok(MgmtBody::Authentication { .. }) => {
                    MgmtBody::Authentication { algorithm: 0, transaction: 2, status: 0, ies: vec![] }
                }
                Ok(MgmtBody::AssocRequest { .. }) => {
                    MgmtBody::AssocResponse { capability: 1, status: 0, aid: 1, ies: vec![] }
                }
                _ => continue,
            };
            let answer = MgmtFrame::new(addr(0), addr(1), addr(1), body).emit();
            send(&mut world, ap, answer, ms as u64);
        }
        answered = got.len();
    }
    assert!(when(&sta.1, |e| matches!(e, DriverEvent::Associated { .. })).is_some());
    assert_eq!(sta.1.lock().unwrap().results[0].signal_dbm, -30);
    // And its data reaches the access point.
    let hello =
        DriverRequest::TxData { source: None, dest: addr(1), ethertype: 0x88b5, payload: vec![3; 20] };
    ask(&mut world, sta.0, &sta.1, [hello]);
    run_to(&mut world, 450);
    assert!(side.got(ap).iter().any(|g| FrameKind::of(&g.bytes) == FrameKind::Data));
}

#[test]
fn frames_of_any_octets_do_no_harm() {
    let (mut world, side, a, b) = pair();
    let engine = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, engine.0, &engine.1);
    for len in 0..40 {
        for fill in [0x00, 0x08, 0x40, 0x80, 0xd4, 0xff] {
            let frame = OutsideFrame {
                bytes: vec![fill; len],
                freq: 2412,
                rate: 0,
                wants_ack: len % 2 == 0,
                cookie: 1,
                kind: None,
            };
            assert!(world.transmit_from(a, frame));
        }
    }
    run_to(&mut world, 3000);
    assert_eq!(side.take_statuses().len(), 240);
    assert!(!world.transmit_from(
        engine.0,
        OutsideFrame { bytes: vec![], freq: 0, rate: 0, wants_ack: false, cookie: 0, kind: None }
    ));
    assert!(side.got(b).iter().all(|g| g.freq == 2412));
}
