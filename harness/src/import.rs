//! A recorded session of the reference becomes a transcript, and its random choices become pins.

use std::collections::BTreeMap;

use crate::matcher::mask::{ROWS, mask_within};
use crate::scenario::problem::{InvalidFile, Place, Problem};
use crate::transcript::{Entry, Header, Mark, Origin, Transcript, read_line};

/// Reads a session: a heading `# …`, then lines as in a transcript, times in milliseconds.
///
/// # Errors
/// The first line that is none.
pub fn session(
    path: &str,
    source: &str,
    made_by: &str,
    kernel: &str,
) -> Result<Transcript, Box<InvalidFile>> {
    let mut about = String::new();
    let mut entries: Vec<Entry> = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let at = Place { line: number + 1, column: 1 };
        if line.trim().is_empty() {
            continue;
        }
        if let Some(heading) = line.strip_prefix('#') {
            if about.is_empty() && entries.is_empty() {
                heading.trim().clone_into(&mut about);
            }
            continue;
        }
        read_line(&mut entries, line, at)
            .map_err(|problem| Box::new(InvalidFile::new(path, source, vec![problem])))?;
    }
    if entries.is_empty() {
        let problem = Problem::new(Place::START, "a session without a line")
            .help("TIME DEVICE MARK TEXT, mark one of > < ! #");
        return Err(Box::new(InvalidFile::new(path, source, vec![problem])));
    }
    name_group_interfaces(&mut entries);
    let pins = pins(&entries);
    let header = Header {
        about,
        made_by: made_by.to_owned(),
        kernel: kernel.to_owned(),
        seed: None,
        origin: Origin::Recording,
        listened: Vec::new(),
        pins,
    };
    Ok(Transcript { header, entries })
}

/// Recorders call the connection to a device's group interface `a-grp`; scenarios name the interface,
/// which the device said when the group started: `a.p2p-wlan0-0`.
fn name_group_interfaces(entries: &mut [Entry]) {
    let mut current: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries {
        if let Some(device) = entry.device.strip_suffix("-grp")
            && let Some(interface) = current.get(device)
        {
            entry.device = format!("{device}.{interface}");
        } else if entry.mark == Mark::Event
            && let Some((_, rest)) = entry.text().split_once("P2P-GROUP-STARTED ")
            && let Some(interface) = rest.split(' ').next()
        {
            current.insert(entry.device.clone(), interface.to_owned());
        }
    }
}

/// The random choices in what was said: every value that a pinned row of the mask table finds, once
/// each, named by its device and its row.
pub(crate) fn pins(entries: &[Entry]) -> Vec<(String, String)> {
    let mut pins: Vec<(String, String)> = Vec::new();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        for line in &entry.lines {
            for masked in
                mask_within(entry.mark, line, &entry.lines).values.into_iter().filter(|m| ROWS[m.row].pin)
            {
                let name = format!("{}.{}", entry.device, ROWS[masked.row].name);
                let known =
                    pins.iter().any(|(n, v)| n.starts_with(&format!("{name}.")) && *v == masked.value);
                if !known {
                    let number = count.entry(name.clone()).or_default();
                    *number += 1;
                    pins.push((format!("{name}.{number}"), masked.value));
                }
            }
        }
    }
    pins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_becomes_a_transcript_with_pins() {
        let source = "# Wrong passphrase\n     0.149 sta      > STATUS\n     0.149 sta      < a=1\n     0.149 sta        b=2\n\
            \x20    4.312 sta      ! <3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"x\" auth_failures=2 duration=23 reason=WRONG_KEY\n";
        let transcript = session("s.txt", source, "wpa_supplicant 2.10", "Linux 6.1").unwrap();
        assert_eq!(transcript.header.about, "Wrong passphrase");
        assert_eq!(transcript.header.pins, [("sta.duration.1".to_owned(), "23".to_owned())]);
        assert_eq!(transcript.entries[1].lines, ["a=1", "b=2"]);
        assert_eq!(crate::transcript::parse(&transcript.to_string()).unwrap(), transcript);
    }

    #[test]
    fn a_group_interface_is_called_by_its_name() {
        let source = "# Group\n1.000 a        ! <3>P2P-GROUP-STARTED p2p-wlan0-0 GO ssid=\"DIRECT-ab\" freq=2412\n1.100 a-grp    > PING\n1.100 b-grp    > PING\n";
        let transcript = session("s.txt", source, "wpa_supplicant 2.10", "").unwrap();
        let devices: Vec<&str> = transcript.entries.iter().map(|e| e.device.as_str()).collect();
        assert_eq!(devices, ["a", "a.p2p-wlan0-0", "b-grp"]);
    }

    #[test]
    fn what_is_no_session_is_said() {
        assert_eq!(session("s.txt", "hello\n", "x", "").unwrap_err().problems[0].place.line, 1);
        assert!(session("s.txt", "", "x", "").is_err());
    }
}
