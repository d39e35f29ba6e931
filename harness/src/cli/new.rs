//! `wpasim new`: a commented example to start from.

use std::path::Path;

use super::{BAD_USAGE, complain, say};
use crate::session::write_atomically;

/// The example.
pub const EXAMPLE: &str = include_str!("example.yaml");

/// Writes the example; returns the exit code.
pub fn new(file: &Path) -> u8 {
    let shown = file.display();
    if file.extension().is_none_or(|e| e != "yaml") {
        complain(&format!("wpasim: {shown}: a scenario file ends in .yaml"));
        return BAD_USAGE;
    }
    if file.exists() {
        complain(&format!("wpasim: {shown} exists already"));
        return BAD_USAGE;
    }
    match write_atomically(file, EXAMPLE.as_bytes()) {
        Ok(()) => {
            say(&format!("{shown} written; run it with `wpasim run {shown}`"));
            0
        }
        Err(error) => {
            complain(&format!("wpasim: {shown}: {error}"));
            BAD_USAGE
        }
    }
}
