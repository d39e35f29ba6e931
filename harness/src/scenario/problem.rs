//! The faults of a file, their places, and what was expected: the message a person acts on.

use std::fmt;
use std::string::FromUtf8Error;

/// A place in a file; line and column count from 1, the column in characters.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The first character of a file.
    pub const START: Place = Place { line: 1, column: 1 };

    /// The place of an offset, in octets, in a text.
    pub fn of(source: &str, offset: usize) -> Place {
        let before = source.get(..offset).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The place at which it begins.
    pub place: Place,
    /// The number of characters that it covers, at least 1.
    pub width: usize,
    /// The text of the fault.
    pub message: String,
    /// The text that was expected, or the remedy.
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

/// Characters of a long line that are shown.
const SHOWN: usize = 160;

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

    /// A file that is not UTF-8, with the place of the first octet that is not.
    pub fn not_utf8(path: &str, error: &FromUtf8Error) -> Self {
        let source = String::from_utf8_lossy(error.as_bytes());
        let valid = error.utf8_error().valid_up_to();
        let place = Place::of(&source, valid);
        let problem = Problem::new(place, "not UTF-8 text").help("the file must be UTF-8");
        InvalidFile::new(path, &source, vec![problem])
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
                write!(f, "{}", marked(line, problem))?;
            }
            if let Some(help) = &problem.help {
                write!(f, "\n  = {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for InvalidFile {}

/// The offending line, or the part of it around the problem, with a mark below.
fn marked(line: &str, problem: &Problem) -> String {
    let length = line.chars().count();
    let column = problem.place.column.saturating_sub(1).min(length);
    let from = if length <= SHOWN { 0 } else { column.saturating_sub(SHOWN / 2) };
    let part = line.chars().skip(from).take(SHOWN);
    let shown: String = part
        .map(|c| match c {
            '\t' => '→',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect();
    let (cut_before, cut_after) =
        (if from > 0 { "…" } else { "" }, if from + SHOWN < length { "…" } else { "" });
    let before = column - from + cut_before.chars().count();
    let room = length.min(from + SHOWN).saturating_sub(column).max(1);
    let number = problem.place.line.to_string();
    format!(
        "\n  {number} | {cut_before}{shown}{cut_after}\n  {} | {}{}",
        " ".repeat(number.len()),
        " ".repeat(before),
        "^".repeat(problem.width.clamp(1, room))
    )
}

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
    fn of_a_long_line_a_part_is_shown() {
        let source = format!("{}{}HERE{}\n", "a\u{1b}", "ä".repeat(5000), "b".repeat(5000));
        let problem = Problem::new(Place { line: 1, column: 5003 }, "wrong").wide(4);
        let text = InvalidFile::new("x", &source, vec![problem]).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(text.chars().count() < 500 && !text.contains('\u{1b}'), "{text}");
        let mark = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().skip(mark).take(4).collect::<String>(), "HERE");
        assert!(lines[2].ends_with("^^^^"));
    }

    #[test]
    fn the_place_of_what_is_not_utf8() {
        let error = String::from_utf8(b"one: 1\ntwo: \xc3\xa4\xff\n".to_vec()).unwrap_err();
        let text = InvalidFile::not_utf8("x.yaml", &error).to_string();
        assert!(
            text.starts_with("x.yaml:2:7: not UTF-8 text\n  2 | two: ä\u{fffd}\n    |       ^"),
            "{text}"
        );
    }

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
