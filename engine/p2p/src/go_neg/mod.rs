//! Group owner negotiation (Wi-Fi Direct 1.7 §3.1.4.2).

mod build;
mod receive;
mod response;

use super::device::{AfterScan, Device, Pending, State, Timer};
use super::peer::GoState;
use super::{Action, ConnectRequest, DeviceContext, Event, GoNegResults, Refused, SendResult, WpsMethod};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{device_capability, status};
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::{methods, password_id};

/// The time for which the answer to a request is waited for on the peer's channel.
const REQUEST_WAIT: Duration = Duration::from_millis(500);
/// Before the next attempt if the request was acknowledged, and if it was not.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
const NO_ACK_TIMEOUT: Duration = Duration::from_millis(100);
/// An unacknowledged confirmation is sent again this often.
const CONFIRM_RETRIES: u32 = 1;

impl Device {
    /// Starts group owner negotiation.
    pub fn connect(&mut self, cx: &DeviceContext<'_>, request: ConnectRequest) -> Result<(), Refused> {
        let addr = request.peer;
        let known = self.peer(addr).filter(|p| !p.flags.probe_req_only).ok_or(Refused::UnknownPeer)?;
        let in_group = known.flags.group_client_only;
        let discoverable = known.info.device_capability & device_capability::CLIENT_DISCOVERABILITY != 0;
        let reachable = !in_group || (discoverable && known.oper_freq > 0);
        self.prepare_channel(addr, request.force_freq, request.pref_freq, request.go_intent == 15)?;
        if !reachable {
            return Err(Refused::NotReachable);
        }
        let tie_breaker = self.next_tie_breaker;
        let Some(peer) = self.peer_mut(addr) else { return Err(Refused::UnknownPeer) };
        peer.flags.wait_go_neg_response = false;
        peer.flags.wait_go_neg_confirm = false;
        peer.flags.pd_before_go_neg = request.pd_before_go_neg;
        peer.connect_reqs = 0;
        if !request.pd_before_go_neg {
            // The same in each retry of this exchange.
            peer.next_dialog_token();
            peer.tie_breaker = tie_breaker;
            self.next_tie_breaker = !tie_breaker;
        }
        self.prepare_negotiation(&request);
        if self.state != State::Idle {
            self.stop_find(cx);
        }
        self.expect_method(&request);
        if self.search.scan_running {
            self.search.after_scan = AfterScan::Connect(addr);
            return Ok(());
        }
        self.connect_send(cx, addr)
    }

    /// Lets a peer start group owner negotiation.
    pub fn authorize(&mut self, _cx: &DeviceContext<'_>, request: ConnectRequest) -> Result<(), Refused> {
        self.peer(request.peer).ok_or(Refused::UnknownPeer)?;
        self.prepare_channel(request.peer, request.force_freq, request.pref_freq, request.go_intent == 15)?;
        self.prepare_negotiation(&request);
        self.expect_method(&request);
        Ok(())
    }

    /// Prepares either side of a negotiation.
    fn prepare_negotiation(&mut self, request: &ConnectRequest) {
        self.ssid_set = request.force_ssid.is_some();
        request.force_ssid.iter().for_each(|ssid| self.ssid = ssid.clone());
        self.go_intent = request.go_intent;
        self.intended_addr = request.own_interface;
        let Some(peer) = self.peer_mut(request.peer) else { return never!("the peer has an entry") };
        peer.flags.not_yet_ready = false;
        peer.flags.user_rejected = false;
        peer.go_neg_req_sent = 0;
        peer.go_state = GoState::Unknown;
        peer.set_persistence(request.persistence);
    }

    fn expect_method(&mut self, request: &ConnectRequest) {
        let Some(peer) = self.peer_mut(request.peer) else { return never!("the peer has an entry") };
        peer.wps_method = request.wps_method;
        peer.status = status::SUCCESS;
    }

    /// Takes an authorization back.
    pub fn unauthorize(&mut self, _cx: &DeviceContext<'_>, peer: MacAddr) -> Result<(), Refused> {
        self.peer(peer).ok_or(Refused::UnknownPeer)?;
        if self.go_neg_peer == Some(peer) {
            self.timers.cancel(Timer::GoNegWait);
            self.timers.cancel(Timer::GoComplete);
            self.go_neg_peer = None;
        }
        let Some(peer) = self.peer_mut(peer) else { return Err(Refused::UnknownPeer) };
        peer.wps_method = WpsMethod::NotReady;
        peer.flags.wait_go_neg_response = false;
        peer.flags.wait_go_neg_confirm = false;
        Ok(())
    }

