use rstest::rstest;

use super::model::*;
use super::without_includes;
use super::*;

fn read_text(source: &str) -> Result<Scenario, Box<InvalidFile>> {
    read("x.yaml", source, &Case::new(), &|path| match path {
        "common.yaml" => Ok("- sta: PING\n  reply: PONG\n".into()),
        _ => Err("no such file".into()),
    })
}

fn only_problem(source: &str) -> String {
    let invalid = read_text(source).unwrap_err();
    assert_eq!(invalid.problems.len(), 1, "{invalid}");
    let p = &invalid.problems[0];
    format!("{}: {} | {}", p.place, p.message, p.help.clone().unwrap_or_default())
}

#[test]
fn a_ladder_is_read() {
    let scenario = read_text(
        "format: 1
about: x
why: y
requires: [p2p]
devices:
  sta: {update_config: 1, networks: [{ssid: '\"a\"', psk: '\"12345678\"'}]}
  ap: {hostapd: {ssid: jkm guest, channel: 1}, at: [10, 0]}
  ap-again: {hostapd: {ssid: jkm guest, channel: 1}, radio: ap, start: no}
steps:
  - sta: ADD_NETWORK
    reply: '{id}'
  - sta: SET_NETWORK {id} ssid \"jkm guest\"
  - together:
      - sta sees: CTRL-EVENT-CONNECTED
      - ap sees: AP-STA-CONNECTED {sta}
    within: 15s
  - air: {drop: {from: ap, to: sta, frame: eapol-3of4}, times: 1}
  - either:
      - sta sees: A
      - - sta sees: B {x}
        - sta: FOO {x}
  - sta/mon2: ATTACH
  - sta.global: INTERFACES
    reply: any
  - sta does not see: X
    for: 2s
  - include: common.yaml
  - repeat: 2
    steps:
      - inject: {frame: beacon, from: '02:00:00:aa:00:{i.hex}', ssid: 'net {i}', channel: 6}
  - start: ap-again
",
    )
    .unwrap();
    assert_eq!(scenario.requires, ["p2p", "files", "ap", "medium", "process", "inject"]);
    assert_eq!(scenario.devices[2].radio, 1);
    assert_eq!(
        scenario.devices[0].role,
        Role::Supplicant("ctrl_interface=/run/wpa_supplicant\nupdate_config=1\n\nnetwork={\n\tssid=\"a\"\n\tpsk=\"12345678\"\n}\n".into())
    );
    assert_eq!(
        scenario.devices[1].role,
        Role::Hostapd("interface=wlan1\ndriver=nl80211\nctrl_interface=/run/hostapd\nhw_mode=g\nssid=jkm guest\nchannel=1\n".into())
    );
    assert_eq!(scenario.steps.len(), 12);
    assert_eq!(scenario.steps[8].file.as_deref(), Some("common.yaml"));
}

const HEAD: &str = "devices:\n  sta: {}\nsteps:\n";

