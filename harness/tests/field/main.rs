//! Configuration files as they are found in the field, and files that probe one refusal each: every one starts or is
//! refused with the same lines as by the real programs. `cases.txt` has each file, behind `>` what Debian's
//! wpa_supplicant or hostapd 2.10 wrote of it in the lab, and `+ runs` if it went on; `WPASIM_RECORD_FIELD=1 cargo test -p wpasim --test field` records
//! that anew.
//!
//! A line of a file is written behind `| `, octets that are not printable as `\xNN`.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use wpasim::scenario::model::Role;
use wpasim::scenario::read_topology;
use wpasim::target::sim::SimKind;
use wpasim::target::{ControlEvent, Limits, Setup, TargetKind};
use wpasim_engine::config::support::{asked_of_hostapd, asked_of_supplicant};

/// Set to ask the real programs.
const RECORDS: &str = "WPASIM_RECORD_FIELD";

#[derive(Debug, PartialEq)]
struct Case {
    program: String,
    name: String,
    config: Vec<u8>,
    said: Vec<String>,
    /// Whether the program went on.
    runs: bool,
}

impl Case {
    /// The file that the program is given: of an access point, what belongs to the host comes last.
    fn file(&self) -> Vec<u8> {
        let own: &[u8] = match self.program.as_str() {
            // After `bss=`, lines are of another BSS.
            "hostapd" if self.config.windows(5).any(|w| w == b"\nbss=") => b"",
            "hostapd" => b"interface=wlan0\ndriver=nl80211\nctrl_interface=/run/hostapd\n",
            _ => b"",
        };
        let before: &[u8] =
            if own.is_empty() && self.program == "hostapd" { b"interface=wlan0\n" } else { b"" };
        [before, &self.config, own].concat()
    }

    /// What the engine has not and the file asks for.
    fn lacks(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.config);
        let asked =
            if self.program == "hostapd" { asked_of_hostapd(&text) } else { asked_of_supplicant(&text) };
        asked.into_iter().find(|asked| asked.lack.is_missing()).map(|asked| asked.to_string())
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/field/cases.txt")
}

fn octets(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                out.push(*escaped);
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some((program, name)) = line.strip_prefix("## ").and_then(|head| head.split_once(' ')) {
            let (program, name) = (program.to_owned(), name.to_owned());
            cases.push(Case { program, name, config: Vec::new(), said: Vec::new(), runs: false });
            continue;
        }
        let case = cases.last_mut().expect("a head comes first");
        match line.split_at(2) {
            ("| ", config) => {
                case.config.extend(octets(config));
                case.config.push(b'\n');
            }
            ("> ", said) => case.said.push(said.to_owned()),
            ("+ ", "runs") => case.runs = true,
            _ => panic!("{line}"),
        }
    }
    cases
}

/// Without what programs say whatever happens, and of what comes after they are up.
fn reasons(log: &str) -> Vec<String> {
    const NOISE: [&str; 7] = [
        "Successfully initialized",
        "hostapd_free_hapd_data:",
        "nl80211: ",
        "wlan0: AP-",
        "wlan0: CTRL-EVENT-",
        "wlan0: interface state ",
        ": CTRL-EVENT-",
    ];
    let is_noise = |line: &&str| line.is_empty() || NOISE.iter().any(|noise| line.starts_with(noise));
    let lines = log.lines().filter(|line| !is_noise(line));
    lines.map(|line| line.replace("/tmp/wpasim-field/", "")).collect()
}

/// What the engine says of a file, and whether it runs with it.
fn engine(case: &Case) -> (Vec<String>, bool) {
    let devices = match case.program.as_str() {
        "hostapd" => "devices: {d: {hostapd: {}}}\n",
        _ => "devices: {d: {}}\n",
    };
    let topology = read_topology("t.yaml", devices).unwrap();
    let device = &topology.devices[0];
    assert!(!matches!(device.role, Role::Scripted));
    let setup = Setup {
        seed: 1,
        world: topology.world.clone(),
        limits: Limits::default(),
        capture: false,
        watch_frames: false,
        refusals: false,
    };
    let mut target = SimKind::default().make(&setup).unwrap();
    let id = target.add(device).unwrap();
    target.put_file(id, None, case.file());
    target.start(id).unwrap();
    let mut said = Vec::new();
    let mut runs = true;
    for heard in target.heard() {
        match heard.what {
            ControlEvent::Log(line) => said.extend(line.lines().map(str::to_owned)),
            ControlEvent::Ended => runs = false,
            _ => {}
        }
    }
    (said, runs)
}

