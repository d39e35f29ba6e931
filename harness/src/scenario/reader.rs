//! Reading values out of the tree by hand: every key is known, every value has its type, and all
//! that is wrong is collected instead of ending at the first.

use std::collections::BTreeSet;

use wpasim_wire::time::Duration;

use super::braces::{self, Piece};
use super::model::Case;
use super::pattern::{Pattern, Scope};
use super::problem::{Problem, nearest, suggest};
use super::yaml::{Kind, Node, Style};

/// Collects problems while a tree is read for one case of a matrix.
#[derive(Default)]
pub struct Reader {
    /// The faults that were found so far.
    pub problems: Vec<Problem>,
    /// Parameters that replace `{name}` in every text.
    pub parameters: Scope,
    /// Those that replaced something so far.
    pub used: BTreeSet<String>,
}

/// The entries of a mapping, taken out one by one.
pub struct Entries<'n> {
    left: Vec<(&'n str, &'n Node, &'n Node)>,
    known: Vec<&'static str>,
}

/// The widest range of durations of which one is drawn; a draw has 32 bits.
const WIDEST_RANGE: Duration = Duration::from_secs(3600);

impl Reader {
    /// A reader for one case.
    pub fn new(case: &Case) -> Self {
        Reader { parameters: case.clone(), ..Reader::default() }
    }

