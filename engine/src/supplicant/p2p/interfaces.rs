//! Interfaces of groups: announced, made when a group needs them, and removed with it.

use crate::config::keys::global;
use wpasim_runtime::Level;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverRequest, IfId, IfType};

use super::{PendingInterface, Removal, Removed};
use crate::config::{Config, Globals};
use crate::supplicant::Supplicant;
use crate::supplicant::interface::parts::group::{GroupInterface, GroupState};
use crate::supplicant::interface::{Context, Interface, InterfaceContext, Timer};
use crate::{InterfaceConfig, Output, SocketChange};

/// The longest name of an interface (IFNAMSIZ without its end).
const MAX_NAME: usize = 15;

/// Variables that a group's interface has from the P2P device's.
//= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_clone_config
const CLONED: [&str; 29] = [
    global::CTRL_INTERFACE.name(),
    global::CTRL_INTERFACE_GROUP.name(),
    global::DRIVER_PARAM.name(),
    global::DEVICE_NAME.name(),
    global::MANUFACTURER.name(),
    global::MODEL_NAME.name(),
    global::MODEL_NUMBER.name(),
    global::SERIAL_NUMBER.name(),
    global::CONFIG_METHODS.name(),
    global::DEVICE_TYPE.name(),
    global::SEC_DEVICE_TYPE.name(),
    global::P2P_GROUP_IDLE.name(),
    global::P2P_GO_FREQ_CHANGE_POLICY.name(),
    global::P2P_INTRA_BSS.name(),
    global::PERSISTENT_RECONNECT.name(),
    global::MAX_NUM_STA.name(),
    global::PBC_IN_M1.name(),
    global::IGNORE_OLD_SCAN_RES.name(),
    global::BEACON_INT.name(),
    global::DTIM_PERIOD.name(),
    global::P2P_GO_CTWINDOW.name(),
    global::DISASSOC_LOW_ACK.name(),
    global::DISABLE_SCAN_OFFLOAD.name(),
    global::PASSIVE_SCAN.name(),
    global::PMF.name(),
    global::P2P_6GHZ_DISABLE.name(),
    global::P2P_CLI_PROBE.name(),
    global::P2P_ADD_CLI_CHAN.name(),
    global::P2P_GO_MAX_INACTIVITY.name(),
];

impl Supplicant {
    /// Returns whether groups have interfaces of their own.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_create_iface
    pub(super) fn makes_group_interfaces(&self) -> bool {
        self.device_interface().is_some_and(|i| i.config.globals.int(global::P2P_NO_GROUP_IFACE) == 0)
    }

    /// The address that the next group's interface has.
    pub(super) fn group_interface_addr(&self, cx: Context<'_>) -> Option<MacAddr> {
        let device = self.device_interface()?;
        match &self.p2p.pending_interface {
            Some(pending) => Some(pending.addr),
            None => cx.env.driver.next_interface_addr(device.id()),
        }
    }

    /// Makes a name and an address of a group's interface, to be announced.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_add_group_interface
    pub(super) fn announce_group_interface(&mut self, cx: Context<'_>, iftype: IfType) -> Option<MacAddr> {
        if let Some(pending) = &self.p2p.pending_interface {
            return Some(pending.addr);
        }
        let addr = self.group_interface_addr(cx)?;
        let base = &self.device_interface()?.identity.ifname;
        let index = self.p2p.group_index;
        let long = format!("p2p-{base}-{index}");
        let name = if long.len() > MAX_NAME { format!("p2p-{index}") } else { long };
        self.p2p.group_index += 1;
        let id = self.p2p.new_interface();
        let request = DriverRequest::AddInterface { iftype, name: name.clone(), new_id: id, addr: None };
        if cx.env.driver.would_refuse(self.device_interface()?.id(), &request).is_some() {
            self.on_device_interface(|i| i.driver(request));
            return None;
        }
        self.p2p.pending_interface = Some(PendingInterface { name, addr, id, iftype });
        Some(addr)
    }

