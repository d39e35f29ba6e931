//! cfg80211's BSS table (net/wireless/scan.c): one per radio, entries keyed by BSSID, channel and
//! SSID, hidden networks joined with their probe responses, forgotten after 30 s.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::ScanResult;
use wpasim_wire::elements::{eid, find};
use wpasim_wire::time::{Duration, Instant};

/// IEEE80211_SCAN_RESULT_EXPIRE.
const EXPIRE: Duration = Duration::from_secs(30);

/// bss_entries_limit: a flood of made-up networks pushes out the oldest.
const MOST_ENTRIES: usize = 1000;

/// The content of a beacon or probe response.
#[derive(Clone, Debug)]
pub(crate) struct Observed<'a> {
    pub bssid: MacAddr,
    pub freq: u32,
    pub from_beacon: bool,
    pub tsf: u64,
    pub interval: u16,
    pub capability: u16,
    pub ies: &'a [u8],
    pub signal_dbm: i32,
    pub now: Instant,
}

/// An entry.
#[derive(Clone, Debug)]
pub(crate) struct Bss {
    pub bssid: MacAddr,
    pub freq: u32,
    ssid: Option<Vec<u8>>,
    pub interval: u16,
    pub capability: u16,
    signal_dbm: i32,
    last_seen: Instant,
    probe_response: Option<Frame>,
    beacon: Option<Frame>,
    /// Its beacon is that of the hidden entry with the same BSSID and channel.
    hidden_parent: bool,
    /// Associated: the entry stays.
    held: bool,
}

#[derive(Clone, Debug)]
struct Frame {
    tsf: u64,
    ies: Vec<u8>,
}

/// Returns the way in which an SSID element hides the SSID.
fn is_hidden(ssid: Option<&[u8]>) -> bool {
    ssid.is_none_or(|s| s.iter().all(|b| *b == 0))
}

impl Bss {
    /// The elements that GET_SCAN calls the BSS's: the probe response's, or the beacon's.
    pub fn ies(&self) -> &[u8] {
        self.probe_response.as_ref().or(self.beacon.as_ref()).map_or(&[], |f| &f.ies)
    }

    /// Whether a request for an SSID means this entry.
    pub fn is_named(&self, ssid: &[u8]) -> bool {
        self.ssid.as_deref() == Some(ssid)
    }
}

/// The table of one radio.
#[derive(Default)]
pub(crate) struct BssTable {
    /// In the order of first sight.
    entries: Vec<Bss>,
}

impl BssTable {
    /// Takes in a beacon or probe response.
    pub fn update(&mut self, heard: &Observed<'_>) {
        let ssid = find(heard.ies, eid::SSID);
        let frame = Frame { tsf: heard.tsf, ies: heard.ies.to_vec() };
        let known = self
            .entries
            .iter()
            .position(|e| e.bssid == heard.bssid && e.freq == heard.freq && e.ssid.as_deref() == ssid);
        let hidden_beacon =
            if known.is_none() && !heard.from_beacon { self.hidden_entry(heard) } else { None };
        match known.and_then(|i| self.entries.get_mut(i)) {
            Some(entry) => {
                if heard.from_beacon && entry.hidden_parent {
                    // A beacon that shows what was hidden: cfg80211 calls it confusing and drops it.
                    return;
                }
                entry.refresh(heard, frame);
            }
            None => {
                let (probe_response, beacon) = if heard.from_beacon {
                    (None, Some(frame))
                } else {
                    (
                        Some(frame),
                        hidden_beacon.and_then(|i| self.entries.get(i)).and_then(|e| e.beacon.clone()),
                    )
                };
                self.entries.push(Bss {
                    bssid: heard.bssid,
                    freq: heard.freq,
                    ssid: ssid.map(<[u8]>::to_vec),
                    interval: heard.interval,
                    capability: heard.capability,
                    signal_dbm: heard.signal_dbm,
                    last_seen: heard.now,
                    probe_response,
                    beacon,
                    hidden_parent: hidden_beacon.is_some(),
                    held: false,
                });
                self.limit();
            }
        }
        if heard.from_beacon && is_hidden(ssid) {
            self.share_hidden_beacon(heard);
        }
    }

