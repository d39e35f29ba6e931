//! Invitations: to a group that runs, to start a stored one again, and what comes of either.

use crate::config::keys::network;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfType;
use wpasim_wire::p2p::status;
use wpasim_wire::time::Duration;

use super::formation::OwnerStart;
use super::group::INITIAL_CONNECTION;
use super::persistent::is_persistent_of;
use super::{InvitedGroup, Timer};
use crate::config::Network;
use crate::config::words::{cipher, key_mgmt, proto};
use crate::p2p::{Channels, Event, InviteRequest, InviteRole, Persistence};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::{Context, Interface, InterfaceContext};
use crate::supplicant::state::WpaState;

/// The owner of a group that is started again waits for its first client.
const FIRST_CONNECTION: Duration = Duration::from_secs(15);
/// On the channel of the invitation, in case its answer was not heard.
const SETTLE: Duration = Duration::from_millis(50);
/// A group's owner was heard recently enough to be looked for where it was.
const RECENTLY: Duration = Duration::from_secs(5);

impl Supplicant {
    /// P2P_INVITE persistent=.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_invite
    pub(crate) fn p2p_invite(
        &mut self,
        cx: Context<'_>,
        id: i32,
        peer: Option<MacAddr>,
        freq: Option<u32>,
        pref_freq: Option<u32>,
    ) -> bool {
        let Some(network) = self.device_interface().and_then(|i| i.config.network(id)) else { return false };
        let network = network.clone();
        self.p2p.invite_group = None;
        self.p2p.auth_invite = peer;
        self.p2p.persistent_go_freq = freq;
        let owner = network.int(network::MODE) == mode::P2P_GO;
        let (role, peer, bssid) = if owner {
            let Some(peer) = peer else { return false };
            let own = if self.makes_group_interfaces() {
                self.announce_group_interface(cx, IfType::P2pGo)
            } else {
                self.device_interface().map(|i| i.identity.addr)
            };
            let Some(own) = own else { return false };
            (InviteRole::Go, peer, Some(own))
        } else {
            (InviteRole::Client, network.addr(network::BSSID).unwrap_or_default(), None)
        };
        self.p2p.invited_network = Some(id);
        let Ok(force_freq) = self.choose_freqs(freq, owner) else { return false };
        if !self.p2p.shared.is_on() {
            return false;
        }
        self.stop_search(cx);
        let request = InviteRequest {
            peer,
            role,
            bssid,
            ssid: network.ssid(),
            force_freq,
            pref_freq,
            go_device: None,
            persistent: true,
            password_id: None,
        };
        self.with_device(cx, |d, cx| d.invite(cx, request)).is_some_and(|r| r.is_ok())
    }

    /// P2P_INVITE group=.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_invite_group
    pub(crate) fn p2p_invite_group(
        &mut self,
        cx: Context<'_>,
        ifname: &str,
        peer: MacAddr,
        go_device: Option<MacAddr>,
    ) -> bool {
        self.p2p.persistent_go_freq = None;
        let Some(interface) = self.interfaces.iter().find(|i| i.identity.ifname == ifname) else {
            return false;
        };
        let Some(network) = interface.current().cloned() else { return false };
        let (id, own) = (interface.id(), interface.identity.addr);
        let owner = network.int(network::MODE) == mode::P2P_GO;
        if !owner && interface.link.state() < WpaState::Associated {
            return false;
        }
        let (role, bssid, freq, go) = if owner {
            let device = self.p2p.shared.device_addr;
            (InviteRole::ActiveGo, own, network.int(network::FREQUENCY) as u32, Some(device))
        } else {
            let known = Some(interface.p2p.go_device()).filter(|a| !a.is_zero());
            (InviteRole::Client, interface.link.bssid(), interface.link.freq(), known)
        };
        let stored = self.device_interface().and_then(|i| i.persistent_with(peer, Some(&network.ssid())));
        let persistent = network.p2p_persistent_group && stored.is_some();
        self.p2p.invite_group = Some(id);
        self.p2p.invited_network = None;
        if !self.p2p.shared.is_on() {
            return false;
        }
        let Ok(force_freq) = self.choose_freqs(Some(freq), owner) else { return false };
        let request = InviteRequest {
            peer,
            role,
            bssid: Some(bssid),
            ssid: network.ssid(),
            force_freq,
            pref_freq: None,
            go_device: go_device.or(go),
            persistent,
            password_id: None,
        };
        self.with_device(cx, |d, cx| {
            d.set_own_freq_preference(force_freq);
            d.invite(cx, request)
        })
        .is_some_and(|r| r.is_ok())
    }

