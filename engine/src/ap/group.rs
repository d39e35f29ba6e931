//! The access point as the owner of a P2P group (Wi-Fi Direct 1.7 §3.2).

use super::station::Station;
use super::{AccessPoint, ApAction};
use crate::p2p::{Group, GroupIdentity};
use crate::wire::MacAddr;
use crate::wire::elements::{eid, find};
use crate::wire::ieee80211::status as reply;
use crate::wire::p2p::{Attributes, WILDCARD_SSID, concatenated, status};
use crate::wps::ErrorIndication;

/// An event of a group that its owner tells the part of the process that runs Wi-Fi Direct.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupSignal {
    /// A station is about to be associated: [`crate::p2p::Device::client_associated`] wants to know.
    ClientAssociated {
        interface: MacAddr,
        /// The elements of its request.
        ies: Vec<u8>,
    },
    /// The last client is gone or the group has none yet, or the first client came.
    Idle(bool),
    /// A station's port opens or closes; the event follows.
    StationAuthorized { interface: MacAddr, authorized: bool, device: Option<MacAddr> },
    /// An event that the interface of the P2P device has too, but not the process-wide socket.
    DeviceEvent(String),
    /// A registration succeeded; its event came before.
    RegistrationSucceeded { interface: MacAddr },
    /// A registration failed; its event came before.
    RegistrationFailed { msg: u8, config_error: u16, indication: ErrorIndication },
}

impl AccessPoint {
    /// Makes the BSS a P2P group; to be called before it is started.
    pub fn set_group(&mut self, group: Group) {
        self.group = Some(Box::new(group));
        self.signal(GroupSignal::Idle(true));
    }

    /// The group, if the BSS is one.
    pub fn group(&self) -> Option<&Group> {
        self.group.as_deref()
    }

    /// The formation is over: beacons say so.
    pub fn group_formation_done(&mut self) {
        self.change_group(Group::formation_done);
    }

    /// The device says something else of itself.
    pub fn set_group_identity(&mut self, identity: GroupIdentity) {
        self.change_group(|group| group.set_identity(identity));
    }

    /// The value of the Notice of Absence attribute.
    pub fn set_group_noa(&mut self, noa: Option<Vec<u8>>) {
        self.change_group(|group| group.set_noa(noa));
    }

    /// The interface address of the station with this P2P Device Address, associated or not.
    pub fn station_of_device(&self, device: MacAddr) -> Option<MacAddr> {
        let is_it = |s: &Station| s.p2p_device() == Some(device);
        self.stations.iter().find(|(_, s)| is_it(s)).map(|(addr, _)| *addr)
    }

    fn change_group<R>(&mut self, change: impl FnOnce(&mut Group) -> R) -> Option<R> {
        let result = change(self.group.as_mut()?);
        if self.is_beaconing() {
            self.update_beacon();
        }
        Some(result)
    }

    pub(super) fn signal(&mut self, signal: GroupSignal) {
        if self.group.is_some() {
            self.actions.push(ApAction::Group(signal));
        }
    }

    /// Adds a client to the group, after nothing has spoken against its association.
    //= hostap@2.10 src/p2p/p2p_group.c#p2p_group_notif_assoc
    pub(super) fn note_client(&mut self, interface: MacAddr, ies: &[u8]) {
        self.signal(GroupSignal::ClientAssociated { interface, ies: ies.to_vec() });
        let count = self.change_group(|group| {
            group.associated(interface, ies);
            group.len()
        });
        if count == Some(1) {
            self.signal(GroupSignal::Idle(false));
        }
    }

    /// Removes a client from the group, and renews what beacons say of the group.
    //= hostap@2.10 src/p2p/p2p_group.c#p2p_group_notif_disassoc
    pub(super) fn forget_client(&mut self, interface: MacAddr) {
        if self.group.as_ref().is_none_or(|group| !group.has(interface)) {
            return;
        }
        self.change_group(|group| group.disassociated(interface));
        if self.group.as_ref().is_some_and(|group| group.is_empty()) {
            self.signal(GroupSignal::Idle(true));
        }
    }

    /// The P2P Device Address of a station, as its events name it.
    pub(super) fn device_of(&self, interface: MacAddr) -> Option<MacAddr> {
        match &self.group {
            Some(group) => group.device_addr(interface),
            None => self.stations.get(&interface)?.p2p_device(),
        }
    }

    /// Whether the group is what a probe request looks for.
    pub(super) fn group_is_wanted(&self, ies: &[u8]) -> bool {
        let Some(group) = &self.group else { return true };
        let types = crate::wire::wsc::concatenated(ies).is_none_or(|wps| group.matches_types(&wps));
        types && concatenated(ies).is_none_or(|attributes| group.matches_device(&attributes))
    }

    /// Whether a probe request is for any group.
    pub(super) fn is_for_groups(&self, ies: &[u8]) -> bool {
        self.group.is_some() && find(ies, eid::SSID) == Some(WILDCARD_SSID)
    }

    /// The elements of the group in the response to a probe request with these elements.
    pub(super) fn group_probe_response(&self, request: &[u8]) -> &[u8] {
        let asks = concatenated(request).is_some();
        self.group.as_ref().filter(|_| asks).map_or(&[], |group| group.probe_response_elements())
    }

    /// The elements of the group in an association response with a status of IEEE 802.11.
    pub(super) fn group_assoc_response(&self, station: &Station, code: u16) -> Vec<u8> {
        let Some(group) = self.group.as_ref().filter(|_| station.p2p_attributes.is_some()) else {
            return Vec::new();
        };
        group.assoc_response_elements(match code {
            reply::SUCCESS => status::SUCCESS,
            reply::AP_UNABLE_TO_HANDLE_NEW_STA => status::LIMIT_REACHED,
            _ => status::INVALID_PARAMS,
        })
    }
}

impl Station {
    /// The P2P Device Address that its association request named.
    fn p2p_device(&self) -> Option<MacAddr> {
        Attributes::parse(self.p2p_attributes.as_deref()?).ok()?.device_addr()
    }
}
