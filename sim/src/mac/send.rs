//! From the soft MAC to the medium: sequence numbers, durations, protection.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{Errno, Refused};
use wpasim_wire::ieee80211::{DataFrame, MgmtSubtype, addr1, frame_type, set_seq, set_timestamp};
use wpasim_wire::llc::{ETHERTYPE_EAPOL, llc_encap};
use wpasim_wire::time::Duration;

use super::ap::timestamp_lead;
use super::fragments::{divide, is_too_long};
use super::keys::KeyState;
use super::{VifIx, compose};
use crate::air::{Air, OutFrame, Purpose};
use crate::medium::FrameKind;
use crate::medium::airtime::{DATA_RATE, OFDM_BASIC_RATE};

/// The priority that mac80211 gives EAPOL frames.
const EAPOL_TID: u8 = 7;

/// An MSDU on its way out.
pub(crate) struct Msdu<'a> {
    pub dest: MacAddr,
    /// The interface itself, or the station that an AP relays for.
    pub source: MacAddr,
    pub ethertype: u16,
    pub payload: &'a [u8],
}

impl Air {
    /// Gives a frame its sequence number and duration and hands it over.
    pub fn send_frame(&mut self, vif: VifIx, mut frame: OutFrame) {
        self.finish_header(vif, &mut frame);
        self.transmit(vif, frame);
    }

    fn finish_header(&mut self, vif: VifIx, frame: &mut OutFrame) {
        let sequence = self.vif_mut(vif).next_sequence();
        set_seq(&mut frame.bytes, sequence);
        if frame.wants_ack
            && let Some(field) = frame.bytes.get_mut(2..4)
        {
            field.copy_from_slice(&compose::duration(frame.rate).to_le_bytes());
        }
    }

    /// A management frame of the MAC's own whose fate nobody asks for.
    pub fn send_mgmt(&mut self, vif: VifIx, bytes: Vec<u8>, freq: u32, no_cck: bool) {
        // Of an interface that is off its channel for a scan, mac80211 sends probe requests only.
        let is_away = self.radio(self.vif(vif).radio).scan.as_ref().is_some_and(|s| s.away_on.is_some());
        if is_away && FrameKind::of(&bytes) != FrameKind::ProbeRequest {
            return;
        }
        let wants_ack = !is_group(&bytes);
        self.send_plain_mgmt(vif, bytes, freq, wants_ack, no_cck, Purpose::Plain);
    }

    /// The same at the lowest rate.
    pub fn send_mgmt_acked(&mut self, vif: VifIx, bytes: Vec<u8>, freq: u32) {
        self.send_mgmt(vif, bytes, freq, false);
    }

    fn send_plain_mgmt(
        &mut self,
        vif: VifIx,
        bytes: Vec<u8>,
        freq: u32,
        wants_ack: bool,
        no_cck: bool,
        purpose: Purpose,
    ) {
        let kind = FrameKind::of(&bytes);
        let rate = self.mgmt_rate(vif, freq, no_cck);
        let mut out = OutFrame { bytes, kind, freq, rate, wants_ack, purpose };
        self.finish_header(vif, &mut out);
        let bufferable = matches!(kind, FrameKind::Deauthentication | FrameKind::Disassociation)
            || FrameKind::Action.covers(kind);
        // A sleeping station would not hear it (IEEE 802.11-2020 §11.2.2); mac80211 keeps every group-addressed frame but
        // probe requests for the DTIM.
        let waits = |a: &MacAddr| if a.is_group() { kind != FrameKind::ProbeRequest } else { bufferable };
        let to = addr1(&out.bytes).filter(waits);
        let now = match to {
            Some(to) => self.keep_for_sleeper(vif, to, out),
            None => Some(out),
        };
        if let Some(out) = now {
            self.transmit(vif, out);
        }
    }

    /// The rate of management frames, in units of 100 kbit/s.
    fn mgmt_rate(&self, vif: VifIx, freq: u32, no_cck: bool) -> u16 {
        if no_cck { OFDM_BASIC_RATE } else { self.vif(vif).lowest_rate(freq) }
    }

    /// A null function frame whose fate nobody asks for.
    pub fn send_null(&mut self, vif: VifIx, bytes: Vec<u8>, freq: u32) {
        let (kind, rate) = (FrameKind::Null, self.vif(vif).lowest_rate(freq));
        self.send_frame(vif, OutFrame { bytes, kind, freq, rate, wants_ack: true, purpose: Purpose::Plain });
    }

