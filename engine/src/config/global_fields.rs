//! The global variables of wpa_supplicant.conf, and the order in which 2.10 saves them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::key::value::Type;
use super::key::variables;

/// The way in which a global variable is read, checked and printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An unquoted string of `min` to `max` octets; 0 is not checked.
    Text {
        min: usize,
        max: usize,
    },
    /// A number; a bound of 0 is not checked, as in 2.10.
    Int {
        min: i32,
        max: i32,
        default: i32,
    },
    /// A string in quotes, saved in quotes; neither GET nor DUMP prints it.
    Quoted,
    Ipv4,
    /// Hexadecimal octets, any number of them.
    Hex,
    /// Hexadecimal octets, at least one; an odd last digit is ignored.
    HexPairs,
    Uuid,
    DeviceType,
    /// Up to five, one more with each assignment.
    DeviceTypes,
    OsVersion,
    Country,
    Addr,
    IntArray,
    /// `class:channel,…`.
    PrefChannels,
    /// `2412-2432,5000`.
    FreqRanges,
    /// `no_ctrl_interface` has no value; it removes ctrl_interface.
    NoCtrlInterface,
    /// Accepted and forgotten: 2.10 is built without dynamic EAP modules.
    Ignored,
}

impl Kind {
    /// The type of its key.
    const fn value(self) -> Type {
        match self {
            Kind::Int { .. } => Type::Int,
            Kind::Text { .. } | Kind::Quoted | Kind::Country => Type::Text,
            Kind::Ipv4
            | Kind::Hex
            | Kind::HexPairs
            | Kind::Uuid
            | Kind::DeviceType
            | Kind::OsVersion
            | Kind::Addr => Type::Octets,
            Kind::IntArray => Type::Ints,
            Kind::DeviceTypes | Kind::PrefChannels | Kind::FreqRanges => Type::List,
            Kind::NoCtrlInterface | Kind::Ignored => Type::Other,
        }
    }
}

/// A global variable.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
}

const fn text(min: usize, max: usize) -> Kind {
    Kind::Text { min, max }
}

const fn int(default: i32) -> Kind {
    Kind::Int { min: 0, max: 0, default }
}

const fn ranged(min: i32, max: i32, default: i32) -> Kind {
    Kind::Int { min, max, default }
}

