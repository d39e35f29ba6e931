//! From hostapd.conf to the access point's configuration.

use super::config::{HostapdConfig, HwModeKey, Psk};
use crate::PskSource;
use crate::ap::{ApConfig, HtConfig, HwMode, RadioLimits, WpsInfo};
use crate::rsn::authenticator::AuthConfig;
use crate::wire::channel::{Band, channel_to_freq};
use crate::wire::crypto::{Pmk, uuid_from_mac};
use crate::wire::rsne::rsn_capability;
use crate::wire::time::Duration;
use crate::wire::{MacAddr, Ssid};

/// In seconds.
const DEFAULT_GROUP_REKEY: u32 = 86_400;
/// In seconds, with TKIP.
const DEFAULT_GROUP_REKEY_TKIP: u32 = 600;

fn seconds(n: u32) -> Option<Duration> {
    (n > 0).then(|| Duration::from_secs(n.into()))
}

impl HostapdConfig {
    /// The operating frequency in MHz, if hardware mode and channel give one.
    pub fn freq(&self) -> Option<u32> {
        if self.hw_mode == Some(HwModeKey::Ad) {
            return None;
        }
        channel_to_freq(self.band(), self.channel)
    }

    /// The access point's configuration; pre-shared keys are derived here.
    pub fn to_ap_config(&self, addr: MacAddr, psk: &dyn PskSource) -> ApConfig {
        let ssid = self.ssid.clone().unwrap_or_else(Ssid::wildcard);
        let wmm = self.wmm_enabled.unwrap_or(self.ieee80211n);
        let hw_mode = match (self.hw_mode, self.band()) {
            (Some(HwModeKey::B), _) => HwMode::B,
            (_, Band::Ghz5) => HwMode::A,
            _ => HwMode::G,
        };
        let ht_allowed = self.ieee80211n && hw_mode != HwMode::B;
        ApConfig {
            hidden: self.hidden,
            hw_mode,
            beacon_interval: self.beacon_int,
            dtim_period: self.dtim_period,
            supported_rates: self.supported_rates.clone(),
            basic_rates: self.basic_rates.clone(),
            short_preamble: self.preamble_short,
            auth_algs: self.auth_algs,
            security: (self.wpa & 3 != 0).then(|| self.auth_config(&ssid, wmm, psk)),
            wmm,
            ht: ht_allowed.then_some(HtConfig {
                capab: self.ht_capab.bits,
                secondary_channel: self.ht_capab.secondary_channel,
                require: self.require_ht,
            }),
            radio: RadioLimits::HWSIM,
            wnm: true,
            wps: self.wps_is_on().then(|| self.wps_info(addr)),
            max_inactivity: self.ap_max_inactivity,
            skip_inactivity_poll: self.skip_inactivity_poll,
            disassoc_low_ack: self.disassoc_low_ack,
            broadcast_deauth: self.broadcast_deauth,
            max_stations: self.max_num_sta,
            max_listen_interval: self.max_listen_interval,
            send_probe_response: self.send_probe_response,
            no_probe_response_when_full: self.no_probe_resp_if_max_sta,
            accept_only: self.macaddr_acl == 1,
            accept: self.accept.clone(),
            deny: self.deny.clone(),
            vendor_elements: self.vendor_elements.clone(),
            assoc_response_elements: self.assocresp_elements.clone(),
            ..ApConfig::open(ssid, self.freq().unwrap_or(0))
        }
    }

    fn auth_config(&self, ssid: &Ssid, wmm: bool, source: &dyn PskSource) -> AuthConfig {
        let derive = |psk: &Psk| -> Pmk {
            match psk {
                Psk::Key(key) => *key,
                Psk::Passphrase(text) => source.psk(text, ssid.as_bytes()),
            }
        };
        let group = self.effective_group();
        let default_rekey = if group == crate::wire::rsne::CipherSet::TKIP {
            DEFAULT_GROUP_REKEY_TKIP
        } else {
            DEFAULT_GROUP_REKEY
        };
        let mut capabilities = 0;
        if self.preauth {
            capabilities |= rsn_capability::PREAUTH;
        }
        if wmm {
            capabilities |= rsn_capability::PTKSA_REPLAY_16;
        }
        let of_all = self.station_psks.get(&MacAddr::ZERO).into_iter().flatten();
        AuthConfig {
            wpa: self.wpa & 1 != 0,
            rsn: self.wpa & 2 != 0,
            akm: self.key_mgmt,
            group,
            wpa_pairwise: self.wpa_pairwise,
            rsn_pairwise: self.effective_rsn_pairwise(),
            rsn_capabilities: capabilities,
            psks: self.psk.iter().chain(of_all).map(derive).collect(),
            station_psks: self
                .station_psks
                .iter()
                .filter(|(addr, _)| !addr.is_zero())
                .map(|(addr, psks)| (*addr, psks.iter().map(derive).collect()))
                .collect(),
            group_rekey: seconds(self.group_rekey.unwrap_or(default_rekey)),
            gmk_rekey: seconds(self.gmk_rekey),
            ptk_rekey: seconds(self.ptk_rekey),
            strict_rekey: self.strict_rekey,
            group_update_count: self.group_update_count,
            pairwise_update_count: self.pairwise_update_count,
            disable_retries: self.disable_eapol_key_retries,
            deny_ptk0_rekey: self.deny_ptk0_rekey == 2,
            preauth: self.preauth,
            eapol_version: self.eapol_version,
        }
    }

    fn wps_info(&self, addr: MacAddr) -> WpsInfo {
        let w = &self.wps;
        WpsInfo {
            state: w.state,
            uuid: w.uuid.unwrap_or_else(|| uuid_from_mac(addr)),
            device_name: w.device_name.clone().into_bytes(),
            manufacturer: w.manufacturer.clone().into_bytes(),
            model_name: w.model_name.clone().into_bytes(),
            model_number: w.model_number.clone().into_bytes(),
            serial_number: w.serial_number.clone().into_bytes(),
            device_type: w.device_type,
            config_methods: w.config_methods,
        }
    }
}
