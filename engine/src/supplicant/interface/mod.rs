//! One interface of a supplicant: its whole state, its messages, and the changes of `wpa_state`.

pub(crate) mod manual_scan;
pub(crate) mod parts;
pub(crate) mod pmksa_entry;
pub(crate) mod test_frame;
pub(crate) mod work;

use crate::config::keys::{global, network};
use wpasim_wire::driver::{Channel, DriverRequest, IfId};
use wpasim_wire::mac::printf_encode;
use wpasim_wire::time::{Duration, Instant};

use crate::ap::AccessPoint;
use crate::bss::{BssTable, Change, InUse};
use crate::config::{Config, Refusals};
use crate::eap::MethodContext;
use crate::eapol;
use crate::entropy::{Entropy, Stream};
use crate::p2p::VendorElements;
use crate::rsn;
use crate::runtime::Level;
use crate::runtime::driver_state::DriverState;
use crate::runtime::log_level::LogLevel;
use crate::runtime::timers::{Order, Timers};
use crate::supplicant::p2p::{P2pWork, ProcessRequest, Shared};
use crate::supplicant::state::{ScanPurpose, WpaState};
use crate::supplicant::wps_settings;
use crate::{Env, InterfaceConfig, Output};
use parts::attempt::Attempt;
use parts::enrolling::Enrolling;
use parts::failures::Failures;
use parts::group::GroupState;
use parts::intent::Intent;
use parts::link::Link;
use parts::michael::Michael;
use parts::numbers::Numbers;
use parts::outbox::Outbox;
use parts::pmksa::PmksaCache;
use parts::radio::Radio;
use parts::scan::Scan;
use parts::scan_wishes::ScanWishes;
use parts::security::Security;
use parts::testing::Testing;
use parts::wps_device::WpsDevice;
use work::Work;

/// The time of an input and what may be read while it is handled.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub now: Instant,
    pub env: Env<'a>,
}

/// The context of an interface that runs: what its process lends it for the time of one call.
pub(crate) struct InterfaceContext<'a> {
    pub now: Instant,
    pub env: Env<'a>,
    /// The state of Wi-Fi Direct that the interfaces of a process share.
    pub shared: &'a mut Shared,
    /// The radio of the interface, which other interfaces of the process may use too.
    pub radio: &'a mut Radio,
}

/// Every timer of an interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Timer {
    /// The next scan, or what takes its place.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_scan
    Scan,
    /// The connection attempt takes too long (10 s to the first EAPOL frame, then per frame).
    AuthTimeout,
    /// No answer to an authentication request for 5 s.
    SmeAuth,
    /// No answer to an association request for 5 s.
    SmeAssoc,
    /// A temporarily disabled network may be used again.
    NetworkReenabled,
    /// An entry of the PMKSA cache expires.
    Pmksa,
    /// The access point wants to hear from us at least this often.
    KeepAlive,
    /// Every 10 s: old BSSs are removed.
    Periodic,
    /// The handshake machine asked for it (PTK rekey).
    Rsn,
    /// The port access entity asked for it.
    Eapol,
    /// The access point in mode=2 asked for it.
    Ap,
    /// A delayed report of a Michael failure.
    MichaelReport,
    /// TKIP countermeasures end.
    Countermeasures,
    /// The walk time of an enrolment is over.
    WpsTimeout,
    /// The rest of a failed enrolment is removed.
    WpsClear,
    /// Networks that rested for an enrolment count again.
    WpsReenable,
    /// The enrolment gave a credential; `fast`: results of the last scan will do.
    WpsAssociate { fast: bool },
    /// The bookkeeping of the WPS registrar asked for it.
    WpsRegistrar,
    /// Nobody uses the P2P group any more.
    GroupIdle,
    /// The handshake failed twice: the P2P group is left.
    GroupPskFailure,
    /// A removal of the P2P group that was asked for through the group's own socket.
    GroupRemoval,
    /// Two registrars are in push-button mode: the P2P group's formation fails.
    GroupOverlap,
    /// The owner of the P2P group moved: whether its channel may be used.
    ReconsiderMove,
}

/// An interface.
pub struct Interface {
    pub(crate) identity: InterfaceConfig,
    pub(crate) config: Config,
    pub(crate) entropy: Entropy,
    pub(crate) random: Stream,
    pub(crate) outbox: Outbox,
    pub(crate) timers: Timers<Timer>,

    pub(crate) link: Link,
    pub(crate) intent: Intent,
    pub(crate) log_level: LogLevel,
    pub(crate) failures: Failures,

