//! mode=2: the interface is an access point (wpa_supplicant's ap.c).

use crate::config::keys::{global, network};
use crate::runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, HiddenSsid, IfType, OperatingChannel, Refused};
use wpasim_wire::rsne::{AkmSet, CipherSet};
use wpasim_wire::time::Duration;

use super::interface::{Interface, InterfaceContext, Timer};
use super::state::WpaState;
use super::wps_settings;
use crate::ap::{
    AccessPoint, ApAction, ApConfig, ApContext, ShutDown, SwitchSettings, WpsConfig, channel_text,
};
use crate::config::words::{cipher, key_mgmt, proto};
use crate::config::{Globals, Network};
use crate::rsn::authenticator::AuthConfig;

/// Channel 11, where a network names no frequency.
const DEFAULT_FREQ: u32 = 2462;

impl Interface {
    /// Returns the cipher lines of STATUS for an own access point, `None` without one.
    pub(crate) fn access_point_status(&self) -> Option<String> {
        let Some(security) = &self.ap.as_ref()?.config().security else { return Some(String::new()) };
        Some(format!(
            "pairwise_cipher={}\ngroup_cipher={}\nkey_mgmt={}\n",
            security.rsn_pairwise.text(),
            security.group.text(),
            security.akm.text(security.rsn, security.wpa),
        ))
    }

    /// Starts the access point of a network with mode=2 or of a group that this device owns.
    //= hostap@2.10 wpa_supplicant/ap.c#wpa_supplicant_create_ap
    pub(crate) fn create_ap(&mut self, cx: &mut InterfaceContext<'_>, id: i32) {
        let Some(network) = self.config.network_mut(id) else { return never!("the network is configured") };
        if network.ssid().is_empty() {
            self.set_state(cx, WpaState::Disconnected);
            return;
        }
        if network.int(network::FREQUENCY) == 0 {
            network.set_int_value(network::FREQUENCY, DEFAULT_FREQ as i32);
        }
        let Some(network) = self.config.network(id) else { return never!("the network is configured") };
        let config = ap_config(network, &self.config.globals, self.identity.addr);
        let freq = config.freq;
        self.end_access_point(cx);
        self.link.access_point_begins(id, self.identity.addr, freq);
        let usable = self.channels(cx.env).iter().any(|c| c.freq == freq && !c.no_ir && !c.disabled);
        if !usable {
            self.info("AP-DISABLED ");
            self.link.access_point_is_refused();
            self.set_state(cx, WpaState::Disconnected);
            return;
        }
        let start = DriverRequest::StartAp(Box::default());
        if let Some((Refused::SetChannel, _)) = cx.env.driver.would_refuse(self.identity.id, &start) {
            self.driver(start);
            self.info("Failed to start AP functionality");
            self.link.access_point_is_refused();
            self.set_state(cx, WpaState::Disconnected);
            return;
        }
        let name = format!("{}/ap", self.identity.ifname);
        let entropy = self.entropy.derive(&name);
        let group = self.group_of(id);
        let config = if group.is_some() { config.for_group() } else { config };
        let mut ap = AccessPoint::new(self.identity.id, self.identity.addr, config, &entropy);
        if let Some(group) = group {
            ap.set_group(group);
        }
        ap.tell_eapol_instead(self.testing.tells_eapol_frames());
        self.ap = Some(Box::new(ap));
        if self.with_ap(cx, |ap, cx| ap.start(cx)).flatten().is_some() {
            return self.access_point_is_refused(cx);
        }
        self.set_state(cx, WpaState::Completed);
        self.group_owner_configured(cx);
    }

    /// The driver refused to start the access point.
    //= hostap@2.10 wpa_supplicant/ap.c#wpa_supplicant_create_ap
    fn access_point_is_refused(&mut self, cx: &mut InterfaceContext<'_>) {
        self.stop_ap(cx);
        self.info("AP-DISABLED ");
        let bssid = self.identity.addr;
        self.info(&format!("CTRL-EVENT-DISCONNECTED bssid={bssid} reason=3 locally_generated=1"));
        self.link.access_point_is_refused();
        self.link.access_point_ends();
        self.set_state(cx, WpaState::Disconnected);
    }

