//! The list of what was unpacked or built, with the digest of each file, by which a cached part is known to be whole.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::LabError;
use super::cache::{digest, digest_of};
use super::trust::below;

/// The digest of each file below a directory, by its path from there. A link is digested by the path that it names, so that the
/// list shows where it leads.
type Sums = BTreeMap<String, String>;

/// Writes the list of a directory, or of a single file, to `list`: one line `SHA-256  PATH` for each, as sha256sum has them.
///
/// # Errors
/// Something cannot be read, or the list cannot be written.
pub(super) fn write(of: &Path, list: &Path) -> Result<(), LabError> {
    let lines: String = sums(of, list)?.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
    fs::write(list, lines).map_err(LabError::io(list.display().to_string()))
}

/// Fails unless a directory, or a single file, is as its list says: nothing changed, missing or added.
///
/// # Errors
/// The first file that is otherwise; the list or a file cannot be read.
pub(super) fn check(of: &Path, list: &Path) -> Result<(), LabError> {
    let text = fs::read_to_string(list).map_err(LabError::io(list.display().to_string()))?;
    let mut recorded: Sums = text
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect();
    let refused = |path: &str, reason: &str| {
        let path = if path.is_empty() { of.to_owned() } else { of.join(path) };
        Err(LabError::Untrusted {
            path: path.display().to_string(),
            reason: format!("{reason} {}: wpasim lab build --force makes the lab again", list.display()),
        })
    };
    for (path, sum) in sums(of, list)? {
        match recorded.remove(&path) {
            Some(known) if known == sum => {}
            Some(_) => {
                return refused(&path, "it is not the file that was put there, of which the digest is in");
            }
            None => return refused(&path, "it is not in the list of what was put there,"),
        }
    }
    match recorded.first_key_value() {
        Some((path, _)) => refused(path, "it is missing, and is in the list of what was put there,"),
        None => Ok(()),
    }
}

fn sums(of: &Path, list: &Path) -> Result<Sums, LabError> {
    let mut found = Sums::new();
    collect(of, of, list, &mut found)?;
    Ok(found)
}

fn collect(root: &Path, path: &Path, list: &Path, found: &mut Sums) -> Result<(), LabError> {
    let io = || LabError::io(path.display().to_string());
    if path == list {
        return Ok(());
    }
    let metadata = fs::symlink_metadata(path).map_err(io())?;
    for entry in below(path, &metadata)? {
        collect(root, &entry, list, found)?;
    }
    if metadata.is_dir() {
        return Ok(());
    }
    let sum = match metadata.is_symlink() {
        true => digest_of(fs::read_link(path).map_err(io())?.as_os_str().as_bytes()),
        false => digest(path)?,
    };
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    found.insert(name, sum);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rstest::rstest;

    use super::*;

    fn tree() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("root/usr")).unwrap();
        fs::write(dir.path().join("root/usr/hostapd"), "program").unwrap();
        symlink("hostapd", dir.path().join("root/usr/link")).unwrap();
        let list = dir.path().join("SHA256SUMS");
        write(dir.path(), &list).unwrap();
        (dir, list)
    }

    #[test]
    fn what_is_as_it_was_is_accepted() {
        let (dir, list) = tree();
        check(dir.path(), &list).unwrap();
        assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 2);
    }

    #[rstest]
    #[case::changed("root/usr/hostapd", "is not the file")]
    #[case::added("root/usr/new", "is not in the list")]
    fn a_file_that_is_otherwise_is_refused(#[case] path: &str, #[case] reason: &str) {
        let (dir, list) = tree();
        fs::write(dir.path().join(path), "Program").unwrap();
        let refused = check(dir.path(), &list).unwrap_err().to_string();
        assert!(refused.contains(reason) && refused.contains(path), "{refused}");
    }

    #[test]
    fn a_file_that_is_gone_and_a_link_that_leads_elsewhere_are_refused() {
        let (dir, list) = tree();
        let link = dir.path().join("root/usr/link");
        fs::remove_file(&link).unwrap();
        let refused = check(dir.path(), &list).unwrap_err().to_string();
        assert!(refused.contains("is missing"), "{refused}");
        symlink("/bin/sh", &link).unwrap();
        assert!(check(dir.path(), &list).is_err());
    }

    #[test]
    fn a_single_file_has_a_list_too() {
        let dir = tempfile::tempdir().unwrap();
        let (file, list) = (dir.path().join("a.so"), dir.path().join("a.so.sha256"));
        fs::write(&file, "library").unwrap();
        write(&file, &list).unwrap();
        check(&file, &list).unwrap();
        fs::write(&file, "Library").unwrap();
        assert!(check(&file, &list).is_err());
        fs::write(&list, "").unwrap();
        assert!(check(&file, &list).is_err());
    }
}
