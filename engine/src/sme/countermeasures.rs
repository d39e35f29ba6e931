//! TKIP countermeasures (IEEE 802.11-2020 §12.5.2.4): two Michael failures within a minute end the
//! connection, and reports are delayed so that an attacker learns nothing from them.

use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::{Duration, Instant};

use crate::runtime::Level;
use crate::supplicant::interface::{Cx, Interface, Timer};

/// Two failures closer than this start countermeasures, which last as long.
const MINUTE: Duration = Duration::from_secs(60);

/// What is remembered of Michael failures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MichaelHistory {
    pub last: Option<Instant>,
    /// Failures seen with this pairwise key.
    seen: u32,
    /// A report that waits, and whether it is for the pairwise key.
    pending: Option<bool>,
    /// Countermeasures are in force: EAPOL is dropped.
    pub active: bool,
}

impl MichaelHistory {
    /// Returns whether a report of a failure is put off.
    pub fn is_report_pending(&self) -> bool {
        self.pending.is_some()
    }
}

impl Interface {
    /// Handles a Michael MIC failure that the driver reports: a second one within 60 s starts TKIP countermeasures.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_michael_mic_failure
    pub(crate) fn michael_failure(&mut self, cx: Cx<'_>, pairwise: bool) {
        self.msg(Level::Warning, "Michael MIC failure detected");
        let recent = self.michael.last.is_some_and(|at| cx.now - at <= MINUTE);
        if recent || self.michael.pending.is_some() {
            self.start_countermeasures(cx, pairwise);
        } else if self.michael.seen > 0 {
            let wait = i64::from(self.random.below(60));
            self.michael.pending = Some(pairwise);
            self.timers.set(Timer::MichaelReport, cx.now + Duration::from_secs(wait));
        } else {
            self.report_michael_failure(cx, pairwise);
        }
        self.michael.last = Some(cx.now);
        self.michael.seen += 1;
    }

    fn start_countermeasures(&mut self, cx: Cx<'_>, pairwise: bool) {
        self.delayed_michael_report(cx);
        self.report_michael_failure(cx, pairwise);
        self.michael.active = true;
        let bssid = self.link.bssid();
        self.failures.avoid(cx.now, bssid);
        self.msg(Level::Warning, "TKIP countermeasures started");
        self.deauthenticate(cx, reason::MICHAEL_MIC_FAILURE);
        self.timers.set(Timer::Countermeasures, cx.now + MINUTE);
    }

    fn report_michael_failure(&mut self, cx: Cx<'_>, pairwise: bool) {
        self.rsn.request_key(true, pairwise);
        self.run_rsn(cx);
    }

    /// The wait of a delayed report is over, or a second failure makes it pointless.
    pub(crate) fn delayed_michael_report(&mut self, cx: Cx<'_>) {
        self.timers.cancel(Timer::MichaelReport);
        if let Some(pairwise) = self.michael.pending.take() {
            self.report_michael_failure(cx, pairwise);
        }
    }

    /// A minute after they started.
    pub(crate) fn stop_countermeasures(&mut self, cx: Cx<'_>) {
        if !core::mem::take(&mut self.michael.active) {
            return;
        }
        self.msg(Level::Warning, "WPA: TKIP countermeasures stopped");
        let bssid = self.link.bssid();
        self.failures.stop_avoiding(bssid);
        self.request_scan(cx.now, Duration::ZERO);
    }
}
