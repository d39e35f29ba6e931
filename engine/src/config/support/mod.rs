//! What each variable of a configuration does in this engine: the one table that says what is carried out, what is only
//! kept, and what wpa_supplicant and hostapd 2.10 act on and this engine does not.

pub mod credential;
pub mod global;
pub mod hostapd;
pub mod network;
pub mod words;

use super::text::atoi;

/// A variable, or a word that is a value, and what it does.
pub type Row = (&'static str, Standing);

/// What a variable does here.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// What it does in 2.10.
    Effect,
    /// It is read, checked, printed and saved as in 2.10, and has no other effect. The reason why this is no difference
    /// that could be seen: it does nothing by itself, or nothing here would show what it does.
    Stored(&'static str),
    /// 2.10 acts on some of its values in a way that this engine does not: what these ask for.
    Missing(&'static str, Asks),
    /// The same, and an access point does not start with one of these values: it would only pretend.
    MissingAtStart(&'static str, Asks),
    /// It depends on the words of the value.
    Words(&'static [Row]),
}

/// Which values ask for what is missing.
#[derive(Clone, Copy, Debug)]
pub enum Asks {
    /// Every number but 0.
    NotZero,
    /// Every text but the empty one.
    NotEmpty,
    /// These.
    Is(&'static [&'static str]),
    /// All but these.
    Not(&'static [&'static str]),
}

/// Something that a value asks for and this engine does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotImplemented {
    /// `management frame protection`.
    pub feature: &'static str,
    /// Whether an access point does not start with it.
    pub keeps_from_starting: bool,
}

impl Asks {
    fn asked_by(self, value: &str) -> bool {
        let value = unquoted(value);
        match self {
            Asks::NotZero => atoi(value) != 0,
            Asks::NotEmpty => !value.is_empty(),
            Asks::Is(values) => values.contains(&value),
            Asks::Not(values) => !value.is_empty() && !values.contains(&value),
        }
    }
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)
}

impl Standing {
    fn missing(self, value: &str) -> Option<NotImplemented> {
        let found = |feature, keeps_from_starting| Some(NotImplemented { feature, keeps_from_starting });
        match self {
            Standing::Effect | Standing::Stored(_) => None,
            Standing::Missing(feature, asks) => asks.asked_by(value).then(|| found(feature, false)).flatten(),
            Standing::MissingAtStart(feature, asks) => {
                asks.asked_by(value).then(|| found(feature, true)).flatten()
            }
            Standing::Words(rows) => {
                let words = value.split([' ', '\t']).filter(|w| !w.is_empty());
                let found: Vec<Option<NotImplemented>> =
                    words.map(|word| lookup(rows, word).and_then(|row| row.missing(word))).collect();
                // With one word left that works, an access point does something.
                let keeps_from_starting = found.iter().all(|f| f.is_some_and(|f| f.keeps_from_starting));
                let first = found.into_iter().flatten().next()?;
                Some(NotImplemented { keeps_from_starting, ..first })
            }
        }
    }
}

/// The row of a name.
pub fn lookup(rows: &'static [Row], name: &str) -> Option<Standing> {
    rows.iter().find(|(n, _)| *n == name).map(|(_, standing)| *standing)
}

/// Returns the missing feature that a variable of a network asks for.
pub fn network(name: &str, value: &str) -> Option<NotImplemented> {
    lookup(network::ROWS, name)?.missing(value)
}

/// Returns the missing feature that a global variable of wpa_supplicant.conf asks for.
pub fn global(name: &str, value: &str) -> Option<NotImplemented> {
    lookup(global::ROWS, name)?.missing(value)
}

/// Returns the missing feature that a variable of hostapd.conf asks for.
pub fn hostapd(variable: &str, value: &str) -> Option<NotImplemented> {
    lookup(hostapd::ROWS, variable)?.missing(value)
}

/// A line of a configuration that asks for something that is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Counted from 1.
    pub line: usize,
    /// As it is written: `ieee80211w=2`.
    pub assignment: String,
    /// What it asks for.
    pub missing: NotImplemented,
}

impl core::fmt::Display for Asked {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "line {}: {}: {} is not implemented", self.line, self.assignment, self.missing.feature)
    }
}

/// Returns the lines of a wpa_supplicant.conf that ask for something that is missing. The last assignment of a variable counts.
pub fn asked_of_supplicant(text: &str) -> Vec<Asked> {
    let mut found = Found::default();
    let mut block: Option<&str> = None;
    for (line, assignment) in assignments(text) {
        match assignment {
            "}" => {
                block = None;
                found.scope = 0;
            }
            "network={" | "cred={" => {
                block = Some(assignment);
                found.scope = line;
            }
            _ if block.is_none() && assignment.starts_with("blob-base64-") => block = Some(assignment),
            _ => match block {
                None => found.note(line, assignment, global),
                Some("network={") => found.note(line, assignment, network),
                // Credentials and blobs do nothing by themselves.
                Some(_) => {}
            },
        }
    }
    found.asked()
}

/// Returns the lines of a hostapd.conf that ask for something that is missing. The last assignment of a variable counts.
pub fn asked_of_hostapd(text: &str) -> Vec<Asked> {
    let mut found = Found::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        found.note(index + 1, line, hostapd);
    }
    found.asked()
}

/// The lines found so far, each with the block that it stands in.
#[derive(Default)]
struct Found {
    all: Vec<(usize, Asked)>,
    /// The line that the block began with; 0 is outside.
    scope: usize,
}

impl Found {
    /// Notes what an assignment asks for, in place of what an earlier one of the same variable asked for.
    fn note(&mut self, line: usize, assignment: &str, ask: fn(&str, &str) -> Option<NotImplemented>) {
        let Some((name, value)) = assignment.split_once('=') else { return };
        let scope = self.scope;
        self.all.retain(|(s, a)| *s != scope || a.assignment.split('=').next() != Some(name));
        if let Some(missing) = ask(name, value) {
            self.all.push((scope, Asked { line, assignment: assignment.to_owned(), missing }));
        }
    }

    fn asked(self) -> Vec<Asked> {
        self.all.into_iter().map(|(_, asked)| asked).collect()
    }
}

/// Lines without blanks and comments around what they say, with their numbers.
fn assignments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        (!line.is_empty() && !line.starts_with('#')).then_some((index + 1, line))
    })
}

#[cfg(test)]
mod tests;
