//! The control sockets that are served: made as wpa_supplicant makes them, and removed at the end.

use std::fs::{self, Permissions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr as InetAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};

use crate::scenario::model::Socket;
use crate::target::DeviceId;

/// Octets that a path in `sockaddr_un` has room for, its final zero aside.
pub const LONGEST_PATH: usize = 107;
/// The longest name of an interface.
const LONGEST_NAME: usize = 15;

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
    #[error("UDP on {addr}: none of the ports {first} to {last} is free")]
    NoPort { addr: IpAddr, first: u16, last: u16 },
    #[error("UDP on {addr}: {error}")]
    Udp { addr: IpAddr, error: io::Error },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> SocketError {
    let path = path.display().to_string();
    move |error| SocketError::Io { path, error }
}

/// Ports that are tried one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ports {
    /// From this one down.
    Down(u16, u16),
    /// From this one up.
    Up(u16, u16),
}

impl Ports {
    /// What 2.10 tries for the socket of an interface, or of a process, of a supplicant or of an access point.
    pub fn of(socket: &Socket, is_supplicant: bool) -> Ports {
        match (socket, is_supplicant) {
            (Socket::Global, true) => Ports::Up(9878, 20),
            (_, true) => Ports::Down(9877, 50),
            (Socket::Global, false) => Ports::Up(8878, 20),
            (_, false) => Ports::Down(8877, 50),
        }
    }

    fn nth(self, n: u16) -> u16 {
        match self {
            Ports::Down(first, _) => first - n,
            Ports::Up(first, _) => first + n,
        }
    }

    fn count(self) -> u16 {
        let (Ports::Down(_, count) | Ports::Up(_, count)) = self;
        count
    }
}

/// Where a socket stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    Path(PathBuf),
    Udp { addr: IpAddr, ports: Ports },
}

/// A socket to be served: where it stands, and whom it reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    pub place: Place,
    pub device: DeviceId,
    pub socket: Socket,
}

/// Where a client is.
#[derive(Clone, Debug)]
pub enum Address {
    Unix(SocketAddr),
    Udp(InetAddr),
}

impl Address {
    /// The address as a key: a path, an abstract name after a zero, or an Internet address as text after a one.
    /// `None` for a client without an address, who cannot be answered.
    pub fn key(&self) -> Option<Vec<u8>> {
        match self {
            Address::Udp(addr) => Some([&[1], addr.to_string().as_bytes()].concat()),
            Address::Unix(addr) => match addr.as_pathname() {
                Some(path) => Some(path.as_os_str().as_bytes().to_vec()),
                None => addr.as_abstract_name().map(|name| [&[0], name].concat()),
            },
        }
    }
}

/// A socket with what it speaks.
#[derive(Debug)]
enum Endpoint {
    Unix(UnixDatagram),
    Udp {
        socket: UdpSocket,
        /// What a client has to have asked for, in hexadecimal (GET_COOKIE), so that nobody can speak with a forged address.
        cookie: String,
    },
}

/// A socket that is served. Its file goes when it is dropped.
#[derive(Debug)]
pub struct Served {
    pub door: Door,
    endpoint: Endpoint,
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Place::Path(path) = &self.door.place {
            // It may be gone already, with the directory.
            let _ = fs::remove_file(path);
        }
    }
}

/// A command that came.
pub enum Came<'a> {
    Command(Address, &'a [u8]),
    /// Nothing to be done: it was answered, or it deserved no answer.
    Nothing,
    /// There is no more.
    Empty,
}

impl Served {
    /// To be waited for.
    pub fn fd(&self) -> BorrowedFd<'_> {
        match &self.endpoint {
            Endpoint::Unix(socket) => socket.as_fd(),
            Endpoint::Udp { socket, .. } => socket.as_fd(),
        }
    }

    /// The port, of a UDP socket.
    pub fn udp(&self) -> Option<InetAddr> {
        match &self.endpoint {
            Endpoint::Unix(_) => None,
            Endpoint::Udp { socket, .. } => socket.local_addr().ok(),
        }
    }

    /// Takes a datagram.
    pub fn receive<'a>(&self, buffer: &'a mut [u8]) -> Came<'a> {
        match &self.endpoint {
            Endpoint::Unix(socket) => match socket.recv_from(buffer) {
                Ok((length, from)) => {
                    Came::Command(Address::Unix(from), buffer.get(..length).unwrap_or_default())
                }
                Err(_) => Came::Empty,
            },
            Endpoint::Udp { socket, cookie } => match socket.recv_from(buffer) {
                Ok((length, from)) => {
                    let datagram = buffer.get(..length).unwrap_or_default();
                    if datagram == b"GET_COOKIE" {
                        let _ = socket.send_to(format!("COOKIE={cookie}").as_bytes(), from);
                        return Came::Nothing;
                    }
                    match with_cookie(datagram, cookie) {
                        Some(command) => Came::Command(Address::Udp(from), command),
                        None => Came::Nothing,
                    }
                }
                // An answer that a client no longer waited for comes back as an error; what follows is still there.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Came::Nothing,
                Err(_) => Came::Empty,
            },
        }
    }

    /// Sends a datagram; never waits.
    pub fn send(&self, data: &[u8], to: &Address) -> io::Result<()> {
        match (&self.endpoint, to) {
            (Endpoint::Unix(socket), Address::Unix(to)) => socket.send_to_addr(data, to).map(drop),
            (Endpoint::Udp { socket, .. }, Address::Udp(to)) => socket.send_to(data, to).map(drop),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Whether nobody can be sent anything any more, because what others did not take fills the socket's buffer.
    pub fn is_jammed(&self) -> bool {
        let Endpoint::Unix(socket) = &self.endpoint else { return false };
        let name = format!("wpasim-probe-{}-{:x}", std::process::id(), random());
        let probe = SocketAddr::from_abstract_name(name)
            .and_then(|addr| UnixDatagram::bind_addr(&addr).map(|taker| (addr, taker)));
        match probe {
            Ok((addr, _taker)) => socket.send_to_addr(b"", &addr).is_err(),
            Err(_) => false,
        }
    }

    /// Puts a new socket in the place of one whose buffer others have filled, as 2.10 does.
    pub fn reopen(&mut self) -> Result<(), SocketError> {
        let Place::Path(path) = &self.door.place else { return Ok(()) };
        fs::remove_file(path).or_else(fine_if_absent).map_err(failed(path))?;
        self.endpoint = Endpoint::Unix(bind(path)?);
        Ok(())
    }
}

fn fine_if_absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// The command behind `COOKIE=…`, if that is the right one.
fn with_cookie<'a>(datagram: &'a [u8], cookie: &str) -> Option<&'a [u8]> {
    let rest = datagram.strip_prefix(b"COOKIE=")?;
    let (given, command) = rest.split_at_checked(cookie.len())?;
    let blanks = command.iter().take_while(|b| **b == b' ').count();
    given.eq_ignore_ascii_case(cookie.as_bytes()).then(|| command.get(blanks..)).flatten()
}

