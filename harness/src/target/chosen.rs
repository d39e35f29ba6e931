//! The rows of the table of targets, and the arguments that choose one of them.
//!
//! A row says all that the command line has to know of a target: its name, the options that mean something to it, and how
//! it is made from the arguments. A new target is a file or directory beside this file, and a row in [`super::TARGETS`].

use std::fmt;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::{TARGETS, sim};
use crate::run::Runs;

/// Makes a target from the arguments.
pub type MakeTarget = fn(&TargetArgs, bool) -> Result<Box<dyn Runs>, String>;

/// A target as the command line knows it.
pub struct TargetRow {
    pub name: &'static str,
    /// What runs the devices, for the help.
    pub about: &'static str,
    /// The options of `run`, `compare` and `record` that mean something to it, beside those that do to every target.
    pub options: &'static [&'static str],
    /// Whether `wpasim lab run` gives each of its runs a boot of its own.
    pub boots_in_lab: bool,
    /// Makes it, with keys for captures if the flag says so; in words, what is wrong with its arguments.
    pub make: MakeTarget,
    /// Why what it says is no recording of wpa_supplicant, if so.
    pub unreal: fn(&TargetArgs) -> Option<&'static str>,
}

/// A target that was chosen.
pub type TargetName = &'static TargetRow;

/// The name of the target that `run` takes unless another one is named.
pub const USUAL: &str = sim::ROW.name;

/// The target that `record` takes unless another one is named.
pub fn usually_recorded() -> TargetName {
    let nothing = TargetArgs::default();
    let is_real = |row: &&TargetName| (row.unreal)(&nothing).is_none();
    TARGETS.iter().rev().find(is_real).copied().unwrap_or(&sim::ROW)
}

impl fmt::Debug for TargetRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for TargetRow {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TargetRow {}

impl ValueEnum for TargetName {
    fn value_variants<'a>() -> &'a [Self] {
        TARGETS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.about))
    }
}

/// What targets are to know.
#[derive(Args, Debug, Default)]
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
    pub(super) name: String,
    pub(super) value: String,
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
