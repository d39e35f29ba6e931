//! JUnit XML.

use crate::report::Tally;
use crate::report::terminal::{Paint, details};
use crate::session::{Outcome, Verdict};

/// Text as XML content or attribute; characters that XML cannot have are replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The report of a session.
pub fn render(outcomes: &[Outcome], repeated: bool) -> String {
    let tally = Tally::of(outcomes);
    let seconds: f64 = outcomes.iter().map(|o| o.wall.as_secs_f64()).sum();
    let errors = tally.invalid + tally.unavailable;
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    out.push_str(&format!(
        "  <testsuite name=\"wpasim\" tests=\"{}\" failures=\"{}\" errors=\"{errors}\" skipped=\"{}\" time=\"{seconds:.6}\">\n",
        outcomes.len(),
        tally.failed,
        tally.skipped
    ));
    for outcome in outcomes {
        let selected = &outcome.job.selected;
        let mut name = selected.case_name();
        if repeated {
            name.push_str(&format!("#{}", outcome.job.seed));
        }
        out.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{:.6}\"",
            escape(&selected.found.area),
            escape(&name),
            escape(&selected.found.path()),
            outcome.wall.as_secs_f64()
        ));
        let text = || escape(&details(outcome, repeated, Paint(false)).unwrap_or_default());
        match &outcome.verdict {
            Verdict::Pass { .. } => out.push_str("/>\n"),
            Verdict::Fail(failure) => out.push_str(&format!(
                ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                escape(&failure.message),
                text()
            )),
            Verdict::Skip(reason) => {
                out.push_str(&format!(
                    ">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                    escape(reason)
                ));
            }
            Verdict::Invalid(message) | Verdict::Unavailable(message) => out.push_str(&format!(
                ">\n      <error message=\"{}\">{}</error>\n    </testcase>\n",
                escape(message.lines().next().unwrap_or_default()),
                text()
            )),
            Verdict::Interrupted => {
                out.push_str(">\n      <skipped message=\"interrupted\"/>\n    </testcase>\n");
            }
        }
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_xml_cannot_have_is_replaced() {
        assert_eq!(super::escape("<3>\u{1}\"x\"&\n"), "&lt;3&gt;\u{fffd}&quot;x&quot;&amp;&#10;");
    }
}
