//! The connection of an interface: its state, the access point that it is with or that is tried, and the network.

use wpasim_wire::MacAddr;

use crate::bss::InUse;
use crate::select::suites::Suites;
use crate::supplicant::state::WpaState;

/// The connection that there is, or that is being made.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    state: WpaState,
    /// Whether CTRL-EVENT-CONNECTED is still owed for this connection.
    is_new: bool,
    /// The access point of the association.
    bssid: MacAddr,
    /// The access point that is tried.
    pending_bssid: MacAddr,
    /// In MHz, 0 without a connection.
    freq: u32,
    network: Option<i32>,
    /// The network of the last attempt.
    last_network: Option<i32>,
    bss: Option<u32>,
    /// The security of the connection, chosen at its start.
    suites: Option<Suites>,
    /// The BSS Max Idle Period that an access point told, in units of 1000 TU.
    max_idle_period: Option<u16>,
    /// `SET no_keep_alive`.
    keep_alive_off: bool,
}

impl Default for Link {
    fn default() -> Self {
        Link {
            state: WpaState::Disconnected,
            is_new: true,
            bssid: MacAddr::ZERO,
            pending_bssid: MacAddr::ZERO,
            freq: 0,
            network: None,
            last_network: None,
            bss: None,
            suites: None,
            max_idle_period: None,
            keep_alive_off: false,
        }
    }
}

impl Link {
    /// Enters a state. One on the way to a connection, or without one, makes the next connection a new one.
    pub(crate) fn enter(&mut self, state: WpaState) {
        if matches!(state, WpaState::Disconnected | WpaState::Associating | WpaState::Associated) {
            self.is_new = true;
        }
        self.state = state;
    }

    /// Takes how long the access point lets an association idle, in units of 1000 TU.
    pub(crate) fn idles_at_most(&mut self, units: u16) {
        self.max_idle_period = Some(units);
    }

    /// Returns the time for which the last access point that told it lets an association idle, in units of 1000 TU.
    pub(crate) fn max_idle_period(&self) -> Option<u16> {
        self.max_idle_period
    }

    /// Sends no frames to keep an association, or sends them again.
    pub(crate) fn set_keep_alive_off(&mut self, off: bool) {
        self.keep_alive_off = off;
    }

    /// Returns whether no frames are sent to keep an association.
    pub(crate) fn is_keep_alive_off(&self) -> bool {
        self.keep_alive_off
    }

    /// Takes note that the user is told of the connection.
    pub(crate) fn connection_is_reported(&mut self) {
        self.is_new = false;
    }

    /// Takes the network that the next attempt is for.
    pub(crate) fn choose_network(&mut self, network: i32) {
        self.last_network = Some(network);
    }

    /// Takes the BSS that the next attempt is for.
    pub(crate) fn choose_bss(&mut self, bss: Option<u32>) {
        self.bss = bss;
    }

    /// Selects a network before there is a connection to it.
    pub(crate) fn select_network(&mut self, network: i32) {
        self.network = Some(network);
    }

    /// Begins to authenticate with an access point.
    pub(crate) fn attempt_begins(&mut self, network: i32, peer: MacAddr, suites: Suites) {
        self.suites = Some(suites);
        self.bssid = MacAddr::ZERO;
        self.pending_bssid = peer;
        self.network = Some(network);
    }

    /// Goes on with an attempt although an older association ended.
    pub(crate) fn attempt_goes_on(&mut self, network: Option<i32>, peer: MacAddr) {
        self.pending_bssid = peer;
        self.network = network;
    }

    /// Ends an attempt: no access point is tried.
    pub(crate) fn attempt_ends(&mut self) {
        self.pending_bssid = MacAddr::ZERO;
    }

    /// Takes the channel of a new association, in MHz.
    pub(crate) fn associated_on(&mut self, freq: u32) {
        self.freq = freq;
    }

    /// Takes the access point of a new association.
    pub(crate) fn associated_with(&mut self, peer: MacAddr) {
        if peer != self.bssid {
            self.bssid = peer;
            self.pending_bssid = MacAddr::ZERO;
        }
    }

    /// Takes the network of an association that came while none was selected.
    pub(crate) fn network_is_found(&mut self, network: i32, bss: Option<u32>, suites: Suites) {
        self.suites = Some(suites);
        self.network = Some(network);
        self.bss = bss;
    }

    /// Becomes the link of an own access point.
    pub(crate) fn access_point_begins(&mut self, network: i32, own: MacAddr, freq: u32) {
        self.network = Some(network);
        self.bssid = own;
        self.freq = freq;
    }

    /// Takes note that the own access point ends.
    pub(crate) fn access_point_ends(&mut self) {
        self.network = None;
        self.freq = 0;
    }

    /// Follows the access point to another channel, in MHz.
    pub(crate) fn channel_changes(&mut self, freq: u32) {
        self.freq = freq;
    }

    /// Loses the access point; the network and its security are needed until the port is closed.
    pub(crate) fn lose_peer(&mut self) {
        self.forget_peer();
        self.bss = None;
        self.freq = 0;
    }

