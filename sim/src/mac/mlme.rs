//! The station's side: authentication, association, and their end (net/mac80211/mlme.c).

use wpasim_wire::driver::{DriverEvent, Errno, HtOverrides, IfType, OperatingChannel, Refused};
use wpasim_wire::elements::{eid, find};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame, reason, status};
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::{MacAddr, Ssid};

use super::VifIx;
use super::compose::{self, Target};
use super::peer::Peer;
use super::regulatory::MAX_POWER;
use super::signal::Beacons;
use super::switch::Following;
use crate::air::{Air, MacTimer, OutFrame, Purpose};
use crate::medium::FrameKind;
use crate::queue::Priority;

/// IEEE80211_AUTH_MAX_TRIES and IEEE80211_ASSOC_MAX_TRIES.
const TRIES: u8 = 3;

/// Stations take in management frames in a work item, after the transmitter has had its status
/// (SIFS and an acknowledgement at 1 Mbit/s take 314 µs) and before anything else can come.
const WORK: Duration = Duration::from_micros(340);

/// The time that the kernel takes before it tells user space of a successful association: the AP's first EAPOL frame,
/// sent as soon as it has its status, is there before.
const ASSOCIATION_WORK: Duration = Duration::from_micros(1_500);

/// The time after a disconnect until the restored regulatory domain is announced: user space hears of the
/// disconnect before.
const DISCONNECT_WORK: Duration = Duration::from_micros(500);

/// The station's state towards APs.
#[derive(Default)]
pub(crate) struct Mlme {
    /// Of the attempt under way; timers and statuses of earlier ones are stale.
    generation: u32,
    auth: Option<Authentication>,
    assoc: Option<Box<Association>>,
    pub associated: Option<Box<Associated>>,
    /// The end of the work item that reported the last association; later events are reported after it.
    busy_until: Option<Instant>,
}

struct Authentication {
    bssid: MacAddr,
    freq: u32,
    ssid: Vec<u8>,
    frame: Vec<u8>,
    tries: u8,
    done: bool,
}

struct Association {
    bssid: MacAddr,
    freq: u32,
    ssid: Vec<u8>,
    privacy: bool,
    frame: Vec<u8>,
    req_ies: Vec<u8>,
    wmm: bool,
    beacon_interval: u16,
    tries: u8,
}

/// An association that stands.
pub(crate) struct Associated {
    pub bssid: MacAddr,
    pub freq: u32,
    pub ssid: Vec<u8>,
    /// In TU.
    pub beacon_interval: u16,
    /// The AP.
    pub peer: Peer,
    /// Both ends have HT.
    pub uses_ht: bool,
    /// The place of the secondary channel, as the AP said last: -1 below, 0 nowhere, 1 above.
    pub secondary: i8,
    /// Since when.
    pub since: Instant,
    pub beacons: Beacons,
    /// The AP goes to another channel.
    pub following: Option<Following>,
    /// The time at which the last beacon was heard, as far as this station was told.
    pub last_beacon: Instant,
    /// The elements that mac80211 compares, of the last beacon that was taken in.
    pub compared: Option<Vec<u8>>,
    /// Beacons that everyone heard count from here on.
    pub hears_since: Instant,
    /// Tells this association's timers from those of others.
    pub session: u32,
    pub monitor_generation: u32,
    /// Null function frames sent to see whether the AP is there; 0 while nothing is in doubt.
    pub probes: u8,
}

impl Associated {
    /// The channel in use.
    pub fn channel(&self) -> OperatingChannel {
        OperatingChannel { freq: self.freq, ht: self.uses_ht, secondary: self.secondary }
    }
}

/// Returns the place of the secondary channel by the HT Operation element among these.
pub(crate) fn secondary_channel(ies: &[u8]) -> i8 {
    match find(ies, eid::HT_OPERATION).and_then(|body| body.get(1)).map(|octet| octet & 3) {
        Some(1) => 1,
        Some(3) => -1,
        _ => 0,
    }
}

/// The letters of the Country element among these.
fn country_of(ies: &[u8]) -> Option<[u8; 2]> {
    /// Letters, environment and one triplet.
    const SHORTEST: usize = 6;
    find(ies, eid::COUNTRY).filter(|body| body.len() >= SHORTEST)?.first_chunk().copied()
}

