//! Assignments of hostapd.conf and of SET, refused in the words of hostapd 2.10.

use std::borrow::Cow;

use super::forms::{self, said};
use super::values::{
    addresses, ciphers, key_mgmt, parse_hex, parse_string, rates, ssid_of, station_psks, wps_psks,
};
use super::{HostapdConfig, HtCapab, HwModeKey, Missing, Psk};
use crate::config::support::{self, Lack};
use crate::config::words::{self, cipher};
use crate::config::{SetError, edca};
use crate::hostapd::access_lists::AccessList;
use crate::hostapd::keys::{KNOWN, variable};
use crate::hostapd::number::{atoi, in_range};
use crate::wire::driver::HiddenSsid;
use crate::wire::rsne::CipherSet;

impl HostapdConfig {
    /// One assignment, of the file or of SET.
    pub fn set(
        &mut self,
        variable: &str,
        value: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), SetError> {
        let said = |template: &str| said(template, variable, value);
        let number = atoi(value);
        let yes = number != 0;
        match variable {
            "interface" => self.interface = value.to_owned(),
            "driver" if !["hostap", "nl80211", "wired", "none"].contains(&value) => {
                return Err(said("invalid/unknown driver '{v}'"));
            }
            "ctrl_interface" => self.ctrl_interface = Some(value.to_owned()),
            "bss" if value.is_empty() => return Err(said("invalid bss item")),
            "bss" => self.note_missing(variable, value),
            "ssid" => self.ssid = Some(ssid_of(value.as_bytes()).ok_or_else(|| said(SSID))?),
            "ssid2" => {
                let octets = parse_string(value).ok_or_else(|| said(SSID))?;
                self.ssid = Some(ssid_of(&octets).ok_or_else(|| said(SSID))?);
            }
            "hw_mode" => {
                self.hw_mode = match value {
                    "a" => Some(HwModeKey::A),
                    "b" => Some(HwModeKey::B),
                    "g" => Some(HwModeKey::G),
                    "ad" => Some(HwModeKey::Ad),
                    "any" => None,
                    _ => return Err(said("unknown hw_mode '{v}'")),
                };
            }
            "channel" if value == "acs_survey" => {
                self.channel = 0;
                self.note_missing(variable, value);
            }
            "channel" => self.channel = number.clamp(0, 255) as u8,
            "beacon_int" => {
                self.beacon_int = in_range(number, 10, 65535)
                    .ok_or_else(|| said("invalid beacon_int {n} (expected 10..65535)"))?
                    as u16;
            }
            "dtim_period" => {
                self.dtim_period =
                    in_range(number, 1, 255).ok_or_else(|| said("invalid dtim_period {n}"))? as u8;
            }
            "fragm_threshold" => {
                let threshold = in_range(number, -1, -1).or_else(|| in_range(number, 256, 2346));
                self.fragm_threshold = Some(threshold.ok_or_else(|| said("invalid fragm_threshold {n}"))?);
            }
            "country_code" => match value.as_bytes() {
                [a @ b'A'..=b'Z', b @ b'A'..=b'Z', ..] => self.country = Some([*a, *b]),
                _ => return Err(said("Invalid country_code '{v}'")),
            },
            "ieee80211d" => self.ieee80211d = yes,
            "ieee80211n" => self.ieee80211n = yes,
            "ht_capab" => self.ht_capab = HtCapab::parse(value),
            "require_ht" => self.require_ht = yes,
            "wme_enabled" | "wmm_enabled" => self.wmm_enabled = Some(yes),
            "preamble" => self.preamble_short = yes,
            "supported_rates" => self.supported_rates = rates(value),
            "basic_rates" => self.basic_rates = rates(value),
            "auth_algs" => {
                self.auth_algs = number as u8;
                if number == 0 {
                    return Err(said("no authentication algorithms allowed"));
                }
            }
            "ignore_broadcast_ssid" => {
                self.hidden = match number {
                    0 => HiddenSsid::No,
                    2 => HiddenSsid::ZeroContents,
                    _ => HiddenSsid::ZeroLength,
                };
            }
            "max_num_sta" => {
                self.max_num_sta = in_range(number, 0, 2007)
                    .ok_or_else(|| said("Invalid max_num_sta={n}; allowed range 0..2007"))?
                    as u32;
            }
            "ap_max_inactivity" => self.ap_max_inactivity = number.max(0) as u32,
            "skip_inactivity_poll" => self.skip_inactivity_poll = yes,
            "disassoc_low_ack" => self.disassoc_low_ack = yes,
            "broadcast_deauth" => self.broadcast_deauth = yes,
            "max_listen_interval" => self.max_listen_interval = number as u16,
            "send_probe_response" => {
                self.send_probe_response = in_range(number, 0, 1)
                    .ok_or_else(|| said("invalid send_probe_response {n} (expected 0 or 1)"))?
                    == 1;
            }
            "no_probe_resp_if_max_sta" => self.no_probe_resp_if_max_sta = yes,
            "macaddr_acl" => {
                self.macaddr_acl =
                    in_range(number, 0, 2).ok_or_else(|| said("unknown macaddr_acl {n}"))? as u8;
            }
            "accept_mac_file" => {
                self.accept = access_list(variable, value, read)?;
                self.accept_mac_file = Some(value.to_owned());
            }
            "deny_mac_file" => {
                self.deny = access_list(variable, value, read)?;
                self.deny_mac_file = Some(value.to_owned());
            }
            _ => return self.set_security(variable, value, read),
        }
        Ok(())
    }

