//! The content of a scenario, once read: nothing here refers to YAML, except the places for messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use wpasim_sim::{FrameMatch, Mutation, Rule};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::config::Origin;
use super::pattern::{Pattern, Scope};
use super::problem::{Place, Problem};
use crate::release::Release;
use crate::steps::{Action, Kind};

/// One case of a scenario: the values of its matrix parameters; empty without a matrix.
pub type Case = BTreeMap<String, String>;

/// A scenario, one case of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The subject of the scenario, one line.
    pub about: String,
    /// The reason for which it exists: a clause, a bug it guards.
    pub why: String,
    /// Capabilities a target must have.
    pub requires: Vec<String>,
    /// The first release that has what the scenario is about.
    pub since: Option<Release>,
    /// Whether a transcript is compared at all.
    pub transcript: bool,
    /// A fixed seed instead of the run's.
    pub seed: Option<u64>,
    /// The world it runs in.
    pub world: WorldOptions,
    /// In the order of the file, which numbers the radios.
    pub devices: Vec<Device>,
    /// In their order.
    pub steps: Vec<Step>,
    /// The time that an expectation waits that says nothing else.
    pub deadline: Duration,
    /// The settings that are valid and may yet be meant otherwise.
    pub hints: Vec<Problem>,
}

/// The options of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldOptions {
    /// The kernel's timer frequency that the soft MAC's dwell times follow.
    pub hz: u32,
    /// A regulatory domain: `00` or a country.
    pub regulatory: String,
}

/// One device of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// As the steps call it.
    pub name: String,
    /// The place at which it is defined.
    pub place: Place,
    /// The radio's number N: wlanN, phyN, 02:00:00:00:0N:00.
    pub radio: u32,
    /// The program that runs on it.
    pub role: Role,
    /// Whether it is running when the steps begin.
    pub started: bool,
    /// In millimetres.
    pub position_mm: Option<(i64, i64)>,
    /// Fixed links to other devices, by name.
    pub links: Vec<Link>,
    /// Whether the events of an access point's own start belong to the transcript.
    pub shows_start: bool,
    /// Whether the radio was on a channel before the scenario began, so that its power is set.
    pub used_before: bool,
    /// Whether a supplicant is built with the commands for test suites (CONFIG_TESTING_OPTIONS), if it is said.
    pub testing: Option<bool>,
    /// Further files of the device: path and content.
    pub files: Vec<(String, String)>,
    /// The place of each line of its configuration in the file.
    pub origins: Vec<Option<Origin>>,
}

/// The program that runs on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A supplicant with this wpa_supplicant.conf.
    Supplicant(String),
    /// A stand-alone access point with this hostapd.conf.
    Hostapd(String),
    /// Nothing: an address from which frames are injected.
    Scripted,
}

/// A link between two devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// One end.
    pub a: String,
    /// The other end.
    pub b: String,
    /// The received signal.
    pub signal_dbm: Option<i32>,
    /// Frames lost, in parts per million.
    pub loss_ppm: Option<u32>,
    /// Added to the propagation time.
    pub delay: Option<Duration>,
}

impl Device {
    /// `wlan0`.
    pub fn ifname(&self) -> String {
        format!("wlan{}", self.radio)
    }

    /// 02:00:00:00:0N:00.
    pub fn addr(&self) -> MacAddr {
        let [high, low] = radio_octets(self.radio);
        MacAddr([2, 0, 0, high, low, 0])
    }

    /// 42:00:00:00:0N:00, for a second interface of the same radio.
    pub fn second_addr(&self) -> MacAddr {
        let [high, low] = radio_octets(self.radio);
        MacAddr([0x42, 0, 0, high, low, 0])
    }

    /// The path of the configuration file as messages show it.
    pub fn config_path(&self) -> String {
        format!("{}.conf", self.ifname())
    }

    /// The names this device brings into scope.
    pub fn scope(&self) -> Scope {
        let name = &self.name;
        Scope::from([
            (name.clone(), self.addr().to_string()),
            (format!("{name}.addr"), self.addr().to_string()),
            (format!("{name}.second"), self.second_addr().to_string()),
            (format!("{name}.ifname"), self.ifname()),
        ])
    }
}

/// mac80211_hwsim writes the radio's number into the fourth and fifth octet of its addresses.
fn radio_octets(radio: u32) -> [u8; 2] {
    [(radio >> 8) as u8, radio as u8]
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The place at which it stands.
    pub place: Place,
    /// The included file it stands in; `None` is the scenario itself.
    pub file: Option<String>,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its row in the table of steps.
    pub kind: &'static Kind,
    /// The action of the step.
    pub action: Arc<dyn Action>,
}

/// The socket and connection of a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The device.
    pub device: String,
    /// The control socket.
    pub socket: Socket,
    /// A further connection by name; `None` is the device's own monitor and command connection.
    pub connection: Option<String>,
}

/// A control socket of a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Socket {
    /// Of its first interface.
    Main,
    /// Of the process.
    Global,
    /// Of an interface by name, such as a group interface.
    Interface(String),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.device)?;
        match &self.socket {
            Socket::Main => {}
            Socket::Global => f.write_str(".global")?,
            Socket::Interface(name) => write!(f, ".{name}")?,
        }
        match &self.connection {
            Some(connection) => write!(f, "/{connection}"),
            None => Ok(()),
        }
    }
}

/// The bytes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandText {
    /// Text with names.
    Text(Pattern),
    /// Any bytes.
    Bytes(Vec<u8>),
}

/// The reply that must come.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This text, names captured.
    Exact(Pattern),
    /// Begins with this text.
    Starts(Pattern),
    /// Contains this text.
    Contains(Pattern),
    /// Matches this regular expression.
    Matches(regex_lite::Regex),
    /// Has these `name=value` lines.
    Fields(Vec<(String, Pattern)>),
    /// Whatever it is, there must be one; the transcript pins it.
    Any,
    /// There must be none.
    None,
}

/// An expected event.
#[derive(Clone, Debug)]
pub struct Sees {
    /// On which connection.
    pub on: Address,
    /// Its beginning.
    pub event: Pattern,
}

/// Until when an event must not come.
#[derive(Clone, Debug)]
pub enum Until {
    /// It has not come so far.
    Now,
    /// For this long from now.
    For(Duration),
    /// Before another event, which must come.
    Event { sees: Sees, within: Duration },
}

/// The ends of a frame as a rule names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Station {
    /// A device of the scenario.
    Device(String),
    /// An address.
    Addr(MacAddr),
}

/// The frames, by the stations' names in the scenario.
pub type FramePattern = FrameMatch<Station>;

/// A rule of the medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirRule {
    /// By which `stop:` ends it.
    pub name: Option<String>,
    /// The frames, and the action on them.
    pub rule: Rule<Station>,
}

/// A frame put on the air.
#[derive(Clone, Debug, PartialEq)]
pub struct Injection {
    /// By which `stop:` ends it if it is repeated.
    pub name: Option<String>,
    /// The frame.
    pub frame: Frame,
    /// In MHz.
    pub freq: u32,
    /// Received with this signal.
    pub signal_dbm: i32,
    /// The time after the step.
    pub after: Duration,
    /// Sent again at this interval until stopped.
    pub every: Option<Duration>,
    /// Changes before it is sent.
    pub edits: Vec<Mutation>,
}

/// The octets of an injected frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// As given.
    Raw(Vec<u8>),
    /// The last frame on the air that matches.
    Replay(FramePattern),
    /// Built from its fields.
    Built(super::frames::FrameFields),
}
