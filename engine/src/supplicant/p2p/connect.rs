//! P2P_CONNECT and P2P_GROUP_ADD, and what group owner negotiation came to.

use crate::config::keys::{global, network};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfType;
use wpasim_wire::time::Duration;

use super::formation::{OwnerStart, formation_time};
use super::group::{FormationEnd, Remains};
use super::{Removed, Timer};
use crate::p2p::{ConnectRequest, GoNegResults, Persistence, WpsMethod};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;
use crate::supplicant::interface::parts::group::GroupInterface;

/// The intent that always owns the group.
const OWNER_INTENT: u8 = 15;
/// The time that this device takes to start as owner and as client, in units of 10 ms.
const CONFIG_TIMEOUT: (u8, u8) = (100, 20);
/// As owner with 40 MHz, which takes a scan.
const CONFIG_TIMEOUT_HT40: u8 = 255;

/// The reason why P2P_CONNECT is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the peer or a value is not good")]
    Failed,
    #[error("the channel is not available now")]
    Unavailable,
    #[error("the channel is not supported")]
    Unsupported,
}

/// The arguments of P2P_CONNECT.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ConnectArgs {
    pub peer: MacAddr,
    /// None for push button, or for a new one to display.
    pub pin: Option<String>,
    pub wps_method: WpsMethod,
    pub persistent_group: bool,
    /// The stored group to own.
    pub persistent_id: Option<i32>,
    pub auto: bool,
    pub join: bool,
    pub auth: bool,
    pub go_intent: Option<u8>,
    /// In MHz.
    pub freq: Option<u32>,
    pub pd_before_go_neg: bool,
    pub ht40: bool,
    /// Of the group to join.
    pub ssid: Option<wpasim_wire::Ssid>,
}

impl Supplicant {
    /// Handles P2P_CONNECT. Returns the PIN that was made for it, if one was.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_connect
    pub(crate) fn p2p_connect(
        &mut self,
        cx: Context<'_>,
        args: ConnectArgs,
    ) -> Result<Option<String>, ConnectError> {
        if !self.p2p.shared.is_on() {
            return Err(ConnectError::Failed);
        }
        let force_ssid = match args.persistent_id {
            Some(id) => Some(self.owned_group(id).ok_or(ConnectError::Failed)?.ssid()),
            None => None,
        };
        self.p2p.shared.fails_after_wps = false;
        let configured = self.device_interface().map_or(0, |i| i.config.globals.int(global::P2P_GO_INTENT));
        let go_intent =
            args.go_intent.unwrap_or_else(|| u8::try_from(configured).unwrap_or(0).min(OWNER_INTENT));
        if !args.auth {
            self.p2p.long_listen = Duration::ZERO;
        }
        let made = self.note_wanted(&args, go_intent);
        if args.join || args.auto {
            self.connect_to_group(cx, &args);
            return Ok(made);
        }
        self.negotiate(cx, &args, go_intent, force_ssid)?;
        Ok(made)
    }

    /// The stored group with this number, if this device owns it.
    fn owned_group(&self, id: i32) -> Option<&crate::config::Network> {
        let network = self.device_interface()?.config.network(id)?;
        (network.is_persistent_group() && network.int(network::MODE) == mode::P2P_GO).then_some(network)
    }

    fn note_wanted(&mut self, args: &ConnectArgs, go_intent: u8) -> Option<String> {
        let made =
            (args.pin.is_none() && args.wps_method == WpsMethod::PinDisplay).then(|| self.p2p.new_pin());
        self.p2p.wanted = super::Wanted {
            pin: args.pin.clone().or_else(|| made.clone()).unwrap_or_default(),
            wps_method: args.wps_method,
            persistent_group: args.persistent_group,
            persistent_id: args.persistent_id,
            go_intent,
            freq: args.freq,
            pd_before_go_neg: args.pd_before_go_neg,
            ht40: args.ht40,
            fallback: false,
            creates_interface: false,
        };
        let wanted = self.p2p.wanted.clone();
        self.on_device_interface(|i| {
            i.p2p.is_asked(wanted.pin, wanted.wps_method, None);
        });
        made
    }

    /// A running group is to be joined.
    fn connect_to_group(&mut self, cx: Context<'_>, args: &ConnectArgs) {
        if args.auth {
            self.p2p.auth_invite = Some(args.peer);
            return;
        }
        let device = self.device();
        let (interface, peer) = match device.and_then(|d| d.interface_addr(args.peer)) {
            Some(interface) => (interface, args.peer),
            None => (args.peer, device.and_then(|d| d.device_addr(args.peer)).unwrap_or(args.peer)),
        };
        if args.auto {
            self.p2p.joining.auto_started = cx.now;
        }
        self.p2p.joining.user_initiated = true;
        self.join(cx, (interface, peer), (args.wps_method, args.auto), (args.freq, args.ssid.clone()));
    }

