//! `wpasim serve`: the devices of a topology behind real control sockets, so that wpa_cli and every other
//! client of wpa_ctrl can use the simulated air.

mod clients;
mod observe;
mod pace;
pub mod sockets;

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration as WallDuration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wpasim_wire::time::{Duration, Instant};

use crate::scenario::Topology;
use crate::scenario::model::{Device, Role, Socket};
use crate::target::sim::{Sim, SimKind};
use crate::target::{Connection, DeviceId, Heard, Limits, Said, Setup, Target, TargetError};
use clients::{Clients, Sent};
pub use observe::{Frame, Observer, Speaker, Watched, World};
pub use pace::{Pace, Speed};
use sockets::{Door, Served, SocketError};

/// The longest command of the control interface, and room to see that one is longer.
const LARGEST_DATAGRAM: usize = 8193;
/// With `--speed max`, virtual time passes in such stretches between two looks at the sockets.
const STRETCH: Duration = Duration::from_millis(100);
/// Datagrams taken from one socket before the others have their turn.
const AT_A_TIME: usize = 64;

/// What is served, and how.
pub struct Options {
    pub topology: Topology,
    pub run_dir: PathBuf,
    pub speed: Speed,
    pub seed: u64,
    /// Whether frames are kept for a capture.
    pub capture: bool,
}

/// Serving began or went on badly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error("waiting for clients: {0}")]
    Poll(io::Error),
}

/// The world with its sockets.
pub struct Server {
    sim: Sim,
    /// By number; one is empty once its process has ended.
    served: Vec<Option<Served>>,
    clients: Clients,
    speed: Speed,
    pace: Pace,
    /// Devices whose processes run.
    running: Vec<DeviceId>,
    /// Ends the server when a byte comes.
    end: UnixDatagram,
    devices: Vec<Watched>,
    observer: Option<Watch>,
}

/// An observer with its connections, one to each socket that has events of its own.
struct Watch {
    observer: Box<dyn Observer>,
    /// By connection, the door.
    attached: BTreeMap<Connection, usize>,
}

impl Server {
    /// Makes the world and every socket; nothing answers before [`Server::run`].
    ///
    /// # Errors
    /// A path is too long, a socket is served already or cannot be made, a device cannot be had.
    pub fn new(options: &Options, end: UnixDatagram) -> Result<Self, ServeError> {
        let setup = Setup {
            seed: options.seed,
            world: options.topology.world.clone(),
            limits: Limits {
                events: u64::MAX,
                virtual_time: Duration::from_secs(100 * 365 * 24 * 3600),
                ..Limits::default()
            },
            capture: options.capture,
            watch_frames: false,
        };
        let mut sim = SimKind::default().world(&setup)?;
        let mut doors = Vec::new();
        let mut running = Vec::new();
        let mut devices = Vec::new();
        for device in &options.topology.devices {
            if device.role == Role::Scripted {
                continue;
            }
            let id = sim.add(device)?;
            running.push(id);
            devices.push(Watched { id, device: device.clone() });
            doors.extend(doors_of(device, id, options));
        }
        for door in &doors {
            sockets::check_length(&door.path)?;
        }
        let served =
            doors.into_iter().map(|door| sockets::serve(door).map(Some)).collect::<Result<Vec<_>, _>>()?;
        for id in &running {
            sim.start(*id)?;
        }
        let times = if let Speed::Times(times) = options.speed { times } else { 1.0 };
        let pace = Pace::new(times, sim.now());
        Ok(Server {
            sim,
            served,
            clients: Clients::default(),
            speed: options.speed,
            pace,
            running,
            end,
            devices,
            observer: None,
        })
    }

    /// Tells an observer everything from now on.
    pub fn observe(&mut self, mut observer: Box<dyn Observer>) {
        observer.devices(&self.devices);
        self.sim.watch();
        self.observer = Some(Watch { observer, attached: BTreeMap::new() });
        for door in 0..self.served.len() {
            self.watch_door(door);
        }
    }

