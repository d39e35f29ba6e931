//! Search, listening and provision discovery: the commands behind them and the events of them.

use crate::config::keys::{global, network};
use crate::runtime::never;
use wpasim_wire::driver::ScanRequest;
use wpasim_wire::elements::find_vendor;
use wpasim_wire::p2p::WILDCARD_SSID;
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::{self, DeviceType, RequestType, methods};
use wpasim_wire::{MacAddr, Ssid};

use super::radio::MAX_REMAIN_ON_CHANNEL;
use super::{P2pWork, ProvDiscUse, ScanFor, Timer};
use crate::bss::{RatedResult, vendor};
use crate::config::text::hex;
use crate::p2p::{Event, FindRequest, PeerInfo, ProvDiscStatus, Refused, ScanKind};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;
use crate::supplicant::interface::work::Work;
use crate::supplicant::state::WpaState;

/// Channels 1, 6 and 11.
const SOCIAL: [u32; 3] = [2412, 2437, 2462];
/// An hour, which stands for a listen state without end.
const LONGEST_LISTEN: i64 = 3600;
/// WFD subelement of device information (Wi-Fi Display 2.1 §5.1).
const WFD_DEVICE_INFO: u8 = 0;

/// For what provision discovery is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ProvDiscFor {
    GoNegotiation,
    Join,
    Auto,
}

impl Supplicant {
    /// Starts a scan of the device discovery.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_scan
    pub(super) fn p2p_scan(
        &mut self,
        cx: Context<'_>,
        kind: ScanKind,
        requested: &[DeviceType],
        device_id: Option<MacAddr>,
        password_id: u16,
    ) {
        if !self.p2p.shared.is_on() {
            return;
        }
        let Some(interface) = self.device_interface() else {
            return never!("the P2P device has an interface");
        };
        let wps = &interface.wps.machine();
        let mut ies =
            wsc::probe_request(password_id, &wps.device, &wps.uuid, RequestType::Enrollee, requested);
        ies.extend_from_slice(&self.device().map(|d| d.scan_ie(device_id)).unwrap_or_default());
        let request = ScanRequest {
            ssids: Ssid::new(WILDCARD_SSID).into_iter().collect(),
            freqs: self.freqs_of_scan(cx, kind),
            ies,
            no_cck: true,
            ..ScanRequest::default()
        };
        self.with_device_interface(cx, |i, cx| {
            cx.radio.retain_waiting(i.id(), |w| !matches!(w, Work::P2p(P2pWork::Scan(_))));
            i.add_work(cx, Work::P2p(P2pWork::Scan(Box::new(request))));
        });
    }

    fn freqs_of_scan(&self, cx: Context<'_>, kind: ScanKind) -> Vec<u32> {
        match kind {
            ScanKind::Social => SOCIAL.to_vec(),
            ScanKind::Specific(freq) => vec![freq],
            ScanKind::SocialPlusOne(freq) => {
                let more = self.is_supported(freq).then_some(freq);
                SOCIAL.into_iter().chain(more).collect()
            }
            ScanKind::Full => {
                let channels = self.device_interface().map(|i| i.channels(cx.env)).unwrap_or_default();
                channels.iter().filter(|c| !c.disabled).map(|c| c.freq).collect()
            }
        }
    }

    /// The driver began the scan, or did not.
    pub(super) fn scan_triggered(&mut self, cx: Context<'_>, purpose: ScanFor, started: bool) {
        match purpose {
            ScanFor::Find | ScanFor::NothingOfFind => {
                if !started {
                    self.p2p_work_done(cx);
                }
                self.with_device(cx, |d, cx| d.scan_trigger_status(cx, started));
            }
            ScanFor::Join if !started => self.join_scan_again(cx),
            ScanFor::Join | ScanFor::Nothing => {}
        }
    }

    /// Results of a scan that was asked for on behalf of Wi-Fi Direct.
    pub(super) fn p2p_scan_results(&mut self, cx: Context<'_>, purpose: ScanFor, results: &[RatedResult]) {
        match purpose {
            ScanFor::Find => self.take_search_results(cx, results),
            ScanFor::NothingOfFind => {
                self.p2p_work_done(cx);
                self.search_results_handled(cx);
            }
            ScanFor::Join => {
                self.p2p.timers.cancel(Timer::JoinScan);
                self.take_search_results(cx, results);
                self.join_results(cx);
            }
            ScanFor::Nothing => {}
        }
    }

