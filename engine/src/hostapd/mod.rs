//! A stand-alone access point: one hostapd process with one interface, its hostapd.conf and its
//! control interface.

mod access_lists;
mod call;
mod command;
mod config;
mod convert;
mod keys;
mod neighbors;
mod new_settings;
mod number;
pub mod process;
mod setup;
mod table;
mod testing;
mod text;
mod wps;

pub use config::words as config_words;
pub use config::{HostapdConfig, HtCapab, HwModeKey, Psk, WpsKeys};

use crate::ap::{AccessPoint, ApAction, ApConfig, ApContext, ApState, ShutDown};
use crate::config::Refusals;
use crate::entropy::Entropy;
use crate::rsn::Level;
use crate::runtime::driver_state::DriverState;
use crate::runtime::log_level::LogLevel;
use crate::runtime::monitors::Monitors;
use crate::wire::Ssid;
use crate::wire::channel::freq_to_channel;
use crate::wire::driver::{DriverEvent, DriverRequest, IfType, OperatingChannel, Refused};
use crate::wire::time::Instant;
use crate::{ConnId, Env, Input, InterfaceConfig, Node, Output, Secret};
use neighbors::Neighbors;
use new_settings::Chore;
use std::collections::VecDeque;
use testing::Testing;

/// Longer datagrams are cut: hostapd reads into 4096 octets and keeps the last for a NUL.
const COMMAND_MAX: usize = 4095;

/// One hostapd process.
pub struct Hostapd {
    interface: InterfaceConfig,
    config: HostapdConfig,
    ap: AccessPoint,
    monitors: Monitors,
    outputs: VecDeque<Output>,
    chores: VecDeque<Chore>,
    neighbors: Neighbors,
    testing: Testing,
    driver_state: DriverState,
    log_level: LogLevel,
    secrets: Vec<Secret>,
    /// The frequency at which the interface was set up last, in MHz.
    freq: Option<u32>,
    /// The reason why the process does not run.
    failure: Option<String>,
    /// The request that the driver refused when the interface was set up last.
    start_refused: Option<Refused>,
    /// The event that the setup of the interface waits for.
    setup: Option<setup::Setup>,
    running: bool,
}

impl Hostapd {
    /// The process is not started; the configuration is read at [`Input::Start`].
    pub fn new(interface: InterfaceConfig, entropy: Entropy) -> Self {
        let config = ApConfig::open(Ssid::wildcard(), 0);
        let ap = AccessPoint::new(interface.id, interface.addr, config, &entropy);
        Hostapd {
            interface,
            config: HostapdConfig::default(),
            ap,
            monitors: Monitors::default(),
            outputs: VecDeque::new(),
            chores: VecDeque::new(),
            neighbors: Neighbors::default(),
            testing: Testing::default(),
            driver_state: DriverState::default(),
            log_level: LogLevel::default(),
            secrets: Vec::new(),
            freq: None,
            failure: None,
            start_refused: None,
            setup: None,
            running: false,
        }
    }

    /// Returns the reason why the configuration was refused, or the interface could not be set up.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The configuration in force, SET included.
    pub fn config(&self) -> &HostapdConfig {
        &self.config
    }

    fn start(&mut self, now: Instant, env: Env<'_>) {
        let path = self.interface.config_path.clone();
        match HostapdConfig::read(&path, env.files) {
            Ok(config) => self.config = config,
            Err(Refusals(refusals)) => {
                let first = refusals.first().map(ToString::to_string).unwrap_or_default();
                self.outputs.extend(refusals.iter().map(|line| Output::Log(line.to_string())));
                return self.fail(format!("{path}: {first}"));
            }
        }
        self.begin(now, env);
    }

    /// Starts with the configuration that is there.
    fn begin(&mut self, now: Instant, env: Env<'_>) {
        self.running = true;
        self.ap.look_for_gone_neighbors_since(now);
        if !self.enable(now, env) {
            let ifname = &self.interface.ifname;
            self.outputs.push_back(Output::Log(format!("{ifname}: Unable to setup interface.")));
            // Once more, as the interface is given up.
            self.event(Level::Info, "AP-DISABLED ", false);
            self.fail(self.failure.clone().unwrap_or_default());
        }
    }

    fn fail(&mut self, why: String) {
        self.failure = Some(why);
        self.running = false;
        self.outputs.push_back(Output::Terminated);
    }

