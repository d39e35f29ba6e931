//! Automatic scans while nothing is connected (AUTOSCAN and `autoscan`).

use crate::config::keys::global;
use wpasim_wire::time::Duration;

use crate::config::text::atoi;
use crate::supplicant::interface::{Cx, Interface};
use crate::supplicant::state::{ScanPurpose, WpaState};

/// The interval in seconds when no module gives one.
const DEFAULT_INTERVAL: i64 = 5;

/// The module at work. Times are in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AutoScan {
    Periodic { interval: i32 },
    Exponential { base: i32, limit: i32, interval: i32 },
}

impl AutoScan {
    /// `NAME[:PARAMETERS]`; the name may be cut short. `None` for what 2.10 does not take.
    fn parse(text: &str) -> Option<AutoScan> {
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        if "exponential".starts_with(name) {
            let (base, limit) = parameters.split_once(':')?;
            return Some(AutoScan::Exponential { base: atoi(base), limit: atoi(limit), interval: 0 });
        }
        let interval = atoi(parameters);
        ("periodic".starts_with(name) && interval >= 0).then_some(AutoScan::Periodic { interval })
    }

    /// The time until the next scan.
    fn next_interval(&mut self) -> i32 {
        match self {
            AutoScan::Periodic { interval } => *interval,
            AutoScan::Exponential { limit, interval, .. } if *interval >= *limit => *limit,
            AutoScan::Exponential { base, limit, interval } => {
                *interval = if *interval <= 0 { *base } else { interval.saturating_mul(*base) };
                (*interval).min(*limit)
            }
        }
    }
}

impl Interface {
    /// AUTOSCAN.
    pub(crate) fn set_autoscan(&mut self, cx: Cx<'_>, parameters: &str) {
        self.config
            .globals
            .set_text(global::AUTOSCAN, (!parameters.is_empty()).then(|| parameters.to_owned()));
        match self.state {
            _ if parameters.is_empty() => self.stop_autoscan(),
            WpaState::Disconnected | WpaState::Inactive => {
                if self.start_autoscan() {
                    self.cancel_scan();
                    self.request_autoscan(cx);
                }
            }
            _ => self.reinit_autoscan(),
        }
    }

    /// Starts autoscan. Returns whether a module began its work.
    //= hostap@2.10 wpa_supplicant/autoscan.c#autoscan_init
    pub(crate) fn start_autoscan(&mut self) -> bool {
        if self.scan.auto.is_none() {
            self.scan.auto = self.config.globals.text(global::AUTOSCAN).and_then(AutoScan::parse);
            return self.scan.auto.is_some();
        }
        false
    }

    pub(crate) fn stop_autoscan(&mut self) {
        if self.scan.auto.take().is_some() {
            self.scan.interval = DEFAULT_INTERVAL;
        }
    }

    /// Starts autoscan from the beginning, with the parameters that are set now.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_reinit_autoscan
    pub(crate) fn reinit_autoscan(&mut self) {
        if matches!(self.state, WpaState::Disconnected | WpaState::Scanning) {
            self.stop_autoscan();
            self.start_autoscan();
        }
    }

    fn request_autoscan(&mut self, cx: Cx<'_>) {
        self.scan.purpose = ScanPurpose::Manual;
        self.request_scan(cx.now, Duration::from_secs(self.scan.interval));
    }

    /// Results are there: the next scan is asked for. `false` if the module wants none, and the results not
    /// looked at either.
    pub(super) fn autoscan_has_results(&mut self, cx: Cx<'_>) -> bool {
        let Some(auto) = &mut self.scan.auto else { return true };
        let interval = auto.next_interval();
        if interval <= 0 {
            return false;
        }
        self.scan.interval = i64::from(interval);
        self.request_autoscan(cx);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_up_to_the_limit() {
        let mut auto = AutoScan::parse("exponential:2:10").unwrap();
        let intervals: Vec<i32> = (0..5).map(|_| auto.next_interval()).collect();
        assert_eq!(intervals, [2, 4, 8, 10, 10]);
        assert_eq!(AutoScan::parse("p:3"), Some(AutoScan::Periodic { interval: 3 }));
        assert_eq!(AutoScan::parse("exponential:2"), None);
        assert_eq!(AutoScan::parse("nosuch:3"), None);
    }
}
