//! The interpreter: runs one case of a scenario against a target.

mod expect;
mod log;
mod releases;
pub mod saved;
mod verbs;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use wpasim_engine::entropy::{Entropy, Stream};
use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use crate::control::words;
use crate::release::Release;
use crate::scenario::discover::Selected;
use crate::scenario::model::{Address, Device, Injection, Role, Scenario, Socket, Step};
use crate::scenario::pattern::Scope;
use crate::scenario::problem::Place;
use crate::target::{
    Connection, ControlEvent, DeviceId, Progress, RefusalHandle, Remains, Resolve, RuleHandle, Setup, Target,
    TargetError, TargetKind,
};
use crate::transcript::{Header, Origin, Transcript};
use log::Log;

/// Virtual time that access points have to come up before supplicants start.
const ACCESS_POINTS_FIRST: Duration = Duration::from_secs(1);

/// Virtual time in which an access point's events are those of its start, unless it says earlier
/// that it is up.
const START_TAKES: Duration = Duration::from_millis(100);

/// Virtual time that a run goes on after its last step.
const LINGERING: Duration = Duration::from_millis(20);

/// The failure of a step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StepFailure {
    /// The step's place.
    pub place: Place,
    /// The included file it stands in.
    pub file: Option<String>,
    /// The text of the failure: `b did not see the event within 15 s`.
    pub message: String,
    /// The expectation, in the scenario's own words.
    pub expected: Option<String>,
    /// The event or value that was there instead.
    pub actual: Option<Actual>,
    /// When.
    #[serde(with = "saved::instant")]
    pub at: Instant,
    /// The number of entries that the transcript had.
    pub entries: usize,
}

/// The event or value that was there instead of the expected one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actual {
    /// The relation of it to the expectation.
    pub label: Label,
    /// In the scenario's own words.
    pub text: String,
    /// The time at which it was.
    #[serde(with = "saved::instant_if_any")]
    pub at: Option<Instant>,
}

/// The relation of an event or value to the expectation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Label {
    /// It was in its place.
    Actual,
    /// It is the most similar of what there was.
    Nearest,
    /// It is wrong as well.
    Too,
}

/// The end of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ending {
    /// Every step did what it says.
    Completed,
    /// A step failed.
    Failed(Box<StepFailure>),
    /// Something the steps did not ask for: a budget was exceeded.
    Broken(String),
    /// The target could not run.
    Unavailable(String),
    /// Ctrl-C.
    Interrupted,
}

/// A run that is over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The end of the run.
    pub ending: Ending,
    /// The lines of the run.
    pub transcript: Transcript,
    /// The devices' states at the end: name and state.
    pub states: Vec<(String, String)>,
    /// The virtual time at the end.
    #[serde(with = "saved::duration")]
    pub virtual_time: Duration,
    /// The files that the target left.
    pub remains: Remains,
}

impl Run {
    /// One that could not begin.
    pub fn never_began(scenario: &Scenario, seed: u64, error: &TargetError) -> Self {
        let ending = Ending::Unavailable(error.to_string());
        Run { ending, ..Run::interrupted(scenario, seed) }
    }

    /// One that Ctrl-C ended before anything of it was known.
    pub fn interrupted(scenario: &Scenario, seed: u64) -> Self {
        let header = Header {
            about: scenario.about.clone(),
            made_by: String::new(),
            kernel: String::new(),
            seed: Some(seed),
            origin: Origin::Engine,
            listened: Vec::new(),
            pins: Vec::new(),
        };
        Run {
            ending: Ending::Interrupted,
            transcript: Transcript { header, entries: Vec::new() },
            states: Vec::new(),
            virtual_time: Duration::ZERO,
            remains: Remains::default(),
        }
    }
}

/// The options of a run.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// The seed, unless the scenario has its own.
    pub seed: u64,
    /// The release that the devices are taken to be of: it says which events cannot come.
    pub release: Release,
    /// Whether to capture the air.
    pub capture: bool,
    /// Called with every new line of the transcript.
    pub live: Option<&'o (dyn Fn(&str) + Sync)>,
    /// Asked between steps.
    pub interrupted: &'o (dyn Fn() -> bool + Sync),
}

/// The reason why a step ends a run.
#[derive(Debug)]
pub enum Stop {
    /// It is not fulfilled.
    Failed(Box<StepFailure>),
    /// The target cannot go on.
    Target(TargetError),
    /// Ctrl-C.
    Interrupted,
}

