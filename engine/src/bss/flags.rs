//! The flags of SCAN_RESULTS and BSS: `[WPA2-PSK-CCMP][ESS]`.

use wpasim_wire::MacAddr;
use wpasim_wire::elements::{self, eid};
use wpasim_wire::rsne::{SecurityElement, rsn_capability};

use super::{Bss, capability, vendor};
use crate::config::text::write_words;
use crate::config::words::{CIPHERS_WRITE, key_mgmt};
use crate::supplicant::wps::offer::Offer;

/// Key management in the order and with the names of the flags.
const AKM_NAMES: &[(&str, u32)] = &[
    ("EAP", key_mgmt::IEEE8021X),
    ("PSK", key_mgmt::PSK),
    ("None", key_mgmt::WPA_NONE),
    ("SAE", key_mgmt::SAE),
    ("FT/EAP", key_mgmt::FT_IEEE8021X),
    ("FT/PSK", key_mgmt::FT_PSK),
    ("FT/SAE", key_mgmt::FT_SAE),
    ("EAP-SHA256", key_mgmt::IEEE8021X_SHA256),
    ("PSK-SHA256", key_mgmt::PSK_SHA256),
    ("EAP-SUITE-B", key_mgmt::IEEE8021X_SUITE_B),
    ("EAP-SUITE-B-192", key_mgmt::IEEE8021X_SUITE_B_192),
    ("FILS-SHA256", key_mgmt::FILS_SHA256),
    ("FILS-SHA384", key_mgmt::FILS_SHA384),
    ("FT-FILS-SHA256", key_mgmt::FT_FILS_SHA256),
    ("FT-FILS-SHA384", key_mgmt::FT_FILS_SHA384),
    ("OWE", key_mgmt::OWE),
    ("DPP", key_mgmt::DPP),
    ("OSEN", key_mgmt::OSEN),
];

/// The command that prints the flags; two of them differ in small ways in 2.10.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    ScanResults,
    Bss,
}

/// The flags of an entry, as a station with the address `own` prints them.
pub fn flags(bss: &Bss, style: Style, own: MacAddr) -> String {
    let mut out = String::new();
    let mesh = bss.ie(MESH_ID).is_some();
    let wpa = bss.vendor_ie(vendor::WPA);
    let rsn = bss.ie(eid::RSN);
    if let Some(element) = wpa {
        out.push_str(&protection("WPA", element));
    }
    if let Some(element) = rsn {
        out.push_str(&protection(if mesh { "RSN" } else { "WPA2" }, element));
    }
    let rsnx = elements::find(&bss.ies, RSNX).and_then(|body| body.first().copied()).unwrap_or(0);
    if rsnx & 1 << 5 != 0 {
        out.push_str("[SAE-H2E]");
    }
    if rsnx & 1 << 6 != 0 {
        out.push_str("[SAE-PK]");
    }
    let osen = bss.vendor_ie(vendor::OSEN);
    if let Some(element) = osen {
        out.push_str(&protection("OSEN", element));
    }
    if bss.vendor_ie(vendor::OWE).is_some() {
        out.push_str(if rsn.is_some() { "[OWE-TRANS]" } else { "[OWE-TRANS-OPEN]" });
    }
    out.push_str(Offer::of(bss).map_or("", |offer| offer.flag(own)));
    if wpa.is_none() && rsn.is_none() && osen.is_none() && bss.capability & capability::PRIVACY != 0 {
        out.push_str("[WEP]");
    }
    if mesh {
        out.push_str("[MESH]");
    }
    if bss.capability & capability::IBSS != 0 {
        out.push_str("[IBSS]");
    }
    if bss.capability & capability::ESS != 0 {
        out.push_str("[ESS]");
    }
    if is_p2p(bss) {
        out.push_str("[P2P]");
    }
    if bss.vendor_ie(vendor::HS20).is_some() && (style == Style::Bss || rsn.is_some()) {
        out.push_str("[HS20]");
    }
    if bss.ie(FILS_INDICATION).is_some() {
        out.push_str("[FILS]");
    }
    if bss.ie(MULTI_BAND).is_some() {
        out.push_str("[FST]");
    }
    if has_utf8_ssid(bss) {
        out.push_str("[UTF-8]");
    }
    out
}

const MESH_ID: u8 = 114;
const MULTI_BAND: u8 = 158;
const FILS_INDICATION: u8 = 240;
const RSNX: u8 = 244;

/// Whether the BSS belongs to a P2P group or device.
pub fn is_p2p(bss: &Bss) -> bool {
    bss.vendor_ie(vendor::P2P).is_some() || bss.vendor_ie_beacon(vendor::P2P).is_some()
}

/// The P2P Device Address that the BSS tells.
pub fn p2p_device(bss: &Bss) -> Option<MacAddr> {
    let octets = wpasim_wire::p2p::concatenated(&bss.ies)?;
    wpasim_wire::p2p::Attributes::parse(&octets).ok()?.device_addr()
}

/// Extended Capabilities bit 48 (IEEE 802.11-2020 §9.4.2.26).
fn has_utf8_ssid(bss: &Bss) -> bool {
    elements::find(&bss.ies, eid::EXT_CAPAB).and_then(|c| c.get(6).copied()).unwrap_or(0) & 1 != 0
}

/// `[WPA2-PSK-CCMP-preauth]`.
fn protection(proto: &str, element: &[u8]) -> String {
    let Ok(parsed) = SecurityElement::parse(element) else {
        return format!("[{proto}-?]");
    };
    let akm = write_words(parsed.akm.0, AKM_NAMES).unwrap_or_default().replace(' ', "+");
    let ciphers = write_words(parsed.pairwise.0, CIPHERS_WRITE).unwrap_or_default().replace(' ', "+");
    let preauth = if parsed.capabilities & rsn_capability::PREAUTH != 0 { "-preauth" } else { "" };
    format!("[{proto}-{akm}-{ciphers}{preauth}]")
}
