//! Targets for the files beside a configuration, for the harness's own files, and for the cookie of UDP.

use std::fmt::Write;

use wpasim_engine::hostapd::{HostapdConfig, Psk};

use super::access_point::made;

/// A configuration that names one file, which has these octets.
fn with_file(lines: &str, data: &[u8]) -> Option<HostapdConfig> {
    match HostapdConfig::parse(lines.as_bytes(), &|_| Some(data.to_vec())) {
        Ok(config) => Some(config),
        Err(said) => {
            assert!(!said.0.is_empty() && said.0.iter().all(|line| !line.to_string().is_empty()));
            None
        }
    }
}

/// The keys of stations are written so that they read back the same, and the access point has each.
pub fn wpa_psk_file(data: &[u8]) {
    let lines = "ssid=fuzz\nhw_mode=g\nchannel=1\nwpa=2\nrsn_pairwise=CCMP\nwpa_psk_file=file\n";
    let Some(config) = with_file(lines, data) else { return };
    let all: usize = config.station_psks.values().map(Vec::len).sum();
    assert!(all <= data.split(|b| *b == b'\n').count());
    for (addr, psk) in &config.wps.file_psks {
        assert!(config.station_psks.get(addr).is_some_and(|psks| psks.iter().any(|named| named.psk == *psk)));
    }
    let mut written = Vec::new();
    for (addr, psks) in &config.station_psks {
        for psk in psks {
            if !psk.id.is_empty() {
                written.extend(format!("keyid={} ", psk.id).into_bytes());
            }
            written.extend(format!("{addr} ").into_bytes());
            match &psk.psk {
                Psk::Passphrase(text) => written.extend(text),
                Psk::Key(key) => key.iter().for_each(|b| written.extend(format!("{b:02x}").into_bytes())),
            }
            written.push(b'\n');
        }
    }
    let again = with_file(lines, &written).expect("what is written is readable");
    assert_eq!(again.station_psks, config.station_psks);
    made(&config);
}

/// The addresses are written so that they read back the same, in either list.
pub fn access_list(data: &[u8]) {
    for (variable, acl) in [("accept_mac_file", 1), ("deny_mac_file", 0)] {
        let lines = format!("ssid=fuzz\nchannel=1\nmacaddr_acl={acl}\n{variable}=file\n");
        let Some(config) = with_file(&lines, data) else { return };
        let list = |config: &HostapdConfig| [config.accept.clone(), config.deny.clone()];
        let mut written = String::new();
        for (addr, vlan) in list(&config).iter().flatten() {
            let _ = writeln!(written, "{addr} {vlan}");
        }
        let again = with_file(&lines, written.as_bytes()).expect("what is written is readable");
        assert_eq!(list(&again), list(&config));
        made(&config);
    }
}

/// Only frequencies are changed, and the database stays as long as it was.
#[cfg(target_os = "linux")]
pub fn regulatory_database(data: &[u8]) {
    use wpasim::lab::regdb::without_sub_1_ghz;
    let _ = wpasim_sim::rules_of(data, *b"00");
    let Ok(moved) = without_sub_1_ghz(data) else { return };
    assert_eq!(moved.len(), data.len());
    assert_eq!(without_sub_1_ghz(&moved), Ok(moved.clone()), "nothing is left to be moved");
}

/// The trace hashes of a report are written so that they read back the same, and differ from themselves in nothing.
pub fn baseline_file(data: &[u8]) {
    use wpasim::report::json;
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(baseline) = json::baseline(text) else { return };
    let Ok(report) = json::read_report(text) else { return };
    let again = json::baseline(&json::render(&report)).expect("what is rendered is readable");
    assert_eq!(again, baseline);
    let changes = json::changes(&report, &baseline, &|_, _| false);
    let hashed = report.runs.iter().filter(|run| run.trace_hash.is_some()).count();
    assert_eq!((changes.common, changes.only_here.len(), changes.only_there.len()), (hashed, 0, 0));
    let nothing = json::changes(&report, &json::Baseline::new(), &|_, _| false);
    assert_eq!((nothing.common, nothing.only_here.len()), (0, hashed));
}

/// What `serve` is given is read, or all that is wrong with it is shown.
pub fn serve_topology(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else { return };
    match wpasim::scenario::read_topology("fuzz.yaml", source) {
        Ok(topology) => {
            let mut names: Vec<&str> = topology.devices.iter().map(|d| d.name.as_str()).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!((names.len(), names.is_empty()), (count, false), "each device has a name of its own");
            assert!(topology.devices.iter().flat_map(|d| &d.links).all(|l| names.contains(&l.b.as_str())));
        }
        Err(invalid) => assert!(!invalid.to_string().is_empty()),
    }
}

/// A command counts behind the cookie alone; it is what stands there.
pub fn udp_cookie(data: &[u8]) {
    use wpasim::control::words;
    const COOKIE: &str = "00ff00ff00ff00ff";
    if let Some(command) = words::behind_cookie(data, COOKIE) {
        assert!(data.ends_with(command) && command.first() != Some(&b' '));
        assert!(words::behind_cookie(data, "00ff00ff00ff00fe").is_none());
    }
    let sent = [b"COOKIE=", COOKIE.as_bytes(), b" ", data].concat();
    let start = data.iter().take_while(|b| **b == b' ').count();
    assert_eq!(words::behind_cookie(&sent, COOKIE), data.get(start..));
    if let Some(cookie) = words::cookie(data) {
        let digits = core::str::from_utf8(&cookie[b"COOKIE=".len()..]).expect("digits");
        assert_eq!(words::behind_cookie(&[cookie, b" PING"].concat(), digits), Some(&b"PING"[..]));
    }
}
