//! EAPOL-Key frames from stations: which message each is, whether it may come now, and what follows.

use super::station::{GroupState, PtkState, Station};
use super::{AuthAction, Authenticator, Moment};
use crate::fault::PeerFault;
use crate::proof::{Authentic, Received};
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::Ptk;
use wpasim_wire::eapol::{DESCRIPTOR_RSN, EapolKey, KeyInfo};
use wpasim_wire::ieee80211::reason;
use wpasim_wire::kde::KeyData;
use wpasim_wire::rsne::{CipherSet, Proto};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Message {
    Request,
    Pairwise2,
    Pairwise4,
    Group2,
}

impl Message {
    fn of(key: &EapolKey) -> Self {
        if key.key_info.has(KeyInfo::REQUEST) {
            Message::Request
        } else if !key.key_info.has(KeyInfo::PAIRWISE) {
            Message::Group2
        } else if key.key_data.is_empty() {
            Message::Pairwise4
        } else {
            Message::Pairwise2
        }
    }
}

/// The way in which a frame's replay counter fits the frames that were sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Counter {
    Expected,
    /// A late message 2 with another SNonce: the station draws one for every message 1.
    NewSnonce,
    /// Message 4 to the message 3 before the SNonce changed.
    BeforeNewSnonce,
}

impl Authenticator {
    /// A received EAPOL frame of a station.
    pub fn rx_eapol(&mut self, moment: &Moment<'_>, src: MacAddr, frame: &[u8]) -> Result<(), PeerFault> {
        let received = Received::parse(frame)?;
        if self.hold_frame(src, frame) {
            return Ok(());
        }
        let key = &received.key;
        let station = self.stations.get_mut(&src).ok_or(PeerFault::NotAssociated)?;
        if station.security.proto == Proto::Wpa && key.descriptor_type == DESCRIPTOR_RSN {
            return Err(PeerFault::UnexpectedMessage);
        }
        if key.key_info.has(KeyInfo::SMK) {
            return Err(PeerFault::SmkMessage);
        }
        let message = Message::of(key);
        check_version(station, key.key_info)?;
        let counter = check_counter(station, message, key)?;
        check_state(station, message, counter)?;
        if key.key_info.has(KeyInfo::ACK) {
            return Err(PeerFault::UnexpectedMessage);
        }
        if !key.key_info.has(KeyInfo::MIC) {
            return Err(PeerFault::BadMic);
        }
        if counter == Counter::NewSnonce {
            station.alternative = Some((station.snonce, station.unanswered.first().copied().unwrap_or(0)));
        }
        let authentic = match &station.ptk {
            Some(ptk) if counter != Counter::NewSnonce => Some(match received.authenticate(&ptk.kck) {
                Some(authentic) => authentic,
                None => self.try_earlier_snonce(src, message, &received)?,
            }),
            _ => None,
        };
        if authentic.is_some() {
            self.stop_awaiting(src);
        }
        if message == Message::Request {
            return self.request(moment, src, &authentic.ok_or(PeerFault::NoKeyToVerify)?);
        }
        let Some(station) = self.stations.get_mut(&src) else { return Ok(()) };
        station.consume_counter(message, key.replay_counter);
        station.message_2_was_secure = key.key_info.has(KeyInfo::SECURE);
        station.snonce = key.nonce;
        match (message, authentic) {
            (Message::Pairwise2, _) => self.message_2(moment, src, &received),
            (Message::Pairwise4, Some(_)) => {
                self.handshake_done(moment, src);
                Ok(())
            }
            (Message::Group2, Some(_)) => {
                self.group_handshake_done(src);
                Ok(())
            }
            _ => Err(PeerFault::NoKeyToVerify),
        }
    }

    /// Message 2: the pre-shared key under which its MIC is right becomes the PMK.
    fn message_2(
        &mut self,
        moment: &Moment<'_>,
        src: MacAddr,
        received: &Received<'_>,
    ) -> Result<(), PeerFault> {
        let own = self.addr;
        let Some(station) = self.stations.get_mut(&src) else { return Ok(()) };
        station.state = PtkState::CalcNegotiating;
        let snonce = station.snonce;
        let found = self.config.psks_for(src).find_map(|pmk| {
            let ptk = station.derive(pmk, own, src, &snonce);
            received.authenticate(&ptk.kck).map(|authentic| (*pmk, ptk, authentic))
        });
        let Some((pmk, ptk, authentic)) = found else {
            if self.config.psks_for(src).next().is_some() {
                self.actions.push(AuthAction::PossiblePskMismatch { addr: src });
            }
            return Err(PeerFault::BadMic);
        };
        let data = KeyData::parse(&authentic.take_as_is().data)?;
        let same = {
            let element = data.rsn_element.as_ref().or(data.wpa_element.as_ref());
            element == Some(&station.security.element) && data.rsnx_element == station.security.rsnx_element
        };
        if !same {
            self.disconnect(src, reason::PREV_AUTH_NOT_VALID);
            return Err(PeerFault::ElementsDiffer);
        }
        station.pmk = Some(pmk);
        self.ptk_verified(moment, src, ptk);
        Ok(())
    }

