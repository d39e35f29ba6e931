//! Processes that start and end, radios that go off and on, and what follows when all is idle.

use wpasim_wire::driver::IfType;
use wpasim_wire::time::Duration;

use super::VifIx;
use super::state::Vif;
use crate::NodeId;
use crate::air::{Air, MacTimer};

impl Air {
    /// A node's process starts: its interfaces are up.
    pub fn start_process(&mut self, node: NodeId) {
        for vif in self.interfaces.of_node(node) {
            self.vif_mut(vif).up = true;
        }
    }

    /// A node's process is gone: its interfaces go down without a frame, those it made disappear,
    /// and what was on its way to it is lost.
    pub fn end_process(&mut self, node: NodeId) {
        self.interfaces.end_process(node);
        for vif in self.interfaces.of_node(node) {
            self.take_down(vif);
            let v = self.vif_mut(vif);
            v.up = false;
            v.report_probe_requests = false;
            if v.iftype != IfType::Station {
                v.iftype = IfType::Station;
                v.tx_power = None;
            }
            let radio = v.radio;
            self.retune(radio);
            if self.radio(radio).vifs.first() != Some(&vif) {
                self.remove_vif(vif);
            }
        }
    }

    /// Ends everything that runs on an interface, silently.
    pub fn take_down(&mut self, vif: VifIx) {
        self.drop_scan(vif);
        self.drop_stays(vif);
        self.drop_ap(vif);
        self.drop_mlme(vif);
        let v = self.vif_mut(vif);
        v.stations.clear();
        v.group_keys.clear();
        self.retune_for(vif);
    }

    /// Makes a node's radios deaf and mute, or ends that.
    pub fn set_radio(&mut self, node: NodeId, on: bool) {
        for vif in self.interfaces.of_node(node) {
            let radio = self.vif(vif).radio;
            if self.radio(radio).on != on {
                self.freeze_monitor(vif, on);
            }
        }
        for radio in self.radios.iter_mut() {
            if radio.node == node {
                radio.on = on;
            }
        }
        if let Some(radio) = self.outsides.find(node) {
            self.outsides.radio_mut(radio).on = on;
        }
    }

    /// The interfaces have had a channel context before.
    pub fn assume_earlier_use(&mut self, node: NodeId) {
        for vif in self.interfaces.of_node(node) {
            let v = self.vif_mut(vif);
            v.tx_power.get_or_insert(20);
            let radio = v.radio;
            self.radio_mut(radio).power.assume_earlier_use();
        }
        if let Some(radio) = self.outsides.find(node) {
            self.outsides.radio_mut(radio).power.assume_earlier_use();
        }
    }

    /// cfg80211's disconnect work is scheduled if it will find all idle, once however many ask for
    /// it. It looks `after` a time, but what ends here takes the kernel longer than that: an AP that comes
    /// back at once, as it can where commands take no time, comes too late to be found.
    pub fn schedule_regulatory_restore(&mut self, after: Duration) {
        let now = self.now;
        let beacons = |v: &Vif| v.ap.as_ref().is_some_and(|ap| ap.is_beaconing(now));
        let busy = self.interfaces.iter().any(|v| v.up && (beacons(v) || v.mlme.associated.is_some()));
        if !self.regulatory_work && !busy {
            self.regulatory_work = true;
            self.start_timer(self.now + after, MacTimer::RegulatoryRestore);
        }
    }

    /// A timer of the soft MAC fired; those of an earlier generation do nothing.
    pub fn timer_fired(&mut self, timer: MacTimer) {
        match timer {
            MacTimer::Beacon { vif, generation } => self.beacon_timer(vif, generation),
            MacTimer::Scan { radio, generation } => self.scan_step(radio, generation),
            MacTimer::Mlme { vif, generation } => self.mlme_timer(vif, generation),
            MacTimer::Switch { vif, generation } => self.switch_timer(vif, generation),
            MacTimer::FollowSwitch { vif, generation } => self.follow_switch_timer(vif, generation),
            MacTimer::BeaconMonitor { vif, generation } => self.beacon_monitor_timer(vif, generation),
            MacTimer::ConnectionMonitor { vif, generation } => self.connection_monitor_timer(vif, generation),
            MacTimer::RemainOnChannel { radio, generation } => self.roc_timer(radio, generation),
            MacTimer::NextStay { radio, generation } => self.next_stay_timer(radio, generation),
            MacTimer::DeferredScan { radio, generation } => self.deferred_scan_timer(radio, generation),
            MacTimer::RegulatoryRestore => self.restore_regulatory(),
        }
    }
}
