//! The state that is kept of a peer.

use super::channels::Channels;
use super::{Persistence, WpsMethod};
use core::fmt::Write;
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::DeviceType;
use wpasim_wire::{MacAddr, Ssid};

/// The description that a peer gave of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeerInfo {
    /// Its P2P Device Address.
    pub device_addr: MacAddr,
    pub primary_type: DeviceType,
    /// Control characters replaced by `_`; at most 32 octets.
    pub device_name: Vec<u8>,
    pub manufacturer: Vec<u8>,
    pub model_name: Vec<u8>,
    pub model_number: Vec<u8>,
    pub serial_number: Vec<u8>,
    /// ProcessRequest in dBm.
    pub level: i32,
    /// Of `wsc::methods`.
    pub config_methods: u16,
    /// Of `wire::p2p::device_capability`.
    pub device_capability: u8,
    /// Of `wire::p2p::group_capability`.
    pub group_capability: u8,
    /// At most 16.
    pub secondary_types: Vec<DeviceType>,
    /// Values of its WPS vendor extensions, at most ten.
    pub wps_vendor_extensions: Vec<Vec<u8>>,
    /// Wi-Fi Display subelements.
    pub wfd_subelements: Option<Vec<u8>>,
    /// Whole vendor-specific elements other than WPA, WMM, WPS, P2P and WFD.
    pub vendor_elements: Vec<u8>,
}

/// The role of a peer in a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum GoState {
    #[default]
    Unknown,
    Local,
    Remote,
}

/// The notes about a peer, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags {
    /// Known by a probe request and nothing else.
    pub probe_req_only: bool,
    pub reported: bool,
    pub not_yet_ready: bool,
    pub pd_peer_display: bool,
    pub pd_peer_keypad: bool,
    pub user_rejected: bool,
    pub peer_waiting_response: bool,
    pub prefer_persistent_group: bool,
    pub wait_go_neg_response: bool,
    pub wait_go_neg_confirm: bool,
    /// Known by its group owner's list and nothing else.
    pub group_client_only: bool,
    pub force_freq: bool,
    pub pd_for_join: bool,
    pub reported_once: bool,
    pub prefer_persistent_reconn: bool,
    pub pd_before_go_neg: bool,
    pub no_pref_chan: bool,
    pub wait_inv_req_ack: bool,
    pub last_seen_as_group_client: bool,
}

/// A peer.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    pub info: PeerInfo,
    pub flags: Flags,
    pub last_seen: Instant,
    /// In MHz; 0 if unknown, -1 if it named a channel that is not known.
    pub listen_freq: i32,
    /// As `listen_freq`.
    pub oper_freq: i32,
    pub wps_method: WpsMethod,
    pub interface_addr: MacAddr,
    /// The P2P Device Address and the interface address of its group's owner.
    pub member_in_go_dev: MacAddr,
    pub member_in_go_iface: MacAddr,
    pub go_neg_req_sent: u32,
    pub go_state: GoState,
    pub dialog_token: u8,
    pub tie_breaker: bool,
    pub intended_addr: MacAddr,
    pub country: [u8; 3],
    pub channels: Channels,
    pub oper_ssid: Ssid,
    /// Configuration methods of the provision discovery that is to be sent or answered.
    pub req_config_methods: u16,
    /// Those that provision discovery left.
    pub wps_prov_info: u16,
    /// Of `wire::p2p::status`.
    pub status: u8,
    pub connect_reqs: u32,
    pub invitation_reqs: u32,
    /// The progress of service discovery queries to the peer.
    pub service: super::service::Progress,
    /// Extended Listen Timing in ms: period and interval.
    pub ext_listen: (u16, u16),
    /// In units of 10 ms.
    pub go_timeout: u8,
    pub client_timeout: u8,
    /// GO Negotiation Confirmation, its channel, and how often it was sent.
    pub go_neg_conf: Option<Vec<u8>>,
    pub go_neg_conf_freq: u32,
    pub go_neg_conf_sent: u32,
}

impl Peer {
    /// Returns the frequency at which the peer can be reached, in MHz: its listen channel, else its operating channel.
    pub fn reachable_freq(&self) -> Option<u32> {
        [self.listen_freq, self.oper_freq].into_iter().find(|f| *f > 0).and_then(|f| u32::try_from(f).ok())
    }

