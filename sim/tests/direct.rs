//! The needs of Wi-Fi Direct in the soft MAC: remaining on channels, rates, further interfaces.

mod support;

use support::*;
use wpasim_sim::{EPOCH_US, FrameKind, World, WorldConfig};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, Errno, IfId, IfType, Refused};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::{Duration, Instant};

fn at_ms(ms: i64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

fn listen(freq: u32, ms: i64, cookie: u64) -> DriverRequest {
    DriverRequest::RemainOnChannel { freq, duration: Duration::from_millis(ms), cookie }
}

fn began(state: &Shared, wanted: u64) -> Option<Instant> {
    when(state, |e| matches!(e, DriverEvent::RemainOnChannel { cookie, .. } if *cookie == wanted))
}

fn ended(state: &Shared, wanted: u64) -> Option<Instant> {
    when(state, |e| matches!(e, DriverEvent::RemainOnChannelDone { cookie, .. } if *cookie == wanted))
}

fn send(frame: &MgmtFrame, freq: u32, cookie: u64) -> DriverRequest {
    let wait = Duration::from_millis(200);
    DriverRequest::TxMgmt { frame: frame.emit(), freq, wait, cookie, no_ack: false, no_cck: true }
}

fn public_action(to: u32, from: u32) -> MgmtFrame {
    let body = MgmtBody::Action { category: 4, body: vec![9, 0x50, 0x6f, 0x9a, 9, 0, 1] };
    MgmtFrame::new(addr(to), addr(from), addr(to), body)
}

#[test]
fn stays_on_one_channel_go_together_and_another_channel_waits() {
    let mut world = World::new(WorldConfig { hz: 100, ..WorldConfig::default() });
    let (id, state) = add(&mut world, Role::Passive);
    ask(&mut world, id, &state, [listen(2437, 102, 1), listen(2462, 50, 2), listen(2437, 200, 3)]);
    run_to(&mut world, 2000);
    assert_eq!([began(&state, 1), began(&state, 3)], [Some(at_ms(0)); 2]);
    assert_eq!([ended(&state, 1), ended(&state, 3)], [Some(at_ms(116)), Some(at_ms(206))]);
    // Half a second after the last, rounded to whole seconds of the lab's jiffies, on a tick of the timer wheel.
    assert_eq!([began(&state, 2), ended(&state, 2)], [Some(at_ms(1056)), Some(at_ms(1116))]);
}

#[test]
fn scans_and_stays_wait_for_each_other() {
    let mut world = World::new(WorldConfig { hz: 100, ..WorldConfig::default() });
    let (id, state) = add(&mut world, Role::Passive);
    ask(&mut world, id, &state, [listen(2437, 300, 1), scan(&[2462])]);
    run_to(&mut world, 400);
    assert_eq!(ended(&state, 1), Some(at_ms(306)));
    assert_eq!(when(&state, |e| *e == DriverEvent::ScanStarted), Some(at_ms(0)), "as it is taken on");
    run_to(&mut world, 1070);
    ask(&mut world, id, &state, [listen(2412, 50, 2)]);
    run_to(&mut world, 3000);
    let done = when(&state, |e| matches!(e, DriverEvent::ScanDone { .. })).unwrap();
    assert!(done > at_ms(1060) && done < at_ms(1150), "it begins on the second: {done}");
    assert_eq!(began(&state, 2), Some(at_ms(2096)));
}

#[test]
fn a_cancelled_frame_was_never_sent() {
    let mut world = World::new(WorldConfig::default());
    let (id, state) = add(&mut world, Role::Passive);
    let frame = public_action(1, 0);
    ask(
        &mut world,
        id,
        &state,
        [listen(2437, 300, 1), send(&frame, 2412, 9), DriverRequest::CancelTxWait { cookie: 9 }],
    );
    run_to(&mut world, 2000);
    let events: Vec<_> = state.lock().unwrap().events.iter().map(|(_, e)| e.clone()).collect();
    let status =
        events.iter().position(|e| matches!(e, DriverEvent::MgmtTxStatus { cookie: 9, ack: false, .. }));
    let expired = events.iter().position(|e| *e == DriverEvent::MgmtTxWaitExpired { cookie: 9 });
    assert!(status.unwrap() < expired.unwrap());
}

#[test]
fn a_device_answers_probe_requests_while_it_listens() {
    let mut world = World::new(WorldConfig::default());
    let finder = add(&mut world, Role::Passive);
    let found = add(&mut world, Role::AccessPoint);
    world.watch_frames();
    ask(&mut world, found.0, &found.1, [DriverRequest::ReportProbeRequests(true), listen(2437, 500, 1)]);
    ask(&mut world, finder.0, &finder.1, [scan(&[2437])]);
    run_to(&mut world, 100);
    let heard = |e: &DriverEvent| matches!(e, DriverEvent::RxMgmt { freq: 2437, .. });
    assert!(when(&found.1, heard).is_some());
    ask(&mut world, finder.0, &finder.1, [scan(&[2412])]);
    run_to(&mut world, 200);
    assert_eq!(found.1.lock().unwrap().events.iter().filter(|(_, e)| heard(e)).count(), 1);
}

#[test]
fn a_group_owner_uses_no_cck_rates() {
    // The time stamp is that of its own first bit: 24 octets of header after the frame's beginning.
    let lead = |iftype| {
        let mut world = World::new(WorldConfig::default());
        let owner = add(&mut world, Role::Passive);
        let _listener = {
            let other = add(&mut world, Role::Passive);
            ask(&mut world, other.0, &other.1, [listen(2412, 1000, 1)]);
            other
        };
        world.watch_frames();
        start_ap_as(&mut world, owner.0, &owner.1, iftype);
        run_to(&mut world, 500);
        let seen = world.frames_seen(0).iter().find(|f| f.kind == FrameKind::Beacon).cloned().unwrap();
        let timestamp = u64::from_le_bytes(seen.bytes[24..32].try_into().unwrap());
        timestamp - (EPOCH_US + seen.time.micros() as u64)
    };
    assert_eq!((lead(IfType::Ap), lead(IfType::P2pGo)), (192, 32));
}

#[test]
fn an_access_point_sends_most_action_frames_to_stations_only() {
    let mut world = World::new(WorldConfig::default());
    let owner = add(&mut world, Role::Passive);
    start_ap(&mut world, owner.0, &owner.1);
    let body = MgmtBody::Action { category: 127, body: vec![0x50, 0x6f, 0x9a, 9, 3, 0] };
    let within = MgmtFrame::new(addr(1), addr(0), addr(0), body);
    ask(&mut world, owner.0, &owner.1, [send(&within, 2412, 1), send(&public_action(1, 0), 2412, 2)]);
    run_to(&mut world, 100);
    let refused = DriverEvent::Refused { request: Refused::TxMgmt(1), errno: Errno::NotConnected };
    assert!(when(&owner.1, |e| *e == refused).is_some());
    let sent = |e: &DriverEvent| matches!(e, DriverEvent::MgmtTxStatus { cookie: 2, .. });
    assert!(when(&owner.1, sent).is_some());
    // It operates there: nothing waits.
    assert_eq!(when(&owner.1, |e| *e == DriverEvent::MgmtTxWaitExpired { cookie: 2 }), None);
}

#[test]
fn further_interfaces_get_addresses_of_their_own() {
    let mut world = World::new(WorldConfig::default());
    let (id, state) = add(&mut world, Role::Passive);
    let new = |n: u32| DriverRequest::AddInterface {
        iftype: IfType::P2pClient,
        name: format!("p2p-wlan0-{n}"),
        new_id: IfId(n),
        addr: None,
    };
    ask(
        &mut world,
        id,
        &state,
        [new(1), new(2), DriverRequest::DelInterface { id: IfId(1) }, new(3), new(3)],
    );
    run_to(&mut world, 1);
    let added: Vec<_> = state
        .lock()
        .unwrap()
        .events
        .iter()
        .filter_map(|(_, e)| match e {
            DriverEvent::InterfaceAdded { id, addr } => Some((id.0, *addr)),
            _ => None,
        })
        .collect();
    let with = |first| MacAddr([first, 0, 0, 0, 0, 0]);
    assert_eq!(added, [(1, with(0x42)), (2, with(0x06)), (3, with(0x42))]);
    let already = DriverEvent::Refused { request: Refused::Other, errno: Errno::Already };
    assert!(when(&state, |e| *e == already).is_some());
}
