//! Against a kernel with hwsim and the right to be its medium; elsewhere these say that they are skipped.
//! In the lab: `wpasim lab run -- TEST_BINARY`.
#![cfg(target_os = "linux")]

mod lab;

use std::net::UdpSocket;

use lab::host::set_ip;
use lab::{Air, Other, Process, asleep, kernel};
use wpasim_hwsim::codec::{Answer, Command, RadioAttributes};
use wpasim_hwsim::interface::set_down;
use wpasim_hwsim::{Bridge, HwsimError, NewRadio};
use wpasim_sim::{Emission, FrameKind, FrameMatch, NodeId, Rule, Transmitter, World};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// Of hostapd on an interface.
fn hostapd_conf(interface: &str) -> String {
    format!(
        "interface={interface}\ndriver=nl80211\nssid=bridge\nchannel=6\nhw_mode=g\nwpa=2\n\
         wpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=over the bridge\n"
    )
}

const NETWORK: &str = "network={\nssid=\"bridge\"\npsk=\"over the bridge\"\nscan_freq=2437\n}\n";

/// The same network's access point, by the engine.
const ACCESS_POINT: &str = "network={\nmode=2\nfrequency=2437\nssid=\"bridge\"\npsk=\"over the bridge\"\n\
                            key_mgmt=WPA-PSK\nproto=RSN\npairwise=CCMP\n}\n";

/// Whether a node's engine has said this.
fn says(world: &mut World, node: NodeId, what: &str) -> bool {
    world.take_outbox().iter().any(|e| {
        matches!(&e.what, Emission::Event(text) if e.node == node && String::from_utf8_lossy(text).contains(what))
    })
}

fn kinds_from(world: &World, node: NodeId) -> Vec<FrameKind> {
    let own = world.frames_seen(0).iter().filter(|f| f.from == Transmitter::Node(node));
    own.map(|f| f.kind).collect()
}

#[test]
fn there_is_one_medium() {
    let Some(_kernel) = kernel() else { return };
    let first = Bridge::open().unwrap();
    assert!(matches!(Bridge::open(), Err(HwsimError::MediumTaken)));
    // Sockets of other netlink protocols come and go.
    set_down("lo").unwrap();
    assert!(matches!(Bridge::open(), Err(HwsimError::MediumTaken)));
    drop(first);
    assert!(Bridge::open().is_ok());
}

#[test]
fn radios_that_were_made_go_away() {
    let Some(_kernel) = kernel() else { return };
    let air = Air::new().unwrap();
    let before = air.bridge.radios().unwrap();
    let made = air.bridge.make_radio(&NewRadio { p2p_device: false, ..NewRadio::default() }).unwrap();
    assert_eq!(made.interfaces.len(), 1);
    assert_eq!(made.second_addr.0[0], made.addr.0[0] | 0x40);
    assert_eq!(air.bridge.radios().unwrap().len(), before.len() + 1);
    let named = NewRadio {
        phy: Some("bridge0".to_owned()),
        addr: Some(MacAddr([2, 0, 0, 0xaa, 0, 0])),
        ..NewRadio::default()
    };
    let named = air.bridge.make_radio(&named).unwrap();
    assert_eq!((named.phy.as_str(), named.addr), ("bridge0", MacAddr([2, 0, 0, 0xaa, 0, 0])));
    drop(air);
    assert_eq!(Bridge::open().unwrap().radios().unwrap(), before);
}

#[test]
fn what_the_kernel_refuses_is_named() {
    let Some(_kernel) = kernel() else { return };
    let bridge = Bridge::open().unwrap();
    let bad = NewRadio { addr: Some(MacAddr::BROADCAST), ..NewRadio::default() };
    let error = bridge.make_radio(&bad).unwrap_err();
    assert!(error.to_string().starts_with("the kernel refuses the command NEW_RADIO"), "{error}");
}

#[test]
fn radios_with_several_channels_have_no_medium() {
    let Some(_kernel) = kernel() else { return };
    let other = Other::new();
    let two = RadioAttributes { channels: Some(2), destroy_on_close: true, ..RadioAttributes::default() };
    assert!(matches!(other.ask(&Command::NewRadio(two)), Answer::Made(_) | Answer::Done));
    assert!(matches!(Bridge::open(), Err(HwsimError::SeveralChannels)));
}

#[test]
fn a_radio_deleted_by_others_ends_the_run() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radio = air.bridge.make_radio(&NewRadio::default()).unwrap();
    air.bridge.attach(&mut air.world, &radio, "short-lived", None);
    let gone = RadioAttributes { id: Some(radio.id), ..RadioAttributes::default() };
    assert_eq!(Other::new().ask(&Command::DelRadio(gone)), Answer::Done);
    let error = air.bridge.pump(&mut air.world).unwrap_err();
    assert!(matches!(&error, HwsimError::RadioGone { radio: phy } if *phy == radio.phy), "{error}");
    assert_eq!(air.bridge.pump(&mut air.world).unwrap(), 0);
}

