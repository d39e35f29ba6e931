//! Makes the lab: a kernel from Debian's source package, the preloaded library, and the releases of wpa_supplicant and
//! hostapd that are wanted. Everything happens in a directory beside the final ones; each part is renamed to its place
//! when it is complete.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::boot::tail;
use super::cache::{Layout, remove};
use super::packages::{Apt, unpack};
use super::process::{Group, find_program};
use super::releases::ReleaseDir;
use super::{LabError, PRELOAD_SOURCE, kernel, releases, sums, trust};
use crate::release::Release;

/// The space on the disk that building the kernel takes; 10 MiB are kept.
const SPACE_MIB: u64 = 2600;
/// Programs that have to be on the host, for what, and in which package of Debian's they are.
const REQUIRED: [(&str, &str, &str); 10] = [
    ("apt-get", "to download Debian's packages", "apt"),
    ("dpkg-deb", "to unpack Debian's packages", "dpkg"),
    ("gcc", "to compile the kernel", "gcc libc6-dev"),
    ("make", "to compile the kernel", "make"),
    ("ld", "to compile the kernel", "binutils"),
    ("tar", "to unpack the kernel's source", "tar"),
    ("xz", "to unpack the kernel's source", "xz-utils"),
    ("setarch", "to start the lab", "util-linux"),
    ("setpriv", "to start the lab", "util-linux"),
    ("chrt", "to start the lab", "util-linux"),
];

/// The options of a build.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Compilers at a time; 0 is the number of cores.
    pub jobs: usize,
    /// Even if there is one already.
    pub force: bool,
    /// An archive of a Linux 6.1 source instead of Debian's package.
    pub linux_source: Option<PathBuf>,
    /// The releases whose programs are wanted.
    pub releases: Vec<Release>,
    /// A directory with Debian packages that are taken instead of the mirror's.
    pub packages: Option<PathBuf>,
    /// A source tree of hostap, or an archive of one, that the release is compiled from.
    pub hostap: Option<PathBuf>,
}

impl Default for BuildOptions {
    fn default() -> Self {
        BuildOptions {
            jobs: 0,
            force: false,
            linux_source: None,
            releases: vec![Release::V2_10],
            packages: None,
            hostap: None,
        }
    }
}

/// The step of the building.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Somebody else builds; this waits.
    Waiting,
    /// Something begins.
    Begins(&'a str),
    /// So many files of about so many are compiled.
    Compiled(u64, u64),
}