impl From<TargetError> for Stop {
    fn from(error: TargetError) -> Self {
        Stop::Target(error)
    }
}

/// The result of carrying out a step.
pub type Outcome<T> = Result<T, Stop>;

/// Names of devices as targets resolve them.
struct Names {
    ids: BTreeMap<String, DeviceId>,
    addrs: BTreeMap<String, MacAddr>,
}

impl Resolve for Names {
    fn device(&self, name: &str) -> Option<DeviceId> {
        self.ids.get(name).copied()
    }
    fn addr(&self, name: &str) -> MacAddr {
        self.addrs.get(name).copied().unwrap_or(MacAddr::ZERO)
    }
}

/// A control connection of the run.
struct Open {
    address: Address,
    device: DeviceId,
    /// Commands and replies.
    connection: Connection,
    /// Events: a second connection beside the device's own, as wpa_cli has it, otherwise the same.
    monitor: Connection,
    /// Replies not yet taken by a step.
    replies: Vec<Vec<u8>>,
    /// Indices in the log of events not yet consumed.
    pending: Vec<usize>,
    /// Until when events are those of an access point's start, which no transcript shows.
    starting_until: Instant,
}

/// A frame that is put on the air later or again and again.
struct Timed {
    due: Instant,
    injection: Injection,
}

/// A run in progress: what steps are carried out on.
pub struct Runner<'r> {
    scenario: &'r Scenario,
    target: Box<dyn Target>,
    names: Names,
    open: Vec<Open>,
    /// The number of connections that were ever opened.
    connections: u32,
    ended: Vec<DeviceId>,
    /// The lines that each device's process wrote as it refused its configuration.
    written: BTreeMap<DeviceId, Vec<String>>,
    /// Group interfaces that devices have spoken of.
    appeared: Vec<(DeviceId, String)>,
    scope: Scope,
    /// The release whose events the devices have.
    release: Release,
    /// Events that have stood in for one that the release lacks.
    stood_in: Vec<usize>,
    log: Log<'r>,
    rules: Vec<(String, RuleHandle)>,
    /// Refusals of drivers by name.
    refusals: Vec<(String, RefusalHandle)>,
    timed: Vec<Timed>,
    /// The place at which the search for expected frames goes on.
    frame_cursor: usize,
    /// The device that has just replied, until time passes or somebody else is asked.
    answered: Option<DeviceId>,
    /// Draws the durations that the steps leave to the seed.
    drawn: Stream,
    interrupted: &'r (dyn Fn() -> bool + Sync),
}

/// An implementation that runs devices of a session, as the first line, the summary and the reports name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tested {
    /// Name and version as the program gives them: `wpa_supplicant v2.11`.
    pub version: String,
    /// The origin of the program: `./mine`, `lab`, `this wpasim`.
    pub from: String,
}

impl Tested {
    /// The engine of this program.
    pub fn engine() -> Self {
        Tested {
            version: concat!("wpasim engine ", env!("CARGO_PKG_VERSION")).to_owned(),
            from: "this wpasim".to_owned(),
        }
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.version, self.from)
    }
}

/// Makes runs: in this process against a kind of target, or in another one.
pub trait Runs: Sync {
    /// The implementations that run the devices, supplicants first.
    fn tested(&self) -> Vec<Tested>;
    /// The release whose references the runs are held to.
    ///
    /// # Errors
    /// In words: a version cannot be read, or the implementations are of two releases.
    fn held_to(&self) -> Result<Release, String>;
    /// Returns the name of the target on the command line.
    fn name(&self) -> &'static str;
    /// Capabilities it has, by the names of [`crate::scenario::CAPABILITIES`].
    fn capabilities(&self) -> &'static [&'static str];
    /// Returns the reason why it cannot run a scenario whose capabilities it has, if there is one.
    fn refuses(&self, _: &Scenario) -> Option<String> {
        None
    }
    /// Whether the engine runs a device, so that what the engine does not have is not tested.
    fn has_on_engine(&self, _: &Device) -> bool {
        false
    }
    /// Returns the number of runs that there can be at a time.
    fn at_a_time(&self) -> usize {
        usize::MAX
    }
    /// The beginning of the line that makes a run again.
    fn program(&self) -> String {
        "wpasim run".to_owned()
    }
    /// Whether every run is captured because another one would not be the same.
    fn keeps_captures(&self) -> bool {
        false
    }
    /// The arguments of the line that makes a run again, after the scenario.
    fn arguments(&self) -> String {
        format!("--target {}", self.name())
    }
    /// Whether another run with the same seed is the same to the last octet, on every machine.
    fn is_deterministic(&self) -> bool {
        false
    }
    /// Whether anything in its runs depends on the seed.
    fn takes_seed(&self) -> bool {
        true
    }
    /// Runs `scenario`, which is the case that `selected` names.
    fn run(&self, selected: &Selected, scenario: &Scenario, options: Options<'_>) -> Run;
}

