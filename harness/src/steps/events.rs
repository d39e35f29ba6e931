//! Events that must come, and events that must not.

use wpasim_wire::time::Duration;

use super::reader::StepReader;
use super::{Action, Expectation, FOR, Key, Kind, Read, StepOption, WITHIN};
use crate::run::{Outcome, Runner};
use crate::scenario::model::{Address, Sees, Step, Until};
use crate::scenario::reader::Entries;
use crate::scenario::schema::def;
use crate::scenario::yaml::Node;

static UNTIL: StepOption = StepOption { name: "until", schema: || def("line") };

pub const SEES: Kind = Kind {
    key: Key::Device { before: "", after: " sees", read: read_sees },
    options: &[&WITHIN],
    required: &[],
    needs: None,
    schema: || def("line"),
    documentation: &[(
        &["sta sees: CTRL-EVENT-CONNECTED", "{sta sees: CTRL-EVENT-CONNECTED, within: 5s}"],
        "waits for an event that begins so; those before it are done with; the `<3>` is optional",
    )],
};

pub const DOES_NOT_SEE: Kind = Kind {
    key: Key::Device { before: "", after: " does not see", read: read_does_not_see },
    options: &[&FOR, &UNTIL, &WITHIN],
    required: &[],
    needs: None,
    schema: || def("line"),
    documentation: &[(
        &["sta does not see: CTRL-EVENT-DISCONNECTED"],
        "so far, or `for: 5s`, or `until: EVENT`",
    )],
};

/// Waits for an event.
#[derive(Debug)]
struct SeesEvent {
    sees: Sees,
    within: Duration,
}

/// An event must not come.
#[derive(Debug)]
struct DoesNotSee {
    sees: Sees,
    until: Until,
}

fn read_sees(reader: &mut StepReader<'_>, on: Address, value: &Node, entries: &mut Entries<'_>) -> Read {
    let within = reader.within(entries);
    let event = reader.expected_event(value)?;
    Some(Box::new(SeesEvent { sees: Sees { on, event }, within }))
}

fn read_does_not_see(
    reader: &mut StepReader<'_>,
    on: Address,
    value: &Node,
    entries: &mut Entries<'_>,
) -> Read {
    let event = reader.unexpected(value)?;
    let until = read_until(reader, &on, entries);
    Some(Box::new(DoesNotSee { sees: Sees { on, event }, until }))
}

fn read_until(reader: &mut StepReader<'_>, on: &Address, entries: &mut Entries<'_>) -> Until {
    if let Some(value) = entries.take(FOR.name) {
        return reader.reader.duration(value, FOR.name).map_or(Until::Now, Until::For);
    }
    let within = reader.within(entries);
    let Some(value) = entries.take(UNTIL.name) else { return Until::Now };
    match reader.expected_event(value) {
        Some(event) => Until::Event { sees: Sees { on: on.clone(), event }, within },
        None => Until::Now,
    }
}

impl Action for SeesEvent {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        runner.sees(step, &self.sees, self.within)
    }

    fn listens_to(&self) -> Vec<&Address> {
        vec![&self.sees.on]
    }

    fn expectation(&self) -> Option<Expectation<'_>> {
        Some(Expectation::Event(&self.sees))
    }
}

impl Action for DoesNotSee {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        runner.does_not_see(step, &self.sees, &self.until)
    }

    fn listens_to(&self) -> Vec<&Address> {
        match &self.until {
            Until::Event { sees: end, .. } => vec![&self.sees.on, &end.on],
            Until::Now | Until::For(_) => vec![&self.sees.on],
        }
    }
}
