//! What every machine of the engine stands on, and nothing of any role in Wi-Fi: named time-outs ([`timer`]), random streams
//! that are the same for the same seed ([`entropy`]), pre-shared keys ([`psk`]), the value formats of hostap's commands
//! ([`text`]), and how important a message is ([`MsgLevel`]).

pub mod deadlines;
pub mod entropy;
mod level;
pub mod psk;
pub mod text;
pub mod timer;

pub use level::MsgLevel;

/// The PBKDF2 of IEEE 802.11-2020 §J.4: an injected pure function, so that its caller may remember results.
pub trait PskSource {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32];
}

/// Keys that a node derived, for tools that decrypt captures. Never part of a transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    /// A pairwise master key and the SSID it belongs to.
    Pmk { ssid: Vec<u8>, pmk: Vec<u8> },
    /// A pairwise transient key's temporal key.
    TemporalKey { key: Vec<u8> },
}
