use super::*;
use crate::transcript::{Header, Transcript};

/// `sta > PING` at increasing times; `@1.5` before it sets the time.
fn transcript(origin: Origin, text: &str) -> Transcript {
    let mut entries: Vec<Entry> = Vec::new();
    let mut time = 0;
    for line in text.lines() {
        let mut line = line.trim_start();
        if let Some(rest) = line.strip_prefix('@') {
            let (seconds, after) = rest.split_once(' ').unwrap();
            time = (seconds.parse::<f64>().unwrap() * 1e6) as i64;
            line = after;
        }
        let awaited = line.ends_with(" awaited");
        let line = line.trim_end_matches(" awaited");
        let mut parts = line.splitn(3, ' ');
        let device = parts.next().unwrap();
        let mark = match parts.next().unwrap() {
            ">" => Mark::Command,
            "<" => Mark::Reply,
            "!" => Mark::Event,
            _ => Mark::Note,
        };
        let lines = parts.next().unwrap_or_default().split('|').map(str::to_owned).collect();
        entries.push(Entry {
            time: Instant::from_micros(time),
            device: device.to_owned(),
            mark,
            lines,
            awaited,
        });
        time += 100;
    }
    let header = Header {
        about: String::new(),
        made_by: "x".into(),
        kernel: String::new(),
        seed: None,
        origin,
        listened: Vec::new(),
        pins: Vec::new(),
    };
    Transcript { header, entries }
}

fn against(origin: Origin, reference: &str, run: &str) -> Comparison {
    compare(&transcript(origin, reference), &transcript(Origin::Engine, run), &|_| None)
}

fn changed(comparison: &Comparison) -> Vec<String> {
    comparison
        .differences()
        .map(|l| format!("{} {}", if l.tag == Tag::Missing { '-' } else { '+' }, l.text))
        .collect()
}

#[test]
fn our_own_transcripts_are_compared_in_order() {
    let reference = "sta > PING\nsta < PONG\nsta ! A\nap ! B";
    assert!(against(Origin::Engine, reference, reference).is_clean());
    let swapped = "sta > PING\nsta < PONG\nap ! B\nsta ! A";
    assert_eq!(changed(&against(Origin::Engine, reference, swapped)).len(), 2);
    assert!(against(Origin::Recording, reference, swapped).is_clean());
}

#[test]
fn a_recording_leaves_open_when_a_reply_was_read() {
    let reference = "sta > BSS_FLUSH 0\nsta < OK\nsta ! REMOVED 0\nsta > PING\nsta < PONG";
    let run = "sta > BSS_FLUSH 0\nsta ! REMOVED 0\nsta < OK\nsta > PING\nsta < PONG";
    assert!(against(Origin::Recording, reference, run).is_clean());
    assert!(against(Origin::Lab, reference, run).is_clean());
    assert!(!against(Origin::Engine, reference, run).passes());
}

#[test]
fn lost_and_added_events_are_differences() {
    let reference = "sta > A\nsta < OK\nsta ! X\nsta > B\nsta < OK";
    assert_eq!(
        changed(&against(Origin::Recording, reference, "sta > A\nsta < OK\nsta > B\nsta < OK")),
        ["- sta ! X"]
    );
    let more = "sta > A\nsta < OK\nsta ! X\nsta ! Y\nsta > B\nsta < OK";
    assert_eq!(changed(&against(Origin::Recording, reference, more)), ["+ sta ! Y"]);
}

#[test]
fn events_after_the_last_command_are_optional_in_a_recording() {
    let reference = "sta > A\nsta < OK\nsta ! X\nsta ! Y";
    assert!(against(Origin::Recording, reference, "sta > A\nsta < OK\nsta ! X").is_clean());
    assert!(against(Origin::Recording, reference, "sta > A\nsta < OK\nsta ! X\nsta ! Y\nsta ! Z").is_clean());
    assert_eq!(
        changed(&against(Origin::Recording, reference, "sta > A\nsta < OK\nsta ! X\nsta ! Q")),
        ["+ sta ! Q"]
    );
    assert!(!against(Origin::Lab, reference, "sta > A\nsta < OK\nsta ! X").passes());
}

