//! The medium of the kernel's radios while a command runs: `medium SECONDS COMMAND…`. Shows every frame.
//!
//! With wpa_supplicant and hostapd started by the command, they talk to each other through it.

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    linux::run(std::env::args().skip(1).collect())
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::error::Error;
    use std::process::Command;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::time::{ClockId, clock_gettime};
    use wpasim_hwsim::Bridge;
    use wpasim_sim::{World, WorldConfig};
    use wpasim_wire::time::{Duration, Instant};

    fn monotonic_us() -> i64 {
        let t = clock_gettime(ClockId::Monotonic);
        t.tv_sec * 1_000_000 + t.tv_nsec / 1000
    }

    pub fn run(args: Vec<String>) -> Result<(), Box<dyn Error>> {
        let [seconds, program, rest @ ..] = args.as_slice() else {
            return Err("usage: medium SECONDS COMMAND…".into());
        };
        let end = Instant::ZERO + Duration::from_secs(seconds.parse()?);
        let mut world = World::new(WorldConfig { hz: 100, ..WorldConfig::default() });
        world.watch_frames();
        let bridge = Bridge::open()?;
        for radio in bridge.radios()? {
            println!("{} {} {} {:?}", radio.id, radio.phy, radio.addr, radio.interfaces);
            bridge.attach(&mut world, &radio, &radio.phy, None);
        }
        let started = monotonic_us();
        let mut child = Command::new(program).args(rest).spawn()?;
        let mut shown = 0;
        loop {
            let now = Instant::from_micros(monotonic_us() - started);
            bridge.run_until(&mut world, now)?;
            for seen in world.frames_seen(shown) {
                println!("{} {:?} {:?} {:?} ack={}", seen.time, seen.from, seen.to, seen.kind, seen.acked);
            }
            shown += world.frames_seen(shown).len();
            if now >= end {
                break;
            }
            let next = world.next_event_time().unwrap_or(end).min(end);
            let wait = (next - now).micros().max(0);
            let timeout = Timespec { tv_sec: wait / 1_000_000, tv_nsec: wait % 1_000_000 * 1000 };
            poll(&mut [PollFd::new(&bridge, PollFlags::IN)], Some(&timeout))?;
        }
        child.kill()?;
        child.wait()?;
        println!("{:?}", bridge.statistics());
        Ok(())
    }
}
