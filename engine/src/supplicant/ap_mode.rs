//! mode=2: the interface is an access point.

use super::interface::{Cx, Interface};
use super::state::WpaState;

/// The access point of an interface.
pub(crate) struct ApMode;

impl Interface {
    /// wpa_supplicant_create_ap.
    pub(crate) fn create_ap(&mut self, cx: Cx<'_>, _network: i32) {
        self.set_state(cx, WpaState::Disconnected);
    }

    /// wpa_supplicant_ap_deinit.
    pub(crate) fn stop_ap(&mut self, _cx: Cx<'_>) {
        self.ap = None;
    }

    /// The access point's timer.
    pub(crate) fn ap_timeout(&mut self, _cx: Cx<'_>) {}
}

impl Interface {
    /// An event for the access point. Whether it was one.
    pub(crate) fn ap_event(&mut self, _cx: Cx<'_>, _event: &wpasim_wire::driver::DriverEvent) -> bool {
        false
    }
}

impl ApMode {
    /// The cipher lines of STATUS.
    pub(crate) fn status(&self) -> String {
        String::new()
    }
}
