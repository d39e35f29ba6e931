//! `wpasim record`: references from wpa_supplicant and hostapd.

use std::path::PathBuf;

use clap::Args;

use super::manner::{MakingArgs, MannerArgs};
use super::options::{self, User};
#[cfg(target_os = "linux")]
use super::proxy;
use super::{BAD_USAGE, BlessWhat, RunArgs, complain, run};
use crate::target::chosen::{TargetArgs, TargetName, usually_recorded};

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
    #[command(flatten)]
    pub making: MakingArgs,
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
    /// Show each run as it goes
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
        let manner = MannerArgs {
            making: self.making,
            transcripts: self.transcripts,
            logs: self.logs,
            out: self.out,
            verbose: self.verbose,
            ..MannerArgs::default()
        };
        RunArgs { on: self.on, bless, ..RunArgs::new(self.selection, target, manner) }
    }

    /// The target that is recorded.
    fn target(&self) -> TargetName {
        self.target.unwrap_or_else(usually_recorded)
    }

    /// Returns the user of the options.
    pub fn user(&self) -> User {
        #[cfg(target_os = "linux")]
        if !self.proxy.is_empty() {
            return User::Proxy;
        }
        User::Target(self.target())
    }

    /// Whether each run has a boot of its own in the lab.
    #[cfg(target_os = "linux")]
    pub fn boots_in_lab(&self) -> bool {
        matches!(self.user(), User::Target(target) if target.boots_in_lab)
    }

    /// Returns the reason why these arguments record nothing real, if there is one.
    pub fn unreal(&self) -> Option<&'static str> {
        (self.target().unreal)(&self.on)
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
