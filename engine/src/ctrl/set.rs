//! SET and GET.

use crate::config::key::GlobalKey;
use crate::config::key::value::Int;
use crate::config::keys::global;
use base64ct::Encoding;
use wpasim_wire::driver::DriverRequest;
use wpasim_wire::ieee80211::reason;
use wpasim_wire::time::Duration;
use wpasim_wire::{MacAddr, Ssid};

use super::Reply;
use crate::config::Blob;
use crate::config::text::{atoi, parse_hex};
use crate::supplicant::interface::parts::failures::Disallowed;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::p2p::ProcessRequest;
use crate::supplicant::state::WpaState;

impl Interface {
    pub(super) fn ctrl_set(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some((name, value)) = args.split_once(' ') else { return Reply::Fail };
        let number = atoi(value);
        let positive = |n: i32| if n >= 0 { Some(n as u32) } else { None };
        let periods = &mut self.security.pae_mut().periods;
        match name.to_ascii_lowercase().as_str() {
            "eapol::heldperiod" => periods.held = positive(number).unwrap_or(periods.held),
            "eapol::authperiod" => periods.auth = positive(number).unwrap_or(periods.auth),
            "eapol::startperiod" => periods.start = positive(number).unwrap_or(periods.start),
            "eapol::maxstart" => periods.max_start = positive(number).unwrap_or(periods.max_start),
            "dot11rsnaconfigpmklifetime" => {
                return self.set_rsn(global::DOT11_RSNA_CONFIG_PMK_LIFETIME, value);
            }
            "dot11rsnaconfigpmkreauththreshold" => {
                return self.set_rsn(global::DOT11_RSNA_CONFIG_PMK_REAUTH_THRESHOLD, value);
            }
            "dot11rsnaconfigsatimeout" => return self.set_rsn(global::DOT11_RSNA_CONFIG_SA_TIMEOUT, value),
            "disallow_aps" => return self.set_disallow_aps(cx, value),
            "wifi_display" if number != 0 && !cx.shared.exists => return Reply::Fail,
            "wifi_display" => {
                cx.shared.wifi_display = number != 0;
                self.signal(ProcessRequest::ConfigChanged("wifi_display".to_owned()));
            }
            "wps_fragment_size" => self.enrolling.set_fragment_size(number),
            // Without scheduled scans there is nothing to start, and nothing to stop.
            "ext_mgmt_frame_handling" if self.testing.is_built_in() => {
                self.testing.tell_mgmt_frames(number != 0)
            }
            "ext_eapol_frame_io" if self.testing.is_built_in() => self.set_external_eapol(number != 0),
            "pno" => return Reply::ok_if(number == 0),
            "ps" => return self.set_power_save(number),
            "no_keep_alive" => self.link.set_keep_alive_off(number != 0),
            "radio_disabled" | "ampdu" | "roaming" | "tdls_trigger_control" => {
                return Reply::Fail;
            }
            "bssid_filter" => return self.set_bssid_filter(value),
            "setband" => return self.set_band(value),
            "non_pref_chan" if !valid_non_pref_chan(value) => return Reply::Fail,
            "mbo_cell_capa" => self.config.globals.set_int(global::MBO_CELL_CAPA, i32::from(number as u8)),
            "oce" => self.config.globals.set_int(global::OCE, number),
            _ if name == "blob" => return self.set_blob(value),
            other => match without_effect(other, value, number) {
                Some(accepted) => return Reply::ok_if(accepted),
                None => return self.set_global(name, value),
            },
        }
        Reply::Ok
    }

    /// Power save towards the access point on or off; -1 leaves it.
    fn set_power_save(&mut self, number: i32) -> Reply {
        Reply::ok_if(self.power_save(number))
    }

    /// Returns whether the driver sets power save so; it has none for an access point (ieee80211_set_power_mgmt).
    pub(in crate::ctrl) fn power_save(&mut self, number: i32) -> bool {
        match number {
            -1 => true,
            0 | 1 if self.ap.is_none() => {
                self.driver(DriverRequest::SetPowerSave(number == 1));
                true
            }
            _ => false,
        }
    }

    fn set_global(&mut self, name: &str, value: &str) -> Reply {
        let accepted = self.config.globals.assign(&format!("{name}={value}")).is_ok();
        self.apply_globals();
        if accepted {
            self.signal(ProcessRequest::ConfigChanged(name.to_owned()));
        }
        Reply::ok_if(accepted)
    }

    /// Addresses, one blank apart; scan results of other BSSs are dropped, an empty list ends that.
    fn set_bssid_filter(&mut self, value: &str) -> Reply {
        let words = value.strip_suffix(' ').unwrap_or(value).split(' ').filter(|_| !value.is_empty());
        match words.map(|w| MacAddr::parse_prefix(w).map(|(addr, _)| addr)).collect() {
            Some(filter) => {
                self.scan_wishes.filter_bssids(filter);
                Reply::Ok
            }
            None => Reply::Fail,
        }
    }

    /// `AUTO`, or some of 2G, 5G and 6G: scans of no particular channels keep to these bands.
    fn set_band(&mut self, value: &str) -> Reply {
        let bands = ["2G", "5G", "6G"].map(|band| value.contains(band) && !value.contains("AUTO"));
        if !value.contains("AUTO") && !bands.contains(&true) {
            return Reply::Fail;
        }
        self.scan_wishes.keep_to_bands(bands);
        Reply::Ok
    }

