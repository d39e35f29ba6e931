//! GitHub Actions: annotations, which are workflow commands on an output, and the summary of a job in Markdown.

use std::path::{Path, PathBuf};

use super::console::Console;
use super::event::{Reporter, RunEvent};
use super::model::{Ended, Report, Reported};
use crate::system;

/// Failures that a job's summary shows in full.
const SUMMARY_ROWS: usize = 200;

/// Prints an annotation for each run that did not pass, where GitHub finds it.
pub struct AnnotationReporter(pub Console);

impl Reporter for AnnotationReporter {
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
        if let RunEvent::Ended { report, .. } = event {
            let repeated = report.about.is_repeated();
            report.runs.iter().filter_map(|run| annotation(run, repeated)).for_each(|a| self.0.say(&a));
        }
        Ok(())
    }
}

/// Appends the summary of the session to the file that GitHub shows beside the job.
pub struct SummaryReporter(pub PathBuf);

impl Reporter for SummaryReporter {
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
        let RunEvent::Ended { report, .. } = event else { return Ok(()) };
        let file = system::open(std::fs::OpenOptions::new().create(true).append(true), &self.0);
        file.and_then(|mut file| system::write_all(&mut file, &self.0, summary(report).as_bytes()))
            .map_err(|error| format!("GITHUB_STEP_SUMMARY={}: {error}", self.0.display()))
    }
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path as GitHub finds it: relative to the repository, wherever wpasim was started.
fn in_repository(path: &str) -> String {
    let repository = std::env::var_os("GITHUB_WORKSPACE").and_then(|dir| Path::new(&dir).canonicalize().ok());
    match (repository, Path::new(path).canonicalize()) {
        (Some(repository), Ok(file)) => {
            file.strip_prefix(repository).map_or_else(|_| path.to_owned(), |p| p.display().to_string())
        }
        _ => path.to_owned(),
    }
}

/// The annotation for a run that did not pass, at the scenario's line.
pub fn annotation(run: &Reported, repeated: bool) -> Option<String> {
    if !matches!(run.verdict, Ended::Fail | Ended::Invalid | Ended::Error) {
        return None;
    }
    let (file, line) = match &run.place {
        Some(place) => (&place.file, place.line),
        None => (&run.file, 1),
    };
    let mut message = run.message.clone().unwrap_or_default();
    if let Some(expected) = &run.expected {
        message.push_str(&format!("\nexpected {expected}"));
    }
    if let Some(actual) = &run.actual {
        let label = if run.nearest { "nearest" } else { "actual" };
        message.push_str(&format!("\n{label} {actual}"));
    }
    Some(format!(
        "::error file={},line={line},title={}::{}",
        escape_property(&in_repository(file)),
        escape_property(&run.label(repeated)),
        escape_data(&message)
    ))
}

/// Text as a cell of a table.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push_str("<br>"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Text as code in a cell of a table.
fn code(text: &str) -> String {
    // HTML, since a backquote in the text would end a span of code.
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<code>{}</code>", escaped.replace('|', "&#124;").replace('\n', "<br>"))
}

/// The summary of a job: what ran against what, and a table of what did not pass.
pub fn summary(report: &Report) -> String {
    let tally = &report.tally;
    let mark = if report.exit_code() == 0 { "✅" } else { "❌" };
    let mut out = format!("### {mark} wpasim: {} passed, {} failed", tally.passed, tally.failed);
    for (n, what) in
        [(tally.skipped, "skipped"), (tally.invalid, "invalid"), (tally.unavailable, "could not run")]
    {
        if n > 0 {
            out.push_str(&format!(", {n} {what}"));
        }
    }
    let line = report.about.first_line();
    out.push_str(&format!("\n\n{}\n", cell(line.strip_prefix("running ").unwrap_or(&line))));
    for problem in &report.problems {
        out.push_str(&format!("\n{}\n", cell(problem)));
    }
    let bad = |run: &&Reported| matches!(run.verdict, Ended::Fail | Ended::Invalid | Ended::Error);
    let failures: Vec<&Reported> = report.runs.iter().filter(bad).collect();
    if !failures.is_empty() {
        out.push_str("\n| scenario | where | what | run it again |\n|---|---|---|---|\n");
    }
    for run in failures.iter().take(SUMMARY_ROWS) {
        let place = match &run.place {
            Some(place) => format!("{}:{}", in_repository(&place.file), place.line),
            None => in_repository(&run.file),
        };
        let message = run.message.as_deref().unwrap_or_default();
        let mut what = cell(message.lines().next().unwrap_or_default());
        if let Some(expected) = &run.expected {
            what.push_str(&format!("<br>expected {}", code(expected)));
        }
        if let Some(actual) = &run.actual {
            let label = if run.nearest { "nearest" } else { "actual" };
            what.push_str(&format!("<br>{label} {}", code(actual)));
        }
        let rerun = run.rerun.as_deref().map(code).unwrap_or_default();
        let scenario = cell(&run.label(report.about.is_repeated()));
        out.push_str(&format!("| {scenario} | {} | {what} | {rerun} |\n", cell(&place)));
    }
    let more = failures.len().saturating_sub(SUMMARY_ROWS);
    if more > 0 {
        out.push_str(&format!("\n… and {more} more\n"));
    }
    for stale in report.stale() {
        out.push_str(&format!("\nA deviation that nothing needs any more: {}\n", cell(&stale.place)));
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_text_breaks_a_table() {
        assert_eq!(super::cell("a|b\n<x> `y`"), "a\\|b<br>&lt;x&gt; \\`y\\`");
        assert_eq!(super::code("a|b\n`<"), "<code>a&#124;b<br>`&lt;</code>");
    }
}
