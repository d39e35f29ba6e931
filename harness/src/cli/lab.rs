//! `wpasim lab`.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::compare::{CompareArgs, compare_against};
use super::run::{INTERRUPTED, catch_interrupts, run_against};
use super::{BAD_USAGE, Cli, Command, RunArgs, complain, say};
use crate::lab::runs::LabRuns;
use crate::lab::{BuildOptions, IN_LAB, JITTER, Job, Lab, LabError, Step, Stream, build, status};
use crate::release::Release;
use crate::run::Runs;
use crate::target::chosen::TargetArgs;
use crate::target::hwsim::Implementations;
use crate::target::hwsim::command_line::{CommandLine, Purpose};
use crate::target::hwsim::tested::{NoSession, Programs};

/// The exit code when the lab could not do what it was asked to.
const NO_TARGET: u8 = 3;
/// Seconds of wall time that a program may take unless it is said.
const LIMIT: u64 = 3600;
/// Variables of the caller's that mean the same in the lab.
const PASSED_ON: [&str; 4] = ["TERM", "NO_COLOR", "RUST_BACKTRACE", "GITHUB_ACTIONS"];

#[derive(Subcommand, Debug)]
pub(super) enum LabCommand {
    /// Build the lab, once for all clones of this version; it takes some minutes and 3 GB for a while
    Build(LabBuildArgs),
    /// Run wpasim or any program inside the lab; its exit code is the program's
    Run(LabRunArgs),
    /// Show what the lab consists of, and what is missing
    Status,
}

