//! Learning of peers from the frames they send.

use super::Device;
use crate::channels::ClassChannel;
use crate::channels::SOCIAL_FREQS;
use crate::peer::{Peer, PeerInfo};
use crate::{DeviceContext, Event};
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::elements::{self, Elements, eid, vendor};
use wpasim_wire::p2p::{
    ChannelAttribute, ClientInfo, Message, WILDCARD_SSID, device_capability, filtered_name, parse_group_info,
};
use wpasim_wire::time::{Duration, Instant};

/// An answer of the device itself is preferred to its group owner's word if it is not older than this.
const CLIENT_RESPONSE_THRESHOLD: Duration = Duration::from_secs(1);
/// Secondary device types that are kept.
const MAX_SECONDARY_TYPES: usize = 16;
/// Vendor-specific elements are kept until they exceed this.
const MAX_VENDOR_ELEMENTS: usize = 2000;

/// The way in which a frame came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// The transmitter: a device address or an interface address.
    pub addr: MacAddr,
    /// In MHz.
    pub freq: u32,
    pub rx_time: Instant,
    /// In dBm.
    pub level: i32,
    /// Whether it is a scan result.
    pub scan_result: bool,
}

/// The centre of a channel in MHz, -1 if it is not known.
pub(crate) fn channel_freq(channel: ChannelAttribute) -> i32 {
    let known = ClassChannel { class: channel.class, channel: channel.channel }.freq();
    known.and_then(|f| i32::try_from(f).ok()).unwrap_or(-1)
}

fn as_freq(freq: u32) -> i32 {
    i32::try_from(freq).unwrap_or(-1)
}

impl Device {
    /// Notes a peer of a scan result or of a frame with Capability and Device Info. `Err` if the frame
    /// does not say who it is, or is older than what is known.
    pub(crate) fn add_device(&mut self, cx: &DeviceContext<'_>, seen: &Seen, ies: &[u8]) -> Result<(), ()> {
        let msg = Message::parse_elements(ies).map_err(|_| ())?;
        let device = msg.device_addr().ok_or(())?;
        if self.peer_filter.is_some_and(|only| only != device) {
            return Ok(());
        }
        let created = self.create_peer(cx, device);
        let peer = self.peer_mut(device).ok_or(())?;
        let older = seen.rx_time < peer.last_seen;
        let as_client = peer.flags.last_seen_as_group_client
            && peer.last_seen - seen.rx_time <= CLIENT_RESPONSE_THRESHOLD;
        if older && !created && !as_client {
            return Err(());
        }
        let freq = corrected_freq(seen.freq, msg.ds_channel);
        let changed = peer.update(seen, freq, &msg, ies);
        if seen.scan_result {
            let group_info = msg.p2p.group_info.as_deref();
            group_info.into_iter().for_each(|info| self.add_group_clients(cx, seen, device, freq, info));
        }
        self.report(device, seen.addr, freq, changed);
        Ok(())
    }

    /// Tells of a peer unless it was told of and nothing changed.
    fn report(&mut self, device: MacAddr, addr: MacAddr, freq: u32, changed: bool) {
        let Some(peer) = self.peer(device) else { return never!("the peer has an entry") };
        // A beacon of an owner lacks the configuration methods; its probe response will have them.
        let incomplete = peer.info.config_methods == 0 && SOCIAL_FREQS.contains(&freq);
        if (peer.flags.reported && !changed) || peer.flags.user_rejected || incomplete {
            return;
        }
        self.device_found(device, addr);
    }

    fn device_found(&mut self, device: MacAddr, addr: MacAddr) {
        let Some(peer) = self.peer_mut(device) else { return never!("the peer has an entry") };
        let new = !core::mem::replace(&mut peer.flags.reported_once, true);
        peer.flags.reported = true;
        let info = Box::new(peer.info.clone());
        self.event(Event::DeviceFound { addr, info, new });
    }

    /// Notes the clients of a group that its owner named.
    fn add_group_clients(
        &mut self,
        cx: &DeviceContext<'_>,
        seen: &Seen,
        owner: MacAddr,
        freq: u32,
        info: &[u8],
    ) {
        let Some(clients) = parse_group_info(info) else { return };
        for peer in self.peers.iter_mut().filter(|p| p.member_in_go_iface == seen.addr) {
            peer.member_in_go_iface = MacAddr::ZERO;
            peer.member_in_go_dev = MacAddr::ZERO;
        }
        let own = self.addr();
        for client in clients.iter().filter(|c| c.device_addr != own) {
            let created = self.create_peer(cx, client.device_addr);
            let Some(peer) = self.peer_mut(client.device_addr) else { continue };
            peer.update_as_client(client, created, freq);
            peer.interface_addr = client.interface_addr;
            peer.last_seen = seen.rx_time;
            peer.member_in_go_dev = owner;
            peer.member_in_go_iface = seen.addr;
            peer.flags.last_seen_as_group_client = true;
            if created {
                self.device_found(client.device_addr, client.device_addr);
            }
        }
    }