    /// Forgets the addresses of the access point.
    pub(crate) fn forget_peer(&mut self) {
        self.bssid = MacAddr::ZERO;
        self.pending_bssid = MacAddr::ZERO;
    }

    /// Forgets the address of the own access point, which cannot begin.
    pub(crate) fn access_point_is_refused(&mut self) {
        self.bssid = MacAddr::ZERO;
    }

    /// Loses the network and its security.
    pub(crate) fn lose_network(&mut self) {
        self.network = None;
        self.suites = None;
    }

    /// Forgets the network of the connection, which another one replaces.
    pub(crate) fn network_is_replaced(&mut self) {
        self.network = None;
    }

    /// Forgets the security of the last connection.
    pub(crate) fn lose_security(&mut self) {
        self.suites = None;
    }

    /// Takes note that a network is removed.
    pub(crate) fn network_is_removed(&mut self, network: i32) {
        self.last_network.take_if(|last| *last == network);
    }

    /// Takes note that the configuration is another.
    pub(crate) fn configuration_is_replaced(&mut self) {
        self.last_network = None;
    }

    /// Takes note that a BSS has left the table.
    pub(crate) fn bss_is_removed(&mut self, bss: u32) {
        self.bss.take_if(|current| *current == bss);
    }

    pub(crate) fn state(&self) -> WpaState {
        self.state
    }

    /// Returns whether the user has not been told of this connection.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    pub(crate) fn bssid(&self) -> MacAddr {
        self.bssid
    }

    pub(crate) fn pending_bssid(&self) -> MacAddr {
        self.pending_bssid
    }

    /// Returns the access point of the association, the one that is tried without one.
    pub(crate) fn peer(&self) -> MacAddr {
        if self.bssid.is_zero() { self.pending_bssid } else { self.bssid }
    }

    /// Returns the access point that is tried during an attempt, else that of the association.
    pub(crate) fn tried_peer(&self) -> MacAddr {
        let trying = matches!(self.state, WpaState::Authenticating | WpaState::Associating);
        if trying && !self.pending_bssid.is_zero() { self.pending_bssid } else { self.bssid }
    }

    /// Returns the channel in MHz, 0 without a connection.
    pub(crate) fn freq(&self) -> u32 {
        self.freq
    }

    pub(crate) fn network(&self) -> Option<i32> {
        self.network
    }

    pub(crate) fn bss(&self) -> Option<u32> {
        self.bss
    }

    pub(crate) fn suites(&self) -> Option<&Suites> {
        self.suites.as_ref()
    }

    /// Returns whether the last attempt was for the same network and the same BSS.
    pub(crate) fn is_again(&self, network: i32, bss: Option<u32>) -> bool {
        self.last_network == Some(network) && bss.is_some() && self.bss == bss
    }

    /// Returns what keeps entries in the BSS table.
    pub(crate) fn in_use(&self) -> InUse {
        InUse { current: self.bss, bssid: self.bssid, pending_bssid: self.pending_bssid }
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        let trying = matches!(self.state, WpaState::Authenticating | WpaState::Associating);
        if self.state == WpaState::Completed && self.is_new {
            return Err("the connection is complete, and nobody was told");
        }
        // An address of zeros is also one that an access point on the air may have: the BSS tells it from none.
        if trying && self.pending_bssid.is_zero() && self.bss.is_none() {
            return Err("an attempt is for no access point");
        }
        if self.state >= WpaState::Associated && self.bssid.is_zero() && self.bss.is_none() {
            return Err("the association is with no access point");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

    #[test]
    fn a_connection_from_attempt_to_loss() {
        let mut link = Link::default();
        link.choose_network(3);
        link.choose_bss(Some(7));
        assert!(link.is_again(3, Some(7)) && !link.is_again(3, None) && !link.is_again(2, Some(7)));
        link.attempt_begins(3, PEER, Suites::open());
        link.enter(WpaState::Authenticating);
        assert_eq!((link.tried_peer(), link.peer(), link.invariant()), (PEER, PEER, Ok(())));
        link.associated_on(2412);
        link.enter(WpaState::Associated);
        link.associated_with(PEER);
        assert_eq!((link.bssid(), link.pending_bssid(), link.freq()), (PEER, MacAddr::ZERO, 2412));
        link.enter(WpaState::Completed);
        assert_eq!(link.invariant(), Err("the connection is complete, and nobody was told"));
        link.connection_is_reported();
        assert_eq!(link.invariant(), Ok(()));
        link.enter(WpaState::Disconnected);
        link.lose_peer();
        link.lose_network();
        assert_eq!(
            (link.peer(), link.network(), link.bss(), link.is_new()),
            (MacAddr::ZERO, None, None, true)
        );
        assert!(link.suites().is_none() && link.invariant().is_ok());
    }

    #[test]
    fn a_state_without_an_access_point_is_found() {
        let mut link = Link::default();
        link.enter(WpaState::Associating);
        assert_eq!(link.invariant(), Err("an attempt is for no access point"));
        link.enter(WpaState::FourWayHandshake);
        assert_eq!(link.invariant(), Err("the association is with no access point"));
    }
}
