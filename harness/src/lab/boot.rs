//! One boot: a job directory, a kernel process in it, and what it leaves behind.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use super::job::Orders;
use super::process::{Group, find_program};
use super::processor::Processor;
use super::{Job, Lab, LabError, guest};
use crate::wall::Stopwatch;

/// The length of a log that an error shows.
const TAIL: u64 = 2000;
/// The length of an output that is passed on at a time.
const CHUNK: usize = 1 << 16;
/// The guest's clock begins here, on 2023-11-14, in nanoseconds.
const EPOCH: &str = "1700000000000000000";

/// The outputs of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A job that ran to its end. What it wrote is kept until this is dropped.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; 128 and the signal's number if a signal ended it.
    pub code: i32,
    /// The time that the boot took by the host's clock.
    pub wall: Duration,
    dir: JobDir,
}

impl Finished {
    /// The file with what the job wrote to its standard output.
    pub fn stdout(&self) -> PathBuf {
        self.dir.0.join(guest::STDOUT)
    }

    /// The file with what the job wrote to its standard error.
    pub fn stderr(&self) -> PathBuf {
        self.dir.0.join(guest::STDERR)
    }
}

impl Lab {
    /// Runs a job in a kernel of its own. `interrupted` is asked many times a second.
    ///
    /// # Errors
    /// When the job cannot be given to a guest, the guest dies or takes too long, or the caller is interrupted.
    /// The kernel and everything in it has ended when this returns.
    pub fn boot(&self, job: &Job, interrupted: &dyn Fn() -> bool) -> Result<Finished, LabError> {
        self.boot_streaming(job, interrupted, &mut |_, _| ())
    }

    /// As [`Lab::boot`]; what the job writes is also passed on as it comes.
    ///
    /// # Errors
    /// As [`Lab::boot`].
    pub fn boot_streaming(
        &self,
        job: &Job,
        interrupted: &dyn Fn() -> bool,
        written: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Finished, LabError> {
        let watch = Stopwatch::start();
        let dir = JobDir::new()?;
        self.prepare(job, &dir)?;
        let log = dir.0.join(KERNEL_LOG);
        let log = File::create(&log).map_err(LabError::io(log.display().to_string()))?;
        let processor = Processor::take();
        let mut kernel = Group::start(self.kernel_command(job, &dir, processor.as_ref()), &log)?;
        let mut followers = [(Stream::Out, guest::STDOUT), (Stream::Err, guest::STDERR)]
            .map(|(stream, name)| Follower::new(stream, dir.0.join(name)));
        let status = loop {
            let ended = kernel.wait_a_little()?;
            followers.iter_mut().for_each(|f| f.follow(written));
            if let Some(status) = ended {
                break status;
            }
            if interrupted() {
                return Err(LabError::Interrupted);
            }
            if watch.elapsed() > job.wall_limit {
                return Err(LabError::TimedOut { limit: job.wall_limit, tail: dir.tail() });
            }
        };
        let code = fs::read_to_string(dir.0.join(guest::EXIT)).ok().and_then(|text| text.trim().parse().ok());
        match code {
            Some(code) => Ok(Finished { code, wall: watch.elapsed(), dir }),
            None => Err(LabError::Died { status: status.to_string(), tail: dir.tail() }),
        }
    }

    /// Puts into the job directory what the guest's first process needs.
    fn prepare(&self, job: &Job, dir: &JobDir) -> Result<(), LabError> {
        for program in ["setpriv", "setarch", "chrt"] {
            find_program(program).ok_or(LabError::NoProgram {
                program,
                purpose: "to start the lab",
                package: "util-linux",
            })?;
        }
        for path in job.writable.iter().chain([&job.cwd]) {
            if !path.is_absolute() || !path.is_dir() {
                let reason = format!("{} is no directory with an absolute path", path.display());
                return Err(LabError::BadJob { reason });
            }
        }
        let mut env = self.environment(job.seed);
        for (name, value) in &job.env {
            env.retain(|(known, _)| known != name);
            env.push((name.clone(), value.clone()));
        }
        let mut writable = job.writable.clone();
        // The upper directory is mounted first, or it would hide the lower one.
        writable.sort();
        let realtime: &[&str] = if job.realtime { &["chrt", "-R", "-f", "50"] } else { &[] };
        let orders = Orders {
            argv: realtime.iter().map(OsString::from).chain(job.argv.iter().cloned()).collect(),
            env,
            cwd: job.cwd.clone(),
            writable,
            readable: [Some(self.layout.cache.as_path()), self.wpasim.parent(), Some(&job.cwd)]
                .into_iter()
                .flatten()
                .map(Path::to_owned)
                .collect(),
        };
        if !orders.is_sayable() {
            let reason = "an argument, a path or a variable is empty or has a NUL byte in it".to_owned();
            return Err(LabError::BadJob { reason });
        }
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.0.join(name);
            fs::write(&path, bytes).map_err(LabError::io(path.display().to_string()))
        };
        put(guest::ORDERS, &orders.encode())?;
        put(guest::STDOUT, b"")?;
        put(guest::STDERR, b"")?;
        // Links, because LD_PRELOAD splits paths at spaces and colons.
        for (name, file) in [("init", &self.wpasim), (guest::PRELOAD_FILE, &self.layout.preload())] {
            let link = dir.0.join(name);
            symlink(file, &link).map_err(LabError::io(link.display().to_string()))?;
        }
        Ok(())
    }

