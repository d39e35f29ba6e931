//! `wpasim serve`: the devices of a topology behind real control sockets, so that wpa_cli and every other
//! client of wpa_ctrl can use the simulated air.

mod backlog;
mod capture;
mod clients;
mod control_sockets;
mod observe;
pub mod own;
mod pace;
mod setup;
pub mod sockets;
pub(crate) mod trouble;
pub mod ui;
mod watch;

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration as WallDuration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wpasim_engine::config::support;
use wpasim_wire::time::Duration;

use crate::scenario::model::{Role, Socket};
use crate::scenario::{Topology, lacks};
use crate::target::sim::Sim;
use crate::target::{Connection, ControlEvent, DeviceId, Progress, SocketNews, Target, TargetError};
use backlog::Backlog;
use capture::CaptureFile;
use clients::{Caller, Clients, CommandKind, Sent};
use control_sockets::ControlSockets;
pub use observe::{Frame, Observer, Speaker, Watched, World};
pub use pace::{Pace, Speed};
pub use setup::DEFAULT_TOPOLOGY;
use setup::ServeSetup;
use sockets::{Address, ControlSocket, Place, Received, SocketError};
use trouble::Trouble;
use watch::Watch;

/// The longest command of the control interface, and room to see that one is longer.
const LARGEST_DATAGRAM: usize = 8193;
/// With `--speed max`, virtual time passes in such stretches between two looks at the sockets.
const STRETCH: Duration = Duration::from_millis(100);
/// The time that the world may keep the sockets waiting, on the wall. Virtual time then stays behind.
const LONGEST_ABSENCE: WallDuration = WallDuration::from_millis(20);
/// Datagrams taken from one socket before the others have their turn.
const AT_A_TIME: usize = 64;

/// The world that is served, and the way in which it is.
pub struct Options {
    pub topology: Topology,
    pub run_dir: PathBuf,
    pub speed: Speed,
    pub seed: u64,
    /// The file to which every frame is written; `None` for none.
    pub pcap: Option<PathBuf>,
    /// The address to which UDP sockets are bound as well; `None` for none.
    pub udp: Option<IpAddr>,
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
    #[error("file descriptors: {0}")]
    Descriptors(io::Error),
    #[error("the capture ended early: {path}: {error}")]
    Capture { path: String, error: io::Error },
}

/// The world with its sockets.
pub struct Server {
    sim: Sim,
    control_sockets: ControlSockets,
    clients: Clients,
    backlog: Backlog,
    /// The sender of the command that is being carried out.
    caller: Option<Caller>,
    speed: Speed,
    pace: Pace,
    /// Devices whose processes run.
    running: Vec<DeviceId>,
    /// Ends the server when a byte comes.
    end: UnixDatagram,
    devices: Vec<Watched>,
    observer: Option<Watch>,
    troubles: trouble::ControlEvent,
    capture: Option<CaptureFile>,
    /// The reason why the capture ended early.
    capture_error: Option<ServeError>,
    /// Interfaces whose sockets could not be made: they go again.
    without_socket: Vec<(DeviceId, String)>,
    /// The file that the devices are from, for messages.
    topology: String,
    /// A UDP port came or went since the list of them was written.
    ports_changed: bool,
}

