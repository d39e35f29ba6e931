//! The limits of the next scans, by commands and by what is known of the ESS.

use wpasim_wire::driver::RandomAddr;
use wpasim_wire::{MacAddr, Ssid};

use crate::supplicant::interface::manual_scan::ManualScan;

/// The limits of the next scans.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScanWishes {
    manual: ManualScan,
    /// The number of the last SCAN command with `use_id=1`.
    manual_id: u32,
    /// Channels for the next scan only, from what is known of the ESS.
    next_freqs: Vec<u32>,
    /// Channels of SELECT_NETWORK for the next scan only.
    select_freqs: Vec<u32>,
    /// The BSS that the next scan probes, and whether with the wildcard SSID.
    next_bssid: Option<(MacAddr, bool)>,
    /// SET bssid_filter: results of other BSSs are dropped; empty: of none.
    bssid_filter: Vec<MacAddr>,
    /// SET setband: whether scans keep to 2.4, 5 and 6 GHz; none of them: to no band.
    bands: [bool; 3],
    /// Whether the driver forgets its results with the next scan (BSS_FLUSH).
    clear_driver_cache: bool,
    /// MAC_RAND_SCAN: the source of probe requests.
    random_addr: Option<RandomAddr>,
}

impl ScanWishes {
    /// Takes the arguments of a SCAN command. Returns the number of the scan if one was asked for.
    pub(crate) fn scan_is_commanded(&mut self, manual: ManualScan) -> Option<u32> {
        self.manual_id += u32::from(manual.use_id);
        self.manual = manual;
        self.scan_id()
    }

    pub(crate) fn manual(&self) -> &ManualScan {
        &self.manual
    }

    /// Returns the number of the commanded scan if it is to be told with its events.
    pub(crate) fn scan_id(&self) -> Option<u32> {
        self.manual.use_id.then_some(self.manual_id)
    }

    /// Takes the number of the commanded scan: its results are there.
    pub(crate) fn take_scan_id(&mut self) -> Option<u32> {
        core::mem::take(&mut self.manual.use_id).then_some(self.manual_id)
    }

    /// Takes whether the commanded scan is for its results only.
    pub(crate) fn take_only(&mut self) -> bool {
        core::mem::take(&mut self.manual.only)
    }

    /// Lets the next results be used for a connection: the commanded scan is given up.
    pub(crate) fn commanded_scan_is_given_up(&mut self) {
        self.manual.only = false;
    }

    /// Takes the channels of the commanded scan, in MHz.
    pub(crate) fn take_manual_freqs(&mut self) -> Vec<u32> {
        core::mem::take(&mut self.manual.freqs)
    }

    /// Keeps the channels of a commanded scan that could not be made, for its repetition.
    pub(crate) fn keep_manual_freqs(&mut self, freqs: Vec<u32>) {
        if self.manual.freqs.is_empty() {
            self.manual.freqs = freqs;
        }
    }

    /// Limits the next scan to channels on which the ESS is known, in MHz.
    pub(crate) fn limit_to_ess(&mut self, freqs: Vec<u32>) {
        self.next_freqs = freqs;
    }

    /// Forgets the channels of the ESS: another network is selected.
    pub(crate) fn forget_ess(&mut self) {
        self.next_freqs.clear();
    }

    /// Takes the channels of the ESS.
    pub(crate) fn take_ess_freqs(&mut self) -> Vec<u32> {
        core::mem::take(&mut self.next_freqs)
    }

    /// Limits the next scan to the channels of SELECT_NETWORK, in MHz.
    pub(crate) fn limit_to_selection(&mut self, freqs: Vec<u32>) {
        self.select_freqs = freqs;
    }

    /// Takes the channels of SELECT_NETWORK.
    pub(crate) fn take_selection_freqs(&mut self) -> Vec<u32> {
        core::mem::take(&mut self.select_freqs)
    }

