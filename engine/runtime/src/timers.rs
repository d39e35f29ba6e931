//! Named timers of one state machine, fired in the order of their deadlines; equal deadlines fire in
//! the order in which they were set.

use wpasim_wire::time::Instant;

/// The pending timers of a machine. `T` names them; setting a timer again replaces it.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    pending: Vec<(Instant, u64, T)>,
    sequence: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers { pending: Vec::new(), sequence: 0 }
    }
}

impl<T: Copy + PartialEq> Timers<T> {
    /// Sets or replaces a timer.
    pub fn set(&mut self, timer: T, deadline: Instant) {
        self.cancel(timer);
        self.sequence += 1;
        self.pending.push((deadline, self.sequence, timer));
    }

    /// Sets a timer unless it is already due earlier.
    //= hostap@2.10 src/utils/eloop.c#eloop_deplete_timeout
    pub fn set_no_later(&mut self, timer: T, deadline: Instant) {
        if self.deadline(timer).is_none_or(|current| deadline < current) {
            self.set(timer, deadline);
        }
    }

    /// Forgets a timer. Whether it was pending.
    pub fn cancel(&mut self, timer: T) -> bool {
        let before = self.pending.len();
        self.pending.retain(|(_, _, t)| *t != timer);
        self.pending.len() != before
    }

    /// Forgets every timer.
    pub fn clear(&mut self) {
        self.pending.clear();
    }

    /// The timers that are set.
    pub fn armed(&self) -> impl Iterator<Item = T> {
        self.pending.iter().map(|(_, _, timer)| *timer)
    }

    /// When a timer fires, if it is set.
    pub fn deadline(&self, timer: T) -> Option<Instant> {
        self.pending.iter().find(|(_, _, t)| *t == timer).map(|(at, _, _)| *at)
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<Instant> {
        self.pending.iter().map(|(at, seq, _)| (*at, *seq)).min().map(|(at, _)| at)
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Instant) -> Option<T> {
        let (index, _) = self
            .pending
            .iter()
            .enumerate()
            .filter(|(_, (at, _, _))| *at <= now)
            .min_by_key(|(_, (at, seq, _))| (*at, *seq))?;
        Some(self.pending.remove(index).2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wpasim_wire::time::Duration;

    #[test]
    fn timers_fire_in_order_and_once() {
        let t0 = Instant::ZERO;
        let mut timers = Timers::default();
        timers.set('b', t0 + Duration::from_millis(2));
        timers.set('a', t0 + Duration::from_millis(2));
        timers.set_no_later('b', t0 + Duration::from_millis(5));
        assert_eq!(timers.next(), Some(t0 + Duration::from_millis(2)));
        assert_eq!(timers.take_due(t0), None);
        let now = t0 + Duration::from_millis(3);
        assert_eq!(
            (timers.take_due(now), timers.take_due(now), timers.take_due(now)),
            (Some('b'), Some('a'), None)
        );
    }
}
