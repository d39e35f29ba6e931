//! Regulatory domains: which channels there are and what they allow.

mod database;
mod hints;

pub use database::{NotADatabase, RegulatoryRule, countries_of, rules_of};
pub(crate) use hints::Hints;

use wpasim_wire::driver::{Channel, RegDomain};

/// Debian's wireless-regdb, as the lab's kernel has it.
const DATABASE: &[u8] = include_bytes!("../../../data/regulatory.db");

/// The most that hwsim's radios transmit with, in dBm.
pub(crate) const MAX_POWER: i32 = 20;

/// The letters that the kernel gives to an intersection of domains, and to a domain of its own.
const INTERSECTION: [u8; 2] = *b"98";
const CUSTOM: [u8; 2] = *b"99";

/// The channels of every radio and the country they belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Regulatory {
    /// `00` for the world domain.
    pub country: [u8; 2],
    /// In ascending order of frequency.
    pub channels: Vec<Channel>,
}

/// No regulatory domain is known by this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no regulatory domain is called `{0}` (known: 00, two letters of a country, custom)")]
pub struct UnknownRegulatory(pub String);

/// The channels of hwsim's radios up to 6 GHz, by frequency in MHz.
fn frequencies() -> impl Iterator<Item = u32> {
    const DSRC: [u32; 14] =
        [5855, 5860, 5865, 5870, 5875, 5880, 5885, 5890, 5895, 5900, 5905, 5910, 5915, 5920];
    let low = (2412..=2472).step_by(5).chain([2484]);
    let mid = (5180..=5320).step_by(20).chain((5500..=5700).step_by(20)).chain((5745..=5845).step_by(20));
    let six = (5955..=7115).step_by(20);
    low.chain(mid).chain(DSRC).chain(six)
}

/// The number of a channel in its band.
fn number(freq: u32) -> u8 {
    let number = match freq {
        2484 => 14,
        ..3000 => (freq - 2407) / 5,
        3000..5950 => (freq - 5000) / 5,
        _ => (freq - 5950) / 5,
    };
    u8::try_from(number).unwrap_or(0)
}

/// Returns the rules of a channel of 20 MHz: one that has it whole, else those that have a part of it each
/// (handle_channel_adjacent_rules); none if a part has no rule.
fn applying(rules: &[RegulatoryRule], freq: u32) -> Vec<RegulatoryRule> {
    /// In MHz.
    const PART: u32 = 5;
    if let Some(whole) = rules.iter().find(|rule| rule.has_channel(freq)) {
        return vec![*whole];
    }
    let parts = (freq - 10..freq + 10).step_by(PART as usize);
    let of_parts: Option<Vec<_>> =
        parts.map(|from| rules.iter().find(|rule| rule.covers(from, PART)).copied()).collect();
    of_parts.unwrap_or_default()
}

impl Regulatory {
    /// The world domain: no transmission first on channels 12 to 14 and on 5 GHz.
    pub fn world() -> Self {
        Self::of_country(*b"00").unwrap_or_else(Self::custom)
    }

    /// A country's domain; `None` if the database has no such country.
    pub fn of_country(country: [u8; 2]) -> Option<Self> {
        let rules = rules_of(DATABASE, country).ok()??;
        let channel = |freq: u32| {
            let channel = Channel { freq, number: number(freq), ..Channel::default() };
            let of_channel = applying(&rules, freq);
            match of_channel.iter().map(|rule| i32::from(rule.power / 100)).min() {
                Some(max_tx_power) => Channel {
                    no_ir: of_channel.iter().any(|rule| rule.no_ir()),
                    radar: of_channel.iter().any(|rule| rule.dfs()),
                    max_tx_power,
                    ..channel
                },
                None => Channel { disabled: true, max_tx_power: MAX_POWER, ..channel },
            }
        };
        let is_of_mode = |channel: &Channel| !channel.disabled || channel.freq < 3000;
        Some(Regulatory { country, channels: frequencies().map(channel).filter(is_of_mode).collect() })
    }

