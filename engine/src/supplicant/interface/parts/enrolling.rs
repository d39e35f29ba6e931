//! The course of enrolments of an interface: how it stands, which access points were seen, and which channel the scans
//! around one keep to.

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::Uuid;

use crate::supplicant::wps::offer::Authorized;

/// Scans after an enrolment that keep to the channel on which it took place.
const SCANS_AFTER: u8 = 5;

/// After so many scans and so much time any WPS access point is tried, as some never say that a PIN was entered.
const SCANS_UNTIL_ANY: u32 = 3;
const TIME_UNTIL_ANY: Duration = Duration::from_secs(5);

/// An access point seen during an enrolment.
#[derive(Clone, PartialEq, Eq, Debug)]
struct KnownAp {
    bssid: MacAddr,
    authorized: Authorized,
    push_button: bool,
    uuid: Uuid,
}

/// The course of an enrolment.
#[derive(Clone, Debug)]
pub(crate) struct Enrolling {
    aps: Vec<KnownAp>,
    /// The number of this enrolment, by which its credentials are merged; 0 before the first.
    run: u8,
    success: bool,
    pin_started: Instant,
    /// The number of next scans that keep to the channel.
    scans_after: u8,
    /// The channel of the enrolment in MHz, 0 if it is not known.
    freq: u32,
    /// Whether the next scan keeps to the channel.
    known_freq: bool,
    /// SET wps_fragment_size, in octets; 0 is the method's own.
    fragment_size: i32,
    /// Scans since the enrolment began.
    scan_runs: u32,
    /// Whether the list of ignored BSSIDs was emptied because nothing else was left.
    ignored_cleared: bool,
}

impl Default for Enrolling {
    fn default() -> Self {
        Enrolling {
            aps: Vec::new(),
            run: 0,
            success: false,
            pin_started: Instant::ZERO,
            scans_after: 0,
            freq: 0,
            known_freq: false,
            fragment_size: 0,
            scan_runs: 0,
            ignored_cleared: false,
        }
    }
}

impl Enrolling {
    /// Takes the time of a PIN.
    pub(crate) fn pin_is_given(&mut self, now: Instant) {
        self.pin_started = now;
    }

    /// Begins an enrolment, on a channel in MHz if that of the access point is known.
    pub(crate) fn begins(&mut self, freq: Option<u32>) {
        self.run = self.run.checked_add(1).unwrap_or(1);
        self.scans_after = 0;
        self.known_freq = freq.is_some();
        self.freq = freq.unwrap_or(self.freq);
    }

    /// Begins to look for an access point.
    pub(crate) fn search_begins(&mut self) {
        self.scan_runs = 0;
        self.success = false;
        self.ignored_cleared = false;
    }

    /// Counts a scan.
    pub(crate) fn scan_begins(&mut self) {
        self.scan_runs += 1;
    }

    /// Takes note that the access point gave a credential.
    pub(crate) fn succeeds(&mut self) {
        self.success = true;
    }

    /// Keeps the next scans to the channel of the enrolment, in MHz.
    pub(crate) fn keep_to_channel(&mut self, freq: u32) {
        self.scans_after = SCANS_AFTER;
        self.freq = freq;
    }

    /// Lets scans go to every channel again.
    pub(crate) fn forget_channel(&mut self) {
        self.scans_after = 0;
        self.known_freq = false;
    }

    /// Lets scans go to every channel again, but for one to a channel that is known.
    pub(crate) fn connection_is_made(&mut self) {
        self.scans_after = 0;
    }

    /// Lets the next scan go to every channel (FLUSH).
    pub(crate) fn flush_channel(&mut self) {
        self.known_freq = false;
    }

    /// Returns the channel in MHz to which the next scan keeps, which no other limit may bind.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_optimize_freqs
    pub(crate) fn channel_of_next_scan(&mut self, is_limited: bool) -> Option<u32> {
        let usable = !is_limited && self.freq != 0;
        let after = usable && self.scans_after > 0;
        self.scans_after = self.scans_after.saturating_sub(1);
        let known = usable && !after && core::mem::take(&mut self.known_freq);
        (after || known).then_some(self.freq)
    }

    /// Sets the size of fragments in octets; 0 is the method's own.
    pub(crate) fn set_fragment_size(&mut self, octets: i32) {
        self.fragment_size = octets;
    }

    /// Takes note that no BSSID is ignored any more, because nothing else was left.
    pub(crate) fn ignored_are_cleared(&mut self) {
        self.ignored_cleared = true;
    }

