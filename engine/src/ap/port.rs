//! The controlled ports of stations that speak EAP (2.10's ieee802_1x.c): those that come for WPS.

use super::controlled_port::Port;
use super::station::Flags;
use super::{AccessPoint, ApContext, Timer};
use crate::eap::MethodContext;
use crate::eap::server::{ServerConfig, ServerPeer};
use crate::eapol::authenticator::{Action, Authenticator, AuthenticatorConfig, StationMib};
use crate::rsn::Level;
use crate::runtime::never;
use crate::wire::MacAddr;
use crate::wire::eapol::{DESCRIPTOR_RSN, DESCRIPTOR_WPA, HEADER_LEN, packet_type};
use crate::wire::ieee80211::reason;
use crate::wire::time::{Duration, Instant};

/// So that EAP-Failure is out before the station is disconnected.
const DISCONNECT_DELAY: Duration = Duration::from_millis(10);
/// Octets of the fixed part of the shortest EAPOL-Key frame.
const KEY_LEN: usize = 44;

/// Whether a frame is for the key handshakes and not for EAP.
pub(super) fn is_key_frame(frame: &[u8]) -> bool {
    let body = frame.get(HEADER_LEN..).unwrap_or_default();
    frame.get(1) == Some(&packet_type::KEY)
        && body.len() >= KEY_LEN
        && matches!(body.first(), Some(&(DESCRIPTOR_RSN | DESCRIPTOR_WPA)))
}

impl AccessPoint {
    /// Starts the port of a station that associated. EAP begins if it came for WPS, or may have; with a station that
    /// does not say version 2.0, only when it asks for it.
    //= hostap@2.10 src/ap/ieee802_1x.c#ieee802_1x_new_station
    pub(super) fn start_port(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        let Some(flags) = self.stations.get(&addr).map(|s| s.flags) else {
            return never!("the station has an entry");
        };
        let protected = self.config.security.is_some();
        let for_wps = flags.has(Flags::WPS) || (protected && flags.has(Flags::MAYBE_WPS));
        if self.config.wps.is_none() || !for_wps || self.uses_psk(addr) {
            return self.close_port(cx, addr);
        }
        let known = self.open_port(cx, addr);
        self.with_port(cx, addr, |machine, mcx| {
            if known {
                machine.reauthenticate(mcx);
            }
            machine.start(mcx, !flags.has(Flags::WPS2));
        });
    }

    /// Whether a key handshake is the station's affair, now or before its entry was made anew.
    fn uses_psk(&self, addr: MacAddr) -> bool {
        self.auth.as_ref().is_some_and(|auth| auth.ptk_state(addr).is_some())
    }

    /// Makes a station's port. Whether there was one.
    fn open_port(&mut self, cx: ApContext<'_>, addr: MacAddr) -> bool {
        if self.port(addr).is_some() {
            return true;
        }
        let config = self.port_config();
        let station = self.stations.get(&addr);
        let assoc_wps = station.and_then(|s| s.wps_attributes.clone());
        let assoc_p2p = station.and_then(|s| s.p2p_attributes.clone());
        self.ports_opened += 1;
        let mut random = self.entropy.stream(&format!("port {}", self.ports_opened));
        let session = u64::from_be_bytes(random.bytes());
        let ap_pin = self.config.wps.as_ref().and_then(|c| c.ap_pin.as_deref()).map(str::as_bytes);
        let mut mcx = MethodContext { now: cx.now, wps: self.wps.as_deref_mut(), ap_pin };
        let machine = Authenticator::new(&mut mcx, config, ServerPeer { addr, assoc_wps, assoc_p2p }, random);
        if let Some(station) = self.stations.get_mut(&addr) {
            station.port = Some(Box::new(Port { machine, session }));
        }
        self.do_port_actions(cx, addr);
        false
    }

    fn port_config(&self) -> AuthenticatorConfig {
        let wps = self.config.wps.as_ref();
        AuthenticatorConfig {
            server: ServerConfig {
                wps: wps.is_some_and(|c| c.eap_server),
                fragment_size: wps.map_or(0, |c| c.fragment_size.into()),
                pbc_in_m1: wps.is_some_and(|c| c.pbc_in_m1),
                ..ServerConfig::default()
            },
            eapol_version: wps.map_or(2, |c| c.eapol_version),
            wpa: self.config.security.is_some(),
            ..AuthenticatorConfig::default()
        }
    }

