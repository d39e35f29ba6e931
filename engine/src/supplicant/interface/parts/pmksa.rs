//! The PMKSA cache (IEEE 802.11-2020 §12.6.8.3): master keys of earlier authentications. Connections here leave none, so
//! that it holds what PMKSA_ADD puts in.

use wpasim_wire::time::Instant;

use crate::config::text::hex;
use crate::supplicant::interface::pmksa_entry::Entry;

/// pmksa_cache_max_entries of 2.10.
const MOST_ENTRIES: usize = 32;

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

    /// Adds an entry. Returns those that leave the cache for it, the last of them for want of room; `None` if it is there
    /// already.
    pub(crate) fn add(&mut self, entry: Entry) -> Option<Vec<Entry>> {
        let mut gone = self.take_replaced(&entry)?;
        if self.0.len() >= MOST_ENTRIES {
            gone.push(self.0.remove(0));
        }
        let at = self.0.partition_point(|e| e.expires_at <= entry.expires_at);
        self.0.insert(at, entry);
        Some(gone)
    }

    /// Forgets the entries of a network, of all without one. Returns them.
    pub(crate) fn flush(&mut self, network: Option<i32>) -> Vec<Entry> {
        let of_network = |e: &Entry| network.is_none_or(|id| e.network == id);
        let (gone, kept) = core::mem::take(&mut self.0).into_iter().partition(of_network);
        self.0 = kept;
        gone
    }

    /// Takes the entries that have expired.
    pub(crate) fn take_expired(&mut self, now: Instant) -> Vec<Entry> {
        let count = self.0.iter().take_while(|e| e.expires_at.secs() <= now.secs()).count();
        self.0.drain(..count).collect()
    }

    /// Returns when the first entry expires.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.0.first().map(|e| e.expires_at)
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.0.len() > MOST_ENTRIES {
            return Err("the PMKSA cache has grown beyond its size");
        }
        if !self.0.is_sorted_by_key(|e| e.expires_at) {
            return Err("the PMKSA cache is not ordered by the end of its entries");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wpasim_wire::MacAddr;
    use wpasim_wire::time::Duration;

    fn entry(aa: u8, pmk: u8, seconds: i64) -> Entry {
        let expires_at = Instant::ZERO + Duration::from_secs(seconds);
        Entry {
            aa: MacAddr([2, 0, 0, 0, 0, aa]),
            pmkid: [pmk; 16],
            pmk: vec![pmk; 32],
            reauth_at: expires_at,
            expires_at,
            akmp: 2,
            opportunistic: 0,
            fils_cache_id: None,
            network: 0,
        }
    }

    #[test]
    fn entries_leave_in_the_order_of_their_ends() {
        let mut cache = PmksaCache::default();
        for n in 0..MOST_ENTRIES as u8 {
            assert_eq!(cache.add(entry(n, n, 100 - i64::from(n))), Some(Vec::new()));
        }
        assert_eq!(cache.invariant(), Ok(()));
        assert_eq!(cache.add(entry(3, 3, 97)), None, "it is there");
        let first = MOST_ENTRIES as u8 - 1;
        assert_eq!(cache.add(entry(40, 40, 500)), Some(vec![entry(first, first, 100 - i64::from(first))]));
        assert_eq!(cache.take_expired(Instant::ZERO + Duration::from_secs(70)).len(), 1);
        assert_eq!(cache.flush(Some(1)), []);
        assert_eq!(cache.flush(None).len(), MOST_ENTRIES - 1);
        assert_eq!((cache.next_expiry(), cache.is_empty()), (None, true));
    }

    #[test]
    fn a_new_key_of_an_authenticator_replaces_the_old_one() {
        let mut cache = PmksaCache::default();
        cache.add(entry(1, 1, 10));
        cache.add(entry(2, 1, 20));
        assert_eq!(cache.add(entry(1, 9, 30)), Some(vec![entry(2, 1, 20), entry(1, 1, 10)]));
    }
}
