//! The causes of differences between two builds: the known differences between releases of wpa_supplicant and hostapd, and the
//! differences of a session grouped by them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;

use crate::release::Release;
use crate::report::model::{Ended, KNOWN, Reported};
use crate::rows::{self, Format, Row, take};
use crate::scenario::bounded;
use crate::scenario::problem::{InvalidFile, Problem};

/// The data.
const SOURCE: &str = include_str!("causes.toml");
const PATH: &str = "harness/src/causes.toml";
const FORMAT: Format =
    Format { name: "cause", keys: &["name", "pattern", "function", "since"], optional: &["scenario"] };
/// Lines of a group that are shown.
const LINES: usize = 4;
/// Scenarios of a group that are named.
const NAMED: usize = 8;

/// The reason why a line of a diff differs.
#[derive(Clone, Debug)]
pub struct Cause {
    /// In words: what is otherwise.
    pub name: String,
    /// The function behind it: `wpa_supplicant/sme.c#sme_associate`.
    pub function: String,
    /// The release that brought it.
    pub since: Release,
    /// Of the line with its sign: `+ sta < bss_max_idle_period=…`.
    pattern: Regex,
    /// Of the scenario's name; any if there is none.
    scenario: Option<Regex>,
}

impl Cause {
    /// Whether it explains a line of a diff, `- sta ! …`, of a scenario. What a release brought has gone if the sign is the
    /// other one.
    pub fn explains(&self, scenario: &str, line: &str) -> bool {
        self.scenario.as_ref().is_none_or(|pattern| pattern.is_match(scenario)) && self.pattern.is_match(line)
    }
}

static CAUSES: OnceLock<Vec<Cause>> = OnceLock::new();

/// The known causes, in the order of the data.
pub fn all() -> &'static [Cause] {
    CAUSES.get_or_init(|| parse(PATH, SOURCE).unwrap_or_default())
}

/// Takes the causes from a file instead of from the data in this program, once and before anything asks for them.
///
/// # Errors
/// In words: it cannot be read, or all that is wrong with it.
pub fn take_from(path: &Path) -> Result<(), String> {
    let shown = path.display().to_string();
    let source =
        bounded::read_text(path, bounded::DEVIATIONS).map_err(|error| format!("{shown}: {error}"))?;
    let causes = parse(&shown, &source).map_err(|invalid| invalid.to_string())?;
    CAUSES.set(causes).map_err(|_| format!("{shown}: the causes are in use already"))
}

/// Reads the data.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(path: &str, source: &str) -> Result<Vec<Cause>, Box<InvalidFile>> {
    let mut problems = Vec::new();
    let mut causes = Vec::new();
    for Row { values, place } in rows::read(FORMAT, path, source)? {
        let [name, pattern, function, since, scenario] = take(values);
        match cause(name, &pattern, function, &since, &scenario) {
            Ok(cause) => causes.push(cause),
            Err(words) => problems.push(Problem::new(place, words)),
        }
    }
    match problems.is_empty() {
        true => Ok(causes),
        false => Err(Box::new(InvalidFile::new(path, source, problems))),
    }
}

fn cause(
    name: String,
    pattern: &str,
    function: String,
    since: &str,
    scenario: &str,
) -> Result<Cause, String> {
    let regex = |text: &str| Regex::new(text).map_err(|error| format!("{text}: {error}"));
    if !function.contains('#') {
        return Err(format!("\"{function}\" is not FILE#FUNCTION"));
    }
    Ok(Cause {
        name,
        function,
        since: since.parse().map_err(|error: crate::release::UnknownRelease| error.to_string())?,
        pattern: regex(pattern)?,
        scenario: (!scenario.is_empty()).then(|| regex(scenario)).transpose()?,
    })
}

/// Differences that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The difference in words, with the function behind it; nothing if no known cause explains it.
    pub cause: Option<String>,
    /// The lines that differ, each once.
    pub lines: Vec<String>,
    /// The scenarios in which they do.
    pub scenarios: Vec<String>,
}

/// The differences of a session from what `reference` says: by cause, of those that later releases brought, then those of no known cause by the scenarios that share them. A failure
/// without a diff is told by its message.
pub fn groups<'r>(runs: impl Iterator<Item = &'r Reported>, reference: Release) -> Vec<Group> {
    let mut by_cause: BTreeMap<usize, Group> = BTreeMap::new();
    // By the masked line: the line that shows it, and the scenarios.
    let mut by_line: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for run in runs.filter(|run| run.verdict == Ended::Fail) {
        let mut differing: Vec<String> =
            run.diff.iter().filter(|line| is_difference(line)).cloned().collect();
        if differing.is_empty() {
            differing.extend(run.message.clone());
        }
        for line in differing {
            let explains = |cause: &Cause| cause.since > reference && cause.explains(&run.scenario, &line);
            match all().iter().position(explains) {
                Some(index) => {
                    let cause = &all()[index];
                    let group = by_cause.entry(index).or_insert_with(|| Group {
                        cause: Some(format!("{} ({}, {})", cause.name, cause.since, cause.function)),
                        lines: Vec::new(),
                        scenarios: Vec::new(),
                    });
                    add(&mut group.lines, &line);
                    add(&mut group.scenarios, &run.scenario);
                }
                None => {
                    let (_, scenarios) =
                        by_line.entry(masked(&line)).or_insert_with(|| (line.clone(), Vec::new()));
                    add(scenarios, &run.scenario);
                }
            }
        }
    }
    let mut shared: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (line, scenarios) in by_line.into_values() {
        shared.entry(scenarios).or_default().push(line);
    }
    let mut groups: Vec<Group> = by_cause.into_values().collect();
    groups.extend(shared.into_iter().map(|(scenarios, lines)| Group { cause: None, lines, scenarios }));
    groups.sort_by_key(|group| (group.cause.is_none(), std::cmp::Reverse(group.scenarios.len())));
    groups
}

