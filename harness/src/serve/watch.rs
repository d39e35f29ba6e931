//! The observer's place in a server.

use std::collections::BTreeMap;

use wpasim_wire::time::Instant;

use super::Server;
use super::observe::{Frame, Observer, Speaker, World};
use crate::scenario::model::Socket;
use crate::target::sim::Sim;
use crate::target::{Connection, ControlEvent, DeviceId, Observed, Target};

/// An observer with its connections, one to each socket that has events of its own.
pub(super) struct Watch {
    pub observer: Box<dyn Observer>,
    pub attached: BTreeMap<Connection, Socket>,
}

impl Server {
    /// Tells an observer everything from now on.
    pub fn observe(&mut self, mut observer: Box<dyn Observer>) {
        observer.devices(&self.devices);
        self.sim.watch();
        self.observer = Some(Watch { observer, attached: BTreeMap::new() });
        let control_sockets: Vec<(DeviceId, Socket)> = self
            .control_sockets
            .iter()
            .map(|(_, s)| (s.control_socket.device, s.control_socket.socket.clone()))
            .collect();
        for (device, socket) in control_sockets {
            self.watch_socket(device, &socket);
        }
    }

    /// Attaches the observer to a socket, if there is one. Process-wide sockets only repeat what the others say.
    pub(super) fn watch_socket(&mut self, device: DeviceId, socket: &Socket) {
        let Some(watch) = &mut self.observer else { return };
        if *socket == Socket::Global {
            return;
        }
        let connection = self.clients.fresh();
        watch.attached.insert(connection, socket.clone());
        // Every process has this command; a second attachment of the same socket is no harm.
        let _ = self.sim.command(device, connection, socket, b"ATTACH");
    }

    /// Gives the observer its turn. Whether the server goes on.
    pub(super) fn tick(&mut self) -> bool {
        let Some(Watch { observer, .. }) = &mut self.observer else { return true };
        observer.tick(&mut View { sim: &mut self.sim, running: &self.running, clients: self.clients.len() })
    }

    /// Shows the observer what was on the air.
    pub(super) fn show_frames(&mut self) {
        let Some(Watch { observer, .. }) = &mut self.observer else { return };
        for (frame, from, to) in self.sim.take_frames() {
            observer.frame(&Frame {
                time: frame.time,
                from,
                to,
                freq: frame.freq,
                kind: frame.kind,
                octets: &frame.bytes,
                acked: frame.acked,
            });
        }
    }

    /// Shows the observer what was said. Whether it was for the observer only.
    pub(super) fn show(&mut self, heard: &Observed) -> bool {
        let Some(Watch { observer, attached }) = &mut self.observer else { return false };
        let (now, device) = (heard.time, heard.device);
        match &heard.what {
            ControlEvent::Event(connection, data) => {
                let Some(socket) = attached.get(connection) else { return false };
                observer.event(now, Speaker { device, socket, client: 0 }, data);
                true
            }
            ControlEvent::Reply(connection, _) if attached.contains_key(connection) => true,
            ControlEvent::Reply(connection, data) => {
                let served =
                    self.caller.as_ref().and_then(|caller| self.control_sockets.get(caller.control_socket));
                if let Some(served) = served {
                    let to = Speaker { device, socket: &served.control_socket.socket, client: connection.0 };
                    observer.reply(now, to, data);
                }
                false
            }
            ControlEvent::Ended | ControlEvent::Socket(_) | ControlEvent::Log(_) => false,
        }
    }
}

/// The server as an observer sees it.
struct View<'a> {
    sim: &'a mut Sim,
    running: &'a [DeviceId],
    clients: usize,
}

impl World for View<'_> {
    fn now(&self) -> Instant {
        self.sim.now()
    }

    fn state(&mut self, device: DeviceId) -> Option<String> {
        self.running.contains(&device).then(|| self.sim.describe(device))
    }

    fn clients(&self) -> usize {
        self.clients
    }
}
