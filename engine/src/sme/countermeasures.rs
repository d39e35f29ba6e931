//! TKIP countermeasures (IEEE 802.11-2020 §12.5.2.4): two Michael failures within a minute end the
//! connection, and reports are delayed so that an attacker learns nothing from them.

use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Duration;

use crate::runtime::Level;
use crate::supplicant::interface::parts::michael::{MINUTE, Reaction};
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};

impl Interface {
    /// Handles a Michael MIC failure that the driver reports: a second one within 60 s starts TKIP countermeasures.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_michael_mic_failure
    pub(crate) fn michael_failure(&mut self, cx: &mut InterfaceContext<'_>, pairwise: bool) {
        self.msg(Level::Warning, "Michael MIC failure detected");
        match self.michael.failure(cx.now, pairwise) {
            Reaction::Countermeasures => self.start_countermeasures(cx, pairwise),
            Reaction::ReportLater => {
                let wait = i64::from(self.random.below(60));
                self.timers.set(Timer::MichaelReport, cx.now + Duration::from_secs(wait));
            }
            Reaction::Report => self.report_michael_failure(cx, pairwise),
        }
    }

    fn start_countermeasures(&mut self, cx: &mut InterfaceContext<'_>, pairwise: bool) {
        self.delayed_michael_report(cx);
        self.report_michael_failure(cx, pairwise);
        self.michael.start_countermeasures();
        let bssid = self.link.bssid();
        self.failures.avoid(cx.now, bssid);
        self.msg(Level::Warning, "TKIP countermeasures started");
        self.deauthenticate(cx, reason::MICHAEL_MIC_FAILURE);
        self.timers.set(Timer::Countermeasures, cx.now + MINUTE);
    }

    fn report_michael_failure(&mut self, cx: &mut InterfaceContext<'_>, pairwise: bool) {
        self.security.rsn_mut().request_key(true, pairwise);
        self.run_rsn(cx);
    }

    /// The wait of a delayed report is over, or a second failure makes it pointless.
    pub(crate) fn delayed_michael_report(&mut self, cx: &mut InterfaceContext<'_>) {
        self.timers.cancel(Timer::MichaelReport);
        if let Some(pairwise) = self.michael.take_report() {
            self.report_michael_failure(cx, pairwise);
        }
    }

    /// A minute after they started.
    pub(crate) fn stop_countermeasures(&mut self, cx: &mut InterfaceContext<'_>) {
        if !self.michael.stop_countermeasures() {
            return;
        }
        self.msg(Level::Warning, "WPA: TKIP countermeasures stopped");
        let bssid = self.link.bssid();
        self.failures.stop_avoiding(bssid);
        self.request_scan(cx.now, Duration::ZERO);
    }
}
