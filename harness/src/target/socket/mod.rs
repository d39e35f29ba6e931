//! Supplicants and access points that run already, driven through their control interfaces.
//!
//! Time is real. What goes to a device and comes from it is translated between the scenario's names
//! and the device's own ([`super::names`]); its configuration is set by commands ([`prepare`]). A device
//! that dies, hangs or floods is reported with what it last said.

mod config;
mod hub;
pub mod mapping;
mod prepare;
#[cfg(test)]
mod tests;
mod unit;

use std::time::Duration as WallDuration;

use wpasim_wire::time::{Duration, Instant};

use super::chosen::{TargetArgs, TargetRow};
use super::*;
use crate::control::{ControlError, Endpoint, words};
use crate::scenario::model::Role;
use crate::system;
use crate::wall::Stopwatch;
use hub::{Arrival, Hub, LineId};
use mapping::{BadMapping, Mapped};
use unit::{Asked, Open, State, Unit};

/// How long a reply may take, as in wpa_ctrl.
const REPLY: WallDuration = WallDuration::from_secs(10);
/// How long a device may take to say how it is.
const STATE: WallDuration = WallDuration::from_secs(1);
/// The longest wait at a time, so that an interrupt is noticed.
const SLICE: WallDuration = WallDuration::from_millis(100);
/// How often it is looked whether the processes are there.
const CHECK: Duration = Duration::from_millis(250);

/// Makes targets of devices that run already.
pub struct SocketKind {
    devices: Vec<Mapped>,
    arguments: String,
}

impl SocketKind {
    /// With devices by name; `sta.global` is the process-wide interface of `sta`.
    ///
    /// # Errors
    /// An endpoint cannot be read, or a name stands twice.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadMapping> {
        let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
        let devices = mapping::mapping(pairs.iter().copied())?;
        let given: String = pairs.iter().map(|(name, value)| format!(" --device {name}={value}")).collect();
        Ok(SocketKind { devices, arguments: format!("--target socket{given}") })
    }
}

/// The target on the command line.
pub const ROW: TargetRow = TargetRow {
    name: "socket",
    about: "Supplicants and access points that run already, through their control interfaces",
    options: &["device", "devices", "replace"],
    boots_in_lab: false,
    make: |args, _| Ok(Box::new(from_arguments(args)?)),
    unreal: |_| None,
};

/// The devices that the arguments name; in words, what is wrong with one.
fn from_arguments(args: &TargetArgs) -> Result<SocketKind, String> {
    let from_file = match &args.devices {
        None => Vec::new(),
        Some(path) => {
            let shown = path.display().to_string();
            let source = system::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
            mapping::file(&shown, &source).map_err(|error| error.to_string())?
        }
    };
    let given = args.device.iter().map(|d| (d.name.as_str(), d.value.as_str()));
    let pairs = from_file.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(given);
    SocketKind::new(pairs).map_err(|error| error.to_string())
}

impl TargetKind for SocketKind {
    fn name(&self) -> &'static str {
        ROW.name
    }

    /// What the devices themselves say.
    fn tested(&self) -> Vec<Tested> {
        let tested = |device: &Mapped| Tested {
            version: format!(
                "{} {}",
                device.name,
                version_at(&device.main).unwrap_or("of unknown version".into())
            ),
            from: device.main.to_string(),
        };
        self.devices.iter().map(tested).collect()
    }

    fn capabilities(&self) -> &'static [&'static str] {
        &["ap", "p2p", "wps", "eap"]
    }

    fn refuses(&self, scenario: &Scenario) -> Option<String> {
        let mapped = |name: &str| self.devices.iter().find(|d| d.name == name);
        let unmapped =
            scenario.devices.iter().find(|d| d.role != Role::Scripted && mapped(&d.name).is_none());
        if let Some(device) = unmapped {
            return Some(format!("target socket was given no device \"{0}\": --device {0}=…", device.name));
        }
        let addresses = scenario.addresses();
        let global = addresses.iter().find(|address| {
            address.socket == Socket::Global && mapped(&address.device).is_some_and(|d| d.global.is_none())
        });
        if let Some(address) = global {
            let name = &address.device;
            return Some(format!(
                "target socket was given no process-wide interface: --device {name}.global=…"
            ));
        }
        let regulatory = &scenario.world.regulatory;
        (regulatory != "00").then(|| format!("target socket cannot set the regulatory domain {regulatory}"))
    }

    fn at_a_time(&self) -> usize {
        1
    }

    fn takes_seed(&self) -> bool {
        false
    }

    fn arguments(&self) -> String {
        self.arguments.clone()
    }

    fn make(&self, _: &Setup) -> Result<Box<dyn Target>, TargetError> {
        let hub = Hub::new().map_err(|error| TargetError::Unavailable(error.to_string()))?;
        Ok(Box::new(SocketTarget {
            hub,
            clock: Stopwatch::start(),
            mapping: self.devices.clone(),
            units: Vec::new(),
            heard: Vec::new(),
            addresses: Vec::new(),
            groups: Vec::new(),
            checked: Instant::ZERO,
            datagrams: 0,
        }))
    }
}

