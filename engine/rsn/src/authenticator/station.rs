//! The pairwise and the group machine of one station.

use super::{AuthAction, Authenticator, Moment, StationSecurity, Timer};
use wpasim_runtime::Secret;
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::{self, Pmk, Ptk, PtkContext};
use wpasim_wire::driver::{Key, KeyScope};
use wpasim_wire::eapol::{DESCRIPTOR_RSN, DESCRIPTOR_WPA, EapolKey, KeyInfo};
use wpasim_wire::ieee80211::reason;
use wpasim_wire::kde::{self, GtkKde};
use wpasim_wire::rsne::{CipherSet, Proto};

/// As many replay counters as frames may be unanswered.
const REMEMBERED_COUNTERS: usize = 4;

/// States of the pairwise machine (§12.7.9.3), with hostapd's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PtkState {
    Initialize = 0,
    Disconnect = 1,
    Disconnected = 2,
    Authentication = 3,
    Authentication2 = 4,
    InitPmk = 5,
    InitPsk = 6,
    Start = 7,
    CalcNegotiating = 8,
    CalcNegotiating2 = 9,
    InitNegotiating = 10,
    InitDone = 11,
}

/// States of the group machine of a station (§12.7.9.4), with hostapd's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupState {
    Idle = 0,
    RekeyNegotiating = 1,
    RekeyEstablished = 2,
    KeyError = 3,
}

#[derive(Debug)]
pub(super) struct Station {
    pub security: StationSecurity,
    pub state: PtkState,
    pub group_state: GroupState,
    /// The place of the station in the order of joining.
    pub joined: u64,
    pub pmk: Option<Pmk>,
    pub anonce: [u8; 32],
    pub snonce: [u8; 32],
    /// Only a PTK under which a MIC of the station verified.
    pub ptk: Option<Ptk>,
    pub pairwise_set: bool,
    pub attempts: u32,
    pub group_attempts: u32,
    pub message_1_pending: bool,
    counter: u64,
    /// Replay counters of unanswered frames, newest first.
    pub unanswered: Vec<u64>,
    /// Those that were unanswered when message 2 came.
    pub previously_unanswered: Vec<u64>,
    /// The SNonce and replay counter before a late message 2 changed the SNonce.
    pub alternative: Option<([u8; 32], u64)>,
    pub last_request: Option<u64>,
    pub message_2_was_secure: bool,
    pub has_gtk: bool,
    pub update_group_key: bool,
    pub local_michael_failures: u32,
    pub remote_michael_failures: u32,
}

impl Station {
    fn new(security: StationSecurity, joined: u64) -> Self {
        Station {
            security,
            state: PtkState::Initialize,
            group_state: GroupState::Idle,
            joined,
            pmk: None,
            anonce: [0; 32],
            snonce: [0; 32],
            ptk: None,
            pairwise_set: false,
            attempts: 0,
            group_attempts: 0,
            message_1_pending: false,
            counter: 0,
            unanswered: Vec::new(),
            previously_unanswered: Vec::new(),
            alternative: None,
            last_request: None,
            message_2_was_secure: false,
            has_gtk: false,
            update_group_key: false,
            local_michael_failures: 0,
            remote_michael_failures: 0,
        }
    }

    fn descriptor_version(&self) -> u8 {
        if self.security.akm.uses_sha256() {
            3
        } else if self.security.pairwise != CipherSet::TKIP {
            2
        } else {
            1
        }
    }

    pub(super) fn derive(&self, pmk: &Pmk, aa: MacAddr, spa: MacAddr, snonce: &[u8; 32]) -> Ptk {
        let context = PtkContext { aa, spa, anonce: &self.anonce, snonce };
        let sha256 = self.security.akm.uses_sha256();
        crypto::derive_ptk(pmk, &context, sha256, self.security.pairwise.key_len())
    }

    fn next_counter(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(1);
        self.unanswered.insert(0, self.counter);
        self.unanswered.truncate(REMEMBERED_COUNTERS);
        self.counter
    }
}

