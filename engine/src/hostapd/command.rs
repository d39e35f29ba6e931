//! The control interface's commands, with hostapd 2.10's replies.

use super::Hostapd;
use super::number::atoi;
use crate::ap::{ApContext, ApState, SwitchSettings};
use crate::config::support::commands;
use crate::ctrl::driver_text;
pub(super) use crate::runtime::reply::Reply;
use crate::wire::MacAddr;
use crate::wire::ieee80211::reason;
use crate::wire::time::Instant;
use crate::{ConnId, Env};

impl Hostapd {
    /// Carries a command out and gives its reply, final newline included.
    pub(super) fn execute(&mut self, now: Instant, conn: ConnId, text: &str, env: Env<'_>) -> Vec<u8> {
        let reply = self
            .query(now, text, env)
            .or_else(|| self.session_command(conn, text))
            .or_else(|| self.wps_command(now, text, env))
            .or_else(|| self.station_command(now, text, env))
            .or_else(|| self.interface_command(now, text, env))
            .or_else(|| self.access_list_command(now, text, env))
            .or_else(|| self.neighbor_command(text))
            .or_else(|| self.testing_command(now, text, env))
            .or_else(|| commands::refused(commands::HOSTAPD, text).map(|_| Reply::Fail));
        reply.unwrap_or(Reply::Unknown).into_bytes()
    }

    /// Commands that only tell.
    fn query(&self, now: Instant, text: &str, env: Env<'_>) -> Option<Reply> {
        let cx = ApContext { now, driver: env.driver };
        Some(match text {
            "PING" => Reply::Text("PONG\n".to_owned()),
            "STATUS" => Reply::Text(self.status(env)),
            "MIB" => Reply::Text(self.ap.mib()),
            "STA-FIRST" => Reply::Text(self.ap.sta_first(cx)),
            "GET_CONFIG" => Reply::Text(self.config_text()),
            "PMKSA" if self.ap.config().security.is_some() => {
                Reply::Text("Index / SPA / PMKID / expiration (in seconds) / opportunistic\n".to_owned())
            }
            "PMKSA" | "TRACK_STA_LIST" | "MIB radius_server" => Reply::Text(String::new()),
            "STATUS-DRIVER" => Reply::Text(self.driver_status(env)),
            "DRIVER_FLAGS" => Reply::Text(driver_text::flags()),
            "DRIVER_FLAGS2" => Reply::Text(driver_text::flags2_of_access_point()),
            "LOG_LEVEL" => Reply::Text(self.log_level.text()),
            "GET version" => Reply::Text("2.10".to_owned()),
            "GET tls_library" => Reply::Text("internal".to_owned()),
            "ERP_FLUSH" | "PMKSA_FLUSH" => Reply::Ok,
            _ if text.starts_with("RELOG") || text.starts_with("NOTE ") => Reply::Ok,
            _ if text.starts_with("GET ") || text.starts_with("MIB ") => Reply::Fail,
            _ => {
                if let Some(rest) = text.strip_prefix("STA ") {
                    return Some(self.sta(cx, rest));
                }
                let rest = text.strip_prefix("STA-NEXT ")?;
                let next = MacAddr::parse_prefix(rest).and_then(|(addr, _)| self.ap.sta_next(cx, addr));
                next.map_or(Reply::Fail, Reply::Text)
            }
        })
    }

    fn sta(&self, cx: ApContext<'_>, rest: &str) -> Reply {
        let Some((addr, after)) = MacAddr::parse_prefix(rest) else { return Reply::Fail };
        match self.ap.sta_text(cx, addr) {
            Some(text) if !after.contains(' ') => Reply::Text(text),
            _ => Reply::Fail,
        }
    }

    /// Commands about the control connection itself.
    fn session_command(&mut self, conn: ConnId, text: &str) -> Option<Reply> {
        Some(match text {
            "ATTACH" => {
                self.monitors.attach(conn);
                Reply::Ok
            }
            "DETACH" => Reply::ok_if(self.monitors.detach(conn)),
            "TERMINATE" => Reply::Ok,
            _ => {
                if let Some(options) = text.strip_prefix("ATTACH ") {
                    return Some(Reply::ok_if(self.monitors.attach_with(conn, options)));
                }
                if let Some(level) = text.strip_prefix("LEVEL ") {
                    return Some(Reply::ok_if(self.monitors.set_level(conn, atoi(level))));
                }
                Reply::ok_if(self.log_level.set(text.strip_prefix("LOG_LEVEL")?, atoi))
            }
        })
    }

    /// Commands about one station.
    fn station_command(&mut self, now: Instant, text: &str, env: Env<'_>) -> Option<Reply> {
        let (name, rest) = text.split_once(' ')?;
        let cx = ApContext { now, driver: env.driver };
        let addr = MacAddr::parse_prefix(rest).map(|(addr, _)| addr);
        let known = addr.is_some_and(|a| self.ap.knows(a));
        let success = match (name, addr) {
            ("DEAUTHENTICATE" | "DISASSOCIATE", None) => false,
            ("DEAUTHENTICATE", Some(addr)) => {
                self.ap.deauthenticate(cx, addr, reason_in(rest), !rest.contains(" tx=0"));
                true
            }
            ("DISASSOCIATE", Some(addr)) => {
                self.ap.disassociate(cx, addr, reason_in(rest), !rest.contains(" tx=0"));
                true
            }
            ("POLL_STA", Some(addr)) if known => {
                self.ap.poll(addr);
                true
            }
            ("RESEND_M1", Some(addr)) => self.ap.resend_message_1(cx, addr, rest.contains("change-anonce")),
            ("RESEND_M3", Some(addr)) => self.ap.resend_message_3(cx, addr),
            ("RESEND_GROUP_M1", Some(addr)) => self.ap.resend_group_message_1(cx, addr),
            ("REKEY_PTK", Some(addr)) => self.ap.rekey_ptk(cx, addr),
            ("GET_PMK", Some(addr)) => {
                let pmk = self.ap.pmk(addr)?;
                return Some(Reply::Text(pmk.iter().map(|b| format!("{b:02x}")).collect()));
            }
            ("POLL_STA" | "RESEND_M1" | "RESEND_M3" | "RESEND_GROUP_M1" | "REKEY_PTK" | "GET_PMK", _) => {
                false
            }
            _ => return None,
        };
        self.carry_out();
        Some(Reply::ok_if(success))
    }