    /// Makes the interface of a group. `None` if it can't be made.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_init_group_interface
    pub(super) fn make_group_interface(&mut self, cx: Context<'_>, owner: bool) -> Option<IfId> {
        let iftype = if owner { IfType::P2pGo } else { IfType::P2pClient };
        if self.announce_group_interface(cx, iftype).is_none() {
            self.on_device_interface(|i| i.msg_global(Level::Error, "P2P: Failed to add group interface"));
            return None;
        }
        let pending = self.p2p.pending_interface.take()?;
        let request = DriverRequest::AddInterface {
            iftype: if owner { pending.iftype } else { IfType::P2pClient },
            name: pending.name.clone(),
            new_id: pending.id,
            addr: None,
        };
        let device = self.device_interface()?;
        if cx.env.driver.would_refuse(device.id(), &request).is_some() {
            self.on_device_interface(|i| {
                i.driver(request);
                i.msg_global(Level::Error, "P2P: Failed to add group interface");
            });
            return None;
        }
        let uuid = device.wps.machine().uuid.to_vec();
        let identity = InterfaceConfig {
            id: pending.id,
            ifname: pending.name.clone(),
            phy: device.identity.phy.clone(),
            addr: pending.addr,
            second_addr: pending.addr,
            ifindex: device.identity.ifindex + pending.id.0,
            config_path: String::new(),
        };
        let globals = device.config.globals.clone();
        let change = SocketChange::Opened {
            ifname: identity.ifname.clone(),
            ctrl_interface: globals.text(global::CTRL_INTERFACE).map(str::to_owned),
        };
        self.interfaces.push(Interface::new(identity, self.entropy.clone(), &self.order));
        self.with_interface(cx, pending.id, |i, cx| i.begin_for_group(cx, &globals, uuid));
        self.socket_changed(pending.id, change);
        let made_for = if owner { GroupInterface::Go } else { GroupInterface::Client };
        let (monitors, testing) = (self.global_monitors.clone(), self.testing);
        self.on_interface(pending.id, |i| {
            i.outbox.global_monitors_changed(&monitors);
            i.testing.set_built_in(testing);
            *i.p2p = GroupState::for_group(made_for);
        });
        self.on_device_interface(|i| i.driver(request));
        self.p2p.shared.forming = Some(pending.id);
        Some(pending.id)
    }

    /// Returns the interface for a group that begins now.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_get_group_iface
    pub(super) fn interface_for_group(&mut self, cx: Context<'_>, owner: bool) -> Option<IfId> {
        let id = if self.makes_group_interfaces() {
            self.make_group_interface(cx, owner)?
        } else {
            self.p2p.shared.device_iface
        };
        self.on_interface(id, |i| i.p2p.limit_first_connection(None));
        Some(id)
    }

    /// The group is over, and its interface goes with it.
    pub(super) fn remove_group_interface(&mut self, cx: Context<'_>, id: IfId) {
        self.shut_down_interface(cx, id);
        self.collect(cx);
        self.forget_interface(cx, id);
        self.socket_changed(id, SocketChange::Closed);
        if self.p2p.shared.forming == Some(id) {
            self.p2p.shared.forming = None;
        }
        if self.p2p.invite_group == Some(id) {
            self.p2p.invite_group = None;
        }
        self.on_device_interface(|i| i.driver(DriverRequest::DelInterface { id }));
    }

    /// P2P_GROUP_REMOVE: one group, or `*` for all.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_remove
    pub(crate) fn p2p_group_remove(&mut self, cx: Context<'_>, caller: IfId, name: &str) -> bool {
        if name == "*" {
            self.remove_all_groups(cx, caller);
            return true;
        }
        let found = self.interfaces.iter().find(|i| i.identity.ifname == name).map(Interface::id);
        found.is_some_and(|id| self.remove_group_safely(cx, id, caller))
    }

    pub(super) fn remove_all_groups(&mut self, cx: Context<'_>, caller: IfId) {
        let groups: Vec<IfId> =
            self.interfaces.iter().rev().filter(|i| i.carries_group()).map(Interface::id).collect();
        for id in groups {
            self.remove_group_safely(cx, id, caller);
        }
    }

    /// A group's interface that is asked to remove itself has to answer first.
    fn remove_group_safely(&mut self, cx: Context<'_>, id: IfId, caller: IfId) -> bool {
        self.with_interface(cx, id, |i, cx| {
            if id == caller && i.p2p.is_for_group() {
                i.timers.set(Timer::GroupRemoval, cx.now);
                return true;
            }
            i.delete_group(cx, Removal::Requested) != Removed::Nothing
        })
        .unwrap_or(false)
    }
}

impl Interface {
    /// The interface of a group starts with no configuration and then gets what the device's says. So as an
    /// enrollee it has no name and no type.
    fn begin_for_group(&mut self, cx: &mut InterfaceContext<'_>, device: &Globals, uuid: Vec<u8>) {
        let mut config = Config::default();
        config.globals.set_octets(global::UUID, uuid);
        self.config = config;
        self.start_with_config(cx);
        for name in CLONED {
            self.config.globals.copy(device, name);
        }
    }

    /// Saves the configuration, which is not to be lost when the process ends.
    pub(crate) fn save_config(&mut self) {
        if self.config.globals.int(global::UPDATE_CONFIG) != 0 {
            let path = self.identity.config_path.clone();
            let content = self.config.write().into_bytes();
            self.output(Output::SaveFile { path, content });
        }
    }
}
