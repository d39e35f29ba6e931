//! Which access points can enrol us: what scans find, which block matches, in which order they are
//! tried, and whether two registrars are active at once.

use crate::config::keys::network;
use core::cmp::Ordering;

use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::Uuid;

use super::offer::{Authorized, Offer};
use super::{Role, Station, role};
use crate::bss::{Bss, RatedResult, compare_results};
use crate::config::Network;
use crate::supplicant::interface::{Cx, Interface};
use crate::supplicant::state::WpaState;

/// After so many scans and so much time any WPS AP is tried, as some never say that a PIN was entered.
const SCANS_UNTIL_ANY: u32 = 3;
const TIME_UNTIL_ANY: Duration = Duration::from_secs(5);

/// An access point seen during an enrolment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KnownAp {
    bssid: MacAddr,
    authorized: Authorized,
    push_button: bool,
    uuid: Uuid,
}

impl Station {
    pub(super) fn forget_aps(&mut self) {
        self.aps.clear();
        self.iterating = false;
    }
}

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
            let seen = KnownAp {
                bssid: result.result.bssid,
                authorized: offer.authorizes(own, true),
                push_button: offer.push_button(),
                uuid: offer.uuid().unwrap_or_default(),
            };
            let Some(known) = self.wps.aps.iter_mut().find(|ap| ap.bssid == seen.bssid) else {
                self.wps.aps.push(seen);
                continue;
            };
            let newly = known.authorized != seen.authorized && seen.authorized != Authorized::No;
            let uuid = offer.uuid().unwrap_or(known.uuid);
            *known = KnownAp { uuid, ..seen };
            if newly {
                self.bssid_ignore.remove(result.result.bssid);
            }
        }
    }

    /// Reports the most that any access point in the table offers.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_notify_scan_results
    pub(crate) fn report_wps_aps(&mut self) {
        if self.disconnected || self.state >= WpaState::Associated {
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
    pub(crate) fn wps_matches(&self, cx: Cx<'_>, network: &Network, bss: &Bss) -> Option<bool> {
        let role = role(network)?;
        let offer = Offer::of(bss);
        match (role, offer) {
            (Role::PushButton, offer) => Some(offer.is_some_and(|o| o.push_button())),
            (Role::Pin, None) => Some(false),
            (Role::Pin, Some(offer)) => {
                let authorized = offer.authorizes(self.identity.addr, true) != Authorized::No;
                let any =
                    self.wps.scan_runs >= SCANS_UNTIL_ANY && cx.now - self.wps.pin_started >= TIME_UNTIL_ANY;
                Some(authorized || any)
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
                    || self.wps.scan_runs >= SCANS_UNTIL_ANY
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
        let other = self.wps.aps.iter().find(|ap| {
            ap.push_button
                && ap.bssid != bssid
                && pinned.is_none_or(|p| p == ap.bssid)
                && uuid != Some(ap.uuid)
        });
        let Some(other) = other.map(|ap| ap.bssid) else { return false };
        self.info(&format!("WPS: PBC overlap detected: {bssid} and {other}"));
        true
    }
}
