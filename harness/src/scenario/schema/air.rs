//! The schema of rules of the air, of injected frames and of links.

use serde_json::{Value, json};

use super::{def, object, or_parameter, whole};
use crate::scenario::frames::{BUILT_KINDS, kinds};

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

pub fn rule() -> Value {
    let options =
        json!({"times": whole(1, 1_000_000_000), "probability": def("share"), "rule": def("scalar")});
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

pub fn injection() -> Value {
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

pub fn new_link() -> Value {
    let ends =
        json!({"type": "array", "items": def("scalar"), "minItems": 2, "maxItems": 2, "uniqueItems": true});
    object(
        json!({
            "between": ends, "signal": whole(-120, 30), "loss": def("share"), "delay": def("duration")
        }),
        &["between"],
    )
}
