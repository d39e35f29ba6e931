//! What every machine and both programs stand on: timers, replies, attached connections, levels of messages, and what is
//! remembered of a driver. Nothing here knows a role of Wi-Fi.

pub(crate) mod deadlines;
pub(crate) mod driver_state;
mod level;
pub(crate) mod log_level;
pub(crate) mod monitors;
pub(crate) mod reply;
pub(crate) mod timers;

pub use level::Level;
