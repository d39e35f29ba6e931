//! The report that people read.

use std::collections::BTreeSet;

use anstyle::{AnsiColor, Style};
use wpasim_wire::time::Instant;

use super::model::{Ended, GAP, KNOWN, KnownDeviation, Report, Reported, diff_lines};
use crate::compare::{Row, State};
use crate::transcript::printable;

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

fn times(run: &Reported) -> String {
    let seconds = run.virtual_us as f64 / 1e6;
    format!("{seconds:.1} virtual s, {}", wall(run.wall()))
}

/// A time by the wall clock, as people read it.
pub fn wall(time: std::time::Duration) -> String {
    match time.as_millis() {
        0..10 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        10..10_000 => format!("{} ms", time.as_millis()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// The line for a run as it ends.
pub fn line(run: &Reported, repeated: bool, paint: Paint) -> String {
    let label = run.label(repeated);
    let note = |text: &str| if text.is_empty() { String::new() } else { format!("  {}", paint.dim(text)) };
    let reason = run.message.as_deref().unwrap_or_default();
    match run.verdict {
        Ended::Pass => {
            let mut remark = String::new();
            if run.blessed {
                remark.push_str("(transcript written)");
            } else if run.is_without_transcript() {
                remark.push_str("(no transcript)");
            }
            if !run.deviations.is_empty() {
                remark.push_str(&format!("({} known deviation(s))", run.deviations.len()));
            }
            format!("{} {label:40} {:>28}{}", paint.good("pass"), times(run), note(&remark))
        }
        Ended::Fail => format!("{} {label:40} {:>28}", paint.bad("FAIL"), times(run)),
        Ended::Skip => format!("{} {label:40} {reason}", paint.odd("skip")),
        Ended::Invalid => format!("{} {label:40} invalid", paint.bad("ERR ")),
        Ended::Error => format!("{} {label:40} {reason}", paint.bad("ERR ")),
        Ended::Interrupted => format!("{} {label:40} interrupted", paint.odd("stop")),
    }
}

/// Lines about what scenarios ask for in vain that are shown unless all are wanted.
const WARNINGS: usize = 5;

/// Returns the settings that scenarios ask the engine for and that it only stores or does not have.
pub fn warnings(all: &BTreeSet<String>, at_length: bool, paint: Paint) -> Vec<String> {
    let shown = if at_length { all.len() } else { WARNINGS };
    let mut lines: Vec<String> = all
        .iter()
        .take(shown)
        .map(|text| format!("{} {}", paint.odd("warning"), printable(text.as_bytes())))
        .collect();
    if all.len() > shown {
        let more = all.len() - shown;
        lines.push(format!(
            "{} {more} more lines like these; `wpasim check` lists them",
            paint.odd("warning")
        ));
    }
    lines
}

/// All that helps to act on a run that did not pass; nothing for others.
pub fn details(run: &Reported, repeated: bool, paint: Paint) -> Option<String> {
    let message = run.message.as_deref().unwrap_or_default();
    match run.verdict {
        Ended::Fail => Some(failed(run, repeated, paint)),
        Ended::Invalid => {
            Some(format!("{} {}\n{}", paint.bad("INVALID"), run.label(repeated), indent(message, "  ")))
        }
        Ended::Error => Some(format!("{} {}\n  {message}", paint.bad("ERROR"), run.label(repeated))),
        Ended::Pass | Ended::Skip | Ended::Interrupted => None,
    }
}

fn failed(run: &Reported, repeated: bool, paint: Paint) -> String {
    let head = format!("{} [{}, seed {}]", run.label(repeated), run.target, run.seed);
    let mut out = format!("{} {head:<66} {}\n", paint.bad("FAIL"), times(run));
    let place = match &run.place {
        Some(place) => format!("{}:{}", place.file, place.line),
        None => run.file.clone(),
    };
    out.push_str(&format!("  {place}: {}\n", run.message.as_deref().unwrap_or_default()));
    if let Some(expected) = &run.expected {
        out.push_str(&labelled("expected", expected, None));
    }
    if let Some(actual) = &run.actual {
        let label = if run.nearest { "nearest" } else { "actual" };
        let at = run.actual_at_us.map(|at| Instant::from_micros(at).to_string());
        out.push_str(&labelled(label, actual, at));
    }
    if let Some(against) = &run.against {
        out.push_str(&format!("  transcript against {against}:\n{}", differences(&run.diff, paint)));
    }
    if !run.before.is_empty() {
        out.push_str("  before\n");
        for line in &run.before {
            out.push_str(&format!("    {line}\n"));
        }
    }
    if !run.states.is_empty() {
        let states: Vec<String> =
            run.states.iter().map(|one| format!("{}: {}", one.device, one.state)).collect();
        out.push_str(&format!("  states     {}\n", states.join("   ")));
    }
    if let Some(capture) = &run.capture {
        out.push_str(&format!("  capture    {capture}\n"));
    }
    if let Some(said) = &run.said {
        out.push_str(&format!("  said       {said}\n"));
    }
    for log in &run.logs {
        out.push_str(&format!("  log        {log}\n"));
    }
    for lost in &run.unkept {
        out.push_str(&format!("  not kept   {}\n", printable(lost.as_bytes())));
    }
    if let Some(rerun) = &run.rerun {
        out.push_str(&format!("  rerun      {rerun}\n"));
    }
    if let Some(accept) = &run.accept {
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

/// The lines that differ, with some around them.
fn differences(lines: &[String], paint: Paint) -> String {
    let mut out = String::new();
    for line in lines.iter().take(DIFF_LINES) {
        let shown = format!("   {line}");
        let sign = if line.ends_with(KNOWN) { None } else { line.split(' ').next() };
        out.push_str(&match sign {
            Some("-") => paint.bad(&shown),
            Some("+") => paint.good(&shown),
            None => paint.dim(&shown),
            Some(_) if line == GAP => paint.dim(&shown),
            Some(_) => shown,
        });
        out.push('\n');
    }
    let more = lines.len().saturating_sub(DIFF_LINES);
    if more > 0 {
        out.push_str(&format!("   … {more} more lines\n"));
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

/// Returns the differences in a scenario between two sides.
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
        Some(comparison) => out + &differences(&diff_lines(comparison), paint),
        None => out,
    }
}

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| format!("{by}{l}\n")).collect::<String>().trim_end_matches('\n').to_owned()
}

/// The known deviations that were needed, with their reasons.
pub fn known(report: &Report) -> String {
    let needed = report.deviations.iter().filter(|deviation| deviation.needed);
    needed
        .map(|KnownDeviation { scenario, line, place, reason, .. }| {
            format!("  deviation  {scenario}: {line}   ({place})\n             {reason}\n")
        })
        .collect()
}

/// Deviations that are no longer needed.
pub fn stale(report: &Report, paint: Paint) -> String {
    let mark = paint.bad("STALE");
    report
        .stale()
        .map(|KnownDeviation { place, scenario, line, .. }| {
            format!("{mark} {place}: a deviation that nothing needs any more: {scenario} | {line}\n")
        })
        .collect()
}

/// The last line.
pub fn summary(report: &Report, paint: Paint) -> String {
    let Report { about, tally, interrupted, .. } = report;
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
    let bad = report.exit_code() != 0;
    let text = if bad { paint.bad(&text) } else { paint.good(&text) };
    let stopped = if *interrupted { "   interrupted" } else { "" };
    let listed = report.runs.iter().map(|run| run.virtual_us);
    let virtual_us = listed.fold(report.counted.virtual_us, i64::saturating_add);
    let took = wall(std::time::Duration::from_micros(report.wall_us));
    let mut out =
        format!("{text}: {}   {:.1} virtual s in {took}{stopped}", about.against(), virtual_us as f64 / 1e6);
    if let (Some(shard), 0) = (about.shard, about.share()) {
        out.push_str(&format!(
            "\nshard {} of {} has no run of these {}: nothing was tested",
            shard.index, shard.count, about.selection.runs
        ));
    }
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
