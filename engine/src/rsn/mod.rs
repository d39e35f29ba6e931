//! The RSN and WPA key handshakes (IEEE 802.11-2020 §12.7), sans-IO, for the station and the AP.

pub mod authenticator;
mod fault;
mod mib;
mod proof;
pub mod supplicant;

pub use fault::{MsgLevel, PeerFault};
pub use mib::{RsnConfigMib, Selection};
pub use supplicant::{AssocParams, Handshake, RsnAction, Supplicant};

/// Whether a frame is a well-formed EAPOL-Key frame; nothing in it is proven.
pub(crate) fn is_eapol_key(frame: &[u8]) -> bool {
    proof::Received::parse(frame).is_ok()
}

#[cfg(test)]
mod ladder;
