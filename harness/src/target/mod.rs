//! What a scenario runs against: one synchronous trait, whatever is behind it.

mod air;
pub mod chosen;
#[cfg(target_os = "linux")]
pub mod hwsim;
#[cfg(unix)]
mod names;
#[cfg(test)]
pub mod scripted;
pub mod sim;
#[cfg(unix)]
pub mod socket;

use serde::{Deserialize, Serialize};
pub use wpasim_sim::RequestKind;
use wpasim_wire::MacAddr;
pub use wpasim_wire::driver::Errno;
use wpasim_wire::time::{Duration, Instant};

use crate::release::Release;
use crate::run::Tested;
use crate::scenario::model::{AirRule, Device, FramePattern, Link, Scenario, Socket, WorldOptions};
use crate::transcript::Origin;

/// Every target of this system. The first one is the usual one; `record` records the last one that is real.
pub static TARGETS: &[chosen::TargetName] = &[
    &sim::ROW,
    #[cfg(unix)]
    &socket::ROW,
    #[cfg(target_os = "linux")]
    &hwsim::ROW,
];

/// A device of a target, counted from 0 in the order of addition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DeviceId(pub usize);

/// A control connection of a device, chosen by the caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Connection(pub u32);

/// What came out of a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// When.
    pub time: Instant,
    /// From which device.
    pub device: DeviceId,
    /// What.
    pub what: ControlEvent,
}

/// What a device said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ControlEvent {
    /// The reply to the last command on a connection.
    Reply(Connection, Vec<u8>),
    /// An event on an attached connection.
    Event(Connection, Vec<u8>),
    /// A line that the process wrote: why it refuses a configuration.
    Log(String),
    /// The process ended by itself.
    Ended,
    /// The control socket of one of its interfaces came or went. Only for who serves it.
    Socket(SocketNews),
}

/// A control socket that is to be served, or to be served no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketNews {
    /// Of an interface that is there now; `ctrl_interface` says where, `None` that there is to be none.
    Opened {
        /// The interface's name.
        ifname: String,
        /// As configured: a directory, or `DIR=… GROUP=…`.
        ctrl_interface: Option<String>,
    },
    /// Of an interface that is gone.
    Closed {
        /// The interface's name.
        ifname: String,
    },
}

/// A frame that was on the air.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnAir {
    /// When its first octet went out.
    pub time: Instant,
    /// In MHz.
    pub freq: u32,
    /// Without FCS.
    pub octets: Vec<u8>,
    /// `from → to: kind`, for messages.
    pub shown: String,
}

/// How far time went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Something happened; there may be more to hear.
    Moved,
    /// It is the limit now.
    Limit,
}

/// Why a target cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TargetError {
    /// The target could not be brought up or has gone away: nothing is known about the scenario.
    #[error("the target cannot run: {0}")]
    Unavailable(String),
    /// The run exceeded a budget: the scenario fails.
    #[error("{0}")]
    Budget(String),
    /// The target does not know what the scenario needs here.
    #[error("{0}")]
    Unsupported(String),
    /// A device died, floods, or does not take its configuration: the scenario fails.
    #[error("{0}")]
    Device(String),
}

/// A secret for tools that decrypt captures.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct MasterKey {
    /// The pairwise master key.
    pub pmk: Vec<u8>,
}

/// An implementation with its devices, its time and its air.
pub trait Target {
    /// What the target is called on the command line.
    fn name(&self) -> &'static str;
    /// Implementation and version, for transcripts.
    fn implementation(&self) -> String;
    /// The kernel and the radio, for transcripts; empty if there is none.
    fn kernel(&self) -> String;
    /// Who makes its transcripts.
    fn origin(&self) -> Origin {
        Origin::Engine
    }
    /// Adds a device, not started.
    ///
    /// # Errors
    /// The target cannot have such a device.
    fn add(&mut self, device: &Device) -> Result<DeviceId, TargetError>;
    /// Starts a device's process.
    ///
    /// # Errors
    /// It cannot be started.
    fn start(&mut self, device: DeviceId) -> Result<(), TargetError>;
    /// Kills a device's process without a word.
    fn kill(&mut self, device: DeviceId);
    /// Sends a command. The reply is heard later, or not at all.
    ///
    /// # Errors
    /// The device has no such socket.
    fn command(
        &mut self,
        device: DeviceId,
        connection: Connection,
        socket: &Socket,
        command: &[u8],
    ) -> Result<(), TargetError>;
    /// Prepares a device for a command that is right behind the reply to the one before: its process has gone round its loop
    /// once since. Where processes are real they do so by themselves.
    ///
    /// # Errors
    /// A budget is exceeded or the target is gone.
    fn turn(&mut self, _: DeviceId) -> Result<(), TargetError> {
        let now = self.now();
        while self.advance(now)? == Progress::Moved {}
        Ok(())
    }
    /// Lets time pass until something happens, or until `limit`.
    ///
    /// # Errors
    /// A budget is exceeded or the target is gone.
    fn advance(&mut self, limit: Instant) -> Result<Progress, TargetError>;
    /// What was said since the last call, in order.
    fn heard(&mut self) -> Vec<Observed>;
    /// The time.
    fn now(&self) -> Instant;
    /// A file of a device; `None` is its configuration.
    fn file(&mut self, device: DeviceId, path: Option<&str>) -> Option<Vec<u8>>;
    /// Writes a file of a device; `None` is its configuration.
    fn put_file(&mut self, device: DeviceId, path: Option<&str>, content: Vec<u8>);
    /// Makes a device's driver refuse requests.
    ///
    /// # Errors
    /// The target has no hold on the driver.
    fn refuse(&mut self, _: DeviceId, _: &Refusal) -> Result<RefusalHandle, TargetError> {
        Err(TargetError::Unsupported(format!("target {} has no hold on the drivers", self.name())))
    }
    /// Ends a refusal.
    fn end_refusal(&mut self, _: RefusalHandle) {}
    /// A device's state in one line.
    fn describe(&mut self, device: DeviceId) -> String;
    /// The air, if the target controls it.
    fn air(&mut self) -> Option<&mut dyn Air>;
    /// The air, to look at.
    fn air_ref(&self) -> Option<&dyn Air>;
    /// What remains when a run is over.
    fn finish(&mut self) -> Remains;
}

