//! What the tests that need the lab share.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use rustix::process::{Pid, Signal, kill_process};
use wpasim::lab::Lab;

pub const WPASIM: &str = env!("CARGO_BIN_EXE_wpasim");

pub type Outcome = Result<(), Failed>;
pub type Test = fn(&Lab) -> Outcome;

/// Runs the tests if the lab is built. Where it is not they are ignored, which is said; with
/// WPASIM_LAB_REQUIRED set they fail.
pub fn main(tests: &[(&str, Test)]) -> ExitCode {
    let arguments = Arguments::from_args();
    let lab = Lab::open_with(Path::new(WPASIM));
    if let Err(why) = &lab {
        eprintln!("\nIGNORED, all tests of the lab: {why}\n");
        if std::env::var_os("WPASIM_LAB_REQUIRED").is_some() {
            return ExitCode::FAILURE;
        }
    }
    let trial = |(name, test): &(&str, Test)| match &lab {
        Ok(lab) => {
            let (lab, test) = (lab.clone(), *test);
            Trial::test(*name, move || test(&lab))
        }
        Err(_) => Trial::test(*name, || Ok(())).with_ignored_flag(true),
    };
    libtest_mimic::run(&arguments, tests.iter().map(trial).collect()).exit_code()
}

/// A fresh directory, removed at the end.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("lab-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Dir(path)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn expect(is: bool, what: impl std::fmt::Display) -> Outcome {
    if is { Ok(()) } else { Err(what.to_string().into()) }
}

#[allow(clippy::disallowed_methods)]
pub fn eventually(mut is: impl FnMut() -> bool) -> Outcome {
    for _ in 0..1500 {
        if is() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err("it has not happened within 30 s".into())
}

/// The processes in the job directories of a wpasim: its guests' kernels and what runs in them.
pub fn guests_of(wpasim: &Child) -> Vec<Pid> {
    let jobs = format!("wpasim-lab-{:08x}", wpasim.id());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let in_job = processes.filter(|process| {
        let cwd = fs::read_link(process.path().join("cwd"));
        cwd.is_ok_and(|cwd| cwd.to_string_lossy().contains(&jobs))
    });
    in_job.filter_map(|process| Pid::from_raw(process.file_name().to_str()?.parse().ok()?)).collect()
}

/// Sends a signal to a wpasim, waits until it and its guests are gone; its exit code.
pub fn end_with(signal: Signal, mut wpasim: Child) -> Result<Option<i32>, Failed> {
    let pid = i32::try_from(wpasim.id()).ok().and_then(Pid::from_raw).ok_or("no process id")?;
    kill_process(pid, signal)?;
    let status = wpasim.wait()?;
    eventually(|| guests_of(&wpasim).is_empty())?;
    Ok(status.code())
}
