//! What a world holds at its largest: "max alloc" of `cargo bench -p wpasim-sim --bench memory`.

mod fleet;

use divan::Bencher;
use fleet::{Fleet, Security};
use wpasim_wire::time::Duration;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// 300 stations join one access point, then 10 s of beacons.
#[divan::bench(args = [Security::Open, Security::Wpa2], sample_count = 1, sample_size = 1)]
fn three_hundred(bencher: Bencher, security: Security) {
    bencher.bench_local(|| {
        let mut fleet = Fleet::new(1, security);
        fleet.join(300, 0, security);
        fleet.run(Duration::from_secs(10));
        assert_eq!(fleet.connected(), 300);
        fleet
    });
}