/// Builds what is missing of the lab; returns whether anything was.
///
/// # Errors
/// When the host lacks something, a download fails, the source cannot be configured or compiled, or the caller is
/// interrupted. What was there before is unharmed, and nothing half-built is left.
pub fn build(
    options: &BuildOptions,
    interrupted: &dyn Fn() -> bool,
    step: &mut dyn FnMut(Step<'_>),
) -> Result<bool, LabError> {
    let layout = Layout::current()?;
    let wanted: Vec<ReleaseDir> = options.releases.iter().map(|release| layout.release(*release)).collect();
    // A source or packages that the caller names replace what was made of others.
    let is_named = options.packages.is_some() || options.hostap.is_some();
    let is_wanted = |release: &ReleaseDir| options.force || is_named || !release.is_there();
    if !options.force && layout.missing().next().is_none() && !wanted.iter().any(is_wanted) {
        return Ok(false);
    }
    for (program, purpose, package) in REQUIRED {
        find_program(program).ok_or(LabError::NoProgram { program, purpose, package })?;
    }
    let _lock = layout.lock(interrupted, &mut || step(Step::Waiting))?;
    trust::tighten_alone(&layout.cache)?;
    let scratch = Scratch::new(&layout.cache)?;
    let mut runner = Runner { log: layout.cache.join("build.log"), interrupted, step, scratch: &scratch.0 };
    fs::write(&runner.log, "").map_err(LabError::io(runner.log.display().to_string()))?;
    // First what takes a moment and shows whether the compiler and the mirror work.
    if options.force || !layout.has_preload() {
        preload(&layout, &mut runner)?;
        sums::write(&layout.preload(), &layout.preload_sum())?;
        trust::tighten(&layout.preload())?;
        trust::tighten(&layout.preload_sum())?;
    }
    for release in wanted.iter().filter(|release| is_wanted(release)) {
        releases::make(release, options, &mut runner)?;
    }
    // Another program may have built it while this one waited.
    if options.force || !layout.has_kernel() {
        enough_space(&scratch.0)?;
        let made = layout.at(scratch.0.join("made"));
        kernel::make(options, &made, &mut runner)?;
        trust::tighten(&made.dir)?;
        remove(&layout.dir)?;
        fs::rename(&made.dir, &layout.dir).map_err(LabError::io(layout.dir.display().to_string()))?;
    }
    fs::rename(&runner.log, layout.log()).map_err(LabError::io(layout.log().display().to_string()))?;
    Ok(true)
}

fn enough_space(dir: &Path) -> Result<(), LabError> {
    let fs = rustix::fs::statvfs(dir).map_err(|e| LabError::io(dir.display().to_string())(e.into()))?;
    let free_mib = fs.f_bavail.saturating_mul(fs.f_frsize) >> 20;
    match free_mib < SPACE_MIB {
        true => Err(LabError::NoSpace { path: dir.to_owned(), free_mib, needed_mib: SPACE_MIB }),
        false => Ok(()),
    }
}

/// Compiles the library that makes random bytes repeatable. It stands alone, so that it works under the C library of
/// every release.
fn preload(layout: &Layout, runner: &mut Runner<'_>) -> Result<(), LabError> {
    let (source, made) = (runner.scratch.join("preload.c"), runner.scratch.join("preload.so"));
    fs::write(&source, PRELOAD_SOURCE).map_err(LabError::io(source.display().to_string()))?;
    let mut command = Command::new("gcc");
    command.args(["-O2", "-shared", "-fPIC", "-ffreestanding", "-fno-stack-protector", "-nostdlib", "-o"]);
    command.arg(&made).arg(&source);
    runner.run("compiling the preloaded library", command)?;
    fs::rename(&made, layout.preload()).map_err(LabError::io(layout.preload().display().to_string()))
}

/// Unpacks packages and what of their dependencies is not installed; their files. `purpose` names a directory.
pub(super) fn fetched(
    packages: &[&str],
    purpose: &str,
    root: &Path,
    runner: &mut Runner<'_>,
) -> Result<Vec<PathBuf>, LabError> {
    let Some(first) = packages.first() else { return Ok(Vec::new()) };
    let apt = Apt::knowing(first, &runner.scratch.join("apt"), runner)?;
    let mut wanted = apt.not_installed(packages)?;
    // They may be installed all the same, and their programs be gone.
    wanted.extend(packages.iter().map(|package| (*package).to_owned()));
    wanted.sort();
    wanted.dedup();
    let files = apt.download(&wanted, &runner.scratch.join(purpose), runner)?;
    unpack(&files, root, runner)?;
    Ok(files)
}

/// A directory for what is only needed while building. In the end it is removed by a program that goes on by itself:
/// a kernel's tree has 80,000 files.
struct Scratch(PathBuf);

impl Scratch {
    /// Makes it, after removing what earlier builds that were killed have left.
    fn new(cache: &Path) -> Result<Self, LabError> {
        let dir = cache.join("building");
        let path = dir.display().to_string();
        if dir.exists() {
            remove_later(&dir);
        }
        fs::create_dir_all(&dir).map_err(LabError::io(path))?;
        Ok(Scratch(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove_later(&self.0);
    }
}

/// Renames a directory out of the way and has it removed in the background.
fn remove_later(dir: &Path) {
    let aside = dir.with_file_name(format!("removing-{}", std::process::id()));
    let moved = fs::rename(dir, &aside).is_ok();
    let goes = if moved { aside } else { dir.to_owned() };
    let removing = Command::new("rm")
        .arg("-rf")
        .arg(&goes)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    // Whoever needs the name again needs it at once.
    if removing.is_err() || !moved {
        let _ = fs::remove_dir_all(&goes);
    }
}

/// Runs programs with their output in the log, and ends them when the caller is interrupted.
pub(super) struct Runner<'a> {
    log: PathBuf,
    interrupted: &'a dyn Fn() -> bool,
    step: &'a mut dyn FnMut(Step<'_>),
    scratch: &'a Path,
}

impl Runner<'_> {
    /// The directory for what is only needed while building.
    pub fn scratch(&self) -> &Path {
        self.scratch
    }

    /// Runs one to its end.
    ///
    /// # Errors
    /// When it cannot be started, fails, or is interrupted.
    pub fn run(&mut self, what: &str, command: Command) -> Result<(), LabError> {
        self.watch(what, command, None)
    }

    /// As [`Runner::run`]; tells how many lines it has written, of about so many.
    pub fn count(&mut self, what: &str, command: Command, lines: u64) -> Result<(), LabError> {
        self.watch(what, command, Some(lines))
    }

    fn watch(&mut self, what: &str, command: Command, expected: Option<u64>) -> Result<(), LabError> {
        (self.step)(Step::Begins(what));
        let io = || LabError::io(self.log.display().to_string());
        let log = File::options().append(true).create(true).open(&self.log).map_err(io())?;
        let before = lines(&self.log);
        let mut running = Group::start(command, &log)?;
        let status = loop {
            if let Some(status) = running.wait_a_little()? {
                break status;
            }
            if (self.interrupted)() {
                return Err(LabError::Interrupted);
            }
            if let Some(expected) = expected {
                let written = lines(&self.log).saturating_sub(before);
                (self.step)(Step::Compiled(written.min(expected), expected));
            }
        };
        if status.success() {
            return Ok(());
        }
        Err(LabError::Command { what: what.to_owned(), status: status.to_string(), tail: tail(&self.log) })
    }
}

/// Returns the number of lines of a log; it is small.
fn lines(path: &Path) -> u64 {
    fs::read(path).map_or(0, |bytes| bytes.iter().filter(|b| **b == b'\n').count() as u64)
}
