//! A target of kernel radios at work.

use std::fs::{self, DirBuilder};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};
use wpasim_hwsim::interface::set_down;
use wpasim_hwsim::nl80211::set_country;
use wpasim_hwsim::{Bridge, HwsimError, KernelRadio, NewRadio};
use wpasim_sim::{EPOCH_US, NodeId};
use wpasim_wire::time::{Duration, Instant};

use super::outsider::Outsider;
use super::refusals::Refusals;
use super::sockets::Told;
use super::tested::banner_of;
use super::{Implementation, Implementations};
use crate::lab::IN_LAB;
use crate::scenario::model::{Device, Socket};
use crate::target::names::Names;
use crate::target::sim::{PskMemory, Sim};
use crate::target::{
    Air, Connection, ControlEvent, DeviceId, DeviceLog, MasterKey, Observed, Progress, Refusal,
    RefusalHandle, Remains, Setup, Target, TargetError,
};
use crate::transcript::Origin;

/// How long a process has until it listens on its control socket.
const TAKES_TO_START: Duration = Duration::from_secs(10);
/// How often a starting process is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// How long a process may take to say how it is, when a run is over.
const STATE: Duration = Duration::from_secs(1);
/// How long the kernel has to apply a regulatory domain, in nanoseconds.
const REGULATORY_TAKES: i128 = 200_000_000;
/// The shortest wait: whoever can run at this instant has done so when it is over.
const MOMENT: Duration = Duration::from_micros(1);

/// The guest's or host's monotonic clock since the target was made.
struct Clock {
    start: i128,
}

/// Target beacon transmission times are multiples of a beacon interval of a TSF timer, and hwsim's is
/// the wall clock: in microseconds, for the usual 100 TU.
const BEACON_INTERVAL: i128 = 102_400;

impl Clock {
    /// Begins where beacons are due when they are on the simulated air, so that a scan hears the same
    /// ones. Waits for that: at most a beacon interval.
    fn start(like: u64) -> Self {
        let wall = clock_gettime(ClockId::Realtime);
        let micros = i128::from(wall.tv_sec) * 1_000_000 + i128::from(wall.tv_nsec) / 1000;
        let wait = (i128::from(like) - micros).rem_euclid(BEACON_INTERVAL);
        let _ = poll(&mut [], Some(&timespec(wait * 1000)));
        Clock { start: Self::nanoseconds() }
    }

    fn nanoseconds() -> i128 {
        let now = clock_gettime(ClockId::Monotonic);
        i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
    }

    /// The time, whole microseconds.
    fn now(&self) -> Instant {
        let micros = (Self::nanoseconds() - self.start) / 1000;
        Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// How long until `at`, never nothing: a wait of no length lets nobody else run.
    fn until(&self, at: Instant) -> Timespec {
        let due = self.start + i128::from(at.micros()) * 1000;
        timespec((due - Self::nanoseconds()).max(1000))
    }
}

fn timespec(nanoseconds: i128) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: (nanoseconds % 1_000_000_000) as _,
    }
}

/// The working directory of a run's processes; removed at the end.
struct WorkDir(PathBuf);

