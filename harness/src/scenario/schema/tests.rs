use std::path::Path;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use rstest::rstest;
use serde_json::{Value, json};

use super::schema;
use crate::scenario::discover::{Found, Root, below};
use crate::scenario::read_all;
use crate::scenario::without_includes;
use crate::scenario::yaml::{self, Kind, Node, Style};
use crate::steps::{Key, Kind as StepKind, TABLE};

struct Validator(Schemas, SchemaIndex);

static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::new);

impl Validator {
    fn new() -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource("scenario.json", schema()).unwrap();
        let index = compiler.compile("scenario.json", &mut schemas).unwrap_or_else(|e| panic!("{e:#}"));
        Validator(schemas, index)
    }

    fn accepts(&self, value: &Value) -> bool {
        self.0.validate(value, self.1).is_ok()
    }
}

/// Returns the YAML as an editor reads it: plain scalars are numbers and truth values where they look so.
fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar(text, Style::Plain) => match text.as_str() {
            "" | "~" | "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(number), _) => json!(number),
                (_, Ok(number)) if number.is_finite() => json!(number),
                _ => json!(text),
            },
        },
        Kind::Scalar(text, _) => json!(text),
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Map(pairs) => {
            let pair = |(key, value): &(Node, Node)| (key.text().unwrap_or_default().to_owned(), json(value));
            Value::Object(pairs.iter().map(pair).collect())
        }
    }
}

