//! Transcripts: what was said on the control connections of a run, in one canonical text.
//!
//! ```text
//! # wpasim transcript 1
//! # about: PING, and what comes of it
//! # made by: wpa_supplicant 2.10
//! # origin: recording
//!      2.779000 sta      > PING
//!      2.779000 sta      < PONG
//!      2.785000 sta      ! <3>CTRL-EVENT-DSCP-POLICY clear_all
//! ```
//!
//! `>` is a command, `<` its reply, `!` an event, `#` a note; further lines of any of them follow
//! without a mark.

use std::fmt;

use serde::{Deserialize, Serialize};
use wpasim_wire::time::Instant;

use crate::scenario::problem::{Place, Problem};

/// The version of the transcript format.
pub const FORMAT: u32 = 1;

/// The first words of every transcript.
const MAGIC: &str = "# wpasim transcript ";

/// The kind of an entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Mark {
    /// `>`
    Command,
    /// `<`
    Reply,
    /// `!`
    Event,
    /// `#`
    Note,
}

impl Mark {
    /// The character in the text.
    pub fn symbol(self) -> char {
        match self {
            Mark::Command => '>',
            Mark::Reply => '<',
            Mark::Event => '!',
            Mark::Note => '#',
        }
    }

    fn of(symbol: char) -> Option<Self> {
        [Mark::Command, Mark::Reply, Mark::Event, Mark::Note].into_iter().find(|m| m.symbol() == symbol)
    }
}

/// A command, a reply, an event or a note.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    #[serde(with = "crate::run::saved::instant")]
    pub time: Instant,
    /// The device, with its socket and connection: `sta`, `sta.global`, `sta/mon2`.
    pub device: String,
    /// The kind of the thing.
    pub mark: Mark,
    /// Its lines, at least one.
    pub lines: Vec<String>,
    /// Whether a step waited for this event. Known of a run; not part of the text.
    pub awaited: bool,
}

/// The maker of a transcript, which says how it is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Origin {
    /// Our own engine; compared exactly, in order.
    Engine,
    /// Our own engine and the reference on one air.
    Mixed,
    /// The real thing in the lab: both connections were read as they became ready.
    Lab,
    /// An imported recording of the reference: the monitor was read between commands only.
    Recording,
}

impl Origin {
    const NAMES: [(&'static str, Origin); 4] = [
        ("engine", Origin::Engine),
        ("mixed", Origin::Mixed),
        ("lab", Origin::Lab),
        ("recording", Origin::Recording),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, o)| *o == self).map_or("engine", |(n, _)| n)
    }
}

/// The description that a transcript gives of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// One line; may be empty.
    pub about: String,
    /// Implementation and version.
    pub made_by: String,
    /// Kernel and radio, if there was one.
    pub kernel: String,
    /// The seed, if the run had one.
    pub seed: Option<u64>,
    /// The maker of it.
    pub origin: Origin,
    /// The devices that were listened to; what others say in a run is not compared. Empty: all of them.
    pub listened: Vec<String>,
    /// Random choices of the recorded run, so that an engine can be given the same.
    pub pins: Vec<(String, String)>,
}

impl Header {
    /// Whether a device, with its socket and connection as entries have it, was listened to.
    pub fn has_listened_to(&self, device: &str) -> bool {
        let name = device.split(['.', '/']).next().unwrap_or(device);
        self.listened.is_empty() || self.listened.iter().any(|listened| listened == name)
    }
}

/// A transcript.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Transcript {
    /// The description that it gives of itself.
    pub header: Header,
    /// In order.
    pub entries: Vec<Entry>,
}

impl Entry {
    /// An entry from a datagram's bytes.
    pub fn new(time: Instant, device: &str, mark: Mark, data: &[u8]) -> Self {
        Entry { time, device: device.to_owned(), mark, lines: lines_of(data), awaited: false }
    }

    /// The lines joined.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// The lines of a datagram without the line feeds at its end. Bytes that are no printable text
/// appear as `\xHH`.
pub fn lines_of(data: &[u8]) -> Vec<String> {
    let end = data.iter().rposition(|b| *b != b'\n').map_or(0, |i| i + 1);
    data[..end].split(|b| *b == b'\n').map(printable).collect()
}

/// A line as a terminal can show it: control characters other than the tab, and octets that are
/// not UTF-8, as `\x1b`.
pub fn printable(line: &[u8]) -> String {
    let mut out = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() && c != '\t' {
                let mut utf8 = [0; 4];
                c.encode_utf8(&mut utf8).bytes().for_each(|b| out.push_str(&format!("\\x{b:02x}")));
            } else {
                out.push(c);
            }
        }
        chunk.invalid().iter().for_each(|b| out.push_str(&format!("\\x{b:02x}")));
    }
    out
}

