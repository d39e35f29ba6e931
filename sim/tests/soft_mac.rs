//! The soft MAC's behaviour and timings, seen through the driver boundary.

mod support;

use support::*;
use wpasim_sim::{Action, FrameKind, FrameMatch, Link, Rule, Transmitter, World, WorldConfig};
use wpasim_wire::driver::{
    Cipher, DriverEvent, DriverRequest, Errno, Key, KeyScope, Refused, RegDomain, ScanRequest,
};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::{Duration, Instant};

fn is_scan_done(e: &DriverEvent) -> bool {
    matches!(e, DriverEvent::ScanDone { .. })
}

fn scan_takes(request: DriverRequest) -> i64 {
    let mut world = World::new(WorldConfig::default());
    let (id, state) = add(&mut world, Role::Passive);
    ask(&mut world, id, &state, [request]);
    run_to(&mut world, 10_000);
    assert_eq!(when(&state, |e| *e == DriverEvent::ScanStarted), Some(Instant::ZERO));
    when(&state, is_scan_done).expect("the scan ends").micros() / 1000
}

#[test]
fn scans_take_as_long_as_the_recordings() {
    // One channel, the operating one: 43 ms.
    assert!((41..=44).contains(&scan_takes(scan(&[2412]))));
    // One other channel: 73 ms.
    assert!((72..=76).contains(&scan_takes(scan(&[2437]))));
    // Two: 138 ms.
    assert!((137..=140).contains(&scan_takes(scan(&[2412, 2437]))));
    // All: 3.740 s.
    assert!((3735..=3745).contains(&scan_takes(scan(&[]))));
    let passive = DriverRequest::TriggerScan(ScanRequest { freqs: vec![5180], ..ScanRequest::default() });
    assert!((120..=126).contains(&scan_takes(passive)));
}

#[test]
fn a_second_scan_is_refused_before_anything_else_and_an_aborted_one_says_so() {
    let mut world = World::new(WorldConfig::default());
    let (id, state) = add(&mut world, Role::Passive);
    ask(&mut world, id, &state, [scan(&[2437]), scan(&[2412])]);
    run_to(&mut world, 1);
    let busy = DriverEvent::Refused { request: Refused::TriggerScan, errno: Errno::Busy };
    assert_eq!(state.lock().unwrap().events[0].1, busy);
    ask(&mut world, id, &state, [DriverRequest::AbortScan]);
    run_to(&mut world, 20);
    assert!(when(&state, |e| matches!(e, DriverEvent::ScanDone { aborted: true, .. })).is_some());
    ask(&mut world, id, &state, [DriverRequest::AbortScan]);
    run_to(&mut world, 21);
    let nothing = DriverEvent::Refused { request: Refused::AbortScan, errno: Errno::NoEntry };
    assert!(when(&state, |e| *e == nothing).is_some());
}

#[test]
fn a_station_connects_and_the_noise_tells_where_it_scanned() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    assert!(when(&sta.1, |e| matches!(e, DriverEvent::Associated { .. })).is_some());
    let result = sta.1.lock().unwrap().results[0].clone();
    // The access point answers before its first beacon shows that it has a channel context.
    assert_eq!((result.bssid, result.signal_dbm, result.noise_dbm), (addr(1), -50, None));
    assert_eq!(result.ies, bss_elements(SSID));
    // The station's first probe request comes before it had a channel context, its association after.
    let ap_state = ap.1.lock().unwrap();
    let signals: Vec<i32> = ap_state
        .events
        .iter()
        .filter_map(
            |(_, e)| if let DriverEvent::RxMgmt { signal_dbm, .. } = e { Some(*signal_dbm) } else { None },
        )
        .collect();
    assert_eq!(signals, [-50, -30, -30]);
    drop(ap_state);
    ask(&mut world, sta.0, &sta.1, [scan(&[2412, 2437])]);
    run_to(&mut world, 1000);
    ask(&mut world, sta.0, &sta.1, []);
    let result = sta.1.lock().unwrap().results[0].clone();
    assert_eq!((result.noise_dbm, result.associated), (Some(-92), true));
}