    pub(crate) bss: BssTable,
    pub(crate) scan: Scan,
    pub(crate) scan_wishes: ScanWishes,
    pub(crate) attempt: Attempt,
    pub(crate) security: Security,
    pub(crate) michael: Michael,
    pub(crate) ap: Option<Box<AccessPoint>>,
    pub(crate) wps: Box<WpsDevice>,
    pub(crate) enrolling: Enrolling,
    pub(crate) p2p: Box<GroupState>,
    pub(crate) driver_state: DriverState,
    pub(crate) testing: Testing,
    pub(crate) pmksa: PmksaCache,
    pub(crate) vendor_elements: VendorElements,
    pub(crate) numbers: Numbers,
    pub(crate) terminating: bool,
}

/// The interval at which old BSSs are looked for.
const PERIODIC: Duration = Duration::from_secs(10);

impl Interface {
    pub(crate) fn new(identity: InterfaceConfig, entropy: Entropy, order: &Order) -> Self {
        let rsn = rsn::Supplicant::new(identity.addr, entropy.stream(&format!("{}/snonce", identity.ifname)));
        let random = entropy.stream(&format!("{}/random", identity.ifname));
        let wps = Box::new(WpsDevice::new(identity.addr, &entropy.derive(&identity.ifname)));
        Interface {
            random,
            security: Security::new(rsn, eapol::Supplicant::new(&mut MethodContext::new(Instant::ZERO))),
            entropy,
            config: Config::default(),
            outbox: Outbox::default(),
            timers: Timers::new(order),
            link: Link::default(),
            intent: Intent::default(),
            log_level: LogLevel::default(),
            failures: Failures::default(),
            bss: BssTable::default(),
            scan: Scan::default(),
            scan_wishes: ScanWishes::default(),
            attempt: Attempt::default(),
            michael: Michael::default(),
            ap: None,
            wps,
            enrolling: Enrolling::default(),
            p2p: Box::default(),
            driver_state: DriverState::default(),
            testing: Testing::default(),
            pmksa: PmksaCache::default(),
            vendor_elements: VendorElements::default(),
            numbers: Numbers::default(),
            terminating: false,
            identity,
        }
    }

    /// Reads the configuration and looks for a network, as the process does when it starts. A
    /// configuration that can't be read ends the process.
    pub(crate) fn start(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        match Config::read_to_begin(&self.identity.config_path, cx.env.files, cx.env.psk) {
            Ok(config) => self.config = config,
            Err(refusals) => {
                self.say_refusals(&refusals);
                return false;
            }
        }
        if wps_settings::has_label_and_display(&self.config.globals) {
            self.output(Output::Log(wps_settings::LABEL_AND_DISPLAY.to_owned()));
            return false;
        }
        self.start_with_config(cx);
        true
    }

    /// Says why a configuration is refused.
    pub(crate) fn say_refusals(&mut self, Refusals(refusals): &Refusals) {
        for line in refusals {
            self.output(Output::Log(line.to_string()));
        }
    }

    /// The same, with a configuration that is there.
    pub(crate) fn start_with_config(&mut self, cx: &mut InterfaceContext<'_>) {
        self.security.start(eapol::Supplicant::new(&mut MethodContext::new(cx.now)));
        self.apply_globals();
        self.ask_for_country();
        self.link.enter(WpaState::Inactive);
        self.timers.set(Timer::Periodic, cx.now + PERIODIC);
        self.scan.start();
        // A scan that comes without an enabled network, as after RESUME, is an initial one too.
        self.scan.plan(ScanPurpose::Initial);
        if self.has_enabled_networks() {
            self.intent.reassociate();
            self.request_scan(cx.now, Duration::from_micros(100_000));
            self.link.enter(WpaState::Disconnected);
            self.start_autoscan();
        } else {
            self.set_state(cx, WpaState::Inactive);
            self.link.enter(WpaState::Disconnected);
        }
    }

    /// Asks the driver for the regulatory domain of the configured country.
    pub(crate) fn ask_for_country(&mut self) {
        let country =
            self.config.globals.text(global::COUNTRY).and_then(|text| text.as_bytes().first_chunk());
        if let Some(country) = country.copied() {
            self.driver(DriverRequest::SetCountry(country));
        }
    }

    /// Copies what globals set into the machines that use them.
    pub(crate) fn apply_globals(&mut self) {
        self.wps.update(&self.config.globals, self.identity.addr);
        let defaults = rsn::RsnConfigMib::default();
        let g = &self.config.globals;
        self.security.pae_mut().eapol_version = g.int(global::EAPOL_VERSION) as u8;
        let take = |key, default: u32| match g.int(key) {
            0 => default,
            value => value as u32,
        };
        self.security.rsn_mut().mib_config = rsn::RsnConfigMib {
            pmk_lifetime: take(global::DOT11_RSNA_CONFIG_PMK_LIFETIME, defaults.pmk_lifetime),
            pmk_reauth_threshold: take(
                global::DOT11_RSNA_CONFIG_PMK_REAUTH_THRESHOLD,
                defaults.pmk_reauth_threshold,
            ),
            sa_timeout: take(global::DOT11_RSNA_CONFIG_SA_TIMEOUT, defaults.sa_timeout),
        };
    }

