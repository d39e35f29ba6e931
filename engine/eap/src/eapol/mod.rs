//! The port access entities of IEEE 802.1X-2004 §8.2 as 2.10 runs them: the supplicant's and the
//! authenticator's. Their timers count whole seconds, from the moment in which the first one starts.

pub mod authenticator;
pub mod supplicant;
mod ticks;

#[cfg(test)]
mod exchange_tests;

pub use supplicant::Supplicant;

use wpasim_wire::eapol::EapolFrame;
use wpasim_wire::time::Duration;

/// Whether a controlled port follows the machine or its configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PortControl {
    ForceUnauthorized,
    ForceAuthorized,
    #[default]
    Auto,
}

impl PortControl {
    fn name(self) -> &'static str {
        match self {
            PortControl::ForceUnauthorized => "ForceUnauthorized",
            PortControl::ForceAuthorized => "ForceAuthorized",
            PortControl::Auto => "Auto",
        }
    }
}

/// The number of times that the machines of a port are run through for one input.
const MAX_STEPS: usize = 100;
/// The time after which machines that were not done are run on: periods of 0 s let them go round without end.
const RESUME_DELAY: Duration = Duration::from_millis(1);

/// The bytes of an EAPOL frame.
fn frame(version: u8, packet_type: u8, body: &[u8]) -> Vec<u8> {
    EapolFrame { version, packet_type, body }.emit()
}