impl Mlme {
    /// That of an interface in the place of one that is gone.
    pub fn after(gone: &Mlme) -> Self {
        Mlme { generation: gone.generation + 1, ..Mlme::default() }
    }

    /// Returns whether an access point is asked to authenticate the station.
    pub fn is_authenticating(&self) -> bool {
        self.auth.as_ref().is_some_and(|auth| !auth.done)
    }

    /// Returns whether an access point is asked to associate it.
    pub fn is_associating(&self) -> bool {
        self.assoc.is_some()
    }

    /// Whether the radio has to be on the operating channel for this station.
    pub fn needs_channel(&self) -> bool {
        self.auth.is_some() || self.assoc.is_some() || self.associated.is_some()
    }
}

impl Air {
    /// NL80211_CMD_AUTHENTICATE.
    pub fn authenticate(
        &mut self,
        vif: VifIx,
        bssid: MacAddr,
        freq: u32,
        ssid: &Ssid,
        algorithm: u16,
        ies: &[u8],
    ) {
        let v = self.vif(vif);
        let (now, radio_ix) = (self.now, v.radio);
        let known = self.radio(radio_ix).bss.find(bssid, freq, ssid.as_bytes(), now).is_some();
        let refusal = if !v.up {
            Some(Errno::NetDown)
        } else if !matches!(v.iftype, IfType::Station | IfType::P2pClient) {
            Some(Errno::NotSupported)
        } else if v.associated_bss().is_some_and(|(b, _)| b == bssid) {
            Some(Errno::Already)
        } else if !known {
            Some(Errno::NoEntry)
        } else if v.mlme.assoc.is_some() || self.is_channel_taken(vif, freq) {
            Some(Errno::Busy)
        } else {
            None
        };
        if let Some(errno) = refusal {
            return self.refuse(vif, Refused::Authenticate, errno);
        }
        self.leave_for_another(vif);
        let frame = compose::authentication(self.vif(vif).addr, bssid, algorithm, ies);
        let ssid = ssid.as_bytes().to_vec();
        let v = self.vif_mut(vif);
        v.mlme.auth = Some(Authentication { bssid, freq, ssid, frame, tries: 0, done: false });
        self.use_channel(vif, freq);
        self.try_authentication(vif);
    }

    /// The interface gets a channel context on `freq`.
    pub fn use_channel(&mut self, vif: VifIx, freq: u32) {
        let power = self.regulatory.channel(freq).map_or(MAX_POWER, |c| c.max_tx_power.min(MAX_POWER));
        let v = self.vif_mut(vif);
        v.tx_power = Some(power);
        let radio = v.radio;
        self.radio_mut(radio).oper_freq = freq;
        self.retune_for(vif);
    }

    /// Whether another interface holds the radio on another channel: these radios have one.
    pub fn is_channel_taken(&self, vif: VifIx, freq: u32) -> bool {
        let radio = self.radio(self.vif(vif).radio);
        radio.oper_freq != freq
            && radio.vifs.iter().filter(|o| **o != vif).any(|o| {
                let other = self.vif(*o);
                other.up && (other.ap.is_some() || other.mlme.needs_channel())
            })
    }

    /// A new attempt ends an association with another AP, without a frame.
    fn leave_for_another(&mut self, vif: VifIx) {
        if let Some((bssid, _)) = self.vif(vif).associated_bss() {
            let frame = compose::deauthentication(self.vif(vif).addr, bssid, reason::UNSPECIFIED);
            self.disassociate_state(vif);
            self.notify(vif, DriverEvent::Deauthenticated { frame, locally_generated: true });
        }
    }

    fn try_authentication(&mut self, vif: VifIx) {
        let mlme = &mut self.vif_mut(vif).mlme;
        mlme.generation += 1;
        let generation = mlme.generation;
        let Some(auth) = &mut mlme.auth else { return };
        auth.tries += 1;
        if auth.tries > TRIES {
            let (bssid, freq) = (auth.bssid, auth.freq);
            let ssid = std::mem::take(&mut auth.ssid);
            mlme.auth = None;
            let radio = self.vif(vif).radio;
            self.radio_mut(radio).bss.unlink(bssid, freq, &ssid);
            self.retune(radio);
            return self.notify(vif, DriverEvent::AuthTimeout { bssid });
        }
        let (frame, freq) = (auth.frame.clone(), auth.freq);
        self.send_mlme(vif, frame, freq, generation);
    }

