//! Debian packages without root: apt downloads them, dpkg-deb unpacks them below a directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LabError;
use super::build::Runner;

/// apt, with the system's lists of packages or with lists of its own.
pub(super) struct Apt {
    options: Vec<String>,
}

/// The keys that Debian's archive is signed with, where Debian has them.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Options that give apt a state of its own, below a directory that is made.
fn places(dir: &Path, status: &Path) -> Result<Vec<String>, LabError> {
    let (state, cache) = (dir.join("state"), dir.join("cache"));
    for dir in [state.join("lists/partial"), cache.join("archives/partial")] {
        fs::create_dir_all(&dir).map_err(LabError::io(dir.display().to_string()))?;
    }
    let place = |name: &str, path: &Path| format!("Dir::{name}={}", path.display());
    Ok(vec![
        place("State", &state),
        place("State::lists", &state.join("lists")),
        place("State::status", status),
        place("Cache", &cache),
        place("Cache::archives", &cache.join("archives")),
        place("Cache::pkgcache", &cache.join("pkgcache.bin")),
        place("Cache::srcpkgcache", &cache.join("srcpkgcache.bin")),
    ])
}

/// The mirror that the host takes Debian's packages from: its first source of a suite's main packages, which are
/// neither security updates nor another vendor's.
fn debian_mirror() -> Option<String> {
    let format = "$(REPO_URI) $(COMPONENT) $(ORIGIN)";
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", format, "Created-By: Packages"])
        .env("LC_ALL", "C")
        .output()
        .ok()?;
    mirror_among(&String::from_utf8_lossy(&output.stdout))
}

/// The mirror in apt's account of its sources. Where apt has no lists yet, an origin is not known.
fn mirror_among(targets: &str) -> Option<String> {
    let of_debian = |line: &&str| {
        let mut words = line.split(' ');
        let (uri, component, origin) = (words.next()?, words.next()?, words.next().unwrap_or_default());
        let unknown = origin.is_empty() || origin.starts_with("$(");
        let is_archive = uri.trim_end_matches('/').ends_with("/debian");
        let fits = component == "main" && is_archive && (unknown || origin == "Debian");
        fits.then(|| uri.to_owned())
    };
    targets.lines().find_map(|line| of_debian(&line))
}

impl Apt {
    /// apt as the system knows it, if that knows the package; else with lists that are fetched into `dir`: those of
    /// the system may be empty, as in many containers, and only root may fetch them.
    ///
    /// # Errors
    /// When the package is not known to either, or the lists cannot be fetched.
    pub fn knowing(package: &str, dir: &Path, runner: &mut Runner) -> Result<Apt, LabError> {
        let system = Apt { options: Vec::new() };
        if system.knows(package) {
            return Ok(system);
        }
        let own = Apt { options: places(dir, Path::new("/var/lib/dpkg/status"))? };
        runner.run("fetching the lists of packages", own.command("apt-get", &["update"]))?;
        match own.knows(package) {
            true => Ok(own),
            false => Err(LabError::NoPackage { package: package.to_owned() }),
        }
    }

    /// apt with the packages of one Debian suite only, whatever the host's release is, from the mirror that the host
    /// takes Debian's packages from.
    ///
    /// # Errors
    /// When the host takes packages from no Debian mirror, or the lists cannot be fetched.
    pub fn of_suite(suite: &str, dir: &Path, runner: &mut Runner) -> Result<Apt, LabError> {
        let io = |path: &Path| LabError::io(path.display().to_string());
        let mirror = debian_mirror().ok_or(LabError::NoMirror)?;
        let status = dir.join("status");
        let list = dir.join("sources.list");
        let mut options = places(dir, &status)?;
        fs::write(&status, "").map_err(io(&status))?;
        let key = match Path::new(KEYRING).is_file() {
            true => format!("[signed-by={KEYRING}] "),
            false => String::new(),
        };
        fs::write(&list, format!("deb {key}{mirror} {suite} main\n")).map_err(io(&list))?;
        options.push(format!("Dir::Etc::sourcelist={}", list.display()));
        options.extend(
            ["Dir::Etc::sourceparts=/dev/null", "Acquire::Languages=none", "APT::Architecture=amd64"]
                .map(str::to_owned),
        );
        let apt = Apt { options };
        runner
            .run(&format!("fetching the list of {suite}'s packages"), apt.command("apt-get", &["update"]))?;
        Ok(apt)
    }

    /// The version of a package that would be installed.
    pub fn version_of(&self, package: &str) -> Option<String> {
        let output = self.command("apt-cache", &["show", "--no-all-versions", package]).output().ok()?;
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        shown.lines().find_map(|line| line.strip_prefix("Version: ")).map(str::to_owned)
    }

