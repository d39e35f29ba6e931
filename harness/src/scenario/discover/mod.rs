//! The scenarios that there are: below a directory, by name from the nearest `scenarios/`, or in the
//! suite embedded in the binary.

mod select;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::bounded::{self, ReadError};
use super::matrix;
use super::problem::{InvalidFile, Place, Problem};
use crate::release::Release;
pub use select::{SelectError, Wildcard, directories, select};

/// `harness/scenarios` is a link to the suite beside the crate; `cargo package` puts what it leads to into the package.
static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The beginning of an argument that names the embedded suite.
pub const BUILTIN: &str = "builtin:";

/// The place from which files are read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// A directory, as it is shown in messages.
    Disk(PathBuf),
    /// The suite in the binary.
    Builtin,
}

/// A file of scenarios that was found, not yet read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The suite's root.
    pub root: Root,
    /// The directories between the root and the file, joined by `/`; may be empty.
    pub area: String,
    /// The file's name without `.yaml`.
    pub name: String,
}

/// A case of a scenario that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selected {
    /// The file.
    pub found: Found,
    /// The case's values in the order of the file; empty without a matrix.
    pub case: Vec<(String, String)>,
}

impl Root {
    /// The text of a file below the root; nothing if there is no such file.
    ///
    /// # Errors
    /// It is there, but it is no regular file, is too large, cannot be read or is not UTF-8.
    pub fn read(&self, relative: &str) -> Result<Option<String>, Box<InvalidFile>> {
        let bytes = match self {
            Root::Disk(dir) => match bounded::read(&dir.join(relative), limit(relative)) {
                Ok(bytes) => bytes,
                Err(ReadError::Missing) => return Ok(None),
                Err(error) => {
                    let problem = Problem::new(Place::START, error.to_string());
                    return Err(Box::new(InvalidFile::new(&self.show(relative), "", vec![problem])));
                }
            },
            Root::Builtin => match EMBEDDED.get_file(relative) {
                Some(file) => file.contents().to_vec(),
                None => return Ok(None),
            },
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(Box::new(InvalidFile::not_utf8(&self.show(relative), &error))),
        }
    }

    /// The path of a file below the root, as messages show it.
    pub fn show(&self, relative: &str) -> String {
        match self {
            Root::Disk(dir) if dir.as_os_str().is_empty() || dir == Path::new(".") => relative.to_owned(),
            Root::Disk(dir) => dir.join(relative).display().to_string(),
            Root::Builtin => format!("{BUILTIN}{relative}"),
        }
    }

    /// Every file below the root, relative to it, sorted.
    pub fn files(&self) -> Vec<String> {
        self.walk("").files
    }

    /// Returns the files in the directory `below` of the root.
    fn walk(&self, below: &str) -> walk::Walk {
        match self {
            Root::Disk(dir) => walk::walk(dir, below),
            Root::Builtin => {
                let mut files = Vec::new();
                walk_embedded(&EMBEDDED, &mut files);
                files.retain(|file| below.is_empty() || file.starts_with(&format!("{below}/")));
                files.sort();
                walk::Walk { files, problems: Vec::new() }
            }
        }
    }
}

/// Returns the number of octets that a file may have, by its name.
fn limit(relative: &str) -> u64 {
    if relative.ends_with(".transcript") {
        bounded::TRANSCRIPT
    } else if relative.ends_with(".toml") {
        bounded::DEVIATIONS
    } else {
        bounded::SCENARIO
    }
}

fn walk_embedded(dir: &Dir<'_>, out: &mut Vec<String>) {
    out.extend(dir.files().map(|f| f.path().to_string_lossy().replace('\\', "/")));
    dir.dirs().for_each(|d| walk_embedded(d, out));
}

impl Found {
    /// The file, relative to the root, without its extension.
    pub fn stem(&self) -> String {
        if self.area.is_empty() { self.name.clone() } else { format!("{}/{}", self.area, self.name) }
    }

    /// The scenario file's path as messages show it.
    pub fn path(&self) -> String {
        self.root.show(&format!("{}.yaml", self.stem()))
    }

    /// The scenario file's text.
    ///
    /// # Errors
    /// It cannot be read, or is not UTF-8.
    pub fn source(&self) -> Result<String, Box<InvalidFile>> {
        let path = self.path();
        self.root.read(&format!("{}.yaml", self.stem()))?.ok_or_else(|| {
            Box::new(InvalidFile::new(&path, "", vec![Problem::new(Place::START, "no such file")]))
        })
    }

