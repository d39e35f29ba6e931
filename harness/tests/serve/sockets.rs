//! The sockets as files: where they stand, when they come and go, and what stands in their way.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use crate::place::{Place, Server, eventually, refused};

#[test]
fn sockets_come_and_go_with_their_processes() {
    let place = Place::new("files");
    let server = Server::start(&place, &[]);
    let all =
        ["global/wlan0", "global/wlan1", "hostapd/wlan2", "wpa_supplicant/wlan0", "wpa_supplicant/wlan1"];
    assert_eq!(place.sockets(), all);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&place.path("run/wpa_supplicant")), 0o770);
    assert_eq!(mode(&place.path("run/wpa_supplicant/wlan0")), 0o770);
    let control = place.client("c", "wpa_supplicant/wlan0");
    assert_eq!(control.ask("TERMINATE"), "OK\n");
    eventually("the ended process's sockets are gone", || {
        place.sockets() == ["global/wlan1", "hostapd/wlan2", "wpa_supplicant/wlan1"]
    });
    assert_eq!(server.end(), "");
    assert!(place.sockets().is_empty());
    assert!(!place.path("run/wpa_supplicant").exists());
}

#[test]
fn every_signal_and_every_process_ended_remove_all_sockets() {
    for name in ["INT", "TERM"] {
        let place = Place::new(&format!("signal-{name}"));
        let mut server = Server::start(&place, &[]);
        server.signal(name);
        assert!(server.wait().success());
        assert!(place.sockets().is_empty());
    }
    let place = Place::new("terminated");
    let mut server = Server::start(&place, &[]);
    for socket in ["global/wlan0", "wpa_supplicant/wlan1", "hostapd/wlan2"] {
        assert_eq!(place.client("c", socket).ask("TERMINATE"), "OK\n");
    }
    assert!(server.wait().success());
    assert!(place.sockets().is_empty());
}

#[test]
fn a_dead_socket_is_replaced_and_a_live_one_is_not() {
    let place = Place::new("stale");
    std::fs::create_dir_all(place.path("run/wpa_supplicant")).unwrap();
    drop(UnixDatagram::bind(place.path("run/wpa_supplicant/wlan0")).unwrap());
    let server = Server::start(&place, &[]);
    assert!(server.ready.contains("serving"));
    assert!(refused(&place, "run").contains("a process serves this socket already"));
    assert_eq!(place.sockets().len(), 5);
    assert_eq!(place.client("c", "wpa_supplicant/wlan0").ask("PING"), "PONG\n");
}

#[test]
fn a_file_in_the_way_stays() {
    let place = Place::new("way");
    std::fs::create_dir_all(place.path("run/global")).unwrap();
    std::fs::write(place.path("run/global/wlan1"), "precious").unwrap();
    assert!(refused(&place, "run").contains("something that is no socket stands in the way"));
    assert_eq!(std::fs::read_to_string(place.path("run/global/wlan1")).unwrap(), "precious");
    assert_eq!(place.sockets(), ["global/wlan1"]);
}

#[test]
fn a_run_directory_that_is_too_deep_says_so_before_anything_is_made() {
    let place = Place::new("deep");
    let deep = "d".repeat(110);
    let said = refused(&place, &deep);
    assert!(said.contains("107"), "{said}");
    assert!(!place.path(&deep).exists());
    // The longest that has room for wpa_supplicant/ and any interface's name.
    let longest = "d".repeat(107 - "/wpa_supplicant/".len() - 15);
    assert!(refused(&place, &format!("{longest}d")).contains("107"));
    assert!(!place.path(&longest).exists());
}

#[test]
fn a_device_with_a_bad_configuration_says_so_and_leaves_nothing() {
    let place = Place::with("bad", "devices:\n  a: {}\n  ap: {hostapd: {ssid: x, channel: 99}}\n");
    let said = refused(&place, "run");
    assert!(
        said.contains("ap ended as it started:")
            && said.contains(":3:27: ap.hostapd: Could not determine operating frequency"),
        "{said}"
    );
    assert!(place.sockets().is_empty());
}

#[test]
fn a_capture_is_in_its_file_while_the_server_runs() {
    let place = Place::new("pcap");
    let server = Server::start(&place, &["--pcap", "all.pcapng", "--speed", "50"]);
    let size = || std::fs::metadata(place.path("all.pcapng")).map_or(0, |m| m.len());
    eventually("beacons are in the file", || size() > 10_000);
    let before = size();
    server.end();
    assert!(size() > before);
    let file = std::fs::read(place.path("all.pcapng")).unwrap();
    let mut reader = pcap_file::pcapng::PcapNgReader::new(&file[..]).unwrap();
    let mut times = Vec::new();
    while let Some(block) = reader.next_block() {
        if let pcap_file::pcapng::Block::EnhancedPacket(packet) = block.unwrap() {
            times.push(packet.timestamp);
        }
    }
    assert!(times.len() > 50 && times.is_sorted(), "{} frames", times.len());
}

#[test]
fn a_run_directory_that_cannot_be_made_says_so() {
    let place = Place::new("unwritable");
    std::fs::write(place.path("file"), "").unwrap();
    let said = refused(&place, "file/run");
    assert!(said.contains("file/run") && said.contains("Not a directory"), "{said}");
    let said = refused(&place, "/proc/run");
    assert!(said.contains("/proc/run"), "{said}");
}