    fn knows(&self, package: &str) -> bool {
        let output = self.command("apt-cache", &["show", "--no-all-versions", package]).output();
        output.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C").args(arguments);
        // Root's apt would download as another user, who may not write to the cache.
        for option in
            self.options.iter().map(String::as_str).chain(["APT::Sandbox::User=root", "Debug::NoLocking=1"])
        {
            command.args(["-o", option]);
        }
        command
    }

    /// Of these packages and all that they depend on, those that are not installed.
    ///
    /// # Errors
    /// When apt does not know one, or finds no way to install them.
    pub fn not_installed(&self, packages: &[&str]) -> Result<Vec<String>, LabError> {
        let simulate = ["install", "--simulate", "--no-upgrade", "--no-install-recommends"];
        let output =
            self.command("apt-get", &simulate).args(packages).output().map_err(LabError::io("apt-get"))?;
        if !output.status.success() {
            return Err(LabError::Command {
                what: format!("apt-get install --simulate {}", packages.join(" ")),
                status: output.status.to_string(),
                tail: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        Ok(would_install(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Downloads packages into a directory; the files, in the order of their names.
    ///
    /// # Errors
    /// When a package is unknown or the network fails.
    pub fn download(
        &self,
        packages: &[String],
        dir: &Path,
        runner: &mut Runner,
    ) -> Result<Vec<PathBuf>, LabError> {
        fs::create_dir_all(dir).map_err(LabError::io(dir.display().to_string()))?;
        let mut command = self.command("apt-get", &["download", "-q"]);
        command.args(packages).current_dir(dir);
        runner.run(&format!("downloading {}", packages.join(", ")), command)?;
        let entries = fs::read_dir(dir).map_err(LabError::io(dir.display().to_string()))?;
        let mut files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|p| p.extension().is_some_and(|e| e == "deb"))
            .collect();
        files.sort();
        Ok(files)
    }
}

/// Unpacks packages below a directory.
///
/// # Errors
/// When one is damaged, or the disk is full.
pub(super) fn unpack(files: &[PathBuf], root: &Path, runner: &mut Runner) -> Result<(), LabError> {
    fs::create_dir_all(root).map_err(LabError::io(root.display().to_string()))?;
    files.iter().try_for_each(|file| {
        let mut command = Command::new("dpkg-deb");
        command.arg("-x").arg(file).arg(root);
        runner.run(&format!("unpacking {}", named(file)), command)
    })
}

/// The packages in a directory, in the order of their names.
///
/// # Errors
/// When it cannot be read or has none.
pub(super) fn debs_in(dir: &Path) -> Result<Vec<PathBuf>, LabError> {
    let io = || LabError::io(dir.display().to_string());
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .map_err(io())?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .collect();
    files.sort();
    match files.is_empty() {
        true => Err(LabError::NotInIt { path: dir.to_owned(), what: "Debian package (*.deb)".to_owned() }),
        false => Ok(files),
    }
}

/// `name version` of a package's file, as apt names it.
pub(super) fn named(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().replace("%3a", ":");
    let mut parts = stem.split('_');
    [parts.next(), parts.next()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The packages in apt's account of what it would do.
fn would_install(simulation: &str) -> Vec<String> {
    let name =
        |line: &str| line.strip_prefix("Inst ").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    simulation.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_says_what_it_would_install() {
        let said = "NOTE: This is only a simulation!\n0 upgraded, 2 newly installed, 0 to remove.\n\
            Inst m4 (1.4.19-3 Debian:12.15/oldstable [amd64])\n\
            Inst libfoo:i386 (2:3.8 Debian:12.15/oldstable [i386]) []\n\
            Conf m4 (1.4.19-3 Debian:12.15/oldstable [amd64])\n";
        assert_eq!(would_install(said), ["m4", "libfoo:i386"]);
        assert!(would_install("").is_empty());
    }

    #[test]
    fn the_mirror_is_the_one_of_debians_main_packages() {
        let said = "https://x.example/apt main cloud-sdk\n\
            http://m.example/debian-security/ main Debian\n\
            http://m.example/debian/ contrib Debian\n\
            http://m.example/debian/ main Debian\n";
        assert_eq!(mirror_among(said).as_deref(), Some("http://m.example/debian/"));
        assert_eq!(
            mirror_among("http://m.example/debian/ main $(ORIGIN)\n").as_deref(),
            Some("http://m.example/debian/")
        );
        assert_eq!(mirror_among("http://m.example/ubuntu/ main Ubuntu\n"), None);
    }

    #[test]
    fn files_tell_package_and_version() {
        assert_eq!(named(Path::new("/x/bison_2%3a3.8.2+dfsg-1+b1_amd64.deb")), "bison 2:3.8.2+dfsg-1+b1");
        assert_eq!(named(Path::new("odd.deb")), "odd");
    }
}
