//! One file of all recordings: the first case of a format whole, each other one as what it has otherwise.
//!
//! A case begins with `## FORMAT VARIABLE VALUE`. `=N` stands for N lines of the format's first case, `-N` leaves N of
//! them out, and `+LINE` is a line of the case itself: `SECONDS DEVICE MARK TEXT`, the time in tenths of a second.
//! `«variable»` and `«value»` stand for those of the case.

use std::collections::BTreeMap;
use std::fmt::Write;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use wpasim::transcript::{Entry, Mark};
use wpasim_wire::time::Instant;

use super::cases::Case;

const TENTH: i64 = 100_000;

fn lines(case: &Case, entries: &[Entry]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in entries {
        for (index, line) in entry.lines.iter().enumerate() {
            let mark = if index == 0 { entry.mark.symbol() } else { '|' };
            // The name alone may be part of other words.
            let both = format!("{} {}", case.variable, case.value);
            let name = format!(" {}", case.variable);
            let mut line = line.replace(&both, "«variable» «value»");
            if entry.mark == Mark::Command && line.ends_with(&name) {
                line.truncate(line.len() - case.variable.len());
                line.push_str("«variable»");
            }
            out.push(format!("{} {} {mark} {line}", entry.time.micros() / TENTH, entry.device));
        }
    }
    out
}

fn entries(case: (&str, &str), lines: &[String]) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    for line in lines {
        let mut parts = line.splitn(4, ' ');
        let (Some(tenths), Some(device), Some(mark), Some(text)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            panic!("{line}")
        };
        let text = text.replace("«variable»", case.0).replace("«value»", case.1);
        let mark = match mark {
            "|" => {
                out.last_mut().expect("an entry comes first").lines.push(text);
                continue;
            }
            ">" => Mark::Command,
            "<" => Mark::Reply,
            "!" => Mark::Event,
            "#" => Mark::Note,
            _ => panic!("{line}"),
        };
        let time = Instant::from_micros(tenths.parse::<i64>().unwrap() * TENTH);
        out.push(Entry { time, device: device.to_owned(), mark, lines: vec![text], awaited: false });
    }
    out
}

/// The text of all recordings.
pub fn write(cases: &[(&Case, &Vec<Entry>)]) -> String {
    let mut out = String::new();
    let mut first: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (case, entries) in cases {
        let _ = writeln!(out, "## {case}");
        let own = lines(case, entries);
        let Some(base) = first.get(case.format.name()) else {
            own.iter().for_each(|line| out.push_str(&format!("+{line}\n")));
            first.insert(case.format.name(), own);
            continue;
        };
        for operation in capture_diff_slices(Algorithm::Myers, base, &own) {
            let (kept, old, new) = match operation {
                DiffOp::Equal { len, .. } => (len, 0, 0..0),
                DiffOp::Delete { old_len, .. } => (0, old_len, 0..0),
                DiffOp::Insert { new_index, new_len, .. } => (0, 0, new_index..new_index + new_len),
                DiffOp::Replace { old_len, new_index, new_len, .. } => {
                    (0, old_len, new_index..new_index + new_len)
                }
            };
            if kept > 0 {
                let _ = writeln!(out, "={kept}");
            }
            if old > 0 {
                let _ = writeln!(out, "-{old}");
            }
            own.get(new).unwrap_or_default().iter().for_each(|line| out.push_str(&format!("+{line}\n")));
        }
    }
    out
}

/// The recordings by case.
pub fn read(text: &str) -> BTreeMap<String, Vec<Entry>> {
    let mut out = BTreeMap::new();
    let mut first: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in text.split("## ").skip(1) {
        let (head, body) = part.split_once('\n').unwrap();
        let mut words = head.splitn(3, ' ');
        let (format, variable, value) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let mut own = Vec::new();
        let mut base = first.get(format).into_iter().flatten();
        for line in body.lines() {
            let (operation, rest) = line.split_at(1);
            match operation {
                "+" => own.push(rest.to_owned()),
                "=" => own.extend(base.by_ref().take(rest.parse().unwrap()).cloned()),
                "-" => drop(base.by_ref().take(rest.parse().unwrap()).count()),
                _ => panic!("{line}"),
            }
        }
        out.insert(head.to_owned(), entries((variable, value), &own));
        first.entry(format.to_owned()).or_insert(own);
    }
    out
}
