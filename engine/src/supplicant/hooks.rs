//! The seams between the core (scanning, selection, the SME) and the features of an interface: WPS, Wi-Fi Direct, an own
//! access point. Each function is one seam and calls the features in the order in which 2.10's source does, where they stand
//! behind `#ifdef CONFIG_…`. The core calls no feature by another way; ci/house checks that.

use crate::config::keys::global;
use wpasim_wire::Ssid;
use wpasim_wire::driver::ScanRequest;
use wpasim_wire::wsc;

use super::interface::{Interface, InterfaceContext, Timer};
use super::state::WpaState;
use super::wps::{Role, role};
use crate::bss::{Bss, RatedResult};
use crate::config::Network;
use crate::config::words::key_mgmt;
use crate::wps::WpsEvent;

/// The seams of scanning.
impl Interface {
    /// Returns the network that a feature connects to without a scan.
    pub(crate) fn network_without_scan(&self) -> Option<i32> {
        self.p2p.connect_without_scan()
    }

    /// Takes note that the connection without a scan begins.
    pub(crate) fn connection_without_scan_begins(&mut self) {
        self.p2p.planned_connection_begins();
    }

    /// Returns whether a scan waits for what a feature does with the radio; `owner` is the network that would be started.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_scan
    pub(crate) fn scan_waits(&mut self, cx: &mut InterfaceContext<'_>, owner: Option<i32>) -> bool {
        self.waits_for_p2p(cx, owner)
    }

    /// Returns the only SSIDs that a feature probes for, `None` without such a limit.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_scan
    pub(crate) fn scan_ssids(&self, passive: bool) -> Option<Vec<Ssid>> {
        self.ssids_of_group(passive)
    }

    /// Returns whether a feature keeps probe requests from CCK rates.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_scan
    pub(crate) fn scan_avoids_cck(&self) -> bool {
        self.scans_for_group()
    }

    /// Limits a scan to the channels on which a feature expects its peer.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_optimize_freqs
    pub(crate) fn scan_freqs(&mut self, request: &mut ScanRequest) {
        self.choose_group_freqs(request);
        request.freqs.extend(self.enrolling.channel_of_next_scan(!request.freqs.is_empty()));
    }

    /// Takes note that an own scan has begun.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event
    pub(crate) fn on_scan_started(&mut self) {
        self.enrolling.scan_begins();
    }

    /// Returns whether a feature asks for WPS in every probe request.
    //= hostap@2.10 wpa_supplicant/scan.c#wpas_wps_in_use
    pub(crate) fn always_asks_for_wps(&self, cx: &InterfaceContext<'_>) -> bool {
        cx.shared.is_on() && self.config.globals.int(global::P2P_DISABLED) == 0
    }

    /// Puts results in their order, and notes what they say to features.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_get_scan_results
    pub(crate) fn on_results(&mut self, results: &mut [RatedResult]) {
        self.sort_results(results);
        self.note_wps_aps(results);
    }

    /// Returns whether a result goes into the BSS table.
    //= hostap@2.10 wpa_supplicant/bss.c#wpa_bss_update_scan_res
    pub(crate) fn takes_result(&self, result: &RatedResult) -> bool {
        self.keeps_result(result)
    }

    /// Tells what new results mean to features.
    //= hostap@2.10 wpa_supplicant/events.c#_wpa_supplicant_event_scan_results
    pub(crate) fn after_results(&mut self) {
        self.report_wps_aps();
    }

    /// Returns whether results are looked at for a feature even where the driver selects (AP_SCAN 2).
    //= hostap@2.10 wpa_supplicant/events.c#_wpa_supplicant_event_scan_results
    pub(crate) fn looks_at_results(&self) -> bool {
        self.is_wps_searching()
    }
}

/// The seams of selection.
impl Interface {
    /// Returns whether a network without an SSID may use the BSS.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_scan_res_ok
    pub(crate) fn any_ssid_matches(&self, network: &Network, bss: &Bss) -> bool {
        self.wps_wildcard_ok(network, bss)
    }

    /// Returns whether a feature takes the security of the BSS, `None` if it decides nothing.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_ssid_bss_match
    pub(crate) fn security_may_match(
        &self,
        cx: &mut InterfaceContext<'_>,
        network: &Network,
        bss: &Bss,
    ) -> Option<bool> {
        self.wps_matches(cx, network, bss)
    }

    /// Returns whether no feature keeps the network from the BSS.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_scan_res_ok
    pub(crate) fn may_match(&self, network: &Network, bss: &Bss) -> bool {
        self.group_matches(network, bss)
    }

    /// Lets features act where no BSS was found. Returns whether there is nothing else to do.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_select_network_from_last_scan
    pub(crate) fn on_nothing_found(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        self.group_not_found(cx)
    }

    /// Returns whether a feature wants the next scan at once.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_select_network_from_last_scan
    pub(crate) fn wants_scan_at_once(&self) -> bool {
        self.enrolling.is_just_over() || self.is_wps_searching()
    }

    /// Takes note that no BSSID is ignored any more, because nothing else was left.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_pick_network
    pub(crate) fn on_ignored_cleared(&mut self) {
        self.enrolling.ignored_are_cleared();
    }

