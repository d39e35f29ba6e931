//! The parts that every machine of the engine stands on, and nothing of any role in Wi-Fi.
//!
//! - [`timers`] and [`deadlines`]: named time-outs of one machine, and of many stations at once.
//! - [`entropy`]: random streams that are the same for the same seed, each for one purpose, so that a draw in one place moves nothing
//!   elsewhere.
//! - [`psk`]: pre-shared keys as they are configured, derived when they are first wanted.
//! - [`text`]: numbers, addresses and octets as hostap writes them.
//! - [`never!`]: a place that is not reached.
//! - [`Level`]: how important a message for monitors is.
//!
//! A machine is sans-IO: its caller gives it the time and an input, takes its effects, and asks for its next time-out.
//!
//! ```
//! use wpasim_runtime::timers::Timers;
//! use wpasim_wire::time::{Duration, Instant};
//!
//! #[derive(Clone, Copy, PartialEq, Debug)]
//! enum Timer { Retransmit, GiveUp }
//!
//! let start = Instant::ZERO;
//! let mut timers = Timers::default();
//! timers.set(Timer::GiveUp, start + Duration::from_secs(5));
//! timers.set(Timer::Retransmit, start + Duration::from_secs(1));
//! assert_eq!(timers.next(), Some(start + Duration::from_secs(1)));
//! assert_eq!(timers.take_due(start + Duration::from_secs(1)), Some(Timer::Retransmit));
//! assert_eq!(timers.deadline(Timer::GiveUp), Some(start + Duration::from_secs(5)));
//! ```

pub mod deadlines;
pub mod drand48;
pub mod entropy;
mod level;
mod never;
pub mod psk;
pub mod text;
pub mod timers;

pub use level::Level;

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
