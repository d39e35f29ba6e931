//! The life of a group on its interface: how its formation ends, when it starts, and how it goes.

use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverRequest, IfType};
use wpasim_wire::ieee80211::reason;
use wpasim_wire::p2p::{Attributes, concatenated, group_capability};
use wpasim_wire::time::Duration;

use super::{Audience, ProcessRequest};
use crate::bss::{Bss, flags};
use crate::config::Network;
use crate::config::text::hex;
use crate::config::words::key_mgmt;
use crate::runtime::Level;
use crate::select::mode;
use crate::supplicant::interface::parts::group::GroupInterface;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

/// A client tries for so long to get back to its group owner.
const MAX_CLIENT_IDLE: i32 = 10;
/// The first connection after a registration, or to a group that is started again.
pub(super) const INITIAL_CONNECTION: Duration = Duration::from_secs(10);

/// The reason why a group goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Removal {
    /// Nobody is told.
    Silent,
    FormationFailed,
    Requested,
    Idle,
    GoEndingSession,
    PskFailure,
    /// The owner has to leave its channel, and there is no other.
    GoLeaveChannel,
}

impl Removal {
    fn text(self) -> &'static str {
        match self {
            // 2.10 has no word for the second.
            Removal::Silent | Removal::GoLeaveChannel => "",
            Removal::FormationFailed => " reason=FORMATION_FAILED",
            Removal::Requested => " reason=REQUESTED",
            Removal::Idle => " reason=IDLE",
            Removal::GoEndingSession => " reason=GO_ENDING_SESSION",
            Removal::PskFailure => " reason=PSK_FAILURE",
        }
    }
}

/// The result of the removal of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Removed {
    /// There was no group.
    Nothing,
    Group,
    /// The interface goes too: nothing else is to be done on it.
    Interface,
}

/// Whether the group whose formation failed is still to be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Remains {
    Group,
    Nothing,
}

/// The way in which the formation of a group ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FormationEnd {
    Success,
    Failure(Remains),
}

impl Interface {
    /// An event for those who listen to the P2P device and to the process.
    pub(crate) fn device_msg(&mut self, text: &str) {
        self.tell_device(Level::Info, text, Audience::Process);
    }

    /// The same, for whom else it concerns.
    pub(crate) fn tell_device(&mut self, level: Level, text: &str, audience: Audience) {
        self.signal(ProcessRequest::DeviceMsg { level, text: text.to_owned(), audience });
    }

    /// The block in use.
    pub(crate) fn current(&self) -> Option<&Network> {
        self.link.network().and_then(|id| self.config.network(id))
    }

    /// Whether this is the interface on which a group is being formed.
    pub(crate) fn is_forming(&self, cx: &InterfaceContext<'_>) -> bool {
        cx.shared.forming == Some(self.identity.id)
    }

    /// Whether the block in use is that of a group.
    pub(crate) fn carries_group(&self) -> bool {
        self.p2p.is_for_group() || self.current().is_some_and(|n| n.p2p_group)
    }

    /// Removes a group, with its event, its network and its interface.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_delete
    pub(crate) fn delete_group(&mut self, cx: &mut InterfaceContext<'_>, mut why: Removal) -> Removed {
        let of_group = |n: &&Network| n.p2p_group && n.disabled() != 2;
        let network = match self.current() {
            Some(current) => Some(current),
            None => self.config.networks.iter().find(of_group),
        };
        if network.is_none() && !self.p2p.is_for_group() {
            return Removed::Nothing;
        }
        let infra = network.is_some_and(|n| n.int(network::MODE) == mode::INFRA);
        let network = network.map(|n| n.id);
        let client = match self.p2p.made_for() {
            GroupInterface::Go => false,
            GroupInterface::Client => true,
            GroupInterface::No => infra,
        };
        if client {
            self.intent.stay_disconnected();
            self.deauthenticate(cx, reason::DEAUTH_LEAVING);
            if self.timers.cancel(Timer::GroupPskFailure) {
                why = Removal::PskFailure;
            }
        }
        if why != Removal::Silent {
            let (name, role) = (&self.identity.ifname, if client { "client" } else { "GO" });
            self.device_msg(&format!("P2P-GROUP-REMOVED {name} {role}{}", why.text()));
        }
        self.timers.cancel(Timer::GroupIdle);
        if cx.shared.formation_ends.cancel() {
            self.p2p.enrolment_ends();
            self.group_formation_failed(cx, Remains::Nothing);
        }
        self.p2p.entry_ends();
        cx.shared.awaiting_client = None;
        if self.p2p.is_for_group() {
            self.timers.cancel(Timer::GroupRemoval);
            self.signal(ProcessRequest::RemoveInterface);
            return Removed::Interface;
        }
        self.leave_group(cx, network);
        Removed::Group
    }