    /// Every channel below 6 GHz open to everything; access points start anywhere.
    pub fn custom() -> Self {
        let channel =
            |freq| Channel { freq, number: number(freq), max_tx_power: MAX_POWER, ..Channel::default() };
        Regulatory {
            country: CUSTOM,
            channels: frequencies().filter(|freq| *freq <= 5825).map(channel).collect(),
        }
    }

    /// The names of all domains of the database.
    pub fn names() -> Vec<String> {
        let countries = countries_of(DATABASE).unwrap_or_default();
        countries.iter().map(|[a, b]| format!("{}{}", char::from(*a), char::from(*b))).collect()
    }

    /// By the name that scenarios use: `00` or `world`, the letters of a country, `custom`.
    pub fn by_name(name: &str) -> Result<Self, UnknownRegulatory> {
        let unknown = || UnknownRegulatory(name.to_owned());
        match (name, name.as_bytes()) {
            ("world", _) => Ok(Self::world()),
            ("custom", _) => Ok(Self::custom()),
            (_, &[a, b]) => Self::of_country([a, b]).ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }

    /// The domain as events name it.
    pub fn domain(&self) -> RegDomain {
        match self.country {
            [b'0', b'0'] => RegDomain::World,
            _ if self.is_intersection() => RegDomain::Intersection,
            country => RegDomain::Country(country),
        }
    }

    fn is_intersection(&self) -> bool {
        self.country == INTERSECTION
    }

    /// Returns the domain that both allow (regdom_intersect).
    pub fn intersection(&self, other: &Regulatory) -> Regulatory {
        let both = |channel: &Channel| {
            let there = other.channel(channel.freq)?;
            Some(Channel {
                no_ir: channel.no_ir || there.no_ir,
                radar: channel.radar || there.radar,
                max_tx_power: channel.max_tx_power.min(there.max_tx_power),
                ..*channel
            })
        };
        let usable = self.channels.iter().filter(|channel| !channel.disabled);
        Regulatory { country: INTERSECTION, channels: usable.filter_map(both).collect() }
    }

    /// Returns whether it is one that a kernel has from its database.
    pub fn is_of_database(&self) -> bool {
        self.country != CUSTOM
    }

    /// The channel at a frequency in MHz, if there is one and it is enabled.
    pub fn channel(&self, freq: u32) -> Option<Channel> {
        self.channels.iter().find(|c| c.freq == freq && !c.disabled).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_domain_is_the_recordings() {
        let r = Regulatory::world();
        assert_eq!(r.channels.len(), 14 + 24);
        assert!(!r.channel(2462).unwrap().no_ir);
        assert!(r.channel(2467).unwrap().no_ir);
        assert!(r.channel(5180).unwrap().no_ir && !r.channel(5180).unwrap().radar);
        assert!(r.channel(5260).unwrap().radar);
        assert!(!r.channel(5745).unwrap().radar);
        assert_eq!(r.channel(5720), None);
    }

    #[test]
    fn countries_have_what_the_lab_lists() {
        let numbers = |country: &[u8; 2], from: u32, to: u32| -> Vec<u8> {
            let r = Regulatory::of_country(*country).unwrap();
            let within = r.channels.iter().filter(|c| !c.disabled && (from..to).contains(&c.freq));
            within.map(|c| c.number).collect()
        };
        assert_eq!(numbers(b"DE", 2400, 2500), (1..=13).collect::<Vec<u8>>());
        assert_eq!(numbers(b"DE", 5700, 5950), [140, 149, 153, 157, 161, 165, 169, 171, 172, 173]);
        assert_eq!(numbers(b"DE", 5950, 7200).len(), 24);
        assert_eq!(numbers(b"US", 2400, 2500), (1..=11).collect::<Vec<u8>>());
        assert_eq!(Regulatory::of_country(*b"XX"), None);
        let de = Regulatory::of_country(*b"DE").unwrap();
        assert_eq!((de.channel(5180).unwrap().no_ir, de.channel(5180).unwrap().max_tx_power), (false, 23));
        assert_eq!(numbers(b"US", 5830, 5870), [169, 171, 172, 173]);
        assert_eq!((de.channel(5745).unwrap().max_tx_power, de.channel(5500).unwrap().radar), (13, true));
    }
}