impl Server {
    /// Makes the world and every socket; nothing answers before [`Server::run`].
    ///
    /// # Errors
    /// A path is too long, a socket is served already or cannot be made, a device cannot be had.
    pub fn new(options: &Options, end: UnixDatagram) -> Result<Self, ServeError> {
        let control_sockets =
            ControlSockets::new(&options.run_dir, options.udp).map_err(ServeError::Descriptors)?;
        let ServeSetup { sim, devices, wanted } = ServeSetup::set(options, &control_sockets)?;
        let times = if let Speed::Times(times) = options.speed { times } else { 1.0 };
        let pace = Pace::new(times, sim.now());
        let mut server = Server {
            sim,
            control_sockets,
            clients: Clients::default(),
            backlog: Backlog::default(),
            caller: None,
            speed: options.speed,
            pace,
            running: devices.iter().map(|d| d.id).collect(),
            end,
            devices,
            observer: None,
            troubles: trouble::ControlEvent::default(),
            capture: None,
            capture_error: None,
            without_socket: Vec::new(),
            topology: options.topology.path.clone(),
            ports_changed: false,
        };
        server.begin(wanted)?;
        if let Some(path) = &options.pcap {
            let failed = |error| SocketError::Io { path: path.display().to_string(), error };
            server.capture = Some(CaptureFile::create(path).map_err(failed)?);
        }
        Ok(server)
    }

    /// Opens the first sockets and starts every process.
    fn begin(&mut self, wanted: Vec<ControlSocket>) -> Result<(), ServeError> {
        for control_socket in wanted {
            self.control_sockets.open(control_socket)?;
        }
        self.control_sockets.list_udp()?;
        for Watched { id, device } in &self.devices {
            for lack in device.not_implemented().into_iter().chain(device.stored_only()) {
                trouble::tell(&format!("{}:{}: {}", self.topology, lack.place, lack.text));
            }
            self.sim.start(*id)?;
            if !self.sim.is_running(*id) {
                let reasons = self.sim.heard().into_iter().filter_map(|heard| match heard.what {
                    ControlEvent::Log(line) if heard.device == *id => Some(line),
                    _ => None,
                });
                let findings = device.explain(&reasons.collect::<Vec<_>>());
                let shown = findings.iter().map(|f| format!("\n{}:{}: {}", self.topology, f.place, f.text));
                let reason = format!("{} ended as it started:{}", device.name, shown.collect::<String>());
                return Err(TargetError::Device(reason).into());
            }
        }
        Ok(())
    }

    fn name_of(&self, device: DeviceId) -> &str {
        self.devices.iter().find(|d| d.id == device).map_or("", |d| d.device.name.as_str())
    }

