//! The access point: a BSS with its stations, as hostapd 2.10 runs one over a driver that leaves the
//! management frames to user space. It serves a stand-alone hostapd and mode=2 of a supplicant.
//!
//! Sans-IO: [`AccessPoint::handle`] takes what the driver says, [`AccessPoint::take_actions`] gives
//! what is to be done and said.

mod advertised;
mod assoc;
mod auth;
mod config;
mod controlled_port;
mod elements;
mod group;
pub mod ht40;
mod invariant;
mod leave;
mod lifecycle;
mod overlap;
mod port;
mod probe;
mod station;
mod switch;
mod text;
mod tkip;
mod wps;
mod wps_config;

pub use advertised::{Advertised, Interworking};
pub use config::{AccessCategory, ApConfig, HtConfig, HwMode, Ignored, RadioLimits};
pub use group::GroupSignal;
pub use lifecycle::ShutDown;
pub use station::Station;
pub use switch::SwitchSettings;
pub(crate) use switch::channel_text;
pub use wps::PbcRefusal;
pub use wps_config::WpsConfig;

use crate::entropy::{Entropy, Stream};
use crate::rsn::Level;
use crate::rsn::authenticator::{AuthAction, Authenticator, Moment};
use crate::wire::MacAddr;
use crate::wire::driver::{
    DriverEvent, DriverRequest, DriverView, IfId, KeyScope, OperatingChannel, Refused,
};
use crate::wire::eapol::packet_type;
use crate::wire::ieee80211::{MgmtBody, MgmtFrame};
use crate::wire::time::{Duration, Instant};
use crate::wire::wsc::Credential;
use crate::wps::Wps;
use crate::{PskSource, Secret};
use station::{Counts, Flags};
use std::collections::BTreeMap;
use wpasim_runtime::deadlines::Deadlines;

/// An action that the access point wants done or a message that it wants told, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApAction {
    Driver(DriverRequest),
    /// An event for the control interface's monitors: `AP-STA-CONNECTED …`.
    Event(Level, String),
    /// A received probe request that is answered; hostapd tells only monitors that asked for these.
    ProbeRequestEvent(String),
    /// An enrollee needs a PIN: a line for the file of such requests (`wps_pin_requests`), without its
    /// time.
    PinRequest(String),
    /// An enrollee was given a key of its own, for `wpa_psk_file`.
    NewPsk {
        addr: MacAddr,
        psk: [u8; 32],
    },
    /// New settings for the configuration file.
    NewSettings(Box<Credential>),
    /// The configuration file is to be read again.
    ReloadSettings,
    /// The BSS operates on another channel.
    ChannelChanged(OperatingChannel),
    /// The driver gave up the BSS instead of switching its channel: it is to begin anew there.
    RestartOn(OperatingChannel),
    Secret(Secret),
    /// The BSS is a P2P group, and something happened that is about it.
    Group(GroupSignal),
}

/// The time of a call and what may be read while it is handled.
#[derive(Clone, Copy)]
pub struct ApContext<'a> {
    pub now: Instant,
    pub driver: &'a dyn DriverView,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    /// The end of a station's inactivity time, or the next step of its leave.
    //= hostap@2.10 src/ap/sta_info.c#ap_handle_timer
    Handle(MacAddr),
    /// A deauthentication's transmit status did not come.
    DeauthStatus(MacAddr),
    /// A disassociation's transmit status did not come.
    DisassocStatus(MacAddr),
    /// TKIP countermeasures end.
    Countermeasures,
    /// EAP failed: the station is disconnected.
    AfterEapFailure(MacAddr),
    /// The machines of a station's port asked for it.
    Port(MacAddr),
    /// After wrong guesses, the AP PIN counts again.
    UnlockApSetup,
    /// The AP PIN's time is over.
    ApPinEnds,
    /// New settings are taken up.
    ReloadSettings,
    /// Neighbours that are gone are looked for.
    Neighbors,
    /// The BSS Load element is told anew.
    BssLoad,
}

/// The states in the life of a BSS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApState {
    Uninitialized,
    Enabled,
    Disabled,
}

/// Cookies of the access point's frames, apart from those of other users of the same interface.
const FIRST_COOKIE: u64 = 0x4150_0000_0000;

