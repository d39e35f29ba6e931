//! Configuration: network blocks, globals, credentials and the wpa_supplicant.conf format.

pub mod credential;
pub mod edca;
pub mod file;
pub mod global;
pub mod global_fields;
pub mod network;
pub mod network_fields;
pub mod refusal;
pub mod support;
pub mod text;
pub mod words;

pub use global::Globals;
pub use network::{Network, SetOutcome};
pub use refusal::{Refusal, Refusals, SetError};

/// One configuration: what a wpa_supplicant.conf holds.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub globals: Globals,
    /// In the order of the file; ids ascend.
    pub networks: Vec<Network>,
    pub credentials: Vec<credential::Credential>,
    /// Named blobs, newest first as 2.10 keeps them.
    pub blobs: Vec<Blob>,
}

/// A named blob of base64 data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blob {
    pub name: String,
    /// The base64 text without line breaks, kept as it was read.
    pub base64: String,
}

impl Config {
    /// The block with this id.
    pub fn network(&self, id: i32) -> Option<&Network> {
        self.networks.iter().find(|n| n.id == id)
    }

    /// The block with this id, to change.
    pub fn network_mut(&mut self, id: i32) -> Option<&mut Network> {
        self.networks.iter_mut().find(|n| n.id == id)
    }

    /// Appends an empty block and returns its id, one more than the highest.
    pub fn add_network(&mut self) -> i32 {
        let id = self.networks.iter().map(|n| n.id).max().unwrap_or(-1) + 1;
        self.networks.push(Network::new(id));
        id
    }

    /// Removes a block. Whether there was one.
    pub fn remove_network(&mut self, id: i32) -> bool {
        let before = self.networks.len();
        self.networks.retain(|n| n.id != id);
        self.networks.len() != before
    }

    /// Ids by falling priority; blocks of one priority keep their order.
    pub fn by_priority(&self) -> Vec<Vec<i32>> {
        let mut groups: Vec<(i32, Vec<i32>)> = Vec::new();
        for n in &self.networks {
            let priority = n.int("priority");
            match groups.iter_mut().find(|(p, _)| *p == priority) {
                Some((_, ids)) => ids.push(n.id),
                None => groups.push((priority, vec![n.id])),
            }
        }
        groups.sort_by_key(|(p, _)| core::cmp::Reverse(*p));
        groups.into_iter().map(|(_, ids)| ids).collect()
    }
}
