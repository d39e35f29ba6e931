//! The command line.

#[cfg(target_os = "linux")]
mod case;
mod check;
mod compare;
mod conformance;
mod examples;
#[cfg(target_os = "linux")]
mod explore;
#[cfg(target_os = "linux")]
mod gate;
#[cfg(target_os = "linux")]
mod lab;
mod manner;
mod merge;
mod new;
mod options;
mod pages;
#[cfg(target_os = "linux")]
mod proxy;
mod publish;
mod record;
mod releases;
mod run;
#[cfg(target_os = "linux")]
mod serve;
mod shard;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::release::Release;
use crate::report::terminal::Paint;
use crate::scenario::bounded;
use crate::scenario::discover::{SelectError, Selected, select};
use crate::session::write_atomically;
use crate::target::chosen::{TargetArgs, TargetName, USUAL};
use crate::{import, scenario, transcript};

/// Bad usage, an unmatched name or an invalid file.
pub const BAD_USAGE: u8 = 2;

/// Deterministic simulator and conformance test harness for Wi-Fi supplicants.
#[derive(Parser, Debug)]
#[command(name = "wpasim", disable_version_flag = true, arg_required_else_help = true)]
struct Cli {
    /// Print the version, with the versions of the formats it reads and writes
    #[arg(short = 'V', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run scenarios and compare what is said with their transcripts
    #[command(after_help = examples::RUN)]
    Run(Box<RunArgs>),
    /// Run scenarios on two targets, or take two directories of transcripts, and show where they differ
    #[command(after_help = examples::COMPARE)]
    Compare(compare::CompareArgs),
    /// Join the JSON reports of a session's shards
    #[command(after_help = examples::MERGE)]
    Merge(merge::MergeArgs),
    /// Make a page of scenarios by implementation, from reports of `run --json`
    #[command(after_help = examples::CONFORMANCE)]
    Conformance(conformance::ConformanceArgs),
    /// Make the page of what changed from release to release, from the transcripts of each
    #[command(after_help = examples::RELEASES)]
    Releases(releases::ReleasesArgs),
    /// List scenarios
    #[command(after_help = examples::LIST)]
    List(ListArgs),
    /// Validate scenarios, transcripts and deviations; find orphans and what has no transcript
    #[command(after_help = examples::CHECK)]
    Check(SelectArgs),
    /// Write a commented example scenario that passes
    #[command(after_help = examples::NEW)]
    New {
        /// The file to write; it must not exist
        file: PathBuf,
    },
    /// Build and use the lab, where real supplicants run in virtual time
    #[cfg(target_os = "linux")]
    #[command(subcommand, after_help = examples::LAB)]
    Lab(lab::LabCommand),
    /// Test a build of wpa_supplicant or hostapd in the lab, against its release's references or another build
    #[cfg(target_os = "linux")]
    #[command(after_help = examples::GATE)]
    Gate(Box<gate::GateArgs>),
    /// Look for differences: random sessions, recorded in the lab, to which the engine is held
    #[cfg(target_os = "linux")]
    #[command(after_help = examples::EXPLORE)]
    Explore(Box<explore::ExploreArgs>),
    /// Run one scenario and save the run, for a wpasim outside
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    Case(Box<case::CaseArgs>),
    /// Record what the real implementation says as the scenarios' references
    #[command(after_help = examples::RECORD)]
    Record(Box<record::RecordArgs>),
    /// Serve simulated devices behind control sockets, for wpa_cli and every other client
    #[cfg(target_os = "linux")]
    #[command(after_help = examples::SERVE)]
    Serve(serve::ServeArgs),
    /// Print the JSON Schema of scenario files
    #[command(after_help = examples::SCHEMA)]
    Schema {
        /// Print that of the reports of `run --json` instead
        #[arg(long)]
        report: bool,
    },
    /// Print the completions of a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command into a directory
    #[command(after_help = examples::MAN)]
    Man {
        /// Where the pages go
        directory: Option<PathBuf>,
    },
    /// Turn a recorded session into a transcript, with its random choices as pins
    #[command(after_help = examples::IMPORT)]
    Import {
        /// The recording
        session: PathBuf,
        /// Where the transcript goes instead of standard output
        #[arg(short, long)]
        output: Option<PathBuf>,
        /// Implementation and version that was recorded
        #[arg(long, default_value = "wpa_supplicant 2.10, hostapd 2.10 (Debian 2:2.10-12+deb12u3)")]
        made_by: String,
        /// Kernel and radio it ran on
        #[arg(long, default_value = "Linux 6.1, mac80211_hwsim")]
        kernel: String,
    },
}