    /// Message 4 may still be under the SNonce of an earlier message 2.
    fn try_earlier_snonce(
        &mut self,
        src: MacAddr,
        message: Message,
        received: &Received<'_>,
    ) -> Result<Authentic, PeerFault> {
        let own = self.addr;
        let station = self.stations.get_mut(&src).ok_or(PeerFault::NotAssociated)?;
        let (Message::Pairwise4, Some((snonce, _))) = (message, station.alternative) else {
            return Err(PeerFault::BadMic);
        };
        let candidates: Vec<(wpasim_wire::crypto::Pmk, Ptk)> =
            self.config.psks_for(src).map(|pmk| (*pmk, station.derive(pmk, own, src, &snonce))).collect();
        for (pmk, ptk) in candidates {
            if let Some(authentic) = received.authenticate(&ptk.kck) {
                station.alternative = None;
                station.snonce = snonce;
                station.pmk = Some(pmk);
                station.ptk = Some(ptk);
                return Ok(authentic);
            }
        }
        Err(PeerFault::BadMic)
    }

    fn request(&mut self, moment: &Moment<'_>, src: MacAddr, authentic: &Authentic) -> Result<(), PeerFault> {
        let key = authentic.key();
        let group_is_tkip = self.config.group == CipherSet::TKIP;
        let Some(station) = self.stations.get_mut(&src) else { return Ok(()) };
        station.last_request = Some(key.replay_counter);
        let pairwise = key.key_info.has(KeyInfo::PAIRWISE);
        if key.key_info.has(KeyInfo::ERROR) {
            let tkip = if pairwise { station.security.pairwise == CipherSet::TKIP } else { group_is_tkip };
            if tkip {
                station.remote_michael_failures = station.remote_michael_failures.wrapping_add(1);
                self.actions.push(AuthAction::MichaelFailureReport { addr: src });
            }
            self.request_new_ptk(moment, src);
        } else if pairwise {
            self.request_new_ptk(moment, src);
        } else {
            self.rekey_gtk_on_request(moment);
        }
        Ok(())
    }
}

fn check_version(station: &Station, info: KeyInfo) -> Result<(), PeerFault> {
    let version = info.descriptor_version();
    if station.security.pairwise != CipherSet::CCMP {
        return Ok(());
    }
    let sha256 = station.security.akm.uses_sha256();
    match (sha256, version) {
        (true, 3) | (false, 2) => Ok(()),
        (true, _) => Err(PeerFault::DescriptorVersionNotCmac(version)),
        (false, _) => Err(PeerFault::DescriptorVersionUnderCcmp(version)),
    }
}

fn check_counter(station: &Station, message: Message, key: &EapolKey) -> Result<Counter, PeerFault> {
    let counter = key.replay_counter;
    if message == Message::Request {
        let fresh = station.last_request.is_none_or(|last| counter > last);
        return if fresh { Ok(Counter::Expected) } else { Err(PeerFault::RequestCounter) };
    }
    if station.unanswered.contains(&counter) {
        return Ok(Counter::Expected);
    }
    if station.state == PtkState::InitNegotiating {
        if message == Message::Pairwise2
            && station.previously_unanswered.contains(&counter)
            && station.snonce != key.nonce
        {
            return Ok(Counter::NewSnonce);
        }
        if message == Message::Pairwise4 && station.alternative.is_some_and(|(_, c)| c == counter) {
            return Ok(Counter::BeforeNewSnonce);
        }
    }
    Err(PeerFault::ReplayCounter)
}

fn check_state(station: &Station, message: Message, counter: Counter) -> Result<(), PeerFault> {
    let fits = match message {
        Message::Request => true,
        Message::Pairwise2 => {
            matches!(station.state, PtkState::Start | PtkState::CalcNegotiating)
                || counter == Counter::NewSnonce
        }
        Message::Pairwise4 => station.state == PtkState::InitNegotiating && station.ptk.is_some(),
        Message::Group2 => station.group_state == GroupState::RekeyNegotiating && station.ptk.is_some(),
    };
    if fits { Ok(()) } else { Err(PeerFault::UnexpectedMessage) }
}

impl Station {
    /// A counter is good once; whatever else was unanswered is void with it.
    fn consume_counter(&mut self, message: Message, counter: u64) {
        let others: Vec<u64> = self.unanswered.iter().copied().take_while(|c| *c != counter).collect();
        self.unanswered.clear();
        self.previously_unanswered = if message == Message::Pairwise2 { others } else { Vec::new() };
    }
}
