//! Invitation to a group that runs, or that ran and was kept (Wi-Fi Direct 1.7 §3.1.5).

use super::{Device, Pending, State};
use crate::ElementFrame;
use crate::channels::{Channels, ClassChannel};
use crate::peer::Peer;
use crate::{
    Action, DeviceContext, Event, FreqRanges, Invitation, InvitationVerdict, InviteRequest, InviteRole,
    OwnGroup, Refused,
};
use wpasim_runtime::never;
use wpasim_wire::p2p::{INVITATION_PERSISTENT, Message, Writer, public_action, public_subtype, status};
use wpasim_wire::time::Duration;
use wpasim_wire::{MacAddr, Ssid};

/// The time for which the answer is waited for on the channel, and before the next attempt.
const REQUEST_WAIT: Duration = Duration::from_millis(500);
const NO_ACK_TIMEOUT: Duration = Duration::from_millis(100);
const RESPONSE_WAIT: Duration = Duration::from_millis(50);
/// Requests without an answer.
const MAX_REQS: u32 = 100;

/// Invitations that are sent and received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inviting {
    pub peer: Option<MacAddr>,
    role: InviteRole,
    bssid: Option<MacAddr>,
    ssid: Ssid,
    go_device: Option<MacAddr>,
    persistent: bool,
    password_id: Option<u16>,
    /// Whether another channel may be proposed once, and whether it was.
    retry: bool,
    retried: bool,
    /// The event that tells a received invitation once it is answered.
    answered: Option<Event>,
}

/// The content of an answer beside the status.
#[derive(Default)]
struct Answer {
    status: u8,
    bssid: Option<MacAddr>,
    channel: Option<ClassChannel>,
    channels: Option<Channels>,
    /// In MHz.
    op_freq: Option<u32>,
}

impl Answer {
    fn refusal(status: u8) -> Self {
        Answer { status, ..Answer::default() }
    }
}

impl Device {
    /// Invites a peer to a group.
    pub fn invite(&mut self, cx: &DeviceContext<'_>, request: InviteRequest) -> Result<(), Refused> {
        let addr = request.peer;
        let role = request.role;
        self.peer(addr).and_then(Peer::reachable_freq).ok_or(Refused::UnknownPeer)?;
        self.prepare_channel(addr, request.force_freq, request.pref_freq, role != InviteRole::Client)?;
        let any_channel = request.force_freq.is_none() && request.pref_freq.is_none();
        if let Some(peer) = self.peer_mut(addr) {
            peer.flags.no_pref_chan = request.persistent && role == InviteRole::Client && any_channel;
            peer.invitation_reqs = 0;
        }
        if self.state != State::Idle {
            self.stop_find(cx);
        }
        self.inviting = Inviting {
            role,
            bssid: request.bssid,
            ssid: request.ssid,
            go_device: request.go_device,
            persistent: request.persistent,
            password_id: request.password_id,
            retry: role == InviteRole::Go && request.persistent && request.force_freq.is_none(),
            retried: false,
            answered: self.inviting.answered.take(),
            peer: None,
        };
        self.invite_send(cx, addr)
    }

    fn invite_send(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) -> Result<(), Refused> {
        let peer = self.peer_mut(addr).ok_or(Refused::UnknownPeer)?;
        let freq = peer.reachable_freq().ok_or(Refused::NotReachable)?;
        peer.next_dialog_token();
        peer.invitation_reqs += 1;
        peer.flags.wait_inv_req_ack = true;
        let groups = cx.host.groups();
        let Some(peer) = self.peer(addr) else { return Err(Refused::UnknownPeer) };
        let body = self.build_invitation_req(peer, &groups);
        if self.state != State::Idle {
            self.stop_listen_except(cx, Some(freq));
        }
        self.set_state(State::Invite);
        self.pending = Pending::InvitationRequest;
        self.inviting.peer = Some(addr);
        self.send_to_peer(cx, freq, addr, body, REQUEST_WAIT);
        Ok(())
    }

