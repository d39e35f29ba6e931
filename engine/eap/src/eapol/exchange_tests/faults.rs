//! Enrolments over an air with faults.

use super::*;

fn enrol(fate: impl Fn(Side, usize) -> Fate + 'static) -> World {
    let mut world = World::new(&Setup::push_button(), fate);
    world.ap_wps.button_pushed(world.now, None).unwrap();
    world.ap_wps.events.clear();
    world.associate(false);
    world.run(Duration::from_secs(30));
    world
}

/// Frames of each side in an enrolment without faults.
const STA_FRAMES: usize = 6;
const AP_FRAMES: usize = 7;

#[test]
fn an_enrolment_has_as_many_frames_as_the_recorded_one() {
    let world = enrol(|_, _| Fate::Arrives);
    let of = |side| world.sent.iter().filter(|(s, _)| *s == side).count();
    assert_eq!((of(Side::Sta), of(Side::Ap)), (STA_FRAMES, AP_FRAMES));
}

#[test]
fn every_lost_frame_but_the_last_of_each_side_is_made_up_for() {
    for (side, frames) in [(Side::Sta, STA_FRAMES), (Side::Ap, AP_FRAMES)] {
        for lost in 0..frames - 1 {
            let world = enrol(move |s, n| if (s, n) == (side, lost) { Fate::Lost } else { Fate::Arrives });
            let ends = [world.has("sta Success"), world.has("ap Success")];
            assert_eq!(ends, [true, true], "{side:?} {lost}: {:#?}", world.lines);
            let again = world.lines.iter().filter(|l| l.starts_with("ap CTRL-EVENT-EAP-RETRANSMIT ")).count();
            // The station asks for its first frame before the access point repeats it.
            let asked = (side, lost) == (Side::Ap, 0);
            assert_eq!(again, usize::from(!asked), "{side:?} {lost}");
        }
    }
}

#[test]
fn a_station_whose_done_is_lost_does_not_wait_for_long() {
    let last = STA_FRAMES - 1;
    let world = enrol(move |s, n| if (s, n) == (Side::Sta, last) { Fate::Lost } else { Fate::Arrives });
    assert!(world.has("sta Success") && world.results == [EapolResult::Failure], "{:#?}", world.lines);
    let world = enrol(|s, n| if (s, n) == (Side::Ap, AP_FRAMES - 1) { Fate::Lost } else { Fate::Arrives });
    assert!(world.has("ap Success") && world.results == [EapolResult::Failure], "{:#?}", world.lines);
}

#[test]
fn repeated_and_late_frames_change_nothing() {
    for fate in [Fate::Repeated, Fate::Delayed(Duration::from_millis(700))] {
        for side in [Side::Sta, Side::Ap] {
            let world = enrol(move |s, _| if s == side { fate } else { Fate::Arrives });
            assert!(world.has("sta Success") && world.has("ap Success"), "{fate:?}: {:#?}", world.lines);
        }
    }
}

#[test]
fn a_repetition_is_answered_with_the_same_octets() {
    let world = enrol(|s, n| if (s, n) == (Side::Sta, 1) { Fate::Lost } else { Fate::Arrives });
    let station: Vec<_> = world.sent.iter().filter(|(s, _)| *s == Side::Sta).map(|(_, f)| f).collect();
    assert_eq!(station[1], station[2]);
}

#[test]
fn a_station_that_is_silent_is_disconnected_after_the_last_repetition() {
    let mut world =
        World::new(&Setup::push_button(), |s, _| if s == Side::Sta { Fate::Lost } else { Fate::Arrives });
    world.associate(false);
    world.run(Duration::from_secs(80));
    assert_eq!(world.sent.iter().filter(|(s, _)| *s == Side::Ap).count(), 6);
    world.run(Duration::from_secs(2));
    let lines = world.lines_of("ap");
    assert_eq!(
        lines.get(lines.len() - 3..).unwrap(),
        [
            "CTRL-EVENT-EAP-RETRANSMIT 02:00:00:00:00:00",
            "CTRL-EVENT-EAP-TIMEOUT-FAILURE 02:00:00:00:00:00",
            "disconnect reason=2",
        ]
    );
}

/// Returns the times of a station's frames that nobody answers, in milliseconds, and the time at which it gives up.
fn unanswered(start_period: u32, time: Duration) -> (Vec<i64>, Option<i64>) {
    let mut world = World::new(&Setup::push_button(), |_, _| Fate::Lost);
    world.sta.periods.start = start_period;
    world.with_sta(|sta, cx| sta.notify_port_enabled(cx, true));
    let (mut asked, mut gave_up) = (Vec::new(), None);
    while world.now < Instant::ZERO + time {
        world.run(Duration::from_millis(250));
        if world.sent.len() > asked.len() {
            asked.push((world.now - Instant::ZERO).millis());
        }
        if !world.results.is_empty() {
            gave_up.get_or_insert((world.now - Instant::ZERO).millis());
        }
    }
    (asked, gave_up)
}

#[test]
fn a_silent_ap_is_asked_three_times() {
    let (asked, gave_up) = unanswered(10, Duration::from_secs(95));
    assert_eq!(asked, [2_000, 12_000, 22_000, 92_000]);
    assert_eq!(gave_up, Some(32_000));
}

#[test]
fn eap_gives_up_after_a_minute_of_silence() {
    let (asked, gave_up) = unanswered(30, Duration::from_secs(115));
    assert_eq!((asked, gave_up), (vec![2_000, 32_000], Some(60_000)));
}
