//! Control connections that asked for events (ATTACH), with the level of each (LEVEL).

use crate::ConnId;
use crate::eap::MsgLevel;

/// MSG_* of hostap, the number in front of an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Debug = 2,
    Info = 3,
    Warning = 4,
    Error = 5,
}

impl From<MsgLevel> for Level {
    fn from(level: MsgLevel) -> Self {
        match level {
            MsgLevel::Info => Level::Info,
            MsgLevel::Warning => Level::Warning,
            MsgLevel::Error => Level::Error,
        }
    }
}

/// The attached connections of one control socket.
#[derive(Clone, Debug, Default)]
pub struct Monitors(Vec<(ConnId, i32)>);

impl Monitors {
    /// Attaches a connection at level INFO. A second ATTACH of the same connection changes nothing.
    pub fn attach(&mut self, conn: ConnId) {
        if self.0.iter().all(|(c, _)| *c != conn) {
            self.0.insert(0, (conn, Level::Info as i32));
        }
    }

    /// Whether it was attached.
    pub fn detach(&mut self, conn: ConnId) -> bool {
        match self.0.iter().position(|(c, _)| *c == conn) {
            Some(i) => {
                self.0.remove(i);
                true
            }
            None => false,
        }
    }

    /// Drops every attachment of a connection that went away.
    pub fn closed(&mut self, conn: ConnId) {
        self.0.retain(|(c, _)| *c != conn);
    }

    /// LEVEL, of an interface's socket only. Whether the connection is attached.
    pub fn set_level(&mut self, conn: ConnId, level: i32) -> bool {
        match self.0.iter_mut().find(|(c, _)| *c == conn) {
            Some((_, l)) => {
                *l = level;
                true
            }
            None => false,
        }
    }

    /// The connections that get an event of `level`.
    pub fn receivers(&self, level: Level) -> impl Iterator<Item = ConnId> + '_ {
        self.0.iter().filter(move |(_, l)| level as i32 >= *l).map(|(c, _)| *c)
    }
}