#[derive(Args, Debug)]
pub(super) struct LabBuildArgs {
    /// Compilers at a time [default: the number of cores]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Build it anew even if it is there, as when Debian has a newer kernel source
    #[arg(long)]
    force: bool,
    /// An archive of a Linux 6.1 source tree instead of Debian's package linux-source-6.1
    #[arg(long, value_name = "FILE.tar.xz")]
    linux_source: Option<PathBuf>,
    /// The release of wpa_supplicant and hostapd to have in the lab [default: 2.10]; may be given for several
    #[arg(long, value_name = "2.9|2.10|2.11")]
    release: Vec<Release>,
    /// A directory with the release's Debian packages, instead of the mirror's
    #[arg(long, value_name = "DIR", conflicts_with = "hostap")]
    packages: Option<PathBuf>,
    /// A source tree of hostap, or an archive of one, to compile the release from, with Debian's options
    #[arg(long, value_name = "DIR|TARBALL")]
    hostap: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct LabRunArgs {
    /// Decides every random number in the lab
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Memory in MiB
    #[arg(long, default_value_t = Job::MEMORY_MIB, value_parser = clap::value_parser!(u32).range(64..=65_536))]
    memory: u32,
    /// The number of radios: wlan0, wlan1 …
    #[arg(long, default_value_t = Job::RADIOS, value_parser = clap::value_parser!(u32).range(0..=99))]
    radios: u32,
    /// End it after so many seconds of wall time
    #[arg(long, default_value_t = LIMIT, value_name = "SECONDS")]
    limit: u64,
    /// The release of wpa_supplicant and hostapd that runs what the arguments leave open [default: the one that
    /// --supplicant or --ap is held to, else 2.10]
    #[arg(long, value_name = "2.9|2.10|2.11")]
    release: Option<Release>,
    /// Let it write to this directory too; the working directory is writable anyway
    #[arg(long, value_name = "DIR")]
    writable: Vec<PathBuf>,
    /// Pass this variable of the environment on, or set it
    #[arg(long, value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// Let each request to the kernel take up to so many nanoseconds more, otherwise for each seed
    #[arg(long, value_name = "NANOSECONDS[:SEED]", value_parser = jitter)]
    jitter: Option<String>,
    /// A wpasim subcommand with its arguments, or a program with its own
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

impl LabRunArgs {
    /// Returns the manner in which `wpasim gate` runs: everything as it is by default, with a release.
    pub(super) fn of_release(release: Option<Release>) -> Self {
        LabRunArgs {
            seed: 1,
            memory: Job::MEMORY_MIB,
            radios: Job::RADIOS,
            limit: LIMIT,
            release,
            writable: Vec::new(),
            env: Vec::new(),
            jitter: None,
            args: Vec::new(),
        }
    }

    /// An option that has no effect where every run has a boot of its own.
    fn meaningless_to_runs(&self) -> Option<&'static str> {
        let given = [
            ("--seed", self.seed != 1),
            ("--memory", self.memory != Job::MEMORY_MIB),
            ("--radios", self.radios != Job::RADIOS),
            ("--limit", self.limit != LIMIT),
            ("--writable", !self.writable.is_empty()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
    }

    /// Returns the variables that were asked to be in the environment.
    fn variables(&self) -> Vec<(OsString, OsString)> {
        let set = self.env.iter().filter_map(|setting| match setting.split_once('=') {
            Some((name, value)) => Some((name.into(), value.into())),
            None => passed_on(setting),
        });
        let jitter = self.jitter.iter().map(|jitter| (JITTER.into(), jitter.into()));
        set.chain(jitter).collect()
    }
}

/// Nanoseconds, and a seed after a colon.
fn jitter(text: &str) -> Result<String, String> {
    let (nanoseconds, seed) = text.split_once(':').unwrap_or((text, "0"));
    let most = 100_000_000;
    let within = nanoseconds.parse::<u64>().is_ok_and(|n| n <= most);
    if within && seed.parse::<u64>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(format!("a number of nanoseconds up to {most}, and perhaps a colon and a seed"))
    }
}

/// Does what `wpasim lab` was asked for; returns the exit code.
pub(super) fn lab(command: &LabCommand) -> u8 {
    let result = match command {
        LabCommand::Build(args) => build_it(args),
        LabCommand::Run(args) => run(args),
        LabCommand::Status => show(),
    };
    result.unwrap_or_else(|error| {
        complain(&format!("wpasim: {error}"));
        exit_code(&error)
    })
}

/// The exit code when the lab could not do what it was asked to.
pub(super) fn exit_code(error: &LabError) -> u8 {
    match error {
        LabError::Interrupted => INTERRUPTED,
        LabError::BadArgument { .. } => BAD_USAGE,
        _ => NO_TARGET,
    }
}

fn build_it(args: &LabBuildArgs) -> Result<u8, LabError> {
    let releases = if args.release.is_empty() { vec![Release::V2_10] } else { args.release.clone() };
    if releases.len() > 1 && (args.packages.is_some() || args.hostap.is_some()) {
        let reason = "--packages and --hostap are of one --release".to_owned();
        return Err(LabError::BadJob { reason });
    }
    let options = BuildOptions {
        jobs: args.jobs,
        force: args.force,
        linux_source: args.linux_source.clone(),
        releases: releases.clone(),
        packages: args.packages.clone(),
        hostap: args.hostap.clone(),
    };
    match build_with_progress(&options, &catch_interrupts())? {
        true => say("the lab is built"),
        false => say("the lab is there already; --force builds it anew"),
    }
    Lab::open()?.differences(&releases).iter().for_each(|line| say(&format!("note: {line}")));
    Ok(0)
}

/// Builds, with a bar on a terminal and a line for each step elsewhere.
fn build_with_progress(options: &BuildOptions, interrupted: &AtomicBool) -> Result<bool, LabError> {
    let bar = ProgressBar::new_spinner();
    let terminal = std::io::stderr().is_terminal();
    if !terminal {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = |template: &str| {
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    let begins = |what: &str| {
        bar.set_style(style("{spinner} {elapsed} {msg}"));
        bar.set_message(what.to_owned());
        if !terminal {
            complain(&format!("lab: {what}"));
        }
    };
    let told = std::cell::Cell::new(0);
    let result = build(options, &|| interrupted.load(Ordering::Relaxed), &mut |step| match step {
        Step::Waiting => begins("waiting for another build"),
        Step::Begins(what) => begins(what),
        Step::Compiled(done, all) => {
            bar.set_style(style("{elapsed} {msg} {bar:30} {pos} of about {len} files"));
            bar.set_length(all);
            bar.set_position(done);
            let tenths = done * 10 / all.max(1);
            if !terminal && told.replace(tenths) < tenths {
                complain(&format!("lab: compiled {done} of about {all} files"));
            }
        }
    });
    bar.finish_and_clear();
    result
}

fn show() -> Result<u8, LabError> {
    let parts = status()?;
    for part in &parts {
        let mark = if part.there { "ok     " } else { "MISSING" };
        say(&format!("{mark} {:<16} {}", part.name, part.place));
    }
    Ok(if parts.iter().all(|part| part.there) { 0 } else { NO_TARGET })
}

/// The lab with a release, built now if it was not.
fn opened(release: Release, interrupted: &AtomicBool) -> Result<Lab, LabError> {
    match Lab::open().and_then(|lab| lab.with_release(release)) {
        Err(LabError::NotBuilt { .. }) => {
            let options = BuildOptions { releases: vec![release], ..BuildOptions::default() };
            build_with_progress(&options, interrupted)?;
            Lab::open()?.with_release(release)
        }
        other => other,
    }
}

/// The programs of the lab; a release that is not there yet is built when it is wanted.
struct Building {
    lab: Lab,
    interrupted: Arc<AtomicBool>,
}

impl Programs for Building {
    fn of_release(&self, release: Release, purpose: Purpose) -> Result<CommandLine, String> {
        let lab = opened(release, &self.interrupted).map_err(|error| error.to_string())?;
        lab.of_release(release, purpose)
    }

    fn banner(&self, command: &CommandLine) -> Result<Option<String>, String> {
        self.lab.banner(command)
    }
}

/// Runs in the lab of what the arguments name.
pub(super) fn lab_runs(on: &TargetArgs, with_keys: bool, lab_args: &LabRunArgs) -> Result<LabRuns, LabError> {
    let interrupted = catch_interrupts();
    let lab = opened(lab_args.release.unwrap_or_default(), &interrupted)?;
    let bad = |reason| LabError::BadArgument { reason };
    let given = Implementations::from_arguments(on, with_keys).map_err(bad)?;
    let building = Building { lab: lab.clone(), interrupted };
    let runs =
        LabRuns::new(lab.clone(), given, lab_args.release, &building).map_err(|error| match error {
            NoSession::Argument(reason) => bad(reason),
            NoSession::Program(reason) => LabError::NoProgramToTest { reason },
        })?;
    let releases: Vec<Release> = runs.releases().collect();
    lab.differences(&releases).iter().for_each(|line| complain(&format!("note: {line}")));
    Ok(runs.with_env(lab_args.variables()))
}

fn run(args: &LabRunArgs) -> Result<u8, LabError> {
    if std::env::var_os(IN_LAB).is_some() {
        return Err(LabError::BadJob { reason: "this is the lab already".into() });
    }
    let command = in_cases(args);
    if let Some(option) = command.as_ref().and_then(|_| args.meaningless_to_runs()) {
        let reason = format!(
            "lab run {option} has no effect here: every run of a scenario has a boot of its own; give the seed to the command itself"
        );
        return Err(LabError::BadArgument { reason });
    }
    match command {
        Some(Command::Run(run)) => runs(&run, args),
        Some(Command::Compare(compare)) => compare_runs(&compare, args),
        Some(Command::Record(record)) => match record.unreal() {
            Some(reason) => Err(LabError::BadArgument { reason: reason.to_owned() }),
            None if record.all_releases => record_releases(&record.into_run(), args),
            None => runs(&record.into_run(), args),
        },
        _ => one_boot(args),
    }
}

/// The subcommand, if it makes runs of the hwsim target: then every run has a boot of its own.
fn in_cases(args: &LabRunArgs) -> Option<Command> {
    let words = std::iter::once(OsStr::new("wpasim")).chain(args.args.iter().map(OsString::as_os_str));
    let command = Cli::try_parse_from(words).ok()?.command?;
    let in_cases = match &command {
        Command::Run(run) => run.target.boots_in_lab,
        Command::Record(record) => record.boots_in_lab(),
        Command::Compare(compare) => compare.sides().into_iter().flatten().any(|target| target.boots_in_lab),
        _ => false,
    };
    in_cases.then_some(command)
}

/// Makes both sides' runs here, those of the hwsim target each in the lab.
fn compare_runs(args: &CompareArgs, lab_args: &LabRunArgs) -> Result<u8, LabError> {
    Ok(compare_against(args, &|target| {
        if !target.boots_in_lab {
            return (target.make)(&args.target, false);
        }
        let runs = lab_runs(&args.target, false, lab_args).map_err(|error| error.to_string())?;
        Ok(Box::new(runs) as Box<dyn Runs>)
    }))
}

/// Makes runs here, each in the lab.
fn runs(args: &RunArgs, lab_args: &LabRunArgs) -> Result<u8, LabError> {
    let runs = lab_runs(&args.on, args.keys.is_some(), lab_args)?;
    Ok(run_against(args, &runs))
}

/// Records with each release: 2.10 first, since the others have references of their own only where they differ from it.
fn record_releases(args: &RunArgs, lab_args: &LabRunArgs) -> Result<u8, LabError> {
    let others = Release::ALL.into_iter().filter(|release| *release != Release::V2_10);
    let mut worst = 0;
    for release in [Release::V2_10].into_iter().chain(others) {
        let runs = lab_runs(&args.on, false, &LabRunArgs { release: Some(release), ..lab_args.clone() })?;
        worst = worst.max(run_against(args, &runs));
    }
    Ok(worst)
}

/// Everything in one guest: what the arguments say is run as it stands, and streams.
fn one_boot(args: &LabRunArgs) -> Result<u8, LabError> {
    let interrupted = catch_interrupts();
    let lab = opened(args.release.unwrap_or_default(), &interrupted)?;
    let job = job(args)?;
    let finished =
        lab.boot_streaming(&job, &|| interrupted.load(Ordering::Relaxed), &mut |stream, bytes| {
            // Whoever has stopped reading does not end the run.
            let _ = match stream {
                Stream::Out => std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush()),
                Stream::Err => std::io::stderr().write_all(bytes),
            };
        })?;
    Ok(u8::try_from(finished.code).unwrap_or(1))
}

fn job(args: &LabRunArgs) -> Result<Job, LabError> {
    let io = |what: &str| {
        let what = what.to_owned();
        move |source| LabError::Io { what, source }
    };
    let cwd = std::env::current_dir().map_err(io("the working directory"))?;
    let own = args.args.first().is_some_and(|name| is_subcommand(name));
    let wpasim = std::env::current_exe().map_err(io("the path of this program"))?;
    let program = own.then(|| wpasim.into_os_string());
    let mut job = Job::new(program.into_iter().chain(args.args.iter().cloned()).collect(), cwd.clone());
    job.realtime = own;
    job.seed = args.seed;
    job.memory_mib = args.memory;
    job.radios = args.radios;
    job.wall_limit = Duration::from_secs(args.limit);
    job.env = PASSED_ON.iter().filter_map(|name| passed_on(name)).collect();
    job.env.extend(args.variables());
    for dir in &args.writable {
        job.writable.push(dir.canonicalize().map_err(io(&dir.display().to_string()))?);
    }
    // The root itself stays as it is.
    job.writable.extend(cwd.parent().is_some().then_some(cwd));
    Ok(job)
}

fn passed_on(name: &str) -> Option<(OsString, OsString)> {
    std::env::var_os(name).map(|value| (name.into(), value))
}

/// Whether this is wpasim's own word, not a program's name.
fn is_subcommand(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| Cli::command().find_subcommand(name).is_some())
}
