//! Files that a session writes: each first beside its place, then renamed into it, so that nobody
//! reads half a file.

use std::fs;
use std::io;
use std::path::Path;

/// Writes a file as a whole, making its directory if need be.
///
/// # Errors
/// The system's.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty());
    if let Some(dir) = dir {
        fs::create_dir_all(dir)?;
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let thread =
        format!("{:?}", std::thread::current().id()).replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let beside = path.with_file_name(format!(".{name}.{}.{thread}", std::process::id()));
    fs::write(&beside, content).and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}
