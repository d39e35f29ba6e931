//! The view that an engine reads of its driver.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{
    Channel, DriverRequest, DriverView, Errno, IfId, OperatingChannel, Refused, ScanResult, StationInfo,
};
use wpasim_wire::time::Instant;

use crate::NodeId;
use crate::air::Air;

/// hwsim's survey reports this noise on every channel that was scanned.
const SURVEY_NOISE_DBM: i32 = -92;

/// One node's view of the air: its own interfaces only.
pub(crate) struct AirView<'a> {
    air: &'a Air,
    node: NodeId,
}

impl<'a> AirView<'a> {
    pub fn new(air: &'a Air, node: NodeId) -> Self {
        AirView { air, node }
    }
}

impl DriverView for AirView<'_> {
    fn scan_results(&self, iface: IfId, now: Instant) -> Vec<ScanResult> {
        let Some(ix) = self.air.interfaces.find(self.node, iface) else { return Vec::new() };
        let vif = self.air.vif(ix);
        let radio = self.air.radio(vif.radio);
        let noise = |freq| radio.surveyed.contains(&freq).then_some(SURVEY_NOISE_DBM);
        radio.bss.dump(now, noise, vif.associated_bss())
    }

    fn would_refuse(&self, _: IfId, request: &DriverRequest) -> Option<(Refused, Errno)> {
        self.air.refusals.would_refuse(self.node, request).map(|(_, refused, errno)| (refused, errno))
    }

    fn noise(&self, iface: IfId, freq: u32) -> Option<i32> {
        let ix = self.air.interfaces.find(self.node, iface)?;
        let radio = self.air.radio(self.air.vif(ix).radio);
        radio.surveyed.contains(&freq).then_some(SURVEY_NOISE_DBM)
    }

    fn station(&self, iface: IfId, addr: MacAddr, now: Instant) -> Option<StationInfo> {
        let ix = self.air.interfaces.find(self.node, iface)?;
        let vif = self.air.vif(ix);
        let mut info = vif.peer(addr)?.info(now);
        info.avg_beacon_signal_dbm = self.air.average_of_beacons(ix, addr);
        if let Some(signal) = self.air.beacon_signal(ix, addr) {
            info.signal_dbm = signal;
            info.avg_signal_dbm = signal;
            info.avg_beacon_signal_dbm = Some(signal);
        }
        Some(info)
    }

    fn channels(&self, _iface: IfId) -> Vec<Channel> {
        self.air.regulatory.channels.clone()
    }

    fn operating_channel(&self, iface: IfId) -> Option<OperatingChannel> {
        let vif = self.air.vif(self.air.interfaces.find(self.node, iface)?);
        let own = vif.ap.as_ref().map(|ap| ap.beacon.channel());
        own.or_else(|| vif.mlme.associated.as_ref().map(|a| a.channel()))
    }

    fn last_beacon(&self, _: IfId, bssid: MacAddr, freq: u32, now: Instant) -> Option<Instant> {
        self.air.medium.last_clean_beacon(bssid, freq, now)
    }

    fn key_seq(&self, iface: IfId, index: u8) -> [u8; 6] {
        let Some(ix) = self.air.interfaces.find(self.node, iface) else { return [0; 6] };
        self.air.vif(ix).group_keys.transmitted(index)
    }

    fn next_interface_addr(&self, iface: IfId) -> Option<MacAddr> {
        let ix = self.air.interfaces.find(self.node, iface)?;
        self.air.next_addr(self.air.vif(ix).radio)
    }

    fn country(&self) -> [u8; 2] {
        self.air.regulatory.country
    }
}