    /// Attaches the observer to a socket, if there is one. Process-wide sockets only repeat what the others say.
    fn watch_door(&mut self, door: usize) {
        let Some(watch) = &mut self.observer else { return };
        let Some(served) = self.served.get(door).and_then(Option::as_ref) else { return };
        if served.door.socket == Socket::Global {
            return;
        }
        let connection = self.clients.inside();
        watch.attached.insert(connection, door);
        // Every process has this command.
        let _ = self.sim.command(served.door.device, connection, &served.door.socket, b"ATTACH");
    }

    /// The paths that are served.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.served.iter().flatten().map(|s| &s.door.path)
    }

    /// Serves until it is told to end, or until every process has ended.
    ///
    /// # Errors
    /// The world went beyond its budget of events at one instant, or waiting failed.
    pub fn run(&mut self) -> Result<(), ServeError> {
        self.speak();
        while !self.running.is_empty() {
            let ready = self.wait()?;
            if ready.ended {
                break;
            }
            self.pass_time()?;
            for door in ready.doors {
                self.take(door)?;
            }
            if !self.tick() {
                break;
            }
        }
        Ok(())
    }

    /// Shows the observer what was on the air.
    fn show_frames(&mut self) {
        let Some(Watch { observer, .. }) = &mut self.observer else { return };
        for (frame, from, to) in self.sim.take_frames() {
            observer.frame(&Frame {
                time: frame.time,
                from,
                to,
                freq: frame.freq,
                kind: frame.kind,
                octets: &frame.bytes,
                acked: frame.acked,
            });
        }
    }

    /// Gives the observer its turn. Whether the server goes on.
    fn tick(&mut self) -> bool {
        let Some(Watch { observer, .. }) = &mut self.observer else { return true };
        observer.tick(&mut View { sim: &mut self.sim, running: &self.running, clients: self.clients.len() })
    }

    /// What was captured, as pcapng; empty without `capture`.
    pub fn capture(&mut self) -> Vec<u8> {
        self.sim.finish().pcapng.unwrap_or_default()
    }

    /// Waits for a datagram or for the next event.
    fn wait(&self) -> Result<Ready, ServeError> {
        let patience = match self.speed {
            Speed::Max if self.clients.is_waiting() => None,
            Speed::Max => Some(WallDuration::ZERO),
            Speed::Times(_) => self.sim.next_event().map(|at| self.pace.until(at)),
        };
        let watching = self.observer.as_ref().and_then(|w| w.observer.patience());
        let patience = [patience, watching].into_iter().flatten().min();
        let timeout = patience.map(|wait| Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        });
        let doors: Vec<(usize, &Served)> =
            self.served.iter().enumerate().filter_map(|(i, s)| s.as_ref().map(|s| (i, s))).collect();
        let mut fds = vec![PollFd::new(&self.end, PollFlags::IN)];
        fds.extend(doors.iter().map(|(_, s)| PollFd::new(&s.socket, PollFlags::IN)));
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ServeError::Poll(error.into())),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let ended = ready.next().unwrap_or(false);
        let doors = doors.iter().zip(ready).filter(|(_, ready)| *ready).map(|((i, _), _)| *i).collect();
        Ok(Ready { ended, doors })
    }

    /// Lets virtual time catch up.
    fn pass_time(&mut self) -> Result<(), ServeError> {
        let limit = match self.speed {
            Speed::Times(_) => self.pace.now(),
            Speed::Max => self.sim.next_event().unwrap_or(self.sim.now()) + STRETCH,
        };
        self.advance(limit)
    }

    fn advance(&mut self, limit: Instant) -> Result<(), ServeError> {
        while self.sim.now() < limit {
            let moved = self.sim.advance(limit)?;
            self.speak();
            if moved == crate::target::Progress::Limit {
                break;
            }
        }
        Ok(())
    }

    /// Takes commands from a socket.
    fn take(&mut self, door: usize) -> Result<(), ServeError> {
        let mut buffer = [0; LARGEST_DATAGRAM];
        for _ in 0..AT_A_TIME {
            let Some(served) = self.served.get(door).and_then(Option::as_ref) else { return Ok(()) };
            let Ok((length, address)) = served.socket.recv_from(&mut buffer) else { return Ok(()) };
            let command = buffer.get(..length).unwrap_or_default();
            let (device, socket) = (served.door.device, served.door.socket.clone());
            // Without an address of its own a client cannot be answered.
            let Some(key) = sockets::key(&address) else { continue };
            let Some(connection) = self.clients.connection(door, key, address, command) else { continue };
            if let Some(watch) = &mut self.observer {
                let from = Speaker { device, socket: &socket, client: connection.0 };
                watch.observer.command(self.sim.now(), from, command);
            }
            self.sim.command(device, connection, &socket, command)?;
            self.speak();
        }
        Ok(())
    }

    /// Sends what the devices said.
    fn speak(&mut self) {
        self.show_frames();
        for heard in self.sim.heard() {
            if self.show(&heard) {
                continue;
            }
            match heard.what {
                Said::Reply(connection, data) => self.send(heard.device, connection, &data, Clients::reply),
                Said::Event(connection, data) => self.send(heard.device, connection, &data, Clients::event),
                Said::Ended => self.ended(heard.device),
            }
        }
    }

    /// Shows the observer what was said. Whether it was for the observer only.
    fn show(&mut self, heard: &Heard) -> bool {
        let Some(Watch { observer, attached }) = &mut self.observer else { return false };
        let (now, device) = (heard.time, heard.device);
        match &heard.what {
            Said::Event(connection, data) => {
                let Some(door) = attached.get(connection) else { return false };
                if let Some(served) = self.served.get(*door).and_then(Option::as_ref) {
                    observer.event(now, Speaker { device, socket: &served.door.socket, client: 0 }, data);
                }
                true
            }
            Said::Reply(connection, _) if attached.contains_key(connection) => true,
            Said::Reply(connection, data) => {
                let served = self.clients.door(*connection).and_then(|door| self.served.get(door));
                if let Some(served) = served.and_then(Option::as_ref) {
                    let to = Speaker { device, socket: &served.door.socket, client: connection.0 };
                    observer.reply(now, to, data);
                }
                false
            }
            Said::Ended => false,
        }
    }

    fn send(
        &mut self,
        device: DeviceId,
        connection: Connection,
        data: &[u8],
        how: fn(&mut Clients, Connection, &UnixDatagram, &[u8]) -> Sent,
    ) {
        let Some(door) = self.clients.door(connection) else { return };
        let Some(served) = self.served.get(door).and_then(Option::as_ref) else { return };
        if how(&mut self.clients, connection, &served.socket, data) == Sent::Lost {
            self.sim.close(device, connection);
        }
    }

    /// A process has ended: its sockets go.
    fn ended(&mut self, device: DeviceId) {
        self.running.retain(|d| *d != device);
        for (number, served) in self.served.iter_mut().enumerate() {
            if served.as_ref().is_some_and(|s| s.door.device == device) {
                *served = None;
                self.clients.leave(number);
            }
        }
    }
}

