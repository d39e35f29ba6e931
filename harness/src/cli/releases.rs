//! `wpasim releases`: the page of what changed from release to release.

use std::path::PathBuf;

use clap::Args;

use super::{BAD_USAGE, complain, say, selected};
use crate::causes;
use crate::report::releases::{idle, page, steps, unexplained};
use crate::session::write_atomically;
use crate::system;

#[derive(Args, Debug)]
pub(super) struct ReleasesArgs {
    /// Files, directories, names or globs whose transcripts are compared
    selection: Vec<String>,
    /// Where the page goes instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Take the causes from this file instead of from this program
    #[arg(long, value_name = "FILE")]
    causes: Option<PathBuf>,
    /// Write nothing; fail if the page is not what the transcripts say
    #[arg(long, requires = "output")]
    check: bool,
}

/// Makes the page. What no cause explains is listed, as is a cause that explains nothing: the exit code is 1 then.
pub(super) fn releases(args: &ReleasesArgs) -> u8 {
    if let Some(Err(message)) = args.causes.as_deref().map(causes::take_from) {
        complain(&format!("wpasim: {message}"));
        return BAD_USAGE;
    }
    let (selected, unmatched) = selected(&args.selection);
    if unmatched {
        return BAD_USAGE;
    }
    let steps = match steps(&selected) {
        Ok(steps) => steps,
        Err(invalid) => {
            complain(&invalid.to_string());
            return BAD_USAGE;
        }
    };
    let open = unexplained(&steps);
    for (step, difference) in &open {
        complain(&format!(
            "wpasim: {} to {}: {}: no cause explains: {}",
            step.from, step.to, difference.scenario, difference.line
        ));
    }
    let idle = idle(&steps);
    for cause in &idle {
        complain(&format!("wpasim: the cause \"{}\" of {} explains nothing", cause.name, cause.since));
    }
    if !open.is_empty() || !idle.is_empty() {
        let (open, idle) = (open.len(), idle.len());
        complain(&format!("wpasim: {open} lines without a cause, {idle} causes without a line"));
    }
    let complete = open.is_empty() && idle.is_empty();
    let text = page(&steps);
    let Some(output) = &args.output else {
        say(text.trim_end());
        return u8::from(!complete);
    };
    if args.check {
        if system::read_to_string(output).is_ok_and(|there| there == text) {
            return u8::from(!complete);
        }
        complain(&format!(
            "wpasim: {} is not what the transcripts say; make it anew without --check",
            output.display()
        ));
        return 1;
    }
    match write_atomically(output, text.as_bytes()) {
        Ok(()) => u8::from(!complete),
        Err(error) => {
            complain(&format!("wpasim: {}: {error}", output.display()));
            BAD_USAGE
        }
    }
}