#[rstest]
#[case("devices:\n  sta: {}\nstepz:\n  - sta: PING\n", "3:1: unknown key \"stepz\"")]
#[case("devices:\n  sta: {}\nsteps:\n  - stb: PING\n", "4:5: unknown device \"stb\" | did you mean \"sta\"?")]
#[case(
    "devices:\n  sta: {}\nsteps:\n  - sta: SET_NETWORK {id} x\n",
    "4:10: undefined capture \"{id}\" in this command"
)]
#[case("devices:\n  sta: {}\nsteps:\n  - advance: 5\n", "4:14: advance is no duration: \"5\"")]
#[case(
    "devices:\n  sta: {}\nsteps:\n  - advance: 5s to x\n",
    "4:14: advance is no range of durations: \"5s to x\" | two numbers with their units: 1s to 5s"
)]
#[case(
    "devices:\n  sta: {}\nsteps:\n  - advance: 5s to 1s\n",
    "4:14: advance ends before it begins: \"5s to 1s\""
)]
#[case("devices:\n  together: {}\nsteps:\n  - advance: 5s\n", "2:3: \"together\" is a reserved word")]
#[case(
    "devices:\n  sta: {updat_config: 1}\nsteps:\n  - advance: 5s\n",
    "2:9: unknown key \"updat_config\" of a supplicant | did you mean \"update_config\"?"
)]
#[case("devices:\n  sta: {}\nsteps: PING\n", "3:8: steps must be a list, this is text")]
#[case(
    "devices:\n  sta: {}\nsteps:\n  - sta: PING\n    replay: PONG\n",
    "5:5: unknown key \"replay\" in a step \"sta\" | did you mean \"reply\"?"
)]
#[case(
    "format: 2\ndevices: {sta: {}}\nsteps: [{advance: 1s}]\n",
    "1:9: format 2 is not known to this wpasim"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - {advance: 1s, name: x}\n  - {advance: 1s, name: x}\n",
    "4:25: duplicate step name \"x\""
)]
#[case("devices: {sta: {}}\nsteps:\n  - sta: SET x # y\n", "3:16: an unquoted ` #` ends this command")]
#[case("devices: {sta: {}}\nsteps:\n  - sta: SET x: y\n", "3:15: an unquoted `: ` inside a text")]
#[case(
    "devices: {sta: {}}\nsteps:\n  - sta seees: X\n",
    "3:5: unknown key \"sta seees\" | did you mean \"sta sees\"?"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - air: {drop: {frame: beacn}}\n",
    "3:25: unknown frame \"beacn\" | did you mean \"beacon\"?"
)]
#[case("devices: {sta: {}}\nsteps:\n  - stop: x\n", "3:11: no rule or injection named \"x\"")]
#[case("devices: {sta: {}}\nsteps:\n  - kill: ap\n", "3:11: unknown device \"ap\"")]
#[case(
    "devices: {sta: {}}\nrequires: [p2]\nsteps:\n  - kill: sta\n",
    "2:12: unknown capability \"p2\" | did you mean \"p2p\"?"
)]
#[case("devices: {sta: {}}\nsteps:\n  - sta: {b} x\n", "3:")]
#[case(
    "devices: {sta: {}}\nsteps:\n  - wait: 5s\n",
    "3:5: unknown step \"wait\" | did you mean \"advance\"?"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - sleep: 5\n",
    "3:5: unknown step \"sleep\" | did you mean \"advance\"?"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - {sta: PING, reply: PONG}\n  - within: 5s\n",
    "4:5: \"within\" begins no step; it belongs to one | wrong indentation?"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - air: {drop: {frame: eapol-3}}\n",
    "3:25: unknown frame \"eapol-3\" | did you mean \"eapol-3of4\"?"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - sta sees: CTRL-EVENT-CONECTED\n",
    "3:15: no release of wpa_supplicant or hostapd has an event \"CTRL-EVENT-CONECTED\" | did you mean \"CTRL-EVENT-CONNECTED\"?"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - sta does not see: AP-STA-CONECTED\n",
    "3:23: no release of wpa_supplicant or hostapd has an event"
)]
#[case(
    "devices: {sta: {}}\nsteps:\n  - {sta does not see: X, until: WPS-SUCESS}\n",
    "3:34: no release of wpa_supplicant or hostapd has an event"
)]
#[case("devices:\n  sta: {}\nsteps:\n  - together:\n", "4:")]
#[case("", "1:1: the file is empty")]
fn what_is_wrong_is_said_with_its_place(#[case] source: &str, #[case] expected: &str) {
    let got = match read_text(source) {
        Ok(_) => "accepted".to_owned(),
        // `steps:` is then missing as well.
        Err(invalid) if expected.starts_with("3:1: unknown key") => {
            let p = &invalid.problems[0];
            format!("{}: {}", p.place, p.message)
        }
        Err(_) => only_problem(source),
    };
    assert!(got.starts_with(expected), "{source}\n got: {got}\nwant: {expected}");
}

#[test]
fn all_problems_of_a_file_are_reported() {
    let source = format!("{HEAD}  - stb: PING\n  - advance: x\n  - sta: {{text: 5, foo: 3}}\n");
    assert_eq!(read_text(&source).unwrap_err().problems.len(), 3);
}

#[test]
fn a_matrix_puts_its_values_in() {
    let source = "matrix: {cipher: [CCMP, TKIP]}\ndevices: {ap: {hostapd: {ssid: x, rsn_pairwise: '{cipher}'}}}\nsteps:\n  - ap: SET x {cipher}\n";
    let all = read_all("x.yaml", source, &without_includes).unwrap();
    assert_eq!(all.len(), 2);
    let Role::Hostapd(conf) = &all[1].devices[0].role else { panic!() };
    assert!(conf.contains("rsn_pairwise=TKIP"));
}

