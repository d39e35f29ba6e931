//! The listen state (Wi-Fi Direct 1.7 §3.1.2.1.1) and Extended Listen Timing (§3.1.2.1.4).

use super::channels::ClassChannel;
use super::device::{AfterScan, Device, Pending, State, Timer};
use super::{Action, DeviceContext, Refused};
use wpasim_wire::time::{Duration, TU};

/// So that the driver ends a listen state before the machine thinks it is over.
const DRIVER_MARGIN: Duration = Duration::from_millis(20);
/// Before another attempt if the driver did not begin to listen.
const NOT_STARTED_DELAY: Duration = Duration::from_millis(100);
/// GO Negotiation Requests without an answer.
pub(super) const MAX_CONNECT_REQS: u32 = 120;

impl Device {
    /// Listens for a while.
    pub fn listen(&mut self, cx: &DeviceContext<'_>, duration: Duration) -> Result<(), Refused> {
        if self.listening.pending.is_some() {
            return Err(Refused::ListenPending);
        }
        let freq = self.config.listen.freq().ok_or(Refused::Channel)?;
        self.listening.duration = duration;
        if self.search.scan_running {
            if !matches!(self.search.after_scan, AfterScan::Connect(_)) {
                self.search.after_scan = AfterScan::Listen;
            }
            return Ok(());
        }
        self.listening.pending = Some(freq);
        if !self.start_listen(cx, freq, duration) {
            self.listening.pending = None;
            return Err(Refused::ListenPending);
        }
        self.set_state(State::ListenOnly);
        Ok(())
    }

    /// Listens for a random time within a search, or while a peer is waited for.
    pub(super) fn listen_in_find(&mut self, cx: &DeviceContext<'_>, discovery: bool) {
        if self.listening.pending.is_some() {
            return;
        }
        let Some(freq) = self.config.listen.freq() else { return };
        let tu = self.draw_listen_tu(discovery);
        if tu == 0 {
            self.set_timeout(cx, Duration::ZERO);
            return;
        }
        self.listening.duration = TU * i64::from(tu);
        self.listening.pending = Some(freq);
        if !self.start_listen(cx, freq, Duration::from_millis(self.listening.duration.millis())) {
            self.listening.pending = None;
        }
    }

    /// In TU: a multiple of 100 within the discoverable interval, unless it is limited.
    fn draw_listen_tu(&mut self, discovery: bool) -> u32 {
        let (min, max, limit) = self.listening.interval;
        let mut tu = self.draws.listen.below(max - min + 1).saturating_add(min).saturating_mul(100);
        tu = tu.min(limit.unwrap_or(u32::MAX));
        if !discovery {
            tu = tu.max(100);
        }
        let max_listen = u64::from(self.config.max_listen);
        if max_listen != 0 && u64::from(tu) * 1024 / 1000 > max_listen {
            tu = u32::try_from(max_listen * 1000 / 1024).unwrap_or(tu);
        }
        tu
    }

    /// Whether the driver can be asked to listen; it is, then.
    pub(super) fn start_listen(&mut self, cx: &DeviceContext<'_>, freq: u32, duration: Duration) -> bool {
        let asked = self.actions.iter().rev().find_map(|a| match a {
            Action::StartListen { .. } => Some(true),
            Action::StopListen => Some(false),
            _ => None,
        });
        if asked.unwrap_or_else(|| cx.host.listen_busy()) {
            return false;
        }
        let probe_response_elements = self.probe_response_ies();
        self.actions.push_back(Action::StartListen { freq, duration, probe_response_elements });
        true
    }

    /// Ends `listen`, not a listen state of another operation.
    pub fn stop_listen(&mut self, cx: &DeviceContext<'_>) {
        if self.state == State::ListenOnly {
            self.stop_listen_except(cx, None);
            self.set_state(State::Idle);
        }
    }

    /// Ends any listen state but one on this channel, where an answer is expected.
    pub(super) fn stop_listen_except(&mut self, _cx: &DeviceContext<'_>, freq: Option<u32>) {
        let here = |f: Option<u32>| freq.is_some() && f == freq;
        if (here(self.listening.driver) && self.listening.active) || here(self.listening.pending) {
            return;
        }
        if core::mem::take(&mut self.listening.active) {
            self.clear_timeout();
        }
        // The driver need not say that it stopped.
        self.listening.driver = None;
        self.actions.push_back(Action::StopListen);
    }

    /// The driver began to listen.
    pub fn listen_cb(&mut self, cx: &DeviceContext<'_>, freq: u32, _duration: Duration) {
        if self.listening.awake == Some(freq) {
            self.listening.awake = None;
            return;
        }
        if self.listening.pending != Some(freq) {
            return;
        }
        self.listening.active = true;
        self.listening.driver = Some(freq);
        if self.listening.duration != Duration::ZERO {
            self.set_timeout(cx, self.listening.duration + DRIVER_MARGIN);
        }
        self.listening.pending = None;
    }