impl<K: TargetKind> Runs for K {
    fn tested(&self) -> Vec<Tested> {
        TargetKind::tested(self)
    }

    fn held_to(&self) -> Result<Release, String> {
        TargetKind::held_to(self)
    }

    fn name(&self) -> &'static str {
        TargetKind::name(self)
    }

    fn capabilities(&self) -> &'static [&'static str] {
        TargetKind::capabilities(self)
    }

    fn refuses(&self, scenario: &Scenario) -> Option<String> {
        TargetKind::refuses(self, scenario)
    }

    fn has_on_engine(&self, device: &Device) -> bool {
        TargetKind::has_on_engine(self, device)
    }

    fn at_a_time(&self) -> usize {
        TargetKind::at_a_time(self)
    }

    fn keeps_captures(&self) -> bool {
        TargetKind::keeps_captures(self)
    }

    fn arguments(&self) -> String {
        TargetKind::arguments(self)
    }

    fn is_deterministic(&self) -> bool {
        TargetKind::is_deterministic(self)
    }

    fn takes_seed(&self) -> bool {
        TargetKind::takes_seed(self)
    }

    fn run(&self, _: &Selected, scenario: &Scenario, options: Options<'_>) -> Run {
        run(scenario, self, options)
    }
}

/// Runs a scenario against a fresh target.
pub fn run(scenario: &Scenario, kind: &dyn TargetKind, options: Options<'_>) -> Run {
    let seed = scenario.seed.unwrap_or(options.seed);
    let setup = Setup {
        seed,
        world: scenario.world.clone(),
        limits: crate::target::Limits::default(),
        capture: options.capture,
        watch_frames: looks_at_frames(&scenario.steps),
        refusals: scenario.requires.iter().any(|name| name == "driver"),
    };
    let target = match kind.make(&setup) {
        Ok(target) => target,
        Err(error) => return Run::never_began(scenario, seed, &error),
    };
    let mut runner = Runner {
        scenario,
        target,
        names: Names { ids: BTreeMap::new(), addrs: BTreeMap::new() },
        open: Vec::new(),
        connections: 0,
        ended: Vec::new(),
        written: BTreeMap::new(),
        appeared: Vec::new(),
        scope: Scope::new(),
        release: options.release,
        stood_in: Vec::new(),
        log: Log::new(options.live),
        rules: Vec::new(),
        refusals: Vec::new(),
        timed: Vec::new(),
        frame_cursor: 0,
        answered: None,
        drawn: Entropy::new(seed, "steps").stream("durations"),
        interrupted: options.interrupted,
    };
    let outcome =
        runner.bring_up().and_then(|()| runner.steps(&scenario.steps)).and_then(|()| runner.linger());
    let ending = match outcome {
        Ok(()) => Ending::Completed,
        Err(Stop::Failed(failure)) => Ending::Failed(failure),
        Err(Stop::Target(TargetError::Unavailable(reason))) => Ending::Unavailable(reason),
        Err(Stop::Target(error)) => Ending::Broken(error.to_string()),
        Err(Stop::Interrupted) => Ending::Interrupted,
    };
    runner.into_run(ending, seed)
}

fn looks_at_frames(steps: &[Step]) -> bool {
    steps
        .iter()
        .any(|step| step.action.looks_at_frames() || step.action.nested().into_iter().any(looks_at_frames))
}

