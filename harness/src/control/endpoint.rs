//! The address of a control interface: a path, an abstract name, or a UDP port.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The longest path of a socket, in bytes: `sun_path` holds it with a NUL.
pub const SUN_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// The port of an interface's control interface over UDP, in 2.10.
pub const UDP_PORT: u16 = 9877;
/// The port of the process-wide one.
pub const GLOBAL_UDP_PORT: u16 = 9878;

/// The version of IP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// `udp:`
    V4,
    /// `udp6:`
    V6,
}

/// The address of a control interface. [`Display`](fmt::Display) writes what [`FromStr`] reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// A socket in the file system: `/run/wpa_supplicant/wlan0`.
    Path(PathBuf),
    /// An abstract name. `@abstract:NAME` is filled up with NULs to its full length, as wpa_ctrl and
    /// wpa_supplicant do it; `@NAME` is exactly this name.
    Abstract {
        /// Without the prefix.
        name: String,
        /// Whether it is filled up.
        padded: bool,
    },
    /// `udp:HOST:PORT`, `udp:PORT`, `udp6:[HOST]:PORT`, and `udp6:HOST,PORT` as wpa_ctrl has it.
    Udp {
        /// Name or address; `%scope` may follow an IPv6 address.
        host: String,
        /// The port.
        port: u16,
        /// The version of IP.
        family: Family,
    },
}

/// A text that names no control interface.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "\"{text}\" is no control interface: {reason}; write /run/wpa_supplicant/wlan0, @abstract:NAME, udp:HOST:PORT or udp6:[HOST]:PORT"
)]
pub struct BadEndpoint {
    /// The text.
    pub text: String,
    /// The fault in it.
    pub reason: &'static str,
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, BadEndpoint> {
        let parsed = if let Some(name) = text.strip_prefix("@abstract:") {
            abstract_name(name, true)
        } else if let Some(name) = text.strip_prefix('@') {
            abstract_name(name, false)
        } else if let Some(rest) = text.strip_prefix("udp6:") {
            udp(rest, Family::V6)
        } else if let Some(rest) = text.strip_prefix("udp:") {
            udp(rest, Family::V4)
        } else if text.is_empty() {
            Err("it is empty")
        } else if text.contains('\0') {
            Err("a path has no NUL")
        } else {
            Ok(Endpoint::Path(PathBuf::from(text)))
        };
        parsed.map_err(|reason| BadEndpoint { text: text.to_owned(), reason })
    }
}

fn abstract_name(name: &str, padded: bool) -> Result<Endpoint, &'static str> {
    // wpa_ctrl keeps one octet for a NUL.
    let longest = if padded { SUN_PATH - 1 } else { SUN_PATH };
    match name.len() {
        0 => Err("the name is empty"),
        n if n > longest => Err("the name is too long for a socket address"),
        _ if name.contains('\0') => Err("the name has a NUL"),
        _ => Ok(Endpoint::Abstract { name: name.to_owned(), padded }),
    }
}

fn udp(rest: &str, family: Family) -> Result<Endpoint, &'static str> {
    let (host, port) = host_and_port(rest, family)?;
    let port = match port {
        None => UDP_PORT,
        Some(port) => match port.parse() {
            Ok(0) | Err(_) => return Err("the port is not a number from 1 to 65535"),
            Ok(port) => port,
        },
    };
    if host.contains(|c: char| c.is_whitespace() || c.is_control() || "[]/,".contains(c)) {
        return Err("the host is not one");
    }
    if family == Family::V4 && host.contains(':') {
        return Err("an IPv6 address wants udp6:");
    }
    let here = if family == Family::V6 { "::1" } else { "127.0.0.1" };
    let host = if host.is_empty() { here } else { host };
    Ok(Endpoint::Udp { host: host.to_owned(), port, family })
}

/// Splits `HOST:PORT`, `PORT`, `[HOST]:PORT` and `HOST,PORT`.
fn host_and_port(rest: &str, family: Family) -> Result<(&str, Option<&str>), &'static str> {
    if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(("", Some(rest)));
    }
    if let Some(inner) = rest.strip_prefix('[') {
        return match inner.split_once(']') {
            Some((host, "")) => Ok((host, None)),
            Some((host, after)) => match after.strip_prefix(':') {
                Some(port) => Ok((host, Some(port))),
                None => Err("what follows ] is no port"),
            },
            None => Err("the [ is not closed"),
        };
    }
    Ok(match family {
        Family::V4 => rest.rsplit_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        Family::V6 => rest.split_once(',').map_or((rest, None), |(host, port)| (host, Some(port))),
    })
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Path(path) => write!(f, "{}", path.display()),
            Endpoint::Abstract { name, padded: true } => write!(f, "@abstract:{name}"),
            Endpoint::Abstract { name, padded: false } => write!(f, "@{name}"),
            Endpoint::Udp { host, port, family: Family::V4 } => write!(f, "udp:{host}:{port}"),
            Endpoint::Udp { host, port, family: Family::V6 } => write!(f, "udp6:[{host}]:{port}"),
        }
    }
}

impl Endpoint {
    /// Returns the address of the socket of another interface of the same process: in the same directory, by its
    /// name. `None` if this one has no directory, or `ifname` could not be the name of a file in it.
    pub fn beside(&self, ifname: &str) -> Option<Endpoint> {
        let Endpoint::Path(path) = self else { return None };
        let plain = |c: char| c.is_ascii_graphic() && c != '/';
        // The name comes from what a device says: it must not lead out of the directory.
        let valid = !ifname.is_empty() && !matches!(ifname, "." | "..") && ifname.chars().all(plain);
        let dir = path.parent().unwrap_or(Path::new("."));
        valid.then(|| Endpoint::Path(dir.join(ifname)))
    }

    /// The name of its file, if it has one: the interface's name, as wpa_supplicant does it.
    pub fn file_name(&self) -> Option<&str> {
        match self {
            Endpoint::Path(path) => path.file_name()?.to_str(),
            _ => None,
        }
    }
}