    /// The driver stopped listening. Whether an operation goes on by itself.
    pub fn listen_end(&mut self, cx: &DeviceContext<'_>, _freq: u32) -> bool {
        self.listening.driver = None;
        if self.listening.active {
            // The timer takes the next step.
            return false;
        }
        let not_started = self.listening.pending.is_some();
        match self.state {
            State::WaitPeerConnect if self.go_neg_peer.is_some() && not_started => {
                self.set_timeout(cx, NOT_STARTED_DELAY);
                true
            }
            State::ConnectListen if self.go_neg_peer.is_some() => self.try_to_connect_again(cx),
            State::Search if self.search.scan_running => true,
            State::Search if not_started => {
                self.set_timeout(cx, NOT_STARTED_DELAY);
                true
            }
            State::Search if self.search.delay != Duration::ZERO => {
                self.set_timeout(cx, self.search.delay);
                true
            }
            State::Search => {
                self.search(cx);
                true
            }
            _ => false,
        }
    }

    /// Another GO Negotiation Request, unless enough were sent. Whether it was.
    pub(super) fn try_to_connect_again(&mut self, cx: &DeviceContext<'_>) -> bool {
        let Some(peer) = self.negotiating() else { return false };
        let addr = peer.info.device_addr;
        if peer.connect_reqs >= MAX_CONNECT_REQS {
            self.go_neg_failed(cx, -1);
            return false;
        }
        self.set_state(State::Connect);
        let _ = self.connect_send(cx, addr);
        true
    }

    /// Listens for `period` every `interval`; both zero to stop. Up to 65535 ms.
    pub fn ext_listen(
        &mut self,
        cx: &DeviceContext<'_>,
        period: Duration,
        interval: Duration,
    ) -> Result<(), Refused> {
        let valid = |d: Duration| (0..=65535).contains(&d.millis());
        let both = (period == Duration::ZERO) == (interval == Duration::ZERO);
        if !valid(period) || !valid(interval) || period > interval || !both {
            return Err(Refused::Invalid);
        }
        self.stop_ext_listen();
        if interval != Duration::ZERO {
            self.listening.ext = (period, interval);
            self.timers.set(Timer::ExtListen, cx.now + interval);
        }
        Ok(())
    }

    pub(super) fn stop_ext_listen(&mut self) {
        self.timers.cancel(Timer::ExtListen);
        self.listening.ext = (Duration::ZERO, Duration::ZERO);
    }

    /// Extended Listen Timing in ms as attributes carry it, if it is on.
    pub(super) fn ext_listen_timing(&self) -> Option<(u16, u16)> {
        let (period, interval) = self.listening.ext;
        let ms = |d: Duration| u16::try_from(d.millis()).unwrap_or(u16::MAX);
        (interval != Duration::ZERO).then(|| (ms(period), ms(interval)))
    }

    pub(super) fn ext_listen_timeout(&mut self, cx: &DeviceContext<'_>) {
        let (period, interval) = self.listening.ext;
        if interval != Duration::ZERO {
            self.timers.set(Timer::ExtListen, cx.now + interval);
        }
        if cx.host.in_progress() || (self.pending == Pending::Pd && self.provisioning.retries > 0) {
            return;
        }
        if self.state == State::ListenOnly && self.listening.ext_only {
            // The last one never ended: a scan may have been in the way.
            self.listening.ext_only = false;
            self.set_state(State::Idle);
        }
        if self.state == State::Idle {
            self.listening.ext_only = self.listen(cx, period).is_ok();
        }
    }

    pub(super) fn listen_only_timeout(&mut self, cx: &DeviceContext<'_>) {
        if self.pending == Pending::Pd {
            self.prov_disc_timeout(cx);
        }
        if core::mem::take(&mut self.listening.ext_only) {
            self.set_state(State::Idle);
        }
    }

    /// The listen channel; takes effect when the device is at rest. `forced` by the user.
    pub fn set_listen_channel(&mut self, listen: ClassChannel, forced: bool) -> Result<(), Refused> {
        if listen.freq().is_none() || (self.config.listen_forced && !forced) {
            return Err(Refused::Channel);
        }
        if self.state == State::Idle {
            self.config.listen = listen;
            self.config.listen_forced = forced;
        } else {
            self.listening.next_channel = Some(listen);
        }
        Ok(())
    }

    /// Sets the time that listen states of `find` last, in units of 100 TU, and their limit in TU.
    pub fn set_disc_int(&mut self, min: i32, max: i32, max_tu: Option<u32>) -> Result<(), Refused> {
        match (u32::try_from(min), u32::try_from(max)) {
            (Ok(min), Ok(max)) if min <= max => {
                self.listening.interval = (min, max, max_tu);
                Ok(())
            }
            _ => Err(Refused::Invalid),
        }
    }
}
