//! What the lab consists of, and what of it is there.

use std::path::PathBuf;

use super::LabError;
use super::cache::Layout;
use super::process::find_program;

/// The programs that are tested in the lab, and Debian's packages of them.
pub(super) const SUPPLICANTS: [(&str, &str); 3] =
    [("wpa_supplicant", "wpasupplicant"), ("wpa_cli", "wpasupplicant"), ("hostapd", "hostapd")];

/// A part of the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// Where it is or should be; for packages, their versions.
    pub place: String,
    /// Whether it is there.
    pub there: bool,
}

/// The parts of this version's lab.
///
/// # Errors
/// When the host cannot run the lab or has no place for it.
pub fn status() -> Result<Vec<Part>, LabError> {
    let layout = Layout::current()?;
    let files = [("kernel", layout.kernel()), ("preload", layout.preload()), ("manifest", layout.manifest())];
    let mut parts: Vec<Part> = files
        .map(|(name, path)| Part {
            name: name.into(),
            there: path.is_file(),
            place: path.display().to_string(),
        })
        .into();
    parts.extend(SUPPLICANTS.iter().map(|(program, _)| {
        let path = supplicant(&layout, program);
        let place = path
            .as_ref()
            .map_or_else(|| "neither on the host nor in the cache".into(), |p| p.display().to_string());
        Part { name: (*program).into(), there: path.is_some(), place }
    }));
    let manifest = std::fs::read_to_string(layout.manifest()).unwrap_or_default();
    parts.extend(manifest.lines().map(|line| {
        let (name, version) = line.split_once(' ').unwrap_or((line, ""));
        Part { name: name.into(), place: version.into(), there: true }
    }));
    Ok(parts)
}

/// The supplicants that are neither on the host nor in the lab.
pub(super) fn supplicants_missing(layout: &Layout) -> Vec<&'static str> {
    SUPPLICANTS.iter().map(|(program, _)| *program).filter(|p| supplicant(layout, p).is_none()).collect()
}

fn supplicant(layout: &Layout, program: &str) -> Option<PathBuf> {
    let mut unpacked = layout.programs().into_iter().map(|dir| dir.join(program));
    unpacked.find(|path| path.is_file()).or_else(|| find_program(program))
}
