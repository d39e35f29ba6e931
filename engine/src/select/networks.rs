//! Network blocks in use: enabled or not, temporarily disabled after failures, selected, removed.

use crate::config::keys::network;
use crate::runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::{Duration, Instant};

use crate::config::words::key_mgmt;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::{ScanPurpose, WpaState};

/// The time for which a network is disabled after failures.
//= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_auth_failed
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TemporaryRest {
    /// At least so many seconds.
    pub seconds: u32,
    /// With an 802.1X suite among the network's, a random number of seconds below this is added.
    pub random_share: u32,
}

impl TemporaryRest {
    /// The rest after this many failures in a row.
    pub fn after(failures: u32) -> Self {
        let seconds = match failures {
            0 | 1 => 10,
            2 => 20,
            3 => 30,
            4 | 5 => 60,
            6..=10 => 90,
            11..=50 => 120,
            _ => 300,
        };
        TemporaryRest { seconds, random_share: if failures > 1 { failures.saturating_mul(10) } else { 0 } }
    }
}

impl Interface {
    /// Returns whether a network is disabled, by its variable or because it lacks what its key management needs.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_network_disabled
    pub(crate) fn is_network_disabled(&self, id: i32) -> bool {
        let Some(network) = self.config.network(id) else { return true };
        if network.disabled() != 0 {
            return true;
        }
        let wep_keys = [network::WEP_KEY0, network::WEP_KEY1, network::WEP_KEY2, network::WEP_KEY3];
        if wep_keys.into_iter().any(|key| !matches!(network.text(key).unwrap_or_default().len(), 0 | 5 | 13))
        {
            return true;
        }
        let suites = network.bits(network::KEY_MGMT);
        let sae =
            suites & (key_mgmt::SAE | key_mgmt::FT_SAE) != 0 && network.text(network::SAE_PASSWORD).is_some();
        let derivable = network.psk.passphrase.is_some() && network.ssid().is_empty();
        let has_secret = network.psk.psk.is_some() || derivable || sae;
        suites & key_mgmt::ANY_PSK != 0 && !has_secret && network.int(network::MEM_ONLY_PSK) == 0
    }

    /// The number of enabled networks.
    pub(crate) fn count_enabled_networks(&self) -> usize {
        self.config.networks.iter().filter(|n| !self.is_network_disabled(n.id)).count()
    }

    /// Returns whether any network is enabled.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_enabled_networks
    pub(crate) fn has_enabled_networks(&self) -> bool {
        self.count_enabled_networks() > 0
    }

    /// Returns the whole seconds for which a network is still disabled; a network with none left is enabled again
    /// with an event.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_temp_disabled
    pub(crate) fn temp_disabled_for(&mut self, now: Instant, id: i32) -> i64 {
        let until = self.failures.rests_until(id);
        if until == 0 {
            return 0;
        }
        if until > now.secs() {
            return until - now.secs();
        }
        self.clear_temp_disabled(id, false);
        0
    }

    /// Returns the seconds until the first of the disabled networks may be used, 0 if one is usable.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_reenabled_network_time
    pub(crate) fn seconds_until_a_network(&mut self, now: Instant) -> i64 {
        let ids: Vec<i32> = self.config.networks.iter().filter(|n| n.disabled() == 0).map(|n| n.id).collect();
        let mut shortest = 0;
        for id in ids {
            match self.temp_disabled_for(now, id) {
                0 => return 0,
                left if shortest == 0 || left < shortest => shortest = left,
                _ => {}
            }
        }
        shortest
    }

    /// Ends the temporary disabling of a network and says so.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_clear_temp_disabled
    pub(crate) fn clear_temp_disabled(&mut self, id: i32, clear_failures: bool) {
        if self.failures.end_rest(id, clear_failures) {
            let ssid = self.ssid_text(id);
            self.info(&format!("CTRL-EVENT-SSID-REENABLED id={id} ssid=\"{ssid}\""));
        }
    }

    /// Disables the network for a time, longer with each failure.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_auth_failed
    pub(crate) fn auth_failed(&mut self, now: Instant, why: &str) {
        let Some(id) = self.link.network() else { return };
        let suites = self.config.network(id).map_or(0, |n| n.bits(network::KEY_MGMT));
        if suites == key_mgmt::WPS {
            return;
        }
        let failures = self.failures.authentication_failed(id);
        if self.handles_failure(id) {
            return;
        }
        let rest = TemporaryRest::after(failures);
        let mut duration = i64::from(rest.seconds);
        if rest.random_share > 0 && suites & key_mgmt::ANY_8021X != 0 {
            duration += i64::from(self.random.below(rest.random_share));
        }
        if !self.failures.rest_until(id, now.secs() + duration) {
            return;
        }
        let ssid = self.ssid_text(id);
        self.info(&format!(
            "CTRL-EVENT-SSID-TEMP-DISABLED id={id} ssid=\"{ssid}\" auth_failures={failures} duration={duration} \
             reason={why}"
        ));
    }

