//! Commands of Wi-Fi Direct. They are the process's, whichever interface they come through.

mod connect;
mod peer;
mod set;

use crate::config::keys::network;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::methods;

use super::Reply;
use crate::config::text::atoi;
use crate::p2p::{FindKind, FindRequest, PresenceRequest};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;
use crate::supplicant::p2p::ProvDiscFor;
use crate::supplicant::state::WpaState;

/// Commands that the process-wide socket gives to the P2P device's interface, the whole text.
const OF_DEVICE: [&str; 13] = [
    "LIST_NETWORKS",
    "P2P_FIND",
    "P2P_STOP_FIND",
    "P2P_LISTEN",
    "P2P_GROUP_ADD",
    "P2P_GET_PASSPHRASE",
    "P2P_SERVICE_UPDATE",
    "P2P_SERVICE_FLUSH",
    "P2P_FLUSH",
    "P2P_CANCEL",
    "P2P_PRESENCE_REQ",
    "P2P_EXT_LISTEN",
    "STA-FIRST",
];
/// The same, by their beginning.
const BEGINNINGS_OF_DEVICE: [&str; 12] = [
    "GET_CAPABILITY ",
    "GET_NETWORK ",
    "NFC_GET_HANDOVER_REQ ",
    "NFC_GET_HANDOVER_SEL ",
    "NFC_REPORT_HANDOVER ",
    "P2P_",
    "REMOVE_NETWORK ",
    "STA ",
    "STA-NEXT ",
    "WFD_SUBELEM_",
    "WPS_NFC_TAG_READ ",
    "WPS_NFC_TOKEN ",
];

/// A value behind a word of a command's arguments, wherever it stands.
fn value<'a>(args: &'a str, word: &str) -> Option<&'a str> {
    args.split_once(word).map(|(_, value)| value)
}

/// A positive number behind a word. `Err` if it is none.
fn positive(args: &str, word: &str) -> Result<Option<u32>, ()> {
    match value(args, word).map(atoi) {
        None => Ok(None),
        Some(n) if n > 0 => Ok(Some(n as u32)),
        Some(_) => Err(()),
    }
}

/// An address behind a word. `Err` if it is none.
fn address(args: &str, word: &str) -> Result<Option<MacAddr>, ()> {
    match value(args, word) {
        None => Ok(None),
        Some(text) => MacAddr::parse_prefix(text).map(|(addr, _)| Some(addr)).ok_or(()),
    }
}

/// An address at the beginning of the arguments, and what follows the blank behind it.
fn peer_and_rest(args: &str) -> Option<(MacAddr, &str)> {
    let (peer, rest) = MacAddr::parse_prefix(args)?;
    Some((peer, rest.strip_prefix(' ')?))
}

/// `max_oper_chwidth` and `freq2` are taken, but no group here is wider than 20 MHz.
fn valid_width(args: &str) -> bool {
    let width = value(args, " max_oper_chwidth=").map_or(0, atoi);
    let freq2 = value(args, "freq2=").map_or(0, atoi);
    freq2 > 0 || (freq2 == 0 && matches!(width, 0 | 20 | 40 | 80 | 160))
}

impl Supplicant {
    /// The interface that a command through the process-wide socket is for; `None` if it is the process's own.
    pub(crate) fn interface_for_command(&self, text: &[u8]) -> Option<IfId> {
        let text = String::from_utf8_lossy(text);
        let of_device = OF_DEVICE.contains(&text.as_ref())
            || BEGINNINGS_OF_DEVICE.iter().any(|beginning| text.starts_with(beginning))
                && !text.starts_with("P2P_LO_");
        (of_device && self.p2p.shared.exists).then_some(self.p2p.shared.device_iface)
    }

    pub(super) fn with_peer(&mut self, args: &str, run: impl FnOnce(&mut Self, MacAddr) -> bool) -> Reply {
        let peer = MacAddr::parse_prefix(args).map(|(peer, _)| peer);
        Reply::ok_if(peer.is_some_and(|peer| run(self, peer)))
    }

    /// `P2P_FIND [seconds] [type=social|progressive] [dev_id=ADDR] [dev_type=TYPE] [delay=ms] [freq=MHz]`.
    pub(super) fn ctrl_p2p_find(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let kind = if args.contains("type=social") {
            FindKind::OnlySocial
        } else if args.contains("type=progressive") {
            FindKind::Progressive
        } else {
            FindKind::StartWithFull
        };
        let (Ok(device_id), Ok(freq)) = (address(args, "dev_id="), positive(args, "freq=")) else {
            return Reply::Fail;
        };
        let requested = match value(args, "dev_type=").map(peer::device_type) {
            None => Vec::new(),
            Some(Some(kind)) => vec![kind],
            Some(None) => return Reply::Fail,
        };
        let search_delay = match value(args, "delay=").map(atoi) {
            Some(ms) => Duration::from_millis(i64::from(ms.max(0))),
            None => self.search_delay(),
        };
        let seconds = atoi(args).max(0) as u32;
        let request = FindRequest {
            timeout: (seconds > 0).then_some(seconds),
            kind,
            requested_types: requested,
            device_id,
            search_delay,
            freq,
        };
        Reply::ok_if(self.p2p_find(cx, request))
    }

    pub(super) fn ctrl_p2p_listen(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let seconds = atoi(args).max(0) as u32;
        Reply::ok_if(self.p2p_listen(cx, seconds))
    }

