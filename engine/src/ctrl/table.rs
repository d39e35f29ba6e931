//! The commands of an interface, one row for each: its name, how much of the text the name is, in which builds it is known,
//! and its handler.
//!
//! Rows are tried in their order, which is that of 2.10 where one name begins with another.
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_process

use wpasim_wire::MacAddr;

use super::{Reply, driver_text, wps};
use crate::config::keys::global;
use crate::config::support::commands::Form;
use crate::config::text::atoi;
use crate::supplicant::interface::{Context, Interface};

/// Carries a command out; the text is what follows the name.
type Handler = fn(&mut Interface, Context<'_>, &str) -> Reply;

/// The builds that know a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Always,
    /// Those with CONFIG_TESTING_OPTIONS.
    WithTestCommands,
}

/// A row.
pub(super) struct Command {
    name: &'static str,
    form: Form,
    known: Known,
    handler: Handler,
}

const fn alone(name: &'static str, handler: Handler) -> Command {
    Command { name, form: Form::Alone, known: Known::Always, handler }
}

const fn with_arguments(name: &'static str, handler: Handler) -> Command {
    Command { name, form: Form::Arguments, known: Known::Always, handler }
}

const fn prefix(name: &'static str, handler: Handler) -> Command {
    Command { name, form: Form::Beginning, known: Known::Always, handler }
}

const fn for_tests(command: Command) -> Command {
    Command { known: Known::WithTestCommands, ..command }
}

impl Command {
    /// Returns what follows the name in this text, `None` if the text is another command.
    fn arguments<'a>(&self, text: &'a str, has_test_commands: bool) -> Option<&'a str> {
        if self.known == Known::WithTestCommands && !has_test_commands {
            return None;
        }
        self.form.arguments(self.name, text)
    }
}

/// Carries out a command that has a row. Returns `None` for one that has none.
pub(super) fn carry_out(interface: &mut Interface, cx: Context<'_>, text: &str) -> Option<Reply> {
    let has_test_commands = interface.testing.is_built_in();
    let find = |row: &Command| Some((row.handler, row.arguments(text, has_test_commands)?));
    let (handler, arguments) = COMMANDS.iter().find_map(find)?;
    Some(handler(interface, cx, arguments))
}

/// Ignores a command that changes nothing here.
fn nothing(_: &mut Interface, _: Context<'_>, _: &str) -> Reply {
    Reply::Ok
}

/// Does nothing with the address that a command names, and refuses one that is none.
fn with_address(_: &mut Interface, _: Context<'_>, arguments: &str) -> Reply {
    Reply::ok_if(MacAddr::parse_prefix(arguments).is_some())
}

/// Refuses a command about peers of a mesh, which is not there.
fn mesh_peer(interface: &mut Interface, _: Context<'_>, arguments: &str) -> Reply {
    if MacAddr::parse_prefix(arguments).is_some() {
        interface.info("Mesh is not prepared yet");
    }
    Reply::Fail
}

