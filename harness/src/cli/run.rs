//! `wpasim run`.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{BAD_USAGE, BlessWhat, OUT, RunArgs, complain, options, paint, say, selected, target};
use crate::report::{exit_code, github, json, junit, terminal};
use crate::run::Runs;
use crate::scenario::discover::{Root, Selected};
use crate::session::{self, Bless, Context, Jobs, Outcome, Plan, write_atomically};
use crate::wall::Stopwatch;

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
    match target::make(args.target, &args.on, args.keys.is_some()) {
        Ok(kind) => run_against(args, &*kind),
        Err(message) => {
            complain(&format!("wpasim: {message}"));
            BAD_USAGE
        }
    }
}

/// As [`run`], against what somebody else chose.
pub(super) fn run_against(args: &RunArgs, kind: &dyn Runs) -> u8 {
    let usage = |message: &str| {
        complain(&format!("wpasim: {message}"));
        BAD_USAGE
    };
    if let Some(refusal) =
        options::refusal_of_run(args).or_else(|| too_many_jobs(args.jobs, kind.at_a_time()))
    {
        return usage(&refusal);
    }
    // What is wrong with one argument or one suite does not keep the others from being run.
    let (selected, unmatched) = selected(&args.selection);
    if unmatched && selected.is_empty() {
        return BAD_USAGE;
    }
    if args.bless.is_some() && selected.iter().any(|one| one.found.root == Root::Builtin) {
        return usage(
            "what is inside the binary has no file beside it that a transcript could be written to",
        );
    }
    let (known, invalid) = session::deviations(&selected);
    invalid.iter().for_each(|file| complain(&format!("wpasim: {file}")));
    let bad_input = unmatched || !invalid.is_empty();
    if let Some(name) = shared_name(&selected)
        && (args.pcap.is_some() || args.transcripts.is_some() || args.logs.is_some())
    {
        return usage(&format!(
            "two of these scenarios are called {name}: their files in one directory would be the same"
        ));
    }
    let baseline = match args.baseline.as_deref().map(read_baseline).transpose() {
        Ok(baseline) => baseline,
        Err(message) => return usage(&message),
    };
    let jobs = Jobs { selected: &selected, seed: args.seed(), repeat: args.repeat, shard: args.shard };
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let plan = Plan {
        jobs: args.jobs.map_or(if args.verbose { 1 } else { cores }, usize::from).min(kind.at_a_time()),
        fail_fast: args.fail_fast,
        transcripts: args.transcripts.clone(),
        pcap: args.pcap.clone(),
        logs: args.logs.clone(),
        out: args.out.clone().unwrap_or_else(|| OUT.into()),
        bless: match args.bless {
            None => Bless::No,
            // Without the known deviations, what differs is not known either.
            Some(_) if !invalid.is_empty() => Bless::No,
            Some(BlessWhat::Own) => Bless::Own,
            Some(BlessWhat::Recordings) => Bless::Recordings,
            Some(BlessWhat::Record) => Bless::Record,
            Some(BlessWhat::RecordAnew) => Bless::RecordAnew,
        },
        live: args.verbose,
    };
    for dir in [&plan.transcripts, &plan.pcap, &plan.logs].into_iter().flatten() {
        if let Err(error) = std::fs::create_dir_all(dir) {
            return usage(&format!("{}: {error}", dir.display()));
        }
    }
    let interrupted = catch_interrupts();
    let paint = paint(args.color);
    let repeated = args.repeat > 1;
    let watch = Stopwatch::start();
    let bar = progress(jobs.len());
    let print = |text: &str| bar.suspend(|| say(text));
    let context = Context { kind, plan: &plan, known: &known, interrupted: &interrupted, show: &print };
    let outcomes = session::run_all(&jobs, context, |outcome| {
        print(&terminal::line(outcome, repeated, paint));
        bar.inc(1);
    });
    bar.finish_and_clear();
    let interrupted = interrupted.load(Ordering::Relaxed);
    let stale = match args.shard.is_none() && !interrupted {
        true => session::stale(&known, &outcomes),
        false => Vec::new(),
    };
    tell(args, &outcomes, &known, &stale, paint);
    if let Some(baseline) = &baseline {
        let changed = json::changed(&outcomes, baseline, repeated);
        say(&format!("{} of {} runs differ from the baseline", changed.len(), outcomes.len()));
        changed.iter().for_each(|name| say(&format!("  {name}")));
    }
    say(&terminal::summary(&outcomes, watch.elapsed(), interrupted, paint));
    let unwritten = write_reports(args, &outcomes, &known, repeated);
    unwritten.iter().for_each(|message| complain(&format!("wpasim: {message}")));
    let code = exit_code(&outcomes, &stale, interrupted);
    if code != INTERRUPTED && (bad_input || !unwritten.is_empty()) { BAD_USAGE } else { code }
}

