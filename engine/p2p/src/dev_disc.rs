//! Device discoverability (Wi-Fi Direct 1.7 §3.2.4): a group owner wakes a client for somebody else.

use super::device::{Device, Pending, State};
use super::{Action, DeviceContext, Discoverability};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{Message, Writer, action, action_subtype, public_action, public_subtype, status};
use wpasim_wire::time::{Duration, TU};

/// The time for which the owner's answer is waited for.
const REQUEST_WAIT: Duration = Duration::from_millis(1000);
const RESPONSE_WAIT: Duration = Duration::from_millis(200);
/// Before the next attempt to reach the client: its owner did not hear the request, or refused it.
const NO_ACK_TIMEOUT: Duration = Duration::from_millis(100);
const REFUSED_TIMEOUT: Duration = Duration::from_millis(500);
/// The time that a client that was woken stays awake.
const AWAKE_TU: i64 = 100;

impl Device {
    /// Asks the owner of a client's group to wake the client.
    pub(super) fn send_dev_disc_req(&mut self, cx: &DeviceContext<'_>, client: MacAddr) {
        let Some(known) = self.peer(client) else { return };
        let Some(freq) = u32::try_from(known.oper_freq).ok().filter(|f| *f > 0) else { return };
        let owner = known.member_in_go_dev;
        let Some(owner) = self.peer_mut(owner) else { return never!("the peer has an entry") };
        let (owner_addr, token) = (owner.info.device_addr, owner.next_dialog_token());
        let mut out = Writer::new();
        out.device_id(client).group_id(owner_addr, &owner.oper_ssid);
        let mut body = public_action(public_subtype::DEV_DISC_REQ, token);
        body.extend(out.element());
        self.discoverability.asked = Some((owner_addr, client));
        self.pending = Pending::DevDiscRequest;
        let mut wait = REQUEST_WAIT;
        if self.config.max_listen > 0 {
            wait = wait.min(Duration::from_millis(i64::from(self.config.max_listen)));
        }
        self.send_to_peer(cx, freq, owner_addr, body, wait);
    }

    pub(super) fn dev_disc_req_sent(&mut self, cx: &DeviceContext<'_>, acked: bool) {
        if !acked {
            self.set_state(State::Connect);
            self.set_timeout(cx, NO_ACK_TIMEOUT);
        }
    }

    fn send_dev_disc_resp(
        &mut self,
        cx: &DeviceContext<'_>,
        dialog_token: u8,
        dst: MacAddr,
        freq: u32,
        status: u8,
    ) {
        let mut out = Writer::new();
        out.status(status);
        let mut body = public_action(public_subtype::DEV_DISC_RESP, dialog_token);
        body.extend(out.element());
        self.pending = Pending::DevDiscResponse;
        self.send_as_bssid(cx, freq, dst, body, RESPONSE_WAIT);
    }

    pub(super) fn rx_dev_disc_req(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        content: &[u8],
        freq: u32,
    ) {
        let Ok(msg) = Message::parse(content) else { return };
        let token = msg.dialog_token;
        let Some(client) = msg.p2p.device_id.filter(|_| token != 0) else {
            self.send_dev_disc_resp(cx, token, src, freq, status::INVALID_PARAMS);
            return;
        };
        match cx.host.discoverability_request(client) {
            Discoverability::Ask { client_interface, group } => {
                // The answer follows once the client acknowledged.
                self.discoverability.to_answer = Some((token, src, freq));
                self.pending = Pending::GoDiscReq;
                self.actions.push_back(Action::SendAction {
                    freq,
                    dst: client_interface,
                    src: group,
                    bssid: group,
                    body: action(action_subtype::GO_DISC_REQ, 0),
                    wait: RESPONSE_WAIT,
                });
            }
            Discoverability::Unknown | Discoverability::NotSupported => {
                self.send_dev_disc_resp(cx, token, src, freq, status::UNABLE_TO_ACCOMMODATE);
            }
        }
    }

    pub(super) fn go_disc_req_sent(&mut self, cx: &DeviceContext<'_>, acked: bool) {
        self.actions.push_back(Action::ActionDone);
        if let Some((token, dst, freq)) = self.discoverability.to_answer.take() {
            let answer = if acked { status::SUCCESS } else { status::UNABLE_TO_ACCOMMODATE };
            self.send_dev_disc_resp(cx, token, dst, freq, answer);
        }
    }

    pub(super) fn rx_dev_disc_resp(&mut self, cx: &DeviceContext<'_>, src: MacAddr, content: &[u8]) {
        let Some((owner, client)) = self.discoverability.asked.filter(|(owner, _)| *owner == src) else {
            return;
        };
        let Ok(msg) = Message::parse(content) else { return };
        let expected = self.peer(owner).is_some_and(|p| p.dialog_token == msg.dialog_token);
        let Some(answer) = msg.p2p.status.filter(|_| expected) else { return };
        let still_wanted = self.go_neg_peer == Some(client)
            && self.negotiating().is_some_and(|p| p.member_in_go_dev == owner);
        if !still_wanted {
            return;
        }
        if answer != status::SUCCESS {
            self.set_timeout(cx, REFUSED_TIMEOUT);
            return;
        }
        if self.state == State::Connect {
            // The next request goes out without a listen state before it.
            self.set_state(State::ConnectListen);
            self.actions.push_back(Action::ActionDone);
        }
        self.set_timeout(cx, Duration::ZERO);
    }

    /// The owner of this client's group says that somebody looks for it.
    pub(super) fn rx_go_disc_req(&mut self, cx: &DeviceContext<'_>, freq: u32) {
        self.listening.awake = Some(freq);
        self.start_listen(cx, freq, Duration::from_millis((TU * AWAKE_TU).millis()));
    }
}
