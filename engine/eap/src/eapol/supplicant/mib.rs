//! The lines of MIB and STATUS about the port.

use super::{Backend, Pae, Supplicant};

impl Pae {
    fn name(self) -> &'static str {
        match self {
            Pae::Logoff => "LOGOFF",
            Pae::Disconnected => "DISCONNECTED",
            Pae::Connecting => "CONNECTING",
            Pae::Authenticating => "AUTHENTICATING",
            Pae::Held => "HELD",
            Pae::Authenticated => "AUTHENTICATED",
            Pae::Restart => "RESTART",
            Pae::Unknown | Pae::ForceAuth | Pae::ForceUnauth => "UNKNOWN",
        }
    }
}

impl Backend {
    fn name(self) -> &'static str {
        match self {
            Backend::Request => "REQUEST",
            Backend::Response => "RESPONSE",
            Backend::Success => "SUCCESS",
            Backend::Fail => "FAIL",
            Backend::Timeout => "TIMEOUT",
            Backend::Idle => "IDLE",
            Backend::Initialize => "INITIALIZE",
            Backend::Receive => "RECEIVE",
            Backend::Unknown => "UNKNOWN",
        }
    }
}

impl Supplicant {
    fn port_status(&self) -> &'static str {
        if self.authorized { "Authorized" } else { "Unauthorized" }
    }

    /// The lines of MIB.
    pub fn mib(&self) -> String {
        let (periods, s) = (&self.periods, &self.statistics);
        format!(
            "dot1xSuppPaeState={}\ndot1xSuppHeldPeriod={}\ndot1xSuppAuthPeriod={}\ndot1xSuppStartPeriod={}\n\
             dot1xSuppMaxStart={}\ndot1xSuppSuppControlledPortStatus={}\ndot1xSuppBackendPaeState={}\n\
             dot1xSuppEapolFramesRx={}\ndot1xSuppEapolFramesTx={}\ndot1xSuppEapolStartFramesTx={}\n\
             dot1xSuppEapolLogoffFramesTx={}\ndot1xSuppEapolRespFramesTx={}\ndot1xSuppEapolReqIdFramesRx={}\n\
             dot1xSuppEapolReqFramesRx={}\ndot1xSuppInvalidEapolFramesRx={}\ndot1xSuppEapLengthErrorFramesRx={}\n\
             dot1xSuppLastEapolFrameVersion={}\ndot1xSuppLastEapolFrameSource={}\n",
            self.pae as u8,
            periods.held,
            periods.auth,
            periods.start,
            periods.max_start,
            self.port_status(),
            self.backend as u8,
            s.frames_rx,
            s.frames_tx,
            s.start_frames_tx,
            s.logoff_frames_tx,
            s.resp_frames_tx,
            s.req_id_frames_rx,
            s.req_frames_rx,
            s.invalid_frames_rx,
            s.length_error_frames_rx,
            s.last_frame_version,
            s.last_frame_source,
        )
    }

    /// The lines of STATUS and, if `verbose`, of STATUS-VERBOSE.
    pub fn status(&self, verbose: bool) -> String {
        let mut out =
            format!("Supplicant PAE state={}\nsuppPortStatus={}\n", self.pae.name(), self.port_status());
        if verbose {
            out.push_str(&format!(
                "heldPeriod={}\nauthPeriod={}\nstartPeriod={}\nmaxStart={}\nportControl={}\nSupplicant Backend state={}\n",
                self.periods.held,
                self.periods.auth,
                self.periods.start,
                self.periods.max_start,
                self.port_control.name(),
                self.backend.name(),
            ));
        }
        out + &self.peer.status(verbose)
    }
}
