//! The state that the access point keeps of a station.

use super::controlled_port::Port;
use super::{AccessPoint, GroupSignal, Timer};
use crate::rsn::authenticator::StationSecurity;
use crate::runtime::never;
use crate::wire::MacAddr;
use crate::wire::driver::{DriverRequest, StationParams};
use crate::wire::time::{Duration, Instant};

/// WLAN_STA_* of hostapd.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags(u32);

impl Flags {
    pub const AUTH: Flags = Flags(1);
    pub const ASSOC: Flags = Flags(1 << 1);
    pub const AUTHORIZED: Flags = Flags(1 << 5);
    pub const PENDING_POLL: Flags = Flags(1 << 6);
    pub const SHORT_PREAMBLE: Flags = Flags(1 << 7);
    pub const WMM: Flags = Flags(1 << 9);
    pub const HT: Flags = Flags(1 << 11);
    pub const WPS: Flags = Flags(1 << 12);
    pub const MAYBE_WPS: Flags = Flags(1 << 13);
    pub const ASSOC_REQ_OK: Flags = Flags(1 << 15);
    pub const WPS2: Flags = Flags(1 << 16);
    pub const PENDING_DISASSOC_CB: Flags = Flags(1 << 29);
    pub const PENDING_DEAUTH_CB: Flags = Flags(1 << 30);
    pub const NON_ERP: Flags = Flags(1 << 31);

    pub fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }

    pub fn set(&mut self, flag: Flags, on: bool) {
        if on {
            self.0 |= flag.0;
        } else {
            self.0 &= !flag.0;
        }
    }

    /// As STA prints them; the bracket that hostapd forgets to close is forgotten here too.
    pub fn text(self) -> String {
        [
            (Flags::AUTH, "[AUTH]"),
            (Flags::ASSOC, "[ASSOC]"),
            (Flags::AUTHORIZED, "[AUTHORIZED]"),
            (Flags::PENDING_POLL, "[PENDING_POLL"),
            (Flags::SHORT_PREAMBLE, "[SHORT_PREAMBLE]"),
            (Flags::WMM, "[WMM]"),
            (Flags::WPS, "[WPS]"),
            (Flags::MAYBE_WPS, "[MAYBE_WPS]"),
            (Flags::NON_ERP, "[NonERP]"),
            (Flags::WPS2, "[WPS2]"),
            (Flags::HT, "[HT]"),
        ]
        .into_iter()
        .filter(|(flag, _)| self.has(*flag))
        .map(|(_, name)| name)
        .collect()
    }
}

/// The next step of a station's timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum NextStep {
    #[default]
    NullFunc,
    Disassoc,
    Deauth,
    Remove,
}

impl NextStep {
    /// As STA prints it.
    pub fn text(self) -> &'static str {
        match self {
            NextStep::NullFunc => "NULLFUNC POLL",
            NextStep::Disassoc => "DISASSOC",
            NextStep::Deauth => "DEAUTH",
            NextStep::Remove => "REMOVE",
        }
    }
}

/// A station that authenticated at least once.
#[derive(Debug, Default)]
pub struct Station {
    pub(super) flags: Flags,
    /// 0 until associated.
    pub(super) aid: u16,
    pub(super) capability: u16,
    pub(super) listen_interval: u16,
    /// In units of 500 kbit/s, basic-rate bit cleared.
    pub(super) rates: Vec<u8>,
    pub(super) next_step: NextStep,
    /// Its place in the order of coming.
    pub(super) came: u64,
    /// Sequence control and subtype of its last authentication or association frame, against
    /// retransmissions.
    pub(super) last_frame: Option<(u16, u8)>,
    /// Whether the driver has an entry.
    pub(super) in_driver: bool,
    /// The driver's entry was made at authentication.
    pub(super) added_unassoc: bool,
    pub(super) security: Option<StationSecurity>,
    /// The 26 octets of its HT Capabilities.
    pub(super) ht_capab: Option<Vec<u8>>,
    pub(super) ext_capab: Option<Vec<u8>>,
    /// The signal of its last authentication frame.
    pub(super) auth_signal_dbm: i32,
    /// The signal of its last association request.
    pub(super) assoc_signal_dbm: i32,
    pub(super) op_classes: Option<Vec<u8>>,
    /// Minimum and maximum transmit power in dBm.
    pub(super) power: Option<(i8, i8)>,
    pub(super) connected_at: Option<Instant>,
    /// Of shared key authentication.
    pub(super) challenge: Option<Box<[u8; 128]>>,
    /// Of the P2P elements of its association request.
    pub(super) p2p_attributes: Option<Vec<u8>>,
    /// Of the WPS element of its association request.
    pub(super) wps_attributes: Option<Vec<u8>>,
    pub(super) early_eapol: Option<(Instant, Vec<u8>)>,
    pub(super) counted: Counted,
    /// The controlled port, of a station that speaks EAP.
    pub(super) port: Option<Box<Port>>,
}