    /// Stops the access point: the stations go, and the interface is a station again.
    //= hostap@2.10 wpa_supplicant/ap.c#wpa_supplicant_ap_deinit
    pub(crate) fn stop_ap(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.ap.is_none() {
            return;
        }
        self.with_ap(cx, |ap, cx| ap.stop(cx, ShutDown::GiveUp));
        self.ap = None;
        self.timers.cancel(Timer::Ap);
        self.driver(DriverRequest::SetIfType(IfType::Station));
    }

    /// Runs something on the access point and does what it asks for. `None` without one.
    pub(crate) fn with_ap<R>(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        run: impl FnOnce(&mut AccessPoint, ApContext<'_>) -> R,
    ) -> Option<R> {
        let ap = self.ap.as_mut()?;
        let result = run(ap, ApContext { now: cx.now, driver: cx.env.driver });
        let actions = ap.take_actions();
        self.timers.follow(Timer::Ap, ap.next_timeout());
        for action in actions {
            self.ap_action(cx, action);
        }
        Some(result)
    }

    fn ap_action(&mut self, cx: &mut InterfaceContext<'_>, action: ApAction) {
        match action {
            ApAction::Driver(request) => self.driver(request),
            ApAction::Event(level, text) => self.msg(level, &text),
            ApAction::ProbeRequestEvent(text) => self.info(&text),
            ApAction::Secret(secret) => self.outbox.keep_secret(secret),
            ApAction::Group(signal) => self.group_signal(cx, signal),
            // A supplicant's access point takes no settings from others and has no files of keys.
            ApAction::ChannelChanged(_)
            | ApAction::PinRequest(_)
            | ApAction::NewPsk { .. }
            | ApAction::NewSettings(_)
            | ApAction::ReloadSettings => {}
        }
    }

    /// The access point's timer.
    pub(crate) fn ap_timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        self.with_ap(cx, |ap, cx| ap.timeout(cx));
    }

    /// CHAN_SWITCH. Whether the switch was announced.
    pub(crate) fn switch_channel(&mut self, cx: &mut InterfaceContext<'_>, settings: SwitchSettings) -> bool {
        self.with_ap(cx, |ap, cx| ap.switch_channel(cx, settings)).unwrap_or(false)
    }

    /// The channel of the connection or of the access point changes (EVENT_CH_SWITCH).
    pub(crate) fn channel_switched(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        channel: OperatingChannel,
        finished: bool,
    ) {
        let channel = match self.ap.is_some() || self.attempt.has_ht() {
            true => channel,
            false => OperatingChannel { ht: false, secondary: 0, ..channel },
        };
        let word = if finished { "CHANNEL-SWITCH" } else { "STARTED-CHANNEL-SWITCH" };
        if self.link.network().is_none() {
            return;
        }
        self.info(&format!("CTRL-EVENT-{word} {}", channel_text(channel)));
        if !finished {
            return;
        }
        self.link.channel_changes(channel.freq);
        if let Some(network) = self.link.network().and_then(|id| self.config.network_mut(id)) {
            network.set_int_value(network::FREQUENCY, channel.freq as i32);
        }
        if let Some(bss) = self.link.bss() {
            self.bss.set_freq(bss, channel.freq);
        }
        self.with_ap(cx, |ap, cx| ap.handle(cx, &DriverEvent::ChannelSwitch { channel }));
        self.owner_switched(cx);
    }

    /// An event for the access point. Whether it was one.
    pub(crate) fn ap_event(&mut self, cx: &mut InterfaceContext<'_>, event: &DriverEvent) -> bool {
        self.with_ap(cx, |ap, cx| ap.handle(cx, event)).unwrap_or(false)
    }
}

