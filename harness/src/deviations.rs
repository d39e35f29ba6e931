//! `deviations.toml` beside the scenarios: known differences from the real thing, each with its
//! reason. They are shown in every report, and one that is no longer needed is an error.
//!
//! ```toml
//! [[deviation]]
//! scenario = "sta/connect_*"
//! line = "ap < supp_op_classes=*"
//! reason = "why it differs"
//! ```

use toml::de::DeTable;

use crate::scenario::discover::{Root, Wildcard};
use crate::scenario::problem::{InvalidFile, Place, Problem, suggest};

/// The file's name in a suite's root.
pub const FILE: &str = "deviations.toml";

/// A known difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deviation {
    /// Glob over `area/name[@case]`.
    pub scenario: Wildcard,
    /// Glob over the differing line as the diff shows it, without its sign.
    pub line: Wildcard,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub place: Place,
}

/// The deviations of one suite.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deviations {
    /// In the order of the file.
    pub list: Vec<Deviation>,
    /// The file's path as messages show it.
    pub path: String,
}

const KEYS: &[&str] = &["scenario", "line", "reason"];

impl Deviations {
    /// Reads the file of a suite; without one there are none.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn of(root: &Root) -> Result<Self, Box<InvalidFile>> {
        match root.read(FILE)? {
            Some(source) => Self::parse(&root.show(FILE), &source),
            None => Ok(Deviations::default()),
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(path: &str, source: &str) -> Result<Self, Box<InvalidFile>> {
        let fail = |problems| Box::new(InvalidFile::new(path, source, problems));
        let table = DeTable::parse(source).map_err(|error| {
            let offset = error.span().map_or(0, |s| s.start);
            fail(vec![Problem::new(Place::of(source, offset), error.message())])
        })?;
        let mut problems = Vec::new();
        let mut list = Vec::new();
        for (key, value) in table.get_ref() {
            let at = Place::of(source, key.span().start);
            if key.get_ref() != "deviation" {
                problems.push(
                    Problem::new(at, format!("unknown key \"{}\"", key.get_ref()))
                        .help("entries are written [[deviation]]"),
                );
                continue;
            }
            let Some(entries) = value.get_ref().as_array() else {
                problems.push(
                    Problem::new(at, "not a list of entries").help("entries are written [[deviation]]"),
                );
                continue;
            };
            for entry in entries {
                let at = Place::of(source, entry.span().start);
                let Some(fields) = entry.get_ref().as_table() else {
                    problems.push(Problem::new(at, "an entry must be a table"));
                    continue;
                };
                let [mut scenario, mut line, mut reason] = [const { String::new() }; 3];
                for (key, value) in fields {
                    let at = Place::of(source, key.span().start);
                    let name: &str = key.get_ref();
                    let field = match name {
                        "scenario" => &mut scenario,
                        "line" => &mut line,
                        "reason" => &mut reason,
                        other => {
                            problems.push(
                                Problem::new(at, format!("unknown key \"{other}\""))
                                    .help(suggest(other, KEYS)),
                            );
                            continue;
                        }
                    };
                    match value.get_ref().as_str() {
                        Some(text) => text.clone_into(field),
                        None => problems.push(Problem::new(at, format!("\"{name}\" must be text"))),
                    }
                }
                for (name, value) in KEYS.iter().zip([&scenario, &line, &reason]) {
                    if value.is_empty() {
                        problems.push(Problem::new(at, format!("a deviation without {name}")));
                    }
                }
                let (scenario, line) = (Wildcard::new(&scenario), Wildcard::new(&line));
                list.push(Deviation { scenario, line, reason, place: at });
            }
        }
        if !problems.is_empty() {
            return Err(fail(problems));
        }
        Ok(Deviations { list, path: path.to_owned() })
    }

    /// The deviation that allows this line in this scenario.
    pub fn allow(&self, scenario: &str, line: &str) -> Option<usize> {
        self.list.iter().position(|d| d.scenario.matches(scenario) && d.line.matches(line))
    }

    /// Whether a deviation concerns a scenario at all.
    pub fn concerns(&self, index: usize, scenario: &str) -> bool {
        self.list.get(index).is_some_and(|d| d.scenario.matches(scenario))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_with_their_places() {
        let text =
            "# known\n[[deviation]]\nscenario = \"sta/*\"\nline = \"ap < x=*\"\nreason = \"because\"\n";
        let deviations = Deviations::parse("deviations.toml", text).unwrap();
        assert_eq!(deviations.list[0].place.line, 2);
        assert_eq!(deviations.allow("sta/connect", "ap < x=5"), Some(0));
        assert_eq!(deviations.allow("bss/connect", "ap < x=5"), None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let message = |text: &str| Deviations::parse("d.toml", text).unwrap_err().problems[0].clone();
        let both = Deviations::parse("d.toml", "[[deviation]]\nscenario = 5\nline = \"x\"\nreason = \"y\"\n");
        assert_eq!(both.unwrap_err().problems.iter().map(|p| p.place.line).max(), Some(2));
        let misspelt = Deviations::parse("d.toml", "[[deviation]]\nscenrio = \"x\"\n").unwrap_err();
        assert!(misspelt.to_string().contains("did you mean \"scenario\"?"));
        assert_eq!(
            message("[[deviation]]\nscenario = \"x\"\nline = \"x\"\n").message,
            "a deviation without reason"
        );
        assert_eq!(message("\nx = = 1\n").place.line, 2);
        let unknown = "[[deviation]]\nscenario = \"x\"\nline = \"x\"\nreason = \"x\"\ncolour = 1\n";
        assert_eq!(message(unknown).message, "unknown key \"colour\"");
    }
}
