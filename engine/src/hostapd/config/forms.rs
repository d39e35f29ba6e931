//! The forms that hostapd 2.10 wants of values whose variables have no effect here.

use super::values::{parse_hex, parse_string};
use crate::config::SetError;
use crate::config::text::strtol;
use crate::hostapd::number::atoi;
use crate::wire::MacAddr;

/// The form of a value. Numbers are read as C's atoi does.
enum Form {
    Number(i64, i64),
    /// Hexadecimal digits of so many octets.
    Octets(usize, usize),
    /// Those of so many octets first, whatever follows.
    LeadingOctets(usize),
    /// `"text"` or hexadecimal digits, an SSID's length.
    Ssid,
    Length(usize, usize),
    Address,
    /// IPv4 or IPv6.
    Host,
    /// A number and nothing else.
    WholeNumber(i64, i64),
    Like(fn(&str) -> bool),
}

const MAX: i64 = i32::MAX as i64;
const ANY: usize = usize::MAX;
/// Octets of the Extended Capabilities element.
const EXT_CAPA: usize = 15;

/// By variable, in alphabetical order, with what is said of another value: see [`said`]. Nothing stands for what is
/// said below, or not at all.
const FORMS: &[(&str, Form, &str)] = &[
    ("access_network_type", Form::Number(0, 15), "invalid access_network_type"),
    ("acct_server_addr", Form::Host, "invalid IP address '{v}'"),
    ("acct_server_addr_replace", Form::Host, "invalid IP address '{v}'"),
    ("acct_server_shared_secret", Form::Length(1, ANY), "empty shared secret is not allowed"),
    ("acs_chan_bias", Form::Like(channel_bias), "invalid acs_chan_bias"),
    ("acs_num_scans", Form::Number(1, 100), "invalid acs_num_scans {n} (expected 1..100)"),
    ("airtime_bss_limit", Form::Number(0, 1), "Invalid airtime_bss_limit (must be 0 or 1)"),
    ("airtime_mode", Form::Number(0, 3), "Unknown airtime_mode"),
    (
        "airtime_sta_weight",
        Form::Like(|v| after_address(v).is_some_and(|w| atoi(w) > 0)),
        "Invalid airtime weight '{w}'",
    ),
    ("anqp_3gpp_cell_net", Form::Like(cell_networks), "Invalid anqp_3gpp_cell_net: {v}"),
    ("anqp_elem", Form::Like(|v| v.split_once(':').is_some_and(|(_, hex)| parse_hex(hex).is_some())), ""),
    ("assoc_sa_query_max_timeout", Form::Like(|v| atoi(v) != 0), "invalid {name}"),
    ("assoc_sa_query_retry_timeout", Form::Like(|v| atoi(v) != 0), "invalid {name}"),
    ("auth_server_addr", Form::Host, "invalid IP address '{v}'"),
    ("auth_server_addr_replace", Form::Host, "invalid IP address '{v}'"),
    ("auth_server_shared_secret", Form::Length(1, ANY), "empty shared secret is not allowed"),
    ("beacon_rate", Form::Like(beacon_rate), ""),
    ("bss_load_test", Form::Like(|v| colons(v) >= 2), "Invalid bss_load_test"),
    ("bss_load_update_period", Form::Number(0, 100), "invalid bss_load_update_period {n}"),
    ("bssid", Form::Address, "invalid bssid item"),
    ("chan_util_avg_period", Form::Number(0, MAX), "invalid chan_util_avg_period"),
    ("check_cert_subject", Form::Length(1, ANY), "unknown check_cert_subject '{v}'"),
    ("corrupt_gtk_rekey_mic_probability", Form::Like(probability), "Invalid value '{v}'"),
    ("ctrl_interface_group", Form::Like(|v| v == "root" || Form::WholeNumber(0, MAX).fits(v)), ""),
    ("dhcp_server", Form::Host, "invalid IP address '{v}'"),
    ("dpp_controller", Form::Like(|v| v.starts_with("ipaddr=") && v.contains(" pkhash=")), ""),
    ("dpp_csign", Form::Octets(0, ANY), "Invalid {name} '{v}'"),
    ("dpp_netaccesskey", Form::Octets(0, ANY), "Invalid {name} '{v}'"),
    ("dpp_pfs", Form::Number(0, 2), "Invalid dpp_pfs value '{v}'"),
    ("eap_fast_a_id", Form::Octets(0, ANY), "Invalid eap_fast_a_id"),
    ("eap_reauth_period", Form::Number(0, MAX), "invalid period {n}"),
    ("ext_capa", Form::Octets(0, EXT_CAPA), "Invalid {name}"),
    ("ext_capa_mask", Form::Octets(0, EXT_CAPA), "Invalid {name}"),
    ("extended_key_id", Form::Number(0, 2), "Invalid extended_key_id={n}; allowed range 0..2"),
    ("fils_cache_id", Form::LeadingOctets(2), "Invalid fils_cache_id '{v}'"),
    ("fst_llt", Form::WholeNumber(1, 1_073_741_823), ""),
    ("fst_priority", Form::WholeNumber(1, 255), ""),
    ("gas_frag_limit", Form::Number(1, MAX), "Invalid gas_frag_limit '{v}'"),
    ("group_mgmt_cipher", Form::Like(group_mgmt_cipher), "invalid group_mgmt_cipher: {v}"),
    ("he_spr_srg_bss_colors", Form::Like(bitmap), "Invalid srg bss colors list '{w}'"),
    ("he_spr_srg_partial_bssid", Form::Like(bitmap), "Invalid srg partial bssid list '{w}'"),
    ("hessid", Form::Address, "invalid hessid"),
    ("hs20_conn_capab", Form::Like(|v| colons(v) >= 2), ""),
    ("hs20_icon", Form::Like(|v| colons(v) >= 5), "Invalid hs20_icon '{v}'"),
    ("hs20_oper_friendly_name", Form::Like(language_and_text), "Invalid hs20_oper_friendly_name '{c}'"),
    ("hs20_operating_class", Form::Octets(1, ANY), "Invalid hs20_operating_class '{v}'"),
    ("hs20_release", Form::Number(1, 3), "Unsupported hs20_release: {v}"),
    (
        "hs20_wan_metrics",
        Form::Like(|v| colons(v) >= 5 && Form::LeadingOctets(1).fits(v)),
        "Invalid hs20_wan_metrics '{v}'",
    ),
    ("ignore_assoc_probability", Form::Like(probability), "Invalid value '{v}'"),
    ("ignore_auth_probability", Form::Like(probability), "Invalid value '{v}'"),
    ("ignore_probe_probability", Form::Like(probability), "Invalid value '{v}'"),
    ("ignore_reassoc_probability", Form::Like(probability), "Invalid value '{v}'"),
    ("ipaddr_type_availability", Form::LeadingOctets(1), "Invalid ipaddr_type_availability '{v}'"),
    ("local_pwr_constraint", Form::Number(0, 255), "Invalid local_pwr_constraint {n} (expected 0..255)"),
    ("min_tx_power", Form::Number(0, 255), "invalid min_tx_power {n} (expected 0..255)"),
    ("mobility_domain", Form::Octets(2, 2), "Invalid mobility_domain '{v}'"),
    ("multi_ap", Form::Number(0, 3), "Invalid multi_ap '{name}'"),
    ("multi_ap_backhaul_ssid", Form::Ssid, "invalid SSID '{v}'"),
    (
        "multi_ap_backhaul_wpa_passphrase",
        Form::Length(8, 63),
        "invalid WPA passphrase length {len} (expected 8..63)",
    ),
    ("multi_ap_backhaul_wpa_psk", Form::Octets(32, 32), "Invalid PSK '{v}'."),
    ("nai_realm", Form::Like(|v| v.contains(',')), "invalid nai_realm '{v}'"),
    ("network_auth_type", Form::LeadingOctets(1), "Invalid network_auth_type '{v}'"),
    ("osu_friendly_name", Form::Like(language_and_text), "Invalid {name} '{c}'"),
    ("osu_service_desc", Form::Like(language_and_text), "Invalid {name} '{c}'"),
    ("osu_ssid", Form::Ssid, "Invalid SSID '{v}'"),
    ("owe_transition_bssid", Form::Address, "invalid owe_transition_bssid"),
    ("owe_transition_ssid", Form::Ssid, "invalid SSID '{v}'"),
    (
        "own_ie_override",
        Form::Like(|v| v.get(..v.len() / 2 * 2).is_some_and(|hex| parse_hex(hex).is_some())),
        "Invalid own_ie_override '{v}'",
    ),
    ("own_ip_addr", Form::Host, "invalid IP address '{v}'"),
    ("pac_opaque_encr_key", Form::LeadingOctets(16), "Invalid pac_opaque_encr_key"),
    ("qos_map_set", Form::Like(qos_map), "Invalid qos_map_set '{v}'"),
    ("r0kh", Form::Like(|v| after_address(v).is_some_and(key_holder)), ""),
    ("r1_key_holder", Form::Octets(6, 6), "Invalid r1_key_holder '{v}'"),
    ("r1kh", Form::Like(|v| after_address(v).is_some_and(key_holder)), ""),
    ("radius_acct_req_attr", Form::Like(radius_attribute), "invalid {name}"),
    ("radius_auth_req_attr", Form::Like(radius_attribute), "invalid {name}"),
    ("radius_client_addr", Form::Host, "invalid IP address '{v}'"),
    (
        "radius_das_client",
        Form::Like(|v| v.split_once(' ').is_some_and(|(host, _)| is_host(host))),
        "invalid DAS client",
    ),
    ("roaming_consortium", Form::Octets(3, 15), "invalid roaming_consortium '{v}'"),
    ("rts_threshold", Form::Number(-1, 65_535), "invalid rts_threshold {n}"),
    ("time_zone", Form::Length(4, 255), ""),
    ("unsol_bcast_probe_resp_interval", Form::Number(0, 20), "invalid unsol_bcast_probe_resp_interval value"),
    ("venue_name", Form::Like(language_and_text), "Invalid venue_name '{c}'"),
    ("venue_url", Form::Like(|v| colons(v) >= 1), "Invalid venue_url '{v}'"),
    ("vlan_naming", Form::Number(0, 1), "invalid naming scheme {n}"),
    ("wep_default_key", Form::Like(|v| (0..=3).contains(&(atoi(v) & 0xff))), ""),
    ("wep_key_len_broadcast", Form::Number(0, 13), "invalid WEP key len {n} (= {bits} bits)"),
    ("wep_key_len_unicast", Form::Number(0, 13), "invalid WEP key len {n} (= {bits} bits)"),
    ("wep_rekey_period", Form::Number(0, MAX), "invalid period {n}"),
    ("wpa_psk_radius", Form::Number(0, 2), "unknown wpa_psk_radius {n}"),
    ("wps_nfc_dev_pw_id", Form::Number(16, 65_535), "Invalid wps_nfc_dev_pw_id value"),
];

