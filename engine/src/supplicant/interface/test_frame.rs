//! A frame of MGMT_TX.

use wpasim_wire::MacAddr;

/// The event that is told when the driver reports its transmission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SentFrame {
    pub cookie: u64,
    /// In MHz.
    pub freq: u32,
    pub dest: MacAddr,
    pub bssid: MacAddr,
}
