//! The effect of each variable and each command in this engine: the one table that says what is carried out, what is only
//! kept, and what wpa_supplicant and hostapd 2.10 act on and this engine does not. From it are made the answers to
//! commands that are refused by name, the warnings of `check`, `run` and `serve`, the skips, and docs/support.md.

pub mod commands;
pub mod credential;
mod defaults;
pub mod global;
pub mod hostapd;
pub mod network;
pub mod set;
pub mod words;

use super::text::atoi;
use defaults::{is_default_of_global, is_default_of_hostapd, is_default_of_network, says_nothing};

/// A variable, or a word that is a value, and what it does.
pub type Row = (&'static str, Standing);

/// The effect of a variable in this engine.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// The variable does what it does in 2.10.
    Effect,
    /// It is read, checked, printed and saved as in 2.10, and has no other effect. The reason why this is no difference
    /// that could be seen: it does nothing by itself, or nothing here would show what it does.
    Stored(&'static str),
    /// 2.10 acts on some of its values in a way that this engine does not: what these ask for.
    Missing(&'static str, Asks),
    /// The same, and what asks for it is refused by name: a process does not start with a configuration that does, since
    /// it would only pretend, and a command fails.
    Refused(&'static str, Asks),
    /// It depends on the words of the value.
    Words(&'static [Row]),
}

/// The values that ask for a feature that is missing.
#[derive(Clone, Copy, Debug)]
pub enum Asks {
    /// Every value, and a command as such.
    Always,
    /// Every number but 0.
    NotZero,
    /// Every text but the empty one.
    NotEmpty,
    /// These.
    Is(&'static [&'static str]),
    /// All but these.
    Not(&'static [&'static str]),
}

/// A feature that a value or a command asks for and does not get here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lack {
    /// A feature that is not here: `management frame protection`.
    Missing(&'static str),
    /// The same; what asks for it is refused by name.
    Refused(&'static str),
    /// It is kept, and nothing else: why.
    Stored(&'static str),
}

impl Lack {
    /// Whether a run in which it is asked for would show nothing.
    pub fn is_missing(self) -> bool {
        !matches!(self, Lack::Stored(_))
    }
}

impl core::fmt::Display for Lack {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Lack::Missing(feature) | Lack::Refused(feature) => write!(f, "{feature} is not implemented"),
            Lack::Stored(reason) => write!(f, "it is stored only: {reason}"),
        }
    }
}

impl Asks {
    fn asked_by(self, value: &str) -> bool {
        let value = unquoted(value);
        match self {
            Asks::Always => true,
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
    /// Returns what a value does not get; a value that is only stored counts if it is another than the default.
    fn lack(self, value: &str, is_default: bool) -> Option<Lack> {
        match self {
            Standing::Effect => None,
            Standing::Stored(reason) => (!is_default).then_some(Lack::Stored(reason)),
            Standing::Missing(feature, asks) => asks.asked_by(value).then_some(Lack::Missing(feature)),
            Standing::Refused(feature, asks) => asks.asked_by(value).then_some(Lack::Refused(feature)),
            Standing::Words(rows) => {
                // A word that is stored only is one that 2.10 leaves out, too.
                let words = value.split([' ', '\t']).filter(|w| !w.is_empty());
                let found: Vec<Option<Lack>> =
                    words.map(|word| lookup(rows, word).and_then(|row| row.lack(word, true))).collect();
                let first = found.iter().flatten().next().copied()?;
                // With one word left that is not refused, something is done.
                let is_refused = found.iter().all(|f| matches!(f, Some(Lack::Refused(_))));
                Some(match first {
                    Lack::Refused(feature) if !is_refused => Lack::Missing(feature),
                    other => other,
                })
            }
        }
    }
}

/// The row of a name.
pub fn lookup(rows: &'static [Row], name: &str) -> Option<Standing> {
    rows.iter().find(|(n, _)| *n == name).map(|(_, standing)| *standing)
}

/// Returns what a variable of a network does not get.
pub fn network(name: &str, value: &str) -> Option<Lack> {
    lookup(network::ROWS, name)?.lack(value, is_default_of_network(name, value))
}

/// Returns what a global variable of wpa_supplicant.conf does not get.
pub fn global(name: &str, value: &str) -> Option<Lack> {
    if name.starts_with("wmm_ac_") || name.starts_with("tx_queue_") {
        return Some(Lack::Stored("an access point in mode 2 keeps the defaults of these"));
    }
    lookup(global::ROWS, name)?.lack(value, is_default_of_global(name, value))
}

/// Returns what a variable of a credential does not get.
pub fn credential(name: &str, value: &str) -> Option<Lack> {
    lookup(credential::ROWS, name)?.lack(value, says_nothing(value))
}

/// Returns what a variable of hostapd.conf does not get.
pub fn hostapd(variable: &str, value: &str) -> Option<Lack> {
    if variable.starts_with("tx_queue_") {
        return Some(Lack::Stored("for the driver; nothing here shows it"));
    }
    lookup(hostapd::ROWS, variable)?.lack(value, is_default_of_hostapd(variable, value))
}

/// The socket through which a command is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Socket {
    /// An interface of wpa_supplicant.
    Interface,
    /// The process-wide socket of wpa_supplicant.
    Process,
    /// A BSS of hostapd.
    Hostapd,
    /// The process-wide socket of hostapd.
    HostapdProcess,
}

/// A command that does not get what it asks for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AskedByCommand {
    /// The command, and the variable if it sets one: `SET_NETWORK bgscan`. Values may be secrets.
    pub subject: String,
    /// The feature that the value asks for.
    pub lack: Lack,
}

impl core::fmt::Display for AskedByCommand {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.subject, self.lack)
    }
}

