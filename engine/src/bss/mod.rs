//! The BSS table: what scans found, by the identifiers that BSS and CTRL-EVENT-BSS-* use.

pub mod flags;
pub mod throughput;

use crate::runtime::never;
use wpasim_wire::driver::ScanResult;
use wpasim_wire::elements::{self, eid};
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::{MacAddr, Ssid};

/// Capability bits of beacons (IEEE 802.11-2020 §9.4.1.4).
pub mod capability {
    pub const ESS: u16 = 1 << 0;
    pub const IBSS: u16 = 1 << 1;
    pub const PRIVACY: u16 = 1 << 4;
}

/// OUI and type of vendor-specific elements.
pub mod vendor {
    pub const WPA: u32 = 0x0050_f201;
    pub const WPS: u32 = 0x0050_f204;
    pub const P2P: u32 = 0x506f_9a09;
    pub const HS20: u32 = 0x506f_9a10;
    pub const OSEN: u32 = 0x506f_9a12;
    pub const OWE: u32 = 0x506f_9a1c;
}

/// The noise that 2.10 assumes if a scan left no survey, in dBm.
const DEFAULT_NOISE_2GHZ: i32 = -89;
const DEFAULT_NOISE_5GHZ: i32 = -92;

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bss {
    pub id: u32,
    pub bssid: MacAddr,
    pub ssid: Ssid,
    /// In MHz.
    pub freq: u32,
    /// In TU.
    pub beacon_interval: u16,
    pub capability: u16,
    /// In dBm.
    pub level: i32,
    /// In dBm.
    pub noise: i32,
    /// In dB.
    pub snr: i32,
    /// In kbit/s.
    pub est_throughput: u32,
    /// The AP's timestamp, in µs.
    pub tsf: u64,
    pub last_update: Instant,
    /// The number of the table update that last saw it.
    pub update_idx: u32,
    pub ies: Vec<u8>,
    pub beacon_ies: Vec<u8>,
    scan_miss_count: u32,
}

impl Bss {
    /// An element of the probe response (or beacon), header included.
    pub fn ie(&self, id: u8) -> Option<&[u8]> {
        elements::find_whole(&self.ies, id)
    }

    /// A vendor-specific element, header included.
    pub fn vendor_ie(&self, oui_type: u32) -> Option<&[u8]> {
        elements::find_vendor(&self.ies, oui_type)
    }

    /// The same, in the beacon.
    pub fn vendor_ie_beacon(&self, oui_type: u32) -> Option<&[u8]> {
        elements::find_vendor(&self.beacon_ies, oui_type)
    }
}

/// A scan result with what 2.10 derives from it before the table sees it.
#[derive(Clone, Debug)]
pub struct RatedResult {
    pub result: ScanResult,
    pub noise: i32,
    pub snr: i32,
    pub est_throughput: u32,
}

impl RatedResult {
    /// Derives noise, signal-to-noise ratio and throughput. `ht` says whether the interface has HT.
    pub fn new(result: ScanResult, ht: bool) -> Self {
        let default = if result.freq > 4000 { DEFAULT_NOISE_5GHZ } else { DEFAULT_NOISE_2GHZ };
        let noise = result.noise_dbm.unwrap_or(default);
        let snr = result.signal_dbm - noise;
        let ies = if result.ies.is_empty() { &result.beacon_ies } else { &result.ies };
        let est_throughput = throughput::estimate(ies, snr, ht);
        RatedResult { noise, snr, est_throughput, result }
    }

    fn is_protected(&self) -> bool {
        elements::find_vendor(&self.result.ies, vendor::WPA).is_some()
            || elements::find_whole(&self.result.ies, eid::RSN).is_some()
    }
}

/// 2.10's order of scan results, best first: protected, private, throughput, band, signal.
pub fn compare_results(a: &RatedResult, b: &RatedResult) -> core::cmp::Ordering {
    use core::cmp::Ordering::Equal;
    let order = b.is_protected().cmp(&a.is_protected());
    if order != Equal {
        return order;
    }
    let private = |r: &RatedResult| r.result.capability & capability::PRIVACY != 0;
    let order = private(b).cmp(&private(a));
    if order != Equal {
        return order;
    }
    const GREAT_SNR: i32 = 25;
    let (snr_a, snr_b) = (a.snr.min(GREAT_SNR), b.snr.min(GREAT_SNR));
    let known = snr_a != 0 && snr_b != 0;
    if known && (snr_b - snr_a).abs() < 7 && a.est_throughput != b.est_throughput {
        return b.est_throughput.cmp(&a.est_throughput);
    }
    if known && (snr_b - snr_a).abs() < 5 {
        let five = |r: &RatedResult| r.result.freq > 4000;
        let order = five(b).cmp(&five(a));
        if order != Equal {
            return order;
        }
    }
    b.snr.cmp(&a.snr)
}

