//! Scenarios run in the lab, as a person runs them: `wpasim lab run -- run … --target hwsim`.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the lab runs on Linux only");
}

#[cfg(target_os = "linux")]
#[path = "../guests/mod.rs"]
mod guests;
#[cfg(target_os = "linux")]
mod relay;
#[cfg(target_os = "linux")]
mod repeatable;
#[cfg(target_os = "linux")]
mod targets;
#[cfg(target_os = "linux")]
mod trouble;
#[cfg(target_os = "linux")]
mod wpasim_run;

/// The word with which this binary is a broken supplicant, see [`relay`].
#[cfg(target_os = "linux")]
const RELAY: &str = "relay-and-swallow";

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((RELAY, rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        relay::run(rest).expect("the relay works");
        return std::process::ExitCode::SUCCESS;
    }
    guests::main(&[repeatable::TESTS, targets::TESTS, trouble::TESTS].concat())
}
