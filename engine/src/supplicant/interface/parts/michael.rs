//! The Michael failures that are remembered (IEEE 802.11-2020 §12.5.2.4).

use wpasim_wire::time::{Duration, Instant};

/// Two failures closer than this start countermeasures, which last as long.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The reaction that a failure calls for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reaction {
    /// The authenticator is told at once.
    Report,
    /// It is told later, so that an attacker learns nothing.
    ReportLater,
    /// It was the second one within a minute.
    Countermeasures,
}

/// The failures, a report of one that waits, and whether countermeasures are in force.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Michael {
    last: Option<Instant>,
    seen: u32,
    /// Whether the report that waits is about the pairwise key.
    pending: Option<bool>,
    active: bool,
}

impl Michael {
    /// Counts a failure. Returns what it calls for.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_michael_mic_failure
    pub(crate) fn failure(&mut self, now: Instant, pairwise: bool) -> Reaction {
        let recent = self.last.is_some_and(|at| now - at <= MINUTE);
        let reaction = if recent || self.pending.is_some() {
            Reaction::Countermeasures
        } else if self.seen > 0 {
            self.pending = Some(pairwise);
            Reaction::ReportLater
        } else {
            Reaction::Report
        };
        self.last = Some(now);
        self.seen += 1;
        reaction
    }

    /// Takes the report that waits: whether it is about the pairwise key.
    pub(crate) fn take_report(&mut self) -> Option<bool> {
        self.pending.take()
    }

    /// Brings countermeasures into force.
    pub(crate) fn start_countermeasures(&mut self) {
        self.active = true;
    }

    /// Ends countermeasures. Returns whether they were in force.
    pub(crate) fn stop_countermeasures(&mut self) -> bool {
        core::mem::take(&mut self.active)
    }

    /// Forgets when the last failure was (FLUSH).
    pub(crate) fn forget_last(&mut self) {
        self.last = None;
    }

    /// Returns whether a report waits.
    pub(crate) fn is_report_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Returns whether countermeasures are in force: EAPOL is dropped.
    pub(crate) fn is_active(&self) -> bool {
        self.active
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.seen == 0 && (self.active || self.pending.is_some() || self.last.is_some()) {
            return Err("something follows from no failure");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_failure_within_a_minute_starts_countermeasures() {
        let mut michael = Michael::default();
        let at = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        assert_eq!(michael.failure(at(0), true), Reaction::Report);
        assert_eq!(michael.failure(at(61), true), Reaction::ReportLater);
        assert!(michael.is_report_pending());
        assert_eq!(michael.failure(at(200), false), Reaction::Countermeasures, "the report still waits");
        assert_eq!((michael.take_report(), michael.take_report()), (Some(true), None));
        assert_eq!(michael.failure(at(260), false), Reaction::Countermeasures, "exactly a minute");
        michael.forget_last();
        assert_eq!(michael.failure(at(261), false), Reaction::ReportLater);
        assert!(!michael.stop_countermeasures() && michael.invariant().is_ok());
    }

    #[test]
    fn countermeasures_without_a_failure_are_found() {
        let mut michael = Michael::default();
        michael.start_countermeasures();
        assert_eq!(michael.invariant(), Err("something follows from no failure"));
    }
}
