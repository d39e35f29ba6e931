//! One node's process and its files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wpasim_engine::{Files, InterfaceConfig, Node};
use wpasim_wire::time::Instant;

/// The parts that a node is made of.
pub struct NodeSpec {
    /// As the scenario calls it; it names the node's random streams.
    pub name: String,
    pub node: Box<dyn Node>,
    /// One radio for each `phy` they name.
    pub interfaces: Vec<InterfaceConfig>,
    /// In millimetres; signals between placed nodes follow distance.
    pub position_mm: Option<(i64, i64)>,
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A node's virtual file system.
#[derive(Default)]
pub(super) struct NodeFiles {
    own: BTreeMap<String, Vec<u8>>,
    /// The files that the node has not of its own.
    behind: Option<Arc<dyn Files + Send + Sync>>,
}

impl NodeFiles {
    pub fn new(own: BTreeMap<String, Vec<u8>>) -> Self {
        NodeFiles { own, behind: None }
    }

    pub fn put(&mut self, path: String, content: Vec<u8>) {
        self.own.insert(path, content);
    }

    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.own.get(path).map(Vec::as_slice)
    }

    pub fn put_behind(&mut self, files: Arc<dyn Files + Send + Sync>) {
        self.behind = Some(files);
    }
}

impl Files for NodeFiles {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let own = self.own.get(path).cloned();
        own.or_else(|| self.behind.as_ref()?.read(path))
    }
}

/// A node in the world.
pub(super) struct NodeRuntime {
    pub name: String,
    pub node: Box<dyn Node>,
    pub files: NodeFiles,
    pub running: bool,
    /// The time at which the engine wants to be called.
    pub timeout: Option<Instant>,
    /// The entries of the queue for that; those that come too early re-arm themselves. An entry stays until its time, so
    /// that one is made only if there is none that early.
    pub timer_entries: BTreeSet<Instant>,
    /// The number of events of its own that it had at this instant, since its last command.
    pub events_at: Option<(Instant, u32)>,
}