/// The server as an observer sees it.
struct View<'a> {
    sim: &'a mut Sim,
    running: &'a [DeviceId],
    clients: usize,
}

impl World for View<'_> {
    fn now(&self) -> Instant {
        self.sim.now()
    }

    fn state(&mut self, device: DeviceId) -> Option<String> {
        self.running.contains(&device).then(|| self.sim.describe(device))
    }

    fn clients(&self) -> usize {
        self.clients
    }
}

/// What there is to do.
struct Ready {
    ended: bool,
    doors: Vec<usize>,
}

/// The sockets of a device.
fn doors_of(device: &Device, id: DeviceId, options: &Options) -> Vec<Door> {
    let door = |directory: &str, socket: Socket| Door {
        path: options.run_dir.join(directory).join(device.ifname()),
        device: id,
        socket,
    };
    match device.role {
        Role::Supplicant(_) => vec![door("wpa_supplicant", Socket::Main), door("global", Socket::Global)],
        Role::Hostapd(_) => vec![door("hostapd", Socket::Main)],
        Role::Scripted => Vec::new(),
    }
}

/// What is served without a topology: three supplicants.
pub const DEFAULT_TOPOLOGY: &str = "devices:\n  wlan0: {}\n  wlan1: {}\n  wlan2: {}\n";

/// Names by interface, for the ready line.
pub fn summary(server: &Server) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for path in server.paths() {
        let kind = path.parent().and_then(|p| p.file_name()).unwrap_or_default();
        *kinds.entry(kind.to_string_lossy().into_owned()).or_default() += 1;
    }
    kinds
}
