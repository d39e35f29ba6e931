//! The use of the PMKSA cache by an interface: events about its entries, and the timer of their end.

use wpasim_wire::time::Duration;

use super::interface::pmksa_entry::Entry;
use super::interface::{Interface, InterfaceContext, Timer};

impl Interface {
    /// Adds an entry.
    pub(crate) fn add_pmksa(&mut self, entry: Entry) {
        let Some(gone) = self.pmksa.add(entry.clone()) else { return };
        self.pmksa_entries_gone(&gone);
        self.say_pmksa("ADDED", &entry);
    }

    /// Forgets the entries of a network; of all without one.
    pub(crate) fn flush_pmksa(&mut self, network: Option<i32>) {
        let gone = self.pmksa.flush(network);
        self.pmksa_entries_gone(&gone);
    }

    /// Removes the entries that have expired.
    pub(crate) fn pmksa_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        let gone = self.pmksa.take_expired(cx.now);
        self.pmksa_entries_gone(&gone);
    }

    /// Tells of entries that are gone. The next look is a second after the first of the others expires, as in 2.10.
    fn pmksa_entries_gone(&mut self, gone: &[Entry]) {
        gone.iter().for_each(|e| self.say_pmksa("REMOVED", e));
        match self.pmksa.next_expiry() {
            Some(at) => self.timers.set(Timer::Pmksa, at + Duration::from_secs(1)),
            None => {
                self.timers.cancel(Timer::Pmksa);
            }
        }
    }

    fn say_pmksa(&mut self, what: &str, entry: &Entry) {
        self.info(&format!("PMKSA-CACHE-{what} {} {}", entry.aa, entry.network));
    }
}