/// A frame before it has a counter, keys and a MIC.
struct Draft {
    info: KeyInfo,
    nonce: [u8; 32],
    rsc: [u8; 8],
    key_data: Vec<u8>,
    encrypt: bool,
    key_index: u8,
}

impl Authenticator {
    /// A station associated that was not associated before.
    pub fn associated(&mut self, moment: &Moment<'_>, addr: MacAddr, security: StationSecurity) {
        if self.stations.contains_key(&addr) {
            self.remove_keys(addr);
        }
        self.joined += 1;
        let joined = self.joined;
        let station = self.stations.entry(addr).or_insert_with(|| Station::new(security.clone(), joined));
        station.security = security;
        station.unanswered.clear();
        station.counter = 0;
        self.initialize(addr);
        self.authenticate(moment, addr);
    }

    /// An associated station associated again.
    pub fn reassociated(&mut self, moment: &Moment<'_>, addr: MacAddr, security: StationSecurity) {
        let Some(station) = self.stations.get_mut(&addr) else {
            return self.associated(moment, addr, security);
        };
        station.security = security;
        self.remove_keys(addr);
        if self.config.deny_ptk0_rekey {
            return self.disconnect(addr, reason::CLASS3_FRAME_FROM_NONASSOC_STA);
        }
        self.confirm_group_key(addr);
        if let Some(station) = self.stations.get_mut(&addr) {
            station.group_state = GroupState::Idle;
            station.group_attempts = 0;
        }
        self.authenticate(moment, addr);
    }

    /// A station authenticated again, or its keys are void for another reason; its machine stays.
    pub fn authentication_seen(&mut self, addr: MacAddr) {
        self.remove_keys(addr);
    }

    /// A station left, but its entry stays for a while.
    pub fn deauthenticated(&mut self, addr: MacAddr) {
        if self.stations.contains_key(&addr) {
            self.remove_keys(addr);
            self.initialize(addr);
        }
    }

    /// A station's entry is removed.
    pub fn removed(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        if !self.stations.contains_key(&addr) {
            return;
        }
        self.timers.cancel(Timer::Eapol(addr));
        self.timers.cancel(Timer::RekeyPtk(addr));
        self.forget_wanted_psks(addr);
        self.confirm_group_key(addr);
        if let Some(station) = self.stations.remove(&addr)
            && self.config.strict_rekey
            && station.has_gtk
        {
            self.schedule_strict_rekey(moment);
        }
    }

    fn remove_keys(&mut self, addr: MacAddr) {
        if let Some(station) = self.stations.get_mut(&addr) {
            station.ptk = None;
            let installed = core::mem::take(&mut station.pairwise_set);
            self.timers.cancel(Timer::RekeyPtk(addr));
            if installed {
                self.actions.push(AuthAction::RemovePairwiseKey { addr });
            }
        }
    }

    fn initialize(&mut self, addr: MacAddr) {
        self.stop_awaiting(addr);
        self.forget_wanted_psks(addr);
        self.confirm_group_key(addr);
        if let Some(station) = self.stations.get_mut(&addr) {
            station.state = PtkState::Initialize;
            station.group_state = GroupState::Idle;
            station.group_attempts = 0;
            station.attempts = 0;
        }
        self.remove_keys(addr);
        self.actions.push(AuthAction::SetAuthorized { addr, authorized: false });
    }

    fn authenticate(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        self.ensure_keys_are_fresh();
        let anonce = self.random.bytes();
        let psk = self.config.first_psk_for(addr).copied();
        let may_come = self.config.has_psk_for(addr);
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        station.anonce = anonce;
        station.attempts = 0;
        station.last_request = None;
        station.pmk = psk;
        if !may_come {
            self.handshake_failures = self.handshake_failures.wrapping_add(1);
            return self.disconnect(addr, reason::PREV_AUTH_NOT_VALID);
        }
        self.want_psks(moment.now, addr);
        self.send_message_1(moment, addr);
    }

