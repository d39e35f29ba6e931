//! Numbers in the tables of the air, each of its own type: a radio's is never taken for an interface's.

/// An interface's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct VifIx(u32);

/// A radio's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct RadioIx(u32);

/// The number of a radio outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct OutsideIx(u32);

macro_rules! index {
    ($($name:ident),*) => {$(
        impl $name {
            /// The number of a place in its table.
            pub const fn new(place: usize) -> Self {
                $name(place as u32)
            }

            /// The place in its table.
            pub const fn place(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index!(VifIx, RadioIx, OutsideIx);

impl VifIx {
    /// As the trace has it.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl OutsideIx {
    /// As the trace has it.
    pub const fn number(self) -> u32 {
        self.0
    }
}
