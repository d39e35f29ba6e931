//! The report as JSON, reading it back, and the comparison of trace hashes with an older one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::Report;
pub use super::model::Reported;

/// The version of this report's format.
pub const FORMAT: u32 = 2;
/// The version before: its runs can be read, but it does not say what ran against what.
const RUNS_ONLY: u32 = 1;

/// Why a report cannot be read.
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
        FORMAT => Ok(serde_json::from_value(value)?),
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

/// What differs from a baseline, each list in order.
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
    use super::*;

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
