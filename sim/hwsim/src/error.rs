//! The obstacles, and their remedies.

use std::io;
use std::path::PathBuf;

use rustix::io::Errno;

use crate::codec::{CodecError, Command};

/// The reason why the kernel's radios cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HwsimError {
    #[error(
        "the kernel has no mac80211_hwsim: load it with `modprobe mac80211_hwsim radios=0 channels=1` \
         (Debian has it in linux-image-amd64), or run in the lab: `wpasim lab run -- …`"
    )]
    ModuleMissing,
    #[error(
        "the kernel does not let this process be the medium of its radios ({command}): it needs \
         CAP_NET_ADMIN in the network namespace of the radios; run as root, or in the lab: \
         `wpasim lab run -- …`"
    )]
    NotPermitted { command: &'static str },
    #[error(
        "another process is the medium of the kernel's radios already: end it (wmediumd, or another \
         wpasim with `--target hwsim`), or use the lab: `wpasim lab run -- …`"
    )]
    MediumTaken,
    #[error(
        "a radio of the kernel uses several channels at once, for which hwsim admits no medium: load the \
         module with `channels=1`, and delete radios that were made with more"
    )]
    SeveralChannels,
    #[error("the kernel knows no radio {radio}: it has been deleted, or is in another network namespace")]
    NoSuchRadio { radio: String },
    #[error("the radio {radio} was deleted while in use: what was on it cannot go on")]
    RadioGone { radio: String },
    #[error("the kernel refuses the command {command}: {errno}")]
    Refused { command: &'static str, errno: Errno },
    #[error(
        "the kernel's answer to the command {command} did not come; if its receive buffer overflowed, raise \
         net.core.rmem_max"
    )]
    Unanswered { command: &'static str },
    #[error("cannot {doing} a generic netlink socket: {source}")]
    Socket { doing: &'static str, source: io::Error },
    #[error(
        "cannot make the netlink socket pollable ({source}): pidfd_open and pidfd_getfd must be allowed; a \
         container's seccomp profile may forbid them"
    )]
    Unpollable { source: Errno },
    #[error("the kernel's answer cannot be read: {0}")]
    Malformed(#[from] CodecError),
    #[error(
        "cannot read {path}, where the kernel describes its radios ({source}): mount sysfs, `mount -t sysfs \
         sysfs /sys`"
    )]
    Sysfs { path: PathBuf, source: io::Error },
    #[error("{path} holds `{text}`, which is not what is expected there")]
    SysfsText { path: PathBuf, text: String },
}

impl HwsimError {
    /// Returns the meaning of an error number as an answer to a command.
    pub(crate) fn refused(command: &Command, errno: i32) -> Self {
        let errno = Errno::from_raw_os_error(errno);
        match (command, errno) {
            (_, Errno::PERM | Errno::ACCESS) => HwsimError::NotPermitted { command: command.name() },
            (Command::Register, Errno::BUSY) => HwsimError::MediumTaken,
            (Command::Register, Errno::OPNOTSUPP) => HwsimError::SeveralChannels,
            (Command::GetRadio(r) | Command::DelRadio(r), Errno::NODEV) => {
                let id = r.id.map(|id| id.to_string());
                HwsimError::NoSuchRadio { radio: id.or_else(|| r.name.clone()).unwrap_or_default() }
            }
            _ => HwsimError::Refused { command: command.name(), errno },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::RadioAttributes;

    #[test]
    fn refusals_say_what_helps() {
        let said =
            |command: Command, errno: Errno| HwsimError::refused(&command, errno.raw_os_error()).to_string();
        assert!(said(Command::Register, Errno::PERM).contains("CAP_NET_ADMIN"));
        assert!(said(Command::Register, Errno::BUSY).contains("wmediumd"));
        assert!(said(Command::Register, Errno::OPNOTSUPP).contains("channels=1"));
        let radio = || RadioAttributes { id: Some(7), ..RadioAttributes::default() };
        assert!(said(Command::GetRadio(radio()), Errno::NODEV).contains("no radio 7"));
        assert!(said(Command::NewRadio(radio()), Errno::NOMEM).contains("NEW_RADIO"));
        assert!(HwsimError::ModuleMissing.to_string().contains("modprobe mac80211_hwsim"));
    }
}
