//! wpasim as the guest's first process: mounts what a program expects, runs the job, says how it ended, and powers
//! off. Its working directory is the job directory of [`super::boot`].

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::mount::{MountFlags, mount};
use rustix::process::{Pid, WaitOptions, wait};
use rustix::system::{RebootCommand, reboot};
use rustix::time::{ClockId, clock_gettime};

use super::job::Orders;

/// The guest's root is the host's, so at first this is the host's `/proc`, where the kernel is a process.
const INIT: &str = "/proc/self/cwd/init";
pub(super) const INIT_ARGUMENT: &str = "init=/proc/self/cwd/init";
pub(super) const ORDERS: &str = "orders";
pub(super) const STDOUT: &str = "stdout";
pub(super) const STDERR: &str = "stderr";
pub(super) const EXIT: &str = "exit";
pub(super) const FAILURE: &str = "failure";

/// The library that makes random bytes repeatable, in the job directory and in the guest.
pub(super) const PRELOAD_FILE: &str = "preload.so";
pub(super) const PRELOAD: &str = "/run/.lab/preload.so";

/// The directories in which the guest has file systems of its own, over the host's.
const HIDDEN: [&str; 4] = ["/run", "/dev", "/proc", "/sys"];
/// A program that cannot be started, as shells say it.
pub(super) const CANNOT_START: i32 = 127;

/// Whether this process is the first one of a guest.
pub fn is_init() -> bool {
    std::process::id() == 1 && std::env::args_os().next().is_some_and(|name| name == INIT)
}

/// Lives the guest's whole life. Does not return unless the guest cannot be powered off.
pub fn main() -> ExitCode {
    let result = begin().and_then(|orders| {
        let code = work(&orders)?;
        fs::write("exit.new", code.to_string())?;
        fs::rename("exit.new", EXIT)
    });
    if let Err(error) = result {
        let _ = fs::write(FAILURE, format!("the lab's first process: {error}\n"));
    }
    rustix::fs::sync();
    let _ = reboot(RebootCommand::PowerOff);
    ExitCode::FAILURE
}

/// Enters the job directory and reads what is to be done.
fn begin() -> io::Result<Orders> {
    let dir = fs::read_link("/proc/self/cwd")?;
    host_directory(&dir, MountFlags::empty())?;
    // From here on the directory is reached by relative paths, whatever is mounted over it.
    std::env::set_current_dir(&dir)?;
    let orders = Orders::decode(&fs::read(ORDERS)?)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the orders make no sense"))?;
    file_systems().and_then(|()| directories(&orders))?;
    std::os::unix::fs::symlink(fs::read_link(PRELOAD_FILE)?, PRELOAD)?;
    // Not worth a failure: few programs want the loopback interface, none the name.
    let _ = fs::write("/sys/class/net/lo/flags", "0x9");
    let _ = rustix::system::sethostname(b"lab");
    Ok(orders)
}

/// A host's directory at its own path.
fn host_directory(path: &Path, flags: MountFlags) -> io::Result<()> {
    let source = std::ffi::CString::new(path.as_os_str().as_encoded_bytes())?;
    mounted("none", path, "hostfs", flags, &source)
}

fn mounted(
    source: &str,
    target: impl AsRef<Path>,
    kind: &str,
    flags: MountFlags,
    data: &std::ffi::CStr,
) -> io::Result<()> {
    let target = target.as_ref();
    mount(source, target, kind, flags, data)
        .map_err(|error| io::Error::other(format!("mounting {kind} on {}: {error}", target.display())))
}

/// Mounts the file systems that every program expects (the kernel has mounted /dev), and an empty `/run`. Below `/tmp` the host's files show through.
fn file_systems() -> io::Result<()> {
    let none = MountFlags::empty();
    mounted("proc", "/proc", "proc", none, c"")?;
    mounted("sysfs", "/sys", "sysfs", none, c"")?;
    mounted("debugfs", "/sys/kernel/debug", "debugfs", none, c"")?;
    for (kind, path, data) in
        [("devpts", "/dev/pts", c"mode=620,ptmxmode=666"), ("tmpfs", "/dev/shm", c"mode=1777")]
    {
        fs::create_dir_all(path)?;
        mounted(kind, path, kind, none, data)?;
    }
    mounted("tmpfs", "/run", "tmpfs", none, c"mode=755")?;
    for dir in ["/run/lock", "/run/.lab/tmp", "/run/.lab/work"] {
        fs::create_dir_all(dir)?;
    }
    let layers = c"lowerdir=/tmp,upperdir=/run/.lab/tmp,workdir=/run/.lab/work";
    mounted("overlay", "/tmp", "overlay", none, layers)
}

/// The host's directories that the job asked for.
fn directories(orders: &Orders) -> io::Result<()> {
    let hidden = |path: &&PathBuf| HIDDEN.iter().any(|dir| path.starts_with(dir));
    for path in orders.readable.iter().filter(hidden) {
        fs::create_dir_all(path)?;
        host_directory(path, MountFlags::RDONLY)?;
    }
    for path in &orders.writable {
        fs::create_dir_all(path)?;
        host_directory(path, MountFlags::empty())?;
    }
    Ok(())
}

/// Runs the job; its exit code.
fn work(orders: &Orders) -> io::Result<i32> {
    let Some((program, arguments)) = orders.argv.split_first() else { return Ok(CANNOT_START) };
    let (out, mut err) = (appending(STDOUT)?, appending(STDERR)?);
    // The program is looked for along the PATH that it will have.
    let path = orders.env.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_os_str());
    let found = found(program.as_ref(), path, &orders.cwd);
    wait_for_the_second();
    let started = Command::new(&found)
        .arg0(program)
        .args(arguments)
        .env_clear()
        .envs(orders.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&orders.cwd)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err.try_clone()?)
        .spawn();
    match started {
        Err(error) => {
            writeln!(err, "wpasim: {}: {error}", Path::new(program).display())?;
            Ok(CANNOT_START)
        }
        Ok(child) => {
            let job = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            reap_until(job)
        }
    }
}

/// Every job begins in the same instant. Each look at the clock moves the guest's by some nanoseconds, so what was
/// done so far, such as following the paths of this host, would show in all times.
#[allow(clippy::disallowed_methods)]
fn wait_for_the_second() {
    let past = u64::try_from(clock_gettime(ClockId::Realtime).tv_nsec).unwrap_or_default();
    std::thread::sleep(Duration::from_secs(1).saturating_sub(Duration::from_nanos(past)));
}

fn appending(name: &str) -> io::Result<File> {
    File::options().append(true).create(true).open(name)
}

/// Returns the place of a program, as `execvp` looks for it.
fn found(program: &Path, path: Option<&std::ffi::OsStr>, cwd: &Path) -> PathBuf {
    if program.components().count() != 1 || program.is_absolute() {
        return program.to_owned();
    }
    let places = path.map(std::env::split_paths).into_iter().flatten();
    places
        .map(|dir| cwd.join(dir).join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| program.to_owned())
}

/// Buries whoever dies, until the job does.
fn reap_until(job: Option<Pid>) -> io::Result<i32> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if Some(pid) == job => {
                let status = std::process::ExitStatus::from_raw(status.as_raw());
                return Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
