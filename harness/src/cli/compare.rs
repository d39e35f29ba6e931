//! `wpasim compare`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};

use super::manner::MakingArgs;
use super::options;
use super::run::{INTERRUPTED, catch_interrupts, shared_name, too_many_jobs};
use super::{BAD_USAGE, complain, paint, say, selected};
use crate::compare::{Ran, Row, State, recorded};
use crate::report::console::progress;
use crate::report::terminal;
use crate::run::Runs;
use crate::scenario::discover::Selected;
use crate::session::{self, AllDeviations, Bless, Context, Jobs, Outcome, Plan};
use crate::system;
use crate::target::TARGETS;
use crate::target::chosen::{TargetArgs, TargetName};

/// The exit code when nothing could be compared.
const NO_TARGET: u8 = 3;

#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// A target, or a directory of transcripts that `run --transcripts` wrote
    a: String,
    /// The same for the other side
    b: String,
    /// Files, directories, names (area/name, or name alone), globs, or builtin:[NAME]
    selection: Vec<String>,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub making: MakingArgs,
    /// Keep the transcripts: DIR/a and DIR/b
    #[arg(long, value_name = "DIR")]
    pub transcripts: Option<PathBuf>,
    /// Show scenarios that do not differ, too
    #[arg(short, long)]
    pub verbose: bool,
}

/// The origin of a side's transcripts.
enum Side {
    Runs(Box<dyn Runs>),
    Directory(PathBuf),
}

impl Side {
    /// Returns the number of runs that it makes at a time.
    fn at_a_time(&self) -> usize {
        match self {
            Side::Runs(kind) => kind.at_a_time(),
            Side::Directory(_) => 1,
        }
    }
}

/// Makes the kind of a target.
type Maker<'m> = &'m dyn Fn(TargetName) -> Result<Box<dyn Runs>, String>;

impl CompareArgs {
    /// The sides that are targets.
    pub fn sides(&self) -> [Option<TargetName>; 2] {
        [&self.a, &self.b].map(|side| <TargetName as ValueEnum>::from_str(side, false).ok())
    }
}

/// Runs both sides and tells where they differ; returns the exit code.
pub(super) fn compare(args: &CompareArgs) -> u8 {
    compare_against(args, &|target| (target.make)(&args.target, false))
}

/// As [`compare`], with targets that somebody else makes.
pub(super) fn compare_against(args: &CompareArgs, maker: Maker<'_>) -> u8 {
    let usage = |message: &str| {
        complain(&format!("wpasim: {message}"));
        BAD_USAGE
    };
    if let Some(refusal) = options::refusal_of_compare(args, args.sides()) {
        return usage(&refusal);
    }
    let sides = match (side(&args.a, maker), side(&args.b, maker)) {
        (Ok(a), Ok(b)) => [a, b],
        (Err(message), _) | (_, Err(message)) => return usage(&message),
    };
    let most = sides.iter().map(Side::at_a_time).max().unwrap_or(1);
    if let Some(refusal) = too_many_jobs(args.making.jobs, most) {
        return usage(&refusal);
    }
    let (selected, unmatched) = selected(&args.selection);
    if unmatched && selected.is_empty() {
        return BAD_USAGE;
    }
    if let Some(name) = shared_name(&selected) {
        return usage(&format!("two of these scenarios are called {name}: name one suite"));
    }
    let (known, invalid) = session::deviations(&selected);
    invalid.iter().for_each(|file| complain(&format!("wpasim: {file}")));
    let kept = Kept::new(args.transcripts.as_deref());
    let interrupted = catch_interrupts();
    let mut all: Vec<Vec<Ran>> = Vec::new();
    for (side, name) in sides.iter().zip(["a", "b"]) {
        match side {
            Side::Directory(dir) => {
                all.push(selected.iter().map(|s| recorded(dir, &s.dotted(), args.making.seed())).collect());
            }
            Side::Runs(kind) => {
                match made(&selected, &**kind, args, &kept.0.join(name), &known, &interrupted) {
                    Ok(runs) => all.push(runs),
                    Err(message) => return usage(&message),
                }
            }
        }
    }
    let mut all = all.into_iter();
    let (a, b) = (all.next().unwrap_or_default(), all.next().unwrap_or_default());
    let rows: Vec<Row> = selected
        .iter()
        .zip(a.into_iter().zip(b))
        .map(|(s, (a, b))| Row::new(s.full_name(), [a, b], known.get(&s.found.root)))
        .collect();
    tell(args, &rows);
    match exit_code(&rows) {
        _ if interrupted.load(Ordering::Relaxed) => INTERRUPTED,
        _ if unmatched || !invalid.is_empty() => BAD_USAGE,
        code => code,
    }
}

