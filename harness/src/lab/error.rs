//! The faults of the lab.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The reason why the lab could not be built, or did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// No kernel, or not all that belongs to it.
    #[error("the lab is not built ({} missing); 'wpasim lab build' builds it, once, in some minutes", missing.join(", "))]
    NotBuilt { missing: Vec<String> },
    /// Somebody else could have put it there.
    #[error("the lab is not used: {path}: {reason}; 'wpasim lab build --force' builds it anew")]
    Untrusted { path: String, reason: String },
    /// There is no directory to keep it in.
    #[error("there is no place for the lab: set WPASIM_CACHE, XDG_CACHE_HOME or HOME to an absolute path")]
    NoCacheDirectory,
    /// The host is of the wrong kind.
    #[error(
        "the lab runs on x86_64 Linux only: User-Mode Linux 6.1 knows no other 64-bit processor, and this is {found}"
    )]
    WrongHost { found: &'static str },
    /// A program that has to be there.
    #[error("{program} is missing: it is needed {purpose}; on Debian: apt-get install {package}")]
    NoProgram { program: &'static str, purpose: &'static str, package: &'static str },
    /// The package system offers no such package.
    #[error(
        "apt knows no package {package}: the lab is made of Debian 12's; add Debian 12 (bookworm) to the package sources, \
         or give the kernel's source with --linux-source"
    )]
    NoPackage { package: String },
    /// The host's package sources have no Debian mirror.
    #[error(
        "apt takes Debian's packages from nowhere: add Debian 12 (bookworm) to the package sources, or give the \
         release's packages with --packages DIR"
    )]
    NoMirror,
    /// No suite has a release.
    #[error(
        "Debian has no wpa_supplicant {release} any more ({found}): give its packages with --packages DIR, or a source tree with --hostap DIR"
    )]
    NoRelease { release: crate::release::Release, found: String },
    /// Libraries that compiling needs.
    #[error("compiling hostap needs libraries that are missing; on Debian: apt-get install {packages}")]
    NoLibraries { packages: String },
    /// The disk is full, or will be.
    #[error("{} has {free_mib} MiB left; building the lab takes {needed_mib} MiB for a while", path.display())]
    NoSpace { path: PathBuf, free_mib: u64, needed_mib: u64 },
    /// Packages that are not all.
    #[error("{program} finds {library} only among this system's libraries: the packages lack it")]
    NoLibrary { program: String, library: String },
    /// A program that was run said no.
    #[error("{what} failed ({status}){}", shown(tail))]
    Command { what: String, status: String, tail: String },
    /// A package or an archive without what it should hold.
    #[error("{}: no {what} in it", path.display())]
    NotInIt { path: PathBuf, what: String },
    /// Not the regulatory database that it should be.
    #[error("{}: {reason}", path.display())]
    BadDatabase { path: PathBuf, reason: super::regdb::NotARegulatoryDatabase },
    /// The kernel's configuration does not know what the lab needs.
    #[error("this kernel source cannot be configured for the lab; it refused {}", refused.join(", "))]
    Configuration { refused: Vec<String> },
    /// A program that is tested cannot be started, or is not there.
    #[error("{reason}")]
    NoProgramToTest { reason: String },
    /// An argument that cannot be meant.
    #[error("{reason}")]
    BadArgument { reason: String },
    /// A job that cannot be given to the guest.
    #[error("this cannot run in the lab: {reason}")]
    BadJob { reason: String },
    /// The guest ended without having finished its job.
    #[error("the lab's kernel ended before its job did ({status}){}", shown(tail))]
    Died { status: String, tail: String },
    /// A run in the guest left nothing to read.
    #[error("the run in the lab ended with exit code {code} and without a result{}", shown(tail))]
    NoResult { code: i32, tail: String },
    /// The guest took too long by the wall clock.
    #[error("the lab did not finish within {} s of wall time and was ended{}", limit.as_secs(), shown(tail))]
    TimedOut { limit: Duration, tail: String },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A file or a system call.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

impl LabError {
    /// For `map_err`: what was being read, written or done.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> LabError {
        let what = what.into();
        move |source| LabError::Io { what, source }
    }
}

fn shown(tail: &str) -> String {
    match tail.trim_end() {
        "" => String::new(),
        tail => format!("; the last it said:\n{tail}"),
    }
}
