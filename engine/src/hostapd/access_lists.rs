//! ACCEPT_ACL and DENY_ACL.

use super::Hostapd;
use super::command::Reply;
use super::config::atoi;
use crate::Env;
use crate::ap::ApCx;
use crate::wire::MacAddr;
use crate::wire::ieee80211::reason;
use crate::wire::time::Instant;
use std::collections::BTreeMap;

/// Addresses and the VLANs of their stations; 0 is none.
pub type AccessList = BTreeMap<MacAddr, i32>;

/// An address and ` VLAN_ID=N` behind it.
fn entry(args: &str) -> Option<(MacAddr, i32)> {
    let (addr, rest) = MacAddr::parse_prefix(args)?;
    let vlan = rest.split_once("VLAN_ID=").map_or(0, |(_, value)| atoi(value) as i32);
    Some((addr, vlan))
}

impl Hostapd {
    pub(super) fn access_list_command(&mut self, now: Instant, text: &str, env: Env<'_>) -> Option<Reply> {
        let (list, rest) = match text.strip_prefix("ACCEPT_ACL ") {
            Some(rest) => (&mut self.config.accept, rest),
            None => (&mut self.config.deny, text.strip_prefix("DENY_ACL ")?),
        };
        if rest == "SHOW" {
            let line = |(addr, vlan): (&MacAddr, &i32)| format!("{addr} VLAN_ID={vlan}\n");
            return Some(Reply::Text(list.iter().map(line).collect()));
        }
        if let Some(args) = rest.strip_prefix("ADD_MAC ") {
            let Some((addr, vlan)) = entry(args) else { return Some(Reply::Fail) };
            list.entry(addr).or_insert(vlan);
        } else if let Some(args) = rest.strip_prefix("DEL_MAC ") {
            let Some((addr, vlan)) = entry(args) else { return Some(Reply::Fail) };
            if list.get(&addr).is_some_and(|of| vlan == 0 || *of == vlan) {
                list.remove(&addr);
            }
        } else if rest == "CLEAR" {
            list.clear();
        }
        let running = self.ap.config_mut();
        running.accept = self.config.accept.keys().copied().collect();
        running.deny = self.config.deny.keys().copied().collect();
        self.enforce_access_lists(now, env);
        Some(Reply::Ok)
    }

    /// Stations that the lists no longer admit go.
    pub(super) fn enforce_access_lists(&mut self, now: Instant, env: Env<'_>) {
        let cx = ApCx { now, driver: env.driver };
        for addr in self.ap.unwanted_stations() {
            self.ap.disconnect_station(cx, addr, reason::UNSPECIFIED);
        }
        self.carry_out();
    }
}
