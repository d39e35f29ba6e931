//! The scenarios that the arguments of a command mean.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use super::{BUILTIN, Found, Root, Selected, at, nearest_suite, search};
use crate::scenario::bounded::irregular;
use crate::scenario::matrix;
use crate::scenario::problem::nearest;

/// The reason why an argument selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// No scenario has this name.
    #[error("no scenario matches \"{argument}\"{}", hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default())]
    NoMatch {
        /// As given.
        argument: String,
        /// The name that may have been meant.
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
    /// It is there, or was meant, but cannot be used as a scenario or a directory of them.
    #[error("{path}: {reason}")]
    Unusable {
        /// What.
        path: String,
        /// Why.
        reason: String,
    },
    /// There is no `scenarios/` directory here or above.
    #[error("there is no scenarios/ directory here or above; name a file or a directory, or use builtin:")]
    NoSuite,
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
        let (found, problems) = select_one(argument, working_dir);
        selected.extend(found.into_iter().filter(|one| seen.insert(one.identity(working_dir))));
        errors.extend(problems);
    }
    (selected, errors)
}

/// The scenarios that one argument selects, and its faults: a directory may hold both.
type Selection = (Vec<Selected>, Vec<SelectError>);

fn just(result: Result<Vec<Selected>, SelectError>) -> Selection {
    match result {
        Ok(selected) => (selected, Vec::new()),
        Err(error) => (Vec::new(), vec![error]),
    }
}

fn cases(found: &[Found]) -> Vec<Selected> {
    found.iter().flat_map(Found::cases).collect()
}

/// The scenarios in the directory `below` of a root.
fn directory(root: &Root, below: &str, shown: &str) -> Selection {
    let (found, mut problems) = search(root, below);
    if found.is_empty() && problems.is_empty() {
        problems.push(SelectError::EmptyDirectory(shown.to_owned()));
    }
    (cases(&found), problems)
}

/// The directories that the arguments name, each as a suite's root and what lies below it: the whole nearest suite
/// without arguments.
pub fn directories(arguments: &[String], working_dir: &Path) -> Vec<(Root, String)> {
    if arguments.is_empty() {
        return nearest_suite(working_dir).map(|root| (root, String::new())).into_iter().collect();
    }
    let named = |argument: &String| match argument.strip_prefix(BUILTIN) {
        Some("") => Some((Root::Builtin, String::new())),
        Some(_) => None,
        None => working_dir.join(argument).is_dir().then(|| {
            let (root, below) = split_root(Path::new(argument), true);
            (Root::Disk(root), below)
        }),
    };
    arguments.iter().filter_map(named).collect()
}

fn select_one(argument: &str, working_dir: &Path) -> Selection {
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
        return directory(&Root::Disk(root), &below, &path.display().to_string());
    }
    if on_disk.is_file() || path_text.ends_with(".yaml") && !path_text.contains(['*', '?']) {
        return just(one_file(path, &on_disk).and_then(|found| pick_case(found.cases(), case, argument)));
    }
    match nearest_suite(working_dir) {
        Some(root) => by_name(&root, argument, argument),
        None => just(Err(SelectError::NoSuite)),
    }
}

fn one_file(path: &Path, on_disk: &Path) -> Result<Found, SelectError> {
    let shown = path.display().to_string();
    let reason = match std::fs::metadata(on_disk) {
        Ok(metadata) => irregular(metadata.file_type()).map(|noun| format!("not a regular file but {noun}")),
        Err(_) if on_disk.is_symlink() => Some("a link that leads nowhere".to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some("no such file".to_owned()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(reason) = reason {
        return Err(SelectError::Unusable { path: shown, reason });
    }
    let (root, below) = split_root(path, false);
    match below.strip_suffix(".yaml") {
        Some(stem) => Ok(at(&Root::Disk(root), stem)),
        None => Err(SelectError::NoMatch {
            argument: shown,
            hint: Some("a scenario file ends in .yaml".to_owned()),
        }),
    }
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

fn by_name(root: &Root, name: &str, argument: &str) -> Selection {
    if name.is_empty() {
        return directory(root, "", &root.show(""));
    }
    let (all, problems) = search(root, "");
    let name = name.trim_end_matches(".yaml");
    if name.contains(['*', '?']) {
        let pattern = Wildcard::new(name);
        let names = |s: &Selected| [s.full_name(), s.found.stem(), s.case_name(), s.found.name.clone()];
        let selected: Vec<Selected> =
            cases(&all).into_iter().filter(|s| names(s).iter().any(|n| pattern.matches(n))).collect();
        let mut problems = problems;
        if selected.is_empty() {
            problems.push(SelectError::NoMatch { argument: argument.to_owned(), hint: None });
        }
        return (selected, problems);
    }
    let (stem, case) = match name.rsplit_once('@') {
        Some((stem, case)) => (stem, Some(case)),
        None => (name, None),
    };
    // The line that runs a case again names its file.
    let stem = stem.trim_end_matches(".yaml");
    let exact: Vec<&Found> = all.iter().filter(|f| f.stem() == stem).collect();
    let matches = if exact.is_empty() { all.iter().filter(|f| f.name == stem).collect() } else { exact };
    match matches.as_slice() {
        [one] => just(pick_case(one.cases(), case, argument)),
        [] => {
            let in_area = |f: &Found| f.area == stem || f.area.starts_with(&format!("{stem}/"));
            if case.is_none() && all.iter().any(in_area) {
                return directory(root, stem, stem);
            }
            let names: Vec<String> = all.iter().flat_map(|f| [f.stem(), f.name.clone()]).collect();
            let hint =
                nearest(stem, names.iter().map(String::as_str)).map(|n| format!("did you mean \"{n}\"?"));
            // The file that is meant may be among those that cannot be looked at.
            let mut problems = problems;
            problems.push(SelectError::NoMatch { argument: argument.to_owned(), hint });
            (Vec::new(), problems)
        }
        several => just(Err(SelectError::Ambiguous {
            argument: argument.to_owned(),
            matches: several.iter().map(|f| f.stem()).collect(),
        })),
    }
}

/// A text in which `*` is any text and `?` one character.
#[derive(Clone, Debug)]
pub struct Wildcard {
    text: String,
    regex: Option<Regex>,
}

impl Wildcard {
    /// Reads the text of a pattern.
    pub fn new(text: &str) -> Self {
        let escaped = regex_lite::escape(text).replace(r"\*", ".*").replace(r"\?", ".");
        Wildcard { text: text.to_owned(), regex: Regex::new(&format!("(?s)^{escaped}$")).ok() }
    }

    /// Whether the whole of `text` is what the pattern means.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Wildcard {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Wildcard {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let wildcard = |pattern: &str, text: &str| Wildcard::new(pattern).matches(text);
        assert!(wildcard("sta/*", "sta/connect_open"));
        assert!(wildcard("*psk*", "sta/wrong_psk@x=1"));
        assert!(wildcard("b?s/*", "bss/add"));
        assert!(!wildcard("b?s/*", "bs/add"));
        assert!(wildcard("a*b*c", "a-b-b-c"));
        assert!(wildcard(r"a.\*?", "a.\\line\nä"));
        assert!(!wildcard("a.c", "abc"));
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
