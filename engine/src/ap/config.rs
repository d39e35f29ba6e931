//! The configuration of a BSS.

use super::advertised::Advertised;
use super::wps_config::WpsConfig;
use crate::rsn::authenticator::AuthConfig;
use crate::wire::channel::{Band, band_of, freq_to_channel};
use crate::wire::driver::HiddenSsid;
use crate::wire::{MacAddr, Ssid};
use std::collections::BTreeSet;

/// `hw_mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HwMode {
    B,
    G,
    A,
}

/// HT operation (`ieee80211n=1`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HtConfig {
    /// HT Capability Information.
    pub capab: u16,
    /// -1 below, 0 none, 1 above.
    pub secondary_channel: i8,
    /// `require_ht`.
    pub require: bool,
}

impl HtConfig {
    /// The HT capabilities that takes from mac80211_hwsim for mode=2.
    pub const MODE2: HtConfig = HtConfig { capab: 0x007c, secondary_channel: 0, require: false };
    /// hostapd's default without `ht_capab`.
    pub const HOSTAPD: HtConfig = HtConfig { capab: 0x000c, secondary_channel: 0, require: false };
}

/// The EDCA parameters of an access category (IEEE 802.11-2020 §9.4.2.28).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessCategory {
    pub aifs: u16,
    /// The exponent of the contention window.
    pub cw_min: u16,
    /// The exponent of the contention window.
    pub cw_max: u16,
    /// In units of 32 us.
    pub txop_limit: u16,
    /// Whether a station has to be admitted (0 or 1).
    pub admission_control: u16,
}

impl AccessCategory {
    /// hostapd's for best effort, background, video and voice.
    pub const DEFAULTS: [AccessCategory; 4] = [
        AccessCategory { aifs: 3, cw_min: 4, cw_max: 10, txop_limit: 0, admission_control: 0 },
        AccessCategory { aifs: 7, cw_min: 4, cw_max: 10, txop_limit: 0, admission_control: 0 },
        AccessCategory { aifs: 2, cw_min: 3, cw_max: 4, txop_limit: 94, admission_control: 0 },
        AccessCategory { aifs: 2, cw_min: 2, cw_max: 3, txop_limit: 47, admission_control: 0 },
    ];

    /// As the parameter record of category `index`.
    pub fn record(self, index: u8) -> [u8; 4] {
        let [low, high] = self.txop_limit.to_le_bytes();
        let first = (self.aifs as u8 & 0x0f) | (self.admission_control as u8 & 1) << 4 | index << 5;
        [first, (self.cw_max as u8) << 4 | (self.cw_min as u8 & 0x0f), low, high]
    }
}

/// The limits of the radio under the access point, as far as frames show them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RadioLimits {
    /// A-MPDU Parameters of the HT Capabilities element.
    pub ampdu: u8,
    /// Supported MCS set.
    pub mcs: [u8; 16],
}

impl RadioLimits {
    /// mac80211_hwsim's.
    pub const HWSIM: RadioLimits =
        RadioLimits { ampdu: 0x1b, mcs: [0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0] };
}

/// The probabilities in units of 2^-48 with which a hostapd that is built for tests ignores requests of stations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ignored {
    pub probe: u64,
    pub auth: u64,
    pub assoc: u64,
    pub reassoc: u64,
}

/// A BSS's configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApConfig {
    pub ssid: Ssid,
    /// `ignore_broadcast_ssid`.
    pub hidden: HiddenSsid,
    /// In MHz.
    pub freq: u32,
    /// The channel that elements name where it is not that of the frequency: hostapd's `SET channel` shows in them from
    /// RELOAD on, and the frequency changes only when the BSS starts.
    pub named_channel: Option<u8>,
    pub hw_mode: HwMode,
    /// In TU.
    pub beacon_interval: u16,
    pub dtim_period: u8,
    /// In units of 100 kbit/s; empty means all of the mode.
    pub supported_rates: Vec<u16>,
    /// In units of 100 kbit/s; empty means the mode's default.
    pub basic_rates: Vec<u16>,
    /// `preamble=1`.
    pub short_preamble: bool,
    /// Bit 0 open system, bit 1 shared key.
    pub auth_algs: u8,
    /// `None` is an open network.
    pub security: Option<AuthConfig>,
    pub wmm: bool,
    pub access_categories: [AccessCategory; 4],
    /// The number of times that they changed.
    pub edca_updates: u8,
    /// Whether stations may use U-APSD; only with `wmm`.
    pub uapsd: bool,
    /// Features that elements tell of.
    pub advertised: Advertised,
    /// The frames that a build for tests ignores.
    pub ignored: Ignored,
    /// `start_disabled`: the BSS is set up and does not beacon until UPDATE_BEACON.
    pub without_beacons: bool,
    /// `ecsa_ie_only`: a channel switch is announced by the extended element alone.
    pub ecsa_only: bool,
    /// `rssi_reject_assoc_rssi` in dBm; 0 rejects nobody.
    pub reject_below: i32,
    /// `rssi_reject_assoc_timeout` in seconds: after it the station may ask again.
    pub reject_for: u8,
    /// `rssi_ignore_probe_request` in dBm; 0 ignores nothing.
    pub ignore_probes_below: i32,
    pub ht: Option<HtConfig>,
    pub radio: RadioLimits,
    /// The body of the Country element; empty is none.
    pub country: Vec<u8>,
    /// Whether the program is built with WNM: hostapd is, wpa_supplicant is not. Shows in Extended
    /// Capabilities and as BSS Max Idle Period.
    pub wnm: bool,
    pub wps: Option<WpsConfig>,
    /// In seconds; 300 by default.
    pub max_inactivity: u32,
    pub skip_inactivity_poll: bool,
    pub disassoc_low_ack: bool,
    pub broadcast_deauth: bool,
    pub max_stations: u32,
    pub max_listen_interval: u16,
    pub send_probe_response: bool,
    pub no_probe_response_when_full: bool,
    /// Whether stations that are not in `accept` are refused (`macaddr_acl=1`).
    pub accept_only: bool,
    pub accept: BTreeSet<MacAddr>,
    pub deny: BTreeSet<MacAddr>,
    /// Appended to beacons and probe responses.
    pub vendor_elements: Vec<u8>,
    /// Appended to association responses.
    pub assoc_response_elements: Vec<u8>,
}

