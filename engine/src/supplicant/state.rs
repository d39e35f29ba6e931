//! wpa_states, and the states that the control interface prints.

use core::fmt;

/// The state of an interface, in 2.10's order: comparisons mean the same there and here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum WpaState {
    #[default]
    Disconnected,
    InterfaceDisabled,
    Inactive,
    Scanning,
    Authenticating,
    Associating,
    Associated,
    FourWayHandshake,
    GroupHandshake,
    Completed,
}

impl WpaState {
    /// As STATUS prints it.
    pub fn text(self) -> &'static str {
        match self {
            WpaState::Disconnected => "DISCONNECTED",
            WpaState::InterfaceDisabled => "INTERFACE_DISABLED",
            WpaState::Inactive => "INACTIVE",
            WpaState::Scanning => "SCANNING",
            WpaState::Authenticating => "AUTHENTICATING",
            WpaState::Associating => "ASSOCIATING",
            WpaState::Associated => "ASSOCIATED",
            WpaState::FourWayHandshake => "4WAY_HANDSHAKE",
            WpaState::GroupHandshake => "GROUP_HANDSHAKE",
            WpaState::Completed => "COMPLETED",
        }
    }
}

impl fmt::Display for WpaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The purpose of the next run of the scan timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ScanPurpose {
    /// To find a network to connect to.
    #[default]
    Normal,
    /// The first one after the start.
    Initial,
    /// A SCAN command.
    Manual,
}
