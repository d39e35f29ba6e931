//! Control connections that asked for events (ATTACH), with the level of each (LEVEL) and whether it wants to hear of probe
//! requests.

use super::Level;
use crate::ConnId;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Monitor {
    conn: ConnId,
    level: i64,
    probe_requests: bool,
}

/// The attached connections of one control socket, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Monitors(Vec<Monitor>);

impl Monitors {
    /// Attaches a connection at level INFO. Returns whether it was not attached; if it was, nothing changes.
    pub(crate) fn attach(&mut self, conn: ConnId) -> bool {
        let is_new = self.0.iter().all(|m| m.conn != conn);
        if is_new {
            self.0.push(Monitor { conn, level: Level::Info as i64, probe_requests: false });
        }
        is_new
    }

    /// Attaches a connection with hostapd's options of ATTACH. Returns whether the command succeeds: it does for a new
    /// connection whatever its options are.
    //= hostap@2.10 src/common/ctrl_iface_common.c#ctrl_iface_attach
    pub(crate) fn attach_with(&mut self, conn: ConnId, options: &str) -> bool {
        let is_new = self.attach(conn);
        match options.split_once('=') {
            Some((name, value @ ("0" | "1"))) => {
                let attached = self.0.iter_mut().find(|m| m.conn == conn);
                if let Some(monitor) = attached.filter(|_| name == "probe_rx_events") {
                    monitor.probe_requests = value == "1";
                }
                true
            }
            _ => is_new,
        }
    }

    /// Drops a connection, which detaches or whose client went away. Returns whether it was attached.
    pub(crate) fn detach(&mut self, conn: ConnId) -> bool {
        let before = self.0.len();
        self.0.retain(|m| m.conn != conn);
        before != self.0.len()
    }

    /// Sets the level from which on a connection gets events. Returns whether it is attached.
    pub(crate) fn set_level(&mut self, conn: ConnId, level: i64) -> bool {
        let attached = self.0.iter_mut().find(|m| m.conn == conn);
        attached.map(|monitor| monitor.level = level).is_some()
    }

    /// Returns the connections that get an event of this level.
    pub(crate) fn receivers(&self, level: Level) -> impl DoubleEndedIterator<Item = ConnId> + '_ {
        self.0.iter().filter(move |m| level as i64 >= m.level).map(|m| m.conn)
    }

    /// Returns the connections that get an event about a probe request.
    pub(crate) fn receivers_of_probe_requests(&self, level: Level) -> impl Iterator<Item = ConnId> + '_ {
        self.0.iter().filter(move |m| level as i64 >= m.level && m.probe_requests).map(|m| m.conn)
    }

    /// Returns whether the newest connection is attached once only; that of all was checked when each was the newest.
    pub(crate) fn invariant(&self) -> bool {
        let newest = self.0.split_last();
        newest.is_none_or(|(newest, others)| others.iter().all(|m| m.conn != newest.conn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ConnId = ConnId(1);
    const B: ConnId = ConnId(2);

    #[test]
    fn events_go_to_whoever_wants_their_level() {
        let mut monitors = Monitors::default();
        assert!(monitors.attach(A) && monitors.attach(B) && !monitors.attach(A));
        assert!(monitors.set_level(B, 2) && !monitors.set_level(ConnId(3), 2));
        assert_eq!(monitors.receivers(Level::Debug).collect::<Vec<_>>(), [B]);
        assert_eq!(monitors.receivers(Level::Info).collect::<Vec<_>>(), [A, B]);
        assert!(monitors.detach(A) && !monitors.detach(A));
        assert_eq!(monitors.receivers(Level::Error).collect::<Vec<_>>(), [B]);
        assert!(monitors.invariant());
    }

    #[rstest::rstest]
    #[case("probe_rx_events=1", true, true)]
    #[case("probe_rx_events=0", true, false)]
    #[case("other=1", true, false)]
    #[case("probe_rx_events=2", false, false)]
    #[case("", false, false)]
    fn options_of_attach(#[case] options: &str, #[case] succeeds_again: bool, #[case] wants_requests: bool) {
        let mut monitors = Monitors::default();
        assert!(monitors.attach_with(A, options), "a new connection is attached whatever it asks for");
        assert_eq!(monitors.attach_with(A, options), succeeds_again);
        assert_eq!(monitors.receivers_of_probe_requests(Level::Info).count(), usize::from(wants_requests));
        assert_eq!(monitors.receivers(Level::Info).count(), 1);
    }
}
