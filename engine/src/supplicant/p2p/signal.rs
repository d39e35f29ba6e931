//! The requests of an interface to its process for Wi-Fi Direct, and the works of the device machine on the radio.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::ScanRequest;
use wpasim_wire::time::Duration;

use crate::bss::RatedResult;
use crate::config::Network;
use crate::runtime::Level;

/// The parameters of an action frame besides its octets.
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

/// The user of the results of a scan that is not the interface's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScanFor {
    Find,
    /// Of a search that was stopped meanwhile.
    NothingOfFind,
    Join,
    /// Of a join that was cancelled meanwhile.
    Nothing,
}

/// The others who get an event of the P2P device's interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Audience {
    /// The process-wide socket, as an event of no interface.
    Process,
    /// The process-wide socket, with the interface's name.
    Interface,
    /// Nobody.
    OnlyInterface,
}

/// A request of an interface to its process. It stands in the queue of its outputs, so that what comes of it
/// stands there too.
#[derive(Clone, Debug)]
pub(crate) enum ProcessRequest {
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
    /// The regulatory domain changed: the channels of Wi-Fi Direct are other ones.
    ChannelListChanged,
    /// The result of provision discovery with this peer is used up.
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
