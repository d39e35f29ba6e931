//! The configuration that a device is given before it starts.

use super::channels::{Channels, ClassChannel, FreqRanges};
use wpasim_wire::wsc::{DeviceData, Uuid};

/// Identity and settings of a P2P device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceConfig {
    /// Names, types, configuration methods and vendor extensions. `mac_addr` is the P2P Device
    /// Address.
    pub device: DeviceData,
    pub uuid: Uuid,
    /// Two letters and the environment octet, `XX\x04` without a country.
    pub country: [u8; 3],
    pub listen: ClassChannel,
    /// Whether the listen channel was set by configuration or command and is not to be changed.
    pub listen_forced: bool,
    pub operating: ClassChannel,
    /// Whether the operating channel comes from the configuration.
    pub operating_configured: bool,
    /// The channels on which this device may be group owner.
    pub channels: Channels,
    /// The channels on which it may only be client.
    pub client_channels: Channels,
    /// In order of preference.
    pub preferred_channels: Vec<ClassChannel>,
    /// The frequencies at which it may not be group owner although `channels` has them.
    pub no_go_freqs: FreqRanges,
    pub concurrent_operations: bool,
    /// Peers to remember; 100.
    pub max_peers: usize,
    pub intra_bss: bool,
    /// Follows `DIRECT-xy` in SSIDs; at most 23 octets.
    pub ssid_postfix: Vec<u8>,
    /// The longest listen state, in ms; 0 for no limit.
    pub max_listen: u32,
    /// Characters of the passphrases that are made: 8 to 63.
    pub passphrase_len: usize,
}

/// Wi-Fi Display elements (whole), by the frame that carries them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WfdElements {
    pub beacon: Vec<u8>,
    pub probe_request: Vec<u8>,
    pub probe_response: Vec<u8>,
    pub assoc_request: Vec<u8>,
    pub invitation: Vec<u8>,
    pub prov_disc_request: Vec<u8>,
    pub prov_disc_response: Vec<u8>,
    pub go_negotiation: Vec<u8>,
}
