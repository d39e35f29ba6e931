//! The way of a frame through the interface that it reached.

use wpasim_wire::driver::DriverEvent;
use wpasim_wire::elements::{Element, Elements, eid, find};
use wpasim_wire::ieee80211::amsdu::{self, QOS_AMSDU, Subframe};
use wpasim_wire::ieee80211::{
    DataFrame, MgmtBody, MgmtFrame, MgmtSubtype, TYPE_DATA, TYPE_MGMT, addr2, fc, frame_type,
};
use wpasim_wire::llc::{ETHERTYPE_EAPOL, llc_decap};
use wpasim_wire::{MacAddr, channel};

use super::bss::Observed;
use super::fragments::is_fragment;
use super::keys::{Opened, Protection, Unprotect};
use super::mlme::secondary_channel;
use super::send::Msdu;
use super::{RadioIx, VifIx};
use crate::air::{Air, Purpose, Reception};

/// Of a beacon, what mac80211 compares with the one before (care_about_ies, and all of Microsoft's OUI).
fn compared(ies: &[u8]) -> Vec<u8> {
    const IDS: [u8; 7] = [
        eid::COUNTRY,
        eid::ERP_INFO,
        eid::CHANNEL_SWITCH,
        eid::PWR_CONSTRAINT,
        eid::HT_CAP,
        eid::HT_OPERATION,
        eid::EXT_CHANSWITCH,
    ];
    const MICROSOFT: [u8; 3] = [0x00, 0x50, 0xf2];
    let counts = |e: &Element<'_>| {
        IDS.contains(&e.id) || e.id == eid::VENDOR_SPECIFIC && e.body.starts_with(&MICROSOFT)
    };
    let mut all = Vec::new();
    for element in Elements::new(ies).filter(counts) {
        // A body has no more than 255 octets.
        all.extend([element.id, element.body.len() as u8]);
        all.extend_from_slice(element.body);
    }
    all
}

impl Air {
    /// A frame reached an interface: it may be anything at all.
    pub fn receive(&mut self, vif: VifIx, bytes: &[u8], heard: Reception) {
        match frame_type(bytes) {
            Some((TYPE_MGMT, subtype)) => {
                self.receive_mgmt(vif, MgmtSubtype::from_bits(subtype), bytes, heard);
            }
            Some((TYPE_DATA, _)) => self.receive_data(vif, bytes, heard),
            _ => {}
        }
    }

    fn receive_mgmt(&mut self, vif: VifIx, subtype: MgmtSubtype, bytes: &[u8], heard: Reception) {
        let now = self.now;
        let Ok(parsed) = MgmtFrame::parse(bytes) else { return };
        let v = self.vif(vif);
        let scan = self.radio(v.radio).scan.as_ref();
        let own = parsed.header.da == v.addr || scan.is_some_and(|s| s.is_source(vif, parsed.header.da));
        if !own && !parsed.header.da.is_group() {
            return;
        }
        if subtype == MgmtSubtype::Beacon && self.vif(vif).ap.is_some() {
            self.pass_up(vif, bytes, heard);
        }
        if matches!(subtype, MgmtSubtype::Beacon | MgmtSubtype::ProbeResponse) {
            return self.receive_beacon(vif, &parsed, heard);
        }
        if let Some(peer) = self.vif_mut(vif).peer_mut(parsed.header.sa) {
            if peer.is_repetition(bytes) {
                return;
            }
            peer.count_received(now, bytes, heard.signal_dbm, None);
        }
        let v = self.vif(vif);
        if v.ap.is_some() {
            if subtype == MgmtSubtype::Action && self.receive_smps(vif, &parsed) {
                return;
            }
            if !matches!(subtype, MgmtSubtype::AssocResponse | MgmtSubtype::ReassocResponse) {
                self.pass_up(vif, bytes, heard);
            }
            return;
        }
        if self.scan_defers(vif)
            && matches!(
                subtype,
                MgmtSubtype::Authentication
                    | MgmtSubtype::AssocResponse
                    | MgmtSubtype::ReassocResponse
                    | MgmtSubtype::Deauthentication
                    | MgmtSubtype::Disassociation
            )
        {
            return self.vif_mut(vif).deferred.push((bytes.to_vec(), heard));
        }
        match subtype {
            MgmtSubtype::ProbeRequest if v.report_probe_requests => self.pass_up(vif, bytes, heard),
            MgmtSubtype::Action => self.pass_up(vif, bytes, heard),
            _ => self.look_at(vif, subtype, bytes, &parsed, (own, heard)),
        }
    }

