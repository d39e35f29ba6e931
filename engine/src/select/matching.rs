//! The match of a network with a BSS.
//= hostap@2.10 wpa_supplicant/events.c#wpa_scan_res_match

use crate::config::keys::network;
use wpasim_wire::MacAddr;
use wpasim_wire::elements::eid;
use wpasim_wire::rsne::{SecurityElement, rsn_capability};

use super::mode;
use crate::bss::{Bss, capability, vendor};
use crate::config::Network;
use crate::config::text::MaskedAddr;
use crate::config::words::{key_mgmt, proto};
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::wps::role;

impl Interface {
    /// The first network of a priority group that matches the BSS.
    pub(crate) fn match_bss(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        bss: u32,
        group: &[i32],
    ) -> Option<i32> {
        let entry = self.bss.get(bss)?.clone();
        let limit = if self.count_enabled_networks() == 1 { 0 } else { 1 };
        let ignored = self.failures.times_avoided(cx.now, entry.bssid);
        if ignored > limit || entry.ssid.is_empty() {
            return None;
        }
        if self.failures.disallows_bssid(entry.bssid) || self.failures.disallows_ssid(&entry.ssid) {
            return None;
        }
        group.iter().copied().find(|id| {
            !self.is_network_disabled(*id)
                && self.temp_disabled_for(cx.now, *id) <= 0
                && self.config.network(*id).is_some_and(|n| {
                    !(ignored > 0 && role(n).is_some()) && self.network_matches(cx, n, &entry)
                })
        })
    }

    /// Returns whether the network may use the BSS, apart from what depends on the network's failures.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_scan_res_ok
    fn network_matches(&self, cx: &mut InterfaceContext<'_>, network: &Network, bss: &Bss) -> bool {
        let wildcard_ok = self.any_ssid_matches(network, bss);
        names_match(network, bss, wildcard_ok)
            && self.security_may_match(cx, network, bss).unwrap_or_else(|| security_matches(network, bss))
            && kinds_match(network, bss)
            && self.may_match(network, bss)
    }
}

/// Whether SSID and BSSID are those of the block. `wildcard_ok`: WPS lets a block without SSID use this BSS.
fn names_match(network: &Network, bss: &Bss, wildcard_ok: bool) -> bool {
    let protected = has_security_element(bss);
    let any_ssid = network.ssid().is_empty();
    let enrols = role(network).is_some();
    let pinned = network.addr(network::BSSID);
    let check_ssid = match any_ssid {
        false => true,
        true if pinned == Some(bss.bssid) => false,
        true if protected || enrols => !wildcard_ok,
        true => false,
    };
    if check_ssid && network.ssid() != bss.ssid {
        return false;
    }
    if pinned.is_some_and(|addr| addr != bss.bssid) {
        return false;
    }
    let accept = network.addrs(network::BSSID_ACCEPT);
    !in_list(bss.bssid, network.addrs(network::BSSID_IGNORE))
        && (accept.is_empty() || in_list(bss.bssid, accept))
}

fn has_security_element(bss: &Bss) -> bool {
    let present = |element: Option<&[u8]>| element.is_some_and(|e| e.len() > 2);
    present(bss.vendor_ie(vendor::WPA)) || present(bss.ie(eid::RSN))
}

/// Returns whether network and BSS are of the same kind, in what the elements do not say. A network of an access point
/// of our own matches a foreign BSS too: choosing it starts the access point.
fn kinds_match(network: &Network, bss: &Bss) -> bool {
    let protected = has_security_element(bss);
    let suites = network.bits(network::KEY_MGMT);
    let unprotected_ok = key_mgmt::NONE | key_mgmt::WPS | key_mgmt::OWE | key_mgmt::IEEE8021X_NO_WPA;
    network.int(network::MODE) != mode::MESH
        && (protected || suites & unprotected_ok != 0)
        && !(protected && !is_wpa(suites) && has_wep_key(network))
        && privacy_matches(network, bss)
        && bss.capability & capability::ESS != 0
        && network.int(network::PBSS) != 1
        && frequency_allowed(network, bss.freq)
}