#[test]
fn regulatory_changes_count_as_one() {
    let once = "sta ! CTRL-EVENT-REGDOM-CHANGE init=CORE type=WORLD\nsta > A\nsta < OK";
    let twice = format!("sta ! CTRL-EVENT-REGDOM-CHANGE init=CORE type=WORLD\n{once}");
    assert!(against(Origin::Recording, once, &twice).is_clean());
    assert!(!against(Origin::Recording, once, "sta > A\nsta < OK").passes());
}

#[test]
fn on_mixed_air_no_kernel_knows_that_all_is_idle() {
    let restored = "sta ! <3>CTRL-EVENT-REGDOM-CHANGE init=CORE type=WORLD\nsta > A\nsta < OK\nsta ! X";
    let without = "sta > A\nsta < OK\nsta ! X";
    let mixed = |text| transcript(Origin::Mixed, text);
    let reference = transcript(Origin::Lab, restored);
    assert!(compare(&reference, &mixed(without), &|_| None).is_clean());
    assert!(!compare(&reference, &transcript(Origin::Engine, without), &|_| None).passes());
    assert!(!compare(&reference, &mixed("sta > A\nsta < OK"), &|_| None).passes());
}

#[test]
fn scans_count_unless_p2p_searches() {
    let scan = "sta ! <3>CTRL-EVENT-SCAN-STARTED ";
    let search = |first: &str, late: &str, later: &str| {
        format!(
            "sta > P2P_FIND\nsta < OK\n{first}sta > P2P_STOP_FIND\nsta < OK\n{late}@1 {later}sta > A\nsta < OK"
        )
    };
    let scan = format!("{scan}\n");
    let reference = search(&scan, "", &scan);
    let fewer = search("", &scan, &scan);
    let none = &search("", "", "");
    assert!(against(Origin::Recording, &reference, &fewer).is_clean());
    assert!(!against(Origin::Recording, &reference, none).passes());
}

#[test]
fn a_group_interface_is_heard_from_its_first_command_on() {
    let reference = "a.grp > STATUS\na.grp < OK\na.grp ! GONE\na > X\na < OK";
    let attached_early = format!("a.grp ! JOINED\n{reference}");
    let silent = "a.grp > STATUS\na.grp < OK\na > X\na < OK";
    assert!(against(Origin::Recording, reference, &attached_early).is_clean());
    assert!(!against(Origin::Lab, reference, &attached_early).passes());
    assert!(!against(Origin::Recording, reference, silent).passes());
}

#[test]
fn masked_values_must_agree_among_themselves() {
    let reference =
        "sta > BSS 0\nsta < id=0|tsf=100\nsta > BSS 1\nsta < id=1|tsf=200\nsta > BSS 0\nsta < id=0|tsf=100";
    let good = "sta > BSS 0\nsta < id=0|tsf=7\nsta > BSS 1\nsta < id=1|tsf=8\nsta > BSS 0\nsta < id=0|tsf=7";
    let bad = "sta > BSS 0\nsta < id=0|tsf=7\nsta > BSS 1\nsta < id=1|tsf=8\nsta > BSS 0\nsta < id=0|tsf=8";
    assert!(against(Origin::Recording, reference, good).is_clean());
    assert_eq!(
        changed(&against(Origin::Recording, reference, bad)),
        ["- sta < tsf={tsf.1}", "+ sta < tsf={tsf.2}"]
    );
}

/// Starts of groups with these suffixes.
fn groups(suffixes: &[&str]) -> String {
    let start = |s: &&str| format!("a ! <3>P2P-GROUP-STARTED wlan0 GO ssid=\"DIRECT-{s}\" go_dev_addr=x\n");
    suffixes.iter().map(start).collect()
}

#[test]
fn draws_from_few_values_may_coincide_once() {
    let clean =
        |reference: &[&str], run: &[&str]| against(Origin::Lab, &groups(reference), &groups(run)).is_clean();
    assert!(clean(&["ab", "cd", "ab"], &["12", "34", "12"]));
    assert!(clean(&["ab", "cd", "ab", "cd"], &["12", "12", "12", "12"]));
    // Values that are equal in the reference are equal in the run.
    assert!(!clean(&["ab", "cd", "ab"], &["12", "34", "34"]));
    assert!(!clean(&["ab", "ab"], &["12", "34"]));
    // Twice is no accident.
    assert!(!clean(&["ab", "cd", "ef"], &["12", "12", "12"]));
}

