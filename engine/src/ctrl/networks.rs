//! Commands about network blocks and the configuration file.

use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::Reply;
use crate::Output;
use crate::config::text::atoi;
use crate::config::{Config, SetOutcome};
use crate::runtime::Level;
use crate::runtime::reply::REPLY_SIZE;
use crate::scan::channels;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::state::WpaState;

impl Interface {
    pub(super) fn ctrl_list_networks(&self, args: Option<&str>) -> String {
        let after = args.and_then(|a| a.strip_prefix("LAST_ID=")).map(atoi).filter(|id| *id != -1);
        let mut out = "network id / ssid / bssid / flags\n".to_owned();
        for network in self.config.networks.iter().filter(|n| after.is_none_or(|id| n.id > id)) {
            let bssid = network.addr(network::BSSID).map_or("any".to_owned(), |b| b.to_string());
            let current = if self.link.network() == Some(network.id) { "[CURRENT]" } else { "" };
            let disabled = if network.disabled() != 0 { "[DISABLED]" } else { "" };
            let resting = self.failures.rests_until(network.id) != 0;
            let temp = if resting { "[TEMP-DISABLED]" } else { "" };
            let persistent = if network.is_persistent_group() { "[P2P-PERSISTENT]" } else { "" };
            let ssid = self.ssid_text(network.id);
            let id = network.id;
            let line = format!("{id}\t{ssid}\t{bssid}\t{current}{disabled}{temp}{persistent}\n");
            if out.len() + line.len() >= REPLY_SIZE {
                break;
            }
            out.push_str(&line);
        }
        out
    }

    /// `id name value`; the value may hold any octet.
    pub(super) fn ctrl_set_network(&mut self, cx: &mut InterfaceContext<'_>, args: &[u8]) -> Reply {
        let mut parts = args.splitn(3, |b| *b == b' ');
        let (Some(id), Some(name), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
            return Reply::Fail;
        };
        let id = atoi(&String::from_utf8_lossy(id));
        let Ok(name) = core::str::from_utf8(name) else { return Reply::Fail };
        self.update_network(cx, id, name, value)
    }

    /// Handles the consequences of a changed variable of a network.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_update_network
    fn update_network(&mut self, cx: &mut InterfaceContext<'_>, id: i32, name: &str, value: &[u8]) -> Reply {
        let Some(network) = self.config.network_mut(id) else { return Reply::Fail };
        match network.set(name, value) {
            Err(_) => return Reply::Fail,
            Ok(SetOutcome::Unchanged) => return Reply::Ok,
            Ok(SetOutcome::Changed) => {}
        }
        let derive =
            (name == "psk" && value.first() == Some(&b'"') && !network.ssid().is_empty()) || name == "ssid";
        if let Some(passphrase) = network.psk.passphrase.clone().filter(|_| derive) {
            network.psk.psk = Some(cx.env.psk.psk(&passphrase, network.ssid().as_bytes()));
        }
        if !matches!(name, "bssid" | "bssid_hint" | "priority") {
            self.flush_pmksa(Some(id));
            self.forget_eap_session(cx, id);
        }
        Reply::Ok
    }

    pub(super) fn ctrl_get_network(&self, args: &str) -> Reply {
        let Some((id, name)) = args.split_once(' ') else { return Reply::Fail };
        let value = self.config.network(atoi(id)).and_then(|n| n.get_without_key(name));
        Reply::text_or_fail(value)
    }

    pub(super) fn ctrl_dup_network(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let mut parts = args.splitn(3, ' ');
        let (Some(from), Some(to), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Reply::Fail;
        };
        let to = atoi(to);
        if self.config.network(to).is_none() {
            return Reply::Fail;
        }
        match self.config.network(atoi(from)).and_then(|n| n.get(name)) {
            Some(value) => self.update_network(cx, to, name, value.as_bytes()),
            None => Reply::Fail,
        }
    }

    /// A network that a command names; persistent groups can't be enabled or selected.
    fn named_network(&self, args: &str) -> Option<i32> {
        let id = atoi(args);
        self.config.network(id).map(|n| n.id)
    }

    pub(super) fn ctrl_select_network(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let id = if args.starts_with("any") {
            None
        } else {
            match self.named_network(args) {
                Some(id) if !self.config.network(id).is_some_and(|n| n.is_persistent_group()) => Some(id),
                _ => return Reply::Fail,
            }
        };
        if let Some(list) = args.split_once(" freq=").map(|(_, list)| list)
            && let Some(freqs) = channels::from_range_list(list, &self.channels(cx.env))
        {
            self.scan_wishes.limit_to_selection(freqs);
        }
        self.p2p.count_results_since(None);
        self.select_network(cx, id);
        Reply::Ok
    }

