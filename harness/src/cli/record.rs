//! `wpasim record`: references from the real thing.

use std::path::PathBuf;

use clap::Args;

use super::manner::MannerArgs;
use super::options::{self, User};
#[cfg(target_os = "linux")]
use super::proxy;
use super::publish::ReportArgs;
use super::target::{self, TargetArgs};
use super::{BAD_USAGE, BlessWhat, RunArgs, TargetName, When, complain, run};

#[derive(Args, Debug)]
pub(super) struct RecordArgs {
    /// Files, directories, names (area/name, or name alone) or globs
    #[arg(required_unless_present = "proxy", conflicts_with = "proxy")]
    selection: Vec<String>,
    /// Sit between clients and a real control interface, and write a scenario of what passes: PATH, NAME=PATH, or
    /// NAME.global=PATH for the process-wide one; may be given for several
    #[cfg(target_os = "linux")]
    #[arg(long, value_name = "[NAME=]PATH", requires = "out")]
    proxy: Vec<crate::proxy::Through>,
    /// With --proxy: the directory of the sockets for clients (DIR/IFNAME, DIR/global/IFNAME); without it they take the
    /// real ones' places meanwhile
    #[cfg(target_os = "linux")]
    #[arg(long, value_name = "DIR", requires = "proxy")]
    listen: Option<PathBuf>,
    /// What is recorded [default: hwsim]
    #[arg(long, value_enum)]
    pub target: Option<TargetName>,
    #[command(flatten)]
    pub on: TargetArgs,
    /// The seed of every random choice [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Runs at a time [default: the number of cores; 1 with -v]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Replace imported recordings too; otherwise they stay, and what is recorded is compared with them. With --proxy,
    /// replace a scenario that is there already
    #[arg(long, conflicts_with = "transcripts")]
    pub replace: bool,
    /// Record with each of 2.10, 2.9 and 2.11 in turn; in the lab
    #[arg(long, conflicts_with = "transcripts")]
    pub all_releases: bool,
    /// Write the transcripts into this directory instead of beside the scenarios
    #[arg(long, value_name = "DIR")]
    pub transcripts: Option<PathBuf>,
    /// Write every run's debug logs into this directory
    #[arg(long, value_name = "DIR")]
    pub logs: Option<PathBuf>,
    /// Where captures, transcripts and debug logs of failed runs go [default: wpasim-out]; with --proxy, the scenario to write
    #[arg(long, value_name = "DIR|FILE")]
    pub out: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,
    /// Show the ladder as it goes
    #[arg(short, long)]
    pub verbose: bool,
}

impl RecordArgs {
    /// The run that records.
    pub fn into_run(self) -> RunArgs {
        let bless = match (&self.transcripts, self.replace) {
            (Some(_), _) => None,
            (None, false) => Some(BlessWhat::Record),
            (None, true) => Some(BlessWhat::RecordAnew),
        };
        let target = self.target();
        RunArgs {
            selection: self.selection,
            target,
            on: self.on,
            reference: None,
            repeat: 1,
            manner: MannerArgs {
                seed: self.seed,
                jobs: self.jobs,
                shard: None,
                fail_fast: false,
                reports: ReportArgs::default(),
                transcripts: self.transcripts,
                pcap: None,
                logs: self.logs,
                out: self.out,
                color: self.color,
                verbose: self.verbose,
            },
            baseline: None,
            keys: None,
            bless,
        }
    }

    /// The target that is recorded.
    fn target(&self) -> TargetName {
        #[cfg(target_os = "linux")]
        let usual = TargetName::Hwsim;
        #[cfg(not(target_os = "linux"))]
        let usual = TargetName::Socket;
        self.target.unwrap_or(usual)
    }

    /// What is to use the options.
    pub fn user(&self) -> User {
        #[cfg(target_os = "linux")]
        if !self.proxy.is_empty() {
            return User::Proxy;
        }
        self.target().into()
    }

    /// Whether kernel radios are used.
    #[cfg(target_os = "linux")]
    pub fn is_of_hwsim(&self) -> bool {
        self.user() == User::Hwsim
    }

    /// Why these arguments record nothing real, if so.
    pub fn unreal(&self) -> Option<&'static str> {
        if self.target() == TargetName::Sim {
            return Some("a recording is of the real thing; `wpasim run --bless` keeps what our engine says");
        }
        #[cfg(target_os = "linux")]
        if self.target() == TargetName::Hwsim
            && target::implementations(&self.on, false).is_ok_and(|all| all.have_engine())
        {
            return Some("a recording is of the real thing: no device of it can be the engine");
        }
        None
    }
}

/// Records; returns the exit code.
pub(super) fn record(args: RecordArgs) -> u8 {
    if let Some(refusal) = options::refusal_of_record(&args) {
        complain(&format!("wpasim: {refusal}"));
        return BAD_USAGE;
    }
    #[cfg(target_os = "linux")]
    if !args.proxy.is_empty() {
        let listen = args.listen.map_or(crate::proxy::Listen::Instead, crate::proxy::Listen::In);
        return proxy::record(&args.proxy, listen, &args.out.unwrap_or_default(), args.replace);
    }
    let outside = args
        .all_releases
        .then_some("--all-releases: the releases are in the lab: `wpasim lab run -- record …`");
    match args.unreal().or(outside) {
        Some(reason) => {
            complain(&format!("wpasim: {reason}"));
            BAD_USAGE
        }
        None => run::run(&args.into_run()),
    }
}
