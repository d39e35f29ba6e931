//! The report as JSON, reading it back, and the comparison of trace hashes with an older one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::console::put;
use super::event::{Reporter, RunEvent};
pub use super::model::Reported;
use super::model::{Report, Tally};

/// The version of this report's format.
pub const FORMAT: u32 = 2;
/// The version before: its runs can be read, but it does not say what ran against what.
const RUNS_ONLY: u32 = 1;

/// The reason why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It is no JSON, or something is missing in it or of another type.
    #[error("not a report of wpasim run --json: {0}")]
    Json(#[from] serde_json::Error),
    /// It says no format.
    #[error("not a report of wpasim run --json")]
    NoReport,
    /// A newer wpasim's.
    #[error("report format {0} is not known to this wpasim")]
    UnknownFormat(u64),
    /// One that lists runs and no more.
    #[error("report format {RUNS_ONLY} does not say what ran against what; a report of this wpasim does")]
    RunsOnly,
}

/// Writes the report when the session is over.
pub struct JsonReporter(pub PathBuf);

impl Reporter for JsonReporter {
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
        match event {
            RunEvent::Ended { report, .. } => put(&self.0, &render(report)),
            _ => Ok(()),
        }
    }
}

/// The report as a file.
pub fn render(report: &Report) -> String {
    // Maps with keys that are no text do not occur in a report; nothing else can fail in memory.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// The report of a session.
///
/// # Errors
/// It is no such report, or one of an older format that does not say what ran.
pub fn read_report(text: &str) -> Result<Report, ReportError> {
    let value: Value = serde_json::from_str(text)?;
    match format_of(&value)? {
        FORMAT => {
            let report: Report = serde_json::from_value(value)?;
            // The runs themselves count.
            Ok(Report { tally: Tally::of(&report.runs), ..report })
        }
        _ => Err(ReportError::RunsOnly),
    }
}

/// The runs of a report.
///
/// # Errors
/// It is no such report.
pub fn read(text: &str) -> Result<Vec<Reported>, ReportError> {
    let mut value: Value = serde_json::from_str(text)?;
    format_of(&value)?;
    let runs = value.get_mut("runs").map(Value::take).ok_or(ReportError::NoReport)?;
    Ok(serde_json::from_value(runs)?)
}

fn format_of(value: &Value) -> Result<u32, ReportError> {
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => Ok(FORMAT),
        Some(format) if format == u64::from(RUNS_ONLY) => Ok(RUNS_ONLY),
        Some(format) => Err(ReportError::UnknownFormat(format)),
        None => Err(ReportError::NoReport),
    }
}

/// The trace hashes of an older report, by scenario and seed. A run that was skipped or interrupted
/// has none.
pub type Baseline = BTreeMap<(String, u64), String>;

/// Reads the trace hashes of an older report.
///
/// # Errors
/// It is no such report.
pub fn baseline(text: &str) -> Result<Baseline, ReportError> {
    let hashed = read(text)?.into_iter().filter_map(|run| Some(((run.scenario, run.seed), run.trace_hash?)));
    Ok(hashed.collect())
}

/// The differences from a baseline, each list in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Runs on both sides.
    pub common: usize,
    /// Of these, those whose trace hash differs.
    pub differ: Vec<String>,
    /// Runs that the baseline lacks.
    pub only_here: Vec<String>,
    /// Runs of the baseline that were not made here.
    pub only_there: Vec<String>,
}

