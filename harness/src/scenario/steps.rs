//! Steps: each is a mapping with one key that says what it does, and options beside it.

use std::collections::{BTreeMap, BTreeSet};

use wpasim_wire::time::Duration;

use super::model::*;
use super::pattern::{Pattern, Scope};
use super::problem::{self, Problem, nearest};
use super::reader::{Entries, Reader};
use super::yaml::{self, Kind, Node};
use super::{air, devices, events};

/// Reads the text of an included file, named relative to the scenario; why it cannot, otherwise.
pub type Loader<'l> = &'l dyn Fn(&str) -> Result<String, String>;

/// The loader of a text that stands for itself.
///
/// # Errors
/// Always.
pub fn without_includes(_: &str) -> Result<String, String> {
    Err("nothing can be included here".to_owned())
}

/// Included files nest no deeper than this.
const INCLUDE_DEPTH: usize = 8;
/// A `repeat:` goes round no more often than this, and a ladder has no more steps.
const STEPS: usize = 100_000;

/// Keys that make a step without naming a device.
pub const WORDS: &[&str] = &[
    "together",
    "either",
    "advance",
    "air",
    "stop",
    "inject",
    "expect frame",
    "forbid frame",
    "kill",
    "start",
    "radio off",
    "radio on",
    "move",
    "link",
    "file",
    "check file",
    "note",
    "include",
    "repeat",
];

/// Words of other tools for letting time pass.
pub const WAITING: &[&str] = &["wait", "sleep", "pause", "delay", "timeout"];

/// What stands beside the key of a step and makes none itself.
pub const OPTIONS: &[&str] = &["reply", "within", "for", "until", "times", "probability", "rule", "name"];

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

/// Reads the steps of one scenario, in order, and knows what is defined so far.
pub struct StepReader<'a> {
    /// Where problems go.
    pub reader: Reader,
    devices: &'a [Device],
    loader: Loader<'a>,
    deadline: Duration,
    /// Names with a value at this point of the ladder.
    defined: BTreeSet<String>,
    /// Names that were captured, each with the node that did it, until something refers to them.
    captured: BTreeMap<String, Node>,
    hints: Vec<Problem>,
    /// Step names, with their lines.
    names: Vec<(String, usize)>,
    /// Names of rules and repeated injections.
    stoppable: BTreeSet<String>,
    file: Option<String>,
    depth: usize,
    count: usize,
}

/// What is known when all steps are read.
pub struct StepsRead {
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
    /// The parameters of the matrix that were put in somewhere.
    pub used: BTreeSet<String>,
    /// What is valid and may yet be meant otherwise.
    pub hints: Vec<Problem>,
}

impl<'a> StepReader<'a> {
    /// A reader in which the devices' names and the case's parameters are defined.
    pub fn new(reader: Reader, devices: &'a [Device], loader: Loader<'a>, deadline: Duration) -> Self {
        let defined =
            devices.iter().flat_map(|d| d.scope().into_keys()).chain(reader.parameters.keys().cloned());
        StepReader {
            defined: defined.collect(),
            captured: BTreeMap::new(),
            hints: Vec::new(),
            reader,
            devices,
            loader,
            deadline,
            names: Vec::new(),
            stoppable: BTreeSet::new(),
            file: None,
            depth: 0,
            count: 0,
        }
    }

    /// What reading left beside the steps.
    pub fn finish(mut self) -> StepsRead {
        for (name, node) in std::mem::take(&mut self.captured) {
            let near = |parameter: &&String| strsim::damerau_levenshtein(parameter, &name) <= 2;
            if name.len() > 3
                && let Some(parameter) = self.reader.parameters.keys().find(near)
            {
                let problem =
                    node.problem(format!("\"{{{name}}}\" captures a value that nothing uses")).help(format!(
                        "did you mean the parameter \"{{{parameter}}}\"? {{*}} stands for anything"
                    ));
                self.reader.report(problem);
            }
        }
        StepsRead { problems: self.reader.problems, used: self.reader.used, hints: self.hints }
    }

