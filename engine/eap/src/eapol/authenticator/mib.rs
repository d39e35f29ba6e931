//! The lines of the access point's STA and MIB commands about a station's port.

use super::{Authenticator, Backend, Pae, PortControl};
use wpasim_wire::eap::{EXPANDED, EapType};
use wpasim_wire::time::Instant;

/// The values of the owner for the lines about the session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StationMib {
    pub aid: u16,
    pub session_id: u64,
    /// 0 if there is none.
    pub multi_session_id: u64,
    pub session_seconds: u32,
    /// Whether the station's key management is IEEE 802.1X.
    pub ieee8021x: bool,
}

impl Pae {
    fn name(self) -> &'static str {
        match self {
            Pae::Initialize => "INITIALIZE",
            Pae::Disconnected => "DISCONNECTED",
            Pae::Connecting => "CONNECTING",
            Pae::Authenticating => "AUTHENTICATING",
            Pae::Authenticated => "AUTHENTICATED",
            Pae::Aborting => "ABORTING",
            Pae::Held => "HELD",
            Pae::ForceAuth => "FORCE_AUTH",
            Pae::ForceUnauth => "FORCE_UNAUTH",
            Pae::Restart => "RESTART",
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
            Backend::Ignore => "IGNORE",
        }
    }
}

fn flag(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// The name of a Type octet, as hostapd's list of methods has it.
fn type_name(octet: u8) -> &'static str {
    match octet {
        EXPANDED => "expanded",
        octet => crate::method_name(EapType::ietf(octet.into())),
    }
}

impl Authenticator {
    /// The dot1x lines of STA and MIB.
    pub fn mib(&self, station: &StationMib) -> String {
        self.config_mib(station.aid)
            + &self.statistics_mib()
            + &self.diagnostics_mib()
            + &self.session_mib(station)
    }

    fn config_mib(&self, aid: u16) -> String {
        // PortTypes of IEEE 802.1X-2004: 1 force unauthorized, 2 auto, 3 force authorized.
        let control = match self.port_control {
            PortControl::ForceUnauthorized => 1,
            PortControl::ForceAuthorized => 3,
            PortControl::Auto => 2,
        };
        format!(
            "dot1xPaePortNumber={aid}\ndot1xPaePortProtocolVersion=2\ndot1xPaePortCapabilities=1\n\
             dot1xPaePortInitialize={}\ndot1xPaePortReauthenticate=FALSE\ndot1xAuthPaeState={}\n\
             dot1xAuthBackendAuthState={}\ndot1xAuthAdminControlledDirections=0\n\
             dot1xAuthOperControlledDirections=0\ndot1xAuthAuthControlledPortStatus={}\n\
             dot1xAuthAuthControlledPortControl={control}\ndot1xAuthQuietPeriod={}\ndot1xAuthServerTimeout={}\n\
             dot1xAuthReAuthPeriod={}\ndot1xAuthReAuthEnabled={}\ndot1xAuthKeyTxEnabled=FALSE\n",
            u8::from(self.initialize),
            self.pae as u8 + 1,
            self.backend as u8 + 1,
            if self.authorized { 1 } else { 2 },
            self.quiet_period,
            self.server_timeout,
            self.reauth_period,
            flag(self.reauth_period > 0),
        )
    }

    fn statistics_mib(&self) -> String {
        let s = &self.statistics;
        format!(
            "dot1xAuthEapolFramesRx={}\ndot1xAuthEapolFramesTx={}\ndot1xAuthEapolStartFramesRx={}\n\
             dot1xAuthEapolLogoffFramesRx={}\ndot1xAuthEapolRespIdFramesRx=0\ndot1xAuthEapolRespFramesRx={}\n\
             dot1xAuthEapolReqIdFramesTx={}\ndot1xAuthEapolReqFramesTx={}\ndot1xAuthInvalidEapolFramesRx={}\n\
             dot1xAuthEapLengthErrorFramesRx={}\ndot1xAuthLastEapolFrameVersion={}\n\
             dot1xAuthLastEapolFrameSource={}\n",
            s.frames_rx,
            s.frames_tx,
            s.start_frames_rx,
            s.logoff_frames_rx,
            s.resp_frames_rx,
            s.req_id_frames_tx,
            s.req_frames_tx,
            s.invalid_frames_rx,
            s.length_error_frames_rx,
            s.last_frame_version,
            self.addr,
        )
    }

    fn diagnostics_mib(&self) -> String {
        let s = &self.statistics;
        format!(
            "dot1xAuthEntersConnecting={}\ndot1xAuthEapLogoffsWhileConnecting={}\n\
             dot1xAuthEntersAuthenticating=0\ndot1xAuthAuthSuccessesWhileAuthenticating={}\n\
             dot1xAuthAuthTimeoutsWhileAuthenticating={}\ndot1xAuthAuthFailWhileAuthenticating={}\n\
             dot1xAuthAuthEapStartsWhileAuthenticating={}\ndot1xAuthAuthEapLogoffWhileAuthenticating={}\n\
             dot1xAuthAuthReauthsWhileAuthenticated={}\ndot1xAuthAuthEapStartsWhileAuthenticated={}\n\
             dot1xAuthAuthEapLogoffWhileAuthenticated={}\ndot1xAuthBackendResponses={}\n\
             dot1xAuthBackendAccessChallenges={}\ndot1xAuthBackendOtherRequestsToSupplicant={}\n\
             dot1xAuthBackendAuthSuccesses={}\ndot1xAuthBackendAuthFails={}\n",
            s.enters_connecting,
            s.logoffs_while_connecting,
            s.successes_while_authenticating,
            s.timeouts_while_authenticating,
            s.fails_while_authenticating,
            s.starts_while_authenticating,
            s.logoffs_while_authenticating,
            s.reauths_while_authenticated,
            s.starts_while_authenticated,
            s.logoffs_while_authenticated,
            s.responses,
            s.access_challenges,
            s.other_requests,
            s.auth_successes,
            s.auth_fails,
        )
    }

