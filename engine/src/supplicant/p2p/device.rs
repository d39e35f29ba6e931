//! The device machine in its process: calls with their context, the actions it takes, the signals of
//! interfaces, and timers.

use crate::config::keys::global;
use crate::runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, IfId, Refused};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::{Duration, Instant};

use super::host::HostView;
use super::{Audience, EXPIRE_PEERS, ProcessRequest, Remains, Removal, ScanFor, Timer};
use crate::p2p::{Action, Device, DeviceContext, ElementFrame, Event, ProbeRequest, ProbeStatus, Progress};
use crate::runtime::Level;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::{Context, Interface, InterfaceContext};

impl Supplicant {
    /// The interface with this number.
    pub(crate) fn interface(&self, id: IfId) -> Option<&Interface> {
        self.interfaces.iter().find(|i| i.id() == id)
    }

    pub(crate) fn interface_mut(&mut self, id: IfId) -> Option<&mut Interface> {
        self.interfaces.iter_mut().find(|i| i.id() == id)
    }

    /// The interface that finds and negotiates.
    pub(crate) fn device_interface(&self) -> Option<&Interface> {
        self.interface(self.p2p.shared.device_iface)
    }

    /// Runs something on an interface, with the state and the radio that the process shares with it in its context.
    pub(crate) fn with_interface<R>(
        &mut self,
        cx: Context<'_>,
        id: IfId,
        run: impl FnOnce(&mut Interface, &mut InterfaceContext<'_>) -> R,
    ) -> Option<R> {
        self.refresh_progress();
        let phy = &self.interface(id)?.identity.phy;
        let radio = match self.radios.iter().position(|r| r.is_of(phy)) {
            Some(at) => at,
            None => self.new_radio(id)?,
        };
        let interface = self.interfaces.iter_mut().find(|i| i.id() == id)?;
        let radio = self.radios.get_mut(radio)?;
        let shared = &mut self.p2p.shared;
        Some(run(interface, &mut InterfaceContext { now: cx.now, env: cx.env, shared, radio }))
    }

    /// Runs something on an interface that needs nothing of its process, such as telling an event.
    pub(crate) fn on_interface<R>(&mut self, id: IfId, run: impl FnOnce(&mut Interface) -> R) -> Option<R> {
        self.interface_mut(id).map(run)
    }

    /// The same on the device's interface.
    pub(super) fn on_device_interface<R>(&mut self, run: impl FnOnce(&mut Interface) -> R) -> Option<R> {
        self.on_interface(self.p2p.shared.device_iface, run)
    }

    /// Runs something on the device's interface, as [`Self::with_interface`] does.
    pub(super) fn with_device_interface<R>(
        &mut self,
        cx: Context<'_>,
        run: impl FnOnce(&mut Interface, &mut InterfaceContext<'_>) -> R,
    ) -> Option<R> {
        self.with_interface(cx, self.p2p.shared.device_iface, run)
    }

    fn refresh_progress(&mut self) {
        self.p2p.shared.progress = self.p2p.device.get().map_or(Progress::Idle, Device::in_progress);
    }

    /// Asks the device machine.
    pub(crate) fn device(&self) -> Option<&Device> {
        self.p2p.device.get().filter(|_| self.p2p.shared.exists)
    }

    /// Runs something on the device machine and carries out what it wants. `None` without one.
    pub(crate) fn with_device<R>(
        &mut self,
        cx: Context<'_>,
        run: impl FnOnce(&mut Device, &DeviceContext<'_>) -> R,
    ) -> Option<R> {
        let mut device = self.p2p.device.take()?;
        let host = HostView { supplicant: self, cx };
        let result = run(&mut device, &DeviceContext { now: cx.now, host: &host });
        self.p2p.device.put(device);
        self.carry_out(cx);
        Some(result)
    }

    fn carry_out(&mut self, cx: Context<'_>) {
        while let Some(action) = self.p2p.device.get_mut().and_then(Device::take_action) {
            self.device_action(cx, action);
        }
    }

    fn device_action(&mut self, cx: Context<'_>, action: Action) {
        match action {
            Action::Scan { kind, requested_types, device_id, password_id } => {
                self.p2p_scan(cx, kind, &requested_types, device_id, password_id);
            }
            Action::SendProbeResponse { frame, freq } => self.send_probe_response(frame, freq),
            Action::SendAction { freq, dst, src, bssid, body, wait } => {
                self.send_action(cx, super::ActionFrame { freq, dst, src, bssid, body, wait });
            }
            Action::ActionDone => self.action_done(cx),
            Action::StartListen { freq, duration, .. } => self.start_listen(cx, freq, duration),
            Action::StopListen => self.stop_listening(cx),
            Action::Event(event) => self.device_event(cx, event),
        }
    }

    fn device_event(&mut self, cx: Context<'_>, event: Event) {
        match event {
            Event::FindStopped => self.find_stopped(cx),
            Event::Message(text) => {
                self.on_device_interface(|i| i.info(&format!("P2P: {text}")));
            }
            Event::ScanRefused => {
                let refusal = "P2P: Reject scan trigger since one is already pending";
                self.on_device_interface(|i| i.info(refusal));
            }
            Event::DeviceFound { addr, info, new } => self.device_found(addr, &info, new),
            Event::DeviceLost(device) => self.p2p_event(&format!("P2P-DEVICE-LOST p2p_dev_addr={device}")),
            Event::GoNegRequest { src, password_id, go_intent } => self.p2p_event(&format!(
                "P2P-GO-NEG-REQUEST {src} dev_passwd_id={password_id} go_intent={go_intent}"
            )),
            Event::GoNegCompleted(results) => self.negotiated(cx, *results),
            Event::ServiceRequest { freq, src, dialog_token, update_indic, tlvs } => {
                self.service_requested(cx, freq, src, dialog_token, update_indic, &tlvs);
            }
            Event::ServiceResponse { src, update_indic, tlvs } => {
                self.service_answered(src, update_indic, &tlvs);
            }
            request @ Event::ProvDiscRequest { .. } => self.prov_disc_requested(&request),
            Event::ProvDiscResponse { peer, config_methods } => {
                self.prov_disc_answered(cx, peer, config_methods);
            }
            Event::ProvDiscFailure { peer, status } => self.prov_disc_failed(cx, peer, status),
            received @ Event::InvitationReceived { .. } => self.invitation_received(cx, received),
            result @ Event::InvitationResult { .. } => self.invitation_result(cx, result),
            Event::PresenceResponse { src, status, noa } => self.presence_response(src, status, &noa),
        }
    }

    /// An event of the P2P device.
    //= hostap@2.10 src/utils/wpa_debug.c#wpa_msg_global
    pub(super) fn p2p_event(&mut self, text: &str) {
        self.on_device_interface(|i| i.msg_global(Level::Info, text));
    }

    /// Carries out a request of an interface.
    pub(crate) fn p2p_signal(&mut self, cx: Context<'_>, from: IfId, signal: ProcessRequest) {
        match signal {
            ProcessRequest::DeviceMsg { level, text, audience } => {
                self.on_device_interface(|i| match audience {
                    Audience::Process => i.msg_global(level, &text),
                    Audience::Interface => i.msg(level, &text),
                    Audience::OnlyInterface => i.msg_no_global(level, &text),
                });
            }
            ProcessRequest::Scan(mut request) => {
                if self.p2p.shared.is_on() && self.uses_p2p(from) && !request.ssids.is_empty() {
                    request
                        .ies
                        .extend_from_slice(&self.device().map(|d| d.scan_ie(None)).unwrap_or_default());
                }
                self.on_interface(from, |i| {
                    request.ies.extend(i.last_probe_elements());
                    request.ies.extend_from_slice(i.vendor_elements.of(ElementFrame::PROBE_REQUEST));
                    i.driver(DriverRequest::TriggerScan(*request));
                });
            }
            ProcessRequest::Associate { request, group, ap } => {
                self.associate_with_element(cx, from, *request, group, &ap);
            }
            ProcessRequest::WorkStarted(work) => self.p2p_work_started(cx, work),
            ProcessRequest::ScanTriggered { purpose, started } => self.scan_triggered(cx, purpose, started),
            ProcessRequest::ScanResults { purpose, results } => self.p2p_scan_results(cx, purpose, &results),
            ProcessRequest::ShareScan(scan) => self.share_scan(cx, from, &scan),
            ProcessRequest::WpsSucceeded(peer) => {
                self.with_device(cx, |d, cx| d.wps_success(cx, peer));
            }
            ProcessRequest::FormationFailed => {
                self.with_device(cx, |d, cx| d.group_formation_failed(cx));
            }
            ProcessRequest::ConsiderMoves => self.consider_moving_owners(cx),
            ProcessRequest::ChannelListChanged => self.p2p_channel_list_changed(cx),
            ProcessRequest::ClearProvisioning(peer) => {
                self.with_device(cx, |d, _| d.clear_provisioning_info(peer));
            }
            ProcessRequest::StoreGroup { network, go_device } => self.store_group(&network, go_device),
            ProcessRequest::StoreClient { network, client } => self.store_client(&network, client),
            ProcessRequest::ClientAssociated { interface, ies } => {
                self.with_device(cx, |d, cx| d.client_associated(cx, interface, &ies));
            }
            ProcessRequest::PskFailed { go_device, ssid } => self.persistent_psk_failed(go_device, &ssid),
            ProcessRequest::RemoveInterface => self.remove_group_interface(cx, from),
            ProcessRequest::FallBack => self.negotiate_instead(cx),
            ProcessRequest::ConfigChanged(name) => self.p2p_config_changed(cx, from, &name),
        }
    }

    /// Whether the interface's configuration leaves Wi-Fi Direct on.
    fn uses_p2p(&self, id: IfId) -> bool {
        self.interface(id).is_some_and(|i| i.config.globals.int(global::P2P_DISABLED) == 0)
    }

    /// Associates with the P2P element behind the elements of security and registration.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_assoc_req_ie
    fn associate_with_element(
        &mut self,
        cx: Context<'_>,
        from: IfId,
        mut request: DriverRequest,
        group: bool,
        ap: &[u8],
    ) {
        let allowed = self.p2p.shared.is_on() && (!group || self.uses_p2p(from));
        if let (DriverRequest::Associate { bssid, ies, .. }, true) = (&mut request, allowed) {
            let (bssid, attributes) = (*bssid, (!ap.is_empty()).then_some(ap));
            let element = self.with_device(cx, |d, cx| d.assoc_req_ie(cx, Some(bssid), group, attributes));
            ies.extend_from_slice(&element.unwrap_or_default());
        }
        self.on_interface(from, |i| {
            if let DriverRequest::Associate { ies, .. } = &mut request {
                ies.extend_from_slice(i.vendor_elements.of(ElementFrame::ASSOC_REQUEST));
            }
            i.driver(request);
        });
    }

    /// Other interfaces on the same radio see the results of a scan too.
    fn share_scan(&mut self, cx: Context<'_>, from: IfId, scan: &super::SharedScan) {
        let Some(phy) = self.interface(from).map(|i| i.identity.phy.clone()) else {
            return never!("the interface is there");
        };
        let siblings: Vec<IfId> = self
            .interfaces
            .iter()
            .filter(|i| i.id() != from && i.identity.phy == phy)
            .map(Interface::id)
            .collect();
        for id in siblings {
            self.with_interface(cx, id, |i, cx| i.sibling_scanned(cx, scan.clone()));
        }
    }

    /// Fires the time-out of Wi-Fi Direct that is the next one.
    pub(crate) fn p2p_timeout(&mut self, cx: Context<'_>) {
        let next = self.p2p.next_due();
        if next == self.p2p.timers.next_due() {
            if let Some(timer) = self.p2p.timers.take_due(cx.now) {
                self.p2p_timer(cx, timer);
            }
        } else if next == self.p2p.shared.formation_ends.next() {
            self.p2p.shared.formation_ends.cancel();
            let forming = self.p2p.shared.forming.unwrap_or(self.p2p.shared.device_iface);
            self.with_interface(cx, forming, |i, cx| i.group_formation_failed(cx, Remains::Group));
        } else {
            self.with_device(cx, |d, cx| d.timeout(cx));
        }
    }

    fn p2p_timer(&mut self, cx: Context<'_>, timer: Timer) {
        match timer {
            Timer::LongListen => self.p2p.long_listen = Duration::ZERO,
            Timer::JoinScan => self.join_scan(cx, None, None),
            Timer::StartInvited => self.start_invited_group(cx),
            Timer::ExpirePeers => {
                self.p2p.timers.set(Timer::ExpirePeers, cx.now + EXPIRE_PEERS);
                self.with_device(cx, |d, cx| d.expire_peers(cx));
            }
        }
    }

    /// Handles an event of the driver if it is for the device machine. Returns whether nobody else is to see it.
    pub(crate) fn p2p_driver_event(&mut self, cx: Context<'_>, id: IfId, event: &DriverEvent) -> bool {
        if !self.p2p.shared.exists {
            return false;
        }
        match event {
            DriverEvent::RxMgmt { frame, freq, .. } => return self.p2p_frame(cx, id, frame, *freq),
            DriverEvent::MgmtTxStatus { cookie, ack, .. } => return self.action_status(cx, *cookie, *ack),
            DriverEvent::MgmtTxWaitExpired { cookie } => self.p2p.off_channel.forget_wait(*cookie),
            DriverEvent::RemainOnChannel { cookie, freq, duration } => {
                self.stay_began(cx, *cookie, *freq, *duration);
            }
            DriverEvent::RemainOnChannelDone { cookie, freq } => self.stay_ended(cx, *cookie, *freq),
            DriverEvent::Refused { request: Refused::RemainOnChannel(cookie), .. } => {
                self.stay_refused(cx, *cookie);
            }
            DriverEvent::Refused { request: Refused::TxMgmt(cookie), .. } => {
                return self.action_refused(cx, *cookie);
            }
            _ => {}
        }
        false
    }

    /// A management frame: probe requests while listening, and action frames.
    fn p2p_frame(&mut self, cx: Context<'_>, id: IfId, frame: &[u8], freq: u32) -> bool {
        if !self.p2p.shared.is_on() {
            return false;
        }
        let Ok(frame) = MgmtFrame::parse(frame) else { return false };
        let header = &frame.header;
        match &frame.body {
            MgmtBody::ProbeRequest { ies } => {
                let (src, dst, bssid) = (header.sa, Some(header.da), Some(header.bssid));
                let request = ProbeRequest { src, dst, bssid, ies, freq };
                let status = self.with_device(cx, |d, cx| d.rx_probe_req(cx, &request));
                status == Some(ProbeStatus::Processed)
            }
            MgmtBody::Action { category, body } => {
                let mut octets = vec![*category];
                octets.extend_from_slice(body);
                let (da, sa, bssid) = (header.da, header.sa, header.bssid);
                // An interface that is an access point passes on only what is addressed to it.
                let for_us = self.interface(id).is_some_and(|i| i.ap.is_none() || da == i.identity.addr);
                if for_us {
                    self.with_device(cx, |d, cx| d.rx_action(cx, da, sa, bssid, &octets, freq));
                }
                false
            }
            _ => false,
        }
    }

    /// FLUSH, as far as the process and Wi-Fi Direct are concerned; the interface does the rest.
    pub(crate) fn flush_begins(&mut self, cx: Context<'_>, id: IfId) {
        self.with_interface(cx, id, |i, cx| i.flush_begins(cx));
        let device_iface = self.p2p.shared.device_iface;
        self.remove_all_groups(cx, device_iface);
        // The groups' interfaces go before anything else is cancelled on them.
        self.collect(cx);
        self.p2p_cancel(cx);
        self.p2p_flush(cx);
        self.p2p.services.flush();
        self.p2p.shared.disabled = false;
        self.p2p.per_sta_psk = false;
    }

    /// The end of the process: groups go first.
    pub(crate) fn end_groups(&mut self, cx: Context<'_>) {
        let with_group: Vec<IfId> =
            self.interfaces.iter().rev().filter(|i| i.carries_group()).map(Interface::id).collect();
        for id in with_group {
            self.with_interface(cx, id, |i, cx| i.delete_group(cx, Removal::Requested));
            self.collect(cx);
        }
    }

    /// Sets the time at which peers are looked through for the first time.
    pub(super) fn watch_peers(&mut self, now: Instant) {
        self.p2p.timers.set(Timer::ExpirePeers, now + EXPIRE_PEERS);
    }

    /// The interface address of a group the device owns, for frames of its own.
    pub(super) fn interface_with_addr(&self, addr: MacAddr) -> Option<IfId> {
        self.interfaces.iter().find(|i| i.identity.addr == addr).map(Interface::id)
    }

    /// Whether the results of a scan for a search still count.
    pub(super) fn ignore_search_results(&mut self) {
        self.on_device_interface(|i| i.scan.is_for_another(ScanFor::Find, ScanFor::NothingOfFind));
    }
}
