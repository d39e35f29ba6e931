//! What each fuzz target does with its bytes. Included by the targets and by the test that replays their
//! corpora, so that both run the same code.

mod access_point;
mod direct;
mod eap;
#[cfg(fuzzing)]
pub mod edit;
mod files;
mod frames;
mod handshakes;
mod kernel;
mod program;
mod registration;
mod reports;
mod services;
#[cfg(target_os = "linux")]
mod sessions;
mod settings;
mod soft_mac;
mod stage;
mod world;

use std::collections::BTreeMap;

use wpasim_engine::config::Config;
use wpasim_engine::entropy::Entropy;
use wpasim_engine::hostapd::Hostapd;
use wpasim_engine::hostapd::process::Process;
use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::wire::MacAddr;
use wpasim_engine::wire::driver::{Channel, DriverView, IfId, ScanResult, StationInfo};
use wpasim_engine::wire::time::Instant;
use wpasim_engine::{ConnId, CtrlSocket, Env, Files, Input, InterfaceConfig, Node, Output, PskSource};

/// What a target does with its bytes.
pub type Entry = fn(&[u8]);

/// Every target by name.
pub const ENTRIES: &[(&str, Entry)] = &[
    ("wpa_supplicant_conf", wpa_supplicant_conf),
    ("control_command", control_command),
    ("control_global", control_global),
    ("scenario_file", scenario_file),
    ("transcript_file", transcript_file),
    ("deviations_file", deviations_file),
    ("report_file", reports::report_file),
    ("mgmt_frame", frames::mgmt_frame),
    ("data_frame", frames::data_frame),
    ("amsdu", frames::amsdu),
    ("element_list", frames::element_list),
    ("security_element", frames::security_element),
    ("eapol_frame", frames::eapol_frame),
    ("eap_packet", eap::eap_packet),
    ("eap_peer", eap::eap_peer),
    ("eap_server", eap::eap_server),
    ("key_data", frames::key_data),
    ("protected_frame", frames::protected_frame),
    ("handshake", handshakes::handshake),
    ("hostapd_conf", access_point::hostapd_conf),
    ("hostapd_session", access_point::hostapd_session),
    ("control_client", control_client),
    ("hwsim_message", kernel::hwsim_message),
    ("wsc_attributes", registration::wsc_attributes),
    ("wps_enrollee", registration::wps_enrollee),
    ("wps_registrar", registration::wps_registrar),
    ("p2p_elements", direct::p2p_elements),
    ("p2p_device", direct::p2p_device),
    ("gas", services::gas),
    ("p2p_service", services::p2p_service),
    ("wpa_psk_file", files::wpa_psk_file),
    ("access_list", files::access_list),
    ("extra_cred", settings::extra_cred),
    ("ap_settings", settings::ap_settings),
    ("baseline_file", files::baseline_file),
    ("serve_topology", files::serve_topology),
    ("udp_cookie", files::udp_cookie),
    ("soft_mac", soft_mac::soft_mac),
    ("world", world::world),
    #[cfg(target_os = "linux")]
    ("regulatory_database", files::regulatory_database),
    #[cfg(target_os = "linux")]
    ("recorded_session", sessions::recorded_session),
];

/// Runs a target's entry.
pub fn run(name: &str, data: &[u8]) {
    if let Some((_, entry)) = ENTRIES.iter().find(|(n, _)| *n == name) {
        entry(data);
    }
}

/// What is read must be written so that it reads back the same.
fn wpa_supplicant_conf(data: &[u8]) {
    if let Ok(config) = Config::parse(data, &NoPsk) {
        let written = config.write();
        // Of a longer line only the beginning is read.
        if written.lines().any(|line| line.len() > 255) {
            return;
        }
        let again = Config::parse(written.as_bytes(), &NoPsk).expect("what is written is readable");
        assert_eq!(again.write(), written);
    }
}

