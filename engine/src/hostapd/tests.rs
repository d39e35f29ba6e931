//! Sessions with hostapd held against the recorded ones.

mod psks;
mod refusals;
mod wps;

use super::*;
use crate::wire::MacAddr;
use crate::wire::driver::{Channel, DriverView, IfId, ScanResult, StationInfo};
use crate::wire::ieee80211::{MgmtBody, MgmtFrame};
use crate::{CtrlSocket, Files, PskSource};
use proptest::prelude::*;
use std::collections::BTreeMap;

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);
const CONN: ConnId = ConnId(1);

pub(super) struct World {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl DriverView for World {
    fn scan_results(&self, _: IfId, _: Instant) -> Vec<ScanResult> {
        Vec::new()
    }
    fn station(&self, _: IfId, _: MacAddr, _: Instant) -> Option<StationInfo> {
        None
    }
    fn channels(&self, _: IfId) -> Vec<Channel> {
        (1..=13)
            .map(|n| Channel {
                freq: 2407 + 5 * u32::from(n),
                number: n,
                no_ir: n > 11,
                max_tx_power: 20,
                ..Channel::default()
            })
            .collect()
    }
    fn key_seq(&self, _: IfId, _: u8) -> [u8; 6] {
        [0; 6]
    }
    fn country(&self) -> [u8; 2] {
        *b"00"
    }
}

impl Files for World {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }
}

impl PskSource for World {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
        crate::wire::crypto::psk(passphrase, ssid)
    }
}

pub(super) fn env(world: &World) -> Env<'_> {
    Env { driver: world, files: world, psk: world }
}

struct Session {
    world: World,
    hostapd: Hostapd,
    now: Instant,
    events: Vec<String>,
    requests: Vec<DriverRequest>,
    terminated: bool,
}

const OPEN: &str =
    "interface=wlan1\ndriver=nl80211\nhw_mode=g\nctrl_interface=/run/hostapd\nssid=jkm guest\nchannel=1\n";
const WPA2: &str = "interface=wlan1\ndriver=nl80211\nhw_mode=g\nctrl_interface=/run/hostapd\nssid=jkm private\n\
                    channel=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=secret passphrase\n";

/// The access point's interface.
fn interface() -> InterfaceConfig {
    InterfaceConfig {
        id: IfId(0),
        ifname: "wlan1".to_owned(),
        phy: "phy1".to_owned(),
        addr: AP,
        second_addr: MacAddr([0x42, 0, 0, 0, 1, 0]),
        ifindex: 3,
        config_path: "hostapd.conf".to_owned(),
    }
}

impl Session {
    fn start(conf: &'static str) -> Session {
        let mut session = Session {
            world: World { files: BTreeMap::from([("hostapd.conf".to_owned(), conf.as_bytes().to_vec())]) },
            hostapd: Hostapd::new(interface(), Entropy::new(1, "ap")),
            now: Instant::ZERO,
            events: vec![],
            requests: vec![],
            terminated: false,
        };
        session.input(Input::Start);
        session
    }

    /// Gives an input, drains, and returns the reply if there was one.
    fn input(&mut self, input: Input) -> Option<Vec<u8>> {
        self.hostapd.handle(self.now, input, env(&self.world));
        let mut reply = None;
        loop {
            match self.hostapd.poll_output() {
                Output::Reply { data, .. } => reply = Some(data),
                Output::Event { data, .. } => self.events.push(String::from_utf8(data).unwrap()),
                Output::Driver { request, .. } => {
                    if let DriverRequest::TxMgmt { frame, cookie, .. } = &request {
                        let status =
                            DriverEvent::MgmtTxStatus { cookie: *cookie, frame: frame.clone(), ack: true };
                        self.hostapd.handle(
                            self.now,
                            Input::Driver { iface: IfId(0), event: status },
                            env(&self.world),
                        );
                    }
                    self.requests.push(request);
                }
                Output::Terminated => self.terminated = true,
                Output::SaveFile { path, content } => {
                    self.world.files.insert(path, content);
                }
                Output::Socket { .. } => {}
                Output::Log(_) => {}
                Output::Idle { .. } => return reply,
            }
        }
    }