    /// Returns whether a scan keeps the work from running that looks at a station's management frames (ieee80211_iface_work).
    fn scan_defers(&self, vif: VifIx) -> bool {
        let scan = self.radio(self.vif(vif).radio).scan.as_ref();
        scan.is_some_and(|scan| !scan.waiting && !scan.on_channel)
    }

    /// Looks at the frames that came during a scan.
    pub fn look_at_deferred(&mut self, radio: RadioIx) {
        for vif in self.radio(radio).vifs.clone() {
            for (bytes, heard) in core::mem::take(&mut self.vif_mut(vif).deferred) {
                let (Some((_, subtype)), Ok(parsed)) = (frame_type(&bytes), MgmtFrame::parse(&bytes)) else {
                    continue;
                };
                let own = parsed.header.da == self.vif(vif).addr;
                self.look_at(vif, MgmtSubtype::from_bits(subtype), &bytes, &parsed, (own, heard));
            }
        }
    }

    fn look_at(
        &mut self,
        vif: VifIx,
        subtype: MgmtSubtype,
        bytes: &[u8],
        parsed: &MgmtFrame,
        (own, heard): (bool, Reception),
    ) {
        match subtype {
            MgmtSubtype::Authentication if own => self.receive_authentication(vif, bytes, parsed),
            MgmtSubtype::AssocResponse | MgmtSubtype::ReassocResponse if own => {
                self.receive_association(vif, bytes, parsed, heard.signal_dbm);
            }
            MgmtSubtype::Deauthentication | MgmtSubtype::Disassociation => {
                self.receive_disconnect(vif, bytes, parsed);
            }
            _ => {}
        }
    }

    fn pass_up(&mut self, vif: VifIx, bytes: &[u8], heard: Reception) {
        self.notify(
            vif,
            DriverEvent::RxMgmt { frame: bytes.to_vec(), freq: heard.freq, signal_dbm: heard.signal_dbm },
        );
    }

    /// Beacons and probe responses feed the BSS table while scanning, and a station's own AP always.
    fn receive_beacon(&mut self, vif: VifIx, parsed: &MgmtFrame, heard: Reception) {
        let now = self.now;
        let (from_beacon, timestamp, interval, capability, ies) = match &parsed.body {
            MgmtBody::Beacon { timestamp, interval, capability, ies } => {
                (true, timestamp, interval, capability, ies)
            }
            MgmtBody::ProbeResponse { timestamp, interval, capability, ies } => {
                (false, timestamp, interval, capability, ies)
            }
            _ => return,
        };
        let bssid = parsed.header.bssid;
        let v = self.vif(vif);
        let own_ap = v.associated_bss().is_some_and(|(b, _)| b == bssid);
        let radio_ix = v.radio;
        let hearing = self.radio(radio_ix).scan.as_ref().is_some_and(|s| s.hearing);
        if from_beacon && own_ap {
            self.own_beacon(vif, bssid);
            self.measure_beacon(vif, heard.signal_dbm);
            self.follow_switch(vif, bssid, ies, heard.freq);
            if let Some(a) = self.vif_mut(vif).mlme.associated.as_mut().filter(|a| a.uses_ht) {
                a.secondary = secondary_channel(ies);
            }
        }
        let taken_in = own_ap && (!from_beacon || self.is_news(vif, ies));
        if !hearing && !taken_in {
            return;
        }
        let Some(freq) = bss_channel(ies, heard.freq) else { return };
        let entry = Observed {
            bssid,
            freq,
            from_beacon,
            tsf: *timestamp,
            interval: *interval,
            capability: *capability,
            ies,
            signal_dbm: heard.signal_dbm,
            now,
        };
        self.radio_mut(radio_ix).bss.update(&entry);
    }

