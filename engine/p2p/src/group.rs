//! A group whose owner this device is (Wi-Fi Direct 1.7 §3.2): its clients, and what the owner says of
//! itself and them in beacons, probe responses and association responses.

use super::device::Device;
use super::device::peers::Seen;
use super::probe::type_matches;
use super::{DeviceContext, Discoverability, OwnGroup, Persistence, WfdElements};
use super::{ElementFrame, VendorElements};
use wpasim_wire::elements::{eid, push, vendor};
use wpasim_wire::p2p::{
    Attributes, ClientInfo, DeviceInfo, Writer, attr, concatenated, device_capability, group_capability,
    status, wfd, wfd_concatenated, wfd_element,
};
use wpasim_wire::wsc::{self, DeviceType};
use wpasim_wire::{MacAddr, Ssid};

/// Attributes of a probe response, at most: clients beyond that are left out, as in 2.10.
const PROBE_RESPONSE_ROOM: usize = 500;

/// The configuration of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupConfig {
    /// The interface address, which is the BSSID.
    pub interface: MacAddr,
    pub ssid: Ssid,
    /// In MHz.
    pub freq: u32,
    /// Clients beyond this number are told that the group is full.
    pub max_clients: usize,
    pub persistence: Persistence,
}

/// The description of a device in the frames of its groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupIdentity {
    /// Of `device_capability`.
    pub capability: u8,
    pub intra_bss: bool,
    pub cross_connect: bool,
    pub info: DeviceInfo,
    pub secondary_types: Vec<DeviceType>,
    pub wfd: WfdElements,
    pub vendor: VendorElements,
}

impl Device {
    /// Returns the description of the device in the frames of its groups.
    pub fn group_identity(&self) -> GroupIdentity {
        GroupIdentity {
            capability: self.capability,
            intra_bss: self.config.intra_bss,
            cross_connect: self.cross_connect,
            info: self.device_info(None),
            secondary_types: self.config.device.secondary_types.clone(),
            wfd: self.wfd.clone(),
            vendor: self.vendor.clone(),
        }
    }

    /// A client associated with a group of this device: the elements of its request may tell of a peer.
    pub fn client_associated(&mut self, cx: &DeviceContext<'_>, interface: MacAddr, ies: &[u8]) {
        let seen = Seen { addr: interface, freq: 0, rx_time: cx.now, level: 0, scan_result: false };
        // Whoever does not say who it is has no entry.
        let _ = self.add_device(cx, &seen, ies);
    }
}

/// A station of the group; not all of them are P2P clients.
#[derive(Clone, Debug)]
struct Member {
    interface: MacAddr,
    client: Option<ClientInfo>,
    wfd_subelements: Option<Vec<u8>>,
}

impl Member {
    fn device_addr(&self) -> Option<MacAddr> {
        self.client.as_ref().map(|c| c.device_addr)
    }

    /// The descriptor in the session information (Wi-Fi Display 1.1 table 38).
    fn wfd_descriptor(&self) -> Option<Vec<u8>> {
        let subelements = self.wfd_subelements.as_deref()?;
        let information = subelement(subelements, wfd::DEVICE_INFORMATION, 6)?;
        let bssid = subelement(subelements, wfd::ASSOCIATED_BSSID, 6).unwrap_or(&[0; 6]);
        let sink = subelement(subelements, wfd::COUPLED_SINK, 7).unwrap_or(&[0; 7]);
        let mut out = vec![23];
        out.extend_from_slice(&self.device_addr().unwrap_or_default().0);
        out.extend_from_slice(bssid.get(..6)?);
        out.extend_from_slice(information.get(..2)?);
        out.extend_from_slice(information.get(4..6)?);
        out.extend_from_slice(sink.get(..7)?);
        Some(out)
    }
}

/// The last subelement of a kind that has at least `least` octets.
fn subelement(mut subelements: &[u8], kind: u8, least: usize) -> Option<&[u8]> {
    let mut found = None;
    while let Some((&[id, high, low], rest)) = subelements.split_first_chunk::<3>() {
        let Some((value, rest)) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low]))) else {
            break;
        };
        if id == kind && value.len() >= least {
            found = Some(value);
        }
        subelements = rest;
    }
    found
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    config: GroupConfig,
    identity: GroupIdentity,
    /// Newest first.
    members: Vec<Member>,
    forming: bool,
    /// The value of the Notice of Absence attribute.
    noa: Option<Vec<u8>>,
    beacon: Vec<u8>,
    probe_response: Vec<u8>,
    wfd_element: Vec<u8>,
}

