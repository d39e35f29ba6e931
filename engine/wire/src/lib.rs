//! What goes over the air and through the driver: 802.11 frames, elements, EAPOL, the thin
//! non-generic names over RustCrypto, and the driver boundary in nl80211's terms.
//!
//! Everything here is a pure function of its arguments. No byte string may make it panic.

pub mod driver;
pub mod mac;
pub mod time;

pub use mac::{MacAddr, Ssid};
