//! The effect of each variable that only a command sets: `SET` of wpa_supplicant and of hostapd beside the variables of their
//! files, and `P2P_SET`.

use super::Asks::{Not, NotEmpty, NotZero};
use super::Row;
use super::Standing::{Effect, Missing, Refused, Stored};

const DPP: &str = "used by DPP, which commands ask for";
const DRIVER: &str = "no driver of 2.10 for Linux takes it: the answer is `FAIL`";
const SCHEDULED: &str = "used by scheduled scans, which the driver imitated here does not make";

/// Variables of `SET` that wpa_supplicant.conf has not, in alphabetical order and small letters.
pub const SUPPLICANT: &[Row] = &[
    ("ampdu", Stored(DRIVER)),
    ("blob", Effect),
    ("bssid_filter", Effect),
    ("coloc_intf_elems", Missing("collocated interference reporting", NotEmpty)),
    ("disable_fils", Stored("there is no FILS here")),
    ("disallow_aps", Effect),
    ("dpp_configurator_params", Stored(DPP)),
    ("dpp_init_max_tries", Stored(DPP)),
    ("dpp_init_retry_time", Stored(DPP)),
    ("dpp_resp_max_tries", Stored(DPP)),
    ("dpp_resp_retry_time", Stored(DPP)),
    ("dpp_resp_wait_time", Stored(DPP)),
    ("eapol::authperiod", Effect),
    ("eapol::heldperiod", Effect),
    ("eapol::maxstart", Effect),
    ("eapol::startperiod", Effect),
    ("enable_dscp_policy_capa", Missing("DSCP policies", NotZero)),
    ("ext_eapol_frame_io", Effect),
    ("ext_mgmt_frame_handling", Effect),
    ("lci", Missing("location reporting (802.11k)", NotEmpty)),
    ("no_keep_alive", Effect),
    ("pno", Refused("scanning in the driver (pno)", NotZero)),
    ("ps", Effect),
    ("radio_disabled", Stored(DRIVER)),
    ("relative_band_adjust", Stored(SCHEDULED)),
    ("relative_rssi", Stored(SCHEDULED)),
    ("ric_ies", Stored("used by FT, which `key_mgmt` of a network asks for")),
    ("roaming", Stored(DRIVER)),
    ("setband", Effect),
    ("tdls_disabled", Stored("there is no TDLS here")),
    ("tdls_trigger_control", Stored(DRIVER)),
    ("uapsd", Missing("U-APSD", Not(&["disable"]))),
    ("wifi_display", Effect),
    ("wps_fragment_size", Effect),
];

/// Variables of hostapd's `SET` that hostapd.conf has not, in alphabetical order.
pub const HOSTAPD: &[Row] = &[
    ("ext_eapol_frame_io", Effect),
    ("ext_mgmt_frame_handling", Effect),
    ("force_backlog_bytes", Stored("of the driver's queues, which nothing here shows")),
];

/// Variables of `P2P_SET`, in alphabetical order.
pub const P2P: &[Row] = &[
    ("client_apsd", Missing("U-APSD", Not(&["disable"]))),
    ("conc_pref", Missing("a preference among connections of one radio (conc_pref)", NotEmpty)),
    ("cross_connect", Effect),
    ("disable_ip_addr_req", Stored("used with `ip_addr_go`")),
    ("disabled", Effect),
    ("disallow_freq", Effect),
    ("disc_int", Effect),
    ("discoverability", Effect),
    ("force_long_sd", Effect),
    ("go_apsd", Missing("U-APSD", Not(&["disable"]))),
    ("listen_channel", Effect),
    ("managed", Effect),
    ("noa", Stored("the driver imitated here takes no Notice of Absence: the answer is `FAIL`")),
    ("override_pref_op_chan", Missing("overriding the preferred operating channel", NotEmpty)),
    ("peer_filter", Effect),
    ("per_sta_psk", Missing("a key for each client of a group (per_sta_psk)", NotZero)),
    ("ps", Effect),
    ("ssid_postfix", Effect),
];
