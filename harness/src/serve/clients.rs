//! Who speaks on the sockets: a connection of the engine for each client that is attached or waits for
//! a reply.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::target::Connection;

/// So many clients at a time; further ones get no answer until others are gone.
const MOST: usize = 4096;
/// A monitor that fails so often in a row is detached (2.10's wpa_supplicant_ctrl_iface_send).
const PATIENCE: u32 = 10;

/// One client of one socket.
struct Client {
    /// Which of the sockets.
    door: usize,
    key: Vec<u8>,
    address: SocketAddr,
    attached: bool,
    /// What the client is attached to if the command that it waits for succeeds.
    pending: Option<bool>,
    errors: u32,
}

/// What became of a datagram to a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    Done,
    /// The client is to be forgotten: its connection ends.
    Lost,
}

/// All clients.
#[derive(Default)]
pub struct Clients {
    by_address: BTreeMap<(usize, Vec<u8>), Connection>,
    by_connection: BTreeMap<Connection, Client>,
    next: u32,
}

impl Clients {
    /// The connection of the client that sent a command; `None` if there are too many.
    pub fn connection(
        &mut self,
        door: usize,
        key: Vec<u8>,
        address: SocketAddr,
        command: &[u8],
    ) -> Option<Connection> {
        let pending = match command {
            b"DETACH" => Some(false),
            _ if command == b"ATTACH" || command.starts_with(b"ATTACH ") => Some(true),
            _ => None,
        };
        if let Some(connection) = self.by_address.get(&(door, key.clone())) {
            if let Some(client) = self.by_connection.get_mut(connection) {
                client.pending = pending;
            }
            return Some(*connection);
        }
        if self.by_connection.len() >= MOST {
            return None;
        }
        self.next = self.next.wrapping_add(1);
        let connection = Connection(self.next);
        self.by_address.insert((door, key.clone()), connection);
        let client = Client { door, key, address, attached: false, pending, errors: 0 };
        self.by_connection.insert(connection, client);
        Some(connection)
    }

    /// A connection for somebody in this process, who has no address: an observer of a socket.
    pub fn inside(&mut self) -> Connection {
        self.next = self.next.wrapping_add(1);
        Connection(self.next)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_connection.len()
    }

    /// Which socket a connection is of.
    pub fn door(&self, connection: Connection) -> Option<usize> {
        self.by_connection.get(&connection).map(|c| c.door)
    }

    /// Sends the reply to a command. A client that is not attached is then forgotten.
    pub fn reply(&mut self, connection: Connection, socket: &UnixDatagram, data: &[u8]) -> Sent {
        let Some(client) = self.by_connection.get_mut(&connection) else { return Sent::Done };
        if let Some(attached) = client.pending.take()
            && data == b"OK\n"
        {
            client.attached = attached;
        }
        // A client that does not wait for its reply does not get one.
        let _ = socket.send_to_addr(data, &client.address);
        if client.attached {
            return Sent::Done;
        }
        self.forget(connection);
        Sent::Lost
    }

    /// Sends an event to a monitor.
    pub fn event(&mut self, connection: Connection, socket: &UnixDatagram, data: &[u8]) -> Sent {
        let Some(client) = self.by_connection.get_mut(&connection) else { return Sent::Done };
        let Err(error) = socket.send_to_addr(data, &client.address) else {
            client.errors = 0;
            return Sent::Done;
        };
        client.errors += 1;
        let gone = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
        if gone || client.errors > PATIENCE {
            self.forget(connection);
            return Sent::Lost;
        }
        Sent::Done
    }

    /// Forgets a client.
    pub fn forget(&mut self, connection: Connection) {
        if let Some(client) = self.by_connection.remove(&connection) {
            self.by_address.remove(&(client.door, client.key));
        }
    }

    /// Forgets everyone on a socket that is served no more.
    pub fn leave(&mut self, door: usize) {
        let gone: Vec<Connection> =
            self.by_connection.iter().filter(|(_, c)| c.door == door).map(|(id, _)| *id).collect();
        gone.into_iter().for_each(|connection| self.forget(connection));
    }

    /// Whether a command was taken and its reply is not yet sent.
    pub fn is_waiting(&self) -> bool {
        self.by_connection.values().any(|c| !c.attached)
    }
}
