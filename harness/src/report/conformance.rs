//! The conformance page: scenarios by implementation, from JSON reports.
//!
//! The same reports give the same bytes: no times, no dates, and an order that is that of the names.

use std::collections::{BTreeMap, BTreeSet};

use super::json::Reported;

/// The runs of an implementation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The name of the column.
    pub label: String,
    /// Its report.
    pub runs: Vec<Reported>,
}

/// The result of a scenario, over all seeds of a report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Standing {
    /// It was not in the report.
    Missing,
    Skipped,
    Passed,
    /// It could not be run to its end.
    Broken,
    Failed,
}

impl Standing {
    const ALL: [(Standing, &'static str, &'static str); 4] = [
        (Standing::Passed, "pass", "passed"),
        (Standing::Failed, "**fail**", "failed"),
        (Standing::Broken, "**error**", "could not run"),
        (Standing::Skipped, "–", "skipped"),
    ];

    fn of(run: &Reported) -> Self {
        match run.verdict.as_str() {
            "pass" => Standing::Passed,
            "fail" => Standing::Failed,
            "skip" => Standing::Skipped,
            _ => Standing::Broken,
        }
    }

    fn cell(self) -> &'static str {
        Self::ALL.iter().find(|(standing, ..)| *standing == self).map_or("", |(_, cell, _)| cell)
    }
}

/// A scenario in a column.
struct Cell<'c> {
    standing: Standing,
    /// The reasons why it failed or was skipped, or the deviations.
    remarks: BTreeSet<&'c str>,
}

/// Remarks, numbered as they occur.
#[derive(Default)]
struct Notes<'n> {
    numbers: BTreeMap<&'n str, usize>,
    order: Vec<&'n str>,
}

impl<'n> Notes<'n> {
    fn number(&mut self, remark: &'n str) -> usize {
        *self.numbers.entry(remark).or_insert_with(|| {
            self.order.push(remark);
            self.order.len()
        })
    }
}

/// The page, in Markdown. `above` leads from the page to the directory in which the reports were
/// made, for links to scenarios.
pub fn page(columns: &[Column], above: &str) -> String {
    let mut out = String::from(
        "# Conformance\n\nWhich implementation passes which scenario. A scenario passes if its steps do what they say and \
         everything that is\nsaid is what its reference transcript has, known deviations aside. This page is made by \
         `wpasim conformance`\nfrom reports of `wpasim run --json`; don't edit it.\n\n",
    );
    let cells: Vec<BTreeMap<&str, Cell<'_>>> = columns.iter().map(cells).collect();
    out.push_str(&totals(columns, &cells));
    let scenarios: BTreeMap<&str, &str> = columns
        .iter()
        .flat_map(|column| &column.runs)
        .map(|run| (run.scenario.as_str(), run.file.as_str()))
        .collect();
    let mut notes = Notes::default();
    let mut area = None;
    for (scenario, file) in &scenarios {
        let (this, name) = scenario.split_once('/').unwrap_or(("", scenario));
        if area != Some(this) {
            area = Some(this);
            let title = if this.is_empty() { "scenarios" } else { this };
            out.push_str(&format!("\n## {}\n\n{}", escaped(title), head("scenario", columns)));
        }
        let mut line = format!("| {} |", link(name, file, above));
        for column in &cells {
            line.push_str(&format!(" {} |", shown(column.get(scenario), &mut notes)));
        }
        out.push_str(&line);
        out.push('\n');
    }
    if !notes.order.is_empty() {
        out.push_str("\n## Notes\n\n");
        for (index, note) in notes.order.iter().enumerate() {
            out.push_str(&format!("{}. {}\n", index + 1, escaped(note)));
        }
    }
    out
}

