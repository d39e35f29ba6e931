//! The station's MLME above the driver: authentication and association with one BSS, and what follows
//! when they fail (2.10's sme.c).

pub mod assoc;
pub(crate) mod countermeasures;
pub mod disconnect;
mod eapol;
mod ht_overrides;
mod keep_alive;

use crate::config::keys::{global, network};
use crate::runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverRequest, Errno, KeyScope, ScanRequest};
use wpasim_wire::elements::{self, eid, find, push};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame, capability, reason, status};
use wpasim_wire::rsne::Proto;
use wpasim_wire::time::Duration;

use crate::Secret;
use crate::bss::{Bss, vendor};
use crate::config::words::{auth_alg, key_mgmt};
use crate::runtime::Level;
use crate::scan::probe_elements::EXT_CAPABILITIES;
use crate::select::mode;
use crate::select::suites::Suites;
use crate::supplicant::interface::parts::attempt::AuthAlgorithm;
use crate::supplicant::interface::work::Work;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::p2p::ProcessRequest;
use crate::supplicant::state::WpaState;

/// The longest time that an answer to authentication or association may take.
const SME_TIMEOUT: Duration = Duration::from_secs(5);

/// Operating classes of the world domain that a station supports (IEEE 802.11-2020 Table E-4).
const OPERATING_CLASSES: [u8; 20] = [
    0x51, 0x52, 0x53, 0x54, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f,
    0x80, 0x81, 0x82,
];

/// The one of channel 14.
const CLASS_OF_CHANNEL_14: u8 = 0x52;
/// The one that 2.10 puts behind those of 6 GHz.
const CLASS_BEHIND_6_GHZ: u8 = 0x82;
/// Those of 6 GHz, where the domain has it.
const OPERATING_CLASSES_6_GHZ: [u8; 2] = [0x83, 0x84];
/// Those of them that are 20 MHz wide: without HT there are no others.
const NARROW_CLASSES: [u8; 7] = [0x51, 0x52, 0x73, 0x76, 0x79, 0x7c, 0x7d];

/// Those that are wider than 40 MHz.
const VHT_CLASSES: [u8; 3] = [0x80, 0x81, 0x82];

/// Passive, active and table beacon reports: what a station tells an access point that measures.
//= hostap@2.10 wpa_supplicant/sme.c#sme_auth_handle_rrm
const RM_CAPABILITIES: [u8; 5] = [0x70, 0, 0, 0, 0];

impl Interface {
    /// Starts a connection to the selected BSS, unless it is in use already.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_connect
    pub(crate) fn connect(&mut self, cx: &mut InterfaceContext<'_>, bss: u32, network: i32) {
        if self.forbids_connection(cx, bss, network) {
            return;
        }
        let Some(selected) = self.bss.get(bss).map(|b| b.bssid) else { return };
        let trying = matches!(self.link.state(), WpaState::Associating | WpaState::Authenticating);
        let elsewhere = selected != self.link.bssid()
            && (!trying
                || (!self.link.pending_bssid().is_zero() && selected != self.link.pending_bssid())
                || (self.link.pending_bssid().is_zero() && self.link.network() != Some(network)));
        if self.intent.reassociates() || elsewhere {
            self.associate(cx, Some(bss), network);
        }
    }

    /// Queues the radio work that associates with a BSS.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_associate
    pub(crate) fn associate(&mut self, cx: &mut InterfaceContext<'_>, bss: Option<u32>, network: i32) {
        self.intent.association_begins();
        self.security.association_begins();
        self.attempt.is_queued(self.link.is_again(network, bss));
        self.link.choose_network(network);
        let Some(kind) = self.config.network(network).map(|n| n.int(network::MODE)) else {
            return never!("the network is configured");
        };
        if matches!(kind, mode::AP | mode::P2P_GO | mode::P2P_GROUP_FORMATION) {
            if self.becomes_access_point(cx, network) {
                self.link.choose_bss(bss);
            }
            return;
        }
        if kind != mode::INFRA {
            self.info(&format!("Driver does not support mode {kind}"));
            return;
        }
        let Some(bss) = bss else { return };
        if matches!(self.held_work(cx), Some(Work::Connect { .. })) {
            return;
        }
        self.remove_connect_works(cx);
        if self.held_work(cx).is_some_and(Work::scans) && self.scan.is_own_running() {
            self.driver(DriverRequest::AbortScan);
        }
        let freq = self.bss.get(bss).map_or(0, |b| b.freq);
        self.add_work(cx, Work::Connect { bss, network, freq });
    }

