//! Scans of an interface around a P2P group: what delays them, for what and where they look, and which
//! results count.

use crate::config::keys::network;
use wpasim_wire::Ssid;
use wpasim_wire::driver::ScanRequest;
use wpasim_wire::elements::{eid, find, find_vendor};
use wpasim_wire::p2p::WILDCARD_SSID;
use wpasim_wire::time::Duration;

use super::group::{Removal, p2p_of_bss};
use super::{P2pWork, ProcessRequest, ScanFor};
use crate::bss::{Bss, RatedResult, vendor};
use crate::config::Network;
use crate::p2p::Progress;
use crate::select::mode;
use crate::supplicant::interface::{Interface, InterfaceContext};

/// The time that a group owner waits for its first client.
const FIRST_CLIENT: Duration = Duration::from_secs(10);
/// Between the scans for a group.
const RESCAN: Duration = Duration::from_millis(250);
/// Scans after which a peer that should own a group is taken to own none.
const SCANS_FOR_OWNER: u32 = 5;

impl Interface {
    /// Returns what P2P does that ordinary scans have to wait for.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_in_progress
    pub(crate) fn p2p_progress(&mut self, cx: &mut InterfaceContext<'_>) -> Progress {
        let shared = &mut *cx.shared;
        if !shared.is_on() {
            return Progress::Idle;
        }
        if shared.progress != Progress::Idle {
            return shared.progress;
        }
        if shared.forming.is_some_and(|id| id != self.identity.id) {
            return Progress::Busy;
        }
        match shared.awaiting_client {
            Some(since) if cx.now - since > FIRST_CLIENT => {
                shared.awaiting_client = None;
                Progress::Idle
            }
            Some(_) => Progress::Busy,
            None => Progress::Idle,
        }
    }

    /// Whether the scan has to wait for a P2P operation. An access point that only starts does not.
    pub(crate) fn waits_for_p2p(&mut self, cx: &mut InterfaceContext<'_>, owner: Option<i32>) -> bool {
        let starts = owner.and_then(|id| self.config.network(id)).map(|n| n.int(network::MODE));
        self.p2p_progress(cx) == Progress::Busy && !matches!(starts, Some(mode::AP | mode::P2P_GO))
    }

    /// The SSIDs to probe for while a group is being formed or entered; `None` outside of that.
    pub(crate) fn ssids_of_group(&self, passive: bool) -> Option<Vec<Ssid>> {
        let forming = self.p2p.is_provisioning() || self.p2p.owes_start();
        if let Some(params) = self.p2p.go_params().filter(|_| forming && !passive) {
            return Some(vec![params.ssid.clone()]);
        }
        self.p2p.is_invited().then(|| self.current().map(Network::ssid).into_iter().collect())
    }

    /// Whether probe requests avoid CCK rates as those of Wi-Fi Direct do.
    pub(crate) fn scans_for_group(&self) -> bool {
        let group = &self.p2p;
        group.is_provisioning() || group.is_invited() || (group.owes_start() && group.go_params().is_some())
    }

    /// Limits the scan to the channels where the group is expected.
    pub(crate) fn choose_group_freqs(&mut self, request: &mut ScanRequest) {
        if request.freqs.is_empty() {
            request.freqs = self.p2p.freqs_to_scan();
        }
    }

    /// Whether a result goes into the table: devices that only listen do not, nor on a group's own
    /// interface what is no group.
    pub(crate) fn keeps_result(&self, result: &RatedResult) -> bool {
        let ies = &result.result.ies;
        match find_vendor(ies, vendor::P2P) {
            None => !self.p2p.is_for_group(),
            Some(_) => find(ies, eid::SSID) != Some(WILDCARD_SSID),
        }
    }

    /// Whether the block, if it is a group's, may use the BSS; and whether the BSS was heard since results
    /// count.
    pub(crate) fn group_matches(&self, network: &Network, bss: &Bss) -> bool {
        if self.p2p.results_since().is_some_and(|since| bss.last_update < since) {
            return false;
        }
        let any = bss.vendor_ie(vendor::P2P).or_else(|| bss.vendor_ie_beacon(vendor::P2P)).is_some();
        if network.p2p_group && !any {
            return false;
        }
        match network.addr(network::GO_P2P_DEV_ADDR).filter(|a| !a.is_zero()) {
            Some(device) => p2p_of_bss(bss).and_then(|a| a.device_addr()) == Some(device),
            None => true,
        }
    }

    /// No BSS was found for the group. Whether that was all there is to do about it.
    pub(crate) fn group_not_found(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        if self.falls_back(cx) {
            return true;
        }
        let group = &self.p2p;
        let waits = group.is_provisioning() || group.owes_start() || group.is_invited();
        if waits {
            self.request_new_scan(cx, RESCAN);
        }
        waits
    }

    /// Returns whether the peer does not own a group after all.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_scan_no_go_seen
    fn falls_back(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        let Some(fallback) = self.p2p.fallback() else { return false };
        if self.p2p.provisioning() <= SCANS_FOR_OWNER {
            return false;
        }
        let owns =
            self.bss_of_device(fallback.device()).is_some_and(|b| fallback.is_refuted_by(b.last_update));
        if owns {
            return false;
        }
        self.device_msg("P2P-FALLBACK-TO-GO-NEG reason=GO-not-found");
        self.delete_group(cx, Removal::Silent);
        self.signal(ProcessRequest::FallBack);
        true
    }

    /// The radio is free for the device machine.
    pub(crate) fn start_p2p_work(&mut self, work: P2pWork) {
        match work {
            P2pWork::Scan(request) => self.start_p2p_scan(*request, ScanFor::Find),
            other => self.signal(ProcessRequest::WorkStarted(other)),
        }
    }
}
