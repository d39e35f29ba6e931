//! BSSIDs that failed and are left out of the next selections (BSSID_IGNORE, once BLACKLIST).

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    bssid: MacAddr,
    count: u32,
    since: Instant,
    timeout: Duration,
}

/// The list, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct BssidIgnore(Vec<Entry>);

impl BssidIgnore {
    /// Counts one more failure; the new count.
    pub(super) fn add(&mut self, now: Instant, bssid: MacAddr) -> u32 {
        let Some(entry) = self.0.iter_mut().find(|e| e.bssid == bssid) else {
            self.0.insert(0, Entry { bssid, count: 1, since: now, timeout: Duration::from_secs(10) });
            return 1;
        };
        entry.since = now;
        entry.count += 1;
        entry.timeout = Duration::from_secs(match entry.count {
            0..=2 => 10,
            3 => 60,
            4 => 120,
            5 => 600,
            _ => 1800,
        });
        entry.count
    }

    /// Forgets one BSSID.
    pub(super) fn remove(&mut self, bssid: MacAddr) {
        self.0.retain(|e| e.bssid != bssid);
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// No entries.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of times that the BSSID failed, 0 if its time is over.
    pub(super) fn count(&self, now: Instant, bssid: MacAddr) -> u32 {
        match self.0.iter().find(|e| e.bssid == bssid) {
            Some(e) if now - e.since <= e.timeout => e.count,
            _ => 0,
        }
    }

    /// Returns what is wrong, if anything is.
    pub(super) fn invariant(&self) -> Result<(), &'static str> {
        if self.0.iter().any(|e| e.count == 0) {
            return Err("a BSSID is ignored that never failed");
        }
        // Only the newest can be new since the last look.
        let newest = self.0.split_first();
        if newest.is_some_and(|(newest, others)| others.iter().any(|e| e.bssid == newest.bssid)) {
            return Err("a BSSID is ignored twice");
        }
        Ok(())
    }

    /// The lines of BSSID_IGNORE.
    pub(super) fn list(&self) -> String {
        self.0.iter().map(|e| format!("{}\n", e.bssid)).collect()
    }
}