fn cells(column: &Column) -> BTreeMap<&str, Cell<'_>> {
    let mut cells: BTreeMap<&str, Cell<'_>> = BTreeMap::new();
    for run in &column.runs {
        let cell = cells
            .entry(&run.scenario)
            .or_insert(Cell { standing: Standing::Missing, remarks: BTreeSet::new() });
        cell.standing = cell.standing.max(Standing::of(run));
        cell.remarks.extend(run.message.as_deref());
        cell.remarks.extend(run.deviations.iter().map(String::as_str));
    }
    cells
}

fn head(first: &str, columns: &[Column]) -> String {
    let labels: String = columns.iter().map(|column| format!(" {} |", escaped(&column.label))).collect();
    format!("| {first} |{labels}\n|---|{}\n", "---|".repeat(columns.len()))
}

fn totals(columns: &[Column], cells: &[BTreeMap<&str, Cell<'_>>]) -> String {
    let mut out = head("", columns);
    for (standing, _, word) in Standing::ALL {
        let counts: Vec<usize> =
            cells.iter().map(|c| c.values().filter(|cell| cell.standing == standing).count()).collect();
        if counts.iter().any(|n| *n > 0) {
            let row: String = counts.iter().map(|n| format!(" {n} |")).collect();
            out.push_str(&format!("| {word} |{row}\n"));
        }
    }
    out
}

fn shown<'c>(cell: Option<&Cell<'c>>, notes: &mut Notes<'c>) -> String {
    let Some(cell) = cell else { return String::new() };
    let mut text = cell.standing.cell().to_owned();
    let numbers: Vec<String> = cell.remarks.iter().map(|remark| notes.number(remark).to_string()).collect();
    if !numbers.is_empty() {
        text.push_str(&format!(" <sup>{}</sup>", numbers.join(", ")));
    }
    text
}

/// A link to the scenario's file, if that lies below where the reports were made.
fn link(name: &str, file: &str, above: &str) -> String {
    let inside = !file.is_empty() && !file.starts_with(['/', '.']) && !file.contains([':', ' ', '(', ')']);
    if inside { format!("[{}]({above}{file})", escaped(name)) } else { escaped(name) }
}

/// Text that stays text in a table, on one line.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            '\n' => out.push(' '),
            '|' | '*' | '_' | '<' | '[' | ']' | '`' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(scenario: &str, seed: u64, verdict: &str, message: Option<&str>) -> Reported {
        Reported {
            scenario: scenario.to_owned(),
            file: format!("scenarios/{scenario}.yaml"),
            seed,
            verdict: verdict.parse().unwrap(),
            message: message.map(str::to_owned),
            compared: true,
            ..Reported::default()
        }
    }

    #[test]
    fn a_page_has_every_scenario_of_every_report() {
        let mut deviating = run("sta/connect", 1, "pass", None);
        deviating.deviations.push("a | b".to_owned());
        let engine = Column {
            label: "engine".to_owned(),
            runs: vec![
                run("sta/connect", 1, "pass", None),
                run("sta/connect", 2, "fail", Some("it\nbroke")),
                run("p2p/find_x", 1, "skip", Some("target sim lacks p2p")),
            ],
        };
        let real = Column {
            label: "2.10".to_owned(),
            runs: vec![deviating, run("ap/a", 1, "skip", Some("target sim lacks p2p"))],
        };
        let page = page(&[engine, real], "../");
        let expected = "\
|  | engine | 2.10 |
|---|---|---|
| passed | 0 | 1 |
| failed | 1 | 0 |
| skipped | 1 | 1 |

## ap

| scenario | engine | 2.10 |
|---|---|---|
| [a](../scenarios/ap/a.yaml) |  | – <sup>1</sup> |

## p2p

| scenario | engine | 2.10 |
|---|---|---|
| [find\\_x](../scenarios/p2p/find_x.yaml) | – <sup>1</sup> |  |

## sta

| scenario | engine | 2.10 |
|---|---|---|
| [connect](../scenarios/sta/connect.yaml) | **fail** <sup>2</sup> | pass <sup>3</sup> |

## Notes

1. target sim lacks p2p
2. it broke
3. a \\| b
";
        assert!(page.ends_with(expected), "{page}");
    }
}
