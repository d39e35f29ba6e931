//! The JSON Schema of reports, for those who read them with other tools.

use serde_json::{Value, json};

use super::json::FORMAT;

/// The schema of the report that `run --json` and `merge --json` write.
pub fn schema() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let count = |about: &str| json!({"type": "integer", "minimum": 0, "description": about});
    let texts = |about: &str| json!({"type": "array", "items": {"type": "string"}, "description": about});
    let maybe = |kind: &str, about: &str| json!({"type": [kind, "null"], "description": about});
    let yes = |about: &str| json!({"type": "boolean", "description": about});
    let object = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false});
    let place = object(
        &["file", "line", "column"],
        json!({
            "file": text("as wpasim saw it from where it was started"),
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
        }),
    );
    let run = object(
        &[
            "scenario",
            "file",
            "target",
            "seed",
            "verdict",
            "message",
            "transcript",
            "virtual_us",
            "wall_us",
            "trace_hash",
            "deviations",
        ],
        json!({
            "scenario": text("area/name, and @key=value of a case"),
            "file": text("the scenario's file"),
            "target": text("what it ran against, as --target has it"),
            "seed": count("of every random choice"),
            "verdict": {
                "enum": ["pass", "fail", "skip", "invalid", "error", "interrupted"],
                "description": "invalid: the scenario or its transcript cannot be read; error: the target could not run",
            },
            "message": maybe("string", "why, unless it passed"),
            "transcript": yes("whether it was compared with a transcript to its end"),
            "blessed": yes("whether its transcript was written"),
            "virtual_us": count("how many microseconds passed in the run"),
            "wall_us": count("how many microseconds it took"),
            "trace_hash": maybe("string", "over all that happened: equal hashes are equal runs"),
            "deviations": texts("the reasons of the known deviations that it needed"),
            "place": place,
            "at_us": count("when it failed, in virtual microseconds"),
            "expected": text("in the scenario's own words"),
            "actual": text("what was there instead"),
            "nearest": yes("whether `actual` is only the most similar of what there was"),
            "actual_at_us": count("when that was, in virtual microseconds"),
            "against": text("the transcript of the diff, and who made it"),
            "diff": texts("lines that begin with `- ` are the transcript's alone, with `+ ` the run's alone"),
            "before": texts("what was said just before"),
            "states": {
                "type": "array",
                "items": object(&["device", "state"], json!({"device": text("its name"), "state": text("in a line")})),
                "description": "the devices at the end",
            },
            "capture": text("the file of the frames that were on the air"),
            "said": text("the file of all that was said: the run's transcript"),
            "logs": texts("the devices' debug logs"),
            "unkept": texts("what of these files could not be written, and why"),
            "rerun": text("the command that makes this run again"),
            "accept": text("the command that makes what was said the reference"),
        }),
    );
    let deviation = object(
        &["suite", "place", "scenario", "line", "reason", "concerns", "needed"],
        json!({
            "suite": text("what the paths of its scenarios begin with"),
            "place": text("file:line:column"),
            "scenario": text("glob over scenarios"),
            "line": text("glob over lines that differ"),
            "reason": text("why they may"),
            "concerns": count("how many scenarios of the suite it is about"),
            "needed": yes("whether a run needed it"),
        }),
    );
    let selection = object(
        &["scenarios", "runs", "hash"],
        json!({
            "scenarios": count("how many; each case of a matrix is one"),
            "runs": count("scenarios by seeds"),
            "hash": text("over their names in order"),
        }),
    );
    let formats = object(
        &["scenario", "transcript", "report"],
        json!({"scenario": count("of scenarios"), "transcript": count("of transcripts"), "report": count("of reports")}),
    );
    let tested = object(
        &["version", "from"],
        json!({"version": text("as the program gives it"), "from": text("where the program comes from")}),
    );
    let shard = json!({
        "type": ["object", "null"],
        "required": ["index", "count"],
        "properties": {"index": {"type": "integer", "minimum": 1}, "count": {"type": "integer", "minimum": 1}},
        "additionalProperties": false,
        "description": "which share of the selection this is; null: all",
    });
    let mut schema = object(
        &[
            "format",
            "version",
            "formats",
            "target",
            "tested",
            "reference",
            "seed",
            "repeat",
            "selection",
            "shard",
            "began",
            "wall_us",
            "interrupted",
            "problems",
            "passed",
            "failed",
            "skipped",
            "invalid",
            "errors",
            "deviations",
            "runs",
        ],
        json!({
            "format": {"const": FORMAT},
            "version": text("the wpasim that wrote it"),
            "formats": formats,
            "target": text("what the scenarios ran against, as --target has it"),
            "tested": {"type": "array", "items": tested, "description": "the implementations that ran the devices, supplicants first"},
            "reference": text("what the runs are held to"),
            "seed": maybe("integer", "the first one; null where nothing depends on it"),
            "repeat": count("how many seeds"),
            "selection": selection,
            "shard": shard,
            "began": {"type": "string", "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d$", "description": "UTC"},
            "wall_us": count("how many microseconds the session took"),
            "interrupted": yes("whether Ctrl-C ended it"),
            "problems": texts("what was wrong with the input, apart from scenarios"),
            "passed": count("runs"),
            "failed": count("runs"),
            "skipped": count("runs"),
            "invalid": count("runs whose scenario or transcript cannot be read"),
            "errors": count("runs that the target could not make"),
            "deviations": {"type": "array", "items": deviation, "description": "the known deviations of the suites"},
            "runs": {"type": "array", "items": run},
        }),
    );
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".into(), "A report of wpasim run --json".into());
    }
    schema
}
