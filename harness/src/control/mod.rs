//! A client of the control interface of wpa_supplicant and hostapd: where it is, and one connection
//! to it that never blocks.
//!
//! The counterpart of 2.10's `wpa_ctrl.c`. Whoever holds a [`Link`] polls its descriptor; nothing in
//! here knows a runtime.

mod endpoint;
#[cfg(unix)]
mod link;
pub mod words;

use std::io;

pub use endpoint::{BadEndpoint, Endpoint, Family, GLOBAL_UDP_PORT, SUN_PATH, UDP_PORT};
#[cfg(unix)]
pub use link::Link;

/// The longest datagram that is taken, in bytes; 2.10's longest reply has 8192.
pub const LONGEST: usize = 65_536;

/// The reason why there is no connection, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The path does not fit into a socket address.
    #[error(
        "the path has {length} bytes and a socket's path at most {limit}: {path}: use a shorter one, such as a link to the directory"
    )]
    PathTooLong {
        /// The path.
        path: String,
        /// Its length in bytes.
        length: usize,
        /// The longest that fits, in bytes.
        limit: usize,
    },
    /// Nothing is there.
    #[error(
        "{endpoint} does not exist: is the process running, and is this the ctrl_interface of its configuration?"
    )]
    Missing {
        /// Where.
        endpoint: String,
    },
    /// It is something else than a datagram socket.
    #[error("{endpoint} is {what}, not a control socket{hint}")]
    NotASocket {
        /// Where.
        endpoint: String,
        /// The kind of the thing.
        what: &'static str,
        /// Other things that could be meant; may be empty.
        hint: String,
    },
    /// Nobody listens there any more.
    #[error("{endpoint} refuses: the process that made it has ended")]
    Refused {
        /// Where.
        endpoint: String,
    },
    /// The user may not.
    #[error(
        "no permission for {endpoint}: run as root or as a member of the group in ctrl_interface=DIR=… GROUP=…"
    )]
    NoPermission {
        /// Where.
        endpoint: String,
    },
    /// The host's name means nothing.
    #[error("{endpoint}: {reason}")]
    NoSuchHost {
        /// Where.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// A UDP control interface gave no cookie in time.
    #[error("{endpoint} did not answer GET_COOKIE within {seconds} s: {last}")]
    NoCookie {
        /// Where.
        endpoint: String,
        /// The time that it had, in seconds.
        seconds: u64,
        /// The text that it said instead.
        last: String,
    },
    /// The other side reads too slowly: nothing more fits into its queue now.
    #[error("{endpoint} does not read its commands")]
    Busy {
        /// Where.
        endpoint: String,
    },
    /// A datagram is longer than [`LONGEST`].
    #[error("{endpoint} sent more than {LONGEST} bytes at once")]
    TooLong {
        /// Where.
        endpoint: String,
    },
    /// This machine has no such sockets.
    #[error("{endpoint}: abstract names exist on Linux only")]
    NoAbstractNames {
        /// Where.
        endpoint: String,
    },
    /// Anything else the system said.
    #[error("{endpoint}: {source}")]
    Io {
        /// Where.
        endpoint: String,
        /// The error that it gave.
        source: io::Error,
    },
}

impl ControlError {
    /// Whether the other side is gone, rather than slow or odd.
    pub fn is_death(&self) -> bool {
        matches!(self, ControlError::Missing { .. } | ControlError::Refused { .. })
    }
}

#[cfg(all(test, unix))]
pub mod fake;
#[cfg(all(test, unix))]
mod tests;
