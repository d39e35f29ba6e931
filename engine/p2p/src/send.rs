//! Action frames: to whom they go, what they came to, and who reads them.

use super::device::{Device, Pending};
use super::{Action, DeviceContext, SendResult};
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{ActionFrame, ActionKind, action_subtype, public_subtype};
use wpasim_wire::time::Duration;

/// Public Action (IEEE 802.11-2020 table 9-51), and GAS frames among them (table 9-363).
const CATEGORY_PUBLIC: u8 = 4;
const GAS: core::ops::RangeInclusive<u8> = 10..=13;

/// The addresses and the channel of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// In MHz.
    pub freq: u32,
    pub dst: MacAddr,
    pub src: MacAddr,
    pub bssid: MacAddr,
}

impl Device {
    /// Sends a request or a confirmation: in the name of the peer's BSS.
    pub(super) fn send_to_peer(
        &mut self,
        cx: &DeviceContext<'_>,
        freq: u32,
        dst: MacAddr,
        body: Vec<u8>,
        wait: Duration,
    ) {
        let route = Route { freq, dst, src: self.addr(), bssid: dst };
        self.send_action(cx, route, body, wait);
    }

    /// Sends a response: in the name of this device's BSS.
    pub(super) fn send_as_bssid(
        &mut self,
        cx: &DeviceContext<'_>,
        freq: u32,
        dst: MacAddr,
        body: Vec<u8>,
        wait: Duration,
    ) {
        let route = Route { freq, dst, src: self.addr(), bssid: self.addr() };
        self.send_action(cx, route, body, wait);
    }

    pub(super) fn send_action(
        &mut self,
        cx: &DeviceContext<'_>,
        route: Route,
        body: Vec<u8>,
        wait: Duration,
    ) {
        let Route { freq, dst, src, bssid } = route;
        self.actions.push_back(Action::SendAction { freq, dst, src, bssid, body, wait });
        let elsewhere = self.listening.driver.is_some_and(|f| f != freq);
        if freq > 0 && self.listening.active && elsewhere && cx.host.send_needs_channel(freq) {
            // So that the frame need not wait until the listen state ends.
            self.stop_listen_except(cx, Some(freq));
        }
    }

    /// The fate of the action frame that was sent last.
    pub fn send_action_cb(
        &mut self,
        cx: &DeviceContext<'_>,
        _freq: u32,
        dst: MacAddr,
        _src: MacAddr,
        _bssid: MacAddr,
        result: SendResult,
    ) {
        let acked = result == SendResult::Success;
        match core::mem::take(&mut self.pending) {
            Pending::Nothing => self.end_action_in_progress(),
            Pending::GoNegRequest => self.go_neg_req_sent(cx, acked),
            Pending::GoNegResponse => self.go_neg_resp_sent(cx),
            Pending::GoNegResponseFailure => self.go_neg_failure_sent(cx, dst, acked),
            Pending::GoNegConfirm => self.go_neg_conf_sent(cx, result),
            Pending::Sd => self.service_query_sent(cx, acked),
            Pending::Pd => self.prov_disc_req_sent(cx, acked),
            Pending::PdResponse => self.prov_disc_resp_sent(cx),
            Pending::InvitationRequest => self.invitation_req_sent(cx, acked),
            Pending::InvitationResponse => self.invitation_resp_sent(),
            Pending::DevDiscRequest => self.dev_disc_req_sent(cx, acked),
            Pending::DevDiscResponse => self.actions.push_back(Action::ActionDone),
            Pending::GoDiscReq => self.go_disc_req_sent(cx, acked),
        }
    }

    pub(super) fn end_action_in_progress(&mut self) {
        if core::mem::take(&mut self.send_action_in_progress) {
            self.actions.push_back(Action::ActionDone);
        }
    }

    /// An action frame came; `body` begins at the category octet.
    pub fn rx_action(
        &mut self,
        cx: &DeviceContext<'_>,
        dst: MacAddr,
        src: MacAddr,
        _bssid: MacAddr,
        body: &[u8],
        freq: u32,
    ) {
        match (body, ActionFrame::parse(body)) {
            (_, Some(frame)) if frame.kind == ActionKind::Public => self.rx_public(cx, src, &frame, freq),
            (_, Some(frame)) => self.rx_within_group(cx, dst, src, &frame, freq),
            ([CATEGORY_PUBLIC, rest @ ..], None) if rest.first().is_some_and(|a| GAS.contains(a)) => {
                self.rx_gas(cx, src, rest, freq);
            }
            _ => {}
        }
    }

    fn rx_public(&mut self, cx: &DeviceContext<'_>, src: MacAddr, frame: &ActionFrame<'_>, freq: u32) {
        let content = frame.content;
        match frame.subtype {
            public_subtype::GO_NEG_REQ => self.rx_go_neg_req(cx, src, content, freq),
            public_subtype::GO_NEG_RESP => self.rx_go_neg_resp(cx, src, content, freq),
            public_subtype::GO_NEG_CONF => self.rx_go_neg_conf(cx, src, content),
            public_subtype::INVITATION_REQ => self.rx_invitation_req(cx, src, content, freq),
            public_subtype::INVITATION_RESP => self.rx_invitation_resp(cx, src, content),
            public_subtype::DEV_DISC_REQ => self.rx_dev_disc_req(cx, src, content, freq),
            public_subtype::DEV_DISC_RESP => self.rx_dev_disc_resp(cx, src, content),
            public_subtype::PROV_DISC_REQ => self.rx_prov_disc_req(cx, src, content, freq),
            public_subtype::PROV_DISC_RESP => self.rx_prov_disc_resp(cx, src, content),
            _ => {}
        }
    }

    fn rx_within_group(
        &mut self,
        cx: &DeviceContext<'_>,
        dst: MacAddr,
        src: MacAddr,
        frame: &ActionFrame<'_>,
        freq: u32,
    ) {
        match frame.subtype {
            action_subtype::PRESENCE_REQ => self.rx_presence_req(cx, dst, src, frame.content, freq),
            action_subtype::PRESENCE_RESP => self.rx_presence_resp(src, frame.content),
            action_subtype::GO_DISC_REQ => self.rx_go_disc_req(cx, freq),
            _ => {}
        }
    }
}