#[test]
fn draws_from_many_values_do_not_coincide() {
    let started = |passphrase: &str| {
        format!("a ! <3>P2P-GROUP-STARTED wlan0 GO ssid=\"x\" passphrase=\"{passphrase}\" go_dev_addr=x\n")
    };
    let both = |a: &str, b: &str| started(a) + &started(b);
    let reference = both("abcdEfg1", "abcdEfg2");
    assert!(against(Origin::Lab, &reference, &both("abcdEfg3", "abcdEfg4")).is_clean());
    assert!(!against(Origin::Lab, &reference, &both("abcdEfg3", "abcdEfg3")).passes());
}

#[test]
fn an_awaited_event_comes_before_the_next_command() {
    let reference = "sta > A\nsta < OK\nsta > B\nsta < OK\nsta ! X\nsta > C\nsta < OK";
    let run = "sta > A\nsta < OK\nsta ! X awaited\nsta > B\nsta < OK\nsta > C\nsta < OK";
    assert_eq!(against(Origin::Recording, reference, run).order.len(), 1);
}

#[test]
fn an_event_does_not_come_before_the_command_that_causes_it() {
    let reference = "sta > A\nsta < OK\n@1 sta > B\nsta < OK\n@2 sta ! X\n@3 sta > C\nsta < OK";
    let run = "sta > A\nsta < OK\nsta ! X\nsta > B\nsta < OK\nsta > C\nsta < OK";
    assert_eq!(against(Origin::Recording, reference, run).order.len(), 1);
    assert!(against(Origin::Recording, reference, reference).is_clean());
}

#[test]
fn a_deviation_allows_a_line() {
    let reference = transcript(Origin::Recording, "ap > STA\nap < a=1|b=2");
    let run = transcript(Origin::Engine, "ap > STA\nap < a=1|b=3");
    let comparison = compare(&reference, &run, &|line| line.starts_with("ap < b=").then_some(4));
    assert!(comparison.passes() && !comparison.is_clean());
    assert_eq!(comparison.deviations, [4]);
}

#[test]
fn the_first_eapol_frame_may_come_before_the_end_of_the_association() {
    let subnet = "sta ! <3>CTRL-EVENT-SUBNET-STATUS-UPDATE status=0";
    let eap = "sta ! <3>CTRL-EVENT-EAP-STARTED EAP authentication started";
    let one = format!("sta ! <3>Associated with x\n{subnet}\n{eap}\nsta ! <3>WPS-SUCCESS ");
    let other = format!("sta ! <3>Associated with x\n{eap}\n{subnet}\nsta ! <3>WPS-SUCCESS ");
    let late = format!("sta ! <3>Associated with x\n{eap}\nsta ! <3>WPS-SUCCESS \n{subnet}");
    let compared = |run: &str| {
        compare(&transcript(Origin::Lab, &one), &transcript(Origin::Engine, run), &|_| None).is_clean()
    };
    assert!(compared(&one) && compared(&other));
    assert!(!compared(&late));
}

#[test]
fn what_the_recorder_did_not_read_any_more_is_not_known() {
    let reference = "sta > A\nsta < OK\nsta ! X\nsta > B\nsta < OK\nsta > C\nsta < OK";
    let after_b = "sta > A\nsta < OK\nsta ! X\nsta > B\nsta < OK\nsta ! Y\nsta > C\nsta < OK";
    let before_b = "sta > A\nsta < OK\nsta ! X\nsta ! Y\nsta > B\nsta < OK\nsta > C\nsta < OK";
    assert!(against(Origin::Recording, reference, after_b).is_clean());
    assert_eq!(changed(&against(Origin::Recording, reference, before_b)), ["+ sta ! Y"]);
}

#[test]
fn who_was_not_listened_to_is_not_compared() {
    let mut reference = transcript(Origin::Recording, "sta > PING\nsta < PONG");
    let run = transcript(Origin::Engine, "ap ! x\nsta > PING\nsta < PONG");
    let same = |reference: &Transcript| compare(reference, &run, &|_| None).is_clean();
    assert!(!same(&reference));
    reference.header.listened = vec!["sta".to_owned()];
    assert!(same(&reference));
}