/// The version that a device says, if it answers at once.
fn version_at(endpoint: &Endpoint) -> Option<String> {
    let mut hub = Hub::new().ok()?;
    let line = hub.open(endpoint).ok()?;
    hub.send(line, b"GET version").ok()?;
    let watch = Stopwatch::start();
    while let Some(left) = STATE.checked_sub(watch.elapsed()) {
        if let Some(arrival) = hub.wait(left).into_iter().next() {
            let reply = String::from_utf8_lossy(&arrival.what.ok()?).into_owned();
            let is_version =
                |text: &&str| !text.is_empty() && !text.starts_with("FAIL") && !text.starts_with("UNKNOWN");
            return reply.lines().next().map(str::trim).filter(is_version).map(str::to_owned);
        }
    }
    None
}

struct SocketTarget {
    hub: Hub,
    clock: Stopwatch,
    mapping: Vec<Mapped>,
    units: Vec<Unit>,
    heard: Vec<Observed>,
    /// The scenario's addresses and the devices' own.
    addresses: Vec<(String, String)>,
    /// Group interfaces that have appeared and were not looked at yet: device and own name.
    groups: Vec<(usize, String)>,
    /// When it was last looked whether the processes are there.
    checked: Instant,
    datagrams: u64,
}

/// Who a line belongs to.
enum Owner {
    Private(usize),
    Connection(usize, usize),
}

impl SocketTarget {
    fn owner(&self, line: LineId) -> Option<Owner> {
        self.units.iter().enumerate().find_map(|(unit, u)| match u.private == line {
            true => Some(Owner::Private(unit)),
            false => {
                let at = u.open.iter().position(|open| open.line == line)?;
                Some(Owner::Connection(unit, at))
            }
        })
    }

    /// Sends a command on our own connection and waits for its reply.
    fn ask(&mut self, unit: usize, command: &str, patience: WallDuration) -> Result<String, TargetError> {
        self.send(unit, self.units[unit].private, command.as_bytes())?;
        let watch = Stopwatch::start();
        let mut reply = None;
        while reply.is_none() {
            let left = patience.saturating_sub(watch.elapsed());
            let private = self.units[unit].private;
            if let Err(error) = self.hub.check(private) {
                self.lost(unit, &error)?;
            }
            if self.units[unit].state == State::Gone {
                return Err(TargetError::Device(format!("{} has ended", self.units[unit].device.name)));
            }
            if left.is_zero() {
                let unit = &mut self.units[unit];
                unit.state = State::Gone;
                return Err(TargetError::Device(format!(
                    "{} hangs: no reply to {command} within {} s{}",
                    unit.device.name,
                    patience.as_secs(),
                    unit.last_words()
                )));
            }
            for arrival in self.hub.wait(left.min(SLICE)) {
                match arrival.what {
                    Ok(data) if arrival.line == private && self.units[unit].owed == 0 => {
                        self.note(unit, &data)?;
                        reply = Some(String::from_utf8_lossy(&data).into_owned());
                    }
                    what => self.arrived(Arrival { line: arrival.line, what })?,
                }
            }
        }
        Ok(reply.unwrap_or_default())
    }

