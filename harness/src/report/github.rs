//! Annotations for GitHub Actions: workflow commands on standard output.

use std::path::Path;

use crate::session::{Outcome, Verdict};

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
pub fn annotation(outcome: &Outcome, repeated: bool) -> Option<String> {
    let title = outcome.label(repeated);
    match &outcome.verdict {
        Verdict::Fail(failure) => {
            let line = failure.place.map_or(1, |p| p.line);
            let mut message = failure.message.clone();
            if let Some(expected) = &failure.expected {
                message.push_str(&format!("\nexpected {expected}"));
            }
            if let Some(actual) = &failure.actual {
                message.push_str(&format!("\n{} {}", actual.label.name(), actual.text));
            }
            Some(format!(
                "::error file={},line={line},title={}::{}",
                escape_property(&in_repository(&failure.path)),
                escape_property(&title),
                escape_data(&message)
            ))
        }
        Verdict::Invalid(message) | Verdict::Unavailable(message) => {
            let path = outcome.job.selected.found.path();
            let line = message
                .strip_prefix(&format!("{path}:"))
                .and_then(|rest| rest.split(':').next())
                .and_then(|n| n.parse::<usize>().ok())
                .unwrap_or(1);
            Some(format!(
                "::error file={},line={line},title={}::{}",
                escape_property(&in_repository(&path)),
                escape_property(&title),
                escape_data(message)
            ))
        }
        _ => None,
    }
}
