//! `wpasim check`: everything that can be wrong with scenarios without running them.

use std::collections::BTreeSet;

use super::{BAD_USAGE, complain, say, selection};
use crate::deviations::Deviations;
use crate::matcher::compare;
use crate::release::Release;
use crate::scenario::config::Finding;
use crate::scenario::discover::{Found, Root, Selected, below, directories, orphans};
use crate::scenario::lacks::Warning;
use crate::scenario::model::{Device, Scenario};
use crate::scenario::problem::InvalidFile;
use crate::scenario::read_all;
use crate::transcript::{self, Transcript};

/// Says what is wrong, and counts it.
#[derive(Default)]
struct Findings {
    problems: usize,
    hints: usize,
}

impl Findings {
    fn problem(&mut self, message: &str) {
        say(message);
        self.problems += 1;
    }

    fn problems_of(&mut self, invalid: &InvalidFile) {
        say(&invalid.to_string());
        self.problems += invalid.problems.len();
    }

    fn hints_of(&mut self, hints: &InvalidFile) {
        say(&hints.to_string());
        self.hints += hints.problems.len();
    }
}

/// Checks what the arguments select; returns the exit code. A file is judged alone; what a directory holds beside its
/// scenarios, transcripts without a scenario and known deviations, is judged where a directory is given.
pub fn check(arguments: &[String]) -> u8 {
    let mut findings = Findings::default();
    let (all, errors) = selection(arguments);
    for error in &errors {
        complain(&format!("wpasim: {error}"));
        findings.problems += 1;
    }
    let files: BTreeSet<Found> = all.iter().map(|s| s.found.clone()).collect();
    // The cases of a file that cannot be read are not known.
    let mut unread = BTreeSet::new();
    for file in &files {
        let cases: Vec<&Selected> = all.iter().filter(|s| s.found == *file).collect();
        if !check_file(file, &cases, &mut findings) {
            unread.insert((file.root.clone(), file.stem()));
        }
    }
    let directories = match std::env::current_dir() {
        Ok(here) => directories(arguments, &here),
        Err(_) => Vec::new(),
    };
    let roots: BTreeSet<&Root> =
        files.iter().map(|f| &f.root).chain(directories.iter().map(|d| &d.0)).collect();
    for root in roots {
        for orphan in orphans(root) {
            let stem = stem_of(&orphan);
            let judged = directories.iter().any(|(of, below)| {
                of == root && (below.is_empty() || orphan.starts_with(&format!("{below}/")))
            }) || files.iter().any(|f| f.root == *root && f.stem() == stem);
            if judged && !unread.contains(&(root.clone(), stem.to_owned())) {
                findings.problem(&format!("{}: a transcript without a scenario", root.show(&orphan)));
            }
        }
        if directories.iter().any(|(of, _)| of == root) {
            match Deviations::of(root) {
                Ok(deviations) => check_deviations(root, &deviations, &mut findings),
                Err(invalid) => findings.problems_of(&invalid),
            }
        }
    }
    let Findings { problems, hints } = findings;
    let hints = match hints {
        0 => String::new(),
        hints => format!(", {}", counted(hints, "hint")),
    };
    say(&format!(
        "{}, {} checked, {}{hints}",
        counted(files.len(), "file"),
        counted(all.len(), "scenario"),
        counted(problems, "problem")
    ));
    if problems == 0 { 0 } else { BAD_USAGE }
}

/// `1 file`, `2 files`.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The scenario file that a transcript stands beside, without its extension.
fn stem_of(transcript: &str) -> &str {
    let stem = transcript.strip_suffix(".transcript").unwrap_or(transcript);
    let name = stem.rfind('/').map_or(0, |at| at + 1);
    stem[name..].find('@').map_or(stem, |at| &stem[..name + at])
}