    fn set_security(
        &mut self,
        variable: &str,
        value: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), SetError> {
        let said = |template: &str| said(template, variable, value);
        let number = atoi(value);
        let yes = number != 0;
        let count = || {
            let (number, rest) = crate::config::text::strtol(value);
            let fits = rest.is_empty().then(|| in_range(number, 1, i64::from(u32::MAX))).flatten();
            // 2.10 reads an unsigned number and shows it as one.
            let shown = number as u64;
            let text = || format!("Invalid {variable}={shown}; allowed range 1..4294967295");
            fits.ok_or_else(|| SetError::new(text()))
        };
        match variable {
            "wpa" => self.wpa = number as u8,
            "ieee8021x" => self.ieee8021x = yes,
            "wpa_key_mgmt" => {
                self.key_mgmt = key_mgmt(value)?;
            }
            "wpa_pairwise" => {
                self.wpa_pairwise = pairwise(value)?;
            }
            "rsn_pairwise" => {
                self.rsn_pairwise = pairwise(value)?;
            }
            "group_cipher" => {
                self.group_cipher = group(value)?;
            }
            "wpa_passphrase" => {
                if !(8..=63).contains(&value.len()) {
                    return Err(said(PASSPHRASE));
                }
                self.psk = Some(Psk::Passphrase(value.as_bytes().to_vec()));
            }
            "wpa_psk" => {
                let key = parse_hex(value).and_then(|k| k.try_into().ok());
                self.psk = Some(Psk::Key(key.ok_or_else(|| said("Invalid PSK '{v}'."))?));
            }
            "wpa_psk_file" => {
                let missing = || SetError::bare(format!("WPA PSK file '{value}' not found."));
                let failed = |said: SetError| said.and_bare("WPA-PSK setup failed.");
                let text = read(value).ok_or_else(|| failed(missing()))?;
                self.station_psks = station_psks(&text, value).map_err(failed)?;
                self.wps.file_psks = wps_psks(&text);
                self.wpa_psk_file = Some(value.to_owned());
            }
            "wpa_group_rekey" => self.group_rekey = Some(number.max(0) as u32),
            "wpa_gmk_rekey" => self.gmk_rekey = number.max(0) as u32,
            "wpa_ptk_rekey" => self.ptk_rekey = number.max(0) as u32,
            "wpa_strict_rekey" => self.strict_rekey = yes,
            "wpa_group_update_count" => self.group_update_count = count()? as u32,
            "wpa_pairwise_update_count" => self.pairwise_update_count = count()? as u32,
            "wpa_disable_eapol_key_retries" => self.disable_eapol_key_retries = yes,
            "wpa_deny_ptk0_rekey" => {
                let refused = || said("Invalid wpa_deny_ptk0_rekey={n}; allowed range 0..2");
                self.deny_ptk0_rekey = in_range(number, 0, 2).ok_or_else(refused)? as u8;
            }
            "rsn_preauth" => self.preauth = yes,
            "eapol_version" => {
                self.eapol_version =
                    in_range(number, 1, 2).ok_or_else(|| said("invalid EAPOL version ({n}): '{v}'."))? as u8;
            }
            "vendor_elements" => {
                self.vendor_elements = parse_hex(value).ok_or_else(|| said("Invalid {name} '{v}'"))?;
            }
            "assocresp_elements" => {
                self.assocresp_elements = parse_hex(value).ok_or_else(|| said("Invalid {name} '{v}'"))?;
            }
            "start_disabled" => self.start_disabled = yes,
            "rrm_neighbor_report" => {
                self.neighbor_report = yes;
                self.measure(variable::RRM_NEIGHBOR_REPORT, number);
            }
            "rrm_beacon_report" => self.measure(variable::RRM_BEACON_REPORT, number),
            "radio_measurements" => self.measure(variable::RADIO_MEASUREMENTS, number),
            "uapsd_advertisement_enabled" => self.uapsd = yes,
            "country3" => self.country_environment = hexadecimal(value),
            _ if self.set_wps(variable, value, read)? => {}
            _ if variable.starts_with("wmm_ac_") || variable.starts_with("wme_ac_") => {
                edca::access_category(&mut self.access_categories, variable, value)
                    .map_err(|said| said.and("invalid WMM ac item"))?;
            }
            _ => return self.set_other(variable, value, read),
        }
        Ok(())
    }

