//! The station's MLME above the driver: authentication and association with one BSS, and what follows
//! when they fail (2.10's sme.c).

pub(crate) mod countermeasures;
pub mod disconnect;
pub mod link;
mod port;

use crate::config::keys::{global, network};
use wpasim_wire::driver::{DriverRequest, Errno, KeyScope, ScanRequest};
use wpasim_wire::elements::{eid, find, push};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame, reason, status};
use wpasim_wire::rsne::Proto;
use wpasim_wire::time::Duration;
use wpasim_wire::{MacAddr, Ssid, wsc};

use crate::bss::{Bss, vendor};
use crate::config::words::{auth_alg, key_mgmt};
use crate::rsn::Selection;
use crate::scan::probe_elements::EXT_CAPABILITIES;
use crate::select::mode;
use crate::select::suites::Suites;
use crate::supplicant::interface::{Cx, Interface, Timer, Work};
use crate::supplicant::monitors::Level;
use crate::supplicant::p2p::Signal;
use crate::supplicant::state::WpaState;
use crate::supplicant::wps::{Role, role};

/// How long an answer to authentication or association may take.
const SME_TIMEOUT: Duration = Duration::from_secs(5);

/// Operating classes of the world domain that a station supports (IEEE 802.11-2020 Table E-4).
const OPERATING_CLASSES: [u8; 20] = [
    0x51, 0x52, 0x53, 0x54, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f,
    0x80, 0x81, 0x82,
];

/// What one connection attempt carries from authentication to association.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sme {
    /// The BSS of the last association in this ESS; makes the next one a reassociation.
    pub prev_bssid: Option<MacAddr>,
    pub ssid: Ssid,
    pub freq: u32,
    /// 0 open, 1 shared key.
    pub algorithm: u16,
    pub assoc_ies: Vec<u8>,
    /// The BSS is a Wi-Fi Direct group's.
    pub p2p_group: bool,
    /// Both sides of the link have HT.
    pub ht: bool,
    /// What its P2P element says; empty without.
    pub p2p_attributes: Vec<u8>,
    pub privacy: bool,
    /// Deauthentications we asked for and whose events say nothing new.
    pub own_deauths: u32,
    /// The authentication request to repeat after the driver refused it because it is associated.
    pub retry: Option<DriverRequest>,
    /// The attempt is for the BSS of the current association.
    pub same_bss: bool,
    /// The authentication request that waits for a scan of its channel, which nobody is told of.
    pub after_scan: Option<DriverRequest>,
    /// The last authentication request was repeated after such a scan.
    pub repeated: bool,
}

impl Interface {
    /// Starts a connection to the selected BSS, unless it is in use already.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_connect
    pub(crate) fn connect(&mut self, cx: Cx<'_>, bss: u32, network: i32) {
        if self.pbc_overlap(bss, network) {
            self.info("WPS-OVERLAP-DETECTED PBC session overlap");
            if !self.group_overlap(cx) {
                self.cancel_wps(cx);
            }
            return;
        }
        let Some(selected) = self.bss.get(bss).map(|b| b.bssid) else { return };
        let trying = matches!(self.state, WpaState::Associating | WpaState::Authenticating);
        let elsewhere = selected != self.bssid
            && (!trying
                || (!self.pending_bssid.is_zero() && selected != self.pending_bssid)
                || (self.pending_bssid.is_zero() && self.current_network != Some(network)));
        if self.reassociate || elsewhere {
            self.associate(cx, Some(bss), network);
        }
    }

    /// Queues the radio work that associates with a BSS.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_associate
    pub(crate) fn associate(&mut self, cx: Cx<'_>, bss: Option<u32>, network: i32) {
        self.own_disconnect_req = false;
        self.early_eapol = None;
        self.sme.same_bss = self.last_network == Some(network) && bss.is_some() && self.current_bss == bss;
        self.last_network = Some(network);
        let Some(kind) = self.config.network(network).map(|n| n.int(network::MODE)) else { return };
        if matches!(kind, mode::AP | mode::P2P_GO | mode::P2P_GROUP_FORMATION) {
            self.create_ap(cx, network);
            if self.ap.is_some() {
                self.current_bss = bss;
            }
            return;
        }
        if kind != mode::INFRA {
            self.info(&format!("Driver does not support mode {kind}"));
            return;
        }
        let Some(bss) = bss else { return };
        if matches!(self.held_work(), Some(Work::Connect { .. })) {
            return;
        }
        self.remove_connect_works();
        if self.held_work().is_some_and(Work::scans) && self.scan.own_running {
            self.driver(DriverRequest::AbortScan);
        }
        let freq = self.bss.get(bss).map_or(0, |b| b.freq);
        self.add_work(cx.now, Work::Connect { bss, network, freq });
    }

