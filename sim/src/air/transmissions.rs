//! Transmissions on the air and those whose status is not told yet. Entries of the queue name them by their slot.

use super::transmit::Transmission;

/// A place in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot(u32);

/// The transmissions.
#[derive(Default)]
pub(crate) struct Transmissions {
    slots: Vec<Option<Box<Transmission>>>,
    free: Vec<Slot>,
}

impl Transmissions {
    /// Keeps a transmission until its slot is taken.
    pub fn keep(&mut self, transmission: Box<Transmission>) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot((self.slots.len() - 1) as u32)
        });
        if let Some(place) = self.slots.get_mut(slot.0 as usize) {
            debug_assert!(place.is_none(), "the slot is free");
            *place = Some(transmission);
        }
        slot
    }

    /// Takes a transmission out; nothing if that was done before.
    pub fn take(&mut self, slot: Slot) -> Option<Box<Transmission>> {
        let transmission = self.slots.get_mut(slot.0 as usize)?.take()?;
        self.free.push(slot);
        Some(transmission)
    }

    /// Those that are kept, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Transmission> {
        self.slots.iter().flatten().map(Box::as_ref)
    }
}