    /// Avoids the BSSID for a while and delays the next scan more each time.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_connection_failed
    pub(crate) fn connection_failed(&mut self, cx: &mut InterfaceContext<'_>, bssid: MacAddr) {
        self.connect_work_done(cx);
        self.timers.cancel(Timer::AuthTimeout);
        if self.intent.take_leaving() || self.intent.is_disconnected() {
            return;
        }
        let count = self.failures.avoid(cx.now, bssid);
        if count == 1 && self.link.bss().is_some() {
            let others = self.freqs_of_other_bsss_in_ess(cx.now);
            if !others.is_empty() {
                self.failures.avoid(cx.now, bssid);
                self.scan_wishes.limit_to_ess(others);
            }
        }
        if self.failures.attempt_failed() > 3 && self.link.network().is_some() {
            self.auth_failed(cx.now, "CONN_FAILED");
        }
        self.request_scan(cx.now, self.failures.wait_before_scan());
    }

    fn freqs_of_other_bsss_in_ess(&self, now: Instant) -> Vec<u32> {
        let Some(current) = self.link.bss().and_then(|id| self.bss.get(id)) else { return Vec::new() };
        let mut freqs: Vec<u32> = Vec::new();
        for bss in self.bss.iter().filter(|b| b.id != current.id && b.ssid == current.ssid) {
            if self.failures.times_avoided(now, bss.bssid) == 0
                && !freqs.contains(&bss.freq)
                && freqs.len() < 10
            {
                freqs.push(bss.freq);
            }
        }
        freqs
    }

    /// ADD_NETWORK. The new id.
    pub(crate) fn add_network(&mut self, cx: &InterfaceContext<'_>) -> i32 {
        let id = self.add_network_block(cx);
        if let Some(network) = self.config.network_mut(id) {
            network.set_int_value(network::DISABLED, 1);
        }
        id
    }

    /// A new block, enabled.
    pub(crate) fn add_network_block(&mut self, cx: &InterfaceContext<'_>) -> i32 {
        let id = self.config.add_network();
        if !self.hides_networks(cx) {
            self.info(&format!("CTRL-EVENT-NETWORK-ADDED {id}"));
        }
        id
    }

    /// Enables one network, or all of them, and looks for it if nothing is connected.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_enable_network
    pub(crate) fn enable_network(&mut self, cx: &mut InterfaceContext<'_>, id: Option<i32>) {
        let ids: Vec<i32> = match id {
            Some(id) => vec![id],
            None => self.config.networks.iter().map(|n| n.id).collect(),
        };
        for id in ids {
            self.enable_one_network(id);
        }
        let idle = self.link.network().is_none()
            || matches!(self.link.state(), WpaState::Disconnected | WpaState::Scanning);
        if self.intent.reassociates() && !self.intent.is_disconnected() && idle && !self.fast_associate(cx) {
            self.scan.plan(ScanPurpose::Normal);
            self.request_scan(cx.now, Duration::ZERO);
        }
    }

    fn enable_one_network(&mut self, id: i32) {
        let Some(network) = self.config.network_mut(id) else { return never!("the network is configured") };
        if network.disabled() != 1 {
            return;
        }
        network.set_int_value(network::DISABLED, 0);
        self.clear_temp_disabled(id, true);
        if self.link.network().is_none() && !self.intent.is_disconnected() {
            self.intent.reassociate();
        }
    }

    /// Disables one network, or all of them; a connection to it ends.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_disable_network
    pub(crate) fn disable_network(&mut self, cx: &mut InterfaceContext<'_>, id: Option<i32>) {
        let affects_current = match id {
            Some(id) => {
                if self.config.network(id).is_some_and(|n| n.disabled() == 2) {
                    return;
                }
                self.link.network() == Some(id)
            }
            None => {
                for network in self.config.networks.iter_mut().filter(|n| n.disabled() != 2) {
                    network.set_int_value(network::DISABLED, 1);
                }
                self.link.network().is_some()
            }
        };
        if affects_current {
            self.leave(cx);
        }
        if let Some(network) = id.and_then(|id| self.config.network_mut(id)) {
            network.set_int_value(network::DISABLED, 1);
        }
    }

