//! `wpasim record --proxy`: between clients and real supplicants, access points included; what passes becomes a
//! scenario.

mod access_points;
mod ask;
mod control_socket;
mod document;
mod names;
pub mod recording;
mod steps;
#[cfg(test)]
mod tests;
mod yaml;

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, poll};
use wpasim_wire::time::Instant;

use crate::control::{ControlError, Endpoint, words};
use crate::scenario::devices::is_name;
use crate::scenario::model::Socket;
use crate::serve::sockets::SocketError;
use crate::transcript::Entry;
use crate::wall::Stopwatch;
use ask::Asker;
use control_socket::{ControlEvent, ControlSocket};
pub use document::{Document, document};
use recording::{Observed, RecordedRole, Recording};

/// The text that stands for a passphrase which nobody told.
const UNKNOWN_PASSPHRASE: &str = "unknown passphrase";
/// A scenario has no more steps than this.
const MOST_ENTRIES: usize = 100_000;
/// Access points that are remembered.
const MOST_HEARD: usize = 256;

/// A control interface that clients are to be listened to at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Through {
    /// The device in the scenario.
    pub device: String,
    /// The socket of the process.
    pub socket: Socket,
    /// The path of the reference.
    pub path: PathBuf,
}

impl std::str::FromStr for Through {
    type Err = String;

    /// `PATH`, `NAME=PATH` or `NAME.global=PATH`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) if !name.contains('/') => (name.to_owned(), PathBuf::from(path)),
            _ => {
                let path = PathBuf::from(text);
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                (name, path)
            }
        };
        let (device, socket) = match name.strip_suffix(".global") {
            Some(device) => (device.to_owned(), Socket::Global),
            None => (name, Socket::Main),
        };
        if !is_name(&device) {
            return Err(format!("\"{device}\" is no name for a device: write NAME={}", path.display()));
        }
        Ok(Through { device, socket, path })
    }
}

/// The places at which clients find the proxy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Listen {
    /// At sockets of the same names in this directory; process-wide ones in `global/` below it.
    In(PathBuf),
    /// In the places of the reference processes, which are set aside meanwhile.
    Instead,
}

/// Something could not be listened to.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error("{0} and {1} would be one socket below --listen; without it each takes the place of its own")]
    SamePlace(String, String),
    #[error("{0} is given twice; write NAME=PATH with another name")]
    SameName(String),
    #[error("{0}.global is given, but no interface of {0}")]
    NoInterface(String),
    #[error("{endpoint} does not answer ATTACH with OK but with {reply:?}")]
    NotAttached { endpoint: String, reply: String },
    #[error("{path}: {error}")]
    Io { path: String, error: io::Error },
    #[error("waiting for clients: {0}")]
    Poll(io::Error),
    #[error("{place}: {error}; the real socket is {aside} now: rename it back, or record again from {place}")]
    NotBack { place: String, aside: String, error: io::Error },
}

/// A recording made no scenario.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("nobody said anything: no scenario is written")]
    Nothing,
    #[error("what was said cannot be written: {0}")]
    Yaml(String),
}

/// Clients on one side, the reference on the other.
pub struct Proxy {
    doors: Vec<ControlSocket>,
    listen: Listen,
    recording: Recording,
    said: Vec<ControlEvent>,
    watch: Stopwatch,
    end: UnixDatagram,
}

/// The next thing to be done.
#[derive(Clone, Copy)]
enum Ready {
    Listener(usize),
    Monitor(usize),
    Client(usize, usize),
}

impl Proxy {
    /// Asks the reference processes what they are, attaches to them, and opens the sockets for clients. A datagram on `end` ends
    /// the recording.
    ///
    /// # Errors
    /// One of them is not there, or a socket cannot be made.
    pub fn new(through: &[Through], listen: Listen, end: UnixDatagram) -> Result<Self, ProxyError> {
        let mut proxy = Proxy {
            doors: Vec::new(),
            listen,
            recording: Recording::default(),
            said: Vec::new(),
            watch: Stopwatch::start(),
            end,
        };
        for one in through {
            control_socket::put_back(&one.path)?;
        }
        for one in through.iter().filter(|t| t.socket == Socket::Main) {
            if proxy.recording.devices.iter().any(|d| d.name == one.device) {
                return Err(ProxyError::SameName(one.device.clone()));
            }
            let file = one.path.file_name().unwrap_or_default().to_string_lossy();
            let asker = Asker::open(&Endpoint::Path(one.path.clone()))?;
            proxy.recording.devices.push(asker.introduce(&one.device, &file)?);
        }
        for one in through {
            if !proxy.recording.devices.iter().any(|d| d.name == one.device) {
                return Err(ProxyError::NoInterface(one.device.clone()));
            }
            proxy.open(one)?;
        }
        for device in 0..proxy.recording.devices.len() {
            proxy.look_round(device);
        }
        proxy.watch = Stopwatch::start();
        Ok(proxy)
    }

