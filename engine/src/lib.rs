//! The supplicant and the access point, sans-IO.
//!
//! A [`Node`] is one process: a wpa_supplicant or a hostapd with its interfaces. The caller gives it
//! the time with every input ([`Node::handle`]) and then **drains** it: [`Node::poll_output`] is
//! called until it returns [`Output::Idle`], which carries the next timeout. Whatever has an effect
//! is an [`Output`]; whatever the node may read synchronously is in [`Env`].

pub mod ap;
pub mod bss;
pub mod config;
mod ctrl;
pub mod eap;
pub mod eapol;
pub mod entropy;
pub mod hostapd;
pub mod p2p;
pub mod psk;
pub mod rsn;
pub mod runtime;
mod scan;
mod select;
mod sme;
pub mod supplicant;
mod testing;

pub mod wps;

use wpasim_wire::driver::{DriverEvent, DriverRequest, DriverView, IfId};
use wpasim_wire::time::Instant;

pub use select::networks::TemporaryRest;
pub use wpasim_wire as wire;

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

/// Which control socket a command came through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CtrlSocket {
    /// The process-wide interface (`-g`).
    Global,
    /// An interface's own.
    Interface(IfId),
}

/// What happens to a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The process starts: interfaces are brought up, enabled networks are looked for.
    Start,
    /// The time that [`Output::Idle`] asked for has come, or an earlier one. Harmless if nothing is due.
    Timeout,
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

/// What becomes of an interface's control socket.
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

/// The PBKDF2 of IEEE 802.11-2020 §J.4: an injected pure function, so that its caller may remember results.
pub trait PskSource {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32];
}

/// What a node may read while it handles an input. Nothing here changes by being read.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    pub driver: &'a dyn DriverView,
    pub files: &'a dyn Files,
    pub psk: &'a dyn PskSource,
}

/// Keys that a node derived, for tools that decrypt captures. Never part of a transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    /// A pairwise master key and the SSID it belongs to.
    Pmk { ssid: Vec<u8>, pmk: Vec<u8> },
    /// A pairwise transient key's temporal key.
    TemporalKey { key: Vec<u8> },
}

/// One process of the implementation: a supplicant or an access point.
pub trait Node: Send {
    /// Takes one input at `now`. Times never go backwards.
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>);
    /// The next effect. Must be called until it returns [`Output::Idle`] before the next input.
    fn poll_output(&mut self) -> Output;
    /// One line per interface that says its state, for failure reports: `wlan0: wpa_state=COMPLETED`.
    fn describe(&self) -> String;
    /// What the node waits for from its driver: the answer must be on its way.
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
    /// What became of a frame.
    Frame { cookie: u64 },
    /// What an access point says to an authentication, or that it says nothing.
    Authentication,
    /// What it says to an association, likewise.
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
