//! The binary as a person meets it: exit codes, messages, files.

mod binary;
#[path = "cli/runaway.rs"]
mod runaway;
#[cfg(unix)]
#[path = "cli/selection.rs"]
mod selection;

use std::fs;
use std::process::Command;

use binary::{Dir, GOOD, scenario};

#[track_caller]
fn invalid(name: &str, source: &str, expected: &[&str]) {
    let dir = Dir::new(name);
    dir.put("scenarios/a/bad.yaml", source).put("scenarios/a/good.yaml", GOOD);
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 2, "{text}");
    for part in expected {
        assert!(text.contains(part), "no \"{part}\" in:\n{text}");
    }
    assert!(text.contains("pass a/good"), "the others run all the same:\n{text}");
    let (code, text) = dir.wpasim(&["check"]);
    assert_eq!(code, 2);
    assert!(text.contains(expected[0]), "{text}");
}

#[test]
fn bad_input_is_named_with_its_place() {
    invalid(
        "unknown-key",
        &scenario("  - sta: PING\n    replay: PONG\n"),
        &[
            "scenarios/a/bad.yaml:7:5: unknown key \"replay\"",
            "7 |     replay: PONG",
            "did you mean \"reply\"?",
        ],
    );
    invalid(
        "wrong-type",
        "about: x\nwhy: y\ndevices:\n  sta: {}\nsteps: PING\n",
        &["scenarios/a/bad.yaml:5:8: steps must be a list, this is text"],
    );
    invalid(
        "unknown-device",
        &scenario("  - stb: PING\n"),
        &["scenarios/a/bad.yaml:6:5: unknown device \"stb\"", "did you mean \"sta\"?"],
    );
    invalid(
        "undefined-capture",
        &scenario("  - sta: SELECT_NETWORK {id}\n"),
        &["scenarios/a/bad.yaml:6:10: undefined capture \"{id}\""],
    );
    invalid(
        "duplicate-name",
        &scenario("  - {sta: PING, reply: PONG, name: one}\n  - {sta: PING, reply: PONG, name: one}\n"),
        &["scenarios/a/bad.yaml:7:36: duplicate step name \"one\"", "it stands in line 6 already"],
    );
    invalid(
        "duplicate-key",
        &scenario("  - {sta: PING, reply: a, reply: b}\n"),
        &["bad.yaml:6:27: duplicate key \"reply\""],
    );
    invalid(
        "tab",
        &scenario("\t- sta: PING\n"),
        &["scenarios/a/bad.yaml:6:1: a tab", "indented with spaces"],
    );
    invalid("empty", "", &["scenarios/a/bad.yaml:1:1: the file is empty"]);
    invalid("comments", "# later\n", &["scenarios/a/bad.yaml:1:1: the file is empty"]);
    invalid("nothing", &scenario("  - sta:\n"), &["scenarios/a/bad.yaml:6:", "no command here"]);
    invalid("no-steps", &scenario(""), &["bad.yaml:5:", "steps must be a list, this is nothing"]);
    invalid("no-expectation", &scenario("  - together: []\n"), &["bad.yaml:6:15: together: holds no step"]);
    invalid(
        "two-ways",
        &scenario("  - {sta: PING, reply: {starts: P, contains: O}}\n"),
        &["bad.yaml:6:24: a reply is matched in one way"],
    );
    invalid("no-field", &scenario("  - status of sta: {}\n"), &["bad.yaml:6:20: no field"]);
    invalid("no-round", &scenario("  - {repeat: 2, steps: []}\n"), &["bad.yaml:6:24: repeat: holds no step"]);
    invalid(
        "no-device",
        &scenario("  - kill: unknown\n"),
        &["bad.yaml:6:11: unknown device \"unknown\"", "expected one of: sta"],
    );
    invalid(
        "no-rule",
        &scenario("  - stop: rain\n"),
        &["bad.yaml:6:11: no rule or injection named \"rain\"", "`rule: NAME`"],
    );
    invalid("no-matrix", &format!("matrix: {{}}\n{GOOD}"), &["bad.yaml:1:9: a matrix without parameters"]);
    invalid(
        "hidden-matrix",
        &format!("\"matrix\": {{a: [1, 2]}}\n{GOOD}"),
        &["bad.yaml:1:11: a matrix that listing does not find", "at column 1"],
    );
    invalid(
        "two-meanings",
        &format!("matrix: {{sta: [1, 2]}}\n{GOOD}"),
        &["bad.yaml:5:3: \"sta\" is a parameter of the matrix, too"],
    );
    invalid(
        "colon",
        &scenario("  - sta: SET a: b\n"),
        &["bad.yaml:6:15: an unquoted `: `", "quote this text"],
    );
    invalid(
        "hash",
        &scenario("  - sta: SET a #b\n"),
        &["bad.yaml:6:16: an unquoted ` #`", "quote this text"],
    );
    invalid(
        "reserved",
        "about: x\nwhy: y\ndevices:\n  together: {}\nsteps:\n  - advance: 1s\n",
        &["bad.yaml:4:3: \"together\" is a reserved word"],
    );
    invalid("newer", &format!("format: 2\n{GOOD}"), &["bad.yaml:1:9: format 2 is not known to this wpasim"]);
}

