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
        };
        outsider.put_file(None, config.as_bytes())?;
        Ok(outsider)
    }

    /// Starts its process.
    ///
    /// # Errors
    /// It runs already, or the program cannot be executed.
    pub fn start(&mut self, seed: u64, with_keys: bool) -> Result<(), TargetError> {
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
        let launch = Launch {
            program: self.command.program(),
            arguments: &self.command.arguments(self.purpose(), with_keys, &places),
            dir: &self.dir,
            log: &log,
            env: &env,
        };
        self.sockets.clear();
        self.end = None;
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

    /// The last lines of its log, for messages about its end.
    pub fn last_words(&self) -> String {
        let text = fs::read(self.dir.join(self.log_name())).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().rev().filter(|l| !l.trim().is_empty()).take(3).collect();
        match lines.is_empty() {
            true => "its log is empty".to_owned(),
            false => {
                format!("its log ends with: {}", lines.into_iter().rev().collect::<Vec<_>>().join(" / "))
            }
        }
    }

    fn log_name(&self) -> String {
        format!("{}.log", self.device.name)
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
