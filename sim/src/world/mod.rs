//! The world: nodes, the air between them and the queue that drives both.

mod api;
mod node;
mod outside;

use std::sync::Arc;

use wpasim_engine::{ConnId, CtrlSocket, Input, Output, PskSource, SocketChange};
use wpasim_wire::driver::IfId;
use wpasim_wire::time::{Duration, Instant};

use crate::NodeId;
use crate::air::{Air, Entry};
use crate::clock::Clock;
use crate::mac::{AirView, Regulatory};
use crate::queue::Priority;
use crate::trace::TraceKind;
use node::NodeRuntime;
pub use node::NodeSpec;

/// The bounds of a run, beyond which it counts as runaway.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budgets {
    /// Queue entries at one instant.
    pub events_at_one_instant: u32,
    /// Events of one node's driver and timers at one instant, since its last command.
    pub node_events_at_one_instant: u32,
    /// Queue entries in all.
    pub total_events: u64,
    /// Virtual time from the start.
    pub virtual_time: Duration,
}

impl Default for Budgets {
    fn default() -> Self {
        Budgets {
            events_at_one_instant: 200_000,
            node_events_at_one_instant: 20_000,
            total_events: 100_000_000,
            virtual_time: Duration::from_secs(24 * 3600),
        }
    }
}

/// The wall clock at time zero unless a world is made with another one, in microseconds.
pub const EPOCH_US: u64 = wpasim_wire::time::EPOCH_SECONDS as u64 * 1_000_000;

/// The parameters of a world.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    pub seed: u64,
    /// The kernel's HZ: 250 in the recordings, 100 in User-Mode Linux.
    pub hz: u32,
    /// The wall clock at time zero, in microseconds: TSF timers, beacon phases and capture stamps.
    pub epoch_us: u64,
    pub regulatory: Regulatory,
    pub budgets: Budgets,
    /// A node that goes round at one instant is ended, and the rest goes on; otherwise it ends the run.
    pub ends_runaways: bool,
}

impl Default for WorldConfig {
    fn default() -> Self {
        WorldConfig {
            seed: 1,
            hz: 250,
            epoch_us: EPOCH_US,
            regulatory: Regulatory::world(),
            budgets: Budgets::default(),
            ends_runaways: false,
        }
    }
}

/// The result of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// One queue entry was carried out.
    Advanced,
    /// Nothing is due before the limit; the time is the limit now.
    Limit,
    /// Nothing will ever happen again by itself.
    Empty,
}

/// The budget that was exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Budget {
    EventsAtOneInstant,
    NodeEventsAtOneInstant,
    TotalEvents,
    VirtualTime,
}

/// A run went further than its budget allows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{budget} exceeded at {at}; last at work: {node} ({state})")]
pub struct BudgetExceeded {
    pub budget: Budget,
    pub at: Instant,
    /// The node that had the last event.
    pub node: String,
    /// Its state, as [`wpasim_engine::Node::describe`] says it.
    pub state: String,
}

impl core::fmt::Display for Budget {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Budget::EventsAtOneInstant => "the budget of events at one instant was",
            Budget::NodeEventsAtOneInstant => "the budget of one device's events at one instant was",
            Budget::TotalEvents => "the budget of events was",
            Budget::VirtualTime => "the budget of virtual time was",
        })
    }
}

/// An output of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Emission {
    /// The reply to a command.
    Reply(Vec<u8>),
    /// An unsolicited event, priority prefix included.
    Event(Vec<u8>),
    /// A line on the standard output of the process.
    Log(String),
    /// The process ended.
    Terminated,
    /// An interface's control socket comes or goes.
    Socket(IfId, SocketChange),
}

/// An output of a node's control connection, with its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Emitted {
    pub time: Instant,
    pub node: NodeId,
    /// `ConnId(u32::MAX)` for what belongs to no connection.
    pub conn: ConnId,
    pub what: Emission,
}