#[test]
fn real_station_and_real_access_point() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(3);
    air.world.watch_frames();
    let (sta, ap) = (&radios[0], &radios[1]);
    let (sta_if, ap_if) = (&sta.0.interfaces[0].0, &ap.0.interfaces[0].0);
    // Message 2 is lost on the way, all its repetitions included; hostapd asks again.
    let second =
        FrameMatch { from: Some(sta.1.into()), kind: Some(FrameKind::Eapol4Way(2)), ..FrameMatch::default() };
    air.world.medium().add_rule(Rule::new(second, wpasim_sim::Action::Drop).times(1));
    let conf = format!("{}wpa_group_rekey=2\n", hostapd_conf(ap_if));
    let hostapd = Process::start("hostapd", None, &conf);
    let supplicant = Process::start("wpa_supplicant", Some(sta_if), NETWORK);
    let connected = air.until(PATIENCE, |_| supplicant.said().contains("CTRL-EVENT-CONNECTED"));
    assert!(connected, "{}\n{}", supplicant.said(), hostapd.said());
    let first: Vec<_> =
        kinds_from(&air.world, ap.1).into_iter().filter(|k| *k == FrameKind::Eapol4Way(1)).collect();
    assert_eq!(first.len(), 2, "message 1 was repeated");
    let lost: Vec<_> = air
        .world
        .frames_seen(0)
        .iter()
        .filter(|f| f.kind == FrameKind::Eapol4Way(2))
        .map(|f| f.acked)
        .collect();
    assert_eq!(lost, [&[false; 8][..], &[true]].concat());
    // Encrypted handshakes are known for what they are.
    let done = |world: &mut World| {
        let seen = |node, kind| {
            world
                .frames_seen(0)
                .iter()
                .any(|f| f.from == Transmitter::Node(node) && f.kind == kind && f.acked)
        };
        seen(ap.1, FrameKind::EapolGroup(1)) && seen(sta.1, FrameKind::EapolGroup(2))
    };
    assert!(air.until(PATIENCE, done), "{}", hostapd.said());
    let statistics = air.bridge.statistics();
    assert_eq!((statistics.malformed, statistics.overruns, statistics.foreign), (0, 0, 0));
}

#[test]
fn real_access_point_and_engine_station() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(1);
    let hostapd = Process::start("hostapd", None, &hostapd_conf(&radios[0].0.interfaces[0].0));
    let sta = air.engine("engine", MacAddr([2, 0, 0, 0, 0x55, 0]), NETWORK);
    let connected = air.until(PATIENCE, |world| says(world, sta, "CTRL-EVENT-CONNECTED"));
    assert!(connected, "{}\n{}", air.world.describe(sta), hostapd.said());
    let authorized = air.until(PATIENCE, |_| hostapd.said().contains("AP-STA-CONNECTED 02:00:00:00:55:00"));
    assert!(authorized, "{}", hostapd.said());
    // The connection lasts: beacons and null functions are heard both ways.
    air.until(Duration::from_secs(5), |_| false);
    assert!(air.world.describe(sta).contains("COMPLETED"), "{}", air.world.describe(sta));
}

#[test]
fn engine_access_point_and_real_station() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(1);
    let ap = air.engine("engine", MacAddr([2, 0, 0, 0, 0x56, 0]), ACCESS_POINT);
    let supplicant = Process::start("wpa_supplicant", Some(&radios[0].0.interfaces[0].0), NETWORK);
    let connected = air.until(PATIENCE, |_| supplicant.said().contains("CTRL-EVENT-CONNECTED"));
    assert!(connected, "{}\n{}", supplicant.said(), air.world.describe(ap));
    // Beacons, which only the kernel's radio hears, keep it there.
    air.until(Duration::from_secs(5), |_| false);
    assert!(!supplicant.said().contains("CTRL-EVENT-DISCONNECTED"), "{}", supplicant.said());
}

