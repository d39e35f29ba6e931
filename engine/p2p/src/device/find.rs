//! Device discovery: the search state (Wi-Fi Direct 1.7 §3.1.2.1.2) and what is done between its
//! iterations.

use super::{AfterScan, Device, Pending, State, Timer};
use crate::channels::SOCIAL_FREQS;
use crate::service::SearchStep;
use crate::{Action, ClassChannel, DeviceContext, Event, FindKind, FindRequest, Refused, ScanKind};
use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::password_id;

/// Results that do not come within this time are not waited for.
const SCAN_TIMEOUT: Duration = Duration::from_secs(35);

impl Device {
    /// Looks for peers.
    pub fn find(&mut self, cx: &DeviceContext<'_>, request: FindRequest) -> Result<(), Refused> {
        self.search.after_scan = AfterScan::Nothing;
        self.clear_timeout();
        self.listening.pending = None;
        self.actions.push_back(Action::StopListen);
        self.search.pending_full = false;
        self.search.kind = request.kind;
        self.search.specified_freq = request.freq.filter(|f| !SOCIAL_FREQS.contains(f));
        self.search.requested_types = request.requested_types;
        self.search.device_id = request.device_id;
        self.search.delay = request.search_delay;
        self.search.in_delay = false;
        for peer in &mut self.peers {
            peer.flags.reported = false;
            peer.service.new_search();
        }
        self.forget_unacknowledged_query();
        self.set_state(State::Search);
        self.timers.cancel(Timer::Find);
        if let Some(seconds) = request.timeout.filter(|s| *s > 0) {
            self.timers.set(Timer::Find, cx.now + Duration::from_secs(i64::from(seconds)));
        }
        let kind = match (request.kind, request.freq) {
            (FindKind::OnlySocial, _) => ScanKind::Social,
            (FindKind::StartWithFull, Some(freq)) => ScanKind::Specific(freq),
            _ => ScanKind::Full,
        };
        if self.scan(cx, kind) {
            self.search.start = cx.now;
        } else if self.search.scan_running {
            self.search.pending_full = kind == ScanKind::Full;
        } else {
            self.set_state(State::Idle);
            self.timers.cancel(Timer::Find);
            return Err(Refused::Busy);
        }
        Ok(())
    }

    /// Asks for a scan. Whether it can be had.
    fn scan(&mut self, cx: &DeviceContext<'_>, kind: ScanKind) -> bool {
        if cx.host.scan_busy() || self.actions.iter().any(|a| matches!(a, Action::Scan { .. })) {
            self.event(Event::ScanRefused);
            return false;
        }
        self.actions.push_back(Action::Scan {
            kind,
            requested_types: self.search.requested_types.clone(),
            device_id: self.search.device_id,
            password_id: password_id::DEFAULT,
        });
        true
    }

    /// The next iteration of the search.
    pub(crate) fn search(&mut self, cx: &DeviceContext<'_>) {
        if self.listening.driver.is_some() {
            // It goes on when the driver has stopped listening.
            return;
        }
        self.actions.push_back(Action::StopListen);
        let kind = self.next_scan_kind();
        if !self.scan(cx, kind) {
            self.continue_find(cx);
        }
    }

    fn next_scan_kind(&mut self) -> ScanKind {
        let find = self.search.kind;
        if self.search.pending_full && find != FindKind::OnlySocial {
            self.search.pending_full = false;
            return ScanKind::Full;
        }
        let more = match find {
            FindKind::OnlySocial => None,
            FindKind::Progressive => self.next_progressive_freq(),
            FindKind::StartWithFull => self.search.specified_freq,
        };
        more.map_or(ScanKind::Social, ScanKind::SocialPlusOne)
    }

    /// The channel after the last one, in MHz, unless it is a social channel.
    fn next_progressive_freq(&mut self) -> Option<u32> {
        let last = self.search.last_progressive;
        let channels: Vec<ClassChannel> = self.config.channels.iter().collect();
        let next = channels.iter().position(|c| *c == last).map_or(0, |i| (i + 1) % channels.len());
        let next = channels.get(next).copied()?;
        self.search.last_progressive = next;
        next.freq().filter(|f| !SOCIAL_FREQS.contains(f))
    }

    /// Stops looking for peers.
    pub fn stop_find(&mut self, cx: &DeviceContext<'_>) {
        self.listening.pending = None;
        self.stop_find_except(cx, None);
    }

    /// Stops looking for peers, but not a listen state on this channel (in MHz).
    pub fn stop_find_for_freq(&mut self, cx: &DeviceContext<'_>, freq: u32) {
        self.stop_find_except(cx, Some(freq));
    }

