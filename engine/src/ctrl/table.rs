//! The commands of an interface, one row for each: its name, how much of the text the name is, in which builds it is known,
//! and its handler.
//!
//! Rows are tried in their order, which is that of 2.10 where one name begins with another.
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_process

use wpasim_wire::MacAddr;

use super::row::{self, Row, for_tests};
use super::{Reply, driver_text, wps};
use crate::config::keys::global;
use crate::config::text::atoi;
use crate::supplicant::interface::{Interface, InterfaceContext};

/// Carries a command out; the text is what follows the name.
type Handler = fn(&mut Interface, &mut InterfaceContext<'_>, &str) -> Reply;

/// Carries out a command that has a row. Returns `None` for one that has none.
pub(super) fn carry_out(
    interface: &mut Interface,
    cx: &mut InterfaceContext<'_>,
    text: &str,
) -> Option<Reply> {
    let (handler, arguments) = row::find(COMMANDS, text, interface.testing.is_built_in())?;
    Some(handler(interface, cx, arguments))
}

/// Ignores a command that changes nothing here.
fn nothing(_: &mut Interface, _: &mut InterfaceContext<'_>, _: &str) -> Reply {
    Reply::Ok
}

/// Does nothing with the address that a command names, and refuses one that is none.
fn with_address(_: &mut Interface, _: &mut InterfaceContext<'_>, arguments: &str) -> Reply {
    Reply::ok_if(MacAddr::parse_prefix(arguments).is_some())
}

/// Refuses a command about peers of a mesh, which is not there.
fn mesh_peer(interface: &mut Interface, _: &mut InterfaceContext<'_>, arguments: &str) -> Reply {
    if MacAddr::parse_prefix(arguments).is_some() {
        interface.info("Mesh is not prepared yet");
    }
    Reply::Fail
}

const COMMANDS: &[Row<Handler>] = &[
    Row::alone("PING", |_, _, _| Reply::Text("PONG\n".to_owned())),
    Row::alone("IFNAME", |i, _, _| Reply::Text(i.identity.ifname.clone())),
    Row::alone("MIB", |i, _, _| Reply::Text(i.security.rsn().mib() + &i.security.pae().mib())),
    Row::alone("PMKSA", |i, cx, _| i.ctrl_pmksa_list(cx)),
    Row::alone("PMKSA_FLUSH", |i, _, _| {
        i.flush_pmksa(None);
        Reply::Ok
    }),
    Row::alone("ERP_FLUSH", nothing),
    Row::alone("SUSPEND", nothing),
    Row::alone("RESUME", |i, cx, _| i.ctrl_resume(cx)),
    Row::alone("FILS_HLP_REQ_FLUSH", nothing),
    Row::alone("LOGON", |i, cx, _| i.ctrl_logoff(cx, false)),
    Row::alone("LOGOFF", |i, cx, _| i.ctrl_logoff(cx, true)),
    Row::alone("REAUTHENTICATE", |i, cx, _| i.ctrl_reauthenticate(cx)),
    Row::alone("REASSOCIATE", |i, cx, _| {
        i.request_connection(cx);
        Reply::Ok
    }),
    Row::alone("REATTACH", |i, cx, _| i.ctrl_reattach(cx)),
    Row::alone("RECONNECT", |i, cx, _| {
        if i.intent.is_disconnected() {
            i.request_connection(cx);
        }
        Reply::Ok
    }),
    Row::alone("DISCONNECT", |i, cx, _| {
        i.request_disconnection(cx);
        Reply::Ok
    }),
    Row::alone("RECONFIGURE", |i, cx, _| i.ctrl_reconfigure(cx)),
    Row::alone("SAVE_CONFIG", |i, _, _| i.ctrl_save_config()),
    Row::alone("TERMINATE", |i, _, _| {
        i.terminating = true;
        Reply::Ok
    }),
    Row::alone("SCAN", |i, cx, _| i.ctrl_scan(cx, "")),
    Row::alone("SCAN_RESULTS", |i, _, _| Reply::Text(i.ctrl_scan_results())),
    Row::alone("ABORT_SCAN", |i, cx, _| i.ctrl_abort_scan(cx)),
    Row::alone("ADD_NETWORK", |i, cx, _| Reply::Text(format!("{}\n", i.add_network(cx)))),
    Row::alone("LIST_NETWORKS", |i, _, _| Reply::Text(i.ctrl_list_networks(None))),
    Row::alone("LIST_CREDS", |i, _, _| Reply::Text(i.ctrl_list_creds())),
    Row::alone("ADD_CRED", |i, _, _| Reply::Text(format!("{}\n", i.ctrl_add_cred()))),
    Row::alone("DRIVER_FLAGS", |_, _, _| Reply::Text(driver_text::flags())),
    Row::alone("DRIVER_FLAGS2", |_, _, _| Reply::Text(driver_text::flags2())),
    Row::alone("WMM_AC_STATUS", |_, _, _| {
        Reply::Text("Not associated to a WMM AP, WMM AC is Disabled\n".to_owned())
    }),
    Row::alone("STA-FIRST", |i, cx, _| i.ctrl_sta_first(cx)),
    Row::alone("STOP_AP", |i, cx, _| i.ctrl_stop_ap(cx)),
    Row::alone("UPDATE_BEACON", |i, cx, _| i.ctrl_update_beacon(cx)),
    Row::alone("FLUSH", |i, cx, _| {
        i.ctrl_flush(cx);
        Reply::Ok
    }),
    Row::alone("WPS_PBC", |i, cx, _| i.ctrl_wps_pbc(cx, None)),
    Row::alone("WPS_CANCEL", |i, cx, _| i.ctrl_wps_cancel(cx)),
    // No driver of 2.10 for Linux lists its interfaces.
    Row::alone("INTERFACE_LIST", |_, _, _| Reply::Text(String::new())),
    Row::with_arguments("NOTE", nothing),
    Row::with_arguments("SET", |i, cx, arguments| i.ctrl_set(cx, arguments)),
    Row::with_arguments("GET", |i, cx, arguments| i.ctrl_get(cx, arguments)),
    Row::with_arguments("MESH_PEER_ADD", mesh_peer),
    Row::with_arguments("MESH_PEER_REMOVE", mesh_peer),
    // Nobody here is associated with FT, so there is nothing to do.
    Row::with_arguments("FT_DS", with_address),
    Row::with_arguments("PREAUTH", with_address),
    Row::with_arguments("BSSID", |i, _, arguments| i.ctrl_bssid(arguments)),
    Row::with_arguments("LIST_NETWORKS", |i, _, arguments| {
        Reply::Text(i.ctrl_list_networks(Some(arguments)))
    }),
    Row::with_arguments("SCAN", |i, cx, arguments| i.ctrl_scan(cx, arguments)),
    Row::with_arguments("SELECT_NETWORK", |i, cx, arguments| i.ctrl_select_network(cx, arguments)),
    Row::with_arguments("ENABLE_NETWORK", |i, cx, arguments| i.ctrl_enable_network(cx, arguments)),
    Row::with_arguments("DISABLE_NETWORK", |i, cx, arguments| i.ctrl_disable_network(cx, arguments)),
    Row::with_arguments("REMOVE_NETWORK", |i, cx, arguments| i.ctrl_remove_network(cx, arguments)),
    Row::with_arguments("GET_NETWORK", |i, _, arguments| i.ctrl_get_network(arguments)),
    Row::with_arguments("DUP_NETWORK", |i, cx, arguments| i.ctrl_dup_network(cx, arguments)),
    Row::with_arguments("REMOVE_CRED", |i, _, arguments| i.ctrl_remove_cred(arguments)),
    Row::with_arguments("SET_CRED", |i, _, arguments| i.ctrl_set_cred(arguments)),
    Row::with_arguments("GET_CRED", |i, _, arguments| i.ctrl_get_cred(arguments)),
    Row::with_arguments("GET_CAPABILITY", |i, cx, arguments| i.ctrl_get_capability(cx, arguments)),
    Row::with_arguments("AP_SCAN", |i, _, arguments| i.ctrl_ap_scan(arguments)),
    Row::with_arguments("SCAN_INTERVAL", |i, cx, arguments| i.ctrl_scan_interval(cx, arguments)),
    Row::with_arguments("BSS", |i, cx, arguments| Reply::Text(i.ctrl_bss(cx, arguments))),
    Row::with_arguments("STA", |i, cx, arguments| i.ctrl_sta(cx, arguments)),
    Row::with_arguments("STA-NEXT", |i, cx, arguments| i.ctrl_sta_next(cx, arguments)),
    Row::with_arguments("DEAUTHENTICATE", |i, cx, arguments| i.ctrl_deauthenticate(cx, arguments, true)),
    Row::with_arguments("DISASSOCIATE", |i, cx, arguments| i.ctrl_deauthenticate(cx, arguments, false)),
    Row::with_arguments("ROAM", |i, cx, arguments| i.ctrl_roam(cx, arguments)),
    Row::with_arguments("STA_AUTOCONNECT", |i, _, arguments| {
        i.intent.set_auto_reconnect(atoi(arguments) != 0);
        Reply::Ok
    }),
    Row::with_arguments("BSS_EXPIRE_AGE", |i, _, arguments| {
        i.ctrl_bss_expire(arguments, global::BSS_EXPIRATION_AGE, 10, "age")
    }),
    Row::with_arguments("BSS_EXPIRE_COUNT", |i, _, arguments| {
        i.ctrl_bss_expire(arguments, global::BSS_EXPIRATION_SCAN_COUNT, 1, "count")
    }),
    Row::with_arguments("BSS_FLUSH", |i, cx, arguments| i.ctrl_bss_flush(cx, arguments)),
    Row::with_arguments("AUTOSCAN", |i, cx, arguments| {
        i.set_autoscan(cx, arguments);
        Reply::Ok
    }),
    Row::with_arguments("PMKSA_GET", |i, cx, arguments| i.ctrl_pmksa_get(cx, arguments)),
    Row::with_arguments("PMKSA_ADD", |i, cx, arguments| i.ctrl_pmksa_add(cx, arguments)),
    Row::with_arguments("RADIO_WORK", |i, cx, arguments| i.ctrl_radio_work(cx, arguments)),
    Row::with_arguments("MAC_RAND_SCAN", |i, _, arguments| i.ctrl_mac_rand_scan(arguments)),
    Row::with_arguments("CHAN_SWITCH", |i, cx, arguments| i.ctrl_chan_switch(cx, arguments)),
    Row::with_arguments("WPS_PBC", |i, cx, arguments| i.ctrl_wps_pbc(cx, Some(arguments))),
    Row::with_arguments("WPS_PIN", |i, cx, arguments| i.ctrl_wps_pin(cx, arguments)),
    Row::with_arguments("WPS_CHECK_PIN", |_, _, arguments| wps::check_pin(arguments)),
    Row::with_arguments("WPS_REG", |i, cx, arguments| i.ctrl_wps_reg(cx, arguments)),
    Row::with_arguments("WPS_AP_PIN", |i, cx, arguments| i.ctrl_wps_ap_pin(cx, arguments)),
    for_tests(Row::alone("MGMT_TX_DONE", |i, _, _| {
        i.end_test_frame();
        Reply::Ok
    })),
    for_tests(Row::with_arguments("MGMT_TX", |i, _, arguments| {
        Reply::ok_if(i.ctrl_mgmt_tx(arguments).is_some())
    })),
    for_tests(Row::with_arguments("MGMT_RX_PROCESS", |i, cx, arguments| {
        Reply::ok_if(i.ctrl_mgmt_rx_process(cx, arguments).is_some())
    })),
    for_tests(Row::with_arguments("EAPOL_RX", |i, cx, arguments| {
        Reply::ok_if(i.ctrl_eapol_rx(cx, arguments).is_some())
    })),
    for_tests(Row::with_arguments("EAPOL_TX", |i, _, arguments| {
        Reply::ok_if(i.ctrl_eapol_tx(arguments).is_some())
    })),
    for_tests(Row::with_arguments("DATA_TEST_CONFIG", |i, _, arguments| {
        i.testing.tell_test_packets(atoi(arguments) != 0);
        Reply::Ok
    })),
    for_tests(Row::with_arguments("DATA_TEST_TX", |i, _, arguments| i.ctrl_data_test_tx(arguments))),
    for_tests(Row::with_arguments("DATA_TEST_FRAME", |i, _, arguments| i.ctrl_data_test_frame(arguments))),
    Row::prefix("STATUS", |i, cx, kind| Reply::Text(i.ctrl_status(cx, kind))),
    Row::prefix("BSSID_IGNORE", |i, cx, arguments| i.ctrl_bssid_ignore(cx, arguments)),
    Row::prefix("BLACKLIST", |i, cx, arguments| i.ctrl_bssid_ignore(cx, arguments)),
    Row::prefix("LOG_LEVEL", |i, _, arguments| i.ctrl_log_level(arguments)),
    Row::prefix("SIGNAL_POLL", |i, cx, _| Reply::text_or_fail(i.ctrl_signal_poll(cx))),
    Row::prefix("SIGNAL_MONITOR", |i, _, arguments| i.ctrl_signal_monitor(arguments)),
    Row::prefix("PKTCNT_POLL", |i, cx, _| Reply::text_or_fail(i.ctrl_pktcnt_poll(cx))),
    Row::prefix("DUMP", |i, _, _| Reply::Text(i.config.globals.dump())),
    Row::prefix("RELOG", nothing),
    Row::prefix("CTRL-RSP-", |i, _, arguments| i.ctrl_rsp(arguments)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("SCAN", false, Some(("SCAN", "")))]
    #[case("SCAN freq=2412", false, Some(("SCAN", "freq=2412")))]
    #[case("SCAN_RESULTS", false, Some(("SCAN_RESULTS", "")))]
    #[case("SCAN_RESULTS x", false, None)]
    #[case("STATUS-DRIVER", false, Some(("STATUS", "-DRIVER")))]
    #[case("BSSID any 02:00:00:00:00:00", false, Some(("BSSID", "any 02:00:00:00:00:00")))]
    #[case("BSSID_IGNORE clear", false, Some(("BSSID_IGNORE", " clear")))]
    #[case("DUP_NETWORK 0 1 ssid", false, Some(("DUP_NETWORK", "0 1 ssid")))]
    #[case("DUMPED", false, Some(("DUMP", "ED")))]
    #[case("MGMT_TX_DONE", true, Some(("MGMT_TX_DONE", "")))]
    #[case("MGMT_TX_DONE", false, None)]
    #[case("ping", false, None)]
    #[case("", false, None)]
    fn commands_are_found(#[case] text: &str, #[case] tests: bool, #[case] row: Option<(&str, &str)>) {
        assert_eq!(row::checks::found(COMMANDS, text, tests), row);
    }

    #[test]
    fn rows_have_a_standing_and_are_reached() {
        row::checks::every_row_has_its_standing(COMMANDS, crate::config::support::commands::INTERFACE);
        row::checks::no_row_hides_another(COMMANDS);
    }
}