/// Checks a file and its transcripts; whether the file could be read.
fn check_file(file: &Found, cases: &[&Selected], findings: &mut Findings) -> bool {
    let path = file.path();
    let source = match file.source() {
        Ok(source) => source,
        Err(invalid) => {
            findings.problems_of(&invalid);
            return false;
        }
    };
    let scenarios = match read_all(&path, &source, &|path| file.include(path)) {
        Ok(scenarios) => scenarios,
        Err(invalid) => {
            findings.problems_of(&invalid);
            return false;
        }
    };
    let hints: Vec<_> = scenarios.iter().flat_map(|s| s.hints.clone()).collect();
    if !hints.is_empty() {
        findings.hints_of(&InvalidFile::new(&path, &source, hints));
    }
    check_configurations(&path, &source, &scenarios, findings);
    let wants_transcript = scenarios.first().is_some_and(|s| s.transcript);
    if scenarios.first().is_some_and(|s| s.about.is_empty() || s.why.is_empty()) {
        findings
            .problem(&format!("{path}:1:1: a scenario says what it shows and why it exists (about:, why:)"));
    }
    for case in cases {
        let common = check_transcript(file, &case.transcript(), wants_transcript, findings);
        if common == Beside::Nothing && wants_transcript {
            let beside = file.root.show(&case.transcript());
            findings.problem(&format!(
                "{beside}: no transcript; `wpasim run {path} --bless` makes one, `transcript: none` does without"
            ));
        }
        for release in Release::ALL.into_iter().filter(|release| *release != Release::V2_10) {
            let relative = case.transcript_of(release);
            let own = check_transcript(file, &relative, wants_transcript, findings);
            if let (Beside::Transcript(common), Beside::Transcript(own)) = (&common, &own)
                && compare(common, own, &|_| None).passes()
            {
                let (own, common) = (file.root.show(&relative), case.transcript());
                findings.problem(&format!("{own}: it says nothing else than {common}: remove it"));
            }
        }
    }
    true
}

/// Reports the lines of the devices' configurations that 2.10 refuses, in any case; tells those that the engine does not
/// carry out.
fn check_configurations(path: &str, source: &str, scenarios: &[Scenario], findings: &mut Findings) {
    let refused: BTreeSet<Finding> = scenarios.iter().flat_map(Scenario::refused).collect();
    if !refused.is_empty() {
        let problems = refused.iter().map(Finding::problem).collect();
        findings.problems_of(&InvalidFile::new(path, source, problems));
    }
    let any = |_: &Device| true;
    let missing =
        scenarios.iter().flat_map(|s| &s.devices).flat_map(Device::not_implemented).map(Warning::from);
    let skipped: BTreeSet<Warning> =
        missing.chain(scenarios.iter().flat_map(|s| s.refused_commands(&any))).collect();
    for warning in &skipped {
        say(&format!("{} (skipped where the engine runs it)", warning.shown(path)));
    }
    let warnings: BTreeSet<Warning> = scenarios.iter().flat_map(|s| s.warnings(&any)).collect();
    for warning in warnings.difference(&skipped) {
        say(&warning.shown(path));
    }
}

/// A transcript that may stand beside a scenario.
#[derive(PartialEq)]
enum Beside {
    Nothing,
    Transcript(Box<Transcript>),
    /// Something is wrong with it, which has been said.
    Wrong,
}

/// Reads a transcript that may be there.
fn check_transcript(file: &Found, relative: &str, is_wanted: bool, findings: &mut Findings) -> Beside {
    let beside = file.root.show(relative);
    match file.root.read(relative) {
        Ok(None) => return Beside::Nothing,
        Ok(Some(_)) if !is_wanted => {
            findings.problem(&format!("{beside}: a transcript that `transcript: none` ignores"));
        }
        Ok(Some(text)) => match transcript::parse(&text) {
            Ok(transcript) => return Beside::Transcript(Box::new(transcript)),
            Err(problem) => findings.problems_of(&InvalidFile::new(&beside, &text, vec![problem])),
        },
        Err(invalid) => findings.problems_of(&invalid),
    }
    Beside::Wrong
}

fn check_deviations(root: &Root, deviations: &Deviations, findings: &mut Findings) {
    let names: Vec<String> = below(root).iter().flat_map(Found::cases).map(|s| s.full_name()).collect();
    for (index, deviation) in deviations.list.iter().enumerate() {
        if !names.iter().any(|name| deviations.concerns(index, name)) {
            findings.problem(&format!(
                "{}:{}: a stale deviation: no scenario matches \"{}\"",
                deviations.path, deviation.place, deviation.scenario
            ));
        }
    }
}
