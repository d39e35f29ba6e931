//! Which target the arguments ask for.

#[cfg(target_os = "linux")]
use std::collections::BTreeMap;

#[cfg(target_os = "linux")]
use super::DeviceArg;
use super::{RunArgs, TargetName};
use crate::run::Runs;
#[cfg(target_os = "linux")]
use crate::target::hwsim::{HwsimKind, Implementation, Implementations, command_line::CommandLine};
use crate::target::sim::SimKind;

/// Makes the kind of target; in words, what is wrong with its arguments.
pub fn make(args: &RunArgs) -> Result<Box<dyn Runs>, String> {
    match args.target {
        TargetName::Sim => match args.device.first() {
            Some(device) => Err(format!("--target sim knows no --device {}={}", device.name, device.value)),
            None if args.devices.is_some() => Err("--target sim knows no --devices".to_owned()),
            None => Ok(Box::new(SimKind::default())),
        },
        #[cfg(unix)]
        TargetName::Socket => socket(args),
        #[cfg(target_os = "linux")]
        TargetName::Hwsim => Ok(Box::new(HwsimKind::new(implementations(args)?))),
    }
}

/// What runs the devices of a target of kernel radios; in words, what is wrong with an argument.
#[cfg(target_os = "linux")]
pub fn implementations(args: &RunArgs) -> Result<Implementations, String> {
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
            "engine" => Implementation::Engine,
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
        with_keys: args.keys.is_some(),
    })
}

#[cfg(unix)]
fn socket(args: &RunArgs) -> Result<Box<dyn Runs>, String> {
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
