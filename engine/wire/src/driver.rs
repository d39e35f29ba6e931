//! The driver boundary: what a supplicant asks of the thing below it and what it is told, in
//! nl80211's terms. The soft MAC answers it in the simulator; the same boundary joins an engine to
//! kernel radios.
//!
//! Requests and events are values. What a supplicant reads synchronously from a kernel (dumps and
//! gets) is the [`DriverView`] trait, a pure read of the driver's state.

use crate::mac::{MacAddr, Ssid};
use crate::time::{Duration, Instant};

/// An interface of one node, counted from 0 in the order of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IfId(pub u32);

/// NL80211_IFTYPE_*.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum IfType {
    #[default]
    Station,
    Ap,
    P2pClient,
    P2pGo,
    P2pDevice,
}

/// A cipher suite by the last octet of its 00-0F-AC selector (IEEE 802.11-2020 Table 9-149).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Cipher {
    Wep40,
    Tkip,
    Ccmp,
    Wep104,
    /// BIP-CMAC-128, for group management frames.
    BipCmac128,
}

/// The station that a key is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum KeyScope {
    /// The pairwise key shared with this peer.
    Pairwise(MacAddr),
    /// A group key of the BSS.
    Group,
}

/// NL80211_CMD_NEW_KEY.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    pub cipher: Cipher,
    pub scope: KeyScope,
    /// 0 to 3 (4 and 5 for BIP).
    pub index: u8,
    /// 16 octets for CCMP, 32 for TKIP in 802.11's order (TK, MIC key towards the station's
    /// transmission as in the PTK: temporal key, authenticator-to-supplicant, supplicant-to-
    /// authenticator).
    pub key: Vec<u8>,
    /// The receive sequence counter a group key starts at, least significant octet first.
    pub rsc: [u8; 6],
    /// Whether group frames are transmitted with it (an AP's group key).
    pub tx: bool,
}

/// NL80211_CMD_TRIGGER_SCAN.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ScanRequest {
    /// Probe for these SSIDs on channels that allow it; empty means a passive scan. The wildcard
    /// SSID is an empty SSID in the list.
    pub ssids: Vec<Ssid>,
    /// In MHz; empty means every enabled channel.
    pub freqs: Vec<u32>,
    /// Elements appended to the probe requests.
    pub ies: Vec<u8>,
    /// Drop cached results first (NL80211_SCAN_FLAG_FLUSH).
    pub flush: bool,
    /// Probe only this BSSID.
    pub bssid: Option<MacAddr>,
    /// NL80211_ATTR_TX_NO_CCK_RATE.
    pub no_cck: bool,
    /// Probe requests come from such an address (NL80211_SCAN_FLAG_RANDOM_ADDR).
    pub random_addr: Option<RandomAddr>,
}

/// The random addresses that will do: the bits of `mask` are those of `addr`, the others random
/// (NL80211_ATTR_MAC and NL80211_ATTR_MAC_MASK).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RandomAddr {
    pub addr: MacAddr,
    pub mask: MacAddr,
}

impl RandomAddr {
    /// Any individual, locally administered address.
    pub const LOCALLY_ADMINISTERED: RandomAddr =
        RandomAddr { addr: MacAddr([2, 0, 0, 0, 0, 0]), mask: MacAddr([3, 0, 0, 0, 0, 0]) };
}

/// The way in which a beacon hides its SSID (NL80211_HIDDEN_SSID_*).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum HiddenSsid {
    #[default]
    No,
    /// The element is empty.
    ZeroLength,
    /// The element keeps its length, octets are zero.
    ZeroContents,
}

/// NL80211_CMD_START_AP and NL80211_CMD_SET_BEACON.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Beacon {
    /// The frame from its header up to the TIM element; the MAC writes timestamp and sequence.
    pub head: Vec<u8>,
    /// The elements after the TIM.
    pub tail: Vec<u8>,
    /// In TU.
    pub interval: u16,
    pub dtim_period: u8,
    pub ssid: Ssid,
    pub hidden: HiddenSsid,
    /// In MHz.
    pub freq: u32,
    /// HT is used.
    pub ht: bool,
    /// -1 the secondary channel is below, 0 there is none, 1 above.
    pub secondary: i8,
    /// Whether data needs a key (the Privacy bit).
    pub privacy: bool,
}

impl Beacon {
    /// The channel of the BSS.
    pub fn channel(&self) -> OperatingChannel {
        OperatingChannel { freq: self.freq, ht: self.ht, secondary: self.secondary }
    }
}

