//! Runs in the lab: every one has a kernel of its own, booted for it, so that no run can change
//! another one, whatever their order.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::guest::CANNOT_START;
use super::{Job, Lab, LabError, Stream};
use crate::release::Release;
use crate::run::{Options, Run, Runs, Tested, saved};
use crate::scenario::discover::Selected;
use crate::scenario::model::{Device, Scenario};
use crate::target::hwsim;
use crate::target::hwsim::command_line::{CommandLine, Purpose};
use crate::target::hwsim::tested::{self, NoSession, Programs, Session, first_line};
use crate::target::hwsim::{CAPABILITIES, Implementation, Implementations, refuses};
use crate::target::{DeviceLog, TargetError};

/// The time that a run may take by the host's clock.
const WALL_LIMIT: Duration = Duration::from_secs(300);
/// The file that the guest writes: the run.
const RUN: &str = "run.json";
/// The capture.
const CAPTURE: &str = "capture.pcapng";
/// Ends the name of each device's debug log.
const LOG: &str = ".log";

/// Makes runs of the hwsim target in the lab.
#[derive(Clone)]
pub struct LabRuns {
    lab: Lab,
    /// The implementations that run the devices, as the arguments say it.
    given: Implementations,
    /// The release that the arguments ask for.
    release: Option<Release>,
    session: Session,
    env: Vec<(OsString, OsString)>,
}

impl LabRuns {
    /// In this lab, with these implementations; what they leave open is of this release, or fits the others.
    ///
    /// # Errors
    /// A release is not in the lab, or a program cannot be started there.
    pub fn new(
        lab: Lab,
        given: Implementations,
        release: Option<Release>,
        programs: &dyn Programs,
    ) -> Result<Self, NoSession> {
        let session = tested::session(&given, release, programs)?;
        Ok(LabRuns { lab, given, release, session, env: Vec::new() })
    }

    /// The releases of the lab that take part.
    pub fn releases(&self) -> impl Iterator<Item = Release> {
        let of_lab = |release: &Release| {
            let version = format!("v{release}");
            self.session.tested.iter().any(|one| one.from == "lab" && one.version.ends_with(&version))
        };
        Release::ALL.into_iter().filter(of_lab)
    }

    /// With these variables in the environment of every run.
    #[must_use]
    pub fn with_env(mut self, env: Vec<(OsString, OsString)>) -> Self {
        self.env = env;
        self
    }

    /// With the lab's pauses after requests to the kernel lengthened by up to so many nanoseconds, otherwise for each seed.
    #[must_use]
    pub fn shaken(mut self, nanoseconds: u32, seed: u64) -> Self {
        self.env.push((super::JITTER.into(), format!("{nanoseconds}:{seed}").into()));
        self
    }

    /// The same, shaken with so many seeds from 1; none for 0 nanoseconds.
    pub fn shaken_often(&self, nanoseconds: u32, seeds: u64) -> Vec<LabRuns> {
        let seeds = if nanoseconds == 0 { 0 } else { seeds };
        (1..=seeds).map(|seed| self.clone().shaken(nanoseconds, seed)).collect()
    }

    fn boot(&self, selected: &Selected, scenario: &Scenario, options: Options<'_>) -> Result<Run, LabError> {
        let results = Results::new()?;
        let io = |what: &Path| LabError::io(what.display().to_string());
        let cwd = std::env::current_dir().map_err(LabError::io("the working directory"))?;
        let wpasim = std::env::current_exe().map_err(LabError::io("the path of this program"))?;
        let mut argv: Vec<OsString> = vec![wpasim.into(), "case".into(), selected.argument().into()];
        argv.extend(["--result".into(), results.0.clone().into()]);
        argv.push(format!("--seed={}", options.seed).into());
        argv.push(format!("--reference={}", options.release).into());
        argv.extend(self.session.implementations.arguments().into_iter().map(OsString::from));
        argv.extend(self.given.with_keys.then(|| "--with-keys".into()));
        argv.extend(options.live.is_some().then(|| "--verbose".into()));
        let mut job = Job::new(argv, cwd);
        job.writable.push(results.0.clone());
        job.env.clone_from(&self.env);
        job.seed = scenario.seed.unwrap_or(options.seed);
        job.wall_limit = WALL_LIMIT;
        job.realtime = true;
        let radios = scenario.devices.iter().map(|device| device.radio + 1).max();
        job.radios = radios.unwrap_or(0).max(Job::RADIOS);
        let mut lines = Lines::default();
        let finished = self.lab.boot_streaming(&job, options.interrupted, &mut |stream, bytes| {
            if let (Stream::Out, Some(live)) = (stream, options.live) {
                lines.add(bytes).iter().for_each(|line| live(line));
            }
        })?;
        let path = results.0.join(RUN);
        let Ok(text) = fs::read_to_string(&path) else {
            let tail = fs::read_to_string(finished.stderr()).unwrap_or_default();
            return Err(LabError::NoResult { code: finished.code, tail });
        };
        let mut run = saved::from_json(&text)
            .map_err(|error| io(&path)(std::io::Error::new(std::io::ErrorKind::InvalidData, error)))?;
        run.remains.pcapng = fs::read(results.0.join(CAPTURE)).ok();
        run.remains.logs = read_logs(&results.0, scenario).map_err(io(&results.0))?;
        Ok(run)
    }
}