/// A number that nobody knows beforehand. It has no part in what is simulated.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Fails if a path, with the longest name of an interface that can come, is too long, before anything is made.
pub fn check_length(path: &Path) -> Result<(), SocketError> {
    let directory = path.parent().map_or(0, |d| d.as_os_str().len() + 1);
    let length = path.as_os_str().len().max(directory + LONGEST_NAME);
    if length > LONGEST_PATH {
        return Err(SocketError::TooLong { path: path.display().to_string(), length });
    }
    Ok(())
}

/// Makes the socket, with its directory (mode 0770). What a dead process left is replaced.
pub fn serve(door: Door) -> Result<Served, SocketError> {
    let endpoint = match &door.place {
        Place::Path(path) => Endpoint::Unix(make(path)?),
        Place::Udp { addr, ports } => {
            Endpoint::Udp { socket: udp(*addr, *ports)?, cookie: format!("{:016x}", random()) }
        }
    };
    Ok(Served { door, endpoint })
}

/// A socket in its place that is no door of a server. Its file goes when it is dropped.
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

/// Makes a socket, with its directory (mode 0770). What a dead process left is replaced.
///
/// # Errors
/// The path is too long, somebody serves it, or the system refuses.
pub fn bound(path: &Path) -> Result<Bound, SocketError> {
    Ok(Bound { path: path.to_owned(), socket: make(path)? })
}

fn make(path: &Path) -> Result<UnixDatagram, SocketError> {
    check_length(path)?;
    make_directory(path)?;
    clear(path)?;
    bind(path)
}

fn make_directory(path: &Path) -> Result<(), SocketError> {
    if let Some(directory) = path.parent().filter(|d| !d.is_dir()) {
        fs::DirBuilder::new().recursive(true).mode(0o770).create(directory).map_err(failed(directory))?;
        // Whatever the umask is.
        fs::set_permissions(directory, Permissions::from_mode(0o770)).map_err(failed(directory))?;
    }
    Ok(())
}

fn bind(path: &Path) -> Result<UnixDatagram, SocketError> {
    let socket = UnixDatagram::bind(path).map_err(failed(path))?;
    let ready =
        fs::set_permissions(path, Permissions::from_mode(0o770)).and_then(|()| socket.set_nonblocking(true));
    if let Err(error) = ready {
        let _ = fs::remove_file(path);
        return Err(failed(path)(error));
    }
    Ok(socket)
}

fn udp(addr: IpAddr, ports: Ports) -> Result<UdpSocket, SocketError> {
    for n in 0..ports.count() {
        match UdpSocket::bind((addr, ports.nth(n))) {
            Ok(socket) => {
                socket.set_nonblocking(true).map_err(|error| SocketError::Udp { addr, error })?;
                return Ok(socket);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(SocketError::Udp { addr, error }),
        }
    }
    Err(SocketError::NoPort { addr, first: ports.nth(0), last: ports.nth(ports.count() - 1) })
}

/// Removes a socket that nobody serves.
fn clear(path: &Path) -> Result<(), SocketError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_counts_only_behind_the_right_cookie() {
        let cookie = "00ff00ff00ff00ff";
        let command = |text: &'static str| with_cookie(text.as_bytes(), cookie);
        assert_eq!(command("COOKIE=00ff00ff00ff00ff PING"), Some(&b"PING"[..]));
        assert_eq!(command("COOKIE=00FF00ff00ff00ffPING"), Some(&b"PING"[..]));
        assert_eq!(command("COOKIE=00ff00ff00ff00fe PING"), None);
        assert_eq!(command("COOKIE=00ff"), None);
        assert_eq!(command("PING"), None);
    }

    #[test]
    fn paths_have_room_for_the_longest_interface() {
        let directory = "d".repeat(LONGEST_PATH - 1 - LONGEST_NAME);
        assert!(check_length(Path::new(&format!("{directory}/wlan0"))).is_ok());
        assert!(check_length(Path::new(&format!("{directory}d/wlan0"))).is_err());
    }
}