    fn build_invitation_req(&self, peer: &Peer, groups: &[OwnGroup]) -> Vec<u8> {
        let inviting = &self.inviting;
        let client = inviting.role == InviteRole::Client;
        let starts = inviting.role != InviteRole::ActiveGo && inviting.persistent;
        let (go, cli) = if starts { (self.go_timeout, self.client_timeout) } else { (0, 0) };
        let mut out = Writer::new();
        out.config_timeout(go, cli).invitation_flags(if inviting.persistent {
            INVITATION_PERSISTENT
        } else {
            0
        });
        if !client || !peer.flags.no_pref_chan {
            out.operating_channel(self.channel_attribute(self.operating.channel));
        }
        inviting.bssid.into_iter().for_each(|bssid| _ = out.group_bssid(bssid));
        self.write_channel_list(&mut out, &self.operating.channels);
        let owner = if client { peer.info.device_addr } else { self.addr() };
        out.group_id(inviting.go_device.unwrap_or(owner), &inviting.ssid)
            .device_info(&self.device_info(Some(peer)));
        let mut body = public_action(public_subtype::INVITATION_REQ, peer.dialog_token);
        body.extend(out.element());
        let group = inviting.bssid.filter(|_| inviting.role == InviteRole::ActiveGo);
        body.extend_from_slice(self.invitation_wfd(group, groups));
        body.extend_from_slice(self.vendor.of(ElementFrame::INVITATION_REQUEST));
        if let Some(id) = inviting.password_id {
            body.extend(self.wps_element(id));
        }
        body
    }

    /// The Wi-Fi Display element: of the group with this BSSID if it has one.
    fn invitation_wfd<'a>(&'a self, bssid: Option<MacAddr>, groups: &'a [OwnGroup]) -> &'a [u8] {
        let own = &self.wfd.invitation;
        let group = groups.iter().find(|g| Some(g.interface) == bssid && !g.wfd_element.is_empty());
        group.filter(|_| !own.is_empty()).map_or(own, |g| &g.wfd_element)
    }

    pub(crate) fn invitation_req_sent(&mut self, cx: &DeviceContext<'_>, acked: bool) {
        let Some(addr) = self.inviting.peer else { return };
        if acked {
            self.peer_mut(addr).into_iter().for_each(|p| p.flags.wait_inv_req_ack = false);
        }
        self.set_state(State::Invite);
        self.set_timeout(cx, if acked { REQUEST_WAIT } else { NO_ACK_TIMEOUT });
    }

    /// The peer was heard on this channel.
    pub(crate) fn invite_start(&mut self, cx: &DeviceContext<'_>) {
        let Some(addr) = self.inviting.peer else { return never!("a peer is being invited") };
        self.listening.pending = None;
        self.actions.push_back(Action::StopListen);
        let _ = self.invite_send(cx, addr);
    }

    pub(crate) fn invite_timeout(&mut self, cx: &DeviceContext<'_>) {
        self.actions.push_back(Action::ActionDone);
        self.set_state(State::InviteListen);
        if self.inviting.role == InviteRole::ActiveGo {
            // The group needs its operating channel more than this device its listen channel.
            self.set_timeout(cx, NO_ACK_TIMEOUT);
        } else {
            self.listen_in_find(cx, false);
        }
    }

    pub(crate) fn invite_listen_timeout(&mut self, cx: &DeviceContext<'_>) {
        let peer = self.inviting.peer.and_then(|addr| self.peer(addr));
        let Some((addr, sent)) = peer.map(|p| (p.info.device_addr, p.invitation_reqs)) else {
            self.set_state(State::Idle);
            return;
        };
        if sent < MAX_REQS {
            self.set_state(State::Invite);
            let _ = self.invite_send(cx, addr);
            return;
        }
        self.event(Event::InvitationResult {
            status: None,
            bssid: None,
            channels: None,
            peer: addr,
            freq: None,
            peer_oper_freq: None,
        });
        self.set_state(State::Idle);
    }

