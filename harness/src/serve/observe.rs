//! Somebody who watches a server: a view for people, a recorder. Nothing here costs anything while nobody does.

use std::time::Duration as WallDuration;

use wpasim_sim::FrameKind;
use wpasim_wire::time::Instant;

use crate::scenario::model::{Device, Socket};
use crate::target::DeviceId;

/// Through which socket something was said, and by whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Speaker<'a> {
    /// The device whose socket it is.
    pub device: DeviceId,
    /// The socket of the device.
    pub socket: &'a Socket,
    /// The client, a number that no other client has while the server runs; 0 for an event.
    pub client: u32,
}

/// A transmission that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// The time at which its first octet went out.
    pub time: Instant,
    /// The sender; `None` if it was injected.
    pub from: Option<DeviceId>,
    /// Whom its first address names, if that is a device of this server.
    pub to: Option<DeviceId>,
    /// In MHz.
    pub freq: u32,
    /// The kind of the thing.
    pub kind: FrameKind,
    /// As on the air, without FCS.
    pub octets: &'a [u8],
    /// Whether the transmitter received an acknowledgement.
    pub acked: bool,
}

/// A device of the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The number by which the other calls name it.
    pub id: DeviceId,
    /// As the topology has it.
    pub device: Device,
}

/// The questions that an observer may ask.
pub trait World {
    /// The virtual time.
    fn now(&self) -> Instant;
    /// A device's state in one line, its interfaces one after the other; `None` once its process has ended.
    fn state(&mut self, device: DeviceId) -> Option<String>;
    /// Returns the number of clients that are attached or wait for a reply.
    fn clients(&self) -> usize;
}

/// Is told what happens, in order. Every method may be left out.
pub trait Observer {
    /// Once, before anything else.
    fn devices(&mut self, devices: &[Watched]) {
        let _ = devices;
    }

    /// A command came.
    fn command(&mut self, now: Instant, from: Speaker<'_>, command: &[u8]) {
        let _ = (now, from, command);
    }

    /// It was answered.
    fn reply(&mut self, now: Instant, to: Speaker<'_>, reply: &[u8]) {
        let _ = (now, to, reply);
    }

    /// An event with its level (`<3>CTRL-EVENT-…`), once, whether or not anybody is attached.
    fn event(&mut self, now: Instant, from: Speaker<'_>, event: &[u8]) {
        let _ = (now, from, event);
    }

    /// A frame was on the air.
    fn frame(&mut self, frame: &Frame<'_>) {
        let _ = frame;
    }

    /// After each look at the sockets. `false` ends the server.
    fn tick(&mut self, world: &mut dyn World) -> bool {
        let _ = world;
        true
    }

    /// The longest time on the wall until the next [`Observer::tick`]; `None` is until something happens.
    fn patience(&self) -> Option<WallDuration> {
        None
    }
}
