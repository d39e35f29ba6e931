//! What goes over the air and through the driver: 802.11 frames, elements, EAPOL, the thin
//! non-generic names over RustCrypto, and the driver boundary in nl80211's terms.
//!
//! Everything here is a pure function of its arguments. No byte string may make it panic.

mod bytes;
pub mod channel;
pub mod crypto;
pub mod driver;
pub mod eap;
pub mod eapol;
pub mod elements;
pub mod gas;
pub mod ieee80211;
pub mod kde;
pub mod llc;
pub mod mac;
pub mod p2p;
pub mod rsne;
pub mod time;
pub mod wsc;

pub use mac::{MacAddr, Ssid};