    /// NL80211_CMD_ASSOCIATE.
    pub fn associate(
        &mut self,
        vif: VifIx,
        (bssid, freq, ssid): (MacAddr, u32, Ssid),
        (user_ies, ht): (&[u8], &HtOverrides),
        prev_bssid: Option<MacAddr>,
        privacy: bool,
    ) {
        let v = self.vif(vif);
        let (now, addr) = (self.now, v.addr);
        let entry = self.radio(v.radio).bss.find(bssid, freq, ssid.as_bytes(), now);
        let refusal = if !v.up {
            Some(Errno::NetDown)
        } else if v.mlme.assoc.is_some() || v.mlme.auth.as_ref().is_some_and(|a| !a.done) {
            Some(Errno::Busy)
        } else if entry.is_none() {
            Some(Errno::NoEntry)
        } else {
            None
        };
        let (Some(entry), None) = (entry, refusal) else {
            return self.refuse(vif, Refused::Associate, refusal.unwrap_or(Errno::NoEntry));
        };
        let target =
            Target { bssid, freq, ssid: ssid.as_bytes(), capability: entry.capability, ies: entry.ies() };
        let request = compose::association_request(addr, &target, (user_ies, ht), prev_bssid);
        let beacon_interval = entry.interval;
        self.leave_for_another(vif);
        self.vif_mut(vif).mlme.auth = None;
        self.vif_mut(vif).mlme.assoc = Some(Box::new(Association {
            bssid,
            freq,
            ssid: ssid.as_bytes().to_vec(),
            privacy,
            frame: request.frame,
            req_ies: request.ies,
            wmm: request.wmm,
            beacon_interval,
            tries: 0,
        }));
        self.use_channel(vif, freq);
        self.start_association(vif);
    }

    /// ieee80211_mgd_assoc leaves the first request to a timer that is due already: it goes out on the next tick.
    fn start_association(&mut self, vif: VifIx) {
        let wait = self.clock.to_next_tick(self.now);
        if wait == Duration::ZERO {
            return self.try_association(vif);
        }
        let mlme = &mut self.vif_mut(vif).mlme;
        mlme.generation += 1;
        let generation = mlme.generation;
        self.start_timer(self.now + wait, MacTimer::Mlme { vif, generation });
    }

    fn try_association(&mut self, vif: VifIx) {
        let mlme = &mut self.vif_mut(vif).mlme;
        mlme.generation += 1;
        let generation = mlme.generation;
        let Some(assoc) = &mut mlme.assoc else { return };
        assoc.tries += 1;
        if assoc.tries > TRIES {
            let (bssid, freq) = (assoc.bssid, assoc.freq);
            let ssid = std::mem::take(&mut assoc.ssid);
            mlme.assoc = None;
            let radio = self.vif(vif).radio;
            self.radio_mut(radio).bss.unlink(bssid, freq, &ssid);
            self.retune(radio);
            return self.notify(vif, DriverEvent::AssocTimeout { bssid });
        }
        let (frame, freq) = (assoc.frame.clone(), assoc.freq);
        self.send_mlme(vif, frame, freq, generation);
    }

    /// Sends an attempt's frame and asks for its status.
    fn send_mlme(&mut self, vif: VifIx, bytes: Vec<u8>, freq: u32, generation: u32) {
        let kind = FrameKind::of(&bytes);
        let rate = self.vif(vif).lowest_rate(freq);
        let purpose = Purpose::Mlme { generation };
        self.send_frame(vif, OutFrame { bytes, kind, freq, rate, wants_ack: true, purpose });
    }

    /// Takes note of the fate of an attempt's frame: acknowledged, the answer has HZ/10; otherwise at once again.
    pub fn mlme_status(&mut self, vif: VifIx, generation: u32, acked: bool) {
        if self.vif(vif).mlme.generation != generation {
            return;
        }
        if acked {
            let at = self.now + self.clock.delayed_work(self.now, self.clock.hz_over(10));
            self.start_timer(at, MacTimer::Mlme { vif, generation });
        } else {
            self.mlme_again(vif);
        }
    }

    /// No answer came in time.
    pub fn mlme_timer(&mut self, vif: VifIx, generation: u32) {
        if self.vif(vif).mlme.generation == generation {
            self.mlme_again(vif);
        }
    }

