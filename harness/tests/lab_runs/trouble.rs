//! Supplicants that don't start, end, or hang, and ends that nobody planned.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use wpasim::lab::Lab;

use crate::guests::{Dir, Outcome, Test, end_with, eventually, expect, guests_of};
use crate::wpasim_run::{left_over, on_kernel_radios, started, suite, wpasim_with};

pub const TESTS: &[(&str, Test)] = &[
    ("a_supplicant_that_is_not_there_is_named", no_such_supplicant),
    ("a_supplicant_that_gives_up_at_once_is_quoted", gives_up),
    ("a_supplicant_that_is_killed_ends_the_run", killed),
    ("a_supplicant_that_hangs_ends_the_run", hangs),
    ("ctrl_c_in_a_run_leaves_nothing", ctrl_c),
    ("a_guest_that_is_killed_is_reported", guest_killed),
    ("a_lab_that_cannot_be_built_says_why", cannot_be_built),
];

/// Does something to the supplicant a second after its start.
fn after_a_second(signal: &str) -> String {
    format!(
        "sh -c '(sleep 1; kill -{signal} $$) & \
         exec wpa_supplicant -D nl80211 -i {{ifname}} -c {{config}} -g {{global}} -f {{log}} -tdd'"
    )
}

/// What is said, and with which exit code, when this is the supplicant.
fn with_supplicant(command: &str, code: i32, says: &[&str]) -> Outcome {
    let dir = Dir::new();
    let ran = on_kernel_radios(&dir, &suite("sta/connect_open"), &["--supplicant", command])?;
    let missing: Vec<&&str> = says.iter().filter(|what| !ran.text.contains(**what)).collect();
    expect(
        ran.code == Some(code) && missing.is_empty(),
        format!("{:?}, {missing:?} is missing\n{}", ran.code, ran.text),
    )?;
    expect(left_over(&dir).is_empty(), format!("{:?} was left", left_over(&dir)))
}

fn no_such_supplicant(_: &Lab) -> Outcome {
    with_supplicant("no-such-supplicant", 3, &["no-such-supplicant: No such file"])?;
    with_supplicant("/dev/null", 3, &["/dev/null: Permission denied"])
}

fn gives_up(_: &Lab) -> Outcome {
    let says = ["sta ended as it started", "exit status: 3", "I give up"];
    with_supplicant("sh -c 'echo I give up; exit 3'", 1, &says)
}

fn killed(_: &Lab) -> Outcome {
    with_supplicant(&after_a_second("KILL"), 1, &["has ended", "signal: 9"])
}

fn hangs(_: &Lab) -> Outcome {
    with_supplicant(&after_a_second("STOP"), 1, &["sta did not reply within 30 s", "does not answer STATUS"])
}

/// `wpasim lab run -- run` in the middle of a run that keeps its guest busy.
fn in_the_middle(dir: &Dir) -> Result<std::process::Child, libtest_mimic::Failed> {
    let path = suite("sta/connect_open");
    let spins = "sh -c 'while :; do :; done' {log}";
    let words = [
        "lab",
        "run",
        "--",
        "run",
        &path,
        "--target",
        "hwsim",
        "--reference",
        "2.10",
        "--json",
        "report.json",
    ];
    let child = started(dir, &[&words[..], &["--supplicant", spins]].concat())?;
    // The first guest is asked for the program's version; what is meant is the run.
    let runs = |pid: &Pid| {
        let orders = fs::read(format!("/proc/{}/cwd/orders", pid.as_raw_pid())).unwrap_or_default();
        orders.windows(5).any(|part| part == b"Acase")
    };
    eventually(|| guests_of(&child).iter().any(runs))?;
    Ok(child)
}

fn ctrl_c(_: &Lab) -> Outcome {
    let dir = Dir::new();
    let code = end_with(Signal::INT, in_the_middle(&dir)?)?;
    expect(code == Some(130) && left_over(&dir).is_empty(), format!("{code:?} {:?}", left_over(&dir)))
}

fn guest_killed(_: &Lab) -> Outcome {
    let dir = Dir::new();
    let mut child = in_the_middle(&dir)?;
    // The kernel may be several processes; which one is shot does not matter.
    for guest in guests_of(&child) {
        let _ = kill_process(guest, Signal::KILL);
    }
    let status = child.wait()?;
    let report = fs::read_to_string(dir.0.join("report.json"))?;
    expect(
        status.code() == Some(3) && report.contains("the lab's kernel ended before its job did"),
        format!("{status} {report}"),
    )?;
    expect(guests_of(&child).is_empty() && left_over(&dir).is_empty(), format!("{:?}", left_over(&dir)))
}

fn cannot_be_built(_: &Lab) -> Outcome {
    let dir = Dir::new();
    let path = suite("sta/connect_open");
    let words = ["lab", "run", "--", "run", &path, "--target", "hwsim"];
    let empty = dir.0.join("empty");
    fs::create_dir(&empty)?;
    let ran = wpasim_with(&dir, &[("WPASIM_CACHE", &empty), ("PATH", Path::new("/nowhere"))], &words)?;
    let says = "is missing: it is needed";
    expect(ran.code == Some(3) && ran.text.contains(says), format!("{:?} {}", ran.code, ran.text))
}
