//! Commands of Wi-Fi Protected Setup, for a station and for an access point in mode=2.

use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::Reply;
use crate::ap::PbcRefusal;
use crate::config::text::atoi;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::wps::NewApSettings;
use crate::wps::pin_valid;

impl Interface {
    /// WPS_PBC, `WPS_PBC any`, `WPS_PBC <BSSID>`, `WPS_PBC p2p_dev_addr=<addr>`, each with ` multi_ap=1`.
    pub(super) fn ctrl_wps_pbc(&mut self, cx: &mut InterfaceContext<'_>, args: Option<&str>) -> Reply {
        let mut p2p_dev_addr = None;
        let mut multi_ap = false;
        let mut bssid = None;
        let text = args.unwrap_or("any");
        let address = |text| MacAddr::parse_prefix(text).map(|(addr, _)| addr);
        if let Some(value) = text.strip_prefix("p2p_dev_addr=") {
            p2p_dev_addr = address(value);
            if p2p_dev_addr.is_none() {
                return Reply::Fail;
            }
        } else if let Some(value) = text.strip_prefix("multi_ap=") {
            multi_ap = atoi(value) != 0;
        } else if text != "any" && !text.starts_with("any ") {
            bssid = address(text);
            if bssid.is_none() {
                return Reply::Fail;
            }
        }
        if let Some((_, value)) = text.split_once(" multi_ap=") {
            multi_ap = atoi(value) != 0;
        }
        match self.with_ap(cx, |ap, cx| ap.wps_pbc(cx, p2p_dev_addr)) {
            Some(Ok(())) => Reply::Ok,
            Some(Err(PbcRefusal::Overlap)) => Reply::Text("FAIL-PBC-OVERLAP\n".to_owned()),
            Some(Err(PbcRefusal::Off)) => Reply::Fail,
            None => Reply::ok_if(self.start_wps_pbc(cx, bssid, multi_ap)),
        }
    }

    /// `WPS_PIN any|<BSSID>|get [PIN] [timeout]`: the reply is the PIN.
    pub(super) fn ctrl_wps_pin(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let (whom, pin) = match args.split_once(' ') {
            Some((whom, pin)) => (whom, Some(pin)),
            None => (args, None),
        };
        let bssid = match whom {
            "get" => return Reply::Text(self.new_pin()),
            "any" => None,
            _ => match MacAddr::parse_prefix(whom) {
                Some((addr, _)) => Some(addr),
                None => return Reply::Fail,
            },
        };
        if self.ap.is_some() {
            let (pin, timeout) = match pin.and_then(|p| p.split_once(' ')) {
                Some((pin, timeout)) => (Some(pin), atoi(timeout)),
                None => (pin, 0),
            };
            return Reply::text_or_fail(self.ap_wps_pin(cx, bssid, pin, timeout));
        }
        Reply::text_or_fail(self.start_wps_pin(cx, bssid, pin))
    }

    /// WPS_CANCEL.
    pub(super) fn ctrl_wps_cancel(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        match self.ap_wps_cancel(cx) {
            Some(done) => Reply::ok_if(done),
            None => {
                self.cancel_wps(cx);
                Reply::Ok
            }
        }
    }

    /// `WPS_REG <BSSID> <AP PIN> [<SSID> <auth> <encr> <key>]`.
    pub(super) fn ctrl_wps_reg(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some((bssid, rest)) = args.split_once(' ') else { return Reply::Fail };
        let Some((bssid, _)) = MacAddr::parse_prefix(bssid) else { return Reply::Fail };
        let Some((pin, new)) = rest.split_once(' ') else {
            return Reply::ok_if(self.start_wps_registrar(cx, bssid, rest, None));
        };
        let mut words = new.splitn(4, ' ');
        let (Some(ssid), Some(auth), Some(encr), Some(key)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Reply::Fail;
        };
        let settings = NewApSettings { ssid, auth, encr, key };
        Reply::ok_if(self.start_wps_registrar(cx, bssid, pin, Some(settings)))
    }
}

/// Returns the answer of WPS_CHECK_PIN, also for a stand-alone access point.
pub(crate) fn check_pin(args: &str) -> Reply {
    let digits: String = args.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        4 => Reply::Text(digits),
        8 if digits.parse().is_ok_and(pin_valid) => Reply::Text(digits),
        8 => Reply::Text("FAIL-CHECKSUM\n".to_owned()),
        _ => Reply::Fail,
    }
}

/// The time for which an AP PIN of mode=2 is good where the command does not say, in seconds.
const AP_PIN_TIMEOUT: i32 = 300;

/// A time-out in seconds; 0 and less are none.
fn timeout(seconds: i32) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

/// The registrar of an access point in mode=2. `None` where the interface is none.
impl Interface {
    fn ap_wps_pin(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        addr: Option<MacAddr>,
        pin: Option<&str>,
        seconds: i32,
    ) -> Option<String> {
        let pin = pin.map_or_else(|| self.new_pin(), str::to_owned);
        let added = self.with_ap(cx, |ap, cx| ap.wps_pin(cx, addr, None, &pin, timeout(seconds)))?;
        added.then_some(pin)
    }

    fn ap_wps_cancel(&mut self, cx: &mut InterfaceContext<'_>) -> Option<bool> {
        self.with_ap(cx, |ap, cx| ap.end_registration(cx).unwrap_or(false))
    }

    /// `WPS_AP_PIN disable|get|random [timeout]|set PIN [timeout]`.
    pub(super) fn ctrl_wps_ap_pin(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let (verb, rest) = match args.split_once(' ') {
            Some((verb, rest)) => (verb, Some(rest)),
            None => (args, None),
        };
        let reply = self.with_ap(cx, |ap, cx| match (verb, rest) {
            ("disable", _) => {
                ap.disable_ap_pin();
                Reply::Ok
            }
            ("random", rest) => {
                let seconds = rest.map_or(AP_PIN_TIMEOUT, atoi);
                Reply::text_or_fail(ap.random_ap_pin(cx, timeout(seconds)))
            }
            ("get", _) => Reply::text_or_fail(ap.ap_pin().map(str::to_owned)),
            ("set", Some(rest)) => {
                let (pin, seconds) = match rest.split_once(' ') {
                    Some((pin, seconds)) => (pin, atoi(seconds)),
                    None => (rest, AP_PIN_TIMEOUT),
                };
                ap.set_ap_pin(cx, pin, timeout(seconds));
                Reply::Text(pin.to_owned())
            }
            _ => Reply::Fail,
        });
        reply.unwrap_or(Reply::Fail)
    }
}
