//! mac80211_hwsim's radios on wpasim's medium: Linux hands over every frame that they transmit, and takes every frame that they receive.
//!
//! [`codec`] is the protocol without a socket, on every platform. The rest needs Linux with mac80211_hwsim: the [`Bridge`] carries frames
//! between the kernel and a [`wpasim_sim::World`], and [`nl80211`] and [`interface`] set radios and interfaces up.
//!
//! ```
//! use wpasim_hwsim::codec::messages;
//!
//! // Octets that are no netlink message are an error and not a panic.
//! assert!(messages(&[0xff; 7]).all(|message| message.is_err()));
//! ```

pub mod codec;

#[cfg(target_os = "linux")]
mod bridge;
#[cfg(target_os = "linux")]
mod error;
#[cfg(target_os = "linux")]
mod hidden;
#[cfg(target_os = "linux")]
pub mod interface;
#[cfg(target_os = "linux")]
pub mod nl80211;
#[cfg(target_os = "linux")]
mod radios;
#[cfg(target_os = "linux")]
mod rates;
#[cfg(target_os = "linux")]
mod socket;

#[cfg(target_os = "linux")]
pub use bridge::{Bridge, RunError, Statistics};
#[cfg(target_os = "linux")]
pub use error::HwsimError;
#[cfg(target_os = "linux")]
pub use radios::{KernelRadio, NewRadio};
