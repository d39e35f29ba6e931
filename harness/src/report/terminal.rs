//! The report that people read.

use anstyle::{AnsiColor, Style};

use crate::compare::{Row, State};
use crate::deviations::Deviations;
use crate::matcher::{Comparison, Tag};
use crate::session::{AllDeviations, Diff, Failure, Outcome, Stale, Verdict};

use crate::transcript::printable;

use super::Tally;

/// Lines of one diff that are shown.
const DIFF_LINES: usize = 60;
/// Lines of an expected or actual text that are shown.
const TEXT_LINES: usize = 20;

/// Colours, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paint(pub bool);

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
    fn good(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }
    fn bad(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }
    fn odd(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }
    fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }
}

fn times(outcome: &Outcome) -> String {
    let seconds = outcome.virtual_time.micros() as f64 / 1e6;
    format!("{seconds:.1} virtual s, {}", wall(outcome.wall))
}

fn wall(time: std::time::Duration) -> String {
    match time.as_millis() {
        0..10 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        10..10_000 => format!("{} ms", time.as_millis()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// The line for a run as it ends.
pub fn line(outcome: &Outcome, repeated: bool, paint: Paint) -> String {
    let label = outcome.label(repeated);
    let note = |text: &str| if text.is_empty() { String::new() } else { format!("  {}", paint.dim(text)) };
    match &outcome.verdict {
        Verdict::Pass { without_transcript, blessed } => {
            let mut remark = String::new();
            if *blessed {
                remark.push_str("(transcript written)");
            } else if *without_transcript {
                remark.push_str("(no transcript)");
            }
            if !outcome.deviations.is_empty() {
                remark.push_str(&format!("({} known deviation(s))", outcome.deviations.len()));
            }
            format!("{} {label:40} {:>28}{}", paint.good("pass"), times(outcome), note(&remark))
        }
        Verdict::Fail(_) => format!("{} {label:40} {:>28}", paint.bad("FAIL"), times(outcome)),
        Verdict::Skip(reason) => format!("{} {label:40} {reason}", paint.odd("skip")),
        Verdict::Invalid(_) => format!("{} {label:40} invalid", paint.bad("ERR ")),
        Verdict::Unavailable(reason) => format!("{} {label:40} {reason}", paint.bad("ERR ")),
        Verdict::Interrupted => format!("{} {label:40} interrupted", paint.odd("stop")),
    }
}

/// All that helps to act on a run that did not pass; nothing for others.
pub fn details(outcome: &Outcome, repeated: bool, paint: Paint) -> Option<String> {
    match &outcome.verdict {
        Verdict::Fail(failure) => Some(failed(outcome, failure, repeated, paint)),
        Verdict::Invalid(message) => {
            Some(format!("{} {}\n{}", paint.bad("INVALID"), outcome.label(repeated), indent(message, "  ")))
        }
        Verdict::Unavailable(reason) => {
            Some(format!("{} {}\n  {reason}", paint.bad("ERROR"), outcome.label(repeated)))
        }
        _ => None,
    }
}

fn failed(outcome: &Outcome, failure: &Failure, repeated: bool, paint: Paint) -> String {
    let head = format!("{} [{}, seed {}]", outcome.label(repeated), outcome.target, outcome.job.seed);
    let mut out = format!("{} {head:<66} {}\n", paint.bad("FAIL"), times(outcome));
    let place = failure.place.map(|p| format!(":{}", p.line)).unwrap_or_default();
    out.push_str(&format!("  {}{place}: {}\n", failure.path, failure.message));
    if let Some(expected) = &failure.expected {
        out.push_str(&labelled("expected", expected, None));
    }
    if let Some(actual) = &failure.actual {
        out.push_str(&labelled(actual.label.name(), &actual.text, actual.at.map(|t| t.to_string())));
    }
    if let Some(diff) = &failure.diff {
        out.push_str(&shown_diff(diff, paint));
    }
    if !failure.before.is_empty() {
        out.push_str("  before\n");
        for line in &failure.before {
            out.push_str(&format!("    {line}\n"));
        }
    }
    if !failure.states.is_empty() {
        let states: Vec<String> =
            failure.states.iter().map(|(name, state)| format!("{name}: {state}")).collect();
        out.push_str(&format!("  states     {}\n", states.join("   ")));
    }
    if let Some(capture) = &failure.capture {
        out.push_str(&format!("  capture    {capture}\n"));
    }
    for log in &failure.logs {
        out.push_str(&format!("  log        {log}\n"));
    }
    out.push_str(&format!("  rerun      {}\n", failure.rerun));
    if let Some(accept) = &failure.accept {
        out.push_str(&format!("  accept     {accept}\n"));
    }
    out
}

fn labelled(label: &str, text: &str, at: Option<String>) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| printable(line.as_bytes())).collect();
    let at = at.map(|t| format!("   at {t}")).unwrap_or_default();
    if let [one] = lines.as_slice() {
        return format!("    {label:<10} {one}{at}\n");
    }
    let mut out = format!("    {label}{at}\n");
    for line in lines.iter().take(TEXT_LINES) {
        out.push_str(&format!("      {line}\n"));
    }
    if lines.len() > TEXT_LINES {
        out.push_str(&format!("      … {} more lines\n", lines.len() - TEXT_LINES));
    }
    out
}

fn shown_diff(diff: &Diff, paint: Paint) -> String {
    format!("  transcript against {}:\n{}", diff.against, differences(&diff.comparison, paint))
}

/// The lines that differ, with some around them.
fn differences(comparison: &Comparison, paint: Paint) -> String {
    let mut out = String::new();
    let mut left = DIFF_LINES;
    for (i, hunk) in comparison.hunks.iter().enumerate() {
        if i > 0 {
            out.push_str(&format!("   {}\n", paint.dim("⋯")));
        }
        for line in hunk {
            if left == 0 {
                let rest: usize = comparison.hunks.iter().map(Vec::len).sum::<usize>() - DIFF_LINES;
                out.push_str(&format!("   … {rest} more lines\n"));
                return out;
            }
            left -= 1;
            let shown = match (line.tag, line.allowed_by) {
                (Tag::Same, _) => format!("     {}", line.text),
                (Tag::Missing, None) => paint.bad(&format!("   - {}", line.text)),
                (Tag::Extra, None) => paint.good(&format!("   + {}", line.text)),
                (tag, Some(_)) => {
                    let sign = if tag == Tag::Missing { '-' } else { '+' };
                    paint.dim(&format!("   {sign} {}   (known deviation)", line.text))
                }
            };
            out.push_str(&shown);
            out.push('\n');
        }
    }
    for order in &comparison.order {
        out.push_str(&format!("   order: {order}\n"));
    }
    out
}

/// Scenarios on two sides: those that differ or that only one side has, or all.
pub fn comparison_table(rows: &[Row], names: [&str; 2], all: bool, paint: Paint) -> String {
    let worth = |row: &&Row| {
        let alone = row.states.iter().filter(|s| matches!(s, State::Absent(_))).count() == 1;
        let error = row.states.iter().any(|s| matches!(s, State::Error(_)));
        all || row.differs() || alone || error
    };
    let shown: Vec<&Row> = rows.iter().filter(worth).collect();
    if shown.is_empty() {
        return String::new();
    }
    let first = shown.iter().map(|row| row.scenario.chars().count()).max().unwrap_or(0).max("scenario".len());
    let [a, b] = names.map(|name| name.chars().count().max("recorded".len()));
    let mut out = format!("{:first$}  {:a$}  {:b$}\n", "scenario", names[0], names[1]);
    for row in shown {
        let [there, here] = &row.states;
        let line =
            format!("{:first$}  {:a$}  {:b$}  {}", row.scenario, there.word(), here.word(), row.result());
        out.push_str(&if row.differs() { paint.bad(&line) } else { line });
        out.push('\n');
    }
    out
}

/// What differs in a scenario between two sides.
pub fn compared(row: &Row, names: [&str; 2], paint: Paint) -> String {
    let mut out = format!("{}\n", row.scenario);
    for ((sign, name), (made_by, state)) in
        ["-", "+"].iter().zip(names).zip(row.made_by.iter().zip(&row.states))
    {
        out.push_str(&format!("   {sign}{sign} {name} ({made_by})\n"));
        if let Some(reason) = state.reason() {
            out.push_str(&format!("      {} {reason}\n", state.word()));
        }
    }
    match &row.comparison {
        Some(comparison) => out + &differences(comparison, paint),
        None => out,
    }
}

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| format!("{by}{l}\n")).collect::<String>().trim_end_matches('\n').to_owned()
}

