//! A device whose process is not ours: its command line, its sockets, its log.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use wpasim_hwsim::KernelRadio;

use super::command_line::{CommandLine, Places, Purpose};
use super::process::{Launch, Process};
use super::sockets::Sockets;
use crate::scenario::model::{Device, Role};
use crate::target::{DeviceLog, TargetError};

/// Names the seed of a process's random bytes to the library that makes them repeatable.
const SEED: &str = "WPASIM_SEED";

/// Names the file of the requests that its driver is to refuse to the same library.
const REFUSALS: &str = "WPASIM_REFUSALS";

/// Lines of a log's end that are shown.
const LAST: usize = 3;
/// Lines that say why that are shown before them.
const REASONS: usize = 5;

/// A line of a log without the time before it.
fn without_time(line: &str) -> &str {
    match line.split_once(": ") {
        Some((time, rest)) if time.bytes().all(|b| b.is_ascii_digit() || b == b'.') => rest,
        _ => line,
    }
}

/// How lines begin that name the file that is refused.
const SUMMARIES: [&str; 3] = [
    "Failed to read or parse configuration",
    "Failed to open config file",
    "Could not open configuration file",
];

/// Whether a line is about a line of a configuration.
fn is_numbered(line: &str) -> bool {
    line.strip_prefix("Line ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a line says why a process does not go on.
fn says_why(line: &str) -> bool {
    let words = [
        "Failed to",
        "failed to",
        "Invalid",
        "invalid",
        "errors found",
        "Could not",
        "could not",
        "unknown",
        "Unknown",
    ];
    let refusals = [
        "not found.",
        "not readable.",
        "is not configured",
        "is not supported",
        "Cannot ",
        "requires ",
        "needs to be",
    ];
    is_numbered(line) || words.iter().chain(&refusals).any(|word| line.contains(word))
}

/// A device that runs a process of the host's.
pub struct Outsider {
    pub device: Device,
    /// What the kernel calls its interface.
    pub ifname: String,
    pub sockets: Sockets,
    pub process: Option<Process>,
    /// How its last process ended by itself.
    end: Option<ExitStatus>,
    command: CommandLine,
    dir: PathBuf,
    processes: u32,
    /// How many lines its log had as the last process began.
    log_begun: usize,
}

impl Outsider {
    /// A device in the working directory `dir`, not started.
    ///
    /// # Errors
    /// Its configuration cannot be written.
    pub fn new(
        device: &Device,
        radio: &KernelRadio,
        command: CommandLine,
        dir: &Path,
    ) -> Result<Self, TargetError> {
        let ifname = radio.interfaces.first().map_or_else(|| device.ifname(), |(name, _)| name.clone());
        let global = dir.join(format!("{ifname}.global"));
        let (control, config) = match &device.role {
            Role::Supplicant(config) => ("/run/wpa_supplicant", config),
            Role::Hostapd(config) => ("/run/hostapd", config),
            Role::Scripted => {
                return Err(TargetError::Unsupported(format!("{} runs nothing", device.name)));
            }
        };
        let outsider = Outsider {
            device: device.clone(),
            sockets: Sockets::new(Path::new(control), &ifname, &global),
            ifname,
            process: None,
            end: None,
            command,
            dir: dir.to_owned(),
            processes: 0,
            log_begun: 0,
        };
        outsider.put_file(None, config.as_bytes())?;
        Ok(outsider)
    }

    /// Starts its process.
    ///
    /// # Errors
    /// It runs already, or the program cannot be executed.
    pub fn start(&mut self, seed: u64, with_keys: bool, has_refusals: bool) -> Result<(), TargetError> {
        let name = &self.device.name;
        if self.process.is_some() {
            return Err(TargetError::Unsupported(format!("{name} is running already")));
        }
        let stream = match self.processes {
            0 => format!("{seed}/{name}"),
            n => format!("{seed}/{name}#{n}"),
        };
        self.processes += 1;
        let (config, log) = (self.device.config_path(), self.log_name());
        let global = self.dir.join(format!("{}.global", self.ifname));
        let places = Places { ifname: &self.ifname, config: &config, global: &global, log: &log };
        let settings = self.command.settings().iter();
        let mut env: Vec<(&str, OsString)> =
            settings.map(|(name, value)| (name.as_str(), value.into())).collect();
        env.push((SEED, OsString::from(stream)));
        if has_refusals {
            env.push((REFUSALS, self.dir.join(self.refusals_name()).into()));
        }
        let launch = Launch {
            program: self.command.program(),
            arguments: &self.command.arguments(self.purpose(), with_keys, &places),
            dir: &self.dir,
            log: &log,
            env: &env,
        };
        self.sockets.clear();
        self.end = None;
        let log_so_far = fs::read(self.dir.join(&log)).unwrap_or_default();
        self.log_begun = String::from_utf8_lossy(&log_so_far).lines().count();
        let started = Process::start(&launch).map_err(|error| {
            let program = self.command.program();
            TargetError::Unavailable(match error.kind() {
                std::io::ErrorKind::NotFound => format!(
                    "{program} for {name} is not installed or not in PATH; --supplicant and --ap name others"
                ),
                _ => format!("{program} for {name} cannot be started: {error}"),
            })
        })?;
        self.process = Some(started);
        Ok(())
    }

    /// Which kind of program it runs.
    pub fn purpose(&self) -> Purpose {
        match self.device.role {
            Role::Hostapd(_) => Purpose::AccessPoint,
            _ => Purpose::Supplicant,
        }
    }

    /// Whether its process has ended by itself; then it is forgotten.
    pub fn has_ended(&mut self) -> bool {
        let end = self.process.as_mut().and_then(Process::ended);
        if end.is_some() {
            self.process = None;
            self.end = end;
        }
        end.is_some()
    }

    /// Why nothing runs, for reports.
    pub fn how_it_ended(&self) -> String {
        match self.end {
            None => "not running".to_owned(),
            Some(end) => format!("ended, {end}; {}", self.last_words()),
        }
    }

    /// Returns the lines that its last process wrote as it refused its configuration, without the times before them.
    pub fn refusal(&self) -> Vec<String> {
        let text = fs::read(self.dir.join(self.log_name())).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines = text.lines().skip(self.log_begun);
        let known = self.device.what_is_refused();
        let is_refusal = |line: &&str| {
            is_numbered(line)
                || SUMMARIES.iter().any(|s| line.starts_with(s))
                || known.iter().any(|k| k == line)
        };
        lines.map(without_time).filter(is_refusal).map(str::to_owned).collect()
    }

    /// The lines of its log that say why it ended, if there are any, and the last ones.
    pub fn last_words(&self) -> String {
        let text = fs::read(self.dir.join(self.log_name())).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        let (earlier, last) = lines.split_at(lines.len().saturating_sub(LAST));
        let why: Vec<&str> = earlier.iter().copied().filter(|l| says_why(without_time(l))).collect();
        let why = why.get(why.len().saturating_sub(REASONS)..).unwrap_or_default();
        match (lines.is_empty(), why.is_empty()) {
            (true, _) => "its log is empty".to_owned(),
            (_, true) => format!("its log ends with: {}", last.join(" / ")),
            _ => format!("its log says: {} / … / {}", why.join(" / "), last.join(" / ")),
        }
    }

    fn log_name(&self) -> String {
        format!("{}.log", self.device.name)
    }

    /// The file of the requests that its driver is to refuse.
    pub fn refusals_name(&self) -> String {
        format!("{}.refusals", self.ifname)
    }

    /// The path of one of its files.
    pub fn path(&self, path: Option<&str>) -> PathBuf {
        self.dir.join(path.unwrap_or(&self.device.config_path()))
    }

    /// Writes one of its files.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put_file(&self, path: Option<&str>, content: &[u8]) -> Result<(), TargetError> {
        let path = self.path(path);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, content))
            .map_err(|error| TargetError::Unavailable(format!("{}: {error}", path.display())))
    }

    /// What starts its processes.
    pub fn command(&self) -> &CommandLine {
        &self.command
    }

    /// What its processes wrote into their log.
    pub fn log(&self) -> DeviceLog {
        let text = fs::read(self.dir.join(self.log_name())).unwrap_or_default();
        DeviceLog { device: self.device.name.clone(), text }
    }
}
