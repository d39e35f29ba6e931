//! The table of steps. Each row says all that there is to say of one kind of step: the key that begins it, its options,
//! how it is read, the capability that it needs, its JSON Schema and its documentation. The row's reader returns an
//! [`Action`], which carries the step out.
//!
//! The reader of scenarios, `requires:`, the schema, the words that no device may have and the list in
//! `docs/scenarios.md` are made from the table. A new step is a file beside this one and a row here; the list is written
//! by `WPASIM_WRITE_DOCUMENTS=1 cargo test -p wpasim --lib steps`.
//!
//! A step is read in terms of [`crate::scenario`] and carried out in terms of [`crate::run`], so that this module knows
//! both.

mod air;
mod command;
mod documentation;
mod driver;
mod events;
mod files;
mod frames;
mod nested;
mod process;
pub mod reader;
pub mod schema;
mod shown_frame;
mod texts;
mod time;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::run::{Outcome, Runner};
use crate::scenario::model::{Address, CommandText, FramePattern, Reply, Sees, Step};
use crate::scenario::reader::Entries;
use crate::scenario::schema::def;
use crate::scenario::yaml::Node;
use reader::StepReader;

/// The action of a step.
pub trait Action: fmt::Debug + Send + Sync {
    /// Carries it out; `step` is where it stands.
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()>;

    /// The socket that it speaks to.
    fn speaks_to(&self) -> Option<&Address> {
        None
    }

    /// The command that it sends.
    fn command(&self) -> Option<&CommandText> {
        None
    }

    /// The reply that it expects of its command.
    fn expected_reply(&self) -> Option<&Reply> {
        None
    }

    /// The sockets from which it takes events.
    fn listens_to(&self) -> Vec<&Address> {
        Vec::new()
    }

    /// Returns the event that must happen, if that is all that the step is about.
    fn expectation(&self) -> Option<Expectation<'_>> {
        None
    }

    /// The device whose configuration it expects to be refused, or writes anew: the one that the device has at the
    /// beginning need not be right.
    fn settles_configuration_of(&self) -> Option<&str> {
        None
    }

    /// Whether it looks at frames that were on the air.
    fn looks_at_frames(&self) -> bool {
        false
    }

    /// The lists of steps that it holds.
    fn nested(&self) -> Vec<&[Step]> {
        Vec::new()
    }
}

/// The event that a step waits for.
#[derive(Clone, Copy, Debug)]
pub enum Expectation<'s> {
    /// An event.
    Event(&'s Sees),
    /// A frame on the air.
    Frame(&'s FramePattern),
}

/// The result of reading a step: nothing if a problem was reported.
pub type Read = Option<Box<dyn Action>>;

/// The form of the key of a step, and the way in which the step is read.
pub enum Key {
    /// A word of the format.
    Word(&'static str, fn(&mut StepReader<'_>, &Node, &mut Entries<'_>) -> Read),
    /// A word that stands for any number of steps.
    Steps(&'static str, fn(&mut StepReader<'_>, &Node, Entries<'_>) -> Vec<Step>),
    /// A device, one of its interfaces or a further connection to it, with words before or after it.
    Device {
        before: &'static str,
        after: &'static str,
        read: fn(&mut StepReader<'_>, Address, &Node, &mut Entries<'_>) -> Read,
    },
}

/// A key that stands beside the key of a step.
pub struct StepOption {
    pub name: &'static str,
    pub schema: fn() -> Value,
}

/// A kind of step: a row of the table.
pub struct Kind {
    pub key: Key,
    /// The keys that may stand beside it, apart from `name:`.
    pub options: &'static [&'static StepOption],
    /// Those of them that must.
    pub required: &'static [&'static StepOption],
    /// The capability that a target must have.
    pub needs: Option<&'static str>,
    /// The schema of the key's value.
    pub schema: fn() -> Value,
    /// Examples as the list shows them, the names of devices being `sta` and `ap`, and what they mean.
    pub documentation: &'static [(&'static [&'static str], &'static str)],
}

/// Every kind of step, in the order of the documentation.
pub static TABLE: &[Kind] = &[
    command::COMMAND,
    events::SEES,
    events::DOES_NOT_SEE,
    command::STATUS,
    nested::TOGETHER,
    nested::EITHER,
    time::ADVANCE,
    air::RULE,
    air::STOP,
    air::INJECT,
    frames::EXPECT,
    frames::FORBID,
    shown_frame::SHOW,
    process::START,
    process::KILL,
    air::RADIO_OFF,
    air::RADIO_ON,
    air::MOVE,
    air::LINK,
    driver::DRIVER,
    files::FILE,
    files::CHECK_FILE,
    time::NOTE,
    nested::INCLUDE,
    nested::REPEAT,
];

/// Words of other tools for letting time pass.
pub const WAITING: &[&str] = &["wait", "sleep", "pause", "delay", "timeout"];

/// The time that a step waits.
pub static WITHIN: StepOption = StepOption { name: "within", schema: || def("duration") };
/// For how long something must not happen.
pub static FOR: StepOption = StepOption { name: "for", schema: || def("duration") };
/// The name by which `stop:` ends what a step begins.
pub static RULE: StepOption = StepOption { name: "rule", schema: || def("scalar") };
/// The name of a step, which every step may have.
pub static NAME: StepOption = StepOption { name: "name", schema: || def("scalar") };

impl Kind {
    /// The word that begins the step, if it is no device.
    pub fn word(&self) -> Option<&'static str> {
        match self.key {
            Key::Word(word, _) | Key::Steps(word, _) => Some(word),
            Key::Device { .. } => None,
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            Key::Word(word, _) | Key::Steps(word, _) => f.write_str(word),
            Key::Device { before, after, .. } => write!(f, "{before}DEVICE{after}"),
        }
    }
}

/// The words that begin a step without naming a device.
pub fn words() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter_map(Kind::word)
}

/// The keys that stand beside the key of a step and begin none themselves, each once.
pub fn options() -> Vec<&'static str> {
    let mut all = Vec::new();
    for option in TABLE.iter().flat_map(|kind| kind.options).copied().chain([&NAME]) {
        if !all.contains(&option.name) {
            all.push(option.name);
        }
    }
    all
}

/// The names that devices cannot have because steps use them.
pub fn reserved() -> BTreeSet<&'static str> {
    // Of a key of several words, the first one looks like a device's.
    let first = |text: &'static str| text.split(' ').next().filter(|word| !word.is_empty());
    let keys = TABLE.iter().filter_map(|kind| match kind.key {
        Key::Word(word, _) | Key::Steps(word, _) => first(word),
        Key::Device { before, .. } => first(before),
    });
    keys.chain(options()).collect()
}

/// The lists of the steps, rules and changes as `docs/scenarios.md` has them.
pub fn documentation() -> String {
    documentation::tables(TABLE)
}

/// The schema of what a command may be.
pub fn command_schema() -> Value {
    command::schema_of_commands()
}

/// The schema of a text that is taken as it is.
fn scalar() -> Value {
    def("scalar")
}

#[cfg(test)]
mod tests;
