//! The runs of a session as they end. Those that passed can be counted instead of listed, so that a session of millions of
//! seeds needs no more memory than one of a few.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Ended, Reported};
use crate::scenario::discover::Root;
use crate::session::Outcome;

/// Runs that passed and that a report does not list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// The number of runs.
    pub runs: usize,
    /// Of these, those that were decided by their steps alone.
    pub without_transcript: usize,
    /// The virtual time that passed in all.
    pub virtual_us: i64,
    /// Of those that were compared: suite and scenario, once for all seeds.
    pub(super) compared: BTreeSet<(String, String)>,
}

impl Counted {
    fn add(&mut self, run: &Reported) {
        self.runs += 1;
        self.without_transcript += usize::from(run.is_without_transcript());
        self.virtual_us = self.virtual_us.saturating_add(run.virtual_us);
        if run.compared {
            self.compared.insert((run.suite().to_owned(), run.scenario.clone()));
        }
    }
}

/// The runs so far.
#[derive(Debug, Default)]
pub struct Collected {
    lists_all: bool,
    listed: Vec<(usize, Reported)>,
    pub(super) counted: Counted,
    /// The known deviations that were needed, by suite.
    pub(super) needed: BTreeMap<Root, BTreeSet<usize>>,
}

impl Collected {
    /// Nothing yet. `lists_all` is for those who need every run: reports in files and comparisons with older ones.
    pub fn new(lists_all: bool) -> Self {
        Collected { lists_all, ..Collected::default() }
    }

    /// Adds a run, by its place in the order of the selection, as it ended and as it is told.
    pub fn add(&mut self, index: usize, outcome: &Outcome, run: Reported) {
        if !outcome.deviations.is_empty() {
            let root = outcome.job.selected.found.root.clone();
            self.needed.entry(root).or_default().extend(&outcome.deviations);
        }
        if run.verdict == Ended::Pass && !run.blessed && !self.lists_all {
            self.counted.add(&run);
        } else {
            self.listed.push((index, run));
        }
    }

    /// The runs that are listed, in the order of the selection.
    pub(super) fn take_listed(&mut self) -> Vec<Reported> {
        let mut listed = std::mem::take(&mut self.listed);
        listed.sort_by_key(|(index, _)| *index);
        listed.into_iter().map(|(_, run)| run).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration as WallDuration;

    use wpasim_wire::time::Duration;

    use super::super::about::{About, Selection};
    use super::super::model::Report;
    use super::super::terminal::{Paint, summary};
    use super::*;
    use crate::scenario::discover::{Found, Selected};
    use crate::session::{AllDeviations, Job, Verdict};

    fn outcome(seed: u64, verdict: Verdict) -> Outcome {
        let found = Found { root: Root::Builtin, area: "a".into(), name: "x".into() };
        Outcome {
            job: Job { selected: Selected { found, case: Vec::new() }, seed },
            verdict,
            target: "sim",
            virtual_time: Duration::from_secs(2),
            wall: WallDuration::from_millis(1),
            trace_hash: Some(format!("{seed:064x}")),
            deviations: Vec::new(),
            compared: seed.is_multiple_of(2),
            keys: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn report(lists_all: bool, failed: Option<u64>) -> Report {
        let mut collected = Collected::new(lists_all);
        let known = AllDeviations::new();
        // They end in another order than that of the selection.
        for seed in (0..50).rev() {
            let verdict = match failed {
                Some(bad) if bad == seed => Verdict::Fail(Box::default()),
                _ => Verdict::Pass { without_transcript: !seed.is_multiple_of(2), blessed: false },
            };
            let outcome = outcome(seed, verdict);
            let run = Reported::of(&outcome, &known);
            collected.add(seed as usize, &outcome, run);
        }
        let about = About {
            target: "sim".into(),
            tested: Vec::new(),
            reference: "2.10".into(),
            seed: Some(0),
            repeat: 50,
            selection: Selection { scenarios: 1, runs: 50, hash: String::new() },
            shard: None,
        };
        Report::new(about, collected, &known)
    }

    #[test]
    fn runs_that_are_counted_tell_the_same_as_runs_that_are_listed() {
        for failed in [None, Some(7)] {
            let (counted, listed) = (report(false, failed), report(true, failed));
            assert_eq!(counted.runs.len(), usize::from(failed.is_some()));
            assert_eq!((listed.runs.len(), listed.counted.runs), (50, 0));
            assert!(listed.runs.is_sorted_by_key(|run| run.seed));
            assert_eq!(counted.tally, listed.tally);
            assert_eq!(counted.exit_code(), listed.exit_code());
            assert_eq!(summary(&counted, Paint(false)), summary(&listed, Paint(false)));
            assert!(summary(&counted, Paint(false)).contains("100.0 virtual s"));
        }
    }

    /// Checks that the knowledge about a scenario does not grow with its seeds.
    #[test]
    fn a_scenario_is_kept_once_for_all_its_seeds() {
        assert_eq!(report(false, None).counted.compared.len(), 1);
    }
}
