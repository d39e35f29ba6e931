//! The arguments of a SCAN command.

use wpasim_wire::Ssid;

/// The arguments of SCAN.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ManualScan {
    pub passive: bool,
    pub use_id: bool,
    pub only_new: bool,
    /// TYPE=ONLY: report, but connect to nothing.
    pub only: bool,
    pub freqs: Vec<u32>,
    pub ssids: Vec<Ssid>,
    /// Networks whose SSIDs are probed (scan_id=).
    pub networks: Vec<i32>,
}