    /// Group owner negotiation, begun or allowed.
    fn negotiate(
        &mut self,
        cx: Context<'_>,
        args: &ConnectArgs,
        go_intent: u8,
        force_ssid: Option<wpasim_wire::Ssid>,
    ) -> Result<(), ConnectError> {
        let owner = go_intent == OWNER_INTENT;
        let force_freq = self.choose_freqs(args.freq, owner)?;
        self.with_device(cx, |d, _| d.set_own_freq_preference(force_freq));
        self.p2p.wanted.creates_interface = self.makes_group_interfaces();
        let own_interface = if self.p2p.wanted.creates_interface {
            let iftype = if owner { IfType::P2pGo } else { IfType::P2pClient };
            self.announce_group_interface(cx, iftype).ok_or(ConnectError::Failed)?
        } else {
            self.on_device_interface(|i| {
                i.p2p.set_go_device(MacAddr::ZERO);
                i.identity.addr
            })
            .ok_or(ConnectError::Failed)?
        };
        let reconnect =
            self.device_interface().is_some_and(|i| i.config.globals.int(global::PERSISTENT_RECONNECT) != 0);
        let request = ConnectRequest {
            peer: args.peer,
            wps_method: args.wps_method,
            go_intent,
            own_interface,
            force_freq,
            pref_freq: None,
            persistence: match (args.persistent_group, reconnect) {
                (false, _) => Persistence::None,
                (true, false) => Persistence::Persistent,
                (true, true) => Persistence::Reconnect,
            },
            force_ssid,
            pd_before_go_neg: args.pd_before_go_neg,
        };
        let (auth, ht40) = (args.auth, args.ht40);
        let begun = self.with_device(cx, |d, cx| {
            if auth {
                return d.authorize(cx, request);
            }
            d.set_config_timeout(if ht40 { CONFIG_TIMEOUT_HT40 } else { CONFIG_TIMEOUT.0 }, CONFIG_TIMEOUT.1);
            d.connect(cx, request)
        });
        match begun {
            Some(Ok(())) => Ok(()),
            _ => {
                if !auth && self.p2p.wanted.creates_interface {
                    self.p2p.pending_interface = None;
                }
                Err(ConnectError::Failed)
            }
        }
    }

    /// Negotiates, since the peer owns no group after all.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_fallback_to_go_neg
    pub(super) fn negotiate_instead(&mut self, cx: Context<'_>) {
        self.action_done(cx);
        let wanted = self.p2p.wanted.clone();
        let args = ConnectArgs {
            peer: self.p2p.joining.device,
            pin: Some(wanted.pin).filter(|p| !p.is_empty()),
            wps_method: wanted.wps_method,
            persistent_group: wanted.persistent_group,
            persistent_id: wanted.persistent_id,
            go_intent: Some(wanted.go_intent),
            freq: wanted.freq,
            pd_before_go_neg: wanted.pd_before_go_neg,
            ht40: wanted.ht40,
            ..ConnectArgs::default()
        };
        // Nobody waits for an answer any more.
        let _ = self.p2p_connect(cx, args);
    }

    /// Handles the end of a group owner negotiation: the group's interface is made and its formation starts.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_go_neg_completed
    pub(super) fn negotiated(&mut self, cx: Context<'_>, mut results: GoNegResults) {
        self.leave_channel();
        if results.status != 0 {
            self.p2p_event(&format!("P2P-GO-NEG-FAILURE status={}", results.status));
            self.p2p.pending_interface = None;
            return;
        }
        let role = if results.role_go { "GO" } else { "client" };
        self.p2p_event(&format!(
            "P2P-GO-NEG-SUCCESS role={role} freq={} ht40={} peer_dev={} peer_iface={} wps_method={}",
            results.freq,
            u8::from(self.p2p.wanted.ht40),
            results.peer_device,
            results.peer_interface,
            method_text(results.wps_method),
        ));
        let stored = self.p2p.wanted.persistent_id.filter(|_| results.role_go);
        if let Some(passphrase) = stored.and_then(|id| self.owned_group(id)?.psk.passphrase.clone()) {
            results.passphrase = String::from_utf8_lossy(&passphrase).into_owned();
        }
        let id = if self.p2p.wanted.creates_interface {
            let made = self.make_group_interface(cx, results.role_go);
            let Some(id) = made else {
                self.p2p.pending_interface = None;
                self.p2p.timers.cancel(Timer::LongListen);
                self.with_device_interface(cx, |i, cx| i.group_formation_failed(cx, Remains::Nothing));
                return;
            };
            id
        } else {
            self.p2p.shared.forming = Some(self.p2p.shared.device_iface);
            self.p2p.shared.device_iface
        };
        self.start_group(cx, id, results);
    }

