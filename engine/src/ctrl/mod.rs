//! The control interface of one interface: from a datagram to its reply, byte for byte as 2.10
//! answers.

mod access_point;
mod capability;
mod credentials;
pub(crate) mod driver_text;
mod flush;
mod mac_rand_scan;
mod networks;
mod p2p;
mod pmksa;
mod radio_work;
mod scanning;
mod set;
mod status;
mod testing;
mod vendor_elements;
mod wps;

use crate::ConnId;
use crate::config::key::GlobalKey;
use crate::config::key::value::Int;
use crate::config::keys::global;
use crate::config::support::commands;
use crate::config::text::atoi;
use crate::reply::{REPLY_SIZE, whole_lines};
use crate::supplicant::interface::{Cx, Interface};

/// A reply before it becomes bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Ok,
    Fail,
    Text(String),
    Unknown,
}

impl Reply {
    fn ok_if(success: bool) -> Reply {
        if success { Reply::Ok } else { Reply::Fail }
    }

    fn text_or_fail(text: Option<String>) -> Reply {
        text.map_or(Reply::Fail, Reply::Text)
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Reply::Ok => b"OK\n".to_vec(),
            Reply::Fail => b"FAIL\n".to_vec(),
            Reply::Text(text) => whole_lines(text, REPLY_SIZE).into_bytes(),
            Reply::Unknown => b"UNKNOWN COMMAND\n".to_vec(),
        }
    }
}

impl Interface {
    /// Answers a command about the control connection itself; `None` if it is about something else.
    pub(crate) fn monitor_command(&mut self, conn: ConnId, text: &[u8]) -> Option<Vec<u8>> {
        let reply = match text {
            b"ATTACH" => {
                self.monitors.attach(conn);
                Reply::Ok
            }
            b"DETACH" => Reply::ok_if(self.monitors.detach(conn)),
            _ => {
                let level = atoi(&String::from_utf8_lossy(text.strip_prefix(b"LEVEL ")?));
                Reply::ok_if(self.monitors.set_level(conn, level))
            }
        };
        Some(reply.into_bytes())
    }

    /// Answers any other command.
    pub(crate) fn answer(&mut self, cx: Cx<'_>, text: &[u8]) -> Vec<u8> {
        self.process(cx, text).into_bytes()
    }

    fn process(&mut self, cx: Cx<'_>, bytes: &[u8]) -> Reply {
        if let Some(args) = bytes.strip_prefix(b"SET_NETWORK ") {
            return self.ctrl_set_network(cx, args);
        }
        let text = String::from_utf8_lossy(bytes);
        let text = text.as_ref();
        if let Some(reply) = self.whole_command(cx, text) {
            return reply;
        }
        if let Some((name, args)) = text.split_once(' ')
            && let Some(reply) = self.command_with_arguments(cx, name, args)
        {
            return reply;
        }
        if let Some(reply) = self.testing_command(cx, text) {
            return reply;
        }
        self.prefix_command(cx, text)
    }