    /// The interface was not made for the group and becomes what it was.
    fn leave_group(&mut self, cx: &mut InterfaceContext<'_>, network: Option<i32>) {
        if !self.p2p.formation_completed() {
            cx.shared.forming = None;
            self.p2p.enrolment_ends();
        }
        self.p2p.leave();
        let temporary = network.filter(|id| {
            self.config.network(*id).is_some_and(|n| {
                n.p2p_group
                    || n.int(network::MODE) == mode::P2P_GROUP_FORMATION
                    || n.bits(network::KEY_MGMT) & key_mgmt::WPS != 0
            })
        });
        if let Some(id) = temporary {
            if self.link.network() == Some(id) {
                self.security.pae_mut().notify_config(None, None);
                self.link.network_is_replaced();
            }
            self.config.remove_network(id);
            self.link.lose_security();
            if self.link.state() != WpaState::InterfaceDisabled {
                self.set_state(cx, WpaState::Disconnected);
            }
        }
        if self.ap.is_some() {
            self.end_access_point(cx);
        } else {
            self.set_client_type(false);
        }
        self.p2p.set_go_device(MacAddr::ZERO);
    }

    /// Ends the group owner's access point, with its event.
    //= hostap@2.10 wpa_supplicant/ap.c#wpa_supplicant_ap_deinit
    pub(crate) fn end_access_point(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.ap.is_none() {
            return;
        }
        self.link.access_point_ends();
        self.p2p.access_point_ends();
        self.stop_ap(cx);
        let (own, reason) = (self.identity.addr, reason::DEAUTH_LEAVING);
        self.info(&format!("CTRL-EVENT-DISCONNECTED bssid={own} reason={reason} locally_generated=1"));
    }

    /// A P2P client is another type of interface to the driver.
    pub(crate) fn set_client_type(&mut self, client: bool) {
        if self.p2p.set_client_type(client) {
            self.driver(DriverRequest::SetIfType(if client { IfType::P2pClient } else { IfType::Station }));
        }
    }

    /// Removes a group whose formation failed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_formation_failed
    pub(crate) fn group_formation_failed(&mut self, cx: &mut InterfaceContext<'_>, remains: Remains) {
        cx.shared.formation_ends.cancel();
        self.signal(ProcessRequest::FormationFailed);
        self.group_formation_over(cx, FormationEnd::Failure(remains));
    }

    /// Handles the end of the formation of a group: the group starts or is removed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_group_formation_completed
    pub(crate) fn group_formation_over(&mut self, cx: &mut InterfaceContext<'_>, end: FormationEnd) {
        if self.p2p.formation_completed() {
            cx.shared.forming = None;
            self.p2p.enrolment_ends();
        } else if end != FormationEnd::Success {
            self.p2p.enrolment_ends();
        }
        self.p2p.entry_ends();
        self.p2p.formation_is_reported();
        if let FormationEnd::Failure(remains) = end {
            self.device_msg("P2P-GROUP-FORMATION-FAILURE ");
            if remains == Remains::Group {
                self.delete_group(cx, Removal::FormationFailed);
            }
            return;
        }
        self.device_msg("P2P-GROUP-FORMATION-SUCCESS ");
        self.owner_takes_up_duty(cx);
        let network = self.current().cloned();
        let client = match &network {
            Some(network) => network.int(network::MODE) == mode::INFRA,
            None => self.p2p.made_for() == GroupInterface::Client,
        };
        let (persistent, go_device) =
            network.as_ref().map_or((false, MacAddr::ZERO), |n| self.persistence(cx, n));
        // The client says so when it has its data connection.
        self.p2p.owe_start(client);
        if !client {
            self.owner_started(cx, network.as_ref(), go_device, persistent);
        }
        if persistent && let Some(network) = network {
            self.signal(ProcessRequest::StoreGroup { network: Box::new(network), go_device });
        }
        if !client {
            cx.shared.awaiting_client = Some(cx.now);
        }
    }