/// Why so many runs at a time are refused.
pub(super) fn too_many_jobs(wanted: Option<u16>, most: usize) -> Option<String> {
    let wanted = wanted.filter(|wanted| usize::from(*wanted) > most)?;
    Some(format!("--jobs {wanted}: this target makes its runs one after the other"))
}

/// A name that two of the scenarios have, from different suites.
pub(super) fn shared_name(selected: &[Selected]) -> Option<String> {
    let mut seen = BTreeSet::new();
    selected.iter().map(Selected::dotted).find(|name| !seen.insert(name.clone()))
}

/// Failures at length, known deviations, stale ones, annotations.
fn tell(
    args: &RunArgs,
    outcomes: &[Outcome],
    known: &session::AllDeviations,
    stale: &[session::Stale],
    paint: terminal::Paint,
) {
    let repeated = args.repeat > 1;
    for outcome in outcomes {
        if let Some(details) = terminal::details(outcome, repeated, paint) {
            say(&format!("\n{}", details.trim_end()));
        }
    }
    let on_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|v| v == "true");
    if on_github {
        outcomes.iter().filter_map(|o| github::annotation(o, repeated)).for_each(|a| say(&a));
    }
    if !outcomes.is_empty() {
        say("");
    }
    let deviations = terminal::known(outcomes, known);
    if !deviations.is_empty() {
        say(deviations.trim_end());
    }
    let stale = terminal::stale(stale, paint);
    if !stale.is_empty() {
        say(stale.trim_end());
    }
}

/// Writes every report that is asked for; why those that could not be written were not.
fn write_reports(
    args: &RunArgs,
    outcomes: &[Outcome],
    known: &session::AllDeviations,
    repeated: bool,
) -> Vec<String> {
    let mut unwritten = Vec::new();
    let mut write = |path: &Path, text: &str| {
        if let Err(error) = write_atomically(path, text.as_bytes()) {
            unwritten.push(format!("{}: {error}", path.display()));
        }
    };
    if let Some(path) = &args.junit {
        write(path, &junit::render(outcomes, repeated));
    }
    if let Some(path) = &args.json {
        write(path, &json::render(outcomes, known));
    }
    if let Some(path) = &args.keys {
        let keys: BTreeSet<&Vec<u8>> = outcomes.iter().flat_map(|o| &o.keys).map(|k| &k.pmk).collect();
        let lines: String = keys.iter().map(|pmk| wireshark_key(pmk)).collect();
        write(path, &lines);
    }
    unwritten
}

/// A line of Wireshark's 80211_keys table.
fn wireshark_key(pmk: &[u8]) -> String {
    let hex: String = pmk.iter().map(|b| format!("{b:02x}")).collect();
    format!("\"wpa-psk\",\"{hex}\"\n")
}

fn read_baseline(path: &Path) -> Result<std::collections::BTreeMap<(String, u64), String>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
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

pub(super) fn progress(runs: usize) -> ProgressBar {
    let bar = ProgressBar::new(runs as u64);
    if !std::io::stderr().is_terminal() || runs < 2 {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}
