//! Probe requests of enrollees: who looks for a registrar, and who is in push button mode.

use super::Wps;
use crate::wire::MacAddr;
use crate::wire::time::Instant;

impl Wps {
    /// The attributes of a probe request. `p2p_wildcard`: it is of a Wi-Fi Direct device that looks for
    /// others, not for us.
    pub fn probe_request_received(
        &mut self,
        _now: Instant,
        _addr: MacAddr,
        _attributes: &[u8],
        _p2p_wildcard: bool,
    ) {
    }
}