impl Group {
    /// A group without clients. `forming` until [`Group::formation_done`].
    pub fn new(config: GroupConfig, identity: GroupIdentity) -> Self {
        let mut group = Group {
            config,
            identity,
            members: Vec::new(),
            forming: true,
            noa: None,
            beacon: Vec::new(),
            probe_response: Vec::new(),
            wfd_element: Vec::new(),
        };
        group.compose_beacon();
        group.compose();
        group
    }

    /// Returns the configuration that the group was made with.
    pub fn config(&self) -> &GroupConfig {
        &self.config
    }

    /// Returns the number of stations.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no station.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether there is no room for another client.
    pub fn is_full(&self) -> bool {
        self.members.len() >= self.config.max_clients
    }

    /// The formation is over: everyone may see that the group is open.
    pub fn formation_done(&mut self) {
        self.forming = false;
        self.compose_beacon();
        self.compose();
    }

    /// The device says something else of itself.
    pub fn set_identity(&mut self, identity: GroupIdentity) {
        self.identity = identity;
        self.compose();
        self.compose_beacon();
    }

    /// The group moved to another channel, in MHz.
    pub fn set_freq(&mut self, freq: u32) {
        self.config.freq = freq;
    }

    /// The value of the Notice of Absence attribute; empty if the owner is never absent, none if nobody can
    /// tell.
    pub fn set_noa(&mut self, noa: Option<Vec<u8>>) {
        self.noa = noa;
        self.compose_beacon();
        self.compose();
    }

    /// A station associates with the elements of its request.
    pub fn associated(&mut self, interface: MacAddr, ies: &[u8]) {
        self.members.retain(|m| m.interface != interface);
        let client = concatenated(ies).and_then(|attributes| client_info(interface, &attributes));
        let wfd_subelements = wfd_concatenated(ies);
        self.members.insert(0, Member { interface, client, wfd_subelements });
        if self.members.len() == self.config.max_clients {
            self.compose_beacon();
        }
        self.compose();
    }

    /// A station is gone. Whether it was in the group.
    pub fn disassociated(&mut self, interface: MacAddr) -> bool {
        let before = self.members.len();
        self.members.retain(|m| m.interface != interface);
        let was_in = self.members.len() != before;
        if was_in {
            if self.members.len() + 1 == self.config.max_clients {
                self.compose_beacon();
            }
            self.compose();
        }
        was_in
    }

    /// The elements that beacons have because of the group.
    pub fn beacon_elements(&self) -> &[u8] {
        &self.beacon
    }

    /// The elements that probe responses to P2P devices have because of the group.
    pub fn probe_response_elements(&self) -> &[u8] {
        &self.probe_response
    }

    /// The elements of an association response to a P2P client, with a status of `wire::p2p::status`.
    pub fn assoc_response_elements(&self, status: u8) -> Vec<u8> {
        let mut out = self.wfd_element.clone();
        out.extend_from_slice(self.identity.vendor.of(ElementFrame::P2P_ASSOC_RESPONSE));
        let mut attributes = Writer::new();
        if status != status::SUCCESS {
            attributes.status(status);
        }
        push_element(&mut out, &attributes);
        out
    }

    /// Whether the owner or a client is of a type that a probe request's WPS attributes ask for.
    pub fn matches_types(&self, wps: &[u8]) -> bool {
        // An element that cannot be read asks for nothing in particular.
        let requested = wsc::Attributes::parse(wps).map(|a| a.requested_types).unwrap_or_default();
        let is_one = |kind: &DeviceType| requested.iter().any(|r| type_matches(*kind, *r));
        let info = &self.identity.info;
        requested.is_empty()
            || is_one(&info.primary_type)
            || self.identity.secondary_types.iter().any(is_one)
            || self.clients().any(|c| is_one(&c.primary_type) || c.secondary_types.iter().any(is_one))
    }

    /// Whether the owner or a client is the device that a probe request's P2P attributes ask for.
    pub fn matches_device(&self, attributes: &[u8]) -> bool {
        let Ok(Some(wanted)) = Attributes::parse(attributes).map(|a| a.device_id) else { return true };
        wanted == self.identity.info.addr || self.client_interface(wanted).is_some()
    }

    /// The P2P Device Address of the client at an interface address.
    pub fn device_addr(&self, interface: MacAddr) -> Option<MacAddr> {
        self.member(interface)?.device_addr().filter(|addr| !addr.is_zero())
    }

    /// Whether a station is in the group.
    pub fn has(&self, interface: MacAddr) -> bool {
        self.member(interface).is_some()
    }

