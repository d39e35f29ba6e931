//! Wi-Fi Protected Setup of a station: enrolment by push button and PIN, the settings of an access
//! point as its external registrar (2.10's wps_supplicant.c).

pub(crate) mod access_points;
mod credential;
mod events;
pub(crate) mod offer;

use crate::config::keys::{global, network};
use wpasim_wire::crypto::uuid_from_mac;
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::{DeviceData, DeviceType, auth_type, encr_type, methods, rf_band};
use wpasim_wire::{MacAddr, wsc};

use super::interface::{Cx, Interface, Timer};
use super::state::WpaState;
use crate::Output;
use crate::config::global::parse_device_type;
use crate::config::words::key_mgmt;
use crate::config::{Globals, Network};
use crate::entropy::{Entropy, Stream};
use crate::wps::{Wps, generate_pin};
use access_points::KnownAp;

/// An access point or a PCP, whichever enrols.
const EITHER_PBSS: i32 = 2;
/// EAP identities of WSC (WSC 2.0.5 §7.7).
pub(crate) const ENROLLEE_IDENTITY: &[u8] = b"WFA-SimpleConfig-Enrollee-1-0";
pub(crate) const REGISTRAR_IDENTITY: &[u8] = b"WFA-SimpleConfig-Registrar-1-0";

/// How long an enrolment may take (WSC 2.0.5 §11.3).
const WALK_TIME: Duration = Duration::from_secs(120);
/// Scans after an enrolment that keep to the channel on which it took place.
const SCANS_AFTER: u8 = 5;
/// The longest phase1 texts 2.10 makes of what WPS_PIN and WPS_REG were given, quotes included.
const MAX_PIN_PHASE1: usize = 167;
const MAX_REGISTRAR_PHASE1: usize = 199;

/// What an interface remembers of WPS.
pub(crate) struct Station {
    pub wps: Wps,
    /// What the process's first interface has: without a UUID of their own, later ones have that.
    pub uuid_of_process: Option<wsc::Uuid>,
    /// For PINs that commands ask for.
    pins: Stream,
    aps: Vec<KnownAp>,
    /// Whether access points are tried one after the other, and it is noted which were.
    iterating: bool,
    /// The number of this enrolment; credentials of one are merged.
    run: u8,
    success: bool,
    pin_started: Instant,
    /// How many of the next scans keep to `freq`.
    pub after_wps: u8,
    pub freq: u32,
    /// The next scan keeps to `freq`.
    pub known_freq: bool,
    /// SET wps_fragment_size, in octets; 0 is the method's own.
    pub fragment_size: i32,
    /// Since the enrolment began.
    pub scan_runs: u32,
    /// The list of ignored BSSIDs was emptied because nothing else was left.
    pub ignored_cleared: bool,
}

/// With whom a station enrols, and for what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Enrolment {
    pub bssid: Option<MacAddr>,
    /// For the Wi-Fi Direct group of this SSID, empty if it is not known.
    pub group: Option<wpasim_wire::Ssid>,
    pub multi_ap: bool,
}

/// What WPS_REG gives an access point (WSC 2.0.5 §7.4): hexadecimal digits but for the suites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NewApSettings<'a> {
    pub ssid: &'a str,
    pub auth: &'a str,
    pub encr: &'a str,
    pub key: &'a str,
}

impl Station {
    /// Returns whether an enrolment was ever begun.
    pub fn has_enrolled(&self) -> bool {
        self.run != 0
    }

    /// Makes the station's part of WPS. What the configuration says comes with [`Station::update`].
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_init
    pub fn new(own: MacAddr, entropy: &Entropy) -> Self {
        let mut wps = Wps::new(false, uuid_from_mac(own), DeviceData::default(), entropy.stream("wps"));
        wps.auth_types = auth_type::WPA2_PSK | auth_type::WPA_PSK;
        wps.encr_types = encr_type::AES | encr_type::TKIP;
        wps.device.mac_addr = own;
        wps.device.rf_bands = rf_band::GHZ_2_4 | rf_band::GHZ_5;
        Station {
            wps,
            uuid_of_process: None,
            pins: entropy.stream("wps-pin"),
            aps: Vec::new(),
            iterating: false,
            run: 0,
            success: false,
            pin_started: Instant::ZERO,
            after_wps: 0,
            freq: 0,
            known_freq: false,
            fragment_size: 0,
            scan_runs: 0,
            ignored_cleared: false,
        }
    }