#[test]
fn authenticating_again_is_refused_and_deauthentication_reaches_the_ap() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    let again = DriverRequest::Authenticate {
        bssid: addr(1),
        freq: 2412,
        ssid: wpasim_wire::Ssid::new(SSID).unwrap(),
        algorithm: 0,
        ies: vec![],
    };
    let leave = DriverRequest::Deauthenticate { bssid: addr(1), reason: 2, local_state_change: false };
    ask(&mut world, sta.0, &sta.1, [again, leave]);
    run_to(&mut world, 310);
    let already = DriverEvent::Refused { request: Refused::Authenticate, errno: Errno::Already };
    assert!(when(&sta.1, |e| *e == already).is_some());
    assert!(
        when(&sta.1, |e| matches!(e, DriverEvent::Deauthenticated { locally_generated: true, .. })).is_some()
    );
    let heard = |e: &DriverEvent| matches!(e, DriverEvent::RxMgmt { frame, .. } if frame[0] == 0xc0 && frame[24] == 2);
    assert!(when(&ap.1, heard).is_some());
}

#[test]
fn an_unanswered_authentication_is_tried_three_times_a_tenth_of_a_second_apart() {
    let mut world = World::new(WorldConfig::default());
    let sta = add(&mut world, Role::Station);
    let ap = add(&mut world, Role::Passive);
    start_ap(&mut world, ap.0, &ap.1);
    world.watch_frames();
    ask(
        &mut world,
        sta.0,
        &sta.1,
        [DriverRequest::TriggerScan(ScanRequest { freqs: vec![2412], ..Default::default() })],
    );
    run_to(&mut world, 3000);
    let sent: Vec<i64> = world
        .frames_seen(0)
        .iter()
        .filter(|f| f.kind == FrameKind::Authentication && f.acked)
        .map(|f| f.time.micros() / 1000)
        .collect();
    assert_eq!(sent.len(), 3);
    assert!((100..=108).contains(&(sent[1] - sent[0])), "{sent:?}");
    assert!(when(&sta.1, |e| matches!(e, DriverEvent::AuthTimeout { .. })).is_some());
    ask(&mut world, sta.0, &sta.1, []);
    assert!(sta.1.lock().unwrap().results.is_empty(), "the BSS is unlinked");
}

#[test]
fn an_unacknowledged_authentication_fails_fast_after_all_retries() {
    let mut world = World::new(WorldConfig::default());
    let sta = add(&mut world, Role::Station);
    let ap = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, ap.0, &ap.1);
    world.watch_frames();
    let matcher = FrameMatch { kind: Some(FrameKind::Authentication), ..FrameMatch::default() };
    world.medium().add_rule(Rule::new(matcher, Action::Drop));
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    run_to(&mut world, 1000);
    let tries: Vec<bool> = world
        .frames_seen(0)
        .iter()
        .filter(|f| f.kind == FrameKind::Authentication)
        .map(|f| f.bytes[1] & 8 != 0)
        .collect();
    assert_eq!(tries.len(), 3 * 8);
    assert_eq!(tries.iter().filter(|retry| !**retry).count(), 3);
    let done = when(&sta.1, is_scan_done).unwrap();
    let failed = when(&sta.1, |e| matches!(e, DriverEvent::AuthTimeout { .. })).unwrap();
    assert!(failed - done < Duration::from_millis(120), "{}", failed - done);
}

#[test]
fn a_lost_acknowledgement_is_repeated_and_the_repetition_thrown_away() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.watch_frames();
    let matcher = FrameMatch { kind: Some(FrameKind::Data), ..FrameMatch::default() };
    world.medium().add_rule(Rule::new(matcher, Action::DropAck).times(1));
    ask(
        &mut world,
        sta.0,
        &sta.1,
        [DriverRequest::TxData { source: None, dest: addr(1), ethertype: 0x88b5, payload: vec![1; 40] }],
    );
    run_to(&mut world, 320);
    let data: Vec<(u8, bool)> = world
        .frames_seen(0)
        .iter()
        .filter(|f| f.kind == FrameKind::Data)
        .map(|f| (f.bytes[1] & 8, f.acked))
        .collect();
    assert_eq!(data, [(0, false), (8, true)]);
    let received =
        ap.1.lock().unwrap().events.iter().filter(|(_, e)| matches!(e, DriverEvent::RxData { .. })).count();
    assert_eq!(received, 1);
}

fn pairwise(peer: u32) -> DriverRequest {
    let scope = KeyScope::Pairwise(addr(peer));
    DriverRequest::NewKey(Key {
        cipher: Cipher::Ccmp,
        scope,
        index: 0,
        key: vec![9; 16],
        rsc: [0; 6],
        tx: true,
    })
}

