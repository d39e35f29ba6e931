//! `wpasim run`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::shard::{self, ShardArg};
use super::{BAD_USAGE, BlessWhat, RunArgs, complain, options, selected};
use crate::causes::{self, Group};
use crate::expectations::{self, Expectations};
use crate::release::Release;
use crate::report::about::{About, Shard};
use crate::report::collected::Collected;
use crate::report::console::AtLength;
use crate::report::event::RunEvent;
use crate::report::json::{self, Baseline, Changes};
use crate::report::keys::KeyReporter;
use crate::report::model::{Ended, Report, Reported};
use crate::run::Runs;
use crate::scenario::discover::{Root, Selected};
use crate::session::{self, Base, Bless, Context, Jobs, Plan, Progress, write_atomically};
use crate::system;
use crate::wall::{Stopwatch, date_and_time};

/// The exit code after Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;
/// Interrupts that come this close together are one.
const SAME_INTERRUPT: Duration = Duration::from_secs(1);

/// Selects, runs, reports; returns the exit code.
pub fn run(args: &RunArgs) -> u8 {
    if let Some(refusal) = options::refusal_of_run(args) {
        complain(&format!("wpasim: {refusal}"));
        return BAD_USAGE;
    }
    match (args.target.make)(&args.on, args.keys.is_some()) {
        Ok(kind) => run_against(args, &*kind),
        Err(message) => {
            complain(&format!("wpasim: {message}"));
            BAD_USAGE
        }
    }
}

/// As [`run`], against what somebody else chose.
pub(super) fn run_against(args: &RunArgs, kind: &dyn Runs) -> u8 {
    told(session(args, kind, Held::default()))
}

/// The references of a session's runs beside recorded ones, and the way in which failures are told.
#[derive(Clone, Default)]
pub(super) struct Held<'h> {
    /// The build that they are compared with.
    pub base: Option<&'h Base<'h>>,
    /// Makes the runs that show whether a scenario hangs on nanoseconds.
    pub shaken: &'h [&'h dyn Runs],
    /// The scenarios that are known to fail.
    pub expect: Option<&'h Expectations>,
    /// The file to which the failures of now are written as known to fail.
    pub write_expect: Option<PathBuf>,
    /// Whether differences are grouped by their causes.
    pub groups: bool,
    /// The beginning of the line that makes a run again.
    pub command: Option<&'h str>,
}

/// As [`run_against`], held to something else.
pub(super) fn run_held(args: &RunArgs, kind: &dyn Runs, held: Held<'_>) -> u8 {
    told(session(args, kind, held))
}

fn told(result: Result<u8, String>) -> u8 {
    result.unwrap_or_else(|message| {
        if !message.is_empty() {
            complain(&format!("wpasim: {message}"));
        }
        BAD_USAGE
    })
}

