//! The memory of an interface for failed attempts, and the user's bans: which BSSs and networks rest, and for how long.

use std::collections::BTreeMap;

use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::{MacAddr, Ssid};

use super::bssid_ignore::BssidIgnore;

/// The failures of a network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct NetworkHistory {
    auth_failures: u32,
    /// In whole seconds of virtual time; 0 is never.
    disabled_until: i64,
}

/// `SET disallow_aps`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Disallowed {
    bssids: Vec<MacAddr>,
    ssids: Vec<Ssid>,
}

impl Disallowed {
    /// Makes a list of BSSIDs and SSIDs.
    pub(crate) fn new(bssids: Vec<MacAddr>, ssids: Vec<Ssid>) -> Self {
        Disallowed { bssids, ssids }
    }
}

/// A BSS that rejected the station for its signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct TooFar {
    until: Instant,
    /// In dBm; a stronger signal ends it.
    wanted_dbm: i32,
}

/// The failures since something last went well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures {
    consecutive: u32,
    history: BTreeMap<i32, NetworkHistory>,
    avoided: BssidIgnore,
    disallowed: Disallowed,
    too_far: BTreeMap<MacAddr, TooFar>,
}

impl Failures {
    /// Counts an attempt that failed. Returns how many have failed in a row.
    pub(crate) fn attempt_failed(&mut self) -> u32 {
        self.consecutive += 1;
        self.consecutive
    }

    /// Starts the count of attempts anew: one went well, or FLUSH wants it.
    pub(crate) fn attempts_count_anew(&mut self) {
        self.consecutive = 0;
    }

    /// Counts a failed authentication of a network. Returns how many have failed.
    pub(crate) fn authentication_failed(&mut self, network: i32) -> u32 {
        let history = self.history.entry(network).or_default();
        history.auth_failures += 1;
        history.auth_failures
    }

    /// Lets a network with failures rest until this second. Returns false if it already rests as long.
    pub(crate) fn rest_until(&mut self, network: i32, until: i64) -> bool {
        match self.history.get_mut(&network).filter(|h| h.disabled_until < until) {
            Some(history) => {
                history.disabled_until = until;
                true
            }
            None => false,
        }
    }

    /// Returns the second until which a network rests, 0 if it does not.
    pub(crate) fn rests_until(&self, network: i32) -> i64 {
        self.history.get(&network).map_or(0, |h| h.disabled_until)
    }

    /// Ends the rest of a network; its failures count no more where they are forgiven. Returns whether it rested.
    pub(crate) fn end_rest(&mut self, network: i32, forgive: bool) -> bool {
        let Some(history) = self.history.get_mut(&network) else { return false };
        if forgive {
            history.auth_failures = 0;
        }
        core::mem::take(&mut history.disabled_until) != 0
    }

    /// Forgets the failures of a network that is gone.
    pub(crate) fn network_is_gone(&mut self, network: i32) {
        self.history.remove(&network);
    }

    /// Forgets the failures of all networks.
    pub(crate) fn networks_are_gone(&mut self) {
        self.history.clear();
    }

    /// Avoids a BSSID for a while, longer each time. Returns how often it failed.
    //= hostap@2.10 wpa_supplicant/bssid_ignore.c#wpa_bssid_ignore_add
    pub(crate) fn avoid(&mut self, now: Instant, bssid: MacAddr) -> u32 {
        self.avoided.add(now, bssid)
    }

    /// Avoids a BSSID no more.
    pub(crate) fn stop_avoiding(&mut self, bssid: MacAddr) {
        self.avoided.remove(bssid);
    }

    /// Avoids no BSSID any more. Returns whether any was.
    pub(crate) fn stop_avoiding_all(&mut self) -> bool {
        let avoided_any = !self.avoided.is_empty();
        self.avoided.clear();
        avoided_any
    }

    /// Returns how often a BSSID failed, 0 if its time is over.
    pub(crate) fn times_avoided(&self, now: Instant, bssid: MacAddr) -> u32 {
        self.avoided.count(now, bssid)
    }

    /// Returns the lines of BSSID_IGNORE.
    pub(crate) fn avoided_lines(&self) -> String {
        self.avoided.list()
    }

    /// Allows every access point but these.
    pub(crate) fn disallow(&mut self, list: Disallowed) {
        self.disallowed = list;
    }

    /// Returns whether the user forbids the BSSID.
    pub(crate) fn disallows_bssid(&self, bssid: MacAddr) -> bool {
        self.disallowed.bssids.contains(&bssid)
    }

    /// Returns whether the user forbids the SSID.
    pub(crate) fn disallows_ssid(&self, ssid: &Ssid) -> bool {
        self.disallowed.ssids.contains(ssid)
    }

    /// A BSS rejected the station for its signal: it is left alone for a time, unless its signal is this strong.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_bss_tmp_disallow
    pub(crate) fn is_too_far(&mut self, bssid: MacAddr, until: Instant, wanted_dbm: i32) {
        self.too_far.insert(bssid, TooFar { until, wanted_dbm });
    }

    /// Returns whether a BSS is left alone for its signal.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_is_bss_tmp_disallowed
    pub(crate) fn leaves_alone(&self, now: Instant, bssid: MacAddr, signal_dbm: i32) -> bool {
        self.too_far
            .get(&bssid)
            .is_some_and(|far| now < far.until && (far.wanted_dbm == 0 || signal_dbm <= far.wanted_dbm))
    }

    /// Returns how long the next scan waits after so many failures in a row.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_connection_failed
    pub(crate) fn wait_before_scan(&self) -> Duration {
        Duration::from_millis(match self.consecutive {
            0 | 1 => 100,
            2 => 500,
            3 => 1000,
            4 => 5000,
            _ => 10000,
        })
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.history.values().any(|h| h.disabled_until != 0 && h.auth_failures == 0) {
            return Err("a network rests for no failure");
        }
        self.avoided.invariant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_rests_for_its_failures_only() {
        let mut failures = Failures::default();
        assert!(!failures.rest_until(0, 10), "nothing is known of the network");
        assert_eq!((failures.authentication_failed(0), failures.authentication_failed(0)), (1, 2));
        assert!(failures.rest_until(0, 10) && !failures.rest_until(0, 10) && !failures.rest_until(0, 9));
        assert_eq!((failures.rests_until(0), failures.rests_until(1)), (10, 0));
        assert_eq!(failures.invariant(), Ok(()));
        assert!(failures.end_rest(0, false) && !failures.end_rest(0, true));
        assert_eq!(failures.authentication_failed(0), 1, "they are forgiven");
    }

    #[test]
    fn a_rest_without_a_failure_is_found() {
        let mut failures = Failures::default();
        failures.history.insert(0, NetworkHistory { auth_failures: 0, disabled_until: 1 });
        assert_eq!(failures.invariant(), Err("a network rests for no failure"));
    }

    #[rstest::rstest]
    #[case(0, 100)]
    #[case(1, 100)]
    #[case(2, 500)]
    #[case(3, 1000)]
    #[case(4, 5000)]
    #[case(5, 10000)]
    fn scans_wait_longer_after_each_failure(#[case] failed: u32, #[case] millis: i64) {
        let mut failures = Failures::default();
        (0..failed).for_each(|_| {
            failures.attempt_failed();
        });
        assert_eq!(failures.wait_before_scan(), Duration::from_millis(millis));
        failures.attempts_count_anew();
        assert_eq!(failures.attempt_failed(), 1);
    }
}
