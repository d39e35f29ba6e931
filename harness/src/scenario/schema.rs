//! The JSON Schema of scenario files, for editors.

use serde_json::{Value, json};

use super::frames::{BUILT_KINDS, kinds};
use super::keys;

/// The schema (draft 2020-12).
pub fn schema() -> Value {
    let names = |words: &str| {
        words
            .split_whitespace()
            .map(|w| (w.to_owned(), json!({"$ref": "#/$defs/scalar"})))
            .collect::<serde_json::Map<_, _>>()
    };
    let mut device = names(keys::SUPPLICANT);
    let extra = json!({
        "hostapd": {"oneOf": [
            {"type": "object", "properties": names(keys::HOSTAPD)},
            {"type": "string", "description": "a hostapd.conf"}]},
        "networks": {"type": "array", "items": {"type": "object", "properties": names(keys::NETWORK), "additionalProperties": false}},
        "config": {"$ref": "#/$defs/scalar", "description": "further text of wpa_supplicant.conf"},
        "at": {"$ref": "#/$defs/position"},
        "link": {"type": "object", "additionalProperties": {"$ref": "#/$defs/link"}},
        "files": {"type": "object", "additionalProperties": {"$ref": "#/$defs/scalar"}},
        "start": {"$ref": "#/$defs/truth"},
        "shows_start": {"$ref": "#/$defs/truth"},
        "used_before": {"$ref": "#/$defs/truth"},
        "testing": {"$ref": "#/$defs/truth", "description": "a supplicant with the commands for test suites"},
        "scripted": {"$ref": "#/$defs/truth"},
        "radio": {"$ref": "#/$defs/scalar", "description": "the earlier device whose radio and addresses this one takes over"}
    });
    if let Value::Object(extra) = extra {
        device.extend(extra);
    }
    let frame = json!({
        "from": {"$ref": "#/$defs/scalar"}, "to": {"$ref": "#/$defs/scalar"}, "frame": {"anyOf": [{"enum": kinds()}, {"$ref": "#/$defs/parameter"}]},
        "channel": {"$ref": "#/$defs/whole"}, "freq": {"$ref": "#/$defs/whole"}, "contains": {"$ref": "#/$defs/scalar"}
    });
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
            "seed": {"$ref": "#/$defs/whole", "minimum": 0},
            "hz": {"$ref": "#/$defs/whole"},
            "regulatory": {"type": ["string", "integer"]},
            "deadline": {"$ref": "#/$defs/duration"},
            "matrix": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "array", "minItems": 1, "uniqueItems": true}},
            "devices": {
                "type": "object", "minProperties": 1,
                "additionalProperties": {"oneOf": [{"type": "null"}, {"type": "object", "properties": device, "additionalProperties": false}]}
            },
            "steps": {"$ref": "#/$defs/steps"}
        },
        "$defs": {
            "parameter": {"description": "a parameter of the matrix", "type": "string", "pattern": "[{]"},
            "scalar": {"type": ["string", "number", "boolean"]},
            "whole": {
                "description": "a whole number; also as text, in hexadecimal, or from a parameter",
                "type": ["integer", "string"], "pattern": "^-?[0-9]+$|^0x[0-9A-Fa-f]+$|[{]"
            },
            "truth": {"enum": [true, false, "yes", "no", "on", "off"]},
            "duration": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?(us|ms|s|min|h)$|[{]"},
            "position": {"type": "array", "items": {"$ref": "#/$defs/whole"}, "minItems": 2, "maxItems": 2},
            "link": {"type": "object", "properties": {
                "signal": {"$ref": "#/$defs/whole"}, "loss": {"$ref": "#/$defs/scalar"}, "delay": {"$ref": "#/$defs/duration"}}},
            "frame": {"type": "object", "properties": frame, "additionalProperties": false},
            "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
            "reply": {"oneOf": [
                {"$ref": "#/$defs/scalar"},
                {"type": "object", "additionalProperties": false, "properties": {
                    "starts": {"$ref": "#/$defs/scalar"}, "contains": {"$ref": "#/$defs/scalar"}, "matches": {"$ref": "#/$defs/scalar"},
                    "fields": {"type": "object"}}}]},
            "step": {
                "type": "object",
                "minProperties": 1,
                "properties": {
                    "name": {"$ref": "#/$defs/scalar"},
                    "reply": {"$ref": "#/$defs/reply"},
                    "within": {"$ref": "#/$defs/duration"},
                    "for": {"$ref": "#/$defs/duration"},
                    "until": {"$ref": "#/$defs/scalar"},
                    "together": {"$ref": "#/$defs/steps"},
                    "either": {"type": "array"},
                    "advance": {"$ref": "#/$defs/duration"},
                    "air": {"type": "object", "properties": {
                        "pass": {"type": "object"}, "drop": {"type": "object"}, "drop ack": {"type": "object"},
                        "delay": {"type": "object"}, "duplicate": {"type": "object"}, "corrupt": {"type": "object"},
                        "mutate": {"type": "object"}, "times": {"$ref": "#/$defs/whole"}, "probability": {"$ref": "#/$defs/scalar"},
                        "rule": {"$ref": "#/$defs/scalar"}}, "additionalProperties": false},
                    "times": {"$ref": "#/$defs/whole"},
                    "probability": {"$ref": "#/$defs/scalar"},
                    "rule": {"$ref": "#/$defs/scalar"},
                    "stop": {"$ref": "#/$defs/scalar"},
                    "inject": {"type": "object", "properties": {
                        "frame": {"anyOf": [{"enum": BUILT_KINDS}, {"$ref": "#/$defs/parameter"}]}, "hex": {"$ref": "#/$defs/scalar"}, "replay": {"$ref": "#/$defs/frame"}}},
                    "expect frame": {"$ref": "#/$defs/frame"},
                    "forbid frame": {"$ref": "#/$defs/frame"},
                    "kill": {"$ref": "#/$defs/scalar"},
                    "start": {"$ref": "#/$defs/scalar"},
                    "refused": {"description": "a line that the program writes as it refuses the device's configuration", "$ref": "#/$defs/scalar"},
                    "radio off": {"$ref": "#/$defs/scalar"},
                    "radio on": {"$ref": "#/$defs/scalar"},
                    "move": {"type": "object"},
                    "link": {"type": "object"},
                    "file": {"type": "object"},
                    "check file": {"type": ["string", "object"]},
                    "note": {"$ref": "#/$defs/scalar"},
                    "include": {"$ref": "#/$defs/scalar"},
                    "repeat": {"$ref": "#/$defs/whole"},
                    "steps": {"$ref": "#/$defs/steps"}
                },
                "patternProperties": {
                    "^[A-Za-z][A-Za-z0-9_-]*([./][^ ]+)? (sees|does not see)$": {"$ref": "#/$defs/scalar"},
                    "^status of ": {"type": "object"},
                    "^[A-Za-z][A-Za-z0-9_-]*([./][^ ]+)?$": {"description": "a command to this device"}
                },
                "additionalProperties": false
            }
        }
    })
}