/// For which of the BSS's counters a station counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counted {
    pub non_erp: bool,
    pub no_short_slot: bool,
    pub no_short_preamble: bool,
    pub no_ht_gf: bool,
    pub no_ht: bool,
    pub ht_20mhz: bool,
}

/// Stations by what they lack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counts {
    pub non_erp: u32,
    pub no_short_slot: u32,
    pub no_short_preamble: u32,
    pub no_ht_gf: u32,
    pub no_ht: u32,
    pub ht_20mhz: u32,
    /// The operation mode field of HT Operation.
    pub ht_op_mode: u16,
}

impl Counts {
    fn change(&mut self, counted: Counted, by: impl Fn(u32) -> u32) {
        for (count, counts) in [
            (&mut self.non_erp, counted.non_erp),
            (&mut self.no_short_slot, counted.no_short_slot),
            (&mut self.no_short_preamble, counted.no_short_preamble),
            (&mut self.no_ht_gf, counted.no_ht_gf),
            (&mut self.no_ht, counted.no_ht),
            (&mut self.ht_20mhz, counted.ht_20mhz),
        ] {
            if counts {
                *count = by(*count);
            }
        }
    }

    /// Returns the counts that show in beacons.
    fn shown(&self) -> [bool; 3] {
        [self.non_erp > 0, self.no_short_slot > 0, self.no_short_preamble > 0]
    }
}

const AID_MAX: usize = 2007;

impl AccessPoint {
    /// A new entry, or `None` if the BSS is full.
    pub(super) fn add_station(&mut self, now: Instant, addr: MacAddr) -> Option<&mut Station> {
        if !self.stations.contains_key(&addr) {
            if self.stations.len() >= self.config.max_stations as usize {
                return None;
            }
            self.came += 1;
            let rates = self.config.rates();
            let station = Station {
                came: self.came,
                rates: rates.iter().filter(|(_, basic)| *basic).map(|(r, _)| (r / 5) as u8).collect(),
                ..Station::default()
            };
            self.order.insert(self.came, addr);
            self.stations.insert(addr, station);
            self.restart_inactivity(now, addr);
        }
        self.stations.get_mut(&addr)
    }

    pub(super) fn restart_inactivity(&mut self, now: Instant, addr: MacAddr) {
        let wait = Duration::from_secs(self.config.max_inactivity.into());
        self.timers.set(Timer::Handle(addr), now + wait);
    }

    /// The lowest association identifier that is free; a station keeps the one it has.
    pub(super) fn allot_aid(&mut self, addr: MacAddr) -> Option<u16> {
        let station = self.stations.get_mut(&addr)?;
        if station.aid != 0 {
            return Some(station.aid);
        }
        let words = &mut self.aids;
        let index = words.iter().position(|w| *w != u64::MAX).unwrap_or(words.len());
        if index == words.len() {
            words.push(0);
        }
        let word = words.get_mut(index)?;
        let bit = word.trailing_ones() as usize;
        let aid = index * 64 + bit + 1;
        if aid > AID_MAX {
            return None;
        }
        *word |= 1 << bit;
        station.aid = aid as u16;
        Some(station.aid)
    }

