use super::model::*;
use super::*;

fn read_text(source: &str) -> Result<Scenario, Box<InvalidFile>> {
    read("x.yaml", source, &Case::new(), &|path| {
        (path == "common.yaml").then(|| "- sta: PING\n  reply: PONG\n".into())
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

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        ("devices:\n  sta: {}\nstepz:\n  - sta: PING\n", "3:1: unknown key \"stepz\""),
        (
            "devices:\n  sta: {}\nsteps:\n  - stb: PING\n",
            "4:5: unknown device \"stb\" | did you mean \"sta\"?",
        ),
        (
            "devices:\n  sta: {}\nsteps:\n  - sta: SET_NETWORK {id} x\n",
            "4:10: undefined capture \"{id}\" in this command",
        ),
        ("devices:\n  sta: {}\nsteps:\n  - advance: 5\n", "4:14: advance is no duration: \"5\""),
        ("devices:\n  together: {}\nsteps:\n  - advance: 5s\n", "2:3: \"together\" is a reserved word"),
        (
            "devices:\n  sta: {updat_config: 1}\nsteps:\n  - advance: 5s\n",
            "2:9: unknown key \"updat_config\" of a supplicant | did you mean \"update_config\"?",
        ),
        ("devices:\n  sta: {}\nsteps: PING\n", "3:8: steps must be a list, this is text"),
        (
            "devices:\n  sta: {}\nsteps:\n  - sta: PING\n    replay: PONG\n",
            "5:5: unknown key \"replay\" in a step \"sta\" | did you mean \"reply\"?",
        ),
        (
            "format: 2\ndevices: {sta: {}}\nsteps: [{advance: 1s}]\n",
            "1:9: format 2 is not known to this wpasim",
        ),
        (
            "devices: {sta: {}}\nsteps:\n  - {advance: 1s, name: x}\n  - {advance: 1s, name: x}\n",
            "4:25: duplicate step name \"x\"",
        ),
        ("devices: {sta: {}}\nsteps:\n  - sta: SET x # y\n", "3:16: an unquoted ` #` ends this command"),
        ("devices: {sta: {}}\nsteps:\n  - sta: SET x: y\n", "3:15: an unquoted `: ` inside a text"),
        (
            "devices: {sta: {}}\nsteps:\n  - sta seees: X\n",
            "3:5: unknown key \"sta seees\" | did you mean \"sta sees\"?",
        ),
        (
            "devices: {sta: {}}\nsteps:\n  - air: {drop: {frame: beacn}}\n",
            "3:25: unknown frame \"beacn\" | did you mean \"beacon\"?",
        ),
        ("devices: {sta: {}}\nsteps:\n  - stop: x\n", "3:11: no rule or injection named \"x\""),
        ("devices: {sta: {}}\nsteps:\n  - kill: ap\n", "3:11: unknown device \"ap\""),
        (
            "devices: {sta: {}}\nrequires: [p2]\nsteps:\n  - kill: sta\n",
            "2:12: unknown capability \"p2\" | did you mean \"p2p\"?",
        ),
        ("devices: {sta: {}}\nsteps:\n  - sta: {b} x\n", "3:"),
        ("", "1:1: the file is empty"),
    ];
    for (source, expected) in cases {
        let got = match read_text(source) {
            Ok(_) => "accepted".to_owned(),
            Err(_) => {
                if expected.starts_with("3:1: unknown key") {
                    // `steps:` is then missing as well
                    let invalid = read_text(source).unwrap_err();
                    let p = &invalid.problems[0];
                    format!("{}: {}", p.place, p.message)
                } else {
                    only_problem(source)
                }
            }
        };
        assert!(got.starts_with(expected), "{source}\n got: {got}\nwant: {expected}");
    }
}

#[test]
fn all_problems_of_a_file_are_reported() {
    let source = format!("{HEAD}  - stb: PING\n  - advance: x\n  - sta: {{text: 5, foo: 3}}\n");
    assert_eq!(read_text(&source).unwrap_err().problems.len(), 3);
}

#[test]
fn a_matrix_puts_its_values_in() {
    let source = "matrix: {cipher: [CCMP, TKIP]}\ndevices: {ap: {hostapd: {ssid: x, rsn_pairwise: '{cipher}'}}}\nsteps:\n  - ap: SET x {cipher}\n";
    let all = read_all("x.yaml", source, &|_| None).unwrap();
    assert_eq!(all.len(), 2);
    let Role::Hostapd(conf) = &all[1].devices[0].role else { panic!() };
    assert!(conf.contains("rsn_pairwise=TKIP"));
}
