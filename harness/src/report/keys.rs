//! The keys that decrypt the captures of a session, as Wireshark's 80211_keys table.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::event::{Reporter, RunEvent};
use crate::session::write_privately;

/// Writes the keys of all runs.
pub struct KeyReporter {
    path: PathBuf,
    keys: BTreeSet<Vec<u8>>,
}

impl KeyReporter {
    /// One that writes this file.
    pub fn new(path: PathBuf) -> Self {
        KeyReporter { path, keys: BTreeSet::new() }
    }
}

impl Reporter for KeyReporter {
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
        match event {
            RunEvent::RunEnded { keys, .. } => self.keys.extend(keys.iter().map(|key| key.pmk.clone())),
            RunEvent::Ended { .. } => {
                let lines: String = self.keys.iter().map(|pmk| line(pmk)).collect();
                return write_privately(&self.path, lines.as_bytes())
                    .map_err(|error| format!("{}: {error}", self.path.display()));
            }
            RunEvent::Began(_) | RunEvent::Line(_) | RunEvent::RunsEnded => {}
        }
        Ok(())
    }
}

/// A line of Wireshark's 80211_keys table.
fn line(pmk: &[u8]) -> String {
    let hex: String = pmk.iter().map(|b| format!("{b:02x}")).collect();
    format!("\"wpa-psk\",\"{hex}\"\n")
}
