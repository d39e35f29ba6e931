//! Association and reassociation (IEEE 802.11-2020 §11.3.5), with hostapd's checks in its order.

use super::auth::sequence_control;
use super::config::HwMode;
use super::elements::wmm_information;
use super::station::{Counted, Flags, NextStep};
use super::{AccessPoint, ApContext, Timer};
use crate::runtime::never;
use crate::wire::MacAddr;
use crate::wire::elements::{eid, find, find_vendor, find_whole, vendor, well_formed};
use crate::wire::ieee80211::{MgmtBody, MgmtFrame, capability, fc, reason, status};
use crate::wire::rsne::CipherSet;
use crate::wire::time::Duration;
use crate::wire::wsc::{Attributes, concatenated};

/// ASSOC_DENIED_LISTEN_INT_TOO_LARGE.
const STATUS_LISTEN_INTERVAL: u16 = 51;
/// More rates than this in both elements are refused.
const MAX_RATES: usize = 32;
/// Above 11 Mbit/s, in units of 500 kbit/s: only ERP stations can.
const FASTEST_CCK: u8 = 22;
/// The time during which an EAPOL frame that came too early is worth processing.
const EARLY_EAPOL: Duration = Duration::from_millis(200);
/// HT capabilities that a station has only as far as we have them.
const HT_MASKED: u16 = 0x0001 | 0x0002 | 0x0010 | 0x0020 | 0x0040 | 0x0080 | 0x0800 | 0x1000;

impl AccessPoint {
    pub(super) fn association(&mut self, frame: &MgmtFrame, signal_dbm: i32) {
        let (capability, listen_interval, ies, reassoc) = match &frame.body {
            MgmtBody::AssocRequest { capability, listen_interval, ies } => {
                (*capability, *listen_interval, ies, false)
            }
            MgmtBody::ReassocRequest { capability, listen_interval, ies, .. } => {
                (*capability, *listen_interval, ies, true)
            }
            _ => return,
        };
        let ignored = if reassoc { self.config.ignored.reassoc } else { self.config.ignored.assoc };
        if self.ignores(ignored) {
            return;
        }
        let from = frame.header.sa;
        let Some(station) = self.stations.get_mut(&from).filter(|s| s.flags.has(Flags::AUTH)) else {
            return self.send_deauth(from, reason::CLASS2_FRAME_FROM_NONAUTH_STA);
        };
        let this_frame = (sequence_control(frame), frame.header.subtype.bits());
        if frame.header.flags & fc::RETRY != 0 && station.last_frame == Some(this_frame) {
            return;
        }
        station.last_frame = Some(this_frame);
        station.assoc_signal_dbm = signal_dbm;
        let result = self.check_request(from, capability, listen_interval, ies);
        let status = match result {
            Ok(()) => status::SUCCESS,
            Err(status) => status,
        };
        if status == status::SUCCESS {
            self.accept_request(from, listen_interval);
        }
        self.answer_association(from, status, reassoc);
    }

    fn check_request(
        &mut self,
        from: MacAddr,
        capability: u16,
        listen_interval: u16,
        ies: &[u8],
    ) -> Result<(), u16> {
        if self.michael.countermeasures {
            return Err(status::UNSPECIFIED_FAILURE);
        }
        if listen_interval > self.config.max_listen_interval {
            return Err(STATUS_LISTEN_INTERVAL);
        }
        let reject_below = self.config.reject_below;
        let is_weak = |dbm: i32| reject_below != 0 && dbm < reject_below;
        if self.stations.get(&from).is_some_and(|s| {
            s.assoc_signal_dbm != 0
                && is_weak(s.assoc_signal_dbm)
                && (s.auth_signal_dbm == 0 || is_weak(s.auth_signal_dbm))
        }) {
            return Err(status::DENIED_POOR_CHANNEL_CONDITIONS);
        }
        if let Some(station) = self.stations.get_mut(&from) {
            station.capability = capability;
        }
        if !well_formed(ies) || find(ies, eid::SSID) != Some(self.config.ssid.as_bytes()) {
            return Err(status::UNSPECIFIED_FAILURE);
        }
        self.take_capabilities(from, ies)?;
        self.check_security(from, ies)?;
        self.note_client(from, ies);
        self.allot_aid(from).map(drop).ok_or(status::AP_UNABLE_TO_HANDLE_NEW_STA)
    }