    /// The token of a new exchange, never 0.
    pub fn next_dialog_token(&mut self) -> u8 {
        self.dialog_token = self.dialog_token.wrapping_add(1).max(1);
        self.dialog_token
    }

    /// Notes whether the group is to be kept.
    pub fn set_persistence(&mut self, persistence: Persistence) {
        self.flags.prefer_persistent_group = persistence != Persistence::None;
        self.flags.prefer_persistent_reconn = persistence == Persistence::Reconnect;
    }

    /// Whether the group is to be kept.
    pub fn persistence(&self) -> Persistence {
        match (self.flags.prefer_persistent_group, self.flags.prefer_persistent_reconn) {
            (false, _) => Persistence::None,
            (true, false) => Persistence::Persistent,
            (true, true) => Persistence::Reconnect,
        }
    }

    /// The lines of `P2P_PEER` from `age=` on.
    pub fn text(&self, now: Instant) -> String {
        let mut out = String::new();
        let shown = |c: u8| if c == 0 { '_' } else { char::from(c) };
        let [c0, c1, _] = self.country;
        let lines = [
            format!("age={}", now.secs() - self.last_seen.secs()),
            format!("listen_freq={}", self.listen_freq),
            format!("wps_method={}", self.wps_method.text()),
            format!("interface_addr={}", self.interface_addr),
            format!("member_in_go_dev={}", self.member_in_go_dev),
            format!("member_in_go_iface={}", self.member_in_go_iface),
            format!("go_neg_req_sent={}", self.go_neg_req_sent),
            format!("go_state={}", self.go_state.text()),
            format!("dialog_token={}", self.dialog_token),
            format!("intended_addr={}", self.intended_addr),
            format!("country={}{}", shown(c0), shown(c1)),
            format!("oper_freq={}", self.oper_freq),
            format!("req_config_methods=0x{:x}", self.req_config_methods),
            format!("flags={}", self.flags.text()),
            format!("status={}", self.status),
            format!("invitation_reqs={}", self.invitation_reqs),
        ];
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
        if self.ext_listen.0 != 0 {
            let (period, interval) = self.ext_listen;
            let _ = write!(out, "ext_listen_period={period}\next_listen_interval={interval}\n");
        }
        if !self.oper_ssid.is_empty() {
            let _ = writeln!(out, "oper_ssid={}", self.oper_ssid);
        }
        if let Some(subelements) = &self.info.wfd_subelements {
            out.push_str("wfd_subelems=");
            subelements.iter().for_each(|b| _ = write!(out, "{b:02x}"));
            out.push('\n');
        }
        out
    }
}

impl GoState {
    fn text(self) -> &'static str {
        match self {
            GoState::Unknown => "unknown",
            GoState::Local => "local",
            GoState::Remote => "remote",
        }
    }
}

impl Flags {
    fn text(&self) -> String {
        [
            (self.probe_req_only, "[PROBE_REQ_ONLY]"),
            (self.reported, "[REPORTED]"),
            (self.not_yet_ready, "[NOT_YET_READY]"),
            (self.pd_peer_display, "[PD_PEER_DISPLAY]"),
            (self.pd_peer_keypad, "[PD_PEER_KEYPAD]"),
            (self.user_rejected, "[USER_REJECTED]"),
            (self.peer_waiting_response, "[PEER_WAITING_RESPONSE]"),
            (self.prefer_persistent_group, "[PREFER_PERSISTENT_GROUP]"),
            (self.wait_go_neg_response, "[WAIT_GO_NEG_RESPONSE]"),
            (self.wait_go_neg_confirm, "[WAIT_GO_NEG_CONFIRM]"),
            (self.group_client_only, "[GROUP_CLIENT_ONLY]"),
            (self.force_freq, "[FORCE_FREQ]"),
            (self.pd_for_join, "[PD_FOR_JOIN]"),
            (self.last_seen_as_group_client, "[LAST_SEEN_AS_GROUP_CLIENT]"),
        ]
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| *name)
        .collect()
    }
}
