//! The job that runs in the guest, and the way in which the guest is told.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

/// One program in one boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The program, found through the guest's `PATH`, and its arguments.
    pub argv: Vec<OsString>,
    /// Added to the environment that the lab gives (`PATH`, `HOME`, `LD_PRELOAD`, `WPASIM_SEED` …); a name that is
    /// there already is replaced. Nothing of the caller's environment goes in by itself.
    pub env: Vec<(OsString, OsString)>,
    /// The working directory, on the host and in the guest.
    pub cwd: PathBuf,
    /// Directories of the host that the guest may write to, at the same paths; what it writes elsewhere is refused
    /// or, below `/tmp`, `/run` and `/dev`, gone with the guest.
    pub writable: Vec<PathBuf>,
    /// Decides the random bytes of the guest's kernel and, unless the environment says otherwise, of its programs.
    pub seed: u64,
    /// The time that the boot may take by the host's clock.
    pub wall_limit: Duration,
    /// The guest's memory in MiB.
    pub memory_mib: u32,
    /// The number of hwsim radios from the beginning: wlan0, wlan1 …
    pub radios: u32,
    /// Run under SCHED_FIFO (not inherited by what it starts): each message to it is read before its sender goes
    /// on, so that it sees things in the order in which they happen. For wpasim itself.
    pub realtime: bool,
}

impl Job {
    /// The guest's memory unless a job says otherwise.
    pub const MEMORY_MIB: u32 = 256;
    /// The number of radios unless a job says otherwise.
    pub const RADIOS: u32 = 6;

    /// A job with default limits: nothing writable, seed 1, ten minutes.
    pub fn new(argv: Vec<OsString>, cwd: PathBuf) -> Self {
        Job {
            argv,
            env: Vec::new(),
            cwd,
            writable: Vec::new(),
            seed: 1,
            wall_limit: Duration::from_secs(600),
            memory_mib: Self::MEMORY_MIB,
            radios: Self::RADIOS,
            realtime: false,
        }
    }
}

/// The orders of the guest's first process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    pub argv: Vec<OsString>,
    pub env: Vec<(OsString, OsString)>,
    pub cwd: PathBuf,
    pub writable: Vec<PathBuf>,
    /// Needed to be seen although the guest hides what is above it.
    pub readable: Vec<PathBuf>,
}

impl Orders {
    /// Records that end in NUL; the first byte says what a record is.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |kind: u8, value: &[u8]| {
            out.push(kind);
            out.extend_from_slice(value);
            out.push(0);
        };
        self.argv.iter().for_each(|a| put(b'A', a.as_bytes()));
        for (name, value) in &self.env {
            put(b'E', &[name.as_bytes(), b"=", value.as_bytes()].concat());
        }
        put(b'D', self.cwd.as_os_str().as_bytes());
        self.writable.iter().for_each(|p| put(b'W', p.as_os_str().as_bytes()));
        self.readable.iter().for_each(|p| put(b'R', p.as_os_str().as_bytes()));
        out
    }

    /// The inverse of [`Orders::encode`]; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Orders> {
        let mut orders = Orders::default();
        let records = bytes.strip_suffix(&[0])?;
        for record in records.split(|b| *b == 0) {
            let (kind, value) = record.split_first()?;
            let owned = OsString::from_vec(value.to_vec());
            match kind {
                b'A' => orders.argv.push(owned),
                b'E' => {
                    let equals = value.iter().position(|b| *b == b'=')?;
                    let (name, value) = (value.get(..equals)?, value.get(equals + 1..)?);
                    orders.env.push((OsStr::from_bytes(name).into(), OsStr::from_bytes(value).into()));
                }
                b'D' => orders.cwd = owned.into(),
                b'W' => orders.writable.push(owned.into()),
                b'R' => orders.readable.push(owned.into()),
                _ => return None,
            }
        }
        (!orders.argv.is_empty()).then_some(orders)
    }

    /// Whether the encoding would say something else: a NUL, or a name with an equals sign.
    pub fn is_sayable(&self) -> bool {
        let values = self.env.iter().map(|(_, value)| value.as_os_str());
        let paths = self.writable.iter().chain(&self.readable).chain([&self.cwd]).map(|p| p.as_os_str());
        let text = self.argv.iter().map(|a| a.as_os_str()).chain(values).chain(paths);
        let has_nul = |text: &OsStr| text.as_bytes().contains(&0);
        !self.argv.is_empty()
            && !text.into_iter().any(has_nul)
            && self
                .env
                .iter()
                .all(|(name, _)| !name.is_empty() && !name.as_bytes().iter().any(|b| matches!(b, 0 | b'=')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = OsString> {
        proptest::collection::vec(1..=255u8, 0..12).prop_map(OsString::from_vec)
    }

    proptest! {
        #[test]
        fn orders_arrive_as_they_were_given(
            argv in proptest::collection::vec(text(), 1..4),
            env in proptest::collection::vec(("[A-Z]{1,4}", text()), 0..4),
            cwd in text(),
            writable in proptest::collection::vec(text(), 0..3),
            readable in proptest::collection::vec(text(), 0..3),
        ) {
            let orders = Orders {
                argv,
                env: env.into_iter().map(|(n, v)| (n.into(), v)).collect(),
                cwd: cwd.into(),
                writable: writable.into_iter().map(PathBuf::from).collect(),
                readable: readable.into_iter().map(PathBuf::from).collect(),
            };
            prop_assert!(orders.is_sayable());
            prop_assert_eq!(Orders::decode(&orders.encode()), Some(orders));
        }

        #[test]
        fn any_bytes_are_orders_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(orders) = Orders::decode(&bytes) {
                prop_assert_eq!(Orders::decode(&orders.encode()), Some(orders));
            }
        }
    }
}
