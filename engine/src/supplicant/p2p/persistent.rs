//! Persistent groups: stored as network blocks that are never connected to by themselves
//! (`disabled=2`), with the clients that joined.

use crate::config::keys::network;
use crate::runtime::never;
use wpasim_wire::{MacAddr, Ssid};

use crate::config::Network;
use crate::config::text::MaskedAddr;
use crate::config::words::{auth_alg, cipher, key_mgmt, proto};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::{Context, Interface};

/// Clients a group remembers (P2P_MAX_STORED_CLIENTS).
const MAX_CLIENTS: usize = 100;

/// Whether the block stores the persistent group with this SSID.
pub(super) fn is_persistent_of(network: &Network, ssid: &[u8]) -> bool {
    network.is_persistent_group() && network.ssid().as_bytes() == ssid
}

fn clients(network: &Network) -> Vec<MacAddr> {
    network.addrs(network::P2P_CLIENT_LIST).iter().map(|a| a.addr).collect()
}

fn set_clients(network: &mut Network, clients: &[MacAddr]) {
    let list = clients.iter().map(|addr| MaskedAddr { addr: *addr, mask: MacAddr::BROADCAST }).collect();
    network.set_addrs_value(network::P2P_CLIENT_LIST, list);
}

impl Supplicant {
    /// Stores a persistent group as a network of the P2P device.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_store_persistent_group
    pub(super) fn store_group(&mut self, group: &Network, go_device: MacAddr) {
        self.on_device_interface(|i| i.store_group(group, go_device));
    }

    /// Stores a client of a persistent group. The newest is the last.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_add_persistent_group_client
    pub(super) fn store_client(&mut self, group: &Network, client: MacAddr) {
        let ssid = group.ssid();
        self.on_device_interface(|i| {
            let stored = i
                .config
                .networks
                .iter_mut()
                .find(|n| is_persistent_of(n, ssid.as_bytes()) && n.int(network::MODE) == mode::P2P_GO);
            let Some(network) = stored else { return };
            let mut known = clients(network);
            if known.last() == Some(&client) {
                return;
            }
            known.retain(|c| *c != client);
            if known.len() >= MAX_CLIENTS {
                known.remove(0);
            }
            known.push(client);
            set_clients(network, &known);
            i.save_config();
        });
    }

    /// A persistent group's owner does not know its own key.
    pub(super) fn persistent_psk_failed(&mut self, go_device: MacAddr, ssid: &Ssid) {
        let stored = self.device_interface().and_then(|i| i.persistent_with(go_device, Some(ssid)));
        if let Some(id) = stored.filter(|n| n.int(network::MODE) == mode::INFRA).map(|n| n.id) {
            self.p2p_event(&format!("P2P-PERSISTENT-PSK-FAIL id={id}"));
        }
    }

    /// Returns whether this device owns the running group with this SSID, and the group's address.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_get_p2p_group
    pub(super) fn running_group(&self, ssid: &[u8]) -> Option<(bool, MacAddr)> {
        self.interfaces.iter().rev().find_map(|i| {
            let runs = |n: &&Network| {
                let owner = n.int(network::MODE) == mode::P2P_GO;
                n.disabled() == 0
                    && n.p2p_group
                    && n.ssid().as_bytes() == ssid
                    && (!owner || i.link.network() == Some(n.id))
            };
            let network = i.config.networks.iter().find(runs)?;
            Some((network.int(network::MODE) == mode::P2P_GO, i.identity.addr))
        })
    }

    /// Removes a peer that does not know the stored group any more. `invited`: the peer said so.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_remove_persistent_peer
    pub(super) fn forget_persistent_peer(&mut self, cx: Context<'_>, id: i32, peer: MacAddr) {
        self.with_device_interface(cx, |i, cx| {
            let Some(network) = i.config.network_mut(id) else { return never!("the network is configured") };
            let mut known = clients(network);
            if known.contains(&peer) {
                known.retain(|c| *c != peer);
                set_clients(network, &known);
                i.save_config();
            } else if network.int(network::MODE) != mode::P2P_GO && network.addr(network::BSSID) == Some(peer)
            {
                i.say_network_removed(cx, id);
                i.config.remove_network(id);
            }
        });
    }

    /// P2P_REMOVE_CLIENT: from stored groups and from those that run. `interface`:
    /// the address is not a P2P Device Address.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_remove_client
    pub(crate) fn p2p_remove_client(&mut self, cx: Context<'_>, peer: MacAddr, interface: bool) {
        let stored: Vec<i32> = self.device_interface().map_or_else(Vec::new, |i| {
            let owned = |n: &&Network| n.is_persistent_group() && n.int(network::MODE) == mode::P2P_GO;
            i.config.networks.iter().filter(owned).map(|n| n.id).collect()
        });
        for id in stored {
            if !interface {
                self.forget_persistent_peer(cx, id, peer);
            }
            self.on_device_interface(|i| {
                if i.config.network_mut(id).is_some_and(|n| n.forget_psk(peer, !interface)) {
                    i.save_config();
                }
            });
        }
        let owners: Vec<_> = self.interfaces.iter().filter(|i| i.ap.is_some()).map(Interface::id).collect();
        for id in owners {
            self.with_interface(cx, id, |i, cx| i.remove_group_client(cx, peer, interface));
        }
    }
}

impl Interface {
    /// Returns a stored group that the peer owns or has joined.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_get_persistent
    pub(crate) fn persistent_with(&self, peer: MacAddr, ssid: Option<&Ssid>) -> Option<&Network> {
        self.config.networks.iter().find(|n| {
            n.is_persistent_group()
                && ssid.is_none_or(|s| n.ssid() == *s)
                && (n.addr(network::BSSID) == Some(peer)
                    || (n.int(network::MODE) == mode::P2P_GO && clients(n).contains(&peer)))
        })
    }

    fn store_group(&mut self, group: &Network, go_device: MacAddr) {
        let ssid = group.ssid();
        let known = self
            .config
            .networks
            .iter()
            .find(|n| is_persistent_of(n, ssid.as_bytes()) && n.addr(network::BSSID) == Some(go_device));
        let (id, is_new) = match known {
            Some(network) => (network.id, false),
            None => (self.config.add_network(), true),
        };
        let Some(network) = self.config.network_mut(id) else { return never!("the network is configured") };
        let passphrase = group.psk.passphrase.as_ref();
        let changed = is_new || passphrase.is_some_and(|p| network.psk.passphrase.as_ref() != Some(p));
        network.p2p_group = true;
        network.p2p_persistent_group = true;
        network.set_int_value(network::DISABLED, 2);
        network.set_addr_value(network::BSSID, Some(go_device));
        network.set_int_value(network::MODE, group.int(network::MODE));
        network.set_bits(network::AUTH_ALG, auth_alg::OPEN);
        network.set_bits(network::KEY_MGMT, key_mgmt::PSK);
        network.set_bits(network::PROTO, proto::RSN);
        network.set_bits(network::PAIRWISE, cipher::CCMP);
        if passphrase.is_some() {
            network.psk.passphrase = passphrase.cloned();
        }
        if group.psk.psk.is_some() {
            network.psk.psk = group.psk.psk;
        }
        network.set_ssid(&ssid);
        if changed {
            self.save_config();
        }
    }
}