    /// The radio is free for the connection.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_auth_start_cb
    pub(crate) fn start_connect(&mut self, cx: &mut InterfaceContext<'_>, bss: u32, network: i32) {
        let valid = !self.is_network_disabled(network);
        match self.bss.get(bss).cloned() {
            Some(bss) if valid => self.send_authentication(cx, &bss, network),
            _ => self.connect_work_done(cx),
        }
    }

    fn send_authentication(&mut self, cx: &mut InterfaceContext<'_>, bss: &Bss, id: i32) {
        let Some(network) = self.config.network(id).cloned() else {
            self.connect_work_done(cx);
            return;
        };
        self.link.choose_bss(Some(bss.id));
        self.intent.attempt_begins();
        self.attempt.is_for_ess(&bss.ssid);
        let protected = bss.vendor_ie(vendor::WPA).is_some() || bss.ie(eid::RSN).is_some();
        let wants_keys = network.bits(network::KEY_MGMT) & (key_mgmt::ANY_PSK | key_mgmt::ANY_8021X) != 0;
        let suites = if protected && wants_keys {
            match Suites::agree(&network, bss) {
                Some(suites) => suites,
                None => {
                    self.msg(Level::Warning, "WPA: Failed to select WPA/RSN");
                    self.msg(Level::Warning, "SME: Failed to set WPA key management and encryption suites");
                    self.connect_work_done(cx);
                    return;
                }
            }
        } else if self.connects_without_keys(&network) {
            Suites::wps()
        } else {
            Suites::open()
        };
        self.security.rsn_mut().select(suites.selection());
        if let Some(psk) = network.psk.psk.filter(|_| suites.is_protected()) {
            self.security.rsn_mut().set_pmk(psk);
            let ssid = bss.ssid.as_bytes().to_vec();
            self.outbox.keep_secret(Secret::Pmk { ssid, pmk: psk.to_vec() });
        }
        // hwsim's driver replaces a pairwise key safely, so that 1 (local only) asks for nothing.
        if suites.is_protected() && network.int(network::WPA_DENY_PTK0_REKEY) == 2 {
            self.info("Disable PTK0 rekey support - replaced with reconnect");
        }
        let shared = network.bits(network::AUTH_ALG) == auth_alg::SHARED;
        let algorithm = if shared { AuthAlgorithm::SharedKey } else { AuthAlgorithm::Open };
        let mut elements = self.assoc_elements(&network);
        let channels = self.channels(cx.env);
        let may_use = |range: fn(u32) -> bool| channels.iter().any(|c| !c.disabled && range(c.freq));
        let abilities = Abilities {
            measures: bss.capability & capability::RADIO_MEASUREMENT != 0,
            has_ht: network.int(network::DISABLE_HT) == 0,
            has_vht: network.int(network::DISABLE_VHT) == 0,
            has_channel_14: may_use(|freq| freq == 2484),
            has_6_ghz: may_use(|freq| freq > 5950),
        };
        elements.extend_from_slice(&association_elements(&suites, bss.freq, abilities));
        self.attempt.overrides_ht(ht_overrides::of_network(&network));
        self.attempt.begins(bss, algorithm, suites.is_protected(), elements, network.p2p_group);
        self.link.attempt_begins(id, bss.bssid, suites);
        self.initiate_eapol(cx, &network);
        self.cancel_scan();
        self.info(&format!(
            "SME: Trying to authenticate with {} (SSID='{}' freq={} MHz)",
            bss.bssid, bss.ssid, bss.freq
        ));
        self.with_pae(cx, |pae, cx| pae.notify_port_valid(cx, false));
        self.clear_keys(bss.bssid);
        self.set_state(cx, WpaState::Authenticating);
        self.on_authentication(&network);
        if self.attempt.is_for_same_bss() && self.config.globals.int(global::REASSOC_SAME_BSS_OPTIM) != 0 {
            return self.send_association(cx);
        }
        let request = self.attempt.authentication(bss.bssid);
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
    pub(crate) fn authentication_refused(&mut self, cx: &mut InterfaceContext<'_>, errno: Errno) {
        if self.link.state() != WpaState::Authenticating {
            return;
        }
        if errno == Errno::Already
            && let Some(retry) = self.attempt.take_retry()
        {
            let bssid = self.link.pending_bssid();
            self.attempt.deauth_is_requested();
            self.driver(DriverRequest::Deauthenticate {
                bssid,
                reason: reason::PREV_AUTH_NOT_VALID,
                local_state_change: false,
            });
            self.driver(retry);
            return;
        }
        if self.attempt.take_repeated() {
            return self.attempt_timed_out(cx);
        }
        if errno == Errno::NoEntry
            && let Some((freq, ssid)) = self.attempt.wait_for_scan()
        {
            let (freqs, ssids) = (vec![freq], vec![ssid]);
            return self.driver(DriverRequest::TriggerScan(ScanRequest {
                freqs,
                ssids,
                ..ScanRequest::default()
            }));
        }
        self.authentication_not_possible(cx);
    }

    /// Stops the timers of steps that the attempt has left behind, as when the driver tells of an association while another
    /// attempt authenticates already.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_state_changed
    pub(crate) fn sme_state_changed(&mut self) {
        if self.link.state() != WpaState::Associating {
            self.timers.cancel(Timer::SmeAssoc);
        }
        if self.link.state() != WpaState::Authenticating {
            self.timers.cancel(Timer::SmeAuth);
        }
    }

    /// The scan for an access point that the kernel had forgotten is over: authentication is tried again.
    /// Returns whether there was one.
    //= hostap@2.10 src/drivers/driver_nl80211_event.c#send_scan_event
    pub(crate) fn authenticate_after_scan(&mut self) -> bool {
        let Some(request) = self.attempt.scan_is_over() else { return false };
        self.driver(request);
        true
    }

    /// Gives up an authentication that the driver refuses.
    pub(crate) fn authentication_not_possible(&mut self, cx: &mut InterfaceContext<'_>) {
        self.timers.cancel(Timer::SmeAuth);
        self.info("SME: Authentication request to the driver failed");
        let bssid = self.link.pending_bssid();
        self.connection_failed(cx, bssid);
        self.mark_disassociated(cx);
        self.connect_work_done(cx);
    }

    /// An authentication frame came.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_event_auth
    pub(crate) fn authenticated(&mut self, cx: &mut InterfaceContext<'_>, frame: &[u8]) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let MgmtBody::Authentication { algorithm, transaction, status, ies } = frame.body else {
            return never!("the frame is an authentication");
        };
        if self.link.network().is_none()
            || self.link.state() != WpaState::Authenticating
            || frame.header.sa != self.link.pending_bssid()
        {
            return;
        }
        self.timers.cancel(Timer::SmeAuth);
        let peer = self.link.pending_bssid();
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
    fn authentication_rejected(&mut self, cx: &mut InterfaceContext<'_>, status: u16) {
        let next = match self.attempt.algorithm() {
            AuthAlgorithm::Open => auth_alg::SHARED,
            AuthAlgorithm::SharedKey => auth_alg::LEAP,
        };
        let retry = Some(next).filter(|_| status == status::NOT_SUPPORTED_AUTH_ALG);
        if let (Some(algorithm), Some(id), bss) = (retry, self.link.network(), self.link.bss()) {
            self.connect_work_done(cx);
            if let Some(network) = self.config.network_mut(id) {
                network.set_bits(network::AUTH_ALG, algorithm);
            }
            self.associate(cx, bss, id);
            return;
        }
        let peer = self.link.pending_bssid();
        self.connection_failed(cx, peer);
        self.set_state(cx, WpaState::Disconnected);
    }

    fn send_association(&mut self, cx: &mut InterfaceContext<'_>) {
        let bssid = self.link.pending_bssid();
        let (ssid, freq) = (self.attempt.ssid(), self.attempt.freq());
        let line = format!("Trying to associate with {bssid} (SSID='{ssid}' freq={freq} MHz)");
        self.info(&line);
        self.set_state(cx, WpaState::Associating);
        let request = self.attempt.association(bssid);
        // The P2P element is the device's to say.
        self.signal(ProcessRequest::Associate {
            request: Box::new(request),
            group: self.attempt.is_of_group(),
            ap: self.attempt.p2p_attributes().to_vec(),
        });
        self.timers.set(Timer::SmeAssoc, cx.now + SME_TIMEOUT);
    }

    /// The driver refused an association.
    pub(crate) fn association_refused(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() != WpaState::Associating {
            return;
        }
        self.timers.cancel(Timer::SmeAssoc);
        self.info("SME: Association request to the driver failed");
        let bssid = self.link.pending_bssid();
        self.connection_failed(cx, bssid);
        self.set_state(cx, WpaState::Disconnected);
        self.link.attempt_ends();
    }

    /// A (re)association response came.
    pub(crate) fn association_response(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        frame: &[u8],
        req_ies: &[u8],
        freq: u32,
    ) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let (status, ies) = match &frame.body {
            MgmtBody::AssocResponse { status, ies, .. } | MgmtBody::ReassocResponse { status, ies, .. } => {
                (*status, ies)
            }
            _ => return,
        };
        self.attempt.is_answered(find(req_ies, eid::HT_CAP).is_some() && find(ies, eid::HT_CAP).is_some());
        self.timers.cancel(Timer::SmeAssoc);
        if status == status::SUCCESS {
            self.take_max_idle_period(cx, ies);
            self.associated(cx, frame.header.sa, freq);
        } else {
            self.info(&format!("CTRL-EVENT-ASSOC-REJECT bssid={} status_code={status}", frame.header.sa));
            self.note_rejection_for_signal(cx, frame.header.sa, status, ies);
            // mac80211 forgets the authentication with a rejected association and refuses to end it.
            self.info("SME: Deauth request to the driver failed");
            self.sme_deauth(cx);
        }
    }

