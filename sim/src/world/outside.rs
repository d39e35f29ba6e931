//! Nodes whose radios are outside: a kernel's radios on this medium.

use std::collections::BTreeMap;

use wpasim_engine::{Env, Input, Node, Output, Secret};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;

use super::World;
use super::node::{NodeFiles, NodeRuntime};
use crate::NodeId;
use crate::air::{Outside, OutsideFrame, OutsideSpec};

/// In the place of a process that is not ours. It is never started.
struct Elsewhere;

impl Node for Elsewhere {
    fn handle(&mut self, _: Instant, _: Input, _: Env<'_>) {}

    fn poll_output(&mut self) -> Output {
        Output::Idle { next: None }
    }

    fn describe(&self) -> String {
        "outside".to_owned()
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        Vec::new()
    }
}

impl World {
    /// Adds a node whose radio is outside. It has neither process nor files here.
    pub fn add_outside(&mut self, spec: OutsideSpec) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.air.interfaces.add_node();
        self.air.outsides.add(id, &spec.addrs);
        self.air.medium.set_position(id, spec.position_mm);
        self.nodes.push(NodeRuntime {
            name: spec.name,
            node: Box::new(Elsewhere),
            files: NodeFiles::new(BTreeMap::new()),
            running: false,
            timeout: None,
            timer_entries: Default::default(),
            events_at: None,
        });
        id
    }

    /// Sets the receiver of deliveries to outside radios and of the status of their transmissions. Without it those
    /// radios receive nothing.
    pub fn set_outside(&mut self, side: Box<dyn Outside>) {
        self.air.outsides.side = Some(side);
    }

    /// A frame comes from an outside radio, now. Its status follows through [`Outside::status`].
    /// `false` if the node has no radio outside.
    pub fn transmit_from(&mut self, node: NodeId, frame: OutsideFrame) -> bool {
        let radio = self.air.outsides.find(node);
        if let Some(radio) = radio {
            self.air.transmit_from(radio, frame);
        }
        radio.is_some()
    }

    /// An outside radio receives frames for this address from now on. An address can be added more
    /// than once, as hwsim does with that of an interface which scans; it takes as many removals.
    pub fn add_outside_address(&mut self, node: NodeId, addr: MacAddr) {
        if let Some(radio) = self.air.outsides.find(node) {
            self.air.outsides.add_address(radio, addr);
        }
    }

    /// An outside radio no longer receives frames for this address.
    pub fn remove_outside_address(&mut self, node: NodeId, addr: MacAddr) {
        if let Some(radio) = self.air.outsides.find(node) {
            self.air.outsides.remove_address(radio, addr);
        }
    }
}
