//! One test per scenario: `area::name[@case]`, so that `cargo test` and nextest list, filter and
//! shard them. Listing reads file names and `matrix:` only; a test reads its own scenario only.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use wpasim::report::model::Reported;
use wpasim::report::terminal::{Paint, details};
use wpasim::scenario::discover::{Selected, select};
use wpasim::session::{self, Context, Jobs, Plan, Verdict};
use wpasim::target::sim::SimKind;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Err(error) = std::env::set_current_dir(&workspace) {
        eprintln!("{}: {error}", workspace.display());
        return ExitCode::FAILURE;
    }
    let kind = Arc::new(SimKind::default());
    let (selected, unusable) = select(&["scenarios".to_owned()], Path::new(""));
    let unusable = unusable
        .into_iter()
        .map(|error| Trial::test(error.to_string(), move || Err(Failed::from(error.to_string()))));
    let trials = selected.into_iter().map(|one| trial(one, kind.clone())).chain(unusable).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(selected: Selected, kind: Arc<SimKind>) -> Trial {
    let name = selected.full_name().replace('/', "::");
    Trial::ignorable_test(name, move || run(selected, &kind))
}

fn run(selected: Selected, kind: &SimKind) -> Result<Completion, Failed> {
    let (known, invalid) = session::deviations(std::slice::from_ref(&selected));
    if let Some(invalid) = invalid.first() {
        return Err(invalid.to_string().into());
    }
    let plan = Plan { jobs: 1, out: PathBuf::from("wpasim-out"), ..Plan::default() };
    let selected = [selected];
    let jobs = Jobs { selected: &selected, seed: 1, repeat: 1, shard: None };
    let interrupted = AtomicBool::new(false);
    let context = Context::new(kind, &plan, &known, &interrupted);
    let outcomes = session::run_all(&jobs, context, |_| {});
    let outcome = outcomes.first().ok_or("the run was not made")?;
    match &outcome.verdict {
        Verdict::Pass { .. } => Ok(Completion::Completed),
        Verdict::Skip(reason) => Ok(Completion::ignored_with(reason)),
        _ => {
            let run = Reported::of(outcome, &known);
            Err(details(&run, false, Paint(false)).unwrap_or_default().into())
        }
    }
}