/// Checks a value of a variable that has no effect here; `Ok` for variables whose values 2.10 does not look at.
pub(super) fn check(
    variable: &str,
    value: &str,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<(), SetError> {
    match variable {
        "eap_user_file" if read(value).is_none() => {
            return Err(SetError::bare(format!("EAP user file '{value}' not found.")));
        }
        "vlan_file" if read(value).is_none() => {
            let error = SetError::bare(format!("VLAN file '{value}' not readable."));
            return Err(error.and(format!("failed to read VLAN file '{value}'")));
        }
        "fst_group_id" if !(1..=16).contains(&value.len()) => {
            return Err(said("Invalid fst_group_id value '{v}'", variable, value));
        }
        "sae_password" if !is_sae_password(value) => return Err(SetError::new("Invalid sae_password")),
        _ => {}
    }
    let row = FORMS.binary_search_by_key(&variable, |(name, ..)| name).ok().and_then(|at| FORMS.get(at));
    match row {
        Some((_, form, template)) if !form.fits(value) => Err(refused(variable, value, template)),
        _ => Ok(()),
    }
}

/// Makes the error of a value from a template: `{v}` is the value, `{n}` its number, `{w}` its first word, `{c}` what
/// comes before its first colon, `{len}` its length, `{bits}` eight times its number, `{name}` the variable.
pub(super) fn said(template: &str, variable: &str, value: &str) -> SetError {
    let number = atoi(value);
    let before = |separator: char| value.split(separator).next().unwrap_or_default();
    let quoted = value.starts_with(['"', 'P']);
    SetError::new(
        template
            .replace("{n}", &(number as i32).to_string())
            .replace("{bits}", &(number.saturating_mul(8) as i32).to_string())
            .replace("{len}", &value.len().to_string())
            .replace("{name}", variable)
            .replace("{w}", before(' '))
            .replace("{c}", if quoted { value } else { before(':') })
            .replace("{v}", value),
    )
}

fn refused(variable: &str, value: &str, template: &str) -> SetError {
    let plain = || match template {
        "" => SetError::silent(),
        _ => said(template, variable, value),
    };
    match variable {
        // 2.10 answers these with -1, which it adds to the errors of the file.
        "acs_chan_bias" | "dpp_pfs" | "multi_ap" => plain().counting_backwards(),
        "fst_priority" | "fst_llt" => {
            let max = if variable == "fst_llt" { 1_073_741_823 } else { 255 };
            if value.is_empty() {
                let text = format!("{variable} value not supplied (expected 1..{max})");
                return SetError::new(text).counting_backwards();
            }
            let (number, _) = strtol(value);
            SetError::new(format!("Invalid {variable} {number} ({value}) (expected 1..{max})"))
        }
        "airtime_sta_weight" => {
            let (word, weight) = value.split_once(' ').unwrap_or((value, ""));
            let what = match value.contains(' ') && MacAddr::parse_prefix(word).is_some() {
                true => format!("Invalid weight: '{weight}'"),
                false => format!("Invalid station address: '{word}'"),
            };
            SetError::bare(what).and(format!("Invalid airtime weight '{word}'"))
        }
        "anqp_3gpp_cell_net" => {
            let digits = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b';' | b','));
            // The list is cut into pieces as it is read.
            let shown = if digits { value.split([',']).next().unwrap_or_default() } else { value };
            said(template, variable, shown)
        }
        "beacon_rate" => {
            let kinds = [("ht:", "HT-MCS"), ("vht:", "VHT-MCS"), ("he:", "HE-MCS")];
            let mcs = kinds.iter().find_map(|(prefix, kind)| Some((kind, value.strip_prefix(prefix)?)));
            match mcs {
                Some((kind, number)) => SetError::new(format!("invalid beacon_rate {kind} {}", atoi(number))),
                None => said("invalid legacy beacon_rate {n}", variable, value),
            }
        }
        "eap_fast_a_id" if value.len().is_multiple_of(2) => SetError::new("Failed to parse eap_fast_a_id"),
        "qos_map_set" => {
            let numbers = value.split(',').take(58);
            let too_many = value.split(',').count() > 58 && numbers.map(atoi).all(|n| (0..=255).contains(&n));
            let many = "Too many qos_map_set parameters '{v}'";
            said(if too_many { many } else { template }, variable, value)
        }
        "r0kh" | "r1kh" => {
            let kind = if variable == "r0kh" { "R0KH" } else { "R1KH" };
            let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
            let (id, key) = rest.split_once(' ').unwrap_or((rest, ""));
            let has_id = rest.contains(' ') && (kind == "R0KH" || MacAddr::parse_prefix(id).is_some());
            SetError::bare(match value.contains(' ') && MacAddr::parse_prefix(word).is_some() {
                false => format!("Invalid {kind} MAC address: '{word}'"),
                true if !has_id || id.len() >= 48 => format!("Invalid {kind}-ID: '{id}'"),
                true => format!("Invalid {kind} key: '{key}'"),
            })
        }
        "wep_default_key" => SetError::bare(format!("Invalid wep_default_key index {}", atoi(value) & 0xff)),
        _ => plain(),
    }
}

