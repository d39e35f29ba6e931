//! The recording of a proxy, before it becomes a scenario.

use std::collections::BTreeMap;

use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;

use crate::transcript::{Entry, Mark};

/// Everything that a proxy has seen and asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// In the order in which they were named, which numbers the radios.
    pub devices: Vec<Recorded>,
    /// The lines in order, with the names and addresses of the reference.
    pub entries: Vec<Entry>,
    /// The octets of commands that are no text of one line, by the number of their entry.
    pub odd: BTreeMap<usize, Vec<u8>>,
    /// Networks in the air whose access points were not recorded themselves.
    pub heard: Vec<Observed>,
}

impl Recording {
    /// Adds a command; what is no text of one line is kept as octets, too.
    pub fn command(&mut self, time: Instant, device: &str, command: &[u8]) {
        let is_text = core::str::from_utf8(command).is_ok_and(|text| !text.contains(char::is_control));
        if !is_text || command.is_empty() {
            self.odd.insert(self.entries.len(), command.to_vec());
        }
        self.entries.push(Entry::new(time, device, Mark::Command, command));
    }
}

/// A process behind a control interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// As the scenario calls it.
    pub name: String,
    /// Its interface there.
    pub ifname: String,
    /// Its address there; `None` if it did not say.
    pub addr: Option<MacAddr>,
    /// Its UUID there, in text.
    pub uuid: Option<String>,
    /// The version that it told.
    pub made_by: String,
    /// The role of the process, and its configuration as far as it tells.
    pub role: RecordedRole,
}

/// The role of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordedRole {
    /// A supplicant.
    Supplicant {
        /// Globals that are not at their defaults.
        globals: Vec<(String, String)>,
        /// The variables of each network block that are not at their defaults. Keys are not told: they are `*`.
        networks: Vec<Vec<(String, String)>>,
        /// Its `wpa_state` when the recording began.
        state: String,
        /// Whether it has the commands of test suites, and with them further events.
        testing: bool,
    },
    /// An access point, with variables of hostapd.conf.
    Hostapd(Vec<(String, String)>),
}

/// A BSS in a supplicant's scan results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// Its address.
    pub bssid: MacAddr,
    /// In MHz.
    pub freq: u32,
    /// In dBm.
    pub signal: i32,
    /// As SCAN_RESULTS has them: `[WPA2-PSK-CCMP][ESS]`.
    pub flags: String,
    /// As SCAN_RESULTS escapes it.
    pub ssid: String,
    /// The device that heard it.
    pub by: usize,
}

impl Observed {
    /// Reads a line of SCAN_RESULTS; `None` if it is none, such as the heading.
    pub fn read(line: &str, by: usize) -> Option<Self> {
        let mut columns = line.splitn(5, '\t');
        let bssid = columns.next()?.parse().ok()?;
        let freq = columns.next()?.parse().ok()?;
        let signal = columns.next()?.parse().ok()?;
        let flags = columns.next()?.to_owned();
        let ssid = columns.next()?.to_owned();
        Some(Observed { bssid, freq, signal, flags, ssid, by })
    }
}