/// A BSS.
#[derive(Debug)]
pub struct AccessPoint {
    iface: IfId,
    addr: MacAddr,
    config: ApConfig,
    entropy: Entropy,
    random: Stream,
    state: ApState,
    /// STOP_AP: the driver does not beacon, whatever the state.
    stopped: bool,
    /// The BSS ends: its stations go without a word to the driver, which forgets them with it.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_disable_iface
    tearing_down: bool,
    auth: Option<Authenticator>,
    stations: BTreeMap<MacAddr, Station>,
    /// Stations by the order in which they came.
    order: BTreeMap<u64, MacAddr>,
    came: u64,
    /// Association identifiers in use, one bit each.
    aids: Vec<u64>,
    counts: Counts,
    overlap: overlap::Overlap,
    timers: Deadlines<Timer>,
    cookie: u64,
    starts: u32,
    tells_handshakes: bool,
    michael: tkip::MichaelFailures,
    ports_opened: u64,
    /// EAPOL frames are told instead of sent.
    external_eapol: bool,
    wps: Option<Box<Wps>>,
    wps_elements: wps::WpsElements,
    wps_statistics: wps::WpsStatistics,
    ap_pin_failures: wps::ApPinFailures,
    group: Option<Box<crate::p2p::Group>>,
    /// A channel switch that is announced.
    switch: Option<SwitchSettings>,
    /// HT as it was before a channel switch ended its use.
    ht_before: Option<HtConfig>,
    /// The share of the time in which the channel was busy, of 255.
    channel_utilization: u8,
    /// Draws which requests a build for tests ignores.
    ignoring: wpasim_runtime::drand48::Drand48,
    /// The date and time at which it was first started.
    began_at: chrono::DateTime<chrono::Utc>,
    actions: Vec<ApAction>,
}

impl AccessPoint {
    /// Nothing is started yet.
    pub fn new(iface: IfId, addr: MacAddr, config: ApConfig, entropy: &Entropy) -> Self {
        AccessPoint {
            iface,
            addr,
            config,
            entropy: entropy.clone(),
            random: entropy.stream("ap"),
            state: ApState::Uninitialized,
            auth: None,
            stations: BTreeMap::new(),
            order: BTreeMap::new(),
            came: 0,
            aids: Vec::new(),
            counts: Counts::default(),
            overlap: Default::default(),
            timers: Deadlines::default(),
            cookie: FIRST_COOKIE,
            starts: 0,
            tells_handshakes: true,
            michael: tkip::MichaelFailures::default(),
            ports_opened: 0,
            external_eapol: false,
            wps: None,
            wps_elements: Default::default(),
            wps_statistics: Default::default(),
            ap_pin_failures: Default::default(),
            group: None,
            stopped: false,
            tearing_down: false,
            switch: None,
            ht_before: None,
            channel_utilization: 0,
            ignoring: Default::default(),
            began_at: Default::default(),
            actions: Vec::new(),
        }
    }

    /// The configuration in force.
    pub fn config(&self) -> &ApConfig {
        &self.config
    }

    /// For the next start; some values (limits, timeouts, pre-shared keys) count at once.
    pub fn config_mut(&mut self) -> &mut ApConfig {
        &mut self.config
    }

    /// The states in the life of a BSS.
    pub fn state(&self) -> ApState {
        self.state
    }

