//! Wi-Fi Protected Setup of a station: enrolment by push button and PIN, the settings of an access
//! point as its external registrar (2.10's wps_supplicant.c).

pub(crate) mod access_points;
mod credential;
mod events;
pub(crate) mod offer;

use crate::config::keys::{global, network};
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Duration;
use wpasim_wire::{MacAddr, wsc};

use super::interface::{Interface, InterfaceContext, Timer};
use super::state::WpaState;
use crate::Output;
use crate::config::Network;
use crate::config::words::key_mgmt;

/// An access point or a PCP, whichever enrols.
const EITHER_PBSS: i32 = 2;
/// EAP identities of WSC (WSC 2.0.5 §7.7).
pub(crate) const ENROLLEE_IDENTITY: &[u8] = b"WFA-SimpleConfig-Enrollee-1-0";
pub(crate) const REGISTRAR_IDENTITY: &[u8] = b"WFA-SimpleConfig-Registrar-1-0";

/// The time that an enrolment may take (WSC 2.0.5 §11.3).
const WALK_TIME: Duration = Duration::from_secs(120);
/// The longest phase1 texts 2.10 makes of what WPS_PIN and WPS_REG were given, quotes included.
const MAX_PIN_PHASE1: usize = 167;
const MAX_REGISTRAR_PHASE1: usize = 199;

/// With whom a station enrols, and for what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Enrolment {
    pub bssid: Option<MacAddr>,
    /// For the Wi-Fi Direct group of this SSID, empty if it is not known.
    pub group: Option<wpasim_wire::Ssid>,
    pub multi_ap: bool,
}

/// The settings that WPS_REG gives an access point (WSC 2.0.5 §7.4): hexadecimal digits but for the suites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NewApSettings<'a> {
    pub ssid: &'a str,
    pub auth: &'a str,
    pub encr: &'a str,
    pub key: &'a str,
}

/// The part of an enrolment that a network plays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    PushButton,
    Pin,
    Registrar,
}

/// The role of a block with key_mgmt WPS; `None` for any other.
pub(crate) fn role(network: &Network) -> Option<Role> {
    if network.bits(network::KEY_MGMT) & key_mgmt::WPS == 0 {
        return None;
    }
    let phase1 = network.text(network::PHASE1).unwrap_or_default();
    let says = |word: &[u8]| phase1.windows(word.len()).any(|w| w == word);
    Some(match network.text(network::IDENTITY) == Some(ENROLLEE_IDENTITY) {
        true if says(b"pbc=1") => Role::PushButton,
        true if says(b"pin=") => Role::Pin,
        _ => Role::Registrar,
    })
}

impl Interface {
    /// WPS_PBC. Whether it began.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_start_pbc
    pub(crate) fn start_wps_pbc(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        bssid: Option<MacAddr>,
        multi_ap: bool,
    ) -> bool {
        self.start_pbc(cx, &Enrolment { bssid, group: None, multi_ap })
    }

    /// The same, for a Wi-Fi Direct group too.
    pub(crate) fn start_pbc(&mut self, cx: &mut InterfaceContext<'_>, enrolment: &Enrolment) -> bool {
        if self.ap.is_some() {
            return false;
        }
        let phase1 = if enrolment.multi_ap { "pbc=1 multi_ap=1" } else { "pbc=1" };
        let Some(id) = self.add_wps_network(cx, ENROLLEE_IDENTITY, enrolment, phase1) else { return false };
        self.info("WPS-PBC-ACTIVE ");
        self.timers.set(Timer::WpsTimeout, cx.now + WALK_TIME);
        self.begin_wps_search(cx, id, enrolment.bssid);
        true
    }

    /// WPS_PIN: with the PIN given or a new one, which is returned.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_start_pin
    pub(crate) fn start_wps_pin(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        bssid: Option<MacAddr>,
        pin: Option<&str>,
    ) -> Option<String> {
        let enrolment = Enrolment { bssid, ..Enrolment::default() };
        self.start_pin(cx, &enrolment, pin, wsc::password_id::DEFAULT)
    }

