//! The variables of a network block, in the order in which 2.10 knows them and in the order in which
//! it saves them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::key::value::Type;
use super::key::variables;

/// The way in which a variable is read, checked and printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A string of at most `max` octets (0: any); `key` hides it from GET_NETWORK. Where 2.10 keeps no
    /// length beside it, it ends at its first NUL.
    Text {
        max: usize,
        key: bool,
        keeps_nul: bool,
    },
    /// A number; a bound of 0 is not checked, as in 2.10.
    Int {
        min: i32,
        max: i32,
        default: i32,
    },
    Addr,
    P2pDevAddr,
    AddrList {
        strict: bool,
    },
    /// Another name of the same variable.
    AliasOf(&'static str),
    Psk,
    PskList,
    Proto,
    KeyMgmt,
    Pairwise,
    Group,
    GroupMgmt,
    AuthAlg,
    IntArray,
    Eap,
    Password,
    WepKey,
    Ocv,
    /// Accepted and forgotten.
    Ignored,
    /// Hexadecimal key of one of these lengths in octets; any even number of digits if empty.
    HexKey(&'static [usize]),
}

impl Kind {
    /// Whether GET_NETWORK answers `*` in place of the value.
    pub fn is_key(self) -> bool {
        matches!(
            self,
            Kind::Psk | Kind::Password | Kind::WepKey | Kind::HexKey(_) | Kind::Text { key: true, .. }
        )
    }
}

impl Kind {
    /// The type of its key.
    const fn value(self) -> Type {
        match self {
            Kind::Int { .. } | Kind::Ocv => Type::Int,
            Kind::Text { .. } | Kind::WepKey | Kind::HexKey(_) => Type::Text,
            Kind::Addr | Kind::P2pDevAddr => Type::Addr,
            Kind::AddrList { .. } => Type::Addrs,
            Kind::Proto | Kind::KeyMgmt | Kind::Pairwise | Kind::Group | Kind::GroupMgmt | Kind::AuthAlg => {
                Type::Bits
            }
            Kind::IntArray => Type::Ints,
            Kind::Eap => Type::Methods,
            Kind::AliasOf(_) | Kind::Psk | Kind::PskList | Kind::Password | Kind::Ignored => Type::Other,
        }
    }
}

/// A variable of a network block.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
}

const fn text() -> Kind {
    Kind::Text { max: 0, key: false, keeps_nul: false }
}

const fn octets() -> Kind {
    Kind::Text { max: 0, key: false, keeps_nul: true }
}

const fn text_up_to(max: usize) -> Kind {
    Kind::Text { max, key: false, keeps_nul: true }
}

const fn secret() -> Kind {
    Kind::Text { max: 0, key: true, keeps_nul: false }
}

const fn int(default: i32) -> Kind {
    Kind::Int { min: 0, max: 0, default }
}

const fn ranged(min: i32, max: i32, default: i32) -> Kind {
    Kind::Int { min, max, default }
}

