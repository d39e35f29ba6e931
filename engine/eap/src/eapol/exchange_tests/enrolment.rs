//! Whole enrolments, with the events in 2.10's order.

use super::*;

fn enrolled(setup: &Setup) -> World {
    let mut world = World::new(setup, |_, _| Fate::Arrives);
    world.ap_wps.button_pushed(world.now, None).unwrap();
    world.ap_wps.events.clear();
    world.associate(false);
    world.run(Duration::from_secs(5));
    world
}

const STATION_BEGINS: [&str; 5] = [
    "CTRL-EVENT-EAP-STARTED EAP authentication started",
    "CTRL-EVENT-EAP-STATUS status='started' parameter=''",
    "CTRL-EVENT-EAP-PROPOSED-METHOD vendor=14122 method=1",
    "CTRL-EVENT-EAP-STATUS status='accept proposed method' parameter='WSC'",
    "CTRL-EVENT-EAP-METHOD EAP vendor 14122 method 1 (WSC) selected",
];
const STATION_ENDS: [&str; 3] = [
    "CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'",
    "CTRL-EVENT-EAP-FAILURE EAP authentication failed",
    "authorized=false",
];
const AP_BEGINS: [&str; 4] = [
    "authorized=false",
    "CTRL-EVENT-EAP-STARTED 02:00:00:00:00:00",
    "CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=1",
    "CTRL-EVENT-EAP-PROPOSED-METHOD vendor=14122 method=254",
];
const AP_ENDS: [&str; 3] =
    ["CTRL-EVENT-EAP-FAILURE 02:00:00:00:00:00", "authorized=false", "finished success=false"];

fn expect(world: &World, side: &str, begins: &[&str], middle: &[&str], ends: &[&str]) {
    let lines: Vec<&str> = world.lines_of(side).into_iter().skip_while(|l| *l != begins[0]).collect();
    assert_eq!(lines, [begins, middle, ends].concat(), "{:#?}", world.lines);
}

#[test]
fn a_push_button_enrolment_tells_the_events_of_2_10_in_order() {
    let world = enrolled(&Setup::push_button());
    expect(&world, "sta", &STATION_BEGINS, &["Credential", "Success"], &STATION_ENDS);
    expect(&world, "ap", &AP_BEGINS, &["RegSuccess", "Success"], &AP_ENDS);
    assert_eq!(world.results, [EapolResult::Failure]);
    assert!(world.ap.is_wps_peer());
}

#[test]
fn a_wrong_pin_ends_at_the_half_that_differs() {
    let mut world = World::new(&Setup::pin("pin=55554444 dev_pw_id=0"), |_, _| Fate::Arrives);
    world.ap_wps.add_pin(world.now, None, None, b"12345670", None);
    world.ap_wps.events.clear();
    world.associate(false);
    world.run(Duration::from_secs(5));
    let fails: Vec<&str> =
        world.lines.iter().map(String::as_str).filter(|l| l.contains("Fail msg")).collect();
    assert_eq!(fails, ["sta Fail msg=8 error=18", "ap Fail msg=8 error=18"], "{:#?}", world.lines);
    assert_eq!(world.results, [EapolResult::Failure]);
}

#[test]
fn a_registrar_learns_the_settings_with_the_pin_of_the_ap() {
    let world = enrolled(&Setup::registrar("pin=12345670", "12345670"));
    expect(&world, "sta", &STATION_BEGINS, &["Credential", "Fail msg=11 error=0"], &STATION_ENDS);
    expect(&world, "ap", &AP_BEGINS, &["ApPinSuccess", "Fail msg=11 error=0"], &AP_ENDS);
}

#[test]
fn long_messages_go_in_fragments_both_ways() {
    for fragment_size in [64, 300] {
        let world = enrolled(&Setup { fragment_size, ..Setup::push_button() });
        assert!(world.has("sta Success") && world.has("ap Success"), "{fragment_size}: {:#?}", world.lines);
        let longest = world.sent.iter().map(|(_, frame)| frame.len()).max();
        assert_eq!(longest, Some(4 + 12 + fragment_size));
    }
}

#[test]
fn too_many_rounds_end_the_authentication() {
    let mut world = enrolled(&Setup { fragment_size: 5, ..Setup::push_button() });
    assert!(world.has("sta EAP: more than 50 authentication rounds (short) - abort"), "{:#?}", world.lines);
    world.run(Duration::from_secs(20));
    assert!(world.has("ap disconnect reason=2"), "{:#?}", world.lines);
}

#[test]
fn an_ap_of_wps_1_waits_to_be_asked() {
    let mut world = World::new(&Setup { wps20: false, ..Setup::push_button() }, |_, _| Fate::Arrives);
    world.ap_wps.button_pushed(world.now, None).unwrap();
    world.associate(true);
    world.run(Duration::from_millis(999));
    assert!(world.sent.is_empty());
    world.run(Duration::from_secs(9));
    assert_eq!(world.sent.first().unwrap().1, [1, 1, 0, 0]);
    assert!(world.has("sta Success"), "{:#?}", world.lines);
}
