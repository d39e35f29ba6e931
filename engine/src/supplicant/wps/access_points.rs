//! The access points that can enrol this device: what scans find, which network matches, in which order they are
//! tried, and whether two registrars are active at once.

use crate::config::keys::network;
use core::cmp::Ordering;

use super::offer::{Authorized, Offer};
use super::{Role, role};
use crate::bss::{Bss, RatedResult, compare_results};
use crate::config::Network;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::state::WpaState;

/// Compares two results while enrolling: access points with an active registrar come first.
//= hostap@2.10 wpa_supplicant/scan.c#wpa_scan_result_wps_compar
pub(crate) fn compare_for_wps(a: &RatedResult, b: &RatedResult) -> Ordering {
    let offers = |r: &RatedResult| Offer::in_elements(&r.result.ies);
    let by_offer = match (offers(a), offers(b)) {
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
        (Some(a), Some(b)) => match (a.selected(), b.selected()) {
            (None, _) => Ordering::Greater,
            (_, None) => Ordering::Less,
            (Some(a), Some(b)) => b.cmp(&a),
        },
    };
    by_offer.then_with(|| b.result.signal_dbm.cmp(&a.result.signal_dbm))
}

impl Interface {
    /// The order of scan results in the BSS table and in selection.
    pub(crate) fn sort_results(&self, results: &mut [RatedResult]) {
        if self.is_wps_searching() {
            results.sort_by(compare_for_wps);
        } else {
            results.sort_by(compare_results);
        }
    }

    /// Notes which of the results offer what.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_update_ap_info
    pub(crate) fn note_wps_aps(&mut self, results: &[RatedResult]) {
        let own = self.identity.addr;
        for result in results {
            let Some(offer) = Offer::in_elements(&result.result.ies) else { continue };
            let bssid = result.result.bssid;
            let authorized = offer.authorizes(own, true);
            let newly = self.enrolling.ap_is_seen(bssid, authorized, offer.push_button(), offer.uuid());
            if newly {
                self.failures.stop_avoiding(bssid);
            }
        }
    }

    /// Reports the most that any access point in the table offers.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_notify_scan_results
    pub(crate) fn report_wps_aps(&mut self) {
        if self.intent.is_disconnected() || self.link.state() >= WpaState::Associated {
            return;
        }
        let own = self.identity.addr;
        let offers: Vec<&str> = self.bss.iter().filter_map(Offer::of).map(|o| o.flag(own)).collect();
        let events = [
            ("[WPS-PBC]", "WPS-AP-AVAILABLE-PBC "),
            ("[WPS-AUTH]", "WPS-AP-AVAILABLE-AUTH "),
            ("[WPS-PIN]", "WPS-AP-AVAILABLE-PIN "),
            ("[WPS]", "WPS-AP-AVAILABLE "),
        ];
        if let Some((_, event)) = events.into_iter().find(|(flag, _)| offers.contains(flag)) {
            self.info(event);
        }
    }

    /// Returns whether a network of WPS may use the BSS. `None`: WPS decides nothing.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_ssid_bss_match
    pub(crate) fn wps_matches(
        &self,
        cx: &mut InterfaceContext<'_>,
        network: &Network,
        bss: &Bss,
    ) -> Option<bool> {
        let role = role(network)?;
        let offer = Offer::of(bss);
        match (role, offer) {
            (Role::PushButton, offer) => Some(offer.is_some_and(|o| o.push_button())),
            (Role::Pin, None) => Some(false),
            (Role::Pin, Some(offer)) => {
                let authorized = offer.authorizes(self.identity.addr, true) != Authorized::No;
                Some(authorized || self.enrolling.has_waited_enough(cx.now))
            }
            (Role::Registrar, Some(_)) => Some(true),
            (Role::Registrar, None) => None,
        }
    }

    /// Returns whether a network without an SSID may use the BSS.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_ssid_wildcard_ok
    pub(crate) fn wps_wildcard_ok(&self, network: &Network, bss: &Bss) -> bool {
        let offer = Offer::of(bss);
        let offered = match role(network) {
            Some(Role::PushButton) => offer.is_some_and(|o| o.push_button()),
            Some(Role::Pin) => offer.is_some_and(|o| {
                o.authorizes(self.identity.addr, true) != Authorized::No
                    || self.enrolling.has_scanned_enough()
            }),
            _ => false,
        };
        offered || network.addr(network::BSSID) == Some(bss.bssid)
    }

    /// Returns whether another access point, which is not another radio of the same, is in push-button mode too, and
    /// reports it.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_scan_pbc_overlap
    pub(crate) fn pbc_overlap(&mut self, selected: u32, network: i32) -> bool {
        let Some(network) = self.config.network(network).filter(|n| role(n) == Some(Role::PushButton)) else {
            return false;
        };
        let Some(bss) = self.bss.get(selected) else { return false };
        let uuid = Offer::of(bss).and_then(|o| o.uuid());
        let pinned = network.addr(network::BSSID);
        let bssid = bss.bssid;
        let Some(other) = self.enrolling.other_with_button(bssid, uuid, pinned) else { return false };
        self.info(&format!("WPS: PBC overlap detected: {bssid} and {other}"));
        true
    }
}
