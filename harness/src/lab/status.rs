//! The parts that the lab consists of, and those that are there.

use super::LabError;
use super::cache::Layout;
use super::kernel;
use crate::release::Release;

/// A part of the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of the part.
    pub name: String,
    /// The place of the part; for packages, their versions.
    pub place: String,
    /// Whether it is there.
    pub there: bool,
}

impl Part {
    fn new(name: impl Into<String>, place: impl Into<String>, there: bool) -> Self {
        Part { name: name.into(), place: place.into(), there }
    }
}

/// The parts of this version's lab: its key, the kernel, the library, release 2.10 and the others that are there, and
/// what each was made of.
///
/// # Errors
/// When the host cannot run the lab or has no place for it.
pub fn status() -> Result<Vec<Part>, LabError> {
    let layout = Layout::current()?;
    let mut parts = vec![Part::new("key", layout.key(), true)];
    let files = [("kernel", layout.kernel()), ("manifest", layout.manifest()), ("preload", layout.preload())];
    parts.extend(files.map(|(name, path)| Part::new(name, path.display().to_string(), path.is_file())));
    if layout.missing().next().is_none() {
        parts.extend(layout.check().err().map(|error| Part::new("note", error.to_string(), true)));
    }
    let manifest = std::fs::read_to_string(layout.manifest()).unwrap_or_default();
    parts.extend(manifest.lines().map(made_of));
    parts.extend(kernel::differs(&layout).map(|words| Part::new("note", words, true)));
    for release in Release::ALL {
        let dir = layout.release(release);
        if !dir.is_there() && release != Release::V2_10 {
            continue;
        }
        let name = format!("release {release}");
        parts.push(Part::new(name, dir.path().display().to_string(), dir.is_there()));
        parts.extend(dir.made_of().iter().map(|line| made_of(line)));
        parts.extend(
            dir.is_there()
                .then(|| dir.check().err())
                .flatten()
                .map(|error| Part::new("note", error.to_string(), true)),
        );
        parts.extend(dir.differs().map(|words| Part::new("note", words, true)));
    }
    Ok(parts)
}

/// A line of a manifest.
fn made_of(line: &str) -> Part {
    let (name, version) = line.split_once(' ').unwrap_or((line, ""));
    Part::new(format!("  {name}"), version, true)
}