variables! {
    crate::config::Network;
    SSID: Text = "ssid", text_up_to(32);
    SCAN_SSID: Int = "scan_ssid", ranged(0, 1, 0);
    BSSID: Addr = "bssid", Kind::Addr;
    BSSID_HINT: Addr = "bssid_hint", Kind::Addr;
    BSSID_IGNORE: Addrs = "bssid_ignore", Kind::AddrList { strict: true };
    BSSID_ACCEPT: Addrs = "bssid_accept", Kind::AddrList { strict: true };
    BSSID_BLACKLIST: Other = "bssid_blacklist", Kind::AliasOf("bssid_ignore");
    BSSID_WHITELIST: Other = "bssid_whitelist", Kind::AliasOf("bssid_accept");
    PSK: Other = "psk", Kind::Psk;
    MEM_ONLY_PSK: Int = "mem_only_psk", int(0);
    SAE_PASSWORD: Text = "sae_password", secret();
    SAE_PASSWORD_ID: Text = "sae_password_id", text();
    PROTO: Bits = "proto", Kind::Proto;
    KEY_MGMT: Bits = "key_mgmt", Kind::KeyMgmt;
    BG_SCAN_PERIOD: Int = "bg_scan_period", int(-1);
    PAIRWISE: Bits = "pairwise", Kind::Pairwise;
    GROUP: Bits = "group", Kind::Group;
    GROUP_MGMT: Bits = "group_mgmt", Kind::GroupMgmt;
    AUTH_ALG: Bits = "auth_alg", Kind::AuthAlg;
    SCAN_FREQ: Ints = "scan_freq", Kind::IntArray;
    FREQ_LIST: Ints = "freq_list", Kind::IntArray;
    HT: Int = "ht", ranged(0, 1, 1);
    VHT: Int = "vht", ranged(0, 1, 1);
    HT40: Int = "ht40", ranged(-1, 1, 0);
    MAX_OPER_CHWIDTH: Int = "max_oper_chwidth", ranged(0, 3, -1);
    VHT_CENTER_FREQ1: Int = "vht_center_freq1", int(0);
    VHT_CENTER_FREQ2: Int = "vht_center_freq2", int(0);
    EAP: Methods = "eap", Kind::Eap;
    IDENTITY: Text = "identity", octets();
    ANONYMOUS_IDENTITY: Text = "anonymous_identity", octets();
    IMSI_IDENTITY: Text = "imsi_identity", octets();
    MACHINE_IDENTITY: Text = "machine_identity", octets();
    PASSWORD: Other = "password", Kind::Password;
    MACHINE_PASSWORD: Other = "machine_password", Kind::Password;
    CA_CERT: Text = "ca_cert", text();
    CA_PATH: Text = "ca_path", text();
    CLIENT_CERT: Text = "client_cert", text();
    PRIVATE_KEY: Text = "private_key", text();
    PRIVATE_KEY_PASSWD: Text = "private_key_passwd", secret();
    DH_FILE: Text = "dh_file", text();
    SUBJECT_MATCH: Text = "subject_match", text();
    CHECK_CERT_SUBJECT: Text = "check_cert_subject", text();
    ALTSUBJECT_MATCH: Text = "altsubject_match", text();
    DOMAIN_SUFFIX_MATCH: Text = "domain_suffix_match", text();
    DOMAIN_MATCH: Text = "domain_match", text();
    CA_CERT2: Text = "ca_cert2", text();
    CA_PATH2: Text = "ca_path2", text();
    CLIENT_CERT2: Text = "client_cert2", text();
    PRIVATE_KEY2: Text = "private_key2", text();
    PRIVATE_KEY2_PASSWD: Text = "private_key2_passwd", secret();
    DH_FILE2: Text = "dh_file2", text();
    SUBJECT_MATCH2: Text = "subject_match2", text();
    CHECK_CERT_SUBJECT2: Text = "check_cert_subject2", text();
    ALTSUBJECT_MATCH2: Text = "altsubject_match2", text();
    DOMAIN_SUFFIX_MATCH2: Text = "domain_suffix_match2", text();
    DOMAIN_MATCH2: Text = "domain_match2", text();
    PHASE1: Text = "phase1", text();
    PHASE2: Text = "phase2", text();
    MACHINE_PHASE2: Text = "machine_phase2", text();
    PCSC: Text = "pcsc", text();
    PIN: Text = "pin", secret();
    ENGINE_ID: Text = "engine_id", text();
    KEY_ID: Text = "key_id", text();
    CERT_ID: Text = "cert_id", text();
    CA_CERT_ID: Text = "ca_cert_id", text();
    PIN2: Text = "pin2", secret();
    ENGINE_ID2: Text = "engine_id2", text();
    KEY_ID2: Text = "key_id2", text();
    CERT_ID2: Text = "cert_id2", text();
    CA_CERT_ID2: Text = "ca_cert_id2", text();
    ENGINE: Int = "engine", int(0);
    ENGINE2: Int = "engine2", int(0);
    MACHINE_CA_CERT: Text = "machine_ca_cert", text();
    MACHINE_CA_PATH: Text = "machine_ca_path", text();
    MACHINE_CLIENT_CERT: Text = "machine_client_cert", text();
    MACHINE_PRIVATE_KEY: Text = "machine_private_key", text();
    MACHINE_PRIVATE_KEY_PASSWD: Text = "machine_private_key_passwd", secret();
    MACHINE_DH_FILE: Text = "machine_dh_file", text();
    MACHINE_SUBJECT_MATCH: Text = "machine_subject_match", text();
    MACHINE_CHECK_CERT_SUBJECT: Text = "machine_check_cert_subject", text();
    MACHINE_ALTSUBJECT_MATCH: Text = "machine_altsubject_match", text();
    MACHINE_DOMAIN_SUFFIX_MATCH: Text = "machine_domain_suffix_match", text();
    MACHINE_DOMAIN_MATCH: Text = "machine_domain_match", text();
    MACHINE_PIN: Text = "machine_pin", secret();
    MACHINE_ENGINE_ID: Text = "machine_engine_id", text();
    MACHINE_KEY_ID: Text = "machine_key_id", text();
    MACHINE_CERT_ID: Text = "machine_cert_id", text();
    MACHINE_CA_CERT_ID: Text = "machine_ca_cert_id", text();
    MACHINE_ENGINE: Int = "machine_engine", int(0);
    MACHINE_OCSP: Int = "machine_ocsp", int(0);
    EAPOL_FLAGS: Int = "eapol_flags", int(3);
    SIM_NUM: Int = "sim_num", int(1);
    OPENSSL_CIPHERS: Text = "openssl_ciphers", text();
    ERP: Int = "erp", int(0);
    WEP_KEY0: Text = "wep_key0", Kind::WepKey;
    WEP_KEY1: Text = "wep_key1", Kind::WepKey;
    WEP_KEY2: Text = "wep_key2", Kind::WepKey;
    WEP_KEY3: Text = "wep_key3", Kind::WepKey;
    WEP_TX_KEYIDX: Int = "wep_tx_keyidx", int(0);
    PRIORITY: Int = "priority", int(0);
    EAP_WORKAROUND: Int = "eap_workaround", int(-1);
    PAC_FILE: Text = "pac_file", text();
    FRAGMENT_SIZE: Int = "fragment_size", int(1398);
    OCSP: Int = "ocsp", int(0);
    OCSP2: Int = "ocsp2", int(0);
    MODE: Int = "mode", ranged(0, 5, 0);
    NO_AUTO_PEER: Int = "no_auto_peer", ranged(0, 1, 0);
    MESH_FWDING: Int = "mesh_fwding", ranged(0, 1, 1);
    MESH_RSSI_THRESHOLD: Int = "mesh_rssi_threshold", ranged(-255, 1, 1);
    PROACTIVE_KEY_CACHING: Int = "proactive_key_caching", ranged(0, 1, -1);
    DISABLED: Int = "disabled", ranged(0, 2, 0);
    ID_STR: Text = "id_str", text();
    IEEE80211W: Int = "ieee80211w", ranged(0, 2, 3);
    OCV: Int = "ocv", Kind::Ocv;
    PEERKEY: Other = "peerkey", Kind::Ignored;
    MIXED_CELL: Int = "mixed_cell", ranged(0, 1, 0);
    FREQUENCY: Int = "frequency", ranged(0, 70200, 0);
    FIXED_FREQ: Int = "fixed_freq", ranged(0, 1, 0);
    ENABLE_EDMG: Int = "enable_edmg", ranged(0, 1, 0);
    EDMG_CHANNEL: Int = "edmg_channel", ranged(9, 13, 0);
    ACS: Int = "acs", ranged(0, 1, 0);
    MESH_BASIC_RATES: Ints = "mesh_basic_rates", Kind::IntArray;
    DOT11_MESH_MAX_RETRIES: Int = "dot11MeshMaxRetries", int(2);
    DOT11_MESH_RETRY_TIMEOUT: Int = "dot11MeshRetryTimeout", int(40);
    DOT11_MESH_CONFIRM_TIMEOUT: Int = "dot11MeshConfirmTimeout", int(40);
    DOT11_MESH_HOLDING_TIMEOUT: Int = "dot11MeshHoldingTimeout", int(40);
    WPA_PTK_REKEY: Int = "wpa_ptk_rekey", int(0);
    WPA_DENY_PTK0_REKEY: Int = "wpa_deny_ptk0_rekey", ranged(0, 2, 0);
    GROUP_REKEY: Int = "group_rekey", int(0);
    BGSCAN: Text = "bgscan", text();
    IGNORE_BROADCAST_SSID: Int = "ignore_broadcast_ssid", ranged(0, 2, 0);
    GO_P2P_DEV_ADDR: Addr = "go_p2p_dev_addr", Kind::P2pDevAddr;
    P2P_CLIENT_LIST: Addrs = "p2p_client_list", Kind::AddrList { strict: false };
    PSK_LIST: Other = "psk_list", Kind::PskList;
    DISABLE_HT: Int = "disable_ht", ranged(0, 1, 0);
    DISABLE_HT40: Int = "disable_ht40", ranged(-1, 1, 0);
    DISABLE_SGI: Int = "disable_sgi", ranged(0, 1, 0);
    DISABLE_LDPC: Int = "disable_ldpc", ranged(0, 1, 0);
    HT40_INTOLERANT: Int = "ht40_intolerant", ranged(0, 1, 0);
    TX_STBC: Int = "tx_stbc", ranged(-1, 1, -1);
    RX_STBC: Int = "rx_stbc", ranged(-1, 3, -1);
    DISABLE_MAX_AMSDU: Int = "disable_max_amsdu", ranged(-1, 1, -1);
    AMPDU_FACTOR: Int = "ampdu_factor", ranged(-1, 3, -1);
    AMPDU_DENSITY: Int = "ampdu_density", ranged(-1, 7, -1);
    HT_MCS: Text = "ht_mcs", text();
    DISABLE_VHT: Int = "disable_vht", ranged(0, 1, 0);
    VHT_CAPA: Int = "vht_capa", int(0);
    VHT_CAPA_MASK: Int = "vht_capa_mask", int(0);
    VHT_RX_MCS_NSS_1: Int = "vht_rx_mcs_nss_1", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_2: Int = "vht_rx_mcs_nss_2", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_3: Int = "vht_rx_mcs_nss_3", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_4: Int = "vht_rx_mcs_nss_4", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_5: Int = "vht_rx_mcs_nss_5", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_6: Int = "vht_rx_mcs_nss_6", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_7: Int = "vht_rx_mcs_nss_7", ranged(-1, 3, -1);
    VHT_RX_MCS_NSS_8: Int = "vht_rx_mcs_nss_8", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_1: Int = "vht_tx_mcs_nss_1", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_2: Int = "vht_tx_mcs_nss_2", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_3: Int = "vht_tx_mcs_nss_3", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_4: Int = "vht_tx_mcs_nss_4", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_5: Int = "vht_tx_mcs_nss_5", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_6: Int = "vht_tx_mcs_nss_6", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_7: Int = "vht_tx_mcs_nss_7", ranged(-1, 3, -1);
    VHT_TX_MCS_NSS_8: Int = "vht_tx_mcs_nss_8", ranged(-1, 3, -1);
    AP_MAX_INACTIVITY: Int = "ap_max_inactivity", int(0);
    DTIM_PERIOD: Int = "dtim_period", int(0);
    BEACON_INT: Int = "beacon_int", int(0);
    MACSEC_POLICY: Int = "macsec_policy", ranged(0, 1, 0);
    MACSEC_INTEG_ONLY: Int = "macsec_integ_only", ranged(0, 1, 0);
    MACSEC_REPLAY_PROTECT: Int = "macsec_replay_protect", ranged(0, 1, 0);
    MACSEC_REPLAY_WINDOW: Int = "macsec_replay_window", int(0);
    MACSEC_PORT: Int = "macsec_port", ranged(1, 65534, 0);
    MKA_PRIORITY: Int = "mka_priority", ranged(0, 255, 255);
    MKA_CAK: Text = "mka_cak", Kind::HexKey(&[16, 32]);
    MKA_CKN: Text = "mka_ckn", Kind::HexKey(&[]);
    UPDATE_IDENTIFIER: Int = "update_identifier", int(0);
    ROAMING_CONSORTIUM_SELECTION: Text = "roaming_consortium_selection", text_up_to(15);
    MAC_ADDR: Int = "mac_addr", ranged(0, 2, -1);
    PBSS: Int = "pbss", ranged(0, 2, 0);
    WPS_DISABLED: Int = "wps_disabled", ranged(0, 1, 0);
    FILS_DH_GROUP: Int = "fils_dh_group", ranged(0, 65535, 0);
    DPP_CONNECTOR: Text = "dpp_connector", text();
    DPP_NETACCESSKEY: Text = "dpp_netaccesskey", octets();
    DPP_NETACCESSKEY_EXPIRY: Int = "dpp_netaccesskey_expiry", int(0);
    DPP_CSIGN: Text = "dpp_csign", octets();
    DPP_PP_KEY: Text = "dpp_pp_key", octets();
    DPP_PFS: Int = "dpp_pfs", ranged(0, 2, 0);
    OWE_GROUP: Int = "owe_group", ranged(0, 65535, 0);
    OWE_ONLY: Int = "owe_only", ranged(0, 1, 0);
    OWE_PTK_WORKAROUND: Int = "owe_ptk_workaround", ranged(0, 1, 0);
    MULTI_AP_BACKHAUL_STA: Int = "multi_ap_backhaul_sta", ranged(0, 1, 0);
    FT_EAP_PMKSA_CACHING: Int = "ft_eap_pmksa_caching", ranged(0, 1, 0);
    BEACON_PROT: Int = "beacon_prot", ranged(0, 1, 0);
    TRANSITION_DISABLE: Int = "transition_disable", ranged(0, 255, 0);
    SAE_PK: Int = "sae_pk", ranged(0, 2, 0);
}

