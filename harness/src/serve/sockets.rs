//! The control sockets that are served: made as wpa_supplicant makes them, and removed at the end.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};

use crate::scenario::model::Socket;
use crate::target::DeviceId;

/// Octets that a path in `sockaddr_un` has room for, its final zero aside.
pub const LONGEST_PATH: usize = 107;

/// A socket could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error(
        "{path}: {length} octets, but a socket's path has room for {LONGEST_PATH}; take a shorter directory"
    )]
    TooLong { path: String, length: usize },
    #[error("{path}: a process serves this socket already; end it, or take another directory")]
    Live { path: String },
    #[error("{path}: something that is no socket stands in the way")]
    InTheWay { path: String },
    #[error("{path}: {error}")]
    Io { path: String, error: io::Error },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> SocketError {
    let path = path.display().to_string();
    move |error| SocketError::Io { path, error }
}

/// A socket to be served: where it stands, and whom it reaches.
#[derive(Clone, Debug)]
pub struct Door {
    pub path: PathBuf,
    pub device: DeviceId,
    pub socket: Socket,
}

/// A socket that is served. Its file goes when it is dropped.
#[derive(Debug)]
pub struct Served {
    pub door: Door,
    pub socket: UnixDatagram,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already, with the directory.
        let _ = fs::remove_file(&self.door.path);
    }
}

/// Fails if a path is too long, before anything is made.
pub fn check_length(path: &Path) -> Result<(), SocketError> {
    let length = path.as_os_str().len();
    if length > LONGEST_PATH {
        return Err(SocketError::TooLong { path: path.display().to_string(), length });
    }
    Ok(())
}

/// A socket in its place. Its file goes when it is dropped.
#[derive(Debug)]
pub struct Bound {
    pub path: PathBuf,
    pub socket: UnixDatagram,
}

impl Drop for Bound {
    fn drop(&mut self) {
        // It may be gone already, with the directory.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes the socket of a door; see [`bind`].
pub fn serve(door: Door) -> Result<Served, SocketError> {
    let socket = make(&door.path)?;
    Ok(Served { door, socket })
}

/// Makes a socket, with its directory (mode 0770). What a dead process left is replaced.
///
/// # Errors
/// The path is too long, somebody serves it, or the system refuses.
pub fn bind(path: &Path) -> Result<Bound, SocketError> {
    Ok(Bound { path: path.to_owned(), socket: make(path)? })
}

fn make(path: &Path) -> Result<UnixDatagram, SocketError> {
    check_length(path)?;
    if let Some(directory) = path.parent().filter(|d| !d.is_dir()) {
        fs::DirBuilder::new().recursive(true).mode(0o770).create(directory).map_err(failed(directory))?;
        // Whatever the umask is.
        fs::set_permissions(directory, Permissions::from_mode(0o770)).map_err(failed(directory))?;
    }
    clear(path)?;
    let socket = UnixDatagram::bind(path).map_err(failed(path))?;
    let ready =
        fs::set_permissions(path, Permissions::from_mode(0o770)).and_then(|()| socket.set_nonblocking(true));
    if let Err(error) = ready {
        let _ = fs::remove_file(path);
        return Err(failed(path)(error));
    }
    Ok(socket)
}

/// Removes a socket that nobody serves.
fn clear(path: &Path) -> Result<(), SocketError> {
    use std::os::unix::fs::FileTypeExt;
    let shown = || path.display().to_string();
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(path)(error)),
    };
    if !kind.is_socket() {
        return Err(SocketError::InTheWay { path: shown() });
    }
    let probe = UnixDatagram::unbound().map_err(failed(path))?;
    if probe.connect(path).is_ok() {
        return Err(SocketError::Live { path: shown() });
    }
    fs::remove_file(path).map_err(failed(path))
}

/// A client's address as a key: a path, or an abstract name after a zero.
pub fn key(address: &SocketAddr) -> Option<Vec<u8>> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    match address.as_pathname() {
        Some(path) => Some(path.as_os_str().as_bytes().to_vec()),
        None => address.as_abstract_name().map(|name| [&[0], name].concat()),
    }
}
