//! The works that wait for the radio, one at a time, and the works of programs outside (RADIO_WORK).

use wpasim_wire::time::Duration;

use super::interface::work::{ExternalWork, Work};
use super::interface::{Interface, InterfaceContext};

/// The time of an external work that names none, in seconds.
const DEFAULT_TIMEOUT: u32 = 10;

/// The longest name that is kept, in octets.
const LONGEST_NAME: usize = 95;

/// The number of works that may wait.
const MOST_WAITING: usize = 1024;

impl Interface {
    /// RADIO_WORK add. The work's number; `None` if too many wait.
    pub(crate) fn add_external_work(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        name: &str,
        freq: u32,
        timeout: u32,
    ) -> Option<u32> {
        if cx.radio.len() >= MOST_WAITING {
            return None;
        }
        let id = self.numbers.external_work();
        let mut kept = name.to_owned();
        while kept.len() > LONGEST_NAME {
            kept.pop();
        }
        self.add_work(cx, Work::External(Box::new(ExternalWork { id, name: kept, freq, timeout })));
        Some(id)
    }

    /// The radio is free for somebody outside.
    pub(crate) fn start_external_work(&mut self, cx: &mut InterfaceContext<'_>, work: &ExternalWork) {
        self.info(&format!("EXT-RADIO-WORK-START {}", work.id));
        let seconds = if work.timeout == 0 { DEFAULT_TIMEOUT } else { work.timeout };
        cx.radio.hold_until(cx.now + Duration::from_secs(i64::from(seconds)));
    }

    /// Somebody outside had the radio long enough.
    pub(crate) fn external_work_timer(&mut self, cx: &mut InterfaceContext<'_>) {
        let Some(id) = self.held_work(cx).and_then(Work::external).map(|w| w.id) else { return };
        self.info(&format!("EXT-RADIO-WORK-TIMEOUT {id}"));
        self.work_done(cx);
    }

    /// FLUSH: nothing of this interface waits for the radio any more, and nothing has it.
    pub(crate) fn drop_works(&mut self, cx: &mut InterfaceContext<'_>) {
        cx.radio.forget(cx.now, self.identity.id);
    }

    /// Returns whether a scan of this interface has the radio or waits for it.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#radio_work_pending
    pub(crate) fn has_scan_work(&self, cx: &InterfaceContext<'_>) -> bool {
        cx.radio.waiting_of(self.identity.id).any(Work::is_scan)
            || self.held_work(cx).is_some_and(Work::is_scan)
    }
}
