//! The event queue: entries come out by (time, priority, sequence), never by what a heap does with
//! ties.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use wpasim_wire::time::Instant;

/// The order of entries at one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Priority {
    /// Refusals: they come before every other event of the instant.
    Refusal,
    /// Driver events on their way to an engine.
    Event,
    /// Frames and their acknowledgements.
    Air,
    /// Timers of the soft MAC.
    Mac,
    /// Timers of the soft MAC that end on a tick of the kernel, the one that was started last first.
    Tick,
    /// Driver events that such a timer caused. The lab's kernel does all that is due on a tick before a process runs, and
    /// of two processes that it wakes the one that was started later runs first most of the time, as it has run for less.
    Woken,
    /// Timers of engines.
    Engine,
}

/// One entry's place in the order; the value itself lies in the slab, so that the heap moves little.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    time: Instant,
    /// Priority in the top octet, sequence below it.
    rank: u64,
    slot: u32,
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        // Reversed: BinaryHeap gives the greatest first.
        (other.time, other.rank).cmp(&(self.time, self.rank))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A deterministic priority queue of timed values.
pub struct Queue<T> {
    heap: BinaryHeap<Place>,
    slab: Vec<Option<T>>,
    free: Vec<u32>,
    sequence: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue { heap: BinaryHeap::new(), slab: Vec::new(), free: Vec::new(), sequence: 0 }
    }
}

impl<T> Queue<T> {
    /// Returns the values in it, in no order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.slab.iter().flatten()
    }

    /// Adds an entry.
    pub fn push(&mut self, time: Instant, priority: Priority, value: T) {
        const LOW: u64 = (1 << 56) - 1;
        let sequence = self.sequence & LOW;
        let place = if priority == Priority::Tick { LOW - sequence } else { sequence };
        self.push_ranked(time, priority, place, value);
    }

    /// Adds an entry of [`Priority::Woken`] for a process, by the number in which the processes were started; what is for one
    /// process keeps its order.
    pub fn push_woken(&mut self, time: Instant, process: u32, value: T) {
        const LOW: u64 = (1 << 28) - 1;
        let place = ((LOW - (u64::from(process) & LOW)) << 28) | (self.sequence & LOW);
        self.push_ranked(time, Priority::Woken, place, value);
    }

    fn push_ranked(&mut self, time: Instant, priority: Priority, place_in_order: u64, value: T) {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slab.push(None);
                (self.slab.len() - 1) as u32
            }
        };
        if let Some(place) = self.slab.get_mut(slot as usize) {
            *place = Some(value);
        }
        let rank = (u64::from(priority as u8) << 56) | place_in_order;
        self.sequence += 1;
        self.heap.push(Place { time, rank, slot });
    }

    /// Takes the first entry.
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        let place = self.heap.pop()?;
        self.free.push(place.slot);
        let value = self.slab.get_mut(place.slot as usize)?.take()?;
        Some((place.time, value))
    }

    /// The first entry.
    pub fn peek(&self) -> Option<&T> {
        self.slab.get(self.heap.peek()?.slot as usize)?.as_ref()
    }

    /// Returns the time at which the first entry is due.
    pub fn next_time(&self) -> Option<Instant> {
        self.heap.peek().map(|p| p.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(us: i64) -> Instant {
        Instant::from_micros(us)
    }

    #[test]
    fn order_is_time_then_priority_then_sequence() {
        let mut q = Queue::default();
        q.push(at(5), Priority::Engine, "timer");
        q.push(at(5), Priority::Event, "first event");
        q.push(at(5), Priority::Event, "second event");
        q.push(at(5), Priority::Refusal, "refusal");
        q.push(at(4), Priority::Engine, "earlier");
        q.push(at(6), Priority::Refusal, "later");
        let mut out = Vec::new();
        while let Some((_, v)) = q.pop() {
            out.push(v);
        }
        assert_eq!(out, ["earlier", "refusal", "first event", "second event", "timer", "later"]);
    }

    #[test]
    fn slots_are_used_again() {
        let mut q = Queue::default();
        for round in 0..10 {
            for i in 0..100 {
                q.push(at(round * 100 + i), Priority::Mac, i);
            }
            for i in 0..100 {
                assert_eq!(q.pop(), Some((at(round * 100 + i), i)));
            }
        }
        assert_eq!(q.pop(), None);
        assert_eq!(q.slab.len(), 100);
    }
}
