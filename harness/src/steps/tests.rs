use std::fs;
use std::path::Path;

use rstest::rstest;

use super::*;
use crate::scenario::model::Case;
use crate::scenario::read;

/// Between these lines stands the list of the steps.
const BEGIN: &str = "<!-- the steps: made from harness/src/steps, see its documentation -->\n\n";
const END: &str = "\n<!-- the end of the steps -->";

/// The kinds of the steps of a scenario with the devices of the documentation.
fn kinds_of(steps: &str) -> Vec<String> {
    let source = format!(
        "devices: {{sta: {{}}, ap: {{hostapd: {{ssid: net, channel: 1}}}}}}\nsteps:\n  - {{air: {{pass: {{}}}}, rule: NAME}}\n  - {steps}\n"
    );
    let included = |_: &str| Ok("- note: included".to_owned());
    let scenario =
        read("x.yaml", &source, &Case::new(), &included).unwrap_or_else(|e| panic!("{source}\n{e}"));
    scenario.steps[1..].iter().map(|step| format!("{:?}", step.kind)).collect()
}

#[test]
fn examples_are_read_as_what_they_document() {
    for kind in TABLE {
        let examples: Vec<&str> =
            kind.documentation.iter().flat_map(|(examples, _)| *examples).copied().collect();
        assert!(!examples.is_empty(), "{kind:?} has no example");
        for example in examples {
            let got = kinds_of(example);
            match kind.key {
                Key::Steps(..) => assert!(!got.is_empty(), "{example}"),
                _ => assert_eq!(got, [format!("{kind:?}")], "{example}"),
            }
        }
    }
}

#[test]
fn keys_and_options_are_told_apart() {
    let words: Vec<&str> = words().collect();
    let options = options();
    for (i, word) in words.iter().enumerate() {
        assert!(!words[..i].contains(word), "{word} stands twice in the table");
        assert!(!options.contains(word) && !WAITING.contains(word), "{word} is an option, too");
    }
    for kind in TABLE {
        for option in kind.required {
            assert!(kind.options.iter().any(|o| o.name == option.name), "{kind:?}: {}", option.name);
        }
        assert!(
            kind.needs.is_none_or(|need| crate::scenario::CAPABILITIES.iter().any(|(name, _)| *name == need))
        );
    }
}

#[rstest]
#[case("expect")]
#[case("status")]
#[case("radio")]
#[case("refused")]
#[case("times")]
#[case("steps")]
fn devices_have_no_names_that_steps_use(#[case] name: &str) {
    let source = format!("devices: {{{name}: {{}}}}\nsteps: [{{advance: 1s}}]\n");
    let invalid = read("x.yaml", &source, &Case::new(), &crate::scenario::without_includes).unwrap_err();
    assert!(invalid.problems[0].message.contains("is a reserved word"), "{invalid}");
}

#[test]
fn the_documents_list_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenarios.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (list, after) = rest.split_once(END).unwrap();
    if std::env::var_os("WPASIM_WRITE_DOCUMENTS").is_some() {
        crate::session::write_atomically(
            &path,
            format!("{before}{BEGIN}{}{END}{after}", documentation()).as_bytes(),
        )
        .unwrap();
        return;
    }
    for (line, (theirs, ours)) in list.lines().zip(documentation().lines()).enumerate() {
        assert_eq!(theirs, ours, "line {} of the list in docs/scenarios.md", line + 1);
    }
    assert_eq!(list, documentation(), "docs/scenarios.md lists other steps than the table");
}
