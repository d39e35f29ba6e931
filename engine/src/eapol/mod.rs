//! The supplicant PAE as a PSK or open connection uses it (IEEE 802.1X-2010 §8, in the numbering that
//! MIB prints). EAP methods hang onto it later.

/// SUPP_PAE states with the numbers of dot1xSuppPaeState.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PaeState {
    #[default]
    Disconnected = 1,
    Logoff = 2,
    Connecting = 3,
    Authenticating = 4,
    Authenticated = 5,
    ForceAuth = 9,
}

/// Whether the port follows the machine or the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PortControl {
    #[default]
    Auto,
    ForceAuthorized,
}

/// Timers and counters of the PAE that SET and MIB show.
#[derive(Clone, Debug)]
pub struct Pae {
    pub state: PaeState,
    pub control: PortControl,
    port_enabled: bool,
    user_logoff: bool,
    logoff_sent: bool,
    /// In seconds.
    pub held_period: u32,
    /// In seconds.
    pub auth_period: u32,
    /// In seconds.
    pub start_period: u32,
    pub max_start: u32,
    /// EAPOL frames transmitted, EAPOL-Key included.
    pub frames_tx: u32,
    pub logoff_frames_tx: u32,
}

impl Default for Pae {
    fn default() -> Self {
        Pae {
            state: PaeState::Disconnected,
            control: PortControl::Auto,
            port_enabled: false,
            user_logoff: false,
            logoff_sent: false,
            held_period: 60,
            auth_period: 30,
            start_period: 30,
            max_start: 3,
            frames_tx: 0,
            logoff_frames_tx: 0,
        }
    }
}

impl Pae {
    /// The link came up: open networks are authorized, others wait for the handshake.
    pub fn associated(&mut self, control: PortControl) {
        self.control = control;
        self.port_enabled = true;
        self.state = match control {
            PortControl::ForceAuthorized => PaeState::ForceAuth,
            PortControl::Auto => PaeState::Connecting,
        };
    }

    /// The handshake proved the key.
    pub fn authenticated(&mut self) {
        if self.state == PaeState::Connecting {
            self.state = PaeState::Authenticated;
        }
    }

    /// The link went down.
    pub fn link_down(&mut self) {
        self.port_enabled = false;
        self.logoff_sent = false;
        self.state = PaeState::Disconnected;
    }

    /// LOGON and LOGOFF. Whether an EAPOL-Logoff must be sent.
    pub fn set_logoff(&mut self, logoff: bool) -> bool {
        self.user_logoff = logoff;
        if logoff && !self.logoff_sent && self.port_enabled && self.control == PortControl::Auto {
            self.logoff_sent = true;
            self.state = PaeState::Logoff;
            self.logoff_frames_tx += 1;
            self.frames_tx += 1;
            return true;
        }
        if !logoff {
            self.logoff_sent = false;
            if self.state == PaeState::Logoff {
                self.state = PaeState::Disconnected;
            }
        }
        false
    }

    /// Whether the controlled port is open.
    pub fn is_authorized(&self) -> bool {
        matches!(self.state, PaeState::ForceAuth | PaeState::Authenticated)
    }

    /// The EAPOL part of MIB.
    pub fn mib(&self) -> String {
        let backend = if self.port_enabled { 2 } else { 1 };
        let port = if self.is_authorized() { "Authorized" } else { "Unauthorized" };
        format!(
            "dot1xSuppPaeState={}\ndot1xSuppHeldPeriod={}\ndot1xSuppAuthPeriod={}\ndot1xSuppStartPeriod={}\n\
             dot1xSuppMaxStart={}\ndot1xSuppSuppControlledPortStatus={port}\ndot1xSuppBackendPaeState={backend}\n\
             dot1xSuppEapolFramesRx=0\ndot1xSuppEapolFramesTx={}\ndot1xSuppEapolStartFramesTx=0\n\
             dot1xSuppEapolLogoffFramesTx={}\ndot1xSuppEapolRespFramesTx=0\ndot1xSuppEapolReqIdFramesRx=0\n\
             dot1xSuppEapolReqFramesRx=0\ndot1xSuppInvalidEapolFramesRx=0\ndot1xSuppEapLengthErrorFramesRx=0\n\
             dot1xSuppLastEapolFrameVersion=0\ndot1xSuppLastEapolFrameSource=00:00:00:00:00:00\n",
            self.state as u8,
            self.held_period,
            self.auth_period,
            self.start_period,
            self.max_start,
            self.frames_tx,
            self.logoff_frames_tx,
        )
    }
}
