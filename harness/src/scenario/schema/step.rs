//! The schema of steps: one key says what a step does, and each has its own options beside it.

use serde_json::{Map, Value, json};

use super::{def, object, or_parameter, whole};
use crate::scenario::frames::{BUILT_KINDS, kinds};
use crate::scenario::steps::{OPTIONS, WAITING, WORDS};

/// A device, one of its interfaces or a further connection to it.
const ADDRESS: &str = "[A-Za-z][A-Za-z0-9_-]*([./][^ ]+)?";

/// A step that expects something.
pub fn expectation() -> Value {
    let mut ways = with_options(Key::Like(format!("^{ADDRESS} sees$")), &def("line"), &["within"]);
    ways.extend(with_options(Key::Named("expect frame"), &def("frame"), &["within"]));
    json!({"anyOf": ways})
}

/// Any step.
pub fn step() -> Value {
    let mut ways = Vec::new();
    let mut add = |key: Key, value: Value, options: &[&str]| ways.extend(with_options(key, &value, options));
    let like = |form: &str| Key::Like(form.replace("ADDRESS", ADDRESS));
    add(like("^ADDRESS$"), def("command"), &["reply", "within"]);
    add(like("^ADDRESS sees$"), def("line"), &["within"]);
    add(like("^ADDRESS does not see$"), def("line"), &["for", "until", "within"]);
    add(like("^status of ADDRESS$"), def("fields"), &[]);
    add(Key::Named("together"), def("expectations"), &["within"]);
    let branch = json!({"anyOf": [def("step"), def("steps")]});
    add(Key::Named("either"), json!({"type": "array", "minItems": 1, "items": branch}), &["within"]);
    add(Key::Named("advance"), def("durations"), &[]);
    add(Key::Named("air"), rule(), &["times", "probability", "rule"]);
    add(Key::Named("inject"), injection(), &["rule"]);
    add(Key::Named("expect frame"), def("frame"), &["within"]);
    add(Key::Named("forbid frame"), def("frame"), &["for"]);
    add(Key::Named("start"), def("scalar"), &["refused"]);
    for name in ["stop", "kill", "radio off", "radio on", "note", "include"] {
        add(Key::Named(name), def("scalar"), &[]);
    }
    let place = json!({"device": def("scalar"), "to": def("position")});
    add(Key::Named("move"), object(place, &["device", "to"]), &[]);
    add(Key::Named("link"), new_link(), &[]);
    let file = json!({"device": def("scalar"), "path": def("scalar"), "content": def("scalar"), "append": def("scalar")});
    let mut written = object(file, &["device"]);
    written["oneOf"] = json!([{"required": ["content"]}, {"required": ["append"]}]);
    add(Key::Named("file"), written, &[]);
    let checked = json!({"device": def("scalar"), "path": def("scalar"), "content": def("scalar")});
    add(Key::Named("check file"), json!({"anyOf": [def("scalar"), object(checked, &["device"])]}), &[]);
    ways.push(object(
        json!({"repeat": whole(1, 100_000), "steps": def("steps"), "name": def("scalar")}),
        &["repeat", "steps"],
    ));
    json!({"anyOf": ways})
}

