//! The processes under test: started, watched, and gone when they are no longer wanted.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// Groups of processes that run now, for an end that runs no destructors.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Kills every process under test at once; for the second Ctrl-C.
pub fn kill_all() {
    let groups = std::mem::take(&mut *GROUPS.lock().unwrap_or_else(PoisonError::into_inner));
    groups.into_iter().filter_map(Pid::from_raw).for_each(|group| {
        let _ = kill_process_group(group, Signal::KILL);
    });
}

/// How a process is started.
pub struct Launch<'l> {
    /// The program, by path or through PATH.
    pub program: &'l str,
    /// Its arguments.
    pub arguments: &'l [String],
    /// Its working directory.
    pub dir: &'l Path,
    /// Where its standard output and errors are appended, relative to `dir`.
    pub log: &'l str,
    /// Further environment.
    pub env: &'l [(&'l str, OsString)],
}

/// A process, and those it started; killed when this is dropped.
pub struct Process {
    child: Child,
    group: Option<Pid>,
    ends: OwnedFd,
}

impl Process {
    /// Starts a process.
    ///
    /// # Errors
    /// There is no such program, or it cannot be executed.
    pub fn start(launch: &Launch<'_>) -> std::io::Result<Self> {
        let out = File::options().create(true).append(true).open(launch.dir.join(launch.log))?;
        let err = out.try_clone()?;
        let mut command = Command::new(launch.program);
        command.args(launch.arguments).current_dir(launch.dir).envs(launch.env.iter().cloned());
        let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0).spawn()?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let opened =
            group.ok_or(rustix::io::Errno::SRCH).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()));
        match opened {
            Ok(ends) => {
                if let Some(group) = group {
                    GROUPS.lock().unwrap_or_else(PoisonError::into_inner).insert(group.as_raw_pid());
                }
                Ok(Process { child, group, ends })
            }
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error.into())
            }
        }
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

/// Readable once the process has ended.
impl AsFd for Process {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ends.as_fd()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // The group outlives its first process as long as another one is in it.
            let _ = kill_process_group(group, Signal::KILL);
            GROUPS.lock().unwrap_or_else(PoisonError::into_inner).remove(&group.as_raw_pid());
        }
        let _ = self.child.wait();
    }
}
