//! The supplicant and the access point, sans-IO.
//!
//! A [`Node`] is one process: a wpa_supplicant ([`supplicant::Supplicant`]) or a hostapd ([`hostapd::Hostapd`]) with its interfaces.
//! The caller gives it the time with every input ([`Node::handle`]) and then **drains** it: [`Node::poll_output`] is called until it
//! returns [`Output::Idle`], which carries the next time-out. Whatever has an effect is an [`Output`]; whatever the node may read
//! synchronously is in [`Env`].
//!
//! The protocol machines are crates of their own ([`rsn`], [`wps`], [`eap`], [`p2p`]) and know nothing of each other or of a process.
//! The code here configures them, gives them frames and time, and says on the control interface what comes of it:
//!
//! - [`config`]: variables; what each does here is in `config/support`.
//! - `scan`, `select`, `sme`: when to scan, which network to choose, how to authenticate, associate and leave.
//! - [`ap`]: an access point's stations, elements and ports, for hostapd and for `mode=2`.
//! - `ctrl`: the commands of wpa_supplicant's control interface; hostapd's are in [`hostapd`].
//!
//! ```
//! use wpasim_engine::entropy::Entropy;
//! use wpasim_engine::supplicant::Supplicant;
//! use wpasim_engine::wire::MacAddr;
//! use wpasim_engine::wire::driver::{Channel, DriverView, IfId, ScanResult, StationInfo};
//! use wpasim_engine::wire::time::Instant;
//! use wpasim_engine::{ConnId, CtrlSocket, Env, Files, Input, InterfaceConfig, Node, Output, PskSource};
//!
//! struct Nothing;
//! impl Files for Nothing {
//!     fn read(&self, _path: &str) -> Option<Vec<u8>> {
//!         Some(b"ctrl_interface=/run/wpa_supplicant\n".to_vec())
//!     }
//! }
//! impl PskSource for Nothing {
//!     fn psk(&self, _passphrase: &[u8], _ssid: &[u8]) -> [u8; 32] {
//!         [0; 32]
//!     }
//! }
//! # impl DriverView for Nothing {
//! #     fn scan_results(&self, _: IfId, _: Instant) -> Vec<ScanResult> { Vec::new() }
//! #     fn station(&self, _: IfId, _: MacAddr, _: Instant) -> Option<StationInfo> { None }
//! #     fn channels(&self, _: IfId) -> Vec<Channel> { Vec::new() }
//! #     fn key_seq(&self, _: IfId, _: u8) -> [u8; 6] { [0; 6] }
//! #     fn country(&self) -> [u8; 2] { *b"00" }
//! # }
//! let interface = InterfaceConfig {
//!     id: IfId(0),
//!     ifname: "wlan0".to_owned(),
//!     phy: "phy0".to_owned(),
//!     addr: MacAddr([2, 0, 0, 0, 0, 0]),
//!     second_addr: MacAddr([0x42, 0, 0, 0, 0, 0]),
//!     ifindex: 3,
//!     config_path: "wlan0.conf".to_owned(),
//! };
//! let env = Env { driver: &Nothing, files: &Nothing, psk: &Nothing };
//! let mut node = Supplicant::new(vec![interface], Entropy::new(1, "sta"));
//! let mut replies = Vec::new();
//! let command = Input::Command {
//!     conn: ConnId(0),
//!     socket: CtrlSocket::Interface(IfId(0)),
//!     data: b"PING".to_vec(),
//! };
//! for input in [Input::Start, command] {
//!     node.handle(Instant::ZERO, input, env);
//!     loop {
//!         match node.poll_output() {
//!             Output::Reply { data, .. } => replies.push(data),
//!             Output::Idle { .. } => break,
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(replies, [b"PONG\n"]);
//! ```

pub mod ap;
pub mod bss;
pub mod config;
mod ctrl;
pub mod hostapd;
pub mod runtime;
mod scan;
mod select;
mod sme;
pub mod supplicant;
mod testing;

use wpasim_wire::driver::{DriverEvent, DriverRequest, DriverView, IfId};
use wpasim_wire::time::Instant;

pub use select::networks::TemporaryRest;
pub use wpasim_eap as eap;
pub use wpasim_eap::eapol;
pub use wpasim_p2p as p2p;
pub use wpasim_rsn as rsn;
pub use wpasim_runtime::{PskSource, Secret, entropy, psk, timers};
pub use wpasim_wire as wire;
pub use wpasim_wps as wps;

/// Whether Linux takes this as the name of an interface (dev_valid_name): 1 to 15 octets, neither `.` nor `..`, and in
/// it no `/`, no `:` and nothing that the kernel counts as white space.
pub fn is_interface_name(name: &str) -> bool {
    let is_space = |b: u8| matches!(b, b' ' | 0x09..=0x0d | 0xa0);
    (1..=15).contains(&name.len())
        && !matches!(name, "." | "..")
        && !name.bytes().any(|b| matches!(b, 0 | b'/' | b':') || is_space(b))
}

