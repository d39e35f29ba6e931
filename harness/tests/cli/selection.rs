//! What can't be tested is an error, whichever command is asked for it, and the rest is tested all the same.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{Dir, GOOD, scenario};

/// A directory in which one scenario is good, with its transcript.
fn good(name: &str) -> Dir {
    let dir = Dir::new(name);
    dir.put("scenarios/good.yaml", GOOD);
    assert_eq!(dir.wpasim(&["run", "scenarios", "--bless"]).0, 0);
    dir
}

fn make_fifo(path: &std::path::Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Every command that takes scenarios: what is wrong is said, and the good one is used.
#[track_caller]
fn all_commands_say(dir: &Dir, messages: &[&str]) {
    let commands: [(&[&str], &str); 4] = [
        (&["run", "scenarios"], "pass good"),
        (&["list", "scenarios"], "good\n"),
        (&["check", "scenarios"], "1 file"),
        (&["compare", "sim", "sim", "scenarios"], "1 scenarios compared"),
    ];
    for (command, rest) in commands {
        let (code, text) = dir.wpasim(command);
        assert_eq!(code, 2, "{command:?}\n{text}");
        for message in messages {
            assert!(text.contains(message), "{command:?}: no \"{message}\" in\n{text}");
        }
        if messages.iter().any(|m| m.contains("too large")) {
            continue;
        }
        assert!(text.contains(rest), "{command:?}: no \"{rest}\" in\n{text}");
    }
    let (code, text) = dir.wpasim(&["record", "scenarios", "--target", "socket", "--device", "sta=/nowhere"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(messages[0]), "{text}");
}

#[test]
fn names_that_are_not_utf8_and_links_that_lead_nowhere() {
    let dir = good("names");
    fs::write(dir.0.join("scenarios").join(OsStr::from_bytes(b"\xff.yaml")), GOOD).unwrap();
    symlink("nowhere", dir.0.join("scenarios/dangling.yaml")).unwrap();
    fs::create_dir(dir.0.join("scenarios").join(OsStr::from_bytes(b"area\xff"))).unwrap();
    all_commands_say(
        &dir,
        &[
            "scenarios/dangling.yaml: a link that leads nowhere",
            "scenarios/\u{fffd}.yaml: the file's name is not UTF-8",
            "scenarios/area\u{fffd}: the directory's name is not UTF-8",
        ],
    );
    let (_, text) = dir.wpasim(&["check", "scenarios"]);
    assert!(text.contains("1 file, 1 scenario checked, 3 problems"), "{text}");
}

#[test]
fn what_is_no_regular_file_is_never_opened() {
    let dir = good("irregular");
    make_fifo(&dir.0.join("scenarios/fifo.yaml"));
    symlink("/dev/zero", dir.0.join("scenarios/zero.yaml")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.0.join("scenarios/socket.yaml")).unwrap();
    all_commands_say(
        &dir,
        &[
            "scenarios/fifo.yaml: not a regular file but a FIFO",
            "scenarios/socket.yaml: not a regular file but a socket",
            "scenarios/zero.yaml: not a regular file but a device",
        ],
    );
    for name in ["fifo", "zero", "socket"] {
        let (code, text) = dir.wpasim(&["run", &format!("scenarios/{name}.yaml")]);
        assert_eq!(code, 2);
        assert!(text.contains("not a regular file but a"), "{text}");
    }
}

#[test]
fn transcripts_includes_and_deviations_are_read_as_scenarios_are() {
    let dir = good("beside");
    fs::remove_file(dir.0.join("scenarios/good.transcript")).unwrap();
    make_fifo(&dir.0.join("scenarios/good.transcript"));
    let (code, text) = dir.wpasim(&["run", "scenarios"]);
    assert_eq!(code, 2);
    assert!(text.contains("good.transcript:1:1: not a regular file but a FIFO"), "{text}");
    fs::remove_file(dir.0.join("scenarios/good.transcript")).unwrap();
    symlink("nowhere", dir.0.join("scenarios/good.transcript")).unwrap();
    let (code, text) = dir.wpasim(&["run", "scenarios/good.yaml"]);
    assert_eq!(code, 2);
    assert!(text.contains("good.transcript:1:1: a link to a file that is not there"), "{text}");

    let dir = good("included");
    make_fifo(&dir.0.join("scenarios/fifo"));
    dir.put(
        "scenarios/a.yaml",
        &scenario("  - include: fifo\n  - include: ../../x\n  - include: none.yaml\n"),
    );
    let (code, text) = dir.wpasim(&["run", "scenarios"]);
    assert_eq!(code, 2);
    for reason in [
        "cannot read the included file \"fifo\": not a regular file but a FIFO",
        "cannot read the included file \"../../x\": it is outside the directory of scenarios",
        "cannot read the included file \"none.yaml\": no such file",
    ] {
        assert!(text.contains(reason), "{text}");
    }

    let dir = good("known");
    symlink("/dev/zero", dir.0.join("scenarios/deviations.toml")).unwrap();
    let (code, text) = dir.wpasim(&["run", "scenarios"]);
    assert_eq!(code, 2);
    assert!(text.contains("deviations.toml:1:1: not a regular file but a device"), "{text}");
    assert!(text.contains("pass good"), "{text}");
}

#[test]
fn files_have_a_limit() {
    let dir = good("limits");
    let grow = |path: &str, size: u64| fs::File::create(dir.0.join(path)).unwrap().set_len(size).unwrap();
    grow("scenarios/large.yaml", (4 << 20) + 1);
    grow("scenarios/good.transcript", (64 << 20) + 1);
    dir.put("scenarios/includes.yaml", &scenario("  - include: large.yaml\n"));
    let (code, text) = dir.wpasim(&["run", "scenarios"]);
    assert_eq!(code, 2);
    for message in [
        "scenarios/large.yaml:1:1: the file has 4194305 octets, 4194304 is the limit",
        "scenarios/good.transcript:1:1: the file has 67108865 octets, 67108864 is the limit",
        "cannot read the included file \"large.yaml\": the file has 4194305 octets, 4194304 is the limit",
    ] {
        assert!(text.contains(message), "no \"{message}\" in\n{text}");
    }
    grow("scenarios/deviations.toml", (1 << 20) + 1);
    let (_, text) = dir.wpasim(&["run", "scenarios"]);
    assert!(
        text.contains("deviations.toml:1:1: the file has 1048577 octets, 1048576 is the limit"),
        "{text}"
    );
}

#[test]
fn links_to_directories_are_followed_once() {
    let dir = good("links");
    let elsewhere = Dir::new("links-elsewhere");
    elsewhere.put("far.yaml", GOOD);
    symlink(&elsewhere.0, dir.0.join("scenarios/linked")).unwrap();
    symlink("..", dir.0.join("scenarios/up")).unwrap();
    symlink("linked", dir.0.join("scenarios/again")).unwrap();
    symlink("good.yaml", dir.0.join("scenarios/other.yaml")).unwrap();
    let (code, text) = dir.wpasim(&["list", "scenarios", "scenarios/good.yaml", "./scenarios/again"]);
    assert_eq!((code, text.as_str()), (0, "again/far\ngood\nother\n"));
    assert_eq!(dir.wpasim(&["list", "scenarios/linked"]), (0, "linked/far\n".to_owned()));
}

#[test]
fn directories_that_are_too_deep_or_unreadable() {
    let dir = good("deep");
    let deep = format!("scenarios/{}x.yaml", "d/".repeat(17));
    dir.put(&deep, GOOD);
    all_commands_say(&dir, &["deeper than 16 directories, and therefore not looked at"]);

    // What root may read is told by no permission; a process's own directories are refused even to root.
    let dir = good("unreadable");
    fs::create_dir(dir.0.join("scenarios/closed")).unwrap();
    fs::set_permissions(dir.0.join("scenarios/closed"), std::os::unix::fs::PermissionsExt::from_mode(0o000))
        .unwrap();
    if fs::read_dir(dir.0.join("scenarios/closed")).is_ok() {
        eprintln!("this user may read everything: an unreadable directory was not tried");
        return;
    }
    all_commands_say(&dir, &["scenarios/closed: the directory cannot be read"]);
}

#[test]
fn what_is_unfit_elsewhere_does_not_disturb_a_scenario_by_name() {
    let dir = good("by-name");
    symlink("nowhere", dir.0.join("scenarios/dangling.yaml")).unwrap();
    assert_eq!(dir.wpasim(&["run", "good"]).0, 0);
    assert_eq!(dir.wpasim(&["run", "scenarios/good.yaml"]).0, 0);
    let (code, text) = dir.wpasim(&["run", "dangling"]);
    assert_eq!(code, 2);
    assert!(text.contains("scenarios/dangling.yaml: a link that leads nowhere"), "{text}");
    assert_eq!(dir.wpasim(&["run", "go*"]).0, 2);
}

#[test]
fn check_of_a_file_judges_that_file() {
    let dir = good("alone");
    dir.put("scenarios/nobody.transcript", "# wpasim transcript 1\n# made by: x\n");
    dir.put(
        "scenarios/deviations.toml",
        "[[deviation]]\nscenario = \"gone/*\"\nline = \"x\"\nreason = \"y\"\n",
    );
    dir.put("scenarios/area/bad.yaml", &scenario("  - stb: PING\n  - stc: PING\n  - advance: 5\n"));
    let (code, text) = dir.wpasim(&["check", "scenarios/good.yaml"]);
    assert_eq!((code, text.as_str()), (0, "1 file, 1 scenario checked, 0 problems\n"));
    let (code, text) = dir.wpasim(&["check", "scenarios/area/bad.yaml"]);
    assert_eq!(code, 2);
    assert!(text.ends_with("1 file, 1 scenario checked, 3 problems\n"), "{text}");
    for whole in [&["check"][..], &["check", "scenarios"]] {
        let (code, text) = dir.wpasim(whole);
        assert_eq!(code, 2);
        assert!(text.ends_with("2 files, 2 scenarios checked, 5 problems\n"), "{text}");
        assert!(text.contains("nobody.transcript: a transcript without a scenario"), "{text}");
        assert!(text.contains("a stale deviation: no scenario matches \"gone/*\""), "{text}");
    }
    // A transcript of a case that the file does not have any more is that file's.
    dir.put("scenarios/good@x=1.transcript", "# wpasim transcript 1\n# made by: x\n");
    let (code, text) = dir.wpasim(&["check", "scenarios/good.yaml"]);
    assert_eq!(code, 2);
    assert!(text.contains("good@x=1.transcript: a transcript without a scenario"), "{text}");
}
