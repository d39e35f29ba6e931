//! A program and all that it starts, which end together.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::LabError;

/// The interval at which a running program is looked at.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// A running process with its group. When this is dropped, all of them have been killed.
pub(super) struct Group {
    child: Child,
    group: Option<Pid>,
    ends: OwnedFd,
}

impl Group {
    /// Starts a program as the leader of a group of its own, with no input and both outputs into a file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut command: Command, output: &File) -> Result<Self, LabError> {
        let name = command.get_program().to_string_lossy().into_owned();
        let own = || output.try_clone().map_err(LabError::io(format!("the log of {name}")));
        command.stdin(Stdio::null()).stdout(own()?).stderr(own()?).process_group(0);
        let child = command.spawn().map_err(LabError::io(name.clone()))?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let ends = group
            .ok_or(rustix::io::Errno::SRCH)
            .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()))
            .map_err(|e| LabError::io(format!("watching {name}"))(e.into()));
        match ends {
            Ok(ends) => Ok(Group { child, group, ends }),
            Err(error) => {
                kill(group);
                Err(error)
            }
        }
    }

    /// Returns the end of the program, if it ended by now or within a moment. Its children that were left behind have ended then too.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn wait_a_little(&mut self) -> Result<Option<ExitStatus>, LabError> {
        let mut ends = [PollFd::new(&self.ends, PollFlags::IN)];
        glance(&mut ends)?;
        match ends.iter().any(|fd| fd.revents().contains(PollFlags::IN)) {
            true => self.end().map(Some),
            false => Ok(None),
        }
    }

    /// Kills what is left and waits for the leader. Until then the group's id cannot be anybody else's.
    fn end(&mut self) -> Result<ExitStatus, LabError> {
        kill(self.group.take());
        self.child.wait().map_err(LabError::io("waiting for a process"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Waits for a moment.
///
/// # Errors
/// When the system cannot wait.
pub(super) fn pause() -> Result<(), LabError> {
    glance(&mut [])
}

fn glance(at: &mut [PollFd<'_>]) -> Result<(), LabError> {
    match poll(at, Some(&GLANCE)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(LabError::io("poll")(error.into())),
    }
}

fn kill(group: Option<Pid>) {
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Returns the place of a program: along the PATH, or where system programs are even if the PATH does not say so.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}
