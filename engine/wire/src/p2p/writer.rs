//! Writing attributes (Wi-Fi Direct 1.7 §4.1).

use super::attributes::{ChannelAttribute, DeviceInfo};
use super::group_info::ClientInfo;
use super::{attr, element};
use crate::mac::{MacAddr, Ssid};
use crate::wsc::{self, DeviceType};

/// A Notice of Absence descriptor (Wi-Fi Direct 1.7 §4.1.14).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoaDescriptor {
    pub count_or_type: u8,
    /// In µs.
    pub duration: u32,
    /// In µs.
    pub interval: u32,
    /// In µs of the TSF.
    pub start: u32,
}

/// Attributes in the order in which they are appended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// No attributes.
    pub fn new() -> Self {
        Writer::default()
    }

    /// Returns the attributes that have been appended, in whole P2P elements.
    pub fn element(&self) -> Vec<u8> {
        element(&self.0)
    }

    /// Returns the octets that have been appended.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Appends an attribute. A value beyond 65535 octets is cut there: no attribute can carry more.
    pub fn attribute(&mut self, kind: u8, value: &[u8]) -> &mut Self {
        let value = value.get(..0xffff).unwrap_or(value);
        self.0.push(kind);
        self.0.extend_from_slice(&(value.len() as u16).to_le_bytes());
        self.0.extend_from_slice(value);
        self
    }

    /// Status.
    pub fn status(&mut self, status: u8) -> &mut Self {
        self.attribute(attr::STATUS, &[status])
    }

    /// Minor Reason Code.
    pub fn minor_reason(&mut self, reason: u8) -> &mut Self {
        self.attribute(attr::MINOR_REASON_CODE, &[reason])
    }

    /// P2P Capability.
    pub fn capability(&mut self, device: u8, group: u8) -> &mut Self {
        self.attribute(attr::CAPABILITY, &[device, group])
    }

    /// P2P Device ID.
    pub fn device_id(&mut self, addr: MacAddr) -> &mut Self {
        self.attribute(attr::DEVICE_ID, &addr.0)
    }

    /// Group Owner Intent, 0 to 15.
    pub fn go_intent(&mut self, intent: u8, tie_breaker: bool) -> &mut Self {
        self.attribute(attr::GROUP_OWNER_INTENT, &[intent << 1 | u8::from(tie_breaker)])
    }

    /// Configuration Timeout of owner and client, in units of 10 ms.
    pub fn config_timeout(&mut self, go: u8, client: u8) -> &mut Self {
        self.attribute(attr::CONFIGURATION_TIMEOUT, &[go, client])
    }

    /// Listen Channel.
    pub fn listen_channel(&mut self, channel: ChannelAttribute) -> &mut Self {
        self.channel(attr::LISTEN_CHANNEL, channel)
    }

    /// Operating Channel.
    pub fn operating_channel(&mut self, channel: ChannelAttribute) -> &mut Self {
        self.channel(attr::OPERATING_CHANNEL, channel)
    }

    fn channel(&mut self, kind: u8, channel: ChannelAttribute) -> &mut Self {
        let [c0, c1, c2] = channel.country;
        self.attribute(kind, &[c0, c1, c2, channel.class, channel.channel])
    }

    /// P2P Group BSSID.
    pub fn group_bssid(&mut self, bssid: MacAddr) -> &mut Self {
        self.attribute(attr::GROUP_BSSID, &bssid.0)
    }

    /// Extended Listen Timing in ms.
    pub fn ext_listen_timing(&mut self, period: u16, interval: u16) -> &mut Self {
        self.attribute(attr::EXT_LISTEN_TIMING, &[period.to_le_bytes(), interval.to_le_bytes()].concat())
    }

    /// Intended P2P Interface Address.
    pub fn intended_addr(&mut self, addr: MacAddr) -> &mut Self {
        self.attribute(attr::INTENDED_INTERFACE_ADDR, &addr.0)
    }

    /// P2P Manageability.
    pub fn manageability(&mut self, bits: u8) -> &mut Self {
        self.attribute(attr::MANAGEABILITY, &[bits])
    }

    /// Channel List: operating classes with their channels, at most 255 of each.
    pub fn channel_list<'a>(
        &mut self,
        country: [u8; 3],
        classes: impl IntoIterator<Item = (u8, &'a [u8])>,
    ) -> &mut Self {
        let mut value = country.to_vec();
        for (class, channels) in classes {
            let channels = channels.get(..255).unwrap_or(channels);
            value.extend_from_slice(&[class, channels.len() as u8]);
            value.extend_from_slice(channels);
        }
        self.attribute(attr::CHANNEL_LIST, &value)
    }

    /// Notice of Absence. `ct_window` is in TU; opportunistic power save with it if not zero.
    pub fn noa(&mut self, index: u8, ct_window: u8, descriptors: &[NoaDescriptor]) -> &mut Self {
        let opp_ps = if ct_window == 0 { 0 } else { 0x80 };
        let mut value = vec![index, opp_ps | ct_window & 0x7f];
        for d in descriptors {
            value.push(d.count_or_type);
            value.extend([d.duration, d.interval, d.start].iter().flat_map(|v| v.to_le_bytes()));
        }
        self.attribute(attr::NOTICE_OF_ABSENCE, &value)
    }

    /// P2P Device Info.
    pub fn device_info(&mut self, info: &DeviceInfo) -> &mut Self {
        let mut value = info.addr.0.to_vec();
        push_description(
            &mut value,
            info.config_methods,
            info.primary_type,
            &info.secondary_types,
            &info.name,
        );
        self.attribute(attr::DEVICE_INFO, &value)
    }

    /// P2P Group Info. A client whose description does not fit its descriptor of 255 octets is left out.
    pub fn group_info(&mut self, clients: &[ClientInfo]) -> &mut Self {
        let mut value = Vec::new();
        for client in clients {
            let mut descriptor = [client.device_addr.0, client.interface_addr.0].concat();
            descriptor.push(client.device_capability);
            push_description(
                &mut descriptor,
                client.config_methods,
                client.primary_type,
                &client.secondary_types,
                &client.name,
            );
            if let Ok(len) = u8::try_from(descriptor.len()) {
                value.push(len);
                value.extend_from_slice(&descriptor);
            }
        }
        self.attribute(attr::GROUP_INFO, &value)
    }

    /// P2P Group ID: the owner's P2P Device Address and the SSID.
    pub fn group_id(&mut self, owner: MacAddr, ssid: &Ssid) -> &mut Self {
        self.attribute(attr::GROUP_ID, &[&owner.0, ssid.as_bytes()].concat())
    }

    /// P2P Interface: device address and interface addresses, at most 255.
    pub fn interface(&mut self, device: MacAddr, interfaces: &[MacAddr]) -> &mut Self {
        let interfaces = interfaces.get(..255).unwrap_or(interfaces);
        let mut value = device.0.to_vec();
        value.push(interfaces.len() as u8);
        value.extend(interfaces.iter().flat_map(|a| a.0));
        self.attribute(attr::INTERFACE, &value)
    }

    /// Invitation Flags.
    pub fn invitation_flags(&mut self, flags: u8) -> &mut Self {
        self.attribute(attr::INVITATION_FLAGS, &[flags])
    }
}

/// Configuration methods, types and Device Name as Device Info and Group Info carry them.
fn push_description(
    out: &mut Vec<u8>,
    methods: u16,
    primary: DeviceType,
    secondary: &[DeviceType],
    name: &[u8],
) {
    let secondary = secondary.get(..255).unwrap_or(secondary);
    out.extend_from_slice(&methods.to_be_bytes());
    out.extend_from_slice(&primary.0);
    out.push(secondary.len() as u8);
    out.extend(secondary.iter().flat_map(|t| t.0));
    out.extend_from_slice(&wsc::attr::DEV_NAME.to_be_bytes());
    out.extend_from_slice(&(name.len() as u16).to_be_bytes());
    out.extend_from_slice(name);
}
