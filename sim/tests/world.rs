//! The world's own rules: budgets, limits, processes that end and begin again.

mod support;

use std::collections::BTreeMap;

use support::*;
use wpasim_engine::{Awaited, ConnId, CtrlSocket, Env, Input, Node, Output, Secret};
use wpasim_sim::{Budget, Budgets, Emission, NodeSpec, Step, World, WorldConfig};
use wpasim_wire::driver::{DriverEvent, DriverRequest, IfId};
use wpasim_wire::time::{Duration, Instant};

/// A process that does one thing too often, or once.
enum Odd {
    /// Asks for a timeout at this very instant, always.
    Restless(Instant),
    /// Waits for a scan that it never asked for.
    Deceived,
    /// Ends at its first command.
    Mortal(Vec<Output>),
}

impl Node for Odd {
    fn handle(&mut self, now: Instant, input: Input, _: Env<'_>) {
        match self {
            Odd::Restless(at) => *at = now,
            Odd::Deceived => {}
            Odd::Mortal(out) => {
                if let Input::Command { conn, data, .. } = input {
                    out.push(Output::Terminated);
                    out.push(Output::Reply { conn, data });
                }
            }
        }
    }

    fn poll_output(&mut self) -> Output {
        match self {
            Odd::Restless(at) => Output::Idle { next: Some(*at) },
            Odd::Deceived => Output::Idle { next: None },
            Odd::Mortal(out) => out.pop().unwrap_or(Output::Idle { next: None }),
        }
    }

    fn describe(&self) -> String {
        "wlan0: odd".to_owned()
    }

    fn awaited(&self) -> Vec<(IfId, Awaited)> {
        match self {
            Odd::Deceived => vec![(IfId(0), Awaited::Scan)],
            _ => Vec::new(),
        }
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        Vec::new()
    }
}

fn odd(world: &mut World, node: Odd) -> wpasim_sim::NodeId {
    let spec = NodeSpec {
        name: "odd".to_owned(),
        node: Box::new(node),
        interfaces: Vec::new(),
        position_mm: None,
        files: BTreeMap::new(),
    };
    world.add_node(spec)
}

#[test]
fn a_runaway_node_is_named() {
    let budgets = Budgets { events_at_one_instant: 1000, ..Budgets::default() };
    let mut world = World::new(WorldConfig { budgets, ..WorldConfig::default() });
    let id = odd(&mut world, Odd::Restless(Instant::ZERO));
    world.start(id);
    let error = loop {
        match world.step() {
            Ok(step) => assert_eq!(step, Step::Advanced),
            Err(e) => break e,
        }
    };
    assert_eq!((error.budget, error.node.as_str()), (Budget::EventsAtOneInstant, "odd"));
    assert_eq!(
        error.to_string(),
        "the budget of events at one instant was exceeded at 0.000000; last at work: odd (wlan0: odd)"
    );
}

#[cfg(debug_assertions)]
#[test]
#[should_panic(expected = "odd: Scan of interface 0 has no answer on its way at 0.000000")]
fn a_node_that_waits_for_nothing_is_noticed() {
    let mut world = World::new(WorldConfig::default());
    let id = odd(&mut world, Odd::Deceived);
    world.start(id);
}

#[test]
fn a_node_has_a_budget_of_its_own() {
    let budgets = Budgets { node_events_at_one_instant: 1000, ..Budgets::default() };
    let mut world = World::new(WorldConfig { budgets, ..WorldConfig::default() });
    let id = odd(&mut world, Odd::Restless(Instant::ZERO));
    world.start(id);
    let error = loop {
        if let Err(e) = world.step() {
            break e;
        }
    };
    assert_eq!((error.budget, error.node.as_str()), (Budget::NodeEventsAtOneInstant, "odd"));
    assert_eq!(world.step(), Err(error), "the run is over");
}

#[test]
fn a_runaway_node_ends_alone_where_that_is_wanted() {
    let budgets = Budgets { node_events_at_one_instant: 1000, ..Budgets::default() };
    let config = WorldConfig { budgets, ends_runaways: true, ..WorldConfig::default() };
    let mut world = World::new(config);
    let id = odd(&mut world, Odd::Restless(Instant::ZERO));
    let (other, _) = add(&mut world, Role::AccessPoint);
    world.start(id);
    let limit = Instant::ZERO + Duration::from_secs(1);
    while world.step_until(limit).unwrap() == Step::Advanced {}
    let said: Vec<Emission> =
        world.take_outbox().into_iter().filter(|e| e.node == id).map(|e| e.what).collect();
    let line = "the budget of one device's events at one instant was exceeded at 0.000000; last at work: odd \
                (wlan0: odd); the device is ended";
    assert_eq!(said, [Emission::Log(line.to_owned()), Emission::Terminated]);
    assert!(!world.is_running(id));
    world.start(other);
    assert!(world.is_running(other));
}

