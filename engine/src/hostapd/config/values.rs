//! The forms that values take.

use super::{HtCapab, NamedPsk, Psk};
use crate::config::SetError;
pub(in crate::hostapd) use crate::config::text::parse_hex;
use crate::hostapd::access_lists::AccessList;
use crate::hostapd::number::atoi;
use crate::wire::rsne::{AkmSet, CipherSet};
use crate::wire::{MacAddr, Ssid};
use std::collections::BTreeMap;

impl HtCapab {
    /// Words in brackets, searched for as hostapd does.
    pub(super) fn parse(value: &str) -> Self {
        let mut bits = 0;
        for (word, bit) in [
            ("[LDPC]", 0x0001),
            ("[HT40-]", 0x0002),
            ("[HT40+]", 0x0002),
            ("[GF]", 0x0010),
            ("[SHORT-GI-20]", 0x0020),
            ("[SHORT-GI-40]", 0x0040),
            ("[TX-STBC]", 0x0080),
            ("[RX-STBC1]", 0x0100),
            ("[RX-STBC12]", 0x0200),
            ("[RX-STBC123]", 0x0300),
            ("[DELAYED-BA]", 0x0400),
            ("[MAX-AMSDU-7935]", 0x0800),
            ("[DSSS_CCK-40]", 0x1000),
            ("[40-INTOLERANT]", 0x4000),
            ("[LSIG-TXOP-PROT]", 0x8000),
        ] {
            if value.contains(word) {
                bits |= bit;
            }
        }
        if !value.contains("[SMPS-STATIC]") {
            bits |= if value.contains("[SMPS-DYNAMIC]") { 0x0004 } else { 0x000c };
        }
        let secondary_channel = match (value.contains("[HT40+]"), value.contains("[HT40-]")) {
            (true, _) => 1,
            (_, true) => -1,
            _ => 0,
        };
        HtCapab { bits, secondary_channel }
    }
}

pub(in crate::hostapd) fn ssid_of(octets: &[u8]) -> Option<Ssid> {
    Ssid::new(octets).ok().filter(|s| !s.is_empty())
}

/// `"text"`, `P"text with escapes"` or hexadecimal.
pub(in crate::hostapd) fn parse_string(value: &str) -> Option<Vec<u8>> {
    if let Some(rest) = value.strip_prefix('"') {
        return Some(rest.get(..rest.rfind('"')?)?.as_bytes().to_vec());
    }
    if let Some(rest) = value.strip_prefix("P\"") {
        return Some(unescape(rest.get(..rest.rfind('"')?)?));
    }
    parse_hex(value)
}

/// Decodes a text with escapes.
//= hostap@2.10 src/utils/common.c#printf_decode
pub(in crate::hostapd) fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut chars = text.bytes().peekable();
    while let Some(c) = chars.next() {
        if c != b'\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'e') => out.push(0x1b),
            Some(b'x') => {
                let mut value = 0u32;
                let mut seen = 0;
                while let Some(d) = chars.peek().and_then(|b| (*b as char).to_digit(16)).filter(|_| seen < 2)
                {
                    value = value * 16 + d;
                    seen += 1;
                    chars.next();
                }
                out.push(value as u8);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

pub(in crate::hostapd) fn rates(value: &str) -> Vec<u16> {
    value.split(' ').map(|w| atoi(w) as u16).take_while(|r| *r > 0).collect()
}

pub(in crate::hostapd) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split([' ', '\t']).filter(|w| !w.is_empty())
}

/// The ciphers of a list that was checked.
pub(in crate::hostapd) fn ciphers(value: &str) -> CipherSet {
    let mut set = CipherSet::EMPTY;
    for word in words(value) {
        set |= match word {
            "CCMP" => CipherSet::CCMP,
            "TKIP" => CipherSet::TKIP,
            "GCMP" => CipherSet::GCMP,
            "CCMP-256" => CipherSet::CCMP_256,
            "GCMP-256" => CipherSet::GCMP_256,
            _ => CipherSet::EMPTY,
        };
    }
    set
}

/// `wpa_key_mgmt`: the suites of Debian's build.
pub const KEY_MGMT: &[(&str, AkmSet)] = &[
    ("WPA-PSK", AkmSet::PSK),
    ("WPA-EAP", AkmSet::IEEE8021X),
    ("FT-PSK", AkmSet::FT_PSK),
    ("FT-EAP", AkmSet::FT_IEEE8021X),
    ("FT-EAP-SHA384", AkmSet::FT_IEEE8021X_SHA384),
    ("WPA-PSK-SHA256", AkmSet::PSK_SHA256),
    ("WPA-EAP-SHA256", AkmSet::IEEE8021X_SHA256),
    ("SAE", AkmSet::SAE),
    ("FT-SAE", AkmSet::FT_SAE),
    ("WPA-EAP-SUITE-B", AkmSet::SUITE_B),
    ("WPA-EAP-SUITE-B-192", AkmSet::SUITE_B_192),
    ("FILS-SHA256", AkmSet::FILS_SHA256),
    ("FILS-SHA384", AkmSet::FILS_SHA384),
    ("FT-FILS-SHA256", AkmSet::FT_FILS_SHA256),
    ("FT-FILS-SHA384", AkmSet::FT_FILS_SHA384),
    ("OWE", AkmSet::OWE),
    ("DPP", AkmSet::DPP),
    ("OSEN", AkmSet::OSEN),
];

pub(in crate::hostapd) fn key_mgmt(value: &str) -> Result<AkmSet, SetError> {
    let mut set = AkmSet::EMPTY;
    for word in words(value) {
        match KEY_MGMT.iter().find(|(name, _)| *name == word) {
            Some((_, suite)) => set |= *suite,
            None => return Err(SetError::new(format!("invalid key_mgmt '{word}'"))),
        }
    }
    if set.is_empty() { Err(SetError::new("no key_mgmt values configured.")) } else { Ok(set) }
}

/// The lines of a list in a file that say something, with their numbers.
pub(in crate::hostapd) fn lines(text: &[u8]) -> impl Iterator<Item = (usize, String)> + '_ {
    text.split(|b| *b == b'\n')
        .enumerate()
        .map(|(index, l)| (index + 1, String::from_utf8_lossy(l).trim_end_matches('\r').to_owned()))
        .filter(|(_, l)| !l.is_empty() && !l.starts_with('#'))
}