    /// Handles the results of a scan of the device discovery.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_scan_res_handler
    fn take_search_results(&mut self, cx: Context<'_>, results: &[RatedResult]) {
        self.search_work_done(cx);
        if !self.p2p.shared.is_on() {
            return;
        }
        for rated in results {
            let result = &rated.result;
            let in_response = find_vendor(&result.ies, vendor::P2P).is_some();
            let beacon = !in_response && find_vendor(&result.beacon_ies, vendor::P2P).is_some();
            let ies = if beacon { &result.beacon_ies } else { &result.ies };
            let (bssid, freq, level) = (result.bssid, result.freq, result.signal_dbm);
            let stop = self
                .with_device(cx, |d, cx| d.scan_res_handler(cx, bssid, freq, result.last_seen, level, ies));
            if stop == Some(true) {
                break;
            }
        }
        self.search_results_handled(cx);
    }

    fn search_work_done(&mut self, cx: Context<'_>) {
        self.with_device_interface(cx, |i, cx| {
            if matches!(i.held_work(cx), Some(Work::P2p(P2pWork::Scan(_)))) {
                i.work_done(cx);
            }
        });
    }

    fn search_results_handled(&mut self, cx: Context<'_>) {
        if self.p2p.shared.is_on() {
            let delay = self.search_delay();
            self.with_device(cx, |d, cx| d.scan_res_handled(cx, delay));
        }
    }

    /// Returns the time that a search leaves to a connection on the radio.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_search_delay
    pub(crate) fn search_delay(&self) -> Duration {
        let Some(device) = self.device_interface() else { return Duration::ZERO };
        let phy = &device.identity.phy;
        let connected =
            self.interfaces.iter().any(|i| &i.identity.phy == phy && i.link.state() > WpaState::Scanning);
        let delay = device.config.globals.int(global::P2P_SEARCH_DELAY);
        Duration::from_millis(if connected { i64::from(delay) } else { 0 })
    }

    /// P2P_FIND.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_find
    pub(crate) fn p2p_find(&mut self, cx: Context<'_>, request: FindRequest) -> bool {
        self.drop_pending_frame(cx);
        self.p2p.long_listen = Duration::ZERO;
        let provisioning = self.device_interface().is_none_or(|i| i.p2p.is_provisioning());
        if !self.p2p.shared.is_on() || provisioning {
            return false;
        }
        self.with_device(cx, |d, cx| d.find(cx, request)).is_some_and(|r| r.is_ok())
    }

    /// The search is over; its scan is of no use any more.
    pub(super) fn find_stopped(&mut self, cx: Context<'_>) {
        self.with_device_interface(cx, |i, cx| {
            if matches!(i.held_work(cx), Some(Work::P2p(P2pWork::Scan(_)))) {
                i.driver(wpasim_wire::driver::DriverRequest::AbortScan);
            }
        });
        self.p2p_event("P2P-FIND-STOPPED ");
    }

    /// Ends the device discovery and forgets the frame that waits for the radio.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_stop_find_oper
    pub(super) fn stop_search(&mut self, cx: Context<'_>) {
        self.drop_pending_frame(cx);
        self.p2p.long_listen = Duration::ZERO;
        self.p2p.timers.cancel(Timer::LongListen);
        self.p2p.timers.cancel(Timer::JoinScan);
        self.with_device(cx, |d, cx| d.stop_find(cx));
        self.ignore_search_results();
    }

    /// P2P_STOP_FIND: an interface that was announced is not made.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_stop_find
    pub(crate) fn p2p_stop_find(&mut self, cx: Context<'_>) {
        self.stop_search(cx);
        self.p2p.pending_interface = None;
    }

    /// P2P_LISTEN: for so many seconds, 0 for ever.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_listen
    pub(crate) fn p2p_listen(&mut self, cx: Context<'_>, seconds: u32) -> bool {
        if !self.p2p.shared.is_on() {
            return false;
        }
        self.drop_pending_frame(cx);
        let seconds = if seconds == 0 { LONGEST_LISTEN } else { i64::from(seconds) };
        let wanted = Duration::from_secs(seconds);
        self.p2p.timers.cancel(Timer::LongListen);
        self.p2p.long_listen = Duration::ZERO;
        self.with_device(cx, |d, cx| d.stop_find(cx));
        if !self.listen_on(cx, wanted) {
            return false;
        }
        if wanted > MAX_REMAIN_ON_CHANNEL {
            self.p2p.long_listen = wanted;
            self.p2p.timers.set(Timer::LongListen, cx.now + wanted);
        }
        true
    }

