//! The authenticator's port access entity (IEEE 802.1X-2004 §8.2.4 to §8.2.9), one for each station,
//! with the EAP server on it.

mod machine;
mod mib;
#[cfg(test)]
mod tests;

pub use mib::StationMib;

use super::ticks::Ticks;
use super::{MAX_STEPS, PortControl, RESUME_DELAY, frame};
use crate::server::{Server, ServerConfig, ServerPeer, ServerPort};
use crate::{Event, Level, MethodContext};
use std::collections::VecDeque;
use wpasim_runtime::entropy::Stream;
use wpasim_wire::MacAddr;
use wpasim_wire::eap::{EapPacket, WSC_ENROLLEE, WSC_REGISTRAR, code};
use wpasim_wire::eapol::{DESCRIPTOR_RSN, DESCRIPTOR_WPA, HEADER_LEN, packet_type};
use wpasim_wire::time::Instant;
use wpasim_wps::WpsEvent;

/// AUTH_PAE; MIB prints the number plus 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pae {
    Initialize,
    Disconnected,
    Connecting,
    Authenticating,
    Authenticated,
    Aborting,
    Held,
    ForceAuth,
    ForceUnauth,
    Restart,
}

/// BE_AUTH; MIB prints the number plus 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Backend {
    Request,
    Response,
    Success,
    Fail,
    Timeout,
    Idle,
    Initialize,
    Ignore,
}

/// An action that the owner carries out, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// An EAPOL frame for the station.
    Send(Vec<u8>),
    /// A line for the monitors.
    Msg(Level, String),
    Wps(WpsEvent),
    /// The controlled port's state.
    Authorized(bool),
    /// An authentication ended.
    Finished {
        success: bool,
    },
    /// The station did not answer; it is to be disconnected with this reason code.
    Disconnect {
        reason: u16,
    },
    /// The time for another authentication has come: keys are renewed with it.
    Reauthenticate,
}

/// The settings by which the access point authenticates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthenticatorConfig {
    pub server: ServerConfig,
    /// Of the frames that are sent.
    pub eapol_version: u8,
    /// In seconds; 0 for never.
    pub reauth_period: u32,
    /// Keys are negotiated by WPA's handshake, which makes the port valid.
    pub wpa: bool,
}

impl Default for AuthenticatorConfig {
    fn default() -> Self {
        AuthenticatorConfig {
            server: ServerConfig::default(),
            eapol_version: 2,
            reauth_period: 3600,
            wpa: false,
        }
    }
}

/// The counters of IEEE 802.1X-2004 §9.4.2 and §9.4.3.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Statistics {
    frames_rx: u32,
    frames_tx: u32,
    start_frames_rx: u32,
    logoff_frames_rx: u32,
    resp_frames_rx: u32,
    req_id_frames_tx: u32,
    req_frames_tx: u32,
    invalid_frames_rx: u32,
    length_error_frames_rx: u32,
    last_frame_version: u8,
    enters_connecting: u32,
    logoffs_while_connecting: u32,
    successes_while_authenticating: u32,
    timeouts_while_authenticating: u32,
    fails_while_authenticating: u32,
    starts_while_authenticating: u32,
    logoffs_while_authenticating: u32,
    reauths_while_authenticated: u32,
    starts_while_authenticated: u32,
    logoffs_while_authenticated: u32,
    responses: u32,
    access_challenges: u32,
    other_requests: u32,
    auth_successes: u32,
    auth_fails: u32,
}

/// The authenticator's side of the port of one station.
#[derive(Debug)]
pub struct Authenticator {
    addr: MacAddr,
    eapol_version: u8,
    pae: Pae,
    backend: Backend,
    /// The reauthentication timer asked for one.
    reauth_due: bool,
    initialize: bool,
    /// Shared with the EAP server.
    port: ServerPort,
    server: Server,

    port_control: PortControl,
    port_mode: PortControl,
    port_valid: bool,
    authorized: bool,
    /// Nothing is sent before the station asks for it, as stations with WPS 1.0 do.
    wait_start: bool,
    eapol_eap: bool,
    eapol_start: bool,
    eapol_logoff: bool,
    auth_abort: bool,
    auth_start: bool,
    auth_success: bool,
    auth_fail: bool,
    auth_timeout: bool,
    key_run: bool,
    reauthenticate: bool,
    reauth_count: u32,
    /// In seconds.
    quiet_period: u32,
    /// In seconds.
    server_timeout: u32,
    /// In seconds.
    reauth_period: u32,
    last_eap_id: u8,
    /// The type of the station's last response.
    type_of_station: u8,

    ticks: Ticks,
    a_while: u32,
    quiet_while: u32,
    reauth_when: u32,
    unfinished: Option<Instant>,
    statistics: Statistics,
    actions: VecDeque<Action>,
}

/// Authentications that are begun without one that ends.
const REAUTH_MAX: u32 = 2;

