//! The port access entity of a station's link: what it is told, and what it wants done.

use crate::config::keys::network;
use wpasim_wire::driver::DriverRequest;
use wpasim_wire::time::Duration;
use wpasim_wire::wsc::rf_band;

use crate::config::Network;
use crate::config::words::key_mgmt;
use crate::eap::MethodContext;
use crate::eap::peer::PeerConfig;
use crate::eapol::supplicant::{Action, EapolResult, PortConfig};
use crate::eapol::{self, PortControl};
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};

/// A failed authentication is not waited out.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// To the end of the handshake, from its first frame.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// To the end of EAP and the handshake, from the first frame.
const EAP_TIMEOUT: Duration = Duration::from_secs(70);

impl Interface {
    /// Tells the port something, and carries out what comes of it.
    pub(crate) fn with_pae<R>(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        tell: impl FnOnce(&mut eapol::Supplicant, &mut MethodContext<'_>) -> R,
    ) -> R {
        self.wps.machine_mut().rf_band = rf_band::of_frequency(self.link.freq());
        let mut method_cx = MethodContext::with_wps(cx.now, self.wps.machine_mut());
        let result = tell(self.security.pae_mut(), &mut method_cx);
        self.run_pae(cx);
        result
    }

    fn run_pae(&mut self, cx: &mut InterfaceContext<'_>) {
        while let Some(action) = self.security.pae_mut().take_action() {
            self.pae_action(cx, action);
        }
        self.timers.follow(Timer::Eapol, self.security.pae().next_timeout());
    }

    fn pae_action(&mut self, cx: &mut InterfaceContext<'_>, action: Action) {
        match action {
            Action::Send(frame) => self.send_eapol(frame),
            Action::Msg(level, line) => self.msg(level, &line),
            Action::Wps(event) => self.on_wps_event(cx, event),
            Action::Result(result) => self.eapol_result(cx, result),
            Action::Authorized(authorized) => {
                if self.ap.is_none() {
                    self.driver(DriverRequest::SetPort { authorized });
                }
            }
            // Without a PMKSA cache and without dynamic WEP keys nobody waits for these.
            Action::CachedPmkRefused | Action::Done => {}
        }
    }

    /// Sends an EAPOL frame. With PSK and without keys there is nobody who would listen.
    //= hostap@2.10 wpa_supplicant/wpas_glue.c#wpa_supplicant_eapol_send
    fn send_eapol(&mut self, frame: Vec<u8>) {
        if !self.uses_eap() || self.link.bssid().is_zero() {
            return;
        }
        let no_encrypt = !self.security.rsn().has_installed_ptk();
        self.send_or_tell_eapol(self.link.bssid(), frame, no_encrypt);
    }

    /// Handles the end of an 802.1X authentication.
    //= hostap@2.10 wpa_supplicant/wpas_glue.c#wpa_supplicant_eapol_cb
    fn eapol_result(&mut self, cx: &mut InterfaceContext<'_>, result: EapolResult) {
        if self.on_eapol_result(cx) {
            return;
        }
        if result != EapolResult::Success {
            self.timers.set(Timer::AuthTimeout, cx.now + AFTER_FAILURE);
        }
    }

    /// The port's timer.
    pub(crate) fn eapol_timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        self.with_pae(cx, |pae, cx| pae.timeout(cx));
    }

    /// The block of this or of the last connection changes or goes: what EAP kept of it goes too.
    pub(crate) fn forget_eap_session(&mut self, cx: &mut InterfaceContext<'_>, network: i32) {
        if self.link.network().is_none_or(|current| current == network) {
            self.forget_every_eap_session(cx);
        }
    }

    /// Makes the EAP methods forget what they kept for a faster authentication.
    //= hostap@2.10 src/eapol_supp/eapol_supp_sm.c#eapol_sm_invalidate_cached_session
    pub(crate) fn forget_every_eap_session(&mut self, cx: &mut InterfaceContext<'_>) {
        self.with_pae(cx, |pae, cx| pae.invalidate_cached_session(cx));
    }