    /// Notes a problem.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The entries of a mapping; reports and returns nothing if it is none.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<Entries<'n>> {
        let Kind::Map(pairs) = &node.kind else {
            self.report(
                node.problem(format!("{what} must be a mapping, this is {}", node.noun()))
                    .help("write `key: value` pairs"),
            );
            return None;
        };
        let mut left = Vec::new();
        for (key, value) in pairs {
            match key.text() {
                Some(name) => {
                    if let Some(placeholder) = self.placeholder_of_matrix(name) {
                        self.report(
                            key.problem(format!(
                                "{placeholder} stands in a key, where no parameter is put in"
                            ))
                            .help("parameters are put into values"),
                        );
                    }
                    left.push((name, key, value));
                }
                None => self.report(key.problem("a key must be text").help("quote this text")),
            }
        }
        Some(Entries { left, known: Vec::new() })
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            _ => {
                let mut problem = node.problem(format!("{what} must be a list, this is {}", node.noun()));
                if matches!(&node.kind, Kind::Scalar(text, Style::Plain) if text.is_empty()) {
                    problem =
                        problem.help("the items stand below it, each with `- `, indented further than it");
                }
                self.report(problem);
                &[]
            }
        }
    }

    /// Text with the case's parameters put in. `{{name}}` stands for `{name}`.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.raw(node, what)?;
        let mut out = String::new();
        let mut undefined = false;
        for piece in braces::of_text(text) {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Name(name) => match self.parameter(name) {
                    Some(value) => out.push_str(value),
                    None => {
                        undefined = true;
                        let problem = self.undefined(node, name, what);
                        self.report(problem);
                    }
                },
            }
        }
        (!undefined).then_some(out)
    }

    /// The value of a parameter, which is then used.
    fn parameter(&mut self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name)?;
        if !self.used.contains(name) {
            self.used.insert(name.to_owned());
        }
        Some(value)
    }

    /// Text as it is written.
    pub(super) fn raw<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if let Some(text) = node.text() {
            return Some(text);
        }
        let mut problem = node.problem(format!("{what} must be text, this is {}", node.noun()));
        if matches!(node.kind, Kind::Map(_) | Kind::List(_)) {
            problem = problem.help("quote this text if it begins with { or [");
        }
        self.report(problem);
        None
    }

    fn undefined(&self, node: &Node, name: &str, what: &str) -> Problem {
        let problem = node.problem(format!("\"{{{name}}}\" in {what} is no parameter of the matrix"));
        problem.help(match nearest(name, self.parameters.keys().map(String::as_str)) {
            Some(word) => format!("did you mean \"{{{word}}}\"?"),
            None => format!("write {{{{{name}}}}} for the text {{{name}}} itself"),
        })
    }

    /// The first parameter that a text names.
    fn placeholder_of_matrix(&self, text: &str) -> Option<String> {
        braces::of_text(text).iter().find_map(|piece| match piece {
            Piece::Name(name) if self.parameters.contains_key(*name) => Some(format!("{{{name}}}")),
            _ => None,
        })
    }

    /// A pattern with the case's parameters put in.
    fn with_parameters(&mut self, text: &str) -> String {
        let mut out = String::new();
        for piece in braces::of_pattern(text) {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Name(name) => match self.parameter(name) {
                    Some(value) => out.push_str(value),
                    None => out.push_str(&format!("{{{name}}}")),
                },
            }
        }
        out
    }

    /// A command or an event: text that must be there and that no comment may cut short.
    pub fn line(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.raw(node, what)?;
        let text = self.with_parameters(text);
        if let Some(comment) = node.cut_by_comment {
            self.report(
                Problem::new(comment, format!("an unquoted ` #` ends this {what}"))
                    .help("quote this text, or put the comment on a line of its own"),
            );
        }
        if let Kind::Scalar(_, Style::Plain) = node.kind
            && text.is_empty()
        {
            self.report(node.problem(format!("no {what} here")).help("an empty text is written \"\""));
            return None;
        }
        Some(text)
    }

    /// Text with names in braces.
    pub fn pattern(&mut self, node: &Node, what: &str) -> Option<Pattern> {
        let text = self.line(node, what)?;
        self.pattern_of(node, &text)
    }

    /// The same for a text that was read already.
    pub fn pattern_of(&mut self, node: &Node, text: &str) -> Option<Pattern> {
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(bad) => {
                let mut problem = node.problem(bad.message);
                if node.width > 1 {
                    problem.place.column += bad.offset;
                    problem.width = 1;
                }
                self.report(problem);
                None
            }
        }
    }

    /// `5s`, `100ms`, `1.5s`, `20us`, `2min`.
    pub fn duration(&mut self, node: &Node, what: &str) -> Option<Duration> {
        let text = self.text(node, what)?;
        match parse_duration(&text) {
            Some(duration) => Some(duration),
            None => {
                self.report(
                    node.problem(format!("{what} is no duration: \"{text}\""))
                        .help("a number with its unit: 5s, 100ms, 20us, 2min"),
                );
                None
            }
        }
    }

    /// A duration, twice, or the limits of a range: `1s to 5s`.
    pub fn durations(&mut self, node: &Node, what: &str) -> Option<(Duration, Duration)> {
        let text = self.text(node, what)?;
        let Some((least, most)) = text.split_once(" to ") else {
            return self.duration(node, what).map(|duration| (duration, duration));
        };
        let limits = (parse_duration(least.trim()), parse_duration(most.trim()));
        let (Some(least), Some(most)) = limits else {
            self.report(
                node.problem(format!("{what} is no range of durations: \"{text}\""))
                    .help("two numbers with their units: 1s to 5s"),
            );
            return None;
        };
        if least > most {
            self.report(node.problem(format!("{what} ends before it begins: \"{text}\"")));
            return None;
        }
        if most - least > WIDEST_RANGE {
            self.report(node.problem(format!("{what} is a range of more than an hour: \"{text}\"")));
            return None;
        }
        Some((least, most))
    }

    /// `yes`/`no`, `true`/`false`.
    pub fn truth(&mut self, node: &Node, what: &str) -> Option<bool> {
        let text = self.text(node, what)?;
        match text.as_str() {
            "yes" | "true" | "on" => Some(true),
            "no" | "false" | "off" => Some(false),
            _ => {
                self.report(node.problem(format!("{what} must be yes or no, not \"{text}\"")));
                None
            }
        }
    }

    /// A whole number, decimal or 0x-hexadecimal, within a range.
    pub fn number(&mut self, node: &Node, what: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(node, what)?;
        let value = match text.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok(),
            None => text.parse().ok(),
        };
        match value {
            Some(value) if range.contains(&value) => Some(value),
            _ => {
                let (low, high) = range.into_inner();
                self.report(
                    node.problem(format!(
                        "{what} must be a whole number from {low} to {high}, not \"{text}\""
                    )),
                );
                None
            }
        }
    }

    /// Octets in hexadecimal; blanks and colons between them are allowed.
    pub fn octets(&mut self, node: &Node, what: &str) -> Option<Vec<u8>> {
        let text = self.text(node, what)?;
        match parse_hex(&text) {
            Some(octets) => Some(octets),
            None => {
                self.report(node.problem(format!("{what} must be octets in hexadecimal")));
                None
            }
        }
    }

    /// A share: `10%`, `0.5%`, in parts per million.
    pub fn share(&mut self, node: &Node, what: &str) -> Option<u32> {
        let text = self.text(node, what)?;
        let ppm = text.strip_suffix('%').and_then(|number| decimal(number.trim(), 10_000));
        match ppm {
            Some(ppm) if (0..=1_000_000).contains(&ppm) => Some(ppm as u32),
            _ => {
                self.report(
                    node.problem(format!("{what} must be a share such as 10% or 0.5%, not \"{text}\"")),
                );
                None
            }
        }
    }

    /// One word of a fixed set.
    pub fn word(&mut self, node: &Node, what: &str, valid: &[&str]) -> Option<String> {
        let text = self.text(node, what)?;
        if valid.contains(&text.as_str()) {
            return Some(text);
        }
        self.report(node.problem(format!("unknown {what} \"{text}\"")).help(suggest(&text, valid)));
        None
    }
}