/// The key of a step.
enum Key {
    Named(&'static str),
    /// A device stands in it.
    Like(String),
}

/// An object with the key, `name:` and these options, each at will. A device's name can be any word, so that a key with
/// one is known by how many properties are left when those that are options are counted.
fn with_options(key: Key, value: &Value, options: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = options.iter().copied().chain(["name"]).collect();
    match key {
        Key::Named(name) => {
            let mut properties: Map<String, Value> =
                all.iter().map(|o| ((*o).to_owned(), option(o))).collect();
            properties.insert(name.to_owned(), value.clone());
            vec![object(Value::Object(properties), &[name])]
        }
        Key::Like(pattern) => {
            let choices = 0..(1usize << all.len());
            choices
                .map(|choice| {
                    let given: Vec<&str> = all
                        .iter()
                        .enumerate()
                        .filter(|(i, _)| choice & (1 << i) != 0)
                        .map(|(_, o)| *o)
                        .collect();
                    let words = WORDS.iter().chain(WAITING).chain(OPTIONS).filter(|w| !given.contains(w));
                    let mut properties: Map<String, Value> =
                        words.map(|word| ((*word).to_owned(), Value::Bool(false))).collect();
                    properties.extend(given.iter().map(|o| ((*o).to_owned(), option(o))));
                    json!({
                        "type": "object",
                        "properties": properties,
                        "patternProperties": {&pattern: pattern_value(value, &given, &pattern)},
                        "additionalProperties": false,
                        "required": given,
                        "minProperties": given.len() + 1,
                        "maxProperties": given.len() + 1
                    })
                })
                .collect()
        }
    }
}

/// The value of a key with a device. An option's name has the form of a device's, so that its value must fit here, too.
fn pattern_value(value: &Value, given: &[&str], pattern: &str) -> Value {
    match given.is_empty() || pattern != format!("^{ADDRESS}$") {
        true => value.clone(),
        false => json!({"anyOf": [value, def("reply")]}),
    }
}

fn option(name: &str) -> Value {
    match name {
        "reply" => def("reply"),
        "within" | "for" => def("duration"),
        "until" => def("line"),
        "times" => whole(1, 1_000_000_000),
        "probability" => def("share"),
        _ => def("scalar"),
    }
}

/// Changes to a frame.
fn edits() -> Value {
    let of = |value: Value| json!({"type": "object", "propertyNames": {"pattern": "^-?[0-9]+$|^0x[0-9A-Fa-f]+$"}, "additionalProperties": value});
    json!({
        "set": of(def("octets")), "flip": of(whole(1, 255)), "set element": of(def("octets")),
        "remove element": whole(0, 255), "truncate": whole(0, 4096), "append": def("octets")
    })
}

/// Properties of several objects in one.
fn merged(parts: &[Value]) -> Value {
    let objects = parts.iter().filter_map(Value::as_object).cloned();
    Value::Object(objects.flatten().collect())
}

fn frames() -> Value {
    json!({
        "from": def("scalar"), "to": def("scalar"), "frame": or_parameter(json!({"enum": kinds()})),
        "channel": whole(1, 200), "freq": whole(2000, 7200), "contains": def("octets")
    })
}

fn rule() -> Value {
    let options =
        json!({"times": option("times"), "probability": option("probability"), "rule": option("rule")});
    let edited = object(merged(&[frames(), edits()]), &[]);
    let delayed = object(merged(&[frames(), json!({"by": def("duration")})]), &["by"]);
    let actions = [
        ("pass", def("frame")),
        ("drop", def("frame")),
        ("drop ack", def("frame")),
        ("duplicate", def("frame")),
        ("delay", delayed),
        ("corrupt", edited.clone()),
        ("mutate", edited),
    ];
    let ways = actions
        .into_iter()
        .map(|(action, frames)| object(merged(&[options.clone(), json!({ action: frames })]), &[action]));
    json!({"anyOf": ways.collect::<Vec<_>>()})
}

fn injection() -> Value {
    let common = json!({
        "rule": def("scalar"), "after": def("duration"), "every": def("duration"), "signal": whole(-120, 30),
        "channel": whole(1, 200), "freq": whole(2000, 7200)
    });
    let element =
        object(json!({"id": whole(0, 255), "hex": def("octets"), "length": whole(0, 255)}), &["id"]);
    let field = || whole(0, 0xffff);
    let built = json!({
        "frame": or_parameter(json!({"enum": BUILT_KINDS})),
        "from": def("scalar"), "to": def("scalar"), "bssid": def("scalar"), "ssid": def("scalar"),
        "interval": field(), "capability": field(), "reason": field(), "status": field(), "algorithm": field(),
        "transaction": field(), "sequence": field(),
        "elements": {"anyOf": [def("octets"), {"type": "array", "items": element}]}
    });
    let on_a_channel = |mut of: Value| {
        of["anyOf"] = json!([{"required": ["channel"]}, {"required": ["freq"]}]);
        of
    };
    json!({"anyOf": [
        on_a_channel(object(merged(&[common.clone(), edits(), built]), &["frame", "from"])),
        on_a_channel(object(merged(&[common.clone(), edits(), json!({"hex": def("octets")})]), &["hex"])),
        object(merged(&[common, edits(), json!({"replay": def("frame")})]), &["replay"])
    ]})
}

fn new_link() -> Value {
    let ends =
        json!({"type": "array", "items": def("scalar"), "minItems": 2, "maxItems": 2, "uniqueItems": true});
    object(
        json!({
            "between": ends, "signal": whole(-120, 30), "loss": def("share"), "delay": def("duration")
        }),
        &["between"],
    )
}
