//! From what was said to the steps of a scenario.
//!
//! Before each command the ladder waits for the last event that came before it, then for as long as the client did;
//! what else was said is for the transcript to compare.

use std::collections::{BTreeMap, BTreeSet};

use wpasim_engine::config::text::hex;
use wpasim_wire::time::{Duration, Instant};

use super::names::Names;
use super::yaml::Yaml;
use crate::control::words;
use crate::matcher::mask::{ROWS, mask_within};
use crate::scenario::events;
use crate::transcript::{Entry, Mark};

/// Pauses shorter than this are the client's own speed.
const PAUSE: Duration = Duration::from_millis(2);
/// A reply of one line that is longer stands in the transcript only.
const SHORT: usize = 80;
/// An event that took longer than this gets a deadline of its own; the default is 30 s.
const LONG: Duration = Duration::from_secs(15);

/// Events that the air causes and nobody waits for.
const OF_THE_AIR: &[&str] = &[
    "CTRL-EVENT-REGDOM-CHANGE",
    "CTRL-EVENT-SIGNAL-CHANGE",
    "CTRL-EVENT-BSS-ADDED",
    "CTRL-EVENT-BSS-REMOVED",
    "CTRL-EVENT-SCAN-STARTED",
    "CTRL-EVENT-AVOID-FREQ",
    "CTRL-EVENT-BEACON-LOSS",
    "CTRL-EVENT-SUBNET-STATUS-UPDATE",
    "CTRL-EVENT-DSCP-POLICY",
    "P2P-DEVICE-LOST",
    "WPS-AP-AVAILABLE",
];

/// A value that a row of the mask table finds.
type Value = (usize, String);
/// Random values that a client read and then used in a command, and the names of their captures.
type Captures = BTreeMap<Value, String>;

/// The steps of what was said; `odd` are the octets of commands that are no text, by the number of their entry.
pub fn steps(entries: &[Entry], odd: &BTreeMap<usize, Vec<u8>>, names: &Names) -> Vec<Yaml> {
    let (captures, given) = values(entries);
    let defined = BTreeSet::new();
    let ladder = Ladder {
        names,
        captures,
        given,
        defined,
        odd,
        at: entries.first().map_or(Instant::ZERO, |e| e.time),
        steps: Vec::new(),
    };
    ladder.build(entries)
}

struct Ladder<'l> {
    names: &'l Names,
    captures: Captures,
    /// The values that a client told before any device did, and that so are not random.
    given: BTreeSet<Value>,
    /// Captures that a step has made.
    defined: BTreeSet<Value>,
    odd: &'l BTreeMap<usize, Vec<u8>>,
    /// The time of the last step.
    at: Instant,
    steps: Vec<Yaml>,
}

/// The part of an entry that a step can show: a command, an event's first line, a short reply.
fn shown(entry: &Entry) -> Option<&str> {
    let line = entry.lines.first()?;
    match entry.mark {
        // A step on the process-wide socket names the interface and with it the level.
        Mark::Event if line.starts_with("IFNAME=") => Some(line),
        Mark::Event => Some(words::text(line)),
        Mark::Command | Mark::Note => Some(line),
        // A text that is escaped for the eye is not the text that was sent.
        Mark::Reply => {
            let is_short = entry.lines.len() == 1 && !line.is_empty() && line.len() <= SHORT;
            (is_short && !line.contains("\\x")).then_some(line)
        }
    }
}

/// Returns whether a scenario takes an expectation of this event: one whose name no release has, of a vendor or to come, is for the
/// transcript alone.
fn can_be_expected(entry: &Entry) -> bool {
    events::unknown(words::text(shown(entry).unwrap_or_default())).is_none()
}

/// The values in it that some row of the mask table finds.
fn masked(entry: &Entry) -> Vec<Value> {
    let line = shown(entry).unwrap_or_default();
    mask_within(entry.mark, line, &entry.lines).values.into_iter().map(|m| (m.row, m.value)).collect()
}

/// Returns the values that a device drew at random and told, and a client then repeated; and those that came from clients.
fn values(entries: &[Entry]) -> (Captures, BTreeSet<Value>) {
    let mut told: BTreeSet<Value> = BTreeSet::new();
    let mut given: BTreeSet<Value> = BTreeSet::new();
    let mut captures = Captures::new();
    for entry in entries {
        for value in masked(entry) {
            match (entry.mark, told.contains(&value)) {
                (Mark::Command, false) => {
                    given.insert(value);
                }
                (Mark::Command, true) if !captures.contains_key(&value) => {
                    let row = ROWS.get(value.0).map_or("value", |row| row.name);
                    let name = format!("random_{row}{}", captures.len() + 1);
                    captures.insert(value, name);
                }
                (Mark::Command, true) => {}
                (_, _) if given.contains(&value) => {}
                (_, _) => {
                    told.insert(value);
                }
            }
        }
    }
    (captures, given)
}

