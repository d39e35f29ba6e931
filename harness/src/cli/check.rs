//! `wpasim check`: everything that can be wrong with a suite without running it.

use std::collections::BTreeSet;

use super::{BAD_USAGE, say, selected};
use crate::deviations::Deviations;
use crate::scenario::config::Finding;
use crate::scenario::discover::{Found, Root, Selected, below, orphans};
use crate::scenario::model::{Device, Scenario};
use crate::scenario::problem::InvalidFile;
use crate::scenario::read_all;
use crate::transcript;

/// Checks what the arguments select; returns the exit code.
pub fn check(arguments: &[String]) -> u8 {
    let (all, unmatched) = selected(arguments);
    let files: BTreeSet<Found> = all.iter().map(|s| s.found.clone()).collect();
    let roots: BTreeSet<Root> = files.iter().map(|f| f.root.clone()).collect();
    let mut wrong = 0;
    let mut report = |message: String| {
        say(&message);
        wrong += 1;
    };
    // Which cases a file has that cannot be read is not known.
    let mut unread = Vec::new();
    for file in &files {
        let cases: Vec<&Selected> = all.iter().filter(|s| s.found == *file).collect();
        if !check_file(file, &cases, &mut report) {
            unread.push((file.root.clone(), format!("{}@", file.stem())));
        }
    }
    for root in &roots {
        for orphan in orphans(root) {
            if unread.iter().any(|(of, stem)| of == root && orphan.starts_with(stem)) {
                continue;
            }
            report(format!("{}: a transcript without a scenario", root.show(&orphan)));
        }
        match Deviations::of(root) {
            Ok(deviations) => check_deviations(root, &deviations, &mut report),
            Err(invalid) => report(invalid.to_string()),
        }
    }
    let cases = all.len();
    say(&format!("{} files, {cases} scenarios checked, {wrong} problems", files.len()));
    if wrong == 0 && !unmatched { 0 } else { BAD_USAGE }
}

/// Checks a file and its transcripts; whether the file could be read.
fn check_file(file: &Found, cases: &[&Selected], report: &mut impl FnMut(String)) -> bool {
    let read = file.source().and_then(|source| read_all(&file.path(), &source, &|path| file.include(path)));
    let scenarios = match read {
        Ok(scenarios) => scenarios,
        Err(invalid) => {
            report(invalid.to_string());
            return false;
        }
    };
    check_configurations(file, &scenarios, report);
    let wants_transcript = scenarios.first().is_some_and(|s| s.transcript);
    if scenarios.first().is_some_and(|s| s.about.is_empty() || s.why.is_empty()) {
        report(format!(
            "{}:1:1: a scenario says what it shows and why it exists (about:, why:)",
            file.path()
        ));
    }
    for case in cases {
        let relative = case.transcript();
        let path = file.root.show(&relative);
        let text = match file.root.read(&relative) {
            Ok(text) => text,
            Err(invalid) => {
                report(invalid.to_string());
                continue;
            }
        };
        match (text, wants_transcript) {
            (None, true) => report(format!(
                "{path}: no transcript; `wpasim run {} --bless` makes one, `transcript: none` does without",
                file.path()
            )),
            (Some(_), false) => report(format!("{path}: a transcript that `transcript: none` ignores")),
            (Some(text), true) => {
                if let Err(problem) = transcript::parse(&text) {
                    report(InvalidFile::new(&path, &text, vec![problem]).to_string());
                }
            }
            (None, false) => {}
        }
    }
    true
}

/// Reports the lines of the devices' configurations that 2.10 refuses, in any case; tells those that the engine does not carry out.
fn check_configurations(file: &Found, scenarios: &[Scenario], report: &mut impl FnMut(String)) {
    let refused: BTreeSet<Finding> = scenarios.iter().flat_map(Scenario::refused).collect();
    let source = file.source().unwrap_or_default();
    for finding in &refused {
        report(InvalidFile::new(&file.path(), &source, vec![finding.problem()]).to_string());
    }
    let missing: BTreeSet<Finding> =
        scenarios.iter().flat_map(|s| &s.devices).flat_map(Device::not_implemented).collect();
    for finding in &missing {
        say(&format!(
            "{}:{}: {} (skipped where the engine runs it)",
            file.path(),
            finding.place,
            finding.text
        ));
    }
}

fn check_deviations(root: &Root, deviations: &Deviations, report: &mut impl FnMut(String)) {
    let names: Vec<String> = below(root).iter().flat_map(Found::cases).map(|s| s.full_name()).collect();
    for (index, deviation) in deviations.list.iter().enumerate() {
        if !names.iter().any(|name| deviations.concerns(index, name)) {
            report(format!(
                "{}:{}: a stale deviation: no scenario matches \"{}\"",
                deviations.path, deviation.place, deviation.scenario
            ));
        }
    }
}
