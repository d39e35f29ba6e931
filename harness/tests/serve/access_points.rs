//! Access points made at run time through `hostapd-global`. What replies and events are expected was asked of
//! hostapd 2.10 in the lab, with the same files and commands.

use crate::place::{Client, Place, Server, eventually, tool};

/// Three radios for access points, and two stations.
const TOPOLOGY: &str = "devices:\n  a: {}\n  b: {}\nap_radios: 3\n";

const OPEN: &str =
    "interface=wlan2\ndriver=nl80211\nctrl_interface=/run/hostapd\nssid=one\nhw_mode=g\nchannel=1\n";
const SECURE: &str = "interface=wlan2_2\nctrl_interface=/run/hostapd\nssid=two\nwpa=2\nwpa_key_mgmt=WPA-PSK\n\
    rsn_pairwise=CCMP\nwpa_passphrase=12345678\nchannel=6\n";
const THREE: &str = "interface=wlan3\ndriver=nl80211\nctrl_interface=/run/hostapd\nssid=m1\nhw_mode=g\nchannel=6\n\
    bss=wlan3_1\nctrl_interface=/run/hostapd\nssid=m2\nbss=wlan3_2\nctrl_interface=/run/hostapd\nssid=m3\n";

fn place(name: &str) -> Place {
    let place = Place::with(name, TOPOLOGY);
    for (name, text) in [
        ("open.conf", OPEN),
        ("secure.conf", SECURE),
        ("three.conf", THREE),
        ("noif.conf", "driver=nl80211\nssid=x\nchannel=1\n"),
        ("nosuch.conf", "interface=nosuch0\ndriver=nl80211\nssid=x\nchannel=1\n"),
        ("bad.conf", "interface=wlan4\nbogus=1\nssid=x\n"),
    ] {
        std::fs::write(place.path(name), text).unwrap();
    }
    place
}

fn all(client: &Client, dialogue: &[(&str, &str)]) {
    for (command, reply) in dialogue {
        assert_eq!(client.ask(command), *reply, "{command}");
    }
}