    pub(super) fn ctrl_enable_network(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        if args == "all" {
            self.enable_network(cx, None);
            return Reply::Ok;
        }
        let Some(id) = self.named_network(args) else { return Reply::Fail };
        let Some(network) = self.config.network_mut(id).filter(|n| !n.is_persistent_group()) else {
            return Reply::Fail;
        };
        if args.contains(" no-connect") {
            network.set_int_value(network::DISABLED, 0);
            return Reply::Ok;
        }
        self.p2p.count_results_since(None);
        self.enable_network(cx, Some(id));
        Reply::Ok
    }

    pub(super) fn ctrl_disable_network(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        if args == "all" {
            self.disable_network(cx, None);
            return Reply::Ok;
        }
        match self.named_network(args) {
            Some(id) if !self.config.network(id).is_some_and(|n| n.is_persistent_group()) => {
                self.disable_network(cx, Some(id));
                Reply::Ok
            }
            _ => Reply::Fail,
        }
    }

    pub(super) fn ctrl_remove_network(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        if args == "all" {
            self.remove_all_networks(cx);
            return Reply::Ok;
        }
        Reply::ok_if(self.remove_network(cx, atoi(args)))
    }

    /// `id bssid`; the zero address removes the preference.
    pub(super) fn ctrl_bssid(&mut self, args: &str) -> Reply {
        let Some((id, addr)) = args.split_once(' ') else { return Reply::Fail };
        let Some((addr, _)) = MacAddr::parse_prefix(addr) else { return Reply::Fail };
        match self.config.network_mut(atoi(id)) {
            Some(network) => {
                network.set_addr_value(network::BSSID, (!addr.is_zero()).then_some(addr));
                Reply::Ok
            }
            None => Reply::Fail,
        }
    }

    pub(super) fn ctrl_bssid_ignore(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some(args) = args.get(1..) else { return Reply::Text(self.failures.avoided_lines()) };
        if args.starts_with("clear") {
            self.failures.stop_avoiding_all();
            return Reply::Ok;
        }
        let Some((addr, _)) = MacAddr::parse_prefix(args) else { return Reply::Fail };
        // Twice, so that the next selection skips it whatever the limit.
        self.failures.avoid(cx.now, addr);
        self.failures.avoid(cx.now, addr);
        Reply::Ok
    }

    pub(super) fn ctrl_save_config(&mut self) -> Reply {
        if self.config.globals.int(global::UPDATE_CONFIG) == 0 {
            return Reply::Fail;
        }
        let path = self.identity.config_path.clone();
        let content = self.config.write().into_bytes();
        self.output(Output::SaveFile { path, content });
        Reply::Ok
    }

    /// Handles RECONFIGURE. A file that can't be read changes nothing.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_reload_configuration
    pub(super) fn ctrl_reconfigure(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        let path = self.identity.config_path.clone();
        let parsed = Config::read(&path, cx.env.files, cx.env.psk);
        let refused = parsed.as_ref().err().cloned();
        let Ok(config) = parsed else {
            refused.iter().for_each(|refusals| self.say_refusals(refusals));
            self.msg(Level::Error, &format!("Failed to parse the configuration file '{path}' - exiting"));
            return Reply::Fail;
        };
        self.forget_every_eap_session(cx);
        if self.link.network().is_some() {
            self.leave(cx);
        }
        self.config = config;
        self.failures.networks_are_gone();
        self.link.configuration_is_replaced();
        self.attempt.forget_association();
        self.apply_globals();
        self.clear_status(cx);
        if self.has_enabled_networks() {
            self.intent.reassociate();
            self.request_scan(cx.now, Duration::ZERO);
        }
        self.failures.stop_avoiding_all();
        Reply::Ok
    }

    /// RESUME: an interface that is not connected looks for a network.
    //= hostap@2.10 wpa_supplicant/notify.c#wpas_notify_resume
    pub(crate) fn ctrl_resume(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        if self.link.state() == WpaState::Disconnected {
            self.request_scan(cx.now, Duration::from_millis(100));
        }
        Reply::Ok
    }

    pub(super) fn ctrl_reattach(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        if self.link.state() == WpaState::InterfaceDisabled || self.link.network().is_none() {
            return Reply::Fail;
        }
        self.intent.reattach();
        self.request_connection(cx);
        Reply::Ok
    }

    /// `field-id:value`, an answer to CTRL-REQ.
    pub(super) fn ctrl_rsp(&mut self, args: &str) -> Reply {
        let Some((field, rest)) = args.split_once('-') else { return Reply::Fail };
        let Some((id, value)) = rest.split_once(':') else { return Reply::Fail };
        let variable = match field {
            "IDENTITY" => "identity",
            "PASSWORD" | "NEW_PASSWORD" => "password",
            "PIN" => "pin",
            "PASSPHRASE" => "private_key_passwd",
            "PSK_PASSPHRASE" => "psk",
            _ => return Reply::Fail,
        };
        match self.config.network_mut(atoi(id)) {
            Some(network) => Reply::ok_if(network.set(variable, format!("\"{value}\"").as_bytes()).is_ok()),
            None => Reply::Fail,
        }
    }
}