#[test]
fn a_transcript_that_does_not_parse_is_invalid() {
    let dir = Dir::new("transcript");
    dir.put("scenarios/a/x.yaml", GOOD).put("scenarios/a/y.yaml", GOOD);
    dir.put("scenarios/a/x.transcript", "# wpasim transcript 1\n# made by: x\nrubbish\n");
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 2);
    assert!(text.contains("scenarios/a/x.transcript:3:1: not a line of a transcript"), "{text}");
    assert!(text.contains("pass a/y"));
    // One that cannot be read is not one that is not there.
    fs::write(dir.0.join("scenarios/a/x.transcript"), b"# wpasim transcript 1\n# made by: \xff\n").unwrap();
    for command in ["run", "check"] {
        let (code, text) = dir.wpasim(&[command]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("scenarios/a/x.transcript:2:12: not UTF-8 text"), "{text}");
    }
}

#[test]
fn what_is_wrong_with_one_argument_leaves_the_others() {
    let dir = Dir::new("arguments");
    dir.put("scenarios/a/x.yaml", GOOD).put("other/x.yaml", GOOD).put("empty/readme.txt", "");
    let (code, text) = dir.wpasim(&["run", "empty", "a/x", "nosuch"]);
    assert_eq!(code, 2);
    for part in ["empty: a directory without scenarios", "no scenario matches \"nosuch\"", "pass a/x"] {
        assert!(text.contains(part), "no \"{part}\" in:\n{text}");
    }
    // However a path is spelt, its scenario runs once.
    let (code, text) = dir.wpasim(&["run", "a/x", "./scenarios/../scenarios/a/x.yaml"]);
    assert_eq!(code, 0);
    assert!(text.contains("1 passed"), "{text}");
    dir.put("scenarios/x.yaml", GOOD);
    assert_eq!(dir.wpasim(&["run", "scenarios/x.yaml", "other/x.yaml"]).0, 0);
    let (code, text) = dir.wpasim(&["run", "scenarios/x.yaml", "other/x.yaml", "--pcap", "p"]);
    assert_eq!((code, text.contains("are called x")), (2, true), "{text}");
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_others() {
    let dir = Dir::new("unwritable");
    dir.put("scenarios/a/x.yaml", GOOD).put("file", "").put("directory/file", "");
    let (code, text) =
        dir.wpasim(&["run", "--junit", "file/j.xml", "--keys", "directory", "--json", "r.json"]);
    assert_eq!(code, 2);
    assert!(text.contains("file/j.xml: ") && text.contains("directory: "), "{text}");
    assert!(dir.read("r.json").contains("\"passed\": 1"));
    let left: Vec<_> = fs::read_dir(&dir.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn a_difference_is_named_with_its_line_in_the_transcript() {
    let dir = Dir::new("line");
    dir.put("scenarios/a/x.yaml", &scenario("  - {sta: STATUS, reply: any}\n  - {sta: PING, reply: any}\n"));
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 0);
    let transcript = dir.read("scenarios/a/x.transcript");
    let at = transcript.lines().position(|l| l.contains("wpa_state=")).unwrap() + 1;
    dir.put("scenarios/a/x.transcript", &transcript.replace("wpa_state=", "wpa_state=X"));
    assert!(dir.wpasim(&["run"]).1.contains(&format!("scenarios/a/x.transcript:{at}: ")));
    // A line that is not in the reference is named by the one it comes after.
    let without: String =
        transcript.lines().filter(|l| !l.contains("wpa_state=")).map(|l| format!("{l}\n")).collect();
    dir.put("scenarios/a/x.transcript", &without);
    let (_, text) = dir.wpasim(&["run"]);
    assert!(text.contains(&format!("scenarios/a/x.transcript:{}: ", at - 1)), "{text}");
}

#[test]
fn names_and_directories() {
    let dir = Dir::new("names");
    dir.put("scenarios/a/one.yaml", GOOD).put("scenarios/b/one.yaml", GOOD).put("scenarios/b/two.yaml", GOOD);
    dir.put("empty/readme.txt", "");
    for (arguments, code, part) in [
        (vec!["run", "two"], 0, "pass b/two"),
        (vec!["run", "b/one"], 0, "pass b/one"),
        (vec!["run", "b/*"], 0, "2 passed"),
        (vec!["run", "o?e"], 0, "2 passed"),
        (vec!["run", "scenarios/b"], 0, "2 passed"),
        (vec!["run", "scenarios/a/one.yaml"], 0, "pass a/one"),
        (vec!["run", "one"], 2, "\"one\" is ambiguous: a/one, b/one"),
        (vec!["run", "twoo"], 2, "no scenario matches \"twoo\"; did you mean \"two\"?"),
        (vec!["run", "z/*"], 2, "no scenario matches \"z/*\""),
        (vec!["run", "nosuch.yaml"], 2, "nosuch.yaml: no such file"),
        (vec!["run", "empty"], 2, "empty: a directory without scenarios"),
        (vec!["run", "--shard", "3/3", "two"], 3, "shard 3 of 3 has no run of these 1"),
        (vec!["run", "--shard", "4/3", "two"], 2, "I/N"),
        (vec!["run", "--no-such-flag"], 2, "unexpected argument"),
        (vec!["run", "--bless", "--repeat", "2"], 2, "cannot be used with"),
        (vec!["list"], 0, "a/one\nb/one\nb/two"),
        (vec!["--version"], 0, "scenario format 1\ntranscript format 1"),
        (vec!["help"], 0, "Usage"),
        (vec!["schema"], 0, "\"$schema\""),
    ] {
        let (got, text) = dir.wpasim(&arguments);
        assert_eq!(got, code, "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
    }
    let below = Dir(dir.0.join("scenarios/a"));
    let (code, text) = below.wpasim(&["run", "two"]);
    assert_eq!(code, 0, "the nearest scenarios/ above: {text}");
}

#[test]
fn a_failure_says_what_to_do() {
    let dir = Dir::new("failure");
    dir.put("scenarios/a/x.yaml", &scenario("  - sta: PING\n"));
    let (code, text) = dir.wpasim(&["run", "--junit", "j.xml", "--json", "r.json"]);
    assert_eq!(code, 1);
    let wanted = [
        "FAIL a/x [sim, seed 1]",
        "scenarios/a/x.yaml:6: sta replied something else",
        "expected   OK",
        "actual     PONG",
        "states     sta:",
        "rerun      wpasim run scenarios/a/x.yaml --target sim --seed 1 -v",
    ];
    let mut rest = text.as_str();
    for part in wanted {
        let at = rest.find(part).unwrap_or_else(|| panic!("\"{part}\" is missing or out of order:\n{text}"));
        rest = &rest[at..];
    }
    assert!(dir.read("j.xml").contains("<testcase name=\"x\" classname=\"a\""));
    assert!(dir.read("j.xml").contains("<failure message=\"sta replied something else"));
    assert!(dir.read("r.json").contains("\"verdict\": \"fail\""));
}

#[test]
fn a_device_that_refuses_its_configuration_fails_the_scenario() {
    let dir = Dir::new("refused");
    let source = GOOD.replace("sta: {}", "sta: {config: 'network={{'}").replace("{{", "{");
    dir.put("scenarios/a/x.yaml", &source).put("scenarios/a/good.yaml", GOOD);
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 1, "{text}");
    let reason = "scenarios/a/x.yaml:4: sta.config: Line 2: network block was not terminated properly.";
    assert!(text.contains(reason) && text.contains("pass a/good"), "{text}");
}

#[test]
fn skipping_everything_is_not_passing() {
    let dir = Dir::new("skip");
    dir.put("scenarios/a/x.yaml", &format!("requires: [eap]\n{GOOD}"));
    let (code, text) = dir.wpasim(&["run", "--junit", "j.xml"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("skip a/x"));
    assert!(dir.read("j.xml").contains("<skipped message=\"target sim lacks eap\"/>"));
    dir.put("scenarios/a/y.yaml", GOOD);
    assert_eq!(dir.wpasim(&["run"]).0, 0);
}

#[test]
fn the_transcripts_of_a_file_that_cannot_be_read_are_no_orphans() {
    let dir = Dir::new("unread");
    let good = GOOD.replace("about: x", "about: 'x {v}'");
    dir.put("scenarios/a/x.yaml", &format!("matrix: {{v: [1, 2]}}\n{good}"));
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 0);
    assert_eq!(dir.wpasim(&["check"]).0, 0);
    dir.put("scenarios/a/x.yaml", &format!("matrix: {{v: [1, 2}}\n{GOOD}"));
    let (code, text) = dir.wpasim(&["check"]);
    assert_eq!((code, text.contains("1 problem\n")), (2, true), "{text}");
}

#[test]
fn what_is_blessed_is_held_to() {
    let dir = Dir::new("bless");
    dir.put("scenarios/a/x.yaml", &scenario("  - {sta: PING, reply: any}\n  - {sta: STATUS, reply: any}\n"));
    assert_eq!(dir.wpasim(&["check"]).0, 2, "no transcript");
    assert!(dir.wpasim(&["run"]).1.contains("(no transcript)"));
    assert!(dir.wpasim(&["run", "--bless"]).1.contains("(transcript written)"));
    assert_eq!(dir.wpasim(&["check"]), (0, "1 file, 1 scenario checked, 0 problems\n".to_owned()));
    let transcript = dir.read("scenarios/a/x.transcript");
    dir.put("scenarios/a/x.transcript", &transcript.replace("< PONG", "< PANG"));
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 1);
    let line = transcript.lines().position(|l| l.ends_with("< PONG")).unwrap() + 1;
    for part in [
        &format!("scenarios/a/x.transcript:{line}: the transcript differs: sta < PANG"),
        "   - sta < PANG\n   + sta < PONG",
        "accept     wpasim run scenarios/a/x.yaml --bless",
    ] {
        assert!(text.contains(part), "{text}");
    }
    // A recording is not replaced by accident.
    dir.put(
        "scenarios/a/x.transcript",
        &transcript.replace("< PONG", "< PANG").replace("origin: engine", "origin: recording"),
    );
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 1);
    assert_eq!(dir.wpasim(&["run", "--bless=recordings"]).0, 0);
    assert!(dir.read("scenarios/a/x.transcript").contains("origin: engine"));
    fs::rename(dir.0.join("scenarios/a/x.transcript"), dir.0.join("scenarios/a/z.transcript")).unwrap();
    assert!(dir.wpasim(&["check"]).1.contains("scenarios/a/z.transcript: a transcript without a scenario"));
}