    /// Notes who sends probe requests of device discovery.
    pub(crate) fn add_from_probe_req(&mut self, cx: &DeviceContext<'_>, addr: MacAddr, ies: &[u8]) {
        let Ok(msg) = Message::parse_elements(ies) else { return };
        let discovery = msg.ssid.as_ref().is_some_and(|s| s.as_bytes() == WILDCARD_SSID);
        if !msg.has_p2p || !discovery {
            // Whether the sender is a device or an interface of a group is not known.
            return;
        }
        let created = self.create_peer(cx, addr);
        let Some(peer) = self.peer_mut(addr) else { return never!("the peer has an entry") };
        peer.last_seen = cx.now;
        if let Some(channel) = msg.p2p.listen_channel {
            let freq = channel_freq(channel);
            if created || peer.country[0] == 0 {
                peer.country = channel.country;
            }
            if created || freq > 0 {
                peer.listen_freq = freq;
            }
        }
        if created {
            peer.flags.probe_req_only = true;
            peer.copy_wps_info(&msg, true);
            if msg.wfd_subelements.is_some() {
                peer.info.wfd_subelements = msg.wfd_subelements;
            }
        }
    }

    /// Notes who sent a GO Negotiation Request.
    pub(crate) fn add_from_go_neg_req(&mut self, cx: &DeviceContext<'_>, addr: MacAddr, msg: &Message) {
        if self.create_peer(cx, addr) {
            self.add_dev_info(cx, addr, msg);
        } else if let Some(peer) = self.peer_mut(addr) {
            peer.last_seen = cx.now;
        }
    }

    /// Completes an entry with what a GO Negotiation Request says.
    pub(crate) fn add_dev_info(&mut self, cx: &DeviceContext<'_>, addr: MacAddr, msg: &Message) {
        let Some(peer) = self.peer_mut(addr) else { return never!("the peer has an entry") };
        peer.last_seen = cx.now;
        peer.copy_wps_info(msg, false);
        if let Some(freq) = msg.p2p.listen_channel.map(channel_freq).filter(|f| *f > 0) {
            peer.listen_freq = freq;
        }
        if msg.wfd_subelements.is_some() {
            peer.info.wfd_subelements.clone_from(&msg.wfd_subelements);
        }
        peer.flags.probe_req_only = false;
        peer.flags.group_client_only = false;
        if !peer.flags.user_rejected {
            self.device_found(addr, addr);
        }
    }

    /// Returns what is known of a peer, be it only from a probe request.
    pub fn peer_info(&self, addr: MacAddr) -> Option<&PeerInfo> {
        self.peer(addr).map(|p| &p.info)
    }

    /// The peers in the order in which `P2P_PEER FIRST` and `NEXT-` go through them: the newest first.
    pub fn peers(&self) -> Vec<MacAddr> {
        self.peers.iter().map(|p| p.info.device_addr).collect()
    }

    /// The peer after `addr` in that order, `addr` being any entry; the first without an address.
    pub fn next_peer(&self, addr: Option<MacAddr>) -> Option<MacAddr> {
        let after = match addr {
            Some(addr) => self.peers.iter().position(|p| p.info.device_addr == addr)? + 1,
            None => 0,
        };
        self.peers.get(after).map(|p| p.info.device_addr)
    }

    /// The part of `P2P_PEER`'s reply that the machine keeps (`age=` and what follows); the other part
    /// is made of [`PeerInfo`].
    pub fn peer_text(&self, now: Instant, addr: MacAddr) -> Option<String> {
        self.peer(addr).map(|p| p.text(now))
    }

    /// Whether there is an entry for this address.
    pub fn peer_known(&self, addr: MacAddr) -> bool {
        self.peer(addr).is_some()
    }

    /// The interface address of a peer.
    pub fn interface_addr(&self, device: MacAddr) -> Option<MacAddr> {
        self.peer(device).map(|p| p.interface_addr).filter(|a| !a.is_zero())
    }

    /// The peer with this interface address.
    pub fn device_addr(&self, interface: MacAddr) -> Option<MacAddr> {
        self.peer_by_interface(interface).map(|p| p.info.device_addr)
    }

    /// The operating channel of the peer with this interface address, in MHz.
    pub fn oper_freq(&self, interface: MacAddr) -> Option<u32> {
        let freq = self.peer_by_interface(interface)?.oper_freq;
        u32::try_from(freq).ok().filter(|f| *f > 0)
    }

    /// The configuration methods that provision discovery with this peer left; 0 without.
    pub fn provisioning_info(&self, addr: MacAddr) -> u16 {
        self.peer(addr).map_or(0, |p| p.wps_prov_info)
    }

    /// Forgets them.
    pub fn clear_provisioning_info(&mut self, addr: MacAddr) {
        self.peer_mut(addr).into_iter().for_each(|p| p.wps_prov_info = 0);
    }
}

