//! Which target the arguments ask for.

#[cfg(target_os = "linux")]
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use clap::Args;

use super::TargetName;
use crate::run::Runs;
use crate::system;
#[cfg(target_os = "linux")]
use crate::target::hwsim::{HwsimKind, Implementation, Implementations, command_line::CommandLine};
use crate::target::sim::SimKind;

/// What targets are to know.
#[derive(Args, Debug)]
pub struct TargetArgs {
    /// For --target socket a device's control interface: sta=/run/wpa_supplicant/wlan0,
    /// sta.global=…; @abstract:NAME, udp:HOST:PORT. For --target hwsim what runs a device: sta=engine,
    /// or as --supplicant
    #[arg(long, value_name = "NAME=VALUE", value_parser = device)]
    pub device: Vec<DeviceArg>,
    /// What runs supplicants, for --target hwsim: a program, which gets wpa_supplicant's usual
    /// arguments, a command line with {ifname}, {config}, {global}, {log} in it, or our engine [default: wpa_supplicant]
    #[arg(long, value_name = "COMMAND")]
    pub supplicant: Option<String>,
    /// What runs stand-alone access points, for --target hwsim: as --supplicant [default: hostapd]
    #[arg(long, value_name = "COMMAND")]
    pub ap: Option<String>,
    /// A YAML file of such devices for --target socket, one `NAME: VALUE` a line
    #[arg(long, value_name = "FILE")]
    pub devices: Option<PathBuf>,
}

/// What the target is to know of a device; the target reads the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceArg {
    name: String,
    value: String,
}

impl fmt::Display for DeviceArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
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
    let here = std::env::current_dir().map_err(|error| format!("the working directory: {error}"))?;
    let read = |option: &str, text: &str| match (text, CommandLine::parse(text)) {
        (Implementation::ENGINE, _) => Ok(Implementation::Engine),
        (_, Ok(command)) => Ok(Implementation::Process(command.found_from(&here))),
        (_, Err(error)) => Err(format!("{option}: {error}")),
    };
    let mut devices = BTreeMap::new();
    for DeviceArg { name, value } in &args.device {
        if devices.insert(name.clone(), read("--device", value)?).is_some() {
            return Err(format!("--device {name} stands twice"));
        }
    }
    let given =
        |option: &str, text: &Option<String>| text.as_ref().map(|text| read(option, text)).transpose();
    let standard = Implementations::default();
    Ok(Implementations {
        supplicant: given("--supplicant", &args.supplicant)?.unwrap_or(standard.supplicant),
        ap: given("--ap", &args.ap)?.unwrap_or(standard.ap),
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
            let source = system::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
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
