//! The schema of steps, made from the table: one key says what a step does, and each has its own options beside it.

use serde_json::{Map, Value, json};

use super::{Key, Kind, NAME, StepOption, TABLE, WAITING, events, frames};
use crate::scenario::schema::{def, object};

/// A device, one of its interfaces or a further connection to it.
const ADDRESS: &str = "[A-Za-z][A-Za-z0-9_-]*([./][^ ]+)?";

/// A step that expects something.
pub fn expectation() -> Value {
    any_of(&[events::SEES, frames::EXPECT])
}

/// Any step.
pub fn step() -> Value {
    any_of(TABLE)
}

fn any_of(kinds: &[Kind]) -> Value {
    json!({"anyOf": kinds.iter().flat_map(of_kind).collect::<Vec<_>>()})
}

/// An object with the kind's key, `name:` and the kind's options, each at will. A device's name can be any word, so that a
/// key with one is known by how many properties are left when those that are options are counted.
fn of_kind(kind: &Kind) -> Vec<Value> {
    let all: Vec<&StepOption> = kind.options.iter().copied().chain([&NAME]).collect();
    let value = (kind.schema)();
    match kind.key {
        Key::Word(word, _) | Key::Steps(word, _) => {
            let mut properties: Map<String, Value> =
                all.iter().map(|o| (o.name.to_owned(), (o.schema)())).collect();
            properties.insert(word.to_owned(), value);
            let required: Vec<&str> =
                [word].into_iter().chain(kind.required.iter().map(|o| o.name)).collect();
            vec![object(Value::Object(properties), &required)]
        }
        Key::Device { before, after, .. } => {
            let pattern = format!("^{before}{ADDRESS}{after}$");
            // An option's name has the form of a device's, so that its value must fit here, too.
            let is_bare = before.is_empty() && after.is_empty();
            (0..(1usize << all.len()))
                .map(|choice| {
                    let given: Vec<&StepOption> = all
                        .iter()
                        .enumerate()
                        .filter(|(i, _)| choice & (1 << i) != 0)
                        .map(|(_, o)| *o)
                        .collect();
                    let given_names: Vec<&str> = given.iter().map(|o| o.name).collect();
                    let value = match is_bare && !given.is_empty() {
                        true => json!({"anyOf": [value, def("reply")]}),
                        false => value.clone(),
                    };
                    let others = super::words().chain(WAITING.iter().copied()).chain(super::options());
                    let mut properties: Map<String, Value> = others
                        .filter(|word| !given_names.contains(word))
                        .map(|word| (word.to_owned(), Value::Bool(false)))
                        .collect();
                    properties.extend(given.iter().map(|o| (o.name.to_owned(), (o.schema)())));
                    json!({
                        "type": "object",
                        "properties": properties,
                        "patternProperties": {&pattern: value},
                        "additionalProperties": false,
                        "required": given_names,
                        "minProperties": given.len() + 1,
                        "maxProperties": given.len() + 1
                    })
                })
                .collect()
        }
    }
}
