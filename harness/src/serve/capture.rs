//! Frames on their way into a file, while they come.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::target::Target;
use crate::target::sim::Sim;
use crate::wall::Stopwatch;

/// The file has what was on the air no later than this long ago, on the wall.
const EVERY: Duration = Duration::from_millis(500);

/// A capture file.
pub struct CaptureFile {
    path: PathBuf,
    file: File,
    written: Stopwatch,
}

impl CaptureFile {
    /// Begins the file.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::create(path)?;
        Ok(CaptureFile { path: path.to_owned(), file, written: Stopwatch::start() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what came, now and then.
    ///
    /// # Errors
    /// The file takes no more.
    pub fn go_on(&mut self, sim: &mut Sim) -> io::Result<()> {
        if self.written.elapsed() < EVERY && !sim.captured_much() {
            return Ok(());
        }
        self.written = Stopwatch::start();
        self.file.write_all(&sim.take_capture())
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// The file takes no more.
    pub fn finish(mut self, sim: &mut Sim) -> io::Result<()> {
        self.file.write_all(&sim.finish().pcapng.unwrap_or_default())
    }
}
