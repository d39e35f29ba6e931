//! Many scripted nodes at once; how fast many real engines are is for the benchmarks.

mod support;

use support::*;
use wpasim_sim::{World, WorldConfig};
use wpasim_wire::driver::DriverEvent;
use wpasim_wire::time::Duration;

/// `count` stations that start 2 ms apart, then 10 s of beacons; how many associated.
fn associate(count: u32) -> (World, usize) {
    let mut world = World::new(WorldConfig::default());
    let ap = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, ap.0, &ap.1);
    let mut states = Vec::new();
    for i in 0..count {
        let sta = add(&mut world, Role::Station);
        ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
        states.push(sta);
        run_to(&mut world, i64::from(i) * 2);
    }
    let end = Duration::from_millis(i64::from(count) * 2 + 10_000).millis();
    run_to(&mut world, end);
    let associated = |s: &Shared| when(s, |e| matches!(e, DriverEvent::Associated { .. })).is_some();
    let lost = |s: &Shared| when(s, |e| matches!(e, DriverEvent::BeaconLoss)).is_some();
    assert!(!states.iter().any(|(_, s)| lost(s)));
    let count = states.iter().filter(|(_, s)| associated(s)).count();
    (world, count)
}

#[test]
fn three_hundred_stations_associate() {
    let (world, associated) = associate(300);
    assert!(associated >= 290, "{associated}");
    // 10 s of 300 stations' beacons are 30,000 deliveries; what is told once costs nothing more.
    assert!(world.events() < 25_000, "{}", world.events());
}

#[test]
fn three_thousand_stations_associate() {
    let (_, associated) = associate(3000);
    assert!(associated >= 2900, "{associated}");
}
