//! The values that say what holds without them: nobody has to be told that such a value is stored only.

use super::super::text::atoi;
use super::super::{global_fields, network_fields};
use super::unquoted;

/// Whether a value is empty, or 0.
pub(super) fn says_nothing(value: &str) -> bool {
    let value = unquoted(value);
    matches!(value, "" | "NULL" | "any")
        || (value.bytes().all(|b| b == b'0' || b == b'.') && atoi(value) == 0)
}

pub(super) fn is_default_of_network(name: &str, value: &str) -> bool {
    use network_fields::Kind;
    match network_fields::lookup(name).map(|field| field.kind) {
        Some(Kind::Int { default, .. }) => atoi(value) == default,
        // 2.10 forgets it, too.
        Some(Kind::Ignored) => true,
        _ => says_nothing(value),
    }
}

pub(super) fn is_default_of_global(name: &str, value: &str) -> bool {
    use global_fields::Kind;
    match global_fields::lookup(name).map(|field| field.kind) {
        Some(Kind::Int { default, .. }) => atoi(value) == default,
        Some(Kind::Ignored) => true,
        _ => says_nothing(value),
    }
}

/// Whether a value of a variable of hostapd.conf is the default of hostapd 2.10.
//= hostap@2.10 src/ap/ap_config.c#hostapd_config_defaults
//= hostap@2.10 src/ap/ap_config.c#hostapd_config_defaults_bss
pub(super) fn is_default_of_hostapd(variable: &str, value: &str) -> bool {
    match HOSTAPD.binary_search_by_key(&variable, |(name, _)| name).ok().and_then(|at| HOSTAPD.get(at)) {
        Some((_, default)) => value.trim() == *default,
        None => says_nothing(value),
    }
}

/// Variables that are stored only and have another default than 0 and nothing, in alphabetical order.
pub(super) const HOSTAPD: &[(&str, &str)] = &[
    ("acs_num_scans", "5"),
    ("airtime_update_interval", "200"),
    ("anti_clogging_threshold", "5"),
    ("ap_table_expiration_time", "60"),
    ("ap_table_max_size", "255"),
    ("assoc_sa_query_max_timeout", "1000"),
    ("assoc_sa_query_retry_timeout", "201"),
    ("check_crl_strict", "1"),
    ("dhcp_relay_port", "67"),
    ("dhcp_server_port", "67"),
    ("eap_fast_prov", "3"),
    ("eap_reauth_period", "3600"),
    ("eap_sim_db_timeout", "1"),
    ("eap_sim_id", "3"),
    ("fils_hlp_wait_time", "30"),
    ("ft_over_ds", "1"),
    ("gas_frag_limit", "1400"),
    ("group_mgmt_cipher", "AES-128-CMAC"),
    ("he_6ghz_max_ampdu_len_exp", "7"),
    ("he_6ghz_max_mpdu", "2"),
    ("he_6ghz_rx_ant_pat", "1"),
    ("he_6ghz_tx_ant_pat", "1"),
    ("he_twt_responder", "1"),
    ("logger_stdout", "-1"),
    ("logger_stdout_level", "2"),
    ("logger_syslog", "-1"),
    ("logger_syslog_level", "2"),
    ("max_auth_rounds", "100"),
    ("max_auth_rounds_short", "50"),
    ("mbo_cell_data_conn_pref", "-1"),
    ("pac_key_lifetime", "604800"),
    ("pac_key_refresh_time", "86400"),
    ("pwd_group", "19"),
    ("r0_key_lifetime", "1209600"),
    ("radius_das_time_window", "300"),
    ("radius_server_auth_port", "1812"),
    ("rkh_neg_timeout", "60"),
    ("rkh_pos_timeout", "86400"),
    ("rkh_pull_retries", "4"),
    ("rkh_pull_timeout", "1000"),
    ("rts_threshold", "-1"),
    ("sae_anti_clogging_threshold", "5"),
    ("sae_sync", "5"),
    ("track_sta_max_age", "180"),
    ("wep_rekey_period", "300"),
];