    fn start_group(&mut self, cx: Context<'_>, id: wpasim_wire::driver::IfId, results: GoNegResults) {
        let ends = cx.now + formation_time(results.peer_config_timeout);
        let (pin, wps_method) = (self.p2p.wanted.pin.clone(), self.p2p.wanted.wps_method);
        let identity = self.group_identity();
        self.with_interface(cx, id, |i, cx| {
            i.p2p.set_identity(identity);
            i.p2p.enrolment_begins();
            i.p2p.will_enrol_by(pin, wps_method);
            if results.role_go {
                i.start_group_owner(cx, results, OwnerStart::Formation);
            } else {
                i.p2p.count_results_since(Some(cx.now));
                i.start_group_client(cx, results);
            }
        });
        self.p2p.long_listen = Duration::ZERO;
        self.p2p.timers.cancel(Timer::LongListen);
        self.p2p.shared.formation_ends.set(ends);
    }

    /// Returns the description of the device in the frames of its groups.
    pub(super) fn group_identity(&self) -> Option<Box<crate::p2p::GroupIdentity>> {
        self.device().map(|d| Box::new(d.group_identity()))
    }

    /// P2P_GROUP_ADD: a group of one's own.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_group_add
    pub(crate) fn p2p_group_add(&mut self, cx: Context<'_>, persistent: bool, freq: Option<u32>) -> bool {
        if !self.p2p.shared.is_on() {
            return false;
        }
        self.stop_search(cx);
        let Some(freq) = self.freq_as_owner(freq) else { return false };
        let Some(mut params) = self.owner_params(freq, None) else { return false };
        if let Some((ssid, passphrase)) = self.with_device(cx, |d, _| d.go_params()) {
            params.ssid = ssid;
            params.passphrase = passphrase;
        }
        params.persistence = if persistent { Persistence::Persistent } else { Persistence::None };
        let Some(id) = self.interface_for_group(cx, true) else { return false };
        let identity = self.group_identity();
        self.with_interface(cx, id, |i, cx| {
            i.p2p.set_identity(identity);
            i.start_group_owner(cx, params, OwnerStart::Autonomous);
        });
        true
    }

    /// P2P_CANCEL. Whether there was anything to cancel.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_cancel
    pub(crate) fn p2p_cancel(&mut self, cx: Context<'_>) -> bool {
        if !self.p2p.shared.exists {
            return false;
        }
        let mut found = self.p2p.pending_interface.is_some();
        if let Some(peer) = self.device().and_then(|d| d.go_neg_peer()) {
            self.with_device(cx, |d, cx| d.unauthorize(cx, peer).is_ok());
            found = true;
        }
        found |= self.cancel_join_scan();
        found |= core::mem::take(&mut self.p2p.joining.pd_pending);
        self.p2p_stop_find(cx);
        self.cancel_formation(cx) || found
    }

    fn cancel_formation(&mut self, cx: Context<'_>) -> bool {
        let forming = self.p2p.shared.forming;
        let ids: Vec<_> = self.interfaces.iter().rev().map(|i| i.id()).collect();
        for id in ids {
            let cancelled = self.with_interface(cx, id, |i, cx| {
                if forming == Some(id) && i.p2p.is_provisioning() {
                    cx.shared.formation_ends.cancel();
                    i.group_formation_over(cx, FormationEnd::Failure(Remains::Group));
                    true
                } else if forming == Some(id) && i.p2p.made_for() == GroupInterface::Client {
                    cx.shared.formation_ends.cancel();
                    i.delete_group(cx, super::Removal::Requested) != Removed::Nothing
                } else if i.p2p.is_invited() {
                    i.group_formation_failed(cx, Remains::Group);
                    true
                } else {
                    false
                }
            });
            if cancelled == Some(true) {
                return true;
            }
        }
        false
    }

    /// P2P_UNAUTHORIZE.
    pub(crate) fn p2p_unauthorize(&mut self, cx: Context<'_>, peer: MacAddr) -> bool {
        self.with_device(cx, |d, cx| d.unauthorize(cx, peer)).is_some_and(|r| r.is_ok())
    }
}

/// Returns the name of a WPS method as events and replies write it.
//= hostap@2.10 src/p2p/p2p.c#p2p_wps_method_text
pub(crate) fn method_text(method: WpsMethod) -> &'static str {
    match method {
        WpsMethod::NotReady => "not-ready",
        WpsMethod::PinDisplay => "Display",
        WpsMethod::PinKeypad => "Keypad",
        WpsMethod::Pbc => "PBC",
        WpsMethod::Nfc => "NFC",
    }
}