fn in_list(addr: MacAddr, list: &[MaskedAddr]) -> bool {
    list.iter().any(|e| (0..6).all(|i| addr.0[i] & e.mask.0[i] == e.addr.0[i] & e.mask.0[i]))
}

/// Whether any suite needs a WPA or RSN element.
fn is_wpa(suites: u32) -> bool {
    suites & (key_mgmt::ANY_8021X | key_mgmt::ANY_PSK | key_mgmt::OWE | key_mgmt::DPP) != 0
}

fn has_wep_key(network: &Network) -> bool {
    [network::WEP_KEY0, network::WEP_KEY1, network::WEP_KEY2, network::WEP_KEY3]
        .into_iter()
        .any(|key| network.text(key).is_some_and(|v| !v.is_empty()))
}

fn frequency_allowed(network: &Network, freq: u32) -> bool {
    let list = network.ints(network::FREQ_LIST);
    list.is_empty() || list.contains(&(freq as i32))
}

/// Returns whether the Privacy bit says what the network expects.
//= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_match_privacy
fn privacy_matches(network: &Network, bss: &Bss) -> bool {
    let suites = network.bits(network::KEY_MGMT);
    let owe = suites & key_mgmt::OWE != 0 && network.int(network::OWE_ONLY) == 0;
    if network.int(network::MIXED_CELL) != 0 || suites & key_mgmt::WPS != 0 || owe {
        return true;
    }
    let dynamic_wep = suites & key_mgmt::IEEE8021X_NO_WPA != 0 && network.int(network::EAPOL_FLAGS) & 3 != 0;
    let expected = has_wep_key(network) || dynamic_wep || is_wpa(suites);
    expected == (bss.capability & capability::PRIVACY != 0)
}

/// Returns whether the network allows what the elements offer.
//= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_ssid_bss_match
fn security_matches(network: &Network, bss: &Bss) -> bool {
    let protos = network.bits(network::PROTO);
    let rsn = bss.ie(eid::RSN);
    let wpa = bss.vendor_ie(vendor::WPA);
    let mut offered = false;
    if protos & (proto::RSN | proto::OSEN) != 0
        && let Some(element) = rsn
    {
        offered = true;
        if element_matches(network, element) {
            return true;
        }
    }
    if network.int(network::IEEE80211W) == 2 {
        return false;
    }
    if protos & proto::WPA != 0
        && let Some(element) = wpa
    {
        offered = true;
        if element_matches(network, element) {
            return true;
        }
    }
    let suites = network.bits(network::KEY_MGMT);
    if suites & (key_mgmt::IEEE8021X_NO_WPA | key_mgmt::OWE) != 0 && wpa.is_none() && rsn.is_none() {
        return true;
    }
    if protos & (proto::WPA | proto::RSN) != 0 && is_wpa(suites) && !offered {
        return false;
    }
    !is_wpa(suites)
}

fn element_matches(network: &Network, element: &[u8]) -> bool {
    let Ok(parsed) = SecurityElement::parse(element) else { return false };
    let pmf = network.int(network::IEEE80211W);
    let group_mgmt = network.bits(network::GROUP_MGMT);
    parsed.pairwise.0 & network.bits(network::PAIRWISE) != 0
        && parsed.group.0 & network.bits(network::GROUP) != 0
        && parsed.akm.0 & network.bits(network::KEY_MGMT) != 0
        && (group_mgmt == 0 || parsed.group_mgmt.is_some_and(|g| g.0 & group_mgmt != 0))
        && !(pmf == 2 && parsed.capabilities & rsn_capability::MFPC == 0)
        && !(matches!(pmf, 0 | 3) && parsed.capabilities & rsn_capability::MFPR != 0)
}