impl Form {
    fn fits(&self, value: &str) -> bool {
        match self {
            Form::Number(from, to) => (*from..=*to).contains(&atoi(value)),
            Form::Octets(from, to) => parse_hex(value).is_some_and(|o| (*from..=*to).contains(&o.len())),
            Form::LeadingOctets(count) => value.get(..count * 2).is_some_and(|v| parse_hex(v).is_some()),
            Form::Ssid => parse_string(value).is_some_and(|s| (1..=32).contains(&s.len())),
            Form::Length(from, to) => (*from..=*to).contains(&value.len()),
            Form::Address => MacAddr::parse_prefix(value).is_some(),
            Form::Host => is_host(value),
            Form::WholeNumber(from, to) => {
                let (number, rest) = strtol(value);
                !value.is_empty() && rest.is_empty() && (*from..=*to).contains(&number)
            }
            Form::Like(likes) => likes(value),
        }
    }
}

fn colons(value: &str) -> usize {
    value.matches(':').count()
}

/// Returns the text that follows an address and a blank.
fn after_address(value: &str) -> Option<&str> {
    MacAddr::parse_prefix(value)?.1.strip_prefix(' ')
}

/// Another identifier and a key of 16 or 32 octets.
fn key_holder(value: &str) -> bool {
    // The text that follows the digits of a short key does not count.
    value.split_once(' ').is_some_and(|(id, key)| id.len() < 48 && Form::LeadingOctets(16).fits(key))
}