    /// Returns the access point's configuration. The frequency is that at which it was set up last: hostapd looks for
    /// another only as it sets the interface up.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_reload_iface
    fn ap_config(&self, env: Env<'_>) -> ApConfig {
        let channels = env.driver.channels(self.interface.id);
        let mut config = self.config.to_ap_config(self.interface.addr, &channels, env.psk);
        if let Some(freq) = self.freq {
            config.freq = freq;
            config.named_channel = Some(self.config.channel);
        }
        config
    }

    /// Sets the interface up. Whether that was possible.
    fn enable(&mut self, now: Instant, env: Env<'_>) -> bool {
        self.keep_ap_pin();
        if let Err(why) = self.config.check(true) {
            self.outputs.push_back(Output::Log(why.clone()));
            self.failure = Some(why);
            return false;
        }
        self.outputs.extend(self.config.remarks().into_iter().map(|line| Output::Log(line.to_owned())));
        self.awaits_country(now, env) || self.enable_on_channel(now, env)
    }

    /// The channels are known: takes the configured one. Whether that was possible.
    //= hostap@2.10 src/ap/hostapd.c#setup_interface2
    fn enable_on_channel(&mut self, now: Instant, env: Env<'_>) -> bool {
        let channels = env.driver.channels(self.interface.id);
        let refusals = self.config.refused_by_radio(&self.interface.ifname, Some(&channels));
        let refusals = if refusals.is_empty() { self.config.missing() } else { refusals };
        if let Some(first) = refusals.first() {
            self.failure = Some(first.to_string());
            self.outputs.extend(refusals.iter().map(|line| Output::Log(line.to_string())));
            self.event(Level::Info, "AP-DISABLED ", false);
            return false;
        }
        // The settings that follow from HT are settled as the interface is set up for the first time.
        self.config.wmm_enabled.get_or_insert(self.config.ieee80211n);
        self.freq = self.config.freq();
        self.awaits_neighbors(env) || self.start_access_point(now, env)
    }

    /// All is settled: the access point starts. Whether that was possible.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_setup_interface_complete
    fn start_access_point(&mut self, now: Instant, env: Env<'_>) -> bool {
        *self.ap.config_mut() = self.ap_config(env);
        if let (Some(ssid), Some(security)) = (&self.config.ssid, &self.ap.config().security) {
            let ssid = ssid.as_bytes().to_vec();
            for pmk in security.psks.keys() {
                self.secrets.push(Secret::Pmk { ssid: ssid.clone(), pmk: pmk.to_vec() });
            }
        }
        if let Some(octets) = self.config.fragmentation_threshold() {
            self.driver(DriverRequest::SetFragmentationThreshold(octets));
        }
        let cx = ApContext { now, driver: env.driver };
        self.start_refused = self.ap.start(cx);
        self.carry_out();
        if let Some(refused) = self.start_refused {
            self.failure = Some(format!("the driver refuses {refused:?}"));
        }
        self.start_refused.is_none()
    }

    /// Derives keys that stations wait for, up to a bound; the rest is due at once.
    fn derive_psks(&mut self, now: Instant, env: Env<'_>) {
        self.ap.derive_psks(ApContext { now, driver: env.driver }, env.psk);
        self.carry_out();
    }

    fn disable(&mut self, now: Instant, env: Env<'_>) -> bool {
        if self.setup.take().is_some() {
            self.event(Level::Info, "AP-DISABLED ", false);
            return true;
        }
        if self.ap.state() != ApState::Enabled {
            return false;
        }
        self.keep_ap_pin();
        self.ap.stop(ApContext { now, driver: env.driver }, ShutDown::Disable);
        self.carry_out();
        self.driver(DriverRequest::SetIfType(IfType::Station));
        true
    }

    /// Takes the interface down and up again on a channel that the driver could not switch to.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_switch_channel_fallback
    fn restart_on(&mut self, now: Instant, channel: OperatingChannel, env: Env<'_>) {
        self.config.channel = freq_to_channel(channel.freq).unwrap_or(self.config.channel);
        self.config.ht_capab.secondary_channel = channel.secondary;
        self.config.ieee80211n = channel.ht;
        self.disable(now, env);
        self.enable(now, env);
    }

    fn terminate(&mut self, now: Instant, env: Env<'_>) {
        self.give_up(now, env);
        self.outputs.push_back(Output::Terminated);
    }

    /// The end of the BSS, alone or with its process.
    fn give_up(&mut self, now: Instant, env: Env<'_>) {
        self.setup = None;
        self.ap.stop(ApContext { now, driver: env.driver }, ShutDown::GiveUp);
        self.carry_out();
        self.event(Level::Info, "CTRL-EVENT-TERMINATING ", false);
        self.driver(DriverRequest::SetIfType(IfType::Station));
        self.running = false;
    }

