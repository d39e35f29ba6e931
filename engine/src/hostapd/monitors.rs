//! Control connections that asked for events.

use crate::ConnId;
use crate::rsn::MsgLevel;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Monitor {
    conn: ConnId,
    level: i64,
    probe_requests: bool,
}

/// The attached connections, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Monitors(Vec<Monitor>);

impl Monitors {
    /// ATTACH. A connection that is attached only changes what it wants.
    pub(super) fn attach(&mut self, conn: ConnId, options: Option<&str>) -> bool {
        let known = self.0.iter().position(|m| m.conn == conn);
        let index = known.unwrap_or_else(|| {
            self.0.push(Monitor { conn, level: MsgLevel::Info as i64, probe_requests: false });
            self.0.len() - 1
        });
        let valid = match options {
            None => true,
            Some(options) => match options.split_once('=') {
                Some((name, value @ ("0" | "1"))) => {
                    if let Some(monitor) = self.0.get_mut(index).filter(|_| name == "probe_rx_events") {
                        monitor.probe_requests = value == "1";
                    }
                    true
                }
                _ => false,
            },
        };
        valid || known.is_none()
    }

    /// DETACH.
    pub(super) fn detach(&mut self, conn: ConnId) -> bool {
        let before = self.0.len();
        self.0.retain(|m| m.conn != conn);
        before != self.0.len()
    }

    /// LEVEL.
    pub(super) fn set_level(&mut self, conn: ConnId, level: i64) -> bool {
        match self.0.iter_mut().find(|m| m.conn == conn) {
            Some(monitor) => {
                monitor.level = level;
                true
            }
            None => false,
        }
    }

    /// Who gets an event.
    pub(super) fn receivers(&self, level: MsgLevel, is_probe_request: bool) -> Vec<ConnId> {
        self.0
            .iter()
            .filter(|m| level as i64 >= m.level && (!is_probe_request || m.probe_requests))
            .map(|m| m.conn)
            .collect()
    }
}
