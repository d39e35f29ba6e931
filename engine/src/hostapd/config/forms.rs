//! The forms that hostapd 2.10 wants of values whose variables have no effect here.

use super::values::{atoi, parse_hex, parse_string};
use crate::wire::MacAddr;

/// What a value must look like. Numbers are read as C's atoi does.
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

/// By variable, in alphabetical order.
const FORMS: &[(&str, Form)] = &[
    ("access_network_type", Form::Number(0, 15)),
    ("acct_server_addr", Form::Host),
    ("acct_server_addr_replace", Form::Host),
    ("acct_server_shared_secret", Form::Length(1, ANY)),
    ("acs_chan_bias", Form::Like(channel_bias)),
    ("acs_num_scans", Form::Number(1, 100)),
    ("airtime_bss_limit", Form::Number(0, 1)),
    ("airtime_mode", Form::Number(0, 3)),
    ("airtime_sta_weight", Form::Like(|v| after_address(v).is_some_and(|w| atoi(w) > 0))),
    ("anqp_3gpp_cell_net", Form::Like(cell_networks)),
    ("anqp_elem", Form::Like(|v| v.split_once(':').is_some_and(|(_, hex)| parse_hex(hex).is_some()))),
    ("assoc_sa_query_max_timeout", Form::Like(|v| atoi(v) != 0)),
    ("assoc_sa_query_retry_timeout", Form::Like(|v| atoi(v) != 0)),
    ("auth_server_addr", Form::Host),
    ("auth_server_addr_replace", Form::Host),
    ("auth_server_shared_secret", Form::Length(1, ANY)),
    ("beacon_rate", Form::Like(beacon_rate)),
    ("bss_load_test", Form::Like(|v| colons(v) >= 2)),
    ("bss_load_update_period", Form::Number(0, 100)),
    ("bssid", Form::Address),
    ("chan_util_avg_period", Form::Number(0, MAX)),
    ("check_cert_subject", Form::Length(1, ANY)),
    ("ctrl_interface_group", Form::Like(|v| v == "root" || Form::WholeNumber(0, MAX).fits(v))),
    ("dhcp_server", Form::Host),
    ("dpp_controller", Form::Like(|v| v.starts_with("ipaddr=") && v.contains(" pkhash="))),
    ("dpp_csign", Form::Octets(0, ANY)),
    ("dpp_netaccesskey", Form::Octets(0, ANY)),
    ("dpp_pfs", Form::Number(0, 2)),
    ("eap_fast_a_id", Form::Octets(0, ANY)),
    ("eap_reauth_period", Form::Number(0, MAX)),
    ("ext_capa", Form::Octets(0, ANY)),
    ("ext_capa_mask", Form::Octets(0, ANY)),
    ("extended_key_id", Form::Number(0, 2)),
    ("fils_cache_id", Form::LeadingOctets(2)),
    ("fragm_threshold", Form::Like(|v| atoi(v) == -1 || (256..=2346).contains(&atoi(v)))),
    ("fst_llt", Form::WholeNumber(1, MAX)),
    ("fst_priority", Form::WholeNumber(1, 255)),
    ("gas_frag_limit", Form::Number(1, MAX)),
    ("group_mgmt_cipher", Form::Like(group_mgmt_cipher)),
    ("he_spr_srg_bss_colors", Form::Like(bitmap)),
    ("he_spr_srg_partial_bssid", Form::Like(bitmap)),
    ("hessid", Form::Address),
    ("hs20_conn_capab", Form::Like(|v| colons(v) >= 2)),
    ("hs20_icon", Form::Like(|v| colons(v) >= 5)),
    ("hs20_oper_friendly_name", Form::Like(language_and_text)),
    ("hs20_operating_class", Form::Octets(1, ANY)),
    ("hs20_release", Form::Number(1, 3)),
    ("hs20_wan_metrics", Form::Like(|v| colons(v) >= 5 && Form::LeadingOctets(1).fits(v))),
    ("iapp_interface", Form::Like(|_| false)),
    ("ipaddr_type_availability", Form::LeadingOctets(1)),
    ("local_pwr_constraint", Form::Number(0, 255)),
    ("min_tx_power", Form::Number(0, 255)),
    ("mobility_domain", Form::Octets(2, 2)),
    ("multi_ap", Form::Number(0, 3)),
    ("multi_ap_backhaul_ssid", Form::Ssid),
    ("multi_ap_backhaul_wpa_passphrase", Form::Length(8, 63)),
    ("multi_ap_backhaul_wpa_psk", Form::Octets(32, 32)),
    ("nai_realm", Form::Like(|v| v.contains(','))),
    ("network_auth_type", Form::LeadingOctets(1)),
    ("osu_friendly_name", Form::Like(language_and_text)),
    ("osu_service_desc", Form::Like(language_and_text)),
    ("osu_ssid", Form::Ssid),
    ("owe_transition_bssid", Form::Address),
    ("owe_transition_ssid", Form::Ssid),
    ("own_ie_override", Form::Like(|v| v.get(..v.len() / 2 * 2).is_some_and(|hex| parse_hex(hex).is_some()))),
    ("own_ip_addr", Form::Host),
    ("pac_opaque_encr_key", Form::Octets(16, 16)),
    ("qos_map_set", Form::Like(qos_map)),
    ("r0kh", Form::Like(|v| after_address(v).is_some_and(key_holder))),
    ("r1_key_holder", Form::Octets(6, 6)),
    ("r1kh", Form::Like(|v| after_address(v).is_some_and(key_holder))),
    ("radius_acct_req_attr", Form::Like(radius_attribute)),
    ("radius_auth_req_attr", Form::Like(radius_attribute)),
    ("radius_client_addr", Form::Host),
    ("radius_das_client", Form::Like(|v| v.split_once(' ').is_some_and(|(host, _)| is_host(host)))),
    ("roaming_consortium", Form::Octets(3, 15)),
    ("rts_threshold", Form::Number(-1, 65_535)),
    ("time_zone", Form::Length(4, 255)),
    ("unsol_bcast_probe_resp_interval", Form::Number(0, 20)),
    ("venue_name", Form::Like(language_and_text)),
    ("venue_url", Form::Like(|v| colons(v) >= 1)),
    ("vlan_naming", Form::Number(0, 1)),
    ("wep_default_key", Form::Like(|v| (0..=3).contains(&(atoi(v) & 0xff)))),
    ("wep_key0", Form::Like(wep_key)),
    ("wep_key1", Form::Like(wep_key)),
    ("wep_key2", Form::Like(wep_key)),
    ("wep_key3", Form::Like(wep_key)),
    ("wep_key_len_broadcast", Form::Number(0, 13)),
    ("wep_key_len_unicast", Form::Number(0, 13)),
    ("wep_rekey_period", Form::Number(0, MAX)),
    ("wpa_psk_radius", Form::Number(0, 2)),
    ("wps_nfc_dev_pw_id", Form::Number(16, 65_535)),
];

