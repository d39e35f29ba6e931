//! A scenario's configuration as commands: the processes run already and have files of their own.

use crate::target::TargetError;

/// Globals that belong to whoever runs the process.
const NOT_OURS: &[&str] = &["ctrl_interface", "ctrl_interface_group", "interface", "driver", "update_config"];

/// What hostapd is set to before a scenario's own settings: an earlier scenario may have set them.
pub const HOSTAPD_BEFORE: &[(&str, &str)] = &[
    ("wpa", "0"),
    ("ieee8021x", "0"),
    ("wps_state", "0"),
    ("ieee80211w", "0"),
    ("ignore_broadcast_ssid", "0"),
];

/// A part of a configuration file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// `name=value`.
    Global(String, String),
    /// `network={…}`.
    Network(Vec<(String, String)>),
    /// `cred={…}`.
    Credential(Vec<(String, String)>),
}

/// Takes a configuration file apart.
///
/// # Errors
/// There is something in it that no command sets.
pub fn parts(device: &str, conf: &str) -> Result<Vec<Part>, TargetError> {
    let mut parts = Vec::new();
    let mut lines = conf.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    while let Some(line) = lines.next() {
        let unknown = || {
            TargetError::Device(format!(
                "{device}: no command can set \"{line}\" of the scenario's configuration"
            ))
        };
        if let Some(kind) = line.strip_suffix("={") {
            let variables: Option<Vec<(String, String)>> =
                lines.by_ref().take_while(|line| *line != "}").map(variable).collect();
            match (kind, variables) {
                ("network", Some(variables)) => parts.push(Part::Network(variables)),
                ("cred", Some(variables)) => parts.push(Part::Credential(variables)),
                _ => return Err(unknown()),
            }
            continue;
        }
        let (name, value) = variable(line).ok_or_else(unknown)?;
        if !NOT_OURS.contains(&name.as_str()) {
            parts.push(Part::Global(name, value));
        }
    }
    Ok(parts)
}

fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    Some((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_apart() {
        let conf = "ctrl_interface=/run/x\nap_scan=1\n# no\nupdate_config=0\n\nnetwork={\n\tssid=\"a=b\"\n}\ncred={\n\trealm=x\n}\n";
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            parts("sta", conf).unwrap(),
            [
                Part::Global("ap_scan".into(), "1".into()),
                Part::Network(vec![pair("ssid", "\"a=b\"")]),
                Part::Credential(vec![pair("realm", "x")]),
            ]
        );
        for odd in ["blob-base64-x={\nAAAA\n}\n", "nonsense", "network={\nx\n}"] {
            assert!(parts("sta", odd).is_err(), "{odd}");
        }
    }
}
