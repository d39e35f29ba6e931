//! The configuration that a device starts with: where each of its lines stands in the YAML file, what wpa_supplicant or
//! hostapd 2.10 would refuse in it, and what it asks for that the engine does not have.

use wpasim_engine::PskSource;
use wpasim_engine::config::support::{self, Lack};
use wpasim_engine::config::{Config, Refusal};
use wpasim_engine::hostapd::HostapdConfig;

use super::model::{Device, Role, Scenario, Step};
use super::problem::{Place, Problem};
use super::yaml::{Kind, Node, Style};

/// The origin of a line of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// In the YAML file.
    pub place: Place,
    /// The part of the device: `hostapd`, `networks`, `config`; empty for the device itself.
    pub part: &'static str,
}

/// A configuration that is being written, line by line.
#[derive(Default)]
pub struct Rendered {
    /// The file.
    pub text: String,
    /// The origin of each of its lines; `None` for lines that the YAML file does not have.
    pub origins: Vec<Option<Origin>>,
}

impl Rendered {
    /// Adds a line that the YAML file does not have.
    pub fn own(&mut self, line: &str) {
        self.push(line, |_| None);
    }

    /// Adds a line, or several, that a node of the YAML file gives.
    pub fn of(&mut self, node: &Node, part: &'static str, lines: &str) {
        self.push(lines, |_| Some(Origin { place: node.place, part }));
    }

    /// Adds a text that is a whole part of the configuration, each of whose lines has its own place.
    pub fn text(&mut self, node: &Node, part: &'static str, text: &str) {
        let is_block = matches!(node.kind, Kind::Scalar(_, Style::Block));
        self.push(text.strip_suffix('\n').unwrap_or(text), |index| {
            let place = match is_block {
                true => Place { line: node.place.line + index, column: 1 },
                false => node.place,
            };
            Some(Origin { place, part })
        });
    }

    fn push(&mut self, lines: &str, origin: impl Fn(usize) -> Option<Origin>) {
        for (index, line) in lines.split('\n').enumerate() {
            self.text.push_str(line);
            self.text.push('\n');
            self.origins.push(origin(index));
        }
    }
}

/// Something about a device's configuration, at its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// In the YAML file.
    pub place: Place,
    /// `ap.hostapd: Line 5: …`.
    pub text: String,
}

impl Finding {
    /// As a problem of the file.
    pub fn problem(&self) -> Problem {
        Problem::new(self.place, self.text.clone())
    }
}

/// Reading a configuration needs no keys.
struct NoKeys;

impl PskSource for NoKeys {
    fn psk(&self, _: &[u8], _: &[u8]) -> [u8; 32] {
        [0; 32]
    }
}

impl Device {
    fn finding(&self, line: usize, text: &str) -> Finding {
        let origin = line.checked_sub(1).and_then(|index| self.origins.get(index)).and_then(Option::as_ref);
        let (place, part) = match (origin, &self.role) {
            (Some(origin), _) => (origin.place, origin.part),
            (None, Role::Hostapd(_)) => (self.place, "hostapd"),
            (None, _) => (self.place, ""),
        };
        let dot = if part.is_empty() { "" } else { "." };
        Finding { place, text: format!("{}{dot}{part}: {text}", self.name) }
    }

    /// Returns the lines that 2.10 refuses in the configuration, without those that only follow from others.
    pub fn refusals(&self) -> Vec<Finding> {
        self.causes().iter().map(|r| self.finding(r.line, &r.to_string())).collect()
    }

    /// The same in the program's own words alone.
    pub fn what_is_refused(&self) -> Vec<String> {
        self.causes().iter().map(ToString::to_string).collect()
    }

    fn causes(&self) -> Vec<Refusal> {
        let file = |path: &str| {
            let own = self.files.iter().find(|(name, _)| name == path);
            own.map(|(_, content)| content.clone().into_bytes())
        };
        let mut refusals = match &self.role {
            Role::Supplicant(text) => Some(match Config::parse(text.as_bytes(), &NoKeys) {
                Ok(config) => config.refused_by_tls(text.as_bytes()),
                Err(refusals) => refusals.0,
            }),
            Role::Hostapd(text) => Some(HostapdConfig::refused(text.as_bytes(), &self.ifname(), &file)),
            Role::Scripted => None,
        };
        let refusals = refusals.as_mut().map(std::mem::take).unwrap_or_default();
        refusals.into_iter().filter(|r| !r.consequence).collect()
    }

    /// Returns the lines that ask for something that the engine does not have; none if 2.10 refuses the configuration.
    pub fn not_implemented(&self) -> Vec<Finding> {
        self.asked(Lack::is_missing)
    }

    /// Returns the lines that set something which the engine only stores to other than its default; none if 2.10 refuses
    /// the configuration.
    pub fn stored_only(&self) -> Vec<Finding> {
        self.asked(|lack| !lack.is_missing())
    }

    fn asked(&self, is_wanted: fn(Lack) -> bool) -> Vec<Finding> {
        let mut asked = match &self.role {
            Role::Supplicant(text) => support::asked_of_supplicant(text),
            Role::Hostapd(text) => support::asked_of_hostapd(text),
            Role::Scripted => Vec::new(),
        };
        asked.retain(|a| is_wanted(a.lack));
        if !asked.is_empty() && !self.causes().is_empty() {
            return Vec::new();
        }
        asked.iter().map(|a| self.finding(a.line, &a.to_string())).collect()
    }

    /// Returns the lines that a process wrote as it refused to start, each at its place, without those that are known to
    /// follow from others.
    pub fn explain(&self, said: &[String]) -> Vec<Finding> {
        let known = self.causes();
        let known: Vec<&Refusal> = known.iter().filter(|r| said.contains(&r.to_string())).collect();
        if !known.is_empty() {
            return known.iter().map(|r| self.finding(r.line, &r.to_string())).collect();
        }
        let mut findings: Vec<(usize, Finding)> = Vec::new();
        for text in said {
            let number = text.strip_prefix("Line ").and_then(|rest| rest.split_once(": ")?.0.parse().ok());
            let number = number.unwrap_or(0);
            // The first thing that is said of a line is the reason for the others.
            if number == 0 || !findings.iter().any(|(line, _)| *line == number) {
                findings.push((number, self.finding(number, text)));
            }
        }
        if findings.iter().any(|(line, _)| *line > 0) {
            findings.retain(|(line, _)| *line > 0);
        }
        findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

impl Scenario {
    /// Devices whose configuration 2.10 refuses although no step expects that, with what it says.
    pub fn refused(&self) -> Vec<Finding> {
        let is_expected = |device: &Device| expects_refusal(&self.steps, &device.name);
        let unexpected = self.devices.iter().filter(|d| !is_expected(d));
        unexpected.flat_map(Device::refusals).collect()
    }
}

/// Whether a step expects that a device does not start, or gives it another configuration.
fn expects_refusal(steps: &[Step], name: &str) -> bool {
    steps.iter().any(|step| {
        step.action.settles_configuration_of() == Some(name)
            || step.action.nested().into_iter().any(|nested| expects_refusal(nested, name))
    })
}