impl<'n> Entries<'n> {
    /// Takes out the value of `key`, and remembers that the key is a valid one.
    pub fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        let at = self.left.iter().position(|(name, ..)| *name == key)?;
        Some(self.left.remove(at).2)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Returns the entries that are left, as name, key and value.
    pub fn rest(self) -> Vec<(&'n str, &'n Node, &'n Node)> {
        self.left
    }

    /// Looks at what is left.
    pub fn remaining(&self) -> &[(&'n str, &'n Node, &'n Node)] {
        &self.left
    }

    /// Takes out the entry at `index` of [`Entries::remaining`].
    pub fn take_at(&mut self, index: usize) -> (&'n str, &'n Node, &'n Node) {
        self.left.remove(index)
    }

    /// Reports every key that is left as unknown.
    pub fn finish(self, reader: &mut Reader, of: &str) {
        for (name, key, _) in self.left {
            let help = match nearest(name, self.known.iter().copied()) {
                Some(word) => format!("did you mean \"{word}\"?"),
                None if self.known.is_empty() => "no key is expected here".to_owned(),
                None => format!("{of} has: {}", self.known.join(", ")),
            };
            reader.report(key.problem(format!("unknown key \"{name}\" in {of}")).help(help));
        }
    }
}

/// A decimal number times `scale`, exactly; `None` if it is none or has too many digits.
fn decimal(text: &str, scale: i64) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let valid = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !valid(whole) || !valid(fraction) || fraction.len() > 9 {
        return None;
    }
    let mut value = whole.parse::<i64>().ok()?.checked_mul(scale)?;
    let mut unit = scale;
    for digit in fraction.bytes() {
        let add = i64::from(digit - b'0');
        if unit % 10 != 0 && add != 0 {
            return None;
        }
        unit /= 10;
        value = value.checked_add(add * unit)?;
    }
    Some(value)
}

/// Reads `5s`, `1.5s`, `100ms`, `20us`, `2min`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let scale = match unit {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    let micros = decimal(number.trim(), scale)?;
    (micros <= 366 * 24 * 3_600_000_000).then_some(Duration::from_micros(micros))
}

/// As [`parse_duration`] reads it, in the largest unit that is exact.
pub fn show_duration(duration: Duration) -> String {
    let micros = duration.micros();
    if micros % 1_000_000 == 0 {
        format!("{} s", micros / 1_000_000)
    } else if micros % 1_000 == 0 {
        format!("{} ms", micros / 1_000)
    } else {
        format!("{micros} us")
    }
}

/// Octets from hexadecimal text with optional blanks and colons.
pub fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ':')
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    Some(digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_hex() {
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_micros(1_500_000)));
        assert_eq!(parse_duration("2min"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("20us"), Some(Duration::from_micros(20)));
        assert_eq!(parse_duration("0.5us"), None);
        assert_eq!(parse_duration("5"), None);
        assert_eq!(parse_duration("s"), None);
        assert_eq!(parse_duration("99999999999999999999h"), None);
        assert_eq!(parse_hex("de:ad be"), Some(vec![0xde, 0xad, 0xbe]));
        assert_eq!(parse_hex("abc"), None);
        assert_eq!(decimal("0.5", 10_000), Some(5_000));
    }
}
