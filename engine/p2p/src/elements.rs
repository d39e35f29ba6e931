//! The elements of the device's own frames: WPS, P2P and Wi-Fi Display.

use super::channels::{Channels, ClassChannel};
use super::device::Device;
use super::peer::Peer;
use super::{DeviceContext, ElementFrame, WpsMethod};
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{
    Attributes, ChannelAttribute, DeviceInfo, Writer, device_capability, group_capability,
};
use wpasim_wire::wsc::{self, ResponseType, WpsState, methods, password_id};

impl WpsMethod {
    /// The Device Password ID that announces it.
    pub fn password_id(self) -> u16 {
        match self {
            WpsMethod::NotReady => password_id::DEFAULT,
            WpsMethod::PinDisplay => password_id::REGISTRAR_SPECIFIED,
            WpsMethod::PinKeypad => password_id::USER_SPECIFIED,
            WpsMethod::Pbc => password_id::PUSHBUTTON,
            WpsMethod::Nfc => password_id::NFC_CONNECTION_HANDOVER,
        }
    }

    /// As `P2P_PEER` names it.
    pub fn text(self) -> &'static str {
        match self {
            WpsMethod::NotReady => "not-ready",
            WpsMethod::PinDisplay => "Display",
            WpsMethod::PinKeypad => "Keypad",
            WpsMethod::Pbc => "PBC",
            WpsMethod::Nfc => "NFC",
        }
    }
}

impl Device {
    /// The WPS element with the Device Password ID of action frames.
    pub(super) fn wps_element(&self, password_id: u16) -> Vec<u8> {
        let mut out = wsc::Writer::new();
        out.version().u16(wsc::attr::DEV_PASSWORD_ID, password_id).version2();
        out.vendor_extensions(&self.config.device);
        wsc::element(out.as_bytes())
    }

    /// The WPS element of probe responses. A peer that is being negotiated with learns the method.
    fn wps_probe_response_element(&self) -> Vec<u8> {
        let device = &self.config.device;
        let mut out = wsc::Writer::new();
        out.version().u8(wsc::attr::WPS_STATE, WpsState::NotConfigured as u8);
        if let Some(peer) = self.negotiating() {
            out.u16(wsc::attr::DEV_PASSWORD_ID, peer.wps_method.password_id());
        }
        out.u8(wsc::attr::RESPONSE_TYPE, ResponseType::EnrolleeInfo as u8)
            .uuid_e(&self.config.uuid)
            .device_attributes(device)
            .u16(wsc::attr::CONFIG_METHODS, device.config_methods)
            .version2()
            .secondary_types(device)
            .vendor_extensions(device);
        wsc::element(out.as_bytes())
    }

    /// The WPS element of provision discovery.
    pub(super) fn wps_methods_element(config_methods: u16) -> Vec<u8> {
        let mut out = wsc::Writer::new();
        out.u16(wsc::attr::CONFIG_METHODS, config_methods);
        wsc::element(out.as_bytes())
    }

    /// Device Info, with the methods of the negotiation with this peer.
    pub(super) fn device_info(&self, peer: Option<&Peer>) -> DeviceInfo {
        let device = &self.config.device;
        const ALL: u16 = methods::PUSHBUTTON | methods::DISPLAY | methods::KEYPAD | methods::P2PS;
        let config_methods = match peer.map_or(WpsMethod::NotReady, |p| p.wps_method) {
            WpsMethod::Pbc => methods::PUSHBUTTON,
            WpsMethod::PinDisplay | WpsMethod::PinKeypad => methods::DISPLAY | methods::KEYPAD,
            WpsMethod::Nfc => 0,
            WpsMethod::NotReady if device.config_methods == 0 => ALL,
            WpsMethod::NotReady => device.config_methods & ALL,
        };
        DeviceInfo {
            addr: device.mac_addr,
            config_methods,
            primary_type: device.primary_type,
            secondary_types: device.secondary_types.iter().copied().take(5).collect(),
            name: device.device_name.clone(),
        }
    }

    /// Device Capability outside of groups.
    pub(super) fn capability_outside_groups(&self) -> u8 {
        self.capability & !device_capability::CLIENT_DISCOVERABILITY
    }

