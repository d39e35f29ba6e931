//! One connection to a control interface.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{ControlError, Endpoint, Family, LONGEST, SUN_PATH, words};
use crate::system;
use crate::wall::Stopwatch;

/// The number of names for its own end that a link tries.
const NAMES: u32 = 1000;
/// Sockets of a directory that a message names.
const NAMED: usize = 8;

/// A connection to a control interface: datagrams go out and come in, and nothing ever blocks once
/// it is open. Every connection is a client of its own to the other side, with its own ATTACH and
/// LEVEL.
#[derive(Debug)]
pub struct Link {
    endpoint: Endpoint,
    channel: Channel,
}

#[derive(Debug)]
enum Channel {
    Unix {
        socket: UnixDatagram,
        /// The name of our own end, which the other side replies to.
        own: PathBuf,
        /// The device and inode that the path was; another process would make it another one.
        identity: Option<(u64, u64)>,
    },
    Udp {
        socket: UdpSocket,
        /// `COOKIE=0123…`, which every command begins with.
        cookie: Vec<u8>,
    },
}

impl Link {
    /// Connects. For UDP this fetches the cookie, which takes up to `patience`; otherwise it does
    /// not wait for the other side.
    ///
    /// # Errors
    /// Nothing is there, it is no socket, it refuses, there is no permission, a path is too long, or
    /// there is no cookie.
    pub fn open(endpoint: &Endpoint, patience: Duration) -> Result<Self, ControlError> {
        let channel = match endpoint {
            Endpoint::Path(path) => {
                fits(path)?;
                let identity = identity(endpoint, path)?;
                let (socket, own) = bound()?;
                let connected = socket.connect(path);
                finish_unix(endpoint, socket, own, connected, identity)?
            }
            Endpoint::Abstract { name, padded } => {
                let (socket, own) = bound()?;
                let connected = connect_abstract(&socket, name, *padded);
                finish_unix(endpoint, socket, own, connected, None)?
            }
            Endpoint::Udp { host, port, family } => open_udp(endpoint, host, *port, *family, patience)?,
        };
        Ok(Link { endpoint: endpoint.clone(), channel })
    }

    /// Returns the address that it leads to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`ControlError::Busy`] if nothing fits now (poll for writing and try again); the other side is
    /// gone.
    pub fn send(&self, command: &[u8]) -> Result<(), ControlError> {
        let sent = match &self.channel {
            Channel::Unix { socket, .. } => socket.send(command),
            Channel::Udp { socket, cookie } => {
                let mut whole = cookie.clone();
                whole.push(b' ');
                whole.extend_from_slice(command);
                socket.send(&whole)
            }
        };
        sent.map(|_| ()).map_err(|error| self.failed(error))
    }

