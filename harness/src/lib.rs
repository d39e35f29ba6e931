//! The harness of wpasim: it reads scenarios, runs them on a target, judges them by transcripts, and tells about it.
//!
//! - [`scenario`] reads YAML files; a mistake is told with its line. [`run`] and [`session`] carry out the steps on a [`target`]: the
//!   simulated engine, radios of mac80211_hwsim, or control sockets of other programs.
//! - [`transcript`] and [`matcher`] hold what happened to what the reference recorded. [`report`] writes it for terminals, JUnit and JSON.
//! - [`serve`] offers control sockets of simulated devices; [`proxy`] records sessions; [`lab`] boots Linux with wireless and foreign releases.
//! - [`cli`] is the command line.
//!
//! The formats are documented in `docs/`. This library's interface serves the program `wpasim` and its tests and may change with any version.
//!
//! ```
//! use wpasim::scenario;
//!
//! let no_files = |path: &str| Err(format!("{path}: no such file"));
//! let text = "format: 1\ndevices:\n  sta: {}\nsteps:\n- sta: PING\n  reply: PONG\n";
//! let scenarios = scenario::read_all("a_ping.yaml", text, &no_files).unwrap();
//! assert_eq!(scenarios.len(), 1);
//! let refused = scenario::read_all("a_ping.yaml", &text.replace("reply", "replie"), &no_files).unwrap_err();
//! assert!(refused.to_string().contains("replie"), "{refused}");
//! ```
#![recursion_limit = "512"]

pub mod causes;
pub mod cli;
pub mod compare;
pub mod control;
pub mod deviations;
pub mod expectations;
pub mod explore;
pub mod import;
#[cfg(target_os = "linux")]
pub mod lab;
pub mod matcher;
#[cfg(target_os = "linux")]
pub mod proxy;
pub mod release;
pub mod report;
pub mod rows;
pub mod run;
pub mod scenario;
#[cfg(target_os = "linux")]
pub mod serve;
pub mod session;
pub mod steps;
pub(crate) mod system;
pub mod target;
pub mod transcript;
pub mod wall;
