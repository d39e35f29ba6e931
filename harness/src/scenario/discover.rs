//! Which scenarios there are: below a directory, by name from the nearest `scenarios/`, or in the
//! suite embedded in the binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::matrix;
use super::problem::{InvalidFile, Place, Problem, nearest};
use crate::release::Release;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../scenarios");

/// What an argument that names the embedded suite begins with.
pub const BUILTIN: &str = "builtin:";

/// Where files are read from.
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

/// Why an argument selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// No scenario has this name.
    #[error("no scenario matches \"{argument}\"{}", hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default())]
    NoMatch {
        /// As given.
        argument: String,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// Several scenarios have this name.
    #[error("\"{argument}\" is ambiguous: {}", matches.join(", "))]
    Ambiguous {
        /// As given.
        argument: String,
        /// Their full names.
        matches: Vec<String>,
    },
    /// A directory holds no scenario.
    #[error("{0}: a directory without scenarios (a scenario is a .yaml file with `steps:` at column 1)")]
    EmptyDirectory(String),
    /// Reading failed.
    #[error("{path}: {error}")]
    Io {
        /// Of what.
        path: String,
        /// The system's words.
        error: String,
    },
    /// There is no `scenarios/` directory here or above.
    #[error("there is no scenarios/ directory here or above; name a file or a directory, or use builtin:")]
    NoSuite,
}

impl Root {
    /// The text of a file below the root; nothing if there is no such file.
    ///
    /// # Errors
    /// It is there, but it cannot be read or is not UTF-8.
    pub fn read(&self, relative: &str) -> Result<Option<String>, Box<InvalidFile>> {
        let unreadable = |error: std::io::Error| {
            InvalidFile::new(&self.show(relative), "", vec![Problem::new(Place::START, error.to_string())])
        };
        let bytes = match self {
            Root::Disk(dir) => match fs::read(dir.join(relative)) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Box::new(unreadable(error))),
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
        let mut files = Vec::new();
        match self {
            Root::Disk(dir) => walk(dir, dir, 0, &mut files),
            Root::Builtin => walk_embedded(&EMBEDDED, &mut files),
        }
        files.sort();
        files
    }
}

/// Directories nest no deeper than this.
const DEPTH: usize = 16;

