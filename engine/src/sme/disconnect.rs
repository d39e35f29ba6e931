//! The end of a connection, by either side or by the air, and what is tried next.

use crate::config::keys::network;
use wpasim_wire::MacAddr;
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame, reason};
use wpasim_wire::time::Duration;

use crate::config::Network;
use crate::config::words::key_mgmt;
use crate::rsn::Selection;
use crate::runtime::Level;
use crate::select::mode;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

/// The wait before a scan after a lost connection.
const RESCAN: Duration = Duration::from_millis(100);

impl Interface {
    /// Forgets the security of the last link; a scan under way goes on.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_clear_status
    pub(crate) fn clear_status(&mut self, cx: &mut InterfaceContext<'_>) {
        self.link.lose_security();
        self.security.rsn_mut().select(Selection::default());
        if !matches!(self.link.state(), WpaState::Scanning | WpaState::InterfaceDisabled) {
            self.set_state(cx, WpaState::Disconnected);
        }
    }

    /// Deauthenticates from the current BSS, or gives up the attempt to join it.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_deauthenticate
    pub(crate) fn deauthenticate(&mut self, cx: &mut InterfaceContext<'_>, reason: u16) {
        let addr = self.link.tried_peer();
        if !addr.is_zero() {
            if self.ap.is_some() {
                self.leaves_access_point(cx);
            } else {
                self.request_deauth(addr, reason);
                self.disconnected_event(cx, reason, true);
            }
        }
        self.clear_connection(cx, addr);
    }

    /// Forgets the connection: keys, state and the current network.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_clear_connection
    fn clear_connection(&mut self, cx: &mut InterfaceContext<'_>, addr: MacAddr) {
        self.connect_work_done(cx);
        self.clear_keys(addr);
        self.mark_disassociated(cx);
        self.info("CTRL-EVENT-DSCP-POLICY clear_all");
        self.timers.cancel(Timer::AuthTimeout);
    }

