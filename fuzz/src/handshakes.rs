//! Targets for the key handshakes: a supplicant and an authenticator over an air that the input rules.

use std::collections::VecDeque;

use wpasim_engine::entropy::Entropy;
use wpasim_engine::rsn::authenticator::{AuthAction, AuthConfig, Authenticator, Moment};
use wpasim_engine::rsn::{AssocParams, RsnAction, Selection, Supplicant};
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::driver::{Key, KeyScope};
use wpasim_engine::wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};
use wpasim_engine::wire::time::{Duration, Instant};

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);

/// Enough for every path, and an end to every input.
const STEPS: usize = 400;

struct Pair {
    now: Instant,
    sta: Supplicant,
    ap: Authenticator,
    to_sta: VecDeque<Vec<u8>>,
    to_ap: VecDeque<Vec<u8>>,
    past_to_sta: Vec<Vec<u8>>,
    past_to_ap: Vec<Vec<u8>>,
    params: AssocParams,
    sta_keys: Vec<Key>,
    ap_keys: Vec<Key>,
}

fn moment(now: Instant) -> Moment<'static> {
    Moment { now, group_seq: &|_| [0; 6] }
}

/// Octets that decide what happens next.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    pub fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A length, and so many octets or what is left.
    pub fn octets(&mut self) -> Vec<u8> {
        let n = usize::from(self.octet().unwrap_or(0)).min(self.0.len());
        let (taken, rest) = self.0.split_at(n);
        self.0 = rest;
        taken.to_vec()
    }
}

impl Pair {
    fn new(mode: u8) -> Pair {
        let entropy = Entropy::new(1, "fuzz");
        let mut config = AuthConfig::wpa2_psk([7; 32]);
        let proto = if mode & 1 == 0 { Proto::Rsn } else { Proto::Wpa };
        let pairwise = if mode & 2 == 0 { CipherSet::CCMP } else { CipherSet::TKIP };
        (config.rsn, config.wpa) = (true, true);
        config.rsn_pairwise = CipherSet::CCMP | CipherSet::TKIP;
        config.wpa_pairwise = CipherSet::CCMP | CipherSet::TKIP;
        config.group = CipherSet::TKIP;
        let selection = Selection { proto: Some(proto), pairwise, group: config.group, akm: AkmSet::PSK };
        let own = SecurityElement::new(proto, config.group, pairwise, AkmSet::PSK).emit();
        let params = AssocParams {
            ap_rsn_element: config.rsn_element(),
            ap_wpa_element: config.wpa_element(),
            ..AssocParams::new(AP, selection, own)
        };
        let mut ap = Authenticator::new(AP, config, entropy.stream("ap"), Instant::ZERO);
        ap.init_keys();
        let mut sta = Supplicant::new(STA, entropy.stream("sta"));
        sta.set_pmk([7; 32]);
        let mut pair = Pair {
            now: Instant::ZERO,
            sta,
            ap,
            to_sta: VecDeque::new(),
            to_ap: VecDeque::new(),
            past_to_sta: Vec::new(),
            past_to_ap: Vec::new(),
            params,
            sta_keys: Vec::new(),
            ap_keys: Vec::new(),
        };
        pair.associate();
        pair
    }

    fn associate(&mut self) {
        let security = self.ap.check_element(STA, &self.params.own_element, None).expect("it is offered");
        self.sta.associated(self.params.clone());
        self.sta_keys.clear();
        self.ap.associated(&moment(self.now), STA, security);
        self.collect();
    }

