//! The harness: scenarios, targets, transcripts, diffs and reports.

#![recursion_limit = "512"]

pub mod scenario;
