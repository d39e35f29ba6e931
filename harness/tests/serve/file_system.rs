//! What stands in the file system beside a server: nothing leaves its directory, and nothing that is not its own goes.

use std::os::unix::net::{UnixDatagram, UnixListener};
use std::process::Command;

use rstest::rstest;

use crate::place::{Place, Server, refused};

#[rstest]
#[case::above("../x")]
#[case::far_above("../../../esc3")]
#[case::below("a/b")]
#[case::parent("..")]
#[case::itself(".")]
#[case::colon("a:b")]
fn an_interface_has_a_name_that_linux_takes(#[case] name: &str) {
    let place = Place::with(&format!("names{}", name.len()), crate::place::TOPOLOGY);
    let server = Server::start_with(&place, &[]);
    let before = place.sockets();
    let global = place.client("g", "global/wlan0");
    let command = format!("INTERFACE_ADD {name}\t\tnl80211\tDIR=/a/wpa_supplicant\t\t\tcreate");
    assert_eq!(global.ask(&command), "FAIL\n");
    let hosts = place.client("h", "hostapd-global");
    assert_eq!(hosts.ask(&format!("ADD {name} /run/hostapd")), "FAIL\n");
    let file =
        format!("interface=wlan3\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\nbss={name}\nssid=y\n");
    std::fs::write(place.path("evil.conf"), file).unwrap();
    let path = place.path("evil.conf");
    assert_eq!(hosts.ask(&format!("ADD bss_config=phy3:{}", path.display())), "FAIL\n");
    assert_eq!(place.sockets(), before);
    server.end();
}

#[test]
fn a_live_socket_of_another_kind_is_not_removed() {
    let place = Place::new("stream");
    std::fs::create_dir_all(place.path("run/wpa_supplicant")).unwrap();
    let _live = UnixListener::bind(place.path("run/wpa_supplicant/wlan0")).unwrap();
    assert!(
        refused(&place, "run")
            .contains("a socket that is no control interface, or none of ours, stands in the way")
    );
    assert!(place.path("run/wpa_supplicant/wlan0").exists());
}

#[test]
fn what_took_the_place_of_a_socket_stays() {
    let place = Place::new("taken");
    let server = Server::start(&place, &[]);
    let path = place.path("run/wpa_supplicant/wlan0");
    std::fs::remove_file(&path).unwrap();
    let _others = UnixDatagram::bind(&path).unwrap();
    server.end();
    assert!(path.exists());
}

#[test]
fn a_capture_into_a_pipe_that_nobody_reads_says_so() {
    let place = Place::new("fifo");
    assert!(Command::new("mkfifo").arg(place.path("f")).status().unwrap().success());
    let output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["serve", "t.yaml", "--run-dir", "run", "--pcap", "f"])
        .current_dir(&place.0)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "wpasim: f: nobody reads this pipe\n");
}

#[test]
fn a_capture_into_a_pipe_is_read() {
    let place = Place::new("piped");
    assert!(Command::new("mkfifo").arg(place.path("f")).status().unwrap().success());
    let pipe = place.path("f");
    let reader = std::thread::spawn(move || std::fs::read(pipe).unwrap());
    // Opened for both, so that there is a reader before the server looks.
    let _held = std::fs::File::options().read(true).write(true).open(place.path("f")).unwrap();
    let server = Server::start(&place, &["--pcap", "f"]);
    assert_eq!(place.client("c", "wpa_supplicant/wlan0").ask("SCAN"), "OK\n");
    std::thread::sleep(std::time::Duration::from_millis(700));
    drop(_held);
    server.end();
    assert!(reader.join().unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
}

#[test]
fn a_capture_that_cannot_be_written_ends_with_1() {
    let place = Place::new("full");
    let mut server = Server::start(&place, &["--pcap", "/dev/full"]);
    assert_eq!(place.client("c", "wpa_supplicant/wlan0").ask("PING"), "PONG\n");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(1));
}
