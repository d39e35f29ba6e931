//! A wpa_supplicant process: its interfaces and its control sockets.

pub(crate) mod ap_mode;
mod global;
mod hooks;
pub(crate) mod interface;
mod invariant;
pub(crate) mod p2p;
pub(crate) mod pmksa;
pub(crate) mod radio;
pub(crate) mod state;
pub(crate) mod testing;
pub(crate) mod works;
pub(crate) mod wps;
pub(crate) mod wps_settings;

use crate::config::keys;
use std::collections::VecDeque;

use wpasim_wire::driver::{DriverEvent, IfId, Refused, RegDomain, RegInitiator};
use wpasim_wire::time::Instant;

use crate::entropy::Entropy;
use crate::runtime::monitors::Monitors;
use crate::runtime::timers::{Due, Order};
use crate::{Awaited, ConnId, CtrlSocket, Env, Input, InterfaceConfig, Node, Output, Secret, SocketChange};
use interface::parts::outbox::Outbound;
use interface::parts::radio::Radio;
use interface::{Context, Interface, InterfaceContext};
use p2p::P2p;

pub use state::WpaState;

/// The longest command 2.10 reads; a longer datagram is dropped without a reply.
const MAX_COMMAND: usize = 8192;

/// The number of timers that fire for one [`Input::Timeout`].
const TIMERS_AT_A_TIME: usize = 256;

/// The part of a process that a time-out belongs to.
#[derive(Clone, Copy, Debug)]
enum TimerOwner {
    Interface(IfId),
    /// The radio at this place of the process's list.
    Radio(usize),
    P2p,
}

/// One process.
pub struct Supplicant {
    /// The oldest first.
    pub(crate) interfaces: Vec<Interface>,
    /// The interfaces that the process began with; one that was removed can be added again.
    first_interfaces: Vec<InterfaceConfig>,
    radios: Vec<Radio>,
    /// The order in which the time-outs of the process are registered.
    order: Order,
    /// Interfaces that INTERFACE_ADD made, each with the one that it was made through.
    created: Vec<(IfId, IfId)>,
    global_monitors: Monitors,
    pub(crate) p2p: P2p,
    entropy: Entropy,
    outputs: VecDeque<Output>,
    terminated: bool,
    testing: bool,
}

impl Supplicant {
    /// A process with these interfaces; each reads its configuration when [`Input::Start`] comes.
    pub fn new(interfaces: Vec<InterfaceConfig>, entropy: Entropy) -> Self {
        let order = Order::default();
        Supplicant {
            p2p: P2p::new(&entropy, &order, interfaces.iter().map(|i| i.id.0 + 1).max().unwrap_or(0)),
            first_interfaces: interfaces.clone(),
            radios: Vec::new(),
            created: Vec::new(),
            interfaces: interfaces.into_iter().map(|i| Interface::new(i, entropy.clone(), &order)).collect(),
            order,
            global_monitors: Monitors::default(),
            entropy,
            outputs: VecDeque::new(),
            terminated: false,
            testing: false,
        }
    }

    /// The commands for test suites, as in a build with CONFIG_TESTING_OPTIONS.
    pub fn with_testing(mut self) -> Self {
        self.testing = true;
        self.interfaces.iter_mut().for_each(|i| i.testing.set_built_in(true));
        self
    }

    /// Returns whether the process has the commands of a build with CONFIG_TESTING_OPTIONS.
    pub(crate) fn has_test_commands(&self) -> bool {
        self.testing
    }

    /// The state of an interface.
    pub fn state(&self, id: IfId) -> Option<WpaState> {
        self.interfaces.iter().find(|i| i.id() == id).map(|i| i.link.state())
    }

    fn start(&mut self, cx: Context<'_>) {
        for id in self.interfaces.iter().map(Interface::id).collect::<Vec<_>>() {
            if self.with_interface(cx, id, |i, cx| i.start(cx)) != Some(true) {
                self.terminated = true;
                continue;
            }
            let Some(interface) = self.interface(id) else { continue };
            let ctrl_interface =
                interface.config.globals.text(keys::global::CTRL_INTERFACE).map(str::to_owned);
            let ifname = interface.identity.ifname.clone();
            let change = SocketChange::Opened { ifname, ctrl_interface };
            self.outputs.push_back(Output::Socket { iface: id, change });
        }
        self.start_p2p(cx);
        self.collect(cx);
        if self.terminated {
            self.outputs.push_back(Output::Terminated);
        }
    }

