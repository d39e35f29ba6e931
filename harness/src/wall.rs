//! The wall clock, for the times that reports show and for what is served in real time. Nothing else in the program reads it.

use std::time::{Duration, Instant};

/// A stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    #[allow(clippy::disallowed_methods)]
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// Returns the time for which it has run.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The date and the time of day in UTC, for reports: `2026-11-30T14:31:48`.
#[allow(clippy::disallowed_methods)]
pub fn date_and_time() -> String {
    chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now())
        .format("%Y-%m-%dT%H:%M:%S")
        .to_string()
}