#[test]
fn ccmp_data_passes_between_two_macs_and_its_replay_does_not() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.watch_frames();
    ask(&mut world, ap.0, &ap.1, [pairwise(0)]);
    let data =
        DriverRequest::TxData { source: None, dest: addr(1), ethertype: 0x88b5, payload: b"hello".to_vec() };
    ask(&mut world, sta.0, &sta.1, [pairwise(1), data]);
    run_to(&mut world, 320);
    let seen = world.frames_seen(0).iter().find(|f| f.kind == FrameKind::Data).unwrap().clone();
    assert_eq!((seen.bytes[1] & 0x40, seen.from), (0x40, Transmitter::Node(sta.0)));
    let received = |state: &Shared| {
        state.lock().unwrap().events.iter().filter(|(_, e)| matches!(e, DriverEvent::RxData { .. })).count()
    };
    assert_eq!(received(&ap.1), 1);
    world.medium().inject(2412, seen.bytes.to_vec(), -30);
    run_to(&mut world, 340);
    assert_eq!(received(&ap.1), 1);
    // Reinstalling the same key resets nothing, so the replay stays one.
    ask(&mut world, ap.0, &ap.1, [pairwise(0)]);
    world.medium().inject(2412, seen.bytes.to_vec(), -30);
    run_to(&mut world, 360);
    assert_eq!(received(&ap.1), 1);
    // In the clear, with a key installed: dropped, unless it is EAPOL.
    let eapol =
        DriverRequest::TxEapol { dest: addr(1), frame: vec![1, 1, 0, 0], no_encrypt: true, cookie: 3 };
    ask(&mut world, sta.0, &sta.1, [eapol]);
    run_to(&mut world, 380);
    assert!(when(&ap.1, |e| matches!(e, DriverEvent::RxEapol { encrypted: false, .. })).is_some());
    assert!(when(&sta.1, |e| matches!(e, DriverEvent::EapolTxStatus { ack: true, cookie: 3, .. })).is_some());
}

#[test]
fn a_vanished_ap_is_noticed_by_lost_beacons() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    run_to(&mut world, 60_000);
    assert_eq!(when(&sta.1, |e| *e == DriverEvent::BeaconLoss), None, "no loss while the AP beacons");
    world.kill(ap.0);
    run_to(&mut world, 70_000);
    let loss = when(&sta.1, |e| *e == DriverEvent::BeaconLoss).expect("beacon loss");
    assert!((60_700..=61_800).contains(&(loss.micros() / 1000)), "{loss}");
    let end = |e: &DriverEvent| matches!(e, DriverEvent::Deauthenticated { frame, locally_generated: true } if frame[24..26] == [4, 0]);
    let gone = when(&sta.1, end).expect("disconnected");
    assert!(gone - loss < Duration::from_millis(60));
    let restored =
        |e: &DriverEvent| matches!(e, DriverEvent::RegulatoryChange { domain: RegDomain::World, .. });
    assert!(when(&sta.1, restored).unwrap() > gone);
}

#[test]
fn a_lossy_link_and_a_clean_one_agree_on_beacon_loss() {
    // A rule that may touch beacons makes every beacon be delivered; the result is the same.
    let lost_at = |delivered_each: bool| {
        let (mut world, ap, sta) = connected(WorldConfig::default());
        if delivered_each {
            let matcher = FrameMatch { kind: Some(FrameKind::Beacon), ..FrameMatch::default() };
            world.medium().add_rule(Rule::new(matcher, Action::Pass));
        }
        run_to(&mut world, 5_000);
        world.set_radio(ap.0, false);
        run_to(&mut world, 10_000);
        when(&sta.1, |e| *e == DriverEvent::BeaconLoss)
    };
    assert!(lost_at(false).is_some());
    assert_eq!(lost_at(false), lost_at(true));
}

#[test]
fn a_mute_radio_is_not_heard_and_a_bss_is_forgotten_after_thirty_seconds() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    ask(
        &mut world,
        sta.0,
        &sta.1,
        [DriverRequest::Deauthenticate { bssid: addr(1), reason: 3, local_state_change: false }],
    );
    run_to(&mut world, 400);
    world.set_radio(ap.0, false);
    run_to(&mut world, 20_000);
    ask(&mut world, sta.0, &sta.1, []);
    assert_eq!(sta.1.lock().unwrap().results.len(), 1);
    run_to(&mut world, 31_000);
    ask(&mut world, sta.0, &sta.1, []);
    assert_eq!(sta.1.lock().unwrap().results.len(), 0);
}

