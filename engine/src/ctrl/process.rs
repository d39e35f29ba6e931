//! The commands that are the process's, whichever interface they come through: those of Wi-Fi Direct and of elements in its
//! frames. One row for each.
//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_process

use wpasim_wire::driver::IfId;

use super::Reply;
use super::row::{self, Row};
use crate::p2p::service::query_number;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;

/// Carries a command out that came through this interface; the text is what follows the name.
type Handler = fn(&mut Supplicant, Context<'_>, IfId, &str) -> Reply;

const COMMANDS: &[Row<Handler>] = &[
    Row::either("P2P_FIND", |p, cx, _, args| p.ctrl_p2p_find(cx, args)),
    Row::alone("P2P_STOP_FIND", |p, cx, _, _| {
        p.p2p_stop_find(cx);
        Reply::Ok
    }),
    Row::either("P2P_LISTEN", |p, cx, _, args| p.ctrl_p2p_listen(cx, args)),
    Row::with_arguments("P2P_CONNECT", |p, cx, _, args| p.ctrl_p2p_connect(cx, args)),
    Row::either("P2P_GROUP_ADD", |p, cx, _, args| p.ctrl_p2p_group_add(cx, args)),
    Row::with_arguments("P2P_GROUP_REMOVE", |p, cx, id, args| Reply::ok_if(p.p2p_group_remove(cx, id, args))),
    Row::with_arguments("P2P_GROUP_MEMBER", |p, _, id, args| p.ctrl_p2p_group_member(id, args)),
    Row::alone("P2P_GET_PASSPHRASE", |p, _, id, _| p.ctrl_p2p_passphrase(id)),
    Row::with_arguments("P2P_PROV_DISC", |p, cx, _, args| p.ctrl_p2p_prov_disc(cx, args)),
    Row::alone("P2P_SERVICE_UPDATE", |p, cx, _, _| {
        p.services_changed(cx);
        Reply::Ok
    }),
    Row::alone("P2P_SERVICE_FLUSH", |p, cx, _, _| {
        p.flush_services(cx);
        Reply::Ok
    }),
    Row::with_arguments("P2P_SERVICE_ADD", |p, cx, id, args| {
        let changed = p.p2p.services.add(args, p.config_methods_of(id));
        Reply::ok_if(p.change_services(cx, changed))
    }),
    Row::with_arguments("P2P_SERVICE_DEL", |p, cx, _, args| {
        let changed = p.p2p.services.delete(args);
        Reply::ok_if(p.change_services(cx, changed))
    }),
    Row::with_arguments("P2P_SERVICE_REP", |p, cx, id, args| {
        let changed = p.p2p.services.replace(args, p.config_methods_of(id));
        Reply::ok_if(p.change_services(cx, changed))
    }),
    Row::with_arguments("P2P_SERV_DISC_REQ", |p, cx, _, args| {
        Reply::text_or_fail(p.ask_services(cx, args).map(|number| format!("{number:x}")))
    }),
    Row::with_arguments("P2P_SERV_DISC_CANCEL_REQ", |p, cx, _, args| {
        Reply::ok_if(query_number(args).is_some_and(|number| p.cancel_service_query(cx, number)))
    }),
    Row::with_arguments("P2P_SERV_DISC_RESP", |p, cx, _, args| Reply::ok_if(p.answer_services(cx, args))),
    Row::with_arguments("P2P_SERV_DISC_EXTERNAL", |p, _, _, args| {
        if matches!(args, "0" | "1") {
            p.p2p.external_services = args == "1";
            return Reply::Ok;
        }
        Reply::Fail
    }),
    Row::with_arguments("P2P_REJECT", |p, cx, _, args| p.with_peer(args, |p, peer| p.p2p_reject(cx, peer))),
    Row::with_arguments("P2P_UNAUTHORIZE", |p, cx, _, args| {
        p.with_peer(args, |p, peer| p.p2p_unauthorize(cx, peer))
    }),
    Row::with_arguments("P2P_INVITE", |p, cx, _, args| {
        Reply::ok_if(p.ctrl_p2p_invite(cx, args).unwrap_or(false))
    }),
    Row::with_arguments("P2P_PEER", |p, cx, _, args| p.ctrl_p2p_peer(cx, args)),
    Row::with_arguments("P2P_SET", |p, cx, id, args| p.ctrl_p2p_set(cx, id, args)),
    Row::alone("P2P_FLUSH", |p, cx, _, _| {
        p.p2p.long_services = false;
        p.p2p_flush(cx);
        Reply::Ok
    }),
    Row::alone("P2P_CANCEL", |p, cx, _, _| Reply::ok_if(p.p2p_cancel(cx))),
    Row::either("P2P_PRESENCE_REQ", |p, cx, id, args| p.ctrl_p2p_presence(cx, id, args)),
    Row::either("P2P_EXT_LISTEN", |p, cx, _, args| p.ctrl_p2p_ext_listen(cx, args)),
    Row::with_arguments("P2P_REMOVE_CLIENT", |p, cx, _, args| p.ctrl_p2p_remove_client(cx, args)),
    // hwsim's driver has no offload, and ends what never began.
    Row::alone("P2P_LO_STOP", |_, _, _, _| Reply::Ok),
    Row::with_arguments("P2P_LO_START", |_, _, _, _| Reply::Fail),
    Row::with_arguments("P2P_ASP_PROVISION", |_, _, _, _| Reply::Fail),
    Row::with_arguments("P2P_ASP_PROVISION_RESP", |_, _, _, _| Reply::Fail),
    Row::with_arguments("WFD_SUBELEM_SET", |p, cx, _, args| Reply::ok_if(p.display_set(cx, args))),
    Row::with_arguments("WFD_SUBELEM_GET", |p, _, _, args| Reply::text_or_fail(p.display_get(args))),
    Row::with_arguments("VENDOR_ELEM_ADD", Supplicant::ctrl_vendor_elem_add),
    Row::with_arguments("VENDOR_ELEM_GET", Supplicant::ctrl_vendor_elem_get),
    Row::with_arguments("VENDOR_ELEM_REMOVE", Supplicant::ctrl_vendor_elem_remove),
];

impl Supplicant {
    /// Answers a command of the process that came through this interface; `None` if the command is the interface's own.
    pub(crate) fn process_command(&mut self, cx: Context<'_>, id: IfId, text: &[u8]) -> Option<Vec<u8>> {
        self.interface(id)?;
        let text = String::from_utf8_lossy(text);
        let reply = match row::find(COMMANDS, &text, self.has_test_commands()) {
            Some((handler, arguments)) => handler(self, cx, id, arguments),
            None if text.starts_with("P2P_") || text.starts_with("WFD_") => Reply::Unknown,
            None => return None,
        };
        Some(reply.into_bytes())
    }

    /// Returns the WPS configuration methods that are set on the interface of a command.
    fn config_methods_of(&self, id: IfId) -> u16 {
        self.interface(id).map_or(0, |i| i.wps.machine().config_methods)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::support::commands;
    use crate::ctrl::row::checks;

    #[test]
    fn rows_have_a_standing_and_are_reached() {
        checks::every_row_has_its_standing(COMMANDS, commands::INTERFACE);
        checks::no_row_hides_another(COMMANDS);
    }
}
