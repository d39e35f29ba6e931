//! The events of a session of runs, and the reporters that tell them. Whatever makes runs emits [`RunEvent`]s; each
//! [`Reporter`] makes of them what its readers want: lines on a terminal, a JUnit or JSON file, annotations.

use super::about::About;
use super::json::Changes;
use super::model::{Report, Reported};
use crate::causes::Group;
use crate::target::MasterKey;

/// An event of a session.
#[derive(Clone, Copy, Debug)]
pub enum RunEvent<'e> {
    /// Runs are about to be made.
    Began(&'e About),
    /// A line of a run that goes on, where runs are shown as they go.
    Line(&'e str),
    /// A run is over and judged.
    RunEnded {
        run: &'e Reported,
        /// Keys that decrypt its capture.
        keys: &'e [MasterKey],
        /// The settings of its files that have no effect, with the place.
        warnings: &'e [String],
    },
    /// The last run is over.
    RunsEnded,
    /// The session as a whole is judged, or was read from the reports of its shards.
    Ended {
        report: &'e Report,
        /// The failures by their causes, where that is asked for.
        groups: &'e [Group],
        /// The changes against an older report, where there is one.
        changes: Option<&'e Changes>,
    },
}

/// Tells events to somebody.
pub trait Reporter {
    /// Takes an event.
    ///
    /// # Errors
    /// The error names the file that could not be written, and why.
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String>;
}

/// The reporters of a session, in the order in which they hear of an event.
#[derive(Default)]
pub struct Reporters {
    all: Vec<Box<dyn Reporter>>,
    unwritten: Vec<String>,
}

impl Reporters {
    /// Adds a reporter after the others.
    pub fn add(&mut self, reporter: impl Reporter + 'static) {
        self.all.push(Box::new(reporter));
    }

    /// Tells every reporter. One that fails keeps no other from being told.
    pub fn tell(&mut self, event: RunEvent<'_>) {
        let failed = self.all.iter_mut().filter_map(|reporter| reporter.take(event).err());
        self.unwritten.extend(failed);
    }

    /// The error names the file that could not be written, and why.
    pub fn unwritten(&self) -> &[String] {
        &self.unwritten
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    struct Noting(&'static str, Rc<RefCell<Vec<String>>>);

    impl Reporter for Noting {
        fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
            self.1.borrow_mut().push(format!("{} {event:?}", self.0));
            match event {
                RunEvent::RunsEnded => Err(format!("{} is full", self.0)),
                _ => Ok(()),
            }
        }
    }

    #[test]
    fn one_that_fails_keeps_no_other_from_being_told() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let mut reporters = Reporters::default();
        reporters.add(Noting("a", heard.clone()));
        reporters.add(Noting("b", heard.clone()));
        reporters.tell(RunEvent::RunsEnded);
        reporters.tell(RunEvent::Line("x"));
        assert_eq!(*heard.borrow(), ["a RunsEnded", "b RunsEnded", "a Line(\"x\")", "b Line(\"x\")"]);
        assert_eq!(reporters.unwritten(), ["a is full", "b is full"]);
    }
}