    /// The interface address of a client by its P2P Device Address (P2P_GROUP_MEMBER).
    pub fn client_interface(&self, device: MacAddr) -> Option<MacAddr> {
        self.members.iter().find(|m| m.device_addr() == Some(device)).map(|m| m.interface)
    }

    /// Returns the way in which a client can be woken for somebody else.
    pub fn discoverability(&self, device: MacAddr) -> Discoverability {
        match self.clients().find(|c| c.device_addr == device) {
            None => Discoverability::Unknown,
            Some(c) if c.device_capability & device_capability::CLIENT_DISCOVERABILITY == 0 => {
                Discoverability::NotSupported
            }
            Some(c) => {
                Discoverability::Ask { client_interface: c.interface_addr, group: self.config.interface }
            }
        }
    }

    /// The answer (of `wire::p2p::status`) to a client's request that the owner be present: yes if it is known
    /// never to be absent. 2.10 refuses where the driver cannot tell, and nl80211 never can.
    pub fn presence(&self, client: MacAddr) -> u8 {
        let known = self.member(client).is_some_and(|m| m.client.is_some());
        let always_present = self.noa.as_ref().is_some_and(Vec::is_empty);
        if known && always_present { status::SUCCESS } else { status::UNABLE_TO_ACCOMMODATE }
    }

    /// The value of the Notice of Absence attribute.
    pub fn noa(&self) -> Option<&[u8]> {
        self.noa.as_deref()
    }

    /// Returns the view of the group that the device machine needs.
    pub fn summary(&self) -> OwnGroup {
        OwnGroup {
            interface: self.config.interface,
            ssid: self.config.ssid.clone(),
            freq: self.config.freq,
            clients: self.members.iter().filter_map(Member::device_addr).collect(),
            wfd_element: self.wfd_element.clone(),
        }
    }

    fn member(&self, interface: MacAddr) -> Option<&Member> {
        self.members.iter().find(|m| m.interface == interface)
    }

    fn clients(&self) -> impl Iterator<Item = &ClientInfo> {
        self.members.iter().filter_map(|m| m.client.as_ref())
    }

    fn compose_beacon(&mut self) {
        let mut attributes = Writer::new();
        self.write_capability(&mut attributes);
        attributes.device_id(self.identity.info.addr);
        self.write_noa(&mut attributes);
        self.beacon.clone_from(&self.identity.wfd.beacon);
        self.beacon.extend_from_slice(self.identity.vendor.of(ElementFrame::GROUP_BEACON));
        push_element(&mut self.beacon, &attributes);
    }

    fn compose(&mut self) {
        self.wfd_element = self.compose_wfd();
        let mut attributes = Writer::new();
        self.write_capability(&mut attributes);
        self.write_noa(&mut attributes);
        attributes.device_info(&self.identity.info);
        if !self.is_empty() {
            let room = PROBE_RESPONSE_ROOM.saturating_sub(attributes.as_bytes().len() + 3);
            attributes.group_info(&clients_that_fit(self.clients(), room));
        }
        self.probe_response.clone_from(&self.wfd_element);
        self.probe_response.extend_from_slice(self.identity.vendor.of(ElementFrame::GROUP_PROBE_RESPONSE));
        self.probe_response.extend(attributes.element());
    }

    fn write_capability(&self, out: &mut Writer) {
        let mut bits = group_capability::GROUP_OWNER;
        bits |= match self.config.persistence {
            Persistence::None => 0,
            Persistence::Persistent => group_capability::PERSISTENT_GROUP,
            Persistence::Reconnect => {
                group_capability::PERSISTENT_GROUP | group_capability::PERSISTENT_RECONN
            }
        };
        for (bit, set) in [
            (group_capability::INTRA_BSS_DIST, self.identity.intra_bss),
            (group_capability::GROUP_FORMATION, self.forming),
            (group_capability::CROSS_CONN, self.identity.cross_connect),
            (group_capability::GROUP_LIMIT, self.is_full()),
        ] {
            if set {
                bits |= bit;
            }
        }
        out.capability(self.identity.capability & !device_capability::CLIENT_DISCOVERABILITY, bits);
    }

    fn write_noa(&self, out: &mut Writer) {
        if let Some(noa) = self.noa.as_ref().filter(|noa| !noa.is_empty()) {
            out.attribute(attr::NOTICE_OF_ABSENCE, noa);
        }
    }

