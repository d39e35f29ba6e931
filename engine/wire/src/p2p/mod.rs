//! Wi-Fi Direct's attributes, elements and action frames (Wi-Fi Direct 1.7 §4).

mod action;
mod attributes;
mod group_info;
mod message;
mod name;
#[cfg(test)]
mod tests;
pub mod text;
mod writer;

pub use action::{ActionFrame, ActionKind, action, public_action};
pub use attributes::{Attributes, ChannelAttribute, DeviceInfo, P2pError};
pub use group_info::{ClientInfo, MAX_CLIENTS, parse_group_info};
pub use message::{Message, MessageError};
pub use name::filtered_name;
pub use writer::{NoaDescriptor, Writer};

use crate::elements::{self, vendor};

/// Attribute identifiers (Wi-Fi Direct 1.7 table 6).
pub mod attr {
    pub const STATUS: u8 = 0;
    pub const MINOR_REASON_CODE: u8 = 1;
    pub const CAPABILITY: u8 = 2;
    pub const DEVICE_ID: u8 = 3;
    pub const GROUP_OWNER_INTENT: u8 = 4;
    pub const CONFIGURATION_TIMEOUT: u8 = 5;
    pub const LISTEN_CHANNEL: u8 = 6;
    pub const GROUP_BSSID: u8 = 7;
    pub const EXT_LISTEN_TIMING: u8 = 8;
    pub const INTENDED_INTERFACE_ADDR: u8 = 9;
    pub const MANAGEABILITY: u8 = 10;
    pub const CHANNEL_LIST: u8 = 11;
    pub const NOTICE_OF_ABSENCE: u8 = 12;
    pub const DEVICE_INFO: u8 = 13;
    pub const GROUP_INFO: u8 = 14;
    pub const GROUP_ID: u8 = 15;
    pub const INTERFACE: u8 = 16;
    pub const OPERATING_CHANNEL: u8 = 17;
    pub const INVITATION_FLAGS: u8 = 18;
    pub const OOB_GO_NEG_CHANNEL: u8 = 19;
}

/// Wi-Fi Display subelements (Wi-Fi Display 1.1 table 27).
pub mod wfd {
    pub const DEVICE_INFORMATION: u8 = 0;
    pub const ASSOCIATED_BSSID: u8 = 1;
    pub const COUPLED_SINK: u8 = 6;
    pub const EXTENDED_CAPABILITY: u8 = 7;
    pub const SESSION_INFORMATION: u8 = 9;
    pub const R2_DEVICE_INFORMATION: u8 = 11;
}

/// Status codes (Wi-Fi Direct 1.7 table 9).
pub mod status {
    pub const SUCCESS: u8 = 0;
    pub const INFO_CURRENTLY_UNAVAILABLE: u8 = 1;
    pub const INCOMPATIBLE_PARAMS: u8 = 2;
    pub const LIMIT_REACHED: u8 = 3;
    pub const INVALID_PARAMS: u8 = 4;
    pub const UNABLE_TO_ACCOMMODATE: u8 = 5;
    pub const PREV_PROTOCOL_ERROR: u8 = 6;
    pub const NO_COMMON_CHANNELS: u8 = 7;
    pub const UNKNOWN_GROUP: u8 = 8;
    pub const BOTH_GO_INTENT_15: u8 = 9;
    pub const INCOMPATIBLE_PROV_METHOD: u8 = 10;
    pub const REJECTED_BY_USER: u8 = 11;
    pub const SUCCESS_DEFERRED: u8 = 12;
}

/// Device Capability bits (Wi-Fi Direct 1.7 table 12).
pub mod device_capability {
    pub const SERVICE_DISCOVERY: u8 = 0x01;
    pub const CLIENT_DISCOVERABILITY: u8 = 0x02;
    pub const CONCURRENT_OPER: u8 = 0x04;
    pub const INFRA_MANAGED: u8 = 0x08;
    pub const DEVICE_LIMIT: u8 = 0x10;
    pub const INVITATION_PROCEDURE: u8 = 0x20;
}

/// Group Capability bits (Wi-Fi Direct 1.7 table 13).
pub mod group_capability {
    pub const GROUP_OWNER: u8 = 0x01;
    pub const PERSISTENT_GROUP: u8 = 0x02;
    pub const GROUP_LIMIT: u8 = 0x04;
    pub const INTRA_BSS_DIST: u8 = 0x08;
    pub const CROSS_CONN: u8 = 0x10;
    pub const PERSISTENT_RECONN: u8 = 0x20;
    pub const GROUP_FORMATION: u8 = 0x40;
    pub const IP_ADDR_ALLOCATION: u8 = 0x80;
}

/// Manageability bits (Wi-Fi Direct 1.7 §4.1.11).
pub mod manageability {
    pub const DEVICE_MANAGEMENT: u8 = 0x01;
    pub const CROSS_CONNECTION_PERMITTED: u8 = 0x02;
    pub const COEXISTENCE_OPTIONAL: u8 = 0x04;
}

/// Invitation Flags: the invitation is to a persistent group (Wi-Fi Direct 1.7 §4.1.19).
pub const INVITATION_PERSISTENT: u8 = 0x01;

/// The greatest intent of becoming a group owner.
pub const MAX_GO_INTENT: u8 = 15;

/// The SSID of device discovery, and how the SSID of every group begins.
pub const WILDCARD_SSID: &[u8] = b"DIRECT-";

/// OUI Subtypes of P2P public action frames (Wi-Fi Direct 1.7 table 61).
pub mod public_subtype {
    pub const GO_NEG_REQ: u8 = 0;
    pub const GO_NEG_RESP: u8 = 1;
    pub const GO_NEG_CONF: u8 = 2;
    pub const INVITATION_REQ: u8 = 3;
    pub const INVITATION_RESP: u8 = 4;
    pub const DEV_DISC_REQ: u8 = 5;
    pub const DEV_DISC_RESP: u8 = 6;
    pub const PROV_DISC_REQ: u8 = 7;
    pub const PROV_DISC_RESP: u8 = 8;
}

/// OUI Subtypes of P2P action frames (Wi-Fi Direct 1.7 table 75).
pub mod action_subtype {
    pub const NOTICE_OF_ABSENCE: u8 = 0;
    pub const PRESENCE_REQ: u8 = 1;
    pub const PRESENCE_RESP: u8 = 2;
    pub const GO_DISC_REQ: u8 = 3;
}

/// The attributes as whole P2P elements of at most 251 octets each (Wi-Fi Direct 1.7 §4.1.1).
pub fn element(attributes: &[u8]) -> Vec<u8> {
    elements::vendor_elements(vendor::P2P, attributes)
}

/// The attributes of all P2P elements of a frame; `None` if it has none.
pub fn concatenated(ies: &[u8]) -> Option<Vec<u8>> {
    elements::vendor_payload(ies, vendor::P2P)
}

/// The subelements of all Wi-Fi Display elements of a frame; `None` if it has none.
pub fn wfd_concatenated(ies: &[u8]) -> Option<Vec<u8>> {
    elements::vendor_payload(ies, vendor::WFD)
}

/// Subelements as whole Wi-Fi Display elements.
pub fn wfd_element(subelements: &[u8]) -> Vec<u8> {
    elements::vendor_elements(vendor::WFD, subelements)
}
