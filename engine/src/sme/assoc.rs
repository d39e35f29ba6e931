//! The link of a station: the association event, EAPOL in and out, keys, and the end of the handshake.

use crate::config::keys::{global, network};
use crate::runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{Cipher, DriverRequest};
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Duration;

use crate::config::Network;
use crate::config::words::key_mgmt;
use crate::rsn::{self, AssocParams, Handshake, RsnAction, Selection};
use crate::select::suites::Suites;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

/// The time until the authenticator's first frame.
const FIRST_FRAME_TIMEOUT: Duration = Duration::from_secs(10);

impl Interface {
    /// Handles an association that the driver reports.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_assoc
    pub(crate) fn associated(&mut self, cx: &mut InterfaceContext<'_>, bssid: MacAddr, freq: u32) {
        self.timers.cancel(Timer::NetworkReenabled);
        if self.link.freq() != 0 && freq != 0 && self.link.freq() != freq {
            self.update_scan_results(cx);
        }
        self.link.associated_on(freq);
        self.set_state(cx, WpaState::Associated);
        self.link.associated_with(bssid);
        if self.link.network().is_none() && !self.select_network_of_link(cx) {
            return self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        }
        self.attempt.associated(bssid);
        self.info(&format!("Associated with {bssid}"));
        let Some(suites) = self.link.suites().cloned() else {
            return never!("an association has its suites");
        };
        self.port_enabled(cx);
        if suites.uses_eapol() {
            if suites.is_protected() {
                let params = self.assoc_params(bssid);
                self.security.rsn_mut().associated(params);
            }
            self.timers.set(Timer::AuthTimeout, cx.now + FIRST_FRAME_TIMEOUT);
            self.run_rsn(cx);
        } else {
            self.cancel_auth_timeout();
            self.set_state(cx, WpaState::Completed);
        }
        self.cancel_scan();
        if let Some(frame) = self.security.take_early_eapol(cx.now, bssid) {
            self.rx_eapol(cx, bssid, &frame);
        }
        self.on_associated();
        self.info("CTRL-EVENT-SUBNET-STATUS-UPDATE status=0");
    }

    fn assoc_params(&self, bssid: MacAddr) -> AssocParams {
        let suites = self.link.suites();
        let selection = suites.map_or_else(Selection::default, Suites::selection);
        let element = |e: &Vec<u8>| (!e.is_empty()).then(|| e.clone());
        let network = self.link.network().and_then(|id| self.config.network(id));
        let rekey = network.map_or(0, |n| n.int(network::WPA_PTK_REKEY));
        let own = suites.map(|s| s.own_element.clone()).unwrap_or_default();
        AssocParams {
            ap_rsn_element: suites.and_then(|s| element(&s.ap_rsn)),
            ap_wpa_element: suites.and_then(|s| element(&s.ap_wpa)),
            rsn_enabled: network
                .is_none_or(|n| n.bits(network::PROTO) & crate::config::words::proto::RSN != 0),
            ptk_rekey: (rekey > 0).then(|| Duration::from_secs(i64::from(rekey))),
            deny_ptk0_rekey: network.is_some_and(|n| n.int(network::WPA_DENY_PTK0_REKEY) == 2),
            eapol_version: self.config.globals.int(global::EAPOL_VERSION) as u8,
            ..AssocParams::new(bssid, selection, own)
        }
    }

    /// Handles a received EAPOL frame; one that comes before the association is kept.
    //= hostap@2.10 wpa_supplicant/wpa_priv.c#wpa_supplicant_rx_eapol
    pub(crate) fn rx_eapol(&mut self, cx: &mut InterfaceContext<'_>, src: MacAddr, frame: &[u8]) {
        if self.intent.is_leaving() {
            return;
        }
        if self.testing.is_built_in() {
            self.info(&format!("EAPOL-RX {src} {}", frame.len()));
        }
        if self.ap.is_some() || self.michael.is_active() {
            return;
        }
        if self.link.state() < WpaState::Associated || src != self.link.bssid() {
            self.security.keep_early_eapol(cx.now, src, frame);
            return;
        }
        let Some(suites) = self.link.suites().cloned().filter(Suites::uses_eapol) else { return };
        self.note_eapol_received(cx);
        if self.uses_eap() && self.with_pae(cx, |pae, cx| pae.rx(cx, src, frame)) {
            return;
        }
        if !suites.is_protected() {
            return;
        }
        if rsn::is_eapol_key(frame) {
            self.with_pae(cx, |pae, cx| pae.notify_lower_layer_success(cx));
        }
        let known = self.network_of_link().is_some();
        self.security.rsn_mut().set_network_known(known);
        // A fault of the peer has been told to the monitors where 2.10 tells it.
        let _ = self.security.rsn_mut().rx_eapol(cx.now, src, frame);
        self.run_rsn(cx);
    }

