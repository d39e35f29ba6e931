//! The state of the air: rules, injections, radios, places and links.

use serde_json::json;

use super::reader::StepReader;
use super::{Action, Key, Kind, RULE as NAMED, Read, StepOption, scalar};
use crate::run::{Outcome, Runner};
use crate::scenario::model::{AirRule, Frame, Injection, Link, Step};
use crate::scenario::reader::Entries;
use crate::scenario::schema::{self, def, object, whole};
use crate::scenario::yaml::{Kind as YamlKind, Node};
use crate::scenario::{air, devices, problem};

pub(super) static TIMES: StepOption = StepOption { name: "times", schema: || whole(1, 1_000_000_000) };
static PROBABILITY: StepOption = StepOption { name: "probability", schema: || def("share") };

pub const RULE: Kind = Kind {
    key: Key::Word("air", read_rule),
    options: &[&TIMES, &PROBABILITY, &NAMED],
    required: &[],
    needs: Some("medium"),
    schema: schema::air::rule,
    documentation: &[(
        &[
            "{air: {drop: {from: ap, to: sta, frame: beacon}}, times: 1}",
            "air: {drop: {frame: beacon}, probability: 10%, rule: NAME}",
        ],
        "a rule of the air, of those below; each retransmission counts",
    )],
};

pub const STOP: Kind = Kind {
    key: Key::Word("stop", read_stop),
    options: &[],
    required: &[],
    needs: None,
    schema: scalar,
    documentation: &[(&["stop: NAME"], "ends a rule, a repeated injection or a refusal of a driver")],
};

pub const INJECT: Kind = Kind {
    key: Key::Word("inject", read_injection),
    options: &[&NAMED],
    required: &[],
    needs: Some("inject"),
    schema: schema::air::injection,
    documentation: &[(
        &[
            "inject: {frame: beacon, from: ap, ssid: net, channel: 1}",
            "inject: {hex: 80000000, freq: 2412}",
            "inject: {replay: {from: ap, frame: eapol-3of4}}",
        ],
        "a frame from its fields, from its octets, or one seen before; `after:`, `every:`, `signal:`, and changes as in `mutate`",
    )],
};

pub const RADIO_OFF: Kind = Kind {
    key: Key::Word("radio off", |reader, value, _| read_radio(reader, value, false)),
    options: &[],
    required: &[],
    needs: Some("medium"),
    schema: scalar,
    documentation: &[(&["radio off: ap"], "a radio goes deaf and mute")],
};

pub const RADIO_ON: Kind = Kind {
    key: Key::Word("radio on", |reader, value, _| read_radio(reader, value, true)),
    options: &[],
    required: &[],
    needs: Some("medium"),
    schema: scalar,
    documentation: &[(&["radio on: ap"], "it hears and sends again")],
};

pub const MOVE: Kind = Kind {
    key: Key::Word("move", read_movement),
    options: &[],
    required: &[],
    needs: Some("medium"),
    schema: || object(json!({"device": def("scalar"), "to": def("position")}), &["device", "to"]),
    documentation: &[(&["move: {device: sta, to: [10, 0]}"], "the device is at another place, in metres")],
};

pub const LINK: Kind = Kind {
    key: Key::Word("link", read_link),
    options: &[],
    required: &[],
    needs: Some("medium"),
    schema: schema::air::new_link,
    documentation: &[(
        &["link: {between: [sta, ap], signal: -80}"],
        "the link between two devices changes: `signal:`, `loss:`, `delay:`",
    )],
};

/// Begins a rule of the medium.
#[derive(Debug)]
struct Rule(Box<AirRule>);

/// Ends a rule or a repeated injection.
#[derive(Debug)]
struct Stop(String);

/// Puts a frame on the air.
#[derive(Debug)]
struct Inject(Box<Injection>);

/// Makes a radio deaf and mute, or ends that.
#[derive(Debug)]
struct Radio {
    device: String,
    on: bool,
}