    /// Returns whether the failure of a network is a feature's to handle: the network does not rest.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_auth_failed
    pub(crate) fn handles_failure(&self, network: i32) -> bool {
        let group = self.config.network(network).is_some_and(|n| n.p2p_group);
        group && (self.p2p.is_provisioning() || self.p2p.owes_start())
    }

    /// Returns whether networks come and go without events.
    //= hostap@2.10 wpa_supplicant/notify.c#wpas_notify_network_added
    pub(crate) fn hides_networks(&self, cx: &InterfaceContext<'_>) -> bool {
        self.is_forming(cx)
    }

    /// Takes note that a network is removed.
    //= hostap@2.10 wpa_supplicant/notify.c#wpas_notify_network_removed
    pub(crate) fn on_network_removed(&mut self, cx: &mut InterfaceContext<'_>, network: i32) {
        self.group_network_removed(cx, network);
    }
}

/// The seams of a connection.
impl Interface {
    /// Returns whether a feature keeps the interface from connecting to the BSS now.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_connect
    pub(crate) fn forbids_connection(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        bss: u32,
        network: i32,
    ) -> bool {
        let overlaps = self.pbc_overlap(bss, network);
        if overlaps {
            self.info("WPS-OVERLAP-DETECTED PBC session overlap");
            if !self.group_overlap(cx) {
                self.cancel_wps(cx);
            }
        }
        overlaps
    }

    /// Returns whether the network is for an enrolment only: the link has no keys.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_send_authentication
    pub(crate) fn connects_without_keys(&self, network: &Network) -> bool {
        role(network).is_some()
    }

    /// Returns the elements that features put into the association request.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_send_authentication
    pub(crate) fn assoc_elements(&self, network: &Network) -> Vec<u8> {
        match role(network) {
            Some(Role::Registrar) => wsc::assoc_request(wsc::RequestType::Registrar),
            Some(_) => wsc::assoc_request(wsc::RequestType::Enrollee),
            None => Vec::new(),
        }
    }

    /// Prepares the interface for the network with which it authenticates.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_associate
    pub(crate) fn on_authentication(&mut self, network: &Network) {
        self.set_client_type(network.p2p_group);
    }

    /// Takes note that the interface is associated.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_assoc
    pub(crate) fn on_associated(&mut self) {
        self.enrolling.connection_is_made();
    }

    /// Returns whether the access point does not wait for this station, so that it is given up early.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_rx_eapol
    pub(crate) fn is_unexpected(&self) -> bool {
        let network = self.link.network().and_then(|id| self.config.network(id));
        let with_pin = network.is_some_and(|n| role(n) == Some(Role::Pin));
        with_pin && self.wps_ap_expects(self.identity.addr) == Some(false)
    }

    /// Returns whether the access point has version 2 of WPS.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_initiate_eapol
    pub(crate) fn is_with_wps_2(&self) -> bool {
        self.wps_peer_is_version_2()
    }

    /// Lets WPS act on what its EAP method tells.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpa_supplicant_wps_event
    pub(crate) fn on_wps_event(&mut self, cx: &mut InterfaceContext<'_>, event: WpsEvent) {
        self.wps_event(cx, event);
    }

    /// Lets features act on the end of an 802.1X authentication. Returns whether it was about one of them only.
    //= hostap@2.10 wpa_supplicant/wpas_glue.c#wpa_supplicant_eapol_cb
    pub(crate) fn on_eapol_result(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        self.wps_eapol_cb(cx)
    }

    /// Takes note of another state of the connection.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_set_state
    pub(crate) fn on_state_changed(&mut self, cx: &mut InterfaceContext<'_>, old: WpaState) {
        self.group_connection_changed(cx, old);
    }

    /// Takes note that the connection is complete.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_set_state
    pub(crate) fn on_completed(&mut self, cx: &mut InterfaceContext<'_>) {
        self.enrolling.forget_channel();
        self.p2p_completed(cx);
    }

    /// Lets features act on a failed 4-way handshake. Returns whether the network is given up.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_disassoc_finish
    pub(crate) fn on_handshake_failed(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        self.group_handshake_failed(cx)
    }

    /// Lets features act on the end of a connection. Returns whether the interface goes with it.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_event_disconnect
    pub(crate) fn on_disconnected(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        reason: u16,
        locally_generated: bool,
    ) -> bool {
        self.owner_ends_session(cx, reason, locally_generated)
    }

    /// Returns whether a feature reconnects even where STA_AUTOCONNECT forbids it.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_disassoc_finish
    pub(crate) fn reconnects_anyway(&self) -> bool {
        self.link.suites().is_some_and(|s| s.akm.0 == key_mgmt::WPS)
            || self.is_wps_searching()
            || self.timers.deadline(Timer::WpsReenable).is_some()
    }

    /// Becomes the access point of a network that is one. Returns whether it did.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_associate
    pub(crate) fn becomes_access_point(&mut self, cx: &mut InterfaceContext<'_>, network: i32) -> bool {
        self.create_ap(cx, network);
        self.ap.is_some()
    }

    /// Ends an own access point.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_deauthenticate
    pub(crate) fn leaves_access_point(&mut self, cx: &mut InterfaceContext<'_>) {
        self.end_access_point(cx);
    }
}
