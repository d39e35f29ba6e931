//! What waits for the radio, one thing at a time, and the works of programs outside (RADIO_WORK).

use std::collections::VecDeque;

use wpasim_wire::time::{Duration, Instant};

use super::interface::{Cx, Interface, Timer, Work};
use super::p2p::P2pWork;

/// The time of an external work that names none, in seconds.
const DEFAULT_TIMEOUT: u32 = 10;

/// The longest name that is kept, in octets.
const LONGEST_NAME: usize = 95;

/// How many works may wait.
const MOST_WAITING: usize = 1024;

/// A program outside wants the radio for itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ExternalWork {
    pub id: u32,
    pub name: String,
    /// In MHz, only shown; 0: none.
    pub freq: u32,
    /// In seconds; 0: [`DEFAULT_TIMEOUT`].
    pub timeout: u32,
}

#[derive(Clone, Debug)]
struct Waiting {
    work: Work,
    since: Instant,
    /// Before the work that has the radio, as RADIO_WORK show tells it.
    ahead: bool,
}

/// Works that wait, the next one first.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkQueue(VecDeque<Waiting>);

impl WorkQueue {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Work> {
        self.0.iter().map(|w| &w.work)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Work) -> bool) {
        self.0.retain(|w| keep(&w.work));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn push_front(&mut self, now: Instant, work: Work) {
        self.0.push_front(Waiting { work, since: now, ahead: true });
    }

    pub(crate) fn push_back(&mut self, now: Instant, work: Work) {
        self.0.push_back(Waiting { work, since: now, ahead: false });
    }

    /// The next work.
    pub(crate) fn pop_front(&mut self) -> Option<Work> {
        let first = self.0.pop_front()?;
        self.0.iter_mut().for_each(|w| w.ahead = false);
        Some(first.work)
    }
}

impl Work {
    /// The name and the channel in MHz that RADIO_WORK show prints.
    fn title(&self, interface: &Interface) -> (String, u32) {
        match self {
            Work::Scan(_) => ("scan".to_owned(), 0),
            Work::Connect { bss, .. } => {
                ("sme-connect".to_owned(), interface.bss.get(*bss).map_or(0, |b| b.freq))
            }
            Work::P2p(P2pWork::Scan(_)) => ("p2p-scan".to_owned(), 0),
            Work::P2p(P2pWork::Listen { freq, .. }) => ("p2p-listen".to_owned(), *freq),
            Work::P2p(P2pWork::Action(action)) => ("p2p-send-action".to_owned(), action.freq),
            Work::External(work) => (format!("ext:{}", work.name), work.freq),
        }
    }

    fn external(&self) -> Option<&ExternalWork> {
        match self {
            Work::External(work) => Some(work),
            _ => None,
        }
    }
}

impl Interface {
    /// The radio's works in 2.10's order: what was put before the active one, that one, the others.
    fn listed_works(&self) -> Vec<(&Work, bool, Instant)> {
        let waiting =
            |ahead| self.works.0.iter().filter(move |w| w.ahead == ahead).map(|w| (&w.work, false, w.since));
        let active = self.active_work.iter().map(|w| (w, true, self.active_since));
        waiting(true).chain(active).chain(waiting(false)).collect()
    }

    /// RADIO_WORK show.
    pub(crate) fn show_works(&self, now: Instant) -> String {
        let line = |(work, started, since): (&Work, bool, Instant)| {
            let (name, freq) = work.title(self);
            let age = (now - since).micros();
            format!(
                "{name}@{}:{freq}:{}:{}.{:06}\n",
                self.identity.ifname,
                u8::from(started),
                age / 1_000_000,
                age % 1_000_000
            )
        };
        self.listed_works().into_iter().map(line).collect()
    }

    /// RADIO_WORK add. The work's number; `None` if too many wait.
    pub(crate) fn add_external_work(
        &mut self,
        now: Instant,
        name: &str,
        freq: u32,
        timeout: u32,
    ) -> Option<u32> {
        if self.works.0.len() >= MOST_WAITING {
            return None;
        }
        self.external_works = self.external_works.checked_add(1).unwrap_or(1);
        let id = self.external_works;
        let mut kept = name.to_owned();
        while kept.len() > LONGEST_NAME {
            kept.pop();
        }
        self.add_work(now, Work::External(Box::new(ExternalWork { id, name: kept, freq, timeout })));
        Some(id)
    }

    /// RADIO_WORK done: the first one for 0. Whether there was such a work.
    pub(crate) fn external_work_done(&mut self, now: Instant, id: u32) -> bool {
        let wanted = |w: &ExternalWork| id == 0 || w.id == id;
        let found = self
            .listed_works()
            .into_iter()
            .find_map(|(work, started, _)| Some((work.external().filter(|w| wanted(w))?.id, started)));
        match found {
            None => return false,
            Some((_, true)) => {
                self.timers.cancel(Timer::ExternalWork);
                self.work_done(now);
            }
            Some((id, false)) => self.works.retain(|w| w.external().is_none_or(|e| e.id != id)),
        }
        true
    }

    /// The radio is free for somebody outside.
    pub(crate) fn start_external_work(&mut self, cx: Cx<'_>, work: &ExternalWork) {
        self.info(&format!("EXT-RADIO-WORK-START {}", work.id));
        let seconds = if work.timeout == 0 { DEFAULT_TIMEOUT } else { work.timeout };
        self.timers.set(Timer::ExternalWork, cx.now + Duration::from_secs(i64::from(seconds)));
    }

    /// Somebody outside had the radio long enough.
    pub(crate) fn external_work_timer(&mut self, cx: Cx<'_>) {
        let Some(id) = self.active_work.as_ref().and_then(Work::external).map(|w| w.id) else { return };
        self.info(&format!("EXT-RADIO-WORK-TIMEOUT {id}"));
        self.work_done(cx.now);
    }

    /// FLUSH: nothing waits for the radio any more, and nothing has it.
    pub(crate) fn drop_works(&mut self) {
        self.works.clear();
        if self.active_work.as_ref().is_some_and(|w| w.external().is_some()) {
            self.timers.cancel(Timer::ExternalWork);
        }
        self.active_work = None;
    }
}