/// A file with a matrix of two ciphers, with `devices:` and steps of its own.
fn with_matrix(about: &str, device: &str, step: &str) -> String {
    format!(
        "about: '{about}'\nmatrix: {{cipher: [CCMP, TKIP]}}\ndevices:\n  ap: {{hostapd: {{ssid: x, rsn_pairwise: '{{cipher}}'{device}}}}}\nsteps:\n  - {step}\n"
    )
}

#[test]
fn undefined_placeholders_are_errors_in_every_text() {
    let include = |_: &str| Ok("- ap: SET x {chipher}\n".to_owned());
    let message = |source: &str| match read_all("x.yaml", source, &include) {
        Ok(_) => "accepted".to_owned(),
        Err(invalid) => {
            let p = &invalid.problems[0];
            format!("{} | {}", p.message, p.help.clone().unwrap_or_default())
        }
    };
    assert_eq!(message(&with_matrix("{cipher} {{chipher}}", "", "advance: 1s")), "accepted");
    let cases = [
        with_matrix("{chipher}", "", "advance: 1s"),
        with_matrix("", ", wpa_passphrase: '{chipher}'", "advance: 1s"),
        with_matrix("", "}, files: {x: 'a {chipher}'", "advance: 1s"),
        with_matrix("", "", "advance: '{chipher}'"),
        with_matrix("", "", "ap: SET x {chipher}"),
        with_matrix("", "", "ap: {text: 'SET x {chipher}'}"),
        with_matrix("", "", "ap sees: X {chipher}"),
        with_matrix("", "", "air: {drop: {frame: '{chipher}'}}"),
        with_matrix("", "", "note: '{chipher}'"),
        with_matrix("", "", "check file: {device: ap, path: '{chipher}'}"),
        with_matrix("", "", "include: '{chipher}.yaml'"),
        with_matrix("", "", "include: x.yaml"),
        "matrix: {a: ['{chipher}']}\ndevices: {ap: {}}\nsteps: [{note: '{a}'}]\n".to_owned(),
    ];
    for source in cases {
        let got = message(&source);
        assert!(got.contains("{chipher}"), "{source}\n{got}");
        assert!(got.contains("{cipher}") || source.starts_with("matrix:"), "{source}\n{got}");
    }
    let in_key = with_matrix("", "}, files: {'{cipher}.txt': x", "advance: 1s");
    assert_eq!(
        message(&in_key),
        "{cipher} stands in a key, where no parameter is put in | parameters are put into values"
    );
}

#[test]
fn a_doubled_brace_is_a_brace() {
    let source = with_matrix("", ", wpa_passphrase: '{{x}} {y {{ } {{cipher}}'", "advance: 1s");
    let all = read_all("x.yaml", &source, &without_includes).unwrap();
    let Role::Hostapd(conf) = &all[0].devices[0].role else { panic!() };
    assert!(conf.contains("wpa_passphrase={x} {y {{ } {cipher}\n"), "{conf}");
}

#[test]
fn a_parameter_that_nothing_uses_is_an_error() {
    let source = "matrix: {used: [1, 2], unused: [3]}\ndevices: {sta: {}}\nsteps: [{note: '{used}'}]\n";
    let invalid = read_all("x.yaml", source, &without_includes).unwrap_err();
    let problems: Vec<String> =
        invalid.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect();
    assert_eq!(problems, ["1:24: no text of the scenario has the parameter {unused}"]);
    // In an included file is in the scenario.
    let source = "matrix: {used: [1, 2]}\ndevices: {sta: {}}\nsteps: [{include: x}]\n";
    assert!(read_all("x.yaml", source, &|_| Ok("- note: '{used}'\n".to_owned())).is_ok());
}

#[test]
fn a_step_that_expects_ok_where_none_can_come_gets_a_hint() {
    let source = format!("{HEAD}  - sta: STATUS\n  - {{sta: STATUS, reply: any}}\n  - sta: SCAN\n");
    let hints = read_text(&source).unwrap().hints;
    assert_eq!(hints.len(), 1);
    assert_eq!(hints[0].place.line, 4);
    assert!(hints[0].help.as_ref().unwrap().contains("fields: {wpa_state: COMPLETED}"));
}

#[test]
fn indented_steps_are_pointed_at() {
    let source = "devices:\n  sta: {}\n  steps:\n    - sta: PING\n";
    let invalid = read_text(source).unwrap_err().to_string();
    assert!(invalid.contains("`steps:` in line 3 is indented; it stands at column 1"), "{invalid}");
}
