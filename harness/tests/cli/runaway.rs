//! A device that goes round at one instant fails its scenario at once.
#![allow(clippy::disallowed_methods, reason = "measures on the wall clock")]

use std::time::{Duration, Instant};

use crate::binary::Dir;

/// wpa_supplicant 2.10 goes round as well: in the lab this scenario does not end.
const SPIN: &str = "about: P2P_FIND goes round at one instant
why: a run has an end
transcript: none
requires: [p2p]
devices:
  b: {device_name: B}
steps:
  - b: P2P_SET disc_int 0 0 0
  - b: P2P_CONNECT 02:00:00:00:01:00 12345670 keypad join
  - advance: 1ms
  - b: P2P_FIND 3 type=social
  - advance: 30s
";

#[test]
fn a_run_that_goes_round_at_one_instant_fails_with_the_device_that_does() {
    let dir = Dir::new("runaway");
    dir.put("spin.yaml", SPIN);
    let begun = Instant::now();
    let (code, text) = dir.wpasim(&["run", "spin.yaml"]);
    assert_eq!(code, 1, "{text}");
    let line =
        "the budget of one device's events at one instant was exceeded at 0.001000; last at work: b (wlan0: ";
    assert!(text.contains(line), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
