//! What every machine and both programs stand on: timers, replies, attached connections, levels of messages. Nothing here
//! knows a role of Wi-Fi.

pub(crate) mod deadlines;
mod level;
pub(crate) mod monitors;
pub(crate) mod reply;
pub(crate) mod timers;

pub use level::Level;