#[derive(Args, Debug)]
struct SelectArgs {
    /// Files, directories, names (area/name, or name alone), globs, or builtin:[NAME]
    selection: Vec<String>,
}

#[derive(Args, Debug)]
struct ListArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// A JSON array with the name, the file, the case and the transcript of each
    #[arg(long)]
    json: bool,
}

/// The occasions on which colours are used.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// The references that `--bless` replaces.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum BlessWhat {
    /// Those of our own engine, and missing ones
    Own,
    /// Recordings of wpa_supplicant and hostapd as well
    Recordings,
    /// Everything but imported recordings: `wpasim record`
    #[value(skip)]
    Record,
    /// Everything: `wpasim record --replace`
    #[value(skip)]
    RecordAnew,
}

#[derive(Args, Debug)]
struct RunArgs {
    /// Files, directories, names (area/name, or name alone), globs, or builtin:[NAME]
    selection: Vec<String>,
    /// What the scenarios run against
    #[arg(long, value_enum, default_value = USUAL)]
    target: TargetName,
    #[command(flatten)]
    on: TargetArgs,
    /// The release whose references the runs are held to [default: the newest that the tested version is not older than]
    #[arg(long, value_name = "2.9|2.10|2.11")]
    reference: Option<Release>,
    /// Run each scenario this many times, with seeds S, S+1, …
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    repeat: u64,
    #[command(flatten)]
    manner: manner::MannerArgs,
    /// List the runs whose trace hash differs from that of an older JSON report, and those that only one side has
    #[arg(long, value_name = "OLD.json")]
    baseline: Option<PathBuf>,
    /// Write keys that decrypt the captures, as Wireshark's 80211_keys table
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Make what is said the reference, where it differs or is missing
    #[arg(
        long,
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "own",
        conflicts_with = "repeat"
    )]
    bless: Option<BlessWhat>,
}

impl RunArgs {
    /// A run of these scenarios on a target, as it is by default but for its manner.
    fn new(selection: Vec<String>, target: TargetName, manner: manner::MannerArgs) -> Self {
        RunArgs {
            selection,
            target,
            on: TargetArgs::default(),
            reference: None,
            repeat: 1,
            manner,
            baseline: None,
            keys: None,
            bless: None,
        }
    }
}

/// The seed unless one is given.
const SEED: u64 = 1;

/// Prints a line; whoever has stopped reading does not end the program with a panic.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// NO_COLOR with any value, or a terminal that knows no colours.
fn asked_for_none() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
        || std::env::var_os("TERM").is_some_and(|v| v == "dumb")
}

fn paint(when: When) -> Paint {
    Paint(match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::io::stdout().is_terminal() && !asked_for_none(),
    })
}

