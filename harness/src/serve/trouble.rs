//! The troubles while serving, told on standard error, each kind once: a flood must not become another one.

use std::collections::BTreeSet;
use std::io::{self, Write};

/// A kind of trouble.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trouble {
    /// A client without an address of its own cannot be answered.
    Nameless,
    TooManyMonitors,
    MonitorDetached,
    Jammed,
    /// A socket that should come cannot be made.
    NoSocket,
    /// A capture cannot be written any further.
    Capture,
}

/// The messages that were told already.
#[derive(Default, Debug)]
pub struct ControlEvent {
    troubles: BTreeSet<Trouble>,
    /// The features that commands asked for in vain.
    lacks: BTreeSet<String>,
}

impl ControlEvent {
    /// Says it, the first time.
    pub fn once(&mut self, trouble: Trouble, text: impl FnOnce() -> String) {
        if self.troubles.insert(trouble) {
            tell(&format!("{} (further ones are not told)", text()));
        }
    }

    /// Says what a command asked for in vain, the first time.
    pub fn lack(&mut self, text: &str) {
        if !self.lacks.contains(text) {
            tell(text);
            self.lacks.insert(text.to_owned());
        }
    }
}

/// Says something on standard error; that nobody listens any more does not end the server.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "wpasim: {text}");
}
