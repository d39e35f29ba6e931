//! Real implementations on kernel radios: mac80211_hwsim carries their frames to us, the world's
//! medium decides what becomes of them. The engine may run some of the devices on the same air.

pub mod command_line;
mod outsider;
pub mod process;
mod sockets;

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};
use wpasim_hwsim::{Bridge, HwsimError};
use wpasim_sim::Step;
use wpasim_wire::time::{Duration, Instant};

use super::sim::{PskMemory, Sim};
use super::*;
use crate::control::Link;
use crate::lab::IN_LAB;
use crate::scenario::model::Role;
use crate::transcript::Origin;
use command_line::{CommandLine, Purpose};
use outsider::Outsider;
use sockets::Told;

/// How long a process has until it listens on its control socket.
const TAKES_TO_START: Duration = Duration::from_secs(10);
/// How often a starting process is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// The shortest wait: whoever can run at this instant has done so when it is over.
const MOMENT: Duration = Duration::from_micros(1);

/// What runs a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Implementation {
    /// Our engine, on the simulated MAC.
    Engine,
    /// A process on a kernel radio.
    Process(CommandLine),
}

/// What runs the devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Implementations {
    /// Supplicants, unless named.
    pub supplicant: CommandLine,
    /// Access points, unless named.
    pub ap: CommandLine,
    /// Devices by name.
    pub devices: BTreeMap<String, Implementation>,
    /// Whether debug logs are to contain keys, which decrypt captures.
    pub with_keys: bool,
}

impl Default for Implementations {
    fn default() -> Self {
        Implementations {
            supplicant: CommandLine::default_for(Purpose::Supplicant),
            ap: CommandLine::default_for(Purpose::AccessPoint),
            devices: BTreeMap::new(),
            with_keys: false,
        }
    }
}

/// Makes targets of kernel radios.
#[derive(Clone, Default)]
pub struct HwsimKind {
    implementations: Implementations,
    psks: Arc<PskMemory>,
}

impl HwsimKind {
    /// With these implementations.
    pub fn new(implementations: Implementations) -> Self {
        HwsimKind { implementations, psks: Arc::default() }
    }
}

/// What every hwsim target can do, wherever it runs.
pub const CAPABILITIES: &[&str] = &["ap", "medium", "inject", "files", "5ghz"];

impl TargetKind for HwsimKind {
    fn name(&self) -> &'static str {
        "hwsim"
    }

    fn capabilities(&self) -> &'static [&'static str] {
        CAPABILITIES
    }

    fn make(&self, setup: &Setup) -> Result<Box<dyn Target>, TargetError> {
        let mut sim = Sim::new(setup, self.psks.clone())?;
        let bridge = Bridge::open(&mut sim.air.world).map_err(unavailable)?;
        Ok(Box::new(Hwsim {
            sim,
            bridge,
            clock: Clock::start(),
            dir: WorkDir::new()?,
            outsiders: Vec::new(),
            heard: Vec::new(),
            implementations: self.implementations.clone(),
            seed: setup.seed,
        }))
    }
}
