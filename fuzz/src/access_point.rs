//! Targets for the access point: its configuration file, its commands, and frames from stations.

use wpasim_engine::ap::ApConfig;
use wpasim_engine::entropy::Entropy;
use wpasim_engine::hostapd::{Hostapd, HostapdConfig};
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::driver::{
    Channel, DriverEvent, DriverRequest, DriverView, IfId, ScanResult, StationInfo,
};
use wpasim_engine::wire::time::{Duration, Instant};
use wpasim_engine::{ConnId, CtrlSocket, Env, Files, Input, InterfaceConfig, Node, Output, PskSource};

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

const CONFIG: &str = "hw_mode=g\nssid=fuzz\nchannel=1\nwpa=3\nwpa_passphrase=12345678\nrsn_pairwise=CCMP\n\
    wmm_enabled=1\nwps_state=2\neap_server=1\nap_pin=12345670\nwps_pin_requests=/run/pins\n";

struct Radio;

impl DriverView for Radio {
    fn scan_results(&self, _: IfId, _: Instant) -> Vec<ScanResult> {
        Vec::new()
    }
    fn station(&self, _: IfId, _: MacAddr, _: Instant) -> Option<StationInfo> {
        Some(StationInfo::default())
    }
    fn channels(&self, _: IfId) -> Vec<Channel> {
        vec![Channel { freq: 2412, number: 1, max_tx_power: 20, ..Channel::default() }]
    }
    fn key_seq(&self, _: IfId, _: u8) -> [u8; 6] {
        [0; 6]
    }
    fn country(&self) -> [u8; 2] {
        *b"00"
    }
}

impl Files for Radio {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        Some(CONFIG.as_bytes().to_vec())
    }
}

impl PskSource for Radio {
    fn psk(&self, _: &[u8], _: &[u8]) -> [u8; 32] {
        [7; 32]
    }
}

/// The access point that a configuration makes.
pub fn made(config: &HostapdConfig) -> ApConfig {
    config.to_ap_config(AP, &Radio.channels(IfId(0)), &Radio)
}

/// A file is read or refused; what it says can be made an access point of.
pub fn hostapd_conf(data: &[u8]) {
    match HostapdConfig::parse(data, &|_| Some(data.to_vec())) {
        Ok(config) => drop(made(&config)),
        Err(said) => assert!(!said.0.is_empty() && said.0.iter().all(|line| !line.to_string().is_empty())),
    }
}

/// An EAPOL frame whose length takes two octets, the lower one first.
const LONG_EAPOL: u8 = 5;

/// The first record of the input and what follows it: kind, length, octets.
fn record(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (kind, rest) = data.split_first()?;
    let (len, rest) = match (kind % 6, rest) {
        (LONG_EAPOL, [low, high, rest @ ..]) => (u16::from_le_bytes([*low, *high]).into(), rest),
        (_, [len, rest @ ..]) => (usize::from(*len), rest),
        _ => return None,
    };
    let (octets, after) = rest.split_at(len.min(rest.len()));
    Some((kind % 6, octets, after))
}

/// Records of (kind, length, octets): frames from the air, EAPOL frames, commands, and time that passes.
pub fn hostapd_session(data: &[u8]) {
    let interface = InterfaceConfig {
        id: IfId(0),
        ifname: "wlan1".to_owned(),
        phy: "phy1".to_owned(),
        addr: AP,
        second_addr: MacAddr([0x42, 0, 0, 0, 1, 0]),
        ifindex: 3,
        config_path: "hostapd.conf".to_owned(),
    };
    let mut node = Hostapd::new(interface, Entropy::new(1, "fuzz"));
    let mut now = Instant::ZERO;
    give(&mut node, now, Input::Start);
    let mut rest = data;
    while let Some((kind, octets, after)) = record(rest) {
        rest = after;
        let iface = IfId(0);
        let input = match kind {
            0 => {
                let event = DriverEvent::RxMgmt { frame: octets.to_vec(), freq: 2412, signal_dbm: -30 };
                Input::Driver { iface, event }
            }
            1 | LONG_EAPOL => {
                let event = DriverEvent::RxEapol {
                    src: MacAddr([2, 0, 0, 0, 0, 0]),
                    frame: octets.to_vec(),
                    encrypted: false,
                };
                Input::Driver { iface, event }
            }
            2 => {
                let socket = CtrlSocket::Interface(iface);
                Input::Command { conn: ConnId(1), socket, data: octets.to_vec() }
            }
            3 => {
                let event =
                    DriverEvent::UnexpectedFrame { addr: MacAddr([2, 0, 0, 0, 0, 0]), four_addr: false };
                Input::Driver { iface, event }
            }
            _ => {
                now += Duration::from_millis(octets.len() as i64 * 250);
                Input::Timeout
            }
        };
        let is_command = matches!(input, Input::Command { .. });
        let (replies, alive) = give(&mut node, now, input);
        assert_eq!(replies, usize::from(is_command));
        if !alive {
            return;
        }
    }
}

/// Gives an input and what follows from it; frames are acknowledged. How many replies came, and whether
/// the process still runs.
fn give(node: &mut Hostapd, now: Instant, input: Input) -> (usize, bool) {
    let env = Env { driver: &Radio, files: &Radio, psk: &Radio };
    let mut inputs = vec![input];
    let (mut replies, mut alive) = (0, true);
    while let Some(input) = inputs.pop() {
        node.handle(now, input, env);
        loop {
            match node.poll_output() {
                Output::Idle { .. } => break,
                Output::Reply { .. } => replies += 1,
                Output::Terminated => alive = false,
                Output::Driver {
                    iface,
                    request: DriverRequest::TxMgmt { frame, cookie, no_ack: false, .. },
                } => {
                    inputs.push(Input::Driver {
                        iface,
                        event: DriverEvent::MgmtTxStatus { cookie, frame, ack: true },
                    });
                }
                Output::Driver { iface, request: DriverRequest::TxEapol { dest, frame, cookie, .. } } => {
                    let event = DriverEvent::EapolTxStatus { cookie, dest, frame, ack: true };
                    inputs.push(Input::Driver { iface, event });
                }
                _ => {}
            }
        }
    }
    (replies, alive)
}