#[test]
fn files_start_or_are_refused_as_by_the_real_programs() {
    let text = fs::read_to_string(path()).unwrap();
    let mut all = cases(&text);
    if std::env::var_os(RECORDS).is_some() {
        record(&mut all);
    }
    let mut wrong = String::new();
    let mut skipped = Vec::new();
    for case in &all {
        let (said, runs) = engine(case);
        if case.runs
            && let Some(lack) = case.lacks()
        {
            skipped.push(format!("{} {}: {lack}", case.program, case.name));
            continue;
        }
        if (&said, runs) != (&case.said, case.runs) {
            let _ = writeln!(
                wrong,
                "{} {}\n  2.10   {}{}\n  engine {}{}",
                case.program,
                case.name,
                case.said.join("\n         "),
                if case.runs { " (runs)" } else { "" },
                said.join("\n         "),
                if runs { " (runs)" } else { "" }
            );
        }
    }
    eprintln!("skipped:\n{}", skipped.join("\n"));
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        all.len() > 60 && skipped.len() < all.len() / 5,
        "{} of {} are skipped",
        skipped.len(),
        all.len()
    );
}

/// Asks the real programs in the lab, and writes what they say.
fn record(cases: &mut [Case]) {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("field");
    fs::create_dir_all(&directory).unwrap();
    let mut script = String::from("mkdir -p /tmp/wpasim-field; cd /tmp/wpasim-field\n");
    for (index, case) in cases.iter().enumerate() {
        let file = directory.join(format!("{index}.conf"));
        fs::write(&file, case.file()).unwrap();
        let start = match case.program.as_str() {
            "hostapd" => "hostapd wlan0.conf",
            _ => "wpa_supplicant -i wlan0 -D nl80211 -c wlan0.conf",
        };
        let _ = writeln!(script, "cp {} wlan0.conf; timeout 1 {start} >{index}.log 2>&1", file.display());
        let _ = writeln!(script, "cp {index}.log {}", directory.join(format!("{index}.log")).display());
    }
    let run = directory.join("run.sh");
    fs::write(&run, script).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["lab", "run", "--writable"])
        .arg(&directory)
        .args(["--", "sh"])
        .arg(&run)
        .status()
        .unwrap();
    assert!(status.success());
    let mut text = String::new();
    for (index, case) in cases.iter_mut().enumerate() {
        let log = fs::read(directory.join(format!("{index}.log"))).unwrap();
        let log = String::from_utf8_lossy(&log);
        case.said = reasons(&log);
        // Only what ran says that it ends.
        let is_up =
            if case.program == "hostapd" { "wlan0: AP-ENABLED" } else { "wlan0: CTRL-EVENT-TERMINATING" };
        case.runs = log.lines().any(|line| line.trim_end() == is_up);
        let _ = writeln!(text, "## {} {}", case.program, case.name);
        let config = case.config.strip_suffix(b"\n").unwrap_or(&case.config);
        for line in config.split(|b| *b == b'\n') {
            let shown: String = line
                .iter()
                .map(|b| match b {
                    b'\\' => "\\\\".to_owned(),
                    b' '..=b'~' => char::from(*b).to_string(),
                    b => format!("\\x{b:02x}"),
                })
                .collect();
            let _ = writeln!(text, "| {shown}");
        }
        case.said.iter().for_each(|line| {
            let _ = writeln!(text, "> {line}");
        });
        if case.runs {
            text.push_str("+ runs\n");
        }
    }
    fs::write(path(), text).unwrap();
}
