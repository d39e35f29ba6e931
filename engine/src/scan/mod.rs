//! Scanning: when, for what and on which channels; what becomes of the results.

mod auto;
pub mod channels;
pub mod probe_elements;

use crate::config::keys::{global, network};
use wpasim_wire::Ssid;
use wpasim_wire::driver::{DriverRequest, Errno, ScanRequest};
use wpasim_wire::time::{Duration, Instant};

use crate::bss::{Covered, RatedResult};
use crate::runtime::Level;
use crate::supplicant::interface::work::Work;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::p2p::{ProcessRequest, ScanFor, SharedScan};
use crate::supplicant::state::{ScanPurpose, WpaState};

/// hwsim scans for at most four SSIDs at once (capa.max_scan_ssids).
const MAX_SCAN_SSIDS: usize = 4;

/// The time that a scan waits while a P2P operation uses the radio.
const DELAY_FOR_P2P: Duration = Duration::from_secs(5);

impl Interface {
    /// Schedules a scan no later than `delay` from now.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_req_scan
    pub(crate) fn request_scan(&mut self, now: Instant, delay: Duration) {
        self.timers.set_no_later(Timer::Scan, now + delay);
    }

    /// Cancels the scan that is scheduled.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_cancel_scan
    pub(crate) fn cancel_scan(&mut self) {
        self.timers.cancel(Timer::Scan);
    }

    /// Schedules a scan for a connection, unless no network could use it.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_req_new_scan
    pub(crate) fn request_new_scan(&mut self, cx: &mut InterfaceContext<'_>, delay: Duration) {
        if self.has_enabled_networks() {
            self.request_scan(cx.now, delay);
        } else {
            self.set_state(cx, WpaState::Inactive);
        }
    }

