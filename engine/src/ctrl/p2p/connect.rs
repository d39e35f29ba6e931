//! P2P_CONNECT and P2P_INVITE.

use crate::config::key::GlobalKey;
use crate::config::key::value::Int;
use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;
use wpasim_wire::Ssid;

use super::{address, peer_and_rest, positive, valid_width, value};
use crate::config::text::{atoi, parse_hex};
use crate::ctrl::Reply;
use crate::p2p::WpsMethod;
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;
use crate::supplicant::p2p::{ConnectArgs, ConnectError};
use crate::wps::pin_str_valid;

/// The reasons for which the arguments of P2P_CONNECT are refused.
enum Bad {
    Argument,
    Pin,
}

impl Supplicant {
    /// `P2P_CONNECT ADDR pbc|pin|PIN [display|keypad|label] [persistent[=ID]] [join] [auth] [auto]
    /// [go_intent=N] [freq=MHz] [provdisc] [ssid=HEX] …`.
    pub(in crate::ctrl) fn ctrl_p2p_connect(&mut self, cx: Context<'_>, args: &str) -> Reply {
        if !self.p2p.shared.exists {
            return Reply::Fail;
        }
        let args = match self.connect_args(args) {
            Ok(args) => args,
            Err(Bad::Argument) => return Reply::Fail,
            Err(Bad::Pin) => return Reply::Text("FAIL-INVALID-PIN\n".to_owned()),
        };
        match self.p2p_connect(cx, args) {
            Ok(Some(pin)) => Reply::Text(pin),
            Ok(None) => Reply::Ok,
            Err(ConnectError::Failed) => Reply::Fail,
            Err(ConnectError::Unavailable) => Reply::Text("FAIL-CHANNEL-UNAVAILABLE\n".to_owned()),
            Err(ConnectError::Unsupported) => Reply::Text("FAIL-CHANNEL-UNSUPPORTED\n".to_owned()),
        }
    }

    fn connect_args(&self, args: &str) -> Result<ConnectArgs, Bad> {
        let (peer, rest) = peer_and_rest(args).ok_or(Bad::Argument)?;
        let persistent_id = value(rest, " persistent=").map(atoi);
        if persistent_id.is_some_and(|id| !self.is_owned_persistent_group(id)) {
            return Err(Bad::Argument);
        }
        let go_intent = match value(rest, " go_intent=").map(atoi) {
            None => None,
            Some(n @ 0..=15) => Some(n as u8),
            Some(_) => return Err(Bad::Argument),
        };
        let freq = positive(rest, " freq=").map_err(|()| Bad::Argument)?;
        if !valid_width(rest) {
            return Err(Bad::Argument);
        }
        let ssid = match value(rest, " ssid=") {
            None => None,
            Some(text) => Some(group_ssid(text).ok_or(Bad::Argument)?),
        };
        let (wps_method, pin) = method_and_pin(rest)?;
        let wide =
            [global::P2P_GO_HT40, global::P2P_GO_VHT].into_iter().any(|key| self.device_variable(key) != 0);
        Ok(ConnectArgs {
            peer,
            pin,
            wps_method,
            persistent_group: rest.contains(" persistent"),
            persistent_id,
            auto: rest.contains(" auto"),
            join: rest.contains(" join"),
            auth: rest.contains(" auth"),
            go_intent,
            freq,
            pd_before_go_neg: rest.contains(" provdisc"),
            ht40: wide || args.contains(" ht40") || args.contains(" vht"),
            ssid,
        })
    }

    fn device_variable(&self, key: GlobalKey<Int>) -> i32 {
        self.interface(self.p2p.shared.device_iface).map_or(0, |i| i.config.globals.int(key))
    }

    fn is_owned_persistent_group(&self, id: i32) -> bool {
        let device = self.interface(self.p2p.shared.device_iface);
        let network = device.and_then(|i| i.config.network(id));
        network.is_some_and(|n| n.is_persistent_group() && n.int(network::MODE) == mode::P2P_GO)
    }

    /// `persistent=ID [peer=ADDR] [freq=MHz] [pref=MHz]`, or `group=IFNAME peer=ADDR [go_dev_addr=ADDR]`.
    pub(in crate::ctrl) fn ctrl_p2p_invite(&mut self, cx: Context<'_>, args: &str) -> Option<bool> {
        if let Some(rest) = args.strip_prefix("persistent=") {
            let peer = address(rest, " peer=").ok()?;
            let device = self.interface(self.p2p.shared.device_iface)?;
            device.config.network(atoi(rest)).filter(|n| n.is_persistent_group())?;
            let freq = positive(rest, " freq=").ok()?;
            let pref = positive(rest, " pref=").ok()?;
            return valid_width(rest).then(|| self.p2p_invite(cx, atoi(rest), peer, freq, pref));
        }
        let rest = args.strip_prefix("group=")?;
        let (ifname, rest) = rest.split_once(" peer=")?;
        let (peer, rest) = MacAddr::parse_prefix(rest)?;
        let go_device = address(rest, " go_dev_addr=").ok()?;
        Some(self.p2p_invite_group(cx, ifname, peer, go_device))
    }
}

/// The first word says how the peers authenticate each other; a PIN who enters it where.
fn method_and_pin(args: &str) -> Result<(WpsMethod, Option<String>), Bad> {
    if args.starts_with("pin") {
        return Ok((WpsMethod::PinDisplay, None));
    }
    if args.starts_with("pbc") {
        return Ok((WpsMethod::Pbc, None));
    }
    if args.contains("p2ps") {
        return Err(Bad::Argument);
    }
    let (pin, rest) = args.split_once(' ').unwrap_or((args, ""));
    if !pin_str_valid(pin) {
        return Err(Bad::Pin);
    }
    let method = if rest.starts_with("display") { WpsMethod::PinDisplay } else { WpsMethod::PinKeypad };
    Ok((method, Some(pin.to_owned())))
}

/// Hexadecimal digits up to a blank.
fn group_ssid(text: &str) -> Option<Ssid> {
    let digits = text.split(' ').next().unwrap_or_default();
    let octets = parse_hex(digits.get(..digits.len() & !1)?).filter(|o| !o.is_empty())?;
    Ssid::new(octets).ok()
}
