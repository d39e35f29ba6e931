//! The world's air under the control of scenarios: rules, links, injection, frames seen.

use wpasim_sim as sim;
use wpasim_sim::{End, FrameFacts, NodeId, World};

use super::{Air, DeviceId, OnAir, Resolve, RuleHandle};
use crate::scenario::model::{AirRule, FramePattern, Link, Station};

/// A world, with the nodes that are devices.
pub(super) struct WorldAir {
    pub world: World,
    /// Of each device, in the order of addition.
    pub nodes: Vec<NodeId>,
    /// Whether steps look at frames.
    pub watching: bool,
}

impl WorldAir {
    /// A station as the medium knows it: a device by its node, another address by what stands in the frame.
    fn end(&self, station: &Station, names: &dyn Resolve) -> End {
        match station {
            Station::Addr(addr) => End::Addr(*addr),
            Station::Device(name) => {
                let node = names.device(name).and_then(|device| self.nodes.get(device.0));
                node.map_or_else(|| End::Addr(names.addr(name)), |node| End::Node(*node))
            }
        }
    }
}

impl Air for WorldAir {
    fn add_rule(&mut self, rule: &AirRule, names: &dyn Resolve) -> RuleHandle {
        let rule = rule.rule.map(|station| self.end(station, names));
        RuleHandle(self.world.medium().add_rule(rule).0)
    }

    fn remove_rule(&mut self, rule: RuleHandle) {
        self.world.medium().remove_rule(sim::RuleId(rule.0));
    }

    fn inject(&mut self, freq: u32, octets: Vec<u8>, signal_dbm: i32) {
        self.world.medium().inject(freq, octets, signal_dbm);
    }

    fn set_radio(&mut self, device: DeviceId, on: bool) {
        if let Some(node) = self.nodes.get(device.0) {
            self.world.set_radio(*node, on);
        }
    }

    fn set_position(&mut self, device: DeviceId, position_mm: (i64, i64)) {
        if let Some(node) = self.nodes.get(device.0) {
            self.world.set_node_position(*node, Some(position_mm));
        }
    }

    fn set_link(&mut self, a: DeviceId, b: DeviceId, link: &Link) {
        let (Some(a), Some(b)) = (self.nodes.get(a.0).copied(), self.nodes.get(b.0).copied()) else {
            return;
        };
        let medium = self.world.medium();
        let mut new = medium.link(a, b);
        if link.signal_dbm.is_some() {
            new.signal_dbm = link.signal_dbm;
        }
        new.loss_ppm = link.loss_ppm.unwrap_or(new.loss_ppm);
        new.delay = link.delay.unwrap_or(new.delay);
        medium.set_link(a, b, new);
    }

    fn frame_count(&self) -> usize {
        self.world.frames_seen(0).len()
    }

    fn find_frame(&self, from: usize, frames: &FramePattern, names: &dyn Resolve) -> Option<(usize, OnAir)> {
        let matcher = frames.map(|station| self.end(station, names));
        let found = self.world.frames_seen(from).iter().enumerate().find(|(_, seen)| {
            let from = match seen.from {
                sim::Transmitter::Node(node) => Some(node),
                sim::Transmitter::Injected => None,
            };
            let facts = FrameFacts { from, kind: seen.kind, freq: seen.freq, bytes: &seen.bytes };
            matcher.accepts(facts, seen.to)
        });
        found.map(|(i, seen)| {
            let name = |node: NodeId| self.world.name(node).to_owned();
            let transmitter = match seen.from {
                sim::Transmitter::Node(node) => name(node),
                sim::Transmitter::Injected => "injected".to_owned(),
            };
            let receiver = seen.to.map_or("anyone".to_owned(), name);
            let on_air = OnAir {
                time: seen.time,
                freq: seen.freq,
                octets: seen.bytes.to_vec(),
                shown: format!("{transmitter} → {receiver}: {} on {} MHz", seen.kind, seen.freq),
            };
            (from + i + 1, on_air)
        })
    }
}