    /// NL80211_CMD_PROBE_CLIENT. Whether it is acknowledged shows in the station's inactivity.
    pub fn probe_client(&mut self, vif: VifIx, addr: MacAddr) {
        let v = self.vif(vif);
        let Some(freq) = v.ap.as_ref().map(|ap| ap.beacon.freq) else { return };
        let Some(peer) = v.stations.get(&addr).filter(|_| v.up) else { return };
        let mut frame = DataFrame::from_ap(addr, v.addr, v.addr, Vec::new());
        frame.null = true;
        frame.qos = peer.wmm.then_some(u16::from(EAPOL_TID));
        let (bytes, kind, rate) = (frame.emit(), FrameKind::Null, v.lowest_rate(freq));
        let purpose = Purpose::ClientProbe { addr };
        let mut out = OutFrame { bytes, kind, freq, rate, wants_ack: true, purpose };
        self.finish_header(vif, &mut out);
        if let Some(out) = self.keep_for_sleeper(vif, addr, out) {
            self.transmit(vif, out);
        }
    }

    /// NL80211_CMD_FRAME.
    pub fn tx_mgmt(
        &mut self,
        vif: VifIx,
        mut frame: Vec<u8>,
        freq: u32,
        wait: Duration,
        cookie: u64,
        options: (bool, bool),
    ) {
        let v = self.vif(vif);
        if !v.up {
            return self.refuse(vif, Refused::TxMgmt(cookie), Errno::NetDown);
        }
        if frame.len() < 24 || frame_type(&frame).is_none_or(|(kind, _)| kind != 0) {
            return self.refuse(vif, Refused::TxMgmt(cookie), Errno::Invalid);
        }
        // Without a beacon mac80211 has no channel of the AP's, and only action frames may go elsewhere.
        if v.is_ap() && v.ap.is_none() && !is_action(&frame) {
            return self.refuse(vif, Refused::TxMgmt(cookie), Errno::Busy);
        }
        if v.ap.is_some() && is_for_members(&frame) && addr1(&frame).is_none_or(|to| v.peer(to).is_none()) {
            return self.refuse(vif, Refused::TxMgmt(cookie), Errno::NotConnected);
        }
        if v.ap.as_ref().is_some_and(|ap| ap.switch.is_some())
            && FrameKind::of(&frame) == FrameKind::ProbeResponse
        {
            self.count_in_probe_response(vif, &mut frame);
        }
        let v = self.vif(vif);
        let operating = v.ap.is_some() || v.mlme.needs_channel();
        let radio = self.radio(v.radio);
        let freq = if freq == 0 { radio.oper_freq } else { freq };
        if operating && freq == radio.oper_freq && radio.tuned == Some(freq) {
            let (no_ack, no_cck) = options;
            self.send_user_mgmt(vif, frame, freq, cookie, no_ack, no_cck);
        } else if self.regulatory.channel(freq).is_some() {
            self.send_off_channel(vif, frame, freq, wait, cookie, options);
        } else {
            self.refuse(vif, Refused::TxMgmt(cookie), Errno::Invalid);
        }
    }

    /// Sends user space's frame on a channel where the radio is.
    pub fn send_user_mgmt(
        &mut self,
        vif: VifIx,
        mut frame: Vec<u8>,
        freq: u32,
        cookie: u64,
        no_ack: bool,
        no_cck: bool,
    ) {
        let subtype = frame_type(&frame).map(|(_, s)| MgmtSubtype::from_bits(s));
        if subtype == Some(MgmtSubtype::ProbeResponse) {
            let rate = self.mgmt_rate(vif, freq, no_cck);
            set_timestamp(&mut frame, self.clock.tsf(self.now) + timestamp_lead(rate));
        }
        let wants_ack = !is_group(&frame) && !no_ack;
        let purpose = if no_ack { Purpose::Plain } else { Purpose::Mgmt { cookie } };
        self.send_plain_mgmt(vif, frame, freq, wants_ack, no_cck, purpose);
    }

    /// NL80211_CMD_CONTROL_PORT_FRAME.
    pub fn tx_eapol(&mut self, vif: VifIx, dest: MacAddr, frame: Vec<u8>, no_encrypt: bool, cookie: u64) {
        let v = self.vif(vif);
        let errno = match (&v.ap, &v.mlme.associated) {
            _ if !v.up => Some(Errno::NetDown),
            (Some(_), _) => v.stations.get(&dest).is_none_or(|p| !p.associated).then_some(Errno::NoEntry),
            (None, Some(_)) => None,
            (None, None) => Some(Errno::NotConnected),
        };
        if let Some(errno) = errno {
            return self.refuse(vif, Refused::TxEapol(cookie), errno);
        }
        let msdu = Msdu { dest, source: v.addr, ethertype: ETHERTYPE_EAPOL, payload: &frame };
        let purpose = Purpose::Eapol { cookie, dest, frame: frame.clone() };
        self.send_msdu(vif, &msdu, no_encrypt, purpose);
    }