    /// The radio is free for the connection.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_auth_start_cb
    pub(crate) fn start_connect(&mut self, cx: Cx<'_>, bss: u32, network: i32) {
        let valid = !self.is_network_disabled(network);
        match self.bss.get(bss).cloned() {
            Some(bss) if valid => self.send_authentication(cx, &bss, network),
            _ => self.connect_work_done(cx.now),
        }
    }

    fn send_authentication(&mut self, cx: Cx<'_>, bss: &Bss, id: i32) {
        let Some(network) = self.config.network(id).cloned() else {
            self.connect_work_done(cx.now);
            return;
        };
        self.current_bss = Some(bss.id);
        self.reassociate = false;
        if self.sme.ssid != bss.ssid {
            self.sme.prev_bssid = None;
        }
        let protected = bss.vendor_ie(vendor::WPA).is_some() || bss.ie(eid::RSN).is_some();
        let wants_keys = network.bits(network::KEY_MGMT) & (key_mgmt::ANY_PSK | key_mgmt::ANY_8021X) != 0;
        let suites = if protected && wants_keys {
            match Suites::agree(&network, bss) {
                Some(suites) => suites,
                None => {
                    self.msg(Level::Warning, "WPA: Failed to select WPA/RSN");
                    self.msg(Level::Warning, "SME: Failed to set WPA key management and encryption suites");
                    self.connect_work_done(cx.now);
                    return;
                }
            }
        } else if role(&network).is_some() {
            Suites::wps()
        } else {
            Suites::open()
        };
        self.rsn.select(Selection {
            proto: suites.proto,
            pairwise: suites.pairwise,
            group: suites.group,
            akm: suites.akm,
        });
        if let Some(psk) = network.psk.psk.filter(|_| suites.is_protected()) {
            self.rsn.set_pmk(psk);
            self.secrets.push(crate::Secret::Pmk { ssid: bss.ssid.as_bytes().to_vec(), pmk: psk.to_vec() });
        }
        self.sme.ssid = bss.ssid.clone();
        self.sme.freq = bss.freq;
        self.sme.privacy = suites.is_protected();
        self.sme.algorithm = if network.bits(network::AUTH_ALG) == auth_alg::SHARED { 1 } else { 0 };
        self.sme.assoc_ies = match role(&network) {
            Some(Role::Registrar) => wsc::assoc_request(wsc::RequestType::Registrar),
            Some(_) => wsc::assoc_request(wsc::RequestType::Enrollee),
            None => Vec::new(),
        };
        let group = network.p2p_group;
        self.sme.p2p_group = group;
        self.sme.p2p_attributes = wpasim_wire::p2p::concatenated(&bss.ies).unwrap_or_default();
        self.sme.assoc_ies.extend_from_slice(&association_elements(&suites, bss.freq));
        self.suites = Some(suites);
        self.bssid = MacAddr::ZERO;
        self.pending_bssid = bss.bssid;
        self.current_network = Some(id);
        self.initiate_eapol(cx, &network);
        self.cancel_scan();
        self.info(&format!(
            "SME: Trying to authenticate with {} (SSID='{}' freq={} MHz)",
            bss.bssid, bss.ssid, bss.freq
        ));
        self.with_pae(cx, |pae, cx| pae.notify_port_valid(cx, false));
        self.clear_keys(bss.bssid);
        self.set_state(cx, WpaState::Authenticating);
        self.set_client_type(group);
        if self.sme.same_bss && self.config.globals.int(global::REASSOC_SAME_BSS_OPTIM) != 0 {
            return self.send_association(cx);
        }
        let request = DriverRequest::Authenticate {
            bssid: bss.bssid,
            freq: bss.freq,
            ssid: bss.ssid.clone(),
            algorithm: self.sme.algorithm,
            ies: Vec::new(),
        };
        self.sme.retry = Some(request.clone());
        self.sme.after_scan = None;
        self.sme.repeated = false;
        self.driver(request);
        self.timers.set(Timer::SmeAuth, cx.now + SME_TIMEOUT);
    }

    /// Removes all keys from the driver.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_clear_keys
    pub(crate) fn clear_keys(&mut self, peer: MacAddr) {
        for index in 0..4 {
            self.driver(DriverRequest::DelKey { scope: KeyScope::Group, index });
        }
        if !peer.is_zero() {
            self.driver(DriverRequest::DelKey { scope: KeyScope::Pairwise(peer), index: 0 });
        }
    }

