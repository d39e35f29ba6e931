//! TKIP countermeasures (IEEE 802.11-2020 §12.5.2.4): two Michael MIC failures within 60 s.

use super::station::Flags;
use super::{AccessPoint, ApContext, Timer};
use crate::runtime::never;
use crate::wire::MacAddr;
use crate::wire::ieee80211::reason;
use crate::wire::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);

/// Failures seen lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct MichaelFailures {
    last: Option<Instant>,
    count: u32,
    /// Nobody may authenticate while this lasts.
    pub countermeasures: bool,
}

impl AccessPoint {
    /// A failure that the driver saw (`local`) or that a station reports.
    pub(super) fn michael_failure(&mut self, cx: ApContext<'_>, addr: MacAddr, local: bool) {
        if local {
            let Some(station) = self.stations.get(&addr) else { return never!("the station has an entry") };
            let tkip =
                station.security.as_ref().is_some_and(|s| s.pairwise == crate::wire::rsne::CipherSet::TKIP);
            if !tkip {
                return;
            }
            self.with_auth(cx, |auth, _| auth.count_local_michael_failure(addr));
        }
        let m = &mut self.michael;
        let recent = m.last.is_some_and(|at| cx.now - at <= WINDOW);
        m.count = if recent { m.count + 1 } else { 1 };
        m.last = Some(cx.now);
        if m.count > 1 {
            self.start_countermeasures(cx);
        }
    }

    fn start_countermeasures(&mut self, cx: ApContext<'_>) {
        self.michael.countermeasures = true;
        self.timers.set(Timer::Countermeasures, cx.now + WINDOW);
        self.with_auth(cx, |auth, moment| {
            auth.count_countermeasures();
            auth.rekey_gtk(moment);
        });
        for addr in self.order.values().rev().copied().collect::<Vec<_>>() {
            if self.stations.get(&addr).is_some_and(|s| s.flags.has(Flags::AUTH)) {
                self.send_deauth(addr, reason::MICHAEL_MIC_FAILURE);
            }
            self.free_station(cx, addr);
        }
    }

    pub(super) fn end_countermeasures(&mut self) {
        self.michael.countermeasures = false;
    }
}
