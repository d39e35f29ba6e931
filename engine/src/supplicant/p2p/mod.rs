//! Wi-Fi Direct in a process: the device machine, the groups on its interfaces and what the control
//! interface asks of both (2.10's p2p_supplicant.c and offchannel.c).
//!
//! The device machine belongs to the [`Supplicant`]; an interface that has to say something to it leaves
//! a [`ProcessRequest`] in its outputs.

mod channels;
mod config;
mod connect;
mod device;
mod discovery;
mod display;
mod formation;
mod group;
mod host;
mod interfaces;
mod invitation;
mod join;
mod moving;
mod owner;
mod persistent;
mod radio;
mod scanning;
mod service;
mod shared;
mod signal;
mod slot;

use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;
use wpasim_wire::time::{Duration, Instant};

pub(crate) use connect::{ConnectArgs, ConnectError};
pub(crate) use discovery::ProvDiscFor;
pub(crate) use group::{Remains, Removal, Removed};
pub(crate) use shared::Shared;
pub(crate) use signal::{ActionFrame, Audience, P2pWork, ProcessRequest, ScanFor, SharedScan};

use crate::entropy::{Entropy, Stream};
use crate::p2p::{Device, FreqRanges, WpsMethod};
use crate::runtime::timers::{Due, Order, Timers};
use radio::OffChannel;

/// Every timer of the process that is about Wi-Fi Direct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Timer {
    /// A listen state that was asked for ends.
    LongListen,
    /// The next scan for the owner of a group that is to be joined.
    JoinScan,
    /// A persistent group is started after an invitation.
    StartInvited,
    /// Every 30 s: peers that were not heard are forgotten.
    ExpirePeers,
}

/// The interval at which old peers are looked for.
const EXPIRE_PEERS: Duration = Duration::from_secs(30);

/// The arguments of P2P_CONNECT, as far as they count later.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Wanted {
    pin: String,
    wps_method: WpsMethod,
    persistent_group: bool,
    /// The network block of the persistent group to own.
    persistent_id: Option<i32>,
    go_intent: u8,
    /// In MHz.
    freq: Option<u32>,
    pd_before_go_neg: bool,
    ht40: bool,
    /// Negotiate if joining fails.
    fallback: bool,
    /// The group will have an interface of its own.
    creates_interface: bool,
}

/// The use of a provision discovery that no command asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum ProvDiscUse {
    #[default]
    Normal,
    AutoGoNeg,
    AutoJoin,
}

/// A group that is to be joined.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Joining {
    /// Whether the peer owns a group is still to be found out; negotiate otherwise.
    auto: bool,
    /// The same for provision discovery alone, by these configuration methods.
    auto_pd: Option<u16>,
    auto_started: Instant,
    auto_pd_retries: u32,
    interface: MacAddr,
    device: MacAddr,
    wps_method: WpsMethod,
    ssid: Option<wpasim_wire::Ssid>,
    scans: u32,
    /// Provision discovery goes on, and joining follows.
    pd_pending: bool,
    user_initiated: bool,
    pd_use: ProvDiscUse,
}

/// An interface that was announced to peers and is made when the group is.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PendingInterface {
    name: String,
    addr: MacAddr,
    id: IfId,
    iftype: wpasim_wire::driver::IfType,
}

/// A persistent group to start when the invitation has settled.
#[derive(Clone, PartialEq, Eq, Debug)]
struct InvitedGroup {
    network: i32,
    force_freq: Option<u32>,
    freq: Option<u32>,
    channels: Option<crate::p2p::Channels>,
}

/// Wi-Fi Direct of a process.
pub(crate) struct P2p {
    pub shared: Shared,
    device: slot::DeviceSlot,
    timers: Timers<Timer>,
    off_channel: OffChannel,
    wanted: Wanted,
    joining: Joining,
    pending_interface: Option<PendingInterface>,
    /// The next group interface's number in its name.
    group_index: u32,
    /// The next interface's number.
    next_interface: u32,
    /// The rest of a listen state that was asked for.
    long_listen: Duration,
    /// The peer whose invitation is accepted without asking.
    auth_invite: Option<MacAddr>,
    /// The stored group that a peer was invited to; `None`: a running one.
    invited_network: Option<i32>,
    /// The interface of that running group.
    invite_group: Option<IfId>,
    invited_group: Option<InvitedGroup>,
    /// The frequency at which the stored group was wanted, in MHz.
    persistent_go_freq: Option<u32>,
    /// The frequencies at which groups must not be (`P2P_SET disallow_freq`).
    pub disallowed: FreqRanges,
    /// `P2P_SET per_sta_psk`.
    pub per_sta_psk: bool,
    pub services: crate::p2p::service::Services,
    display: display::Display,
    /// Requests for services are answered by whoever listens (`P2P_SERV_DISC_EXTERNAL 1`).
    pub external_services: bool,
    /// `P2P_SET force_long_sd`.
    pub long_services: bool,
    pins: Stream,
    channel_choice: Stream,
    next_cookie: u64,
}

/// Cookies of the device machine's frames, apart from those of other users of the same interface.
const FIRST_COOKIE: u64 = 0x5032_5000_0000;

impl P2p {
    /// Nothing is on yet.
    pub(crate) fn new(entropy: &Entropy, order: &Order, interfaces: u32) -> Self {
        P2p {
            shared: Shared::new(order),
            device: slot::DeviceSlot::default(),
            timers: Timers::new(order),
            off_channel: OffChannel::default(),
            wanted: Wanted::default(),
            joining: Joining::default(),
            pending_interface: None,
            group_index: 0,
            next_interface: interfaces,
            long_listen: Duration::ZERO,
            auth_invite: None,
            invited_network: None,
            invite_group: None,
            invited_group: None,
            persistent_go_freq: None,
            disallowed: FreqRanges::default(),
            per_sta_psk: false,
            services: Default::default(),
            display: Default::default(),
            external_services: false,
            long_services: false,
            pins: entropy.stream("p2p/pin"),
            channel_choice: entropy.stream("p2p/go-channel"),
            next_cookie: FIRST_COOKIE,
        }
    }

    /// Returns the place of the next time-out in the event loop of the process.
    pub(crate) fn next_due(&self) -> Option<Due> {
        [
            self.timers.next_due(),
            self.device.get().and_then(Device::next_due),
            self.shared.formation_ends.next(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// A number for a new interface.
    pub(crate) fn new_interface(&mut self) -> IfId {
        self.next_interface += 1;
        IfId(self.next_interface - 1)
    }

    fn cookie(&mut self) -> u64 {
        self.next_cookie += 1;
        self.next_cookie
    }

    fn new_pin(&mut self) -> String {
        format!("{:08}", crate::wps::generate_pin(&mut self.pins))
    }
}
