//! The supplicant's port access entity (IEEE 802.1X-2004 §8.2.11, §8.2.12) with the EAP peer on it.

mod machine;
mod mib;
#[cfg(test)]
mod tests;

use super::ticks::Ticks;
use super::{MAX_STEPS, PortControl, RESUME_DELAY, frame};
use crate::peer::{Peer, PeerConfig, PeerPort, SessionKey};
use crate::{Event, Level, MethodContext};
use std::collections::VecDeque;
use wpasim_wire::MacAddr;
use wpasim_wire::eap::EapPacket;
use wpasim_wire::eapol::{DESCRIPTOR_RSN, DESCRIPTOR_WPA, HEADER_LEN, packet_type};
use wpasim_wire::time::Instant;
use wpasim_wps::WpsEvent;

/// SUPP_PAE with the numbers of dot1xSuppPaeState.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pae {
    Unknown = 0,
    Disconnected = 1,
    Logoff = 2,
    Connecting = 3,
    Authenticating = 4,
    Authenticated = 5,
    Held = 7,
    Restart = 8,
    ForceAuth = 9,
    ForceUnauth = 10,
}

/// SUPP_BE with the numbers of dot1xSuppBackendPaeState.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Backend {
    Unknown = 0,
    Initialize = 1,
    Idle = 2,
    Request = 3,
    Receive = 4,
    Response = 5,
    Fail = 6,
    Timeout = 7,
    Success = 8,
}

/// The end of an authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EapolResult {
    Success,
    Failure,
}

/// An action that the owner carries out, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// An EAPOL frame for the authenticator.
    Send(Vec<u8>),
    /// A line for the monitors.
    Msg(Level, String),
    Wps(WpsEvent),
    /// The authentication ended (2.10's eapol_cb).
    Result(EapolResult),
    /// The controlled port's state.
    Authorized(bool),
    /// The authenticator did not take the cached PMK; EAP begins.
    CachedPmkRefused,
    /// All keys of a connection without WPA are there (2.10's eapol_done_cb).
    Done,
}

/// The settings that the connection needs from the port.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PortConfig {
    /// EAP alone makes the port valid: IEEE 802.1X without WPA and without required keys.
    pub plaintext: bool,
    /// Accepts what servers get wrong.
    pub workaround: bool,
    /// No EAP in this network.
    pub eap_disabled: bool,
    /// WPS is what the connection is for.
    pub wps: bool,
    /// The AP knows WPS 2.0: it begins by itself.
    pub wps20_ap: bool,
}

/// Settings that the control interface changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Periods {
    /// In seconds.
    pub held: u32,
    /// In seconds.
    pub auth: u32,
    /// In seconds.
    pub start: u32,
    pub max_start: u32,
}

