//! The schema of rules of the air, of injected frames and of links.

use serde_json::{Map, Value, json};

use super::{def, object, or_parameter, whole};
use crate::scenario::air::{ACTIONS, EDITS};
use crate::scenario::frames::{built_kinds, kinds};

/// Changes to a frame.
fn edits() -> Value {
    EDITS.iter().map(|row| (row.word.to_owned(), (row.schema)())).collect::<Map<String, Value>>().into()
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
    let ways = ACTIONS.iter().map(|row| {
        let mut own = (row.schema)();
        if row.edits {
            own = merged(&[own, edits()]);
        }
        let frames = object(merged(&[frames(), own]), row.required);
        object(merged(&[options.clone(), json!({ row.word: frames })]), &[row.word])
    });
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
        "frame": or_parameter(json!({"enum": built_kinds()})),
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
