//! The PMKSA cache (IEEE 802.11-2020 §12.6.8.3): master keys of earlier authentications. Connections here
//! leave none, so it holds what PMKSA_ADD puts in.

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use super::interface::{Cx, Interface, Timer};
use crate::config::text::hex;

/// pmksa_cache_max_entries of 2.10.
const MOST_ENTRIES: usize = 32;

/// A cached key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    /// The authenticator.
    pub aa: MacAddr,
    pub pmkid: [u8; 16],
    /// 32 to 64 octets.
    pub pmk: Vec<u8>,
    pub reauth_at: Instant,
    pub expires_at: Instant,
    /// 2.10's number of the key management suite (WPA_KEY_MGMT_*).
    pub akmp: i32,
    pub opportunistic: i32,
    pub fils_cache_id: Option<[u8; 2]>,
    /// The network block.
    pub network: i32,
}

impl Entry {
    fn ends(&self) -> String {
        self.fils_cache_id.map_or_else(String::new, |id| format!(" {}", hex(&id)))
    }
}

/// Whole seconds until `at`, as 2.10 counts them.
fn seconds_until(at: Instant, now: Instant) -> i64 {
    at.secs() - now.secs()
}

/// The entries, the one that expires first in front.
#[derive(Clone, Debug, Default)]
pub(crate) struct PmksaCache(Vec<Entry>);

impl PmksaCache {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// PMKSA.
    pub(crate) fn list(&self, now: Instant) -> String {
        let fils = self.0.iter().any(|e| e.fils_cache_id.is_some());
        let mut out = "Index / AA / PMKID / expiration (in seconds) / opportunistic".to_owned();
        out.push_str(if fils { " / FILS Cache Identifier\n" } else { "\n" });
        for (index, e) in self.0.iter().enumerate() {
            let left = seconds_until(e.expires_at, now);
            let (number, pmkid) = (index + 1, hex(&e.pmkid));
            out.push_str(&format!("{number} {} {pmkid} {left} {}{}\n", e.aa, e.opportunistic, e.ends()));
        }
        out
    }

    /// PMKSA_GET: what PMKSA_ADD takes.
    pub(crate) fn export(&self, now: Instant, network: i32) -> String {
        let line = |e: &Entry| {
            let (reauth, expires) = (seconds_until(e.reauth_at, now), seconds_until(e.expires_at, now));
            let (pmkid, pmk) = (hex(&e.pmkid), hex(&e.pmk));
            let (akmp, opportunistic) = (e.akmp, e.opportunistic);
            format!("{} {pmkid} {pmk} {reauth} {expires} {akmp} {opportunistic}{}\n", e.aa, e.ends())
        };
        self.0.iter().filter(|e| e.network == network).map(line).collect()
    }

    /// The entries that an entry replaces leave the cache: that of its authenticator, and with it those with
    /// the same key. `None` if the same entry is there.
    fn take_replaced(&mut self, entry: &Entry) -> Option<Vec<Entry>> {
        let Some(old) = self.0.iter().position(|e| e.aa == entry.aa) else { return Some(Vec::new()) };
        let same = |e: &Entry| e.pmk == entry.pmk && e.pmkid == entry.pmkid;
        if self.0.get(old).is_some_and(same) {
            return None;
        }
        let replaced = self.0.remove(old);
        let (mut gone, kept): (Vec<_>, Vec<_>) = core::mem::take(&mut self.0).into_iter().partition(|e| {
            replaced.opportunistic == 0 && e.network == entry.network && e.pmk == replaced.pmk
        });
        self.0 = kept;
        gone.push(replaced);
        Some(gone)
    }

    fn insert(&mut self, entry: Entry) {
        let at = self.0.partition_point(|e| e.expires_at <= entry.expires_at);
        self.0.insert(at, entry);
    }
}

impl Interface {
    /// Adds an entry.
    pub(crate) fn add_pmksa(&mut self, entry: Entry) {
        let Some(gone) = self.pmksa.take_replaced(&entry) else { return };
        gone.iter().for_each(|e| self.say_pmksa("REMOVED", e));
        if self.pmksa.0.len() >= MOST_ENTRIES {
            let oldest = self.pmksa.0.remove(0);
            self.say_pmksa("REMOVED", &oldest);
        }
        self.pmksa.insert(entry.clone());
        self.watch_pmksa();
        self.say_pmksa("ADDED", &entry);
    }

    /// Forgets the entries of a network; of all without one.
    pub(crate) fn flush_pmksa(&mut self, network: Option<i32>) {
        let of_network = |e: &Entry| network.is_none_or(|id| e.network == id);
        let (gone, kept) = core::mem::take(&mut self.pmksa.0).into_iter().partition(of_network);
        let gone: Vec<Entry> = gone;
        self.pmksa.0 = kept;
        gone.iter().for_each(|e| self.say_pmksa("REMOVED", e));
        self.watch_pmksa();
    }

    /// Entries expire.
    pub(crate) fn pmksa_timer(&mut self, cx: Cx<'_>) {
        while let Some(first) = self.pmksa.0.first().filter(|e| e.expires_at.secs() <= cx.now.secs()) {
            let first = first.clone();
            self.pmksa.0.remove(0);
            self.say_pmksa("REMOVED", &first);
        }
        self.watch_pmksa();
    }

    /// A second after the first of them expires, as 2.10 looks.
    fn watch_pmksa(&mut self) {
        match self.pmksa.0.first() {
            Some(first) => self.timers.set(Timer::Pmksa, first.expires_at + Duration::from_secs(1)),
            None => {
                self.timers.cancel(Timer::Pmksa);
            }
        }
    }

    fn say_pmksa(&mut self, what: &str, entry: &Entry) {
        self.info(&format!("PMKSA-CACHE-{what} {} {}", entry.aa, entry.network));
    }
}