    fn command(&mut self, cx: Context<'_>, conn: ConnId, socket: CtrlSocket, data: &[u8]) {
        if data.len() > MAX_COMMAND {
            return;
        }
        let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
        let text = &data[..end];
        match socket {
            CtrlSocket::Global => self.global_command(cx, conn, text),
            CtrlSocket::Interface(id) => self.interface_command(cx, conn, id, text),
        }
    }

    /// A command on an interface's own socket.
    fn interface_command(&mut self, cx: Context<'_>, conn: ConnId, id: IfId, text: &[u8]) {
        match self.on_interface(id, |i| i.monitor_command(conn, text)).flatten() {
            Some(data) => self.outputs.push_back(Output::Reply { conn, data }),
            None => self.command_for(cx, conn, id, text),
        }
    }

    /// A command for an interface, whichever socket it came through.
    fn command_for(&mut self, cx: Context<'_>, conn: ConnId, id: IfId, text: &[u8]) {
        if text == b"FLUSH" {
            self.flush_begins(cx, id);
            self.collect(cx);
        }
        let reply = if let Some(kind) = text.strip_prefix(b"INTERFACES") {
            Some(self.list_interfaces(&String::from_utf8_lossy(kind)).into_bytes())
        } else {
            match self.process_command(cx, id, text) {
                Some(reply) => Some(reply),
                None => self.with_interface(cx, id, |i, cx| i.answer(cx, text)),
            }
        };
        self.collect(cx);
        if let Some(data) = reply {
            self.outputs.push_back(Output::Reply { conn, data });
        }
        if self.interface(id).is_some_and(|i| i.terminating) {
            self.terminate(cx);
        }
    }

    fn terminate(&mut self, cx: Context<'_>) {
        self.end_groups(cx);
        for id in self.interfaces.iter().map(Interface::id).collect::<Vec<_>>() {
            self.shut_down_interface(cx, id);
            self.on_interface(id, |i| i.info("CTRL-EVENT-TERMINATING "));
        }
        self.collect(cx);
        self.outputs.push_back(Output::Terminated);
        self.terminated = true;
    }

    /// Ends an interface. With the one of the P2P device goes what the device knows.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_deinit_iface
    pub(crate) fn shut_down_interface(&mut self, cx: Context<'_>, id: IfId) {
        self.with_interface(cx, id, |i, cx| i.shut_down(cx));
        self.collect(cx);
        if self.p2p.shared.exists && self.p2p.shared.device_iface == id {
            self.with_device(cx, |d, cx| d.flush(cx));
        }
        self.with_interface(cx, id, |i, cx| {
            cx.radio.forget(cx.now, i.identity.id);
            i.timers.clear();
        });
        self.collect(cx);
    }

    fn driver_event(&mut self, cx: Context<'_>, id: IfId, event: DriverEvent) {
        self.on_interface(id, |i| i.driver_state.told(&event));
        if self.on_interface(id, |i| i.testing_event(&event)).unwrap_or(false) {
            return;
        }
        if !self.p2p_driver_event(cx, id, &event) {
            self.with_interface(cx, id, |i, cx| i.driver_event(cx, event));
        }
    }

    /// Hands on what the interfaces have for the outside, and does what they want done before the rest.
    pub(crate) fn collect(&mut self, cx: Context<'_>) {
        for index in 0.. {
            let Some(interface) = self.interfaces.get_mut(index) else { break };
            let id = interface.id();
            for queued in interface.outbox.take() {
                match queued {
                    Outbound::Output(output) => self.outputs.push_back(output),
                    Outbound::ProcessRequest(signal) => {
                        self.p2p_signal(cx, id, *signal);
                        self.collect(cx);
                    }
                }
            }
        }
    }

