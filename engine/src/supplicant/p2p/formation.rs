//! Group formation on the interface that will carry the group: the start of its owner or its client,
//! and what Wi-Fi Protected Setup reports of it.

use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::password_id;

use super::group::{FormationEnd, INITIAL_CONNECTION, Remains};
use super::{Audience, ProcessRequest};
use crate::config::words::{auth_alg, cipher, key_mgmt, proto};
use crate::p2p::{GoNegResults, Persistence, WpsMethod};
use crate::runtime::Level;
use crate::select::mode;
use crate::supplicant::interface::parts::group::GroupInterface;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::ScanPurpose;
use crate::supplicant::wps::Enrolment;

/// The time that a failed exchange has for its last messages.
const AFTER_WPS_FAILURE: Duration = Duration::from_millis(50);
/// A formation that did not come to an end by then has failed, not counting what the peer needs to start.
const FORMATION: Duration = Duration::from_secs(15);
/// The same when a running group is joined, whose owner may not be ready for it.
pub(super) const JOIN: Duration = Duration::from_secs(60);

/// The way in which the owner of a group starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OwnerStart {
    /// The peer of the negotiation registers before anybody else may join.
    Formation,
    /// Everyone may join at once.
    Autonomous,
}

impl Interface {
    /// Starts the client of a group.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_start_wps_enrollee
    pub(crate) fn start_group_client(&mut self, cx: &mut InterfaceContext<'_>, results: GoNegResults) {
        self.end_access_point(cx);
        let bssid = Some(results.peer_interface);
        let method = results.wps_method;
        let ssid = results.ssid.clone();
        self.p2p.client_begins(results);
        let enrolment = Enrolment { bssid, group: Some(ssid), multi_ap: false };
        if method == WpsMethod::Pbc {
            self.start_pbc(cx, &enrolment);
        } else {
            let keypad = self.p2p.wps_method() == WpsMethod::PinKeypad;
            let id = if keypad { password_id::REGISTRAR_SPECIFIED } else { password_id::DEFAULT };
            let pin = self.p2p.pin().to_owned();
            self.start_pin(cx, &enrolment, Some(&pin), id);
        }
    }

    /// Starts the owner of a group, with a registration to come or without.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_start_wps_go
    pub(crate) fn start_group_owner(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        results: GoNegResults,
        start: OwnerStart,
    ) {
        self.p2p.owner_begins();
        let id = self.add_owner_network(cx, &results, start);
        self.p2p.owner_is_planned(id, results);
        self.scan.plan(ScanPurpose::Normal);
        self.intent.seek_connection();
        self.request_scan(cx.now, Duration::ZERO);
    }

    fn add_owner_network(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        results: &GoNegResults,
        start: OwnerStart,
    ) -> i32 {
        let inactivity = self.config.globals.int(global::P2P_GO_MAX_INACTIVITY);
        let id = self.config.add_network();
        let Some(network) = self.config.network_mut(id) else { return id };
        network.temporary = true;
        network.p2p_group = true;
        network.p2p_persistent_group = results.persistence != Persistence::None;
        let mode = match start {
            OwnerStart::Formation => mode::P2P_GROUP_FORMATION,
            OwnerStart::Autonomous => mode::P2P_GO,
        };
        network.set_int_value(network::MODE, mode);
        network.set_int_value(network::FREQUENCY, results.freq as i32);
        network.set_ssid(&results.ssid);
        network.set_bits(network::AUTH_ALG, auth_alg::OPEN);
        network.set_bits(network::KEY_MGMT, key_mgmt::PSK);
        network.set_bits(network::PROTO, proto::RSN);
        network.set_bits(network::PAIRWISE, cipher::CCMP);
        network.set_bits(network::GROUP, cipher::CCMP);
        let passphrase = results.passphrase.as_bytes();
        if !passphrase.is_empty() {
            network.psk.passphrase = Some(passphrase.to_vec());
        }
        network.psk.psk = match results.psk {
            Some(psk) => Some(psk),
            None if passphrase.is_empty() => None,
            None => Some(cx.env.psk.psk(passphrase, results.ssid.as_bytes())),
        };
        network.set_int_value(network::AP_MAX_INACTIVITY, inactivity);
        id
    }

    /// Handles the start of the group owner's access point.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#p2p_go_configured
    pub(crate) fn group_owner_configured(&mut self, cx: &mut InterfaceContext<'_>) {
        let Some(params) = self.p2p.take_owner_to_configure() else { return };
        let network = self.current().filter(|n| n.int(network::MODE) == mode::P2P_GO).cloned();
        let Some(network) = network else {
            return self.await_enrolment(cx, &params);
        };
        if self.is_forming(cx) {
            cx.shared.forming = None;
        }
        let persistent = params.persistence != Persistence::None;
        let (freq, device) = (network.int(network::FREQUENCY) as u32, cx.shared.device_addr);
        self.say_group_started(true, Some(&network), freq, device, persistent);
        self.p2p.formation_is_reported();
        cx.shared.awaiting_client = Some(cx.now);
        if persistent {
            self.signal(ProcessRequest::StoreGroup { network: Box::new(network), go_device: device });
        }
        self.watch_group_idle(cx);
        if let Some(patience) = self.p2p.first_connection() {
            self.p2p.first_connection_is_awaited();
            cx.shared.forming = Some(self.identity.id);
            cx.shared.formation_ends.set(cx.now + patience);
        }
    }

