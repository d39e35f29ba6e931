//! The needs of a scenario beyond what it says itself: they follow from its devices and
//! steps.

use super::model::{Address, CommandText, Device, Role, Scenario, Step};
use crate::steps::Action;

/// Adds to `requires` what `devices` and `steps` need and it does not name yet.
pub fn complete(requires: &mut Vec<String>, devices: &[Device], steps: &[Step]) {
    let mut needed = Vec::new();
    devices.iter().for_each(|device| of_device(device, &mut needed));
    of_steps(steps, &mut needed);
    for name in needed {
        if !requires.iter().any(|r| r == name) {
            requires.push(name.to_owned());
        }
    }
}

impl Scenario {
    /// The sockets and connections that its steps speak to or listen on, in their order, each once.
    pub fn addresses(&self) -> Vec<&Address> {
        let mut all = Vec::new();
        self.listened().into_iter().chain(addressed(&self.steps)).for_each(|address| {
            if !all.contains(&address) {
                all.push(address);
            }
        });
        all
    }

    /// Those of them from which events are expected.
    pub fn listened(&self) -> Vec<&Address> {
        listened(&self.steps)
    }
}

fn addressed(steps: &[Step]) -> Vec<&Address> {
    each(steps, |action| action.speaks_to().into_iter().collect())
}

fn listened(steps: &[Step]) -> Vec<&Address> {
    each(steps, |action| action.listens_to())
}

/// Returns the needs that `of` finds in every step, those within other steps included.
fn each<'s>(steps: &'s [Step], of: fn(&'s dyn Action) -> Vec<&'s Address>) -> Vec<&'s Address> {
    let mut all = Vec::new();
    for step in steps {
        all.extend(of(&*step.action));
        step.action.nested().into_iter().for_each(|nested| all.extend(each(nested, of)));
    }
    all
}

fn of_device(device: &Device, needed: &mut Vec<&'static str>) {
    match &device.role {
        Role::Hostapd(_) => needed.push("ap"),
        // SAVE_CONFIG would write the file of whoever runs the process.
        Role::Supplicant(conf) if conf.lines().any(|line| line.trim() == "update_config=1") => {
            needed.push("files");
        }
        _ => {}
    }
    if device.testing == Some(true) && matches!(device.role, Role::Supplicant(_)) {
        needed.push("testing");
    }
    if device.position_mm.is_some() || !device.links.is_empty() {
        needed.push("medium");
    }
    if !device.files.is_empty() {
        needed.push("files");
    }
    if !device.started || device.shows_start {
        needed.push("process");
    }
}

fn of_steps(steps: &[Step], needed: &mut Vec<&'static str>) {
    for step in steps {
        needed.extend(step.kind.needs);
        if step.action.command().is_some_and(ends_the_process) {
            needed.push("process");
        }
        step.action.nested().into_iter().for_each(|nested| of_steps(nested, needed));
    }
}

fn ends_the_process(command: &CommandText) -> bool {
    match command {
        CommandText::Text(pattern) => pattern.source() == "TERMINATE",
        CommandText::Bytes(bytes) => bytes == b"TERMINATE",
    }
}
