//! Wi-Fi Protected Setup's messages and elements (WSC 2.0.5): attributes, and what they carry.

mod attributes;
mod credential;
mod device;
mod element;
#[cfg(test)]
mod tests;
pub mod text;
mod writer;

pub use attributes::{Attributes, WscError};
pub use credential::{Credential, CredentialError};
pub use device::{DeviceData, DeviceType, parse_device_type};
pub use element::{assoc_request, assoc_response, concatenated, element, probe_request};
pub use writer::{WfaExtension, Writer};

/// Attribute types (WSC 2.0.5 §12, table 28).
pub mod attr {
    pub const AP_CHANNEL: u16 = 0x1001;
    pub const ASSOC_STATE: u16 = 0x1002;
    pub const AUTH_TYPE: u16 = 0x1003;
    pub const AUTH_TYPE_FLAGS: u16 = 0x1004;
    pub const AUTHENTICATOR: u16 = 0x1005;
    pub const CONFIG_METHODS: u16 = 0x1008;
    pub const CONFIG_ERROR: u16 = 0x1009;
    pub const CONN_TYPE_FLAGS: u16 = 0x100d;
    pub const CREDENTIAL: u16 = 0x100e;
    pub const ENCR_TYPE: u16 = 0x100f;
    pub const ENCR_TYPE_FLAGS: u16 = 0x1010;
    pub const DEV_NAME: u16 = 0x1011;
    pub const DEV_PASSWORD_ID: u16 = 0x1012;
    pub const E_HASH1: u16 = 0x1014;
    pub const E_HASH2: u16 = 0x1015;
    pub const E_SNONCE1: u16 = 0x1016;
    pub const E_SNONCE2: u16 = 0x1017;
    pub const ENCR_SETTINGS: u16 = 0x1018;
    pub const ENROLLEE_NONCE: u16 = 0x101a;
    pub const KEY_WRAP_AUTH: u16 = 0x101e;
    pub const MAC_ADDR: u16 = 0x1020;
    pub const MANUFACTURER: u16 = 0x1021;
    pub const MSG_TYPE: u16 = 0x1022;
    pub const MODEL_NAME: u16 = 0x1023;
    pub const MODEL_NUMBER: u16 = 0x1024;
    pub const NETWORK_INDEX: u16 = 0x1026;
    pub const NETWORK_KEY: u16 = 0x1027;
    pub const NETWORK_KEY_INDEX: u16 = 0x1028;
    pub const OOB_DEVICE_PASSWORD: u16 = 0x102c;
    pub const OS_VERSION: u16 = 0x102d;
    pub const POWER_LEVEL: u16 = 0x102f;
    pub const PUBLIC_KEY: u16 = 0x1032;
    pub const REGISTRAR_NONCE: u16 = 0x1039;
    pub const REQUEST_TYPE: u16 = 0x103a;
    pub const RESPONSE_TYPE: u16 = 0x103b;
    pub const RF_BANDS: u16 = 0x103c;
    pub const R_HASH1: u16 = 0x103d;
    pub const R_HASH2: u16 = 0x103e;
    pub const R_SNONCE1: u16 = 0x103f;
    pub const R_SNONCE2: u16 = 0x1040;
    pub const SELECTED_REGISTRAR: u16 = 0x1041;
    pub const SERIAL_NUMBER: u16 = 0x1042;
    pub const WPS_STATE: u16 = 0x1044;
    pub const SSID: u16 = 0x1045;
    pub const UUID_E: u16 = 0x1047;
    pub const UUID_R: u16 = 0x1048;
    pub const VENDOR_EXTENSION: u16 = 0x1049;
    pub const VERSION: u16 = 0x104a;
    pub const SELECTED_REGISTRAR_CONFIG_METHODS: u16 = 0x1053;
    pub const PRIMARY_DEV_TYPE: u16 = 0x1054;
    pub const SECONDARY_DEV_TYPE_LIST: u16 = 0x1055;
    pub const AP_SETUP_LOCKED: u16 = 0x1057;
    pub const APPLICATION_EXTENSION: u16 = 0x1058;
    pub const REQUESTED_DEV_TYPE: u16 = 0x106a;
    pub const EXTENSIBILITY_TEST: u16 = 0x10fa;
}

/// Subelements of the Wi-Fi Alliance's vendor extension (WSC 2.0.5 table 29).
pub mod wfa_ext {
    pub const VERSION2: u8 = 0;
    pub const AUTHORIZED_MACS: u8 = 1;
    pub const NETWORK_KEY_SHAREABLE: u8 = 2;
    pub const REQUEST_TO_ENROLL: u8 = 3;
    pub const SETTINGS_DELAY_TIME: u8 = 4;
    pub const REGISTRAR_CONFIG_METHODS: u8 = 5;
    pub const MULTI_AP: u8 = 6;
}

/// The OUI of that extension.
pub const WFA_VENDOR_OUI: [u8; 3] = [0x00, 0x37, 0x2a];

/// Device Password ID (WSC 2.0.5 table 37).
pub mod password_id {
    pub const DEFAULT: u16 = 0;
    pub const USER_SPECIFIED: u16 = 1;
    pub const MACHINE_SPECIFIED: u16 = 2;
    pub const REKEY: u16 = 3;
    pub const PUSHBUTTON: u16 = 4;
    pub const REGISTRAR_SPECIFIED: u16 = 5;
    pub const NFC_CONNECTION_HANDOVER: u16 = 7;
    pub const P2PS_DEFAULT: u16 = 8;
}

