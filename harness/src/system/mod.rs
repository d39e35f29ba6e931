//! The calls of the system by which commands read and change files and make sockets.
//!
//! Each goes through here, so that a test can make any one of them fail (`harness/tests/torture.rs`): the module
//! [`fault`] counts them. A release build has no trace of that. The lab and the hwsim target, which start
//! programs and kernels, use the standard library's functions.

mod fault;

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::net::{SocketAddr as InetAddr, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

use tempfile::NamedTempFile;

/// Opens a file.
///
/// # Errors
/// The system's, as for all that follow.
pub fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    fault::open(path)?;
    options.open(path)
}

/// Opens what no [`OpenOptions`] describe.
#[cfg(target_os = "linux")]
pub fn open_with(path: &Path, flags: rustix::fs::OFlags, mode: rustix::fs::Mode) -> io::Result<File> {
    fault::open(path)?;
    Ok(rustix::fs::open(path, flags, mode).map(File::from)?)
}

/// The content of a file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(OpenOptions::new().read(true), path)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The text of a file.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(OpenOptions::new().read(true), path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Lists a directory.
pub fn read_dir(path: &Path) -> io::Result<fs::ReadDir> {
    fault::open(path)?;
    fs::read_dir(path)
}

/// Writes some of the content; how much.
pub fn write(file: &mut impl Write, path: &Path, content: &[u8]) -> io::Result<usize> {
    fault::write(file, path, content)?;
    file.write(content)
}

/// Writes all of the content.
pub fn write_all(file: &mut impl Write, path: &Path, content: &[u8]) -> io::Result<()> {
    fault::write(file, path, content)?;
    file.write_all(content)
}

/// Writes to standard output.
pub fn write_to_stdout(content: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    write_all(&mut stdout, Path::new("(standard output)"), content)?;
    stdout.flush()
}

/// A file that was not there, under a name that nobody can guess, for what is to be at `path`. It goes when it is dropped.
pub fn temporary(builder: &tempfile::Builder<'_, '_>, path: &Path, dir: &Path) -> io::Result<NamedTempFile> {
    fault::open(path)?;
    builder.tempfile_in(dir)
}

/// Gives such a file its name; it takes the place of what has that.
pub fn persist(file: NamedTempFile, path: &Path) -> io::Result<File> {
    fault::rename(path)?;
    file.persist(path).map_err(|error| error.error)
}

/// Renames a file; it takes the place of what has the name.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fault::rename(from)?;
    fs::rename(from, to)
}

/// Renames a file to a name that nothing has.
#[cfg(target_os = "linux")]
pub fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    fault::rename(from)?;
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

/// Removes a file that is in the way.
pub fn remove_file(path: &Path) -> io::Result<()> {
    fault::remove(path)?;
    fs::remove_file(path)
}

/// Makes a directory with those above it.
pub fn create_dir_all(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    make_directories(builder.recursive(true), path)
}

/// As [`create_dir_all`], by a builder that has a mode.
pub fn make_directories(builder: &fs::DirBuilder, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fault::make_directory(path)?;
    builder.create(path)
}

/// Sets who may do what with a file.
pub fn set_permissions(path: &Path, permissions: Permissions) -> io::Result<()> {
    fault::set_permissions(path)?;
    fs::set_permissions(path, permissions)
}

/// A socket at a path.
#[cfg(unix)]
pub fn bind(path: &Path) -> io::Result<UnixDatagram> {
    fault::socket(path)?;
    UnixDatagram::bind(path)
}

/// A socket at an address.
#[cfg(unix)]
pub fn bind_addr(address: &SocketAddr) -> io::Result<UnixDatagram> {
    fault::socket(Path::new("(abstract)"))?;
    UnixDatagram::bind_addr(address)
}

/// A socket without a place.
#[cfg(unix)]
pub fn unbound() -> io::Result<UnixDatagram> {
    fault::socket(Path::new("(unbound)"))?;
    UnixDatagram::unbound()
}

/// Two sockets that are connected.
#[cfg(unix)]
pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
    fault::socket(Path::new("(pair)"))?;
    UnixDatagram::pair()
}

/// A UDP socket.
pub fn udp(address: InetAddr) -> io::Result<UdpSocket> {
    fault::socket(Path::new("(UDP)"))?;
    UdpSocket::bind(address)
}
