//! Calls that fail because a test wants it: `WPASIM_FAULT=7` fails the seventh, `WPASIM_FAULT=7+` that one and all after it.
//! Only builds with debug assertions look at the variable, so that no user meets it by accident; in others every function
//! here is empty. What fails is said on standard error: `wpasim: fault 7: rename out/report.json`. A run in which nothing
//! is said has fewer calls than that.

#![cfg_attr(not(debug_assertions), allow(clippy::unnecessary_wraps, reason = "faults are for debug builds"))]

use std::io::{self, Write};
use std::path::Path;

/// As at the limit of file descriptors.
pub fn open(path: &Path) -> io::Result<()> {
    pass("open", path, io::ErrorKind::Other, "Too many open files")
}

/// As at the limit of file descriptors.
pub fn socket(path: &Path) -> io::Result<()> {
    pass("socket", path, io::ErrorKind::Other, "Too many open files")
}

/// As on a full disk: half of the content is written.
pub fn write(file: &mut impl Write, path: &Path, content: &[u8]) -> io::Result<()> {
    pass("write", path, io::ErrorKind::StorageFull, FULL).inspect_err(|_| {
        let _ = file.write_all(content.get(..content.len() / 2).unwrap_or_default());
    })
}

/// As on a full disk.
pub fn make_directory(path: &Path) -> io::Result<()> {
    pass("mkdir", path, io::ErrorKind::StorageFull, FULL)
}

/// As on a full disk.
pub fn rename(path: &Path) -> io::Result<()> {
    pass("rename", path, io::ErrorKind::StorageFull, FULL)
}

/// As in a file system that may only be read.
pub fn remove(path: &Path) -> io::Result<()> {
    pass("remove", path, io::ErrorKind::ReadOnlyFilesystem, "Read-only file system")
}

/// As in a file system that may only be read.
pub fn set_permissions(path: &Path) -> io::Result<()> {
    pass("chmod", path, io::ErrorKind::ReadOnlyFilesystem, "Read-only file system")
}

const FULL: &str = "No space left on device";

#[cfg(not(debug_assertions))]
fn pass(_: &str, _: &Path, _: io::ErrorKind, _: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(debug_assertions)]
fn pass(call: &str, path: &Path, kind: io::ErrorKind, error: &str) -> io::Result<()> {
    let Some(plan) = *PLAN else { return Ok(()) };
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
    if !plan.fails(number) {
        return Ok(());
    }
    let _ = writeln!(io::stderr(), "wpasim: fault {number}: {call} {}", path.display());
    Err(io::Error::new(kind, error))
}

/// The number of calls so far.
#[cfg(debug_assertions)]
static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

#[cfg(debug_assertions)]
static PLAN: std::sync::LazyLock<Option<Plan>> =
    std::sync::LazyLock::new(|| Plan::read(&std::env::var("WPASIM_FAULT").ok()?));

/// The calls that fail.
#[cfg(debug_assertions)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Plan {
    first: u64,
    /// Whether all after it fail too.
    and_after: bool,
}

#[cfg(debug_assertions)]
impl Plan {
    fn read(text: &str) -> Option<Plan> {
        let (number, and_after) = text.strip_suffix('+').map_or((text, false), |number| (number, true));
        Some(Plan { first: number.parse().ok()?, and_after })
    }

    fn fails(self, number: u64) -> bool {
        number == self.first || (self.and_after && number > self.first)
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_a_number_or_all_from_it_on() {
        assert_eq!(Plan::read("7"), Some(Plan { first: 7, and_after: false }));
        assert_eq!(Plan::read("7+"), Some(Plan { first: 7, and_after: true }));
        assert_eq!((Plan::read(""), Plan::read("x"), Plan::read("+")), (None, None, None));
        assert!(!Plan { first: 2, and_after: true }.fails(1) && Plan { first: 2, and_after: true }.fails(3));
        assert!(!Plan { first: 2, and_after: false }.fails(3));
    }
}
