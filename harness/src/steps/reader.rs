//! Reads steps: each is a mapping with one key that says what it does, and options beside it. What the key is, and who
//! reads its value, is in the table.

use std::collections::{BTreeMap, BTreeSet};

use wpasim_wire::time::Duration;

use super::{Key, Kind, TABLE, WAITING, WITHIN};
use crate::scenario::Loader;
use crate::scenario::model::{Address, Device, Role, Socket, Step};
use crate::scenario::problem::{self, Problem, nearest};
use crate::scenario::reader::{Entries, Reader};
use crate::scenario::yaml::Node;

/// A `repeat:` goes round no more often than this, and a scenario has no more steps.
pub(super) const STEPS: usize = 100_000;

/// Reads the steps of one scenario, in order, and knows what is defined so far.
pub struct StepReader<'a> {
    /// The reader, to which problems go.
    pub reader: Reader,
    pub(super) devices: &'a [Device],
    pub(super) loader: Loader<'a>,
    pub(super) deadline: Duration,
    /// Names with a value at this step.
    pub(super) defined: BTreeSet<String>,
    /// Names that were captured, each with the node that did it, until something refers to them.
    pub(super) captured: BTreeMap<String, Node>,
    pub(super) hints: Vec<Problem>,
    /// Step names, with their lines.
    names: Vec<(String, usize)>,
    /// Names of rules and repeated injections.
    pub(super) stoppable: BTreeSet<String>,
    pub(super) file: Option<String>,
    pub(super) depth: usize,
    count: usize,
}

/// The result of reading all steps.
pub struct StepsRead {
    /// The faults of the file.
    pub problems: Vec<Problem>,
    /// The parameters of the matrix that were put in somewhere.
    pub used: BTreeSet<String>,
    /// The settings that are valid and may yet be meant otherwise.
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

    /// Returns the rest of the reading beside the steps.
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

    /// Reads one step; an included or repeated list is several.
    pub(super) fn step(&mut self, node: &Node) -> Vec<Step> {
        let Some(mut entries) = self.reader.entries(node, "a step") else { return Vec::new() };
        let name = entries.take("name").and_then(|v| self.step_name(v));
        let Some((at, kind, address)) = self.head(node, &entries) else { return Vec::new() };
        let (key_text, _, value) = entries.take_at(at);
        let key_text = key_text.to_owned();
        let action = match (&kind.key, address) {
            (Key::Steps(_, read), _) => return read(self, value, entries),
            (Key::Word(_, read), _) => read(self, value, &mut entries),
            (Key::Device { read, .. }, Some(address)) => read(self, address, value, &mut entries),
            (Key::Device { .. }, None) => None,
        };
        entries.finish(&mut self.reader, &format!("a step \"{key_text}\""));
        let Some(action) = action else { return Vec::new() };
        vec![Step { place: node.place, file: self.file.clone(), name, kind, action: action.into() }]
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

    /// The index of the key that says what the step does, what it is, and the device in it.
    fn head(
        &mut self,
        node: &Node,
        entries: &Entries<'_>,
    ) -> Option<(usize, &'static Kind, Option<Address>)> {
        let remaining = entries.remaining();
        let mut heads: Vec<_> = remaining
            .iter()
            .enumerate()
            .filter_map(|(i, (name, ..))| self.kind_of(name).map(|(kind, address)| (i, kind, address)))
            .collect();
        match heads.as_slice() {
            [_] => heads.pop(),
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
            [_, (second, ..), ..] => {
                let (name, key, _) = remaining[*second];
                self.reader.report(
                    key.problem(format!("\"{name}\" begins a second step within this one"))
                        .help("each step begins with its own `- `"),
                );
                None
            }
        }
    }

    /// The kind of step that a key begins, with the device in it.
    fn kind_of(&self, key: &str) -> Option<(&'static Kind, Option<Address>)> {
        TABLE.iter().find_map(|kind| match kind.key {
            Key::Word(word, _) | Key::Steps(word, _) => (word == key).then_some((kind, None)),
            Key::Device { before, after, .. } => {
                let subject = key.strip_prefix(before)?.strip_suffix(after)?;
                Some((kind, Some(self.address(subject)?)))
            }
        })
    }

    fn unknown_key(&self, name: &str, key: &Node) -> Problem {
        if WAITING.contains(&name) {
            let help = "did you mean \"advance\"? `advance: 5s` lets time pass; `DEVICE sees: EVENT` waits for an event";
            return key.problem(format!("unknown step \"{name}\"")).help(help);
        }
        if super::options().contains(&name) {
            return key.problem(format!("\"{name}\" begins no step; it belongs to one")).help(
                "wrong indentation? it stands below the key of its step, at the same column, without `- `",
            );
        }
        let around = TABLE.iter().filter_map(|kind| match kind.key {
            Key::Device { before, after, .. } => Some((before, after)),
            _ => None,
        });
        let is_whole = |around: &(&str, &str)| *around == ("", "");
        let subject = around
            .clone()
            .filter(|around| !is_whole(around))
            .find_map(|(before, after)| name.strip_prefix(before)?.strip_suffix(after))
            .unwrap_or(name);
        let device = subject.split(['.', '/']).next().unwrap_or(subject);
        let names = || self.devices.iter().map(|d| d.name.as_str());
        if let Some((first, verb)) = name.split_once(' ')
            && names().any(|d| d == first)
        {
            let verbs = around.filter_map(|(_, after)| after.strip_prefix(' '));
            let help = nearest(verb, verbs).unwrap_or("sees");
            return key
                .problem(format!("unknown key \"{name}\""))
                .help(format!("did you mean \"{first} {help}\"?"));
        }
        let candidates: Vec<&str> = names().chain(super::words().map(|word| -> &str { word })).collect();
        let near = [name, device].into_iter().find_map(|text| nearest(text, candidates.iter().copied()));
        let message = match near {
            Some(word) if super::words().any(|w| w == word) => format!("unknown step \"{name}\""),
            _ => format!("unknown device \"{device}\""),
        };
        key.problem(message).help(match near {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => format!("devices: {}", names().collect::<Vec<_>>().join(", ")),
        })
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

    /// Returns the time that the step waits: that of `within:`, or the scenario's `deadline:`.
    pub(super) fn within(&mut self, entries: &mut Entries<'_>) -> Duration {
        entries.take(WITHIN.name).and_then(|v| self.reader.duration(v, "within")).unwrap_or(self.deadline)
    }

    /// The name of a device.
    pub(super) fn device(&mut self, value: &Node) -> Option<String> {
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
}