#[test]
fn a_frame_from_a_stranger_is_reported() {
    let (mut world, ap, _) = connected(WorldConfig::default());
    let mut frame = vec![0x08, 0x01, 0, 0];
    frame.extend_from_slice(&addr(1).0);
    frame.extend_from_slice(&addr(9).0);
    frame.extend_from_slice(&addr(1).0);
    frame.extend_from_slice(&[0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0xb5]);
    world.medium().inject(2412, frame, -40);
    run_to(&mut world, 320);
    assert!(
        when(&ap.1, |e| *e == DriverEvent::UnexpectedFrame { addr: addr(9), four_addr: false }).is_some()
    );
}

#[test]
fn any_octets_on_the_air_are_survived() {
    let (mut world, _, sta) = connected(WorldConfig::default());
    let entropy = wpasim_engine::entropy::Entropy::new(3, "test");
    let mut stream = entropy.stream("garbage");
    for i in 0..3000 {
        let mut frame = vec![0; stream.below(120) as usize];
        stream.fill(&mut frame);
        if let [fc, _, _, _, a1 @ ..] = frame.as_mut_slice()
            && a1.len() > 18
        {
            *fc &= 0xfc;
            let peer = addr(i & 1);
            a1[..6].copy_from_slice(&peer.0);
            a1[6..12].copy_from_slice(&addr(1 - (i & 1)).0);
        }
        world.medium().inject(2412, frame, -40);
    }
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    run_to(&mut world, 2000);
}

#[test]
fn losses_are_the_same_for_the_same_seed() {
    let run = |seed, capture: bool| {
        let mut world = World::new(WorldConfig { seed, ..WorldConfig::default() });
        if capture {
            world.enable_capture();
            world.watch_frames();
        }
        let sta = add(&mut world, Role::Station);
        let ap = add(&mut world, Role::AccessPoint);
        world.medium().set_link(sta.0, ap.0, Link { loss_ppm: 300_000, ..Link::default() });
        start_ap(&mut world, ap.0, &ap.1);
        ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
        run_to(&mut world, 5000);
        (world.trace_hash(), world.take_capture())
    };
    assert_eq!(run(1, false).0, run(1, true).0, "a capture changes nothing");
    assert_eq!(run(1, true).1, run(1, true).1);
    assert_ne!(run(1, false).0, run(2, false).0);
}

#[test]
fn a_capture_holds_beacons_that_nobody_hears() {
    let mut world = World::new(WorldConfig::default());
    let ap = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, ap.0, &ap.1);
    world.enable_capture();
    run_to(&mut world, 1024);
    let capture = world.take_capture();
    let beacons = capture.windows(4).filter(|w| *w == [0x80, 0, 0, 0]).count();
    assert!((9..=11).contains(&beacons), "{beacons}");
}

#[test]
fn a_deauthentication_right_after_an_association_is_told_after_it() {
    let mut world = World::new(WorldConfig::default());
    let sta = add(&mut world, Role::Station);
    let ap = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, ap.0, &ap.1);
    world.watch_frames();
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    let limit = Instant::ZERO + Duration::from_millis(300);
    let is_answer = |f: &wpasim_sim::FrameSeen| f.kind == FrameKind::AssociationResponse;
    while !world.frames_seen(0).iter().any(is_answer) {
        assert!(world.step_until(limit).unwrap() == wpasim_sim::Step::Advanced, "no association");
    }
    let (to, from) = (addr(sta.0.0), addr(ap.0.0));
    let body = MgmtBody::Deauthentication { reason: 2, ies: Vec::new() };
    world.medium().inject(2412, MgmtFrame::new(to, from, from, body).emit(), -30);
    run_to(&mut world, 300);
    let associated = when(&sta.1, |e| matches!(e, DriverEvent::Associated { .. })).expect("associated");
    let gone = when(&sta.1, |e| matches!(e, DriverEvent::Deauthenticated { .. })).expect("deauthenticated");
    assert!(gone - associated < Duration::from_millis(1), "the frame is in the work's time");
    let events = &sta.1.lock().unwrap().events;
    let place =
        |wanted: fn(&DriverEvent) -> bool| events.iter().position(|(_, e)| wanted(e)).expect("the event");
    assert!(
        place(|e| matches!(e, DriverEvent::Associated { .. }))
            < place(|e| matches!(e, DriverEvent::Deauthenticated { .. }))
    );
}
