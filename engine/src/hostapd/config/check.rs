//! Checks of a whole hostapd.conf, in the order and the words of hostapd 2.10.
//= hostap@2.10 src/ap/ap_config.c#hostapd_config_check

use super::HostapdConfig;
use crate::hostapd::keys::{Variable, variable};
use crate::hostapd::number::atoi;
use crate::wire::rsne::{AkmSet, CipherSet};

/// The longest nas_identifier (FT_R0KH_ID_MAX_LEN).
const R0KH_ID_MAX: usize = 48;

impl HostapdConfig {
    /// Checks that all fits together; the error is about the first thing that does not. Some of it counts only when an
    /// interface is set up, not with SET.
    pub fn check(&self, full: bool) -> Result<(), String> {
        if full {
            self.check_radio()?;
        }
        self.check_queues()?;
        self.check_bss(full).map_err(str::to_owned)
    }

    fn check_radio(&self) -> Result<(), &'static str> {
        let power_constraint = self.others.contains_key(variable::LOCAL_PWR_CONSTRAINT.name());
        if self.ieee80211d && self.country.is_none() {
            return Err("Cannot enable IEEE 802.11d without setting the country_code");
        }
        if self.other(variable::IEEE80211H) != 0 && !self.ieee80211d {
            return Err("Cannot enable IEEE 802.11h without IEEE 802.11d enabled");
        }
        if power_constraint && !self.ieee80211d {
            return Err("Cannot add Power Constraint element without Country element");
        }
        if self.other(variable::SPECTRUM_MGMT_REQUIRED) != 0 && !power_constraint {
            return Err("Cannot set Spectrum Management bit without Country and Power Constraint elements");
        }
        let interval = self.others.get(variable::AIRTIME_UPDATE_INTERVAL.name()).map_or(200, |v| atoi(v));
        if self.other(variable::AIRTIME_MODE) > 1 && interval == 0 {
            return Err("Airtime update interval cannot be zero");
        }
        Ok(())
    }

    fn check_queues(&self) -> Result<(), String> {
        const QUEUES: [(i64, i64); 4] = [(3, 7), (7, 15), (15, 63), (15, 1023)];
        for ((index, (min, max)), category) in QUEUES.into_iter().enumerate().zip(&self.access_categories) {
            let window = |field: &str, default: i64| {
                self.others.get(&format!("tx_queue_data{index}_{field}")).map_or(default, |v| atoi(v))
            };
            let (min, max) = (window("cwmin", min), window("cwmax", max));
            if min > max {
                return Err(format!(
                    "Invalid TX queue cwMin/cwMax values. cwMin({min}) greater than cwMax({max})"
                ));
            }
            let (min, max) = (category.cw_min, category.cw_max);
            if min > max {
                return Err(format!(
                    "Invalid WMM AC cwMin/cwMax values. cwMin({min}) greater than cwMax({max})"
                ));
            }
        }
        Ok(())
    }

    fn check_bss(&self, full: bool) -> Result<(), &'static str> {
        if full && self.ieee8021x && !self.wps.eap_server && !self.named.auth_server {
            return Err("Invalid IEEE 802.1X configuration (no EAP authenticator configured).");
        }
        let lengths = [variable::WEP_KEY_LEN_BROADCAST, variable::WEP_KEY_LEN_UNICAST]
            .into_iter()
            .any(|v| self.other(v) > 0);
        if self.wpa != 0 && (lengths || self.wep_keys_set > 0) {
            return Err("WEP configuration in a WPA network is not supported");
        }
        if !full {
            return Ok(());
        }
        let (by_radius, radius_decides) = (self.other(variable::WPA_PSK_RADIUS), self.macaddr_acl == 2);
        if self.wpa != 0 && by_radius != 0 && !radius_decides {
            return Err("WPA-PSK using RADIUS enabled, but no RADIUS checking (macaddr_acl=2) enabled.");
        }
        let has_psk = self.psk.is_some() || self.wpa_psk_file.is_some() || (by_radius == 2 && radius_decides);
        if self.wpa != 0 && self.key_mgmt.intersects(AkmSet::PSK) && !has_psk {
            return Err("WPA-PSK enabled, but PSK or passphrase is not configured.");
        }
        let ft = AkmSet::FT_PSK
            | AkmSet::FT_IEEE8021X
            | AkmSet::FT_IEEE8021X_SHA384
            | AkmSet::FT_SAE
            | AkmSet::FT_FILS_SHA256
            | AkmSet::FT_FILS_SHA384;
        let identifier = self.others.get(variable::NAS_IDENTIFIER.name()).map_or(0, String::len);
        // Without WPA, key management is forgotten before this is looked at.
        if self.wpa != 0 && self.key_mgmt.intersects(ft) && !(1..=R0KH_ID_MAX).contains(&identifier) {
            return Err("FT (IEEE 802.11r) requires nas_identifier to be configured as a 1..48 octet string");
        }
        let strong = CipherSet::CCMP | CipherSet::GCMP | CipherSet::CCMP_256 | CipherSet::GCMP_256;
        let wpa2_strong = self.wpa & 2 != 0 && self.effective_rsn_pairwise().intersects(strong);
        if self.other(variable::HS20) != 0 && !wpa2_strong {
            return Err(
                "HS 2.0: WPA2-Enterprise/CCMP configuration is required for Hotspot 2.0 functionality",
            );
        }
        let protected = self.other(variable::IEEE80211W) != 0;
        if self.other(variable::MBO) != 0 && self.wpa & 2 != 0 && !protected {
            return Err("MBO: PMF needs to be enabled whenever using WPA2 with MBO");
        }
        if self.other(variable::OCV) != 0 && !protected {
            return Err("OCV: PMF needs to be enabled whenever using OCV");
        }
        if self.other(variable::FILS_DISCOVERY_MIN_INTERVAL) != 0
            && self.other(variable::UNSOL_BCAST_PROBE_RESP_INTERVAL) != 0
        {
            return Err(
                "Cannot enable both FILS discovery and unsolicited broadcast Probe Response at the same time",
            );
        }
        Ok(())
    }

    /// The number of a variable without an effect here; 0 if it was not set.
    pub(in crate::hostapd) fn other(&self, variable: Variable) -> i64 {
        self.other_or(variable, 0)
    }

    /// Returns the number that a variable is set to, or 2.10's default.
    pub(in crate::hostapd) fn other_or(&self, variable: Variable, default: i64) -> i64 {
        self.others.get(variable.name()).map_or(default, |value| atoi(value))
    }
}
