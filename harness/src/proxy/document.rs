//! The scenario and the transcript of a recording.

use std::collections::BTreeSet;

use super::access_points::{Passphrases, access_point, passphrases, unquoted};
use super::names::Names;
use super::recording::{Observed, Recorded, RecordedRole, Recording};
use super::steps;
use super::yaml::Yaml;
use super::{UNKNOWN_PASSPHRASE, WriteError};
use crate::import::pins;
use crate::transcript::{Header, Origin, Transcript};

/// States in which nothing has happened yet.
const AT_REST: &[&str] = &["", "DISCONNECTED", "INACTIVE", "SCANNING", "INTERFACE_DISABLED", "UNKNOWN"];

/// A scenario, what it is compared with, and what is to be known about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// The scenario's YAML.
    pub scenario: String,
    /// Its transcript, if the recording shows everything from the start on.
    pub transcript: Option<String>,
    /// The events that the recording could not see, a line each; they stand in the scenario, too.
    pub remarks: Vec<String>,
}

/// Makes the scenario.
///
/// # Errors
/// Nobody said anything; what was said cannot be written as YAML.
pub fn document(recording: &Recording) -> Result<Document, WriteError> {
    if recording.entries.is_empty() {
        return Err(WriteError::Nothing);
    }
    let mut remarks = Vec::new();
    let passphrases = passphrases(recording);
    let heard = access_points(recording, &passphrases, &mut remarks);
    let named: Vec<(String, &Observed)> = heard.iter().map(|(name, h, _)| (name.clone(), *h)).collect();
    let names = Names::new(&recording.devices, &named);
    let late = started_before(&recording.devices, &mut remarks);

    let mut devices: Vec<(String, Yaml)> =
        recording.devices.iter().map(|d| (d.name.clone(), device(d, &passphrases, &mut remarks))).collect();
    devices.extend(heard.into_iter().map(|(name, _, device)| (name, device)));
    let mut steps: Vec<Yaml> = late
        .iter()
        .map(|name| Yaml::pair(format!("{name} sees"), Yaml::text("CTRL-EVENT-CONNECTED")))
        .collect();
    steps.extend(steps::steps(&recording.entries, &recording.odd, &names));

    let mut top = vec![
        ("about".to_owned(), Yaml::text("a recorded session")),
        ("why".to_owned(), Yaml::plain(&format!("what {} said to a client", made_by(recording, " and ")))),
    ];
    if !late.is_empty() {
        top.push(("transcript".to_owned(), Yaml::text("none")));
    }
    if named.iter().any(|(_, h)| h.freq > 4000) {
        top.push(("regulatory".to_owned(), Yaml::text("US")));
    }
    top.push(("devices".to_owned(), Yaml::Map(devices)));
    top.push(("steps".to_owned(), Yaml::List(steps)));
    let body = serde_saphyr::to_string(&Yaml::Map(top)).map_err(|e| WriteError::Yaml(e.to_string()))?;
    let comments: String = remarks.iter().map(|remark| format!("# {}\n", plain(remark))).collect();
    Ok(Document {
        scenario: comments + &body,
        transcript: late.is_empty().then(|| transcript(recording, &names).to_string()),
        remarks,
    })
}

/// Returns the text as a comment may hold it: recorded text can have any characters.
fn plain(remark: &str) -> String {
    let shown = |c: char| {
        if c.is_ascii_graphic() || c == ' ' { c.to_string() } else { c.escape_default().to_string() }
    };
    remark.chars().map(shown).collect()
}

/// Returns the programs that were recorded, each once.
fn made_by(recording: &Recording, between: &str) -> String {
    let programs: BTreeSet<&str> = recording.devices.iter().map(|d| d.made_by.as_str()).collect();
    programs.into_iter().collect::<Vec<_>>().join(between)
}

/// Supplicants that were connected before anyone listened.
fn started_before(devices: &[Recorded], remarks: &mut Vec<String>) -> Vec<String> {
    let mut late = Vec::new();
    for device in devices {
        if let RecordedRole::Supplicant { state, .. } = &device.role
            && !AT_REST.contains(&state.as_str())
        {
            remarks.push(format!(
                "{} was {state} when the recording began; what it said before is not known, so no transcript is compared",
                device.name
            ));
            late.push(device.name.clone());
        }
    }
    late
}

