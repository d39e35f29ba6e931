//! The same seed gives the same bytes, whatever else runs, before or beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use libtest_mimic::Failed;
use wpasim::lab::Lab;

use crate::guests::{Dir, Outcome, Test, WPASIM, expect};
use crate::wpasim_run::{suite, wpasim};

pub const TESTS: &[(&str, Test)] = &[
    ("the_same_run_has_the_same_bytes_alone_beside_others_and_after_them", same_bytes),
    ("ten_runs_have_one_hash", ten_runs),
    ("jitter_moves_times_and_is_repeated_itself", jitter),
    ("a_host_that_refuses_fixed_addresses_has_a_lab_all_the_same", refused_personality),
];

const THE_ONE: &str = "sta/connect_wpa2_psk";
const OTHERS: [&str; 5] =
    ["ctrl/monitors", "bss/directed_scan", "sta/connect_open", "sta/wrong_psk", "ctrl/save_config"];

/// All that runs leave behind, by name: transcripts, captures, debug logs, and the trace hashes.
type Traces = BTreeMap<String, Vec<u8>>;

fn traces(names: &[&str], jobs: &str) -> Result<Traces, Failed> {
    traces_in(&[], names, jobs)
}

fn traces_in(lab: &[&str], names: &[&str], jobs: &str) -> Result<Traces, Failed> {
    let dir = Dir::new();
    let scenarios: Vec<String> = names.iter().map(|name| suite(name)).collect();
    let mut words = [&["lab", "run"], lab, &["--", "run"]].concat();
    words.extend(scenarios.iter().map(String::as_str));
    words.extend(["--target", "hwsim", "--jobs", jobs, "--json", "report.json"]);
    words.extend(["--logs", "kept", "--transcripts", "kept", "--pcap", "kept"]);
    let ran = wpasim(&dir, &words)?;
    let mut all = Traces::new();
    for entry in fs::read_dir(dir.0.join("kept"))? {
        let entry = entry?;
        all.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    let report: serde_json::Value = serde_json::from_slice(&fs::read(dir.0.join("report.json"))?)?;
    for run in report["runs"].as_array().into_iter().flatten() {
        let hash = run["trace_hash"].as_str().ok_or_else(|| ran.text.clone())?;
        all.insert(format!("the trace hash of {}", run["scenario"]), hash.into());
    }
    expect(all.len() >= 4 * names.len(), format!("{:?}\n{}", all.keys(), ran.text))?;
    Ok(all)
}

/// The names under which two have different bytes, with the first line that differs.
fn differing(a: &Traces, b: &Traces) -> Vec<String> {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differs = names.into_iter().filter(|name| a.get(*name) != b.get(*name));
    differs.map(|name| format!("{name}: {}", first_difference(a.get(name), b.get(name)))).collect()
}

fn first_difference(a: Option<&Vec<u8>>, b: Option<&Vec<u8>>) -> String {
    let text =
        |bytes: Option<&Vec<u8>>| String::from_utf8_lossy(bytes.map_or(&[], Vec::as_slice)).into_owned();
    let (a, b) = (text(a), text(b));
    let found = a.lines().zip(b.lines()).find(|(a, b)| a != b);
    found.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("\n- {a}\n+ {b}"))
}

fn same_bytes(_: &Lab) -> Outcome {
    let alone = traces(&[THE_ONE], "1")?;
    for device in ["sta", "ap"] {
        let log = alone.get(&format!("sta.connect_wpa2_psk.1.{device}.log"));
        let long = log.is_some_and(|log| log.len() > 20_000);
        expect(long, format!("{device} has no debug log: {:?}", alone.keys()))?;
    }
    let again = traces(&[THE_ONE], "1")?;
    let changed = differing(&alone, &again);
    expect(changed.is_empty(), format!("run again: {}", changed.join("\n")))?;
    let forwards: Vec<&str> = OTHERS.into_iter().chain([THE_ONE]).collect();
    let backwards: Vec<&str> = forwards.iter().rev().copied().collect();
    let in_order = traces(&forwards, "1")?;
    let shuffled = traces(&backwards, "2")?;
    let changed = differing(&in_order, &shuffled);
    expect(changed.is_empty(), format!("another order, two at a time: {}", changed.join("\n")))?;
    let among_others: Traces =
        in_order.into_iter().filter(|(name, _)| name.contains("connect_wpa2_psk")).collect();
    let changed = differing(&alone, &among_others);
    expect(changed.is_empty(), format!("among others: {}", changed.join("\n")))
}

fn ten_runs(_: &Lab) -> Outcome {
    let five = || (0..5).map(|_| traces(&[THE_ONE], "1")).collect::<Result<Vec<Traces>, Failed>>();
    let all = std::thread::scope(|scope| {
        let two = [scope.spawn(five), scope.spawn(five)];
        two.map(|half| half.join().map_err(|_| Failed::from("panicked")).and_then(|result| result))
    });
    let mut ten = Vec::new();
    for half in all {
        ten.extend(half?);
    }
    let different: BTreeSet<&Traces> = ten.iter().collect();
    expect((ten.len(), different.len()) == (10, 1), format!("{} of ten runs differ", different.len()))
}

/// As in a container with Docker's default seccomp profile.
fn refused_personality(_: &Lab) -> Outcome {
    let dir = Dir::new();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab_runs/refuse_personality.c");
    let refuse = dir.0.join("refuse");
    let compiled = Command::new("gcc").args(["-O", "-o"]).arg(&refuse).arg(source).status()?;
    expect(compiled.success(), "the launcher does not compile")?;
    let refused = Command::new(&refuse).args(["setarch", "-R", "true"]).output()?;
    expect(!refused.status.success(), "the filter refuses nothing")?;
    let run = |name: &str| -> Result<Traces, Failed> {
        let scenario = suite(THE_ONE);
        let mut command = Command::new(&refuse);
        command.args([WPASIM, "lab", "run", "--", "run", &scenario, "--target", "hwsim"]);
        command.args(["--transcripts", name, "--logs", name, "--pcap", name]);
        let output = command.current_dir(&dir.0).env_remove("GITHUB_ACTIONS").output()?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        expect(output.status.success() && said.contains("1 passed"), &said)?;
        expect(said.contains("fixed addresses"), format!("it is not said:\n{said}"))?;
        let mut all = Traces::new();
        for entry in fs::read_dir(dir.0.join(name))? {
            let entry = entry?;
            all.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
        }
        Ok(all)
    };
    let changed = differing(&run("once")?, &run("again")?);
    expect(changed.is_empty(), format!("what is said is not repeated: {}", changed.join("\n")))
}

fn jitter(_: &Lab) -> Outcome {
    let shaken = |setting| traces_in(&["--jitter", setting], &[THE_ONE], "1");
    let (plain, once) = (traces(&[THE_ONE], "1")?, shaken("500:7")?);
    let changed = differing(&once, &shaken("500:7")?);
    expect(changed.is_empty(), format!("shaken the same way: {}", changed.join("\n")))?;
    let others = [plain, shaken("500:8")?, shaken("500")?];
    expect(others.iter().all(|other| !differing(&once, other).is_empty()), "nothing was shaken")
}