    /// Reads a list of steps that must not be empty: nothing is no expectation.
    fn filled_steps(&mut self, node: &Node, what: &str) -> Vec<Step> {
        if matches!(&node.kind, Kind::List(items) if items.is_empty()) {
            self.reader.report(node.problem(format!("{what}: holds no step")));
        }
        self.steps(node)
    }

    /// Reads a list of steps.
    pub fn steps(&mut self, node: &Node) -> Vec<Step> {
        let mut steps = Vec::new();
        for item in self.reader.list(node, "steps") {
            self.count += 1;
            if self.count > STEPS {
                self.reader.report(item.problem(format!("more than {STEPS} steps")));
                break;
            }
            steps.extend(self.step(item));
        }
        steps
    }

    /// `5s`, or `1s to 5s`, of which the seed draws one.
    fn advance(&mut self, node: &Node) -> Option<Action> {
        match self.reader.durations(node, "advance")? {
            (least, most) if least == most => Some(Action::Advance(least)),
            (least, most) => Some(Action::AdvanceDrawn { least, most }),
        }
    }

    fn step(&mut self, node: &Node) -> Vec<Step> {
        let Some(mut entries) = self.reader.entries(node, "a step") else { return Vec::new() };
        let name = entries.take("name").and_then(|v| self.step_name(v));
        let Some(at) = self.head(node, &entries) else { return Vec::new() };
        let (key_text, _, value) = entries.take_at(at);
        let key_text = key_text.to_owned();
        match key_text.as_str() {
            "include" => return self.include(value, entries),
            "repeat" => return self.repeat(value, entries),
            _ => {}
        }
        let action = match key_text.as_str() {
            "together" => self.together(value, &mut entries),
            "either" => self.either(value, &mut entries),
            "advance" => self.advance(value),
            "air" => self.rule(value, &mut entries),
            "stop" => self.stop(value),
            "inject" => self.inject(value, &mut entries),
            "expect frame" => {
                let within = self.within(&mut entries);
                let frame = air::frame_pattern(&mut self.reader, value, self.devices);
                frame.map(|frame| Action::ExpectFrame { frame, within })
            }
            "forbid frame" => {
                let during = entries.take("for").and_then(|v| self.reader.duration(v, "for"));
                let frame = air::frame_pattern(&mut self.reader, value, self.devices);
                frame.map(|frame| Action::ForbidFrame { frame, during: during.unwrap_or(Duration::ZERO) })
            }
            "kill" => self.device(value).map(Action::Kill),
            "start" => {
                let refused = entries.take("refused").and_then(|v| self.expected(v, "refused"));
                self.device(value).map(|device| Action::Start { device, refused })
            }
            "radio off" => self.device(value).map(|device| Action::Radio { device, on: false }),
            "radio on" => self.device(value).map(|device| Action::Radio { device, on: true }),
            "move" => self.movement(value),
            "link" => self.link(value),
            "file" => self.file(value),
            "check file" => self.check_file(value),
            "note" => self.filled(value, "note").map(Action::Note),
            other => self.of_device(other, value, &mut entries),
        };
        entries.finish(&mut self.reader, &format!("a step \"{key_text}\""));
        let Some(action) = action else { return Vec::new() };
        vec![Step { place: node.place, file: self.file.clone(), name, action }]
    }

    fn step_name(&mut self, node: &Node) -> Option<String> {
        let name = self.reader.text(node, "name")?;
        if let Some((_, line)) = self.names.iter().find(|(n, _)| *n == name) {
            let line = *line;
            self.reader.report(
                node.problem(format!("duplicate step name \"{name}\""))
                    .help(format!("it stands in line {line} already")),
            );
        }
        self.names.push((name.clone(), node.place.line));
        Some(name)
    }

