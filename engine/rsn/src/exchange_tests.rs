//! Supplicant and authenticator against each other, over an air that loses, repeats and changes frames.

use super::authenticator::{AuthAction, AuthConfig, Authenticator, Moment, PtkState};
use super::supplicant::{AssocParams, RsnAction, Supplicant};
use super::{PeerFault, Selection};
use wpasim_runtime::entropy::Entropy;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{Cipher, Key, KeyScope};
use wpasim_wire::eapol::{EapolKey, KeyInfo};
use wpasim_wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};
use wpasim_wire::time::{Duration, Instant};

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const PMK: [u8; 32] = [7; 32];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum To {
    Ap,
    Sta,
}

struct Pair {
    now: Instant,
    sta: Supplicant,
    ap: Authenticator,
    /// Every frame that was sent, with its sender's view of encryption.
    sent: Vec<(Instant, To, Vec<u8>)>,
    in_flight: Vec<(To, Vec<u8>)>,
    /// The directions of the next frames that are lost.
    lose: Vec<To>,
    sta_keys: Vec<Key>,
    ap_keys: Vec<Key>,
    sta_log: Vec<RsnAction>,
    ap_log: Vec<AuthAction>,
    faults: Vec<(To, PeerFault)>,
    params: AssocParams,
}

fn moment(now: Instant) -> Moment<'static> {
    Moment { now, group_seq: &|_| [0; 6] }
}

impl Pair {
    fn new(config: AuthConfig, proto: Proto, pairwise: CipherSet) -> Pair {
        let entropy = Entropy::new(1, "pair");
        let mut ap = Authenticator::new(AP, config.clone(), entropy.stream("ap"), Instant::ZERO);
        ap.init_keys();
        let mut sta = Supplicant::new(STA, entropy.stream("sta"));
        sta.set_pmk(PMK);
        let selection = Selection { proto: Some(proto), pairwise, group: config.group, akm: AkmSet::PSK };
        let own = SecurityElement::new(proto, config.group, pairwise, AkmSet::PSK).emit();
        let params = AssocParams {
            ap_rsn_element: config.rsn_element(),
            ap_wpa_element: config.wpa_element(),
            ..AssocParams::new(AP, selection, own)
        };
        Pair {
            now: Instant::ZERO,
            sta,
            ap,
            sent: vec![],
            in_flight: vec![],
            lose: vec![],
            sta_keys: vec![],
            ap_keys: vec![],
            sta_log: vec![],
            ap_log: vec![],
            faults: vec![],
            params,
        }
    }

    fn wpa2() -> Pair {
        let mut config = AuthConfig::wpa2_psk(PMK);
        config.group_rekey = None;
        Pair::new(config, Proto::Rsn, CipherSet::CCMP)
    }

    fn associate(&mut self) {
        let security = self.ap.check_element(STA, &self.params.own_element, None).unwrap();
        self.sta.associated(self.params.clone());
        self.ap.associated(&moment(self.now), STA, security);
        self.collect();
    }

    /// Takes actions out; frames go into flight, with their acknowledgement.
    fn collect(&mut self) {
        for action in self.sta.take_actions() {
            match &action {
                RsnAction::Send { frame, .. } => self.transmit(To::Ap, frame.clone()),
                RsnAction::NewKey(key) => self.sta_keys.push(key.clone()),
                _ => {}
            }
            self.sta_log.push(action);
        }
        for action in self.ap.take_actions() {
            match &action {
                AuthAction::Send { frame, .. } => self.transmit(To::Sta, frame.clone()),
                AuthAction::NewKey(key) => self.ap_keys.push(key.clone()),
                _ => {}
            }
            self.ap_log.push(action);
        }
    }

    fn transmit(&mut self, to: To, frame: Vec<u8>) {
        self.sent.push((self.now, to, frame.clone()));
        if let Some(at) = self.lose.iter().position(|l| *l == to) {
            self.lose.remove(at);
            return;
        }
        self.in_flight.push((to, frame));
    }

