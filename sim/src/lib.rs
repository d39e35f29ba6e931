//! Virtual time, the simulated air, and the soft MAC under each interface.
//!
//! A [`World`] holds nodes (engines, [`wpasim_engine::Node`]) and the medium between them. The caller
//! steps it from one queue entry to the next; nothing here reads a clock or does I/O, and the same
//! seed gives the same bytes on every machine.

mod air;
pub mod capture;
mod clock;
mod index;
mod mac;
pub mod medium;
mod queue;
mod trace;
mod world;

pub use air::{Delivery, Outside, OutsideFrame, OutsideSpec, TxStatus};
pub use mac::{Regulatory, UnknownRegulatory};
pub use medium::{
    Action, End, FrameFacts, FrameKind, FrameMatch, FrameSeen, Link, Medium, Mutation, Rule, RuleId,
    Transmitter,
};
pub use world::{
    Budget, BudgetExceeded, Budgets, EPOCH_US, Emission, Emitted, NodeSpec, Step, World, WorldConfig,
};

/// A node of a [`World`], counted from 0 in the order of addition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);