    fn octets(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let socket = CtrlSocket::Interface(IfId(0));
        self.input(Input::Command { conn: CONN, socket, data: command.to_vec() })
    }

    fn command(&mut self, command: &str) -> String {
        String::from_utf8(self.octets(command.as_bytes()).unwrap()).unwrap()
    }

    fn join(&mut self) {
        let auth = MgmtBody::Authentication { algorithm: 0, transaction: 1, status: 0, ies: vec![] };
        let ies = b"\x00\x09jkm guest\x01\x04\x02\x04\x0b\x16".to_vec();
        let assoc = MgmtBody::AssocRequest { capability: 0x421, listen_interval: 5, ies };
        for body in [auth, assoc] {
            let frame = MgmtFrame::new(AP, STA, AP, body).emit();
            let event = DriverEvent::RxMgmt { frame, freq: 2412, signal_dbm: -30 };
            self.input(Input::Driver { iface: IfId(0), event });
        }
    }
}

#[test]
fn status_as_recorded() {
    let mut session = Session::start(OPEN);
    session.command("ATTACH");
    let expected = "state=ENABLED\nphy=phy1\nfreq=2412\nnum_sta_non_erp=0\nnum_sta_no_short_slot_time=0\n\
        num_sta_no_short_preamble=0\nolbc=0\nnum_sta_ht_no_gf=0\nnum_sta_no_ht=0\nnum_sta_ht_20_mhz=0\n\
        num_sta_ht40_intolerant=0\nolbc_ht=0\nht_op_mode=0x0\ncac_time_seconds=0\ncac_time_left_seconds=N/A\n\
        channel=1\nedmg_enable=0\nedmg_channel=0\nsecondary_channel=0\nieee80211n=0\nieee80211ac=0\n\
        ieee80211ax=0\nbeacon_int=100\ndtim_period=2\nsupported_rates=02 04 0b 16 0c 12 18 24 30 48 60 6c\n\
        max_txpower=20\nbss[0]=wlan1\nbssid[0]=02:00:00:00:01:00\nssid[0]=jkm guest\nnum_sta[0]=0\n";
    assert_eq!(session.command("STATUS"), expected);
    session.join();
    assert_eq!(session.events, ["<3>AP-STA-CONNECTED 02:00:00:00:00:00"]);
    assert!(session.command("STATUS").contains("num_sta_non_erp=1\n"));
    assert_eq!(session.command("DEAUTHENTICATE 02:00:00:00:00:00"), "OK\n");
    assert_eq!(session.events[1], "<3>AP-STA-DISCONNECTED 02:00:00:00:00:00");
}

#[test]
fn replies_of_every_kind() {
    let mut session = Session::start(OPEN);
    for (command, reply) in [
        ("PING", "PONG\n"),
        ("ALL_STA", "UNKNOWN COMMAND\n"),
        ("STA-FIRST", ""),
        ("STA 02:00:00:00:00:00", "FAIL\n"),
        ("STA nonsense", "FAIL\n"),
        ("STA-NEXT 02:00:00:00:00:00", "FAIL\n"),
        ("MIB", ""),
        ("GET_CONFIG", "bssid=02:00:00:00:01:00\nssid=jkm guest\nwps_state=disabled\n"),
        ("DEAUTHENTICATE 02:00", "FAIL\n"),
        ("DEAUTHENTICATE 02:00:00:00:00:09", "OK\n"),
        ("DETACH", "FAIL\n"),
        ("LEVEL 2", "FAIL\n"),
        ("ATTACH", "OK\n"),
        ("LEVEL 2", "OK\n"),
        ("DETACH", "OK\n"),
        ("SET max_num_sta", "FAIL\n"),
        ("SET max_num_sta 5", "OK\n"),
        ("SET max_num_sta 9999", "FAIL\n"),
        ("SET no_such_variable 1", "FAIL\n"),
        ("GET version", "2.10"),
        ("GET ssid", "FAIL\n"),
        ("REKEY_GTK", "FAIL\n"),
        ("WPS_PBC", "FAIL\n"),
        ("DENY_ACL ADD_MAC 02:00:00:00:00:07", "OK\n"),
        ("DENY_ACL SHOW", "02:00:00:00:00:07 VLAN_ID=0\n"),
        ("ping", "UNKNOWN COMMAND\n"),
        ("", "UNKNOWN COMMAND\n"),
    ] {
        assert_eq!(session.command(command), reply, "{command}");
    }
    assert_eq!(session.octets(b"PING\0STATUS").unwrap(), b"PONG\n");
    assert_eq!(session.octets(&[0xff; 9000]).unwrap(), b"UNKNOWN COMMAND\n");
}

