//! Configurations that can't be used, as a person meets them: refused by 2.10, or asking for what the engine has not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rstest::rstest;

/// A directory with one scenario in it, removed at the end.
struct Suite(PathBuf);

impl Suite {
    fn new(name: &str, scenario: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("conf-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("scenarios/a")).unwrap();
        fs::write(path.join("scenarios/a/x.yaml"), scenario).unwrap();
        Suite(path)
    }

    /// The exit code, and both outputs together.
    fn wpasim(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
            .args(arguments)
            .current_dir(&self.0)
            .env_remove("GITHUB_ACTIONS")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].map(|o| String::from_utf8_lossy(&o).into_owned()).concat();
        (output.status.code().unwrap_or(-1), text)
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn scenario(devices: &str, steps: &str) -> String {
    format!("about: x\nwhy: y\ntranscript: none\ndevices:\n{devices}steps:\n{steps}")
}

/// A directory's name for a case.
fn name_of(expected: &str) -> String {
    expected.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

const WAIT: &str = "  - advance: 1s\n";

#[rstest]
#[case::passphrase(
    "  ap:\n    hostapd:\n      ssid: x\n      wpa: 2\n      wpa_passphrase: short\n",
    "9:7: ap.hostapd: Line 7: invalid WPA passphrase length 5 (expected 8..63)"
)]
#[case::together(
    "  ap: {hostapd: {ssid: x, ieee80211h: 1}}\n",
    "5:3: ap.hostapd: Cannot enable IEEE 802.11h without IEEE 802.11d enabled"
)]
#[case::block(
    "  ap:\n    hostapd: |\n      ssid=x\n      channel=1\n      nosuch=1\n",
    "9:1: ap.hostapd: Line 3: unknown configuration item 'nosuch'"
)]
#[case::network(
    "  sta:\n    networks:\n      - ssid: '\"x\"'\n        psk: '\"short\"'\n",
    "8:9: sta.networks: Line 5: Invalid passphrase length 5 (expected: 8..63) 'short\"'."
)]
#[case::text(
    "  sta:\n    config: |\n      ap_scan=1\n      network={\n      psk=ext:home\n      }\n",
    "9:1: sta.config: Line 3: Invalid PSK 'ext:home'."
)]
#[case::global(
    "  sta: {p2p_go_intent: 16}\n",
    "5:9: sta: Line 2: too large p2p_go_intent (value=16 max_value=15)"
)]
#[case::capability(
    "  ap:\n    hostapd: |\n      ssid=x\n      channel=1\n      ieee80211n=1\n      ht_capab=[LDPC]\n",
    "10:1: ap.hostapd: Driver does not support configured HT capability [LDPC]"
)]
#[case::channel(
    "  ap:\n    hostapd:\n      ssid: x\n      channel: 99\n",
    "8:7: ap.hostapd: Could not determine operating frequency"
)]
#[case::no_ssid("  ap: {hostapd: {channel: 1}}\n", "5:3: ap.hostapd: Failed to set beacon parameters")]
#[case::ciphers(
    "  sta: {openssl_ciphers: '\"DEFAULT\"'}\n",
    "5:9: sta: OpenSSL: Failed to set cipher string '\"DEFAULT\"'"
)]
fn what_2_10_refuses_is_told_at_its_place(#[case] devices: &str, #[case] expected: &str) {
    let suite = Suite::new(&name_of(expected), &scenario(devices, WAIT));
    let (place, message) = expected.split_once(": ").unwrap();
    let line = place.split(':').next().unwrap();
    // The place of a failure is a line; of a problem it is the column as well.
    for (command, code, place) in [("check", 2, place), ("run", 1, line)] {
        let (ended, text) = suite.wpasim(&[command]);
        assert_eq!(ended, code, "{command}: {text}");
        let line = format!("scenarios/a/x.yaml:{place}: {message}");
        assert!(text.contains(&line), "{command} does not say {line}:\n{text}");
    }
}

#[test]
fn each_case_of_a_matrix_is_checked() {
    let devices = "  ap: {hostapd: {ssid: x, beacon_int: \"{n}\"}}\n";
    let text = scenario(devices, WAIT).replace("devices:", "matrix: {n: [100, 9]}\ndevices:");
    let (code, said) = Suite::new("matrix", &text).wpasim(&["check"]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("x.yaml:6:27: ap.hostapd: Line 6: invalid beacon_int 9 (expected 10..65535)"),
        "{said}"
    );
}

#[rstest]
#[case::pmf(
    "  ap: {hostapd: {ssid: x, channel: 1, ieee80211w: 2}}\n",
    "5:39: ap.hostapd: line 7: ieee80211w=2: management frame protection (802.11w) is not implemented"
)]
#[case::sae(
    "  sta: {networks: [{ssid: '\"x\"', key_mgmt: SAE, sae_password: '\"x\"'}]}\n",
    "5:34: sta.networks: line 5: key_mgmt=SAE: SAE (WPA3) is not implemented"
)]
#[case::eap(
    "  sta: {networks: [{ssid: '\"x\"', eap: PEAP}]}\n",
    "5:34: sta.networks: line 5: eap=PEAP: EAP-PEAP is not implemented"
)]
#[case::multi_ap(
    "  sta: {networks: [{multi_ap_backhaul_sta: 1}]}\n",
    "5:21: sta.networks: line 4: multi_ap_backhaul_sta=1: Multi-AP is not implemented"
)]
fn what_the_engine_has_not_is_skipped(#[case] devices: &str, #[case] expected: &str) {
    let suite = Suite::new(&name_of(expected), &scenario(devices, WAIT));
    let line = format!("scenarios/a/x.yaml:{expected}");
    let (code, text) = suite.wpasim(&["run"]);
    assert!(text.contains("skip a/x") && text.contains(&line), "{text}");
    assert_eq!(code, 3, "everything was skipped: {text}");
    let (code, text) = suite.wpasim(&["check"]);
    assert_eq!(code, 0, "what is missing is no fault of the scenario: {text}");
    assert!(text.contains(&line), "{text}");
}