/// An address a line, perhaps with a VLAN after it; `-` before it takes it out again.
pub(in crate::hostapd) fn addresses(text: &[u8], path: &str) -> Result<AccessList, SetError> {
    let mut list = AccessList::new();
    for (number, line) in lines(text) {
        let (remove, rest) = match line.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, line.as_str()),
        };
        let invalid = || SetError::bare(format!("Invalid MAC address '{rest}' at line {number} in '{path}'"));
        let (addr, vlan) = MacAddr::parse_prefix(rest).ok_or_else(invalid)?;
        if remove {
            list.remove(&addr);
        } else {
            list.insert(addr, atoi(vlan) as i32);
        }
    }
    Ok(list)
}

/// The longest identifier of a key.
const KEY_ID_MAX: usize = 31;

/// A line of `wpa_psk_file`: `[name=value …] address key`; whether it is marked `wps=1`. What is wrong with another.
fn psk_line(line: &str) -> Result<(MacAddr, NamedPsk, bool), String> {
    let mut rest = line;
    let mut id = String::new();
    let mut for_wps = false;
    while let Some((word, after)) = rest.split_once(' ') {
        let Some((name, value)) = word.split_once('=') else { break };
        match name {
            "wps" => for_wps = atoi(value) != 0,
            "keyid" => id = value.to_owned(),
            "vlanid" => {}
            _ => return Err(format!("Unrecognized '{name}={value}'")),
        }
        rest = after;
    }
    let (word, key) = rest.split_once(' ').unwrap_or((rest, ""));
    let (addr, _) = MacAddr::parse_prefix(word).ok_or_else(|| format!("Invalid MAC address '{word}'"))?;
    if key.is_empty() {
        return Err("No PSK".to_owned());
    }
    let psk = match parse_hex(key).and_then(|k| <[u8; 32]>::try_from(k).ok()) {
        Some(k) => Psk::Key(k),
        None if (8..=63).contains(&key.len()) => Psk::Passphrase(key.as_bytes().to_vec()),
        None => return Err(format!("Invalid PSK '{key}'")),
    };
    if id.len() > KEY_ID_MAX {
        return Err("PSK keyid too long".to_owned());
    }
    Ok((addr, NamedPsk { psk, id }, for_wps))
}

/// The keys of `wpa_psk_file` by station.
pub(in crate::hostapd) fn station_psks(
    text: &[u8],
    path: &str,
) -> Result<BTreeMap<MacAddr, Vec<NamedPsk>>, SetError> {
    let mut out: BTreeMap<MacAddr, Vec<NamedPsk>> = BTreeMap::new();
    for (number, line) in lines(text) {
        let at = |what: String| SetError::bare(format!("{what} on line {number} in '{path}'"));
        let (addr, psk, _) = psk_line(&line).map_err(at)?;
        out.entry(addr).or_default().push(psk);
    }
    Ok(out)
}

/// The keys of `wpa_psk_file` that are for enrollees.
pub(in crate::hostapd) fn wps_psks(text: &[u8]) -> BTreeMap<MacAddr, Psk> {
    lines(text)
        .filter_map(|(_, line)| psk_line(&line).ok())
        .filter(|(_, _, for_wps)| *for_wps)
        .map(|(addr, named, _)| (addr, named.psk))
        .collect()
}
