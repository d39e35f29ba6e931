//! From hostapd.conf to the access point's configuration.

use super::config::{HostapdConfig, HwModeKey, NamedPsk, Psk};
use super::keys::variable;
use crate::PskSource;
use crate::ap::{ApConfig, HtConfig, HwMode, RadioLimits, WpsConfig};
use crate::psk::EnrolleePsks;
use crate::rsn::authenticator::AuthConfig;
use crate::wire::channel::{Band, band_of, channel_to_freq};
use crate::wire::crypto::{Pmk, uuid_from_mac};
use crate::wire::driver::Channel;
use crate::wire::rsne::rsn_capability;
use crate::wire::time::Duration;
use crate::wire::wsc::{DeviceData, WpsState, rf_band};
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

    /// The body of the Country element (`ieee80211d`): runs of channels with the same power.
    fn country_element(&self, channels: &[Channel]) -> Vec<u8> {
        let Some([a, b]) = self.country.filter(|_| self.ieee80211d) else { return Vec::new() };
        // hostapd takes a channel where nobody may transmit first, or where radars have to be looked for, for none.
        let is_open = |c: &Channel| !c.disabled && !c.no_ir && !c.radar;
        let mut out = vec![a, b, self.country_environment];
        let spacing = if self.band() == Band::Ghz5 { 4 } else { 1 };
        let mut runs: Vec<(u8, u8, i32)> = Vec::new();
        for channel in channels.iter().filter(|c| is_open(c) && band_of(c.freq) == Some(self.band())) {
            match runs.last_mut() {
                Some((first, count, power))
                    if u16::from(*first) + u16::from(*count) * spacing == u16::from(channel.number)
                        && *power == channel.max_tx_power =>
                {
                    *count += 1;
                }
                _ => runs.push((channel.number, 1, channel.max_tx_power)),
            }
        }
        for (first, count, power) in runs {
            out.extend_from_slice(&[first, count, power.clamp(0, 255) as u8]);
        }
        if out.len() % 2 == 1 {
            out.push(0);
        }
        out
    }

    /// The fragmentation threshold for the radio: the longest frame in octets, or none; `None` leaves the radio's as it is.
    //= hostap@2.10 src/drivers/driver_nl80211.c#i802_set_frag
    pub fn fragmentation_threshold(&self) -> Option<Option<u32>> {
        let longest = |number| u32::try_from(number).ok().filter(|octets| *octets < 2346);
        self.fragm_threshold.map(longest)
    }

    /// The access point's configuration; pre-shared keys are derived here.
    pub fn to_ap_config(&self, addr: MacAddr, channels: &[Channel], psk: &dyn PskSource) -> ApConfig {
        let ssid = self.ssid.clone().unwrap_or_else(Ssid::wildcard);
        let wmm = self.wmm_enabled.unwrap_or(self.ieee80211n);
        let hw_mode = match (self.hw_mode, self.band()) {
            (Some(HwModeKey::B), _) => HwMode::B,
            (_, Band::Ghz5) => HwMode::A,
            _ => HwMode::G,
        };
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
            access_categories: self.access_categories,
            ht: self.ht_is_on().then_some(HtConfig {
                capab: self.ht_capab.bits,
                secondary_channel: self.ht_capab.secondary_channel,
                require: self.require_ht,
            }),
            radio: RadioLimits::HWSIM,
            country: self.country_element(channels),
            uapsd: self.uapsd,
            advertised: self.advertised(),
            ignored: self.ignored(),
            without_beacons: self.start_disabled,
            ecsa_only: self.other(variable::ECSA_IE_ONLY) != 0,
            reject_below: self.other(variable::RSSI_REJECT_ASSOC_RSSI) as i32,
            reject_for: self.other_or(variable::RSSI_REJECT_ASSOC_TIMEOUT, 30).clamp(0, 255) as u8,
            ignore_probes_below: self.other(variable::RSSI_IGNORE_PROBE_REQUEST) as i32,
            wnm: true,
            wps: self.wps_is_on().then(|| self.wps_config(addr, &ssid, psk)),
            max_inactivity: self.ap_max_inactivity,
            skip_inactivity_poll: self.skip_inactivity_poll,
            disassoc_low_ack: self.disassoc_low_ack,
            broadcast_deauth: self.broadcast_deauth,
            max_stations: self.max_num_sta,
            max_listen_interval: self.max_listen_interval,
            send_probe_response: self.send_probe_response,
            no_probe_response_when_full: self.no_probe_resp_if_max_sta,
            accept_only: self.macaddr_acl == 1,
            accept: self.accept.keys().copied().collect(),
            deny: self.deny.keys().copied().collect(),
            vendor_elements: self.vendor_elements.clone(),
            assoc_response_elements: self.assocresp_elements.clone(),
            ..ApConfig::open(ssid, self.freq().unwrap_or(0))
        }
    }

    fn auth_config(&self, ssid: &Ssid, wmm: bool, source: &dyn PskSource) -> AuthConfig {
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
        let shared = self.psk.iter().map(|psk| NamedPsk::from(Psk::Key(derived(psk, ssid, source))));
        let of_all = self.station_psks.get(&MacAddr::ZERO).into_iter().flatten();
        AuthConfig {
            wpa: self.wpa & 1 != 0,
            rsn: self.wpa & 2 != 0,
            akm: self.key_mgmt,
            group,
            wpa_pairwise: self.wpa_pairwise,
            rsn_pairwise: self.effective_rsn_pairwise(),
            rsn_capabilities: capabilities,
            ssid: ssid.as_bytes().to_vec(),
            psks: shared.chain(of_all.cloned()).collect::<Vec<_>>().into(),
            station_psks: self
                .station_psks
                .iter()
                .filter(|(addr, _)| !addr.is_zero())
                .map(|(addr, psks)| (*addr, psks.clone().into()))
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
            overrides: self.overrides(),
        }
    }

    fn wps_config(&self, addr: MacAddr, ssid: &Ssid, source: &dyn PskSource) -> WpsConfig {
        let w = &self.wps;
        let shared = self.psk.as_ref().filter(|_| self.wpa_psk_file.is_none() && self.wpa != 0);
        WpsConfig {
            state: if w.state == 1 { WpsState::NotConfigured } else { WpsState::Configured },
            device: self.wps_device(),
            ap_pin: w.ap_pin.clone(),
            ap_setup_locked: w.ap_setup_locked,
            network_key: shared.map(|psk| match psk {
                Psk::Passphrase(text) => text.clone(),
                Psk::Key(key) => key.iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes(),
            }),
            psk: shared.map(|psk| derived(psk, ssid, source)),
            file_psks: EnrolleePsks { ssid: ssid.as_bytes().to_vec(), by_addr: w.file_psks.clone() },
            ap_settings: w.ap_settings.clone(),
            skip_cred_build: w.skip_cred_build,
            extra_cred: w.extra_cred.clone(),
            cred_processing: w.cred_processing,
            pbc_in_m1: w.pbc_in_m1,
            application_extension: w.application_extension.clone(),
            eap_server: w.eap_server,
            fragment_size: w.fragment_size,
            eapol_version: self.eapol_version,
            ..WpsConfig::new(w.uuid.unwrap_or_else(|| uuid_from_mac(addr)))
        }
    }

    fn wps_device(&self) -> DeviceData {
        let w = &self.wps;
        let band = if self.hw_mode == Some(HwModeKey::A) { rf_band::GHZ_5 } else { rf_band::GHZ_2_4 };
        DeviceData {
            device_name: w.device_name.clone().into_bytes(),
            manufacturer: w.manufacturer.clone().into_bytes(),
            model_name: w.model_name.clone().into_bytes(),
            model_number: w.model_number.clone().into_bytes(),
            serial_number: w.serial_number.clone().into_bytes(),
            primary_type: w.device_type,
            os_version: w.os_version,
            rf_bands: w.rf_bands.unwrap_or(band),
            config_methods: w.config_methods(),
            ..DeviceData::default()
        }
    }
}