    /// Deauthenticates because a command wants it, which is no failure of the connection.
    pub(crate) fn leave(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() >= WpaState::Authenticating {
            self.intent.leave();
        }
        self.deauthenticate(cx, reason::DEAUTH_LEAVING);
    }

    /// Selects this network and disables the others, or enables any.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_select_network
    pub(crate) fn select_network(&mut self, cx: &mut InterfaceContext<'_>, id: Option<i32>) {
        let mut disconnected = false;
        if id.is_some() && self.link.network().is_some() && self.link.network() != id {
            self.leave(cx);
            disconnected = true;
        }
        if let Some(id) = id {
            self.clear_temp_disabled(id, true);
        }
        self.disable_all_but(id);
        if id.is_some() && self.link.network() == id && self.link.state() >= WpaState::Authenticating {
            return;
        }
        if let Some(id) = id {
            self.link.select_network(id);
            self.scan_wishes.forget_ess();
        }
        self.intent.seek_connection();
        if !self.fast_associate(cx) {
            self.scan.plan(ScanPurpose::Normal);
            let delay = if disconnected { Duration::from_millis(100) } else { Duration::ZERO };
            self.request_scan(cx.now, delay);
        }
    }

    fn disable_all_but(&mut self, id: Option<i32>) {
        let mut enabled = Vec::new();
        for network in self.config.networks.iter_mut().filter(|n| n.disabled() != 2) {
            let was_disabled = network.disabled() != 0;
            let disable = id.is_some_and(|id| id != network.id);
            network.set_int_value(network::DISABLED, i32::from(disable));
            if was_disabled && !disable {
                enabled.push(network.id);
            }
        }
        for id in enabled {
            self.clear_temp_disabled(id, false);
        }
    }

    /// Removes a network. Returns whether there was one.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_remove_network
    pub(crate) fn remove_network(&mut self, cx: &mut InterfaceContext<'_>, id: i32) -> bool {
        if self.config.network(id).is_none() {
            return false;
        }
        self.network_removed(cx, id);
        self.forget_eap_session(cx, id);
        if self.link.network() == Some(id) {
            self.leave(cx);
        }
        self.config.remove_network(id)
    }

    /// Tells the parts that remember a network by its id that the network is gone.
    //= hostap@2.10 wpa_supplicant/notify.c#wpas_notify_network_removed
    pub(crate) fn network_removed(&mut self, cx: &mut InterfaceContext<'_>, id: i32) {
        self.say_network_removed(cx, id);
        self.on_network_removed(cx, id);
        self.forget_network(id);
    }

    /// Blocks of Wi-Fi Direct groups are nobody's business.
    pub(crate) fn say_network_removed(&mut self, cx: &InterfaceContext<'_>, id: i32) {
        self.flush_pmksa(Some(id));
        if !self.hides_networks(cx) && !self.config.network(id).is_some_and(|n| n.p2p_group) {
            self.info(&format!("CTRL-EVENT-NETWORK-REMOVED {id}"));
        }
    }

    fn forget_network(&mut self, id: i32) {
        self.failures.network_is_gone(id);
        self.link.network_is_removed(id);
        if self.link.network() == Some(id) || self.link.network().is_none() {
            self.attempt.forget_association();
        }
    }

    /// Removes all networks: the connection goes first, then the networks with an event each.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_remove_all_networks
    pub(crate) fn remove_all_networks(&mut self, cx: &mut InterfaceContext<'_>) {
        self.forget_every_eap_session(cx);
        if self.link.network().is_some() {
            self.attempt.forget_association();
            self.leave(cx);
        }
        for id in self.config.networks.iter().map(|n| n.id).collect::<Vec<_>>() {
            self.forget_network(id);
            self.say_network_removed(cx, id);
            self.on_network_removed(cx, id);
        }
        self.config.networks.clear();
    }

    /// Handles REASSOCIATE and RECONNECT.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_request_connection
    pub(crate) fn request_connection(&mut self, cx: &mut InterfaceContext<'_>) {
        self.scan.plan(ScanPurpose::Normal);
        self.reinit_autoscan();
        self.intent.seek_connection();
        if self.fast_associate(cx) {
            self.intent.reattach_is_under_way();
        } else {
            self.request_scan(cx.now, Duration::ZERO);
        }
    }

    /// Handles DISCONNECT.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_request_disconnection
    pub(crate) fn request_disconnection(&mut self, cx: &mut InterfaceContext<'_>) {
        self.attempt.forget_association();
        self.intent.stay_disconnected();
        self.cancel_scan();
        self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        self.timers.cancel(Timer::NetworkReenabled);
        self.remove_connect_works(cx);
    }
}