    /// The same, for a Wi-Fi Direct group too, where the Device Password ID says who chose the PIN.
    pub(crate) fn start_pin(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        enrolment: &Enrolment,
        pin: Option<&str>,
        password_id: u16,
    ) -> Option<String> {
        self.enrolling.pin_is_given(cx.now);
        if self.ap.is_some() {
            return None;
        }
        let pin = pin.map_or_else(|| self.new_pin(), str::to_owned);
        let phase1 = format!("pin={pin} dev_pw_id={password_id}");
        let bssid = enrolment.bssid.filter(|b| !b.is_zero());
        let enrolment = Enrolment { bssid, ..enrolment.clone() };
        let fits = phase1.len() + 2 <= MAX_PIN_PHASE1;
        let id = self.add_wps_network(cx, ENROLLEE_IDENTITY, &enrolment, &phase1).filter(|_| fits)?;
        self.info("WPS-PIN-ACTIVE ");
        self.timers.set(Timer::WpsTimeout, cx.now + WALK_TIME);
        self.begin_wps_search(cx, id, bssid);
        Some(pin)
    }

    /// WPS_REG: learns the settings of an access point, or gives it new ones.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_start_reg
    pub(crate) fn start_wps_registrar(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        bssid: MacAddr,
        pin: &str,
        settings: Option<NewApSettings<'_>>,
    ) -> bool {
        if self.ap.is_some() {
            return false;
        }
        let new = settings.map_or_else(String::new, |s| {
            format!(" new_ssid={} new_auth={} new_encr={} new_key={}", s.ssid, s.auth, s.encr, s.key)
        });
        let phase1 = format!("pin={pin}{new}");
        let fits = phase1.len() + 2 <= MAX_REGISTRAR_PHASE1;
        let enrolment = Enrolment { bssid: Some(bssid), ..Enrolment::default() };
        let added = self.add_wps_network(cx, REGISTRAR_IDENTITY, &enrolment, &phase1);
        let Some(id) = added.filter(|_| fits) else { return false };
        self.timers.set(Timer::WpsTimeout, cx.now + WALK_TIME);
        self.begin_wps_search(cx, id, Some(bssid));
        true
    }

    /// Eight digits with their checksum.
    pub(crate) fn new_pin(&mut self) -> String {
        self.wps.new_pin()
    }

    /// Adds the network of an enrolment, after what WPS did before has ended. `None` if the network takes no such
    /// value.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_add_network
    fn add_wps_network(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        identity: &[u8],
        enrolment: &Enrolment,
        phase1: &str,
    ) -> Option<i32> {
        self.clear_wps(cx);
        let id = self.add_network_block(cx);
        let fragment_size = self.enrolling.fragment_size();
        let network = self.config.network_mut(id)?;
        network.temporary = true;
        let quoted = |text: &[u8]| [b"\"", text, b"\""].concat();
        network.set("key_mgmt", b"WPS").ok()?;
        network.set("eap", b"WSC").ok()?;
        network.set("identity", &quoted(identity)).ok()?;
        network.set_addr_value(network::BSSID, enrolment.bssid);
        match &enrolment.group {
            None => network.set_int_value(network::PBSS, EITHER_PBSS),
            Some(ssid) => {
                network.p2p_group = true;
                network.set_ssid(ssid);
            }
        }
        network.set("phase1", &quoted(phase1.as_bytes())).ok()?;
        if fragment_size != 0 {
            network.set_int_value(network::FRAGMENT_SIZE, fragment_size);
        }
        Some(id)
    }

    /// Disables every other network for a time, and looks for an access point.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_reassoc
    fn begin_wps_search(&mut self, cx: &mut InterfaceContext<'_>, id: i32, bssid: Option<MacAddr>) {
        let freq = bssid.and_then(|b| self.bss.find_bssid(b)).map(|b| b.freq).filter(|f| *f > 0);
        self.enrolling.begins(freq);
        self.disable_other_networks(cx, id);
        self.intent.seek_connection();
        self.enrolling.search_begins();
        self.request_scan(cx.now, Duration::ZERO);
    }

