//! The checks that a received frame passes before it is acted on.

use super::super::fault::{FaultContext, PeerFault};
use super::super::proof::{Authentic, Received};
use super::{AssocParams, Handshake, Phase, ProvenPtk, RsnAction, Supplicant};
use wpasim_runtime::Level;
use wpasim_wire::MacAddr;
use wpasim_wire::eapol::{EapolKey, KeyInfo};
use wpasim_wire::ieee80211::reason;
use wpasim_wire::rsne::{CipherSet, Proto};
use wpasim_wire::time::Instant;

impl Supplicant {
    /// A received EAPOL frame. Frames that are no EAPOL-Key frames are refused as malformed.
    /// 2.10 accepts a frame whether or not it came `encrypted`, so this does too.
    pub fn rx_eapol(&mut self, now: Instant, src: MacAddr, frame: &[u8]) -> Result<(), PeerFault> {
        let before = self.actions.len();
        let result = self.process(now, src, frame);
        if let (Err(fault), Some(params)) = (result, &self.params) {
            let context = FaultContext {
                pairwise_cipher: self.selection.pairwise.text(),
                group_cipher: self.selection.group.text(),
                in_group_handshake: self.phase == Phase::Running(Handshake::Group),
            };
            if let Some((level, text)) = fault.supplicant_message(params.bssid, &context) {
                // A fault is told before the connection is left for it.
                let leaves =
                    |a: &RsnAction| matches!(a, RsnAction::Deauthenticate { .. } | RsnAction::Reconnect);
                let first = self.actions.iter().skip(before).position(leaves);
                let after = self.actions.split_off(first.map_or(self.actions.len(), |at| before + at));
                self.say(level, text);
                self.actions.extend(after);
            }
        }
        result
    }

    fn process(&mut self, now: Instant, src: MacAddr, frame: &[u8]) -> Result<(), PeerFault> {
        let Some(params) = self.params.clone().filter(|_| self.associated) else {
            return Err(PeerFault::NotAssociated);
        };
        let received = Received::parse(frame)?;
        if src != params.bssid {
            return Err(PeerFault::WrongSource);
        }
        let info = received.key.key_info;
        self.check_version(&params, info)?;
        if self.rx_replay_counter.is_some_and(|last| received.key.replay_counter <= last) {
            return Err(PeerFault::ReplayCounter);
        }
        if info.has(KeyInfo::SMK) {
            return Err(PeerFault::SmkMessage);
        }
        if !info.has(KeyInfo::ACK) {
            return Err(PeerFault::NoAckBit);
        }
        if info.has(KeyInfo::REQUEST) {
            return Err(PeerFault::RequestBit);
        }
        if !info.has(KeyInfo::MIC) {
            return self.unauthenticated(&params, &received.key);
        }
        let authentic = self.authenticate(&received)?;
        self.rx_replay_counter = Some(authentic.key().replay_counter);
        let opened = match (params.selection.proto, &self.ptk) {
            (Some(Proto::Rsn), Some(proven)) => authentic.open(&proven.ptk.kek)?,
            _ => authentic.take_as_is(),
        };
        if info.has(KeyInfo::PAIRWISE) {
            if info.key_index() != 0 {
                return Err(PeerFault::PairwiseKeyIndex);
            }
            let result = self.message_3(now, &params, &opened);
            self.deauthenticate_after(result)
        } else {
            let result = self.group_message_1(&params, &opened);
            self.deauthenticate_after(result)
        }
    }

    /// Handles a frame without a MIC, which can only be message 1 of the 4-way handshake. Without a network there
    /// is no answer.
    //= hostap@2.10 src/rsn_supp/wpa.c#wpa_supplicant_process_1_of_4
    fn unauthenticated(&mut self, params: &AssocParams, key: &EapolKey) -> Result<(), PeerFault> {
        if key.key_info.has(KeyInfo::ENCRYPTED) {
            return Err(PeerFault::EncryptedUnauthenticated);
        }
        if !key.key_info.has(KeyInfo::PAIRWISE) {
            return Err(PeerFault::GroupWithoutMic);
        }
        if key.key_info.key_index() != 0 {
            return Err(PeerFault::PairwiseKeyIndex);
        }
        if !self.network_known {
            self.say(Level::Warning, "WPA: No SSID info found (msg 1 of 4)".to_owned());
            return Ok(());
        }
        if params.deny_ptk0_rekey && self.phase == Phase::Completed {
            self.actions.push(RsnAction::Reconnect);
            return Err(PeerFault::Ptk0RekeyDenied);
        }
        let result = self.message_1(params, key);
        self.deauthenticate_after(result)
    }

    fn deauthenticate_after(&mut self, result: Result<(), PeerFault>) -> Result<(), PeerFault> {
        if let Err(fault) = result {
            let elements = matches!(
                fault,
                PeerFault::ElementsMissing
                    | PeerFault::ElementsDiffer
                    | PeerFault::Downgrade
                    | PeerFault::RsnxDiffers
            );
            if elements {
                self.actions.push(RsnAction::Deauthenticate { reason: reason::IE_IN_4WAY_DIFFERS });
            }
            // 2.10 says it again on its way out, when there is nobody left to say it to.
            self.actions.push(RsnAction::Deauthenticate { reason: reason::UNSPECIFIED });
        }
        result
    }

    /// Checks that the descriptor version goes with the negotiated suites (§12.7.2 "Key Descriptor Version").
    fn check_version(&mut self, params: &AssocParams, info: KeyInfo) -> Result<(), PeerFault> {
        let version = info.descriptor_version();
        if !(1..=3).contains(&version) {
            return Err(PeerFault::DescriptorVersion(version));
        }
        if params.selection.akm.uses_sha256() {
            return if version == 3 { Ok(()) } else { Err(PeerFault::DescriptorVersionNotCmac(version)) };
        }
        if params.selection.pairwise != CipherSet::CCMP || version == 2 {
            return Ok(());
        }
        self.say(
            Level::Info,
            format!("WPA: CCMP is used, but EAPOL-Key descriptor version ({version}) is not 2"),
        );
        let tolerated = if params.selection.group != CipherSet::CCMP && !info.has(KeyInfo::PAIRWISE) {
            "WPA: Backwards compatibility: allow invalid version for non-CCMP group keys"
        } else if version == 3 {
            "WPA: Interoperability workaround: allow incorrect (should have been HMAC-SHA1), but stronger (is \
             AES-128-CMAC), descriptor version to be used"
        } else {
            return Err(PeerFault::DescriptorVersionUnderCcmp(version));
        };
        self.say(Level::Info, tolerated.to_owned());
        Ok(())
    }

    /// Checks the MIC with the tentative key first: if it holds, that key becomes the PTK. It can do
    /// so once only, so that the same key never counts as new again.
    fn authenticate(&mut self, received: &Received<'_>) -> Result<Authentic, PeerFault> {
        if let Some(tentative) = self.tentative.take() {
            if let Some(authentic) = received.authenticate(&tentative.kck) {
                self.ptk = Some(ProvenPtk { ptk: tentative, installed: false });
                self.renew_snonce = true;
                return Ok(authentic);
            }
            self.tentative = Some(tentative);
            self.say(Level::Warning, "WPA: Invalid EAPOL-Key MIC when using TPTK - ignoring TPTK".to_owned());
        }
        let proven = self.ptk.as_ref().ok_or(PeerFault::NoKeyToVerify)?;
        received.authenticate(&proven.ptk.kck).ok_or(PeerFault::BadMic)
    }
}
