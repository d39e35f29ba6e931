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
#[case("ap_scan=1\nnetwork={\n eap=WSC\n ieee80211w=3\n bgscan=\"\"\n}\ncred={\n sim_num=0\n}\n", "")]
#[case("fast_reauth=1\nnetwork={\n engine=0\n mixed_cell=1\n}\n", "")]
#[case(
    "fast_reauth=0\n",
    "line 1: fast_reauth=0: it is stored only: used by EAP methods, which `eap` and `key_mgmt` of a network ask for"
)]
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
#[case(
    "wps_state=2\neap_server=1\nieee80211w=0\nieee80211n=1\nlogger_syslog=-1\nctrl_interface_group=0\n",
    false,
    ""
)]
#[case("hs20=1\n", true, "line 1: hs20=1: Hotspot 2.0 is not implemented")]
#[case(
    "logger_syslog=0\n",
    false,
    "line 1: logger_syslog=0: it is stored only: of the log, which the engine has not"
)]
#[case(
    "ssid=a\nnotify_mgmt_frames=1\nbss=b\nssid=b\n",
    true,
    "line 2: notify_mgmt_frames=1: reporting management frames (notify_mgmt_frames) is not implemented\nline 3: bss=b: a second BSS in one file is not implemented"
)]
fn what_a_hostapd_conf_asks_for(#[case] text: &str, #[case] keeps: bool, #[case] expected: &str) {
    let asked = asked_of_hostapd(text);
    assert_eq!(asked.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), expected);
    assert_eq!(asked.iter().any(|a| matches!(a.lack, Lack::Refused(_))), keeps);
}

#[rstest]
#[case(Socket::Interface, "DPP_LISTEN 2412", "DPP_LISTEN: DPP is not implemented")]
#[case(Socket::Interface, "DPP_LISTEN", "")]
#[case(Socket::Process, "IFNAME=wlan0 TDLS_SETUP 02:00:00:00:00:01", "TDLS_SETUP: TDLS is not implemented")]
#[case(Socket::Process, "MESH_GROUP_ADD 1", "MESH_GROUP_ADD: mesh is not implemented")]
#[case(Socket::Hostapd, "HS20_DEAUTH_REQ x", "HS20_DEAUTH_REQ: Hotspot 2.0 is not implemented")]
#[case(
    Socket::Interface,
    "SET_NETWORK 0 macsec_policy 1",
    "SET_NETWORK macsec_policy: MACsec is not implemented"
)]
#[case(Socket::Interface, "SET_NETWORK 0 ssid \"x\"", "")]
#[case(Socket::Interface, "SET uapsd disable", "")]
#[case(Socket::Interface, "SET UAPSD 1,1,1,1;1", "SET UAPSD: U-APSD is not implemented")]
#[case(
    Socket::Interface,
    "P2P_SET per_sta_psk 1",
    "P2P_SET per_sta_psk: a key for each client of a group (per_sta_psk) is not implemented"
)]
#[case(Socket::Hostapd, "SET rnr 1", "SET rnr: reduced neighbor reporting is not implemented")]
#[case(Socket::Hostapd, "SET rnr 0", "")]
fn what_a_command_asks_for(#[case] socket: Socket, #[case] text: &str, #[case] expected: &str) {
    let asked = asked_by_command(socket, text).map(|asked| asked.to_string()).unwrap_or_default();
    assert_eq!(asked, expected);
}

#[test]
fn defaults_are_of_variables_that_are_stored_only() {
    for (name, _) in defaults::HOSTAPD {
        let standing = lookup(hostapd::ROWS, name);
        assert!(matches!(standing, Some(Standing::Stored(_))), "{name}: {standing:?}");
    }
    assert!(defaults::HOSTAPD.is_sorted());
}

#[test]
fn commands_are_there_once() {
    let tables = [commands::INTERFACE, commands::PROCESS, commands::HOSTAPD, commands::HOSTAPD_PROCESS];
    for table in tables {
        let names: BTreeSet<&str> = table.iter().map(|command| command.name).collect();
        assert_eq!(names.len(), table.len());
    }
    for rows in [set::SUPPLICANT, set::HOSTAPD, set::P2P] {
        once(rows);
    }
}
