//! The access point's own PIN, and what wrong guesses of it lead to (WSC 2.0.5 §12, AP Setup Locked).

use super::super::{AccessPoint, ApContext, Timer};
use crate::wire::time::Duration;

/// This many wrong guesses lock the setup.
const LOCK_AFTER: u32 = 3;
/// This many in a row lock it for good.
const LOCK_FOR_GOOD_AFTER: u32 = 10;
const FIRST_LOCK: Duration = Duration::from_secs(60);
const LONGEST_LOCK: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Wrong guesses of the PIN; they outlive a restart of the BSS.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::ap) struct ApPinFailures {
    all: u32,
    consecutive: u32,
    /// Doubles with every third wrong guess.
    lock: Option<Duration>,
}

impl AccessPoint {
    /// The PIN in force.
    pub fn ap_pin(&self) -> Option<&str> {
        self.config.wps.as_ref()?.ap_pin.as_deref()
    }

    /// WPS_AP_PIN disable.
    pub fn disable_ap_pin(&mut self) {
        if let Some(config) = &mut self.config.wps {
            config.ap_pin = None;
        }
        self.timers.cancel(Timer::ApPinEnds);
    }

    /// WPS_AP_PIN set: the PIN is good for `timeout`, or for ever. Wrong guesses are forgotten and the
    /// setup is unlocked. Does nothing where WPS is off.
    pub fn set_ap_pin(&mut self, cx: ApContext<'_>, pin: &str, timeout: Option<Duration>) {
        let Some(config) = self.config.wps.as_mut().filter(|_| self.wps.is_some()) else { return };
        config.ap_pin = Some(pin.to_owned());
        self.ap_pin_failures.all = 0;
        if !config.in_supplicant {
            self.ap_pin_failures.consecutive = 0;
            config.ap_setup_locked = 0;
            self.unlock_ap_setup(cx);
        }
        self.timers.cancel(Timer::ApPinEnds);
        if let Some(timeout) = timeout {
            self.timers.set(Timer::ApPinEnds, cx.now + timeout);
        }
    }

    /// WPS_AP_PIN random: the new PIN. `None` where WPS is off.
    pub fn random_ap_pin(&mut self, cx: ApContext<'_>, timeout: Option<Duration>) -> Option<String> {
        let number = crate::wps::generate_pin(&mut self.wps.as_mut()?.random);
        self.set_ap_pin(cx, &format!("{number:08}"), timeout);
        self.ap_pin().map(str::to_owned)
    }

    pub(in crate::ap) fn ap_pin_ends(&mut self) {
        self.disable_ap_pin();
        if !self.config.wps.as_ref().is_some_and(|c| c.in_supplicant) {
            self.event("WPS-AP-PIN-DISABLED ".to_owned());
        }
    }

    /// Whether the configuration itself locks the setup.
    fn locked_by_configuration(&self) -> bool {
        self.config.wps.as_ref().is_some_and(|c| c.ap_setup_locked != 0)
    }

    /// The time of a lock is over.
    pub(in crate::ap) fn lock_is_over(&mut self, cx: ApContext<'_>) {
        if !self.locked_by_configuration() && self.ap_pin_failures.consecutive < LOCK_FOR_GOOD_AFTER {
            self.event("WPS-AP-SETUP-UNLOCKED ".to_owned());
            self.with_wps(cx, |wps| {
                wps.ap_setup_locked = 0;
                wps.update_elements();
            });
        }
    }

    fn unlock_ap_setup(&mut self, cx: ApContext<'_>) {
        if self.wps.as_ref().is_some_and(|wps| wps.ap_setup_locked != 0) {
            self.event("WPS-AP-SETUP-UNLOCKED ".to_owned());
            self.with_wps(cx, |wps| {
                wps.ap_setup_locked = 0;
                wps.update_elements();
            });
        }
    }

    /// An external registrar does not know the PIN.
    pub(super) fn ap_pin_guessed_wrong(&mut self, cx: ApContext<'_>) {
        if self.ap_pin().is_none() || self.wps.is_none() {
            return;
        }
        let by_configuration = self.locked_by_configuration();
        let failures = &mut self.ap_pin_failures;
        failures.all = failures.all.saturating_add(1);
        failures.consecutive = failures.consecutive.saturating_add(1);
        if failures.all < LOCK_AFTER {
            return;
        }
        let (all, for_good) = (failures.all, failures.consecutive >= LOCK_FOR_GOOD_AFTER);
        self.event("WPS-AP-SETUP-LOCKED ".to_owned());
        self.with_wps(cx, |wps| {
            wps.ap_setup_locked = 1;
            wps.update_elements();
        });
        if by_configuration {
            return;
        }
        if for_good {
            self.timers.cancel(Timer::UnlockApSetup);
            return;
        }
        let lock = match self.ap_pin_failures.lock {
            None => FIRST_LOCK,
            Some(lock) if lock < LONGEST_LOCK && all.is_multiple_of(3) => lock + lock,
            Some(lock) => lock,
        };
        self.ap_pin_failures.lock = Some(lock);
        self.timers.set(Timer::UnlockApSetup, cx.now + lock);
    }

    /// An external registrar knows the PIN.
    pub(super) fn ap_pin_guessed_right(&mut self) {
        if self.ap_pin().is_some() && self.wps.is_some() {
            self.ap_pin_failures.consecutive = 0;
        }
    }
}