    /// Leaves an access point alone that rejects the station for its signal and says how much is missing.
    fn note_rejection_for_signal(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        bssid: MacAddr,
        status: u16,
        ies: &[u8],
    ) {
        let attributes = elements::find_vendor(ies, elements::vendor::MBO).and_then(|whole| whole.get(6..));
        let found = elements::Elements::new(attributes.unwrap_or_default())
            .find(|attribute| attribute.id == elements::mbo::RSSI_BASED_REJECTION)
            .and_then(|attribute| <[u8; 2]>::try_from(attribute.body).ok());
        let signal = self.bss.find(bssid, self.attempt.ssid()).map(|bss| bss.level);
        if status == status::DENIED_POOR_CHANNEL_CONDITIONS
            && let (Some([missing, seconds]), Some(signal)) = (found, signal)
        {
            let until = cx.now + Duration::from_secs(seconds.into());
            self.failures.is_too_far(bssid, until, signal + i32::from(missing));
        }
    }

    /// Gives up the attempt to connect; the driver forgets what it had of it.
    //= hostap@2.10 wpa_supplicant/sme.c#sme_deauth
    fn sme_deauth(&mut self, cx: &mut InterfaceContext<'_>) {
        let bssid = self.link.pending_bssid();
        self.request_deauth(bssid, reason::DEAUTH_LEAVING);
        self.attempt.forget_association();
        self.connection_failed(cx, bssid);
        self.set_state(cx, WpaState::Disconnected);
        self.link.forget_peer();
    }

