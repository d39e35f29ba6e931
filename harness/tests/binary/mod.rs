//! The binary in a directory of its own.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What changes what the program prints, or which runs it makes.
const CI: [&str; 11] = [
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "CI_NODE_INDEX",
    "CI_NODE_TOTAL",
    "TEST_SHARD_INDEX",
    "TEST_TOTAL_SHARDS",
    "TEST_SHARD_STATUS_FILE",
    "JOB_COMPLETION_INDEX",
    "WPASIM_SHARDS",
    "SLURM_ARRAY_TASK_ID",
];

/// A fresh directory, removed at the end.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Dir(path)
    }

    pub fn put(&self, path: &str, text: &str) -> &Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    /// The program here, without what a CI tells it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wpasim"));
        command.args(arguments).current_dir(&self.0);
        CI.iter().for_each(|variable| {
            command.env_remove(variable);
        });
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The exit code, and both outputs together.
    pub fn wpasim(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        let text = [output.stdout, output.stderr].map(|o| String::from_utf8(o).unwrap()).concat();
        (output.status.code().unwrap_or(-1), text)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub const GOOD: &str = "about: x\nwhy: y\ndevices:\n  sta: {}\nsteps:\n  - {sta: PING, reply: PONG}\n";

pub fn scenario(steps: &str) -> String {
    format!("about: x\nwhy: y\ndevices:\n  sta: {{}}\nsteps:\n{steps}")
}
