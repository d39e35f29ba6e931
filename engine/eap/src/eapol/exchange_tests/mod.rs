//! Supplicant and authenticator with an air between them that loses, repeats and delays frames.

mod enrolment;
mod faults;

use super::authenticator::{self, Authenticator, AuthenticatorConfig};
use super::supplicant::{self, EapolResult, PortConfig, Supplicant};
use crate::MethodContext;
use crate::peer::PeerConfig;
use crate::server::{ServerConfig, ServerPeer};
use wpasim_runtime::entropy::Entropy;
use wpasim_wire::eap::{EapType, WSC_ENROLLEE, WSC_REGISTRAR};
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc;
use wpasim_wps::examples::{AP, STA, access_point, station};
use wpasim_wps::{Wps, WpsEvent};

/// The sender.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Sta,
    Ap,
}

/// The fate of a frame on the air.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Arrives,
    Lost,
    /// Twice, the second time late.
    Repeated,
    /// After those that are sent within this time.
    Delayed(Duration),
}

/// One millisecond on the air.
const FLIGHT: Duration = Duration::from_millis(1);

struct World {
    now: Instant,
    sta: Supplicant,
    sta_wps: Wps,
    ap: Authenticator,
    ap_wps: Wps,
    ap_pin: Option<Vec<u8>>,
    air: Vec<(Instant, Side, Vec<u8>)>,
    /// By side and number of the frame.
    fate: Box<dyn Fn(Side, usize) -> Fate>,
    sent: Vec<(Side, Vec<u8>)>,
    /// The lines that the monitors of both would see.
    lines: Vec<String>,
    results: Vec<EapolResult>,
}

/// The configuration of the ends.
#[derive(Clone)]
struct Setup {
    identity: &'static [u8],
    phase1: &'static str,
    ap_pin: Option<&'static str>,
    fragment_size: usize,
    wps20: bool,
}

impl Setup {
    fn push_button() -> Self {
        Setup { identity: WSC_ENROLLEE, phase1: "pbc=1", ap_pin: None, fragment_size: 0, wps20: true }
    }

    fn pin(phase1: &'static str) -> Self {
        Setup { phase1, ..Setup::push_button() }
    }

    fn registrar(phase1: &'static str, ap_pin: &'static str) -> Self {
        Setup { identity: WSC_REGISTRAR, phase1, ap_pin: Some(ap_pin), ..Setup::push_button() }
    }
}

impl World {
    fn new(setup: &Setup, fate: impl Fn(Side, usize) -> Fate + 'static) -> Self {
        let now = Instant::ZERO;
        let (mut sta_wps, mut ap_wps) = (station(), access_point());
        let request = if setup.identity == WSC_REGISTRAR {
            wsc::RequestType::Registrar
        } else {
            wsc::RequestType::Enrollee
        };
        let assoc_wps = wsc::concatenated(&wsc::assoc_request(request));
        let peer = ServerPeer { addr: STA, assoc_wps, assoc_p2p: None };
        let server =
            ServerConfig { wps: true, fragment_size: setup.fragment_size, ..ServerConfig::default() };
        let config = AuthenticatorConfig { server, ..AuthenticatorConfig::default() };
        let random = Entropy::new(1, "ap").stream("eap");
        let sta = Supplicant::new(&mut MethodContext::with_wps(now, &mut sta_wps));
        let ap = Authenticator::new(&mut MethodContext::with_wps(now, &mut ap_wps), config, peer, random);
        let ap_pin = setup.ap_pin.map(|p| p.as_bytes().to_vec());
        let mut world = World {
            now,
            sta,
            sta_wps,
            ap,
            ap_wps,
            ap_pin,
            air: Vec::new(),
            fate: Box::new(fate),
            sent: Vec::new(),
            lines: Vec::new(),
            results: Vec::new(),
        };
        world.configure(setup);
        world
    }

    fn configure(&mut self, setup: &Setup) {
        let eap = PeerConfig {
            identity: Some(setup.identity.to_vec()),
            methods: Some(vec![EapType::WSC]),
            phase1: Some(setup.phase1.into()),
            fragment_size: setup.fragment_size,
            ..PeerConfig::default()
        };
        let port = PortConfig { workaround: true, wps: true, wps20_ap: setup.wps20, ..PortConfig::default() };
        self.sta.notify_config(Some(eap), Some(port));
    }

