//! Virtual time, the simulated air, and the soft MAC under each interface.
//!
//! A [`World`] holds nodes (engines, [`wpasim_engine::Node`]) and the [`Medium`] between them. The caller steps it from one queue entry to
//! the next; nothing here reads a clock or does input or output, and the same seed gives the same bytes on every machine.
//!
//! - `medium`: who hears a frame, when and how strong, and the [`Rule`]s that drop, delay, repeat or change frames.
//! - `mac`: what mac80211 of Linux 6.1 does between a driver request and the air.
//! - [`capture`]: the frames as pcapng.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use wpasim_engine::entropy::Entropy;
//! use wpasim_engine::supplicant::Supplicant;
//! use wpasim_engine::wire::MacAddr;
//! use wpasim_engine::wire::driver::IfId;
//! use wpasim_engine::wire::time::{Duration, Instant};
//! use wpasim_engine::{ConnId, CtrlSocket, InterfaceConfig};
//! use wpasim_sim::{Emission, NodeSpec, Step, World, WorldConfig};
//!
//! let interface = InterfaceConfig {
//!     id: IfId(0),
//!     ifname: "wlan0".to_owned(),
//!     phy: "phy0".to_owned(),
//!     addr: MacAddr([2, 0, 0, 0, 0, 0]),
//!     second_addr: MacAddr([0x42, 0, 0, 0, 0, 0]),
//!     ifindex: 3,
//!     config_path: "wlan0.conf".to_owned(),
//! };
//! let mut world = World::new(WorldConfig::default());
//! let sta = world.add_node(NodeSpec {
//!     name: "sta".to_owned(),
//!     node: Box::new(Supplicant::new(vec![interface.clone()], Entropy::new(1, "sta"))),
//!     interfaces: vec![interface],
//!     position_mm: None,
//!     files: BTreeMap::from([("wlan0.conf".to_owned(), b"ctrl_interface=/run/wpa_supplicant\n".to_vec())]),
//! });
//! world.start(sta);
//! for command in [&b"ATTACH"[..], b"SCAN freq=2412"] {
//!     world.command(sta, ConnId(0), CtrlSocket::Interface(IfId(0)), command);
//! }
//! let end = Instant::ZERO + Duration::from_secs(1);
//! while matches!(world.step_until(end)?, Step::Advanced) {}
//! let events: Vec<_> = world.take_outbox().into_iter().map(|emitted| emitted.what).collect();
//! assert!(events.contains(&Emission::Event(b"<3>CTRL-EVENT-SCAN-RESULTS ".to_vec())), "{events:?}");
//! # Ok::<(), wpasim_sim::BudgetExceeded>(())
//! ```

mod air;
pub mod capture;
mod clock;
mod index;
mod mac;
pub mod medium;
mod queue;
mod trace;
mod world;

pub use air::{Delivery, Outside, OutsideFrame, OutsideSpec, RefusalId, RequestKind, TxStatus};
pub use mac::{NotADatabase, Regulatory, RegulatoryRule, UnknownRegulatory, countries_of, rules_of};
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
