use proptest::prelude::*;
use wpasim_wire::time::Instant;

use super::document;
use super::recording::{Observed, Recorded, RecordedRole, Recording};
use crate::scenario::model::{CommandText, Scenario};
use crate::steps::Expectation;
use crate::transcript::{self, Entry, Mark};

fn sta() -> Recorded {
    Recorded {
        name: "sta".to_owned(),
        ifname: "wlp3s0".to_owned(),
        addr: "aa:bb:cc:00:11:22".parse().ok(),
        uuid: None,
        made_by: "wpa_supplicant 2.10".to_owned(),
        role: RecordedRole::Supplicant {
            globals: Vec::new(),
            networks: Vec::new(),
            state: "DISCONNECTED".to_owned(),
            testing: false,
        },
    }
}

fn recording(said: &[(i64, Mark, &str)]) -> Recording {
    let entries = said
        .iter()
        .map(|(ms, mark, text)| Entry::new(Instant::from_micros(ms * 1000), "sta", *mark, text.as_bytes()))
        .collect();
    Recording { devices: vec![sta()], entries, ..Recording::default() }
}

fn read(scenario: &str) -> Scenario {
    match scenario::read_all("bug.yaml", scenario, &scenario::without_includes) {
        Ok(mut cases) => cases.remove(0),
        Err(invalid) => panic!("{invalid}\n{scenario}"),
    }
}

use crate::scenario;
use Mark::{Command, Event, Reply};

#[test]
fn a_session_is_a_ladder() {
    let made = document(&recording(&[
        (1000, Command, "WPS_PIN any"),
        (1001, Reply, "12345670"),
        (1200, Event, "<3>CTRL-EVENT-SCAN-STARTED "),
        (2500, Event, "<3>CTRL-EVENT-SCAN-RESULTS "),
        (2600, Event, "<3>CTRL-EVENT-SCAN-RESULTS "),
        (2601, Event, "<3>CTRL-EVENT-REGDOM-CHANGE init=USER type=COUNTRY alpha2=US"),
        (4000, Command, "WPS_PIN aa:bb:cc:00:11:22 12345670"),
        (4001, Reply, "FAIL"),
        (40_000, Event, "<3>CTRL-EVENT-DISCONNECTED bssid=00:00:00:00:00:01 reason=3"),
    ]))
    .expect("something was said");
    let steps = made.scenario.split_once("steps:\n").expect("steps").1;
    assert_eq!(
        steps,
        "- sta: WPS_PIN any\n  reply: \"{random_pin1}\"\n\
         - sta sees: CTRL-EVENT-SCAN-RESULTS\n- sta sees: CTRL-EVENT-SCAN-RESULTS\n\
         - advance: 1400ms\n- sta: WPS_PIN {sta} {random_pin1}\n  reply: FAIL\n\
         - sta sees: CTRL-EVENT-DISCONNECTED bssid=00:00:00:00:00:01 reason=3\n  within: 82s\n"
    );
    read(&made.scenario);
    let transcript = transcript::parse(&made.transcript.expect("it began at rest")).expect("it is one");
    assert_eq!(transcript.entries[6].lines, ["WPS_PIN 02:00:00:00:00:00 12345670"]);
}

#[test]
fn what_was_connected_before_has_no_transcript() {
    let mut recording = recording(&[(0, Command, "STATUS"), (1, Reply, "wpa_state=COMPLETED\nssid=x")]);
    if let RecordedRole::Supplicant { state, networks, .. } = &mut recording.devices[0].role {
        "COMPLETED".clone_into(state);
        networks.push(vec![("ssid".into(), "\"x\"".into()), ("psk".into(), "*".into())]);
    }
    recording.heard.extend(Observed::read("00:00:00:00:00:07\t2412\t-40\t[WPA2-PSK-CCMP][ESS]\tx", 0));
    let made = document(&recording).expect("something was said");
    assert_eq!(made.transcript, None);
    assert_eq!(made.remarks.len(), 1);
    let scenario = read(&made.scenario);
    assert!(!scenario.transcript);
    assert_eq!(scenario.devices.len(), 2);
    assert!(matches!(scenario.steps[0].action.expectation(), Some(Expectation::Event(_))));
    assert_eq!(made.scenario.matches("unknown passphrase").count(), 2);
}

/// Builds of vendors and releases to come have events whose names a scenario refuses as slips; they are in the transcript.
#[test]
fn events_that_no_release_knows_are_not_awaited() {
    let made = document(&recording(&[
        (1000, Command, "PING"),
        (1001, Reply, "PONG"),
        (1002, Event, "<3>VENDOR-ROAM-DECISION pin=12345670"),
        (1003, Event, "<3>P2P-PROV-DPP-CONF-NEEDED70"),
        (1003, Command, "WPS_PIN any 12345670"),
        (1003, Reply, "12345670"),
    ]))
    .expect("something was said");
    assert!(!made.scenario.contains("sees"), "{}", made.scenario);
    assert_eq!(commands(&read(&made.scenario)), [&b"PING"[..], b"WPS_PIN any 12345670"]);
    let transcript = made.transcript.expect("it began at rest");
    assert!(transcript.contains("VENDOR-ROAM-DECISION"), "{transcript}");
}

#[test]
fn nothing_makes_no_scenario() {
    assert!(document(&recording(&[])).is_err());
}

/// The commands of a scenario as they will be sent.
fn commands(scenario: &Scenario) -> Vec<Vec<u8>> {
    let scope: crate::scenario::pattern::Scope = scenario.devices.iter().flat_map(|d| d.scope()).collect();
    let sent = scenario.steps.iter().filter_map(|step| match step.action.command()? {
        CommandText::Text(text) => text.fill(&scope).ok().map(String::into_bytes),
        CommandText::Bytes(octets) => Some(octets.clone()),
    });
    sent.collect()
}

proptest! {
    /// Whatever was said, the scenario can be read, says the same commands, and its transcript can be read.
    #[test]
    fn every_session_makes_a_scenario(
        said in proptest::collection::vec((0u8..3, proptest::collection::vec(any::<u8>(), 0..60)), 1..12),
        texts in proptest::collection::vec("[ -~]{0,40}", 1..6),
        heard in "[ -~]{0,20}",
    ) {
        let mut recording = recording(&[]);
        recording.heard.extend(Observed::read(&format!("00:00:00:00:00:07\t2412\t-40\t[ESS]\t{heard}"), 0));
        let mut all = said;
        all.extend(texts.into_iter().map(|text| (0, text.into_bytes())));
        let mut expected = Vec::new();
        for (i, (kind, octets)) in all.into_iter().enumerate() {
            let time = Instant::from_micros(i as i64 * 100_000);
            if kind == 2 {
                let event = [b"<3>", octets.as_slice()].concat();
                recording.entries.push(Entry::new(time, "sta", Event, &event));
                continue;
            }
            let reply = (kind == 1).then(|| Entry::new(time, "sta", Reply, &octets));
            let said = super::control_socket::ControlEvent::Command { at: "sta".into(), since: time, command: octets.clone(), reply };
            said.into_entries(&mut recording);
            expected.push(octets);
        }
        if recording.entries.is_empty() {
            return Ok(());
        }
        let made = document(&recording).expect("something was said");
        let scenario = read(&made.scenario);
        prop_assert_eq!(commands(&scenario), expected);
        let transcript = made.transcript.expect("it began at rest");
        prop_assert!(transcript::parse(&transcript).is_ok(), "{}", transcript);
    }
}
