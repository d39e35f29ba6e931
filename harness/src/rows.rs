//! Files that are lists of rows: `[[name]]` tables of TOML whose values are texts. Known deviations, expectations and causes
//! are such files.

use toml::de::DeTable;

use crate::scenario::problem::{InvalidFile, Place, Problem, suggest};

/// A row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The texts, in the order of the keys; a key that may be left out is empty then.
    pub values: Vec<String>,
    /// The place at which it stands.
    pub place: Place,
}

/// The columns of a file's rows.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// `deviation`: rows are written `[[deviation]]`.
    pub name: &'static str,
    /// Keys that every row has.
    pub keys: &'static [&'static str],
    /// Keys that a row may have, after the others.
    pub optional: &'static [&'static str],
}

/// Reads the text of a file.
///
/// # Errors
/// All that is wrong with it, each with its place.
pub fn read(format: Format, path: &str, source: &str) -> Result<Vec<Row>, Box<InvalidFile>> {
    let Format { name, keys, optional } = format;
    let fail = |problems| Box::new(InvalidFile::new(path, source, problems));
    let table = DeTable::parse(source).map_err(|error| {
        let offset = error.span().map_or(0, |s| s.start);
        fail(vec![Problem::new(Place::of(source, offset), error.message())])
    })?;
    let all: Vec<&str> = keys.iter().chain(optional).copied().collect();
    let written = format!("entries are written [[{name}]]");
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    for (key, value) in table.get_ref() {
        let at = Place::of(source, key.span().start);
        if key.get_ref() != name {
            problems
                .push(Problem::new(at, format!("unknown key \"{}\"", key.get_ref())).help(written.as_str()));
            continue;
        }
        let Some(entries) = value.get_ref().as_array() else {
            problems.push(Problem::new(at, "not a list of entries").help(written.as_str()));
            continue;
        };
        for entry in entries {
            let place = Place::of(source, entry.span().start);
            let Some(fields) = entry.get_ref().as_table() else {
                problems.push(Problem::new(place, "an entry must be a table"));
                continue;
            };
            let mut values = vec![String::new(); all.len()];
            for (key, value) in fields {
                let at = Place::of(source, key.span().start);
                let field: &str = key.get_ref();
                let Some(index) = all.iter().position(|known| *known == field) else {
                    problems.push(
                        Problem::new(at, format!("unknown key \"{field}\"")).help(suggest(field, &all)),
                    );
                    continue;
                };
                match value.get_ref().as_str() {
                    Some(text) => text.clone_into(&mut values[index]),
                    None => problems.push(Problem::new(at, format!("\"{field}\" must be text"))),
                }
            }
            for (key, _) in keys.iter().zip(&values).filter(|(_, value)| value.is_empty()) {
                problems.push(Problem::new(place, format!("{} {name} without {key}", article(name))));
            }
            rows.push(Row { values, place });
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(fail(problems)) }
}

/// The texts of a row by name; those that are not there are empty.
pub fn take<const N: usize>(values: Vec<String>) -> [String; N] {
    let mut values = values.into_iter();
    std::array::from_fn(|_| values.next().unwrap_or_default())
}

fn article(name: &str) -> &'static str {
    if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