    /// Handles a refused authentication. A kernel that is still associated with this BSS wants it
    /// deauthenticated first, one that has forgotten the BSS a scan of its channel; then the request is repeated.
    //= hostap@2.10 src/drivers/driver_nl80211.c#wpa_driver_nl80211_authenticate
    pub(crate) fn authentication_refused(&mut self, cx: Cx<'_>, errno: Errno) {
        if self.state != WpaState::Authenticating {
            return;
        }
        if errno == Errno::Already
            && let Some(retry) = self.sme.retry.take()
        {
            let bssid = self.pending_bssid;
            self.sme.own_deauths += 1;
            self.driver(DriverRequest::Deauthenticate {
                bssid,
                reason: reason::PREV_AUTH_NOT_VALID,
                local_state_change: false,
            });
            self.driver(retry);
            return;
        }
        if core::mem::take(&mut self.sme.repeated) {
            return self.attempt_timed_out(cx);
        }
        if errno == Errno::NoEntry
            && let Some(DriverRequest::Authenticate { freq, ssid, .. }) = &self.sme.retry
        {
            let (freqs, ssids) = (vec![*freq], vec![ssid.clone()]);
            self.sme.after_scan = self.sme.retry.take();
            return self.driver(DriverRequest::TriggerScan(ScanRequest {
                freqs,
                ssids,
                ..ScanRequest::default()
            }));
        }
        self.authentication_not_possible(cx);
    }

    /// The scan for an access point that the kernel had forgotten is over: authentication is tried again.
    /// Returns whether there was one.
    //= hostap@2.10 src/drivers/driver_nl80211_event.c#send_scan_event
    pub(crate) fn authenticate_after_scan(&mut self) -> bool {
        let Some(request) = self.sme.after_scan.take() else { return false };
        self.sme.repeated = true;
        self.driver(request);
        true
    }

    /// Gives up an authentication that the driver refuses.
    pub(crate) fn authentication_not_possible(&mut self, cx: Cx<'_>) {
        self.timers.cancel(Timer::SmeAuth);
        self.info("SME: Authentication request to the driver failed");
        let bssid = self.pending_bssid;
        self.connection_failed(cx, bssid);
        self.mark_disassociated(cx);
        self.connect_work_done(cx.now);
    }

    /// An authentication frame came.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_event_auth
    pub(crate) fn authenticated(&mut self, cx: Cx<'_>, frame: &[u8]) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let MgmtBody::Authentication { algorithm, transaction, status, ies } = frame.body else { return };
        if self.current_network.is_none()
            || self.state != WpaState::Authenticating
            || frame.header.sa != self.pending_bssid
        {
            return;
        }
        self.timers.cancel(Timer::SmeAuth);
        let peer = self.pending_bssid;
        if status != status::SUCCESS {
            let ie = if ies.is_empty() {
                String::new()
            } else {
                format!(" ie={}", crate::config::text::hex(&ies))
            };
            self.info(&format!(
                "CTRL-EVENT-AUTH-REJECT {peer} auth_type={algorithm} auth_transaction={transaction} \
                 status_code={status}{ie}"
            ));
            self.authentication_rejected(cx, status);
            return;
        }
        self.send_association(cx);
    }

    /// An AP that does not support the algorithm is asked with the next one: open, shared key, LEAP.
    fn authentication_rejected(&mut self, cx: Cx<'_>, status: u16) {
        let next = match self.sme.algorithm {
            0 => Some(auth_alg::SHARED),
            1 => Some(auth_alg::LEAP),
            _ => None,
        };
        let retry = next.filter(|_| status == status::NOT_SUPPORTED_AUTH_ALG);
        if let (Some(algorithm), Some(id), bss) = (retry, self.current_network, self.current_bss) {
            self.connect_work_done(cx.now);
            if let Some(network) = self.config.network_mut(id) {
                network.set_bits(network::AUTH_ALG, algorithm);
            }
            self.associate(cx, bss, id);
            return;
        }
        let peer = self.pending_bssid;
        self.connection_failed(cx, peer);
        self.set_state(cx, WpaState::Disconnected);
    }

    fn send_association(&mut self, cx: Cx<'_>) {
        let bssid = self.pending_bssid;
        let (ssid, freq) = (self.sme.ssid.clone(), self.sme.freq);
        self.info(&format!("Trying to associate with {bssid} (SSID='{ssid}' freq={freq} MHz)"));
        self.set_state(cx, WpaState::Associating);
        let request = DriverRequest::Associate {
            bssid,
            freq,
            ssid,
            ies: self.sme.assoc_ies.clone(),
            prev_bssid: self.sme.prev_bssid,
            privacy: self.sme.privacy,
        };
        // The P2P element is the device's to say.
        self.signal(Signal::Associate {
            request: Box::new(request),
            group: self.sme.p2p_group,
            ap: self.sme.p2p_attributes.clone(),
        });
        self.timers.set(Timer::SmeAssoc, cx.now + SME_TIMEOUT);
    }

