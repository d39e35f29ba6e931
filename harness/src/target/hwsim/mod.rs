//! Real implementations on kernel radios: mac80211_hwsim carries their frames to us, the world's
//! medium decides what becomes of them. The engine may run some of the devices on the same air.

pub mod command_line;
mod outsider;
pub mod process;
mod refusals;
mod sockets;
mod target;
pub mod tested;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::chosen::{DeviceArg, TargetArgs, TargetRow};
use super::sim::PskMemory;
use super::{Setup, Target, TargetError, TargetKind};
use crate::release::Release;
use crate::run::Tested;
use crate::scenario::model::{Device, Role, Scenario};
use command_line::{CommandLine, Purpose};
use target::Hwsim;
use tested::{OfThisSystem, Session};

/// What runs a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Implementation {
    /// Our engine, on the simulated MAC.
    Engine,
    /// A process on a kernel radio.
    Process(CommandLine),
}

impl Implementation {
    /// What names the engine on the command line.
    pub const ENGINE: &str = "engine";

    /// As it is given on the command line.
    pub fn text(&self) -> String {
        match self {
            Implementation::Engine => Self::ENGINE.to_owned(),
            Implementation::Process(command) => command.text(),
        }
    }
}

/// What runs the devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Implementations {
    /// Supplicants, unless named.
    pub supplicant: Implementation,
    /// Access points, unless named.
    pub ap: Implementation,
    /// Devices by name.
    pub devices: BTreeMap<String, Implementation>,
    /// Whether debug logs are to contain keys, which decrypt captures.
    pub with_keys: bool,
}

impl Default for Implementations {
    fn default() -> Self {
        Implementations {
            supplicant: Implementation::Process(CommandLine::default_for(Purpose::Supplicant)),
            ap: Implementation::Process(CommandLine::default_for(Purpose::AccessPoint)),
            devices: BTreeMap::new(),
            with_keys: false,
        }
    }
}

impl Implementations {
    /// Those that the arguments name; in words, what is wrong with one.
    ///
    /// # Errors
    /// A command line cannot be read, or a device stands twice.
    pub fn from_arguments(args: &TargetArgs, with_keys: bool) -> Result<Self, String> {
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

    /// What runs a device.
    pub fn of(&self, device: &Device) -> &Implementation {
        let by_role = match device.role {
            Role::Hostapd(_) => &self.ap,
            _ => &self.supplicant,
        };
        self.devices.get(&device.name).unwrap_or(by_role)
    }

    /// Whether the engine runs some of the devices.
    pub fn have_engine(&self) -> bool {
        [&self.supplicant, &self.ap]
            .into_iter()
            .chain(self.devices.values())
            .any(|i| *i == Implementation::Engine)
    }

    /// The arguments of `wpasim run` that say the same, but for the keys.
    pub fn arguments(&self) -> Vec<String> {
        let mut all = Vec::new();
        let standard = Implementations::default();
        if self.supplicant != standard.supplicant {
            all.push(format!("--supplicant={}", self.supplicant.text()));
        }
        if self.ap != standard.ap {
            all.push(format!("--ap={}", self.ap.text()));
        }
        for (name, implementation) in &self.devices {
            all.push(format!("--device={name}={}", implementation.text()));
        }
        all
    }

    /// The arguments that choose this target, as a shell reads them.
    pub fn command_line(&self) -> String {
        let mut line = format!("--target {}", ROW.name);
        for argument in self.arguments() {
            // Only a NUL cannot be quoted, and none comes from a command line.
            line.push(' ');
            line.push_str(&shlex::try_quote(&argument).unwrap_or_default());
        }
        line
    }
}

/// Makes targets of kernel radios.
#[derive(Clone, Default)]
pub struct HwsimKind {
    implementations: Implementations,
    /// Asked once, when somebody wants to know.
    session: OnceLock<Result<Session, String>>,
    psks: Arc<PskMemory>,
}

impl HwsimKind {
    /// With these implementations.
    pub fn new(implementations: Implementations) -> Self {
        HwsimKind { implementations, ..HwsimKind::default() }
    }