    fn collect(&mut self) {
        for action in self.sta.take_actions() {
            match action {
                RsnAction::Send { frame, .. } => {
                    self.past_to_ap.push(frame.clone());
                    self.to_ap.push_back(frame);
                }
                RsnAction::NewKey(key) => {
                    // Nothing on the air may install a key again while the association lasts.
                    assert!(!self.sta_keys.iter().any(|k| k.key == key.key), "a key was reinstalled");
                    self.sta_keys.push(key);
                }
                _ => {}
            }
        }
        for action in self.ap.take_actions() {
            match action {
                AuthAction::Send { frame, .. } => {
                    self.past_to_sta.push(frame.clone());
                    self.to_sta.push_back(frame);
                }
                AuthAction::NewKey(key) if key.scope != KeyScope::Group => {
                    assert!(!self.ap_keys.iter().any(|k| k.key == key.key), "a key was reinstalled");
                    self.ap_keys.push(key);
                }
                _ => {}
            }
        }
    }

    fn give_sta(&mut self, frame: &[u8]) {
        let _ = self.sta.rx_eapol(self.now, AP, frame);
        self.collect();
    }

    fn give_ap(&mut self, frame: &[u8]) {
        let _ = self.ap.rx_eapol(&moment(self.now), STA, frame);
        self.collect();
    }

    fn step(&mut self, choices: &mut Choices<'_>) -> Option<()> {
        match choices.octet()? % 16 {
            0 => {
                if let Some(frame) = self.to_sta.pop_front() {
                    self.give_sta(&frame);
                }
            }
            1 => {
                if let Some(frame) = self.to_ap.pop_front() {
                    self.give_ap(&frame);
                }
            }
            2 => drop(self.to_sta.pop_front()),
            3 => drop(self.to_ap.pop_front()),
            4 => {
                let n = usize::from(choices.octet()?);
                if let Some(frame) = self.past_to_sta.get(n % self.past_to_sta.len().max(1)).cloned() {
                    self.give_sta(&frame);
                }
            }
            5 => {
                let n = usize::from(choices.octet()?);
                if let Some(frame) = self.past_to_ap.get(n % self.past_to_ap.len().max(1)).cloned() {
                    self.give_ap(&frame);
                }
            }
            6 => {
                let (at, flip) = (usize::from(choices.octet()?), choices.octet()?);
                if let Some(mut frame) = self.to_sta.front().cloned() {
                    let len = frame.len();
                    frame[at % len] ^= flip;
                    self.give_sta(&frame);
                }
            }
            7 => {
                let (at, flip) = (usize::from(choices.octet()?), choices.octet()?);
                if let Some(mut frame) = self.to_ap.front().cloned() {
                    let len = frame.len();
                    frame[at % len] ^= flip;
                    self.give_ap(&frame);
                }
            }
            8 => {
                let frame = choices.octets();
                self.give_sta(&frame);
            }
            9 => {
                let frame = choices.octets();
                self.give_ap(&frame);
            }
            10 => {
                self.now += Duration::from_millis(i64::from(choices.octet()?) * 10);
                self.ap.timeout(&moment(self.now));
                self.sta.timeout(self.now);
                self.collect();
            }
            11 => {
                self.ap.rekey_gtk(&moment(self.now));
                self.collect();
            }
            12 => {
                let bits = choices.octet()?;
                self.sta.request_key(bits & 1 != 0, bits & 2 != 0);
                self.collect();
            }
            13 => {
                self.ap.eapol_tx_status(&moment(self.now), STA, choices.octet()? & 1 != 0);
                self.collect();
            }
            14 => {
                self.ap.resend_message_3(&moment(self.now), STA);
                self.ap.resend_group_message_1(&moment(self.now), STA);
                self.collect();
            }
            _ => {
                self.sta.disassociated();
                self.ap.deauthenticated(STA);
                self.collect();
                self.associate();
            }
        }
        Some(())
    }
}

/// Frames are delivered, lost, replayed, changed and made up as the input says. No key is ever
/// installed twice, and nothing panics.
pub fn handshake(data: &[u8]) {
    let mut choices = Choices(data);
    let mut pair = Pair::new(choices.octet().unwrap_or(0));
    for _ in 0..STEPS {
        if pair.step(&mut choices).is_none() {
            return;
        }
    }
}
