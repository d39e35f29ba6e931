//! One run, and the judgement on it.

use std::path::Path;
use std::sync::atomic::Ordering;

use super::files::write_atomically;
use super::kept::{keep, keep_what_failed};
use super::{Bless, Context, Diff, Failure, Job, Outcome, Plan, Verdict};
use crate::matcher::{Comparison, Tag, compare};
use crate::release::Release;
use crate::run::{self, Ending, Run};
use crate::scenario::discover::{Root, Selected};
use crate::scenario::model::Device;
use crate::scenario::problem::{InvalidFile, Place};
use crate::scenario::{self, matrix};
use crate::system;
use crate::target::chosen::USUAL;
use crate::transcript::{self, Entry, Origin, Transcript};
use crate::wall::Stopwatch;
use wpasim_wire::time::Duration;

/// Lines of the transcript that are shown before a failure.
const BEFORE: usize = 5;

/// A scenario and its reference, read.
pub struct Prepared {
    source: String,
    scenario: scenario::model::Scenario,
    reference: Option<Reference>,
}

impl Prepared {
    /// The scenario.
    pub fn scenario(&self) -> &scenario::model::Scenario {
        &self.scenario
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// Reads what a run needs; all that is wrong with it, in words, otherwise.
pub fn prepare(selected: &Selected, release: Release) -> Result<Prepared, String> {
    let (source, scenario) = read(selected)?;
    let reference =
        reference(selected, scenario.transcript, release).map_err(|invalid| invalid.to_string())?;
    Ok(Prepared { source, scenario, reference })
}

/// Reads a scenario, with its text; all that is wrong with it, in words, otherwise.
pub fn read(selected: &Selected) -> Result<(String, scenario::model::Scenario), String> {
    let found = &selected.found;
    let source = found.source().map_err(|invalid| invalid.to_string())?;
    if selected.case.is_empty() && matrix::scan(&source).iter().any(|case| !case.is_empty()) {
        return Err(format!(
            "{}: it has changed since it was selected, or could not be read then",
            found.path()
        ));
    }
    let case = matrix::parameters(&selected.case);
    let scenario = scenario::read(&found.path(), &source, &case, &|path| found.include(path))
        .map_err(|invalid| invalid.to_string())?;
    Ok((source, scenario))
}

/// The line that runs a job again.
pub fn rerun_line(job: &Job, context: Context<'_>) -> String {
    if let Some(command) = context.command {
        return format!("{command} --seed {} -v {}", job.seed, argument(&job.selected));
    }
    let (program, arguments) = (context.kind.program(), arguments(context));
    let seed = if context.kind.takes_seed() { format!(" --seed {}", job.seed) } else { String::new() };
    format!("{program} {} {arguments}{seed} -v", argument(&job.selected))
}

/// The arguments that choose the target, and the references if they were chosen.
fn arguments(context: Context<'_>) -> String {
    let arguments = context.kind.arguments();
    match context.plan.reference_given {
        true => format!("{arguments} --reference {}", context.plan.reference),
        false => arguments,
    }
}

/// A scenario as an argument that a shell passes on as it is.
fn argument(selected: &Selected) -> String {
    let argument = selected.argument();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=,:@%".contains(c);
    match argument.chars().all(plain) {
        true => argument,
        false => format!("'{}'", argument.replace('\'', "'\\''")),
    }
}

/// Runs a job and judges it.
pub fn one(job: &Job, prepared: &Result<Prepared, String>, context: Context<'_>) -> Outcome {
    let watch = Stopwatch::start();
    let mut outcome = Outcome {
        job: job.clone(),
        verdict: Verdict::Interrupted,
        target: context.kind.name(),
        virtual_time: Duration::ZERO,
        wall: std::time::Duration::ZERO,
        trace_hash: None,
        deviations: Vec::new(),
        compared: false,
        keys: Vec::new(),
        warnings: Vec::new(),
    };
    let verdict = judged(job, prepared, context, &mut outcome);
    outcome.verdict = match context.expect {
        None => verdict,
        Some(expect) => {
            let (name, file) = (job.selected.full_name(), job.selected.found.path());
            expect.judge(&name, &file, &rerun_line(job, context), verdict)
        }
    };
    outcome.wall = watch.elapsed();
    outcome
}

fn judged(
    job: &Job,
    prepared: &Result<Prepared, String>,
    context: Context<'_>,
    outcome: &mut Outcome,
) -> Verdict {
    let Context { kind, plan, known, interrupted, show, .. } = context;
    let found = &job.selected.found;
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return Verdict::Invalid(message.clone()),
    };
    let Prepared { source, scenario, reference } = prepared;
    if let Some(lacking) = scenario.requires.iter().find(|r| !kind.capabilities().contains(&r.as_str())) {
        return Verdict::Skip(format!("target {} lacks {lacking}", kind.name()));
    }
    if let Some(since) = scenario.since.filter(|since| plan.reference < *since) {
        return Verdict::Skip(format!("it is about what {since} brought, and is held to {}", plan.reference));
    }
    if let Some(reason) = kind.refuses(scenario) {
        return Verdict::Skip(reason);
    }
    let on_engine = scenario.devices.iter().filter(|d| kind.has_on_engine(d));
    if let Some(missing) = on_engine.flat_map(Device::not_implemented).next() {
        return Verdict::Skip(format!("{}:{}: {}", found.path(), missing.place, missing.text));
    }
    let is_on_engine = |device: &Device| kind.has_on_engine(device);
    if let Some(refused) = scenario.refused_commands(&is_on_engine).first() {
        return Verdict::Skip(refused.shown(&found.path()));
    }
    let warnings = scenario.warnings(&is_on_engine);
    outcome.warnings = warnings.iter().map(|warning| warning.shown(&found.path())).collect();
    let is_interrupted = || interrupted.load(Ordering::Relaxed);
    let options = run::Options {
        seed: job.seed,
        release: plan.reference,
        capture: plan.pcap.is_some() || kind.keeps_captures(),
        live: plan.live.then_some(show),
        interrupted: &is_interrupted,
    };
    let run = kind.run(&job.selected, scenario, options);
    outcome.virtual_time = run.virtual_time;
    outcome.trace_hash.clone_from(&run.remains.trace_hash);
    outcome.keys.clone_from(&run.remains.keys);
    if let Err(error) = keep(job, plan, &run) {
        return Verdict::Unavailable(error);
    }
    match &run.ending {
        Ending::Interrupted => return Verdict::Interrupted,
        Ending::Unavailable(reason) => return Verdict::Unavailable(reason.clone()),
        _ => {}
    }
    if let Some(base) = context.base {
        return super::base::judged(job, prepared, &run, base, context, options, outcome);
    }
    let completed = run.ending == Ending::Completed;
    let name = job.selected.full_name();
    let deviations = known.get(&found.root);
    let allow = |line: &str| deviations.and_then(|d| d.allow(&name, line));
    let comparison =
        reference.as_ref().map(|reference| compare(&reference.transcript, &run.transcript, &allow));
    if completed {
        outcome.compared = comparison.is_some();
        outcome.deviations = comparison.as_ref().map(|c| c.deviations.clone()).unwrap_or_default();
        if let Some(blessed) =
            bless(job, plan, &run, reference.as_ref(), comparison.as_ref(), scenario.transcript)
        {
            return blessed;
        }
        match &comparison {
            None => return Verdict::Pass { without_transcript: true, blessed: false },
            Some(c) if c.passes() => return Verdict::Pass { without_transcript: false, blessed: false },
            Some(_) => {}
        }
    }
    let steady = |again: &Run| {
        again.ending == Ending::Completed
            && reference.as_ref().is_none_or(|r| compare(&r.transcript, &again.transcript, &allow).passes())
    };
    if let Some(verdict) = unsteady(job, prepared, context, options, &steady) {
        return verdict;
    }
    let mut failure = failure_of(job, context, &run, reference.as_ref(), comparison, source);
    keep_what_failed(job, context, options, prepared, &run, &mut failure);
    Verdict::Fail(Box::new(failure))
}

/// The reason why a scenario is not judged: what it is held to differs from itself when the lab's pauses are some nanoseconds
/// longer. `steady` says whether another run of that is the same.
pub(super) fn unsteady(
    job: &Job,
    prepared: &Prepared,
    context: Context<'_>,
    options: run::Options<'_>,
    steady: &dyn Fn(&Run) -> bool,
) -> Option<Verdict> {
    let options = run::Options { live: None, capture: false, ..options };
    context.shaken.iter().find_map(|shaken| {
        let again = shaken.run(&job.selected, &prepared.scenario, options);
        match &again.ending {
            Ending::Interrupted => Some(Verdict::Interrupted),
            Ending::Unavailable(reason) => Some(Verdict::Unavailable(reason.clone())),
            _ if steady(&again) => None,
            _ => Some(Verdict::Skip(
                "unstable: what it is held to differs from itself when the lab is shaken by some nanoseconds (--jitter)"
                    .to_owned(),
            )),
        }
    })
}

/// The reference of a run.
pub(super) struct Reference {
    transcript: Transcript,
    path: String,
    source: String,
}

/// The reference of a release: its own if there is one, else the one without a release.
fn reference(
    selected: &Selected,
    wanted: bool,
    release: Release,
) -> Result<Option<Reference>, Box<InvalidFile>> {
    if !wanted {
        return Ok(None);
    }
    let root = &selected.found.root;
    let (own, common) = (selected.transcript_of(release), selected.transcript());
    let (relative, source) = match root.read(&own)? {
        Some(source) => (own, source),
        None => match root.read(&common)? {
            Some(source) => (common, source),
            None => return Ok(None),
        },
    };
    let path = root.show(&relative);
    match transcript::parse(&source) {
        Ok(transcript) => Ok(Some(Reference { transcript, path, source })),
        Err(problem) => Err(Box::new(InvalidFile::new(&path, &source, vec![problem]))),
    }
}

/// Writes the run as the reference if that is asked for and allowed; the verdict then. A release other than 2.10 has a
/// reference of its own only where it says something else.
fn bless(
    job: &Job,
    plan: &Plan,
    run: &Run,
    reference: Option<&Reference>,
    comparison: Option<&Comparison>,
    wanted: bool,
) -> Option<Verdict> {
    let own = job.selected.transcript_of(plan.reference);
    let root = &job.selected.found.root;
    let is_own = reference.is_some_and(|r| r.path == root.show(&own));
    let origin = reference.filter(|_| is_own).map(|r| r.transcript.header.origin);
    let differs = !comparison.is_some_and(Comparison::passes);
    let writes = match plan.bless {
        Bless::No => false,
        Bless::Own => differs && origin.is_none_or(|o| o == Origin::Engine),
        Bless::Recordings => differs,
        Bless::Record => origin != Some(Origin::Recording),
        Bless::RecordAnew => true,
    };
    if !writes || !wanted {
        return None;
    }
    let Root::Disk(dir) = root else { return None };
    let written = match says_as_2_10(job, plan, run) {
        Ok(true) => remove_if_there(&dir.join(&own)),
        Ok(false) => write_atomically(&dir.join(&own), run.transcript.to_string().as_bytes()).map(|()| true),
        Err(invalid) => return Some(Verdict::Invalid(invalid.to_string())),
    };
    match written {
        Ok(blessed) => Some(Verdict::Pass { without_transcript: false, blessed }),
        Err(error) => Some(Verdict::Unavailable(format!("{}: {error}", dir.join(own).display()))),
    }
}

/// Whether a run of another release passes with 2.10's reference, so that it needs none of its own.
fn says_as_2_10(job: &Job, plan: &Plan, run: &Run) -> Result<bool, Box<InvalidFile>> {
    if plan.reference == Release::V2_10 {
        return Ok(false);
    }
    let common = reference(&job.selected, true, Release::V2_10)?;
    Ok(common.is_some_and(|common| compare(&common.transcript, &run.transcript, &|_| None).passes()))
}

/// Whether there was such a file.
fn remove_if_there(path: &Path) -> std::io::Result<bool> {
    match system::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn failure_of(
    job: &Job,
    context: Context<'_>,
    run: &Run,
    reference: Option<&Reference>,
    comparison: Option<Comparison>,
    source: &str,
) -> Failure {
    let found = &job.selected.found;
    let mut failure = Failure {
        path: found.path(),
        states: run.states.clone(),
        rerun: rerun_line(job, context),
        ..Failure::default()
    };
    let entries = &run.transcript.entries;
    let mut upto = entries.len();
    match &run.ending {
        Ending::Failed(step) => {
            if let Some(file) = &step.file {
                failure.path = found.root.show(&format!("{}/{file}", found.area));
            }
            failure.place = Some(step.place);
            failure.message.clone_from(&step.message);
            failure.expected.clone_from(&step.expected);
            failure.actual.clone_from(&step.actual);
            failure.at = Some(step.at);
            upto = step.entries.min(upto);
        }
        Ending::Broken(reason) => failure.message.clone_from(reason),
        _ => {}
    }
    let completed = run.ending == Ending::Completed;
    if let (Some(reference), Some(mut comparison)) = (reference, comparison) {
        if !completed {
            cut_what_never_came(&mut comparison);
        }
        if completed {
            let first = comparison.differences().find(|d| d.allowed_by.is_none());
            failure.path.clone_from(&reference.path);
            failure.place =
                Some(first.and_then(|d| d.reference).map_or(Place::START, |(entry, line)| {
                    place_in_transcript(&reference.source, entry, line)
                }));
            failure.message = match first {
                Some(line) => format!("the transcript differs: {}", line.text),
                None => comparison.order.first().cloned().unwrap_or_default(),
            };
            failure.at = first.map(|d| d.time);
            if first.is_some() {
                upto = where_it_differs(&comparison);
            }
            let flag = match reference.transcript.header.origin {
                Origin::Engine => "--bless",
                _ => {
                    "--bless=recordings   (it replaces a recording of wpa_supplicant; a known deviation belongs in deviations.toml)"
                }
            };
            let target = match context.kind.name() {
                USUAL if !context.plan.reference_given => String::new(),
                _ => format!("{} ", arguments(context)),
            };
            let program = context.kind.program();
            let accept = || format!("{program} {} {target}{flag}", argument(&job.selected));
            failure.accept = context.command.is_none().then(accept);
        }
        if !comparison.is_clean() {
            failure.diff = Some(Diff { against: against(reference), comparison });
        }
    }
    failure.before = last_lines(entries.get(..upto).unwrap_or(entries));
    if failure.place.is_none() {
        failure.place = first_step(source);
    }
    failure
}

/// The entry of the run before which it first differs from its reference.
fn where_it_differs(comparison: &Comparison) -> usize {
    for hunk in &comparison.hunks {
        let Some(first) = hunk.iter().position(|l| l.tag != Tag::Same && l.allowed_by.is_none()) else {
            continue;
        };
        let extra = hunk[first..].iter().take_while(|l| l.tag != Tag::Same).find(|l| l.tag == Tag::Extra);
        let before = hunk[..first].iter().rev().find(|l| l.tag != Tag::Missing);
        return match (extra, before) {
            (Some(extra), _) => extra.entry,
            (None, Some(before)) => before.entry + 1,
            (None, None) => 0,
        };
    }
    0
}

/// Lines of the reference that a run never reached say nothing.
fn cut_what_never_came(comparison: &mut Comparison) {
    let reached = comparison.reached;
    for hunk in &mut comparison.hunks {
        let tail = hunk.iter().rposition(|l| l.tag == Tag::Same).map_or(0, |i| i + 1);
        let extra = hunk.iter().skip(tail).filter(|l| l.tag == Tag::Extra).count();
        let mut kept = 0;
        let mut index = 0;
        hunk.retain(|line| {
            let passed = line.reference.map(|(entry, _)| entry) < reached;
            let in_tail = index >= tail && line.tag == Tag::Missing && !passed;
            index += 1;
            kept += usize::from(in_tail);
            !in_tail || kept <= extra
        });
    }
    comparison.hunks.retain(|hunk| hunk.iter().any(|l| l.tag != Tag::Same));
    comparison.order.clear();
}

fn against(reference: &Reference) -> String {
    let header = &reference.transcript.header;
    let name = reference.path.rsplit('/').next().unwrap_or(&reference.path);
    match header.kernel.as_str() {
        "" => format!("{name} ({})", header.made_by),
        kernel => format!("{name} ({}, {kernel})", header.made_by),
    }
}

/// The line of a transcript file that is the given line of an entry.
fn place_in_transcript(source: &str, entry: usize, line: usize) -> Place {
    let mut parsed: Vec<Entry> = Vec::new();
    for (index, text) in source.lines().enumerate() {
        let read = transcript::read_line(&mut parsed, text, Place::START).is_ok();
        if read && parsed.len() == entry + 1 && parsed.last().is_some_and(|e| e.lines.len() == line + 1) {
            return Place { line: index + 1, column: 1 };
        }
    }
    Place::START
}

fn first_step(source: &str) -> Option<Place> {
    let line = source.lines().position(|l| l.starts_with("steps:"))?;
    Some(Place { line: line + 1, column: 1 })
}

fn last_lines(entries: &[Entry]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in entries.iter().rev().take(BEFORE).rev() {
        let more = match entry.lines.len() {
            0 | 1 => String::new(),
            n => format!("  (and {} lines)", n - 1),
        };
        let first = entry.lines.first().map(String::as_str).unwrap_or_default();
        lines.push(format!(
            "{:>13} {} {} {first}{more}",
            entry.time.to_string(),
            entry.device,
            entry.mark.symbol()
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::discover::Found;

    #[test]
    fn a_line_within_an_entry_has_its_place() {
        let source = "# wpasim transcript 1\n# made by: x\n\n     0.000000 sta      > STATUS\n     0.000000 sta      < a=1\n     0.000000 sta        b=2\n     0.000000 sta      > PING\n";
        let line = |entry, line| place_in_transcript(source, entry, line).line;
        assert_eq!((line(0, 0), line(1, 0), line(1, 1), line(2, 0)), (4, 5, 6, 7));
        assert_eq!(place_in_transcript(source, 9, 0), Place::START);
    }

    #[test]
    fn arguments_survive_a_shell() {
        let found = Found { root: Root::Builtin, area: "a".into(), name: "x".into() };
        let with = |value: &str| {
            argument(&Selected { found: found.clone(), case: vec![("v".into(), value.into())] })
        };
        assert_eq!(with("CCMP"), "builtin:a/x.yaml@v=CCMP");
        assert_eq!(with("a b<'c"), "'builtin:a/x.yaml@v=a b<'\\''c'");
    }
}
