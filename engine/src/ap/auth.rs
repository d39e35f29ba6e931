//! Authentication (IEEE 802.11-2020 §12.3.3): open system, and the part of shared key that needs no
//! WEP key: whoever answers the challenge is refused, since nobody can have encrypted it.

use super::station::Flags;
use super::{AccessPoint, ApContext};
use crate::runtime::never;
use crate::wire::MacAddr;
use crate::wire::elements::{eid, push};
use crate::wire::ieee80211::{MgmtBody, MgmtFrame, fc, status};
use crate::wire::time::Instant;

const ALGORITHM_OPEN: u16 = 0;
const ALGORITHM_SHARED_KEY: u16 = 1;
const AUTH_ALG_OPEN: u8 = 1;
const AUTH_ALG_SHARED: u8 = 2;

impl AccessPoint {
    pub(super) fn authentication(&mut self, cx: ApContext<'_>, frame: &MgmtFrame) {
        let MgmtBody::Authentication { algorithm, transaction, .. } = frame.body else {
            return never!("the frame is an authentication");
        };
        let from = frame.header.sa;
        let mut ies = Vec::new();
        let Some(status) = self.authenticate(cx, frame, algorithm, transaction, &mut ies) else { return };
        let transaction = transaction.wrapping_add(1);
        let reply = self.frame_to(from, MgmtBody::Authentication { algorithm, transaction, status, ies });
        self.send_mgmt(&reply, false);
        if status != status::SUCCESS && self.stations.get(&from).is_some_and(|s| s.added_unassoc) {
            self.remove_from_driver(from);
        }
    }

    /// The status to answer with, or `None` for a frame that was answered already. `ies` go into the
    /// answer.
    fn authenticate(
        &mut self,
        cx: ApContext<'_>,
        frame: &MgmtFrame,
        algorithm: u16,
        transaction: u16,
        ies: &mut Vec<u8>,
    ) -> Option<u16> {
        let from = frame.header.sa;
        if self.michael.countermeasures {
            return Some(status::UNSPECIFIED_FAILURE);
        }
        let allowed = match algorithm {
            ALGORITHM_OPEN => AUTH_ALG_OPEN,
            ALGORITHM_SHARED_KEY => AUTH_ALG_SHARED,
            _ => 0,
        };
        if self.config.auth_algs & allowed == 0 {
            return Some(status::NOT_SUPPORTED_AUTH_ALG);
        }
        let answers_challenge = algorithm == ALGORITHM_SHARED_KEY && transaction == 3;
        if transaction != 1 && !answers_challenge {
            return Some(status::UNKNOWN_AUTH_TRANSACTION);
        }
        if !self.config.admits(from) {
            return Some(status::UNSPECIFIED_FAILURE);
        }
        let this_frame = (sequence_control(frame), frame.header.subtype.bits());
        if let Some(station) = self.stations.get(&from)
            && frame.header.flags & fc::RETRY != 0
            && station.last_frame == Some(this_frame)
        {
            return None;
        }
        let Some(station) = self.add_station(cx.now, from) else {
            return Some(status::AP_UNABLE_TO_HANDLE_NEW_STA);
        };
        station.last_frame = Some(this_frame);
        if !station.added_unassoc {
            self.add_again(cx.now, from);
        }
        if answers_challenge {
            return Some(status::CHALLENGE_FAIL);
        }
        let station = self.stations.get_mut(&from)?;
        if algorithm == ALGORITHM_SHARED_KEY {
            // The same challenge as long as it is not answered.
            let random = &mut self.random;
            let challenge = station.challenge.get_or_insert_with(|| Box::new(random.bytes()));
            push(ies, eid::CHALLENGE, &challenge[..]);
        } else {
            station.flags.set(Flags::AUTH, true);
            self.with_auth(cx, |auth, _| auth.authentication_seen(from));
        }
        Some(status::SUCCESS)
    }

    /// Makes the driver's entry of a station anew, so that nothing of an earlier association stays in it.
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_re_add
    fn add_again(&mut self, now: Instant, addr: MacAddr) {
        self.set_authorized(now, addr, false);
        self.remove_from_driver(addr);
        if let Some(station) = self.stations.get_mut(&addr) {
            station.flags.set(Flags::ASSOC, false);
            station.flags.set(Flags::AUTH, false);
        }
        self.tell_driver(addr, false);
        if let Some(station) = self.stations.get_mut(&addr) {
            station.added_unassoc = true;
        }
    }

    /// An authentication frame of ours was sent.
    pub(super) fn authentication_sent(&mut self, to: MacAddr, fields: (u16, u16, u16), acknowledged: bool) {
        let (algorithm, transaction, status) = fields;
        let Some(station) = self.stations.get_mut(&to) else { return };
        let success = status == status::SUCCESS;
        if acknowledged && success && algorithm == ALGORITHM_OPEN && transaction == 2 {
            station.flags.set(Flags::AUTH, true);
            if station.added_unassoc {
                self.tell_driver(to, false);
            }
        } else if !success && station.added_unassoc {
            self.remove_from_driver(to);
        }
    }
}

/// Sequence number and fragment number as one field.
pub(super) fn sequence_control(frame: &MgmtFrame) -> u16 {
    frame.header.seq << 4 | u16::from(frame.header.frag)
}