impl<'r> Runner<'r> {
    /// Adds the devices, starts the access points, and a second later the others.
    fn bring_up(&mut self) -> Outcome<()> {
        for device in &self.scenario.devices {
            self.scope.extend(device.scope());
            self.names.addrs.insert(device.name.clone(), device.addr());
            if device.role == Role::Scripted {
                continue;
            }
            let id = self.target.add(device)?;
            self.names.ids.insert(device.name.clone(), id);
            for (path, content) in &device.files {
                self.target.put_file(id, Some(path), content.clone().into_bytes());
            }
        }
        self.lay_links()?;
        let started = |hostapd: bool| {
            move |d: &&Device| {
                d.started && d.role != Role::Scripted && matches!(d.role, Role::Hostapd(_)) == hostapd
            }
        };
        let scenario = self.scenario;
        for device in scenario.devices.iter().filter(started(true)) {
            self.start_device(device)?;
        }
        if scenario.devices.iter().any(|d| started(true)(&d)) {
            self.pass(self.target.now() + ACCESS_POINTS_FIRST, |_| false)?;
        }
        for device in scenario.devices.iter().filter(started(false)) {
            self.start_device(device)?;
        }
        Ok(())
    }

    fn lay_links(&mut self) -> Outcome<()> {
        for device in &self.scenario.devices {
            for link in &device.links {
                let (Some(a), Some(b)) = (self.names.device(&link.a), self.names.device(&link.b)) else {
                    continue;
                };
                let air = self.target.air().ok_or_else(no_air)?;
                air.set_link(a, b, link);
            }
        }
        Ok(())
    }

    /// Starts a device's process and attaches its monitor.
    fn start_device(&mut self, device: &Device) -> Outcome<()> {
        let Some(id) = self.names.device(&device.name) else { return Ok(()) };
        self.begin(id)?;
        if self.ended.contains(&id) {
            return Err(self.refused(device, id));
        }
        let address = Address { device: device.name.clone(), socket: Socket::Main, connection: None };
        let hidden = matches!(device.role, Role::Hostapd(_)) && !device.shows_start;
        let at = self.open_connection(&address)?;
        if hidden {
            self.open[at].starting_until = self.target.now() + START_TAKES;
        }
        self.attach(at)?;
        let global = Address { socket: Socket::Global, ..address };
        match self.scenario.listened().contains(&&global) {
            true => self.open_connection(&global).map(|_| ()),
            false => Ok(()),
        }
    }

    /// Starts a process and hears what it says at once.
    fn begin(&mut self, id: DeviceId) -> Outcome<()> {
        self.ended.retain(|d| *d != id);
        self.written.remove(&id);
        self.target.start(id)?;
        self.listen();
        Ok(())
    }

    /// The failure of a device that ended as it started: the first reason, at its place in the file, and the others.
    fn refused(&self, device: &Device, id: DeviceId) -> Stop {
        let said = self.written.get(&id).map(Vec::as_slice).unwrap_or_default();
        let findings = device.explain(said);
        let Some((first, others)) = findings.split_first() else {
            let reason = format!("{} ended as it started, and does not say why", device.name);
            return TargetError::Unsupported(reason).into();
        };
        let text = others.iter().map(|f| format!("{}: {}", f.place, f.text)).collect::<Vec<_>>().join("\n");
        Stop::Failed(Box::new(StepFailure {
            place: first.place,
            file: None,
            message: first.text.clone(),
            expected: None,
            actual: (!others.is_empty()).then_some(Actual { label: Label::Too, text, at: None }),
            at: self.target.now(),
            entries: self.log.len(),
        }))
    }

    /// The index of the connection for an address, opened if need be. One that steps listen to is
    /// attached as it is opened, unless its name says that the steps do so themselves.
    fn open_connection(&mut self, address: &Address) -> Outcome<usize> {
        if let Some(at) = self.open.iter().position(|o| o.address == *address) {
            return Ok(at);
        }
        let device = self.names.device(&address.device).ok_or_else(|| {
            Stop::Target(TargetError::Unsupported(format!("\"{}\" has no control interface", address.device)))
        })?;
        let connection = Connection(self.connections);
        let monitor = Connection(self.connections + u32::from(address.connection.is_none()));
        self.connections = monitor.0 + 1;
        self.open.push(Open {
            address: address.clone(),
            device,
            connection,
            monitor,
            replies: Vec::new(),
            pending: Vec::new(),
            starting_until: Instant::ZERO,
        });
        let at = self.open.len() - 1;
        let own = address.socket == Socket::Main || address.connection.is_some();
        if !own && self.scenario.listened().contains(&address) {
            self.attach(at)?;
        }
        Ok(at)
    }

