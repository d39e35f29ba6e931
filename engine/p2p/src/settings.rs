//! The settings that change while the device runs, and the names of groups.

use super::VendorElements;
use super::device::Device;
use super::{DeviceConfig, Progress, WfdElements};
use wpasim_runtime::entropy::Stream;
use wpasim_wire::p2p::{WILDCARD_SSID, device_capability};
use wpasim_wire::{MacAddr, Ssid};

impl Device {
    /// Returns the configuration of the device.
    pub fn config(&self) -> &DeviceConfig {
        &self.config
    }

    /// Changes what the device says of itself. Channels are changed through `update_channel_list`,
    /// `set_listen_channel` and `set_operating_channel`.
    pub fn config_mut(&mut self) -> &mut DeviceConfig {
        &mut self.config
    }

    /// Device Capability, of `device_capability`.
    pub fn capability(&self) -> u8 {
        self.capability
    }

    /// Whether the machine is searching.
    pub fn searching(&self) -> bool {
        self.in_progress() == Progress::Searching
    }

    fn set_capability(&mut self, bit: u8, enabled: bool) {
        self.capability = if enabled { self.capability | bit } else { self.capability & !bit };
    }

    /// Whether this device can be woken in a group.
    pub fn set_client_discoverability(&mut self, enabled: bool) {
        self.set_capability(device_capability::CLIENT_DISCOVERABILITY, enabled);
    }

    /// Whether the device takes part in managed infrastructure.
    pub fn set_managed(&mut self, enabled: bool) {
        self.set_capability(device_capability::INFRA_MANAGED, enabled);
    }

    /// Only this peer is taken note of; `None` for all.
    pub fn set_peer_filter(&mut self, addr: Option<MacAddr>) {
        self.peer_filter = addr.filter(|a| !a.is_zero());
    }

    /// Whether clients may be connected to infrastructure.
    pub fn set_cross_connect(&mut self, enabled: bool) {
        self.cross_connect = enabled;
    }

    /// Whether this device offers groups that connect to infrastructure.
    pub fn cross_connect(&self) -> bool {
        self.cross_connect
    }

    /// The time that this device takes to start as owner and as client, in units of 10 ms.
    pub fn set_config_timeout(&mut self, go: u8, client: u8) {
        self.go_timeout = go;
        self.client_timeout = client;
    }

    /// Wi-Fi Display elements, whole, by the frame that carries them.
    pub fn set_wfd(&mut self, wfd: WfdElements) {
        self.wfd = wfd;
    }

    /// Elements that clients want in frames.
    pub fn set_vendor_elements(&mut self, elements: VendorElements) {
        self.vendor = elements;
    }

    /// Those elements.
    pub fn wfd(&self) -> &WfdElements {
        &self.wfd
    }

    /// The intended interface address, for negotiations that a peer begins.
    pub fn set_intended_addr(&mut self, addr: MacAddr) {
        self.intended_addr = addr;
    }

    /// An SSID for a new group: `DIRECT-xy` and the postfix.
    pub fn build_ssid(&mut self) -> Ssid {
        let random = random_text(&mut self.draws.ssid, 2);
        let ssid = [WILDCARD_SSID, random.as_bytes(), &self.config.ssid_postfix].concat();
        Ssid::new(ssid.get(..32).unwrap_or(&ssid)).unwrap_or_default()
    }

    /// SSID and passphrase of a new group.
    pub fn go_params(&mut self) -> (Ssid, String) {
        let chosen = core::mem::take(&mut self.ssid_set).then(|| self.ssid.clone());
        let ssid = chosen.unwrap_or_else(|| self.build_ssid());
        (ssid, self.build_passphrase())
    }

    /// A passphrase for a new group.
    pub(super) fn build_passphrase(&mut self) -> String {
        random_text(&mut self.draws.passphrase, self.config.passphrase_len.clamp(8, 63))
    }
}

/// Letters and digits.
fn random_text(random: &mut Stream, len: usize) -> String {
    const SET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut octets = vec![0; len];
    random.fill(&mut octets);
    octets.iter().filter_map(|b| SET.get(usize::from(*b) % SET.len())).map(|c| char::from(*c)).collect()
}
