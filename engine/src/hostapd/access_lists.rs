//! ACCEPT_ACL and DENY_ACL.

use super::Hostapd;
use super::call::Reply;
use super::number::atoi;
use crate::Env;
use crate::ap::ApContext;
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

/// The effect of a command on a list.
enum Change {
    Nothing,
    Added,
    Removed,
}

/// Carries out what is behind `ACCEPT_ACL ` or `DENY_ACL `; `None` for an address that is none.
fn change(list: &mut AccessList, command: &str) -> Option<Change> {
    if let Some(args) = command.strip_prefix("ADD_MAC ") {
        let (addr, vlan) = entry(args)?;
        list.entry(addr).or_insert(vlan);
        return Some(Change::Added);
    }
    if let Some(args) = command.strip_prefix("DEL_MAC ") {
        let (addr, vlan) = entry(args)?;
        if list.get(&addr).is_some_and(|of| vlan == 0 || *of == vlan) {
            list.remove(&addr);
        }
        return Some(Change::Removed);
    }
    if command == "CLEAR" {
        list.clear();
        return Some(Change::Removed);
    }
    Some(Change::Nothing)
}

/// Shows a list or changes it, and answers.
fn edit(list: &mut AccessList, command: &str) -> (Reply, Change) {
    if command == "SHOW" {
        let line = |(addr, vlan): (&MacAddr, &i32)| format!("{addr} VLAN_ID={vlan}\n");
        return (Reply::Text(list.iter().map(line).collect()), Change::Nothing);
    }
    match change(list, command) {
        Some(change) => (Reply::Ok, change),
        None => (Reply::Fail, Change::Nothing),
    }
}

impl Hostapd {
    /// ACCEPT_ACL. Stations that are not in the list any more go.
    pub(super) fn accept_list_command(&mut self, now: Instant, command: &str, env: Env<'_>) -> Reply {
        let (reply, change) = edit(&mut self.config.accept, command);
        self.ap.config_mut().accept = self.config.accept.keys().copied().collect();
        if matches!(change, Change::Removed) {
            self.enforce_accept_list(now, env);
        }
        reply
    }

    /// DENY_ACL. Stations that come into the list go.
    pub(super) fn deny_list_command(&mut self, now: Instant, command: &str, env: Env<'_>) -> Reply {
        let (reply, change) = edit(&mut self.config.deny, command);
        self.ap.config_mut().deny = self.config.deny.keys().copied().collect();
        if matches!(change, Change::Added) {
            self.enforce_deny_list(now, env);
        }
        reply
    }

    /// Stations that have to be in the list and are not go; nobody here is in a VLAN.
    pub(super) fn enforce_accept_list(&mut self, now: Instant, env: Env<'_>) {
        if self.config.macaddr_acl == 1 {
            let accept = self.config.accept.clone();
            self.send_away(now, env, |addr| accept.get(&addr) != Some(&0));
        }
    }

    /// Stations in the list go, unless that is for a VLAN.
    pub(super) fn enforce_deny_list(&mut self, now: Instant, env: Env<'_>) {
        let deny = self.config.deny.clone();
        self.send_away(now, env, |addr| deny.get(&addr) == Some(&0));
    }

    fn send_away(&mut self, now: Instant, env: Env<'_>, unwanted: impl Fn(MacAddr) -> bool) {
        let cx = ApContext { now, driver: env.driver };
        for addr in self.ap.station_addrs().into_iter().filter(|addr| unwanted(*addr)) {
            self.ap.disconnect_station(cx, addr, reason::UNSPECIFIED);
        }
        self.carry_out();
    }
}