/// Makes the session's runs and reports them; why it cannot be, in words, or nothing if that has been said.
fn session(args: &RunArgs, kind: &dyn Runs, held: Held<'_>) -> Result<u8, String> {
    if let Some(refusal) =
        options::refusal_of_run(args).or_else(|| too_many_jobs(args.manner.making.jobs, kind.at_a_time()))
    {
        return Err(refusal);
    }
    let console = args.manner.reports.console()?;
    let shard = shard_of(args)?;
    // A fault in one argument or one suite does not keep the others from being run.
    let (selected, unmatched) = selected(&args.selection);
    if unmatched && selected.is_empty() {
        return Err(String::new());
    }
    refuse_files(args, &selected)?;
    let (known, invalid) = match held.base {
        None => session::deviations(&selected),
        // They are about the references.
        Some(_) => Default::default(),
    };
    invalid.iter().for_each(|file| complain(&format!("wpasim: {file}")));
    let mut problems: Vec<String> = invalid.iter().map(ToString::to_string).collect();
    problems.extend(unmatched.then(|| "an argument selects no scenario".to_owned()));
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let jobs = Jobs {
        selected: &selected,
        seed: args.manner.making.seed(),
        repeat: args.repeat,
        shard: shard.map(|shard| (shard.index, shard.count)),
    };
    let reference = match held.base {
        None => args.reference.map_or_else(|| kind.held_to(), Ok)?,
        // It says which events can come at all: those of the older of the two builds.
        Some(base) => {
            let both = [kind.held_to(), base.kind.held_to()];
            both.into_iter().flatten().min().unwrap_or_default()
        }
    };
    let plan = plan(args, kind, reference, invalid.is_empty());
    for dir in [&plan.transcripts, &plan.pcap, &plan.logs].into_iter().flatten() {
        system::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    let interrupted = catch_interrupts();
    let held_to = held.base.map_or_else(|| reference.to_string(), |base| base.name.clone());
    let about = About::of(kind, &jobs, held_to);
    let (began, watch) = (date_and_time(), Stopwatch::start());
    let verbose = args.manner.verbose;
    let at_length = AtLength { failures: verbose || !held.groups, warnings: verbose };
    let mut reporters = args.manner.reports.reporters(console, args.manner.making.color, at_length);
    if let Some(path) = &args.keys {
        reporters.add(KeyReporter::new(path.clone()));
    }
    reporters.tell(RunEvent::Began(&about));
    let context = Context {
        base: held.base,
        shaken: held.shaken,
        expect: held.expect,
        command: held.command,
        ..Context::new(kind, &plan, &known, &interrupted)
    };
    // The parts of each run that a file or a comparison needs are kept; without them those that passed are counted.
    let mut collected = Collected::new(args.manner.reports.list_every_run() || baseline.is_some());
    session::run_each(&jobs, context, |progress| match progress {
        Progress::Line(line) => reporters.tell(RunEvent::Line(&line)),
        Progress::Ended(index, outcome) => {
            let run = Reported::of(&outcome, &known);
            reporters.tell(RunEvent::RunEnded {
                run: &run,
                keys: &outcome.keys,
                warnings: &outcome.warnings,
            });
            collected.add(index, &outcome, run);
        }
    });
    reporters.tell(RunEvent::RunsEnded);
    if let Some(expect) = held.expect.filter(|_| shard.is_none()) {
        let names: Vec<String> = selected.iter().map(Selected::full_name).collect();
        let stale = expect.stale(names.iter().map(String::as_str));
        stale.iter().for_each(|row| complain(&format!("wpasim: {row}")));
        problems.extend(stale);
    }
    let report = Report {
        began,
        wall_us: u64::try_from(watch.elapsed().as_micros()).unwrap_or(u64::MAX),
        interrupted: interrupted.load(Ordering::Relaxed),
        problems,
        ..Report::new(about, collected, &known)
    };
    let groups = if held.groups { causes::groups(report.runs.iter(), reference) } else { Vec::new() };
    let changes = baseline.as_ref().map(|baseline| changes(&report, baseline, &jobs));
    reporters.tell(RunEvent::Ended { report: &report, groups: &groups, changes: changes.as_ref() });
    let unwritten = reporters.unwritten();
    unwritten.iter().for_each(|message| complain(&format!("wpasim: {message}")));
    if let Some(path) = &held.write_expect {
        let rows = write_expectations(path, &report, &groups)?;
        console.say(&format!("{}: {rows} scenarios are known to fail from now on", path.display()));
        if report.exit_code() == 1 && unwritten.is_empty() {
            return Ok(0);
        }
    }
    Ok(match report.exit_code() {
        INTERRUPTED => INTERRUPTED,
        _ if !unwritten.is_empty() => BAD_USAGE,
        code => code,
    })
}

/// Writes what failed as known to fail, with the cause or the message as the reason; how many scenarios that are.
fn write_expectations(path: &Path, report: &Report, groups: &[Group]) -> Result<usize, String> {
    let failed: Vec<&Reported> = report.runs.iter().filter(|run| run.verdict == Ended::Fail).collect();
    let reason = |run: &Reported| {
        let cause = groups.iter().find(|group| group.scenarios.contains(&run.scenario))?.cause.clone();
        cause.or_else(|| run.message.clone())
    };
    let rows: Vec<(&str, String)> =
        failed.iter().map(|run| (run.scenario.as_str(), reason(run).unwrap_or_default())).collect();
    let text = expectations::write(rows.iter().map(|(scenario, reason)| (*scenario, reason.as_str())));
    write_atomically(path, text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(rows.len())
}

/// The share of the runs that is to be made here.
fn shard_of(args: &RunArgs) -> Result<Option<Shard>, String> {
    match args.manner.shard {
        None => Ok(None),
        Some(ShardArg::Of(shard)) => Ok(Some(shard)),
        Some(ShardArg::Auto) => {
            let found =
                shard::from_environment(&|name| std::env::var(name).ok()).map_err(|e| e.to_string())?;
            shard::acknowledge()?;
            Ok(Some(found))
        }
    }
}

/// Refuses what would write two files of one name, or a transcript that has no place.
fn refuse_files(args: &RunArgs, selected: &[Selected]) -> Result<(), String> {
    if args.bless.is_some() && selected.iter().any(|one| one.found.root == Root::Builtin) {
        return Err("what is inside the binary has no place where a transcript could be written".to_owned());
    }
    match shared_name(selected) {
        Some(name)
            if args.manner.pcap.is_some()
                || args.manner.transcripts.is_some()
                || args.manner.logs.is_some() =>
        {
            Err(format!(
                "two of these scenarios are called {name}: their files in one directory would be the same"
            ))
        }
        _ => Ok(()),
    }
}

/// Returns the plan of the runs.
fn plan(args: &RunArgs, kind: &dyn Runs, reference: Release, deviations_are_known: bool) -> Plan {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    Plan {
        jobs: args
            .manner
            .making
            .jobs
            .map_or(if args.manner.verbose { 1 } else { cores }, usize::from)
            .min(kind.at_a_time()),
        fail_fast: args.manner.fail_fast,
        transcripts: args.manner.transcripts.clone(),
        pcap: args.manner.pcap.clone(),
        logs: args.manner.logs.clone(),
        out: args.manner.out(),
        bless: match args.bless {
            None => Bless::No,
            // Without the known deviations, what differs is not known either.
            Some(_) if !deviations_are_known => Bless::No,
            Some(BlessWhat::Own) => Bless::Own,
            Some(BlessWhat::Recordings) => Bless::Recordings,
            Some(BlessWhat::Record) => Bless::Record,
            Some(BlessWhat::RecordAnew) => Bless::RecordAnew,
        },
        live: args.manner.verbose,
        reference,
        reference_given: args.reference.is_some(),
    }
}

/// Returns the changes against an older report.
fn changes(report: &Report, baseline: &Baseline, jobs: &Jobs<'_>) -> Changes {
    let names: BTreeSet<String> = match report.about.shard {
        None => BTreeSet::new(),
        Some(_) => jobs.selected.iter().map(Selected::full_name).collect(),
    };
    let here: BTreeSet<(&str, u64)> = report.runs.iter().map(|r| (r.scenario.as_str(), r.seed)).collect();
    let is_elsewhere = |scenario: &str, seed: u64| {
        let is_seed = seed.wrapping_sub(jobs.seed) < jobs.repeat;
        names.contains(scenario) && is_seed && !here.contains(&(scenario, seed))
    };
    json::changes(report, baseline, &is_elsewhere)
}

/// Returns the reason why so many runs at a time are refused.
pub(super) fn too_many_jobs(wanted: Option<u16>, most: usize) -> Option<String> {
    let wanted = wanted.filter(|wanted| usize::from(*wanted) > most)?;
    Some(format!("--jobs {wanted}: this target makes its runs one after the other"))
}

/// A name that two of the scenarios have, from different suites.
pub(super) fn shared_name(selected: &[Selected]) -> Option<String> {
    let mut seen = BTreeSet::new();
    selected.iter().map(Selected::dotted).find(|name| !seen.insert(name.clone()))
}

fn read_baseline(path: &Path) -> Result<Baseline, String> {
    let text = system::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    json::baseline(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// The first Ctrl-C ends the session in order, a second one at once. Who ends a whole group of
/// processes may deliver the first one twice; that is no second one.
pub(super) fn catch_interrupts() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    FLAG.get_or_init(install_handler).clone()
}

fn install_handler() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = flag.clone();
    let mut first: Option<Stopwatch> = None;
    let installed = ctrlc::set_handler(move || {
        seen.store(true, Ordering::Relaxed);
        if first.get_or_insert_with(Stopwatch::start).elapsed() > SAME_INTERRUPT {
            #[cfg(target_os = "linux")]
            crate::target::hwsim::process::kill_all();
            std::process::exit(i32::from(INTERRUPTED));
        }
    });
    if let Err(error) = installed {
        complain(&format!("wpasim: Ctrl-C will not be caught: {error}"));
    }
    flag
}
