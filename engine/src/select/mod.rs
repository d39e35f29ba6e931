//! The choice of a BSS and a network: temporary disabling, the match of a network and a BSS, the choice by
//! priority and by the order of the results, and whether to roam.

pub mod matching;
pub mod networks;
pub mod suites;

use crate::config::keys::{global, network};
use wpasim_wire::time::{Duration, Instant};

use crate::bss::Bss;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

/// IEEE80211_MODE numbers of network blocks.
pub mod mode {
    pub const INFRA: i32 = 0;
    pub const IBSS: i32 = 1;
    pub const AP: i32 = 2;
    /// The group owner of a Wi-Fi Direct group.
    pub const P2P_GO: i32 = 3;
    /// The same while the group is being formed.
    pub const P2P_GROUP_FORMATION: i32 = 4;
    pub const MESH: i32 = 5;
}

/// Between the scans of an enrolment.
const WPS_RESCAN: Duration = Duration::from_millis(500);

/// A signal-to-noise ratio that no roaming improves, in dB.
const GREAT_SNR: i32 = 25;

impl Interface {
    /// Connects from scan results that are young enough. Returns whether that was done.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_fast_associate
    pub(crate) fn fast_associate(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        if self.bss.last_scan.is_empty() {
            return false;
        }
        let valid =
            Duration::from_secs(i64::from(self.config.globals.int(global::SCAN_RES_VALID_FOR_CONNECT)));
        // 2.10 takes results of exactly this age, but its timers fire a little late, so that they are
        // always older when a timer of as many seconds brings it here.
        let fresh = self.bss.last_scan_time.is_some_and(|at| cx.now - at < valid);
        fresh && self.select_network_from_last_scan(cx, true)
    }

    /// Selects a network from the last scan. Returns whether a connection was begun.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_select_network_from_last_scan
    pub(crate) fn select_network_from_last_scan(&mut self, cx: &mut InterfaceContext<'_>, own: bool) -> bool {
        let wait = self.seconds_until_a_network(cx.now);
        if wait > 0 {
            self.timers.set(Timer::NetworkReenabled, cx.now + Duration::from_secs(wait));
            return false;
        }
        let Some((bss, network)) = self.pick_network(cx) else {
            self.nothing_found(cx, own);
            return false;
        };
        if !self.needs_to_roam(cx, bss, network) {
            return false;
        }
        if Some(network) != self.link.network() && self.link.state() >= WpaState::Authenticating {
            self.intent.leave();
            self.deauthenticate(cx, wpasim_wire::ieee80211::reason::DEAUTH_LEAVING);
        }
        self.connect(cx, bss, network);
        true
    }

    fn nothing_found(&mut self, cx: &mut InterfaceContext<'_>, own: bool) {
        if let Some(network) = self.network_to_create(cx.now) {
            self.associate(cx, None, network);
            return;
        }
        if own && self.on_nothing_found(cx) {
            return;
        }
        if own && self.wants_scan_at_once() {
            self.request_new_scan(cx, WPS_RESCAN);
        } else if own {
            let delay = Duration::from_secs(self.scan.interval());
            self.request_new_scan(cx, delay);
            self.info("CTRL-EVENT-NETWORK-NOT-FOUND ");
        }
    }

    /// A network that this side starts itself: an access point, an IBSS.
    fn network_to_create(&mut self, now: Instant) -> Option<i32> {
        for id in self.config.by_priority().concat() {
            let Some(network) = self.config.network(id) else { continue };
            let creates = matches!(network.int(network::MODE), mode::IBSS | mode::AP | mode::MESH);
            if creates && !self.is_network_disabled(id) && self.temp_disabled_for(now, id) <= 0 {
                return Some(id);
            }
        }
        None
    }

    /// Returns the best BSS of the last scan with its network, by priority.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_pick_network
    pub(crate) fn pick_network(&mut self, cx: &mut InterfaceContext<'_>) -> Option<(u32, i32)> {
        if self.bss.last_scan.is_empty() {
            return None;
        }
        loop {
            for group in self.config.by_priority() {
                if let Some(found) = self.select_bss(cx, &group) {
                    return Some(found);
                }
            }
            if !self.failures.stop_avoiding_all() {
                return None;
            }
            self.on_ignored_cleared();
        }
    }

