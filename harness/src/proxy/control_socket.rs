//! One control interface that is listened to: its clients, the reference, and a monitor of our own.

use std::collections::VecDeque;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wpasim_wire::time::Instant;

use super::ask::Asker;
use super::recording::Recording;
use super::{Listen, ProxyError, Through};
use crate::control::words::is_event;
use crate::control::{ControlError, Endpoint, LONGEST, Link};
use crate::scenario::model::Socket;
use crate::serve::trouble::tell;
use crate::serve::{own, sockets};
use crate::system;
use crate::transcript::{Entry, Mark};

/// The time that opening waits for a cookie; UNIX sockets have none.
const PATIENCE: Duration = Duration::from_secs(1);
/// Clients of one socket at a time; the one that has been silent longest goes first.
const MOST_CLIENTS: usize = 64;
/// Events of our own monitor that are remembered.
const REMEMBERED: usize = 256;
/// The longest time that an event which a client has had already takes to come to our own monitor.
const NEXT_MONITOR: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// Datagrams taken at once.
const AT_A_TIME: usize = 64;

/// Something that was said, as it will stand in the transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ControlEvent {
    /// By the device, to every monitor.
    Event(Entry),
    /// By a client; the device's reply unless there was none.
    Command { at: String, since: Instant, command: Vec<u8>, reply: Option<Entry> },
}

impl ControlEvent {
    /// Returns the time at which it began.
    pub fn since(&self) -> Instant {
        match self {
            ControlEvent::Event(entry) => entry.time,
            ControlEvent::Command { since, .. } => *since,
        }
    }

    /// Adds it to a recording.
    pub fn into_entries(self, recording: &mut Recording) {
        match self {
            ControlEvent::Event(entry) => recording.entries.push(entry),
            ControlEvent::Command { at, since, command, reply } => {
                recording.command(since, &at, &command);
                recording.entries.extend(reply);
            }
        }
    }
}

/// A client and its own connection to the reference, so that what it attaches is its own.
struct Client {
    key: Vec<u8>,
    address: SocketAddr,
    link: Link,
    /// Commands that are not answered yet; of `None` nothing is recorded.
    asked: VecDeque<(Instant, Option<Vec<u8>>)>,
    /// The number of our own monitor's events that the client has had.
    had: u64,
}

/// The last events of our own monitor.
#[derive(Default)]
struct Recent {
    events: VecDeque<Vec<u8>>,
    /// The number of those before these.
    before: u64,
}

impl Recent {
    fn push(&mut self, event: Vec<u8>) {
        self.events.push_back(event);
        if self.events.len() > REMEMBERED {
            self.events.pop_front();
            self.before += 1;
        }
    }

    fn count(&self) -> u64 {
        self.before + self.events.len() as u64
    }

    /// The number after that of the first such event from number `from` on.
    fn after(&self, event: &[u8], from: u64) -> Option<u64> {
        let numbers = self.before..;
        numbers
            .zip(&self.events)
            .find(|(number, e)| *number >= from && *e == event)
            .map(|(number, _)| number + 1)
    }
}

/// A real socket that was set aside; back in its place when dropped.
struct Aside {
    place: PathBuf,
    aside: PathBuf,
    is_back: bool,
}

impl Aside {
    /// Puts it back. If its process has ended meanwhile, the socket is gone, or dead and only in the way. If another has
    /// taken its place, that one stays.
    fn put_back(&mut self) -> Result<(), ProxyError> {
        if std::mem::replace(&mut self.is_back, true) {
            return Ok(());
        }
        let Err(error) = rename_to_free_place(&self.aside, &self.place) else { return Ok(()) };
        let is_gone = own::remove_dead(&self.aside, || refuses(&self.aside)).unwrap_or(true);
        match is_gone || self.place.exists() {
            true => Ok(()),
            false => Err(ProxyError::NotBack {
                place: self.place.display().to_string(),
                aside: self.aside.display().to_string(),
                error,
            }),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Err(error) = self.put_back() {
            tell(&error.to_string());
        }
    }
}

/// A control interface that is listened to. The fields are dropped in order: ours goes before the reference comes back.
pub struct ControlSocket {
    address: String,
    device: String,
    is_global: bool,
    real: PathBuf,
    endpoint: Endpoint,
    listener: sockets::Bound,
    monitor: Link,
    asker: Asker,
    clients: Vec<Client>,
    recent: Recent,
    /// Whether a client is attached to this socket.
    someone_attached: bool,
    aside: Option<Aside>,
}

impl ControlSocket {
    /// Attaches to the reference and opens a socket for clients.
    pub fn open(through: &Through, listen: &Listen) -> Result<Self, ProxyError> {
        let path = place(through, listen);
        let (real, aside) = match listen {
            Listen::In(_) => (through.path.clone(), None),
            Listen::Instead => {
                let aside = set_aside(&through.path)?;
                (aside.aside.clone(), Some(aside))
            }
        };
        let endpoint = Endpoint::Path(real.clone());
        let asker = Asker::open(&endpoint)?;
        let monitor = Link::open(&endpoint, PATIENCE)?;
        attach(&monitor, &endpoint)?;
        let address = match &through.socket {
            Socket::Main => through.device.clone(),
            Socket::Global => format!("{}.global", through.device),
            Socket::Interface(ifname) => format!("{}.{ifname}", through.device),
        };
        Ok(ControlSocket {
            address,
            device: through.device.clone(),
            is_global: through.socket == Socket::Global,
            real: through.path.clone(),
            endpoint,
            listener: sockets::bound(&path)?,
            monitor,
            asker,
            clients: Vec::new(),
            recent: Recent::default(),
            someone_attached: false,
            aside,
        })
    }