    /// The interface's number.
    pub fn id(&self) -> IfId {
        self.identity.id
    }

    /// Tells an event to whoever wants this level.
    pub(crate) fn msg(&mut self, level: Level, text: &str) {
        self.outbox.event(&self.identity.ifname, level, text);
    }

    /// Tells an event of the whole process: through the process-wide socket it has no name of an interface.
    pub(crate) fn msg_global(&mut self, level: Level, text: &str) {
        self.outbox.event_of_process(level, text);
    }

    /// Tells an event that the process-wide socket does not have.
    pub(crate) fn msg_no_global(&mut self, level: Level, text: &str) {
        self.outbox.event_of_interface(level, text);
    }

    /// Asks the process to do something.
    pub(crate) fn signal(&mut self, signal: ProcessRequest) {
        self.outbox.signal(signal);
    }

    /// Hands something to the outside.
    pub(crate) fn output(&mut self, output: Output) {
        self.outbox.push(output);
    }

    /// An event at level INFO.
    pub(crate) fn info(&mut self, text: &str) {
        self.msg(Level::Info, text);
    }

    /// A request to the driver.
    pub(crate) fn driver(&mut self, request: DriverRequest) {
        self.driver_state.requested(&request);
        self.output(Output::Driver { iface: self.identity.id, request });
    }

    /// A number for a frame whose transmission is to be reported.
    pub(crate) fn cookie(&mut self) -> u64 {
        self.numbers.cookie()
    }

    /// Changes the state of the connection, with the events and consequences of the change.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_set_state
    pub(crate) fn set_state(&mut self, cx: &mut InterfaceContext<'_>, state: WpaState) {
        let old = self.link.state();
        let line = format!("State: {old} -> {state}");
        self.msg(Level::Debug, &line);
        if state == WpaState::Completed {
            self.connect_work_done(cx);
        }
        if state != WpaState::Scanning {
            self.scan.scanning_ends();
        }
        if state == WpaState::Completed && self.link.is_new() {
            self.connected(cx);
        }
        self.link.enter(state);
        if state > WpaState::Scanning {
            self.stop_autoscan();
        } else if matches!(state, WpaState::Disconnected | WpaState::Inactive) {
            self.start_autoscan();
        }
        if state != old {
            self.on_state_changed(cx, old);
            self.sme_state_changed();
        }
    }

    fn connected(&mut self, cx: &mut InterfaceContext<'_>) {
        let (id, id_str) = match self.link.network().and_then(|id| self.config.network(id)) {
            Some(n) => {
                (n.id, String::from_utf8_lossy(n.text(network::ID_STR).unwrap_or_default()).into_owned())
            }
            None => (-1, String::new()),
        };
        let bssid = self.link.bssid();
        self.info(&format!(
            "CTRL-EVENT-CONNECTED - Connection to {bssid} completed [id={id} id_str={id_str}]"
        ));
        self.clear_temp_disabled(id, true);
        self.failures.attempts_count_anew();
        self.link.connection_is_reported();
        self.on_completed(cx);
    }

