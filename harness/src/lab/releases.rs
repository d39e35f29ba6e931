//! The releases of wpa_supplicant and hostapd in the lab: Debian's packages of each, unpacked below a directory of the
//! cache with the libraries that they need and started by their own dynamic loader, so that the host's libraries do
//! not matter. A release that was built from source runs with the host's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::build::{BuildOptions, Runner};
use super::cache::{digest, name_of};
use super::hostap;
use super::packages::{Apt, debs_in, named, unpack};
use super::{LabError, sums};
use crate::release::Release;

/// The packages that a release is made of.
struct Packages {
    release: Release,
    /// Debian suites that have it, the preferred one first.
    suites: &'static [&'static str],
    /// The version of wpasupplicant and hostapd that the references were recorded with.
    recorded: &'static str,
    /// Libraries besides [`LIBRARIES`].
    libraries: &'static [&'static str],
}

const PACKAGES: [Packages; 3] = [
    Packages {
        release: Release::V2_9,
        suites: &["bullseye"],
        recorded: "2:2.9.0-21+deb11u2",
        libraries: &[
            "libssl1.1",
            "libreadline8",
            "liblzma5",
            "libzstd1",
            "liblz4-1",
            "libgcrypt20",
            "libgpg-error0",
        ],
    },
    Packages {
        release: Release::V2_10,
        suites: &["bookworm"],
        recorded: "2:2.10-12+deb12u3",
        libraries: &[
            "libssl3",
            "libreadline8",
            "libcap2",
            "liblzma5",
            "libzstd1",
            "liblz4-1",
            "libgcrypt20",
            "libgpg-error0",
        ],
    },
    Packages {
        release: Release::V2_11,
        suites: &["forky", "sid"],
        recorded: "2:2.11-4",
        // MSCHAPV2 needs MD4, which OpenSSL 3 keeps in its legacy provider: a package of its own since 3.4.
        libraries: &["libssl3t64", "openssl-provider-legacy", "libreadline8t64", "libzstd1", "zlib1g"],
    },
];
/// The programs' packages.
const PROGRAM_PACKAGES: [&str; 2] = ["wpasupplicant", "hostapd"];
/// The libraries that every release needs.
const LIBRARIES: [&str; 9] = [
    "libc6",
    "libgcc-s1",
    "libnl-3-200",
    "libnl-genl-3-200",
    "libnl-route-3-200",
    "libdbus-1-3",
    "libpcsclite1",
    "libtinfo6",
    "libsystemd0",
];
/// The programs of a release that are found through `PATH` in the lab.
const PROGRAMS: [&str; 5] = ["wpa_supplicant", "wpa_cli", "wpa_passphrase", "hostapd", "hostapd_cli"];
/// The programs without which a release is not complete.
const REQUIRED: [&str; 3] = ["wpa_supplicant", "wpa_cli", "hostapd"];
/// Counted up when the way of unpacking changes what is there.
const RECIPE: u32 = 2;

fn packages_of(release: Release) -> &'static Packages {
    PACKAGES.iter().find(|one| one.release == release).unwrap_or(&PACKAGES[1])
}

/// A release in the cache; it exists when it is complete.
#[derive(Clone, Debug)]
pub struct ReleaseDir {
    release: Release,
    dir: PathBuf,
}

impl ReleaseDir {
    /// The place of a release in a cache directory, whether it is there or not.
    pub(super) fn new(cache: &Path, release: Release) -> Self {
        let packages = packages_of(release);
        let recipe = RECIPE.to_string();
        let parts = [recipe.as_str()].into_iter().chain(packages.libraries.iter().copied()).chain(LIBRARIES);
        ReleaseDir { release, dir: cache.join(format!("release-{release}-{}", name_of(parts))) }
    }

    /// The same release elsewhere, while it is being made.
    fn at(&self, dir: PathBuf) -> Self {
        ReleaseDir { release: self.release, dir }
    }

    /// Returns the release.
    pub fn release(&self) -> Release {
        self.release
    }

