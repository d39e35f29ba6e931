//! Whether what is in the cache can be used: programs and a kernel that others could have written are not run.

use std::fs::{self, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::LabError;
use super::cache::digest;

/// The permissions by which others than the owner may write.
const OTHERS_WRITE: u32 = 0o022;
/// The beginning of the manifest's line about the kernel.
const KERNEL: &str = "linux sha256:";

/// Fails unless a directory with all below it, or a file, is this user's or root's and nobody else may write to it.
///
/// # Errors
/// The first that is otherwise, with what helps; or it cannot be looked at.
pub(super) fn check(path: &Path) -> Result<(), LabError> {
    let metadata = fs::symlink_metadata(path).map_err(io(path))?;
    check_one(path, &metadata, rustix::process::geteuid().as_raw())?;
    for entry in below(path, &metadata)? {
        check(&entry)?;
    }
    Ok(())
}

/// As [`check`], of the directory or the file alone.
///
/// # Errors
/// As [`check`].
pub(super) fn check_alone(path: &Path) -> Result<(), LabError> {
    let metadata = fs::symlink_metadata(path).map_err(io(path))?;
    check_one(path, &metadata, rustix::process::geteuid().as_raw())
}

fn check_one(path: &Path, metadata: &Metadata, user: u32) -> Result<(), LabError> {
    let refused = |reason: String| Err(LabError::Untrusted { path: path.display().to_string(), reason });
    if ![0, user].contains(&metadata.uid()) {
        return refused(format!("it belongs to user {}, who is neither you nor root", metadata.uid()));
    }
    // A link has permissions that count for nothing.
    if !metadata.is_symlink() && metadata.mode() & OTHERS_WRITE != 0 {
        return refused(format!(
            "others may write to it (mode {:03o}): if nobody did, chmod -R go-w",
            metadata.mode() & 0o777
        ));
    }
    Ok(())
}

/// Takes away from others the right to write, after a build under a mask that gives it.
///
/// # Errors
/// The system's.
pub(super) fn tighten(path: &Path) -> Result<(), LabError> {
    tighten_alone(path)?;
    let metadata = fs::symlink_metadata(path).map_err(io(path))?;
    for entry in below(path, &metadata)? {
        tighten(&entry)?;
    }
    Ok(())
}

/// As [`tighten`], of the directory or the file alone.
///
/// # Errors
/// The system's.
pub(super) fn tighten_alone(path: &Path) -> Result<(), LabError> {
    let metadata = fs::symlink_metadata(path).map_err(io(path))?;
    if metadata.is_symlink() || metadata.mode() & OTHERS_WRITE == 0 {
        return Ok(());
    }
    let mode = metadata.mode() & 0o7777 & !OTHERS_WRITE;
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(io(path))
}

/// Fails unless the kernel is the one that its manifest tells of.
///
/// # Errors
/// It is another; or one of the two cannot be read.
pub(super) fn check_kernel(kernel: &Path, manifest: &Path) -> Result<(), LabError> {
    let text = fs::read_to_string(manifest).map_err(io(manifest))?;
    let recorded = text.lines().find_map(|line| line.strip_prefix(KERNEL));
    if recorded == Some(digest(kernel)?.as_str()) {
        return Ok(());
    }
    let reason = format!("it is not the kernel that {} tells of", manifest.display());
    Err(LabError::Untrusted { path: kernel.display().to_string(), reason })
}

/// Returns the entries of a directory; none for a file.
///
/// # Errors
/// The system's.
pub(super) fn below(path: &Path, metadata: &Metadata) -> Result<Vec<PathBuf>, LabError> {
    if !metadata.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(path).map_err(io(path))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(io(path))).collect()
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> LabError {
    let path = path.display().to_string();
    move |error| LabError::io(path.clone())(error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rstest::rstest;

    use super::*;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[rstest]
    #[case::group("a/b", 0o664)]
    #[case::others("a/b", 0o646)]
    #[case::directory("a", 0o777)]
    #[case::the_whole(".", 0o775)]
    fn what_others_may_write_is_refused_until_it_is_tightened(#[case] name: &str, #[case] mode: u32) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/b"), "").unwrap();
        // A link's own permissions are always all.
        symlink("b", dir.path().join("a/link")).unwrap();
        tighten(dir.path()).unwrap();
        check(dir.path()).unwrap();
        set(&dir.path().join(name), mode);
        let refused = check(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("mode {mode:03o}")), "{refused}");
        tighten(dir.path()).unwrap();
        check(dir.path()).unwrap();
    }

    #[test]
    fn what_is_another_users_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let metadata = fs::symlink_metadata(dir.path()).unwrap();
        assert!(check_one(dir.path(), &metadata, metadata.uid()).is_ok());
        if metadata.uid() != 0 {
            assert!(check_one(dir.path(), &metadata, metadata.uid() + 1).is_err());
        }
        // Root gives it to another, where that is allowed.
        if std::os::unix::fs::chown(dir.path(), Some(12345), None).is_ok() {
            let refused = check(dir.path()).unwrap_err().to_string();
            assert!(refused.contains("it belongs to user 12345"), "{refused}");
        }
    }

    #[test]
    fn a_kernel_is_the_one_that_was_built() {
        let dir = tempfile::tempdir().unwrap();
        let (kernel, manifest) = (dir.path().join("linux"), dir.path().join("manifest"));
        fs::write(&kernel, "kernel").unwrap();
        fs::write(&manifest, format!("a 1\n{KERNEL}{}\n", digest(&kernel).unwrap())).unwrap();
        check_kernel(&kernel, &manifest).unwrap();
        fs::write(&kernel, "Kernel").unwrap();
        let refused = check_kernel(&kernel, &manifest).unwrap_err().to_string();
        assert!(refused.contains("is not the kernel"), "{refused}");
        fs::write(&manifest, "a 1\n").unwrap();
        assert!(check_kernel(&kernel, &manifest).is_err(), "nothing is recorded");
    }
}
