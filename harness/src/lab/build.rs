//! Makes the lab: a kernel from Debian's source package, the preloaded library, and the supplicants where the host
//! has none. Everything happens in a directory beside the final one, which is renamed when it is complete.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::boot::tail;
use super::cache::{Layout, remove};
use super::packages::{Apt, named, unpack};
use super::process::{Group, find_program};
use super::status::{SUPPLICANTS, supplicants_missing};
use super::{KERNEL_CONFIG, LabError, PRELOAD_SOURCE, regdb};

/// Debian's package of the kernel's source, and where the archive is in it.
const SOURCE_PACKAGE: &str = "linux-source-6.1";
const SOURCE_ARCHIVE: &str = "usr/src/linux-source-6.1.tar.xz";
/// Debian's regulatory database.
const REGDB_PACKAGE: &str = "wireless-regdb";
const REGDB_FILES: [&str; 2] = ["lib/firmware/regulatory.db-debian", "usr/lib/firmware/regulatory.db-debian"];
/// What building takes on the disk; what is kept are 10 MiB.
const SPACE_MIB: u64 = 2600;
/// About how many files are made on the way to the kernel.
const FILES: u64 = 1250;
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
/// Programs that are downloaded where the host lacks them; the packages have the same names.
const TOOLS: [&str; 4] = ["flex", "bison", "m4", "bc"];

/// How to build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Compilers at a time; 0 is the number of cores.
    pub jobs: usize,
    /// Even if there is one already.
    pub force: bool,
    /// An archive of a Linux 6.1 source instead of Debian's package.
    pub linux_source: Option<PathBuf>,
}

/// What the building is at.
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
    let complete = |layout: &Layout| layout.missing().next().is_none();
    if !options.force && complete(&layout) && supplicants_missing(&layout).is_empty() {
        return Ok(false);
    }
    for (program, purpose, package) in REQUIRED {
        find_program(program).ok_or(LabError::NoProgram { program, purpose, package })?;
    }
    let _lock = layout.lock(interrupted, &mut || step(Step::Waiting))?;
    let scratch = Scratch::new(layout.cache.join("building"))?;
    let mut runner = Runner { log: layout.cache.join("build.log"), interrupted, step, scratch: &scratch.0 };
    fs::write(&runner.log, "").map_err(LabError::io(runner.log.display().to_string()))?;
    if options.force || !complete(&layout) {
        let made = layout.at(scratch.0.join("made"));
        whole(options, &made, &mut runner)?;
        remove(&layout.dir)?;
        fs::rename(&made.dir, &layout.dir).map_err(LabError::io(layout.dir.display().to_string()))?;
    } else {
        let more = supplicants(&layout, &mut runner)?;
        let manifest = fs::read_to_string(layout.manifest()).unwrap_or_default();
        write_manifest(&layout, manifest.lines().map(str::to_owned).chain(more).collect())?;
    }
    fs::rename(&runner.log, layout.log()).map_err(LabError::io(layout.log().display().to_string()))?;
    Ok(true)
}

/// All of it.
fn whole(options: &BuildOptions, made: &Layout, runner: &mut Runner<'_>) -> Result<(), LabError> {
    let scratch = runner.scratch;
    enough_space(scratch)?;
    fs::create_dir_all(&made.dir).map_err(LabError::io(made.dir.display().to_string()))?;
    // First what takes a moment and shows whether the compiler works.
    preload(made, runner)?;
    let mut manifest = supplicants(made, runner)?;
    let tools = Tools::unpacked(runner)?;
    let sources = sources(options, &mut manifest, runner)?;
    let kernel = compile(options, &sources, &tools, runner)?;
    fs::copy(&kernel, made.kernel()).map_err(LabError::io(made.kernel().display().to_string()))?;
    write_manifest(made, manifest)
}

fn write_manifest(made: &Layout, mut lines: Vec<String>) -> Result<(), LabError> {
    lines.sort();
    lines.dedup();
    fs::write(made.manifest(), lines.join("\n") + "\n")
        .map_err(LabError::io(made.manifest().display().to_string()))
}

fn enough_space(dir: &Path) -> Result<(), LabError> {
    let fs = rustix::fs::statvfs(dir).map_err(|e| LabError::io(dir.display().to_string())(e.into()))?;
    let free_mib = fs.f_bavail.saturating_mul(fs.f_frsize) >> 20;
    match free_mib < SPACE_MIB {
        true => Err(LabError::NoSpace { path: dir.to_owned(), free_mib, needed_mib: SPACE_MIB }),
        false => Ok(()),
    }
}

fn preload(made: &Layout, runner: &mut Runner<'_>) -> Result<(), LabError> {
    let source = runner.scratch.join("preload.c");
    fs::write(&source, PRELOAD_SOURCE).map_err(LabError::io(source.display().to_string()))?;
    let mut command = Command::new("gcc");
    command.args(["-O2", "-shared", "-fPIC", "-o"]).arg(made.preload()).arg(&source).arg("-ldl");
    runner.run("compiling the preloaded library", command)
}

