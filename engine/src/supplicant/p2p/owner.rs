//! What the groups that this device owns answer the device machine and the control interface.

use wpasim_wire::MacAddr;

use crate::p2p::{Discoverability, OwnGroup};
use crate::supplicant::interface::{Cx, Interface};

impl Interface {
    /// The group, if the interface is its owner's.
    pub(super) fn own_group(&self) -> Option<OwnGroup> {
        let mode = self.ap.as_ref()?;
        let config = mode.ap.config();
        Some(OwnGroup {
            interface: self.identity.addr,
            ssid: config.ssid.clone(),
            freq: config.freq,
            ..OwnGroup::default()
        })
    }

    /// How a client of the group can be woken; `None` if it is not one.
    pub(super) fn discoverability(&self, client: MacAddr) -> Option<Discoverability> {
        let _ = client;
        None
    }

    /// The answer to a client's presence request.
    pub(super) fn presence(&self, client: MacAddr, noa: &[u8]) -> Option<u8> {
        let _ = (client, noa);
        None
    }

    /// P2P_GROUP_MEMBER: the interface address of a client.
    pub(crate) fn group_member(&self, device: MacAddr) -> Option<MacAddr> {
        let _ = device;
        None
    }

    /// A client may not be in the group any more.
    pub(super) fn remove_group_client(&mut self, cx: Cx<'_>, peer: MacAddr, interface: bool) {
        let _ = (cx, peer, interface);
    }
}
