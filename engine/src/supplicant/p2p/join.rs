//! Joining a group that runs: its owner is looked for, told, and then connected to as after a
//! negotiation.

use crate::runtime::never;
use wpasim_wire::driver::ScanRequest;
use wpasim_wire::p2p::{WILDCARD_SSID, concatenated};
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::{self, RequestType, methods, password_id};
use wpasim_wire::{MacAddr, Ssid};

use super::formation::JOIN;
use super::{ProvDiscUse, ScanFor, Timer};
use crate::p2p::{GoNegResults, WpsMethod};
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;
use crate::supplicant::interface::parts::group::FallBack;

/// Scans for the owner before it is given up.
const MAX_SCANS: u32 = 10;
/// The wait before the next.
const NEXT_SCAN: Duration = Duration::from_secs(1);
/// Scans for a peer that may own a group, once its BSS was seen.
const MAX_AUTO_SCANS: u32 = 5;

impl Supplicant {
    /// Joins the group of an owner, known by its interface and device address, by a method; its channel and network
    /// are given if they are known, and whether it may turn out that there is no group.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_join
    pub(super) fn join(
        &mut self,
        cx: Context<'_>,
        (interface, device): (MacAddr, MacAddr),
        (wps_method, auto): (WpsMethod, bool),
        (freq, ssid): (Option<u32>, Option<Ssid>),
    ) {
        let joining = &mut self.p2p.joining;
        joining.auto_pd = None;
        joining.auto = auto;
        joining.interface = interface;
        joining.device = device;
        joining.wps_method = wps_method;
        self.p2p_stop_find(cx);
        self.p2p.joining.scans = 0;
        self.join_scan(cx, freq, ssid);
    }

    /// Starts one scan, on the owner's channel if it is known.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_join_scan_req
    pub(super) fn join_scan(&mut self, _cx: Context<'_>, freq: Option<u32>, ssid: Option<Ssid>) {
        let Some(device) = self.device() else { return never!("there is a P2P device") };
        let freq = freq.or_else(|| device.oper_freq(self.p2p.joining.interface));
        let element = device.scan_ie(None);
        let Some(interface) = self.device_interface() else {
            return never!("the P2P device has an interface");
        };
        let wps = &interface.wps.machine();
        let mut ies =
            wsc::probe_request(password_id::DEFAULT, &wps.device, &wps.uuid, RequestType::Enrollee, &[]);
        ies.extend_from_slice(&element);
        let ssids = ssid.clone().or_else(|| Ssid::new(WILDCARD_SSID).ok());
        let request = ScanRequest {
            ssids: ssids.into_iter().collect(),
            freqs: freq.into_iter().collect(),
            ies,
            no_cck: true,
            ..ScanRequest::default()
        };
        self.p2p.joining.ssid = ssid;
        self.on_device_interface(|i| i.start_p2p_scan(request, ScanFor::Join));
    }

    /// The scan could not be started, or did not show the owner.
    pub(super) fn join_scan_again(&mut self, cx: Context<'_>) {
        self.p2p.timers.set(Timer::JoinScan, cx.now + NEXT_SCAN);
        self.p2p.joining.scans += 1;
        if self.p2p.joining.scans <= MAX_SCANS {
            return;
        }
        self.p2p.timers.cancel(Timer::JoinScan);
        if self.p2p.joining.auto_pd.take().is_some() {
            self.say_auto_pd_failed();
        } else if self.p2p.wanted.fallback {
            self.p2p_event("P2P-FALLBACK-TO-GO-NEG reason=join-failed");
            self.negotiate_instead(cx);
        } else {
            self.p2p_event("P2P-GROUP-FORMATION-FAILURE ");
        }
    }

    fn say_auto_pd_failed(&mut self) {
        let device = self.p2p.joining.device;
        self.p2p_event(&format!("P2P-PROV-DISC-FAILURE p2p_dev_addr={device} status=N/A"));
    }

    /// P2P_CANCEL while the owner is looked for.
    pub(super) fn cancel_join_scan(&mut self) -> bool {
        self.on_device_interface(|i| i.scan.is_for_another(ScanFor::Join, ScanFor::Nothing)).unwrap_or(false)
    }

    /// Returns whether the peer owns a group; `None` if nothing was heard of one.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_peer_go
    fn peer_owns_group(&self) -> Option<bool> {
        let interface = self.device_interface()?;
        let bss = interface.bss_of_device(self.p2p.joining.device)?;
        Some(interface.bss.is_current(bss) && bss.last_update > self.p2p.joining.auto_started)
    }

    /// Handles the results of the scan for the owner, which are in the tables.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_scan_res_join
    pub(super) fn join_results(&mut self, cx: Context<'_>) {
        if !self.p2p.shared.is_on() {
            return;
        }
        if let Some(config_methods) = self.p2p.joining.auto_pd {
            return self.auto_prov_disc(cx, config_methods);
        }
        if self.p2p.joining.auto && !self.goes_on_joining(cx) {
            return;
        }
        let Some(freq) = self.find_owner() else {
            return self.join_scan_again(cx);
        };
        if self.used_freq().is_some_and(|used| used != freq) {
            self.p2p_event("P2P-GROUP-FORMATION-FAILURE reason=FREQ_CONFLICT");
            return;
        }
        self.announce_join(cx, freq);
    }