variables! {
    crate::config::Globals;
    CTRL_INTERFACE: Text = "ctrl_interface", text(0, 0);
    NO_CTRL_INTERFACE: Other = "no_ctrl_interface", Kind::NoCtrlInterface;
    CTRL_INTERFACE_GROUP: Text = "ctrl_interface_group", text(0, 0);
    EAPOL_VERSION: Int = "eapol_version", ranged(1, 3, 1);
    AP_SCAN: Int = "ap_scan", int(1);
    BGSCAN: Text = "bgscan", Kind::Quoted;
    USER_MPM: Int = "user_mpm", int(1);
    MAX_PEER_LINKS: Int = "max_peer_links", ranged(0, 255, 99);
    MESH_MAX_INACTIVITY: Int = "mesh_max_inactivity", int(300);
    MESH_FWDING: Int = "mesh_fwding", ranged(0, 1, 1);
    DOT11_RSNA_SAE_RETRANS_PERIOD: Int = "dot11RSNASAERetransPeriod", int(1000);
    DISABLE_SCAN_OFFLOAD: Int = "disable_scan_offload", int(0);
    FAST_REAUTH: Int = "fast_reauth", int(1);
    OPENSC_ENGINE_PATH: Text = "opensc_engine_path", text(0, 0);
    PKCS11_ENGINE_PATH: Text = "pkcs11_engine_path", text(0, 0);
    PKCS11_MODULE_PATH: Text = "pkcs11_module_path", text(0, 0);
    OPENSSL_CIPHERS: Text = "openssl_ciphers", text(0, 0);
    PCSC_READER: Text = "pcsc_reader", text(0, 0);
    PCSC_PIN: Text = "pcsc_pin", text(0, 0);
    EXTERNAL_SIM: Int = "external_sim", int(0);
    DRIVER_PARAM: Text = "driver_param", text(0, 0);
    DOT11_RSNA_CONFIG_PMK_LIFETIME: Int = "dot11RSNAConfigPMKLifetime", int(0);
    DOT11_RSNA_CONFIG_PMK_REAUTH_THRESHOLD: Int = "dot11RSNAConfigPMKReauthThreshold", int(0);
    DOT11_RSNA_CONFIG_SA_TIMEOUT: Int = "dot11RSNAConfigSATimeout", int(0);
    UPDATE_CONFIG: Int = "update_config", int(0);
    LOAD_DYNAMIC_EAP: Other = "load_dynamic_eap", Kind::Ignored;
    UUID: Octets = "uuid", Kind::Uuid;
    AUTO_UUID: Int = "auto_uuid", ranged(0, 1, 0);
    DEVICE_NAME: Text = "device_name", text(0, 32);
    MANUFACTURER: Text = "manufacturer", text(0, 64);
    MODEL_NAME: Text = "model_name", text(0, 32);
    MODEL_NUMBER: Text = "model_number", text(0, 32);
    SERIAL_NUMBER: Text = "serial_number", text(0, 32);
    DEVICE_TYPE: Octets = "device_type", Kind::DeviceType;
    OS_VERSION: Octets = "os_version", Kind::OsVersion;
    CONFIG_METHODS: Text = "config_methods", text(0, 0);
    WPS_CRED_PROCESSING: Int = "wps_cred_processing", ranged(0, 2, 0);
    WPS_CRED_ADD_SAE: Int = "wps_cred_add_sae", ranged(0, 1, 0);
    WPS_VENDOR_EXT_M1: Octets = "wps_vendor_ext_m1", Kind::HexPairs;
    SEC_DEVICE_TYPE: List = "sec_device_type", Kind::DeviceTypes;
    P2P_LISTEN_REG_CLASS: Int = "p2p_listen_reg_class", int(0);
    P2P_LISTEN_CHANNEL: Int = "p2p_listen_channel", int(0);
    P2P_OPER_REG_CLASS: Int = "p2p_oper_reg_class", int(0);
    P2P_OPER_CHANNEL: Int = "p2p_oper_channel", int(0);
    P2P_GO_INTENT: Int = "p2p_go_intent", ranged(0, 15, 7);
    P2P_SSID_POSTFIX: Text = "p2p_ssid_postfix", text(0, 0);
    PERSISTENT_RECONNECT: Int = "persistent_reconnect", ranged(0, 1, 0);
    P2P_INTRA_BSS: Int = "p2p_intra_bss", ranged(0, 1, 1);
    P2P_GROUP_IDLE: Int = "p2p_group_idle", int(0);
    P2P_GO_FREQ_CHANGE_POLICY: Int = "p2p_go_freq_change_policy", ranged(0, 3, 2);
    P2P_PASSPHRASE_LEN: Int = "p2p_passphrase_len", ranged(8, 63, 0);
    P2P_PREF_CHAN: List = "p2p_pref_chan", Kind::PrefChannels;
    P2P_NO_GO_FREQ: List = "p2p_no_go_freq", Kind::FreqRanges;
    P2P_ADD_CLI_CHAN: Int = "p2p_add_cli_chan", ranged(0, 1, 0);
    P2P_OPTIMIZE_LISTEN_CHAN: Int = "p2p_optimize_listen_chan", ranged(0, 1, 0);
    P2P_GO_HT40: Int = "p2p_go_ht40", int(0);
    P2P_GO_VHT: Int = "p2p_go_vht", int(0);
    P2P_GO_HE: Int = "p2p_go_he", int(0);
    P2P_GO_EDMG: Int = "p2p_go_edmg", int(0);
    P2P_DISABLED: Int = "p2p_disabled", int(0);
    P2P_GO_CTWINDOW: Int = "p2p_go_ctwindow", ranged(0, 127, 0);
    P2P_NO_GROUP_IFACE: Int = "p2p_no_group_iface", int(0);
    P2P_IGNORE_SHARED_FREQ: Int = "p2p_ignore_shared_freq", ranged(0, 1, 0);
    IP_ADDR_GO: Octets = "ip_addr_go", Kind::Ipv4;
    IP_ADDR_MASK: Octets = "ip_addr_mask", Kind::Ipv4;
    IP_ADDR_START: Octets = "ip_addr_start", Kind::Ipv4;
    IP_ADDR_END: Octets = "ip_addr_end", Kind::Ipv4;
    P2P_CLI_PROBE: Int = "p2p_cli_probe", ranged(0, 1, 0);
    P2P_DEVICE_RANDOM_MAC_ADDR: Int = "p2p_device_random_mac_addr", int(0);
    P2P_DEVICE_PERSISTENT_MAC_ADDR: Octets = "p2p_device_persistent_mac_addr", Kind::Addr;
    P2P_INTERFACE_RANDOM_MAC_ADDR: Int = "p2p_interface_random_mac_addr", int(0);
    P2P_6GHZ_DISABLE: Int = "p2p_6ghz_disable", int(0);
    COUNTRY: Text = "country", Kind::Country;
    BSS_MAX_COUNT: Int = "bss_max_count", int(200);
    BSS_EXPIRATION_AGE: Int = "bss_expiration_age", int(180);
    BSS_EXPIRATION_SCAN_COUNT: Int = "bss_expiration_scan_count", int(2);
    FILTER_SSIDS: Int = "filter_ssids", ranged(0, 1, 0);
    FILTER_RSSI: Int = "filter_rssi", ranged(-100, 0, 0);
    MAX_NUM_STA: Int = "max_num_sta", int(128);
    AP_ISOLATE: Int = "ap_isolate", ranged(0, 1, 0);
    DISASSOC_LOW_ACK: Int = "disassoc_low_ack", ranged(0, 1, 0);
    HS20: Int = "hs20", ranged(0, 1, 0);
    INTERWORKING: Int = "interworking", ranged(0, 1, 0);
    HESSID: Octets = "hessid", Kind::Addr;
    ACCESS_NETWORK_TYPE: Int = "access_network_type", ranged(0, 15, 15);
    GO_INTERWORKING: Int = "go_interworking", ranged(0, 1, 0);
    GO_ACCESS_NETWORK_TYPE: Int = "go_access_network_type", ranged(0, 15, 0);
    GO_INTERNET: Int = "go_internet", ranged(0, 1, 0);
    GO_VENUE_GROUP: Int = "go_venue_group", ranged(0, 255, 0);
    GO_VENUE_TYPE: Int = "go_venue_type", ranged(0, 255, 0);
    PBC_IN_M1: Int = "pbc_in_m1", ranged(0, 1, 0);
    AUTOSCAN: Text = "autoscan", text(0, 0);
    WPS_NFC_DEV_PW_ID: Int = "wps_nfc_dev_pw_id", ranged(0x10, 0xffff, 0);
    WPS_NFC_DH_PUBKEY: Octets = "wps_nfc_dh_pubkey", Kind::Hex;
    WPS_NFC_DH_PRIVKEY: Octets = "wps_nfc_dh_privkey", Kind::Hex;
    WPS_NFC_DEV_PW: Octets = "wps_nfc_dev_pw", Kind::Hex;
    EXT_PASSWORD_BACKEND: Text = "ext_password_backend", text(0, 0);
    P2P_GO_MAX_INACTIVITY: Int = "p2p_go_max_inactivity", int(300);
    AUTO_INTERWORKING: Int = "auto_interworking", ranged(0, 1, 0);
    OKC: Int = "okc", int(0);
    PMF: Int = "pmf", int(0);
    SAE_GROUPS: Ints = "sae_groups", Kind::IntArray;
    SAE_PWE: Int = "sae_pwe", ranged(0, 3, 0);
    SAE_PMKID_IN_ASSOC: Int = "sae_pmkid_in_assoc", ranged(0, 1, 0);
    DTIM_PERIOD: Int = "dtim_period", int(0);
    BEACON_INT: Int = "beacon_int", int(0);
    AP_ASSOCRESP_ELEMENTS: Octets = "ap_assocresp_elements", Kind::Hex;
    AP_VENDOR_ELEMENTS: Octets = "ap_vendor_elements", Kind::Hex;
    IGNORE_OLD_SCAN_RES: Int = "ignore_old_scan_res", ranged(0, 1, 0);
    FREQ_LIST: Ints = "freq_list", Kind::IntArray;
    INITIAL_FREQ_LIST: Ints = "initial_freq_list", Kind::IntArray;
    SCAN_CUR_FREQ: Int = "scan_cur_freq", int(0);
    SCAN_RES_VALID_FOR_CONNECT: Int = "scan_res_valid_for_connect", int(5);
    SCHED_SCAN_INTERVAL: Int = "sched_scan_interval", int(0);
    SCHED_SCAN_START_DELAY: Int = "sched_scan_start_delay", int(0);
    TDLS_EXTERNAL_CONTROL: Int = "tdls_external_control", int(0);
    OSU_DIR: Text = "osu_dir", text(0, 0);
    WOWLAN_TRIGGERS: Text = "wowlan_triggers", text(0, 0);
    P2P_SEARCH_DELAY: Int = "p2p_search_delay", int(500);
    MAC_ADDR: Int = "mac_addr", int(0);
    RAND_ADDR_LIFETIME: Int = "rand_addr_lifetime", int(60);
    PREASSOC_MAC_ADDR: Int = "preassoc_mac_addr", int(0);
    KEY_MGMT_OFFLOAD: Int = "key_mgmt_offload", int(1);
    PASSIVE_SCAN: Int = "passive_scan", int(0);
    REASSOC_SAME_BSS_OPTIM: Int = "reassoc_same_bss_optim", int(0);
    WPS_PRIORITY: Int = "wps_priority", int(0);
    FST_GROUP_ID: Text = "fst_group_id", text(1, 16);
    FST_PRIORITY: Int = "fst_priority", ranged(1, 255, 0);
    FST_LLT: Int = "fst_llt", ranged(1, 1_073_741_823, 0);
    CERT_IN_CB: Int = "cert_in_cb", ranged(0, 1, 1);
    WPA_RSC_RELAXATION: Int = "wpa_rsc_relaxation", ranged(0, 1, 1);
    SCHED_SCAN_PLANS: Text = "sched_scan_plans", text(0, 0);
    NON_PREF_CHAN: Text = "non_pref_chan", text(0, 0);
    MBO_CELL_CAPA: Int = "mbo_cell_capa", ranged(1, 3, 3);
    DISASSOC_IMMINENT_RSSI_THRESHOLD: Int = "disassoc_imminent_rssi_threshold", ranged(-120, 0, -75);
    OCE: Int = "oce", ranged(0, 3, 1);
    GAS_ADDRESS3: Int = "gas_address3", int(0);
    FTM_RESPONDER: Int = "ftm_responder", ranged(0, 1, 0);
    FTM_INITIATOR: Int = "ftm_initiator", ranged(0, 1, 0);
    GAS_RAND_ADDR_LIFETIME: Int = "gas_rand_addr_lifetime", int(60);
    GAS_RAND_MAC_ADDR: Int = "gas_rand_mac_addr", ranged(0, 2, 0);
    DPP_CONFIG_PROCESSING: Int = "dpp_config_processing", ranged(0, 2, 0);
    DPP_NAME: Text = "dpp_name", text(0, 0);
    DPP_MUD_URL: Text = "dpp_mud_url", text(0, 0);
    COLOC_INTF_REPORTING: Int = "coloc_intf_reporting", ranged(0, 1, 0);
    DISABLE_BTM: Int = "disable_btm", ranged(0, 1, 0);
    EXTENDED_KEY_ID: Int = "extended_key_id", ranged(0, 1, 0);
    WOWLAN_DISCONNECT_ON_DEINIT: Int = "wowlan_disconnect_on_deinit", ranged(0, 1, 0);
}

