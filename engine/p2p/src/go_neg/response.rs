//! GO Negotiation Response received.

use super::super::device::{Device, Pending, State, Timer};
use super::super::peer::GoState;
use super::super::{Action, DeviceContext, WpsMethod};
use super::build::Confirmation;
use super::{compatible, owner};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{MAX_GO_INTENT, Message, status};
use wpasim_wire::time::Duration;

/// A peer that is not ready is waited for this long.
const NOT_READY_TIMEOUT: Duration = Duration::from_secs(120);
/// The time to stay on the channel after the confirmation.
const CONFIRM_WAIT: Duration = Duration::from_millis(50);

/// Whether this device is the owner, as far as it got, and how it went.
struct Agreement {
    go: Option<bool>,
    result: Result<(), u8>,
}

impl Device {
    /// A GO Negotiation Response from its dialog token on.
    pub(crate) fn rx_go_neg_resp(&mut self, cx: &DeviceContext<'_>, src: MacAddr, content: &[u8], freq: u32) {
        let ready = self.negotiating().is_some_and(|p| p.wps_method != WpsMethod::NotReady);
        if self.go_neg_peer != Some(src) || !ready {
            return;
        }
        let Ok(msg) = Message::parse(content) else { return };
        let Some(peer) = self.peer_mut(src) else { return never!("the peer has an entry") };
        if !core::mem::take(&mut peer.flags.wait_go_neg_response) || msg.dialog_token != peer.dialog_token {
            return;
        }
        if let Some(refusal) = msg.p2p.status.filter(|s| *s != status::SUCCESS) {
            self.refused(cx, src, refusal);
            return;
        }
        let mut agreement = Agreement { go: None, result: Ok(()) };
        agreement.result = self.agree_to_response(src, &msg, &mut agreement.go);
        if agreement.result.is_ok() {
            self.set_state(State::GoNeg);
            self.clear_timeout();
            if let Some(peer) = self.peer_mut(src) {
                peer.intended_addr = msg.p2p.intended_addr.unwrap_or_default();
            }
        }
        self.confirm(cx, src, &msg, &agreement, freq);
    }

    /// The peer refused: for now, or for good.
    fn refused(&mut self, cx: &DeviceContext<'_>, src: MacAddr, refusal: u8) {
        let Some(peer) = self.peer_mut(src) else { return never!("the peer has an entry") };
        peer.go_neg_req_sent = 0;
        if refusal == status::INFO_CURRENTLY_UNAVAILABLE {
            peer.flags.not_yet_ready = true;
            self.timers.set(Timer::GoNegWait, cx.now + NOT_READY_TIMEOUT);
            let listened = self.state == State::ConnectListen;
            self.set_state(if listened { State::WaitPeerConnect } else { State::WaitPeerIdle });
            self.set_timeout(cx, Duration::ZERO);
        } else {
            self.go_neg_failed(cx, i32::from(refusal));
        }
        self.actions.push_back(Action::ActionDone);
    }

    /// Takes what the response says. Sets who is the owner as soon as that is known.
    fn agree_to_response(&mut self, src: MacAddr, msg: &Message, role: &mut Option<bool>) -> Result<(), u8> {
        let p2p = &msg.p2p;
        if p2p.status.is_none() || p2p.intended_addr.is_none() {
            return Err(status::INVALID_PARAMS);
        }
        let intent = p2p.go_intent.filter(|i| i >> 1 <= MAX_GO_INTENT).ok_or(status::INVALID_PARAMS)?;
        let go = owner(self.go_intent, intent).ok_or(status::INCOMPATIBLE_PARAMS)?;
        *role = Some(go);
        if !go {
            let ssid = p2p.group_id.as_ref().map(|(_, ssid)| ssid.clone());
            self.ssid = ssid.clone().unwrap_or_default();
            ssid.ok_or(status::INVALID_PARAMS)?;
        }
        if let Some(peer) = self.peer_mut(src) {
            if let Some((go, client)) = p2p.config_timeout {
                peer.go_timeout = go;
                peer.client_timeout = client;
            }
            if msg.wfd_subelements.is_some() {
                peer.info.wfd_subelements.clone_from(&msg.wfd_subelements);
            }
        }
        if p2p.operating_channel.is_none() && !go {
            return Err(status::INVALID_PARAMS);
        }
        let list = p2p.channel_list.as_deref().ok_or(status::INVALID_PARAMS)?;
        let own = self.operating.channels.clone();
        self.take_peer_channels(src, &own, list).map_err(|()| status::NO_COMMON_CHANNELS)?;
        self.peer_operates_at(src, p2p.operating_channel);
        let method = self.peer(src).map_or(WpsMethod::NotReady, |p| p.wps_method);
        if !compatible(method, msg.wps.password_id.unwrap_or_default()) {
            return Err(status::INCOMPATIBLE_PROV_METHOD);
        }
        if go { self.go_select_channel(src) } else { Ok(()) }
    }

    fn confirm(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        msg: &Message,
        agreement: &Agreement,
        freq: u32,
    ) {
        let Some(peer) = self.peer(src) else { return never!("the peer has an entry") };
        let result = agreement.result.err().unwrap_or(status::SUCCESS);
        let confirmation = Confirmation {
            dialog_token: msg.dialog_token,
            status: result,
            go: agreement.go.unwrap_or(true),
            channel: msg.p2p.operating_channel,
        };
        let body = self.build_go_neg_conf(peer, &confirmation);
        let listen = u32::try_from(peer.listen_freq).unwrap_or_default();
        let freq = if freq > 0 { freq } else { listen };
        let succeeded = agreement.result.is_ok();
        self.pending = if succeeded { Pending::GoNegConfirm } else { Pending::Nothing };
        if let Some(peer) = self.peer_mut(src) {
            if succeeded {
                peer.go_state = if confirmation.go { GoState::Local } else { GoState::Remote };
            }
            peer.go_neg_conf = Some(body.clone());
            peer.go_neg_conf_freq = freq;
            peer.go_neg_conf_sent = 1;
        }
        self.send_to_peer(cx, freq, src, body, CONFIRM_WAIT);
        if !succeeded {
            self.go_neg_failed(cx, i32::from(result));
        }
    }
}