/// A line without what differs from scenario to scenario: the device, addresses, names in quotes, numbers.
fn masked(line: &str) -> String {
    static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|'[^']*'|"[^"]*"|\b[0-9a-f]{8,}\b|[0-9]+"#).ok()
    });
    let without_device = match line.split_once(" ! ").or_else(|| line.split_once(" < ")) {
        Some((before, text)) => {
            let sign = before.rsplit_once(' ').map_or("", |(sign, _)| sign);
            format!("{sign} {text}")
        }
        None => line.to_owned(),
    };
    match &*PARTS {
        Some(parts) => parts.replace_all(&without_device, "{*}").into_owned(),
        None => without_device,
    }
}

fn add(list: &mut Vec<String>, text: &str) {
    if !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

/// Whether a line of a report's diff is one that differs and that no deviation allows.
pub fn is_difference(line: &str) -> bool {
    let differs = ["- ", "+ ", "order: ", "time: "].iter().any(|sign| line.starts_with(sign));
    differs && !line.ends_with(KNOWN)
}

/// The groups for people.
pub fn shown(groups: &[Group]) -> String {
    let mut out = String::new();
    for Group { cause, lines, scenarios } in groups {
        let head = cause.as_deref().unwrap_or("of no known cause");
        let count = scenarios.len();
        let unit = if count == 1 { "scenario" } else { "scenarios" };
        out.push_str(&format!("  {head}: {count} {unit}\n"));
        lines.iter().take(LINES).for_each(|line| out.push_str(&format!("     {line}\n")));
        if lines.len() > LINES {
            out.push_str(&format!("     … {} more lines\n", lines.len() - LINES));
        }
        let named: Vec<&str> = scenarios.iter().take(NAMED).map(String::as_str).collect();
        let more = match count.saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        out.push_str(&format!("     in {}{more}\n", named.join(", ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_valid() {
        match parse(PATH, SOURCE) {
            Ok(causes) => assert!(!causes.is_empty()),
            Err(invalid) => panic!("{invalid}"),
        }
    }

    #[test]
    fn what_is_wrong_with_the_data_is_said() {
        let wrong = |text: &str| parse("c.toml", text).unwrap_err().to_string();
        let row = |pattern: &str, function: &str, since: &str| {
            format!(
                "[[cause]]\nname = \"x\"\npattern = '{pattern}'\nfunction = \"{function}\"\nsince = \"{since}\"\n"
            )
        };
        assert!(wrong(&row("(", "a.c#b", "2.10")).contains("c.toml:1"));
        assert!(wrong(&row("x", "a.c", "2.10")).contains("FILE#FUNCTION"));
        assert!(wrong(&row("x", "a.c#b", "2.8")).contains("no release"));
    }

    #[test]
    fn lines_of_no_known_cause_are_grouped_by_their_scenarios() {
        let run = |scenario: &str, diff: &[&str]| Reported {
            scenario: scenario.to_owned(),
            verdict: Ended::Fail,
            diff: diff.iter().map(|line| (*line).to_owned()).collect(),
            ..Reported::default()
        };
        let runs = [
            run("a/x", &["  a ! SAME", "- a ! XYZZY 1", "+ a ! XYZZY 2"]),
            run("a/y", &["- a ! XYZZY 1", "+ a ! XYZZY 2"]),
            run("a/z", &["time: 900 ms later: a ! PLUGH"]),
        ];
        let groups = groups(runs.iter(), Release::V2_10);
        assert_eq!(groups.len(), 2, "{groups:?}");
        assert_eq!(groups[0].scenarios, ["a/x", "a/y"]);
        assert_eq!(groups[0].lines, ["+ a ! XYZZY 2", "- a ! XYZZY 1"]);
        assert_eq!(groups[1].lines, ["time: 900 ms later: a ! PLUGH"]);
        assert!(shown(&groups).contains("in a/x, a/y"));
    }

    #[test]
    fn lines_are_equal_but_for_what_differs_from_scenario_to_scenario() {
        let one = masked("- sta ! <3>Trying with 02:00:00:00:01:00 (SSID='a b' freq=2412 MHz)");
        let other = masked("- b ! <3>Trying with 02:00:00:00:00:00 (SSID='c' freq=2437 MHz)");
        assert_eq!(one, other);
        assert_ne!(one, masked("+ b ! <3>Trying with 02:00:00:00:00:00 (SSID='c' freq=2437 MHz)"));
        assert_ne!(masked("- a ! X"), masked("- a ! Y"));
    }
}
