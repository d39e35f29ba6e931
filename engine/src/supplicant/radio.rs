//! The radios of a process: who has each, who waits for it, and when the next work starts (2.10's struct
//! wpa_radio).
//!
//! A radio's owner is one value here, and nowhere else: interfaces and the device machine ask the radio. The
//! process lends it to an interface while that runs.

use std::collections::VecDeque;

use wpasim_wire::driver::IfId;
use wpasim_wire::time::Instant;

use super::Supplicant;
use super::interface::{Cx, Interface, Work};
use super::works::ExternalWork;

/// A work that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Waiting {
    pub iface: IfId,
    pub ifname: String,
    pub work: Work,
    pub since: Instant,
    /// Before the work that has the radio, as RADIO_WORK show tells it.
    pub ahead: bool,
}

/// The work that has the radio.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Holder {
    pub iface: IfId,
    pub ifname: String,
    pub work: Work,
    pub since: Instant,
    /// When the work ends if nobody ends it before: that of a program outside, an action frame's wait.
    pub until: Option<Instant>,
}

/// One radio.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Radio {
    phy: String,
    holder: Option<Holder>,
    /// The next one first.
    waiting: VecDeque<Waiting>,
    /// When the next work starts.
    start: Option<Instant>,
}

/// What of a radio is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    /// The next work starts.
    Start,
    /// The work that has the radio had its time.
    End(IfId),
}

impl Radio {
    pub fn is_of(&self, phy: &str) -> bool {
        self.phy == phy
    }

    pub fn holder(&self) -> Option<&Holder> {
        self.holder.as_ref()
    }

    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = &Waiting> {
        self.waiting.iter()
    }

    /// The number of works, the one that has the radio among them.
    pub fn len(&self) -> usize {
        self.waiting.len() + usize::from(self.holder.is_some())
    }

    /// Adds a work; it starts when the radio is free.
    pub fn add(&mut self, now: Instant, (iface, ifname): (IfId, &str), work: Work, next: bool) {
        let waiting = Waiting { iface, ifname: ifname.to_owned(), work, since: now, ahead: next };
        if next {
            self.waiting.push_front(waiting);
        } else {
            self.waiting.push_back(waiting);
        }
        self.schedule(now);
    }

    /// Frees the radio of the work of this interface that has it. Whether it had one.
    pub fn done(&mut self, now: Instant, iface: IfId) -> bool {
        let done = self.holder.take_if(|h| h.iface == iface).is_some();
        self.schedule(now);
        done
    }

    /// Forgets works of this interface that wait, other than these.
    pub fn retain_waiting(&mut self, iface: IfId, mut keep: impl FnMut(&Work) -> bool) {
        self.waiting.retain(|w| w.iface != iface || keep(&w.work));
        if self.waiting.is_empty() {
            self.start = None;
        }
    }

    /// Forgets every work of this interface.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#radio_remove_works
    pub fn forget(&mut self, now: Instant, iface: IfId) {
        self.retain_waiting(iface, |_| false);
        self.done(now, iface);
    }

    /// Ends the first work of a program outside with this number, 0 for any, whichever interface it came
    /// through. Whether there was one.
    pub fn external_done(&mut self, now: Instant, id: u32) -> bool {
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
    pub fn hold_until(&mut self, until: Instant) {
        if let Some(holder) = &mut self.holder {
            holder.until = Some(until);
        }
    }

    /// Starts the next radio work, if none is under way.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#radio_work_check_next
    fn schedule(&mut self, now: Instant) {
        self.start = match &self.holder {
            None if !self.waiting.is_empty() => Some(self.start.map_or(now, |at| at.min(now))),
            _ => None,
        };
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.start.into_iter().chain(self.holder.as_ref().and_then(|h| h.until)).min()
    }

    fn take_due(&mut self, now: Instant) -> Option<Due> {
        if self.start.take_if(|at| *at <= now).is_some() {
            return Some(Due::Start);
        }
        let holder = self.holder.as_mut()?;
        holder.until.take_if(|at| *at <= now)?;
        Some(Due::End(holder.iface))
    }

    /// The next work has the radio.
    fn hold_next(&mut self, now: Instant) -> Option<(IfId, Work)> {
        if self.holder.is_some() {
            return None;
        }
        let Waiting { iface, ifname, work, .. } = self.waiting.pop_front()?;
        self.waiting.iter_mut().for_each(|w| w.ahead = false);
        self.holder = Some(Holder { iface, ifname, work: work.clone(), since: now, until: None });
        Some((iface, work))
    }

    /// What is wrong with the radio, if anything is.
    fn fault(&self, exists: impl Fn(IfId) -> bool) -> Option<&'static str> {
        if self.holder.as_ref().is_some_and(|h| !exists(h.iface)) {
            return Some("an interface that is gone has the radio");
        }
        if self.waiting.iter().any(|w| !exists(w.iface)) {
            return Some("an interface that is gone waits for the radio");
        }
        if !self.waiting.is_empty() && self.holder.is_none() && self.start.is_none() {
            return Some("a work waits for a radio that nobody has, and no start is scheduled");
        }
        (self.holder.is_some() && self.start.is_some())
            .then_some("a start is scheduled while the radio is held")
    }
}