    /// `P2P_EXT_LISTEN [period interval]`, in ms.
    pub(super) fn ctrl_p2p_ext_listen(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let times = match args {
            "" => Some((0, 0)),
            _ => args.split_once(' ').map(|(period, interval)| (atoi(period), atoi(interval))),
        };
        let Some((period, interval)) = times else { return Reply::Fail };
        let ms = |n: i32| Duration::from_millis(i64::from(n as u32));
        let set = self.p2p.shared.is_on()
            && self
                .with_device(cx, |d, cx| d.ext_listen(cx, ms(period), ms(interval)))
                .is_some_and(|r| r.is_ok());
        Reply::ok_if(set)
    }

    /// `P2P_PROV_DISC ADDR display|keypad|pbc|pushbutton [join|auto]`.
    pub(super) fn ctrl_p2p_prov_disc(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let Some((peer, method)) = peer_and_rest(args) else { return Reply::Fail };
        let purpose = if method.contains(" join") {
            ProvDiscFor::Join
        } else if method.contains(" auto") {
            ProvDiscFor::Auto
        } else {
            ProvDiscFor::GoNegotiation
        };
        let config_methods = if method.starts_with("display") {
            methods::DISPLAY
        } else if method.starts_with("keypad") {
            methods::KEYPAD
        } else if method.starts_with("pbc") || method.starts_with("pushbutton") {
            methods::PUSHBUTTON
        } else {
            return Reply::Fail;
        };
        Reply::ok_if(self.p2p_prov_disc(cx, peer, config_methods, purpose))
    }

    /// `P2P_GROUP_ADD [persistent[=ID]] [freq=MHz|2|5] [ht40] [vht] …`.
    pub(super) fn ctrl_p2p_group_add(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let (mut freq, mut persistent, mut stored) = (0, false, -1);
        for word in args.split(' ').filter(|w| !w.is_empty()) {
            match word.split_once('=') {
                Some(("persistent", number)) if is_number(number) => stored = atoi(number),
                Some(("freq", number)) if is_number(number) => freq = atoi(number),
                Some(("freq2" | "max_oper_chwidth", number)) if is_number(number) => {}
                None if word == "persistent" => persistent = true,
                None if matches!(word, "ht40" | "vht" | "he" | "edmg" | "allow_6ghz") => {}
                _ => return Reply::Fail,
            }
        }
        if !valid_width(&format!(" {args}")) || freq < 0 {
            return Reply::Fail;
        }
        let freq = (freq > 0).then_some(freq as u32);
        Reply::ok_if(if stored >= 0 {
            self.p2p_group_add_persistent(cx, stored, freq)
        } else {
            self.p2p_group_add(cx, persistent, freq)
        })
    }

    pub(super) fn ctrl_p2p_passphrase(&self, id: IfId) -> Reply {
        let owned =
            self.interface(id).and_then(|i| i.current()).filter(|n| n.int(network::MODE) == mode::P2P_GO);
        let passphrase = owned.and_then(|n| n.psk.passphrase.as_deref());
        Reply::text_or_fail(passphrase.map(|p| String::from_utf8_lossy(p).into_owned()))
    }

    pub(super) fn ctrl_p2p_group_member(&self, id: IfId, args: &str) -> Reply {
        let owner =
            self.interface(id).filter(|i| i.current().is_some_and(|n| n.int(network::MODE) == mode::P2P_GO));
        let member = MacAddr::parse_prefix(args).and_then(|(device, _)| owner?.group_member(device));
        Reply::text_or_fail(member.map(|addr| addr.to_string()))
    }

    /// `P2P_REMOVE_CLIENT [iface=]ADDR`.
    pub(super) fn ctrl_p2p_remove_client(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let (args, interface) = match args.strip_prefix("iface=") {
            Some(rest) => (rest, true),
            None => (args, false),
        };
        self.with_peer(args, |p2p, peer| {
            p2p.p2p_remove_client(cx, peer, interface);
            true
        })
    }

    /// `P2P_PRESENCE_REQ [duration interval [duration interval]]`, in µs.
    pub(super) fn ctrl_p2p_presence(&mut self, cx: Context<'_>, id: IfId, args: &str) -> Reply {
        let numbers: Vec<u32> = args.split(' ').filter(|w| !w.is_empty()).map(|w| atoi(w) as u32).collect();
        let (first, second) = match numbers[..] {
            [] => ((0, 0), (0, 0)),
            [duration, interval] => ((duration, interval), (0, 0)),
            [d1, i1, d2, i2, ..] => ((d1, i1), (d2, i2)),
            _ => return Reply::Fail,
        };
        let Some(interface) = self.interface(id).filter(|_| self.p2p.shared.is_on()) else {
            return Reply::Fail;
        };
        let infra = interface.current().is_some_and(|n| n.int(network::MODE) == mode::INFRA);
        if interface.link.state() < WpaState::Associated || !infra {
            return Reply::Fail;
        }
        let request = PresenceRequest {
            go_interface: interface.link.bssid(),
            own_interface: interface.identity.addr,
            freq: interface.link.freq(),
            first,
            second,
        };
        self.with_device(cx, |d, cx| d.presence_req(cx, request));
        self.on_interface(id, |i| i.p2p.await_presence_response(true));
        Reply::Ok
    }
}

/// As `sscanf("%d")` wants it.
fn is_number(text: &str) -> bool {
    text.strip_prefix(['-', '+']).unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
}