    /// Returns the path at which clients find it.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.doors.iter().map(ControlSocket::path)
    }

    fn open(&mut self, through: &Through) -> Result<(), ProxyError> {
        let place = control_socket::place(through, &self.listen);
        if let Some(other) = self.doors.iter().find(|d| *d.path() == place) {
            return Err(ProxyError::SamePlace(other.address().to_owned(), through.device.clone()));
        }
        self.doors.push(ControlSocket::open(through, &self.listen)?);
        Ok(())
    }

    /// Passes on and listens, until it is told to end or one of the reference processes has ended.
    ///
    /// # Errors
    /// Waiting failed.
    pub fn run(&mut self) -> Result<(), ProxyError> {
        while self.said.len() < MOST_ENTRIES {
            let Some(ready) = self.wait()? else { return Ok(()) };
            for one in ready {
                if self.attend(one).is_err_and(|error| error.is_death()) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Returns the recording. The sockets go; real ones that were set aside are back in their places.
    ///
    /// # Errors
    /// Beside the recording: a real socket could not be put back.
    pub fn finish(mut self) -> (Recording, Result<(), ProxyError>) {
        for device in 0..self.recording.devices.len() {
            self.look_round(device);
        }
        let now = self.now();
        self.said.extend(self.doors.iter_mut().flat_map(|door| door.unanswered(now)));
        let unheard: Vec<&str> =
            self.doors.iter().filter(|d| !d.has_audience()).map(ControlSocket::address).collect();
        self.said.retain(
            |said| !matches!(said, ControlEvent::Event(event) if unheard.contains(&event.device.as_str())),
        );
        // A command comes before what happened until its reply.
        self.said.sort_by_key(ControlEvent::since);
        for said in self.said {
            said.into_entries(&mut self.recording);
        }
        let closed: Vec<_> = self.doors.into_iter().map(ControlSocket::close).collect();
        (self.recording, closed.into_iter().collect())
    }

    fn now(&self) -> Instant {
        Instant::from_micros(i64::try_from(self.watch.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    /// Waits until something can be read; `None` when told to end.
    fn wait(&mut self) -> Result<Option<Vec<Ready>>, ProxyError> {
        let mut what = Vec::new();
        let mut fds = vec![PollFd::new(&self.end, PollFlags::IN)];
        for (number, door) in self.doors.iter().enumerate() {
            what.push(Ready::Listener(number));
            fds.push(PollFd::from_borrowed_fd(door.listener().as_fd(), PollFlags::IN));
            what.push(Ready::Monitor(number));
            fds.push(PollFd::from_borrowed_fd(door.monitor().as_fd(), PollFlags::IN));
            for (client, link) in door.links().enumerate() {
                what.push(Ready::Client(number, client));
                fds.push(PollFd::from_borrowed_fd(link.as_fd(), PollFlags::IN));
            }
        }
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ProxyError::Poll(error.into())),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        if ready.next() == Some(true) {
            return Ok(None);
        }
        Ok(Some(what.into_iter().zip(ready).filter(|(_, ready)| *ready).map(|(what, _)| what).collect()))
    }

    fn attend(&mut self, ready: Ready) -> Result<(), ControlError> {
        let now = self.now();
        let number = match ready {
            Ready::Listener(number) | Ready::Monitor(number) | Ready::Client(number, _) => number,
        };
        let Some(door) = self.doors.get_mut(number) else { return Ok(()) };
        let said = match ready {
            Ready::Listener(_) => return door.take_commands(now),
            Ready::Client(_, client) => door.take_replies(client, now)?,
            Ready::Monitor(_) => door.take_events(now)?,
        };
        let device = door.device().to_owned();
        for one in &said {
            if let ControlEvent::Event(event) = one {
                self.heed(&device, event);
            }
        }
        self.said.extend(said);
        Ok(())
    }

    /// Follows a group to its interface, and a scan to its results.
    fn heed(&mut self, device: &str, event: &Entry) {
        let text = event.text();
        if words::text(&text).starts_with("CTRL-EVENT-SCAN-RESULTS")
            && let Some(number) = self.recording.devices.iter().position(|d| d.name == device)
        {
            self.look_round(number);
        }
        let Some(words::Group::Started(ifname)) = words::group(&text) else { return };
        let address = format!("{device}.{ifname}");
        let Some(main) = self.doors.iter().find(|d| d.address() == device) else { return };
        let is_own = self.recording.devices.iter().any(|d| d.name == device && d.ifname == ifname);
        if is_own || self.doors.iter().any(|d| d.address() == address) {
            return;
        }
        let through = Through {
            device: device.to_owned(),
            socket: Socket::Interface(ifname.to_owned()),
            path: main.real().with_file_name(ifname),
        };
        // A group interface without a socket is nothing to listen to.
        let _ = self.open(&through);
    }

    /// Remembers which access points a supplicant hears.
    fn look_round(&mut self, device: usize) {
        let Some(recorded) = self.recording.devices.get(device) else { return };
        if !matches!(recorded.role, RecordedRole::Supplicant { .. }) {
            return;
        }
        let Some(door) = self.doors.iter().find(|d| d.address() == recorded.name) else { return };
        let heard: Vec<Observed> = door.asker().heard(device).unwrap_or_default();
        for one in heard {
            let known = &mut self.recording.heard;
            let has_room = known.len() < MOST_HEARD;
            match known.iter_mut().find(|h| h.bssid == one.bssid) {
                Some(before) if before.by == device => *before = one,
                Some(_) => {}
                None if has_room => known.push(one),
                None => {}
            }
        }
    }
}
