//! The control sockets that are served: made as wpa_supplicant makes them, and removed at the end.

use std::cell::RefCell;
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
use std::rc::Rc;

use super::own::{self, Own};
use crate::control::words;
use crate::scenario::model::Socket;
use crate::system;
use crate::target::DeviceId;

/// Octets that a path in `sockaddr_un` has room for, its final zero aside.
pub const LONGEST_PATH: usize = 107;
/// The size that a socket's buffer is to have; the kernel doubles it for what it needs itself.
const SEND_BUFFER: usize = 256 * 1024;
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
    #[error("{path}: a socket that is no control interface, or none of ours, stands in the way")]
    Foreign { path: String },
    #[error("\"{name}\" is no name of an interface")]
    NoName { name: String },
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
    /// Returns the paths that 2.10 tries for the socket of an interface, or of a process, of a supplicant or of an access point.
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

/// The place of a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    Path(PathBuf),
    Udp { addr: IpAddr, ports: Ports },
}

/// A socket to be served: where it stands, and whom it reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlSocket {
    pub place: Place,
    pub device: DeviceId,
    pub socket: Socket,
}

/// The address of a client.
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
        /// The cookie that a client has to have asked for, in hexadecimal (GET_COOKIE), so that nobody can speak with a forged address.
        cookie: String,
    },
}

/// A socket that is served. Its file goes when it is dropped.
#[derive(Debug)]
pub struct Served {
    pub control_socket: ControlSocket,
    endpoint: Endpoint,
    own: Option<Own>,
    reserve: Rc<Reserve>,
}

/// The reserve for the time when there are no file descriptors left: a receiver of our own to try a socket's buffer with, and a
/// descriptor to be given up for a socket that is opened anew.
#[derive(Debug)]
pub struct Reserve {
    probe: (SocketAddr, UnixDatagram),
    spare: RefCell<Option<UnixDatagram>>,
}

impl Reserve {
    /// # Errors
    /// There are none left already.
    pub fn new() -> io::Result<Self> {
        let name = format!("wpasim-probe-{}-{:x}", std::process::id(), random());
        let address = SocketAddr::from_abstract_name(name)?;
        let receiver = system::bind_addr(&address)?;
        receiver.set_nonblocking(true)?;
        Ok(Reserve { probe: (address, receiver), spare: RefCell::new(Some(system::unbound()?)) })
    }

    /// Whether a socket's buffer has room for these datagrams, one after the other.
    fn takes(&self, socket: &UnixDatagram, datagrams: &[&[u8]]) -> bool {
        let (address, receiver) = &self.probe;
        let taken = datagrams.iter().all(|data| socket.send_to_addr(data, address).is_ok());
        while receiver.recv(&mut [0]).is_ok() {}
        taken
    }

    /// Makes something that needs a descriptor, with the spare one if there is no other.
    fn with_spare<T, E>(&self, mut make: impl FnMut() -> Result<T, E>) -> Result<T, E> {
        make().or_else(|_| {
            drop(self.spare.borrow_mut().take());
            make()
        })
    }

    /// Takes a descriptor back that may have become free.
    fn refill(&self) {
        let mut spare = self.spare.borrow_mut();
        if spare.is_none() {
            *spare = system::unbound().ok();
        }
    }
}