    /// Takes up a configuration that was read, or globals that were set.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_update_config
    pub fn update(&mut self, globals: &Globals, own: MacAddr) {
        let wps = &mut self.wps;
        let text = |key| globals.text(key).unwrap_or_default().as_bytes().to_vec();
        wps.config_methods = config_methods(globals);
        wps.uuid = match self.uuid_of_process {
            Some(shared) if globals.octets(global::UUID).iter().all(|b| *b == 0) => shared,
            _ => uuid(globals, own),
        };
        wps.device = DeviceData {
            mac_addr: own,
            rf_bands: wps.device.rf_bands,
            device_name: text(global::DEVICE_NAME),
            manufacturer: text(global::MANUFACTURER),
            model_name: text(global::MODEL_NAME),
            model_number: text(global::MODEL_NUMBER),
            serial_number: text(global::SERIAL_NUMBER),
            primary_type: DeviceType(globals.octets(global::DEVICE_TYPE).try_into().unwrap_or_default()),
            secondary_types: secondary_types(globals),
            os_version: globals.octets(global::OS_VERSION).try_into().map_or(0, u32::from_be_bytes),
            config_methods: wps.config_methods,
            vendor_extensions: vendor_extensions(globals),
        };
    }
}

/// The UUID of a device: configured, or derived from its address.
pub(crate) fn uuid(globals: &Globals, own: MacAddr) -> wsc::Uuid {
    wsc::Uuid::try_from(globals.octets(global::UUID))
        .ok()
        .filter(|u| *u != [0; 16])
        .unwrap_or_else(|| uuid_from_mac(own))
}

/// Config methods as a bit field: physical or virtual is filled in where neither is said.
pub(crate) fn config_methods(globals: &Globals) -> u16 {
    let Some(words) = globals.text(global::CONFIG_METHODS) else {
        return wsc::text::default_config_methods(true);
    };
    let mut bits = wsc::text::config_methods(words);
    // Only SET can bring both together.
    if bits & (methods::DISPLAY | methods::LABEL) == methods::DISPLAY | methods::LABEL {
        bits &= !methods::LABEL;
    }
    if bits & (methods::VIRT_DISPLAY | methods::PHY_DISPLAY) == methods::DISPLAY {
        bits |= methods::VIRT_DISPLAY;
    }
    if bits & (methods::VIRT_PUSHBUTTON | methods::PHY_PUSHBUTTON) == methods::PUSHBUTTON {
        bits |= methods::VIRT_PUSHBUTTON;
    }
    bits
}

/// The line of 2.10 about a configuration with both.
pub(crate) const LABEL_AND_DISPLAY: &str =
    "WPS: Both Label and Display config methods are not allowed at the same time";

/// Label and Display at once are a configuration that 2.10 does not start with.
pub(crate) fn has_label_and_display(globals: &Globals) -> bool {
    let both = methods::DISPLAY | methods::LABEL;
    wsc::text::config_methods(globals.text(global::CONFIG_METHODS).unwrap_or_default()) & both == both
}

fn secondary_types(globals: &Globals) -> Vec<DeviceType> {
    let texts = globals.list(global::SEC_DEVICE_TYPE).iter();
    texts.filter_map(|text| parse_device_type(text)).map(DeviceType).collect()
}

fn vendor_extensions(globals: &Globals) -> Vec<Vec<u8>> {
    let extension = globals.octets(global::WPS_VENDOR_EXT_M1);
    if extension.is_empty() { Vec::new() } else { vec![extension.to_vec()] }
}