    /// WMM, extended capabilities, rates and HT.
    fn take_capabilities(&mut self, from: MacAddr, ies: &[u8]) -> Result<(), u16> {
        let (wmm_enabled, ht) = (self.config.wmm, self.config.ht);
        let Some(station) = self.stations.get_mut(&from) else { return Err(status::UNSPECIFIED_FAILURE) };
        let wmm = wmm_information(ies).filter(|_| wmm_enabled);
        if let Some(information) = wmm {
            // Information element: subtype 0, version 1.
            if !matches!(information, [0, 1, _, ..]) {
                return Err(status::UNSPECIFIED_FAILURE);
            }
        }
        station.flags.set(Flags::WMM, wmm.is_some());
        station.ext_capab = find(ies, eid::EXT_CAPAB).filter(|b| !b.is_empty()).map(<[u8]>::to_vec);
        let rates = find(ies, eid::SUPP_RATES).ok_or(status::UNSPECIFIED_FAILURE)?;
        let more_rates = find(ies, eid::EXT_SUPP_RATES).unwrap_or_default();
        if rates.len() + more_rates.len() > MAX_RATES {
            return Err(status::UNSPECIFIED_FAILURE);
        }
        station.rates = rates.iter().chain(more_rates).copied().collect();
        station.op_classes = find(ies, eid::SUPPORTED_OPERATING_CLASSES).map(<[u8]>::to_vec);
        station.power = match find(ies, eid::PWR_CAPABILITY) {
            Some(&[min, max]) => Some((min as i8, max as i8)),
            _ => None,
        };
        station.ht_capab = match (find(ies, eid::HT_CAP), ht) {
            (Some(capab), Some(_)) if wmm.is_some() && capab.len() >= 26 => {
                capab.get(..26).map(<[u8]>::to_vec)
            }
            _ => None,
        };
        let has_ht = station.ht_capab.is_some();
        station.flags.set(Flags::HT, has_ht);
        station.p2p_attributes = crate::wire::p2p::concatenated(ies);
        if ht.is_some_and(|ht| ht.require) && !has_ht {
            return Err(status::ASSOC_DENIED_NO_HT);
        }
        Ok(())
    }

    /// RSN, WPA and WPS elements.
    fn check_security(&mut self, from: MacAddr, ies: &[u8]) -> Result<(), u16> {
        let (rsn, wpa) = self.config.security.as_ref().map_or((false, false), |s| (s.rsn, s.wpa));
        let element = find_whole(ies, eid::RSN)
            .filter(|_| rsn)
            .or_else(|| find_vendor(ies, vendor::WPA).filter(|_| wpa));
        let wps_attributes = concatenated(ies).filter(|_| self.config.speaks_of_wps());
        let Some(station) = self.stations.get_mut(&from) else { return Err(status::UNSPECIFIED_FAILURE) };
        for flag in [Flags::WPS, Flags::WPS2, Flags::MAYBE_WPS] {
            station.flags.set(flag, false);
        }
        station.security = None;
        if let Some(attributes) = wps_attributes {
            let version2 = Attributes::parse(&attributes).is_ok_and(|a| a.version2.is_some());
            station.flags.set(Flags::WPS, true);
            station.flags.set(Flags::WPS2, version2);
            station.wps_attributes = Some(attributes);
            return Ok(());
        }
        let Some(element) = element else {
            if self.config.speaks_of_wps() {
                station.flags.set(Flags::MAYBE_WPS, true);
            } else if self.config.security.is_some() {
                return Err(status::INVALID_IE);
            }
            return Ok(());
        };
        let has_ht = station.flags.has(Flags::HT);
        let Some(auth) = &mut self.auth else { return Err(status::UNSPECIFIED_FAILURE) };
        let security = auth
            .check_element(from, element, find_whole(ies, eid::RSNX))
            .map_err(|refusal| refusal.status())?;
        if has_ht && security.pairwise == CipherSet::TKIP {
            return Err(status::CIPHER_REJECTED_PER_POLICY);
        }
        if let Some(station) = self.stations.get_mut(&from) {
            station.security = Some(security);
        }
        Ok(())
    }

