//! `matrix:` makes one file many cases: each parameter's values, all combinations, in the order of
//! the file. `name@key=value,key=value` names a case.

use std::collections::BTreeSet;

use super::model::Case;
use super::problem::Problem;
use super::reader::Reader;
use super::yaml::{self, Kind, Node};

/// More cases than this are refused.
const CASES: usize = 10_000;

/// A case's name: `cipher=CCMP,hidden=1`; empty without a matrix.
pub fn label(case: &[(String, String)]) -> String {
    let parts: Vec<String> = case.iter().map(|(k, v)| format!("{k}={v}")).collect();
    parts.join(",")
}

/// The cases of a matrix node, each as pairs in the order of the file.
pub fn read(reader: &mut Reader, node: &Node) -> Vec<Vec<(String, String)>> {
    let mut cases: Vec<Vec<(String, String)>> = vec![Vec::new()];
    let Some(entries) = reader.entries(node, "matrix") else { return cases };
    if entries.is_empty() {
        reader.report(node.problem("a matrix without parameters").help("matrix: {cipher: [CCMP, TKIP]}"));
    }
    for (name, key, value) in entries.rest() {
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !valid {
            reader.report(key.problem(format!("\"{name}\" is no name for a parameter")));
        }
        let Kind::List(items) = &value.kind else {
            reader.report(value.problem(format!("the values of \"{name}\" must be a list")));
            continue;
        };
        if items.is_empty() {
            reader.report(value.problem(format!("\"{name}\" has no value")));
        }
        let values: Vec<String> =
            items.iter().filter_map(|i| reader.raw(i, "a value of a matrix")).map(str::to_owned).collect();
        for (i, text) in values.iter().enumerate() {
            if values[..i].contains(text) {
                reader.report(value.problem(format!("\"{name}\" has the value \"{text}\" twice")));
            }
            if text.is_empty() || text.contains(['/', '@', ',', '=']) || text.chars().any(char::is_control) {
                reader.report(
                    value
                        .problem(format!("\"{text}\" cannot be part of a case's name"))
                        .help("a value has at least one character and none of / @ , ="),
                );
            }
        }
        if cases.len().saturating_mul(values.len()) > CASES {
            reader.report(key.problem(format!("more than {CASES} cases")));
            return cases;
        }
        cases = cases
            .into_iter()
            .flat_map(|case| {
                values.iter().map(move |v| {
                    let mut case = case.clone();
                    case.push((name.to_owned(), v.clone()));
                    case
                })
            })
            .collect();
    }
    cases
}

/// The cases of a file, from a scan for `matrix:` at column 1 alone: the rest of the file is not
/// read. A matrix that cannot be read gives one case; reading the scenario then says what is wrong.
pub fn scan(source: &str) -> Vec<Vec<(String, String)>> {
    let one = vec![Vec::new()];
    let mut lines = source.trim_start_matches('\u{feff}').lines().skip_while(|l| !l.starts_with("matrix:"));
    let Some(first) = lines.next() else { return one };
    let mut block = format!("{first}\n");
    for line in lines.take_while(|l| l.starts_with([' ', '#', '-', ']', '}']) || l.is_empty()) {
        block.push_str(line);
        block.push('\n');
    }
    let mut reader = Reader::default();
    let Ok(Node { kind: Kind::Map(pairs), .. }) = yaml::parse(&block) else { return one };
    let cases = pairs.first().map(|(_, value)| read(&mut reader, value)).unwrap_or_default();
    if reader.problems.is_empty() && !cases.is_empty() { cases } else { one }
}

/// Parameters of a matrix that stand nowhere in the scenario: the same case would run several times under several names.
pub fn unused(node: &Node, case: &Case, used: &BTreeSet<String>) -> Vec<Problem> {
    let Kind::Map(pairs) = &node.kind else { return Vec::new() };
    let keys = pairs.iter().filter_map(|(key, _)| Some((key, key.text()?)));
    keys.filter(|(_, name)| case.contains_key(*name) && !used.contains(*name))
        .map(|(key, name)| {
            key.problem(format!("no text of the scenario has the parameter {{{name}}}"))
                .help("every case would be the same; put it where it belongs, or remove it")
        })
        .collect()
}

/// The parameters of a case as names in scope.
pub fn parameters(case: &[(String, String)]) -> Case {
    case.iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_combinations_in_order() {
        let cases = scan("about: x\nmatrix:\n  cipher: [CCMP, TKIP]\n  hidden: [0, 1]\nsteps: [\n");
        let labels: Vec<String> = cases.iter().map(|c| label(c)).collect();
        assert_eq!(
            labels,
            ["cipher=CCMP,hidden=0", "cipher=CCMP,hidden=1", "cipher=TKIP,hidden=0", "cipher=TKIP,hidden=1"]
        );
        assert_eq!(scan("steps: []\n"), vec![Vec::new()]);
        assert_eq!(scan("\u{feff}matrix: {a: [1, 2]}\n").len(), 2);
        assert_eq!(scan("matrix: {a: 5}\n"), vec![Vec::new()]);
    }
}
