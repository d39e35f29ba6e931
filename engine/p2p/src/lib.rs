//! The device machine of Wi-Fi Direct (Wi-Fi Direct 1.7 §3.1, §3.2): discovery, group owner negotiation, provision discovery,
//! invitation and service discovery, as hostap's `src/p2p` runs them. Groups themselves belong to the engine.
//!
//! A [`Device`] is sans-IO: every call takes the time and a [`Host`] that answers questions, and leaves [`Action`]s that its owner takes
//! in order and carries out.
//!
//! ```
//! use wpasim_p2p::{Channels, OperatingClass};
//!
//! // Two devices meet on a channel of both.
//! let ours = Channels(vec![OperatingClass { class: 81, channels: vec![1, 6, 11] }]);
//! let theirs = Channels(vec![OperatingClass { class: 81, channels: vec![6, 7] }]);
//! assert_eq!(ours.intersect(&theirs).freqs(), [2437]);
//! ```

pub mod channels;
mod config;
mod dev_disc;
mod device;
mod elements;
mod go_neg;
mod group;
mod listen;
mod operating;
mod peer;
mod presence;
mod probe;
mod results;
mod send;
pub mod service;
mod settings;
#[cfg(test)]
mod tests;
mod timeout;
mod vendor_elements;

pub use channels::{Channels, ClassChannel, FreqRanges, OperatingClass};
pub use config::{DeviceConfig, WfdElements};
pub use device::Device;
pub use group::{Group, GroupConfig, GroupIdentity};
pub use peer::PeerInfo;
pub use probe::ProbeRequest;
pub use probe::only_11b_rates;
pub use results::{GoNegResults, Persistence};
pub use vendor_elements::{ElementFrame, VendorElements};

use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::DeviceType;
use wpasim_wire::{MacAddr, Ssid};

/// The context of a call on a [`Device`].
#[derive(Clone, Copy)]
pub struct DeviceContext<'a> {
    pub now: Instant,
    pub host: &'a dyn Host,
}

/// Questions of the device machine to its owner, who answers from its state and changes nothing.
pub trait Host {
    /// Whether a scan for the device waits or runs, so that another cannot be asked for.
    fn scan_busy(&self) -> bool;
    /// Whether a listen state for the device waits or runs, so that another cannot be asked for.
    fn listen_busy(&self) -> bool;
    /// Whether an action frame on this channel (in MHz) has to wait for the radio, because neither a listen
    /// state nor an action frame has the radio there.
    fn send_needs_channel(&self, freq: u32) -> bool;
    /// Whether this device is a client in a group whose owner is `device`.
    fn go_connected(&self, device: MacAddr) -> bool;
    /// Whether the radio serves another interface too.
    fn concurrent_session_active(&self) -> bool;
    /// Whether a group is being formed or another P2P operation runs.
    fn in_progress(&self) -> bool;
    /// The value of the Notice of Absence attribute of the group owner with this interface address, empty
    /// if it is always present; `None` if the driver cannot tell, as nl80211 cannot.
    fn noa(&self, interface: MacAddr) -> Option<Vec<u8>>;
    /// Returns the answer to an invitation.
    fn invitation(&self, invitation: &Invitation<'_>) -> InvitationVerdict;
    /// The groups whose owner this device is.
    fn groups(&self) -> Vec<OwnGroup>;
    /// Returns the way in which a client of the groups, by its P2P Device Address, can be woken for somebody else.
    fn discoverability_request(&self, client: MacAddr) -> Discoverability;
    /// The answer (of `wire::p2p::status`) to a presence request of a client of the group with this
    /// interface address.
    fn presence(&self, group: MacAddr, client: MacAddr, noa: &[u8]) -> u8;
}

/// A group whose owner this device is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnGroup {
    /// The interface address, which is its BSSID.
    pub interface: MacAddr,
    pub ssid: Ssid,
    /// In MHz.
    pub freq: u32,
    /// P2P Device Addresses of its clients.
    pub clients: Vec<MacAddr>,
    /// Wi-Fi Display element of the group, whole; empty without.
    pub wfd_element: Vec<u8>,
}