    fn mlme_again(&mut self, vif: VifIx) {
        let mlme = &self.vif(vif).mlme;
        if mlme.auth.as_ref().is_some_and(|a| !a.done) {
            self.try_authentication(vif);
        } else if mlme.assoc.is_some() {
            self.try_association(vif);
        }
    }

    /// An authentication frame came.
    pub fn receive_authentication(&mut self, vif: VifIx, frame: &[u8], parsed: &MgmtFrame) {
        let MgmtBody::Authentication { algorithm, transaction, status: code, .. } = parsed.body else {
            return;
        };
        let mlme = &mut self.vif_mut(vif).mlme;
        let Some(auth) = &mut mlme.auth else { return };
        if auth.done || parsed.header.sa != auth.bssid || parsed.header.bssid != auth.bssid {
            return;
        }
        let sent = auth.frame.get(24..26).map(|a| u16::from_le_bytes([a[0], a[1]]));
        if sent != Some(algorithm) {
            return;
        }
        mlme.generation += 1;
        if code == status::SUCCESS {
            // Open system ends with transaction 2; SAE goes on until user space says otherwise.
            auth.done = algorithm != 3 || transaction == 2;
        } else {
            mlme.auth = None;
            let radio = self.vif(vif).radio;
            self.retune(radio);
        }
        self.notify_from_work(vif, DriverEvent::Authenticated { frame: frame.to_vec() });
    }

    /// A (re)association response came.
    pub fn receive_association(&mut self, vif: VifIx, frame: &[u8], parsed: &MgmtFrame, signal_dbm: i32) {
        let (code, aid, has_ht, secondary) = match &parsed.body {
            MgmtBody::AssocResponse { status, aid, ies, .. }
            | MgmtBody::ReassocResponse { status, aid, ies, .. } => {
                (*status, *aid, find(ies, eid::HT_CAP).is_some(), secondary_channel(ies))
            }
            _ => return,
        };
        let now = self.now;
        let session = self.next_generation();
        let mlme = &mut self.vif_mut(vif).mlme;
        if mlme.assoc.as_ref().is_none_or(|a| a.bssid != parsed.header.sa) {
            return;
        }
        let Some(assoc) = mlme.assoc.take() else { return };
        mlme.generation += 1;
        let (bssid, freq) = (assoc.bssid, assoc.freq);
        if code == status::SUCCESS {
            let mut peer = Peer::new(now);
            peer.aid = aid;
            peer.wmm = assoc.wmm;
            peer.authorized = !assoc.privacy;
            peer.associate(now);
            peer.count_received(now, frame, signal_dbm, None);
            let uses_ht = has_ht && find(&assoc.req_ies, eid::HT_CAP).is_some();
            mlme.associated = Some(Box::new(Associated {
                uses_ht,
                secondary: if uses_ht { secondary } else { 0 },
                since: now,
                beacons: Beacons::default(),
                following: None,
                bssid,
                freq,
                ssid: assoc.ssid.clone(),
                beacon_interval: assoc.beacon_interval,
                peer,
                last_beacon: now,
                compared: None,
                hears_since: now,
                session,
                monitor_generation: session,
                probes: 0,
            }));
            let radio = self.vif(vif).radio;
            self.radio_mut(radio).bss.hold(bssid, freq, &assoc.ssid, true);
            self.interfaces.set_member(bssid, vif, true);
            self.restart_signal_monitor(vif);
            self.want_beacon(bssid, vif);
            self.reset_beacon_monitor(vif);
            self.start_connection_monitor(vif);
        } else {
            let radio = self.vif(vif).radio;
            self.retune(radio);
        }
        let work = if code == status::SUCCESS { ASSOCIATION_WORK } else { WORK };
        let event = DriverEvent::Associated { frame: frame.to_vec(), req_ies: assoc.req_ies, freq };
        self.vif_mut(vif).mlme.busy_until = Some(self.now + work);
        self.notify_at(self.now + work, Priority::Event, vif, event);
        if code == status::SUCCESS {
            let entry = self.radio(self.vif(vif).radio).bss.find(bssid, freq, &assoc.ssid, now);
            let country = entry.and_then(|bss| country_of(bss.ies()));
            self.follow_country(vif, country, now + work);
        }
    }

