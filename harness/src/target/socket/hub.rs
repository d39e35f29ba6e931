//! All control connections of a run, waited on together. The only place that knows tokio.
//!
//! An event that a command causes is sent before its reply, on another socket. So what has come in
//! is read replies first, and given out events first: an event that preceded a reply is there when
//! the reply is.

use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::runtime::{Builder, Runtime};

use crate::control::{ControlError, Endpoint, Link};

/// How long an endpoint may take to accept us, and a full queue to take a command.
const PATIENCE: Duration = Duration::from_secs(5);
/// Datagrams taken from one connection before the others get their turn.
const AT_ONCE: usize = 64;

/// A connection of the hub.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineId(usize);

/// What came in on a connection: a datagram, or why there are no more.
#[derive(Debug)]
pub struct Arrival {
    /// On which.
    pub line: LineId,
    /// The datagram.
    pub what: Result<Vec<u8>, ControlError>,
}

/// Connections, in the order in which they are drained.
pub struct Hub {
    lines: Vec<Option<Line>>,
    runtime: Runtime,
}

struct Line {
    link: Link,
    readiness: Readiness,
    /// Whether events come on it.
    monitor: bool,
}

/// The same socket as the link's, for tokio to tell when it is ready; nothing goes through it. (An
/// `AsyncFd` around the link itself takes unsafe code.)
enum Readiness {
    Unix(UnixDatagram),
    Udp(UdpSocket),
}

impl Readiness {
    /// To be called inside the runtime.
    fn of(link: &Link) -> io::Result<Self> {
        let same = link.as_fd().try_clone_to_owned()?;
        match link.endpoint() {
            Endpoint::Udp { .. } => UdpSocket::from_std(same.into()).map(Readiness::Udp),
            _ => UnixDatagram::from_std(same.into()).map(Readiness::Unix),
        }
    }

    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Readiness::Unix(socket) => socket.poll_recv_ready(context),
            Readiness::Udp(socket) => socket.poll_recv_ready(context),
        }
    }

    async fn writable(&self) -> io::Result<()> {
        match self {
            Readiness::Unix(socket) => socket.writable().await,
            Readiness::Udp(socket) => socket.writable().await,
        }
    }

    /// It turned out not to be ready after all: wait for the next time that it is.
    fn was_not_ready(&self, interest: Interest) {
        let would_block = || io::Result::<()>::Err(io::ErrorKind::WouldBlock.into());
        // This is how tokio is told; the error is the one given.
        let _ = match self {
            Readiness::Unix(socket) => socket.try_io(interest, would_block),
            Readiness::Udp(socket) => socket.try_io(interest, would_block),
        };
    }
}

impl Hub {
    /// A hub without connections.
    ///
    /// # Errors
    /// The system gives no poller.
    pub fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        Ok(Hub { lines: Vec::new(), runtime })
    }

    /// Connects.
    ///
    /// # Errors
    /// See [`Link::open`].
    pub fn open(&mut self, endpoint: &Endpoint) -> Result<LineId, ControlError> {
        let link = Link::open(endpoint, PATIENCE)?;
        let _inside = self.runtime.enter();
        let readiness = Readiness::of(&link)
            .map_err(|source| ControlError::Io { endpoint: endpoint.to_string(), source })?;
        self.lines.push(Some(Line { link, readiness, monitor: false }));
        Ok(LineId(self.lines.len() - 1))
    }

    /// From now on events come on this connection.
    pub fn set_monitor(&mut self, line: LineId) {
        if let Some(Some(line)) = self.lines.get_mut(line.0) {
            line.monitor = true;
        }
    }

    /// Disconnects.
    pub fn close(&mut self, line: LineId) {
        if let Some(place) = self.lines.get_mut(line.0) {
            *place = None;
        }
    }

    /// Sends a command, waiting a little if the other side's queue is full.
    ///
    /// # Errors
    /// It stays full, or the other side is gone.
    pub fn send(&self, line: LineId, command: &[u8]) -> Result<(), ControlError> {
        let Some(line) = self.line(line) else { return Ok(()) };
        let send = || match line.link.send(command) {
            Err(ControlError::Busy { .. }) => {
                line.readiness.was_not_ready(Interest::WRITABLE);
                None
            }
            done => Some(done),
        };
        if let Some(done) = send() {
            return done;
        }
        let sent = async {
            loop {
                if line.readiness.writable().await.is_err() {
                    std::future::pending::<()>().await;
                }
                if let Some(done) = send() {
                    return done;
                }
            }
        };
        let busy = || Err(ControlError::Busy { endpoint: line.link.endpoint().to_string() });
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, sent).await }).unwrap_or_else(|_| busy())
    }

    /// Whether the process at the other end is still there.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self, line: LineId) -> Result<(), ControlError> {
        self.line(line).map_or(Ok(()), |line| line.link.check())
    }

    /// Waits until something comes in, at most for `limit`, and takes it, some datagrams of each
    /// connection. It may come back early with nothing.
    pub fn wait(&mut self, limit: Duration) -> Vec<Arrival> {
        let arrivals = self.take();
        if !arrivals.is_empty() || limit.is_zero() {
            return arrivals;
        }
        let lines = &self.lines;
        let readable = std::future::poll_fn(|context| readable(lines, context));
        let ready = self.runtime.block_on(async { tokio::time::timeout(limit, readable).await.is_ok() });
        if ready { self.take() } else { Vec::new() }
    }

    /// What has come in, without waiting: replies are read first and given out last. Monitors take
    /// turns, the youngest first, which is the order in which 2.10 sends an event to them.
    fn take(&self) -> Vec<Arrival> {
        let mut replies = Vec::new();
        for (index, line) in lines_of(&self.lines).filter(|(_, line)| !line.monitor) {
            (0..AT_ONCE).all(|_| receive(index, &line.link, &mut replies));
        }
        let mut arrivals = Vec::new();
        let mut monitors: Vec<(usize, &Line)> =
            lines_of(&self.lines).filter(|(_, line)| line.monitor).collect();
        monitors.reverse();
        for _ in 0..AT_ONCE {
            monitors.retain(|(index, line)| receive(*index, &line.link, &mut arrivals));
        }
        arrivals.extend(replies);
        arrivals
    }

    fn line(&self, line: LineId) -> Option<&Line> {
        self.lines.get(line.0)?.as_ref()
    }
}

/// Those that are open.
fn lines_of(lines: &[Option<Line>]) -> impl Iterator<Item = (usize, &Line)> {
    lines.iter().enumerate().filter_map(|(index, line)| Some((index, line.as_ref()?)))
}

/// Takes the next datagram of a connection; `false` if there is none, or never will be.
fn receive(index: usize, link: &Link, arrivals: &mut Vec<Arrival>) -> bool {
    match link.try_receive() {
        Ok(None) => false,
        Ok(Some(data)) => {
            arrivals.push(Arrival { line: LineId(index), what: Ok(data) });
            true
        }
        Err(error) => {
            arrivals.push(Arrival { line: LineId(index), what: Err(error) });
            false
        }
    }
}

/// Ready as soon as one of the connections may have something.
fn readable(lines: &[Option<Line>], context: &mut Context<'_>) -> Poll<()> {
    let mut any = Poll::Pending;
    for (_, line) in lines_of(lines) {
        while let Poll::Ready(Ok(())) = line.readiness.poll_readable(context) {
            // What is there is read next, to its end; what comes later makes it ready again.
            line.readiness.was_not_ready(Interest::READABLE);
            any = Poll::Ready(());
        }
    }
    any
}