/// The first line of an entry as diffs and reports show it: `b ! WPS-SUCCESS`.
pub fn shown(device: &str, symbol: char, line: &str) -> String {
    format!("{device} {symbol} {line}")
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = &self.header;
        writeln!(f, "{MAGIC}{FORMAT}")?;
        if !header.about.is_empty() {
            writeln!(f, "# about: {}", header.about)?;
        }
        writeln!(f, "# made by: {}", header.made_by)?;
        writeln!(f, "# origin: {}", header.origin.name())?;
        if !header.kernel.is_empty() {
            writeln!(f, "# kernel: {}", header.kernel)?;
        }
        if let Some(seed) = header.seed {
            writeln!(f, "# seed: {seed}")?;
        }
        if !header.listened.is_empty() {
            writeln!(f, "# listened to: {}", header.listened.join(", "))?;
        }
        for (name, value) in &header.pins {
            writeln!(f, "# pin: {name}={value}")?;
        }
        for entry in &self.entries {
            for (i, line) in entry.lines.iter().enumerate() {
                let symbol = if i == 0 { entry.mark.symbol() } else { ' ' };
                writeln!(f, "{:>13} {:8} {symbol} {line}", entry.time.to_string(), entry.device)?;
            }
        }
        Ok(())
    }
}

/// Reads a transcript.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse(text: &str) -> Result<Transcript, Problem> {
    let mut header = Header {
        about: String::new(),
        made_by: String::new(),
        kernel: String::new(),
        seed: None,
        origin: Origin::Engine,
        listened: Vec::new(),
        pins: Vec::new(),
    };
    let mut entries = Vec::new();
    let mut lines = text.lines().enumerate();
    match lines.next().map(|(_, l)| l.strip_prefix(MAGIC).and_then(|v| v.trim().parse::<u32>().ok())) {
        Some(Some(FORMAT)) => {}
        Some(Some(newer)) if newer > FORMAT => {
            return Err(Problem::new(
                Place::START,
                format!("transcript format {newer} is not known to this wpasim"),
            )
            .help(format!("this one reads format {FORMAT}; a newer wpasim may read it")));
        }
        _ => {
            return Err(Problem::new(Place::START, "not a transcript").help(format!(
                "the first line must be \"{MAGIC}{FORMAT}\"; `wpasim import` makes one of a recording"
            )));
        }
    }
    for (number, line) in lines {
        let at = Place { line: number + 1, column: 1 };
        if line.trim().is_empty() {
            continue;
        }
        if let Some(rest) = line.strip_prefix("# ")
            && entries.is_empty()
        {
            read_header(&mut header, rest, at)?;
            continue;
        }
        read_line(&mut entries, line, at)?;
    }
    if header.made_by.is_empty() {
        return Err(Problem::new(Place::START, "the header does not say what made it").help("# made by: …"));
    }
    Ok(Transcript { header, entries })
}

fn read_header(header: &mut Header, rest: &str, at: Place) -> Result<(), Problem> {
    let Some((key, value)) = rest.split_once(':') else {
        return Err(Problem::new(at, "not a header line").help("# KEY: VALUE"));
    };
    let whole = value.strip_prefix(' ').unwrap_or(value);
    let value = value.trim();
    match key {
        "about" => header.about = value.to_owned(),
        "made by" => header.made_by = value.to_owned(),
        "kernel" => header.kernel = value.to_owned(),
        "seed" => {
            let seed = value.parse().map_err(|_| Problem::new(at, "the seed is no number"))?;
            header.seed = Some(seed);
        }
        "origin" => {
            header.origin = Origin::NAMES
                .iter()
                .find(|(name, _)| *name == value)
                .map(|(_, origin)| *origin)
                .ok_or_else(|| {
                    Problem::new(at, format!("unknown origin \"{value}\"")).help("engine, lab or recording")
                })?;
        }
        "listened to" => header.listened = value.split(',').map(|name| name.trim().to_owned()).collect(),
        "pin" => match whole.split_once('=') {
            Some((name, pinned)) => header.pins.push((name.to_owned(), pinned.to_owned())),
            None => return Err(Problem::new(at, "a pin is NAME=VALUE")),
        },
        other => {
            return Err(Problem::new(at, format!("unknown header \"{other}\""))
                .help("about, made by, origin, kernel, seed, listened to or pin"));
        }
    }
    Ok(())
}

