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
        "hostapd": {"type": "object", "properties": names(keys::HOSTAPD)},
        "networks": {"type": "array", "items": {"type": "object", "properties": names(keys::NETWORK), "additionalProperties": false}},
        "config": {"type": "string", "description": "further text of wpa_supplicant.conf"},
        "at": {"$ref": "#/$defs/position"},
        "link": {"type": "object", "additionalProperties": {"$ref": "#/$defs/link"}},
        "files": {"type": "object", "additionalProperties": {"type": "string"}},
        "start": {"$ref": "#/$defs/truth"},
        "shows_start": {"$ref": "#/$defs/truth"},
        "used_before": {"$ref": "#/$defs/truth"},
        "scripted": {"$ref": "#/$defs/truth"},
        "radio": {"type": "string", "description": "the earlier device whose radio and addresses this one takes over"}
    });
    if let Value::Object(extra) = extra {
        device.extend(extra);
    }
    let frame = json!({
        "from": {"type": "string"}, "to": {"type": "string"}, "frame": {"enum": kinds()},
        "channel": {"type": "integer"}, "freq": {"type": "integer"}, "contains": {"type": "string"}
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wpasim scenario",
        "type": "object",
        "additionalProperties": false,
        "required": ["devices", "steps"],
        "properties": {
            "format": {"const": super::FORMAT},
            "about": {"type": "string", "description": "what it shows, one line"},
            "why": {"type": "string", "description": "the clause or bug it guards"},
            "requires": {"type": "array", "items": {"enum": super::CAPABILITIES.iter().map(|(n, _)| *n).collect::<Vec<_>>()}},
            "transcript": {"const": "none"},
            "seed": {"type": "integer", "minimum": 0},
            "hz": {"type": "integer"},
            "regulatory": {"type": ["string", "integer"]},
            "deadline": {"$ref": "#/$defs/duration"},
            "matrix": {"type": "object", "additionalProperties": {"type": "array", "minItems": 1}},
            "devices": {
                "type": "object", "minProperties": 1,
                "additionalProperties": {"oneOf": [{"type": "null"}, {"type": "object", "properties": device, "additionalProperties": false}]}
            },
            "steps": {"$ref": "#/$defs/steps"}
        },
        "$defs": {
            "scalar": {"type": ["string", "number", "boolean"]},
            "truth": {"enum": [true, false, "yes", "no", "on", "off"]},
            "duration": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?(us|ms|s|min|h)$"},
            "position": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "link": {"type": "object", "properties": {
                "signal": {"type": "integer"}, "loss": {"type": "string"}, "delay": {"$ref": "#/$defs/duration"}}},
            "frame": {"type": "object", "properties": frame, "additionalProperties": false},
            "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
            "reply": {"oneOf": [
                {"$ref": "#/$defs/scalar"},
                {"type": "object", "additionalProperties": false, "properties": {
                    "starts": {"type": "string"}, "contains": {"type": "string"}, "matches": {"type": "string"},
                    "fields": {"type": "object"}}}]},
            "step": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "reply": {"$ref": "#/$defs/reply"},
                    "within": {"$ref": "#/$defs/duration"},
                    "for": {"$ref": "#/$defs/duration"},
                    "until": {"type": "string"},
                    "together": {"$ref": "#/$defs/steps"},
                    "either": {"type": "array"},
                    "advance": {"$ref": "#/$defs/duration"},
                    "air": {"type": "object", "properties": {
                        "pass": {"type": "object"}, "drop": {"type": "object"}, "drop ack": {"type": "object"},
                        "delay": {"type": "object"}, "duplicate": {"type": "object"}, "corrupt": {"type": "object"},
                        "mutate": {"type": "object"}, "times": {"type": "integer"}, "probability": {"type": "string"},
                        "rule": {"type": "string"}}, "additionalProperties": false},
                    "times": {"type": "integer"},
                    "probability": {"type": "string"},
                    "rule": {"type": "string"},
                    "stop": {"type": "string"},
                    "inject": {"type": "object", "properties": {
                        "frame": {"enum": BUILT_KINDS}, "hex": {"type": "string"}, "replay": {"$ref": "#/$defs/frame"}}},
                    "expect frame": {"$ref": "#/$defs/frame"},
                    "forbid frame": {"$ref": "#/$defs/frame"},
                    "kill": {"type": "string"},
                    "start": {"type": "string"},
                    "radio off": {"type": "string"},
                    "radio on": {"type": "string"},
                    "move": {"type": "object"},
                    "link": {"type": "object"},
                    "file": {"type": "object"},
                    "check file": {"type": ["string", "object"]},
                    "note": {"type": "string"},
                    "include": {"type": "string"},
                    "repeat": {"type": "integer"},
                    "steps": {"$ref": "#/$defs/steps"}
                },
                "patternProperties": {
                    "^[A-Za-z][A-Za-z0-9_-]*([./][^ ]+)? (sees|does not see)$": {"type": "string"},
                    "^status of ": {"type": "object"},
                    "^[A-Za-z][A-Za-z0-9_-]*([./][^ ]+)?$": {"description": "a command to this device"}
                },
                "additionalProperties": false
            }
        }
    })
}