    /// Ends it: our socket goes, and the reference comes back.
    ///
    /// # Errors
    /// It does not.
    pub fn close(self) -> Result<(), ProxyError> {
        let ControlSocket { listener, aside, .. } = self;
        drop(listener);
        aside.map_or(Ok(()), |mut aside| aside.put_back())
    }

    /// `sta`, `sta.global`, `sta.p2p-wlan0-0`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Returns the path at which clients find it.
    pub fn path(&self) -> &PathBuf {
        &self.listener.path
    }

    /// Returns the path at which the reference is for everyone else.
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// The socket for clients.
    pub fn listener(&self) -> &UnixDatagram {
        &self.listener.socket
    }

    /// Our own monitor.
    pub fn monitor(&self) -> &Link {
        &self.monitor
    }

    /// For questions of our own.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The clients' connections to the reference.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.clients.iter().map(|c| &c.link)
    }

    /// Passes on what clients say.
    pub fn take_commands(&mut self, now: Instant) -> Result<(), ControlError> {
        let mut buffer = vec![0; LONGEST];
        for _ in 0..AT_A_TIME {
            let Ok((length, address)) = self.listener.socket.recv_from(&mut buffer) else { return Ok(()) };
            let command = buffer.get(..length).unwrap_or_default().to_vec();
            // A client without an address cannot be answered, and is no client of wpa_ctrl.
            let Some(key) = sockets::Address::Unix(address.clone()).key() else { continue };
            self.command(now, key, address, command)?;
        }
        Ok(())
    }

    fn command(
        &mut self,
        now: Instant,
        key: Vec<u8>,
        address: SocketAddr,
        command: Vec<u8>,
    ) -> Result<(), ControlError> {
        let known = self.clients.iter().position(|c| c.key == key);
        let client = match known {
            Some(number) => self.clients.remove(number),
            None => {
                let link = match Link::open(&self.endpoint, PATIENCE) {
                    Ok(link) => link,
                    Err(error) if error.is_death() => return Err(error),
                    // As 2.10 refuses what it cannot do; it is not the other side that said so, and not recorded.
                    Err(error) => {
                        let _ = self.listener.socket.send_to_addr(b"FAIL\n", &address);
                        tell(&format!("{}: a client is refused: {error}", self.address));
                        return Ok(());
                    }
                };
                Client { key, address, link, asked: VecDeque::new(), had: self.recent.count() }
            }
        };
        if self.clients.len() >= MOST_CLIENTS {
            self.clients.remove(0);
        }
        self.clients.push(client);
        let Some(client) = self.clients.last_mut() else { return Ok(()) };
        client.link.send(&command)?;
        self.someone_attached |= command == b"ATTACH";
        let is_recorded = !is_of_the_connection(&command);
        client.asked.push_back((now, is_recorded.then_some(command)));
        Ok(())
    }

    /// Passes on what the reference says to a client; returns the commands that are answered with it, and events.
    pub fn take_replies(&mut self, client: usize, now: Instant) -> Result<Vec<ControlEvent>, ControlError> {
        let mut said = Vec::new();
        for _ in 0..AT_A_TIME {
            let Some(Client { link, .. }) = self.clients.get(client) else { break };
            let Some(data) = link.try_receive()? else { break };
            if is_event(&data) {
                said.extend(self.hear_it_first(client, &data, now)?);
            }
            let Some(client) = self.clients.get_mut(client) else { break };
            if !is_event(&data)
                && let Some((since, Some(command))) = client.asked.pop_front()
            {
                let reply = Some(Entry::new(now, &self.address, Mark::Reply, &data));
                said.push(ControlEvent::Command { at: self.address.clone(), since, command, reply });
            }
            // A client that is gone or does not read is its own affair.
            let _ = self.listener.socket.send_to_addr(&data, &client.address);
        }
        Ok(said)
    }