    /// Commands without arguments.
    fn whole_command(&mut self, cx: Cx<'_>, text: &str) -> Option<Reply> {
        Some(match text {
            "PING" => Reply::Text("PONG\n".to_owned()),
            "IFNAME" => Reply::Text(self.identity.ifname.clone()),
            "MIB" => Reply::Text(self.rsn.mib() + &self.pae.mib()),
            "PMKSA" => Reply::Text(self.pmksa.list(cx.now)),
            "PMKSA_FLUSH" => {
                self.flush_pmksa(None);
                Reply::Ok
            }
            "ERP_FLUSH" | "SUSPEND" | "RESUME" | "FILS_HLP_REQ_FLUSH" => Reply::Ok,
            "LOGON" => self.ctrl_logoff(cx, false),
            "LOGOFF" => self.ctrl_logoff(cx, true),
            "REAUTHENTICATE" => self.ctrl_reauthenticate(cx),
            "REASSOCIATE" => {
                self.request_connection(cx);
                Reply::Ok
            }
            "REATTACH" => self.ctrl_reattach(cx),
            "RECONNECT" => {
                if self.disconnected {
                    self.request_connection(cx);
                }
                Reply::Ok
            }
            "DISCONNECT" => {
                self.request_disconnection(cx);
                Reply::Ok
            }
            "RECONFIGURE" => self.ctrl_reconfigure(cx),
            "SAVE_CONFIG" => self.ctrl_save_config(),
            "TERMINATE" => {
                self.terminating = true;
                Reply::Ok
            }
            "SCAN" => self.ctrl_scan(cx, ""),
            "SCAN_RESULTS" => Reply::Text(self.ctrl_scan_results()),
            "ABORT_SCAN" => self.ctrl_abort_scan(),
            "ADD_NETWORK" => Reply::Text(format!("{}\n", self.add_network())),
            "LIST_NETWORKS" => Reply::Text(self.ctrl_list_networks(None)),
            "LIST_CREDS" => Reply::Text(self.ctrl_list_creds()),
            "ADD_CRED" => Reply::Text(format!("{}\n", self.ctrl_add_cred())),
            "DRIVER_FLAGS" => Reply::Text(driver_text::flags()),
            "DRIVER_FLAGS2" => Reply::Text(driver_text::flags2()),
            "WMM_AC_STATUS" => Reply::Text("Not associated to a WMM AP, WMM AC is Disabled\n".to_owned()),
            "STA-FIRST" => self.ctrl_sta_first(cx),
            "STOP_AP" => self.ctrl_stop_ap(cx),
            "UPDATE_BEACON" => self.ctrl_update_beacon(cx),
            "FLUSH" => {
                self.ctrl_flush(cx);
                Reply::Ok
            }
            "WPS_PBC" => self.ctrl_wps_pbc(cx, None),
            "WPS_CANCEL" => self.ctrl_wps_cancel(cx),
            // No driver of 2.10 for Linux lists its interfaces.
            "INTERFACE_LIST" => Reply::Text(String::new()),
            _ => return None,
        })
    }

    /// Commands whose name a blank ends.
    fn command_with_arguments(&mut self, cx: Cx<'_>, name: &str, args: &str) -> Option<Reply> {
        Some(match name {
            "NOTE" => Reply::Ok,
            "SET" => self.ctrl_set(cx, args),
            "GET" => self.ctrl_get(args),
            "MESH_PEER_ADD" | "MESH_PEER_REMOVE" => {
                if wpasim_wire::MacAddr::parse_prefix(args).is_some() {
                    self.info("Mesh is not prepared yet");
                }
                Reply::Fail
            }
            // Nobody here is associated with FT, so there is nothing to do.
            "FT_DS" => Reply::ok_if(wpasim_wire::MacAddr::parse_prefix(args).is_some()),
            "PREAUTH" => Reply::ok_if(wpasim_wire::MacAddr::parse_prefix(args).is_some()),
            "BSSID" => self.ctrl_bssid(args),
            "LIST_NETWORKS" => Reply::Text(self.ctrl_list_networks(Some(args))),
            "SCAN" => self.ctrl_scan(cx, args),
            "SELECT_NETWORK" => self.ctrl_select_network(cx, args),
            "ENABLE_NETWORK" => self.ctrl_enable_network(cx, args),
            "DISABLE_NETWORK" => self.ctrl_disable_network(cx, args),
            "REMOVE_NETWORK" => self.ctrl_remove_network(cx, args),
            "GET_NETWORK" => self.ctrl_get_network(args),
            "DUP_NETWORK" => self.ctrl_dup_network(cx, args),
            "REMOVE_CRED" => self.ctrl_remove_cred(args),
            "SET_CRED" => self.ctrl_set_cred(args),
            "GET_CRED" => self.ctrl_get_cred(args),
            "GET_CAPABILITY" => self.ctrl_get_capability(cx, args),
            "AP_SCAN" => self.ctrl_ap_scan(args),
            "SCAN_INTERVAL" => self.ctrl_scan_interval(cx, args),
            "BSS" => Reply::Text(self.ctrl_bss(cx, args)),
            "STA" => self.ctrl_sta(cx, args),
            "STA-NEXT" => self.ctrl_sta_next(cx, args),
            "DEAUTHENTICATE" => self.ctrl_deauthenticate(cx, args, true),
            "DISASSOCIATE" => self.ctrl_deauthenticate(cx, args, false),
            "ROAM" => self.ctrl_roam(cx, args),
            "STA_AUTOCONNECT" => {
                self.auto_reconnect_disabled = atoi(args) == 0;
                Reply::Ok
            }
            "BSS_EXPIRE_AGE" => self.ctrl_bss_expire(args, global::BSS_EXPIRATION_AGE, 10, "age"),
            "BSS_EXPIRE_COUNT" => self.ctrl_bss_expire(args, global::BSS_EXPIRATION_SCAN_COUNT, 1, "count"),
            "BSS_FLUSH" => self.ctrl_bss_flush(cx, args),
            "AUTOSCAN" => {
                self.set_autoscan(cx, args);
                Reply::Ok
            }
            "PMKSA_GET" => self.ctrl_pmksa_get(cx, args),
            "PMKSA_ADD" => self.ctrl_pmksa_add(cx, args),
            "RADIO_WORK" => self.ctrl_radio_work(cx, args),
            "MAC_RAND_SCAN" => self.ctrl_mac_rand_scan(args),
            "CHAN_SWITCH" => self.ctrl_chan_switch(cx, args),
            "WPS_PBC" => self.ctrl_wps_pbc(cx, Some(args)),
            "WPS_PIN" => self.ctrl_wps_pin(cx, args),
            "WPS_CHECK_PIN" => wps::check_pin(args),
            "WPS_REG" => self.ctrl_wps_reg(cx, args),
            "WPS_AP_PIN" => self.ctrl_wps_ap_pin(cx, args),
            _ => return None,
        })
    }

