//! `wpasim explore`: random sessions, recorded in the lab and judged on the engine.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use clap::Args;

use super::lab::{LabRunArgs, exit_code, lab_runs};
use super::manner::{MakingArgs, MannerArgs};
use super::run::{Held, run_against, run_held};
use super::{BAD_USAGE, BlessWhat, RunArgs, complain, say};
use crate::explore::{Kind, session};
use crate::lab::runs::LabRuns;
use crate::report::json;
use crate::run::Runs;
use crate::session::write_atomically;
use crate::system;
use crate::target::chosen::{TargetArgs, TargetName};
use crate::target::hwsim;
use crate::target::sim::{self, SimKind};

/// The exit code when sessions differ more often than they may.
const DIFFERS: u8 = 1;
/// The number of times that a session that differs is recorded again, shaken, to see whether it differs from itself.
const SHAKEN: u64 = 4;

#[derive(Args, Debug)]
pub(super) struct ExploreArgs {
    /// Record each session of wpa_supplicant and hostapd 2.10 in the lab, and hold the engine to it
    #[arg(long, required = true)]
    lockstep: bool,
    /// Where the sessions go; it must not exist
    directory: PathBuf,
    /// What the sessions are about [default: all of them]; may be given for several
    #[arg(long, value_enum)]
    kind: Vec<Kind>,
    /// How many sessions of each kind
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// The seed of the first session; each further one has the next
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A session that differs is not counted if it differs from itself when the lab is shaken by so many nanoseconds;
    /// 0 counts every one
    #[arg(long, default_value_t = 60, value_name = "NANOSECONDS", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    jitter: u32,
    /// Sessions at a time [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

/// Explores; returns the exit code.
pub(super) fn explore(args: &ExploreArgs) -> u8 {
    debug_assert!(args.lockstep, "there is no other way to explore yet");
    match explored(args) {
        Ok(code) => code,
        Err((code, message)) => {
            complain(&format!("wpasim: {message}"));
            code
        }
    }
}

fn explored(args: &ExploreArgs) -> Result<u8, (u8, String)> {
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| (BAD_USAGE, format!("{path}: {error}"))
    };
    let lab = lab_runs(&TargetArgs::default(), false, &LabRunArgs::of_release(None))
        .map_err(|error| (exit_code(&error), error.to_string()))?;
    system::make_directories(&DirBuilder::new(), &args.directory).map_err(io(&args.directory))?;
    let kinds: &[Kind] = if args.kind.is_empty() { &Kind::ALL } else { &args.kind };
    let mut worst = 0;
    let mut shares = Vec::new();
    for kind in kinds {
        let place = args.directory.join(kind.name());
        system::make_directories(&DirBuilder::new(), &place).map_err(io(&place))?;
        for seed in args.seed..args.seed.saturating_add(u64::from(args.count)) {
            let path = place.join(format!("session_{seed}.yaml"));
            write_atomically(&path, session(*kind, seed).as_bytes()).map_err(io(&path))?;
        }
        say(&format!("recording {} sessions of {} in the lab", args.count, kind.name()));
        let recorded = run_against(&args.recording(&place), &lab);
        if recorded > DIFFERS {
            return Ok(recorded);
        }
        let report = args.directory.join(format!("{}.json", kind.name()));
        let code = judge(args, &place, &report, &lab);
        if code > DIFFERS {
            return Ok(code);
        }
        let share = Share::of(&report).map_err(|reason| (BAD_USAGE, reason))?;
        worst = worst.max(u8::from(share.is_beyond(kind.bound())));
        shares.push(share.told(*kind));
    }
    say("");
    shares.iter().for_each(|line| say(line));
    Ok(worst)
}

/// Runs the sessions of a directory on the engine.
fn judge(args: &ExploreArgs, place: &Path, report: &Path, lab: &LabRuns) -> u8 {
    let shaken = lab.shaken_often(args.jitter, SHAKEN);
    let shaken: Vec<&dyn Runs> = shaken.iter().map(|runs| runs as &dyn Runs).collect();
    let held = Held { shaken: &shaken, ..Held::default() };
    run_held(&args.judging(place, report), &SimKind::default(), held)
}

impl ExploreArgs {
    fn run(&self, place: &Path, target: TargetName, out: PathBuf) -> RunArgs {
        let making = MakingArgs { jobs: self.jobs, ..MakingArgs::default() };
        let manner = MannerArgs { making, out: Some(out), ..MannerArgs::default() };
        RunArgs::new(vec![place.display().to_string()], target, manner)
    }

    fn recording(&self, place: &Path) -> RunArgs {
        let out = self.directory.join("recording");
        RunArgs { bless: Some(BlessWhat::Record), ..self.run(place, &hwsim::ROW, out) }
    }

    fn judging(&self, place: &Path, report: &Path) -> RunArgs {
        let mut run = self.run(place, &sim::ROW, self.directory.join("differences"));
        run.manner.reports.json = Some(report.to_owned());
        run
    }
}

/// The sessions of a kind, by what became of them.
struct Share {
    judged: usize,
    differ: usize,
    skipped: usize,
}

impl Share {
    /// Reads it out of a report.
    fn of(report: &Path) -> Result<Share, String> {
        let shown = report.display();
        let text = system::read_to_string(report).map_err(|error| format!("{shown}: {error}"))?;
        let tally = json::read_report(&text).map_err(|error| format!("{shown}: {error}"))?.tally;
        Ok(Share { judged: tally.passed + tally.failed, differ: tally.failed, skipped: tally.skipped })
    }

    fn is_beyond(&self, per_cent: usize) -> bool {
        self.judged == 0 || self.differ * 100 > self.judged * per_cent
    }

    fn told(&self, kind: Kind) -> String {
        let Share { judged, differ, skipped } = self;
        let share = if *judged == 0 { 0.0 } else { *differ as f64 * 100.0 / *judged as f64 };
        let (name, bound) = (kind.name(), kind.bound());
        format!(
            "{name}: {differ} of {judged} sessions differ, {share:.1} % (at most {bound} %); {skipped} not counted"
        )
    }
}
