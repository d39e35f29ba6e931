//! The radios of all nodes, by number. A radio never goes away.

use crate::index::RadioIx;
use crate::mac::Radio;

/// The radios.
#[derive(Default)]
pub(crate) struct Radios {
    all: Vec<Radio>,
}

impl Radios {
    /// Adds a radio; its number.
    pub fn add(&mut self, radio: Radio) -> RadioIx {
        self.all.push(radio);
        RadioIx::new(self.all.len() - 1)
    }

    /// Numbers come from this table itself, so they are in range.
    pub fn get(&self, ix: RadioIx) -> &Radio {
        &self.all[ix.place()]
    }

    pub fn get_mut(&mut self, ix: RadioIx) -> &mut Radio {
        &mut self.all[ix.place()]
    }

    /// All of them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Radio> {
        self.all.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Radio> {
        self.all.iter_mut()
    }
}