    /// Whether the connection is authenticated with EAP.
    pub(crate) fn uses_eap(&self) -> bool {
        const EAP: u32 = key_mgmt::ANY_8021X | key_mgmt::IEEE8021X_NO_WPA | key_mgmt::WPS;
        self.link.suites().is_some_and(|s| s.akm.0 & EAP != 0)
    }

    /// Whether STATUS shows the port: with IEEE 802.1X, but not with WPS.
    pub(crate) fn shows_port(&self) -> bool {
        self.uses_eap() && self.link.suites().is_some_and(|s| s.akm.0 & key_mgmt::WPS == 0)
    }

    /// Configures the port access entity for the connection that is about to be tried.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_initiate_eapol
    pub(super) fn initiate_eapol(&mut self, cx: &mut InterfaceContext<'_>, network: &Network) {
        let akm = self.link.suites().map_or(0, |s| s.akm.0);
        let open = akm & (key_mgmt::NONE | key_mgmt::WPA_NONE) != 0;
        let control = if open { PortControl::ForceAuthorized } else { PortControl::Auto };
        let wps = akm & key_mgmt::WPS != 0;
        let config = PortConfig {
            plaintext: akm & key_mgmt::IEEE8021X_NO_WPA != 0 && network.int(network::EAPOL_FLAGS) & 3 == 0,
            workaround: network.int(network::EAP_WORKAROUND) != 0,
            eap_disabled: !self.uses_eap(),
            wps,
            wps20_ap: wps && self.is_with_wps_2(),
        };
        let eap = peer_config(network);
        self.with_pae(cx, |pae, cx| {
            pae.notify_eap_success(cx, false);
            pae.notify_eap_fail(cx, false);
            pae.notify_port_control(cx, control);
            pae.notify_config(Some(eap), Some(config));
        });
    }

    /// There is a new link: the port begins anew.
    pub(super) fn port_enabled(&mut self, cx: &mut InterfaceContext<'_>) {
        self.security.port_is_enabled();
        self.port_down(cx);
        self.with_pae(cx, |pae, cx| pae.notify_port_enabled(cx, true));
    }

    /// The link ended.
    pub(super) fn port_disabled(&mut self, cx: &mut InterfaceContext<'_>) {
        self.port_down(cx);
        self.security.pae_mut().notify_config(None, None);
    }

    fn port_down(&mut self, cx: &mut InterfaceContext<'_>) {
        let psk = self.uses_psk();
        self.with_pae(cx, |pae, cx| {
            pae.notify_port_enabled(cx, false);
            pae.notify_port_valid(cx, false);
            if psk {
                pae.notify_eap_success(cx, false);
            }
        });
    }

    /// The handshake gave the link its keys.
    pub(super) fn port_has_keys(&mut self, cx: &mut InterfaceContext<'_>) {
        let psk = self.uses_psk();
        self.with_pae(cx, |pae, cx| {
            pae.notify_port_valid(cx, true);
            if psk {
                pae.notify_eap_success(cx, true);
            }
        });
    }

    fn uses_psk(&self) -> bool {
        self.link.suites().is_some_and(|s| s.akm.0 & key_mgmt::ANY_PSK != 0)
    }

    /// With the first frame of the authenticator the time for all of it begins.
    pub(super) fn note_eapol_received(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.security.eapol_arrives() {
            let patience =
                if self.uses_eap() && !self.is_unexpected() { EAP_TIMEOUT } else { HANDSHAKE_TIMEOUT };
            self.timers.set(Timer::AuthTimeout, cx.now + patience);
        }
    }
}

/// Returns the settings of a network about EAP.
fn peer_config(network: &Network) -> PeerConfig {
    let octets = |key| network.text(key).map(<[u8]>::to_vec);
    let methods = network.methods(network::EAP);
    PeerConfig {
        identity: octets(network::IDENTITY),
        anonymous_identity: octets(network::ANONYMOUS_IDENTITY),
        methods: methods.map(|names| names.iter().filter_map(|n| crate::eap::method_of_name(n)).collect()),
        phase1: octets(network::PHASE1),
        fragment_size: usize::try_from(network.int(network::FRAGMENT_SIZE)).unwrap_or(0),
    }
}
