//! A run held to what another build says in the same scenario, instead of to a recorded reference: a change against its
//! base. Both builds run on the same radios with the same seed, so that what differs is the change.

use wpasim_wire::time::{Duration, Instant};

use super::judge::{Prepared, failure_of};
use super::kept::keep_what_failed;
use super::{Context, Diff, Job, Outcome, Verdict};
use crate::matcher::{Comparison, compare};
use crate::run::{Ending, Options, Run, Runs};
use crate::transcript::{Entry, shown};

/// The build that a run is compared with.
pub struct Base<'b> {
    /// Makes its runs.
    pub kind: &'b dyn Runs,
    /// The name of it in reports: `wpa_supplicant v2.11 (./base)`.
    pub name: String,
    /// By how much a line may come earlier or later before that is a difference.
    pub bound: Duration,
}

/// Runs a scenario with the base build and judges a run of the build under test by it.
pub(super) fn judged(
    job: &Job,
    prepared: &Prepared,
    run: &Run,
    base: &Base<'_>,
    context: Context<'_>,
    options: Options<'_>,
    outcome: &mut Outcome,
) -> Verdict {
    let before = base.kind.run(&job.selected, prepared.scenario(), options);
    match &before.ending {
        Ending::Interrupted => return Verdict::Interrupted,
        Ending::Unavailable(reason) => return Verdict::Unavailable(format!("the base build: {reason}")),
        _ => {}
    }
    outcome.compared = true;
    let comparison = against(&before, run, base.bound);
    let ending = other_ending(&before.ending, &run.ending);
    if comparison.is_clean() && ending.is_none() {
        return Verdict::Pass { without_transcript: false, blessed: false };
    }
    let bound = base.bound;
    let steady = |again: &Run| {
        against(&before, again, bound).is_clean() && other_ending(&before.ending, &again.ending).is_none()
    };
    if let Some(verdict) = super::judge::unsteady(job, prepared, context, options, &steady) {
        return verdict;
    }
    let mut failure = failure_of(job, context, run, None, None, prepared.source());
    let first = comparison.differences().next().map(|line| (line.text.clone(), line.time));
    failure.message = match (&ending, &first, comparison.shifts.first()) {
        (Some(words), ..) => words.clone(),
        (None, Some((text, _)), _) => format!("it differs from the base build: {text}"),
        (None, None, Some(shift)) => format!("it is not when it was with the base build: {shift}"),
        (None, None, None) => comparison.order.first().cloned().unwrap_or_default(),
    };
    if ending.is_none() {
        failure.at = first.map(|(_, at)| at);
    }
    failure.diff = Some(Diff { against: base.name.clone(), comparison });
    keep_what_failed(job, context, options, prepared, run, &mut failure);
    Verdict::Fail(Box::new(failure))
}

/// A run compared with the base build's, in what is said and in when.
fn against(before: &Run, run: &Run, bound: Duration) -> Comparison {
    let mut comparison = compare(&before.transcript, &run.transcript, &|_| None);
    comparison.shifts =
        shifts(&before.transcript.entries, &run.transcript.entries, &comparison.aligned, bound);
    comparison
}

/// Returns the difference between the ends of two runs, in words. A step that fails with both builds fails alike.
fn other_ending(before: &Ending, now: &Ending) -> Option<String> {
    let words = |ending: &Ending| match ending {
        Ending::Failed(step) => Some(format!("line {}: {}", step.place.line, untimed(&step.message))),
        Ending::Broken(reason) => Some(reason.clone()),
        _ => None,
    };
    match (words(before), words(now)) {
        (before, now) if before == now => None,
        (None, Some(now)) => Some(format!("it passes with the base build; now {now}")),
        (Some(before), None) => Some(format!("it passes; with the base build {before}")),
        (before, now) => {
            Some(format!("{}; with the base build {}", now.unwrap_or_default(), before.unwrap_or_default()))
        }
    }
}

/// A step's message without the time that stands in it.
fn untimed(message: &str) -> &str {
    message.rsplit_once(" (at ").map_or(message, |(words, _)| words)
}

/// The lines that come earlier or later than before by more than `bound`, beyond what an earlier line of the same device
/// was already shifted by: `900 ms later: sta ! <3>…`. Each line of text is told once.
fn shifts(before: &[Entry], now: &[Entry], aligned: &[(usize, usize)], bound: Duration) -> Vec<String> {
    let mut pairs: Vec<(&Entry, &Entry)> =
        aligned.iter().filter_map(|(old, new)| Some((before.get(*old)?, now.get(*new)?))).collect();
    pairs.sort_by_key(|(_, new)| new.time);
    let mut offsets: Vec<(&str, i64)> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for (old, new) in pairs {
        let shift = micros(new.time) - micros(old.time);
        let offset = match offsets.iter_mut().find(|(device, _)| *device == new.device) {
            Some((_, offset)) => offset,
            None => {
                offsets.push((&new.device, 0));
                let last = offsets.len() - 1;
                &mut offsets[last].1
            }
        };
        let further = shift - *offset;
        if further.abs() <= bound.micros() {
            continue;
        }
        *offset = shift;
        let first = new.lines.first().map(String::as_str).unwrap_or_default();
        let line = shown(&new.device, new.mark.symbol(), first);
        let word = if further > 0 { "later" } else { "earlier" };
        let words = format!("{} {word}: {line}", milliseconds(further.abs()));
        if !told.contains(&words) {
            told.push(words);
        }
    }
    told
}

fn micros(at: Instant) -> i64 {
    at.micros()
}

/// `900 ms`, rounded.
fn milliseconds(micros: i64) -> String {
    format!("{} ms", (micros + 500) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Mark;

    fn entries(lines: &[(i64, &str, &str)]) -> Vec<Entry> {
        let entry = |(ms, device, text): &(i64, &str, &str)| {
            Entry::new(Instant::from_micros(ms * 1000), device, Mark::Event, text.as_bytes())
        };
        lines.iter().map(entry).collect()
    }

    #[test]
    fn a_shift_is_told_where_it_begins() {
        let before = entries(&[(0, "sta", "A"), (100, "sta", "B"), (200, "sta", "C"), (150, "ap", "D")]);
        let now = entries(&[(0, "sta", "A"), (1000, "sta", "B"), (1101, "sta", "C"), (150, "ap", "D")]);
        let aligned: Vec<(usize, usize)> = (0..4).map(|i| (i, i)).collect();
        let bound = Duration::from_millis(20);
        assert_eq!(shifts(&before, &now, &aligned, bound), ["900 ms later: sta ! B"]);
        assert_eq!(
            shifts(&now, &before, &aligned, bound),
            ["900 ms earlier: sta ! B"],
            "a change that is taken back"
        );
        assert!(shifts(&before, &before, &aligned, bound).is_empty());
        assert!(shifts(&before, &now, &aligned, Duration::from_secs(1)).is_empty());
    }
}
