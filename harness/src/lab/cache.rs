//! The directory of the lab.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::process::pause;
use super::releases::ReleaseDir;
use super::{KERNEL_CONFIG, LabError, PRELOAD_SOURCE, kernel, sums, trust};
use crate::release::Release;

/// Counted up when the way of building changes what is built.
const RECIPE: u32 = 4;

/// The paths of one version of the lab. Each part has a name that depends on all that this program puts into it, so
/// that another clone of the same version finds it, and another version makes its own.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Holds every part, and the lock.
    pub cache: PathBuf,
    /// The kernel's directory; it exists when it is complete.
    pub dir: PathBuf,
}

impl Layout {
    /// The one that this program builds and uses.
    ///
    /// # Errors
    /// When no cache directory is known, or the host cannot run the lab.
    pub fn current() -> Result<Layout, LabError> {
        if std::env::consts::ARCH != "x86_64" {
            return Err(LabError::WrongHost { found: std::env::consts::ARCH });
        }
        let cache = cache_directory(|name| std::env::var_os(name).map(PathBuf::from))
            .ok_or(LabError::NoCacheDirectory)?;
        Ok(Layout { dir: cache.join(format!("kernel-{}", kernel_name())), cache })
    }

    /// The same lab elsewhere, while it is being built.
    pub fn at(&self, dir: PathBuf) -> Layout {
        Layout { cache: self.cache.clone(), dir }
    }

    /// The kernel, an executable of the host's.
    pub fn kernel(&self) -> PathBuf {
        self.dir.join("linux")
    }

    /// The library that makes random bytes repeatable.
    pub fn preload(&self) -> PathBuf {
        self.cache.join(format!("preload-{}.so", name_of([PRELOAD_SOURCE])))
    }

    /// The digest of the library.
    pub fn preload_sum(&self) -> PathBuf {
        self.preload().with_extension("so.sha256")
    }

    /// Whether the library is there.
    pub fn has_preload(&self) -> bool {
        self.preload().is_file() && self.preload_sum().is_file()
    }

    /// Returns the file that lists the parts the kernel was made of, a line for each.
    pub fn manifest(&self) -> PathBuf {
        self.dir.join("manifest")
    }

    /// Returns the file with the output of its building.
    pub fn log(&self) -> PathBuf {
        self.dir.join("build.log")
    }

    /// The place of a release's programs.
    pub fn release(&self, release: Release) -> ReleaseDir {
        ReleaseDir::new(&self.cache, release)
    }

    /// Whether the kernel is there.
    pub fn has_kernel(&self) -> bool {
        self.kernel().is_file() && self.manifest().is_file()
    }

    /// The parts that have to be there and are not.
    pub fn missing(&self) -> impl Iterator<Item = PathBuf> {
        let parts = [self.kernel(), self.manifest(), self.preload(), self.preload_sum()];
        parts.into_iter().filter(|path| !path.is_file())
    }

    /// Fails unless the kernel and the library are this user's or root's, as they were built, and not writable by others.
    ///
    /// # Errors
    /// Checks the lab against its manifest. The error names the difference.
    pub fn check(&self) -> Result<(), LabError> {
        trust::check_alone(&self.cache)?;
        trust::check(&self.dir)?;
        for file in [self.preload(), self.preload_sum()] {
            trust::check(&file)?;
        }
        sums::check(&self.preload(), &self.preload_sum())?;
        trust::check_kernel(&self.kernel(), &self.manifest())
    }

    /// A name for the kernel, the library and every release, as keys of a cache in CI want it.
    pub fn key(&self) -> String {
        let names = Release::ALL.map(|release| self.release(release).key());
        let parts = [kernel_name(), PRELOAD_SOURCE.to_owned()].into_iter().chain(names);
        format!("lab-{}", name_of(parts))
    }

    /// Waits until nobody else builds; the lock is let go with the file.
    ///
    /// # Errors
    /// When the cache directory cannot be written to, or the caller is interrupted.
    pub fn lock(&self, interrupted: &dyn Fn() -> bool, waiting: &mut dyn FnMut()) -> Result<File, LabError> {
        let path = self.cache.join("lab.lock");
        let io = || LabError::io(path.display().to_string());
        fs::create_dir_all(&self.cache).map_err(LabError::io(self.cache.display().to_string()))?;
        let file = File::options().create(true).append(true).open(&path).map_err(io())?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(io()(error)),
                Err(TryLockError::WouldBlock) if interrupted() => return Err(LabError::Interrupted),
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut told, true) {
                        waiting();
                    }
                    pause()?;
                }
            }
        }
    }
}

/// A name for the kernel.
fn kernel_name() -> String {
    let recipe = RECIPE.to_string();
    let changes = kernel::CHANGES.iter().flat_map(|(file, old, new)| [*file, *old, *new]);
    name_of([recipe.as_str(), KERNEL_CONFIG].into_iter().chain(changes))
}

/// A short name that depends on all of these.
pub(super) fn name_of<P: AsRef<str>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hexadecimal(hash).chars().take(12).collect()
}

/// The SHA-256 of a file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn digest(path: &Path) -> Result<String, LabError> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(LabError::io(path.display().to_string()))?;
    std::io::copy(&mut file, &mut hash).map_err(LabError::io(path.display().to_string()))?;
    Ok(hexadecimal(hash))
}

/// The SHA-256 of octets.
pub(super) fn digest_of(octets: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(octets);
    hexadecimal(hash)
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first of WPASIM_CACHE, XDG_CACHE_HOME/wpasim and HOME/.cache/wpasim that is an absolute path.
fn cache_directory(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let below = |name: &str, rest: &str| variable(name).filter(|p| p.is_absolute()).map(|p| p.join(rest));
    variable("WPASIM_CACHE")
        .filter(|p| p.is_absolute())
        .or_else(|| below("XDG_CACHE_HOME", "wpasim"))
        .or_else(|| below("HOME", ".cache/wpasim"))
}

/// Removes a directory with all below it; it is no error if there is none.
///
/// # Errors
/// When something in it cannot be removed.
pub(super) fn remove(dir: &Path) -> Result<(), LabError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LabError::io(dir.display().to_string())(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_user_says() {
        let with = |set: &[(&str, &str)]| {
            cache_directory(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| PathBuf::from(v)))
        };
        let all = [("WPASIM_CACHE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        assert_eq!(with(&all), Some("/a".into()));
        assert_eq!(with(&all[1..]), Some("/b/wpasim".into()));
        assert_eq!(with(&all[2..]), Some("/c/.cache/wpasim".into()));
        assert_eq!(
            with(&[("WPASIM_CACHE", ""), ("XDG_CACHE_HOME", "b"), ("HOME", "/c")]),
            Some("/c/.cache/wpasim".into())
        );
        assert_eq!(with(&[]), None);
    }
}
