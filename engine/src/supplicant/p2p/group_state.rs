//! What an interface keeps of Wi-Fi Direct: the group it carries or forms, and a copy of what the
//! whole process shares.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{IfId, ScanRequest};
use wpasim_wire::time::{Duration, Instant};

use crate::bss::RatedResult;
use crate::config::Network;
use crate::p2p::{GoNegResults, GroupIdentity, Progress, WpsMethod};
use crate::runtime::Level;

/// What an interface was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum GroupInterface {
    /// Not for a group; a group may use it nevertheless (`p2p_no_group_iface`).
    #[default]
    No,
    Go,
    Client,
}

/// What the interfaces of a process know of each other's P2P operations. Every interface has the copy of
/// the moment while it runs; there is no other runner, so that what it changes is what all see next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shared {
    /// There is a P2P device.
    pub exists: bool,
    /// `P2P_SET disabled 1`.
    pub disabled: bool,
    pub device_addr: MacAddr,
    /// The interface that finds and negotiates.
    pub device_iface: IfId,
    /// What the device machine does.
    pub progress: Progress,
    /// The interface on which a group is being formed.
    pub forming: Option<IfId>,
    /// When the formation has failed.
    pub formation_ends: Option<Instant>,
    /// The formation fails as soon as the WPS exchange is over.
    pub fails_after_wps: bool,
    /// Since when a group owner waits for its first client.
    pub awaiting_client: Option<Instant>,
    /// `SET wifi_display`.
    pub wifi_display: bool,
}

impl Default for Shared {
    fn default() -> Self {
        Shared {
            exists: false,
            disabled: false,
            device_addr: MacAddr::ZERO,
            device_iface: IfId(0),
            progress: Progress::Idle,
            forming: None,
            formation_ends: None,
            fails_after_wps: false,
            awaiting_client: None,
            wifi_display: true,
        }
    }
}

impl Shared {
    /// Whether Wi-Fi Direct is in use.
    pub fn is_on(&self) -> bool {
        self.exists && !self.disabled
    }
}

/// The part of an interface that is about groups.
#[derive(Debug, Default)]
pub(crate) struct GroupState {
    pub shared: Shared,
    pub made_for: GroupInterface,
    /// The interface goes away; nothing is to be begun on it.
    pub is_going: bool,
    /// The number of scans of this enrolment, from 1; 0 while none goes on (p2p_in_provisioning).
    pub provisioning: u32,
    /// The same for a persistent group that is started again (p2p_in_invitation).
    pub invitation: u32,
    /// Where the owner of that group is expected, in MHz.
    pub invited_to_freq: Option<u32>,
    /// The event is owed as soon as there is a data connection.
    pub show_group_started: bool,
    pub go_params: Option<Box<GoNegResults>>,
    /// A client had its first data connection, or the registration is over.
    pub formation_completed: bool,
    /// Success or failure was said.
    pub formation_reported: bool,
    pub go_device: MacAddr,
    pub pin: String,
    pub wps_method: WpsMethod,
    /// How long a restarted persistent group waits for its first client.
    pub first_connection: Option<Duration>,
    /// The network whose 4-way handshake failed last.
    pub handshake_failed: Option<i32>,
    pub awaits_presence_response: bool,
    /// An access point that is started instead of the next scan.
    pub connect_without_scan: Option<i32>,
    /// The access point's start is to be followed by what the group needs.
    pub go_to_configure: Option<Box<GoNegResults>>,
    /// What the device says of itself in the frames of its groups.
    pub identity: Option<Box<GroupIdentity>>,
    /// Channels the group may move to, in MHz.
    pub common_freqs: Vec<u32>,
    /// `p2p_cli_probe` is in force.
    pub reports_probe_requests: bool,
    /// Results before this moment do not count.
    pub results_since: Option<Instant>,
    /// What to do if the peer that is joined turns out to own no group.
    pub fallback: Option<FallBack>,
    /// Whether the driver has the interface as a P2P client.
    pub is_client_type: bool,
}

/// The peer to negotiate with instead of joining its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FallBack {
    pub device: MacAddr,
    /// It owns a group if its BSS was heard since.
    pub since: Instant,
}

/// What an action frame needs besides its octets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ActionFrame {
    /// In MHz.
    pub freq: u32,
    pub dst: MacAddr,
    pub src: MacAddr,
    pub bssid: MacAddr,
    /// From the category octet on.
    pub body: Vec<u8>,
    pub wait: Duration,
}

/// Uses of the radio by the device machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum P2pWork {
    Scan(Box<ScanRequest>),
    /// In MHz.
    Listen {
        freq: u32,
        duration: Duration,
    },
    Action(Box<ActionFrame>),
}

/// Who waits for the results of a scan that is not the interface's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScanFor {
    Find,
    /// Of a search that was stopped meanwhile.
    NothingOfFind,
    Join,
    /// Of a join that was cancelled meanwhile.
    Nothing,
}

/// Who else has an event of the P2P device's interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Audience {
    /// The process-wide socket, as an event of no interface.
    Process,
    /// The process-wide socket, with the interface's name.
    Interface,
    /// Nobody.
    OnlyInterface,
}

/// What an interface tells the process. It stands in the queue of its outputs, so that what comes of it
/// stands there too.
#[derive(Clone, Debug)]
pub(crate) enum Signal {
    /// An event of the group for whoever listens to the P2P device.
    DeviceMsg {
        level: Level,
        text: String,
        audience: Audience,
    },
    /// A scan of the interface; the P2P element is still missing.
    Scan(Box<ScanRequest>),
    /// An association request without its P2P element; to a group or not, and what the P2P element of
    /// the access point says.
    Associate {
        request: Box<wpasim_wire::driver::DriverRequest>,
        group: bool,
        ap: Vec<u8>,
    },
    /// The radio is free for it.
    WorkStarted(P2pWork),
    /// Whether the driver began the scan.
    ScanTriggered {
        purpose: ScanFor,
        started: bool,
    },
    ScanResults {
        purpose: ScanFor,
        results: Vec<RatedResult>,
    },
    /// Interfaces on the same radio see the results too.
    ShareScan(Box<SharedScan>),
    /// WPS succeeded with the peer at this interface address.
    WpsSucceeded(MacAddr),
    FormationFailed,
    /// The channels of the groups that are owned are to be looked at.
    ConsiderMoves,
    /// What provision discovery with this peer left is used up.
    ClearProvisioning(MacAddr),
    /// The credentials of a persistent group.
    StoreGroup {
        network: Box<Network>,
        go_device: MacAddr,
    },
    /// A client joined the persistent group with this SSID.
    StoreClient {
        network: Box<Network>,
        client: MacAddr,
    },
    /// The interface's group is over, and the interface with it.
    RemoveInterface,
    /// The peer owns no group: negotiate with it instead.
    FallBack,
    /// A client associates with the group at this interface, with these elements.
    ClientAssociated {
        interface: MacAddr,
        ies: Vec<u8>,
    },
    /// Two handshakes with a persistent group failed.
    PskFailed {
        go_device: MacAddr,
        ssid: wpasim_wire::Ssid,
    },
    /// SET changed a variable.
    ConfigChanged(String),
}

/// Results of a scan for the other interfaces on the radio.
#[derive(Clone, Debug)]
pub(crate) struct SharedScan {
    pub aborted: bool,
    pub freqs: Vec<u32>,
    pub ssids: Vec<wpasim_wire::Ssid>,
    /// They must begin nothing because of them.
    pub update_only: bool,
}
