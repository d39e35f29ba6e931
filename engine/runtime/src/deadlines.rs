//! Deadlines of many machines at once (a timer per station and purpose), ordered by time; equal
//! times by the order in which they were set.

use std::collections::BTreeMap;
use wpasim_wire::time::Instant;

/// At most one deadline for each key. All operations are logarithmic.
#[derive(Clone, Debug)]
pub struct Deadlines<K> {
    by_time: BTreeMap<(Instant, u64), K>,
    by_key: BTreeMap<K, (Instant, u64)>,
    sequence: u64,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Deadlines { by_time: BTreeMap::new(), by_key: BTreeMap::new(), sequence: 0 }
    }
}

impl<K: Ord + Copy> Deadlines<K> {
    /// Sets or replaces a deadline.
    pub fn set(&mut self, key: K, at: Instant) {
        self.cancel(key);
        self.sequence += 1;
        self.by_time.insert((at, self.sequence), key);
        self.by_key.insert(key, (at, self.sequence));
    }

    /// Sets a deadline to the next time-out of a machine that keeps its own, or forgets the deadline if the machine has none.
    /// A time-out that stays is not set anew.
    pub fn follow(&mut self, key: K, at: Option<Instant>) {
        match at {
            Some(at) if self.get(key) != Some(at) => self.set(key, at),
            Some(_) => {}
            None => self.cancel(key),
        }
    }

    /// Forgets a deadline.
    pub fn cancel(&mut self, key: K) {
        if let Some(place) = self.by_key.remove(&key) {
            self.by_time.remove(&place);
        }
    }

    /// Returns the time at which a key is due, if it is set.
    pub fn get(&self, key: K) -> Option<Instant> {
        self.by_key.get(&key).map(|(at, _)| *at)
    }

    /// The keys that have a deadline.
    pub fn keys(&self) -> impl Iterator<Item = K> {
        self.by_key.keys().copied()
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<Instant> {
        self.by_time.keys().next().map(|(at, _)| *at)
    }

    /// Takes the earliest key that is due.
    pub fn take_due(&mut self, now: Instant) -> Option<K> {
        let entry = self.by_time.first_entry()?;
        if entry.key().0 > now {
            return None;
        }
        let key = entry.remove();
        self.by_key.remove(&key);
        Some(key)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.by_time.clear();
        self.by_key.clear();
    }
}
