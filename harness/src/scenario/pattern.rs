//! Texts with names in braces: `{ssid}`, `{a}`, `{a.ifname}`, `{*}`.
//!
//! In a command every name must be known. In an expected event or reply a name that is known must
//! match its value, a name that is not is captured, and `{*}` matches anything. `{{` and `}}` are
//! braces.

use std::collections::BTreeMap;
use std::fmt;

/// Values of names: devices' addresses, matrix parameters, captures.
pub type Scope = BTreeMap<String, String>;

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Literal(String),
    Name(String),
    Anything,
}

/// A text with names in braces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    source: String,
    parts: Vec<Part>,
}

/// The text's braces make no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct BadPattern {
    /// The text of the fault.
    pub message: String,
    /// The number of characters before it.
    pub offset: usize,
}

/// The part of a text that a pattern must cover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All of it.
    Whole,
    /// A beginning that ends where a word ends.
    Beginning,
    /// Any part.
    Anywhere,
}

/// Whether a text may be a name in braces: a letter, then letters, digits, `_`, `-`, and dots
/// between them.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

impl Pattern {
    /// Reads the braces of `source`.
    ///
    /// # Errors
    /// A brace that is neither doubled nor encloses a name.
    pub fn new(source: &str) -> Result<Self, BadPattern> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let offset = source[..source.len() - rest.len() + at].chars().count();
            let brace = &rest[at..];
            if let Some(after) = brace.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = brace.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else if let Some(inner) = brace.strip_prefix('{')
                && let Some((name, after)) = inner.split_once('}')
                && (name == "*" || is_name(name))
            {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(if name == "*" { Part::Anything } else { Part::Name(name.to_owned()) });
                rest = after;
            } else {
                let message =
                    "a brace that encloses no name; write {{ and }} for braces themselves".to_owned();
                return Err(BadPattern { message, offset });
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Pattern { source: source.to_owned(), parts })
    }

    /// A text without any name.
    pub fn literal(text: &str) -> Self {
        let parts = if text.is_empty() { vec![] } else { vec![Part::Literal(text.to_owned())] };
        Pattern { source: text.replace('{', "{{").replace('}', "}}"), parts }
    }

    /// As written in the scenario.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names in it, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|p| match p {
            Part::Name(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The text with each name replaced by its value.
    ///
    /// # Errors
    /// The first name that has no value; `{*}` has none.
    pub fn fill(&self, scope: &Scope) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Name(name) => out.push_str(scope.get(name).ok_or_else(|| name.clone())?),
                Part::Anything => return Err("*".to_owned()),
            }
        }
        Ok(out)
    }

    /// The text with known names replaced and the others left, for messages.
    pub fn show(&self, scope: &Scope) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Name(name) => match scope.get(name) {
                    Some(value) => out.push_str(value),
                    None => out.push_str(&format!("{{{name}}}")),
                },
                Part::Anything => out.push_str("{*}"),
            }
        }
        out
    }

    /// Matches `text` and returns what was captured.
    pub fn matches(&self, text: &str, scope: &Scope, extent: Extent) -> Option<Scope> {
        match extent {
            Extent::Anywhere => {
                text.char_indices().map(|(i, _)| i).chain([text.len()]).find_map(|from| {
                    matched(&self.parts, &text[from..], scope, &Scope::new(), Extent::Anywhere)
                })
            }
            _ => matched(&self.parts, text, scope, &Scope::new(), extent),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn matched(parts: &[Part], text: &str, scope: &Scope, taken: &Scope, extent: Extent) -> Option<Scope> {
    let Some((first, rest)) = parts.split_first() else {
        let ends = match extent {
            Extent::Whole => text.is_empty(),
            Extent::Beginning => text.is_empty() || text.starts_with([' ', '\n', '\t']),
            Extent::Anywhere => true,
        };
        return ends.then(|| taken.clone());
    };
    match first {
        Part::Literal(literal) => {
            let mut after = text.strip_prefix(literal.as_str());
            // Some events end in a space that nobody would write.
            if after.is_none() && rest.is_empty() && text == literal.trim_end() {
                after = Some("");
            }
            matched(rest, after?, scope, taken, extent)
        }
        Part::Name(name) => match scope.get(name).or_else(|| taken.get(name)) {
            Some(value) => matched(rest, text.strip_prefix(value.as_str())?, scope, taken, extent),
            None => stretches(text, rest.is_empty(), extent).find_map(|end| {
                let (value, after) = text.split_at(end);
                if value.is_empty() {
                    return None;
                }
                let mut taken = taken.clone();
                taken.insert(name.clone(), value.to_owned());
                matched(rest, after, scope, &taken, extent)
            }),
        },
        Part::Anything => stretches(text, rest.is_empty(), extent)
            .find_map(|end| matched(rest, &text[end..], scope, taken, extent)),
    }
}

/// Returns the places at which a name's value may end: from the shortest on, or, for the last part of a pattern that need
/// not cover everything, at the end of the word.
fn stretches(text: &str, last: bool, extent: Extent) -> Box<dyn Iterator<Item = usize> + '_> {
    if last && extent != Extent::Whole {
        return Box::new(std::iter::once(text.find([' ', '\n', '\t']).unwrap_or(text.len())));
    }
    Box::new(text.char_indices().map(|(i, _)| i).chain([text.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(pairs: &[(&str, &str)]) -> Scope {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn names_are_captured_or_must_match() {
        let p = Pattern::new("P2P-GROUP-STARTED {b.ifname} client ssid=\"{ssid}\"").unwrap();
        let known = scope(&[("b.ifname", "wlan1")]);
        let got = p
            .matches(
                "P2P-GROUP-STARTED wlan1 client ssid=\"DIRECT-Of x\" freq=2412",
                &known,
                Extent::Beginning,
            )
            .unwrap();
        assert_eq!(got, scope(&[("ssid", "DIRECT-Of x")]));
        assert!(p.matches("P2P-GROUP-STARTED wlan0 client ssid=\"x\"", &known, Extent::Beginning).is_none());
    }

    #[test]
    fn a_beginning_ends_with_a_word() {
        let p = Pattern::new("CTRL-EVENT-SCAN").unwrap();
        assert!(p.matches("CTRL-EVENT-SCAN-STARTED ", &Scope::new(), Extent::Beginning).is_none());
        let p = Pattern::new("CTRL-EVENT-SCAN-STARTED").unwrap();
        assert!(p.matches("CTRL-EVENT-SCAN-STARTED ", &Scope::new(), Extent::Beginning).is_some());
        let p = Pattern::new("BSS-ADDED {id} {bssid}").unwrap();
        let got = p.matches("BSS-ADDED 0 02:00:00:00:01:00", &Scope::new(), Extent::Beginning).unwrap();
        assert_eq!(got, scope(&[("id", "0"), ("bssid", "02:00:00:00:01:00")]));
    }

    #[test]
    fn braces() {
        assert_eq!(Pattern::new("{{x}} {*}").unwrap().show(&Scope::new()), "{x} {*}");
        assert_eq!(Pattern::new("a {").unwrap_err().offset, 2);
        assert_eq!(Pattern::new("{no name}").unwrap_err().offset, 0);
        assert_eq!(Pattern::new("{x}").unwrap().fill(&Scope::new()), Err("x".to_owned()));
        let p = Pattern::literal("{x}");
        assert_eq!(Pattern::new(p.source()).unwrap(), p);
    }

    #[test]
    fn whole_and_anywhere() {
        let p = Pattern::new("id={id}").unwrap();
        assert_eq!(p.matches("id=12", &Scope::new(), Extent::Whole), Some(scope(&[("id", "12")])));
        assert_eq!(p.matches("x\nid=7\ny", &Scope::new(), Extent::Anywhere), Some(scope(&[("id", "7")])));
    }
}
