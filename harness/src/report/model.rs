//! A session as reports tell it: what the terminal, JUnit, JSON, annotations and summaries are made of, and what `merge`
//! reads back. It holds texts and numbers only, so that a session told by another process is told the same.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::about::About;
use super::collected::{Collected, Counted};
use super::json;
use crate::deviations::Deviations;
use crate::matcher::{Comparison, Tag};
use crate::scenario::discover::{Found, Root, Wildcard, below};
use crate::session::{AllDeviations, Failure, Outcome, Verdict};

/// Lines of one diff that a report keeps.
const DIFF_LINES: usize = 2000;
/// Ends a line of a diff that a known deviation allows.
pub const KNOWN: &str = "   (known deviation)";
/// Stands between lines of a diff that do not follow each other.
pub const GAP: &str = "⋯";

/// The end of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// As it should.
    Pass,
    /// Otherwise.
    Fail,
    /// It was not made: the target lacks something.
    Skip,
    /// The scenario or its transcript cannot be read.
    Invalid,
    /// The target could not run.
    Error,
    /// Ctrl-C.
    #[default]
    Interrupted,
}

impl Ended {
    /// As reports call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Ended::Pass => "pass",
            Ended::Fail => "fail",
            Ended::Skip => "skip",
            Ended::Invalid => "invalid",
            Ended::Error => "error",
            Ended::Interrupted => "interrupted",
        }
    }
}

