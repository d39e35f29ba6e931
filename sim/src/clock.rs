//! The kernel's clock as it shows in transcripts: jiffies, and the wall clock behind TSF timers.

use wpasim_wire::time::{Duration, Instant};

/// HZ of User-Mode Linux.
const LAB_HZ: i64 = 100;
/// The length of a tick there.
const LAB_TICK_US: i64 = 1_000_000 / LAB_HZ;
/// A tick of the lab on a whole second of its jiffies, in a scenario's time.
const LAB_PHASE_US: i64 = 16_000;

/// The two clocks that the soft MAC derives from virtual time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    hz: i64,
    epoch_us: u64,
}

impl Clock {
    /// `hz` is the kernel's HZ (0 counts as 1), `epoch_us` the wall clock at time zero.
    pub fn new(hz: u32, epoch_us: u64) -> Self {
        Clock { hz: i64::from(hz.max(1)), epoch_us }
    }

    /// `HZ / divisor` ticks, rounded down, as the kernel's constants are written.
    pub fn hz_over(self, divisor: i64) -> i64 {
        self.hz / divisor
    }

    /// The length of `ticks` jiffies.
    pub fn ticks(self, ticks: i64) -> Duration {
        Duration::from_micros(ticks * 1_000_000 / self.hz)
    }

    /// Returns the time that a delayed work of `ticks` jiffies takes if it is queued at `now`: the tick under way does not count.
    ///
    /// The recordings' kernel (HZ 250) stood anywhere within a tick, so that a whole one is counted there. The lab's kernel
    /// (HZ 100) stands at the same place within a tick whenever a scenario begins, so that its works end on its ticks.
    pub fn delayed_work(self, now: Instant, ticks: i64) -> Duration {
        if !self.is_lab() {
            return self.ticks(ticks + 1);
        }
        self.wheel(now, self.jiffies(now) + ticks) - now
    }

    /// The jiffies of the lab's kernel, but for a multiple of 200.
    fn jiffies(self, now: Instant) -> i64 {
        (now.micros() - LAB_PHASE_US).div_euclid(LAB_TICK_US)
    }

    /// Returns the time at which the lab's kernel fires a timer that is started at `now`: its timer wheel keeps those that are far away in coarser
    /// levels, and rounds up (kernel/time/timer.c, calc_index).
    fn wheel(self, now: Instant, expires: i64) -> Instant {
        /// LVL_START of the second level; each further one starts eight times as far away, and is eight times as coarse.
        const SECOND_LEVEL: i64 = 63;
        let distance = expires - self.jiffies(now);
        let (mut start, mut granularity) = (SECOND_LEVEL, 1);
        while distance >= start {
            (start, granularity) = (start * 8, granularity * 8);
        }
        let fires = (expires + granularity).div_euclid(granularity) * granularity;
        Instant::from_micros(LAB_PHASE_US + fires * LAB_TICK_US)
    }

    /// Returns the time that a timer takes which is due already when it is started: up to the next tick, in the lab, where it is known when that is.
    pub fn to_next_tick(self, now: Instant) -> Duration {
        if self.is_lab() { self.delayed_work(now, 0) } else { Duration::ZERO }
    }

    /// Returns the time between the end of a scan and its report, while the kernel waits for its grace periods. Measured in the
    /// recordings: 43 ms for a dwell of 32 ms, 3.74 s for 3.728 s of dwells. A User-Mode Linux has one processor, and nobody
    /// to wait for.
    pub fn grace_periods(self) -> Duration {
        if self.is_lab() { Duration::ZERO } else { Duration::from_micros(self.ticks(21).micros() / 8) }
    }

    fn is_lab(self) -> bool {
        self.hz == LAB_HZ
    }

    /// Returns the time at which a timer fires that is started at `now` for `delay` later, rounded up (`round_jiffies_up`): the next whole second of
    /// jiffies, a whole second later on the second.
    pub fn rounded_up(self, now: Instant, delay: Duration) -> Instant {
        if self.is_lab() {
            let ticks = (delay.micros() + LAB_TICK_US - 1).div_euclid(LAB_TICK_US);
            let second = ((self.jiffies(now) + ticks).div_euclid(LAB_HZ) + 1) * LAB_HZ;
            return self.wheel(now, second);
        }
        Instant::from_micros(((now + delay).micros().div_euclid(1_000_000) + 1) * 1_000_000)
    }

    /// Returns the time that a delayed work takes which is given in milliseconds: `msecs_to_jiffies` rounds up.
    pub fn whole_ticks(self, now: Instant, length: Duration) -> Duration {
        let ticks = (length.micros() * self.hz + 999_999).div_euclid(1_000_000);
        if self.is_lab() { self.delayed_work(now, ticks) } else { self.ticks(ticks) }
    }