/// The order in which variables are saved; a number is left out if it has the value beside it.
pub const SAVE_ORDER: &[(&str, Option<i32>)] = &[
    ("ssid", None),
    ("scan_ssid", Some(0)),
    ("bssid", None),
    ("bssid_hint", None),
    ("bssid_ignore", None),
    ("bssid_accept", None),
    ("psk", None),
    ("mem_only_psk", Some(0)),
    ("sae_password", None),
    ("sae_password_id", None),
    ("proto", None),
    ("key_mgmt", None),
    ("bg_scan_period", Some(-1)),
    ("pairwise", None),
    ("group", None),
    ("group_mgmt", None),
    ("auth_alg", None),
    ("bgscan", None),
    ("scan_freq", None),
    ("eap", None),
    ("identity", None),
    ("anonymous_identity", None),
    ("imsi_identity", None),
    ("machine_identity", None),
    ("password", None),
    ("machine_password", None),
    ("ca_cert", None),
    ("ca_path", None),
    ("client_cert", None),
    ("private_key", None),
    ("private_key_passwd", None),
    ("dh_file", None),
    ("subject_match", None),
    ("check_cert_subject", None),
    ("altsubject_match", None),
    ("domain_suffix_match", None),
    ("domain_match", None),
    ("ca_cert2", None),
    ("ca_path2", None),
    ("client_cert2", None),
    ("private_key2", None),
    ("private_key2_passwd", None),
    ("dh_file2", None),
    ("subject_match2", None),
    ("check_cert_subject2", None),
    ("altsubject_match2", None),
    ("domain_suffix_match2", None),
    ("domain_match2", None),
    ("machine_ca_cert", None),
    ("machine_ca_path", None),
    ("machine_client_cert", None),
    ("machine_private_key", None),
    ("machine_private_key_passwd", None),
    ("machine_dh_file", None),
    ("machine_subject_match", None),
    ("machine_check_cert_subject", None),
    ("machine_altsubject_match", None),
    ("machine_domain_suffix_match", None),
    ("machine_domain_match", None),
    ("phase1", None),
    ("phase2", None),
    ("machine_phase2", None),
    ("pcsc", None),
    ("pin", None),
    ("engine_id", None),
    ("key_id", None),
    ("cert_id", None),
    ("ca_cert_id", None),
    ("pin2", None),
    ("engine", Some(0)),
    ("engine2", Some(0)),
    ("machine_engine", Some(0)),
    ("eapol_flags", Some(3)),
    ("openssl_ciphers", None),
    ("erp", Some(0)),
    ("wep_key0", None),
    ("wep_key1", None),
    ("wep_key2", None),
    ("wep_key3", None),
    ("wep_tx_keyidx", Some(0)),
    ("priority", Some(0)),
    ("eap_workaround", Some(-1)),
    ("pac_file", None),
    ("fragment_size", Some(1398)),
    ("ocsp", Some(0)),
    ("ocsp2", Some(0)),
    ("machine_ocsp", Some(0)),
    ("sim_num", Some(1)),
    ("mode", Some(0)),
    ("no_auto_peer", Some(0)),
    ("mesh_fwding", Some(0)),
    ("frequency", Some(0)),
    ("enable_edmg", Some(0)),
    ("edmg_channel", Some(0)),
    ("fixed_freq", Some(0)),
    ("acs", Some(0)),
    ("proactive_key_caching", Some(-1)),
    ("disabled", Some(0)),
    ("mixed_cell", Some(0)),
    ("vht", Some(1)),
    ("ht", Some(1)),
    ("ht40", Some(0)),
    ("max_oper_chwidth", Some(-1)),
    ("vht_center_freq1", Some(0)),
    ("vht_center_freq2", Some(0)),
    ("pbss", Some(0)),
    ("wps_disabled", Some(0)),
    ("fils_dh_group", Some(0)),
    ("ieee80211w", Some(3)),
    ("id_str", None),
    ("go_p2p_dev_addr", None),
    ("p2p_client_list", None),
    ("psk_list", None),
    ("ap_max_inactivity", Some(0)),
    ("dtim_period", Some(0)),
    ("beacon_int", Some(0)),
    ("macsec_policy", Some(0)),
    ("mka_cak", None),
    ("mka_ckn", None),
    ("macsec_integ_only", Some(0)),
    ("macsec_replay_protect", Some(0)),
    ("macsec_replay_window", Some(0)),
    ("macsec_port", Some(0)),
    ("mka_priority", Some(255)),
    ("update_identifier", Some(0)),
    ("roaming_consortium_selection", None),
    ("mac_addr", Some(-1)),
    ("mesh_basic_rates", None),
    ("dot11MeshMaxRetries", Some(2)),
    ("dot11MeshRetryTimeout", Some(40)),
    ("dot11MeshConfirmTimeout", Some(40)),
    ("dot11MeshHoldingTimeout", Some(40)),
    ("mesh_rssi_threshold", Some(1)),
    ("wpa_ptk_rekey", Some(0)),
    ("wpa_deny_ptk0_rekey", Some(0)),
    ("group_rekey", Some(0)),
    ("ignore_broadcast_ssid", Some(0)),
    ("dpp_connector", None),
    ("dpp_netaccesskey", None),
    ("dpp_netaccesskey_expiry", Some(0)),
    ("dpp_csign", None),
    ("dpp_pp_key", None),
    ("dpp_pfs", Some(0)),
    ("owe_group", Some(0)),
    ("owe_only", Some(0)),
    ("owe_ptk_workaround", Some(0)),
    ("multi_ap_backhaul_sta", Some(0)),
    ("ft_eap_pmksa_caching", Some(0)),
    ("beacon_prot", Some(0)),
    ("transition_disable", Some(0)),
    ("sae_pk", Some(0)),
    ("disable_ht", Some(0)),
    ("disable_ht40", Some(0)),
    ("disable_sgi", Some(0)),
    ("disable_ldpc", Some(0)),
    ("ht40_intolerant", Some(0)),
    ("tx_stbc", Some(-1)),
    ("rx_stbc", Some(-1)),
    ("disable_max_amsdu", Some(-1)),
    ("ampdu_factor", Some(-1)),
    ("ampdu_density", Some(-1)),
    ("ht_mcs", None),
    ("disable_vht", Some(0)),
    ("vht_capa", Some(0)),
    ("vht_capa_mask", Some(0)),
    ("vht_rx_mcs_nss_1", Some(-1)),
    ("vht_rx_mcs_nss_2", Some(-1)),
    ("vht_rx_mcs_nss_3", Some(-1)),
    ("vht_rx_mcs_nss_4", Some(-1)),
    ("vht_rx_mcs_nss_5", Some(-1)),
    ("vht_rx_mcs_nss_6", Some(-1)),
    ("vht_rx_mcs_nss_7", Some(-1)),
    ("vht_rx_mcs_nss_8", Some(-1)),
    ("vht_tx_mcs_nss_1", Some(-1)),
    ("vht_tx_mcs_nss_2", Some(-1)),
    ("vht_tx_mcs_nss_3", Some(-1)),
    ("vht_tx_mcs_nss_4", Some(-1)),
    ("vht_tx_mcs_nss_5", Some(-1)),
    ("vht_tx_mcs_nss_6", Some(-1)),
    ("vht_tx_mcs_nss_7", Some(-1)),
    ("vht_tx_mcs_nss_8", Some(-1)),
];

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Field>> =
    LazyLock::new(|| FIELDS.iter().map(|f| (f.name, f)).collect());

/// The variable of that name.
pub fn lookup(name: &str) -> Option<&'static Field> {
    BY_NAME.get(name).copied()
}
