//! The three frames of a negotiation (Wi-Fi Direct 1.7 §4.2.9.2 to §4.2.9.4).

use super::super::device::Device;
use super::super::peer::{GoState, Peer};
use crate::ElementFrame;
use wpasim_wire::p2p::{ChannelAttribute, Writer, public_action, public_subtype, status};

/// The content of a response.
pub(super) struct Response {
    pub dialog_token: u8,
    /// Of `status`.
    pub status: u8,
    pub tie_breaker: bool,
}

/// The content of a confirmation.
pub(super) struct Confirmation {
    pub dialog_token: u8,
    /// Of `status`.
    pub status: u8,
    /// Whether this device is the owner; yes too if that could not be found out.
    pub go: bool,
    /// The operating channel of the response.
    pub channel: Option<ChannelAttribute>,
}

impl Device {
    pub(super) fn build_go_neg_req(&self, peer: &Peer) -> Vec<u8> {
        let mut out = Writer::new();
        out.capability(self.capability_outside_groups(), self.group_capability(peer))
            .go_intent(self.go_intent, peer.tie_breaker)
            .config_timeout(self.go_timeout, self.client_timeout)
            .listen_channel(self.channel_attribute(self.config.listen));
        self.write_ext_listen_timing(&mut out);
        out.intended_addr(self.intended_addr);
        self.write_channel_list(&mut out, &self.operating.channels);
        out.device_info(&self.device_info(Some(peer)))
            .operating_channel(self.channel_attribute(self.operating.channel));
        let mut frame = public_action(public_subtype::GO_NEG_REQ, peer.dialog_token);
        frame.extend(out.element());
        frame.extend(self.wps_element(peer.wps_method.password_id()));
        frame.extend_from_slice(&self.wfd.go_negotiation);
        frame.extend_from_slice(self.vendor.of(ElementFrame::GO_NEG_REQUEST));
        frame
    }

    pub(super) fn build_go_neg_resp(&self, peer: Option<&Peer>, response: &Response) -> Vec<u8> {
        let state = peer.map_or(GoState::Unknown, |p| p.go_state);
        let owner = peer.filter(|_| state == GoState::Local);
        let mut out = Writer::new();
        out.status(response.status)
            .capability(self.capability_outside_groups(), owner.map_or(0, |p| self.group_capability(p)))
            .go_intent(self.go_intent, response.tie_breaker)
            .config_timeout(self.go_timeout, self.client_timeout);
        if state != GoState::Remote {
            out.operating_channel(self.channel_attribute(self.operating.channel));
        }
        out.intended_addr(self.intended_addr);
        match peer {
            Some(peer) if response.status == status::SUCCESS && state != GoState::Remote => {
                self.write_channel_list(&mut out, &self.operating.channels.intersect(&peer.channels));
            }
            _ => self.write_channel_list(&mut out, &self.operating.channels),
        }
        out.device_info(&self.device_info(peer));
        if owner.is_some() {
            out.group_id(self.addr(), &self.ssid);
        }
        let mut frame = public_action(public_subtype::GO_NEG_RESP, response.dialog_token);
        frame.extend(out.element());
        frame.extend(self.wps_element(peer.map_or(0, |p| p.wps_method.password_id())));
        frame.extend_from_slice(&self.wfd.go_negotiation);
        frame.extend_from_slice(self.vendor.of(ElementFrame::GO_NEG_RESPONSE));
        frame
    }

    pub(super) fn build_go_neg_conf(&self, peer: &Peer, confirmation: &Confirmation) -> Vec<u8> {
        let owner = Some(peer).filter(|p| p.go_state == GoState::Local);
        let own = self.channel_attribute(self.operating.channel);
        let channel = confirmation.channel.filter(|_| !confirmation.go).unwrap_or(own);
        let mut out = Writer::new();
        out.status(confirmation.status)
            .capability(self.capability_outside_groups(), owner.map_or(0, |p| self.group_capability(p)))
            .operating_channel(channel);
        self.write_channel_list(&mut out, &self.operating.channels.intersect(&peer.channels));
        if confirmation.go {
            out.group_id(self.addr(), &self.ssid);
        }
        let mut frame = public_action(public_subtype::GO_NEG_CONF, confirmation.dialog_token);
        frame.extend(out.element());
        frame.extend_from_slice(&self.wfd.go_negotiation);
        frame.extend_from_slice(self.vendor.of(ElementFrame::GO_NEG_CONFIRMATION));
        frame
    }
}