    /// The scan timer.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_scan
    pub(crate) fn scan_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        self.scan.trust_results();
        if self.link.state() == WpaState::InterfaceDisabled {
            return;
        }
        let normal = self.scan.purpose() == ScanPurpose::Normal;
        if self.intent.is_disconnected() && normal {
            self.set_state(cx, WpaState::Disconnected);
            return;
        }
        if self.scan.is_scanning() {
            self.request_scan(cx.now, Duration::from_secs(1));
            return;
        }
        if normal && !self.has_enabled_networks() {
            self.set_state(cx, WpaState::Inactive);
            return;
        }
        let ap_scan = self.config.globals.int(global::AP_SCAN);
        if ap_scan == 0 {
            self.generate_assoc_event(cx);
            return;
        }
        let owner = self.network_without_scan().filter(|_| self.scan.purpose() != ScanPurpose::Manual);
        if self.scan_waits(cx, owner) {
            self.request_scan(cx.now, DELAY_FOR_P2P);
            return;
        }
        self.scan.take_plan();
        if let Some(network) = owner {
            self.connection_without_scan_begins();
            if self.config.network(network).is_some() {
                self.associate(cx, None, network);
                return;
            }
        }
        self.scan.leave_state(self.link.state());
        if matches!(self.link.state(), WpaState::Disconnected | WpaState::Inactive) {
            self.set_state(cx, WpaState::Scanning);
        }
        let manual = self.scan.was_manual();
        if ap_scan == 2 && !manual && self.ap.is_none() {
            self.associate_in_turn(cx);
            return;
        }
        let request = self.build_scan(ap_scan, manual, cx);
        self.trigger_scan(cx, request);
    }

    /// AP_SCAN 2: each enabled network is tried in turn without a scan. A driver with the SME in user
    /// space needs a BSS, so that nothing follows; wpa_supplicant is no different.
    fn associate_in_turn(&mut self, cx: &mut InterfaceContext<'_>) {
        let ids: Vec<i32> = self.config.networks.iter().map(|n| n.id).collect();
        let start = self
            .scan
            .previous_network()
            .and_then(|id| ids.iter().position(|i| *i == id))
            .map_or(0, |i| i + 1);
        let mut shortest = 0;
        let mut chosen = None;
        for (index, id) in ids.iter().enumerate().skip(start) {
            if self.is_network_disabled(*id) {
                continue;
            }
            let left = self.temp_disabled_for(cx.now, *id);
            if left <= 0 {
                chosen = Some((index, *id));
                break;
            }
            if shortest == 0 || left < shortest {
                shortest = left;
            }
        }
        match chosen {
            None => {
                self.scan.round_stops_at(None);
                self.request_scan(cx.now, Duration::from_secs(shortest));
            }
            Some((index, id)) => {
                self.scan.round_stops_at((index + 1 < ids.len()).then_some(id));
                self.associate(cx, None, id);
            }
        }
    }

    fn build_scan(&mut self, ap_scan: i32, manual: bool, cx: &mut InterfaceContext<'_>) -> ScanRequest {
        let max_ssids = if ap_scan == 2 { 1 } else { MAX_SCAN_SSIDS };
        let mut request = ScanRequest::default();
        let passive = self.config.globals.int(global::PASSIVE_SCAN) != 0;
        if let Some(ssids) = self.scan_wishes.commanded_ssids().filter(|_| manual) {
            request.ssids = ssids.iter().take(max_ssids).cloned().collect();
        } else if let Some(ssids) = self.scan_ssids(passive) {
            request.ssids = ssids;
        } else {
            self.choose_ssids(&mut request, ap_scan, max_ssids, manual, cx);
        }
        if manual && self.scan_wishes.manual().only_new {
            request.flush = true;
        }
        request.no_cck = self.scan_avoids_cck();
        self.choose_freqs(&mut request, manual, cx);
        request.ies = self.probe_elements(cx);
        if let Some((bssid, wildcard)) = self.scan_wishes.probed_bss() {
            request.bssid = Some(bssid);
            let known = self.bss.find_bssid(bssid).map(|b| b.ssid.clone()).filter(|s| !s.is_empty());
            if let Some(ssid) = known.filter(|_| !wildcard && request.ssids == [Ssid::wildcard()]) {
                request.ssids = vec![ssid];
            }
        }
        request
    }

    fn choose_ssids(
        &mut self,
        request: &mut ScanRequest,
        ap_scan: i32,
        max_ssids: usize,
        manual: bool,
        cx: &mut InterfaceContext<'_>,
    ) {
        let reattach = self.intent.reattaches().then_some(self.link.network()).flatten();
        if let Some(network) = reattach.and_then(|id| self.config.network(id)).filter(|_| ap_scan != 2) {
            request.ssids.push(network.ssid());
            request.freqs.extend(Some(self.link.freq()).filter(|f| *f != 0));
            request.ssids.push(Ssid::wildcard());
            self.intent.reattach_is_under_way();
            return;
        }
        let mut more = false;
        let mut stopped_at = None;
        if ap_scan != 2 {
            stopped_at = self.probe_networks_in_turn(request, max_ssids);
            more = !request.ssids.is_empty();
            if manual {
                for id in self
                    .scan_wishes
                    .manual()
                    .networks
                    .iter()
                    .take(max_ssids.saturating_sub(request.ssids.len()))
                {
                    request.ssids.extend(self.config.network(*id).filter(|n| n.has_ssid()).map(|n| n.ssid()));
                }
            } else {
                request.freqs = self.freqs_of_networks(cx);
            }
        }
        let passive = (manual && self.scan_wishes.manual().passive && request.ssids.is_empty())
            || (!more && self.config.globals.int(global::PASSIVE_SCAN) != 0);
        if stopped_at.is_some() || !passive {
            if ap_scan != 2 {
                self.scan.round_stops_at(stopped_at);
            }
            request.ssids.push(Ssid::wildcard());
        }
    }

    /// Adds the SSIDs of networks that are to be probed for, from the one on where the last scan stopped for want of room.
    /// Returns the one where this scan stops.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_scan
    fn probe_networks_in_turn(&self, request: &mut ScanRequest, max_ssids: usize) -> Option<i32> {
        let networks = &self.config.networks;
        let id_at = |at: Option<usize>| at.and_then(|at| networks.get(at)).map(|network| network.id);
        let after = |at: usize| Some(at + 1).filter(|next| *next < networks.len());
        let previous = self.scan.previous_network();
        let start = match previous.and_then(|id| networks.iter().position(|network| network.id == id)) {
            Some(at) => after(at),
            None => Some(0),
        };
        let mut at = start.or(Some(0));
        while let Some(network) = at.and_then(|at| networks.get(at)) {
            if !self.is_network_disabled(network.id) && network.int(network::SCAN_SSID) != 0 {
                request.ssids.push(network.ssid());
                if request.ssids.len() + 1 >= max_ssids {
                    return id_at(at);
                }
            }
            let next = at.and_then(after);
            if next == start {
                return id_at(next);
            }
            at = next.or(Some(0).filter(|_| start != Some(0)));
        }
        None
    }

    /// The union of scan_freq, if every enabled network names its own.
    fn freqs_of_networks(&self, cx: &mut InterfaceContext<'_>) -> Vec<u32> {
        let mut freqs: Vec<u32> = Vec::new();
        for network in &self.config.networks {
            if self.is_network_disabled(network.id) {
                continue;
            }
            let own = network.ints(network::SCAN_FREQ);
            if own.is_empty() {
                return Vec::new();
            }
            freqs.extend(own.iter().map(|f| *f as u32));
        }
        freqs.sort_unstable();
        freqs.dedup();
        channels::usable(&freqs, &self.channels(cx.env))
    }

    fn choose_freqs(&mut self, request: &mut ScanRequest, manual: bool, cx: &mut InterfaceContext<'_>) {
        self.scan_freqs(request);
        if manual && request.freqs.is_empty() {
            request.freqs = self.scan_wishes.take_manual_freqs();
        }
        if request.freqs.is_empty() {
            request.freqs = self.scan_wishes.take_selection_freqs();
        }
        let next = self.scan_wishes.take_ess_freqs();
        if request.freqs.is_empty() {
            request.freqs = next;
        }
        let initial = self.scan.last_purpose() == ScanPurpose::Initial;
        for (counts, key) in [(initial, global::INITIAL_FREQ_LIST), (true, global::FREQ_LIST)] {
            if request.freqs.is_empty() && counts {
                let list: Vec<u32> = self.config.globals.ints(key).iter().map(|f| *f as u32).collect();
                request.freqs = channels::usable(&list, &self.channels(cx.env));
            }
        }
        if request.freqs.is_empty()
            && self.config.globals.int(global::SCAN_CUR_FREQ) != 0
            && self.link.freq() != 0
        {
            request.freqs = vec![self.link.freq()];
        }
        if request.freqs.is_empty()
            && let Some(bands) = self.scan_wishes.bands()
        {
            request.freqs = channels::of_bands(bands, &self.channels(cx.env));
        }
    }

    /// Queues the radio work of a scan.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_trigger_scan
    fn trigger_scan(&mut self, cx: &mut InterfaceContext<'_>, request: ScanRequest) {
        if self.held_work(cx).is_some_and(Work::is_scan) {
            self.info("Reject scan trigger since one is already pending");
            if self.scan.was_manual() {
                self.scan_wishes.keep_manual_freqs(request.freqs);
            }
            self.msg(Level::Warning, "Failed to initiate AP scan");
            if self.scan.previous_state() != self.link.state() {
                let previous = self.scan.previous_state();
                self.set_state(cx, previous);
            }
            self.scan.plan_again();
            self.request_scan(cx.now, Duration::from_secs(1));
            return;
        }
        self.scan_wishes.scan_is_queued();
        self.add_work(cx, Work::Scan(Box::new(request)));
    }

    /// The radio is free for the scan.
    //= hostap@2.10 wpa_supplicant/scan.c#wpas_trigger_scan_cb
    pub(crate) fn start_scan(&mut self, mut request: ScanRequest) {
        self.scan.scanning_begins();
        if self.scan_wishes.take_cache_clearing() {
            request.flush = true;
        }
        if self.link.state() <= WpaState::Scanning {
            request.random_addr = self.scan_wishes.random_addr();
        }
        self.scan.is_requested_for(None);
        // The P2P element is the device's to say.
        self.signal(ProcessRequest::Scan(Box::new(request)));
    }

    /// A scan for Wi-Fi Direct: its results go to the device machine.
    pub(crate) fn start_p2p_scan(&mut self, mut request: ScanRequest, purpose: ScanFor) {
        if self.scan_wishes.take_cache_clearing() {
            request.flush = true;
        }
        self.scan.is_requested_for(Some(purpose));
        self.driver(DriverRequest::TriggerScan(request));
    }

    /// The driver refused the scan.
    pub(crate) fn scan_refused(&mut self, cx: &mut InterfaceContext<'_>, errno: Errno) {
        // While the scan of an authentication runs, what is refused is one that was requested meanwhile.
        if !self.scan.is_requested() && self.attempt.scan_is_refused() {
            return self.authentication_not_possible(cx);
        }
        if let Some(purpose) = self.scan.is_refused() {
            self.signal(ProcessRequest::ScanTriggered { purpose, started: false });
            return;
        }
        let retry = !self.scan.was_manual() && !self.intent.is_disconnected() && errno != Errno::NotSupported;
        self.scan.scanning_ends();
        if self.link.state() == WpaState::Scanning {
            let previous = self.scan.previous_state();
            self.set_state(cx, previous);
        }
        let code = errno.number();
        self.info(&format!("CTRL-EVENT-SCAN-FAILED ret=-{code}{}", if retry { " retry=1" } else { "" }));
        self.work_done(cx);
        if retry {
            self.scan.plan_again();
            self.request_scan(cx.now, Duration::from_secs(1));
        } else {
            self.scan_wishes.commanded_scan_is_given_up();
            self.scan.is_given_up();
        }
    }

    /// NL80211_CMD_TRIGGER_SCAN came back as an event.
    pub(crate) fn scan_started(&mut self, now: Instant) {
        if self.attempt.waits_for_scan() {
            return;
        }
        let own = self.scan.has_begun();
        if let Some(purpose) = self.scan.waiting().filter(|_| own) {
            self.signal(ProcessRequest::ScanTriggered { purpose, started: true });
        }
        if own {
            self.scan.began_at(now);
            self.on_scan_started();
        }
        match self.scan_wishes.scan_id().filter(|_| own && self.scan.was_manual()) {
            Some(id) => self.info(&format!("CTRL-EVENT-SCAN-STARTED id={id}")),
            None => self.info("CTRL-EVENT-SCAN-STARTED "),
        }
    }

    /// Results are there.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_scan_results
    pub(crate) fn scan_done(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        aborted: bool,
        freqs: Vec<u32>,
        ssids: Vec<Ssid>,
    ) {
        if self.authenticate_after_scan() {
            return;
        }
        let own = self.scan.is_over();
        let shared = SharedScan { aborted, freqs: freqs.clone(), ssids: ssids.clone(), update_only: true };
        let results = self.update_bss_table(cx, aborted, freqs, ssids);
        let update_only = match self.scan.take_waiting().filter(|_| own) {
            Some(purpose) => {
                self.signal(ProcessRequest::ScanResults { purpose, results });
                true
            }
            None => self.take_scan_results(cx, own),
        };
        self.signal(ProcessRequest::ShareScan(Box::new(SharedScan { update_only, ..shared })));
    }

    /// Another interface on the radio has scanned.
    pub(crate) fn sibling_scanned(&mut self, cx: &mut InterfaceContext<'_>, scan: SharedScan) {
        self.scan.scanning_ends();
        self.update_bss_table(cx, scan.aborted, scan.freqs, scan.ssids);
        if !scan.update_only {
            self.take_scan_results(cx, false);
        }
    }

    /// The results are there; a network may be chosen. Whether that began something.
    fn take_scan_results(&mut self, cx: &mut InterfaceContext<'_>, own: bool) -> bool {
        self.report_scan_results();
        self.after_results();
        if own && self.scan_wishes.take_only() {
            self.finish_scan_work(cx, own);
            if self.link.state() == WpaState::Scanning {
                let previous = self.scan.previous_state();
                self.set_state(cx, previous);
            }
            return true;
        }
        if self.ap.is_some() {
            self.finish_scan_work(cx, own);
            return false;
        }
        let finished = (self.config.globals.int(global::AP_SCAN) == 2 && !self.looks_at_results())
            || !self.autoscan_has_results(cx);
        if !finished && self.intent.is_disconnected() {
            self.set_state(cx, WpaState::Disconnected);
            self.finish_scan_work(cx, own);
            return false;
        }
        let connecting =
            self.link.state() >= WpaState::Authenticating && self.link.state() < WpaState::Completed;
        self.finish_scan_work(cx, own);
        !finished && !connecting && self.select_network_from_last_scan(cx, own)
    }

    fn report_scan_results(&mut self) {
        let id = if self.scan.was_manual() { self.scan_wishes.take_scan_id() } else { None };
        match id {
            Some(id) => self.info(&format!("CTRL-EVENT-SCAN-RESULTS id={id}")),
            None => self.info("CTRL-EVENT-SCAN-RESULTS "),
        }
    }

    fn finish_scan_work(&mut self, cx: &mut InterfaceContext<'_>, own: bool) {
        if own && self.held_work(cx).is_some_and(Work::is_scan) {
            self.work_done(cx);
        }
    }

    /// Updates the BSS table from what the driver has, without a scan. The results count as new, though nothing is
    /// removed for having been missed.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_update_scan_results
    pub(crate) fn update_scan_results(&mut self, cx: &mut InterfaceContext<'_>) {
        self.update_bss_table(cx, true, Vec::new(), Vec::new());
    }

    fn update_bss_table(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        aborted: bool,
        freqs: Vec<u32>,
        ssids: Vec<Ssid>,
    ) -> Vec<RatedResult> {
        let mut results: Vec<RatedResult> = cx
            .env
            .driver
            .scan_results(self.identity.id, cx.now)
            .into_iter()
            .map(|r| RatedResult::new(r, true))
            .collect();
        if self.config.globals.int(global::FILTER_SSIDS) != 0 {
            let wanted: Vec<Ssid> = self.config.networks.iter().map(|n| n.ssid()).collect();
            results.retain(|r| {
                use wpasim_wire::elements::{eid, find};
                find(&r.result.ies, eid::SSID).is_some_and(|s| wanted.iter().any(|w| w.as_bytes() == s))
            });
        }
        if self.config.globals.int(global::IGNORE_OLD_SCAN_RES) != 0 {
            results.retain(|r| self.scan.is_new(cx.now, r.result.last_seen));
        }
        results.retain(|r| self.scan_wishes.keeps_bssid(r.result.bssid));
        self.on_results(&mut results);
        if self.scan.take_distrust() {
            return results;
        }
        self.bss.begin_update();
        let max = self.config.globals.int(global::BSS_MAX_COUNT).max(0) as usize;
        let in_use = self.bss_in_use();
        let wanted: Vec<Ssid> =
            self.config.networks.iter().filter(|n| n.has_ssid()).map(|n| n.ssid()).collect();
        let mut changes = Vec::new();
        let kept: Vec<&RatedResult> = results.iter().filter(|r| self.takes_result(r)).collect();
        for rated in kept {
            changes.extend(self.bss.update(rated, max, &in_use, |b| wanted.contains(&b.ssid)));
        }
        let count = self.config.globals.int(global::BSS_EXPIRATION_SCAN_COUNT) as u32;
        let covered = Covered { freqs, ssids };
        changes.extend(self.bss.end_update(cx.now, aborted, &covered, count, &in_use));
        self.report_bss_changes(cx, changes);
        results
    }
}
