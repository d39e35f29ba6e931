//! Credentials become network blocks.
//= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpa_supplicant_wps_cred

use crate::config::keys::{global, network};
use crate::runtime::never;
use wpasim_wire::elements::eid;
use wpasim_wire::rsne::SecurityElement;
use wpasim_wire::wsc::{Credential, auth_type, encr_type};

use super::{Role, role};
use crate::bss::vendor;
use crate::config::Network;
use crate::config::text::{hex, parse_hex};
use crate::config::words::{auth_alg, cipher, key_mgmt, proto};
use crate::supplicant::interface::{Interface, InterfaceContext};

/// The ciphers that the driver has beyond CCMP, and that an AP with AES may turn out to use.
const DRIVER_CIPHERS: u32 = cipher::GCMP | cipher::GCMP_256 | cipher::CCMP_256;
/// Octets of a PSK in hexadecimal digits.
const PSK_DIGITS: usize = 64;

impl Interface {
    /// A credential came.
    pub(super) fn wps_credential(&mut self, cx: &mut InterfaceContext<'_>, credential: &Credential) {
        let processing = self.config.globals.int(global::WPS_CRED_PROCESSING);
        if matches!(processing, 1 | 2) && !credential.received.is_empty() {
            self.info(&format!("WPS-CRED-RECEIVED {}", hex(&credential.received)));
        } else {
            self.info("WPS-CRED-RECEIVED ");
        }
        if processing == 1 {
            return;
        }
        let Some(auth) = usable_auth_type(credential) else { return };
        let by_registrar = self.link.network().and_then(|id| self.config.network(id)).and_then(role)
            == Some(Role::Registrar);
        let Some(id) = self.network_for_credential(cx) else { return };
        self.fill_network(cx, id, credential, auth);
        if by_registrar && auth == auth_type::OPEN {
            self.disable_open_network(id);
        }
        self.add_what_the_ap_shows(id, credential);
        self.remove_duplicates(cx, id);
        self.save_updated_config();
        self.enrolling.keep_to_channel(self.link.freq());
    }

    /// Leaves it to the user to enable an open network that an external registrar was told of.
    fn disable_open_network(&mut self, id: i32) {
        self.info(&format!(
            "WPS-OPEN-NETWORK id={id} - Credentials for an open network disabled by default - use 'select_network \
             {id}' to enable"
        ));
        if let Some(network) = self.config.network_mut(id) {
            network.set_int_value(network::DISABLED, 1);
        }
    }

    /// The block of this enrolment, or a new one.
    fn network_for_credential(&mut self, cx: &InterfaceContext<'_>) -> Option<i32> {
        let current = self.link.network();
        let enrolling = current
            .and_then(|id| self.config.network_mut(id))
            .filter(|n| n.bits(network::KEY_MGMT) & key_mgmt::WPS != 0);
        let Some(network) = enrolling else {
            let current = current.and_then(|id| self.config.network(id));
            let (temporary, group) = current.map_or((false, false), |n| (n.temporary, n.p2p_group));
            let id = self.add_network_block(cx);
            let network = self.config.network_mut(id)?;
            network.temporary = temporary;
            network.p2p_group = group;
            return Some(id);
        };
        network.unset(network::IDENTITY);
        network.unset(network::PHASE1);
        network.unset(network::EAP);
        // The group of Wi-Fi Direct keeps to its owner, and is stored apart.
        if !network.p2p_group {
            network.temporary = false;
            network.set_addr_value(network::BSSID, None);
        }
        let id = network.id;
        self.failures.end_rest(id, true);
        Some(id)
    }

    fn fill_network(&mut self, cx: &mut InterfaceContext<'_>, id: i32, credential: &Credential, auth: u16) {
        let run = self.enrolling.run();
        let priority = self.config.globals.int(global::WPS_PRIORITY);
        let add_sae = self.config.globals.int(global::WPS_CRED_ADD_SAE) != 0;
        let Some(network) = self.config.network_mut(id) else { return never!("the network is configured") };
        set_defaults(network);
        network.wps_run = run;
        // An SSID of any octets as hexadecimal digits.
        let _ = network.set("ssid", hex(credential.ssid.as_bytes()).as_bytes());
        match credential.encr_type {
            encr_type::TKIP => network.set_bits(network::PAIRWISE, cipher::TKIP | cipher::CCMP),
            encr_type::AES => {
                network.set_bits(network::PAIRWISE, cipher::CCMP | DRIVER_CIPHERS);
                network.set_bits(network::GROUP, network.bits(network::GROUP) | DRIVER_CIPHERS);
            }
            _ => {}
        }
        network.set_bits(network::AUTH_ALG, auth_alg::OPEN);
        match auth {
            auth_type::OPEN => {
                network.set_bits(network::KEY_MGMT, key_mgmt::NONE);
                network.set_bits(network::PROTO, 0);
            }
            auth_type::WPA_PSK => {
                network.set_bits(network::KEY_MGMT, key_mgmt::PSK);
                network.set_bits(network::PROTO, proto::WPA | proto::RSN);
            }
            _ => {
                network.set_bits(network::KEY_MGMT, key_mgmt::PSK);
                network.set_bits(network::PROTO, proto::RSN);
                if add_sae && credential.key.len() != PSK_DIGITS {
                    network.set_bits(network::AUTH_ALG, 0);
                    network.set_bits(network::KEY_MGMT, key_mgmt::PSK | key_mgmt::SAE);
                    network.set_int_value(network::IEEE80211W, 1);
                }
            }
        }
        if auth != auth_type::OPEN {
            set_key(cx.env, network, &credential.key);
        }
        network.set_int_value(network::PRIORITY, priority);
    }

