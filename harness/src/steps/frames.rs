//! Frames that must, or must not, be on the air.

use wpasim_wire::time::Duration;

use super::reader::StepReader;
use super::{Action, Expectation, FOR, Key, Kind, Read, WITHIN};
use crate::run::{Outcome, Runner};
use crate::scenario::air;
use crate::scenario::model::{FramePattern, Step};
use crate::scenario::reader::Entries;
use crate::scenario::schema::def;
use crate::scenario::yaml::Node;

pub const EXPECT: Kind = Kind {
    key: Key::Word("expect frame", read_expected),
    options: &[&WITHIN],
    required: &[],
    needs: Some("medium"),
    schema: || def("frame"),
    documentation: &[(
        &["expect frame: {from: sta, frame: probe-request}"],
        "a frame must be on the air after the last one that was expected, or go out in time",
    )],
};

pub const FORBID: Kind = Kind {
    key: Key::Word("forbid frame", read_forbidden),
    options: &[&FOR],
    required: &[],
    needs: Some("medium"),
    schema: || def("frame"),
    documentation: &[(
        &["{forbid frame: {from: sta, frame: deauthentication}, for: 5s}"],
        "no such frame goes out in this time; without `for:`, none has since the last one that was expected",
    )],
};

/// A frame must be sent on the air.
#[derive(Debug)]
struct ExpectFrame {
    frame: FramePattern,
    within: Duration,
}

/// A frame must not be sent on the air.
#[derive(Debug)]
struct ForbidFrame {
    frame: FramePattern,
    during: Duration,
}

fn read_expected(reader: &mut StepReader<'_>, value: &Node, entries: &mut Entries<'_>) -> Read {
    let within = reader.within(entries);
    let frame = air::frame_pattern(&mut reader.reader, value, reader.devices)?;
    Some(Box::new(ExpectFrame { frame, within }))
}

fn read_forbidden(reader: &mut StepReader<'_>, value: &Node, entries: &mut Entries<'_>) -> Read {
    let during = entries.take(FOR.name).and_then(|v| reader.reader.duration(v, FOR.name));
    let frame = air::frame_pattern(&mut reader.reader, value, reader.devices)?;
    Some(Box::new(ForbidFrame { frame, during: during.unwrap_or(Duration::ZERO) }))
}

impl Action for ExpectFrame {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        runner.expect_frame(step, &self.frame, self.within)
    }

    fn expectation(&self) -> Option<Expectation<'_>> {
        Some(Expectation::Frame(&self.frame))
    }

    fn looks_at_frames(&self) -> bool {
        true
    }
}

impl Action for ForbidFrame {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        runner.forbid_frame(step, &self.frame, self.during)
    }

    fn looks_at_frames(&self) -> bool {
        true
    }
}
