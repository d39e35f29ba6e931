//! Commands and the fields of STATUS.

use serde_json::json;
use wpasim_wire::time::Duration;

use super::reader::StepReader;
use super::{Action, Key, Kind, Read, StepOption, WITHIN};
use crate::run::{Actual, Label, Outcome, Runner, Stop};
use crate::scenario::model::{Address, CommandText, Reply, Step};
use crate::scenario::pattern::{Extent, Pattern};
use crate::scenario::reader::{Entries, show_duration};
use crate::scenario::schema::{def, object, whole};
use crate::scenario::yaml::Node;
use crate::transcript::lines_of;

static REPLY: StepOption = StepOption { name: "reply", schema: || def("reply") };

pub const COMMAND: Kind = Kind {
    key: Key::Device { before: "", after: "", read: read_command },
    options: &[&REPLY, &WITHIN],
    required: &[],
    needs: None,
    schema: || def("command"),
    documentation: &[
        (
            &["sta: SCAN", "{sta: STATUS, reply: {fields: {wpa_state: COMPLETED}}}"],
            "the reply must be `OK`, or what `reply:` says: a text, `any`, `none`, or one of `{starts: …}`, `{contains: …}`, `{matches: REGEX}`, `{fields: {name: value}}`",
        ),
        (&["sta: {hex: 50494e47}", "sta: {text: NOTE, pad: x, to: 8192}"], "any bytes as a command"),
    ],
};

pub const STATUS: Kind = Kind {
    key: Key::Device { before: "status of ", after: "", read: read_status },
    options: &[],
    required: &[],
    needs: None,
    schema: || def("fields"),
    documentation: &[(&["status of sta: {wpa_state: COMPLETED}"], "fields of STATUS")],
};

/// Sends a command and checks its reply.
#[derive(Debug)]
struct Command {
    to: Address,
    command: CommandText,
    reply: Reply,
    within: Duration,
}

/// Checks fields of STATUS.
#[derive(Debug)]
struct Status {
    of: Address,
    fields: Vec<(String, Pattern)>,
}

/// The schema of a command.
pub fn schema_of_commands() -> serde_json::Value {
    json!({"anyOf": [
        def("line"),
        object(json!({"hex": def("octets"), "text": def("scalar"), "pad": def("scalar"), "to": whole(0, 65_536)}), &[])
    ]})
}

fn read_command(reader: &mut StepReader<'_>, to: Address, value: &Node, entries: &mut Entries<'_>) -> Read {
    let within = reader.within(entries);
    let command = reader.command(value)?;
    let reply = match entries.take(REPLY.name) {
        Some(node) => reader.reply(node)?,
        None => {
            reader.hint_at_reply(value, &command);
            Reply::Exact(Pattern::literal("OK"))
        }
    };
    Some(Box::new(Command { to, command, reply, within }))
}

fn read_status(reader: &mut StepReader<'_>, of: Address, value: &Node, _: &mut Entries<'_>) -> Read {
    let fields = reader.reader.entries(value, "the fields of STATUS")?;
    if fields.is_empty() {
        reader.reader.report(value.problem("no field").help("such as {wpa_state: COMPLETED}"));
    }
    let mut wanted = Vec::new();
    for (name, _, value) in fields.rest() {
        let pattern = reader.expected(value, "a field of STATUS")?;
        wanted.push((name.to_owned(), pattern));
    }
    Some(Box::new(Status { of, fields: wanted }))
}

impl Action for Command {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let Command { to, command, reply, within } = self;
        let bytes = match command {
            CommandText::Text(pattern) => runner.filled(step, pattern)?.into_bytes(),
            CommandText::Bytes(bytes) => bytes.clone(),
        };
        if let Reply::None = reply {
            let nothing_within = Duration::from_secs(1).min(*within);
            return match runner.ask(to, &bytes, nothing_within)? {
                None => Ok(()),
                Some(data) => {
                    let actual = lines_of(&data).join("\n");
                    Err(replied(runner, step, to, "no reply".to_owned(), actual))
                }
            };
        }
        let Some(data) = runner.ask(to, &bytes, *within)? else {
            let message = format!("{to} did not reply within {}", show_duration(*within));
            return Err(runner.failed(step, message, None, None));
        };
        let text = lines_of(&data).join("\n");
        let matched = match reply {
            Reply::Exact(pattern) => runner.captures(pattern, &text, Extent::Whole),
            Reply::Starts(pattern) => runner.captures(pattern, &text, Extent::Beginning),
            Reply::Contains(pattern) => runner.captures(pattern, &text, Extent::Anywhere),
            Reply::Matches(regex) => match regex.captures(&text) {
                Some(captures) => {
                    let named = regex.capture_names().flatten();
                    let named =
                        named.filter_map(|n| Some((n.to_owned(), captures.name(n)?.as_str().to_owned())));
                    runner.define(named);
                    true
                }
                None => false,
            },
            Reply::Fields(wanted) => return check_fields(runner, step, to, wanted, &text),
            Reply::Any | Reply::None => true,
        };
        if matched {
            return Ok(());
        }
        let expected = match reply {
            Reply::Exact(p) => runner.show(p),
            Reply::Starts(p) => format!("starts: {}", runner.show(p)),
            Reply::Contains(p) => format!("contains: {}", runner.show(p)),
            Reply::Matches(regex) => format!("matches: {}", regex.as_str()),
            Reply::Fields(_) | Reply::Any | Reply::None => String::new(),
        };
        Err(replied(runner, step, to, expected, text))
    }

    fn speaks_to(&self) -> Option<&Address> {
        Some(&self.to)
    }

    fn command(&self) -> Option<&CommandText> {
        Some(&self.command)
    }

    fn expected_reply(&self) -> Option<&Reply> {
        Some(&self.reply)
    }
}

impl Action for Status {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let Some(data) = runner.ask(&self.of, b"STATUS", runner.deadline())? else {
            return Err(runner.failed(step, format!("{} did not reply to STATUS", self.of), None, None));
        };
        check_fields(runner, step, &self.of, &self.fields, &lines_of(&data).join("\n"))
    }

    fn speaks_to(&self) -> Option<&Address> {
        Some(&self.of)
    }
}

fn replied(runner: &Runner<'_>, step: &Step, to: &Address, expected: String, actual: String) -> Stop {
    let actual = Actual { label: Label::Actual, text: actual, at: None };
    let message = format!("{to} replied something else (at {})", runner.now());
    runner.failed(step, message, Some(expected), Some(actual))
}

/// Checks lines `name=value` of a reply.
fn check_fields(
    runner: &mut Runner<'_>,
    step: &Step,
    of: &Address,
    fields: &[(String, Pattern)],
    reply: &str,
) -> Outcome<()> {
    for (name, pattern) in fields {
        let value = reply.lines().find_map(|line| line.strip_prefix(name.as_str())?.strip_prefix('='));
        if value.is_some_and(|value| runner.captures(pattern, value, Extent::Whole)) {
            continue;
        }
        let text = match value {
            Some(value) => format!("{name}={value}"),
            None => format!("no {name}"),
        };
        let message = format!("{of}: {name} is something else (at {})", runner.now());
        let expected = format!("{name}={}", runner.show(pattern));
        let actual = Actual { label: Label::Actual, text, at: None };
        return Err(runner.failed(step, message, Some(expected), Some(actual)));
    }
    Ok(())
}
