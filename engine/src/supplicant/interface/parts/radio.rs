//! A radio: who has it, who waits for it, and when the next work starts (2.10's struct wpa_radio).
//!
//! A radio's owner is one value here, and nowhere else: interfaces and the device machine ask the radio. An interface
//! that runs finds the radio in its context.

use std::collections::VecDeque;

use wpasim_wire::driver::IfId;
use wpasim_wire::time::Instant;

use crate::runtime::timers::{self, Alarm, Order};
use crate::supplicant::interface::work::Work;

/// A work that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Waiting {
    iface: IfId,
    ifname: String,
    work: Work,
    since: Instant,
    /// Before the work that has the radio, as RADIO_WORK show tells it.
    ahead: bool,
}

/// The work that has the radio.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Holder {
    iface: IfId,
    ifname: String,
    work: Work,
    since: Instant,
}

/// One radio.
#[derive(Clone, Debug, Default)]
pub(crate) struct Radio {
    phy: String,
    holder: Option<Holder>,
    /// The next one first.
    waiting: VecDeque<Waiting>,
    /// The time at which the next work starts.
    start: Alarm,
    /// The time at which the work that has the radio ends if nobody ends it before: that of a program outside, an action frame's wait.
    end: Alarm,
}

/// The part of a radio that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// The next work starts.
    Start,
    /// The work that has the radio had its time.
    End(IfId),
}

impl Radio {
    /// Makes the radio of a PHY.
    pub(crate) fn new(phy: String, order: &Order) -> Self {
        Radio { phy, start: Alarm::new(order), end: Alarm::new(order), ..Radio::default() }
    }

    pub(crate) fn phy(&self) -> &str {
        &self.phy
    }

    pub(crate) fn is_of(&self, phy: &str) -> bool {
        self.phy == phy
    }

    /// Returns the work of this interface that has the radio.
    pub(crate) fn held_by(&self, iface: IfId) -> Option<&Work> {
        self.holder.as_ref().filter(|h| h.iface == iface).map(|h| &h.work)
    }

    /// Returns the works of this interface that wait.
    pub(crate) fn waiting_of(&self, iface: IfId) -> impl Iterator<Item = &Work> {
        self.waiting.iter().filter(move |w| w.iface == iface).map(|w| &w.work)
    }

    /// Returns the lines of RADIO_WORK show, in 2.10's order: what was put before the work that has the radio, that one,
    /// the others.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_radio_work_show
    pub(crate) fn show(&self, now: Instant) -> String {
        let line = |work: &Work, ifname: &str, started: bool, since: Instant| {
            let (name, freq) = work.title();
            let age = (now - since).micros();
            let (seconds, rest) = (age / 1_000_000, age % 1_000_000);
            format!("{name}@{ifname}:{freq}:{}:{seconds}.{rest:06}\n", u8::from(started))
        };
        let waiting = |ahead| {
            let these = self.waiting.iter().filter(move |w| w.ahead == ahead);
            these.map(|w| line(&w.work, &w.ifname, false, w.since))
        };
        let holder = self.holder.as_ref().map(|h| line(&h.work, &h.ifname, true, h.since));
        waiting(true).chain(holder).chain(waiting(false)).collect()
    }

