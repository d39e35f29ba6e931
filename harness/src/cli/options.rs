//! Which options of `run`, `compare` and `record` mean something to what: one table. An option that would have no effect
//! is refused, so that nobody believes to have tested a program that was never started.

use std::path::PathBuf;

use super::TargetName;
use super::compare::CompareArgs;
use super::record::RecordArgs;
use super::target::TargetArgs;
use super::{BlessWhat, RunArgs, When};

/// What an option is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum User {
    Sim,
    Socket,
    Hwsim,
    /// A directory of transcripts, as a side of `compare`.
    Directory,
    /// `record --proxy`.
    Proxy,
}

use User::{Directory, Hwsim, Proxy, Sim, Socket};

impl User {
    /// As messages call it.
    fn name(self) -> &'static str {
        match self {
            Sim => "--target sim",
            Socket => "--target socket",
            Hwsim => "--target hwsim",
            Directory => "a directory of transcripts",
            Proxy => "record --proxy",
        }
    }
}

impl From<TargetName> for User {
    fn from(name: TargetName) -> Self {
        match name {
            TargetName::Sim => Sim,
            #[cfg(unix)]
            TargetName::Socket => Socket,
            #[cfg(target_os = "linux")]
            TargetName::Hwsim => Hwsim,
        }
    }
}

/// What makes a run.
const TARGETS: &[User] = &[Sim, Socket, Hwsim];

/// An option, and what uses it.
struct Row {
    option: &'static str,
    used_by: &'static [User],
}

const fn row(option: &'static str, used_by: &'static [User]) -> Row {
    Row { option, used_by }
}

/// Every option of the three commands. Whether a target makes as many runs at a time as `--jobs` says is asked of the
/// target itself.
const TABLE: &[Row] = &[
    row("target", TARGETS),
    row("supplicant", &[Hwsim]),
    row("ap", &[Hwsim]),
    row("device", &[Socket, Hwsim]),
    row("devices", &[Socket]),
    row("reference", TARGETS),
    row("all-releases", &[Hwsim]),
    row("seed", &[Sim, Hwsim, Directory]),
    row("repeat", TARGETS),
    row("jobs", &[Sim, Hwsim]),
    row("shard", TARGETS),
    row("fail-fast", TARGETS),
    row("junit", TARGETS),
    row("json", TARGETS),
    row("baseline", &[Sim, Hwsim]),
    row("transcripts", TARGETS),
    row("pcap", &[Sim, Hwsim]),
    row("logs", &[Hwsim]),
    row("keys", &[Sim, Hwsim]),
    row("out", &[Sim, Hwsim, Proxy]),
    row("bless", TARGETS),
    row("color", &[Sim, Socket, Hwsim, Directory]),
    row("verbose", &[Sim, Socket, Hwsim, Directory]),
    row("proxy", &[Proxy]),
    row("listen", &[Proxy]),
    row("replace", &[Socket, Hwsim, Proxy]),
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

    fn color(self, when: When) -> Self {
        self.flag("color", !matches!(when, When::Auto))
    }

    fn target(self, args: &TargetArgs) -> Self {
        let device = args.device.first().map(ToString::to_string);
        self.text("supplicant", args.supplicant.as_ref())
            .text("ap", args.ap.as_ref())
            .text("device", device)
            .path("devices", args.devices.as_ref())
    }

    /// Why one of them is refused.
    fn refusal(&self, users: &[User]) -> Option<String> {
        let row = |option: &str| TABLE.iter().find(|row| row.option == option);
        let is_used = |option: &str| row(option).is_some_and(|r| r.used_by.iter().any(|u| users.contains(u)));
        let (option, value) = self.0.iter().find(|(option, _)| !is_used(option))?;
        let mut users: Vec<&str> = users.iter().map(|user| user.name()).collect();
        users.dedup();
        let for_these: Vec<&str> = row(option).iter().flat_map(|row| row.used_by).map(|u| u.name()).collect();
        let space = if value.is_empty() { "" } else { " " };
        Some(format!(
            "--{option}{space}{value} means nothing to {}; it is for {}",
            users.join(" and "),
            for_these.join(", ")
        ))
    }
}

/// Why an option of `run` is refused, if so.
pub(super) fn refusal_of_run(args: &RunArgs) -> Option<String> {
    let bless = args.bless.is_some_and(|what| matches!(what, BlessWhat::Own | BlessWhat::Recordings));
    let given = Given::default()
        .target(&args.on)
        .text("reference", args.reference)
        .text("seed", args.manner.seed)
        .flag("repeat", args.repeat > 1)
        .text("jobs", args.manner.jobs.filter(|jobs| *jobs > 1))
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
        .color(args.manner.color)
        .flag("verbose", args.manner.verbose);
    given.refusal(&[args.target.into()])
}

/// Why an option of `compare` is refused, if so: neither side uses it.
pub(super) fn refusal_of_compare(args: &CompareArgs, sides: [Option<TargetName>; 2]) -> Option<String> {
    let given = Given::default()
        .target(&args.target)
        .text("seed", args.seed)
        .text("jobs", args.jobs.filter(|jobs| *jobs > 1))
        .path("transcripts", args.transcripts.as_ref())
        .color(args.color)
        .flag("verbose", args.verbose);
    given.refusal(&sides.map(|side| side.map_or(Directory, User::from)))
}

/// Why an option of `record` is refused, if so.
pub(super) fn refusal_of_record(args: &RecordArgs) -> Option<String> {
    let given = Given::default()
        .flag("all-releases", args.all_releases)
        .text("target", args.target.map(|name| format!("{name:?}").to_lowercase()))
        .target(&args.on)
        .text("seed", args.seed)
        .text("jobs", args.jobs.filter(|jobs| *jobs > 1))
        .path("transcripts", args.transcripts.as_ref())
        .path("logs", args.logs.as_ref())
        .path("out", args.out.as_ref())
        .flag("replace", args.replace)
        .color(args.color)
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

    /// How a command line reaches a user.
    fn reached(command: &str) -> Vec<(String, User)> {
        let targets = [("sim", Sim), ("socket", Socket), ("hwsim", Hwsim)];
        let line = |text: String| format!("wpasim {command} {text}");
        match command {
            "run" => targets.iter().map(|(n, u)| (line(format!("x --target {n}")), *u)).collect(),
            "compare" => {
                let same = targets.iter().map(|(n, u)| (line(format!("{n} {n} x")), *u));
                same.chain([(line("one another x".into()), Directory)]).collect()
            }
            _ => {
                let real = targets.iter().skip(1).map(|(n, u)| (line(format!("x --target {n}")), *u));
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
                    assert_eq!(refusal.is_none(), row.used_by.contains(&user), "{line}: {refusal:?}");
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