impl Default for Periods {
    fn default() -> Self {
        Periods { held: 60, auth: 30, start: 30, max_start: 3 }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Statistics {
    frames_rx: u32,
    frames_tx: u32,
    start_frames_tx: u32,
    logoff_frames_tx: u32,
    resp_frames_tx: u32,
    req_id_frames_rx: u32,
    req_frames_rx: u32,
    invalid_frames_rx: u32,
    length_error_frames_rx: u32,
    last_frame_version: u8,
    last_frame_source: MacAddr,
}

/// The supplicant's side of one port.
#[derive(Debug)]
pub struct Supplicant {
    pub periods: Periods,
    /// Of the frames that are sent.
    pub eapol_version: u8,
    config: PortConfig,
    pae: Pae,
    backend: Backend,
    changed: bool,
    initialize: bool,
    /// Shared with the EAP peer.
    port: PeerPort,
    peer: Peer,

    port_control: PortControl,
    port_mode: PortControl,
    port_valid: bool,
    authorized: bool,
    /// The port's state is told even if it stays.
    tell_port: bool,
    eapol_eap: bool,
    user_logoff: bool,
    logoff_sent: bool,
    start_count: u32,
    supp_abort: bool,
    supp_start: bool,
    supp_timeout: bool,
    initial_request: bool,
    cached_pmk: bool,
    result: Option<EapolResult>,

    ticks: Ticks,
    auth_while: u32,
    held_while: u32,
    start_when: u32,
    /// The machines were not done in one go.
    unfinished: Option<Instant>,
    statistics: Statistics,
    actions: VecDeque<Action>,
}

impl Supplicant {
    /// The machines before any connection.
    pub fn new(cx: &mut MethodContext<'_>) -> Self {
        let mut new = Supplicant {
            periods: Periods::default(),
            eapol_version: 1,
            config: PortConfig::default(),
            pae: Pae::Unknown,
            backend: Backend::Unknown,
            changed: false,
            initialize: true,
            port: PeerPort::default(),
            peer: Peer::default(),
            port_control: PortControl::Auto,
            port_mode: PortControl::ForceUnauthorized,
            port_valid: false,
            authorized: false,
            tell_port: true,
            eapol_eap: false,
            user_logoff: false,
            logoff_sent: false,
            start_count: 0,
            supp_abort: false,
            supp_start: false,
            supp_timeout: false,
            initial_request: false,
            cached_pmk: false,
            result: None,
            ticks: Ticks::default(),
            auth_while: 0,
            held_while: 0,
            start_when: 0,
            unfinished: None,
            statistics: Statistics::default(),
            actions: VecDeque::new(),
        };
        new.step(cx);
        new.initialize = false;
        new.step(cx);
        new.ticks.start(cx.now);
        new
    }

    /// The next effect, in order.
    pub fn take_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Returns the time at which [`Supplicant::timeout`] is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        let counters = [self.auth_while, self.held_while, self.start_when, self.port.idle_while];
        self.ticks.next(&counters).into_iter().chain(self.unfinished).min()
    }

    /// The time has come, or a part of it.
    pub fn timeout(&mut self, cx: &mut MethodContext<'_>) {
        self.unfinished = None;
        self.step(cx);
    }

    /// The network that is tried, or none: its EAP configuration, and what it needs from the port.
    /// Without `config` that stays as it was.
    pub fn notify_config(&mut self, eap: Option<PeerConfig>, config: Option<PortConfig>) {
        self.peer.set_config(eap);
        if let Some(config) = config {
            self.config = config;
            self.peer.workaround = config.workaround;
            self.peer.force_disabled = config.eap_disabled;
        }
    }

    /// Whether there is a link.
    pub fn notify_port_enabled(&mut self, cx: &mut MethodContext<'_>, enabled: bool) {
        self.count(cx.now);
        if self.port.port_enabled != enabled {
            self.tell_port = true;
        }
        self.port.port_enabled = enabled;
        self.step(cx);
    }

    /// Whether the link has its keys.
    pub fn notify_port_valid(&mut self, cx: &mut MethodContext<'_>, valid: bool) {
        self.port_valid = valid;
        self.step(cx);
    }

    /// Whether the port follows the machine.
    pub fn notify_port_control(&mut self, cx: &mut MethodContext<'_>, control: PortControl) {
        self.port_control = control;
        self.step(cx);
    }

    /// The link was authenticated without EAP, or that is over.
    pub fn notify_eap_success(&mut self, cx: &mut MethodContext<'_>, success: bool) {
        self.port.eap_success = success;
        self.port.alt_accept = success;
        if success {
            self.peer.notify_success();
        }
        self.step(cx);
    }

    /// The link can't be authenticated, or that is over.
    pub fn notify_eap_fail(&mut self, cx: &mut MethodContext<'_>, fail: bool) {
        self.port.eap_fail = fail;
        self.port.alt_reject = fail;
        self.step(cx);
    }

    /// LOGON and LOGOFF.
    pub fn notify_logoff(&mut self, cx: &mut MethodContext<'_>, logoff: bool) {
        self.count(cx.now);
        self.user_logoff = logoff;
        if !logoff {
            self.start_when = 0;
        }
        self.step(cx);
    }

    /// A cached PMK is offered to the authenticator.
    pub fn notify_pmkid_attempt(&mut self) {
        self.cached_pmk = true;
    }

    /// The authenticator took the cached PMK.
    pub fn notify_cached(&mut self, cx: &mut MethodContext<'_>) {
        self.port.eap_success = true;
        self.peer.notify_success();
        self.step(cx);
    }

    /// The link works although no Success came.
    pub fn notify_lower_layer_success(&mut self, cx: &mut MethodContext<'_>) {
        self.peer.notify_lower_layer_success(&mut self.port);
        self.step(cx);
    }

    /// REAUTHENTICATE: asks the authenticator to begin again.
    pub fn request_reauth(&mut self) {
        if self.pae == Pae::Authenticated {
            self.send_start();
        }
    }

    /// Forgets what a method kept for later.
    pub fn invalidate_cached_session(&mut self, cx: &mut MethodContext<'_>) {
        self.peer.invalidate(cx);
        self.drain_peer();
    }

    /// An EAPOL-Key frame was sent by the handshake machine, which counts here.
    pub fn notify_tx_eapol_key(&mut self) {
        self.statistics.frames_tx += 1;
    }

    /// Whether EAP ended in failure.
    pub fn has_failed(&self) -> bool {
        !self.port.eap_success && self.port.eap_fail
    }

    /// The keys that EAP left.
    pub fn key(&self) -> Option<&SessionKey> {
        self.peer.key()
    }

    /// Whether the controlled port is open.
    pub fn is_authorized(&self) -> bool {
        self.authorized
    }

    /// A frame of the authenticator. Whether it was for this machine: EAPOL-Key frames of WPA and RSN
    /// and broken frames are not.
    pub fn rx(&mut self, cx: &mut MethodContext<'_>, source: MacAddr, frame: &[u8]) -> bool {
        self.count(cx.now);
        self.statistics.frames_rx += 1;
        let Some(([version, kind, high, low], rest)) = frame.split_first_chunk::<HEADER_LEN>() else {
            self.statistics.invalid_frames_rx += 1;
            return false;
        };
        self.statistics.last_frame_version = *version;
        self.statistics.last_frame_source = source;
        let Some(body) = self.body(*kind, u16::from_be_bytes([*high, *low]), rest) else {
            self.statistics.length_error_frames_rx += 1;
            return false;
        };
        match *kind {
            packet_type::EAP_PACKET => self.rx_eap(cx, body),
            packet_type::KEY => {
                return !matches!(body.first(), Some(&(DESCRIPTOR_RSN | DESCRIPTOR_WPA)) if body.len() >= RC4_KEY_LEN);
            }
            _ => self.statistics.invalid_frames_rx += 1,
        }
        true
    }

    /// The body that the length field states. Some WPS access points state less than the EAP packet
    /// has; its own length counts then.
    fn body<'a>(&self, kind: u8, stated: u16, rest: &'a [u8]) -> Option<&'a [u8]> {
        let body = rest.get(..stated.into())?;
        if !(self.config.wps && self.config.workaround && kind == packet_type::EAP_PACKET) {
            return Some(body);
        }
        let whole = EapPacket::parse(rest).ok().and_then(|p| rest.get(..HEADER_LEN + p.data.len()));
        Some(whole.filter(|w| w.len() > body.len() && rest.len() > HEADER_LEN).unwrap_or(body))
    }

    fn rx_eap(&mut self, cx: &mut MethodContext<'_>, packet: &[u8]) {
        if self.config.workaround && packet.len() >= HEADER_LEN && packet.first() == Some(&BOGUS_CODE) {
            return;
        }
        if self.cached_pmk {
            self.abort_cached(cx.now);
        }
        self.port.request = Some(packet.to_vec());
        self.eapol_eap = true;
        self.step(cx);
    }

    /// The name of the method that authenticated the link.
    pub fn method_name(&self) -> Option<&'static str> {
        (self.pae == Pae::Authenticated && self.authorized).then(|| self.peer.method_name())
    }
}

/// Octets of the fixed part of an EAPOL-Key frame with an RC4 descriptor.
const RC4_KEY_LEN: usize = 44;
/// A code that some access points send near the end of an authentication.
const BOGUS_CODE: u8 = 10;
