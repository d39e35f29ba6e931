//! Frames on their way into a file, while they come.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use crate::system;
use crate::target::Target;
use crate::target::sim::Sim;
use crate::wall::Stopwatch;

/// The file has what was on the air no later than this long ago, on the wall.
const EVERY: Duration = Duration::from_millis(500);

/// The number of octets that a pipe's reader may leave waiting.
const MOST_WAITING: usize = 16 << 20;
/// The error of a pipe that nobody has opened for reading.
const NO_READER: i32 = rustix::io::Errno::NXIO.raw_os_error();
/// The time that the end waits for a pipe's reader.
const LAST_PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// A capture file, or a pipe that somebody reads.
pub struct CaptureFile {
    path: PathBuf,
    file: File,
    written: Stopwatch,
    /// The octets that a pipe did not take yet.
    waiting: Vec<u8>,
}

impl CaptureFile {
    /// Begins the file. What is no regular file is written where it is; opening never waits.
    ///
    /// # Errors
    /// It cannot be made, or nobody reads the pipe.
    pub fn create(path: &Path) -> io::Result<Self> {
        let flags = OFlags::WRONLY
            | OFlags::CREATE
            | OFlags::TRUNC
            | OFlags::NONBLOCK
            | OFlags::CLOEXEC
            | OFlags::NOCTTY;
        let file = system::open_with(path, flags, Mode::from_raw_mode(0o666)).map_err(|error| match error
            .raw_os_error()
        {
            Some(NO_READER) => io::Error::other("nobody reads this pipe"),
            _ => error,
        })?;
        Ok(CaptureFile { path: path.to_owned(), file, written: Stopwatch::start(), waiting: Vec::new() })
    }

    /// Returns the path of the capture.
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
        self.write(&sim.take_capture())
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// The file takes no more.
    pub fn finish(mut self, sim: &mut Sim) -> io::Result<()> {
        self.write(&sim.finish().pcapng.unwrap_or_default())?;
        while !self.waiting.is_empty() {
            if poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], Some(&LAST_PATIENCE))? == 0 {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it"));
            }
            self.write(&[])?;
        }
        Ok(())
    }

    /// Writes as much as is taken at once.
    fn write(&mut self, more: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(more);
        let mut done = 0;
        while let Some(rest) = self.waiting.get(done..).filter(|rest| !rest.is_empty()) {
            match system::write(&mut self.file, &self.path, rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.waiting.drain(..done);
        if self.waiting.len() > MOST_WAITING {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it"));
        }
        Ok(())
    }
}