    /// A new pairwise key under a new nonce.
    pub(super) fn request_new_ptk(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        if self.config.deny_ptk0_rekey {
            return self.disconnect(addr, reason::CLASS3_FRAME_FROM_NONASSOC_STA);
        }
        let anonce = self.random.bytes();
        let Some(station) = self.stations.get_mut(&addr) else {
            return;
        };
        station.ptk = None;
        station.anonce = anonce;
        station.attempts = 0;
        self.send_message_1(moment, addr);
    }

    pub(super) fn disconnect(&mut self, addr: MacAddr, reason: u16) {
        self.actions.push(AuthAction::Disconnect { addr, reason });
        self.deauthenticated(addr);
    }

    fn give_up(&mut self, addr: MacAddr) {
        self.handshake_failures = self.handshake_failures.wrapping_add(1);
        self.disconnect(addr, reason::FOURWAY_HANDSHAKE_TIMEOUT);
    }

    pub(super) fn send_message_1(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let limit = self.config.pairwise_update_count;
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        station.state = PtkState::Start;
        station.alternative = None;
        station.attempts += 1;
        if station.attempts > limit {
            return self.give_up(addr);
        }
        let (nonce, attempts) = (station.anonce, station.attempts);
        let draft = Draft {
            info: KeyInfo::ACK | KeyInfo::PAIRWISE,
            nonce,
            rsc: [0; 8],
            key_data: Vec::new(),
            encrypt: false,
            key_index: 0,
        };
        self.send(moment, addr, draft, attempts);
    }

    /// Message 2 verified under this key.
    pub(super) fn ptk_verified(&mut self, moment: &Moment<'_>, addr: MacAddr, ptk: Ptk) {
        self.stop_awaiting(addr);
        if let Some(station) = self.stations.get_mut(&addr) {
            station.ptk = Some(ptk);
            station.attempts = 0;
        }
        self.send_message_3(moment, addr);
    }

    pub(super) fn send_message_3(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let limit = if self.config.disable_retries { 1 } else { self.config.pairwise_update_count };
        let group_index = self.group.index;
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        station.state = PtkState::InitNegotiating;
        station.attempts += 1;
        if station.attempts > limit {
            return self.give_up(addr);
        }
        let attempts = station.attempts;
        let rsc = self.group_rsc(moment, group_index);
        if let Some(draft) = self.draft_message_3(addr, rsc) {
            self.send(moment, addr, draft, attempts);
        }
    }

    fn draft_message_3(&self, addr: MacAddr, rsc: [u8; 8]) -> Option<Draft> {
        let station = self.stations.get(&addr)?;
        let rsn = station.security.proto == Proto::Rsn;
        let mut info = KeyInfo::MIC | KeyInfo::ACK | KeyInfo::INSTALL | KeyInfo::PAIRWISE;
        let mut key_data = Vec::new();
        if rsn {
            info |= KeyInfo::SECURE;
            key_data.extend(self.config.rsn_element().into_iter().flatten());
            key_data.extend(self.config.wpa_element().into_iter().flatten());
            if let Some(own) = &self.config.overrides.own_elements {
                key_data.clone_from(own);
            }
            key_data = self.config.overrides.in_message_3(key_data);
            let gtk = GtkKde { index: self.group.index, tx: false, key: self.group.key().to_vec() };
            kde::push_gtk(&mut key_data, &gtk);
        } else {
            // Some stations set Secure in message 2 after a Michael failure and expect it back.
            if station.message_2_was_secure {
                info |= KeyInfo::SECURE;
            }
            key_data.extend(self.config.wpa_element().into_iter().flatten());
        }
        let rsc = if rsn { rsc } else { [0; 8] };
        Some(Draft { info, nonce: station.anonce, rsc, key_data, encrypt: rsn, key_index: 0 })
    }