/// The order in which variables are saved.
pub const SAVE_ORDER: &[&str] = &[
    "ctrl_interface",
    "ctrl_interface_group",
    "eapol_version",
    "ap_scan",
    "disable_scan_offload",
    "fast_reauth",
    "opensc_engine_path",
    "pkcs11_engine_path",
    "pkcs11_module_path",
    "openssl_ciphers",
    "pcsc_reader",
    "pcsc_pin",
    "driver_param",
    "dot11RSNAConfigPMKLifetime",
    "dot11RSNAConfigPMKReauthThreshold",
    "dot11RSNAConfigSATimeout",
    "update_config",
    "uuid",
    "auto_uuid",
    "device_name",
    "manufacturer",
    "model_name",
    "model_number",
    "serial_number",
    "device_type",
    "os_version",
    "config_methods",
    "wps_cred_processing",
    "wps_cred_add_sae",
    "wps_vendor_ext_m1",
    "sec_device_type",
    "p2p_listen_reg_class",
    "p2p_listen_channel",
    "p2p_oper_reg_class",
    "p2p_oper_channel",
    "p2p_go_intent",
    "p2p_ssid_postfix",
    "persistent_reconnect",
    "p2p_intra_bss",
    "p2p_group_idle",
    "p2p_passphrase_len",
    "p2p_pref_chan",
    "p2p_no_go_freq",
    "p2p_add_cli_chan",
    "p2p_optimize_listen_chan",
    "p2p_go_ht40",
    "p2p_go_vht",
    "p2p_go_he",
    "p2p_go_edmg",
    "p2p_go_ctwindow",
    "p2p_disabled",
    "p2p_no_group_iface",
    "p2p_ignore_shared_freq",
    "p2p_cli_probe",
    "p2p_go_freq_change_policy",
    "p2p_6ghz_disable",
    "ip_addr_go",
    "ip_addr_mask",
    "ip_addr_start",
    "ip_addr_end",
    "country",
    "bss_max_count",
    "bss_expiration_age",
    "bss_expiration_scan_count",
    "filter_ssids",
    "filter_rssi",
    "max_num_sta",
    "ap_isolate",
    "disassoc_low_ack",
    "hs20",
    "interworking",
    "hessid",
    "access_network_type",
    "go_interworking",
    "go_access_network_type",
    "go_internet",
    "go_venue_group",
    "go_venue_type",
    "pbc_in_m1",
    "wps_nfc_dev_pw_id",
    "wps_nfc_dh_pubkey",
    "wps_nfc_dh_privkey",
    "wps_nfc_dev_pw",
    "ext_password_backend",
    "p2p_go_max_inactivity",
    "auto_interworking",
    "okc",
    "pmf",
    "dtim_period",
    "beacon_int",
    "sae_groups",
    "sae_pwe",
    "sae_pmkid_in_assoc",
    "ap_vendor_elements",
    "ap_assocresp_elements",
    "ignore_old_scan_res",
    "freq_list",
    "initial_freq_list",
    "scan_cur_freq",
    "scan_res_valid_for_connect",
    "sched_scan_interval",
    "sched_scan_start_delay",
    "external_sim",
    "tdls_external_control",
    "wowlan_triggers",
    "bgscan",
    "autoscan",
    "p2p_search_delay",
    "mac_addr",
    "rand_addr_lifetime",
    "preassoc_mac_addr",
    "key_mgmt_offload",
    "user_mpm",
    "max_peer_links",
    "cert_in_cb",
    "mesh_max_inactivity",
    "mesh_fwding",
    "dot11RSNASAERetransPeriod",
    "passive_scan",
    "reassoc_same_bss_optim",
    "wps_priority",
    "wpa_rsc_relaxation",
    "sched_scan_plans",
    "non_pref_chan",
    "mbo_cell_capa",
    "disassoc_imminent_rssi_threshold",
    "oce",
    "gas_address3",
    "ftm_responder",
    "ftm_initiator",
    "osu_dir",
    "fst_group_id",
    "fst_priority",
    "fst_llt",
    "gas_rand_addr_lifetime",
    "gas_rand_mac_addr",
    "dpp_config_processing",
    "coloc_intf_reporting",
    "p2p_device_random_mac_addr",
    "p2p_device_persistent_mac_addr",
    "p2p_interface_random_mac_addr",
    "disable_btm",
    "extended_key_id",
    "wowlan_disconnect_on_deinit",
];

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Field>> =
    LazyLock::new(|| FIELDS.iter().map(|f| (f.name, f)).collect());

/// The variable of that name.
pub fn lookup(name: &str) -> Option<&'static Field> {
    BY_NAME.get(name).copied()
}
