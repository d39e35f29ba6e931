//! Reports of shards, as `wpasim merge` reads them.

use wpasim::report::merge::merge;
use wpasim::report::terminal::{Paint, details, summary};
use wpasim::report::{github, json, junit};

/// Whatever can be read can be told in every way, and written and read again.
pub fn report_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = json::baseline(text);
    let Ok(report) = json::read_report(text) else { return };
    assert_eq!(json::read_report(&json::render(&report)).expect("what is rendered is readable"), report);
    junit::render(&report).expect("every report is XML");
    for run in &report.runs {
        details(run, true, Paint(true));
        github::annotation(run, true);
    }
    summary(&report, Paint(false));
    github::summary(&report);
    let _ = merge(vec![("one".to_owned(), report.clone()), ("two".to_owned(), report)]);
}
