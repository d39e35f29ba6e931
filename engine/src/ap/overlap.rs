//! Neighbouring access points, and what their stations force upon the own BSS (overlapping legacy BSS condition;
//! IEEE 802.11-2020 §10.27.4).
//= hostap@2.10 src/ap/ap_list.c#ap_list_process_beacon

use super::config::HwMode;
use super::{AccessPoint, ApContext, ApState, Timer};
use crate::wire::MacAddr;
use crate::wire::channel::freq_to_channel;
use crate::wire::elements::{eid, find};
use crate::wire::time::{Duration, Instant};
use std::collections::BTreeMap;

/// `ap_table_max_size` of hostapd.
const MOST_NEIGHBORS: usize = 255;
/// `ap_table_expiration_time` of hostapd.
const EXPIRATION: Duration = Duration::from_secs(60);
/// The interval at which hostapd and wpa_supplicant look for neighbours that are gone.
const PERIOD: Duration = Duration::from_secs(10);

/// The content of the last beacon of a neighbour.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Neighbor {
    /// In units of 500 kbit/s.
    rates: Vec<u8>,
    erp: Option<u8>,
    channel: u8,
    has_ht: bool,
    heard: Instant,
    /// In MHz.
    freq: u32,
}

/// The neighbours of a BSS.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Overlap {
    neighbors: BTreeMap<MacAddr, Neighbor>,
    /// A neighbour has stations without ERP rates.
    pub olbc: bool,
    /// A neighbour has no HT.
    pub olbc_ht: bool,
    /// Since when a stand-alone access point looks for neighbours that are gone; that of a supplicant is told to.
    looks_since: Option<Instant>,
}

impl Overlap {
    /// Returns whether neighbours are known.
    pub fn has_neighbors(&self) -> bool {
        !self.neighbors.is_empty()
    }

    /// Forgets the neighbours; what they force stays until one is heard.
    pub fn forget_neighbors(&mut self) {
        self.neighbors.clear();
    }

    fn make_room(&mut self) {
        if self.neighbors.len() <= MOST_NEIGHBORS {
            return;
        }
        let oldest = self.neighbors.iter().min_by_key(|(_, n)| n.heard).map(|(addr, _)| *addr);
        oldest.and_then(|addr| self.neighbors.remove(&addr));
    }
}

impl Neighbor {
    fn of(ies: &[u8], freq: u32, now: Instant) -> Self {
        let rates = find(ies, eid::SUPP_RATES).unwrap_or_default();
        let more = find(ies, eid::EXT_SUPP_RATES).unwrap_or_default();
        let first = |id| find(ies, id).and_then(|body| body.first()).copied();
        let channel = first(eid::DS_PARAMS).or_else(|| first(eid::HT_OPERATION));
        Neighbor {
            rates: rates.iter().chain(more).copied().collect(),
            erp: first(eid::ERP_INFO),
            channel: channel.or_else(|| freq_to_channel(freq)).unwrap_or(0),
            has_ht: find(ies, eid::HT_CAP).is_some(),
            heard: now,
            freq,
        }
    }

    /// Returns whether the neighbour says that it has stations without ERP rates, or has none itself.
    fn is_legacy(&self) -> bool {
        const NON_ERP_PRESENT: u8 = 1;
        let has_erp_rate = |rate: &u8| matches!(rate & 0x7f, 12 | 18 | 23..);
        self.erp.is_some_and(|erp| erp & NON_ERP_PRESENT != 0) || !self.rates.iter().any(has_erp_rate)
    }
}

impl AccessPoint {
    /// Looks for neighbours that are gone every ten seconds from now on.
    pub fn look_for_gone_neighbors_since(&mut self, now: Instant) {
        self.overlap.looks_since = Some(now);
    }

    /// Takes in the beacon of a neighbour.
    pub(super) fn neighbor_beacon(&mut self, cx: ApContext<'_>, bssid: MacAddr, ies: &[u8], freq: u32) {
        let neighbor = Neighbor::of(ies, freq, cx.now);
        let olbc = self.is_overlapping_legacy(&neighbor);
        let own = i16::from(self.config.channel());
        let secondary = own + 4 * i16::from(self.config.ht.map_or(0, |ht| ht.secondary_channel));
        let olbc_ht = !neighbor.has_ht
            && (neighbor.channel == 0 || [own, secondary].contains(&i16::from(neighbor.channel)));
        self.overlap.neighbors.insert(bssid, neighbor);
        self.overlap.make_room();
        self.wait_for_gone_neighbors(cx.now);
        let is_news = (olbc && !self.overlap.olbc) || (olbc_ht && !self.overlap.olbc_ht);
        self.overlap.olbc |= olbc;
        self.overlap.olbc_ht |= olbc_ht;
        self.overlap_changed(is_news);
    }

    fn is_overlapping_legacy(&self, neighbor: &Neighbor) -> bool {
        self.config.hw_mode == HwMode::G && neighbor.channel == self.config.channel() && neighbor.is_legacy()
    }

    fn overlap_changed(&mut self, changed: bool) {
        if changed {
            self.update_ht_operation();
            if self.is_beaconing() {
                self.update_beacon();
            }
        }
    }

    fn wait_for_gone_neighbors(&mut self, now: Instant) {
        let Some(since) = self.overlap.looks_since else { return };
        if self.state == ApState::Enabled && self.overlap.has_neighbors() {
            let passed = now.saturating_since(since).micros() / PERIOD.micros();
            let next = since + Duration::from_micros(PERIOD.micros() * (passed + 1));
            self.timers.set(Timer::Neighbors, next);
        }
    }

    /// Forgets the neighbours that were not heard for a minute.
    //= hostap@2.10 src/ap/ap_list.c#ap_list_timer
    pub fn forget_gone_neighbors(&mut self, cx: ApContext<'_>) {
        if !self.overlap.has_neighbors() {
            return;
        }
        let iface = self.iface;
        self.overlap.neighbors.retain(|addr, neighbor| {
            let silent = cx.driver.last_beacon(iface, *addr, neighbor.freq, cx.now);
            neighbor.heard = neighbor.heard.max(silent.unwrap_or(neighbor.heard));
            cx.now - neighbor.heard <= EXPIRATION
        });
        self.wait_for_gone_neighbors(cx.now);
        let all: Vec<Neighbor> = self.overlap.neighbors.values().cloned().collect();
        let olbc = all.iter().any(|n| self.is_overlapping_legacy(n));
        let olbc_ht = all.iter().any(|n| !n.has_ht);
        let is_news = (self.overlap.olbc && !olbc) || (self.overlap.olbc_ht && !olbc_ht);
        self.overlap.olbc &= olbc;
        self.overlap.olbc_ht &= olbc_ht;
        self.overlap_changed(is_news);
    }
}
