//! The wishes of the user, or of whoever acts for the user, about the connection. Every combination of them occurs in 2.10 (a
//! reassociation may be asked for while no connection is wanted), so that no invariant binds them.

/// The wishes that outlive the input that brought them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Intent {
    disconnected: bool,
    reassociate: bool,
    reattach: bool,
    own_disconnect_req: bool,
    auto_reconnect_disabled: bool,
    own_reconnect_req: bool,
}

impl Intent {
    /// Looks for a connection from now on, even to the BSS in use.
    pub(crate) fn seek_connection(&mut self) {
        self.disconnected = false;
        self.reassociate = true;
    }

    /// Stays without a connection until one is asked for.
    pub(crate) fn stay_disconnected(&mut self) {
        self.reassociate = false;
        self.disconnected = true;
    }

    /// Lets connections be made again, without asking for one.
    pub(crate) fn allow_connection(&mut self) {
        self.disconnected = false;
    }

    /// Makes the next selection connect even to the BSS in use.
    pub(crate) fn reassociate(&mut self) {
        self.reassociate = true;
    }

    /// Connects again to the same BSS with a scan of its channel only (REATTACH).
    pub(crate) fn reattach(&mut self) {
        self.reattach = true;
    }

    /// Ends the wish of REATTACH: its scan is planned, or none is needed.
    pub(crate) fn reattach_is_under_way(&mut self) {
        self.reattach = false;
    }

    /// Begins to associate: a disconnection from now on is not one that was asked for.
    pub(crate) fn association_begins(&mut self) {
        self.own_disconnect_req = false;
    }

    /// Begins to authenticate: the reassociation that was asked for is under way.
    pub(crate) fn attempt_begins(&mut self) {
        self.reassociate = false;
    }

    /// Leaves on purpose: the end of the connection is no failure.
    pub(crate) fn leave(&mut self) {
        self.own_disconnect_req = true;
    }

    /// Ends the connection although nobody here asked for it.
    pub(crate) fn peer_disconnects(&mut self) {
        self.own_disconnect_req = false;
    }

    /// Wants the connection that is about to end back at once.
    pub(crate) fn reconnect_at_once(&mut self) {
        self.own_reconnect_req = true;
    }

    /// Takes whether the connection that ends is wanted back at once.
    pub(crate) fn take_reconnecting(&mut self) -> bool {
        core::mem::take(&mut self.own_reconnect_req)
    }

    /// Takes note of the end of an attempt or a connection. Returns whether it was left on purpose.
    pub(crate) fn take_leaving(&mut self) -> bool {
        core::mem::take(&mut self.own_disconnect_req)
    }

    /// Forgets that a connection is left on purpose (FLUSH).
    pub(crate) fn forget_leaving(&mut self) {
        self.own_disconnect_req = false;
    }

    /// Sets whether a lost connection is looked for again (STA_AUTOCONNECT).
    pub(crate) fn set_auto_reconnect(&mut self, enabled: bool) {
        self.auto_reconnect_disabled = !enabled;
    }

    /// Returns whether no connection is wanted.
    pub(crate) fn is_disconnected(&self) -> bool {
        self.disconnected
    }

    /// Returns whether the next selection connects even to the BSS in use.
    pub(crate) fn reassociates(&self) -> bool {
        self.reassociate
    }

    /// Returns whether the next scan is that of a REATTACH.
    pub(crate) fn reattaches(&self) -> bool {
        self.reattach
    }

    /// Returns whether the connection is being left on purpose.
    pub(crate) fn is_leaving(&self) -> bool {
        self.own_disconnect_req
    }

    /// Returns whether a lost connection is looked for again.
    pub(crate) fn reconnects_by_itself(&self) -> bool {
        !self.auto_reconnect_disabled
    }
}