    /// A deauthentication whose event needs no handling.
    pub(crate) fn request_deauth(&mut self, bssid: MacAddr, reason: u16) {
        self.attempt.deauth_is_requested();
        self.driver(DriverRequest::Deauthenticate { bssid, reason, local_state_change: false });
    }

    /// The driver gave an authentication or association up.
    pub(crate) fn attempt_timed_out(&mut self, cx: &mut InterfaceContext<'_>) {
        self.timers.cancel(Timer::SmeAuth);
        self.timers.cancel(Timer::SmeAssoc);
        let bssid = self.link.pending_bssid();
        self.connection_failed(cx, bssid);
        self.mark_disassociated(cx);
    }

    /// Our own guard over an authentication.
    pub(crate) fn sme_auth_timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() == WpaState::Authenticating {
            self.sme_deauth(cx);
        }
    }

    /// Our own guard over an association.
    pub(crate) fn sme_assoc_timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() == WpaState::Associating {
            self.sme_deauth(cx);
        }
    }
}

/// The abilities of a station that show in its association request.
#[derive(Clone, Copy, Debug, Default)]
struct Abilities {
    /// The access point measures, so that the station tells its own measurements.
    measures: bool,
    has_ht: bool,
    has_vht: bool,
    /// The regulatory domain has channel 14.
    has_channel_14: bool,
    /// The regulatory domain has channels of 6 GHz.
    has_6_ghz: bool,
}

/// The elements of the association request in 2.10's order: RSN first, WPA last.
fn association_elements(suites: &Suites, freq: u32, abilities: Abilities) -> Vec<u8> {
    let mut out = Vec::new();
    if suites.proto == Some(Proto::Rsn) {
        out.extend_from_slice(&suites.own_element);
    }
    push(&mut out, eid::EXT_CAPAB, &EXT_CAPABILITIES);
    if abilities.measures {
        push(&mut out, eid::RRM_ENABLED_CAPABILITIES, &RM_CAPABILITIES);
    }
    let mut classes = vec![current_operating_class(freq)];
    let is_supported = |class: &u8| {
        (abilities.has_ht || NARROW_CLASSES.contains(class))
            && (abilities.has_vht || !VHT_CLASSES.contains(class))
            && (abilities.has_channel_14 || *class != CLASS_OF_CHANNEL_14)
    };
    for class in OPERATING_CLASSES {
        if class == CLASS_BEHIND_6_GHZ && abilities.has_6_ghz {
            classes.extend_from_slice(&OPERATING_CLASSES_6_GHZ);
        }
        classes.extend(Some(class).filter(is_supported));
    }
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
            hex(&association_elements(
                &Suites::open(),
                2412,
                Abilities { has_ht: true, has_vht: true, has_channel_14: true, ..Abilities::default() }
            )),
            "7f0b04004a02014040400001203b155151525354737475767778797a7b7c7d7e7f808182"
        );
    }
}
