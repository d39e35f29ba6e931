//! What a session tells and leaves behind: its first line and its summary, JUnit, JSON, shards and their merge.

mod binary;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use binary::{Dir, GOOD, scenario};
use serde_json::Value;

const ENGINE: &str = concat!("wpasim engine ", env!("CARGO_PKG_VERSION"), " (this wpasim), held to 2.10");

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A suite with a pass, a failure, a skip and what cannot be read.
fn all_sorts(name: &str) -> Dir {
    let dir = Dir::new(name);
    dir.put("scenarios/a/bad.yaml", "devices: {sta: {}}\nsteps:\n  - nobody: PING\n")
        .put("scenarios/a/fails.yaml", &scenario("  - sta: PING\n"))
        .put("scenarios/a/good.yaml", GOOD)
        .put("scenarios/a/skips.yaml", &format!("requires: [eap]\n{GOOD}"));
    dir
}

/// A suite of so many scenarios that pass.
fn passing(name: &str, scenarios: usize) -> Dir {
    let dir = Dir::new(name);
    for n in 0..scenarios {
        dir.put(&format!("scenarios/a/s{n}.yaml"), GOOD);
    }
    dir
}

#[test]
fn it_is_said_what_runs_against_what() {
    let dir = passing("said", 2);
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 0);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("running 2 scenarios on sim: {ENGINE}, seed 1"));
    assert!(text.contains(&format!("\n2 passed, 0 failed: {ENGINE}   ")), "{text}");
    let (_, text) = dir.wpasim(&["run", "--seed", "5", "--repeat", "3", "--shard", "2/4"]);
    assert!(
        text.starts_with(&format!("running shard 2 of 4, 2 of 6 runs, on sim: {ENGINE}, seeds 5 to 7\n")),
        "{text}"
    );
}