    /// Everything fits: note what the station is, and tell the driver.
    fn accept_request(&mut self, from: MacAddr, listen_interval: u16) {
        let (mode, our_ht) = (self.config.hw_mode, self.config.ht);
        let Some(station) = self.stations.get_mut(&from) else { return never!("the station has an entry") };
        station.listen_interval = listen_interval;
        let only_cck = !station.rates.iter().any(|r| r & 0x7f > FASTEST_CCK);
        let non_erp = only_cck && mode == HwMode::G;
        station.flags.set(Flags::NON_ERP, non_erp);
        let short_preamble = station.capability & capability::SHORT_PREAMBLE != 0;
        station.flags.set(Flags::SHORT_PREAMBLE, short_preamble);
        let ht_info = match station.ht_capab.as_deref() {
            Some([low, high, ..]) => Some(u16::from_le_bytes([*low, *high])),
            _ => None,
        };
        let counted = Counted {
            non_erp,
            no_short_slot: station.capability & capability::SHORT_SLOT_TIME == 0,
            no_short_preamble: !short_preamble,
            no_ht: ht_info.is_none(),
            no_ht_gf: ht_info.is_some_and(|i| i & 0x0010 == 0),
            ht_20mhz: ht_info.is_some_and(|i| i & 0x0002 == 0),
        };
        station.flags.set(Flags::ASSOC_REQ_OK, true);
        station.next_step = NextStep::NullFunc;
        let replace = !station.added_unassoc;
        self.count_station(from, counted);
        if replace {
            self.remove_from_driver(from);
        }
        // The driver learns what both of us can do, STA shows what the station said.
        let said = self.stations.get(&from).and_then(|s| s.ht_capab.clone());
        if let Some(ours) = our_ht
            && let Some(station) = self.stations.get_mut(&from)
            && let Some([low, high, ..]) = station.ht_capab.as_deref_mut()
        {
            let info = u16::from_le_bytes([*low, *high]) & (ours.capab | !HT_MASKED);
            [*low, *high] = info.to_le_bytes();
        }
        self.tell_driver(from, true);
        if let Some(station) = self.stations.get_mut(&from) {
            station.ht_capab = said;
            station.added_unassoc = false;
        }
    }

    fn answer_association(&mut self, to: MacAddr, status: u16, reassoc: bool) {
        let capability = self.capability();
        let station = self.stations.get(&to);
        let aid = station.map_or(0, |s| s.aid);
        let ies = self.assoc_response_elements(station, status);
        let added_unassoc = station.is_some_and(|s| s.added_unassoc);
        let body = if reassoc {
            MgmtBody::ReassocResponse { capability, status, aid, ies }
        } else {
            MgmtBody::AssocResponse { capability, status, aid, ies }
        };
        let frame = self.frame_to(to, body);
        self.send_mgmt(&frame, false);
        if added_unassoc {
            self.remove_from_driver(to);
        }
    }

    /// An association response was sent: only now is the station associated.
    pub(super) fn association_sent(
        &mut self,
        cx: ApContext<'_>,
        to: MacAddr,
        status: u16,
        acknowledged: bool,
    ) {
        let open = self.config.security.is_none();
        let Some(station) = self.stations.get_mut(&to) else { return };
        if !acknowledged {
            station.flags.set(Flags::ASSOC_REQ_OK, false);
            if status == status::SUCCESS {
                self.remove_from_driver(to);
            }
            return;
        }
        if status != status::SUCCESS {
            return;
        }
        let again = station.flags.has(Flags::ASSOC);
        station.flags.set(Flags::ASSOC, true);
        if open {
            self.set_authorized(cx.now, to, true);
        }
        self.tell_driver_authorization(to);
        self.with_auth(cx, |auth, _| auth.authentication_seen(to));
        self.new_association(cx, to, again);
        if let Some((at, frame)) = self.stations.get_mut(&to).and_then(|s| s.early_eapol.take())
            && cx.now - at < EARLY_EAPOL
        {
            self.rx_eapol(cx, to, &frame);
        }
    }

    /// Handles a station whose association response was acknowledged.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_new_assoc_sta
    fn new_association(&mut self, cx: ApContext<'_>, addr: MacAddr, again: bool) {
        if self.michael.countermeasures {
            return self.send_deauth(addr, reason::MICHAEL_MIC_FAILURE);
        }
        self.timers.cancel(Timer::DeauthStatus(addr));
        self.timers.cancel(Timer::DisassocStatus(addr));
        self.forget_failure(cx, addr);
        self.start_port(cx, addr);
        if let Some(security) = self.stations.get(&addr).and_then(|s| s.security.clone()) {
            self.with_auth(cx, |auth, moment| {
                if again {
                    auth.reassociated(moment, addr, security);
                } else {
                    auth.associated(moment, addr, security);
                }
            });
        }
        if self.stations.contains_key(&addr) {
            self.restart_inactivity(cx.now, addr);
        }
    }
}
