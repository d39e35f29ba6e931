//! P2P_SET.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;

use crate::config::text::atoi;
use crate::ctrl::Reply;
use crate::p2p::{ClassChannel, FreqRanges};
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;

/// The operating class of a listen channel where the command names none.
const DEFAULT_CLASS: i32 = 81;

impl Supplicant {
    pub(in crate::ctrl) fn ctrl_p2p_set(&mut self, cx: Context<'_>, id: IfId, args: &str) -> Reply {
        if !self.p2p.shared.exists {
            return Reply::Fail;
        }
        let Some((name, text)) = args.split_once(' ') else { return Reply::Fail };
        Reply::ok_if(self.p2p_set(cx, id, name, text).unwrap_or(false))
    }

    /// Whether the value was taken; `None` if it, or the name, is not good.
    fn p2p_set(&mut self, cx: Context<'_>, id: IfId, name: &str, text: &str) -> Option<bool> {
        let number = atoi(text);
        let on = number != 0;
        match name {
            "discoverability" => self.with_device(cx, |d, _| d.set_client_discoverability(on))?,
            "managed" => self.with_device(cx, |d, _| d.set_managed(on))?,
            "cross_connect" => self.with_device(cx, |d, _| d.set_cross_connect(on))?,
            "listen_channel" => return self.set_listen_channel(cx, text),
            "ssid_postfix" => return self.set_postfix(cx, text),
            "noa" => return set_noa(text),
            "disabled" => self.set_p2p_disabled(cx, on),
            "conc_pref" => return Some(matches!(text, "sta" | "p2p")),
            "force_long_sd" => self.p2p.long_services = on,
            "peer_filter" => {
                let addr = MacAddr::parse_prefix(text)?.0;
                self.with_device(cx, |d, _| d.set_peer_filter(Some(addr).filter(|a| !a.is_zero())))?;
            }
            // Nothing of U-APSD, of addresses in EAPOL or of a tag for NFC shows here.
            "go_apsd" | "disable_ip_addr_req" => {}
            "client_apsd" => return Some(text == "disable" || text.matches(',').count() >= 3),
            "override_pref_op_chan" => return Some(text.contains(':')),
            "disallow_freq" => return Some(self.p2p_disallow_freqs(cx, ranges(text))),
            "disc_int" => return self.set_disc_int(cx, text),
            "per_sta_psk" => self.p2p.per_sta_psk = on,
            // The driver has no power save of group owners to set but the one of stations.
            "ps" => return self.on_interface(id, |i| i.power_save(number)),
            _ => return None,
        }
        Some(true)
    }

    /// `channel [operating class]`.
    fn set_listen_channel(&mut self, cx: Context<'_>, text: &str) -> Option<bool> {
        let class = text.split_once(' ').map_or(DEFAULT_CLASS, |(_, class)| atoi(class));
        let listen = ClassChannel { class: class as u8, channel: atoi(text) as u8 };
        self.with_device(cx, |d, _| d.set_listen_channel(listen, true)).map(|r| r.is_ok())
    }

    /// Follows `DIRECT-xy`; longer than an SSID has room for, it is not taken.
    fn set_postfix(&mut self, cx: Context<'_>, text: &str) -> Option<bool> {
        const LONGEST: usize = 32 - 9;
        let postfix = text.as_bytes().to_vec();
        let fits = postfix.len() <= LONGEST;
        if fits {
            self.with_device(cx, |d, _| d.config_mut().ssid_postfix = postfix)?;
        }
        Some(fits)
    }

    fn set_p2p_disabled(&mut self, cx: Context<'_>, disabled: bool) {
        self.p2p.shared.disabled = disabled;
        if disabled {
            self.p2p_flush(cx);
        }
    }

    /// `min max max_tu`; a limit below 0 is none.
    fn set_disc_int(&mut self, cx: Context<'_>, text: &str) -> Option<bool> {
        let mut numbers = text.splitn(3, ' ').map(atoi);
        let (min, max, max_tu) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let limit = u32::try_from(max_tu).ok();
        self.with_device(cx, |d, _| d.set_disc_int(min, max, limit)).map(|r| r.is_ok())
    }
}

/// `count,start,duration` in ms; hwsim's driver takes none.
fn set_noa(text: &str) -> Option<bool> {
    let mut numbers = text.splitn(3, ',').map(atoi);
    let (_count, _start, _duration) = (numbers.next()?, numbers.next()?, numbers.next()?);
    Some(false)
}

/// `2412-2432,5180`.
fn ranges(text: &str) -> FreqRanges {
    let range = |part: &str| {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        (atoi(low).max(0) as u32, atoi(high).max(0) as u32)
    };
    FreqRanges(text.split(',').filter(|p| !p.is_empty()).map(range).collect())
}