    /// The registration is over: everyone may join, not only the peer it was for.
    fn owner_takes_up_duty(&mut self, cx: &mut InterfaceContext<'_>) {
        let forming =
            self.current().filter(|n| n.int(network::MODE) == mode::P2P_GROUP_FORMATION).map(|n| n.id);
        let Some(network) = forming.and_then(|id| self.config.network_mut(id)) else { return };
        network.set_int_value(network::MODE, mode::P2P_GO);
        self.with_ap(cx, |ap, _| {
            ap.group_formation_done();
            let config = ap.config_mut();
            config.accept_only = false;
            config.accept.clear();
        });
    }

    fn owner_started(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        network: Option<&Network>,
        go_device: MacAddr,
        persistent: bool,
    ) {
        let freq = network.map_or(0, |n| n.int(network::FREQUENCY) as u32);
        self.say_group_started(true, network, freq, go_device, persistent);
        self.watch_group_idle(cx);
    }

    /// Reports a group that started.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_started
    pub(crate) fn say_group_started(
        &mut self,
        owner: bool,
        network: Option<&Network>,
        freq: u32,
        go_device: MacAddr,
        persistent: bool,
    ) {
        let ssid = network.map(|n| n.ssid().to_string()).unwrap_or_default();
        let passphrase = network.and_then(|n| n.psk.passphrase.as_deref()).filter(|p| !p.is_empty());
        let key = match (passphrase, network.and_then(|n| n.psk.psk)) {
            (Some(passphrase), _) => format!(" passphrase=\"{}\"", String::from_utf8_lossy(passphrase)),
            (None, Some(psk)) => format!(" psk={}", hex(&psk)),
            (None, None) => String::new(),
        };
        let (name, role) = (&self.identity.ifname, if owner { "GO" } else { "client" });
        let persistent = if persistent { " [PERSISTENT]" } else { "" };
        self.device_msg(&format!(
            "P2P-GROUP-STARTED {name} {role} ssid=\"{ssid}\" freq={freq}{key} go_dev_addr={go_device}{persistent}"
        ));
    }

    /// Whether the group is persistent, and whose it is.
    pub(crate) fn persistence(&self, cx: &InterfaceContext<'_>, network: &Network) -> (bool, MacAddr) {
        if network.int(network::MODE) == mode::P2P_GO {
            return (network.p2p_persistent_group, cx.shared.device_addr);
        }
        self.persistence_in_scan_results(network).unwrap_or_default()
    }

    /// Returns what the owner says of the persistence of the group and its address, as far as they are known.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_persistent_group
    fn persistence_in_scan_results(&self, network: &Network) -> Option<(bool, MacAddr)> {
        let params = self.p2p.go_params();
        let bssid = params.map_or(self.link.bssid(), |p| p.peer_interface);
        let ssid = network.ssid();
        let of_device = || self.bss_of_device(params.map(|p| p.peer_device).filter(|a| !a.is_zero())?);
        let bss = self.bss.find(bssid, &ssid).or_else(of_device)?;
        let attributes = p2p_of_bss(bss)?;
        let persistent =
            attributes.capability.is_some_and(|(_, g)| g & group_capability::PERSISTENT_GROUP != 0);
        Some((persistent, attributes.device_addr().unwrap_or_default()))
    }

    /// Returns the entry of the group owner with this P2P Device Address that was heard last.
    //= hostap@2.10 wpa_supplicant/bss.c#wpa_bss_get_p2p_dev_addr
    pub(crate) fn bss_of_device(&self, device: MacAddr) -> Option<&Bss> {
        self.bss.iter().filter(|b| flags::p2p_device(b) == Some(device)).max_by_key(|b| b.last_update)
    }

    /// Handles the data connection of a group's client.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_completed
    pub(crate) fn p2p_completed(&mut self, cx: &mut InterfaceContext<'_>) {
        let network = self.current().cloned();
        if network.as_ref().is_none_or(|n| n.int(network::MODE) != mode::P2P_GROUP_FORMATION)
            && cx.shared.exists
        {
            cx.shared.formation_ends.cancel();
        }
        let Some(network) = network.filter(|_| self.p2p.take_start_due()) else { return };
        if self.is_forming(cx) {
            self.p2p.connects();
        }
        let pinned = network.addr(network::BSSID).unwrap_or_default();
        let (persistent, go_device) = self.persistence_in_scan_results(&network).unwrap_or((false, pinned));
        self.p2p.set_go_device(go_device);
        if self.is_forming(cx) {
            cx.shared.forming = None;
        }
        let freq = self.link.bss().and_then(|id| self.bss.get(id)).map_or(self.link.freq(), |b| b.freq);
        self.say_group_started(false, Some(&network), freq, go_device, persistent);
        if persistent {
            self.signal(ProcessRequest::StoreGroup { network: Box::new(network), go_device });
        }
    }

