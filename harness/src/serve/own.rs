//! Files in the file system that are this process's own, by device and inode: nothing else is removed, whoever put what in
//! their places meanwhile.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The identity of a file, which tells it from others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Identity { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Every one that is there, for the end of a process that has no time to end in order.
static ALL: Mutex<Vec<(PathBuf, Identity)>> = Mutex::new(Vec::new());

/// A socket or a file that this process made. It goes when this is dropped, unless something else is in its place.
#[derive(Debug)]
pub struct Own {
    path: PathBuf,
    identity: Option<Identity>,
}

impl Own {
    /// Remembers what was just made at this path.
    pub fn made(path: &Path) -> Own {
        let identity = fs::symlink_metadata(path).ok().map(|m| Identity::of(&m));
        if let Some(identity) = identity {
            lock().push((path.to_owned(), identity));
        }
        Own { path: path.to_owned(), identity }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let Some(identity) = self.identity else { return };
        let mut all = lock();
        if let Some(at) = all.iter().position(|(path, known)| *path == self.path && *known == identity) {
            all.swap_remove(at);
        }
        remove(&self.path, identity);
    }
}

/// Removes all that is this process's own, for the end of a process that has no time to end in order.
pub fn remove_all() {
    for (path, identity) in std::mem::take(&mut *lock()) {
        remove(&path, identity);
        // As at an end in order, a directory that has something else in it stays.
        if let Some(directory) = path.parent() {
            let _ = fs::remove_dir(directory);
        }
    }
}

fn lock() -> std::sync::MutexGuard<'static, Vec<(PathBuf, Identity)>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(path: &Path, identity: Identity) {
    if fs::symlink_metadata(path).is_ok_and(|m| Identity::of(&m) == identity) {
        // It may be gone already, with the directory.
        let _ = fs::remove_file(path);
    }
}

/// Removes a socket if `is_dead` finds nobody behind it and it is still the one that was asked.
pub fn remove_dead(path: &Path, is_dead: impl FnOnce() -> bool) -> std::io::Result<bool> {
    let before = fs::symlink_metadata(path)?;
    if !before.file_type().is_socket() || !is_dead() {
        return Ok(false);
    }
    if fs::symlink_metadata(path).is_ok_and(|m| Identity::of(&m) == Identity::of(&before)) {
        fs::remove_file(path)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "ours").unwrap();
        drop(Own::made(&path));
        assert!(!path.exists());
        fs::write(&path, "ours").unwrap();
        let own = Own::made(&path);
        // Made beside it first, so that it has another inode.
        fs::write(dir.path().join("b"), "another's").unwrap();
        fs::rename(dir.path().join("b"), &path).unwrap();
        drop(own);
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
    }
}