    fn send(&mut self, unit: usize, line: LineId, command: &[u8]) -> Result<(), TargetError> {
        match self.hub.send(line, command) {
            Ok(()) => Ok(()),
            Err(error) => self.lost(unit, &error),
        }
    }

    /// A connection failed: the process has ended as it said, or the run is over.
    fn lost(&mut self, unit: usize, error: &ControlError) -> Result<(), TargetError> {
        let time = self.now();
        let gone = &mut self.units[unit];
        let before = std::mem::replace(&mut gone.state, State::Gone);
        if error.is_death() && before != State::Running {
            if before == State::Leaving {
                self.heard.push(Observed { time, device: DeviceId(unit), what: ControlEvent::Ended });
            }
            return Ok(());
        }
        let how = match error {
            error if error.is_death() => "has died",
            ControlError::Busy { .. } => "hangs",
            _ => "fails",
        };
        Err(TargetError::Device(format!("{} {how}: {error}{}", gone.device.name, gone.last_words())))
    }

    fn note(&mut self, unit: usize, data: &[u8]) -> Result<(), TargetError> {
        let now = self.now();
        self.datagrams += 1;
        let unit = &mut self.units[unit];
        unit.said(now, data).map_err(|flood| {
            unit.state = State::Gone;
            TargetError::Device(flood)
        })
    }

    /// Takes in what came on a connection.
    fn arrived(&mut self, arrival: Arrival) -> Result<(), TargetError> {
        let (unit, at) = match self.owner(arrival.line) {
            Some(Owner::Private(unit)) => (unit, None),
            Some(Owner::Connection(unit, at)) => (unit, Some(at)),
            None => return Ok(()),
        };
        let data = match arrival.what {
            Ok(data) => data,
            Err(error) => return self.lost(unit, &error),
        };
        self.note(unit, &data)?;
        match at {
            Some(at) => self.said(unit, at, &data),
            None => {
                let unit = &mut self.units[unit];
                unit.owed = unit.owed.saturating_sub(1);
                Ok(())
            }
        }
    }

    /// A device said something on a connection of the scenario.
    fn said(&mut self, index: usize, at: usize, data: &[u8]) -> Result<(), TargetError> {
        let time = self.now();
        let unit = &mut self.units[index];
        let translated = unit.names.to_scenario(data);
        let Some(open) = unit.open.get_mut(at) else { return Ok(()) };
        let is_event = open.asked == Asked::Nothing || open.attached && words::is_event(data);
        let connection = open.connection;
        if is_event {
            let text = String::from_utf8_lossy(data);
            if words::says_goodbye(&text) && unit.state == State::Running {
                unit.state = State::Leaving;
            }
            if let Some(words::Group::Started(name)) = words::group(&text) {
                self.groups.push((index, name.to_owned()));
            }
            let what = ControlEvent::Event(connection, translated);
            self.heard.push(Observed { time, device: DeviceId(index), what });
            return Ok(());
        }
        let asked = std::mem::replace(&mut open.asked, Asked::Nothing);
        let begins = asked == Asked::Attach && open.socket == Socket::Main && unit.connects_when_attached;
        self.heard.push(Observed {
            time,
            device: DeviceId(index),
            what: ControlEvent::Reply(connection, translated),
        });
        if begins {
            unit.connects_when_attached = false;
            unit.owed += 1;
            let private = unit.private;
            return self.send(index, private, b"REASSOCIATE");
        }
        Ok(())
    }