#[test]
fn deviations_are_shown_and_stale_ones_are_errors() {
    let dir = Dir::new("deviations");
    dir.put("scenarios/a/x.yaml", &scenario("  - {sta: PING, reply: any}\n"));
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 0);
    let transcript = dir.read("scenarios/a/x.transcript");
    dir.put("scenarios/a/x.transcript", &transcript.replace("< PONG", "< PANG"));
    let entry = "[[deviation]]\nscenario = \"a/*\"\nline = \"sta < P?NG\"\nreason = \"a vowel\"\n";
    dir.put("scenarios/deviations.toml", entry);
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("known deviation") && text.contains("a vowel"), "{text}");
    dir.put("scenarios/a/x.transcript", &transcript);
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 2);
    assert!(text.contains("STALE scenarios/deviations.toml:1:1"), "{text}");
    dir.put("scenarios/deviations.toml", &entry.replace("a/*", "b/*"));
    assert!(dir.wpasim(&["check"]).1.contains("a stale deviation"));
    dir.put("scenarios/deviations.toml", "[[deviation]]\nscenario = 5\n");
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 2);
    assert!(text.contains("scenarios/deviations.toml:2:1: \"scenario\" must be text"), "{text}");
    assert!(text.contains("pass a/x"), "the scenarios run all the same: {text}");
    // What differs is not blessed while the known deviations are not known.
    let changed = transcript.replace("< PONG", "< PANG");
    dir.put("scenarios/a/x.transcript", &changed);
    assert_eq!(dir.wpasim(&["run", "--bless"]).0, 2);
    assert_eq!(dir.read("scenarios/a/x.transcript"), changed);
}

