//! The binary, run for a test.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use libtest_mimic::Failed;

use crate::guests::{Dir, WPASIM};

/// How a wpasim ended, and both of its outputs.
pub struct Ran {
    pub code: Option<i32>,
    pub text: String,
}

/// A scenario of the suite, as an argument.
pub fn suite(name: &str) -> String {
    format!("{}/../scenarios/{name}.yaml", env!("CARGO_MANIFEST_DIR"))
}

fn command(dir: &Dir, arguments: &[&str]) -> Command {
    let mut command = Command::new(WPASIM);
    command.args(arguments).current_dir(&dir.0).env("TMPDIR", &dir.0).env_remove("GITHUB_ACTIONS");
    command
}

/// Runs `wpasim ARGUMENTS` in a directory that is also where it puts what it needs for a while.
pub fn wpasim(dir: &Dir, arguments: &[&str]) -> Result<Ran, Failed> {
    ran(command(dir, arguments))
}

/// As [`wpasim`], with variables of the environment changed.
pub fn wpasim_with(dir: &Dir, env: &[(&str, &Path)], arguments: &[&str]) -> Result<Ran, Failed> {
    let mut command = command(dir, arguments);
    command.envs(env.iter().copied());
    ran(command)
}

fn ran(mut command: Command) -> Result<Ran, Failed> {
    let output = command.output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok(Ran { code: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() })
}

/// `wpasim lab run -- run SCENARIO --target hwsim --reference 2.10 ARGUMENTS`: few of the supplicants say a version.
pub fn on_kernel_radios(dir: &Dir, scenario: &str, arguments: &[&str]) -> Result<Ran, Failed> {
    let run = ["lab", "run", "--", "run", scenario, "--target", "hwsim", "--reference", "2.10"];
    let words = [&run, arguments].concat();
    wpasim(dir, &words)
}

/// Starts a `wpasim` that says nothing.
pub fn started(dir: &Dir, arguments: &[&str]) -> Result<Child, Failed> {
    Ok(command(dir, arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}

/// What is left in a directory of what wpasim needed for a while.
pub fn left_over(dir: &Dir) -> Vec<String> {
    let entries = fs::read_dir(&dir.0).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("wpasim-") && name != "wpasim-out").collect()
}
