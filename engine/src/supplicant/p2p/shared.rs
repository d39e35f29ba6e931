//! The state of Wi-Fi Direct that the interfaces of a process share.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;
use wpasim_wire::time::Instant;

use crate::p2p::Progress;
use crate::runtime::timers::{Alarm, Order};

/// The state of P2P operations that the interfaces of a process share. The process owns it; an interface that runs
/// finds it in its context, and what it changes is what all see next.
#[derive(Debug)]
pub(crate) struct Shared {
    /// There is a P2P device.
    pub exists: bool,
    /// `P2P_SET disabled 1`.
    pub disabled: bool,
    pub device_addr: MacAddr,
    /// The interface that finds and negotiates.
    pub device_iface: IfId,
    /// The progress of the device machine.
    pub progress: Progress,
    /// The interface on which a group is being formed.
    pub forming: Option<IfId>,
    /// The time at which the formation has failed.
    pub formation_ends: Alarm,
    /// The formation fails as soon as the WPS exchange is over.
    pub fails_after_wps: bool,
    /// Since when a group owner waits for its first client.
    pub awaiting_client: Option<Instant>,
    /// `SET wifi_display`.
    pub wifi_display: bool,
}

impl Shared {
    /// Nothing is on yet.
    pub fn new(order: &Order) -> Self {
        Shared {
            exists: false,
            disabled: false,
            device_addr: MacAddr::ZERO,
            device_iface: IfId(0),
            progress: Progress::Idle,
            forming: None,
            formation_ends: Alarm::new(order),
            fails_after_wps: false,
            awaiting_client: None,
            wifi_display: true,
        }
    }

    /// Returns whether Wi-Fi Direct is in use.
    pub fn is_on(&self) -> bool {
        self.exists && !self.disabled
    }
}