    /// The kernel's command line goes into its random numbers: nothing in it may differ between two boots of a job.
    /// The place of the job is therefore learned through its host process's working directory.
    fn kernel_command(&self, job: &Job, dir: &JobDir, processor: Option<&Processor>) -> Command {
        let mut command = Command::new("setpriv");
        // If this process is killed the kernel is too, and its own processes with it.
        command.args(["--pdeathsig", "KILL"]);
        if let Some(processor) = processor {
            command.args(["taskset", "-c", &processor.number()]);
        }
        if can_fix_addresses() {
            command.args(["setarch", "-R"]);
        }
        command.arg(self.layout.kernel());
        command.arg(format!("mem={}M", job.memory_mib)).args([
            "root=/dev/root",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            guest::INIT_ARGUMENT,
            "umid=lab",
            "con0=null",
            "con=null",
            "ssl=null",
            "panic=-1",
            "time-travel=inf-cpu",
        ]);
        command
            .arg(format!("time-travel-start={EPOCH}"))
            .arg(format!("mac80211_hwsim.radios={}", job.radios))
            .arg("mac80211_hwsim.support_p2p_device=0");
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &dir.0)
            // The host's random numbers are what the kernel begins with.
            .env("LD_PRELOAD", format!("./{}", guest::PRELOAD_FILE))
            .env(super::SEED, format!("kernel {}", job.seed));
        if let Some(place) = memory_place(job.memory_mib) {
            command.env("TMPDIR", place);
        }
        command.current_dir(&dir.0);
        command
    }
}

/// Whether the host lets a process have fixed addresses: personality(2) with ADDR_NO_RANDOMIZE. Some containers refuse it, as
/// those of Docker's default seccomp profile do.
pub(super) fn can_fix_addresses() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut command = Command::new("setarch");
        command.args(["-R", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// The file for the kernel's output in the job directory; normally there is none that matters.
const KERNEL_LOG: &str = "kernel.log";

/// Returns the place that is to back the guest's memory, if the usual place is too small (as in many containers).
fn memory_place(mib: u32) -> Option<PathBuf> {
    let free = rustix::fs::statvfs("/dev/shm").map_or(0, |fs| fs.f_bavail.saturating_mul(fs.f_frsize));
    (free < u64::from(mib) << 20).then(std::env::temp_dir)
}

/// A directory for one boot, removed at the end.
#[derive(Debug)]
struct JobDir(PathBuf);

impl JobDir {
    fn new() -> Result<Self, LabError> {
        let place = std::env::temp_dir();
        // Of one length, so that the kernel process's environment has the same size in every boot.
        let path = (0u32..)
            .map(|n| place.join(format!("wpasim-lab-{:08x}{n:08x}", std::process::id())))
            .find_map(|path| match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => None,
                other => Some(other.map(|()| path)),
            });
        let io = || LabError::io(place.display().to_string());
        let path = path.transpose().map_err(io())?.ok_or(LabError::NoCacheDirectory)?;
        path.canonicalize().map(JobDir).map_err(io())
    }

    /// Returns the last lines of the guest, for an error.
    fn tail(&self) -> String {
        let logs = [guest::FAILURE, guest::STDERR, guest::STDOUT, KERNEL_LOG];
        let found = logs.iter().map(|name| tail(&self.0.join(name))).find(|text| !text.trim().is_empty());
        found.unwrap_or_default()
    }
}

impl Drop for JobDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The end of a file, from the beginning of a line.
pub(super) fn tail(path: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let begin = file.metadata()?.len().saturating_sub(TAIL);
        file.seek(SeekFrom::Start(begin))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(match text.split_once('\n') {
            Some((_, whole_lines)) if begin > 0 => whole_lines.to_owned(),
            _ => text,
        })
    };
    read().unwrap_or_default()
}

/// Passes on what is appended to a file.
struct Follower {
    stream: Stream,
    path: PathBuf,
    seen: u64,
}

impl Follower {
    fn new(stream: Stream, path: PathBuf) -> Self {
        Follower { stream, path, seen: 0 }
    }

    fn follow(&mut self, written: &mut dyn FnMut(Stream, &[u8])) {
        // A line that cannot be read now can be read at the next glance.
        let _ = self.read_on(written);
    }

    fn read_on(&mut self, written: &mut dyn FnMut(Stream, &[u8])) -> std::io::Result<()> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.seen))?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = file.read(&mut chunk)?;
            let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
            self.seen += read as u64;
            written(self.stream, bytes);
        }
    }
}
