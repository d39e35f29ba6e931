//! The JSON Schema of scenario files, for editors. It refuses what [`super::read`] refuses as far as a schema can: what
//! depends on another place of the file (names of devices, captures, rules to stop) and texts with braces is left open.

pub(crate) mod air;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::devices::reserved;
use super::frames::kinds;
use super::keys;
use crate::steps;

/// A reference to a definition.
pub(crate) fn def(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// An object with these properties and no others.
pub(crate) fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// A text that a parameter of a matrix may stand in, where other texts are restricted.
pub(crate) fn or_parameter(of: Value) -> Value {
    json!({"anyOf": [of, def("parameter")]})
}

/// A whole number within a range, also as text or from a parameter.
pub(crate) fn whole(low: i64, high: i64) -> Value {
    json!({"anyOf": [{"type": "integer", "minimum": low, "maximum": high}, def("number-as-text")]})
}

/// The schema (draft 2020-12).
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wpasim scenario",
        "type": "object",
        "additionalProperties": false,
        "required": ["devices", "steps"],
        "properties": {
            "format": {"const": super::FORMAT},
            "about": {"$ref": "#/$defs/scalar", "description": "what it shows, one line"},
            "why": {"$ref": "#/$defs/scalar", "description": "the clause or bug it guards"},
            "requires": {"type": "array", "items": {"enum": super::CAPABILITIES.iter().map(|(n, _)| *n).collect::<Vec<_>>()}},
            "since": {"enum": ["2.9", "2.10", "2.11", 2.9, 2.1, 2.11], "description": "the first release that has what the scenario is about"},
            "transcript": {"const": "none"},
            "seed": whole(0, i64::MAX),
            "hz": whole(10, 10_000),
            "regulatory": or_parameter(json!({"enum": regulatory_domains()})),
            "deadline": def("duration"),
            "matrix": {
                "type": "object", "minProperties": 1,
                "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9_]*$"},
                "additionalProperties": {
                    "type": "array", "minItems": 1, "uniqueItems": true,
                    "items": {"type": ["string", "number", "boolean"], "pattern": "^[^/@,={}]+$"}
                }
            },
            "devices": {
                "type": "object", "minProperties": 1,
                "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9_-]*$", "not": {"enum": reserved()}},
                "additionalProperties": {"anyOf": [{"type": "null"}, device()]}
            },
            "steps": def("steps")
        },
        "$defs": definitions()
    })
}

fn names(words: &str) -> Map<String, Value> {
    words.split_whitespace().map(|w| (w.to_owned(), def("scalar"))).collect()
}

fn device() -> Value {
    let network = object(Value::Object(names(keys::NETWORK)), &[]);
    let mut supplicant = names(keys::SUPPLICANT);
    supplicant.insert("networks".to_owned(), json!({"type": "array", "items": network}));
    supplicant.insert(
        "config".to_owned(),
        json!({"$ref": "#/$defs/scalar", "description": "further text of wpa_supplicant.conf"}),
    );
    let mut hostapd = object(Value::Object(names(keys::HOSTAPD)), &[]);
    hostapd["patternProperties"] = json!({"^(tx_queue|wme_ac|wmm_ac)_": def("scalar")});
    let common = json!({
        "at": def("position"),
        "link": {"type": "object", "additionalProperties": def("link")},
        "files": {"type": "object", "additionalProperties": def("scalar")},
        "start": def("truth"),
        "shows_start": def("truth"),
        "used_before": def("truth"),
        "testing": {"$ref": "#/$defs/truth", "description": "a supplicant with the commands for test suites"},
        "radio": {"$ref": "#/$defs/scalar", "description": "the earlier device whose radio and addresses this one takes over"}
    });
    let with = |own: Map<String, Value>, required: &[&str]| {
        let mut properties = own;
        if let Value::Object(common) = &common {
            properties.extend(common.clone());
        }
        object(Value::Object(properties), required)
    };
    let only = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    supplicant.insert("scripted".to_owned(), json!({"enum": [false, "no", "off"]}));
    json!({"anyOf": [
        with(supplicant, &[]),
        with(
            only("hostapd", json!({"anyOf": [hostapd, {"type": "string", "description": "a hostapd.conf"}]})),
            &["hostapd"]
        ),
        with(only("scripted", def("truth")), &["scripted"])
    ]})
}

fn definitions() -> Value {
    let frame = object(
        json!({
            "from": def("scalar"), "to": def("scalar"), "frame": or_parameter(json!({"enum": kinds()})),
            "channel": whole(1, 200), "freq": whole(2000, 7200), "contains": def("octets")
        }),
        &[],
    );
    let link =
        object(json!({"signal": whole(-120, 30), "loss": def("share"), "delay": def("duration")}), &[]);
    json!({
        "parameter": {"description": "a parameter of the matrix", "type": "string", "pattern": "[{]"},
        "scalar": {"type": ["string", "number", "boolean"]},
        "line": {"description": "a command, an event or a reply", "type": ["string", "number", "boolean"]},
        "number-as-text": {"type": "string", "pattern": "^-?[0-9]+$|^0x[0-9A-Fa-f]+$|[{]"},
        "octets": or_parameter(json!({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9A-Fa-f: \\n]*$"}]})),
        "share": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?%$|[{]"},
        "truth": {"enum": [true, false, "yes", "no", "on", "off", "true", "false"]},
        "duration": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]*)? *(us|ms|s|min|h)$|[{]"},
        "durations": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]*)? *(us|ms|s|min|h)( to +[0-9]+(\\.[0-9]*)? *(us|ms|s|min|h))?$|[{]"},
        "position": {"type": "array", "items": whole(-100_000, 100_000), "minItems": 2, "maxItems": 2},
        "link": link,
        "frame": frame,
        "steps": {"type": "array", "minItems": 1, "items": def("step")},
        "expectations": {"type": "array", "minItems": 1, "items": def("expectation")},
        "fields": {"type": "object", "minProperties": 1, "additionalProperties": def("line")},
        "reply": {"anyOf": [
            def("line"),
            object(json!({"starts": def("line")}), &["starts"]),
            object(json!({"contains": def("line")}), &["contains"]),
            object(json!({"matches": def("scalar")}), &["matches"]),
            object(json!({"fields": def("fields")}), &["fields"])
        ]},
        "command": steps::command_schema(),
        "expectation": steps::schema::expectation(),
        "step": steps::schema::step()
    })
}

/// The values of `regulatory`.
fn regulatory_domains() -> Vec<Value> {
    let names = wpasim_sim::Regulatory::names().into_iter().chain(["0".to_owned(), "custom".to_owned()]);
    names.map(Value::from).chain([Value::from(0)]).collect()
}