/// Unpacks the supplicants that the host lacks, with the libraries that they need; what was unpacked.
fn supplicants(made: &Layout, runner: &mut Runner<'_>) -> Result<Vec<String>, LabError> {
    let mut packages: Vec<&str> = SUPPLICANTS
        .iter()
        .filter(|(program, _)| find_program(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    packages.dedup();
    let files = fetched(&packages, "supplicants", &made.root(), runner)?;
    match supplicants_missing(made).first() {
        Some(program) => Err(LabError::NotInIt { path: made.root(), what: (*program).to_owned() }),
        None => Ok(files.iter().map(|file| named(file)).collect()),
    }
}

/// Unpacks packages and what of their dependencies is not installed; their files. `purpose` names a directory.
fn fetched(
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

/// Programs for the kernel's build that the host lacked.
struct Tools(Option<PathBuf>);

impl Tools {
    fn unpacked(runner: &mut Runner<'_>) -> Result<Self, LabError> {
        let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| find_program(tool).is_none()).collect();
        let root = runner.scratch.join("tools");
        fetched(&missing, "tool-packages", &root, runner)?;
        Ok(Tools((!missing.is_empty()).then_some(root)))
    }

    /// Lets a command find them: they are not where they were built to be.
    fn make_known(&self, command: &mut Command) {
        let Some(root) = &self.0 else { return };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dirs = [root.join("usr/bin"), root.join("bin")].into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", super::joined(dirs));
        command.env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu"));
        for (variable, place) in [("M4", "usr/bin/m4"), ("BISON_PKGDATADIR", "usr/share/bison")] {
            if root.join(place).exists() {
                command.env(variable, root.join(place));
            }
        }
    }
}

/// What the kernel is made of.
struct Sources {
    archive: PathBuf,
    regulatory: PathBuf,
}

fn sources(
    options: &BuildOptions,
    manifest: &mut Vec<String>,
    runner: &mut Runner<'_>,
) -> Result<Sources, LabError> {
    let package = if options.linux_source.is_some() { REGDB_PACKAGE } else { SOURCE_PACKAGE };
    let mut packages = vec![REGDB_PACKAGE.to_owned()];
    packages.extend(options.linux_source.is_none().then(|| SOURCE_PACKAGE.to_owned()));
    let apt = Apt::knowing(package, &runner.scratch.join("apt"), runner)?;
    let files = apt.download(&packages, &runner.scratch.join("debs"), runner)?;
    let root = runner.scratch.join("unpacked");
    unpack(&files, &root, runner)?;
    manifest.extend(files.iter().map(|file| named(file)));
    let archive = match &options.linux_source {
        Some(archive) => {
            manifest.push(format!("linux-source {}", archive.display()));
            archive.clone()
        }
        None => root.join(SOURCE_ARCHIVE),
    };
    let regulatory = REGDB_FILES.iter().map(|file| root.join(file)).find(|path| path.is_file());
    let regulatory =
        regulatory.ok_or(LabError::NotInIt { path: root, what: "regulatory.db-debian".to_owned() })?;
    Ok(Sources { archive, regulatory })
}

/// Configures and compiles; the kernel's path.
fn compile(
    options: &BuildOptions,
    sources: &Sources,
    tools: &Tools,
    runner: &mut Runner<'_>,
) -> Result<PathBuf, LabError> {
    let tree = runner.scratch.join("linux");
    fs::create_dir_all(&tree).map_err(LabError::io(tree.display().to_string()))?;
    let mut untar = Command::new("tar");
    untar.arg("-C").arg(&tree).args(["--strip-components=1", "-xf"]).arg(&sources.archive);
    runner.run("unpacking the kernel's source", untar)?;
    change(&tree)?;
    let firmware = tree.join("lab-firmware");
    let regulatory =
        fs::read(&sources.regulatory).map_err(LabError::io(sources.regulatory.display().to_string()))?;
    let regulatory = regdb::without_sub_1_ghz(&regulatory)
        .map_err(|reason| LabError::BadDatabase { path: sources.regulatory.clone(), reason })?;
    fs::create_dir_all(&firmware)
        .and_then(|()| fs::write(firmware.join("regulatory.db"), regulatory))
        .map_err(LabError::io(firmware.display().to_string()))?;
    let make = |targets: &[&str]| {
        let mut command = Command::new("make");
        // Two builds of one source are the same kernel: its name and date go into its random numbers.
        command.arg("ARCH=um").args(targets).current_dir(&tree).env("LC_ALL", "C").envs([
            ("KBUILD_BUILD_TIMESTAMP", "Tue Nov 14 22:13:20 UTC 2023"),
            ("KBUILD_BUILD_USER", "wpasim"),
            ("KBUILD_BUILD_HOST", "lab"),
            ("KBUILD_BUILD_VERSION", "1"),
        ]);
        tools.make_known(&mut command);
        command
    };
    runner.run("configuring the kernel", make(&["defconfig"]))?;
    configure(&tree, || runner.run("configuring the kernel", make(&["olddefconfig"])))?;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let jobs = format!("-j{}", if options.jobs == 0 { cores } else { options.jobs });
    runner.count("compiling the kernel", make(&[&jobs, "linux"]), FILES)?;
    Ok(tree.join("linux"))
}

/// What is changed in the kernel's source: all its processes end when its main one is killed. Without this those of
/// the guest would go on as processes of the host's, with nobody between them and the host's kernel, and its helpers
/// would wait for ever.
const CHANGES: [(&str, &str, &str); 3] = [
    (
        "arch/um/os-Linux/skas/process.c",
        "PTRACE_O_TRACESYSGOOD) <",
        "(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) <",
    ),
    (
        "arch/um/os-Linux/util.c",
        "#include <sys/utsname.h>",
        "#include <sys/utsname.h>\n#include <sys/prctl.h>",
    ),
    (
        "arch/um/os-Linux/util.c",
        "signal(SIGWINCH, SIG_IGN);",
        "signal(SIGWINCH, SIG_IGN);\n\tprctl(PR_SET_PDEATHSIG, SIGKILL);",
    ),
];

fn change(tree: &Path) -> Result<(), LabError> {
    CHANGES.iter().try_for_each(|(file, old, new)| {
        let path = tree.join(file);
        let io = || LabError::io(path.display().to_string());
        let source = fs::read_to_string(&path).map_err(io())?;
        if !source.contains(old) {
            return Err(LabError::NotInIt { path, what: format!("\"{old}\" of Linux 6.1") });
        }
        fs::write(&path, source.replace(old, new)).map_err(io())
    })
}

/// Appends the lab's configuration, has it completed, and looks whether all of it was taken.
fn configure(tree: &Path, complete: impl FnOnce() -> Result<(), LabError>) -> Result<(), LabError> {
    let path = tree.join(".config");
    let io = || LabError::io(path.display().to_string());
    let default = fs::read_to_string(&path).map_err(io())?;
    fs::write(&path, default + "\n" + KERNEL_CONFIG).map_err(io())?;
    complete()?;
    let refused = refused(&fs::read_to_string(&path).map_err(io())?);
    if refused.is_empty() { Ok(()) } else { Err(LabError::Configuration { refused }) }
}

/// The lines of the lab's configuration that do not hold in a complete one. What is off there may also be unknown.
fn refused(configuration: &str) -> Vec<String> {
    let holds = |wanted: &str| match wanted.strip_suffix(" is not set").and_then(|w| w.strip_prefix("# ")) {
        Some(option) => {
            !configuration.lines().any(|line| line.strip_prefix(option).is_some_and(|v| v.starts_with('=')))
        }
        None => configuration.lines().any(|line| line == wanted),
    };
    let is_option = |line: &&str| line.starts_with("CONFIG_") || line.starts_with("# CONFIG_");
    KERNEL_CONFIG.lines().filter(is_option).filter(|line| !holds(line)).map(str::to_owned).collect()
}

/// A directory that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(dir: PathBuf) -> Result<Self, LabError> {
        remove(&dir)?;
        fs::create_dir_all(&dir).map_err(LabError::io(dir.display().to_string()))?;
        Ok(Scratch(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
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
    /// Runs one to its end.
    ///
    /// # Errors
    /// When it cannot be started, fails, or is interrupted.
    pub fn run(&mut self, what: &str, command: Command) -> Result<(), LabError> {
        self.watch(what, command, None)
    }

    /// As [`Runner::run`]; tells how many lines it has written, of about so many.
    fn count(&mut self, what: &str, command: Command, lines: u64) -> Result<(), LabError> {
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

/// How many lines a log has; it is small.
fn lines(path: &Path) -> u64 {
    fs::read(path).map_or(0, |bytes| bytes.iter().filter(|b| **b == b'\n').count() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_configuration_refuses_is_named() {
        let taken: String = KERNEL_CONFIG.lines().map(|line| format!("{line}\n")).collect();
        assert_eq!(refused(&taken), Vec::<String>::new());
        let otherwise = taken
            .replace("CONFIG_HOSTFS=y", "# CONFIG_HOSTFS is not set")
            .replace("# CONFIG_UML_RANDOM is not set", "CONFIG_UML_RANDOM=y");
        assert_eq!(refused(&otherwise), ["CONFIG_HOSTFS=y", "# CONFIG_UML_RANDOM is not set"]);
    }
}
