//! Wi-Fi Protected Setup (WSC 2.0.5) as hostap's `src/wps` runs it: the registration protocol of enrollee and registrar
//! ([`Session`]), and the registrar's bookkeeping ([`registrar`]). It serves a stand-alone access point, an access point inside a
//! supplicant, and a station. Its messages travel in EAP-WSC, whose framing is in the crate `wpasim-eap`.
//!
//! The state of a device in WPS is one [`Wps`]; its events tell what happened, in order.
//!
//! ```
//! use wpasim_wire::time::Instant;
//! use wpasim_wps::{Processed, Session, SessionConfig, examples};
//!
//! let now = Instant::ZERO;
//! let (mut sta, mut ap) = (examples::station(), examples::access_point());
//! ap.button_pushed(now, None).unwrap();
//! let mut enrollee = Session::new(&sta, SessionConfig { pbc: true, ..SessionConfig::default() });
//! let mut registrar = Session::new(&ap, SessionConfig { registrar: true, ..SessionConfig::default() });
//! let mut messages = 0;
//! loop {
//!     let message = enrollee.next_message(&mut sta, now).unwrap();
//!     messages += 1;
//!     if registrar.process(&mut ap, now, message.op, &message.body) != Processed::Continue {
//!         break;
//!     }
//!     let message = registrar.next_message(&mut ap, now).unwrap();
//!     messages += 1;
//!     enrollee.process(&mut sta, now, message.op, &message.body);
//! }
//! assert_eq!(messages, 9, "M1 to M8 and WSC_Done");
//! assert!(sta.events.iter().any(|event| format!("{event:?}").contains("wps-ap")), "the credential has come");
//! ```

pub mod dh;
mod enrollee;
mod event;
pub mod examples;
pub mod keys;
mod message;
mod pin;
pub mod registrar;
mod registration;
mod run;
mod session;
pub mod settings;
#[cfg(test)]
mod tests;

pub use event::{ErrorIndication, WpsEvent};
pub use message::{Message, Processed};
pub use pin::{generate_pin, pin_checksum, pin_str_valid, pin_valid};
pub use session::{Session, SessionConfig};

use registrar::Registrar;
use std::collections::VecDeque;
use wpasim_runtime::entropy::Stream;
use wpasim_wire::Ssid;
use wpasim_wire::wsc::{DeviceData, Uuid, WpsState};

/// The state of one device in WPS: its identity, its network's settings, its registrar.
#[derive(Debug)]
pub struct Wps {
    /// Whether this is an access point.
    pub ap: bool,
    pub state: WpsState,
    /// 0, or why the AP takes no settings: 1 after wrong PINs, 2 for good.
    pub ap_setup_locked: u8,
    pub uuid: Uuid,
    pub ssid: Ssid,
    pub device: DeviceData,
    /// Of `methods`.
    pub config_methods: u16,
    /// The authentication types that the BSS supports, of `auth_type`; `encr_type` likewise.
    pub auth_types: u16,
    pub encr_types: u16,
    /// The ciphers by protocol, of `encr_type`.
    pub encr_types_rsn: u16,
    pub encr_types_wpa: u16,
    /// For the settings of the AP in M7, one bit each.
    pub ap_auth_type: u16,
    pub ap_encr_type: u16,
    /// A passphrase or 64 hexadecimal digits; WEP's key.
    pub network_key: Option<Vec<u8>>,
    pub psk: Option<[u8; 32]>,
    /// The value of `ap_settings` in place of settings made from the above.
    pub ap_settings: Option<Vec<u8>>,
    /// WPA2-PSK's passphrase goes into credentials as a passphrase and not as a PSK.
    pub use_passphrase: bool,
    /// The band in use, of `rf_band`; 0 if the device names its bands.
    pub rf_band: u8,
    /// The value of a Vendor Extension attribute of M1.
    pub vendor_extension_m1: Option<Vec<u8>>,
    pub random: Stream,
    pub events: VecDeque<WpsEvent>,
    pub registrar: Registrar,
}

impl Wps {
    /// A device without a network yet: the rest is to be set.
    pub fn new(ap: bool, uuid: Uuid, device: DeviceData, random: Stream) -> Self {
        Wps {
            ap,
            state: WpsState::NotConfigured,
            ap_setup_locked: 0,
            uuid,
            ssid: Ssid::default(),
            config_methods: device.config_methods,
            device,
            auth_types: 0,
            encr_types: 0,
            encr_types_rsn: 0,
            encr_types_wpa: 0,
            ap_auth_type: 0,
            ap_encr_type: 0,
            network_key: None,
            psk: None,
            ap_settings: None,
            use_passphrase: false,
            rf_band: 0,
            vendor_extension_m1: None,
            random,
            events: VecDeque::new(),
            registrar: Registrar::default(),
        }
    }
}