    /// Counts a station for what it lacks, and beacons anew if that shows.
    pub(super) fn count_station(&mut self, addr: MacAddr, counted: Counted) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        let before = core::mem::replace(&mut station.counted, counted);
        let shown = self.counts.shown();
        self.counts.change(before, |n| n.saturating_sub(1));
        self.counts.change(counted, |n| n + 1);
        let ht_changed = self.update_ht_operation();
        if (shown != self.counts.shown() || ht_changed) && self.is_beaconing() {
            self.update_beacon();
        }
    }

    /// Works out what stations without HT, in this BSS or a neighbouring one, force upon the others.
    pub(super) fn update_ht_operation(&mut self) -> bool {
        const OBSS_NON_HT: u16 = 0x0010;
        const NON_GF: u16 = 0x0004;
        const NONMEMBER_PROTECTION: u16 = 1;
        const PROTECTION_OF_20_MHZ: u16 = 2;
        const NON_HT_MIXED: u16 = 3;
        let Some(ht) = self.config.ht else { return false };
        let c = &mut self.counts;
        let mut mode = if c.no_ht > 0 {
            NON_HT_MIXED
        } else if ht.secondary_channel != 0 && c.ht_20mhz > 0 {
            PROTECTION_OF_20_MHZ
        } else if self.overlap.olbc_ht {
            NONMEMBER_PROTECTION
        } else {
            0
        };
        if c.no_ht > 0 || self.overlap.olbc_ht {
            mode |= OBSS_NON_HT;
        }
        if c.no_ht_gf > 0 {
            mode |= NON_GF;
        }
        core::mem::replace(&mut c.ht_op_mode, mode) != mode
    }

    /// Whether and by whom the port is open changes; a change is an event.
    pub(super) fn set_authorized(&mut self, now: Instant, addr: MacAddr, authorized: bool) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        if station.flags.has(Flags::AUTHORIZED) == authorized {
            return;
        }
        station.flags.set(Flags::AUTHORIZED, authorized);
        if authorized {
            station.connected_at = Some(now);
        }
        let device = self.device_of(addr);
        self.signal(GroupSignal::StationAuthorized { interface: addr, authorized, device });
        let what = if authorized { "AP-STA-CONNECTED" } else { "AP-STA-DISCONNECTED" };
        let text = match device {
            Some(device) => format!("{what} {addr} p2p_dev_addr={device}"),
            None => format!("{what} {addr}"),
        };
        let key_id =
            self.key_id(addr).filter(|_| authorized).map(|id| format!(" keyid={id}")).unwrap_or_default();
        self.event(text.clone() + &key_id);
        self.signal(GroupSignal::DeviceEvent(text + &key_id));
    }

    pub(super) fn tell_driver_authorization(&mut self, addr: MacAddr) {
        let Some(station) = self.stations.get(&addr).filter(|s| s.in_driver) else { return };
        let authorized = station.flags.has(Flags::AUTHORIZED);
        self.request(DriverRequest::SetStationAuthorized { addr, authorized });
    }

    /// Tells the driver a station's state; as a new entry if it has none.
    pub(super) fn tell_driver(&mut self, addr: MacAddr, associated: bool) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        let known = core::mem::replace(&mut station.in_driver, true);
        let params = Box::new(StationParams {
            addr,
            aid: station.aid,
            capability: station.capability,
            listen_interval: station.listen_interval,
            supported_rates: station.rates.clone(),
            authenticated: station.flags.has(Flags::AUTH),
            associated,
            authorized: station.flags.has(Flags::AUTHORIZED),
            short_preamble: station.flags.has(Flags::SHORT_PREAMBLE),
            wmm: station.flags.has(Flags::WMM),
            ht_capab: station.ht_capab.clone().filter(|_| station.flags.has(Flags::HT)),
        });
        self.request(if known {
            DriverRequest::SetStation(params)
        } else {
            DriverRequest::NewStation(params)
        });
    }

    pub(super) fn remove_from_driver(&mut self, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else { return never!("the station has an entry") };
        station.added_unassoc = false;
        if core::mem::take(&mut station.in_driver) && !self.tearing_down {
            self.request(DriverRequest::DelStation { addr });
        }
    }

    /// Removes a station's entry, with everything that hangs on it.
    //= hostap@2.10 src/ap/sta_info.c#ap_free_sta
    pub(super) fn free_station(&mut self, cx: super::ApContext<'_>, addr: MacAddr) {
        self.set_authorized(cx.now, addr, false);
        self.remove_from_driver(addr);
        self.count_station(addr, Counted::default());
        for timer in [Timer::Handle(addr), Timer::DeauthStatus(addr), Timer::DisassocStatus(addr)] {
            self.timers.cancel(timer);
        }
        self.forget_failure(cx, addr);
        self.close_port(cx, addr);
        if let Some(station) = self.stations.remove(&addr) {
            self.order.remove(&station.came);
            if let Some(bit) = station.aid.checked_sub(1)
                && let Some(word) = self.aids.get_mut(usize::from(bit / 64))
            {
                *word &= !(1 << (bit % 64));
            }
        }
        self.with_auth(cx, |auth, moment| auth.removed(moment, addr));
        self.forget_client(addr);
    }
}