#[test]
fn disable_and_enable_as_recorded() {
    let mut session = Session::start(WPA2);
    session.command("ATTACH");
    assert_eq!(session.command("ENABLE"), "FAIL\n");
    assert_eq!(session.command("DISABLE"), "OK\n");
    assert_eq!(session.command("DISABLE"), "FAIL\n");
    assert!(session.command("STATUS").starts_with("state=DISABLED\n"));
    assert_eq!(session.command("ENABLE"), "OK\n");
    assert_eq!(session.events, ["<3>AP-DISABLED ", "<3>AP-ENABLED "]);
    assert_eq!(session.command("TERMINATE"), "OK\n");
    assert_eq!(session.events[2..], ["<3>AP-DISABLED ", "<3>CTRL-EVENT-TERMINATING "]);
    assert!(session.terminated);
}

#[test]
fn wpa2_tells_its_configuration() {
    let mut session = Session::start(WPA2);
    let config = "bssid=02:00:00:00:01:00\nssid=jkm private\nwps_state=disabled\nwpa=2\nkey_mgmt=WPA-PSK\n\
                  group_cipher=CCMP\nrsn_pairwise_cipher=CCMP\n";
    assert_eq!(session.command("GET_CONFIG"), config);
    assert!(session.command("MIB").ends_with("hostapdWPAGroupState=2\n"));
    assert_eq!(session.command("REKEY_GTK"), "OK\n");
    let secrets = session.hostapd.take_secrets();
    assert!(matches!(&secrets[0], Secret::Pmk { ssid, .. } if ssid == b"jkm private"));
}

#[test]
fn a_bad_configuration_ends_the_process() {
    let session = Session::start("interface=wlan1\nssid=x\nchannel=1\nbogus=1\n");
    assert!(session.terminated);
    assert_eq!(session.hostapd.failure(), Some("hostapd.conf: Line 4: unknown configuration item 'bogus'"));
    let session = Session::start("interface=wlan1\nssid=x\nhw_mode=g\nchannel=13\n");
    assert!(session.terminated, "channel 13 may not be transmitted on first");
}

proptest! {
    #[test]
    fn any_command_is_answered(command in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut session = Session::start(OPEN);
        prop_assert!(session.octets(&command).is_some());
    }

    #[test]
    fn any_frame_is_survived(frame in prop::collection::vec(any::<u8>(), 0..200), subtype in 0u8..16) {
        let mut session = Session::start(WPA2);
        let mut frame = frame;
        if let Some(fc0) = frame.first_mut() {
            *fc0 = subtype << 4;
        }
        if let Some(head) = frame.get_mut(1..22) {
            head.fill(0);
            head[3..9].copy_from_slice(&AP.0);
            head[9..15].copy_from_slice(&STA.0);
            head[15..21].copy_from_slice(&AP.0);
        }
        let event = DriverEvent::RxMgmt { frame, freq: 2412, signal_dbm: -30 };
        session.input(Input::Driver { iface: IfId(0), event });
    }
}