    pub(crate) fn stop_find_except(&mut self, cx: &DeviceContext<'_>, freq: Option<u32>) {
        self.end_lingering();
        self.timers.cancel(Timer::Find);
        self.clear_timeout();
        if matches!(self.state, State::Search | State::SdDuringFind) {
            self.event(Event::FindStopped);
        }
        self.set_state(State::Idle);
        self.search.requested_types.clear();
        self.search.after_scan = AfterScan::Nothing;
        self.negotiating_mut().into_iter().for_each(|p| p.flags.peer_waiting_response = false);
        self.go_neg_peer = None;
        self.sd_peer = None;
        self.inviting.peer = None;
        self.stop_listen_except(cx, freq);
        self.send_action_in_progress = false;
    }

    /// Whether the driver started the scan it was asked for.
    pub fn scan_trigger_status(&mut self, cx: &DeviceContext<'_>, started: bool) {
        if started {
            self.search.scan_running = true;
            self.timers.set(Timer::Scan, cx.now + SCAN_TIMEOUT);
        } else {
            self.continue_find(cx);
        }
    }

    /// One scan result with P2P elements, received at `rx_time`; those from before the search began are
    /// ignored. Whether to stop handing results over.
    pub fn scan_res_handler(
        &mut self,
        cx: &DeviceContext<'_>,
        bssid: MacAddr,
        freq: u32,
        rx_time: Instant,
        level: i32,
        ies: &[u8],
    ) -> bool {
        if rx_time >= self.search.start {
            let seen = super::peers::Seen { addr: bssid, freq, rx_time, level, scan_result: true };
            let _ = self.add_device(cx, &seen, ies);
        }
        false
    }

    /// All results were handed over. `delay` is added before the next iteration, unless the search has
    /// its own.
    pub fn scan_res_handled(&mut self, cx: &DeviceContext<'_>, delay: Duration) {
        self.search.scan_running = false;
        if self.search.delay == Duration::ZERO {
            self.search.delay = delay;
        }
        self.timers.cancel(Timer::Scan);
        if !self.run_after_scan(cx) && self.state == State::Search {
            self.continue_find(cx);
        }
    }

    /// Results did not come.
    pub(crate) fn scan_timeout(&mut self, cx: &DeviceContext<'_>) {
        if core::mem::take(&mut self.search.scan_running) {
            self.run_after_scan(cx);
        }
    }

    /// Runs the action that waited for the scan to end. Returns whether there was one.
    fn run_after_scan(&mut self, cx: &DeviceContext<'_>) -> bool {
        match core::mem::take(&mut self.search.after_scan) {
            AfterScan::Nothing => false,
            AfterScan::Listen => {
                let _ = self.listen(cx, self.listening.duration);
                true
            }
            AfterScan::Connect(peer) if self.peer(peer).is_some() => {
                let _ = self.connect_send(cx, peer);
                true
            }
            AfterScan::Connect(_) => false,
        }
    }

    /// Serves what waits for the peers in turn, one at a time, and listens once nothing does.
    pub(crate) fn continue_find(&mut self, cx: &DeviceContext<'_>) {
        self.set_state(State::Search);
        let mut peers: Vec<MacAddr> = self.peers.iter().map(|p| p.info.device_addr).collect();
        let last = self.search.last_operation;
        if let Some(at) = last.and_then(|last| peers.iter().position(|p| *p == last)) {
            peers.rotate_left(at + 1);
        }
        for peer in peers {
            match self.pre_find_operation(cx, peer) {
                SearchStep::Nothing => {}
                SearchStep::Started => {
                    self.search.last_operation = Some(peer);
                    return;
                }
                SearchStep::Enough => break,
            }
        }
        self.forget_unacknowledged_query();
        self.listen_in_find(cx, true);
    }

    fn pre_find_operation(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) -> SearchStep {
        match self.start_service_discovery(cx, addr) {
            SearchStep::Nothing => {}
            step => return step,
        }
        let waits = self.peer(addr).is_some_and(|p| p.req_config_methods != 0 && !p.flags.pd_for_join);
        if waits && self.send_prov_disc_req(cx, addr, false, None).is_ok() {
            return SearchStep::Started;
        }
        SearchStep::Nothing
    }

    /// The search goes on after a time, or now.
    pub(crate) fn search_timeout(&mut self, cx: &DeviceContext<'_>) {
        if self.pending == Pending::Pd {
            self.prov_disc_timeout(cx);
        }
        if self.search.delay != Duration::ZERO && !self.search.in_delay {
            self.search.in_delay = true;
            self.set_timeout(cx, self.search.delay);
            return;
        }
        self.search.in_delay = false;
        self.search(cx);
    }
}