impl WorkDir {
    fn new() -> Result<Self, TargetError> {
        let place = [PathBuf::from("/run"), std::env::temp_dir()];
        let name = format!("wpasim-{}", std::process::id());
        let mut last = String::new();
        for (place, n) in place.iter().flat_map(|p| (0..100).map(move |n| (p, n))) {
            let path = place.join(format!("{name}-{n}"));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(WorkDir(path)),
                Err(error) => last = format!("{}: {error}", path.display()),
            }
        }
        Err(TargetError::Unavailable(last))
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Kernel radios and the processes on them, on the air of a world.
pub(super) struct Hwsim {
    sim: Sim,
    bridge: Bridge,
    clock: Clock,
    /// By device; nothing where the engine runs it.
    outsiders: Vec<Option<Outsider>>,
    heard: Vec<Observed>,
    /// The kernel's radios that no device has yet.
    free: Vec<KernelRadio>,
    /// Radios that devices have, with their nodes: one radio may serve several devices in turn.
    taken: Vec<(u32, KernelRadio, NodeId)>,
    /// The scenario's names and the kernel's; the same in the lab.
    names: Names,
    implementations: Implementations,
    seed: u64,
    /// What went wrong where nobody could be told.
    trouble: Option<TargetError>,
    dir: WorkDir,
    /// Where steps make drivers refuse requests.
    refusals: Option<Refusals>,
}

impl Hwsim {
    pub fn new(
        setup: &Setup,
        implementations: Implementations,
        psks: Arc<PskMemory>,
    ) -> Result<Self, TargetError> {
        let sim = Sim::new(setup, psks)?;
        let bridge = Bridge::open().map_err(unavailable)?;
        set_regulatory(&setup.world.regulatory)?;
        let mut free = bridge.radios().map_err(unavailable)?;
        free.reverse();
        Ok(Hwsim {
            sim,
            bridge,
            free,
            taken: Vec::new(),
            names: Names::default(),
            trouble: None,
            clock: Clock::start(EPOCH_US),
            outsiders: Vec::new(),
            heard: Vec::new(),
            implementations,
            seed: setup.seed,
            dir: WorkDir::new()?,
            refusals: setup.refusals.then(Refusals::default),
        })
    }

    fn outsider(&mut self, device: DeviceId) -> Option<&mut Outsider> {
        self.outsiders.get_mut(device.0)?.as_mut()
    }

    /// The kernel's radio for a device: the one with its addresses, otherwise any, otherwise a new one.
    fn radio_for(&mut self, device: &Device) -> Result<KernelRadio, TargetError> {
        if let Some((_, radio, _)) = self.taken.iter().find(|(number, ..)| *number == device.radio) {
            return Ok(radio.clone());
        }
        let fitting = self.free.iter().position(|radio| radio.addr == device.addr());
        match fitting {
            Some(at) => Ok(self.free.remove(at)),
            None => match self.free.pop() {
                Some(radio) if !in_lab() => Ok(radio),
                _ => self.bridge.make_radio(&NewRadio::default()).map_err(unavailable),
            },
        }
    }

    /// The radio's place in the world, taken once.
    fn node_on(&mut self, radio: &KernelRadio, device: &Device) -> NodeId {
        if let Some((.., node)) = self.taken.iter().find(|(number, ..)| *number == device.radio) {
            return *node;
        }
        let config = device.config_path();
        self.names.add(&config, &self.dir.0.join(&config).display().to_string());
        let node = self.bridge.attach(&mut self.sim.air.world, radio, &device.name, device.position_mm);
        self.taken.push((device.radio, radio.clone(), node));
        if let Some((ifname, _)) = radio.interfaces.first() {
            self.names.add(&device.ifname(), ifname);
        }
        self.names.add(&device.addr().to_string(), &radio.addr.to_string());
        self.names.add(&device.second_addr().to_string(), &radio.second_addr.to_string());
        node
    }

    /// What a process says of its state, in one line.
    fn ask_state(&mut self, device: DeviceId) -> Option<String> {
        let link = self.outsider(device)?.sockets.link()?;
        link.send(b"STATUS").ok()?;
        let deadline = self.clock.now() + STATE;
        while self.clock.now() < deadline {
            self.wait(self.clock.now() + LOOK_AGAIN).ok()?;
            self.turn().ok()?;
            if let Ok(Some(reply)) = link.try_receive() {
                let reply = String::from_utf8_lossy(&self.names.to_scenario(&reply)).into_owned();
                return Some(reply.lines().filter(|l| tells_state(l)).collect::<Vec<_>>().join("; "));
            }
        }
        None
    }

