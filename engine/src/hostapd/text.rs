//! The texts of STATUS and GET_CONFIG.

use super::Hostapd;
use super::keys::variable;
use crate::Env;
use crate::ap::ApState;
use crate::ctrl::driver_text;
use crate::wire::driver::Refused;
use crate::wire::mac::printf_encode;
use crate::wire::rsne::{AkmSet, CipherSet};
use core::fmt::Write as _;

pub(super) fn state_text(state: ApState) -> &'static str {
    match state {
        ApState::Uninitialized => "UNINITIALIZED",
        ApState::Enabled => "ENABLED",
        ApState::Disabled => "DISABLED",
    }
}

fn words(set: CipherSet) -> String {
    let names: Vec<&str> = set.iter().map(CipherSet::text).collect();
    names.join(" ")
}

impl Hostapd {
    /// STATUS.
    pub(super) fn status(&self, env: Env<'_>) -> String {
        let c = &self.config;
        let ap = self.ap.config();
        let enabled = self.ap.state() == ApState::Enabled;
        let scans = self.setup.is_some_and(|setup| setup.has_channel());
        let mut out = format!(
            "state={}\nphy={}\nfreq={}\n{}cac_time_seconds=0\ncac_time_left_seconds=N/A\nchannel={}\n\
             edmg_enable=0\nedmg_channel=0\nsecondary_channel={}\nieee80211n={}\nieee80211ac=0\nieee80211ax=0\n\
             beacon_int={}\ndtim_period={}\n",
            self.setup.map_or(state_text(self.ap.state()), super::setup::Setup::state_text),
            self.interface.phy,
            ap.freq,
            self.ap.counts_text(),
            c.channel,
            if ap.ht.is_some() { c.ht_capab.secondary_channel } else { 0 },
            u8::from(c.ieee80211n),
            c.beacon_int,
            c.dtim_period,
        );
        if let Some(ht) = ap.ht {
            let _ = writeln!(out, "ht_caps_info={:04x}", ht.capab);
            if enabled || scans {
                let mcs: String = ap.radio.mcs.iter().take(10).map(|b| format!("{b:02x}")).collect();
                let _ = writeln!(out, "ht_mcs_bitmask={mcs}");
            }
        }
        // The state that a failed setup had found out by then stays.
        let has_channel = enabled || scans || self.start_refused.is_some();
        if has_channel && !scans && self.start_refused != Some(Refused::SetChannel) {
            let rates: Vec<String> = ap.rates().iter().map(|(r, _)| format!("{:02x}", r / 5)).collect();
            let _ = writeln!(out, "supported_rates={}", rates.join(" "));
        }
        if has_channel {
            let channels = env.driver.channels(self.interface.id);
            if let Some(channel) = channels.iter().find(|ch| ch.freq == ap.freq) {
                let _ = writeln!(out, "max_txpower={}", channel.max_tx_power);
            }
        }
        let _ = write!(
            out,
            "bss[0]={}\nbssid[0]={}\nssid[0]={}\nnum_sta[0]={}\n",
            self.interface.ifname,
            self.ap.addr(),
            self.ssid_text(),
            self.ap.station_count(),
        );
        if self.config.other(variable::CHAN_UTIL_AVG_PERIOD) != 0 {
            let _ = writeln!(out, "chan_util_avg={}", self.ap.channel_utilization());
        }
        out
    }

    /// STATUS-DRIVER.
    pub(super) fn driver_status(&self, env: Env<'_>) -> String {
        driver_text::DriverStatus {
            ifindex: self.interface.ifindex,
            ifname: &self.interface.ifname,
            addr: self.interface.addr,
            phy: &self.interface.phy,
            operstate: u8::from(self.ap.state() == ApState::Enabled),
            state: &self.driver_state,
            key_mgmt: driver_text::OF_ACCESS_POINT,
            country: env.driver.country(),
        }
        .text()
    }

    fn ssid_text(&self) -> String {
        self.config.ssid.as_ref().map(|s| printf_encode(s.as_bytes())).unwrap_or_default()
    }

    /// GET_CONFIG.
    pub(super) fn config_text(&self) -> String {
        let c = &self.config;
        let wps = match c.wps.state {
            _ if !c.wps_is_on() => "disabled",
            1 => "not configured",
            _ => "configured",
        };
        let mut out = format!("bssid={}\nssid={}\nwps_state={wps}\n", self.ap.addr(), self.ssid_text());
        if c.wps_is_on() && c.wpa != 0 {
            match &c.psk {
                Some(super::Psk::Passphrase(text)) => {
                    let _ = writeln!(out, "passphrase={}", String::from_utf8_lossy(text));
                    push_psk(&mut out, self.ap.config().wps.as_ref().and_then(|wps| wps.psk));
                }
                Some(super::Psk::Key(key)) => push_psk(&mut out, Some(*key)),
                None => {}
            }
        }
        if c.wpa == 0 {
            return out;
        }
        let _ = write!(
            out,
            "wpa={}\nkey_mgmt={}\ngroup_cipher={}\n",
            c.wpa,
            key_mgmt_text(c.key_mgmt),
            c.effective_group().text()
        );
        if c.wpa & 2 != 0 && !c.effective_rsn_pairwise().is_empty() {
            let _ = writeln!(out, "rsn_pairwise_cipher={}", words(c.effective_rsn_pairwise()));
        }
        if c.wpa & 1 != 0 && !c.wpa_pairwise.is_empty() {
            let _ = writeln!(out, "wpa_pairwise_cipher={}", words(c.wpa_pairwise));
        }
        if c.deny_ptk0_rekey != 0 {
            let _ = writeln!(out, "wpa_deny_ptk0_rekey={}", c.deny_ptk0_rekey);
        }
        out
    }
}

fn push_psk(out: &mut String, psk: Option<[u8; 32]>) {
    if let Some(psk) = psk {
        let hex: String = psk.iter().map(|b| format!("{b:02x}")).collect();
        let _ = writeln!(out, "psk={hex}");
    }
}

/// The suites in GET_CONFIG's order and words.
fn key_mgmt_text(set: AkmSet) -> String {
    let names: Vec<&str> = [
        (AkmSet::PSK, "WPA-PSK"),
        (AkmSet::IEEE8021X, "WPA-EAP"),
        (AkmSet::FT_PSK, "FT-PSK"),
        (AkmSet::FT_IEEE8021X, "FT-EAP"),
        (AkmSet::FT_IEEE8021X_SHA384, "FT-EAP-SHA384"),
        (AkmSet::SAE, "SAE"),
        (AkmSet::FT_SAE, "FT-SAE"),
        (AkmSet::PSK_SHA256, "WPA-PSK-SHA256"),
        (AkmSet::IEEE8021X_SHA256, "WPA-EAP-SHA256"),
        (AkmSet::SUITE_B, "WPA-EAP-SUITE-B"),
        (AkmSet::SUITE_B_192, "WPA-EAP-SUITE-B-192"),
        (AkmSet::OWE, "OWE"),
        (AkmSet::DPP, "DPP"),
    ]
    .into_iter()
    .filter(|(suite, _)| set.contains(*suite))
    .map(|(_, name)| name)
    .collect();
    names.join(" ")
}
