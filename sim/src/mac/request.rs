//! Driver requests, carried out at the instant they are made.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, Errno, IfId, IfType, Key, KeyScope, Refused};
use wpasim_wire::ieee80211::reason;

use super::send::Msdu;
use super::state::Vif;
use super::{RadioIx, VifIx};
use crate::NodeId;
use crate::air::{Air, Purpose};

impl Air {
    /// Carries out a request; refusals come back as events of this instant.
    pub fn request(&mut self, node: NodeId, iface: IfId, request: DriverRequest) {
        let Some(vif) = self.interfaces.find(node, iface) else { return };
        if let Some((refused, errno)) = self.refusals.refuses(node, &request) {
            return self.refuse(vif, refused, errno);
        }
        match request {
            DriverRequest::SetIfType(iftype) => self.set_iftype(vif, iftype),
            DriverRequest::TriggerScan(scan) => self.trigger_scan(vif, scan),
            DriverRequest::AbortScan => self.abort_scan(vif),
            DriverRequest::Authenticate { bssid, freq, ssid, algorithm, ies } => {
                self.authenticate(vif, bssid, freq, &ssid, algorithm, &ies);
            }
            DriverRequest::Associate { bssid, freq, ssid, ies, prev_bssid, privacy, ht } => {
                self.associate(vif, (bssid, freq, ssid), (&ies, &ht), prev_bssid, privacy);
            }
            DriverRequest::Deauthenticate { bssid, reason, local_state_change } => {
                self.deauthenticate(vif, bssid, reason, local_state_change);
            }
            DriverRequest::NewKey(key) => self.new_key(vif, &key),
            DriverRequest::DelKey { scope, index } => self.delete_key(vif, scope, index),
            DriverRequest::SetPort { authorized } => {
                if let Some(a) = &mut self.vif_mut(vif).mlme.associated {
                    a.peer.authorized = authorized;
                }
            }
            DriverRequest::TxEapol { dest, frame, no_encrypt, cookie } => {
                self.tx_eapol(vif, dest, frame, no_encrypt, cookie);
            }
            DriverRequest::TxData { source, dest, ethertype, payload } => {
                let source = source.unwrap_or(self.vif(vif).addr);
                let msdu = Msdu { dest, source, ethertype, payload: &payload };
                self.send_msdu(vif, &msdu, false, Purpose::Plain);
            }
            DriverRequest::ProbeClient { addr } => self.probe_client(vif, addr),
            DriverRequest::TxMgmt { frame, freq, wait, cookie, no_ack, no_cck } => {
                self.tx_mgmt(vif, frame, freq, wait, cookie, (no_ack, no_cck));
            }
            DriverRequest::CancelTxWait { cookie } | DriverRequest::CancelRemainOnChannel { cookie } => {
                self.cancel_stay(vif, cookie);
            }
            DriverRequest::RemainOnChannel { freq, duration, cookie } => {
                self.remain_on_channel(vif, freq, duration, cookie);
            }
            DriverRequest::ReportProbeRequests(on) => {
                let v = self.vif_mut(vif);
                v.report_probe_requests = on;
                let radio = v.radio;
                self.retune(radio);
            }
            DriverRequest::StartAp(beacon) => self.start_ap(vif, beacon),
            DriverRequest::SetBeacon(beacon) => self.set_beacon(vif, beacon),
            DriverRequest::SwitchChannel(switch) => self.switch_channel(vif, *switch),
            DriverRequest::StopAp => self.stop_ap(vif),
            DriverRequest::NewStation(params) => self.new_station(vif, &params),
            DriverRequest::SetStation(params) => self.set_station(vif, &params),
            DriverRequest::SetStationAuthorized { addr, authorized } => {
                match self.vif_mut(vif).stations.get_mut(&addr) {
                    Some(peer) => peer.authorized = authorized,
                    None => self.refuse(vif, Refused::Other, Errno::NoEntry),
                }
            }
            DriverRequest::DelStation { addr } => self.delete_station(vif, addr),
            DriverRequest::FlushStations => self.flush_stations(vif),
            DriverRequest::AddInterface { iftype, new_id, addr, name: _ } => {
                self.add_interface(vif, iftype, new_id, addr);
            }
            DriverRequest::DelInterface { id } => self.delete_interface(node, vif, id),
            DriverRequest::SetSignalMonitor { threshold_dbm, hysteresis_db } => {
                self.set_signal_monitor(vif, threshold_dbm, hysteresis_db);
            }
            DriverRequest::SetCountry(country) => self.set_country(country),
            DriverRequest::SetPowerSave(on) => self.set_power_save(vif, on),
            DriverRequest::SetFragmentationThreshold(octets) => self.set_fragmentation_threshold(vif, octets),
        }
    }

