//! The texts in steps: commands, replies and events, and the names that they capture or need.

use super::reader::StepReader;
use crate::scenario::events;
use crate::scenario::model::{CommandText, Reply};
use crate::scenario::pattern::Pattern;
use crate::scenario::problem::nearest;
use crate::scenario::yaml::{self, Kind, Node};

/// Commands that are never answered with OK, with a reply that a step may expect.
const ANSWERED: &[(&str, &str)] = &[
    ("STATUS", "{fields: {wpa_state: COMPLETED}}"),
    ("STATUS-VERBOSE", "{fields: {wpa_state: COMPLETED}}"),
    ("PING", "PONG"),
    ("ADD_NETWORK", "'{id}'"),
    ("ADD_CRED", "'{id}'"),
    ("LIST_NETWORKS", "{contains: CURRENT}"),
    ("SCAN_RESULTS", "{contains: TEXT}"),
    ("BSS", "{fields: {ssid: TEXT}}"),
    ("SIGNAL_POLL", "{fields: {FREQUENCY: TEXT}}"),
    ("MIB", "{contains: TEXT}"),
    ("GET_NETWORK", "TEXT"),
    ("GET_CAPABILITY", "{contains: TEXT}"),
    ("P2P_PEER", "{fields: {device_name: TEXT}}"),
    ("STA", "{contains: TEXT}"),
    ("STA-FIRST", "{contains: TEXT}"),
    ("GET_CONFIG", "{fields: {ssid: TEXT}}"),
    ("INTERFACES", "{contains: TEXT}"),
];

