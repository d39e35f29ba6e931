//! Programs for a world: a step a line, which can be read and written, so that a find can be understood and cut down by
//! hand, and so that dictionaries of commands apply.

use std::fmt::Write;

/// Where a command goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub enum Socket {
    Global,
    /// The first interface is 0.
    Interface(u8),
}

/// What the air does to frames of a kind between two devices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub enum Fault {
    Drop,
    DropAck,
    Delay,
    Corrupt,
    Duplicate,
}

const FAULTS: [(&str, Fault); 5] = [
    ("drop", Fault::Drop),
    ("drop-ack", Fault::DropAck),
    ("delay", Fault::Delay),
    ("corrupt", Fault::Corrupt),
    ("duplicate", Fault::Duplicate),
];

/// A step of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub enum Step {
    /// `0: SCAN`, `1/g: INTERFACES`, `2/1: STATUS`.
    Command {
        device: u8,
        socket: Socket,
        text: Text,
    },
    /// `wait 500`, in milliseconds.
    Wait(u16),
    /// `frame 2437 c000…`.
    Frame {
        freq: u16,
        octets: Vec<u8>,
    },
    /// `again 3 24 ff`: the third last frame once more, with one octet changed.
    Again {
        back: u8,
        offset: u16,
        change: u8,
    },
    /// `rule drop eapol 0 3 500`: between two devices, in thousandths.
    Rule {
        fault: Fault,
        kind: u8,
        from: u8,
        to: u8,
        permille: u16,
    },
    /// `loss 0 3 200`: both ways, in thousandths.
    Loss {
        a: u8,
        b: u8,
        permille: u16,
    },
    /// `calm`: no rules and no losses.
    Calm,
    /// `kill 0`, `start 0`.
    Kill(u8),
    Start(u8),
    /// `off 0`, `on 0`: a device's radios.
    Off(u8),
    On(u8),
    /// `close 0`: the client of a device goes away.
    Close(u8),
}

/// A command's octets; a mutator takes them from the dictionary.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text(pub Vec<u8>);

#[cfg(fuzzing)]
impl<'a> arbitrary::Arbitrary<'a> for Text {
    fn arbitrary(choices: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        const VALUES: [&str; 12] = [
            "0",
            "1",
            "*",
            "any",
            "pbc",
            "12345670",
            "02:00:00:00:00:00",
            "02:00:00:00:01:00",
            "02:00:00:00:02:00",
            "02:00:00:00:03:00",
            "2412",
            "\"net\"",
        ];
        let words = |dictionary: &'static str| -> Vec<&'static str> {
            dictionary.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"')).collect()
        };
        let commands = words(include_str!("../dictionaries/commands.dict"));
        let arguments = words(include_str!("../dictionaries/arguments.dict"));
        let mut text = (*choices.choose(&commands)?).to_owned();
        for _ in 0..choices.int_in_range(0..=3)? {
            text += if text.ends_with([' ', '=']) { "" } else { " " };
            text +=
                if choices.ratio(2, 3)? { choices.choose(&VALUES)? } else { choices.choose(&arguments)? };
        }
        Ok(Text(text.into_bytes()))
    }
}

/// The steps of a program; a line that is none is left out.
pub fn parse<'a>(program: &'a [u8], kinds: &'a [&str]) -> impl Iterator<Item = Step> + 'a {
    program.split(|b| *b == b'\n').filter_map(|line| step(line, kinds))
}