    /// Reports the changes of the BSS table.
    pub(crate) fn report_bss_changes(&mut self, cx: &mut InterfaceContext<'_>, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Added { id, bssid } => self.info(&format!("CTRL-EVENT-BSS-ADDED {id} {bssid}")),
                Change::Removed { id, bssid } => {
                    self.link.bss_is_removed(id);
                    let other = |w: &Work| !matches!(w, Work::Connect { bss, .. } if *bss == id);
                    cx.radio.retain_waiting(self.identity.id, other);
                    self.info(&format!("CTRL-EVENT-BSS-REMOVED {id} {bssid}"));
                }
            }
        }
    }

    /// Returns the BSSs that stay in the table because they are in use.
    pub(crate) fn bss_in_use(&self) -> InUse {
        self.link.in_use()
    }

    /// The channels of the radio.
    pub(crate) fn channels(&self, env: Env<'_>) -> Vec<Channel> {
        env.driver.channels(self.identity.id)
    }

    /// A network's SSID as messages print it.
    pub(crate) fn ssid_text(&self, id: i32) -> String {
        self.config
            .network(id)
            .map(|n| printf_encode(n.text(network::SSID).unwrap_or_default()))
            .unwrap_or_default()
    }

    /// Adds a work; it starts when the radio is free. Connections and action frames go before the rest.
    pub(crate) fn add_work(&mut self, cx: &mut InterfaceContext<'_>, work: Work) {
        let next = matches!(work, Work::Connect { .. } | Work::P2p(P2pWork::Action(_)));
        cx.radio.add(cx.now, (self.identity.id, &self.identity.ifname), work, next);
    }

    /// The work of this interface that has the radio.
    pub(crate) fn held_work<'r>(&self, cx: &'r InterfaceContext<'_>) -> Option<&'r Work> {
        cx.radio.held_by(self.identity.id)
    }

    /// Ends the work that has the radio, if it is this interface's; the next one starts.
    pub(crate) fn work_done(&mut self, cx: &mut InterfaceContext<'_>) {
        cx.radio.done(cx.now, self.identity.id);
    }

    /// Ends the radio work of the connection attempt.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpas_connect_work_done
    pub(crate) fn connect_work_done(&mut self, cx: &mut InterfaceContext<'_>) {
        if matches!(self.held_work(cx), Some(Work::Connect { .. })) {
            self.work_done(cx);
        }
    }

    /// Forgets connections that wait for the radio.
    pub(crate) fn remove_connect_works(&mut self, cx: &mut InterfaceContext<'_>) {
        cx.radio.retain_waiting(self.identity.id, |w| !w.is_connect());
    }

    /// The radio is this interface's, for this work.
    pub(crate) fn begin_work(&mut self, cx: &mut InterfaceContext<'_>, work: Work) {
        match work {
            Work::Scan(request) => self.start_scan(*request),
            Work::Connect { bss, network, .. } => self.start_connect(cx, bss, network),
            Work::P2p(work) => self.start_p2p_work(work),
            Work::External(work) => self.start_external_work(cx, &work),
        }
    }

    /// Fires the first timer that is due.
    pub(crate) fn timeout(&mut self, cx: &mut InterfaceContext<'_>) {
        if let Some(timer) = self.timers.take_due(cx.now) {
            self.fire(cx, timer);
        }
    }

    fn fire(&mut self, cx: &mut InterfaceContext<'_>, timer: Timer) {
        match timer {
            Timer::Scan => self.scan_timer(cx),
            Timer::AuthTimeout => self.auth_timeout(cx),
            Timer::SmeAuth => self.sme_auth_timeout(cx),
            Timer::SmeAssoc => self.sme_assoc_timeout(cx),
            Timer::NetworkReenabled => self.network_reenabled(cx),
            Timer::Pmksa => self.pmksa_timer(cx),
            Timer::KeepAlive => self.keep_alive(cx),
            Timer::Periodic => self.periodic(cx),
            Timer::Rsn => self.rsn_timeout(cx),
            Timer::Eapol => self.eapol_timeout(cx),
            Timer::Ap => self.ap_timeout(cx),
            Timer::MichaelReport => self.delayed_michael_report(cx),
            Timer::Countermeasures => self.stop_countermeasures(cx),
            Timer::WpsTimeout => self.wps_timed_out(cx),
            Timer::WpsClear => self.wps_clear_timer(cx),
            Timer::WpsReenable => self.wps_reenable_timer(),
            Timer::WpsAssociate { fast } => self.wps_associate_timer(cx, fast),
            Timer::WpsRegistrar => self.wps_registrar_timer(cx),
            Timer::GroupIdle => self.group_idle_timer(cx),
            Timer::GroupPskFailure => self.group_psk_failure_timer(cx),
            Timer::GroupRemoval => self.group_removal_timer(cx),
            Timer::GroupOverlap => self.group_overlap_timer(cx),
            Timer::ReconsiderMove => self.signal(ProcessRequest::ConsiderMoves),
        }
    }

    fn periodic(&mut self, cx: &mut InterfaceContext<'_>) {
        self.timers.set(Timer::Periodic, cx.now + PERIODIC);
        let age = Duration::from_secs(i64::from(self.config.globals.int(global::BSS_EXPIRATION_AGE)));
        let changes = self.bss.flush_by_age(cx.now, age, &self.bss_in_use());
        self.report_bss_changes(cx, changes);
        self.with_ap(cx, |ap, cx| ap.forget_gone_neighbors(cx));
    }

    /// `wlan0: wpa_state=COMPLETED bssid=…` for failure reports.
    pub(crate) fn describe(&self) -> String {
        let mut out = format!("{}: wpa_state={}", self.identity.ifname, self.link.state());
        if self.ap.is_some() {
            out.push_str(" mode=AP");
        }
        if !self.link.bssid().is_zero() {
            out.push_str(&format!(" bssid={}", self.link.bssid()));
        }
        out
    }
}
