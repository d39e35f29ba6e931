//! Radios and interfaces.

use std::collections::{BTreeMap, BTreeSet};

use wpasim_engine::InterfaceConfig;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{IfId, IfType};

use super::ap::AccessPoint;
use super::bss::BssTable;
use super::keys::KeySlots;
use super::mlme::Mlme;
use super::peer::Peer;
use super::roc::RemainOnChannel;
use super::scan::Scan;
use super::signal::Monitor;
use super::{RadioIx, VifIx};
use crate::NodeId;
use crate::air::{Lanes, PowerRule, Reception};
use crate::medium::airtime::{OFDM_BASIC_RATE, basic_rate};

/// mac80211's operating channel before anything set one.
const FIRST_OPERATING_FREQ: u32 = 2412;

/// A radio: a wiphy of the kernel.
pub(crate) struct Radio {
    pub node: NodeId,
    /// `phy0` is the one whose process hears of regulatory changes.
    pub is_phy0: bool,
    /// The addresses that the kernel gives to interfaces: 02:… and 42:….
    pub addrs: [MacAddr; 2],
    pub vifs: Vec<VifIx>,
    /// Off: deaf and mute, and nothing else notices.
    pub on: bool,
    /// The operating channel; it keeps its last value.
    pub oper_freq: u32,
    /// The longest frame to one receiver that leaves whole, in octets with FCS. It outlives the process that set it.
    pub fragmentation_threshold: Option<usize>,
    /// The channel on which the radio receives now; `None` while idle.
    pub tuned: Option<u32>,
    pub lanes: Lanes,
    pub scan: Option<Scan>,
    pub scan_generation: u32,
    pub bss: BssTable,
    /// Channels of which the last scan left a survey.
    pub surveyed: BTreeSet<u32>,
    /// Remain-on-channels, those under way first.
    pub roc: Vec<RemainOnChannel>,
    /// Of the timer that begins what waits behind them.
    pub roc_generation: u32,
    /// The transmit powers of its interfaces.
    pub power: PowerRule,
}

impl Radio {
    pub fn new(node: NodeId, config: &InterfaceConfig) -> Self {
        Radio {
            node,
            is_phy0: config.phy == "phy0",
            addrs: [config.addr, config.second_addr],
            vifs: Vec::new(),
            on: true,
            oper_freq: FIRST_OPERATING_FREQ,
            fragmentation_threshold: None,
            tuned: None,
            lanes: Lanes::new(),
            scan: None,
            scan_generation: 0,
            bss: BssTable::default(),
            surveyed: BTreeSet::new(),
            roc: Vec::new(),
            roc_generation: 0,
            power: PowerRule::default(),
        }
    }

    /// The interface whose scan is under way.
    pub fn scanning_vif(&self) -> Option<VifIx> {
        self.scan.as_ref().map(|s| s.vif)
    }
}

/// An interface.
pub(crate) struct Vif {
    pub node: NodeId,
    pub radio: RadioIx,
    pub iface: IfId,
    pub addr: MacAddr,
    pub iftype: IfType,
    /// Its process runs.
    pub up: bool,
    /// In dBm; unset until the interface has a channel context, then it stays until the type changes.
    pub tx_power: Option<i32>,
    sequence: u16,
    pub report_probe_requests: bool,
    pub power_save: bool,
    /// Watches the signal of the own AP.
    pub signal_monitor: Option<Monitor>,
    pub group_keys: KeySlots,
    pub mlme: Mlme,
    pub ap: Option<Box<AccessPoint>>,
    /// Stations that user space added, by address.
    pub stations: BTreeMap<MacAddr, Peer>,
    /// Management frames that came during a scan, for the work that looks at them when it is over.
    pub deferred: Vec<(Vec<u8>, Reception)>,
}

impl Vif {
    pub fn new(node: NodeId, radio: RadioIx, iface: IfId, addr: MacAddr) -> Self {
        Vif {
            node,
            radio,
            iface,
            addr,
            iftype: IfType::Station,
            up: false,
            tx_power: None,
            sequence: 0,
            report_probe_requests: false,
            power_save: false,
            signal_monitor: None,
            group_keys: KeySlots::default(),
            mlme: Mlme::default(),
            ap: None,
            stations: BTreeMap::new(),
            deferred: Vec::new(),
        }
    }

    /// The interface in the place of one that is gone: timers and statuses of that one find another generation.
    pub fn after(self, gone: &Vif) -> Self {
        Vif { mlme: Mlme::after(&gone.mlme), ..self }
    }

    /// The next sequence number of management and plain data frames.
    pub fn next_sequence(&mut self) -> u16 {
        let sequence = self.sequence;
        self.sequence = (self.sequence + 1) & 0x0fff;
        sequence
    }

    /// Whether the interface is an access point by its type.
    pub fn is_ap(&self) -> bool {
        matches!(self.iftype, IfType::Ap | IfType::P2pGo)
    }

    /// Whether the interface is one of Wi-Fi Direct, which uses no DSSS/CCK rates (Wi-Fi Direct 1.7
    /// §2.4.1): the supplicant masks them when it sets such a type.
    pub fn is_p2p(&self) -> bool {
        matches!(self.iftype, IfType::P2pClient | IfType::P2pGo | IfType::P2pDevice)
    }

    /// The lowest rate of the interface on a channel, in units of 100 kbit/s.
    pub fn lowest_rate(&self, freq: u32) -> u16 {
        if self.is_p2p() { OFDM_BASIC_RATE } else { basic_rate(freq) }
    }

    /// The BSS that the station is associated with, and its channel.
    pub fn associated_bss(&self) -> Option<(MacAddr, u32)> {
        self.mlme.associated.as_ref().map(|a| (a.bssid, a.freq))
    }

    /// A peer: a station of the AP, or the station's AP.
    pub fn peer(&self, addr: MacAddr) -> Option<&Peer> {
        match &self.mlme.associated {
            Some(a) if a.bssid == addr => Some(&a.peer),
            _ => self.stations.get(&addr),
        }
    }

    /// A peer: a station of the AP, or the station's AP.
    pub fn peer_mut(&mut self, addr: MacAddr) -> Option<&mut Peer> {
        match &mut self.mlme.associated {
            Some(a) if a.bssid == addr => Some(&mut a.peer),
            _ => self.stations.get_mut(&addr),
        }
    }
}