    /// The driver refused an association.
    pub(crate) fn association_refused(&mut self, cx: Cx<'_>) {
        if self.state != WpaState::Associating {
            return;
        }
        self.timers.cancel(Timer::SmeAssoc);
        self.info("SME: Association request to the driver failed");
        let bssid = self.pending_bssid;
        self.connection_failed(cx, bssid);
        self.set_state(cx, WpaState::Disconnected);
        self.pending_bssid = MacAddr::ZERO;
    }

    /// A (re)association response came.
    pub(crate) fn association_response(&mut self, cx: Cx<'_>, frame: &[u8], req_ies: &[u8], freq: u32) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let (status, ies) = match &frame.body {
            MgmtBody::AssocResponse { status, ies, .. } | MgmtBody::ReassocResponse { status, ies, .. } => {
                (*status, ies)
            }
            _ => return,
        };
        self.sme.ht = find(req_ies, eid::HT_CAP).is_some() && find(ies, eid::HT_CAP).is_some();
        self.timers.cancel(Timer::SmeAssoc);
        if status == status::SUCCESS {
            self.associated(cx, frame.header.sa, freq);
        } else {
            self.info(&format!("CTRL-EVENT-ASSOC-REJECT bssid={} status_code={status}", frame.header.sa));
            // mac80211 forgets the authentication with a rejected association and refuses to end it.
            self.info("SME: Deauth request to the driver failed");
            self.sme_deauth(cx);
        }
    }

    /// Gives up the attempt to connect; the driver forgets what it had of it.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_deauth
    fn sme_deauth(&mut self, cx: Cx<'_>) {
        let bssid = self.pending_bssid;
        self.request_deauth(bssid, reason::DEAUTH_LEAVING);
        self.sme.prev_bssid = None;
        self.connection_failed(cx, bssid);
        self.set_state(cx, WpaState::Disconnected);
        self.bssid = MacAddr::ZERO;
        self.pending_bssid = MacAddr::ZERO;
    }

    /// A deauthentication whose event needs no handling.
    pub(crate) fn request_deauth(&mut self, bssid: MacAddr, reason: u16) {
        self.sme.own_deauths += 1;
        self.driver(DriverRequest::Deauthenticate { bssid, reason, local_state_change: false });
    }

    /// The driver gave an authentication or association up.
    pub(crate) fn attempt_timed_out(&mut self, cx: Cx<'_>) {
        self.timers.cancel(Timer::SmeAuth);
        self.timers.cancel(Timer::SmeAssoc);
        let bssid = self.pending_bssid;
        self.connection_failed(cx, bssid);
        self.mark_disassociated(cx);
    }

    /// Our own guard over an authentication.
    pub(crate) fn sme_auth_timeout(&mut self, cx: Cx<'_>) {
        if self.state == WpaState::Authenticating {
            self.sme_deauth(cx);
        }
    }

    /// Our own guard over an association.
    pub(crate) fn sme_assoc_timeout(&mut self, cx: Cx<'_>) {
        if self.state == WpaState::Associating {
            self.sme_deauth(cx);
        }
    }
}

/// The elements of the association request in 2.10's order: RSN first, WPA last.
fn association_elements(suites: &Suites, freq: u32) -> Vec<u8> {
    let mut out = Vec::new();
    if suites.proto == Some(Proto::Rsn) {
        out.extend_from_slice(&suites.own_element);
    }
    push(&mut out, eid::EXT_CAPAB, &EXT_CAPABILITIES);
    let mut classes = vec![current_operating_class(freq)];
    classes.extend_from_slice(&OPERATING_CLASSES);
    push(&mut out, eid::SUPPORTED_OPERATING_CLASSES, &classes);
    if suites.proto == Some(Proto::Wpa) {
        out.extend_from_slice(&suites.own_element);
    }
    out
}

/// The global operating class of a 20 MHz channel (IEEE 802.11-2020 Table E-4).
fn current_operating_class(freq: u32) -> u8 {
    match freq {
        2484 => 82,
        ..=2472 => 81,
        5180..=5240 => 115,
        5260..=5320 => 118,
        5500..=5720 => 121,
        5745..=5805 => 124,
        _ => 125,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::hex;

    #[test]
    fn the_open_association_request_is_the_recorded_one() {
        assert_eq!(
            hex(&association_elements(&Suites::open(), 2412)),
            "7f0b04004a02014040400001203b155151525354737475767778797a7b7c7d7e7f808182"
        );
    }
}
