//! The one matcher: it decides pass, shows the diff, and says whether there is anything to bless.
//!
//! Two transcripts of our own engine are compared exactly and in order. If wpa_supplicant made one of
//! them then, per device, commands with their replies are one sequence and each monitor's events
//! another; between them only this is checked: an awaited event comes before the next command, and an
//! event that a command causes does not come before it. Of an imported recording, events after the
//! last command are optional; one made in the lab was read to its end.

mod lines;
pub mod mask;

use std::collections::{BTreeMap, BTreeSet};

use similar::{Algorithm, DiffOp, capture_diff_slices};
use wpasim_wire::time::{Duration, Instant};

use crate::transcript::{Entry, Mark, Origin, Transcript};
use lines::{
    Line, events, exact_lines, last_command, restores_regulatory, said, unheard_after, unheard_before,
};
use mask::{Nature, ROWS, Space};

/// The fate of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    /// In both.
    Same,
    /// Only in the reference.
    Missing,
    /// Only in the run.
    Extra,
}

/// A line of a diff.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffLine {
    /// The fate of the line.
    pub tag: Tag,
    /// `sta ! CTRL-EVENT-CONNECTED …`, masked values by name.
    pub text: String,
    /// When, in its own transcript.
    pub time: Instant,
    /// The entry of the transcript it is from: the reference's if missing, else the run's.
    pub entry: usize,
    /// The place of the line in the reference, or the line there that it comes after: the entry, and the
    /// line within it.
    pub reference: Option<(usize, usize)>,
    /// The deviation that allows it.
    pub allowed_by: Option<usize>,
}

/// The outcome of a comparison.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// One list per sequence that differs, with some lines around each difference.
    pub hunks: Vec<Vec<DiffLine>>,
    /// Orders between commands and events that differ, in words.
    pub order: Vec<String>,
    /// Lines that come earlier or later than in the reference, in words; only where times are compared.
    pub shifts: Vec<String>,
    /// The entries that match: the reference's and the run's.
    pub aligned: Vec<(usize, usize)>,
    /// The deviations that were needed.
    pub deviations: Vec<usize>,
    /// The last entry of the reference that the run has too: so far it came.
    pub reached: Option<usize>,
}

impl Comparison {
    /// Whether the run is what the reference says, known deviations aside.
    pub fn passes(&self) -> bool {
        self.order.is_empty()
            && self.shifts.is_empty()
            && self.differences().all(|line| line.allowed_by.is_some())
    }

    /// Whether the run is what the reference says, without any deviation.
    pub fn is_clean(&self) -> bool {
        self.order.is_empty() && self.shifts.is_empty() && self.hunks.is_empty()
    }

    /// The lines that differ.
    pub fn differences(&self) -> impl Iterator<Item = &DiffLine> {
        self.hunks.iter().flatten().filter(|line| line.tag != Tag::Same)
    }
}

/// Says whether a known deviation allows a differing line: its index, if so.
pub type Allowance<'a> = &'a dyn Fn(&str) -> Option<usize>;

/// Lines shown around a difference.
const CONTEXT: usize = 2;
/// The time by which an event must have been recorded after a command's reply to be certainly its
/// consequence: the recorder read what had come before in the same instant.
const CERTAINLY_LATER: Duration = Duration::from_millis(10);

