//! WPS of hostapd's control interface and of its files.

use super::*;
use crate::hostapd::new_settings::Chore;
use crate::wire::time::Duration;

const WPS: &str = "interface=wlan1\ndriver=nl80211\nhw_mode=g\nctrl_interface=/run/hostapd\nssid=wps-ap\nchannel=1\n\
                   wpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=secret passphrase\neap_server=1\n\
                   wps_state=2\nap_pin=12345670\ndevice_name=Very friendly name\nmanufacturer=Company\n\
                   model_name=WAP\nmodel_number=123\nserial_number=12345\ndevice_type=6-0050F204-1\n\
                   os_version=01020300\nwps_pin_requests=/run/pins\n";

impl Session {
    fn wait(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            let Output::Idle { next } = self.hostapd.poll_output() else { panic!("not drained") };
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.now = at;
            self.input(Input::Timeout);
        }
        self.now = end;
    }

    fn file(&self, path: &str) -> String {
        String::from_utf8(self.world.files.get(path).cloned().unwrap_or_default()).unwrap()
    }
}

#[test]
fn the_recorded_session_of_the_walk_time() {
    let mut session = Session::start(WPS);
    session.command("ATTACH");
    assert_eq!(session.command("WPS_PBC"), "OK\n");
    assert_eq!(session.command("WPS_GET_STATUS"), "PBC Status: Active\nLast WPS result: None\n");
    session.wait(Duration::from_secs(120));
    assert_eq!(session.events, ["<3>WPS-PBC-ACTIVE ", "<3>WPS-TIMEOUT "]);
    assert_eq!(session.command("WPS_GET_STATUS"), "PBC Status: Timed-out\nLast WPS result: None\n");
}

#[test]
fn replies_of_wps() {
    let mut session = Session::start(WPS);
    for (command, reply) in [
        ("WPS_CHECK_PIN 12345670", "12345670"),
        ("WPS_CHECK_PIN 12345678", "FAIL-CHECKSUM\n"),
        ("WPS_CHECK_PIN 1234-5670", "12345670"),
        ("WPS_CHECK_PIN 1234", "1234"),
        ("WPS_CHECK_PIN 123", "FAIL\n"),
        ("WPS_CHECK_PIN 123456789", "FAIL\n"),
        ("WPS_PIN any 12345670", "OK\n"),
        ("WPS_PIN any 12345670 30 02:00:00:00:00:00", "OK\n"),
        ("WPS_PIN 362db47b-a53a-5191-88fb-5458b986b2e4 12345670", "OK\n"),
        ("WPS_PIN 362db47ba53a519188fb5458b986b2e4 12345670", "FAIL\n"),
        ("WPS_PIN any", "FAIL\n"),
        ("WPS_CANCEL", "OK\n"),
        ("WPS_AP_PIN get", "12345670"),
        ("WPS_AP_PIN set 7654321 0", "7654321"),
        ("WPS_AP_PIN get", "7654321"),
        ("WPS_AP_PIN set 123456789", "FAIL\n"),
        ("WPS_AP_PIN set", "FAIL\n"),
        ("WPS_AP_PIN disable", "OK\n"),
        ("WPS_AP_PIN get", "FAIL\n"),
        ("WPS_AP_PIN nonsense", "FAIL\n"),
        ("WPS_CONFIG 6e6577", "FAIL\n"),
        ("WPS_CONFIG 6e657 OPEN", "FAIL\n"),
        ("WPS_CONFIG 6e6577 WEP", "FAIL\n"),
        ("WPS_CONFIG 6e6577 WPA2PSK AES 00", "FAIL\n"),
        ("WPS_CONFIG 6e6577 WPA2PSK CCMP 0", "FAIL\n"),
        ("WPS_CONFIG 6e6577 WPA2PSK CCMP 00", "FAIL\n"),
        ("WPS_NFC_TOKEN WPS", "FAIL\n"),
    ] {
        assert_eq!(session.command(command), reply, "{command}");
    }
    let random = session.command("WPS_AP_PIN random 60");
    assert!(crate::wps::pin_valid(random.parse().unwrap()) && random.len() == 8);
    assert_eq!(session.command("WPS_AP_PIN get"), random);
    session.command("ATTACH");
    session.wait(Duration::from_secs(60));
    assert_eq!(session.events, ["<3>WPS-AP-PIN-DISABLED "]);
    assert_eq!(session.command("WPS_AP_PIN get"), "FAIL\n");
    assert_eq!(session.command("SET ap_pin 12345670"), "OK\n");
    assert_eq!(session.command("WPS_AP_PIN get"), "12345670");
}

#[test]
fn without_wps() {
    let mut session = Session::start(WPA2);
    for (command, reply) in [
        ("WPS_PBC", "FAIL\n"),
        ("WPS_CANCEL", "FAIL\n"),
        ("WPS_PIN any 12345670", "FAIL\n"),
        ("WPS_CONFIG 6e6577 OPEN", "FAIL\n"),
        ("WPS_CHECK_PIN 12345670", "12345670"),
        ("WPS_AP_PIN disable", "OK\n"),
        ("WPS_AP_PIN random", "FAIL\n"),
        ("WPS_AP_PIN get", "FAIL\n"),
        ("WPS_AP_PIN set 12345670", "12345670"),
        ("WPS_AP_PIN get", "FAIL\n"),
        ("WPS_GET_STATUS", "PBC Status: Disabled\nLast WPS result: None\n"),
    ] {
        assert_eq!(session.command(command), reply, "{command}");
    }
}

