//! The harness: scenarios, targets, transcripts, diffs and reports.
#![recursion_limit = "512"]

pub mod causes;
pub mod cli;
pub mod compare;
pub mod control;
pub mod deviations;
pub mod expectations;
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
