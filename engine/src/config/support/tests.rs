use std::collections::BTreeSet;

use rstest::rstest;

use super::*;
use crate::config::{credential as credentials, global_fields, network_fields, words as read};
use crate::hostapd::config_words;

fn names(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().map(|(name, _)| *name).collect()
}

/// The names of a table, each of which must be there once.
fn once(rows: &[Row]) -> BTreeSet<&'static str> {
    let all = names(rows);
    let set: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(set.len(), all.len(), "a name is there twice: {all:?}");
    set
}

#[rstest]
#[case::network(network::ROWS, network_fields::FIELDS.iter().map(|f| f.name).collect())]
#[case::global(global::ROWS, global_fields::FIELDS.iter().map(|f| f.name).collect())]
#[case::credential(credential::ROWS, credentials::names().collect())]
#[case::hostapd(hostapd::ROWS, config_words::KNOWN.to_vec())]
#[case::proto(words::PROTO, read::PROTO.iter().map(|(w, _)| *w).collect())]
#[case::key_mgmt(words::KEY_MGMT, read::KEY_MGMT.iter().map(|(w, _)| *w).collect())]
#[case::ap_key_mgmt(words::AP_KEY_MGMT, config_words::KEY_MGMT.iter().map(|(w, _)| *w).collect())]
#[case::ciphers(words::CIPHERS, read::CIPHERS.iter().map(|(w, _)| *w).collect())]
#[case::auth_alg(words::AUTH_ALG, read::AUTH_ALG.iter().map(|(w, _)| *w).collect())]
#[case::eap(words::EAP, read::EAP_METHODS.to_vec())]
fn everything_that_is_read_is_there_once(#[case] rows: &[Row], #[case] read: Vec<&'static str>) {
    assert_eq!(once(rows), read.into_iter().collect());
}

#[rstest]
#[case(
    "network={\n key_mgmt=WPA-PSK SAE\n}\n",
    "line 2: key_mgmt=WPA-PSK SAE: SAE (WPA3) is not implemented"
)]
#[case("pmf=2\n", "line 1: pmf=2: management frame protection (802.11w) is not implemented")]
#[case("network={\n eap=WSC PEAP\n}\n", "line 2: eap=WSC PEAP: EAP-PEAP is not implemented")]
#[case("network={\n mode=5\n}\n", "line 2: mode=5: mesh is not implemented")]
#[case(
    "network={\n bgscan=\"simple:30:-45:300\"\n}\n",
    "line 2: bgscan=\"simple:30:-45:300\": background scanning (bgscan) is not implemented"
)]
#[case("ap_scan=1\nnetwork={\n eap=WSC\n ieee80211w=3\n bgscan=\"\"\n}\ncred={\n eap=TTLS\n}\n", "")]
#[case("network={\n ieee80211w=2\n ieee80211w=0\n}\n", "")]
fn what_a_wpa_supplicant_conf_asks_for(#[case] text: &str, #[case] expected: &str) {
    let asked: Vec<String> = asked_of_supplicant(text).iter().map(ToString::to_string).collect();
    assert_eq!(asked.join("\n"), expected);
}

#[rstest]
#[case("wpa_key_mgmt=SAE\n", true, "line 1: wpa_key_mgmt=SAE: SAE (WPA3) is not implemented")]
#[case(
    "wpa_key_mgmt=WPA-PSK FT-PSK\n",
    false,
    "line 1: wpa_key_mgmt=WPA-PSK FT-PSK: fast BSS transition (802.11r) is not implemented"
)]
#[case(
    "ssid=x\n#\nieee80211w=2\n",
    true,
    "line 3: ieee80211w=2: management frame protection (802.11w) is not implemented"
)]
#[case("wps_state=2\neap_server=1\nieee80211w=0\nieee80211n=1\n", false, "")]
fn what_a_hostapd_conf_asks_for(#[case] text: &str, #[case] keeps: bool, #[case] expected: &str) {
    let asked = asked_of_hostapd(text);
    assert_eq!(asked.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), expected);
    assert_eq!(asked.iter().any(|a| a.missing.keeps_from_starting), keeps);
}
