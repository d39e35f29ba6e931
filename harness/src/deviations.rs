//! `deviations.toml` beside the scenarios: known differences from the reference, each with its
//! reason. They are shown in every report, and one that is no longer needed is an error.
//!
//! ```toml
//! [[deviation]]
//! scenario = "sta/connect_*"
//! line = "ap < supp_op_classes=*"
//! reason = "why it differs"
//! ```

use crate::rows::{self, Format, Row, take};
use crate::scenario::discover::{Root, Wildcard};
use crate::scenario::problem::{InvalidFile, Place};

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
    /// The place at which it stands.
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

const FORMAT: Format = Format { name: "deviation", keys: &["scenario", "line", "reason"], optional: &[] };

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
        let list = rows::read(FORMAT, path, source)?
            .into_iter()
            .map(|Row { values, place }| {
                let [scenario, line, reason] = take(values);
                Deviation { scenario: Wildcard::new(&scenario), line: Wildcard::new(&line), reason, place }
            })
            .collect();
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