    /// Opens the connection for a socket of a device.
    fn open(&mut self, index: usize, connection: Connection, socket: &Socket) -> Result<usize, TargetError> {
        let unit = &self.units[index];
        if let Some(at) = unit.open.iter().position(|open| open.connection == connection) {
            return Ok(at);
        }
        let (line, prefix) = match socket {
            Socket::Main => (self.hub.open(&unit.at.main), Vec::new()),
            Socket::Global => (self.hub.open(global(unit)?), Vec::new()),
            Socket::Interface(name) => {
                let own = unit.names.to_device(name.as_bytes());
                let own = String::from_utf8_lossy(&own).into_owned();
                match unit.at.main.beside(&own) {
                    _ if own == unit.ifname => (self.hub.open(&unit.at.main), Vec::new()),
                    Some(endpoint) if unit.at.global.is_none() || exists(&endpoint) => {
                        (self.hub.open(&endpoint), Vec::new())
                    }
                    _ => (self.hub.open(global(unit)?), format!("IFNAME={own} ").into_bytes()),
                }
            }
        };
        let line = line.map_err(|error| {
            TargetError::Unsupported(format!("{}: {error}", self.units[index].device.name))
        })?;
        let unit = &mut self.units[index];
        let socket = socket.clone();
        unit.open.push(Open { connection, socket, line, prefix, attached: false, asked: Asked::Nothing });
        Ok(unit.open.len() - 1)
    }

    /// Every device may speak of this address.
    fn add_address(&mut self, scenario: &str, own: &str) {
        // The loopback interface has zeros, which mean something else wherever they stand.
        let is_one = own.parse().is_ok_and(|a: MacAddr| a != MacAddr::ZERO && a != MacAddr::BROADCAST);
        if is_one && self.addresses.iter().all(|(_, known)| known != own) {
            self.addresses.push((scenario.to_owned(), own.to_owned()));
            self.units.iter_mut().for_each(|unit| unit.names.add(scenario, own));
        }
    }

    /// Looks whether the processes are there, and at group interfaces that have appeared.
    fn look_after(&mut self) -> Result<(), TargetError> {
        for (unit, ifname) in std::mem::take(&mut self.groups) {
            self.learn_group(unit, &ifname)?;
        }
        if self.now() - self.checked < CHECK {
            return Ok(());
        }
        self.checked = self.now();
        for unit in 0..self.units.len() {
            if self.units[unit].state != State::Gone
                && let Err(error) = self.hub.check(self.units[unit].private)
            {
                self.lost(unit, &error)?;
            }
        }
        Ok(())
    }

    /// Asks a new group interface for its address, which is that of the radio's second interface.
    fn learn_group(&mut self, index: usize, ifname: &str) -> Result<(), TargetError> {
        let unit = &self.units[index];
        if ifname == unit.ifname || unit.state != State::Running {
            return Ok(());
        }
        let Some(endpoint) = unit.at.main.beside(ifname) else { return Ok(()) };
        let second = unit.device.second_addr().to_string();
        let Ok(line) = self.hub.open(&endpoint) else { return Ok(()) };
        let main = std::mem::replace(&mut self.units[index].private, line);
        let owed = std::mem::take(&mut self.units[index].owed);
        let status = self.ask(index, "STATUS", STATE);
        (self.units[index].private, self.units[index].owed) = (main, owed);
        self.hub.close(line);
        if let Some(address) = words::field(&status?, "address") {
            self.add_address(&second, address);
        }
        Ok(())
    }

    /// Waits a little, listening.
    fn pause(&mut self) -> Result<(), TargetError> {
        for arrival in self.hub.wait(SLICE) {
            self.arrived(arrival)?;
        }
        Ok(())
    }
}

fn global(unit: &Unit) -> Result<&Endpoint, TargetError> {
    let name = &unit.device.name;
    unit.at.global.as_ref().ok_or_else(|| {
        TargetError::Unsupported(format!(
            "no process-wide control interface of {name} is known: --device {name}.global=…"
        ))
    })
}

fn exists(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Path(path) => path.exists(),
        _ => true,
    }
}