impl ApConfig {
    /// hostapd's defaults for an open network.
    pub fn open(ssid: Ssid, freq: u32) -> Self {
        ApConfig {
            ssid,
            hidden: HiddenSsid::No,
            freq,
            named_channel: None,
            hw_mode: if band_of(freq) == Some(Band::Ghz5) { HwMode::A } else { HwMode::G },
            beacon_interval: 100,
            dtim_period: 2,
            supported_rates: Vec::new(),
            basic_rates: Vec::new(),
            short_preamble: false,
            auth_algs: 3,
            security: None,
            wmm: false,
            access_categories: AccessCategory::DEFAULTS,
            edca_updates: 1,
            uapsd: false,
            advertised: Advertised::default(),
            ignored: Ignored::default(),
            without_beacons: false,
            ecsa_only: false,
            reject_below: 0,
            reject_for: 0,
            ignore_probes_below: 0,
            ht: None,
            radio: RadioLimits::HWSIM,
            country: Vec::new(),
            wnm: true,
            wps: None,
            max_inactivity: 300,
            skip_inactivity_poll: false,
            disassoc_low_ack: false,
            broadcast_deauth: true,
            max_stations: 2007,
            max_listen_interval: 65535,
            send_probe_response: true,
            no_probe_response_when_full: false,
            accept_only: false,
            accept: BTreeSet::new(),
            deny: BTreeSet::new(),
            vendor_elements: Vec::new(),
            assoc_response_elements: Vec::new(),
        }
    }

    /// Returns the configuration that mode=2 of wpa_supplicant makes of a network on mac80211_hwsim: HT and WMM on, WPS if
    /// `wps` says so.
    pub fn mode2(ssid: Ssid, freq: u32, security: Option<AuthConfig>, wps: Option<WpsConfig>) -> Self {
        let security = security.map(|mut s| {
            s.rsn_capabilities |= crate::wire::rsne::rsn_capability::PTKSA_REPLAY_16;
            s
        });
        ApConfig {
            security,
            wmm: true,
            ht: Some(HtConfig::MODE2),
            wnm: false,
            wps,
            ..ApConfig::open(ssid, freq)
        }
    }

    /// The same for a P2P group: no DSSS/CCK rates (Wi-Fi Direct 1.7 §2.4.1), and U-APSD.
    pub fn for_group(mut self) -> Self {
        self.uapsd = true;
        if self.hw_mode == HwMode::G {
            self.supported_rates = vec![60, 90, 120, 180, 240, 360, 480, 540];
            self.basic_rates = vec![60, 120, 240];
        }
        self
    }

    /// Returns whether elements and associations have WPS.
    pub fn speaks_of_wps(&self) -> bool {
        self.wps.as_ref().is_some_and(|wps| !wps.off)
    }

    /// The channel number that elements name.
    pub fn channel(&self) -> u8 {
        self.named_channel.or_else(|| freq_to_channel(self.freq)).unwrap_or(0)
    }

    /// The rates of the BSS in units of 100 kbit/s, and whether each is basic.
    pub fn rates(&self) -> Vec<(u16, bool)> {
        const CCK: [u16; 4] = [10, 20, 55, 110];
        const OFDM: [u16; 8] = [60, 90, 120, 180, 240, 360, 480, 540];
        let of_mode: Vec<u16> = match self.hw_mode {
            HwMode::B => CCK.to_vec(),
            HwMode::G => CCK.into_iter().chain(OFDM).collect(),
            HwMode::A => OFDM.to_vec(),
        };
        let default_basic: &[u16] = match self.hw_mode {
            HwMode::B => &[10, 20],
            HwMode::G => &CCK,
            HwMode::A => &[60, 120, 240],
        };
        let basic = if self.basic_rates.is_empty() { default_basic } else { &self.basic_rates };
        of_mode
            .into_iter()
            .filter(|r| self.supported_rates.is_empty() || self.supported_rates.contains(r))
            .map(|r| (r, basic.contains(&r)))
            .collect()
    }

    /// Whether a station is let in by its address.
    pub fn admits(&self, addr: MacAddr) -> bool {
        if self.accept.contains(&addr) {
            return true;
        }
        !self.deny.contains(&addr) && !self.accept_only
    }
}