    /// Lets the next scan probe one BSS.
    pub(crate) fn probe_bss(&mut self, bssid: MacAddr, wildcard_ssid: bool) {
        self.next_bssid = Some((bssid, wildcard_ssid));
    }

    /// Returns the BSS that the next scan probes, and whether with the wildcard SSID.
    pub(crate) fn probed_bss(&self) -> Option<(MacAddr, bool)> {
        self.next_bssid
    }

    /// Forgets the BSS to probe: its scan waits for the radio.
    pub(crate) fn scan_is_queued(&mut self) {
        self.next_bssid = None;
    }

    /// Keeps only results of these BSSs, of all if the list is empty.
    pub(crate) fn filter_bssids(&mut self, bssids: Vec<MacAddr>) {
        self.bssid_filter = bssids;
    }

    /// Returns whether results of this BSS are kept.
    pub(crate) fn keeps_bssid(&self, bssid: MacAddr) -> bool {
        self.bssid_filter.is_empty() || self.bssid_filter.contains(&bssid)
    }

    /// Keeps scans to bands: 2.4, 5 and 6 GHz; none of them is no limit.
    pub(crate) fn keep_to_bands(&mut self, bands: [bool; 3]) {
        self.bands = bands;
    }

    /// Returns the bands to which scans keep, `None` without a limit.
    pub(crate) fn bands(&self) -> Option<[bool; 3]> {
        Some(self.bands).filter(|bands| bands.contains(&true))
    }

    /// Lets the driver forget its results with the next scan.
    pub(crate) fn clear_driver_cache(&mut self) {
        self.clear_driver_cache = true;
    }

    /// Takes whether the driver forgets its results.
    pub(crate) fn take_cache_clearing(&mut self) -> bool {
        core::mem::take(&mut self.clear_driver_cache)
    }

    /// Sets the source of probe requests, the own address without one.
    pub(crate) fn randomize_addr(&mut self, addr: Option<RandomAddr>) {
        self.random_addr = addr;
    }

    pub(crate) fn random_addr(&self) -> Option<RandomAddr> {
        self.random_addr
    }

    /// Forgets the limits of the next scan; the driver's results go too (FLUSH).
    pub(crate) fn flush(&mut self) {
        self.next_freqs.clear();
        self.next_bssid = None;
        self.select_freqs.clear();
        self.clear_driver_cache = true;
    }

    /// Returns the SSIDs that a SCAN command names, `None` if it names none.
    pub(crate) fn commanded_ssids(&self) -> Option<&[Ssid]> {
        Some(self.manual.ssids.as_slice()).filter(|ssids| !ssids.is_empty())
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.manual.use_id && self.manual_id == 0 {
            return Err("a scan is to tell a number that it was not given");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_only_where_it_is_asked_for() {
        let mut wishes = ScanWishes::default();
        let with_id = ManualScan { use_id: true, freqs: vec![2412], ..ManualScan::default() };
        assert_eq!(wishes.scan_is_commanded(ManualScan::default()), None);
        assert_eq!(wishes.scan_is_commanded(with_id), Some(1));
        assert_eq!(
            (wishes.scan_id(), wishes.take_scan_id(), wishes.take_scan_id()),
            (Some(1), Some(1), None)
        );
        assert_eq!(wishes.take_manual_freqs(), [2412]);
        wishes.keep_manual_freqs(vec![2437]);
        wishes.keep_manual_freqs(vec![2462]);
        assert_eq!((wishes.take_manual_freqs(), wishes.invariant()), (vec![2437], Ok(())));
    }

    #[test]
    fn an_empty_filter_keeps_every_result() {
        let mut wishes = ScanWishes::default();
        assert!(wishes.keeps_bssid(MacAddr::BROADCAST) && wishes.bands().is_none());
        wishes.filter_bssids(vec![MacAddr::ZERO]);
        assert!(!wishes.keeps_bssid(MacAddr::BROADCAST) && wishes.keeps_bssid(MacAddr::ZERO));
    }
}