/// Whether a client of a group can be woken (Wi-Fi Direct 1.7 §3.2.4, device discoverability).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Discoverability {
    /// It is in none of the groups.
    Unknown,
    /// It does not support it.
    NotSupported,
    /// It will be asked, from the group's interface.
    Ask { client_interface: MacAddr, group: MacAddr },
}

/// An invitation that came (Wi-Fi Direct 1.7 §3.1.5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation<'a> {
    pub src: MacAddr,
    pub bssid: Option<MacAddr>,
    pub go_device: MacAddr,
    pub ssid: &'a [u8],
    pub persistent: bool,
    /// The channels that the peer and this device have in common.
    pub channels: &'a Channels,
    /// The Device Password ID, if one came.
    pub password_id: Option<u16>,
}

/// The answer to an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InvitationVerdict {
    /// Of `wire::p2p::status`.
    pub status: u8,
    /// Whether this device will be group owner.
    pub go: bool,
    /// The BSSID of the group it will own.
    pub group_bssid: Option<MacAddr>,
    /// The channel that the radio uses anyway, in MHz. It counts if Wi-Fi Direct may use it.
    pub force_freq: Option<u32>,
}

/// The channels that a scan covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScanKind {
    /// 1, 6 and 11.
    Social,
    /// Every channel.
    Full,
    /// One, in MHz.
    Specific(u32),
    /// The social channels and one more, in MHz.
    SocialPlusOne(u32),
}

/// The order in which `find` scans.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FindKind {
    /// A full scan first, then social channels.
    #[default]
    StartWithFull,
    OnlySocial,
    /// A full scan first, then social channels and each of the others in turn.
    Progressive,
}

/// The arguments of `find`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FindRequest {
    /// In seconds; none for ever.
    pub timeout: Option<u32>,
    pub kind: FindKind,
    pub requested_types: Vec<DeviceType>,
    pub device_id: Option<MacAddr>,
    /// Between search iterations.
    pub search_delay: Duration,
    /// One channel to search, in MHz.
    pub freq: Option<u32>,
}

/// The way in which the peers will authenticate each other (WPS).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WpsMethod {
    #[default]
    NotReady,
    PinDisplay,
    PinKeypad,
    Pbc,
    Nfc,
}

/// The arguments of `connect` and `authorize`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectRequest {
    /// The peer's P2P Device Address.
    pub peer: MacAddr,
    pub wps_method: WpsMethod,
    /// 0 to 15.
    pub go_intent: u8,
    /// The intended interface address.
    pub own_interface: MacAddr,
    /// In MHz.
    pub force_freq: Option<u32>,
    /// In MHz.
    pub pref_freq: Option<u32>,
    pub persistence: Persistence,
    /// The SSID of the group if this device becomes its owner.
    pub force_ssid: Option<Ssid>,
    /// Provision discovery first. `authorize` ignores it.
    pub pd_before_go_neg: bool,
}

/// The role of the inviting device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum InviteRole {
    #[default]
    Go,
    ActiveGo,
    Client,
}

/// The arguments of `invite`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InviteRequest {
    /// The peer's P2P Device Address.
    pub peer: MacAddr,
    pub role: InviteRole,
    /// The BSSID of the group, if it runs.
    pub bssid: Option<MacAddr>,
    pub ssid: Ssid,
    /// In MHz.
    pub force_freq: Option<u32>,
    /// In MHz.
    pub pref_freq: Option<u32>,
    /// The owner's P2P Device Address, if it is another device.
    pub go_device: Option<MacAddr>,
    pub persistent: bool,
    /// The Device Password ID to send, if any.
    pub password_id: Option<u16>,
}

/// The arguments of `presence_req`: periods of presence, in µs; a duration of 0 leaves a descriptor out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PresenceRequest {
    /// The owner's interface address.
    pub go_interface: MacAddr,
    pub own_interface: MacAddr,
    /// In MHz.
    pub freq: u32,
    pub first: (u32, u32),
    pub second: (u32, u32),
}

/// The fate of an action frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendResult {
    Success,
    NoAck,
    /// It could not be sent.
    Failed,
}

/// Whether an operation is going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    Idle,
    /// Not a search.
    Busy,
    Searching,
}