impl Runs for LabRuns {
    fn tested(&self) -> Vec<Tested> {
        self.session.tested.clone()
    }

    fn held_to(&self) -> Result<Release, String> {
        self.session.held_to.clone()
    }

    fn name(&self) -> &'static str {
        hwsim::ROW.name
    }

    fn capabilities(&self) -> &'static [&'static str] {
        CAPABILITIES
    }

    fn refuses(&self, scenario: &Scenario) -> Option<String> {
        refuses(scenario, |device| self.has_on_engine(device))
    }

    fn has_on_engine(&self, device: &Device) -> bool {
        *self.session.implementations.of(device) == Implementation::Engine
    }

    fn program(&self) -> String {
        match self.release {
            None => "wpasim lab run -- run".to_owned(),
            Some(release) => format!("wpasim lab run --release {release} -- run"),
        }
    }

    fn arguments(&self) -> String {
        self.given.command_line()
    }

    fn keeps_captures(&self) -> bool {
        true
    }

    fn run(&self, selected: &Selected, scenario: &Scenario, options: Options<'_>) -> Run {
        self.boot(selected, scenario, options).unwrap_or_else(|error| match error {
            LabError::Interrupted => Run::interrupted(scenario, options.seed),
            other => Run::never_began(scenario, options.seed, &TargetError::Unavailable(other.to_string())),
        })
    }
}

/// The time that a program may take to print its version, by the host's clock.
const VERSION_TAKES: Duration = Duration::from_secs(30);

/// Programs are started in the lab even to ask for their version: nothing that is tested runs on the host.
impl Programs for Lab {
    fn of_release(&self, release: Release, purpose: Purpose) -> Result<CommandLine, String> {
        let words = self
            .release(release)
            .map_err(|_| {
                format!(
                    "release {release} is not in the lab: `wpasim lab build --release {release}` adds it, in a minute"
                )
            })?
            .command(purpose.default_program());
        let text = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
        CommandLine::parse(&text).map_err(|error| error.to_string())
    }

    fn banner(&self, command: &CommandLine) -> Result<Option<String>, String> {
        let argv = command.version_words().into_iter().map(OsString::from).collect();
        let here = std::env::current_dir().map_err(|error| format!("the working directory: {error}"))?;
        let mut job = Job::new(argv, here);
        job.env = command.settings().iter().map(|(name, value)| (name.into(), value.into())).collect();
        job.wall_limit = VERSION_TAKES;
        job.radios = 0;
        let finished = self.boot(&job, &|| false).map_err(|error| error.to_string())?;
        let [said, complained] =
            [finished.stdout(), finished.stderr()].map(|path| fs::read(path).unwrap_or_default());
        match finished.code {
            CANNOT_START => {
                let complained = String::from_utf8_lossy(&complained).trim().to_owned();
                Err(complained.strip_prefix("wpasim: ").unwrap_or(&complained).to_owned())
            }
            _ => Ok(first_line(&[said, complained].concat())),
        }
    }
}

/// Writes a run in the guest, where [`LabRuns`] looks for it.
///
/// # Errors
/// A file cannot be written.
pub fn save(run: &Run, dir: &Path) -> std::io::Result<()> {
    if let Some(pcapng) = &run.remains.pcapng {
        fs::write(dir.join(CAPTURE), pcapng)?;
    }
    for log in &run.remains.logs {
        fs::write(dir.join(format!("{}{LOG}", log.device)), &log.text)?;
    }
    // Last: where it is, the rest is complete.
    fs::write(dir.join(RUN), saved::to_json(run))
}

fn read_logs(dir: &Path, scenario: &Scenario) -> std::io::Result<Vec<DeviceLog>> {
    let mut logs = Vec::new();
    for device in &scenario.devices {
        match fs::read(dir.join(format!("{}{LOG}", device.name))) {
            Ok(text) => logs.push(DeviceLog { device: device.name.clone(), text }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(logs)
}

/// The directory for a guest's results; removed at the end.
struct Results(PathBuf);

impl Results {
    fn new() -> Result<Self, LabError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let place = std::env::temp_dir();
        // Of one length: the path is an argument of the guest's wpasim.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = place.join(format!("wpasim-run-{:08x}{number:08x}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&path).map_err(LabError::io(path.display().to_string()))?;
        Ok(Results(path))
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Bytes that become whole lines.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn add(&mut self, bytes: &[u8]) -> Vec<String> {
        self.0.extend_from_slice(bytes);
        let Some(end) = self.0.iter().rposition(|b| *b == b'\n') else { return Vec::new() };
        let whole: Vec<u8> = self.0.drain(..=end).collect();
        String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_passed_on_whole() {
        let mut lines = Lines::default();
        assert!(lines.add(b"a").is_empty());
        assert_eq!(lines.add(b"b\nc\nd"), ["ab", "c"]);
        assert_eq!(lines.add(b"\n"), ["d"]);
    }
}
