//! The wishes of a scenario that the engine only stores or does not have: lines of configurations, and commands.

use wpasim_engine::config::support::{self, AskedByCommand, Lack, Socket as Given};

use super::config::Finding;
use super::model::{Address, CommandText, Device, Reply, Role, Scenario, Socket, Step};
use super::problem::Place;

/// A line of a scenario that does not get what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The included file that it stands in; `None` is the scenario's own.
    pub file: Option<String>,
    /// The place of it in that file.
    pub place: Place,
    /// `ap.hostapd: line 5: …`.
    pub text: String,
}

impl Warning {
    /// The warning with its place, in a scenario at this path.
    pub fn shown(&self, path: &str) -> String {
        format!("{}:{}: {}", self.file.as_deref().unwrap_or(path), self.place, self.text)
    }
}

impl From<Finding> for Warning {
    fn from(finding: Finding) -> Self {
        Warning { file: None, place: finding.place, text: finding.text }
    }
}

impl Scenario {
    /// Returns the lines that set what the engine only stores to other than its default, and the commands that do so or
    /// ask for what it does not have, each thing once; of the devices that `counts`.
    pub fn warnings(&self, counts: &dyn Fn(&Device) -> bool) -> Vec<Warning> {
        let devices = self.devices.iter().filter(|device| counts(device));
        let mut warnings: Vec<Warning> = devices.flat_map(Device::stored_only).map(Warning::from).collect();
        let mut seen: Vec<(&str, AskedByCommand)> = Vec::new();
        self.each_command(&self.steps, counts, &mut |step, to, asked, reply| {
            // A step that is expected to fail is not taken without effect.
            if !may_fail(reply) && !seen.iter().any(|(device, known)| *device == to.device && *known == asked)
            {
                warnings.push(warning(step, to, &asked));
                seen.push((&to.device, asked));
            }
        });
        warnings
    }

    /// Returns the commands that the engine refuses by name although another reply is expected.
    pub fn refused_commands(&self, counts: &dyn Fn(&Device) -> bool) -> Vec<Warning> {
        let mut refused = Vec::new();
        self.each_command(&self.steps, counts, &mut |step, to, asked, reply| {
            if matches!(asked.lack, Lack::Refused(_)) && !may_fail(reply) {
                refused.push(warning(step, to, &asked));
            }
        });
        refused
    }

    /// Calls `each` with every command that does not get what it asks for, those within other steps included.
    fn each_command<'s>(
        &'s self,
        steps: &'s [Step],
        counts: &dyn Fn(&Device) -> bool,
        each: &mut dyn FnMut(&'s Step, &'s Address, AskedByCommand, &'s Reply),
    ) {
        for step in steps {
            let action = &step.action;
            if let (Some(to), Some(CommandText::Text(text)), Some(reply)) =
                (action.speaks_to(), action.command(), action.expected_reply())
            {
                let device = self.devices.iter().find(|d| d.name == to.device && counts(d));
                let asked = device
                    .and_then(|device| given(device, &to.socket))
                    .and_then(|socket| support::asked_by_command(socket, text.source()));
                if let Some(asked) = asked {
                    each(step, to, asked, reply);
                }
            }
            action.nested().into_iter().for_each(|steps| self.each_command(steps, counts, each));
        }
    }
}

fn warning(step: &Step, to: &Address, asked: &AskedByCommand) -> Warning {
    Warning { file: step.file.clone(), place: step.place, text: format!("{to}: {asked}") }
}

/// Returns where a command to a socket of a device is given.
pub fn given(device: &Device, socket: &Socket) -> Option<Given> {
    match (&device.role, socket) {
        (Role::Scripted, _) => None,
        (Role::Supplicant(_), Socket::Global) => Some(Given::Process),
        (Role::Supplicant(_), _) => Some(Given::Interface),
        (Role::Hostapd(_), Socket::Global) => Some(Given::HostapdProcess),
        (Role::Hostapd(_), _) => Some(Given::Hostapd),
    }
}

/// Returns whether `FAIL` is a reply that a step takes.
fn may_fail(reply: &Reply) -> bool {
    const FAIL: &str = "FAIL";
    match reply {
        Reply::Exact(text) => text.source() == FAIL,
        Reply::Starts(text) => FAIL.starts_with(text.source()),
        Reply::Contains(text) => FAIL.contains(text.source()),
        Reply::Matches(pattern) => pattern.is_match(FAIL),
        Reply::Fields(fields) => fields.is_empty(),
        Reply::Any => true,
        Reply::None => false,
    }
}