    /// Waits until our own monitor has had what a client is about to get: its next command comes after that, and so it
    /// must be in the recording. wpa_supplicant serves the youngest monitor first.
    fn hear_it_first(
        &mut self,
        client: usize,
        event: &[u8],
        now: Instant,
    ) -> Result<Vec<ControlEvent>, ControlError> {
        let mut said = self.take_events(now)?;
        let Some(had) = self.clients.get(client).map(|c| c.had) else { return Ok(said) };
        let mut after = self.recent.after(event, had);
        if after.is_none() {
            let _ = poll(&mut [PollFd::new(&self.monitor, PollFlags::IN)], Some(&NEXT_MONITOR));
            said.extend(self.take_events(now)?);
            after = self.recent.after(event, had);
        }
        // An event that our monitor does not get at all, such as one of a level that only the client asked for, leaves it
        // where it was.
        if let (Some(client), Some(after)) = (self.clients.get_mut(client), after) {
            client.had = after;
        }
        Ok(said)
    }

    /// Whether the events count: those of the process-wide socket only if a client listens there, too. A scenario
    /// attaches there, from its start on, only if a step waits for one.
    pub fn has_audience(&self) -> bool {
        !self.is_global || self.someone_attached
    }

    /// Takes the events that our own monitor heard.
    pub fn take_events(&mut self, now: Instant) -> Result<Vec<ControlEvent>, ControlError> {
        let mut said = Vec::new();
        for _ in 0..AT_A_TIME {
            let Some(data) = self.monitor.try_receive()? else { break };
            if is_event(&data) {
                said.push(ControlEvent::Event(Entry::new(now, &self.address, Mark::Event, &data)));
                self.recent.push(data);
            }
        }
        Ok(said)
    }

    /// Commands that nobody answered until `now`, but for those of the last moment.
    pub fn unanswered(&mut self, now: Instant) -> Vec<ControlEvent> {
        let at = &self.address;
        let asked = self.clients.iter_mut().flat_map(|client| client.asked.drain(..));
        let silent = asked.filter(|(since, _)| now.saturating_since(*since).micros() > 10_000_000);
        silent
            .filter_map(|(since, command)| {
                Some(ControlEvent::Command { at: at.clone(), since, command: command?, reply: None })
            })
            .collect()
    }
}

/// Commands about the connection itself. PING is how wpa_cli sees that the other side lives.
fn is_of_the_connection(command: &[u8]) -> bool {
    matches!(command, b"ATTACH" | b"DETACH" | b"PING")
        || command.starts_with(b"LEVEL ")
        || command.starts_with(b"ATTACH ")
}

/// Attaches, and waits for the OK.
fn attach(monitor: &Link, endpoint: &Endpoint) -> Result<(), ProxyError> {
    let reply = super::ask::answer(monitor, "ATTACH")?.unwrap_or_default();
    if reply == "OK\n" {
        return Ok(());
    }
    Err(ProxyError::NotAttached { endpoint: endpoint.to_string(), reply })
}

/// Gives a file a name that no other has.
fn rename_to_free_place(from: &Path, to: &Path) -> std::io::Result<()> {
    system::rename_to_free(from, to)
}

/// Whether nobody is behind a socket any more.
fn refuses(path: &Path) -> bool {
    let tried = system::unbound().and_then(|probe| probe.connect(path));
    tried.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// Returns the path at which clients will find a control interface.
pub fn place(through: &Through, listen: &Listen) -> PathBuf {
    let name = through.path.file_name().unwrap_or_default();
    match (listen, &through.socket) {
        (Listen::Instead, _) => through.path.clone(),
        (Listen::In(directory), Socket::Global) => directory.join("global").join(name),
        (Listen::In(directory), _) => directory.join(name),
    }
}

/// Returns the path of a real socket while ours is in its place.
fn aside_of(place: &Path) -> PathBuf {
    place.with_file_name(format!(".{}.wpasim", place.file_name().unwrap_or_default().to_string_lossy()))
}

/// Gives a real socket another name.
fn set_aside(place: &Path) -> Result<Aside, ProxyError> {
    let aside = aside_of(place);
    // Whoever has ended has no socket that could be set aside.
    Link::open(&Endpoint::Path(place.to_owned()), PATIENCE)?;
    system::rename(place, &aside)
        .map_err(|error| ProxyError::Io { path: place.display().to_string(), error })?;
    Ok(Aside { place: place.to_owned(), aside, is_back: false })
}

/// Puts a real socket back that a killed recording left set aside.
///
/// # Errors
/// The system refuses.
pub fn put_back(place: &Path) -> Result<(), ProxyError> {
    let aside = aside_of(place);
    let is_served = |path: &Path| Link::open(&Endpoint::Path(path.to_owned()), PATIENCE).is_ok();
    if !aside.exists() {
        return Ok(());
    }
    let failed = |error| ProxyError::Io { path: aside.display().to_string(), error };
    // The socket that the killed recording left in the place is dead; a supplicant that restarted meanwhile is not.
    if place.exists() {
        own::remove_dead(place, || refuses(place)).map_err(failed)?;
    }
    if is_served(&aside) && !place.exists() {
        return rename_to_free_place(&aside, place).map_err(failed);
    }
    own::remove_dead(&aside, || refuses(&aside)).map_err(failed)?;
    Ok(())
}
