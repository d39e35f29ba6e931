//! `wpasim lab`.

use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{BAD_USAGE, complain};
use crate::lab::{Job, Lab, LabError, Stream};

/// The exit code when the lab could not run.
const NO_TARGET: u8 = 3;

#[derive(Subcommand, Debug)]
pub(super) enum LabCommand {
    /// Run wpasim or any program inside the lab
    Run(LabRunArgs),
}

#[derive(Args, Debug)]
pub(super) struct LabRunArgs {
    /// Decides every random number in the lab
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Memory in MiB
    #[arg(long, default_value_t = Job::MEMORY_MIB, value_parser = clap::value_parser!(u32).range(64..=65_536))]
    memory: u32,
    /// Radios: wlan0, wlan1 …
    #[arg(long, default_value_t = Job::RADIOS, value_parser = clap::value_parser!(u32).range(0..=99))]
    radios: u32,
    /// End it after so many seconds of wall time
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    limit: u64,
    /// A wpasim subcommand with its arguments, or a program with its own
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Does what `wpasim lab` was asked for; returns the exit code.
pub(super) fn lab(command: &LabCommand) -> u8 {
    let result = match command {
        LabCommand::Run(args) => run(args),
    };
    result.unwrap_or_else(|error| {
        complain(&format!("wpasim: {error}"));
        NO_TARGET
    })
}

fn run(args: &LabRunArgs) -> Result<u8, LabError> {
    let lab = Lab::open()?;
    let cwd = std::env::current_dir()
        .map_err(|source| LabError::Io { what: "the working directory".into(), source })?;
    let mut job = Job::new(args.args.clone(), cwd.clone());
    job.writable.push(cwd);
    job.seed = args.seed;
    job.memory_mib = args.memory;
    job.radios = args.radios;
    job.wall_limit = Duration::from_secs(args.limit);
    let finished = lab.boot_streaming(&job, &|| false, &mut |stream, bytes| {
        let _ = match stream {
            Stream::Out => std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush()),
            Stream::Err => std::io::stderr().write_all(bytes),
        };
    })?;
    Ok(u8::try_from(finished.code).unwrap_or(1))
}