#[test]
fn every_scenario_of_the_suite_is_valid() {
    let validator = &*VALIDATOR;
    let root = Root::Disk(Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"));
    let all = below(&root);
    assert!(all.len() > 200);
    for found in &all {
        let value = json(&yaml::parse(&Found::source(found).unwrap()).unwrap());
        if let Err(error) = validator.0.validate(&value, validator.1) {
            panic!("{}: {error:#}", found.path());
        }
    }
}

/// Every step of the table is in the schema with its examples, and the schema has no other.
#[test]
fn the_schema_has_the_steps_of_the_table() {
    for example in TABLE.iter().flat_map(|kind| kind.documentation).flat_map(|(examples, _)| *examples) {
        let source = format!("devices: {{sta: {{}}, ap: {{}}}}\nsteps:\n  - {example}\n");
        assert!(VALIDATOR.accepts(&json(&yaml::parse(&source).unwrap())), "{example}");
    }
    let schema = schema();
    let ways = schema["$defs"]["step"]["anyOf"].as_array().unwrap();
    let mut keys: Vec<&str> = ways
        .iter()
        .map(|way| match way["patternProperties"].as_object() {
            Some(patterns) => patterns.keys().next().unwrap(),
            None => way["required"][0].as_str().unwrap(),
        })
        .collect();
    keys.dedup();
    let is_key_of = |key: &str, kind: &StepKind| match kind.key {
        Key::Word(word, _) | Key::Steps(word, _) => key == word,
        Key::Device { before, after, .. } => {
            key.starts_with(&format!("^{before}[")) && key.ends_with(&format!("?{after}$"))
        }
    };
    assert_eq!(keys.len(), TABLE.len(), "{keys:?}");
    for (key, kind) in keys.into_iter().zip(TABLE) {
        assert!(is_key_of(key, kind), "{key} is not {kind:?}");
    }
}

#[test]
fn the_example_of_new_is_valid() {
    let example = include_str!("../../cli/example.yaml");
    assert!(VALIDATOR.accepts(&json(&yaml::parse(example).unwrap())));
}

/// Both refuse the steps; a device `a` and a scripted one `b` are there.
#[rstest]
#[case::unknown_step_for_waiting("wait: 5s")]
#[case::sleeping("sleep: 5")]
#[case::option_alone("within: 5s")]
#[case::reply_alone("reply: OK")]
#[case::two_commands("{a: PING, c: PING}")]
#[case::command_and_step("{a: PING, advance: 1s}")]
#[case::misspelt_option("{a: PING, replay: PONG}")]
#[case::misspelt_verb("a seees: X")]
#[case::no_duration("advance: 5")]
#[case::no_unit("{a: PING, within: 5}")]
#[case::empty_reply("{a: PING, reply: {}}")]
#[case::two_ways("{a: PING, reply: {starts: x, contains: y}}")]
#[case::reply_of_a_list("{a: PING, reply: [x]}")]
#[case::no_command("{a: }")]
#[case::command_of_a_list("{a: [x]}")]
#[case::unknown_part_of_a_command("{a: {text: x, foo: y}}")]
#[case::reply_to_an_event("{a sees: X, reply: OK}")]
#[case::times_of_an_event("{a sees: X, times: 3}")]
#[case::no_field("status of a: {}")]
#[case::nothing_together("together: []")]
#[case::command_together("together: [{a: PING}]")]
#[case::nothing_either("either: []")]
#[case::unknown_rule("air: {lose: {frame: beacon}}")]
#[case::rule_of_nothing("air: {}")]
#[case::two_rules("air: {drop: {}, pass: {}}")]
#[case::unknown_frame("air: {drop: {frame: eapol-3}}")]
#[case::unknown_part_of_frames("air: {drop: {fram: beacon}}")]
#[case::delay_by_nothing("air: {delay: {frame: beacon}}")]
#[case::no_share("air: {drop: {}, probability: 10}")]
#[case::channel_of_no_band("expect frame: {channel: 1000}")]
#[case::octets("expect frame: {contains: xyz}")]
#[case::unknown_frame_to_build("inject: {frame: eapol-1of4, from: a, channel: 1}")]
#[case::built_from_nowhere("inject: {frame: beacon, channel: 1}")]
#[case::injected_nowhere("inject: {hex: '80'}")]
#[case::injected_nothing("inject: {channel: 1}")]
#[case::unknown_field("inject: {frame: beacon, from: a, channel: 1, colour: red}")]
#[case::element_without_id("inject: {frame: beacon, from: a, channel: 1, elements: [{hex: '00'}]}")]
#[case::mask("air: {mutate: {flip: {3: 0}}}")]
#[case::moved_nowhere("move: {device: a}")]
#[case::moved_in_one_dimension("move: {device: a, to: [1]}")]
#[case::link_of_one("link: {between: [a]}")]
#[case::link_to_itself("link: {between: [a, a]}")]
#[case::link_with_an_unknown_part("link: {between: [a, b], colour: red}")]
#[case::file_without_content("file: {device: a}")]
#[case::file_of_nobody("file: {content: x}")]
#[case::file_with_two_contents("file: {device: a, content: x, append: y}")]
#[case::checked_file_of_nobody("check file: {path: x}")]
#[case::repeated_nothing("repeat: 3")]
#[case::repeated_never("{repeat: 0, steps: [{a: PING}]}")]
#[case::text("PING")]
#[case::nothing("{}")]
fn bad_steps_are_refused_by_both(#[case] step: &str) {
    refused_by_both(&format!("devices: {{a: {{}}, b: {{scripted: yes}}, c: {{}}}}\nsteps:\n  - {step}\n"));
}

#[rstest]
#[case::unknown_key("devices: {a: {}}\nsteps: [{a: PING}]\ncolour: red\n")]
#[case::no_devices("steps: [{advance: 1s}]\n")]
#[case::no_steps("devices: {a: {}}\n")]
#[case::empty_steps("devices: {a: {}}\nsteps: []\n")]
#[case::empty_devices("devices: {}\nsteps: [{advance: 1s}]\n")]
#[case::other_format("format: 2\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::unknown_capability("requires: [p2]\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::transcript("transcript: some\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::hz("hz: 5\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::regulatory("regulatory: XX\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::deadline("deadline: 5\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::seed("seed: -1\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::matrix_of_nothing("matrix: {}\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::matrix_of_text("matrix: {x: y}\ndevices: {a: {}}\nsteps: [{a: '{x}'}]\n")]
#[case::matrix_twice_the_same("matrix: {x: [y, y]}\ndevices: {a: {}}\nsteps: [{a: '{x}'}]\n")]
#[case::matrix_value("matrix: {x: [a/b]}\ndevices: {a: {}}\nsteps: [{a: '{x}'}]\n")]
#[case::matrix_name("matrix: {x-y: [z]}\ndevices: {a: {}}\nsteps: [{a: PING}]\n")]
#[case::reserved_name("devices: {together: {}}\nsteps: [{advance: 1s}]\n")]
#[case::impossible_name("devices: {1a: {}}\nsteps: [{advance: 1s}]\n")]
#[case::unknown_global("devices: {a: {updat_config: 1}}\nsteps: [{a: PING}]\n")]
#[case::unknown_variable("devices: {a: {networks: [{sid: x}]}}\nsteps: [{a: PING}]\n")]
#[case::unknown_hostapd_key("devices: {a: {hostapd: {sid: x}}}\nsteps: [{a: PING}]\n")]
#[case::hostapd_and_networks("devices: {a: {hostapd: {ssid: x}, networks: []}}\nsteps: [{a: PING}]\n")]
#[case::truth("devices: {a: {start: maybe}}\nsteps: [{advance: 1s}]\n")]
#[case::place("devices: {a: {at: [1, 2, 3]}}\nsteps: [{a: PING}]\n")]
#[case::loss("devices: {a: {link: {b: {loss: 5}}}, b: {}}\nsteps: [{a: PING}]\n")]
#[case::signal("devices: {a: {link: {b: {signal: 500}}}, b: {}}\nsteps: [{a: PING}]\n")]
fn bad_files_are_refused_by_both(#[case] source: &str) {
    refused_by_both(source);
}

#[track_caller]
fn refused_by_both(source: &str) {
    assert!(read_all("x.yaml", source, &without_includes).is_err(), "check accepts\n{source}");
    let value = json(&yaml::parse(source).unwrap());
    assert!(!VALIDATOR.accepts(&value), "the schema accepts\n{source}");
}

/// A device that is called as an option is: the forms stay apart.
#[rstest]
#[case("{a: STATUS, reply: {fields: {wpa_state: COMPLETED}}, within: 5s, name: x}")]
#[case("{a.global: PING, reply: PONG}")]
#[case("{a/second: ATTACH}")]
#[case("{a does not see: X, for: 5s}")]
#[case("status of a: {wpa_state: COMPLETED}")]
#[case("either: [{a sees: X}, [{a sees: Y}, {a: PING}]]")]
fn good_steps_are_accepted_by_both(#[case] step: &str) {
    let source = format!("devices: {{a: {{}}}}\nsteps:\n  - {step}\n");
    read_all("x.yaml", &source, &without_includes).unwrap();
    assert!(VALIDATOR.accepts(&json(&yaml::parse(&source).unwrap())), "{step}");
}
