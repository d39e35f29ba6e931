//! JUnit XML, valid for both schemas that tools hold it to: the one of Ant's reports and the one of Jenkins's xUnit plugin.
//! `ci/reports.sh` validates reports against them.

use std::path::PathBuf;
use std::time::Duration;

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::console::put;
use super::event::{Reporter, RunEvent};
use super::model::{Ended, Report, Reported};
use super::terminal::{Paint, details};

/// Writes the report when the session is over.
pub struct JunitReporter(pub PathBuf);

impl Reporter for JunitReporter {
    fn take(&mut self, event: RunEvent<'_>) -> Result<(), String> {
        let RunEvent::Ended { report, .. } = event else { return Ok(()) };
        let text = render(report).map_err(|error| format!("{}: {error}", self.0.display()))?;
        put(&self.0, &text)
    }
}

/// The report of a session.
///
/// # Errors
/// The XML cannot be written.
pub fn render(report: &Report) -> Result<String, SerializeError> {
    let repeated = report.about.is_repeated();
    let mut suite = TestSuite::new("wpasim");
    // Ant's schema has no time zone, and wants to know the machine; which one it was does not matter.
    for (name, value) in
        [("timestamp", report.began.as_str()), ("hostname", "localhost"), ("id", "0"), ("package", "wpasim")]
    {
        suite.extra.insert(name.into(), value.into());
    }
    suite.set_time(report.runs.iter().map(Reported::wall).sum::<Duration>());
    for (name, value) in properties(report) {
        suite.add_property((name.as_str(), value.as_str()));
    }
    suite.add_test_cases(report.runs.iter().map(|run| test_case(run, repeated)));
    suite.set_system_out("").set_system_err("");
    let mut all = quick_junit::Report::unnamed();
    all.add_test_suite(suite);
    Ok(without_totals(&all.to_string()?))
}

/// Totals on the outermost element are in neither schema. It is the first one, and it has no other attributes.
fn without_totals(xml: &str) -> String {
    const OUTERMOST: &str = "<testsuites";
    let cut = xml.split_once(OUTERMOST).and_then(|(before, rest)| Some((before, rest.split_once('>')?.1)));
    cut.map_or_else(|| xml.to_owned(), |(before, after)| format!("{before}{OUTERMOST}>{after}"))
}

/// Returns the names of the implementation and of its references.
fn properties(report: &Report) -> Vec<(String, String)> {
    let about = &report.about;
    let mut all = vec![
        ("target".to_owned(), about.target.clone()),
        ("reference".to_owned(), about.reference.clone()),
        ("wpasim".to_owned(), report.version.clone()),
        ("format.scenario".to_owned(), report.formats.scenario.to_string()),
        ("format.transcript".to_owned(), report.formats.transcript.to_string()),
        ("format.report".to_owned(), report.formats.report.to_string()),
        ("repeat".to_owned(), about.repeat.to_string()),
    ];
    for (n, one) in about.tested.iter().enumerate() {
        all.push((format!("implementation.{}", n + 1), one.version.clone()));
        all.push((format!("implementation.{}.from", n + 1), one.from.clone()));
    }
    all.extend(about.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    all.extend(about.shard.map(|s| ("shard".to_owned(), format!("{}/{}", s.index, s.count))));
    all
}

fn test_case(run: &Reported, repeated: bool) -> TestCase {
    let label = run.label(repeated);
    let (area, name) = label.split_once('/').unwrap_or(("", &label));
    // An area within an area, and a slash in a case, are part of the name otherwise.
    let (area, name) = match run.scenario.split('@').next().and_then(|stem| stem.rsplit_once('/')) {
        Some((area, _)) => (area, label.get(area.len() + 1..).unwrap_or(name)),
        None => (area, if area.is_empty() { name } else { label.as_str() }),
    };
    let message = run.message.as_deref().unwrap_or_default();
    let text = || details(run, repeated, Paint(false)).unwrap_or_default();
    let non_success = |kind, ty: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        let first = message.lines().next().unwrap_or_default();
        status.set_type(ty).set_message(first).set_description(text());
        status
    };
    let status = match run.verdict {
        Ended::Pass => TestCaseStatus::success(),
        Ended::Fail => non_success(NonSuccessKind::Failure, "failure"),
        Ended::Invalid => non_success(NonSuccessKind::Error, "invalid"),
        Ended::Error => non_success(NonSuccessKind::Error, "unavailable"),
        Ended::Skip | Ended::Interrupted => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(if run.verdict == Ended::Skip { message } else { "interrupted" });
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(area).set_time(run.wall());
    case
}
