//! Options of several commands: how runs are made (of `run`, `gate`, `record` and `compare`), and of `run` and `gate` what
//! is kept of them and how they are told.

use std::path::PathBuf;

use clap::Args;

use super::publish::ReportArgs;
use super::shard::ShardArg;
use super::{SEED, When};

/// The default directory for captures, transcripts and debug logs of failed runs.
const OUT: &str = "wpasim-out";

/// The way in which runs are made.
#[derive(Args, Debug, Default)]
pub(super) struct MakingArgs {
    /// The seed of every random choice [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Runs at a time [default: the number of cores; 1 where each is shown as it goes]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,
}

impl MakingArgs {
    /// The seed of the first run.
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(SEED)
    }
}

#[derive(Args, Debug, Default)]
pub(super) struct MannerArgs {
    #[command(flatten)]
    pub making: MakingArgs,
    /// Run only every N-th run, beginning with the I-th (1 to N); `auto` takes I and N from the environment of GitLab CI,
    /// Bazel, a Kubernetes Indexed Job or a Slurm array
    #[arg(long, value_name = "I/N|auto")]
    pub shard: Option<ShardArg>,
    /// Begin no further run after a failure
    #[arg(long)]
    pub fail_fast: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Write every run's transcript into this directory
    #[arg(long, value_name = "DIR")]
    pub transcripts: Option<PathBuf>,
    /// Write every run's capture into this directory
    #[arg(long, value_name = "DIR")]
    pub pcap: Option<PathBuf>,
    /// Write every run's debug logs into this directory
    #[arg(long, value_name = "DIR")]
    pub logs: Option<PathBuf>,
    /// Where captures, transcripts and debug logs of failed runs go [default: wpasim-out]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Show each run as it goes, and every failure at length
    #[arg(short, long)]
    pub verbose: bool,
}

impl MannerArgs {
    /// The directory for what failed runs leave behind.
    pub fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| OUT.into())
    }
}
