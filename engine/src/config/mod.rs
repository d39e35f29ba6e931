//! Configuration: network blocks, globals, credentials and the wpa_supplicant.conf format.

use std::collections::BTreeMap;

pub mod credential;
pub mod edca;
pub mod file;
pub mod global;
pub mod global_fields;
pub mod key;
pub mod network;
pub mod network_fields;
pub mod refusal;
pub mod support;
pub mod text;
mod tls;
pub mod words;

pub use global::Globals;

/// The keys of variables: `global::AP_SCAN`, `network::SSID`.
pub mod keys {
    pub use super::global_fields::keys as global;
    pub use super::network_fields::keys as network;
}
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
        self.networks.get(self.place_of(id)?)
    }

    /// Ids rise: a new block comes last and has one more than the highest.
    fn place_of(&self, id: i32) -> Option<usize> {
        self.networks.binary_search_by_key(&id, |n| n.id).ok()
    }

    /// The block with this id, to change.
    pub fn network_mut(&mut self, id: i32) -> Option<&mut Network> {
        let place = self.place_of(id)?;
        self.networks.get_mut(place)
    }

    /// Appends an empty block and returns its id, one more than the highest.
    pub fn add_network(&mut self) -> i32 {
        let id = self.networks.last().map_or(-1, |n| n.id) + 1;
        self.networks.push(Network::new(id));
        id
    }

    /// Removes a block. Whether there was one.
    pub fn remove_network(&mut self, id: i32) -> bool {
        let place = self.place_of(id);
        if let Some(place) = place {
            self.networks.remove(place);
        }
        place.is_some()
    }

    /// Ids by falling priority; blocks of one priority keep their order.
    pub fn by_priority(&self) -> Vec<Vec<i32>> {
        let mut groups: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for n in &self.networks {
            groups.entry(n.int(keys::network::PRIORITY)).or_default().push(n.id);
        }
        groups.into_values().rev().collect()
    }
}