    /// Returns whether a beacon of the own AP says anything that the one before did not: mac80211 hands others not on to
    /// cfg80211, whose entry gets old beside them (the CRC of ieee80211_rx_mgmt_beacon).
    fn is_news(&mut self, vif: VifIx, ies: &[u8]) -> bool {
        let Some(associated) = &mut self.vif_mut(vif).mlme.associated else { return false };
        let said = compared(ies);
        if associated.compared.as_ref() == Some(&said) {
            return false;
        }
        associated.compared = Some(said);
        true
    }

    fn receive_data(&mut self, vif: VifIx, bytes: &[u8], heard: Reception) {
        let now = self.now;
        let flags = bytes.get(1).copied().unwrap_or(0);
        let (to_ds, from_ds) = (flags & fc::TO_DS != 0, flags & fc::FROM_DS != 0);
        let Some(from) = addr2(bytes) else { return };
        let v = self.vif_mut(vif);
        let is_ap = v.ap.is_some();
        if is_ap != (to_ds && !from_ds) || (!is_ap && !from_ds) {
            return;
        }
        let Some(peer) = v.peer_mut(from).filter(|p| p.associated) else {
            if is_ap {
                let four_addr = to_ds && from_ds;
                self.notify(vif, DriverEvent::UnexpectedFrame { addr: from, four_addr });
            }
            return;
        };
        if peer.is_repetition(bytes) {
            return;
        }
        peer.count_received(now, bytes, heard.signal_dbm, Some(heard.rate));
        if is_ap {
            self.note_power_management(vif, from, flags & fc::POWER_MANAGEMENT != 0);
        }
        let opened;
        let (plain, under) = if flags & fc::PROTECTED != 0 {
            match self.unprotect(vif, from, bytes) {
                Some(o) => {
                    opened = o;
                    (opened.plain.as_slice(), Some(opened.under))
                }
                None => return,
            }
        } else {
            (bytes, None)
        };
        let Ok(frame) = DataFrame::parse(plain) else { return };
        let whole = match is_fragment(plain) {
            true => self.put_together(vif, frame, under),
            false => Some((frame, under)),
        };
        let Some((frame, under)) = whole.filter(|(frame, _)| !frame.null) else { return };
        match frame.qos {
            Some(qos) if qos & QOS_AMSDU != 0 => self.receive_amsdu(vif, &frame, under),
            _ => self.receive_msdu(vif, &Received::of(&frame, under.is_some()), &frame.body),
        }
    }

    /// The plain form of a protected data frame, if one of the interface's keys opens it.
    fn unprotect(&mut self, vif: VifIx, from: MacAddr, bytes: &[u8]) -> Option<Opened> {
        let group = bytes.get(4).is_some_and(|octet| octet & 1 == 1);
        let v = self.vif_mut(vif);
        let keys = if group { &mut v.group_keys } else { &mut v.peer_mut(from)?.keys };
        let result = keys.for_frame(bytes)?.unprotect(bytes);
        self.opened(vif, from, group, result)
    }

    /// Returns the opened MSDU; a failure of Michael is reported.
    fn opened<T>(
        &mut self,
        vif: VifIx,
        addr: MacAddr,
        group: bool,
        result: Result<T, Unprotect>,
    ) -> Option<T> {
        match result {
            Ok(plain) => Some(plain),
            Err(Unprotect::MichaelFailure) => {
                self.notify(vif, DriverEvent::MichaelMicFailure { addr, group });
                None
            }
            Err(Unprotect::Garbage | Unprotect::Replay) => None,
        }
    }

    /// A fragment came: the MSDU and its protection, if it is complete now and whole.
    fn put_together(
        &mut self,
        vif: VifIx,
        fragment: DataFrame,
        under: Option<Protection>,
    ) -> Option<(DataFrame, Option<Protection>)> {
        let (now, from) = (self.now, fragment.addr2);
        let peer = self.vif_mut(vif).peer_mut(from)?;
        let whole = peer.fragments.take(now, fragment, under)?;
        let (Some(first), Some(last)) = (whole.first_under, whole.last_under) else {
            return Some((whole.msdu, whole.first_under));
        };
        let verified = peer.keys.verify(&whole.msdu.emit(), last);
        let plain = self.opened(vif, from, false, verified)?;
        Some((DataFrame::parse(&plain).ok()?, Some(first)))
    }