    /// Commands about the interface and its configuration.
    fn interface_command(&mut self, now: Instant, text: &str, env: Env<'_>) -> Option<Reply> {
        let cx = ApContext { now, driver: env.driver };
        let enabled = self.ap.state() == ApState::Enabled;
        if let Some(assignment) = text.strip_prefix("SET ") {
            let Some((variable, value)) = assignment.split_once(' ') else { return Some(Reply::Fail) };
            return Some(Reply::ok_if(self.set(now, variable, value, env)));
        }
        // hostapd compares only the beginning of these.
        if text.starts_with("ENABLE") {
            return Some(Reply::ok_if(!enabled && self.setup.is_none() && self.enable(now, env)));
        }
        if text.starts_with("DISABLE") {
            return Some(Reply::ok_if(self.disable(now, env)));
        }
        if let Some(settings) = text.strip_prefix("CHAN_SWITCH ") {
            let settings = SwitchSettings::parse(settings).filter(SwitchSettings::fits_together);
            let announced = settings.is_some_and(|s| self.ap.switch_channel(cx, s));
            self.carry_out();
            return Some(Reply::ok_if(announced));
        }
        match text {
            "STOP_AP" => self.ap.stop_beaconing(),
            // An interface that is off has no driver to tell.
            "UPDATE_BEACON" if !enabled => return Some(Reply::Fail),
            "UPDATE_BEACON" => self.ap.beacon_again(),
            "REKEY_GTK" => {
                let known = self.ap.rekey_gtk(cx);
                self.carry_out();
                return Some(Reply::ok_if(known));
            }
            _ if text.starts_with("RELOAD") => {
                self.keep_ap_pin();
                *self.ap.config_mut() = self.ap_config(env);
                self.ap.reload(cx);
            }
            _ => return None,
        }
        self.carry_out();
        Some(Reply::Ok)
    }

    /// SET: what the access point looks at while it runs changes at once, the rest at the next ENABLE
    /// or RELOAD.
    fn set(&mut self, now: Instant, variable: &str, value: &str, env: Env<'_>) -> bool {
        if self.set_testing(variable, value) {
            return true;
        }
        self.keep_ap_pin();
        let mut changed = self.config.clone();
        if changed.set(variable, value, &|file| env.files.read(file)).is_err() {
            // A key that could not be read is set all the same.
            self.config.wep_keys = changed.wep_keys;
            return false;
        }
        self.config = changed;
        // What does not fit together is refused, and stays.
        if self.config.check(false).is_err() {
            return false;
        }
        let fresh = self.ap_config(env);
        let running = self.ap.config_mut();
        running.ssid = fresh.ssid;
        running.max_inactivity = fresh.max_inactivity;
        running.skip_inactivity_poll = fresh.skip_inactivity_poll;
        running.disassoc_low_ack = fresh.disassoc_low_ack;
        running.max_stations = fresh.max_stations;
        running.max_listen_interval = fresh.max_listen_interval;
        running.send_probe_response = fresh.send_probe_response;
        running.no_probe_response_when_full = fresh.no_probe_response_when_full;
        running.accept_only = fresh.accept_only;
        running.accept = fresh.accept;
        running.deny = fresh.deny;
        running.auth_algs = fresh.auth_algs;
        running.hidden = fresh.hidden;
        running.vendor_elements = fresh.vendor_elements;
        running.assoc_response_elements = fresh.assoc_response_elements;
        if let Some(running) = &mut running.wps {
            running.off = fresh.wps.is_none();
        }
        if let (Some(running), Some(fresh)) = (&mut running.wps, fresh.wps) {
            running.ap_pin = fresh.ap_pin;
            running.ap_setup_locked = fresh.ap_setup_locked;
            running.cred_processing = fresh.cred_processing;
        }
        if variable.starts_with("wmm_ac_") || variable.starts_with("wme_ac_") {
            running.access_categories = fresh.access_categories;
            running.edca_updates = running.edca_updates.wrapping_add(1) & 0x0f;
            self.ap.beacon_again();
            self.carry_out();
        }
        match variable.to_ascii_lowercase().as_str() {
            "deny_mac_file" => self.enforce_deny_list(now, env),
            "accept_mac_file" => self.enforce_accept_list(now, env),
            _ => {}
        }
        true
    }
}

/// ` reason=N` anywhere after the address; 2 without it.
fn reason_in(text: &str) -> u16 {
    match text.find(" reason=") {
        Some(at) => atoi(text.get(at + 8..).unwrap_or_default()) as u16,
        None => reason::PREV_AUTH_NOT_VALID,
    }
}
