//! Processes that start and die.

use super::reader::StepReader;
use super::{Action, Key, Kind, Read, StepOption, scalar};
use crate::run::{Actual, Label, Outcome, Runner};
use crate::scenario::model::Step;
use crate::scenario::pattern::{Extent, Pattern};
use crate::scenario::reader::Entries;
use crate::scenario::schema::def;
use crate::scenario::yaml::Node;

static REFUSED: StepOption = StepOption { name: "refused", schema: || def("scalar") };

pub const START: Kind = Kind {
    key: Key::Word("start", read_start),
    options: &[&REFUSED],
    required: &[],
    needs: Some("process"),
    schema: scalar,
    documentation: &[
        (&["start: ap"], "the device's process starts"),
        (
            &["{start: ap, refused: 'Line 3: {*}'}"],
            "the process must refuse its configuration and write this line as it does so; names in braces are captured, `{*}` is anything",
        ),
    ],
};

pub const KILL: Kind = Kind {
    key: Key::Word("kill", read_kill),
    options: &[],
    required: &[],
    needs: Some("process"),
    schema: scalar,
    documentation: &[(&["kill: ap"], "the device's process dies without a word")],
};

/// Starts a device.
#[derive(Debug)]
struct Start(String);

/// Starts a device whose configuration must be refused with this line.
#[derive(Debug)]
struct StartRefused {
    device: String,
    line: Pattern,
}

/// Ends a device's process without a word.
#[derive(Debug)]
struct Kill(String);

fn read_start(reader: &mut StepReader<'_>, value: &Node, entries: &mut Entries<'_>) -> Read {
    let refused = entries.take(REFUSED.name).and_then(|v| reader.expected(v, REFUSED.name));
    let device = reader.device(value)?;
    Some(match refused {
        Some(line) => Box::new(StartRefused { device, line }),
        None => Box::new(Start(device)),
    })
}

fn read_kill(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    Some(Box::new(Kill(reader.device(value)?)))
}

impl Action for Start {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.start(&self.0)
    }
}

impl Action for StartRefused {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let StartRefused { device, line } = self;
        let Some(said) = runner.start_and_hear_refusal(device)? else {
            let message = format!("{device} took its configuration and started");
            return Err(runner.failed(step, message, Some(runner.show(line)), None));
        };
        let Some(text) = said.iter().find(|text| runner.captures(line, text, Extent::Whole)) else {
            let actual = Actual { label: Label::Actual, text: said.join("\n"), at: None };
            let message = format!("{device} refused its configuration for another reason");
            return Err(runner.failed(step, message, Some(runner.show(line)), Some(actual)));
        };
        runner.note(device, format!("refused: {text}").as_bytes());
        Ok(())
    }

    fn settles_configuration_of(&self) -> Option<&str> {
        Some(&self.device)
    }
}

impl Action for Kill {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.kill(&self.0);
        Ok(())
    }
}
