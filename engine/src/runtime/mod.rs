//! The base of every machine and of both programs: timers, replies, attached connections, levels of messages, and what is
//! remembered of a driver. Nothing here knows a role of Wi-Fi.

pub(crate) mod driver_state;
pub(crate) mod log_level;
pub(crate) mod monitors;
pub(crate) mod reply;

pub use wpasim_runtime::Level;
pub(crate) use wpasim_runtime::never;
pub(crate) use wpasim_runtime::timers;
