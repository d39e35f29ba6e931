//! Which control interface plays which device.

use crate::control::{BadEndpoint, Endpoint};
use crate::scenario::problem::InvalidFile;
use crate::scenario::yaml::{self, Kind};

/// Where a device's control interfaces are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapped {
    /// The device, as scenarios call it.
    pub name: String,
    /// The control interface of its network interface.
    pub main: Endpoint,
    /// The process-wide one.
    pub global: Option<Endpoint>,
}

/// Devices cannot be found with what was given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadMapping {
    /// No device at all.
    #[error(
        "--target socket wants to know where the devices are: --device sta=/run/wpa_supplicant/wlan0, or --devices FILE"
    )]
    Empty,
    /// An endpoint cannot be read.
    #[error("device {name}: {error}")]
    Endpoint {
        /// The device.
        name: String,
        /// Why.
        error: BadEndpoint,
    },
    /// A name stands twice.
    #[error("device {0} is given twice")]
    Twice(String),
    /// A process-wide interface without the device.
    #[error("{0}.global belongs to no device: give --device {0}=… as well")]
    GlobalOnly(String),
    /// Two devices are one.
    #[error("devices {0} and {1} have the same control interface: {2}")]
    Same(String, String, String),
    /// The file cannot be read.
    #[error("{0}")]
    File(String),
}

/// Reads names with endpoints: `sta`, and `sta.global` for the process-wide interface.
///
/// # Errors
/// The first thing that is wrong.
pub fn mapping<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<Mapped>, BadMapping> {
    let mut devices: Vec<Mapped> = Vec::new();
    let mut globals: Vec<(String, Endpoint)> = Vec::new();
    for (name, text) in pairs {
        let endpoint: Endpoint =
            text.parse().map_err(|error| BadMapping::Endpoint { name: name.to_owned(), error })?;
        match name.strip_suffix(".global") {
            Some(device) if globals.iter().all(|(n, _)| n != device) => {
                globals.push((device.to_owned(), endpoint));
            }
            None if devices.iter().all(|d| d.name != name) => {
                if let Some(other) = devices.iter().find(|d| d.main == endpoint) {
                    return Err(BadMapping::Same(other.name.clone(), name.to_owned(), text.to_owned()));
                }
                devices.push(Mapped { name: name.to_owned(), main: endpoint, global: None });
            }
            _ => return Err(BadMapping::Twice(name.to_owned())),
        }
    }
    for (name, endpoint) in globals {
        match devices.iter_mut().find(|d| d.name == name) {
            Some(device) => device.global = Some(endpoint),
            None => return Err(BadMapping::GlobalOnly(name)),
        }
    }
    if devices.is_empty() { Err(BadMapping::Empty) } else { Ok(devices) }
}

/// Reads a file of such pairs: a YAML mapping, `sta: /run/wpa_supplicant/wlan0`.
///
/// # Errors
/// It is no such mapping.
pub fn file(path: &str, source: &str) -> Result<Vec<(String, String)>, BadMapping> {
    let wrong = |problems| BadMapping::File(InvalidFile::new(path, source, problems).to_string());
    let root = yaml::parse(source).map_err(wrong)?;
    let help = "one line for each device, such as sta: /run/wpa_supplicant/wlan0";
    let Kind::Map(entries) = &root.kind else {
        return Err(wrong(vec![
            root.problem(format!("a mapping is wanted, this is {}", root.noun())).help(help),
        ]));
    };
    let mut pairs = Vec::new();
    for (key, value) in entries {
        match (key.text(), value.text()) {
            (Some(name), Some(text)) => pairs.push((name.to_owned(), text.to_owned())),
            _ => {
                let message = format!("an endpoint is a text, this is {}", value.noun());
                return Err(wrong(vec![value.problem(message).help(help)]));
            }
        }
    }
    Ok(pairs)
}