/// Reads a line `TIME DEVICE MARK TEXT` into `entries`: a new entry, or a further line of the last.
///
/// # Errors
/// The fault in it.
pub fn read_line(entries: &mut Vec<Entry>, line: &str, at: Place) -> Result<(), Problem> {
    let wrong = |column: usize, message: &str| {
        Problem::new(Place { line: at.line, column }, message).help("a line is TIME DEVICE MARK TEXT")
    };
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (time_text, rest) =
        line[indent..].split_once(' ').ok_or_else(|| wrong(1, "not a line of a transcript"))?;
    let time = parse_time(time_text).ok_or_else(|| wrong(indent + 1, "not a time in seconds"))?;
    let device = rest.split(' ').next().unwrap_or_default();
    let device_column = indent + time_text.chars().count() + 2;
    if device.is_empty() {
        return Err(wrong(device_column, "no device"));
    }
    if device.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(wrong(device_column, "not the name of a device"));
    }
    let padding = 8usize.saturating_sub(device.chars().count());
    let after: String = rest[device.len()..].chars().skip(padding).collect();
    let mut after = after.chars();
    after.next();
    let symbol = after.next().unwrap_or(' ');
    after.next();
    let text: String = after.collect();
    let mark_column = device_column + device.chars().count() + padding + 1;
    if symbol == ' ' {
        return match entries.last_mut() {
            Some(entry) if entry.device == device => {
                entry.lines.push(text);
                Ok(())
            }
            _ => Err(wrong(mark_column, "a further line of nothing")),
        };
    }
    let mark = Mark::of(symbol).ok_or_else(|| wrong(mark_column, "not one of the marks > < ! #"))?;
    entries.push(Entry { time, device: device.to_owned(), mark, lines: vec![text], awaited: false });
    Ok(())
}

fn parse_time(text: &str) -> Option<Instant> {
    let (seconds, fraction) = text.split_once('.')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) || fraction.len() > 6 || seconds.len() > 12 {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").parse().ok()?;
    Some(Instant::from_micros(seconds.parse::<i64>().ok()? * 1_000_000 + micros))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn datagrams_become_lines() {
        assert_eq!(lines_of(b"OK\n"), ["OK"]);
        assert_eq!(lines_of(b""), [""]);
        assert_eq!(lines_of(b"a\n\nb\n"), ["a", "", "b"]);
        assert_eq!(lines_of(b"\xff\0x\ty"), ["\\xff\\x00x\ty"]);
    }

    #[test]
    fn what_does_not_parse_is_said_with_its_place() {
        let head = "# wpasim transcript 1\n# made by: x\n";
        let at = |text: &str| parse(text).unwrap_err();
        assert_eq!(at("").place, Place::START);
        assert_eq!(at("# wpasim transcript 2\n").message, "transcript format 2 is not known to this wpasim");
        assert_eq!(at(&format!("{head}rubbish\n")).place.line, 3);
        assert_eq!(
            at(&format!("{head}     0.000001 sta      ? PING\n")).place,
            Place { line: 3, column: 24 }
        );
        assert_eq!(
            at(&format!("{head}     0.000001 sta        PING\n")).message,
            "a further line of nothing"
        );
        assert_eq!(at(&format!("{head}# colour: red\n")).message, "unknown header \"colour\"");
    }

    fn line() -> impl Strategy<Value = String> {
        "[ -~\t\u{e4}\u{20ac}]{0,40}"
    }

    prop_compose! {
        fn entry()(
            time in 0i64..1_000_000_000_000,
            device in "[a-z][a-z0-9-]{0,11}(/mon2|\\.global)?",
            mark in 0usize..4,
            lines in proptest::collection::vec(line(), 1..4),
        ) -> Entry {
            let mark = [Mark::Command, Mark::Reply, Mark::Event, Mark::Note][mark];
            Entry { time: Instant::from_micros(time), device, mark, lines, awaited: false }
        }
    }

    proptest! {
        #[test]
        fn text_and_back(
            entries in proptest::collection::vec(entry(), 0..8),
            about in "([!-~][ -~]{0,20}[!-~])?",
            seed in proptest::option::of(0u64..=u64::MAX),
            listened in proptest::collection::vec("[a-z][a-z0-9-]{0,7}", 0..3),
        ) {
            let header = Header {
                about,
                made_by: "wpa_supplicant 2.10".into(),
                kernel: "Linux 6.1".into(),
                seed,
                origin: Origin::Lab,
                listened,
                pins: vec![("ssid".into(), "DIRECT-Of=x".into())],
            };
            let transcript = Transcript { header, entries };
            let text = transcript.to_string();
            prop_assert_eq!(parse(&text).unwrap(), transcript);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = parse(&text);
            let _ = parse(&format!("# wpasim transcript 1\n# made by: x\n{text}"));
        }
    }
}
