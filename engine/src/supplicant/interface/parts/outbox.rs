//! The outputs of an interface, in the order in which they came: outputs, events for who is attached, what the
//! process is to do, and secrets for captures.

use std::collections::VecDeque;

use crate::runtime::Level;
use crate::runtime::monitors::Monitors;
use crate::supplicant::p2p::ProcessRequest;
use crate::{ConnId, Output, Secret};

/// One thing for the outside.
#[derive(Clone, Debug)]
pub(crate) enum Outbound {
    Output(Output),
    /// The process does something before what follows.
    ProcessRequest(Box<ProcessRequest>),
}

/// Everything that waits to leave the interface, and who listens.
#[derive(Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Outbound>,
    /// The connections that are attached to the interface's own socket.
    monitors: Monitors,
    /// The connections that are attached to the process-wide socket; they get this interface's events too.
    global_monitors: Monitors,
    secrets: Vec<Secret>,
}

impl Outbox {
    /// Adds an output.
    pub(crate) fn push(&mut self, output: Output) {
        self.queue.push_back(Outbound::Output(output));
    }

    /// Adds something that the process does.
    pub(crate) fn signal(&mut self, signal: ProcessRequest) {
        self.queue.push_back(Outbound::ProcessRequest(Box::new(signal)));
    }

    /// Takes what waits.
    pub(crate) fn take(&mut self) -> VecDeque<Outbound> {
        core::mem::take(&mut self.queue)
    }

    /// Tells an event to whoever wants this level; the process-wide socket gets the interface's name before it.
    //= hostap@2.10 src/utils/wpa_debug.c#wpa_msg
    pub(crate) fn event(&mut self, ifname: &str, level: Level, text: &str) {
        let line = level.line(text);
        self.event_on_own_socket(level, &line);
        self.event_on_global_socket(level, || format!("IFNAME={ifname} {line}"));
    }

    /// Tells an event of the whole process: the process-wide socket gets it first and without a name.
    //= hostap@2.10 src/utils/wpa_debug.c#wpa_msg_global
    pub(crate) fn event_of_process(&mut self, level: Level, text: &str) {
        let line = level.line(text);
        self.event_on_global_socket(level, || line.clone());
        self.event_on_own_socket(level, &line);
    }

    /// Tells an event that the process-wide socket does not get.
    //= hostap@2.10 src/utils/wpa_debug.c#wpa_msg_no_global
    pub(crate) fn event_of_interface(&mut self, level: Level, text: &str) {
        self.event_on_own_socket(level, &level.line(text));
    }

    /// Tells who is attached, the newest first, as 2.10 does.
    fn event_on_own_socket(&mut self, level: Level, line: &str) {
        let event = |conn| Outbound::Output(Output::Event { conn, data: line.as_bytes().to_vec() });
        self.queue.extend(self.monitors.receivers(level).rev().map(event));
    }

    fn event_on_global_socket(&mut self, level: Level, line: impl FnOnce() -> String) {
        let mut receivers = self.global_monitors.receivers(level).rev().peekable();
        if receivers.peek().is_some() {
            let line = line().into_bytes();
            let event = |conn| Outbound::Output(Output::Event { conn, data: line.clone() });
            self.queue.extend(receivers.map(event));
        }
    }

    /// Attaches a connection to the interface's own socket.
    pub(crate) fn attach(&mut self, conn: ConnId) {
        self.monitors.attach(conn);
    }

    /// Detaches a connection from the interface's own socket. Returns whether it was attached.
    pub(crate) fn detach(&mut self, conn: ConnId) -> bool {
        self.monitors.detach(conn)
    }

    /// Sets the level of a connection to the interface's own socket. Returns whether it is attached.
    pub(crate) fn set_level(&mut self, conn: ConnId, level: i64) -> bool {
        self.monitors.set_level(conn, level)
    }

    /// Forgets a connection whose client went away.
    pub(crate) fn connection_closed(&mut self, conn: ConnId) {
        self.monitors.detach(conn);
        self.global_monitors.detach(conn);
    }

    /// Takes over who is attached to the process-wide socket.
    pub(crate) fn global_monitors_changed(&mut self, monitors: &Monitors) {
        self.global_monitors = monitors.clone();
    }

    /// Keeps a secret for tools that decrypt captures.
    pub(crate) fn keep_secret(&mut self, secret: Secret) {
        self.secrets.push(secret);
    }

    /// Takes the secrets that were learned since the last call.
    pub(crate) fn take_secrets(&mut self) -> Vec<Secret> {
        core::mem::take(&mut self.secrets)
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if !self.queue.is_empty() {
            return Err("something for the outside was not handed on");
        }
        if !(self.monitors.invariant() && self.global_monitors.invariant()) {
            return Err("a connection is attached twice");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(outbox: &mut Outbox) -> Vec<(u32, String)> {
        let text = |outbound| match outbound {
            Outbound::Output(Output::Event { conn, data }) => (conn.0, String::from_utf8(data).unwrap()),
            other => panic!("{other:?}"),
        };
        outbox.take().into_iter().map(text).collect()
    }

    #[test]
    fn events_have_the_order_and_the_names_of_2_10() {
        let mut global = Monitors::default();
        global.attach(ConnId(9));
        let mut outbox = Outbox::default();
        outbox.global_monitors_changed(&global);
        outbox.attach(ConnId(1));
        outbox.attach(ConnId(2));
        outbox.event("wlan0", Level::Info, "A");
        let named = [(2, "<3>A"), (1, "<3>A"), (9, "IFNAME=wlan0 <3>A")].map(|(c, t)| (c, t.to_owned()));
        assert_eq!(lines(&mut outbox), named);
        outbox.event_of_process(Level::Info, "B");
        let global_first = [(9, "<3>B"), (2, "<3>B"), (1, "<3>B")].map(|(c, t)| (c, t.to_owned()));
        assert_eq!(lines(&mut outbox), global_first);
        outbox.event_of_interface(Level::Debug, "C");
        assert_eq!(outbox.invariant(), Ok(()), "nobody wants debug messages");
        outbox.event_of_interface(Level::Error, "C");
        assert_eq!(outbox.invariant(), Err("something for the outside was not handed on"));
    }
}
