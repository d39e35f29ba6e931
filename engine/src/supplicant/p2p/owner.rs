//! Groups that this device owns: what their access points report, and what they answer the device machine
//! and the control interface.

use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;
use wpasim_wire::ieee80211::reason;

use super::{Audience, ProcessRequest};
use crate::ap::GroupSignal;
use crate::p2p::{Discoverability, Group, GroupConfig, OwnGroup, Persistence};
use crate::runtime::Level;
use crate::select::mode;
use crate::supplicant::interface::{Interface, InterfaceContext};

impl Interface {
    /// Returns the group that a network makes; `None` if it makes none.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_init
    pub(crate) fn group_of(&self, id: i32) -> Option<Group> {
        let network = self.config.network(id).filter(|n| n.p2p_group)?;
        let identity = self.p2p.identity()?.clone();
        let reconnect = self.config.globals.int(global::PERSISTENT_RECONNECT) != 0;
        let config = GroupConfig {
            interface: self.identity.addr,
            ssid: network.ssid(),
            freq: network.int(network::FREQUENCY) as u32,
            max_clients: usize::try_from(self.config.globals.int(global::MAX_NUM_STA)).unwrap_or(0),
            persistence: match (network.p2p_persistent_group, reconnect) {
                (false, _) => Persistence::None,
                (true, false) => Persistence::Persistent,
                (true, true) => Persistence::Reconnect,
            },
        };
        let mut group = Group::new(config, identity);
        if network.int(network::MODE) != mode::P2P_GROUP_FORMATION {
            group.formation_done();
        }
        Some(group)
    }

    /// Handles an event that the access point of a group reports.
    pub(crate) fn group_signal(&mut self, cx: &mut InterfaceContext<'_>, signal: GroupSignal) {
        match signal {
            GroupSignal::ClientAssociated { interface, ies } => {
                self.signal(ProcessRequest::ClientAssociated { interface, ies });
            }
            GroupSignal::Idle(idle) => self.group_idle_changed(cx, idle),
            GroupSignal::StationAuthorized { interface, authorized: true, device } => {
                self.group_client_authorized(cx, interface, device);
            }
            GroupSignal::StationAuthorized { .. } => {}
            GroupSignal::DeviceEvent(text) => {
                if self.p2p.is_for_group() {
                    self.tell_device(Level::Info, &text, Audience::OnlyInterface);
                }
            }
            GroupSignal::RegistrationSucceeded { interface } => self.group_wps_succeeded(cx, interface),
            GroupSignal::RegistrationFailed { msg, config_error, .. } => {
                if self.p2p.is_for_group() && self.is_forming(cx) {
                    let text = format!("WPS-FAIL msg={msg} config_error={config_error}");
                    self.tell_device(Level::Info, &text, Audience::Interface);
                }
                self.group_wps_failed(cx);
            }
        }
    }

    fn group(&self) -> Option<&Group> {
        self.ap.as_ref()?.group()
    }

    /// The group, if the interface is its owner's.
    pub(super) fn own_group(&self) -> Option<OwnGroup> {
        self.group().map(Group::summary)
    }

    /// Returns the way in which a client of the group can be woken; `None` if it is not one.
    pub(super) fn discoverability(&self, client: MacAddr) -> Option<Discoverability> {
        let answer = self.group()?.discoverability(client);
        (answer != Discoverability::Unknown).then_some(answer)
    }

    /// The answer to a client's presence request.
    pub(super) fn presence(&self, client: MacAddr) -> Option<u8> {
        self.group().map(|g| g.presence(client))
    }

    /// P2P_GROUP_MEMBER: the interface address of a client.
    pub(crate) fn group_member(&self, device: MacAddr) -> Option<MacAddr> {
        self.group()?.client_interface(device)
    }

    /// Removes a client that may not be in the group any more.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_remove_client_go
    pub(super) fn remove_group_client(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        peer: MacAddr,
        interface: bool,
    ) {
        if self.current().is_none_or(|n| n.int(network::MODE) != mode::P2P_GO) {
            return;
        }
        self.with_ap(cx, |ap, cx| {
            let station = if interface { Some(peer) } else { ap.station_of_device(peer) };
            if let Some(station) = station.filter(|s| ap.knows(*s)) {
                ap.deauthenticate(cx, station, reason::DEAUTH_LEAVING, true);
            }
        });
    }
}