    /// The Wi-Fi Display element with the clients' session information.
    fn compose_wfd(&self) -> Vec<u8> {
        let Some(own) = wfd_concatenated(&self.identity.wfd.probe_response) else { return Vec::new() };
        let mut out = Vec::new();
        for kind in
            [wfd::DEVICE_INFORMATION, wfd::R2_DEVICE_INFORMATION, wfd::ASSOCIATED_BSSID, wfd::COUPLED_SINK]
        {
            if let Some(value) = subelement(&own, kind, 0) {
                push_subelement(&mut out, kind, value);
            }
        }
        let session: Vec<u8> = self.members.iter().filter_map(Member::wfd_descriptor).flatten().collect();
        if !session.is_empty() {
            push_subelement(&mut out, wfd::SESSION_INFORMATION, &session);
        }
        wfd_element(&out)
    }
}

fn push_subelement(out: &mut Vec<u8>, kind: u8, value: &[u8]) {
    out.push(kind);
    // Fifty clients have 1200 octets.
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
}

/// One P2P element, though it be empty.
fn push_element(out: &mut Vec<u8>, attributes: &Writer) {
    let content = [&vendor::P2P.to_be_bytes(), attributes.as_bytes()].concat();
    push(out, eid::VENDOR_SPECIFIC, &content);
}

/// The descriptor of a client, of its association request's attributes.
fn client_info(interface_addr: MacAddr, attributes: &[u8]) -> Option<ClientInfo> {
    let attributes = Attributes::parse(attributes).ok()?;
    let (device_capability, _) = attributes.capability?;
    let info = attributes.device_info?;
    Some(ClientInfo {
        device_addr: info.addr,
        interface_addr,
        device_capability,
        config_methods: info.config_methods,
        primary_type: info.primary_type,
        secondary_types: info.secondary_types,
        name: info.name,
    })
}

