//! Where the lab is kept.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::process::pause;
use super::{KERNEL_CONFIG, LabError, PRELOAD_SOURCE};

/// Counted up when the way of building changes what is built.
const RECIPE: u32 = 3;

/// The paths of one version of the lab.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Holds every version, and the lock.
    pub cache: PathBuf,
    /// This version's own directory; it exists when it is complete.
    pub dir: PathBuf,
}

impl Layout {
    /// The one that this program builds and uses. The name depends on all that this program puts into it, so that
    /// another clone of the same version finds it, and another version makes its own.
    ///
    /// # Errors
    /// When no cache directory is known, or the host cannot run the lab.
    pub fn current() -> Result<Layout, LabError> {
        if std::env::consts::ARCH != "x86_64" {
            return Err(LabError::WrongHost { found: std::env::consts::ARCH });
        }
        let cache = cache_directory(|name| std::env::var_os(name).map(PathBuf::from))
            .ok_or(LabError::NoCacheDirectory)?;
        Ok(Layout { dir: cache.join(format!("lab-{}", version())), cache })
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
        self.dir.join("preload.so")
    }

    /// What it was made of, a line for each part.
    pub fn manifest(&self) -> PathBuf {
        self.dir.join("manifest")
    }

    /// Where packages are unpacked that the host lacks. It need not exist.
    pub fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// What was said while it was built.
    pub fn log(&self) -> PathBuf {
        self.dir.join("build.log")
    }

    /// The parts that have to be there and are not.
    pub fn missing(&self) -> impl Iterator<Item = PathBuf> {
        [self.kernel(), self.preload(), self.manifest()].into_iter().filter(|path| !path.is_file())
    }

    /// Directories with programs that the host lacks.
    pub fn programs(&self) -> Vec<PathBuf> {
        let places = ["usr/sbin", "usr/bin", "sbin", "bin"];
        places.iter().map(|place| self.root().join(place)).filter(|dir| dir.is_dir()).collect()
    }

    /// Directories with libraries that the host lacks.
    pub fn libraries(&self) -> Vec<PathBuf> {
        let places = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib", "lib"];
        places.iter().map(|place| self.root().join(place)).filter(|dir| dir.is_dir()).collect()
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

/// A name for all that this program puts into a lab.
fn version() -> String {
    let mut hash = Sha256::new();
    for part in [RECIPE.to_string().as_str(), KERNEL_CONFIG, PRELOAD_SOURCE] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
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
