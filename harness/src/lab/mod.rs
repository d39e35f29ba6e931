//! The lab: a User-Mode Linux kernel with mac80211_hwsim in which unmodified supplicants run in virtual time.
//!
//! [`Lab::build`](build) makes it once, in a cache directory of the user's; [`Lab::open`] finds it and
//! [`Lab::boot`] runs one program in a fresh kernel, in 0.4 s. Same job, same bytes: the guest's clock is virtual and
//! starts at the same moment, its kernel draws from the job's seed, and so do its programs.
//!
//! The guest sees the host's files, read-only but for the directories that the job names.

mod boot;
mod build;
mod cache;
mod error;
pub mod guest;
mod hostap;
mod job;
mod kernel;
mod packages;
mod process;
mod processor;
pub mod regdb;
mod releases;
pub mod runs;
mod status;
mod sums;
mod trust;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use boot::{Finished, Stream};
pub use build::{BuildOptions, Step, build};
pub use error::LabError;
pub use job::Job;
pub use releases::ReleaseDir;
pub use status::{Part, status};

use cache::Layout;

use crate::release::Release;

/// The configuration of the lab's kernel.
const KERNEL_CONFIG: &str = include_str!("kernel.config");
/// The library that makes a program's random bytes repeatable.
const PRELOAD_SOURCE: &str = include_str!("preload.c");

/// Set in the guest, so that a program can tell that it runs in the lab.
pub const IN_LAB: &str = "WPASIM_LAB";
/// The seed of a program's random bytes, read by the preloaded library; `%p` in it stands for the process id.
pub const SEED: &str = "WPASIM_SEED";
/// The time that programs pause longer after each request over netlink, `NANOSECONDS[:SEED]`; read by the preloaded library.
pub const JITTER: &str = "WPASIM_JITTER";

/// The message for a host that refuses personality(2).
const NO_FIXED_ADDRESSES: &str = "this host refuses fixed addresses (personality ADDR_NO_RANDOMIZE): what is said repeats, addresses in debug logs may not";

/// A lab that is built.
#[derive(Clone, Debug)]
pub struct Lab {
    layout: Layout,
    wpasim: PathBuf,
    /// The release whose programs are found through `PATH`.
    release: Release,
}

impl Lab {
    /// The lab in the user's cache directory.
    ///
    /// # Errors
    /// When it has not been built, or is not complete.
    pub fn open() -> Result<Lab, LabError> {
        let wpasim = std::env::current_exe().map_err(LabError::io("the path of this program"))?;
        Lab::open_with(&wpasim)
    }

    /// As [`Lab::open`], with the wpasim binary that is the guest's first process: for programs other than wpasim.
    ///
    /// # Errors
    /// As [`Lab::open`].
    pub fn open_with(wpasim: &Path) -> Result<Lab, LabError> {
        let layout = Layout::current()?;
        let missing: Vec<String> = layout.missing().map(|path| path.display().to_string()).collect();
        if !missing.is_empty() {
            return Err(LabError::NotBuilt { missing });
        }
        layout.check()?;
        Ok(Lab { layout, wpasim: wpasim.to_owned(), release: Release::V2_10 })
    }

    /// With the programs of another release in the guest's `PATH`.
    ///
    /// # Errors
    /// When the release is not in the lab.
    pub fn with_release(mut self, release: Release) -> Result<Lab, LabError> {
        self.release(release)?;
        self.release = release;
        Ok(self)
    }

    /// A release in the lab.
    ///
    /// # Errors
    /// When it is not there.
    pub fn release(&self, release: Release) -> Result<ReleaseDir, LabError> {
        let dir = self.layout.release(release);
        if !dir.is_there() {
            return Err(LabError::NotBuilt { missing: vec![dir.path().display().to_string()] });
        }
        trust::check(dir.path())?;
        dir.check()?;
        Ok(dir)
    }

    /// Returns the differences between this lab and the one that the references were recorded in, a line for each part.
    pub fn differences(&self, releases: &[Release]) -> Vec<String> {
        let releases = releases.iter().filter_map(|release| self.layout.release(*release).differs());
        let addresses = (!boot::can_fix_addresses()).then(|| NO_FIXED_ADDRESSES.to_owned());
        kernel::differs(&self.layout).into_iter().chain(releases).chain(addresses).collect()
    }

    /// `PATH` in the guest: wpasim's own directory, the release's programs, the caller's, the system's.
    fn search_path(&self) -> OsString {
        let own = self.wpasim.parent().map(Path::to_owned);
        let programs = self.layout.release(self.release).starters();
        let callers = std::env::var_os("PATH").unwrap_or_default();
        let system = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
        joined(own.into_iter().chain([programs]).chain(std::env::split_paths(&callers)).chain(system))
    }

    /// Returns the beginning of a job's environment; the job's own variables come after.
    fn environment(&self, seed: u64) -> Vec<(OsString, OsString)> {
        vec![
            ("PATH".into(), self.search_path()),
            ("HOME".into(), "/run".into()),
            ("LANG".into(), "C.UTF-8".into()),
            (IN_LAB.into(), "1".into()),
            ("TZ".into(), "UTC".into()),
            ("LD_PRELOAD".into(), guest::PRELOAD.into()),
            (SEED.into(), format!("{seed}.%p").into()),
            // OpenSSL stirs the processor's cycle counter and random instructions into what it draws: those are
            // the host's and differ from run to run. The mask hides them.
            ("OPENSSL_ia32cap".into(), "~0x4000000000000010:~0x40000".into()),
        ]
    }
}

/// Paths joined with `:`.
fn joined(paths: impl IntoIterator<Item = PathBuf>) -> OsString {
    let paths: Vec<PathBuf> = paths.into_iter().collect();
    paths.iter().map(|p| p.as_os_str()).collect::<Vec<_>>().join(OsStr::new(":"))
}