    /// Handles an invitation that was answered: the group is started or reported.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_invitation_received
    pub(super) fn invitation_received(&mut self, cx: Context<'_>, event: Event) {
        let Event::InvitationReceived { src, bssid, ssid, go_device, status, op_freq } = event else {
            return;
        };
        let stored = self.device_interface().and_then(|i| {
            let network = i.config.networks.iter().find(|n| is_persistent_of(n, ssid.as_bytes()))?;
            Some((network.id, network.int(network::MODE) == mode::P2P_GO))
        });
        if status == status::SUCCESS {
            self.p2p.auth_invite = self.p2p.auth_invite.filter(|a| stored.is_none() || *a != src);
            return match (stored, bssid) {
                (Some((id, owner)), _) => {
                    let freq = op_freq.unwrap_or(0);
                    let freq_text = if owner { format!(" freq={freq}") } else { String::new() };
                    self.p2p_event(&format!("P2P-INVITATION-ACCEPTED sa={src} persistent={id}{freq_text}"));
                    let patience = owner.then_some(FIRST_CONNECTION);
                    let invited =
                        InvitedGroup { network: id, force_freq: None, freq: op_freq, channels: None };
                    self.start_stored_group(cx, &invited, patience, true);
                }
                (None, Some(bssid)) => {
                    self.p2p.joining.user_initiated = false;
                    self.p2p_event(&format!(
                        "P2P-INVITATION-ACCEPTED sa={src} go_dev_addr={go_device} bssid={bssid} unknown-network"
                    ));
                    let method = self.p2p.wanted.wps_method;
                    self.join(cx, (bssid, go_device), (method, false), (op_freq, Some(ssid)));
                }
                (None, None) => {}
            };
        }
        if status != status::INFO_CURRENTLY_UNAVAILABLE {
            return;
        }
        let text = match (stored, bssid) {
            (Some((id, true)), _) if op_freq.is_some() => {
                format!("persistent={id} freq={}", op_freq.unwrap_or(0))
            }
            (Some((id, _)), _) => format!("persistent={id}"),
            (None, Some(bssid)) => format!("go_dev_addr={go_device} bssid={bssid} unknown-network"),
            (None, None) => format!("go_dev_addr={go_device} unknown-network"),
        };
        self.p2p_event(&format!("P2P-INVITATION-RECEIVED sa={src} {text}"));
    }

    /// Handles the answer to an invitation of this device.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_invitation_result
    pub(super) fn invitation_result(&mut self, cx: Context<'_>, event: Event) {
        let Event::InvitationResult { status, bssid, channels, peer, freq, peer_oper_freq } = event else {
            return;
        };
        let code = status.map_or(-1, i32::from);
        let at = bssid.map(|b| b.to_string()).unwrap_or_default();
        self.p2p_event(&format!("P2P-INVITATION-RESULT status={code} {at}"));
        let unknown = status == Some(status::UNKNOWN_GROUP);
        let Some(id) = self.p2p.invited_network else {
            return self.group_invitation_result(cx, status, peer);
        };
        if status != Some(status::SUCCESS) {
            if unknown {
                self.forget_persistent_peer(cx, id, peer);
            }
            self.p2p.pending_interface = None;
            return;
        }
        let Some(network) = self.device_interface().and_then(|i| i.config.network(id)) else { return };
        let owner = network.int(network::MODE) == mode::P2P_GO;
        let agreed = if owner { freq } else { peer_oper_freq };
        let agreed = agreed.filter(|f| channels.as_ref().is_none_or(|c| c.includes_freq(*f)));
        let force_freq = self.p2p.persistent_go_freq;
        self.p2p.invited_group = Some(InvitedGroup { network: id, force_freq, freq: agreed, channels });
        self.p2p.timers.set(Timer::StartInvited, cx.now + SETTLE);
    }

    /// The peer was invited to a group that runs.
    fn group_invitation_result(&mut self, cx: Context<'_>, status: Option<u8>, peer: MacAddr) {
        let group = self.p2p.invite_group.and_then(|id| self.interface(id));
        let network =
            group.and_then(Interface::current).filter(|n| n.int(network::MODE) == mode::P2P_GO).cloned();
        let Some(network) = network else { return };
        if status == Some(status::UNKNOWN_GROUP) && network.p2p_persistent_group {
            let stored = self.device_interface().and_then(|i| i.persistent_with(peer, Some(&network.ssid())));
            if let Some(id) = stored.map(|n| n.id) {
                self.forget_persistent_peer(cx, id, peer);
            }
        }
        if status == Some(status::SUCCESS) {
            self.p2p.shared.awaiting_client = Some(cx.now);
        }
    }

    /// The invitation has settled: the stored group is started.
    pub(super) fn start_invited_group(&mut self, cx: Context<'_>) {
        let Some(invited) = self.p2p.invited_group.take() else { return };
        let network = self.device_interface().and_then(|i| i.config.network(invited.network));
        let owner = network.is_some_and(|n| n.int(network::MODE) == mode::P2P_GO);
        self.start_stored_group(cx, &invited, owner.then_some(FIRST_CONNECTION), true);
    }