    /// Carries out what is due by now, then takes in everything that waits, in a fixed order: the
    /// air, the engine's devices, the processes' connections, their ends.
    fn turn(&mut self) -> Result<(), TargetError> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        loop {
            self.catch_up()?;
            if self.bridge.pump(&mut self.sim.air.world).map_err(unavailable)? == 0 {
                break;
            }
        }
        let now = self.sim.now();
        let names = &self.names;
        for (index, outsider) in self.outsiders.iter_mut().enumerate() {
            let Some(outsider) = outsider else { continue };
            let device = DeviceId(index);
            // Asked first: what a process said before its end is read after it.
            let ended = outsider.has_ended();
            for (connection, told) in outsider.sockets.read() {
                let what = match told {
                    Told::Reply(data) => ControlEvent::Reply(connection, names.to_scenario(&data)),
                    Told::Event(data) => ControlEvent::Event(connection, names.to_scenario(&data)),
                };
                self.heard.push(Observed { time: now, device, what });
            }
            if ended {
                outsider.sockets.close();
                let words = outsider.refusal().into_iter();
                self.heard.extend(words.map(|line| Observed {
                    time: now,
                    device,
                    what: ControlEvent::Log(line),
                }));
                self.heard.push(Observed { time: now, device, what: ControlEvent::Ended });
            }
        }
        Ok(())
    }

    /// Brings the world's time to the clock's.
    fn catch_up(&mut self) -> Result<(), TargetError> {
        let now = self.clock.now();
        while self.sim.advance(now)? == Progress::Moved {}
        self.heard.extend(self.sim.heard());
        Ok(())
    }

    /// Waits until somebody says something, or until `at`.
    fn wait(&self, at: Instant) -> Result<(), TargetError> {
        let processes = self.outsiders.iter().flatten();
        let descriptors: Vec<BorrowedFd<'_>> = std::iter::once(self.bridge.as_fd())
            .chain(processes.clone().flat_map(|o| o.sockets.descriptors()))
            .chain(processes.filter_map(|o| o.process.as_ref()).map(AsFd::as_fd))
            .collect();
        let mut polled: Vec<PollFd<'_>> =
            descriptors.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        match poll(&mut polled, Some(&self.clock.until(at))) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(TargetError::Unavailable(format!("poll: {error}"))),
        }
    }

    /// Waits until a process listens on its control socket or has ended.
    fn await_start(&mut self, device: DeviceId) -> Result<(), TargetError> {
        let deadline = self.clock.now() + TAKES_TO_START;
        loop {
            let now = self.clock.now();
            let Some(outsider) = self.outsider(device) else { return Ok(()) };
            if outsider.process.is_none() || outsider.sockets.ready() {
                return Ok(());
            }
            if now >= deadline {
                let (name, words) = (outsider.device.name.clone(), outsider.last_words());
                return Err(TargetError::Unavailable(format!(
                    "{name} does not listen on its control socket after {} s; {words}",
                    TAKES_TO_START.secs()
                )));
            }
            let again = now + LOOK_AGAIN;
            let due = self.sim.air.world.next_event_time().map_or(again, |due| due.min(again));
            self.wait(due)?;
            self.turn()?;
        }
    }
}

/// Brings the kernel into a scenario's regulatory domain, which takes it a moment.
fn set_regulatory(domain: &str) -> Result<(), TargetError> {
    if let &[a, b] = domain.as_bytes()
        && domain != "00"
    {
        set_country([a, b]).map_err(unavailable)?;
        let _ = poll(&mut [], Some(&timespec(REGULATORY_TAKES)));
    }
    Ok(())
}

/// The lines of STATUS that a report shows.
fn tells_state(line: &str) -> bool {
    ["wpa_state=", "ssid=", "bssid=", "freq=", "mode=", "state=", "key_mgmt=", "num_sta[0]="]
        .iter()
        .any(|name| line.starts_with(name))
}