/// A command that came.
pub enum Received<'a> {
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
    pub fn receive<'a>(&self, buffer: &'a mut [u8]) -> Received<'a> {
        match &self.endpoint {
            Endpoint::Unix(socket) => match socket.recv_from(buffer) {
                Ok((length, from)) => {
                    Received::Command(Address::Unix(from), buffer.get(..length).unwrap_or_default())
                }
                Err(_) => Received::Empty,
            },
            Endpoint::Udp { socket, cookie } => match socket.recv_from(buffer) {
                Ok((length, from)) => {
                    let datagram = buffer.get(..length).unwrap_or_default();
                    if datagram == b"GET_COOKIE" {
                        let _ = socket.send_to(format!("COOKIE={cookie}").as_bytes(), from);
                        return Received::Nothing;
                    }
                    match words::behind_cookie(datagram, cookie) {
                        Some(command) => Received::Command(Address::Udp(from), command),
                        None => Received::Nothing,
                    }
                }
                // An answer that a client no longer waited for comes back as an error; what follows is still there.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Received::Nothing,
                Err(_) => Received::Empty,
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
        !self.takes(&[&[]])
    }

    /// Whether what others did not take fills half of the socket's buffer (2.10's wpas_ctrl_iface_throttle).
    pub fn is_half_full(&self) -> bool {
        let size = rustix::net::sockopt::socket_send_buffer_size(self.fd()).unwrap_or(0);
        !self.takes(&[&vec![0; size / 2], &[]])
    }

    /// Whether the socket's buffer has room for these datagrams, one after the other: it is tried with a receiver of our own.
    fn takes(&self, datagrams: &[&[u8]]) -> bool {
        let Endpoint::Unix(socket) = &self.endpoint else { return true };
        self.reserve.takes(socket, datagrams)
    }

    /// Puts a new socket in the place of one whose buffer others have filled, as 2.10 does.
    pub fn reopen(&mut self) -> Result<(), SocketError> {
        let Place::Path(path) = &self.control_socket.place else { return Ok(()) };
        let path = path.clone();
        self.own = None;
        let (socket, own) = self.reserve.with_spare(|| bind(&path))?;
        self.endpoint = Endpoint::Unix(socket);
        self.own = Some(own);
        self.reserve.refill();
        Ok(())
    }
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
pub fn serve(control_socket: ControlSocket, reserve: Rc<Reserve>) -> Result<Served, SocketError> {
    reserve.refill();
    let (endpoint, own) = match &control_socket.place {
        Place::Path(path) => {
            let (socket, own) = make(path)?;
            (Endpoint::Unix(socket), Some(own))
        }
        Place::Udp { addr, ports } => {
            (Endpoint::Udp { socket: udp(*addr, *ports)?, cookie: format!("{:016x}", random()) }, None)
        }
    };
    Ok(Served { control_socket, endpoint, own, reserve })
}

/// A socket in its place that is no control_socket of a server. Its file goes when it is dropped.
#[derive(Debug)]
pub struct Bound {
    pub path: PathBuf,
    pub socket: UnixDatagram,
    _own: Own,
}

/// Makes a socket, with its directory (mode 0770). What a dead process left is replaced.
///
/// # Errors
/// The path is too long, somebody serves it, or the system refuses.
pub fn bound(path: &Path) -> Result<Bound, SocketError> {
    let (socket, own) = make(path)?;
    Ok(Bound { path: path.to_owned(), socket, _own: own })
}

fn make(path: &Path) -> Result<(UnixDatagram, Own), SocketError> {
    check_length(path)?;
    make_directory(path)?;
    clear(path)?;
    bind(path)
}

fn make_directory(path: &Path) -> Result<(), SocketError> {
    if let Some(directory) = path.parent().filter(|d| !d.is_dir()) {
        let mut builder = fs::DirBuilder::new();
        system::make_directories(builder.recursive(true).mode(0o770), directory)
            .map_err(failed(directory))?;
        // Whatever the umask is.
        system::set_permissions(directory, Permissions::from_mode(0o770)).map_err(failed(directory))?;
    }
    Ok(())
}

fn bind(path: &Path) -> Result<(UnixDatagram, Own), SocketError> {
    let socket = system::bind(path).map_err(failed(path))?;
    let own = Own::made(path);
    // As far as the system allows it; hundreds of monitors may not have taken their last event yet.
    let _ = rustix::net::sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER);
    let ready = system::set_permissions(path, Permissions::from_mode(0o770))
        .and_then(|()| socket.set_nonblocking(true));
    ready.map_err(failed(path))?;
    Ok((socket, own))
}

fn udp(addr: IpAddr, ports: Ports) -> Result<UdpSocket, SocketError> {
    for n in 0..ports.count() {
        match system::udp((addr, ports.nth(n)).into()) {
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
    let probe = system::unbound().map_err(failed(path))?;
    // Nobody is behind a socket that refuses; what else goes wrong says nothing of the kind.
    let mut tried = Ok(());
    let is_dead = || {
        tried = probe.connect(path);
        tried.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    match own::remove_dead(path, is_dead) {
        Ok(true) => Ok(()),
        Err(error) => Err(failed(path)(error)),
        Ok(false) => match tried {
            Ok(()) => Err(SocketError::Live { path: shown() }),
            Err(_) => Err(SocketError::Foreign { path: shown() }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_room_for_the_longest_interface() {
        let directory = "d".repeat(LONGEST_PATH - 1 - LONGEST_NAME);
        assert!(check_length(Path::new(&format!("{directory}/wlan0"))).is_ok());
        assert!(check_length(Path::new(&format!("{directory}d/wlan0"))).is_err());
    }
}