/// Lines of commands to one supplicant; each up to 8192 octets gets a reply until the process ends.
fn control_command(data: &[u8]) {
    let mut node = Supplicant::new(vec![interface()], Entropy::new(1, "fuzz")).with_testing();
    let mut alive = give(&mut node, Input::Start).1;
    for line in data.split(|b| *b == b'\n') {
        if !alive {
            return;
        }
        let socket = CtrlSocket::Interface(IfId(0));
        let (replies, still) =
            give(&mut node, Input::Command { conn: ConnId(1), socket, data: line.to_vec() });
        assert_eq!(replies, usize::from(line.len() <= 8192));
        alive = still && give(&mut node, Input::Timeout).1;
    }
}

/// Lines of commands to the process-wide sockets of a supplicant and of a host of access points: one reply each until the
/// process ends. No interface is ever there twice.
fn control_global(data: &[u8]) {
    let radios = vec![interface()];
    let supplicant = Supplicant::new(radios.clone(), Entropy::new(1, "fuzz"));
    let access_points = Process::new(radios, Entropy::new(1, "fuzz"));
    let nodes: [Box<dyn Node>; 2] = [Box::new(supplicant), Box::new(access_points)];
    for mut node in nodes {
        let mut alive = give(&mut *node, Input::Start).1;
        for line in data.split(|b| *b == b'\n').filter(|line| line.len() <= 8192) {
            if !alive {
                break;
            }
            let socket = CtrlSocket::Global;
            let (replies, still) =
                give(&mut *node, Input::Command { conn: ConnId(1), socket, data: line.to_vec() });
            assert_eq!(replies, 1);
            let state = node.describe();
            let mut names: Vec<&str> =
                state.split("; ").filter_map(|one| Some(one.split_once(':')?.0)).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{state}");
            alive = still && give(&mut *node, Input::Timeout).1;
        }
    }
}

/// Returns whether a supplicant, an access point or a host of access points knows a command: dictionaries are made of those.
pub fn is_command(text: &str) -> bool {
    let supplicant = Supplicant::new(vec![interface()], Entropy::new(1, "fuzz")).with_testing();
    let nodes: [(Box<dyn Node>, CtrlSocket); 3] = [
        (Box::new(supplicant), CtrlSocket::Interface(IfId(0))),
        (Box::new(Hostapd::new(ap_interface(), Entropy::new(1, "fuzz"))), CtrlSocket::Interface(IfId(0))),
        (Box::new(Process::new(vec![interface()], Entropy::new(1, "fuzz"))), CtrlSocket::Global),
    ];
    nodes.into_iter().any(|(mut node, socket)| {
        give(&mut *node, Input::Start);
        let command = Input::Command { conn: ConnId(1), socket, data: text.as_bytes().to_vec() };
        outputs(&mut *node, command).into_iter().any(|output| match output {
            // What the process does not know fails on the process-wide socket of access points.
            Output::Reply { data, .. } if socket == CtrlSocket::Global => data != b"FAIL\n",
            Output::Reply { data, .. } => data != b"UNKNOWN COMMAND\n",
            _ => false,
        })
    })
}

/// A scenario is read, or all that is wrong with it is shown.
fn scenario_file(data: &[u8]) {
    let Ok(source) = core::str::from_utf8(data) else { return };
    let include = |_: &str| Ok("- {sta: PING, reply: PONG}\n".to_owned());
    if let Err(invalid) = wpasim::scenario::read_all("fuzz.yaml", source, &include) {
        assert!(!invalid.to_string().is_empty());
    }
}

/// What is rendered must read back the same; a recording is a transcript's body.
fn transcript_file(data: &[u8]) {
    let Ok(source) = core::str::from_utf8(data) else { return };
    let imported = wpasim::import::session("fuzz.txt", source, "x", "").map_err(|e| e.to_string());
    for transcript in
        [wpasim::transcript::parse(source).map_err(|e| e.message), imported].into_iter().flatten()
    {
        let again = wpasim::transcript::parse(&transcript.to_string()).expect("what is rendered is readable");
        assert_eq!(again.to_string(), transcript.to_string());
        assert!(wpasim::matcher::compare(&transcript, &transcript, &|_| None).is_clean());
    }
}