impl Target for SocketTarget {
    fn name(&self) -> &'static str {
        ROW.name
    }

    fn implementation(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        for unit in &self.units {
            let kind =
                if matches!(unit.device.role, Role::Hostapd(_)) { "access point" } else { "supplicant" };
            let one = format!("{kind} {}", unit.version);
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all.join(", ")
    }

    fn kernel(&self) -> String {
        String::new()
    }

    fn origin(&self) -> Origin {
        Origin::Recording
    }

    fn add(&mut self, device: &Device) -> Result<DeviceId, TargetError> {
        let name = &device.name;
        let Some(at) = self.mapping.iter().find(|d| d.name == *name).cloned() else {
            return Err(TargetError::Unavailable(format!("no device \"{name}\": --device {name}=…")));
        };
        let private =
            self.hub.open(&at.main).map_err(|error| TargetError::Unavailable(format!("{name}: {error}")))?;
        let mut unit = Unit::new(device.clone(), at, private);
        self.addresses.iter().for_each(|(scenario, own)| unit.names.add(scenario, own));
        self.units.push(unit);
        let index = self.units.len() - 1;
        self.prepare(index)?;
        Ok(DeviceId(index))
    }

    fn start(&mut self, device: DeviceId) -> Result<(), TargetError> {
        match self.units.get(device.0) {
            Some(unit) if unit.state == State::Running => Ok(()),
            _ => Err(TargetError::Unsupported("target socket cannot start a process".to_owned())),
        }
    }

    fn kill(&mut self, _: DeviceId) {}

    fn command(
        &mut self,
        device: DeviceId,
        connection: Connection,
        socket: &Socket,
        command: &[u8],
    ) -> Result<(), TargetError> {
        let index = device.0;
        if self.units.get(index).is_none_or(|unit| unit.state == State::Gone) {
            return Ok(());
        }
        let at = self.open(index, connection, socket)?;
        let unit = &mut self.units[index];
        let open = &mut unit.open[at];
        let mut bytes = open.prefix.clone();
        bytes.extend(unit.names.to_device(command));
        open.asked = if command == b"ATTACH" { Asked::Attach } else { Asked::Something };
        let line = open.line;
        if open.asked == Asked::Attach {
            open.attached = true;
            self.hub.set_monitor(line);
        }
        self.send(index, line, &bytes)
    }

    fn advance(&mut self, limit: Instant) -> Result<Progress, TargetError> {
        let left = (limit - self.now()).micros();
        let left = WallDuration::from_micros(u64::try_from(left).unwrap_or(0));
        let arrivals = self.hub.wait(left.min(SLICE));
        let any = !arrivals.is_empty();
        for arrival in arrivals {
            self.arrived(arrival)?;
        }
        self.look_after()?;
        match any || self.now() < limit {
            true => Ok(Progress::Moved),
            false => Ok(Progress::Limit),
        }
    }

    fn heard(&mut self) -> Vec<Observed> {
        std::mem::take(&mut self.heard)
    }

    fn now(&self) -> Instant {
        Instant::from_micros(i64::try_from(self.clock.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    fn file(&mut self, _: DeviceId, _: Option<&str>) -> Option<Vec<u8>> {
        None
    }

    fn put_file(&mut self, _: DeviceId, _: Option<&str>, _: Vec<u8>) {}

    fn describe(&mut self, device: DeviceId) -> String {
        let index = device.0;
        let Some(unit) = self.units.get(index) else { return String::new() };
        if unit.state == State::Gone {
            return format!("gone{}", unit.last_words());
        }
        let ifname = unit.device.ifname();
        match self.ask(index, "STATUS", STATE) {
            Ok(status) => {
                let state = words::field(&status, "wpa_state").map(|s| format!("wpa_state={s}"));
                let state = state.or_else(|| words::field(&status, "state").map(str::to_owned));
                format!("{ifname}: {}", state.unwrap_or_else(|| "no state".to_owned()))
            }
            Err(error) => error.to_string(),
        }
    }

    fn air(&mut self) -> Option<&mut dyn Air> {
        None
    }

    fn air_ref(&self) -> Option<&dyn Air> {
        None
    }

    fn finish(&mut self) -> Remains {
        for unit in 0..self.units.len() {
            // What cannot be undone because the device is gone was reported when it went.
            let _ = self.restore(unit);
        }
        Remains { events: self.datagrams, ..Remains::default() }
    }
}
