//! The setup of an interface where it takes time: the regulatory domain of its country, and the scan before 40 MHz.

use super::Hostapd;
use crate::ap::ht40::{Coexistence, affected_channels, judge};
use crate::rsn::Level;
use crate::wire::channel::freq_to_channel;
use crate::wire::driver::{
    DriverEvent, DriverRequest, Errno, OperatingChannel, Refused, RegInitiator, ScanRequest,
};
use crate::wire::time::{Duration, Instant};
use crate::{Env, Output};

/// The time that hostapd waits for the channels of a country.
const CHANNEL_LIST: Duration = Duration::from_secs(5);
/// The time that it waits before it asks for a scan again.
const SCAN_RETRY: Duration = Duration::from_secs(1);
/// The number of times that it asks.
const SCAN_TRIES: u8 = 15;

/// The event that a setup waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Setup {
    /// The channels of the country, until then.
    CountryUpdate { until: Instant },
    /// The scan of the neighbours.
    HtScan { tries: u8 },
    /// The next attempt at it.
    HtScanRetry { tries: u8, at: Instant },
}

impl Setup {
    /// As STATUS names it.
    pub fn state_text(self) -> &'static str {
        match self {
            Setup::CountryUpdate { .. } => "COUNTRY_UPDATE",
            Setup::HtScan { .. } | Setup::HtScanRetry { .. } => "HT_SCAN",
        }
    }

    /// Returns whether the channel is chosen already.
    pub fn has_channel(self) -> bool {
        !matches!(self, Setup::CountryUpdate { .. })
    }

    /// Returns the time at which it goes on without an event.
    pub fn deadline(self) -> Option<Instant> {
        match self {
            Setup::CountryUpdate { until } => Some(until),
            Setup::HtScanRetry { at, .. } => Some(at),
            Setup::HtScan { .. } => None,
        }
    }
}

impl Hostapd {
    /// Asks for the regulatory domain of the configured country. Whether the setup waits for its channels.
    //= hostap@2.10 src/ap/hostapd.c#setup_interface
    pub(super) fn awaits_country(&mut self, now: Instant, env: Env<'_>) -> bool {
        let Some(country) = self.config.country else { return false };
        let before = env.driver.country();
        self.driver(DriverRequest::SetCountry(country));
        if before == country {
            return false;
        }
        self.setup = Some(Setup::CountryUpdate { until: now + CHANNEL_LIST });
        true
    }

    /// Scans the neighbours of a channel of 40 MHz. Whether the setup waits for that.
    //= hostap@2.10 src/ap/hw_features.c#ieee80211n_check_40mhz
    pub(super) fn awaits_neighbors(&mut self, env: Env<'_>) -> bool {
        if !self.config.ieee80211n || self.config.ht_capab.secondary_channel == 0 {
            return false;
        }
        *self.ap.config_mut() = self.ap_config(env);
        self.scan_neighbors(0, env);
        true
    }

    fn scan_neighbors(&mut self, tries: u8, env: Env<'_>) {
        let channels = env.driver.channels(self.interface.id);
        let freqs = affected_channels(self.channel_of_40_mhz(), &channels);
        self.setup = Some(Setup::HtScan { tries });
        self.driver(DriverRequest::TriggerScan(ScanRequest { freqs, ..ScanRequest::default() }));
    }

    fn channel_of_40_mhz(&self) -> OperatingChannel {
        let secondary = self.config.ht_capab.secondary_channel;
        OperatingChannel { freq: self.freq.unwrap_or(0), ht: true, secondary }
    }

    /// An event that a setup may wait for. Whether it was one.
    pub(super) fn setup_event(&mut self, now: Instant, event: &DriverEvent, env: Env<'_>) -> bool {
        match (self.setup, event) {
            (
                Some(Setup::CountryUpdate { .. }),
                DriverEvent::RegulatoryChange { initiator: RegInitiator::User, .. },
            ) => self.continue_setup(now, env),
            (Some(Setup::HtScan { .. }), DriverEvent::ScanDone { .. }) => self.neighbors_found(now, env),
            (
                Some(Setup::HtScan { tries }),
                DriverEvent::Refused { request: Refused::TriggerScan, errno },
            ) => {
                if *errno == Errno::Busy && tries < SCAN_TRIES {
                    self.setup = Some(Setup::HtScanRetry { tries: tries + 1, at: now + SCAN_RETRY });
                } else {
                    self.config.ht_capab.secondary_channel = 0;
                    self.setup = None;
                    self.finish_setup(now, env);
                }
            }
            _ => return false,
        }
        true
    }

    /// The deadline of a setup may have passed.
    pub(super) fn setup_timeout(&mut self, now: Instant, env: Env<'_>) {
        match self.setup {
            Some(setup) if setup.deadline().is_none_or(|at| at > now) => {}
            Some(Setup::HtScanRetry { tries, .. }) => self.scan_neighbors(tries, env),
            Some(_) => self.continue_setup(now, env),
            None => {}
        }
    }

    /// The channels of the country are there, or the time for them is over.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_channel_list_updated
    fn continue_setup(&mut self, now: Instant, env: Env<'_>) {
        self.setup = None;
        if !self.enable_on_channel(now, env) {
            self.give_up_setup();
        }
    }

    fn finish_setup(&mut self, now: Instant, env: Env<'_>) {
        if !self.start_access_point(now, env) {
            self.give_up_setup();
        }
    }

    /// A setup that was under way failed: hostapd ends.
    fn give_up_setup(&mut self) {
        self.event(Level::Info, "AP-DISABLED ", false);
        self.fail(self.failure.clone().unwrap_or_default());
    }

    /// The scan is over: the neighbours decide upon 40 MHz.
    //= hostap@2.10 src/ap/hw_features.c#ieee80211n_check_scan
    fn neighbors_found(&mut self, now: Instant, env: Env<'_>) {
        self.setup = None;
        let channel = self.channel_of_40_mhz();
        let found = env.driver.scan_results(self.interface.id, now);
        match judge(channel, &found) {
            Coexistence::Permitted => {}
            Coexistence::Exchanged => {
                let freq = channel.freq.saturating_add_signed(20 * i32::from(channel.secondary));
                self.freq = Some(freq);
                self.config.channel = freq_to_channel(freq).unwrap_or(self.config.channel);
                self.config.ht_capab.secondary_channel = -channel.secondary;
            }
            Coexistence::NotPermitted => {
                let primary = self.config.channel;
                let secondary = i32::from(primary) + 4 * i32::from(channel.secondary);
                let text = format!(
                    "20/40 MHz operation not permitted on channel pri={primary} sec={secondary} based on overlapping BSSes"
                );
                self.outputs.push_back(Output::Log(text));
                self.outputs.push_back(Output::Log("Fallback to 20 MHz".to_owned()));
                self.config.ht_capab.secondary_channel = 0;
            }
        }
        self.finish_setup(now, env);
    }
}
