//! Counters that lose one each second (IEEE 802.1X-2004 §8.2.3). Seconds in which nothing would come
//! of it are made up for when they are asked about, so that a waiting port costs nothing.

use wpasim_wire::time::{Duration, Instant};

/// The seconds of one port.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Ticks {
    /// The last second that was counted; `None` while nothing is counted.
    last: Option<Instant>,
}

impl Ticks {
    /// Begins to count, unless it has begun.
    pub fn start(&mut self, now: Instant) {
        self.last.get_or_insert(now);
    }

    /// Takes the seconds that have passed from the counters.
    pub fn count(&mut self, now: Instant, counters: &mut [&mut u32]) {
        let Some(last) = self.last else { return };
        let seconds = now.saturating_since(last).secs();
        self.last = Some(last + Duration::from_secs(seconds));
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        for counter in counters.iter_mut() {
            **counter = counter.saturating_sub(seconds);
        }
    }

    /// As [`Ticks::count`], but a second that leaves all counters at 0 is the last.
    pub fn count_and_stop(&mut self, now: Instant, counters: &mut [&mut u32]) {
        let before = self.last;
        self.count(now, counters);
        if self.last != before && counters.iter().all(|c| **c == 0) {
            self.last = None;
        }
    }

    /// Returns the time at which the first of the counters that are not 0 becomes 0.
    pub fn next(&self, counters: &[u32]) -> Option<Instant> {
        let soonest = counters.iter().copied().filter(|c| *c > 0).min()?;
        self.last.map(|last| last + Duration::from_secs(soonest.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn seconds_count_from_the_start_and_stop_with_the_last_counter() {
        let mut ticks = Ticks::default();
        let (mut a, mut b) = (2, 0);
        assert_eq!(ticks.next(&[a, b]), None);
        ticks.start(at(300));
        ticks.start(at(900));
        assert_eq!(ticks.next(&[a, b]), Some(at(2300)));
        ticks.count_and_stop(at(1299), &mut [&mut a, &mut b]);
        assert_eq!((a, ticks.next(&[a, b])), (2, Some(at(2300))));
        b = 3;
        ticks.count_and_stop(at(2300), &mut [&mut a, &mut b]);
        assert_eq!((a, b, ticks.next(&[a, b])), (0, 1, Some(at(3300))));
        ticks.count_and_stop(at(9000), &mut [&mut a, &mut b]);
        assert_eq!((b, ticks), (0, Ticks::default()));
    }

    #[test]
    fn an_authenticators_seconds_go_on() {
        let mut ticks = Ticks::default();
        let mut a = 1;
        ticks.start(at(0));
        ticks.count(at(5500), &mut [&mut a]);
        a = 2;
        assert_eq!(ticks.next(&[a]), Some(at(7000)));
    }
}