    /// Refuses a peer until the user connects to it.
    pub fn reject(&mut self, _cx: &DeviceContext<'_>, peer: MacAddr) -> Result<(), Refused> {
        let peer = self.peer_mut(peer).ok_or(Refused::UnknownPeer)?;
        peer.status = status::REJECTED_BY_USER;
        peer.flags.user_rejected = true;
        Ok(())
    }

    /// Sends a GO Negotiation Request, or provision discovery before it.
    pub(super) fn connect_send(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) -> Result<(), Refused> {
        let peer = self.peer(addr).ok_or(Refused::UnknownPeer)?;
        if peer.flags.pd_before_go_neg {
            let config_methods = match peer.wps_method {
                WpsMethod::PinDisplay => methods::KEYPAD,
                WpsMethod::PinKeypad => methods::DISPLAY,
                WpsMethod::Pbc => methods::PUSHBUTTON,
                WpsMethod::NotReady | WpsMethod::Nfc => return Err(Refused::Invalid),
            };
            return self.prov_disc_req(cx, addr, config_methods, false, None, true);
        }
        let freq = peer.reachable_freq().ok_or(Refused::NotReachable)?;
        let body = self.build_go_neg_req(peer);
        self.set_state(State::Connect);
        self.pending = Pending::GoNegRequest;
        self.go_neg_peer = Some(addr);
        self.timers.cancel(Timer::GoNegWait);
        if let Some(peer) = self.peer_mut(addr) {
            peer.flags.wait_go_neg_response = true;
            peer.connect_reqs += 1;
            peer.go_neg_req_sent += 1;
        }
        self.send_to_peer(cx, freq, addr, body, REQUEST_WAIT);
        Ok(())
    }

    /// The peer was heard on this channel.
    pub(super) fn go_neg_start(&mut self, cx: &DeviceContext<'_>) {
        let Some(peer) = self.negotiating_mut() else { return never!("a negotiation goes on") };
        let addr = peer.info.device_addr;
        peer.status = status::SUCCESS;
        self.listening.pending = None;
        self.actions.push_back(Action::StopListen);
        // An earlier time-out must not end the exchange that begins now.
        self.set_timeout(cx, ANSWER_TIMEOUT);
        let _ = self.connect_send(cx, addr);
    }

    pub(super) fn go_neg_req_sent(&mut self, cx: &DeviceContext<'_>, acked: bool) {
        let Some(peer) = self.negotiating_mut() else { return };
        let (addr, waiting) = (peer.info.device_addr, peer.flags.peer_waiting_response);
        if acked && peer.flags.user_rejected {
            self.set_state(State::Idle);
            return;
        }
        if !acked {
            peer.go_neg_req_sent = peer.go_neg_req_sent.saturating_sub(1);
            let discoverable = peer.info.device_capability & device_capability::CLIENT_DISCOVERABILITY != 0;
            if discoverable && !peer.member_in_go_dev.is_zero() {
                // It sleeps in a group: its owner can wake it.
                self.actions.push_back(Action::ActionDone);
                self.send_dev_disc_req(cx, addr);
                return;
            }
        }
        self.set_state(State::Connect);
        let mut timeout = if acked { ANSWER_TIMEOUT } else { NO_ACK_TIMEOUT };
        if !acked && waiting {
            // Neither listens between attempts, so that they must not be in step.
            timeout = timeout + Duration::from_micros(i64::from(self.draws.wait.below(100_000)));
        }
        self.set_timeout(cx, timeout);
    }

    pub(super) fn go_neg_resp_sent(&mut self, cx: &DeviceContext<'_>) {
        if self.go_neg_peer.is_none() && self.state == State::Provisioning {
            return;
        }
        self.set_state(State::Connect);
        self.set_timeout(cx, ANSWER_TIMEOUT);
    }

    pub(super) fn go_neg_failure_sent(&mut self, cx: &DeviceContext<'_>, dst: MacAddr, acked: bool) {
        if let Some(peer) = self.negotiating()
            && peer.status != status::SUCCESS
        {
            self.go_neg_failed(cx, i32::from(peer.status));
            return;
        }
        if acked
            && let Some(peer) = self.peer_mut(dst)
            && peer.status == status::INFO_CURRENTLY_UNAVAILABLE
        {
            peer.flags.peer_waiting_response = true;
        }
        if matches!(self.state, State::Search | State::SdDuringFind) {
            self.continue_find(cx);
        }
    }