    /// Group Capability of the group that is to be formed with a peer.
    pub(super) fn group_capability(&self, peer: &Peer) -> u8 {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let keep = peer.flags.prefer_persistent_group;
        bit(keep, group_capability::PERSISTENT_GROUP)
            | bit(keep && peer.flags.prefer_persistent_reconn, group_capability::PERSISTENT_RECONN)
            | bit(self.cross_connect, group_capability::CROSS_CONN)
            | bit(self.config.intra_bss, group_capability::INTRA_BSS_DIST)
    }

    pub(super) fn channel_attribute(&self, channel: ClassChannel) -> ChannelAttribute {
        ChannelAttribute { country: self.config.country, class: channel.class, channel: channel.channel }
    }

    pub(super) fn write_channel_list(&self, out: &mut Writer, channels: &Channels) {
        out.channel_list(self.config.country, channels.0.iter().map(|c| (c.class, c.channels.as_slice())));
    }

    pub(super) fn write_ext_listen_timing(&self, out: &mut Writer) {
        if let Some((period, interval)) = self.ext_listen_timing() {
            out.ext_listen_timing(period, interval);
        }
    }

    /// The P2P element of probe requests to everybody, or to the device `device_id`; the Wi-Fi Display
    /// element before it.
    pub fn scan_ie(&self, device_id: Option<MacAddr>) -> Vec<u8> {
        let mut out = Writer::new();
        out.capability(self.capability_outside_groups(), 0);
        device_id.into_iter().for_each(|id| _ = out.device_id(id));
        if self.config.listen != ClassChannel::default() {
            out.listen_channel(self.channel_attribute(self.config.listen));
        }
        self.write_ext_listen_timing(&mut out);
        let vendor = self.vendor.of(ElementFrame::P2P_PROBE_REQUEST);
        [&self.wfd.probe_request, vendor, &out.element()].concat()
    }

    /// The elements of probe responses: WPS, Wi-Fi Display, P2P.
    pub fn probe_response_ies(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.capability(self.capability_outside_groups(), 0);
        self.write_ext_listen_timing(&mut out);
        out.device_info(&self.device_info(None));
        let vendor = self.vendor.of(ElementFrame::P2P_PROBE_RESPONSE);
        [&self.wps_probe_response_element(), &self.wfd.probe_response, vendor, &out.element()].concat()
    }

    /// The P2P element of the association request to a BSS. `attributes` is what its own P2P elements
    /// carry; an access point that is no group owner gets one only if it manages P2P devices.
    pub fn assoc_req_ie(
        &self,
        cx: &DeviceContext<'_>,
        bssid: Option<MacAddr>,
        p2p_group: bool,
        attributes: Option<&[u8]>,
    ) -> Vec<u8> {
        if !p2p_group {
            return self.managed_assoc_req_ie(cx, attributes);
        }
        let mut out = Writer::new();
        out.capability(self.capability, 0);
        self.write_ext_listen_timing(&mut out);
        out.device_info(&self.device_info(bssid.and_then(|b| self.peer(b))));
        let vendor = self.vendor.of(ElementFrame::P2P_ASSOC_REQUEST);
        [&self.wfd.assoc_request, vendor, &out.element()].concat()
    }

    fn managed_assoc_req_ie(&self, cx: &DeviceContext<'_>, attributes: Option<&[u8]>) -> Vec<u8> {
        let managed = attributes.and_then(|a| Attributes::parse(a).ok()).and_then(|a| a.manageability);
        if managed.is_none() {
            return Vec::new();
        }
        const MANAGED: u8 = device_capability::CONCURRENT_OPER | device_capability::INFRA_MANAGED;
        let concurrent = self.capability & MANAGED == MANAGED;
        let mut group = 0;
        if !cx.host.groups().is_empty() {
            group |= group_capability::GROUP_OWNER;
            if concurrent && self.cross_connect {
                group |= group_capability::CROSS_CONN;
            }
        }
        let mut out = Writer::new();
        out.capability(self.capability, group);
        if concurrent {
            out.interface(self.addr(), &[self.addr()]);
        }
        out.element()
    }
}
