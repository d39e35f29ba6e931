//! The device machine's state, its peers' table and its timers.

pub(super) mod find;
mod invitation;
pub(super) mod peers;
mod prov_disc;

use invitation::Inviting;
use prov_disc::Provisioning;

use super::VendorElements;
use super::channels::Channels;
use super::peer::Peer;
use super::{
    Action, ClassChannel, DeviceConfig, DeviceContext, Event, FindKind, GoNegResults, PeerInfo, Progress,
    WfdElements,
};
use std::collections::VecDeque;
use wpasim_runtime::entropy::{Entropy, Stream};
use wpasim_runtime::timers::{Due, Order, Timers};
use wpasim_wire::p2p::device_capability;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::DeviceType;
use wpasim_wire::{MacAddr, Ssid};

/// Peers not seen for this long are forgotten.
const PEER_EXPIRATION_SECS: i64 = 60;

/// The state of the machine, in 2.10's terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum State {
    #[default]
    Idle,
    Search,
    /// A GO Negotiation Request is being sent.
    Connect,
    /// Listening between two of them.
    ConnectListen,
    GoNeg,
    ListenOnly,
    /// The peer is not ready; listening for its request.
    WaitPeerConnect,
    /// The peer is not ready; the radio is left to others.
    WaitPeerIdle,
    SdDuringFind,
    Provisioning,
    PdDuringFind,
    Invite,
    InviteListen,
}

/// The frame that is being sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Pending {
    #[default]
    Nothing,
    GoNegRequest,
    GoNegResponse,
    GoNegResponseFailure,
    GoNegConfirm,
    Sd,
    Pd,
    PdResponse,
    InvitationRequest,
    InvitationResponse,
    DevDiscRequest,
    DevDiscResponse,
    GoDiscReq,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Timer {
    State,
    Find,
    Scan,
    GoNegWait,
    GoNegStart,
    GoComplete,
    InviteStart,
    ExtListen,
}

/// The action that follows once the scan is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum AfterScan {
    #[default]
    Nothing,
    Listen,
    Connect(MacAddr),
}

/// Search state (Wi-Fi Direct 1.7 §3.1.2.1).
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    pub kind: FindKind,
    /// In MHz, not a social channel.
    pub specified_freq: Option<u32>,
    pub requested_types: Vec<DeviceType>,
    pub device_id: Option<MacAddr>,
    pub start: Instant,
    pub pending_full: bool,
    pub last_progressive: ClassChannel,
    pub scan_running: bool,
    pub after_scan: AfterScan,
    pub delay: Duration,
    pub in_delay: bool,
    /// The peer of the last exchange before an iteration.
    pub last_operation: Option<MacAddr>,
}

/// Listen state (Wi-Fi Direct 1.7 §3.1.2.1.1) as it was asked for and as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Listening {
    /// The frequency asked for, until the driver is there.
    pub pending: Option<u32>,
    pub duration: Duration,
    pub active: bool,
    /// The frequency at which the driver listens, in MHz.
    pub driver: Option<u32>,
    /// Extended Listen Timing: period and interval; zero without.
    pub ext: (Duration, Duration),
    pub ext_only: bool,
    /// The operating channel on which a client stays awake because its owner said so.
    pub awake: Option<u32>,
    /// A change of the listen channel that waits until the machine is at rest.
    pub next_channel: Option<ClassChannel>,
    /// minDiscoverableInterval and maxDiscoverableInterval in units of 100 TU, and a limit in TU.
    pub interval: (u32, u32, Option<u32>),
}

/// The operating channel and how it is found.
#[derive(Clone, Debug, Default)]
pub(super) struct Operating {
    pub channel: ClassChannel,
    /// The channels on which this device may operate in the negotiation at hand.
    pub channels: Channels,
    /// Best channels in MHz, 0 if unknown: 2.4 GHz, 5 GHz, overall.
    pub best: (u32, u32, u32),
    /// In MHz.
    pub preference: Option<u32>,
}

/// Device discoverability requests (Wi-Fi Direct 1.7 §3.2.4) that are under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Discoverability {
    /// The owner that was asked, and the client it was asked about.
    pub asked: Option<(MacAddr, MacAddr)>,
    /// The request this owner has to answer: dialog token, who asked, where.
    pub to_answer: Option<(u8, MacAddr, u32)>,
}

/// Random draws, each with its own stream.
#[derive(Debug)]
pub(super) struct Draws {
    pub listen: Stream,
    pub wait: Stream,
    pub channel: Stream,
    pub ssid: Stream,
    pub passphrase: Stream,
}

