//! The control interface's commands, with hostapd 2.10's replies.

use super::Hostapd;
use super::call::Call;
use super::table::COMMANDS;
use crate::Env;
use crate::ap::ApContext;
use crate::config::support::commands;
use crate::ctrl::row;
use crate::runtime::reply::Reply;
use crate::wire::MacAddr;
use crate::wire::time::Instant;

impl Hostapd {
    /// Carries a command out and gives its reply, final newline included. Debian builds hostapd with CONFIG_TESTING_OPTIONS.
    pub(super) fn execute(&mut self, call: Call<'_>, text: &str) -> Vec<u8> {
        let reply = match row::find(COMMANDS, text, true) {
            Some((handler, arguments)) => {
                let reply = handler(self, call, arguments);
                self.carry_out();
                reply
            }
            None if commands::refused(commands::HOSTAPD, text).is_some() => Reply::Fail,
            None => Reply::Unknown,
        };
        reply.into_bytes()
    }

    pub(super) fn sta(&self, cx: ApContext<'_>, rest: &str) -> Reply {
        let Some((addr, after)) = MacAddr::parse_prefix(rest) else { return Reply::Fail };
        match self.ap.sta_text(cx, addr) {
            Some(text) if !after.contains(' ') => Reply::Text(text),
            _ => Reply::Fail,
        }
    }

    /// Does something to the station that the arguments of a command begin with.
    pub(super) fn for_station(&mut self, args: &str, run: impl FnOnce(&mut Self, MacAddr) -> bool) -> Reply {
        let addr = MacAddr::parse_prefix(args).map(|(addr, _)| addr);
        Reply::ok_if(addr.is_some_and(|addr| run(self, addr)))
    }

    /// The same, for stations that the access point knows.
    pub(super) fn for_known_station(
        &mut self,
        args: &str,
        run: impl FnOnce(&mut Self, MacAddr) -> bool,
    ) -> Reply {
        self.for_station(args, |h, addr| h.ap.knows(addr) && run(h, addr))
    }

    /// GET_PMK: the pairwise master key of a station, in hexadecimal digits.
    pub(super) fn pmk_of(&self, args: &str) -> Reply {
        let pmk = MacAddr::parse_prefix(args).and_then(|(addr, _)| self.ap.pmk(addr));
        Reply::text_or_fail(pmk.map(|pmk| pmk.iter().map(|b| format!("{b:02x}")).collect()))
    }

    /// SET: what the access point looks at while it runs changes at once, the rest at the next ENABLE
    /// or RELOAD.
    pub(super) fn set(&mut self, now: Instant, variable: &str, value: &str, env: Env<'_>) -> bool {
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
        // A setting that does not fit the others is refused, and stays.
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