    /// Builds, protects and sends a data frame.
    pub fn send_msdu(&mut self, vif: VifIx, msdu: &Msdu<'_>, no_encrypt: bool, purpose: Purpose) {
        let eapol = msdu.ethertype == ETHERTYPE_EAPOL;
        let v = self.vif_mut(vif);
        if !v.up {
            return;
        }
        let body = llc_encap(msdu.ethertype, msdu.payload);
        let (receiver, mut frame) = match (&v.ap, &v.mlme.associated) {
            (Some(_), _) => (msdu.dest, DataFrame::from_ap(msdu.dest, v.addr, msdu.source, body)),
            (None, Some(a)) => (a.bssid, DataFrame::to_ap(a.bssid, v.addr, msdu.dest, body)),
            (None, None) => return,
        };
        let freq = match (&v.ap, &v.mlme.associated) {
            (Some(ap), _) => ap.beacon.freq,
            (None, Some(a)) => a.freq,
            (None, None) => return,
        };
        let group = receiver.is_group();
        if !group {
            let Some(peer) = v.peer_mut(receiver).filter(|p| p.associated && (p.authorized || eapol)) else {
                return;
            };
            if peer.wmm {
                let tid = if eapol { EAPOL_TID } else { 0 };
                frame.qos = Some(u16::from(tid));
                frame.seq = peer.next_sequence(tid);
            }
        }
        if frame.qos.is_none() {
            frame.seq = v.next_sequence();
        }
        let rate = if eapol || group { v.lowest_rate(freq) } else { DATA_RATE };
        if !group {
            frame.duration = compose::duration(rate);
        }
        let radio = v.radio;
        let threshold =
            self.radio(radio).fragmentation_threshold.filter(|threshold| is_too_long(&frame, *threshold));
        let v = self.vif_mut(vif);
        let keys = if group {
            &mut v.group_keys
        } else {
            match v.peer_mut(receiver) {
                Some(peer) => &mut peer.keys,
                None => return,
            }
        };
        let key = keys.sending().filter(|_| !(eapol && no_encrypt));
        let asked = matches!(purpose, Purpose::Eapol { .. });
        let Some(mpdus) = mpdus(&frame, threshold, rate, key, asked) else { return };
        // The one who waits for the status learns that of the first fragment (ieee80211_report_ack_skb).
        let mut purpose = Some(purpose);
        for (bytes, kind) in mpdus {
            let purpose = purpose.take().unwrap_or(Purpose::Plain);
            let out = OutFrame { bytes, kind, freq, rate, wants_ack: !group, purpose };
            if let Some(out) = self.keep_for_sleeper(vif, receiver, out) {
                self.transmit(vif, out);
            }
        }
    }
}

/// The frames that carry an MSDU, protected if there is a key, and what each of them is; `None` if its packet numbers are used
/// up. What protection hides is known where user space `asked` for the status of an EAPOL frame, as on hwsim.
fn mpdus(
    msdu: &DataFrame,
    threshold: Option<usize>,
    rate: u16,
    mut key: Option<(&mut KeyState, u8)>,
    asked: bool,
) -> Option<Vec<(Vec<u8>, FrameKind)>> {
    let plain = msdu.emit();
    let whole = match &key {
        Some((key, _)) => key.with_mic(&plain)?,
        None => plain,
    };
    let fragments = match threshold {
        Some(threshold) => {
            divide(&DataFrame::parse(&whole).ok()?, threshold).iter().map(DataFrame::emit).collect()
        }
        None => vec![whole],
    };
    let are_parts = fragments.len() > 1;
    let mut out = Vec::with_capacity(fragments.len());
    for fragment in fragments {
        let kind = match (&key, asked) {
            (Some(_), false) => FrameKind::Data,
            (Some(_), true) if are_parts => FrameKind::Eapol,
            _ => FrameKind::of(&fragment),
        };
        let bytes = match &mut key {
            Some((key, index)) => key.protect_mpdu(&fragment, *index)?,
            None => fragment,
        };
        out.push((bytes, kind));
    }
    // Each fragment reserves the channel until the next one is acknowledged.
    let mut next = None;
    for (bytes, _) in out.iter_mut().rev() {
        let octets = bytes.len();
        if let (Some(next), Some(field)) = (next, bytes.get_mut(2..4)) {
            field.copy_from_slice(&compose::duration_with_next(rate, next).to_le_bytes());
        }
        next = Some(octets);
    }
    Some(out)
}

/// Whether a frame's receiver is a group.
fn is_group(frame: &[u8]) -> bool {
    frame.get(4).is_some_and(|octet| octet & 1 == 1)
}

/// Whether an access point sends such a frame to its stations only: action frames of most categories
/// (ieee80211_mgmt_tx).
fn is_for_members(frame: &[u8]) -> bool {
    const SPECTRUM_MANAGEMENT: u8 = 0;
    const PUBLIC: u8 = 4;
    const SELF_PROTECTED: u8 = 15;
    is_action(frame)
        && !matches!(frame.get(24), None | Some(&(SPECTRUM_MANAGEMENT | PUBLIC | SELF_PROTECTED)))
}

/// Returns whether it is an action frame.
fn is_action(frame: &[u8]) -> bool {
    frame_type(frame).is_some_and(|(_, s)| MgmtSubtype::from_bits(s) == MgmtSubtype::Action)
}
