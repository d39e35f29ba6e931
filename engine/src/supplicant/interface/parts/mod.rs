//! The parts of an interface. Each is one struct with private fields, verbs for what happens to it, and an `invariant` that
//! debug builds check after every input. A part calls no behaviour and no other part.

pub(crate) mod intent;
pub(crate) mod outbox;