/// The fate of a probe request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProbeStatus {
    Malformed,
    NotListening,
    NotP2p,
    NotProcessed,
    /// Nobody else is to answer it.
    Processed,
}

/// The reason why a command was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("the peer is not known")]
    UnknownPeer,
    #[error("the channel cannot be used")]
    Channel,
    #[error("the peer cannot be reached: it is in a group and cannot be woken, or little is known of it")]
    NotReachable,
    #[error("a listen state is already pending")]
    ListenPending,
    #[error("another operation is in the way")]
    Busy,
    #[error("a value is out of range")]
    Invalid,
}

/// The reason why provision discovery failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProvDiscStatus {
    Success,
    Timeout,
    Rejected,
    TimeoutJoin,
    InfoUnavailable,
}

/// An action that the owner of a device carries out, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Its results come through `scan_res_handler` and `scan_res_handled`, its start through
    /// `scan_trigger_status`.
    Scan {
        kind: ScanKind,
        requested_types: Vec<DeviceType>,
        device_id: Option<MacAddr>,
        /// The Device Password ID of the probe requests.
        password_id: u16,
    },
    /// A whole probe response frame. `freq` is 0 where the device listens.
    SendProbeResponse {
        frame: Vec<u8>,
        freq: u32,
    },
    /// An action frame; its fate comes through `send_action_cb`.
    SendAction {
        freq: u32,
        dst: MacAddr,
        src: MacAddr,
        bssid: MacAddr,
        /// From the category octet on.
        body: Vec<u8>,
        /// The time to stay on the channel for the answer.
        wait: Duration,
    },
    /// The exchange is over: the wait of the last action frame may end.
    ActionDone,
    /// Its start comes through `listen_cb`, its end through `listen_end`.
    StartListen {
        freq: u32,
        duration: Duration,
        /// Elements for drivers that answer probe requests themselves.
        probe_response_elements: Vec<u8>,
    },
    StopListen,
    Event(Event),
}

/// An event that a device tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    FindStopped,
    /// Something that 2.10 says in words.
    Message(String),
    /// A scan was wanted while another waits or runs.
    ScanRefused,
    DeviceFound {
        /// The address the frame came from.
        addr: MacAddr,
        info: Box<PeerInfo>,
        /// Whether it was never reported before.
        new: bool,
    },
    DeviceLost(MacAddr),
    GoNegRequest {
        src: MacAddr,
        password_id: u16,
        go_intent: u8,
    },
    GoNegCompleted(Box<GoNegResults>),
    ServiceRequest {
        freq: u32,
        src: MacAddr,
        dialog_token: u8,
        update_indic: u16,
        tlvs: Vec<u8>,
    },
    ServiceResponse {
        src: MacAddr,
        update_indic: u16,
        tlvs: Vec<u8>,
    },
    ProvDiscRequest {
        peer: MacAddr,
        config_methods: u16,
        device_addr: MacAddr,
        primary_type: DeviceType,
        device_name: Vec<u8>,
        supported_methods: u16,
        device_capability: u8,
        group_capability: u8,
        /// The owner's P2P Device Address and the SSID.
        group_id: Option<(MacAddr, Ssid)>,
    },
    ProvDiscResponse {
        peer: MacAddr,
        config_methods: u16,
    },
    ProvDiscFailure {
        peer: MacAddr,
        status: ProvDiscStatus,
    },
    InvitationReceived {
        src: MacAddr,
        bssid: Option<MacAddr>,
        ssid: Ssid,
        go_device: MacAddr,
        status: u8,
        /// In MHz.
        op_freq: Option<u32>,
    },
    InvitationResult {
        /// Of `wire::p2p::status`; none if the frame was not acknowledged or not answered.
        status: Option<u8>,
        bssid: Option<MacAddr>,
        /// The channels that the peers have in common.
        channels: Option<Channels>,
        peer: MacAddr,
        /// In MHz.
        freq: Option<u32>,
        /// In MHz.
        peer_oper_freq: Option<u32>,
    },
    PresenceResponse {
        src: MacAddr,
        status: u8,
        noa: Vec<u8>,
    },
}