fn side(text: &str, maker: Maker<'_>) -> Result<Side, String> {
    if let Ok(name) = <TargetName as ValueEnum>::from_str(text, false) {
        return maker(name).map(Side::Runs);
    }
    let dir = PathBuf::from(text);
    if dir.is_dir() {
        return Ok(Side::Directory(dir));
    }
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    Err(format!("\"{text}\" is neither a target ({}) nor a directory of transcripts", names.join(", ")))
}

/// The directory for transcripts: one that is removed again unless it was asked for.
struct Kept(PathBuf, bool);

impl Kept {
    fn new(wanted: Option<&Path>) -> Self {
        match wanted {
            Some(dir) => Kept(dir.to_owned(), true),
            None => Kept(std::env::temp_dir().join(format!("wpasim-compare-{}", std::process::id())), false),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if !self.1 {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Makes a side's runs.
fn made(
    selected: &[Selected],
    kind: &dyn Runs,
    args: &CompareArgs,
    dir: &Path,
    known: &AllDeviations,
    interrupted: &AtomicBool,
) -> Result<Vec<Ran>, String> {
    system::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let jobs = Jobs { selected, seed: args.making.seed(), repeat: 1, shard: None };
    let plan = Plan {
        jobs: args.making.jobs.map_or(cores, usize::from).min(kind.at_a_time()),
        fail_fast: false,
        transcripts: Some(dir.to_owned()),
        logs: None,
        pcap: None,
        out: dir.to_owned(),
        bless: Bless::No,
        live: false,
        ..Plan::default()
    };
    let bar = progress(jobs.len());
    let context = Context::new(kind, &plan, known, interrupted);
    let outcomes = session::run_all(&jobs, context, |_| bar.inc(1));
    bar.finish_and_clear();
    let by_name: BTreeMap<String, &Outcome> =
        outcomes.iter().map(|outcome| (outcome.job.selected.dotted(), outcome)).collect();
    let ran = |selected: &Selected| {
        let name = selected.dotted();
        let state = match by_name.get(&name) {
            Some(outcome) => State::from(&outcome.verdict),
            None => State::Absent("interrupted".to_owned()),
        };
        let said = matches!(state, State::Passed | State::Failed(_));
        Ran { transcript: said.then(|| recorded(dir, &name, args.making.seed()).transcript).flatten(), state }
    };
    Ok(selected.iter().map(ran).collect())
}

/// The table, then the differences.
fn tell(args: &CompareArgs, rows: &[Row]) {
    let paint = paint(args.making.color);
    let table = terminal::comparison_table(rows, [&args.a, &args.b], args.verbose, paint);
    if !table.is_empty() {
        say(table.trim_end());
    }
    for row in rows.iter().filter(|row| row.differs()) {
        say(&format!("\n{}", terminal::compared(row, [&args.a, &args.b], paint).trim_end()));
    }
    let differ = rows.iter().filter(|row| row.differs()).count();
    let compared = rows.iter().filter(|row| row.comparison.is_some()).count();
    say(&format!(
        "\n{} of {} scenarios compared, {differ} differ, {} the same",
        compared,
        rows.len(),
        compared - differ
    ));
}

/// 1 if something differs, 3 if a side could not run or nothing was compared.
fn exit_code(rows: &[Row]) -> u8 {
    let error = rows.iter().flat_map(|row| &row.states).any(|state| matches!(state, State::Error(_)));
    if rows.iter().any(Row::differs) {
        1
    } else if error || rows.iter().all(|row| row.comparison.is_none()) {
        NO_TARGET
    } else {
        0
    }
}
