//! The options of `run`, `compare` and `record` and their users: one table. An option that would have no effect
//! is refused, so that nobody believes to have tested a program that was never started.

use std::path::PathBuf;

use super::compare::CompareArgs;
use super::manner::MakingArgs;
use super::record::RecordArgs;
use super::{BlessWhat, RunArgs, When};
use crate::target::TARGETS;
use crate::target::chosen::{TargetArgs, TargetName};

/// The user of an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum User {
    Target(TargetName),
    /// A directory of transcripts, as a side of `compare`.
    Directory,
    /// `record --proxy`.
    Proxy,
}

use User::{Directory, Proxy};

impl User {
    /// As messages call it.
    fn name(self) -> String {
        match self {
            User::Target(target) => format!("--target {}", target.name),
            Directory => "a directory of transcripts".to_owned(),
            Proxy => "record --proxy".to_owned(),
        }
    }
}

/// The targets that use an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Targets {
    Every,
    /// Those whose row in the table of targets has it.
    Some,
    None,
}

/// An option, and what uses it.
struct Row {
    option: &'static str,
    targets: Targets,
    others: &'static [User],
}

const fn row(option: &'static str, targets: Targets, others: &'static [User]) -> Row {
    Row { option, targets, others }
}

impl Row {
    /// All that use the option.
    fn users(&self) -> Vec<User> {
        let uses = |target: &&TargetName| match self.targets {
            Targets::Every => true,
            Targets::Some => target.options.contains(&self.option),
            Targets::None => false,
        };
        let targets = TARGETS.iter().filter(uses).map(|target| User::Target(target));
        targets.chain(self.others.iter().copied()).collect()
    }
}

/// Every option of the three commands. Whether a target makes as many runs at a time as `--jobs` says is asked of the
/// target itself.
const TABLE: &[Row] = &[
    row("target", Targets::Every, &[]),
    row("supplicant", Targets::Some, &[]),
    row("ap", Targets::Some, &[]),
    row("device", Targets::Some, &[]),
    row("devices", Targets::Some, &[]),
    row("reference", Targets::Every, &[]),
    row("all-releases", Targets::Some, &[]),
    row("seed", Targets::Some, &[Directory]),
    row("repeat", Targets::Every, &[]),
    row("jobs", Targets::Some, &[]),
    row("shard", Targets::Every, &[]),
    row("fail-fast", Targets::Every, &[]),
    row("junit", Targets::Every, &[]),
    row("json", Targets::Every, &[]),
    row("baseline", Targets::Some, &[]),
    row("transcripts", Targets::Every, &[]),
    row("pcap", Targets::Some, &[]),
    row("logs", Targets::Some, &[]),
    row("keys", Targets::Some, &[]),
    row("out", Targets::Some, &[Proxy]),
    row("bless", Targets::Every, &[]),
    row("color", Targets::Every, &[Directory]),
    row("verbose", Targets::Every, &[Directory]),
    row("proxy", Targets::None, &[Proxy]),
    row("listen", Targets::None, &[Proxy]),
    row("replace", Targets::Some, &[Proxy]),
];

