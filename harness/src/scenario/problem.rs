//! What is wrong with a file, where, and what was expected: the message a person acts on.

use std::fmt;

/// A place in a file; line and column count from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The first character of a file.
    pub const START: Place = Place { line: 1, column: 1 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where it begins.
    pub place: Place,
    /// How many characters it covers, at least 1.
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What was expected or what to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of one character's width without help.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Problem { place, width: 1, message: message.into(), help: None }
    }

    /// The same with the number of characters it covers.
    pub fn wide(mut self, width: usize) -> Self {
        self.width = width.max(1);
        self
    }

    /// The same with advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// All that is wrong with one file, ready to be shown with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFile {
    /// The path as the person gave it or as it was found.
    pub path: String,
    /// The file's text, from which the offending lines are shown.
    pub source: String,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

impl InvalidFile {
    /// Sorts the problems into the order of the file.
    pub fn new(path: &str, source: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|p| p.place);
        problems.dedup();
        InvalidFile { path: path.to_owned(), source: source.to_owned(), problems }
    }
}

impl fmt::Display for InvalidFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}: {}", self.path, problem.place, problem.message)?;
            if let Some(line) = self.source.lines().nth(problem.place.line.saturating_sub(1)) {
                let number = problem.place.line.to_string();
                let shown: String = line.chars().map(|c| if c == '\t' { '→' } else { c }).collect();
                let before = problem.place.column.saturating_sub(1);
                let room = line.chars().count().saturating_sub(before).max(1);
                write!(
                    f,
                    "\n  {number} | {shown}\n  {} | {}{}",
                    " ".repeat(number.len()),
                    " ".repeat(before),
                    "^".repeat(problem.width.clamp(1, room))
                )?;
            }
            if let Some(help) = &problem.help {
                write!(f, "\n  = {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for InvalidFile {}

/// The candidate most like `wrong`, if any is near enough to be meant.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(wrong, c), c))
        .filter(|(score, _)| *score > 0.72)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// `did you mean "x"?`, or all the valid words when none is near.
pub fn suggest(wrong: &str, valid: &[&str]) -> String {
    match nearest(wrong, valid.iter().copied()) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("expected one of: {}", valid.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line_and_the_nearest_word() {
        let file = InvalidFile::new(
            "x.yaml",
            "devices: {}\nstepz: []\n",
            vec![
                Problem::new(Place { line: 2, column: 1 }, "unknown key \"stepz\"")
                    .wide(5)
                    .help(suggest("stepz", &["steps", "devices"])),
            ],
        );
        assert_eq!(
            file.to_string(),
            "x.yaml:2:1: unknown key \"stepz\"\n  2 | stepz: []\n    | ^^^^^\n  = did you mean \"steps\"?"
        );
    }
}
