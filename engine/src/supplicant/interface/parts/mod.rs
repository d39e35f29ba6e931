//! The parts of an interface.
//!
//! A part is one struct with private fields, verbs for what happens to it, getters where others read, and an `invariant` that
//! debug builds check after every input. A part calls no behaviour and knows neither the interface nor the state of another
//! part: `auto_scan` belongs to `scan`, `bssid_ignore` to `failures`.

pub(crate) mod attempt;
pub(crate) mod auto_scan;
mod bssid_ignore;
pub(crate) mod enrolling;
pub(crate) mod failures;
pub(crate) mod group;
pub(crate) mod intent;
pub(crate) mod link;
pub(crate) mod michael;
pub(crate) mod numbers;
pub(crate) mod outbox;
pub(crate) mod pmksa;
pub(crate) mod radio;
pub(crate) mod scan;
pub(crate) mod scan_wishes;
pub(crate) mod security;
pub(crate) mod testing;
pub(crate) mod wps_device;