    /// Message 4 came: the key is installed and the port opens.
    pub(super) fn handshake_done(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        station.state = PtkState::InitDone;
        let proto = station.security.proto;
        let cipher = station.security.pairwise.driver_cipher();
        if let (Some(ptk), Some(cipher)) = (&station.ptk, cipher) {
            let key = ptk.tk.clone();
            self.actions.push(AuthAction::Secret(Secret::TemporalKey { key: key.clone() }));
            self.actions.push(AuthAction::NewKey(Key {
                cipher,
                scope: KeyScope::Pairwise(addr),
                index: 0,
                key,
                rsc: [0; 6],
                tx: true,
            }));
        }
        station.pairwise_set = true;
        station.has_gtk |= proto == Proto::Rsn;
        if let Some(period) = self.config.ptk_rekey {
            self.timers.set(Timer::RekeyPtk(addr), moment.now + period);
        }
        self.actions.push(AuthAction::SetAuthorized { addr, authorized: true });
        self.actions.push(AuthAction::HandshakeCompleted { addr });
        if proto == Proto::Wpa {
            // WPA's message 3 has no group key: it follows.
            self.start_group_handshake(moment, addr);
        }
    }

    pub(super) fn start_group_handshake(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        if self.stations.get(&addr).is_some_and(|s| s.group_state == GroupState::Idle) {
            self.send_group_message_1(moment, addr);
        }
    }

    pub(super) fn send_group_message_1(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let limit = if self.config.disable_retries { 1 } else { self.config.group_update_count };
        let (index, in_use) = (self.group.index, self.group.in_use());
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        station.group_state = GroupState::RekeyNegotiating;
        station.group_attempts += 1;
        if station.group_attempts > limit {
            return self.disconnect(addr, reason::GROUP_KEY_UPDATE_TIMEOUT);
        }
        let attempts = station.group_attempts;
        let rsc = if in_use { self.group_rsc(moment, index) } else { [0; 8] };
        if let Some(draft) = self.draft_group_message_1(addr, rsc) {
            self.send(moment, addr, draft, attempts);
        }
    }

    fn draft_group_message_1(&self, addr: MacAddr, rsc: [u8; 8]) -> Option<Draft> {
        let station = self.stations.get(&addr)?;
        let (index, key) = (self.group.index, self.group.key().to_vec());
        let key_data = if station.security.proto == Proto::Rsn {
            let mut data = Vec::new();
            kde::push_gtk(&mut data, &GtkKde { index, tx: false, key });
            data
        } else {
            key
        };
        let info = KeyInfo::SECURE | KeyInfo::MIC | KeyInfo::ACK;
        Some(Draft { info, nonce: [0; 32], rsc, key_data, encrypt: true, key_index: index })
    }

    /// The group key was confirmed.
    pub(super) fn group_handshake_done(&mut self, addr: MacAddr) {
        if let Some(station) = self.stations.get_mut(&addr) {
            station.group_state = GroupState::Idle;
            station.group_attempts = 0;
            station.has_gtk = true;
        }
        self.confirm_group_key(addr);
    }

    /// Returns the packet number that stations take the group key from.
    //= hostap@2.10 src/ap/wpa_auth.c#wpa_auth_get_seqnum
    fn group_rsc(&self, moment: &Moment<'_>, index: u8) -> [u8; 8] {
        let [a, b, c, d, e, f] = (moment.group_seq)(index);
        self.config.overrides.group_rsc.unwrap_or([a, b, c, d, e, f, 0, 0])
    }