    /// Makes room for the newest entry.
    fn limit(&mut self) {
        if self.entries.len() <= MOST_ENTRIES {
            return;
        }
        let loose = self.entries.iter().enumerate().filter(|(_, e)| !e.held);
        if let Some((oldest, _)) = loose.min_by_key(|(_, e)| e.last_seen) {
            self.entries.remove(oldest);
        }
    }

    /// The entry of a hidden beacon that a new probe response belongs to.
    fn hidden_entry(&self, heard: &Observed<'_>) -> Option<usize> {
        self.entries.iter().position(|e| {
            e.bssid == heard.bssid
                && e.freq == heard.freq
                && e.beacon.is_some()
                && is_hidden(e.ssid.as_deref())
        })
    }

    /// Probe responses that came before or after a hidden beacon get it as theirs.
    fn share_hidden_beacon(&mut self, heard: &Observed<'_>) {
        let beacon = Frame { tsf: heard.tsf, ies: heard.ies.to_vec() };
        for e in &mut self.entries {
            let same = e.bssid == heard.bssid && e.freq == heard.freq;
            if same && !is_hidden(e.ssid.as_deref()) && (e.hidden_parent || e.beacon.is_none()) {
                e.beacon = Some(beacon.clone());
                e.hidden_parent = true;
            }
        }
    }

    /// The entry to authenticate or associate with.
    pub fn find(&self, bssid: MacAddr, freq: u32, ssid: &[u8], now: Instant) -> Option<&Bss> {
        self.entries
            .iter()
            .find(|e| e.bssid == bssid && e.freq == freq && e.is_named(ssid) && e.is_fresh(now))
    }

    /// A BSS went to another channel (cfg80211_update_assoc_bss_entry).
    pub fn change_channel(&mut self, bssid: MacAddr, from: u32, to: u32) {
        self.entries.retain(|e| e.bssid != bssid || e.freq != to);
        for e in self.entries.iter_mut().filter(|e| e.bssid == bssid && e.freq == from) {
            e.freq = to;
        }
    }

    /// Holds the entry of an association, or lets it go.
    pub fn hold(&mut self, bssid: MacAddr, freq: u32, ssid: &[u8], held: bool) {
        for e in &mut self.entries {
            if e.bssid == bssid && e.freq == freq && e.is_named(ssid) {
                e.held = held;
            }
        }
    }

    /// cfg80211_unlink_bss: the entry is gone until heard again.
    pub fn unlink(&mut self, bssid: MacAddr, freq: u32, ssid: &[u8]) {
        self.entries.retain(|e| e.held || !(e.bssid == bssid && e.freq == freq && e.is_named(ssid)));
    }

    /// Removes what has expired.
    pub fn expire(&mut self, now: Instant) {
        self.entries.retain(|e| e.is_fresh(now));
    }

    /// NL80211_SCAN_FLAG_FLUSH: a finished scan removes what it did not hear.
    pub fn flush_older_than(&mut self, start: Instant) {
        self.entries.retain(|e| e.held || e.last_seen >= start);
    }