    /// The next datagram, if one is there.
    ///
    /// # Errors
    /// The other side is gone, or sent more than [`LONGEST`] bytes at once.
    pub fn try_receive(&self) -> Result<Option<Vec<u8>>, ControlError> {
        let mut buffer = [0u8; LONGEST + 1];
        let received = match &self.channel {
            Channel::Unix { socket, .. } => socket.recv(&mut buffer),
            Channel::Udp { socket, .. } => socket.recv(&mut buffer),
        };
        match received {
            Ok(length) if length > LONGEST => {
                Err(ControlError::TooLong { endpoint: self.endpoint.to_string() })
            }
            Ok(length) => Ok(Some(buffer.get(..length).unwrap_or_default().to_vec())),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Whether the process is still there, as far as can be told without a word to it: a datagram
    /// socket does not say that its other end has gone. Over UDP only the next command tells.
    ///
    /// # Errors
    /// It is gone.
    pub fn check(&self) -> Result<(), ControlError> {
        let Channel::Unix { identity: before, .. } = &self.channel else { return Ok(()) };
        let probe = system::unbound().map_err(|error| self.failed(error))?;
        let connected = match &self.endpoint {
            Endpoint::Path(path) => {
                if before.is_some() && identity(&self.endpoint, path)? != *before {
                    return Err(ControlError::Refused { endpoint: self.endpoint.to_string() });
                }
                probe.connect(path)
            }
            Endpoint::Abstract { name, padded } => connect_abstract(&probe, name, *padded),
            Endpoint::Udp { .. } => Ok(()),
        };
        connected.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> ControlError {
        failed(&self.endpoint, error)
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.channel {
            Channel::Unix { socket, .. } => socket.as_fd(),
            Channel::Udp { socket, .. } => socket.as_fd(),
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Channel::Unix { own, .. } = self {
            let _ = fs::remove_file(own);
        }
    }
}

/// Returns the meaning of an error of the system here.
fn failed(endpoint: &Endpoint, error: io::Error) -> ControlError {
    let endpoint = endpoint.to_string();
    match error.kind() {
        ErrorKind::WouldBlock => ControlError::Busy { endpoint },
        ErrorKind::NotFound => ControlError::Missing { endpoint },
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::NotConnected => {
            ControlError::Refused { endpoint }
        }
        ErrorKind::PermissionDenied => ControlError::NoPermission { endpoint },
        ErrorKind::Unsupported => ControlError::NoAbstractNames { endpoint },
        _ => ControlError::Io { endpoint, source: error },
    }
}

fn fits(path: &Path) -> Result<(), ControlError> {
    let length = path.as_os_str().len();
    if length <= SUN_PATH {
        return Ok(());
    }
    Err(ControlError::PathTooLong { path: path.display().to_string(), length, limit: SUN_PATH })
}

/// The device and inode of a socket.
fn identity(endpoint: &Endpoint, path: &Path) -> Result<Option<(u64, u64)>, ControlError> {
    let metadata = fs::metadata(path).map_err(|error| failed(endpoint, error))?;
    let kind = metadata.file_type();
    if kind.is_socket() {
        return Ok(Some((metadata.dev(), metadata.ino())));
    }
    let (what, hint) = match (kind.is_dir(), kind.is_file()) {
        (true, _) => ("a directory", sockets_in(path)),
        (_, true) => ("a file", String::new()),
        _ => ("something else", String::new()),
    };
    Err(ControlError::NotASocket { endpoint: endpoint.to_string(), what, hint })
}

/// `; in it are wlan0, wlan1`: somebody who names the directory means one of these.
fn sockets_in(dir: &Path) -> String {
    let mut names: Vec<String> = system::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()))
        .take(NAMED)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    match names.is_empty() {
        true => "; no socket is in it".to_owned(),
        false => format!("; in it are {}", names.join(", ")),
    }
}

/// A socket with a name of its own in the temporary directory. Not an abstract one: those end at a
/// network namespace, and radios under test are often in another.
fn bound() -> Result<(UnixDatagram, PathBuf), ControlError> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let dir = std::env::temp_dir();
    for _ in 0..NAMES {
        let own = dir.join(format!("wpasim-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        fits(&own)?;
        match system::bind(&own) {
            Ok(socket) => return Ok((socket, own)),
            // Left behind by an earlier process of this number, or in use in another container.
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(failed(&Endpoint::Path(own), error)),
        }
    }
    let source = io::Error::from(ErrorKind::AddrInUse);
    Err(ControlError::Io { endpoint: format!("{}/wpasim-*", dir.display()), source })
}

fn finish_unix(
    endpoint: &Endpoint,
    socket: UnixDatagram,
    own: PathBuf,
    connected: io::Result<()>,
    identity: Option<(u64, u64)>,
) -> Result<Channel, ControlError> {
    let ready = connected
        .and_then(|()| socket.set_nonblocking(true))
        // A supplicant of another user must be able to reply. Nobody but the peer can send to a
        // connected socket, whatever its permissions.
        .and_then(|()| system::set_permissions(&own, Permissions::from_mode(0o777)));
    let channel = Channel::Unix { socket, own, identity };
    match ready {
        Ok(()) => Ok(channel),
        Err(error) if error.raw_os_error() == Some(EPROTOTYPE) => Err(ControlError::NotASocket {
            endpoint: endpoint.to_string(),
            what: "a socket of another type",
            hint: String::new(),
        }),
        Err(error) => Err(failed(endpoint, error)),
    }
}

/// "Protocol wrong type for socket", which has no kind of its own in the standard library.
const EPROTOTYPE: i32 = if cfg!(target_os = "linux") { 91 } else { 41 };

#[cfg(target_os = "linux")]
fn connect_abstract(socket: &UnixDatagram, name: &str, padded: bool) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    let mut octets = name.as_bytes().to_vec();
    if padded {
        octets.resize(SUN_PATH, 0);
    }
    socket.connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(octets)?)
}

#[cfg(not(target_os = "linux"))]
fn connect_abstract(_: &UnixDatagram, _: &str, _: bool) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

fn open_udp(
    endpoint: &Endpoint,
    host: &str,
    port: u16,
    family: Family,
    patience: Duration,
) -> Result<Channel, ControlError> {
    let unknown = |reason: String| ControlError::NoSuchHost { endpoint: endpoint.to_string(), reason };
    let mut addresses = (host, port).to_socket_addrs().map_err(|error| unknown(error.to_string()))?;
    let address = addresses
        .find(|a| a.is_ipv6() == (family == Family::V6))
        .ok_or_else(|| unknown(format!("{host} has no such address")))?;
    let socket = connected_udp(address).map_err(|error| failed(endpoint, error))?;
    let cookie = fetch_cookie(endpoint, &socket, patience)?;
    socket.set_nonblocking(true).map_err(|error| failed(endpoint, error))?;
    Ok(Channel::Udp { socket, cookie })
}

fn connected_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = system::udp((any, 0).into())?;
    socket.connect(address)?;
    Ok(socket)
}

/// Asks for the cookie, again every so often: a datagram may be lost.
fn fetch_cookie(
    endpoint: &Endpoint,
    socket: &UdpSocket,
    patience: Duration,
) -> Result<Vec<u8>, ControlError> {
    const AGAIN: Duration = Duration::from_millis(500);
    let watch = Stopwatch::start();
    let mut last = "nothing came".to_owned();
    let mut buffer = [0u8; 256];
    loop {
        let left = patience.saturating_sub(watch.elapsed());
        if left.is_zero() {
            let seconds = patience.as_secs();
            return Err(ControlError::NoCookie { endpoint: endpoint.to_string(), seconds, last });
        }
        let turn = Stopwatch::start();
        socket.send(b"GET_COOKIE").map_err(|error| failed(endpoint, error))?;
        while let Some(wait) = left.min(AGAIN).checked_sub(turn.elapsed()).filter(|w| !w.is_zero()) {
            socket.set_read_timeout(Some(wait)).map_err(|error| failed(endpoint, error))?;
            match socket.recv(&mut buffer) {
                Ok(length) => {
                    let said = buffer.get(..length).unwrap_or_default();
                    match words::cookie(said) {
                        Some(cookie) => return Ok(cookie.to_vec()),
                        None => last = format!("it said {}", crate::transcript::printable(said)),
                    }
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Err(failed(endpoint, error)),
            }
        }
    }
}