fn walk(root: &Path, dir: &Path, depth: usize, out: &mut Vec<String>) {
    let dir_shown = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let Ok(entries) = fs::read_dir(dir_shown) else { return };
    for entry in entries.flatten() {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let path = dir.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !hidden && depth < DEPTH => walk(root, &path, depth + 1, out),
            Ok(kind) if !kind.is_dir() => {
                if let Ok(relative) = path.strip_prefix(root) {
                    out.push(relative.to_string_lossy().replace('\\', "/"));
                }
            }
            _ => {}
        }
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
    pub fn include(&self, path: &str) -> Option<String> {
        let mut parts: Vec<&str> = self.area.split('/').filter(|p| !p.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                other => parts.push(other),
            }
        }
        self.root.read(&parts.join("/")).ok().flatten()
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

    /// The same for every spelling of the path that leads to the file.
    fn identity(&self, working_dir: &Path) -> (PathBuf, String) {
        let path = PathBuf::from(self.found.path());
        (working_dir.join(&path).canonicalize().unwrap_or(path), matrix::label(&self.case))
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
    below_in(root, "")
}

fn below_in(root: &Root, prefix: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for file in root.files() {
        let Some(stem) = file.strip_suffix(".yaml") else { continue };
        if !(prefix.is_empty() || stem.starts_with(&format!("{prefix}/"))) {
            continue;
        }
        // What cannot be read was meant to be a scenario; reading it says what is wrong.
        if root.read(&file).map_or(true, |text| text.is_some_and(|text| is_scenario(&text))) {
            found.push(at(root, stem));
        }
    }
    found.sort_by_key(Found::stem);
    found
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

/// Splits a path into the suite's root and what lies below it: the root is the last directory named
/// `scenarios` in the path or above it, else the directory itself or the file's own.
fn split_root(path: &Path, is_dir: bool) -> (PathBuf, String) {
    let components: Vec<_> = path.components().collect();
    let dirs = if is_dir { components.len() } else { components.len().saturating_sub(1) };
    if let Some(at) = components[..dirs].iter().rposition(|c| c.as_os_str() == "scenarios") {
        let root: PathBuf = components[..=at].iter().collect();
        let below: Vec<String> =
            components[at + 1..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
        return (root, below.join("/"));
    }
    if is_dir {
        return (path.to_path_buf(), String::new());
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    (path.parent().map(Path::to_path_buf).unwrap_or_default(), name)
}

/// The scenarios that the arguments of `run` select, each once, in the order of the arguments and
/// then of the names; the whole nearest suite without arguments. Beside them the arguments that
/// select nothing, or more than one scenario where they name one.
pub fn select(arguments: &[String], working_dir: &Path) -> (Vec<Selected>, Vec<SelectError>) {
    let mut selected: Vec<Selected> = Vec::new();
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    let everything = [String::new()];
    let arguments = if arguments.is_empty() { &everything } else { arguments };
    for argument in arguments {
        match select_one(argument, working_dir) {
            Ok(found) => {
                selected.extend(found.into_iter().filter(|one| seen.insert(one.identity(working_dir))));
            }
            Err(error) => errors.push(error),
        }
    }
    (selected, errors)
}

fn select_one(argument: &str, working_dir: &Path) -> Result<Vec<Selected>, SelectError> {
    if let Some(name) = argument.strip_prefix(BUILTIN) {
        return by_name(&Root::Builtin, name, argument);
    }
    let (path_text, case) = match argument.rsplit_once('@') {
        Some((path, case)) if case.contains('=') => (path, Some(case)),
        _ => (argument, None),
    };
    let path = Path::new(path_text);
    let on_disk = working_dir.join(path);
    if !path_text.is_empty() && on_disk.is_dir() {
        let (root, below) = split_root(path, true);
        let found = below_in(&Root::Disk(root), &below);
        if found.is_empty() {
            return Err(SelectError::EmptyDirectory(path.display().to_string()));
        }
        return Ok(found.iter().flat_map(Found::cases).collect());
    }
    if on_disk.is_file() || path_text.ends_with(".yaml") && !path_text.contains(['*', '?']) {
        if !on_disk.is_file() {
            return Err(SelectError::Io { path: path_text.to_owned(), error: "no such file".to_owned() });
        }
        if !path_text.ends_with(".yaml") {
            return Err(SelectError::NoMatch {
                argument: argument.to_owned(),
                hint: Some("a scenario file ends in .yaml".to_owned()),
            });
        }
        let (root, below) = split_root(path, false);
        let found = at(&Root::Disk(root), below.trim_end_matches(".yaml"));
        return pick_case(found.cases(), case, argument);
    }
    let root = nearest_suite(working_dir).ok_or(SelectError::NoSuite)?;
    by_name(&root, argument, argument)
}

fn pick_case(cases: Vec<Selected>, case: Option<&str>, argument: &str) -> Result<Vec<Selected>, SelectError> {
    let Some(case) = case else { return Ok(cases) };
    let picked: Vec<Selected> = cases.iter().filter(|s| matrix::label(&s.case) == case).cloned().collect();
    if picked.is_empty() {
        let labels: Vec<String> = cases.iter().map(|s| matrix::label(&s.case)).collect();
        let hint =
            nearest(case, labels.iter().map(String::as_str)).map(|l| format!("did you mean \"@{l}\"?"));
        return Err(SelectError::NoMatch { argument: argument.to_owned(), hint });
    }
    Ok(picked)
}

fn by_name(root: &Root, name: &str, argument: &str) -> Result<Vec<Selected>, SelectError> {
    let all = below(root);
    if name.is_empty() {
        if all.is_empty() {
            return Err(SelectError::EmptyDirectory(root.show("")));
        }
        return Ok(all.iter().flat_map(Found::cases).collect());
    }
    let name = name.trim_end_matches(".yaml");
    if name.contains(['*', '?']) {
        let cases: Vec<Selected> = all
            .iter()
            .flat_map(Found::cases)
            .filter(|s| {
                let names = [s.full_name(), s.found.stem(), s.case_name(), s.found.name.clone()];
                names.iter().any(|n| wildcard(name, n))
            })
            .collect();
        if cases.is_empty() {
            return Err(SelectError::NoMatch { argument: argument.to_owned(), hint: None });
        }
        return Ok(cases);
    }
    let (stem, case) = match name.rsplit_once('@') {
        Some((stem, case)) => (stem, Some(case)),
        None => (name, None),
    };
    let exact: Vec<&Found> = all.iter().filter(|f| f.stem() == stem).collect();
    let matches = if exact.is_empty() { all.iter().filter(|f| f.name == stem).collect() } else { exact };
    match matches.as_slice() {
        [one] => pick_case(one.cases(), case, argument),
        [] => {
            let area: Vec<&Found> =
                all.iter().filter(|f| f.area == stem || f.area.starts_with(&format!("{stem}/"))).collect();
            if !area.is_empty() && case.is_none() {
                return Ok(area.into_iter().flat_map(Found::cases).collect());
            }
            let names: Vec<String> = all.iter().flat_map(|f| [f.stem(), f.name.clone()]).collect();
            let hint =
                nearest(stem, names.iter().map(String::as_str)).map(|n| format!("did you mean \"{n}\"?"));
            Err(SelectError::NoMatch { argument: argument.to_owned(), hint })
        }
        several => Err(SelectError::Ambiguous {
            argument: argument.to_owned(),
            matches: several.iter().map(|f| f.stem()).collect(),
        }),
    }
}

/// `*` is any text, `?` one character.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
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

    #[test]
    fn wildcards() {
        assert!(wildcard("sta/*", "sta/connect_open"));
        assert!(wildcard("*psk*", "sta/wrong_psk@x=1"));
        assert!(wildcard("b?s/*", "bss/add"));
        assert!(!wildcard("b?s/*", "bs/add"));
        assert!(wildcard("a*b*c", "a-b-b-c"));
    }

    #[test]
    fn roots_of_paths() {
        let split = |p: &str, d| split_root(Path::new(p), d);
        assert_eq!(split("scenarios/sta/x.yaml", false), (PathBuf::from("scenarios"), "sta/x.yaml".into()));
        assert_eq!(split("a/scenarios/sta", true), (PathBuf::from("a/scenarios"), "sta".into()));
        assert_eq!(split("dir/x.yaml", false), (PathBuf::from("dir"), "x.yaml".into()));
        assert_eq!(split("dir", true), (PathBuf::from("dir"), String::new()));
    }
}
