//! The control connections to the processes under test.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration as Patience;

use crate::control::{ControlError, Endpoint, Link, words};
use crate::scenario::model::Socket;
use crate::target::Connection;

/// Datagrams that are read of a connection before others have their turn.
const AT_ONCE: usize = 1024;

/// A connection that is open.
pub struct Client {
    /// Whose, as the run numbers them.
    pub connection: Connection,
    socket: Socket,
    link: Link,
}

/// What a client was told.
pub enum Told {
    /// The reply to a command.
    Reply(Vec<u8>),
    /// An event.
    Event(Vec<u8>),
}

/// The control sockets of one process.
pub struct Sockets {
    /// Where a socket for each interface is.
    dir: PathBuf,
    ifname: String,
    global: PathBuf,
    clients: Vec<Client>,
}

impl Sockets {
    /// Of a process whose control interface is in `dir`.
    pub fn new(dir: &Path, ifname: &str, global: &Path) -> Self {
        Sockets {
            dir: dir.to_owned(),
            ifname: ifname.to_owned(),
            global: global.to_owned(),
            clients: Vec::new(),
        }
    }

    /// Whether the process listens already.
    pub fn ready(&self) -> bool {
        self.open(&Socket::Main).is_ok()
    }

    /// Closes every connection: those to a process that has ended would never be quiet.
    pub fn close(&mut self) {
        self.clients.clear();
    }

    /// Removes what a killed process left behind: its successor must not be taken for it.
    pub fn clear(&mut self) {
        self.close();
        for path in [self.dir.join(&self.ifname), self.global.clone()] {
            let _ = std::fs::remove_file(path);
        }
    }

    fn open(&self, socket: &Socket) -> Result<Link, ControlError> {
        let path = match socket {
            Socket::Main => self.dir.join(&self.ifname),
            Socket::Global => self.global.clone(),
            Socket::Interface(name) => self.dir.join(name),
        };
        Link::open(&Endpoint::Path(path), Patience::ZERO)
    }

    /// Sends a command on a connection, which is opened if it is new.
    ///
    /// # Errors
    /// The process does not listen there, or no longer.
    pub fn send(
        &mut self,
        connection: Connection,
        socket: &Socket,
        command: &[u8],
    ) -> Result<(), ControlError> {
        let known = self.clients.iter().position(|c| c.connection == connection && c.socket == *socket);
        let at = match known {
            Some(at) => at,
            None => {
                let link = self.open(socket)?;
                self.clients.push(Client { connection, socket: socket.clone(), link });
                self.clients.len() - 1
            }
        };
        self.clients[at].link.send(command)
    }

    /// What can be read now, connection by connection. A process that is gone says nothing; that it
    /// is gone shows elsewhere.
    pub fn read(&mut self) -> Vec<(Connection, Told)> {
        let mut all: Vec<(Connection, Told)> = Vec::new();
        for client in &self.clients {
            let waiting = std::iter::from_fn(|| client.link.try_receive().ok().flatten());
            all.extend(waiting.take(AT_ONCE).map(|data| (client.connection, told(data))));
        }
        all
    }

    /// The descriptors that become readable.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.clients.iter().map(|c| c.link.as_fd())
    }

    /// Asks something for ourselves, on a connection of its own.
    pub fn link(&self) -> Option<Link> {
        self.open(&Socket::Main).ok()
    }
}

fn told(data: Vec<u8>) -> Told {
    match words::is_event(&data) {
        true => Told::Event(data),
        false => Told::Reply(data),
    }
}