    /// Returns the first enabled network that names the SSID and the BSSID of the link.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_get_ssid
    fn network_of_link(&self) -> Option<i32> {
        let describes = |network: &&Network| {
            let wps = network.bits(network::KEY_MGMT) & key_mgmt::WPS != 0;
            let any_ssid = network.ssid().is_empty() && (wps || network.addr(network::BSSID).is_some());
            (network.ssid() == *self.attempt.ssid() || any_ssid)
                && network.addr(network::BSSID).is_none_or(|bssid| bssid == self.link.bssid())
                && !self.is_network_disabled(network.id)
        };
        self.config.networks.iter().find(describes).map(|network| network.id)
    }

    /// Selects the network of an association that came while none was selected. Returns whether there is one.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_select_config
    fn select_network_of_link(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        let network = self.network_of_link().and_then(|id| self.config.network(id)).cloned();
        let Some(network) = network else {
            self.info("No network configuration found for the current AP");
            return false;
        };
        if self.temp_disabled_for(cx.now, network.id) > 0 {
            return false;
        }
        let bss = self.bss.find(self.link.bssid(), self.attempt.ssid()).cloned();
        let agreed = bss.as_ref().and_then(|bss| Suites::agree(&network, bss));
        let suites = agreed.unwrap_or_else(Suites::open);
        self.security.rsn_mut().select(suites.selection());
        self.link.network_is_found(network.id, bss.map(|bss| bss.id), suites);
        self.initiate_eapol(cx, &network);
        true
    }

    /// The handshake machine's timer.
    pub(crate) fn rsn_timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        self.security.rsn_mut().timeout(cx.now);
        self.run_rsn(cx);
    }

    /// Carries out what the handshake machine wants.
    pub(crate) fn run_rsn(&mut self, cx: &mut InterfaceContext<'_>) {
        for action in self.security.rsn_mut().take_actions() {
            self.rsn_action(cx, action);
        }
        self.timers.follow(Timer::Rsn, self.security.rsn().next_timeout());
    }

    fn rsn_action(&mut self, cx: &mut InterfaceContext<'_>, action: RsnAction) {
        match action {
            RsnAction::Send { dest, frame, no_encrypt } => {
                self.security.pae_mut().notify_tx_eapol_key();
                self.send_or_tell_eapol(dest, frame, no_encrypt);
            }
            RsnAction::NewKey(key) => self.driver(DriverRequest::NewKey(key)),
            RsnAction::State(Handshake::FourWay) => self.set_state(cx, WpaState::FourWayHandshake),
            RsnAction::State(Handshake::Group) => {
                // A rekeying leaves the port open.
                if self.link.state() != WpaState::Completed {
                    self.set_state(cx, WpaState::GroupHandshake);
                }
            }
            RsnAction::KeysInstalled { ptk, gtk, .. } => self.keys_installed(cx, ptk, gtk),
            RsnAction::GroupRekeyed { gtk } => {
                let bssid = self.link.bssid();
                let gtk = cipher_name(Some(gtk));
                self.info(&format!("WPA: Group rekeying completed with {bssid} [GTK={gtk}]"));
            }
            RsnAction::Deauthenticate { reason } => self.deauthenticate(cx, reason),
            RsnAction::Reconnect => self.request_connection(cx),
            RsnAction::Secret(secret) => self.outbox.keep_secret(secret),
            RsnAction::Msg(level, text) => {
                self.msg(level, &text);
            }
        }
    }

    fn keys_installed(&mut self, cx: &mut InterfaceContext<'_>, ptk: Cipher, gtk: Option<Cipher>) {
        let bssid = self.link.bssid();
        let (ptk, gtk) = (cipher_name(Some(ptk)), cipher_name(gtk));
        self.info(&format!("WPA: Key negotiation completed with {bssid} [PTK={ptk} GTK={gtk}]"));
        self.cancel_auth_timeout();
        self.set_state(cx, WpaState::Completed);
        self.port_has_keys(cx);
    }

    /// Cancels the timeout of the authentication, and stops avoiding the BSSID.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_cancel_auth_timeout
    fn cancel_auth_timeout(&mut self) {
        self.timers.cancel(Timer::AuthTimeout);
        let bssid = self.link.bssid();
        self.failures.stop_avoiding(bssid);
    }
}

fn cipher_name(cipher: Option<Cipher>) -> &'static str {
    match cipher {
        Some(Cipher::Ccmp) => "CCMP",
        Some(Cipher::Tkip) => "TKIP",
        Some(Cipher::Wep40) => "WEP-40",
        Some(Cipher::Wep104) => "WEP-104",
        Some(Cipher::BipCmac128) => "BIP",
        None => "NONE",
    }
}
