//! The effect of each variable of a credential: none by itself, since only Interworking network selection reads it.

use super::Row;
use super::Standing::Stored;

const USED: &str = "used by Interworking, which `interworking` and `auto_interworking` ask for";

/// In alphabetical order.
pub const ROWS: &[Row] = &[
    ("ca_cert", Stored(USED)),
    ("ca_cert_id", Stored(USED)),
    ("cert_id", Stored(USED)),
    ("client_cert", Stored(USED)),
    ("domain", Stored(USED)),
    ("domain_suffix_match", Stored(USED)),
    ("eap", Stored(USED)),
    ("engine", Stored(USED)),
    ("engine_id", Stored(USED)),
    ("excluded_ssid", Stored(USED)),
    ("imsi", Stored(USED)),
    ("key_id", Stored(USED)),
    ("max_bss_load", Stored(USED)),
    ("milenage", Stored(USED)),
    ("min_dl_bandwidth_home", Stored(USED)),
    ("min_dl_bandwidth_roaming", Stored(USED)),
    ("min_ul_bandwidth_home", Stored(USED)),
    ("min_ul_bandwidth_roaming", Stored(USED)),
    ("ocsp", Stored(USED)),
    ("password", Stored(USED)),
    ("pcsc", Stored(USED)),
    ("phase1", Stored(USED)),
    ("phase2", Stored(USED)),
    ("priority", Stored(USED)),
    ("private_key", Stored(USED)),
    ("private_key_passwd", Stored(USED)),
    ("provisioning_sp", Stored(USED)),
    ("realm", Stored(USED)),
    ("req_conn_capab", Stored(USED)),
    ("required_roaming_consortium", Stored(USED)),
    ("roaming_consortium", Stored(USED)),
    ("roaming_consortiums", Stored(USED)),
    ("roaming_partner", Stored(USED)),
    ("sim_num", Stored(USED)),
    ("sp_priority", Stored(USED)),
    ("temporary", Stored(USED)),
    ("update_identifier", Stored(USED)),
    ("username", Stored(USED)),
];