pub(super) fn unavailable(error: HwsimError) -> TargetError {
    TargetError::Unavailable(error.to_string())
}

impl Target for Hwsim {
    fn name(&self) -> &'static str {
        super::ROW.name
    }

    /// Each implementation once, with the devices it ran if there are several of its kind.
    fn implementation(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        for outsider in &self.outsiders {
            let one = match outsider {
                None => self.sim.implementation(),
                Some(outsider) => {
                    let command = outsider.command();
                    banner_of(command).unwrap_or_else(|| command.program().to_owned())
                }
            };
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all.sort();
        all.reverse();
        all.join(", ")
    }

    fn kernel(&self) -> String {
        let system = rustix::system::uname();
        let release = system.release().to_string_lossy().into_owned();
        match in_lab() {
            true => format!("Linux {release}, mac80211_hwsim, HZ=100, virtual time"),
            false => format!("Linux {release}, mac80211_hwsim"),
        }
    }

    /// Where time is real, what is read first is partly chance.
    fn origin(&self) -> Origin {
        let engine = self.outsiders.iter().any(Option::is_none);
        let real = self.outsiders.iter().any(Option::is_some);
        match (engine, real) {
            (true, true) => Origin::Mixed,
            (true, false) => Origin::Engine,
            (false, _) if in_lab() => Origin::Lab,
            (false, _) => Origin::Recording,
        }
    }

    fn add(&mut self, device: &Device) -> Result<DeviceId, TargetError> {
        let command = match self.implementations.of(device) {
            Implementation::Engine => {
                self.outsiders.push(None);
                return self.sim.add(device);
            }
            Implementation::Process(command) => command.clone(),
        };
        let radio = self.radio_for(device)?;
        let node = self.node_on(&radio, device);
        if device.used_before {
            self.sim.air.world.assume_earlier_use(node);
        }
        self.outsiders.push(Some(Outsider::new(device, &radio, command, &self.dir.0)?));
        Ok(self.sim.seat(device, node))
    }

    fn start(&mut self, device: DeviceId) -> Result<(), TargetError> {
        let (seed, with_keys) = (self.seed, self.implementations.with_keys);
        let has_refusals = self.refusals.is_some();
        match self.outsider(device) {
            None => {
                self.sim.start(device)?;
                // A configuration that is refused is refused at once.
                self.heard.extend(self.sim.heard());
                return Ok(());
            }
            Some(outsider) => outsider.start(seed, with_keys, has_refusals)?,
        }
        self.await_start(device)
    }

    fn kill(&mut self, device: DeviceId) {
        let Some(outsider) = self.outsider(device) else { return self.sim.kill(device) };
        outsider.process = None;
        outsider.sockets.clear();
        let ifname = outsider.ifname.clone();
        // The radio falls silent with its process; the kernel would say goodbye for it.
        self.sim.air.set_radio(device, false);
        if let Err(error) = set_down(&ifname) {
            self.trouble.get_or_insert(unavailable(error));
        }
        let _ = self.turn();
        self.sim.air.set_radio(device, true);
    }

    fn command(
        &mut self,
        device: DeviceId,
        connection: Connection,
        socket: &Socket,
        command: &[u8],
    ) -> Result<(), TargetError> {
        self.catch_up()?;
        let command = self.names.to_device(command);
        let names = &self.names;
        match self.outsiders.get_mut(device.0).and_then(Option::as_mut) {
            None => self.sim.command(device, connection, socket, &command),
            Some(outsider) => {
                let socket = match socket {
                    Socket::Interface(name) => Socket::Interface(
                        String::from_utf8_lossy(&names.to_device(name.as_bytes())).into_owned(),
                    ),
                    other => other.clone(),
                };
                outsider
                    .sockets
                    .send(connection, &socket, &command)
                    .map_err(|error| TargetError::Device(format!("{}: {error}", outsider.device.name)))
            }
        }
    }

    fn advance(&mut self, limit: Instant) -> Result<Progress, TargetError> {
        // What was heard before and is not yet taken is nothing new.
        let (heard, frames) = (self.heard.len(), self.sim.air.frame_count());
        let mut waited = false;
        loop {
            self.turn()?;
            if self.heard.len() > heard || self.sim.air.watching && self.sim.air.frame_count() > frames {
                return Ok(Progress::Moved);
            }
            let now = self.clock.now();
            if now >= limit && waited {
                return Ok(Progress::Limit);
            }
            let due = self.sim.air.world.next_event_time().map_or(limit, |due| due.min(limit));
            self.wait(due.max(now + MOMENT))?;
            waited = true;
        }
    }

    fn heard(&mut self) -> Vec<Observed> {
        std::mem::take(&mut self.heard)
    }

    fn now(&self) -> Instant {
        self.sim.now()
    }

    fn file(&mut self, device: DeviceId, path: Option<&str>) -> Option<Vec<u8>> {
        match self.outsider(device) {
            None => self.sim.file(device, path),
            Some(outsider) => fs::read(outsider.path(path)).ok(),
        }
    }

    fn put_file(&mut self, device: DeviceId, path: Option<&str>, content: Vec<u8>) {
        match self.outsider(device) {
            None => self.sim.put_file(device, path, content),
            Some(outsider) => {
                if let Err(error) = outsider.put_file(path, &content) {
                    self.trouble.get_or_insert(error);
                }
            }
        }
    }

    fn refuse(&mut self, device: DeviceId, refusal: &Refusal) -> Result<RefusalHandle, TargetError> {
        let Some(Some(outsider)) = self.outsiders.get(device.0) else {
            return self.sim.refuse(device, refusal);
        };
        let path = outsider.path(Some(&outsider.refusals_name()));
        self.refusals.get_or_insert_default().begin(&path, refusal)
    }

    fn end_refusal(&mut self, refusal: RefusalHandle) {
        match self.refusals.as_mut().and_then(|refusals| refusals.end(refusal)) {
            None => self.sim.end_refusal(refusal),
            Some(Ok(())) => {}
            Some(Err(error)) => {
                self.trouble.get_or_insert(error);
            }
        }
    }

    fn describe(&mut self, device: DeviceId) -> String {
        match self.outsider(device) {
            None => self.sim.describe(device),
            Some(outsider) if outsider.process.is_none() => outsider.how_it_ended(),
            Some(_) => self.ask_state(device).unwrap_or_else(|| "does not answer STATUS".to_owned()),
        }
    }

    fn air(&mut self) -> Option<&mut dyn Air> {
        Some(&mut self.sim.air)
    }

    fn air_ref(&self) -> Option<&dyn Air> {
        Some(&self.sim.air)
    }

    fn finish(&mut self) -> Remains {
        let mut remains = self.sim.finish();
        for outsider in self.outsiders.iter_mut().flatten() {
            outsider.process = None;
            let log = outsider.log();
            remains.keys.extend(keys_in(&log));
            remains.logs.push(log);
        }
        remains.keys.sort();
        remains.keys.dedup();
        remains
    }
}

pub(super) fn in_lab() -> bool {
    std::env::var_os(IN_LAB).is_some()
}

/// Pairwise master keys that a debug log shows.
fn keys_in(log: &DeviceLog) -> Vec<MasterKey> {
    let text = String::from_utf8_lossy(&log.text);
    let shown = text.lines().filter_map(|line| {
        let (_, after) = line
            .split_once("PMK - hexdump(len=32): ")
            .or_else(|| line.split_once("PSK - hexdump(len=32): "))?;
        let octets: Option<Vec<u8>> =
            after.split_whitespace().map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
        octets.filter(|octets| octets.len() == 32)
    });
    shown.map(|pmk| MasterKey { pmk }).collect()
}