    /// Variables without an effect here: hostapd knows them, and what their values look like.
    fn set_other(
        &mut self,
        variable: &str,
        value: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), SetError> {
        if variable.starts_with("tx_queue_") {
            edca::tx_queue(variable, value).map_err(|said| said.and("invalid TX queue item"))?;
            self.others.insert(variable.to_owned(), value.to_owned());
            return Ok(());
        }
        let of_unnamed = match variable {
            "auth_server_addr_replace" | "auth_server_port" | "auth_server_shared_secret" => {
                !self.named.auth_server
            }
            "acct_server_addr_replace" | "acct_server_port" | "acct_server_shared_secret" => {
                !self.named.acct_server
            }
            _ => false,
        };
        if of_unnamed || KNOWN.binary_search(&variable).is_err() {
            return Err(said("unknown configuration item '{name}'", variable, value));
        }
        match variable {
            "auth_server_addr" => self.named.auth_server = true,
            "acct_server_addr" => self.named.acct_server = true,
            "osu_server_uri" => self.named.osu_provider = true,
            _ if variable.starts_with("osu_") && variable != "osu_ssid" && !self.named.osu_provider => {
                return Err(SetError::new("Unexpected OSU field"));
            }
            "fst_group_id" if self.others.contains_key(variable) && (1..=16).contains(&value.len()) => {
                return Err(said("Duplicate fst_group value '{v}'", variable, value));
            }
            "wep_key0" | "wep_key1" | "wep_key2" | "wep_key3" => self.set_wep_key(variable, value)?,
            _ => {}
        }
        forms::check(variable, value, read)?;
        if variable == "roaming_consortium" {
            self.roaming_consortiums.extend(parse_hex(value));
        }
        self.note_missing(variable, value);
        self.others.insert(variable.to_owned(), value.to_owned());
        // Operating channel validation switches management frame protection on.
        if variable == "ocv"
            && atoi(value) != 0
            && self.others.get(variable::IEEE80211W.name()).is_none_or(|v| atoi(v) == 0)
        {
            self.others.insert(variable::IEEE80211W.name().to_owned(), "1".to_owned());
        }
        Ok(())
    }