    /// The index of the key that says what the step does.
    fn head(&mut self, node: &Node, entries: &Entries<'_>) -> Option<usize> {
        let remaining = entries.remaining();
        let heads: Vec<usize> = remaining
            .iter()
            .enumerate()
            .filter(|(_, (name, ..))| WORDS.contains(name) || self.names_device(name))
            .map(|(i, _)| i)
            .collect();
        match heads.as_slice() {
            [one] => Some(*one),
            [] => {
                match remaining.first() {
                    Some((name, key, _)) => {
                        let problem = self.unknown_key(name, key);
                        self.reader.report(problem);
                    }
                    None => self.reader.report(node.problem("an empty step")),
                }
                None
            }
            [_, second, ..] => {
                let (name, key, _) = remaining[*second];
                self.reader.report(
                    key.problem(format!("\"{name}\" begins a second step within this one"))
                        .help("each step begins with its own `- `"),
                );
                None
            }
        }
    }

    fn unknown_key(&self, name: &str, key: &Node) -> Problem {
        if WAITING.contains(&name) {
            let help = "did you mean \"advance\"? `advance: 5s` lets time pass; `DEVICE sees: EVENT` waits for an event";
            return key.problem(format!("unknown step \"{name}\"")).help(help);
        }
        if OPTIONS.contains(&name) {
            return key.problem(format!("\"{name}\" begins no step; it belongs to one")).help(
                "wrong indentation? it stands below the key of its step, at the same column, without `- `",
            );
        }
        let subject = name
            .strip_suffix(" does not see")
            .or_else(|| name.strip_suffix(" sees"))
            .or_else(|| name.strip_prefix("status of "))
            .unwrap_or(name);
        let device = subject.split(['.', '/']).next().unwrap_or(subject);
        let names = || self.devices.iter().map(|d| d.name.as_str());
        if let Some((first, verb)) = name.split_once(' ')
            && names().any(|d| d == first)
        {
            let verbs = ["sees", "does not see"];
            let help = nearest(verb, verbs).unwrap_or("sees");
            return key
                .problem(format!("unknown key \"{name}\""))
                .help(format!("did you mean \"{first} {help}\"?"));
        }
        let near = nearest(name, names().chain(WORDS.iter().copied()))
            .or_else(|| nearest(device, names().chain(WORDS.iter().copied())));
        let message = match near {
            Some(word) if WORDS.contains(&word) => format!("unknown step \"{name}\""),
            _ => format!("unknown device \"{device}\""),
        };
        key.problem(message).help(match near {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => format!("devices: {}", names().collect::<Vec<_>>().join(", ")),
        })
    }

    fn names_device(&self, key: &str) -> bool {
        let subject = key
            .strip_suffix(" does not see")
            .or_else(|| key.strip_suffix(" sees"))
            .or_else(|| key.strip_prefix("status of "))
            .unwrap_or(key);
        self.address(subject).is_some()
    }