    /// A deauthentication or disassociation that the driver reports.
    pub(crate) fn link_lost(&mut self, cx: &mut InterfaceContext<'_>, frame: &[u8], locally_generated: bool) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let reason = match &frame.body {
            MgmtBody::Deauthentication { reason, .. } | MgmtBody::Disassociation { reason, .. } => *reason,
            _ => return,
        };
        if locally_generated && self.attempt.take_own_deauth() {
            return;
        }
        if self.ap.is_some() {
            return;
        }
        // While a new BSS is tried, the end of the old association says nothing about the attempt.
        let bssid = frame.header.bssid;
        let trying = matches!(self.link.state(), WpaState::Authenticating | WpaState::Associating);
        if trying && !self.link.pending_bssid().is_zero() && bssid != self.link.pending_bssid() {
            return;
        }
        if !locally_generated {
            self.intent.peer_disconnects();
        }
        self.disconnected_event(cx, reason, locally_generated);
    }

    /// Reports a disconnection, then handles its consequences.
    //= hostap@2.10 wpa_supplicant/events.c#wpas_event_disconnect
    fn disconnected_event(&mut self, cx: &mut InterfaceContext<'_>, reason: u16, locally_generated: bool) {
        let bssid = self.link.peer();
        if !bssid.is_zero() || self.link.state() >= WpaState::Authenticating {
            let local = if locally_generated { " locally_generated=1" } else { "" };
            self.info(&format!("CTRL-EVENT-DISCONNECTED bssid={bssid} reason={reason}{local}"));
        }
        if reason == reason::IEEE_802_1X_AUTH_FAILED
            || (self.shows_port() && self.security.pae().has_failed())
        {
            self.auth_failed(cx.now, "AUTH_FAILED");
        }
        if !self.on_disconnected(cx, reason, locally_generated) {
            self.after_disconnection(cx, reason, locally_generated);
        }
    }

    /// Finishes the handling of a lost connection: reports a probably wrong PSK, and scans again or reconnects at once.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_event_disassoc_finish
    fn after_disconnection(&mut self, cx: &mut InterfaceContext<'_>, reason: u16, locally_generated: bool) {
        let authenticating = self.link.state() == WpaState::Authenticating;
        let pending = self.link.pending_bssid();
        let lost_ap = !self.intent.is_disconnected()
            && self.link.state() >= WpaState::Authenticating
            && reason == reason::DISASSOC_DUE_TO_INACTIVITY
            && locally_generated;
        let lost_bss = self.link.bss().filter(|_| lost_ap);
        if self.could_be_psk_mismatch(reason, locally_generated) {
            self.info("WPA: 4-Way Handshake failed - pre-shared key may be incorrect");
            if self.on_handshake_failed(cx) {
                return;
            }
            self.auth_failed(cx.now, "WRONG_KEY");
        }
        let fast_reconnect = self.plan_reconnection(cx, reason, locally_generated);
        let bssid = self.link.peer();
        if self.link.state() >= WpaState::Authenticating {
            self.connection_failed(cx, bssid);
        }
        self.security.rsn_mut().disassociated();
        let last_network = self.link.network();
        self.mark_disassociated(cx);
        if let Some(change) = lost_bss.and_then(|id| self.bss.remove(id)) {
            self.report_bss_changes(cx, vec![change]);
        }
        if authenticating {
            // mac80211 goes on with the authentication although the old association ended.
            self.set_state(cx, WpaState::Authenticating);
            self.timers.set(Timer::SmeAuth, cx.now + Duration::from_secs(5));
            self.link.attempt_goes_on(last_network, pending);
        }
        if let Some((bss, network)) = fast_reconnect {
            if !self.is_network_disabled(network) && self.temp_disabled_for(cx.now, network) <= 0 {
                self.connect(cx, bss, network);
            } else {
                self.request_scan(cx.now, RESCAN);
            }
        }
    }

    /// Whether and how the connection is tried again: at once where the AP only forgot us.
    fn plan_reconnection(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        reason: u16,
        locally_generated: bool,
    ) -> Option<(u32, i32)> {
        let reconnects = self.intent.reconnects_by_itself() || self.reconnects_anyway();
        if self.intent.is_disconnected() || !reconnects {
            self.intent.stay_disconnected();
            return None;
        }
        let recoverable = matches!(
            reason,
            reason::DISASSOC_DUE_TO_INACTIVITY
                | reason::CLASS2_FRAME_FROM_NONAUTH_STA
                | reason::CLASS3_FRAME_FROM_NONASSOC_STA
        );
        let infra = self
            .link
            .network()
            .and_then(|id| self.config.network(id))
            .is_some_and(|n| n.int(network::MODE) == mode::INFRA);
        if self.link.state() == WpaState::Completed && infra && !locally_generated && recoverable {
            return self.link.bss().zip(self.link.network());
        }
        if self.link.state() >= WpaState::Associating {
            self.request_scan(cx.now, RESCAN);
        }
        None
    }

    fn could_be_psk_mismatch(&self, reason: u16, locally_generated: bool) -> bool {
        let psk = self.link.suites().is_some_and(|s| s.akm.0 & (key_mgmt::PSK | key_mgmt::PSK_SHA256) != 0);
        self.link.state() == WpaState::FourWayHandshake
            && self.link.is_new()
            && psk
            && !(locally_generated && reason == reason::IE_IN_4WAY_DIFFERS)
    }

    /// Marks the interface as not associated.
    //= hostap@2.10 wpa_supplicant/events.c#wpa_supplicant_mark_disassoc
    pub(crate) fn mark_disassociated(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() == WpaState::InterfaceDisabled {
            return;
        }
        self.set_state(cx, WpaState::Disconnected);
        self.link.lose_peer();
        self.attempt.forget_association();
        self.port_disabled(cx);
        self.security.rsn_mut().disassociated();
        self.link.lose_network();
        self.timers.cancel(Timer::SmeAuth);
        self.timers.cancel(Timer::SmeAssoc);
        self.timers.cancel(Timer::Rsn);
    }

    /// The handshake took too long.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_timeout
    pub(crate) fn auth_timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        let bssid = self.link.tried_peer();
        self.info(&format!("Authentication with {bssid} timed out."));
        self.failures.avoid(cx.now, bssid);
        self.deauthenticate(cx, reason::DEAUTH_LEAVING);
        self.intent.reassociate();
        self.request_scan(cx.now, Duration::from_secs(1));
    }

    /// AP_SCAN 0: whoever else manages the driver associates, the supplicant only follows. Without an
    /// association there is nothing to follow.
    pub(crate) fn generate_assoc_event(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() < WpaState::Associated || self.ap.is_some() {
            self.msg(Level::Warning, "Could not read SSID from driver");
            return;
        }
        let (bssid, ssid) = (self.link.bssid(), self.attempt.ssid().clone());
        let fits = |n: &Network| {
            n.ssid() == ssid
                && n.addr(network::BSSID).is_none_or(|a| a == bssid)
                && !self.is_network_disabled(n.id)
        };
        if self.config.networks.iter().any(fits) {
            // The made-up event names no frequency.
            self.associated(cx, bssid, 0);
        }
    }
}