/// The known deviations that were needed, with their reasons.
pub fn known(outcomes: &[Outcome], all: &AllDeviations) -> String {
    let mut out = String::new();
    for (root, deviations) in all {
        let used = used_in(deviations, outcomes.iter().filter(|o| o.job.selected.found.root == *root));
        for index in used {
            let deviation = &deviations.list[index];
            out.push_str(&format!(
                "  deviation  {}: {}   ({}:{})\n             {}\n",
                deviation.scenario, deviation.line, deviations.path, deviation.place.line, deviation.reason
            ));
        }
    }
    out
}

fn used_in<'o>(deviations: &Deviations, outcomes: impl Iterator<Item = &'o Outcome>) -> Vec<usize> {
    let mut used: Vec<usize> = outcomes.flat_map(|o| o.deviations.iter().copied()).collect();
    used.sort_unstable();
    used.dedup();
    used.retain(|i| *i < deviations.list.len());
    used
}

/// Deviations that are no longer needed.
pub fn stale(list: &[Stale], paint: Paint) -> String {
    list.iter()
        .map(|s| {
            format!(
                "{} {}: a deviation that nothing needs any more: {}\n",
                paint.bad("STALE"),
                s.place,
                s.text
            )
        })
        .collect()
}

/// The last line.
pub fn summary(
    outcomes: &[Outcome],
    wall_time: std::time::Duration,
    interrupted: bool,
    paint: Paint,
) -> String {
    let tally = Tally::of(outcomes);
    let mut parts = vec![format!("{} passed", tally.passed), format!("{} failed", tally.failed)];
    let mut add = |n: usize, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    add(tally.skipped, "skipped");
    add(tally.invalid, "invalid");
    add(tally.unavailable, "could not run");
    add(tally.blessed, "transcripts written");
    let text = parts.join(", ");
    let bad = tally.failed + tally.invalid + tally.unavailable > 0 || interrupted;
    let text = if bad { paint.bad(&text) } else { paint.good(&text) };
    let stopped = if interrupted { "   interrupted" } else { "" };
    let virtual_time: i64 = outcomes.iter().map(|o| o.virtual_time.micros()).sum();
    let mut out =
        format!("{text}   {:.1} virtual s in {}{stopped}", virtual_time as f64 / 1e6, wall(wall_time));
    if tally.without_transcript > 0 {
        out.push_str(&format!("\n{} passed without a transcript", tally.without_transcript));
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_text_moves_the_cursor() {
        assert_eq!(super::labelled("actual", "a\u{1b}[2J\r", None), "    actual     a\\x1b[2J\\x0d\n");
        assert_eq!(super::labelled("actual", "a\nb\u{7}", None), "    actual\n      a\n      b\\x07\n");
    }
}