    /// `NAME HEX`.
    fn set_blob(&mut self, value: &str) -> Reply {
        let Some((name, digits)) = value.split_once(' ') else { return Reply::Fail };
        let Some(octets) = parse_hex(digits) else { return Reply::Fail };
        self.config.blobs.retain(|b| b.name != name);
        let base64 = base64ct::Base64::encode_string(&octets);
        self.config.blobs.insert(0, Blob { name: name.to_owned(), base64 });
        Reply::Ok
    }

    /// Sets a parameter of the RSN state machine: the value, unsigned, must be positive, the threshold a percentage.
    /// The configuration takes it only if it is a number and nothing else.
    //= hostap@2.10 src/rsn_supp/wpa.c#wpa_sm_set_param
    fn set_rsn(&mut self, key: GlobalKey<Int>, value: &str) -> Reply {
        let number = atoi(value) as u32;
        let valid = number > 0
            && (key.name() != global::DOT11_RSNA_CONFIG_PMK_REAUTH_THRESHOLD.name() || number <= 100);
        if valid {
            self.set_global(key.name(), value);
        }
        Reply::ok_if(valid)
    }

    /// `ssid <hex> bssid <addr> …`; an AP in use that becomes disallowed is left at once.
    fn set_disallow_aps(&mut self, cx: &mut InterfaceContext<'_>, value: &str) -> Reply {
        let Some(list) = disallowed(value) else { return Reply::Fail };
        self.failures.disallow(list);
        let ssid = self.link.network().and_then(|id| self.config.network(id)).map(|n| n.ssid());
        let affected = self.link.state() >= WpaState::Authenticating
            && self.ap.is_none()
            && (self.failures.disallows_bssid(self.link.bssid())
                || ssid.is_some_and(|s| self.failures.disallows_ssid(&s)));
        if affected {
            self.attempt.forget_association();
            self.intent.reassociate();
            self.intent.leave();
            self.deauthenticate(cx, reason::DEAUTH_LEAVING);
            self.request_scan(cx.now, Duration::ZERO);
        }
        Reply::Ok
    }

    pub(super) fn ctrl_get(&self, cx: &InterfaceContext<'_>, name: &str) -> Reply {
        if name == "version" {
            return Reply::Text("2.10".to_owned());
        }
        match name.to_ascii_lowercase().as_str() {
            "max_command_len" => Reply::Text("8192".to_owned()),
            "country" => Reply::text_or_fail(self.config.globals.text(global::COUNTRY).map(str::to_owned)),
            "wifi_display" => {
                let shared = &*cx.shared;
                Reply::Text(i32::from(shared.is_on() && shared.wifi_display).to_string())
            }
            "tls_library" => Reply::Text("internal".to_owned()),
            _ => Reply::text_or_fail(self.config.globals.get(name)),
        }
    }
}

/// Variables of protocols and drivers whose effect nothing here shows: whether 2.10 accepts the value.
/// `None` for any other name.
fn without_effect(name: &str, value: &str, number: i32) -> Option<bool> {
    let hex_or_empty = || value.is_empty() || value == "\"\"" || parse_hex(value).is_some();
    Some(match name {
        "tdls_disabled"
        | "disable_fils"
        | "load_dynamic_eap"
        | "enable_dscp_policy_capa"
        | "dpp_configurator_params"
        | "dpp_init_max_tries"
        | "dpp_init_retry_time"
        | "dpp_resp_wait_time"
        | "dpp_resp_max_tries"
        | "dpp_resp_retry_time" => true,
        "uapsd" => value == "disable" || value.matches(',').count() >= 3,
        "relative_rssi" => value == "disable" || (0..=100).contains(&number),
        "relative_band_adjust" => value.split_once(':').is_some_and(|(band, adjust)| {
            (-100..=100).contains(&atoi(adjust)) && (band.starts_with("2G") || band.starts_with("5G"))
        }),
        "lci" | "ric_ies" => hex_or_empty(),
        "coloc_intf_elems" => parse_hex(value).is_some(),
        _ => return None,
    })
}

/// `class:channel:preference:reason …`, without repetition (Wi-Fi Agile Multiband, non-preferred channels). 2.10 looks only at
/// texts that are long enough for one.
fn valid_non_pref_chan(value: &str) -> bool {
    let mut seen = Vec::new();
    value.len() < 7
        || value.split(' ').filter(|w| !w.is_empty()).all(|word| {
            let mut fields = word.splitn(4, ':');
            let mut number = |max: u32| {
                let field = fields.next()?;
                let digits = field.bytes().take_while(u8::is_ascii_digit).count();
                field[..digits].parse::<u32>().ok().filter(|n| *n <= max)
            };
            let (Some(class), Some(channel), Some(_), Some(reason)) =
                (number(255), number(255), number(255), number(65_535))
            else {
                return false;
            };
            let new = !seen.contains(&(class, channel));
            seen.push((class, channel));
            new && reason <= 3 && channel != 0
        })
}

/// `ssid <hex> bssid <addr> …`, one blank apart.
fn disallowed(value: &str) -> Option<Disallowed> {
    let (mut bssids, mut ssids) = (Vec::new(), Vec::new());
    let mut rest = value;
    while !rest.is_empty() {
        if let Some(text) = rest.strip_prefix("bssid ") {
            let (bssid, tail) = MacAddr::parse_prefix(text)?;
            bssids.push(bssid);
            rest = tail;
        } else {
            let text = rest.strip_prefix("ssid ")?;
            let end = text.find(' ').unwrap_or(text.len());
            ssids.push(Ssid::new(parse_hex(&text[..end])?).ok()?);
            rest = &text[end..];
        }
        rest = rest.split_once(' ').map_or("", |(_, next)| next);
    }
    Some(Disallowed::new(bssids, ssids))
}
