//! `wpasim case`: one run of one scenario in this process, saved for the one that asked for it. It is
//! what `wpasim lab run -- run …` starts in each guest.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use clap::Args;

use super::run::catch_interrupts;
use super::{BAD_USAGE, RunArgs, complain, say, selected};
use crate::lab::runs::save;
use crate::run::Options;
use crate::session::read;
use crate::target::hwsim::{HwsimKind, Implementations};

#[derive(Args, Debug)]
pub(super) struct CaseArgs {
    #[command(flatten)]
    run: RunArgs,
    /// The directory for the run, its capture and the debug logs
    #[arg(long, value_name = "DIR")]
    result: PathBuf,
    /// Let debug logs show keys
    #[arg(long)]
    with_keys: bool,
}

/// Runs it; the exit code says whether there is a run to read.
pub(super) fn case(args: &CaseArgs) -> u8 {
    match run(args) {
        Ok(()) => 0,
        Err(message) => {
            complain(&format!("wpasim: {message}"));
            BAD_USAGE
        }
    }
}

fn run(args: &CaseArgs) -> Result<(), String> {
    let (selected, _) = selected(&args.run.selection);
    let [one] = selected.as_slice() else {
        return Err(format!("{} scenarios are selected, not one", selected.len()));
    };
    let (_, scenario) = read(one)?;
    let kind = HwsimKind::new(Implementations::from_arguments(&args.run.on, args.with_keys)?);
    let interrupted = catch_interrupts();
    let options = Options {
        release: args.run.reference.unwrap_or_default(),
        seed: args.run.manner.making.seed(),
        capture: true,
        live: args.run.manner.verbose.then_some(&say),
        interrupted: &|| interrupted.load(Ordering::Relaxed),
    };
    let run = crate::run::run(&scenario, &kind, options);
    save(&run, &args.result).map_err(|error| format!("{}: {error}", args.result.display()))
}