    /// The number of works, the one that has the radio among them.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + usize::from(self.holder.is_some())
    }

    /// Adds a work; it starts when the radio is free.
    pub(crate) fn add(&mut self, now: Instant, (iface, ifname): (IfId, &str), work: Work, next: bool) {
        let waiting = Waiting { iface, ifname: ifname.to_owned(), work, since: now, ahead: next };
        if next {
            self.waiting.push_front(waiting);
        } else {
            self.waiting.push_back(waiting);
        }
        self.schedule(now);
    }

    /// Frees the radio of the work of this interface that has it. Whether it had one.
    pub(crate) fn done(&mut self, now: Instant, iface: IfId) -> bool {
        let done = self.holder.take_if(|h| h.iface == iface).is_some();
        self.schedule(now);
        done
    }

    /// Forgets works of this interface that wait, other than these.
    pub(crate) fn retain_waiting(&mut self, iface: IfId, mut keep: impl FnMut(&Work) -> bool) {
        self.waiting.retain(|w| w.iface != iface || keep(&w.work));
        if self.waiting.is_empty() {
            self.start.cancel();
        }
    }

    /// Forgets every work of this interface.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#radio_remove_works
    pub(crate) fn forget(&mut self, now: Instant, iface: IfId) {
        self.retain_waiting(iface, |_| false);
        self.done(now, iface);
    }

    /// Ends the first work of a program outside with this number, 0 for any, whichever interface it came
    /// through. Whether there was one.
    pub(crate) fn external_done(&mut self, now: Instant, id: u32) -> bool {
        let wanted = |w: &Work| w.external().is_some_and(|w| id == 0 || w.id == id);
        let ahead = self.waiting.iter().position(|w| w.ahead && wanted(&w.work));
        if ahead.is_none() && self.holder.take_if(|h| wanted(&h.work)).is_some() {
            self.schedule(now);
            return true;
        }
        let Some(at) = ahead.or_else(|| self.waiting.iter().position(|w| wanted(&w.work))) else {
            return false;
        };
        self.waiting.remove(at);
        true
    }

    /// The work that has the radio ends at this time unless it is said to be done before.
    pub(crate) fn hold_until(&mut self, until: Instant) {
        if self.holder.is_some() {
            self.end.set(until);
        }
    }

    /// Starts the next radio work, if none is under way.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#radio_work_check_next
    fn schedule(&mut self, now: Instant) {
        if self.holder.is_none() {
            self.end.cancel();
        }
        if self.holder.is_some() || self.waiting.is_empty() {
            self.start.cancel();
        } else if !self.start.is_set() {
            self.start.set(now);
        }
    }

    /// Returns the place of what the radio does next in the event loop of the process.
    pub(crate) fn next_due(&self) -> Option<timers::Due> {
        self.start.next().into_iter().chain(self.end.next()).min()
    }

    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Due> {
        if self.start.take_due(now) {
            return Some(Due::Start);
        }
        let holder = self.holder.as_ref()?;
        self.end.take_due(now).then_some(Due::End(holder.iface))
    }

    /// The next work has the radio.
    pub(crate) fn hold_next(&mut self, now: Instant) -> Option<(IfId, Work)> {
        if self.holder.is_some() {
            return None;
        }
        let Waiting { iface, ifname, work, .. } = self.waiting.pop_front()?;
        self.waiting.iter_mut().for_each(|w| w.ahead = false);
        self.holder = Some(Holder { iface, ifname, work: work.clone(), since: now });
        Some((iface, work))
    }

    /// Returns the fault of the radio, if there is one.
    pub(crate) fn fault(&self, exists: impl Fn(IfId) -> bool) -> Option<&'static str> {
        if self.holder.as_ref().is_some_and(|h| !exists(h.iface)) {
            return Some("an interface that is gone has the radio");
        }
        if self.waiting.iter().any(|w| !exists(w.iface)) {
            return Some("an interface that is gone waits for the radio");
        }
        if !self.waiting.is_empty() && self.holder.is_none() && !self.start.is_set() {
            return Some("a work waits for a radio that nobody has, and no start is scheduled");
        }
        (self.holder.is_some() && self.start.is_set())
            .then_some("a start is scheduled while the radio is held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supplicant::interface::work::ExternalWork;

    const NOW: Instant = Instant::ZERO;

    fn work(id: u32) -> Work {
        Work::External(Box::new(ExternalWork { id, name: "x".to_owned(), freq: 0, timeout: 0 }))
    }

    #[test]
    fn what_an_interface_has_of_its_radio_goes_with_it() {
        let mut radio = Radio::default();
        radio.add(NOW, (IfId(1), "a"), work(1), false);
        radio.add(NOW, (IfId(2), "b"), work(2), false);
        radio.add(NOW, (IfId(1), "a"), work(3), true);
        assert_eq!(radio.take_due(NOW), Some(Due::Start));
        assert_eq!(radio.hold_next(NOW).map(|(id, _)| id), Some(IfId(1)));
        assert_eq!((radio.take_due(NOW), radio.hold_next(NOW)), (None, None), "it is held");
        radio.forget(NOW, IfId(1));
        assert_eq!(radio.fault(|id| id == IfId(2)), None);
        assert_eq!(radio.take_due(NOW), Some(Due::Start));
        assert_eq!(radio.hold_next(NOW).map(|(id, _)| id), Some(IfId(2)));
        assert_eq!(radio.len(), 1);
    }

    #[test]
    fn faults_are_found() {
        let mut radio = Radio::default();
        radio.add(NOW, (IfId(1), "a"), work(1), false);
        assert_eq!(radio.fault(|_| true), None);
        assert_eq!(radio.fault(|_| false), Some("an interface that is gone waits for the radio"));
        assert_eq!(radio.take_due(NOW), Some(Due::Start));
        assert!(
            radio.fault(|_| true).is_some_and(|f| f.starts_with("a work waits for a radio that nobody has"))
        );
        radio.hold_next(NOW);
        assert_eq!(radio.fault(|_| false), Some("an interface that is gone has the radio"));
    }

    #[test]
    fn a_work_ends_by_its_number_whoever_asks() {
        let mut radio = Radio::default();
        for id in 1..=3 {
            radio.add(NOW, (IfId(id), "a"), work(id), false);
        }
        radio.take_due(NOW);
        radio.hold_next(NOW);
        assert!(radio.external_done(NOW, 2) && !radio.external_done(NOW, 2));
        assert!(radio.external_done(NOW, 0) && radio.holder.is_none());
        assert_eq!(radio.len(), 1);
    }
}