/// A channel that a BSS operates on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OperatingChannel {
    /// In MHz, of the primary channel.
    pub freq: u32,
    /// Whether HT is used on it.
    pub ht: bool,
    /// -1 the secondary channel is below, 0 there is none, 1 above.
    pub secondary: i8,
}

impl OperatingChannel {
    /// The width in the words of events and replies.
    pub fn width_text(self) -> &'static str {
        match (self.ht, self.secondary) {
            (false, _) => "20 MHz (no HT)",
            (true, 0) => "20 MHz",
            (true, _) => "40 MHz",
        }
    }

    /// The middle of the channel in MHz.
    pub fn center(self) -> u32 {
        self.freq.saturating_add_signed(10 * i32::from(self.secondary))
    }
}

/// NL80211_CMD_CHANNEL_SWITCH.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChannelSwitch {
    pub channel: OperatingChannel,
    /// Beacons until then; with fewer than two the switch is made at once.
    pub count: u8,
    /// The beacon that announces it.
    pub during: Beacon,
    /// The beacon on the new channel.
    pub after: Beacon,
}

/// NL80211_STA_FLAG_* and what NEW_STATION/SET_STATION carry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StationParams {
    pub addr: MacAddr,
    pub aid: u16,
    pub capability: u16,
    pub listen_interval: u16,
    /// In units of 500 kbit/s, basic-rate bit cleared.
    pub supported_rates: Vec<u8>,
    pub authenticated: bool,
    pub associated: bool,
    pub authorized: bool,
    pub short_preamble: bool,
    pub wmm: bool,
    /// The 26 octets of the HT Capabilities element, if the station sent them.
    pub ht_capab: Option<Vec<u8>>,
}

/// The HT capabilities of the radio that a station gives up for an association (NL80211_ATTR_DISABLE_HT,
/// NL80211_ATTR_HT_CAPABILITY and its mask). Where a mask has a zero, the radio decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HtOverrides {
    pub disabled: bool,
    pub info: u16,
    pub info_mask: u16,
    pub ampdu: u8,
    pub ampdu_mask: u8,
    /// The receive bits of the supported MCS set.
    pub mcs: [u8; 10],
    pub mcs_mask: [u8; 10],
}

impl HtOverrides {
    /// Returns the radio's capabilities as an association request has them, as mac80211's
    /// `ieee80211_apply_htcap_overrides` makes them.
    pub fn apply(&self, radio: &[u8; 26]) -> [u8; 26] {
        /// Maximum A-MPDU length exponent and minimum MPDU start spacing.
        const FACTOR: u8 = 0x03;
        const DENSITY: u8 = 0x1c;
        /// Bits that can be given up, and bits that can be added.
        const REMOVABLE: u16 = 0x0002 | 0x0020 | 0x0040 | 0x0800 | 0x0001 | 0x0080;
        const ADDABLE: u16 = 0x0080 | 0x0300 | 0x4000;
        let mut capab = *radio;
        let [low, high, ampdu, mcs @ ..] = &mut capab;
        let mut info = u16::from_le_bytes([*low, *high]);
        info &= !(self.info_mask & !self.info & REMOVABLE);
        info |= self.info_mask & self.info & ADDABLE;
        [*low, *high] = info.to_le_bytes();
        let factor = self.ampdu & FACTOR;
        if self.ampdu_mask & FACTOR != 0 && factor < *ampdu & FACTOR {
            *ampdu = *ampdu & !FACTOR | factor;
        }
        let density = self.ampdu & DENSITY;
        if self.ampdu_mask & DENSITY != 0 && density > *ampdu & DENSITY {
            *ampdu = *ampdu & !DENSITY | density;
        }
        for ((octet, mask), wanted) in mcs.iter_mut().zip(self.mcs_mask).zip(self.mcs) {
            *octet = *octet & !mask | mask & wanted;
        }
        capab
    }
}