    /// Both have a link from now on.
    fn associate(&mut self, wait_start: bool) {
        self.with_sta(|sta, cx| sta.notify_port_enabled(cx, true));
        self.with_ap(|ap, cx| ap.start(cx, wait_start));
    }

    fn with_sta<R>(&mut self, input: impl FnOnce(&mut Supplicant, &mut MethodContext<'_>) -> R) -> R {
        let mut cx = MethodContext::with_wps(self.now, &mut self.sta_wps);
        let result = input(&mut self.sta, &mut cx);
        while let Some(action) = self.sta.take_action() {
            use supplicant::Action::*;
            match action {
                Send(frame) => self.transmit(Side::Sta, frame),
                Msg(_, line) => self.lines.push(format!("sta {line}")),
                Wps(event) => self.wps_line("sta", &event),
                Result(result) => self.results.push(result),
                Authorized(open) => self.lines.push(format!("sta authorized={open}")),
                CachedPmkRefused => self.lines.push("sta cached PMK refused".into()),
                Done => self.lines.push("sta done".into()),
            }
        }
        result
    }

    fn with_ap<R>(&mut self, input: impl FnOnce(&mut Authenticator, &mut MethodContext<'_>) -> R) -> R {
        let mut cx =
            MethodContext { now: self.now, wps: Some(&mut self.ap_wps), ap_pin: self.ap_pin.as_deref() };
        let result = input(&mut self.ap, &mut cx);
        while let Some(action) = self.ap.take_action() {
            use authenticator::Action::*;
            match action {
                Send(frame) => self.transmit(Side::Ap, frame),
                Msg(_, line) => self.lines.push(format!("ap {line}")),
                Wps(event) => self.wps_line("ap", &event),
                Authorized(open) => self.lines.push(format!("ap authorized={open}")),
                Finished { success } => self.lines.push(format!("ap finished success={success}")),
                Disconnect { reason } => self.lines.push(format!("ap disconnect reason={reason}")),
                Reauthenticate => self.lines.push("ap reauthenticate".into()),
            }
        }
        result
    }

    /// The name of an event of WPS, without those that only change beacons.
    fn wps_line(&mut self, side: &str, event: &WpsEvent) {
        use WpsEvent::*;
        if matches!(event, ElementsChanged { .. } | SelectedRegistrar { .. } | PbcActive | PbcDisable) {
            return;
        }
        let text = match event {
            Fail { msg, config_error, .. } => format!("Fail msg={} error={config_error}", *msg as u8),
            other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
        };
        self.lines.push(format!("{side} {text}"));
    }

    fn transmit(&mut self, from: Side, frame: Vec<u8>) {
        let number = self.sent.iter().filter(|(side, _)| *side == from).count();
        self.sent.push((from, frame.clone()));
        let soon = self.now + FLIGHT;
        match (self.fate)(from, number) {
            Fate::Arrives => self.air.push((soon, from, frame)),
            Fate::Lost => {}
            Fate::Repeated => {
                self.air.push((soon, from, frame.clone()));
                self.air.push((soon + FLIGHT, from, frame));
            }
            Fate::Delayed(by) => self.air.push((soon + by, from, frame)),
        }
    }

    /// Lets this much time pass.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let arrival = self.air.iter().map(|(at, ..)| *at).min();
            let due = [arrival, self.sta.next_timeout(), self.ap.next_timeout()];
            let Some(next) = due.into_iter().flatten().min().filter(|at| *at <= end) else { break };
            self.now = self.now.max(next);
            if let Some(first) = self.air.iter().position(|(at, ..)| *at <= self.now) {
                let (_, from, frame) = self.air.remove(first);
                match from {
                    Side::Sta => _ = self.with_ap(|ap, cx| ap.rx(cx, &frame)),
                    Side::Ap => _ = self.with_sta(|sta, cx| sta.rx(cx, AP, &frame)),
                }
            } else if self.sta.next_timeout().is_some_and(|at| at <= self.now) {
                self.with_sta(|sta, cx| sta.timeout(cx));
            } else {
                self.with_ap(|ap, cx| ap.timeout(cx));
            }
        }
        self.now = end;
    }

    fn has(&self, line: &str) -> bool {
        self.lines.iter().any(|l| l == line)
    }

    fn lines_of(&self, side: &str) -> Vec<&str> {
        self.lines.iter().filter_map(|l| l.strip_prefix(side)).map(str::trim_start).collect()
    }
}