    /// Fires the timers that are due, one after the other. Those beyond the limit are due again at once, so that the
    /// caller sees a process that goes round at one instant.
    fn timeout(&mut self, cx: Context<'_>, most: usize) {
        for _ in 0..most {
            let Some((_, owner)) = self.next_due().filter(|(due, _)| due.at <= cx.now) else { return };
            match owner {
                TimerOwner::Interface(id) => {
                    self.with_interface(cx, id, |i, cx| i.timeout(cx));
                }
                TimerOwner::Radio(radio) => self.radio_timeout(cx, radio),
                TimerOwner::P2p => self.p2p_timeout(cx),
            }
            self.collect(cx);
            if self.terminated {
                return;
            }
        }
    }

    /// Stops a debug build at the first input that leaves a timer behind for nothing.
    fn check_timers(&self) {
        if cfg!(debug_assertions) {
            for interface in &self.interfaces {
                assert_eq!(interface.invariant(), Ok(()));
            }
        }
    }

    /// Returns the time-out of the process that fires next, and its owner: the earliest, of equal ones the one that was
    /// registered first.
    //= hostap@2.10 src/utils/eloop.c#eloop_run
    fn next_due(&self) -> Option<(Due, TimerOwner)> {
        let interfaces = self
            .interfaces
            .iter()
            .filter_map(|i| Some((i.timers.next_due()?, TimerOwner::Interface(i.id()))));
        let radios = self.radios.iter().enumerate();
        let radios = radios.filter_map(|(at, radio)| Some((radio.next_due()?, TimerOwner::Radio(at))));
        let p2p = self.p2p.next_due().map(|due| (due, TimerOwner::P2p));
        interfaces.chain(radios).chain(p2p).min_by_key(|(due, _)| *due)
    }
}

impl Node for Supplicant {
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>) {
        if self.terminated {
            return;
        }
        let cx = Context { now, env };
        match input {
            Input::Start => self.start(cx),
            Input::Timeout => self.timeout(cx, TIMERS_AT_A_TIME),
            Input::FirstTimeout => self.timeout(cx, 1),
            Input::Command { conn, socket, data } => self.command(cx, conn, socket, &data),
            Input::Closed { conn } => {
                self.global_monitors.detach(conn);
                for interface in &mut self.interfaces {
                    interface.outbox.connection_closed(conn);
                }
            }
            Input::Driver { iface, event } => self.driver_event(cx, iface, event),
        }
        self.collect(cx);
        self.check_radios();
        self.check_timers();
    }

    fn poll_output(&mut self) -> Output {
        match self.outputs.pop_front() {
            Some(output) => output,
            None if self.terminated => Output::Idle { next: None },
            None => Output::Idle { next: self.next_due().map(|(due, _)| due.at) },
        }
    }

    fn describe(&self) -> String {
        if self.terminated {
            return "terminated".to_owned();
        }
        self.interfaces.iter().map(Interface::describe).collect::<Vec<_>>().join("; ")
    }

    fn awaited(&self) -> Vec<(IfId, Awaited)> {
        if self.terminated {
            return Vec::new();
        }
        let scans = |i: &&Interface| i.scan.is_awaited();
        let scans = self.interfaces.iter().filter(scans).map(|i| (i.id(), Awaited::Scan));
        // Timers of their own end both in the end; that they do not have to is what this is about.
        let waits = |i: &Interface, timer| i.timers.deadline(timer).is_some();
        let connections = self.interfaces.iter().filter_map(|i| match i.link.state() {
            // The request is repeated when the scan for its access point is over.
            WpaState::Authenticating if i.attempt.waits_for_scan() => Some((i.id(), Awaited::Scan)),
            WpaState::Authenticating if waits(i, interface::Timer::SmeAuth) => {
                Some((i.id(), Awaited::Authentication))
            }
            WpaState::Associating if waits(i, interface::Timer::SmeAssoc) => {
                Some((i.id(), Awaited::Association))
            }
            _ => None,
        });
        scans.chain(connections).chain(self.awaited_off_channel()).collect()
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        self.interfaces.iter_mut().flat_map(|i| i.outbox.take_secrets()).collect()
    }
}