/// Returns what a command does not get: the command itself, or the variable that it sets.
pub fn asked_by_command(socket: Socket, text: &str) -> Option<AskedByCommand> {
    let (own, of_interface) = match socket {
        Socket::Interface => (commands::INTERFACE, None),
        Socket::Process => (commands::PROCESS, Some(Socket::Interface)),
        Socket::Hostapd => (commands::HOSTAPD, None),
        Socket::HostapdProcess => (commands::HOSTAPD_PROCESS, Some(Socket::Hostapd)),
    };
    if let Some(inner) = of_interface
        && let Some((_, text)) = text.strip_prefix("IFNAME=").and_then(|rest| rest.split_once(' '))
    {
        return asked_by_command(inner, text);
    }
    let command = own.iter().find(|command| command.is(text));
    if command.is_none() && socket == Socket::Process {
        // The process gives a command that it does not know itself to the P2P device's interface.
        return asked_by_command(Socket::Interface, text);
    }
    let command = command?;
    if let Some(lack) = command.standing.lack("", false) {
        return Some(AskedByCommand { subject: command.name.to_owned(), lack });
    }
    let (_, arguments) = text.split_once(' ')?;
    let (variable, value) = match command.name {
        "SET" | "P2P_SET" => arguments.split_once(' ')?,
        "SET_NETWORK" | "SET_CRED" => arguments.split_once(' ')?.1.split_once(' ')?,
        _ => return None,
    };
    let or_file = |rows, of_file: fn(&str, &str) -> Option<Lack>| {
        let own = lookup(rows, &variable.to_ascii_lowercase());
        own.map_or_else(|| of_file(variable, value), |row| row.lack(value, says_nothing(value)))
    };
    let lack = match command.name {
        "SET" if socket == Socket::Hostapd => or_file(set::HOSTAPD, hostapd),
        "SET" => or_file(set::SUPPLICANT, global),
        "P2P_SET" => lookup(set::P2P, variable)?.lack(value, says_nothing(value)),
        "SET_CRED" => credential(variable, value),
        _ => network(variable, value),
    };
    Some(AskedByCommand { subject: format!("{} {variable}", command.name), lack: lack? })
}

/// A line of a configuration that asks for something that it does not get.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Counted from 1.
    pub line: usize,
    /// As it is written: `ieee80211w=2`.
    pub assignment: String,
    /// The feature that the value asks for.
    pub lack: Lack,
}

impl core::fmt::Display for Asked {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.assignment, self.lack)
    }
}

/// Returns the lines of a wpa_supplicant.conf that ask for something that they do not get. The last assignment of a
/// variable counts.
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
                Some("cred={") => found.note(line, assignment, credential),
                // A blob is used by what names it.
                Some(_) => {}
            },
        }
    }
    found.asked()
}

/// Returns the lines of a hostapd.conf that ask for something that they do not get. The last assignment of a variable
/// counts, in each of its BSSs.
pub fn asked_of_hostapd(text: &str) -> Vec<Asked> {
    let mut found = Found::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        if line.starts_with("bss=") {
            found.scope = index + 1;
        }
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
    fn note(&mut self, line: usize, assignment: &str, ask: fn(&str, &str) -> Option<Lack>) {
        let Some((name, value)) = assignment.split_once('=') else { return };
        let scope = self.scope;
        self.all.retain(|(s, a)| *s != scope || a.assignment.split('=').next() != Some(name));
        if let Some(lack) = ask(name, value) {
            self.all.push((scope, Asked { line, assignment: assignment.to_owned(), lack }));
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