/// Moves a device.
#[derive(Debug)]
struct Move {
    device: String,
    position_mm: (i64, i64),
}

/// Changes a link.
#[derive(Debug)]
struct SetLink(Link);

fn read_rule(reader: &mut StepReader<'_>, value: &Node, entries: &mut Entries<'_>) -> Read {
    let rule = air::rule(&mut reader.reader, value, entries, reader.devices)?;
    reader.stoppable.extend(rule.name.clone());
    Some(Box::new(Rule(Box::new(rule))))
}

fn read_stop(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    let name = reader.reader.text(value, "stop")?;
    if !reader.stoppable.contains(&name) {
        let names: Vec<&str> = reader.stoppable.iter().map(String::as_str).collect();
        let help = match names.is_empty() {
            true => "`rule: NAME` names a rule or an injection".to_owned(),
            false => problem::suggest(&name, &names),
        };
        let message = format!("no rule or injection named \"{name}\" stands before this step");
        reader.reader.report(value.problem(message).help(help));
    }
    Some(Box::new(Stop(name)))
}

fn read_injection(reader: &mut StepReader<'_>, value: &Node, entries: &mut Entries<'_>) -> Read {
    let injection = air::injection(&mut reader.reader, value, entries, reader.devices)?;
    reader.stoppable.extend(injection.name.clone());
    Some(Box::new(Inject(Box::new(injection))))
}

fn read_radio(reader: &mut StepReader<'_>, value: &Node, on: bool) -> Read {
    Some(Box::new(Radio { device: reader.device(value)?, on }))
}

fn read_movement(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    let mut entries = reader.reader.entries(value, "move")?;
    let device = entries.take("device").and_then(|v| reader.device(v));
    let to = entries.take("to").and_then(|v| devices::position(&mut reader.reader, v));
    entries.finish(&mut reader.reader, "move");
    let (Some(device), Some(position_mm)) = (device, to) else {
        reader.reader.report(value.problem("move: needs `device:` and `to: [x, y]`"));
        return None;
    };
    Some(Box::new(Move { device, position_mm }))
}

fn read_link(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    let mut entries = reader.reader.entries(value, "link")?;
    let between = entries.take("between");
    let rest: Vec<(Node, Node)> =
        entries.rest().into_iter().map(|(_, key, value)| (key.clone(), value.clone())).collect();
    let Some(YamlKind::List(ends)) = between.map(|n| &n.kind) else {
        reader.reader.report(value.problem("link: needs `between: [DEVICE, DEVICE]`"));
        return None;
    };
    let [a, b] = ends.as_slice() else {
        reader.reader.report(value.problem("a link is between two devices"));
        return None;
    };
    let (first, second) = (reader.device(a)?, reader.device(b)?);
    if first == second {
        reader.reader.report(b.problem("a link is between two devices, not one"));
    }
    let options = Node { kind: YamlKind::Map(rest), ..value.clone() };
    let link = devices::link(&mut reader.reader, &first, &second, &options)?;
    Some(Box::new(SetLink(link)))
}

impl Action for Rule {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.begin_rule(&self.0)
    }
}

impl Action for Stop {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.end_rules(&self.0)
    }
}

impl Action for Inject {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.inject(&self.0)
    }

    fn looks_at_frames(&self) -> bool {
        matches!(self.0.frame, Frame::Replay(_))
    }
}

impl Action for Radio {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        match runner.id(&self.device) {
            Some(id) => runner.air().map(|air| air.set_radio(id, self.on)),
            None => Ok(()),
        }
    }
}

impl Action for Move {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        match runner.id(&self.device) {
            Some(id) => runner.air().map(|air| air.set_position(id, self.position_mm)),
            None => Ok(()),
        }
    }
}

impl Action for SetLink {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        match (runner.id(&self.0.a), runner.id(&self.0.b)) {
            (Some(a), Some(b)) => runner.air().map(|air| air.set_link(a, b, &self.0)),
            _ => Ok(()),
        }
    }
}
