//! Which target the arguments ask for.

#[cfg(target_os = "linux")]
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::TargetName;
use crate::run::Runs;
#[cfg(target_os = "linux")]
use crate::target::hwsim::{HwsimKind, Implementation, Implementations, command_line::CommandLine};
use crate::target::sim::SimKind;

/// The value of `--device` for the engine.
#[cfg(target_os = "linux")]
const ENGINE: &str = "engine";

/// What targets are to know.
#[derive(Args, Debug)]
pub struct TargetArgs {
    /// For --target socket a device's control interface: sta=/run/wpa_supplicant/wlan0,
    /// sta.global=…; @abstract:NAME, udp:HOST:PORT. For --target hwsim what runs a device: sta=engine,
    /// or as --supplicant
    #[arg(long, value_name = "NAME=VALUE", value_parser = device)]
    device: Vec<DeviceArg>,
    /// What runs supplicants, for --target hwsim: a program, which gets wpa_supplicant's usual
    /// arguments, or a command line with {ifname}, {config}, {global}, {log} in it
    #[arg(long, value_name = "COMMAND", default_value = "wpa_supplicant")]
    supplicant: String,
    /// What runs stand-alone access points, for --target hwsim: as --supplicant
    #[arg(long, value_name = "COMMAND", default_value = "hostapd")]
    ap: String,
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

/// Whether the engine runs one of the devices of a target of kernel radios.
#[cfg(target_os = "linux")]
pub fn has_engine(args: &TargetArgs) -> bool {
    args.device.iter().any(|device| device.value == ENGINE)
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

/// Makes the kind of target, one that keeps keys for captures if `with_keys`; in words, what is wrong
/// with its arguments.
pub fn make(name: TargetName, args: &TargetArgs, with_keys: bool) -> Result<Box<dyn Runs>, String> {
    match name {
        TargetName::Sim => Ok(Box::new(SimKind::default())),
        #[cfg(unix)]
        TargetName::Socket => socket(args),
        #[cfg(target_os = "linux")]
        TargetName::Hwsim => Ok(Box::new(HwsimKind::new(implementations(args, with_keys)?))),
    }
}

/// What runs the devices of a target of kernel radios; in words, what is wrong with an argument.
#[cfg(target_os = "linux")]
pub fn implementations(args: &TargetArgs, with_keys: bool) -> Result<Implementations, String> {
    if args.devices.is_some() {
        return Err("--devices is for --target socket; use --device NAME=engine, or NAME=COMMAND".to_owned());
    }
    let here = std::env::current_dir().map_err(|error| format!("the working directory: {error}"))?;
    let command = |option: &str, text: &str| match CommandLine::parse(text) {
        Ok(command) => Ok(command.found_from(&here)),
        Err(error) => Err(format!("{option}: {error}")),
    };
    let mut devices = BTreeMap::new();
    for DeviceArg { name, value } in &args.device {
        let implementation = match value.as_str() {
            ENGINE => Implementation::Engine,
            text => Implementation::Process(command("--device", text)?),
        };
        if devices.insert(name.clone(), implementation).is_some() {
            return Err(format!("--device {name} stands twice"));
        }
    }
    Ok(Implementations {
        supplicant: command("--supplicant", &args.supplicant)?,
        ap: command("--ap", &args.ap)?,
        devices,
        with_keys,
    })
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