#[rstest]
#[case::refused("  sta: {}\n", "  - sta: DPP_LISTEN 2412\n", "7:5: sta: DPP_LISTEN: DPP is not implemented")]
#[case::access_point(
    "  ap: {hostapd: {ssid: x}}\n",
    "  - ap: HS20_DEAUTH_REQ x\n",
    "7:5: ap: HS20_DEAUTH_REQ: Hotspot 2.0 is not implemented"
)]
fn what_a_command_asks_for_is_skipped(#[case] devices: &str, #[case] steps: &str, #[case] expected: &str) {
    let suite = Suite::new(&name_of(expected), &scenario(devices, steps));
    let line = format!("scenarios/a/x.yaml:{expected}");
    let (code, text) = suite.wpasim(&["run"]);
    assert!(text.contains("skip a/x") && text.contains(&line), "{text}");
    assert_eq!(code, 3, "everything was skipped: {text}");
    let (code, text) = suite.wpasim(&["check"]);
    assert!(code == 0 && text.contains(&format!("{line} (skipped where the engine runs it)")), "{text}");
}

#[rstest]
#[case::file(
    "  ap: {hostapd: {ssid: x, channel: 1, logger_syslog: 0}}\n",
    WAIT,
    "5:39: ap.hostapd: line 7: logger_syslog=0: it is stored only: of the log, which the engine has not"
)]
#[case::command(
    "  sta: {}\n",
    "  - sta: SET fast_reauth 0\n",
    "7:5: sta: SET fast_reauth: it is stored only: used by EAP methods, which `eap` and `key_mgmt` of a network ask for"
)]
#[case::missing(
    "  sta: {}\n",
    "  - sta: P2P_SET per_sta_psk 1\n",
    "7:5: sta: P2P_SET per_sta_psk: a key for each client of a group (per_sta_psk) is not implemented"
)]
fn what_has_no_effect_is_told_once(#[case] devices: &str, #[case] steps: &str, #[case] expected: &str) {
    let suite = Suite::new(&name_of(expected), &scenario(devices, &format!("{steps}{steps}")));
    let line = format!("scenarios/a/x.yaml:{expected}");
    for command in [&["check"][..], &["run"], &["run", "--repeat", "3"]] {
        let (code, text) = suite.wpasim(command);
        assert_eq!((code, text.matches(&line).count()), (0, 1), "{command:?}: {text}");
    }
}

#[rstest]
#[case::default("  ap: {hostapd: {ssid: x, channel: 1, logger_syslog: -1}}\n", WAIT)]
#[case::refused("  sta: {}\n", "  - {sta: DPP_LISTEN 2412, reply: FAIL}\n")]
fn what_is_as_it_is_anyway_is_not_told(#[case] devices: &str, #[case] steps: &str) {
    let suite = Suite::new(&name_of(&format!("plain{devices}")), &scenario(devices, steps));
    for command in ["check", "run"] {
        let (code, text) = suite.wpasim(&[command]);
        assert!(code == 0 && !text.contains("x.yaml:"), "{command}: {text}");
    }
}

#[test]
fn a_refusal_can_be_expected() {
    let devices = "  ap:\n    start: no\n    hostapd: |\n      ssid=x\n      wpa_passphrase=short\n";
    let start = "  - {start: ap, refused: \"Line {*}: invalid WPA passphrase length 5 (expected 8..63)\"}\n";
    let suite = Suite::new("expected", &scenario(devices, start));
    assert_eq!(suite.wpasim(&["check"]).0, 0);
    let (code, text) = suite.wpasim(&["run"]);
    assert!(code == 0 && text.contains("pass a/x"), "{text}");
}

#[test]
fn another_refusal_or_none_is_a_failure() {
    let start = "  - {start: ap, refused: \"Line 1: nothing of the kind\"}\n";
    let taken = "  ap: {start: no, hostapd: {ssid: x, channel: 1}}\n";
    let (code, text) = Suite::new("none", &scenario(taken, start)).wpasim(&["run"]);
    assert!(code == 1 && text.contains("ap took its configuration and started"), "{text}");
    let refused = "  ap: {start: no, hostapd: {ssid: x, beacon_int: 9}}\n";
    let (code, text) = Suite::new("another", &scenario(refused, start)).wpasim(&["run"]);
    assert!(code == 1 && text.contains("refused its configuration for another reason"), "{text}");
    assert!(text.contains("Line 6: invalid beacon_int 9 (expected 10..65535)"), "{text}");
}

#[cfg(unix)]
#[test]
fn serve_says_why_a_device_does_not_start() {
    let suite = Suite::new("serve", "");
    fs::write(suite.0.join("t.yaml"), "devices:\n  ap: {hostapd: {ssid: x, dtim_period: 0}}\n").unwrap();
    let (code, text) = suite.wpasim(&["serve", "--run-dir", "run", "t.yaml"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("t.yaml:2:27: ap.hostapd: Line 6: invalid dtim_period 0"), "{text}");
}
