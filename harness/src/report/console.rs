//! The text that people read of a session: a line for each run as it ends, then the failures at length, and the summary.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::event::{Reporter, RunEvent};
use super::json::Changes;
use super::model::{Ended, Report, Reported};
use super::terminal::{self, Paint};
use crate::causes::{self, Group};
use crate::session::write_atomically;
use crate::system;

/// Stands for standard output.
const STDOUT: &str = "-";

/// Whether a report goes to standard output.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == STDOUT
}

/// Writes a report where it is to be; why it could not be, otherwise.
///
/// # Errors
/// The path with the reason.
pub fn put(path: &Path, text: &str) -> Result<(), String> {
    let written = match is_stdout(path) {
        true => system::write_to_stdout(text.as_bytes()),
        false => write_atomically(path, text.as_bytes()),
    };
    written.map_err(|error| format!("{}: {error}", path.display()))
}

/// The stream for the text that people read: standard output, unless a report takes that.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// Whether standard error takes its place.
    pub on_stderr: bool,
}

impl Console {
    /// Prints a line. Whoever has stopped reading does not end the program with a panic.
    pub fn say(self, text: &str) {
        let _ = match self.on_stderr {
            true => writeln!(std::io::stderr(), "{text}"),
            false => writeln!(std::io::stdout(), "{text}"),
        };
    }

    /// Whether a person may be looking.
    pub fn is_terminal(self) -> bool {
        match self.on_stderr {
            true => std::io::stderr().is_terminal(),
            false => std::io::stdout().is_terminal(),
        }
    }
}

/// A bar of so many runs, where a person may be looking.
pub fn progress(runs: usize) -> ProgressBar {
    let bar = ProgressBar::new(runs as u64);
    if !std::io::stderr().is_terminal() || runs < 2 {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// The length at which people are told.
#[derive(Clone, Copy, Debug)]
pub struct AtLength {
    /// Every failure; otherwise one of each group of causes.
    pub failures: bool,
    /// Every warning; otherwise the first of them.
    pub warnings: bool,
}

/// Tells people.
pub struct ConsoleReporter {
    console: Console,
    paint: Paint,
    at_length: AtLength,
    warnings: BTreeSet<String>,
    repeated: bool,
    bar: ProgressBar,
}

impl ConsoleReporter {
    /// One that tells this much.
    pub fn new(console: Console, paint: Paint, at_length: AtLength) -> Self {
        ConsoleReporter {
            console,
            paint,
            at_length,
            warnings: BTreeSet::new(),
            repeated: false,
            bar: ProgressBar::hidden(),
        }
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| self.console.say(text));
    }

    /// Tells failures at length, and what differs by its causes.
    fn failures(&self, report: &Report, groups: &[Group]) {
        let repeated = report.about.is_repeated();
        let is_first = |run: &Reported| groups.iter().any(|g| g.scenarios.first() == Some(&run.scenario));
        let at_length =
            |run: &&Reported| self.at_length.failures || run.verdict != Ended::Fail || is_first(run);
        for run in report.runs.iter().filter(at_length) {
            if let Some(details) = terminal::details(run, repeated, self.paint) {
                self.say(&format!("\n{}", details.trim_end()));
            }
        }
        if !groups.is_empty() {
            self.say(&format!("\ndifferences by cause\n{}", causes::shown(groups).trim_end()));
        }
    }

    /// Tells known deviations and those that are stale.
    fn deviations(&self, report: &Report) {
        if !report.runs.is_empty() || report.counted.runs > 0 {
            self.say("");
        }
        for text in [terminal::known(report), terminal::stale(report, self.paint)] {
            if !text.is_empty() {
                self.say(text.trim_end());
            }
        }
    }

    /// Tells what is otherwise than in an older report.
    fn changes(&self, changes: &Changes) {
        let Changes { common, differ, only_here, only_there } = changes;
        self.say(&format!("{} of {common} runs differ from the baseline", differ.len()));
        let list = |names: &[String]| names.iter().for_each(|name| self.say(&format!("  {name}")));
        list(differ);
        for (names, place) in [(only_here, "not in the baseline"), (only_there, "only in the baseline")] {
            if !names.is_empty() {
                self.say(&format!("{} {place}", names.len()));
                list(names);
            }
        }
    }
}

impl Reporter for ConsoleReporter {
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
        match event {
            RunEvent::Began(about) => {
                self.repeated = about.is_repeated();
                self.say(&about.first_line());
                self.bar = progress(about.share());
            }
            RunEvent::Line(line) => self.say(line),
            RunEvent::RunEnded { run, warnings, .. } => {
                self.warnings.extend(warnings.iter().cloned());
                self.say(&terminal::line(run, self.repeated, self.paint));
                self.bar.inc(1);
            }
            RunEvent::RunsEnded => self.bar.finish_and_clear(),
            RunEvent::Ended { report, groups, changes } => {
                self.failures(report, groups);
                self.deviations(report);
                for line in terminal::warnings(&self.warnings, self.at_length.warnings, self.paint) {
                    self.say(&line);
                }
                if let Some(changes) = changes {
                    self.changes(changes);
                }
                self.say(&terminal::summary(report, self.paint));
            }
        }
        Ok(())
    }
}