    /// The paths that are served.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.control_sockets.iter().filter_map(|(_, served)| match &served.control_socket.place {
            Place::Path(path) => Some(path),
            Place::Udp { .. } => None,
        })
    }

    /// Serves until it is told to end, or until every process has ended.
    ///
    /// # Errors
    /// The world went beyond its budget of events at one instant, or waiting failed.
    pub fn run(&mut self) -> Result<(), ServeError> {
        let end = self.serve();
        self.finish_capture();
        end?;
        self.capture_error.take().map_or(Ok(()), Err)
    }

    fn serve(&mut self) -> Result<(), ServeError> {
        self.speak();
        while !self.running.is_empty() {
            let ready = self.wait()?;
            if ready.ended {
                break;
            }
            self.pass_time(!ready.control_sockets.is_empty())?;
            for control_socket in ready.control_sockets {
                self.take(control_socket)?;
            }
            self.catch_up();
            self.write_capture();
            self.sim.forget_secrets();
            if !self.tick() {
                break;
            }
        }
        Ok(())
    }

    /// A capture that cannot be written is given up, so that it does not fill the memory instead.
    fn write_capture(&mut self) {
        let Some(capture) = &mut self.capture else { return };
        if let Err(error) = capture.go_on(&mut self.sim) {
            let path = capture.path().display().to_string();
            self.troubles.once(Trouble::Capture, || format!("{path}: {error}; the capture ends here"));
            self.capture_error = Some(ServeError::Capture { path, error });
            self.capture = None;
            self.sim.finish();
        }
    }

    fn finish_capture(&mut self) {
        let Some(capture) = self.capture.take() else { return };
        let path = capture.path().display().to_string();
        if let Err(error) = capture.finish(&mut self.sim) {
            self.capture_error = Some(ServeError::Capture { path, error });
        }
    }

    /// Waits for a datagram or for the next event.
    fn wait(&self) -> Result<Ready, ServeError> {
        let patience = match self.speed {
            Speed::Max => Some(WallDuration::ZERO),
            Speed::Times(_) => self.sim.next_event().map(|at| self.pace.until(at)),
        };
        let watching = self.observer.as_ref().and_then(|w| w.observer.patience());
        let backlog = self.backlog.is_waiting().then_some(backlog::PAUSE);
        let patience = [patience, watching, backlog].into_iter().flatten().min();
        // A wait that no timespec can hold is for ever.
        let timeout = patience.and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds = vec![PollFd::new(&self.end, PollFlags::IN)];
        fds.extend(
            self.control_sockets
                .iter()
                .map(|(_, served)| PollFd::from_borrowed_fd(served.fd(), PollFlags::IN)),
        );
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ServeError::Poll(error.into())),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let ended = ready.next().unwrap_or(false);
        let control_sockets =
            self.control_sockets.iter().zip(ready).filter(|(_, ready)| *ready).map(|((n, _), _)| n).collect();
        Ok(Ready { ended, control_sockets })
    }

    /// Lets virtual time catch up; at the greatest speed only while nobody waits for a reply.
    fn pass_time(&mut self, somebody_waits: bool) -> Result<(), ServeError> {
        let limit = match self.speed {
            Speed::Times(_) => self.pace.now(),
            // Commands at one instant without end would be a world that does not get on.
            Speed::Max if somebody_waits => self.sim.now() + Duration::from_micros(1),
            Speed::Max => self.sim.next_event().unwrap_or(self.sim.now()) + STRETCH,
        };
        let begun = crate::wall::Stopwatch::start();
        while self.sim.now() < limit {
            let moved = self.sim.advance(limit)?;
            self.speak();
            self.remove_without_socket()?;
            if moved == Progress::Limit {
                break;
            }
            if begun.elapsed() > LONGEST_ABSENCE {
                self.pace.restart(self.sim.now());
                break;
            }
        }
        Ok(())
    }

    /// Takes commands from a socket.
    fn take(&mut self, control_socket: usize) -> Result<(), ServeError> {
        let mut buffer = [0; LARGEST_DATAGRAM];
        for _ in 0..AT_A_TIME {
            let Some(served) = self.control_sockets.get(control_socket) else { return Ok(()) };
            match served.receive(&mut buffer) {
                Received::Command(address, command) => self.carry_out(control_socket, address, command)?,
                Received::Nothing => {}
                Received::Empty => return Ok(()),
            }
        }
        Ok(())
    }

    fn carry_out(
        &mut self,
        control_socket: usize,
        address: Address,
        command: &[u8],
    ) -> Result<(), ServeError> {
        let Some(served) = self.control_sockets.get(control_socket) else { return Ok(()) };
        let (device, socket) = (served.control_socket.device, served.control_socket.socket.clone());
        let Some(key) = address.key() else {
            self.troubles.once(Trouble::Nameless, || {
                "a client without an address of its own sent a command: it cannot be answered".to_owned()
            });
            return Ok(());
        };
        let connection = self.clients.connection(control_socket, &key);
        let kind = CommandKind::of(command);
        if kind == CommandKind::Attach && self.clients.are_full() && !self.clients.is_attached(connection) {
            self.troubles.once(Trouble::TooManyMonitors, || {
                "too many monitors are attached: a further one is refused".to_owned()
            });
            // Whoever does not take it, does not take it.
            let _ = served.send(b"FAIL\n", &address);
            return Ok(());
        }
        if let Some(watch) = &mut self.observer {
            let from = Speaker { device, socket: &socket, client: connection.0 };
            watch.observer.command(self.sim.now(), from, command);
        }
        self.warn_of(device, &socket, command);
        self.caller = Some(Caller { connection, control_socket, key, address, kind });
        self.sim.command(device, connection, &socket, command)?;
        self.speak();
        // There are commands without a reply.
        self.caller = None;
        self.remove_without_socket()
    }

    /// Says what a command asks for and does not get, each thing once for a device.
    fn warn_of(&mut self, device: DeviceId, socket: &Socket, command: &[u8]) {
        let Ok(text) = core::str::from_utf8(command) else { return };
        let Some(watched) = self.devices.iter().find(|d| d.id == device) else { return };
        let given = lacks::given(&watched.device, socket);
        if let Some(asked) = given.and_then(|given| support::asked_by_command(given, text)) {
            self.troubles.lack(&format!("{}: {asked}", watched.device.name));
        }
    }

    /// Interfaces that came without their sockets go again: nobody could reach them.
    fn remove_without_socket(&mut self) -> Result<(), ServeError> {
        while let Some((device, ifname)) = self.without_socket.pop() {
            let is_supplicant = self.is_supplicant(device);
            let command = format!("{} {ifname}", if is_supplicant { "INTERFACE_REMOVE" } else { "REMOVE" });
            let connection = self.clients.fresh();
            self.sim.command(device, connection, &Socket::Global, command.as_bytes())?;
            self.speak();
        }
        Ok(())
    }

    fn is_supplicant(&self, device: DeviceId) -> bool {
        self.devices.iter().any(|d| d.id == device && matches!(d.device.role, Role::Supplicant(_)))
    }

    /// Sends what the devices said.
    fn speak(&mut self) {
        self.show_frames();
        for heard in self.sim.heard() {
            if self.show(&heard) {
                continue;
            }
            let device = heard.device;
            match heard.what {
                ControlEvent::Reply(connection, data) => self.reply(device, connection, &data),
                ControlEvent::Event(connection, data) => self.event(device, connection, &data),
                ControlEvent::Socket(SocketNews::Opened { ifname, ctrl_interface }) => {
                    self.interface_came(device, ifname, ctrl_interface);
                }
                ControlEvent::Socket(SocketNews::Closed { ifname }) => {
                    self.close(device, Some(&Socket::Interface(ifname)));
                }
                ControlEvent::Log(line) => trouble::tell(&format!("{}: {line}", self.name_of(device))),
                ControlEvent::Ended => {
                    self.running.retain(|d| *d != device);
                    self.close(device, None);
                }
            }
        }
        self.list_udp();
    }

    /// Answers the caller, who is attached from now on or no longer if the command was about that.
    fn reply(&mut self, device: DeviceId, connection: Connection, data: &[u8]) {
        let Some(caller) = self.caller.take_if(|c| c.connection == connection) else { return };
        self.list_udp();
        // As 2.10 refuses an interface whose control interface it cannot initialize.
        let refused = self.without_socket.iter().any(|(of, _)| *of == device);
        let data = if refused && data == b"OK\n" { b"FAIL\n" } else { data };
        let Some(served) = self.control_sockets.get(caller.control_socket) else { return };
        let sent = served.send(data, &caller.address);
        let jammed = sent.is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock) && served.is_jammed();
        let control_socket = caller.control_socket;
        let again = jammed.then(|| caller.address.clone());
        match caller.kind {
            CommandKind::Attach if data == b"OK\n" => self.clients.attach(caller),
            CommandKind::Detach if data == b"OK\n" => {
                self.clients.forget(connection);
                self.sim.close(device, connection);
            }
            _ => {}
        }
        if let Some(address) = again {
            self.unjam(control_socket);
            if let Some(served) = self.control_sockets.get(control_socket) {
                let _ = served.send(data, &address);
            }
        }
    }

    fn event(&mut self, device: DeviceId, connection: Connection, data: &[u8]) {
        let Some(control_socket) = self.clients.control_socket(connection) else { return };
        let Some(served) = self.control_sockets.get(control_socket) else { return };
        if self.backlog.admits(control_socket, served, connection, data) {
            self.send_event(device, control_socket, connection, data);
        }
    }

    /// Sends events that had to wait.
    fn catch_up(&mut self) {
        for control_socket in self.backlog.due() {
            while let Some(served) = self.control_sockets.get(control_socket)
                && let Some((connection, event)) = self.backlog.next(control_socket, served)
            {
                self.send_event(served.control_socket.device, control_socket, connection, &event);
            }
        }
    }

    fn send_event(&mut self, device: DeviceId, control_socket: usize, connection: Connection, data: &[u8]) {
        let Some(served) = self.control_sockets.get(control_socket) else { return };
        match self.clients.event(connection, served, data) {
            Sent::Done => {}
            Sent::Missed => {
                if served.is_jammed() {
                    self.unjam(control_socket);
                }
            }
            Sent::Lost => {
                self.sim.close(device, connection);
                self.troubles.once(Trouble::MonitorDetached, || {
                    "a monitor that takes no events is detached".to_owned()
                });
            }
        }
    }

    /// Replaces a socket whose buffer is full of datagrams that others do not take.
    fn unjam(&mut self, control_socket: usize) {
        let Some(served) = self.control_sockets.get_mut(control_socket) else { return };
        let outcome = served.reopen();
        self.troubles.once(Trouble::Jammed, || match outcome {
            Ok(()) => "what clients do not take filled a socket's buffer: it is opened anew".to_owned(),
            Err(error) => error.to_string(),
        });
    }

    /// An interface came, with its socket.
    fn interface_came(&mut self, device: DeviceId, ifname: String, ctrl_interface: Option<String>) {
        let socket = Socket::Interface(ifname.clone());
        let Some(ctrl_interface) = ctrl_interface.filter(|_| !self.control_sockets.has(device, &socket))
        else {
            return;
        };
        let is_supplicant = self.is_supplicant(device);
        for control_socket in
            self.control_sockets.of_interface(device, &ifname, &ctrl_interface, is_supplicant)
        {
            if let Err(error) = self.control_sockets.open(control_socket) {
                self.troubles.once(Trouble::NoSocket, || error.to_string());
                // One that could be made must not take commands that nobody answers.
                self.close(device, Some(&socket));
                self.without_socket.push((device, ifname));
                return;
            }
        }
        self.ports_changed = true;
        self.watch_socket(device, &socket);
    }

    /// Sockets go: those of a process, or of one interface.
    fn close(&mut self, device: DeviceId, socket: Option<&Socket>) {
        for number in self.control_sockets.close(device, socket) {
            self.clients.leave(number);
            self.backlog.leave(number);
        }
        if let (Some(watch), Some(socket)) = (&mut self.observer, socket) {
            watch.attached.retain(|_, of| of != socket);
        }
        self.ports_changed = true;
    }

    /// Writes the list of ports if one came or went: once for however many, and before anybody hears of it.
    fn list_udp(&mut self) {
        if !std::mem::take(&mut self.ports_changed) {
            return;
        }
        if let Err(error) = self.control_sockets.list_udp() {
            self.troubles.once(Trouble::NoSocket, || error.to_string());
        }
    }
}

/// The things that there are to do.
struct Ready {
    ended: bool,
    control_sockets: Vec<usize>,
}

impl Server {
    /// Returns the sockets that are served, for the ready line: `3 in global/, 3 in wpa_supplicant/, hostapd-global`.
    pub fn summary(&self) -> String {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut alone = Vec::new();
        for path in self.paths() {
            match self.control_sockets.directory_of(path) {
                Some(directory) => *kinds.entry(directory).or_default() += 1,
                None => alone.extend(path.file_name().map(|name| name.to_string_lossy().into_owned())),
            }
        }
        let mut parts: Vec<String> = kinds.iter().map(|(kind, n)| format!("{n} in {kind}/")).collect();
        parts.extend(alone);
        parts.join(", ")
    }
}