/// A change of the table that the control interface reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    Added { id: u32, bssid: MacAddr },
    Removed { id: u32, bssid: MacAddr },
}

/// The BSS in use, which keeps its entry in the table.
#[derive(Clone, Debug, Default)]
pub struct InUse {
    pub current: Option<u32>,
    pub bssid: MacAddr,
    pub pending_bssid: MacAddr,
}

/// The extent of a scan; entries outside it do not age by scan.
#[derive(Clone, Debug, Default)]
pub struct Covered {
    pub freqs: Vec<u32>,
    pub ssids: Vec<Ssid>,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct BssTable {
    /// In the order of identifiers.
    entries: Vec<Bss>,
    /// Identifiers from the entry updated longest ago to the newest.
    by_age: Vec<u32>,
    next_id: u32,
    update_idx: u32,
    /// Identifiers of the last update, in the order of the scan results.
    pub last_scan: Vec<u32>,
    /// The time at which the last update ended.
    pub last_scan_time: Option<Instant>,
}

impl BssTable {
    /// Entries in the order of identifiers.
    pub fn iter(&self) -> impl Iterator<Item = &Bss> {
        self.entries.iter()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// By identifier.
    pub fn get(&self, id: u32) -> Option<&Bss> {
        self.entries.binary_search_by_key(&id, |b| b.id).ok().map(|i| &self.entries[i])
    }

    /// A BSS in use went to another channel, in MHz.
    pub fn set_freq(&mut self, id: u32, freq: u32) {
        if let Some(bss) = self.get_mut(id) {
            bss.freq = freq;
        }
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Bss> {
        self.entries.binary_search_by_key(&id, |b| b.id).ok().map(|i| &mut self.entries[i])
    }

    /// By BSSID and SSID, the newest first.
    pub fn find(&self, bssid: MacAddr, ssid: &Ssid) -> Option<&Bss> {
        self.by_age.iter().rev().filter_map(|id| self.get(*id)).find(|b| b.bssid == bssid && b.ssid == *ssid)
    }

    /// By BSSID, the newest first.
    pub fn find_bssid(&self, bssid: MacAddr) -> Option<&Bss> {
        self.by_age.iter().rev().filter_map(|id| self.get(*id)).find(|b| b.bssid == bssid)
    }

    /// Whether the last update saw the entry.
    pub fn is_current(&self, bss: &Bss) -> bool {
        bss.update_idx >= self.update_idx
    }

    /// Starts an update; every result that follows carries its number.
    pub fn begin_update(&mut self) {
        self.update_idx += 1;
        self.last_scan.clear();
    }

    /// Enters one scan result. `max` bounds the table; `wanted` says which entries a configured
    /// network could use, they are evicted last.
    pub fn update(
        &mut self,
        rated: &RatedResult,
        max: usize,
        in_use: &InUse,
        wanted: impl Fn(&Bss) -> bool,
    ) -> Vec<Change> {
        let result = &rated.result;
        let Some(ssid) = elements::find(&result.ies, eid::SSID).and_then(|s| Ssid::new(s).ok()) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        let id = match self.find(result.bssid, &ssid).map(|b| b.id) {
            Some(id) => {
                self.refresh(id, rated);
                id
            }
            None => {
                let id = self.next_id;
                self.next_id += 1;
                if self.entries.len() + 1 > max {
                    changes.extend(self.evict(in_use, wanted));
                }
                self.entries.push(self.entry(id, ssid, rated));
                self.by_age.push(id);
                changes.push(Change::Added { id, bssid: result.bssid });
                id
            }
        };
        if !self.last_scan.contains(&id) {
            self.last_scan.push(id);
        }
        changes
    }

    fn entry(&self, id: u32, ssid: Ssid, rated: &RatedResult) -> Bss {
        let r = &rated.result;
        Bss {
            id,
            bssid: r.bssid,
            ssid,
            freq: r.freq,
            beacon_interval: r.beacon_interval,
            capability: r.capability,
            level: r.signal_dbm,
            noise: rated.noise,
            snr: rated.snr,
            est_throughput: rated.est_throughput,
            tsf: r.tsf,
            last_update: r.last_seen,
            update_idx: self.update_idx,
            ies: r.ies.clone(),
            beacon_ies: r.beacon_ies.clone(),
            scan_miss_count: 0,
        }
    }

    fn refresh(&mut self, id: u32, rated: &RatedResult) {
        let update_idx = self.update_idx;
        let Some(old) = self.get(id) else { return never!("the entry is in the table") };
        // A second entry of one BSS in the same dump is an older frame unless it is newer by time.
        if old.update_idx == update_idx
            && !(rated.result.associated || old.last_update < rated.result.last_seen)
        {
            return;
        }
        let fresh = self.entry(id, old.ssid.clone(), rated);
        if let Some(slot) = self.get_mut(id) {
            *slot = fresh;
        }
        self.by_age.retain(|other| *other != id);
        self.by_age.push(id);
    }

    fn evict(&mut self, in_use: &InUse, wanted: impl Fn(&Bss) -> bool) -> Option<Change> {
        let unknown = self.by_age.iter().copied().find(|id| self.get(*id).is_some_and(|b| !wanted(b)));
        let idle = || {
            self.by_age.iter().copied().find(|id| self.get(*id).is_some_and(|b| !self.is_in_use(b, in_use)))
        };
        unknown.or_else(idle).and_then(|id| self.remove(id))
    }

    /// Removes an entry.
    pub fn remove(&mut self, id: u32) -> Option<Change> {
        let index = self.entries.binary_search_by_key(&id, |b| b.id).ok()?;
        let gone = self.entries.remove(index);
        self.by_age.retain(|other| *other != id);
        self.last_scan.retain(|other| *other != id);
        Some(Change::Removed { id, bssid: gone.bssid })
    }

    fn is_in_use(&self, bss: &Bss, in_use: &InUse) -> bool {
        if in_use.current == Some(bss.id) {
            return true;
        }
        if let Some(current) = in_use.current.and_then(|id| self.get(id))
            && current.ssid != bss.ssid
        {
            return false;
        }
        !bss.bssid.is_zero() && (bss.bssid == in_use.bssid || bss.bssid == in_use.pending_bssid)
    }

    /// Ends an update: entries that `expire_count` scans covered but did not see are removed.
    pub fn end_update(
        &mut self,
        now: Instant,
        aborted: bool,
        covered: &Covered,
        expire_count: u32,
        in_use: &InUse,
    ) -> Vec<Change> {
        self.last_scan_time = Some(now);
        if aborted {
            return Vec::new();
        }
        let mut gone = Vec::new();
        for id in self.by_age.clone() {
            let Some(bss) = self.get(id) else { continue };
            if self.is_in_use(bss, in_use) || !is_covered(bss, covered) {
                continue;
            }
            let seen = bss.update_idx >= self.update_idx;
            let Some(bss) = self.get_mut(id) else { continue };
            if !seen {
                bss.scan_miss_count += 1;
            }
            if bss.scan_miss_count >= expire_count {
                gone.extend(self.remove(id));
            }
        }
        gone
    }

    /// Removes entries last updated more than `age` ago (BSS_FLUSH, and the periodic expiry).
    pub fn flush_by_age(&mut self, now: Instant, age: Duration, in_use: &InUse) -> Vec<Change> {
        let limit = now - age;
        let mut gone = Vec::new();
        for id in self.by_age.clone() {
            let Some(bss) = self.get(id) else { continue };
            if self.is_in_use(bss, in_use) {
                continue;
            }
            if bss.last_update >= limit {
                break;
            }
            gone.extend(self.remove(id));
        }
        gone
    }

    /// Removes every entry that is not in use.
    pub fn flush(&mut self, in_use: &InUse) -> Vec<Change> {
        let idle: Vec<u32> = self
            .by_age
            .iter()
            .copied()
            .filter(|id| self.get(*id).is_some_and(|b| !self.is_in_use(b, in_use)))
            .collect();
        idle.into_iter().filter_map(|id| self.remove(id)).collect()
    }
}

/// Whether a scan of those channels and SSIDs would have shown this BSS.
fn is_covered(bss: &Bss, covered: &Covered) -> bool {
    if !covered.freqs.is_empty() && !covered.freqs.contains(&bss.freq) {
        return false;
    }
    covered.ssids.is_empty() || covered.ssids.iter().any(|s| s.is_empty() || *s == bss.ssid)
}
