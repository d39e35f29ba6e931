//! The commands of hostapd's control interface, one row for each. Rows are tried in their order.
//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_receive_process

use super::Hostapd;
use super::call::{Call, Reply};
use super::number::atoi;
use crate::ap::{ApState, SwitchSettings};
use crate::ctrl::driver_text;
use crate::ctrl::row::Row;
use crate::wire::MacAddr;

/// Carries a command out; the text is what follows the name.
pub(super) type Handler = fn(&mut Hostapd, Call<'_>, &str) -> Reply;

pub(super) const COMMANDS: &[Row<Handler>] = &[
    Row::alone("PING", |_, _, _| Reply::Text("PONG\n".to_owned())),
    Row::prefix("RELOG", |_, _, _| Reply::Ok),
    Row::with_arguments("NOTE", |_, _, _| Reply::Ok),
    Row::alone("STATUS", |h, call, _| Reply::Text(h.status(call.env))),
    Row::alone("STATUS-DRIVER", |h, call, _| Reply::Text(h.driver_status(call.env))),
    Row::alone("MIB", |h, _, _| Reply::Text(h.ap.mib())),
    Row::alone("MIB radius_server", |_, _, _| Reply::Text(String::new())),
    Row::with_arguments("MIB", |_, _, _| Reply::Fail),
    Row::alone("STA-FIRST", |h, call, _| Reply::Text(h.ap.sta_first(call.ap()))),
    Row::with_arguments("STA", |h, call, args| h.sta(call.ap(), args)),
    Row::with_arguments("STA-NEXT", |h, call, args| {
        let next = MacAddr::parse_prefix(args).and_then(|(addr, _)| h.ap.sta_next(call.ap(), addr));
        next.map_or(Reply::Fail, Reply::Text)
    }),
    Row::alone("ATTACH", |h, call, _| {
        h.monitors.attach(call.conn);
        Reply::Ok
    }),
    Row::with_arguments("ATTACH", |h, call, options| {
        Reply::ok_if(h.monitors.attach_with(call.conn, options))
    }),
    Row::alone("DETACH", |h, call, _| Reply::ok_if(h.monitors.detach(call.conn))),
    Row::with_arguments("LEVEL", |h, call, level| Reply::ok_if(h.monitors.set_level(call.conn, atoi(level)))),
    Row::prefix("LOG_LEVEL", |h, _, args| match args {
        "" => Reply::Text(h.log_level.text()),
        _ => Reply::ok_if(h.log_level.set(args, atoi)),
    }),
    Row::alone("TERMINATE", |_, _, _| Reply::Ok),
    Row::alone("PMKSA", |h, _, _| Reply::Text(h.ap.pmksa_list().to_owned())),
    Row::alone("PMKSA_FLUSH", |_, _, _| Reply::Ok),
    Row::alone("ERP_FLUSH", |_, _, _| Reply::Ok),
    Row::alone("TRACK_STA_LIST", |_, _, _| Reply::Text(String::new())),
    Row::alone("DRIVER_FLAGS", |_, _, _| Reply::Text(driver_text::flags())),
    Row::alone("DRIVER_FLAGS2", |_, _, _| Reply::Text(driver_text::flags2_of_access_point())),
    Row::alone("GET version", |_, _, _| Reply::Text("2.10".to_owned())),
    Row::alone("GET tls_library", |_, _, _| Reply::Text("internal".to_owned())),
    Row::with_arguments("GET", |_, _, _| Reply::Fail),
    Row::alone("GET_CONFIG", |h, _, _| Reply::Text(h.config_text())),
    Row::alone("WPS_PBC", |h, call, _| {
        h.wps_command(|h| Reply::ok_if(h.ap.wps_pbc(call.ap(), None).is_ok()))
    }),
    Row::alone("WPS_CANCEL", |h, call, _| h.wps_command(|h| Reply::ok_if(h.ap.wps_cancel(call.ap())))),
    Row::prefix("WPS_GET_STATU", |h, _, _| h.wps_command(|h| Reply::Text(h.ap.wps_status()))),
    Row::with_arguments("WPS_PIN", |h, call, args| {
        h.wps_command(|h| Reply::ok_if(h.wps_pin(call.ap(), args).is_some()))
    }),
    Row::with_arguments("WPS_CHECK_PIN", |h, _, args| h.wps_command(|_| super::wps::checked_pin(args))),
    Row::with_arguments("WPS_AP_PIN", |h, call, args| h.wps_command(|h| h.wps_ap_pin(call.ap(), args))),
    Row::with_arguments("WPS_CONFIG", |h, call, args| {
        h.wps_command(|h| Reply::ok_if(h.wps_config(call.ap(), args) == Some(true)))
    }),
    Row::with_arguments("DEAUTHENTICATE", |h, call, args| {
        h.for_station(args, |h, addr| {
            h.ap.deauthenticate(call.ap(), addr, super::call::reason_in(args), !args.contains(" tx=0"));
            true
        })
    }),
    Row::with_arguments("DISASSOCIATE", |h, call, args| {
        h.for_station(args, |h, addr| {
            h.ap.disassociate(call.ap(), addr, super::call::reason_in(args), !args.contains(" tx=0"));
            true
        })
    }),
    Row::with_arguments("POLL_STA", |h, _, args| {
        h.for_known_station(args, |h, addr| {
            h.ap.poll(addr);
            true
        })
    }),
    Row::with_arguments("RESEND_M1", |h, call, args| {
        let again = args.contains("change-anonce");
        h.for_station(args, |h, addr| h.ap.resend_message_1(call.ap(), addr, again))
    }),
    Row::with_arguments("RESEND_M3", |h, call, args| {
        h.for_station(args, |h, addr| h.ap.resend_message_3(call.ap(), addr))
    }),
    Row::with_arguments("RESEND_GROUP_M1", |h, call, args| {
        h.for_station(args, |h, addr| h.ap.resend_group_message_1(call.ap(), addr))
    }),
    Row::with_arguments("REKEY_PTK", |h, call, args| {
        h.for_station(args, |h, addr| h.ap.rekey_ptk(call.ap(), addr))
    }),
    Row::with_arguments("GET_PMK", |h, _, args| h.pmk_of(args)),
    Row::with_arguments("SET", |h, call, setting| match setting.split_once(' ') {
        Some((variable, value)) => Reply::ok_if(h.set(call.now, variable, value, call.env)),
        None => Reply::Fail,
    }),
    // hostapd compares only the beginning of these.
    Row::prefix("ENABLE", |h, call, _| {
        Reply::ok_if(h.ap.state() != ApState::Enabled && h.setup.is_none() && h.enable(call.now, call.env))
    }),
    Row::prefix("DISABLE", |h, call, _| Reply::ok_if(h.disable(call.now, call.env))),
    // The keys count at once; nobody is disconnected.
    Row::alone("RELOAD_WPA_PSK", |h, call, _| {
        h.keep_ap_pin();
        *h.ap.config_mut() = h.ap_config(call.env);
        Reply::Ok
    }),
    Row::prefix("RELOAD", |h, call, _| {
        h.keep_ap_pin();
        *h.ap.config_mut() = h.ap_config(call.env);
        h.ap.reload(call.ap());
        Reply::Ok
    }),
    Row::with_arguments("CHAN_SWITCH", |h, call, settings| {
        let settings = SwitchSettings::parse(settings).filter(SwitchSettings::fits_together);
        Reply::ok_if(settings.is_some_and(|s| h.ap.switch_channel(call.ap(), s)))
    }),
    Row::alone("STOP_AP", |h, _, _| {
        h.ap.stop_beaconing();
        Reply::Ok
    }),
    Row::alone("UPDATE_BEACON", |h, _, _| {
        // An interface that is off has no driver to tell.
        if h.ap.state() != ApState::Enabled {
            return Reply::Fail;
        }
        h.ap.beacon_again();
        Reply::Ok
    }),
    Row::alone("REKEY_GTK", |h, call, _| Reply::ok_if(h.ap.rekey_gtk(call.ap()))),
    Row::with_arguments("ACCEPT_ACL", |h, call, args| h.accept_list_command(call.now, args, call.env)),
    Row::with_arguments("DENY_ACL", |h, call, args| h.deny_list_command(call.now, args, call.env)),
    Row::alone("SHOW_NEIGHBOR", |h, _, _| h.show_neighbors()),
    Row::with_arguments("SET_NEIGHBOR", |h, _, args| {
        Reply::ok_if(h.config.neighbor_report && h.set_neighbor(args))
    }),
    Row::with_arguments("REMOVE_NEIGHBOR", |h, _, args| Reply::ok_if(h.remove_neighbor(args))),
    Row::alone("GET_ALLOC_FAIL", |_, _, _| Reply::Fail),
    Row::alone("GET_FAIL", |_, _, _| Reply::Fail),
    Row::with_arguments("MGMT_TX", |h, call, args| Reply::ok_if(h.mgmt_tx(args, call.env).is_some())),
    Row::with_arguments("MGMT_TX_STATUS_PROCESS", |h, call, args| {
        Reply::ok_if(h.mgmt_tx_status_process(call.now, args, call.env).is_some())
    }),
    Row::with_arguments("MGMT_RX_PROCESS", |h, call, args| {
        Reply::ok_if(h.mgmt_rx_process(call.now, args, call.env).is_some())
    }),
    Row::with_arguments("EAPOL_RX", |h, call, args| {
        Reply::ok_if(h.eapol_rx(call.now, args, call.env).is_some())
    }),
    Row::with_arguments("EAPOL_TX", |h, _, args| Reply::ok_if(h.eapol_tx(args).is_some())),
    Row::with_arguments("DATA_TEST_CONFIG", |h, _, args| h.data_test_config(args)),
    Row::with_arguments("DATA_TEST_TX", |h, _, args| Reply::ok_if(h.data_test_tx(args).is_some())),
    Row::with_arguments("DATA_TEST_FRAME", |h, _, args| Reply::ok_if(h.data_test_frame(args).is_some())),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::support::commands;
    use crate::ctrl::row::checks;

    #[test]
    fn rows_have_a_standing_and_are_reached() {
        checks::every_row_has_its_standing(COMMANDS, commands::HOSTAPD);
        checks::no_row_hides_another(COMMANDS);
    }
}