    /// Only the peer may come, with what was agreed.
    fn await_enrolment(&mut self, cx: &mut InterfaceContext<'_>, params: &GoNegResults) {
        let peer = params.peer_interface;
        let pin = self.p2p.pin().to_owned();
        self.with_ap(cx, |ap, cx| {
            let config = ap.config_mut();
            config.accept_only = true;
            config.accept = [peer].into();
            match params.wps_method {
                // Nothing but another enrollee in push-button mode stands against it.
                WpsMethod::Pbc => drop(ap.wps_pbc(cx, Some(params.peer_device))),
                _ if pin.is_empty() => {}
                _ => {
                    ap.wps_pin(cx, Some(peer), None, &pin, None);
                }
            }
        });
        self.p2p.owner_awaits_enrollee();
    }

    /// Handles the end of the registration with `peer`.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_wps_success
    pub(crate) fn group_wps_succeeded(&mut self, cx: &mut InterfaceContext<'_>, peer: MacAddr) {
        if !self.p2p.is_provisioning() {
            return;
        }
        let network = self.current().cloned();
        let infra = network.as_ref().is_some_and(|n| n.int(network::MODE) == mode::INFRA);
        if let Some(network) = network.as_ref().filter(|_| infra) {
            let (_, go_device) = self.persistence(cx, network);
            let go_device = if go_device.is_zero() { self.link.bssid() } else { go_device };
            self.signal(ProcessRequest::ClearProvisioning(go_device));
        }
        if network.is_some() {
            // It is complete with the first data connection, which has its own time.
            cx.shared.formation_ends.set(cx.now + INITIAL_CONNECTION);
            self.p2p.first_connection_is_awaited();
        } else {
            cx.shared.formation_ends.cancel();
            self.p2p.completes_with_registration();
        }
        self.signal(ProcessRequest::WpsSucceeded(peer));
        self.group_formation_over(cx, FormationEnd::Success);
    }

    /// Handles an enrolment that failed while a group was formed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_wps_failed
    pub(crate) fn group_wps_failed(&mut self, cx: &mut InterfaceContext<'_>) {
        if !self.p2p.is_provisioning() {
            return;
        }
        if let Some(peer) = self.p2p.go_params().map(|p| p.peer_device) {
            self.signal(ProcessRequest::ClearProvisioning(peer));
        }
        if self.is_forming(cx) {
            cx.shared.fails_after_wps = true;
            cx.shared.formation_ends.bring_forward(cx.now + AFTER_WPS_FAILURE);
        }
    }

    /// Returns whether the formation fails because of what was said before EAP ended.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_wps_eapol_cb
    pub(crate) fn formation_fails_after_eap(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        let fails = cx.shared.fails_after_wps && self.p2p.is_provisioning();
        if fails {
            self.fail_formation_now(cx);
        }
        fails
    }

    /// Ends the formation of a group whose enrolment failed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_grpform_fail_after_wps
    pub(crate) fn fail_formation_now(&mut self, cx: &mut InterfaceContext<'_>) {
        cx.shared.formation_ends.set(cx.now);
        cx.shared.fails_after_wps = false;
    }

    /// Handles a client that has its data connection. `device` is its P2P Device Address, if it has one.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_notify_ap_sta_authorized
    pub(crate) fn group_client_authorized(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        client: MacAddr,
        device: Option<MacAddr>,
    ) {
        if cx.shared.formation_ends.cancel()
            && !self.p2p.formation_completed()
            && !self.p2p.formation_reported()
        {
            // The registration was not ended properly, but the client has its credentials.
            self.signal(ProcessRequest::WpsSucceeded(device.unwrap_or(client)));
            self.group_formation_over(cx, FormationEnd::Success);
        }
        if self.p2p.connects() {
            cx.shared.forming = None;
        }
        cx.shared.awaiting_client = None;
        let network =
            self.current().filter(|n| n.int(network::MODE) == mode::P2P_GO && n.p2p_persistent_group);
        if let (Some(network), Some(client)) = (network.cloned(), device) {
            self.signal(ProcessRequest::StoreClient { network: Box::new(network), client });
        }
    }

    /// Ends the formation because of an overlap of push buttons, as soon as nothing else is under way.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_notif_pbc_overlap
    pub(crate) fn group_overlap(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        let concerned = self.p2p.made_for() == GroupInterface::Client || self.p2p.is_provisioning();
        if concerned {
            self.timers.set(Timer::GroupOverlap, cx.now);
        }
        concerned
    }

    /// The same, now.
    pub(crate) fn group_overlap_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.p2p.made_for() != GroupInterface::Client && !self.p2p.is_provisioning() {
            return;
        }
        if self.identity.id != cx.shared.device_iface {
            self.tell_device(Level::Info, "WPS-OVERLAP-DETECTED ", Audience::OnlyInterface);
        }
        self.group_formation_failed(cx, Remains::Group);
    }

    /// Handles the removal of the network of a group that is being formed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_network_removed
    pub(crate) fn group_network_removed(&mut self, cx: &mut InterfaceContext<'_>, id: i32) {
        let group = self.config.network(id).is_some_and(|n| n.p2p_group);
        if group && self.p2p.is_provisioning() && cx.shared.formation_ends.is_set() {
            cx.shared.formation_ends.set(cx.now);
        }
    }
}

/// Returns the time that a formation may take when the peer needs `peer_config_timeout` (in units of 10 ms) to start.
pub(super) fn formation_time(peer_config_timeout: u32) -> Duration {
    FORMATION + Duration::from_millis(i64::from(peer_config_timeout) * 10)
}
