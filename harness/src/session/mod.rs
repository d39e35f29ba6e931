//! A session: many runs, several at a time, each judged on its own.

mod base;
mod files;
mod judge;
mod kept;

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Once, OnceLock, mpsc};
use std::time::Duration as WallDuration;

use wpasim_wire::time::{Duration, Instant};

use crate::deviations::Deviations;
use crate::expectations::Expectations;
use crate::matcher::Comparison;
use crate::release::Release;
use crate::run::{Actual, Runs};
use crate::scenario::discover::{Root, Selected};
use crate::scenario::problem::{InvalidFile, Place};
use crate::target::MasterKey;

pub use base::Base;
pub use files::{write_atomically, write_privately};
pub use judge::read;

/// Returns the plan of the runs.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The number of runs at a time.
    pub jobs: usize,
    /// Stop at the first failure.
    pub fail_fast: bool,
    /// The directory for every run's transcript.
    pub transcripts: Option<PathBuf>,
    /// The directory for every run's capture.
    pub pcap: Option<PathBuf>,
    /// The directory for every run's debug logs.
    pub logs: Option<PathBuf>,
    /// The directory for captures, debug logs and transcripts of failed runs.
    pub out: PathBuf,
    /// The references that the lines of the run replace.
    pub bless: Bless,
    /// Whether runs are shown as they go.
    pub live: bool,
    /// The release whose references the runs are held to.
    pub reference: Release,
    /// Whether that release was asked for, and has to be for another run of the same.
    pub reference_given: bool,
}

/// The references that a run may replace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Bless {
    /// None.
    #[default]
    No,
    /// Those that our own engine made, and missing ones.
    Own,
    /// Recordings of wpa_supplicant and hostapd as well.
    Recordings,
    /// All but imported recordings, even where nothing differs: who made a reference matters.
    Record,
    /// All, even where nothing differs.
    RecordAnew,
}

/// A run to be made.
#[derive(Clone, Debug)]
pub struct Job {
    /// Of what.
    pub selected: Selected,
    /// With which seed.
    pub seed: u64,
}

/// The runs of a session: every scenario with every seed, or a share of them. Made one by one, so
/// that millions of seeds cost nothing before they run.
#[derive(Clone, Debug)]
pub struct Jobs<'s> {
    /// Of what.
    pub selected: &'s [Selected],
    /// The first seed.
    pub seed: u64,
    /// The number of seeds.
    pub repeat: u64,
    /// Only every N-th run, beginning with the I-th, from 1.
    pub shard: Option<(usize, usize)>,
}

impl Jobs<'_> {
    /// Returns the number of runs.
    pub fn len(&self) -> usize {
        let all = self.selected.len().saturating_mul(usize::try_from(self.repeat).unwrap_or(usize::MAX));
        match self.shard {
            None => all,
            Some((index, count)) => (all + count).saturating_sub(index) / count,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The scenario of a run, as an index into `selected`.
    pub fn place(&self, index: usize) -> Option<usize> {
        (index < self.len()).then(|| self.position(index) / self.seeds())
    }

    /// A run by its index.
    pub fn get(&self, index: usize) -> Option<Job> {
        let selected = self.selected.get(self.place(index)?)?.clone();
        Some(Job { selected, seed: self.seed.wrapping_add((self.position(index) % self.seeds()) as u64) })
    }

    fn position(&self, index: usize) -> usize {
        self.shard.map_or(index, |(first, count)| first - 1 + index * count)
    }

    fn seeds(&self) -> usize {
        usize::try_from(self.repeat).unwrap_or(usize::MAX).max(1)
    }
}

/// The judgement of a run.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It is what the steps and the reference say.
    Pass {
        /// Decided by its steps alone: there is no reference.
        without_transcript: bool,
        /// A reference was written.
        blessed: bool,
    },
    /// It is not.
    Fail(Box<Failure>),
    /// The target lacks something.
    Skip(String),
    /// The scenario or its transcript cannot be read.
    Invalid(String),
    /// The target could not run.
    Unavailable(String),
    /// Ctrl-C.
    Interrupted,
}

/// The reason why a run failed, with all that helps to act on it.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// The file of the step or of the transcript.
    pub path: String,
    /// The place in it.
    pub place: Option<Place>,
    /// In one line.
    pub message: String,
    /// In the scenario's own words.
    pub expected: Option<String>,
    /// The event or value that was there instead.
    pub actual: Option<Actual>,
    /// When.
    pub at: Option<Instant>,
    /// Against the reference.
    pub diff: Option<Diff>,
    /// Five lines of the transcript before.
    pub before: Vec<String>,
    /// The devices' states.
    pub states: Vec<(String, String)>,
    /// The path of the capture.
    pub capture: Option<String>,
    /// The path of the transcript.
    pub transcript: Option<String>,
    /// The paths of the debug logs.
    pub logs: Vec<String>,
    /// The files of these that could not be written, and why.
    pub unkept: Vec<String>,
    /// The line that runs it again.
    pub rerun: String,
    /// The line that makes the run the reference.
    pub accept: Option<String>,
}