impl StepReader<'_> {
    /// A command without `reply:` expects OK.
    pub(super) fn hint_at_reply(&mut self, node: &Node, command: &CommandText) {
        let CommandText::Text(pattern) = command else { return };
        let verb = pattern.source().split(' ').next().unwrap_or_default();
        if let Some((_, reply)) = ANSWERED.iter().find(|(command, _)| *command == verb) {
            self.hints.push(
                node.problem(format!(
                    "hint: {verb} is not answered with OK, which a step without `reply:` expects"
                ))
                .help(format!(
                    "`reply: {reply}` says what matters; `reply: any` leaves all of it to the transcript"
                )),
            );
        }
    }

    /// An event that no release has can only be a slip.
    pub(super) fn check_event(&mut self, node: &Node, pattern: &Pattern) {
        if let Some((word, near)) = events::unknown(pattern.source()) {
            let problem =
                node.problem(format!("no release of wpa_supplicant or hostapd has an event \"{word}\""));
            self.reader.report(match near {
                Some(name) => problem.help(format!("did you mean \"{name}\"?")),
                None => problem.help("an event begins with its name, such as CTRL-EVENT-CONNECTED"),
            });
        }
    }

    /// A text in which names that are not known yet are captured.
    pub(super) fn expected(&mut self, node: &Node, what: &str) -> Option<Pattern> {
        let pattern = self.reader.pattern(node, what)?;
        for name in pattern.names() {
            if let Some((device, _)) = name.split_once('.')
                && !self.defined.contains(name)
            {
                self.reader.report(node.problem(format!("\"{{{name}}}\" is not defined")).help(format!(
                    "of a device there are .addr, .second and .ifname; is \"{device}\" a device?"
                )));
            }
            match self.defined.insert(name.to_owned()) {
                true => drop(self.captured.insert(name.to_owned(), node.clone())),
                false => drop(self.captured.remove(name)),
            }
        }
        Some(pattern)
    }

    /// An event that must not come: names that are not known match anything.
    pub(super) fn unexpected(&mut self, node: &Node) -> Option<Pattern> {
        let pattern = self.reader.pattern(node, "event")?;
        self.check_event(node, &pattern);
        Some(pattern)
    }

    pub(super) fn expected_event(&mut self, node: &Node) -> Option<Pattern> {
        let pattern = self.expected(node, "event")?;
        self.check_event(node, &pattern);
        Some(pattern)
    }

    /// A text in which every name must be known.
    pub(super) fn filled(&mut self, node: &Node, what: &str) -> Option<Pattern> {
        let pattern = self.reader.pattern(node, what)?;
        pattern.names().for_each(|name| drop(self.captured.remove(name)));
        let unknown: Vec<String> =
            pattern.names().filter(|n| !self.defined.contains(*n)).map(str::to_owned).collect();
        for name in &unknown {
            let near = nearest(name, self.defined.iter().map(String::as_str)).map(str::to_owned);
            self.reader.report(
                node.problem(format!("undefined capture \"{{{name}}}\" in this {what}")).help(match near {
                    Some(word) => format!("did you mean \"{{{word}}}\"?"),
                    None => {
                        "an earlier step must capture it; write {{ and }} for braces themselves".to_owned()
                    }
                }),
            );
        }
        Some(pattern)
    }

    pub(super) fn command(&mut self, value: &Node) -> Option<CommandText> {
        if let Kind::Map(_) = value.kind {
            let mut entries = self.reader.entries(value, "a command")?;
            let octets = entries.take("hex").and_then(|v| self.reader.octets(v, "hex"));
            let text = entries.take("text").and_then(|v| self.reader.text(v, "text"));
            let pad = entries.take("pad").and_then(|v| self.reader.text(v, "pad"));
            let to = entries.take("to").and_then(|v| self.reader.number(v, "to", 0..=65_536));
            if !entries.is_empty() {
                self.reader.report(
                    value
                        .problem("a command is text, {hex: …} or {text: …, pad: …, to: LENGTH}")
                        .help("quote this text if it begins with {"),
                );
                return None;
            }
            let mut bytes = octets.unwrap_or_default();
            bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
            if let (Some(pad), Some(to)) = (pad, to)
                && !pad.is_empty()
            {
                bytes.extend(pad.bytes().cycle().take((to as usize).saturating_sub(bytes.len())));
            }
            return Some(CommandText::Bytes(bytes));
        }
        self.filled(value, "command").map(CommandText::Text)
    }

    pub(super) fn reply(&mut self, node: &Node) -> Option<Reply> {
        if let Kind::Map(_) = node.kind {
            let mut entries = self.reader.entries(node, "reply")?;
            let ways = ["starts", "contains", "matches", "fields"].map(|way| entries.take(way));
            if ways.iter().flatten().count() > 1 {
                self.reader.report(
                    node.problem("a reply is matched in one way")
                        .help("one of starts, contains, matches and fields"),
                );
            }
            let [starts, contains, matches, fields] = ways;
            let reply = if let Some(v) = starts {
                self.expected(v, "reply").map(Reply::Starts)
            } else if let Some(v) = contains {
                self.expected(v, "reply").map(Reply::Contains)
            } else if let Some(v) = matches {
                self.regex(v).map(Reply::Matches)
            } else if let Some(v) = fields {
                let mut fields = Vec::new();
                let entries = self.reader.entries(v, "fields")?;
                if entries.is_empty() {
                    self.reader.report(v.problem("no field").help("such as {wpa_state: COMPLETED}"));
                }
                for (name, _, value) in entries.rest() {
                    fields.push((name.to_owned(), self.expected(value, "a field")?));
                }
                Some(Reply::Fields(fields))
            } else {
                self.reader.report(
                    node.problem(
                        "a reply is text, any, none, or a mapping with starts, contains, matches or fields",
                    )
                    .help("quote this text if it begins with {"),
                );
                return None;
            };
            entries.finish(&mut self.reader, "reply");
            return reply;
        }
        if let Kind::Scalar(text, yaml::Style::Plain) = &node.kind {
            match text.as_str() {
                "any" => return Some(Reply::Any),
                "none" => return Some(Reply::None),
                _ => {}
            }
        }
        let text = self.reader.line(node, "reply")?;
        let pattern = self.reader.pattern_of(node, text.trim_end_matches('\n'))?;
        self.defined.extend(pattern.names().map(str::to_owned));
        Some(Reply::Exact(pattern))
    }

    pub(super) fn regex(&mut self, node: &Node) -> Option<regex_lite::Regex> {
        let text = self.reader.text(node, "matches")?;
        match regex_lite::RegexBuilder::new(&text).multi_line(true).size_limit(1 << 20).build() {
            Ok(regex) => {
                self.defined.extend(regex.capture_names().flatten().map(str::to_owned));
                Some(regex)
            }
            Err(error) => {
                self.reader.report(node.problem(format!("no regular expression: {error}")));
                None
            }
        }
    }
}