    fn next_timeout(&self) -> Option<Instant> {
        let setup = self.setup.and_then(setup::Setup::deadline);
        self.ap.next_timeout().into_iter().chain(setup).min()
    }

    fn driver(&mut self, request: DriverRequest) {
        self.driver_state.requested(&request);
        self.outputs.push_back(Output::Driver { iface: self.interface.id, request });
    }

    fn event(&mut self, level: Level, text: &str, is_probe_request: bool) {
        let data = level.line(text).into_bytes();
        let event = |conn| Output::Event { conn, data: data.clone() };
        if is_probe_request {
            self.outputs.extend(self.monitors.receivers_of_probe_requests(level).map(event));
        } else {
            self.outputs.extend(self.monitors.receivers(level).map(event));
        }
    }

    /// Turns what the access point wants into outputs.
    fn carry_out(&mut self) {
        for action in self.ap.take_actions() {
            match action {
                ApAction::Driver(request) => self.driver(request),
                ApAction::Event(level, text) => self.event(level, &text, false),
                ApAction::ProbeRequestEvent(text) => self.event(Level::Info, &text, true),
                ApAction::Secret(secret) => self.secrets.push(secret),
                ApAction::PinRequest(line) => self.chores.push_back(Chore::PinRequest(line)),
                ApAction::NewPsk { addr, psk } => self.chores.push_back(Chore::NewPsk { addr, psk }),
                ApAction::NewSettings(settings) => self.chores.push_back(Chore::NewSettings(settings)),
                ApAction::ReloadSettings => self.chores.push_back(Chore::Reload),
                ApAction::RestartOn(channel) => self.chores.push_back(Chore::RestartOn(channel)),
                ApAction::ChannelChanged(channel) => {
                    self.config.operates_on(channel);
                    self.freq = Some(channel.freq);
                }
                // hostapd owns no P2P groups.
                ApAction::Group(_) => {}
            }
        }
    }

    fn driver_event(&mut self, now: Instant, event: &DriverEvent, env: Env<'_>) {
        self.driver_state.told(event);
        if self.testing_event(event) || self.setup_event(now, event, env) {
            return;
        }
        if let DriverEvent::Refused { request: Refused::StartAp, errno } = event {
            self.failure = Some(format!("the driver refuses to start the access point: {errno:?}"));
            self.ap.stop(ApContext { now, driver: env.driver }, ShutDown::Disable);
        } else {
            self.ap.handle(ApContext { now, driver: env.driver }, event);
        }
        self.carry_out();
    }

    fn command(&mut self, now: Instant, conn: ConnId, data: &[u8], env: Env<'_>) {
        let data = data.get(..COMMAND_MAX).unwrap_or(data);
        let text = data.split(|b| *b == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        let reply = self.execute(call::Call { conn, now, env }, &text);
        let terminating = text == "TERMINATE";
        self.outputs.push_back(Output::Reply { conn, data: reply });
        if terminating {
            self.terminate(now, env);
        }
    }
}

impl Node for Hostapd {
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>) {
        match input {
            Input::Start => self.start(now, env),
            _ if !self.running => {}
            Input::Timeout | Input::FirstTimeout => {
                self.ap.timeout(ApContext { now, driver: env.driver });
                self.carry_out();
                self.setup_timeout(now, env);
                self.derive_psks(now, env);
            }
            Input::Command { conn, data, .. } => self.command(now, conn, &data, env),
            Input::Closed { conn } => {
                self.monitors.detach(conn);
            }
            Input::Driver { event, .. } => {
                self.driver_event(now, &event, env);
                self.derive_psks(now, env);
            }
        }
        self.do_chores(now, env);
        if cfg!(debug_assertions) {
            assert_eq!(self.ap.invariant(), Ok(()), "{}", self.interface.ifname);
        }
    }

    fn poll_output(&mut self) -> Output {
        self.outputs
            .pop_front()
            .unwrap_or_else(|| Output::Idle { next: self.next_timeout().filter(|_| self.running) })
    }

    fn describe(&self) -> String {
        let state = text::state_text(self.ap.state());
        let stations = self.ap.station_count();
        match &self.failure {
            Some(why) => format!("{}: {state} ({why})", self.interface.ifname),
            None => format!("{}: {state}, {stations} stations", self.interface.ifname),
        }
    }

    fn is_computing(&self) -> bool {
        self.ap.is_deriving_psks()
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        core::mem::take(&mut self.secrets)
    }
}

#[cfg(test)]
mod tests;
