//! The reports of a session's shards become the report of the session.

use std::collections::BTreeSet;

use super::about::{About, Shard};
use super::model::{Ended, Report, Tally};

/// The reason why reports do not make a session.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MergeError {
    /// None was given.
    #[error("no report to merge")]
    Nothing,
    /// Of a whole session, among others.
    #[error("{0} is the report of a whole session, not of a shard")]
    Whole(String),
    /// Of another session than the first.
    #[error("{file} is of another session than {first}: {what} is {here}, not {there}")]
    Other {
        /// Which.
        file: String,
        /// The first report.
        first: String,
        /// In what they differ.
        what: &'static str,
        /// In this one.
        here: String,
        /// In the first.
        there: String,
    },
    /// Two are of one shard.
    #[error("shard {index} of {count} is there twice: {files}")]
    Twice {
        /// Which.
        index: usize,
        /// Of how many.
        count: usize,
        /// The reports.
        files: String,
    },
    /// Some are not there.
    #[error("{} of {count} {} missing", indices.join(", "), if indices.len() == 1 { "is" } else { "are" })]
    Missing {
        /// Which: `shard 3`.
        indices: Vec<String>,
        /// Of how many.
        count: usize,
    },
    /// It claims to be a shard that cannot be.
    #[error("{file}: there is no shard {index} of {count}")]
    NoShard {
        /// The report.
        file: String,
        /// Which.
        index: usize,
        /// Of how many.
        count: usize,
    },
    /// A report has not the runs that its shard has.
    #[error("{file} has {found} runs, shard {index} of {count} has {expected}")]
    Incomplete {
        /// The report.
        file: String,
        /// The number that it has.
        found: usize,
        /// Which.
        index: usize,
        /// Of how many.
        count: usize,
        /// The number that it should have.
        expected: usize,
    },
    /// Two reports have one run.
    #[error("{run} is in two reports, or in one twice: the second time in {file}")]
    SameRun {
        /// The run.
        run: String,
        /// The report.
        file: String,
    },
}

/// Makes one report of those of all shards, each with the name that errors call it.
///
/// # Errors
/// A shard is missing, is there twice or is not whole, or one is of another session.
pub fn merge(parts: Vec<(String, Report)>) -> Result<Report, MergeError> {
    let [(first, start), others @ ..] = parts.as_slice() else { return Err(MergeError::Nothing) };
    let Some(Shard { count, .. }) = start.about.shard else {
        return match others {
            [] => Ok(start.clone()),
            _ => Err(MergeError::Whole(first.clone())),
        };
    };
    let mut by_index: Vec<Option<&(String, Report)>> = Vec::new();
    by_index.resize(count.min(MOST_SHARDS), None);
    for part in &parts {
        let (file, report) = part;
        let shard = report.about.shard.ok_or_else(|| MergeError::Whole(file.clone()))?;
        same_session((file, report), (first, start))?;
        let slot = shard.index.checked_sub(1).and_then(|at| by_index.get_mut(at));
        let Some(slot) = slot else {
            return Err(MergeError::NoShard { file: file.clone(), index: shard.index, count });
        };
        if let Some((before, _)) = slot {
            let files = format!("{before}, {file}");
            return Err(MergeError::Twice { index: shard.index, count, files });
        }
        is_whole(file, report, shard)?;
        *slot = Some(part);
    }
    let missing = by_index.iter().enumerate().filter(|(_, slot)| slot.is_none());
    let indices: Vec<String> = missing.map(|(at, _)| format!("shard {}", at + 1)).collect();
    if !indices.is_empty() {
        return Err(MergeError::Missing { indices, count });
    }
    joined(&by_index.into_iter().flatten().collect::<Vec<_>>())
}

/// No session has more shards; a damaged report may say so.
const MOST_SHARDS: usize = 1_000_000;

fn same_session(this: (&str, &Report), first: (&str, &Report)) -> Result<(), MergeError> {
    let count = |about: &About| about.shard.map_or(1, |shard| shard.count).to_string();
    let tested = |about: &About| {
        let all = about.tested.iter().map(|one| format!("{} ({})", one.version, one.from));
        all.collect::<Vec<_>>().join(", ")
    };
    let seed = |about: &About| about.seed.map_or("none".to_owned(), |seed| seed.to_string());
    let scenarios = |about: &About| format!("{} ({})", about.selection.scenarios, about.selection.hash);
    let (here, there) = (&this.1.about, &first.1.about);
    for (what, here, there) in [
        ("the version of wpasim", this.1.version.clone(), first.1.version.clone()),
        ("the target", here.target.clone(), there.target.clone()),
        ("what was tested", tested(here), tested(there)),
        ("the reference", here.reference.clone(), there.reference.clone()),
        ("the seed", seed(here), seed(there)),
        ("the number of seeds", here.repeat.to_string(), there.repeat.to_string()),
        ("the selection of scenarios", scenarios(here), scenarios(there)),
        ("the number of runs", here.selection.runs.to_string(), there.selection.runs.to_string()),
        ("the number of shards", count(here), count(there)),
    ] {
        if here != there {
            let (file, first) = (this.0.to_owned(), first.0.to_owned());
            return Err(MergeError::Other { file, first, what, here, there });
        }
    }
    Ok(())
}

/// Whether a report has every run of its shard. One that was interrupted, or ended at a failure, says so itself.
fn is_whole(file: &str, report: &Report, shard: Shard) -> Result<(), MergeError> {
    let (found, expected) = (report.runs.len(), report.about.share());
    let ended_early = report.interrupted || report.runs.iter().any(|run| run.verdict == Ended::Fail);
    if found == expected || found < expected && ended_early {
        return Ok(());
    }
    let Shard { index, count } = shard;
    Err(MergeError::Incomplete { file: file.to_owned(), found, index, count, expected })
}

fn joined(parts: &[&(String, Report)]) -> Result<Report, MergeError> {
    let Some((_, first)) = parts.first() else { return Err(MergeError::Nothing) };
    let mut whole = Report { about: About { shard: None, ..first.about.clone() }, ..(*first).clone() };
    whole.runs.clear();
    whole.problems.clear();
    let mut seen = BTreeSet::new();
    // The runs were dealt out in turns.
    let most = parts.iter().map(|(_, part)| part.runs.len()).max().unwrap_or(0);
    for turn in 0..most {
        for (file, part) in parts {
            let Some(run) = part.runs.get(turn) else { continue };
            if !seen.insert((run.file.as_str(), run.scenario.as_str(), run.seed)) {
                let run = run.label(true);
                return Err(MergeError::SameRun { run, file: file.clone() });
            }
            whole.runs.push(run.clone());
        }
    }
    for (file, part) in parts {
        whole.interrupted |= part.interrupted;
        whole.wall_us = whole.wall_us.max(part.wall_us);
        if part.began < whole.began {
            whole.began.clone_from(&part.began);
        }
        whole.problems.extend(part.problems.iter().map(|problem| format!("{file}: {problem}")));
        for deviation in &part.deviations {
            match whole.deviations.iter_mut().find(|d| d.place == deviation.place && d.line == deviation.line)
            {
                Some(known) => known.needed |= deviation.needed,
                None => whole.deviations.push(deviation.clone()),
            }
        }
    }
    whole.tally = Tally::of(&whole.runs);
    Ok(whole)
}