/// The DS Parameter Set knows better than the receiver, who may have heard a neighbouring channel.
fn corrected_freq(freq: u32, ds_channel: Option<u8>) -> u32 {
    match ds_channel {
        Some(14) if (2412..=2484).contains(&freq) => 2484,
        Some(channel @ 1..=13) if (2412..=2484).contains(&freq) => 2407 + 5 * u32::from(channel),
        _ => freq,
    }
}

impl Peer {
    /// Takes what a frame of the peer says. Whether its name or its Wi-Fi Display subelements changed.
    fn update(&mut self, seen: &Seen, freq: u32, msg: &Message, ies: &[u8]) -> bool {
        self.last_seen = seen.rx_time;
        self.flags.probe_req_only = false;
        self.flags.group_client_only = false;
        self.flags.last_seen_as_group_client = false;
        if seen.addr != self.info.device_addr {
            self.interface_addr = seen.addr;
        }
        if let Some(ssid) = msg.ssid.as_ref().filter(|s| s.as_bytes() != WILDCARD_SSID) {
            self.oper_ssid = ssid.clone();
        }
        if seen.scan_result {
            self.listen_freq = as_freq(freq);
            if msg.p2p.group_info.is_some() {
                self.oper_freq = as_freq(freq);
            }
        }
        self.info.level = seen.level;
        let name_changed = self.info.device_name != msg.device_name;
        self.copy_wps_info(msg, false);
        self.info.wps_vendor_extensions.clone_from(&msg.wps.vendor_extensions);
        let wfd_changed = self.info.wfd_subelements != msg.wfd_subelements;
        self.info.wfd_subelements.clone_from(&msg.wfd_subelements);
        self.info.vendor_elements = unknown_vendor_elements(ies);
        name_changed || wfd_changed
    }

    /// Takes what its group's owner says of it.
    fn update_as_client(&mut self, client: &ClientInfo, created: bool, freq: u32) {
        const DISCOVERABLE: u8 = device_capability::CLIENT_DISCOVERABILITY;
        if created {
            self.flags.group_client_only = true;
            self.oper_freq = as_freq(freq);
        }
        if created || self.flags.group_client_only || self.flags.probe_req_only {
            self.info.device_name = filtered_name(&client.name);
            self.info.device_capability = client.device_capability;
            self.info.config_methods = client.config_methods;
            self.info.primary_type = client.primary_type;
            self.info.secondary_types =
                client.secondary_types.iter().copied().take(MAX_SECONDARY_TYPES).collect();
        } else {
            // Only a group owner says whether a client can be woken.
            self.info.device_capability =
                self.info.device_capability & !DISCOVERABLE | client.device_capability & DISCOVERABLE;
        }
        self.flags.probe_req_only = false;
    }

    /// Takes names, types and capabilities.
    fn copy_wps_info(&mut self, msg: &Message, probe_req: bool) {
        const DISCOVERABLE: u8 = device_capability::CLIENT_DISCOVERABILITY;
        let info = &mut self.info;
        info.device_name.clone_from(&msg.device_name);
        for (known, said) in [
            (&mut info.manufacturer, &msg.wps.manufacturer),
            (&mut info.model_name, &msg.wps.model_name),
            (&mut info.model_number, &msg.wps.model_number),
            (&mut info.serial_number, &msg.wps.serial_number),
        ] {
            if let Some(said) = said {
                *known = said.iter().copied().take_while(|b| *b != 0).collect();
            }
        }
        let device_info = msg.p2p.device_info.as_ref();
        if let Some(primary) = device_info.map(|i| i.primary_type).or(msg.wps.primary_type) {
            info.primary_type = primary;
        }
        if let Some(secondary) = &msg.wps.secondary_types {
            info.secondary_types.clone_from(secondary);
        }
        if let Some((device, group)) = msg.p2p.capability {
            info.device_capability = info.device_capability & DISCOVERABLE | device & !DISCOVERABLE;
            info.group_capability = group;
        }
        if let Some(timing) = msg.p2p.ext_listen_timing {
            self.ext_listen = timing;
        }
        let methods = device_info.map_or(0, |i| i.config_methods);
        let methods = if methods == 0 { msg.wps.config_methods } else { methods };
        if !probe_req && methods != 0 {
            info.config_methods = methods;
        }
    }
}

/// Whole vendor-specific elements but those that are read.
fn unknown_vendor_elements(ies: &[u8]) -> Vec<u8> {
    const KNOWN: [u32; 5] = [vendor::WPA, vendor::WMM, vendor::WPS, vendor::P2P, vendor::WFD];
    let mut out = Vec::new();
    for element in Elements::new(ies).filter(|e| e.id == eid::VENDOR_SPECIFIC && e.body.len() >= 3) {
        let oui_type = element.body.first_chunk::<4>().map(|t| u32::from_be_bytes(*t));
        if oui_type.is_some_and(|t| KNOWN.contains(&t)) {
            continue;
        }
        elements::push(&mut out, element.id, element.body);
        if out.len() > MAX_VENDOR_ELEMENTS {
            break;
        }
    }
    out
}
