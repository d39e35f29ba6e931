//! Push button mode (WSC 2.0.5 §11.3): two enrollees that are in it at once overlap, and neither is
//! served.

use super::{Timer, WALK_TIME, Wps};
use crate::WpsEvent;
use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::Uuid;

/// Two are enough for an overlap; more are kept because they leave one by one.
const MAX_SESSIONS: usize = 64;
/// The time for which probe requests of an enrollee that was just served start nothing.
const IGNORE_AFTER_SUCCESS: Duration = Duration::from_secs(5);

/// More than one enrollee is in push button mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more than one enrollee is in push button mode")]
pub struct Overlap;

/// An enrollee in push button mode, by address and UUID.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PbcSession {
    addr: MacAddr,
    uuid: Uuid,
    heard: Instant,
}

impl Wps {
    /// The button: push button mode for [`WALK_TIME`], if no two enrollees are in it already. With
    /// `p2p_dev_addr` it is for that device only, and others do not count.
    pub fn button_pushed(&mut self, now: Instant, p2p_dev_addr: Option<MacAddr>) -> Result<(), Overlap> {
        if p2p_dev_addr.is_none() && self.pbc_overlap(now, None) {
            self.events.push_back(WpsEvent::PbcOverlap);
            return Err(Overlap);
        }
        let reg = &mut self.registrar;
        reg.force_pbc_overlap = false;
        reg.selected = true;
        reg.pbc = true;
        reg.p2p_dev_addr = p2p_dev_addr;
        self.add_authorized_mac(MacAddr::BROADCAST);
        self.selected_registrar_changed(0);
        self.events.push_back(WpsEvent::PbcActive);
        self.registrar.timers.cancel(Timer::Selected);
        self.registrar.timers.set(Timer::Pbc, now + WALK_TIME);
        Ok(())
    }

    /// Whether enrollees other than `uuid` are in push button mode, or several if it is not given.
    pub fn pbc_overlap(&self, now: Instant, uuid: Option<&Uuid>) -> bool {
        let mut count = usize::from(uuid.is_some());
        let mut first: Option<&Uuid> = None;
        for session in &self.registrar.pbc_sessions {
            if now - session.heard > WALK_TIME {
                break;
            }
            if first == Some(&session.uuid) {
                continue;
            }
            if uuid != Some(&session.uuid) {
                count += 1;
            }
            first.get_or_insert(&session.uuid);
        }
        count > 1
    }

    /// An enrollee is in push button mode.
    pub fn add_pbc_session(&mut self, now: Instant, addr: MacAddr, uuid: &Uuid) {
        let sessions = &mut self.registrar.pbc_sessions;
        sessions.retain(|s| (s.addr, &s.uuid) != (addr, uuid));
        sessions.insert(0, PbcSession { addr, uuid: *uuid, heard: now });
        sessions.retain(|s| now - s.heard <= WALK_TIME);
        sessions.truncate(MAX_SESSIONS);
    }

    /// An enrollee was served. If push button mode is for `p2p_dev_addr` only, all sessions go.
    pub fn remove_pbc_session(&mut self, uuid: &Uuid, p2p_dev_addr: Option<MacAddr>) {
        let reg = &mut self.registrar;
        let all = p2p_dev_addr.is_some() && reg.p2p_dev_addr == p2p_dev_addr;
        reg.pbc_sessions.retain(|s| !all && s.uuid != *uuid);
    }

    /// Whether push button mode is for this device; one that is no Wi-Fi Direct device has no address
    /// to give.
    pub fn pbc_is_for(&self, p2p_dev_addr: Option<MacAddr>) -> bool {
        self.registrar.p2p_dev_addr.is_none() || self.registrar.p2p_dev_addr == p2p_dev_addr
    }

    /// Whether push button mode is for this device alone, so that others do not count as overlap.
    pub fn pbc_is_for_only(&self, p2p_dev_addr: Option<MacAddr>) -> bool {
        self.registrar.p2p_dev_addr.is_some() && self.registrar.p2p_dev_addr == p2p_dev_addr
    }

    /// A registration in push button mode is over, with this enrollee.
    pub fn pbc_completed(&mut self, now: Instant, uuid: &Uuid) {
        self.registrar.timers.cancel(Timer::Pbc);
        self.stop_pbc();
        self.events.push_back(WpsEvent::PbcDisable);
        self.registrar.pbc_ignore = Some((now, *uuid));
    }

    pub(super) fn pbc_timed_out(&mut self) {
        self.events.push_back(WpsEvent::PbcTimeout);
        self.stop_pbc();
    }

    fn stop_pbc(&mut self) {
        self.registrar.selected = false;
        self.registrar.pbc = false;
        self.registrar.p2p_dev_addr = None;
        self.remove_authorized_mac(MacAddr::BROADCAST);
        self.selected_registrar_changed(0);
    }

    /// Whether an enrollee's probe request is one of the last of a registration just completed.
    pub(super) fn is_late_probe(&mut self, now: Instant, uuid: &Uuid) -> bool {
        match self.registrar.pbc_ignore {
            Some((since, of)) if of == *uuid => {
                let late = now - since < IGNORE_AFTER_SUCCESS;
                if !late {
                    self.registrar.pbc_ignore = None;
                }
                late
            }
            _ => false,
        }
    }
}
