//! Files that a session writes: each first beside its place, then renamed into it, so that nobody
//! reads half a file. What is no regular file is written where it is: a device, a pipe with a reader.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::system;

/// Writes a file as a whole, making its directory if need be.
///
/// # Errors
/// The system's.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    write(path, content, 0o666)
}

/// As [`write_atomically`], for secrets: only the user can read the file.
///
/// # Errors
/// The system's.
pub fn write_privately(path: &Path, content: &[u8]) -> io::Result<()> {
    write(path, content, 0o600)
}

/// With these permissions, less those that the user's mask takes away.
fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let path = &followed(path)?;
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty());
    if let Some(dir) = dir {
        system::create_dir_all(dir)?;
    }
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => return in_place::write(path, content),
        _ => {}
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // A name that nobody can guess, and a file that was not there: no link that was laid there is followed.
    let mut builder = tempfile::Builder::new();
    let prefix = format!(".{name}.");
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    let mut beside = system::temporary(&builder, path, dir.unwrap_or(Path::new(".")))?;
    system::write_all(beside.as_file_mut(), path, content)?;
    system::persist(beside, path).map(drop)
}

/// Returns the place to which a path leads: the file that a link points to is replaced, not the link.
fn followed(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => {}
        _ => return Ok(path.to_owned()),
    }
    match fs::canonicalize(path) {
        // A link to what is not there yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let target = fs::read_link(path)?;
            Ok(path.parent().map_or_else(|| target.clone(), |dir| dir.join(&target)))
        }
        other => other,
    }
}

#[cfg(target_os = "linux")]
mod in_place {
    use std::os::fd::AsFd;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{Mode, OFlags};

    use super::{Path, io};
    use crate::system;
    use crate::wall::Stopwatch;

    /// The time that a pipe may have no reader, or one that reads nothing.
    const PATIENCE: Duration = Duration::from_secs(10);
    /// The error of a pipe that nobody has opened for reading.
    const NO_READER: i32 = rustix::io::Errno::NXIO.raw_os_error();
    /// The interval at which it is looked whether a reader has come.
    const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

    pub fn write(path: &Path, mut content: &[u8]) -> io::Result<()> {
        let mut file = opened(path)?;
        while !content.is_empty() {
            match system::write(&mut file, path, content) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => content = content.get(n..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let patience = Timespec { tv_sec: PATIENCE.as_secs().cast_signed(), tv_nsec: 0 };
                    if poll(&mut [PollFd::new(&file.as_fd(), PollFlags::OUT)], Some(&patience))? == 0 {
                        return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it"));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Opened without waiting in the kernel, which no signal ends.
    fn opened(path: &Path) -> io::Result<std::fs::File> {
        let watch = Stopwatch::start();
        loop {
            let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
            match system::open_with(path, flags, Mode::empty()) {
                Err(error) if error.raw_os_error() == Some(NO_READER) => {}
                opened => return opened,
            }
            if watch.elapsed() >= PATIENCE {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it"));
            }
            poll(&mut [], Some(&LOOK))?;
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod in_place {
    use super::{Path, io};
    use crate::system;

    pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
        let mut file = system::open(std::fs::OpenOptions::new().write(true), path)?;
        system::write_all(&mut file, path, content)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
    use std::process::Command;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn files_are_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/report");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        let before = fs::metadata(&path).unwrap().ino();
        assert!(write_atomically(&dir.path().join("a"), b"").is_err(), "a directory");
        assert_eq!(fs::metadata(&path).unwrap().ino(), before);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn secrets_are_the_users_own() {
        let dir = tempfile::tempdir().unwrap();
        let (open, secret) = (dir.path().join("open"), dir.path().join("secret"));
        write_atomically(&open, b"").unwrap();
        write_privately(&secret, b"").unwrap();
        assert_eq!(mode(&secret), 0o600);
        assert_ne!(mode(&open) & 0o600, 0);
    }

    #[test]
    fn links_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        symlink("target", &link).unwrap();
        for text in ["first", "again"] {
            write_atomically(&link, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
    }

    #[test]
    fn what_is_no_file_is_written_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let reader = std::thread::spawn({
            let fifo = fifo.clone();
            move || fs::read(fifo).unwrap()
        });
        // More than a pipe holds.
        let content = vec![b'x'; 1 << 20];
        write_atomically(&fifo, &content).unwrap();
        assert_eq!(reader.join().unwrap(), content);
        assert!(fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
        // A device of our own, where making one is allowed.
        let device = dir.path().join("null");
        if Command::new("mknod").arg(&device).args(["c", "1", "3"]).status().is_ok_and(|s| s.success())
            && fs::write(&device, b"x").is_ok()
        {
            write_atomically(&device, b"gone").unwrap();
            assert!(fs::symlink_metadata(&device).unwrap().file_type().is_char_device());
        }
    }
}
