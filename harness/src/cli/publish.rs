//! The listeners of a session, for `run` and `merge`: people, and the reports that were asked for.

use std::path::PathBuf;

use clap::Args;

use super::{When, asked_for_none};
use crate::report::console::{AtLength, Console, ConsoleReporter, is_stdout};
use crate::report::event::Reporters;
use crate::report::github::{AnnotationReporter, SummaryReporter};
use crate::report::json::JsonReporter;
use crate::report::junit::JunitReporter;
use crate::report::terminal::Paint;

/// The files to which reports go.
#[derive(Args, Clone, Debug, Default)]
pub struct ReportArgs {
    /// Write a JUnit report; `-` is standard output, and what people read goes to standard error then
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a JSON report, with each run's trace hash and, for a failed one, its place, diff and rerun line; `-` is standard
    /// output. `wpasim schema --report` has its schema
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

impl ReportArgs {
    /// Returns whether a report is asked for that lists every run.
    pub fn list_every_run(&self) -> bool {
        self.junit.is_some() || self.json.is_some()
    }

    /// Returns the stream for what people read; otherwise the reason why the reports cannot be written where they are to be.
    pub fn console(&self) -> Result<Console, String> {
        let on_stdout =
            [&self.junit, &self.json].into_iter().flatten().filter(|path| is_stdout(path)).count();
        match on_stdout {
            0 => Ok(Console { on_stderr: false }),
            1 => Ok(Console { on_stderr: true }),
            _ => Err("--junit - and --json -: two reports cannot both be on standard output".to_owned()),
        }
    }

    /// The reporters of a session: what people read, as much of it as `at_length` says, the reports that are
    /// asked for, and what GitHub shows.
    pub fn reporters(&self, console: Console, when: When, at_length: AtLength) -> Reporters {
        let mut reporters = Reporters::default();
        if std::env::var("GITHUB_ACTIONS").is_ok_and(|v| v == "true") {
            reporters.add(AnnotationReporter(console));
        }
        reporters.add(ConsoleReporter::new(console, paint(console, when), at_length));
        if let Some(path) = &self.junit {
            reporters.add(JunitReporter(path.clone()));
        }
        if let Some(path) = &self.json {
            reporters.add(JsonReporter(path.clone()));
        }
        if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
            reporters.add(SummaryReporter(path.into()));
        }
        reporters
    }
}

/// The colours of a console.
fn paint(console: Console, when: When) -> Paint {
    Paint(match when {
        When::Always => true,
        When::Never => false,
        When::Auto => console.is_terminal() && !asked_for_none(),
    })
}