/// One P2P device: a process has one.
#[derive(Debug)]
pub struct Device {
    pub(super) config: DeviceConfig,
    pub(super) state: State,
    pub(super) pending: Pending,
    pub(super) timers: Timers<Timer>,
    pub(super) actions: VecDeque<Action>,
    /// The newest first.
    pub(super) peers: Vec<Peer>,
    /// Of `device_capability`.
    pub(super) capability: u8,
    pub(super) search: Search,
    pub(super) listening: Listening,
    pub(super) operating: Operating,
    pub(super) provisioning: Provisioning,
    pub(super) inviting: Inviting,
    pub(super) discoverability: Discoverability,
    pub(super) go_neg_peer: Option<MacAddr>,
    pub(super) sd_peer: Option<MacAddr>,
    pub(super) discovery: super::service::Discovery,
    /// Intended interface address, intent and SSID of the negotiation at hand.
    pub(super) intended_addr: MacAddr,
    pub(super) go_intent: u8,
    pub(super) ssid: Ssid,
    pub(super) ssid_set: bool,
    pub(super) next_tie_breaker: bool,
    pub(super) send_action_in_progress: bool,
    pub(super) cross_connect: bool,
    pub(super) peer_filter: Option<MacAddr>,
    /// In units of 10 ms.
    pub(super) go_timeout: u8,
    pub(super) client_timeout: u8,
    pub(super) wfd: WfdElements,
    pub(super) vendor: VendorElements,
    pub(super) draws: Draws,
}

impl State {
    fn text(self) -> &'static str {
        match self {
            State::Idle => "IDLE",
            State::Search => "SEARCH",
            State::Connect => "CONNECT",
            State::ConnectListen => "CONNECT_LISTEN",
            State::GoNeg => "GO_NEG",
            State::ListenOnly => "LISTEN_ONLY",
            State::WaitPeerConnect => "WAIT_PEER_CONNECT",
            State::WaitPeerIdle => "WAIT_PEER_IDLE",
            State::SdDuringFind => "SD_DURING_FIND",
            State::Provisioning => "PROVISIONING",
            State::PdDuringFind => "PD_DURING_FIND",
            State::Invite => "INVITE",
            State::InviteListen => "INVITE_LISTEN",
        }
    }
}

impl Device {
    /// A device at rest. Random draws come from streams `p2p/<purpose>` of `entropy`; time-outs are registered in `order`.
    pub fn new(config: DeviceConfig, entropy: &Entropy, order: &Order) -> Self {
        let concurrent = if config.concurrent_operations { device_capability::CONCURRENT_OPER } else { 0 };
        let [tie_breaker] = entropy.stream("p2p/tie_breaker").bytes();
        Device {
            config,
            state: State::default(),
            pending: Pending::default(),
            timers: Timers::new(order),
            actions: VecDeque::new(),
            peers: Vec::new(),
            capability: device_capability::SERVICE_DISCOVERY
                | device_capability::INVITATION_PROCEDURE
                | device_capability::CLIENT_DISCOVERABILITY
                | concurrent,
            search: Search::default(),
            listening: Listening { interval: (1, 3, None), ..Listening::default() },
            operating: Operating::default(),
            provisioning: Provisioning::default(),
            inviting: Inviting::default(),
            discoverability: Discoverability::default(),
            go_neg_peer: None,
            sd_peer: None,
            discovery: Default::default(),
            intended_addr: MacAddr::default(),
            go_intent: 0,
            ssid: Ssid::default(),
            ssid_set: false,
            next_tie_breaker: tie_breaker & 1 == 1,
            send_action_in_progress: false,
            cross_connect: false,
            peer_filter: None,
            go_timeout: 100,
            client_timeout: 20,
            wfd: WfdElements::default(),
            vendor: VendorElements::default(),
            draws: Draws {
                listen: entropy.stream("p2p/listen"),
                wait: entropy.stream("p2p/wait"),
                channel: entropy.stream("p2p/channel"),
                ssid: entropy.stream("p2p/ssid"),
                passphrase: entropy.stream("p2p/passphrase"),
            },
        }
    }

    /// The next thing to carry out. After every other call it must be asked until it returns `None`.
    pub fn take_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Returns the time at which `timeout` is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Returns the place of the next time-out in the event loop of the process.
    pub fn next_due(&self) -> Option<Due> {
        self.timers.next_due()
    }

    /// The peer group owner negotiation is going on with.
    pub fn go_neg_peer(&self) -> Option<MacAddr> {
        self.go_neg_peer
    }

    /// Whether an operation is going on.
    pub fn in_progress(&self) -> Progress {
        match self.state {
            State::Search => Progress::Searching,
            State::Idle | State::Provisioning => Progress::Idle,
            _ => Progress::Busy,
        }
    }

