//! `wpasim conformance`.

use std::path::PathBuf;

use clap::Args;

use super::{BAD_USAGE, complain, say};
use crate::report::conformance::{Column, page};
use crate::report::json;
use crate::session::write_atomically;
use crate::system;

#[derive(Args, Debug)]
pub(super) struct ConformanceArgs {
    /// An implementation and its report: "engine=sim.json", one for each column
    #[arg(required = true, value_name = "LABEL=REPORT.json", value_parser = column)]
    reports: Vec<(String, PathBuf)>,
    /// Where the page goes instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write nothing; fail if the page is not what the reports say
    #[arg(long, requires = "output")]
    check: bool,
}

fn column(text: &str) -> Result<(String, PathBuf), String> {
    match text.rsplit_once('=') {
        Some((label, file)) if !label.is_empty() && !file.is_empty() => {
            Ok((label.to_owned(), PathBuf::from(file)))
        }
        _ => Err("LABEL=REPORT.json, such as engine=sim.json".to_owned()),
    }
}

/// Makes the page; returns the exit code.
pub(super) fn conformance(args: &ConformanceArgs) -> u8 {
    let mut columns = Vec::new();
    for (label, path) in &args.reports {
        let read = system::read_to_string(path).map_err(|error| error.to_string());
        match read.and_then(|text| json::read(&text).map_err(|error| error.to_string())) {
            Ok(runs) => columns.push(Column { label: label.clone(), runs }),
            Err(error) => {
                complain(&format!("wpasim: {}: {error}", path.display()));
                return BAD_USAGE;
            }
        }
    }
    let Some(output) = &args.output else {
        say(page(&columns, "").trim_end());
        return 0;
    };
    // The page's directories are counted from where the reports were made, which is here.
    let depth = match output.is_relative() {
        true => output.components().count().saturating_sub(1),
        false => 0,
    };
    let text = page(&columns, &"../".repeat(depth));
    if args.check {
        if system::read_to_string(output).is_ok_and(|there| there == text) {
            return 0;
        }
        complain(&format!(
            "wpasim: {} is not what the reports say; make it anew without --check",
            output.display()
        ));
        return 1;
    }
    match write_atomically(output, text.as_bytes()) {
        Ok(()) => 0,
        Err(error) => {
            complain(&format!("wpasim: {}: {error}", output.display()));
            BAD_USAGE
        }
    }
}