/// A comparison with what it was made against.
#[derive(Clone, Debug)]
pub struct Diff {
    /// `go_neg_pbc.transcript (wpa_supplicant 2.10, hwsim, Linux 6.1)`.
    pub against: String,
    /// The comparison.
    pub comparison: Comparison,
}

/// A run that is over and judged.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run that was made.
    pub job: Job,
    /// The judgement of it.
    pub verdict: Verdict,
    /// The target's name.
    pub target: &'static str,
    /// The virtual time that passed.
    pub virtual_time: Duration,
    /// The time that passed.
    pub wall: WallDuration,
    /// The hash over all that happened.
    pub trace_hash: Option<String>,
    /// Known deviations that were needed, by index.
    pub deviations: Vec<usize>,
    /// Whether the run was compared with a reference to its end.
    pub compared: bool,
    /// Keys for captures.
    pub keys: Vec<MasterKey>,
    /// Lines of the scenario that ask the engine for what it only stores or does not have, `file:line: what`.
    pub warnings: Vec<String>,
}

/// The deviations of every suite that takes part.
pub type AllDeviations = BTreeMap<Root, Deviations>;

/// Reads the deviations of the suites that `selected` is from, and says what is wrong with one of
/// them; the scenarios of that suite are then held to their references without any.
pub fn deviations(selected: &[Selected]) -> (AllDeviations, Vec<InvalidFile>) {
    let mut all = AllDeviations::new();
    let mut invalid = Vec::new();
    for one in selected {
        let root = &one.found.root;
        if !all.contains_key(root) {
            let read = Deviations::of(root).unwrap_or_else(|error| {
                invalid.push(*error);
                Deviations::default()
            });
            all.insert(root.clone(), read);
        }
    }
    (all, invalid)
}

/// The context that all runs of a session share.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// Makes the targets.
    pub kind: &'c dyn Runs,
    /// The runs that are to be made.
    pub plan: &'c Plan,
    /// Known deviations.
    pub known: &'c AllDeviations,
    /// Set by Ctrl-C.
    pub interrupted: &'c AtomicBool,
    /// Takes the lines of runs as they come. Who makes the runs of a session says where they go.
    pub(crate) show: &'c (dyn Fn(&str) + Sync),
    /// The build that runs are held to instead of to recorded references.
    pub base: Option<&'c Base<'c>>,
    /// Makes the runs that show whether a scenario whose run failed hangs on nanoseconds: with the implementation that
    /// it is held to, shaken.
    pub shaken: &'c [&'c dyn Runs],
    /// The scenarios that are known to fail.
    pub expect: Option<&'c Expectations>,
    /// The beginning of the line that makes a run again, if it is not the target that says so: the command with its options.
    pub command: Option<&'c str>,
}

impl<'c> Context<'c> {
    /// Of runs that are held to recorded references.
    pub fn new(
        kind: &'c dyn Runs,
        plan: &'c Plan,
        known: &'c AllDeviations,
        interrupted: &'c AtomicBool,
    ) -> Self {
        Context {
            kind,
            plan,
            known,
            interrupted,
            show: &|_| {},
            base: None,
            shaken: &[],
            expect: None,
            command: None,
        }
    }
}

/// Makes all runs, `done` sees each as it ends, and returns them in the order of the jobs.
pub fn run_all(jobs: &Jobs<'_>, context: Context<'_>, mut done: impl FnMut(&Outcome)) -> Vec<Outcome> {
    let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
    run_each(jobs, context, |progress| match progress {
        Progress::Line(_) => {}
        Progress::Ended(index, outcome) => {
            done(&outcome);
            outcomes.push((index, *outcome));
        }
    });
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// The progress of the runs of a session.
#[derive(Debug)]
pub enum Progress {
    /// A line of a run that goes on.
    Line(String),
    /// A run is over, by its index.
    Ended(usize, Box<Outcome>),
}

/// Makes all runs and tells `told` of each as it goes on and ends. It keeps none.
pub fn run_each(jobs: &Jobs<'_>, context: Context<'_>, told: impl FnMut(Progress)) {
    let Context { plan, interrupted, .. } = context;
    catch_panics_quietly();
    // Each scenario is read once for all its seeds, unless runs may write its reference meanwhile.
    let read: Vec<OnceLock<Result<judge::Prepared, String>>> =
        jobs.selected.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..plan.jobs.clamp(1, jobs.len().max(1)) {
            let sender = sender.clone();
            let (next, stop, read) = (&next, &stop, &read);
            scope.spawn(move || {
                // Nobody listens any more once the session is over.
                let show = |line: &str| drop(sender.send(Progress::Line(line.to_owned())));
                let context = Context { show: &show, ..context };
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { return };
                    if stop.load(Ordering::Relaxed) || interrupted.load(Ordering::Relaxed) {
                        return;
                    }
                    let fresh = OnceLock::new();
                    let cell = match plan.bless {
                        Bless::No => jobs.place(index).and_then(|place| read.get(place)).unwrap_or(&fresh),
                        _ => &fresh,
                    };
                    let outcome = guarded(&job, cell, context);
                    if plan.fail_fast && matches!(outcome.verdict, Verdict::Fail(_)) {
                        stop.store(true, Ordering::Relaxed);
                    }
                    if sender.send(Progress::Ended(index, Box::new(outcome))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(told);
    });
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static QUIET: RefCell<bool> = const { RefCell::new(false) };
}

/// From now on a panic inside a run is kept for its report instead of being printed.
fn catch_panics_quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.with_borrow(|q| *q) {
                before(info);
                return;
            }
            let at = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
            let words = payload_text(info.payload());
            LAST_PANIC.with_borrow_mut(|last| *last = Some(format!("{words}{at}")));
        }));
    });
}

