//! What is known of a device while it is driven.

use wpasim_wire::time::{Duration, Instant};

use super::hub::LineId;
use super::mapping::Mapped;
use crate::scenario::model::{Device, Socket};
use crate::target::Connection;
use crate::target::names::Names;
use crate::transcript::lines_of;

/// Datagrams of a device in a second that are a flood; hundreds of BSSs at once are not.
const FLOOD: u32 = 5_000;
/// Bytes of a device in a second that are a flood.
const FLOOD_BYTES: usize = 16 << 20;
/// Bytes of a device in a whole run that are too many to keep.
const TOO_MUCH: usize = 256 << 20;
/// Characters of its last words that messages show.
const LAST_WORDS: usize = 200;

/// A device.
pub struct Unit {
    /// As the scenario has it.
    pub device: Device,
    /// Where it is.
    pub at: Mapped,
    /// Its interface's own name.
    pub ifname: String,
    /// What it says its version is.
    pub version: String,
    /// The scenario's names and its own.
    pub names: Names,
    /// Our own connection, for what is no step.
    pub private: LineId,
    /// Replies on it that nobody waits for.
    pub owed: u32,
    /// The scenario's connections.
    pub open: Vec<Open>,
    /// What SET changed, with the values before.
    pub restore: Vec<(String, String)>,
    /// Whether it begins to connect when its monitor is attached.
    pub connects_when_attached: bool,
    /// Whether the process is there.
    pub state: State,
    last: Option<(Instant, Vec<u8>)>,
    rate: Rate,
}

/// Whether a device's process is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It is.
    Running,
    /// It said that it ends.
    Leaving,
    /// It has ended, or is not to be spoken to any more.
    Gone,
}

/// A connection of the scenario.
pub struct Open {
    /// As the runner calls it.
    pub connection: Connection,
    /// Which socket it leads to.
    pub socket: Socket,
    /// Its line.
    pub line: LineId,
    /// What every command begins with: an interface reached through the process-wide socket.
    pub prefix: Vec<u8>,
    /// Whether events come on it.
    pub attached: bool,
    /// Whether a command waits for its reply; the command if it was ATTACH.
    pub asked: Asked,
}

/// What a connection waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// The reply to ATTACH.
    Attach,
    /// Another reply.
    Something,
}

/// How much came lately.
struct Rate {
    since: Instant,
    datagrams: u32,
    bytes: usize,
    in_all: usize,
}

impl Unit {
    /// A device that was just connected.
    pub fn new(device: Device, at: Mapped, private: LineId) -> Self {
        Unit {
            ifname: device.ifname(),
            device,
            at,
            version: String::new(),
            names: Names::default(),
            private,
            owed: 0,
            open: Vec::new(),
            restore: Vec::new(),
            connects_when_attached: false,
            state: State::Running,
            last: None,
            rate: Rate { since: Instant::ZERO, datagrams: 0, bytes: 0, in_all: 0 },
        }
    }

    /// Remembers what it said last, and says if that was too much.
    ///
    /// # Errors
    /// It floods, in words.
    pub fn said(&mut self, now: Instant, data: &[u8]) -> Result<(), String> {
        self.last = Some((now, data.get(..LAST_WORDS).unwrap_or(data).to_vec()));
        let rate = &mut self.rate;
        if now - rate.since > Duration::from_secs(1) {
            (rate.since, rate.datagrams, rate.bytes) = (now, 0, 0);
        }
        rate.datagrams += 1;
        rate.bytes += data.len();
        rate.in_all += data.len();
        let (datagrams, bytes, in_all) = (rate.datagrams, rate.bytes, rate.in_all);
        if datagrams < FLOOD && bytes < FLOOD_BYTES && in_all < TOO_MUCH {
            return Ok(());
        }
        Err(format!(
            "{} floods: {datagrams} datagrams with {bytes} bytes within a second, {in_all} bytes in all{}",
            self.device.name,
            self.last_words()
        ))
    }

    /// `; it last said (at 1.000000): <3>…`
    pub fn last_words(&self) -> String {
        match &self.last {
            Some((at, data)) => format!("; it last said (at {at}): {}", lines_of(data).join(" / ")),
            None => "; it has never said anything".to_owned(),
        }
    }
}
