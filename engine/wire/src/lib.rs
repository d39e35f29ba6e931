//! The formats of the air and of the driver: 802.11 frames, elements, EAPOL and EAP packets, WSC and P2P attributes, thin
//! names over RustCrypto's primitives, and what an engine and a driver say to each other in nl80211's terms.
//!
//! | module | what it reads and writes | clause |
//! |---|---|---|
//! | [`ieee80211`], [`elements`], [`rsne`] | frames and their elements | IEEE 802.11-2020 §9 |
//! | [`eapol`], [`kde`], [`eap`], [`llc`] | EAPOL-Key frames and key data, EAP packets | IEEE 802.11-2020 §12.7.2, RFC 3748 |
//! | [`wsc`], [`p2p`], [`gas`] | attributes of WSC, of Wi-Fi Direct, service discovery | WSC 2.0.5 §12, Wi-Fi Direct 1.7 §4 |
//! | [`crypto`] | PRFs, key wrap, ciphers, Diffie-Hellman | IEEE 802.11-2020 §12 |
//! | [`driver`], [`channel`], [`time`] | the boundary between an engine and its driver | nl80211 |
//!
//! Everything here is a pure function of its arguments. A parser returns a typed error, and no octets make it panic.
//!
//! ```
//! use wpasim_wire::eap::{EapPacket, EapType, code, message};
//!
//! let octets = message(code::REQUEST, 7, EapType::IDENTITY, b"who are you");
//! let packet = EapPacket::parse(&octets)?;
//! assert_eq!((packet.code, packet.identifier), (code::REQUEST, 7));
//! assert_eq!(packet.data_of(EapType::IDENTITY), Some(&b"who are you"[..]));
//! assert!(EapPacket::parse(&octets[..3]).is_err());
//! # Ok::<(), wpasim_wire::eap::EapError>(())
//! ```

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