fn device(device: &Recorded, passphrases: &Passphrases, remarks: &mut Vec<String>) -> Yaml {
    match &device.role {
        RecordedRole::Hostapd(variables) => {
            let mut variables = variables.clone();
            let known = passphrase_of(&variables, passphrases);
            for (_, value) in variables.iter_mut().filter(|(_, value)| value == UNKNOWN_PASSPHRASE) {
                match known {
                    Some(passphrase) => passphrase.clone_into(value),
                    None => remarks.push(format!(
                        "{} does not tell its passphrase; it has another one here",
                        device.name
                    )),
                }
            }
            Yaml::Map(vec![("hostapd".to_owned(), Yaml::short(&variables))])
        }
        RecordedRole::Supplicant { globals, networks, testing, .. } => {
            let mut pairs: Vec<(String, Yaml)> =
                globals.iter().map(|(name, value)| (name.clone(), Yaml::plain(value))).collect();
            if *testing {
                pairs.push(("testing".to_owned(), Yaml::text("yes")));
            }
            if !networks.is_empty() {
                let networks = networks.iter().map(|n| network(&device.name, n, remarks)).collect();
                pairs.push(("networks".to_owned(), Yaml::List(networks)));
            }
            if pairs.is_empty() { Yaml::Short(pairs) } else { Yaml::Map(pairs) }
        }
    }
}

/// Returns the passphrase of an access point's network that clients told.
fn passphrase_of<'p>(variables: &[(String, String)], passphrases: &'p Passphrases) -> Option<&'p String> {
    let ssid = variables.iter().find_map(|(name, value)| match name.as_str() {
        "ssid" => Some(value.clone().into_bytes()),
        "ssid2" => unquoted(value),
        _ => None,
    })?;
    passphrases.get(&ssid)
}

/// A network block; of its keys only the PSK has a stand-in.
fn network(device: &str, variables: &[(String, String)], remarks: &mut Vec<String>) -> Yaml {
    let mut kept = Vec::new();
    for (name, value) in variables {
        match (name.as_str(), value.as_str()) {
            ("psk", "*") => kept.push((name.clone(), format!("\"{UNKNOWN_PASSPHRASE}\""))),
            (_, "*") => {
                remarks.push(format!("{device} does not tell {name} of a network; it is not set here"))
            }
            _ => kept.push((name.clone(), value.clone())),
        }
    }
    Yaml::short(&kept)
}

/// The access points in the air with their names, as far as hostapd.conf can have them.
fn access_points<'r>(
    recording: &'r Recording,
    passphrases: &Passphrases,
    remarks: &mut Vec<String>,
) -> Vec<(String, &'r Observed, Yaml)> {
    let own: BTreeSet<_> = recording.devices.iter().filter_map(|d| d.addr).collect();
    let mut points = Vec::new();
    for heard in recording.heard.iter().filter(|h| !own.contains(&h.bssid)) {
        let Some(by) = recording.devices.get(heard.by) else { continue };
        match access_point(heard, &by.name, passphrases) {
            Ok(device) => points.push((free_name(recording, points.len() + 1), heard, device)),
            Err(reason) => remarks.push(format!("{} \"{}\" is left out: {reason}", heard.bssid, heard.ssid)),
        }
    }
    points
}

fn free_name(recording: &Recording, number: usize) -> String {
    let mut name = format!("ap{number}");
    while recording.devices.iter().any(|d| d.name == name) {
        name.push('x');
    }
    name
}

fn transcript(recording: &Recording, names: &Names) -> Transcript {
    let mut entries = recording.entries.clone();
    for entry in &mut entries {
        entry.device = names.in_transcript(&entry.device);
        entry.lines.iter_mut().for_each(|line| *line = names.in_transcript(line));
    }
    let header = Header {
        about: "a recorded session".to_owned(),
        made_by: made_by(recording, ", "),
        kernel: String::new(),
        seed: None,
        origin: Origin::Recording,
        listened: recording.devices.iter().map(|d| d.name.clone()).collect(),
        pins: pins(&entries),
    };
    Transcript { header, entries }
}
