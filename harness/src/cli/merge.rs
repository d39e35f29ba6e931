//! `wpasim merge`: the reports of a session's shards become the session's.

use std::path::{Path, PathBuf};

use clap::Args;

use super::publish::ReportArgs;
use super::run::INTERRUPTED;
use super::{BAD_USAGE, When, complain};
use crate::report::console::AtLength;
use crate::report::event::RunEvent;
use crate::report::json;
use crate::report::merge::merge;
use crate::report::model::Report;
use crate::system;

#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// The JSON reports of all shards of one session, in any order
    #[arg(required = true, value_name = "REPORT.json")]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    color: When,
}

/// Merges; the exit code is that of the whole session, as `run` would have had it.
pub(super) fn run(args: &MergeArgs) -> u8 {
    let usage = |message: &str| {
        complain(&format!("wpasim: {message}"));
        BAD_USAGE
    };
    let console = match args.reports.console() {
        Ok(console) => console,
        Err(message) => return usage(&message),
    };
    let mut parts = Vec::new();
    for path in &args.parts {
        match read(path) {
            Ok(report) => parts.push((path.display().to_string(), report)),
            Err(message) => return usage(&message),
        }
    }
    let report = match merge(parts) {
        Ok(report) => report,
        Err(error) => return usage(&error.to_string()),
    };
    report.problems.iter().for_each(|problem| complain(&format!("wpasim: {problem}")));
    let mut reporters =
        args.reports.reporters(console, args.color, AtLength { failures: true, warnings: true });
    reporters.tell(RunEvent::Ended { report: &report, groups: &[], changes: None });
    reporters.unwritten().iter().for_each(|message| complain(&format!("wpasim: {message}")));
    match report.exit_code() {
        INTERRUPTED => INTERRUPTED,
        _ if !reporters.unwritten().is_empty() => BAD_USAGE,
        code => code,
    }
}

fn read(path: &Path) -> Result<Report, String> {
    let text = system::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    json::read_report(&text).map_err(|error| format!("{}: {error}", path.display()))
}
