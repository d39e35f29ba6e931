//! `wpasim gate`: a build of wpa_supplicant or hostapd in the lab, held to the references of its release or to another
//! build. It is what a maintainer's CI runs.

use std::path::PathBuf;

use clap::Args;
use wpasim_wire::time::Duration;

use super::lab::{LabRunArgs, lab_runs};
use super::manner::MannerArgs;
use super::run::{Held, run_held};
use super::{BAD_USAGE, RunArgs, complain, selection};
use crate::causes;
use crate::expectations::Expectations;
use crate::release::Release;
use crate::run::Runs;
use crate::session::Base;
use crate::target::chosen::TargetArgs;
use crate::target::hwsim;

/// The word that selects the builtin suite.
const BUILTIN: &str = "builtin:";
/// Milliseconds by which a line may come earlier or later: two ticks of the lab's kernel.
const TIME_BOUND: u32 = 20;
/// The number of runs that show whether a scenario that failed hangs on nanoseconds.
const SHAKEN: u64 = 3;

#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("tested").required(true).multiple(true).args(["supplicant", "ap"]))]
pub(super) struct GateArgs {
    /// Scenario files and directories of yours, run beside the builtin suite; names and globs choose among the builtin
    /// scenarios
    selection: Vec<String>,
    /// The supplicant to test: a program, or a command line with {ifname}, {config}, {global}, {log} in it
    #[arg(long, value_name = "COMMAND")]
    supplicant: Option<String>,
    /// The access point to test, likewise [default: the lab's of the supplicant's release]
    #[arg(long, value_name = "COMMAND")]
    ap: Option<String>,
    /// Hold the supplicant to what this build says, instead of to recorded references
    #[arg(long, value_name = "COMMAND")]
    base: Option<String>,
    /// Hold the access point to what this build says
    #[arg(long, value_name = "COMMAND")]
    base_ap: Option<String>,
    /// With a base build: by how many milliseconds a line may come earlier or later before that is a difference
    #[arg(long, default_value_t = TIME_BOUND, value_name = "MILLISECONDS")]
    time_bound: u32,
    /// Run only what the arguments name, without the rest of the builtin suite
    #[arg(long)]
    no_builtin: bool,
    /// The release of what is not named [default: the one that the tested build is held to]
    #[arg(long, value_name = "2.9|2.10|2.11")]
    release: Option<Release>,
    /// The release whose references the build is held to [default: the newest that its version is not older than]
    #[arg(long, value_name = "2.9|2.10|2.11", conflicts_with_all = ["base", "base_ap"])]
    reference: Option<Release>,
    /// Group differences by the causes in this file, instead of by the known differences between releases
    #[arg(long, value_name = "FILE")]
    causes: Option<PathBuf>,
    /// Scenarios that the build is known to fail or to lack, each with its reason
    #[arg(long, value_name = "FILE", conflicts_with = "write_expect")]
    expect: Option<PathBuf>,
    /// Write such a file of the scenarios that fail now
    #[arg(long, value_name = "FILE")]
    write_expect: Option<PathBuf>,
    /// A scenario that fails is not judged if what it is held to differs from itself when the lab is shaken by so many
    /// nanoseconds; 0 judges every one
    #[arg(long, default_value_t = 60, value_name = "NANOSECONDS", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    jitter: u32,
    #[command(flatten)]
    manner: MannerArgs,
}

/// Runs the gate; returns the exit code.
pub(super) fn gate(args: GateArgs) -> u8 {
    held(args).unwrap_or_else(|Refused { code, message }| {
        complain(&format!("wpasim: {message}"));
        code
    })
}

/// The reason why nothing was run, with the exit code.
struct Refused {
    code: u8,
    message: String,
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Refused { code: BAD_USAGE, message }
    }
}