#[test]
fn the_global_socket_refuses_what_2_10_refuses() {
    let place = place("ap-refused");
    let server = Server::start(&place, &[]);
    assert_eq!(
        server.ready,
        "wpasim: serving 2 in global/, 2 in wpa_supplicant/, hostapd-global below run\n"
    );
    let global = place.client("g", "hostapd-global");
    assert_eq!(global.ask("PING"), "PONG\n");
    assert_eq!(global.ask("INTERFACES"), "");
    for ok in ["FLUSH", "RELOG"] {
        assert_eq!(global.ask(ok), "OK\n", "{ok}");
    }
    assert_eq!(global.ask("IFNAME=wlan2 PING"), "FAIL-NO-IFNAME-MATCH\n");
    let long = "X".repeat(5000);
    for refused in [
        "FOO",
        "ADD",
        "ADD ",
        "ADD x",
        "ADD wlan2",
        "REMOVE wlan2",
        "STATUS",
        "LEVEL 2",
        "DETACH",
        "IFNAME=wlan2",
        "DUP_NETWORK a b c",
        "ADD bss_config=phy2",
        "ADD bss_config=phy2:",
        "ADD bss_config=:open.conf",
        "ADD bss_config=phy2:/nosuch",
        "ADD bss_config=phy2:/dev/zero",
        "ADD bss_config=phy2:noif.conf",
        "ADD bss_config=phy2:nosuch.conf",
        "ADD bss_config=phy2:bad.conf",
        long.as_str(),
    ] {
        assert_eq!(global.ask(refused), "FAIL\n", "{refused}");
    }
    assert_eq!(global.ask("INTERFACES"), "");
    let said = server.end();
    for line in [
        "wpasim: aps: Could not open configuration file '/nosuch' for reading.\n",
        "wpasim: aps: Line 2: unknown configuration item 'bogus'\n",
        "wpasim: aps: 1 errors found in configuration file 'bad.conf'\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn bsss_on_a_radio_come_and_go() {
    let place = place("ap-bsss");
    let server = Server::start(&place, &["--speed", "max"]);
    let (global, monitor) = (place.client("g", "hostapd-global"), place.client("m", "hostapd-global"));
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    assert_eq!(global.ask("ADD bss_config=phy2:open.conf"), "OK\n");
    assert_eq!(monitor.next().unwrap(), "IFNAME=wlan2 <3>AP-ENABLED ");
    all(
        &global,
        &[
            ("INTERFACES ctrl", "wlan2 ctrl_iface=/run/hostapd\n"),
            ("ADD bss_config=phy2:open.conf", "FAIL\n"),
            ("ADD bss_config=phy2:three.conf", "FAIL\n"),
            ("ADD bss_config=phy2:secure.conf", "OK\n"),
            ("INTERFACES", "wlan2\nwlan2_2\n"),
            ("DUP_NETWORK wlan2_2 wlan2 wpa_passphrase", "OK\n"),
            ("DUP_NETWORK wlan2_2 wlan2 ssid", "FAIL\n"),
            ("DUP_NETWORK wlan2 wlan2_2", "FAIL\n"),
            ("DUP_NETWORK wlan2 nosuch wpa", "FAIL\n"),
            ("IFNAME=wlan2_2 PING", "PONG\n"),
        ],
    );
    let second = place.client("s", "hostapd/wlan2_2");
    let status = second.ask("STATUS");
    assert!(status.starts_with("state=ENABLED\nphy=phy2\nfreq=2412\n"), "{status}");
    assert!(status.ends_with(
        "bss[0]=wlan2\nbssid[0]=02:00:00:00:02:00\nssid[0]=one\nnum_sta[0]=0\n\
         bss[1]=wlan2_2\nbssid[1]=02:00:00:00:02:01\nssid[1]=two\nnum_sta[1]=0\n"
    ));
    assert!(second.ask("GET_CONFIG").starts_with("bssid=02:00:00:00:02:01\nssid=two\n"));
    assert_eq!(second.ask("CHAN_SWITCH 5 2437"), "FAIL\n");
    assert_eq!(second.ask("DISABLE"), "OK\n");
    assert_eq!(monitor.next().unwrap(), "IFNAME=wlan2 <3>AP-DISABLED ");
    let first = place.client("f", "hostapd/wlan2");
    assert!(first.ask("STATUS").starts_with("state=DISABLED\nphy=phy2\n"));
    all(&first, &[("DISABLE", "FAIL\n"), ("ENABLE", "OK\n")]);
    assert_eq!(monitor.next().unwrap(), "IFNAME=wlan2 <3>AP-ENABLED ");
    all(&second, &[("ENABLE", "FAIL\n"), ("RELOAD", "OK\n")]);
    all(&global, &[("REMOVE wlan2_2", "OK\n"), ("INTERFACES", "wlan2\n")]);
    assert_eq!(monitor.next().unwrap(), "IFNAME=wlan2_2 <3>AP-DISABLED ");
    assert_eq!(monitor.next().unwrap(), "IFNAME=wlan2_2 <3>CTRL-EVENT-TERMINATING ");
    all(
        &global,
        &[("ADD bss_config=phy2:secure.conf", "OK\n"), ("REMOVE wlan2", "OK\n"), ("REMOVE wlan2", "FAIL\n")],
    );
    for event in ["wlan2_2 <3>AP-DISABLED ", "wlan2_2 <3>CTRL-EVENT-TERMINATING ", "wlan2 <3>AP-DISABLED "] {
        assert_eq!(monitor.next().unwrap(), format!("IFNAME={event}"));
    }
    assert_eq!(monitor.next().unwrap(), "IFNAME=wlan2 <3>CTRL-EVENT-TERMINATING ");
    assert!(place.sockets().iter().all(|s| !s.starts_with("hostapd/")), "{:?}", place.sockets());
    assert_eq!(server.end(), "");
}

#[test]
fn stations_join_each_bss_of_a_file() {
    let (Some(wpa_cli), Some(hostapd_cli)) = (tool("wpa_cli"), tool("hostapd_cli")) else { return };
    let place = place("ap-join");
    let server = Server::start(&place, &["--speed", "20"]);
    let global = place.client("g", "hostapd-global");
    assert_eq!(global.ask("ADD bss_config=phy3:three.conf"), "OK\n");
    assert_eq!(global.ask("ADD bss_config=phy2:open.conf"), "OK\n");
    assert_eq!(global.ask("ADD bss_config=phy2:secure.conf"), "OK\n");
    let sta = |interface: &str, command: &[&str]| place.ask(&wpa_cli, "wpa_supplicant", interface, command);
    for (interface, network) in
        [("wlan0", vec!["ssid \"m3\"", "key_mgmt NONE"]), ("wlan1", vec!["ssid \"two\"", "psk \"12345678\""])]
    {
        assert_eq!(sta(interface, &["add_network"]), "0\n");
        for setting in network {
            let (name, value) = setting.split_once(' ').unwrap();
            assert_eq!(sta(interface, &["set_network", "0", name, value]), "OK\n");
        }
        assert_eq!(sta(interface, &["enable_network", "0"]), "OK\n");
    }
    for (interface, bssid) in [("wlan0", "02:00:00:00:03:02"), ("wlan1", "02:00:00:00:02:01")] {
        eventually("it is connected", || {
            let status = sta(interface, &["status"]);
            status.contains("wpa_state=COMPLETED") && status.contains(&format!("\nbssid={bssid}\n"))
                || status.starts_with(&format!("bssid={bssid}\n")) && status.contains("wpa_state=COMPLETED")
        });
    }
    let ap = |interface: &str, command: &[&str]| place.ask(&hostapd_cli, "hostapd", interface, command);
    assert!(ap("wlan3_2", &["all_sta"]).starts_with("02:00:00:00:00:00\n"));
    assert_eq!(ap("wlan3_1", &["all_sta"]), "");
    assert!(ap("wlan2_2", &["all_sta"]).starts_with("02:00:00:00:01:00\n"));
    let results = sta("wlan0", &["scan_results"]);
    for ssid in ["m1", "m2", "m3"] {
        assert!(
            results.contains(&format!("\t{ssid}\n")) || results.ends_with(&format!("\t{ssid}")),
            "{results}"
        );
    }
    // It hears its access point go.
    let monitor = place.client("m", "wpa_supplicant/wlan0");
    assert_eq!(monitor.ask("ATTACH"), "OK\n");
    assert_eq!(global.ask("REMOVE wlan3_2"), "OK\n");
    monitor.wait_for("CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:03:02");
    assert_eq!(server.end(), "");
}

#[test]
fn an_interface_is_configured_by_set() {
    let place = place("ap-set");
    let server = Server::start(&place, &["--speed", "max"]);
    let global = place.client("g", "hostapd-global");
    all(
        &global,
        &[
            ("ADD wlan4 /run/hostapd", "OK\n"),
            ("ADD wlan4 /run/hostapd", "FAIL\n"),
            ("ADD nosuch5 /run/hostapd nl80211", "OK\n"),
            ("ADD wlan3 config=open.conf", "OK\n"),
            (
                "INTERFACES ctrl",
                "wlan4 ctrl_iface=/run/hostapd\nnosuch5 ctrl_iface=/run/hostapd\nwlan3 ctrl_iface=/run/hostapd\n",
            ),
        ],
    );
    let nowhere = place.client("n", "hostapd/nosuch5");
    all(
        &nowhere,
        &[("PING", "PONG\n"), ("SET ssid x", "OK\n"), ("SET channel 3", "OK\n"), ("ENABLE", "FAIL\n")],
    );
    let configured = place.client("c", "hostapd/wlan4");
    assert!(configured.ask("STATUS").starts_with("state=UNINITIALIZED\nphy=\nfreq=0\n"));
    all(
        &configured,
        &[
            ("SET ssid five", "OK\n"),
            ("SET hw_mode g", "OK\n"),
            ("SET channel 3", "OK\n"),
            ("ENABLE", "OK\n"),
        ],
    );
    let status = configured.ask("STATUS");
    assert!(status.starts_with("state=ENABLED\nphy=phy4\nfreq=2422\n"), "{status}");
    assert!(status.contains("ssid[0]=five\n"));
    assert_eq!(place.client("o", "hostapd/wlan3").ask("ENABLE"), "OK\n");
    assert_eq!(global.ask("TERMINATE"), "OK\n");
    eventually("its sockets are gone", || {
        place.sockets() == ["global/wlan0", "global/wlan1", "wpa_supplicant/wlan0", "wpa_supplicant/wlan1"]
    });
    assert_eq!(server.end(), "");
}
