//! How many frames a second the medium forwards between the kernel and the engine: `forwarding [FRAMES]`,
//! with a real hostapd as the access point through which two of our stations talk.
//!
//! In the lab, `wpasim lab run -- target/release/examples/forwarding`, the rate is by the host's clock,
//! which shows in the times of the files in the working directory; the lab's own stands still.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
#[path = "../tests/lab/mod.rs"]
mod lab;

#[cfg(target_os = "linux")]
#[path = "../../tests/support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::{Duration as WallDuration, SystemTime};

    use wpasim_sim::NodeId;
    use wpasim_wire::driver::{DriverEvent, DriverRequest};
    use wpasim_wire::time::Duration;

    use super::lab::{Air, Process};
    use super::support::{self, Role, Shared, add, ask, scan};

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Frames that are under way at once, as many as a station's queue.
    const WINDOW: usize = 32;

    /// The file system's clock.
    fn wall() -> SystemTime {
        let name = format!("wpasim-forwarding-{}", std::process::id());
        std::fs::write(&name, b"").expect("the working directory can be written to");
        let time = std::fs::metadata(&name).and_then(|m| m.modified()).expect("the file has a time");
        std::fs::remove_file(&name).expect("the file goes away");
        time
    }

    fn count(state: &Shared, wanted: impl Fn(&DriverEvent) -> bool) -> usize {
        state.lock().unwrap().events.iter().filter(|(_, e)| wanted(e)).count()
    }

    fn join(air: &mut Air) -> (NodeId, Shared) {
        let (node, state) = add(&mut air.world, Role::Station);
        ask(&mut air.world, node, &state, [scan(&[2412])]);
        let joined = |e: &DriverEvent| matches!(e, DriverEvent::Associated { .. });
        assert!(air.until(PATIENCE, |_| count(&state, joined) > 0), "a station did not associate");
        (node, state)
    }

    pub fn main() {
        let frames: usize = std::env::args().nth(1).map_or(20_000, |n| n.parse().expect("a number"));
        let mut air = Air::new().unwrap_or_else(|e| panic!("{e}"));
        let radio = air.attach(1).remove(0).0;
        let conf =
            format!("interface={}\ndriver=nl80211\nssid=rate\nchannel=1\nhw_mode=g\n", radio.interfaces[0].0);
        let hostapd = Process::start("hostapd", None, &conf);
        assert!(air.until(PATIENCE, |_| hostapd.said().contains("AP-ENABLED")), "{}", hostapd.said());
        let (from, sender) = join(&mut air);
        let (to, receiver) = join(&mut air);
        let arrived = |e: &DriverEvent| matches!(e, DriverEvent::RxData { ethertype: 0x88b5, .. });
        let before = air.bridge.statistics();
        let start = wall();
        let (mut sent, mut received) = (0, 0);
        while sent < frames {
            let some = (frames - sent).min(WINDOW);
            let burst = (0..some).map(|_| DriverRequest::TxData {
                source: None,
                dest: support::addr(to.0),
                ethertype: 0x88b5,
                payload: vec![7; 1000],
            });
            ask(&mut air.world, from, &sender, burst);
            sent += some;
            let all = air.until(PATIENCE, |_| received + count(&receiver, arrived) >= sent);
            received += count(&receiver, arrived);
            receiver.lock().unwrap().events.clear();
            assert!(all, "{received} of {sent} frames arrived: {:?}", air.bridge.statistics());
        }
        let took = wall().duration_since(start).unwrap_or(WallDuration::ZERO);
        let after = air.bridge.statistics();
        let (up, down) = (after.received - before.received, after.transmitted - before.transmitted);
        let rate = (up + down) as f64 / took.as_secs_f64();
        println!("{up} frames into the kernel, {down} out of it in {took:?}: {rate:.0} frames/s");
    }
}
