use super::*;
use crate::peer::PeerConfig;
use Action::{Authorized, CachedPmkRefused, Done, Msg, Send};
use wpasim_wire::eap::{EapType, code, message, outcome};
use wpasim_wire::eapol::EapolFrame;
use wpasim_wire::time::Duration;

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

/// A supplicant and its clock, without WPS.
struct Bench {
    now: Instant,
    machine: Supplicant,
}

impl Bench {
    fn new(config: PortConfig) -> Self {
        let machine = Supplicant::new(&mut MethodContext::new(Instant::ZERO));
        let mut bench = Bench { now: Instant::ZERO, machine };
        let eap = PeerConfig { identity: Some(b"somebody".to_vec()), ..PeerConfig::default() };
        bench.machine.notify_config(Some(eap), Some(config));
        assert_eq!(bench.actions(), [Authorized(false)]);
        bench
    }

    fn actions(&mut self) -> Vec<Action> {
        core::iter::from_fn(|| self.machine.take_action()).collect()
    }

    fn give(&mut self, input: impl FnOnce(&mut Supplicant, &mut MethodContext<'_>)) -> Vec<Action> {
        input(&mut self.machine, &mut MethodContext::new(self.now));
        self.actions()
    }

    fn rx(&mut self, packet: &[u8]) -> Vec<Action> {
        let frame = EapolFrame { version: 2, packet_type: packet_type::EAP_PACKET, body: packet }.emit();
        self.give(|machine, cx| assert!(machine.rx(cx, AP, &frame)))
    }

    /// Lets time pass until something happens.
    fn wait(&mut self) -> Vec<Action> {
        while let Some(at) = self.machine.next_timeout() {
            self.now = self.now.max(at);
            let actions = self.give(|machine, cx| machine.timeout(cx));
            if !actions.is_empty() {
                return actions;
            }
        }
        Vec::new()
    }

    fn state(&self) -> (Pae, Backend) {
        (self.machine.pae, self.machine.backend)
    }
}

fn psk() -> PortConfig {
    PortConfig { eap_disabled: true, ..PortConfig::default() }
}

fn start() -> Action {
    Send(vec![1, packet_type::START, 0, 0])
}

#[test]
fn the_recorded_identity_is_given_octet_for_octet() {
    let mut bench = Bench::new(PortConfig { workaround: true, wps: true, ..PortConfig::default() });
    let identity = wpasim_wire::eap::WSC_ENROLLEE.to_vec();
    let eap = PeerConfig { identity: Some(identity.clone()), ..PeerConfig::default() };
    bench.machine.notify_config(Some(eap), None);
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    let asked = [0x02, 0x00, 0x00, 0x05, 0x01, 0xc1, 0x00, 0x05, 0x01];
    let actions = bench.give(|m, cx| assert!(m.rx(cx, AP, &asked)));
    let answer = [&[0x01, 0x00, 0x00, 0x22, 0x02, 0xc1, 0x00, 0x22, 0x01][..], &identity].concat();
    assert_eq!(actions.last(), Some(&Send(answer)));
    let counted =
        "dot1xSuppEapolRespFramesTx=1\ndot1xSuppEapolReqIdFramesRx=1\ndot1xSuppEapolReqFramesRx=0\n";
    assert!(bench.machine.mib().contains(counted));
}

#[test]
fn a_handshake_with_a_psk_opens_the_port() {
    let mut bench = Bench::new(psk());
    assert_eq!(bench.give(|m, cx| m.notify_port_enabled(cx, true)), []);
    assert_eq!(bench.state(), (Pae::Connecting, Backend::Idle));
    bench.give(|m, cx| m.notify_port_valid(cx, true));
    let opened = bench.give(|m, cx| m.notify_eap_success(cx, true));
    assert_eq!(opened, [Authorized(true), Action::Result(EapolResult::Success)]);
    assert_eq!(bench.state(), (Pae::Authenticated, Backend::Idle));
    assert_eq!(bench.wait(), []);
    let closed = bench.give(|m, cx| m.notify_port_enabled(cx, false));
    assert_eq!(closed, [Authorized(false)]);
    assert_eq!(bench.state(), (Pae::Disconnected, Backend::Initialize));
}

#[test]
fn an_open_network_needs_nobody() {
    let mut bench = Bench::new(psk());
    bench.give(|m, cx| m.notify_port_control(cx, PortControl::ForceAuthorized));
    assert_eq!(bench.give(|m, cx| m.notify_port_enabled(cx, true)), [Authorized(true)]);
    assert_eq!(bench.state(), (Pae::ForceAuth, Backend::Idle));
    let closed = bench.give(|m, cx| m.notify_port_control(cx, PortControl::ForceUnauthorized));
    assert_eq!(closed, [Authorized(false), Send(vec![1, packet_type::LOGOFF, 0, 0])]);
}

#[test]
fn logoff_closes_the_port_until_logon() {
    let mut bench = Bench::new(psk());
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    bench.give(|m, cx| m.notify_port_valid(cx, true));
    bench.give(|m, cx| m.notify_eap_success(cx, true));
    let left = bench.give(|m, cx| m.notify_logoff(cx, true));
    assert_eq!(left, [Send(vec![1, packet_type::LOGOFF, 0, 0]), Authorized(false)]);
    assert_eq!(bench.give(|m, cx| m.notify_logoff(cx, true)), []);
    assert!(bench.machine.mib().contains("dot1xSuppPaeState=2\n"));
    assert!(bench.machine.mib().contains("dot1xSuppEapolLogoffFramesTx=1\n"));
    bench.give(|m, cx| m.notify_logoff(cx, false));
    assert!(!matches!(bench.state().0, Pae::Logoff));
}

#[test]
fn an_authenticator_that_takes_no_cached_pmk_begins_eap() {
    let mut bench = Bench::new(PortConfig::default());
    bench.machine.notify_pmkid_attempt();
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    let actions = bench.rx(&message(code::REQUEST, 7, EapType::IDENTITY, b""));
    assert_eq!(actions[..2], [Authorized(false), CachedPmkRefused]);
    let response = message(code::RESPONSE, 7, EapType::IDENTITY, b"somebody");
    assert_eq!(actions.last(), Some(&Send(frame(1, packet_type::EAP_PACKET, &response))));
    let again = bench.rx(&message(code::REQUEST, 8, EapType::IDENTITY, b""));
    assert!(!again.contains(&CachedPmkRefused));
}

#[test]
fn a_cached_pmk_opens_the_port_with_the_keys() {
    let mut bench = Bench::new(PortConfig::default());
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    assert_eq!(bench.give(|m, cx| m.notify_cached(cx)), []);
    let opened = bench.give(|m, cx| m.notify_port_valid(cx, true));
    assert_eq!(opened, [Authorized(true), Action::Result(EapolResult::Success)]);
    bench.machine.request_reauth();
    assert_eq!(bench.actions(), [start()]);
}

#[test]
fn a_failure_is_held_for_a_minute() {
    let mut bench = Bench::new(PortConfig { workaround: true, ..PortConfig::default() });
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    bench.rx(&message(code::REQUEST, 7, EapType::IDENTITY, b""));
    let failed = bench.rx(&outcome(false, 7));
    assert_eq!(failed.last(), Some(&Action::Result(EapolResult::Failure)));
    assert_eq!(bench.state().0, Pae::Held);
    assert!(bench.machine.has_failed());
    // The authenticator is asked; until it begins, the failure stands.
    assert_eq!(bench.wait(), [start(), Action::Result(EapolResult::Failure)]);
    assert_eq!(bench.now, Instant::ZERO + Duration::from_secs(60));
    // The server may begin by itself.
    let asked = bench.rx(&message(code::REQUEST, 9, EapType::IDENTITY, b""));
    assert!(matches!(asked.first(), Some(Msg(_, line)) if line.starts_with("CTRL-EVENT-EAP-STARTED ")));
}

#[test]
fn periods_of_nothing_do_not_stop_the_clock() {
    let mut bench = Bench::new(PortConfig { workaround: true, ..PortConfig::default() });
    bench.machine.periods.held = 0;
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    bench.rx(&message(code::REQUEST, 7, EapType::IDENTITY, b""));
    assert!(bench.rx(&outcome(false, 7)).len() < MAX_STEPS);
    for _ in 0..50 {
        assert!(bench.wait().len() < MAX_STEPS);
    }
    assert_eq!(bench.now, Instant::ZERO + Duration::from_millis(50));
}

#[test]
fn an_authenticator_that_falls_silent_is_asked_again() {
    let mut bench = Bench::new(PortConfig::default());
    bench.machine.periods.auth = 5;
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    bench.rx(&message(code::REQUEST, 7, EapType::IDENTITY, b""));
    assert_eq!(bench.state(), (Pae::Authenticating, Backend::Receive));
    assert_eq!(bench.wait(), [start()]);
    // Five seconds of silence, then two before it is asked.
    assert_eq!(bench.now, Instant::ZERO + Duration::from_secs(7));
}

#[test]
fn a_connection_in_plaintext_is_valid_with_eap_alone() {
    let mut bench = Bench::new(PortConfig { plaintext: true, ..PortConfig::default() });
    bench.give(|m, cx| m.notify_port_enabled(cx, true));
    let opened = bench.give(|m, cx| m.notify_eap_success(cx, true));
    assert_eq!(opened, [Done, Authorized(true), Action::Result(EapolResult::Success)]);
}

#[test]
fn frames_that_are_not_for_eap_are_counted_and_left_to_others() {
    let mut bench = Bench::new(PortConfig::default());
    let mut rx = |frame: &[u8]| {
        let mut mine = false;
        bench.give(|m, cx| mine = m.rx(cx, AP, frame));
        mine
    };
    let key = |descriptor: u8| {
        let mut body = vec![0; RC4_KEY_LEN];
        body[0] = descriptor;
        EapolFrame { version: 2, packet_type: packet_type::KEY, body: &body }.emit()
    };
    assert!(!rx(&[2, 0, 0]));
    assert!(!rx(&[2, 0, 0, 9, 1]));
    assert!(!rx(&key(DESCRIPTOR_RSN)));
    assert!(rx(&key(1)));
    assert!(rx(&[2, 9, 0, 0]));
    let mib = bench.machine.mib();
    for line in [
        "dot1xSuppEapolFramesRx=5\n",
        "dot1xSuppInvalidEapolFramesRx=2\n",
        "dot1xSuppEapLengthErrorFramesRx=1\n",
        "dot1xSuppLastEapolFrameVersion=2\ndot1xSuppLastEapolFrameSource=02:00:00:00:01:00\n",
    ] {
        assert!(mib.contains(line), "{line}{mib}");
    }
}

#[test]
fn an_eapol_header_that_states_too_little_is_mended_for_wps() {
    let request = message(code::REQUEST, 7, EapType::IDENTITY, b"hello");
    let mut frame = EapolFrame { version: 2, packet_type: packet_type::EAP_PACKET, body: &request }.emit();
    frame[3] = 5;
    for (wps, answers) in [(true, true), (false, false)] {
        let mut bench = Bench::new(PortConfig { workaround: true, wps, ..PortConfig::default() });
        bench.give(|m, cx| m.notify_port_enabled(cx, true));
        let actions = bench.give(|m, cx| assert!(m.rx(cx, AP, &frame)));
        assert_eq!(actions.iter().any(|a| matches!(a, Send(_))), answers);
    }
}
