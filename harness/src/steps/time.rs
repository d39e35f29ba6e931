//! Steps that concern no device: time that passes, and remarks.

use wpasim_wire::time::Duration;

use super::reader::StepReader;
use super::{Action, Key, Kind, Read, scalar};
use crate::run::{Outcome, Runner};
use crate::scenario::model::Step;
use crate::scenario::pattern::Pattern;
use crate::scenario::reader::Entries;
use crate::scenario::schema::def;
use crate::scenario::yaml::Node;

pub const ADVANCE: Kind = Kind {
    key: Key::Word("advance", read_advance),
    options: &[],
    required: &[],
    needs: None,
    schema: || def("durations"),
    documentation: &[(
        &["advance: 5s", "advance: 1s to 5s"],
        "time passes; of a range, the seed draws how much",
    )],
};

pub const NOTE: Kind = Kind {
    key: Key::Word("note", read_note),
    options: &[],
    required: &[],
    needs: None,
    schema: scalar,
    documentation: &[(&["note: the second attempt"], "a remark in the transcript")],
};

/// Lets time pass: a duration that the seed draws between two.
#[derive(Debug)]
struct Advance {
    least: Duration,
    most: Duration,
}

/// Writes a remark into the transcript.
#[derive(Debug)]
struct Note(Pattern);

fn read_advance(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    let (least, most) = reader.reader.durations(value, "advance")?;
    Some(Box::new(Advance { least, most }))
}

fn read_note(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    Some(Box::new(Note(reader.filled(value, "note")?)))
}

impl Action for Advance {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        let drawn = match self.least == self.most {
            true => Duration::ZERO,
            false => runner.draw(self.most - self.least),
        };
        runner.let_pass(self.least + drawn)
    }
}

impl Action for Note {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let text = runner.filled(step, &self.0)?;
        let device = runner.first_device();
        runner.note(&device, text.as_bytes());
        Ok(())
    }
}