    /// The name of its directory, which changes with what it is made of.
    pub(super) fn key(&self) -> String {
        self.dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Returns the directory in which its files are unpacked.
    pub(super) fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// Returns the file that lists the parts it was made of, a line for each.
    pub(super) fn manifest(&self) -> PathBuf {
        self.dir.join("manifest")
    }

    /// The digest of each file in it.
    fn sums(&self) -> PathBuf {
        self.dir.join("SHA256SUMS")
    }

    /// Fails unless every file in it is as it was unpacked or built.
    ///
    /// # Errors
    /// The first that is otherwise.
    pub(super) fn check(&self) -> Result<(), LabError> {
        sums::check(&self.dir, &self.sums())
    }

    /// The directory with a starter for each program, for `PATH`.
    pub(super) fn starters(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// Whether it is there.
    pub fn is_there(&self) -> bool {
        self.manifest().is_file() && REQUIRED.iter().all(|program| self.file(program).is_some())
    }

    fn file(&self, program: &str) -> Option<PathBuf> {
        let places = ["usr/sbin", "sbin", "usr/bin", "bin"];
        places.iter().map(|place| self.root().join(place).join(program)).find(|path| path.is_file())
    }

    /// The dynamic loader among its libraries; none if it was built from source.
    fn loader(&self) -> Option<PathBuf> {
        self.libraries().iter().map(|dir| dir.join("ld-linux-x86-64.so.2")).find(|path| path.is_file())
    }

    fn libraries(&self) -> Vec<PathBuf> {
        let places = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"];
        places.iter().map(|place| self.root().join(place)).filter(|dir| dir.is_dir()).collect()
    }

    /// The words that start a program, with settings of its environment before them; empty if the release has no
    /// such program.
    pub fn command(&self, program: &str) -> Vec<String> {
        let Some(file) = self.file(program) else { return Vec::new() };
        let shown = |path: &Path| path.display().to_string();
        let Some(loader) = self.loader() else { return vec![shown(&file)] };
        let libraries = self.libraries();
        let modules = libraries.iter().map(|dir| dir.join("ossl-modules")).find(|dir| dir.is_dir());
        let mut words: Vec<String> =
            modules.iter().map(|dir| format!("OPENSSL_MODULES={}", dir.display())).collect();
        let path = libraries.iter().map(|dir| shown(dir)).collect::<Vec<_>>().join(":");
        words.extend([shown(&loader), "--library-path".to_owned(), path, shown(&file)]);
        words
    }

    /// The lines of its manifest: what it was made of.
    pub fn made_of(&self) -> Vec<String> {
        let text = fs::read_to_string(self.manifest()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Returns the difference from the packages that the references were recorded with, in words.
    pub fn differs(&self) -> Option<String> {
        let recorded = packages_of(self.release).recorded;
        let made_of = self.made_of();
        if let Some(source) = made_of.iter().find(|line| line.starts_with(hostap::SOURCE)) {
            return Some(format!("{source}; the references were recorded with Debian's {recorded}"));
        }
        let differing = made_of.iter().find(|line| {
            let mut words = line.split(' ');
            let is_program = words.next().is_some_and(|name| PROGRAM_PACKAGES.contains(&name));
            is_program && words.next().is_some_and(|version| version != recorded)
        });
        let program = differing?.split(' ').take(2).collect::<Vec<_>>().join(" ");
        Some(format!("{program}; the references were recorded with {recorded}"))
    }
}

/// Makes a release: from Debian's packages, from packages in a directory, or from source.
///
/// # Errors
/// When a download fails, no suite has the release, a library is missing, or the source cannot be compiled.
pub(super) fn make(
    wanted: &ReleaseDir,
    options: &BuildOptions,
    runner: &mut Runner<'_>,
) -> Result<(), LabError> {
    let made = wanted.at(runner.scratch().join("release"));
    super::cache::remove(&made.dir)?;
    fs::create_dir_all(&made.dir).map_err(LabError::io(made.dir.display().to_string()))?;
    let mut manifest = match &options.hostap {
        Some(source) => hostap::compile(source, wanted.release, &made.root(), options.jobs, runner)?,
        None => unpacked(&made, options, runner)?,
    };
    if let Some(program) = REQUIRED.iter().find(|program| made.file(program).is_none()) {
        return Err(LabError::NotInIt { path: made.root(), what: (*program).to_owned() });
    }
    made.try_programs()?;
    made.write_starters()?;
    manifest.sort();
    fs::write(made.manifest(), manifest.join("\n") + "\n")
        .map_err(LabError::io(made.manifest().display().to_string()))?;
    sums::write(&made.dir, &made.sums())?;
    super::trust::tighten(&made.dir)?;
    super::cache::remove(&wanted.dir)?;
    fs::rename(&made.dir, &wanted.dir).map_err(LabError::io(wanted.dir.display().to_string()))
}

/// Unpacks packages; a line for each.
fn unpacked(
    made: &ReleaseDir,
    options: &BuildOptions,
    runner: &mut Runner<'_>,
) -> Result<Vec<String>, LabError> {
    let files = match &options.packages {
        Some(dir) => debs_in(dir)?,
        None => downloaded(made.release, runner)?,
    };
    unpack(&files, &made.root(), runner)?;
    files.iter().map(|file| Ok(format!("{} sha256:{}", named(file), digest(file)?))).collect()
}

/// Downloads a release's packages from the first suite that has it.
fn downloaded(release: Release, runner: &mut Runner<'_>) -> Result<Vec<PathBuf>, LabError> {
    let packages = packages_of(release);
    let mut found = Vec::new();
    for suite in packages.suites {
        let place = runner.scratch().join(format!("apt-{suite}"));
        let apt = Apt::of_suite(suite, &place, runner)?;
        let version = apt.version_of(PROGRAM_PACKAGES[0]).unwrap_or_default();
        if upstream(&version) != upstream(packages.recorded) {
            found.push(format!("{suite} has {version}"));
            continue;
        }
        let names: Vec<String> = PROGRAM_PACKAGES
            .iter()
            .chain(&LIBRARIES)
            .chain(packages.libraries)
            .map(|name| (*name).to_owned())
            .collect();
        return apt.download(&names, &runner.scratch().join(format!("debs-{suite}")), runner);
    }
    Err(LabError::NoRelease { release, found: found.join(", ") })
}

/// The upstream version in one of Debian's: `2:2.9.0-21+deb11u2` is 2.9.0.
fn upstream(version: &str) -> &str {
    let without_epoch = version.split_once(':').map_or(version, |(_, rest)| rest);
    without_epoch.rsplit_once('-').map_or(without_epoch, |(upstream, _)| upstream)
}

impl ReleaseDir {
    /// Starts each program, which ends at once: a library that is missing shows here and not in a run.
    fn try_programs(&self) -> Result<(), LabError> {
        for program in REQUIRED {
            self.try_libraries(program)?;
            let words = self.command(program);
            // The words may begin with settings of the environment, which env understands.
            let mut command = Command::new("env");
            command.args(&words).arg("-v").stdin(Stdio::null());
            let output = command.output().map_err(LabError::io(program))?;
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            let banner = said.lines().find_map(Release::of_banner);
            if banner != Some(self.release) {
                return Err(LabError::Command {
                    what: format!("{program} -v, which should say that it is {}", self.release),
                    status: output.status.to_string(),
                    tail: said,
                });
            }
        }
        Ok(())
    }

    /// The loader also looks where this system has its libraries: what it finds there is another version elsewhere.
    fn try_libraries(&self, program: &str) -> Result<(), LabError> {
        let (Some(file), Some(loader)) = (self.file(program), self.loader()) else { return Ok(()) };
        let path = super::joined(self.libraries());
        let mut command = Command::new(loader);
        command.arg("--library-path").arg(path).arg("--list").arg(&file).stdin(Stdio::null());
        let output = command.output().map_err(LabError::io(program))?;
        let listed = String::from_utf8_lossy(&output.stdout);
        // `libnl-3.so.200 => /usr/lib/x86_64-linux-gnu/libnl-3.so.200 (0x00007f…)`
        let found = listed.lines().filter_map(|line| line.trim().split_once(" => "));
        let paths = found.map(|(name, rest)| (name, rest.split(" (0x").next().unwrap_or(rest)));
        match paths.into_iter().find(|(_, path)| !Path::new(path).starts_with(&self.dir)) {
            Some((library, _)) => {
                Err(LabError::NoLibrary { program: program.to_owned(), library: library.to_owned() })
            }
            None => Ok(()),
        }
    }

    fn write_starters(&self) -> Result<(), LabError> {
        let dir = self.starters();
        let io = || LabError::io(dir.display().to_string());
        fs::create_dir_all(&dir).map_err(io())?;
        for program in PROGRAMS {
            let words = self.command(program);
            if words.is_empty() {
                continue;
            }
            // Found from where the starter is: the directory is renamed once it is complete.
            let here = self.dir.display().to_string();
            let words: Vec<String> = words
                .iter()
                .map(|word| match word.split_once('=') {
                    Some((name, value)) if word.starts_with("OPENSSL_MODULES=") => {
                        format!("{name}=\"{}\"", value.replace(&here, "$here"))
                    }
                    _ => format!("\"{}\"", word.replace(&here, "$here")),
                })
                .collect();
            let script = format!("#!/bin/sh\nhere=\"${{0%/*}}/..\"\nexec env {} \"$@\"\n", words.join(" "));
            let path = dir.join(program);
            fs::write(&path, script)
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)))
                .map_err(LabError::io(path.display().to_string()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_has_packages_of_its_own_version() {
        for release in Release::ALL {
            let packages = packages_of(release);
            assert_eq!(packages.release, release);
            assert!(upstream(packages.recorded).starts_with(&release.to_string()));
        }
        assert_eq!(upstream("2:2.9.0-21+deb11u2"), "2.9.0");
        assert_eq!(upstream("2.11"), "2.11");
    }

    #[test]
    fn what_differs_from_the_recorded_packages_is_said() {
        let dir = std::env::temp_dir().join(format!("wpasim-release-{}", std::process::id()));
        let release = ReleaseDir { release: Release::V2_11, dir: dir.clone() };
        fs::create_dir_all(&dir).unwrap();
        let with = |manifest: &str| {
            fs::write(release.manifest(), manifest).unwrap();
            release.differs()
        };
        assert_eq!(
            with("hostapd 2:2.11-4 sha256:0\nlibc6 2.43-7 sha256:1\nwpasupplicant 2:2.11-4 sha256:2\n"),
            None
        );
        let other = with("hostapd 2:2.11-5 sha256:0\nwpasupplicant 2:2.11-5 sha256:2\n").unwrap();
        assert_eq!(other, "hostapd 2:2.11-5; the references were recorded with 2:2.11-4");
        let built = with("hostap-source /x\nhostapd 2.11 sha256:0\n").unwrap();
        assert_eq!(built, "hostap-source /x; the references were recorded with Debian's 2:2.11-4");
        fs::remove_dir_all(&dir).unwrap();
    }
}
