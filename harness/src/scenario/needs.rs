//! What a scenario needs of a target beyond what it says itself: it follows from its devices and
//! steps.

use super::model::{Action, Address, CommandText, Device, Role, Scenario, Step, Until};

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
    each(steps, |action| match action {
        Action::Command { to, .. } => vec![to],
        Action::Status { of, .. } => vec![of],
        _ => Vec::new(),
    })
}

fn listened(steps: &[Step]) -> Vec<&Address> {
    each(steps, |action| match action {
        Action::Sees { sees, .. } => vec![&sees.on],
        Action::NotSees { sees, until: Until::Event { sees: end, .. } } => vec![&sees.on, &end.on],
        Action::NotSees { sees, .. } => vec![&sees.on],
        _ => Vec::new(),
    })
}

/// What `of` finds in every step, those within other steps included.
fn each<'s>(steps: &'s [Step], of: fn(&'s Action) -> Vec<&'s Address>) -> Vec<&'s Address> {
    let mut all = Vec::new();
    for step in steps {
        all.extend(of(&step.action));
        match &step.action {
            Action::Together { parts, .. } => all.extend(each(parts, of)),
            Action::Either { branches, .. } => branches.iter().for_each(|b| all.extend(each(b, of))),
            _ => {}
        }
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
        match &step.action {
            Action::Rule(_)
            | Action::Radio { .. }
            | Action::Move { .. }
            | Action::SetLink(_)
            | Action::ExpectFrame { .. }
            | Action::ForbidFrame { .. } => needed.push("medium"),
            Action::Inject(_) => needed.push("inject"),
            Action::File { .. } | Action::CheckFile { .. } => needed.push("files"),
            Action::Kill(_) | Action::Start { .. } => needed.push("process"),
            Action::Command { command, .. } if ends_the_process(command) => needed.push("process"),
            Action::Together { parts, .. } => of_steps(parts, needed),
            Action::Either { branches, .. } => branches.iter().for_each(|b| of_steps(b, needed)),
            _ => {}
        }
    }
}

fn ends_the_process(command: &CommandText) -> bool {
    match command {
        CommandText::Text(pattern) => pattern.source() == "TERMINATE",
        CommandText::Bytes(bytes) => bytes == b"TERMINATE",
    }
}