/// What remains of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Remains {
    /// The hash over all that happened, in hexadecimal.
    pub trace_hash: Option<String>,
    /// The capture, if one was asked for.
    #[serde(skip)]
    pub pcapng: Option<Vec<u8>>,
    /// Keys that decrypt it.
    pub keys: Vec<MasterKey>,
    /// The debug logs of the processes that ran.
    #[serde(skip)]
    pub logs: Vec<DeviceLog>,
    /// Events of the run, for statistics.
    pub events: u64,
}

/// The debug log of a device's processes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceLog {
    /// As the scenario calls the device.
    pub device: String,
    /// As the processes wrote it.
    pub text: Vec<u8>,
}

/// Which requests a driver refuses, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Which requests.
    pub kind: RequestKind,
    /// Why, as the kernel would say.
    pub errno: Errno,
    /// How many of them; without a number, all.
    pub times: Option<u32>,
}

/// A rule of the air.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleHandle(pub u32);

/// A refusal of a driver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RefusalHandle(pub u32);

/// Control over the air.
pub trait Air {
    /// Adds a rule.
    fn add_rule(&mut self, rule: &AirRule, names: &dyn Resolve) -> RuleHandle;
    /// Ends a rule.
    fn remove_rule(&mut self, rule: RuleHandle);
    /// Puts a frame on the air now.
    fn inject(&mut self, freq: u32, octets: Vec<u8>, signal_dbm: i32);
    /// Makes a device's radio deaf and mute, or ends that.
    fn set_radio(&mut self, device: DeviceId, on: bool);
    /// Moves a device.
    fn set_position(&mut self, device: DeviceId, position_mm: (i64, i64));
    /// Changes the link between two devices.
    fn set_link(&mut self, a: DeviceId, b: DeviceId, link: &Link);
    /// How many frames have been on the air so far.
    fn frame_count(&self) -> usize;
    /// The first frame from a place in the count on that matches, and the place after it.
    fn find_frame(&self, from: usize, frames: &FramePattern, names: &dyn Resolve) -> Option<(usize, OnAir)>;
}

/// What names in frames stand for.
pub trait Resolve {
    /// A device by name.
    fn device(&self, name: &str) -> Option<DeviceId>;
    /// A device's address.
    fn addr(&self, name: &str) -> MacAddr;
}

/// How far a run may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Events at one instant.
    pub events_at_once: u32,
    /// Events in all.
    pub events: u64,
    /// Virtual time.
    pub virtual_time: Duration,
    /// Whether a device that goes round at one instant is ended while the rest goes on; otherwise the run ends.
    pub ends_runaways: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            events_at_once: 1_000_000,
            events: 500_000_000,
            virtual_time: Duration::from_secs(24 * 3600),
            ends_runaways: false,
        }
    }
}

/// How a target is made for one run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Of every random choice.
    pub seed: u64,
    /// What the scenario says about the world.
    pub world: WorldOptions,
    /// How far it may go.
    pub limits: Limits,
    /// Whether to capture the air.
    pub capture: bool,
    /// Whether steps look at frames.
    pub watch_frames: bool,
    /// Whether steps make drivers refuse requests.
    pub refusals: bool,
}

/// Makes targets, and knows beforehand what they can do.
pub trait TargetKind: Sync {
    /// What the target is called on the command line.
    fn name(&self) -> &'static str;
    /// The implementations that run the devices, supplicants first.
    fn tested(&self) -> Vec<Tested> {
        vec![Tested::engine()]
    }
    /// The release whose references the runs are held to.
    ///
    /// # Errors
    /// In words: a version cannot be read, or the implementations are of two releases.
    fn held_to(&self) -> Result<Release, String> {
        Ok(Release::V2_10)
    }
    /// Capabilities it has, by the names of [`crate::scenario::CAPABILITIES`].
    fn capabilities(&self) -> &'static [&'static str];
    /// Why it cannot run a scenario whose capabilities it has, if so.
    fn refuses(&self, _: &Scenario) -> Option<String> {
        None
    }
    /// Whether the engine runs a device, so that what the engine does not have is not tested.
    fn has_on_engine(&self, _: &Device) -> bool {
        false
    }
    /// How many targets of this kind there can be at a time.
    fn at_a_time(&self) -> usize {
        usize::MAX
    }
    /// Whether every run is captured because another one would not be the same.
    fn keeps_captures(&self) -> bool {
        false
    }
    /// Whether another run with the same seed is the same to the last octet, on every machine.
    fn is_deterministic(&self) -> bool {
        false
    }
    /// Whether anything in its runs depends on the seed.
    fn takes_seed(&self) -> bool {
        true
    }
    /// The arguments that make it, for the line that runs a scenario again.
    fn arguments(&self) -> String {
        format!("--target {}", self.name())
    }
    /// A fresh target.
    ///
    /// # Errors
    /// It cannot be brought up.
    fn make(&self, setup: &Setup) -> Result<Box<dyn Target>, TargetError>;
}
