//! The report as JSON, and the comparison of trace hashes with an older one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Tally;
use crate::session::{AllDeviations, Outcome, Verdict};

/// The version of this report's format.
pub const FORMAT: u32 = 1;

fn verdict(outcome: &Outcome) -> (&'static str, Option<String>) {
    match &outcome.verdict {
        Verdict::Pass { .. } => ("pass", None),
        Verdict::Fail(failure) => ("fail", Some(failure.message.clone())),
        Verdict::Skip(reason) => ("skip", Some(reason.clone())),
        Verdict::Invalid(message) => ("invalid", Some(message.clone())),
        Verdict::Unavailable(message) => ("error", Some(message.clone())),
        Verdict::Interrupted => ("interrupted", None),
    }
}

/// The report of a session.
pub fn render(outcomes: &[Outcome], known: &AllDeviations) -> String {
    let tally = Tally::of(outcomes);
    let runs: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let (verdict, message) = verdict(outcome);
            let deviations: Vec<&str> = known
                .get(&outcome.job.selected.found.root)
                .map(|d| {
                    outcome
                        .deviations
                        .iter()
                        .filter_map(|i| d.list.get(*i))
                        .map(|d| d.reason.as_str())
                        .collect()
                })
                .unwrap_or_default();
            json!({
                "scenario": outcome.job.selected.full_name(),
                "file": outcome.job.selected.found.path(),
                "target": outcome.target,
                "seed": outcome.job.seed,
                "verdict": verdict,
                "message": message,
                "transcript": outcome.compared,
                "virtual_us": outcome.virtual_time.micros(),
                "wall_us": outcome.wall.as_micros() as u64,
                "trace_hash": outcome.trace_hash,
                "deviations": deviations,
            })
        })
        .collect();
    let report = json!({
        "format": FORMAT,
        "version": env!("CARGO_PKG_VERSION"),
        "passed": tally.passed,
        "failed": tally.failed,
        "skipped": tally.skipped,
        "invalid": tally.invalid,
        "errors": tally.unavailable,
        "runs": runs,
    });
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// A run as a report tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reported {
    /// `area/name@case`.
    pub scenario: String,
    /// Its file, as the report's writer saw it.
    pub file: String,
    /// With which seed.
    pub seed: u64,
    /// `pass`, `fail`, `skip`, `invalid`, `error` or `interrupted`.
    pub verdict: String,
    /// Why, unless it passed.
    pub message: Option<String>,
    /// Whether it was compared with a transcript.
    pub compared: bool,
    /// The hash over all that happened.
    pub trace_hash: Option<String>,
    /// The reasons of the known deviations that were needed.
    pub deviations: Vec<String>,
}

/// The runs of a report.
///
/// # Errors
/// It is no such report.
pub fn read(text: &str) -> Result<Vec<Reported>, String> {
    let value: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => return Err(format!("report format {format} is not known to this wpasim")),
        None => return Err("not a report of wpasim run --json".to_owned()),
    }
    let runs = value.get("runs").and_then(Value::as_array).ok_or("a report without runs")?;
    let mut read = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let text = |key: &str| run.get(key).and_then(Value::as_str).map(str::to_owned);
        let (Some(scenario), Some(seed)) = (text("scenario"), run.get("seed").and_then(Value::as_u64)) else {
            return Err(format!("run {index} of the report has no scenario or no seed"));
        };
        let deviations = run.get("deviations").and_then(Value::as_array).into_iter().flatten();
        read.push(Reported {
            scenario,
            file: text("file").unwrap_or_default(),
            seed,
            verdict: text("verdict").unwrap_or_default(),
            message: text("message"),
            compared: run.get("transcript").and_then(Value::as_bool).unwrap_or_default(),
            trace_hash: text("trace_hash"),
            deviations: deviations.filter_map(Value::as_str).map(str::to_owned).collect(),
        });
    }
    Ok(read)
}

/// The trace hashes of an older report, by scenario and seed. A run that was skipped or interrupted
/// has none.
///
/// # Errors
/// It is no such report.
pub fn baseline(text: &str) -> Result<BTreeMap<(String, u64), String>, String> {
    let hashed = read(text)?.into_iter().filter_map(|run| Some(((run.scenario, run.seed), run.trace_hash?)));
    Ok(hashed.collect())
}

/// The runs whose trace hash differs from the baseline's, by label.
pub fn changed(
    outcomes: &[Outcome],
    baseline: &BTreeMap<(String, u64), String>,
    repeated: bool,
) -> Vec<String> {
    outcomes
        .iter()
        .filter(|o| {
            let before = baseline.get(&(o.job.selected.full_name(), o.job.seed));
            before.is_some() && before != o.trace_hash.as_ref()
        })
        .map(|o| o.label(repeated))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::baseline;

    #[test]
    fn what_is_no_report_is_refused() {
        let one = r#"{"format": 1, "runs": [{"scenario": "a/x", "seed": 3, "trace_hash": "00"},
            {"scenario": "a/y", "seed": 3, "trace_hash": null}]}"#;
        assert_eq!(baseline(one).unwrap().len(), 1);
        for text in ["{", "{}", r#"{"format": 2, "runs": []}"#, r#"{"format": 1, "runs": [{"scenario": 3}]}"#]
        {
            assert!(baseline(text).is_err(), "{text}");
        }
    }
}
