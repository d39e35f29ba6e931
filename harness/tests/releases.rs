//! References of releases on the command line: which one a run is held to, and what `check` says of them.

mod binary;

use std::fs;

use binary::{Dir, GOOD};

/// A scenario with a reference, and what it says.
fn with_reference(name: &str) -> Dir {
    let dir = Dir::new(name);
    dir.put("scenarios/a/good.yaml", GOOD);
    let (code, text) = dir.wpasim(&["run", "--bless"]);
    assert_eq!(code, 0, "{text}");
    dir
}

/// The reference with another reply in it, as another release's.
fn otherwise(dir: &Dir) -> String {
    let path = dir.0.join("scenarios/a/good.transcript");
    let reference = fs::read_to_string(path).unwrap();
    let changed = reference.replace("< PONG", "< PUNG");
    assert_ne!(changed, reference, "the scenario has no PONG:\n{reference}");
    changed
}

#[test]
fn a_run_is_held_to_the_release_that_is_asked_for() {
    let dir = with_reference("reference");
    let own = otherwise(&dir);
    dir.put("scenarios/a/good@2.11.transcript", &own);
    assert_eq!(dir.wpasim(&["run"]).0, 0);
    assert_eq!(dir.wpasim(&["run", "--reference", "2.9"]).0, 0, "2.9 says what 2.10 says");
    let (code, text) = dir.wpasim(&["run", "--reference", "2.11"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("held to 2.11") && text.contains("good@2.11.transcript"), "{text}");
    assert!(text.contains("--reference 2.11 --seed"), "the rerun line holds it to the same:\n{text}");
    let (code, text) = dir.wpasim(&["run", "--reference", "2.12"]);
    assert!(code == 2 && text.contains("2.9, 2.10 or 2.11"), "{text}");
    // What is said becomes that release's reference; where it is 2.10's, none of its own is left.
    let (code, text) = dir.wpasim(&["run", "--reference", "2.11", "--bless=recordings"]);
    assert_eq!(code, 0, "{text}");
    assert!(!dir.0.join("scenarios/a/good@2.11.transcript").exists());
}

#[test]
fn check_finds_references_of_releases_that_are_not_needed() {
    let dir = with_reference("equal-reference");
    let common = fs::read_to_string(dir.0.join("scenarios/a/good.transcript")).unwrap();
    dir.put("scenarios/a/good@2.11.transcript", &otherwise(&dir));
    let (code, text) = dir.wpasim(&["check"]);
    assert_eq!(code, 0, "{text}");
    dir.put("scenarios/a/good@2.9.transcript", &common);
    dir.put("scenarios/a/gone@2.11.transcript", &common);
    dir.put("scenarios/a/good@2.12.transcript", &common);
    let (code, text) = dir.wpasim(&["check"]);
    assert_eq!(code, 2, "{text}");
    for part in [
        "good@2.9.transcript: it says nothing else than a/good.transcript",
        "gone@2.11.transcript: a transcript without a scenario",
        "good@2.12.transcript: a transcript without a scenario",
        "3 problems",
    ] {
        assert!(text.contains(part), "no \"{part}\" in:\n{text}");
    }
}

#[test]
fn what_a_later_release_brought_is_skipped() {
    let dir = Dir::new("since");
    dir.put("scenarios/a/good.yaml", GOOD);
    dir.put("scenarios/a/later.yaml", &format!("since: 2.11\n{GOOD}"));
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("skip a/later") && text.contains("it is about what 2.11 brought"), "{text}");
    let (_, text) = dir.wpasim(&["run", "--reference", "2.11"]);
    assert!(text.contains("2 passed"), "{text}");
    dir.put("scenarios/a/later.yaml", &format!("since: 2.8\n{GOOD}"));
    let (code, text) = dir.wpasim(&["check", "scenarios/a/later.yaml"]);
    assert!(code == 2 && text.contains("2.8"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_gate_wants_something_to_test() {
    let dir = Dir::new("gate");
    let refused = |arguments: &[&str], part: &str| {
        let (code, text) = dir.wpasim(arguments);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(part), "no \"{part}\" in:\n{text}");
    };
    refused(&["gate"], "--supplicant");
    refused(&["gate", "--supplicant", "x", "--expect", "no-such-file.toml"], "no-such-file.toml");
    refused(&["gate", "--supplicant", "x", "--no-builtin"], "nothing to run");
    refused(&["gate", "--supplicant", "x", "--base", "y", "--reference", "2.10"], "cannot be used with");
    dir.put("bad.toml", "[[expect]]\nscenario = \"a/*\"\n");
    refused(&["gate", "--supplicant", "x", "--expect", "bad.toml"], "bad.toml:1:1: an expect without reason");
    dir.put("causes.toml", "[[cause]]\nname = \"x\"\n");
    refused(
        &["gate", "--supplicant", "x", "--causes", "causes.toml"],
        "causes.toml:1:1: a cause without pattern",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn options_that_a_divided_lab_run_does_not_use_are_refused() {
    let dir = Dir::new("lab-options");
    for option in
        [["--seed", "5"], ["--memory", "512"], ["--radios", "8"], ["--limit", "9"], ["--writable", "."]]
    {
        let words = [&["lab", "run"], &option[..], &["--", "run", "x.yaml", "--target", "hwsim"]].concat();
        let (code, text) = dir.wpasim(&words);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(option[0]), "{text}");
    }
}