/// Compares a session with a baseline. `is_elsewhere` says of a run of the baseline that another shard makes it.
pub fn changes(report: &Report, baseline: &Baseline, is_elsewhere: &dyn Fn(&str, u64) -> bool) -> Changes {
    let repeated = report.about.is_repeated();
    let mut changes = Changes::default();
    let mut made = BTreeSet::new();
    for run in &report.runs {
        let Some(hash) = &run.trace_hash else { continue };
        let key = (run.scenario.clone(), run.seed);
        match baseline.get(&key) {
            None => changes.only_here.push(run.label(repeated)),
            Some(before) => {
                changes.common += 1;
                if before != hash {
                    changes.differ.push(run.label(repeated));
                }
            }
        }
        made.insert(key);
    }
    let missing = baseline.keys().filter(|key| !made.contains(key) && !is_elsewhere(&key.0, key.1));
    changes.only_there = missing
        .map(|(scenario, seed)| Reported { scenario: scenario.clone(), seed: *seed, ..Reported::default() })
        .map(|run| run.label(report.about.seed != Some(run.seed)))
        .collect();
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::about::{About, Selection, Shard};
    use super::super::collected::Counted;
    use super::super::model::{DeviceState, Ended, FilePlace, Formats, KnownDeviation};
    use super::*;
    use crate::run::Tested;

    fn text() -> impl Strategy<Value = String> {
        "[a-z<&\"\n\u{1}\u{fffe}é|-]{0,8}"
    }

    fn verdict() -> impl Strategy<Value = Ended> {
        (0..6usize).prop_map(|n| {
            [Ended::Pass, Ended::Fail, Ended::Skip, Ended::Invalid, Ended::Error, Ended::Interrupted][n]
        })
    }

    fn run() -> impl Strategy<Value = Reported> {
        let maybe = || proptest::option::of(text());
        let list = || proptest::collection::vec(text(), 0..3);
        (
            (text(), any::<u64>(), verdict(), maybe(), any::<[bool; 3]>()),
            (any::<i64>(), any::<u64>(), proptest::option::of(any::<i64>())),
            (maybe(), maybe(), maybe(), maybe(), maybe()),
            (list(), list(), list()),
        )
            .prop_map(|(what, numbers, texts, lists)| Reported {
                scenario: format!("a/{}", what.0),
                file: format!("scenarios/a/{}.yaml", what.0),
                target: "sim".into(),
                seed: what.1,
                verdict: what.2,
                message: what.3,
                compared: what.4[0],
                blessed: what.4[1],
                nearest: what.4[2],
                virtual_us: numbers.0,
                wall_us: numbers.1,
                at_us: numbers.2,
                actual_at_us: numbers.2,
                trace_hash: texts.0,
                expected: texts.1,
                actual: texts.2.clone(),
                against: texts.2.clone(),
                said: texts.2.clone(),
                capture: texts.2,
                rerun: texts.3,
                accept: texts.4.clone(),
                place: texts.4.map(|file| FilePlace { file, line: 3, column: 1 }),
                states: lists.0.iter().map(|s| DeviceState { device: s.clone(), state: s.clone() }).collect(),
                deviations: lists.0,
                diff: lists.1.clone(),
                before: lists.1,
                logs: lists.2.clone(),
                unkept: lists.2,
            })
    }

    fn report() -> impl Strategy<Value = Report> {
        let shard = proptest::option::of((any::<usize>(), any::<usize>()));
        let known = proptest::collection::vec((text(), any::<usize>(), any::<bool>()), 0..3);
        let runs = proptest::collection::vec(run(), 0..4);
        (shard, known, runs, any::<(bool, u64, usize)>(), text()).prop_map(
            |(shard, known, runs, (yes, number, size), text)| Report {
                format: FORMAT,
                version: text.clone(),
                formats: Formats::OURS,
                about: About {
                    target: text.clone(),
                    tested: vec![Tested { version: text.clone(), from: text.clone() }],
                    reference: "2.11".into(),
                    seed: yes.then_some(number),
                    repeat: number,
                    selection: Selection { scenarios: size, runs: size, hash: text.clone() },
                    shard: shard.map(|(index, count)| Shard { index, count }),
                },
                began: "2026-11-30T14:31:48".into(),
                wall_us: number,
                counted: Counted::default(),
                interrupted: yes,
                problems: vec![text],
                tally: Tally::of(&runs),
                deviations: known
                    .into_iter()
                    .map(|(text, concerns, needed)| KnownDeviation {
                        suite: "scenarios/".into(),
                        place: text.clone(),
                        scenario: "a/*".into(),
                        line: text.clone(),
                        reason: text,
                        concerns,
                        needed,
                    })
                    .collect(),
                runs,
            },
        )
    }

    proptest! {
        #[test]
        fn a_report_is_read_back(report in report()) {
            prop_assert_eq!(&read_report(&render(&report)).unwrap(), &report);
            prop_assert_eq!(&read(&render(&report)).unwrap(), &report.runs);
        }

        #[test]
        fn whatever_a_report_says_can_be_told(report in report()) {
            use super::super::{github, junit, merge, terminal};
            let paint = terminal::Paint(true);
            prop_assert!(!terminal::summary(&report, paint).is_empty());
            prop_assert!(junit::render(&report).unwrap().ends_with("</testsuites>\n"));
            prop_assert!(github::summary(&report).starts_with("### "));
            for run in &report.runs {
                terminal::details(run, true, paint);
                github::annotation(run, true);
            }
            let _ = merge::merge(vec![("a".into(), report.clone()), ("b".into(), report)]);
        }
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let one = r#"{"format": 1, "runs": [{"scenario": "a/x", "seed": 3, "verdict": "pass", "trace_hash": "00"},
            {"scenario": "a/y", "seed": 3, "verdict": "skip", "message": null, "trace_hash": null}]}"#;
        assert_eq!(baseline(one).unwrap().len(), 1);
        assert!(matches!(read_report(one), Err(ReportError::RunsOnly)));
        for text in [
            "{",
            "{}",
            r#"{"format": 3, "runs": []}"#,
            r#"{"format": 2}"#,
            r#"{"format": 1, "runs": [{"scenario": 3}]}"#,
            r#"{"format": 1, "runs": [{"scenario": "a", "seed": 1, "verdict": "fine"}]}"#,
        ] {
            assert!(baseline(text).is_err(), "{text}");
        }
    }
}