/// What devices say to a client, where they are, and files that say so.
fn control_client(data: &[u8]) {
    use wpasim::control::{Endpoint, words};
    let _ = (words::is_event(data), words::cookie(data));
    let Ok(text) = core::str::from_utf8(data) else { return };
    let _ = (words::field(text, "address"), words::says_goodbye(text));
    if let Some(words::Group::Started(name) | words::Group::Removed(name)) = words::group(text) {
        let beside = Endpoint::Path("/run/wpa_supplicant/wlan0".into()).beside(name);
        assert_eq!(beside, Some(Endpoint::Path(format!("/run/wpa_supplicant/{name}").into())));
    }
    if let Ok(endpoint) = text.parse::<Endpoint>() {
        assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
    }
    #[cfg(unix)]
    if let Ok(pairs) = wpasim::target::socket::mapping::file("fuzz.yaml", text) {
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let _ = wpasim::target::socket::mapping::mapping(pairs);
    }
}

fn deviations_file(data: &[u8]) {
    let Ok(source) = core::str::from_utf8(data) else { return };
    if let Err(invalid) = wpasim::deviations::Deviations::parse("fuzz.toml", source) {
        assert!(!invalid.to_string().is_empty());
    }
}

fn interface() -> InterfaceConfig {
    InterfaceConfig {
        id: IfId(0),
        ifname: "wlan0".into(),
        phy: "phy0".into(),
        addr: MacAddr([2, 0, 0, 0, 0, 0]),
        second_addr: MacAddr([0x42, 0, 0, 0, 0, 0]),
        ifindex: 2,
        config_path: "wlan0.conf".into(),
    }
}

/// The interface of an access point that runs without a radio.
fn ap_interface() -> InterfaceConfig {
    InterfaceConfig { config_path: "ap.conf".into(), ..interface() }
}

/// The number of replies, and whether the process still runs.
fn give(node: &mut dyn Node, input: Input) -> (usize, bool) {
    let outputs = outputs(node, input);
    let replies = outputs.iter().filter(|output| matches!(output, Output::Reply { .. })).count();
    (replies, !outputs.contains(&Output::Terminated))
}

/// All that comes of an input.
fn outputs(node: &mut dyn Node, input: Input) -> Vec<Output> {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let files = Disk(BTreeMap::from([
        file("wlan0.conf", "update_config=1\n"),
        file("ap.conf", "interface=wlan0\nssid=ap\nhw_mode=g\nchannel=1\nstart_disabled=1\n"),
        file("one.conf", "interface=wlan0\nssid=one\nhw_mode=g\nchannel=1\nbss=wlan0_1\nssid=two\n"),
        file("more.conf", "interface=wlan0_2\nssid=more\nbssid=02:00:00:00:00:05\n"),
    ]));
    node.handle(Instant::ZERO, input, Env { driver: &Silence, files: &files, psk: &NoPsk });
    let mut outputs = Vec::new();
    loop {
        match node.poll_output() {
            Output::Idle { .. } => return outputs,
            output => outputs.push(output),
        }
    }
}

struct NoPsk;

impl PskSource for NoPsk {
    fn psk(&self, _: &[u8], _: &[u8]) -> [u8; 32] {
        [0; 32]
    }
}

struct Disk(BTreeMap<String, Vec<u8>>);

impl Files for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

struct Silence;

impl DriverView for Silence {
    fn scan_results(&self, _: IfId, _: Instant) -> Vec<ScanResult> {
        Vec::new()
    }
    fn station(&self, _: IfId, _: MacAddr, _: Instant) -> Option<StationInfo> {
        None
    }
    fn channels(&self, _: IfId) -> Vec<Channel> {
        vec![Channel { freq: 2412, number: 1, ..Channel::default() }]
    }
    fn key_seq(&self, _: IfId, _: u8) -> [u8; 6] {
        [0; 6]
    }
    fn country(&self) -> [u8; 2] {
        *b"00"
    }
}