    fn session_mib(&self, station: &StationMib) -> String {
        let identity = self.identity().map_or("N/A".into(), String::from_utf8_lossy);
        // 2.10 prints a name as a C string.
        let identity = identity.split('\0').next().unwrap_or_default();
        let mut out = format!(
            "dot1xAuthSessionId={:016X}\ndot1xAuthSessionAuthenticMethod={}\ndot1xAuthSessionTime={}\n\
             dot1xAuthSessionTerminateCause=999\ndot1xAuthSessionUserName={identity}\n",
            station.session_id,
            if station.ieee8021x { 1 } else { 2 },
            station.session_seconds,
        );
        if station.multi_session_id != 0 {
            out.push_str(&format!("authMultiSessionId={:016X}\n", station.multi_session_id));
        }
        // The server is never a remote one, whose types are the first line's.
        out.push_str(&format!("last_eap_type_as=0 ({})\n", type_name(0)));
        out.push_str(&format!(
            "last_eap_type_sta={} ({})\n",
            self.type_of_station,
            type_name(self.type_of_station)
        ));
        out
    }

    /// The state machines' variables, for `STA <addr> eapol`.
    pub fn dump(&mut self, now: Instant) -> String {
        self.count(now);
        let port = &self.port;
        let status = if self.authorized { "Authorized" } else { "Unauthorized" };
        format!(
            "aWhile={}\nquietWhile={}\nreAuthWhen={}\nauthAbort={}\nauthFail={}\nauthPortStatus={status}\n\
             authStart={}\nauthTimeout={}\nauthSuccess={}\neapFail={}\neapolEap={}\neapSuccess={}\neapTimeout={}\n\
             initialize={}\nkeyAvailable={}\nkeyDone=FALSE\nkeyRun={}\nkeyTxEnabled=FALSE\nportControl={}\n\
             portEnabled={}\nportValid={}\nreAuthenticate={}\n",
            self.a_while,
            self.quiet_while,
            self.reauth_when,
            flag(self.auth_abort),
            flag(self.auth_fail),
            flag(self.auth_start),
            flag(self.auth_timeout),
            flag(self.auth_success),
            flag(port.eap_fail),
            flag(self.eapol_eap),
            flag(port.eap_success),
            flag(port.eap_timeout),
            flag(self.initialize),
            flag(port.key_available),
            flag(self.key_run),
            self.port_control.name(),
            flag(port.port_enabled),
            flag(self.port_valid),
            flag(self.reauthenticate),
        ) + &self.dump_pae()
            + &self.dump_backend()
    }

    fn dump_pae(&self) -> String {
        let (s, port) = (&self.statistics, &self.port);
        format!(
            "auth_pae_state={}\neapolLogoff={}\neapolStart={}\neapRestart={}\nportMode={}\nreAuthCount={}\n\
             quietPeriod={}\nreAuthMax={}\nauthEntersConnecting={}\nauthEapLogoffsWhileConnecting={}\n\
             authEntersAuthenticating=0\nauthAuthSuccessesWhileAuthenticating={}\n\
             authAuthTimeoutsWhileAuthenticating={}\nauthAuthFailWhileAuthenticating={}\n\
             authAuthEapStartsWhileAuthenticating={}\nauthAuthEapLogoffWhileAuthenticating={}\n\
             authAuthReauthsWhileAuthenticated={}\nauthAuthEapStartsWhileAuthenticated={}\n\
             authAuthEapLogoffWhileAuthenticated={}\n",
            self.pae.name(),
            flag(self.eapol_logoff),
            flag(self.eapol_start),
            flag(port.eap_restart),
            self.port_mode.name(),
            self.reauth_count,
            self.quiet_period,
            super::REAUTH_MAX,
            s.enters_connecting,
            s.logoffs_while_connecting,
            s.successes_while_authenticating,
            s.timeouts_while_authenticating,
            s.fails_while_authenticating,
            s.starts_while_authenticating,
            s.logoffs_while_authenticating,
            s.reauths_while_authenticated,
            s.starts_while_authenticated,
            s.logoffs_while_authenticated,
        )
    }

    fn dump_backend(&self) -> String {
        let (s, port) = (&self.statistics, &self.port);
        let reauth = if self.reauth_due { "REAUTHENTICATE" } else { "INITIALIZE" };
        format!(
            "be_auth_state={}\neapNoReq={}\neapReq={}\neapResp={}\nserverTimeout={}\nbackendResponses={}\n\
             backendAccessChallenges={}\nbackendOtherRequestsToSupplicant={}\nbackendAuthSuccesses={}\n\
             backendAuthFails={}\nreauth_timer_state={reauth}\nreAuthPeriod={}\nreAuthEnabled={}\n\
             auth_key_tx_state=NO_KEY_TRANSMIT\nkey_rx_state=NO_KEY_RECEIVE\nrxKey=FALSE\n\
             ctrl_dir_state=FORCE_BOTH\nadminControlledDirections=Both\noperControlledDirections=Both\n\
             operEdge=FALSE\n",
            self.backend.name(),
            flag(port.eap_no_req),
            flag(port.eap_req),
            flag(port.eap_resp),
            self.server_timeout,
            s.responses,
            s.access_challenges,
            s.other_requests,
            s.auth_successes,
            s.auth_fails,
            self.reauth_period,
            flag(self.reauth_period > 0),
        )
    }
}
