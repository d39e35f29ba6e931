//! Which target the arguments ask for.

use super::{RunArgs, TargetName};
use crate::run::Runs;
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
    }
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