    /// Takes whether every access point was tried.
    pub(crate) fn take_all_tried(&mut self) -> bool {
        core::mem::take(&mut self.ignored_cleared)
    }

    /// Notes what an access point offers. Returns whether it newly authorizes the station.
    pub(crate) fn ap_is_seen(
        &mut self,
        bssid: MacAddr,
        authorized: Authorized,
        push_button: bool,
        uuid: Option<Uuid>,
    ) -> bool {
        let Some(known) = self.aps.iter_mut().find(|ap| ap.bssid == bssid) else {
            self.aps.push(KnownAp { bssid, authorized, push_button, uuid: uuid.unwrap_or_default() });
            return false;
        };
        let newly = known.authorized != authorized && authorized != Authorized::No;
        *known = KnownAp { bssid, authorized, push_button, uuid: uuid.unwrap_or(known.uuid) };
        newly
    }

    /// Forgets the access points that were seen.
    pub(crate) fn forget_aps(&mut self) {
        self.aps.clear();
    }

    /// Returns another access point in push-button mode than this one, of those that a network may be bound to.
    pub(crate) fn other_with_button(
        &self,
        bssid: MacAddr,
        uuid: Option<Uuid>,
        pinned: Option<MacAddr>,
    ) -> Option<MacAddr> {
        let other = |ap: &&KnownAp| {
            ap.push_button
                && ap.bssid != bssid
                && pinned.is_none_or(|p| p == ap.bssid)
                && uuid != Some(ap.uuid)
        };
        self.aps.iter().find(other).map(|ap| ap.bssid)
    }

    /// Returns the number of this enrolment.
    pub(crate) fn run(&self) -> u8 {
        self.run
    }

    /// Returns whether an enrolment was ever begun.
    pub(crate) fn has_enrolled(&self) -> bool {
        self.run != 0
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.success
    }

    /// Returns whether scans keep to the channel because an enrolment was just made.
    pub(crate) fn is_just_over(&self) -> bool {
        self.scans_after > 0
    }

    /// Returns whether enough scans were made to try access points that do not expect the station.
    pub(crate) fn has_scanned_enough(&self) -> bool {
        self.scan_runs >= SCANS_UNTIL_ANY
    }

    /// Returns whether enough scans were made, and enough time has passed since the PIN was given.
    pub(crate) fn has_waited_enough(&self, now: Instant) -> bool {
        self.has_scanned_enough() && now - self.pin_started >= TIME_UNTIL_ANY
    }

    pub(crate) fn fragment_size(&self) -> i32 {
        self.fragment_size
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.scans_after > SCANS_AFTER {
            return Err("too many scans keep to the channel of an enrolment");
        }
        if self.known_freq && self.freq == 0 {
            return Err("the next scan keeps to a channel that is not known");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
    const OTHER: MacAddr = MacAddr([2, 0, 0, 0, 2, 0]);

    #[test]
    fn the_known_channel_is_for_one_scan_and_that_of_an_enrolment_for_five() {
        let mut enrolling = Enrolling::default();
        enrolling.begins(Some(2437));
        assert_eq!(enrolling.channel_of_next_scan(true), None);
        assert_eq!(enrolling.channel_of_next_scan(false), Some(2437));
        assert_eq!(enrolling.channel_of_next_scan(false), None);
        enrolling.keep_to_channel(2462);
        let scans: Vec<_> = (0..6).map(|_| enrolling.channel_of_next_scan(false)).collect();
        assert_eq!(scans, [Some(2462), Some(2462), Some(2462), Some(2462), Some(2462), None]);
        assert_eq!(enrolling.invariant(), Ok(()));
    }

    #[test]
    fn another_button_is_of_another_device() {
        let mut enrolling = Enrolling::default();
        assert!(!enrolling.ap_is_seen(AP, Authorized::No, true, Some([1; 16])));
        assert!(!enrolling.ap_is_seen(OTHER, Authorized::No, true, Some([1; 16])));
        assert_eq!(enrolling.other_with_button(AP, Some([1; 16]), None), None, "the same device's");
        assert!(enrolling.ap_is_seen(OTHER, Authorized::Anyone, true, Some([2; 16])));
        assert_eq!(enrolling.other_with_button(AP, Some([1; 16]), None), Some(OTHER));
        assert_eq!(enrolling.other_with_button(AP, Some([1; 16]), Some(AP)), None);
        enrolling.forget_aps();
        assert_eq!(enrolling.other_with_button(AP, None, None), None);
    }
}