fn payload_text(payload: &dyn Any) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic".to_owned(),
    }
}

/// Runs one job; a panic fails this run only.
fn guarded(job: &Job, cell: &OnceLock<Result<judge::Prepared, String>>, context: Context<'_>) -> Outcome {
    let kind = context.kind;
    QUIET.with_borrow_mut(|q| *q = true);
    let result = panic::catch_unwind(AssertUnwindSafe(|| {
        let prepared = cell.get_or_init(|| judge::prepare(&job.selected, context.plan.reference));
        judge::one(job, prepared, context)
    }));
    QUIET.with_borrow_mut(|q| *q = false);
    result.unwrap_or_else(|_| {
        let words = LAST_PANIC.with_borrow_mut(Option::take).unwrap_or_else(|| "a panic".to_owned());
        let failure = Failure {
            path: job.selected.found.path(),
            message: format!("a bug of wpasim: it panicked: {words}"),
            rerun: judge::rerun_line(job, context),
            ..Failure::default()
        };
        Outcome {
            job: job.clone(),
            verdict: Verdict::Fail(Box::new(failure)),
            target: kind.name(),
            virtual_time: Duration::ZERO,
            wall: WallDuration::ZERO,
            trace_hash: None,
            deviations: Vec::new(),
            compared: false,
            keys: Vec::new(),
            warnings: Vec::new(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::discover::{Found, below, select};
    use crate::target::scripted::Script;

    #[test]
    fn a_panic_fails_its_own_scenario_only() {
        let dir = std::env::temp_dir().join(format!("wpasim-panic-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("scenarios/a")).unwrap();
        let scenario = |step: &str| format!("devices: {{a: {{}}}}\nsteps:\n  - {step}\n");
        std::fs::write(dir.join("scenarios/a/bad.yaml"), scenario("a: PANIC")).unwrap();
        std::fs::write(dir.join("scenarios/a/good.yaml"), scenario("{a: PING, reply: PONG}")).unwrap();
        let root = Root::Disk(dir.join("scenarios"));
        let selected: Vec<Selected> = below(&root).iter().flat_map(Found::cases).collect();
        assert_eq!(selected.len(), 2);
        assert!(select(&["nosuch".to_owned()], &dir).0.is_empty());
        let jobs = Jobs { selected: &selected, seed: 1, repeat: 1, shard: None };
        let plan = Plan { jobs: 2, ..Plan::default() };
        let kind = Script::default().on("PING", "PONG\n", &[]);
        let interrupted = AtomicBool::new(false);
        let known = AllDeviations::new();
        let context = Context::new(&kind, &plan, &known, &interrupted);
        let outcomes = run_all(&jobs, context, |_| {});
        let _ = std::fs::remove_dir_all(&dir);
        match &outcomes[0].verdict {
            Verdict::Fail(failure) => {
                assert!(failure.message.contains("a bug of the target"), "{}", failure.message)
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(outcomes[1].verdict, Verdict::Pass { .. }));
    }

    #[test]
    fn shards_share_the_runs_without_overlap() {
        let found = Found { root: Root::Builtin, area: "a".into(), name: "x".into() };
        let selected = vec![Selected { found, case: Vec::new() }];
        let whole = Jobs { selected: &selected, seed: 5, repeat: 10, shard: None };
        assert_eq!(whole.len(), 10);
        let mut seeds: Vec<u64> = Vec::new();
        for index in 1..=3 {
            let shard = Jobs { shard: Some((index, 3)), ..whole.clone() };
            seeds.extend((0..shard.len()).filter_map(|i| shard.get(i)).map(|job| job.seed));
            assert!(shard.get(shard.len()).is_none());
        }
        seeds.sort_unstable();
        assert_eq!(seeds, (5..15).collect::<Vec<_>>());
        assert!(Jobs { shard: Some((11, 11)), ..whole }.is_empty());
    }
}