/// Nodes, medium and queue.
pub struct World {
    config: WorldConfig,
    air: Air,
    nodes: Vec<NodeRuntime>,
    psk: Arc<dyn PskSource + Send + Sync>,
    outbox: Vec<Emitted>,
    total_events: u64,
    events_now: u32,
    last_node: Option<NodeId>,
    /// Exceeded while nobody could be told; the next step says so.
    exceeded: Option<BudgetExceeded>,
}

/// Derives every PSK anew.
struct PlainPsk;

impl PskSource for PlainPsk {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
        wpasim_wire::crypto::psk(passphrase, ssid)
    }
}

impl World {
    /// An empty world at time zero.
    pub fn new(config: WorldConfig) -> Self {
        let clock = Clock::new(config.hz, config.epoch_us);
        let air = Air::new(clock, config.seed, config.regulatory.clone());
        World {
            config,
            air,
            nodes: Vec::new(),
            psk: Arc::new(PlainPsk),
            outbox: Vec::new(),
            total_events: 0,
            events_now: 0,
            last_node: None,
            exceeded: None,
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Instant {
        self.air.now
    }

    /// Returns the time at which the next entry is due; now, if an injected frame waits.
    pub fn next_event_time(&self) -> Option<Instant> {
        if self.air.medium.has_injections() {
            return Some(self.air.now);
        }
        self.air.queue.next_time()
    }

    /// Carries out the next queue entry.
    pub fn step(&mut self) -> Result<Step, BudgetExceeded> {
        self.step_until(Instant::FAR_FUTURE)
    }

    /// Carries out the next queue entry if it is due by `limit`; otherwise the time becomes `limit`.
    pub fn step_until(&mut self, limit: Instant) -> Result<Step, BudgetExceeded> {
        if let Some(exceeded) = &self.exceeded {
            return Err(exceeded.clone());
        }
        for injection in self.air.medium.take_injections() {
            self.air.inject(injection);
        }
        let Some(next) = self.air.queue.next_time() else {
            if limit == Instant::FAR_FUTURE {
                return Ok(Step::Empty);
            }
            self.advance_to(limit);
            return Ok(Step::Limit);
        };
        if next > limit {
            self.advance_to(limit);
            return Ok(Step::Limit);
        }
        self.advance_to(next);
        self.check_budgets()?;
        if let Some((_, entry)) = self.air.queue.pop() {
            self.carry_out(entry);
        }
        match &self.exceeded {
            Some(exceeded) => Err(exceeded.clone()),
            None => Ok(Step::Advanced),
        }
    }

    /// Carries out what is due at this instant already. Commands come after it: two commands at one
    /// instant are not given at once, and the process sees in between what the first one caused.
    ///
    /// Long computations of other processes do not hold a command up: they go on after it.
    fn settle(&mut self) {
        while !self.computes_next()
            && self.next_event_time().is_some_and(|at| at <= self.air.now)
            && self.exceeded.is_none()
        {
            if let Err(exceeded) = self.step_until(self.air.now) {
                self.exceeded = Some(exceeded);
            }
        }
    }

    /// Hands in refusals of this instant: a driver gives them as its answer to a request.
    fn settle_refusals(&mut self) {
        let is_refusal = |entry: &Entry| matches!(entry, Entry::ToNode { event, .. } if matches!(**event, wpasim_wire::driver::DriverEvent::Refused { .. }));
        while self.next_event_time().is_some_and(|at| at <= self.air.now)
            && self.air.queue.peek().is_some_and(is_refusal)
            && let Some((_, entry)) = self.air.queue.pop()
        {
            self.carry_out(entry);
        }
    }

    /// Carries out what is due at this instant of the air and of the soft MACs, and sets aside what drivers tell engines meanwhile.
    fn set_told_aside(&mut self) {
        while self.next_event_time().is_some_and(|at| at <= self.air.now)
            && !matches!(self.air.queue.peek(), None | Some(Entry::NodeTimer { .. }))
            && let Some((_, entry)) = self.air.queue.pop()
        {
            match entry {
                Entry::ToNode { .. } => self.air.told.push_back(entry),
                other => self.air.handle(other),
            }
        }
    }

    /// Returns whether the next entry is a portion of a long computation: a caller may do something else before.
    pub fn computes_next(&self) -> bool {
        let Some(Entry::NodeTimer { node }) = self.air.queue.peek() else { return false };
        let runtime = self.nodes.get(node.0 as usize);
        runtime.is_some_and(|r| {
            r.running && r.timeout.is_some_and(|at| at <= self.air.now) && r.node.is_computing()
        })
    }

    fn advance_to(&mut self, time: Instant) {
        if time > self.air.now {
            self.air.now = time;
            self.events_now = 0;
        }
    }

    fn check_budgets(&mut self) -> Result<(), BudgetExceeded> {
        let budgets = self.config.budgets;
        self.total_events += 1;
        self.events_now += 1;
        let budget = if self.events_now > budgets.events_at_one_instant {
            Budget::EventsAtOneInstant
        } else if self.total_events > budgets.total_events {
            Budget::TotalEvents
        } else if self.air.now - Instant::ZERO > budgets.virtual_time {
            Budget::VirtualTime
        } else {
            return Ok(());
        };
        let (node, state) = match self.last_node {
            Some(id) => (self.name(id).to_owned(), self.describe(id)),
            None => ("the air".to_owned(), "no node has run".to_owned()),
        };
        Err(BudgetExceeded { budget, at: self.air.now, node, state })
    }

    fn carry_out(&mut self, entry: Entry) {
        match entry {
            Entry::NodeTimer { node } => self.node_timer(node),
            Entry::ToNode { node, process, iface, event } => {
                let current = self.air.interfaces.process(node) == Some(process);
                if current && self.air.interfaces.find(node, iface).is_some() {
                    self.air.trace_event(node, iface, &event);
                    self.input(node, Input::Driver { iface, event: *event });
                    self.count_event(node);
                }
            }
            other => self.air.handle(other),
        }
    }

    /// A node's timer entry is due; the node may have moved its timeout since.
    fn node_timer(&mut self, node: NodeId) {
        let now = self.air.now;
        let Some(runtime) = self.nodes.get_mut(node.0 as usize) else { return };
        runtime.timer_entries.remove(&now);
        match runtime.timeout {
            Some(due) if due <= now => {
                runtime.timeout = None;
                self.input(node, Input::Timeout);
                self.count_event(node);
            }
            Some(due) => self.arm(node, due),
            None => {}
        }
    }

    /// Counts what a node does at one instant by itself; one that does not come to an end is stopped.
    fn count_event(&mut self, node: NodeId) {
        let now = self.air.now;
        let Some(runtime) = self.nodes.get_mut(node.0 as usize).filter(|r| r.running) else { return };
        let (_, events) = runtime.events_at.filter(|(at, _)| *at == now).unwrap_or((now, 0));
        runtime.events_at = Some((now, events + 1));
        if events < self.config.budgets.node_events_at_one_instant {
            return;
        }
        let budget = Budget::NodeEventsAtOneInstant;
        let (name, state) = (self.name(node).to_owned(), self.describe(node));
        let exceeded = BudgetExceeded { budget, at: now, node: name, state };
        if self.config.ends_runaways {
            self.end_runaway(node, &exceeded);
        } else {
            self.exceeded = Some(exceeded);
        }
    }

    /// Ends the process, which tells its clients if it still can.
    fn end_runaway(&mut self, node: NodeId, exceeded: &BudgetExceeded) {
        let (time, conn) = (self.air.now, ConnId(u32::MAX));
        let line = format!("{exceeded}; the device is ended");
        self.outbox.push(Emitted { time, node, conn, what: Emission::Log(line) });
        for socket in [CtrlSocket::Global, CtrlSocket::Interface(IfId(0))] {
            self.input(node, Input::Command { conn, socket, data: b"TERMINATE".to_vec() });
        }
        if self.is_running(node) {
            self.kill(node);
            self.outbox.push(Emitted { time, node, conn, what: Emission::Terminated });
        }
    }

    /// Sees to it that a timer entry exists by `due`.
    fn arm(&mut self, node: NodeId, due: Instant) {
        let due = due.max(self.air.now);
        let Some(runtime) = self.nodes.get_mut(node.0 as usize) else { return };
        if runtime.timer_entries.first().is_none_or(|at| due < *at) {
            runtime.timer_entries.insert(due);
            self.air.queue.push(due, Priority::Engine, Entry::NodeTimer { node });
        }
    }

    /// Gives a node an input and drains it: every output takes effect at this instant.
    fn input(&mut self, node: NodeId, input: Input) {
        let now = self.air.now;
        self.last_node = Some(node);
        let Some(runtime) = self.nodes.get_mut(node.0 as usize) else { return };
        if !runtime.running {
            return;
        }
        let view = AirView::new(&self.air, node);
        let env = wpasim_engine::Env { driver: &view, files: &runtime.files, psk: &*self.psk };
        runtime.node.handle(now, input, env);
        loop {
            let Some(runtime) = self.nodes.get_mut(node.0 as usize) else { return };
            match runtime.node.poll_output() {
                Output::Reply { conn, data } => {
                    self.air.trace.record(now, TraceKind::Reply, node.0, &data);
                    self.outbox.push(Emitted { time: now, node, conn, what: Emission::Reply(data) });
                }
                Output::Event { conn, data } => {
                    self.air.trace.record(now, TraceKind::CtrlEvent, node.0, &data);
                    self.outbox.push(Emitted { time: now, node, conn, what: Emission::Event(data) });
                }
                Output::Socket { iface, change } => {
                    let conn = ConnId(u32::MAX);
                    let what = Emission::Socket(iface, change);
                    self.outbox.push(Emitted { time: now, node, conn, what });
                }
                Output::Driver { iface, request } => self.air.request(node, iface, request),
                Output::SaveFile { path, content } => {
                    self.air.trace.record(now, TraceKind::File, node.0, &content);
                    runtime.files.put(path, content);
                }
                Output::Log(line) => {
                    let conn = ConnId(u32::MAX);
                    self.outbox.push(Emitted { time: now, node, conn, what: Emission::Log(line) });
                }
                Output::Terminated => {
                    self.air.trace.record(now, TraceKind::Terminated, node.0, &[]);
                    let conn = ConnId(u32::MAX);
                    self.outbox.push(Emitted { time: now, node, conn, what: Emission::Terminated });
                    self.end_process(node);
                    return;
                }
                Output::Idle { next } => {
                    runtime.timeout = next;
                    if let Some(due) = next {
                        self.arm(node, due);
                    }
                    self.check_answers(node);
                    return;
                }
            }
        }
    }

    /// Stops a debug build at the first input after which a node waits for something that does not come.
    fn check_answers(&self, node: NodeId) {
        if cfg!(debug_assertions)
            && let Some(runtime) = self.nodes.get(node.0 as usize)
        {
            for (iface, awaited) in runtime.node.awaited() {
                assert!(
                    self.air.will_answer(node, iface, awaited),
                    "{}: {awaited:?} of interface {} has no answer on its way at {}",
                    runtime.name,
                    iface.0,
                    self.air.now
                );
            }
        }
    }

    /// The process is gone: its interfaces go down, nothing reaches it any more.
    fn end_process(&mut self, node: NodeId) {
        if let Some(runtime) = self.nodes.get_mut(node.0 as usize) {
            runtime.running = false;
            runtime.timeout = None;
        }
        self.air.end_process(node);
    }
}