impl FromStr for Ended {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Ended::Pass, Ended::Fail, Ended::Skip, Ended::Invalid, Ended::Error, Ended::Interrupted];
        all.into_iter().find(|e| e.as_str() == text).ok_or_else(|| format!("\"{text}\" is no verdict"))
    }
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePlace {
    /// As the report's writer saw it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

/// A device at the end of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceState {
    /// As the scenario calls it.
    pub device: String,
    /// In one line.
    pub state: String,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A run as a report tells it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reported {
    /// `area/name@case`.
    pub scenario: String,
    /// Its file, as the report's writer saw it.
    #[serde(default)]
    pub file: String,
    /// The target that it ran against, as the command line calls it.
    #[serde(default)]
    pub target: String,
    /// With which seed.
    pub seed: u64,
    /// The end of the run.
    pub verdict: Ended,
    /// Why, unless it passed.
    #[serde(default)]
    pub message: Option<String>,
    /// Whether it was compared with a transcript.
    #[serde(default, rename = "transcript")]
    pub compared: bool,
    /// Whether its transcript was written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub blessed: bool,
    /// The virtual time that passed.
    #[serde(default)]
    pub virtual_us: i64,
    /// The time that passed.
    #[serde(default)]
    pub wall_us: u64,
    /// The hash over all that happened.
    #[serde(default)]
    pub trace_hash: Option<String>,
    /// The reasons of the known deviations that were needed.
    #[serde(default)]
    pub deviations: Vec<String>,
    /// The place at which it went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<FilePlace>,
    /// When, in virtual time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_us: Option<i64>,
    /// The expectation, in the scenario's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The event or value that was there instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// Whether that is only the most similar of what there was.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nearest: bool,
    /// The time of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_at_us: Option<i64>,
    /// The other side of the diff: a transcript, and who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// The lines that differ: those that begin with `-` are the reference's, those with `+` the run's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<String>,
    /// The lines just before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// The devices' states at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<DeviceState>,
    /// The capture's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// The file of what was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The debug logs' files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// The files of these that could not be written, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unkept: Vec<String>,
    /// The line that runs it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<String>,
    /// The line that makes the run the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<String>,
}

impl Reported {
    /// A run that is over.
    pub fn of(outcome: &Outcome, known: &AllDeviations) -> Self {
        let selected = &outcome.job.selected;
        let list = known.get(&selected.found.root).map(|all| all.list.as_slice()).unwrap_or_default();
        let reasons = outcome.deviations.iter().filter_map(|i| list.get(*i)).map(|d| d.reason.clone());
        let run = Reported {
            scenario: selected.full_name(),
            file: selected.found.path(),
            target: outcome.target.to_owned(),
            seed: outcome.job.seed,
            compared: outcome.compared,
            virtual_us: outcome.virtual_time.micros(),
            wall_us: u64::try_from(outcome.wall.as_micros()).unwrap_or(u64::MAX),
            trace_hash: outcome.trace_hash.clone(),
            deviations: reasons.collect(),
            ..Reported::default()
        };
        match &outcome.verdict {
            Verdict::Pass { blessed, .. } => Reported { verdict: Ended::Pass, blessed: *blessed, ..run },
            Verdict::Fail(failure) => run.failed(failure),
            Verdict::Skip(reason) => Reported { verdict: Ended::Skip, message: Some(reason.clone()), ..run },
            Verdict::Invalid(message) => {
                let place = place_before(message, &run.file);
                Reported { verdict: Ended::Invalid, message: Some(message.clone()), place, ..run }
            }
            Verdict::Unavailable(message) => {
                Reported { verdict: Ended::Error, message: Some(message.clone()), ..run }
            }
            Verdict::Interrupted => run,
        }
    }

    fn failed(self, failure: &Failure) -> Self {
        let place = failure.place.map(|place| FilePlace {
            file: failure.path.clone(),
            line: place.line,
            column: place.column,
        });
        // A second fault belongs to the message.
        let too = failure.actual.as_ref().filter(|actual| actual.label == crate::run::Label::Too);
        let message = match too {
            Some(too) => format!("{}; and {}", failure.message, too.text),
            None => failure.message.clone(),
        };
        let actual = failure.actual.as_ref().filter(|_| too.is_none());
        let states = failure.states.iter();
        Reported {
            verdict: Ended::Fail,
            message: Some(message),
            place,
            at_us: failure.at.map(|at| at.micros()),
            expected: failure.expected.clone(),
            actual: actual.map(|a| a.text.clone()),
            nearest: actual.is_some_and(|a| a.label == crate::run::Label::Nearest),
            actual_at_us: actual.and_then(|a| a.at).map(|at| at.micros()),
            against: failure.diff.as_ref().map(|diff| diff.against.clone()),
            diff: failure.diff.as_ref().map(|d| diff_lines(&d.comparison)).unwrap_or_default(),
            before: failure.before.clone(),
            states: states
                .map(|(device, state)| DeviceState { device: device.clone(), state: state.clone() })
                .collect(),
            capture: failure.capture.clone(),
            said: failure.transcript.clone(),
            logs: failure.logs.clone(),
            unkept: failure.unkept.clone(),
            rerun: Some(failure.rerun.clone()),
            accept: failure.accept.clone(),
            ..self
        }
    }

    /// `name[@case][#seed]`: the seed is shown where there are several.
    pub fn label(&self, repeated: bool) -> String {
        let name = &self.scenario;
        if repeated { format!("{name}#{}", self.seed) } else { name.clone() }
    }

    /// Whether it passed by its steps alone.
    pub fn is_without_transcript(&self) -> bool {
        self.verdict == Ended::Pass && !self.compared && !self.blessed
    }

    /// The time that passed.
    pub fn wall(&self) -> Duration {
        Duration::from_micros(self.wall_us)
    }

    /// Returns the beginning of the file's path, before the area.
    pub(super) fn suite(&self) -> &str {
        let stem = self.scenario.split('@').next().unwrap_or_default();
        let without = self.file.strip_suffix(".yaml").and_then(|file| file.strip_suffix(stem));
        without.unwrap_or(&self.file)
    }
}

/// The place that a message about a file begins with.
fn place_before(message: &str, file: &str) -> Option<FilePlace> {
    let mut numbers = message.strip_prefix(file)?.strip_prefix(':')?.split(':').map(str::parse);
    let (Ok(line), column) = (numbers.next()?, numbers.next()) else { return None };
    Some(FilePlace { file: file.to_owned(), line, column: column.and_then(Result::ok).unwrap_or(1) })
}

/// Returns the lines that differ, with some lines around them.
pub fn diff_lines(comparison: &Comparison) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for hunk in &comparison.hunks {
        if !lines.is_empty() {
            lines.push(GAP.to_owned());
        }
        lines.extend(hunk.iter().map(|line| {
            let sign = match line.tag {
                Tag::Same => ' ',
                Tag::Missing => '-',
                Tag::Extra => '+',
            };
            let known = if line.allowed_by.is_some() { KNOWN } else { "" };
            format!("{sign} {}{known}", line.text)
        }));
    }
    lines.extend(comparison.order.iter().map(|order| format!("order: {order}")));
    lines.extend(comparison.shifts.iter().map(|shift| format!("time: {shift}")));
    let more = lines.len().saturating_sub(DIFF_LINES);
    if more > 0 {
        lines.truncate(DIFF_LINES);
        lines.push(format!("… {more} more lines"));
    }
    lines
}

/// A known deviation of a suite that takes part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownDeviation {
    /// The beginning of the paths of its suite.
    pub suite: String,
    /// `deviations.toml:LINE:COLUMN`.
    pub place: String,
    /// Glob over scenarios.
    pub scenario: String,
    /// Glob over lines that differ.
    pub line: String,
    /// Why.
    pub reason: String,
    /// The number of scenarios of the suite that it is about.
    pub concerns: usize,
    /// Whether a run needed it.
    pub needed: bool,
}

/// The versions of the formats that this wpasim reads and writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Formats {
    /// Of scenario files.
    pub scenario: i64,
    /// Of transcripts.
    pub transcript: u32,
    /// Of this report.
    pub report: u32,
}

impl Formats {
    /// Those of this wpasim.
    pub const OURS: Formats = Formats {
        scenario: crate::scenario::FORMAT,
        transcript: crate::transcript::FORMAT,
        report: json::FORMAT,
    };
}