/// Compares a run with its reference.
pub fn compare(reference: &Transcript, run: &Transcript, allowance: Allowance<'_>) -> Comparison {
    let mut comparison = Comparison::default();
    let mut names = Names::default();
    let origins = [reference.header.origin, run.header.origin];
    if origins == [Origin::Engine; 2] {
        let (old, new) = (exact_lines(&reference.entries), exact_lines(&run.entries));
        diff(&old, &new, &mut names, allowance, &mut comparison);
        return comparison;
    }
    let mut devices: Vec<&str> = Vec::new();
    for entry in reference.entries.iter().chain(&run.entries) {
        if !devices.contains(&entry.device.as_str()) && reference.header.has_listened_to(&entry.device) {
            devices.push(&entry.device);
        }
    }
    for device in devices {
        let (old, new) = (said(&reference.entries, device), said(&run.entries, device));
        diff(&old, &new, &mut names, allowance, &mut comparison);
        // Only an imported recording's monitor was not read to the end.
        let (mut old_end, mut new_end) = (Some(usize::MAX), Some(usize::MAX));
        if reference.header.origin == Origin::Recording {
            old_end = last_command(&reference.entries);
            new_end = unheard_after(&reference.entries, &run.entries);
        }
        let mut old = events(&reference.entries, device, old_end);
        let mut new = events(&run.entries, device, new_end);
        if reference.header.origin == Origin::Recording {
            let (in_old, in_new) =
                (unheard_before(&reference.entries, device), unheard_before(&run.entries, device));
            old.retain(|line| line.entry >= in_old);
            new.retain(|line| line.entry >= in_new);
        }
        if origins.contains(&Origin::Mixed) {
            // Two kernels: neither knows whether the other's interfaces are idle.
            old.retain(|line| !restores_regulatory(line));
            new.retain(|line| !restores_regulatory(line));
        }
        let pairs = diff(&old, &new, &mut names, allowance, &mut comparison);
        let aligned: Vec<(usize, usize)> =
            pairs.into_iter().map(|(o, n)| (old[o].entry, new[n].entry)).collect();
        check_order(&reference.entries, &run.entries, device, &aligned, &mut comparison);
    }
    comparison
}

/// The values of the run and those of the reference that they stand for, by row, and their numbers.
#[derive(Default)]
struct Names {
    there: BTreeMap<(usize, String), (String, usize)>,
    back: BTreeMap<(usize, String), String>,
    count: BTreeMap<usize, usize>,
    /// Rows of which two values of the reference are one in the run.
    coincided: BTreeSet<usize>,
}

impl Names {
    /// Whether the values of two lines with equal keys can be the same; remembers them if so.
    fn unify(&mut self, old: &Line, new: &Line) -> bool {
        for (a, b) in old.masked.values.iter().zip(&new.masked.values) {
            let Nature::Identity(space) = ROWS[a.row].nature else { continue };
            let forward = self.there.get(&(a.row, a.value.clone()));
            let backward = self.back.get(&(b.row, b.value.clone()));
            match (forward, backward) {
                (Some((value, _)), _) if *value == b.value => continue,
                (None, None) => {}
                (None, Some(_)) if space == Space::Small && self.coincided.insert(a.row) => {}
                _ => return false,
            }
            let number = self.count.entry(a.row).or_default();
            *number += 1;
            self.there.insert((a.row, a.value.clone()), (b.value.clone(), *number));
            self.back.entry((b.row, b.value.clone())).or_insert_with(|| a.value.clone());
        }
        true
    }

    /// The line with its masked values by numbered name; a value that stands for nothing is shown.
    fn show(&self, line: &Line, of_reference: bool) -> String {
        let mut text = line.masked.key.clone();
        for masked in &line.masked.values {
            let name = ROWS[masked.row].name;
            let known = match of_reference {
                true => self.there.get(&(masked.row, masked.value.clone())),
                false => self
                    .back
                    .get(&(masked.row, masked.value.clone()))
                    .and_then(|r| self.there.get(&(masked.row, r.clone()))),
            };
            let shown = match known {
                Some((_, number)) => format!("{{{name}.{number}\u{1}}}"),
                None => masked.value.clone(),
            };
            text = text.replacen(&format!("{{{name}}}"), &shown, 1);
        }
        line.labelled(&text.replace('\u{1}', ""))
    }
}