    /// Handles a change of the connection's state as far as groups are concerned.
    //= hostap@2.10 wpa_supplicant/notify.c#wpas_notify_state_changed
    pub(crate) fn group_connection_changed(&mut self, cx: &mut InterfaceContext<'_>, old: WpaState) {
        if self.ap.is_some() {
            return;
        }
        if self.link.state() == WpaState::Completed {
            self.timers.cancel(Timer::GroupIdle);
        } else if old >= WpaState::Associated
            && self.link.state() < WpaState::Associated
            && self.timers.deadline(Timer::GroupIdle).is_none()
        {
            self.watch_group_idle(cx);
        }
    }

    /// Sets the time after which an idle group is removed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_set_group_idle_timeout
    pub(crate) fn watch_group_idle(&mut self, cx: &mut InterfaceContext<'_>) {
        self.timers.cancel(Timer::GroupIdle);
        let Some(network) = self.current().filter(|n| n.p2p_group) else { return };
        let infra = network.int(network::MODE) == mode::INFRA;
        let seconds = match self.config.globals.int(global::P2P_GROUP_IDLE) {
            // A client may wait no longer than this for its owner; less than nothing means not at all.
            0 if infra => MAX_CLIENT_IDLE,
            n if infra => n.clamp(0, MAX_CLIENT_IDLE),
            n if n <= 0 => return,
            n => n,
        };
        // While the group is being formed, the formation's own limit counts.
        if !self.p2p.is_provisioning() && !self.p2p.owes_start() {
            self.timers.set(Timer::GroupIdle, cx.now + Duration::from_secs(i64::from(seconds)));
        }
    }

    /// Nobody used the group for its idle time.
    pub(crate) fn group_idle_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        let client = self.current().is_none_or(|n| n.p2p_group && n.int(network::MODE) == mode::INFRA);
        if client || self.config.globals.int(global::P2P_GROUP_IDLE) != 0 {
            self.delete_group(cx, Removal::Idle);
        }
    }

    /// The group has the first client, or none any more.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_idle_update
    pub(crate) fn group_idle_changed(&mut self, cx: &mut InterfaceContext<'_>, idle: bool) {
        if !idle {
            self.timers.cancel(Timer::GroupIdle);
        } else if cx.shared.fails_after_wps && self.p2p.is_provisioning() {
            self.fail_formation_now(cx);
        } else {
            self.watch_group_idle(cx);
        }
    }

    /// Two handshakes with the group failed.
    pub(crate) fn group_psk_failure_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        self.delete_group(cx, Removal::PskFailure);
    }

    /// The removal that came through the group's own socket.
    pub(crate) fn group_removal_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        self.delete_group(cx, Removal::Requested);
    }

    /// Handles the end of the session by the group owner. Returns whether the interface goes.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_deauth_notif
    pub(crate) fn owner_ends_session(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        reason: u16,
        locally_generated: bool,
    ) -> bool {
        let client = self.current().is_some_and(|n| n.p2p_group && n.int(network::MODE) == mode::INFRA);
        reason == reason::DEAUTH_LEAVING
            && !locally_generated
            && client
            && cx.shared.is_on()
            && self.delete_group(cx, Removal::GoEndingSession) == Removed::Interface
    }

    /// Counts a failed handshake with the group owner. Returns whether the group is given up.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_4way_hs_failed
    pub(crate) fn group_handshake_failed(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        let Some(network) = self.current().filter(|n| n.p2p_group).cloned() else { return false };
        if !self.p2p.handshake_fails(network.id) {
            return false;
        }
        if let Some((true, go_device)) = self.persistence_in_scan_results(&network) {
            self.signal(ProcessRequest::PskFailed { go_device, ssid: network.ssid() });
        }
        self.timers.set(Timer::GroupPskFailure, cx.now);
        true
    }
}

/// Returns the P2P attributes of a BSS: those of its probe response, or of its beacon.
pub(crate) fn p2p_of_bss(bss: &Bss) -> Option<Attributes> {
    let octets = concatenated(&bss.ies).or_else(|| concatenated(&bss.beacon_ies))?;
    Attributes::parse(&octets).ok()
}
