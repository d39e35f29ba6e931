//! The running hash over everything that happened: transmissions, deliveries, events and replies,
//! each with its time. Captures and verbosity have no part in it.

use sha2::{Digest, Sha256};
use wpasim_wire::time::Instant;

/// The kind of thing that happened; its number goes into the hash, so numbers never change meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum TraceKind {
    Transmission = 1,
    Delivery = 2,
    Beacon = 3,
    DriverEvent = 4,
    Command = 5,
    Reply = 6,
    CtrlEvent = 7,
    File = 8,
    Terminated = 9,
    Injection = 10,
    Process = 11,
    Signal = 12,
}

/// A hash that grows with every event.
pub struct Trace {
    hash: Sha256,
    buffer: Vec<u8>,
}

/// Octets gathered before they are hashed.
const BUFFER: usize = 8192;

impl Default for Trace {
    fn default() -> Self {
        Trace { hash: Sha256::new(), buffer: Vec::with_capacity(BUFFER + 4096) }
    }
}

impl Trace {
    /// Adds an event: when, who (a node, radio or interface number), and its octets.
    pub fn record(&mut self, now: Instant, kind: TraceKind, who: u32, data: &[u8]) {
        self.buffer.extend_from_slice(&now.micros().to_le_bytes());
        self.buffer.push(kind as u8);
        self.buffer.extend_from_slice(&who.to_le_bytes());
        self.buffer.extend_from_slice(&(data.len() as u32).to_le_bytes());
        self.buffer.extend_from_slice(data);
        if self.buffer.len() >= BUFFER {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// The hash up to now.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = self.hash.clone();
        hash.update(&self.buffer);
        hash.finalize().into()
    }
}
