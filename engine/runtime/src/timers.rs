//! Named timers of one state machine, fired in the order of their deadlines; equal deadlines fire in
//! the order in which they were set. Machines of one process share that [`Order`], as they share one event loop in hostap.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wpasim_wire::time::Instant;

/// The order in which the time-outs of one process are registered. A clone counts on with the one that it was cloned from.
//= hostap@2.10 src/utils/eloop.c#eloop_register_timeout
#[derive(Clone, Debug, Default)]
pub struct Order(Arc<AtomicU64>);

impl Order {
    /// Returns the place of a time-out at `deadline` that is registered now.
    fn due(&self, deadline: Instant) -> Due {
        Due { at: deadline, registration: self.0.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The place of a time-out in its event loop: the earlier deadline goes first, and of equal ones the earlier registration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    pub at: Instant,
    registration: u64,
}

/// One time-out.
#[derive(Clone, Debug, Default)]
pub struct Alarm {
    due: Option<Due>,
    order: Order,
}

impl Alarm {
    /// Makes a time-out that is not set, among others of the process with this order.
    pub fn new(order: &Order) -> Self {
        Alarm { due: None, order: order.clone() }
    }

    /// Sets or replaces the time-out.
    pub fn set(&mut self, deadline: Instant) {
        self.due = Some(self.order.due(deadline));
    }

    /// Brings a time-out that is set for later forward to `deadline`.
    //= hostap@2.10 src/utils/eloop.c#eloop_deplete_timeout
    pub fn bring_forward(&mut self, deadline: Instant) {
        if self.due.is_some_and(|due| deadline < due.at) {
            self.set(deadline);
        }
    }

    /// Forgets the time-out. Returns whether it was set.
    pub fn cancel(&mut self) -> bool {
        self.due.take().is_some()
    }

    /// Returns whether the time-out is set.
    pub fn is_set(&self) -> bool {
        self.due.is_some()
    }

    /// Returns the place of the time-out, if it is set.
    pub fn next(&self) -> Option<Due> {
        self.due
    }

    /// Forgets the time-out if it is due at `now`. Returns whether it was.
    pub fn take_due(&mut self, now: Instant) -> bool {
        self.due.take_if(|due| due.at <= now).is_some()
    }
}

/// The pending timers of a machine. `T` names them; setting a timer again replaces it.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    pending: Vec<(Due, T)>,
    order: Order,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers { pending: Vec::new(), order: Order::default() }
    }
}

impl<T> Timers<T> {
    /// Makes an empty set of timers, among others of the process with this order.
    pub fn new(order: &Order) -> Self {
        Timers { pending: Vec::new(), order: order.clone() }
    }
}

impl<T: Copy + PartialEq> Timers<T> {
    /// Sets or replaces a timer.
    pub fn set(&mut self, timer: T, deadline: Instant) {
        self.cancel(timer);
        self.pending.push((self.order.due(deadline), timer));
    }

    /// Sets a timer to the next time-out of a machine that keeps its own, or forgets the timer if the machine has none. A
    /// deadline that stays is not registered anew.
    pub fn follow(&mut self, timer: T, deadline: Option<Instant>) {
        match deadline {
            Some(at) if self.deadline(timer) != Some(at) => self.set(timer, at),
            Some(_) => {}
            None => {
                self.cancel(timer);
            }
        }
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
        self.pending.retain(|(_, t)| *t != timer);
        self.pending.len() != before
    }

    /// Forgets every timer.
    pub fn clear(&mut self) {
        self.pending.clear();
    }

    /// The timers that are set.
    pub fn armed(&self) -> impl Iterator<Item = T> {
        self.pending.iter().map(|(_, timer)| *timer)
    }

    /// Returns the time at which a timer fires, if it is set.
    pub fn deadline(&self, timer: T) -> Option<Instant> {
        self.pending.iter().find(|(_, t)| *t == timer).map(|(due, _)| due.at)
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<Instant> {
        self.next_due().map(|due| due.at)
    }

    /// Returns the place of the timer that fires first.
    pub fn next_due(&self) -> Option<Due> {
        self.pending.iter().map(|(due, _)| *due).min()
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn take_due(&mut self, now: Instant) -> Option<T> {
        let (index, _) = self
            .pending
            .iter()
            .enumerate()
            .filter(|(_, (due, _))| due.at <= now)
            .min_by_key(|(_, (due, _))| *due)?;
        Some(self.pending.remove(index).1)
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

    #[test]
    fn machines_of_one_process_share_the_order_of_registration() {
        let order = Order::default();
        let at = Instant::ZERO + Duration::from_millis(2);
        let (mut first, mut second) = (Timers::new(&order), Timers::new(&order));
        let mut alarm = Alarm::new(&order);
        second.set('b', at);
        alarm.set(at);
        first.set('a', at);
        assert!(second.next_due() < alarm.next() && alarm.next() < first.next_due());
        second.follow('b', Some(at));
        assert!(second.next_due() < alarm.next(), "a deadline that stays keeps its place");
        second.set('b', at);
        assert!(second.next_due() > first.next_due());
        assert!(alarm.take_due(at) && !alarm.is_set() && !alarm.cancel());
        second.follow('b', None);
        assert_eq!(second.next_due(), None);
    }
}