impl Authenticator {
    /// The machines of a station that has a link, but is not started. `random` is what the first
    /// number of a conversation is drawn from.
    pub fn new(
        cx: &mut MethodContext<'_>,
        config: AuthenticatorConfig,
        peer: ServerPeer,
        random: Stream,
    ) -> Self {
        let mut new = Authenticator {
            addr: peer.addr,
            eapol_version: config.eapol_version,
            pae: Pae::Initialize,
            backend: Backend::Initialize,
            reauth_due: false,
            initialize: true,
            port: ServerPort::default(),
            server: Server::new(config.server, peer, random),
            port_control: PortControl::Auto,
            port_mode: PortControl::Auto,
            port_valid: !config.wpa,
            authorized: false,
            wait_start: false,
            eapol_eap: false,
            eapol_start: false,
            eapol_logoff: false,
            auth_abort: false,
            auth_start: false,
            auth_success: false,
            auth_fail: false,
            auth_timeout: false,
            key_run: false,
            reauthenticate: false,
            reauth_count: 0,
            quiet_period: 60,
            server_timeout: 30,
            reauth_period: config.reauth_period,
            last_eap_id: 0,
            type_of_station: 0,
            ticks: Ticks::default(),
            a_while: 0,
            quiet_while: 0,
            reauth_when: 0,
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

    /// Returns the time at which [`Authenticator::timeout`] is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        let when = |waits: bool, counter: u32| if waits { counter } else { 0 };
        let counters = [
            when(self.pae == Pae::Held, self.quiet_while),
            when(self.authorized && self.reauth_period > 0, self.reauth_when),
            when(self.server.is_waiting(), self.port.retrans_while),
        ];
        // The server answers at once, so that nothing ever waits for it.
        self.ticks.next(&counters).into_iter().chain(self.unfinished).min()
    }

    /// The time has come, or a part of it.
    pub fn timeout(&mut self, cx: &mut MethodContext<'_>) {
        self.unfinished = None;
        self.step(cx);
    }

    /// The station has a link: EAP begins. With `wait_start`, nothing is sent until the station asks.
    pub fn start(&mut self, cx: &mut MethodContext<'_>, wait_start: bool) {
        self.wait_start = wait_start;
        self.notify_port_enabled(cx, true);
    }

    /// Whether the station has a link.
    pub fn notify_port_enabled(&mut self, cx: &mut MethodContext<'_>, enabled: bool) {
        self.port.port_enabled = enabled;
        self.step(cx);
    }

    /// Whether the station has its keys.
    pub fn notify_port_valid(&mut self, cx: &mut MethodContext<'_>, valid: bool) {
        self.port_valid = valid;
        self.step(cx);
    }

    /// Whether the port follows the machine.
    pub fn notify_port_control(&mut self, cx: &mut MethodContext<'_>, control: PortControl) {
        self.port_control = control;
        self.step(cx);
    }

    /// The station has a cached PMK: it is authenticated already.
    pub fn notify_cached(&mut self, cx: &mut MethodContext<'_>) {
        self.key_run = true;
        self.port.key_available = true;
        self.pae = Pae::Authenticating;
        self.backend = Backend::Success;
        self.auth_success = true;
        self.auth_fail = false;
        self.server.notify_cached();
        self.step(cx);
    }

    /// Authenticates once more.
    pub fn reauthenticate(&mut self, cx: &mut MethodContext<'_>) {
        self.reauthenticate = true;
        self.step(cx);
    }

    /// The station goes away: a method that runs is ended. Its events are still to be taken.
    pub fn close(&mut self, cx: &mut MethodContext<'_>) {
        self.server.close(cx);
        self.drain_server();
    }

    /// Returns the identity that the station gave.
    pub fn identity(&self) -> Option<&[u8]> {
        self.server.identity()
    }

    /// Whether the station says that it wants WPS.
    pub fn is_wps_peer(&self) -> bool {
        matches!(self.identity(), Some(WSC_ENROLLEE | WSC_REGISTRAR))
    }

    /// Whether the controlled port is open.
    pub fn is_authorized(&self) -> bool {
        self.authorized
    }

    /// The MSK, once EAP succeeded.
    pub fn key(&self) -> Option<&[u8]> {
        self.port.key.as_deref().filter(|_| self.port.key_available)
    }

    /// Whether WPA's handshake may use the key (keyRun).
    pub fn key_run(&self) -> bool {
        self.key_run
    }

    /// A frame of the station. Whether it was for this machine: EAPOL-Key frames of WPA and RSN and
    /// broken frames are not.
    pub fn rx(&mut self, cx: &mut MethodContext<'_>, frame: &[u8]) -> bool {
        let Some(([version, kind, high, low], rest)) = frame.split_first_chunk::<HEADER_LEN>() else {
            return false;
        };
        let Some(body) = rest.get(..u16::from_be_bytes([*high, *low]).into()) else {
            self.statistics.length_error_frames_rx += 1;
            return false;
        };
        self.statistics.last_frame_version = *version;
        self.statistics.frames_rx += 1;
        match *kind {
            packet_type::KEY => {
                if body.len() >= RC4_KEY_LEN
                    && matches!(body.first(), Some(&(DESCRIPTOR_RSN | DESCRIPTOR_WPA)))
                {
                    return false;
                }
            }
            packet_type::EAP_PACKET => self.rx_eap(body),
            packet_type::START => {
                self.wait_start = false;
                self.eapol_start = true;
                self.statistics.start_frames_rx += 1;
                self.server.clear_identity();
            }
            packet_type::LOGOFF => {
                self.eapol_logoff = true;
                self.statistics.logoff_frames_rx += 1;
                self.server.clear_identity();
            }
            ASF_ALERT => {}
            _ => self.statistics.invalid_frames_rx += 1,
        }
        self.step(cx);
        true
    }

    fn rx_eap(&mut self, body: &[u8]) {
        let Ok(packet) = EapPacket::parse(body) else { return };
        if packet.code != code::RESPONSE {
            return;
        }
        let Some(octet) = packet.type_octet() else { return };
        self.type_of_station = octet;
        self.statistics.resp_frames_rx += 1;
        self.port.response = Some(packet.emit());
        self.eapol_eap = true;
    }
}

/// Octets of the fixed part of an EAPOL-Key frame with an RC4 descriptor.
const RC4_KEY_LEN: usize = 44;
/// EAPOL-Encapsulated-ASF-Alert.
const ASF_ALERT: u8 = 4;