/// Makes the access point's configuration from the network and the global variables.
//= hostap@2.10 wpa_supplicant/ap.c#wpa_supplicant_conf_ap
fn ap_config(network: &Network, globals: &Globals, own: MacAddr) -> ApConfig {
    let security = security(network);
    let wps = wps_is_offered(network, security.as_ref()).then(|| wps_config(network, globals, own));
    let freq = network.int(network::FREQUENCY) as u32;
    let mut config = ApConfig::mode2(network.ssid(), freq, security, wps);
    config.hidden = match network.int(network::IGNORE_BROADCAST_SSID) {
        1 => HiddenSsid::ZeroLength,
        2 => HiddenSsid::ZeroContents,
        _ => HiddenSsid::No,
    };
    let positive = |value: i32| u32::try_from(value).ok().filter(|v| *v > 0);
    if let Some(algs) = positive(network.bits(network::AUTH_ALG) as i32) {
        config.auth_algs = algs as u8;
    }
    if let Some(seconds) = positive(network.int(network::AP_MAX_INACTIVITY)) {
        config.max_inactivity = seconds;
    }
    let dtim =
        positive(network.int(network::DTIM_PERIOD)).or_else(|| positive(globals.int(global::DTIM_PERIOD)));
    if let Some(period) = dtim {
        config.dtim_period = period as u8;
    }
    let interval =
        positive(network.int(network::BEACON_INT)).or_else(|| positive(globals.int(global::BEACON_INT)));
    if let Some(interval) = interval {
        config.beacon_interval = interval as u16;
    }
    if let Some(stations) = positive(globals.int(global::MAX_NUM_STA)) {
        config.max_stations = stations;
    }
    config.disassoc_low_ack = globals.int(global::DISASSOC_LOW_ACK) != 0;
    config.vendor_elements = globals.octets(global::AP_VENDOR_ELEMENTS).to_vec();
    config.assoc_response_elements = globals.octets(global::AP_ASSOCRESP_ELEMENTS).to_vec();
    if network.int(network::DISABLE_HT) != 0 || network.int(network::HT) == 0 {
        config.ht = None;
    }
    config
}

fn security(network: &Network) -> Option<AuthConfig> {
    let suites = network.bits(network::KEY_MGMT);
    let psk = network.psk.psk.filter(|_| suites & (key_mgmt::PSK | key_mgmt::PSK_SHA256) != 0)?;
    let protos = network.bits(network::PROTO);
    let pairwise = CipherSet(network.bits(network::PAIRWISE));
    let weak = pairwise.0 & cipher::TKIP != 0;
    let default_suites = suites == key_mgmt::PSK | key_mgmt::IEEE8021X;
    let rekey = if weak { 600 } else { 86_400 };
    let own_rekey = network.int(network::GROUP_REKEY);
    Some(AuthConfig {
        wpa: protos & proto::WPA != 0,
        rsn: protos & proto::RSN != 0,
        akm: AkmSet(if default_suites {
            key_mgmt::PSK
        } else {
            suites & (key_mgmt::PSK | key_mgmt::PSK_SHA256)
        }),
        group: CipherSet(if weak { cipher::TKIP } else { cipher::CCMP }),
        wpa_pairwise: pairwise,
        rsn_pairwise: pairwise,
        group_rekey: Some(Duration::from_secs(if own_rekey > 0 { i64::from(own_rekey) } else { rekey })),
        deny_ptk0_rekey: network.int(network::WPA_DENY_PTK0_REKEY) == 2,
        ..AuthConfig::wpa2_psk(psk)
    })
}

/// WPS is on by default for open networks and for WPA2 with CCMP.
fn wps_is_offered(network: &Network, security: Option<&AuthConfig>) -> bool {
    let allowed = security.is_none_or(|s| s.rsn && s.rsn_pairwise.0 & cipher::CCMP != 0);
    allowed && network.int(network::WPS_DISABLED) == 0 && network.int(network::IGNORE_BROADCAST_SSID) == 0
}

fn wps_config(network: &Network, globals: &Globals, own: MacAddr) -> WpsConfig {
    WpsConfig {
        network_key: network.psk.passphrase.clone(),
        psk: network.psk.psk,
        pbc_in_m1: globals.int(global::PBC_IN_M1) != 0,
        ..WpsConfig::in_supplicant(wps_settings::uuid(globals, own), wps_settings::device_data(globals))
    }
}
