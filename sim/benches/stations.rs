//! Many stations, every one of them the whole engine. `cargo bench -p wpasim-sim`.

mod fleet;

use divan::Bencher;
use divan::counter::ItemsCount;
use fleet::{Fleet, Security};
use wpasim_wire::time::Duration;

fn main() {
    divan::main();
}

/// Stations join one access point, then 10 s of beacons.
#[divan::bench(args = [(300, Security::Open), (300, Security::Wpa2)], sample_count = 10)]
fn join_one_access_point(bencher: Bencher, (count, security): (u32, Security)) {
    bencher.bench_local(|| {
        let mut fleet = Fleet::new(1, security);
        fleet.join(count, 0, security);
        fleet.run(Duration::from_secs(10));
        assert_eq!(fleet.connected(), count as usize);
        fleet
    });
}

/// 3,000 stations, 1,000 for each of three access points, then 10 s of beacons.
#[divan::bench(args = [Security::Open, Security::Wpa2], sample_count = 3)]
fn three_thousand(bencher: Bencher, security: Security) {
    bencher.bench_local(|| {
        let mut fleet = Fleet::new(3, security);
        for ap in 0..3 {
            fleet.join(1000, ap, security);
        }
        fleet.run(Duration::from_secs(10));
        assert_eq!(fleet.connected(), 3000);
        fleet
    });
}

/// Queue entries per second of wall time (items) while 300 stations join and stay for 10 s: each of
/// them reads its configuration, scans, selects and shakes hands.
#[divan::bench(args = [Security::Open, Security::Wpa2], sample_count = 10)]
fn events_of_joining(bencher: Bencher, security: Security) {
    let joined = || {
        let mut fleet = Fleet::new(1, security);
        fleet.join(300, 0, security);
        fleet.run(Duration::from_secs(10));
        fleet
    };
    let entries = joined().world.events();
    bencher.counter(ItemsCount::new(entries)).bench_local(joined);
}

/// Queue entries per second of wall time (items) of 300 connected stations, each of which scans all
/// channels every 5 s for 20 s.
#[divan::bench(args = [Security::Open, Security::Wpa2], sample_count = 5)]
fn events_of_scanning(bencher: Bencher, security: Security) {
    let connected = || {
        let mut fleet = Fleet::new(1, security);
        fleet.join(300, 0, security);
        fleet.run(Duration::from_secs(1));
        fleet
    };
    let scanning = |mut fleet: Fleet| {
        for _ in 0..4 {
            let all = fleet.stations().to_vec();
            fleet.command(&all, b"SCAN");
            fleet.run(Duration::from_secs(5));
        }
        fleet
    };
    let fleet = connected();
    let before = fleet.world.events();
    let entries = scanning(fleet).world.events() - before;
    bencher.counter(ItemsCount::new(entries)).with_inputs(connected).bench_local_values(scanning);
}

/// 30 stations scan their own channel twenty times within a second, while this many others are connected on another
/// one: whoever cannot hear a frame costs nothing for it. The others' own timers, one event each in that second, remain.
#[divan::bench(args = [0, 300, 1500], sample_count = 20)]
fn bystanders(bencher: Bencher, others: u32) {
    let settled = || {
        let mut fleet = Fleet::new(2, Security::Open);
        fleet.join(others, 1, Security::Open);
        let busy = fleet.join(30, 0, Security::Open);
        fleet.run(Duration::from_secs(12));
        (fleet, busy)
    };
    bencher.with_inputs(settled).bench_local_values(|(mut fleet, busy)| {
        for _ in 0..20 {
            fleet.command(&busy, b"SCAN freq=2412");
            fleet.run(Duration::from_millis(45));
        }
        fleet
    });
}
