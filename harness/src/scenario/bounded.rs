//! Reading files that others name: regular files only, and never more than a stated limit.
//!
//! A FIFO would block, a device may have no end or act on being opened, so that neither is opened at all.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::system;

/// The largest scenario, and the largest file that one includes, in octets.
pub const SCENARIO: u64 = 4 << 20;
/// The largest transcript, recorded session or report.
pub const TRANSCRIPT: u64 = 64 << 20;
/// The largest `deviations.toml`.
pub const DEVIATIONS: u64 = 1 << 20;

/// The reason why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none of this name.
    #[error("no such file")]
    Missing,
    /// A link that leads nowhere.
    #[error("a link to a file that is not there")]
    Dangling,
    /// A directory, a FIFO, a socket or a device.
    #[error("not a regular file but {0}")]
    NotRegular(&'static str),
    /// More than the limit.
    #[error("the file has {}, {limit} is the limit", size.map_or("too many octets".to_owned(), |s| format!("{s} octets")))]
    TooLarge {
        /// The number of its octets; unknown where the system does not tell before the end is read.
        size: Option<u64>,
        /// The number of octets that are read at most.
        limit: u64,
    },
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The octets of a regular file of at most `limit` octets.
///
/// # Errors
/// It is not there, is something else than a regular file, or is larger.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let known = fs::metadata(path).map_err(|error| explain(path, error))?;
    if let Some(noun) = irregular(known.file_type()) {
        return Err(ReadError::NotRegular(noun));
    }
    let mut options = OpenOptions::new();
    options.read(true);
    // A regular file of a moment ago may be a FIFO now: opening must not wait for a writer.
    #[cfg(target_os = "linux")]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits().cast_signed(),
    );
    let file = system::open(&options, path).map_err(|error| explain(path, error))?;
    let opened = file.metadata()?;
    if let Some(noun) = irregular(opened.file_type()) {
        return Err(ReadError::NotRegular(noun));
    }
    if opened.len() > limit {
        return Err(ReadError::TooLarge { size: Some(opened.len()), limit });
    }
    up_to(file, limit)
}

/// Reads a file that may have more octets than it said, as files of /proc have.
fn up_to(file: File, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut octets = Vec::new();
    file.take(limit + 1).read_to_end(&mut octets)?;
    match octets.len() as u64 > limit {
        true => Err(ReadError::TooLarge { size: None, limit }),
        false => Ok(octets),
    }
}

/// The text of a regular file of at most `limit` octets.
///
/// # Errors
/// As [`read`]; or it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read(path, limit)?)
        .map_err(|error| ReadError::Io(io::Error::new(io::ErrorKind::InvalidData, error.utf8_error())))
}

/// The system's error, or that the name is a link which leads nowhere.
fn explain(path: &Path, error: io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound if path.is_symlink() => ReadError::Dangling,
        io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Io(error),
    }
}

/// Returns the name for a file that is no regular one.
pub fn irregular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let special = [
            (kind.is_fifo(), "a FIFO"),
            (kind.is_socket(), "a socket"),
            (kind.is_char_device() || kind.is_block_device(), "a device"),
        ];
        if let Some((_, noun)) = special.into_iter().find(|(is, _)| *is) {
            return Some(noun);
        }
    }
    Some("something else")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let dir = std::env::temp_dir().join(format!("wpasim-bounded-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let message = |path: &Path| read(path, 4).unwrap_err().to_string();
        fs::write(dir.join("four"), "four").unwrap();
        fs::write(dir.join("seven"), "seven!!").unwrap();
        symlink("four", dir.join("link")).unwrap();
        symlink("nowhere", dir.join("dangling")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.join("socket")).unwrap();
        assert_eq!(read(&dir.join("four"), 4).unwrap(), b"four");
        assert_eq!(read(&dir.join("link"), 4).unwrap(), b"four");
        assert_eq!(message(&dir.join("seven")), "the file has 7 octets, 4 is the limit");
        assert_eq!(message(&dir.join("dangling")), "a link to a file that is not there");
        assert_eq!(message(&dir.join("none")), "no such file");
        assert_eq!(message(&dir.join("socket")), "not a regular file but a socket");
        assert_eq!(message(&dir), "not a regular file but a directory");
        assert_eq!(message(Path::new("/dev/zero")), "not a regular file but a device");
        let _ = fs::remove_dir_all(&dir);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_has_more_than_it_says_is_refused() {
        let error = read(Path::new("/proc/cpuinfo"), 4).unwrap_err();
        assert_eq!(error.to_string(), "the file has too many octets, 4 is the limit");
    }
}