    pub(crate) fn rx_invitation_resp(&mut self, cx: &DeviceContext<'_>, src: MacAddr, content: &[u8]) {
        let msg = Message::parse(content).ok().filter(|_| self.inviting.peer == Some(src));
        let Some((msg, answer)) = msg.and_then(|m| m.p2p.status.map(|s| (m, s))) else {
            self.actions.push_back(Action::ActionDone);
            return;
        };
        let expected = self.peer(src).is_some_and(|p| p.dialog_token == msg.dialog_token);
        let no_channels = answer == status::NO_COMMON_CHANNELS;
        if no_channels && self.inviting.retried && !expected {
            // The refusal of the first proposal once more.
            return;
        }
        if no_channels && self.inviting.retry && self.propose_another_channel(cx, src) {
            return;
        }
        self.actions.push_back(Action::ActionDone);
        self.inviting.retry = false;
        let own = self.operating.channels.clone();
        let channels = match msg.p2p.channel_list.as_deref() {
            None => own,
            Some(list) if self.take_peer_channels(src, &own, list).is_ok() => {
                self.peer(src).map(|p| own.intersect(&p.channels)).unwrap_or_default()
            }
            Some(_) => return,
        };
        let peer_oper_freq = msg.p2p.operating_channel.map(super::peers::channel_freq);
        self.event(Event::InvitationResult {
            status: Some(answer),
            bssid: msg.p2p.group_bssid,
            channels: Some(channels),
            peer: src,
            freq: self.operating.channel.freq(),
            peer_oper_freq: peer_oper_freq.and_then(|f| u32::try_from(f).ok()),
        });
        self.clear_timeout();
        self.set_state(State::Idle);
        self.inviting.peer = None;
    }

    /// A social channel instead of the one that the peer cannot use. Whether it was proposed.
    fn propose_another_channel(&mut self, cx: &DeviceContext<'_>, peer: MacAddr) -> bool {
        let none = FreqRanges::default();
        let Some(social) = self.config.channels.random_social(&none, &none, &mut self.draws.channel) else {
            return false;
        };
        self.operating.channel = social;
        self.inviting.retry = false;
        self.inviting.retried = true;
        self.actions.push_back(Action::ActionDone);
        self.actions.push_back(Action::StopListen);
        self.set_state(State::Invite);
        let _ = self.invite_send(cx, peer);
        true
    }

    pub(crate) fn rx_invitation_req(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        content: &[u8],
        freq: u32,
    ) {
        let Ok(msg) = Message::parse(content) else { return };
        let answer = self.judge_invitation(cx, src, &msg, content, freq).unwrap_or_else(Answer::refusal);
        let body = self.build_invitation_resp(&msg, &answer, &cx.host.groups());
        let Some(freq) = Some(freq).filter(|f| *f > 0).or_else(|| self.config.listen.freq()) else { return };
        let (go_device, ssid) = msg.p2p.group_id.unwrap_or_default();
        self.inviting.answered = Some(Event::InvitationReceived {
            src,
            bssid: msg.p2p.group_bssid,
            ssid,
            go_device,
            status: answer.status,
            op_freq: answer.op_freq,
        });
        self.pending = Pending::InvitationResponse;
        self.send_as_bssid(cx, freq, src, body, RESPONSE_WAIT);
    }

    /// Returns the answer to an invitation; `Err` with the status of a refusal.
    fn judge_invitation(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        msg: &Message,
        content: &[u8],
        freq: u32,
    ) -> Result<Answer, u8> {
        if self.peer(src).is_none_or(|p| p.flags.probe_req_only) {
            self.learn_of_sender(cx, src, msg, content, freq)
                .map_err(|()| status::INFO_CURRENTLY_UNAVAILABLE)?;
        }
        let (Some((go_device, ssid)), Some(list)) = (&msg.p2p.group_id, &msg.p2p.channel_list) else {
            return Err(status::INVALID_PARAMS);
        };
        let mut all = self.config.channels.clone();
        all.unite(&self.config.client_channels);
        self.take_peer_channels(src, &all, list).map_err(|()| status::NO_COMMON_CHANNELS)?;
        let peers = self.peer(src).map(|p| p.channels.clone()).unwrap_or_default();
        let mut common = all.intersect(&peers);
        let mut verdict = cx.host.invitation(&Invitation {
            src,
            bssid: msg.p2p.group_bssid,
            go_device: *go_device,
            ssid: ssid.as_bytes(),
            // A peer that does not say so is of the time when there were no others.
            persistent: msg.p2p.invitation_flags.is_none_or(|f| f & INVITATION_PERSISTENT != 0),
            channels: &common,
            password_id: msg.wps.password_id,
        });
        // A channel in use that Wi-Fi Direct may not use forces nothing.
        verdict.force_freq = verdict.force_freq.filter(|freq| self.supported_freq(*freq));
        if verdict.go {
            common = self.config.channels.intersect(&peers);
            if common.is_empty() {
                return Err(status::NO_COMMON_CHANNELS);
            }
        }
        self.answer_invitation(src, msg, &verdict, common)
    }

