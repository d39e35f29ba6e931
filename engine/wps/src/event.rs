//! The events that the registration protocol tells its owner.

use wpasim_wire::MacAddr;
use wpasim_wire::wsc::{Credential, DeviceData, DeviceType, MessageType, Uuid};

/// An event that the registration protocol tells its owner, in the order in which it happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WpsEvent {
    /// The registrar has no password for this enrollee (M2D).
    M2d {
        device: Box<DeviceData>,
        config_error: u16,
        dev_password_id: u16,
    },
    /// A run failed at, or was refused with, this message.
    Fail {
        msg: MessageType,
        config_error: u16,
        error_indication: ErrorIndication,
        peer: MacAddr,
    },
    /// A run succeeded.
    Success {
        peer: MacAddr,
    },
    /// The peer knows another device password; `part` of it, 1 or 2, differs.
    PasswordAuthFail {
        enrollee: bool,
        part: u8,
        peer: MacAddr,
    },
    PbcOverlap,
    PbcTimeout,
    PbcActive,
    PbcDisable,
    /// An external registrar proved the AP PIN.
    ApPinSuccess,
    /// A credential came: for a station, settings of a network; for an AP, its new settings; for a
    /// registrar of a station, the settings of the AP.
    Credential(Box<Credential>),
    /// A station was given a PSK of its own.
    NewPsk {
        addr: MacAddr,
        p2p_dev_addr: MacAddr,
        psk: Vec<u8>,
    },
    /// An enrollee came for which there is no PIN.
    PinNeeded {
        uuid: Uuid,
        device: Box<DeviceData>,
    },
    /// An enrollee was given its credential.
    RegSuccess {
        addr: MacAddr,
        uuid: Uuid,
        dev_password: Vec<u8>,
    },
    /// A probe request of an enrollee.
    EnrolleeSeen {
        addr: MacAddr,
        uuid: Uuid,
        device_type: DeviceType,
        config_methods: u16,
        dev_password_id: u16,
        request_type: u8,
        device_name: Vec<u8>,
    },
    /// Beacons and probe responses must carry other elements: the attributes without OUI and type,
    /// not yet split into elements of at most 255 octets.
    ElementsChanged {
        beacon: Vec<u8>,
        probe_response: Vec<u8>,
    },
    /// The registrar became or ceased to be the selected one.
    SelectedRegistrar {
        selected: bool,
        dev_password_id: u16,
        config_methods: u16,
    },
}

/// Error Indication, a hint of 2.10's own why a run failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ErrorIndication {
    #[default]
    NoError = 0,
    SecurityTkipOnlyProhibited = 1,
    SecurityWepProhibited = 2,
    AuthFailure = 3,
}

impl ErrorIndication {
    /// As events print it.
    pub fn text(self) -> &'static str {
        match self {
            ErrorIndication::NoError => "No Error",
            ErrorIndication::SecurityTkipOnlyProhibited => "TKIP Only Prohibited",
            ErrorIndication::SecurityWepProhibited => "WEP Prohibited",
            ErrorIndication::AuthFailure => "Authentication Failure",
        }
    }
}
