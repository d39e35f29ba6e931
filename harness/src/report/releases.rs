//! The page of what changed from release to release, from the transcripts that each was recorded with.
//!
//! The same transcripts give the same bytes: no dates, and an order that is that of the data of causes.

use std::collections::{BTreeMap, BTreeSet};

use crate::causes::{Cause, all, is_difference};
use crate::matcher::compare;
use crate::release::Release;
use crate::report::model::diff_lines;
use crate::scenario::discover::Selected;
use crate::scenario::problem::InvalidFile;
use crate::transcript::{self, Transcript};

/// Lines of a change that the page shows, of each release.
const LINES: usize = 3;
/// Scenarios of a change that the page names.
const NAMED: usize = 12;

/// A difference between two releases in a scenario.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Difference {
    /// `area/name[@case]`.
    pub scenario: String,
    /// The line with its sign: `-` is the earlier release's, `+` the later one's.
    pub line: String,
}

/// The differences from one release to the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The earlier one.
    pub from: Release,
    /// The later one.
    pub to: Release,
    /// The differences, in the order of the scenarios.
    pub differences: Vec<Difference>,
}

/// Compares the transcripts of each release with those of the next. A scenario that a release cannot run is left out.
///
/// # Errors
/// A transcript cannot be read.
pub fn steps(selected: &[Selected]) -> Result<Vec<Step>, Box<InvalidFile>> {
    let pairs = Release::ALL.iter().zip(Release::ALL.iter().skip(1));
    pairs
        .map(|(from, to)| {
            let mut differences = Vec::new();
            for one in selected {
                let (Some(old), Some(new)) = (of(one, *from)?, of(one, *to)?) else { continue };
                let lines = diff_lines(&compare(&old, &new, &|_| None));
                differences.extend(
                    lines
                        .into_iter()
                        .filter(|line| is_difference(line))
                        .map(|line| Difference { scenario: one.full_name(), line }),
                );
            }
            Ok(Step { from: *from, to: *to, differences })
        })
        .collect()
}

/// The transcript of a release in a scenario: its own, or 2.10's where it says the same. A scenario that is about what
/// a later release brought has none.
fn of(selected: &Selected, release: Release) -> Result<Option<Transcript>, Box<InvalidFile>> {
    let root = &selected.found.root;
    let source = selected.found.source()?;
    let since = source.lines().find_map(|line| line.strip_prefix("since:")).map(|rest| {
        let word = rest.trim().split([' ', '#']).next().unwrap_or_default();
        word.trim_matches(['"', '\'']).parse::<Release>()
    });
    if let Some(Ok(since)) = since
        && release < since
    {
        return Ok(None);
    }
    for relative in [selected.transcript_of(release), selected.transcript()] {
        let Some(text) = root.read(&relative)? else { continue };
        return match transcript::parse(&text) {
            Ok(transcript) => Ok(Some(transcript)),
            Err(problem) => Err(Box::new(InvalidFile::new(&root.show(&relative), &text, vec![problem]))),
        };
    }
    Ok(None)
}

/// The differences that no cause explains.
pub fn unexplained(steps: &[Step]) -> Vec<(&Step, &Difference)> {
    steps
        .iter()
        .flat_map(|step| step.differences.iter().map(move |d| (step, d)))
        .filter(|(step, d)| cause_of(step.to, d).is_none())
        .collect()
}

/// Causes that explain nothing: their pattern is wrong, or the difference has gone.
pub fn idle(steps: &[Step]) -> Vec<&'static Cause> {
    let used: BTreeSet<usize> =
        steps.iter().flat_map(|step| step.differences.iter().filter_map(|d| cause_of(step.to, d))).collect();
    all().iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, cause)| cause).collect()
}

/// The first cause that explains a difference from the release before `to`, which has it: its place in the data.
fn cause_of(to: Release, difference: &Difference) -> Option<usize> {
    all().iter().position(|c| c.since == to && c.explains(&difference.scenario, &difference.line))
}

/// The page, in Markdown. `above` leads from the page to the directory of the suite.
pub fn page(steps: &[Step]) -> String {
    let mut out = String::from(
        "# What changed from release to release\n\nWhat 2.10 and 2.11 of wpa_supplicant and hostapd say otherwise than the \
         release before, as the control interface shows it\nin the suite's scenarios. `-` is the earlier release, `+` the later \
         one; values in braces are masked. This page is made by\n`wpasim releases` from the transcripts and \
         `harness/src/causes.toml`; don't edit it.\n",
    );
    for step in steps {
        out.push_str(&format!("\n## From {} to {}\n", step.from, step.to));
        let mut by_cause: BTreeMap<usize, Vec<&Difference>> = BTreeMap::new();
        for difference in &step.differences {
            if let Some(at) = cause_of(step.to, difference) {
                by_cause.entry(at).or_default().push(difference);
            }
        }
        let mut causes: Vec<(usize, Vec<&Difference>)> = by_cause.into_iter().collect();
        causes.sort_by_key(|(at, differences)| (std::cmp::Reverse(scenarios(differences).len()), *at));
        for (at, differences) in causes {
            out.push_str(&entry(&all()[at], &differences));
        }
    }
    out
}

fn scenarios<'d>(differences: &[&'d Difference]) -> Vec<&'d str> {
    let mut names: Vec<&str> = differences.iter().map(|d| d.scenario.as_str()).collect();
    names.dedup();
    names
}

fn entry(cause: &Cause, differences: &[&Difference]) -> String {
    let names = scenarios(differences);
    let mut out = format!("\n### {}\n\n`{}`\n\n```diff\n", cause.name, cause.function);
    for sign in ['-', '+'] {
        let mut lines: Vec<&str> =
            differences.iter().map(|d| d.line.as_str()).filter(|line| line.starts_with(sign)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.iter().take(LINES).for_each(|line| out.push_str(&format!("{}\n", cut(line))));
        if lines.len() > LINES {
            out.push_str(&format!("{sign} … {} more\n", lines.len() - LINES));
        }
    }
    let named: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    out.push_str(&format!("```\n\nIn {}{more}.\n", named.join(", ")));
    out
}

/// A line of at most 160 characters.
fn cut(line: &str) -> String {
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
