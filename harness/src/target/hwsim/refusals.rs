//! The files in which the library that is preloaded into the processes finds the requests to refuse (`lab/preload.c`).

use std::fs;
use std::path::{Path, PathBuf};

use wpasim_hwsim::nl80211::family_number;

use crate::target::{Refusal, RefusalHandle, RequestKind, TargetError};

/// A record's octets: command, attribute, errno and count, four octets each as the machine has them.
const RECORD: usize = 16;
/// The octets before the first record: the number of the family.
const HEADER: usize = 4;
/// The most records that the library reads.
const RECORDS: usize = 64;
/// Where a record has its count.
const COUNT: usize = 12;
/// A count that does not go down.
const ALL: u32 = u32::MAX;

/// NL80211_ATTR_WIPHY_FREQ
const WIPHY_FREQ: u32 = 38;

/// The command of nl80211 that a kind of request is, and an attribute that it has; 0 is none.
fn command(kind: RequestKind) -> (u32, u32) {
    match kind {
        // NL80211_CMD_TRIGGER_SCAN
        RequestKind::Scan => (33, 0),
        // NL80211_CMD_AUTHENTICATE
        RequestKind::Authenticate => (37, 0),
        // NL80211_CMD_ASSOCIATE
        RequestKind::Associate => (38, 0),
        // NL80211_CMD_NEW_INTERFACE
        RequestKind::AddInterface => (7, 0),
        // NL80211_CMD_SET_WIPHY
        RequestKind::SetChannel => (2, WIPHY_FREQ),
        // NL80211_CMD_START_AP
        RequestKind::StartAp => (15, 0),
        // NL80211_CMD_CHANNEL_SWITCH
        RequestKind::SwitchChannel => (102, 0),
    }
}

/// The refusals that were asked for.
#[derive(Default)]
pub struct Refusals {
    /// The file and the record of each.
    begun: Vec<(u32, PathBuf, usize)>,
}

/// Handles of processes' refusals are not those of the engine's devices, which the world counts.
const FIRST: u32 = 1 << 31;

impl Refusals {
    /// Refuses requests of the process that reads this file.
    ///
    /// # Errors
    /// The file cannot be written or is full, or there is no nl80211.
    pub fn begin(&mut self, path: &Path, refusal: &Refusal) -> Result<RefusalHandle, TargetError> {
        let mut content = match fs::read(path) {
            Ok(content) => content,
            Err(_) => {
                let family = family_number().map_err(super::target::unavailable)?;
                u32::from(family).to_ne_bytes().to_vec()
            }
        };
        let record = content.len().saturating_sub(HEADER) / RECORD;
        if record >= RECORDS {
            return Err(TargetError::Unsupported(format!("more than {RECORDS} refusals of one driver")));
        }
        content.extend_from_slice(&encoded(refusal));
        written(path, &content)?;
        let handle = FIRST + self.begun.len() as u32;
        self.begun.push((handle, path.to_owned(), record));
        Ok(RefusalHandle(handle))
    }

    /// Ends a refusal; nothing if it is none of a process.
    pub fn end(&mut self, refusal: RefusalHandle) -> Option<Result<(), TargetError>> {
        let (_, path, record) = self.begun.iter().find(|(handle, ..)| *handle == refusal.0)?;
        let mut content = fs::read(path).unwrap_or_default();
        let at = HEADER + record * RECORD + COUNT;
        let count = content.get_mut(at..at + 4)?;
        count.copy_from_slice(&0u32.to_ne_bytes());
        Some(written(path, &content))
    }
}

fn encoded(refusal: &Refusal) -> [u8; RECORD] {
    let (command, attribute) = command(refusal.kind);
    let numbers = [command, attribute, refusal.errno.number().into(), refusal.times.unwrap_or(ALL)];
    let mut record = [0; RECORD];
    for (place, number) in record.chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_ne_bytes());
    }
    record
}

/// Replaces the file: a process that reads it meanwhile finds the one or the other.
fn written(path: &Path, content: &[u8]) -> Result<(), TargetError> {
    let new = path.with_extension("refusals.new");
    fs::write(&new, content)
        .and_then(|()| fs::rename(&new, path))
        .map_err(|error| TargetError::Unavailable(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Errno;

    #[test]
    fn a_record_is_what_the_library_reads() {
        let refusal = Refusal { kind: RequestKind::SetChannel, errno: Errno::Busy, times: None };
        let number = |at: usize| {
            let record = encoded(&refusal);
            u32::from_ne_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
        };
        assert_eq!([number(0), number(4), number(8), number(12)], [2, 38, 16, u32::MAX]);
    }
}