/// A request of the engine to its driver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DriverRequest {
    SetIfType(IfType),
    TriggerScan(ScanRequest),
    AbortScan,
    /// NL80211_CMD_AUTHENTICATE with the SME in user space: the MAC sends the frame and repeats it.
    Authenticate {
        bssid: MacAddr,
        freq: u32,
        ssid: Ssid,
        /// 0 open, 1 shared key, 3 SAE.
        algorithm: u16,
        /// Elements after the status code (and SAE fields before them).
        ies: Vec<u8>,
    },
    /// NL80211_CMD_ASSOCIATE; `prev_bssid` makes it a reassociation.
    Associate {
        bssid: MacAddr,
        freq: u32,
        ssid: Ssid,
        ies: Vec<u8>,
        prev_bssid: Option<MacAddr>,
        /// Whether the BSS protects data; the MAC then holds the port shut.
        privacy: bool,
        ht: HtOverrides,
    },
    /// NL80211_CMD_DEAUTHENTICATE as a station; `local_state_change` sends no frame.
    Deauthenticate {
        bssid: MacAddr,
        reason: u16,
        local_state_change: bool,
    },
    NewKey(Key),
    DelKey {
        scope: KeyScope,
        index: u8,
    },
    /// Authorize the port towards the AP (NL80211_STA_FLAG_AUTHORIZED as a station).
    SetPort {
        authorized: bool,
    },
    /// NL80211_CMD_CONTROL_PORT_FRAME: an EAPOL frame from its version octet on.
    TxEapol {
        dest: MacAddr,
        frame: Vec<u8>,
        no_encrypt: bool,
        cookie: u64,
    },
    /// An MSDU: EtherType and payload.
    TxData {
        /// The interface's own address without one.
        source: Option<MacAddr>,
        dest: MacAddr,
        ethertype: u16,
        payload: Vec<u8>,
    },
    /// NL80211_CMD_PROBE_CLIENT: a null function frame, to see whether the station acknowledges.
    ProbeClient {
        addr: MacAddr,
    },
    /// NL80211_CMD_FRAME: a management frame from its header on; the MAC writes the sequence
    /// number. `freq` 0 is the operating channel.
    TxMgmt {
        frame: Vec<u8>,
        freq: u32,
        wait: Duration,
        cookie: u64,
        no_ack: bool,
        no_cck: bool,
    },
    CancelTxWait {
        cookie: u64,
    },
    RemainOnChannel {
        freq: u32,
        duration: Duration,
        cookie: u64,
    },
    CancelRemainOnChannel {
        cookie: u64,
    },
    /// Report received probe requests although the interface is not an AP.
    ReportProbeRequests(bool),
    StartAp(Box<Beacon>),
    SetBeacon(Box<Beacon>),
    SwitchChannel(Box<ChannelSwitch>),
    StopAp,
    NewStation(Box<StationParams>),
    /// Replaces flags, rates and identifiers of a known station.
    SetStation(Box<StationParams>),
    SetStationAuthorized {
        addr: MacAddr,
        authorized: bool,
    },
    DelStation {
        addr: MacAddr,
    },
    /// Remove every station.
    FlushStations,
    /// A new virtual interface on this one's radio, up from now on. Without an address of its own it gets the one
    /// that [`DriverView::next_interface_addr`] said; [`DriverEvent::InterfaceAdded`] follows.
    AddInterface {
        iftype: IfType,
        name: String,
        new_id: IfId,
        addr: Option<MacAddr>,
    },
    DelInterface {
        id: IfId,
    },
    /// NL80211_CMD_REQ_SET_REG: the regulatory domain of a country is wanted, `00` for the world's.
    SetCountry([u8; 2]),
    /// Power management of the station towards its AP.
    SetPowerSave(bool),
    /// NL80211_ATTR_WIPHY_FRAG_THRESHOLD: frames to one receiver that are longer, FCS included, leave the radio in
    /// fragments. `None` ends it.
    SetFragmentationThreshold(Option<u32>),
    /// NL80211_CMD_SET_CQM: tell when the signal of the AP's beacons crosses a threshold, and again when it
    /// moved by more than the hysteresis; a threshold of 0 ends it.
    SetSignalMonitor {
        threshold_dbm: i32,
        hysteresis_db: u32,
    },
}

/// The reason why a request was refused, by errno name, as the kernel would.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Errno {
    Busy,
    Already,
    NoEntry,
    Invalid,
    NotConnected,
    NetDown,
    NotSupported,
    /// Another one, by its number.
    Other(u16),
}

impl Errno {
    /// Those with a name here, with Linux's numbers.
    const NAMED: [(Errno, u16); 7] = [
        (Errno::NoEntry, 2),
        (Errno::Busy, 16),
        (Errno::Invalid, 22),
        (Errno::NotSupported, 95),
        (Errno::NetDown, 100),
        (Errno::NotConnected, 107),
        (Errno::Already, 114),
    ];

    /// Linux's number.
    pub fn number(self) -> u16 {
        match self {
            Errno::Other(number) => number,
            named => Errno::NAMED.iter().find(|(errno, _)| *errno == named).map_or(0, |(_, number)| *number),
        }
    }

    /// The errno with this number of Linux's.
    pub fn of_number(number: u16) -> Self {
        let named = Errno::NAMED.iter().find(|(_, known)| *known == number);
        named.map_or(Errno::Other(number), |(errno, _)| *errno)
    }
}