const COMMANDS: &[Command] = &[
    alone("PING", |_, _, _| Reply::Text("PONG\n".to_owned())),
    alone("IFNAME", |i, _, _| Reply::Text(i.identity.ifname.clone())),
    alone("MIB", |i, _, _| Reply::Text(i.security.rsn().mib() + &i.security.pae().mib())),
    alone("PMKSA", |i, cx, _| i.ctrl_pmksa_list(cx)),
    alone("PMKSA_FLUSH", |i, _, _| {
        i.flush_pmksa(None);
        Reply::Ok
    }),
    alone("ERP_FLUSH", nothing),
    alone("SUSPEND", nothing),
    alone("RESUME", nothing),
    alone("FILS_HLP_REQ_FLUSH", nothing),
    alone("LOGON", |i, cx, _| i.ctrl_logoff(cx, false)),
    alone("LOGOFF", |i, cx, _| i.ctrl_logoff(cx, true)),
    alone("REAUTHENTICATE", |i, cx, _| i.ctrl_reauthenticate(cx)),
    alone("REASSOCIATE", |i, cx, _| {
        i.request_connection(cx);
        Reply::Ok
    }),
    alone("REATTACH", |i, cx, _| i.ctrl_reattach(cx)),
    alone("RECONNECT", |i, cx, _| {
        if i.intent.is_disconnected() {
            i.request_connection(cx);
        }
        Reply::Ok
    }),
    alone("DISCONNECT", |i, cx, _| {
        i.request_disconnection(cx);
        Reply::Ok
    }),
    alone("RECONFIGURE", |i, cx, _| i.ctrl_reconfigure(cx)),
    alone("SAVE_CONFIG", |i, _, _| i.ctrl_save_config()),
    alone("TERMINATE", |i, _, _| {
        i.terminating = true;
        Reply::Ok
    }),
    alone("SCAN", |i, cx, _| i.ctrl_scan(cx, "")),
    alone("SCAN_RESULTS", |i, _, _| Reply::Text(i.ctrl_scan_results())),
    alone("ABORT_SCAN", |i, _, _| i.ctrl_abort_scan()),
    alone("ADD_NETWORK", |i, _, _| Reply::Text(format!("{}\n", i.add_network()))),
    alone("LIST_NETWORKS", |i, _, _| Reply::Text(i.ctrl_list_networks(None))),
    alone("LIST_CREDS", |i, _, _| Reply::Text(i.ctrl_list_creds())),
    alone("ADD_CRED", |i, _, _| Reply::Text(format!("{}\n", i.ctrl_add_cred()))),
    alone("DRIVER_FLAGS", |_, _, _| Reply::Text(driver_text::flags())),
    alone("DRIVER_FLAGS2", |_, _, _| Reply::Text(driver_text::flags2())),
    alone("WMM_AC_STATUS", |_, _, _| {
        Reply::Text("Not associated to a WMM AP, WMM AC is Disabled\n".to_owned())
    }),
    alone("STA-FIRST", |i, cx, _| i.ctrl_sta_first(cx)),
    alone("STOP_AP", |i, cx, _| i.ctrl_stop_ap(cx)),
    alone("UPDATE_BEACON", |i, cx, _| i.ctrl_update_beacon(cx)),
    alone("FLUSH", |i, cx, _| {
        i.ctrl_flush(cx);
        Reply::Ok
    }),
    alone("WPS_PBC", |i, cx, _| i.ctrl_wps_pbc(cx, None)),
    alone("WPS_CANCEL", |i, cx, _| i.ctrl_wps_cancel(cx)),
    // No driver of 2.10 for Linux lists its interfaces.
    alone("INTERFACE_LIST", |_, _, _| Reply::Text(String::new())),
    with_arguments("NOTE", nothing),
    with_arguments("SET", |i, cx, arguments| i.ctrl_set(cx, arguments)),
    with_arguments("GET", |i, _, arguments| i.ctrl_get(arguments)),
    with_arguments("MESH_PEER_ADD", mesh_peer),
    with_arguments("MESH_PEER_REMOVE", mesh_peer),
    // Nobody here is associated with FT, so there is nothing to do.
    with_arguments("FT_DS", with_address),
    with_arguments("PREAUTH", with_address),
    with_arguments("BSSID", |i, _, arguments| i.ctrl_bssid(arguments)),
    with_arguments("LIST_NETWORKS", |i, _, arguments| Reply::Text(i.ctrl_list_networks(Some(arguments)))),
    with_arguments("SCAN", |i, cx, arguments| i.ctrl_scan(cx, arguments)),
    with_arguments("SELECT_NETWORK", |i, cx, arguments| i.ctrl_select_network(cx, arguments)),
    with_arguments("ENABLE_NETWORK", |i, cx, arguments| i.ctrl_enable_network(cx, arguments)),
    with_arguments("DISABLE_NETWORK", |i, cx, arguments| i.ctrl_disable_network(cx, arguments)),
    with_arguments("REMOVE_NETWORK", |i, cx, arguments| i.ctrl_remove_network(cx, arguments)),
    with_arguments("GET_NETWORK", |i, _, arguments| i.ctrl_get_network(arguments)),
    with_arguments("DUP_NETWORK", |i, cx, arguments| i.ctrl_dup_network(cx, arguments)),
    with_arguments("REMOVE_CRED", |i, _, arguments| i.ctrl_remove_cred(arguments)),
    with_arguments("SET_CRED", |i, _, arguments| i.ctrl_set_cred(arguments)),
    with_arguments("GET_CRED", |i, _, arguments| i.ctrl_get_cred(arguments)),
    with_arguments("GET_CAPABILITY", |i, cx, arguments| i.ctrl_get_capability(cx, arguments)),
    with_arguments("AP_SCAN", |i, _, arguments| i.ctrl_ap_scan(arguments)),
    with_arguments("SCAN_INTERVAL", |i, cx, arguments| i.ctrl_scan_interval(cx, arguments)),
    with_arguments("BSS", |i, cx, arguments| Reply::Text(i.ctrl_bss(cx, arguments))),
    with_arguments("STA", |i, cx, arguments| i.ctrl_sta(cx, arguments)),
    with_arguments("STA-NEXT", |i, cx, arguments| i.ctrl_sta_next(cx, arguments)),
    with_arguments("DEAUTHENTICATE", |i, cx, arguments| i.ctrl_deauthenticate(cx, arguments, true)),
    with_arguments("DISASSOCIATE", |i, cx, arguments| i.ctrl_deauthenticate(cx, arguments, false)),
    with_arguments("ROAM", |i, cx, arguments| i.ctrl_roam(cx, arguments)),
    with_arguments("STA_AUTOCONNECT", |i, _, arguments| {
        i.intent.set_auto_reconnect(atoi(arguments) != 0);
        Reply::Ok
    }),
    with_arguments("BSS_EXPIRE_AGE", |i, _, arguments| {
        i.ctrl_bss_expire(arguments, global::BSS_EXPIRATION_AGE, 10, "age")
    }),
    with_arguments("BSS_EXPIRE_COUNT", |i, _, arguments| {
        i.ctrl_bss_expire(arguments, global::BSS_EXPIRATION_SCAN_COUNT, 1, "count")
    }),
    with_arguments("BSS_FLUSH", |i, cx, arguments| i.ctrl_bss_flush(cx, arguments)),
    with_arguments("AUTOSCAN", |i, cx, arguments| {
        i.set_autoscan(cx, arguments);
        Reply::Ok
    }),
    with_arguments("PMKSA_GET", |i, cx, arguments| i.ctrl_pmksa_get(cx, arguments)),
    with_arguments("PMKSA_ADD", |i, cx, arguments| i.ctrl_pmksa_add(cx, arguments)),
    with_arguments("RADIO_WORK", |i, cx, arguments| i.ctrl_radio_work(cx, arguments)),
    with_arguments("MAC_RAND_SCAN", |i, _, arguments| i.ctrl_mac_rand_scan(arguments)),
    with_arguments("CHAN_SWITCH", |i, cx, arguments| i.ctrl_chan_switch(cx, arguments)),
    with_arguments("WPS_PBC", |i, cx, arguments| i.ctrl_wps_pbc(cx, Some(arguments))),
    with_arguments("WPS_PIN", |i, cx, arguments| i.ctrl_wps_pin(cx, arguments)),
    with_arguments("WPS_CHECK_PIN", |_, _, arguments| wps::check_pin(arguments)),
    with_arguments("WPS_REG", |i, cx, arguments| i.ctrl_wps_reg(cx, arguments)),
    with_arguments("WPS_AP_PIN", |i, cx, arguments| i.ctrl_wps_ap_pin(cx, arguments)),
    for_tests(alone("MGMT_TX_DONE", |i, _, _| {
        i.end_test_frame();
        Reply::Ok
    })),
    for_tests(with_arguments("MGMT_TX", |i, _, arguments| Reply::ok_if(i.ctrl_mgmt_tx(arguments).is_some()))),
    for_tests(with_arguments("MGMT_RX_PROCESS", |i, cx, arguments| {
        Reply::ok_if(i.ctrl_mgmt_rx_process(cx, arguments).is_some())
    })),
    for_tests(with_arguments("EAPOL_RX", |i, cx, arguments| {
        Reply::ok_if(i.ctrl_eapol_rx(cx, arguments).is_some())
    })),
    for_tests(with_arguments("EAPOL_TX", |i, _, arguments| {
        Reply::ok_if(i.ctrl_eapol_tx(arguments).is_some())
    })),
    for_tests(with_arguments("DATA_TEST_CONFIG", |i, _, arguments| {
        i.testing.tell_test_packets(atoi(arguments) != 0);
        Reply::Ok
    })),
    for_tests(with_arguments("DATA_TEST_TX", |i, _, arguments| i.ctrl_data_test_tx(arguments))),
    for_tests(with_arguments("DATA_TEST_FRAME", |i, _, arguments| i.ctrl_data_test_frame(arguments))),
    prefix("STATUS", |i, cx, kind| Reply::Text(i.ctrl_status(cx, kind))),
    prefix("BSSID_IGNORE", |i, cx, arguments| i.ctrl_bssid_ignore(cx, arguments)),
    prefix("BLACKLIST", |i, cx, arguments| i.ctrl_bssid_ignore(cx, arguments)),
    prefix("LOG_LEVEL", |i, _, arguments| i.ctrl_log_level(arguments)),
    prefix("SIGNAL_POLL", |i, cx, _| Reply::text_or_fail(i.ctrl_signal_poll(cx))),
    prefix("SIGNAL_MONITOR", |i, _, arguments| i.ctrl_signal_monitor(arguments)),
    prefix("PKTCNT_POLL", |i, cx, _| Reply::text_or_fail(i.ctrl_pktcnt_poll(cx))),
    prefix("DUMP", |i, _, _| Reply::Text(i.config.globals.dump())),
    prefix("RELOG", nothing),
    prefix("CTRL-RSP-", |i, _, arguments| i.ctrl_rsp(arguments)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the row that a text finds, and its arguments.
    fn found(text: &str, has_test_commands: bool) -> Option<(&'static str, &str)> {
        COMMANDS.iter().find_map(|row| Some((row.name, row.arguments(text, has_test_commands)?)))
    }

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
        assert_eq!(found(text, tests), row);
    }

    /// Returns a text that is the row's command.
    fn example(row: &Command) -> String {
        match row.form {
            Form::Arguments => format!("{} ", row.name),
            Form::Alone | Form::Either | Form::Beginning => row.name.to_owned(),
        }
    }

    #[test]
    fn every_row_has_its_standing() {
        use crate::config::support::commands::INTERFACE;
        for row in COMMANDS {
            let text = example(row);
            let stands = INTERFACE.iter().any(|known| known.is(&text) || known.is(text.trim_end()));
            assert!(stands, "config/support/commands.rs does not say what {text:?} does");
        }
    }

    #[test]
    fn no_row_hides_another() {
        for row in COMMANDS {
            let text = example(row);
            let first = COMMANDS.iter().find(|other| other.arguments(&text, true).is_some());
            assert!(first.is_some_and(|other| core::ptr::eq(other, row)), "{text:?} finds another row");
        }
    }
}
