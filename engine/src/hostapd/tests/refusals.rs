//! The lines that hostapd 2.10, as Debian builds it, wrote of the same files.

use rstest::rstest;

use crate::Files;
use crate::hostapd::HostapdConfig;

struct One(Vec<u8>);

impl Files for One {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        (path == "wlan0.conf").then(|| self.0.clone())
    }
}

fn said(text: &str) -> Vec<String> {
    match HostapdConfig::read("wlan0.conf", &One(text.as_bytes().to_vec())) {
        Ok(_) => Vec::new(),
        Err(refusals) => refusals.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn every_line_is_refused_as_2_10_refuses_it() {
    let recorded: Vec<&str> = include_str!("../config/refusals/hostapd.said").lines().collect();
    assert_eq!(said(include_str!("../config/refusals/hostapd.conf")), recorded);
}

#[rstest]
#[case("ieee80211d=1", "Cannot enable IEEE 802.11d without setting the country_code")]
#[case("ieee80211h=1", "Cannot enable IEEE 802.11h without IEEE 802.11d enabled")]
#[case("local_pwr_constraint=3", "Cannot add Power Constraint element without Country element")]
#[case(
    "country_code=DE\nieee80211d=1\nspectrum_mgmt_required=1",
    "Cannot set Spectrum Management bit without Country and Power Constraint elements"
)]
#[case("airtime_mode=2\nairtime_update_interval=0", "Airtime update interval cannot be zero")]
#[case("tx_queue_data2_cwmin=127", "Invalid TX queue cwMin/cwMax values. cwMin(127) greater than cwMax(63)")]
#[case("tx_queue_data1_cwmax=3", "Invalid TX queue cwMin/cwMax values. cwMin(7) greater than cwMax(3)")]
#[case("wmm_ac_vo_cwmin=4", "Invalid WMM AC cwMin/cwMax values. cwMin(4) greater than cwMax(3)")]
#[case("ieee8021x=1", "Invalid IEEE 802.1X configuration (no EAP authenticator configured).")]
#[case(
    "wpa=2\nwpa_passphrase=12345678\nwep_key0=0123456789",
    "WEP configuration in a WPA network is not supported"
)]
#[case(
    "wpa=2\nwpa_passphrase=12345678\nwpa_psk_radius=1",
    "WPA-PSK using RADIUS enabled, but no RADIUS checking (macaddr_acl=2) enabled."
)]
#[case("wpa=2", "WPA-PSK enabled, but PSK or passphrase is not configured.")]
#[case(
    "wpa=1\nwpa_key_mgmt=FT-PSK\nwpa_passphrase=12345678",
    "FT (IEEE 802.11r) requires nas_identifier to be configured as a 1..48 octet string"
)]
#[case("hs20=1", "HS 2.0: WPA2-Enterprise/CCMP configuration is required for Hotspot 2.0 functionality")]
#[case("wpa=2\nwpa_passphrase=12345678\nmbo=1", "MBO: PMF needs to be enabled whenever using WPA2 with MBO")]
#[case("ocv=1\nieee80211w=0", "OCV: PMF needs to be enabled whenever using OCV")]
#[case(
    "fils_discovery_min_interval=20\nunsol_bcast_probe_resp_interval=20",
    "Cannot enable both FILS discovery and unsolicited broadcast Probe Response at the same time"
)]
fn what_does_not_fit_together_is_one_error(#[case] lines: &str, #[case] expected: &str) {
    let all = said(&format!("interface=lo\n{lines}\n"));
    let summary = "1 errors found in configuration file 'wlan0.conf'";
    assert_eq!(all.get(..2), Some(&[expected.to_owned(), summary.to_owned()][..]), "{all:?}");
}

/// For some values 2.10 takes one from the number of errors, so that two wrong lines can be none.
#[rstest]
#[case("multi_ap=9", &["Line 2: Invalid multi_ap 'multi_ap'", "-1 errors found in configuration file 'wlan0.conf'"])]
#[case("dpp_pfs=3", &["Line 2: Invalid dpp_pfs value '3'", "-1 errors found in configuration file 'wlan0.conf'"])]
#[case("acs_chan_bias=x", &["Line 2: invalid acs_chan_bias", "-1 errors found in configuration file 'wlan0.conf'"])]
#[case("fst_priority=", &["Line 2: fst_priority value not supplied (expected 1..255)", "-1 errors found in configuration file 'wlan0.conf'"])]
#[case("multi_ap=9\nnosuch=1", &[])]
fn errors_are_counted_as_2_10_counts_them(#[case] lines: &str, #[case] expected: &[&str]) {
    let all = said(&format!("interface=lo\n{lines}\n"));
    assert_eq!(all.iter().map(String::as_str).take(2).collect::<Vec<_>>(), expected);
}

#[test]
fn a_file_that_is_not_there() {
    let missing = HostapdConfig::read("nowhere.conf", &One(Vec::new())).unwrap_err();
    assert_eq!(missing.to_string(), "Could not open configuration file 'nowhere.conf' for reading.");
}