impl Ladder<'_> {
    fn build(mut self, entries: &[Entry]) -> Vec<Yaml> {
        let mut heard: Vec<&Entry> = Vec::new();
        for (i, entry) in entries.iter().enumerate() {
            match entry.mark {
                Mark::Event => heard.push(entry),
                Mark::Command => {
                    self.wait_for(&heard);
                    heard.clear();
                    self.pause(entry.time);
                    let reply = entries.get(i + 1).filter(|e| e.mark == Mark::Reply);
                    self.command(i, entry, reply);
                }
                Mark::Reply | Mark::Note => {}
            }
        }
        self.wait_for(&heard);
        self.steps
    }

    /// Waits for the last event of each device, in the order in which they came.
    fn wait_for(&mut self, heard: &[&Entry]) {
        let worth: Vec<&Entry> = heard
            .iter()
            .copied()
            .filter(|e| can_be_expected(e) && (self.is_worth_waiting_for(e) || self.has_capture(e)))
            .collect();
        for (i, entry) in worth.iter().enumerate() {
            let later = worth.get(i + 1..).unwrap_or_default();
            let pattern = self.event(entry);
            let is_last = !later.iter().any(|e| e.device == entry.device);
            // An expectation takes the first event that fits it: the ones before count, too.
            let recurs = later.iter().any(|e| e.device == entry.device && self.event(e) == pattern);
            let needed =
                is_last || recurs && self.is_awaited(&worth, &pattern, entry) || self.has_capture(entry);
            if !needed {
                continue;
            }
            self.define(entry);
            let mut step = vec![(format!("{} sees", self.address(entry)), Yaml::text(pattern))];
            let took = entry.time.saturating_since(self.at);
            if took > LONG {
                step.push((
                    "within".to_owned(),
                    Yaml::text(format!("{}s", took.micros() * 2 / 1_000_000 + 10)),
                ));
            }
            self.steps.push(Yaml::Map(step));
            self.at = self.at.max(entry.time);
        }
    }

    /// Whether the last of the device's events has this pattern.
    fn is_awaited(&self, worth: &[&Entry], pattern: &str, entry: &Entry) -> bool {
        worth.iter().rev().find(|e| e.device == entry.device).is_some_and(|last| self.event(last) == pattern)
    }

    fn is_worth_waiting_for(&self, entry: &Entry) -> bool {
        let text = words::text(shown(entry).unwrap_or_default());
        !text.trim().is_empty() && !OF_THE_AIR.iter().any(|noise| text.starts_with(noise))
    }

    fn has_capture(&self, entry: &Entry) -> bool {
        masked(entry).iter().any(|value| self.captures.contains_key(value))
    }

    fn define(&mut self, entry: &Entry) {
        self.defined.extend(masked(entry).into_iter().filter(|value| self.captures.contains_key(value)));
    }

    /// `sta`, `sta.p2p-wlan0-0`.
    fn address(&self, entry: &Entry) -> String {
        self.names.in_transcript(&entry.device)
    }

    fn pause(&mut self, until: Instant) {
        let pause = until.saturating_since(self.at);
        if pause >= PAUSE {
            self.steps.push(Yaml::pair("advance", Yaml::text(format!("{}ms", pause.micros() / 1000))));
        }
        self.at = self.at.max(until);
    }

    fn command(&mut self, number: usize, command: &Entry, reply: Option<&Entry>) {
        let what = match self.odd.get(&number) {
            Some(octets) => Yaml::Short(vec![("hex".to_owned(), Yaml::text(hex(octets)))]),
            None => Yaml::text(self.line(command, &command.text(), false)),
        };
        let mut step = vec![(self.address(command), what)];
        match reply {
            None => step.push(("reply".to_owned(), Yaml::text("none"))),
            Some(reply) => {
                step.extend(self.reply(reply).map(|expected| ("reply".to_owned(), expected)));
                self.define(reply);
            }
        }
        self.steps.push(Yaml::Map(step));
    }

    /// Returns the reply that must come; `None` is OK.
    fn reply(&self, reply: &Entry) -> Option<Yaml> {
        let text = reply.text();
        if text == "OK" {
            return None;
        }
        if let Some(state) = words::field(&text, "wpa_state") {
            return Some(Yaml::pair("fields", Yaml::pair("wpa_state", Yaml::text(state))));
        }
        match shown(reply) {
            // Words that mean something else as a reply.
            None | Some("any" | "none") => Some(Yaml::text("any")),
            Some(text) => Some(Yaml::text(self.line(reply, text, true))),
        }
    }

    fn event(&self, entry: &Entry) -> String {
        self.line(entry, shown(entry).unwrap_or_default(), true).trim_end().to_owned()
    }

    /// A text with names, `{*}` or a capture's name for what is random. In a command, what is no capture stays.
    fn line(&self, entry: &Entry, text: &str, is_expected: bool) -> String {
        let masked = mask_within(entry.mark, text, &entry.lines);
        let mut out = String::new();
        let mut rest = masked.key.as_str();
        for value in masked.values {
            let Some(row) = ROWS.get(value.row) else { continue };
            let Some((before, after)) = rest.split_once(&format!("{{{}}}", row.name)) else { continue };
            out.push_str(&self.names.in_step(before));
            let found = (value.row, value.value);
            match self.captures.get(&found) {
                Some(name) if is_expected || self.defined.contains(&found) => {
                    out.push_str(&format!("{{{name}}}"));
                }
                _ if is_expected && !self.given.contains(&found) => out.push_str("{*}"),
                _ => out.push_str(&self.names.in_step(&found.1)),
            }
            rest = after;
        }
        out.push_str(&self.names.in_step(rest));
        out
    }
}
