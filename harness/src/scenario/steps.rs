//! Steps: each is a mapping with one key that says what it does, and options beside it.

use std::collections::{BTreeMap, BTreeSet};

use wpasim_wire::time::Duration;

use super::model::*;
use super::pattern::Pattern;
use super::problem::{self, Problem, nearest};
use super::reader::{Entries, Reader};
use super::yaml::{Kind, Node};
use super::{air, devices};

mod nested;
mod texts;

/// Reads the text of an included file, named relative to the scenario; why it cannot, otherwise.
pub type Loader<'l> = &'l dyn Fn(&str) -> Result<String, String>;

/// The loader of a text that stands for itself.
///
/// # Errors
/// Always.
pub fn without_includes(_: &str) -> Result<String, String> {
    Err("nothing can be included here".to_owned())
}

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
}