    pub(super) fn go_neg_conf_sent(&mut self, cx: &DeviceContext<'_>, result: SendResult) {
        match result {
            SendResult::Failed => {
                self.actions.push_back(Action::ActionDone);
                self.go_neg_failed(cx, -1);
                return;
            }
            SendResult::NoAck if self.resend_go_neg_conf(cx) => return,
            // The peer may have left the channel at once, so that its acknowledgement means little.
            SendResult::NoAck | SendResult::Success => {}
        }
        self.actions.push_back(Action::ActionDone);
        self.go_complete();
    }

    fn resend_go_neg_conf(&mut self, cx: &DeviceContext<'_>) -> bool {
        let Some(peer) = self.negotiating_mut() else { return false };
        if peer.go_neg_conf_sent > CONFIRM_RETRIES {
            return false;
        }
        let Some(body) = peer.go_neg_conf.clone() else { return false };
        let (addr, freq) = (peer.info.device_addr, peer.go_neg_conf_freq);
        peer.go_neg_conf_sent += 1;
        self.pending = Pending::GoNegConfirm;
        self.send_to_peer(cx, freq, addr, body, Duration::ZERO);
        true
    }

    /// Negotiation is over and a group is to be formed.
    pub(super) fn go_complete(&mut self) {
        let Some(peer) = self.negotiating() else { return never!("a negotiation goes on") };
        let go = peer.go_state == GoState::Local;
        let mut common = self.operating.channels.intersect(&peer.channels);
        if go {
            common.remove_freqs(&self.config.no_go_freqs);
        }
        let freq = if go {
            self.operating.channel.freq().unwrap_or_default()
        } else {
            u32::try_from(peer.oper_freq).unwrap_or_default()
        };
        let mut results = GoNegResults {
            status: 0,
            role_go: go,
            freq,
            ssid: self.ssid.clone(),
            passphrase: String::new(),
            psk: None,
            peer_device: peer.info.device_addr,
            peer_interface: peer.intended_addr,
            wps_method: peer.wps_method,
            freq_list: common.freqs(),
            persistence: peer.persistence(),
            peer_config_timeout: u32::from(if go { peer.client_timeout } else { peer.go_timeout }),
        };
        if go {
            results.passphrase = self.build_passphrase();
        }
        self.clear_timeout();
        self.timers.cancel(Timer::GoComplete);
        self.ssid_set = false;
        if let Some(peer) = self.negotiating_mut() {
            peer.go_neg_req_sent = 0;
            peer.flags.peer_waiting_response = false;
            peer.wps_method = WpsMethod::NotReady;
            peer.go_neg_conf = None;
        }
        self.set_state(State::Provisioning);
        self.event(Event::GoNegCompleted(Box::new(results)));
    }

    /// Whether negotiation is over but for the time in which the peer's confirmation may come again.
    pub(super) fn lingering(&self) -> bool {
        self.timers.deadline(Timer::GoComplete).is_some()
    }

    /// Whatever else happens comes after the end of the negotiation: 2.10 does nothing in that time.
    pub(super) fn end_lingering(&mut self) {
        if self.timers.cancel(Timer::GoComplete) {
            self.go_complete();
        }
    }

    /// Registration with the peer at this interface address succeeded.
    pub fn wps_success(&mut self, _cx: &DeviceContext<'_>, interface: MacAddr) {
        if self.negotiating().is_some_and(|p| p.intended_addr == interface) {
            self.end_formation();
        }
    }

    /// Group formation failed.
    pub fn group_formation_failed(&mut self, _cx: &DeviceContext<'_>) {
        if self.go_neg_peer.is_some() {
            self.end_formation();
        }
    }

    fn end_formation(&mut self) {
        self.go_neg_peer = None;
        self.clear_timeout();
        self.set_state(State::Idle);
    }
}

/// Returns whether this device becomes group owner, `None` if both insist (Wi-Fi Direct 1.7
/// §3.1.4.2.1). `peer` carries intent and tie breaker.
fn owner(own_intent: u8, peer: u8) -> Option<bool> {
    let peer_intent = peer >> 1;
    if own_intent != peer_intent {
        return Some(own_intent > peer_intent);
    }
    (own_intent != wpasim_wire::p2p::MAX_GO_INTENT).then_some(peer & 1 == 0)
}

/// Whether the peer's way to authenticate goes together with ours.
fn compatible(own: WpsMethod, peer_password_id: u16) -> bool {
    match peer_password_id {
        password_id::REGISTRAR_SPECIFIED => own == WpsMethod::PinKeypad,
        password_id::USER_SPECIFIED => own == WpsMethod::PinDisplay,
        password_id::PUSHBUTTON => own == WpsMethod::Pbc,
        _ => false,
    }
}