    /// Attaches a connection to its device's events; no transcript shows that.
    fn attach(&mut self, at: usize) -> Outcome<()> {
        let open = &self.open[at];
        self.target.command(open.device, open.monitor, &open.address.socket, b"ATTACH")?;
        self.listen();
        let deadline = self.target.now() + Duration::from_secs(5);
        while self.open[at].replies.is_empty() {
            if self.target.advance(deadline)? == Progress::Limit {
                let name = self.open[at].address.to_string();
                return Err(TargetError::Unavailable(format!("{name} does not answer ATTACH")).into());
            }
            self.listen();
        }
        self.open[at].replies.clear();
        Ok(())
    }

    /// Takes what was said into the log and the connections' queues.
    fn listen(&mut self) {
        for heard in self.target.heard() {
            if let ControlEvent::Event(_, data) = &heard.what
                && let Some(words::Group::Started(ifname)) = words::group(&String::from_utf8_lossy(data))
            {
                self.appeared.push((heard.device, ifname.to_owned()));
            }
            if let ControlEvent::Log(line) = &heard.what {
                self.written.entry(heard.device).or_default().push(line.clone());
            }
            self.log.hear(&mut self.open, &mut self.ended, heard);
        }
    }

    /// Opens group interfaces that have appeared, if steps listen to them.
    fn open_groups(&mut self) -> Outcome<()> {
        for (device, ifname) in std::mem::take(&mut self.appeared) {
            let address = self.scenario.listened().into_iter().find(|address| {
                address.socket == Socket::Interface(ifname.clone())
                    && self.names.device(&address.device) == Some(device)
            });
            if let Some(address) = address {
                self.open_connection(address)?;
            }
        }
        Ok(())
    }

    /// Lets time pass until `limit` or until `done` says so after something happened; `true` if it
    /// said so.
    pub(crate) fn pass(&mut self, limit: Instant, mut done: impl FnMut(&mut Self) -> bool) -> Outcome<bool> {
        loop {
            self.listen();
            self.open_groups()?;
            if done(self) {
                return Ok(true);
            }
            // A turn is a long time where time is real.
            if (self.interrupted)() {
                return Err(Stop::Interrupted);
            }
            let next = self.timed.iter().map(|t| t.due).min();
            let stop = next.map_or(limit, |due| due.min(limit));
            if self.target.now() < stop || next.is_none_or(|due| due > self.target.now()) {
                self.answered = None;
                if self.target.advance(stop)? == Progress::Moved {
                    continue;
                }
                self.listen();
            }
            self.send_timed()?;
            if self.target.now() >= limit && self.timed.iter().all(|t| t.due > limit) {
                self.settle()?;
                return Ok(done(self));
            }
        }
    }

    /// Waits for the consequences of the last step, which belong to the run, though they may take some frames.
    fn linger(&mut self) -> Outcome<()> {
        self.pass(self.target.now() + LINGERING, |_| false).map(|_| ())
    }

    /// Lets everything happen that is due at this instant.
    pub(crate) fn settle(&mut self) -> Outcome<()> {
        self.answered = None;
        let now = self.target.now();
        while self.target.advance(now)? == Progress::Moved {}
        self.listen();
        self.open_groups()
    }

    fn into_run(mut self, ending: Ending, seed: u64) -> Run {
        let names: Vec<(String, DeviceId)> = self.names.ids.iter().map(|(n, id)| (n.clone(), *id)).collect();
        let mut states = Vec::new();
        for device in &self.scenario.devices {
            if let Some((name, id)) = names.iter().find(|(n, _)| *n == device.name) {
                states.push((name.clone(), self.target.describe(*id)));
            }
        }
        let virtual_time = self.target.now() - Instant::ZERO;
        let header = Header {
            about: self.scenario.about.clone(),
            made_by: self.target.implementation(),
            kernel: self.target.kernel(),
            seed: Some(seed),
            origin: self.target.origin(),
            listened: Vec::new(),
            pins: Vec::new(),
        };
        Run {
            ending,
            transcript: Transcript { header, entries: self.log.into_entries() },
            states,
            virtual_time,
            remains: self.target.finish(),
        }
    }
}

fn no_air() -> Stop {
    Stop::Target(TargetError::Unsupported("this target does not control the air".to_owned()))
}

#[cfg(test)]
mod tests;
