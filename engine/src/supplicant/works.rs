//! What waits for the radio, one thing at a time, and the works of programs outside (RADIO_WORK).

use wpasim_wire::time::{Duration, Instant};

use super::interface::{Cx, Interface, Work};
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

impl Work {
    /// The name and the channel in MHz that RADIO_WORK show prints.
    fn title(&self) -> (String, u32) {
        match self {
            Work::Scan(_) => ("scan".to_owned(), 0),
            Work::Connect { freq, .. } => ("sme-connect".to_owned(), *freq),
            Work::P2p(P2pWork::Scan(_)) => ("p2p-scan".to_owned(), 0),
            Work::P2p(P2pWork::Listen { freq, .. }) => ("p2p-listen".to_owned(), *freq),
            Work::P2p(P2pWork::Action(action)) => ("p2p-send-action".to_owned(), action.freq),
            Work::External(work) => (format!("ext:{}", work.name), work.freq),
        }
    }
}

impl Interface {
    /// RADIO_WORK show: the works of the radio in 2.10's order, those of other interfaces too: what was put before
    /// the one that has it, that one, the others.
    pub(crate) fn show_works(&self, now: Instant) -> String {
        let line = |work: &Work, ifname: &str, started: bool, since: Instant| {
            let (name, freq) = work.title();
            let age = (now - since).micros();
            let (seconds, rest) = (age / 1_000_000, age % 1_000_000);
            format!("{name}@{ifname}:{freq}:{}:{seconds}.{rest:06}\n", u8::from(started))
        };
        let waiting = |ahead| {
            let these = self.radio.waiting().filter(move |w| w.ahead == ahead);
            these.map(|w| line(&w.work, &w.ifname, false, w.since))
        };
        let holder = self.radio.holder().map(|h| line(&h.work, &h.ifname, true, h.since));
        waiting(true).chain(holder).chain(waiting(false)).collect()
    }

    /// RADIO_WORK add. The work's number; `None` if too many wait.
    pub(crate) fn add_external_work(
        &mut self,
        now: Instant,
        name: &str,
        freq: u32,
        timeout: u32,
    ) -> Option<u32> {
        if self.radio.len() >= MOST_WAITING {
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

    /// The radio is free for somebody outside.
    pub(crate) fn start_external_work(&mut self, cx: Cx<'_>, work: &ExternalWork) {
        self.info(&format!("EXT-RADIO-WORK-START {}", work.id));
        let seconds = if work.timeout == 0 { DEFAULT_TIMEOUT } else { work.timeout };
        self.radio.hold_until(cx.now + Duration::from_secs(i64::from(seconds)));
    }

    /// Somebody outside had the radio long enough.
    pub(crate) fn external_work_timer(&mut self, cx: Cx<'_>) {
        let Some(id) = self.held_work().and_then(Work::external).map(|w| w.id) else { return };
        self.info(&format!("EXT-RADIO-WORK-TIMEOUT {id}"));
        self.work_done(cx.now);
    }

    /// FLUSH: nothing of this interface waits for the radio any more, and nothing has it.
    pub(crate) fn drop_works(&mut self, now: Instant) {
        self.radio.forget(now, self.identity.id);
    }
}