    /// P2P_FLUSH.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#p2p_ctrl_flush
    pub(crate) fn p2p_flush(&mut self, cx: Context<'_>) {
        self.p2p.auth_invite = None;
        self.p2p_stop_find(cx);
        self.with_device(cx, |d, cx| d.flush(cx));
    }

    /// P2P_REJECT.
    pub(crate) fn p2p_reject(&mut self, cx: Context<'_>, peer: MacAddr) -> bool {
        self.p2p.long_listen = Duration::ZERO;
        self.p2p.shared.is_on() && self.with_device(cx, |d, cx| d.reject(cx, peer)).is_some_and(|r| r.is_ok())
    }

    /// P2P-DEVICE-FOUND.
    pub(super) fn device_found(&mut self, addr: MacAddr, info: &PeerInfo, new: bool) {
        let wfd = info.wfd_subelements.as_deref().and_then(device_information);
        let wfd = wfd.map_or_else(String::new, |octets| format!(" wfd_dev_info=0x{}", hex(octets)));
        let vendor = if info.vendor_elements.is_empty() { "" } else { " vendor_elems=1" };
        self.p2p_event(&format!(
            "P2P-DEVICE-FOUND {addr} p2p_dev_addr={} pri_dev_type={} name='{}' config_methods=0x{:x} \
             dev_capab=0x{:x} group_capab=0x{:x}{wfd}{vendor} new={}",
            info.device_addr,
            info.primary_type,
            String::from_utf8_lossy(&info.device_name),
            info.config_methods,
            info.device_capability,
            info.group_capability,
            u8::from(new),
        ));
    }

    /// P2P_PROV_DISC.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_prov_disc
    pub(crate) fn p2p_prov_disc(
        &mut self,
        cx: Context<'_>,
        peer: MacAddr,
        config_methods: u16,
        purpose: ProvDiscFor,
    ) -> bool {
        self.p2p.wanted.fallback = false;
        self.p2p.joining.pd_use = ProvDiscUse::Normal;
        if purpose == ProvDiscFor::Auto {
            let joining = &mut self.p2p.joining;
            joining.device = peer;
            joining.auto_pd = Some(config_methods);
            joining.auto = false;
            joining.pd_pending = false;
            joining.auto_pd_retries = 0;
            self.p2p_stop_find(cx);
            self.p2p.joining.scans = 0;
            self.p2p.joining.auto_started = cx.now;
            self.join_scan(cx, None, None);
            return true;
        }
        let join = purpose == ProvDiscFor::Join;
        self.p2p.shared.is_on() && self.ask_prov_disc(cx, peer, config_methods, join, None, true).is_ok()
    }

    pub(super) fn ask_prov_disc(
        &mut self,
        cx: Context<'_>,
        peer: MacAddr,
        config_methods: u16,
        join: bool,
        freq: Option<u32>,
        user_initiated: bool,
    ) -> Result<(), Refused> {
        self.with_device(cx, |d, cx| d.prov_disc_req(cx, peer, config_methods, join, freq, user_initiated))
            .unwrap_or(Err(Refused::UnknownPeer))
    }

    /// A peer asks for a way to authenticate.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_prov_disc_req
    pub(super) fn prov_disc_requested(&mut self, request: &Event) {
        let Event::ProvDiscRequest {
            peer,
            config_methods,
            device_addr,
            primary_type,
            device_name,
            supported_methods,
            device_capability,
            group_capability,
            group_id,
        } = request
        else {
            return;
        };
        let group = group_id.as_ref().and_then(|(_, ssid)| self.owner_of(ssid));
        let group = group.map_or_else(String::new, |name| format!(" group={name}"));
        let params = format!(
            " p2p_dev_addr={device_addr} pri_dev_type={primary_type} name='{}' config_methods=0x{supported_methods:x} \
             dev_capab=0x{device_capability:x} group_capab=0x{group_capability:x}{group}",
            String::from_utf8_lossy(device_name)
        );
        self.show_or_ask(*peer, *config_methods, &params, "P2P-PROV-DISC-PBC-REQ");
    }