/// The number of runs by their end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Passed, those without a transcript included.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped.
    pub skipped: usize,
    /// Could not be read.
    pub invalid: usize,
    /// The target could not run.
    #[serde(rename = "errors")]
    pub unavailable: usize,
    /// Passed without a transcript.
    #[serde(skip)]
    pub without_transcript: usize,
    /// References written.
    #[serde(skip)]
    pub blessed: usize,
}

impl Tally {
    /// Counts runs.
    pub fn of(runs: &[Reported]) -> Self {
        let mut tally = Tally::default();
        for run in runs {
            tally.without_transcript += usize::from(run.is_without_transcript());
            tally.blessed += usize::from(run.blessed);
            match run.verdict {
                Ended::Pass => tally.passed += 1,
                Ended::Fail => tally.failed += 1,
                Ended::Skip => tally.skipped += 1,
                Ended::Invalid => tally.invalid += 1,
                Ended::Error => tally.unavailable += 1,
                Ended::Interrupted => {}
            }
        }
        tally
    }
}

/// A session, or a shard of one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The version of this report's format.
    pub format: u32,
    /// The wpasim that wrote it.
    pub version: String,
    /// The formats that wpasim reads and writes.
    pub formats: Formats,
    /// Returns the names of the implementation and of its references.
    #[serde(flatten)]
    pub about: About,
    /// The time at which it began, in UTC: `2026-11-30T14:31:48`.
    pub began: String,
    /// The time that it took.
    pub wall_us: u64,
    /// Whether it was ended by Ctrl-C.
    pub interrupted: bool,
    /// The faults of the input, apart from scenarios.
    pub problems: Vec<String>,
    /// The number of runs by their end.
    #[serde(flatten)]
    pub tally: Tally,
    /// The known deviations of the suites.
    pub deviations: Vec<KnownDeviation>,
    /// In the order of the selection.
    pub runs: Vec<Reported>,
    /// Runs that passed and are not listed above; reports in files list all.
    #[serde(skip)]
    pub counted: Counted,
}

impl Report {
    /// The report of a session.
    pub fn new(about: About, mut collected: Collected, known: &AllDeviations) -> Self {
        let runs = collected.take_listed();
        let counted = std::mem::take(&mut collected.counted);
        let mut tally = Tally::of(&runs);
        tally.passed += counted.runs;
        tally.without_transcript += counted.without_transcript;
        Report {
            format: json::FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            formats: Formats::OURS,
            about,
            began: String::new(),
            wall_us: 0,
            interrupted: false,
            problems: Vec::new(),
            tally,
            deviations: known_deviations(&collected.needed, known),
            runs,
            counted,
        }
    }

    /// Deviations that no run needed although every scenario they are about was compared. Of a shard nothing is known.
    pub fn stale(&self) -> impl Iterator<Item = &KnownDeviation> {
        let is_judged = self.about.shard.is_none() && !self.interrupted;
        self.deviations
            .iter()
            .filter(move |d| is_judged && (d.concerns == 0 || !d.needed && self.compared(d) == d.concerns))
    }

    /// Returns the number of scenarios compared that a deviation is about.
    fn compared(&self, deviation: &KnownDeviation) -> usize {
        let concerned = self.runs.iter().filter(|run| {
            run.compared
                && run.suite() == deviation.suite
                && Wildcard::new(&deviation.scenario).matches(&run.scenario)
        });
        let counted = self.counted.compared.iter().filter(|(suite, scenario)| {
            *suite == deviation.suite && Wildcard::new(&deviation.scenario).matches(scenario)
        });
        let listed = concerned.map(|run| run.scenario.as_str());
        listed.chain(counted.map(|(_, scenario)| scenario.as_str())).collect::<BTreeSet<_>>().len()
    }

    /// The exit code of the session: 130, 2, 3, 1, 0 in this order.
    pub fn exit_code(&self) -> u8 {
        let Tally { failed, skipped, invalid, unavailable, .. } = self.tally;
        if self.interrupted {
            130
        } else if invalid > 0 || !self.problems.is_empty() || self.stale().next().is_some() {
            2
        } else if unavailable > 0 || skipped == self.runs.len() && self.counted.runs == 0 {
            // A session that ran nothing has tested nothing.
            3
        } else {
            u8::from(failed > 0)
        }
    }
}

fn known_deviations(needed: &BTreeMap<Root, BTreeSet<usize>>, known: &AllDeviations) -> Vec<KnownDeviation> {
    let mut all = Vec::new();
    for (root, Deviations { list, path }) in known {
        if list.is_empty() {
            continue;
        }
        let names: Vec<String> = below(root).iter().flat_map(Found::cases).map(|s| s.full_name()).collect();
        let needed = needed.get(root);
        all.extend(list.iter().enumerate().map(|(index, deviation)| KnownDeviation {
            suite: root.show(""),
            place: format!("{path}:{}", deviation.place),
            scenario: deviation.scenario.to_string(),
            line: deviation.line.to_string(),
            reason: deviation.reason.clone(),
            concerns: names.iter().filter(|name| deviation.scenario.matches(name)).count(),
            needed: needed.is_some_and(|needed| needed.contains(&index)),
        }));
    }
    all
}
