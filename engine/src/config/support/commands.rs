//! The effect of each command of the control interfaces, as the processes know them: by the whole text, by a name that a blank
//! ends, or by a beginning.

use super::Asks::Always;
use super::Standing;
use super::Standing::{Effect, Refused, Stored};

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Without the blank that may follow it.
    pub name: &'static str,
    /// The way in which a text is compared with the name.
    pub form: Form,
    /// `Effect`; `Stored`, which answers as 2.10 does and has nothing to do; `Refused`, which answers `FAIL`.
    pub standing: Standing,
}

/// The way in which hostap compares a text with the name of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The whole text.
    Alone,
    /// The name, a blank, and arguments.
    Arguments,
    /// Either of these.
    Either,
    /// Whatever begins with it.
    Beginning,
}

impl Form {
    /// Returns what follows the name of a command in a text, without the blank between them; `None` if the text is another
    /// command.
    pub fn arguments<'t>(self, name: &str, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix(name)?;
        match self {
            Form::Alone => rest.is_empty().then_some(rest),
            Form::Arguments => rest.strip_prefix(' '),
            Form::Either if rest.is_empty() => Some(rest),
            Form::Either => rest.strip_prefix(' '),
            Form::Beginning => Some(rest),
        }
    }
}

impl Command {
    /// Returns whether a text is this command.
    pub fn is(&self, text: &str) -> bool {
        self.form.arguments(self.name, text).is_some()
    }
}

