//! The 4-way handshake and the group key handshake of RSN and of WPA (IEEE 802.11-2020 §12.7), both sides, as hostap's
//! `src/rsn_supp` and `src/ap/wpa_auth.c` run them.
//!
//! [`Supplicant`] is a station's side and [`authenticator::Authenticator`] an access point's, for all its stations. Both are sans-IO:
//! a frame goes in, actions come out in order, and what a peer may do wrong is a [`PeerFault`]. A key is installed only out of a frame
//! that was proven (`proof.rs`).
//!
//! ```
//! use wpasim_rsn::authenticator::{AuthAction, AuthConfig, Authenticator, Moment};
//! use wpasim_rsn::{AssocParams, RsnAction, Selection, Supplicant};
//! use wpasim_runtime::entropy::Entropy;
//! use wpasim_wire::MacAddr;
//! use wpasim_wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};
//! use wpasim_wire::time::Instant;
//!
//! let (ap_addr, sta_addr, pmk) = (MacAddr([2, 0, 0, 0, 1, 0]), MacAddr([2, 0, 0, 0, 0, 0]), [7; 32]);
//! let (now, entropy) = (Instant::ZERO, Entropy::new(1, "example"));
//! let config = AuthConfig::wpa2_psk(pmk);
//! let mut ap = Authenticator::new(ap_addr, config.clone(), entropy.stream("ap"), now);
//! ap.init_keys();
//! let mut sta = Supplicant::new(sta_addr, entropy.stream("sta"));
//! sta.set_pmk(pmk);
//!
//! let element = SecurityElement::new(Proto::Rsn, config.group, CipherSet::CCMP, AkmSet::PSK).emit();
//! let selection =
//!     Selection { proto: Some(Proto::Rsn), pairwise: CipherSet::CCMP, group: config.group, akm: AkmSet::PSK };
//! sta.associated(AssocParams { ap_rsn_element: config.rsn_element(), ..AssocParams::new(ap_addr, selection, element.clone()) });
//! let moment = Moment { now, group_seq: &|_| [0; 6] };
//! let security = ap.check_element(sta_addr, &element, None)?;
//! ap.associated(&moment, sta_addr, security);
//!
//! let mut keys = 0;
//! for _ in 0..4 {
//!     for action in ap.take_actions() {
//!         if let AuthAction::Send { frame, .. } = action {
//!             let _ = sta.rx_eapol(now, ap_addr, &frame);
//!         }
//!     }
//!     for action in sta.take_actions() {
//!         match action {
//!             RsnAction::Send { frame, .. } => drop(ap.rx_eapol(&moment, sta_addr, &frame)),
//!             RsnAction::NewKey(_) => keys += 1,
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(keys, 2, "the station has a pairwise and a group key");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod authenticator;
mod fault;
mod mib;
mod proof;
pub mod supplicant;

pub use fault::PeerFault;
pub use mib::{RsnConfigMib, Selection};
pub use supplicant::{AssocParams, Handshake, RsnAction, Supplicant};
pub use wpasim_runtime::Level;

/// Returns whether a frame is a well-formed EAPOL-Key frame; nothing in it is proven.
pub fn is_eapol_key(frame: &[u8]) -> bool {
    proof::Received::parse(frame).is_ok()
}

#[cfg(test)]
mod exchange_tests;