    /// NL80211_CMD_SET_INTERFACE. Whatever ran under the old type ends; hwsim forgets the transmit power.
    fn set_iftype(&mut self, vif: VifIx, iftype: IfType) {
        if self.vif(vif).iftype == iftype {
            return;
        }
        // cfg80211 takes leave of the AP before it changes the type.
        if let Some((bssid, _)) = self.vif(vif).associated_bss() {
            self.deauthenticate(vif, bssid, reason::DEAUTH_LEAVING, false);
        }
        self.cancel_scan(vif);
        self.expire_stays(vif);
        self.take_down(vif);
        let v = self.vif_mut(vif);
        v.iftype = iftype;
        v.tx_power = None;
    }

    /// NL80211_ATTR_WIPHY_FRAG_THRESHOLD. Fragments but the last have an even length, so an odd threshold is one less.
    fn set_fragmentation_threshold(&mut self, vif: VifIx, octets: Option<u32>) {
        /// IEEE 802.11-2020 §10.4 knows no smaller one, nor does nl80211.
        const SMALLEST: u32 = 256;
        if octets.is_some_and(|octets| octets < SMALLEST) {
            return self.refuse(vif, Refused::Other, Errno::Invalid);
        }
        let radio = self.vif(vif).radio;
        self.radio_mut(radio).fragmentation_threshold = octets.map(|octets| (octets & !1) as usize);
    }

    /// NL80211_CMD_NEW_KEY.
    fn new_key(&mut self, vif: VifIx, key: &Key) {
        let v = self.vif_mut(vif);
        match key.scope {
            // Unlike a station's, an AP's own group key protects what it sends.
            KeyScope::Group => {
                let sends = key.tx && v.is_ap();
                v.group_keys.install(key, sends);
            }
            KeyScope::Pairwise(addr) => match v.peer_mut(addr) {
                Some(peer) => peer.keys.install(key, true),
                None => self.refuse(vif, Refused::Other, Errno::NoEntry),
            },
        }
    }

    /// NL80211_CMD_DEL_KEY. Keys that are not there are no error: supplicants clear all of them.
    fn delete_key(&mut self, vif: VifIx, scope: KeyScope, index: u8) {
        let v = self.vif_mut(vif);
        match scope {
            KeyScope::Group => v.group_keys.remove(index),
            KeyScope::Pairwise(addr) => {
                if let Some(peer) = v.peer_mut(addr) {
                    peer.keys.remove(index);
                }
            }
        }
    }

    /// NL80211_CMD_DEL_STATION without an address.
    fn flush_stations(&mut self, vif: VifIx) {
        let all: Vec<_> = self.vif(vif).stations.keys().copied().collect();
        for addr in all {
            self.delete_station(vif, addr);
        }
    }

    /// NL80211_CMD_NEW_INTERFACE on the same radio; it is brought up at once.
    fn add_interface(&mut self, vif: VifIx, iftype: IfType, new_id: IfId, wanted: Option<MacAddr>) {
        let v = self.vif(vif);
        let (node, radio) = (v.node, v.radio);
        if self.interfaces.find(node, new_id).is_some() {
            return self.refuse(vif, Refused::Other, Errno::Already);
        }
        // mac80211 lets no two interfaces of a radio be up with one address.
        let is_free = |addr: &MacAddr| self.radio(radio).vifs.iter().all(|v| self.vif(*v).addr != *addr);
        let addr = match wanted {
            Some(addr) => Some(addr).filter(is_free),
            None => self.next_addr(radio),
        };
        let Some(addr) = addr else {
            return self.refuse(vif, Refused::Other, Errno::Busy);
        };
        let mut added = Vif::new(node, radio, new_id, addr);
        added.iftype = iftype;
        added.up = true;
        self.add_vif(added);
        self.notify(vif, DriverEvent::InterfaceAdded { id: new_id, addr });
    }

    /// The address that the radio's next interface gets: the first of its two that none has; then the
    /// supplicant's driver code makes one of the first interface's, counting in its first octet from
    /// the locally administered bit on.
    pub fn next_addr(&self, radio: RadioIx) -> Option<MacAddr> {
        let radio = self.radio(radio);
        let first = radio.vifs.first().map_or(radio.addrs[0], |v| self.vif(*v).addr);
        let made = (0..64u8).map(|n| {
            let mut addr = first;
            addr.0[0] = (addr.0[0] | 2) ^ (n << 2);
            addr
        });
        let taken = |addr: MacAddr| radio.vifs.iter().any(|v| self.vif(*v).addr == addr);
        radio.addrs.into_iter().chain(made).find(|addr| !taken(*addr))
    }

    /// NL80211_CMD_DEL_INTERFACE.
    fn delete_interface(&mut self, node: NodeId, asked_by: VifIx, id: IfId) {
        match self.interfaces.find(node, id) {
            Some(vif) => {
                self.take_down(vif);
                self.vif_mut(vif).up = false;
                self.remove_vif(vif);
            }
            None => self.refuse(asked_by, Refused::Other, Errno::NoEntry),
        }
    }
}