    /// `a`, `a.global`, `a.p2p-wlan0-0`, `a/mon2`, `a.global/mon2`.
    fn address(&self, text: &str) -> Option<Address> {
        let (rest, connection) = match text.split_once('/') {
            Some((rest, c)) if !c.is_empty() && !c.contains(['/', ' ']) => (rest, Some(c.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        let (device, socket) = match rest.split_once('.') {
            None => (rest, Socket::Main),
            Some((device, "global")) => (device, Socket::Global),
            Some((device, name)) if !name.is_empty() && !name.contains(' ') => {
                (device, Socket::Interface(name.to_owned()))
            }
            Some(_) => return None,
        };
        let known = self.devices.iter().find(|d| d.name == device)?;
        (known.role != Role::Scripted).then(|| Address { device: device.to_owned(), socket, connection })
    }

    fn of_device(&mut self, text: &str, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        if let Some(subject) = text.strip_prefix("status of ") {
            let of = self.address(subject)?;
            let fields = self.reader.entries(value, "the fields of STATUS")?;
            if fields.is_empty() {
                self.reader.report(value.problem("no field").help("such as {wpa_state: COMPLETED}"));
            }
            let mut wanted = Vec::new();
            for (name, _, value) in fields.rest() {
                let pattern = self.expected(value, "a field of STATUS")?;
                wanted.push((name.to_owned(), pattern));
            }
            return Some(Action::Status { of, fields: wanted });
        }
        if let Some(subject) = text.strip_suffix(" does not see") {
            let on = self.address(subject)?;
            let event = self.unexpected(value)?;
            let until = self.until(&on, entries);
            return Some(Action::NotSees { sees: Sees { on, event }, until });
        }
        if let Some(subject) = text.strip_suffix(" sees") {
            let on = self.address(subject)?;
            let within = self.within(entries);
            let event = self.expected_event(value)?;
            return Some(Action::Sees { sees: Sees { on, event }, within });
        }
        let to = self.address(text)?;
        let within = self.within(entries);
        let command = self.command(value)?;
        let reply = match entries.take("reply") {
            Some(node) => self.reply(node)?,
            None => {
                self.hint_at_reply(value, &command);
                Reply::Exact(Pattern::literal("OK"))
            }
        };
        Some(Action::Command { to, command, reply, within })
    }

    /// A command without `reply:` expects OK.
    fn hint_at_reply(&mut self, node: &Node, command: &CommandText) {
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
    fn check_event(&mut self, node: &Node, pattern: &Pattern) {
        if let Some((word, near)) = events::unknown(pattern.source()) {
            let problem =
                node.problem(format!("no release of wpa_supplicant or hostapd has an event \"{word}\""));
            self.reader.report(match near {
                Some(name) => problem.help(format!("did you mean \"{name}\"?")),
                None => problem.help("an event begins with its name, such as CTRL-EVENT-CONNECTED"),
            });
        }
    }

    fn within(&mut self, entries: &mut Entries<'_>) -> Duration {
        entries.take("within").and_then(|v| self.reader.duration(v, "within")).unwrap_or(self.deadline)
    }

    fn until(&mut self, on: &Address, entries: &mut Entries<'_>) -> Until {
        if let Some(value) = entries.take("for") {
            return self.reader.duration(value, "for").map_or(Until::Now, Until::For);
        }
        let within = self.within(entries);
        let Some(value) = entries.take("until") else { return Until::Now };
        match self.expected_event(value) {
            Some(event) => Until::Event { sees: Sees { on: on.clone(), event }, within },
            None => Until::Now,
        }
    }

    /// A text in which names that are not known yet are captured.
    fn expected(&mut self, node: &Node, what: &str) -> Option<Pattern> {
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
    fn unexpected(&mut self, node: &Node) -> Option<Pattern> {
        let pattern = self.reader.pattern(node, "event")?;
        self.check_event(node, &pattern);
        Some(pattern)
    }

    fn expected_event(&mut self, node: &Node) -> Option<Pattern> {
        let pattern = self.expected(node, "event")?;
        self.check_event(node, &pattern);
        Some(pattern)
    }

    /// A text in which every name must be known.
    fn filled(&mut self, node: &Node, what: &str) -> Option<Pattern> {
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

    fn command(&mut self, value: &Node) -> Option<CommandText> {
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

    fn reply(&mut self, node: &Node) -> Option<Reply> {
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

    fn regex(&mut self, node: &Node) -> Option<regex_lite::Regex> {
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

    fn together(&mut self, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        let within = self.within(entries);
        let parts = self.filled_steps(value, "together");
        for part in &parts {
            if !matches!(part.action, Action::Sees { .. } | Action::ExpectFrame { .. }) {
                self.reader.report(
                    Problem::new(part.place, "together: holds expectations only")
                        .help("`DEVICE sees: EVENT` or `expect frame: …`"),
                );
            }
        }
        Some(Action::Together { parts, within })
    }

    fn either(&mut self, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        let within = self.within(entries);
        let before = self.defined.clone();
        let mut after: Option<BTreeSet<String>> = None;
        let mut branches = Vec::new();
        for item in self.reader.list(value, "either") {
            self.defined = before.clone();
            let steps = match item.kind {
                Kind::List(_) => self.steps(item),
                _ => self.step(item),
            };
            match steps.first() {
                Some(Step { action: Action::Sees { .. }, .. }) => {}
                _ => self
                    .reader
                    .report(item.problem("each branch of either: begins with `DEVICE sees: EVENT`")),
            }
            branches.push(steps);
            let defined = std::mem::take(&mut self.defined);
            after = Some(match after {
                Some(all) => all.intersection(&defined).cloned().collect(),
                None => defined,
            });
        }
        self.defined = after.unwrap_or(before);
        if branches.is_empty() {
            self.reader.report(value.problem("either: needs branches"));
        }
        Some(Action::Either { branches, within })
    }

    fn rule(&mut self, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        let rule = air::rule(&mut self.reader, value, entries, self.devices)?;
        self.stoppable.extend(rule.name.clone());
        Some(Action::Rule(Box::new(rule)))
    }

    fn stop(&mut self, value: &Node) -> Option<Action> {
        let name = self.reader.text(value, "stop")?;
        if !self.stoppable.contains(&name) {
            let names: Vec<&str> = self.stoppable.iter().map(String::as_str).collect();
            let help = match names.is_empty() {
                true => "`rule: NAME` names a rule or an injection".to_owned(),
                false => problem::suggest(&name, &names),
            };
            self.reader.report(
                value
                    .problem(format!("no rule or injection named \"{name}\" stands before this step"))
                    .help(help),
            );
        }
        Some(Action::Stop(name))
    }

    fn inject(&mut self, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        let injection = air::injection(&mut self.reader, value, entries, self.devices)?;
        self.stoppable.extend(injection.name.clone());
        Some(Action::Inject(Box::new(injection)))
    }

    fn device(&mut self, value: &Node) -> Option<String> {
        let name = self.reader.text(value, "a device")?;
        if self.devices.iter().any(|d| d.name == name) {
            return Some(name);
        }
        let names: Vec<&str> = self.devices.iter().map(|d| d.name.as_str()).collect();
        self.reader.report(
            value.problem(format!("unknown device \"{name}\"")).help(problem::suggest(&name, &names)),
        );
        None
    }

    fn movement(&mut self, value: &Node) -> Option<Action> {
        let mut entries = self.reader.entries(value, "move")?;
        let device = entries.take("device").and_then(|v| self.device(v));
        let to = entries.take("to").and_then(|v| devices::position(&mut self.reader, v));
        entries.finish(&mut self.reader, "move");
        match (device, to) {
            (Some(device), Some(position_mm)) => Some(Action::Move { device, position_mm }),
            _ => {
                self.reader.report(value.problem("move: needs `device:` and `to: [x, y]`"));
                None
            }
        }
    }

    fn link(&mut self, value: &Node) -> Option<Action> {
        let mut entries = self.reader.entries(value, "link")?;
        let between = entries.take("between");
        let rest: Vec<(Node, Node)> =
            entries.rest().into_iter().map(|(_, key, value)| (key.clone(), value.clone())).collect();
        let Some(Kind::List(ends)) = between.map(|n| &n.kind) else {
            self.reader.report(value.problem("link: needs `between: [DEVICE, DEVICE]`"));
            return None;
        };
        let [a, b] = ends.as_slice() else {
            self.reader.report(value.problem("a link is between two devices"));
            return None;
        };
        let (first, second) = (self.device(a)?, self.device(b)?);
        if first == second {
            self.reader.report(b.problem("a link is between two devices, not one"));
        }
        let options = Node { kind: Kind::Map(rest), ..value.clone() };
        devices::link(&mut self.reader, &first, &second, &options).map(Action::SetLink)
    }

    fn file(&mut self, value: &Node) -> Option<Action> {
        let mut entries = self.reader.entries(value, "file")?;
        let named = entries.remaining().iter().any(|(name, ..)| *name == "device");
        let device = entries.take("device").and_then(|v| self.device(v));
        let path = entries.take("path").and_then(|v| self.reader.text(v, "path"));
        let content = entries.take("content").and_then(|v| self.filled(v, "content"));
        let append = entries.take("append").and_then(|v| self.filled(v, "append"));
        entries.finish(&mut self.reader, "file");
        if !named {
            self.reader.report(value.problem("file: needs `device:` and either `content:` or `append:`"));
            return None;
        }
        let (content, append) = match (content, append) {
            (Some(content), None) => (content, false),
            (None, Some(content)) => (content, true),
            _ => {
                self.reader.report(value.problem("file: needs `device:` and either `content:` or `append:`"));
                return None;
            }
        };
        Some(Action::File { device: device?, path, content, append })
    }

    fn check_file(&mut self, value: &Node) -> Option<Action> {
        if value.text().is_some() {
            let device = self.device(value)?;
            return Some(Action::CheckFile { device, path: None, content: None });
        }
        let mut entries = self.reader.entries(value, "check file")?;
        if !entries.remaining().iter().any(|(name, ..)| *name == "device") {
            self.reader.report(value.problem("check file: needs `device:`"));
        }
        let device = entries.take("device").and_then(|v| self.device(v));
        let path = entries.take("path").and_then(|v| self.reader.text(v, "path"));
        let content = entries.take("content").and_then(|v| self.expected(v, "content"));
        entries.finish(&mut self.reader, "check file");
        Some(Action::CheckFile { device: device?, path, content })
    }

    fn include(&mut self, value: &Node, entries: Entries<'_>) -> Vec<Step> {
        entries.finish(&mut self.reader, "include");
        let Some(path) = self.reader.text(value, "include") else { return Vec::new() };
        if self.depth >= INCLUDE_DEPTH {
            self.reader.report(value.problem("files include each other too deeply"));
            return Vec::new();
        }
        let source = match (self.loader)(&path) {
            Ok(source) => source,
            Err(reason) => {
                self.reader.report(
                    value
                        .problem(format!("cannot read the included file \"{path}\": {reason}"))
                        .help("the path is relative to this scenario"),
                );
                return Vec::new();
            }
        };
        let root = match yaml::parse(&source) {
            Ok(root) => root,
            Err(problems) => {
                for p in problems {
                    self.reader.report(value.problem(format!("{path}:{}: {}", p.place, p.message)));
                }
                return Vec::new();
            }
        };
        let outer = std::mem::take(&mut self.reader.problems);
        let outer_file = self.file.replace(path.clone());
        self.depth += 1;
        let steps = self.steps(&root);
        self.depth -= 1;
        self.file = outer_file;
        let inner = std::mem::replace(&mut self.reader.problems, outer);
        for p in inner {
            let mut problem = value.problem(format!("{path}:{}: {}", p.place, p.message));
            problem.help = p.help;
            self.reader.report(problem);
        }
        steps
    }

    fn repeat(&mut self, value: &Node, mut entries: Entries<'_>) -> Vec<Step> {
        let times = self.reader.number(value, "repeat", 1..=STEPS as i64);
        let body = entries.take("steps");
        entries.finish(&mut self.reader, "repeat");
        if body.is_none() {
            self.reader.report(value.problem("repeat: needs `steps:`"));
        }
        let (Some(times), Some(body)) = (times, body) else { return Vec::new() };
        let outer: Scope = self.reader.parameters.clone();
        let mut steps = Vec::new();
        for i in 0..times {
            self.reader.parameters.insert("i".to_owned(), i.to_string());
            self.reader.parameters.insert("i.hex".to_owned(), format!("{:02x}", i & 0xff));
            let before = self.reader.problems.len();
            steps.extend(self.filled_steps(body, "repeat"));
            if self.reader.problems.len() > before {
                break;
            }
        }
        self.reader.parameters = outer;
        steps
    }
}
