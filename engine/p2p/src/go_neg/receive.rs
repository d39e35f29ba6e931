//! GO Negotiation Request and Confirmation received.

use super::super::device::{Device, Pending, State, Timer};
use super::super::peer::GoState;
use super::super::{Action, DeviceContext, Event, WpsMethod};
use super::build::Response;
use super::{compatible, owner};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{MAX_GO_INTENT, Message, status};
use wpasim_wire::time::Duration;

/// The time for which the confirmation is waited for on the channel.
const RESPONSE_WAIT: Duration = Duration::from_millis(100);
/// The peer may repeat its confirmation: this device stays on the channel to acknowledge it.
const CONFIRM_LINGER: Duration = Duration::from_millis(20);

/// The fate of a request.
enum Outcome {
    /// It is answered with this status.
    Answer(u8),
    /// It is not answered: the other request is.
    Ignore,
}

impl Device {
    /// A GO Negotiation Request from its dialog token on.
    pub(crate) fn rx_go_neg_req(&mut self, cx: &DeviceContext<'_>, src: MacAddr, content: &[u8], freq: u32) {
        self.end_lingering();
        let Ok(msg) = Message::parse(content) else { return };
        if self.rejected_by_request(cx, src, &msg) {
            return;
        }
        let mut known = None;
        let verdict = if request_complete(&msg, src) {
            self.learn_of_requester(cx, src, &msg);
            known = Some(src);
            self.judge_request(cx, src, &msg, freq)
        } else {
            if request_attributes(&msg) && msg.device_addr() == Some(src) {
                known = self.peer(src).map(|p| p.info.device_addr);
            }
            Outcome::Answer(status::INVALID_PARAMS)
        };
        if let Outcome::Answer(status) = verdict {
            self.answer_request(cx, src, known, &msg, status, freq);
        }
    }

    /// Some devices say in a request of their own that the user rejected ours.
    fn rejected_by_request(&mut self, cx: &DeviceContext<'_>, src: MacAddr, msg: &Message) -> bool {
        let rejected = msg.p2p.status == Some(status::REJECTED_BY_USER)
            && request_attributes(msg)
            && msg.device_addr() == Some(src)
            && self.go_neg_peer == Some(src);
        if rejected {
            self.actions.push_back(Action::ActionDone);
            self.go_neg_failed(cx, i32::from(status::REJECTED_BY_USER));
        }
        rejected
    }

    fn learn_of_requester(&mut self, cx: &DeviceContext<'_>, src: MacAddr, msg: &Message) {
        match self.peer(src) {
            None => self.add_from_go_neg_req(cx, src, msg),
            Some(peer)
                if peer.flags.probe_req_only
                    || !peer.flags.reported
                    || (peer.listen_freq == 0 && peer.oper_freq == 0) =>
            {
                self.add_dev_info(cx, src, msg);
            }
            Some(_) => {}
        }
        if self.go_neg_peer == Some(src) {
            self.timers.cancel(Timer::GoNegWait);
        }
    }

    fn judge_request(&mut self, cx: &DeviceContext<'_>, src: MacAddr, msg: &Message, freq: u32) -> Outcome {
        let Some(peer) = self.peer(src) else { return Outcome::Answer(status::INFO_CURRENTLY_UNAVAILABLE) };
        if peer.flags.user_rejected {
            return Outcome::Answer(status::REJECTED_BY_USER);
        }
        if peer.wps_method == WpsMethod::NotReady {
            self.event(Event::GoNegRequest {
                src,
                password_id: msg.wps.password_id.unwrap_or_default(),
                go_intent: msg.p2p.go_intent.unwrap_or_default() >> 1,
            });
            return Outcome::Answer(status::INFO_CURRENTLY_UNAVAILABLE);
        }
        if self.go_neg_peer.is_some_and(|other| other != src) {
            return Outcome::Answer(status::UNABLE_TO_ACCOMMODATE);
        }
        if self.go_neg_peer.is_none() && !peer.flags.force_freq {
            self.default_channel();
        }
        self.accept_request(cx, src, msg, freq)
    }

    /// A request of a peer that this device wants to form a group with.
    fn accept_request(&mut self, cx: &DeviceContext<'_>, src: MacAddr, msg: &Message, freq: u32) -> Outcome {
        let own = self.addr();
        let Some(peer) = self.peer_mut(src) else { return Outcome::Ignore };
        peer.flags.not_yet_ready = false;
        let Some(intent) = msg.p2p.go_intent.filter(|i| i >> 1 <= MAX_GO_INTENT) else {
            return Outcome::Answer(status::INVALID_PARAMS);
        };
        if peer.go_neg_req_sent > 0 && (src > own || peer.flags.peer_waiting_response) {
            // Both asked: the request of the device with the lower address is answered, or ours if the
            // peer waits for it.
            return Outcome::Ignore;
        }
        match self.agree(src, msg, intent) {
            Ok(go) => {
                self.begin_negotiation(cx, src, msg, go, freq);
                Outcome::Answer(status::SUCCESS)
            }
            Err(status) => Outcome::Answer(status),
        }
    }

