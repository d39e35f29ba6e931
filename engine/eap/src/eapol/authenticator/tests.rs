use super::*;
use Action::{Authorized, Disconnect, Finished, Msg, Reauthenticate, Send};
use wpasim_runtime::entropy::Entropy;
use wpasim_wire::eap::{EapType, message};
use wpasim_wire::eapol::EapolFrame;
use wpasim_wire::time::Duration;

const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);

/// An authenticator and its clock, without WPS: nobody is a user.
struct Bench {
    now: Instant,
    machine: Authenticator,
}

impl Bench {
    fn new(config: AuthenticatorConfig) -> Self {
        let peer = ServerPeer { addr: STA, assoc_wps: None, assoc_p2p: None };
        let random = Entropy::new(1, "ap").stream("eap");
        let machine = Authenticator::new(&mut MethodContext::new(Instant::ZERO), config, peer, random);
        let mut bench = Bench { now: Instant::ZERO, machine };
        assert_eq!(bench.actions(), []);
        bench
    }

    fn actions(&mut self) -> Vec<Action> {
        core::iter::from_fn(|| self.machine.take_action()).collect()
    }

    fn give(&mut self, input: impl FnOnce(&mut Authenticator, &mut MethodContext<'_>)) -> Vec<Action> {
        input(&mut self.machine, &mut MethodContext::new(self.now));
        self.actions()
    }

    fn rx(&mut self, packet_type: u8, body: &[u8]) -> Vec<Action> {
        let frame = EapolFrame { version: 1, packet_type, body }.emit();
        self.give(|machine, cx| assert!(machine.rx(cx, &frame)))
    }

    fn start(&mut self) -> u8 {
        let actions = self.give(|m, cx| m.start(cx, false));
        identifier(actions.last().unwrap())
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
}

fn line(what: &str) -> Action {
    Msg(Level::Info, format!("CTRL-EVENT-EAP-{what}"))
}

/// The number of a request.
fn identifier(action: &Action) -> u8 {
    let Send(frame) = action else { panic!("{action:?}") };
    EapPacket::parse(EapolFrame::parse(frame).unwrap().body).unwrap().identifier
}

#[test]
fn a_station_is_asked_who_it_is_until_it_is_given_up() {
    let mut bench = Bench::new(AuthenticatorConfig::default());
    let begun = bench.give(|m, cx| m.start(cx, false));
    assert_eq!(
        begun[..3],
        [Authorized(false), line("STARTED 02:00:00:00:00:00"), line("PROPOSED-METHOD vendor=0 method=1"),]
    );
    for at in [3, 9, 21, 41, 61] {
        let again = bench.wait();
        assert_eq!(again, [line("RETRANSMIT 02:00:00:00:00:00"), begun[3].clone()]);
        assert_eq!(bench.now, Instant::ZERO + Duration::from_secs(at));
    }
    assert_eq!(
        bench.wait(),
        [
            line("RETRANSMIT 02:00:00:00:00:00"),
            line("TIMEOUT-FAILURE 02:00:00:00:00:00"),
            Disconnect { reason: 2 },
        ]
    );
    assert_eq!(bench.now, Instant::ZERO + Duration::from_secs(81));
    assert_eq!(bench.wait(), []);
}

#[test]
fn nobody_unknown_gets_in() {
    let mut bench = Bench::new(AuthenticatorConfig::default());
    let id = bench.start();
    let response = message(code::RESPONSE, id, EapType::IDENTITY, b"somebody");
    let refused = bench.rx(packet_type::EAP_PACKET, &response);
    let failure = frame(2, packet_type::EAP_PACKET, &[code::FAILURE, id, 0, 4]);
    assert_eq!(
        refused,
        [line("FAILURE 02:00:00:00:00:00"), Send(failure), Authorized(false), Finished { success: false },]
    );
    assert_eq!(bench.machine.identity(), Some(&b"somebody"[..]));
    // After the quiet period it may try once more.
    let again = bench.wait();
    assert_eq!(again.first(), Some(&line("STARTED 02:00:00:00:00:00")));
    assert_eq!(bench.now, Instant::ZERO + Duration::from_secs(60));
}

#[test]
fn responses_that_answer_nothing_are_ignored() {
    let mut bench = Bench::new(AuthenticatorConfig::default());
    let id = bench.start();
    for packet in [
        message(code::RESPONSE, id.wrapping_add(1), EapType::IDENTITY, b"x"),
        message(code::RESPONSE, id, EapType::ietf(4), b"x"),
        message(code::RESPONSE, id, EapType::NAK, &[4]),
        message(code::REQUEST, id, EapType::IDENTITY, b"x"),
        vec![code::RESPONSE, id, 0, 4],
    ] {
        assert_eq!(bench.rx(packet_type::EAP_PACKET, &packet), []);
    }
    assert_eq!(bench.machine.identity(), None);
}

#[test]
fn a_station_that_asks_is_asked_anew() {
    let mut bench = Bench::new(AuthenticatorConfig::default());
    assert_eq!(bench.give(|m, cx| m.start(cx, true)).len(), 3);
    let asked = bench.rx(packet_type::START, &[]);
    assert_eq!(asked[..2], [line("STARTED 02:00:00:00:00:00"), line("PROPOSED-METHOD vendor=0 method=1"),]);
    let left = bench.rx(packet_type::LOGOFF, &[]);
    assert_eq!(left.first(), Some(&Authorized(false)));
    assert_eq!(left.get(1), Some(&Finished { success: false }));
    assert!(bench.machine.mib(&StationMib::default()).contains("dot1xAuthEapolStartFramesRx=1\n"));
}

#[test]
fn a_cached_pmk_is_good_until_the_time_for_another_authentication() {
    let config = AuthenticatorConfig { reauth_period: 100, ..AuthenticatorConfig::default() };
    let mut bench = Bench::new(config);
    bench.give(|m, cx| m.start(cx, false));
    let opened = bench.give(|m, cx| m.notify_cached(cx));
    assert_eq!(opened, [Authorized(true), Finished { success: true }]);
    assert!(bench.machine.key_run() && bench.machine.is_authorized());
    let again = bench.wait();
    assert_eq!(again[..2], [Reauthenticate, line("STARTED 02:00:00:00:00:00")]);
    assert_eq!(bench.now, Instant::ZERO + Duration::from_secs(100));
}

#[test]
fn a_port_under_control_says_what_it_is() {
    let mut bench = Bench::new(AuthenticatorConfig::default());
    bench.give(|m, cx| m.start(cx, false));
    let success = frame(2, packet_type::EAP_PACKET, &[code::SUCCESS, bench.machine.last_eap_id + 1, 0, 4]);
    let opened = bench.give(|m, cx| m.notify_port_control(cx, PortControl::ForceAuthorized));
    assert_eq!(opened, [Authorized(true), Send(success)]);
    let dump = bench.machine.dump(bench.now);
    assert!(dump.contains("auth_pae_state=FORCE_AUTH\n") && dump.contains("portMode=ForceAuthorized\n"));
    let closed = bench.give(|m, cx| m.notify_port_control(cx, PortControl::ForceUnauthorized));
    assert_eq!(closed.first(), Some(&Authorized(false)));
}

#[test]
fn frames_are_counted_as_hostapd_counts_them() {
    let mut bench = Bench::new(AuthenticatorConfig::default());
    bench.start();
    let mut key = vec![0; RC4_KEY_LEN];
    key[0] = DESCRIPTOR_RSN;
    let key = frame(1, packet_type::KEY, &key);
    bench.give(|m, cx| {
        assert!(!m.rx(cx, &[1, 0]));
        assert!(!m.rx(cx, &[1, 0, 0, 9, 1]));
        assert!(!m.rx(cx, &key));
        assert!(m.rx(cx, &[1, 9, 0, 0]));
    });
    let mib = bench.machine.mib(&StationMib { aid: 3, session_id: 0xab, ..StationMib::default() });
    for line in [
        "dot1xPaePortNumber=3\n",
        "dot1xAuthEapolFramesRx=2\ndot1xAuthEapolFramesTx=1\n",
        "dot1xAuthEapolReqIdFramesTx=1\n",
        "dot1xAuthInvalidEapolFramesRx=1\ndot1xAuthEapLengthErrorFramesRx=1\n",
        "dot1xAuthSessionId=00000000000000AB\n",
        "dot1xAuthSessionUserName=N/A\n",
    ] {
        assert!(mib.contains(line), "{line}{mib}");
    }
}
