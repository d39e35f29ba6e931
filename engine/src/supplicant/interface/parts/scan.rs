//! The course of scanning: what the next scan is for, which one runs, and who waits for its results.

use wpasim_wire::time::{Duration, Instant};

use super::auto_scan::AutoScan;
use crate::supplicant::p2p::ScanFor;
use crate::supplicant::state::{ScanPurpose, WpaState};

/// The interval in seconds when nobody sets one.
const DEFAULT_INTERVAL: i64 = 5;

/// The state of scanning of one interface.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    /// The purpose of the next run of the scan timer.
    purpose: ScanPurpose,
    /// The purpose of the last run.
    last_purpose: ScanPurpose,
    /// Whether a scan runs, an own one or one that was told of.
    scanning: bool,
    /// Whether an own request was accepted and its start not yet reported.
    own_requested: bool,
    own_running: bool,
    /// In seconds (SCAN_INTERVAL).
    interval: i64,
    /// The state before a scan for a connection began.
    previous_state: WpaState,
    /// The network at which the round in AP_SCAN 2 stopped.
    previous_network: Option<i32>,
    /// The module of AUTOSCAN.
    auto: Option<AutoScan>,
    /// Whether FLUSH ended the scan: its results are those of before.
    ignore_results: bool,
    /// The user of the scan that was asked of the driver last, if it is not the interface itself.
    for_p2p: Option<ScanFor>,
    /// The user of the scan that ran when that one was asked for: it goes on if the driver refuses.
    for_p2p_before: Option<ScanFor>,
    /// The moment at which the last own scan began.
    began: Instant,
}

impl Scan {
    /// Begins with the default interval: the interface starts.
    pub(crate) fn start(&mut self) {
        self.interval = DEFAULT_INTERVAL;
    }

    /// Takes note that an own scan begins.
    pub(crate) fn began_at(&mut self, now: Instant) {
        self.began = now;
    }

    /// Returns whether a result that the driver last heard at this moment is not older than the scan. The driver tells
    /// its age in whole milliseconds.
    //= hostap@2.10 wpa_supplicant/bss.c#wpa_bss_update_scan_res
    pub(crate) fn is_new(&self, now: Instant, last_seen: Instant) -> bool {
        now - Duration::from_millis((now - last_seen).millis()) >= self.began
    }

    /// Plans what the next scan is for.
    pub(crate) fn plan(&mut self, purpose: ScanPurpose) {
        self.purpose = purpose;
    }

    /// Plans the last scan again, which could not be made.
    pub(crate) fn plan_again(&mut self) {
        self.purpose = self.last_purpose;
    }

    /// Carries the plan out; the next scan is a normal one.
    pub(crate) fn take_plan(&mut self) {
        self.last_purpose = core::mem::take(&mut self.purpose);
    }

    /// Keeps the state to which the interface returns if the scan finds nothing.
    pub(crate) fn leave_state(&mut self, state: WpaState) {
        self.previous_state = state;
    }

    /// Takes the results of scans to be true again.
    pub(crate) fn trust_results(&mut self) {
        self.ignore_results = false;
    }

    /// Ignores the results of the scan that runs (FLUSH).
    pub(crate) fn distrust_results(&mut self) {
        self.ignore_results = true;
    }

    /// Returns whether the results that are there are ignored; those of the next scan are not.
    pub(crate) fn take_distrust(&mut self) -> bool {
        core::mem::take(&mut self.ignore_results)
    }

    /// Takes note that the radio is free for a scan.
    pub(crate) fn scanning_begins(&mut self) {
        self.scanning = true;
    }

    /// Takes note that no scan runs.
    pub(crate) fn scanning_ends(&mut self) {
        self.scanning = false;
    }

    /// Asks the driver for a scan. If it refuses, the results of one that runs are for whom they were.
    pub(crate) fn is_requested_for(&mut self, purpose: Option<ScanFor>) {
        let runs = self.own_running || self.own_requested;
        self.for_p2p_before = self.for_p2p.filter(|_| runs);
        self.for_p2p = purpose;
        self.own_requested = true;
    }

    /// Takes note that the driver refused the scan. Returns who wanted it, if it is not the interface itself.
    pub(crate) fn is_refused(&mut self) -> Option<ScanFor> {
        self.own_requested = false;
        core::mem::replace(&mut self.for_p2p, self.for_p2p_before.take())
    }

    /// Gives a refused scan up.
    pub(crate) fn is_given_up(&mut self) {
        self.for_p2p = None;
    }

    /// Takes note that a scan has begun. Returns whether it is an own one.
    pub(crate) fn has_begun(&mut self) -> bool {
        self.own_running = core::mem::take(&mut self.own_requested);
        self.own_running
    }

