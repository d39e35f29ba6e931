//! The lines of a run, as the transcript will have them.

use wpasim_wire::time::Instant;

use super::Open;
use crate::target::{ControlEvent, DeviceId, Observed};
use crate::transcript::{Entry, Mark};

/// The transcript of a run in progress.
pub struct Log<'l> {
    entries: Vec<Entry>,
    live: Option<&'l (dyn Fn(&str) + Sync)>,
}

/// The event that ends an access point's start.
const STARTED: &str = "AP-ENABLED";

impl<'l> Log<'l> {
    /// An empty log.
    pub fn new(live: Option<&'l (dyn Fn(&str) + Sync)>) -> Self {
        Log { entries: Vec::new(), live }
    }

    /// Adds an entry and returns its index.
    pub fn add(&mut self, time: Instant, device: &str, mark: Mark, data: &[u8]) -> usize {
        let entry = Entry::new(time, device, mark, data);
        if let Some(live) = self.live {
            for (i, line) in entry.lines.iter().enumerate() {
                let symbol = if i == 0 { mark.symbol() } else { ' ' };
                live(&format!("{:>13} {device:8} {symbol} {line}", time.to_string()));
            }
        }
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// Takes in what a device said.
    pub fn hear(&mut self, open: &mut [Open], ended: &mut Vec<DeviceId>, heard: Observed) {
        let (connection, data, is_reply) = match heard.what {
            ControlEvent::Reply(connection, data) => (connection, data, true),
            ControlEvent::Event(connection, data) => (connection, data, false),
            ControlEvent::Ended => {
                ended.push(heard.device);
                return;
            }
            ControlEvent::Socket(_) | ControlEvent::Log(_) => return,
        };
        let mine = |o: &&mut Open| {
            o.device == heard.device && (o.connection == connection || o.monitor == connection)
        };
        let Some(on) = open.iter_mut().find(mine) else { return };
        if is_reply {
            on.replies.push(data);
            return;
        }
        if heard.time < on.starting_until {
            if without_priority(&String::from_utf8_lossy(&data)).starts_with(STARTED) {
                on.starting_until = Instant::ZERO;
            }
            return;
        }
        if on.monitor != connection {
            // Somebody attached the connection that commands go through.
            self.add(heard.time, &format!("{}/commands", on.address), Mark::Event, &data);
            return;
        }
        let index = self.add(heard.time, &on.address.to_string(), Mark::Event, &data);
        on.pending.push(index);
    }

    /// An entry.
    pub fn entry(&self, index: usize) -> &Entry {
        &self.entries[index]
    }

    /// Marks an event as one that a step waited for.
    pub fn await_entry(&mut self, index: usize) {
        self.entries[index].awaited = true;
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// All entries.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

/// An event without its `<3>`.
pub fn without_priority(text: &str) -> &str {
    match text.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((level, rest)) if level.len() == 1 && level.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => text,
    }
}
