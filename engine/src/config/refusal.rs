//! The reasons for which a configuration is refused, in the words that wpa_supplicant and hostapd 2.10 write on their output.

use core::fmt;

/// One line that is written as a configuration is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The line of the file that it is about, counted from 1; 0 is the file as a whole.
    pub line: usize,
    /// Whether the text is written after `Line N: `.
    pub numbered: bool,
    /// The text of the refusal.
    pub text: String,
    /// It only follows from what was said before it: a value that could not be read, its line, its block, its file.
    pub consequence: bool,
}

impl Refusal {
    /// Something about the file as a whole.
    pub fn of_file(text: impl Into<String>) -> Self {
        Refusal { line: 0, numbered: false, text: text.into(), consequence: false }
    }

    /// The same as what follows from other refusals.
    pub(crate) fn following(self) -> Self {
        Refusal { consequence: true, ..self }
    }

    /// Something about a line.
    pub(crate) fn at(line: usize, text: impl Into<String>) -> Self {
        Refusal { line, numbered: true, text: text.into(), consequence: false }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.numbered {
            true => write!(f, "Line {}: {}", self.line, self.text),
            false => f.write_str(&self.text),
        }
    }
}

/// Everything that is said as a file is refused, in order.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
pub struct Refusals(pub Vec<Refusal>);

/// The lines about a value that is refused, before its number is known. The control interface answers FAIL to each.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .said.first().map(|s| s.text.as_str()).unwrap_or("refused without a word"))]
pub struct SetError {
    said: Vec<Line>,
    /// There is no such variable.
    pub(crate) unknown: bool,
    /// By how much it changes the number of errors in a hostapd.conf: for some values 2.10 counts backwards.
    pub(crate) counts: i32,
}

/// One line about a value.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Line {
    numbered: bool,
    text: String,
}

impl SetError {
    /// A value that is refused without a word.
    pub(crate) fn silent() -> Self {
        SetError { said: Vec::new(), unknown: false, counts: 1 }
    }

    /// A value of which one thing is said.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self::silent().and(text)
    }

    /// A variable that is not known.
    pub(crate) fn unknown(text: impl Into<String>) -> Self {
        SetError { unknown: true, ..Self::new(text) }
    }

    /// A value of which something is said that names no line.
    pub(crate) fn bare(text: impl Into<String>) -> Self {
        Self::silent().and_bare(text)
    }

    /// The same, of which one thing more is said.
    pub(crate) fn and(mut self, text: impl Into<String>) -> Self {
        self.said.push(Line { numbered: true, text: text.into() });
        self
    }

    /// The same, of which one thing more is said that names no line.
    pub(crate) fn and_bare(mut self, text: impl Into<String>) -> Self {
        self.said.push(Line { numbered: false, text: text.into() });
        self
    }

    /// The same, which takes one from the number of errors.
    pub(crate) fn counting_backwards(self) -> Self {
        SetError { counts: -1, ..self }
    }

    /// The lines, once it is known where the value stands.
    pub(crate) fn at(self, line: usize) -> impl Iterator<Item = Refusal> {
        self.said.into_iter().enumerate().map(move |(index, Line { numbered, text })| Refusal {
            line,
            numbered,
            text,
            consequence: index > 0,
        })
    }
}