    /// NL80211_CMD_GET_SCAN. `noise` gives the survey of a channel; `associated` the BSS in use.
    pub fn dump(
        &self,
        now: Instant,
        noise: impl Fn(u32) -> Option<i32>,
        associated: Option<(MacAddr, u32)>,
    ) -> Vec<ScanResult> {
        let fresh = self.entries.iter().filter(|e| e.is_fresh(now));
        fresh
            .map(|e| {
                let beacon_tsf = e.beacon.as_ref().map_or(0, |f| f.tsf);
                let response_tsf = e.probe_response.as_ref().map_or(0, |f| f.tsf);
                ScanResult {
                    bssid: e.bssid,
                    freq: e.freq,
                    beacon_interval: e.interval,
                    capability: e.capability,
                    signal_dbm: e.signal_dbm,
                    noise_dbm: noise(e.freq),
                    tsf: beacon_tsf.max(response_tsf),
                    last_seen: e.last_seen,
                    ies: e.ies().to_vec(),
                    beacon_ies: e.beacon.as_ref().map_or_else(Vec::new, |f| f.ies.clone()),
                    associated: e.held && associated == Some((e.bssid, e.freq)),
                }
            })
            .collect()
    }
}

impl Bss {
    fn is_fresh(&self, now: Instant) -> bool {
        self.held || now.saturating_since(self.last_seen) <= EXPIRE
    }

    fn refresh(&mut self, heard: &Observed<'_>, frame: Frame) {
        if heard.from_beacon {
            self.beacon = Some(frame);
        } else {
            self.probe_response = Some(frame);
        }
        self.interval = heard.interval;
        self.capability = heard.capability;
        self.signal_dbm = heard.signal_dbm;
        self.last_seen = heard.now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

    fn heard(from_beacon: bool, ies: &[u8], secs: i64) -> Observed<'_> {
        Observed {
            bssid: AP,
            freq: 2412,
            from_beacon,
            tsf: 1,
            interval: 100,
            capability: 0x401,
            ies,
            signal_dbm: -30,
            now: Instant::ZERO + Duration::from_secs(secs),
        }
    }

    fn dump(t: &BssTable, secs: i64) -> Vec<ScanResult> {
        t.dump(Instant::ZERO + Duration::from_secs(secs), |_| None, None)
    }

    #[test]
    fn entries_live_thirty_seconds_unless_held() {
        let mut t = BssTable::default();
        t.update(&heard(false, &[0, 1, b'a'], 0));
        assert_eq!(dump(&t, 30).len(), 1);
        assert_eq!(dump(&t, 31).len(), 0);
        t.hold(AP, 2412, b"a", true);
        assert_eq!(dump(&t, 31).len(), 1);
    }

    #[test]
    fn a_probe_response_wins_over_the_beacon() {
        let mut t = BssTable::default();
        t.update(&heard(true, &[0, 1, b'a', 5, 0], 0));
        t.update(&heard(false, &[0, 1, b'a'], 0));
        t.update(&heard(true, &[0, 1, b'a', 5, 0], 1));
        let all = dump(&t, 1);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].ies, [0, 1, b'a']);
        assert_eq!(all[0].beacon_ies, [0, 1, b'a', 5, 0]);
    }

    #[test]
    fn a_hidden_beacon_and_its_probe_response_share() {
        for beacon_first in [true, false] {
            let mut t = BssTable::default();
            let hidden = [0, 0, 1, 1, 2];
            if beacon_first {
                t.update(&heard(true, &hidden, 0));
            }
            t.update(&heard(false, &[0, 1, b'a'], 0));
            if !beacon_first {
                t.update(&heard(true, &hidden, 0));
            }
            let all = dump(&t, 0);
            assert_eq!(all.len(), 2);
            let named = all.iter().find(|r| r.ies == [0, 1, b'a']).unwrap();
            assert_eq!(named.beacon_ies, hidden);
        }
    }

    #[test]
    fn a_flood_of_networks_pushes_out_the_oldest() {
        let mut t = BssTable::default();
        t.update(&heard(false, &[0, 1, b'a'], 0));
        t.hold(AP, 2412, b"a", true);
        for i in 0..2000_u32 {
            let [_, _, high, low] = i.to_be_bytes();
            t.update(&heard(true, &[0, 2, high, low], 1));
        }
        let all = dump(&t, 1);
        assert_eq!(all.len(), MOST_ENTRIES);
        assert_eq!(all[0].ies, [0, 1, b'a']);
    }
}
