//! FLUSH: back to a state without networks, credentials, failures or BSSs. Settings stay.

use crate::config::keys::global;
use wpasim_wire::driver::DriverRequest;

use crate::supplicant::interface::parts::failures::Disallowed;
use crate::supplicant::interface::work::Work;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

impl Interface {
    /// The first part of FLUSH, before groups end: nothing of a scan under way counts, and what connection there
    /// is does not come back.
    pub(crate) fn flush_begins(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.held_work(cx).is_some_and(Work::scans) {
            self.driver(DriverRequest::AbortScan);
            self.scan.distrust_results();
        }
        if self.link.state() >= WpaState::Authenticating {
            self.set_state(cx, WpaState::Disconnected);
        }
    }

    /// The rest of FLUSH.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_flush
    pub(super) fn ctrl_flush(&mut self, cx: &mut InterfaceContext<'_>) {
        self.config.globals.unset(global::SEC_DEVICE_TYPE);
        self.flush_wps(cx);
        self.timers.cancel(Timer::Countermeasures);
        self.stop_countermeasures(cx);
        self.michael.forget_last();
        self.intent.forget_leaving();
        self.failures.disallow(Disallowed::default());
        self.failures.attempts_count_anew();
        self.failures.stop_avoiding_all();
        self.remove_all_networks(cx);
        self.ctrl_remove_cred("all");
        self.config.blobs.clear();
        for key in [global::AUTO_INTERWORKING, global::OKC] {
            self.config.globals.set_int(key, 0);
        }
        self.flush_pmksa(None);
        self.security.rsn_mut().mib_config = Default::default();
        self.with_pae(cx, |pae, cx| pae.notify_logoff(cx, false));
        self.drop_works(cx);
        self.flush_testing();
        self.failures.networks_are_gone();
        self.intent.allow_connection();
        self.scan_wishes.flush();
        let changes = self.bss.flush(&self.bss_in_use());
        self.report_bss_changes(cx, changes);
        self.timers.cancel(Timer::NetworkReenabled);
        self.attempt.forget_ess();
    }

    /// The enrolment that is under way ends.
    fn flush_wps(&mut self, cx: &mut InterfaceContext<'_>) {
        self.enrolling.set_fragment_size(0);
        self.ctrl_wps_cancel(cx);
        self.enrolling.flush_channel();
    }
}