    /// `round_jiffies_relative`: a delay of `ticks` jiffies that ends on a whole second, the one before
    /// if it is past by less than a quarter and still to come.
    pub fn rounded_delay(self, now: Instant, ticks: i64) -> Duration {
        if self.is_lab() {
            let jiffies = self.jiffies(now);
            let due = jiffies + ticks;
            let past = due.rem_euclid(LAB_HZ);
            let rounded = if past < LAB_HZ / 4 { due - past } else { due - past + LAB_HZ };
            let due = if rounded > jiffies { rounded } else { due };
            return if due == jiffies { Duration::ZERO } else { self.wheel(now, due) - now };
        }
        let due = now + self.ticks(ticks);
        let past = due.micros().rem_euclid(1_000_000);
        let down = due - Duration::from_micros(past);
        match past {
            0..250_000 if down > now => down - now,
            0..250_000 => due - now,
            _ => down + Duration::from_secs(1) - now,
        }
    }

    /// The wall clock in microseconds, which is also hwsim's TSF.
    pub fn tsf(self, now: Instant) -> u64 {
        self.epoch_us.wrapping_add(now.micros() as u64)
    }

    /// The next target beacon transmission time after `now`: hwsim's TSF timers all stand at zero
    /// together, so beacons come at multiples of the interval.
    pub fn next_tbtt(self, now: Instant, interval_tu: u16) -> Instant {
        let interval = u64::from(interval_tu.max(1)) * 1024;
        let into = self.tsf(now) % interval;
        now + Duration::from_micros((interval - into) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_those_of_scan_c() {
        let c = Clock::new(250, 0);
        let now = Instant::from_micros(256_025);
        assert_eq!(c.delayed_work(now, c.hz_over(33)), Duration::from_millis(32));
        assert_eq!(c.delayed_work(now, c.hz_over(9)), Duration::from_millis(112));
        let c = Clock::new(100, 0);
        assert_eq!(c.ticks(c.hz_over(33)), Duration::from_millis(30));
        assert_eq!(c.ticks(c.hz_over(9)), Duration::from_millis(110));
        // Begun in the middle of a tick, and at its end, in the lab.
        assert_eq!(c.delayed_work(now, c.hz_over(33)), Duration::from_micros(39_975));
        assert_eq!(
            c.delayed_work(Instant::from_micros(325_254), c.hz_over(33)),
            Duration::from_micros(30_746)
        );
    }

    #[test]
    fn beacons_stand_on_the_wall_clock() {
        // The BSS of the recording connect_wpa2_psk has the time stamp 1795365413990595: 192 µs of
        // preamble and 3 µs of lateness after a multiple of 102400 µs.
        let c = Clock::new(250, 1_795_365_413_984_672);
        let tbtt = c.next_tbtt(Instant::ZERO, 100);
        assert_eq!(c.tsf(tbtt), 1_795_365_413_990_400);
        assert_eq!(c.next_tbtt(tbtt, 100), tbtt + Duration::from_tu(100));
    }

    #[test]
    fn delays_are_rounded_to_the_nearer_second() {
        let c = Clock::new(250, 0);
        let at = |ms| Instant::ZERO + Duration::from_millis(ms);
        let delay = |ms, ticks| c.rounded_delay(at(ms), ticks).millis();
        assert_eq!(
            (delay(0, 125), delay(600, 125), delay(740, 125), delay(760, 125)),
            (1000, 400, 260, 1240)
        );
        assert_eq!((delay(100, 0), delay(250, 0), delay(990, 0)), (0, 750, 10));
        // The lab's whole seconds have a phase of their own, and its timers fire on a tick of their level of the wheel.
        let lab = Clock::new(100, 0);
        let delay = |ms, ticks| lab.rounded_delay(at(ms), ticks).millis();
        assert_eq!((delay(0, 50), delay(600, 50), delay(740, 50), delay(760, 50)), (1056, 426, 286, 266));
        assert_eq!((delay(100, 0), delay(250, 0), delay(990, 0)), (0, 0, 36));
        assert_eq!(c.whole_ticks(at(0), Duration::from_millis(102)), Duration::from_millis(104));
    }

    #[test]
    fn timers_round_to_the_next_second() {
        let c = Clock::new(250, 0);
        let up = |us| c.rounded_up(Instant::from_micros(us), Duration::ZERO).micros();
        assert_eq!((up(1), up(1_000_000)), (1_000_000, 2_000_000));
    }

    #[test]
    fn the_labs_timers_fire_on_the_ticks_of_their_level() {
        // BEACON-LOSS of recordings: x.056 in odd seconds, x.096 in even ones.
        let c = Clock::new(100, 0);
        let at = |ms| Instant::ZERO + Duration::from_millis(ms);
        let lost = |ms| (c.rounded_up(at(ms), Duration::from_tu(700)) - Instant::ZERO).millis();
        assert_eq!((lost(4_800), lost(14_096), lost(15_056)), (6_096, 15_056, 16_096));
        assert_eq!(c.delayed_work(at(5_256), 3), Duration::from_millis(40));
    }
}