#[test]
fn an_option_that_nothing_uses_is_refused() {
    let dir = passing("refused", 1);
    for (arguments, message) in [
        ("run --supplicant ./does-not-exist", "--supplicant ./does-not-exist means nothing to --target sim"),
        ("run --ap hostapd", "--ap hostapd means nothing to --target sim; it is for --target hwsim"),
        ("run --device sta=engine", "--device sta=engine means nothing to --target sim"),
        ("run --devices d.yaml", "--devices d.yaml means nothing to --target sim; it is for --target socket"),
        ("run --logs l", "--logs l means nothing to --target sim"),
        ("compare sim sim --ap hostapd", "--ap hostapd means nothing to --target sim;"),
        ("compare sim . --devices d.yaml", "to --target sim and a directory of transcripts"),
        ("run builtin:sta/connect_open --bless", "no place where a transcript could be written"),
        #[cfg(target_os = "linux")]
        ("run --target hwsim --devices d.yaml", "--devices d.yaml means nothing to --target hwsim"),
        #[cfg(target_os = "linux")]
        ("run --target hwsim --jobs 4", "--jobs 4: this target makes its runs one after the other"),
        ("run --target socket --device sta=/x --keys k", "--keys k means nothing to --target socket"),
        ("run --target socket --device sta=/x --seed 4", "--seed 4 means nothing to --target socket"),
        ("run --target socket --device sta=/x --jobs 2", "--jobs 2 means nothing to --target socket"),
        ("record x --target socket --device sta=/x --logs l", "--logs l means nothing to --target socket"),
        ("record --proxy /x --out o --seed 4", "--seed 4 means nothing to record --proxy"),
        ("record x --replace --transcripts t", "cannot be used with"),
    ] {
        let (code, text) = dir.wpasim(&arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(code, 2, "{arguments}: {text}");
        assert!(text.contains(message), "{arguments}: {text}");
        assert!(!text.contains("pass"), "{arguments}: {text}");
    }
}

#[test]
fn a_report_says_what_ran_and_how_each_run_failed() {
    let dir = all_sorts("json");
    assert_eq!(dir.wpasim(&["run", "--json", "r.json", "--junit", "j.xml"]).0, 2);
    let report = json(&dir.read("r.json"));
    assert_eq!(report["format"], 2);
    assert_eq!(report["target"], "sim");
    assert_eq!(report["reference"], "2.10");
    assert_eq!(report["seed"], 1);
    assert_eq!(report["tested"][0]["from"], "this wpasim");
    assert_eq!(report["formats"], json(r#"{"scenario": 1, "transcript": 1, "report": 2}"#));
    assert_eq!(report["selection"]["runs"], 4);
    let run = |name: &str| {
        let runs = report["runs"].as_array().unwrap();
        runs.iter().find(|run| run["scenario"] == name).unwrap().clone()
    };
    let failed = run("a/fails");
    assert_eq!(failed["place"], json(r#"{"file": "scenarios/a/fails.yaml", "line": 6, "column": 5}"#));
    assert_eq!((&failed["expected"], &failed["actual"]), (&"OK".into(), &"PONG".into()));
    assert_eq!(failed["rerun"], "wpasim run scenarios/a/fails.yaml --target sim --seed 1 -v");
    assert_eq!(failed["capture"], "wpasim-out/a.fails.1.pcapng");
    assert_eq!(run("a/bad")["place"]["line"], 3);
    assert!(run("a/good").get("rerun").is_none());
    let junit = dir.read("j.xml");
    for part in [
        r#"<property name="implementation.1" value="wpasim engine "#,
        r#"<property name="reference" value="2.10"/>"#,
        r#"<property name="format.transcript" value="1"/>"#,
        r#"<property name="seed" value="1"/>"#,
        r#"tests="4" skipped="1" errors="1" failures="1""#,
        r#"<failure message="sta replied something else (at 0.000000)" type="failure">"#,
    ] {
        assert!(junit.contains(part), "no {part} in {junit}");
    }
}

#[test]
fn a_difference_is_in_the_report() {
    let dir = Dir::new("diff");
    dir.put("scenarios/a/x.yaml", &scenario("  - {sta: PING, reply: any}\n  - {sta: STATUS, reply: any}\n"));
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 0);
    let transcript = dir.read("scenarios/a/x.transcript").replace("< PONG", "< PANG");
    dir.put("scenarios/a/x.transcript", &transcript);
    assert_eq!(dir.wpasim(&["run", "--json", "r.json"]).0, 1);
    let run = json(&dir.read("r.json"))["runs"][0].clone();
    let diff: Vec<&str> = run["diff"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert!(diff.contains(&"- sta < PANG") && diff.contains(&"+ sta < PONG"), "{diff:?}");
    assert!(run["against"].as_str().unwrap().starts_with("x.transcript (wpasim"), "{run}");
    assert_eq!(run["accept"], "wpasim run scenarios/a/x.yaml --bless");
    assert_eq!(run["place"]["file"], "scenarios/a/x.transcript");
}

#[test]
fn a_report_on_standard_output_is_alone_there() {
    let dir = all_sorts("stdout");
    let output = dir.run(&["run", "--json", "-"]);
    assert_eq!(json(&String::from_utf8(output.stdout).unwrap())["failed"], 1);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("running 4 scenarios") && told.contains("FAIL a/fails"), "{told}");
    let output = dir.run(&["run", "--junit", "-"]);
    let junit = String::from_utf8(output.stdout).unwrap();
    assert!(junit.starts_with("<?xml") && junit.ends_with("</testsuites>\n"), "{junit}");
    let (code, text) = dir.wpasim(&["run", "--junit", "-", "--json", "-"]);
    assert_eq!((code, text.contains("cannot both be on standard output")), (2, true), "{text}");
    assert!(!dir.0.join("-").exists());
}

#[test]
fn an_empty_report_has_no_negative_time() {
    let dir = passing("empty", 1);
    let (code, text) = dir.wpasim(&["run", "--shard", "2/2", "--junit", "j.xml", "--json", "r.json"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.starts_with("shard 2 of 2 has no run of these 1\n"), "{text}");
    assert!(text.contains("has no run of these 1: nothing was tested"), "{text}");
    let junit = dir.read("j.xml");
    assert!(junit.contains(r#"time="0.000""#) && !junit.contains("\"-"), "{junit}");
}

/// Whether the tool is there; a machine without it has `ci/install-tools.sh`.
fn has(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{tool} is missing; ci/install-tools.sh installs it");
        eprintln!("{tool} is not there: not checked");
    }
    found
}

#[test]
fn junit_is_valid_for_both_schemas() {
    if !has("xmllint") {
        return;
    }
    let dir = all_sorts("schemas");
    // What XML cannot have, and what it has to escape.
    dir.put("scenarios/a/odd.yaml", &scenario("  - {sta: \"<&\\\"'\\x01]]>\\n\", reply: \"\\e[2J\"}\n"))
        .put("scenarios/top.yaml", GOOD)
        .put("scenarios/a/m.yaml", &format!("matrix: {{v: [a/b, \"x <y>\"]}}\n{GOOD}"));
    dir.wpasim(&["run", "--junit", "all.xml"]);
    dir.wpasim(&["run", "a/good", "--repeat", "3", "--junit", "repeated.xml"]);
    dir.wpasim(&["run", "a/good", "--shard", "2/2", "--junit", "empty.xml", "--json", "2.json"]);
    dir.wpasim(&["run", "a/good", "--shard", "1/2", "--json", "1.json"]);
    dir.wpasim(&["merge", "1.json", "2.json", "--junit", "merged.xml"]);
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci/schemas");
    for report in ["all.xml", "repeated.xml", "empty.xml", "merged.xml"] {
        for schema in ["junit-ant.xsd", "junit-jenkins.xsd"] {
            let output = Command::new("xmllint")
                .args(["--noout", "--schema"])
                .args([schemas.join(schema), dir.0.join(report)])
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{schema}: {told}\n{}", dir.read(report));
        }
    }
    // The schemas refuse what is wrong.
    dir.put("wrong.xml", &dir.read("all.xml").replace("<failure ", "<failed "));
    let refused = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .args([schemas.join("junit-jenkins.xsd"), dir.0.join("wrong.xml")])
        .output()
        .unwrap();
    assert!(!refused.status.success());
}

#[test]
fn a_baseline_names_what_only_one_side_has() {
    let dir = passing("baseline", 3);
    assert_eq!(dir.wpasim(&["run", "--json", "old.json"]).0, 0);
    dir.put("scenarios/a/new.yaml", GOOD);
    dir.put("scenarios/a/s1.yaml", &scenario("  - sta: SCAN\n  - sta sees: CTRL-EVENT-SCAN-RESULTS\n"));
    fs::remove_file(dir.0.join("scenarios/a/s2.yaml")).unwrap();
    let (code, text) = dir.wpasim(&["run", "--baseline", "old.json"]);
    assert_eq!(code, 0);
    let part = "1 of 2 runs differ from the baseline\n  a/s1\n1 not in the baseline\n  a/new\n1 only in the baseline\n  a/s2\n";
    assert!(text.contains(part), "{text}");
    // What another shard makes is not missing, nor is what is not there.
    let (_, text) = dir.wpasim(&["run", "--baseline", "old.json", "--shard", "1/3"]);
    assert!(text.contains("0 of 0 runs differ from the baseline\n1 not in the baseline\n  a/new\n1 only in the baseline\n  a/s2\n"), "{text}");
}

#[test]
fn an_older_report_is_a_baseline_too() {
    let dir = passing("older", 1);
    let old =
        r#"{"format": 1, "runs": [{"scenario": "a/s0", "seed": 1, "verdict": "pass", "trace_hash": "00"}]}"#;
    dir.put("old.json", old);
    assert!(dir.wpasim(&["run", "--baseline", "old.json"]).1.contains("1 of 1 runs differ"));
    let (code, text) = dir.wpasim(&["merge", "old.json"]);
    assert_eq!((code, text.contains("old.json: report format 1 does not say")), (2, true), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn keys_are_the_users_own() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new("keys");
    let (code, text) = dir.wpasim(&["run", "builtin:sta/connect_wpa2_psk", "--keys", "k"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(fs::metadata(dir.0.join("k")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_reader_takes_a_report() {
    let dir = passing("pipe", 1);
    assert!(Command::new("mkfifo").arg(dir.0.join("f")).status().unwrap().success());
    let path = dir.0.join("f");
    let reader = std::thread::spawn(move || fs::read_to_string(path).unwrap());
    assert_eq!(dir.wpasim(&["run", "--json", "f"]).0, 0);
    assert_eq!(json(&reader.join().unwrap())["passed"], 1);
}

#[test]
fn the_environment_says_which_shard_this_is() {
    let dir = passing("auto", 5);
    let with = |environment: &[(&str, &str)]| {
        let mut command = dir.command(&["run", "--shard", "auto", "--json", "r.json"]);
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let text = [output.stdout, output.stderr].map(|o| String::from_utf8(o).unwrap()).concat();
        (output.status.code().unwrap(), text)
    };
    let (code, text) = with(&[("JOB_COMPLETION_INDEX", "1"), ("WPASIM_SHARDS", "2")]);
    assert_eq!(code, 0);
    assert!(text.starts_with("running shard 2 of 2, 2 of 5 scenarios, on sim"), "{text}");
    let report = json(&dir.read("r.json"));
    assert_eq!(report["shard"], json(r#"{"index": 2, "count": 2}"#));
    assert_eq!(report["selection"]["runs"], 5);
    // Bazel takes a test that does not touch this file for one that does not divide its tests.
    let touched = dir.0.join("touched");
    let bazel = [("TEST_SHARD_INDEX", "0"), ("TEST_TOTAL_SHARDS", "3")];
    let status = [("TEST_SHARD_STATUS_FILE", touched.to_str().unwrap())];
    let (code, text) = with(&[&bazel[..], &status].concat());
    assert_eq!((code, touched.exists()), (0, true), "{text}");
    let (code, text) = with(&[]);
    assert_eq!(
        (code, text.contains("CI_NODE_INDEX and CI_NODE_TOTAL, counted from 1 (GitLab CI)")),
        (2, true),
        "{text}"
    );
    let (code, text) = with(&[&bazel[..], &[("JOB_COMPLETION_INDEX", "1"), ("WPASIM_SHARDS", "3")]].concat());
    assert_eq!(
        (code, text.contains("Bazel says 1/3, a Kubernetes Indexed Job says 2/3")),
        (2, true),
        "{text}"
    );
}

/// Makes the reports 1.json to N.json of all shards.
fn shards(dir: &Dir, count: usize, more: &[&str]) -> Vec<String> {
    (1..=count)
        .map(|index| {
            let (shard, file) = (format!("{index}/{count}"), format!("{index}.json"));
            dir.wpasim(&[&["run", "--shard", &shard, "--json", &file], more].concat());
            file
        })
        .collect()
}

fn merged(dir: &Dir, files: &[String], more: &[&str]) -> (i32, String) {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    dir.wpasim(&[&["merge"], files.as_slice(), more].concat())
}

#[test]
fn merged_shards_are_the_session() {
    let dir = all_sorts("merge");
    for n in 0..5 {
        dir.put(&format!("scenarios/b/s{n}.yaml"), GOOD);
    }
    for (more, count) in [(&[][..], 3), (&["--repeat", "2"], 4), (&[], 12)] {
        let (code, whole) = dir.wpasim(&[&["run", "--json", "whole.json"], more].concat());
        let mut files = shards(&dir, count, more);
        files.reverse();
        let (merged_code, told) = merged(&dir, &files, &["--json", "merged.json", "--junit", "m.xml"]);
        assert_eq!((code, merged_code), (2, 2), "{told}");
        // All but times is the same, the failures as they are told too.
        let failures = |text: &str| {
            let lines = text.lines().skip_while(|line| !line.is_empty());
            lines.filter(|line| !line.contains(" virtual s")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(told.contains("rerun      wpasim run scenarios/a/fails.yaml"), "{told}");
        assert_eq!(failures(&whole), failures(&told));
        let (mut a, mut b) = (json(&dir.read("whole.json")), json(&dir.read("merged.json")));
        for report in [&mut a, &mut b] {
            report["began"] = Value::Null;
            report["wall_us"] = Value::Null;
            report["runs"].as_array_mut().unwrap().iter_mut().for_each(|run| run["wall_us"] = Value::Null);
        }
        assert_eq!(a, b);
        assert_eq!(
            dir.read("m.xml").matches("<testcase").count(),
            a["selection"]["runs"].as_u64().unwrap() as usize
        );
    }
}

#[test]
fn a_merge_has_the_exit_code_of_the_session() {
    let dir = passing("codes", 3);
    let code = |more: &[&str]| merged(&dir, &shards(&dir, 2, more), &[]).0;
    assert_eq!(code(&[]), 0);
    // More shards than runs: each empty one is told from a green one, the session is green all the same.
    assert_eq!(dir.wpasim(&["run", "--shard", "9/9"]).0, 3);
    assert_eq!(merged(&dir, &shards(&dir, 9, &[]), &[]).0, 0);
    dir.put("scenarios/deviations.toml", "[[deviation]]\nscenario = \"a/*\"\nline = \"x\"\nreason = \"y\"\n");
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 0, "nothing was compared");
    let (whole, (merged_code, told)) = (dir.wpasim(&["run"]).0, merged(&dir, &shards(&dir, 2, &[]), &[]));
    assert_eq!((whole, merged_code), (2, 2), "{told}");
    assert!(told.contains("STALE scenarios/deviations.toml:1:1"), "{told}");
    fs::remove_file(dir.0.join("scenarios/deviations.toml")).unwrap();
    dir.put("scenarios/a/s1.yaml", &scenario("  - sta: PING\n"));
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--fail-fast", "--jobs", "1"]), 1);
    assert_eq!(dir.wpasim(&["merge"]).0, 2);
    assert_eq!(dir.wpasim(&["merge", "nosuch.json"]).0, 2);
}

#[test]
fn reports_that_make_no_session_are_refused() {
    let dir = passing("no-session", 5);
    let files = shards(&dir, 3, &[]);
    let one = |path: &str, more: &[&str]| {
        dir.wpasim(&[&["run", "--json", path], more].concat());
        path.to_owned()
    };
    let other_seed = one("seed.json", &["--shard", "3/3", "--seed", "2"]);
    let other_count = one("count.json", &["--shard", "3/4"]);
    let whole = one("whole.json", &[]);
    let part = |keep: &[usize], other: &[&String]| -> Vec<String> {
        keep.iter().map(|n| &files[*n]).chain(other.iter().copied()).cloned().collect()
    };
    dir.put("scenarios/a/s0.yaml", &format!("matrix: {{v: [1]}}\n{GOOD}"));
    let other_names = one("names.json", &["--shard", "3/3"]);
    let edited = |path: &str, edit: &dyn Fn(&mut Value)| {
        let mut report = json(&dir.read("3.json"));
        edit(&mut report);
        dir.put(path, &report.to_string());
        path.to_owned()
    };
    let other_program = edited("program.json", &|report| report["tested"][0]["version"] = "x 2".into());
    let other_reference = edited("reference.json", &|report| report["reference"] = "2.11".into());
    let cut = edited("cut.json", &|report| {
        report["runs"].as_array_mut().unwrap().pop();
    });
    let beyond = edited("beyond.json", &|report| report["shard"]["index"] = 4.into());
    let same = edited("same.json", &|report| {
        report["runs"][0] = json(&dir.read("1.json"))["runs"][0].clone();
    });
    for (files, message) in [
        (part(&[0, 1], &[]), "shard 3 of 3 is missing"),
        (part(&[1], &[]), "shard 1, shard 3 of 3 are missing"),
        (part(&[0, 1, 1, 2], &[]), "shard 2 of 3 is there twice: 2.json, 2.json"),
        (part(&[0, 1], &[&other_seed]), "seed.json is of another session than 1.json: the seed is 2, not 1"),
        (
            part(&[0, 1], &[&other_count]),
            "count.json is of another session than 1.json: the number of shards is 4, not 3",
        ),
        (
            part(&[0, 1], &[&other_names]),
            "names.json is of another session than 1.json: the selection of scenarios",
        ),
        (
            part(&[0, 1], &[&other_program]),
            "program.json is of another session than 1.json: what was tested is x 2",
        ),
        (part(&[0, 1], &[&other_reference]), "the reference is 2.11, not 2.10"),
        (part(&[0, 1, 2], &[&whole]), "whole.json is the report of a whole session"),
        (part(&[0, 1], &[&cut]), "cut.json has 0 runs, shard 3 of 3 has 1"),
        (part(&[0, 1], &[&beyond]), "beyond.json: there is no shard 4 of 3"),
        (part(&[0, 1], &[&same]), "a/s0#1 is in two reports, or in one twice: the second time in same.json"),
    ] {
        let (code, text) = merged(&dir, &files, &[]);
        assert_eq!(code, 2, "{files:?}: {text}");
        assert!(text.contains(message), "{files:?}: {text}");
    }
}

#[test]
fn a_github_job_has_a_summary() {
    let dir = all_sorts("summary");
    dir.put("summary.md", "before\n");
    let output = dir.command(&["run"]).env("GITHUB_STEP_SUMMARY", dir.0.join("summary.md")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let summary = dir.read("summary.md");
    for part in [
        "before\n### ❌ wpasim: 1 passed, 1 failed, 1 skipped, 1 invalid",
        "running 4 scenarios on sim",
        "| a/fails | scenarios/a/fails.yaml:6 | sta replied something else (at 0.000000)<br>expected <code>OK</code><br>actual <code>PONG</code> | \
         <code>wpasim run scenarios/a/fails.yaml --target sim --seed 1 -v</code> |",
        "| a/bad | scenarios/a/bad.yaml:3 |",
    ] {
        assert!(summary.contains(part), "no {part} in {summary}");
    }
    let green = dir.command(&["run", "a/good"]).env("GITHUB_STEP_SUMMARY", dir.0.join("ok.md")).output();
    assert_eq!(green.unwrap().status.code(), Some(0));
    assert!(dir.read("ok.md").starts_with("### ✅ wpasim: 1 passed, 0 failed\n"));
}

/// The schema says of every key in a report what it is, and requires no other.
#[test]
fn the_schema_knows_what_reports_have() {
    let dir = all_sorts("report-schema");
    dir.put("scenarios/deviations.toml", "[[deviation]]\nscenario = \"b/*\"\nline = \"x\"\nreason = \"y\"\n");
    dir.put("scenarios/b/x.yaml", &scenario("  - {sta: PING, reply: any}\n"));
    assert_eq!(dir.wpasim(&["run", "b/x", "--bless", "--json", "blessed.json"]).0, 0);
    dir.put("scenarios/b/x.transcript", &dir.read("scenarios/b/x.transcript").replace("< PONG", "< PANG"));
    dir.wpasim(&["run", "--json", "r.json"]);
    dir.wpasim(&["run", "--json", "s.json", "--shard", "1/2"]);
    let schema = json(&String::from_utf8(dir.run(&["schema", "--report"]).stdout).unwrap());
    let mut seen = BTreeSet::new();
    for report in ["blessed.json", "r.json", "s.json"] {
        holds(&json(&dir.read(report)), &schema, report, &mut seen);
    }
    assert!(seen.contains("diff") && seen.contains("states") && seen.contains("blessed"), "{seen:?}");
}

fn holds(value: &Value, schema: &Value, at: &str, seen: &mut BTreeSet<String>) {
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{at}: {other}"),
    };
    match &schema["type"] {
        Value::String(kind) => assert!(is(kind), "{at}: {value} is no {kind}"),
        Value::Array(kinds) => assert!(kinds.iter().any(|k| is(k.as_str().unwrap())), "{at}: {value}"),
        _ => {}
    }
    if let Some(all) = schema["enum"].as_array() {
        assert!(all.contains(value), "{at}: {value}");
    }
    if let Some(minimum) = schema["minimum"].as_i64().filter(|_| !value.is_null()) {
        assert!(value.as_i64().is_some_and(|n| n >= minimum), "{at}: {value}");
    }
    if let Some(object) = value.as_object() {
        assert_eq!(schema["additionalProperties"], false, "{at}");
        for (key, value) in object {
            let known = schema["properties"].get(key).unwrap_or_else(|| panic!("{at}: unknown {key}"));
            seen.insert(key.clone());
            holds(value, known, &format!("{at}.{key}"), seen);
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(key.as_str().unwrap()), "{at}: no {key}");
        }
    }
    if let Some(list) = value.as_array() {
        list.iter().for_each(|one| holds(one, &schema["items"], &format!("{at}[]"), seen));
    }
}
