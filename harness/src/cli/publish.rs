//! What a session leaves behind, for `run` and `merge`: what is told to people, and the reports that were asked for.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{When, asked_for_none, complain, say};
use crate::causes::{self, Group};
use crate::report::model::{Ended, Report, Reported};
use crate::report::terminal::{self, Paint};
use crate::report::{github, json, junit};
use crate::session::write_atomically;
use crate::system;

/// Stands for standard output.
const STDOUT: &str = "-";

/// Where reports go.
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

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == STDOUT
}

impl ReportArgs {
    /// Returns whether a report is asked for that lists every run.
    pub fn list_every_run(&self) -> bool {
        self.junit.is_some() || self.json.is_some()
    }

    /// Where what people read goes; why the reports cannot be written where they are to be, otherwise.
    pub fn console(&self) -> Result<Console, String> {
        let on_stdout =
            [&self.junit, &self.json].into_iter().flatten().filter(|path| is_stdout(path)).count();
        match on_stdout {
            0 => Ok(Console { on_stderr: false }),
            1 => Ok(Console { on_stderr: true }),
            _ => Err("--junit - and --json -: two reports cannot both be on standard output".to_owned()),
        }
    }

    /// Writes every report that is asked for, and the summary of a GitHub job; why those that could not be written were not.
    pub fn write(&self, report: &Report) -> Vec<String> {
        let mut unwritten = Vec::new();
        if let Some(path) = &self.junit {
            let text = junit::render(report).map_err(|error| format!("{}: {error}", path.display()));
            unwritten.extend(text.and_then(|text| put(path, &text)).err());
        }
        if let Some(path) = &self.json {
            unwritten.extend(put(path, &json::render(report)).err());
        }
        if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
            unwritten.extend(append(Path::new(&path), &github::summary(report)).err());
        }
        unwritten
    }
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let written = match is_stdout(path) {
        true => system::write_to_stdout(text.as_bytes()),
        false => write_atomically(path, text.as_bytes()),
    };
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn append(path: &Path, text: &str) -> Result<(), String> {
    let file = system::open(std::fs::OpenOptions::new().create(true).append(true), path);
    file.and_then(|mut file| system::write_all(&mut file, path, text.as_bytes()))
        .map_err(|error| format!("GITHUB_STEP_SUMMARY={}: {error}", path.display()))
}

/// Where what people read goes: standard output, unless a report takes that.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    on_stderr: bool,
}

impl Console {
    /// Prints a line.
    pub fn say(self, text: &str) {
        if self.on_stderr { complain(text) } else { say(text) }
    }

    /// Its colours.
    pub fn paint(self, when: When) -> Paint {
        let is_terminal = || match self.on_stderr {
            true => std::io::stderr().is_terminal(),
            false => std::io::stdout().is_terminal(),
        };
        Paint(match when {
            When::Always => true,
            When::Never => false,
            When::Auto => is_terminal() && !asked_for_none(),
        })
    }

    /// Tells what differs by its causes, failures at length, annotations, known deviations and those that are stale. Unless
    /// `all` is to be told at length, one failure of each group is.
    pub fn tell(self, report: &Report, paint: Paint, all: bool, groups: &[Group]) {
        let repeated = report.about.is_repeated();
        let is_first = |run: &Reported| groups.iter().any(|g| g.scenarios.first() == Some(&run.scenario));
        let at_length = |run: &&Reported| all || run.verdict != Ended::Fail || is_first(run);
        for run in report.runs.iter().filter(at_length) {
            if let Some(details) = terminal::details(run, repeated, paint) {
                self.say(&format!("\n{}", details.trim_end()));
            }
        }
        if !groups.is_empty() {
            self.say(&format!("\ndifferences by cause\n{}", causes::shown(groups).trim_end()));
        }
        if std::env::var("GITHUB_ACTIONS").is_ok_and(|v| v == "true") {
            report.runs.iter().filter_map(|run| github::annotation(run, repeated)).for_each(|a| self.say(&a));
        }
        if !report.runs.is_empty() || report.counted.runs > 0 {
            self.say("");
        }
        for text in [terminal::known(report), terminal::stale(report, paint)] {
            if !text.is_empty() {
                self.say(text.trim_end());
            }
        }
    }
}