    /// Adds what the access point can do beyond its credential.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_security_workaround
    fn add_what_the_ap_shows(&mut self, id: i32, credential: &Credential) {
        let ssid = &credential.ssid;
        let bss = self.bss.find(credential.mac_addr, ssid).or_else(|| self.bss.find(self.link.bssid(), ssid));
        let Some(bss) = bss else { return };
        let read = |element: Option<&[u8]>| element.and_then(|e| SecurityElement::parse(e).ok());
        let (rsn_element, wpa_element) = (bss.ie(eid::RSN), bss.vendor_ie(vendor::WPA));
        let rsn = read(rsn_element);
        let has_rsn = rsn.is_some();
        let shown = rsn.or_else(|| read(wpa_element));
        let ccmp = shown.is_some_and(|s| s.pairwise.0 & cipher::CCMP != 0);
        let nothing_shown = wpa_element.is_none() && !has_rsn;
        let one_is_enough = self.config.globals.int(global::AP_SCAN) != 1;
        let Some(network) = self.config.network_mut(id) else { return never!("the network is configured") };
        let (pairwise, protos) = (network.bits(network::PAIRWISE), network.bits(network::PROTO));
        if nothing_shown && protos & proto::WPA != 0 && pairwise & cipher::TKIP != 0 {
            return;
        }
        if ccmp && pairwise & cipher::CCMP == 0 && pairwise & cipher::TKIP != 0 {
            network.set_bits(
                network::PAIRWISE,
                if one_is_enough { cipher::CCMP } else { pairwise | cipher::CCMP },
            );
        }
        if has_rsn && protos & proto::RSN == 0 && protos & proto::WPA != 0 {
            network.set_bits(network::PROTO, if one_is_enough { proto::RSN } else { protos | proto::RSN });
        }
    }

    /// Removes older networks that are the same as a new one.
    //= hostap@2.10 wpa_supplicant/wps_supplicant.c#wpas_wps_remove_dup_network
    fn remove_duplicates(&mut self, cx: &mut InterfaceContext<'_>, new: i32) {
        let older: Vec<i32> = self.config.networks.iter().map(|n| n.id).filter(|id| *id != new).collect();
        for id in older {
            let (Some(old), Some(fresh)) = (self.config.network(id), self.config.network(new)) else {
                continue;
            };
            if !is_same_network(old, fresh) {
                continue;
            }
            let merge = old.wps_run != 0
                && old.wps_run == fresh.wps_run
                && old.bits(network::KEY_MGMT) & key_mgmt::ANY_PSK != 0;
            let (protos, pairwise) = (old.bits(network::PROTO), old.bits(network::PAIRWISE));
            if merge {
                if !has_same_key(old, fresh) {
                    continue;
                }
                if let Some(fresh) = self.config.network_mut(new) {
                    fresh.set_bits(network::PROTO, fresh.bits(network::PROTO) | protos);
                    fresh.set_bits(network::PAIRWISE, fresh.bits(network::PAIRWISE) | pairwise);
                }
            } else if protos != fresh.bits(network::PROTO) || pairwise != fresh.bits(network::PAIRWISE) {
                continue;
            }
            self.network_removed(cx, id);
            if self.link.network() == Some(id) {
                self.link.network_is_replaced();
            }
            self.config.remove_network(id);
        }
    }
}

/// The authentication type to use, or `None` for a credential that is ignored.
fn usable_auth_type(credential: &Credential) -> Option<u16> {
    let mixed = auth_type::WPA_PSK | auth_type::WPA2_PSK;
    let auth = if credential.auth_type == mixed { auth_type::WPA2_PSK } else { credential.auth_type };
    match auth {
        auth_type::OPEN => Some(auth),
        auth_type::WPA_PSK | auth_type::WPA2_PSK if (8..=PSK_DIGITS).contains(&credential.key.len()) => {
            Some(auth)
        }
        _ => None,
    }
}

/// Sets the defaults as far as the network of an enrolment has other values.
//= hostap@2.10 wpa_supplicant/config.c#wpa_config_set_network_defaults
fn set_defaults(network: &mut Network) {
    for key in [network::PROTO, network::PAIRWISE, network::GROUP, network::KEY_MGMT] {
        network.unset(key);
    }
    for key in [network::FRAGMENT_SIZE, network::WPA_PTK_REKEY] {
        network.unset(key);
    }
}

fn set_key(env: crate::Env<'_>, network: &mut Network, key: &[u8]) {
    if key.len() == PSK_DIGITS {
        let digits = core::str::from_utf8(key).ok().and_then(parse_hex);
        network.psk.psk = digits.and_then(|d| d.try_into().ok());
        return;
    }
    let ssid = network.ssid();
    network.psk.psk = Some(env.psk.psk(key, ssid.as_bytes()));
    network.psk.passphrase = Some(key.to_vec());
}

fn is_same_network(old: &Network, new: &Network) -> bool {
    let groups = (old.bits(network::GROUP), new.bits(network::GROUP));
    old.addr(network::BSSID) == new.addr(network::BSSID)
        && !old.ssid().is_empty()
        && old.ssid() == new.ssid()
        && old.bits(network::AUTH_ALG) == new.bits(network::AUTH_ALG)
        && old.bits(network::KEY_MGMT) == new.bits(network::KEY_MGMT)
        && (groups.0 == groups.1 || groups.0 & groups.1 & cipher::CCMP != 0)
}

fn has_same_key(old: &Network, new: &Network) -> bool {
    old.psk.passphrase == new.psk.passphrase && (new.psk.psk.is_none() || old.psk.psk == new.psk.psk)
}
