//! The battery that finds what the tables of `engine/src/config/support` do not know: each variable of each file format
//! with values other than its default, one small scenario each. `recordings.txt` has what wpa_supplicant and hostapd 2.10
//! said in the lab; the engine is judged against it. `WPASIM_RECORD_BATTERY=PROGRAM cargo test -p wpasim --test battery`
//! records it anew with a release build of `wpasim`, which takes some twenty minutes.
//!
//! `known.txt` lists the variables that are said to have their effect or to be stored only and yet show a difference, each
//! with its reason: at most forty.

mod cases;
mod recordings;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cases::{Case, Format};
use wpasim::matcher::compare;
use wpasim::run::{self, Ending, Options};
use wpasim::scenario;
use wpasim::target::sim::SimKind;
use wpasim::transcript::{self, Header, Origin, Transcript};

/// Set to ask the real programs.
const RECORDS: &str = "WPASIM_RECORD_BATTERY";
/// Differences of variables that the tables say have their effect, or are stored only.
const AT_MOST: usize = 40;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/battery")
}

fn run(case: &Case) -> Transcript {
    let read = scenario::read("battery", &case.scenario(), &Default::default(), &scenario::without_includes);
    let scenario = read.unwrap_or_else(|invalid| panic!("{case}: {invalid}"));
    let options =
        Options { seed: 1, release: Default::default(), capture: false, live: None, interrupted: &|| false };
    let run = run::run(&scenario, &SimKind::default(), options);
    assert_eq!(run.ending, Ending::Completed, "{case}");
    run.transcript
}

fn of_lab(entries: Vec<transcript::Entry>) -> Transcript {
    let header = Header {
        about: String::new(),
        made_by: "wpa_supplicant v2.10, hostapd v2.10".to_owned(),
        kernel: String::new(),
        seed: Some(1),
        origin: Origin::Lab,
        listened: Vec::new(),
        pins: Vec::new(),
    };
    Transcript { header, entries }
}

/// The lines of a file of `FORMAT VARIABLE: reason`.
fn known() -> BTreeMap<String, String> {
    let text = fs::read_to_string(here().join("known.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("{line}")))
        .map(|(variable, reason)| (variable.to_owned(), reason.to_owned()))
        .collect()
}

#[test]
fn every_variable_does_what_it_is_said_to_do() {
    let cases = cases::all();
    if let Some(program) = std::env::var_os(RECORDS) {
        record(&cases, Path::new(&program));
    }
    let recorded = recordings::read(&fs::read_to_string(here().join("recordings.txt")).unwrap());
    let mut known = known();
    assert!(known.len() <= AT_MOST, "{} differ", known.len());
    let mut wrong = String::new();
    let mut judged = 0;
    let mut differing: Vec<String> = Vec::new();
    for case in &cases {
        let reference = recorded.get(&case.to_string()).unwrap_or_else(|| panic!("{case} is not recorded"));
        let comparison = compare(&of_lab(reference.clone()), &run(case), &|_| None);
        judged += 1;
        if comparison.differences().next().is_none() {
            continue;
        }
        let variable = format!("{} {}", case.format.name(), case.variable);
        if known.contains_key(&variable) {
            differing.push(variable);
            continue;
        }
        let _ = writeln!(wrong, "{case}");
        for line in comparison.differences().take(12) {
            let _ = writeln!(wrong, "  {:?} {}", line.tag, line.text);
        }
    }
    differing.iter().for_each(|variable| drop(known.remove(variable)));
    assert!(wrong.is_empty(), "{wrong}");
    assert!(known.is_empty(), "known, and no difference any more: {known:?}");
    assert!(judged > 500, "{judged}");
}

#[test]
fn recordings_are_read_as_they_were_written() {
    let text = fs::read_to_string(here().join("recordings.txt")).unwrap();
    let read = recordings::read(&text);
    let cases = cases::all();
    let pairs: Vec<_> = cases.iter().filter_map(|case| Some((case, read.get(&case.to_string())?))).collect();
    assert_eq!(recordings::write(&pairs), text);
}

/// Asks the real programs in the lab, and writes what they say.
fn record(cases: &[Case], program: &Path) {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("battery");
    let _ = fs::remove_dir_all(&directory);
    for format in Format::ALL {
        fs::create_dir_all(directory.join(format.name())).unwrap();
    }
    let path = |index: usize, case: &Case, end: &str| {
        directory.join(case.format.name()).join(format!("case_{index}.{end}"))
    };
    for (index, case) in cases.iter().enumerate() {
        fs::write(path(index, case, "yaml"), case.scenario()).unwrap();
    }
    let status = Command::new(program)
        .args(["lab", "run", "--", "record"])
        .arg(&directory)
        .args(["--target", "hwsim"])
        .status()
        .unwrap();
    eprintln!("record ended with {status}");
    let read: Vec<(&Case, Vec<transcript::Entry>)> = cases
        .iter()
        .enumerate()
        .filter_map(|(index, case)| {
            let text = fs::read_to_string(path(index, case, "transcript")).ok()?;
            Some((case, transcript::parse(&text).unwrap().entries))
        })
        .collect();
    let pairs: Vec<_> = read.iter().map(|(case, entries)| (*case, entries)).collect();
    assert_eq!(pairs.len(), cases.len(), "not every case was recorded");
    fs::write(here().join("recordings.txt"), recordings::write(&pairs)).unwrap();
}