    fn send(&mut self, moment: &Moment<'_>, addr: MacAddr, draft: Draft, attempt: u32) {
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        let version = station.descriptor_version();
        let rsn = station.security.proto == Proto::Rsn;
        let pairwise = draft.info.has(KeyInfo::PAIRWISE);
        let mut info = draft.info.with_version(version);
        if rsn && draft.encrypt {
            info |= KeyInfo::ENCRYPTED;
        }
        if !rsn {
            info = info.with_key_index(draft.key_index);
        }
        let cipher = if pairwise { station.security.pairwise } else { self.config.group };
        let mut key = EapolKey {
            version: self.config.eapol_version,
            descriptor_type: if rsn { DESCRIPTOR_RSN } else { DESCRIPTOR_WPA },
            key_info: info,
            key_length: if rsn && !pairwise { 0 } else { cipher.key_len() as u16 },
            replay_counter: station.next_counter(),
            nonce: draft.nonce,
            rsc: draft.rsc,
            key_data: draft.key_data,
            ..EapolKey::default()
        };
        let ptk = station.ptk.as_ref().map(|p| (p.kck, p.kek));
        let encrypt = station.pairwise_set;
        if draft.encrypt
            && let Some((_, kek)) = &ptk
        {
            if version == 1 {
                key.iv = self.group.next_iv();
                key.key_data = crypto::rc4_key_data(kek, &key.iv, &key.key_data);
            } else {
                kde::pad(&mut key.key_data);
                key.key_data = crypto::key_wrap(kek, &key.key_data).unwrap_or_default();
            }
        }
        let frame = match ptk {
            Some((kck, _)) if info.has(KeyInfo::MIC) => {
                let mut frame = key.emit_signed(&kck);
                if !pairwise && self.config.overrides.corrupts_group_mic(&mut self.mistakes) {
                    corrupt_mic(&mut frame);
                }
                frame
            }
            // Without a PTK nothing that has to be authenticated can be sent; the timer goes on.
            None if info.has(KeyInfo::MIC) => return self.await_answer(moment, addr, info, attempt),
            _ => key.emit(),
        };
        self.actions.push(AuthAction::Send { dest: addr, frame, encrypt });
        self.await_answer(moment, addr, info, attempt);
    }
}

/// Frames out of turn, for tests of supplicants (hostapd's RESEND_* commands).
impl Authenticator {
    /// Message 1 again; the state stays what it is.
    pub fn resend_message_1(&mut self, moment: &Moment<'_>, addr: MacAddr, change_anonce: bool) {
        let other = self.random.bytes();
        let Some(station) = self.stations.get(&addr) else { return never!("the station has a key machine") };
        let draft = Draft {
            info: KeyInfo::ACK | KeyInfo::PAIRWISE,
            nonce: if change_anonce { other } else { station.anonce },
            rsc: [0; 8],
            key_data: Vec::new(),
            encrypt: false,
            key_index: 0,
        };
        let attempts = station.attempts;
        self.send(moment, addr, draft, attempts);
    }

    /// Message 3 again, with a packet number of zero for the group key.
    pub fn resend_message_3(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let attempts = self.stations.get(&addr).map_or(0, |s| s.attempts);
        if let Some(draft) = self.draft_message_3(addr, [0; 8]) {
            self.send(moment, addr, draft, attempts);
        }
    }

    /// The group handshake's message 1 again, with a packet number of zero.
    pub fn resend_group_message_1(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        let attempts = self.stations.get(&addr).map_or(0, |s| s.group_attempts);
        if let Some(draft) = self.draft_group_message_1(addr, [0; 8]) {
            self.send(moment, addr, draft, attempts);
        }
    }

    /// A new pairwise key (REKEY_PTK).
    pub fn rekey_ptk(&mut self, moment: &Moment<'_>, addr: MacAddr) {
        self.request_new_ptk(moment, addr);
    }

    /// The master key of a station, once there is one.
    pub fn pmk(&self, addr: MacAddr) -> Option<Pmk> {
        self.stations.get(&addr)?.pmk
    }
}

/// Changes the first octet of the MIC of an EAPOL-Key frame.
fn corrupt_mic(frame: &mut [u8]) {
    const MIC: usize = 81;
    if let Some(octet) = frame.get_mut(MIC) {
        *octet = octet.wrapping_add(1);
    }
}