fn step(line: &[u8], kinds: &[&str]) -> Option<Step> {
    if line.first()?.is_ascii_digit() {
        return command(line);
    }
    let line = core::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    let word = words.next()?;
    let mut number = |limit: u32| words.next()?.parse::<u32>().ok().filter(|n| *n <= limit);
    const OCTET: u32 = u8::MAX as u32;
    const TWO: u32 = u16::MAX as u32;
    Some(match word {
        "wait" => Step::Wait(number(TWO)? as u16),
        "frame" => Step::Frame { freq: number(TWO)? as u16, octets: hex(words.next()?)? },
        "again" => Step::Again {
            back: number(OCTET)? as u8,
            offset: number(TWO)? as u16,
            change: number(OCTET)? as u8,
        },
        "rule" => {
            let fault = words.next()?;
            let (_, fault) = FAULTS.iter().find(|(name, _)| *name == fault)?;
            let kind = words.next()?;
            let kind = kinds.iter().position(|k| *k == kind)? as u8;
            let mut number = |limit: u32| words.next()?.parse::<u32>().ok().filter(|n| *n <= limit);
            let (from, to) = (number(OCTET)? as u8, number(OCTET)? as u8);
            Step::Rule { fault: *fault, kind, from, to, permille: number(TWO)? as u16 }
        }
        "loss" => {
            Step::Loss { a: number(OCTET)? as u8, b: number(OCTET)? as u8, permille: number(TWO)? as u16 }
        }
        "calm" => Step::Calm,
        "kill" => Step::Kill(number(OCTET)? as u8),
        "start" => Step::Start(number(OCTET)? as u8),
        "off" => Step::Off(number(OCTET)? as u8),
        "on" => Step::On(number(OCTET)? as u8),
        "close" => Step::Close(number(OCTET)? as u8),
        _ => return None,
    })
}

/// `0: SCAN`, with whatever octets behind the blank.
fn command(line: &[u8]) -> Option<Step> {
    let colon = line.iter().position(|b| *b == b':')?;
    let (place, text) = line.split_at(colon);
    let place = core::str::from_utf8(place).ok()?;
    let (device, socket) = match place.split_once('/') {
        None => (place, Socket::Interface(0)),
        Some((device, "g")) => (device, Socket::Global),
        Some((device, interface)) => (device, Socket::Interface(interface.parse().ok()?)),
    };
    let text = Text(text.strip_prefix(b": ")?.to_vec());
    Some(Step::Command { device: device.parse().ok()?, socket, text })
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |octet: &u8| (*octet as char).to_digit(16);
    let pair = |pair: &[u8]| Some((digit(pair.first()?)? * 16 + digit(pair.get(1)?)?) as u8);
    digits.as_bytes().chunks(2).map(pair).collect()
}

/// The line of a step, with its newline.
pub fn write(step: &Step, kinds: &[&str]) -> Vec<u8> {
    let mut line = String::new();
    let written = match step {
        Step::Command { device, socket, text } => {
            let place = match socket {
                Socket::Interface(0) => device.to_string(),
                Socket::Interface(interface) => format!("{device}/{interface}"),
                Socket::Global => format!("{device}/g"),
            };
            let text: Vec<u8> = text.0.iter().copied().filter(|b| *b != b'\n').collect();
            return [format!("{place}: ").as_bytes(), &text, b"\n"].concat();
        }
        Step::Wait(time) => writeln!(line, "wait {time}"),
        Step::Frame { freq, octets } => {
            let octets: String = octets.iter().map(|b| format!("{b:02x}")).collect();
            writeln!(line, "frame {freq} {octets}")
        }
        Step::Again { back, offset, change } => writeln!(line, "again {back} {offset} {change}"),
        Step::Rule { fault, kind, from, to, permille } => {
            let name = FAULTS.iter().find(|(_, f)| f == fault).map_or("drop", |(name, _)| name);
            let kind = kinds[usize::from(*kind) % kinds.len()];
            writeln!(line, "rule {name} {kind} {from} {to} {permille}")
        }
        Step::Loss { a, b, permille } => writeln!(line, "loss {a} {b} {permille}"),
        Step::Calm => writeln!(line, "calm"),
        Step::Kill(device) => writeln!(line, "kill {device}"),
        Step::Start(device) => writeln!(line, "start {device}"),
        Step::Off(device) => writeln!(line, "off {device}"),
        Step::On(device) => writeln!(line, "on {device}"),
        Step::Close(device) => writeln!(line, "close {device}"),
    };
    // Writing into a string cannot fail.
    let _ = written;
    line.into_bytes()
}