    /// Runs something on a station's port and does what it asks for. Nothing without one.
    pub(super) fn with_port(
        &mut self,
        cx: ApContext<'_>,
        addr: MacAddr,
        run: impl FnOnce(&mut Authenticator, &mut MethodContext<'_>),
    ) {
        let Some(port) = self.stations.get_mut(&addr).and_then(|s| s.port.as_mut()) else { return };
        let ap_pin = self.config.wps.as_ref().and_then(|c| c.ap_pin.as_deref()).map(str::as_bytes);
        run(&mut port.machine, &mut MethodContext { now: cx.now, wps: self.wps.as_deref_mut(), ap_pin });
        self.do_port_actions(cx, addr);
    }

    fn do_port_actions(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        let next = |ap: &mut Self| ap.stations.get_mut(&addr)?.port.as_mut()?.machine.take_action();
        while let Some(action) = next(self) {
            self.do_port_action(cx, addr, action);
        }
        let next = self.port(addr).and_then(Port::next_timeout);
        self.timers.follow(Timer::Port(addr), next);
    }

    /// Returns the port of a station, if the station has one.
    pub(super) fn port(&self, addr: MacAddr) -> Option<&Port> {
        self.stations.get(&addr)?.port.as_deref()
    }

    fn do_port_action(&mut self, cx: ApContext<'_>, addr: MacAddr, action: Action) {
        match action {
            Action::Send(frame) => {
                self.note_wps_peer(addr);
                self.send_or_tell_eapol(addr, frame, true);
            }
            Action::Msg(level, text) => self.message(level, text),
            Action::Wps(event) => self.wps_event(cx, event),
            Action::Authorized(authorized) => {
                self.set_authorized(cx.now, addr, authorized);
                self.tell_driver_authorization(addr);
            }
            Action::Finished { success } => {
                // Many stations need to be disconnected after WPS and cannot do it themselves.
                if !success {
                    self.timers.set(Timer::AfterEapFailure(addr), cx.now + DISCONNECT_DELAY);
                }
            }
            Action::Disconnect { reason } => self.disconnect(cx, addr, reason),
            // There are no keys here that hang on EAP.
            Action::Reauthenticate => {}
        }
    }

    fn message(&mut self, level: Level, text: String) {
        self.actions.push(super::ApAction::Event(level, text));
    }

    /// A station without a WPS element turns out to want WPS by what it calls itself.
    fn note_wps_peer(&mut self, addr: MacAddr) {
        let wants_wps = self.port(addr).is_some_and(|port| port.machine.is_wps_peer());
        if let Some(station) = self.stations.get_mut(&addr)
            && wants_wps
            && station.flags.has(Flags::MAYBE_WPS)
        {
            station.flags.set(Flags::WPS, true);
        }
    }

    /// An EAPOL frame of an associated station that is not for the key handshakes.
    pub(super) fn rx_eap(&mut self, cx: ApContext<'_>, src: MacAddr, frame: &[u8]) {
        let Some(flags) = self.stations.get(&src).map(|s| s.flags) else { return };
        let for_wps = flags.has(Flags::WPS) || flags.has(Flags::MAYBE_WPS);
        if self.config.wps.is_none() || !for_wps || self.uses_psk(src) {
            return;
        }
        if !self.open_port(cx, src) {
            let wait_start = flags.has(Flags::MAYBE_WPS) && !flags.has(Flags::WPS2);
            self.with_port(cx, src, |machine, mcx| machine.start(mcx, wait_start));
        }
        self.with_port(cx, src, |machine, mcx| {
            machine.rx(mcx, frame);
        });
    }

    /// The transmit status of a frame that is not for the key handshakes: once EAP-Failure has
    /// arrived, the registration is over.
    pub(super) fn eap_sent(&mut self, cx: ApContext<'_>, to: MacAddr, frame: &[u8], acknowledged: bool) {
        let fails = self.timers.get(Timer::AfterEapFailure(to)).is_some();
        if acknowledged && fails && frame.get(1) == Some(&packet_type::EAP_PACKET) && self.is_wps_station(to)
        {
            self.registration_ended(cx);
        }
    }

    fn is_wps_station(&self, addr: MacAddr) -> bool {
        self.stations.get(&addr).is_some_and(|s| s.flags.has(Flags::WPS))
    }

    /// Disconnects a station whose EAP authentication failed a moment ago.
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_delayed_1x_auth_fail_cb
    pub(super) fn disconnect_after_failure(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        let is_wps = self.is_wps_station(addr);
        self.disconnect(cx, addr, reason::IEEE_802_1X_AUTH_FAILED);
        if is_wps {
            self.registration_ended(cx);
        }
    }

    /// A station that was to be disconnected associated again, or went by itself.
    pub(super) fn forget_failure(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        if self.timers.get(Timer::AfterEapFailure(addr)).is_some() {
            self.timers.cancel(Timer::AfterEapFailure(addr));
            if self.is_wps_station(addr) {
                self.registration_ended(cx);
            }
        }
    }

    /// The station has no link any more, but its entry stays for a while.
    pub(super) fn port_is_down(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        self.with_port(cx, addr, |machine, mcx| machine.notify_port_enabled(mcx, false));
    }

    /// Closes a station's port and gives up a registration that runs.
    //= hostap@2.10 src/ap/ieee802_1x.c#ieee802_1x_free_station
    pub(super) fn close_port(&mut self, cx: ApContext<'_>, addr: MacAddr) {
        self.with_port(cx, addr, |machine, mcx| machine.close(mcx));
        if let Some(station) = self.stations.get_mut(&addr) {
            station.port = None;
        }
        self.timers.cancel(Timer::Port(addr));
    }

    /// The dot1x lines of STA; empty without a port.
    pub(super) fn port_mib(&self, now: Instant, addr: MacAddr) -> String {
        let (Some(port), Some(station)) = (self.port(addr), self.stations.get(&addr)) else {
            return String::new();
        };
        port.machine.mib(&StationMib {
            aid: station.aid,
            // Accounting only begins when the port opens, which WPS never does: 2.10 shows the time
            // since the system started, and says IEEE 802.1X where it knows no key management.
            session_id: 0,
            multi_session_id: port.session,
            session_seconds: now.secs().clamp(0, u32::MAX.into()) as u32,
            ieee8021x: true,
        })
    }
}
