//! The lab's kernel: Debian's source package with the lab's configuration and regulatory database, compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{BuildOptions, Runner, fetched};
use super::cache::{Layout, digest, digest_of};
use super::packages::{Apt, debs_in, named, unpack};
use super::process::find_program;
use super::{KERNEL_CONFIG, LabError, regdb};

/// Debian's package of the kernel's source, and where the archive is in it.
const SOURCE_PACKAGE: &str = "linux-source-6.1";
const SOURCE_ARCHIVE: &str = "usr/src/linux-source-6.1.tar.xz";
/// Debian's regulatory database.
const REGDB_PACKAGE: &str = "wireless-regdb";
const REGDB_FILES: [&str; 2] = ["lib/firmware/regulatory.db-debian", "usr/lib/firmware/regulatory.db-debian"];
/// The SHA-256 of the database that the references were recorded with, without its channels below 1 GHz.
const REGDB_RECORDED: &str = "d0cd80aa8a70ba6b8b9e27ea3485733d47d085125f766d16aeb116c4bdd42cc9";
/// The manifest's line about the database begins so.
const REGDB: &str = "regulatory.db";
/// About how many files are made on the way to the kernel.
const FILES: u64 = 1300;
/// Programs that are downloaded where the host lacks them; the packages have the same names.
const TOOLS: [&str; 4] = ["flex", "bison", "m4", "bc"];

/// Makes the kernel in a directory, with its manifest.
///
/// # Errors
/// When a download fails, or the source cannot be configured or compiled.
pub(super) fn make(options: &BuildOptions, made: &Layout, runner: &mut Runner<'_>) -> Result<(), LabError> {
    fs::create_dir_all(&made.dir).map_err(LabError::io(made.dir.display().to_string()))?;
    let tools = Tools::unpacked(runner)?;
    let mut manifest = Vec::new();
    let sources = sources(options, &mut manifest, runner)?;
    let kernel = compile(options, &sources, &tools, &mut manifest, runner)?;
    fs::copy(&kernel, made.kernel()).map_err(LabError::io(made.kernel().display().to_string()))?;
    manifest.push(format!("linux sha256:{}", digest(&made.kernel())?));
    manifest.sort();
    fs::write(made.manifest(), manifest.join("\n") + "\n")
        .map_err(LabError::io(made.manifest().display().to_string()))
}

/// Returns the difference between a kernel and the one that the references were recorded with, in words.
pub(super) fn differs(layout: &Layout) -> Option<String> {
    let manifest = fs::read_to_string(layout.manifest()).ok()?;
    let digest =
        manifest.lines().find_map(|line| line.strip_prefix(REGDB)?.trim().strip_prefix("sha256:"))?;
    let package = manifest.lines().find(|line| line.starts_with(REGDB_PACKAGE)).unwrap_or(REGDB_PACKAGE);
    (digest != REGDB_RECORDED).then(|| {
        format!("the regulatory database of {package} is not the one that the references were recorded with")
    })
}

/// Programs for the kernel's build that the host lacked.
struct Tools(Option<PathBuf>);

impl Tools {
    fn unpacked(runner: &mut Runner<'_>) -> Result<Self, LabError> {
        let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| find_program(tool).is_none()).collect();
        let root = runner.scratch().join("tools");
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

/// The sources of the kernel.
struct Sources {
    archive: PathBuf,
    regulatory: PathBuf,
}

fn sources(
    options: &BuildOptions,
    manifest: &mut Vec<String>,
    runner: &mut Runner<'_>,
) -> Result<Sources, LabError> {
    // Packages that the caller has, of another version perhaps, come before the mirror's.
    let given = options.packages.as_deref().map(debs_in).transpose()?.unwrap_or_default();
    let is_given = |package: &str| given.iter().any(|file| is_of(file, package));
    let mut packages = vec![REGDB_PACKAGE];
    packages.extend(options.linux_source.is_none().then_some(SOURCE_PACKAGE));
    let mut files: Vec<PathBuf> =
        given.iter().filter(|file| packages.iter().any(|package| is_of(file, package))).cloned().collect();
    let wanted: Vec<String> =
        packages.iter().filter(|package| !is_given(package)).map(|package| (*package).to_owned()).collect();
    if let Some(package) = wanted.first() {
        let apt = Apt::knowing(package, &runner.scratch().join("apt"), runner)?;
        files.extend(apt.download(&wanted, &runner.scratch().join("debs"), runner)?);
    }
    let root = runner.scratch().join("unpacked");
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

fn is_of(file: &Path, package: &str) -> bool {
    named(file).split(' ').next() == Some(package)
}

/// Configures and compiles; the kernel's path.
fn compile(
    options: &BuildOptions,
    sources: &Sources,
    tools: &Tools,
    manifest: &mut Vec<String>,
    runner: &mut Runner<'_>,
) -> Result<PathBuf, LabError> {
    let tree = runner.scratch().join("linux");
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
    manifest.push(format!("{REGDB} sha256:{}", digest_of(&regulatory)));
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

/// The change to the kernel's source. All its processes end when its main one is killed: otherwise those of the guest
/// go on as processes of the host's, with nobody between them and the host's kernel, and its helpers would wait for
/// ever. The kernel makes no dummy interface by itself, so that the radios' interfaces keep their indices; its command line
/// could say so too, but goes into its random numbers. The clock and interrupts do not go into its random numbers: each
/// look at the clock moves it, and how often a program looks depends on such things as the length of a path.
pub(super) const CHANGES: [(&str, &str, &str); 6] = [
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
    ("drivers/net/dummy.c", "static int numdummies = 1;", "static int numdummies;"),
    (
        "include/linux/timex.h",
        "#define random_get_entropy()\trandom_get_entropy_fallback()",
        "#define random_get_entropy()\t0UL",
    ),
    (
        "drivers/char/random.c",
        "struct pt_regs *regs = get_irq_regs();\n\tunsigned int new_count;\n",
        "struct pt_regs *regs = get_irq_regs();\n\tunsigned int new_count;\n\n\treturn;\n",
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