    /// The text of a file named relative to the scenario.
    ///
    /// # Errors
    /// Returns an included file, or the reason why there is none.
    pub fn include(&self, path: &str) -> Result<String, String> {
        let mut parts: Vec<&str> = self.area.split('/').filter(|p| !p.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or("it is outside the directory of scenarios")?;
                }
                other => parts.push(other),
            }
        }
        match self.root.read(&parts.join("/")) {
            Ok(Some(text)) => Ok(text),
            Ok(None) => Err("no such file".to_owned()),
            Err(invalid) => {
                Err(invalid.problems.into_iter().map(|p| p.message).collect::<Vec<_>>().join("; "))
            }
        }
    }

    /// The cases of the file, from a scan for `matrix:` alone.
    pub fn cases(&self) -> Vec<Selected> {
        let source = self.source().unwrap_or_default();
        matrix::scan(&source).into_iter().map(|case| Selected { found: self.clone(), case }).collect()
    }
}

impl Selected {
    /// `name` or `name@key=value,key=value`.
    pub fn case_name(&self) -> String {
        with_case(&self.found.name, &self.case)
    }

    /// `area/name[@case]`.
    pub fn full_name(&self) -> String {
        with_case(&self.found.stem(), &self.case)
    }

    /// The argument that selects it, before any quoting.
    pub fn argument(&self) -> String {
        with_case(&self.found.path(), &self.case)
    }

    /// The same for every spelling of the path that leads to the file. Two names of one file in a directory are two
    /// scenarios: each has a transcript of its own.
    fn identity(&self, working_dir: &Path) -> (PathBuf, String, String) {
        let path = working_dir.join(self.found.path());
        let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let canonical = directory.canonicalize().unwrap_or(directory);
        (canonical, self.found.name.clone(), matrix::label(&self.case))
    }

    /// `area.name[@case]`, for files in a directory without subdirectories.
    pub fn dotted(&self) -> String {
        self.full_name().replace('/', ".")
    }

    /// The path of the reference, relative to the root.
    pub fn transcript(&self) -> String {
        format!("{}.transcript", self.full_name())
    }

    /// The path of a release's own reference, relative to the root: there only where it differs from the one without a
    /// release, which is 2.10's.
    pub fn transcript_of(&self, release: Release) -> String {
        match release {
            Release::V2_10 => self.transcript(),
            _ => format!("{}@{release}.transcript", self.full_name()),
        }
    }
}

fn with_case(name: &str, case: &[(String, String)]) -> String {
    if case.is_empty() { name.to_owned() } else { format!("{name}@{}", matrix::label(case)) }
}

/// Whether a file's text is a scenario's: `steps:` at column 1. A file without content, or one whose
/// `devices:` stands there, was meant to be one; reading it says what is wrong.
fn is_scenario(source: &str) -> bool {
    let mut lines = source.trim_start_matches('\u{feff}').split(['\n', '\r']).peekable();
    lines.clone().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'))
        || lines.any(|l| l.starts_with("steps:") || l.starts_with("devices:"))
}

/// Every scenario below `root`, sorted.
pub fn below(root: &Root) -> Vec<Found> {
    search(root, "").0
}

/// Every scenario in the directory `below` of `root`, sorted, and what may be one but cannot be looked at.
fn search(root: &Root, below: &str) -> (Vec<Found>, Vec<SelectError>) {
    let walk::Walk { files, problems } = root.walk(below);
    let mut found = Vec::new();
    for file in &files {
        let Some(stem) = file.strip_suffix(".yaml") else { continue };
        // A file that cannot be read was meant to be a scenario; reading it says what is wrong.
        if root.read(file).map_or(true, |text| text.is_some_and(|text| is_scenario(&text))) {
            found.push(at(root, stem));
        }
    }
    found.sort_by_key(Found::stem);
    (found, problems)
}

fn at(root: &Root, stem: &str) -> Found {
    let (area, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    Found { root: root.clone(), area: area.to_owned(), name: name.to_owned() }
}

/// The nearest `scenarios/` from `from` upwards, shown relative to the working directory.
pub fn nearest_suite(from: &Path) -> Option<Root> {
    let mut shown = PathBuf::new();
    for dir in from.ancestors() {
        if dir.join("scenarios").is_dir() {
            return Some(Root::Disk(shown.join("scenarios")));
        }
        shown.push("..");
    }
    None
}

/// Transcripts below `root` that belong to no scenario.
pub fn orphans(root: &Root) -> Vec<String> {
    let wanted: BTreeSet<String> = below(root)
        .iter()
        .flat_map(Found::cases)
        .flat_map(|selected| Release::ALL.map(|release| selected.transcript_of(release)))
        .collect();
    root.files().into_iter().filter(|f| f.ends_with(".transcript") && !wanted.contains(f)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_to_be_a_scenario() {
        for text in ["", "# only\n\n  # comments\n", "\u{feff}steps:\n", "a: b\rsteps: []\r", "devices: {}\n"]
        {
            assert!(is_scenario(text), "{text:?}");
        }
        for text in ["- sta: PING\n", "  steps: []\n", "key: value\n"] {
            assert!(!is_scenario(text), "{text:?}");
        }
    }
}
