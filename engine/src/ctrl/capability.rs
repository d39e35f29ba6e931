//! GET_CAPABILITY, for Debian's 2.10 on hwsim.

use wpasim_wire::channel::freq_to_channel;
use wpasim_wire::driver::Channel;

use super::Reply;
use crate::config::words::EAP_METHODS;
use crate::supplicant::interface::{Interface, InterfaceContext};

impl Interface {
    pub(super) fn ctrl_get_capability(&self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some(field) = field(args) else { return Reply::Fail };
        let text = match field {
            "eap" => return Reply::Text(EAP_METHODS.join(" ")),
            "pairwise" => "CCMP-256 GCMP-256 CCMP GCMP TKIP",
            "group" => "CCMP-256 GCMP-256 CCMP GCMP TKIP WEP104 WEP40",
            "group_mgmt" => "AES-128-CMAC BIP-GMAC-128 BIP-GMAC-256 BIP-CMAC-256",
            "key_mgmt" => {
                "NONE IEEE8021X WPA-EAP WPA-PSK WPA-EAP-SUITE-B WPA-EAP-SUITE-B-192 OWE DPP FILS-SHA256 FILS-SHA384 \
                 FT-FILS-SHA256 FT-FILS-SHA384 FT-PSK FT-EAP SAE"
            }
            "proto" => "RSN WPA",
            "auth_alg" => "OPEN SHARED LEAP SAE FILS_SK_WITHOUT_PFS FILS_SK_WITH_PFS",
            "modes" => "IBSS AP MESH",
            "channels" => return Reply::Text(channel_lists(&self.channels(cx.env))),
            "freq" => return Reply::Text(frequency_lists(&self.channels(cx.env))),
            "tdls" => "EXTERNAL",
            "acs" => "ACS",
            "fils" => "FILS FILS-SK-PFS",
            "dpp" => "DPP=2",
            "sae" => "H2E",
            "ocv" | "beacon_prot" => "supported",
            _ => return Reply::Fail,
        };
        Reply::Text(text.to_owned())
    }
}

/// Returns the field that is asked for; `None` if words behind it are none of 2.10's. The meaning of these words makes no difference with
/// this driver.
fn field(args: &str) -> Option<&str> {
    const LONGEST: usize = 49;
    const TYPES: [&str; 9] =
        ["STATION", "AP_VLAN", "AP", "P2P_GO", "P2P_CLIENT", "P2P_DEVICE", "MESH", "IBSS", "NAN"];
    let mut words = args.split(' ');
    let field = words.next().filter(|_| args.len() <= LONGEST)?;
    let is_known = |word: &str| {
        word == "strict"
            || word.strip_prefix("iftype=").is_some_and(|t| field != "key_mgmt" || TYPES.contains(&t))
    };
    words.all(is_known).then_some(field)
}

/// The modes in nl80211's order: 802.11g, 802.11a, 6 GHz, and 802.11b again.
fn modes(channels: &[Channel]) -> [(&'static str, Vec<Channel>); 4] {
    let usable = |band: core::ops::Range<u32>| -> Vec<Channel> {
        channels.iter().copied().filter(|c| !c.disabled && band.contains(&c.freq)).collect()
    };
    [("G", usable(0..3000)), ("A", usable(3000..5950)), ("A", usable(5950..8000)), ("B", usable(0..3000))]
}

fn channel_lists(channels: &[Channel]) -> String {
    let mut out = String::new();
    for (name, list) in modes(channels) {
        let numbers: String = list.iter().map(|c| format!(" {}", number(c))).collect();
        out.push_str(&format!("Mode[{name}] Channels:{numbers}\n"));
    }
    out
}

fn frequency_lists(channels: &[Channel]) -> String {
    let mut out = String::new();
    for (name, list) in modes(channels) {
        out.push_str(&format!("Mode[{name}] Channels:\n"));
        for c in list {
            let no_ir = if c.no_ir { " (NO_IR)" } else { "" };
            let dfs = if c.radar { " (DFS)" } else { "" };
            out.push_str(&format!(" {} = {} MHz{no_ir}{dfs}\n", number(&c), c.freq));
        }
        out.push('\n');
    }
    out
}

fn number(channel: &Channel) -> u8 {
    freq_to_channel(channel.freq).unwrap_or(channel.number)
}