    /// Takes note that a scan is over. Returns whether it was an own one.
    pub(crate) fn is_over(&mut self) -> bool {
        self.scanning = false;
        core::mem::take(&mut self.own_running)
    }

    /// Takes who waits for the results, if it is not the interface itself.
    pub(crate) fn take_waiting(&mut self) -> Option<ScanFor> {
        self.for_p2p.take()
    }

    /// Lets the results of a scan that was for one purpose count for another. Returns whether the scan was for it.
    pub(crate) fn is_for_another(&mut self, was: ScanFor, is: ScanFor) -> bool {
        let found = self.for_p2p == Some(was);
        if found {
            self.for_p2p = Some(is);
        }
        found
    }

    /// Sets the seconds between scans.
    pub(crate) fn set_interval(&mut self, seconds: u32) {
        self.interval = i64::from(seconds);
    }

    /// Starts a module of AUTOSCAN. Returns whether there is one.
    pub(crate) fn start_auto(&mut self, module: Option<AutoScan>) -> bool {
        self.auto = module;
        self.auto.is_some()
    }

    /// Ends the module of AUTOSCAN; with it goes its interval.
    pub(crate) fn stop_auto(&mut self) {
        if self.auto.take().is_some() {
            self.interval = DEFAULT_INTERVAL;
        }
    }

    /// Returns the seconds that the module of AUTOSCAN wants until the next scan.
    pub(crate) fn next_auto_interval(&mut self) -> Option<i32> {
        self.auto.as_mut().map(AutoScan::next_interval)
    }

    /// Keeps the network at which the round in AP_SCAN 2 goes on.
    pub(crate) fn round_stops_at(&mut self, network: Option<i32>) {
        self.previous_network = network;
    }

    pub(crate) fn purpose(&self) -> ScanPurpose {
        self.purpose
    }

    pub(crate) fn last_purpose(&self) -> ScanPurpose {
        self.last_purpose
    }

    /// Returns whether the last scan was that of a SCAN command.
    pub(crate) fn was_manual(&self) -> bool {
        self.last_purpose == ScanPurpose::Manual
    }

    pub(crate) fn is_scanning(&self) -> bool {
        self.scanning
    }

    pub(crate) fn is_own_running(&self) -> bool {
        self.own_running
    }

    /// Returns whether the driver owes the beginning or the end of an own scan.
    pub(crate) fn is_awaited(&self) -> bool {
        self.own_requested || self.own_running
    }

    /// Returns whether the driver was asked for a scan and has not answered.
    pub(crate) fn is_requested(&self) -> bool {
        self.own_requested
    }

    /// Returns the seconds between scans.
    pub(crate) fn interval(&self) -> i64 {
        self.interval
    }

    pub(crate) fn previous_state(&self) -> WpaState {
        self.previous_state
    }

    pub(crate) fn previous_network(&self) -> Option<i32> {
        self.previous_network
    }

    pub(crate) fn has_auto(&self) -> bool {
        self.auto.is_some()
    }

    /// Returns who waits for the results, if it is not the interface itself.
    pub(crate) fn waiting(&self) -> Option<ScanFor> {
        self.for_p2p
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.interval < 0 { Err("the interval between scans is negative") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_scan_leaves_the_one_that_runs_to_its_owner() {
        let mut scan = Scan::default();
        scan.is_requested_for(Some(ScanFor::Find));
        assert!(scan.has_begun());
        scan.is_requested_for(None);
        assert_eq!(scan.waiting(), None);
        assert_eq!(scan.is_refused(), None);
        assert_eq!(scan.waiting(), Some(ScanFor::Find), "the first one goes on");
        assert!(scan.is_over() && !scan.is_over());
        assert_eq!((scan.take_waiting(), scan.take_waiting()), (Some(ScanFor::Find), None));
    }

    #[test]
    fn a_plan_is_carried_out_once() {
        let mut scan = Scan::default();
        scan.plan(ScanPurpose::Manual);
        scan.take_plan();
        assert_eq!((scan.purpose(), scan.was_manual()), (ScanPurpose::Normal, true));
        scan.plan_again();
        assert_eq!(scan.purpose(), ScanPurpose::Manual);
    }

    #[test]
    fn the_interval_of_a_module_ends_with_it() {
        let mut scan = Scan::default();
        scan.start();
        assert!(scan.start_auto(AutoScan::parse("periodic:7")) && scan.has_auto());
        assert_eq!(scan.next_auto_interval(), Some(7));
        scan.set_interval(7);
        scan.stop_auto();
        assert_eq!((scan.interval(), scan.next_auto_interval()), (DEFAULT_INTERVAL, None));
        assert_eq!(scan.invariant(), Ok(()));
    }
}