/// A control connection of one node: a client's socket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnId(pub u32);

/// The control socket through which a command came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CtrlSocket {
    /// The process-wide interface (`-g`).
    Global,
    /// An interface's own.
    Interface(IfId),
}

/// An input of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The process starts: interfaces are brought up, enabled networks are looked for.
    Start,
    /// The time that [`Output::Idle`] asked for has come, or an earlier one. Harmless if nothing is due.
    Timeout,
    /// As [`Input::Timeout`], for one timer alone. A process serves one timer that is due before it reads a socket, so that the
    /// others come after a command that waits already.
    FirstTimeout,
    /// A datagram on a control socket. The reply, if any, goes to the same connection.
    Command {
        conn: ConnId,
        socket: CtrlSocket,
        data: Vec<u8>,
    },
    /// A control connection's client went away; its attachment is dropped.
    Closed {
        conn: ConnId,
    },
    Driver {
        iface: IfId,
        event: DriverEvent,
    },
}

/// An effect of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// The reply to a command.
    Reply {
        conn: ConnId,
        data: Vec<u8>,
    },
    /// An event for one attached connection: `<3>CTRL-EVENT-…`, priority prefix included.
    Event {
        conn: ConnId,
        data: Vec<u8>,
    },
    Driver {
        iface: IfId,
        request: DriverRequest,
    },
    /// An interface's control socket comes or goes.
    Socket {
        iface: IfId,
        change: SocketChange,
    },
    /// Replace a file's whole content.
    SaveFile {
        path: String,
        content: Vec<u8>,
    },
    /// A line for whoever started the process, on its standard output: why a configuration is refused.
    Log(String),
    /// The process ended; nothing follows.
    Terminated,
    /// Nothing more to do before this time, unless an input comes.
    Idle {
        next: Option<Instant>,
    },
}

/// A change of an interface's control socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketChange {
    /// The interface is there. `ctrl_interface` is the configuration's: where the socket is to be, `None` if there is
    /// to be none.
    Opened { ifname: String, ctrl_interface: Option<String> },
    /// The interface is gone.
    Closed,
}

/// Files that a node may read: configuration and what it names. A pure read.
pub trait Files {
    /// The content, or `None` if there is no such file.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// The view that a node may read while it handles an input. Nothing here changes by being read.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    pub driver: &'a dyn DriverView,
    pub files: &'a dyn Files,
    pub psk: &'a dyn PskSource,
}

/// One process of the implementation: a supplicant or an access point.
pub trait Node: Send {
    /// Takes one input at `now`. Times never go backwards.
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>);
    /// The next effect. Must be called until it returns [`Output::Idle`] before the next input.
    fn poll_output(&mut self) -> Output;
    /// One line per interface that says its state, for failure reports: `wlan0: wpa_state=COMPLETED`.
    fn describe(&self) -> String;
    /// Returns the answers that the node waits for from its driver: each must be on its way.
    fn awaited(&self) -> Vec<(IfId, Awaited)> {
        Vec::new()
    }
    /// Returns whether what is due now is a portion of a long computation that nobody sees: others need not wait for its end.
    fn is_computing(&self) -> bool {
        false
    }
    /// Secrets learned since the last call.
    fn take_secrets(&mut self) -> Vec<Secret>;
}

/// A request to the driver whose answer is awaited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Awaited {
    /// That a scan begins or ends.
    Scan,
    /// That a remain-on-channel begins or ends.
    Stay { cookie: u64 },
    /// The fate of a frame.
    Frame { cookie: u64 },
    /// The answer of an access point to an authentication, or none.
    Authentication,
    /// The answer to an association, likewise.
    Association,
}

/// The identity of an interface that a node is created with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InterfaceConfig {
    pub id: IfId,
    /// `wlan0`.
    pub ifname: String,
    /// `phy0`.
    pub phy: String,
    pub addr: wpasim_wire::MacAddr,
    /// The second address of the radio (`42:…`), used for a second interface.
    pub second_addr: wpasim_wire::MacAddr,
    /// The kernel's interface index, 2 for wlan0.
    pub ifindex: u32,
    /// Path of the configuration file, read through [`Files`].
    pub config_path: String,
}

#[cfg(test)]
mod name_tests {
    use rstest::rstest;

    use super::is_interface_name;

    #[rstest]
    #[case("wlan0", true)]
    #[case("fifteen-octets-", true)]
    #[case("...", true)]
    #[case("é", true)]
    #[case("\u{7f}", true)]
    #[case("", false)]
    #[case("sixteen-octets--", false)]
    #[case(".", false)]
    #[case("..", false)]
    #[case("../x", false)]
    #[case("a/b", false)]
    #[case("eth0:1", false)]
    #[case("a b", false)]
    #[case("a\tb", false)]
    #[case("a\u{b}b", false)]
    #[case("à", false)]
    fn names_are_those_of_linux(#[case] name: &str, #[case] valid: bool) {
        assert_eq!(is_interface_name(name), valid);
    }
}