    /// Each MSDU of an A-MSDU is looked at as if it had come alone (ieee80211_rx_h_amsdu).
    fn receive_amsdu(&mut self, vif: VifIx, frame: &DataFrame, under: Option<Protection>) {
        let v = self.vif(vif);
        let (own, is_ap) = (v.addr, v.ap.is_some());
        // Stations that use TKIP send none.
        if frame.addr1.is_group() || matches!(under, Some(Protection::Tkip { .. })) {
            return;
        }
        let Ok(subframes) = amsdu::parse(&frame.body) else { return };
        for subframe in subframes {
            let Subframe { destination: dest, source, msdu } = subframe;
            if !is_ap && dest != own && !dest.is_group() {
                continue;
            }
            let received = Received { source, dest, ..Received::of(frame, under.is_some()) };
            self.receive_msdu(vif, &received, &msdu);
        }
    }

    /// The port decides what gets through: EAPOL to this station always and never elsewhere, the rest once authorized
    /// and, where there are keys, protected (ieee80211_frame_allowed).
    fn receive_msdu(&mut self, vif: VifIx, received: &Received, msdu: &[u8]) {
        let Some((ethertype, payload)) = llc_decap(msdu) else { return };
        let &Received { source, dest, transmitter, group, protected } = received;
        let v = self.vif_mut(vif);
        let own = v.addr;
        let is_ap = v.ap.is_some();
        if source == own {
            return;
        }
        if ethertype == ETHERTYPE_EAPOL {
            if dest == own {
                let event =
                    DriverEvent::RxEapol { src: source, frame: payload.to_vec(), encrypted: protected };
                self.notify(vif, event);
            }
            return;
        }
        let group_keys = v.group_keys.any();
        let Some(peer) = v.peer_mut(transmitter) else { return };
        let has_keys = peer.keys.any() || (group && group_keys);
        if !peer.authorized || (has_keys && !protected) {
            return;
        }
        let to_member = is_ap && !dest.is_group() && v.stations.contains_key(&dest);
        if is_ap && (dest.is_group() || to_member) {
            let msdu = Msdu { dest, source, ethertype, payload };
            self.send_msdu(vif, &msdu, false, Purpose::Plain);
        }
        if !to_member {
            let event = DriverEvent::RxData { src: source, dest, ethertype, payload: payload.to_vec() };
            self.notify(vif, event);
        }
    }
}

/// The source and the destination of an MSDU, and how it came.
struct Received {
    source: MacAddr,
    dest: MacAddr,
    transmitter: MacAddr,
    /// To a group.
    group: bool,
    protected: bool,
}

impl Received {
    fn of(frame: &DataFrame, protected: bool) -> Self {
        Received {
            source: frame.source(),
            dest: frame.destination(),
            transmitter: frame.addr2,
            group: frame.addr1.is_group(),
            protected,
        }
    }
}

/// The channel a BSS says it is on, at 2.4 GHz where neighbours overlap (cfg80211_get_bss_channel).
fn bss_channel(ies: &[u8], heard_on: u32) -> Option<u32> {
    if heard_on >= 3000 {
        return Some(heard_on);
    }
    match find(ies, eid::DS_PARAMS).and_then(|b| b.first()) {
        Some(number) => channel::channel_to_freq(channel::Band::Ghz2, *number),
        None => Some(heard_on),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_elements_make_a_beacon_news() {
        let beacon = |tim: u8, erp: u8, wmm: u8| {
            let tim = [eid::TIM, 4, tim, 2, 0, 0];
            let vendors = [
                eid::VENDOR_SPECIFIC,
                4,
                0x00,
                0x50,
                0xf2,
                wmm,
                eid::VENDOR_SPECIFIC,
                4,
                0x50,
                0x6f,
                0x9a,
                tim[2],
            ];
            [&b"\x00\x01a"[..], &tim, &[eid::ERP_INFO, 1, erp], &vendors].concat()
        };
        assert_eq!(compared(&beacon(0, 0, 2)), compared(&beacon(1, 0, 2)));
        assert_ne!(compared(&beacon(0, 0, 2)), compared(&beacon(0, 1, 2)));
        assert_ne!(compared(&beacon(0, 0, 2)), compared(&beacon(0, 0, 4)));
    }
}