/// The pairwise master key of a pre-shared key.
fn derived(psk: &Psk, ssid: &Ssid, source: &dyn PskSource) -> Pmk {
    match psk {
        Psk::Key(key) => *key,
        Psk::Passphrase(text) => source.psk(text, ssid.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_element_has_runs_of_channels() {
        let channel = |number: u8, freq: u32, power: i32| Channel {
            freq,
            number,
            no_ir: false,
            radar: false,
            disabled: number == 14,
            max_tx_power: power,
        };
        let mut channels: Vec<_> = (1..=14_u8).map(|n| channel(n, 2407 + 5 * u32::from(n), 20)).collect();
        channels[12].max_tx_power = 17;
        channels.push(channel(36, 5180, 20));
        channels.push(channel(40, 5200, 20));
        channels.push(channel(48, 5240, 20));
        let mut config = HostapdConfig { country: Some(*b"DE"), ..HostapdConfig::default() };
        assert!(config.country_element(&channels).is_empty());
        config.ieee80211d = true;
        config.hw_mode = Some(HwModeKey::G);
        assert_eq!(config.country_element(&channels), b"DE \x01\x0c\x14\x0d\x01\x11\0");
        config.hw_mode = Some(HwModeKey::A);
        assert_eq!(config.country_element(&channels), b"DE \x24\x02\x14\x30\x01\x14\0");
    }
}