/// Which part of an enrolment a network block plays.
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
    pub(crate) fn start_wps_pbc(&mut self, cx: Cx<'_>, bssid: Option<MacAddr>, multi_ap: bool) -> bool {
        self.start_pbc(cx, &Enrolment { bssid, group: None, multi_ap })
    }

    /// The same, for a Wi-Fi Direct group too.
    pub(crate) fn start_pbc(&mut self, cx: Cx<'_>, enrolment: &Enrolment) -> bool {
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
        cx: Cx<'_>,
        bssid: Option<MacAddr>,
        pin: Option<&str>,
    ) -> Option<String> {
        let enrolment = Enrolment { bssid, ..Enrolment::default() };
        self.start_pin(cx, &enrolment, pin, wsc::password_id::DEFAULT)
    }

    /// The same, for a Wi-Fi Direct group too, where the Device Password ID says who chose the PIN.
    pub(crate) fn start_pin(
        &mut self,
        cx: Cx<'_>,
        enrolment: &Enrolment,
        pin: Option<&str>,
        password_id: u16,
    ) -> Option<String> {
        self.wps.pin_started = cx.now;
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
        self.wps.iterating = true;
        self.begin_wps_search(cx, id, bssid);
        Some(pin)
    }

    /// WPS_REG: learns the settings of an access point, or gives it new ones.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_start_reg
    pub(crate) fn start_wps_registrar(
        &mut self,
        cx: Cx<'_>,
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
        format!("{:08}", generate_pin(&mut self.wps.pins))
    }

    /// Adds the network of an enrolment, after what WPS did before has ended. `None` if the network takes no such
    /// value.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_add_network
    fn add_wps_network(
        &mut self,
        cx: Cx<'_>,
        identity: &[u8],
        enrolment: &Enrolment,
        phase1: &str,
    ) -> Option<i32> {
        self.clear_wps(cx);
        let id = self.add_network_block();
        let fragment_size = self.wps.fragment_size;
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
    fn begin_wps_search(&mut self, cx: Cx<'_>, id: i32, bssid: Option<MacAddr>) {
        self.wps.run = self.wps.run.checked_add(1).unwrap_or(1);
        self.wps.after_wps = 0;
        self.wps.known_freq = false;
        if let Some(known) = bssid.and_then(|b| self.bss.find_bssid(b)).map(|b| b.freq).filter(|f| *f > 0) {
            self.wps.known_freq = true;
            self.wps.freq = known;
        }
        self.disable_other_networks(cx, id);
        self.disconnected = false;
        self.reassociate = true;
        self.wps.scan_runs = 0;
        self.wps.success = false;
        self.wps.ignored_cleared = false;
        self.request_scan(cx.now, Duration::ZERO);
    }

    /// Disables the other networks for the time of an enrolment.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_temp_disable
    fn disable_other_networks(&mut self, cx: Cx<'_>, selected: i32) {
        if self.current_network.is_some() {
            self.own_disconnect_req = true;
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
    fn clear_wps(&mut self, cx: Cx<'_>) {
        self.wps.after_wps = 0;
        self.wps.known_freq = false;
        self.reenable_networks_after_wps();
        self.timers.cancel(Timer::WpsTimeout);
        self.timers.cancel(Timer::WpsClear);
        let temporary: Vec<i32> =
            self.config.networks.iter().filter(|n| role(n).is_some()).map(|n| n.id).collect();
        for id in temporary {
            if self.current_network == Some(id) {
                self.own_disconnect_req = true;
                self.deauthenticate(cx, reason::DEAUTH_LEAVING);
            }
            self.network_removed(cx, id);
            self.config.remove_network(id);
        }
        self.wps.forget_aps();
    }

    /// WPS_CANCEL.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_cancel
    pub(crate) fn cancel_wps(&mut self, cx: Cx<'_>) {
        match self.state {
            WpaState::Scanning | WpaState::Disconnected => {
                self.cancel_scan();
                self.clear_wps(cx);
            }
            state if state >= WpaState::Associated => {
                self.own_disconnect_req = true;
                self.deauthenticate(cx, reason::DEAUTH_LEAVING);
                self.clear_wps(cx);
            }
            _ => {
                self.reenable_networks_after_wps();
                self.wps.forget_aps();
                if self.timers.cancel(Timer::WpsClear) {
                    self.clear_wps(cx);
                }
            }
        }
        self.info("WPS-CANCEL ");
        self.wps.after_wps = 0;
    }

    /// Nobody was found in the walk time.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_timeout
    pub(crate) fn wps_timed_out(&mut self, cx: Cx<'_>) {
        self.info("WPS-TIMEOUT Requested operation timed out");
        self.clear_wps(cx);
    }

    /// Some time after a failure, so that the last messages were sent.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_clear_timeout
    pub(crate) fn wps_clear_timer(&mut self, cx: Cx<'_>) {
        self.clear_wps(cx);
    }

    /// The connection had its time before other networks count again.
    pub(crate) fn wps_reenable_timer(&mut self) {
        self.reenable_networks_after_wps();
    }

    /// The bookkeeping of the registrar has its timers.
    pub(crate) fn wps_registrar_timer(&mut self, cx: Cx<'_>) {
        self.wps.wps.timeout(cx.now);
        self.take_wps_events(cx);
    }

    /// Returns whether a network of WPS is enabled.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_searching
    pub(crate) fn is_wps_searching(&self) -> bool {
        self.config.networks.iter().any(|n| role(n).is_some() && n.disabled() == 0)
    }
}