    /// The state as debug output and STATUS name it.
    pub fn state_text(&self) -> &'static str {
        self.state.text()
    }

    /// Enters a state. At rest, a change of the listen channel takes effect.
    pub(super) fn set_state(&mut self, state: State) {
        self.state = state;
        if state == State::Idle
            && let Some(channel) = self.listening.next_channel.take()
        {
            self.config.listen = channel;
        }
    }

    pub(super) fn set_timeout(&mut self, cx: &DeviceContext<'_>, after: Duration) {
        self.timers.set(Timer::State, cx.now + after);
    }

    pub(super) fn clear_timeout(&mut self) {
        self.timers.cancel(Timer::State);
    }

    pub(super) fn event(&mut self, event: Event) {
        self.actions.push_back(Action::Event(event));
    }

    /// The device's own P2P Device Address.
    pub(super) fn addr(&self) -> MacAddr {
        self.config.device.mac_addr
    }

    pub(super) fn peer(&self, addr: MacAddr) -> Option<&Peer> {
        self.peers.iter().find(|p| p.info.device_addr == addr)
    }

    pub(super) fn peer_mut(&mut self, addr: MacAddr) -> Option<&mut Peer> {
        self.peers.iter_mut().find(|p| p.info.device_addr == addr)
    }

    pub(super) fn peer_by_interface(&self, interface: MacAddr) -> Option<&Peer> {
        self.peers.iter().find(|p| p.interface_addr == interface)
    }

    /// The peer group owner negotiation is going on with.
    pub(super) fn negotiating(&self) -> Option<&Peer> {
        self.go_neg_peer.and_then(|addr| self.peer(addr))
    }

    pub(super) fn negotiating_mut(&mut self) -> Option<&mut Peer> {
        self.go_neg_peer.and_then(|addr| self.peer_mut(addr))
    }

    /// An entry for a peer; the oldest other makes room. Whether it is new.
    pub(super) fn create_peer(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) -> bool {
        if self.peer(addr).is_some() {
            return false;
        }
        if self.peers.len() >= self.config.max_peers {
            // Of several that were seen at the same time the newest entry goes, as in 2.10.
            let oldest = self.peers.iter().min_by_key(|p| p.last_seen).map(|p| p.info.device_addr);
            oldest.into_iter().for_each(|addr| self.forget_peer(cx, addr));
        }
        let info = PeerInfo { device_addr: addr, ..PeerInfo::default() };
        self.peers.insert(0, Peer { info, last_seen: cx.now, ..Peer::default() });
        true
    }

    /// Forgets a peer with whatever is going on with it.
    pub(super) fn forget_peer(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) {
        if self.go_neg_peer == Some(addr) {
            self.go_neg_failed(cx, -1);
        }
        if self.inviting.peer == Some(addr) {
            self.inviting.peer = None;
        }
        if self.sd_peer == Some(addr) {
            self.sd_peer = None;
        }
        if self.discoverability.asked.is_some_and(|(go, _)| go == addr) {
            self.discoverability.asked = None;
        }
        if self.peer(addr).is_some_and(|p| p.flags.reported_once) {
            self.event(Event::DeviceLost(addr));
        }
        self.peers.retain(|p| p.info.device_addr != addr);
    }

    /// Forgets peers not seen for a minute; to be called every 30 seconds or so.
    pub fn expire_peers(&mut self, cx: &DeviceContext<'_>) {
        let groups = cx.host.groups();
        let old = |p: &&Peer| p.last_seen.secs() + PEER_EXPIRATION_SECS < cx.now.secs();
        let expired: Vec<_> = self.peers.iter().filter(old).map(|p| p.info.device_addr).collect();
        for addr in expired {
            if self.go_neg_peer == Some(addr) {
                continue;
            }
            if cx.host.go_connected(addr) || groups.iter().any(|g| g.clients.contains(&addr)) {
                self.peer_mut(addr).into_iter().for_each(|p| p.last_seen = cx.now);
            } else {
                self.forget_peer(cx, addr);
            }
        }
    }

    /// Forgets every peer and stops everything.
    pub fn flush(&mut self, cx: &DeviceContext<'_>) {
        self.stop_ext_listen();
        self.stop_find(cx);
        while let Some(addr) = self.peers.first().map(|p| p.info.device_addr) {
            self.forget_peer(cx, addr);
        }
        self.flush_service_queries();
        self.ssid_set = false;
        self.reset_pending_pd();
    }

    /// Negotiation failed: 2.10's status, or -1 if the peer cannot be reached.
    pub(super) fn go_neg_failed(&mut self, _cx: &DeviceContext<'_>, status: i32) {
        if self.negotiating().is_none() {
            self.go_neg_peer = None;
            return;
        }
        self.timers.cancel(Timer::GoNegWait);
        self.timers.cancel(Timer::GoComplete);
        if self.state != State::Search {
            self.clear_timeout();
            self.set_state(State::Idle);
        }
        let mut results = GoNegResults { status, ..GoNegResults::default() };
        if let Some(peer) = self.negotiating_mut() {
            peer.flags.peer_waiting_response = false;
            peer.wps_method = super::WpsMethod::NotReady;
            peer.go_neg_conf = None;
            results.peer_device = peer.info.device_addr;
            results.peer_interface = peer.intended_addr;
        }
        self.go_neg_peer = None;
        self.event(Event::GoNegCompleted(Box::new(results)));
    }
}