#[test]
fn virtual_time_has_its_budget() {
    let budgets = Budgets { virtual_time: Duration::from_secs(2), ..Budgets::default() };
    let mut world = World::new(WorldConfig { budgets, ..WorldConfig::default() });
    let ap = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, ap.0, &ap.1);
    let error = loop {
        if let Err(e) = world.step() {
            break e;
        }
    };
    assert_eq!(error.budget, Budget::VirtualTime);
}

#[test]
fn time_stops_at_the_limit_and_nothing_is_nothing() {
    let mut world = World::new(WorldConfig::default());
    assert_eq!(world.step(), Ok(Step::Empty));
    let limit = Instant::ZERO + Duration::from_secs(5);
    assert_eq!(world.step_until(limit), Ok(Step::Limit));
    assert_eq!((world.now(), world.next_event_time()), (limit, None));
}

#[test]
fn a_process_that_ends_replies_first_and_hears_nothing_more() {
    let mut world = World::new(WorldConfig::default());
    let id = odd(&mut world, Odd::Mortal(Vec::new()));
    world.start(id);
    for _ in 0..2 {
        world.command(id, ConnId(4), CtrlSocket::Global, b"TERMINATE");
    }
    let out: Vec<Emission> = world.take_outbox().into_iter().map(|e| e.what).collect();
    assert_eq!(out, [Emission::Reply(b"TERMINATE".to_vec()), Emission::Terminated]);
    assert!(!world.is_running(id));
    assert_eq!(world.describe(id), "not running");
}

#[test]
fn a_killed_station_leaves_without_a_word() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    world.watch_frames();
    let before = ap.1.lock().unwrap().events.len();
    world.kill(sta.0);
    run_to(&mut world, 5_000);
    assert!(world.frames_seen(0).iter().all(|f| f.from != wpasim_sim::Transmitter::Node(sta.0)));
    assert_eq!(ap.1.lock().unwrap().events.len(), before);
    // What the AP sends it is not acknowledged.
    let data = DriverRequest::TxData { source: None, dest: addr(0), ethertype: 0x88b5, payload: vec![0; 20] };
    ask(&mut world, ap.0, &ap.1, std::iter::repeat_n(data, 50));
    run_to(&mut world, 10_000);
    assert!(when(&ap.1, |e| *e == DriverEvent::StationLowAck { addr: addr(0) }).is_some());
}

#[test]
fn what_the_radio_has_is_sent_though_the_process_ends() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    let leave = DriverRequest::Deauthenticate { bssid: addr(1), reason: 3, local_state_change: false };
    ask(&mut world, sta.0, &sta.1, [leave]);
    world.kill(sta.0);
    run_to(&mut world, 400);
    let heard = |e: &DriverEvent| matches!(e, DriverEvent::RxMgmt { frame, .. } if frame[0] == 0xc0);
    assert!(when(&ap.1, heard).is_some());
}

#[test]
fn rates_are_those_on_the_air() {
    let (mut world, ap, sta) = connected(WorldConfig::default());
    let rates = |world: &mut World| {
        ap.1.lock().unwrap().watch = Some(addr(0));
        ask(world, ap.0, &ap.1, []);
        let state = ap.1.lock().unwrap();
        state.station.map(|s| (s.rx_rate, s.tx_rate))
    };
    assert_eq!(rates(&mut world), Some((0, 10)), "nothing but management frames yet");
    let eapol =
        DriverRequest::TxEapol { dest: addr(1), frame: vec![1, 1, 0, 0], no_encrypt: true, cookie: 3 };
    ask(&mut world, sta.0, &sta.1, [eapol]);
    run_to(&mut world, 400);
    assert_eq!(rates(&mut world), Some((10, 10)));
    let data = DriverRequest::TxData { source: None, dest: addr(1), ethertype: 0x88b5, payload: vec![0; 20] };
    ask(&mut world, sta.0, &sta.1, [data]);
    run_to(&mut world, 500);
    assert_eq!(rates(&mut world), Some((540, 10)));
}