fn held(args: GateArgs) -> Result<u8, Refused> {
    args.causes.as_deref().map(causes::take_from).transpose()?;
    let expect = args.expect.as_deref().map(Expectations::of).transpose()?;
    let selection = args.chosen()?;
    let on = |supplicant: &Option<String>, ap: &Option<String>| TargetArgs {
        device: Vec::new(),
        supplicant: supplicant.clone(),
        ap: ap.clone(),
        devices: None,
    };
    let runs = |on: &TargetArgs, release: Option<Release>| {
        lab_runs(on, false, &LabRunArgs::of_release(release))
            .map_err(|error| Refused { code: super::lab::exit_code(&error), message: error.to_string() })
    };
    let tested = runs(&on(&args.supplicant, &args.ap), args.release)?;
    // The programs that the base does not name are those of the build under test: the lab's programs of one release.
    let release = args.release.or_else(|| tested.held_to().ok());
    let base = match args.base.is_some() || args.base_ap.is_some() {
        false => None,
        true => {
            let supplicant = args.base.clone().or_else(|| args.supplicant.clone());
            let ap = args.base_ap.clone().or_else(|| args.ap.clone());
            Some(runs(&on(&supplicant, &ap), release)?)
        }
    };
    let steady = match &base {
        Some(base) => base.clone(),
        // The recorded references are those of the lab's own programs.
        None => runs(&on(&None, &None), args.reference.or(release))?,
    };
    let shaken = steady.shaken_often(args.jitter, SHAKEN);
    let shaken: Vec<&dyn Runs> = shaken.iter().map(|runs| runs as &dyn Runs).collect();
    let name = base.as_ref().map(|base| {
        let of = |named: &Option<String>, at: usize| {
            named.as_ref().and_then(|_| base.tested().get(at).map(ToString::to_string))
        };
        [of(&args.base, 0), of(&args.base_ap, 1)].into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let base = base.as_ref().zip(name).map(|(base, name)| Base {
        kind: base,
        name,
        bound: Duration::from_millis(i64::from(args.time_bound)),
    });
    let command = args.command();
    let held = Held {
        command: Some(&command),
        base: base.as_ref(),
        shaken: &shaken,
        expect: expect.as_ref(),
        write_expect: args.write_expect.clone(),
        groups: true,
    };
    Ok(run_held(&args.into_run(selection), &tested, held))
}

impl GateArgs {
    /// The arguments that select: files and directories beside the builtin suite, or beside those of it that are named.
    fn chosen(&self) -> Result<Vec<String>, String> {
        let is_path = |argument: &&String| {
            argument.contains(std::path::MAIN_SEPARATOR) && std::path::Path::new(argument).exists()
                || argument.ends_with(".yaml")
                || std::path::Path::new(argument.split('@').next().unwrap_or(argument)).exists()
        };
        let (paths, names): (Vec<&String>, Vec<&String>) = self.selection.iter().partition(is_path);
        let builtin = names.iter().map(|name| match name.starts_with(BUILTIN) {
            true => (*name).clone(),
            false => format!("{BUILTIN}{name}"),
        });
        let mut chosen: Vec<String> = builtin.collect();
        if chosen.is_empty() && !self.no_builtin {
            chosen.push(BUILTIN.to_owned());
        }
        chosen.extend(paths.into_iter().cloned());
        match chosen.is_empty() {
            true => Err("--no-builtin without a scenario leaves nothing to run".to_owned()),
            false => Ok(without_twins(chosen)),
        }
    }

    /// The command that runs one scenario again, but for the scenario and the seed.
    fn command(&self) -> String {
        let mut command = "wpasim gate --no-builtin".to_owned();
        let releases = [("release", self.release), ("reference", self.reference)];
        let bound = (self.time_bound != TIME_BOUND).then(|| self.time_bound.to_string());
        let options = [
            ("supplicant", self.supplicant.clone()),
            ("ap", self.ap.clone()),
            ("base", self.base.clone()),
            ("base-ap", self.base_ap.clone()),
            ("time-bound", bound),
        ];
        let releases = releases.map(|(name, value)| (name, value.map(|release| release.to_string())));
        for (name, value) in options.into_iter().chain(releases) {
            if let Some(value) = value {
                // Only a NUL cannot be quoted, and none comes from a command line.
                let value = shlex::try_quote(&value).unwrap_or_default().into_owned();
                command.push_str(&format!(" --{name} {value}"));
            }
        }
        command
    }

    fn into_run(self, selection: Vec<String>) -> RunArgs {
        RunArgs { reference: self.reference, ..RunArgs::new(selection, &hwsim::ROW, self.manner) }
    }
}

/// The arguments without the builtin suite's scenarios that a directory of the user's has by the same name: the files
/// are what the user has in mind.
fn without_twins(chosen: Vec<String>) -> Vec<String> {
    let (builtin, own): (Vec<String>, Vec<String>) =
        chosen.into_iter().partition(|argument| argument.starts_with(BUILTIN));
    if own.is_empty() {
        return builtin;
    }
    let names: Vec<String> = selection(&own).0.iter().map(|one| one.full_name()).collect();
    let of_builtin = selection(&builtin).0;
    let is_twin = |name: &String| names.contains(name);
    if !of_builtin.iter().any(|one| is_twin(&one.full_name())) {
        return builtin.into_iter().chain(own).collect();
    }
    let kept = of_builtin.iter().filter(|one| !is_twin(&one.full_name())).map(|one| one.argument());
    kept.chain(own).collect()
}
