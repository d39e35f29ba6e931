//! Provision discovery (Wi-Fi Direct 1.7 §3.1.4.1): how the users will authenticate the devices.

use super::{Device, Pending, State};
use crate::ElementFrame;
use crate::{Action, DeviceContext, Event, ProvDiscStatus, Refused};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{Message, Writer, public_action, public_subtype, status};
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::{DeviceType, methods};

/// Requests of the user that are not answered are repeated this often.
const MAX_RETRIES: u32 = 120;
/// The time for which the answer is waited for on the channel, and before the machine goes on.
const REQUEST_WAIT: Duration = Duration::from_millis(200);
const RESPONSE_WAIT: Duration = Duration::from_millis(50);
/// Before the next attempt without an acknowledgement: in a search or listen state, and at rest.
const RETRY_ACTIVE: Duration = Duration::from_millis(50);
const RETRY_IDLE: Duration = Duration::from_millis(300);
/// The methods that a request may ask for.
const REQUESTABLE: u16 = methods::DISPLAY | methods::KEYPAD | methods::PUSHBUTTON;

/// The request that is under way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Provisioning {
    /// Whether the user wants it.
    pub user_initiated: bool,
    pub peer: Option<MacAddr>,
    pub retries: u32,
    /// In MHz.
    pub force_freq: Option<u32>,
}

impl Device {
    /// Asks a peer, by its device or interface address, for a way to authenticate. `join`: before
    /// joining its group. `force_freq` is in MHz.
    pub fn prov_disc_req(
        &mut self,
        cx: &DeviceContext<'_>,
        peer: MacAddr,
        config_methods: u16,
        join: bool,
        force_freq: Option<u32>,
        user_initiated: bool,
    ) -> Result<(), Refused> {
        let known = self.peer(peer).or_else(|| self.peer_by_interface(peer));
        let addr = known.filter(|p| !p.flags.probe_req_only).ok_or(Refused::UnknownPeer)?.info.device_addr;
        if config_methods == 0 {
            return Err(Refused::Invalid);
        }
        let ready = matches!(self.state, State::Idle | State::Search | State::ListenOnly);
        let Some(peer) = self.peer_mut(addr) else { return Err(Refused::UnknownPeer) };
        peer.wps_prov_info = 0;
        peer.req_config_methods = config_methods;
        peer.flags.pd_for_join = join;
        if !ready {
            // It is sent when the machine searches again.
            return Ok(());
        }
        // The same in each retry of this exchange.
        peer.next_dialog_token();
        self.provisioning.user_initiated = user_initiated;
        self.provisioning.force_freq = force_freq;
        if user_initiated {
            self.provisioning.retries = MAX_RETRIES;
        }
        self.send_prov_disc_req(cx, addr, join, force_freq)
    }

    pub(crate) fn send_prov_disc_req(
        &mut self,
        cx: &DeviceContext<'_>,
        addr: MacAddr,
        join: bool,
        force_freq: Option<u32>,
    ) -> Result<(), Refused> {
        const DISCOVERABLE: u8 = wpasim_wire::p2p::device_capability::CLIENT_DISCOVERABILITY;
        let peer = self.peer(addr).ok_or(Refused::UnknownPeer)?;
        let freq = force_freq.or_else(|| peer.reachable_freq()).ok_or(Refused::NotReachable)?;
        if peer.flags.group_client_only && peer.info.device_capability & DISCOVERABLE == 0 {
            return Err(Refused::NotReachable);
        }
        let mut out = Writer::new();
        out.capability(self.capability_outside_groups(), 0).device_info(&self.device_info(None));
        if join {
            out.group_id(peer.info.device_addr, &peer.oper_ssid);
        }
        let mut body = public_action(public_subtype::PROV_DISC_REQ, peer.dialog_token);
        body.extend(out.element());
        body.extend(Device::wps_methods_element(peer.req_config_methods));
        body.extend_from_slice(&self.wfd.prov_disc_request);
        body.extend_from_slice(self.vendor.of(ElementFrame::PROV_DISC_REQUEST));
        if self.state != State::Idle {
            self.stop_listen_except(cx, Some(freq));
        }
        self.pending = Pending::Pd;
        self.send_to_peer(cx, freq, addr, body, REQUEST_WAIT);
        self.provisioning.peer = Some(addr);
        Ok(())
    }

    pub(crate) fn prov_disc_req_sent(&mut self, cx: &DeviceContext<'_>, acked: bool) {
        let user = self.provisioning.user_initiated;
        if !acked {
            match self.state {
                State::Search | State::ListenOnly if user => {
                    self.pending = Pending::Pd;
                    self.set_timeout(cx, RETRY_ACTIVE);
                }
                State::Idle if user => {
                    self.pending = Pending::Pd;
                    self.set_timeout(cx, RETRY_IDLE);
                }
                State::Idle => {}
                _ => self.continue_find(cx),
            }
            return;
        }
        if user {
            // So that the time-out knows what it is about.
            self.pending = Pending::Pd;
        }
        if self.state == State::Search {
            self.set_state(State::PdDuringFind);
        }
        self.set_timeout(cx, REQUEST_WAIT);
    }