    /// P2P_GROUP_ADD persistent=.
    pub(crate) fn p2p_group_add_persistent(&mut self, cx: Context<'_>, id: i32, freq: Option<u32>) -> bool {
        let stored = self.device_interface().and_then(|i| i.config.network(id));
        if stored.is_none_or(|n| !n.is_persistent_group()) {
            return false;
        }
        let group = InvitedGroup { network: id, force_freq: freq, freq: None, channels: None };
        self.start_stored_group(cx, &group, None, false)
    }

    /// Starts a stored persistent group.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_add_persistent
    fn start_stored_group(
        &mut self,
        cx: Context<'_>,
        group: &InvitedGroup,
        first_connection: Option<Duration>,
        new_results_only: bool,
    ) -> bool {
        let Some(network) = self.device_interface().and_then(|i| i.config.network(group.network)) else {
            return false;
        };
        let network = network.clone();
        if !network.is_persistent_group() || !network.has_ssid() {
            return false;
        }
        let owner = network.int(network::MODE) == mode::P2P_GO;
        if self.running_group(network.ssid().as_bytes()).is_some_and(|(go, _)| go == owner) {
            if !owner && self.p2p.shared.formation_ends.is_set() {
                self.p2p.shared.formation_ends.set(cx.now + INITIAL_CONNECTION);
            }
            return true;
        }
        self.stop_search(cx);
        self.p2p.wanted.fallback = false;
        match network.int(network::MODE) {
            mode::P2P_GO => self.own_stored_group(cx, &network, group, first_connection),
            mode::INFRA => {
                let freq = self.expected_freq(cx, &network, group);
                self.enter_stored_group(cx, &network, freq, new_results_only)
            }
            _ => false,
        }
    }

    fn own_stored_group(
        &mut self,
        cx: Context<'_>,
        network: &Network,
        group: &InvitedGroup,
        first_connection: Option<Duration>,
    ) -> bool {
        let freq = match group.force_freq {
            Some(freq) => match self.freq_as_owner(Some(freq)) {
                Some(freq) => freq,
                None => return false,
            },
            None => self
                .freq_as_owner(group.freq)
                .flatten()
                .filter(|f| group.channels.as_ref().is_none_or(|c| c.includes_freq(*f))),
        };
        let Some(mut params) = self.owner_params(freq, group.channels.as_ref()) else { return false };
        let passphrase = network.psk.passphrase.as_deref().unwrap_or_default();
        params.psk = network.psk.psk;
        params.passphrase = String::from_utf8_lossy(passphrase).into_owned();
        params.ssid = network.ssid();
        params.persistence = Persistence::Persistent;
        params.freq_list = group.channels.as_ref().map(Channels::freqs).unwrap_or_default();
        let Some(id) = self.interface_for_group(cx, true) else { return false };
        let identity = self.group_identity();
        self.with_interface(cx, id, |i, cx| {
            i.p2p.set_identity(identity);
            i.p2p.limit_first_connection(first_connection);
            i.start_group_owner(cx, params, OwnerStart::Autonomous);
        });
        true
    }

    /// Returns the frequency at which the owner will be, in MHz.
    fn expected_freq(&self, cx: Context<'_>, network: &Network, group: &InvitedGroup) -> Option<u32> {
        let suits = |freq: &u32| group.channels.as_ref().is_none_or(|c| c.includes_freq(*freq));
        let seen = || {
            let bss = self.device_interface()?.bss_of_device(network.addr(network::BSSID)?)?;
            (cx.now - bss.last_update <= RECENTLY).then_some(bss.freq)
        };
        group.freq.filter(suits).or_else(|| seen().filter(suits))
    }

    /// Connects as a client to a stored persistent group.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_start_p2p_client
    fn enter_stored_group(
        &mut self,
        cx: Context<'_>,
        network: &Network,
        freq: Option<u32>,
        new_results_only: bool,
    ) -> bool {
        let Some(id) = self.interface_for_group(cx, false) else { return false };
        self.p2p.shared.forming = Some(id);
        self.p2p.shared.formation_ends.set(cx.now + INITIAL_CONNECTION);
        self.with_interface(cx, id, |i, cx| i.enter_group(cx, network, freq, new_results_only));
        true
    }
}

impl Interface {
    fn enter_group(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        stored: &Network,
        freq: Option<u32>,
        new_results_only: bool,
    ) {
        if new_results_only {
            self.p2p.count_results_since(Some(cx.now));
        }
        self.end_access_point(cx);
        self.p2p.forgets_owner_and_failures();
        let id = self.config.add_network();
        if let Some(network) = self.config.network_mut(id) {
            network.temporary = true;
            network.p2p_group = true;
            network.set_bits(network::PROTO, proto::RSN);
            network.set_bits(network::PAIRWISE, cipher::CCMP);
            network.set_bits(network::GROUP, cipher::CCMP);
            network.set_bits(network::KEY_MGMT, key_mgmt::PSK);
            network.set_ssid(&stored.ssid());
            network.psk = stored.psk.clone();
        }
        self.p2p.entry_begins(freq);
        self.select_network(cx, Some(id));
    }
}
