//! Which target the arguments ask for.

use std::path::PathBuf;

use clap::Args;

use super::TargetName;
use crate::run::Runs;
use crate::target::sim::SimKind;

/// What targets are to know.
#[derive(Args, Debug)]
pub struct TargetArgs {
    /// A device's control interface, for --target socket: sta=/run/wpa_supplicant/wlan0,
    /// sta.global=…; @abstract:NAME, udp:HOST:PORT
    #[arg(long, value_name = "NAME=VALUE", value_parser = device)]
    device: Vec<DeviceArg>,
    /// A YAML file of such devices, one `NAME: VALUE` a line
    #[arg(long, value_name = "FILE")]
    devices: Option<PathBuf>,
}

impl TargetArgs {
    /// An argument that means nothing to a target.
    pub fn meaningless_to(&self, target: TargetName) -> Option<String> {
        let TargetName::Sim = target else { return None };
        match (self.device.first(), &self.devices) {
            (Some(device), _) => Some(format!("--device {}={}", device.name, device.value)),
            (None, Some(file)) => Some(format!("--devices {}", file.display())),
            (None, None) => None,
        }
    }
}

/// What the target is to know of a device; the target reads the value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DeviceArg {
    name: String,
    value: String,
}

fn device(text: &str) -> Result<DeviceArg, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok(DeviceArg { name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err("NAME=VALUE, such as sta=/run/wpa_supplicant/wlan0".to_owned()),
    }
}

/// Makes the kind of target; in words, what is wrong with its arguments.
pub fn make(name: TargetName, args: &TargetArgs) -> Result<Box<dyn Runs>, String> {
    match name {
        TargetName::Sim => Ok(Box::new(SimKind::default())),
        #[cfg(unix)]
        TargetName::Socket => socket(args),
    }
}

#[cfg(unix)]
fn socket(args: &TargetArgs) -> Result<Box<dyn Runs>, String> {
    use crate::target::socket::{SocketKind, mapping};
    let from_file = match &args.devices {
        None => Vec::new(),
        Some(path) => {
            let shown = path.display().to_string();
            let source = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
            mapping::file(&shown, &source).map_err(|error| error.to_string())?
        }
    };
    let given = args.device.iter().map(|d| (d.name.as_str(), d.value.as_str()));
    let pairs = from_file.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(given);
    match SocketKind::new(pairs) {
        Ok(kind) => Ok(Box::new(kind)),
        Err(error) => Err(error.to_string()),
    }
}
