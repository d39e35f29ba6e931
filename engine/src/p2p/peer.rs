//! What is known of a peer.

use crate::wire::MacAddr;
use crate::wire::wsc::DeviceType;

/// What a peer said of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeerInfo {
    /// Its P2P Device Address.
    pub device_addr: MacAddr,
    pub primary_type: DeviceType,
    /// Control characters replaced by `_`; at most 32 octets.
    pub device_name: Vec<u8>,
    pub manufacturer: Vec<u8>,
    pub model_name: Vec<u8>,
    pub model_number: Vec<u8>,
    pub serial_number: Vec<u8>,
    /// Signal in dBm.
    pub level: i32,
    /// Of `wsc::methods`.
    pub config_methods: u16,
    /// Of `wire::p2p::device_capability`.
    pub device_capability: u8,
    /// Of `wire::p2p::group_capability`.
    pub group_capability: u8,
    pub secondary_types: Vec<DeviceType>,
    /// Values of its WPS vendor extensions, at most ten.
    pub wps_vendor_extensions: Vec<Vec<u8>>,
    /// Wi-Fi Display subelements.
    pub wfd_subelements: Option<Vec<u8>>,
    /// Whole vendor-specific elements other than WPA, WMM, WPS, P2P and WFD.
    pub vendor_elements: Vec<u8>,
}
