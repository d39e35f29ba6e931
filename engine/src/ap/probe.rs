//! Probe requests.

use super::config::HwMode;
use super::{AccessPoint, ApAction, ApContext};
use crate::p2p::only_11b_rates;
use crate::wire::driver::HiddenSsid;
use crate::wire::elements::{eid, find, well_formed};
use crate::wire::ieee80211::MgmtHeader;

/// SSID List.
const EID_SSID_LIST: u8 = 84;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SsidMatch {
    Exact,
    Wildcard,
}

impl AccessPoint {
    /// Answers a probe request that is for us.
    pub(super) fn probe_request(
        &mut self,
        cx: ApContext<'_>,
        header: &MgmtHeader,
        ies: &[u8],
        signal_dbm: i32,
    ) {
        let weakest = self.config.ignore_probes_below;
        if weakest != 0 && signal_dbm != 0 && signal_dbm < weakest {
            return;
        }
        if !self.config.admits(header.sa) {
            return;
        }
        self.note_enrollee(cx, header.sa, ies);
        let Some(how) = self.looks_for_us(ies) else { return };
        let full = self.stations.len() >= self.config.max_stations as usize;
        if self.config.no_probe_response_when_full
            && full
            && header.da.is_group()
            && header.bssid.is_group()
            && !self.stations.contains_key(&header.sa)
        {
            return;
        }
        if self.ignores(self.config.ignored.probe) {
            return;
        }
        self.actions.push(ApAction::ProbeRequestEvent(format!(
            "RX-PROBE-REQUEST sa={} signal={signal_dbm}",
            header.sa
        )));
        let response = self.frame_to(header.sa, self.probe_response(ies));
        // Everyone answers a broadcast; retries would only fill the air.
        let no_ack = how == SsidMatch::Wildcard && header.da.is_broadcast();
        self.send_mgmt(&response, no_ack);
    }

    /// Whether and how a probe request with these elements is for us.
    fn looks_for_us(&self, ies: &[u8]) -> Option<SsidMatch> {
        if !self.config.send_probe_response || !well_formed(ies) {
            return None;
        }
        let (Some(ssid), Some(_)) = (find(ies, eid::SSID), find(ies, eid::SUPP_RATES)) else { return None };
        let other_channel =
            find(ies, eid::DS_PARAMS).and_then(|b| b.first()).is_some_and(|c| *c != self.config.channel());
        if other_channel && self.config.hw_mode != HwMode::A {
            return None;
        }
        if !self.group_is_wanted(ies) {
            return None;
        }
        let list = find(ies, EID_SSID_LIST).unwrap_or_default();
        let ssid = if self.is_for_groups(ies) { &[] } else { ssid };
        let how = self.match_ssid(ssid, list)?;
        if self.config.hidden != HiddenSsid::No && how == SsidMatch::Wildcard {
            return None;
        }
        if self.group().is_some() && only_11b_rates(ies) {
            return None;
        }
        Some(how)
    }

    fn match_ssid(&self, ssid: &[u8], list: &[u8]) -> Option<SsidMatch> {
        let ours = self.config.ssid.as_bytes();
        let mut wildcard = ssid.is_empty();
        if ssid == ours {
            return Some(SsidMatch::Exact);
        }
        for element in crate::wire::elements::Elements::new(list) {
            if element.body == ours {
                return Some(SsidMatch::Exact);
            }
            wildcard |= element.body.is_empty();
        }
        wildcard.then_some(SsidMatch::Wildcard)
    }
}