/// The program.
pub fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if crate::lab::guest::is_init() {
        return crate::lab::guest::main();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { BAD_USAGE } else { 0 });
        }
    };
    if cli.version {
        say(&format!(
            "wpasim {}\nscenario format {}\ntranscript format {}\nreport format {}",
            env!("CARGO_PKG_VERSION"),
            scenario::FORMAT,
            transcript::FORMAT,
            crate::report::json::FORMAT
        ));
        return ExitCode::SUCCESS;
    }
    let code = match cli.command {
        None => BAD_USAGE,
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Compare(args)) => compare::compare(&args),
        Some(Command::Merge(args)) => merge::run(&args),
        Some(Command::Conformance(args)) => conformance::conformance(&args),
        Some(Command::Releases(args)) => releases::releases(&args),
        Some(Command::List(args)) => list(&args),
        Some(Command::Check(args)) => check::check(&args.selection),
        Some(Command::New { file }) => new::new(&file),
        #[cfg(target_os = "linux")]
        Some(Command::Lab(command)) => lab::lab(&command),
        #[cfg(target_os = "linux")]
        Some(Command::Gate(args)) => gate::gate(*args),
        #[cfg(target_os = "linux")]
        Some(Command::Explore(args)) => explore::explore(&args),
        #[cfg(target_os = "linux")]
        Some(Command::Case(args)) => case::case(&args),
        Some(Command::Record(args)) => record::record(*args),
        #[cfg(target_os = "linux")]
        Some(Command::Serve(args)) => serve::serve(&args),
        Some(Command::Schema { report }) => {
            let schema = if report { crate::report::schema::schema() } else { scenario::schema::schema() };
            say(&serde_json::to_string_pretty(&schema).unwrap_or_default());
            0
        }
        Some(Command::Completions { shell }) => pages::completions(shell, Cli::command()),
        Some(Command::Man { directory }) => pages::manual(directory.as_deref(), Cli::command()),
        Some(Command::Import { session, output, made_by, kernel }) => {
            import_session(&session, output.as_deref(), &made_by, &kernel)
        }
    };
    ExitCode::from(code)
}

/// Returns the scenarios that the arguments select, and whether something is wrong with them, which is said: one selects nothing, or holds
/// what cannot be looked at.
fn selected(arguments: &[String]) -> (Vec<Selected>, bool) {
    let (selected, errors) = selection(arguments);
    errors.iter().for_each(|error| complain(&format!("wpasim: {error}")));
    (selected, !errors.is_empty())
}

fn selection(arguments: &[String]) -> (Vec<Selected>, Vec<SelectError>) {
    match std::env::current_dir() {
        Ok(here) => select(arguments, &here),
        Err(error) => {
            let reason = error.to_string();
            (Vec::new(), vec![SelectError::Unusable { path: ".".into(), reason }])
        }
    }
}

fn list(args: &ListArgs) -> u8 {
    let (all, unmatched) = selected(&args.select.selection);
    if args.json {
        let rows: Vec<serde_json::Value> = all.iter().map(listed).collect();
        say(&serde_json::to_string_pretty(&rows).unwrap_or_default());
    } else {
        all.iter().for_each(|s| say(&s.full_name()));
    }
    if unmatched { BAD_USAGE } else { 0 }
}

/// A scenario as `list --json` shows it.
fn listed(one: &Selected) -> serde_json::Value {
    let case: serde_json::Map<String, serde_json::Value> =
        one.case.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    serde_json::json!({
        "scenario": one.full_name(),
        "file": one.found.path(),
        "case": case,
        "transcript": one.found.root.show(&one.transcript()),
    })
}

fn import_session(session: &Path, output: Option<&Path>, made_by: &str, kernel: &str) -> u8 {
    let shown = session.display().to_string();
    let source = match bounded::read_text(session, bounded::TRANSCRIPT) {
        Ok(source) => source,
        Err(error) => {
            complain(&format!("wpasim: {shown}: {error}"));
            return BAD_USAGE;
        }
    };
    match import::session(&shown, &source, made_by, kernel) {
        Ok(transcript) => {
            let text = transcript.to_string();
            let (place, written) = match output {
                None => ("standard output".to_owned(), crate::system::write_to_stdout(text.as_bytes())),
                Some(path) => (path.display().to_string(), write_atomically(path, text.as_bytes())),
            };
            match written {
                Ok(()) => 0,
                Err(error) => {
                    complain(&format!("wpasim: {place}: {error}"));
                    BAD_USAGE
                }
            }
        }
        Err(invalid) => {
            complain(&invalid.to_string());
            BAD_USAGE
        }
    }
}