/// The request that was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Refused {
    TriggerScan,
    AbortScan,
    Authenticate,
    Associate,
    Deauthenticate,
    AddInterface(IfId),
    /// Setting the channel of an access point that is to start.
    SetChannel,
    StartAp,
    SwitchChannel,
    RemainOnChannel(u64),
    TxMgmt(u64),
    TxEapol(u64),
    Other,
}

/// An event that the driver tells the engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DriverEvent {
    /// A request could not be carried out. It comes before any other event of the same instant.
    Refused {
        request: Refused,
        errno: Errno,
    },
    /// NL80211_CMD_TRIGGER_SCAN as an event.
    ScanStarted,
    /// NL80211_CMD_NEW_SCAN_RESULTS, or SCAN_ABORTED. The results are read through the view.
    ScanDone {
        aborted: bool,
        freqs: Vec<u32>,
        ssids: Vec<Ssid>,
    },
    /// An authentication frame came from the AP (the whole frame, header included).
    Authenticated {
        frame: Vec<u8>,
    },
    AuthTimeout {
        bssid: MacAddr,
    },
    /// A (re)association response came. `req_ies` is what the MAC sent after the fixed fields.
    Associated {
        frame: Vec<u8>,
        req_ies: Vec<u8>,
        freq: u32,
    },
    AssocTimeout {
        bssid: MacAddr,
    },
    /// Deauthentication, received or our own (`locally_generated`), the whole frame.
    Deauthenticated {
        frame: Vec<u8>,
        locally_generated: bool,
    },
    Disassociated {
        frame: Vec<u8>,
        locally_generated: bool,
    },
    /// NL80211_CMD_UNPROT_DEAUTHENTICATE / DISASSOCIATE.
    UnprotDeauthenticated {
        frame: Vec<u8>,
    },
    /// NL80211_CMD_CONTROL_PORT_FRAME. `encrypted` is false if it came in the clear.
    RxEapol {
        src: MacAddr,
        frame: Vec<u8>,
        encrypted: bool,
    },
    /// NL80211_CMD_CONTROL_PORT_FRAME_TX_STATUS.
    EapolTxStatus {
        cookie: u64,
        dest: MacAddr,
        ack: bool,
        frame: Vec<u8>,
    },
    /// A decrypted MSDU.
    RxData {
        src: MacAddr,
        dest: MacAddr,
        ethertype: u16,
        payload: Vec<u8>,
    },
    /// NL80211_CMD_FRAME: a management frame for user space, decrypted.
    RxMgmt {
        frame: Vec<u8>,
        freq: u32,
        signal_dbm: i32,
    },
    /// NL80211_CMD_FRAME_TX_STATUS.
    MgmtTxStatus {
        cookie: u64,
        frame: Vec<u8>,
        ack: bool,
    },
    MgmtTxWaitExpired {
        cookie: u64,
    },
    RemainOnChannel {
        cookie: u64,
        freq: u32,
        duration: Duration,
    },
    RemainOnChannelDone {
        cookie: u64,
        freq: u32,
    },
    /// NL80211_CQM: beacons stopped and probing begins; a deauthentication follows if the AP is gone.
    BeaconLoss,
    /// NL80211_CQM_RSSI.
    SignalChange {
        above_threshold: bool,
        signal_dbm: i32,
    },
    /// NL80211_CMD_CH_SWITCH_NOTIFY.
    ChannelSwitch {
        channel: OperatingChannel,
    },
    /// NL80211_CMD_CH_SWITCH_STARTED_NOTIFY.
    ChannelSwitchStarted {
        channel: OperatingChannel,
    },
    /// NL80211_CMD_REG_CHANGE. Sent only to the process on phy0 for the world domain.
    RegulatoryChange {
        initiator: RegInitiator,
        domain: RegDomain,
    },
    /// A data frame came from a station that is not associated (class 3 frame).
    UnexpectedFrame {
        addr: MacAddr,
        four_addr: bool,
    },
    /// A Michael MIC failure was detected on a received frame.
    MichaelMicFailure {
        addr: MacAddr,
        group: bool,
    },
    /// NL80211_CMD_PROBE_CLIENT as an event: a station acknowledged [`DriverRequest::ProbeClient`]'s frame.
    ClientAcknowledged {
        addr: MacAddr,
    },
    /// NL80211_CMD_STA_OPMODE_CHANGED: a station's spatial multiplexing power save is dynamic, or off.
    StationSmps {
        addr: MacAddr,
        dynamic: bool,
    },
    /// A station whose frames stopped being acknowledged.
    StationLowAck {
        addr: MacAddr,
    },
    InterfaceAdded {
        id: IfId,
        addr: MacAddr,
    },
    /// The AP stopped beaconing because the kernel took the interface down.
    ApStopped,
    /// NL80211_CMD_STOP_AP as an event: the kernel gave the BSS up, the interface stays up.
    ApUnavailable,
}

