//! The access point's list of its neighbours (SET_NEIGHBOR; Neighbor Report, IEEE 802.11-2020 §9.4.2.36).

use super::Hostapd;
use super::call::Reply;
use super::config::{parse_hex, parse_string};
use super::number::atoi;
use crate::config::text::hex;
use crate::wire::{MacAddr, Ssid};

/// More than this many are refused.
const MOST_NEIGHBORS: usize = 1000;

/// A neighbour.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Neighbor {
    bssid: MacAddr,
    ssid: Ssid,
    /// The Neighbor Report element's body.
    report: Vec<u8>,
    lci: Vec<u8>,
    civic: Vec<u8>,
    stationary: bool,
}

impl Neighbor {
    fn is(&self, bssid: MacAddr, ssid: Option<&Ssid>) -> bool {
        self.bssid == bssid && ssid.is_none_or(|s| *s == self.ssid)
    }

    fn text(&self) -> String {
        let part = |name: &str, octets: &[u8]| match octets {
            [] => String::new(),
            _ => format!(" {name}={}", hex(octets)),
        };
        format!(
            "{} ssid={} nr={}{}{}{}\n",
            self.bssid,
            hex(self.ssid.as_bytes()),
            hex(&self.report),
            part("lci", &self.lci),
            part("civic", &self.civic),
            if self.stationary { " stat" } else { "" },
        )
    }
}

/// The list, the newest first.
#[derive(Debug, Default)]
pub(super) struct Neighbors(Vec<Neighbor>);

/// `ssid="text"` or in hexadecimal digits, anywhere in the arguments; and what follows its value.
fn ssid(args: &str) -> Option<(Ssid, &str)> {
    let (_, value) = args.split_once("ssid=")?;
    let end = match value.strip_prefix('"') {
        Some(quoted) => quoted.find('"')? + 2,
        None => value.find(' ').unwrap_or(value.len()),
    };
    let octets = parse_string(value.get(..end)?)?;
    let ssid = Ssid::new(octets).ok().filter(|s| !s.is_empty())?;
    Some((ssid, value.get(end..)?))
}

/// Takes `NAME=DIGITS` out of the arguments: its octets and what follows. `Err` if they are no octets.
fn octets<'a>(args: &'a str, name: &str) -> Result<(Vec<u8>, &'a str), ()> {
    let Some((_, value)) = args.split_once(name) else { return Ok((Vec::new(), args)) };
    let (digits, rest) = value.split_once(' ').unwrap_or((value, ""));
    parse_hex(digits).filter(|o| !o.is_empty()).map(|o| (o, rest)).ok_or(())
}

fn parse(args: &str) -> Option<Neighbor> {
    let (bssid, _) = MacAddr::parse_prefix(args)?;
    let (ssid, rest) = ssid(args)?;
    let (report, rest) = octets(rest, "nr=").ok().filter(|(report, _)| !report.is_empty())?;
    let (lci, rest) = octets(rest, "lci=").ok()?;
    let (civic, rest) = octets(rest, "civic=").ok()?;
    let parameters = rest.split_once("bss_parameter=").map_or(0, |(_, value)| atoi(value));
    let stationary = rest.contains("stat");
    (0..=255).contains(&parameters).then_some(Neighbor { bssid, ssid, report, lci, civic, stationary })
}

impl Hostapd {
    /// SHOW_NEIGHBOR.
    pub(super) fn show_neighbors(&self) -> Reply {
        let list = self.neighbors.0.iter().map(Neighbor::text).collect();
        if self.config.neighbor_report { Reply::Text(list) } else { Reply::Fail }
    }

    /// SET_NEIGHBOR. Returns whether the list has the neighbour.
    pub(super) fn set_neighbor(&mut self, args: &str) -> bool {
        let Some(new) = parse(args) else { return false };
        let list = &mut self.neighbors.0;
        let is_full = list.len() >= MOST_NEIGHBORS;
        match list.iter_mut().find(|n| n.is(new.bssid, Some(&new.ssid))) {
            Some(known) => *known = new,
            None if is_full => return false,
            None => list.insert(0, new),
        }
        true
    }

    /// REMOVE_NEIGHBOR. Returns whether the list had the neighbour.
    pub(super) fn remove_neighbor(&mut self, args: &str) -> bool {
        let Some((bssid, _)) = MacAddr::parse_prefix(args) else { return false };
        let wanted = match (args.contains("ssid="), ssid(args)) {
            (true, None) => return false,
            (_, found) => found.map(|(s, _)| s),
        };
        let list = &mut self.neighbors.0;
        match list.iter().position(|n| n.is(bssid, wanted.as_ref())) {
            Some(at) => {
                list.remove(at);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_arguments_of_set_neighbor() {
        let neighbor = parse("02:00:00:00:09:01 ssid=6161 nr=0102 lci=01 civic=02 stat").unwrap();
        assert_eq!(neighbor.text(), "02:00:00:00:09:01 ssid=6161 nr=0102 lci=01 civic=02 stat\n");
        assert_eq!(parse("02:00:00:00:09:01 ssid=\"x\""), None);
        assert_eq!(parse("02:00:00:00:09:01 nr=0102"), None);
        assert_eq!(parse("02:00:00:00:09:01 ssid=\"x\" nr=0102 lci=x"), None);
    }

    proptest! {
        #[test]
        fn any_arguments_are_read_or_refused(text in "(02:00:00:00:09:01 )?(ssid=)?\\PC{0,40}") {
            let _ = parse(&text).map(|n| n.text());
        }
    }
}