    /// The answer with channel and channels.
    fn answer_invitation(
        &mut self,
        src: MacAddr,
        msg: &Message,
        verdict: &InvitationVerdict,
        common: Channels,
    ) -> Result<Answer, u8> {
        let success = verdict.status == status::SUCCESS;
        let channel = match verdict.force_freq {
            Some(freq) => {
                let channel = ClassChannel::of_freq(freq).ok_or(status::NO_COMMON_CHANNELS)?;
                if !common.includes(channel) {
                    let refusal = Answer::refusal(status::NO_COMMON_CHANNELS);
                    return Ok(Answer { channel: Some(channel), op_freq: Some(freq), ..refusal });
                }
                channel
            }
            None => self.invited_channel(src, msg, verdict.go, &common)?,
        };
        let op_freq = verdict.force_freq.or(channel.freq()).ok_or(status::NO_COMMON_CHANNELS)?;
        Ok(Answer {
            status: verdict.status,
            bssid: verdict.group_bssid.filter(|_| verdict.go && success),
            channel: Some(channel).filter(|_| success || verdict.force_freq.is_some()),
            channels: success.then_some(common),
            op_freq: Some(op_freq),
        })
    }

    /// Returns the channel on which the group shall operate: as the peer prefers, unless this device is the owner and knows
    /// better.
    fn invited_channel(
        &mut self,
        src: MacAddr,
        msg: &Message,
        go: bool,
        common: &Channels,
    ) -> Result<ClassChannel, u8> {
        let wanted = msg.p2p.operating_channel;
        let wanted = wanted.map(|c| ClassChannel { class: c.class, channel: c.channel });
        let usable = wanted.filter(|c| c.freq().is_some() && common.includes(*c));
        self.operating.channel = usable.unwrap_or(self.config.operating);
        let forced = self.peer(src).is_some_and(|p| p.flags.force_freq);
        let selected = common.includes(self.operating.channel);
        if go && (!selected || (!forced && !self.config.operating_configured)) {
            self.reselect_channel(common);
            if !common.includes(self.operating.channel) {
                return Err(status::NO_COMMON_CHANNELS);
            }
        }
        Ok(self.operating.channel)
    }

    fn build_invitation_resp(&self, msg: &Message, answer: &Answer, groups: &[OwnGroup]) -> Vec<u8> {
        let mut out = Writer::new();
        out.status(answer.status).config_timeout(0, 0);
        let channel = answer.channel.filter(|c| c.class != 0 && c.channel != 0);
        channel.into_iter().for_each(|c| _ = out.operating_channel(self.channel_attribute(c)));
        answer.bssid.into_iter().for_each(|bssid| _ = out.group_bssid(bssid));
        answer.channels.iter().for_each(|c| self.write_channel_list(&mut out, c));
        let mut body = public_action(public_subtype::INVITATION_RESP, msg.dialog_token);
        body.extend(out.element());
        body.extend_from_slice(self.invitation_wfd(answer.bssid, groups));
        body.extend_from_slice(self.vendor.of(ElementFrame::INVITATION_RESPONSE));
        body
    }

    /// Acknowledged or not: the peer has probably received it.
    pub(crate) fn invitation_resp_sent(&mut self) {
        self.actions.push_back(Action::ActionDone);
        self.inviting.answered.take().into_iter().for_each(|event| self.event(event));
    }
}