    /// Commands that 2.10 recognizes by their beginning.
    fn prefix_command(&mut self, cx: Cx<'_>, text: &str) -> Reply {
        if let Some(kind) = text.strip_prefix("STATUS") {
            return Reply::Text(self.ctrl_status(cx, kind));
        }
        if let Some(rest) = text.strip_prefix("BSSID_IGNORE").or_else(|| text.strip_prefix("BLACKLIST")) {
            return self.ctrl_bssid_ignore(cx, rest);
        }
        if let Some(rest) = text.strip_prefix("LOG_LEVEL") {
            return self.ctrl_log_level(rest);
        }
        if text.starts_with("SIGNAL_POLL") {
            return Reply::text_or_fail(self.ctrl_signal_poll(cx));
        }
        if let Some(rest) = text.strip_prefix("SIGNAL_MONITOR") {
            return self.ctrl_signal_monitor(rest);
        }
        if text.starts_with("PKTCNT_POLL") {
            return Reply::text_or_fail(self.ctrl_pktcnt_poll(cx));
        }
        if text.starts_with("DUMP") {
            return Reply::Text(self.config.globals.dump());
        }
        if text.starts_with("RELOG") {
            return Reply::Ok;
        }
        if let Some(rest) = text.strip_prefix("CTRL-RSP-") {
            return self.ctrl_rsp(rest);
        }
        if commands::refused(commands::INTERFACE, text).is_some() {
            return Reply::Fail;
        }
        Reply::Unknown
    }
}

impl Interface {
    /// BSS_EXPIRE_AGE and BSS_EXPIRE_COUNT.
    fn ctrl_bss_expire(&mut self, args: &str, key: GlobalKey<Int>, least: u32, word: &str) -> Reply {
        let value = atoi(args);
        // 2.10 compares without a sign.
        if (value as u32) < least {
            self.msg(
                crate::supplicant::monitors::Level::Error,
                &format!("Invalid bss expiration {word} {value}"),
            );
            return Reply::Fail;
        }
        self.config.globals.set_int(key, value);
        Reply::Ok
    }
}