/// Aligns two sequences, adds what differs to `comparison`, and returns the pairs that match.
fn diff(
    old: &[Line],
    new: &[Line],
    names: &mut Names,
    allowance: Allowance<'_>,
    comparison: &mut Comparison,
) -> Vec<(usize, usize)> {
    let old_keys: Vec<&str> = old.iter().map(|l| l.key.as_str()).collect();
    let new_keys: Vec<&str> = new.iter().map(|l| l.key.as_str()).collect();
    let mut pairs = Vec::new();
    let mut all: Vec<DiffLine> = Vec::new();
    let mut push = |tag: Tag, line: &Line, text: String, there: Option<&Line>| {
        let allowed_by = if tag == Tag::Same { None } else { allowance(&text) };
        let reference = there.map(|l| (l.entry, l.line));
        all.push(DiffLine { tag, text, time: line.time, entry: line.entry, reference, allowed_by });
    };
    for op in capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys) {
        let (_, o, n) = op.as_tag_tuple();
        if let DiffOp::Equal { .. } = op {
            for (i, j) in o.zip(n) {
                if names.unify(&old[i], &new[j]) {
                    push(Tag::Same, &new[j], names.show(&old[i], true), Some(&old[i]));
                    pairs.push((i, j));
                } else {
                    push(Tag::Missing, &old[i], names.show(&old[i], true), Some(&old[i]));
                    push(Tag::Extra, &new[j], names.show(&new[j], false), Some(&old[i]));
                }
            }
            continue;
        }
        let before = o.end.checked_sub(1).and_then(|i| old.get(i));
        let after_the_end = o.start == old.len() && o.is_empty();
        for i in o {
            if !old[i].optional {
                push(Tag::Missing, &old[i], names.show(&old[i], true), Some(&old[i]));
            }
        }
        for j in n {
            // An event after the recorder stopped listening is not known to differ.
            if !(after_the_end && new[j].optional) {
                push(Tag::Extra, &new[j], names.show(&new[j], false), before);
            }
        }
    }
    for line in &all {
        if let Some(index) = line.allowed_by
            && !comparison.deviations.contains(&index)
        {
            comparison.deviations.push(index);
        }
    }
    comparison.hunks.extend(hunks(all));
    let first_lines = pairs.iter().filter(|(o, n)| old[*o].line == 0 && new[*n].line == 0);
    comparison.aligned.extend(first_lines.map(|(o, n)| (old[*o].entry, new[*n].entry)));
    comparison.reached = comparison.reached.max(pairs.iter().map(|(o, _)| old[*o].entry).max());
    pairs
}

/// The stretches of a diff around its differences.
fn hunks(lines: Vec<DiffLine>) -> Vec<Vec<DiffLine>> {
    let differs: Vec<usize> =
        lines.iter().enumerate().filter(|(_, l)| l.tag != Tag::Same).map(|(i, _)| i).collect();
    let near = |i: usize| differs.iter().any(|d| d.abs_diff(i) <= CONTEXT);
    let mut hunks: Vec<Vec<DiffLine>> = Vec::new();
    let mut open = false;
    for (i, line) in lines.into_iter().enumerate() {
        if !near(i) {
            open = false;
            continue;
        }
        if !open {
            hunks.push(Vec::new());
            open = true;
        }
        if let Some(hunk) = hunks.last_mut() {
            hunk.push(line);
        }
    }
    hunks
}

/// The two orders between a device's events and its commands that a recording proves.
fn check_order(
    old: &[Entry],
    new: &[Entry],
    device: &str,
    aligned: &[(usize, usize)],
    comparison: &mut Comparison,
) {
    let commands = |entries: &[Entry]| -> Vec<usize> {
        entries
            .iter()
            .enumerate()
            .filter(|(_, e)| e.mark == Mark::Command && e.device == device)
            .map(|(i, _)| i)
            .collect()
    };
    let (old_commands, new_commands) = (commands(old), commands(new));
    for &(in_old, in_new) in aligned {
        let (then, now) = (&old[in_old], &new[in_new]);
        if now.awaited {
            let next = new_commands.iter().position(|c| *c > in_new);
            if let Some(&old_next) = next.and_then(|k| old_commands.get(k))
                && old_next < in_old
            {
                comparison.order.push(format!(
                    "the step waits for {device} ! {} before the command \"{}\"; in the reference it comes after it",
                    now.text(),
                    old[old_next].text()
                ));
            }
        }
        let certainly_before = old_commands
            .iter()
            .filter(|c| **c < in_old && then.time - replied(old, **c) >= CERTAINLY_LATER)
            .count();
        if let Some(last) = certainly_before.checked_sub(1)
            && let Some(&command) = new_commands.get(last)
            && command > in_new
        {
            comparison.order.push(format!(
                "{device} ! {} comes before the command \"{}\", which causes it in the reference",
                now.text(),
                new[command].text()
            ));
        }
    }
}

/// Returns the time at which the command at `index` was answered, or sent.
fn replied(entries: &[Entry], index: usize) -> Instant {
    let command = &entries[index];
    entries[index..]
        .iter()
        .find(|e| e.mark == Mark::Reply && e.device == command.device)
        .map_or(command.time, |reply| reply.time)
}

#[cfg(test)]
mod tests;
