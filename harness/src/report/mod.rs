//! What a session tells: on the terminal, as JUnit, as JSON, as annotations.

pub mod conformance;
pub mod github;
pub mod json;
pub mod junit;
pub mod terminal;

use crate::session::{Outcome, Stale, Verdict};

/// How many runs ended how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Passed, those without a transcript included.
    pub passed: usize,
    /// Passed without a transcript.
    pub without_transcript: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped.
    pub skipped: usize,
    /// Could not be read.
    pub invalid: usize,
    /// The target could not run.
    pub unavailable: usize,
    /// References written.
    pub blessed: usize,
}

impl Tally {
    /// Counts outcomes.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut tally = Tally::default();
        for outcome in outcomes {
            match &outcome.verdict {
                Verdict::Pass { without_transcript, blessed } => {
                    tally.passed += 1;
                    tally.without_transcript += usize::from(*without_transcript);
                    tally.blessed += usize::from(*blessed);
                }
                Verdict::Fail(_) => tally.failed += 1,
                Verdict::Skip(_) => tally.skipped += 1,
                Verdict::Invalid(_) => tally.invalid += 1,
                Verdict::Unavailable(_) => tally.unavailable += 1,
                Verdict::Interrupted => {}
            }
        }
        tally
    }
}

/// The exit code of `run`: 130, 2, 3, 1, 0 in this order.
pub fn exit_code(outcomes: &[Outcome], stale: &[Stale], interrupted: bool) -> u8 {
    let tally = Tally::of(outcomes);
    if interrupted {
        130
    } else if tally.invalid > 0 || !stale.is_empty() {
        2
    } else if tally.unavailable > 0 || (tally.skipped > 0 && tally.skipped == outcomes.len()) {
        3
    } else if tally.failed > 0 {
        1
    } else {
        0
    }
}