    /// Returns the PMKSA cache of the authenticator, if there is one. Without IEEE 802.1X it has no entries.
    //= hostap@2.10 src/ap/pmksa_cache_auth.c#pmksa_cache_auth_list
    pub fn pmksa_list(&self) -> &'static str {
        match self.config.security {
            Some(_) => "Index / SPA / PMKID / expiration (in seconds) / opportunistic\n",
            None => "",
        }
    }

    /// Our address, the BSSID.
    pub fn addr(&self) -> MacAddr {
        self.addr
    }

    /// Returns the number of stations, associated or not.
    pub fn station_count(&self) -> usize {
        self.stations.len()
    }

    /// The actions since the last call, oldest first.
    pub fn take_actions(&mut self) -> Vec<ApAction> {
        core::mem::take(&mut self.actions)
    }

    /// Returns the time at which [`AccessPoint::timeout`] wants to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        let rsn = self.auth.as_ref().and_then(Authenticator::next_timeout);
        let wps = self.wps.as_ref().and_then(|wps| wps.next_timeout());
        [self.timers.next(), rsn, wps].into_iter().flatten().min()
    }

    /// Does whatever is due. Harmless if nothing is.
    pub fn timeout(&mut self, cx: ApContext<'_>) {
        while let Some(timer) = self.timers.take_due(cx.now) {
            match timer {
                Timer::Handle(addr) => self.handle_timer(cx, addr),
                Timer::DeauthStatus(addr) | Timer::DisassocStatus(addr) => self.remove_from_driver(addr),
                Timer::Countermeasures => self.end_countermeasures(),
                Timer::AfterEapFailure(addr) => self.disconnect_after_failure(cx, addr),
                Timer::Port(addr) => self.with_port(cx, addr, |machine, mcx| machine.timeout(mcx)),
                Timer::UnlockApSetup => self.lock_is_over(cx),
                Timer::ApPinEnds => self.ap_pin_ends(),
                Timer::ReloadSettings => self.reload_settings(),
                Timer::Neighbors => self.forget_gone_neighbors(cx),
                Timer::BssLoad => self.update_load(cx.now),
            }
        }
        self.with_wps(cx, |wps| wps.timeout(cx.now));
        self.with_auth(cx, |auth, moment| auth.timeout(moment));
    }

    /// An event of the driver. Whether it concerned the access point.
    pub fn handle(&mut self, cx: ApContext<'_>, event: &DriverEvent) -> bool {
        match event {
            DriverEvent::RxMgmt { frame, freq, signal_dbm } => self.rx_mgmt(cx, frame, *freq, *signal_dbm),
            DriverEvent::MgmtTxStatus { frame, ack, .. } => self.mgmt_tx_status(cx, frame, *ack),
            DriverEvent::RxEapol { src, frame, .. } => self.rx_eapol(cx, *src, frame),
            DriverEvent::EapolTxStatus { dest, ack, frame, .. } => {
                self.eap_sent(cx, *dest, frame, *ack);
                if frame.get(1) == Some(&packet_type::KEY) {
                    self.with_auth(cx, |auth, moment| auth.eapol_tx_status(moment, *dest, *ack));
                }
            }
            DriverEvent::UnexpectedFrame { addr, .. } => self.rx_from_unknown(*addr),
            DriverEvent::MichaelMicFailure { addr, .. } => self.michael_failure(cx, *addr, true),
            DriverEvent::ClientAcknowledged { addr } => self.poll_acknowledged(*addr),
            DriverEvent::StationSmps { addr, dynamic } => {
                let mode = if *dynamic { "dynamic" } else { "off" };
                self.event(format!("STA-OPMODE-SMPS-MODE-CHANGED {addr} {mode}"));
            }
            DriverEvent::StationLowAck { addr } => self.low_ack(cx, *addr),
            DriverEvent::ApStopped => self.interface_went_down(cx),
            DriverEvent::ApUnavailable => self.switch_failed(),
            DriverEvent::ChannelSwitchStarted { channel } => self.switch_started(*channel),
            DriverEvent::ChannelSwitch { channel } => self.switch_finished(*channel),
            DriverEvent::Refused { request: Refused::SwitchChannel, .. } => self.switch = None,
            DriverEvent::RxData { .. } => {}
            _ => return false,
        }
        true
    }

    fn rx_mgmt(&mut self, cx: ApContext<'_>, frame: &[u8], freq: u32, signal_dbm: i32) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let h = &frame.header;
        let usable_source = !h.sa.is_group() && !h.sa.is_zero() && h.sa != self.addr;
        if let MgmtBody::Beacon { ies, .. } = &frame.body
            && usable_source
        {
            return self.neighbor_beacon(cx, h.bssid, ies, freq);
        }
        if !usable_source || !(h.bssid.is_broadcast() || h.bssid == self.addr) {
            return;
        }
        if self.state != ApState::Enabled {
            return;
        }
        if let MgmtBody::ProbeRequest { ies } = &frame.body {
            return self.probe_request(cx, &frame.header, ies, signal_dbm);
        }
        if h.da != self.addr {
            return;
        }
        match &frame.body {
            MgmtBody::Authentication { .. } => self.authentication(cx, &frame, signal_dbm),
            MgmtBody::AssocRequest { .. } | MgmtBody::ReassocRequest { .. } => {
                self.association(&frame, signal_dbm)
            }
            MgmtBody::Disassociation { .. } => self.disassociated_by_station(cx, h.sa),
            MgmtBody::Deauthentication { .. } => self.deauthenticated_by_station(cx, h.sa),
            _ => {}
        }
    }

    fn mgmt_tx_status(&mut self, cx: ApContext<'_>, frame: &[u8], acknowledged: bool) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let to = frame.header.da;
        match &frame.body {
            MgmtBody::Authentication { algorithm, transaction, status, .. } => {
                self.authentication_sent(to, (*algorithm, *transaction, *status), acknowledged);
            }
            MgmtBody::AssocResponse { status, .. } | MgmtBody::ReassocResponse { status, .. } => {
                self.association_sent(cx, to, *status, acknowledged);
            }
            MgmtBody::Deauthentication { .. } => self.leave_frame_sent(to, Flags::PENDING_DEAUTH_CB),
            MgmtBody::Disassociation { .. } => self.leave_frame_sent(to, Flags::PENDING_DISASSOC_CB),
            _ => {}
        }
    }

    /// An EAPOL frame of an associated station; one that comes before the association response's
    /// transmit status waits for it.
    fn rx_eapol(&mut self, cx: ApContext<'_>, src: MacAddr, frame: &[u8]) {
        let Some(station) = self.stations.get_mut(&src) else { return };
        if !station.flags.has(Flags::ASSOC) {
            if station.flags.has(Flags::AUTH) {
                station.early_eapol = Some((cx.now, frame.to_vec()));
            }
            return;
        }
        if !port::is_key_frame(frame) {
            return self.rx_eap(cx, src, frame);
        }
        self.with_port(cx, src, |machine, mcx| {
            machine.rx(mcx, frame);
        });
        self.with_auth(cx, |auth, moment| {
            // A peer's fault changes nothing here; its frame is dropped.
            let _ = auth.rx_eapol(moment, src, frame);
        });
    }

    /// Derives keys that stations wait for, up to a bound; [`AccessPoint::next_timeout`] is now while more are left.
    pub fn derive_psks(&mut self, cx: ApContext<'_>, source: &dyn PskSource) {
        self.with_auth(cx, |auth, moment| auth.derive_psks(moment, source));
    }

    /// Returns whether keys are left to be derived that a station waits for.
    pub fn is_deriving_psks(&self) -> bool {
        self.auth.as_ref().is_some_and(Authenticator::is_deriving_psks)
    }

    /// Runs something on the authenticator and does what it asks for.
    fn with_auth(&mut self, cx: ApContext<'_>, run: impl FnOnce(&mut Authenticator, &Moment<'_>)) {
        let Some(auth) = &mut self.auth else { return };
        let iface = self.iface;
        let group_seq = |index| cx.driver.key_seq(iface, index);
        run(auth, &Moment { now: cx.now, group_seq: &group_seq });
        loop {
            let Some(auth) = &mut self.auth else { return };
            let actions = auth.take_actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.do_auth_action(cx, action);
            }
        }
    }

    fn do_auth_action(&mut self, cx: ApContext<'_>, action: AuthAction) {
        match action {
            AuthAction::Send { dest, frame, encrypt } => {
                self.send_or_tell_eapol(dest, frame, !encrypt);
            }
            AuthAction::NewKey(key) => self.request(DriverRequest::NewKey(key)),
            AuthAction::RemovePairwiseKey { addr } => {
                self.request(DriverRequest::DelKey { scope: KeyScope::Pairwise(addr), index: 0 });
            }
            AuthAction::SetAuthorized { addr, authorized } => {
                self.set_authorized(cx.now, addr, authorized);
                self.tell_driver_authorization(addr);
            }
            AuthAction::Disconnect { addr, reason } => self.disconnect(cx, addr, reason),
            AuthAction::HandshakeCompleted { addr } => {
                if self.tells_handshakes {
                    self.event(format!("EAPOL-4WAY-HS-COMPLETED {addr}"));
                }
            }
            AuthAction::PossiblePskMismatch { addr } => {
                self.event(format!("AP-STA-POSSIBLE-PSK-MISMATCH {addr}"));
            }
            AuthAction::MichaelFailureReport { addr } => self.michael_failure(cx, addr, false),
            AuthAction::Secret(secret) => self.actions.push(ApAction::Secret(secret)),
        }
    }

    fn request(&mut self, request: DriverRequest) {
        self.actions.push(ApAction::Driver(request));
    }

    fn event(&mut self, text: String) {
        self.actions.push(ApAction::Event(Level::Info, text));
    }

    /// SET ext_eapol_frame_io of the control interface.
    pub fn tell_eapol_instead(&mut self, on: bool) {
        self.external_eapol = on;
    }

    fn send_or_tell_eapol(&mut self, dest: MacAddr, frame: Vec<u8>, no_encrypt: bool) {
        if self.external_eapol {
            return self.event(format!("EAPOL-TX {dest} {}", crate::config::text::hex(&frame)));
        }
        let cookie = self.next_cookie();
        self.request(DriverRequest::TxEapol { dest, frame, no_encrypt, cookie });
    }

    fn next_cookie(&mut self) -> u64 {
        self.cookie += 1;
        self.cookie
    }

    /// Sends a management frame on the operating channel.
    fn send_mgmt(&mut self, frame: &MgmtFrame, no_ack: bool) {
        let cookie = self.next_cookie();
        self.request(DriverRequest::TxMgmt {
            frame: frame.emit(),
            freq: 0,
            wait: Duration::ZERO,
            cookie,
            no_ack,
            no_cck: false,
        });
    }

    fn frame_to(&self, to: MacAddr, body: MgmtBody) -> MgmtFrame {
        MgmtFrame::new(to, self.addr, self.addr, body)
    }

    fn send_deauth(&mut self, to: MacAddr, reason: u16) {
        let frame = self.frame_to(to, MgmtBody::Deauthentication { reason, ies: Vec::new() });
        self.send_mgmt(&frame, false);
    }

    fn send_disassoc(&mut self, to: MacAddr, reason: u16) {
        let frame = self.frame_to(to, MgmtBody::Disassociation { reason, ies: Vec::new() });
        self.send_mgmt(&frame, false);
    }
}

#[cfg(test)]
mod tests;