impl Work {
    /// The work of a program outside.
    pub(crate) fn external(&self) -> Option<&ExternalWork> {
        match self {
            Work::External(work) => Some(work),
            _ => None,
        }
    }
}

impl Interface {
    /// Returns whether a scan of this interface has the radio or waits for it.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#radio_work_pending
    pub(crate) fn has_scan_work(&self) -> bool {
        let waits = self.radio.waiting().any(|w| w.iface == self.identity.id && w.work.is_scan());
        waits || self.held_work().is_some_and(Work::is_scan)
    }
}

impl Supplicant {
    /// The place of the radio that the interface is the first to use.
    pub(super) fn new_radio(&mut self, id: IfId) -> Option<usize> {
        let phy = self.interface(id)?.identity.phy.clone();
        self.radios.push(Radio { phy, ..Radio::default() });
        Some(self.radios.len() - 1)
    }

    /// The work of this interface that has its radio.
    pub(crate) fn held_work(&self, id: IfId) -> Option<&Work> {
        let holders = self.radios.iter().filter_map(Radio::holder);
        holders.into_iter().find(|h| h.iface == id).map(|h| &h.work)
    }

    /// The works of this interface that wait.
    pub(crate) fn waiting_works(&self, id: IfId) -> impl Iterator<Item = &Work> {
        self.radios.iter().flat_map(Radio::waiting).filter(move |w| w.iface == id).map(|w| &w.work)
    }

    /// The interface is no more; what it had of its radio is free.
    pub(crate) fn forget_interface(&mut self, cx: Cx<'_>, id: IfId) {
        self.interfaces.retain(|i| i.id() != id);
        self.radios.iter_mut().for_each(|r| r.forget(cx.now, id));
        let used = |radio: &Radio| self.interfaces.iter().any(|i| i.identity.phy == radio.phy);
        self.radios.retain(used);
    }

    pub(super) fn next_radio_timeout(&self) -> Option<Instant> {
        self.radios.iter().filter_map(Radio::next_timeout).min()
    }

    /// Does what is due at the radios, one thing. Whether there was any.
    pub(super) fn radio_timeout(&mut self, cx: Cx<'_>) -> bool {
        let due = |r: &Radio| r.next_timeout().is_some_and(|at| at <= cx.now);
        let Some(radio) = self.radios.iter_mut().find(|r| due(r)) else { return false };
        match radio.take_due(cx.now) {
            Some(Due::Start) => {
                if let Some((id, work)) = radio.hold_next(cx.now) {
                    self.with_interface(id, |i| i.begin_work(cx, work));
                }
            }
            Some(Due::End(id)) if self.held_work(id).is_some_and(|w| w.external().is_some()) => {
                self.with_interface(id, |i| i.external_work_timer(cx));
            }
            Some(Due::End(_)) => self.end_action_work(cx.now),
            None => {}
        }
        true
    }

    /// Stops a debug build at the first input that leaves a radio without an end to wait for.
    pub(super) fn check_radios(&self) {
        if cfg!(debug_assertions) {
            let exists = |id| self.interfaces.iter().any(|i: &Interface| i.id() == id);
            for radio in &self.radios {
                assert_eq!(radio.fault(exists), None, "{}: {radio:?}", radio.phy);
            }
            for interface in &self.interfaces {
                assert_eq!(interface.radio, Radio::default(), "a radio was not given back");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(radio.external_done(NOW, 0) && radio.holder().is_none());
        assert_eq!(radio.len(), 1);
    }
}