#[test]
fn new_settings_are_written_and_read_again() {
    let mut session = Session::start(WPS);
    session.command("ATTACH");
    assert_eq!(session.command("WPS_CONFIG 6e6577 WPAPSK TKIP 6e65772073656372657421"), "OK\n");
    assert_eq!(session.events, ["<3>WPS-NEW-AP-SETTINGS "]);
    let head = "# WPS configuration - START\nwps_state=2\nssid=new\nwpa=3\nwpa_key_mgmt=WPA-PSK\n\
                wpa_pairwise=CCMP TKIP\nwpa_passphrase=new secret!\nauth_algs=1\n# WPS configuration - END\n";
    let rest = WPS
        .replace("ssid=", "#WPS# ssid=")
        .replace("wpa=2", "#WPS# wpa=2")
        .replace("wpa_key_mgmt", "#WPS# wpa_key_mgmt")
        .replace("rsn_pairwise", "#WPS# rsn_pairwise")
        .replace("wpa_passphrase", "#WPS# wpa_passphrase")
        .replace("wps_state", "#WPS# wps_state");
    assert_eq!(session.file("hostapd.conf"), format!("{head}{rest}"));
    assert!(session.command("GET_CONFIG").contains("ssid=wps-ap\n"));
    session.wait(Duration::from_millis(100));
    let psk: String =
        crate::wire::crypto::psk(b"new secret!", b"new").iter().map(|b| format!("{b:02x}")).collect();
    let config = session.command("GET_CONFIG");
    assert!(
        config
            .contains(&format!("ssid=new\nwps_state=configured\npassphrase=new secret!\npsk={psk}\nwpa=3\n"))
    );
    let beacon = session.requests.iter().rev().find_map(|request| match request {
        DriverRequest::SetBeacon(beacon) => Some(beacon.ssid.clone()),
        _ => None,
    });
    assert_eq!(beacon.unwrap().as_bytes(), b"new");
}

#[test]
fn settings_are_only_passed_on() {
    let mut session = Session::start(WPS);
    session.command("ATTACH");
    session.command("SET wps_cred_processing 1");
    assert_eq!(session.command("WPS_CONFIG 6e6577 OPEN"), "OK\n");
    assert_eq!(session.file("hostapd.conf"), WPS);
    let settings = "100e0026102600010110450003\
                    6e6577100300020001100f00020001102700001020000600000000\
                    0000";
    assert_eq!(session.events, [format!("<3>WPS-NEW-AP-SETTINGS {settings}")]);
}

#[test]
fn what_enrollees_leave_in_files() {
    let mut session = Session::start(WPS);
    session.now = Instant::from_micros(5_000_000);
    let line = "uuid\t02:00:00:00:00:00\tWireless Client".to_owned();
    session.hostapd.chores.push_back(Chore::PinRequest(line.clone()));
    session.command("PING");
    session.hostapd.chores.push_back(Chore::PinRequest(line));
    session.command("PING");
    let request = "5\tuuid\t02:00:00:00:00:00\tWireless Client\n";
    assert_eq!(session.file("/run/pins"), [request, request].concat());

    session.world.files.insert("psks".to_owned(), b"wps=1 00:00:00:00:00:00 for all of them\n".to_vec());
    session.command("SET wpa_psk_file psks");
    session.hostapd.chores.push_back(Chore::NewPsk { addr: STA, psk: [0xab; 32] });
    session.command("PING");
    let hex = "ab".repeat(32);
    let expected = format!("wps=1 00:00:00:00:00:00 for all of them\nwps=1 02:00:00:00:00:00 {hex}\n");
    assert_eq!(session.file("psks"), expected);
    assert_eq!(session.hostapd.config().wps.file_psks.len(), 2);
}

#[test]
fn a_file_that_became_wrong_changes_nothing() {
    let mut session = Session::start(WPS);
    session.world.files.insert("hostapd.conf".to_owned(), b"nonsense\n".to_vec());
    session.hostapd.chores.push_back(Chore::Reload);
    session.command("PING");
    assert!(session.command("GET_CONFIG").contains("ssid=wps-ap\n"));
    assert!(!session.terminated);
}

proptest! {
    /// Whatever settings WPS_CONFIG brings, the file can be read and says the same.
    #[test]
    fn any_settings_are_read_as_written(
        ssid in prop::collection::vec(any::<u8>(), 1..33),
        auth in prop::sample::select(vec!["OPEN", "WPAPSK", "WPA2PSK"]),
        encr in prop::sample::select(vec!["NONE", "TKIP", "CCMP"]),
        key in "[ -~]{8,63}",
    ) {
        let hex = |octets: &[u8]| octets.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let mut session = Session::start(WPS);
        let key_hex = hex(key.as_bytes());
        session.command(&format!("WPS_CONFIG {} {auth} {encr} {key_hex}", hex(&ssid)));
        let file = session.file("hostapd.conf");
        let read = HostapdConfig::parse(file.as_bytes(), &|_| None);
        // WPA without a cipher is nothing that can be configured.
        if auth == "OPEN" || encr != "NONE" {
            let read = read.unwrap();
            prop_assert_eq!(read.ssid.as_ref().unwrap().as_bytes(), &ssid[..]);
            prop_assert_eq!(read.wpa, match auth { "OPEN" => 0, "WPAPSK" => 3, _ => 2 });
            if auth != "OPEN" {
                prop_assert_eq!(read.psk, Some(Psk::Passphrase(key.into_bytes())));
            }
        }
        session.wait(Duration::from_millis(100));
        prop_assert!(!session.terminated);
    }
}
