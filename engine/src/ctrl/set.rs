//! SET and GET.

use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Duration;
use wpasim_wire::{MacAddr, Ssid};

use super::Reply;
use crate::config::text::{atoi, parse_hex};
use crate::supplicant::interface::{Cx, Disallowed, Interface};
use crate::supplicant::state::WpaState;

impl Interface {
    pub(super) fn ctrl_set(&mut self, cx: Cx<'_>, args: &str) -> Reply {
        let Some((name, value)) = args.split_once(' ') else { return Reply::Fail };
        let number = atoi(value);
        let positive = |n: i32| if n >= 0 { Some(n as u32) } else { None };
        match name.to_ascii_lowercase().as_str() {
            "eapol::heldperiod" => self.pae.held_period = positive(number).unwrap_or(self.pae.held_period),
            "eapol::authperiod" => self.pae.auth_period = positive(number).unwrap_or(self.pae.auth_period),
            "eapol::startperiod" => self.pae.start_period = positive(number).unwrap_or(self.pae.start_period),
            "eapol::maxstart" => self.pae.max_start = positive(number).unwrap_or(self.pae.max_start),
            "dot11rsnaconfigpmklifetime" => return self.set_rsn("dot11RSNAConfigPMKLifetime", number),
            "dot11rsnaconfigpmkreauththreshold" => {
                return self.set_rsn("dot11RSNAConfigPMKReauthThreshold", number);
            }
            "dot11rsnaconfigsatimeout" => return self.set_rsn("dot11RSNAConfigSATimeout", number),
            "disallow_aps" => return self.set_disallow_aps(cx, value),
            "radio_disabled" | "ampdu" | "ps" | "roaming" | "tdls_trigger_control" | "pno" => {
                return Reply::Fail;
            }
            "uapsd" | "no_keep_alive" | "wps_fragment_size" | "wifi_display" | "bssid_filter" | "setband"
            | "mbo_cell_capa" | "disable_fils" | "relative_rssi" | "tdls_disabled" => {}
            _ => {
                let line = format!("{name}={value}");
                let accepted = self.config.globals.assign(&line).is_ok();
                self.apply_globals();
                return Reply::ok_if(accepted);
            }
        }
        Reply::Ok
    }

    /// wpa_sm_set_param: the value must be positive, the threshold a percentage.
    fn set_rsn(&mut self, variable: &'static str, value: i32) -> Reply {
        let valid = value > 0 && (variable != "dot11RSNAConfigPMKReauthThreshold" || value <= 100);
        if valid {
            self.config.globals.set_int(variable, value);
            self.apply_globals();
        }
        Reply::ok_if(valid)
    }

    /// `ssid <hex> bssid <addr> …`; an AP in use that becomes disallowed is left at once.
    fn set_disallow_aps(&mut self, cx: Cx<'_>, value: &str) -> Reply {
        let mut list = Disallowed::default();
        let mut words = value.split(' ').filter(|w| !w.is_empty());
        while let Some(word) = words.next() {
            let Some(argument) = words.next() else { return Reply::Fail };
            match word {
                "bssid" => match MacAddr::parse_prefix(argument) {
                    Some((bssid, _)) => list.bssids.push(bssid),
                    None => return Reply::Fail,
                },
                "ssid" => match parse_hex(argument).and_then(|o| Ssid::new(o).ok()) {
                    Some(ssid) => list.ssids.push(ssid),
                    None => return Reply::Fail,
                },
                _ => return Reply::Fail,
            }
        }
        self.disallowed = list;
        let ssid = self.current_network.and_then(|id| self.config.network(id)).map(|n| n.ssid());
        let affected = self.state >= WpaState::Authenticating
            && self.ap.is_none()
            && (self.disallowed.bssids.contains(&self.bssid)
                || ssid.is_some_and(|s| self.disallowed.ssids.contains(&s)));
        if affected {
            self.sme.prev_bssid = None;
            self.reassociate = true;
            self.own_disconnect_req = true;
            self.deauthenticate(cx, reason::DEAUTH_LEAVING);
            self.request_scan(cx.now, Duration::ZERO);
        }
        Reply::Ok
    }

    pub(super) fn ctrl_get(&self, name: &str) -> Reply {
        match name {
            "version" => Reply::Text("2.10".to_owned()),
            "max_command_len" => Reply::Text("8192".to_owned()),
            "country" => Reply::text_or_fail(self.config.globals.text("country").map(str::to_owned)),
            "wifi_display" => Reply::Text("0".to_owned()),
            "tls_library" => Reply::Text("internal".to_owned()),
            _ => Reply::text_or_fail(self.config.globals.get(name)),
        }
    }
}
