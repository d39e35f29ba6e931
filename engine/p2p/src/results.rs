//! The result of a negotiation.

use super::WpsMethod;
use wpasim_wire::{MacAddr, Ssid};

/// Whether a group is kept for later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Persistence {
    #[default]
    None,
    /// Without reconnecting on one's own.
    Persistent,
    /// With it.
    Reconnect,
}

/// The outcome of group owner negotiation (Wi-Fi Direct 1.7 §3.1.4.2).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GoNegResults {
    /// Of `wire::p2p::status`, 0 for success; -1 if the peer could not be reached.
    pub status: i32,
    /// Whether this device is the group owner.
    pub role_go: bool,
    /// In MHz; 0 if the client does not know.
    pub freq: u32,
    pub ssid: Ssid,
    /// The owner's only; empty at the client.
    pub passphrase: String,
    /// The PSK of a persistent group that is started again.
    pub psk: Option<[u8; 32]>,
    pub peer_device: MacAddr,
    pub peer_interface: MacAddr,
    pub wps_method: WpsMethod,
    /// The frequencies at which the group may operate, in MHz.
    pub freq_list: Vec<u32>,
    pub persistence: Persistence,
    /// The time that the peer takes to start its role, in units of 10 ms.
    pub peer_config_timeout: u32,
}
