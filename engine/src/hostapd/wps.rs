//! WPS_… of the control interface, with hostapd 2.10's replies.

use super::Hostapd;
use super::call::Reply;
use super::config::parse_hex;
use super::number::atoi;
use crate::ap::ApContext;
use crate::wire::time::Duration;
use crate::wire::wsc::{Credential, Uuid, auth_type, encr_type};
use crate::wire::{MacAddr, Ssid};

/// Of WPS_AP_PIN random and set, in seconds.
const AP_PIN_TIMEOUT: i64 = 300;
/// 2.10 has room for a PIN of eight digits.
const AP_PIN_MAX: usize = 8;
/// In octets.
const KEY_MAX: usize = 64;

fn seconds(n: i64) -> Option<Duration> {
    (n > 0).then(|| Duration::from_secs(n))
}

impl Hostapd {
    /// Carries out a command about WPS. The running access point may change its PIN before and by it.
    pub(super) fn wps_command(&mut self, run: impl FnOnce(&mut Self) -> Reply) -> Reply {
        self.keep_ap_pin();
        let reply = run(self);
        self.keep_ap_pin();
        reply
    }

    /// `<UUID|any> <PIN> [seconds [address]]`.
    pub(super) fn wps_pin(&mut self, cx: ApContext<'_>, rest: &str) -> Option<()> {
        let (uuid, rest) = rest.split_once(' ')?;
        let mut words = rest.splitn(3, ' ');
        let pin = words.next().unwrap_or_default();
        // A negative time is over already; 0 is none.
        let timeout = words.next().map(atoi).filter(|n| *n != 0).map(Duration::from_secs);
        let addr = words.next().and_then(MacAddr::parse_prefix).map(|(addr, _)| addr);
        let uuid = if uuid == "any" { None } else { Some(parse_uuid(uuid)?) };
        self.ap.wps_pin(cx, addr, uuid.as_ref(), pin, timeout).then_some(())
    }

    pub(super) fn wps_ap_pin(&mut self, cx: ApContext<'_>, rest: &str) -> Reply {
        let (action, rest) = match rest.split_once(' ') {
            Some((action, rest)) => (action, Some(rest)),
            None => (rest, None),
        };
        let pin = match action {
            "disable" => {
                self.ap.disable_ap_pin();
                self.config.wps.ap_pin = None;
                return Reply::Ok;
            }
            "random" => {
                self.ap.random_ap_pin(cx, seconds(rest.map_or(AP_PIN_TIMEOUT, atoi)));
                self.keep_ap_pin();
                self.config.wps.ap_pin.clone()
            }
            "get" => self.config.wps.ap_pin.clone(),
            "set" => rest.and_then(|rest| {
                let mut words = rest.splitn(2, ' ');
                let pin = words.next().filter(|pin| pin.len() <= AP_PIN_MAX)?;
                self.ap.set_ap_pin(cx, pin, seconds(words.next().map_or(AP_PIN_TIMEOUT, atoi)));
                Some(pin.to_owned())
            }),
            _ => None,
        };
        pin.map_or(Reply::Fail, Reply::Text)
    }

    /// `<SSID> <OPEN|WPAPSK|WPA2PSK> [NONE|TKIP|CCMP [key]]`, SSID and key in hexadecimal.
    pub(super) fn wps_config(&mut self, cx: ApContext<'_>, rest: &str) -> Option<bool> {
        let mut words = rest.splitn(4, ' ');
        let ssid = Ssid::new(parse_hex(words.next()?)?).ok()?;
        let auth = words.next()?;
        let encr = words.next();
        let key = words.next().map(parse_hex);
        let named = |word: &str, names: &[(&str, u16)]| {
            names.iter().find(|(name, _)| word.starts_with(name)).map(|(_, bit)| *bit)
        };
        let auth_type = named(
            auth,
            &[("OPEN", auth_type::OPEN), ("WPAPSK", auth_type::WPA_PSK), ("WPA2PSK", auth_type::WPA2_PSK)],
        )?;
        let encr_type = match encr {
            None => encr_type::NONE,
            Some(word) => named(
                word,
                &[("NONE", encr_type::NONE), ("TKIP", encr_type::TKIP), ("CCMP", encr_type::AES)],
            )?,
        };
        let key = match key {
            None => Vec::new(),
            Some(key) => key.filter(|key| key.len() <= KEY_MAX)?,
        };
        Some(self.ap.wps_config(cx, Credential { ssid, auth_type, encr_type, key, ..Credential::default() }))
    }

    /// The running access point changes its PIN by itself; the configuration follows.
    pub(super) fn keep_ap_pin(&mut self) {
        if let Some(running) = self.ap.config().wps.as_ref().filter(|_| self.ap.offers_wps()) {
            self.config.wps.ap_pin = running.ap_pin.clone();
            self.config.wps.ap_setup_locked = running.ap_setup_locked;
        }
    }
}

/// WPS_CHECK_PIN: the digits, of which eight must have a checksum that fits.
pub(super) fn checked_pin(text: &str) -> Reply {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match (digits.len(), digits.parse()) {
        (8, Ok(pin)) if !crate::wps::pin_valid(pin) => Reply::Text("FAIL-CHECKSUM\n".to_owned()),
        (4 | 8, _) => Reply::Text(digits),
        _ => Reply::Fail,
    }
}

/// `01234567-89ab-cdef-0123-456789abcdef`, with these: four dashes at their
/// places, and nothing asked of what follows.
//= hostap@2.10 src/utils/uuid.c#uuid_str2bin
fn parse_uuid(text: &str) -> Option<Uuid> {
    let mut digits = String::with_capacity(32);
    for (i, c) in text.chars().take(36).enumerate() {
        match (i, c) {
            (8 | 13 | 18 | 23, '-') => {}
            (8 | 13 | 18 | 23, _) => return None,
            _ => digits.push(c),
        }
    }
    parse_hex(&digits)?.try_into().ok()
}