    /// A request of the user was not answered.
    pub(crate) fn prov_disc_timeout(&mut self, cx: &DeviceContext<'_>) {
        self.pending = Pending::Nothing;
        if !self.provisioning.user_initiated {
            return;
        }
        let addr = self.provisioning.peer.unwrap_or_default();
        let waiting = self.peer(addr).filter(|p| p.req_config_methods != 0).map(|p| p.flags.pd_for_join);
        let join = waiting == Some(true);
        if self.provisioning.retries > 0 {
            self.provisioning.retries -= 1;
            if waiting.is_some() {
                let _ = self.send_prov_disc_req(cx, addr, join, self.provisioning.force_freq);
            }
            return;
        }
        let status = if join { ProvDiscStatus::TimeoutJoin } else { ProvDiscStatus::Timeout };
        self.event(Event::ProvDiscFailure { peer: addr, status });
        self.reset_pending_pd();
    }

    /// Forgets the request that is under way.
    pub(crate) fn reset_pending_pd(&mut self) {
        let addr = self.provisioning.peer.unwrap_or_default();
        if let Some(peer) = self.peer_mut(addr).filter(|p| !p.flags.pd_for_join) {
            peer.req_config_methods = 0;
        }
        self.provisioning = Provisioning::default();
    }

    pub(crate) fn rx_prov_disc_req(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        content: &[u8],
        freq: u32,
    ) {
        let Ok(msg) = Message::parse(content) else { return };
        let verdict = self.judge_prov_disc_req(cx, src, &msg, content, freq);
        let accepted = verdict.is_ok();
        let answer = verdict.err().unwrap_or(status::SUCCESS);
        let requested = msg.wps.config_methods;
        if matches!(msg.p2p.status, None | Some(status::SUCCESS_DEFERRED)) {
            let config_methods = if accepted { requested } else { 0 };
            let body = self.build_prov_disc_resp(cx, &msg, answer, config_methods);
            let Some(freq) = Some(freq).filter(|f| *f > 0).or_else(|| self.config.listen.freq()) else {
                return;
            };
            self.pending = Pending::PdResponse;
            self.send_as_bssid(cx, freq, src, body, RESPONSE_WAIT);
            self.send_action_in_progress = true;
        }
        if accepted {
            self.provision_requested(src, &msg);
        }
    }

    /// Whether the request is accepted, or the status that says why not.
    fn judge_prov_disc_req(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        msg: &Message,
        content: &[u8],
        freq: u32,
    ) -> Result<(), u8> {
        self.learn_of_sender(cx, src, msg, content, freq).map_err(|()| status::INCOMPATIBLE_PARAMS)?;
        let requested = msg.wps.config_methods;
        if requested & REQUESTABLE == 0 {
            return Err(status::INCOMPATIBLE_PARAMS);
        }
        if let Some((owner, ssid)) = &msg.p2p.group_id {
            let ours = *owner == self.addr() && cx.host.groups().iter().any(|g| g.ssid == *ssid);
            if !ours {
                return Err(status::INCOMPATIBLE_PARAMS);
            }
        }
        let Some(peer) = self.peer_mut(src) else { return Err(status::INCOMPATIBLE_PARAMS) };
        peer.flags.pd_peer_keypad = requested & methods::DISPLAY != 0;
        peer.flags.pd_peer_display = requested & methods::DISPLAY == 0 && requested & methods::KEYPAD != 0;
        Ok(())
    }

    /// An entry for who sent an action frame with Capability and Device Info.
    pub(crate) fn learn_of_sender(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        msg: &Message,
        content: &[u8],
        freq: u32,
    ) -> Result<(), ()> {
        match self.peer_mut(src) {
            Some(peer) if !peer.flags.probe_req_only => {
                if msg.wfd_subelements.is_some() {
                    peer.info.wfd_subelements.clone_from(&msg.wfd_subelements);
                }
                Ok(())
            }
            _ => {
                let seen =
                    super::peers::Seen { addr: src, freq, rx_time: cx.now, level: 0, scan_result: false };
                self.add_device(cx, &seen, content.get(1..).unwrap_or_default())?;
                self.peer(src).map(|_| ()).ok_or(())
            }
        }
    }

    fn build_prov_disc_resp(
        &self,
        cx: &DeviceContext<'_>,
        msg: &Message,
        answer: u8,
        methods: u16,
    ) -> Vec<u8> {
        let mut body = public_action(public_subtype::PROV_DISC_RESP, msg.dialog_token);
        if answer != status::SUCCESS {
            let mut out = Writer::new();
            out.status(answer);
            body.extend(out.element());
        }
        body.extend(Device::wps_methods_element(methods));
        let groups = cx.host.groups();
        let (owner, ssid) = msg.p2p.group_id.clone().unwrap_or_default();
        let group = groups.iter().find(|g| owner == self.addr() && g.ssid == ssid);
        let wfd = match group {
            Some(group) if !self.wfd.prov_disc_response.is_empty() && !group.wfd_element.is_empty() => {
                &group.wfd_element
            }
            _ => &self.wfd.prov_disc_response,
        };
        body.extend_from_slice(wfd);
        body.extend_from_slice(self.vendor.of(ElementFrame::PROV_DISC_RESPONSE));
        body
    }

