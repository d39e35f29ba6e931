//! The processor on which a guest runs. Its kernel and its programs are processes of the host's that take
//! turns, never two at a time: on one processor each turn costs a third of what it costs across two.

use std::sync::{Mutex, PoisonError};

use rustix::thread::{CpuSet, sched_getaffinity};

/// The number of guests of this process on each processor.
static GUESTS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A guest's place on a processor, given back when this is dropped.
pub(super) struct Processor(usize);

impl Processor {
    /// The processor with the fewest guests among those that this process may use; nothing if the
    /// host does not say.
    pub fn take() -> Option<Processor> {
        let allowed = sched_getaffinity(None).ok()?;
        let mut guests = GUESTS.lock().unwrap_or_else(PoisonError::into_inner);
        guests.resize(CpuSet::MAX_CPU, 0);
        let usable = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
        let chosen = usable.min_by_key(|cpu| guests.get(*cpu).copied())?;
        *guests.get_mut(chosen)? += 1;
        Some(Processor(chosen))
    }

    /// Its number, as taskset wants it.
    pub fn number(&self) -> String {
        self.0.to_string()
    }
}

impl Drop for Processor {
    fn drop(&mut self) {
        if let Some(count) = GUESTS.lock().unwrap_or_else(PoisonError::into_inner).get_mut(self.0) {
            *count = count.saturating_sub(1);
        }
    }
}
