//! The scenarios that an implementation under test is known to fail or to lack, each with its reason. A scenario that passes al
//! the same is a failure: the row is to go.
//!
//! ```toml
//! [[expect]]
//! scenario = "p2p/*"
//! reason = "this build has no Wi-Fi Direct"
//! ```

use std::path::Path;

use crate::rows::{self, Format, Row, take};
use crate::scenario::bounded;
use crate::scenario::discover::Wildcard;
use crate::scenario::problem::{InvalidFile, Place};
use crate::session::{Failure, Verdict};
use crate::transcript::printable;

const FORMAT: Format = Format { name: "expect", keys: &["scenario", "reason"], optional: &[] };

/// Scenarios that are known to fail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectation {
    /// Glob over `area/name[@case]`.
    pub scenario: Wildcard,
    /// The reason why they fail.
    pub reason: String,
    /// The place at which it stands.
    pub place: Place,
}

/// The rows of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expectations {
    list: Vec<Expectation>,
    path: String,
}

impl Expectations {
    /// Reads a file.
    ///
    /// # Errors
    /// In words: it cannot be read, or all that is wrong with it.
    pub fn of(path: &Path) -> Result<Self, String> {
        let shown = path.display().to_string();
        let source =
            bounded::read_text(path, bounded::DEVIATIONS).map_err(|error| format!("{shown}: {error}"))?;
        Self::parse(&shown, &source).map_err(|invalid| invalid.to_string())
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(path: &str, source: &str) -> Result<Self, Box<InvalidFile>> {
        let list = rows::read(FORMAT, path, source)?
            .into_iter()
            .map(|Row { values, place }| {
                let [scenario, reason] = take(values);
                Expectation { scenario: Wildcard::new(&scenario), reason, place }
            })
            .collect();
        Ok(Expectations { list, path: path.to_owned() })
    }

    /// The verdict on a scenario whose run was judged so: a failure that is expected is a skip with its reason, and a
    /// pass that is not is a failure.
    pub fn judge(&self, scenario: &str, file: &str, rerun: &str, verdict: Verdict) -> Verdict {
        let Some(row) = self.list.iter().find(|row| row.scenario.matches(scenario)) else { return verdict };
        match verdict {
            Verdict::Fail(_) => Verdict::Skip(format!("expected to fail: {}", row.reason)),
            Verdict::Pass { .. } => Verdict::Fail(Box::new(Failure {
                path: file.to_owned(),
                place: Some(Place::START),
                message: format!(
                    "it passes, and {}:{} expects it to fail ({}): the row is to go",
                    self.path, row.place.line, row.reason
                ),
                rerun: rerun.to_owned(),
                ..Failure::default()
            })),
            other => other,
        }
    }

    /// Rows that are about none of these scenarios, in words.
    pub fn stale<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> Vec<String> {
        self.list
            .iter()
            .filter(|row| !names.clone().any(|name| row.scenario.matches(name)))
            .map(|row| {
                format!(
                    "{}:{}: a stale expectation: no scenario matches \"{}\"",
                    self.path, row.place.line, row.scenario
                )
            })
            .collect()
    }
}

/// The text of a file with these rows: scenario and reason.
pub fn write<'r>(rows: impl Iterator<Item = (&'r str, &'r str)>) -> String {
    let mut out = String::from(
        "# Scenarios that this build is known to fail, written by `wpasim gate --write-expect`. Replace the reasons by yours.\n",
    );
    for (scenario, reason) in rows {
        // A text of JSON is one of TOML, once no control character is in it that JSON leaves as it is.
        let quoted = |text: &str| serde_json::Value::from(printable(text.as_bytes())).to_string();
        out.push_str(&format!(
            "\n[[expect]]\nscenario = {}\nreason = {}\n",
            quoted(scenario),
            quoted(reason.lines().next().unwrap_or("unknown"))
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "[[expect]]\nscenario = \"p2p/*\"\nreason = \"no P2P\"\n";

    fn judged(scenario: &str, verdict: Verdict) -> Verdict {
        Expectations::parse("e.toml", FILE).unwrap().judge(scenario, "x.yaml", "", verdict)
    }

    #[test]
    fn what_is_expected_to_fail_is_skipped_with_its_reason() {
        let pass = || Verdict::Pass { without_transcript: false, blessed: false };
        let fail = || Verdict::Fail(Box::default());
        assert!(
            matches!(judged("p2p/x", fail()), Verdict::Skip(reason) if reason == "expected to fail: no P2P")
        );
        assert!(matches!(judged("sta/x", fail()), Verdict::Fail(_)));
        assert!(matches!(judged("sta/x", pass()), Verdict::Pass { .. }));
        match judged("p2p/x", pass()) {
            Verdict::Fail(failure) => assert!(failure.message.contains("e.toml:1 expects it to fail")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rows_about_nothing_are_stale() {
        let expectations = Expectations::parse("e.toml", FILE).unwrap();
        assert!(expectations.stale(["p2p/x"].into_iter()).is_empty());
        assert_eq!(
            expectations.stale(["sta/x"].into_iter()),
            ["e.toml:1: a stale expectation: no scenario matches \"p2p/*\""]
        );
        assert!(Expectations::parse("e.toml", "[[expect]]\nscenario = \"x\"\n").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(("[a-z/@=,]{1,12}", "\\PC{1,20}"), 0..4)) {
            let text = write(rows.iter().map(|(s, r)| (s.as_str(), r.as_str())));
            let read = Expectations::parse("e.toml", &text).unwrap();
            let back: Vec<(String, String)> =
                read.list.iter().map(|row| (row.scenario.to_string(), row.reason.clone())).collect();
            prop_assert_eq!(back, rows);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = Expectations::parse("e.toml", &text);
        }
    }
}
