//! The clients that asked for events. One that only sends commands is forgotten with its reply.

use std::collections::BTreeMap;
use std::io;

use super::sockets::{Address, Served};
use crate::target::Connection;

/// So many clients are attached at a time; a further one is refused.
const MOST: usize = 4096;
/// A monitor that fails so often in a row is detached (2.10's wpa_supplicant_ctrl_iface_send).
const PATIENCE: u32 = 10;

/// One attached client of one socket.
struct Client {
    /// The number of the socket.
    control_socket: usize,
    key: Vec<u8>,
    address: Address,
    errors: u32,
}

/// The effect of a command on its client if it succeeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommandKind {
    Attach,
    Detach,
    Nothing,
}

impl CommandKind {
    /// Returns the effect that a command asks for; through a process-wide socket also for one interface.
    pub fn of(command: &[u8]) -> CommandKind {
        let behind_name = command.strip_prefix(b"IFNAME=").and_then(|rest| {
            let blank = rest.iter().position(|b| *b == b' ')?;
            rest.get(blank + 1..)
        });
        match behind_name.unwrap_or(command) {
            b"DETACH" => CommandKind::Detach,
            b"ATTACH" => CommandKind::Attach,
            command if command.starts_with(b"ATTACH ") => CommandKind::Attach,
            _ => CommandKind::Nothing,
        }
    }
}

/// The client that waits for a reply.
pub struct Caller {
    pub connection: Connection,
    pub control_socket: usize,
    pub key: Vec<u8>,
    pub address: Address,
    pub kind: CommandKind,
}

/// The fate of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    Done,
    /// It was not taken, this time.
    Missed,
    /// The client is forgotten: its connection ends.
    Lost,
}

/// All attached clients.
#[derive(Default)]
pub struct Clients {
    by_address: BTreeMap<(usize, Vec<u8>), Connection>,
    by_connection: BTreeMap<Connection, Client>,
    next: u32,
}

impl Clients {
    /// The connection of who sends a command: an attached client's own, or a new one.
    pub fn connection(&mut self, control_socket: usize, key: &[u8]) -> Connection {
        // The key is copied only while somebody is attached.
        if !self.by_address.is_empty()
            && let Some(connection) = self.by_address.get(&(control_socket, key.to_vec()))
        {
            return *connection;
        }
        self.fresh()
    }

    /// A connection that nobody has; never 0.
    pub fn fresh(&mut self) -> Connection {
        loop {
            self.next = self.next.wrapping_add(1);
            let taken = self.by_connection.contains_key(&Connection(self.next));
            if !taken && self.next != 0 && self.next != u32::MAX {
                return Connection(self.next);
            }
        }
    }

    /// Whether nobody more can attach.
    pub fn are_full(&self) -> bool {
        self.by_connection.len() >= MOST
    }

    /// Returns the number of clients that are attached.
    pub fn len(&self) -> usize {
        self.by_connection.len()
    }

    /// Whether a connection is an attached client's.
    pub fn is_attached(&self, connection: Connection) -> bool {
        self.by_connection.contains_key(&connection)
    }

    /// Returns the socket at which an attached client is.
    pub fn control_socket(&self, connection: Connection) -> Option<usize> {
        self.by_connection.get(&connection).map(|c| c.control_socket)
    }

    /// Takes a client in.
    pub fn attach(&mut self, caller: Caller) {
        let Caller { connection, control_socket, key, address, .. } = caller;
        self.by_address.insert((control_socket, key.clone()), connection);
        self.by_connection.insert(connection, Client { control_socket, key, address, errors: 0 });
    }

    /// Sends an event to a monitor.
    pub fn event(&mut self, connection: Connection, served: &Served, data: &[u8]) -> Sent {
        let Some(client) = self.by_connection.get_mut(&connection) else { return Sent::Done };
        let Err(error) = served.send(data, &client.address) else {
            client.errors = 0;
            return Sent::Done;
        };
        client.errors += 1;
        let gone = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
        if gone || client.errors > PATIENCE {
            self.forget(connection);
            return Sent::Lost;
        }
        Sent::Missed
    }

    /// Forgets a client.
    pub fn forget(&mut self, connection: Connection) {
        if let Some(client) = self.by_connection.remove(&connection) {
            self.by_address.remove(&(client.control_socket, client.key));
        }
    }

    /// Forgets everyone at a socket that is served no more.
    pub fn leave(&mut self, control_socket: usize) {
        let gone: Vec<Connection> = self
            .by_connection
            .iter()
            .filter(|(_, c)| c.control_socket == control_socket)
            .map(|(id, _)| *id)
            .collect();
        gone.into_iter().for_each(|connection| self.forget(connection));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_told_apart() {
        assert_eq!(CommandKind::of(b"ATTACH"), CommandKind::Attach);
        assert_eq!(CommandKind::of(b"ATTACH probe_rx_events=1"), CommandKind::Attach);
        assert_eq!(CommandKind::of(b"IFNAME=wlan3 DETACH"), CommandKind::Detach);
        assert_eq!(CommandKind::of(b"ATTACHED"), CommandKind::Nothing);
        assert_eq!(CommandKind::of(b"IFNAME=ATTACH"), CommandKind::Nothing);
    }
}