/// Files that are read when they are named.
const FILES: [&str; 2] = ["eap_user_file", "vlan_file"];

/// Whether 2.10 takes a value; `true` for variables that it does not look at.
pub(super) fn fits(variable: &str, value: &str, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> bool {
    if FILES.contains(&variable) {
        return read(value).is_some();
    }
    let form = FORMS.binary_search_by_key(&variable, |(name, _)| name).ok().and_then(|at| FORMS.get(at));
    form.is_none_or(|(_, form)| form.fits(value))
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
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                digits && (*from..=*to).contains(&atoi(value))
            }
            Form::Like(likes) => likes(value),
        }
    }
}

fn colons(value: &str) -> usize {
    value.matches(':').count()
}

/// What follows an address and a blank.
fn after_address(value: &str) -> Option<&str> {
    MacAddr::parse_prefix(value)?.1.strip_prefix(' ')
}

/// Another identifier and a key of 16 or 32 octets.
fn key_holder(value: &str) -> bool {
    let key = value.split_once(' ').and_then(|(_, key)| parse_hex(key));
    key.is_some_and(|k| matches!(k.len(), 16 | 32))
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
    match ["ht:", "vht:", "he:"].iter().find_map(|kind| value.strip_prefix(kind)) {
        Some(mcs) => (0..=31).contains(&atoi(mcs)),
        None => (10..=10_000).contains(&atoi(value)),
    }
}

fn group_mgmt_cipher(value: &str) -> bool {
    ["AES-128-CMAC", "BIP-GMAC-128", "BIP-GMAC-256", "BIP-CMAC-256"].contains(&value)
}

/// Numbers of bits, blanks between them.
fn bitmap(value: &str) -> bool {
    value.split(' ').all(|word| (0..=63).contains(&atoi(word)))
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

/// Nothing, or a key of 5, 13 or 16 octets.
fn wep_key(value: &str) -> bool {
    value.is_empty() || parse_string(value).is_some_and(|k| matches!(k.len(), 5 | 13 | 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(FORMS.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn values_have_their_forms() {
        let fits = |variable, value| fits(variable, value, &|_| None);
        assert!(fits("own_ip_addr", "192.168.1.1") && fits("own_ip_addr", "fe80::1"));
        assert!(!fits("own_ip_addr", "1x") && !fits("own_ip_addr", ""));
        assert!(fits("wep_key0", "\"abcde\"") && !fits("wep_key0", "\"abc\""));
        assert!(fits("qos_map_set", "53,2,22,6,8,15,0,7,255,255,16,31,32,39,255,255,40,47,48,55"));
        assert!(fits("radius_auth_req_attr", "126:s:Operator") && !fits("radius_auth_req_attr", "1:2"));
        assert!(fits("fst_priority", "7") && !fits("fst_priority", ""));
        assert!(!fits("vlan_file", "no such file") && fits("no_such_variable", "x"));
    }
}