    /// Tells of an accepted request, and keeps what the users will do.
    fn provision_requested(&mut self, src: MacAddr, msg: &Message) {
        let info = msg.p2p.device_info.clone().unwrap_or_default();
        let (device_capability, group_capability) = msg.p2p.capability.unwrap_or_default();
        let requested = msg.wps.config_methods;
        self.event(Event::ProvDiscRequest {
            peer: src,
            config_methods: requested,
            device_addr: if msg.p2p.device_info.is_some() { info.addr } else { src },
            primary_type: msg.p2p.device_info.as_ref().map_or(DeviceType::default(), |i| i.primary_type),
            device_name: msg.device_name.clone(),
            supported_methods: info.config_methods,
            device_capability,
            group_capability,
            group_id: msg.p2p.group_id.clone(),
        });
        let Some(peer) = self.peer_mut(src) else { return never!("the peer has an entry") };
        peer.wps_prov_info = match requested {
            methods::DISPLAY => methods::KEYPAD,
            methods::KEYPAD => methods::DISPLAY,
            methods::PUSHBUTTON => methods::PUSHBUTTON,
            _ => 0,
        };
        if let Some(addr) = msg.p2p.intended_addr {
            peer.interface_addr = addr;
        }
    }

    pub(crate) fn prov_disc_resp_sent(&mut self, cx: &DeviceContext<'_>) {
        self.end_action_in_progress();
        if self.state == State::Search {
            self.continue_find(cx);
        }
    }

    pub(crate) fn rx_prov_disc_resp(&mut self, cx: &DeviceContext<'_>, src: MacAddr, content: &[u8]) {
        let Ok(msg) = Message::parse(content) else { return };
        let Some(peer) = self.peer_mut(src).filter(|p| p.req_config_methods != 0) else { return };
        if msg.wfd_subelements.is_some() {
            peer.info.wfd_subelements.clone_from(&msg.wfd_subelements);
        }
        if peer.dialog_token != msg.dialog_token {
            return;
        }
        let requested = peer.req_config_methods;
        if self.pending == Pending::Pd {
            self.pending = Pending::Nothing;
            self.provisioning.peer = None;
        } else if self.provisioning.user_initiated && self.provisioning.peer == Some(src) {
            self.reset_pending_pd();
        }
        let to_report = self.take_prov_disc_resp(src, &msg, requested);
        self.prov_disc_over(cx, src, to_report);
    }

    /// Takes the answer. The methods to tell of, which are none if the peer only left them out.
    fn take_prov_disc_resp(&mut self, src: MacAddr, msg: &Message, requested: u16) -> Option<u16> {
        let answer = msg.p2p.status.unwrap_or(status::SUCCESS);
        let agreed = msg.wps.config_methods == requested;
        if agreed && let Some(peer) = self.peer_mut(src) {
            peer.flags.pd_peer_display = requested & methods::DISPLAY != 0;
            peer.flags.pd_peer_keypad = requested & methods::DISPLAY == 0 && requested & methods::KEYPAD != 0;
        }
        if !agreed || !matches!(answer, status::SUCCESS | status::INFO_CURRENTLY_UNAVAILABLE) {
            self.event(Event::ProvDiscFailure { peer: src, status: ProvDiscStatus::Rejected });
            return (answer == status::SUCCESS).then_some(0);
        }
        if answer == status::INFO_CURRENTLY_UNAVAILABLE {
            self.event(Event::ProvDiscFailure { peer: src, status: ProvDiscStatus::InfoUnavailable });
        }
        if let Some(peer) = self.peer_mut(src) {
            peer.wps_prov_info = msg.wps.config_methods;
            if let Some(addr) = msg.p2p.intended_addr {
                peer.interface_addr = addr;
            }
        }
        (answer == status::SUCCESS).then_some(requested)
    }

    /// The exchange is over; what waited for it begins.
    fn prov_disc_over(&mut self, cx: &DeviceContext<'_>, src: MacAddr, to_report: Option<u16>) {
        self.actions.push_back(Action::ActionDone);
        let Some(peer) = self.peer_mut(src) else { return never!("the peer has an entry") };
        peer.req_config_methods = 0;
        if core::mem::take(&mut peer.flags.pd_before_go_neg) {
            let _ = self.connect_send(cx, src);
            return;
        }
        if let Some(config_methods) = to_report {
            self.event(Event::ProvDiscResponse { peer: src, config_methods });
        }
        if self.state == State::PdDuringFind {
            self.stop_listen_except(cx, None);
            self.continue_find(cx);
        }
    }
}