    /// Disables the other networks for the time of an enrolment.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_temp_disable
    fn disable_other_networks(&mut self, cx: &mut InterfaceContext<'_>, selected: i32) {
        if self.link.network().is_some() {
            self.intent.leave();
            self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        }
        for network in &mut self.config.networks {
            let before = network.disabled();
            network.disabled_for_connect = false;
            if before == 2 {
                continue;
            }
            let disable = network.id != selected;
            network.disabled_for_connect = disable && before == 0;
            network.set_int_value(network::DISABLED, i32::from(disable));
        }
    }

    /// Enables the networks again that an enrolment had disabled.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_reenable_networks
    fn reenable_networks_after_wps(&mut self) {
        self.timers.cancel(Timer::WpsReenable);
        let mut changed = false;
        for network in &mut self.config.networks {
            if network.disabled_for_connect && network.disabled() != 0 {
                network.disabled_for_connect = false;
                network.set_int_value(network::DISABLED, 0);
                changed = true;
            }
        }
        if changed {
            self.save_updated_config();
        }
    }

    /// Writes the configuration file if the configuration may be updated.
    fn save_updated_config(&mut self) {
        if self.config.globals.int(global::UPDATE_CONFIG) != 0 {
            let path = self.identity.config_path.clone();
            let content = self.config.write().into_bytes();
            self.output(Output::SaveFile { path, content });
        }
    }

    /// Removes the temporary networks and enables the others again.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_clear_wps
    fn clear_wps(&mut self, cx: &mut InterfaceContext<'_>) {
        self.enrolling.forget_channel();
        self.reenable_networks_after_wps();
        self.timers.cancel(Timer::WpsTimeout);
        self.timers.cancel(Timer::WpsClear);
        let temporary: Vec<i32> =
            self.config.networks.iter().filter(|n| role(n).is_some()).map(|n| n.id).collect();
        for id in temporary {
            if self.link.network() == Some(id) {
                self.intent.leave();
                self.deauthenticate(cx, reason::DEAUTH_LEAVING);
            }
            self.network_removed(cx, id);
            self.config.remove_network(id);
        }
        self.enrolling.forget_aps();
    }

    /// WPS_CANCEL.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_cancel
    pub(crate) fn cancel_wps(&mut self, cx: &mut InterfaceContext<'_>) {
        match self.link.state() {
            WpaState::Scanning | WpaState::Disconnected => {
                self.cancel_scan();
                self.clear_wps(cx);
            }
            state if state >= WpaState::Associated => {
                self.intent.leave();
                self.deauthenticate(cx, reason::DEAUTH_LEAVING);
                self.clear_wps(cx);
            }
            _ => {
                self.reenable_networks_after_wps();
                self.enrolling.forget_aps();
                if self.timers.cancel(Timer::WpsClear) {
                    self.clear_wps(cx);
                }
            }
        }
        self.info("WPS-CANCEL ");
        self.enrolling.connection_is_made();
    }

    /// Nobody was found in the walk time.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_timeout
    pub(crate) fn wps_timed_out(&mut self, cx: &mut InterfaceContext<'_>) {
        self.info("WPS-TIMEOUT Requested operation timed out");
        self.clear_wps(cx);
    }

    /// Some time after a failure, so that the last messages were sent.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_clear_timeout
    pub(crate) fn wps_clear_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        self.clear_wps(cx);
    }

    /// The connection had its time before other networks count again.
    pub(crate) fn wps_reenable_timer(&mut self) {
        self.reenable_networks_after_wps();
    }

    /// The bookkeeping of the registrar has its timers.
    pub(crate) fn wps_registrar_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        self.wps.machine_mut().timeout(cx.now);
        self.take_wps_events(cx);
    }

    /// Returns whether a network of WPS is enabled.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_searching
    pub(crate) fn is_wps_searching(&self) -> bool {
        self.config.networks.iter().any(|n| role(n).is_some() && n.disabled() == 0)
    }
}