#[test]
fn the_example_passes_and_is_not_overwritten() {
    let dir = Dir::new("new");
    assert_eq!(dir.wpasim(&["new", "mine.yaml"]).0, 0);
    let (code, text) = dir.wpasim(&["run", "mine.yaml"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = dir.wpasim(&["new", "mine.yaml"]);
    assert_eq!((code, text.contains("exists already")), (2, true));
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_any_jobs() {
    let dir = Dir::new("seeds");
    for name in ["one", "two", "three"] {
        dir.put(
            &format!("scenarios/a/{name}.yaml"),
            &scenario("  - sta: SCAN\n  - sta sees: CTRL-EVENT-SCAN-RESULTS\n"),
        );
    }
    let files = |out: &str, jobs: &str| {
        let (code, text) = dir.wpasim(&[
            "run",
            "--repeat",
            "3",
            "--jobs",
            jobs,
            "--transcripts",
            out,
            "--pcap",
            out,
            "--json",
            "r.json",
        ]);
        assert_eq!(code, 0, "{text}");
        let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(dir.0.join(out))
            .unwrap()
            .map(|e| e.unwrap())
            .map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()))
            .collect();
        all.sort();
        all
    };
    let one = files("one", "1");
    assert_eq!(one.len(), 18);
    assert_eq!(one[0].0, "a.one.1.pcapng");
    assert_eq!(one[1].0, "a.one.1.transcript");
    assert_eq!(one, files("eight", "8"));
    // In another order, and without captures: the same hashes.
    let hashes = |arguments: &[&str]| {
        let all: Vec<&str> = [&["run", "--repeat", "3", "--json", "h.json"], arguments].concat();
        assert_eq!(dir.wpasim(&all).0, 0);
        let mut lines: Vec<String> = Vec::new();
        for run in dir.read("h.json").split("\"deviations\"") {
            let value = |key: &str| {
                let at = run.find(&format!("\"{key}\""))?;
                run[at..].lines().next().map(str::to_owned)
            };
            lines.extend(
                value("scenario").zip(value("seed")).zip(value("trace_hash")).map(|v| format!("{v:?}")),
            );
        }
        lines.sort();
        assert_eq!(lines.len(), 9);
        lines
    };
    assert_eq!(
        hashes(&["a/three", "a/one", "a/two"]),
        hashes(&["a/one", "a/two", "a/three", "--pcap", "p", "--jobs", "1"])
    );
    let (code, text) = dir.wpasim(&["run", "--repeat", "3", "--baseline", "r.json"]);
    assert_eq!(code, 0);
    assert!(text.contains("0 of 9 runs differ from the baseline"), "{text}");
}

#[test]
fn a_budget_ends_one_scenario_only() {
    let dir = Dir::new("budget");
    let steps = "  - sta: ADD_NETWORK\n    reply: '0'\n  - sta: SET_NETWORK 0 ssid \"x\"\n  - sta: ENABLE_NETWORK 0\n  - advance: 48h\n";
    dir.put("scenarios/a/endless.yaml", &scenario(steps)).put("scenarios/a/good.yaml", GOOD);
    let (code, text) = dir.wpasim(&["run"]);
    assert_eq!(code, 1, "{text}");
    for part in [
        "pass a/good",
        "FAIL a/endless",
        "scenarios/a/endless.yaml:10: ",
        "budget of virtual time was exceeded",
        "sta (",
        "seed 1",
    ] {
        assert!(text.contains(part), "no \"{part}\" in:\n{text}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_writes_the_report_so_far() {
    let dir = Dir::new("interrupt");
    dir.put("scenarios/a/x.yaml", GOOD);
    let mut child = dir
        .command(&["run", "--repeat", "10000000", "--jobs", "1", "--junit", "j.xml"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The first line says that the handler stands.
    let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    let drain = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    // Delivered twice, as when a whole group is interrupted, it is still one.
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let _ = Command::new("kill").args(["-INT", &pid]).status();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drain.join().unwrap().unwrap();
    assert!(dir.read("j.xml").ends_with("</testsuites>\n"));
}

#[test]
fn a_recording_is_imported() {
    let dir = Dir::new("import");
    dir.put("s.txt", "# Heading\n     0.100 sta      > PING\n     0.100 sta      < PONG\n");
    assert_eq!(dir.wpasim(&["import", "s.txt", "-o", "scenarios/a/x.transcript"]).0, 0);
    dir.put("scenarios/a/x.yaml", GOOD);
    assert_eq!(dir.wpasim(&["run"]).0, 0);
    dir.put("s.txt", "rubbish\n");
    let (code, text) = dir.wpasim(&["import", "s.txt"]);
    assert_eq!((code, text.contains("s.txt:1:1")), (2, true));
}

#[test]
fn annotations_for_github() {
    let dir = Dir::new("github");
    dir.put("scenarios/a/x.yaml", &scenario("  - sta: PING\n"));
    let output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["run"])
        .current_dir(&dir.0)
        .env("GITHUB_ACTIONS", "true")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("::error file=scenarios/a/x.yaml,line=6,title=a/x::sta replied something else"),
        "{text}"
    );
    // The paths are the repository's, wherever in it wpasim is started.
    let output = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["run", "x"])
        .current_dir(dir.0.join("scenarios/a"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", &dir.0)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("::error file=scenarios/a/x.yaml,line=6,"), "{text}");
}

#[test]
fn the_embedded_suite() {
    let dir = Dir::new("builtin");
    for argument in ["builtin:ctrl_basics", "builtin:sta/ciphers.yaml@wpa=2,cipher=TKIP"] {
        let (code, text) = dir.wpasim(&["run", argument]);
        assert_eq!((code, text.contains("1 passed")), (0, true), "{text}");
    }
}

#[test]
fn scenarios_are_listed_as_json() {
    let dir = Dir::new("list-json");
    dir.put(
        "scenarios/a/x.yaml",
        &format!("matrix: {{v: [1, 2]}}\n{}", GOOD.replace("about: x", "about: '{v}'")),
    );
    let (code, text) = dir.wpasim(&["list", "--json"]);
    assert_eq!(code, 0, "{text}");
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!(rows[1]["scenario"], "a/x@v=2");
    assert_eq!(rows[1]["file"], "scenarios/a/x.yaml");
    assert_eq!(rows[1]["case"], serde_json::json!({"v": "2"}));
    assert_eq!(rows[1]["transcript"], "scenarios/a/x@v=2.transcript");
}

#[test]
fn completions_and_manual_pages_come_from_the_command_line() {
    let dir = Dir::new("pages");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, text) = dir.wpasim(&["completions", shell]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("wpasim") && text.contains("fail-fast"), "{shell}");
    }
    assert_eq!(dir.wpasim(&["completions", "tcl"]).0, 2);
    let (code, text) = dir.wpasim(&["man"]);
    assert_eq!(code, 0);
    assert!(text.contains(".TH wpasim 1") && text.contains("wpasim\\-run(1)"), "{text}");
    assert_eq!(dir.wpasim(&["man", "pages"]).0, 0);
    let page = dir.read("pages/wpasim-run.1");
    assert!(page.contains(".TH wpasim-run 1") && page.contains("fail\\-fast"), "{page}");
    assert!(page.contains("Examples:"), "{page}");
    assert!(!dir.0.join("pages/wpasim-case.1").exists());
}

#[test]
fn every_command_shows_examples() {
    let dir = Dir::new("examples");
    let (_, help) = dir.wpasim(&["--help"]);
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|l| !l.starts_with("Commands:"))
        .skip(1)
        .take_while(|l| l.starts_with("  "))
        .filter_map(|l| l.strip_prefix("  ").filter(|l| !l.starts_with(' '))?.split(' ').next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let (code, text) = dir.wpasim(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(text.contains("Example") && text.contains(&format!("wpasim {command}")), "{command}\n{text}");
    }
}

#[test]
fn two_seeds_that_failed_pass() {
    let dir = Dir::new("failed-seeds");
    let (code, text) = dir.wpasim(&["run", "builtin:ctrl/testing", "--seed", "2", "--repeat", "20"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = dir.wpasim(&["run", "builtin:p2p/group_add_arguments", "--seed", "5000107"]);
    assert_eq!(code, 0, "{text}");
}