/// Configuration Error (WSC 2.0.5 table 34).
pub mod config_error {
    pub const NO_ERROR: u16 = 0;
    pub const DECRYPTION_CRC_FAILURE: u16 = 2;
    pub const NETWORK_AUTH_FAILURE: u16 = 6;
    pub const MULTIPLE_PBC_DETECTED: u16 = 12;
    pub const ROGUE_SUSPECTED: u16 = 13;
    pub const DEVICE_BUSY: u16 = 14;
    pub const SETUP_LOCKED: u16 = 15;
    pub const MSG_TIMEOUT: u16 = 16;
    pub const REG_SESSION_TIMEOUT: u16 = 17;
    pub const DEV_PASSWORD_AUTH_FAILURE: u16 = 18;
    pub const PUBLIC_KEY_HASH_MISMATCH: u16 = 20;
}

/// Config Methods (WSC 2.0.5 table 33).
pub mod methods {
    pub const USBA: u16 = 0x0001;
    pub const ETHERNET: u16 = 0x0002;
    pub const LABEL: u16 = 0x0004;
    pub const DISPLAY: u16 = 0x0008;
    pub const EXT_NFC_TOKEN: u16 = 0x0010;
    pub const INT_NFC_TOKEN: u16 = 0x0020;
    pub const NFC_INTERFACE: u16 = 0x0040;
    pub const PUSHBUTTON: u16 = 0x0080;
    pub const KEYPAD: u16 = 0x0100;
    pub const VIRT_PUSHBUTTON: u16 = 0x0280;
    pub const PHY_PUSHBUTTON: u16 = 0x0480;
    pub const P2PS: u16 = 0x1000;
    pub const VIRT_DISPLAY: u16 = 0x2008;
    pub const PHY_DISPLAY: u16 = 0x4008;
}

/// Authentication Type flags (WSC 2.0.5 table 31).
pub mod auth_type {
    pub const OPEN: u16 = 0x0001;
    pub const WPA_PSK: u16 = 0x0002;
    pub const SHARED: u16 = 0x0004;
    pub const WPA: u16 = 0x0008;
    pub const WPA2: u16 = 0x0010;
    pub const WPA2_PSK: u16 = 0x0020;
}

/// Encryption Type flags (WSC 2.0.5 table 38).
pub mod encr_type {
    pub const NONE: u16 = 0x0001;
    pub const WEP: u16 = 0x0002;
    pub const TKIP: u16 = 0x0004;
    pub const AES: u16 = 0x0008;
}

/// RF Bands (WSC 2.0.5 table 45).
pub mod rf_band {
    pub const GHZ_2_4: u8 = 0x01;
    pub const GHZ_5: u8 = 0x02;
    pub const GHZ_60: u8 = 0x04;

    /// The band of a frequency in MHz; 0 without one.
    pub fn of_frequency(mhz: u32) -> u8 {
        match mhz {
            0 => 0,
            1..=2484 => GHZ_2_4,
            2485..=50000 => GHZ_5,
            _ => GHZ_60,
        }
    }
}

/// Request Type (WSC 2.0.5 table 42).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestType {
    EnrolleeInfo = 0,
    Enrollee = 1,
    Registrar = 2,
    WlanManagerRegistrar = 3,
}

/// Response Type (WSC 2.0.5 table 43).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResponseType {
    EnrolleeInfo = 0,
    Enrollee = 1,
    Registrar = 2,
    Ap = 3,
}

/// Whether an access point was given settings (WSC 2.0.5 table 47).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WpsState {
    NotConfigured = 1,
    Configured = 2,
}

/// Message Type (WSC 2.0.5 table 40), with the numbers that WPS-FAIL prints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MessageType {
    Beacon = 0x01,
    ProbeRequest = 0x02,
    ProbeResponse = 0x03,
    M1 = 0x04,
    M2 = 0x05,
    M2d = 0x06,
    M3 = 0x07,
    M4 = 0x08,
    M5 = 0x09,
    M6 = 0x0a,
    M7 = 0x0b,
    M8 = 0x0c,
    WscAck = 0x0d,
    WscNack = 0x0e,
    WscDone = 0x0f,
}

impl MessageType {
    /// The message with this number.
    pub fn from_octet(octet: u8) -> Option<Self> {
        use MessageType::*;
        [Beacon, ProbeRequest, ProbeResponse, M1, M2, M2d, M3, M4, M5, M6, M7, M8, WscAck, WscNack, WscDone]
            .into_iter()
            .find(|t| *t as u8 == octet)
    }
}

/// The Op-Code of an EAP-WSC packet (WSC 2.0.5 §7.7.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpCode {
    Start = 0x01,
    Ack = 0x02,
    Nack = 0x03,
    Msg = 0x04,
    Done = 0x05,
    FragAck = 0x06,
}

impl OpCode {
    /// The code with this number.
    pub fn from_octet(octet: u8) -> Option<Self> {
        use OpCode::*;
        [Start, Ack, Nack, Msg, Done, FragAck].into_iter().find(|c| *c as u8 == octet)
    }
}

/// Connection Type Flags: ESS (WSC 2.0.5 table 35).
pub const CONN_ESS: u8 = 0x01;

/// Version2 of this implementation.
pub const VERSION_2_0: u8 = 0x20;

/// A universally unique identifier, as attributes carry it.
pub type Uuid = [u8; 16];
