//! The harness: scenarios, targets, transcripts, diffs and reports.
#![recursion_limit = "512"]

pub mod deviations;
pub mod matcher;
pub mod run;
pub mod scenario;
pub mod target;
pub mod transcript;