    /// The first result that one of these networks matches; a BSS at the network's bssid_hint goes first.
    fn select_bss(&mut self, cx: &mut InterfaceContext<'_>, group: &[i32]) -> Option<(u32, i32)> {
        let results = self.bss.last_scan.clone();
        let hint = self.link.network().filter(|id| group.contains(id));
        if let Some(wanted) = hint.and_then(|id| self.config.network(id)?.addr(network::BSSID_HINT)) {
            for id in &results {
                let at_hint = self.bss.get(*id).is_some_and(|b| b.bssid == wanted);
                if at_hint && let Some(network) = self.match_bss(cx, *id, group) {
                    return Some((*id, network));
                }
            }
        }
        results.into_iter().find_map(|id| self.match_bss(cx, id, group).map(|network| (id, network)))
    }

    /// Returns whether the selected BSS is another one than the current BSS, and worth the move.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_need_to_roam
    fn needs_to_roam(&mut self, cx: &mut InterfaceContext<'_>, selected: u32, network: i32) -> bool {
        if self.intent.reassociates() || self.link.state() < WpaState::Associated {
            return true;
        }
        if self.link.network() != Some(network) {
            return true;
        }
        let ssid = self.config.network(network).map(|n| n.ssid()).unwrap_or_default();
        let bssid = self.link.bssid();
        let current = self.bss.find(bssid, &ssid).or_else(|| self.bss.find_bssid(bssid));
        let (Some(current), Some(candidate)) = (current.cloned(), self.bss.get(selected).cloned()) else {
            return true;
        };
        if current.id == candidate.id {
            return false;
        }
        if candidate.update_idx > current.update_idx {
            return true;
        }
        self.needs_to_roam_within_ess(cx, &current, &candidate)
    }

    /// Returns whether the selected BSS is worth a move within the ESS, and reports the decision.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_need_to_roam_within_ess
    fn needs_to_roam_within_ess(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        current: &Bss,
        selected: &Bss,
    ) -> bool {
        let preferred = self.link.network().and_then(|id| self.config.network(id)?.addr(network::BSSID));
        if preferred == Some(selected.bssid) {
            return true;
        }
        let polled =
            cx.env.driver.station(self.identity.id, self.link.bssid(), cx.now).map(|s| s.avg_signal_dbm);
        let level = polled.filter(|l| *l != 0).unwrap_or(current.level);
        let snr = if polled.is_some_and(|l| l != 0) { level - current.noise } else { 0 };
        let current_est = match snr {
            0 => current.est_throughput,
            snr => crate::bss::throughput::estimate(&current.ies, snr, true),
        };
        let selected_est = selected.est_throughput;
        if selected_est > current_est + 5000 {
            return true;
        }
        let to_5ghz = selected.freq > 4000 && current.freq < 4000;
        let bonus = if to_5ghz { 2 } else { 0 };
        if level < 0 && level > selected.level + bonus && selected_est * 5 < current_est * 6 {
            return false;
        }
        if current_est > selected_est + 5000 || snr > GREAT_SNR {
            return false;
        }
        let least = roam_threshold(level, current_est, selected_est) - bonus;
        let roam = selected.level - level >= least;
        let word = if roam { "CTRL-EVENT-DO-ROAM" } else { "CTRL-EVENT-SKIP-ROAM" };
        self.info(&format!(
            "{word} cur_bssid={} cur_freq={} cur_level={level} cur_est={current_est} sel_bssid={} sel_freq={} \
             sel_level={} sel_est={selected_est}",
            current.bssid, current.freq, selected.bssid, selected.freq, selected.level
        ));
        roam
    }

    /// A temporarily disabled network's time is over.
    pub(crate) fn network_reenabled(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.intent.is_disconnected() || self.link.state() != WpaState::Scanning {
            return;
        }
        if !self.fast_associate(cx) {
            self.request_scan(cx.now, Duration::ZERO);
        }
    }
}

/// Returns by how much the selected BSS must be heard better, in dB.
fn roam_threshold(level: i32, current_est: u32, selected_est: u32) -> i32 {
    let base = match level {
        ..=-86 => 1,
        -85..=-81 => 2,
        -80..=-76 => 3,
        -75..=-71 => 4,
        -70..=-1 => 5,
        _ => 2,
    };
    let (current, selected) = (u64::from(current_est), u64::from(selected_est));
    let adjust = |a: u64, b: u64| -> i32 {
        if a * 2 > b * 3 {
            10
        } else if a * 5 > b * 6 {
            5
        } else if a * 10 > b * 11 {
            2
        } else if a > b {
            1
        } else {
            0
        }
    };
    base + adjust(current, selected) - adjust(selected, current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_signal_needs_less_to_roam() {
        assert_eq!(roam_threshold(-90, 54000, 54000), 1);
        assert_eq!(roam_threshold(-60, 54000, 54000), 5);
        assert_eq!(roam_threshold(-60, 54000, 24000), 15);
    }
}