/// Those clients whose descriptors fit, in their order.
fn clients_that_fit<'c>(all: impl Iterator<Item = &'c ClientInfo>, mut room: usize) -> Vec<ClientInfo> {
    all.filter(|client| {
        let len = 29 + 8 * client.secondary_types.len() + client.name.len();
        let fits = len < room;
        if fits {
            room -= len;
        }
        fits
    })
    .cloned()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wpasim_runtime::text::{hex, parse_hex};

    const OWNER: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
    const GROUP: MacAddr = MacAddr([0x42, 0, 0, 0, 0, 0]);
    const CLIENT: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
    const INTERFACE: MacAddr = MacAddr([0x42, 0, 0, 0, 1, 0]);

    fn identity() -> GroupIdentity {
        GroupIdentity {
            capability: 0x27,
            intra_bss: true,
            cross_connect: false,
            info: DeviceInfo {
                addr: OWNER,
                config_methods: 0x0188,
                primary_type: DeviceType([0, 1, 0, 0x50, 0xf2, 4, 0, 1]),
                secondary_types: Vec::new(),
                name: b"Device A".to_vec(),
            },
            secondary_types: Vec::new(),
            wfd: WfdElements::default(),
            vendor: Default::default(),
        }
    }

    fn group(max_clients: usize) -> Group {
        let config = GroupConfig {
            interface: GROUP,
            ssid: Ssid::new(b"DIRECT-Xe").unwrap(),
            freq: 2412,
            max_clients,
            persistence: Persistence::None,
        };
        Group::new(config, identity())
    }

    /// The P2P element of the association request in the recording p2p_group_iface.
    fn request() -> Vec<u8> {
        parse_hex(
            "dd29506f9a09020200270 00d1d000200000001000188000100 50f204000100101100084465766963652042"
                .replace(' ', "")
                .as_str(),
        )
        .unwrap()
    }

    #[test]
    fn elements_are_the_recordings() {
        let mut group = group(10);
        assert_eq!(
            hex(group.beacon_elements()),
            "dd12506f9a0902020025490306000200000000 00".replace(' ', "")
        );
        assert_eq!(
            hex(group.probe_response_elements()),
            "dd29506f9a09020200254 90d1d000200000000000188000100 50f204000100101100084465766963652041"
                .replace(' ', "")
        );
        assert_eq!(hex(&group.assoc_response_elements(status::SUCCESS)), "dd04506f9a09");
        assert_eq!(hex(&group.assoc_response_elements(status::LIMIT_REACHED)), "dd08506f9a0900010003");
        group.formation_done();
        assert_eq!(hex(&group.beacon_elements()[..11]), "dd12506f9a090202002509");
    }

    #[test]
    fn clients_are_listed_and_found() {
        let mut group = group(2);
        group.associated(INTERFACE, &request());
        group.associated(MacAddr([2, 0, 0, 0, 9, 0]), &[]);
        assert_eq!((group.len(), group.is_full()), (2, true));
        assert_eq!(group.device_addr(INTERFACE), Some(CLIENT));
        assert_eq!(group.client_interface(CLIENT), Some(INTERFACE));
        assert_eq!(group.summary().clients, [CLIENT]);
        assert_eq!(group.beacon_elements()[10] & group_capability::GROUP_LIMIT, 4);
        let attributes = concatenated(group.probe_response_elements()).unwrap();
        let clients = Attributes::parse(&attributes).unwrap().group_info.unwrap();
        let clients = wpasim_wire::p2p::parse_group_info(&clients).unwrap();
        assert_eq!((clients.len(), clients[0].interface_addr), (1, INTERFACE));
        assert_eq!(clients[0].name, b"Device B");
        assert!(group.disassociated(INTERFACE) && !group.disassociated(INTERFACE));
        assert_eq!(group.beacon_elements()[10] & group_capability::GROUP_LIMIT, 0);
    }

    #[test]
    fn probe_requests_ask_for_types_and_devices() {
        let mut group = group(2);
        group.associated(INTERFACE, &request());
        let types = |kind: &str| {
            let wps = format!("104a000110106a0008{kind}");
            group.matches_types(&parse_hex(&wps).unwrap())
        };
        assert!(types("00010050f2040001") && types("0001000000000000") && !types("00030050f2040001"));
        assert!(group.matches_types(&[]) && group.matches_types(&[1]));
        let device = |addr: MacAddr| group.matches_device(&[&[3, 6, 0], addr.0.as_slice()].concat());
        assert!(device(OWNER) && device(CLIENT) && !device(INTERFACE) && group.matches_device(&[]));
    }

    #[test]
    fn clients_can_be_woken_and_ask_for_presence() {
        let mut group = group(2);
        group.associated(INTERFACE, &request());
        assert_eq!(
            group.discoverability(CLIENT),
            Discoverability::Ask { client_interface: INTERFACE, group: GROUP }
        );
        assert_eq!(group.discoverability(OWNER), Discoverability::Unknown);
        assert_eq!(group.presence(INTERFACE), status::UNABLE_TO_ACCOMMODATE, "nobody can tell");
        group.set_noa(Some(Vec::new()));
        assert_eq!((group.presence(INTERFACE), group.presence(CLIENT)), (0, status::UNABLE_TO_ACCOMMODATE));
        group.set_noa(Some(vec![1, 0x8a]));
        assert_eq!(group.presence(INTERFACE), status::UNABLE_TO_ACCOMMODATE);
        assert!(hex(group.beacon_elements()).ends_with("0c0200018a"));
    }

    #[test]
    fn probe_responses_name_as_many_clients_as_fit() {
        let mut group = group(100);
        for n in 0..60 {
            group.associated(MacAddr([0x42, 0, 0, 0, n, 1]), &request());
        }
        let attributes = concatenated(group.probe_response_elements()).unwrap();
        assert!(attributes.len() <= PROBE_RESPONSE_ROOM);
        let clients = Attributes::parse(&attributes).unwrap().group_info.unwrap();
        assert_eq!(wpasim_wire::p2p::parse_group_info(&clients).unwrap().len(), 12);
    }

    #[test]
    fn wifi_display_sessions_are_told() {
        let mut with_wfd = identity();
        with_wfd.wfd.probe_response = wfd_element(&[0, 0, 6, 0, 0x11, 0x1c, 0x44, 0, 0x32]);
        let mut group = group(5);
        group.set_identity(with_wfd);
        let own = "dd0d506f9a0a00000600111c440032";
        assert_eq!(hex(&group.assoc_response_elements(0)), format!("{own}dd04506f9a09"));
        let ies = [request(), wfd_element(&[0, 0, 6, 0, 0x10, 0x1c, 0x44, 0, 0x64])].concat();
        group.associated(INTERFACE, &ies);
        let session = "090018170200000001000000000000000010006400000000000000";
        assert!(
            hex(group.probe_response_elements())
                .starts_with(&format!("dd28506f9a0a00000600111c440032{session}"))
        );
    }

    proptest! {
        #[test]
        fn any_station_may_associate(
            stations in prop::collection::vec((0..4u8, prop::collection::vec(any::<u8>(), 0..80)), 0..9),
        ) {
            let mut group = group(2);
            for (n, attributes) in stations {
                let ies = [wpasim_wire::p2p::element(&attributes), wfd_element(&attributes)].concat();
                group.associated(MacAddr([2, 0, 0, 0, 9, n]), &ies);
                let _ = (group.matches_types(&attributes), group.matches_device(&attributes));
            }
            prop_assert!(group.len() <= 4);
        }
    }
}