    /// The owner's channel, from the peers and from the BSS table, in MHz.
    fn find_owner(&mut self) -> Option<u32> {
        let joining = &self.p2p.joining;
        let device = self.device()?;
        let table = &self.device_interface()?.bss;
        let mut freq = device.oper_freq(joining.interface);
        let newly = device.interface_addr(joining.device).filter(|a| *a != joining.device);
        let renamed = newly.filter(|_| freq.is_none() && table.find_bssid(joining.interface).is_none());
        let interface = renamed.unwrap_or(joining.interface);
        if renamed.is_some() {
            freq = device.oper_freq(interface);
        }
        let bss = match &joining.ssid {
            Some(ssid) => table.find(interface, ssid),
            None => table.find_bssid(interface),
        };
        let mut peer = joining.device;
        if let Some(bss) = bss {
            freq = Some(bss.freq);
            let attributes =
                concatenated(&bss.ies).and_then(|a| wpasim_wire::p2p::Attributes::parse(&a).ok());
            if peer == interface {
                peer = attributes.and_then(|a| a.device_addr()).unwrap_or(peer);
            }
        }
        self.p2p.joining.interface = interface;
        self.p2p.joining.device = peer;
        freq.filter(|f| *f > 0)
    }

    /// The owner is asked by provision discovery, unless it agreed before.
    fn announce_join(&mut self, cx: Context<'_>, freq: u32) {
        let joining = &mut self.p2p.joining;
        joining.pd_pending = true;
        let (device, user_initiated) = (joining.device, joining.user_initiated);
        let method = match joining.wps_method {
            WpsMethod::PinDisplay => methods::KEYPAD,
            WpsMethod::PinKeypad => methods::DISPLAY,
            WpsMethod::Pbc => methods::PUSHBUTTON,
            WpsMethod::NotReady | WpsMethod::Nfc => 0,
        };
        let agreed = self.device().is_some_and(|d| d.provisioning_info(device) == method);
        if agreed || self.ask_prov_disc(cx, device, method, true, Some(freq), user_initiated).is_err() {
            self.p2p.joining.pd_pending = false;
            let ssid = self.p2p.joining.ssid.clone();
            self.start_join(cx, ssid);
        }
    }

    /// P2P_PROV_DISC auto: now it is known for what.
    fn auto_prov_disc(&mut self, cx: Context<'_>, config_methods: u16) {
        let owns = self.peer_owns_group();
        if owns == Some(false) && self.p2p.joining.auto_pd_retries < MAX_AUTO_SCANS {
            self.p2p.joining.auto_pd_retries += 1;
            let device = self.p2p.joining.device;
            let freq = self.device_interface().and_then(|i| i.bss.find_bssid(device)).map(|b| b.freq);
            if freq.is_some() {
                return self.join_scan(cx, freq, None);
            }
        }
        let join = owns == Some(true);
        let joining = &mut self.p2p.joining;
        joining.auto_pd = None;
        joining.pd_use = if join { ProvDiscUse::AutoJoin } else { ProvDiscUse::AutoGoNeg };
        let (device, user_initiated) = (joining.device, joining.user_initiated);
        if self.ask_prov_disc(cx, device, config_methods, join, None, user_initiated).is_err() {
            self.say_auto_pd_failed();
        }
    }

    /// P2P_CONNECT auto: whether the peer owns a group, as far as is known.
    fn goes_on_joining(&mut self, cx: Context<'_>) -> bool {
        match self.peer_owns_group() {
            None => {
                self.p2p_event("P2P-FALLBACK-TO-GO-NEG reason=peer-not-running-GO");
                self.negotiate_instead(cx);
                false
            }
            Some(true) => true,
            Some(false) => {
                self.p2p_event("P2P-FALLBACK-TO-GO-NEG-ENABLED ");
                self.p2p.wanted.fallback = true;
                true
            }
        }
    }

    /// Starts the registration with an owner that knows of it.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_join_start
    pub(super) fn start_join(&mut self, cx: Context<'_>, ssid: Option<Ssid>) {
        let Some(id) = self.interface_for_group(cx, false) else { return };
        if !self.makes_group_interfaces() {
            self.p2p.shared.forming = Some(id);
        }
        let joining = self.p2p.joining.clone();
        let mut results = GoNegResults {
            peer_device: joining.device,
            peer_interface: joining.interface,
            wps_method: joining.wps_method,
            ..GoNegResults::default()
        };
        let table = self.device_interface().map(|i| &i.bss);
        let bss = table.and_then(|t| match &ssid {
            Some(ssid) => t.find(joining.interface, ssid),
            None => t.find_bssid(joining.interface),
        });
        if let Some(bss) = bss {
            results.freq = bss.freq;
            results.ssid = bss.ssid.clone();
        } else if let Some(ssid) = ssid {
            results.ssid = ssid;
        }
        self.leave_channel();
        let wanted = self.p2p.wanted.clone();
        let fallback = FallBack::new(joining.device, joining.auto_started);
        self.with_interface(cx, id, |i, cx| {
            i.p2p.is_asked(wanted.pin, wanted.wps_method, wanted.fallback.then_some(fallback));
            i.p2p.enrolment_begins();
            i.start_group_client(cx, results);
        });
        self.p2p.shared.formation_ends.set(cx.now + JOIN);
    }
}