/// The initiator of the regulatory domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum RegInitiator {
    Core,
    User,
    Driver,
    /// The Country element of an access point.
    CountryIe,
    Beacon,
}

/// A regulatory domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum RegDomain {
    World,
    Country([u8; 2]),
    /// The part that two domains have in common.
    Intersection,
}

/// One entry of an NL80211_CMD_GET_SCAN dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScanResult {
    pub bssid: MacAddr,
    /// In MHz.
    pub freq: u32,
    /// In TU.
    pub beacon_interval: u16,
    pub capability: u16,
    /// In dBm.
    pub signal_dbm: i32,
    /// From the channel survey, in dBm; `None` if the scan left no survey for the channel.
    pub noise_dbm: Option<i32>,
    /// The timestamp field of the last frame, in microseconds.
    pub tsf: u64,
    /// The time at which the entry was last heard.
    pub last_seen: Instant,
    /// Elements of the last probe response, or of the beacon if none came.
    pub ies: Vec<u8>,
    /// Elements of the last beacon; empty if no beacon came.
    pub beacon_ies: Vec<u8>,
    /// Whether the interface is associated with it.
    pub associated: bool,
}

/// NL80211_CMD_GET_STATION.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StationInfo {
    pub rx_packets: u32,
    pub tx_packets: u32,
    pub rx_bytes: u64,
    pub tx_bytes: u64,
    pub inactive: Duration,
    pub signal_dbm: i32,
    pub avg_signal_dbm: i32,
    /// `None` if no beacon was heard, or it is no AP.
    pub avg_beacon_signal_dbm: Option<i32>,
    /// In units of 100 kbit/s.
    pub rx_rate: u32,
    pub tx_rate: u32,
    pub connected: Duration,
    pub tx_retries: u32,
    pub tx_failed: u32,
}

/// NO_IR, RADAR and so on, as the regulatory domain leaves a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Channel {
    /// In MHz.
    pub freq: u32,
    /// The IEEE channel number.
    pub number: u8,
    pub no_ir: bool,
    pub radar: bool,
    pub disabled: bool,
    /// In dBm.
    pub max_tx_power: i32,
}

/// The view that an engine may read of its driver at any moment. Reads change nothing.
pub trait DriverView {
    /// NL80211_CMD_GET_SCAN, in cfg80211's order (oldest entry first). Entries not heard for 30 s
    /// are gone.
    fn scan_results(&self, iface: IfId, now: Instant) -> Vec<ScanResult>;
    /// NL80211_CMD_GET_STATION.
    fn station(&self, iface: IfId, addr: MacAddr, now: Instant) -> Option<StationInfo>;
    /// The noise on a channel in dBm, if the last scan left a survey of it (NL80211_CMD_GET_SURVEY).
    fn noise(&self, _iface: IfId, _freq: u32) -> Option<i32> {
        None
    }
    /// The channel that an interface operates on (NL80211_CMD_GET_INTERFACE); `None` while it has none.
    fn operating_channel(&self, _iface: IfId) -> Option<OperatingChannel> {
        None
    }
    /// Returns the time at which the last beacon of a neighbouring BSS was heard on a channel, where beacons that say nothing new are not told
    /// one by one.
    fn last_beacon(&self, _iface: IfId, _bssid: MacAddr, _freq: u32, _now: Instant) -> Option<Instant> {
        None
    }
    /// The channels of the radio under the regulatory domain in force.
    fn channels(&self, iface: IfId) -> Vec<Channel>;
    /// The packet number a group key would be given to a station now (NL80211_CMD_GET_KEY).
    fn key_seq(&self, iface: IfId, index: u8) -> [u8; 6];
    /// The address that [`DriverRequest::AddInterface`] would give to a new interface of this one's radio
    /// now; `None` if it can have no more.
    fn next_interface_addr(&self, _iface: IfId) -> Option<MacAddr> {
        None
    }
    /// Returns the error with which a request of an interface would be refused now, if its driver fails. A kernel answers at once, so what depends on the
    /// answer asks here and makes the request nevertheless.
    fn would_refuse(&self, _iface: IfId, _request: &DriverRequest) -> Option<(Refused, Errno)> {
        None
    }
    /// The country of the regulatory domain, `00` for the world domain.
    fn country(&self) -> [u8; 2];
}
