//! The parameters and the actions of the supplicant.

use super::super::mib::Selection;
use wpasim_runtime::Level;
use wpasim_runtime::Secret;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{Cipher, Key};
use wpasim_wire::rsne::CipherSet;
use wpasim_wire::time::Duration;

/// The handshake that a supplicant is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handshake {
    FourWay,
    Group,
}

/// An action that the supplicant wants done, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RsnAction {
    /// An EAPOL frame to send; `no_encrypt` as long as no pairwise key is installed.
    Send {
        dest: MacAddr,
        frame: Vec<u8>,
        no_encrypt: bool,
    },
    NewKey(Key),
    /// The handshake that now runs.
    State(Handshake),
    /// All keys are in place: the port opens. `first` since the association.
    KeysInstalled {
        first: bool,
        ptk: Cipher,
        gtk: Option<Cipher>,
    },
    /// A group key handshake ended after the connection was complete.
    GroupRekeyed {
        gtk: Cipher,
    },
    Deauthenticate {
        reason: u16,
    },
    /// A new pairwise key is asked for, but configuration forbids it under key identifier 0.
    Reconnect,
    Secret(Secret),
    /// A message for the control interface's monitors.
    Msg(Level, String),
}

/// The parameters that are known when the association succeeds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssocParams {
    pub bssid: MacAddr,
    pub selection: Selection,
    /// `None` without management frame protection.
    pub group_mgmt: Option<CipherSet>,
    /// Our RSN or WPA element as the (re)association request carried it.
    pub own_element: Vec<u8>,
    /// The AP's elements from its beacon or probe response, whole.
    pub ap_rsn_element: Option<Vec<u8>>,
    pub ap_wpa_element: Option<Vec<u8>>,
    pub ap_rsnx_element: Option<Vec<u8>>,
    /// Whether the network's configuration allows RSN: then WPA with an RSN element in message 3 is
    /// a downgrade.
    pub rsn_enabled: bool,
    /// `wpa_ptk_rekey`: ask for a new pairwise key after this time.
    pub ptk_rekey: Option<Duration>,
    /// `wpa_deny_ptk0_rekey`.
    pub deny_ptk0_rekey: bool,
    /// The version of our EAPOL frames (`eapol_version`), 1 by default.
    pub eapol_version: u8,
}

impl AssocParams {
    /// With everything optional off.
    pub fn new(bssid: MacAddr, selection: Selection, own_element: Vec<u8>) -> Self {
        AssocParams {
            bssid,
            selection,
            group_mgmt: None,
            own_element,
            ap_rsn_element: None,
            ap_wpa_element: None,
            ap_rsnx_element: None,
            rsn_enabled: true,
            ptk_rekey: None,
            deny_ptk0_rekey: false,
            eapol_version: 1,
        }
    }
}