    fn owner_of(&self, ssid: &Ssid) -> Option<String> {
        let owns = |n: &&crate::config::Network| n.int(network::MODE) == mode::P2P_GO && n.ssid() == *ssid;
        self.interfaces
            .iter()
            .rev()
            .find(|i| i.current().filter(owns).is_some())
            .map(|i| i.identity.ifname.clone())
    }

    /// Tells the user of a display, a keypad or a button on this side.
    fn show_or_ask(&mut self, peer: MacAddr, config_methods: u16, params: &str, button: &str) {
        if config_methods & methods::DISPLAY != 0 {
            let pin = self.p2p.new_pin();
            self.p2p_event(&format!("P2P-PROV-DISC-SHOW-PIN {peer} {pin}{params}"));
        } else if config_methods & methods::KEYPAD != 0 {
            self.p2p_event(&format!("P2P-PROV-DISC-ENTER-PIN {peer}{params}"));
        } else if config_methods & methods::PUSHBUTTON != 0 {
            self.p2p_event(&format!("{button} {peer}{params}"));
        }
    }

    /// The peer agreed: what it does, this side does the other way round.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_prov_disc_resp
    pub(super) fn prov_disc_answered(&mut self, cx: Context<'_>, peer: MacAddr, config_methods: u16) {
        let joining = &mut self.p2p.joining;
        if joining.pd_pending && (peer == joining.device || peer == joining.interface) {
            joining.pd_pending = false;
            self.start_join(cx, None);
            return;
        }
        let params = match joining.pd_use {
            ProvDiscUse::Normal => "",
            ProvDiscUse::AutoGoNeg => " peer_go=0",
            ProvDiscUse::AutoJoin => " peer_go=1",
        };
        let own = if config_methods & methods::DISPLAY != 0 {
            methods::KEYPAD
        } else if config_methods & methods::KEYPAD != 0 {
            methods::DISPLAY
        } else {
            config_methods
        };
        self.show_or_ask(peer, own, params, "P2P-PROV-DISC-PBC-RESP");
    }

    /// The peer did not agree, or not answer.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_prov_disc_fail
    pub(super) fn prov_disc_failed(&mut self, cx: Context<'_>, peer: MacAddr, status: ProvDiscStatus) {
        if self.p2p.wanted.fallback {
            self.p2p_event("P2P-FALLBACK-TO-GO-NEG reason=PD-failed");
            self.negotiate_instead(cx);
            return;
        }
        if status == ProvDiscStatus::TimeoutJoin {
            self.p2p.joining.pd_pending = false;
            self.start_join(cx, None);
            return;
        }
        let status = match status {
            ProvDiscStatus::Success => 0,
            ProvDiscStatus::Timeout => 1,
            ProvDiscStatus::Rejected => 2,
            ProvDiscStatus::TimeoutJoin => 3,
            ProvDiscStatus::InfoUnavailable => 4,
        };
        self.p2p_event(&format!("P2P-PROV-DISC-FAILURE p2p_dev_addr={peer} status={status}"));
    }

    /// Provision discovery for a group that may not be there was not acknowledged.
    pub(super) fn prov_disc_not_acknowledged(&mut self, cx: Context<'_>, dst: MacAddr) {
        let joining = &mut self.p2p.joining;
        let concerned = joining.pd_pending && (dst == joining.device || dst == joining.interface);
        if concerned && self.p2p.wanted.fallback {
            self.p2p.joining.pd_pending = false;
            self.p2p_event("P2P-FALLBACK-TO-GO-NEG reason=no-ACK-to-PD-Req");
            self.negotiate_instead(cx);
        }
    }

    /// A group owner answered a presence request.
    pub(super) fn presence_response(&mut self, src: MacAddr, status: u8, noa: &[u8]) {
        let waiting = self.interfaces.iter().rev().find(|i| i.p2p.awaits_presence_response()).map(|i| i.id());
        let Some(id) = waiting else { return };
        let noa = hex(noa);
        self.on_interface(id, |i| {
            i.p2p.await_presence_response(false);
            i.info(&format!("P2P-PRESENCE-RESPONSE src={src} status={status} noa={noa}"));
        });
    }
}

/// The Wi-Fi Display device information among subelements.
fn device_information(mut subelements: &[u8]) -> Option<&[u8]> {
    while let [id, high, low, rest @ ..] = subelements {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let body = rest.get(..length)?;
        if *id == WFD_DEVICE_INFO {
            return Some(body);
        }
        subelements = rest.get(length..)?;
    }
    None
}
