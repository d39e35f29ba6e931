//! The lists of the steps, of the rules of the air and of the changes of frames as the documentation shows them.

use super::Kind;
use crate::scenario::air::{ACTIONS, EDITS};

/// The tables in Markdown.
pub fn tables(kinds: &[Kind]) -> String {
    let actions = ACTIONS.iter().map(|row| (row.word, row.documentation.to_owned()));
    let edits = EDITS.iter().map(|row| (row.word, row.documentation.to_owned()));
    format!(
        "{}\nA rule does one of these to the frames that are meant (`{{from: ap, to: sta, frame: beacon, channel: 1, contains: HEX}}`, \
         each part at will):\n\n{}\nThe changes of a frame:\n\n{}",
        steps(kinds),
        two_columns("rule", "what becomes of the frames", actions),
        two_columns("change", "value and meaning", edits)
    )
}

fn two_columns(first: &str, second: &str, rows: impl Iterator<Item = (&'static str, String)>) -> String {
    let mut text = format!("| {first} | {second} |\n|---|---|\n");
    rows.for_each(|(word, meaning)| text.push_str(&format!("| `{word}` | {meaning} |\n")));
    text
}

/// A row for each entry of the kinds' documentation.
fn steps(kinds: &[Kind]) -> String {
    let mut text = "| step | needs | meaning |\n|---|---|---|\n".to_owned();
    for kind in kinds {
        for (examples, meaning) in kind.documentation {
            let examples: Vec<String> = examples.iter().map(|e| format!("`- {e}`")).collect();
            let needs = kind.needs.map(|need| format!("`{need}`")).unwrap_or_default();
            text.push_str(&format!("| {} | {needs} | {meaning} |\n", examples.join("<br>")));
        }
    }
    text
}