    fn deliver(&mut self, to: To, frame: &[u8]) {
        let result = match to {
            To::Ap => self.ap.rx_eapol(&moment(self.now), STA, frame),
            To::Sta => {
                self.ap.eapol_tx_status(&moment(self.now), STA, true);
                self.sta.rx_eapol(self.now, AP, frame)
            }
        };
        if let Err(fault) = result {
            self.faults.push((to, fault));
        }
        self.collect();
    }

    /// Delivers what is in flight, and what follows from it.
    fn settle(&mut self) {
        while !self.in_flight.is_empty() {
            let (to, frame) = self.in_flight.remove(0);
            self.deliver(to, &frame);
        }
    }

    /// Jumps to the next deadline before `end`, and on to `end`.
    fn run_until(&mut self, end: Instant) {
        self.settle();
        while let Some(next) = [self.ap.next_timeout(), self.sta.next_timeout()].into_iter().flatten().min()
            && next <= end
        {
            self.now = next;
            self.ap.timeout(&moment(next));
            self.sta.timeout(next);
            self.collect();
            self.settle();
        }
        self.now = end;
    }

    fn run_for(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    fn frames_to(&self, to: To) -> Vec<EapolKey> {
        self.sent.iter().filter(|(_, t, _)| *t == to).map(|(_, _, f)| EapolKey::parse(f).unwrap()).collect()
    }

    fn connected(&self) -> bool {
        self.ap.ptk_state(STA) == Some(PtkState::InitDone) && self.sta.has_installed_ptk()
    }

    fn pairwise(keys: &[Key]) -> Vec<&Key> {
        keys.iter().filter(|k| k.scope != KeyScope::Group).collect()
    }

    fn same_keys(&self) -> bool {
        let last = |keys: &[Key]| Self::pairwise(keys).last().map(|k| k.key.clone());
        let group = |keys: &[Key]| {
            keys.iter().rev().find(|k| k.scope == KeyScope::Group).map(|k| (k.index, k.key.clone()))
        };
        last(&self.sta_keys) == last(&self.ap_keys)
            && last(&self.sta_keys).is_some()
            && group(&self.sta_keys) == group(&self.ap_keys)
    }
}

#[test]
fn four_messages_and_both_have_the_same_keys() {
    let mut p = Pair::wpa2();
    p.associate();
    p.settle();
    assert!(p.connected() && p.same_keys() && p.faults.is_empty());
    assert_eq!(p.sent.len(), 4);
    assert!(p.ap_log.contains(&AuthAction::HandshakeCompleted { addr: STA }));
    assert!(p.sta_log.contains(&RsnAction::KeysInstalled {
        first: true,
        ptk: Cipher::Ccmp,
        gtk: Some(Cipher::Ccmp)
    }));
    // Nothing is due any more.
    assert_eq!(p.ap.next_timeout().map(Instant::secs), Some(86_400));
}

#[test]
fn wpa1_with_tkip_gets_its_group_key_in_a_second_handshake() {
    let mut config = AuthConfig::wpa2_psk(PMK);
    (config.wpa, config.rsn) = (true, false);
    (config.group, config.wpa_pairwise) = (CipherSet::TKIP, CipherSet::TKIP);
    let mut p = Pair::new(config, Proto::Wpa, CipherSet::TKIP);
    p.associate();
    p.settle();
    assert!(p.connected() && p.same_keys() && p.faults.is_empty());
    assert_eq!(p.sent.len(), 6);
    assert!(p.frames_to(To::Sta).iter().all(|k| k.key_info.descriptor_version() == 1));
    assert_eq!(p.sta_keys.iter().map(|k| k.key.len()).collect::<Vec<_>>(), [32, 32]);
}

#[test]
fn wpa1_with_ccmp_wraps_the_bare_group_key() {
    let mut config = AuthConfig::wpa2_psk(PMK);
    (config.wpa, config.rsn, config.wpa_pairwise) = (true, false, CipherSet::CCMP);
    let mut p = Pair::new(config, Proto::Wpa, CipherSet::CCMP);
    p.associate();
    p.settle();
    assert!(p.connected() && p.same_keys() && p.faults.is_empty(), "{:?}", p.faults);
}

#[test]
fn mixed_mode_has_a_tkip_group_key_under_ccmp() {
    let mut config = AuthConfig::wpa2_psk(PMK);
    config.wpa = true;
    config.group = CipherSet::TKIP;
    config.wpa_pairwise = CipherSet::TKIP | CipherSet::CCMP;
    config.rsn_pairwise = CipherSet::TKIP | CipherSet::CCMP;
    for (proto, pairwise) in [
        (Proto::Rsn, CipherSet::CCMP),
        (Proto::Rsn, CipherSet::TKIP),
        (Proto::Wpa, CipherSet::CCMP),
        (Proto::Wpa, CipherSet::TKIP),
    ] {
        let mut p = Pair::new(config.clone(), proto, pairwise);
        p.associate();
        p.settle();
        assert!(p.connected() && p.same_keys(), "{proto:?} {pairwise:?} {:?}", p.faults);
    }
}

#[test]
fn every_single_lost_frame_is_made_good() {
    for to in [To::Ap, To::Sta] {
        for skip in 0..2 {
            let mut p = Pair::wpa2();
            p.associate();
            // Let `skip` exchanges pass, then lose the next frame in this direction.
            for _ in 0..skip * 2 + usize::from(to == To::Ap) {
                let (dir, frame) = p.in_flight.remove(0);
                p.deliver(dir, &frame);
            }
            p.in_flight.clear();
            p.run_for(Duration::from_secs(5));
            assert!(p.connected() && p.same_keys(), "{to:?} {skip} {:?}", p.faults);
        }
    }
}

#[test]
fn message_1_is_sent_again_after_100_ms_without_acknowledgement_and_1_s_with_it() {
    let mut p = Pair::wpa2();
    p.lose = vec![To::Sta];
    p.associate();
    p.settle();
    p.run_for(Duration::from_millis(99));
    assert_eq!(p.frames_to(To::Sta).len(), 1);
    p.run_for(Duration::from_millis(1));
    assert_eq!(p.frames_to(To::Sta).len(), 3, "message 1 again, then message 3");

    let mut p = Pair::wpa2();
    p.lose = vec![To::Ap];
    p.associate();
    p.settle();
    p.run_for(Duration::from_millis(999));
    assert_eq!(p.frames_to(To::Sta).len(), 1);
    p.run_for(Duration::from_millis(1));
    assert_eq!(p.frames_to(To::Sta).len(), 3);
    assert!(p.connected());
}

#[test]
fn a_wrong_pre_shared_key_ends_with_reason_15_after_four_tries() {
    let mut p = Pair::wpa2();
    p.sta.set_pmk([8; 32]);
    p.associate();
    p.run_for(Duration::from_millis(3_999));
    let mismatches = p.ap_log.iter().filter(|a| matches!(a, AuthAction::PossiblePskMismatch { .. })).count();
    assert_eq!(mismatches, 4);
    let disconnect = AuthAction::Disconnect { addr: STA, reason: 15 };
    assert!(!p.ap_log.contains(&disconnect));
    p.run_for(Duration::from_millis(1));
    assert!(p.ap_log.contains(&disconnect));
    assert!(Pair::pairwise(&p.ap_keys).is_empty() && p.sta_keys.is_empty());
    p.sta.disassociated();
    assert!(p.sta.mib().contains("dot11RSNA4WayHandshakeFailures=1\n"));
    assert!(p.ap.mib().contains("dot11RSNA4WayHandshakeFailures=1\n"));
}

/// CVE-2017-13077: message 3 again, because message 4 was lost or held back.
#[test]
fn message_3_again_does_not_install_the_key_again() {
    let mut p = Pair::wpa2();
    p.associate();
    for _ in 0..3 {
        let (to, frame) = p.in_flight.remove(0);
        p.deliver(to, &frame);
    }
    assert_eq!(p.sta_keys.len(), 2);
    p.in_flight.clear(); // message 4
    p.run_for(Duration::from_secs(3));
    assert!(p.connected() && p.same_keys());
    assert_eq!(p.sta_keys.len(), 2, "neither PTK nor GTK a second time");
    // The very same message 3 replayed is refused for its counter.
    let third = p.sent.iter().rev().find(|(_, to, _)| *to == To::Sta).unwrap().2.clone();
    p.deliver(To::Sta, &third);
    assert_eq!(p.faults.last(), Some(&(To::Sta, PeerFault::ReplayCounter)));
    assert_eq!(p.sta_keys.len(), 2);
}

/// A forged message 1 between 1 and 3 makes a tentative key that message 3 does not verify: the
/// handshake fails as it does with wpa_supplicant, but no key is installed and the next one works.
#[test]
fn a_forged_message_1_costs_this_handshake_only() {
    let mut p = Pair::wpa2();
    p.associate();
    for _ in 0..2 {
        let (to, frame) = p.in_flight.remove(0);
        p.deliver(to, &frame);
    }
    let mut forged = p.frames_to(To::Sta)[0].clone();
    forged.nonce = [0x55; 32];
    p.deliver(To::Sta, &forged.emit());
    p.run_for(Duration::from_secs(10));
    assert!(p.sta_keys.is_empty());
    assert!(p.ap_log.contains(&AuthAction::Disconnect { addr: STA, reason: 15 }));
    p.sta.disassociated();
    p.associate();
    p.settle();
    assert!(p.connected() && p.same_keys(), "{:?}", p.faults);
}

/// CVE-2017-13080: the group handshake's message 1 again.
#[test]
fn group_message_1_again_does_not_install_the_key_again() {
    let mut p = Pair::wpa2();
    p.associate();
    p.settle();
    p.now += Duration::from_secs(1);
    p.ap.rekey_gtk(&moment(p.now));
    p.collect();
    let (to, frame) = p.in_flight.remove(0);
    p.deliver(to, &frame);
    let installed = p.sta_keys.len();
    assert_eq!(installed, 3);
    p.in_flight.clear(); // message 2
    p.run_for(Duration::from_millis(499));
    assert_eq!(p.ap_keys.len(), 3, "the AP still transmits with the old key");
    p.run_for(Duration::from_millis(1));
    assert_eq!(p.sta_keys.len(), installed);
    assert!(p.same_keys());
    p.deliver(To::Sta, &frame);
    assert_eq!(p.faults.last(), Some(&(To::Sta, PeerFault::ReplayCounter)));
    assert_eq!(p.sta_keys.len(), installed);
    assert!(p.sta_log.contains(&RsnAction::GroupRekeyed { gtk: Cipher::Ccmp }));
}

#[test]
fn the_group_key_is_renewed_by_the_timer_and_by_a_station_that_leaves() {
    let mut config = AuthConfig::wpa2_psk(PMK);
    config.group_rekey = Some(Duration::from_secs(3));
    config.strict_rekey = true;
    let mut p = Pair::new(config, Proto::Rsn, CipherSet::CCMP);
    p.associate();
    p.run_for(Duration::from_secs(7));
    let indices: Vec<_> = p.sta_keys.iter().filter(|k| k.scope == KeyScope::Group).map(|k| k.index).collect();
    assert_eq!(indices, [1, 2, 1]);
    assert!(p.same_keys());
    p.ap.removed(&moment(p.now), STA);
    assert_eq!(p.ap.next_timeout(), Some(p.now + Duration::from_millis(500)));
}

#[test]
fn a_station_that_never_confirms_the_group_key_is_disconnected() {
    let mut p = Pair::wpa2();
    p.associate();
    p.settle();
    p.lose = vec![To::Ap; 4];
    p.ap.rekey_gtk(&moment(p.now));
    p.collect();
    p.run_for(Duration::from_millis(3_500));
    assert!(p.ap_log.contains(&AuthAction::Disconnect { addr: STA, reason: 16 }));
}

#[test]
fn a_request_starts_a_new_pairwise_handshake_under_the_old_protection() {
    let mut p = Pair::wpa2();
    p.params.ptk_rekey = Some(Duration::from_secs(10));
    p.associate();
    p.run_for(Duration::from_secs(11));
    assert_eq!(Pair::pairwise(&p.sta_keys).len(), 2);
    assert!(p.connected() && p.same_keys());
    let encrypted: Vec<_> = p
        .ap_log
        .iter()
        .filter_map(|a| if let AuthAction::Send { encrypt, .. } = a { Some(*encrypt) } else { None })
        .collect();
    assert_eq!(encrypted, [false, false, true, true]);
}

#[test]
fn elements_that_differ_from_the_beacon_end_with_reason_17() {
    let mut p = Pair::wpa2();
    let mut other = SecurityElement::parse(p.params.ap_rsn_element.as_deref().unwrap()).unwrap();
    other.pairwise |= CipherSet::TKIP;
    p.params.ap_rsn_element = Some(other.emit());
    p.associate();
    p.settle();
    assert!(p.sta_log.contains(&RsnAction::Deauthenticate { reason: 17 }));
    assert_eq!(p.faults, [(To::Sta, PeerFault::ElementsDiffer)]);
    assert!(p.sta_keys.is_empty());
}

#[test]
fn changed_frames_change_nothing() {
    for at in [4, 5, 17, 40, 82, 98, 110] {
        let mut p = Pair::wpa2();
        p.associate();
        for _ in 0..2 {
            let (to, frame) = p.in_flight.remove(0);
            p.deliver(to, &frame);
        }
        let (_, mut third) = p.in_flight.remove(0);
        third[at] ^= 0x10;
        p.deliver(To::Sta, &third);
        assert!(p.sta_keys.is_empty(), "octet {at}");
        p.run_for(Duration::from_secs(3));
        assert!(p.connected() && p.same_keys(), "octet {at}: {:?}", p.faults);
    }
}

#[test]
fn unauthenticated_or_misplaced_frames_are_refused_by_name() {
    let mut p = Pair::wpa2();
    p.associate();
    let first = p.frames_to(To::Sta)[0].clone();
    let with = |info: KeyInfo| EapolKey { key_info: info, ..first.clone() }.emit();
    let v2 = KeyInfo::ACK.with_version(2);
    for (info, fault) in [
        (v2 | KeyInfo::PAIRWISE | KeyInfo::ENCRYPTED, PeerFault::EncryptedUnauthenticated),
        (v2, PeerFault::GroupWithoutMic),
        (v2 | KeyInfo::MIC, PeerFault::NoKeyToVerify),
        (KeyInfo::PAIRWISE.with_version(2), PeerFault::NoAckBit),
        (v2 | KeyInfo::REQUEST | KeyInfo::PAIRWISE, PeerFault::RequestBit),
        (v2 | KeyInfo::SMK, PeerFault::SmkMessage),
        (KeyInfo::ACK | KeyInfo::PAIRWISE, PeerFault::DescriptorVersion(0)),
        (KeyInfo::ACK.with_version(1) | KeyInfo::PAIRWISE, PeerFault::DescriptorVersionUnderCcmp(1)),
    ] {
        assert_eq!(p.sta.rx_eapol(p.now, AP, &with(info)), Err(fault));
    }
    assert_eq!(p.sta.rx_eapol(p.now, STA, &first.emit()), Err(PeerFault::WrongSource));
}
