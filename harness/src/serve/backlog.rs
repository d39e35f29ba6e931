//! Events that wait because clients do not take what they were sent: what is in their queues counts against the buffer of the
//! server's socket, and replies must always find room there.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::sockets::Served;
use crate::target::Connection;
use crate::wall::Stopwatch;

/// So many events are sent between two looks at the buffer; they fill a small part of it.
const BETWEEN_LOOKS: u32 = 16;
/// So many events wait at a socket; then the oldest go (2.10's wpas_ctrl_msg_queue_limit).
const MOST: usize = 2000;
/// The time until it is tried again (2.10's wpas_ctrl_msg_queue_timeout).
pub const PAUSE: Duration = Duration::from_millis(20);

/// The events that wait at one socket.
#[derive(Default)]
struct Queue {
    events: VecDeque<(Connection, Vec<u8>)>,
    since_look: u32,
}

impl Queue {
    /// Whether the socket takes one more event.
    fn has_room(&mut self, served: &Served) -> bool {
        self.since_look += 1;
        if self.since_look < BETWEEN_LOOKS {
            return true;
        }
        self.since_look = 0;
        let has_room = !served.is_half_full();
        if !has_room {
            // The next one looks again.
            self.since_look = BETWEEN_LOOKS;
        }
        has_room
    }
}

/// The events that wait, by socket.
#[derive(Default)]
pub struct Backlog {
    queues: BTreeMap<usize, Queue>,
    tried: Option<Stopwatch>,
}

impl Backlog {
    /// Whether an event can be sent now. If not it waits here, behind those that do already.
    pub fn admits(
        &mut self,
        control_socket: usize,
        served: &Served,
        connection: Connection,
        event: &[u8],
    ) -> bool {
        let queue = self.queues.entry(control_socket).or_default();
        if queue.events.is_empty() && queue.has_room(served) {
            return true;
        }
        if queue.events.len() >= MOST {
            queue.events.pop_front();
        }
        queue.events.push_back((connection, event.to_vec()));
        self.tried.get_or_insert_with(Stopwatch::start);
        false
    }

    /// Whether something waits.
    pub fn is_waiting(&self) -> bool {
        self.tried.is_some()
    }

    /// The sockets at which something waits, if it is time to try again.
    pub fn due(&mut self) -> Vec<usize> {
        if self.tried.is_none_or(|tried| tried.elapsed() < PAUSE) {
            return Vec::new();
        }
        let waiting: Vec<usize> = self
            .queues
            .iter()
            .filter(|(_, q)| !q.events.is_empty())
            .map(|(control_socket, _)| *control_socket)
            .collect();
        self.tried = (!waiting.is_empty()).then(Stopwatch::start);
        waiting
    }

    /// The next event that waits at a socket, if that takes one.
    pub fn next(&mut self, control_socket: usize, served: &Served) -> Option<(Connection, Vec<u8>)> {
        let queue = self.queues.get_mut(&control_socket)?;
        if queue.events.is_empty() || !queue.has_room(served) {
            return None;
        }
        queue.events.pop_front()
    }

    /// A socket is served no more.
    pub fn leave(&mut self, control_socket: usize) {
        self.queues.remove(&control_socket);
    }
}