/// A share from 0 to 1.
fn probability(value: &str) -> bool {
    value.is_empty() || value.parse::<f64>().is_ok_and(|p| (0.0..=1.0).contains(&p))
}

/// `password[|mac=ADDRESS][|vlanid=N][|id=TEXT]`; only the address can be wrong.
fn is_sae_password(value: &str) -> bool {
    value.split_once("|mac=").is_none_or(|(_, addr)| MacAddr::parse_prefix(addr).is_some())
}

/// As inet_aton reads it: up to four numbers with dots between them; or IPv6.
fn is_host(value: &str) -> bool {
    let is_number = |part: &str| {
        let hex = part.strip_prefix("0x").filter(|h| !h.is_empty());
        hex.map_or(!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()), |h| {
            h.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    let parts = value.split('.');
    (parts.clone().count() <= 4 && parts.clone().all(is_number))
        || value.parse::<core::net::Ipv6Addr>().is_ok()
}

/// Channels and factors: `1:0.8 6:0.8`.
fn channel_bias(value: &str) -> bool {
    value.split(' ').filter(|w| !w.is_empty()).all(|word| {
        let factor = word.split_once(':').and_then(|(_, factor)| factor.parse::<f64>().ok());
        factor.is_some_and(|f| f >= 0.0)
    })
}

/// `MCC,MNC;…`.
fn cell_networks(value: &str) -> bool {
    let digits = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    value.is_empty()
        || value.split(';').all(|network| {
            network.split_once(',').is_some_and(|(mcc, mnc)| digits(mcc, &[3]) && digits(mnc, &[2, 3]))
        })
}

/// In units of 100 kbit/s, or an MCS.
fn beacon_rate(value: &str) -> bool {
    let kinds = [("ht:", 31), ("vht:", 9), ("he:", 11)];
    match kinds.iter().find_map(|(kind, most)| Some((value.strip_prefix(kind)?, *most))) {
        Some((mcs, most)) => (0..=most).contains(&atoi(mcs)),
        None => (10..=10_000).contains(&atoi(value)),
    }
}

fn group_mgmt_cipher(value: &str) -> bool {
    ["AES-128-CMAC", "BIP-GMAC-128", "BIP-GMAC-256", "BIP-CMAC-256"].contains(&value)
}

/// Numbers of bits, blanks between them.
fn bitmap(value: &str) -> bool {
    value.split(' ').all(|word| (0..=64).contains(&atoi(word)))
}

/// `eng:text`.
fn language_and_text(value: &str) -> bool {
    value.split_once(':').is_some_and(|(language, text)| {
        (2..=3).contains(&language.len()) && (!text.starts_with("P\"") || parse_string(text).is_some())
    })
}

/// Ranges and exceptions: 16 to 58 numbers, in pairs.
fn qos_map(value: &str) -> bool {
    let count = value.split(',').count();
    (16..=58).contains(&count)
        && count.is_multiple_of(2)
        && value.split(',').all(|n| (0..=255).contains(&atoi(n)))
}

/// `ID[:s|d|x:VALUE]`.
fn radius_attribute(value: &str) -> bool {
    value.split_once(':').is_none_or(|(_, rest)| match rest.split_once(':') {
        Some(("s" | "d", _)) => true,
        Some(("x", digits)) => parse_hex(digits).is_some(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(FORMS.is_sorted_by_key(|(name, ..)| name));
    }

    #[test]
    fn values_have_their_forms() {
        let fits = |variable, value| check(variable, value, &|_| None).is_ok();
        assert!(fits("own_ip_addr", "192.168.1.1") && fits("own_ip_addr", "fe80::1"));
        assert!(!fits("own_ip_addr", "1x") && !fits("own_ip_addr", ""));
        assert!(fits("qos_map_set", "53,2,22,6,8,15,0,7,255,255,16,31,32,39,255,255,40,47,48,55"));
        assert!(fits("radius_auth_req_attr", "126:s:Operator") && !fits("radius_auth_req_attr", "1:2"));
        assert!(fits("fst_priority", "7") && !fits("fst_priority", ""));
        assert!(!fits("vlan_file", "no such file") && fits("no_such_variable", "x"));
    }
}