    /// Whether this device becomes group owner, or why there can be no group.
    fn agree(&mut self, src: MacAddr, msg: &Message, intent: u8) -> Result<bool, u8> {
        let go = owner(self.go_intent, intent).ok_or(status::BOTH_GO_INTENT_15)?;
        let own = self.operating.channels.clone();
        let list = msg.p2p.channel_list.as_deref().unwrap_or_default();
        self.take_peer_channels(src, &own, list).map_err(|()| status::NO_COMMON_CHANNELS)?;
        let method = self.peer(src).map_or(WpsMethod::NotReady, |p| p.wps_method);
        if !compatible(method, msg.wps.password_id.unwrap_or_default()) {
            return Err(status::INCOMPATIBLE_PROV_METHOD);
        }
        if go {
            self.go_select_channel(src)?;
        }
        Ok(go)
    }

    fn begin_negotiation(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        msg: &Message,
        go: bool,
        freq: u32,
    ) {
        self.peer_operates_at(src, msg.p2p.operating_channel);
        if let Some(peer) = self.peer_mut(src) {
            peer.go_state = if go { GoState::Local } else { GoState::Remote };
            if let Some((go, client)) = msg.p2p.config_timeout {
                peer.go_timeout = go;
                peer.client_timeout = client;
            }
        }
        if self.state != State::Idle {
            self.stop_find_except(cx, Some(freq).filter(|f| *f > 0));
        }
        self.set_state(State::GoNeg);
        self.clear_timeout();
        if let Some(peer) = self.peer_mut(src) {
            peer.dialog_token = msg.dialog_token;
            peer.intended_addr = msg.p2p.intended_addr.unwrap_or_default();
        }
        self.go_neg_peer = Some(src);
        self.timers.cancel(Timer::GoNegWait);
    }

    fn answer_request(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        known: Option<MacAddr>,
        msg: &Message,
        answer: u8,
        freq: u32,
    ) {
        let known = known.filter(|addr| self.peer_known(*addr));
        known.and_then(|addr| self.peer_mut(addr)).into_iter().for_each(|p| p.status = answer);
        let response = Response {
            dialog_token: msg.dialog_token,
            status: answer,
            tie_breaker: msg.p2p.go_intent.unwrap_or_default() & 1 == 0,
        };
        let body = self.build_go_neg_resp(known.and_then(|addr| self.peer(addr)), &response);
        let Some(freq) = Some(freq).filter(|f| *f > 0).or_else(|| self.config.listen.freq()) else { return };
        self.pending = Pending::GoNegResponseFailure;
        if answer == status::SUCCESS {
            self.pending = Pending::GoNegResponse;
            let own = self.addr();
            if let Some(peer) = self.peer_mut(src) {
                peer.flags.wait_go_neg_confirm = true;
                if src < own {
                    // This response ends the exchange; one of the peer that crosses it is late.
                    peer.flags.wait_go_neg_response = false;
                }
            }
        }
        self.send_as_bssid(cx, freq, src, body, RESPONSE_WAIT);
    }

    /// A GO Negotiation Confirmation from its dialog token on.
    pub(crate) fn rx_go_neg_conf(&mut self, cx: &DeviceContext<'_>, src: MacAddr, content: &[u8]) {
        let ready = self.negotiating().is_some_and(|p| p.wps_method != WpsMethod::NotReady);
        if self.go_neg_peer != Some(src) || !ready {
            return;
        }
        if self.pending == Pending::GoNegResponse {
            // It was received, whether that is reported or not.
            self.pending = Pending::Nothing;
        }
        let Ok(msg) = Message::parse(content) else { return };
        let Some(peer) = self.peer_mut(src) else { return never!("the peer has an entry") };
        if !core::mem::take(&mut peer.flags.wait_go_neg_confirm) {
            return;
        }
        let (expected, state) = (peer.dialog_token, peer.go_state);
        self.actions.push_back(Action::ActionDone);
        let Some(result) = msg.p2p.status.filter(|_| msg.dialog_token == expected) else { return };
        if result != status::SUCCESS {
            self.go_neg_failed(cx, i32::from(result));
            return;
        }
        if state == GoState::Remote && !self.confirmed_by_owner(cx, src, &msg) {
            return;
        }
        if state != GoState::Unknown {
            self.clear_timeout();
            self.timers.set(Timer::GoComplete, cx.now + CONFIRM_LINGER);
        }
    }

    /// Takes SSID and channel of the group that the peer will own.
    fn confirmed_by_owner(&mut self, cx: &DeviceContext<'_>, src: MacAddr, msg: &Message) -> bool {
        let Some((_, ssid)) = &msg.p2p.group_id else {
            self.ssid = Default::default();
            self.go_neg_failed(cx, i32::from(status::INVALID_PARAMS));
            return false;
        };
        self.ssid = ssid.clone();
        if msg.p2p.operating_channel.is_some() {
            self.peer_operates_at(src, msg.p2p.operating_channel);
        }
        true
    }
}

/// Whether the mandatory attributes are there that 2.10 insists on.
fn request_attributes(msg: &Message) -> bool {
    let p2p = &msg.p2p;
    p2p.listen_channel.is_some()
        && p2p.operating_channel.is_some()
        && p2p.channel_list.is_some()
        && p2p.intended_addr.is_some()
        && p2p.device_info.is_some()
}

/// Whether a request can be judged: it is complete, of the device it names, and no answer.
fn request_complete(msg: &Message, src: MacAddr) -> bool {
    request_attributes(msg) && msg.device_addr() == Some(src) && msg.p2p.status.unwrap_or_default() == 0
}