/// Options that were given, with their values.
#[derive(Default)]
struct Given(Vec<(&'static str, String)>);

impl Given {
    fn text(mut self, option: &'static str, value: Option<impl ToString>) -> Self {
        self.0.extend(value.map(|value| (option, value.to_string())));
        self
    }

    fn path(self, option: &'static str, value: Option<&PathBuf>) -> Self {
        self.text(option, value.map(|path| path.display()))
    }

    fn flag(mut self, option: &'static str, given: bool) -> Self {
        self.0.extend(given.then_some((option, String::new())));
        self
    }

    fn making(self, args: &MakingArgs) -> Self {
        self.text("seed", args.seed)
            .text("jobs", args.jobs.filter(|jobs| *jobs > 1))
            .flag("color", !matches!(args.color, When::Auto))
    }

    fn target(self, args: &TargetArgs) -> Self {
        let device = args.device.first().map(ToString::to_string);
        self.text("supplicant", args.supplicant.as_ref())
            .text("ap", args.ap.as_ref())
            .text("device", device)
            .path("devices", args.devices.as_ref())
    }

    /// Returns the reason why one of them is refused.
    fn refusal(&self, users: &[User]) -> Option<String> {
        let row = |option: &str| TABLE.iter().find(|row| row.option == option);
        let is_used = |option: &str| row(option).is_some_and(|r| r.users().iter().any(|u| users.contains(u)));
        let (option, value) = self.0.iter().find(|(option, _)| !is_used(option))?;
        let mut users: Vec<String> = users.iter().map(|user| user.name()).collect();
        users.dedup();
        let for_these: Vec<String> = row(option).iter().flat_map(|row| row.users()).map(User::name).collect();
        let space = if value.is_empty() { "" } else { " " };
        Some(format!(
            "--{option}{space}{value} means nothing to {}; it is for {}",
            users.join(" and "),
            for_these.join(", ")
        ))
    }
}

/// Returns the reason why an option of `run` is refused, if one is.
pub(super) fn refusal_of_run(args: &RunArgs) -> Option<String> {
    let bless = args.bless.is_some_and(|what| matches!(what, BlessWhat::Own | BlessWhat::Recordings));
    let given = Given::default()
        .target(&args.on)
        .making(&args.manner.making)
        .text("reference", args.reference)
        .flag("repeat", args.repeat > 1)
        .flag("shard", args.manner.shard.is_some())
        .flag("fail-fast", args.manner.fail_fast)
        .path("junit", args.manner.reports.junit.as_ref())
        .path("json", args.manner.reports.json.as_ref())
        .path("baseline", args.baseline.as_ref())
        .path("transcripts", args.manner.transcripts.as_ref())
        .path("pcap", args.manner.pcap.as_ref())
        .path("logs", args.manner.logs.as_ref())
        .path("keys", args.keys.as_ref())
        .path("out", args.manner.out.as_ref())
        .flag("bless", bless)
        .flag("verbose", args.manner.verbose);
    given.refusal(&[User::Target(args.target)])
}

/// Returns the reason why an option of `compare` is refused, if one is: neither side uses it.
pub(super) fn refusal_of_compare(args: &CompareArgs, sides: [Option<TargetName>; 2]) -> Option<String> {
    let given = Given::default()
        .target(&args.target)
        .making(&args.making)
        .path("transcripts", args.transcripts.as_ref())
        .flag("verbose", args.verbose);
    given.refusal(&sides.map(|side| side.map_or(Directory, User::Target)))
}

/// Returns the reason why an option of `record` is refused, if one is.
pub(super) fn refusal_of_record(args: &RecordArgs) -> Option<String> {
    let given = Given::default()
        .flag("all-releases", args.all_releases)
        .text("target", args.target.map(|target| target.name))
        .target(&args.on)
        .making(&args.making)
        .path("transcripts", args.transcripts.as_ref())
        .path("logs", args.logs.as_ref())
        .path("out", args.out.as_ref())
        .flag("replace", args.replace)
        .flag("verbose", args.verbose);
    given.refusal(&[args.user()])
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::super::{Cli, Command};
    use super::*;

    /// A value for an option that takes one.
    fn sample(option: &str) -> Option<&'static str> {
        Some(match option {
            "verbose" | "fail-fast" | "replace" | "bless" | "all-releases" => return None,
            "target" => "hwsim",
            "device" => "sta=engine",
            "seed" | "repeat" | "jobs" => "7",
            "shard" => "1/2",
            "color" => "never",
            "reference" => "2.10",
            _ => "somewhere",
        })
    }

    /// Whether the command refuses the option, in words.
    fn refusal(line: &str) -> Option<String> {
        match Cli::try_parse_from(line.split(' ')).unwrap_or_else(|e| panic!("{line}: {e}")).command {
            Some(Command::Run(args)) => refusal_of_run(&args),
            Some(Command::Compare(args)) => refusal_of_compare(&args, args.sides()),
            Some(Command::Record(args)) => refusal_of_record(&args),
            other => panic!("{line}: {other:?}"),
        }
    }

    fn options_of(command: &str) -> Vec<String> {
        let cli = Cli::command();
        let command = cli.find_subcommand(command).unwrap();
        let long = command.get_arguments().filter_map(|a| a.get_long()).map(str::to_owned);
        long.filter(|option| option != "help").collect()
    }

    /// Returns the ways in which a command line reaches a user.
    fn reached(command: &str) -> Vec<(String, User)> {
        let targets: Vec<(&str, User)> = TARGETS.iter().map(|t| (t.name, User::Target(t))).collect();
        let line = |text: String| format!("wpasim {command} {text}");
        match command {
            "run" => targets.iter().map(|(n, u)| (line(format!("x --target {n}")), *u)).collect(),
            "compare" => {
                let same = targets.iter().map(|(n, u)| (line(format!("{n} {n} x")), *u));
                same.chain([(line("one another x".into()), Directory)]).collect()
            }
            _ => {
                let is_real = |(_, user): &&(&str, User)| matches!(user, User::Target(target) if (target.unreal)(&TargetArgs::default()).is_none());
                let real = targets.iter().filter(is_real).map(|(n, u)| (line(format!("x --target {n}")), *u));
                real.chain([(line("--proxy /run/x".into()), Proxy)]).collect()
            }
        }
    }

    #[test]
    fn every_option_is_used_or_refused_by_every_target() {
        let mut cells = 0;
        for command in ["run", "compare", "record"] {
            for option in options_of(command) {
                let row = TABLE
                    .iter()
                    .find(|row| row.option == option)
                    .unwrap_or_else(|| panic!("{command} has --{option}, the table does not"));
                for (line, user) in reached(command) {
                    // Only what clap itself refuses, or what makes the user what it is.
                    let is_its_own = line.contains(&format!("--{option} "));
                    if is_its_own || option == "listen" && user != Proxy || option == "proxy" {
                        continue;
                    }
                    let out = if user == Proxy && option != "out" { " --out o" } else { "" };
                    let value = sample(&option).map(|v| format!(" {v}")).unwrap_or_default();
                    let line = format!("{line}{out} --{option}{value}");
                    let refusal = refusal(&line);
                    assert_eq!(refusal.is_none(), row.users().contains(&user), "{line}: {refusal:?}");
                    if let Some(message) = refusal {
                        assert!(
                            message.starts_with(&format!("--{option}{value} means nothing to "))
                                || value == " never",
                            "{message}"
                        );
                    }
                    cells += 1;
                }
            }
        }
        assert!(cells > 90, "{cells}");
    }

    #[test]
    fn every_row_is_an_option() {
        let known: Vec<String> = ["run", "compare", "record"].iter().flat_map(|c| options_of(c)).collect();
        for target in TARGETS {
            for option in target.options {
                let row = TABLE.iter().find(|row| row.option == *option);
                assert_eq!(row.map(|r| r.targets), Some(Targets::Some), "{} has --{option}", target.name);
            }
        }
        for row in TABLE {
            assert!(known.iter().any(|option| option == row.option), "--{}", row.option);
        }
    }

    #[test]
    fn one_side_that_uses_an_option_is_enough() {
        assert_eq!(refusal("wpasim compare sim hwsim x --supplicant ./mine"), None);
        assert_eq!(
            refusal("wpasim compare sim before x --supplicant ./mine").as_deref(),
            Some(
                "--supplicant ./mine means nothing to --target sim and a directory of transcripts; it is for --target hwsim"
            )
        );
    }
}