    /// A key is set once; one that has an even number of digits is there even if they are none.
    fn set_wep_key(&mut self, variable: &str, value: &str) -> Result<(), SetError> {
        let index = usize::from(variable.as_bytes().last().map_or(0, |d| d.wrapping_sub(b'0')));
        let refused = || said("invalid WEP key '{name}'", variable, value);
        let Some(there) = self.wep_keys.get_mut(index) else { return Err(refused()) };
        if value.is_empty() {
            *there = false;
            if !self.wep_keys.contains(&true) {
                self.wep_keys_set = 0;
            }
            return Ok(());
        }
        if *there {
            return Err(refused());
        }
        let is_read = match value.strip_prefix('"') {
            Some(quoted) => {
                *there = quoted.ends_with('"');
                *there
            }
            None => {
                *there = value.len().is_multiple_of(2);
                parse_hex(value).is_some()
            }
        };
        self.wep_keys_set += u32::from(is_read);
        is_read.then_some(()).ok_or_else(refused)
    }

    /// Remembers what was asked for that this engine does not have, until it is asked for no more.
    pub(super) fn note_missing(&mut self, variable: &str, value: &str) {
        match support::hostapd(variable, value) {
            Some(Lack::Refused(feature)) => {
                let missing = Missing { line: self.line, value: value.to_owned(), feature };
                self.missing.insert(variable.to_owned(), missing);
            }
            _ => {
                self.missing.remove(variable);
            }
        }
    }

    /// One assignment of the file, whose octets need not be UTF-8.
    pub(super) fn set_octets(
        &mut self,
        variable: &str,
        value: &[u8],
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), SetError> {
        let text = String::from_utf8_lossy(value);
        match (variable, &text) {
            ("ssid", Cow::Owned(_)) => {
                self.ssid = Some(ssid_of(value).ok_or_else(|| said(SSID, variable, &text))?);
                Ok(())
            }
            ("wpa_passphrase", Cow::Owned(_)) if (8..=63).contains(&value.len()) => {
                self.psk = Some(Psk::Passphrase(value.to_vec()));
                Ok(())
            }
            _ => self.set(variable, &text, read),
        }
    }
}

/// A hexadecimal number as strtol reads it, of which an octet is kept.
fn hexadecimal(text: &str) -> u8 {
    let text = text.trim_start();
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    let last = digits.get(end.saturating_sub(2)..end).unwrap_or_default();
    u8::from_str_radix(last, 16).unwrap_or(0)
}

const SSID: &str = "invalid SSID '{v}'";
const PASSPHRASE: &str = "invalid WPA passphrase length {len} (expected 8..63)";

/// A list of addresses in a file.
fn access_list(
    variable: &str,
    path: &str,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<AccessList, SetError> {
    let missing = || SetError::bare(format!("MAC list file '{path}' not found."));
    let list = read(path).ok_or_else(missing).and_then(|text| addresses(&text, path));
    list.map_err(|error| error.and(format!("Failed to read {variable} '{path}'")))
}

/// Pairwise ciphers.
fn pairwise(value: &str) -> Result<CipherSet, SetError> {
    let unsupported = cipher::NONE | cipher::WEP40 | cipher::WEP104;
    if words::ciphers(value)? & unsupported != 0 {
        return Err(SetError::new(format!("unsupported pairwise cipher suite '{value}'")));
    }
    Ok(ciphers(value))
}

/// The group cipher.
fn group(value: &str) -> Result<CipherSet, SetError> {
    let one = [cipher::TKIP, cipher::CCMP, cipher::GCMP, cipher::GCMP_256, cipher::CCMP_256];
    if !one.contains(&words::ciphers(value)?) {
        return Err(SetError::new(format!("unsupported group cipher suite '{value}'")));
    }
    Ok(ciphers(value))
}
