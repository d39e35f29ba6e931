//! The questions that the device machine asks its process.

use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;

use super::P2pWork;
use super::persistent::is_persistent_of;
use crate::p2p::{Discoverability, Host, Invitation, InvitationVerdict, OwnGroup, Progress};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::work::Work;
use crate::supplicant::interface::{Context, Interface};
use crate::supplicant::state::WpaState;
use wpasim_wire::p2p::status;

/// The process while the device machine runs.
pub(super) struct HostView<'a> {
    pub supplicant: &'a Supplicant,
    pub cx: Context<'a>,
}

impl HostView<'_> {
    fn shared(&self) -> &super::Shared {
        &self.supplicant.p2p.shared
    }

    fn owners(&self) -> impl Iterator<Item = &Interface> {
        let owns = |i: &&Interface| {
            let kind = i.current().map(|n| n.int(network::MODE));
            i.ap.is_some() && matches!(kind, Some(mode::P2P_GO | mode::P2P_GROUP_FORMATION))
        };
        self.supplicant.interfaces.iter().filter(owns)
    }
}

impl Host for HostView<'_> {
    fn scan_busy(&self) -> bool {
        let work = self.supplicant.device_work();
        matches!(work, Some(Work::P2p(P2pWork::Scan(_))))
    }

    fn listen_busy(&self) -> bool {
        matches!(self.supplicant.device_work(), Some(Work::P2p(P2pWork::Listen { .. })))
    }

    fn send_needs_channel(&self, freq: u32) -> bool {
        !self.supplicant.is_on_channel(freq)
    }

    fn go_connected(&self, device: MacAddr) -> bool {
        self.supplicant.interfaces.iter().any(|i| {
            let other = i.current().is_some_and(|n| n.int(network::MODE) != mode::INFRA || !n.p2p_group);
            !other && i.p2p.go_device() == device
        })
    }

    fn concurrent_session_active(&self) -> bool {
        let device = self.shared().device_iface;
        self.supplicant.interfaces.iter().any(|i| i.id() != device && i.link.state() > WpaState::Associated)
    }

    fn in_progress(&self) -> bool {
        let shared = self.shared();
        shared.progress != Progress::Idle
            || shared.forming.is_some_and(|id| id != shared.device_iface)
            || shared.awaiting_client.is_some()
    }

    fn noa(&self, _interface: MacAddr) -> Option<Vec<u8>> {
        // The driver has none to tell (hwsim's group owners are always present).
        None
    }

    /// Decides about an invitation that was received.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_invitation_process
    fn invitation(&self, invitation: &Invitation<'_>) -> InvitationVerdict {
        let p2p = &self.supplicant.p2p;
        let refuse = |status| InvitationVerdict { status, ..InvitationVerdict::default() };
        let expected = |addr: MacAddr| p2p.auth_invite == Some(addr);
        if !invitation.persistent {
            if !expected(invitation.go_device) && !expected(invitation.src) {
                return refuse(status::INFO_CURRENTLY_UNAVAILABLE);
            }
            return self.accepted(false, None);
        }
        if let Some((go, bssid)) = self.supplicant.running_group(invitation.ssid) {
            return self.accepted(go, go.then_some(bssid));
        }
        let Some(device) = self.supplicant.device_interface() else { return refuse(status::UNKNOWN_GROUP) };
        if !expected(invitation.src) && device.config.globals.int(global::PERSISTENT_RECONNECT) == 0 {
            return refuse(status::INFO_CURRENTLY_UNAVAILABLE);
        }
        let stored = device.config.networks.iter().find(|n| {
            is_persistent_of(n, invitation.ssid) && n.addr(network::BSSID) == Some(invitation.go_device)
        });
        let Some(stored) = stored else { return refuse(status::UNKNOWN_GROUP) };
        if stored.int(network::MODE) != mode::P2P_GO {
            return self.accepted(false, None);
        }
        let own = if self.supplicant.makes_group_interfaces() {
            self.supplicant.group_interface_addr(self.cx)
        } else {
            (device.link.state() < WpaState::Authenticating).then_some(device.identity.addr)
        };
        match own {
            Some(addr) => self.accepted(true, Some(addr)),
            None => refuse(status::UNABLE_TO_ACCOMMODATE),
        }
    }

    fn groups(&self) -> Vec<OwnGroup> {
        self.owners().filter_map(Interface::own_group).collect()
    }

    fn discoverability_request(&self, client: MacAddr) -> Discoverability {
        let asked = self.owners().filter_map(|i| i.discoverability(client));
        asked.into_iter().next().unwrap_or(Discoverability::Unknown)
    }

    fn presence(&self, group: MacAddr, client: MacAddr, _noa: &[u8]) -> u8 {
        let owner = self.owners().find(|i| i.identity.addr == group);
        owner.and_then(|i| i.presence(client)).unwrap_or(status::INVALID_PARAMS)
    }
}

impl HostView<'_> {
    /// On the channel that is in use anyway.
    fn accepted(&self, go: bool, group_bssid: Option<MacAddr>) -> InvitationVerdict {
        let force_freq = self.supplicant.used_freq();
        InvitationVerdict { status: status::SUCCESS, go, group_bssid, force_freq }
    }
}
