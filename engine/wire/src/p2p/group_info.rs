//! P2P Group Info: the clients of a group (Wi-Fi Direct 1.7 §4.1.16).

use super::attributes::{MAX_NAME, device_types};
use crate::bytes::Reader;
use crate::mac::MacAddr;
use crate::wsc::{self, DeviceType};

/// No group has more.
pub const MAX_CLIENTS: usize = 50;

/// One client of a group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientInfo {
    pub device_addr: MacAddr,
    pub interface_addr: MacAddr,
    /// Of `device_capability`.
    pub device_capability: u8,
    /// Of `wsc::methods`.
    pub config_methods: u16,
    pub primary_type: DeviceType,
    /// As the sender counted them; more than 16 are not to be believed.
    pub secondary_types: Vec<DeviceType>,
    /// As it was sent, cut to 32 octets.
    pub name: Vec<u8>,
}

/// The clients of a Group Info attribute; `None` if any of it is malformed, or if it has
/// [`MAX_CLIENTS`].
pub fn parse_group_info(mut octets: &[u8]) -> Option<Vec<ClientInfo>> {
    let mut clients = Vec::new();
    while let Some((&len, rest)) = octets.split_first() {
        let (descriptor, rest) = rest.split_at_checked(usize::from(len))?;
        clients.push(client(descriptor)?);
        if clients.len() == MAX_CLIENTS {
            return None;
        }
        octets = rest;
    }
    Some(clients)
}

fn client(descriptor: &[u8]) -> Option<ClientInfo> {
    let mut r = Reader::new(descriptor);
    let mut client = ClientInfo {
        device_addr: MacAddr(r.array()?),
        interface_addr: MacAddr(r.array()?),
        device_capability: r.u8()?,
        config_methods: r.be16()?,
        primary_type: DeviceType(r.array()?),
        secondary_types: device_types(&mut r)?,
        name: Vec::new(),
    };
    let (kind, len) = (r.be16()?, usize::from(r.be16()?));
    if kind != wsc::attr::DEV_NAME {
        return None;
    }
    client.name = r.take(len)?.iter().copied().take(MAX_NAME).collect();
    Some(client)
}
