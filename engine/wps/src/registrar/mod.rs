//! The registrar's long-lived bookkeeping, as 2.10's wps_registrar.c keeps it: PINs, enrollees in push
//! button mode, which registrar is the selected one, and the elements that say so.

mod device;
mod elements;
mod pbc;
mod pin;
mod probe;
mod selected;

#[cfg(test)]
mod tests;

pub use device::uuid_text;
pub use pbc::Overlap;

use super::Wps;
use device::KnownDevice;
use pbc::PbcSession;
use pin::Pin;
use wpasim_runtime::psk::EnrolleePsks;
use wpasim_runtime::timers::Timers;
use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::Uuid;

/// The time for which a pushed button, and a PIN given to the registrar, is offered (WSC 2.0.5 §11.3).
pub const WALK_TIME: Duration = Duration::from_secs(120);
/// AuthorizedMACs has room for this many (WSC 2.0.5 table 29).
const MAX_AUTHORIZED_MACS: usize = 5;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Timer {
    /// Push button mode ends.
    Pbc,
    /// The registrar is no longer the selected one.
    Selected,
}

/// The memory of a registrar between registrations.
#[derive(Default)]
pub struct Registrar {
    /// Push button mode is on.
    pbc: bool,
    /// The registrar is the selected one.
    selected: bool,
    /// Newest first.
    pins: Vec<Pin>,
    /// Most recently heard first.
    pbc_sessions: Vec<PbcSession>,
    /// Newest first; the broadcast address stands for anyone.
    authorized_macs: Vec<MacAddr>,
    /// In place of [`super::password_id::DEFAULT`](wpasim_wire::wsc::password_id::DEFAULT).
    dev_password_id: Option<u16>,
    /// The only device that push button mode is for.
    p2p_dev_addr: Option<MacAddr>,
    /// The enrollee that just completed push button mode, and the time: its last probe requests start nothing.
    pbc_ignore: Option<(Instant, Uuid)>,
    devices: Vec<KnownDevice>,
    timers: Timers<Timer>,
    /// More than one enrollee was heard in push button mode: refuse all until the button is pushed
    /// again.
    pub force_pbc_overlap: bool,
    /// Credentials are made of [`Registrar::extra_cred`] alone.
    pub skip_cred_build: bool,
    /// Attributes appended to the credentials of M8.
    pub extra_cred: Option<Vec<u8>>,
    /// The first enrollee does not configure an AP that is not configured.
    pub disable_auto_conf: bool,
    /// The AP works on more than one band, so its elements say on which.
    pub dual_band: bool,
    /// Every enrollee is given a PSK of its own.
    pub force_per_enrollee_psk: bool,
    /// Beacons name the device, as builds with Wi-Fi Direct have it.
    pub names_device_in_beacons: bool,
    /// PSKs that a file of keys sets aside for WPS.
    pub file_psks: EnrolleePsks,
    /// The body of the Application Extension attribute.
    pub application_extension: Option<Vec<u8>>,
}

/// Keys do not print.
impl core::fmt::Debug for Registrar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Registrar")
            .field("pbc", &self.pbc)
            .field("selected", &self.selected)
            .field("pins", &self.pins)
            .field("pbc_sessions", &self.pbc_sessions)
            .field("authorized_macs", &self.authorized_macs)
            .field("force_pbc_overlap", &self.force_pbc_overlap)
            .finish_non_exhaustive()
    }
}

impl Wps {
    /// Whether push button mode is on.
    pub fn pbc_active(&self) -> bool {
        self.registrar.pbc
    }

    /// The PSK that a file of keys sets aside for this enrollee, or for any.
    pub fn psk_of_file(&self, addr: MacAddr) -> Option<[u8; 32]> {
        self.registrar.file_psks.key_for(addr)
    }

    /// A registration completed outside of a session of ours (an external registrar's): modes and
    /// PINs that served for it are over.
    pub fn registrar_complete(&mut self, now: Instant, uuid: &Uuid, pw: &[u8]) {
        if self.registrar.pbc {
            self.remove_pbc_session(uuid, None);
            self.pbc_completed(now, uuid);
        } else {
            self.pin_completed();
        }
        if !pw.is_empty() {
            self.invalidate_wildcard_pin(Some(pw));
        }
    }

    /// WPS_CANCEL: ends push button mode, or the use of PINs. Whether either was on.
    pub fn wps_cancel(&mut self) -> bool {
        if self.registrar.pbc {
            self.pbc_timed_out();
            self.registrar.timers.cancel(Timer::Pbc);
            true
        } else if self.registrar.selected {
            self.pin_completed();
            self.invalidate_wildcard_pin(None);
            true
        } else {
            false
        }
    }

    /// Forgets PINs, sessions and devices (FLUSH).
    pub fn registrar_flush(&mut self) {
        self.registrar.pins.clear();
        self.registrar.pbc_sessions.clear();
        self.registrar.devices.clear();
        self.registrar.pbc_ignore = None;
    }

    /// Returns the time at which [`Wps::timeout`] wants to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.registrar.timers.next()
    }

    /// Does whatever is due. Harmless if nothing is.
    pub fn timeout(&mut self, now: Instant) {
        while let Some(timer) = self.registrar.timers.take_due(now) {
            match timer {
                Timer::Pbc => self.pbc_timed_out(),
                Timer::Selected => {
                    self.registrar.selected = false;
                    self.registrar.pbc = false;
                    self.expire_pins(now);
                    self.selected_registrar_changed(0);
                }
            }
        }
    }
}