/// Returns the feature that a text asks for if it is a command that is refused by name.
pub fn refused(table: &'static [Command], text: &str) -> Option<&'static str> {
    table.iter().find_map(|command| match command.standing {
        Refused(feature, _) if command.is(text) => Some(feature),
        _ => None,
    })
}

const fn alone(name: &'static str, standing: Standing) -> Command {
    Command { name, form: Form::Alone, standing }
}

const fn with(name: &'static str, standing: Standing) -> Command {
    Command { name, form: Form::Arguments, standing }
}

const fn either(name: &'static str, standing: Standing) -> Command {
    Command { name, form: Form::Either, standing }
}

const fn begins(name: &'static str, standing: Standing) -> Command {
    Command { name, form: Form::Beginning, standing }
}

const fn not_here(feature: &'static str) -> Standing {
    Refused(feature, Always)
}

//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_bss_tm_req type=omitted reason="BSS transition management (802.11v) is refused by name"
//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_disassoc_imminent type=omitted reason="BSS transition management (802.11v) is refused by name"
//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_ess_disassoc type=omitted reason="BSS transition management (802.11v) is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_iface_wnm_bss_query type=omitted reason="BSS transition management (802.11v) is refused by name"
const BTM: &str = "BSS transition management (802.11v)";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_iface_coloc_intf_report type=omitted reason="collocated interference reporting is refused by name"
//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_coloc_intf_req type=omitted reason="collocated interference reporting is refused by name"
const COLOC: &str = "collocated interference reporting";
const DAC: &str = "dynamic authorization (RADIUS DAS)";
const DOT1X: &str = "IEEE 802.1X";
//= hostap@2.10 src/common/dpp.c#dpp_build_conf_req type=omitted reason="DPP is refused by name"
//= hostap@2.10 wpa_supplicant/dpp_supplicant.c#wpas_dpp_auth_init type=omitted reason="DPP is refused by name"
//= hostap@2.10 src/ap/dpp_hostapd.c#hostapd_dpp_auth_init type=omitted reason="DPP is refused by name"
const DPP: &str = "DPP";
const DSCP: &str = "DSCP policies";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_wps_er_pin type=omitted reason="WPS over UPnP (external registrars) is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_wps_er_learn type=omitted reason="WPS over UPnP (external registrars) is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_wps_er_config type=omitted reason="WPS over UPnP (external registrars) is refused by name"
const ER: &str = "WPS over UPnP (external registrars)";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_test_alloc_fail type=omitted reason="failures on purpose (CONFIG_TESTING_OPTIONS) is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_test_fail type=omitted reason="failures on purpose (CONFIG_TESTING_OPTIONS) is refused by name"
const FAILURES: &str = "failures on purpose (CONFIG_TESTING_OPTIONS)";
const FILS: &str = "FILS";
const FRAMES: &str = "registering for frames (CONFIG_TESTING_OPTIONS)";
const GAS: &str = "GAS queries of a station";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#get_hs20_anqp type=omitted reason="Hotspot 2.0 is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#hs20_icon_request type=omitted reason="Hotspot 2.0 is refused by name"
//= hostap@2.10 wpa_supplicant/hs20_supplicant.c#hs20_anqp_send_req type=omitted reason="Hotspot 2.0 is refused by name"
const HS20: &str = "Hotspot 2.0";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_ibss_rsn type=omitted reason="IBSS is refused by name"
const IBSS: &str = "IBSS";
//= hostap@2.10 wpa_supplicant/interworking.c#interworking_select type=omitted reason="Interworking (802.11u) is refused by name"
const INTERWORKING: &str = "Interworking (802.11u)";
const KEYS_BY_HAND: &str = "keys set by hand (CONFIG_TESTING_OPTIONS)";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_mesh_group_add type=omitted reason="mesh is refused by name"
//= hostap@2.10 wpa_supplicant/mesh.c#wpa_supplicant_join_mesh type=omitted reason="mesh is refused by name"
const MESH: &str = "mesh";
const MSCS: &str = "MSCS";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_wps_nfc type=omitted reason="NFC is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_nfc_report_handover type=omitted reason="NFC is refused by name"
const NFC: &str = "NFC";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#p2p_ctrl_asp_provision type=omitted reason="Wi-Fi Direct Services (P2PS) is refused by name"
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#p2p_ctrl_service_add_asp type=omitted reason="Wi-Fi Direct Services (P2PS) is refused by name"
const P2PS: &str = "Wi-Fi Direct Services (P2PS)";
const PMF: &str = "management frame protection (802.11w)";
const PMKSA: &str = "the PMKSA cache of an access point";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_iface_get_pref_freq_list type=omitted reason="a driver's preferred channels is refused by name"
const PREF: &str = "a driver's preferred channels";
const QOS_MAP: &str = "QoS Map";
const RADAR: &str = "radar detection";
//= hostap@2.10 wpa_supplicant/rrm.c#wpas_rrm_handle_radio_measurement_request type=omitted reason="radio measurement (802.11k) is refused by name"
//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_req_beacon type=omitted reason="radio measurement (802.11k) is refused by name"
const RRM: &str = "radio measurement (802.11k)";
const SCS: &str = "SCS";
const STATION_BY_HAND: &str = "a station added by hand";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_tdls_setup type=omitted reason="TDLS is refused by name"
//= hostap@2.10 src/rsn_supp/tdls.c#wpa_tdls_start type=omitted reason="TDLS is refused by name"
const TDLS: &str = "TDLS";
const TSPEC: &str = "WMM traffic streams";
const VENDOR: &str = "vendor commands of a driver";
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_iface_wnm_sleep type=omitted reason="WNM sleep mode (802.11v) is refused by name"
const WNM_SLEEP: &str = "WNM sleep mode (802.11v)";

/// Commands of wpa_supplicant to an interface, those of builds for test suites among them. In alphabetical order.
pub const INTERFACE: &[Command] = &[
    alone("ABORT_SCAN", Effect),
    alone("ADD_CRED", Effect),
    alone("ADD_NETWORK", Effect),
    with("ANQP_GET", not_here(INTERWORKING)),
    with("AP_SCAN", Effect),
    alone("ATTACH", Effect),
    with("AUTOSCAN", Effect),
    begins("BLACKLIST", Effect),
    with("BSS", Effect),
    with("BSSID", Effect),
    begins("BSSID_IGNORE", Effect),
    with("BSS_EXPIRE_AGE", Effect),
    with("BSS_EXPIRE_COUNT", Effect),
    with("BSS_FLUSH", Effect),
    alone("CANCEL_FETCH_OSU", not_here(HS20)),
    with("CHAN_SWITCH", Effect),
    with("COLOC_INTF_REPORT", not_here(COLOC)),
    begins("CTRL-RSP-", Effect),
    with("DATA_TEST_CONFIG", Effect),
    with("DATA_TEST_FRAME", Effect),
    with("DATA_TEST_TX", Effect),
    with("DEAUTHENTICATE", Effect),
    with("DEL_HS20_ICON", not_here(HS20)),
    alone("DETACH", Effect),
    with("DISABLE_NETWORK", Effect),
    with("DISASSOCIATE", Effect),
    alone("DISCONNECT", Effect),
    with("DPP_AUTH_INIT", not_here(DPP)),
    with("DPP_BOOTSTRAP_GEN", not_here(DPP)),
    with("DPP_BOOTSTRAP_GET_URI", not_here(DPP)),
    with("DPP_BOOTSTRAP_INFO", not_here(DPP)),
    with("DPP_BOOTSTRAP_REMOVE", not_here(DPP)),
    with("DPP_BOOTSTRAP_SET", not_here(DPP)),
    with("DPP_CA_SET", not_here(DPP)),
    with("DPP_CHIRP", not_here(DPP)),
    begins("DPP_CONFIGURATOR_ADD", not_here(DPP)),
    with("DPP_CONFIGURATOR_GET_KEY", not_here(DPP)),
    with("DPP_CONFIGURATOR_REMOVE", not_here(DPP)),
    with("DPP_CONFIGURATOR_SIGN", not_here(DPP)),
    either("DPP_CONTROLLER_START", not_here(DPP)),
    alone("DPP_CONTROLLER_STOP", not_here(DPP)),
    with("DPP_LISTEN", not_here(DPP)),
    with("DPP_NFC_HANDOVER_REQ", not_here(DPP)),
    with("DPP_NFC_HANDOVER_SEL", not_here(DPP)),
    with("DPP_NFC_URI", not_here(DPP)),
    with("DPP_PKEX_ADD", not_here(DPP)),
    with("DPP_PKEX_REMOVE", not_here(DPP)),
    with("DPP_QR_CODE", not_here(DPP)),
    with("DPP_RECONFIG", not_here(DPP)),
    alone("DPP_STOP_CHIRP", not_here(DPP)),
    alone("DPP_STOP_LISTEN", not_here(DPP)),
    alone("DRIVER_FLAGS", Effect),
    alone("DRIVER_FLAGS2", Effect),
    with("DSCP_QUERY", not_here(DSCP)),
    with("DSCP_RESP", not_here(DSCP)),
    begins("DUMP", Effect),
    with("DUP_NETWORK", Effect),
    with("EAPOL_RX", Effect),
    with("EAPOL_TX", Effect),
    with("ENABLE_NETWORK", Effect),
    alone("ERP_FLUSH", Stored("no key of ERP is ever there")),
    alone("FETCH_ANQP", not_here(INTERWORKING)),
    alone("FETCH_OSU", not_here(HS20)),
    alone("FETCH_OSU no-scan", not_here(HS20)),
    with("FILS_HLP_REQ_ADD", not_here(FILS)),
    alone("FILS_HLP_REQ_FLUSH", Stored("no request of FILS is ever there")),
    alone("FLUSH", Effect),
    with("FT_DS", Stored("no frame is sent: there is no fast BSS transition")),
    with("GAS_REQUEST", not_here(GAS)),
    with("GAS_RESPONSE_GET", not_here(GAS)),
    with("GET", Effect),
    with("GET_CAPABILITY", Effect),
    with("GET_CRED", Effect),
    with("GET_HS20_ICON", not_here(HS20)),
    with("GET_NETWORK", Effect),
    with("GET_PREF_FREQ_LIST", not_here(PREF)),
    with("HS20_ANQP_GET", not_here(HS20)),
    with("HS20_GET_NAI_HOME_REALM_LIST", not_here(HS20)),
    with("HS20_ICON_REQUEST", not_here(HS20)),
    with("IBSS_RSN", not_here(IBSS)),
    alone("IFNAME", Effect),
    alone("INTERFACE_LIST", Effect),
    with("INTERWORKING_ADD_NETWORK", not_here(INTERWORKING)),
    with("INTERWORKING_CONNECT", not_here(INTERWORKING)),
    either("INTERWORKING_SELECT", not_here(INTERWORKING)),
    with("LEVEL", Effect),
    alone("LIST_CREDS", Effect),
    either("LIST_NETWORKS", Effect),
    alone("LOGOFF", Effect),
    alone("LOGON", Effect),
    begins("LOG_LEVEL", Effect),
    with("MAC_RAND_SCAN", Effect),
    with("MESH_GROUP_ADD", not_here(MESH)),
    with("MESH_GROUP_REMOVE", not_here(MESH)),
    either("MESH_INTERFACE_ADD", not_here(MESH)),
    with("MESH_LINK_PROBE", not_here(MESH)),
    with("MESH_PEER_ADD", not_here(MESH)),
    with("MESH_PEER_REMOVE", not_here(MESH)),
    with("MESH_PMKSA_ADD", not_here(MESH)),
    with("MESH_PMKSA_GET", not_here(MESH)),
    with("MGMT_RX_PROCESS", Effect),
    with("MGMT_TX", Effect),
    alone("MGMT_TX_DONE", Effect),
    alone("MIB", Effect),
    with("MSCS", not_here(MSCS)),
    begins("NEIGHBOR_REP_REQUEST", not_here(RRM)),
    with("NFC_GET_HANDOVER_REQ", not_here(NFC)),
    with("NFC_GET_HANDOVER_SEL", not_here(NFC)),
    with("NFC_REPORT_HANDOVER", not_here(NFC)),
    with("NOTE", Effect),
    with("P2P_ASP_PROVISION", not_here(P2PS)),
    with("P2P_ASP_PROVISION_RESP", not_here(P2PS)),
    alone("P2P_CANCEL", Effect),
    with("P2P_CONNECT", Effect),
    either("P2P_EXT_LISTEN", Effect),
    either("P2P_FIND", Effect),
    alone("P2P_FLUSH", Effect),
    alone("P2P_GET_PASSPHRASE", Effect),
    either("P2P_GROUP_ADD", Effect),
    with("P2P_GROUP_MEMBER", Effect),
    with("P2P_GROUP_REMOVE", Effect),
    with("P2P_INVITE", Effect),
    either("P2P_LISTEN", Effect),
    with("P2P_LO_START", Effect),
    alone("P2P_LO_STOP", Effect),
    with("P2P_PEER", Effect),
    either("P2P_PRESENCE_REQ", Effect),
    with("P2P_PROV_DISC", Effect),
    with("P2P_REJECT", Effect),
    with("P2P_REMOVE_CLIENT", Effect),
    with("P2P_SERVICE_ADD", Effect),
    with("P2P_SERVICE_DEL", Effect),
    alone("P2P_SERVICE_FLUSH", Effect),
    with("P2P_SERVICE_REP", Effect),
    alone("P2P_SERVICE_UPDATE", Effect),
    with("P2P_SERV_DISC_CANCEL_REQ", Effect),
    with("P2P_SERV_DISC_EXTERNAL", Effect),
    with("P2P_SERV_DISC_REQ", Effect),
    with("P2P_SERV_DISC_RESP", Effect),
    with("P2P_SET", Effect),
    alone("P2P_STOP_FIND", Effect),
    with("P2P_UNAUTHORIZE", Effect),
    alone("PING", Effect),
    begins("PKTCNT_POLL", Effect),
    alone("PMKSA", Effect),
    with("PMKSA_ADD", Effect),
    alone("PMKSA_FLUSH", Effect),
    with("PMKSA_GET", Effect),
    with("PREAUTH", Stored("no frame is sent: there is no IEEE 802.1X")),
    with("RADIO_WORK", Effect),
    alone("REASSOCIATE", Effect),
    alone("REATTACH", Effect),
    alone("REAUTHENTICATE", Effect),
    alone("RECONFIGURE", Effect),
    alone("RECONNECT", Effect),
    begins("RELOG", Effect),
    with("REMOVE_CRED", Effect),
    with("REMOVE_NETWORK", Effect),
    with("REQ_HS20_ICON", not_here(HS20)),
    alone("RESUME", Stored("the hosts here do not sleep")),
    with("ROAM", Effect),
    alone("SAVE_CONFIG", Effect),
    either("SCAN", Effect),
    with("SCAN_INTERVAL", Effect),
    alone("SCAN_RESULTS", Effect),
    with("SCS", not_here(SCS)),
    with("SELECT_NETWORK", Effect),
    with("SET", Effect),
    with("SET_CRED", Effect),
    with("SET_NETWORK", Effect),
    begins("SIGNAL_MONITOR", Effect),
    begins("SIGNAL_POLL", Effect),
    with("STA", Effect),
    alone("STA-FIRST", Effect),
    with("STA-NEXT", Effect),
    begins("STATUS", Effect),
    with("STA_AUTOCONNECT", Effect),
    alone("STOP_AP", Effect),
    alone("STOP_FETCH_ANQP", not_here(INTERWORKING)),
    alone("SUSPEND", Stored("the hosts here do not sleep")),
    with("TDLS_CANCEL_CHAN_SWITCH", not_here(TDLS)),
    with("TDLS_CHAN_SWITCH", not_here(TDLS)),
    with("TDLS_DISCOVER", not_here(TDLS)),
    with("TDLS_LINK_STATUS", not_here(TDLS)),
    with("TDLS_SETUP", not_here(TDLS)),
    with("TDLS_TEARDOWN", not_here(TDLS)),
    alone("TERMINATE", Effect),
    alone("UPDATE_BEACON", Effect),
    with("VENDOR", not_here(VENDOR)),
    with("VENDOR_ELEM_ADD", Effect),
    with("VENDOR_ELEM_GET", Effect),
    with("VENDOR_ELEM_REMOVE", Effect),
    with("WFD_SUBELEM_GET", Effect),
    with("WFD_SUBELEM_SET", Effect),
    with("WMM_AC_ADDTS", not_here(TSPEC)),
    with("WMM_AC_DELTS", not_here(TSPEC)),
    alone("WMM_AC_STATUS", Stored("no traffic stream is ever there")),
    with("WNM_BSS_QUERY", not_here(BTM)),
    with("WNM_SLEEP", not_here(WNM_SLEEP)),
    with("WPS_AP_PIN", Effect),
    alone("WPS_CANCEL", Effect),
    with("WPS_CHECK_PIN", Effect),
    with("WPS_ER_CONFIG", not_here(ER)),
    with("WPS_ER_LEARN", not_here(ER)),
    with("WPS_ER_NFC_CONFIG_TOKEN", not_here(ER)),
    with("WPS_ER_PBC", not_here(ER)),
    with("WPS_ER_PIN", not_here(ER)),
    with("WPS_ER_SET_CONFIG", not_here(ER)),
    either("WPS_ER_START", not_here(ER)),
    alone("WPS_ER_STOP", not_here(ER)),
    either("WPS_NFC", not_here(NFC)),
    with("WPS_NFC_CONFIG_TOKEN", not_here(NFC)),
    with("WPS_NFC_TAG_READ", not_here(NFC)),
    with("WPS_NFC_TOKEN", not_here(NFC)),
    either("WPS_PBC", Effect),
    with("WPS_PIN", Effect),
    with("WPS_REG", Effect),
];

/// Commands of wpa_supplicant's process-wide socket; those of the P2P device go on to its interface. In alphabetical order.
pub const PROCESS: &[Command] = &[
    alone("ATTACH", Effect),
    alone("DETACH", Effect),
    with("DUP_NETWORK", Effect),
    begins("INTERFACES", Effect),
    with("INTERFACE_ADD", Effect),
    alone("INTERFACE_LIST", Effect),
    with("INTERFACE_REMOVE", Effect),
    alone("PING", Effect),
    begins("RELOG", Effect),
    alone("RESUME", Stored("the hosts here do not sleep")),
    alone("SAVE_CONFIG", Effect),
    with("SET", Effect),
    alone("STATUS", Effect),
    alone("SUSPEND", Stored("the hosts here do not sleep")),
    alone("TERMINATE", Effect),
];

/// Commands of hostapd to a BSS. In alphabetical order.
pub const HOSTAPD: &[Command] = &[
    with("ACCEPT_ACL", Effect),
    either("ATTACH", Effect),
    with("BSS_TM_REQ", not_here(BTM)),
    with("CHAN_SWITCH", Effect),
    with("COLOC_INTF_REQ", not_here(COLOC)),
    with("DAC_REQUEST", not_here(DAC)),
    with("DATA_TEST_CONFIG", Effect),
    with("DATA_TEST_FRAME", Effect),
    with("DATA_TEST_TX", Effect),
    with("DEAUTHENTICATE", Effect),
    with("DENY_ACL", Effect),
    alone("DETACH", Effect),
    begins("DISABLE", Effect),
    with("DISASSOCIATE", Effect),
    with("DISASSOC_IMMINENT", not_here(BTM)),
    with("DPP_AUTH_INIT", not_here(DPP)),
    with("DPP_BOOTSTRAP_GET_URI", not_here(DPP)),
    with("DPP_BOOTSTRAP_INFO", not_here(DPP)),
    with("DPP_BOOTSTRAP_REMOVE", not_here(DPP)),
    with("DPP_CONFIGURATOR_REMOVE", not_here(DPP)),
    with("DPP_LISTEN", not_here(DPP)),
    with("DPP_NFC_HANDOVER_REQ", not_here(DPP)),
    with("DPP_NFC_HANDOVER_SEL", not_here(DPP)),
    with("DPP_NFC_URI", not_here(DPP)),
    with("DPP_PKEX_REMOVE", not_here(DPP)),
    with("DPP_QR_CODE", not_here(DPP)),
    alone("DRIVER_FLAGS", Effect),
    alone("DRIVER_FLAGS2", Effect),
    with("EAPOL_REAUTH", not_here(DOT1X)),
    with("EAPOL_RX", Effect),
    with("EAPOL_SET", not_here(DOT1X)),
    with("EAPOL_TX", Effect),
    begins("ENABLE", Effect),
    alone("ERP_FLUSH", Stored("no key of ERP is ever there")),
    with("ESS_DISASSOC", not_here(BTM)),
    with("GET", Effect),
    alone("GET_ALLOC_FAIL", not_here(FAILURES)),
    with("GET_CAPABILITY", not_here(DPP)),
    alone("GET_CONFIG", Effect),
    alone("GET_FAIL", not_here(FAILURES)),
    with("GET_PMK", Effect),
    with("HS20_DEAUTH_REQ", not_here(HS20)),
    with("HS20_WNM_NOTIF", not_here(HS20)),
    with("LEVEL", Effect),
    begins("LOG_LEVEL", Effect),
    with("MGMT_RX_PROCESS", Effect),
    with("MGMT_TX", Effect),
    with("MGMT_TX_STATUS_PROCESS", Effect),
    either("MIB", Effect),
    with("NEW_STA", not_here(STATION_BY_HAND)),
    with("NFC_GET_HANDOVER_SEL", not_here(NFC)),
    with("NFC_REPORT_HANDOVER", not_here(NFC)),
    with("NOTE", Effect),
    alone("PING", Effect),
    alone("PMKSA", Effect),
    with("PMKSA_ADD", not_here(PMKSA)),
    alone("PMKSA_FLUSH", Effect),
    with("POLL_STA", Effect),
    with("RADAR", not_here(RADAR)),
    with("REGISTER_FRAME", not_here(FRAMES)),
    alone("REKEY_GTK", Effect),
    with("REKEY_PTK", Effect),
    alone("RELOAD_WPA_PSK", Effect),
    begins("RELOAD", Effect),
    begins("RELOG", Effect),
    with("REMOVE_NEIGHBOR", Effect),
    with("REQ_BEACON", not_here(RRM)),
    with("REQ_LCI", not_here(RRM)),
    with("REQ_RANGE", not_here(RRM)),
    with("RESEND_GROUP_M1", Effect),
    with("RESEND_M1", Effect),
    with("RESEND_M3", Effect),
    with("RESET_PN", not_here(KEYS_BY_HAND)),
    with("SA_QUERY", not_here(PMF)),
    with("SEND_QOS_MAP_CONF", not_here(QOS_MAP)),
    with("SET", Effect),
    with("SET_KEY", not_here(KEYS_BY_HAND)),
    with("SET_NEIGHBOR", Effect),
    with("SET_QOS_MAP_SET", not_here(QOS_MAP)),
    alone("SHOW_NEIGHBOR", Effect),
    with("STA", Effect),
    alone("STA-FIRST", Effect),
    with("STA-NEXT", Effect),
    alone("STATUS", Effect),
    alone("STATUS-DRIVER", Effect),
    alone("STOP_AP", Effect),
    alone("TERMINATE", Effect),
    with("TEST_ALLOC_FAIL", not_here(FAILURES)),
    with("TEST_FAIL", not_here(FAILURES)),
    alone("TRACK_STA_LIST", Stored("no station is tracked: see `track_sta_max_num`")),
    alone("UPDATE_BEACON", Effect),
    with("VENDOR", not_here(VENDOR)),
    with("WPS_AP_PIN", Effect),
    alone("WPS_CANCEL", Effect),
    with("WPS_CHECK_PIN", Effect),
    with("WPS_CONFIG", Effect),
    begins("WPS_GET_STATU", Effect),
    with("WPS_NFC_CONFIG_TOKEN", not_here(NFC)),
    with("WPS_NFC_TAG_READ", not_here(NFC)),
    with("WPS_NFC_TOKEN", not_here(NFC)),
    alone("WPS_PBC", Effect),
    with("WPS_PIN", Effect),
];

/// Commands of hostapd's process-wide socket. In alphabetical order.
pub const HOSTAPD_PROCESS: &[Command] = &[
    with("ADD", Effect),
    either("ATTACH", Effect),
    alone("DETACH", Effect),
    with("DUP_NETWORK", Effect),
    alone("FLUSH", Effect),
    begins("INTERFACES", Effect),
    alone("PING", Effect),
    begins("RELOG", Effect),
    with("REMOVE", Effect),
    alone("TERMINATE", Effect),
];
