//! The controlled port of a station (IEEE 802.1X-2004 §6.4).

use crate::eapol::authenticator::Authenticator;
use crate::wire::time::Instant;

/// The machines of a station's port.
#[derive(Debug)]
pub(super) struct Port {
    pub machine: Authenticator,
    /// For accounting; STA shows it.
    pub session: u64,
}

impl Port {
    /// Returns when the machines of the port want to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.machine.next_timeout()
    }
}
