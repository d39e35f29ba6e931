//! The runs of a session as they end. Those that passed can be counted instead of listed, so that a session of millions of
//! seeds needs no more memory than one of a few.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Ended, Reported};
use crate::scenario::discover::Root;
use crate::session::Outcome;

/// Runs that passed and that a report does not list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// How many.
    pub runs: usize,
    /// Of these, those that were decided by their steps alone.
    pub without_transcript: usize,
    /// How much virtual time passed in all.
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
