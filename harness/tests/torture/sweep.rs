//! A command is made to fail at each of its calls in turn.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::place::Place;

/// How long a command may take, with whatever fault.
const PATIENCE: Duration = Duration::from_secs(20);
/// More calls than any command here has.
const MANY: u64 = 400;

/// Which calls fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// One.
    Once,
    /// One and all after it.
    FromThenOn,
}

impl Mode {
    pub fn plan(self, n: u64) -> String {
        match self {
            Mode::Once => n.to_string(),
            Mode::FromThenOn => format!("{n}+"),
        }
    }
}

/// A command that is over.
#[derive(Debug)]
#[allow(dead_code, reason = "the plan is shown when a test fails")]
pub struct Ended {
    /// The fault that it had, or was to have.
    pub plan: String,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A call that failed, as the command says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub call: String,
    pub path: String,
}

impl Ended {
    /// The first call that failed, if one did.
    pub fn fault(&self) -> Option<Fault> {
        self.faults().into_iter().next()
    }

    /// Everything that was said, other than which faults there were.
    pub fn said(&self) -> String {
        let lines = self.stderr.lines().filter(|l| !l.starts_with("wpasim: fault "));
        lines.chain(self.stdout.lines()).map(|line| format!("{line}\n")).collect()
    }

    /// All calls that failed.
    fn faults(&self) -> Vec<Fault> {
        let lines = self.stderr.lines().filter_map(|l| l.strip_prefix("wpasim: fault "));
        let told = lines.filter_map(|line| line.split_once(": ")?.1.split_once(' '));
        told.map(|(call, path)| Fault { call: call.to_owned(), path: path.to_owned() }).collect()
    }

    /// Fails unless the error is said in a line with the name of the file; of several faults, that of one.
    pub fn tells(&self) {
        let faults = self.faults();
        assert!(faults.iter().any(|fault| self.is_told(fault)), "{faults:?} are not told:\n{self:#?}");
    }

    fn is_told(&self, fault: &Fault) -> bool {
        let error = match fault.call.as_str() {
            "open" | "socket" => "Too many open files",
            "write" | "mkdir" | "rename" => "No space left on device",
            _ => "Read-only file system",
        };
        let name = fault.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        // A socket of our own has a name that says nothing to people.
        let is_own = name.starts_with('(') || name.starts_with("wpasim-");
        let names = |line: &str| {
            is_own
                || line.contains(name)
                || (name.ends_with(".yaml") && line.contains("changed since it was selected"))
        };
        let is_error = |line: &str| line.contains(error) || line.contains("changed since it was selected");
        self.said().lines().any(|line| is_error(line) && names(line))
    }
}

/// A command that runs.
pub struct Running {
    pub child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    said: String,
    complaints: Option<JoinHandle<std::io::Result<String>>>,
    plan: String,
}

impl Running {
    /// A server with one station, which no fault hits, ready.
    pub fn serving(place: &Place) -> Self {
        place.put("t.yaml", b"devices:\n  sta: {}\n");
        let mut serve = Running::start(place, &["serve", "t.yaml", "--run-dir", "run"], &[], "");
        assert!(serve.is_ready("serving"));
        serve
    }

    pub fn start(place: &Place, arguments: &[&str], environment: &[(&str, &str)], plan: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wpasim"))
            .args(arguments)
            .current_dir(&place.0)
            .envs(environment.iter().copied())
            .env("WPASIM_FAULT", plan)
            .env_remove("GITHUB_ACTIONS")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let complaints = std::thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        Running { child, stdout, said: String::new(), complaints: Some(complaints), plan: plan.to_owned() }
    }

    /// Waits until a line with `ready` comes; whether it did before the end.
    pub fn is_ready(&mut self, ready: &str) -> bool {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).unwrap() == 0 {
                return false;
            }
            self.said.push_str(&line);
            if line.contains(ready) {
                return true;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let _ = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .stderr(Stdio::null())
            .status();
    }

    /// Waits for the end; a command that does not end fails the test.
    pub fn end(mut self) -> Ended {
        let status = self.awaited();
        self.stdout.read_to_string(&mut self.said).unwrap();
        let stderr = self.complaints.take().unwrap().join().unwrap().unwrap();
        let ended = Ended {
            plan: self.plan.clone(),
            code: status.code().unwrap_or(-1),
            stdout: std::mem::take(&mut self.said),
            stderr,
        };
        assert!(!ended.stderr.contains("panicked") && !ended.stdout.contains("panicked"), "{ended:#?}");
        ended
    }

    fn awaited(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "WPASIM_FAULT={}: it does not end", self.plan);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command that ends of itself.
pub fn run(place: &Place, arguments: &[&str], environment: &[(&str, &str)], plan: &str) -> Ended {
    Running::start(place, arguments, environment, plan).end()
}

/// Makes every call of a command fail in turn; returns how many there are. `make` runs the command with a fault, `judge` sees
/// each end that had one.
pub fn sweep(mode: Mode, mut make: impl FnMut(&str) -> Ended, mut judge: impl FnMut(&Fault, &Ended)) -> u64 {
    for n in 1..=MANY {
        let ended = make(&mode.plan(n));
        match ended.fault() {
            Some(fault) => judge(&fault, &ended),
            None => {
                assert_eq!(ended.code, 0, "without a fault it succeeds: {ended:#?}");
                return n - 1;
            }
        }
    }
    panic!("more than {MANY} calls");
}