    fn session(&self) -> &Result<Session, String> {
        self.session.get_or_init(|| {
            tested::session(&self.implementations, None, &OfThisSystem).map_err(|error| error.to_string())
        })
    }
}

/// What hwsim targets can do in the lab. Outside of it no library is preloaded that makes drivers refuse requests.
pub const CAPABILITIES: &[&str] =
    &["driver", "ap", "medium", "inject", "files", "process", "wps", "p2p", "regulatory", "turns", "5ghz"];

/// Why no kernel can run a scenario, if so. `is_on_engine`: which devices are the engine's.
pub fn refuses(scenario: &Scenario, is_on_engine: impl Fn(&Device) -> bool) -> Option<String> {
    let on_engine = scenario.devices.iter().filter(|device| is_on_engine(device)).count();
    let is_shared = on_engine == 0 || on_engine == scenario.devices.len();
    let needs = |capability: &str| scenario.requires.iter().any(|name| name == capability);
    if !is_shared && needs("regulatory") {
        return Some("the engine's radios and the kernel's have no regulatory domain in common".to_owned());
    }
    let is_engines = |device: &Device| matches!(device.role, Role::Supplicant(_)) && is_on_engine(device);
    if needs("turns") && scenario.devices.iter().any(is_engines) {
        return Some("the engine's processes do not serve timers one by one on the kernel's air".to_owned());
    }
    let regulatory = &scenario.world.regulatory;
    let is_country = regulatory.len() == 2;
    (!is_country).then(|| format!("target hwsim has no regulatory domain \"{regulatory}\""))
}

/// The target on the command line.
pub const ROW: TargetRow = TargetRow {
    name: "hwsim",
    about: "Real supplicants and access points on mac80211_hwsim radios, with our medium between them",
    options: &[
        "supplicant",
        "ap",
        "device",
        "all-releases",
        "seed",
        "jobs",
        "baseline",
        "pcap",
        "logs",
        "keys",
        "out",
        "replace",
    ],
    boots_in_lab: true,
    make: |args, with_keys| Ok(Box::new(HwsimKind::new(Implementations::from_arguments(args, with_keys)?))),
    unreal: |args| {
        let engine = Implementations::from_arguments(args, false).is_ok_and(|all| all.have_engine());
        engine.then_some("a recording is of wpa_supplicant: no device of it can be the engine")
    },
};

impl TargetKind for HwsimKind {
    fn tested(&self) -> Vec<Tested> {
        self.session().as_ref().map_or_else(|_| Vec::new(), |session| session.tested.clone())
    }

    fn held_to(&self) -> Result<Release, String> {
        self.session().as_ref().map_err(Clone::clone).and_then(|session| session.held_to.clone())
    }

    fn name(&self) -> &'static str {
        ROW.name
    }

    fn capabilities(&self) -> &'static [&'static str] {
        match target::in_lab() {
            true => CAPABILITIES,
            false => CAPABILITIES.split_first().map_or(&[], |(_, everywhere)| everywhere),
        }
    }

    fn refuses(&self, scenario: &Scenario) -> Option<String> {
        refuses(scenario, |device| self.has_on_engine(device))
    }

    fn has_on_engine(&self, device: &Device) -> bool {
        *self.implementations.of(device) == Implementation::Engine
    }

    fn at_a_time(&self) -> usize {
        1
    }

    fn keeps_captures(&self) -> bool {
        true
    }

    fn arguments(&self) -> String {
        self.implementations.command_line()
    }

    fn make(&self, setup: &Setup) -> Result<Box<dyn Target>, TargetError> {
        Ok(Box::new(Hwsim::new(setup, self.implementations.clone(), self.psks.clone())?))
    }
}