/// What the kernel's own stack sends to a host behind the engine comes back to it, encrypted on the air both ways.
fn datagrams_come_back(air: &mut Air, kernel: (&str, NodeId), engine: NodeId) {
    const OUT: &str = "said in confidence";
    set_ip(kernel.0, [192, 0, 2, 1]);
    let socket = UdpSocket::bind("192.0.2.1:5000").unwrap();
    socket.set_nonblocking(true).unwrap();
    air.world.watch_frames();
    let mut echo = [0; 100];
    for number in 0..3 {
        let said = format!("{OUT} {number}");
        assert_eq!(socket.send_to(said.as_bytes(), "192.0.2.9:7").unwrap(), said.len());
        let mut heard = None;
        air.until(PATIENCE, |_| {
            heard = socket.recv_from(&mut echo).ok();
            heard.is_some()
        });
        let (length, from) = heard.unwrap_or_else(|| panic!("no echo: {}", air.world.describe(engine)));
        assert_eq!((&echo[..length], from.to_string()), (said.as_bytes(), "192.0.2.9:7".to_owned()));
    }
    let sent = |from: NodeId| {
        let data = air.world.frames_seen(0).iter().filter(move |frame| {
            let (control, flags) = (frame.bytes[0], frame.bytes[1]);
            frame.from == Transmitter::Node(from)
                && control & 0x4c == 0x08
                && flags & 0x40 != 0
                && frame.acked
        });
        data.count()
    };
    // Three datagrams each way, and an ARP request's answer.
    assert!(sent(kernel.1) >= 3 && sent(engine) >= 4, "{} and {}", sent(kernel.1), sent(engine));
    let readable = |bytes: &[u8]| bytes.windows(OUT.len()).any(|part| part == OUT.as_bytes());
    assert!(
        !air.world.frames_seen(0).iter().any(|frame| readable(&frame.bytes)),
        "it is readable on the air"
    );
}

#[test]
fn data_between_the_engines_station_and_the_real_access_point() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(1);
    let (ifname, node) = (radios[0].0.interfaces[0].0.clone(), radios[0].1);
    let hostapd = Process::start("hostapd", None, &hostapd_conf(&ifname));
    let sta = air.engine_with_host("engine", MacAddr([2, 0, 0, 0, 0x57, 0]), NETWORK, [192, 0, 2, 9]);
    let authorized = air.until(PATIENCE, |_| hostapd.said().contains("AP-STA-CONNECTED 02:00:00:00:57:00"));
    assert!(authorized, "{}\n{}", air.world.describe(sta), hostapd.said());
    datagrams_come_back(&mut air, (&ifname, node), sta);
}

#[test]
fn data_between_the_real_station_and_the_engines_access_point() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(1);
    let (ifname, node) = (radios[0].0.interfaces[0].0.clone(), radios[0].1);
    let ap = air.engine_with_host("engine", MacAddr([2, 0, 0, 0, 0x58, 0]), ACCESS_POINT, [192, 0, 2, 9]);
    let supplicant = Process::start("wpa_supplicant", Some(&ifname), NETWORK);
    let connected = air.until(PATIENCE, |_| supplicant.said().contains("CTRL-EVENT-CONNECTED"));
    assert!(connected, "{}\n{}", supplicant.said(), air.world.describe(ap));
    datagrams_come_back(&mut air, (&ifname, node), ap);
}

#[test]
fn radios_of_others_do_not_concern_us() {
    let Some(_kernel) = kernel() else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(1);
    let other = Other::new();
    for _ in 0..40 {
        let made = RadioAttributes { channels: Some(1), ..RadioAttributes::default() };
        let Answer::Made(id) = other.ask(&Command::NewRadio(made)) else { panic!("a radio") };
        let gone = RadioAttributes { id: Some(id), ..RadioAttributes::default() };
        assert_eq!(other.ask(&Command::DelRadio(gone)), Answer::Done);
    }
    assert!(air.bridge.pump(&mut air.world).unwrap() >= 80);
    assert_eq!(air.bridge.radios().unwrap()[0], radios[0].0);
}

/// Only in the lab, where a quarter of an hour of beacons takes a second.
#[test]
fn messages_that_nobody_reads_are_lost_and_counted() {
    let Some(_kernel) = kernel().filter(|_| std::env::var_os("WPASIM_LAB").is_some()) else { return };
    let mut air = Air::new().unwrap();
    let radios = air.attach(1);
    let conf = format!("{}beacon_int=15\n", hostapd_conf(&radios[0].0.interfaces[0].0));
    let hostapd = Process::start("hostapd", None, &conf);
    assert!(air.until(PATIENCE, |_| hostapd.said().contains("AP-ENABLED")), "{}", hostapd.said());
    asleep(Duration::from_secs(900));
    air.until(Duration::from_millis(1), |_| false);
    let after = air.bridge.statistics();
    assert!(after.overruns > 0, "{after:?}");
    air.world.watch_frames();
    let goes_on = air.until(PATIENCE, |world| world.frames_seen(0).len() > 10);
    assert!(goes_on, "{:?}", air.bridge.statistics());
}