impl Interface {
    /// Handles an event of the driver of this interface.
    pub(crate) fn driver_event(&mut self, cx: &mut InterfaceContext<'_>, event: DriverEvent) {
        match &event {
            DriverEvent::ChannelSwitchStarted { channel } => {
                return self.channel_switched(cx, *channel, false);
            }
            DriverEvent::ChannelSwitch { channel } => return self.channel_switched(cx, *channel, true),
            _ if self.ap.is_some() && self.ap_event(cx, &event) => return,
            _ => {}
        }
        match event {
            DriverEvent::Refused { request, errno } => match request {
                Refused::TriggerScan => self.scan_refused(cx, errno),
                Refused::Authenticate => self.authentication_refused(cx, errno),
                Refused::Associate => self.association_refused(cx),
                // A deauthentication that finds no association has no event to come.
                Refused::Deauthenticate => self.attempt.deauth_is_refused(),
                _ => {}
            },
            DriverEvent::ScanStarted => self.scan_started(cx.now),
            DriverEvent::ScanDone { aborted, freqs, ssids } => self.scan_done(cx, aborted, freqs, ssids),
            DriverEvent::Authenticated { frame } => self.authenticated(cx, &frame),
            DriverEvent::AuthTimeout { bssid } if bssid == self.link.pending_bssid() => {
                self.attempt_timed_out(cx)
            }
            DriverEvent::AssocTimeout { bssid } if bssid == self.link.pending_bssid() => {
                self.attempt_timed_out(cx)
            }
            DriverEvent::Associated { frame, req_ies, freq } => {
                self.association_response(cx, &frame, &req_ies, freq);
            }
            DriverEvent::Deauthenticated { frame, locally_generated }
            | DriverEvent::Disassociated { frame, locally_generated } => {
                self.link_lost(cx, &frame, locally_generated);
            }
            DriverEvent::RxEapol { src, frame, .. } => self.rx_eapol(cx, src, &frame),
            DriverEvent::BeaconLoss => self.info("CTRL-EVENT-BEACON-LOSS "),
            DriverEvent::SignalChange { above_threshold, signal_dbm } => {
                self.signal_changed(cx, above_threshold, signal_dbm);
            }
            DriverEvent::RegulatoryChange { initiator, domain } => self.regulatory_change(initiator, domain),
            DriverEvent::MichaelMicFailure { group, .. } => self.michael_failure(cx, !group),
            _ => {}
        }
    }

    fn regulatory_change(&mut self, initiator: RegInitiator, domain: RegDomain) {
        let init = match initiator {
            RegInitiator::Core => "CORE",
            RegInitiator::User => "USER",
            RegInitiator::Driver => "DRIVER",
            RegInitiator::CountryIe => "COUNTRY_IE",
            RegInitiator::Beacon => "BEACON_HINT",
        };
        match domain {
            RegDomain::World => self.info(&format!("CTRL-EVENT-REGDOM-CHANGE init={init} type=WORLD")),
            RegDomain::Intersection => {
                self.info(&format!("CTRL-EVENT-REGDOM-CHANGE init={init} type=INTERSECTION"));
            }
            RegDomain::Country([a, b]) => {
                let (a, b) = (char::from(a), char::from(b));
                self.info(&format!("CTRL-EVENT-REGDOM-CHANGE init={init} type=COUNTRY alpha2={a}{b}"));
            }
        }
        self.signal(p2p::ProcessRequest::ChannelListChanged);
    }

    /// Leaves the connection and forgets networks and BSSs, with their events.
    fn shut_down(&mut self, cx: &mut InterfaceContext<'_>) {
        use wpasim_wire::ieee80211::reason;
        self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        for id in self.config.networks.iter().map(|n| n.id).collect::<Vec<_>>() {
            self.say_network_removed(cx, id);
        }
        let changes = self.bss.flush(&crate::bss::InUse::default());
        self.report_bss_changes(cx, changes);
        self.info("CTRL-EVENT-DSCP-POLICY clear_all");
    }
}