    /// NL80211_CMD_DEAUTHENTICATE.
    pub fn deauthenticate(&mut self, vif: VifIx, bssid: MacAddr, reason: u16, local_state_change: bool) {
        let v = self.vif_mut(vif);
        let associated = v.associated_bss().filter(|(b, _)| *b == bssid);
        if local_state_change && associated.is_none() {
            return;
        }
        let freq = if let Some((_, freq)) = associated {
            freq
        } else if let Some(auth) = v.mlme.auth.take_if(|a| a.bssid == bssid) {
            auth.freq
        } else if let Some(assoc) = v.mlme.assoc.take_if(|a| a.bssid == bssid) {
            assoc.freq
        } else {
            return self.refuse(vif, Refused::Deauthenticate, Errno::NotConnected);
        };
        v.mlme.generation += 1;
        let frame = compose::deauthentication(v.addr, bssid, reason);
        if !local_state_change {
            self.send_mgmt_acked(vif, frame.clone(), freq);
        }
        if associated.is_some() {
            self.disassociate_state(vif);
        } else {
            let radio = self.vif(vif).radio;
            self.retune(radio);
        }
        self.notify_in_order(self.now, vif, DriverEvent::Deauthenticated { frame, locally_generated: true });
    }

    /// A deauthentication or disassociation came from the AP.
    pub fn receive_disconnect(&mut self, vif: VifIx, frame: &[u8], parsed: &MgmtFrame) {
        let deauthentication = matches!(parsed.body, MgmtBody::Deauthentication { .. });
        let from = parsed.header.sa;
        let v = self.vif_mut(vif);
        if parsed.header.bssid != from {
            return;
        }
        if v.associated_bss().is_some_and(|(b, _)| b == from) {
            self.disassociate_state(vif);
        } else if deauthentication && v.mlme.assoc.as_ref().is_some_and(|a| a.bssid == from) {
            v.mlme.assoc = None;
            v.mlme.generation += 1;
            let radio = v.radio;
            self.retune(radio);
        } else {
            return;
        }
        let frame = frame.to_vec();
        self.notify_from_work(
            vif,
            match deauthentication {
                true => DriverEvent::Deauthenticated { frame, locally_generated: false },
                false => DriverEvent::Disassociated { frame, locally_generated: false },
            },
        );
    }

    /// Tells of a management frame when the work item has run.
    fn notify_from_work(&mut self, vif: VifIx, event: DriverEvent) {
        self.notify_in_order(self.now + WORK, vif, event);
    }

    /// Tells of something, but not before an association that came earlier.
    fn notify_in_order(&mut self, at: Instant, vif: VifIx, event: DriverEvent) {
        let at = self.vif(vif).mlme.busy_until.map_or(at, |busy| busy.max(at));
        self.notify_at(at, Priority::Event, vif, event);
    }

    /// The AP is gone: no frame, but user space hears of a deauthentication.
    pub fn connection_lost(&mut self, vif: VifIx) {
        let Some((bssid, _)) = self.vif(vif).associated_bss() else { return };
        let frame = compose::deauthentication(self.vif(vif).addr, bssid, reason::DISASSOC_DUE_TO_INACTIVITY);
        self.disassociate_state(vif);
        self.notify(vif, DriverEvent::Deauthenticated { frame, locally_generated: true });
    }

    /// The association's state ends; nobody is told.
    pub fn disassociate_state(&mut self, vif: VifIx) {
        let v = self.vif_mut(vif);
        let Some(a) = v.mlme.associated.take() else { return };
        v.mlme.generation += 1;
        v.group_keys.clear();
        let radio = v.radio;
        self.radio_mut(radio).bss.hold(a.bssid, a.freq, &a.ssid, false);
        self.interfaces.set_member(a.bssid, vif, false);
        self.retune(radio);
        self.schedule_regulatory_restore(DISCONNECT_WORK);
    }

    /// The process is gone: attempts and association end silently.
    pub fn drop_mlme(&mut self, vif: VifIx) {
        self.disassociate_state(vif);
        let mlme = &mut self.vif_mut(vif).mlme;
        mlme.generation += 1;
        mlme.auth = None;
        mlme.assoc = None;
    }
}

/// The time that mac80211 lets an association idle before it asks whether the AP is there.
pub(crate) const CONNECTION_IDLE: Duration = Duration::from_secs(30);
